/* SPDX-License-Identifier: MIT */

/* The probe of the last hidden layer: against features that are computed here from the weights, their singular values
 * by rotations (Jacobi), and sums over pairs of samples.
 */
#include "fixture.h"

#include <math.h>
#include <string.h>

/* A network of two dense layers, the first of which has UNITS. */
enum { UNITS = 12 };
#define DENSE(units) "{\"layer\":\"dense\",\"units\":" #units "}"
#define TWO_LAYERS(between) "[{\"layer\":\"flatten\"}," DENSE (12) "," between "," DENSE (10) "]"

typedef double (*Activation) (double x);

static double
rectify (double x)
{
  return x > 0 ? x : 0;
}

/* n x UNITS, and their labels; caller frees both. */
static double *
compute_features (Fixture *fixture, guint n, Activation activation, gint32 **labels)
{
  guint n_got, size = (guint) kairos_shape_size (kairos_network_get_input (fixture->network));
  g_autofree guint32 *ids =
      kairos_probe_draw_samples (fixture->dataset, fixture->splits, 1, KAIROS_SPLIT_TRAIN, n, &n_got);
  g_autofree float *x = g_new (float, size);
  const float *w = kairos_network_parameters (fixture->network, NULL), *bias = w + (gsize) UNITS * size;
  double *features = g_new0 (double, (gsize) n *UNITS);

  g_assert_cmpuint (n, ==, n_got);
  *labels = g_new (gint32, n);
  for (guint i = 0; i < n; i++) {
    kairos_dataset_copy_input (fixture->dataset, ids[i], x);
    (*labels)[i] = kairos_dataset_get_labels (fixture->dataset)[ids[i]];
    for (guint u = 0; u < UNITS; u++) {
      double sum = bias[u];
      for (guint k = 0; k < size; k++)
        sum += (double) w[u * size + k] * x[k];
      features[i * UNITS + u] = activation (sum);
    }
  }
  return features;
}

/* Turns two columns until they are orthogonal; returns how far they were from it. */
static double
rotate (double *a, guint n, guint p, guint q)
{
  double aa = 0, bb = 0, ab = 0;

  for (guint i = 0; i < n; i++) {
    aa += a[i * UNITS + p] * a[i * UNITS + p];
    bb += a[i * UNITS + q] * a[i * UNITS + q];
    ab += a[i * UNITS + p] * a[i * UNITS + q];
  }
  if (fabs (ab) <= 1e-15 * sqrt (aa * bb) || ab == 0)
    return 0;
  double angle = 0.5 * atan2 (2 * ab, aa - bb), c = cos (angle), s = sin (angle);
  for (guint i = 0; i < n; i++) {
    double x = a[i * UNITS + p], y = a[i * UNITS + q];
    a[i * UNITS + p] = c * x + s * y;
    a[i * UNITS + q] = c * y - s * x;
  }
  return fabs (ab);
}

/* By one-sided Jacobi rotations of a copy. */
static double
rank_by_rotations (const double *features, guint n)
{
  g_autofree double *a = g_memdup2 (features, (gsize) n * UNITS * sizeof *features);
  double norms[UNITS] = { 0 }, sum = 0, entropy = 0, left = 1;

  for (int sweep = 0; sweep < 100 && left > 1e-14; sweep++) {
    left = 0;
    for (guint p = 0; p < UNITS; p++)
      for (guint q = p + 1; q < UNITS; q++)
        left += rotate (a, n, p, q);
  }
  for (guint k = 0; k < UNITS; k++) {
    for (guint i = 0; i < n; i++)
      norms[k] += a[i * UNITS + k] * a[i * UNITS + k];
    norms[k] = sqrt (norms[k]);
    sum += norms[k];
  }
  for (guint k = 0; k < UNITS; k++)
    if (norms[k] > 1e-9 * sum)
      entropy -= norms[k] / sum * log (norms[k] / sum);
  return exp (entropy);
}

/* The squared distances of all pairs of one class (any: -1) over twice their number of samples: the sum of squared
 * distances to their mean. */
static double
spread (const double *features, const gint32 *labels, guint n, gint32 class)
{
  double sum = 0;
  guint count = 0;

  for (guint i = 0; i < n; i++) {
    count += class < 0 || labels[i] == class;
    for (guint j = 0; j < n; j++)
      for (guint u = 0; u < UNITS && (class < 0 || (labels[i] == class && labels[j] == class)); u++)
        sum += pow (features[i * UNITS + u] - features[j * UNITS + u], 2);
  }
  return count > 0 ? sum / (2 * count) : 0;
}

