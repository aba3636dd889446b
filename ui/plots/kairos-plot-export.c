/* SPDX-License-Identifier: MIT */

/* Writing the curves to files.  What is read from widgets and series is read at once on the main thread, into a Job;
 * the thread then owns that. */
#include "config.h"

#include "plots/kairos-plot-export.h"

#include "plots/kairos-run-palette.h"
#include "plots/kairos-time-ruler.h"

#include <cairo-svg.h>
#include <glib/gi18n.h>
#include <kairos/error.h>
#include <kairos/probe.h>
#include <math.h>
#include <string.h>

#define PAGE_WIDTH 900 /* where the view has no size yet */
#define PLOT_HEIGHT 260
#define GAP 12
#define RUNS_LINE 24 /* height of a line of the runs' names */
#define PNG_SCALE 2
#define CHUNK (1 << 16) /* bytes of text written at once */

typedef struct {
  guint n;
  double *times;
  float *values;
} Points;

typedef struct {
  const KairosMeasure *measure;
  guint component;
  char *name; /* of the column */
} Column;

typedef struct {
  gint64 id;
  char *name;
  GArray *points; /* Points, one a column */
} RunPoints;

typedef struct _Job Job;
typedef struct {
  KairosExportInfo info;
  void (*prepare) (Job *job, KairosPlotView *view);                    /* on the main thread */
  gboolean (*write) (Job *job, GOutputStream *stream, GError **error); /* in the thread */
} Format;

struct _Job {
  const Format *format;
  char *path;
  GArray *columns, *runs;   /* CSV: Column, RunPoints */
  cairo_surface_t *surface; /* PNG */
  GByteArray *bytes;        /* SVG */
};

/* ---- CSV ---- */

static Points
copy_points (KairosSeries *series)
{
  guint n = series ? kairos_series_get_n (series) : 0;
  Points points = { n, g_new (double, n), g_new (float, n) };

  for (guint i = 0; i < n; i++)
    kairos_series_get (series, i, &points.times[i], &points.values[i]);
  return points;
}

static void
points_clear (Points *points)
{
  g_free (points->times);
  g_free (points->values);
}

static void
run_clear (RunPoints *run)
{
  g_free (run->name);
  g_array_unref (run->points);
}

static void
column_clear (Column *column)
{
  g_free (column->name);
}

/* A measure has one column, or, with components, one for each that some run has: "trace", "trace.conv1".  What no probe
 * has measured in any run has none. */
static void
add_columns (GArray *columns, KairosMetrics *metrics, const KairosMeasure *measure)
{
  guint n = kairos_probe_of (measure) ? 0 : 1;

  for (guint i = 0; i < kairos_metrics_get_n_runs (metrics); i++)
    n = MAX (n, kairos_metrics_get_n_components (metrics, kairos_metrics_get_run (metrics, i)->id, measure));
  for (guint i = 0; i < n; i++) {
    const char *component = kairos_metrics_get_component_name (metrics, measure, i);
    Column column = { measure, i };

    column.name = i == 0      ? g_strdup (measure->name)
                  : component ? g_strdup_printf ("%s.%s", measure->name, component)
                              : g_strdup_printf ("%s.%u", measure->name, i);
    g_array_append_val (columns, column);
  }
}

static RunPoints
copy_run (KairosMetrics *metrics, const KairosMetricsRun *info, GArray *columns)
{
  RunPoints run = { info->id, g_strdup (info->name), g_array_new (FALSE, FALSE, sizeof (Points)) };

  g_array_set_clear_func (run.points, (GDestroyNotify) points_clear);
  for (guint i = 0; i < columns->len; i++) {
    const Column *column = &g_array_index (columns, Column, i);
    Points points = copy_points (kairos_metrics_get_series (metrics, info->id, column->measure, column->component));

    g_array_append_val (run.points, points);
  }
  return run;
}

