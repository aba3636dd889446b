/* SPDX-License-Identifier: MIT */

/* What the trainer and its checkpoints share. */
#pragma once

#include "kairos/plan.h"
#include "kairos/sampler.h"
#include "kairos/trainer.h"

struct _KairosTrainer {
  KairosConfig *config;
  KairosDataset *dataset;
  KairosSplits *splits;
  KairosFacts *facts;
  KairosPool *pool; /* borrowed */

  KairosNetwork *network;
  KairosExecutor *executor;
  KairosOptimizer *optimizer;

  guint64 step;         /* steps done */
  const guint32 *train; /* ids of the training split, owned by splits */
  guint n_train, steps_per_epoch;
  KairosSampler *sampler;

  int capacity; /* samples that the executor and these hold */
  guint32 *ids, *draws;
  gint32 *labels;
  float *input;
  float *scratch; /* three inputs a thread, for transforms */
  KairosOutcome *outcomes;
  float *buffers_before; /* the network's buffers before the step */

  /* The timeline, and what its events left behind. */
  KairosPlan *plan;
  guint8 *mask;        /* of the parameters, 0 is pruned; NULL: nothing is */
  GPtrArray *kept;     /* of KairosKept: weights to rewind to */
  guint64 happened_at; /* the step whose events happened already, as far as happened says */
  GArray *happened;    /* of guint32: their ids */
  gboolean mark;       /* a checkpoint is wanted */
  GArray *spans;       /* of KairosSpan: what is frozen */

  /* Made when a clip needs them first. */
  float *weights_before; /* noise: the parameters without it */
  float *other_input;    /* mixup: as large as input */
  gint32 *other_labels;
  KairosRoom room;         /* of these, as much as a plan asked for so far */
  KairosGradient gradient; /* further gradients: vectors, floats, labels, ids and buffers are the trainer's */
};

/* Weights kept by a checkpoint event. */
typedef struct {
  char *name;
  float *parameters, *buffers;
} KairosKept;

void kairos_kept_free (gpointer kept);
/* with room; takes the place of one of that name */
KairosKept *kairos_trainer_keep (KairosTrainer *trainer, const char *name);

/* ---- trainer-timeline.c: what clips and events do to a step ---- */

/* The timeline made ready for this training. */
KairosPlan *kairos_trainer_plan (KairosTrainer *trainer, KairosTimeline *timeline, GError **error);
/* As without any event: at the start, and before restoring. */
void kairos_trainer_forget_events (KairosTrainer *trainer);
/* Adds the noise of this step to the weights; after the gradient, end_noise takes it back where the noise is
 * anticorrelated. */
void kairos_trainer_begin_noise (KairosTrainer *trainer, const KairosRegime *regime);
void kairos_trainer_end_noise (KairosTrainer *trainer, const KairosRegime *regime);
void kairos_trainer_undo_noise (KairosTrainer *trainer, const KairosRegime *regime); /* the step does not happen */
/* Mixes the batch with itself. */
void kairos_trainer_mix (KairosTrainer *trainer, const KairosRegime *regime, KairosBatch *batch);
/* Loss, outcomes and the gradient in the executor, with what the regime adds to it. */
double kairos_trainer_differentiate (KairosTrainer *trainer, const KairosRegime *regime, const KairosBatch *batch);
/* Tells the optimiser what is frozen. */
void kairos_trainer_freeze (KairosTrainer *trainer, const KairosRegime *regime);
