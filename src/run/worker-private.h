/* SPDX-License-Identifier: MIT */

/* The worker's inside, shared by worker.c (the thread and what it tells) and worker-commands.c (what it is told to do).
 */
#pragma once

#include "kairos/worker.h"

#include <pthread.h>

#include "rate.h"
#include "ring.h"

typedef struct _KairosCommand KairosCommand;
typedef void (*KairosCommandFunc) (KairosWorker *worker, const KairosCommand *command);

/* One row a command. */
typedef struct {
  KairosCommandFunc run;
  gboolean cuts; /* cuts a running evaluation off */
} KairosCommandKind;

struct _KairosCommand {
  const KairosCommandKind *kind;
  gint64 id;
  double number;
  char *name, *text;
  KairosTimeline *timeline;
};

struct _KairosWorker {
  char *path;
  KairosDataset *dataset;
  KairosFacts *facts;
  void (*wake) (gpointer);
  gpointer user_data;
  pthread_t thread;
  gboolean started;

  /* Of the worker's thread alone. */
  int n_threads;
  KairosPool *pool;
  KairosSession *session;
  KairosRunner *runner;
  guint64 stop_at; /* pause when this step is done */
  double speed;    /* steps a second, 0 no limit */
  gint64 next_at;  /* with a limit: when the next step may begin */
  gint64 evaluation_began;
  double epoch_end_seconds; /* what the end of the last epoch took */
  KairosRate rate;

  /* Shared. */
  pthread_mutex_t mutex;
  pthread_cond_t work;     /* commands came */
  pthread_cond_t boundary; /* exclusive ended, or no prediction is waiting any more */
  pthread_cond_t idle;     /* nothing more to do */
  GQueue commands;
  gboolean busy; /* a command is being run, or the worker is starting */
  gboolean training;
  gboolean quit;
  gboolean exclusive;
  guint n_predictions;       /* waiting or running */
  KairosExecutor *predictor; /* its own, for one sample */
  KairosPool *predictor_pool;
  guint n_classes;
  KairosStatus status;
  KairosRing ring;
  gboolean woken; /* wake was called and the ring has not been empty since */

  volatile gint cancel;
};

/* ---- worker.c; from the worker's thread ---- */

void kairos_worker_push (KairosWorker *worker, const KairosEvent *event);
void kairos_worker_say (KairosWorker *worker, KairosEventType type, const char *text);
void kairos_worker_set_state (KairosWorker *worker, KairosWorkerState state, const char *text);
KairosWorkerState kairos_worker_get_state (KairosWorker *worker);
void kairos_worker_update_status (KairosWorker *worker);

/* ---- worker-commands.c; from the worker's thread ---- */

/* TRUE when ok; else the person reads why not.  Clears the error.  (A pointer to it, as arguments may be evaluated
 * before the call that sets it.) */
gboolean kairos_worker_check (KairosWorker *worker, gboolean ok, GError **error);
/* PAUSED, or FINISHED when nothing is left to train. */
void kairos_worker_rest (KairosWorker *worker);
void kairos_worker_stop_and_keep (KairosWorker *worker);
/* For those who hold records that the session has dropped. */
void kairos_worker_tell_rewound (KairosWorker *worker);
void kairos_worker_tell_timeline (KairosWorker *worker);
