/* SPDX-License-Identifier: MIT */

/* Grey: pictures lose their colour; brightness stays (luma of ITU-R BT.601). */
#include "../kind-private.h"

static const KairosParam params[] = {
  { "amount", KAIROS_PARAM_REAL, NULL, 0, 1, 1, NULL, "How much of the colour goes; 0 does nothing" },
};
enum { AMOUNT };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("grey %g %%", 100 * kairos_clip_number (clip, "amount"));
}

static void
apply (const KairosTransform *transform, KairosShape shape, guint64 step, guint32 id, guint32 draw, float *image,
       float *scratch)
{
  gsize n = (gsize) shape.height * shape.width;
  float amount = transform->values[0];

  for (gsize i = 0; i < n; i++) {
    float *pixel = image + 3 * i, luma = 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
    for (int c = 0; c < 3; c++)
      pixel[c] = (1 - amount) * pixel[c] + amount * luma;
  }
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

const KairosKindRow kairos_kind_grey = {
  .info = { "grey", "Grey", "Takes the colour out of the pictures.", "Deficits", "input", FALSE, KAIROS_OVERLAP_STACK,
            params, G_N_ELEMENTS (params) },
  .most = KAIROS_MAX_TRANSFORMS - 1,
  .pictures = TRUE,
  .colour = TRUE,
  .label = label,
  .contribute = contribute,
};
