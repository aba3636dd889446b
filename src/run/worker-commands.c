/* SPDX-License-Identifier: MIT */

/* What the worker is told to do: a function a command, which its thread runs at a step boundary, and the calls that put
 * one into the queue. */
#include "worker-private.h"

#include <math.h>

#include "kairos/json.h"

/* ---- Commands ---- */

/* TRUE when ok; else the person reads why not.  Clears the error.  (A pointer to it, as arguments may be evaluated
 * before the call that sets it.) */
gboolean
kairos_worker_check (KairosWorker *worker, gboolean ok, GError **error)
{
  if (!ok)
    kairos_worker_say (worker, KAIROS_EVENT_MESSAGE, (*error)->message);
  g_clear_error (error);
  return ok;
}

/* PAUSED, or FINISHED when nothing is left to train. */
void
kairos_worker_rest (KairosWorker *worker)
{
  kairos_worker_set_state (worker,
                           kairos_runner_is_finished (worker->runner) ? KAIROS_WORKER_FINISHED : KAIROS_WORKER_PAUSED,
                           NULL);
  kairos_worker_update_status (worker);
}

static void
test (KairosWorker *worker)
{
  GError *error = NULL;
  KairosEvaluation result;

  if (kairos_runner_finish (worker->runner, &worker->cancel, &result, NULL, &error))
    kairos_worker_push (worker, &(KairosEvent){ .type = KAIROS_EVENT_TESTED, .test = result });
  else if (g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_CANCELLED))
    g_clear_error (&error);
  else
    kairos_worker_check (worker, FALSE, &error);
}

void
kairos_worker_stop_and_keep (KairosWorker *worker)
{
  GError *error = NULL;

  pthread_mutex_lock (&worker->mutex);
  worker->training = FALSE;
  pthread_mutex_unlock (&worker->mutex);
  test (worker);
  kairos_worker_check (worker, kairos_runner_checkpoint (worker->runner, &error), &error);
  kairos_worker_rest (worker);
}

static void
train_until (KairosWorker *worker, guint64 step)
{
  if (kairos_runner_is_finished (worker->runner)) {
    g_autofree char *text =
        g_strdup_printf ("All %d epochs are done; plan more epochs to train on.",
                         kairos_trainer_get_config (kairos_runner_get_trainer (worker->runner))->epochs);
    kairos_worker_say (worker, KAIROS_EVENT_MESSAGE, text);
    kairos_worker_rest (worker);
    return;
  }
  worker->stop_at = step;
  worker->next_at = g_get_monotonic_time ();
  kairos_rate_resume (&worker->rate, worker->next_at);
  kairos_worker_set_state (worker, KAIROS_WORKER_TRAINING, NULL);
}

static void
run_play (KairosWorker *worker, const KairosCommand *command)
{
  train_until (worker, G_MAXUINT64);
}

static void
run_step (KairosWorker *worker, const KairosCommand *command)
{
  train_until (worker, kairos_trainer_get_step (kairos_runner_get_trainer (worker->runner)) + 1);
}

static void
run_epoch (KairosWorker *worker, const KairosCommand *command)
{
  KairosTrainer *trainer = kairos_runner_get_trainer (worker->runner);
  guint per_epoch = kairos_trainer_get_steps_per_epoch (trainer);

  train_until (worker, (kairos_trainer_get_step (trainer) / per_epoch + 1) * per_epoch);
}

static void
run_pause (KairosWorker *worker, const KairosCommand *command)
{
  GError *error = NULL;

  kairos_worker_check (worker, kairos_runner_flush (worker->runner, &error), &error);
  if (kairos_worker_get_state (worker) != KAIROS_WORKER_DIVERGED)
    kairos_worker_rest (worker);
}

static void
run_stop (KairosWorker *worker, const KairosCommand *command)
{
  kairos_worker_stop_and_keep (worker);
}

static void
tell_run (KairosWorker *worker)
{
  kairos_worker_push (worker,
                      &(KairosEvent){ .type = KAIROS_EVENT_RUN,
                                      .run = kairos_session_get_run (worker->session),
                                      .at = kairos_trainer_get_step (kairos_runner_get_trainer (worker->runner)) });
}

