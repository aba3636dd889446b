/* SPDX-License-Identifier: MIT */

/* The squared norm of one sample's weight gradient of a convolution.
 *
 * With the patches U (places x taps) and D = dy (places x filters) the gradient is D' U, and
 *     ||D' U||^2 = sum over pairs of places of (U U') (D D')
 * (the ghost norm; Goodfellow 2015 for dense layers, Bu et al. 2022, arXiv 2205.10683, section 3).  That takes
 * places^2 (taps + filters) multiply-adds, against places taps filters for the gradient itself: whichever is less is
 * done.  The gradient comes from a product of patches, or where there are channels enough, from the convolution's own
 * kernel.  Single-threaded; equal arguments give equal bits whatever `thread` is; allocates nothing.
 */
#pragma once

#include "kernels.h"

G_BEGIN_DECLS

typedef struct _KairosConvNorms KairosConvNorms;

/* method: "ghost", "product", "kernel", or NULL for the cheapest.  conv: of that shape, made for training; borrowed. */
KairosConvNorms *kairos_conv_norms_new (const char *method, const KairosConvShape *shape, KairosConv *conv,
                                        int max_threads);
void kairos_conv_norms_free (KairosConvNorms *norms); /* accepts NULL */
gsize kairos_conv_norms_get_memory (KairosConvNorms *norms);
/* x, dy: of one sample.  With has_bias, of the bias, too. */
double kairos_conv_norms_measure (KairosConvNorms *norms, int thread, const float *x, const float *dy,
                                  gboolean has_bias);

G_END_DECLS
