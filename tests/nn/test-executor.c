/* SPDX-License-Identifier: MIT */

/* How networks run: the same bits for any number of threads, the same numbers for any kernel, evaluation as training
 * saw it. */
#include "nets.h"

#include <math.h>

#include "src/nn/executor-private.h"

static const struct {
  const char *name;
  KairosShape input;
  int batch;
} presets[] = {
  { "lenet-300-100", { 28, 28, 1 }, 50 }, { "lenet-5", { 28, 28, 1 }, 21 },    { "small-cnn", { 16, 16, 3 }, 13 },
  { "resnet-20", { 16, 16, 3 }, 13 },     { "all-cnn-24", { 16, 16, 3 }, 13 }, { "all-cnn-96", { 8, 8, 3 }, 9 },
  { "logistic", { 28, 28, 1 }, 50 },
};

static const char dropout_net[] =
    "[{\"layer\":\"conv\",\"filters\":7},{\"layer\":\"batch-norm\"},{\"layer\":\"dropout\"},{\"layer\":\"relu\"},"
    "{\"layer\":\"global-average-pool\"},{\"layer\":\"dense\",\"units\":10}]";

/* Digest after some steps; the batch size changes on the way. */
static char *
train (const char *spec, KairosShape input, int batch, int n_threads, int n_steps)
{
  Net *net = net_new (spec, input, 10, batch, n_threads);
  KairosTrainOptions options = { KAIROS_LOSS_CROSS_ENTROPY, 0.1f, 3, 0 };
  char *digest;

  for (int i = 0; i < n_steps; i++) {
    options.step = i;
    net->batch.n = i % 3 == 2 ? 1 + i % batch : batch;
    net_step (net, &options, 0.02f);
  }
  digest = kairos_network_digest (net->network);
  net_free (net);
  return digest;
}

static void
check_threads (const char *spec, KairosShape input, int batch)
{
  g_autofree char *one = train (spec, input, batch, 1, 20);

  for (int n_threads = 2; n_threads <= 3; n_threads++) {
    g_autofree char *several = train (spec, input, batch, n_threads, 20);
    g_assert_cmpstr (several, ==, one);
  }
}

static void
test_threads (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    check_threads (presets[i].name, presets[i].input, presets[i].batch);
  check_threads (dropout_net, (KairosShape){ 8, 8, 3 }, 13);
}

/* Ten steps with two kinds of kernels: the losses agree, at first closely; later a sum that is nearly 0 may pass the
 * ReLU with one kind and not with the other, which in so small a batch shows. */
static void
compare_kernels (guint i, const char *implementation)
{
  Net *a = net_new (presets[i].name, presets[i].input, 10, presets[i].batch, 2);
  Net *b = net_new (presets[i].name, presets[i].input, 10, presets[i].batch, 1);
  const KairosTrainOptions options = { 0 };

  kairos_executor_free (b->executor);
  b->executor = kairos_executor_new_with (b->network, presets[i].batch, b->pool, TRUE, implementation);
  for (int step = 0; step < 10; step++) {
    double x = net_step (a, &options, 0.01f), y = net_step (b, &options, 0.01f);
    g_assert_cmpfloat (fabs (x - y), <, (step < 3 ? 1e-5 : 1e-2) * fabs (y));
  }
  net_free (a);
  net_free (b);
}

static void
test_kernels (void)
{
  static const char *const implementations[] = { "im2col", "direct" };

  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    for (guint j = 0; j < G_N_ELEMENTS (implementations); j++)
      compare_kernels (i, implementations[j]);
}

/* The loss falls when a small batch is learned by heart. */
static void
test_learns (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++) {
    Net *net = net_new (presets[i].name, presets[i].input, 10, presets[i].batch, 2);
    const KairosTrainOptions options = { 0 };
    double first = net_step (net, &options, 0.02f), last = first;

    for (int step = 0; step < 60; step++)
      last = net_step (net, &options, 0.02f);
    g_assert_cmpfloat (last, <, 0.7 * first);
    net_free (net);
  }
}

