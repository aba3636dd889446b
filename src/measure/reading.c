/* SPDX-License-Identifier: MIT */

/* Readings: what a probe found.  This knows no probe; how readings lie in a session, which names them, is in
 * reading-bytes.c. */
#include "probe-private.h"

#include <math.h>

static void
clear_measured (gpointer data)
{
  g_free (((KairosMeasured *) data)->values);
}

KairosReading *
kairos_reading_new (const KairosProbe *probe, guint64 step, double epoch)
{
  KairosReading *reading = g_new0 (KairosReading, 1);

  reading->references = 1;
  reading->probe = probe;
  reading->step = step;
  reading->epoch = epoch;
  reading->deviation = NAN;
  reading->measured = g_array_new (FALSE, FALSE, sizeof (KairosMeasured));
  g_array_set_clear_func (reading->measured, clear_measured);
  return reading;
}

KairosReading *
kairos_reading_new_skipped (const KairosProbe *probe, guint64 step, double epoch)
{
  KairosReading *reading = kairos_reading_new (probe, step, epoch);

  reading->skipped = TRUE;
  return reading;
}

KairosReading *
kairos_reading_ref (KairosReading *reading)
{
  g_atomic_int_inc (&reading->references);
  return reading;
}

void
kairos_reading_unref (KairosReading *reading)
{
  if (!reading || !g_atomic_int_dec_and_test (&reading->references))
    return;
  g_free (reading->estimator);
  g_array_unref (reading->measured);
  g_free (reading);
}

double *
kairos_reading_add (KairosReading *reading, const KairosMeasure *measure, guint n)
{
  const KairosMeasured measured = { measure, n, g_new (double, n + 1) };

  for (guint i = 0; i <= n; i++)
    measured.values[i] = NAN;
  g_array_append_val (reading->measured, measured);
  return measured.values;
}

void
kairos_reading_average (KairosReading *reading, guint n_draws, guint n, const double *draws, double *values)
{
  double squares = 0;

  for (guint i = 0; i <= n; i++) {
    values[i] = 0;
    for (guint d = 0; d < n_draws; d++)
      values[i] += draws[d * (n + 1) + i] / n_draws;
  }
  for (guint d = 0; d < n_draws; d++)
    squares += pow (draws[d * (n + 1)] - values[0], 2);
  reading->draws = n_draws;
  reading->deviation = n_draws > 1 ? sqrt (squares / (n_draws - 1)) : NAN;
}

double
kairos_reading_get_total (const KairosReading *reading)
{
  return reading->measured->len > 0 ? g_array_index (reading->measured, KairosMeasured, 0).values[0] : NAN;
}
