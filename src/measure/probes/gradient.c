/* SPDX-License-Identifier: MIT */

/* The gradient of the loss over the probe's samples, and how much the gradients of single samples differ.
 *
 * With G the mean gradient of n samples and S the mean of their squared norms, |G|^2 overestimates the square of the
 * true gradient and S - |G|^2 underestimates the variance; unbiased are (n |G|^2 - S) / (n - 1) and (S - |G|^2) n / (n
 * - 1). The noise scale is the second over the first: the batch size beyond which larger batches help little
 * (McCandlish et al. 2018, arXiv 1812.06162, equation 2.9 and appendix A.1).
 */
#include "src/measure/probe-private.h"

#include <math.h>
#include <string.h>

#include "src/base/sum.h"

static const KairosMeasureGroup groups[] = {
  { "gradient-norm", N_ ("Gradient"), N_ ("How strongly the samples pull at the weights: near 0 where all is learnt"),
    NULL, KAIROS_SCALE_LOG },
  { "noise-scale", N_ ("Gradient noise"),
    N_ ("The batch size beyond which larger batches help little: it grows as samples come to disagree"), NULL,
    KAIROS_SCALE_LOG },
};

static const KairosMeasure measures[] = {
  { "gradient_norm", N_ ("Norm of the gradient"), N_ ("total"), &groups[0], KAIROS_SPLIT_TRAIN, KAIROS_DRAW_POINTS,
    .parts = KAIROS_PARTS_LAYERS },
  { "noise_scale", N_ ("Noise scale of the gradient"), N_ ("noise scale"), &groups[1], KAIROS_SPLIT_TRAIN,
    KAIROS_DRAW_POINTS },
};

/* Adds the gradient of the mean loss to mean, and returns the sum of the samples' squared norms. */
static double
add_chunk (KairosProbeContext *context, KairosExecutor *executor, const KairosBatch *part, int n_all, float *mean)
{
  const KairosTrainOptions plain = { .loss = context->loss };
  gsize n;
  guint n_layers;
  double sum = 0;

  kairos_network_parameters (context->network, &n);
  kairos_network_layers (context->network, &n_layers);
  g_autofree double *norms = g_new (double, (gsize) part->n *n_layers);
  kairos_executor_train (executor, part, &plain, NULL);
  const float *gradients = kairos_executor_gradients (executor);
  for (gsize i = 0; i < n; i++)
    mean[i] += gradients[i] * (float) part->n / (float) n_all;
  kairos_executor_measure_norms (executor, part, NULL, norms);
  for (gsize i = 0; i < (gsize) part->n * n_layers; i++)
    sum += norms[i];
  return sum;
}

static void
sum_layers (KairosProbeContext *context, const float *mean, double *values)
{
  guint n_tensors, n_layers;
  const KairosTensorInfo *tensors = kairos_network_tensors (context->network, &n_tensors);
  const KairosLayerSummary *layers = kairos_network_layers (context->network, &n_layers);

  memset (values, 0, (context->n_layers + 1) * sizeof *values);
  for (guint l = 0; l < context->n_layers; l++)
    for (guint t = 0; t < n_tensors; t++)
      if (g_str_equal (tensors[t].layer, layers[context->layers[l]].name))
        values[l + 1] += kairos_sum_of_squares (mean + tensors[t].offset, tensors[t].n);
  for (guint l = 0; l < context->n_layers; l++) {
    values[0] += values[l + 1];
    values[l + 1] = sqrt (values[l + 1]);
  }
}

static gboolean
measure (KairosProbeContext *context, KairosReading *reading, const volatile gint *cancel, GError **error)
{
  const KairosBatch all = kairos_probe_gather (context, reading);
  KairosExecutor *executor = kairos_probe_get_executor (context, KAIROS_PROBE_PLAIN, error);
  double *norm = kairos_reading_add (reading, &measures[0], context->n_layers), sum = 0;
  double *scale = kairos_reading_add (reading, &measures[1], 0);
  gsize n_parameters;

  if (!executor)
    return FALSE;
  kairos_network_parameters (context->network, &n_parameters);
  g_autofree float *mean = g_new0 (float, n_parameters);
  for (int first = 0; first < all.n; first += KAIROS_PROBE_CHUNK) {
    const KairosBatch part = kairos_probe_chunk (context, &all, first);
    if (kairos_probe_is_cancelled (cancel, error))
      return FALSE;
    sum += add_chunk (context, executor, &part, all.n, mean);
  }
  sum_layers (context, mean, norm);
  double n = all.n, square = norm[0], mean_square = sum / n;
  double signal = n > 1 ? (n * square - mean_square) / (n - 1) : 0, noise = (mean_square - square) * n / (n - 1);
  norm[0] = sqrt (square);
  *scale = signal > 0 ? noise / signal : NAN;
  return TRUE;
}

const KairosProbe kairos_probe_gradient = {
  .name = "gradient",
  .title = N_ ("Gradient"),
  .summary = N_ ("How strongly the samples pull at the weights, and how much they disagree."),
  .samples = 256,
  .split = KAIROS_SPLIT_TRAIN,
  .set = { groups, G_N_ELEMENTS (groups), measures, G_N_ELEMENTS (measures) },
  .measure = measure,
};
