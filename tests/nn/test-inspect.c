/* SPDX-License-Identifier: MIT */

/* Looking inside: norms of single samples' gradients against those gradients, gradients of the network as it evaluates
 * against finite differences of its evaluation, activations against the logits.
 */
#include "cases.h"

#include <math.h>

#include "src/nn/conv-norms.h"
#include "src/base/sum.h"

enum { N = 13 };

/* Running statistics as after some training. */
static void
disturb_buffers (KairosNetwork *network)
{
  KairosRandom random = kairos_random (5, KAIROS_RANDOM_TEST, 2, 0);
  gsize n;
  float *buffers = kairos_network_buffers (network, &n);

  for (gsize i = 0; i < n; i++)
    buffers[i] = kairos_random_range (&random, 0.3f, 1.6f);
}

static Net *
open_case (const Case *c)
{
  Net *net = net_new (c->spec, c->input, c->outputs, N, 2);

  disturb_buffers (net->network);
  net->batch.weights = NULL;
  return net;
}

/* ---- Norms ---- */

/* The gradient of - log p[class] at the logits, times the root of p[class]. */
static void
fill_class (gpointer data, int sample, gint32 label, const float *probabilities, float *gradient)
{
  const int *of = data;

  for (int k = 0; k < of[1]; k++)
    gradient[k] = sqrtf (probabilities[of[0]]) * (probabilities[k] - (k == of[0]));
}

/* tr F of each sample and layer, over all classes. */
static double *
measure_norms (Net *net, KairosExecutor *inspector, guint n_layers)
{
  int of[2] = { 0, kairos_network_get_outputs (net->network) };
  const KairosSeed seed = { fill_class, of };
  double *sum = g_new0 (double, N *n_layers);
  g_autofree double *part = g_new (double, N *n_layers);

  for (of[0] = 0; of[0] < of[1]; of[0]++) {
    kairos_executor_measure_norms (inspector, &net->batch, &seed, part);
    for (guint i = 0; i < N * n_layers; i++)
      sum[i] += part[i];
  }
  return sum;
}

/* The same for one sample, from its gradients. */
static void
add_gradients (Net *net, KairosExecutor *inspector, int sample, double *sum)
{
  const KairosTrainOptions plain = { KAIROS_LOSS_CROSS_ENTROPY };
  int n_classes = kairos_network_get_outputs (net->network);
  gsize size = kairos_shape_size (kairos_network_get_input (net->network));
  guint n_tensors, n_layers;
  const KairosTensorInfo *tensors = kairos_network_tensors (net->network, &n_tensors);
  const KairosLayerSummary *layers = kairos_network_layers (net->network, &n_layers);
  g_autofree float *p = g_new (float, n_classes);

  for (gint32 label = 0; label < n_classes; label++) {
    const KairosBatch one = { .n = 1, .input = net->input + sample * size, .labels = &label };
    kairos_executor_evaluate (net->executor, &one, NULL, p, NULL);
    kairos_executor_train (inspector, &one, &plain, NULL);
    for (guint t = 0; t < n_tensors; t++)
      for (guint l = 0; l < n_layers; l++)
        if (g_str_equal (layers[l].name, tensors[t].layer))
          sum[l] += p[label] *
                    kairos_sum_of_squares (kairos_executor_gradients (inspector) + tensors[t].offset, tensors[t].n);
  }
}

static void
test_norms (gconstpointer data)
{
  const Case *c = data;
  Net *net = open_case (c);
  KairosExecutor *inspector = kairos_executor_new_for_inspection (net->network, N, net->pool, FALSE);
  guint n_layers;

  kairos_network_layers (net->network, &n_layers);
  g_autofree double *norms = measure_norms (net, inspector, n_layers);
  for (int i = 0; i < N; i++) {
    g_autofree double *expected = g_new0 (double, n_layers);
    add_gradients (net, inspector, i, expected);
    for (guint l = 0; l < n_layers; l++)
      if (fabs (norms[i * n_layers + l] - expected[l]) > 1e-5 * expected[l] + 1e-12)
        g_error ("%s, layer %u, sample %d: norm %.9g, of the gradient %.9g", c->name, l, i, norms[i * n_layers + l],
                 expected[l]);
  }
  kairos_executor_free (inspector);
  net_free (net);
}

