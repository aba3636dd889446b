/* SPDX-License-Identifier: MIT */

/* One plot on its card: title, legend (each entry switches its curve), grid, curves.
 *
 * What is drawn is kept in two images, as kairos-figure.h splits it, and is painted again only when the range, the
 * size, the theme or something visible in the curves changed.  Playhead and crosshair lie in another widget above.
 */
#pragma once

#include "common/kairos-time-axis.h"
#include "plots/kairos-figure.h"

G_BEGIN_DECLS

#define KAIROS_TYPE_PLOT (kairos_plot_get_type ())
G_DECLARE_FINAL_TYPE (KairosPlot, kairos_plot, KAIROS, PLOT, GtkWidget)

GtkWidget *kairos_plot_new (const KairosMeasureGroup *group, KairosTimeAxis *axis);
void kairos_plot_set_metrics (KairosPlot *plot, KairosMetrics *metrics);
void kairos_plot_set_log (KairosPlot *plot, gboolean log); /* no effect on groups without it */
void kairos_plot_set_half_life (KairosPlot *plot, double half_life);
/* Looks at the metrics; queues a redraw when something visible changed, and returns whether it did. */
gboolean kairos_plot_refresh (KairosPlot *plot);
/* Runs that are not drawn, of gint64; borrowed, must stay.  Called again when what is in it changed. */
void kairos_plot_set_muted (KairosPlot *plot, GArray *muted);
/* The range of time is another one. */
void kairos_plot_range_changed (KairosPlot *plot);
/* Shaded behind the curves; spans must stay until others are set. */
void kairos_plot_set_spans (KairosPlot *plot, const KairosShade *spans, guint n);
/* As drawn, for reading values and for export. */
const KairosFigure *kairos_plot_get_figure (KairosPlot *plot);
/* Tells assistive technology the values at a time. */
void kairos_plot_describe (KairosPlot *plot, double time);
/* Times the curves were painted (tests, benchmarks). */
guint kairos_plot_get_n_paints (KairosPlot *plot);

G_END_DECLS
