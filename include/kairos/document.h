/* SPDX-License-Identifier: MIT */

/* The document: one open session as the window sees it, without GTK.
 *
 *   kairos_document_open_async (path, NULL, 0, on_progress, bar, cancellable, on_opened, window);
 *   ...
 *   g_autoptr (KairosDocument) document = kairos_document_open_finish (result, &error);
 *   g_signal_connect (document, "status-changed", G_CALLBACK (on_status_changed), window);
 *   kairos_document_play (document);
 *   kairos_document_edit_timeline (document, timeline, "Add blur", NULL, &error);
 *
 * Owns the session connection of the window, data set, splits, facts, worker and metrics, and is the only way from the
 * window to the worker; drains telemetry at most once every 16 ms on the main context and turns it into properties and
 * signals.  Main thread only; nothing here blocks for more than a few milliseconds: opening and creating are
 * asynchronous.  What it knows about samples is in document-samples.h.
 *
 * Properties (notify): "title" "subtitle" "path" "state" (KairosWorkerState as int) "training" (boolean) "can-undo"
 * "can-redo" "timeline" (pointer: KairosTimeline) "run" (KairosRun: the current one), and those of document-samples.h.
 *
 * Signals:
 *   status-changed ()            the transport should look at kairos_document_get_status(); at most once every 16 ms
 *   message (text, is_error)     a sentence for a toast
 *   applied (name, value, step)  a hyper-parameter took effect
 *   tested (accuracy, loss)
 * and those of document-samples.h.
 */
#pragma once

#include <gio/gio.h>
#include <kairos/metrics.h>
#include <kairos/run.h>
#include <kairos/worker.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_DOCUMENT (kairos_document_get_type ())
G_DECLARE_FINAL_TYPE (KairosDocument, kairos_document, KAIROS, DOCUMENT, GObject)

/* Makes a session and opens it.  path NULL: "Untitled N.kairos" in the user's data folder
 * (g_get_user_data_dir()/kairos/sessions).  progress is called on the main thread. */
