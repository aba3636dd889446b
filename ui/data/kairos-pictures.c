/* SPDX-License-Identifier: MIT */

/* Draws samples into pictures of exactly the size they are shown at, so that showing them is a plain copy.
 *
 * The cache is a table of entries by (id, size) and a queue of them, the most recently used first; what is beyond the
 * budget goes from the end.
 */
#include "kairos-pictures.h"

#include <math.h>
#include <string.h>

#define BACKGROUND_RED 0.11
#define BACKGROUND_GREEN 0.11
#define BACKGROUND_BLUE 0.13
#define MAX_BARS 24
#define MAX_POINTS 400
#define RANGE_SAMPLES 2000 /* looked at to find the range of each feature */

typedef struct {
  guint64 key;
  GdkTexture *texture;
  cairo_surface_t *surface; /* the same memory */
  gsize bytes;
  GList link;
} Picture;

struct _KairosPictures {
  gatomicrefcount ref_count;
  KairosDataset *dataset;
  KairosShape shape;
  GHashTable *table; /* key -> Picture */
  GQueue queue;      /* of Picture, most recently used first */
  gsize bytes;
  float *low, *high;        /* features: range of each */
  cairo_surface_t *scatter; /* the other points, at the size asked for last */
};

/* Okabe and Ito's colours, which people with any colour vision can tell apart. */
static const double palette[][3] = {
  { 0.34, 0.71, 0.91 }, { 0.90, 0.62, 0.00 }, { 0.00, 0.62, 0.45 }, { 0.80, 0.47, 0.65 },
  { 0.94, 0.89, 0.26 }, { 0.84, 0.37, 0.00 }, { 0.60, 0.60, 0.60 },
};

static void
picture_free (gpointer data)
{
  Picture *picture = data;

  g_object_unref (picture->texture);
  cairo_surface_destroy (picture->surface);
  g_free (picture);
}

/* ---- Images ---- */

/* Which source pixels one target pixel covers, and how much of each. */
typedef struct {
  int first, n;
  float *weights; /* into Axis.weights, adding up to 1 */
} Span;

typedef struct {
  Span *spans;
  float *weights;
} Axis;

static Axis
axis_new (int source, int target)
{
  double scale = (double) source / target;
  int most = (int) ceil (scale) + 1;
  Axis axis = { g_new (Span, target), g_new0 (float, (gsize) target *most) };

  for (int i = 0; i < target; i++) {
    double from = i * scale, to = from + scale;
    Span *span = &axis.spans[i];

    span->first = MIN ((int) from, source - 1);
    span->weights = axis.weights + (gsize) i * most;
    for (span->n = 0; span->n < most && span->first + span->n < source; span->n++) {
      int at = span->first + span->n;
      double covered = MIN (to, at + 1.0) - MAX (from, (double) at);

      if (covered <= 1e-9)
        break;
      span->weights[span->n] = covered / scale;
    }
  }
  return axis;
}

static void
axis_clear (Axis *axis)
{
  g_free (axis->spans);
  g_free (axis->weights);
}

static guint32
image_pixel (const guint8 *bytes, KairosShape shape, const Span *row, const Span *column)
{
  float sum[3] = { 0, 0, 0 };

  for (int i = 0; i < row->n; i++)
    for (int j = 0; j < column->n; j++) {
      const guint8 *pixel = bytes + ((gsize) (row->first + i) * shape.width + column->first + j) * shape.channels;
      float weight = row->weights[i] * column->weights[j];

      for (int c = 0; c < 3; c++)
        sum[c] += weight * pixel[c < shape.channels ? c : 0];
    }
  return 0xff000000u | (guint32) (sum[0] + 0.5f) << 16 | (guint32) (sum[1] + 0.5f) << 8 | (guint32) (sum[2] + 0.5f);
}

static cairo_surface_t *
draw_image (KairosPictures *self, const guint8 *bytes, int size)
{
  int longer = MAX (self->shape.width, self->shape.height);
  int width = MAX (1, size * self->shape.width / longer), height = MAX (1, size * self->shape.height / longer);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  guint8 *data = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);
  Axis rows = axis_new (self->shape.height, height), columns = axis_new (self->shape.width, width);

  for (int y = 0; y < height; y++) {
    guint32 *out = (guint32 *) (gpointer) (data + (gsize) y * stride);

    for (int x = 0; x < width; x++)
      out[x] = image_pixel (bytes, self->shape, &rows.spans[y], &columns.spans[x]);
  }
  axis_clear (&rows);
  axis_clear (&columns);
  cairo_surface_mark_dirty (surface);
  return surface;
}

