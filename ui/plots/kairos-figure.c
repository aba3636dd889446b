/* SPDX-License-Identifier: MIT */

/* Drawing of one plot. */
#include "config.h"

#include "plots/kairos-figure.h"

#include "common/kairos-time-axis.h"
#include "plots/kairos-run-palette.h"

#include <glib/gi18n.h>
#include <math.h>

#define POINTS_A_STROKE 48
#define SPAN_ALPHA 0.1
#define MARKER_GAP 24.0 /* pixels between markers, at least */
#define STRETCH 3.0     /* other runs widen the range of the current one by so many times its size at most, */
#define LOG_STRETCH 30  /* or by this factor */

/* ---- Colours ---- */

GdkRGBA
kairos_figure_text_color (gboolean dark)
{
  return dark ? (GdkRGBA){ 1, 1, 1, 1 } : (GdkRGBA){ 0.12, 0.12, 0.13, 1 };
}

static gboolean
is_other (const KairosCurve *curve)
{
  return curve->run && !curve->run->current;
}

GdkRGBA
kairos_figure_curve_color (const KairosCurve *curve, gboolean dark)
{
  if (is_other (curve))
    return kairos_run_palette_color (curve->run->color, dark);
  if (curve->component > 0)
    return kairos_run_palette_color (curve->component - 1, dark);
  return kairos_run_palette_split_color (curve->measure->split, dark);
}

static void
set_color (cairo_t *cr, GdkRGBA color, double alpha)
{
  cairo_set_source_rgba (cr, color.red, color.green, color.blue, alpha);
}

static void
set_text_color (cairo_t *cr, const KairosFigure *figure, double alpha)
{
  set_color (cr, kairos_figure_text_color (figure->dark), alpha);
}

/* ---- Between epochs, values and pixels ---- */

static double
plot_width (const KairosFigure *figure)
{
  return MAX (1, figure->width - KAIROS_TIME_AXIS_START - KAIROS_TIME_AXIS_END);
}

static double
to_x (const KairosFigure *figure, double time)
{
  return KAIROS_TIME_AXIS_START + (time - figure->from) / (figure->to - figure->from) * plot_width (figure);
}

static gboolean
is_log (const KairosFigure *figure)
{
  return figure->log || figure->group->scale == KAIROS_SCALE_LOG;
}

double
kairos_figure_y (const KairosFigure *figure, double value)
{
  double height = MAX (1, figure->height - KAIROS_FIGURE_TOP - KAIROS_FIGURE_BOTTOM), share;

  if (is_log (figure))
    share = log (MAX (value, figure->low * 1e-3) / figure->low) / log (figure->high / figure->low);
  else
    share = (value - figure->low) / (figure->high - figure->low);
  /* A little outside is enough: cairo's numbers have their limits. */
  return figure->height - KAIROS_FIGURE_BOTTOM - CLAMP (share, -2, 3) * height;
}

/* ---- Walking over the curves ---- */

static gboolean
is_muted (const KairosFigure *figure, gint64 run)
{
  for (guint i = 0; figure->muted && i < figure->muted->len; i++)
    if (g_array_index (figure->muted, gint64, i) == run)
      return TRUE;
  return FALSE;
}

gboolean
kairos_figure_is_run_drawn (const KairosFigure *figure, const KairosMetricsRun *run)
{
  return run->current || (run->visible && !is_muted (figure, run->id));
}

/* Of other runs one line a colour is enough, and of several components the whole. */
static gboolean
is_drawn (const KairosFigure *figure, const KairosCurve *curve)
{
  if ((figure->hidden >> curve->index & 1) != 0 || !kairos_figure_is_run_drawn (figure, curve->run))
    return FALSE;
  return curve->run->current || (curve->component == 0 && curve->measure->draw != KAIROS_DRAW_MEANS);
}

