/* SPDX-License-Identifier: MIT */

/* Rows of channels.  Inner loops have the fixed length of a vector register, so the compiler turns each into one
 * instruction; sums use the vector type itself, which keeps several of them in registers.  Tensors need not be aligned,
 * tables are. */
#include "rows.h"

#include <string.h>

#include "src/base/simd.h"

typedef float Vector __attribute__ ((vector_size (KAIROS_VECTOR * sizeof (float)), aligned (4), may_alias));
typedef gint32 Mask __attribute__ ((vector_size (KAIROS_VECTOR * sizeof (float)), aligned (4), may_alias));

enum { V = KAIROS_VECTOR, VECTORS = 4, BLOCK = VECTORS * V }; /* sums are kept for a block of columns at a time */

#define EACH_VECTOR _Pragma ("GCC unroll 4") for (int v = 0; v < VECTORS; v++)

#define LOAD(p) (*(const Vector *) (p))
#define STORE(p, v) (*(Vector *) (p) = (v))
/* a where the mask is set, else 0. */
#define WHERE(mask, a) ((Vector) ((Mask) (a) & (mask)))
/* max (0, a), except that a NaN stays one: a diverged network must not look healthy. */
#define RECTIFY(a) WHERE (~((a) <= 0), a)

/* The least common multiple of the channels and a block. */
gsize
kairos_rows_period (int n_channels)
{
  gsize a = n_channels, b = BLOCK;

  while (b != 0) {
    gsize rest = a % b;

    a = b;
    b = rest;
  }
  return (gsize) n_channels / a * BLOCK;
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
affine (gsize size, gsize period, const float *restrict x, const float *restrict extra, const float *restrict scale,
        const float *restrict shift, gboolean relu, float *restrict y)
{
  for (gsize start = 0; start < size; start += period) {
    gsize length = MIN (period, size - start), i = 0;

    for (; i + V <= length; i += V) {
      Vector v = LOAD (x + start + i) * LOAD (scale + i) + LOAD (shift + i);

      if (extra)
        v += LOAD (extra + start + i);
      if (relu)
        v = RECTIFY (v);
      STORE (y + start + i, v);
    }
    for (; i < length; i++) {
      float v = x[start + i] * scale[i] + shift[i];

      if (extra)
        v += extra[start + i];
      y[start + i] = relu && v <= 0 ? 0 : v;
    }
  }
}

KAIROS_MULTIVERSION void
kairos_rows_affine (gsize size, gsize period, const float *x, const float *extra, const float *scale,
                    const float *shift, gboolean relu, float *y)
{
  if (extra && relu)
    affine (size, period, x, extra, scale, shift, TRUE, y);
  else if (extra)
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
      float v = y[c] + (bias ? bias[c] : 0);

      y[c] = relu && v <= 0 ? 0 : v;
    }
}

/* Adds a block of columns, the first of which is column `first` of a period, to its channels. */
static void
fold (const Vector sums[VECTORS], gsize first, int n_channels, double *to)
{
  const float *columns = (const float *) sums;
  int c = (int) (first % n_channels);

  for (int i = 0; i < BLOCK; i++) {
    to[c] += columns[i];
    c = c + 1 < n_channels ? c + 1 : 0;
  }
}

/* The last, incomplete period of a tensor. */
static void
moments_rest (gsize start, gsize size, int n_channels, const float *x, const float *origin, double *sum,
              double *squares)
{
  for (; start < size; start += n_channels)
    for (int c = 0; c < n_channels; c++) {
      float d = x[start + c] - origin[c];

      sum[c] += d;
      squares[c] += d * d;
    }
}

KAIROS_MULTIVERSION void
kairos_rows_moments (gsize size, gsize period, int n_channels, const float *x, const float *origin, double *sum,
                     double *squares)
{
  gsize whole = size / period * period;

  for (gsize i = 0; i < period && whole > 0; i += BLOCK) {
    Vector o[VECTORS], s[VECTORS] = { { 0 } }, q[VECTORS] = { { 0 } };

    EACH_VECTOR o[v] = LOAD (origin + i + v * V);
    for (gsize at = i; at < whole; at += period)
      EACH_VECTOR
      {
        Vector d = LOAD (x + at + v * V) - o[v];

        s[v] += d;
        q[v] += d * d;
      }
    fold (s, i, n_channels, sum);
    fold (q, i, n_channels, squares);
  }
  moments_rest (whole, size, n_channels, x, origin, sum, squares);
}

