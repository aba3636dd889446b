/* SPDX-License-Identifier: MIT */

/* What the worker is told to do: a function a command, which its thread runs at a step boundary, and the calls that put
 * one into the queue.  A function returns FALSE with an error where it did nothing, which becomes the answer. */
#include "worker-private.h"

#include <math.h>

void
kairos_command_free (KairosCommand *command)
{
  g_free (command->name);
  g_free (command->text);
  kairos_timeline_unref (command->timeline);
  g_clear_pointer (&command->clip, json_object_unref);
  g_free (command);
}

/* ---- Training ---- */

static gboolean
train_until (KairosOpenRun *open, guint64 step, GError **error)
{
  if (kairos_runner_is_finished (open->runner)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "All %d epochs are done; plan more epochs to train on.",
                 kairos_trainer_get_config (kairos_runner_get_trainer (open->runner))->epochs);
    kairos_open_run_rest (open);
    return FALSE;
  }
  open->stop_at = step;
  open->worker->next_at = g_get_monotonic_time ();
  kairos_rate_resume (&open->rate, open->worker->next_at);
  kairos_open_run_set_state (open, KAIROS_WORKER_TRAINING, NULL);
  return TRUE;
}

static gboolean
do_play (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  return train_until (open, G_MAXUINT64, error);
}

static gboolean
do_step (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  return train_until (open, kairos_trainer_get_step (kairos_runner_get_trainer (open->runner)) + 1, error);
}

static gboolean
do_epoch (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  KairosTrainer *trainer = kairos_runner_get_trainer (open->runner);
  guint per_epoch = kairos_trainer_get_steps_per_epoch (trainer);

  return train_until (open, (kairos_trainer_get_step (trainer) / per_epoch + 1) * per_epoch, error);
}

static gboolean
do_pause (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  if (kairos_open_run_get_state (open) != KAIROS_WORKER_DIVERGED)
    kairos_open_run_rest (open);
  return kairos_runner_flush (open->runner, error);
}

static gboolean
do_stop (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  return kairos_open_run_stop_and_keep (open, error);
}

/* ---- Which runs are open ---- */

static gboolean
do_open (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  if (!open)
    return kairos_worker_add_run (worker, command->run, 0, error) != NULL;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "Run %" G_GINT64_FORMAT " is open already.", command->run);
  return FALSE;
}

static gboolean
do_close (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  kairos_worker_remove_run (worker, open);
  return TRUE;
}

/* Another run in the place of one that is open.  Where it cannot be opened the old one stays, and is the current one.
 */
static gboolean
replace (KairosWorker *worker, KairosOpenRun *old, gint64 run, gboolean trains, GError **error)
{
  KairosOpenRun *open = kairos_worker_add_run (worker, run, old->run, error);

  if (!open) {
    kairos_session_set_current (worker->session, old->run, NULL);
    return FALSE;
  }
  kairos_worker_remove_run (worker, old);
  if (trains && !kairos_runner_is_finished (open->runner))
    train_until (open, G_MAXUINT64, NULL);
  return TRUE;
}

static gboolean
do_switch (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  if (command->id == command->run || kairos_worker_find (worker, command->id)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "Run %" G_GINT64_FORMAT " is open already.", command->id);
    return FALSE;
  }
  return kairos_session_set_current (worker->session, command->id, error) &&
         replace (worker, open, command->id, open->training, error);
}

static gboolean
do_restart (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  gint64 run = kairos_runner_restart (open->runner, error);

  return run && replace (worker, open, run, FALSE, error);
}

static gboolean
do_branch (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  gint64 run = kairos_runner_branch (open->runner, command->timeline, command->number, error);

  return run && replace (worker, open, run, open->training, error);
}

/* ---- What is said of runs ---- */

static gboolean
do_rename (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  if (!kairos_session_rename_run (worker->session, command->run, command->text, error))
    return FALSE;
  kairos_worker_describe (worker, command->run);
  return TRUE;
}

static gboolean
do_hide (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  if (!kairos_session_hide_run (worker->session, command->run, command->id != 0, error))
    return FALSE;
  kairos_worker_describe (worker, command->run);
  return TRUE;
}

