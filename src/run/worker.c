/* SPDX-License-Identifier: MIT */

/* The worker thread.
 *
 * INVARIANTS
 *
 *  1. The runners, their trainers and the session belong to the worker's thread alone.  All that is shared is behind
 * one mutex, which is never held while training, evaluating, predicting or writing.
 *  2. `exclusive` is TRUE while weights may change or runs may close: from leaving a step boundary to the next one,
 *     except during evaluations.  Predictions run only while it is FALSE; the worker waits at a boundary until none is
 *     waiting or running, so that none starves and none sees a weight change.
 *  3. `cancel` counts the commands in the queue that should cut an evaluation off.
 *
 * Of a run:
 *
 *      STARTING --ready--> PAUSED <--pause, step done-- TRAINING <--> EVALUATING
 *                            '--play, step, epoch--------^  |  '--all epochs done--> FINISHED
 *                                                           '--loss not finite--> DIVERGED
 *
 * FINISHED goes back to PAUSED by restore or more epochs, DIVERGED by restore, or to TRAINING by play.  The worker
 * itself is FAILED when its session or the first run could not be opened.
 */
#define _GNU_SOURCE /* pthread_setname_np */

#include "worker-private.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NICE = 10 };

/* ---- Step boundaries ---- */

void
kairos_worker_open_boundary (KairosWorker *worker)
{
  pthread_mutex_lock (&worker->mutex);
  worker->exclusive = FALSE;
  pthread_cond_broadcast (&worker->boundary);
  pthread_mutex_unlock (&worker->mutex);
}

void
kairos_worker_close_boundary (KairosWorker *worker)
{
  while (worker->n_predictions > 0)
    pthread_cond_wait (&worker->boundary, &worker->mutex);
  worker->exclusive = TRUE;
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

static void
set_own_state (KairosWorker *worker, KairosWorkerState state, const char *text)
{
  pthread_mutex_lock (&worker->mutex);
  worker->state = state;
  pthread_mutex_unlock (&worker->mutex);
  if (text)
    kairos_worker_push (worker, (KairosEvent){ .type = KAIROS_EVENT_STATE, .state = state, .text = g_strdup (text) });
}

static gboolean
start (KairosWorker *worker, GError **error)
{
  worker->pool = kairos_pool_new (worker->n_threads);
  worker->predictor_pool = kairos_pool_new (1);
  worker->session = kairos_session_open (worker->path, error);
  return worker->session && kairos_session_lock (worker->session, error) && kairos_worker_add_run (worker, 0, 0, error);
}

static void
wait_until (KairosWorker *worker, gint64 microseconds)
{
  const struct timespec time = { microseconds / G_USEC_PER_SEC, microseconds % G_USEC_PER_SEC * 1000 };

  pthread_cond_timedwait (&worker->work, &worker->mutex, &time);
}

/* The run whose turn it is among those that train; NULL: none does.  With the mutex held. */
static KairosOpenRun *
whose_turn (KairosWorker *worker)
{
  for (guint i = 0; i < worker->runs->len; i++) {
    KairosOpenRun *open = worker->runs->pdata[(worker->turn + i) % worker->runs->len];
    if (open->training) {
      worker->turn = (worker->turn + i + 1) % worker->runs->len;
      return open;
    }
  }
  return NULL;
}

static gboolean
may_step (KairosWorker *worker)
{
  return worker->speed == 0 || worker->next_at <= g_get_monotonic_time ();
}

static gboolean
trains (KairosWorker *worker)
{
  for (guint i = 0; i < worker->runs->len; i++)
    if (((KairosOpenRun *) worker->runs->pdata[i])->training)
      return TRUE;
  return FALSE;
}

/* One that came to rest and was not probed there yet; NULL: none.  With the mutex held. */
static KairosOpenRun *
who_rests (KairosWorker *worker)
{
  for (guint i = 0; i < worker->runs->len; i++) {
    KairosOpenRun *open = worker->runs->pdata[i];
    if (open->probes_due)
      return open;
  }
  return NULL;
}

/* Waits for the next thing to do and leaves the step boundary.  TRUE: *command, or a step of *open, or, where that does
 * not train, its probes.  FALSE: the end. */
static gboolean
next (KairosWorker *worker, KairosCommand **command, KairosOpenRun **open)
{
  kairos_worker_open_boundary (worker);
  pthread_mutex_lock (&worker->mutex);
  worker->busy = FALSE;
  for (;;) {
    gboolean training = trains (worker);
    *command = g_queue_pop_head (&worker->commands);
    if (*command || worker->quit || (training && may_step (worker)) || (!training && who_rests (worker)))
      break;
    if (training) {
      wait_until (worker, worker->next_at);
    } else {
      pthread_cond_broadcast (&worker->idle);
      pthread_cond_wait (&worker->work, &worker->mutex);
    }
  }
  *open = *command || worker->quit ? NULL : whose_turn (worker);
  if (!*open && !*command && !worker->quit)
    *open = who_rests (worker);
  worker->busy = TRUE;
  if (*command && (*command)->kind->cuts)
    g_atomic_int_add (&worker->cancel, -1);
  kairos_worker_close_boundary (worker);
  pthread_mutex_unlock (&worker->mutex);
  return *command || *open;
}

static void
train_one (KairosWorker *worker, KairosOpenRun *open)
{
  g_autoptr (GError) error = NULL;

  if (worker->speed > 0)
    worker->next_at = MAX (worker->next_at, g_get_monotonic_time () - G_USEC_PER_SEC / 10) +
                      (gint64) (G_USEC_PER_SEC / worker->speed);
  if (kairos_runner_step (open->runner, &worker->cancel, &error)) {
    KairosTrainer *trainer = kairos_runner_get_trainer (open->runner);
    if (!kairos_runner_is_finished (open->runner)) {
      if (kairos_trainer_get_step (trainer) >= open->stop_at && !kairos_trainer_epoch_is_due (trainer))
        kairos_open_run_rest (open);
    } else if (!kairos_open_run_stop_and_keep (open, &error))
      kairos_worker_tell (worker, open->run, &error);
  } else if (g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_DIVERGED)) {
    kairos_open_run_set_state (open, KAIROS_WORKER_DIVERGED, error->message);
  } else {
    kairos_worker_tell (worker, open->run, &error);
    kairos_open_run_rest (open);
    open->probes_due = FALSE; /* what could not be written would be told again */
  }
  kairos_open_run_update_status (open);
}

