/* SPDX-License-Identifier: MIT */

/* Shift: pictures move by a random number of whole pixels; what comes in is black. */
#include "../kind-private.h"

static const KairosParam params[] = {
  { "pixels", KAIROS_PARAM_INT, "pixels", 0, 64, 2, NULL, "How far at most, in each direction; 0 does nothing" },
};
enum { PIXELS };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("shift %g px", kairos_clip_number (clip, "pixels"));
}

static void
apply (const KairosTransform *transform, KairosShape shape, guint64 step, guint32 id, guint32 draw, float *image,
       float *scratch)
{
  KairosRandom random = kairos_transform_random (transform, step, draw);
  int most = (int) transform->values[0];
  int down = (int) kairos_random_below (&random, 2 * most + 1) - most,
      right = (int) kairos_random_below (&random, 2 * most + 1) - most;

  kairos_picture_shift (shape, down, right, FALSE, image, scratch);
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  KairosTransform *transform = clip->values[PIXELS] > 0 ? kairos_regime_add_transform (regime, clip, moment) : NULL;

  if (!transform)
    return;
  transform->apply = apply;
  transform->values[0] = (float) clip->values[PIXELS];
}

const KairosKindRow kairos_kind_shift = {
  .info = { "shift", "Shift", "Moves pictures a little at random, anew at each step.", "Augmentation", "input", FALSE,
            KAIROS_OVERLAP_STACK, params, G_N_ELEMENTS (params) },
  .most = KAIROS_MAX_TRANSFORMS - 1,
  .pictures = TRUE,
  .label = label,
  .contribute = contribute,
};
