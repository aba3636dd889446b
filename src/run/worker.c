/* SPDX-License-Identifier: MIT */

/* The worker thread.
 *
 * INVARIANTS
 *
 *  1. The runner, its trainer and its session belong to the worker's thread alone.  All that is shared is behind one mutex, which is never held
 *     while training, evaluating or writing.
 *  2. `exclusive` is TRUE while weights may change: from leaving a step boundary to the next one, except during evaluations.  Predictions run
 *     only while it is FALSE, holding the mutex; the worker waits at a boundary until no prediction is waiting, so that none starves.
 *  3. `cancel` counts the commands in the queue that should cut an evaluation off.
 *
 *      STARTING --ready--> PAUSED <--pause, step done-- TRAINING <--> EVALUATING
 *          |                  '--play, step, epoch--------^  |  '--all epochs done--> FINISHED
 *          '--cannot--> FAILED                               '--loss not finite--> DIVERGED
 *
 * FINISHED goes back to PAUSED by restart, restore or more epochs, DIVERGED by restart or restore, or to TRAINING by play.
 */
#define _GNU_SOURCE /* pthread_setname_np */

#include "kairos/worker.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "rate.h"
#include "ring.h"

enum { NICE = 10 };

typedef struct _Command Command;
typedef void (*CommandFunc) (KairosWorker *worker, const Command *command);

/* One row a command. */
typedef struct {
  CommandFunc run;
  gboolean    cuts; /* cuts a running evaluation off */
} CommandKind;

struct _Command {
  const CommandKind *kind;
  gint64 id;
  double number;
  char  *name, *text;
  KairosTimeline *timeline;
};

struct _KairosWorker {
  char          *path;
  KairosDataset *dataset;
  KairosFacts   *facts;
  void         (*wake) (gpointer);
  gpointer       user_data;
  pthread_t      thread;
  gboolean       started;

  /* Of the worker's thread alone. */
  int            n_threads;
  KairosPool    *pool;
  KairosSession *session;
  KairosRunner  *runner;
  guint64        stop_at;    /* pause when this step is done */
  double         speed;      /* steps a second, 0 no limit */
  gint64         next_at;    /* with a limit: when the next step may begin */
  gint64         evaluation_began;
  double         epoch_end_seconds; /* what the end of the last epoch took */
  KairosRate     rate;

  /* Shared. */
  pthread_mutex_t mutex;
  pthread_cond_t  work;      /* commands came */
  pthread_cond_t  boundary;  /* exclusive ended, or no prediction is waiting any more */
  pthread_cond_t  idle;      /* nothing more to do */
  GQueue          commands;
  gboolean        busy;      /* a command is being run, or the worker is starting */
  gboolean        training;
  gboolean        quit;
  gboolean        exclusive;
  guint           n_predictions; /* waiting or running */
  KairosExecutor *predictor; /* its own, for one sample */
  KairosPool     *predictor_pool;
  guint           n_classes;
  KairosStatus    status;
  KairosRing      ring;
  gboolean        woken;     /* wake was called and the ring has not been empty since */

  volatile gint   cancel;
};

/* ---- Telemetry ---- */

static void
push (KairosWorker *worker, const KairosEvent *event)
{
  pthread_mutex_lock (&worker->mutex);
  kairos_ring_push (&worker->ring, event);
  gboolean call = !worker->woken;
  worker->woken = TRUE;
  pthread_mutex_unlock (&worker->mutex);
  if (call && worker->wake)
    worker->wake (worker->user_data);
}

static void
say (KairosWorker *worker, KairosEventType type, const char *text)
{
  push (worker, &(KairosEvent){ .type = type, .text = g_strdup (text) });
}

