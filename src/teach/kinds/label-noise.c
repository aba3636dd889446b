/* SPDX-License-Identifier: MIT */

/* Label noise: a share of the training samples has a wrong label, the same one for as long as the clip holds.
 * Symmetric: any other class, each as likely; pair: the next class, as when two neighbours are mixed up.
 */
#include "../kind-private.h"

static const KairosParam params[] = {
  { "fraction", KAIROS_PARAM_REAL, NULL, 0, 1, 0.2, NULL, "Share of the samples that get a wrong label" },
  { "form", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "symmetric|pair", "Any other class, or always the next one" },
};
enum { FRACTION, FORM };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("label noise %g %%", 100 * kairos_clip_number (clip, "fraction"));
}

static gint32
apply (const KairosLabeling *labeling, guint32 id, gint32 old)
{
  KairosRandom random = kairos_random (labeling->seed, KAIROS_RANDOM_CLIP, labeling->clip, id);

  if (labeling->n_classes < 2 || kairos_random_float (&random) >= labeling->value)
    return old;
  return (old + 1 + (gint32) kairos_random_below (&random, labeling->n_classes - 1)) % labeling->n_classes;
}

static gint32
apply_pair (const KairosLabeling *labeling, guint32 id, gint32 old)
{
  KairosRandom random = kairos_random (labeling->seed, KAIROS_RANDOM_CLIP, labeling->clip, id);

  return kairos_random_float (&random) < labeling->value ? (old + 1) % labeling->n_classes : old;
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  KairosLabeling *labeling = clip->values[FRACTION] > 0 ? kairos_regime_add_labeling (regime, clip, moment) : NULL;

  if (!labeling)
    return;
  labeling->apply = clip->values[FORM] == 0 ? apply : apply_pair;
  labeling->value = (float) clip->values[FRACTION];
}

const KairosKindRow kairos_kind_label_noise = {
  .info = { "label-noise", "Label noise", "Gives a share of the training samples wrong labels.", "Labels", "labels",
            FALSE, KAIROS_OVERLAP_STACK, params, G_N_ELEMENTS (params) },
  .most = KAIROS_MAX_LABELINGS,
  .label = label,
  .contribute = contribute,
};
