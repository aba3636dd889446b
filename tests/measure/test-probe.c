/* SPDX-License-Identifier: MIT */

/* Probes: estimators against single samples' gradients and against each other, samples, threads, readings as bytes. */
#include "fixture.h"

#include <kairos/pool.h>
#include <kairos/random.h>
#include <math.h>
#include <string.h>

/* ---- Fisher information ---- */

/* tr F by definition: over the samples, over the classes, the gradient of one sample at a time. */
static double
trace_by_definition (Fixture *fixture, guint n)
{
  guint n_got, n_classes = kairos_dataset_get_n_classes (fixture->dataset);
  gsize n_parameters;
  const KairosTrainOptions plain = { KAIROS_LOSS_CROSS_ENTROPY };
  g_autofree guint32 *ids =
      kairos_probe_draw_samples (fixture->dataset, fixture->splits, 1, KAIROS_SPLIT_TRAIN, n, &n_got);
  KairosExecutor *executor = kairos_executor_new_for_inspection (fixture->network, 1, fixture->pool, FALSE);
  g_autofree float *x = g_new (float, kairos_shape_size (kairos_network_get_input (fixture->network)));
  g_autofree float *p = g_new (float, n_classes);
  double sum = 0;

  kairos_network_parameters (fixture->network, &n_parameters);
  for (guint i = 0; i < n_got; i++)
    for (gint32 label = 0; label < (gint32) n_classes; label++) {
      const KairosBatch one = { .n = 1, .input = x, .labels = &label };
      double square = 0;
      kairos_dataset_copy_input (fixture->dataset, ids[i], x);
      kairos_executor_evaluate (executor, &one, NULL, p, NULL);
      kairos_executor_train (executor, &one, &plain, NULL);
      for (gsize k = 0; k < n_parameters; k++)
        square += pow (kairos_executor_gradients (executor)[k], 2);
      sum += p[label] * square / n_got;
    }
  kairos_executor_free (executor);
  return sum;
}

static void
test_exact (void)
{
  static const char *const specs[] = { "mlp-20", "lenet-5", "small-cnn" };

  for (guint i = 0; i < G_N_ELEMENTS (specs); i++) {
    Fixture *fixture = fixture_new (specs[i], "builtin:digits", 2);
    assert_near (total (fixture, "fisher", "exact", 30, 0), trace_by_definition (fixture, 30), 1e-5);
    fixture_free (fixture);
  }
}

/* Within the error that so many draws leave: below 1 %. */
static void
test_estimators (void)
{
  Fixture *fixture = fixture_new ("mlp-20", "builtin:digits", 2);
  double exact = total (fixture, "fisher", "exact", 64, 0);
  g_autoptr (KairosReading) rademacher = measure (fixture, "fisher", "rademacher", 64, 1000);
  g_autoptr (KairosReading) sampled = measure (fixture, "fisher", "sampled", 64, 1000);
  g_autoptr (KairosReading) empirical = measure (fixture, "fisher", "empirical", 64, 0);

  assert_near (kairos_reading_get_total (rademacher), exact, 0.01);
  assert_near (kairos_reading_get_total (sampled), exact, 0.01);
  g_assert_cmpfloat (rademacher->deviation, >, 0);
  g_assert_cmpfloat (rademacher->deviation / sqrt (1000), <, 0.01 * exact);
  g_assert_cmpfloat (fabs (kairos_reading_get_total (empirical) - exact), >, 0.01 * exact);
  g_assert_cmpstr (g_array_index (empirical->measured, KairosMeasured, 0).measure->name, ==, "empirical_fisher");
  g_assert_cmpstr (g_array_index (sampled->measured, KairosMeasured, 0).measure->name, ==, "fisher");
  fixture_free (fixture);
}

static void
test_layers_add_up (void)
{
  Fixture *fixture = fixture_new ("small-cnn", "builtin:digits", 2);
  g_autoptr (KairosReading) reading = measure (fixture, "fisher", NULL, 0, 0);
  const KairosMeasured *measured = &g_array_index (reading->measured, KairosMeasured, 0);
  guint n_layers, n_components = 0;
  const KairosLayerSummary *layers = kairos_network_layers (fixture->network, &n_layers);
  double sum = 0;

  for (guint i = 1; i <= measured->n; i++)
    sum += measured->values[i];
  assert_near (sum, measured->values[0], 1e-12);
  for (guint l = 0; l < n_layers; l++)
    if (layers[l].n_parameters > 0) {
      g_autofree char *name =
          kairos_component_name (measured->measure, ++n_components, fixture->network, fixture->dataset);
      g_assert_cmpstr (name, ==, layers[l].name);
    }
  g_assert_cmpuint (measured->n, ==, n_components);
  g_assert_cmpstr (reading->estimator, ==, "rademacher");
  g_assert_cmpuint (reading->samples, ==, 256);
  g_assert_cmpuint (reading->step, ==, 7);
  fixture_free (fixture);
}