void kairos_document_create_async (const char *path, const KairosConfig *config, int n_threads,
                                   KairosProgressFunc progress, gpointer progress_data, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
/* Opens a session file.  data: another place to look for the data set (after KAIROS_ERROR_MISSING), or NULL. */
void kairos_document_open_async (const char *path, const char *data, int n_threads, KairosProgressFunc progress,
                                 gpointer progress_data, GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data);
/* for both */
KairosDocument *kairos_document_open_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Stops the worker and writes everything; blocks for at most a step and a write.  Also done by dispose. */
void kairos_document_close (KairosDocument *document);
/* "Save As": a copy at path. */
gboolean kairos_document_copy_to (KairosDocument *document, const char *path, GError **error);

const char *kairos_document_get_title (KairosDocument *document);
/* "digits.kairos · run 3 · small-cnn, 112 k weights" */
const char *kairos_document_get_subtitle (KairosDocument *document);
const char *kairos_document_get_path (KairosDocument *document);
/* as requested; "applied" tells when it holds */
const KairosConfig *kairos_document_get_config (KairosDocument *document);
KairosDataset *kairos_document_get_dataset (KairosDocument *document);
KairosSplits *kairos_document_get_splits (KairosDocument *document);
KairosFacts *kairos_document_get_facts (KairosDocument *document);
KairosMetrics *kairos_document_get_metrics (KairosDocument *document);
void kairos_document_get_status (KairosDocument *document, KairosStatus *status);
/* Shows the person a sentence, through "message". */
void kairos_document_tell (KairosDocument *document, const char *text, gboolean is_error);

/* ---- Training ---- */

/* Each is taken at the next step boundary and answered through properties and signals. The document is open: once it
 * was closed (by a window that went, while a dialog still asks), see kairos_document_is_open(). */
gboolean kairos_document_is_open (KairosDocument *document);
void kairos_document_play (KairosDocument *document); /* when all epochs are done: as stop */
void kairos_document_pause (KairosDocument *document);
void kairos_document_step (KairosDocument *document);        /* one step, then pause */
void kairos_document_train_epoch (KairosDocument *document); /* to the end of this epoch, then pause */
void kairos_document_stop (KairosDocument *document);        /* pause, checkpoint for good, evaluate the test split */
void kairos_document_restart (KairosDocument *document);     /* a new run from the initial weights, paused */
void kairos_document_checkpoint (KairosDocument *document);
/* The weights as they were; paused afterwards.  id as in KairosCheckpointInfo, 0: the newest. */
void kairos_document_restore (KairosDocument *document, gint64 id);
void kairos_document_set_speed (KairosDocument *document, double steps_per_second); /* 0: no limit */
void kairos_document_set_threads (KairosDocument *document, int n_threads);         /* 0: all cores */
/* A hyper-parameter while training; with an undo step. */
void kairos_document_set_param (KairosDocument *document, const char *name, const char *text);
gboolean kairos_document_can_undo (KairosDocument *document);
gboolean kairos_document_can_redo (KairosDocument *document);
gboolean kairos_document_undo (KairosDocument *document); /* FALSE: it could not be done, and the person was told */
gboolean kairos_document_redo (KairosDocument *document);
/* What undo (or redo) would do, so that it can be said before it is done; FALSE when there is nothing. */
typedef struct {
  gboolean is_setting;
  const char *description; /* of a change of the timeline */
  gint64 returns_to;       /* the run began as a branch of this one, to which it would return; 0: it does not */
  /* it already shaped the weights: the training would go back to the checkpoint at this epoch; NaN: it would not */
  double rewinds_to;
} KairosUndoInfo;
gboolean kairos_document_peek_undo (KairosDocument *document, gboolean redo, KairosUndoInfo *info);

/* ---- Runs ---- */

/* All that are not deleted, of KairosRun, by id; the document's. */
GListModel *kairos_document_get_runs (KairosDocument *document);
/* The one that everything here that names no run is about: settings, facts, timeline, undo, status, training.  Never
 * NULL.  Property "run" (notify), which changes once another has been opened. */
KairosRun *kairos_document_get_run (KairosDocument *document);
/* To another run; it trains if the current one does. */
void kairos_document_switch (KairosDocument *document, gint64 run);
void kairos_document_rename_run (KairosDocument *document, gint64 run, const char *name);
void kairos_document_hide_run (KairosDocument *document, gint64 run, gboolean hide);
/* Where it is the current one, after a switch to its parent or another.  FALSE, and the person was told, where there is
 * no other.  Until the document is closed it can be brought back. */
gboolean kairos_document_delete_run (KairosDocument *document, gint64 run);
void kairos_document_undelete_run (KairosDocument *document, gint64 run);

/* ---- The timeline ---- */

/* As it will be once the worker has taken the latest edit; the document's. */
KairosTimeline *kairos_document_get_timeline (KairosDocument *document);
/* A new value, sent to the worker at once, as one step to undo (see undo.h on merge_key).  FALSE with
 * KAIROS_ERROR_CHANGED, and nothing happened, where it would change what was in force before now: the past is locked.
 * A value equal to the present one is no step. */
gboolean kairos_document_edit_timeline (KairosDocument *document, KairosTimeline *timeline, const char *description,
                                        const char *merge_key, GError **error);
/* Begins a new run with this timeline, which goes on from the newest checkpoint at or before a time and before the two
 * timelines differ; the run that there was stays among the runs, and undo returns to it.  This is the way to change the
 * past. */
void kairos_document_branch (KairosDocument *document, KairosTimeline *timeline, double at, const char *description);
/* Where such a run would go on, in epochs; 0: from the initial weights. */
double kairos_document_branch_epoch (KairosDocument *document, KairosTimeline *timeline, double at);
/* Begins with the next step; clip as in the file form, without times.  It appears on the timeline, recorded, and as a
 * step to undo. */
void kairos_document_intervene (KairosDocument *document, JsonObject *clip);
/* Ends a running clip with the next step. */
void kairos_document_release (KairosDocument *document, guint32 clip);

G_END_DECLS
