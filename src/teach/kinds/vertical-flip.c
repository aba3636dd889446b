/* SPDX-License-Identifier: MIT */

/* Vertical flip: every picture stands on its head (Achille, Rovere and Soatto 2019: a deficit that leaves no scar). */
#include "../kind-private.h"

static void
apply (const KairosTransform *transform, KairosShape shape, guint64 step, guint32 id, guint32 draw, float *image,
       float *scratch)
{
  gsize row = (gsize) shape.width * shape.channels;

  for (int y = 0; y < shape.height / 2; y++)
    for (gsize i = 0; i < row; i++) {
      float upper = image[y * row + i];
      image[y * row + i] = image[(shape.height - 1 - y) * row + i];
      image[(shape.height - 1 - y) * row + i] = upper;
    }
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  KairosTransform *transform = kairos_regime_add_transform (regime, clip, moment);

  if (transform)
    transform->apply = apply;
}

const KairosKindRow kairos_kind_vertical_flip = {
  .info = { "vertical-flip", "Vertical flip", "Shows the network pictures upside down.", "Deficits", "input", FALSE,
            KAIROS_OVERLAP_STACK, NULL, 0 },
  .most = KAIROS_MAX_TRANSFORMS - 1,
  .pictures = TRUE,
  .contribute = contribute,
};
