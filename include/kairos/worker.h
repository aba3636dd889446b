/* SPDX-License-Identifier: MIT */

/* The worker: one thread that owns the runner, a queue of commands into it, telemetry out of it.
 *
 * Commands take effect at the next step boundary.  Telemetry goes through a ring: order is kept; step records may be
 * dropped (and are counted) when the reader cannot keep up, all others never.  A paused worker uses no CPU.  Threads of
 * the worker and its pool run at lower priority than the window (nice +10). pthreads and C11 atomics only, so that
 * ThreadSanitizer sees everything.
 */
#pragma once

#include <kairos/runner.h>

G_BEGIN_DECLS

typedef struct _KairosWorker KairosWorker;

typedef enum {
  KAIROS_WORKER_STARTING, /* building the network, restoring the checkpoint */
  KAIROS_WORKER_PAUSED,
  KAIROS_WORKER_TRAINING,
  KAIROS_WORKER_EVALUATING,
  KAIROS_WORKER_FINISHED, /* all epochs done; playing on needs more epochs */
  KAIROS_WORKER_DIVERGED, /* loss not finite: paused, weights as before the bad step */
  KAIROS_WORKER_FAILED,   /* see the message: nothing can go on */
} KairosWorkerState;

typedef enum {
  KAIROS_EVENT_STEP,       /* .step */
  KAIROS_EVENT_EPOCH,      /* .epoch */
  KAIROS_EVENT_STATE,      /* .state, .text: a sentence for DIVERGED and FAILED, else NULL */
  KAIROS_EVENT_APPLIED,    /* .text: "learning-rate=0.05", .at: the step before which it took effect */
  KAIROS_EVENT_CHECKPOINT, /* .at */
  KAIROS_EVENT_REWOUND,    /* .at: later records are void; comes once at the start too, as a crash may have left some */
  KAIROS_EVENT_RUN,      /* .run: a new run began; .at: up to and with this step it has the records of the one before */
  KAIROS_EVENT_TESTED,   /* .test */
  KAIROS_EVENT_TIMELINE, /* .timeline: the one in force now; .at: the step before which it took effect */
  /* .text: something the person should read (a write failed, say); training goes on or is paused as .state says next */
  KAIROS_EVENT_MESSAGE,
} KairosEventType;

typedef struct {
  KairosEventType type;
  guint64 at;
  union {
    KairosStepRecord step;
    KairosEpochRecord epoch;
    KairosWorkerState state;
    gint64 run;
    KairosEvaluation test;
    KairosTimeline *timeline; /* owned by the event */
  };
  char *text; /* owned by the event */
} KairosEvent;

/* What the transport shows, read at any time. */
typedef struct {
  KairosWorkerState state;
  guint64 step;
  guint steps_per_epoch;
  double epoch;             /* time in epochs */
  int epochs;               /* planned */
  double images_per_second; /* over about the last second of training; 0 when not training */
  double seconds_left;      /* to the planned end at this rate, evaluations counted; NaN when unknown */
  guint64 dropped;          /* step records dropped so far */
} KairosStatus;

/* Opens its own connection to the session at path.  n_threads 0: all cores.  wake is called from the worker's thread
 * when events are waiting: at least once after the last event, coalesced; it must only schedule.  Never blocks:
 * problems come as events. */
KairosWorker *kairos_worker_new (const char *path, KairosDataset *dataset, KairosFacts *facts, int n_threads,
                                 void (*wake) (gpointer), gpointer user_data);
/* Stops at the next step boundary, writes everything, joins. */
void kairos_worker_free (KairosWorker *worker);

void kairos_worker_play (KairosWorker *worker); /* when all epochs are done: as stop, state FINISHED */
void kairos_worker_pause (KairosWorker *worker);
void kairos_worker_step (KairosWorker *worker);    /* one step, then pause */
void kairos_worker_epoch (KairosWorker *worker);   /* to the end of this epoch, then pause */
void kairos_worker_stop (KairosWorker *worker);    /* pause, checkpoint for good, evaluate the test split */
void kairos_worker_restart (KairosWorker *worker); /* new run from the initial weights, paused */
/* A new run with this timeline: see kairos_runner_branch().  Goes on training if it was; answered by RUN and TIMELINE,
 * after a MESSAGE where it was refused. */
void kairos_worker_branch (KairosWorker *worker, KairosTimeline *timeline, double at);
void kairos_worker_checkpoint (KairosWorker *worker);
/* id as in KairosCheckpointInfo, 0 the newest; paused afterwards */
void kairos_worker_restore (KairosWorker *worker, gint64 id);
/* a hyper-parameter; answered by APPLIED or MESSAGE */
void kairos_worker_set (KairosWorker *worker, const char *name, const char *text);
/* The whole timeline as the person edited it.  At the next step the past of the present one goes before its future;
 * answered by TIMELINE, after a MESSAGE where it was refused and the old one stays in force. */
void kairos_worker_set_timeline (KairosWorker *worker, KairosTimeline *timeline);
/* A clip or event in the file form without its times: it begins at the next step and is marked as recorded; clips last
 * to the planned end, until they are released.  Answered by TIMELINE, or MESSAGE. */
void kairos_worker_intervene (KairosWorker *worker, const char *clip_json);
/* Ends a clip that is in force, at the next step.  Answered by TIMELINE, or MESSAGE. */
void kairos_worker_release (KairosWorker *worker, guint32 clip);
void kairos_worker_set_speed (KairosWorker *worker, double steps_per_second); /* for class; 0 no limit */
void kairos_worker_set_threads (KairosWorker *worker, int n_threads);

void kairos_worker_get_status (KairosWorker *worker, KairosStatus *status);
/* Takes up to max waiting events, oldest first; returns how many.  Clear each with kairos_event_clear().  When max came
 * out, call again: wake() is next called for the first event after the ring was empty. */
guint kairos_worker_drain (KairosWorker *worker, KairosEvent *events, guint max);
void kairos_event_clear (KairosEvent *event);
/* Class probabilities of one input (input size floats) with the weights of the last step boundary; safe while training
 * (waits for at most a step). */
gboolean kairos_worker_predict (KairosWorker *worker, const float *input, float *probabilities, guint n_classes);
/* Blocks until the commands sent so far have been taken and the worker is not training (tests, kairosctl). */
void kairos_worker_wait (KairosWorker *worker);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosWorker, kairos_worker_free)

G_END_DECLS
