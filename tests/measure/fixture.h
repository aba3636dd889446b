/* SPDX-License-Identifier: MIT */

/* What tests of probes share: a network on data, ready to be probed. */
#pragma once

#include "kairos/pool.h"
#include "kairos/probe.h"

typedef struct {
  KairosDataset *dataset;
  KairosSplits *splits;
  KairosNetwork *network;
  KairosPool *pool;
  KairosProbeContext *context; /* after step 7, with seed 1 */
} Fixture;

/* spec: of the network, which is initialised; data: as for kairos_dataset_open(), 3000 samples where it is built in. */
Fixture *fixture_new (const char *spec, const char *data, int n_threads);
/* Another context, for a network that is trained with this loss instead of cross-entropy. */
void fixture_set_loss (Fixture *fixture, KairosLoss loss);
/* Steps down the gradient, with batches of 64 training samples, so that there is something to see. */
void fixture_train (Fixture *fixture, KairosLoss loss, int n_steps, float rate);
void fixture_free (Fixture *fixture);

/* A reading with these options, which must succeed; caller unrefs. */
KairosReading *measure (Fixture *fixture, const char *name, const char *estimator, guint samples, guint draws);
double total (Fixture *fixture, const char *name, const char *estimator, guint samples, guint draws);
/* The values of a reading's i-th measure, the whole first. */
const double *values_of (const KairosReading *reading, guint i);

void assert_near (double found, double expected, double tolerance); /* relative */
void assert_same (const KairosReading *a, const KairosReading *b);  /* bit by bit */
/* Refused, with a sentence that has this part. */
void assert_refused (Fixture *fixture, const char *name, const KairosProbeOptions *options, const char *part);
