/* SPDX-License-Identifier: MIT */

/* Pacing functions: how much of the data a curriculum uses at a share t of its length. */
#include "kairos/pacing.h"

#include <math.h>

static double
linear (double s)
{
  return s;
}

static double
quadratic (double s)
{
  return s * s;
}

static double
root (double s)
{
  return sqrt (s);
}

static double
step (double s)
{
  return s < 1 ? 0 : 1;
}

static double
exponential (double s)
{
  return (exp (10 * s) - 1) / (exp (10) - 1);
}

static double
logarithmic (double s)
{
  return 1 + 0.1 * log (s + exp (-10));
}

/* From 0 at s = 0 to 1 at s = 1. */
static const struct {
  const char *name;
  double (*rise) (double s);
} rises[] = {
  { "linear", linear }, { "quadratic", quadratic },     { "root", root },
  { "step", step },     { "exponential", exponential }, { "logarithmic", logarithmic },
};

double
kairos_pacing (const char *kind, double t, double a, double b)
{
  double s = t <= 0 ? 0 : t >= a ? 1 : t / a;

  for (guint i = 0; i < G_N_ELEMENTS (rises); i++)
    if (g_str_equal (rises[i].name, kind))
      return s == 0 ? b : CLAMP (b + (1 - b) * rises[i].rise (s), b, 1);
  return 1;
}

double
kairos_pacing_fixed (double time, double start, double increase, double length)
{
  return MIN (1, start * pow (increase, floor (time / length + 1e-9)));
}