gboolean
kairos_figure_next (const KairosFigure *figure, KairosCurve *curve)
{
  guint n_runs = figure->metrics ? kairos_metrics_get_n_runs (figure->metrics) : 0;

  do {
    if (curve->run &&
        curve->component + 1 < kairos_metrics_get_n_components (figure->metrics, curve->run->id, curve->measure))
      curve->component++;
    else if (curve->run) {
      curve->component = 0;
      curve->index = (curve->index + 1) % figure->n_measures;
      curve->run_index += curve->index == 0;
    }
    if (curve->run_index >= n_runs || figure->n_measures == 0)
      return FALSE;
    curve->run = kairos_metrics_get_run (figure->metrics, curve->run_index);
    curve->measure = figure->measures[curve->index];
    curve->series = kairos_metrics_get_series (figure->metrics, curve->run->id, curve->measure, curve->component);
  } while (!curve->series || !is_drawn (figure, curve));
  return TRUE;
}

gboolean
kairos_figure_has_points (const KairosFigure *figure)
{
  KairosFigure all = *figure;

  all.hidden = 0;
  return kairos_figure_next (&all, &(KairosCurve){ 0 });
}

/* ---- The range of values ---- */

typedef struct {
  double low, high;
  gboolean any;
} Extent;

static void
widen (Extent *extent, double low, double high)
{
  extent->low = extent->any ? MIN (extent->low, low) : low;
  extent->high = extent->any ? MAX (extent->high, high) : high;
  extent->any = TRUE;
}

/* That of the current run; where it has nothing in view, that of the lowest other curve. */
static Extent
base_extent (const KairosFigure *figure)
{
  Extent current = { 0 }, lowest = { 0 };
  KairosCurve curve = { 0 };
  float low, high;

  while (kairos_figure_next (figure, &curve)) {
    if (!kairos_series_extent (curve.series, figure->from, figure->to, &low, &high))
      continue;
    if (curve.run->current)
      widen (&current, low, high);
    else if (!lowest.any || high < lowest.high)
      lowest = (Extent){ low, high, TRUE };
  }
  return current.any ? current : lowest;
}

/* How far the range may be widened for other runs. */
static Extent
limits_of (const KairosFigure *figure, const Extent *base)
{
  double reach = STRETCH * MAX (base->high - base->low, MAX (fabs (base->low), fabs (base->high)));

  if (figure->group->scale == KAIROS_SCALE_SHARE)
    return (Extent){ 0, 1, TRUE };
  if (is_log (figure))
    return (Extent){ base->low / LOG_STRETCH, base->high * LOG_STRETCH, TRUE };
  return (Extent){ base->low - reach, base->high + reach, TRUE };
}

static gboolean
visible_extent (const KairosFigure *figure, double *low, double *high)
{
  Extent extent = base_extent (figure), limits = limits_of (figure, &extent);
  KairosCurve curve = { 0 };
  float l, h;

  while (extent.any && kairos_figure_next (figure, &curve))
    if (!curve.run->current && kairos_series_extent (curve.series, figure->from, figure->to, &l, &h))
      widen (&extent, CLAMP (l, limits.low, limits.high), CLAMP (h, limits.low, limits.high));
  if (extent.any) {
    *low = extent.low;
    *high = extent.high;
  }
  return extent.any;
}

/* The ends are rounded outwards to half a tick, so that the range seldom moves while curves grow. */
static void
fit_linear (KairosFigure *figure, double low, double high, int max_ticks)
{
  double half;

  if (low >= 0 && (low < 0.35 * high || high <= 0))
    low = 0;
  if (high <= low)
    high = low + MAX (fabs (low) * 0.1, 1e-6);
  half = kairos_ticks_step (high - low, max_ticks) / 2;
  figure->low = floor (low / half + 1e-6) * half;
  figure->high = ceil (high / half - 1e-6) * half;
  if (figure->group->scale == KAIROS_SCALE_SHARE)
    figure->high = MIN (figure->high, 1);
  kairos_ticks_linear (&figure->ticks, figure->low, figure->high, max_ticks);
}

