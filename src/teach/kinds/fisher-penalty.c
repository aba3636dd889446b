/* SPDX-License-Identifier: MIT */

/* Fisher penalty (Jastrzebski et al. 2021): alpha || 1/B sum of grad log p (y'_i | x_i) ||^2 is added to the loss, with
 * labels y' drawn from the network's own answers; evaluated every few steps, because it costs two more passes.
 */
#include "../kind-private.h"

#include <kairos/ticket.h>
#include <math.h>
#include <string.h>

#include "src/base/bytes.h"

static const KairosParam params[] = {
  { "alpha", KAIROS_PARAM_REAL, NULL, 0, 1000, 0.1, NULL, "Weight of the penalty; 0 does nothing" },
  { "every", KAIROS_PARAM_INT, "steps", 1, 1000, 10, NULL, "Steps between two evaluations of the penalty" },
};
enum { ALPHA, EVERY };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("Fisher penalty %g", kairos_clip_number (clip, "alpha"));
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  gboolean due = (moment->step - clip->first) % (guint64) clip->values[EVERY] == 0;

  kairos_regime_set_gradient (regime, clip, due && (float) clip->values[ALPHA] > 0);
}

/* ---- The penalty, by two gradients ---- */

/* A step of length 0.01 in weight space: curvature shows, while differences of gradients stay far above float rounding.
 */
float
kairos_fisher_epsilon (gsize n, const float *gradient)
{
  double length = sqrt (kairos_inner_product (n, gradient, gradient));

  return length > 1e-20 && isfinite (length) ? (float) (0.01 / length) : 0;
}

void
kairos_fisher_add (gsize n, float alpha, float epsilon, const float *at, const float *beyond, float *gradient)
{
  float factor = epsilon > 0 ? 2 * alpha / epsilon : 0;

  for (gsize i = 0; i < n; i++)
    gradient[i] += factor * (beyond[i] - at[i]);
}

/* ---- In a step ---- */

static KairosRoom
room (const KairosPlanClip *clip, const KairosPlanContext *context)
{
  return (KairosRoom){ .vectors = 3, .floats = (gsize) kairos_network_get_outputs (context->network) };
}

/* Labels drawn from the network's own answers, with its buffers as they were before the step. */
static void
draw_labels (const KairosGradient *gradient)
{
  int k = kairos_network_get_outputs (gradient->network);
  const KairosBatch *batch = gradient->batch;
  gsize n;
  float *buffers = kairos_network_buffers (gradient->network, &n);

  kairos_copy_floats (buffers, gradient->buffers, n);
  kairos_executor_evaluate (gradient->executor, batch, NULL, gradient->floats, NULL);
  for (int i = 0; i < batch->n; i++) {
    KairosRandom random =
        kairos_random (gradient->options->seed, KAIROS_RANDOM_PENALTY, gradient->options->step, batch->ids[i]);
    float at = kairos_random_float (&random), sum = 0;
    gradient->labels[i] = 0;
    for (int c = 0; c < k && sum <= at; c++) {
      sum += gradient->floats[(gsize) i * k + c];
      gradient->labels[i] = c;
    }
  }
}

/* The gradient a little further along a gradient, into the executor; the weights are then what they were. */
static void
train_beyond (const KairosGradient *gradient, const KairosBatch *drawn, const KairosTrainOptions *plain, float epsilon,
              const float *along, float *kept)
{
  gsize n;
  float *parameters = kairos_network_parameters (gradient->network, &n);

  memcpy (kept, parameters, n * sizeof *kept);
  for (gsize i = 0; i < n; i++)
    parameters[i] += epsilon * along[i];
  kairos_gradient_train (gradient, drawn, plain);
  memcpy (parameters, kept, n * sizeof *kept);
}

static void
differentiate (const KairosPlanClip *clip, const KairosGradient *gradient)
{
  gsize n;
  float *sum = kairos_executor_gradients (gradient->executor), *base = gradient->vectors, *at, *penalty;
  KairosBatch drawn = *gradient->batch;
  KairosTrainOptions plain = *gradient->options;

  kairos_network_parameters (gradient->network, &n);
  at = base + n;
  penalty = at + n;
  memcpy (base, sum, n * sizeof *base);
  draw_labels (gradient);
  drawn.labels = gradient->labels;
  drawn.other_labels = NULL;
  plain.loss = KAIROS_LOSS_CROSS_ENTROPY;
  plain.label_smoothing = 0;
  kairos_gradient_train (gradient, &drawn, &plain);
  memcpy (at, sum, n * sizeof *at);
  float epsilon = kairos_fisher_epsilon (n, at);
  if (epsilon == 0) {
    memcpy (sum, base, n * sizeof *base);
    return;
  }
  train_beyond (gradient, &drawn, &plain, epsilon, at, penalty);
  memset (penalty, 0, n * sizeof *penalty);
  kairos_fisher_add (n, (float) clip->values[ALPHA], epsilon, at, sum, penalty);
  for (gsize i = 0; i < n; i++)
    sum[i] = base[i] + penalty[i];
}

const KairosKindRow kairos_kind_fisher_penalty = {
  .info = { "fisher-penalty", "Fisher penalty",
            "Keeps the Fisher information small, as a large learning rate does by itself.", "Regularisation",
            "fisher-penalty", FALSE, KAIROS_OVERLAP_LAST, params, G_N_ELEMENTS (params) },
  .label = label,
  .contribute = contribute,
  .differentiate = differentiate,
  .room = room,
};
