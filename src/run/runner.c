/* SPDX-License-Identifier: MIT */

/* A run on a session file.  Which one that is never changes: to branch, to restart and to go to another run is to make
 * another runner.
 *
 * The end of an epoch has three parts: validation (can be cut off), the facts' end of epoch, and the write (can fail).
 * Each part is remembered as done by what it leaves behind, so kairos_runner_step() goes on with whichever is next:
 * kairos_trainer_epoch_is_due() until the facts ended their epoch, `unwritten` until the record is on disk.
 */
#include "runner-private.h"

#include <math.h>

#include "session-private.h"

enum {
  WRITE_MICROSECONDS = G_USEC_PER_SEC,     /* between two writes of step records */
  SAVE_MICROSECONDS = 60 * G_USEC_PER_SEC, /* between two checkpoints within a long epoch */
};

/* ---- Writing ---- */

static const KairosStepRecord *
waiting_steps (KairosRunner *runner)
{
  return (const KairosStepRecord *) (gpointer) runner->steps->data;
}

static void
note_written (KairosRunner *runner)
{
  g_array_set_size (runner->steps, 0);
  g_ptr_array_set_size (runner->readings, 0);
  runner->written_at = g_get_monotonic_time ();
}

gboolean
kairos_runner_flush (KairosRunner *runner, GError **error)
{
  if (runner->steps->len == 0 && runner->readings->len == 0)
    return TRUE;
  if (!kairos_session_begin (runner->session, error))
    return FALSE;
  gboolean ok = kairos_run_log_append_readings (runner->log, runner->readings, error) &&
                kairos_run_log_append_steps (runner->log, waiting_steps (runner), runner->steps->len, error);
  if (!kairos_session_end (runner->session, ok, error))
    return FALSE;
  note_written (runner);
  return TRUE;
}

static void
note_saved (KairosRunner *runner, gboolean pinned)
{
  runner->checkpoint_due = runner->checkpoint_due && !pinned;
  runner->saved_step = kairos_trainer_get_step (runner->trainer);
  runner->saved_at = g_get_monotonic_time ();
  if (runner->callbacks.checkpoint)
    runner->callbacks.checkpoint (runner->saved_step, kairos_trainer_get_epoch (runner->trainer), runner->user_data);
}

static gboolean
write_checkpoint (KairosRunner *runner, gboolean pinned, GError **error)
{
  KairosTrainer *trainer = runner->trainer;
  g_autoptr (GBytes) checkpoint = kairos_trainer_save (trainer);

  if (!kairos_session_begin (runner->session, error))
    return FALSE;
  gboolean ok = kairos_run_log_append_readings (runner->log, runner->readings, error) &&
                kairos_run_log_append_checkpoint (runner->log, kairos_trainer_get_step (trainer),
                                                  kairos_trainer_get_epoch (trainer), pinned, waiting_steps (runner),
                                                  runner->steps->len, checkpoint, error);
  return kairos_session_end (runner->session, ok, error);
}

static gboolean
save (KairosRunner *runner, gboolean pinned, GError **error)
{
  if (!write_checkpoint (runner, pinned, error))
    return FALSE;
  note_written (runner);
  note_saved (runner, pinned);
  return TRUE;
}

static gboolean
write_epoch (KairosRunner *runner, GError **error)
{
  if (!runner->unwritten)
    return TRUE;
  KairosFacts *facts = kairos_trainer_get_facts (runner->trainer);
  g_autoptr (GBytes) checkpoint = kairos_trainer_save (runner->trainer);
  g_autoptr (GBytes) losses = kairos_facts_epoch_to_bytes (facts, kairos_facts_get_ended (facts) - 1);
  if (!kairos_session_begin (runner->session, error))
    return FALSE;
  gboolean ok = kairos_run_log_append_readings (runner->log, runner->readings, error) &&
                kairos_run_log_append_epoch (runner->log, &runner->epoch, waiting_steps (runner), runner->steps->len,
                                             losses, checkpoint, error);
  if (!kairos_session_end (runner->session, ok, error))
    return FALSE;
  runner->unwritten = FALSE;
  note_written (runner);
  if (runner->callbacks.epoch)
    runner->callbacks.epoch (&runner->epoch, runner->user_data);
  note_saved (runner, FALSE);
  return TRUE;
}

