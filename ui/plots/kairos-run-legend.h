/* SPDX-License-Identifier: MIT */

/* The runs in the plots by name, a button each that takes its curves out and puts them back; the current one has none,
 * as it is always drawn.  A line that is scrolled sideways when it is long.
 *
 * Signal: muted-changed ().
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/metrics.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_RUN_LEGEND (kairos_run_legend_get_type ())
G_DECLARE_FINAL_TYPE (KairosRunLegend, kairos_run_legend, KAIROS, RUN_LEGEND, GtkWidget)

GtkWidget *kairos_run_legend_new (void);
void kairos_run_legend_set_metrics (KairosRunLegend *legend, KairosMetrics *metrics);
/* Looks at the runs; cheap when they are the same.  It hides itself when there is only one to show. */
void kairos_run_legend_refresh (KairosRunLegend *legend);
/* The runs whose curves were taken out: of gint64, owned by the legend, the same array for its life. */
GArray *kairos_run_legend_get_muted (KairosRunLegend *legend);

G_END_DECLS
