/* SPDX-License-Identifier: MIT */

/* Blur: pictures are made smaller by a factor and large again (kairos/blur.h). */
#include "../kind-private.h"

#include <kairos/blur.h>

static const KairosParam params[] = {
  { "factor", KAIROS_PARAM_REAL, NULL, 1, 64, 4, NULL,
    "By what the pictures are made smaller before they are made large again; 1 does nothing" },
};
enum { FACTOR };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("blur %gx", kairos_clip_number (clip, "factor"));
}

static void
apply (const KairosTransform *transform, KairosShape shape, guint64 step, guint32 id, guint32 draw, float *image,
       float *scratch)
{
  kairos_picture_blur (shape, transform->values[0], image, scratch);
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  KairosTransform *transform = kairos_regime_add_transform (regime, clip, moment);

  if (!transform)
    return;
  transform->apply = apply;
  transform->values[0] = (float) clip->values[FACTOR];
}

const KairosKindRow kairos_kind_blur = {
  .info = { "blur", "Blur", "Shows the network blurred pictures.", "Deficits", "input", FALSE, KAIROS_OVERLAP_STACK,
            params, G_N_ELEMENTS (params), .live = N_ ("Blur") },
  .most = KAIROS_MAX_TRANSFORMS - 1,
  .pictures = TRUE,
  .label = label,
  .contribute = contribute,
};
