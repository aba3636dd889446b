/* SPDX-License-Identifier: MIT */

/* A small training to make plans for: drawn digits, or shapes in colour, or points. */
#pragma once

#include <kairos/plan.h>

typedef struct {
  KairosDataset *dataset;
  KairosSplits *splits;
  KairosFacts *facts;
  KairosNetwork *network;
  const guint32 *train;
  guint n_train;
  KairosPlanContext context;
} Fixture;

enum { FIXTURE_BATCH = 32 };

/* network: with as many outputs as the data has classes. */
Fixture *fixture_new (const char *data, int samples, const char *network);
void fixture_free (Fixture *fixture);
/* A timeline with these clips, each an object as text, on a track each; events come last.  NULL ends the list. */
KairosPlan *fixture_plan (Fixture *fixture, const char *clip, ...) G_GNUC_NULL_TERMINATED;
/* The same, which has to be refused with this in the message. */
void fixture_refuses (Fixture *fixture, const char *part, const char *clip);
KairosRegime fixture_regime (Fixture *fixture, KairosPlan *plan, guint64 step);
/* Pretends that the network looked at every sample; loss by id. */
void fixture_look (Fixture *fixture, float (*loss) (guint id), gboolean correct);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)
