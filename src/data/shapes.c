/* SPDX-License-Identifier: MIT */

/* builtin:shapes: a textured shape in a colourful scene, 32x32 points.  Colour, texture, place, size and turn say
 * nothing about the class; only the outline does. */
#include <cairo.h>
#include <math.h>

#include "builtin.h"

enum { SIDE = 32 };
#define TURN (2 * G_PI)

static const char *const names[] = { "circle", "square",   "triangle", "pentagon", "star", "ring",
                                     "cross",  "crescent", "heart",    "arrow",    NULL };

/* ---- Outlines, within the unit circle ---- */

/* n corners; every other one drawn in to `inner` for stars. */
static void
polygon (cairo_t *cr, int n, double inner)
{
  for (int i = 0; i < n; i++) {
    double radius = i % 2 == 1 ? inner : 1;

    cairo_line_to (cr, radius * sin (TURN * i / n), -radius * cos (TURN * i / n));
  }
  cairo_close_path (cr);
}

static void
circle (cairo_t *cr)
{
  cairo_arc (cr, 0, 0, 0.9, 0, TURN);
}

static void
square (cairo_t *cr)
{
  cairo_rectangle (cr, -0.8, -0.8, 1.6, 1.6);
}

static void
triangle (cairo_t *cr)
{
  polygon (cr, 3, 1);
}

static void
pentagon (cairo_t *cr)
{
  polygon (cr, 5, 1);
}

static void
star (cairo_t *cr)
{
  polygon (cr, 10, 0.42);
}

static void
ring (cairo_t *cr)
{
  cairo_arc (cr, 0, 0, 0.95, 0, TURN);
  cairo_new_sub_path (cr);
  cairo_arc_negative (cr, 0, 0, 0.5, TURN, 0);
}

static void
cross (cairo_t *cr)
{
  cairo_rectangle (cr, -0.95, -0.3, 1.9, 0.6);
  cairo_rectangle (cr, -0.3, -0.95, 0.6, 1.9);
}

static void
crescent (cairo_t *cr)
{
  cairo_arc (cr, 0, 0, 0.95, TURN / 8, 7 * TURN / 8);
  cairo_arc_negative (cr, 0.5, 0, 0.7, TURN * 0.7, TURN * 0.3);
  cairo_close_path (cr);
}

static void
heart (cairo_t *cr)
{
  cairo_move_to (cr, 0, 0.95);
  cairo_curve_to (cr, -1.5, -0.2, -0.7, -1.3, 0, -0.4);
  cairo_curve_to (cr, 0.7, -1.3, 1.5, -0.2, 0, 0.95);
  cairo_close_path (cr);
}

static void
arrow (cairo_t *cr)
{
  static const double corners[][2] = { { 1, 0 },       { 0.2, -0.8 }, { 0.2, -0.3 }, { -0.95, -0.3 },
                                       { -0.95, 0.3 }, { 0.2, 0.3 },  { 0.2, 0.8 } };

  for (guint i = 0; i < G_N_ELEMENTS (corners); i++)
    cairo_line_to (cr, corners[i][0], corners[i][1]);
  cairo_close_path (cr);
}

static void (*const outlines[]) (cairo_t *cr) = { circle, square, triangle, pentagon, star,
                                                  ring,   cross,  crescent, heart,    arrow };

/* ---- Colours and textures ---- */

typedef struct {
  double r, g, b;
} Colour;

static Colour
any_colour (KairosRandom *random)
{
  double r = kairos_random_float (random), g = kairos_random_float (random), b = kairos_random_float (random);

  return (Colour){ r, g, b };
}

static double
difference (Colour a, Colour b)
{
  return fabs (a.r - b.r) + fabs (a.g - b.g) + fabs (a.b - b.b);
}

static Colour
colour_unlike (KairosRandom *random, Colour other, double least)
{
  Colour colour = any_colour (random);

  for (int i = 0; i < 20 && difference (colour, other) < least; i++)
    colour = any_colour (random);
  return colour;
}

static void
set_colour (cairo_t *cr, Colour colour, double alpha)
{
  cairo_set_source_rgba (cr, colour.r, colour.g, colour.b, alpha);
}

