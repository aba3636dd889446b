/* SPDX-License-Identifier: MIT */

/* The runs that are open in the worker, and what is told of them.  All of it is called from the worker's thread. */
#include "worker-private.h"

#include <math.h>

/* ---- Telemetry ---- */

void
kairos_worker_push (KairosWorker *worker, KairosEvent event)
{
  event.request = worker->request;
  pthread_mutex_lock (&worker->mutex);
  kairos_ring_push (&worker->ring, &event);
  gboolean call = !worker->woken;
  worker->woken = TRUE;
  pthread_mutex_unlock (&worker->mutex);
  if (call && worker->wake)
    worker->wake (worker->user_data);
}

void
kairos_worker_tell (KairosWorker *worker, gint64 run, GError **error)
{
  kairos_worker_push (worker, (KairosEvent){ .type = worker->request ? KAIROS_EVENT_REFUSED : KAIROS_EVENT_MESSAGE,
                                             .run = run,
                                             .text = g_strdup ((*error)->message) });
  g_clear_error (error);
}

void
kairos_worker_describe (KairosWorker *worker, gint64 run)
{
  GError *error = NULL;
  KairosRunInfo *info = kairos_session_get_run (worker->session, run, &error);

  if (info)
    kairos_worker_push (worker, (KairosEvent){ .type = KAIROS_EVENT_DESCRIBED, .run = run, .info = info });
  else
    kairos_worker_tell (worker, run, &error);
}

void
kairos_open_run_set_state (KairosOpenRun *open, KairosWorkerState state, const char *text)
{
  KairosWorker *worker = open->worker;

  pthread_mutex_lock (&worker->mutex);
  gboolean changed = open->status.state != state;
  open->status.state = state;
  open->training = state == KAIROS_WORKER_TRAINING || (state == KAIROS_WORKER_EVALUATING && open->training);
  pthread_mutex_unlock (&worker->mutex);
  if (state != KAIROS_WORKER_TRAINING && state != KAIROS_WORKER_EVALUATING)
    kairos_rate_pause (&open->rate);
  if (changed || text)
    kairos_worker_push (worker,
                        (KairosEvent){
                            .type = KAIROS_EVENT_STATE, .run = open->run, .state = state, .text = g_strdup (text) });
}

KairosWorkerState
kairos_open_run_get_state (KairosOpenRun *open)
{
  pthread_mutex_lock (&open->worker->mutex);
  KairosWorkerState state = open->status.state;
  pthread_mutex_unlock (&open->worker->mutex);
  return state;
}

/* What is left of the plan, at the present rate. */
static double
seconds_left (KairosOpenRun *open, const KairosStatus *status)
{
  guint n_train;
  double rate = kairos_rate_get (&open->rate), epochs = MAX (0, status->epochs - status->epoch);

  kairos_splits_ids (kairos_trainer_get_splits (kairos_runner_get_trainer (open->runner)), KAIROS_SPLIT_TRAIN,
                     &n_train);
  return rate > 0 ? epochs * n_train / rate + ceil (epochs) * open->epoch_end_seconds : NAN;
}

void
kairos_open_run_update_status (KairosOpenRun *open)
{
  KairosTrainer *trainer = kairos_runner_get_trainer (open->runner);

  pthread_mutex_lock (&open->worker->mutex);
  KairosStatus *status = &open->status;
  status->step = kairos_trainer_get_step (trainer);
  status->steps_per_epoch = kairos_trainer_get_steps_per_epoch (trainer);
  status->epoch = kairos_trainer_get_epoch (trainer);
  status->epochs = kairos_trainer_get_config (trainer)->epochs;
  status->probe_share = kairos_runner_get_probe_share (open->runner);
  status->images_per_second = open->training ? kairos_rate_get (&open->rate) : 0;
  status->seconds_left = seconds_left (open, status);
  pthread_mutex_unlock (&open->worker->mutex);
}

void
kairos_open_run_rest (KairosOpenRun *open)
{
  open->probes_due = kairos_open_run_get_state (open) != KAIROS_WORKER_STARTING; /* not where it was only opened */
  kairos_open_run_set_state (open,
                             kairos_runner_is_finished (open->runner) ? KAIROS_WORKER_FINISHED : KAIROS_WORKER_PAUSED,
                             NULL);
  kairos_open_run_update_status (open);
}

