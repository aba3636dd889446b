/* SPDX-License-Identifier: MIT */

/* What the plots show: named series of (time in epochs, value), with a min/max pyramid so that any range is drawn in a
 * time that depends on its width in pixels, not on the number of points, and no spike is ever lost.  Main thread only.
 * Emits "changed" (coalesced by whoever appends).
 */
#pragma once

#include <glib-object.h>
#include <kairos/session.h>

G_BEGIN_DECLS

/* One curve. */
typedef struct _KairosSeries KairosSeries;

typedef struct {
  float low, high; /* extremes of the finite values in the bucket */
  float mean;
  float first, last; /* in time order, to join neighbouring buckets */
  guint n;           /* finite values; 0: nothing there */
} KairosBucket;

KairosSeries *kairos_series_new (const char *name);
void kairos_series_free (KairosSeries *series);
const char *kairos_series_get_name (KairosSeries *series);
guint kairos_series_get_n (KairosSeries *series);
void kairos_series_get (KairosSeries *series, guint index, double *time, float *value);
/* time must not be smaller than the last one; values that are not finite are kept as gaps. */
void kairos_series_append (KairosSeries *series, double time, float value);
/* Drops everything after a time. */
void kairos_series_truncate (KairosSeries *series, double time);
/* Index of the first point at or after a time; the number of points when there is none.  O(log points). */
guint kairos_series_find (KairosSeries *series, double time);
/* Divides [from, to) into n equal buckets.  O(n log points). */
void kairos_series_buckets (KairosSeries *series, double from, double to, guint n, KairosBucket *buckets);
/* The extremes of the finite values in a range, both ends included; FALSE when there are none. */
gboolean kairos_series_extent (KairosSeries *series, double from, double to, float *low, float *high);
/* Index of the point nearest in time; -1 when empty. */
int kairos_series_nearest (KairosSeries *series, double time);
/* Exponential smoothing in time with a half-life in epochs: the mean of the line through the points so far, weighted by
 * 2^(-age / half-life). Being an integral over time it does not depend on how densely a curve was sampled, a constant
 * stays that constant, and no value starts from zero.  out: the smoothed value at each bucket's end (at the last point,
 * in the bucket that holds it).  Values before any point and in buckets after the last are NaN.  half_life 0 gives the
 * bucket means.  The first call with another half-life takes O(points), later ones O(n log points). */
void kairos_series_smooth (KairosSeries *series, double half_life, double from, double to, guint n, float *out);

/* All curves of a session. */
#define KAIROS_TYPE_METRICS (kairos_metrics_get_type ())
G_DECLARE_FINAL_TYPE (KairosMetrics, kairos_metrics, KAIROS, METRICS, GObject)

typedef enum {
  KAIROS_METRIC_TRAIN_LOSS,
  KAIROS_METRIC_TRAIN_ACCURACY,
  KAIROS_METRIC_TRAIN_LOSS_EPOCH,
  KAIROS_METRIC_TRAIN_ACCURACY_EPOCH,
  KAIROS_METRIC_VAL_LOSS,
  KAIROS_METRIC_VAL_ACCURACY,
  KAIROS_METRIC_LEARNING_RATE,
  KAIROS_N_METRICS
} KairosMetric;

KairosMetrics *kairos_metrics_new (void);
/* the current one; earlier ones stay, drawn faint */
void kairos_metrics_begin_run (KairosMetrics *metrics, gint64 run);
/* A new current run that has the curves of the one before up to a time. */
void kairos_metrics_branch_run (KairosMetrics *metrics, gint64 run, double epoch);
void kairos_metrics_add_step (KairosMetrics *metrics, const KairosStepRecord *record);
void kairos_metrics_add_epoch (KairosMetrics *metrics, const KairosEpochRecord *record);
void kairos_metrics_rewind (KairosMetrics *metrics, double epoch);
void kairos_metrics_changed (KairosMetrics *metrics); /* emits "changed" */
guint kairos_metrics_get_n_runs (KairosMetrics *metrics);
gint64 kairos_metrics_get_run (KairosMetrics *metrics, guint index); /* the last index is the current run */
/* never NULL for a valid index */
KairosSeries *kairos_metrics_get_series (KairosMetrics *metrics, guint run_index, KairosMetric metric);
const char *kairos_metric_title (KairosMetric metric); /* "Training loss", translated */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosSeries, kairos_series_free)

G_END_DECLS
