/* SPDX-License-Identifier: MIT */

/* The document's inside, shared by document.c (state and telemetry), document-open.c (making one in a thread),
 * document-samples.c (snapshots, query, selection) and document-timeline.c. */
#pragma once

#include <kairos/document-samples.h>
#include <pthread.h>
#include <stdatomic.h>

#include "run-private.h"

G_BEGIN_DECLS

/* The way to the worker for threads that may outlive the document: reference-counted, emptied under its lock when the
 * worker goes. */
typedef struct {
  pthread_mutex_t lock;
  KairosWorker *worker;
} KairosWorkerLink;

struct _KairosDocument {
  GObject parent_instance;

  char *path, *title;
  KairosSession *session;
  KairosNetwork *network; /* its layers; the weights are not those of any run */
  int n_threads;
  KairosDataset *dataset;
  KairosSplits *splits;
  KairosFacts *facts;
  KairosMetrics *metrics;
  char *subtitle;

  GListStore *runs;    /* of KairosRun, by id */
  KairosRun *current;  /* one of them; the document is about it */
  GPtrArray *deleted;  /* of KairosRun, which can still be brought back */
  guint replacing;     /* the request by which another run takes the current one's place; 0: none */
  char *branch;        /* what that is called where it can be undone, NULL: it cannot */
  gboolean play_after; /* play was asked for meanwhile */

  KairosWorker *worker;   /* for the main thread */
  KairosWorkerLink *link; /* for prediction threads */
  GSource *drain;         /* its ready time is set by the worker's thread */
  _Atomic gint64 last_drain;
  gboolean closed;

  /* Snapshot and query (document-samples.c).  A snapshot is a reference-counted box that nobody writes any more once it
   * is shown. */
  KairosFact *snapshot, *spare;
  guint64 generation; /* of the snapshot */
  char *query, *order;
  guint serial, shown; /* count changes of query and order: the newest, and that of what the model shows */
  gboolean refreshing; /* a thread is at it */
  gboolean facts_due;  /* facts moved meanwhile */
  guint refresh_timeout;
  gint64 last_refresh;
  KairosSampleModel *samples;
  GArray *selection; /* of guint32, ascending */
  guint8 *selected;  /* by id */
};

enum {
  KAIROS_DOCUMENT_STATUS_CHANGED,
  KAIROS_DOCUMENT_FACTS_CHANGED,
  KAIROS_DOCUMENT_SELECTION_CHANGED,
  KAIROS_DOCUMENT_MESSAGE,
  KAIROS_DOCUMENT_APPLIED,
  KAIROS_DOCUMENT_TESTED,
  KAIROS_DOCUMENT_N_SIGNALS
};
extern guint kairos_document_signals[KAIROS_DOCUMENT_N_SIGNALS];

/* Starts worker and telemetry of a document that was put together in a thread.  Main thread. */
void kairos_document_start (KairosDocument *document);
void kairos_document_update_subtitle (KairosDocument *document);

void kairos_document_facts_init (KairosDocument *document); /* once dataset, splits and facts are there */
void kairos_document_facts_clear (KairosDocument *document);
void kairos_document_facts_moved (KairosDocument *document); /* telemetry came: take a snapshot when it is time */

void kairos_document_undo_changed (KairosDocument *document);
void kairos_document_state_changed (KairosDocument *document, gboolean trained); /* trained: before */
gboolean kairos_document_is_training (KairosDocument *document);
/* The facts are those of another run now. */
void kairos_document_facts_replaced (KairosDocument *document);

/* ---- document-readings.c ---- */

/* The points of a reading, and the names of their curves. */
void kairos_document_add_reading (KairosDocument *document, gint64 run, const KairosReading *reading);

/* ---- document-runs.c ---- */

KairosRun *kairos_document_find_run (KairosDocument *document,
                                     gint64 run); /* also a deleted one; NULL: there is none */
/* One more, with the curves of its parent up to where it branched.  Takes info. */
KairosRun *kairos_document_add_run (KairosDocument *document, KairosRunInfo *info);
void kairos_document_set_current (KairosDocument *document, KairosRun *run);
void kairos_document_run_described (KairosDocument *document, const KairosEvent *event); /* takes its info */
void kairos_document_run_opened (KairosDocument *document, KairosRun *run, const KairosEvent *event);
void kairos_document_run_closed (KairosDocument *document, KairosRun *run);
/* Of an answer that was a refusal; whoever it is about. */
void kairos_document_refused (KairosDocument *document, const KairosEvent *event);
/* FALSE, and the person was told, while another run takes the current one's place. */
gboolean kairos_document_is_ready (KairosDocument *document);

/* ---- document-timeline.c ---- */

void kairos_document_timeline_arrived (KairosDocument *document, KairosRun *run, const KairosEvent *event);
/* What was shown ahead of the answer is not in force. */
void kairos_document_timeline_refused (KairosDocument *document, KairosRun *run, guint request);
/* From one end of a change to the other, back through a checkpoint where the training has passed it; FALSE: impossible,
 * the person was told. */
gboolean kairos_document_timeline_go (KairosDocument *document, KairosTimeline *from, KairosTimeline *to);
/* The epoch of the checkpoint that this would go back to; NaN for none. */
double kairos_document_timeline_rewinds_to (KairosDocument *document, KairosTimeline *from, KairosTimeline *to);

G_END_DECLS
