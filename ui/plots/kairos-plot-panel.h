/* SPDX-License-Identifier: MIT */

/* The plots' panel: training curves, confusion matrix, the curves as a table, and the pad, with their tools.
 *
 * Properties (notify): "document" (KairosDocument, nullable), "time-axis" (KairosTimeAxis, read-only, for whatever else
 * is drawn along it), "page"
 * ("curves", "confusion", "table", "pad"), "follow-live", "log-scale" (boolean), "smoothing" (double: half-life in
 * epochs, 0 none), "show-table" (boolean).  Actions: plot.fit, .zoom-in, .zoom-out, .pan-left, .pan-right,
 * .crosshair-left, .crosshair-right, .crosshair-off, .export (s: extension; asks where), .export-to (s: path); and the
 * properties: .page, .follow-live, .log-scale, .smoothing, .show-table.  Signal: exported (path, error): an export
 * ended; error NULL when it succeeded.
 */
#pragma once

#include <kairos/document.h>

#include "plots/kairos-plot-view.h"

G_BEGIN_DECLS

#define KAIROS_TYPE_PLOT_PANEL (kairos_plot_panel_get_type ())
G_DECLARE_FINAL_TYPE (KairosPlotPanel, kairos_plot_panel, KAIROS, PLOT_PANEL, GtkWidget)

GtkWidget *kairos_plot_panel_new (void);
KairosPlotView *kairos_plot_panel_get_view (KairosPlotPanel *panel);
KairosTimeAxis *kairos_plot_panel_get_time_axis (KairosPlotPanel *panel);

G_END_DECLS
