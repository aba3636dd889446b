/* SPDX-License-Identifier: MIT */

/* The worker thread.
 *
 * INVARIANTS
 *
 *  1. The runner, its trainer and its session belong to the worker's thread alone.  All that is shared is behind one
 * mutex, which is never held while training, evaluating or writing.
 *  2. `exclusive` is TRUE while weights may change: from leaving a step boundary to the next one, except during
 * evaluations.  Predictions run only while it is FALSE, holding the mutex; the worker waits at a boundary until no
 * prediction is waiting, so that none starves.
 *  3. `cancel` counts the commands in the queue that should cut an evaluation off.
 *
 *      STARTING --ready--> PAUSED <--pause, step done-- TRAINING <--> EVALUATING
 *          |                  '--play, step, epoch--------^  |  '--all epochs done--> FINISHED
 *          '--cannot--> FAILED                               '--loss not finite--> DIVERGED
 *
 * FINISHED goes back to PAUSED by restart, restore or more epochs, DIVERGED by restart or restore, or to TRAINING by
 * play.
 */
#define _GNU_SOURCE /* pthread_setname_np */

#include "worker-private.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NICE = 10 };

/* ---- Telemetry ---- */

void
kairos_worker_push (KairosWorker *worker, const KairosEvent *event)
{
  pthread_mutex_lock (&worker->mutex);
  kairos_ring_push (&worker->ring, event);
  gboolean call = !worker->woken;
  worker->woken = TRUE;
  pthread_mutex_unlock (&worker->mutex);
  if (call && worker->wake)
    worker->wake (worker->user_data);
}

void
kairos_worker_say (KairosWorker *worker, KairosEventType type, const char *text)
{
  kairos_worker_push (worker, &(KairosEvent){ .type = type, .text = g_strdup (text) });
}

void
kairos_worker_set_state (KairosWorker *worker, KairosWorkerState state, const char *text)
{
  pthread_mutex_lock (&worker->mutex);
  gboolean changed = worker->status.state != state;
  worker->status.state = state;
  worker->training = state == KAIROS_WORKER_TRAINING || (state == KAIROS_WORKER_EVALUATING && worker->training);
  pthread_mutex_unlock (&worker->mutex);
  if (state != KAIROS_WORKER_TRAINING && state != KAIROS_WORKER_EVALUATING)
    kairos_rate_pause (&worker->rate);
  if (changed || text)
    kairos_worker_push (worker, &(KairosEvent){ .type = KAIROS_EVENT_STATE, .state = state, .text = g_strdup (text) });
}

KairosWorkerState
kairos_worker_get_state (KairosWorker *worker)
{
  pthread_mutex_lock (&worker->mutex);
  KairosWorkerState state = worker->status.state;
  pthread_mutex_unlock (&worker->mutex);
  return state;
}

/* What is left of the plan, at the present rate. */
static double
seconds_left (KairosWorker *worker, const KairosStatus *status)
{
  guint n_train;
  double rate = kairos_rate_get (&worker->rate), epochs = MAX (0, status->epochs - status->epoch);

  kairos_splits_ids (kairos_trainer_get_splits (kairos_runner_get_trainer (worker->runner)), KAIROS_SPLIT_TRAIN,
                     &n_train);
  return rate > 0 ? epochs * n_train / rate + ceil (epochs) * worker->epoch_end_seconds : NAN;
}

void
kairos_worker_update_status (KairosWorker *worker)
{
  KairosTrainer *trainer = kairos_runner_get_trainer (worker->runner);

  pthread_mutex_lock (&worker->mutex);
  KairosStatus *status = &worker->status;
  status->step = kairos_trainer_get_step (trainer);
  status->steps_per_epoch = kairos_trainer_get_steps_per_epoch (trainer);
  status->epoch = kairos_trainer_get_epoch (trainer);
  status->epochs = kairos_trainer_get_config (trainer)->epochs;
  status->images_per_second = worker->training ? kairos_rate_get (&worker->rate) : 0;
  status->seconds_left = seconds_left (worker, status);
  pthread_mutex_unlock (&worker->mutex);
}

