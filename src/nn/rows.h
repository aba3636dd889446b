/* SPDX-License-Identifier: MIT */

/* Arithmetic over rows of channels: what batch normalisation, biases and rectifiers are made of.
 *
 * A tensor N x H x W x C is N*H*W rows of C channels.  C is often small or odd (6, 10, 24), so per-channel constants
 * are repeated until their length is a multiple of a vector; the tensor is then one flat array and every loop runs over
 * whole vectors.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

enum { KAIROS_VECTOR = 16 }; /* floats: one AVX-512 register */

/* The length of a repeated table for n_channels: a multiple of n_channels and of some vectors. */
gsize kairos_rows_period (int n_channels);
/* Allocates a table, 64-byte aligned, zeroed; g_aligned_free(). */
float *kairos_rows_table (int n_channels);
/* Repeats the first n_channels values over the whole table. */
void kairos_rows_repeat (float *table, int n_channels);

/* y = x * scale + shift [+ extra], with relu max (0, that).  size: floats.  Tables have the given period. */
void kairos_rows_affine (gsize size, gsize period, const float *x, const float *extra, const float *scale,
                         const float *shift, gboolean relu, float *y);
/* y = y + bias, with relu max (0, that), in place; bias (may be NULL) has n_channels values. */
void kairos_rows_bias (gsize n_rows, int n_channels, const float *bias, gboolean relu, float *y);

/* sum[c] += x - origin, squares[c] += (x - origin)^2. */
void kairos_rows_moments (gsize size, gsize period, int n_channels, const float *x, const float *origin, double *sum,
                          double *squares);

/* The gradient of affine + relu: g = (dy + dextra) where the output was positive, else 0; sum[c] += g, product[c] += g
 * * (x - mean). The output was positive where y > 0, or, y NULL, where x * scale + shift > 0; scale NULL too:
 * everywhere.  g may be dy; g NULL: not stored, then without mask and dextra. */
typedef struct {
  gsize size, period;
  int n_channels;
  const float *x, *y, *dy, *dextra;
  const float *scale, *shift, *mean;
  float *g;
  double *sum, *product;
} KairosRowsGradient;
void kairos_rows_gradient (const KairosRowsGradient *call);

/* dx = a * g + b * x + c. */
void kairos_rows_combine (gsize size, gsize period, const float *g, const float *x, const float *a, const float *b,
                          const float *c, float *dx);

/* sum[c] (+)= the rows' values. */
void kairos_rows_sum (gsize n_rows, int n_channels, gsize stride, const float *x, float *sum, gboolean accumulate);

/* y = max (0, x [+ extra]). */
void kairos_rows_rectify (gsize size, const float *x, const float *extra, float *y);

/* out = dy [+ dextra] where y > 0, else 0; y NULL: everywhere.  out may be dy. */
void kairos_rows_mask (gsize size, const float *y, const float *dy, const float *dextra, float *out);

G_END_DECLS
