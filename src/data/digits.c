/* SPDX-License-Identifier: MIT */

/* builtin:digits, drawn as a hand draws them.
 *
 * A digit is one of several skeletons: strokes through a few points, smooth but at corners.  Its points tremble, the
 * whole is scaled, slanted, turned and moved, then drawn with a pen of varying width and ink on a page with stray
 * strokes, dots and grain. The amounts are balanced so that a linear classifier cannot follow while a small
 * convolutional network can.
 */
#include <cairo.h>
#include <math.h>
#include <stdlib.h>

#include "builtin.h"

enum { SIDE = 28, MAX_VARIANTS = 4, MAX_POINTS = 16 };

/* In a square of 100 x 100, y downwards: x y pairs; * after a point makes it a corner, | lifts the pen. */
static const char *const SKELETONS[10][MAX_VARIANTS] = {
  { "52 11 27 28 22 58 45 89 73 74 79 42 52 11", "62 14 34 20 24 56 42 88 70 80 78 44 56 12 44 16",
    "50 12 30 32 30 68 50 88 70 68 70 32 50 12" },
  { "52 10 50 90", "34 28 54 11* 52 90", "36 27 53 11* 51 89 | 32 89 72 88", "57 10 45 90" },
  { "24 31 45 11 72 25 64 50 22 88* 80 86", "27 27 50 11 71 28 58 56 28 84 36 73 54 82 80 85",
    "26 24 52 12 74 32 24 86* 52 82 78 88" },
  { "26 20 52 10 72 27 45 46* 76 66 54 90 22 80", "27 12 73 12* 46 43* 76 63 56 90 23 80",
    "29 18 56 12 68 30 42 47 44 49 74 62 60 88 26 84" },
  { "40 10 22 58* 80 57 | 64 34 61 92", "62 10 20 63* 84 62 | 62 10 61 92", "30 12 27 50* 74 50 | 74 12 71 91",
    "38 11 24 56* 60 60 79 55 | 70 14 56 92" },
  { "74 12 34 12* 30 46* 58 40 76 64 54 90 24 80", "34 13 31 46* 58 42 74 66 52 90 24 82 | 34 13 76 11",
    "70 10 38 14* 32 44* 62 46 72 68 50 88 28 84" },
  { "66 12 36 38 26 66 48 90 72 70 54 53 28 68", "54 10 30 46 29 78 52 89 70 72 54 56 32 68",
    "72 16 48 14 27 48 34 84 64 84 70 62 46 53 29 66" },
  { "22 14 78 14* 44 90", "22 14 78 13* 47 89 | 36 50 70 48", "23 18 46 13 78 15* 58 46 46 90",
    "24 28 26 13* 77 14* 50 54 42 90" },
  { "68 20 49 10 32 27 50 46 71 68 50 90 29 68 50 47 68 28 66 18",
    "50 10 31 28 50 47 69 28 50 10 | 50 47 27 68 50 90 73 68 50 47",
    "70 16 44 12 36 32 64 58 66 82 40 88 32 70 56 46 70 16" },
  { "70 28 50 10 28 30 46 52 70 31* 67 62 60 90", "70 30 50 11 29 30 46 51 68 37 70 60 56 87 32 83",
    "68 16 40 14 31 38 52 48 70 18* 66 54 66 90" },
};

typedef struct {
  double x, y;
  gboolean corner;
} Point;

/* Uniform Catmull-Rom through the points, as Bezier pieces; at a corner the tangent of each side points along its own
 * piece. */
static void
trace_stroke (cairo_t *cr, const Point *points, int n)
{
  cairo_move_to (cr, points[0].x, points[0].y);
  for (int i = 0; i + 1 < n; i++) {
    const Point *a = &points[i], *b = &points[i + 1];
    const Point *before = i > 0 && !a->corner ? a - 1 : a, *after = i + 2 < n && !b->corner ? b + 1 : b;

    cairo_curve_to (cr, a->x + (b->x - before->x) / 6, a->y + (b->y - before->y) / 6, b->x - (after->x - a->x) / 6,
                    b->y - (after->y - a->y) / 6, b->x, b->y);
  }
}

/* Draws the skeleton with every point moved by a normal draw of the given deviation. */
static void
trace_skeleton (cairo_t *cr, KairosRandom *random, const char *skeleton, float tremble)
{
  Point points[MAX_POINTS];
  int n = 0;

  for (const char *at = skeleton; *at != '\0';) {
    char *end;
    double x = strtol (at, &end, 10), y = strtol (end, &end, 10);

    points[n].x = x + tremble * kairos_random_normal (random);
    points[n].y = y + tremble * kairos_random_normal (random);
    points[n++].corner = *end == '*';
    at = end + (*end == '*');
    if (at[0] == '\0' || at[1] == '|') {
      trace_stroke (cr, points, n);
      n = 0;
      at += at[0] == '\0' ? 0 : 2;
    }
  }
}

