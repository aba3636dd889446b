/* SPDX-License-Identifier: MIT */

/* A session seen as one run: all that is recorded of it goes through here, each call in one transaction.
 *
 *   g_autoptr (KairosRunLog) log = kairos_run_log_new (session, 3, &error);
 *   kairos_run_log_append_steps (log, records, n, &error);
 *   kairos_run_log_append_epoch (log, &epoch, NULL, 0, losses, checkpoint, &error);
 *   KairosRead read = kairos_run_log_load_checkpoint (log, 0, &bytes, NULL, &error); // the newest
 *
 * A record belongs to the run that wrote it.  A branch has those of its parent up to and with its fork step, without a
 * copy: reading walks the whole way.  Going back in a run that others branched from leaves them what they had from it.
 * The session is borrowed and must outlive the log.  Writing wants the session's training lock.  One thread at a time.
 */
#pragma once

#include <kairos/probe.h>
#include <kairos/session.h>

G_BEGIN_DECLS

typedef struct {
  gint64 id;
  guint64 step;
  double epoch;
  gint64 bytes;
  gboolean pinned; /* not thinned: made by the person, or a run's last */
} KairosCheckpointInfo;

/* A hyper-parameter that was set while training: it holds from this step on.  Kept so that a run replays. */
typedef struct {
  guint64 step;
  char *name, *text;
} KairosChange;

GArray *kairos_changes_new (void); /* of KairosChange, which it owns */
void kairos_changes_add (GArray *changes, guint64 step, const char *name, const char *text);
GArray *kairos_changes_copy (GArray *changes);

KairosRunLog *kairos_run_log_new (KairosSession *session, gint64 run, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kairos_run_log_free (KairosRunLog *log);
KairosSession *kairos_run_log_get_session (KairosRunLog *log);
gint64 kairos_run_log_get_run (KairosRunLog *log);

/* ---- The plan: owned by the log, as it was when the log was made or last set it ---- */

const KairosConfig *kairos_run_log_get_config (KairosRunLog *log);
const KairosConfig *kairos_run_log_get_initial (KairosRunLog *log); /* that it began with; NULL: not known */
GArray *kairos_run_log_get_changes (KairosRunLog *log);             /* of KairosChange, by step */
KairosTimeline *kairos_run_log_get_timeline (KairosRunLog *log);
/* All three or none. */
gboolean kairos_run_log_set_plan (KairosRunLog *log, const KairosConfig *config, GArray *changes,
                                  KairosTimeline *timeline, GError **error);

/* ---- Writing ---- */

gboolean kairos_run_log_append_steps (KairosRunLog *log, const KairosStepRecord *records, guint n, GError **error);
/* Of KairosReading: what probes found; in the place of an earlier one of the same probe at the same step. */
gboolean kairos_run_log_append_readings (KairosRunLog *log, GPtrArray *readings, GError **error);
/* Epoch record, the losses of all samples at its end (kairos_facts_epoch_to_bytes(), or NULL), the checkpoint and the
 * steps since the last one.  Of the earlier checkpoints so many stay as the configuration says ("checkpoints"); what
 * the person asked for and what branches begin at stays besides. */
gboolean kairos_run_log_append_epoch (KairosRunLog *log, const KairosEpochRecord *record, const KairosStepRecord *steps,
                                      guint n_steps, GBytes *losses, GBytes *checkpoint, GError **error);
/* One step has one checkpoint: a later one takes the place of an earlier one, and stays pinned if that was. */
gboolean kairos_run_log_append_checkpoint (KairosRunLog *log, guint64 step, double epoch, gboolean pinned,
                                           const KairosStepRecord *steps, guint n_steps, GBytes *checkpoint,
                                           GError **error);
/* What the test said at the end.  accuracy NaN: there is no test split. */
gboolean kairos_run_log_finish (KairosRunLog *log, double accuracy, const char *weights, gboolean finished,
                                GError **error);
/* Removes what was recorded after this step, where anything was: a crash can leave steps beyond the newest checkpoint.
 */
gboolean kairos_run_log_truncate (KairosRunLog *log, guint64 step, GError **error);
/* The same as the person's will: with the settings that hold there. */
gboolean kairos_run_log_go_back (KairosRunLog *log, guint64 step, const KairosConfig *config, GArray *changes,
                                 GError **error);

/* ---- Reading; caller unrefs; NULL with error ---- */

GArray *kairos_run_log_get_steps (KairosRunLog *log, GError **error);       /* of KairosStepRecord, by step */
GArray *kairos_run_log_get_epochs (KairosRunLog *log, GError **error);      /* of KairosEpochRecord, by step */
GArray *kairos_run_log_get_checkpoints (KairosRunLog *log, GError **error); /* of KairosCheckpointInfo, by step */
/* Of KairosReading, by step; those of probes that are not known here are left out. */
GPtrArray *kairos_run_log_get_readings (KairosRunLog *log, GError **error);
/* Into the history of facts that know how many epochs ended. */
gboolean kairos_run_log_load_history (KairosRunLog *log, KairosFacts *facts, guint64 steps_per_epoch, GError **error);
/* The newest checkpoint at or before a time in epochs. */
KairosRead kairos_run_log_find_checkpoint (KairosRunLog *log, double epoch, KairosCheckpointInfo *found,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* id 0: the newest.  One whose checksum is wrong is passed over for the one before it, and warning (caller frees; may
 * be NULL) says so; where the file could not be read it is an error.  Another id: that one, an error if it is not
 * there. */
KairosRead kairos_run_log_load_checkpoint (KairosRunLog *log, gint64 id, GBytes **checkpoint, char **warning,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosRunLog, kairos_run_log_free)

G_END_DECLS
