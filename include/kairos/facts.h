/* SPDX-License-Identifier: MIT */

/* Per-sample facts: what training says about every sample, for free, from the first epoch on.
 *
 *   KairosFacts *facts = kairos_facts_new (kairos_dataset_get_n_samples (dataset));
 *   kairos_facts_update (facts, n, ids, labels, outcomes, TRUE); // after each batch; outcomes: network.h
 *   kairos_facts_end_epoch (facts);
 *   guint64 generation = kairos_facts_snapshot (facts, table); // in another thread, to sort or draw
 *
 * Written by the worker after each batch, read by the window through snapshots; every call locks for at most one copy
 * of the table (60 000 samples: about 3 MB), so neither side waits noticeably.  They drive sorting, filters, focus,
 * curricula and the label queue, and are part of a checkpoint because what they drive must replay.
 */
#pragma once

#include <kairos/error.h>
#include <kairos/types.h>

G_BEGIN_DECLS

struct _KairosFact {
  /* as in KairosOutcome, of the last time the network looked; NaN before */
  float loss, confidence, truth, el2n, margin;
  float aum;         /* mean margin over the times it was trained on (Pleiss et al. 2020) */
  gint32 prediction; /* -1 before the first look */
  guint32 seen;      /* times trained on */
  guint16 forgotten; /* correct -> wrong between two trainings on it (Toneva et al. 2019) */
  guint8 correct;    /* at the last training on it */
  guint8 ever_correct;
};

KairosFacts *kairos_facts_new (guint n_samples);
KairosFacts *kairos_facts_ref (KairosFacts *facts);
void kairos_facts_unref (KairosFacts *facts);
guint kairos_facts_get_n (KairosFacts *facts);

/* outcomes[i] belongs to sample ids[i]; labels[i] is its label.  trained FALSE: an evaluation, does not count as seen.
 */
void kairos_facts_update (KairosFacts *facts, guint n, const guint32 *ids, const gint32 *labels,
                          const KairosOutcome *outcomes, gboolean trained);
/* Marks the end of an epoch: appends every sample's last loss to its history. */
void kairos_facts_end_epoch (KairosFacts *facts);
/* How many epochs ended so far. */
guint kairos_facts_get_ended (KairosFacts *facts);
KairosFact kairos_facts_get (KairosFacts *facts, guint id);
/* Copies the whole table; out holds n.  Returns a number that grows with every update. */
guint64 kairos_facts_snapshot (KairosFacts *facts, KairosFact *out);
guint64 kairos_facts_get_generation (KairosFacts *facts);
/* One sample's loss at the end of each epoch so far (NaN before its first look).  Caller frees; *n epochs. */
float *kairos_facts_history (KairosFacts *facts, guint id, guint *n);
void kairos_facts_reset (KairosFacts *facts);

/* For checkpoints: the table and how many epochs ended, little-endian, with a version; not the history, which is kept
 * an epoch at a time, below.  from_bytes refuses what does not fit n_samples and then changes nothing; the history of
 * its epochs is unknown (NaN) afterwards. */
GBytes *kairos_facts_to_bytes (KairosFacts *facts);
gboolean kairos_facts_from_bytes (KairosFacts *facts, GBytes *bytes, GError **error);
/* The history's part of one epoch, 0 the first, which must have ended: every sample's loss at its end, 16 bits each,
 * compressed.  A sample's loss comes back as kairos_facts_history() gave it. */
GBytes *kairos_facts_epoch_to_bytes (KairosFacts *facts, guint epoch);
gboolean kairos_facts_epoch_from_bytes (KairosFacts *facts, guint epoch, GBytes *bytes, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosFacts, kairos_facts_unref)

G_END_DECLS
