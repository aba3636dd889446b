/* SPDX-License-Identifier: MIT */

/* Every layer and loss against finite differences, through the public executor.
 *
 * For each parameter tensor a direction d is drawn that leans towards the gradient g; then (L (p + h d) - L (p - h d))
 * / 2h must be g . d.  The loss comes from float32 activations, so the difference carries noise of about 4e-7 L / h,
 * which asks for a large h; rectifiers have kinks, which ask for a small one.  One of three must agree.
 */
#include "nets.h"

#include <math.h>

typedef struct {
  const char *name, *spec;
  KairosShape input;
  int outputs;
} Case;

/* clang-format off */
#define LAYER(name) "{\"layer\":\"" name "\"}"
#define RELU LAYER ("relu")
#define TANH LAYER ("tanh")
#define NORM LAYER ("batch-norm")
#define POOL LAYER ("max-pool")
#define MEAN LAYER ("global-average-pool")
#define DENSE(units) "{\"layer\":\"dense\",\"units\":" #units "}"
#define CONV(filters) "{\"layer\":\"conv\",\"filters\":" #filters ",\"kernel\":3,\"padding\":1}"
#define CONV1(filters) "{\"layer\":\"conv\",\"filters\":" #filters ",\"kernel\":1,\"bias\":false}"
#define RESIDUAL(layers) "{\"layer\":\"residual\",\"layers\":[" layers "]}"
#define RESIDUAL_SKIP(layers, skip) "{\"layer\":\"residual\",\"layers\":[" layers "],\"skip\":[" skip "]}"
#define HEAD LAYER ("flatten") "," DENSE (3)
#define BEHIND_CONV(text) "[" CONV (5) "," text "," HEAD "]"
#define CONV_NORM CONV (5) "," NORM
#define DENSE_NORMS "[" DENSE (17) "," NORM "," RELU "," DENSE (5) "," NORM "," LAYER ("dropout") "," DENSE (3) "]"
#define TWO_BRANCHES                                                                                                   \
  RESIDUAL (CONV_NORM "," RELU "," CONV_NORM) "," RELU "," RESIDUAL_SKIP (CONV (4) "," NORM, CONV (4) "," NORM)
#define SMALL { 4, 4, 2 }, 3

static const Case cases[] = {
  { "logistic", "logistic", { 3, 4, 2 }, 3 },
  { "dense", "mlp-7-5", { 2, 3, 1 }, 4 },
  { "dense-without-bias", "[{\"layer\":\"dense\",\"units\":6,\"bias\":false}," TANH "," DENSE (3) "]", { 1, 1, 9 }, 3 },
  { "conv", "[" CONV (4) "," HEAD "]", { 5, 6, 2 }, 3 },
  { "conv-stride", BEHIND_CONV ("{\"layer\":\"conv\",\"filters\":5,\"kernel\":3,\"stride\":2}"), { 8, 7, 1 }, 3 },
  { "conv-1x1", "[" CONV (4) "," CONV1 (3) "," MEAN "]", SMALL },
  { "conv-16", "[" CONV (16) "," RELU "," CONV (16) "," RELU "," CONV (16) "," HEAD "]", { 6, 6, 3 }, 3 },
  { "relu", BEHIND_CONV (RELU), SMALL },
  { "leaky-relu", BEHIND_CONV ("{\"layer\":\"leaky-relu\",\"slope\":0.2}"), SMALL },
  { "elu", BEHIND_CONV ("{\"layer\":\"elu\",\"alpha\":0.7}"), SMALL },
  { "softplus", BEHIND_CONV (LAYER ("softplus")), SMALL },
  { "tanh", BEHIND_CONV (TANH), SMALL },
  { "max-pool", BEHIND_CONV (POOL), { 4, 6, 2 }, 3 },
  { "max-pool-uneven", BEHIND_CONV (POOL), { 5, 7, 2 }, 3 },
  { "max-pool-overlapping", BEHIND_CONV ("{\"layer\":\"max-pool\",\"size\":3,\"stride\":2}"), { 7, 7, 2 }, 3 },
  { "relu-max-pool", BEHIND_CONV (RELU "," POOL), { 6, 6, 2 }, 3 },
  { "average-pool", BEHIND_CONV (LAYER ("average-pool")), { 5, 6, 2 }, 3 },
  { "average-pool-overlapping", BEHIND_CONV ("{\"layer\":\"average-pool\",\"size\":3,\"stride\":1}"), { 5, 6, 2 }, 3 },
  { "global-average-pool", "[" CONV (3) "," TANH "," MEAN "]", { 5, 3, 2 }, 3 },
  { "dropout", BEHIND_CONV ("{\"layer\":\"dropout\",\"rate\":0.4}"), SMALL },
  { "batch-norm", BEHIND_CONV (NORM), SMALL },
  { "batch-norm-relu", BEHIND_CONV (NORM "," RELU), SMALL },
  { "batch-norm-pool", BEHIND_CONV (NORM "," RELU "," POOL "," CONV (6) "," NORM), { 6, 6, 2 }, 3 },
  { "batch-norm-first", "[" NORM "," CONV (5) "," HEAD "]", { 4, 4, 3 }, 3 },
  { "batch-norm-last", "[" DENSE (3) "," NORM "]", { 4, 4, 1 }, 3 },
  { "batch-norm-dense", DENSE_NORMS, { 4, 4, 1 }, 3 },
  { "batch-norm-twice", BEHIND_CONV (NORM "," NORM "," RELU), SMALL },
  { "residual", BEHIND_CONV (RESIDUAL (CONV (5) "," TANH)), SMALL },
  { "residual-empty", BEHIND_CONV (RESIDUAL ("")), SMALL },
  { "residual-first", "[" RESIDUAL (CONV (2)) "," HEAD "]", SMALL },
  { "residual-skip", BEHIND_CONV (RESIDUAL_SKIP (CONV (6) "," LAYER ("elu"), CONV1 (6)) "," TANH), SMALL },
  { "residual-relu-inside",
    BEHIND_CONV (NORM "," RESIDUAL (CONV_NORM "," RELU) "," RESIDUAL (CONV_NORM "," RELU)), SMALL },
  { "residual-norm", BEHIND_CONV (NORM "," RELU "," TWO_BRANCHES "," RELU), SMALL },
  { "residual-nested", BEHIND_CONV (RESIDUAL_SKIP (RESIDUAL (CONV_NORM) "," NORM, RESIDUAL ("")) "," TANH), SMALL },
  { "resnet", "resnet-20", { 8, 8, 3 }, 3 },
  { "all-cnn", "all-cnn-24", { 8, 8, 1 }, 4 },
  { "lenet-5", "lenet-5", { 28, 28, 1 }, 10 },
  { "small-cnn", "small-cnn", { 8, 8, 3 }, 3 },
};
/* clang-format on */

