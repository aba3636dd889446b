/* SPDX-License-Identifier: MIT */

/* Noise images: white noise in place of the pictures, with their true labels; each sample has a noise picture of its
 * own that stays (as in the published replication of Achille, Rovere and Soatto 2019).
 */
#include "../kind-private.h"

static const KairosParam params[] = {
  { "amount", KAIROS_PARAM_REAL, NULL, 0, 1, 1, NULL, "How much of the picture is noise; 0 does nothing" },
};
enum { AMOUNT };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("noise images %g %%", 100 * kairos_clip_number (clip, "amount"));
}

static void
apply (const KairosTransform *transform, KairosShape shape, guint64 step, guint32 id, guint32 draw, float *image,
       float *scratch)
{
  KairosRandom random = kairos_transform_random (transform, 0, id);
  float amount = transform->values[0];
  gsize size = kairos_shape_size (shape);

  for (gsize i = 0; i < size; i++)
    image[i] = (1 - amount) * image[i] + amount * kairos_random_float (&random);
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  KairosTransform *transform = clip->values[AMOUNT] > 0 ? kairos_regime_add_transform (regime, clip, moment) : NULL;

  if (!transform)
    return;
  transform->apply = apply;
  transform->values[0] = (float) clip->values[AMOUNT];
}

const KairosKindRow kairos_kind_noise_images = {
  .info = { "noise-images", "Noise images", "Shows the network white noise in place of the pictures.", "Deficits",
            "input", FALSE, KAIROS_OVERLAP_STACK, params, G_N_ELEMENTS (params) },
  .most = KAIROS_MAX_TRANSFORMS - 1,
  .pictures = TRUE,
  .label = label,
  .contribute = contribute,
};
