/* SPDX-License-Identifier: MIT */

/* A small line chart of one value an epoch, with its extremes written at the axes. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_HISTORY_CHART (kairos_history_chart_get_type ())
G_DECLARE_FINAL_TYPE (KairosHistoryChart, kairos_history_chart, KAIROS, HISTORY_CHART, GtkWidget)

/* n values, the first at epoch 1; those that are not finite are gaps.  Copied. */
void kairos_history_chart_set_values (KairosHistoryChart *chart, const float *values, guint n);

G_END_DECLS
