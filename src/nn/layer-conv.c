/* SPDX-License-Identifier: MIT */

/* Convolutions (cross-correlations, as the field calls them), through the kernels behind kernels.h. */
#include "layer.h"

#include "conv-norms.h"
#include "kernels.h"

static const KairosParam params[] = {
  { "filters", KAIROS_PARAM_INT, NULL, 1, 65536, 32, NULL,
    "How many patterns the layer looks for; its output has so many channels." },
  { "kernel", KAIROS_PARAM_INT, "pixels", 1, 255, 3, NULL, "Height and width of a pattern." },
  { "stride", KAIROS_PARAM_INT, "pixels", 1, 255, 1, NULL,
    "Step from one place to the next; 2 halves height and width." },
  { "padding", KAIROS_PARAM_INT, "pixels", 0, 127, 0, NULL,
    "Zeros put around the input; half the kernel keeps the size." },
  { "bias", KAIROS_PARAM_BOOL, NULL, 0, 1, 1, NULL,
    "Whether a learned constant is added to each channel; not needed before batch-norm." },
  KAIROS_INITIALISER_PARAM,
};

typedef struct {
  KairosConv *conv;
  float *weights, *bias;  /* with a batch normalisation folded in */
  KairosConvNorms *norms; /* inspection */
} Conv;

static gboolean
configure (KairosLayer *layer, JsonObject *settings, GError **error)
{
  int filters = (int) kairos_params_number (params, G_N_ELEMENTS (params), settings, "filters");
  gsize taps;

  layer->kernel = (int) kairos_params_number (params, G_N_ELEMENTS (params), settings, "kernel");
  layer->stride = (int) kairos_params_number (params, G_N_ELEMENTS (params), settings, "stride");
  layer->padding = (int) kairos_params_number (params, G_N_ELEMENTS (params), settings, "padding");
  if (!kairos_layer_fits_kernel (layer, error))
    return FALSE;
  if (layer->padding >= layer->kernel) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "its padding of %d must be smaller than the kernel",
                 layer->padding);
    return FALSE;
  }

  layer->out =
      (KairosShape){ kairos_conv_out (layer->in.height, layer->kernel, layer->stride, layer->padding),
                     kairos_conv_out (layer->in.width, layer->kernel, layer->stride, layer->padding), filters };
  taps = (gsize) layer->kernel * layer->kernel * layer->in.channels;
  layer->n_weight = taps * filters;
  layer->n_bias = kairos_params_number (params, G_N_ELEMENTS (params), settings, "bias") != 0 ? filters : 0;
  layer->initialiser = kairos_params_text (params, G_N_ELEMENTS (params), settings, "initialiser");
  layer->flops = 2.0 * taps * kairos_shape_size (layer->out);
  return TRUE;
}

static void
describe (const KairosLayer *layer, char *text, gsize size)
{
  if (layer->stride == 1)
    g_snprintf (text, size, "conv %dx%d, %d", layer->kernel, layer->kernel, layer->out.channels);
  else
    g_snprintf (text, size, "conv %dx%d/%d, %d", layer->kernel, layer->kernel, layer->stride, layer->out.channels);
}

static gpointer
prepare (const KairosPrepare *how)
{
  const KairosLayer *layer = how->layer;
  const KairosConvShape shape = { layer->in.height, layer->in.width, layer->in.channels, layer->out.channels,
                                  layer->kernel,    layer->stride,   layer->padding };
  Conv *conv = g_new0 (Conv, 1);

  conv->conv = kairos_conv_new (how->implementation, &shape, how->max_tile, how->max_threads, how->training,
                                how->need_input_gradient, layer->relu);
  if (how->inspection)
    conv->norms = kairos_conv_norms_new (NULL, &shape, conv->conv, how->max_threads);
  if (layer->fold) {
    conv->weights = g_aligned_alloc (layer->n_weight, sizeof (float), 64);
    conv->bias = g_aligned_alloc (2 * layer->out.channels, sizeof (float), 64); /* and the scale */
  }
  return conv;
}

static void
release (gpointer state)
{
  Conv *conv = state;

  kairos_conv_free (conv->conv);
  kairos_conv_norms_free (conv->norms);
  g_aligned_free (conv->weights);
  g_aligned_free (conv->bias);
  g_free (conv);
}

static gsize
memory (gpointer state)
{
  const Conv *conv = state;

  return kairos_conv_get_memory (conv->conv) + (conv->norms ? kairos_conv_norms_get_memory (conv->norms) : 0);
}

static void
load (gpointer state, const KairosLayer *layer, KairosNetwork *network)
{
  Conv *conv = state;
  const float *parameters = kairos_network_parameters (network, NULL);

  if (layer->fold) {
    kairos_fold_batch_norm (layer, network, conv->weights, conv->bias);
    kairos_conv_set_weights (conv->conv, conv->weights, conv->bias);
  } else {
    kairos_conv_set_weights (conv->conv, parameters + layer->weight,
                             layer->n_bias > 0 ? parameters + layer->bias : NULL);
  }
}

static void
forward (const KairosCall *call)
{
  kairos_conv_forward (((Conv *) call->state)->conv, call->thread, call->n, call->x, call->out);
}

static void
backward_data (const KairosCall *call)
{
  kairos_conv_backward_data (((Conv *) call->state)->conv, call->thread, call->n, call->dy, call->out);
}

static void
backward_weights (const KairosCall *call)
{
  const KairosLayer *layer = call->layer;

  kairos_conv_backward_weights (((Conv *) call->state)->conv, call->thread, call->n, call->x, call->dy, call->dw,
                                layer->n_bias > 0 ? call->db : NULL, !call->begin);
}

static void
norms (const KairosCall *call)
{
  const KairosLayer *layer = call->layer;
  gsize in = kairos_shape_size (layer->in), out = kairos_shape_size (layer->out);

  for (int i = 0; i < call->n; i++)
    call->norms[i * call->norm_stride] +=
        kairos_conv_norms_measure (((Conv *) call->state)->norms, call->thread, call->x + i * in, call->dy + i * out,
                                   layer->n_bias > 0);
}

const KairosLayerKind kairos_layer_conv = {
  .name = "conv",
  .summary = "Looks for the same small patterns at every place of the picture.",
  .params = params,
  .n_params = G_N_ELEMENTS (params),
  .configure = configure,
  .describe = describe,
  .prepare = prepare,
  .release = release,
  .memory = memory,
  .load = load,
  .forward = forward,
  .backward_data = backward_data,
  .backward_weights = backward_weights,
  .norms = norms,
};
