/* SPDX-License-Identifier: MIT */

/* Round numbers along an axis. */
#include "config.h"

#include "plots/kairos-ticks.h"

#include <glib/gi18n.h>
#include <math.h>

double
kairos_ticks_step (double span, int max)
{
  double least = span / MAX (1, max), power = pow (10, floor (log10 (least)));

  if (!(span > 0) || !isfinite (span))
    return 1;
  for (int i = 0; i < 3; i++) {
    static const double factors[] = { 1, 2, 5 };

    if (factors[i] * power >= least * (1 - 1e-9))
      return factors[i] * power;
  }
  return 10 * power;
}

void
kairos_ticks_linear (KairosTicks *ticks, double low, double high, int max)
{
  double first;

  max = CLAMP (max, 1, KAIROS_MAX_TICKS - 1);
  ticks->n = 0;
  ticks->step = kairos_ticks_step (high - low, max);
  first = ceil (low / ticks->step - 1e-6);
  for (int i = 0; i <= max && (first + i) * ticks->step <= high + ticks->step * 1e-6; i++)
    ticks->at[ticks->n++] = (first + i) * ticks->step;
}

/* Multiples 1 (2, 5) of every decade_step-th power of ten. */
static void
fill_log (KairosTicks *ticks, double low, double high, int max, const double *factors, int n_factors, int decade_step)
{
  ticks->n = 0;
  ticks->step = 0;
  for (int decade = floor (log10 (low) / decade_step) * decade_step; decade <= log10 (high); decade += decade_step)
    for (int i = 0; i < n_factors; i++) {
      double at = factors[i] * pow (10, decade);

      if (at >= low * (1 - 1e-9) && at <= high * (1 + 1e-9) && ticks->n <= max)
        ticks->at[ticks->n++] = at;
    }
}

void
kairos_ticks_log (KairosTicks *ticks, double low, double high, int max)
{
  static const double one[] = { 1 }, three[] = { 1, 2, 5 };
  double decades = log10 (high / low);

  max = CLAMP (max, 1, KAIROS_MAX_TICKS - 1);
  if (decades * 3 <= max)
    fill_log (ticks, low, high, max, three, 3, 1);
  else
    fill_log (ticks, low, high, max, one, 1, MAX (1, (int) ceil (decades / max)));
  if (ticks->n < 3 && decades < 2)
    kairos_ticks_linear (ticks, low, high, max);
}

char *
kairos_ticks_label (const KairosTicks *ticks, int index, gboolean percent)
{
  double at = ticks->at[index] * (percent ? 100 : 1), step = ticks->step * (percent ? 100 : 1);
  int digits = step > 0 ? CLAMP (-(int) floor (log10 (step) + 1e-9), 0, 9) : 0;
  g_autofree char *number = NULL;

  if (fabs (at) < step * 1e-6)
    at = 0;
  if (step > 0 && (fabs (at) < 1e6 && digits <= 6))
    number = g_strdup_printf ("%.*f", digits, at);
  else
    number = g_strdup_printf ("%g", at); /* round numbers: 1000 rather than 1e+03 */
  /* Translators: a share of hundred, as on the axis of an accuracy. */
  return percent ? g_strdup_printf (_ ("%s %%"), number) : g_steal_pointer (&number);
}
