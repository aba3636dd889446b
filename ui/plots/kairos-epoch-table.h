/* SPDX-License-Identifier: MIT */

/* The curves as a table, a row an epoch of the current run: for reading exact numbers, and for those who cannot see the
 * plots.  Every measure of the registry has a column, save those of which one value alone says little
 * (KAIROS_DRAW_BAND). */
#pragma once

#include <gtk/gtk.h>
#include <kairos/metrics.h>

G_BEGIN_DECLS

/* One epoch's numbers. */
#define KAIROS_TYPE_EPOCH_ROW (kairos_epoch_row_get_type ())
G_DECLARE_FINAL_TYPE (KairosEpochRow, kairos_epoch_row, KAIROS, EPOCH_ROW, GObject)
/* The last value in the epoch; NaN where there is none.  measure NULL: the epoch itself. */
double kairos_epoch_row_get (KairosEpochRow *row, const KairosMeasure *measure);

/* A GListModel of KairosEpochRow, made on demand; new epochs are appended. */
#define KAIROS_TYPE_EPOCH_MODEL (kairos_epoch_model_get_type ())
G_DECLARE_FINAL_TYPE (KairosEpochModel, kairos_epoch_model, KAIROS, EPOCH_MODEL, GObject)
KairosEpochModel *kairos_epoch_model_new (void);
void kairos_epoch_model_set_metrics (KairosEpochModel *model, KairosMetrics *metrics);

#define KAIROS_TYPE_EPOCH_TABLE (kairos_epoch_table_get_type ())
G_DECLARE_FINAL_TYPE (KairosEpochTable, kairos_epoch_table, KAIROS, EPOCH_TABLE, GtkWidget)
void kairos_epoch_table_set_metrics (KairosEpochTable *table, KairosMetrics *metrics);

G_END_DECLS