/* Rounded outwards to half a tick within a decade, else to 1, 2 or 5 of a decade; at most nine decades are shown. */
static void
fit_log (KairosFigure *figure, double low, double high, int max_ticks)
{
  static const double factors[] = { 1, 2, 5, 10 };
  double power, half;

  high = MAX (high, 1e-30);
  low = CLAMP (low, high * 1e-9, high * 0.8);
  half = kairos_ticks_step (high - low, max_ticks) / 2;
  if (high < low * 10 && low > half) {
    figure->low = floor (low / half + 1e-6) * half;
    figure->high = ceil (high / half - 1e-6) * half;
    kairos_ticks_log (&figure->ticks, figure->low, figure->high, max_ticks);
    return;
  }
  power = pow (10, floor (log10 (low)));
  for (int i = 0; i < 4 && factors[i] * power <= low * (1 + 1e-9); i++)
    figure->low = factors[i] * power;
  power = pow (10, floor (log10 (high)));
  for (int i = 3; i >= 0 && factors[i] * power >= high * (1 - 1e-9); i--)
    figure->high = factors[i] * power;
  kairos_ticks_log (&figure->ticks, figure->low, figure->high, max_ticks);
}

gboolean
kairos_figure_fit (KairosFigure *figure)
{
  double low = is_log (figure) ? 0.1 : 0, high = 1, old_low = figure->low, old_high = figure->high;
  int max_ticks = CLAMP ((figure->height - KAIROS_FIGURE_TOP - KAIROS_FIGURE_BOTTOM) / 32, 2, 8);

  visible_extent (figure, &low, &high);
  if (is_log (figure))
    fit_log (figure, low, high, max_ticks);
  else
    fit_linear (figure, low, high, max_ticks);
  return figure->low != old_low || figure->high != old_high;
}

/* ---- Background ---- */

/* Returns its width. */
static int
draw_text (cairo_t *cr, PangoContext *context, const char *text, double x, double y, double align)
{
  g_autoptr (PangoLayout) layout = pango_layout_new (context);
  int width, height;

  pango_layout_set_text (layout, text, -1);
  pango_layout_get_pixel_size (layout, &width, &height);
  cairo_move_to (cr, floor (x - align * width), floor (y - height / 2.0));
  pango_cairo_show_layout (cr, layout);
  return width;
}

static void
draw_hint (const KairosFigure *figure, cairo_t *cr, PangoContext *context)
{
  set_text_color (cr, figure, 0.5);
  draw_text (cr, context, _ (figure->group->summary), KAIROS_TIME_AXIS_START + plot_width (figure) / 2,
             (KAIROS_FIGURE_TOP + figure->height) / 2, 0.5);
}

/* A crisp line one pixel wide. */
static void
hairline (cairo_t *cr, double x0, double y0, double x1, double y1)
{
  cairo_move_to (cr, x0 == x1 ? floor (x0) + 0.5 : x0, y0 == y1 ? floor (y0) + 0.5 : y0);
  cairo_line_to (cr, x0 == x1 ? floor (x1) + 0.5 : x1, y0 == y1 ? floor (y1) + 0.5 : y1);
}

static void
fill_spans (const KairosFigure *figure, cairo_t *cr, double height)
{
  double right = KAIROS_TIME_AXIS_START + plot_width (figure);

  for (guint i = 0; i < figure->n_spans; i++) {
    const KairosShade *span = &figure->spans[i];
    double x = MAX (floor (to_x (figure, span->from)), KAIROS_TIME_AXIS_START),
           end = MIN (floor (to_x (figure, span->to)), right);
    gboolean line = span->to <= span->from;

    if (line && (span->from < figure->from || span->from > figure->to))
      continue;
    cairo_set_source_rgba (cr, span->color.red, span->color.green, span->color.blue,
                           line ? 3 * SPAN_ALPHA : SPAN_ALPHA);
    cairo_rectangle (cr, x, 0, line ? 1 : MAX (0, end - x), height);
    cairo_fill (cr);
  }
}

