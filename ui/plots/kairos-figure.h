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

/* A stretch of time that is shaded behind the curves, or, where to is from, a line. */
typedef struct {
  double from, to;
  GdkRGBA color;
} KairosShade;

typedef struct {
  const KairosMeasureGroup *group;
  const KairosMeasure *measures; /* the rows of the group */
  guint n_measures;
  KairosMetrics *metrics; /* borrowed, may be NULL */
  double width, height;
  double from, to;  /* epochs */
  double half_life; /* of the smoothing, epochs */
  double scale;     /* device pixels a unit: how fine columns are */
  guint hidden;     /* bit i: measure i; bit n_measures: other runs than the current one */
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
/* Line and marker of a measure (NULL: of another run) as in the legend, from x to x + width at height y. */
void kairos_figure_draw_sample (const KairosMeasure *measure, gboolean dark, cairo_t *cr, double x, double y,
                                double width);
/* TRUE when any run has a point. */
gboolean kairos_figure_has_points (const KairosFigure *figure);
double kairos_figure_y (const KairosFigure *figure, double value);
/* The value that measure i has in a run at a time, and the time of the point it is read from; FALSE where it has none.
 */
gboolean kairos_figure_read (const KairosFigure *figure, gint64 run, guint i, double time, double *at, float *value);
/* Of a measure of the current run; NULL: of text. */
GdkRGBA kairos_figure_color (const KairosMeasure *measure, gboolean dark);

G_END_DECLS