/* How the gradient is masked. */
typedef enum { MASK_NONE, MASK_OUTPUT, MASK_INPUT } MaskBy;

static inline __attribute__ ((always_inline)) void
gradient (const KairosRowsGradient *call, gsize whole, MaskBy by, gboolean two, gboolean store)
{
  const float *x = call->x, *y = call->y, *dy = call->dy, *dextra = call->dextra, *scale = call->scale,
              *shift = call->shift;
  const gsize period = call->period;
  float *to = call->g;

  for (gsize i = 0; i < period; i += BLOCK) {
    Vector mean[VECTORS], s[VECTORS] = { { 0 } }, p[VECTORS] = { { 0 } };

    EACH_VECTOR mean[v] = LOAD (call->mean + i + v * V);
    for (gsize at = i; at < whole; at += period)
      EACH_VECTOR
      {
        const gsize place = at + v * V, column = i + v * V;
        Vector input = LOAD (x + place), g = LOAD (dy + place);

        if (two)
          g += LOAD (dextra + place);
        if (by == MASK_OUTPUT)
          g = WHERE (LOAD (y + place) > 0, g);
        else if (by == MASK_INPUT)
          g = WHERE (input * LOAD (scale + column) + LOAD (shift + column) > 0, g);
        if (store)
          STORE (to + place, g);
        s[v] += g;
        p[v] += g * (input - mean[v]);
      }
    fold (s, i, call->n_channels, call->sum);
    fold (p, i, call->n_channels, call->product);
  }
}

static void
gradient_rest (const KairosRowsGradient *call, gsize start, MaskBy by)
{
  for (; start < call->size; start += call->n_channels)
    for (int c = 0; c < call->n_channels; c++) {
      const gsize at = start + c;
      float x = call->x[at], g = call->dy[at] + (call->dextra ? call->dextra[at] : 0);

      if ((by == MASK_OUTPUT && call->y[at] <= 0) || (by == MASK_INPUT && x * call->scale[c] + call->shift[c] <= 0))
        g = 0;
      if (call->g)
        call->g[at] = g;
      call->sum[c] += g;
      call->product[c] += g * (x - call->mean[c]);
    }
}

KAIROS_MULTIVERSION void
kairos_rows_gradient (const KairosRowsGradient *call)
{
  const gsize whole = call->size / call->period * call->period;
  const MaskBy by = call->y ? MASK_OUTPUT : call->scale ? MASK_INPUT : MASK_NONE;
  const gboolean two = call->dextra != NULL;

  if (whole == 0)
    ;
  else if (!call->g)
    gradient (call, whole, MASK_NONE, FALSE, FALSE);
  else if (by == MASK_INPUT && !two)
    gradient (call, whole, MASK_INPUT, FALSE, TRUE);
  else if (by == MASK_OUTPUT && two)
    gradient (call, whole, MASK_OUTPUT, TRUE, TRUE);
  else
    gradient (call, whole, by, two, TRUE);
  gradient_rest (call, whole, by);
}

KAIROS_MULTIVERSION void
kairos_rows_combine (gsize size, gsize period, const float *restrict g, const float *restrict x,
                     const float *restrict a, const float *restrict b, const float *restrict c, float *restrict dx)
{
  for (gsize start = 0; start < size; start += period) {
    gsize length = MIN (period, size - start), i = 0;

    for (; i + V <= length; i += V)
      STORE (dx + start + i,
             LOAD (g + start + i) * LOAD (a + i) + (LOAD (x + start + i) * LOAD (b + i) + LOAD (c + i)));
    for (; i < length; i++)
      dx[start + i] = g[start + i] * a[i] + (x[start + i] * b[i] + c[i]);
  }
}

KAIROS_MULTIVERSION void
kairos_rows_sum (gsize n_rows, int n_channels, gsize stride, const float *restrict x, float *restrict sum,
                 gboolean accumulate)
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
    float v = extra ? x[i] + extra[i] : x[i];

    y[i] = v <= 0 ? 0 : v;
  }
}

KAIROS_MULTIVERSION void
kairos_rows_mask (gsize size, const float *y, const float *dy, const float *dextra, float *out)
{
  for (gsize i = 0; i < size; i++) {
    float g = dextra ? dy[i] + dextra[i] : dy[i];

    out[i] = !y || y[i] > 0 ? g : 0;
  }
}
