/* SPDX-License-Identifier: MIT */

/* Pure functions on weights: published fractions of surviving weights, rewinding, shrinking and perturbing, noise,
 * gradient surgery. */
#include "kairos/ticket.h"

#include <math.h>
#include <string.h>

#include "fixture.h"
#include "kairos/random.h"

/* ---- Tickets ---- */

static KairosNetwork *
lenet (void)
{
  g_autoptr (GError) error = NULL;
  KairosNetwork *network = kairos_network_new ("lenet-300-100", (KairosShape){ 28, 28, 1 }, 10, &error);

  g_assert_no_error (error);
  kairos_network_initialise (network, 1);
  return network;
}

/* Frankle and Carbin 2019: 20 % of each layer and 10 % of the output layer a round leave 51.3, 21.1, 13.5, 3.6 and 2.9
 * % after 3, 7, 9, 15, 16. */
static void
test_published_fractions (void)
{
  static const struct {
    guint round;
    double percent;
  } published[] = { { 1, 80.0 }, { 3, 51.3 }, { 7, 21.1 }, { 9, 13.5 }, { 15, 3.6 }, { 16, 2.9 } };
  g_autoptr (KairosNetwork) network = lenet ();
  guint n_tensors, next = 0;
  gsize n, survive;
  const KairosTensorInfo *tensors = kairos_network_tensors (network, &n_tensors);
  float *parameters = kairos_network_parameters (network, &n);
  g_autofree guint8 *mask = g_malloc (n);

  memset (mask, 1, n);
  g_assert_cmpuint (kairos_ticket_count (tensors, n_tensors, NULL, NULL), ==, 266200);
  for (guint round = 1; round <= 16; round++) {
    kairos_ticket_prune (tensors, n_tensors, 0.2, FALSE, KAIROS_OUTPUT_HALF, parameters, mask);
    kairos_ticket_count (tensors, n_tensors, mask, &survive);
    double percent = 100.0 * survive / 266200, exact = (265200 * pow (0.8, round) + 1000 * pow (0.9, round)) / 2662;
    g_assert_cmpfloat_with_epsilon (percent, exact, 0.002);
    if (round != published[next].round)
      continue;
    g_test_message ("after %u rounds %.3f %% of 266200 weights, published %.1f", round, percent,
                    published[next].percent);
    g_assert_cmpfloat_with_epsilon (percent, published[next++].percent, 0.05);
  }
  g_assert_cmpuint (next, ==, G_N_ELEMENTS (published));
}

/* Only weights go, the smallest of each layer, and they are 0. */
static void
test_smallest_go (void)
{
  g_autoptr (KairosNetwork) network = lenet ();
  guint n_tensors;
  gsize n;
  const KairosTensorInfo *tensors = kairos_network_tensors (network, &n_tensors);
  float *parameters = kairos_network_parameters (network, &n);
  g_autofree guint8 *mask = g_malloc (n);
  g_autofree float *before = g_memdup2 (parameters, n * sizeof *parameters);

  memset (mask, 1, n);
  kairos_ticket_prune (tensors, n_tensors, 0.3, FALSE, KAIROS_OUTPUT_NONE, parameters, mask);
  for (guint i = 0; i < n_tensors; i++) {
    float largest_gone = 0, smallest_kept = INFINITY;
    gsize gone = 0;
    for (gsize j = tensors[i].offset; j < tensors[i].offset + tensors[i].n; j++) {
      g_assert_cmpfloat (parameters[j], ==, mask[j] ? before[j] : 0);
      if (mask[j])
        smallest_kept = MIN (smallest_kept, fabsf (before[j]));
      else {
        largest_gone = MAX (largest_gone, fabsf (before[j]));
        gone++;
      }
    }
    gboolean pruned = tensors[i].role == KAIROS_TENSOR_WEIGHT && tensors[i].n != 1000;
    g_assert_cmpuint (gone, ==, pruned ? (gsize) llround (0.3 * tensors[i].n) : 0);
    g_assert_true (gone == 0 || largest_gone <= smallest_kept);
  }
}

