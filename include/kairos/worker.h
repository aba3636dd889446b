/* SPDX-License-Identifier: MIT */

/* The worker: one thread that owns the session's connection, its training lock, the compute pool and any number of
 * runners, a queue of commands into it, telemetry out of it.
 *
 *   KairosWorker *worker = kairos_worker_new (path, dataset, 0, wake, NULL); // opens the session's current run
 *   guint request = kairos_worker_set (worker, run, "learning-rate", "0.05");
 *   while (kairos_worker_drain (worker, &event, 1) == 1) { // after wake was called
 *     if (event.request == request && event.type == KAIROS_EVENT_REFUSED)
 *       g_print ("%s\n", event.text);
 *     kairos_event_clear (&event);
 *   }
 *
 * Every command names the run it is for and returns the number of the request, 1 the first; every event names the run
 * it is about and, where it comes of a command, that command's request, else 0.  A command that cannot be done is
 * answered by REFUSED and has changed nothing.
 *
 * Commands take effect at the next step boundary.  The runs that train are stepped in turn; what each comes to does not
 * depend on the others.  Telemetry goes through a ring: order is kept; step records may be dropped (and are counted)
 * when the reader cannot keep up, all others never.  A paused worker uses no CPU.  Threads of the worker and its pool
 * run at lower priority than the window (nice +10).  pthreads and C11 atomics only, so that ThreadSanitizer sees
 * everything.
 */
#pragma once

#include <kairos/runner.h>

G_BEGIN_DECLS

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
  KAIROS_EVENT_READING,    /* .reading: what a probe found, or that it was skipped */
  KAIROS_EVENT_STATE,      /* .state, .text: a sentence for DIVERGED and FAILED, else NULL */
  KAIROS_EVENT_APPLIED,    /* .text: "learning-rate=0.05", .at: the step before which it took effect */
  KAIROS_EVENT_CHECKPOINT, /* .at */
  KAIROS_EVENT_REWOUND,    /* .at: later records are void; comes once a run opens too, as a crash may have left some */
  KAIROS_EVENT_DESCRIBED,  /* .info: what there is to know of a run; comes before OPENED, and after each change of it */
  KAIROS_EVENT_OPENED,     /* .opened: a run was opened, or began */
  KAIROS_EVENT_CLOSED,     /* the run is not open any more, all of it is written */
  KAIROS_EVENT_TESTED,     /* .test */
  KAIROS_EVENT_TIMELINE,   /* .timeline: the one in force now; .at: the step before which it took effect */
  KAIROS_EVENT_REFUSED,    /* .text: why the command of this request was not done */
  KAIROS_EVENT_MESSAGE,    /* .text: something the person should read that no command asked for (a write failed, say) */
} KairosEventType;