/* ---- Features ---- */

static void
find_ranges (KairosPictures *self)
{
  guint n = kairos_dataset_get_n_samples (self->dataset), stride = MAX (1, n / RANGE_SAMPLES),
        features = self->shape.channels;

  self->low = g_new (float, features);
  self->high = g_new (float, features);
  for (guint f = 0; f < features; f++) {
    self->low[f] = INFINITY;
    self->high[f] = -INFINITY;
  }
  for (guint id = 0; id < n; id += stride)
    for (guint f = 0; f < features; f++) {
      float value = kairos_dataset_get_floats (self->dataset, id)[f];

      self->low[f] = fminf (self->low[f], value);
      self->high[f] = fmaxf (self->high[f], value);
    }
}

/* 0 .. 1 within the range of the feature. */
static double
place (KairosPictures *self, const float *values, guint feature)
{
  double extent = self->high[feature] - self->low[feature];

  if (!(extent > 0))
    return 0.5;
  return CLAMP ((values[feature] - self->low[feature]) / extent, 0, 1);
}

static cairo_t *
begin (int size)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, size, size);
  cairo_t *cr = cairo_create (surface);

  cairo_surface_destroy (surface);
  cairo_set_source_rgb (cr, BACKGROUND_RED, BACKGROUND_GREEN, BACKGROUND_BLUE);
  cairo_paint (cr);
  return cr;
}

static cairo_surface_t *
end (cairo_t *cr)
{
  cairo_surface_t *surface = cairo_surface_reference (cairo_get_target (cr));

  cairo_destroy (cr);
  return surface;
}

static void
set_class_colour (KairosPictures *self, cairo_t *cr, guint32 id, double alpha)
{
  const double *rgb = palette[kairos_dataset_get_labels (self->dataset)[id] % (int) G_N_ELEMENTS (palette)];

  cairo_set_source_rgba (cr, rgb[0], rgb[1], rgb[2], alpha);
}

static void
draw_dot (KairosPictures *self, cairo_t *cr, guint32 id, int size, double radius)
{
  const float *values = kairos_dataset_get_floats (self->dataset, id);
  double inset = size * 0.1, extent = size - 2 * inset;

  cairo_arc (cr, inset + extent * place (self, values, 0), inset + extent * (1 - place (self, values, 1)), radius, 0,
             2 * G_PI);
}

/* A faint picture of some of all points, drawn once a size. */
static cairo_surface_t *
get_scatter (KairosPictures *self, int size)
{
  guint n = kairos_dataset_get_n_samples (self->dataset), stride = MAX (1, n / MAX_POINTS);
  cairo_t *cr;

  if (self->scatter && cairo_image_surface_get_width (self->scatter) == size)
    return self->scatter;
  g_clear_pointer (&self->scatter, cairo_surface_destroy);
  cr = begin (size);
  for (guint id = 0; id < n; id += stride) {
    set_class_colour (self, cr, id, 0.35);
    draw_dot (self, cr, id, size, MAX (0.7, size / 90.0));
    cairo_fill (cr);
  }
  self->scatter = end (cr);
  return self->scatter;
}

static cairo_surface_t *
draw_point (KairosPictures *self, guint32 id, int size)
{
  cairo_t *cr = begin (size);

  cairo_set_source_surface (cr, get_scatter (self, size), 0, 0);
  cairo_paint (cr);
  draw_dot (self, cr, id, size, MAX (2.5, size / 18.0));
  set_class_colour (self, cr, id, 1);
  cairo_fill_preserve (cr);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_set_line_width (cr, MAX (1, size / 60.0));
  cairo_stroke (cr);
  return end (cr);
}

/* One bar a feature; of many features, the mean of neighbours. */
static cairo_surface_t *
draw_bars (KairosPictures *self, guint32 id, int size)
{
  const float *values = kairos_dataset_get_floats (self->dataset, id);
  guint features = self->shape.channels, n = MIN (features, MAX_BARS);
  double inset = size * 0.1, extent = size - 2 * inset, step = extent / n;
  cairo_t *cr = begin (size);

  set_class_colour (self, cr, id, 1);
  for (guint i = 0; i < n; i++) {
    guint from = (guint64) i * features / n, to = (guint64) (i + 1) * features / n;
    double mean = 0;

    for (guint f = from; f < to; f++)
      mean += place (self, values, f) / (to - from);
    cairo_rectangle (cr, inset + i * step, inset + extent * (1 - mean), MAX (step * 0.75, 1), MAX (extent * mean, 1));
  }
  cairo_fill (cr);
  return end (cr);
}

