/* SPDX-License-Identifier: MIT */

/* Probes that judge what the network says: against sums over single samples, in the other order and with fresh
 * executors.
 */
#include "fixture.h"

#include <math.h>
#include <string.h>

#include "src/measure/probe-private.h"

/* What the network says of one validation sample, by itself. */
typedef struct {
  gint32 label, prediction;
  double confidence;
} Said;

/* Caller frees. */
static Said *
ask (Fixture *fixture, KairosLoss loss, guint *n)
{
  guint n_classes = kairos_dataset_get_n_classes (fixture->dataset);
  const guint32 *ids = kairos_splits_ids (fixture->splits, KAIROS_SPLIT_VALIDATION, n);
  KairosExecutor *executor = kairos_executor_new_for_evaluation (fixture->network, 1, fixture->pool);
  g_autofree float *x = g_new (float, kairos_shape_size (kairos_network_get_input (fixture->network)));
  g_autofree float *z = g_new (float, n_classes), *p = g_new (float, n_classes);
  Said *said = g_new0 (Said, *n);

  for (guint i = 0; i < *n; i++) {
    const KairosBatch one = { .n = 1, .input = x };
    kairos_dataset_copy_input (fixture->dataset, ids[i], x);
    kairos_executor_evaluate (executor, &one, z, p, NULL);
    said[i].label = kairos_dataset_get_labels (fixture->dataset)[ids[i]];
    for (guint k = 0; k < n_classes; k++)
      if (z[k] > z[said[i].prediction])
        said[i].prediction = (gint32) k;
    float output = z[said[i].prediction];
    said[i].confidence = loss == KAIROS_LOSS_CROSS_ENTROPY ? p[said[i].prediction]
                         : output < 0                      ? 0
                         : output > 1                      ? 1
                                                           : output;
  }
  kairos_executor_free (executor);
  return said;
}

/* ---- Accuracy by class ---- */

static void
test_classes (void)
{
  Fixture *fixture = fixture_new ("lenet-5", "builtin:digits", 2);
  guint n;

  fixture_train (fixture, KAIROS_LOSS_CROSS_ENTROPY, 30, 0.05f);
  g_autofree Said *said = ask (fixture, KAIROS_LOSS_CROSS_ENTROPY, &n);
  g_autoptr (KairosReading) reading = measure (fixture, "class-accuracy", NULL, 0, 0);
  const double *accuracy = values_of (reading, 0);
  double right = 0;
  for (gint32 c = 0; c < 10; c++) {
    double count = 0, of_class = 0;
    for (guint i = 0; i < n; i++)
      if (said[i].label == c) {
        count++;
        of_class += said[i].prediction == c;
      }
    g_assert_cmpfloat (accuracy[c + 1], ==, of_class / count);
    right += of_class;
  }
  g_assert_cmpfloat (accuracy[0], ==, right / n);
  g_assert_cmpfloat (accuracy[0], >, 0.2); /* there is something to see, */
  g_assert_cmpfloat (accuracy[0], <, 0.99);
  g_assert_cmpuint (reading->samples, ==, n); /* and all were looked at */
  fixture_free (fixture);
}

/* Three samples of ten classes, each of another one. */
static void
test_classes_without_samples (void)
{
  Fixture *fixture = fixture_new ("mlp-20", "builtin:digits", 1);
  g_autoptr (KairosReading) reading = measure (fixture, "class-accuracy", NULL, 3, 0);
  guint n_known = 0;

  for (guint c = 1; c <= 10; c++)
    n_known += !isnan (values_of (reading, 0)[c]);
  g_assert_cmpuint (n_known, ==, 3);
  g_assert_cmpuint (reading->samples, ==, 3);
  fixture_free (fixture);
}

/* ---- Calibration ---- */