/* Across the whole height, so that the eye is led through all plots.  On an image one row is filled and repeated, at
 * half the cost where hundreds of spans lie over each other. */
static void
draw_spans (const KairosFigure *figure, cairo_t *cr)
{
  cairo_surface_t *row;
  cairo_t *row_cr;

  if (figure->n_spans == 0 || cairo_surface_get_type (cairo_get_target (cr)) != CAIRO_SURFACE_TYPE_IMAGE) {
    fill_spans (figure, cr, figure->height);
    return;
  }
  /* spans begin and end at whole units */
  row = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, ceil (figure->width), 1);
  row_cr = cairo_create (row);
  fill_spans (figure, row_cr, 1);
  cairo_destroy (row_cr);
  cairo_set_source_surface (cr, row, 0, 0);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_REPEAT);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_rectangle (cr, 0, 0, figure->width, figure->height);
  cairo_fill (cr);
  cairo_surface_destroy (row);
}

static void
draw_grid (const KairosFigure *figure, cairo_t *cr)
{
  KairosTicks times;

  kairos_ticks_linear (&times, figure->from, figure->to, plot_width (figure) / KAIROS_TIME_AXIS_TICK);
  for (int i = 0; i < times.n; i++)
    hairline (cr, to_x (figure, times.at[i]), 0, to_x (figure, times.at[i]), figure->height);
  for (int i = 0; i < figure->ticks.n; i++) {
    double y = kairos_figure_y (figure, figure->ticks.at[i]);

    hairline (cr, KAIROS_TIME_AXIS_START, y, figure->width - KAIROS_TIME_AXIS_END, y);
  }
  set_text_color (cr, figure, 0.08);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static void
draw_tick_labels (const KairosFigure *figure, cairo_t *cr, PangoContext *context)
{
  set_text_color (cr, figure, figure->dark ? 0.6 : 0.55);
  for (int i = 0; i < figure->ticks.n; i++) {
    g_autofree char *label = kairos_ticks_label (&figure->ticks, i, figure->group->scale == KAIROS_SCALE_SHARE);

    draw_text (cr, context, label, KAIROS_TIME_AXIS_START - 8, kairos_figure_y (figure, figure->ticks.at[i]), 1);
  }
}

/* ---- Curves ---- */

static void
clip_to_plot (const KairosFigure *figure, cairo_t *cr)
{
  /* Room for half a marker at the ends. */
  cairo_rectangle (cr, KAIROS_TIME_AXIS_START - 4, KAIROS_FIGURE_TOP - 4, plot_width (figure) + 8,
                   figure->height - KAIROS_FIGURE_TOP - KAIROS_FIGURE_BOTTOM + 8);
  cairo_clip (cr);
}

/* The points in view and one more on each side, as a path broken at gaps. */
static void
trace_points (const KairosFigure *figure, KairosSeries *series, cairo_t *cr)
{
  guint begin = kairos_series_find (series, figure->from), end = kairos_series_find (series, figure->to);
  gboolean joined = FALSE;

  for (guint i = begin > 0 ? begin - 1 : 0; i < kairos_series_get_n (series) && i <= end; i++) {
    double time;
    float value;

    kairos_series_get (series, i, &time, &value);
    if (!isfinite (value))
      joined = FALSE;
    else if (joined)
      cairo_line_to (cr, to_x (figure, time), kairos_figure_y (figure, value));
    else
      cairo_move_to (cr, to_x (figure, time), kairos_figure_y (figure, value));
    joined = isfinite (value);
  }
}

/* More points than columns can show: a path through each column's first, extreme and last values. */
static void
trace_columns (const KairosFigure *figure, KairosSeries *series, guint n, cairo_t *cr)
{
  g_autofree KairosBucket *buckets = g_new (KairosBucket, n);
  gboolean joined = FALSE;

  kairos_series_buckets (series, figure->from, figure->to, n, buckets);
  for (guint i = 0; i < n; i++) {
    double x = KAIROS_TIME_AXIS_START + (i + 0.5) * plot_width (figure) / n;

    if (buckets[i].n == 0)
      continue;
    if (joined)
      cairo_line_to (cr, x, kairos_figure_y (figure, buckets[i].first));
    else
      cairo_move_to (cr, x, kairos_figure_y (figure, buckets[i].first));
    cairo_line_to (cr, x, kairos_figure_y (figure, buckets[i].low));
    cairo_line_to (cr, x, kairos_figure_y (figure, buckets[i].high));
    cairo_line_to (cr, x, kairos_figure_y (figure, buckets[i].last));
    joined = TRUE;
  }
}

static guint
n_columns (const KairosFigure *figure)
{
  return MAX (1, plot_width (figure) * MAX (1, figure->scale));
}

static gboolean
is_dense (const KairosFigure *figure, KairosSeries *series)
{
  return kairos_series_find (series, figure->to) - kairos_series_find (series, figure->from) > n_columns (figure) / 2;
}

/* A rectangle a column from the lowest to the highest value, reaching to the column before so that no jump is left out.
 * Rectangles on whole columns are what cairo fills fastest. */
static void
draw_band (const KairosFigure *figure, KairosSeries *series, cairo_t *cr)
{
  guint n = n_columns (figure);
  double width = plot_width (figure) / n;
  g_autofree KairosBucket *buckets = g_new (KairosBucket, n);
  float last = NAN;

  kairos_series_buckets (series, figure->from, figure->to, n, buckets);
  for (guint i = 0; i < n; i++) {
    double top, bottom;

    if (buckets[i].n == 0)
      continue;
    top = kairos_figure_y (figure, fmaxf (buckets[i].high, last));
    bottom = kairos_figure_y (figure, fminf (buckets[i].low, last));
    cairo_rectangle (cr, KAIROS_TIME_AXIS_START + i * width, top, width, MAX (bottom - top, 1));
    last = buckets[i].last;
  }
  cairo_set_antialias (cr, CAIRO_ANTIALIAS_NONE); /* columns are whole pixels; half the time */
  cairo_fill (cr);
  cairo_set_antialias (cr, CAIRO_ANTIALIAS_DEFAULT);
}

static void
trace_smooth (const KairosFigure *figure, KairosSeries *series, cairo_t *cr)
{
  guint n = MAX (1, plot_width (figure));
  double column = (figure->to - figure->from) / n;
  g_autofree float *values = g_new (float, n + 1);
  gboolean joined = FALSE;

  /* One column earlier, so that the first value is the one at the left edge. */
  kairos_series_smooth (series, figure->half_life, figure->from - column, figure->to, n + 1, values);
  for (guint i = 0; i <= n; i++) {
    double x = KAIROS_TIME_AXIS_START + i * plot_width (figure) / n, y;

    if (isnan (values[i]))
      continue;
    y = kairos_figure_y (figure, values[i]);
    if (joined)
      cairo_line_to (cr, x, y);
    else
      cairo_move_to (cr, x, y);
    joined = TRUE;
  }
}

/* Strokes the path in short pieces: the time cairo takes for a restless line grows much faster than its length. */
static void
stroke (cairo_t *cr)
{
  cairo_path_t *path = cairo_copy_path (cr);
  int n_points = 0;

  cairo_new_path (cr);
  for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
    const cairo_path_data_t *to = &path->data[i + 1];

    if (path->data[i].header.type == CAIRO_PATH_MOVE_TO)
      cairo_move_to (cr, to->point.x, to->point.y);
    else if (path->data[i].header.type == CAIRO_PATH_LINE_TO)
      cairo_line_to (cr, to->point.x, to->point.y);
    if (++n_points % POINTS_A_STROKE == 0) {
      cairo_stroke (cr);
      cairo_move_to (cr, to->point.x, to->point.y);
    }
  }
  cairo_stroke (cr);
  cairo_path_destroy (path);
}