static cairo_surface_t *
draw_features (KairosPictures *self, guint32 id, int size)
{
  if (!self->low)
    find_ranges (self);
  return self->shape.channels == 2 ? draw_point (self, id, size) : draw_bars (self, id, size);
}

/* ---- The cache ---- */

static GdkTexture *
texture_from_surface (cairo_surface_t *surface)
{
  int stride = cairo_image_surface_get_stride (surface), width = cairo_image_surface_get_width (surface);
  int height = cairo_image_surface_get_height (surface);
  g_autoptr (GBytes) bytes = NULL;

  cairo_surface_flush (surface);
  bytes = g_bytes_new_with_free_func (cairo_image_surface_get_data (surface), (gsize) stride * height,
                                      (GDestroyNotify) cairo_surface_destroy, cairo_surface_reference (surface));
  return gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, stride);
}

static void
trim (KairosPictures *self)
{
  while (self->bytes > KAIROS_PICTURES_BUDGET && self->queue.length > 1) {
    Picture *last = self->queue.tail->data;

    g_queue_unlink (&self->queue, &last->link);
    self->bytes -= last->bytes;
    g_hash_table_remove (self->table, &last->key);
  }
}

static cairo_surface_t *
draw (KairosPictures *self, guint32 id, int size)
{
  const guint8 *bytes = kairos_dataset_get_bytes (self->dataset, id);

  return bytes ? draw_image (self, bytes, size) : draw_features (self, id, size);
}

KairosPictures *
kairos_pictures_new (KairosDataset *dataset)
{
  KairosPictures *self = g_new0 (KairosPictures, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->dataset = kairos_dataset_ref (dataset);
  self->shape = kairos_dataset_get_shape (dataset);
  self->table = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, picture_free);
  g_queue_init (&self->queue);
  return self;
}

KairosPictures *
kairos_pictures_ref (KairosPictures *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
kairos_pictures_unref (KairosPictures *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_hash_table_unref (self->table);
  g_clear_pointer (&self->scatter, cairo_surface_destroy);
  kairos_dataset_unref (self->dataset);
  g_free (self->low);
  g_free (self->high);
  g_free (self);
}

static Picture *
get (KairosPictures *self, guint32 id, int size)
{
  guint64 key = (guint64) id << 32 | (guint32) size;
  Picture *picture = g_hash_table_lookup (self->table, &key);

  if (picture) {
    g_queue_unlink (&self->queue, &picture->link);
    g_queue_push_head_link (&self->queue, &picture->link);
    return picture;
  }
  picture = g_new0 (Picture, 1);
  picture->key = key;
  picture->surface = draw (self, id, size);
  picture->texture = texture_from_surface (picture->surface);
  picture->bytes = (gsize) 4 * gdk_texture_get_width (picture->texture) * gdk_texture_get_height (picture->texture);
  picture->link.data = picture;
  g_hash_table_insert (self->table, &picture->key, picture);
  g_queue_push_head_link (&self->queue, &picture->link);
  self->bytes += picture->bytes;
  trim (self);
  return picture;
}

GdkTexture *
kairos_pictures_get (KairosPictures *self, guint32 id, int size)
{
  return g_object_ref (get (self, id, size)->texture);
}

cairo_surface_t *
kairos_pictures_get_surface (KairosPictures *self, guint32 id, int size)
{
  return cairo_surface_reference (get (self, id, size)->surface);
}

GdkTexture *
kairos_pictures_draw (KairosPictures *self, const float *input, int size)
{
  gsize n = kairos_shape_size (self->shape);
  g_autofree guint8 *bytes = g_malloc (n);
  cairo_surface_t *surface;
  GdkTexture *texture;

  for (gsize i = 0; i < n; i++)
    bytes[i] = (guint8) lroundf (CLAMP (input[i], 0, 1) * 255);
  surface = draw_image (self, bytes, size);
  texture = texture_from_surface (surface);
  cairo_surface_destroy (surface);
  return texture;
}

gsize
kairos_pictures_get_memory (KairosPictures *self)
{
  return self->bytes;
}
