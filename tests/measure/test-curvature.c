/* SPDX-License-Identifier: MIT */

/* The probe of curvature: against the whole Hessian of a small network, column by column, and against the Fisher
 * information where both are the same.
 */
#include "fixture.h"

#include <kairos/eigen.h>
#include <kairos/random.h>
#include <math.h>
#include <string.h>

#include "src/measure/hessian.h"

enum { SAMPLES = 256, DRAWS = 1000 };

#define DENSE(units) "{\"layer\":\"dense\",\"units\":" #units "}"
#define TANH "{\"layer\":\"tanh\"}"
#define SMOOTH "[" DENSE (14) "," TANH "," DENSE (9) "," TANH "," DENSE (2) "]"

/* The Hessian, n x n, and what is known of it. */
typedef struct {
  gsize n;
  double *values;
  double trace, lowest, highest;
} Hessian;

static void
fill_batch (Fixture *fixture, float *inputs, gint32 *labels)
{
  guint n;
  g_autofree guint32 *ids =
      kairos_probe_draw_samples (fixture->dataset, fixture->splits, 1, KAIROS_SPLIT_TRAIN, SAMPLES, &n);
  gsize size = kairos_shape_size (kairos_network_get_input (fixture->network));

  g_assert_cmpuint (n, ==, SAMPLES);
  for (guint i = 0; i < n; i++) {
    kairos_dataset_copy_input (fixture->dataset, ids[i], inputs + i * size);
    labels[i] = kairos_dataset_get_labels (fixture->dataset)[ids[i]];
  }
}

static void
find_eigenvalues (Hessian *hessian)
{
  g_autofree double *copy = g_memdup2 (hessian->values, hessian->n * hessian->n * sizeof *copy);
  g_autofree double *eigenvalues = g_new (double, hessian->n);

  for (gsize i = 0; i < hessian->n; i++) {
    hessian->trace += copy[i * hessian->n + i];
    for (gsize j = 0; j < i; j++)
      copy[i * hessian->n + j] = copy[j * hessian->n + i] = (copy[i * hessian->n + j] + copy[j * hessian->n + i]) / 2;
  }
  g_assert_true (kairos_symmetric_eigen ((int) hessian->n, copy, eigenvalues));
  hessian->lowest = eigenvalues[0];
  hessian->highest = eigenvalues[hessian->n - 1];
}

/* From gradients, a weight at a time.  held: by the executor whose bends do not move, where there are any. */
static Hessian *
hessian_new (Fixture *fixture, KairosLoss loss, gboolean held, float step)
{
  const KairosTrainOptions options = { .loss = loss };
  g_autofree float *inputs = g_new (float, SAMPLES *kairos_shape_size (kairos_network_get_input (fixture->network)));
  gint32 labels[SAMPLES];
  const KairosBatch batch = { .n = SAMPLES, .input = inputs, .labels = labels };
  KairosExecutor *executor = held
                                 ? kairos_executor_new_for_curvature (fixture->network, SAMPLES, fixture->pool)
                                 : kairos_executor_new_for_inspection (fixture->network, SAMPLES, fixture->pool, FALSE);
  Hessian *hessian = g_new0 (Hessian, 1);
  float *weights = kairos_network_parameters (fixture->network, &hessian->n);

  fill_batch (fixture, inputs, labels);
  hessian->values = g_new0 (double, hessian->n * hessian->n);
  kairos_executor_look (executor, &batch, NULL);
  for (gsize i = 0; i < hessian->n; i++) {
    float kept = weights[i];
    for (int sign = -1; sign <= 1; sign += 2) {
      weights[i] = kept + (float) sign * step;
      kairos_executor_train (executor, &batch, &options, NULL);
      for (gsize j = 0; j < hessian->n; j++)
        hessian->values[i * hessian->n + j] += sign * kairos_executor_gradients (executor)[j] / (2 * (double) step);
    }
    weights[i] = kept;
  }
  kairos_executor_free (executor);
  find_eigenvalues (hessian);
  return hessian;
}

