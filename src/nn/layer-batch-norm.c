/* SPDX-License-Identifier: MIT */

/* Batch normalisation (Ioffe and Szegedy 2015), with the sum of a residual block and the rectifier that may follow it.
 *
 *     y = max (0, gamma (x - mean) / sqrt (variance + epsilon) + beta + extra) = max (0, scale x + shift + extra)
 *
 * Per channel, over all samples and places.  Statistics are sums of x - origin, where origin is a value of the lane, so
 * that a large mean costs no digits; each tile is summed in float, tiles and lanes in double.  Lanes are merged by the
 * formula of Chan, Golub and LeVeque (1979).
 *
 * Backward, with g the gradient behind the rectifier and m the number of values a channel:
 *     dx = gamma / deviation (g - sum g / m - (x - mean) / deviation^2 sum g (x - mean) / m) = a g + b x + c
 */
#include "layer.h"

#include <math.h>
#include <string.h>

#include "rows.h"

static const KairosParam params[] = {
  { "momentum", KAIROS_PARAM_REAL, NULL, 0, 1, 0.1, NULL,
    "The weight of the newest batch in the running mean and variance that evaluation uses." },
  { "epsilon", KAIROS_PARAM_REAL, NULL, 1e-12, 1, 1e-5, NULL,
    "Added to the variance, so that a constant channel does no harm." },
};

/* The sums of one lane. */
typedef struct {
  float *origin;
  double *first, *second; /* of x - origin and its square; backward: of g and g (x - mean) */
  double n;
} Lane;

typedef struct {
  gsize period;
  float *mean, *scale, *shift; /* tables, see rows.h */
  float *a, *b, *c;
  double *deviation;
  Lane lanes[KAIROS_MAX_LANES];
} Norm;

static gboolean
configure (KairosLayer *layer, JsonObject *settings, GError **error)
{
  layer->out = layer->in;
  layer->momentum = (float) kairos_params_number (params, G_N_ELEMENTS (params), settings, "momentum");
  layer->epsilon = (float) kairos_params_number (params, G_N_ELEMENTS (params), settings, "epsilon");
  layer->n_weight = layer->n_bias = layer->in.channels;
  layer->n_buffer = 2 * (gsize) layer->in.channels;
  return TRUE;
}

static gpointer
prepare (const KairosPrepare *how)
{
  int n_channels = how->layer->in.channels;
  Norm *norm = g_new0 (Norm, 1);
  float **tables[] = { &norm->mean, &norm->scale, &norm->shift, &norm->a, &norm->b, &norm->c };

  norm->period = kairos_rows_period (n_channels);
  for (guint i = 0; i < (how->training ? G_N_ELEMENTS (tables) : 3); i++)
    *tables[i] = kairos_rows_table (n_channels);
  if (!how->training)
    return norm;
  norm->deviation = g_new0 (double, n_channels);
  for (int lane = 0; lane < KAIROS_MAX_LANES; lane++)
    norm->lanes[lane] = (Lane){ kairos_rows_table (n_channels), g_aligned_alloc0 (n_channels, sizeof (double), 64),
                                g_aligned_alloc0 (n_channels, sizeof (double), 64), 0 };
  return norm;
}

static void
release (gpointer state)
{
  Norm *norm = state;
  float *tables[] = { norm->mean, norm->scale, norm->shift, norm->a, norm->b, norm->c };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    g_aligned_free (tables[i]);
  for (int lane = 0; lane < KAIROS_MAX_LANES; lane++) {
    g_aligned_free (norm->lanes[lane].origin);
    g_aligned_free (norm->lanes[lane].first);
    g_aligned_free (norm->lanes[lane].second);
  }
  g_free (norm->deviation);
  g_free (norm);
}

/* Evaluation: the running statistics. */
static void
load (gpointer state, const KairosLayer *layer, KairosNetwork *network)
{
  Norm *norm = state;
  int n_channels = layer->in.channels;

  kairos_batch_norm_running (layer, network, norm->scale, norm->shift);
  kairos_rows_repeat (norm->scale, n_channels);
  kairos_rows_repeat (norm->shift, n_channels);
}

void
kairos_batch_norm_running (const KairosLayer *layer, KairosNetwork *network, float *scale, float *shift)
{
  const float *parameters = kairos_network_parameters (network, NULL),
              *running = kairos_network_buffers (network, NULL) + layer->buffer;
  int n_channels = layer->in.channels;

  for (int c = 0; c < n_channels; c++) {
    double factor = parameters[layer->weight + c] / sqrt ((double) running[n_channels + c] + layer->epsilon);

    scale[c] = (float) factor;
    shift[c] = (float) (parameters[layer->bias + c] - running[c] * factor);
  }
}

void
kairos_fold_batch_norm (const KairosLayer *layer, KairosNetwork *network, float *weights, float *bias)
{
  const float *parameters = kairos_network_parameters (network, NULL);
  int n_out = layer->out.channels;
  gsize row = layer->n_weight / n_out;
  float *scale = bias + n_out;

  kairos_batch_norm_running (layer->fold, network, scale, bias);
  for (int o = 0; o < n_out; o++) {
    for (gsize i = 0; i < row; i++)
      weights[o * row + i] = parameters[layer->weight + o * row + i] * scale[o];
    if (layer->n_bias > 0)
      bias[o] += parameters[layer->bias + o] * scale[o];
  }
}

static gsize
size_of (const KairosCall *call)
{
  return call->n * kairos_shape_size (call->layer->in);
}

