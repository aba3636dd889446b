/* SPDX-License-Identifier: MIT */

/* A run on a session file.
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

gboolean
kairos_runner_flush (KairosRunner *runner, GError **error)
{
  if (!kairos_session_append_steps (runner->session, (KairosStepRecord *) runner->steps->data, runner->steps->len,
                                    error))
    return FALSE;
  g_array_set_size (runner->steps, 0);
  runner->written_at = g_get_monotonic_time ();
  return TRUE;
}

static void
note_saved (KairosRunner *runner)
{
  runner->saved_step = kairos_trainer_get_step (runner->trainer);
  runner->saved_at = g_get_monotonic_time ();
  if (runner->callbacks.checkpoint)
    runner->callbacks.checkpoint (runner->saved_step, kairos_trainer_get_epoch (runner->trainer), runner->user_data);
}

static gboolean
save (KairosRunner *runner, gboolean pinned, GError **error)
{
  if (!kairos_runner_flush (runner, error))
    return FALSE;
  g_autoptr (GBytes) checkpoint = kairos_trainer_save (runner->trainer);
  if (!kairos_session_append_checkpoint (runner->session, kairos_trainer_get_step (runner->trainer),
                                         kairos_trainer_get_epoch (runner->trainer), pinned, checkpoint, error))
    return FALSE;
  note_saved (runner);
  return TRUE;
}

static gboolean
write_epoch (KairosRunner *runner, GError **error)
{
  if (!runner->unwritten)
    return TRUE;
  g_autoptr (GBytes) checkpoint = kairos_trainer_save (runner->trainer);
  if (!kairos_session_append_epoch (runner->session, &runner->epoch, (KairosStepRecord *) runner->steps->data,
                                    runner->steps->len, checkpoint, error))
    return FALSE;
  runner->unwritten = FALSE;
  g_array_set_size (runner->steps, 0);
  runner->written_at = g_get_monotonic_time ();
  if (runner->callbacks.epoch)
    runner->callbacks.epoch (&runner->epoch, runner->user_data);
  note_saved (runner);
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
clear_sums (KairosRunner *runner)
{
  runner->loss = runner->correct = runner->images = runner->training_seconds = runner->evaluation_seconds = 0;
  runner->n = 0;
}

static void
add_to_sums (KairosRunner *runner, const KairosStepRecord *record)
{
  runner->loss += (double) record->loss * record->n;
  runner->correct += (double) record->accuracy * record->n;
  runner->n += record->n;
}

/* After coming back to the middle of an epoch: its first part from the records. */
static gboolean
recover_sums (KairosRunner *runner, GError **error)
{
  g_autoptr (GArray) records = kairos_session_get_steps (runner->session, runner->session->run, error);
  guint64 step = kairos_trainer_get_step (runner->trainer),
          per_epoch = kairos_trainer_get_steps_per_epoch (runner->trainer);
  guint64 done = kairos_trainer_epoch_is_due (runner->trainer) ? per_epoch : step % per_epoch;

  if (!records)
    return FALSE;
  clear_sums (runner);
  for (guint i = 0; i < records->len; i++) {
    const KairosStepRecord *record = &g_array_index (records, KairosStepRecord, i);
    if (record->step > step - done && record->step <= step)
      add_to_sums (runner, record);
  }
  return TRUE;
}

/* ---- Opening and closing ---- */

static gboolean
continue_from (KairosRunner *runner, GBytes *checkpoint, GError **error)
{
  if (checkpoint && !kairos_trainer_restore (runner->trainer, checkpoint, error))
    return FALSE;
  g_array_set_size (runner->steps, 0);
  runner->unwritten = FALSE;
  runner->saved_step = kairos_trainer_get_step (runner->trainer);
  return kairos_session_truncate (runner->session, runner->saved_step, error) && recover_sums (runner, error);
}

