/* SPDX-License-Identifier: MIT */

/* Dense (fully connected) layers: y = x W^T + b.
 *
 * The gradient of the weights is not summed per lane: with hundreds of thousands of weights, adding up the lanes would
 * cost more than the product itself.  Instead blocks of rows of W take the whole batch at once.
 */
#include "layer.h"

#include "dense.h"
#include "rows.h"
#include "src/base/sum.h"

static const KairosParam params[] = {
  { "units", KAIROS_PARAM_INT, NULL, 1, 65536, 128, NULL, "How many values the layer computes." },
  { "bias", KAIROS_PARAM_BOOL, NULL, 0, 1, 1, NULL, "Whether a learned constant is added to each value." },
  KAIROS_INITIALISER_PARAM,
};

typedef struct {
  float *weights, *bias; /* with a batch normalisation folded in */
} Dense;

static gboolean
configure (KairosLayer *layer, JsonObject *settings, GError **error)
{
  int units = (int) kairos_params_number (params, G_N_ELEMENTS (params), settings, "units");
  gsize n_in = kairos_shape_size (layer->in);

  if (n_in > G_MAXINT32 / 2) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "its input of %" G_GSIZE_FORMAT " values is too large; put a pooling layer before it", n_in);
    return FALSE;
  }
  layer->out = (KairosShape){ 1, 1, units };
  layer->n_weight = n_in * units;
  layer->n_bias = kairos_params_number (params, G_N_ELEMENTS (params), settings, "bias") != 0 ? units : 0;
  layer->initialiser = kairos_params_text (params, G_N_ELEMENTS (params), settings, "initialiser");
  layer->flops = 2.0 * n_in * units;
  return TRUE;
}

static void
describe (const KairosLayer *layer, char *text, gsize size)
{
  g_snprintf (text, size, "dense %d", layer->out.channels);
}

static gpointer
prepare (const KairosPrepare *how)
{
  Dense *dense = g_new0 (Dense, 1);

  if (how->layer->fold) {
    dense->weights = g_aligned_alloc (how->layer->n_weight, sizeof (float), 64);
    dense->bias = g_aligned_alloc (2 * how->layer->out.channels, sizeof (float), 64); /* and the scale */
  }
  return dense;
}

static void
release (gpointer state)
{
  Dense *dense = state;

  g_aligned_free (dense->weights);
  g_aligned_free (dense->bias);
  g_free (dense);
}

static void
load (gpointer state, const KairosLayer *layer, KairosNetwork *network)
{
  Dense *dense = state;

  if (layer->fold)
    kairos_fold_batch_norm (layer, network, dense->weights, dense->bias);
}

static KairosDenseShape
shape_of (const KairosCall *call)
{
  return (KairosDenseShape){ call->n, (int) kairos_shape_size (call->layer->in), call->layer->out.channels };
}

static void
forward (const KairosCall *call)
{
  const KairosLayer *layer = call->layer;
  const Dense *dense = call->state;
  const float *weights = dense->weights ? dense->weights : call->parameters + layer->weight;
  const float *bias = dense->bias ? dense->bias : layer->n_bias > 0 ? call->parameters + layer->bias : NULL;
  const KairosDenseShape shape = shape_of (call);

  kairos_dense_forward (&shape, call->x, weights, bias, layer->relu, call->out);
}

static void
backward_data (const KairosCall *call)
{
  const KairosDenseShape shape = shape_of (call);

  kairos_dense_backward_data (&shape, call->dy, call->parameters + call->layer->weight, call->out);
}

static void
weight_rows (const KairosCall *call, int first, int n)
{
  const KairosDenseShape shape = shape_of (call);

  kairos_dense_backward_weights (&shape, call->x, call->dy, first, n, call->dw);
  if (call->layer->n_bias > 0)
    kairos_rows_sum (call->n, n, shape.n_out, call->dy + first, call->db + first, FALSE);
}

/* The gradient is the outer product of dy and x: ||dW||^2 = ||x||^2 ||dy||^2 (Goodfellow 2015, arXiv 1510.01799). */
static void
norms (const KairosCall *call)
{
  const KairosDenseShape shape = shape_of (call);
  double bias = call->layer->n_bias > 0 ? 1 : 0;

  for (int i = 0; i < call->n; i++)
    call->norms[i * call->norm_stride] +=
        (kairos_sum_of_squares (call->x + (gsize) i * shape.n_in, shape.n_in) + bias) *
        kairos_sum_of_squares (call->dy + (gsize) i * shape.n_out, shape.n_out);
}

const KairosLayerKind kairos_layer_dense = {
  .name = "dense",
  .summary = "Every value is a weighted sum of all values of the layer before.",
  .params = params,
  .n_params = G_N_ELEMENTS (params),
  .configure = configure,
  .describe = describe,
  .weights_by_rows = TRUE,
  .prepare = prepare,
  .release = release,
  .load = load,
  .forward = forward,
  .backward_data = backward_data,
  .weight_rows = weight_rows,
  .norms = norms,
};
