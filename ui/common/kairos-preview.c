/* SPDX-License-Identifier: MIT */

/* See the header.  Both kinds are drawn with cairo into an image surface, which becomes the texture's memory. */
#include "config.h"

#include "common/kairos-preview.h"

#include <math.h>

/* ---- Which samples ---- */

/* n ids: class 0, 1, 2, ... in turn, each class from its beginning. */
static guint32 *
pick_samples (KairosDataset *dataset, guint n)
{
  const gint32 *labels = kairos_dataset_get_labels (dataset);
  guint n_samples = kairos_dataset_get_n_samples (dataset), n_classes = MAX (kairos_dataset_get_n_classes (dataset), 1);
  g_autofree guint *next = g_new0 (guint, n_classes);
  guint32 *ids = g_new0 (guint32, n);

  for (guint i = 0; i < n && n_samples > 0; i++) {
    guint want = i % n_classes, *at = &next[want];

    while (*at < n_samples && labels[*at] != (gint32) want)
      ++*at;
    ids[i] = *at < n_samples ? (*at)++ : (i * 7919u) % n_samples;
  }
  return ids;
}

/* ---- Pictures ---- */

static cairo_surface_t *
picture_surface (KairosDataset *dataset, guint32 id)
{
  KairosShape shape = kairos_dataset_get_shape (dataset);
  const guint8 *in = kairos_dataset_get_bytes (dataset, id);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, shape.width, shape.height);
  int stride = cairo_image_surface_get_stride (surface);
  guint8 *rows = cairo_image_surface_get_data (surface);

  for (int y = 0; y < shape.height; y++)
    for (int x = 0; x < shape.width; x++, in += shape.channels) {
      guint32 grey = in[0] * 0x010101u,
              colour = shape.channels >= 3 ? (guint32) in[0] << 16 | (guint32) in[1] << 8 | in[2] : grey;

      ((guint32 *) (rows + y * stride))[x] = colour;
    }
  cairo_surface_mark_dirty (surface);
  return surface;
}

static double
cell_scale (KairosShape shape, int cell)
{
  double fit = (double) cell / MAX (shape.width, shape.height);

  return fit >= 1 ? floor (fit + 1e-9) : fit;
}

static void
draw_pictures (cairo_t *cr, KairosDataset *dataset, int width, int height, int cell)
{
  KairosShape shape = kairos_dataset_get_shape (dataset);
  double scale = cell_scale (shape, cell), w = ceil (shape.width * scale), h = ceil (shape.height * scale);
  guint columns = MAX (1, (guint) ceil (width / w)), rows = MAX (1, (guint) ceil (height / h));
  g_autofree guint32 *ids = pick_samples (dataset, columns * rows);

  for (guint i = 0; i < columns * rows && kairos_dataset_get_n_samples (dataset) > 0; i++) {
    cairo_surface_t *surface = picture_surface (dataset, ids[i]);

    cairo_save (cr);
    cairo_translate (cr, (i % columns) * w, (i / columns) * h);
    cairo_scale (cr, scale, scale);
    cairo_set_source_surface (cr, surface, 0, 0);
    cairo_pattern_set_filter (cairo_get_source (cr), scale >= 1 ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD);
    cairo_paint (cr);
    cairo_restore (cr);
    cairo_surface_destroy (surface);
  }
}

/* ---- Points ---- */

/* Safe for colour-blind eyes (Okabe and Ito 2008), on light and dark. */
static const double class_colours[][3] = {
  { 0.21, 0.52, 0.89 }, { 0.90, 0.45, 0.05 }, { 0.00, 0.62, 0.45 },
  { 0.80, 0.47, 0.65 }, { 0.94, 0.78, 0.20 }, { 0.34, 0.71, 0.91 },
};

static void
extent (KairosDataset *dataset, guint feature, double *low, double *high)
{
  *low = INFINITY, *high = -INFINITY;
  for (guint id = 0; id < kairos_dataset_get_n_samples (dataset); id++) {
    double value = kairos_dataset_get_floats (dataset, id)[feature];

    if (isfinite (value))
      *low = MIN (*low, value), *high = MAX (*high, value);
  }
  if (!(*high > *low))
    *high = *low + 1;
}

/* Discs and squares by turns, so that classes differ in more than colour. */
static void
draw_point (cairo_t *cr, double x, double y, guint class_index)
{
  const double *colour = class_colours[class_index % G_N_ELEMENTS (class_colours)];

  cairo_set_source_rgba (cr, colour[0], colour[1], colour[2], 0.85);
  if (class_index % 2 == 0)
    cairo_arc (cr, x, y, 1.9, 0, 2 * G_PI);
  else
    cairo_rectangle (cr, x - 1.7, y - 1.7, 3.4, 3.4);
  cairo_fill (cr);
}

