/* SPDX-License-Identifier: MIT */

/* What the plots show: curves, each addressed by (run, measure, component).
 *
 *   KairosMetrics *metrics = kairos_metrics_new ();
 *   kairos_metrics_add_run (metrics, run);
 *   kairos_metrics_set_current (metrics, run);
 *   kairos_metrics_add_step (metrics, run, &record);
 *   kairos_metrics_changed (metrics);
 *   series = kairos_metrics_get_series (metrics, run, kairos_measure_find ("batch_loss"), 0);
 *
 * A curve is a series of (time in epochs, value) with a min/max pyramid, so that any range is drawn in a time that
 * depends on its width in pixels, not on the number of points, and no spike is ever lost.  Main thread only, save that
 * it may be filled in one other thread before the main one sees it.
 */
#pragma once

#include <glib-object.h>
#include <kairos/measure.h>
#include <kairos/types.h>

G_BEGIN_DECLS

/* ---- One curve ---- */

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

/* ---- All curves of a session ---- */

#define KAIROS_TYPE_METRICS (kairos_metrics_get_type ())
G_DECLARE_FINAL_TYPE (KairosMetrics, kairos_metrics, KAIROS, METRICS, GObject)

/* A run as plots and legends show it. */
typedef struct {
  gint64 id;
  const char *name; /* what people call it; translated, or their own */
  guint color;      /* 0, 1, 2...: which colour and dashes are its own; see the plots' palette */
  gboolean visible; /* among others; the current run is always drawn */
  gboolean current;
} KairosMetricsRun;

/* Signal: "changed" (), said by whoever appends or describes, after any number of calls. */
KairosMetrics *kairos_metrics_new (void);
void kairos_metrics_changed (KairosMetrics *metrics); /* emits it */
/* Another number after every change of the runs that is more than appended points: one begun, described, cut short,
 * forgotten, or another current. */
guint kairos_metrics_get_serial (KairosMetrics *metrics);

/* ---- Runs.  A run that is named in one of these and is not there yet begins without curves. ---- */

/* At the end of the list; visible, called "run ID", with the colour ID - 1.  No effect on a run that is there. */
void kairos_metrics_add_run (KairosMetrics *metrics, gint64 run);
/* As well, with the curves of its parent up to and with a time in place of any of its own. */
void kairos_metrics_branch_run (KairosMetrics *metrics, gint64 parent, gint64 run, double epoch);
/* Drops the points after a time. */
void kairos_metrics_rewind (KairosMetrics *metrics, gint64 run, double epoch);
/* With its curves; were it the current one, none is. */
void kairos_metrics_forget_run (KairosMetrics *metrics, gint64 run);
/* name NULL: "run ID" */
void kairos_metrics_describe_run (KairosMetrics *metrics, gint64 run, const char *name, guint color, gboolean visible);
/* The run that training is about; drawn strongly, it scales the axes and fills the table. */
void kairos_metrics_set_current (KairosMetrics *metrics, gint64 run);
gint64 kairos_metrics_get_current (KairosMetrics *metrics); /* 0: none */
guint kairos_metrics_get_n_runs (KairosMetrics *metrics);
/* In the order in which they were added; valid until a run is added, described or forgotten. */
const KairosMetricsRun *kairos_metrics_get_run (KairosMetrics *metrics, guint index);
const KairosMetricsRun *kairos_metrics_find_run (KairosMetrics *metrics, gint64 run); /* NULL if there is none */

/* ---- Points ---- */

/* A point for every measure that is read from such a record. */
void kairos_metrics_add_step (KairosMetrics *metrics, gint64 run, const KairosStepRecord *record);
void kairos_metrics_add_epoch (KairosMetrics *metrics, gint64 run, const KairosEpochRecord *record);
/* A reading.  epoch must not be before the last point of that curve. */
void kairos_metrics_add (KairosMetrics *metrics, gint64 run, const KairosMeasure *measure, guint component,
                         double epoch, double value);
/* What a component of a measure is called ("conv1"), in all runs; NULL where it was not said. */
void kairos_metrics_name_component (KairosMetrics *metrics, const KairosMeasure *measure, guint component,
                                    const char *name);
const char *kairos_metrics_get_component_name (KairosMetrics *metrics, const KairosMeasure *measure, guint component);
/* One more than the last component that has points; 0 without any. */
guint kairos_metrics_get_n_components (KairosMetrics *metrics, gint64 run, const KairosMeasure *measure);
/* NULL where that run has no point of it; owned by the metrics, valid until the run is forgotten or branched. */
KairosSeries *kairos_metrics_get_series (KairosMetrics *metrics, gint64 run, const KairosMeasure *measure,
                                         guint component);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosSeries, kairos_series_free)

G_END_DECLS