static void
check_calibration (Fixture *fixture, KairosLoss loss)
{
  guint n, n_empty = 0;
  g_autofree Said *said = ask (fixture, loss, &n);
  g_autoptr (KairosReading) reading = measure (fixture, "calibration", NULL, 0, 0);
  const double *values = values_of (reading, 0);
  double error = 0;

  for (int m = 0; m < 15; m++) {
    double count = 0, right = 0, confidence = 0;
    for (guint i = 0; i < n; i++)
      if ((said[i].confidence > m / 15.0 || m == 0) && said[i].confidence <= (m + 1) / 15.0) {
        count++;
        right += said[i].prediction == said[i].label;
        confidence += said[i].confidence;
      }
    n_empty += count == 0;
    if (count > 0)
      assert_near (values[m + 1], right / count, 1e-12);
    else
      g_assert_true (isnan (values[m + 1]));
    if (count > 0)
      error += count / n * fabs (right / count - confidence / count);
  }
  assert_near (values[0], error, 1e-6);
  g_test_message ("error %g, %u bins of 15 empty", error, n_empty);
  g_assert_cmpuint (n_empty, <, 12);
}

static void
test_calibration (void)
{
  Fixture *fixture = fixture_new ("lenet-5", "builtin:digits", 2);

  fixture_train (fixture, KAIROS_LOSS_CROSS_ENTROPY, 30, 0.05f);
  check_calibration (fixture, KAIROS_LOSS_CROSS_ENTROPY);
  fixture_free (fixture);
}

/* The outputs themselves are what is believed. */
static void
test_squared_error (void)
{
  Fixture *fixture = fixture_new ("lenet-5", "builtin:digits", 2);

  fixture_set_loss (fixture, KAIROS_LOSS_SQUARED_ERROR);
  fixture_train (fixture, KAIROS_LOSS_SQUARED_ERROR, 150, 0.1f);
  check_calibration (fixture, KAIROS_LOSS_SQUARED_ERROR);
  fixture_free (fixture);
}

static void
test_names (void)
{
  Fixture *fixture = fixture_new ("mlp-20", "builtin:digits", 1);
  const KairosMeasure *bins = kairos_measure_find ("calibration_error");
  const KairosMeasure *classes = kairos_measure_find ("class_accuracy");
  g_autofree char *first = kairos_component_name (bins, 1, fixture->network, fixture->dataset),
                  *last = kairos_component_name (bins, 15, fixture->network, fixture->dataset),
                  *beyond = kairos_component_name (bins, 16, fixture->network, fixture->dataset),
                  *whole = kairos_component_name (bins, 0, fixture->network, fixture->dataset),
                  *seven = kairos_component_name (classes, 8, fixture->network, fixture->dataset);

  g_assert_cmpstr (first, ==, "0 – 0.067");
  g_assert_cmpstr (last, ==, "0.93 – 1");
  g_assert_cmpstr (beyond, ==, "16");
  g_assert_cmpstr (whole, ==, "total");
  g_assert_cmpstr (seven, ==, "7");
  fixture_free (fixture);
}

/* ---- Sensitivity ---- */

/* A line of half the length by the triangle of two pixels' width, and one of the old length by interpolation between
 * its places; beyond the first and the last, these go on.
 */
static void
blur_line (const double *in, int n, int apart, double *out)
{
  for (int x = 0; x < n; x++) {
    double value = 0;
    for (int s = 0; s < n / 2; s++) {
      double place = (x + 0.5) / 2 - 0.5, sum = 0, small = 0, up = 1 - fabs (s - CLAMP (place, 0, n / 2 - 1));
      for (int k = 0; k < n; k++) {
        double down = 1 - fabs (k - (2 * s + 0.5)) / 2;
        sum += MAX (down, 0);
        small += MAX (down, 0) * in[k * apart];
      }
      value += MAX (up, 0) * small / sum;
    }
    out[x * apart] = value;
  }
}

static void
blur_picture (int height, int width, float *picture)
{
  g_autofree double *a = g_new (double, height *width), *b = g_new (double, height *width);

  for (int i = 0; i < height * width; i++)
    a[i] = picture[i];
  for (int x = 0; x < width; x++)
    blur_line (a + x, height, width, b + x);
  for (int y = 0; y < height; y++)
    blur_line (b + y * width, width, 1, a + y * width);
  for (int i = 0; i < height * width; i++)
    picture[i] = (float) a[i];
}