/* Equal magnitudes: still exactly as many go. */
static void
test_ties (void)
{
  const KairosTensorInfo tensors[] = { { "a", KAIROS_TENSOR_WEIGHT, 0, 10, 1, 1 },
                                       { "b", KAIROS_TENSOR_WEIGHT, 10, 10, 1, 1 } };
  float parameters[20];
  guint8 mask[20];
  gsize survive;

  for (int i = 0; i < 20; i++)
    parameters[i] = i % 2 ? 1 : -1;
  memset (mask, 1, sizeof mask);
  kairos_ticket_prune (tensors, 2, 0.35, TRUE, KAIROS_OUTPUT_SAME, parameters, mask);
  g_assert_cmpuint (kairos_ticket_count (tensors, 2, mask, &survive), ==, 20);
  g_assert_cmpuint (survive, ==, 13);
}

/* ---- Events on a network ---- */

static const float *
recall_nothing (gpointer data, const char *name, const float **buffers)
{
  return NULL;
}

typedef struct {
  Fixture *fixture;
  KairosOptimizer *optimizer;
  guint8 *mask;
  float *parameters;
  gsize n;
} Weights;

static Weights
weights_new (const char *network)
{
  Weights weights = { .fixture = fixture_new ("builtin:digits", 100, network) };

  weights.parameters = kairos_network_parameters (weights.fixture->network, &weights.n);
  weights.optimizer = kairos_optimizer_new ("momentum", weights.n, NULL);
  weights.mask = g_malloc (weights.n);
  memset (weights.mask, 1, weights.n);
  return weights;
}

static void
weights_clear (Weights *weights)
{
  kairos_optimizer_free (weights->optimizer);
  g_free (weights->mask);
  fixture_free (weights->fixture);
}

static gboolean
happen (Weights *weights, const char *clips, guint64 step, GError **error)
{
  g_autoptr (KairosPlan) plan = fixture_plan (weights->fixture, clips, NULL);
  guint n;
  const KairosClip *const *events = kairos_plan_events (plan, kairos_plan_to_step (plan, 1), &n);

  for (guint i = 0; i < n; i++) {
    KairosHappening happening = { .seed = 1,
                                  .step = step,
                                  .network = weights->fixture->network,
                                  .optimizer = weights->optimizer,
                                  .mask = weights->mask,
                                  .recall = recall_nothing };
    if (!kairos_plan_happen (plan, events[i], &happening, error))
      return FALSE;
  }
  return TRUE;
}

/* A ticket: pruned by what was learnt, with the weights of the start. */
static void
test_rewind (void)
{
  Weights weights = weights_new ("logistic");
  g_autofree float *start = g_memdup2 (weights.parameters, weights.n * sizeof (float));
  gsize n, gone = 0;
  float *state = kairos_optimizer_state (weights.optimizer, &n);

  for (gsize i = 0; i < weights.n; i++) {
    weights.parameters[i] += (float) i * 0.001f;
    state[i] = 1;
  }
  g_assert_true (
      happen (&weights,
              "{\"kind\":\"prune\",\"at\":1,\"fraction\":0.5,\"output\":\"same\"},{\"kind\":\"rewind\",\"at\":1}", 0,
              NULL));
  for (gsize i = 0; i < weights.n; i++) {
    g_assert_cmpfloat (weights.parameters[i], ==, weights.mask[i] ? start[i] : 0);
    g_assert_cmpfloat (state[i], ==, 0);
    gone += !weights.mask[i];
  }
  g_assert_cmpuint (gone, ==, 3920);
  weights_clear (&weights);
}

static void
test_reinitialise (void)
{
  Weights weights = weights_new ("logistic");
  g_autofree float *start = g_memdup2 (weights.parameters, weights.n * sizeof (float));
  gsize same = 0;

  g_assert_true (happen (&weights,
                         "{\"kind\":\"prune\",\"at\":1,\"fraction\":0.5},{\"kind\":\"reinitialise\",\"at\":1}", 7,
                         NULL));
  g_autofree float *first = g_memdup2 (weights.parameters, weights.n * sizeof (float));
  for (gsize i = 0; i < 7840; i++) {
    g_assert_true (weights.mask[i] || weights.parameters[i] == 0);
    same += weights.mask[i] && weights.parameters[i] == start[i];
  }
  g_assert_cmpuint (same, <, 5);
  kairos_network_initialise (weights.fixture->network, 1);
  memset (weights.mask, 1, weights.n);
  g_assert_true (happen (&weights,
                         "{\"kind\":\"prune\",\"at\":1,\"fraction\":0.5},{\"kind\":\"reinitialise\",\"at\":1}", 7,
                         NULL));
  /* a function of seed, step and event */
  g_assert_cmpmem (first, weights.n * sizeof (float), weights.parameters, weights.n * sizeof (float));
  weights_clear (&weights);
}