static gboolean
do_delete (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  if (open) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "Run %" G_GINT64_FORMAT " is open; go to another run before deleting it.", command->run);
    return FALSE;
  }
  if (!kairos_session_delete_run (worker->session, command->run, command->id != 0, error))
    return FALSE;
  if (command->id != 0)
    kairos_worker_push (worker, (KairosEvent){ .type = KAIROS_EVENT_DESCRIBED, .run = command->run });
  else
    kairos_worker_describe (worker, command->run);
  return TRUE;
}

/* ---- Checkpoints ---- */

static gboolean
do_checkpoint (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  return kairos_runner_checkpoint (open->runner, error);
}

static gboolean
do_restore (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  if (!kairos_runner_restore (open->runner, command->id, error))
    return FALSE;
  kairos_open_run_tell_rewound (open);
  kairos_open_run_rest (open);
  return TRUE;
}

/* ---- The plan ---- */

static gboolean
do_set (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  KairosTrainer *trainer = kairos_runner_get_trainer (open->runner);
  KairosWorkerState state = kairos_open_run_get_state (open);

  if (!kairos_runner_set (open->runner, command->name, command->text, error))
    return FALSE;
  kairos_worker_push (worker, (KairosEvent){ .type = KAIROS_EVENT_APPLIED,
                                             .run = open->run,
                                             .at = kairos_trainer_get_step (trainer),
                                             .text = g_strdup_printf ("%s=%s", command->name, command->text) });
  if (state == KAIROS_WORKER_PAUSED || state == KAIROS_WORKER_FINISHED)
    kairos_open_run_rest (open); /* more epochs may be planned now */
  kairos_open_run_update_status (open);
  return TRUE;
}

static gboolean
do_set_timeline (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  gboolean ok = kairos_runner_set_timeline (open->runner, command->timeline, error);

  kairos_open_run_update_status (open);
  return ok;
}

static gboolean
do_intervene (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  return kairos_runner_intervene (open->runner, command->clip, NULL, error);
}

static gboolean
do_release (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  return kairos_runner_release (open->runner, command->id, error);
}

/* ---- Of the worker itself ---- */

static gboolean
do_set_speed (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  worker->speed = MAX (0, command->number);
  worker->next_at = g_get_monotonic_time ();
  return TRUE;
}

/* All runs or none: the first that cannot takes the others back with it. */
static gboolean
do_set_threads (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command, GError **error)
{
  KairosPool *pool = kairos_pool_new (CLAMP (command->id, 0, 256)), *unused = worker->pool;
  guint done = 0;

  while (done < worker->runs->len) {
    KairosOpenRun *each = worker->runs->pdata[done];
    if (!kairos_trainer_set_pool (kairos_runner_get_trainer (each->runner), pool, error))
      break;
    done++;
  }
  gboolean ok = done == worker->runs->len;
  while (!ok && done-- > 0) {
    KairosOpenRun *each = worker->runs->pdata[done];
    if (!kairos_trainer_set_pool (kairos_runner_get_trainer (each->runner), worker->pool, NULL))
      return FALSE; /* no memory to go back either: both pools stay */
  }
  if (ok)
    worker->pool = pool;
  else
    unused = pool;
  kairos_pool_free (unused);
  return ok;
}

/* ---- What others call ---- */

static const KairosCommandKind play = { do_play }, pause_ = { do_pause, TRUE }, step = { do_step },
                               epoch = { do_epoch }, stop = { do_stop, TRUE }, open_ = { do_open, FALSE, TRUE },
                               close_ = { do_close, TRUE }, switch_ = { do_switch, TRUE },
                               restart = { do_restart, TRUE }, branch = { do_branch, TRUE },
                               checkpoint = { do_checkpoint }, restore = { do_restore, TRUE }, set = { do_set },
                               set_timeline = { do_set_timeline }, intervene = { do_intervene },
                               release = { do_release }, rename_ = { do_rename, FALSE, TRUE },
                               hide = { do_hide, FALSE, TRUE }, delete_ = { do_delete, FALSE, TRUE },
                               set_speed = { do_set_speed, FALSE, TRUE }, set_threads = { do_set_threads, FALSE, TRUE };

static guint
send (KairosWorker *worker, const KairosCommand *command)
{
  KairosCommand *sent = g_memdup2 (command, sizeof *command);

  pthread_mutex_lock (&worker->mutex);
  guint request = sent->request = ++worker->n_requests;
  g_queue_push_tail (&worker->commands, sent);
  if (sent->kind->cuts)
    g_atomic_int_inc (&worker->cancel);
  pthread_cond_signal (&worker->work);
  pthread_mutex_unlock (&worker->mutex);
  return request;
}