/* ---- Gradients ---- */

static double
evaluate_at (Net *net, float *values, gsize n, const float *from, const float *direction, double h)
{
  double loss;

  for (gsize i = 0; i < n; i++)
    values[i] = (float) (from[i] + h * direction[i]);
  loss = kairos_executor_evaluate (net->executor, &net->batch, NULL, NULL, NULL) / N;
  memcpy (values, from, n * sizeof *values);
  return loss;
}

/* That g . d is what the loss changes by along d, which leans towards g; see test-gradients.c. */
static void
check_direction (Net *net, float *values, gsize n, const float *gradient, const char *name)
{
  g_autofree float *from = g_memdup2 (values, n * sizeof *from), *d = random_floats (n, -1, 1, 21);
  double g_length = sqrt (kairos_sum_of_squares (gradient, n)), d_length = sqrt (kairos_sum_of_squares (d, n));
  double expected = 0, found = 0;

  for (gsize i = 0; i < n; i++) {
    d[i] = (float) (d[i] / d_length + (g_length > 0 ? gradient[i] / g_length : 0));
    expected += (double) gradient[i] * d[i];
  }
  for (double h = 4e-3; h > 1e-4; h /= 4) {
    double loss = evaluate_at (net, values, n, from, d, h);
    found = (loss - evaluate_at (net, values, n, from, d, -h)) / (2 * h);
    if (fabs (found - expected) <= 0.02 * fabs (expected) + 4e-7 * (fabs (loss) + 1) / h)
      return;
  }
  g_error ("%s: gradient %g, by differences %g", name, expected, found);
}

static void
test_gradients (gconstpointer data)
{
  const Case *c = data;
  const KairosTrainOptions plain = { KAIROS_LOSS_CROSS_ENTROPY };
  Net *net = open_case (c);
  KairosExecutor *inspector = kairos_executor_new_for_inspection (net->network, N, net->pool, TRUE);
  gsize n, n_buffers, n_input = N * kairos_shape_size (c->input);
  float *parameters = kairos_network_parameters (net->network, &n),
        *buffers = kairos_network_buffers (net->network, &n_buffers);
  g_autofree float *before = g_memdup2 (buffers, n_buffers * sizeof *before), *input_gradient = NULL;
  g_autofree char *of_weights = g_strconcat (c->name, ", weights", NULL),
                  *of_input = g_strconcat (c->name, ", input", NULL);

  kairos_executor_train (inspector, &net->batch, &plain, NULL);
  input_gradient = g_memdup2 (kairos_executor_get_input_gradient (inspector), n_input * sizeof *input_gradient);
  check_direction (net, parameters, n, kairos_executor_gradients (inspector), of_weights);
  check_direction (net, net->input, n_input, input_gradient, of_input);
  g_assert_cmpmem (before, n_buffers * sizeof *before, buffers, n_buffers * sizeof *buffers);
  kairos_executor_free (inspector);
  net_free (net);
}

/* ---- Bends that are held ---- */

/* At the weights at which it looked, an executor for curvature finds the gradients of the network as it evaluates. */
static void
test_held (gconstpointer data)
{
  const Case *c = data;
  const KairosTrainOptions plain = { KAIROS_LOSS_CROSS_ENTROPY };
  Net *net = open_case (c);
  KairosExecutor *inspector = kairos_executor_new_for_inspection (net->network, N, net->pool, FALSE);
  KairosExecutor *holder = kairos_executor_new_for_curvature (net->network, N, net->pool);
  gsize n;

  kairos_network_parameters (net->network, &n);
  kairos_executor_train (inspector, &net->batch, &plain, NULL);
  kairos_executor_look (holder, &net->batch, NULL);
  kairos_executor_train (holder, &net->batch, &plain, NULL);
  const float *expected = kairos_executor_gradients (inspector), *found = kairos_executor_gradients (holder);
  double length = sqrt (kairos_sum_of_squares (expected, n));
  for (gsize i = 0; i < n; i++)
    if (fabs (found[i] - expected[i]) > 1e-5 * length)
      g_error ("%s, parameter %" G_GSIZE_FORMAT ": %.9g, held %.9g", c->name, i, expected[i], found[i]);
  kairos_executor_free (inspector);
  kairos_executor_free (holder);
  net_free (net);
}