static void
set_state (KairosWorker *worker, KairosWorkerState state, const char *text)
{
  pthread_mutex_lock (&worker->mutex);
  gboolean changed = worker->status.state != state;
  worker->status.state = state;
  worker->training = state == KAIROS_WORKER_TRAINING || (state == KAIROS_WORKER_EVALUATING && worker->training);
  pthread_mutex_unlock (&worker->mutex);
  if (state != KAIROS_WORKER_TRAINING && state != KAIROS_WORKER_EVALUATING)
    kairos_rate_pause (&worker->rate);
  if (changed || text)
    push (worker, &(KairosEvent){ .type = KAIROS_EVENT_STATE, .state = state, .text = g_strdup (text) });
}

static KairosWorkerState
get_state (KairosWorker *worker)
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

  kairos_splits_ids (kairos_trainer_get_splits (kairos_runner_get_trainer (worker->runner)), KAIROS_SPLIT_TRAIN, &n_train);
  return rate > 0 ? epochs * n_train / rate + ceil (epochs) * worker->epoch_end_seconds : NAN;
}

static void
update_status (KairosWorker *worker)
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
step_cb (const KairosStepRecord *record, gpointer user_data)
{
  KairosWorker *worker = user_data;

  kairos_rate_add (&worker->rate, record->n, g_get_monotonic_time ());
  update_status (worker);
  push (worker, &(KairosEvent){ .type = KAIROS_EVENT_STEP, .step = *record });
}

static void
epoch_cb (const KairosEpochRecord *record, gpointer user_data)
{
  KairosWorker *worker = user_data;

  worker->epoch_end_seconds = (double) (g_get_monotonic_time () - worker->evaluation_began) / G_USEC_PER_SEC;
  push (worker, &(KairosEvent){ .type = KAIROS_EVENT_EPOCH, .epoch = *record });
}

static void
checkpoint_cb (guint64 step, double epoch, gpointer user_data)
{
  push (user_data, &(KairosEvent){ .type = KAIROS_EVENT_CHECKPOINT, .at = step });
}

static void
timeline_cb (KairosTimeline *timeline, guint64 step, gpointer user_data)
{
  push (user_data, &(KairosEvent){ .type = KAIROS_EVENT_TIMELINE, .timeline = kairos_timeline_ref (timeline), .at = step });
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
evaluating_cb (gboolean begins, gpointer user_data)
{
  KairosWorker *worker = user_data;
  gint64 now = g_get_monotonic_time ();

  if (begins) {
    worker->evaluation_began = now;
    set_state (worker, KAIROS_WORKER_EVALUATING, NULL);
    open_boundary (worker);
    return;
  }
  kairos_rate_skip (&worker->rate, now - worker->evaluation_began);
  pthread_mutex_lock (&worker->mutex);
  close_boundary (worker);
  gboolean training = worker->training;
  pthread_mutex_unlock (&worker->mutex);
  if (training)
    set_state (worker, KAIROS_WORKER_TRAINING, NULL);
}

/* ---- Commands ---- */

/* TRUE when ok; else the person reads why not.  Clears the error.  (A pointer to it, as arguments may be evaluated before the call that sets it.) */
static gboolean
check (KairosWorker *worker, gboolean ok, GError **error)
{
  if (!ok)
    say (worker, KAIROS_EVENT_MESSAGE, (*error)->message);
  g_clear_error (error);
  return ok;
}

/* PAUSED, or FINISHED when nothing is left to train. */
static void
rest (KairosWorker *worker)
{
  set_state (worker, kairos_runner_is_finished (worker->runner) ? KAIROS_WORKER_FINISHED : KAIROS_WORKER_PAUSED, NULL);
  update_status (worker);
}

static void
test (KairosWorker *worker)
{
  GError *error = NULL;
  KairosEvaluation result;

  if (kairos_runner_finish (worker->runner, &worker->cancel, &result, NULL, &error))
    push (worker, &(KairosEvent){ .type = KAIROS_EVENT_TESTED, .test = result });
  else if (g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_CANCELLED))
    g_clear_error (&error);
  else
    check (worker, FALSE, &error);
}

