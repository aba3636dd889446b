/* SPDX-License-Identifier: MIT */

/* Momentum as an automation curve; for Adam its first decay rate. */
#include "../kind-private.h"

static const KairosParam params[] = {
  { "value", KAIROS_PARAM_REAL, NULL, 0, 0.9999, 0.9, NULL,
    "How much of the last change is carried on into the next, where no points are given" },
  { "points", KAIROS_PARAM_POINTS, NULL, 0, 0.9999, 0, NULL,
    "Instead: times in epochs since the clip began, each with a momentum" },
  { "since", KAIROS_PARAM_REAL, "epochs", 0, 10000, 0, NULL,
    "How long before the clip its curve began; set when a clip is split" },
};
enum { VALUE, POINTS };

static char *
label (const KairosClip *clip)
{
  return kairos_params_list (params, G_N_ELEMENTS (params), clip->params, "points")
             ? g_strdup ("momentum, drawn")
             : g_strdup_printf ("momentum %g", kairos_clip_number (clip, "value"));
}

static double
curve (const KairosPlanClip *clip, double time)
{
  return (float) (clip->n_points > 0 ? kairos_curve_value (clip->points, clip->n_points, time) : clip->values[VALUE]);
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  regime->optimizer.momentum = regime->optimizer.beta1 = (float) curve (clip, moment->time);
}

const KairosKindRow kairos_kind_momentum = {
  .info = { "momentum", "Momentum", "How much of the last change is carried on, as a curve.", "Momentum", "momentum",
            FALSE, KAIROS_OVERLAP_REFUSE, params, G_N_ELEMENTS (params) },
  .label = label,
  .curve = curve,
  .contribute = contribute,
};