static void
forward (const KairosCall *call)
{
  const Norm *norm = call->state;

  kairos_rows_affine (size_of (call), norm->period, call->x, call->extra, norm->scale, norm->shift, call->layer->relu,
                      call->out);
}

static Lane *
begin_lane (const KairosCall *call)
{
  Norm *norm = call->state;
  Lane *lane = &norm->lanes[call->lane];

  if (call->begin) {
    memset (lane->first, 0, call->layer->in.channels * sizeof (double));
    memset (lane->second, 0, call->layer->in.channels * sizeof (double));
    lane->n = 0;
  }
  lane->n += (double) size_of (call) / call->layer->in.channels;
  return lane;
}

static void
measure (const KairosCall *call)
{
  const Norm *norm = call->state;
  int n_channels = call->layer->in.channels;
  Lane *lane = begin_lane (call);

  if (call->begin) {
    memcpy (lane->origin, call->x, n_channels * sizeof (float));
    kairos_rows_repeat (lane->origin, n_channels);
  }
  kairos_rows_moments (size_of (call), norm->period, n_channels, call->x, lane->origin, lane->first, lane->second);
}

/* Mean and sum of squared distances from it, over all lanes. */
static double
merge_lanes (const Norm *norm, int n_lanes, int c, double *mean, double *squares)
{
  double n = 0;

  *mean = *squares = 0;
  for (int i = 0; i < n_lanes; i++) {
    const Lane *lane = &norm->lanes[i];
    double offset = lane->first[c] / lane->n, distance = lane->origin[c] + offset - *mean;

    *squares += lane->second[c] - lane->first[c] * offset + distance * distance * n * lane->n / (n + lane->n);
    *mean += distance * lane->n / (n + lane->n);
    n += lane->n;
  }
  return n;
}

static void
combine (gpointer state, const KairosLayer *layer, KairosNetwork *network, int n_lanes)
{
  Norm *norm = state;
  int n_channels = layer->in.channels;
  const float *parameters = kairos_network_parameters (network, NULL);
  float *running = kairos_network_buffers (network, NULL) + layer->buffer;

  for (int c = 0; c < n_channels; c++) {
    double mean, squares, n = merge_lanes (norm, n_lanes, c, &mean, &squares), factor;

    squares = fmax (squares, 0);
    norm->deviation[c] = sqrt (squares / n + layer->epsilon);
    factor = parameters[layer->weight + c] / norm->deviation[c];
    norm->mean[c] = (float) mean;
    norm->scale[c] = (float) factor;
    norm->shift[c] = (float) (parameters[layer->bias + c] - mean * factor);
    running[c] += layer->momentum * ((float) mean - running[c]);
    running[n_channels + c] += layer->momentum * ((float) (squares / fmax (n - 1, 1)) - running[n_channels + c]);
  }
  kairos_rows_repeat (norm->mean, n_channels);
  kairos_rows_repeat (norm->scale, n_channels);
  kairos_rows_repeat (norm->shift, n_channels);
}

static void
measure_gradient (const KairosCall *call)
{
  const Norm *norm = call->state;
  Lane *lane = begin_lane (call);
  gboolean relu = call->layer->relu;
  const KairosRowsGradient sums = {
    .size = size_of (call),
    .period = norm->period,
    .n_channels = call->layer->in.channels,
    .x = call->x,
    .y = relu ? call->y : NULL,
    .dy = call->dy,
    .dextra = call->dextra,
    .scale = relu ? norm->scale : NULL,
    .shift = norm->shift,
    .mean = norm->mean,
    .g = call->out,
    .sum = lane->first,
    .product = lane->second,
  };

  kairos_rows_gradient (&sums);
}

static void
combine_gradient (gpointer state, const KairosLayer *layer, KairosNetwork *network, int n_lanes, float *gradients)
{
  Norm *norm = state;
  int n_channels = layer->in.channels;
  const float *gamma = kairos_network_parameters (network, NULL) + layer->weight;

  for (int c = 0; c < n_channels; c++) {
    double sum = 0, product = 0, n = 0, d = norm->deviation[c], a = gamma[c] / d;

    for (int lane = 0; lane < n_lanes; lane++) {
      sum += norm->lanes[lane].first[c];
      product += norm->lanes[lane].second[c];
      n += norm->lanes[lane].n;
    }
    gradients[layer->weight + c] = (float) (product / d);
    gradients[layer->bias + c] = (float) sum;
    norm->a[c] = (float) a;
    norm->b[c] = (float) (-a / (d * d) * product / n);
    norm->c[c] = (float) (-a * sum / n + a / (d * d) * product / n * norm->mean[c]);
  }
  kairos_rows_repeat (norm->a, n_channels);
  kairos_rows_repeat (norm->b, n_channels);
  kairos_rows_repeat (norm->c, n_channels);
}

static void
backward_data (const KairosCall *call)
{
  const Norm *norm = call->state;

  kairos_rows_combine (size_of (call), norm->period, call->dy, call->x, norm->a, norm->b, norm->c, call->out);
}

const KairosLayerKind kairos_layer_batch_norm = {
  .name = "batch-norm",
  .summary = "Shifts and scales each channel to mean 0 and deviation 1 over the batch, then by two learned numbers.",
  .params = params,
  .n_params = G_N_ELEMENTS (params),
  .configure = configure,
  .cheap = TRUE,
  .whole_batch = TRUE,
  .needs = KAIROS_NEEDS_X,
  .prepare = prepare,
  .release = release,
  .load = load,
  .forward = forward,
  .backward_data = backward_data,
  .measure = measure,
  .combine = combine,
  .measure_gradient = measure_gradient,
  .combine_gradient = combine_gradient,
};
