/* SPDX-License-Identifier: MIT */

/* Every layer and loss against finite differences, through the public executor.
 *
 * For each parameter tensor a direction d is drawn that leans towards the gradient g; then (L (p + h d) - L (p - h d))
 * / 2h must be g . d.  The loss comes from float32 activations, so the difference carries noise of about 4e-7 L / h,
 * which asks for a large h; rectifiers have kinks, which ask for a small one.  One of three must agree.
 */
#include "cases.h"

#include <math.h>

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
