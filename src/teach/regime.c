/* SPDX-License-Identifier: MIT */

/* What a regime does to samples, and how clips add to it.  Where a regime is full, further clips of that sort have no
 * room; kairos_plan_new() refuses timelines in which that could happen.
 */
#include "kind-private.h"

#include <math.h>

KairosTransform *
kairos_regime_add_transform (KairosRegime *regime, const KairosPlanClip *clip, const KairosMoment *moment)
{
  if (regime->n_transforms == KAIROS_MAX_TRANSFORMS)
    return NULL;
  KairosTransform *transform = &regime->transforms[regime->n_transforms++];
  *transform = (KairosTransform){ .seed = moment->context->seed, .clip = clip->clip->origin };
  return transform;
}

KairosLabeling *
kairos_regime_add_labeling (KairosRegime *regime, const KairosPlanClip *clip, const KairosMoment *moment)
{
  if (regime->n_labelings == KAIROS_MAX_LABELINGS)
    return NULL;
  KairosLabeling *labeling = &regime->labelings[regime->n_labelings++];
  *labeling = (KairosLabeling){ .seed = moment->context->seed, .clip = clip->clip->origin, .table = clip->table };
  labeling->n_classes = (int) kairos_dataset_get_n_classes (moment->context->dataset);
  return labeling;
}

KairosSampling *
kairos_regime_add_sampling (KairosRegime *regime, const KairosPlanClip *clip)
{
  const KairosClipState *state = clip->state;

  if (regime->n_samplings == KAIROS_MAX_SAMPLINGS)
    return NULL;
  KairosSampling *sampling = &regime->samplings[regime->n_samplings++];
  *sampling = (KairosSampling){
    .members = state->members, .flags = state->flags, .n = state->n, .generation = state->generation
  };
  return sampling;
}

KairosRandom
kairos_transform_random (const KairosTransform *transform, guint64 step, guint32 draw)
{
  return kairos_random (transform->seed, KAIROS_RANDOM_TRANSFORM, step, (guint64) transform->clip << 32 | draw);
}

void
kairos_regime_transform (const KairosRegime *regime, KairosShape shape, guint64 step, guint32 id, guint32 draw,
                         float *input, float *scratch)
{
  for (guint i = 0; i < regime->n_transforms; i++)
    regime->transforms[i].apply (&regime->transforms[i], shape, step, id, draw, input, scratch);
}

gint32
kairos_regime_label (const KairosRegime *regime, guint32 id, gint32 label)
{
  for (guint i = 0; i < regime->n_labelings; i++)
    label = regime->labelings[i].apply (&regime->labelings[i], id, label);
  return label;
}

/* ---- Mixup ---- */

/* Gamma (shape, 1) by Marsaglia and Tsang 2000; below 1 by their boost: Gamma (a) = Gamma (a + 1) u^(1/a). */
static double
draw_gamma (KairosRandom *random, double shape)
{
  double boost = 1, d, c;

  if (shape < 1) {
    boost = pow (1 - kairos_random_float (random), 1 / shape);
    shape += 1;
  }
  d = shape - 1.0 / 3;
  c = 1 / sqrt (9 * d);
  for (;;) {
    double x = kairos_random_normal (random), v = pow (1 + c * x, 3), u = 1 - kairos_random_float (random);
    if (v > 0 && log (u) < 0.5 * x * x + d - d * v + d * log (v))
      return boost * d * v;
  }
}

float
kairos_regime_mixup (const KairosRegime *regime, guint64 seed, guint64 step, int n, int *partner)
{
  KairosRandom random =
      kairos_random (seed, KAIROS_RANDOM_TRANSFORM, step, (guint64) regime->mixup_clip << 32 | G_MAXUINT32);

  *partner = 0;
  if (regime->mixup <= 0 || n < 2)
    return 1;
  double a = draw_gamma (&random, regime->mixup), b = draw_gamma (&random, regime->mixup);
  *partner = 1 + (int) kairos_random_below (&random, n - 1);
  return a + b > 0 ? (float) (a / (a + b)) : 0.5f; /* both may round to 0 for a tiny alpha */
}
