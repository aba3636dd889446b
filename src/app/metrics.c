/* SPDX-License-Identifier: MIT */

/* All curves of a session: a list of runs, each with the curves that it has points of.
 *
 * There are few runs and few measures, so both are found by looking from the front.  A curve that was emptied by going
 * back stays, so that whoever draws may hold it.
 */
#include "config.h"

#include "kairos/metrics.h"

#include <glib/gi18n.h>

typedef struct {
  const KairosMeasure *measure;
  guint component;
  KairosSeries *series;
} Curve;

typedef struct {
  KairosMetricsRun info; /* its name is name */
  char *name;
  GArray *curves; /* Curve */
} Run;

typedef struct {
  const KairosMeasure *measure;
  guint component;
  char *name;
} Component;

struct _KairosMetrics {
  GObject parent_instance;
  GPtrArray *runs;    /* Run */
  GArray *components; /* Component: those that have a name */
  guint serial;
};

G_DEFINE_FINAL_TYPE (KairosMetrics, kairos_metrics, G_TYPE_OBJECT)

static guint changed_signal;

static void
curve_clear (Curve *curve)
{
  kairos_series_free (curve->series);
}

static void
component_clear (Component *component)
{
  g_free (component->name);
}

static void
run_free (Run *run)
{
  g_array_unref (run->curves);
  g_free (run->name);
  g_free (run);
}

static void
kairos_metrics_finalize (GObject *object)
{
  g_ptr_array_unref (KAIROS_METRICS (object)->runs);
  g_array_unref (KAIROS_METRICS (object)->components);
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
  metrics->components = g_array_new (FALSE, FALSE, sizeof (Component));
  g_array_set_clear_func (metrics->components, (GDestroyNotify) component_clear);
}

KairosMetrics *
kairos_metrics_new (void)
{
  return g_object_new (KAIROS_TYPE_METRICS, NULL);
}

void
kairos_metrics_changed (KairosMetrics *metrics)
{
  g_signal_emit (metrics, changed_signal, 0);
}

guint
kairos_metrics_get_serial (KairosMetrics *metrics)
{
  return metrics->serial;
}

/* ---- Runs ---- */

static Run *
find_run (KairosMetrics *metrics, gint64 id)
{
  for (guint i = 0; i < metrics->runs->len; i++) {
    Run *run = g_ptr_array_index (metrics->runs, i);

    if (run->info.id == id)
      return run;
  }
  return NULL;
}

static void
set_name (Run *run, const char *name)
{
  g_free (run->name);
  /* Translators: a run without a name of its own. */
  run->name = name ? g_strdup (name) : g_strdup_printf (_ ("run %d"), (int) run->info.id);
  run->info.name = run->name;
}

static Run *
get_run (KairosMetrics *metrics, gint64 id)
{
  Run *run = find_run (metrics, id);

  if (run)
    return run;
  run = g_new0 (Run, 1);
  run->info = (KairosMetricsRun){ .id = id, .color = MAX (id - 1, 0), .visible = TRUE };
  set_name (run, NULL);
  run->curves = g_array_new (FALSE, FALSE, sizeof (Curve));
  g_array_set_clear_func (run->curves, (GDestroyNotify) curve_clear);
  g_ptr_array_add (metrics->runs, run);
  metrics->serial++;
  return run;
}

void
kairos_metrics_add_run (KairosMetrics *metrics, gint64 run)
{
  get_run (metrics, run);
}

void
kairos_metrics_forget_run (KairosMetrics *metrics, gint64 run)
{
  if (g_ptr_array_remove (metrics->runs, find_run (metrics, run)))
    metrics->serial++;
}

void
kairos_metrics_describe_run (KairosMetrics *metrics, gint64 run, const char *name, guint color, gboolean visible)
{
  Run *described = get_run (metrics, run);

  set_name (described, name);
  described->info.color = color;
  described->info.visible = visible;
  metrics->serial++;
}

void
kairos_metrics_set_current (KairosMetrics *metrics, gint64 run)
{
  Run *current = get_run (metrics, run);

  if (current->info.current)
    return;
  for (guint i = 0; i < metrics->runs->len; i++)
    ((Run *) g_ptr_array_index (metrics->runs, i))->info.current = FALSE;
  current->info.current = TRUE;
  metrics->serial++;
}

gint64
kairos_metrics_get_current (KairosMetrics *metrics)
{
  for (guint i = 0; i < metrics->runs->len; i++)
    if (kairos_metrics_get_run (metrics, i)->current)
      return kairos_metrics_get_run (metrics, i)->id;
  return 0;
}

guint
kairos_metrics_get_n_runs (KairosMetrics *metrics)
{
  return metrics->runs->len;
}

const KairosMetricsRun *
kairos_metrics_get_run (KairosMetrics *metrics, guint index)
{
  g_return_val_if_fail (index < metrics->runs->len, NULL);

  return &((Run *) g_ptr_array_index (metrics->runs, index))->info;
}