/* How far the loss along one tensor is from a parabola, against its second difference: 0 for a squared error where
 * nothing bends. */
static double
measure_bend (Net *net, KairosExecutor *executor, const KairosTensorInfo *tensor)
{
  const KairosTrainOptions squares = { KAIROS_LOSS_SQUARED_ERROR };
  float *weights = kairos_network_parameters (net->network, NULL) + tensor->offset;
  g_autofree float *from = g_memdup2 (weights, tensor->n * sizeof *from), *d = random_floats (tensor->n, -1, 1, 8);
  double size = 3 * sqrt (kairos_sum_of_squares (from, tensor->n) / kairos_sum_of_squares (d, tensor->n)), loss[5];

  kairos_executor_look (executor, &net->batch, NULL);
  for (int k = 0; k < 5; k++) {
    for (gsize i = 0; i < tensor->n; i++)
      weights[i] = (float) (from[i] + (k - 2) * size * d[i]);
    loss[k] = kairos_executor_train (executor, &net->batch, &squares, NULL);
  }
  memcpy (weights, from, tensor->n * sizeof *from);
  return fabs (loss[4] - 2 * loss[3] + 2 * loss[1] - loss[0]) / fabs (loss[4] - 2 * loss[2] + loss[0]);
}

/* Steps three times as long as the weights send most values to the other side. */
static void
test_bends (void)
{
  static const Case nets[] = { { "relu-max-pool", BEHIND_CONV (RELU "," POOL), { 6, 6, 2 }, 3 },
                               { "overlapping",
                                 BEHIND_CONV ("{\"layer\":\"leaky-relu\",\"slope\":0.2},"
                                              "{\"layer\":\"max-pool\",\"size\":3,\"stride\":2}"),
                                 { 7, 7, 2 },
                                 3 },
                               { "batch-norm", BEHIND_CONV (NORM "," RELU "," POOL), { 6, 6, 2 }, 3 } };

  for (guint i = 0; i < G_N_ELEMENTS (nets); i++) {
    Net *net = open_case (&nets[i]);
    KairosExecutor *inspector = kairos_executor_new_for_inspection (net->network, N, net->pool, FALSE);
    KairosExecutor *holder = kairos_executor_new_for_curvature (net->network, N, net->pool);
    guint n;
    const KairosTensorInfo *first = kairos_network_tensors (net->network, &n);
    double held = measure_bend (net, holder, first), free = measure_bend (net, inspector, first);
    g_test_message ("%s: %g held, %g else", nets[i].name, held, free);
    g_assert_cmpfloat (held, <, 1e-6);
    g_assert_cmpfloat (free, >, 1e-3);
    kairos_executor_free (inspector);
    kairos_executor_free (holder);
    net_free (net);
  }
}

/* ---- Activations ---- */

static void
test_activations (void)
{
  static const Case c = { "small-cnn", "small-cnn", { 8, 8, 3 }, 3 };
  const KairosTrainOptions plain = { KAIROS_LOSS_CROSS_ENTROPY };
  Net *net = open_case (&c);
  KairosExecutor *inspector = kairos_executor_new_for_inspection (net->network, N, net->pool, TRUE);
  g_autofree float *logits = g_new (float, N * 3);
  guint n_layers, n_own = 0;
  const KairosLayerSummary *layers = kairos_network_layers (net->network, &n_layers);

  kairos_executor_train (inspector, &net->batch, &plain, NULL);
  kairos_executor_evaluate (net->executor, &net->batch, logits, NULL, NULL);
  const float *last = kairos_executor_get_activation (inspector, n_layers - 1, NULL);
  for (int i = 0; i < N * 3; i++)
    g_assert_cmpfloat_with_epsilon (last[i], logits[i], 1e-4 * (1 + fabsf (logits[i])));
  for (guint l = 0; l < n_layers; l++) {
    const float *values = kairos_executor_get_activation (inspector, l, NULL);
    n_own += values != NULL;
    g_assert_true (values || g_str_equal (layers[l].kind, "relu") || g_str_equal (layers[l].kind, "dropout") ||
                   g_str_equal (layers[l].kind, "flatten"));
    for (gsize i = 0; values && i < N * kairos_shape_size (layers[l].output); i++)
      g_assert_true (isfinite (values[i]));
  }
  g_assert_cmpuint (n_own, >, 5);
  kairos_executor_free (inspector);
  net_free (net);
}

