/* SPDX-License-Identifier: MIT */

/* Label smoothing (Szegedy et al. 2016) for a time: the target is (1 - s) onehot + s / classes. */
#include "../kind-private.h"

static const KairosParam params[] = {
  { "value", KAIROS_PARAM_REAL, NULL, 0, 1, 0.1, NULL, "Share of each label that is spread evenly over all classes" },
};
enum { VALUE };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("label smoothing %g", kairos_clip_number (clip, "value"));
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  regime->label_smoothing = (float) clip->values[VALUE];
}

const KairosKindRow kairos_kind_label_smoothing = {
  .info = { "label-smoothing", "Label smoothing", "Asks for less certainty than the labels have.", "Regularisation",
            "label-smoothing", FALSE, KAIROS_OVERLAP_LAST, params, G_N_ELEMENTS (params) },
  .label = label,
  .contribute = contribute,
};