/* Commands may cut it off; it then goes on when the worker comes back to rest. */
static void
probe_at_rest (KairosWorker *worker, KairosOpenRun *open)
{
  g_autoptr (GError) error = NULL;

  open->probes_due = FALSE;
  if (!kairos_runner_probe_all (open->runner, &worker->cancel, &error))
    kairos_worker_tell (worker, open->run, &error);
  kairos_open_run_update_status (open);
}

static gboolean
refuse_closed (const KairosCommand *command, GError **error)
{
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
               "Run %" G_GINT64_FORMAT " is not open; go to it before working with it.", command->run);
  return FALSE;
}

static void
do_command (KairosWorker *worker, const KairosCommand *command)
{
  KairosOpenRun *open = kairos_worker_find (worker, command->run);
  GError *error = NULL;

  worker->request = command->request;
  if (!(open || command->kind->is_any ? command->kind->func (worker, open, command, &error)
                                      : refuse_closed (command, &error)))
    kairos_worker_tell (worker, command->run, &error);
  worker->request = 0;
}

static void
finish (KairosWorker *worker)
{
  while (worker->runs->len > 0)
    kairos_worker_remove_run (worker, worker->runs->pdata[worker->runs->len - 1]);
  if (worker->session)
    kairos_session_purge_runs (worker->session, NULL); /* what could not be removed is so the next time */
  kairos_session_close (worker->session);
  kairos_pool_free (worker->pool);
  kairos_pool_free (worker->predictor_pool);
}

static gpointer
thread_main (gpointer data)
{
  KairosWorker *worker = data;
  g_autoptr (GError) error = NULL;
  KairosCommand *command;
  KairosOpenRun *open;

  lower_priority ();
  gboolean ok = start (worker, &error);
  set_own_state (worker, ok ? KAIROS_WORKER_PAUSED : KAIROS_WORKER_FAILED, ok ? NULL : error->message);
  while (next (worker, &command, &open)) {
    if (ok && command)
      do_command (worker, command);
    else if (ok && open->training)
      train_one (worker, open);
    else if (ok)
      probe_at_rest (worker, open);
    g_clear_pointer (&command, kairos_command_free);
  }
  finish (worker);
  return NULL;
}

/* ---- What others call ---- */

