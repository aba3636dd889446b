/* SPDX-License-Identifier: MIT */

/* Dropout (Srivastava et al. 2014): in training each value becomes 0 with the given probability, the others grow by 1 /
 * (1 - rate).
 *
 * Which ones is a function of (seed, step, layer, sample id, element) alone, so the backward pass draws the same
 * numbers again instead of storing them.
 */
#include "layer.h"

#include <kairos/random.h>

static const KairosParam params[] = {
  { "rate", KAIROS_PARAM_REAL, NULL, 0, 0.99, 0.5, NULL, "The probability with which a value is dropped." },
};

static gboolean
configure (KairosLayer *layer, JsonObject *settings, GError **error)
{
  layer->out = layer->in;
  layer->value = (float) kairos_params_number (params, G_N_ELEMENTS (params), settings, "rate");
  return TRUE;
}

static void
describe (const KairosLayer *layer, char *text, gsize size)
{
  g_snprintf (text, size, "dropout %g", (double) layer->value);
}

static void
drop (const KairosCall *call, int i, const float *x, float *y)
{
  gsize size = kairos_shape_size (call->layer->in);
  guint64 sample = (guint64) call->layer->summary << 32 | call->ids[i];
  float rate = call->options->sets_dropout ? call->options->dropout : call->layer->value, factor = 1 / (1 - rate);

  for (gsize start = 0; start < size; start += 4) {
    float uniform[4];
    kairos_random_uniform4 (call->options->seed, KAIROS_RANDOM_DROPOUT, call->options->step, sample, start / 4,
                            uniform);
    for (gsize j = start; j < MIN (start + 4, size); j++)
      y[j] = uniform[j - start] < rate ? 0 : factor * x[j];
  }
}

static void
apply (const KairosCall *call, const float *x)
{
  gsize size = kairos_shape_size (call->layer->in);

  for (int i = 0; i < call->n; i++)
    drop (call, i, x + i * size, call->out + i * size);
}

static void
forward (const KairosCall *call)
{
  apply (call, call->x);
}

static void
backward_data (const KairosCall *call)
{
  apply (call, call->dy);
}

const KairosLayerKind kairos_layer_dropout = {
  .name = "dropout",
  .summary = "While training, sets values to 0 at random, so that no value relies on another.",
  .params = params,
  .n_params = G_N_ELEMENTS (params),
  .configure = configure,
  .describe = describe,
  .training_only = TRUE,
  .forward = forward,
  .backward_data = backward_data,
};
