/* SPDX-License-Identifier: MIT */

/* One plot as a drawing: which curves, over which range, in which style.  Knows cairo only, so that the window and the
 * exported files draw the same.
 *
 * Two layers: the background (grid, ticks, other runs) changes with range, size and theme; the curves of the current
 * run also with every new point.  Drawing takes a time that depends on the width, not on the number of points.
 *
 * The current run is drawn strongly, in colours of what it is measured on, and scales the axis of values.  Others are
 * thin, each in its own colour and dashes (kairos-run-palette.h); where one goes far beyond the current one, because it
 * diverged say, it leaves the plot instead of flattening the rest.
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/metrics.h>

#include "plots/kairos-ticks.h"

G_BEGIN_DECLS

/* A stretch of time that is shaded behind the curves, or, where to is from, a line. */
typedef struct {
  double from, to;
  GdkRGBA color;
} KairosShade;

typedef struct {
  const KairosMeasureGroup *group;
  const KairosMeasure *const *measures; /* the rows of the group */
  guint n_measures;
  KairosMetrics *metrics; /* borrowed, may be NULL */
  double width, height;
  double from, to;  /* epochs */
  double half_life; /* of the smoothing, epochs */
  double scale;     /* device pixels a unit: how fine columns are */
  guint hidden;     /* bit i: measure i */
  GArray *muted;    /* gint64, borrowed, may be NULL: runs that are not drawn, unless current */
  gboolean log, dark;
  const KairosShade *spans; /* borrowed */
  guint n_spans;

  /* Set by kairos_figure_fit(). */
  double low, high;
  KairosTicks ticks;
} KairosFigure;

/* One line in a figure.  Of the current run every component of every measure has one, of others what runs are compared
 * by. */
typedef struct {
  const KairosMetricsRun *run;
  const KairosMeasure *measure;
  guint component;
  KairosSeries *series;
  guint run_index, index; /* where kairos_figure_next() stands */
} KairosCurve;

/* The next curve that is drawn and has points; curve begins as { 0 }.  FALSE after the last.  Changing the metrics ends
 * the walk. */
gboolean kairos_figure_next (const KairosFigure *figure, KairosCurve *curve);
/* Whether any of its curves may be drawn. */
gboolean kairos_figure_is_run_drawn (const KairosFigure *figure, const KairosMetricsRun *run);
GdkRGBA kairos_figure_curve_color (const KairosCurve *curve, gboolean dark);
/* "validation", of another run "run 2 validation", of a component "trace conv1"; caller frees. */
char *kairos_figure_label (const KairosFigure *figure, const KairosCurve *curve);
/* Line and marker as in a legend, from x to x + width at height y; run NULL: as of the current one. */
void kairos_figure_draw_sample (const KairosCurve *curve, gboolean dark, cairo_t *cr, double x, double y, double width);
/* The value of a curve at a time, and the time of the point it is read from; FALSE where it has none. */
gboolean kairos_figure_read (const KairosFigure *figure, const KairosCurve *curve, double time, double *at,
                             float *value);
GdkRGBA kairos_figure_text_color (gboolean dark);

/* Room taken off the height above (title and legend) and below the curves. */
#define KAIROS_FIGURE_TOP 34
#define KAIROS_FIGURE_BOTTOM 10

/* Chooses the range of values and its ticks from what is visible, above all of the current run.  TRUE when the range is
 * another one than before. */
gboolean kairos_figure_fit (KairosFigure *figure);
void kairos_figure_draw_background (const KairosFigure *figure, cairo_t *cr, PangoContext *context);
void kairos_figure_draw_curves (const KairosFigure *figure, cairo_t *cr);
/* Names at the ends of the lines that are components of a measure; see kairos-figure-labels.c. */
void kairos_figure_draw_labels (const KairosFigure *figure, cairo_t *cr, PangoContext *context);
/* Title and legend, where the window has widgets. */
void kairos_figure_draw_heading (const KairosFigure *figure, cairo_t *cr, PangoContext *context);
/* TRUE when any run has a point. */
gboolean kairos_figure_has_points (const KairosFigure *figure);
double kairos_figure_y (const KairosFigure *figure, double value);

G_END_DECLS