static void
on_step (const KairosStepRecord *record, gpointer user_data)
{
  KairosWorker *worker = user_data;

  kairos_rate_add (&worker->rate, record->n, g_get_monotonic_time ());
  kairos_worker_update_status (worker);
  kairos_worker_push (worker, &(KairosEvent){ .type = KAIROS_EVENT_STEP, .step = *record });
}

static void
on_epoch (const KairosEpochRecord *record, gpointer user_data)
{
  KairosWorker *worker = user_data;

  worker->epoch_end_seconds = (double) (g_get_monotonic_time () - worker->evaluation_began) / G_USEC_PER_SEC;
  kairos_worker_push (worker, &(KairosEvent){ .type = KAIROS_EVENT_EPOCH, .epoch = *record });
}

static void
on_checkpoint (guint64 step, double epoch, gpointer user_data)
{
  kairos_worker_push (user_data, &(KairosEvent){ .type = KAIROS_EVENT_CHECKPOINT, .at = step });
}

static void
on_timeline (KairosTimeline *timeline, guint64 step, gpointer user_data)
{
  kairos_worker_push (user_data, &(KairosEvent){ .type = KAIROS_EVENT_TIMELINE,
                                                 .timeline = kairos_timeline_ref (timeline),
                                                 .at = step });
}

/* ---- Step boundaries ---- */

static void
open_boundary (KairosWorker *worker)
{
  pthread_mutex_lock (&worker->mutex);
  worker->exclusive = FALSE;
  pthread_cond_broadcast (&worker->boundary);
  pthread_mutex_unlock (&worker->mutex);
}

/* With the mutex held. */
static void
close_boundary (KairosWorker *worker)
{
  while (worker->n_predictions > 0)
    pthread_cond_wait (&worker->boundary, &worker->mutex);
  worker->exclusive = TRUE;
}

static void
on_evaluating (gboolean begins, gpointer user_data)
{
  KairosWorker *worker = user_data;
  gint64 now = g_get_monotonic_time ();

  if (begins) {
    worker->evaluation_began = now;
    kairos_worker_set_state (worker, KAIROS_WORKER_EVALUATING, NULL);
    open_boundary (worker);
    return;
  }
  kairos_rate_skip (&worker->rate, now - worker->evaluation_began);
  pthread_mutex_lock (&worker->mutex);
  close_boundary (worker);
  gboolean training = worker->training;
  pthread_mutex_unlock (&worker->mutex);
  if (training)
    kairos_worker_set_state (worker, KAIROS_WORKER_TRAINING, NULL);
}

static void
command_free (KairosCommand *command)
{
  g_free (command->name);
  g_free (command->text);
  kairos_timeline_unref (command->timeline);
  g_free (command);
}

/* ---- The thread ---- */

/* Threads of the pool are made by this thread and inherit its priority. */
static void
lower_priority (void)
{
#ifdef __linux__
  setpriority (PRIO_PROCESS, gettid (), NICE);
  pthread_setname_np (pthread_self (), "kairos-worker");
#endif
}

static gboolean
start (KairosWorker *worker, GError **error)
{
  const KairosRunnerCallbacks callbacks = { .step = on_step,
                                            .epoch = on_epoch,
                                            .checkpoint = on_checkpoint,
                                            .timeline = on_timeline,
                                            .evaluating = on_evaluating };

  worker->pool = kairos_pool_new (worker->n_threads);
  worker->session = kairos_session_open (worker->path, error);
  if (!worker->session)
    return FALSE;
  worker->runner = kairos_runner_new (worker->session, worker->dataset, worker->facts, worker->pool, error);
  if (!worker->runner)
    return FALSE;
  kairos_runner_set_callbacks (worker->runner, &callbacks, worker);

  KairosNetwork *network = kairos_trainer_get_network (kairos_runner_get_trainer (worker->runner));
  pthread_mutex_lock (&worker->mutex);
  worker->predictor_pool = kairos_pool_new (1);
  worker->predictor = kairos_executor_new_for_evaluation (network, 1, worker->predictor_pool);
  worker->n_classes = kairos_network_get_outputs (network);
  pthread_mutex_unlock (&worker->mutex);
  return TRUE;
}