/* When the running statistics have become those of the batch, evaluation and training say the same. */
static void
test_evaluation (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++) {
    int n = presets[i].batch;
    Net *net = net_new (presets[i].name, presets[i].input, 10, n, 2);
    const KairosTrainOptions options = { 0 };
    g_autofree KairosOutcome *trained = g_new0 (KairosOutcome, n), *evaluated = g_new0 (KairosOutcome, n);
    g_autofree float *logits = g_new (float, n * 10), *probabilities = g_new (float, n * 10);
    double sum, total = 0;

    /* The running variance is that of the population, m / (m - 1) larger: a tolerance of 2 / m of it covers the
     * difference. */
    for (int step = 0; step < 200; step++)
      kairos_executor_train (net->executor, &net->batch, &options, trained);
    sum = kairos_executor_evaluate (net->executor, &net->batch, logits, probabilities, evaluated);
    for (int s = 0; s < n; s++) {
      float p = 0;
      g_assert_cmpfloat (fabsf (trained[s].loss - evaluated[s].loss), <, 0.06f * trained[s].loss + 0.02f);
      for (int k = 0; k < 10; k++)
        p += probabilities[s * 10 + k];
      g_assert_cmpfloat (fabsf (p - 1), <, 1e-5f);
      total += evaluated[s].loss;
    }
    g_assert_cmpfloat (fabs (sum - total), <, 1e-4 * total);
    net_free (net);
  }
}

/* Evaluation does not depend on how samples are grouped, on threads, or on whether the executor can train. */
static void
test_evaluation_groups (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++) {
    int n = presets[i].batch;
    Net *net = net_new (presets[i].name, presets[i].input, 10, n, 1);
    g_autoptr (KairosPool) pool = kairos_pool_new (3);
    KairosExecutor *other = kairos_executor_new_for_evaluation (net->network, n + 5, pool);
    g_autofree float *all = g_new (float, n * 10), *one = g_new (float, 10);

    kairos_executor_evaluate (net->executor, &net->batch, all, NULL, NULL);
    for (int s = 0; s < n; s++) {
      const KairosBatch single = { .n = 1, .input = net->input + s * kairos_shape_size (presets[i].input) };
      g_assert_cmpfloat (kairos_executor_evaluate (other, &single, one, NULL, NULL), ==, 0);
      for (int k = 0; k < 10; k++)
        g_assert_cmpfloat (fabsf (one[k] - all[s * 10 + k]), <=, 1e-4f * (1 + fabsf (one[k])));
    }
    g_assert_cmpuint (kairos_executor_get_memory (other), <, kairos_executor_get_memory (net->executor));
    kairos_executor_free (other);
    net_free (net);
  }
}

