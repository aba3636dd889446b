/* SPDX-License-Identifier: MIT */

/* Occlusion: a part of every picture is covered with an even grey, at the same place in all of them. */
#include "../kind-private.h"

#include <math.h>

static const KairosParam params[] = {
  { "place", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "centre|left|right|top|bottom", "Which part is covered" },
  { "share", KAIROS_PARAM_REAL, NULL, 0, 1, 0.5, NULL,
    "How much of the picture's height and width, or of one of the two, is covered" },
  { "fill", KAIROS_PARAM_REAL, NULL, 0, 1, 0.5, NULL, "The grey: 0 black, 1 white" },
};
enum { PLACE, SHARE, FILL };
enum { CENTRE, LEFT, RIGHT, TOP, BOTTOM };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("occlusion %s %g %%", kairos_clip_text (clip, "place"),
                          100 * kairos_clip_number (clip, "share"));
}

static void
apply (const KairosTransform *transform, KairosShape shape, guint64 step, guint32 id, guint32 draw, float *image,
       float *scratch)
{
  int place = (int) transform->values[0];
  int height = place == LEFT || place == RIGHT ? shape.height : (int) lroundf (transform->values[1] * shape.height);
  int width = place == TOP || place == BOTTOM ? shape.width : (int) lroundf (transform->values[1] * shape.width);
  int top = place == CENTRE ? (shape.height - height) / 2 : place == BOTTOM ? shape.height - height : 0;
  int left = place == CENTRE ? (shape.width - width) / 2 : place == RIGHT ? shape.width - width : 0;

  for (int i = 0; i < shape.channels; i++)
    scratch[i] = transform->values[2];
  kairos_picture_fill (shape, top, left, height, width, scratch, image);
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  KairosTransform *transform = clip->values[SHARE] > 0 ? kairos_regime_add_transform (regime, clip, moment) : NULL;

  if (!transform)
    return;
  transform->apply = apply;
  for (int i = 0; i < 3; i++)
    transform->values[i] = (float) clip->values[i];
}

const KairosKindRow kairos_kind_occlusion = {
  .info = { "occlusion", "Occlusion", "Covers a part of every picture.", "Deficits", "input", FALSE,
            KAIROS_OVERLAP_STACK, params, G_N_ELEMENTS (params) },
  .most = KAIROS_MAX_TRANSFORMS - 1,
  .pictures = TRUE,
  .label = label,
  .contribute = contribute,
};
