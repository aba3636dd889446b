/* SPDX-License-Identifier: MIT */

/* The weights themselves: their norm, how far the last step moved them, how many are 0, and units that are never on.
 *
 * The update ratio is || w - w' || / || w' || with w' the weights before the step.  A unit is dead where its channel is
 * 0 at every place of every one of the probe's samples; only layers with a rectifier have any.
 */
#include "src/measure/probe-private.h"

#include <math.h>
#include <string.h>

#include "src/base/sum.h"

static const KairosMeasureGroup groups[] = {
  { "weight-norm", N_ ("Weights"), N_ ("How large the weights are: weight decay keeps them small"), NULL,
    KAIROS_SCALE_LOG },
  { "update-ratio", N_ ("Update ratio"),
    N_ ("How far one step moves the weights, against their size: about 0.001 is usual"), NULL, KAIROS_SCALE_LOG },
  { "sparsity", N_ ("Sparsity"), N_ ("The share of weights that are exactly 0: pruning raises it"), NULL,
    KAIROS_SCALE_SHARE },
  { "dead-units", N_ ("Dead units"),
    N_ ("The share of units that stay silent whatever they are shown: they cannot learn any more"), NULL,
    KAIROS_SCALE_SHARE },
};

static const KairosMeasure measures[] = {
  { "weight_norm", N_ ("Norm of the weights"), N_ ("total"), &groups[0], KAIROS_SPLIT_TRAIN, KAIROS_DRAW_POINTS,
    .parts = KAIROS_PARTS_LAYERS },
  { "update_ratio", N_ ("Update ratio"), N_ ("total"), &groups[1], KAIROS_SPLIT_TRAIN, KAIROS_DRAW_POINTS,
    .parts = KAIROS_PARTS_LAYERS },
  { "sparsity", N_ ("Sparsity"), N_ ("total"), &groups[2], KAIROS_SPLIT_TRAIN, KAIROS_DRAW_POINTS,
    .parts = KAIROS_PARTS_LAYERS },
  { "dead_units", N_ ("Dead units"), N_ ("total"), &groups[3], KAIROS_SPLIT_TRAIN, KAIROS_DRAW_POINTS,
    .parts = KAIROS_PARTS_LAYERS },
};

/* Sums over the parameters of a layer. */
typedef struct {
  double squares, before, moved; /* of weights, weights before the step, their difference */
  double n, zeros;               /* weights proper, without biases and the like */
} Sums;

static void
add_tensor (const KairosTensorInfo *tensor, const float *weights, const float *before, Sums *sums)
{
  const float *w = weights + tensor->offset;

  sums->squares += kairos_sum_of_squares (w, tensor->n);
  for (gsize i = 0; before && i < tensor->n; i++) {
    double old = before[tensor->offset + i], step = w[i] - old;
    sums->before += old * old;
    sums->moved += step * step;
  }
  if (tensor->role != KAIROS_TENSOR_WEIGHT)
    return;
  sums->n += (double) tensor->n;
  for (gsize i = 0; i < tensor->n; i++)
    sums->zeros += w[i] == 0;
}

static void
write_sums (const Sums *sums, double *norm, double *ratio, double *sparsity)
{
  *norm = sqrt (sums->squares);
  *ratio = sums->before > 0 ? sqrt (sums->moved / sums->before) : NAN;
  *sparsity = sums->n > 0 ? sums->zeros / sums->n : NAN;
}

static void
measure_weights (KairosProbeContext *context, double *norm, double *ratio, double *sparsity)
{
  const float *weights = kairos_network_parameters (context->network, NULL),
              *before = kairos_probe_get_before (context);
  guint n_tensors, n_layers;
  const KairosTensorInfo *tensors = kairos_network_tensors (context->network, &n_tensors);
  const KairosLayerSummary *layers = kairos_network_layers (context->network, &n_layers);
  Sums all = { 0 };

  for (guint l = 0; l < context->n_layers; l++) {
    Sums sums = { 0 };
    for (guint t = 0; t < n_tensors; t++)
      if (g_str_equal (tensors[t].layer, layers[context->layers[l]].name)) {
        add_tensor (&tensors[t], weights, before, &sums);
        add_tensor (&tensors[t], weights, before, &all);
      }
    write_sums (&sums, norm + l + 1, ratio + l + 1, sparsity + l + 1);
  }
  write_sums (&all, norm, ratio, sparsity);
}

