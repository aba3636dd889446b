/* SPDX-License-Identifier: MIT */

/* Products of the loss's Hessian with vectors, by differences of gradients:
 *
 *     H v = (g (w + e v) - g (w - e v)) / 2 e
 *
 *   KairosHessian hessian = { 0 };
 *   if (kairos_hessian_init (&hessian, context, &all, cancel, error))
 *     disagreement = kairos_hessian_climb (&hessian, v, longest, &product, &step, error);
 *   kairos_hessian_clear (&hessian);
 *
 * The loss is the mean over samples of a probe, as trained with, by running statistics and without dropout; rectifiers
 * and maxima are held on their sides (kairos_executor_new_for_curvature), as automatic differentiation does.  The
 * context's weights are changed meanwhile, and are to the bit what they were after each call.
 */
#pragma once

#include "probe-private.h"

G_BEGIN_DECLS

enum { KAIROS_HESSIAN_RATIO = 4 }; /* of one step of the ladder to the next */

/* H v, and v' H v in total and of each layer with parameters, whose sum that is. */
typedef struct {
  float *vector;
  double *parts;
} KairosProduct;

typedef struct {
  KairosProbeContext *context;
  KairosExecutor *executor;
  const KairosBatch *all;
  const volatile gint *cancel;
  gsize n;
  float *weights, *kept; /* those of the network, and a copy */
  float *ahead;          /* a gradient */
  guint *layer;          /* of each tensor: its place among the layers with parameters */
  KairosProduct spare;
} KairosHessian;

/* all, cancel and context are borrowed.  FALSE with an error: no memory.  Clear it either way. */
gboolean kairos_hessian_init (KairosHessian *hessian, KairosProbeContext *context, const KairosBatch *all,
                              const volatile gint *cancel, GError **error);
void kairos_hessian_clear (KairosHessian *hessian);

/* Room for one; vector NULL: no memory. */
KairosProduct kairos_product_new (const KairosHessian *hessian);
void kairos_product_clear (KairosProduct *product);

/* a' b in total and of each layer with parameters. */
void kairos_hessian_sum (const KairosHessian *hessian, const float *a, const float *b, double *parts);
/* FALSE with KAIROS_ERROR_CANCELLED */
gboolean kairos_hessian_multiply (KairosHessian *hessian, const float *v, double step, KairosProduct *product,
                                  GError **error);
/* The step is checked: products are taken by the steps of a ladder down from the longest.  Large ones miss higher
 * derivatives, small ones drown in rounding, and where two neighbours agree best, neither matters.  product: that by
 * the smaller of these two; *step: how long it is.  Returns how far they disagree, relative, layer by layer so that
 * errors do not cancel out; INFINITY where there is nothing that could agree; NaN with KAIROS_ERROR_CANCELLED. */
double kairos_hessian_climb (KairosHessian *hessian, const float *v, double longest, KairosProduct *product,
                             double *step, GError **error);

G_END_DECLS
