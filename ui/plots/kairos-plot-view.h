/* SPDX-License-Identifier: MIT */

/* The stacked plots over one time axis, with everything that the pointer and the keyboard do to them.
 *
 * Wheel: zoom at the pointer; wheel sideways or with Shift: pan; pinch: zoom; drag (from 5 pixels on): pan; double
 * click: all of it; pointer: crosshair.  Keys are bound to the "plot." actions of the panel around it.  New data is
 * drawn at most 25 times a second.
 *
 * Property (notify): "crosshair" (double), the time read, NaN for none.
 */
#pragma once

#include "plots/kairos-plot.h"

G_BEGIN_DECLS

#define KAIROS_PLOT_DRAG_THRESHOLD 5 /* pixels */

#define KAIROS_TYPE_PLOT_VIEW (kairos_plot_view_get_type ())
G_DECLARE_FINAL_TYPE (KairosPlotView, kairos_plot_view, KAIROS, PLOT_VIEW, GtkWidget)

GtkWidget *kairos_plot_view_new (void);
KairosTimeAxis *kairos_plot_view_get_axis (KairosPlotView *view);
guint kairos_plot_view_get_n_plots (KairosPlotView *view);
KairosPlot *kairos_plot_view_get_plot (KairosPlotView *view, guint index);
void kairos_plot_view_set_metrics (KairosPlotView *view, KairosMetrics *metrics);
KairosMetrics *kairos_plot_view_get_metrics (KairosPlotView *view);
/* Where training stands and how far it is planned; shown with the next redraw. */
void kairos_plot_view_set_progress (KairosPlotView *view, double now, double length);
void kairos_plot_view_set_log (KairosPlotView *view, gboolean log);
void kairos_plot_view_set_half_life (KairosPlotView *view, double half_life);
/* Whether the plot of a group is there.  One always stays: taking away the last has no effect. */
void kairos_plot_view_set_shown (KairosPlotView *view, const KairosMeasureGroup *group, gboolean shown);
gboolean kairos_plot_view_get_shown (KairosPlotView *view, const KairosMeasureGroup *group);
/* Stretches of time shaded in all plots, behind the curves; copied. */
void kairos_plot_view_set_spans (KairosPlotView *view, const KairosShade *spans, guint n);
/* Zooms around the crosshair, or around the playhead or the middle where there is none. */
void kairos_plot_view_zoom (KairosPlotView *view, double factor);
/* By a share of the range. */
void kairos_plot_view_pan (KairosPlotView *view, double share);
void kairos_plot_view_move_crosshair (KairosPlotView *view, double pixels);
void kairos_plot_view_clear_crosshair (KairosPlotView *view);
double kairos_plot_view_get_crosshair (KairosPlotView *view);

G_END_DECLS
