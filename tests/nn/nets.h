/* SPDX-License-Identifier: MIT */

/* Small networks and batches that several tests use. */
#pragma once

#include <kairos/network.h>
#include <kairos/pool.h>
#include <kairos/random.h>

#include <string.h>

typedef struct {
  KairosPool *pool;
  KairosNetwork *network;
  KairosExecutor *executor;
  KairosBatch batch;
  float *input, *weights;
  gint32 *labels;
  guint32 *ids;
} Net;

static inline float *
random_floats (gsize n, float lo, float hi, guint64 seed)
{
  KairosRandom random = kairos_random (seed, KAIROS_RANDOM_TEST, 0, 0);
  float *values = g_new (float, MAX (n, 1));

  for (gsize i = 0; i < n; i++)
    values[i] = kairos_random_range (&random, lo, hi);
  return values;
}

/* A network with random weights, also where they start at 0 or 1, and a random batch. */
static inline Net *
net_new (const char *spec, KairosShape input, int outputs, int n, int n_threads)
{
  g_autoptr (GError) error = NULL;
  Net *net = g_new0 (Net, 1);
  KairosRandom random = kairos_random (7, KAIROS_RANDOM_TEST, 1, 1);
  guint n_tensors;
  const KairosTensorInfo *tensors;

  net->pool = kairos_pool_new (n_threads);
  net->network = kairos_network_new (spec, input, outputs, &error);
  g_assert_no_error (error);
  kairos_network_initialise (net->network, 3);
  tensors = kairos_network_tensors (net->network, &n_tensors);
  for (guint t = 0; t < n_tensors; t++)
    for (gsize i = 0; i < tensors[t].n; i++)
      if (tensors[t].role != KAIROS_TENSOR_WEIGHT)
        kairos_network_parameters (net->network, NULL)[tensors[t].offset + i] +=
            kairos_random_range (&random, -0.3f, 0.3f);
  net->executor = kairos_executor_new (net->network, n, net->pool);

  net->input = random_floats (n * kairos_shape_size (input), -1, 1, 11);
  net->weights = random_floats (n, 0.2f, 2, 12);
  net->labels = g_new (gint32, n);
  net->ids = g_new (guint32, n);
  for (int i = 0; i < n; i++) {
    net->labels[i] = (gint32) kairos_random_below (&random, outputs);
    net->ids[i] = (guint32) (1000 + 7 * i);
  }
  net->batch =
      (KairosBatch){ .n = n, .input = net->input, .labels = net->labels, .weights = net->weights, .ids = net->ids };
  return net;
}

static inline void
net_free (Net *net)
{
  kairos_executor_free (net->executor);
  kairos_network_free (net->network);
  kairos_pool_free (net->pool);
  g_free (net->input);
  g_free (net->weights);
  g_free (net->labels);
  g_free (net->ids);
  g_free (net);
}

/* One step of plain gradient descent. */
static inline double
net_step (Net *net, const KairosTrainOptions *options, float rate)
{
  gsize n;
  float *parameters = kairos_network_parameters (net->network, &n);
  double loss = kairos_executor_train (net->executor, &net->batch, options, NULL);
  const float *gradients = kairos_executor_gradients (net->executor);

  for (gsize i = 0; i < n; i++)
    parameters[i] -= rate * gradients[i];
  return loss;
}
