/* SPDX-License-Identifier: MIT */

/* Mixup (Zhang et al. 2018): each sample of a batch is mixed with another, input and label alike, in a proportion drawn
 * from Beta (alpha, alpha) for the batch.
 */
#include "../kind-private.h"

static const KairosParam params[] = {
  { "alpha", KAIROS_PARAM_REAL, NULL, 0, 100, 1, NULL,
    "How even the mixtures are: small is mostly one of the two, large is half and half; 0 does nothing" },
};
enum { ALPHA };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("mixup %g", kairos_clip_number (clip, "alpha"));
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  regime->mixup = (float) clip->values[ALPHA];
  regime->mixup_clip = clip->clip->origin;
}

const KairosKindRow kairos_kind_mixup = {
  .info = { "mixup", "Mixup", "Trains on mixtures of two samples and their labels.", "Augmentation", "mixup", FALSE,
            KAIROS_OVERLAP_LAST, params, G_N_ELEMENTS (params) },
  .label = label,
  .contribute = contribute,
};
