/* SPDX-License-Identifier: MIT */

/* All curves of a session: for every run one series a metric, in the order in which the runs began. */
#include "config.h"

#include "kairos/metrics.h"

#include <glib/gi18n.h>

typedef struct {
  gint64 id;
  KairosSeries *series[KAIROS_N_METRICS];
} Run;

struct _KairosMetrics {
  GObject parent_instance;
  GPtrArray *runs; /* Run; the last is the current one */
};

G_DEFINE_FINAL_TYPE (KairosMetrics, kairos_metrics, G_TYPE_OBJECT)

/* A row a metric: a name for series, and the title people read. */
static const struct {
  const char *name, *title;
} metric_infos[KAIROS_N_METRICS] = {
  [KAIROS_METRIC_TRAIN_LOSS] = { "train_loss", N_ ("Training loss") },
  [KAIROS_METRIC_TRAIN_ACCURACY] = { "train_accuracy", N_ ("Training accuracy") },
  [KAIROS_METRIC_TRAIN_LOSS_EPOCH] = { "train_loss_epoch", N_ ("Training loss, mean of the epoch") },
  [KAIROS_METRIC_TRAIN_ACCURACY_EPOCH] = { "train_accuracy_epoch", N_ ("Training accuracy, mean of the epoch") },
  [KAIROS_METRIC_VAL_LOSS] = { "val_loss", N_ ("Validation loss") },
  [KAIROS_METRIC_VAL_ACCURACY] = { "val_accuracy", N_ ("Validation accuracy") },
  [KAIROS_METRIC_LEARNING_RATE] = { "learning_rate", N_ ("Learning rate") },
};

static guint changed_signal;

static void
run_free (Run *run)
{
  for (int i = 0; i < KAIROS_N_METRICS; i++)
    kairos_series_free (run->series[i]);
  g_free (run);
}

static Run *
run_new (gint64 id)
{
  Run *run = g_new0 (Run, 1);

  run->id = id;
  for (int i = 0; i < KAIROS_N_METRICS; i++)
    run->series[i] = kairos_series_new (metric_infos[i].name);
  return run;
}

static void
kairos_metrics_finalize (GObject *object)
{
  g_ptr_array_unref (KAIROS_METRICS (object)->runs);
  G_OBJECT_CLASS (kairos_metrics_parent_class)->finalize (object);
}

static void
kairos_metrics_class_init (KairosMetricsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = kairos_metrics_finalize;
  changed_signal =
      g_signal_new ("changed", KAIROS_TYPE_METRICS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
kairos_metrics_init (KairosMetrics *metrics)
{
  metrics->runs = g_ptr_array_new_with_free_func ((GDestroyNotify) run_free);
}

KairosMetrics *
kairos_metrics_new (void)
{
  return g_object_new (KAIROS_TYPE_METRICS, NULL);
}

/* Records may come before any run was announced; they belong to the first. */
static Run *
current_run (KairosMetrics *metrics)
{
  if (metrics->runs->len == 0)
    kairos_metrics_begin_run (metrics, 1);
  return g_ptr_array_index (metrics->runs, metrics->runs->len - 1);
}

/* A run that was there before becomes the current one again, with its curves. */
void
kairos_metrics_begin_run (KairosMetrics *metrics, gint64 run)
{
  for (guint i = 0; i < metrics->runs->len; i++)
    if (kairos_metrics_get_run (metrics, i) == run) {
      g_ptr_array_add (metrics->runs, g_ptr_array_steal_index (metrics->runs, i));
      return;
    }
  g_ptr_array_add (metrics->runs, run_new (run));
}

static void
append_until (KairosSeries *series, KairosSeries *source, double epoch)
{
  double time;
  float value;

  for (guint i = 0; i < kairos_series_get_n (source); i++) {
    kairos_series_get (source, i, &time, &value);
    if (time > epoch)
      break;
    kairos_series_append (series, time, value);
  }
}

void
kairos_metrics_branch_run (KairosMetrics *metrics, gint64 run, double epoch)
{
  Run *before = current_run (metrics), *branch;

  kairos_metrics_begin_run (metrics, run);
  branch = current_run (metrics);
  for (int i = 0; i < KAIROS_N_METRICS; i++)
    append_until (branch->series[i], before->series[i], epoch);
}

void
kairos_metrics_add_step (KairosMetrics *metrics, const KairosStepRecord *record)
{
  Run *run = current_run (metrics);

  kairos_series_append (run->series[KAIROS_METRIC_TRAIN_LOSS], record->epoch, record->loss);
  kairos_series_append (run->series[KAIROS_METRIC_TRAIN_ACCURACY], record->epoch, record->accuracy);
  kairos_series_append (run->series[KAIROS_METRIC_LEARNING_RATE], record->epoch, record->learning_rate);
}

void
kairos_metrics_add_epoch (KairosMetrics *metrics, const KairosEpochRecord *record)
{
  Run *run = current_run (metrics);

  kairos_series_append (run->series[KAIROS_METRIC_TRAIN_LOSS_EPOCH], record->epoch, record->train_loss);
  kairos_series_append (run->series[KAIROS_METRIC_TRAIN_ACCURACY_EPOCH], record->epoch, record->train_accuracy);
  kairos_series_append (run->series[KAIROS_METRIC_VAL_LOSS], record->epoch, record->val_loss);
  kairos_series_append (run->series[KAIROS_METRIC_VAL_ACCURACY], record->epoch, record->val_accuracy);
}

void
kairos_metrics_rewind (KairosMetrics *metrics, double epoch)
{
  Run *run = current_run (metrics);

  for (int i = 0; i < KAIROS_N_METRICS; i++)
    kairos_series_truncate (run->series[i], epoch);
}

void
kairos_metrics_changed (KairosMetrics *metrics)
{
  g_signal_emit (metrics, changed_signal, 0);
}

guint
kairos_metrics_get_n_runs (KairosMetrics *metrics)
{
  return metrics->runs->len;
}

gint64
kairos_metrics_get_run (KairosMetrics *metrics, guint index)
{
  g_return_val_if_fail (index < metrics->runs->len, 0);

  return ((Run *) g_ptr_array_index (metrics->runs, index))->id;
}

KairosSeries *
kairos_metrics_get_series (KairosMetrics *metrics, guint run_index, KairosMetric metric)
{
  g_return_val_if_fail (run_index < metrics->runs->len && metric < KAIROS_N_METRICS, NULL);

  return ((Run *) g_ptr_array_index (metrics->runs, run_index))->series[metric];
}

const char *
kairos_metric_title (KairosMetric metric)
{
  g_return_val_if_fail (metric < KAIROS_N_METRICS, NULL);

  return _ (metric_infos[metric].title);
}