static void
prepare_csv (Job *job, KairosPlotView *view)
{
  KairosMetrics *metrics = kairos_plot_view_get_metrics (view);
  guint n;
  const KairosMeasure *const *measures = kairos_measures (&n);

  job->columns = g_array_new (FALSE, FALSE, sizeof (Column));
  job->runs = g_array_new (FALSE, FALSE, sizeof (RunPoints));
  g_array_set_clear_func (job->columns, (GDestroyNotify) column_clear);
  g_array_set_clear_func (job->runs, (GDestroyNotify) run_clear);
  for (guint i = 0; metrics && i < n; i++)
    add_columns (job->columns, metrics, measures[i]);
  for (guint i = 0; metrics && i < kairos_metrics_get_n_runs (metrics); i++) {
    RunPoints run = copy_run (metrics, kairos_metrics_get_run (metrics, i), job->columns);

    g_array_append_val (job->runs, run);
  }
}

/* As many digits as bring the same number back; nothing for a gap. */
static void
append_number (GString *text, const char *format, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_c (text, ',');
  if (isfinite (value))
    g_string_append (text, g_ascii_formatd (buffer, sizeof buffer, format, value));
}

/* In quotes where it has to be. */
static void
append_text (GString *text, const char *value)
{
  if (!strpbrk (value, ",\"\r\n")) {
    g_string_append_printf (text, ",%s", value);
    return;
  }
  g_string_append (text, ",\"");
  for (; *value; value++)
    g_string_append_printf (text, *value == '"' ? "\"\"" : "%c", *value);
  g_string_append_c (text, '"');
}

/* What a row of points is: those of a step come before those of the epoch that it ends. */
enum { STEP, EPOCH, READING, N_KINDS };

static int
kind_of (const KairosMeasure *measure)
{
  return measure->of_step ? STEP : measure->of_epoch ? EPOCH : READING;
}

/* The points of one kind that come next, those at the earliest time of them: a row. */
static void
append_row (GString *text, const RunPoints *run, GArray *columns, int kind, double time, guint *next)
{
  static const char *const kinds[] = { "step", "epoch", "reading" };

  g_string_append_printf (text, "%" G_GINT64_FORMAT, run->id);
  append_text (text, run->name);
  append_text (text, kinds[kind]);
  append_number (text, "%.17g", time);
  for (guint i = 0; i < columns->len; i++) {
    const Points *points = &g_array_index (run->points, Points, i);
    gboolean here = kind_of (g_array_index (columns, Column, i).measure) == kind && next[i] < points->n &&
                    points->times[next[i]] == time;

    append_number (text, "%.9g", here ? points->values[next[i]] : NAN);
    next[i] += here;
  }
  g_string_append_c (text, '\n');
}

static gboolean
flush_text (GString *text, gsize least, GOutputStream *stream, GError **error)
{
  if (text->len < least)
    return TRUE;
  if (!g_output_stream_write_all (stream, text->str, text->len, NULL, NULL, error))
    return FALSE;
  g_string_truncate (text, 0);
  return TRUE;
}

/* The earliest point that was not written yet, and its kind; FALSE after the last. */
static gboolean
find_next (const RunPoints *run, GArray *columns, const guint *next, double *time, int *kind)
{
  *time = INFINITY;
  for (guint i = 0; i < columns->len; i++) {
    const Points *points = &g_array_index (run->points, Points, i);
    int k = kind_of (g_array_index (columns, Column, i).measure);

    if (next[i] >= points->n || points->times[next[i]] > *time || (points->times[next[i]] == *time && k >= *kind))
      continue;
    *time = points->times[next[i]];
    *kind = k;
  }
  return isfinite (*time);
}

