/* SPDX-License-Identifier: MIT */

/* What the pictures of a data set have in common that a drawing should have, too: see sketch.h. */
#include "kairos/sketch.h"

#include <math.h>

#define MOST_LOOKED 400               /* samples */
#define MOST_VALUES (4 * 1024 * 1024) /* of them all */
#define DARK 0.02                     /* mean of the border, 0 .. 1 */
#define NEAR (1.5 / 28)               /* of the side: how far the centre of mass may lie from the middle */
#define MOST 0.8                      /* of the samples that must be so */
#define SNAP 0.04                     /* a colour this close to black or white is meant to be it */

/* The sum of the outermost points, a channel; returns how many they are. */
static guint
add_border (const guint8 *picture, KairosShape shape, double *sum)
{
  guint n = 0;

  for (int y = 0; y < shape.height; y++)
    for (int x = 0; x < shape.width; x++, picture += shape.channels)
      if (y == 0 || x == 0 || y == shape.height - 1 || x == shape.width - 1) {
        for (int c = 0; c < shape.channels; c++)
          sum[c] += picture[c];
        n++;
      }
  return n;
}

static gboolean
has_centre_in_middle (const guint8 *picture, KairosShape shape)
{
  double mass = 0, mass_x = 0, mass_y = 0;

  for (int y = 0; y < shape.height; y++)
    for (int x = 0; x < shape.width; x++, picture++) {
      mass += *picture;
      mass_x += *picture * (double) x;
      mass_y += *picture * (double) y;
    }
  return mass > 0 && fabs (mass_x / mass - shape.width / 2) <= NEAR * shape.width &&
         fabs (mass_y / mass - shape.height / 2) <= NEAR * shape.height;
}

static void
set_colours (KairosSketchStyle *style, const double *paper)
{
  double mean = 0;

  for (int c = 0; c < style->shape.channels; c++) {
    style->paper[c] = paper[c] < SNAP ? 0 : paper[c] > 1 - SNAP ? 1 : (float) paper[c];
    mean += paper[c] / style->shape.channels;
  }
  for (int c = 0; c < style->shape.channels; c++)
    style->ink[c] = mean < 0.5 ? 1 : 0;
}

gboolean
kairos_sketch_style_init (KairosSketchStyle *style, KairosDataset *dataset)
{
  KairosShape shape = kairos_dataset_get_shape (dataset);
  const guint8 *official = kairos_dataset_get_official (dataset);
  guint n = kairos_dataset_get_n_samples (dataset), looked = 0, centred = 0, n_border = 0;
  gsize most = CLAMP (MOST_VALUES / kairos_shape_size (shape), 1, MOST_LOOKED);
  double paper[3] = { 0 };

  if (!kairos_dataset_is_image (dataset))
    return FALSE;
  /* Spread over the data set, which may be sorted by class. */
  for (gsize i = 0; i < MIN (most, n); i++) {
    guint id = i * n / MIN (most, n);
    const guint8 *picture = kairos_dataset_get_bytes (dataset, id);

    if (official[id] != KAIROS_SPLIT_TRAIN)
      continue;
    looked++;
    n_border += add_border (picture, shape, paper);
    centred += shape.channels == 1 && has_centre_in_middle (picture, shape);
  }
  for (int c = 0; c < 3; c++)
    paper[c] /= 255.0 * MAX (n_border, 1);
  *style = (KairosSketchStyle){ .shape = shape };
  style->centred = looked > 0 && shape.channels == 1 && paper[0] < DARK && centred >= MOST * looked;
  set_colours (style, paper);
  return TRUE;
}