static void
stop_and_keep (KairosWorker *worker)
{
  GError *error = NULL;

  pthread_mutex_lock (&worker->mutex);
  worker->training = FALSE;
  pthread_mutex_unlock (&worker->mutex);
  test (worker);
  check (worker, kairos_runner_checkpoint (worker->runner, &error), &error);
  rest (worker);
}

static void
train_until (KairosWorker *worker, guint64 step)
{
  if (kairos_runner_is_finished (worker->runner)) {
    g_autofree char *text = g_strdup_printf ("All %d epochs are done; plan more epochs to train on.",
                                             kairos_trainer_get_config (kairos_runner_get_trainer (worker->runner))->epochs);
    say (worker, KAIROS_EVENT_MESSAGE, text);
    rest (worker);
    return;
  }
  worker->stop_at = step;
  worker->next_at = g_get_monotonic_time ();
  kairos_rate_resume (&worker->rate, worker->next_at);
  set_state (worker, KAIROS_WORKER_TRAINING, NULL);
}

static void
run_play (KairosWorker *worker, const Command *command)
{
  train_until (worker, G_MAXUINT64);
}

static void
run_step (KairosWorker *worker, const Command *command)
{
  train_until (worker, kairos_trainer_get_step (kairos_runner_get_trainer (worker->runner)) + 1);
}

static void
run_epoch (KairosWorker *worker, const Command *command)
{
  KairosTrainer *trainer = kairos_runner_get_trainer (worker->runner);
  guint per_epoch = kairos_trainer_get_steps_per_epoch (trainer);

  train_until (worker, (kairos_trainer_get_step (trainer) / per_epoch + 1) * per_epoch);
}

static void
run_pause (KairosWorker *worker, const Command *command)
{
  GError *error = NULL;

  check (worker, kairos_runner_flush (worker->runner, &error), &error);
  if (get_state (worker) != KAIROS_WORKER_DIVERGED)
    rest (worker);
}

static void
run_stop (KairosWorker *worker, const Command *command)
{
  stop_and_keep (worker);
}

static void
run_restart (KairosWorker *worker, const Command *command)
{
  GError *error = NULL;

  if (check (worker, kairos_runner_restart (worker->runner, &error), &error))
    push (worker, &(KairosEvent){ .type = KAIROS_EVENT_RUN, .run = kairos_session_get_run (worker->session) });
  rest (worker);
}

static void
run_checkpoint (KairosWorker *worker, const Command *command)
{
  GError *error = NULL;
  check (worker, kairos_runner_checkpoint (worker->runner, &error), &error);
}

/* For those who hold records that the session has dropped. */
static void
tell_rewound (KairosWorker *worker)
{
  update_status (worker);
  push (worker, &(KairosEvent){ .type = KAIROS_EVENT_REWOUND, .at = kairos_trainer_get_step (kairos_runner_get_trainer (worker->runner)) });
}

static void
run_restore (KairosWorker *worker, const Command *command)
{
  GError *error = NULL;

  if (!check (worker, kairos_runner_restore (worker->runner, command->id, &error), &error))
    return;
  tell_rewound (worker);
  rest (worker);
}

static void
run_set (KairosWorker *worker, const Command *command)
{
  GError *error = NULL;
  KairosTrainer *trainer = kairos_runner_get_trainer (worker->runner);
  KairosWorkerState state = get_state (worker);

  if (check (worker, kairos_runner_set (worker->runner, command->name, command->text, &error), &error)) {
    g_autofree char *text = g_strdup_printf ("%s=%s", command->name, command->text);
    push (worker, &(KairosEvent){ .type = KAIROS_EVENT_APPLIED, .at = kairos_trainer_get_step (trainer), .text = g_steal_pointer (&text) });
  }
  if (state == KAIROS_WORKER_PAUSED || state == KAIROS_WORKER_FINISHED)
    rest (worker);
  update_status (worker);
}

