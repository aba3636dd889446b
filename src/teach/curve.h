/* SPDX-License-Identifier: MIT */

/* Automation curves: points joined by straight lines, held before the first and after the last. */
#pragma once

#include <glib.h>

/* points: n >= 1 pairs of time and value, times growing. */
static inline double
kairos_curve_value (const double *points, guint n, double time)
{
  guint i = 0;

  while (i < n && points[2 * i] <= time)
    i++;
  if (i == 0)
    return points[1];
  if (i == n)
    return points[2 * n - 1];
  const double *a = points + 2 * (i - 1), *b = points + 2 * i;
  return a[1] + (b[1] - a[1]) * (time - a[0]) / (b[0] - a[0]);
}