static void
hessian_free (Hessian *hessian)
{
  g_free (hessian->values);
  g_free (hessian);
}

/* The trace of a layer that has parameters. */
static double
trace_of_layer (Fixture *fixture, const Hessian *hessian, const char *layer)
{
  guint n_tensors;
  const KairosTensorInfo *tensors = kairos_network_tensors (fixture->network, &n_tensors);
  double sum = 0;

  for (guint t = 0; t < n_tensors; t++)
    for (gsize i = tensors[t].offset; g_str_equal (tensors[t].layer, layer) && i < tensors[t].offset + tensors[t].n;
         i++)
      sum += hessian->values[i * (hessian->n + 1)];
  return sum;
}

static void
check_layers (Fixture *fixture, const Hessian *hessian, const double *traces, double error)
{
  guint n, n_known = 0;
  const KairosLayerSummary *layers = kairos_network_layers (fixture->network, &n);

  for (guint l = 0; l < n; l++)
    if (layers[l].n_parameters > 0) {
      double expected = trace_of_layer (fixture, hessian, layers[l].name);
      g_assert_cmpfloat (fabs (traces[++n_known] - expected), <, 3 * error);
    }
  g_assert_cmpuint (n_known, ==, 3);
}

static void
check (Fixture *fixture, const Hessian *hessian)
{
  g_autoptr (KairosReading) few = measure (fixture, "curvature", NULL, 0, 0);
  g_autoptr (KairosReading) many = measure (fixture, "curvature", NULL, 0, DRAWS);
  double trace = values_of (many, 0)[0], error = many->deviation / sqrt (DRAWS);

  g_test_message ("%" G_GSIZE_FORMAT " weights, eigenvalues %g to %g, off by %.1e (said %.1e); trace %g, by %d draws "
                  "off by %.1e within %.1e (said %.1e besides), by %u off by %.1e",
                  hessian->n, hessian->lowest, hessian->highest, values_of (many, 1)[0] / hessian->highest - 1,
                  values_of (many, 3)[0], hessian->trace, DRAWS, trace / hessian->trace - 1, error / hessian->trace,
                  values_of (many, 2)[0], few->draws, values_of (few, 0)[0] / hessian->trace - 1);
  assert_near (values_of (many, 1)[0], hessian->highest, 2e-3);
  g_assert_cmpfloat (fabs (trace - hessian->trace), <, 3 * error);
  g_assert_cmpfloat (error, <, 0.015 * hessian->trace);
  check_layers (fixture, hessian, values_of (many, 0), error);
  g_assert_cmpuint (few->draws, ==, 8);
  g_assert_cmpuint (many->draws, ==, DRAWS);
  g_assert_cmpfloat (values_of (many, 2)[0], <, 1e-3);
  g_assert_cmpfloat (values_of (many, 3)[0], <, 0.01);
}

/* ---- Against the Hessian ---- */

static void
test_smooth (void)
{
  Fixture *fixture = fixture_new (SMOOTH, "builtin:moons", 1);

  fixture_train (fixture, KAIROS_LOSS_CROSS_ENTROPY, 100, 0.1f);
  Hessian *hessian = hessian_new (fixture, KAIROS_LOSS_CROSS_ENTROPY, FALSE, 1e-2f);
  check (fixture, hessian);
  hessian_free (hessian);
  fixture_free (fixture);
}

static void
test_squared_error (void)
{
  Fixture *fixture = fixture_new (SMOOTH, "builtin:moons", 1);

  fixture_set_loss (fixture, KAIROS_LOSS_SQUARED_ERROR);
  fixture_train (fixture, KAIROS_LOSS_SQUARED_ERROR, 100, 0.1f);
  Hessian *hessian = hessian_new (fixture, KAIROS_LOSS_SQUARED_ERROR, FALSE, 1e-2f);
  check (fixture, hessian);
  hessian_free (hessian);
  fixture_free (fixture);
}