static void
wait_until (KairosWorker *worker, gint64 microseconds)
{
  const struct timespec time = { microseconds / G_USEC_PER_SEC, microseconds % G_USEC_PER_SEC * 1000 };

  pthread_cond_timedwait (&worker->work, &worker->mutex, &time);
}

/* Waits for the next thing to do and leaves the step boundary.  TRUE: *command, or a step when that is NULL.  FALSE:
 * the end. */
static gboolean
next (KairosWorker *worker, KairosCommand **command)
{
  gboolean go_on;

  open_boundary (worker);
  pthread_mutex_lock (&worker->mutex);
  worker->busy = FALSE;
  for (;;) {
    *command = g_queue_pop_head (&worker->commands);
    go_on = *command || !worker->quit;
    if (*command || worker->quit ||
        (worker->training && (worker->speed == 0 || worker->next_at <= g_get_monotonic_time ())))
      break;
    if (worker->training) {
      wait_until (worker, worker->next_at);
    } else {
      pthread_cond_broadcast (&worker->idle);
      pthread_cond_wait (&worker->work, &worker->mutex);
    }
  }
  worker->busy = TRUE;
  if (*command && (*command)->kind->cuts)
    g_atomic_int_add (&worker->cancel, -1);
  close_boundary (worker);
  pthread_mutex_unlock (&worker->mutex);
  return go_on;
}

static void
train_one (KairosWorker *worker)
{
  g_autoptr (GError) error = NULL;

  if (worker->speed > 0)
    worker->next_at = MAX (worker->next_at, g_get_monotonic_time () - G_USEC_PER_SEC / 10) +
                      (gint64) (G_USEC_PER_SEC / worker->speed);
  if (kairos_runner_step (worker->runner, &worker->cancel, &error)) {
    KairosTrainer *trainer = kairos_runner_get_trainer (worker->runner);
    if (kairos_runner_is_finished (worker->runner))
      kairos_worker_stop_and_keep (worker);
    else if (kairos_trainer_get_step (trainer) >= worker->stop_at && !kairos_trainer_epoch_is_due (trainer))
      kairos_worker_rest (worker);
  } else if (g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_DIVERGED)) {
    kairos_worker_set_state (worker, KAIROS_WORKER_DIVERGED, error->message);
  } else {
    kairos_worker_say (worker, KAIROS_EVENT_MESSAGE, error->message);
    kairos_worker_rest (worker);
  }
  kairos_worker_update_status (worker);
}

static void
finish (KairosWorker *worker)
{
  GError *error = NULL;

  pthread_mutex_lock (&worker->mutex);
  g_clear_pointer (&worker->predictor, kairos_executor_free);
  g_clear_pointer (&worker->predictor_pool, kairos_pool_free);
  pthread_mutex_unlock (&worker->mutex);
  if (worker->runner)
    kairos_worker_check (worker, kairos_runner_close (worker->runner, &error), &error);
  kairos_session_close (worker->session);
  kairos_pool_free (worker->pool);
}

static gpointer
thread_main (gpointer data)
{
  KairosWorker *worker = data;
  g_autoptr (GError) error = NULL;
  KairosCommand *command;

  lower_priority ();
  gboolean ok = start (worker, &error);
  if (ok) {
    kairos_worker_tell_rewound (worker);
    kairos_worker_tell_timeline (worker);
    kairos_worker_rest (worker);
  } else
    kairos_worker_set_state (worker, KAIROS_WORKER_FAILED, error->message);
  while (next (worker, &command)) {
    if (ok && command)
      command->kind->run (worker, command);
    else if (ok)
      train_one (worker);
    g_clear_pointer (&command, command_free);
  }
  finish (worker);
  return NULL;
}

/* ---- What others call ---- */

