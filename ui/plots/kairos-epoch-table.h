/* SPDX-License-Identifier: MIT */

/* The curves as a table, a row an epoch of the current run: for reading exact numbers, and for those who cannot see the
 * plots. */
#pragma once

#include <gtk/gtk.h>
#include <kairos/metrics.h>

G_BEGIN_DECLS

typedef enum {
  KAIROS_EPOCH_COLUMN_EPOCH,
  KAIROS_EPOCH_COLUMN_TRAIN_LOSS,
  KAIROS_EPOCH_COLUMN_TRAIN_ACCURACY,
  KAIROS_EPOCH_COLUMN_VAL_LOSS,
  KAIROS_EPOCH_COLUMN_VAL_ACCURACY,
  KAIROS_EPOCH_COLUMN_LEARNING_RATE,
  KAIROS_N_EPOCH_COLUMNS
} KairosEpochColumn;

/* One epoch's numbers; NaN where there is none. */
#define KAIROS_TYPE_EPOCH_ROW (kairos_epoch_row_get_type ())
G_DECLARE_FINAL_TYPE (KairosEpochRow, kairos_epoch_row, KAIROS, EPOCH_ROW, GObject)
double kairos_epoch_row_get (KairosEpochRow *row, KairosEpochColumn column);

/* A GListModel of KairosEpochRow, made on demand; new epochs are appended. */
#define KAIROS_TYPE_EPOCH_MODEL (kairos_epoch_model_get_type ())
G_DECLARE_FINAL_TYPE (KairosEpochModel, kairos_epoch_model, KAIROS, EPOCH_MODEL, GObject)
KairosEpochModel *kairos_epoch_model_new (void);
void kairos_epoch_model_set_metrics (KairosEpochModel *model, KairosMetrics *metrics);

#define KAIROS_TYPE_EPOCH_TABLE (kairos_epoch_table_get_type ())
G_DECLARE_FINAL_TYPE (KairosEpochTable, kairos_epoch_table, KAIROS, EPOCH_TABLE, GtkWidget)
void kairos_epoch_table_set_metrics (KairosEpochTable *table, KairosMetrics *metrics);

G_END_DECLS
