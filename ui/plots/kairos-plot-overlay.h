/* SPDX-License-Identifier: MIT */

/* What moves over the plots: the playhead at the current training time, and the crosshair with the values of every
 * curve where it stands.
 *
 * A widget of its own above the plots, so that moving either repaints two thin lines and a small box, never a plot.
 * Takes no input.
 */
#pragma once

#include "plots/kairos-plot.h"

G_BEGIN_DECLS

#define KAIROS_TYPE_PLOT_OVERLAY (kairos_plot_overlay_get_type ())
G_DECLARE_FINAL_TYPE (KairosPlotOverlay, kairos_plot_overlay, KAIROS, PLOT_OVERLAY, GtkWidget)

GtkWidget *kairos_plot_overlay_new (KairosTimeAxis *axis);
/* The plots it lies over, top to bottom; borrowed, they must live as long. */
void kairos_plot_overlay_add_plot (KairosPlotOverlay *overlay, KairosPlot *plot);
/* NaN: no crosshair. */
void kairos_plot_overlay_set_crosshair (KairosPlotOverlay *overlay, double time);
double kairos_plot_overlay_get_crosshair (KairosPlotOverlay *overlay);

G_END_DECLS