/* ---- Gradient and weights ---- */

static void
test_gradient (void)
{
  Fixture *fixture = fixture_new ("mlp-20", "builtin:digits", 2);
  g_autoptr (KairosReading) reading = measure (fixture, "gradient", NULL, 100, 0);
  const KairosMeasured *norm = &g_array_index (reading->measured, KairosMeasured, 0);
  double square = norm->values[0] * norm->values[0], sum = 0;
  double mean_square = total (fixture, "fisher", "empirical", 100, 0); /* the same, for cross-entropy */

  for (guint i = 1; i <= norm->n; i++)
    sum += norm->values[i] * norm->values[i];
  assert_near (sum, square, 1e-9);
  assert_near (g_array_index (reading->measured, KairosMeasured, 1).values[0],
               (mean_square - square) * 100 / (100 * square - mean_square), 1e-4);
  fixture_free (fixture);
}

static void
test_weights (void)
{
  Fixture *fixture = fixture_new ("mlp-20", "builtin:digits", 2);
  gsize n;
  float *weights = kairos_network_parameters (fixture->network, &n);
  guint n_tensors;
  const KairosTensorInfo *tensors = kairos_network_tensors (fixture->network, &n_tensors);
  double square = 0;

  kairos_probe_context_remember (fixture->context, fixture->network, 7);
  for (gsize i = 0; i < n; i++)
    weights[i] *= 1.5f;
  memset (weights, 0, tensors[0].n / 20 * sizeof *weights); /* one unit of twenty */
  weights[tensors[1].offset] = -1;
  for (gsize i = 0; i < n; i++)
    square += (double) weights[i] * weights[i];
  kairos_probe_context_take (fixture->context, fixture->network, 8, 0.6);
  g_autoptr (KairosReading) reading = measure (fixture, "weights", NULL, 0, 0);
  const KairosMeasured *measured = (const KairosMeasured *) (gpointer) reading->measured->data;
  assert_near (measured[0].values[0], sqrt (square), 1e-6);
  assert_near (measured[1].values[2], 0.5, 1e-6); /* the second layer moved by half of itself */
  assert_near (measured[2].values[1], 0.05, 1e-6);
  assert_near (measured[3].values[1], 0.05, 1e-6);
  kairos_probe_context_take (fixture->context, fixture->network, 10, 0.8);
  g_autoptr (KairosReading) later = measure (fixture, "weights", NULL, 0, 0);
  g_assert_true (isnan (g_array_index (later->measured, KairosMeasured, 1).values[0])); /* not known */
  fixture_free (fixture);
}

/* ---- What all have in common ---- */

static void
test_samples (void)
{
  Fixture *fixture = fixture_new ("mlp-20", "builtin:digits", 1);
  const gint32 *labels = kairos_dataset_get_labels (fixture->dataset);
  guint n, again, count[10] = { 0 };
  g_autofree guint32 *ids =
      kairos_probe_draw_samples (fixture->dataset, fixture->splits, 1, KAIROS_SPLIT_TRAIN, 256, &n);
  g_autofree guint32 *same =
      kairos_probe_draw_samples (fixture->dataset, fixture->splits, 1, KAIROS_SPLIT_TRAIN, 256, &again);
  g_autofree guint32 *all =
      kairos_probe_draw_samples (fixture->dataset, fixture->splits, 1, KAIROS_SPLIT_VALIDATION, G_MAXUINT, &again);
  guint n_validation;
  const guint32 *validation = kairos_splits_ids (fixture->splits, KAIROS_SPLIT_VALIDATION, &n_validation);

  g_assert_cmpuint (n, ==, 256);
  g_assert_cmpmem (ids, n * sizeof *ids, same, n * sizeof *same);
  for (guint i = 0; i < n; i++) {
    count[labels[ids[i]]]++;
    g_assert_true (kairos_splits_get (fixture->splits, ids[i]) == KAIROS_SPLIT_TRAIN);
    g_assert_true (i == 0 || ids[i] > ids[i - 1]);
  }
  for (guint c = 0; c < 10; c++)
    g_assert_true (count[c] == 25 || count[c] == 26);
  g_assert_cmpmem (all, again * sizeof *all, validation, n_validation * sizeof *validation);
  fixture_free (fixture);
}