/* Outcomes and losses of known logits: the identity network. */
static void
test_outcomes (void)
{
  g_autoptr (KairosPool) pool = kairos_pool_new (1);
  g_autoptr (KairosNetwork) network =
      kairos_network_new ("[{\"layer\":\"dense\",\"units\":3,\"bias\":false}]", (KairosShape){ 1, 1, 3 }, 3, NULL);
  g_autoptr (KairosExecutor) executor = kairos_executor_new (network, 2, pool);
  const float input[] = { 1, 3, 2, 100, 100, -100 }, weights[] = { 2, 0.5f };
  const gint32 labels[] = { 2, 0 };
  KairosBatch batch = { .n = 2, .input = input, .labels = labels, .weights = weights };
  KairosTrainOptions options = { KAIROS_LOSS_CROSS_ENTROPY, 0.3f, 0, 0 };
  KairosOutcome outcomes[2];
  double z = exp (1) + exp (3) + exp (2), p[3] = { exp (1) / z, exp (3) / z, exp (2) / z }, loss;

  for (int i = 0; i < 3; i++)
    kairos_network_parameters (network, NULL)[i * 4] = 1;
  loss = kairos_executor_train (executor, &batch, &options, outcomes);
  g_assert_cmpfloat (fabs (outcomes[0].loss + log (p[2])), <, 1e-5);
  g_assert_cmpint (outcomes[0].prediction, ==, 1);
  g_assert_cmpfloat (fabs (outcomes[0].confidence - p[1]), <, 1e-6);
  g_assert_cmpfloat (fabs (outcomes[0].truth - p[2]), <, 1e-6);
  g_assert_cmpfloat (fabs (outcomes[0].el2n - sqrt (p[0] * p[0] + p[1] * p[1] + (1 - p[2]) * (1 - p[2]))), <, 1e-5);
  g_assert_cmpfloat (outcomes[0].margin, ==, -1);
  g_assert_cmpint (outcomes[1].prediction, ==, 0); /* the lowest of equals */
  g_assert_cmpfloat (outcomes[1].margin, ==, 0);
  g_assert_cmpfloat (fabs (outcomes[1].loss - log (2)), <, 1e-5);
  {
    double first = -0.8 * log (p[2]) - 0.1 * log (p[1]) - 0.1 * log (p[0]),
           second = 0.8 * log (2) + 0.1 * log (2) + 0.1 * (200 + log (2));
    g_assert_cmpfloat (fabs (loss - (2 * first + 0.5 * second) / 2), <, 1e-4);
  }
  batch.loss = KAIROS_LOSS_SQUARED_ERROR;
  g_assert_cmpfloat (fabs (kairos_executor_evaluate (executor, &batch, NULL, NULL, NULL) - (11 + 99 * 99 + 2e4) / 3), <,
                     0.1);
}

/* Input normalisation is part of the network. */
static void
test_normalisation (void)
{
  Net *net = net_new ("small-cnn", (KairosShape){ 8, 8, 3 }, 10, 4, 1);
  const float mean[] = { 0.5f, 0.2f, -0.1f }, deviation[] = { 0.3f, 2, 0.7f };
  g_autofree float *plain = g_new (float, 40), *shifted = g_new (float, 40);

  kairos_executor_evaluate (net->executor, &net->batch, plain, NULL, NULL);
  for (int i = 0; i < 4 * 8 * 8 * 3; i++)
    net->input[i] = net->input[i] * deviation[i % 3] + mean[i % 3];
  kairos_network_set_normalisation (net->network, mean, deviation);
  kairos_executor_evaluate (net->executor, &net->batch, shifted, NULL, NULL);
  for (int i = 0; i < 40; i++)
    g_assert_cmpfloat (fabsf (plain[i] - shifted[i]), <, 1e-4f);
  net_free (net);
}

/* Batch normalisation of values far from 0 keeps its digits; the running statistics are mean and unbiased variance. */
static void
test_statistics (void)
{
  g_autoptr (KairosPool) pool = kairos_pool_new (2);
  g_autoptr (KairosNetwork) network =
      kairos_network_new ("[{\"layer\":\"batch-norm\",\"momentum\":1},{\"layer\":\"dense\",\"units\":2}]",
                          (KairosShape){ 3, 5, 7 }, 2, NULL);
  g_autoptr (KairosExecutor) executor = kairos_executor_new (network, 37, pool);
  const int n = 37, n_places = 15, n_channels = 7;
  g_autofree float *input = random_floats (n * n_places * n_channels, 0, 1, 5);
  g_autofree gint32 *labels = g_new0 (gint32, n);
  const KairosBatch batch = { .n = n, .input = input, .labels = labels };
  const float *running = kairos_network_buffers (network, NULL);

  for (int i = 0; i < n * n_places * n_channels; i++)
    input[i] += 1000.0f * (i % n_channels);
  kairos_network_initialise (network, 1);
  kairos_executor_train (executor, &batch, &(KairosTrainOptions){ 0 }, NULL);
  for (int c = 0; c < n_channels; c++) {
    double mean = 0, squares = 0;
    for (int i = 0; i < n * n_places; i++)
      mean += input[i * n_channels + c] / (n * n_places);
    for (int i = 0; i < n * n_places; i++)
      squares += pow (input[i * n_channels + c] - mean, 2);
    g_assert_cmpfloat (fabs (running[c] - mean), <, 1e-6 * (1 + mean));
    g_assert_cmpfloat (fabs (running[n_channels + c] / (squares / (n * n_places - 1)) - 1), <, 1e-5);
  }
}

