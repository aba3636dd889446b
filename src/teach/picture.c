/* SPDX-License-Identifier: MIT */

/* What deficits and augmentation do to pictures: H x W x C floats, channels last. */
#include "kind-private.h"

#include <math.h>
#include <string.h>

void
kairos_picture_shift (KairosShape shape, int down, int right, gboolean mirror, float *image, float *scratch)
{
  gsize c = shape.channels, row = shape.width * c;

  if (down == 0 && right == 0 && !mirror)
    return;
  memcpy (scratch, image, shape.height * row * sizeof *image);
  for (int y = 0; y < shape.height; y++)
    for (int x = 0; x < shape.width; x++) {
      int from_y = y - down, from_x = (mirror ? shape.width - 1 - x : x) - right;
      gboolean inside = from_y >= 0 && from_y < shape.height && from_x >= 0 && from_x < shape.width;
      for (gsize i = 0; i < c; i++)
        image[y * row + x * c + i] = inside ? scratch[from_y * row + from_x * c + i] : 0;
    }
}

void
kairos_picture_fill (KairosShape shape, int top, int left, int height, int width, const float *colour, float *image)
{
  for (int y = MAX (top, 0); y < MIN (top + height, shape.height); y++)
    for (int x = MAX (left, 0); x < MIN (left + width, shape.width); x++)
      memcpy (image + ((gsize) y * shape.width + x) * shape.channels, colour, shape.channels * sizeof *colour);
}

void
kairos_picture_mean (KairosShape shape, const float *image, float *colour)
{
  gsize n = (gsize) shape.height * shape.width;

  for (int c = 0; c < shape.channels; c++) {
    double sum = 0;
    for (gsize i = 0; i < n; i++)
      sum += image[i * shape.channels + c];
    colour[c] = (float) (sum / n);
  }
}

/* ---- Resampling ---- */

/* The source rows (or columns) under the triangle of one target, and its scale; the caller divides by the sum of the
 * weights. */
typedef struct {
  int first, end;
  double centre, scale;
} Support;

static Support
support_of (int target, int n_target, int n_source)
{
  double ratio = (double) n_source / n_target, scale = MAX (ratio, 1);
  double centre = (target + 0.5) * ratio - 0.5;

  return (Support){ MAX (0, (int) ceil (centre - scale)), MIN (n_source, (int) floor (centre + scale) + 1), centre,
                    scale };
}

static float
weight_at (const Support *support, int source)
{
  double distance = fabs (source - support->centre) / support->scale;

  return distance < 1 ? (float) (1 - distance) : 0;
}

/* One target line as the weighted mean of source lines; lines are n floats, `apart` floats one from the next. */
static void
mix_lines (const Support *support, const float *in, gsize apart, gsize n, float *out)
{
  float sum = 0;

  memset (out, 0, n * sizeof *out);
  for (int source = support->first; source < support->end; source++)
    sum += weight_at (support, source);
  for (int source = support->first; source < support->end; source++) {
    float weight = weight_at (support, source) / sum;
    const float *line = in + source * apart;
    for (gsize i = 0; i < n; i++)
      out[i] += weight * line[i];
  }
}

void
kairos_picture_resize (KairosShape from, const float *in, int height, int width, float *out, float *scratch)
{
  gsize c = from.channels, row = from.width * c;

  for (int y = 0; y < height; y++) {
    Support support = support_of (y, height, from.height);
    mix_lines (&support, in, row, row, scratch + y * row);
  }
  for (int x = 0; x < width; x++) {
    Support support = support_of (x, width, from.width);
    for (int y = 0; y < height; y++)
      mix_lines (&support, scratch + y * row, c, c, out + ((gsize) y * width + x) * c);
  }
}