KairosWorker *
kairos_worker_new (const char *path, KairosDataset *dataset, KairosFacts *facts, int n_threads, void (*wake) (gpointer),
                   gpointer user_data)
{
  KairosWorker *worker = g_new0 (KairosWorker, 1);
  pthread_condattr_t clock;

  worker->path = g_strdup (path);
  worker->dataset = kairos_dataset_ref (dataset);
  worker->facts = facts ? kairos_facts_ref (facts) : NULL;
  worker->n_threads = n_threads;
  worker->wake = wake;
  worker->user_data = user_data;
  worker->status = (KairosStatus){ .state = KAIROS_WORKER_STARTING, .seconds_left = NAN };
  worker->busy = worker->exclusive = TRUE;
  g_queue_init (&worker->commands);
  pthread_mutex_init (&worker->mutex, NULL);
  pthread_condattr_init (&clock);
  pthread_condattr_setclock (&clock, CLOCK_MONOTONIC); /* that of g_get_monotonic_time() */
  pthread_cond_init (&worker->work, &clock);
  pthread_condattr_destroy (&clock);
  pthread_cond_init (&worker->boundary, NULL);
  pthread_cond_init (&worker->idle, NULL);

  int problem = pthread_create (&worker->thread, NULL, thread_main, worker);
  worker->started = problem == 0;
  if (!worker->started) {
    g_autofree char *text =
        g_strdup_printf ("Training cannot start because the system gives no thread for it (%s).", g_strerror (problem));
    kairos_worker_set_state (worker, KAIROS_WORKER_FAILED, text);
    worker->busy = worker->exclusive = FALSE;
  }
  return worker;
}

void
kairos_worker_free (KairosWorker *worker)
{
  if (!worker)
    return;
  pthread_mutex_lock (&worker->mutex);
  worker->quit = TRUE;
  g_atomic_int_inc (&worker->cancel);
  pthread_cond_signal (&worker->work);
  pthread_mutex_unlock (&worker->mutex);
  if (worker->started)
    pthread_join (worker->thread, NULL);

  g_queue_clear_full (&worker->commands, (GDestroyNotify) command_free);
  kairos_ring_clear (&worker->ring);
  pthread_cond_destroy (&worker->idle);
  pthread_cond_destroy (&worker->boundary);
  pthread_cond_destroy (&worker->work);
  pthread_mutex_destroy (&worker->mutex);
  g_clear_pointer (&worker->facts, kairos_facts_unref);
  kairos_dataset_unref (worker->dataset);
  g_free (worker->path);
  g_free (worker);
}

void
kairos_worker_get_status (KairosWorker *worker, KairosStatus *status)
{
  pthread_mutex_lock (&worker->mutex);
  *status = worker->status;
  status->dropped = worker->ring.dropped;
  pthread_mutex_unlock (&worker->mutex);
}

guint
kairos_worker_drain (KairosWorker *worker, KairosEvent *events, guint max)
{
  pthread_mutex_lock (&worker->mutex);
  guint n = kairos_ring_take (&worker->ring, events, max);
  worker->woken = worker->ring.n > 0;
  pthread_mutex_unlock (&worker->mutex);
  return n;
}

gboolean
kairos_worker_predict (KairosWorker *worker, const float *input, float *probabilities, guint n_classes)
{
  const KairosBatch batch = { .n = 1, .input = input };

  pthread_mutex_lock (&worker->mutex);
  gboolean ready = worker->predictor && worker->n_classes == n_classes;
  if (ready) {
    worker->n_predictions++;
    while (worker->exclusive)
      pthread_cond_wait (&worker->boundary, &worker->mutex);
    kairos_executor_evaluate (worker->predictor, &batch, NULL, probabilities, NULL);
    worker->n_predictions--;
    pthread_cond_broadcast (&worker->boundary);
  }
  pthread_mutex_unlock (&worker->mutex);
  return ready;
}

void
kairos_worker_wait (KairosWorker *worker)
{
  pthread_mutex_lock (&worker->mutex);
  while (worker->started && (worker->busy || worker->training || worker->commands.length > 0))
    pthread_cond_wait (&worker->idle, &worker->mutex);
  pthread_mutex_unlock (&worker->mutex);
}
