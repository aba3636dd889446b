/* SPDX-License-Identifier: MIT */

/* The sampler: which samples the batch of a step holds.  A function of seed, regime and step; what it keeps between two
 * calls only saves work.
 *
 *   sampler = kairos_sampler_new (seed, train, n_train, n_samples, batch);
 *   n = kairos_sampler_batch (sampler, &regime, step, ids, draws);
 *   for (i = 0; i < n; i++)
 *     kairos_regime_transform (&regime, shape, step, ids[i], draws[i], input + i * size, scratch);
 *
 * One thread at a time.
 */
#pragma once

#include <kairos/regime.h>

G_BEGIN_DECLS

/* train: n_train ids, borrowed. */
KairosSampler *kairos_sampler_new (guint64 seed, const guint32 *train, guint n_train, guint n_samples, guint batch);
void kairos_sampler_free (KairosSampler *sampler); /* accepts NULL */
/* The batch of a step: writes up to batch ids, and draws if not NULL (see KairosTransform); returns how many.  Without
 * samplings, every epoch is one pass over the training split in an order drawn anew.  With them, each place of that
 * order keeps its sample as often as the wanted distribution allows and else draws from what is missing (the maximal
 * coupling of the two): the distribution is exact, as little as possible changes, and weights that are all equal change
 * nothing. */
guint kairos_sampler_batch (KairosSampler *sampler, const KairosRegime *regime, guint64 step, guint32 *ids,
                            guint32 *draws);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosSampler, kairos_sampler_free)

G_END_DECLS
