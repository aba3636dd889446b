/* SPDX-License-Identifier: MIT */

/* What the drawn sets share: draws that tell how far they went, and grain. */
#include "builtin.h"

#include <math.h>

float
kairos_builtin_vary (KairosRandom *random, float lo, float hi, float weight, float *effort)
{
  float u = 2 * kairos_random_float (random) - 1;

  *effort += weight * fabsf (u);
  return lo + (hi - lo) * (u + 1) / 2;
}

void
kairos_builtin_add_noise (KairosRandom *random, guint8 *pixels, gsize n, float deviation)
{
  for (gsize i = 0; i < n; i += 4) {
    float normal[4];

    /* Four at a time by their counter: the stream itself is not touched. */
    kairos_random_normal4 (random->seed, random->purpose, 1, random->sample, i / 4, normal);
    for (gsize j = 0; j < MIN (4, n - i); j++)
      pixels[i + j] = (guint8) CLAMP (pixels[i + j] + deviation * normal[j] + 0.5f, 0, 255);
  }
}