static void
test_sensitivity (void)
{
  Fixture *fixture = fixture_new ("lenet-5", "builtin:digits", 2);
  const KairosShape shape = kairos_network_get_input (fixture->network);
  guint n;
  g_autofree guint32 *ids =
      kairos_probe_draw_samples (fixture->dataset, fixture->splits, 1, KAIROS_SPLIT_TRAIN, 100, &n);
  KairosExecutor *executor = kairos_executor_new_for_evaluation (fixture->network, 1, fixture->pool);
  g_autofree float *x = g_new (float, kairos_shape_size (shape));
  double sum = 0;

  g_assert_cmpint (shape.channels, ==, 1);
  g_assert_cmpint (shape.height % 2 + shape.width % 2, ==, 0);
  fixture_train (fixture, KAIROS_LOSS_CROSS_ENTROPY, 60, 0.05f);
  for (guint i = 0; i < n; i++) {
    const gint32 label = kairos_dataset_get_labels (fixture->dataset)[ids[i]];
    const KairosBatch one = { .n = 1, .input = x, .labels = &label };
    kairos_dataset_copy_input (fixture->dataset, ids[i], x);
    sum -= kairos_executor_evaluate (executor, &one, NULL, NULL, NULL);
    blur_picture (shape.height, shape.width, x);
    sum += kairos_executor_evaluate (executor, &one, NULL, NULL, NULL);
  }
  double found = total (fixture, "sensitivity", NULL, 100, 0);
  g_test_message ("%g more, off by %g", sum / n, found / (sum / n) - 1);
  assert_near (found, sum / n, 1e-3);
  kairos_executor_free (executor);
  fixture_free (fixture);
}

static void
test_pictures_alone (void)
{
  Fixture *points = fixture_new ("mlp-20", "builtin:moons", 1);

  assert_refused (points, "sensitivity", NULL, "needs pictures");
  fixture_free (points);
}

/* ---- All ---- */

/* The samples are evaluated once for all that ask for them, and anew where the weights are others. */
static void
test_once (void)
{
  Fixture *fixture = fixture_new ("lenet-5", "builtin:digits", 1);
  gsize n;
  float *weights = kairos_network_parameters (fixture->network, &n);

  g_assert_cmpfloat (total (fixture, "calibration", NULL, 0, 0), >, 0);
  KairosProbeOutcomes *judged = fixture->context->judged;
  for (guint i = 0; i < judged->n; i++)
    judged->outcomes[i].prediction = judged->labels[i]; /* by which they are told */
  kairos_probe_context_take (fixture->context, fixture->network, 7, 0.5);
  g_assert_cmpfloat (total (fixture, "class-accuracy", NULL, 0, 0), ==, 1);
  g_assert_cmpfloat (total (fixture, "class-accuracy", NULL, 10, 0), <, 1);
  memset (weights, 0, n * sizeof *weights);
  kairos_probe_context_take (fixture->context, fixture->network, 7, 0.5); /* an event, between two steps */
  g_autoptr (KairosReading) zero = measure (fixture, "class-accuracy", NULL, 10, 0);
  g_assert_cmpfloat (values_of (zero, 0)[1], ==, 1); /* of equal outputs, the first is taken */
  g_assert_cmpfloat (values_of (zero, 0)[2], ==, 0);
  fixture_free (fixture);
}

static void
test_refused (void)
{
  Fixture *fixture = fixture_new ("mlp-20", "builtin:digits", 1);
  const KairosProbeOptions estimator = { .estimator = "exact" };
  const volatile gint cancel = 1;
  g_autoptr (GError) error = NULL;

  assert_refused (fixture, "calibration", &estimator, "leave the estimator out");
  g_assert_null (kairos_probe_measure (fixture->context, kairos_probe_find ("calibration"), NULL, &cancel, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_CANCELLED);
  g_autoptr (KairosReading) after = measure (fixture, "calibration", NULL, 0, 0); /* nothing half done is kept */
  g_assert_cmpfloat (kairos_reading_get_total (after), >, 0);
  fixture_free (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/outcomes/classes", test_classes);
  g_test_add_func ("/outcomes/classes-without-samples", test_classes_without_samples);
  g_test_add_func ("/outcomes/calibration", test_calibration);
  g_test_add_func ("/outcomes/squared-error", test_squared_error);
  g_test_add_func ("/outcomes/names", test_names);
  g_test_add_func ("/outcomes/sensitivity", test_sensitivity);
  g_test_add_func ("/outcomes/pictures-alone", test_pictures_alone);
  g_test_add_func ("/outcomes/once", test_once);
  g_test_add_func ("/outcomes/refused", test_refused);
  return g_test_run ();
}
