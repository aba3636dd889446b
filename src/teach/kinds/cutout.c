/* SPDX-License-Identifier: MIT */

/* Cutout (DeVries and Taylor 2017): a square at a random place, cut off by the borders, takes the picture's mean
 * colour. */
#include "../kind-private.h"

static const KairosParam params[] = {
  { "size", KAIROS_PARAM_INT, "pixels", 0, 512, 8, NULL, "Side of the square; 0 does nothing" },
};
enum { SIZE };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("cutout %g px", kairos_clip_number (clip, "size"));
}

static void
apply (const KairosTransform *transform, KairosShape shape, guint64 step, guint32 id, guint32 draw, float *image,
       float *scratch)
{
  KairosRandom random = kairos_transform_random (transform, step, draw);
  int size = (int) transform->values[0];
  int top = (int) kairos_random_below (&random, shape.height) - size / 2,
      left = (int) kairos_random_below (&random, shape.width) - size / 2;

  kairos_picture_mean (shape, image, scratch);
  kairos_picture_fill (shape, top, left, size, size, scratch, image);
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  KairosTransform *transform = clip->values[SIZE] > 0 ? kairos_regime_add_transform (regime, clip, moment) : NULL;

  if (!transform)
    return;
  transform->apply = apply;
  transform->values[0] = (float) clip->values[SIZE];
}

const KairosKindRow kairos_kind_cutout = {
  .info = { "cutout", "Cutout", "Covers a random square of each picture, anew at each step.", "Augmentation", "input",
            FALSE, KAIROS_OVERLAP_STACK, params, G_N_ELEMENTS (params) },
  .most = KAIROS_MAX_TRANSFORMS - 1,
  .pictures = TRUE,
  .label = label,
  .contribute = contribute,
};
