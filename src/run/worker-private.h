/* SPDX-License-Identifier: MIT */

/* The worker's inside, shared by worker.c (the thread), worker-runs.c (the runs that are open, and what is told of
 * them) and worker-commands.c (what the worker is told to do). */
#pragma once

#include "kairos/worker.h"

#include <pthread.h>

#include "rate.h"
#include "ring.h"

typedef struct _KairosCommand KairosCommand;

/* A run that is open. */
typedef struct {
  KairosWorker *worker;
  gint64 run;
  KairosRunner *runner;
  KairosFacts *facts;
  guint64 stop_at; /* pause when this step is done */
  gint64 evaluation_began;
  double epoch_end_seconds; /* what the end of the last epoch took */
  gboolean probes_due;      /* it came to rest: what is set to be probed is, before the worker waits */
  KairosRate rate;

  /* Shared, behind the worker's mutex. */
  gboolean training;
  KairosStatus status;
  KairosExecutor *predictor; /* its own, for one sample */
  guint n_classes;
} KairosOpenRun;

/* open: the run that the command names; NULL for commands about none.  FALSE with an error: it was not done. */
typedef gboolean (*KairosCommandFunc) (KairosWorker *worker, KairosOpenRun *open, const KairosCommand *command,
                                       GError **error);

/* One row a command. */
typedef struct {
  KairosCommandFunc func;
  gboolean cuts;   /* cuts a running evaluation off */
  gboolean is_any; /* is about no run that is open */
} KairosCommandKind;

struct _KairosCommand {
  const KairosCommandKind *kind;
  guint request;
  gint64 run, id;
  double number;
  char *name, *text;
  KairosTimeline *timeline;
  JsonObject *clip;
};

struct _KairosWorker {
  char *path;
  KairosDataset *dataset;
  void (*wake) (gpointer);
  gpointer user_data;
  pthread_t thread;
  gboolean started;

  /* Of the worker's thread alone; `runs` is changed with the mutex held, as others look at it. */
  int n_threads;
  KairosPool *pool;
  KairosSession *session;
  GPtrArray *runs; /* of KairosOpenRun */
  guint turn;      /* whose step is next */
  guint request;   /* of the command that is being done; 0: none */
  double speed;    /* steps a second, 0 no limit */
  gint64 next_at;  /* with a limit: when the next step may begin */

  /* Shared. */
  pthread_mutex_t mutex;
  pthread_cond_t work;     /* commands came */
  pthread_cond_t boundary; /* exclusive ended, or no prediction is waiting any more */
  pthread_cond_t idle;     /* nothing more to do */
  GQueue commands;
  guint n_requests;
  gboolean busy; /* a command is being run, or the worker is starting */
  gboolean quit;
  gboolean exclusive;
  guint n_predictions; /* waiting or running */
  KairosPool *predictor_pool;
  KairosWorkerState state; /* STARTING, PAUSED, FAILED: of the worker itself */
  KairosRing ring;
  gboolean woken; /* wake was called and the ring has not been empty since */

  pthread_mutex_t predicting; /* one prediction at a time; held without the other */
  volatile gint cancel;
};

/* ---- worker-runs.c; from the worker's thread ---- */

/* event gets the request that is being done. */
void kairos_worker_push (KairosWorker *worker, KairosEvent event);
/* The person reads why something was not done: as the answer to a command or by itself.  Clears the error. */
void kairos_worker_tell (KairosWorker *worker, gint64 run, GError **error);
void kairos_open_run_set_state (KairosOpenRun *open, KairosWorkerState state, const char *text);
KairosWorkerState kairos_open_run_get_state (KairosOpenRun *open);
void kairos_open_run_update_status (KairosOpenRun *open);
/* PAUSED, or FINISHED when nothing is left to train. */
void kairos_open_run_rest (KairosOpenRun *open);
gboolean kairos_open_run_stop_and_keep (KairosOpenRun *open, GError **error);
void kairos_open_run_tell_timeline (KairosOpenRun *open);
/* For those who hold records that the session has dropped. */
void kairos_open_run_tell_rewound (KairosOpenRun *open);

/* What the session says of a run now; a failure is told. */
void kairos_worker_describe (KairosWorker *worker, gint64 run);

KairosOpenRun *kairos_worker_find (KairosWorker *worker, gint64 run); /* also from other threads, with the mutex held */
/* Opens a run and tells all about it.  from: it takes the place of that one; 0: of none. */
KairosOpenRun *kairos_worker_add_run (KairosWorker *worker, gint64 run, gint64 from, GError **error);
/* Writes what is left and closes it; an error is told. */
void kairos_worker_remove_run (KairosWorker *worker, KairosOpenRun *open);

/* ---- worker.c ---- */

void kairos_worker_open_boundary (KairosWorker *worker);
void kairos_worker_close_boundary (KairosWorker *worker); /* with the mutex held */

/* ---- worker-commands.c ---- */

void kairos_command_free (KairosCommand *command);