static gboolean
write_now_and_then (KairosRunner *runner, GError **error)
{
  gint64 now = g_get_monotonic_time ();

  if (now - runner->saved_at > SAVE_MICROSECONDS)
    return save (runner, FALSE, error);
  return now - runner->written_at < WRITE_MICROSECONDS || kairos_runner_flush (runner, error);
}

/* ---- The sums of an epoch ---- */

static void
add_to_sums (KairosSums *sums, const KairosStepRecord *record)
{
  sums->loss += (double) record->loss * record->n;
  sums->correct += (double) record->accuracy * record->n;
  sums->n += record->n;
}

/* After coming back to the middle of an epoch: its first part from the records. */
static gboolean
recover_sums (KairosRunner *runner, KairosSums *sums, GError **error)
{
  g_autoptr (GArray) records = kairos_run_log_get_steps (runner->log, error);
  guint64 step = kairos_trainer_get_step (runner->trainer),
          per_epoch = kairos_trainer_get_steps_per_epoch (runner->trainer);
  guint64 done = kairos_trainer_epoch_is_due (runner->trainer) ? per_epoch : step % per_epoch;

  if (!records)
    return FALSE;
  *sums = (KairosSums){ 0 };
  for (guint i = 0; i < records->len; i++) {
    const KairosStepRecord *record = &g_array_index (records, KairosStepRecord, i);
    if (record->step > step - done && record->step <= step)
      add_to_sums (sums, record);
  }
  return TRUE;
}

/* ---- Opening and closing ---- */

static gboolean
load_history (KairosRunner *runner, GError **error)
{
  return kairos_run_log_load_history (runner->log, kairos_trainer_get_facts (runner->trainer),
                                      kairos_trainer_get_steps_per_epoch (runner->trainer), error);
}

/* The trainer stands where it is to go on from: what goes with that.  Whatever was recorded later may still be there.
 */
static void
settle (KairosRunner *runner, const KairosSums *sums)
{
  g_array_set_size (runner->steps, 0);
  kairos_runner_probe_rewind (runner);
  runner->sums = *sums;
  runner->unwritten = runner->checkpoint_due = FALSE;
  runner->saved_step = kairos_trainer_get_step (runner->trainer);
}

static gboolean
continue_newest (KairosRunner *runner, GError **error)
{
  g_autoptr (GBytes) checkpoint = NULL;
  KairosRead read = kairos_run_log_load_checkpoint (runner->log, 0, &checkpoint, &runner->warning, error);
  KairosSums sums;

  if (read == KAIROS_READ_FAILED || (checkpoint && !kairos_trainer_restore (runner->trainer, checkpoint, error)) ||
      !load_history (runner, error) || !recover_sums (runner, &sums, error))
    return FALSE;
  settle (runner, &sums);
  /* Nothing is dropped before all that is to be read was read. */
  if (!kairos_session_begin (runner->session, error))
    return FALSE;
  gboolean ok = kairos_runner_resume_changes (runner, error) &&
                kairos_run_log_truncate (runner->log, kairos_trainer_get_step (runner->trainer), error);
  return kairos_session_end (runner->session, ok, error);
}

static gboolean
make_trainer (KairosRunner *runner, KairosDataset *dataset, KairosFacts *facts, KairosPool *pool, GError **error)
{
  const KairosConfig *config = kairos_run_log_get_config (runner->log);
  g_autoptr (KairosSplits) splits = kairos_splits_new (dataset, config->seed, config->limit);
  g_autoptr (KairosFacts) own =
      facts ? kairos_facts_ref (facts) : kairos_facts_new (kairos_dataset_get_n_samples (dataset));

  runner->trainer = kairos_trainer_new (config, dataset, splits, own, pool, error);
  return runner->trainer &&
         kairos_trainer_set_timeline (runner->trainer, kairos_run_log_get_timeline (runner->log), error);
}