static const struct {
  const char *name;
  KairosTrainOptions options;
  gboolean weighted;
} losses[] = {
  { "cross-entropy", { KAIROS_LOSS_CROSS_ENTROPY, 0, 5, 9 }, FALSE },
  { "smoothed", { KAIROS_LOSS_CROSS_ENTROPY, 0.2f, 5, 9 }, TRUE },
  { "squared-error", { KAIROS_LOSS_SQUARED_ERROR, 0.1f, 5, 9 }, TRUE },
};

static double
length (const float *v, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += (double) v[i] * v[i];
  return sqrt (sum);
}

static double
loss_at (Net *net, const KairosTrainOptions *options, const KairosTensorInfo *tensor, const float *from,
         const float *direction, double h)
{
  float *p = kairos_network_parameters (net->network, NULL) + tensor->offset;
  double loss;

  for (gsize i = 0; i < tensor->n; i++)
    p[i] = (float) (from[i] + h * direction[i]);
  loss = kairos_executor_train (net->executor, &net->batch, options, NULL);
  memcpy (p, from, tensor->n * sizeof *p);
  return loss;
}

static void
check_tensor (Net *net, const KairosTrainOptions *options, const KairosTensorInfo *tensor, const char *name)
{
  const float *all = kairos_executor_gradients (net->executor),
              *parameters = kairos_network_parameters (net->network, NULL);
  g_autofree float *g = g_memdup2 (all + tensor->offset, tensor->n * sizeof *g);
  g_autofree float *p = g_memdup2 (parameters + tensor->offset, tensor->n * sizeof *p);
  g_autofree float *d = random_floats (tensor->n, -1, 1, tensor->offset + 1);
  double g_length = length (g, tensor->n), d_length = length (d, tensor->n), expected = 0, found = 0;

  for (gsize i = 0; i < tensor->n; i++) {
    d[i] = (float) (d[i] / d_length + (g_length > 0 ? g[i] / g_length : 0));
    expected += (double) g[i] * d[i];
  }
  for (double h = 4e-3; h > 1e-4; h /= 4) {
    double loss = loss_at (net, options, tensor, p, d, h);
    found = (loss - loss_at (net, options, tensor, p, d, -h)) / (2 * h);
    if (fabs (found - expected) <= 0.02 * fabs (expected) + 4e-7 * (fabs (loss) + 1) / h)
      return;
  }
  g_error ("%s: %s %s: gradient %g, by differences %g", name, tensor->layer,
           tensor->role == KAIROS_TENSOR_WEIGHT ? "weight" : "other", expected, found);
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;

  for (guint l = 0; l < G_N_ELEMENTS (losses); l++) {
    Net *net = net_new (c->spec, c->input, c->outputs, 13, 2);
    guint n;
    const KairosTensorInfo *tensors = kairos_network_tensors (net->network, &n);
    if (!losses[l].weighted)
      net->batch.weights = NULL;
    for (guint t = 0; t < n; t++) {
      g_autofree char *name = g_strconcat (c->name, ", ", losses[l].name, NULL);
      kairos_executor_train (net->executor, &net->batch, &losses[l].options, NULL);
      check_tensor (net, &losses[l].options, &tensors[t], name);
    }
    net_free (net);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/gradients/", cases[i].name, NULL);
    g_test_add_data_func (path, &cases[i], test_case);
  }
  return g_test_run ();
}