/* Dropout draws by seed, step and sample id alone, drops about the stated share and keeps the mean. */
static void
test_dropout (void)
{
  const char *spec = "[{\"layer\":\"dropout\",\"rate\":0.3},{\"layer\":\"dense\",\"units\":1,\"bias\":false}]";
  Net *net = net_new (spec, (KairosShape){ 1, 1, 20000 }, 1, 2, 1);
  float *weights = kairos_network_parameters (net->network, NULL);
  KairosTrainOptions options = { KAIROS_LOSS_SQUARED_ERROR, 0, 4, 1 };
  const float *gradients = kairos_executor_gradients (net->executor);
  double losses[4];
  int dropped = 0;

  net->batch.weights = NULL;
  for (int i = 0; i < 40000; i++)
    net->input[i] = 1;
  for (int i = 0; i < 20000; i++)
    weights[i] = 1.0f / 20000;
  for (int i = 0; i < 4; i++) {
    options.step = i == 3 ? 1 : i;
    losses[i] = kairos_executor_train (net->executor, &net->batch, &options, NULL);
  }
  g_assert_cmpfloat (losses[1], ==, losses[3]);
  g_assert_cmpfloat (losses[1], !=, losses[2]);
  g_assert_cmpfloat (losses[0], <, 0.03 * 0.03);

  net->batch.n = 1;
  kairos_executor_train (net->executor, &net->batch, &options, NULL);
  for (int i = 0; i < 20000; i++)
    dropped += gradients[i] == 0;
  g_assert_cmpint (ABS (dropped - 6000), <, 400);
  net_free (net);
}

static void
test_profile (void)
{
  Net *net = net_new ("small-cnn", (KairosShape){ 16, 16, 3 }, 10, 8, 2);
  const KairosTrainOptions options = { 0 };
  double flops = 0;
  GArray *rows = kairos_executor_get_profile (net->executor);

  g_assert_cmpuint (rows->len, ==, 0);
  g_array_unref (rows);
  kairos_executor_set_profiling (net->executor, TRUE);
  for (int i = 0; i < 3; i++)
    kairos_executor_train (net->executor, &net->batch, &options, NULL);
  rows = kairos_executor_get_profile (net->executor);
  for (guint i = 0; i < rows->len; i++) {
    const KairosProfileRow *row = &g_array_index (rows, KairosProfileRow, i);
    flops += row->flops;
    g_assert_cmpfloat (row->seconds, >, 0);
  }
  /* Three steps of eight samples; the first convolution has no backward data. */
  g_assert_cmpfloat (fabs (flops / (24 * (3 * kairos_network_flops (net->network) - 2.0 * 27 * 32 * 256)) - 1), <,
                     1e-9);
  g_array_unref (rows);
  net_free (net);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/executor/threads", test_threads);
  g_test_add_func ("/executor/kernels", test_kernels);
  g_test_add_func ("/executor/learns", test_learns);
  g_test_add_func ("/executor/evaluation", test_evaluation);
  g_test_add_func ("/executor/evaluation-groups", test_evaluation_groups);
  g_test_add_func ("/executor/outcomes", test_outcomes);
  g_test_add_func ("/executor/normalisation", test_normalisation);
  g_test_add_func ("/executor/statistics", test_statistics);
  g_test_add_func ("/executor/dropout", test_dropout);
  g_test_add_func ("/executor/profile", test_profile);
  return g_test_run ();
}
