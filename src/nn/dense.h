/* SPDX-License-Identifier: MIT */

/* The three products of a dense layer, for a few samples and weights as they lie: nothing is packed.  Single-threaded,
 * allocate nothing, equal arguments give equal bits.  x: n x n_in, w: n_out x n_in, y and dy: n x n_out, row-major.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

enum { KAIROS_DENSE_ROWS = 6 }; /* rows of weight gradients are best asked for in multiples of this */

typedef struct {
  int n, n_in, n_out;
} KairosDenseShape;

/* y = x w^T + bias (NULL for none), with relu max (0, that). */
void kairos_dense_forward (const KairosDenseShape *shape, const float *x, const float *w, const float *bias,
                           gboolean relu, float *y);
/* dx = dy w */
void kairos_dense_backward_data (const KairosDenseShape *shape, const float *dy, const float *w, float *dx);
/* Rows first .. first+n_rows-1 of dw = dy^T x; dw points to row 0. */
void kairos_dense_backward_weights (const KairosDenseShape *shape, const float *x, const float *dy, int first,
                                    int n_rows, float *dw);

G_END_DECLS
