/* SPDX-License-Identifier: MIT */

/* What connects layers: flatten and residual, which spec.c turns into connections, and the two operations that
 * appear in no list, the normalisation of the input and the sum at the end of a residual block.
 */
#include "layer.h"

#include "rows.h"

static gboolean
configure_flatten (KairosLayer *layer, JsonObject *settings, GError **error)
{
  if (kairos_shape_size (layer->in) > G_MAXINT32) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "its input is too large; put a pooling layer before it");
    return FALSE;
  }
  layer->out = (KairosShape){ 1, 1, (int) kairos_shape_size (layer->in) };
  return TRUE;
}

static gboolean
configure_same (KairosLayer *layer, JsonObject *settings, GError **error)
{
  layer->out = layer->in;
  return TRUE;
}

static gsize
size_of (const KairosCall *call)
{
  return call->n * kairos_shape_size (call->layer->in);
}

/* ---- the normalisation of the input: x' = (x - mean) / deviation ---- */

typedef struct {
  float *scale, *shift, *zero; /* tables, see rows.h */
} Normalise;

static gpointer
normalise_prepare (const KairosPrepare *how)
{
  Normalise *normalise = g_new0 (Normalise, 1);

  normalise->scale = kairos_rows_table (how->layer->in.channels);
  normalise->shift = kairos_rows_table (how->layer->in.channels);
  normalise->zero = kairos_rows_table (how->layer->in.channels);
  return normalise;
}

static void
normalise_release (gpointer state)
{
  Normalise *normalise = state;

  g_aligned_free (normalise->scale);
  g_aligned_free (normalise->shift);
  g_aligned_free (normalise->zero);
  g_free (normalise);
}

static void
normalise_load (gpointer state, const KairosLayer *layer, KairosNetwork *network)
{
  Normalise *normalise = state;
  const float *mean, *deviation;

  kairos_network_get_normalisation (network, &mean, &deviation);
  for (int c = 0; c < layer->in.channels; c++) {
    normalise->scale[c] = 1 / deviation[c];
    normalise->shift[c] = -mean[c] / deviation[c];
  }
  kairos_rows_repeat (normalise->scale, layer->in.channels);
  kairos_rows_repeat (normalise->shift, layer->in.channels);
}

static void
normalise_forward (const KairosCall *call)
{
  const Normalise *normalise = call->state;

  kairos_rows_affine (size_of (call), kairos_rows_period (call->layer->in.channels), call->x, NULL, normalise->scale,
                      normalise->shift, FALSE, call->out);
}

/* Inspection asks for the gradient of the input. */
static void
normalise_backward_data (const KairosCall *call)
{
  const Normalise *normalise = call->state;

  kairos_rows_affine (size_of (call), kairos_rows_period (call->layer->in.channels), call->dy, NULL, normalise->scale,
                      normalise->zero, FALSE, call->out);
}

/* ---- the sum of a residual block; its gradient is that of both summands ---- */

static void
add_forward (const KairosCall *call)
{
  if (call->layer->relu)
    kairos_rows_rectify (size_of (call), call->x, call->extra, call->out);
  else
    kairos_rows_mask (size_of (call), NULL, call->x, call->extra, call->out);
}

const KairosLayerKind kairos_layer_flatten = {
  .name = "flatten",
  .summary = "Turns a picture into a plain list of values.",
  .configure = configure_flatten,
};

const KairosLayerKind kairos_layer_residual = {
  .name = "residual",
  .summary = "Adds the input, or what the skip layers make of it, to the result of the inner layers.",
  .configure = configure_same,
};

const KairosLayerKind kairos_layer_normalise = {
  .name = "normalise",
  .summary = "Shifts and scales the input by the mean and deviation of the training data.",
  .configure = configure_same,
  .cheap = TRUE,
  .prepare = normalise_prepare,
  .release = normalise_release,
  .load = normalise_load,
  .forward = normalise_forward,
  .backward_data = normalise_backward_data,
};

const KairosLayerKind kairos_layer_add = {
  .name = "add",
  .summary = "The sum of two values.",
  .configure = configure_same,
  .forward = add_forward,
};
