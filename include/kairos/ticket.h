/* SPDX-License-Identifier: MIT */

/* Pure functions on vectors of parameters: tickets (pruning, rewinding), shrinking and perturbing, weight noise,
 * gradient surgery, the Fisher penalty.
 *
 *   const KairosTensorInfo *tensors = kairos_network_tensors (network, &n_tensors);
 *   memset (mask, 1, n); // a byte a parameter
 *   kairos_ticket_prune (tensors, n_tensors, 0.2, FALSE, KAIROS_OUTPUT_HALF, parameters, mask);
 *   memcpy (parameters, initial, n * sizeof (float));
 *   kairos_ticket_mask (n, mask, parameters); // rewound: a winning ticket, perhaps
 *
 * Nothing here keeps state, and results do not depend on threads.
 */
#pragma once

#include <kairos/network.h>

G_BEGIN_DECLS

typedef enum { KAIROS_OUTPUT_HALF, KAIROS_OUTPUT_SAME, KAIROS_OUTPUT_NONE } KairosOutputRate;

/* Magnitude pruning (Han et al. 2015; Frankle and Carbin 2019): of the weights that survive, the fraction with the
 * smallest magnitude goes; biases and batch normalisation never do.  Ties go by position, so counts are exact: the
 * nearest whole number.  everywhere: one threshold for all layers rather than one a layer.  output: the rate of the
 * last layer, which in any case has its own threshold unless SAME.  Weights that go become 0. */
void kairos_ticket_prune (const KairosTensorInfo *tensors, guint n_tensors, double fraction, gboolean everywhere,
                          KairosOutputRate output, float *parameters, guint8 *mask);
/* Weights (neither biases nor batch normalisation): how many there are, and how many survive. */
gsize kairos_ticket_count (const KairosTensorInfo *tensors, guint n_tensors, const guint8 *mask, gsize *survive);
/* Sets pruned parameters to 0. */
void kairos_ticket_mask (gsize n, const guint8 *mask, float *parameters);

/* theta <- lambda theta + sigma fresh (Ash and Adams 2020), fresh being a new random initialisation of the same
 * network. */
void kairos_shrink_perturb (gsize n, float lambda, float sigma, const float *fresh, float *parameters);

/* Adds the noise xi of a step, normal with deviation sigma, to parameters.  xi depends on (seed, clip, step, position)
 * alone, so what was added can be drawn again: the increments xi (n+1) - xi (n) of Anti-PGD (Orvieto et al. 2022) need
 * no stored noise.  tensors NULL: on all n; else on weights only. */
void kairos_noise_add (guint64 seed, guint32 clip, guint64 step, float sigma, const KairosTensorInfo *tensors,
                       guint n_tensors, gsize n, float *parameters);

/* PCGrad (Yu et al. 2020): each of k gradients is projected, in an order drawn anew, off every other raw gradient that
 * it conflicts with; sum gets the sum of the results.  gradients: k vectors of n, changed.  raw: room for as many. */
void kairos_surgery (guint64 seed, guint64 step, guint k, gsize n, float *const *gradients, float *const *raw,
                     float *sum);

/* The Fisher penalty alpha ||g||^2 (Jastrzebski et al. 2021): its gradient 2 alpha H g from the difference of two
 * gradients, at w and at w + epsilon g. */
/* such that the step is small against float precision; 0 where g is 0 */
float kairos_fisher_epsilon (gsize n, const float *gradient);
void kairos_fisher_add (gsize n, float alpha, float epsilon, const float *at, const float *beyond, float *gradient);

G_END_DECLS