static void
tell_timeline (KairosWorker *worker, KairosTrainer *trainer)
{
  timeline_cb (kairos_trainer_get_timeline (trainer), kairos_trainer_get_step (trainer), worker);
}

/* A refused edit is answered with the timeline that stays in force. */
static void
after_edit (KairosWorker *worker, gboolean ok, GError **error)
{
  if (!check (worker, ok, error))
    tell_timeline (worker, kairos_runner_get_trainer (worker->runner));
}

static void
run_set_timeline (KairosWorker *worker, const Command *command)
{
  GError *error = NULL;
  after_edit (worker, kairos_runner_set_timeline (worker->runner, command->timeline, &error), &error);
}

static void
run_intervene (KairosWorker *worker, const Command *command)
{
  GError *error = NULL;
  g_autoptr (JsonNode) node = json_from_string (command->text, NULL);
  if (!node || !JSON_NODE_HOLDS_OBJECT (node)) {
    say (worker, KAIROS_EVENT_MESSAGE, "A clip is a JSON object like {\"kind\":\"blur\"}.");
    return;
  }
  after_edit (worker, kairos_runner_intervene (worker->runner, json_node_get_object (node), NULL, &error), &error);
}

static void
run_release (KairosWorker *worker, const Command *command)
{
  GError *error = NULL;
  after_edit (worker, kairos_runner_release (worker->runner, command->id, &error), &error);
}

static void
run_set_speed (KairosWorker *worker, const Command *command)
{
  worker->speed = MAX (0, command->number);
  worker->next_at = g_get_monotonic_time ();
}

static void
run_set_threads (KairosWorker *worker, const Command *command)
{
  KairosPool *pool = kairos_pool_new (CLAMP (command->id, 0, 256));
  GError *error = NULL;

  if (!check (worker, kairos_trainer_set_pool (kairos_runner_get_trainer (worker->runner), pool, &error), &error)) {
    kairos_pool_free (pool);
    return;
  }
  kairos_pool_free (worker->pool);
  worker->pool = pool;
}

static const CommandKind play = { run_play }, pause_ = { run_pause, TRUE }, step = { run_step }, epoch = { run_epoch }, stop = { run_stop, TRUE },
                         restart = { run_restart, TRUE }, checkpoint = { run_checkpoint }, restore = { run_restore, TRUE }, set = { run_set },
                         set_timeline = { run_set_timeline }, intervene = { run_intervene }, release = { run_release },
                         set_speed = { run_set_speed }, set_threads = { run_set_threads };

static void
command_free (Command *command)
{
  g_free (command->name);
  g_free (command->text);
  kairos_timeline_unref (command->timeline);
  g_free (command);
}