/* One scale for both axes, so that a circle stays one. */
static void
draw_points (cairo_t *cr, KairosDataset *dataset, int width, int height)
{
  guint n = kairos_dataset_get_n_samples (dataset), second = kairos_dataset_get_shape (dataset).channels > 1 ? 1 : 0;
  double low[2], high[2], margin = 8, scale;

  if (n == 0)
    return;
  extent (dataset, 0, &low[0], &high[0]);
  extent (dataset, second, &low[1], &high[1]);
  scale = MIN ((width - 2 * margin) / (high[0] - low[0]), (height - 2 * margin) / (high[1] - low[1]));
  for (guint i = 0, step = MAX (1, n / 400); i < n; i += step) {
    const float *features = kairos_dataset_get_floats (dataset, i);
    double x = width / 2.0 + (features[0] - (low[0] + high[0]) / 2) * scale;
    double y = height / 2.0 - (features[second] - (low[1] + high[1]) / 2) * scale;

    if (isfinite (x) && isfinite (y))
      draw_point (cr, x, y, MAX (kairos_dataset_get_labels (dataset)[i], 0));
  }
}

GdkTexture *
kairos_preview_new (KairosDataset *dataset, int width, int height, int cell)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  cairo_t *cr = cairo_create (surface);
  gsize stride = cairo_image_surface_get_stride (surface);
  g_autoptr (GBytes) bytes = NULL;

  if (kairos_dataset_is_image (dataset))
    draw_pictures (cr, dataset, width, height, cell);
  else
    draw_points (cr, dataset, width, height);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  bytes = g_bytes_new (cairo_image_surface_get_data (surface), stride * height);
  cairo_surface_destroy (surface);
  return gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, stride);
}

/* ---- Opening in a thread ---- */

typedef struct {
  char *spec, *fit, *label_column;
  KairosOpenOptions options;
  KairosProgressFunc progress;
  gpointer progress_data;
} Opening;

static void
opening_free (Opening *opening)
{
  g_free (opening->spec);
  g_free (opening->fit);
  g_free (opening->label_column);
  g_free (opening);
}

/* One report of progress on its way to the main thread. */
typedef struct {
  GTask *task;
  double fraction;
  char *phrase;
} Report;

static void
report_free (Report *report)
{
  g_object_unref (report->task);
  g_free (report->phrase);
  g_free (report);
}

static gboolean
on_report (gpointer user_data)
{
  Report *report = user_data;
  Opening *opening = g_task_get_task_data (report->task);

  if (!g_task_get_completed (report->task) && !g_cancellable_is_cancelled (g_task_get_cancellable (report->task)))
    opening->progress (report->fraction, report->phrase, opening->progress_data);
  return G_SOURCE_REMOVE;
}

static void
progress_in_thread (double fraction, const char *phrase, gpointer user_data)
{
  GTask *task = user_data;
  Opening *opening = g_task_get_task_data (task);
  Report *report;

  if (!opening->progress)
    return;
  report = g_new0 (Report, 1);
  report->task = g_object_ref (task);
  report->fraction = fraction;
  report->phrase = g_strdup (phrase);
  g_main_context_invoke_full (g_task_get_context (task), G_PRIORITY_DEFAULT, on_report, report,
                              (GDestroyNotify) report_free);
}

static void
open_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Opening *opening = task_data;
  GError *error = NULL;
  KairosDataset *dataset =
      kairos_dataset_open (opening->spec, &opening->options, progress_in_thread, task, cancellable, &error);

  if (dataset)
    g_task_return_pointer (task, dataset, (GDestroyNotify) kairos_dataset_unref);
  else
    g_task_return_error (task, error);
}

void
kairos_preview_open_async (const char *spec, const KairosOpenOptions *options, KairosProgressFunc progress,
                           gpointer progress_data, GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Opening *opening = g_new0 (Opening, 1);

  opening->spec = g_strdup (spec);
  opening->options = *options;
  opening->options.fit = opening->fit = g_strdup (options->fit);
  opening->options.label_column = opening->label_column = g_strdup (options->label_column);
  opening->progress = progress;
  opening->progress_data = progress_data;
  g_task_set_task_data (task, opening, (GDestroyNotify) opening_free);
  g_task_run_in_thread (task, open_in_thread);
}

KairosDataset *
kairos_preview_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