/* What every step said, faint; on it the smoothed line. */
static void
draw_steps (const KairosFigure *figure, const KairosCurve *curve, cairo_t *cr)
{
  gboolean dense = is_dense (figure, curve->series), smooth = figure->half_life > 0, other = is_other (curve);
  GdkRGBA color = kairos_figure_curve_color (curve, figure->dark);

  if (!other && dense) {
    set_color (cr, color, smooth ? 0.3 : 0.45);
    draw_band (figure, curve->series, cr);
  } else if (!other && smooth) {
    trace_points (figure, curve->series, cr);
    set_color (cr, color, 0.35);
    cairo_set_line_width (cr, 1);
    stroke (cr);
  }
  set_color (cr, color, other ? 0.6 : 1);
  if (smooth || dense)
    trace_smooth (figure, curve->series, cr);
  else
    trace_points (figure, curve->series, cr);
  cairo_set_line_width (cr, other ? 1.2 : 1.8);
  stroke (cr);
}

static void
add_marker (const KairosCurve *curve, cairo_t *cr, double x, double y)
{
  if (curve->measure->draw == KAIROS_DRAW_MEANS)
    cairo_rectangle (cr, x - 2.5, y - 2.5, 5, 5);
  else {
    cairo_new_sub_path (cr);
    cairo_arc (cr, x, y, is_other (curve) || curve->component > 0 ? 2 : 3, 0, 2 * G_PI);
  }
}