static void
test_shrink_perturb (void)
{
  Weights weights = weights_new ("logistic");
  g_autofree float *start = g_memdup2 (weights.parameters, weights.n * sizeof (float));
  double noise = 0, variance = 0;

  g_assert_true (happen (&weights, "{\"kind\":\"shrink-perturb\",\"at\":1,\"lambda\":0.5,\"sigma\":0}", 0, NULL));
  for (gsize i = 0; i < weights.n; i++)
    g_assert_cmpfloat (weights.parameters[i], ==, 0.5f * start[i]);
  memcpy (weights.parameters, start, weights.n * sizeof *start);
  g_assert_true (happen (&weights, "{\"kind\":\"shrink-perturb\",\"at\":1,\"lambda\":0.6,\"sigma\":0.1}", 0, NULL));
  for (gsize i = 0; i < 7840; i++) {
    noise += pow (weights.parameters[i] - 0.6f * start[i], 2);
    variance += pow (start[i], 2);
  }
  /* the noise is 0.1 times an initialisation like the first */
  g_assert_cmpfloat_with_epsilon (sqrt (noise / variance), 0.1, 0.005);
  /* 1/0: warm start */
  g_assert_true (happen (&weights, "{\"kind\":\"shrink-perturb\",\"at\":1,\"lambda\":1,\"sigma\":0}", 0, NULL));
  weights_clear (&weights);
}

