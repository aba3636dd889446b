/* SPDX-License-Identifier: MIT */

/* Rows of channels.  Inner loops have the fixed length of a vector register, so the compiler turns each into one instruction; sums use
 * the vector type itself, which keeps several of them in registers.  Tensors need not be aligned, tables are. */
#include "rows.h"

#include <string.h>

#include "simd.h"

typedef float Vector __attribute__ ((vector_size (KAIROS_VECTOR * sizeof (float)), aligned (4), may_alias));
typedef gint32 Mask __attribute__ ((vector_size (KAIROS_VECTOR * sizeof (float)), aligned (4), may_alias));

enum { V = KAIROS_VECTOR };

#define LOAD(p) (*(const Vector *)(p))
#define STORE(p, v) (*(Vector *)(p) = (v))
/* a where the mask is set, else 0. */
#define WHERE(mask, a) ((Vector)((Mask)(a) & (mask)))
/* max (0, a), except that a NaN stays one: a diverged network must not look healthy. */
#define RECTIFY(a) WHERE (~((a) <= 0), a)

gsize
kairos_rows_period (int n_channels)
{
  gsize a = n_channels, b = V, period;

  while (b != 0) {
    gsize rest = a % b;

    a = b;
    b = rest;
  }
  period = (gsize)n_channels / a * V;
  while (period < 4 * V) /* too short a period would cost more in loops than in arithmetic */
    period *= 2;
  return period;
}

float *
kairos_rows_table (int n_channels)
{
  return g_aligned_alloc0 (kairos_rows_period (n_channels), sizeof (float), 64);
}

void
kairos_rows_repeat (float *table, int n_channels)
{
  gsize period = kairos_rows_period (n_channels);

  for (gsize i = n_channels; i < period; i++)
    table[i] = table[i - n_channels];
}

static inline __attribute__ ((always_inline)) void
affine (gsize size, gsize period, const float *restrict x, const float *restrict extra, const float *restrict scale, const float *restrict shift,
        gboolean relu, float *restrict y)
{
  for (gsize start = 0; start < size; start += period) {
    gsize length = MIN (period, size - start), i = 0;

    for (; i + V <= length; i += V) {
      Vector v = LOAD (x + start + i) * LOAD (scale + i) + LOAD (shift + i);

      if (extra != NULL)
        v += LOAD (extra + start + i);
      if (relu)
        v = RECTIFY (v);
      STORE (y + start + i, v);
    }
    for (; i < length; i++) {
      float v = x[start + i] * scale[i] + shift[i];

      if (extra != NULL)
        v += extra[start + i];
      y[start + i] = relu && v <= 0 ? 0 : v;
    }
  }
}

KAIROS_MULTIVERSION void
kairos_rows_affine (gsize size, gsize period, const float *x, const float *extra, const float *scale, const float *shift, gboolean relu, float *y)
{
  if (extra != NULL && relu)
    affine (size, period, x, extra, scale, shift, TRUE, y);
  else if (extra != NULL)
    affine (size, period, x, extra, scale, shift, FALSE, y);
  else if (relu)
    affine (size, period, x, NULL, scale, shift, TRUE, y);
  else
    affine (size, period, x, NULL, scale, shift, FALSE, y);
}

KAIROS_MULTIVERSION void
kairos_rows_bias (gsize n_rows, int n_channels, const float *restrict bias, gboolean relu, float *restrict y)
{
  for (gsize r = 0; r < n_rows; r++, y += n_channels)
    for (int c = 0; c < n_channels; c++) {
      float v = y[c] + (bias != NULL ? bias[c] : 0);

      y[c] = relu && v <= 0 ? 0 : v;
    }
}

/* Adds the columns of a table of one period to its channels. */
static void
fold (const float *columns, gsize n_columns, gsize first, int n_channels, double *sums)
{
  for (gsize i = 0; i < n_columns; i++)
    sums[(first + i) % n_channels] += columns[i];
}

/* The last, incomplete period of a tensor and whatever does not fill four vectors: one value at a time. */
static void
moments_rest (gsize start, gsize size, int n_channels, const float *x, const float *origin, double *sum, double *squares)
{
  for (gsize i = start; i < size; i++) {
    int c = i % n_channels;
    float d = x[i] - origin[c];

    sum[c] += d;
    squares[c] += d * d;
  }
}