static void
init_shared (KairosWorker *worker)
{
  pthread_condattr_t clock;

  g_queue_init (&worker->commands);
  pthread_mutex_init (&worker->mutex, NULL);
  pthread_mutex_init (&worker->predicting, NULL);
  pthread_condattr_init (&clock);
  pthread_condattr_setclock (&clock, CLOCK_MONOTONIC); /* that of g_get_monotonic_time() */
  pthread_cond_init (&worker->work, &clock);
  pthread_condattr_destroy (&clock);
  pthread_cond_init (&worker->boundary, NULL);
  pthread_cond_init (&worker->idle, NULL);
}

KairosWorker *
kairos_worker_new (const char *path, KairosDataset *dataset, int n_threads, void (*wake) (gpointer), gpointer user_data)
{
  KairosWorker *worker = g_new0 (KairosWorker, 1);

  worker->path = g_strdup (path);
  worker->dataset = kairos_dataset_ref (dataset);
  worker->runs = g_ptr_array_new ();
  worker->n_threads = n_threads;
  worker->wake = wake;
  worker->user_data = user_data;
  worker->state = KAIROS_WORKER_STARTING;
  worker->busy = worker->exclusive = TRUE;
  init_shared (worker);

  int problem = pthread_create (&worker->thread, NULL, thread_main, worker);
  worker->started = problem == 0;
  if (!worker->started) {
    g_autofree char *text =
        g_strdup_printf ("Training cannot start because the system gives no thread for it (%s).", g_strerror (problem));
    set_own_state (worker, KAIROS_WORKER_FAILED, text);
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
  pthread_cond_broadcast (&worker->boundary);
  pthread_mutex_unlock (&worker->mutex);
  if (worker->started)
    pthread_join (worker->thread, NULL);

  g_queue_clear_full (&worker->commands, (GDestroyNotify) kairos_command_free);
  kairos_ring_clear (&worker->ring);
  pthread_cond_destroy (&worker->idle);
  pthread_cond_destroy (&worker->boundary);
  pthread_cond_destroy (&worker->work);
  pthread_mutex_destroy (&worker->predicting);
  pthread_mutex_destroy (&worker->mutex);
  g_ptr_array_unref (worker->runs);
  kairos_dataset_unref (worker->dataset);
  g_free (worker->path);
  g_free (worker);
}

gboolean
kairos_worker_get_status (KairosWorker *worker, gint64 run, KairosStatus *status)
{
  pthread_mutex_lock (&worker->mutex);
  const KairosOpenRun *open = kairos_worker_find (worker, run);
  *status = open ? open->status : (KairosStatus){ .state = worker->state, .seconds_left = NAN };
  status->dropped = worker->ring.dropped;
  pthread_mutex_unlock (&worker->mutex);
  return open != NULL;
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

/* Waits for a time at which the weights stay as they are; the worker then waits for the end of it. */
static KairosExecutor *
begin_prediction (KairosWorker *worker, gint64 run, guint n_classes)
{
  pthread_mutex_lock (&worker->mutex);
  worker->n_predictions++;
  while (worker->exclusive && !worker->quit)
    pthread_cond_wait (&worker->boundary, &worker->mutex);
  KairosOpenRun *open = worker->quit ? NULL : kairos_worker_find (worker, run);
  KairosExecutor *executor = open && open->n_classes == n_classes ? open->predictor : NULL;
  pthread_mutex_unlock (&worker->mutex);
  return executor;
}

static void
end_prediction (KairosWorker *worker)
{
  pthread_mutex_lock (&worker->mutex);
  worker->n_predictions--;
  pthread_cond_broadcast (&worker->boundary);
  pthread_mutex_unlock (&worker->mutex);
}

gboolean
kairos_worker_predict (KairosWorker *worker, gint64 run, const float *input, float *probabilities, guint n_classes)
{
  const KairosBatch batch = { .n = 1, .input = input };

  pthread_mutex_lock (&worker->predicting);
  KairosExecutor *executor = begin_prediction (worker, run, n_classes);
  if (executor)
    kairos_executor_evaluate (executor, &batch, NULL, probabilities, NULL);
  end_prediction (worker);
  pthread_mutex_unlock (&worker->predicting);
  return executor != NULL;
}

void
kairos_worker_wait (KairosWorker *worker)
{
  pthread_mutex_lock (&worker->mutex);
  while (worker->started && (worker->busy || trains (worker) || worker->commands.length > 0))
    pthread_cond_wait (&worker->idle, &worker->mutex);
  pthread_mutex_unlock (&worker->mutex);
}
