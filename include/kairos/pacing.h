/* SPDX-License-Identifier: MIT */

/* Pacing: how much of the data a curriculum uses after a share of its length.
 *
 *   share = kairos_pacing ("root", (step - first) / length, 0.8, 0.2);
 *   n = ceil (share * n_train);                                the easiest n samples
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Wu, Dyer and Neyshabur 2021: the share of the data at a share t of its length.  a: share of the length at which all
 * data is reached; b: share at the beginning.  kind: "linear", "quadratic", "root", "step", "exponential",
 * "logarithmic". */
double kairos_pacing (const char *kind, double t, double a, double b);
/* Fixed exponential pacing (Hacohen and Weinshall 2019): start * increase^floor (step / length), at most 1. */
double kairos_pacing_fixed (double step, double start, double increase, double length);

G_END_DECLS
