/* SPDX-License-Identifier: MIT */

/* The table of probes, and what all of them have in common. */
#include "probe-private.h"

#include <math.h>
#include <string.h>

/* In the order in which plots and lists show them. */
static const KairosProbe *const probes[] = {
  &kairos_probe_fisher,         &kairos_probe_gradient,    &kairos_probe_weights,  &kairos_probe_curvature,
  &kairos_probe_class_accuracy, &kairos_probe_calibration, &kairos_probe_features, &kairos_probe_sensitivity,
};

/* ---- Looking them up ---- */

const KairosProbe *const *
kairos_probes (guint *n)
{
  *n = G_N_ELEMENTS (probes);
  return probes;
}

const KairosProbe *
kairos_probe_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    if (g_str_equal (probes[i]->name, name))
      return probes[i];
  return NULL;
}

const KairosProbe *
kairos_probe_of (const KairosMeasure *measure)
{
  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    if (measure >= probes[i]->set.measures && measure < probes[i]->set.measures + probes[i]->set.n_measures)
      return probes[i];
  return NULL;
}

static void
refuse_name (const char *name, GError **error)
{
  g_autoptr (GString) known = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", probes[i]->name);
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING, "There is no probe \"%s\"; there are %s.", name, known->str);
}

GPtrArray *
kairos_probes_parse (const char *names, GError **error)
{
  g_auto (GStrv) words = g_strsplit (names, ",", -1);
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  for (char **word = words; *word; word++) {
    const char *name = g_strstrip (*word);
    const KairosProbe *probe = kairos_probe_find (name);
    if (name[0] == '\0')
      continue;
    if (!probe) {
      refuse_name (name, error);
      return NULL;
    }
    if (!g_ptr_array_find (found, probe, NULL))
      g_ptr_array_add (found, (gpointer) probe);
  }
  return g_steal_pointer (&found);
}

/* ---- Names of components ---- */

static char *
name_layer (guint index, KairosNetwork *network)
{
  guint n;
  const KairosLayerSummary *layers = kairos_network_layers (network, &n);

  for (guint i = 0; i < n; i++)
    if (layers[i].n_parameters > 0 && index-- == 0)
      return g_strdup (layers[i].name);
  return NULL;
}

/* "0.93 – 1", in any language with a point: a name, as those of layers are. */
static char *
name_bin (guint index)
{
  char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];

  if (index >= KAIROS_CONFIDENCE_BINS)
    return NULL;
  g_ascii_formatd (low, sizeof low, "%.2g", (double) index / KAIROS_CONFIDENCE_BINS);
  g_ascii_formatd (high, sizeof high, "%.2g", (double) (index + 1) / KAIROS_CONFIDENCE_BINS);
  return g_strdup_printf ("%s – %s", low, high);
}

char *
kairos_component_name (const KairosMeasure *measure, guint component, KairosNetwork *network, KairosDataset *dataset)
{
  char *name = NULL;

  if (component == 0)
    return g_strdup ("total");
  switch (measure->parts) {
  case KAIROS_PARTS_LAYERS: name = name_layer (component - 1, network); break;
  case KAIROS_PARTS_CLASSES:
    if (component <= kairos_dataset_get_n_classes (dataset))
      name = g_strdup (kairos_dataset_get_class_name (dataset, component - 1));
    break;
  case KAIROS_PARTS_BINS: name = name_bin (component - 1); break;
  case KAIROS_PARTS_NONE:
  default: break;
  }
  return name ? name : g_strdup_printf ("%u", component);
}

/* ---- Measuring ---- */

static gboolean
take_estimator (KairosReading *reading, const char *name, GError **error)
{
  const KairosProbe *probe = reading->probe;
  g_auto (GStrv) known = g_strsplit (probe->estimators ? probe->estimators : "", "|", -1);

  if (!name)
    reading->estimator = g_strdup (known[0]);
  else if (probe->estimators && g_strv_contains ((const char *const *) known, name))
    reading->estimator = g_strdup (name);
  else if (probe->estimators)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "The probe %s has no estimator \"%s\"; it has %s.",
                 probe->name, name, probe->estimators);
  else
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "The probe %s measures in one way only; leave the estimator out.", probe->name);
  return !name || reading->estimator;
}

static gboolean
take_options (KairosReading *reading, const KairosProbeOptions *options, GError **error)
{
  const KairosProbe *probe = reading->probe;

  reading->samples = options->samples ? options->samples : probe->samples;
  reading->draws = options->draws ? options->draws : MAX (probe->draws, 1);
  if (options->samples && !probe->samples) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "The probe %s looks at no samples; leave their number out.",
                 probe->name);
    return FALSE;
  }
  if (reading->draws > KAIROS_PROBE_MAX_DRAWS) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "%u draws are too many; %d is the most.", reading->draws,
                 KAIROS_PROBE_MAX_DRAWS);
    return FALSE;
  }
  return take_estimator (reading, options->estimator, error);
}

static gboolean
check_data (KairosProbeContext *context, const KairosProbe *probe, GError **error)
{
  guint n = 0;

  if (probe->samples)
    kairos_splits_ids (context->splits, probe->split, &n);
  if (probe->samples && n == 0) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "The probe %s looks at %s samples, and %s has none; leave the probe out.", probe->name,
                 probe->split == KAIROS_SPLIT_VALIDATION ? "validation" : "training",
                 kairos_dataset_get_title (context->dataset));
    return FALSE;
  }
  if (probe->pictures && !kairos_dataset_is_image (context->dataset)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "The probe %s needs pictures, and %s has none; leave it out.",
                 probe->name, kairos_dataset_get_title (context->dataset));
    return FALSE;
  }
  return TRUE;
}

KairosReading *
kairos_probe_measure (KairosProbeContext *context, const KairosProbe *probe, const KairosProbeOptions *options,
                      const volatile gint *cancel, GError **error)
{
  const KairosProbeOptions plain = { 0 };
  g_autoptr (KairosReading) reading = kairos_reading_new (probe, context->step, context->epoch);
  gint64 start = g_get_monotonic_time ();

  if (!take_options (reading, options ? options : &plain, error) || !check_data (context, probe, error) ||
      !probe->measure (context, reading, cancel, error))
    return NULL;
  reading->milliseconds = (double) (g_get_monotonic_time () - start) / 1000;
  return g_steal_pointer (&reading);
}
