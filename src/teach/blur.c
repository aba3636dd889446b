/* SPDX-License-Identifier: MIT */

/* See kairos/blur.h. */
#include <kairos/blur.h>

#include <math.h>

#include "kind-private.h"

void
kairos_picture_blur (KairosShape shape, float factor, float *image, float *scratch)
{
  KairosShape small = shape;
  gsize size = kairos_shape_size (shape);

  small.height = MAX (1, (int) lround (shape.height / factor));
  small.width = MAX (1, (int) lround (shape.width / factor));
  if (small.height == shape.height && small.width == shape.width)
    return;
  kairos_picture_resize (shape, image, small.height, small.width, scratch, scratch + size);
  kairos_picture_resize (small, scratch, shape.height, shape.width, image, scratch + size);
}