KairosRunner *
kairos_runner_new (KairosSession *session, gint64 run, KairosDataset *dataset, KairosFacts *facts, KairosPool *pool,
                   GError **error)
{
  if (!kairos_session_lock (session, error))
    return NULL;
  g_autoptr (KairosRunner) runner = g_new0 (KairosRunner, 1);

  runner->session = session;
  runner->steps = g_array_new (FALSE, FALSE, sizeof (KairosStepRecord));
  runner->readings = g_ptr_array_new_with_free_func ((GDestroyNotify) kairos_reading_unref);
  runner->probes = kairos_runner_probes_new ();
  runner->written_at = runner->saved_at = g_get_monotonic_time ();
  run = run ? run : kairos_session_get_current (session, error);
  runner->log = run ? kairos_run_log_new (session, run, error) : NULL;
  if (!runner->log || !make_trainer (runner, dataset, facts, pool, error))
    return NULL;
  runner->changes = kairos_changes_copy (kairos_run_log_get_changes (runner->log));
  return continue_newest (runner, error) ? g_steal_pointer (&runner) : NULL;
}

void
kairos_runner_free (KairosRunner *runner)
{
  if (!runner)
    return;
  kairos_session_unlock (runner->session);
  kairos_trainer_free (runner->trainer);
  kairos_run_log_free (runner->log);
  g_free (runner->warning);
  g_array_unref (runner->steps);
  g_ptr_array_unref (runner->readings);
  kairos_runner_probes_free (runner->probes);
  g_clear_pointer (&runner->changes, g_array_unref);
  g_free (runner);
}

gboolean
kairos_runner_close (KairosRunner *runner, GError **error)
{
  gboolean ok = write_epoch (runner, error);

  if (ok && runner->saved_step != kairos_trainer_get_step (runner->trainer)) /* else no step waits either */
    ok = save (runner, runner->checkpoint_due, error);
  kairos_runner_free (runner);
  return ok;
}

void
kairos_runner_set_callbacks (KairosRunner *runner, const KairosRunnerCallbacks *callbacks, gpointer user_data)
{
  runner->callbacks = *callbacks;
  runner->user_data = user_data;
}

gint64
kairos_runner_get_run (KairosRunner *runner)
{
  return kairos_run_log_get_run (runner->log);
}

const char *
kairos_runner_get_warning (KairosRunner *runner)
{
  return runner->warning;
}

KairosTrainer *
kairos_runner_get_trainer (KairosRunner *runner)
{
  return runner->trainer;
}

gboolean
kairos_runner_is_finished (KairosRunner *runner)
{
  guint64 planned = (guint64) kairos_trainer_get_config (runner->trainer)->epochs *
                    kairos_trainer_get_steps_per_epoch (runner->trainer);

  return kairos_trainer_get_step (runner->trainer) >= planned && !runner->unwritten &&
         !kairos_trainer_epoch_is_due (runner->trainer);
}

/* ---- Training ---- */

