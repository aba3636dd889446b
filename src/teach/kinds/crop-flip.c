/* SPDX-License-Identifier: MIT */

/* Crop and flip: a random cut out of the picture with a black margin, mirrored left to right half of the time (the
 * standard augmentation of CIFAR-10, as in He et al. 2016: a margin of 4).
 */
#include "../kind-private.h"

static const KairosParam params[] = {
  { "padding", KAIROS_PARAM_INT, "pixels", 0, 64, 4, NULL, "Width of the margin from which the cut may take" },
  { "mirror", KAIROS_PARAM_BOOL, NULL, 0, 1, 1, NULL, "Whether left and right are exchanged half of the time" },
};
enum { PADDING, MIRROR };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf (kairos_clip_number (clip, "mirror") != 0 ? "crop %g and flip" : "crop %g",
                          kairos_clip_number (clip, "padding"));
}

static void
apply (const KairosTransform *transform, KairosShape shape, guint64 step, guint32 id, guint32 draw, float *image,
       float *scratch)
{
  KairosRandom random = kairos_transform_random (transform, step, draw);
  int padding = (int) transform->values[0];
  int down = (int) kairos_random_below (&random, 2 * padding + 1) - padding,
      right = (int) kairos_random_below (&random, 2 * padding + 1) - padding;
  gboolean mirror = kairos_random_float (&random) < 0.5f && transform->values[1] != 0;

  kairos_picture_shift (shape, down, right, mirror, image, scratch);
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  KairosTransform *transform = kairos_regime_add_transform (regime, clip, moment);

  if (!transform)
    return;
  transform->apply = apply;
  transform->values[0] = (float) clip->values[PADDING];
  transform->values[1] = (float) clip->values[MIRROR];
}

const KairosKindRow kairos_kind_crop_flip = {
  .info = { "crop-flip", "Crop and flip", "Moves pictures a little and mirrors them at random, anew at each step.",
            "Augmentation", "input", FALSE, KAIROS_OVERLAP_STACK, params, G_N_ELEMENTS (params) },
  .most = KAIROS_MAX_TRANSFORMS - 1,
  .pictures = TRUE,
  .label = label,
  .contribute = contribute,
};