guint
kairos_worker_open (KairosWorker *worker, gint64 run)
{
  return send (worker, &(KairosCommand){ .kind = &open_, .run = run });
}

guint
kairos_worker_close (KairosWorker *worker, gint64 run)
{
  return send (worker, &(KairosCommand){ .kind = &close_, .run = run });
}

guint
kairos_worker_switch (KairosWorker *worker, gint64 from, gint64 run)
{
  return send (worker, &(KairosCommand){ .kind = &switch_, .run = from, .id = run });
}

guint
kairos_worker_rename (KairosWorker *worker, gint64 run, const char *name)
{
  return send (worker, &(KairosCommand){ .kind = &rename_, .run = run, .text = g_strdup (name) });
}

guint
kairos_worker_hide (KairosWorker *worker, gint64 run, gboolean hidden)
{
  return send (worker, &(KairosCommand){ .kind = &hide, .run = run, .id = hidden != FALSE });
}

guint
kairos_worker_delete (KairosWorker *worker, gint64 run, gboolean deleted)
{
  return send (worker, &(KairosCommand){ .kind = &delete_, .run = run, .id = deleted != FALSE });
}

guint
kairos_worker_play (KairosWorker *worker, gint64 run)
{
  return send (worker, &(KairosCommand){ .kind = &play, .run = run });
}

guint
kairos_worker_pause (KairosWorker *worker, gint64 run)
{
  return send (worker, &(KairosCommand){ .kind = &pause_, .run = run });
}

guint
kairos_worker_step (KairosWorker *worker, gint64 run)
{
  return send (worker, &(KairosCommand){ .kind = &step, .run = run });
}

guint
kairos_worker_epoch (KairosWorker *worker, gint64 run)
{
  return send (worker, &(KairosCommand){ .kind = &epoch, .run = run });
}

guint
kairos_worker_stop (KairosWorker *worker, gint64 run)
{
  return send (worker, &(KairosCommand){ .kind = &stop, .run = run });
}

guint
kairos_worker_restart (KairosWorker *worker, gint64 run)
{
  return send (worker, &(KairosCommand){ .kind = &restart, .run = run });
}

guint
kairos_worker_branch (KairosWorker *worker, gint64 run, KairosTimeline *timeline, double at)
{
  return send (worker, &(KairosCommand){
                           .kind = &branch, .run = run, .timeline = kairos_timeline_ref (timeline), .number = at });
}

guint
kairos_worker_checkpoint (KairosWorker *worker, gint64 run)
{
  return send (worker, &(KairosCommand){ .kind = &checkpoint, .run = run });
}

guint
kairos_worker_restore (KairosWorker *worker, gint64 run, gint64 id)
{
  return send (worker, &(KairosCommand){ .kind = &restore, .run = run, .id = id });
}

guint
kairos_worker_set (KairosWorker *worker, gint64 run, const char *name, const char *text)
{
  return send (worker, &(KairosCommand){ .kind = &set, .run = run, .name = g_strdup (name), .text = g_strdup (text) });
}

guint
kairos_worker_set_timeline (KairosWorker *worker, gint64 run, KairosTimeline *timeline)
{
  return send (worker,
               &(KairosCommand){ .kind = &set_timeline, .run = run, .timeline = kairos_timeline_ref (timeline) });
}

guint
kairos_worker_intervene (KairosWorker *worker, gint64 run, JsonObject *clip)
{
  return send (worker, &(KairosCommand){ .kind = &intervene, .run = run, .clip = json_object_ref (clip) });
}

guint
kairos_worker_release (KairosWorker *worker, gint64 run, guint32 clip)
{
  return send (worker, &(KairosCommand){ .kind = &release, .run = run, .id = clip });
}

guint
kairos_worker_set_speed (KairosWorker *worker, double steps_per_second)
{
  return send (worker, &(KairosCommand){ .kind = &set_speed, .number = steps_per_second });
}

guint
kairos_worker_set_threads (KairosWorker *worker, int n_threads)
{
  return send (worker, &(KairosCommand){ .kind = &set_threads, .id = n_threads });
}
