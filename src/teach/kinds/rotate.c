/* SPDX-License-Identifier: MIT */

/* Rotate: pictures turn about their centre by a random angle, read bilinearly; what comes in is black. */
#include "../kind-private.h"

#include <math.h>
#include <string.h>

static const KairosParam params[] = {
  { "degrees", KAIROS_PARAM_REAL, "degrees", 0, 180, 15, NULL, "How far at most, to either side; 0 does nothing" },
};
enum { DEGREES };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("rotate %g deg", kairos_clip_number (clip, "degrees"));
}

static float
pixel (KairosShape shape, const float *image, int y, int x, int c)
{
  return y < 0 || x < 0 || y >= shape.height || x >= shape.width
             ? 0
             : image[((gsize) y * shape.width + x) * shape.channels + c];
}

static void
read_point (KairosShape shape, const float *image, float y, float x, float *out)
{
  int top = (int) floorf (y), left = (int) floorf (x);
  float down = y - top, right = x - left;

  for (int c = 0; c < shape.channels; c++)
    out[c] = (1 - down) *
                 ((1 - right) * pixel (shape, image, top, left, c) + right * pixel (shape, image, top, left + 1, c)) +
             down * ((1 - right) * pixel (shape, image, top + 1, left, c) +
                     right * pixel (shape, image, top + 1, left + 1, c));
}

static void
apply (const KairosTransform *transform, KairosShape shape, guint64 step, guint32 id, guint32 draw, float *image,
       float *scratch)
{
  KairosRandom random = kairos_transform_random (transform, step, draw);
  float angle = kairos_random_range (&random, -1, 1) * transform->values[0] * (float) G_PI / 180, sine = sinf (angle),
        cosine = cosf (angle);
  float middle_y = (shape.height - 1) / 2.0f, middle_x = (shape.width - 1) / 2.0f;

  memcpy (scratch, image, kairos_shape_size (shape) * sizeof *image);
  for (int y = 0; y < shape.height; y++)
    for (int x = 0; x < shape.width; x++) {
      float dy = y - middle_y, dx = x - middle_x;
      read_point (shape, scratch, middle_y + cosine * dy - sine * dx, middle_x + sine * dy + cosine * dx,
                  image + ((gsize) y * shape.width + x) * shape.channels);
    }
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  KairosTransform *transform = clip->values[DEGREES] > 0 ? kairos_regime_add_transform (regime, clip, moment) : NULL;

  if (!transform)
    return;
  transform->apply = apply;
  transform->values[0] = (float) clip->values[DEGREES];
}

const KairosKindRow kairos_kind_rotate = {
  .info = { "rotate", "Rotate", "Turns pictures a little at random, anew at each step.", "Augmentation", "input", FALSE,
            KAIROS_OVERLAP_STACK, params, G_N_ELEMENTS (params) },
  .most = KAIROS_MAX_TRANSFORMS - 1,
  .pictures = TRUE,
  .label = label,
  .contribute = contribute,
};