static gboolean
write_run (const RunPoints *run, GArray *columns, GString *text, GOutputStream *stream, GError **error)
{
  g_autofree guint *next = g_new0 (guint, columns->len);
  double time;
  int kind = N_KINDS;

  while (find_next (run, columns, next, &time, &kind)) {
    append_row (text, run, columns, kind, time, next);
    if (!flush_text (text, CHUNK, stream, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
write_csv (Job *job, GOutputStream *stream, GError **error)
{
  g_autoptr (GString) text = g_string_new ("run,run_name,kind,epoch");

  for (guint i = 0; i < job->columns->len; i++)
    append_text (text, g_array_index (job->columns, Column, i).name);
  g_string_append_c (text, '\n');
  for (guint i = 0; i < job->runs->len; i++)
    if (!write_run (&g_array_index (job->runs, RunPoints, i), job->columns, text, stream, error))
      return FALSE;
  return flush_text (text, 0, stream, error);
}

/* ---- Pictures ---- */

/* The runs by name, as far as there is more than one drawn, in as many lines as they need.  Returns the height. */
static double
draw_runs (KairosPlotView *view, cairo_t *cr, double width, PangoContext *context)
{
  const KairosFigure *figure = kairos_plot_get_figure (kairos_plot_view_get_plot (view, 0));
  guint n_runs = figure->metrics ? kairos_metrics_get_n_runs (figure->metrics) : 0;
  double x = 12, y = RUNS_LINE / 2.0;

  for (guint i = 0; n_runs > 1 && i < n_runs; i++) {
    const KairosMetricsRun *run = kairos_metrics_get_run (figure->metrics, i);
    g_autoptr (PangoLayout) layout = pango_layout_new (context);
    int text_width, text_height;

    if (!kairos_figure_is_run_drawn (figure, run))
      continue;
    pango_layout_set_text (layout, run->name, -1);
    pango_layout_get_pixel_size (layout, &text_width, &text_height);
    if (x > 12 && x + 38 + text_width > width - 12) {
      x = 12;
      y += RUNS_LINE;
    }
    if (cr) {
      kairos_run_palette_draw_sample (run, FALSE, cr, x, floor (y) + 0.5, 32);
      cairo_set_source_rgb (cr, 0.2, 0.2, 0.2);
      cairo_move_to (cr, x + 38, floor (y - text_height / 2.0));
      pango_cairo_show_layout (cr, layout);
    }
    x += 38 + text_width + 20;
  }
  return x > 12 ? y + RUNS_LINE / 2.0 : 0;
}

/* One plot; returns its height. */
static double
draw_plot (KairosPlot *plot, cairo_t *cr, double y, double width, PangoContext *context)
{
  KairosFigure figure = *kairos_plot_get_figure (plot);
  double height = figure.height > KAIROS_FIGURE_TOP * 2 ? figure.height : PLOT_HEIGHT;

  if (!cr)
    return height;
  figure.width = width;
  figure.height = height;
  figure.scale = PNG_SCALE;
  figure.dark = FALSE;
  kairos_figure_fit (&figure);
  cairo_save (cr);
  cairo_translate (cr, 0, y);
  kairos_figure_draw_background (&figure, cr, context);
  kairos_figure_draw_curves (&figure, cr);
  kairos_figure_draw_labels (&figure, cr, context);
  kairos_figure_draw_heading (&figure, cr, context);
  cairo_restore (cr);
  return height;
}

double
kairos_plot_export_draw (KairosPlotView *view, cairo_t *cr, double width)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (kairos_plot_view_get_plot (view, 0)));
  double y = draw_runs (view, cr, width, context);

  for (guint i = 0; i < kairos_plot_view_get_n_plots (view); i++) {
    KairosPlot *plot = kairos_plot_view_get_plot (view, i);

    if (gtk_widget_get_visible (GTK_WIDGET (plot)))
      y += draw_plot (plot, cr, y, width, context) + GAP;
  }
  if (cr) {
    cairo_save (cr);
    cairo_translate (cr, 0, y - GAP);
    cairo_set_source_rgb (cr, 0.4, 0.4, 0.4);
    kairos_time_ruler_draw (kairos_plot_view_get_axis (view), width, cr, context);
    cairo_restore (cr);
  }
  return y + GAP;
}

static double
page_width (KairosPlotView *view)
{
  int width = gtk_widget_get_width (GTK_WIDGET (view));

  return width > 2 * KAIROS_TIME_AXIS_START ? width : PAGE_WIDTH;
}

static void
draw_page (KairosPlotView *view, cairo_surface_t *surface)
{
  cairo_t *cr = cairo_create (surface);

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  kairos_plot_export_draw (view, cr, page_width (view));
  cairo_destroy (cr);
}

static void
prepare_png (Job *job, KairosPlotView *view)
{
  double width = page_width (view), height = kairos_plot_export_draw (view, NULL, width);

  job->surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, ceil (width * PNG_SCALE), ceil (height * PNG_SCALE));
  cairo_surface_set_device_scale (job->surface, PNG_SCALE, PNG_SCALE);
  draw_page (view, job->surface);
}

typedef struct {
  GOutputStream *stream;
  GError **error;
} Sink;

static cairo_status_t
on_sink (void *closure, const unsigned char *data, unsigned int length)
{
  Sink *sink = closure;

  return g_output_stream_write_all (sink->stream, data, length, NULL, NULL, sink->error) ? CAIRO_STATUS_SUCCESS
                                                                                         : CAIRO_STATUS_WRITE_ERROR;
}

static gboolean
write_png (Job *job, GOutputStream *stream, GError **error)
{
  g_autoptr (GError) local = NULL;
  Sink sink = { stream, &local };
  cairo_status_t status = cairo_surface_write_to_png_stream (job->surface, on_sink, &sink);

  if (status == CAIRO_STATUS_SUCCESS)
    return TRUE;
  if (local)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_IO, cairo_status_to_string (status));
  return FALSE;
}