typedef struct {
  KairosEventType type;
  gint64 run;    /* 0: about none */
  guint request; /* 0: not the answer to one */
  guint64 at;
  union {
    KairosStepRecord step;
    KairosEpochRecord epoch;
    KairosReading *reading; /* owned by the event */
    KairosWorkerState state;
    struct {
      KairosFacts *facts;   /* its own; owned by the event */
      KairosConfig *config; /* the settings in force; owned by the event */
      gint64 from;          /* it takes the place of this run, which closes next; 0: of none */
    } opened;
    KairosRunInfo *info; /* owned by the event; NULL: the run was deleted */
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
  double probe_share;       /* the time that went into probes over that of training */
} KairosStatus;

/* Opens its own connection to the session at path, and its current run.  n_threads 0: all cores.  wake is called from
 * the worker's thread when events are waiting: at least once after the last event, coalesced; it must only schedule.
 * Never blocks: problems come as events. */
KairosWorker *kairos_worker_new (const char *path, KairosDataset *dataset, int n_threads, void (*wake) (gpointer),
                                 gpointer user_data);
/* Stops at the next step boundary, writes everything, joins. */
void kairos_worker_free (KairosWorker *worker);

/* Another run of the session beside those that are open; answered by OPENED. */
guint kairos_worker_open (KairosWorker *worker, gint64 run);
/* Writes what is not written; answered by CLOSED. */
guint kairos_worker_close (KairosWorker *worker, gint64 run);
/* run takes the place of from: it is opened and made the session's current one, trains if from did, and from is closed.
 * Answered by OPENED. */
guint kairos_worker_switch (KairosWorker *worker, gint64 from, gint64 run);

/* What the person says of a run, open or not: see kairos_session_rename_run(), ..._hide_run(), ..._delete_run().
 * Answered by DESCRIBED.  One that is open is not deleted. */
guint kairos_worker_rename (KairosWorker *worker, gint64 run, const char *name);
guint kairos_worker_hide (KairosWorker *worker, gint64 run, gboolean hide);
guint kairos_worker_delete (KairosWorker *worker, gint64 run, gboolean delete);

guint kairos_worker_play (KairosWorker *worker, gint64 run); /* REFUSED when all epochs are done */
guint kairos_worker_pause (KairosWorker *worker, gint64 run);
guint kairos_worker_step (KairosWorker *worker, gint64 run);  /* one step, then pause */
guint kairos_worker_epoch (KairosWorker *worker, gint64 run); /* to the end of the epoch, then pause */
guint kairos_worker_stop (KairosWorker *worker, gint64 run);  /* pause, evaluate on the test split, keep a checkpoint */
/* A new run in the place of this one, from the initial weights, paused.  Answered by OPENED. */
guint kairos_worker_restart (KairosWorker *worker, gint64 run);
/* A new run in the place of this one with this timeline: see kairos_runner_branch().  Trains if the old one did.
 * Answered by OPENED. */
guint kairos_worker_branch (KairosWorker *worker, gint64 run, KairosTimeline *timeline, double at);
guint kairos_worker_checkpoint (KairosWorker *worker, gint64 run);
/* id as in KairosCheckpointInfo, 0 the newest; paused afterwards.  Answered by REWOUND. */
guint kairos_worker_restore (KairosWorker *worker, gint64 run, gint64 id);
/* A hyper-parameter.  Answered by APPLIED. */
guint kairos_worker_set (KairosWorker *worker, gint64 run, const char *name, const char *text);
/* The whole timeline as the person edited it.  At the next step the past of the present one goes before its future;
 * answered by TIMELINE. */
guint kairos_worker_set_timeline (KairosWorker *worker, gint64 run, KairosTimeline *timeline);
/* A clip or event in the file form without its times: it begins at the next step and is marked as recorded; clips last
 * to the planned end, until they are released.  clip is referenced and must not change any more.  Answered by TIMELINE.
 */
guint kairos_worker_intervene (KairosWorker *worker, gint64 run, JsonObject *clip);
/* Ends a clip that is in force, at the next step.  Answered by TIMELINE. */
guint kairos_worker_release (KairosWorker *worker, gint64 run, guint32 clip);
/* Of all runs together, for class; 0 no limit. */
guint kairos_worker_set_speed (KairosWorker *worker, double steps_per_second);
guint kairos_worker_set_threads (KairosWorker *worker, int n_threads);

/* FALSE where the run is not open: status says then how the worker itself is (STARTING, PAUSED, FAILED). */
gboolean kairos_worker_get_status (KairosWorker *worker, gint64 run, KairosStatus *status);
/* Takes up to max waiting events, oldest first; returns how many.  Clear each with kairos_event_clear().  When max came
 * out, call again: wake() is next called for the first event after the ring was empty. */
guint kairos_worker_drain (KairosWorker *worker, KairosEvent *events, guint max);
void kairos_event_clear (KairosEvent *event);
/* Class probabilities of one input (input size floats) with the weights of the last step boundary; from any thread,
 * also while training (waits for at most a step, and for other predictions).  FALSE: the run is not open. */
gboolean kairos_worker_predict (KairosWorker *worker, gint64 run, const float *input, float *probabilities,
                                guint n_classes);
/* Blocks until the commands sent so far have been taken and nothing trains (tests, kairosctl). */
void kairos_worker_wait (KairosWorker *worker);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosWorker, kairos_worker_free)

G_END_DECLS