static gboolean
continue_newest (KairosRunner *runner, GError **error)
{
  GError *problem = NULL;
  g_autoptr (GBytes) checkpoint = kairos_session_load_checkpoint (runner->session, 0, &problem);

  if (problem) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  return continue_from (runner, checkpoint, error) && kairos_runner_rewind_changes (runner, TRUE, error);
}

KairosRunner *
kairos_runner_new (KairosSession *session, KairosDataset *dataset, KairosFacts *facts, KairosPool *pool, GError **error)
{
  if (!kairos_session_lock (session, error))
    return NULL;
  const KairosConfig *config = kairos_session_get_config (session);
  g_autoptr (KairosSplits) splits = kairos_splits_new (dataset, config->seed, config->limit);
  g_autoptr (KairosFacts) own =
      facts ? kairos_facts_ref (facts) : kairos_facts_new (kairos_dataset_get_n_samples (dataset));
  g_autoptr (KairosRunner) runner = g_new0 (KairosRunner, 1);

  runner->session = session;
  runner->steps = g_array_new (FALSE, FALSE, sizeof (KairosStepRecord));
  runner->written_at = runner->saved_at = g_get_monotonic_time ();
  runner->trainer = kairos_trainer_new (config, dataset, splits, own, pool, error);
  if (!runner->trainer || !kairos_runner_load_timeline (runner, error) || !kairos_runner_load_changes (runner, error) ||
      !continue_newest (runner, error))
    return NULL;
  return g_steal_pointer (&runner);
}

void
kairos_runner_free (KairosRunner *runner)
{
  if (!runner)
    return;
  kairos_session_unlock (runner->session);
  kairos_trainer_free (runner->trainer);
  g_array_unref (runner->steps);
  g_clear_pointer (&runner->changes, g_array_unref);
  g_free (runner);
}

gboolean
kairos_runner_close (KairosRunner *runner, GError **error)
{
  gboolean ok = write_epoch (runner, error) && kairos_runner_flush (runner, error);

  if (ok && runner->saved_step != kairos_trainer_get_step (runner->trainer))
    ok = save (runner, FALSE, error);
  kairos_runner_free (runner);
  return ok;
}

void
kairos_runner_set_callbacks (KairosRunner *runner, const KairosRunnerCallbacks *callbacks, gpointer user_data)
{
  runner->callbacks = *callbacks;
  runner->user_data = user_data;
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

  runner->evaluation_seconds += seconds_since (start);
  if (!covers (runner, KAIROS_SPLIT_VALIDATION, &validation))
    return TRUE; /* cut off: the epoch stays due */
  kairos_facts_end_epoch (kairos_trainer_get_facts (runner->trainer));
  runner->epoch = (KairosEpochRecord){
    .step = kairos_trainer_get_step (runner->trainer),
    .epoch = kairos_trainer_get_epoch (runner->trainer),
    .train_loss = runner->loss / runner->n,
    .train_accuracy = runner->correct / runner->n,
    .val_loss = validation.loss,
    .val_accuracy = validation.accuracy,
    .images_per_second = runner->training_seconds > 0 ? runner->images / runner->training_seconds : 0,
    .seconds = runner->training_seconds + runner->evaluation_seconds,
  };
  runner->unwritten = TRUE;
  clear_sums (runner);
  /* more epochs may come that were asked for here */
  return write_epoch (runner, error) && kairos_runner_apply_changes (runner, error);
}

static gboolean
train_step (KairosRunner *runner, GError **error)
{
  gint64 start = g_get_monotonic_time ();
  KairosStepRecord record;

  if (!kairos_runner_apply_changes (runner, error) || !kairos_runner_prepare_step (runner, save, error))
    return FALSE;
  if (!kairos_trainer_step (runner->trainer, &record, error))
    return FALSE;
  runner->training_seconds += seconds_since (start);
  runner->images += record.n;
  add_to_sums (runner, &record);
  g_array_append_val (runner->steps, record);
  if (runner->callbacks.step)
    runner->callbacks.step (&record, runner->user_data);
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
  if (!train_step (runner, error))
    return FALSE;
  return kairos_trainer_epoch_is_due (runner->trainer) ? end_epoch (runner, cancel, error)
                                                       : write_now_and_then (runner, error);
}