/* ---- Convolutions ---- */

static void
check_conv (const KairosConvShape *shape)
{
  int out = kairos_conv_out (shape->in_height, shape->kernel, shape->stride, shape->padding) *
            kairos_conv_out (shape->in_width, shape->kernel, shape->stride, shape->padding) * shape->filters;
  gsize n_weights = (gsize) shape->filters * shape->kernel * shape->kernel * shape->in_channels;
  g_autofree float *x = random_floats ((gsize) shape->in_height * shape->in_width * shape->in_channels, -1, 1, 1),
                   *dy = random_floats (out, -1, 1, 2), *dw = g_new (float, n_weights),
                   *db = g_new (float, shape->filters);

  kairos_reference_conv_backward_weights (shape, 1, x, dy, dw, db);
  double weights = kairos_sum_of_squares (dw, n_weights), bias = kairos_sum_of_squares (db, shape->filters);
  KairosConv *conv = kairos_conv_new (NULL, shape, 1, 2, TRUE, FALSE, FALSE);
  for (guint i = 0; i < 4; i++) {
    static const char *const methods[] = { "ghost", "product", "kernel", NULL };
    KairosConvNorms *norms = kairos_conv_norms_new (methods[i], shape, conv, 2);
    double found = kairos_conv_norms_measure (norms, 1, x, dy, TRUE);
    g_assert_cmpfloat (fabs (found - weights - bias), <=, 1e-5 * (weights + bias));
    found = kairos_conv_norms_measure (norms, 0, x, dy, FALSE);
    g_assert_cmpfloat (fabs (found - weights), <=, 1e-5 * weights);
    kairos_conv_norms_free (norms);
  }
  kairos_conv_free (conv);
}

static void
test_conv (void)
{
  static const KairosConvShape shapes[] = {
    { 5, 7, 3, 4, 3, 1, 1 }, { 8, 8, 16, 16, 3, 2, 1 }, { 20, 19, 2, 5, 5, 1, 0 }, { 4, 4, 64, 96, 3, 1, 1 },
    { 6, 5, 7, 9, 1, 1, 0 }, { 3, 3, 4, 2, 3, 1, 0 },   { 32, 32, 1, 6, 5, 1, 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    check_conv (&shapes[i]);
}

/* ---- Threads ---- */

static void
test_threads (void)
{
  static const Case c = { "resnet", "resnet-20", { 8, 8, 3 }, 3 };
  g_autofree double *first = NULL;
  guint n_layers;

  for (int n_threads = 1; n_threads <= 3; n_threads++) {
    Net *net = net_new (c.spec, c.input, c.outputs, N, n_threads);
    KairosExecutor *inspector = kairos_executor_new_for_inspection (net->network, N, net->pool, FALSE);
    kairos_network_layers (net->network, &n_layers);
    g_autofree double *norms = measure_norms (net, inspector, n_layers);
    if (first)
      g_assert_cmpmem (norms, N * n_layers * sizeof *norms, first, N * n_layers * sizeof *first);
    else
      first = g_steal_pointer (&norms);
    kairos_executor_free (inspector);
    net_free (net);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *norms = g_strconcat ("/inspect/norms/", cases[i].name, NULL),
                    *gradients = g_strconcat ("/inspect/gradients/", cases[i].name, NULL);
    g_test_add_data_func (norms, &cases[i], test_norms);
    g_test_add_data_func (gradients, &cases[i], test_gradients);
    g_autofree char *held = g_strconcat ("/inspect/held/", cases[i].name, NULL);
    g_test_add_data_func (held, &cases[i], test_held);
  }
  g_test_add_func ("/inspect/bends", test_bends);
  g_test_add_func ("/inspect/activations", test_activations);
  g_test_add_func ("/inspect/conv", test_conv);
  g_test_add_func ("/inspect/threads", test_threads);
  return g_test_run ();
}