/* The same bits on one thread, on two and on three, and the network as it was. */
static void
test_threads (void)
{
  guint n_probes;
  const KairosProbe *const *probes = kairos_probes (&n_probes);

  for (guint i = 0; i < n_probes; i++) {
    g_autoptr (KairosReading) first = NULL;
    for (int n_threads = 1; n_threads <= 3; n_threads++) {
      Fixture *fixture = fixture_new ("small-cnn-16", "builtin:digits", n_threads);
      g_autofree char *before = kairos_network_digest (fixture->network), *after = NULL;
      guint n_samples = probes[i]->samples > 0 ? 70 : 0; /* more than are looked at at once */
      g_autoptr (KairosReading) reading = measure (fixture, probes[i]->name, NULL, n_samples, 0);
      after = kairos_network_digest (fixture->network);
      g_assert_cmpstr (before, ==, after);
      if (first)
        assert_same (first, reading);
      else
        first = kairos_reading_ref (reading);
      fixture_free (fixture);
    }
  }
}

static void
test_bytes (void)
{
  Fixture *fixture = fixture_new ("mlp-20", "builtin:digits", 1);
  guint n_probes;
  const KairosProbe *const *probes = kairos_probes (&n_probes);

  for (guint i = 0; i <= n_probes; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (KairosReading) reading =
        i < n_probes ? measure (fixture, probes[i]->name, NULL, 0, 0) : kairos_reading_new_skipped (probes[0], 3, 1);
    g_autoptr (GBytes) bytes = kairos_reading_to_bytes (reading);
    g_autoptr (KairosReading) back = kairos_reading_from_bytes (bytes, &error);
    gsize size = g_bytes_get_size (bytes);
    g_assert_no_error (error);
    assert_same (reading, back);
    g_assert_cmpstr (reading->estimator, ==, back->estimator);
    for (gsize n = 0; n < size; n++) { /* cut short anywhere: refused */
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (bytes, 0, n);
      g_autoptr (KairosReading) nothing = kairos_reading_from_bytes (part, NULL);
      g_assert_null (nothing);
    }
  }
  fixture_free (fixture);
}

/* Any bytes at all: refused, or read. */
static void
test_damaged (void)
{
  Fixture *fixture = fixture_new ("mlp-20", "builtin:digits", 1);
  g_autoptr (KairosReading) reading = measure (fixture, "fisher", NULL, 0, 0);
  g_autoptr (GBytes) bytes = kairos_reading_to_bytes (reading);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  KairosRandom random = kairos_random (1, KAIROS_RANDOM_TEST, 0, 0);

  for (int i = 0; i < 20000; i++) {
    guint8 *copy = g_memdup2 (data, size);
    for (guint k = 0; k < 1 + kairos_random_below (&random, 4); k++)
      copy[kairos_random_below (&random, (guint32) size)] = (guint8) kairos_random_below (&random, 256);
    g_autoptr (GBytes) damaged = g_bytes_new_take (copy, size);
    g_autoptr (GError) error = NULL;
    g_autoptr (KairosReading) back = kairos_reading_from_bytes (damaged, &error);
    g_assert_true (!back == !!error);
  }
  fixture_free (fixture);
}

static void
test_refused (void)
{
  Fixture *fixture = fixture_new ("mlp-20", "builtin:digits", 1);
  const KairosProbeOptions unknown = { .estimator = "guess" }, estimator = { .estimator = "exact" };
  const KairosProbeOptions draws = { .draws = 100000 };
  const volatile gint cancel = 1;
  g_autoptr (GError) error = NULL;

  assert_refused (fixture, "fisher", &unknown, "it has rademacher|exact");
  assert_refused (fixture, "weights", &estimator, "leave the estimator out");
  assert_refused (fixture, "fisher", &draws, "too many");
  g_assert_null (kairos_probe_measure (fixture->context, kairos_probe_find ("fisher"), NULL, &cancel, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (kairos_probes_parse ("fisher,nothing", &error));
  g_assert_true (strstr (error->message, "there are fisher") != NULL);
  g_autoptr (GPtrArray) two = kairos_probes_parse (" weights, fisher,weights ,", NULL);
  g_assert_cmpuint (two->len, ==, 2);
  fixture_free (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/probe/exact", test_exact);
  g_test_add_func ("/probe/estimators", test_estimators);
  g_test_add_func ("/probe/layers-add-up", test_layers_add_up);
  g_test_add_func ("/probe/gradient", test_gradient);
  g_test_add_func ("/probe/weights", test_weights);
  g_test_add_func ("/probe/samples", test_samples);
  g_test_add_func ("/probe/threads", test_threads);
  g_test_add_func ("/probe/bytes", test_bytes);
  g_test_add_func ("/probe/damaged", test_damaged);
  g_test_add_func ("/probe/refused", test_refused);
  return g_test_run ();
}
