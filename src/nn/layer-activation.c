/* SPDX-License-Identifier: MIT */

/* Activation functions, one value at a time.  All gradients follow from the output alone. */
#include "layer.h"

#include <math.h>

#include "rows.h"
#include "src/base/simd.h"

static const KairosParam slope_params[] = {
  { "slope", KAIROS_PARAM_REAL, NULL, 0, 1, 0.01, NULL, "What negative values are multiplied by." },
};
static const KairosParam alpha_params[] = {
  { "alpha", KAIROS_PARAM_REAL, NULL, 0, 100, 1, NULL, "Very negative values approach minus this." },
};

static gboolean
configure (KairosLayer *layer, JsonObject *settings, GError **error)
{
  layer->out = layer->in;
  return TRUE;
}

static gboolean
configure_leaky (KairosLayer *layer, JsonObject *settings, GError **error)
{
  layer->value = (float) kairos_params_number (slope_params, G_N_ELEMENTS (slope_params), settings, "slope");
  return configure (layer, settings, error);
}

static gboolean
configure_elu (KairosLayer *layer, JsonObject *settings, GError **error)
{
  layer->value = (float) kairos_params_number (alpha_params, G_N_ELEMENTS (alpha_params), settings, "alpha");
  return configure (layer, settings, error);
}

static gsize
size_of (const KairosCall *call)
{
  return call->n * kairos_shape_size (call->layer->in);
}

static void
relu_forward (const KairosCall *call)
{
  kairos_rows_rectify (size_of (call), call->x, NULL, call->out);
}

static void
relu_backward (const KairosCall *call)
{
  kairos_rows_mask (size_of (call), call->y, call->dy, NULL, call->out);
}

KAIROS_MULTIVERSION static void
leaky_forward (const KairosCall *call)
{
  const float *restrict x = call->x;
  float *restrict y = call->out, slope = call->layer->value;

  for (gsize i = 0, n = size_of (call); i < n; i++)
    y[i] = x[i] < 0 ? slope * x[i] : x[i];
}

/* A slope of 0 makes y = 0 of all negative x, so y > 0 decides. */
KAIROS_MULTIVERSION static void
leaky_backward (const KairosCall *call)
{
  const float *restrict y = call->y, *restrict dy = call->dy;
  float *restrict dx = call->out, slope = call->layer->value;

  for (gsize i = 0, n = size_of (call); i < n; i++)
    dx[i] = y[i] > 0 ? dy[i] : slope * dy[i];
}

/* x < 0: alpha (e^x - 1) */
static void
elu_forward (const KairosCall *call)
{
  float alpha = call->layer->value;

  for (gsize i = 0, n = size_of (call); i < n; i++)
    call->out[i] = call->x[i] < 0 ? alpha * expm1f (call->x[i]) : call->x[i];
}

KAIROS_MULTIVERSION static void
elu_backward (const KairosCall *call)
{
  const float *restrict y = call->y, *restrict dy = call->dy;
  float *restrict dx = call->out, alpha = call->layer->value;

  for (gsize i = 0, n = size_of (call); i < n; i++)
    dx[i] = y[i] > 0 ? dy[i] : (y[i] + alpha) * dy[i];
}

/* log (1 + e^x), without overflow */
static void
softplus_forward (const KairosCall *call)
{
  for (gsize i = 0, n = size_of (call); i < n; i++)
    call->out[i] = fmaxf (call->x[i], 0) + log1pf (expf (-fabsf (call->x[i])));
}

/* The derivative is 1 / (1 + e^-x) = 1 - e^-y. */
static void
softplus_backward (const KairosCall *call)
{
  for (gsize i = 0, n = size_of (call); i < n; i++)
    call->out[i] = -expm1f (-call->y[i]) * call->dy[i];
}

static void
tanh_forward (const KairosCall *call)
{
  for (gsize i = 0, n = size_of (call); i < n; i++)
    call->out[i] = tanhf (call->x[i]);
}

KAIROS_MULTIVERSION static void
tanh_backward (const KairosCall *call)
{
  const float *restrict y = call->y, *restrict dy = call->dy;
  float *restrict dx = call->out;

  for (gsize i = 0, n = size_of (call); i < n; i++)
    dx[i] = (1 - y[i] * y[i]) * dy[i];
}

const KairosLayerKind kairos_layer_relu = {
  .name = "relu",
  .summary = "Rectifier: negative values become 0.",
  .configure = configure,
  .cheap = TRUE,
  .needs = KAIROS_NEEDS_Y,
  .forward = relu_forward,
  .backward_data = relu_backward,
};

const KairosLayerKind kairos_layer_leaky_relu = {
  .name = "leaky-relu",
  .summary = "Rectifier that lets a little of the negative values through.",
  .params = slope_params,
  .n_params = G_N_ELEMENTS (slope_params),
  .configure = configure_leaky,
  .cheap = TRUE,
  .needs = KAIROS_NEEDS_Y,
  .forward = leaky_forward,
  .backward_data = leaky_backward,
};

const KairosLayerKind kairos_layer_elu = {
  .name = "elu",
  .summary = "Exponential linear unit: negative values level off smoothly.",
  .params = alpha_params,
  .n_params = G_N_ELEMENTS (alpha_params),
  .configure = configure_elu,
  .needs = KAIROS_NEEDS_Y,
  .forward = elu_forward,
  .backward_data = elu_backward,
};

const KairosLayerKind kairos_layer_softplus = {
  .name = "softplus",
  .summary = "A smooth rectifier: log (1 + e^x).",
  .configure = configure,
  .needs = KAIROS_NEEDS_Y,
  .forward = softplus_forward,
  .backward_data = softplus_backward,
};

const KairosLayerKind kairos_layer_tanh = {
  .name = "tanh",
  .summary = "Squashes values smoothly into -1 .. 1.",
  .configure = configure,
  .needs = KAIROS_NEEDS_Y,
  .forward = tanh_forward,
  .backward_data = tanh_backward,
};
