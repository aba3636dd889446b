/* SPDX-License-Identifier: MIT */

/* The picture under the strokes, shared by sketch.c, which draws with it, and sketch-picture.c, which makes it. */
#pragma once

#include "kairos/sketch.h"

G_BEGIN_DECLS

struct _KairosSketchPicture {
  float *values;            /* as a sample of the data set */
  cairo_surface_t *colours; /* larger, to be shown */
  cairo_surface_t *ink;     /* as large: how far it differs from its border */
  float stroke;             /* white or black, whichever stands out of it */
};

G_END_DECLS