/* FALSE when the test was cut off, or with an error. */
static gboolean
test (KairosOpenRun *open, GError **error)
{
  KairosWorker *worker = open->worker;
  GError *problem = NULL;
  KairosEvaluation result;

  if (kairos_runner_finish (open->runner, &worker->cancel, &result, NULL, &problem))
    kairos_worker_push (worker, (KairosEvent){ .type = KAIROS_EVENT_TESTED, .run = open->run, .test = result });
  else if (g_error_matches (problem, KAIROS_ERROR, KAIROS_ERROR_CANCELLED))
    g_clear_error (&problem);
  if (!problem)
    return TRUE;
  g_propagate_error (error, problem);
  return FALSE;
}

gboolean
kairos_open_run_stop_and_keep (KairosOpenRun *open, GError **error)
{
  pthread_mutex_lock (&open->worker->mutex);
  open->training = FALSE;
  pthread_mutex_unlock (&open->worker->mutex);
  gboolean tested = test (open, error);
  gboolean kept = kairos_runner_checkpoint (open->runner, tested ? error : NULL);
  kairos_open_run_rest (open);
  kairos_worker_describe (open->worker, open->run);
  return tested && kept;
}

void
kairos_open_run_tell_timeline (KairosOpenRun *open)
{
  KairosTrainer *trainer = kairos_runner_get_trainer (open->runner);

  kairos_worker_push (open->worker,
                      (KairosEvent){ .type = KAIROS_EVENT_TIMELINE,
                                     .run = open->run,
                                     .timeline = kairos_timeline_ref (kairos_trainer_get_timeline (trainer)),
                                     .at = kairos_trainer_get_step (trainer) });
}

void
kairos_open_run_tell_rewound (KairosOpenRun *open)
{
  kairos_open_run_update_status (open);
  kairos_worker_push (open->worker,
                      (KairosEvent){ .type = KAIROS_EVENT_REWOUND,
                                     .run = open->run,
                                     .at = kairos_trainer_get_step (kairos_runner_get_trainer (open->runner)) });
}

/* ---- What the runner calls ---- */

static void
on_step (const KairosStepRecord *record, gpointer user_data)
{
  KairosOpenRun *open = user_data;

  kairos_rate_add (&open->rate, record->n, g_get_monotonic_time ());
  kairos_open_run_update_status (open);
  kairos_worker_push (open->worker, (KairosEvent){ .type = KAIROS_EVENT_STEP, .run = open->run, .step = *record });
}

static void
on_epoch (const KairosEpochRecord *record, gpointer user_data)
{
  KairosOpenRun *open = user_data;

  open->epoch_end_seconds = (double) (g_get_monotonic_time () - open->evaluation_began) / G_USEC_PER_SEC;
  kairos_worker_push (open->worker, (KairosEvent){ .type = KAIROS_EVENT_EPOCH, .run = open->run, .epoch = *record });
}

static void
on_checkpoint (guint64 step, double epoch, gpointer user_data)
{
  KairosOpenRun *open = user_data;

  kairos_worker_push (open->worker, (KairosEvent){ .type = KAIROS_EVENT_CHECKPOINT, .run = open->run, .at = step });
}

static void
on_timeline (KairosTimeline *timeline, guint64 step, gpointer user_data)
{
  kairos_open_run_tell_timeline (user_data);
}

static void
on_evaluating (gboolean begins, gpointer user_data)
{
  KairosOpenRun *open = user_data;
  KairosWorker *worker = open->worker;
  gint64 now = g_get_monotonic_time ();

  if (begins) {
    open->evaluation_began = now;
    kairos_open_run_set_state (open, KAIROS_WORKER_EVALUATING, NULL);
    kairos_worker_open_boundary (worker);
    return;
  }
  kairos_rate_skip (&open->rate, now - open->evaluation_began);
  pthread_mutex_lock (&worker->mutex);
  kairos_worker_close_boundary (worker);
  gboolean training = open->training;
  pthread_mutex_unlock (&worker->mutex);
  if (training)
    kairos_open_run_set_state (open, KAIROS_WORKER_TRAINING, NULL);
}

static void
on_probing (gboolean begins, gpointer user_data)
{
  KairosWorker *worker = ((KairosOpenRun *) user_data)->worker;

  if (begins) {
    kairos_worker_open_boundary (worker);
    return;
  }
  pthread_mutex_lock (&worker->mutex);
  kairos_worker_close_boundary (worker);
  pthread_mutex_unlock (&worker->mutex);
}

