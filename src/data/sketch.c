/* SPDX-License-Identifier: MIT */

/* The drawing, and the two ways to make a sample of it.
 *
 * Both draw the strokes anew, several times as large as the sample, and average squares of points.  To centre, the
 * drawing is first looked at as it is on the pad, for the box around the ink; then drawn with that box where the recipe
 * wants it, and at last moved by whole points.  In MNIST itself the centre of mass lies within the point whose index is
 * half the side, and the longer side of the box is 20 points exactly.
 */
#include "sketch-private.h"

#include <math.h>
#include <string.h>

#define PEN 0.08          /* of the pad's height, at the pressure of a mouse */
#define PRESSURE_STEPS 16 /* that are told apart, so that most of a stroke is one path */
#define FAR 10            /* from the pad, beyond which points are drawn nearer */
#define BOX (20.0 / 28)   /* of a side that the ink fills */
#define SMALLEST 0.2      /* of the pad's height: what is smaller is enlarged as if it were so large */
#define LOOK 320          /* points of the pad's larger side when the box is looked for */
#define INK 128           /* of 255: what counts for the box */
#define FINE_SIDE 512     /* about how many points are averaged along a side */
#define MOST_FINE 8

typedef struct {
  double x, y, width;
} Point;

struct _KairosSketch {
  KairosSketchStyle style;
  double aspect;
  GPtrArray *strokes; /* of GArray of Point */
  KairosSketchPicture *picture;
};

KairosSketch *
kairos_sketch_new (const KairosSketchStyle *style)
{
  KairosSketch *sketch = g_new0 (KairosSketch, 1);

  sketch->style = *style;
  sketch->aspect = (double) style->shape.width / style->shape.height;
  sketch->strokes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  return sketch;
}

void
kairos_sketch_free (KairosSketch *sketch)
{
  if (!sketch)
    return;
  g_ptr_array_unref (sketch->strokes);
  kairos_sketch_picture_free (sketch->picture);
  g_free (sketch);
}

const KairosSketchStyle *
kairos_sketch_get_style (KairosSketch *sketch)
{
  return &sketch->style;
}

/* ---- Drawing it ---- */

static void
add_point (GArray *stroke, double x, double y, double pressure)
{
  double steps = isfinite (pressure) ? round (CLAMP (pressure, 0, 1) * PRESSURE_STEPS) : PRESSURE_STEPS / 2;
  Point point = { CLAMP (x, -FAR, FAR), CLAMP (y, -FAR, FAR), PEN * (0.5 + steps / PRESSURE_STEPS) };

  if (isfinite (x) && isfinite (y))
    g_array_append_val (stroke, point);
}

void
kairos_sketch_begin_stroke (KairosSketch *sketch, double x, double y, double pressure)
{
  GArray *stroke = g_array_new (FALSE, FALSE, sizeof (Point));

  add_point (stroke, x, y, pressure);
  g_ptr_array_add (sketch->strokes, stroke);
}

void
kairos_sketch_extend_stroke (KairosSketch *sketch, double x, double y, double pressure)
{
  if (sketch->strokes->len == 0)
    kairos_sketch_begin_stroke (sketch, x, y, pressure);
  else
    add_point (g_ptr_array_index (sketch->strokes, sketch->strokes->len - 1), x, y, pressure);
}

gboolean
kairos_sketch_undo (KairosSketch *sketch)
{
  if (kairos_sketch_is_empty (sketch))
    return FALSE;
  if (sketch->strokes->len > 0)
    g_ptr_array_set_size (sketch->strokes, sketch->strokes->len - 1);
  else
    g_clear_pointer (&sketch->picture, kairos_sketch_picture_free);
  return TRUE;
}

void
kairos_sketch_clear (KairosSketch *sketch)
{
  g_ptr_array_set_size (sketch->strokes, 0);
  g_clear_pointer (&sketch->picture, kairos_sketch_picture_free);
}

guint
kairos_sketch_get_n_strokes (KairosSketch *sketch)
{
  return sketch->strokes->len;
}

gboolean
kairos_sketch_is_empty (KairosSketch *sketch)
{
  return sketch->strokes->len == 0 && !sketch->picture;
}

void
kairos_sketch_set_picture (KairosSketch *sketch, KairosSketchPicture *picture)
{
  kairos_sketch_clear (sketch);
  sketch->picture = picture;
}

/* ---- Ink ---- */

static void
curve_to (cairo_t *cr, Point from, Point by, Point to)
{
  cairo_curve_to (cr, from.x + (by.x - from.x) * 2 / 3, from.y + (by.y - from.y) * 2 / 3, to.x + (by.x - to.x) * 2 / 3,
                  to.y + (by.y - to.y) * 2 / 3, to.x, to.y);
}