static void
test_rewind_to_nothing (void)
{
  Weights weights = weights_new ("logistic");
  g_autoptr (GError) error = NULL;

  g_assert_false (happen (&weights, "{\"kind\":\"checkpoint\",\"at\":1},{\"kind\":\"rewind\",\"at\":1,\"to\":\"kept\"}",
                          0, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING);
  weights_clear (&weights);
}

/* ---- Noise ---- */

/* Orvieto et al. 2022: the increments of the noise are anticorrelated, -1/2 at lag 1 and nothing beyond. */
static void
test_increments (void)
{
  enum { N = 2000, STEPS = 200 };
  g_autofree float *noise = g_new0 (float, (gsize) N *(STEPS + 1));
  double product1 = 0, product2 = 0, square = 0, deviation = 0;

  for (int step = 0; step <= STEPS; step++)
    kairos_noise_add (1, 3, step, 0.5f, NULL, 0, N, noise + (gsize) step * N);
  for (int step = 0; step + 3 <= STEPS; step++)
    for (int i = 0; i < N; i++) {
      double xi[4];
      for (int k = 0; k < 4; k++)
        xi[k] = noise[(gsize) (step + k) * N + i];
      square += pow (xi[1] - xi[0], 2);
      product1 += (xi[1] - xi[0]) * (xi[2] - xi[1]);
      product2 += (xi[1] - xi[0]) * (xi[3] - xi[2]);
      deviation += xi[0] * xi[0];
    }
  g_test_message ("correlation of increments at lag 1: %.4f, at lag 2: %.4f", product1 / square, product2 / square);
  g_assert_cmpfloat_with_epsilon (product1 / square, -0.5, 0.01);
  g_assert_cmpfloat_with_epsilon (product2 / square, 0, 0.01);
  g_assert_cmpfloat_with_epsilon (sqrt (deviation / ((double) N * (STEPS - 2))), 0.5, 0.005);
}

/* Where noise begins and ends does not matter to it: blocks that tensors cut in two are as whole ones. */
static void
test_noise_on_weights (void)
{
  const KairosTensorInfo tensors[] = { { "a", KAIROS_TENSOR_WEIGHT, 0, 7, 1, 1 },
                                       { "a", KAIROS_TENSOR_BIAS, 7, 3, 1, 1 },
                                       { "b", KAIROS_TENSOR_WEIGHT, 10, 9, 1, 1 } };
  float all[19] = { 0 }, weights[19] = { 0 };

  kairos_noise_add (1, 3, 5, 1, NULL, 0, 19, all);
  kairos_noise_add (1, 3, 5, 1, tensors, 3, 19, weights);
  for (int i = 0; i < 19; i++)
    g_assert_cmpfloat (weights[i], ==, i >= 7 && i < 10 ? 0 : all[i]);
}

/* ---- Gradient surgery ---- */

static double
inner (const float *a, const float *b, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += (double) a[i] * b[i];
  return sum;
}

static void
test_surgery (void)
{
  enum { N = 500 };
  int conflicts = 0;
  double worst = 0;

  for (guint64 round = 0; round < 200; round++) {
    float vectors[4][N], sum[N], before[2][N];
    float *gradients[] = { vectors[0], vectors[1] }, *raw[] = { vectors[2], vectors[3] };
    KairosRandom random = kairos_random (5, KAIROS_RANDOM_TEST, round, 0);
    for (int i = 0; i < N; i++) {
      vectors[0][i] = kairos_random_normal (&random);
      vectors[1][i] = kairos_random_normal (&random) + (round % 2 ? -0.5f : 0.5f) * vectors[0][i];
    }
    memcpy (before, vectors, sizeof before);
    kairos_surgery (1, round, 2, N, gradients, raw, sum);
    gboolean conflict = inner (before[0], before[1], N) < 0;
    conflicts += conflict;
    for (int k = 0; k < 2; k++) {
      double scale = sqrt (inner (vectors[k], vectors[k], N) * inner (before[1 - k], before[1 - k], N));
      worst = MIN (worst, inner (vectors[k], before[1 - k], N) / scale);
      if (!conflict)
        g_assert_cmpmem (vectors[k], sizeof before[k], before[k], sizeof before[k]);
    }
    for (int i = 0; i < N; i++)
      g_assert_cmpfloat (sum[i], ==, vectors[0][i] + vectors[1][i]);
  }
  g_test_message ("%d conflicts of 200, smallest inner product afterwards %.2g of the lengths", conflicts, worst);
  g_assert_cmpint (conflicts, >, 80);
  g_assert_cmpfloat (worst, >=, -1e-6);
}

/* On a quadratic 1/2 w'Aw the penalty's gradient 2 alpha A g is known. */
static void
test_fisher_penalty (void)
{
  const float a[3] = { 1, 2, 3 }, w[3] = { 0.5f, -1, 0.25f };
  float g[3], beyond[3], sum[3] = { 0 };

  for (int i = 0; i < 3; i++)
    g[i] = a[i] * w[i];
  float epsilon = kairos_fisher_epsilon (3, g);
  g_assert_cmpfloat (epsilon, >, 0);
  for (int i = 0; i < 3; i++)
    beyond[i] = a[i] * (w[i] + epsilon * g[i]);
  kairos_fisher_add (3, 0.1f, epsilon, g, beyond, sum);
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat_with_epsilon (sum[i], 2 * 0.1f * a[i] * g[i], 1e-4);
  const float nothing[3] = { 0 };
  g_assert_cmpfloat (kairos_fisher_epsilon (3, nothing), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ticket/published-fractions", test_published_fractions);
  g_test_add_func ("/ticket/smallest-go", test_smallest_go);
  g_test_add_func ("/ticket/ties", test_ties);
  g_test_add_func ("/event/rewind", test_rewind);
  g_test_add_func ("/event/reinitialise", test_reinitialise);
  g_test_add_func ("/event/shrink-perturb", test_shrink_perturb);
  g_test_add_func ("/event/rewind-to-nothing", test_rewind_to_nothing);
  g_test_add_func ("/noise/increments", test_increments);
  g_test_add_func ("/noise/on-weights", test_noise_on_weights);
  g_test_add_func ("/surgery/two", test_surgery);
  g_test_add_func ("/fisher/penalty", test_fisher_penalty);
  return g_test_run ();
}
