/* SPDX-License-Identifier: MIT */

/* See fixture.h. */
#include "fixture.h"

#include <math.h>
#include <string.h>

Fixture *
fixture_new (const char *spec, const char *data, int n_threads)
{
  g_autoptr (GError) error = NULL;
  KairosOpenOptions options = kairos_open_options_default ();
  Fixture *fixture = g_new0 (Fixture, 1);

  options.samples = 3000;
  fixture->dataset = kairos_dataset_open (data, &options, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  fixture->splits = kairos_splits_new (fixture->dataset, 1, 0);
  fixture->network = kairos_network_new (spec, kairos_dataset_get_shape (fixture->dataset),
                                         kairos_dataset_get_n_classes (fixture->dataset), &error);
  g_assert_no_error (error);
  kairos_network_initialise (fixture->network, 3);
  fixture->pool = kairos_pool_new (n_threads);
  fixture_set_loss (fixture, KAIROS_LOSS_CROSS_ENTROPY);
  return fixture;
}

void
fixture_set_loss (Fixture *fixture, KairosLoss loss)
{
  g_autoptr (GError) error = NULL;

  kairos_probe_context_free (fixture->context);
  fixture->context =
      kairos_probe_context_new (fixture->network, fixture->dataset, fixture->splits, 1, loss, fixture->pool, &error);
  g_assert_no_error (error);
  kairos_probe_context_take (fixture->context, fixture->network, 7, 0.5);
}

static void
step (Fixture *fixture, KairosExecutor *executor, const KairosBatch *batch, KairosLoss loss, float rate)
{
  const KairosTrainOptions options = { .loss = loss };
  gsize n;
  float *weights = kairos_network_parameters (fixture->network, &n);

  kairos_executor_train (executor, batch, &options, NULL);
  for (gsize i = 0; i < n; i++)
    weights[i] -= rate * kairos_executor_gradients (executor)[i];
}

void
fixture_train (Fixture *fixture, KairosLoss loss, int n_steps, float rate)
{
  enum { N = 64 };
  KairosExecutor *executor = kairos_executor_new (fixture->network, N, fixture->pool);
  gsize size = kairos_shape_size (kairos_network_get_input (fixture->network));
  g_autofree float *inputs = g_new (float, N *size);
  gint32 labels[N];
  guint n_train, at = 0;
  const guint32 *ids = kairos_splits_ids (fixture->splits, KAIROS_SPLIT_TRAIN, &n_train);

  for (int s = 0; s < n_steps; s++) {
    const KairosBatch batch = { .n = N, .input = inputs, .labels = labels };
    for (int i = 0; i < N; i++, at++) {
      kairos_dataset_copy_input (fixture->dataset, ids[at % n_train], inputs + i * size);
      labels[i] = kairos_dataset_get_labels (fixture->dataset)[ids[at % n_train]];
    }
    step (fixture, executor, &batch, loss, rate);
  }
  kairos_executor_free (executor);
  kairos_probe_context_take (fixture->context, fixture->network, 7, 0.5);
}

void
fixture_free (Fixture *fixture)
{
  kairos_probe_context_free (fixture->context);
  kairos_network_free (fixture->network);
  kairos_splits_unref (fixture->splits);
  kairos_dataset_unref (fixture->dataset);
  kairos_pool_free (fixture->pool);
  g_free (fixture);
}

KairosReading *
measure (Fixture *fixture, const char *name, const char *estimator, guint samples, guint draws)
{
  const KairosProbeOptions options = { estimator, samples, draws };
  g_autoptr (GError) error = NULL;
  KairosReading *reading = kairos_probe_measure (fixture->context, kairos_probe_find (name), &options, NULL, &error);

  g_assert_no_error (error);
  return reading;
}

double
total (Fixture *fixture, const char *name, const char *estimator, guint samples, guint draws)
{
  g_autoptr (KairosReading) reading = measure (fixture, name, estimator, samples, draws);

  return kairos_reading_get_total (reading);
}

const double *
values_of (const KairosReading *reading, guint i)
{
  return g_array_index (reading->measured, KairosMeasured, i).values;
}

void
assert_near (double found, double expected, double tolerance)
{
  if (!(fabs (found - expected) <= tolerance * fabs (expected)))
    g_error ("found %.9g, expected %.9g within %g", found, expected, tolerance);
}

void
assert_same (const KairosReading *a, const KairosReading *b)
{
  g_assert_true (a->probe == b->probe && a->step == b->step && a->skipped == b->skipped);
  g_assert_cmpuint (a->measured->len, ==, b->measured->len);
  for (guint m = 0; m < a->measured->len; m++) {
    const KairosMeasured *x = &g_array_index (a->measured, KairosMeasured, m),
                         *y = &g_array_index (b->measured, KairosMeasured, m);
    g_assert_true (x->measure == y->measure);
    g_assert_cmpmem (x->values, (x->n + 1) * sizeof (double), y->values, (y->n + 1) * sizeof (double));
  }
}

void
assert_refused (Fixture *fixture, const char *name, const KairosProbeOptions *options, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosReading) reading =
      kairos_probe_measure (fixture->context, kairos_probe_find (name), options, NULL, &error);

  g_assert_null (reading);
  g_assert_true (strstr (error->message, part) != NULL);
}
