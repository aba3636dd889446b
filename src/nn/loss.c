/* SPDX-License-Identifier: MIT */

/* Losses.
 *
 * Cross-entropy: -sum_k t_k log p_k, with p the softmax of the logits z; its gradient is p - t.  log p_k = z_k - max z
 * - log sum exp (z - max z), so nothing overflows and no logarithm of 0 is taken.  Squared error: the mean over outputs
 * of (z_k - t_k)^2. Targets: t = (1 - s) onehot (label) + s / K; for mixup onehot (label) is a mixture of two.
 */
#include "loss.h"

#include <math.h>

static float
target (const KairosLossSettings *settings, int k, gint32 label, float smoothing)
{
  float certain = 1 - smoothing, even = smoothing / settings->n_classes;

  if (settings->mixed)
    return (k == label ? certain * settings->share : 0) + (k == settings->other ? certain * (1 - settings->share) : 0) +
           even;
  return (k == label ? certain : 0) + even;
}

static int
largest (const float *values, int n, int except)
{
  int best = except == 0 ? 1 : 0;

  for (int k = best + 1; k < n; k++)
    if (k != except && values[k] > values[best])
      best = k;
  return best;
}

/* Softmax; returns log sum exp. */
static double
softmax (const float *logits, int n, float *probabilities)
{
  float top = logits[largest (logits, n, -1)], sum = 0;

  for (int k = 0; k < n; k++) {
    probabilities[k] = expf (logits[k] - top);
    sum += probabilities[k];
  }
  for (int k = 0; k < n; k++)
    probabilities[k] /= sum;
  return top + (double) logf (sum);
}

static double
squared_error (const KairosLossSettings *settings, const float *logits, gint32 label, float smoothing)
{
  double sum = 0;

  for (int k = 0; k < settings->n_classes; k++) {
    float distance = logits[k] - target (settings, k, label, smoothing);
    sum += distance * distance;
  }
  return sum / settings->n_classes;
}

/* Distance of the probabilities from the label's. */
static float
el2n (const float *probabilities, int n, gint32 label)
{
  float sum = 0;

  for (int k = 0; k < n; k++) {
    float distance = probabilities[k] - (k == label ? 1 : 0);
    sum += distance * distance;
  }
  return sqrtf (sum);
}

void
kairos_loss_judge (const KairosLossSettings *settings, const float *logits, gint32 label, float *probabilities,
                   KairosOutcome *outcome)
{
  int n = settings->n_classes;
  double log_sum = softmax (logits, n, probabilities);

  g_assert (label < n);
  if (!outcome)
    return;
  *outcome = (KairosOutcome){ .prediction = largest (logits, n, -1) };
  outcome->confidence = probabilities[outcome->prediction];
  if (label < 0)
    return;
  outcome->truth = probabilities[label];
  outcome->el2n = el2n (probabilities, n, label);
  outcome->margin = n > 1 ? logits[label] - logits[largest (logits, n, label)] : 0;
  if (settings->loss == KAIROS_LOSS_CROSS_ENTROPY)
    outcome->loss = (float) (log_sum - logits[label]);
  else
    outcome->loss = (float) squared_error (settings, logits, label, 0);
}

static double
cross_entropy (const KairosLossSettings *settings, const float *logits, const float *probabilities, gint32 label)
{
  int top = largest (logits, settings->n_classes, -1);
  double log_sum = logits[top] - log (probabilities[top]), loss = 0; /* p of the largest is at least 1 / K */

  for (int k = 0; k < settings->n_classes; k++)
    loss += target (settings, k, label, settings->smoothing) * (log_sum - logits[k]);
  return loss;
}

double
kairos_loss_differentiate (const KairosLossSettings *settings, const float *logits, const float *probabilities,
                           gint32 label, float weight, float *gradient)
{
  gboolean entropy = settings->loss == KAIROS_LOSS_CROSS_ENTROPY;

  for (int k = 0; k < settings->n_classes; k++) {
    float t = target (settings, k, label, settings->smoothing);
    gradient[k] = weight * (entropy ? probabilities[k] - t : 2 * (logits[k] - t) / settings->n_classes);
  }
  return entropy ? cross_entropy (settings, logits, probabilities, label)
                 : squared_error (settings, logits, label, settings->smoothing);
}