/* Stripes, crossed for a check, over whatever the clip leaves open. */
static void
draw_stripes (cairo_t *cr, KairosRandom *random, Colour colour, double alpha)
{
  double period = kairos_random_range (random, 3, 7);
  int directions = 1 + kairos_random_below (random, 2);

  cairo_save (cr);
  cairo_translate (cr, SIDE / 2.0, SIDE / 2.0);
  cairo_rotate (cr, kairos_random_range (random, 0, TURN));
  set_colour (cr, colour, alpha);
  cairo_set_line_width (cr, period / 2);
  for (int i = 0; i < directions; i++) {
    for (double x = -SIDE; x < SIDE; x += period) {
      cairo_move_to (cr, x, -SIDE);
      cairo_line_to (cr, x, SIDE);
    }
    cairo_stroke (cr);
    cairo_rotate (cr, TURN / 4);
  }
  cairo_restore (cr);
}

static void
draw_scene (cairo_t *cr, KairosRandom *random, Colour colour, int clutter)
{
  set_colour (cr, colour, 1);
  cairo_paint (cr);
  if (kairos_random_below (random, 2) == 0)
    draw_stripes (cr, random, any_colour (random), 0.2);
  for (int i = 0; i < clutter; i++) {
    double x = kairos_random_range (random, 0, SIDE), y = kairos_random_range (random, 0, SIDE);

    set_colour (cr, any_colour (random), 0.7);
    cairo_move_to (cr, x, y);
    if (kairos_random_below (random, 2) == 0) {
      cairo_arc (cr, x, y, kairos_random_range (random, 0.5f, 2), 0, TURN);
      cairo_fill (cr);
    } else {
      double dx = kairos_random_range (random, -12, 12), dy = kairos_random_range (random, -12, 12);

      cairo_rel_line_to (cr, dx, dy);
      cairo_set_line_width (cr, kairos_random_range (random, 0.7f, 2));
      cairo_stroke (cr);
    }
  }
}

/* Returns how hard the shape is to see: 0 .. 1. */
static float
draw_shape (cairo_t *cr, KairosRandom *random, int label, Colour background)
{
  float radius = kairos_random_range (random, 8, 13.5f), room = SIDE / 2.0f - radius;
  float least = kairos_random_range (random, 0.6f, 1.3f), squeeze = kairos_random_range (random, 0.8f, 1);
  Colour colour = colour_unlike (random, background, least);
  gboolean textured = kairos_random_below (random, 2) == 0;

  cairo_save (cr);
  cairo_translate (cr, SIDE / 2.0 + room * kairos_random_range (random, -1, 1),
                   SIDE / 2.0 + room * kairos_random_range (random, -1, 1));
  cairo_rotate (cr, kairos_random_range (random, -0.6f, 0.6f));
  cairo_scale (cr, radius, radius * squeeze);
  cairo_new_path (cr);
  outlines[label](cr);
  cairo_restore (cr);
  set_colour (cr, colour, 1);
  cairo_fill_preserve (cr);
  cairo_save (cr);
  cairo_clip (cr);
  if (textured)
    draw_stripes (cr, random, colour_unlike (random, background, least), 0.6);
  cairo_restore (cr);
  return 0.4f * (13.5f - radius) / 5.5f + 0.4f * MAX (0, 1.5f - (float) difference (colour, background)) +
         0.2f * textured;
}

static float
shapes_draw (KairosRandom *random, int label, gpointer out)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, SIDE, SIDE);
  cairo_t *cr = cairo_create (surface);
  int clutter = kairos_random_below (random, 7), stride = cairo_image_surface_get_stride (surface);
  float grain = 30 * kairos_random_float (random) * kairos_random_float (random), hidden;
  Colour background = any_colour (random);
  guint8 *bytes = out;

  draw_scene (cr, random, background, clutter);
  hidden = draw_shape (cr, random, label, background);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  for (int y = 0; y < SIDE; y++) {
    const guint32 *row = (const guint32 *) (cairo_image_surface_get_data (surface) + (gsize) y * stride);

    for (int x = 0; x < SIDE; x++)
      for (int c = 0; c < 3; c++)
        *bytes++ = row[x] >> (16 - 8 * c);
  }
  cairo_surface_destroy (surface);
  kairos_builtin_add_noise (random, out, SIDE * SIDE * 3, grain);
  return CLAMP (0.7f * hidden + 0.2f * clutter / 6 + 0.2f * grain / 30, 0, 1);
}

const KairosBuiltin kairos_builtin_shapes = {
  { "shapes", "ten textured shapes in colourful clutter, 32x32", { SIDE, SIDE, 3 }, 10, 12000, "small-cnn" },
  "Shapes",
  names,
  shapes_draw,
};