/* Every point has a marker while they stand apart, else every k-th, counted from the first point so that they do not
 * wander. */
static void
draw_markers (const KairosFigure *figure, const KairosCurve *curve, cairo_t *cr)
{
  KairosSeries *series = curve->series;
  guint begin = kairos_series_find (series, figure->from),
        end = kairos_series_find (series, nextafter (figure->to, INFINITY));
  guint stride = end > begin ? ceil ((end - begin) * MARKER_GAP / plot_width (figure)) : 1;

  for (guint i = begin; i < end; i++) {
    double time;
    float value;

    kairos_series_get (series, i, &time, &value);
    if (isfinite (value) && (i + 1) % MAX (stride, 1) == 0)
      add_marker (curve, cr, to_x (figure, time), kairos_figure_y (figure, value));
  }
  cairo_fill (cr);
}

static void
set_dash (const KairosCurve *curve, cairo_t *cr)
{
  static const double dots[] = { 1, 3 };
  const double *dashes = dots;
  int n = curve->measure->draw == KAIROS_DRAW_MEANS ? 2 : 0;

  if (is_other (curve))
    dashes = kairos_run_palette_dashes (curve->run->color, &n);
  else if (curve->component > 0)
    dashes = kairos_run_palette_dashes (curve->component - 1, &n);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_BEVEL);
  cairo_set_dash (cr, dashes, n, 0);
}

static void
draw_points (const KairosFigure *figure, const KairosCurve *curve, cairo_t *cr)
{
  if (is_dense (figure, curve->series))
    trace_columns (figure, curve->series, n_columns (figure), cr);
  else
    trace_points (figure, curve->series, cr);
  set_color (cr, kairos_figure_curve_color (curve, figure->dark), 1);
  cairo_set_line_width (cr, is_other (curve) ? 1.4 : 1.8);
  stroke (cr);
  if (curve->measure->draw != KAIROS_DRAW_LINE)
    draw_markers (figure, curve, cr);
}

static void
draw_curves (const KairosFigure *figure, gboolean current, cairo_t *cr)
{
  KairosCurve curve = { 0 };

  cairo_save (cr);
  clip_to_plot (figure, cr);
  while (kairos_figure_next (figure, &curve)) {
    if (curve.run->current != current)
      continue;
    set_dash (&curve, cr);
    if (curve.measure->draw == KAIROS_DRAW_BAND)
      draw_steps (figure, &curve, cr);
    else
      draw_points (figure, &curve, cr);
  }
  cairo_restore (cr);
}