const KairosMetricsRun *
kairos_metrics_find_run (KairosMetrics *metrics, gint64 run)
{
  Run *found = find_run (metrics, run);

  return found ? &found->info : NULL;
}

/* ---- Curves ---- */

static KairosSeries *
find_series (Run *run, const KairosMeasure *measure, guint component)
{
  for (guint i = 0; i < run->curves->len; i++) {
    const Curve *curve = &g_array_index (run->curves, Curve, i);

    if (curve->measure == measure && curve->component == component)
      return curve->series;
  }
  return NULL;
}

static void
append (Run *run, const KairosMeasure *measure, guint component, double epoch, double value)
{
  KairosSeries *series = find_series (run, measure, component);

  if (!series) {
    Curve curve = { measure, component, kairos_series_new (measure->name) };

    g_array_append_val (run->curves, curve);
    series = curve.series;
  }
  kairos_series_append (series, epoch, value);
}

void
kairos_metrics_branch_run (KairosMetrics *metrics, gint64 parent, gint64 run, double epoch)
{
  Run *source = get_run (metrics, parent), *branch = get_run (metrics, run);
  double time;
  float value;

  g_return_if_fail (parent != run);

  g_array_set_size (branch->curves, 0);
  metrics->serial++;
  for (guint i = 0; i < source->curves->len; i++) {
    const Curve *curve = &g_array_index (source->curves, Curve, i);

    for (guint k = 0; k < kairos_series_get_n (curve->series); k++) {
      kairos_series_get (curve->series, k, &time, &value);
      if (time > epoch)
        break;
      append (branch, curve->measure, curve->component, time, value);
    }
  }
}

void
kairos_metrics_rewind (KairosMetrics *metrics, gint64 run, double epoch)
{
  GArray *curves = get_run (metrics, run)->curves;

  for (guint i = 0; i < curves->len; i++)
    kairos_series_truncate (g_array_index (curves, Curve, i).series, epoch);
  metrics->serial++;
}

void
kairos_metrics_add_step (KairosMetrics *metrics, gint64 run, const KairosStepRecord *record)
{
  Run *to = get_run (metrics, run);
  guint n;
  const KairosMeasure *const *measures = kairos_measures (&n);

  for (guint i = 0; i < n; i++)
    if (measures[i]->of_step)
      append (to, measures[i], 0, record->epoch, measures[i]->of_step (record));
}

void
kairos_metrics_add_epoch (KairosMetrics *metrics, gint64 run, const KairosEpochRecord *record)
{
  Run *to = get_run (metrics, run);
  guint n;
  const KairosMeasure *const *measures = kairos_measures (&n);

  for (guint i = 0; i < n; i++)
    if (measures[i]->of_epoch)
      append (to, measures[i], 0, record->epoch, measures[i]->of_epoch (record));
}

void
kairos_metrics_add (KairosMetrics *metrics, gint64 run, const KairosMeasure *measure, guint component, double epoch,
                    double value)
{
  append (get_run (metrics, run), measure, component, epoch, value);
}

static Component *
find_component (KairosMetrics *metrics, const KairosMeasure *measure, guint component)
{
  for (guint i = 0; i < metrics->components->len; i++) {
    Component *known = &g_array_index (metrics->components, Component, i);

    if (known->measure == measure && known->component == component)
      return known;
  }
  return NULL;
}

void
kairos_metrics_name_component (KairosMetrics *metrics, const KairosMeasure *measure, guint component, const char *name)
{
  Component *known = find_component (metrics, measure, component);
  Component named = { measure, component, g_strdup (name) };

  if (known) {
    component_clear (known);
    *known = named;
  } else
    g_array_append_val (metrics->components, named);
  metrics->serial++;
}

const char *
kairos_metrics_get_component_name (KairosMetrics *metrics, const KairosMeasure *measure, guint component)
{
  Component *known = find_component (metrics, measure, component);

  return known ? known->name : NULL;
}

guint
kairos_metrics_get_n_components (KairosMetrics *metrics, gint64 run, const KairosMeasure *measure)
{
  Run *found = find_run (metrics, run);
  guint n = 0;

  for (guint i = 0; found && i < found->curves->len; i++) {
    const Curve *curve = &g_array_index (found->curves, Curve, i);

    if (curve->measure == measure && kairos_series_get_n (curve->series) > 0)
      n = MAX (n, curve->component + 1);
  }
  return n;
}

KairosSeries *
kairos_metrics_get_series (KairosMetrics *metrics, gint64 run, const KairosMeasure *measure, guint component)
{
  Run *found = find_run (metrics, run);
  KairosSeries *series = found ? find_series (found, measure, component) : NULL;

  return series && kairos_series_get_n (series) > 0 ? series : NULL;
}