/* Through the middles between points, each point pulling the line towards it; a new path where the width changes. */
static void
draw_stroke (cairo_t *cr, GArray *stroke)
{
  const Point *points = (const Point *) (void *) stroke->data;
  Point at = stroke->len > 0 ? points[0] : (Point){ 0 };

  if (stroke->len == 0)
    return;
  cairo_set_line_width (cr, at.width);
  cairo_move_to (cr, at.x, at.y);
  cairo_line_to (cr, at.x, at.y); /* with round caps, a dot */
  for (guint i = 1; i < stroke->len; i++) {
    Point by = points[i], to = by;

    if (i + 1 < stroke->len)
      to.x = (by.x + points[i + 1].x) / 2, to.y = (by.y + points[i + 1].y) / 2;
    if (by.width != at.width) {
      cairo_stroke (cr);
      cairo_set_line_width (cr, by.width);
      cairo_move_to (cr, at.x, at.y);
    }
    curve_to (cr, at, by, to);
    at = to;
  }
  cairo_stroke (cr);
}

static void
draw_strokes (KairosSketch *sketch, cairo_t *cr)
{
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_tolerance (cr, 0.1);
  for (guint i = 0; i < sketch->strokes->len; i++)
    draw_stroke (cr, g_ptr_array_index (sketch->strokes, i));
}

/* The pad filled with a surface, as source. */
static void
set_source (KairosSketch *sketch, cairo_t *cr, cairo_surface_t *surface)
{
  double scale = 1.0 / cairo_image_surface_get_height (surface);

  cairo_scale (cr, scale, scale);
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_GOOD);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
}

static void
set_colour (cairo_t *cr, const float *colour, int channels)
{
  cairo_set_source_rgb (cr, colour[0], colour[channels == 3 ? 1 : 0], colour[channels == 3 ? 2 : 0]);
}

/* Strokes stand out of what is under them. */
static float
stroke_colour (KairosSketch *sketch, int channel)
{
  return sketch->picture ? sketch->picture->stroke : sketch->style.ink[channel];
}

void
kairos_sketch_draw (KairosSketch *sketch, cairo_t *cr)
{
  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, sketch->aspect, 1);
  cairo_clip (cr);
  set_colour (cr, sketch->style.paper, sketch->style.shape.channels);
  cairo_paint (cr);
  if (sketch->picture) {
    cairo_save (cr);
    set_source (sketch, cr, sketch->picture->colours);
    cairo_paint (cr);
    cairo_restore (cr);
  }
  set_colour (cr, (float[]){ stroke_colour (sketch, 0), stroke_colour (sketch, 1), stroke_colour (sketch, 2) },
              sketch->style.shape.channels);
  draw_strokes (sketch, cr);
  cairo_restore (cr);
}

/* The ink on the pad as points of 0 .. 255; place: from the pad to the points. */
static cairo_surface_t *
draw_ink (KairosSketch *sketch, gboolean with_picture, int width, int height, const cairo_matrix_t *place)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_A8, width, height);
  cairo_t *cr = cairo_create (surface);

  cairo_transform (cr, place);
  cairo_rectangle (cr, 0, 0, sketch->aspect, 1);
  cairo_clip (cr);
  if (with_picture && sketch->picture) {
    cairo_save (cr);
    set_source (sketch, cr, sketch->picture->ink);
    cairo_paint (cr);
    cairo_restore (cr);
  }
  cairo_set_source_rgba (cr, 0, 0, 0, 1);
  draw_strokes (sketch, cr);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

/* ---- Where it goes ---- */

typedef struct {
  double x, y, width, height;
} Box;

/* Around the ink, in units of the pad; FALSE: there is none. */
static gboolean
find_box (KairosSketch *sketch, Box *box)
{
  double scale = LOOK / MAX (sketch->aspect, 1);
  int width = MAX (1, (int) lround (sketch->aspect * scale)), height = MAX (1, (int) lround (scale));
  int left = width, right = -1, top = height, bottom = -1;
  cairo_matrix_t place;
  cairo_surface_t *surface;
  const guint8 *row;

  cairo_matrix_init_scale (&place, scale, scale);
  surface = draw_ink (sketch, TRUE, width, height, &place);
  row = cairo_image_surface_get_data (surface);
  for (int y = 0; y < height; y++, row += cairo_image_surface_get_stride (surface))
    for (int x = 0; x < width; x++)
      if (row[x] >= INK) {
        left = MIN (left, x), right = MAX (right, x);
        top = MIN (top, y), bottom = MAX (bottom, y);
      }
  cairo_surface_destroy (surface);
  *box = (Box){ left / scale, top / scale, (right + 1 - left) / scale, (bottom + 1 - top) / scale };
  return right >= 0;
}