static void
run_restart (KairosWorker *worker, const KairosCommand *command)
{
  GError *error = NULL;

  if (kairos_worker_check (worker, kairos_runner_restart (worker->runner, &error), &error))
    tell_run (worker);
  kairos_worker_rest (worker);
}

static void
run_checkpoint (KairosWorker *worker, const KairosCommand *command)
{
  GError *error = NULL;
  kairos_worker_check (worker, kairos_runner_checkpoint (worker->runner, &error), &error);
}

/* For those who hold records that the session has dropped. */
void
kairos_worker_tell_rewound (KairosWorker *worker)
{
  kairos_worker_update_status (worker);
  kairos_worker_push (worker,
                      &(KairosEvent){ .type = KAIROS_EVENT_REWOUND,
                                      .at = kairos_trainer_get_step (kairos_runner_get_trainer (worker->runner)) });
}

static void
run_restore (KairosWorker *worker, const KairosCommand *command)
{
  GError *error = NULL;

  if (!kairos_worker_check (worker, kairos_runner_restore (worker->runner, command->id, &error), &error))
    return;
  kairos_worker_tell_rewound (worker);
  kairos_worker_rest (worker);
}

static void
run_set (KairosWorker *worker, const KairosCommand *command)
{
  GError *error = NULL;
  KairosTrainer *trainer = kairos_runner_get_trainer (worker->runner);
  KairosWorkerState state = kairos_worker_get_state (worker);

  if (kairos_worker_check (worker, kairos_runner_set (worker->runner, command->name, command->text, &error), &error)) {
    g_autofree char *text = g_strdup_printf ("%s=%s", command->name, command->text);
    kairos_worker_push (worker, &(KairosEvent){ .type = KAIROS_EVENT_APPLIED,
                                                .at = kairos_trainer_get_step (trainer),
                                                .text = g_steal_pointer (&text) });
  }
  if (state == KAIROS_WORKER_PAUSED || state == KAIROS_WORKER_FINISHED)
    kairos_worker_rest (worker);
  kairos_worker_update_status (worker);
}

void
kairos_worker_tell_timeline (KairosWorker *worker)
{
  KairosTrainer *trainer = kairos_runner_get_trainer (worker->runner);

  kairos_worker_push (worker, &(KairosEvent){ .type = KAIROS_EVENT_TIMELINE,
                                              .timeline = kairos_timeline_ref (kairos_trainer_get_timeline (trainer)),
                                              .at = kairos_trainer_get_step (trainer) });
}

/* A refused edit is answered with the timeline that stays in force. */
static void
after_edit (KairosWorker *worker, gboolean ok, GError **error)
{
  if (!kairos_worker_check (worker, ok, error))
    kairos_worker_tell_timeline (worker);
}

static void
run_set_timeline (KairosWorker *worker, const KairosCommand *command)
{
  GError *error = NULL;
  after_edit (worker, kairos_runner_set_timeline (worker->runner, command->timeline, &error), &error);
}

static void
run_intervene (KairosWorker *worker, const KairosCommand *command)
{
  GError *error = NULL;
  g_autoptr (JsonNode) node = kairos_json_parse (command->text, -1, NULL);
  if (!node || !JSON_NODE_HOLDS_OBJECT (node)) {
    kairos_worker_say (worker, KAIROS_EVENT_MESSAGE, "A clip is a JSON object like {\"kind\":\"blur\"}.");
    return;
  }
  after_edit (worker, kairos_runner_intervene (worker->runner, json_node_get_object (node), NULL, &error), &error);
}

static void
run_release (KairosWorker *worker, const KairosCommand *command)
{
  GError *error = NULL;
  after_edit (worker, kairos_runner_release (worker->runner, command->id, &error), &error);
}

static void
run_branch (KairosWorker *worker, const KairosCommand *command)
{
  GError *error = NULL;
  gint64 run = kairos_session_get_run (worker->session);
  gboolean ok = kairos_runner_branch (worker->runner, command->timeline, command->number, &error);

  if (kairos_session_get_run (worker->session) != run)
    tell_run (worker);
  after_edit (worker, ok, &error);
  if (worker->training)
    kairos_worker_update_status (worker);
  else
    kairos_worker_rest (worker);
}

