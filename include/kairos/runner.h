/* SPDX-License-Identifier: MIT */

/* A run on a session file: a trainer, and what is recorded of it when.
 *
 *   g_autoptr (KairosRunner) runner = kairos_runner_new (session, 0, dataset, NULL, pool, &error);
 *   while (runner && !kairos_runner_is_finished (runner) && kairos_runner_step (runner, NULL, &error))
 *     ;
 *   kairos_runner_close (g_steal_pointer (&runner), &error);
 *
 * Synchronous; the worker and kairosctl both train through it, so that they cannot differ.  A runner is of one run for
 * all its life.  At the end of each epoch: validation is evaluated, facts end their epoch, and epoch record, steps,
 * losses and checkpoint are written in one transaction.  In between, step records are written about once a second, and
 * probes measure as far as their budget goes ("probes", "probe-budget").
 * Opening continues from the newest checkpoint and drops what was recorded after it.
 */
#pragma once

#include <kairos/run-log.h>

G_BEGIN_DECLS

typedef struct {
  void (*step) (const KairosStepRecord *record, gpointer user_data);
  void (*epoch) (const KairosEpochRecord *record, gpointer user_data);
  void (*checkpoint) (guint64 step, double epoch, gpointer user_data); /* one was written */
  /* the timeline changed, also by an automatic release */
  void (*timeline) (KairosTimeline *timeline, guint64 step, gpointer user_data);
  /* around each evaluation: the weights do not change meanwhile */
  void (*evaluating) (gboolean begins, gpointer user_data);
  void (*probing) (gboolean begins, gpointer user_data); /* around each reading, as well */
  void (*reading) (KairosReading *reading, gpointer user_data);
  void (*refused) (const char *text, gpointer user_data); /* why a probe that is set does not measure here */
} KairosRunnerCallbacks;

/* run 0: the session's current one.  session and pool are borrowed, dataset referenced.  facts NULL: makes its own.
 * Takes the session's training lock for as long as it lives, and is refused as that is. */
KairosRunner *kairos_runner_new (KairosSession *session, gint64 run, KairosDataset *dataset, KairosFacts *facts,
                                 KairosPool *pool, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gint64 kairos_runner_get_run (KairosRunner *runner);
/* What the person should know about how it was opened (a damaged checkpoint was passed over); NULL: nothing. */
const char *kairos_runner_get_warning (KairosRunner *runner);
/* Writes what is not written yet (steps and a checkpoint at the exact step), then frees. */
gboolean kairos_runner_close (KairosRunner *runner, GError **error);
void kairos_runner_free (KairosRunner *runner); /* without writing */
void kairos_runner_set_callbacks (KairosRunner *runner, const KairosRunnerCallbacks *callbacks, gpointer user_data);
KairosTrainer *kairos_runner_get_trainer (KairosRunner *runner);
/* all epochs of the configuration are done, evaluated and recorded */
gboolean kairos_runner_is_finished (KairosRunner *runner);
/* Changes a hyper-parameter that may change while training, in the trainer and in the session. */
gboolean kairos_runner_set (KairosRunner *runner, const char *name, const char *text, GError **error);
/* A new timeline from here on (see kairos_timeline_replace_future()), in the trainer and in the session. */
gboolean kairos_runner_set_timeline (KairosRunner *runner, KairosTimeline *timeline, GError **error);
/* A recorded clip or event that begins with the next step: see kairos_clip_at(); it ends with the planned epochs.  id,
 * if not NULL, gets the new clip's. */
gboolean kairos_runner_intervene (KairosRunner *runner, JsonObject *clip, guint32 *id, GError **error);
/* Ends a clip that is in force before the next step. */
gboolean kairos_runner_release (KairosRunner *runner, guint32 clip, GError **error);
/* Writes what is recorded but not written yet. */
gboolean kairos_runner_flush (KairosRunner *runner, GError **error);

/* One training step and, when it ends an epoch, what belongs to the end of an epoch.  cancel is polled inside
 * evaluations; what it cut off, or what could not be written, is made up for by the next call before it trains on.
 * Errors: KAIROS_ERROR_DIVERGED (see kairos_trainer_step()), or a write failed; training may go on after either. */
gboolean kairos_runner_step (KairosRunner *runner, const volatile gint *cancel, GError **error);
/* Measures all probes that are set and were not measured at this step, whatever the budget, unless that is 0. */
gboolean kairos_runner_probe_all (KairosRunner *runner, const volatile gint *cancel, GError **error);
/* The time that went into probes over that of training, since the runner was made. */
double kairos_runner_get_probe_share (KairosRunner *runner);
/* A checkpoint now, kept for good. */
gboolean kairos_runner_checkpoint (KairosRunner *runner, GError **error);
/* Back to a checkpoint of this run (id 0: the newest); later records are dropped. */
gboolean kairos_runner_restore (KairosRunner *runner, gint64 id, GError **error);
/* A new run from the initial weights with the present settings and timeline: its id, 0 with error.  It is the session's
 * current one; this runner stays with its own run, of which a checkpoint is kept.  All of it is one write. */
gint64 kairos_runner_restart (KairosRunner *runner, GError **error);
/* A new run that goes its own way, with another timeline, from the newest checkpoint before at (in epochs) and before
 * the two timelines differ; where no checkpoint is left, from the initial weights.  What the person set by hand later
 * is set again at its step.  Returns and leaves things as restart does; refused where the timeline is not one for this
 * network and data. */
gint64 kairos_runner_branch (KairosRunner *runner, KairosTimeline *timeline, double at, GError **error);
/* Evaluates the test split and notes accuracy and digest in the session.  digest: caller frees, may be NULL.
 * KAIROS_ERROR_CANCELLED when cancel stopped it. */
gboolean kairos_runner_finish (KairosRunner *runner, const volatile gint *cancel, KairosEvaluation *test, char **digest,
                               GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosRunner, kairos_runner_free)

G_END_DECLS