/* From the pad to the sample, the box in the corner of its margin. */
static void
place_box (KairosShape shape, const Box *box, cairo_matrix_t *place)
{
  double width = BOX * shape.width, height = BOX * shape.height;
  double scale = MIN (width / MAX (box->width, SMALLEST), height / MAX (box->height, SMALLEST));

  cairo_matrix_init_translate (place, round ((shape.width - width) / 2), round ((shape.height - height) / 2));
  cairo_matrix_scale (place, scale, scale);
  cairo_matrix_translate (place, -box->x, -box->y);
}

/* Squares of fine x fine points become one value, 0 .. 1. */
static float *
average (cairo_surface_t *surface, KairosShape shape, int fine)
{
  float *out = g_new (float, (gsize) shape.height *shape.width);
  int stride = cairo_image_surface_get_stride (surface);
  const guint8 *data = cairo_image_surface_get_data (surface);

  for (int y = 0; y < shape.height; y++)
    for (int x = 0; x < shape.width; x++) {
      const guint8 *row = data + (gsize) y * fine * stride + (gsize) x * fine;
      guint sum = 0;

      for (int i = 0; i < fine; i++, row += stride)
        for (int j = 0; j < fine; j++)
          sum += row[j];
      out[(gsize) y * shape.width + x] = sum / (255.0f * fine * fine);
    }
  return out;
}

static float *
draw_small (KairosSketch *sketch, gboolean with_picture, const cairo_matrix_t *place)
{
  KairosShape shape = sketch->style.shape;
  int fine = CLAMP (FINE_SIDE / MAX (shape.width, shape.height), 1, MOST_FINE);
  cairo_matrix_t finer;
  cairo_surface_t *surface;
  float *out;

  cairo_matrix_init_scale (&finer, fine, fine);
  cairo_matrix_multiply (&finer, place, &finer);
  surface = draw_ink (sketch, with_picture, shape.width * fine, shape.height * fine, &finer);
  out = average (surface, shape, fine);
  cairo_surface_destroy (surface);
  return out;
}

/* Moves by whole points, so that the centre of mass comes into the point in the middle. */
static float *
move_to_middle (const float *ink, KairosShape shape)
{
  double mass = 0, mass_x = 0, mass_y = 0;
  float *out = g_new0 (float, (gsize) shape.height *shape.width);
  int dx, dy;

  for (int y = 0; y < shape.height; y++)
    for (int x = 0; x < shape.width; x++) {
      double value = ink[(gsize) y * shape.width + x];

      mass += value, mass_x += value * x, mass_y += value * y;
    }
  dx = mass > 0 ? shape.width / 2 - (int) lround (mass_x / mass) : 0;
  dy = mass > 0 ? shape.height / 2 - (int) lround (mass_y / mass) : 0;
  for (int y = MAX (0, dy); y < MIN (shape.height, shape.height + dy); y++)
    for (int x = MAX (0, dx); x < MIN (shape.width, shape.width + dx); x++)
      out[(gsize) y * shape.width + x] = ink[(gsize) (y - dy) * shape.width + x - dx];
  return out;
}

/* ---- The sample ---- */

/* What the ink makes of the paper. */
static float *
on_paper (const KairosSketchStyle *style, const float *ink)
{
  int channels = style->shape.channels;
  gsize n = kairos_shape_size (style->shape);
  float *out = g_new (float, n);

  for (gsize i = 0; i < n; i++) {
    int c = (int) (i % channels);

    out[i] = style->paper[c] + (style->ink[c] - style->paper[c]) * ink[i / channels];
  }
  return out;
}

static float *
on_picture (KairosSketch *sketch, const float *ink)
{
  int channels = sketch->style.shape.channels;
  gsize n = kairos_shape_size (sketch->style.shape);
  float *out = g_memdup2 (sketch->picture->values, n * sizeof *out);

  for (gsize i = 0; i < n; i++)
    out[i] += (sketch->picture->stroke - out[i]) * ink[i / channels];
  return out;
}

float *
kairos_sketch_render (KairosSketch *sketch, gboolean centre)
{
  KairosShape shape = sketch->style.shape;
  g_autofree float *ink = NULL, *moved = NULL;
  cairo_matrix_t place;
  Box box;

  if (centre && find_box (sketch, &box)) {
    place_box (shape, &box, &place);
    ink = draw_small (sketch, TRUE, &place);
    moved = move_to_middle (ink, shape);
    return on_paper (&sketch->style, moved);
  }
  cairo_matrix_init_scale (&place, shape.height, shape.height);
  ink = draw_small (sketch, FALSE, &place);
  return sketch->picture ? on_picture (sketch, ink) : on_paper (&sketch->style, ink);
}