/* A point near the border of the page, where stray ink usually is. */
static void
border_point (KairosRandom *random, double *x, double *y)
{
  float along = kairos_random_range (random, 0, SIDE), in = 4 * kairos_random_float (random);
  guint32 side = kairos_random_below (random, 4);

  *x = side == 0 ? in : side == 1 ? SIDE - in : along;
  *y = side == 2 ? in : side == 3 ? SIDE - in : along;
}

static void
draw_clutter (cairo_t *cr, KairosRandom *random, int amount)
{
  for (int i = 0; i < amount; i++) {
    double x, y;
    float angle = kairos_random_range (random, 0, 2 * (float) G_PI), length = kairos_random_range (random, 0, 7);

    border_point (random, &x, &y);
    cairo_set_source_rgba (cr, 0, 0, 0, kairos_random_range (random, 0.25f, 0.9f));
    cairo_set_line_width (cr, kairos_random_range (random, 0.8f, 2));
    cairo_move_to (cr, x, y);
    cairo_rel_line_to (cr, length * cosf (angle), length * sinf (angle));
    cairo_stroke (cr);
  }
}

static void
draw_digit (cairo_t *cr, KairosRandom *random, int label, float *effort)
{
  int n_variants = 0;
  float height = kairos_builtin_vary (random, 14, 22, 0.4f, effort);
  float aspect = kairos_builtin_vary (random, 0.72f, 1.12f, 0.3f, effort);
  float slant = kairos_builtin_vary (random, -0.45f, 0.45f, 1, effort);
  float turn = kairos_builtin_vary (random, -0.28f, 0.28f, 1, effort);
  float dx = kairos_builtin_vary (random, -3.2f, 3.2f, 0.5f, effort),
        dy = kairos_builtin_vary (random, -3.2f, 3.2f, 0.5f, effort);
  float tremble = kairos_builtin_vary (random, 0.5f, 4, 0, effort),
        width = kairos_builtin_vary (random, 1.3f, 3.6f, 0.6f, effort);
  cairo_matrix_t slanted = { 1, 0, -slant, 1, 0, 0 };

  *effort += tremble / 4;
  while (n_variants < MAX_VARIANTS && SKELETONS[label][n_variants])
    n_variants++;
  cairo_save (cr);
  cairo_translate (cr, SIDE / 2.0 + dx, SIDE / 2.0 + dy);
  cairo_rotate (cr, turn);
  cairo_transform (cr, &slanted);
  cairo_scale (cr, aspect * height / 80, height / 80); /* a skeleton is 80 high */
  cairo_translate (cr, -50, -50);
  trace_skeleton (cr, random, SKELETONS[label][kairos_random_below (random, n_variants)], tremble);
  cairo_restore (cr); /* the pen is round whatever the slant */
  cairo_set_source_rgba (cr, 0, 0, 0, 1);
  cairo_set_line_width (cr, width);
  cairo_stroke (cr);
}

static float
digits_draw (KairosRandom *random, int label, gpointer out)
{
  guint8 *bytes = out;
  float effort = 0;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_A8, SIDE, SIDE);
  cairo_t *cr = cairo_create (surface);
  const guint8 *pixels;
  float ink, paper, grain;
  int clutter = kairos_random_below (random, 4), stride = cairo_image_surface_get_stride (surface);

  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  draw_clutter (cr, random, clutter);
  draw_digit (cr, random, label, &effort);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  pixels = cairo_image_surface_get_data (surface);

  ink = kairos_random_range (random, 0.5f, 1);
  paper = kairos_random_range (random, 0, 0.15f);
  grain = 40 * kairos_random_float (random) * kairos_random_float (random);
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++)
      bytes[y * SIDE + x] = (guint8) (255 * paper + pixels[y * stride + x] * (ink - paper) + 0.5f);
  cairo_surface_destroy (surface);
  kairos_builtin_add_noise (random, bytes, SIDE * SIDE, grain);
  return CLAMP ((effort + clutter * 0.5f + 2 * (1 - ink) + grain / 40 - 1.5f) / 6, 0, 1);
}

const KairosBuiltin kairos_builtin_digits = {
  { "digits",
    "handwritten digits, 28x28 grey, with stray strokes and grain",
    { SIDE, SIDE, 1 },
    10,
    12000,
    "small-cnn-16" },
  "Digits",
  NULL,
  digits_draw,
};