gboolean
kairos_runner_set (KairosRunner *runner, const char *name, const char *text, GError **error)
{
  return kairos_runner_apply_changes (runner, error) && kairos_trainer_set (runner->trainer, name, text, error) &&
         kairos_runner_log_change (runner, name, text, error) &&
         kairos_session_set_config (runner->session, kairos_trainer_get_config (runner->trainer), error) &&
         (!g_str_equal (name, "epochs") || kairos_runner_follow_epochs (runner, error));
}

gboolean
kairos_runner_checkpoint (KairosRunner *runner, GError **error)
{
  return write_epoch (runner, error) && save (runner, TRUE, error);
}

gboolean
kairos_runner_restore (KairosRunner *runner, gint64 id, GError **error)
{
  GError *problem = NULL;
  g_autoptr (GBytes) checkpoint = kairos_session_load_checkpoint (runner->session, id, &problem);

  if (!checkpoint && !problem)
    g_set_error_literal (&problem, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                         "This run has no checkpoint yet; restart it instead.");
  if (problem) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  return continue_from (runner, checkpoint, error) && kairos_runner_rewind_changes (runner, FALSE, error) &&
         kairos_session_set_config (runner->session, kairos_trainer_get_config (runner->trainer), error);
}

/* Where the present run stands stays, for good. */
static gboolean
keep_run (KairosRunner *runner, GError **error)
{
  return write_epoch (runner, error) && (kairos_trainer_get_step (runner->trainer) == 0 || save (runner, TRUE, error));
}

gboolean
kairos_runner_branch (KairosRunner *runner, KairosTimeline *timeline, double at, GError **error)
{
  KairosTimeline *present = kairos_trainer_get_timeline (runner->trainer);
  double until = MIN (at, kairos_timeline_first_difference (present, timeline, NULL));
  KairosCheckpointInfo info = { 0 };

  if (!kairos_trainer_check_timeline (runner->trainer, timeline, error) || !keep_run (runner, error))
    return FALSE;
  gboolean found = kairos_session_find_checkpoint (runner->session, runner->session->run, until, &info);
  g_autoptr (GBytes) checkpoint = found ? kairos_session_load_checkpoint (runner->session, info.id, error) : NULL;
  if ((found && !checkpoint) || !kairos_session_branch_run (runner->session, info.step, error))
    return FALSE;
  if (!checkpoint)
    kairos_trainer_restart (runner->trainer);
  return continue_from (runner, checkpoint, error) && kairos_runner_load_changes (runner, error) &&
         kairos_runner_rewind_changes (runner, TRUE, error) && kairos_runner_set_timeline (runner, timeline, error);
}

gboolean
kairos_runner_restart (KairosRunner *runner, GError **error)
{
  if (!keep_run (runner, error) || !kairos_session_begin_run (runner->session, error))
    return FALSE;
  kairos_trainer_restart (runner->trainer);
  runner->saved_step = 0;
  clear_sums (runner);
  return kairos_runner_load_changes (runner, error);
}

static gboolean
write_notes (KairosRunner *runner, const KairosEvaluation *test, const char *digest, GError **error)
{
  char accuracy[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (accuracy, sizeof accuracy, "%.6f", test->accuracy);
  if (test->n && !kairos_session_set_note (runner->session, "test_accuracy", accuracy, error))
    return FALSE;
  if (kairos_runner_is_finished (runner) && !kairos_session_set_note (runner->session, "finished", "1", error))
    return FALSE;
  return kairos_session_set_note (runner->session, "weights_sha256", digest, error);
}

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
  if (!write_notes (runner, test, weights, error))
    return FALSE;
  if (digest)
    *digest = g_steal_pointer (&weights);
  return TRUE;
}