static cairo_status_t
on_append (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static void
prepare_svg (Job *job, KairosPlotView *view)
{
  double width = page_width (view);
  cairo_surface_t *surface;

  job->bytes = g_byte_array_new ();
  surface =
      cairo_svg_surface_create_for_stream (on_append, job->bytes, width, kairos_plot_export_draw (view, NULL, width));
  cairo_svg_surface_set_document_unit (surface, CAIRO_SVG_UNIT_PX);
  draw_page (view, surface);
  cairo_surface_destroy (surface);
}

static gboolean
write_svg (Job *job, GOutputStream *stream, GError **error)
{
  return g_output_stream_write_all (stream, job->bytes->data, job->bytes->len, NULL, NULL, error);
}

/* ---- All formats ---- */

static const Format formats[] = {
  { { "csv", N_ ("Table of all points (CSV)") }, prepare_csv, write_csv },
  { { "png", N_ ("Picture of the plots (PNG)") }, prepare_png, write_png },
  { { "svg", N_ ("Drawing of the plots (SVG)") }, prepare_svg, write_svg },
};

const KairosExportInfo *
kairos_export_infos (guint *n)
{
  static KairosExportInfo infos[G_N_ELEMENTS (formats)];

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    infos[i] = formats[i].info;
  *n = G_N_ELEMENTS (formats);
  return infos;
}

static const Format *
find_format (const char *path)
{
  const char *dot = strrchr (path, '.');

  for (guint i = 0; dot && i < G_N_ELEMENTS (formats); i++)
    if (g_ascii_strcasecmp (dot + 1, formats[i].info.extension) == 0)
      return &formats[i];
  return NULL;
}

static void
job_free (Job *job)
{
  g_free (job->path);
  g_clear_pointer (&job->columns, g_array_unref);
  g_clear_pointer (&job->runs, g_array_unref);
  g_clear_pointer (&job->surface, cairo_surface_destroy);
  g_clear_pointer (&job->bytes, g_byte_array_unref);
  g_free (job);
}

/* A stream that is closed after its cancellable was cancelled leaves the old file as it was. */
static gboolean
write_job (Job *job, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (job->path);
  g_autoptr (GFileOutputStream) stream = g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, NULL, error);
  g_autoptr (GCancellable) give_up = g_cancellable_new ();

  if (!stream)
    return FALSE;
  if (job->format->write (job, G_OUTPUT_STREAM (stream), error))
    return g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, error);
  g_cancellable_cancel (give_up);
  g_output_stream_close (G_OUTPUT_STREAM (stream), give_up, NULL);
  return FALSE;
}

static void
thread_func (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  g_autoptr (GError) error = NULL;

  if (write_job (job, &error))
    g_task_return_boolean (task, TRUE);
  else
    /* Translators: a file path, then why, a sentence with its full stop left off. */
    g_task_return_new_error (task, KAIROS_ERROR, KAIROS_ERROR_IO,
                             _ ("Cannot write “%s”: %s. Try another name or folder."), job->path, error->message);
}

void
kairos_plot_export_async (KairosPlotView *view, const char *path, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (view, NULL, callback, user_data);
  const Format *format = find_format (path);
  Job *job;

  if (!format) {
    g_task_return_new_error (task, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED,
                             _ ("Cannot export to “%s”: the name must end in .csv, .png or .svg."), path);
    return;
  }
  job = g_new0 (Job, 1);
  job->format = format;
  job->path = g_strdup (path);
  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
  format->prepare (job, view);
  g_task_run_in_thread (task, thread_func);
}

gboolean
kairos_plot_export_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
