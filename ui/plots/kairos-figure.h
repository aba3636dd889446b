/* SPDX-License-Identifier: MIT */

/* One plot as a drawing: which curves, over which range, in which style.  Knows cairo only, so that the window and the
 * exported files draw the same.
 *
 * Two layers: the background (grid, ticks, earlier runs) changes with range, size and theme; the curves of the current
 * run also with every new point. Drawing takes a time that depends on the width, not on the number of points.
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/metrics.h>

#include "plots/kairos-ticks.h"

G_BEGIN_DECLS

typedef enum {
  KAIROS_CURVE_STEPS,  /* a point a step: the band between the extremes, and the smoothed line on it */
  KAIROS_CURVE_EPOCHS, /* a point an epoch: a line with round markers */
  KAIROS_CURVE_MEANS,  /* a point an epoch, dotted with square markers */
} KairosCurveStyle;

typedef enum { KAIROS_CURVE_COLOR_TRAIN, KAIROS_CURVE_COLOR_VALIDATION, KAIROS_CURVE_COLOR_TEXT } KairosCurveColor;

typedef struct {
  KairosMetric metric;
  const char *label; /* untranslated */
  KairosCurveColor color;
  KairosCurveStyle style;
} KairosCurve;

/* The plots, a table row each. */
typedef struct {
  const char *name, *title; /* untranslated, like the next */
  const char *hint;         /* shown while there is nothing to draw */
  gboolean percent;         /* values are shares of one */
  gboolean can_log;
  const KairosCurve *curves;
  guint n_curves;
} KairosPlotKind;

const KairosPlotKind *kairos_plot_kinds (guint *n);

/* A stretch of time that is shaded behind the curves, or, where to is from, a line. */
typedef struct {
  double from, to;
  GdkRGBA color;
} KairosShade;

typedef struct {
  const KairosPlotKind *kind;
  KairosMetrics *metrics; /* borrowed, may be NULL */
  double width, height;
  double from, to;  /* epochs */
  double half_life; /* of the smoothing, epochs */
  double scale;     /* device pixels a unit: how fine columns are */
  guint hidden;     /* bit i: curve i; bit n_curves: earlier runs */
  gboolean log, dark;
  const KairosShade *spans; /* borrowed */
  guint n_spans;

  /* Set by kairos_figure_fit(). */
  double low, high;
  KairosTicks ticks;
} KairosFigure;

/* Room taken off the height above (title and legend) and below the curves. */
#define KAIROS_FIGURE_TOP 34
#define KAIROS_FIGURE_BOTTOM 10

/* Chooses the range of values and its ticks from what is visible.  TRUE when the range is another one than before. */
gboolean kairos_figure_fit (KairosFigure *figure);
void kairos_figure_draw_background (const KairosFigure *figure, cairo_t *cr, PangoContext *context);
void kairos_figure_draw_curves (const KairosFigure *figure, cairo_t *cr);
/* Title and legend, where the window has widgets. */
void kairos_figure_draw_heading (const KairosFigure *figure, cairo_t *cr, PangoContext *context);
/* Line and marker of a curve (index n_curves: earlier runs) as in the legend, from x to x + width at height y. */
void kairos_figure_draw_sample (const KairosPlotKind *kind, guint index, gboolean dark, cairo_t *cr, double x, double y,
                                double width);
/* TRUE when any run has a point. */
gboolean kairos_figure_has_points (const KairosFigure *figure);
double kairos_figure_y (const KairosFigure *figure, double value);
/* The value a curve has at a time, and the time of the point it is read from; FALSE where it has none. */
gboolean kairos_figure_read (const KairosFigure *figure, guint run, guint curve, double time, double *at, float *value);
GdkRGBA kairos_figure_color (KairosCurveColor color, gboolean dark);
/* A value as people read it: four digits, or a percentage.  Caller frees. */
char *kairos_figure_format (const KairosPlotKind *kind, double value);

G_END_DECLS
