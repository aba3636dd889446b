/* SPDX-License-Identifier: MIT */

/* What the trainer and its checkpoints share. */
#pragma once

#include "kairos/trainer.h"

struct _KairosTrainer {
  KairosConfig  *config;
  KairosDataset *dataset;
  KairosSplits  *splits;
  KairosFacts   *facts;
  KairosPool    *pool; /* borrowed */

  KairosNetwork   *network;
  KairosExecutor  *executor;
  KairosOptimizer *optimizer;

  guint64        step;    /* steps done */
  const guint32 *train;   /* ids of the training split, owned by splits */
  guint          n_train, steps_per_epoch;
  guint32       *order;   /* this epoch's permutation of 0 .. n_train-1 */
  guint64        ordered; /* the epoch that order is of; G_MAXUINT64: none */

  int            capacity; /* samples that the executor and these hold */
  guint32       *ids;
  gint32        *labels;
  float         *input;
  KairosOutcome *outcomes;
  float         *buffers_before; /* the network's buffers before the step */
};