static void
check (const char *spec, Activation activation, guint n)
{
  Fixture *fixture = fixture_new (spec, "builtin:digits", 2);
  g_autofree gint32 *labels = NULL;

  fixture_train (fixture, KAIROS_LOSS_CROSS_ENTROPY, 30, 0.05f);
  g_autofree double *features = compute_features (fixture, n, activation, &labels);
  g_autoptr (KairosReading) reading = measure (fixture, "features", NULL, n, 0);
  double rank = rank_by_rotations (features, n), all = spread (features, labels, n, -1), within = 0;
  for (gint32 c = 0; c < 10; c++)
    within += spread (features, labels, n, c);
  g_test_message ("%u samples: rank %g, off by %g; collapse %g, off by %g", n, rank,
                  values_of (reading, 0)[0] / rank - 1, within / (all - within),
                  values_of (reading, 1)[0] / (within / (all - within)) - 1);
  assert_near (values_of (reading, 0)[0], rank, 1e-5);
  assert_near (values_of (reading, 1)[0], within / (all - within), 1e-5);
  g_assert_cmpfloat (rank, >, 2);
  g_assert_cmpfloat (rank, <, MIN (n, UNITS) - 0.5);
  fixture_free (fixture);
}

/* More samples than features, and fewer; behind the activation, whichever it is; dropout is off. */
static void
test_naive (void)
{
  check (TWO_LAYERS ("{\"layer\":\"relu\"}"), rectify, 100);
  check (TWO_LAYERS ("{\"layer\":\"relu\"}"), rectify, 11);
  check (TWO_LAYERS ("{\"layer\":\"tanh\"},{\"layer\":\"dropout\",\"rate\":0.5}"), tanh, 70);
}

/* Every sample has one feature alone, the same for its class. */
static void
test_collapsed (void)
{
  Fixture *fixture = fixture_new (TWO_LAYERS ("{\"layer\":\"relu\"}"), "builtin:digits", 1);
  gsize n;
  float *weights = kairos_network_parameters (fixture->network, &n);
  guint size = (guint) kairos_shape_size (kairos_network_get_input (fixture->network));

  memset (weights, 0, n * sizeof *weights);
  for (guint u = 0; u < UNITS; u++)
    weights[UNITS * size + u] = 1; /* biases */
  kairos_probe_context_take (fixture->context, fixture->network, 8, 0.5);
  g_autoptr (KairosReading) point = measure (fixture, "features", NULL, 0, 0);
  assert_near (values_of (point, 0)[0], 1, 1e-6);  /* one direction */
  g_assert_true (isnan (values_of (point, 1)[0])); /* classes do not differ */
  memset (weights, 0, n * sizeof *weights);
  kairos_probe_context_take (fixture->context, fixture->network, 9, 0.5);
  g_autoptr (KairosReading) nothing = measure (fixture, "features", NULL, 0, 0);
  g_assert_true (isnan (values_of (nothing, 0)[0]));
  g_autoptr (KairosReading) one_each = measure (fixture, "features", NULL, 10, 0);
  g_assert_true (isnan (values_of (one_each, 1)[0]));
  fixture_free (fixture);
}

/* At most as many as the last hidden layer has units, or pictures have places times channels. */
static void
test_networks (void)
{
  static const struct {
    const char *spec;
    double most;
  } cases[] = { { "lenet-5", 84 }, { "small-cnn-16", 64 }, { "resnet-20", 64 }, { "all-cnn-24", 256 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    Fixture *fixture = fixture_new (cases[i].spec, "builtin:digits", 2);
    g_autoptr (KairosReading) reading = measure (fixture, "features", NULL, 0, 0);
    g_assert_cmpfloat (values_of (reading, 0)[0], >, 1);
    g_assert_cmpfloat (values_of (reading, 0)[0], <=, cases[i].most);
    g_assert_cmpfloat (values_of (reading, 1)[0], >, 0);
    fixture_free (fixture);
  }
}

static void
test_refused (void)
{
  Fixture *logistic = fixture_new ("logistic", "builtin:digits", 1);
  Fixture *wide = fixture_new ("mlp-1600", "builtin:digits", 1);
  const KairosProbeOptions many = { .samples = 1600 };

  assert_refused (logistic, "features", NULL, "this network has none");
  assert_refused (wide, "features", &many, "look at 1500 samples at most");
  fixture_free (logistic);
  fixture_free (wide);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/features/naive", test_naive);
  g_test_add_func ("/features/collapsed", test_collapsed);
  g_test_add_func ("/features/networks", test_networks);
  g_test_add_func ("/features/refused", test_refused);
  return g_test_run ();
}