/* Unit vectors for the whole diagonal, and one of random numbers, against the Hessian. */
static void
check_products (KairosHessian *products, const Hessian *hessian)
{
  KairosRandom random = kairos_random (2, KAIROS_RANDOM_TEST, 0, 0);
  KairosProduct product = kairos_product_new (products);
  g_autofree float *v = g_new0 (float, hessian->n);
  double trace = 0, off = 0, size = 0, step, said;

  for (gsize i = 0; i < hessian->n; i++) {
    v[i] = 1;
    g_assert_true (kairos_hessian_multiply (products, v, 1e-2, &product, NULL));
    trace += product.parts[0];
    v[i] = 0;
  }
  for (gsize i = 0; i < hessian->n; i++)
    v[i] = kairos_random_normal (&random);
  said = kairos_hessian_climb (products, v, 0.05, &product, &step, NULL);
  for (gsize i = 0; i < hessian->n; i++) {
    double expected = 0;
    for (gsize j = 0; j < hessian->n; j++)
      expected += hessian->values[i * hessian->n + j] * v[j];
    off += pow (product.vector[i] - expected, 2);
    size += expected * expected;
  }
  g_test_message ("trace %g, off by %.1e; a product off by %.1e (said %.1e, step %g)", hessian->trace,
                  trace / hessian->trace - 1, sqrt (off / size), said, step);
  assert_near (trace, hessian->trace, 1e-3);
  g_assert_cmpfloat (sqrt (off / size), <, 1e-3);
  g_assert_cmpfloat (said, <, 1e-3);
  kairos_product_clear (&product);
}

static void
test_products (void)
{
  Fixture *fixture = fixture_new (SMOOTH, "builtin:moons", 2);
  KairosReading *reading = kairos_reading_new (kairos_probe_find ("curvature"), 7, 0.5);
  KairosHessian products;

  fixture_train (fixture, KAIROS_LOSS_CROSS_ENTROPY, 100, 0.1f);
  Hessian *hessian = hessian_new (fixture, KAIROS_LOSS_CROSS_ENTROPY, FALSE, 1e-2f);
  reading->samples = SAMPLES;
  const KairosBatch all = kairos_probe_gather (fixture->context, reading);
  g_assert_true (kairos_hessian_init (&products, fixture->context, &all, NULL, NULL));
  check_products (&products, hessian);
  kairos_hessian_clear (&products);
  kairos_reading_unref (reading);
  hessian_free (hessian);
  fixture_free (fixture);
}

/* With rectifiers the trace is that of the Fisher information. */
static void
test_rectified (void)
{
  Fixture *fixture = fixture_new ("mlp-14-9", "builtin:moons", 1);

  fixture_train (fixture, KAIROS_LOSS_CROSS_ENTROPY, 100, 0.1f);
  Hessian *hessian = hessian_new (fixture, KAIROS_LOSS_CROSS_ENTROPY, TRUE, 1e-2f);
  check (fixture, hessian);
  assert_near (hessian->trace, total (fixture, "fisher", "exact", 0, 0), 1e-3);
  hessian_free (hessian);
  fixture_free (fixture);
}

/* Uphill first: the eigenvalue of largest magnitude is below 0, and the largest ones are close to each other. */
static void
test_hill (void)
{
  Fixture *fixture = fixture_new (SMOOTH, "builtin:moons", 1);

  fixture_train (fixture, KAIROS_LOSS_CROSS_ENTROPY, 60, -0.05f);
  Hessian *hessian = hessian_new (fixture, KAIROS_LOSS_CROSS_ENTROPY, FALSE, 1e-2f);
  g_autoptr (KairosReading) reading = measure (fixture, "curvature", NULL, 0, 0);
  g_test_message ("eigenvalues %g to %g, off by %.1e (said %.1e)", hessian->lowest, hessian->highest,
                  values_of (reading, 1)[0] / hessian->highest - 1, values_of (reading, 3)[0]);
  g_assert_cmpfloat (-hessian->lowest, >, hessian->highest);
  assert_near (values_of (reading, 1)[0], hessian->highest, 0.01);
  hessian_free (hessian);
  fixture_free (fixture);
}

