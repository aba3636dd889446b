/* SPDX-License-Identifier: MIT */

/* The session file: one .kairos file, SQLite in WAL mode, application_id "KAIR", user_version 2.
 *
 *   g_autoptr (KairosSession) session = kairos_session_create ("a.kairos", config, dataset, NULL, &error);
 *   g_autoptr (KairosRunLog) log = kairos_run_log_new (session, kairos_session_get_current (session, NULL), &error);
 *   g_autoptr (GArray) epochs = kairos_run_log_get_epochs (log, &error);
 *   for (guint i = 0; epochs && i < epochs->len; i++)
 *     g_print ("%g\n", g_array_index (epochs, KairosEpochRecord, i).val_accuracy);
 *
 * Holds the reference to the data set (path, reader, checksum) and any number of runs; what a run holds is read and
 * written through a KairosRunLog (run-log.h).  Every write is one transaction: a crash at any instant leaves the file
 * as it was before or after it.  No "save" is ever needed.  A read says whether something is not there or could not be
 * read: an error is never taken for an absence.  A KairosSession may be used from one thread at a time; the worker and
 * the window each open their own on the same file.
 *
 * A file of version 1 is brought up when it is opened: in one transaction, with a copy of what it was beside it until
 * that is committed; a read-only one in memory.
 */
#pragma once

#include <kairos/config.h>
#include <kairos/trainer.h>

G_BEGIN_DECLS

/* The result of a read that may find nothing.  FAILED comes with an error, the others without. */
typedef enum { KAIROS_READ_FAILED = -1, KAIROS_READ_ABSENT, KAIROS_READ_FOUND } KairosRead;

/* Makes a new file (refuses to overwrite: KAIROS_ERROR_IO) with one run of this configuration and timeline, NULL an
 * empty one. */
KairosSession *kairos_session_create (const char *path, const KairosConfig *config, KairosDataset *dataset,
                                      KairosTimeline *timeline, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Errors in one sentence: missing, not a Kairos session, truncated or damaged (integrity), of a newer version, no
 * permission.  A read-only file opens read-only. */
KairosSession *kairos_session_open (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Checkpoints the WAL so that one file remains; accepts NULL. */
void kairos_session_close (KairosSession *session);
const char *kairos_session_get_path (KairosSession *session);
gboolean kairos_session_is_read_only (KairosSession *session);
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

/* At most one process trains on a session file: who holds this lock.  Refused in one sentence when another does, or
 * when the file is read-only.  A process that dies lets go of it.  Counted: each lock wants its unlock; closing gives
 * all up. */
gboolean kairos_session_lock (KairosSession *session, GError **error);
void kairos_session_unlock (KairosSession *session);

/* ---- Runs ---- */

typedef enum { KAIROS_RUN_ACTIVE, KAIROS_RUN_FINISHED, KAIROS_RUN_HIDDEN } KairosRunState;
const char *kairos_run_state_name (KairosRunState state); /* "active", "finished", "hidden" */

/* What can be said of a run without opening it. */
typedef struct {
  gint64 id;         /* 1 the first; never used again */
  char *name, *note; /* the person's; note may be "" */
  char *started;     /* ISO 8601, UTC */
  gint64 parent;     /* what it branched from, 0: nothing */
  guint64 fork_step; /* up to and with this step it has its parent's records */
  double fork_epoch;
  KairosRunState state;
  guint64 step; /* of its newest checkpoint */
  double epoch;
  float val_accuracy, best_val_accuracy; /* of its newest epoch and of its best; NaN: none */
  float test_accuracy;                   /* NaN until it was tested, and again when it trains on */
  char *weights;                         /* digest of the weights that were tested; NULL as above */
} KairosRunInfo;
void kairos_run_info_free (gpointer info);

/* Of KairosRunInfo, by id; not those that were deleted.  Caller unrefs. */
GPtrArray *kairos_session_get_runs (KairosSession *session, GError **error);
/* NULL with error, also where there is no such run.  Caller frees with kairos_run_info_free(). */
KairosRunInfo *kairos_session_get_run (KairosSession *session, gint64 run, GError **error);
/* The one that is trained when nobody says which.  0 with an error. */
gint64 kairos_session_get_current (KairosSession *session, GError **error);
gboolean kairos_session_set_current (KairosSession *session, gint64 run, GError **error);

/* A run that begins: from the initial weights, or as a branch of another. */
typedef struct {
  const char *name; /* NULL: "Run N" */
  gint64 parent;    /* 0: none */
  guint64 fork_step;
  double fork_epoch;
  const KairosConfig *initial, *config; /* at its very beginning (initial NULL: not known), and now */
  GArray *changes;                      /* of KairosChange (run-log.h); NULL: none */
  KairosTimeline *timeline;             /* NULL: an empty one */
} KairosRunStart;
/* Returns its id, and it is the current one; 0 with error, and nothing happened. */
gint64 kairos_session_begin_run (KairosSession *session, const KairosRunStart *start, GError **error);
/* A name has 1 to 100 characters, none of them a control character. */
gboolean kairos_session_rename_run (KairosSession *session, gint64 run, const char *name, GError **error);
gboolean kairos_session_set_run_note (KairosSession *session, gint64 run, const char *note, GError **error);
/* Hidden runs are left out of plots and menus. */
gboolean kairos_session_hide_run (KairosSession *session, gint64 run, gboolean hide, GError **error);
/* Takes a run out of the lists; until kairos_session_purge_runs() it can be brought back (delete FALSE).  Where it was
 * the current one, its parent or the newest other run is that now.  The last run of a session is not deleted. */
gboolean kairos_session_delete_run (KairosSession *session, gint64 run, gboolean delete, GError **error);
/* Removes the records of deleted runs.  What a branch has from one of them becomes the branch's own. */
gboolean kairos_session_purge_runs (KairosSession *session, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosSession, kairos_session_close)

G_END_DECLS
