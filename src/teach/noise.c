/* SPDX-License-Identifier: MIT */

/* Weight noise: a function of seed, clip, step and position. */
#include "kairos/random.h"
#include "kairos/ticket.h"

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