KAIROS_MULTIVERSION void
kairos_rows_moments (gsize size, gsize period, int n_channels, const float *x, const float *origin, double *sum, double *squares)
{
  gsize whole = size / period * period;

  for (gsize i = 0; i < period && whole > 0; i += V) {
    Vector o = LOAD (origin + i), s = { 0 }, q = { 0 }, s2 = { 0 }, q2 = { 0 };
    gsize start = 0;

    /* Two sets of sums, because each addition waits for the one before. */
    for (; start + period < whole; start += 2 * period) {
      Vector d = LOAD (x + start + i) - o, e = LOAD (x + start + period + i) - o;

      s += d, q += d * d;
      s2 += e, q2 += e * e;
    }
    if (start < whole) {
      Vector d = LOAD (x + start + i) - o;

      s += d, q += d * d;
    }
    s += s2, q += q2;
    fold ((const float *)&s, V, i, n_channels, sum);
    fold ((const float *)&q, V, i, n_channels, squares);
  }
  moments_rest (whole, size, n_channels, x, origin, sum, squares);
}

static inline __attribute__ ((always_inline)) void
gradient (const KairosRowsGradient *call, gsize whole, gboolean masked, gboolean two, gboolean store)
{
  for (gsize i = 0; i < call->period; i += V) {
    Vector mean = LOAD (call->mean + i), s = { 0 }, p = { 0 };

    for (gsize at = i; at < whole; at += call->period) {
      Vector x = LOAD (call->x + at), g = LOAD (call->dy + at);

      if (two)
        g += LOAD (call->dextra + at);
      if (masked && call->y != NULL)
        g = WHERE (LOAD (call->y + at) > 0, g);
      else if (masked)
        g = WHERE (x * LOAD (call->scale + i) + LOAD (call->shift + i) > 0, g);
      if (store)
        STORE (call->g + at, g);
      s += g, p += g * (x - mean);
    }
    fold ((const float *)&s, V, i, call->n_channels, call->sum);
    fold ((const float *)&p, V, i, call->n_channels, call->product);
  }
}

static void
gradient_rest (const KairosRowsGradient *call, gsize start, gboolean masked)
{
  for (gsize at = start; at < call->size; at++) {
    int c = at % call->n_channels;
    float x = call->x[at], g = call->dy[at] + (call->dextra != NULL ? call->dextra[at] : 0);

    if (masked && !(call->y != NULL ? call->y[at] > 0 : x * call->scale[c] + call->shift[c] > 0))
      g = 0;
    if (call->g != NULL)
      call->g[at] = g;
    call->sum[c] += g;
    call->product[c] += g * (x - call->mean[c]);
  }
}

KAIROS_MULTIVERSION void
kairos_rows_gradient (const KairosRowsGradient *call)
{
  gsize whole = call->size / call->period * call->period;
  gboolean masked = call->y != NULL || call->scale != NULL, two = call->dextra != NULL, store = call->g != NULL;

  if (masked && two && store)
    gradient (call, whole, TRUE, TRUE, TRUE);
  else if (masked && store)
    gradient (call, whole, TRUE, FALSE, TRUE);
  else if (two || store)
    gradient (call, whole, masked, two, store);
  else
    gradient (call, whole, masked, FALSE, FALSE);
  gradient_rest (call, whole, masked);
}

KAIROS_MULTIVERSION void
kairos_rows_combine (gsize size, gsize period, const float *restrict g, const float *restrict x, const float *restrict a, const float *restrict b,
                     const float *restrict c, float *restrict dx)
{
  for (gsize start = 0; start < size; start += period) {
    gsize length = MIN (period, size - start), i = 0;

    for (; i + V <= length; i += V)
      STORE (dx + start + i, LOAD (g + start + i) * LOAD (a + i) + (LOAD (x + start + i) * LOAD (b + i) + LOAD (c + i)));
    for (; i < length; i++)
      dx[start + i] = g[start + i] * a[i] + (x[start + i] * b[i] + c[i]);
  }
}

KAIROS_MULTIVERSION void
kairos_rows_sum (gsize n_rows, int n_channels, gsize stride, const float *restrict x, float *restrict sum, gboolean accumulate)
{
  if (!accumulate)
    memset (sum, 0, n_channels * sizeof *sum);
  for (gsize r = 0; r < n_rows; r++, x += stride)
    for (int c = 0; c < n_channels; c++)
      sum[c] += x[c];
}

KAIROS_MULTIVERSION void
kairos_rows_rectify (gsize size, const float *x, const float *extra, float *y)
{
  for (gsize i = 0; i < size; i++) {
    float v = extra != NULL ? x[i] + extra[i] : x[i];

    y[i] = v <= 0 ? 0 : v;
  }
}

KAIROS_MULTIVERSION void
kairos_rows_mask (gsize size, const float *y, const float *dy, const float *dextra, float *out)
{
  for (gsize i = 0; i < size; i++) {
    float g = dextra != NULL ? dy[i] + dextra[i] : dy[i];

    out[i] = y == NULL || y[i] > 0 ? g : 0;
  }
}