void
kairos_figure_draw_background (const KairosFigure *figure, cairo_t *cr, PangoContext *context)
{
  draw_spans (figure, cr);
  draw_grid (figure, cr);
  draw_tick_labels (figure, cr, context);
  if (!kairos_figure_has_points (figure))
    draw_hint (figure, cr, context);
  draw_curves (figure, FALSE, cr);
}

void
kairos_figure_draw_curves (const KairosFigure *figure, cairo_t *cr)
{
  draw_curves (figure, TRUE, cr);
}

/* ---- Legend and reading ---- */

void
kairos_figure_draw_sample (const KairosCurve *curve, gboolean dark, cairo_t *cr, double x, double y, double width)
{
  cairo_save (cr);
  set_color (cr, kairos_figure_curve_color (curve, dark), 1);
  set_dash (curve, cr);
  cairo_move_to (cr, x, y);
  cairo_line_to (cr, x + width, y);
  cairo_set_line_width (cr, is_other (curve) ? 1.4 : 2);
  cairo_stroke (cr);
  if (curve->measure->draw == KAIROS_DRAW_POINTS || curve->measure->draw == KAIROS_DRAW_MEANS) {
    add_marker (curve, cr, x + width / 2, y);
    cairo_fill (cr);
  }
  cairo_restore (cr);
}

void
kairos_figure_draw_heading (const KairosFigure *figure, cairo_t *cr, PangoContext *context)
{
  double y = KAIROS_FIGURE_TOP / 2.0, x;

  set_text_color (cr, figure, 0.9);
  x = draw_text (cr, context, _ (figure->group->title), 12, y, 0);
  x = MAX (KAIROS_TIME_AXIS_START, x + 12) + 12;
  for (guint i = 0; i < figure->n_measures; i++) {
    const KairosCurve curve = { .measure = figure->measures[i] };

    if ((figure->hidden >> i & 1) != 0)
      continue;
    kairos_figure_draw_sample (&curve, figure->dark, cr, x, floor (y) + 0.5, 22);
    set_text_color (cr, figure, 0.7);
    x += 28 + 20 + draw_text (cr, context, _ (curve.measure->label), x + 28, y, 0);
  }
}

char *
kairos_figure_label (const KairosFigure *figure, const KairosCurve *curve)
{
  const char *label = _ (curve->measure->label);
  const char *component = kairos_metrics_get_component_name (figure->metrics, curve->measure, curve->component);

  if (is_other (curve))
    /* Translators: a curve of another run: its name, what it shows ("run 2 validation"). */
    return g_strdup_printf (_ ("%s %s"), curve->run->name, label);
  if (component && curve->measure->parts != KAIROS_PARTS_NONE)
    return g_strdup (component);
  if (component)
    return g_strdup_printf ("%s %s", label, component);
  return curve->component > 0 ? g_strdup_printf ("%s %u", label, curve->component) : g_strdup (label);
}

gboolean
kairos_figure_read (const KairosFigure *figure, const KairosCurve *curve, double time, double *at, float *value)
{
  KairosSeries *series = curve->series;
  KairosDraw style = curve->measure->draw;
  int nearest = kairos_series_nearest (series, time);

  if (nearest < 0)
    return FALSE;
  kairos_series_get (series, nearest, at, value);
  if (style == KAIROS_DRAW_POINTS || style == KAIROS_DRAW_MEANS)
    return fabs (*at - time) <= 0.5 && isfinite (*value);
  /* Between points the nearest one speaks, before the first and after the last none. */
  if (fabs (*at - time) > (figure->to - figure->from) / plot_width (figure) &&
      (*at < time ? nearest + 1 == (int) kairos_series_get_n (series) : nearest == 0))
    return FALSE;
  if (figure->half_life > 0 && style == KAIROS_DRAW_BAND)
    kairos_series_smooth (series, figure->half_life, *at - 1e-9, *at, 1, value);
  return isfinite (*value);
}
