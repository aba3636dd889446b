/* SPDX-License-Identifier: MIT */

/* What one clip does, without a training: to a picture, or as a curve. */
#include <kairos/preview.h>

#include <math.h>

#include "plan-private.h"
#include "timeline-private.h"

/* Of the shape that is followed; few of them stay. */
enum { SAMPLES = 1025, MOST_POINTS = 40 };

/* ---- Pictures ---- */

gboolean
kairos_clip_preview (const KairosClip *clip, KairosShape shape, guint64 seed, guint32 id, float *input)
{
  const KairosKindRow *row = kairos_kind_row (clip->kind);
  const KairosPlanContext context = { .seed = seed, .steps_per_epoch = 1 };
  const KairosMoment moment = { .context = &context };
  g_autofree float *scratch = g_new (float, 3 * kairos_shape_size (shape));
  KairosPlanClip ready = { .clip = clip };
  KairosRegime regime = { 0 };

  if (!row->pictures || (row->colour && shape.channels != 3))
    return FALSE;
  kairos_plan_clip_read (&ready);
  row->contribute (&ready, &moment, &regime);
  kairos_regime_transform (&regime, shape, 0, id, id, input, scratch);
  kairos_plan_clip_clear (&ready);
  return TRUE;
}

/* ---- Curves ---- */

gboolean
kairos_clip_curve (const KairosClip *clip, double from, double to, guint n, double *values)
{
  const KairosKindRow *row = kairos_kind_row (clip->kind);
  KairosPlanClip ready = { .clip = clip };

  if (!row->curve)
    return FALSE;
  kairos_plan_clip_read (&ready);
  for (guint i = 0; i < n; i++) {
    double time = from + (to - from) * i / (n - 1);
    values[i] = row->curve (&ready, time - clip->from + kairos_clip_since (clip));
  }
  kairos_plan_clip_clear (&ready);
  return TRUE;
}

GArray *
kairos_clip_trace (const KairosClip *clip)
{
  const KairosParam *param = kairos_kind_points (clip->kind);
  double values[SAMPLES], length = clip->to - clip->from, largest = 0, since = kairos_clip_since (clip);
  const double fine = 1e-4; /* cannot be seen beside the whole */
  KairosPoint samples[SAMPLES];

  /* Not the end itself, where a shape may begin again. */
  if (!param || !kairos_clip_curve (clip, clip->from, clip->to - 1e-9 * length, SAMPLES, values))
    return NULL;
  for (guint i = 0; i < SAMPLES; i++)
    largest = MAX (largest, fabs (values[i]));
  for (guint i = 0; i < SAMPLES; i++) {
    samples[i].time = kairos_curve_round (since + length * i / (SAMPLES - 1), fine * length);
    samples[i].value = CLAMP (largest > 0 ? kairos_curve_round (values[i], fine * largest) : 0, param->min, param->max);
  }
  return kairos_curve_simplify (samples, SAMPLES, MOST_POINTS);
}
