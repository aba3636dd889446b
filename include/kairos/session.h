/* SPDX-License-Identifier: MIT */

/* The session file: one .kairos file, SQLite in WAL mode, application_id "KAIR", user_version 1.
 *
 * Holds the reference to the data set (path, reader, checksum), the hyper-parameters, run records, metrics a step and
 * an epoch, and checkpoints (every epoch, thinned as they age, the newest and the first always kept).  Every write is
 * one transaction: a crash at any instant leaves the file as it was before or after it.  No "save" is ever needed.  A
 * KairosSession may be used from one thread at a time; the worker and the window each open their own on the same file,
 * and never write the same table.
 */
#pragma once

#include <kairos/config.h>
#include <kairos/measure.h>
#include <kairos/trainer.h>

G_BEGIN_DECLS

typedef struct _KairosSession KairosSession;

typedef struct {
  gint64 id;
  guint64 step;
  double epoch;
  gint64 bytes;
  gboolean pinned; /* not thinned: made by the person, or a run's last */
} KairosCheckpointInfo;

/* Makes a new file (refuses to overwrite: KAIROS_ERROR_IO) with the configuration and one run. */
KairosSession *kairos_session_create (const char *path, const KairosConfig *config, KairosDataset *dataset,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Errors in one sentence: missing, not a Kairos session, truncated or damaged (integrity), of a newer version, no
 * permission.  A read-only file opens read-only. */
KairosSession *kairos_session_open (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kairos_session_close (KairosSession *session); /* checkpoints the WAL so that one file remains; accepts NULL */
const char *kairos_session_get_path (KairosSession *session);
gboolean kairos_session_is_read_only (KairosSession *session);
/* As it was when this connection opened the file or last set it. */
const KairosConfig *kairos_session_get_config (KairosSession *session);
gboolean kairos_session_set_config (KairosSession *session, const KairosConfig *config, GError **error);
/* "Save As": a consistent copy at another path, while this one stays open. */
gboolean kairos_session_copy_to (KairosSession *session, const char *path, GError **error);

/* Opens the data set the session refers to: at its path, else beside the session file.  KAIROS_ERROR_MISSING when it is
 * nowhere (the message says where was looked), KAIROS_ERROR_CHANGED when its checksum differs; the caller may then ask
 * the person and call kairos_session_set_data(). */
KairosDataset *kairos_session_open_dataset (KairosSession *session, KairosProgressFunc progress, gpointer user_data,
                                            GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Points the session to the same data at another place.  Refused with KAIROS_ERROR_CHANGED when the checksum differs.
 */
gboolean kairos_session_set_data (KairosSession *session, KairosDataset *dataset, GError **error);

/* ---- Runs, metrics, checkpoints (written by the worker) ---- */

/* The current run's number, 1 the first.  A restart begins a new one; earlier ones stay to be compared with. */
gint64 kairos_session_get_run (KairosSession *session);
gint64 kairos_session_begin_run (KairosSession *session, GError **error);
/* A new run that has the current one's records, timeline and settings up to and with this step and the checkpoint of
 * it, so that it can go its own way from there; the current one stays as it is.  0 with error, and nothing happened. */
gint64 kairos_session_branch_run (KairosSession *session, guint64 step, GError **error);
gboolean kairos_session_append_steps (KairosSession *session, const KairosStepRecord *records, guint n, GError **error);
/* Epoch record, the checkpoint of its end and the steps since the last one: one transaction.  Older checkpoints are
 * thinned in it. */
gboolean kairos_session_append_epoch (KairosSession *session, const KairosEpochRecord *record,
                                      const KairosStepRecord *steps, guint n_steps, GBytes *checkpoint, GError **error);
/* One step has one checkpoint: a later one takes the place of an earlier one, and stays pinned if that was. */
gboolean kairos_session_append_checkpoint (KairosSession *session, guint64 step, double epoch, gboolean pinned,
                                           GBytes *checkpoint, GError **error);
/* of KairosStepRecord, by step */
GArray *kairos_session_get_steps (KairosSession *session, gint64 run, GError **error);
/* of KairosEpochRecord, by step */
GArray *kairos_session_get_epochs (KairosSession *session, gint64 run, GError **error);
/* of KairosCheckpointInfo, by step */
GArray *kairos_session_get_checkpoints (KairosSession *session, gint64 run, GError **error);
/* The newest checkpoint on the way of a run, which may lead through those it branched from, at or before a time in
 * epochs; FALSE: there is none. */
gboolean kairos_session_find_checkpoint (KairosSession *session, gint64 run, double epoch, KairosCheckpointInfo *found);
/* id 0: the newest of the current run; NULL without error when there is none yet.  A damaged newest one is passed over
 * for the one before it. */
GBytes *kairos_session_load_checkpoint (KairosSession *session, gint64 id, GError **error);
/* Removes metrics and checkpoints after this step (after going back to an earlier checkpoint in the same run). */
gboolean kairos_session_truncate (KairosSession *session, guint64 step, GError **error);
/* The current run's timeline; an empty one where there is none yet or it cannot be read.  Caller unrefs. */
KairosTimeline *kairos_session_get_timeline (KairosSession *session);
/* Written by the holder of the training lock, or by whoever makes the session. */
gboolean kairos_session_set_timeline (KairosSession *session, KairosTimeline *timeline, GError **error);
/* Small text values of the run: "test_accuracy", "weights_sha256", "finished".  get: caller frees, NULL if absent. */
gboolean kairos_session_set_note (KairosSession *session, const char *name, const char *value, GError **error);
char *kairos_session_get_note (KairosSession *session, const char *name); /* of the current run */
char *kairos_session_get_run_note (KairosSession *session, gint64 run, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosSession, kairos_session_close)

G_END_DECLS