static void
on_reading (KairosReading *reading, gpointer user_data)
{
  KairosOpenRun *open = user_data;

  kairos_worker_push (open->worker, (KairosEvent){ .type = KAIROS_EVENT_READING,
                                                   .run = open->run,
                                                   .at = reading->step,
                                                   .reading = kairos_reading_ref (reading) });
}

static void
on_refused (const char *text, gpointer user_data)
{
  KairosOpenRun *open = user_data;

  kairos_worker_push (open->worker,
                      (KairosEvent){ .type = KAIROS_EVENT_MESSAGE, .run = open->run, .text = g_strdup (text) });
}

/* ---- Opening and closing ---- */

KairosOpenRun *
kairos_worker_find (KairosWorker *worker, gint64 run)
{
  for (guint i = 0; i < worker->runs->len; i++) {
    KairosOpenRun *open = worker->runs->pdata[i];
    if (open->run == run)
      return open;
  }
  return NULL;
}

/* Others see it from here on. */
static void
publish (KairosOpenRun *open)
{
  KairosWorker *worker = open->worker;
  KairosNetwork *network = kairos_trainer_get_network (kairos_runner_get_trainer (open->runner));

  pthread_mutex_lock (&worker->mutex);
  open->predictor = kairos_executor_new_for_evaluation (network, 1, worker->predictor_pool);
  open->n_classes = kairos_network_get_outputs (network);
  open->status = (KairosStatus){ .state = KAIROS_WORKER_STARTING, .seconds_left = NAN };
  g_ptr_array_add (worker->runs, open);
  pthread_mutex_unlock (&worker->mutex);
}

static void
tell_opened (KairosOpenRun *open, gint64 from)
{
  KairosWorker *worker = open->worker;
  const char *warning = kairos_runner_get_warning (open->runner);
  KairosTrainer *trainer = kairos_runner_get_trainer (open->runner);

  kairos_open_run_update_status (open);
  kairos_worker_describe (worker, open->run);
  kairos_worker_push (worker,
                      (KairosEvent){ .type = KAIROS_EVENT_OPENED,
                                     .run = open->run,
                                     .at = kairos_trainer_get_step (trainer),
                                     .opened = { .facts = kairos_facts_ref (open->facts),
                                                 .config = kairos_config_copy (kairos_trainer_get_config (trainer)),
                                                 .from = from } });
  kairos_open_run_tell_rewound (open);
  kairos_open_run_tell_timeline (open);
  if (warning)
    kairos_worker_push (worker,
                        (KairosEvent){ .type = KAIROS_EVENT_MESSAGE, .run = open->run, .text = g_strdup (warning) });
}

KairosOpenRun *
kairos_worker_add_run (KairosWorker *worker, gint64 run, gint64 from, GError **error)
{
  const KairosRunnerCallbacks callbacks = { .step = on_step,
                                            .epoch = on_epoch,
                                            .checkpoint = on_checkpoint,
                                            .timeline = on_timeline,
                                            .evaluating = on_evaluating,
                                            .probing = on_probing,
                                            .reading = on_reading,
                                            .refused = on_refused };
  g_autoptr (KairosFacts) facts = kairos_facts_new (kairos_dataset_get_n_samples (worker->dataset));
  KairosRunner *runner = kairos_runner_new (worker->session, run, worker->dataset, facts, worker->pool, error);

  if (!runner)
    return NULL;
  KairosOpenRun *open = g_new0 (KairosOpenRun, 1);
  open->worker = worker;
  open->run = kairos_runner_get_run (runner);
  open->runner = runner;
  open->facts = g_steal_pointer (&facts);
  kairos_runner_set_callbacks (runner, &callbacks, open);
  publish (open);
  tell_opened (open, from);
  kairos_open_run_rest (open);
  return open;
}

void
kairos_worker_remove_run (KairosWorker *worker, KairosOpenRun *open)
{
  GError *error = NULL;

  pthread_mutex_lock (&worker->mutex);
  g_ptr_array_remove (worker->runs, open);
  pthread_mutex_unlock (&worker->mutex);
  /* Weights do not change here, and no prediction is running: the boundary is closed. */
  g_clear_pointer (&open->predictor, kairos_executor_free);
  if (!kairos_runner_close (open->runner, &error))
    kairos_worker_tell (worker, open->run, &error);
  kairos_worker_push (worker, (KairosEvent){ .type = KAIROS_EVENT_CLOSED, .run = open->run });
  kairos_facts_unref (open->facts);
  g_free (open);
}
