/* SPDX-License-Identifier: MIT */

/* How the document fills the sample model. */
#pragma once

#include <kairos/document-samples.h>

G_BEGIN_DECLS

/* A model over samples 0 .. n_samples-1, empty at first. */
KairosSampleModel *kairos_sample_model_new (guint n_samples);
/* Shows these ids in this order; takes the array (never NULL).  asked: the person asked for it (another search or
 * order), so it is shown even while frozen; otherwise it follows from training and waits. */
void kairos_sample_model_take (KairosSampleModel *model, guint32 *ids, guint n, gboolean asked);

G_END_DECLS
