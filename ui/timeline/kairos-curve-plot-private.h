/* SPDX-License-Identifier: MIT */

/* The plot's inside, shared by kairos-curve-plot.c (scale, drawing, handles) and kairos-curve-plot-drag.c (pointer,
 * verbs). */
#pragma once

#include "timeline/kairos-curve-plot.h"

G_BEGIN_DECLS

enum { KAIROS_CURVE_SAMPLES = 256 };

struct _KairosCurvePlot {
  GtkWidget parent_instance;
  const KairosParam *param; /* the setting that holds the points; NULL: nothing to show yet */
  guint32 clip;
  double from, to, since, now;
  GArray *points, *shown;             /* those of the clip; the same, or what the gesture would make of them */
  double shape[KAIROS_CURVE_SAMPLES]; /* where there are no points */
  gboolean log;
  double low, high; /* of the axis of values */
  GPtrArray *handles;
  int current; /* -1: none */

  /* Drag. */
  GtkGesture *drag;
  int grabbed;             /* -1: none */
  gboolean dragging, adds; /* beyond the threshold; the press made the point */
  gboolean added;          /* the last press made it, so that a double click on the line leaves it there */
  GArray *pressed;         /* the points at the press */
  GArray *refused;         /* what the pointer asks for and the past forbids */
};

extern guint kairos_curve_plot_edit_signal;

double kairos_curve_plot_x (KairosCurvePlot *plot, double time);
double kairos_curve_plot_y (KairosCurvePlot *plot, double value);
/* Round numbers, as fine as a pixel. */
double kairos_curve_plot_time_at (KairosCurvePlot *plot, double x);
double kairos_curve_plot_value_at (KairosCurvePlot *plot, double y);
/* Shows these points, which are copied. */
void kairos_curve_plot_show (KairosCurvePlot *plot, GArray *points);
/* Whether these points leave alone what was in force before now. */
gboolean kairos_curve_plot_allows (KairosCurvePlot *plot, GArray *points);
void kairos_curve_plot_set_current (KairosCurvePlot *plot, int index, gboolean focus);
/* Controllers and their state. */
void kairos_curve_drag_init (KairosCurvePlot *plot);
void kairos_curve_drag_clear (KairosCurvePlot *plot);
/* Whether a drag was under way, which is now as if it had not been. */
gboolean kairos_curve_drag_cancel (KairosCurvePlot *plot);

G_END_DECLS