static void
run_set_speed (KairosWorker *worker, const KairosCommand *command)
{
  worker->speed = MAX (0, command->number);
  worker->next_at = g_get_monotonic_time ();
}

static void
run_set_threads (KairosWorker *worker, const KairosCommand *command)
{
  KairosPool *pool = kairos_pool_new (CLAMP (command->id, 0, 256));
  GError *error = NULL;

  if (!kairos_worker_check (worker, kairos_trainer_set_pool (kairos_runner_get_trainer (worker->runner), pool, &error),
                            &error)) {
    kairos_pool_free (pool);
    return;
  }
  kairos_pool_free (worker->pool);
  worker->pool = pool;
}

static const KairosCommandKind play = { run_play }, pause_ = { run_pause, TRUE }, step = { run_step },
                               epoch = { run_epoch }, stop = { run_stop, TRUE }, restart = { run_restart, TRUE },
                               checkpoint = { run_checkpoint }, restore = { run_restore, TRUE },
                               branch = { run_branch, TRUE }, set = { run_set }, set_timeline = { run_set_timeline },
                               intervene = { run_intervene }, release = { run_release }, set_speed = { run_set_speed },
                               set_threads = { run_set_threads };

static void
send (KairosWorker *worker, const KairosCommand *command)
{
  pthread_mutex_lock (&worker->mutex);
  g_queue_push_tail (&worker->commands, g_memdup2 (command, sizeof *command));
  if (command->kind->cuts)
    g_atomic_int_inc (&worker->cancel);
  pthread_cond_signal (&worker->work);
  pthread_mutex_unlock (&worker->mutex);
}

void
kairos_worker_play (KairosWorker *worker)
{
  send (worker, &(KairosCommand){ .kind = &play });
}

void
kairos_worker_pause (KairosWorker *worker)
{
  send (worker, &(KairosCommand){ .kind = &pause_ });
}

void
kairos_worker_step (KairosWorker *worker)
{
  send (worker, &(KairosCommand){ .kind = &step });
}

void
kairos_worker_epoch (KairosWorker *worker)
{
  send (worker, &(KairosCommand){ .kind = &epoch });
}

void
kairos_worker_stop (KairosWorker *worker)
{
  send (worker, &(KairosCommand){ .kind = &stop });
}

void
kairos_worker_restart (KairosWorker *worker)
{
  send (worker, &(KairosCommand){ .kind = &restart });
}

void
kairos_worker_checkpoint (KairosWorker *worker)
{
  send (worker, &(KairosCommand){ .kind = &checkpoint });
}

void
kairos_worker_branch (KairosWorker *worker, KairosTimeline *timeline, double at)
{
  send (worker, &(KairosCommand){ .kind = &branch, .timeline = kairos_timeline_ref (timeline), .number = at });
}

void
kairos_worker_restore (KairosWorker *worker, gint64 id)
{
  send (worker, &(KairosCommand){ .kind = &restore, .id = id });
}

void
kairos_worker_set (KairosWorker *worker, const char *name, const char *text)
{
  send (worker, &(KairosCommand){ .kind = &set, .name = g_strdup (name), .text = g_strdup (text) });
}

void
kairos_worker_set_timeline (KairosWorker *worker, KairosTimeline *timeline)
{
  send (worker, &(KairosCommand){ .kind = &set_timeline, .timeline = kairos_timeline_ref (timeline) });
}

void
kairos_worker_intervene (KairosWorker *worker, const char *clip_json)
{
  send (worker, &(KairosCommand){ .kind = &intervene, .text = g_strdup (clip_json) });
}

void
kairos_worker_release (KairosWorker *worker, guint32 clip)
{
  send (worker, &(KairosCommand){ .kind = &release, .id = clip });
}

void
kairos_worker_set_speed (KairosWorker *worker, double steps_per_second)
{
  send (worker, &(KairosCommand){ .kind = &set_speed, .number = steps_per_second });
}

void
kairos_worker_set_threads (KairosWorker *worker, int n_threads)
{
  send (worker, &(KairosCommand){ .kind = &set_threads, .id = n_threads });
}
