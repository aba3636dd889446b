/* SPDX-License-Identifier: MIT */

/* Batch normalisation by its running statistics, forwards and backwards, as evaluation sees it.
 *
 *     y = max (0, gamma (x - mean) / deviation + beta) = max (0, scale x + shift)
 *
 * mean and deviation are constants here, so that no sample depends on another: dx = scale dy, dgamma = sum over places
 * of dy (x - mean) / deviation, dbeta = sum of dy.  It stands for batch normalisation in programs that inspect.
 */
#include "layer.h"

#include <math.h>
#include <string.h>

#include "rows.h"

typedef struct {
  double *sum, *product; /* over places, of dy and of dy (x - mean) */
} Sums;

typedef struct {
  gsize period;
  float *mean, *scale, *shift, *zero; /* tables, see rows.h */
  double *deviation;
  Sums lanes[KAIROS_MAX_LANES];
} Frozen;

static gpointer
prepare (const KairosPrepare *how)
{
  int n_channels = how->layer->in.channels;
  Frozen *frozen = g_new0 (Frozen, 1);

  frozen->period = kairos_rows_period (n_channels);
  frozen->mean = kairos_rows_table (n_channels);
  frozen->scale = kairos_rows_table (n_channels);
  frozen->shift = kairos_rows_table (n_channels);
  frozen->zero = kairos_rows_table (n_channels);
  frozen->deviation = g_new0 (double, n_channels);
  for (int lane = 0; lane < KAIROS_MAX_LANES; lane++)
    frozen->lanes[lane] = (Sums){ g_new0 (double, n_channels), g_new0 (double, n_channels) };
  return frozen;
}

static void
release (gpointer state)
{
  Frozen *frozen = state;

  g_aligned_free (frozen->mean);
  g_aligned_free (frozen->scale);
  g_aligned_free (frozen->shift);
  g_aligned_free (frozen->zero);
  for (int lane = 0; lane < KAIROS_MAX_LANES; lane++) {
    g_free (frozen->lanes[lane].sum);
    g_free (frozen->lanes[lane].product);
  }
  g_free (frozen->deviation);
  g_free (frozen);
}

static void
load (gpointer state, const KairosLayer *layer, KairosNetwork *network)
{
  Frozen *frozen = state;
  int n_channels = layer->in.channels;
  const float *running = kairos_network_buffers (network, NULL) + layer->buffer;

  kairos_batch_norm_running (layer, network, frozen->scale, frozen->shift);
  for (int c = 0; c < n_channels; c++) {
    frozen->mean[c] = running[c];
    frozen->deviation[c] = sqrt ((double) running[n_channels + c] + layer->epsilon);
  }
  kairos_rows_repeat (frozen->mean, n_channels);
  kairos_rows_repeat (frozen->scale, n_channels);
  kairos_rows_repeat (frozen->shift, n_channels);
}

static void
forward (const KairosCall *call)
{
  const Frozen *frozen = call->state;

  kairos_rows_affine (call->n * kairos_shape_size (call->layer->in), frozen->period, call->x, NULL, frozen->scale,
                      frozen->shift, call->layer->relu, call->out);
}

static void
backward_data (const KairosCall *call)
{
  const Frozen *frozen = call->state;

  kairos_rows_affine (call->n * kairos_shape_size (call->layer->in), frozen->period, call->dy, NULL, frozen->scale,
                      frozen->zero, FALSE, call->out);
}

static void
clear (const Sums *sums, int n_channels)
{
  memset (sums->sum, 0, n_channels * sizeof *sums->sum);
  memset (sums->product, 0, n_channels * sizeof *sums->product);
}

/* Adds the places of some samples of the call. */
static void
add (const KairosCall *call, int first, int n)
{
  const Frozen *frozen = call->state;
  gsize size = kairos_shape_size (call->layer->in);
  const KairosRowsGradient rows = {
    .size = n * size,
    .period = frozen->period,
    .n_channels = call->layer->in.channels,
    .x = call->x + first * size,
    .dy = call->dy + first * size,
    .mean = frozen->mean,
    .sum = frozen->lanes[call->lane].sum,
    .product = frozen->lanes[call->lane].product,
  };

  kairos_rows_gradient (&rows);
}

static void
backward_weights (const KairosCall *call)
{
  const Frozen *frozen = call->state;
  const Sums *sums = &frozen->lanes[call->lane];

  if (call->begin)
    clear (sums, call->layer->in.channels);
  add (call, 0, call->n);
  for (int c = 0; c < call->layer->in.channels; c++) {
    call->dw[c] = (float) (sums->product[c] / frozen->deviation[c]);
    call->db[c] = (float) sums->sum[c];
  }
}

static void
norms (const KairosCall *call)
{
  const Frozen *frozen = call->state;
  const Sums *sums = &frozen->lanes[call->lane];

  for (int i = 0; i < call->n; i++) {
    clear (sums, call->layer->in.channels);
    add (call, i, 1);
    for (int c = 0; c < call->layer->in.channels; c++) {
      double gamma = sums->product[c] / frozen->deviation[c];
      call->norms[i * call->norm_stride] += gamma * gamma + sums->sum[c] * sums->sum[c];
    }
  }
}

const KairosLayerKind kairos_layer_frozen_norm = {
  .name = "batch-norm",
  .cheap = TRUE,
  .prepare = prepare,
  .release = release,
  .load = load,
  .forward = forward,
  .backward_data = backward_data,
  .backward_weights = backward_weights,
  .norms = norms,
};
