/* SPDX-License-Identifier: MIT */

/* See sum.h.  Several partial sums side by side, for the sake of vectors. */
#include "sum.h"

#include "simd.h"

enum { WIDTH = 16 };

KAIROS_MULTIVERSION double
kairos_sum_of_squares (const float *values, gsize n)
{
  double parts[WIDTH] = { 0 }, sum = 0;
  gsize whole = n / WIDTH * WIDTH;

  for (gsize i = 0; i < whole; i += WIDTH)
    for (int j = 0; j < WIDTH; j++)
      parts[j] += (double) values[i + j] * values[i + j];
  for (gsize i = whole; i < n; i++)
    parts[i - whole] += (double) values[i] * values[i];
  for (int j = 0; j < WIDTH; j++)
    sum += parts[j];
  return sum;
}