static void
send (KairosWorker *worker, const Command *command)
{
  pthread_mutex_lock (&worker->mutex);
  g_queue_push_tail (&worker->commands, g_memdup2 (command, sizeof *command));
  if (command->kind->cuts)
    g_atomic_int_inc (&worker->cancel);
  pthread_cond_signal (&worker->work);
  pthread_mutex_unlock (&worker->mutex);
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
  const KairosRunnerCallbacks callbacks = {
    .step = step_cb, .epoch = epoch_cb, .checkpoint = checkpoint_cb, .timeline = timeline_cb, .evaluating = evaluating_cb
  };

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

/* Waits for the next thing to do and leaves the step boundary.  TRUE: *command, or a step when that is NULL.  FALSE: the end. */
static gboolean
next (KairosWorker *worker, Command **command)
{
  gboolean go_on;

  open_boundary (worker);
  pthread_mutex_lock (&worker->mutex);
  worker->busy = FALSE;
  for (;;) {
    *command = g_queue_pop_head (&worker->commands);
    go_on = *command || !worker->quit;
    if (*command || worker->quit || (worker->training && (worker->speed == 0 || worker->next_at <= g_get_monotonic_time ())))
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
    worker->next_at = MAX (worker->next_at, g_get_monotonic_time () - G_USEC_PER_SEC / 10) + (gint64) (G_USEC_PER_SEC / worker->speed);
  if (kairos_runner_step (worker->runner, &worker->cancel, &error)) {
    KairosTrainer *trainer = kairos_runner_get_trainer (worker->runner);
    if (kairos_runner_is_finished (worker->runner))
      stop_and_keep (worker);
    else if (kairos_trainer_get_step (trainer) >= worker->stop_at && !kairos_trainer_epoch_is_due (trainer))
      rest (worker);
  } else if (g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_DIVERGED)) {
    set_state (worker, KAIROS_WORKER_DIVERGED, error->message);
  } else {
    say (worker, KAIROS_EVENT_MESSAGE, error->message);
    rest (worker);
  }
  update_status (worker);
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
    check (worker, kairos_runner_close (worker->runner, &error), &error);
  kairos_session_close (worker->session);
  kairos_pool_free (worker->pool);
}

static gpointer
thread_main (gpointer data)
{
  KairosWorker *worker = data;
  g_autoptr (GError) error = NULL;
  Command *command;

  lower_priority ();
  gboolean ok = start (worker, &error);
  if (ok) {
    tell_rewound (worker);
    tell_timeline (worker, kairos_runner_get_trainer (worker->runner));
    rest (worker);
  } else
    set_state (worker, KAIROS_WORKER_FAILED, error->message);
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
kairos_worker_new (const char *path, KairosDataset *dataset, KairosFacts *facts, int n_threads, void (*wake) (gpointer), gpointer user_data)
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
    g_autofree char *text = g_strdup_printf ("Training cannot start because the system gives no thread for it (%s).", g_strerror (problem));
    set_state (worker, KAIROS_WORKER_FAILED, text);
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
kairos_worker_play (KairosWorker *worker)
{
  send (worker, &(Command){ .kind = &play });
}

void
kairos_worker_pause (KairosWorker *worker)
{
  send (worker, &(Command){ .kind = &pause_ });
}

void
kairos_worker_step (KairosWorker *worker)
{
  send (worker, &(Command){ .kind = &step });
}

void
kairos_worker_epoch (KairosWorker *worker)
{
  send (worker, &(Command){ .kind = &epoch });
}

void
kairos_worker_stop (KairosWorker *worker)
{
  send (worker, &(Command){ .kind = &stop });
}

void
kairos_worker_restart (KairosWorker *worker)
{
  send (worker, &(Command){ .kind = &restart });
}

void
kairos_worker_checkpoint (KairosWorker *worker)
{
  send (worker, &(Command){ .kind = &checkpoint });
}

void
kairos_worker_restore (KairosWorker *worker, gint64 id)
{
  send (worker, &(Command){ .kind = &restore, .id = id });
}

void
kairos_worker_set (KairosWorker *worker, const char *name, const char *text)
{
  send (worker, &(Command){ .kind = &set, .name = g_strdup (name), .text = g_strdup (text) });
}

void
kairos_worker_set_timeline (KairosWorker *worker, KairosTimeline *timeline)
{
  send (worker, &(Command){ .kind = &set_timeline, .timeline = kairos_timeline_ref (timeline) });
}

void
kairos_worker_intervene (KairosWorker *worker, const char *clip_json)
{
  send (worker, &(Command){ .kind = &intervene, .text = g_strdup (clip_json) });
}

void
kairos_worker_release (KairosWorker *worker, guint32 clip)
{
  send (worker, &(Command){ .kind = &release, .id = clip });
}

void
kairos_worker_set_speed (KairosWorker *worker, double steps_per_second)
{
  send (worker, &(Command){ .kind = &set_speed, .number = steps_per_second });
}

void
kairos_worker_set_threads (KairosWorker *worker, int n_threads)
{
  send (worker, &(Command){ .kind = &set_threads, .id = n_threads });
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