/* Marks the units of a layer that are on somewhere. */
static void
mark_alive (const float *values, gsize n_rows, int n_channels, guint8 *alive)
{
  for (gsize row = 0; row < n_rows; row++)
    for (int c = 0; c < n_channels; c++)
      alive[c] |= values[row * n_channels + c] != 0;
}

/* alive: of each layer with parameters, where it is rectified; else NULL. */
static gboolean
look_for_life (KairosProbeContext *context, const KairosBatch *all, GPtrArray *alive, const volatile gint *cancel,
               GError **error)
{
  KairosExecutor *executor = kairos_probe_get_executor (context, KAIROS_PROBE_KEEPS, error);
  guint n;
  const KairosLayerSummary *layers = kairos_network_layers (context->network, &n);

  for (int first = 0; executor && first < all->n; first += KAIROS_PROBE_CHUNK) {
    const KairosBatch part = kairos_probe_chunk (context, all, first);
    if (kairos_probe_is_cancelled (cancel, error))
      return FALSE;
    kairos_executor_look (executor, &part, NULL);
    for (guint l = 0; l < context->n_layers; l++) {
      const KairosShape shape = layers[context->layers[l]].output;
      gboolean rectified = FALSE;
      const float *values = kairos_executor_get_activation (executor, context->layers[l], &rectified);
      if (!values || !rectified)
        continue;
      if (!alive->pdata[l])
        alive->pdata[l] = g_new0 (guint8, shape.channels);
      mark_alive (values, (gsize) part.n * shape.height * shape.width, shape.channels, alive->pdata[l]);
    }
  }
  return executor != NULL;
}

static void
count_dead (KairosProbeContext *context, GPtrArray *alive, double *dead)
{
  guint n;
  const KairosLayerSummary *layers = kairos_network_layers (context->network, &n);
  double all = 0, silent = 0;

  for (guint l = 0; l < context->n_layers; l++) {
    const guint8 *units = alive->pdata[l];
    int n_units = layers[context->layers[l]].output.channels, n_dead = 0;
    for (int c = 0; units && c < n_units; c++)
      n_dead += !units[c];
    if (!units)
      continue;
    dead[l + 1] = (double) n_dead / n_units;
    silent += n_dead;
    all += n_units;
  }
  dead[0] = all > 0 ? silent / all : NAN;
}

static gboolean
measure (KairosProbeContext *context, KairosReading *reading, const volatile gint *cancel, GError **error)
{
  const KairosBatch all = kairos_probe_gather (context, reading);
  guint n = context->n_layers;
  double *norm = kairos_reading_add (reading, &measures[0], n), *ratio = kairos_reading_add (reading, &measures[1], n);
  double *sparsity = kairos_reading_add (reading, &measures[2], n),
         *dead = kairos_reading_add (reading, &measures[3], n);
  g_autoptr (GPtrArray) alive = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_set_size (alive, (int) n);
  measure_weights (context, norm, ratio, sparsity);
  if (!look_for_life (context, &all, alive, cancel, error))
    return FALSE;
  count_dead (context, alive, dead);
  return TRUE;
}

const KairosProbe kairos_probe_weights = {
  .name = "weights",
  .title = N_ ("Weights"),
  .summary = N_ ("How large the weights are, how far a step moves them, how many are 0, and which units are silent."),
  .samples = 256,
  .split = KAIROS_SPLIT_TRAIN,
  .set = { groups, G_N_ELEMENTS (groups), measures, G_N_ELEMENTS (measures) },
  .measure = measure,
};