static double
seconds_since (gint64 start)
{
  return (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

static KairosEvaluation
evaluate (KairosRunner *runner, KairosSplit split, const volatile gint *cancel)
{
  if (runner->callbacks.evaluating)
    runner->callbacks.evaluating (TRUE, runner->user_data);
  KairosEvaluation result = kairos_trainer_evaluate (runner->trainer, split, cancel);
  if (runner->callbacks.evaluating)
    runner->callbacks.evaluating (FALSE, runner->user_data);
  return result;
}

static gboolean
covers (KairosRunner *runner, KairosSplit split, const KairosEvaluation *evaluation)
{
  guint n;

  kairos_splits_ids (kairos_trainer_get_splits (runner->trainer), split, &n);
  return evaluation->n == n;
}

static gboolean
end_epoch (KairosRunner *runner, const volatile gint *cancel, GError **error)
{
  gint64 start = g_get_monotonic_time ();
  KairosEvaluation validation = evaluate (runner, KAIROS_SPLIT_VALIDATION, cancel);

  runner->sums.evaluation_seconds += seconds_since (start);
  kairos_runner_probe_earn (runner, seconds_since (start));
  if (!covers (runner, KAIROS_SPLIT_VALIDATION, &validation))
    return TRUE; /* cut off: the epoch stays due */
  kairos_facts_end_epoch (kairos_trainer_get_facts (runner->trainer));
  runner->epoch = (KairosEpochRecord){
    .step = kairos_trainer_get_step (runner->trainer),
    .epoch = kairos_trainer_get_epoch (runner->trainer),
    .train_loss = runner->sums.loss / runner->sums.n,
    .train_accuracy = runner->sums.correct / runner->sums.n,
    .val_loss = validation.loss,
    .val_accuracy = validation.accuracy,
    .images_per_second = runner->sums.training_seconds > 0 ? runner->sums.images / runner->sums.training_seconds : 0,
    .seconds = runner->sums.training_seconds + runner->sums.evaluation_seconds,
  };
  runner->unwritten = TRUE;
  runner->sums = (KairosSums){ 0 };
  kairos_runner_probe_end_epoch (runner);
  /* more epochs may come that were asked for here */
  return write_epoch (runner, error) && kairos_runner_apply_changes (runner, error);
}

static gboolean
train_step (KairosRunner *runner, const volatile gint *cancel, GError **error)
{
  KairosStepRecord record;

  if (kairos_trainer_get_step (runner->trainer) == 0)
    kairos_runner_probe (runner, cancel); /* how it begins */
  kairos_runner_probe_before (runner);
  gint64 start = g_get_monotonic_time ();
  if (!kairos_runner_apply_changes (runner, error) || !kairos_runner_prepare_step (runner, save, error))
    return FALSE;
  if (!kairos_trainer_step (runner->trainer, &record, error))
    return FALSE;
  runner->sums.training_seconds += seconds_since (start);
  kairos_runner_probe_earn (runner, seconds_since (start));
  runner->sums.images += record.n;
  add_to_sums (&runner->sums, &record);
  g_array_append_val (runner->steps, record);
  if (runner->callbacks.step)
    runner->callbacks.step (&record, runner->user_data);
  kairos_runner_probe (runner, cancel);
  return TRUE;
}

gboolean
kairos_runner_step (KairosRunner *runner, const volatile gint *cancel, GError **error)
{
  gboolean was_due = runner->unwritten || kairos_trainer_epoch_is_due (runner->trainer);

  if (!write_epoch (runner, error))
    return FALSE;
  if (kairos_trainer_epoch_is_due (runner->trainer) && !end_epoch (runner, cancel, error))
    return FALSE;
  if (was_due && (kairos_trainer_epoch_is_due (runner->trainer) || kairos_runner_is_finished (runner)))
    return TRUE;
  if (!train_step (runner, cancel, error))
    return FALSE;
  return kairos_trainer_epoch_is_due (runner->trainer) ? end_epoch (runner, cancel, error)
                                                       : write_now_and_then (runner, error);
}

gboolean
kairos_runner_checkpoint (KairosRunner *runner, GError **error)
{
  return write_epoch (runner, error) && save (runner, TRUE, error);
}

/* The trainer is at the checkpoint already. */
static gboolean
go_back (KairosRunner *runner, GError **error)
{
  g_autoptr (GArray) changes = kairos_runner_cut_changes (runner);

  if (!kairos_run_log_go_back (runner->log, kairos_trainer_get_step (runner->trainer),
                               kairos_trainer_get_config (runner->trainer), changes, error))
    return FALSE;
  g_array_unref (runner->changes);
  runner->changes = g_steal_pointer (&changes);
  runner->n_applied = runner->changes->len;
  return TRUE;
}

gboolean
kairos_runner_restore (KairosRunner *runner, gint64 id, GError **error)
{
  g_autoptr (GBytes) checkpoint = NULL, present = NULL;
  KairosSums sums;

  if (!write_epoch (runner, error)) /* its losses are nowhere else */
    return FALSE;
  KairosRead read = kairos_run_log_load_checkpoint (runner->log, id, &checkpoint, NULL, error);
  if (read == KAIROS_READ_ABSENT)
    g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                         "This run has no checkpoint yet; restart it instead.");
  if (read != KAIROS_READ_FOUND)
    return FALSE;
  present = kairos_trainer_save (runner->trainer);
  if (!kairos_trainer_restore (runner->trainer, checkpoint, error))
    return FALSE;
  if (load_history (runner, error) && recover_sums (runner, &sums, error) && go_back (runner, error)) {
    settle (runner, &sums);
    return TRUE;
  }
  kairos_trainer_restore (runner->trainer, present, NULL); /* nothing happened, then */
  load_history (runner, NULL);
  return FALSE;
}

/* ---- Other runs ---- */

typedef gint64 (*BeginFunc) (KairosRunner *runner, KairosTimeline *timeline, double at, GError **error);

/* Another run begins, and where the present one stands stays, for good: both or neither. */
static gint64
keep_and_begin (KairosRunner *runner, BeginFunc begin, KairosTimeline *timeline, double at, GError **error)
{
  gboolean keeps = kairos_trainer_get_step (runner->trainer) > 0;

  if (!write_epoch (runner, error) || !kairos_session_begin (runner->session, error))
    return 0;
  gint64 run = !keeps || write_checkpoint (runner, TRUE, error) ? begin (runner, timeline, at, error) : 0;
  if (!kairos_session_end (runner->session, run != 0, error))
    return 0;
  if (keeps) {
    note_written (runner);
    note_saved (runner, TRUE);
  }
  return run;
}

static gint64
begin_branch (KairosRunner *runner, KairosTimeline *timeline, double at, GError **error)
{
  KairosTimeline *present = kairos_trainer_get_timeline (runner->trainer);
  double until = MIN (at, kairos_timeline_first_difference (present, timeline, NULL));
  KairosCheckpointInfo info = { 0 };

  if (kairos_run_log_find_checkpoint (runner->log, until, &info, error) == KAIROS_READ_FAILED)
    return 0;
  g_autoptr (KairosTimeline) next = kairos_timeline_replace_future (present, timeline, info.epoch, error);
  if (!next)
    return 0;
  g_autofree char *epochs = kairos_runner_new_epochs (present, next);
  g_autoptr (KairosConfig) config = kairos_config_copy (kairos_run_log_get_config (runner->log));
  g_autoptr (GArray) changes =
      epochs ? kairos_changes_with (runner->changes, kairos_changes_until (runner->changes, info.step), info.step,
                                    "epochs", epochs)
             : g_array_ref (runner->changes);
  if (epochs && !kairos_config_set (config, "epochs", epochs, error))
    return 0;
  const KairosRunStart start = { .parent = kairos_runner_get_run (runner),
                                 .fork_step = info.step,
                                 .fork_epoch = info.epoch,
                                 .initial = kairos_run_log_get_initial (runner->log),
                                 .config = config,
                                 .changes = changes,
                                 .timeline = next };
  return kairos_session_begin_run (runner->session, &start, error);
}

gint64
kairos_runner_branch (KairosRunner *runner, KairosTimeline *timeline, double at, GError **error)
{
  return kairos_trainer_check_timeline (runner->trainer, timeline, error)
             ? keep_and_begin (runner, begin_branch, timeline, at, error)
             : 0;
}

static gint64
begin_anew (KairosRunner *runner, KairosTimeline *timeline, double at, GError **error)
{
  const KairosConfig *config = kairos_trainer_get_config (runner->trainer);
  const KairosRunStart start = { .initial = config, .config = config, .timeline = timeline };

  return kairos_session_begin_run (runner->session, &start, error);
}

gint64
kairos_runner_restart (KairosRunner *runner, GError **error)
{
  return keep_and_begin (runner, begin_anew, kairos_trainer_get_timeline (runner->trainer), 0, error);
}

/* ---- The end ---- */

gboolean
kairos_runner_finish (KairosRunner *runner, const volatile gint *cancel, KairosEvaluation *test, char **digest,
                      GError **error)
{
  if (!write_epoch (runner, error) ||
      (kairos_trainer_epoch_is_due (runner->trainer) && !end_epoch (runner, cancel, error)))
    return FALSE;
  *test = evaluate (runner, KAIROS_SPLIT_TEST, cancel);
  if (!covers (runner, KAIROS_SPLIT_TEST, test)) {
    g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_CANCELLED,
                         "The test was stopped before all samples were seen.");
    return FALSE;
  }
  runner->saved_step = G_MAXUINT64; /* the facts know more now */
  g_autofree char *weights = kairos_network_digest (kairos_trainer_get_network (runner->trainer));
  if (!kairos_run_log_finish (runner->log, test->n ? test->accuracy : NAN, weights, kairos_runner_is_finished (runner),
                              error))
    return FALSE;
  if (digest)
    *digest = g_steal_pointer (&weights);
  return TRUE;
}