/* ---- Larger networks ---- */

static void
check_fisher (const char *spec)
{
  Fixture *fixture = fixture_new (spec, "builtin:digits", 2);

  fixture_train (fixture, KAIROS_LOSS_CROSS_ENTROPY, 40, 0.05f);
  double fisher = total (fixture, "fisher", "exact", 40, 0);
  g_autoptr (KairosReading) reading = measure (fixture, "curvature", NULL, 40, 60);
  double trace = values_of (reading, 0)[0], error = reading->deviation / sqrt (60);
  g_test_message ("%s: Fisher information %g, trace %g within %g; agrees to %.1e; eigenvalue %g, to %.1e", spec, fisher,
                  trace, error, values_of (reading, 2)[0], values_of (reading, 1)[0], values_of (reading, 3)[0]);
  g_assert_cmpfloat (fabs (trace - fisher), <, 3 * error);
  g_assert_cmpfloat (values_of (reading, 2)[0], <, 0.01);
  g_assert_cmpfloat (values_of (reading, 1)[0], <, 1.1 * fisher);
  g_assert_cmpfloat (values_of (reading, 1)[0], >, 0.02 * fisher);
  fixture_free (fixture);
}

static void
test_fisher (void)
{
  check_fisher ("mlp-20");
  check_fisher ("lenet-5");
  check_fisher ("small-cnn-16"); /* batch normalisation */
}

/* ---- Otherwise ---- */

/* The weights are again what they were, to the bit. */
static void
test_weights (void)
{
  Fixture *fixture = fixture_new ("lenet-5", "builtin:digits", 1);
  const volatile gint cancel = 1;
  g_autoptr (GError) error = NULL;

  g_autoptr (KairosReading) before = measure (fixture, "fisher", NULL, 0, 0);
  g_autoptr (KairosReading) curvature = measure (fixture, "curvature", NULL, 20, 2);
  g_assert_null (kairos_probe_measure (fixture->context, kairos_probe_find ("curvature"), NULL, &cancel, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_CANCELLED);
  g_autoptr (KairosReading) after = measure (fixture, "fisher", NULL, 0, 0);
  assert_same (before, after);
  g_assert_cmpuint (curvature->draws, ==, 2);
  fixture_free (fixture);
}

static void
check_unknown (Fixture *fixture, guint64 step)
{
  kairos_probe_context_take (fixture->context, fixture->network, step, 0.5);
  g_autoptr (KairosReading) reading = measure (fixture, "curvature", NULL, 0, 0);
  for (guint i = 0; i < 4; i++)
    g_assert_true (isnan (values_of (reading, i)[0]));
}

/* Not known, instead of rounding: where all units are off and the last bias decides all by itself, and after weights
 * have become no numbers. */
static void
test_unknown (void)
{
  Fixture *fixture = fixture_new ("mlp-14-9", "builtin:moons", 1);
  gsize n;
  float *weights = kairos_network_parameters (fixture->network, &n);

  memset (weights, 0, n * sizeof *weights);
  weights[n - 2] = 1000;
  check_unknown (fixture, 8);
  weights[0] = NAN;
  check_unknown (fixture, 9);
  fixture_free (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/curvature/smooth", test_smooth);
  g_test_add_func ("/curvature/squared-error", test_squared_error);
  g_test_add_func ("/curvature/products", test_products);
  g_test_add_func ("/curvature/rectified", test_rectified);
  g_test_add_func ("/curvature/hill", test_hill);
  g_test_add_func ("/curvature/fisher", test_fisher);
  g_test_add_func ("/curvature/weights", test_weights);
  g_test_add_func ("/curvature/unknown", test_unknown);
  return g_test_run ();
}
