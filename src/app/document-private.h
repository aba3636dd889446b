/* SPDX-License-Identifier: MIT */

/* The document's inside, shared by document.c (state and telemetry), document-open.c (making one in a thread),
 * document-samples.c (snapshots, query, selection) and document-timeline.c. */
#pragma once

#include <kairos/document-samples.h>
#include <pthread.h>
#include <stdatomic.h>

#include "undo.h"

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
  KairosConfig *config;
  gsize n_weights;
  gint64 run;
  int n_threads;
  KairosDataset *dataset;
  KairosSplits *splits;
  KairosFacts *facts;
  KairosMetrics *metrics;
  KairosUndo *undo;
  char *subtitle;

  KairosWorker *worker;   /* for the main thread */
  KairosWorkerLink *link; /* for prediction threads */
  GSource *drain;         /* its ready time is set by the worker's thread */
  _Atomic gint64 last_drain;
  KairosWorkerState state;
  gboolean closed;

  /* The timeline (document-timeline.c). */
  KairosTimeline *timeline; /* with edits that are still on their way to the worker */
  KairosTimeline *in_force; /* what the worker said last */
  GArray *asked;            /* of guint8: what the worker has not answered yet, oldest first */
  gboolean refused;         /* a message came: the next word on the timeline is that it stays */

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

/* document-timeline.c */
void kairos_document_timeline_init (KairosDocument *document, KairosTimeline *timeline); /* takes it */
void kairos_document_timeline_clear (KairosDocument *document);
void kairos_document_timeline_arrived (KairosDocument *document, KairosTimeline *timeline); /* the worker's word */
void kairos_document_timeline_refused (KairosDocument *document); /* a message came, which may be the answer */
/* From one end of a change to the other, back through a checkpoint where the training has passed it; FALSE: impossible,
 * the person was told. */
gboolean kairos_document_timeline_go (KairosDocument *document, KairosTimeline *from, KairosTimeline *to);
/* The epoch of the checkpoint that this would go back to; NaN for none. */
double kairos_document_timeline_rewinds_to (KairosDocument *document, KairosTimeline *from, KairosTimeline *to);

G_END_DECLS
