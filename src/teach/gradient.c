/* SPDX-License-Identifier: MIT */

/* Weight noise, gradient surgery and the Fisher penalty, as functions on vectors.  Sums run in one order and in double.
 */
#include "kairos/ticket.h"

#include <math.h>
#include <string.h>

#include "kairos/random.h"

/* ---- Noise ---- */

static void
add_noise (guint64 seed, guint32 clip, guint64 step, float sigma, gsize first, gsize end, float *parameters)
{
  for (gsize block = first / 4; block * 4 < end; block++) {
    float normal[4];
    kairos_random_normal4 (seed, KAIROS_RANDOM_NOISE, step, (guint64) clip << 32 | block, 0, normal);
    for (gsize i = MAX (block * 4, first); i < MIN (block * 4 + 4, end); i++)
      parameters[i] += sigma * normal[i - block * 4];
  }
}

void
kairos_noise_add (guint64 seed, guint32 clip, guint64 step, float sigma, const KairosTensorInfo *tensors,
                  guint n_tensors, gsize n, float *parameters)
{
  if (!tensors)
    add_noise (seed, clip, step, sigma, 0, n, parameters);
  for (guint i = 0; tensors && i < n_tensors; i++)
    if (tensors[i].role == KAIROS_TENSOR_WEIGHT)
      add_noise (seed, clip, step, sigma, tensors[i].offset, tensors[i].offset + tensors[i].n, parameters);
}

/* ---- Surgery ---- */

static double
inner (gsize n, const float *a, const float *b)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += (double) a[i] * b[i];
  return sum;
}

void
kairos_surgery (guint64 seed, guint64 step, guint k, gsize n, float *const *gradients, float *const *raw, float *sum)
{
  g_autofree guint32 *order = g_new (guint32, k);

  for (guint i = 0; i < k; i++)
    memcpy (raw[i], gradients[i], n * sizeof (float));
  kairos_random_permutation (seed, KAIROS_RANDOM_SURGERY, step, k, order);
  for (guint i = 0; i < k; i++)
    for (guint j = 0; j < k; j++) {
      const float *other = raw[order[(i + j) % k]];
      double along = order[(i + j) % k] == i ? 0 : inner (n, gradients[i], other);
      double factor = along < 0 ? along / inner (n, other, other) : 0;
      for (gsize l = 0; factor != 0 && l < n; l++)
        gradients[i][l] = (float) (gradients[i][l] - factor * other[l]);
    }
  memset (sum, 0, n * sizeof *sum);
  for (guint i = 0; i < k; i++)
    for (gsize l = 0; l < n; l++)
      sum[l] += gradients[i][l];
}

/* ---- Fisher penalty ---- */

/* A step of length 0.01 in weight space: curvature shows, while differences of gradients stay far above float rounding.
 */
float
kairos_fisher_epsilon (gsize n, const float *gradient)
{
  double length = sqrt (inner (n, gradient, gradient));

  return length > 1e-20 && isfinite (length) ? (float) (0.01 / length) : 0;
}

void
kairos_fisher_add (gsize n, float alpha, float epsilon, const float *at, const float *beyond, float *gradient)
{
  float factor = epsilon > 0 ? 2 * alpha / epsilon : 0;

  for (gsize i = 0; i < n; i++)
    gradient[i] += factor * (beyond[i] - at[i]);
}
