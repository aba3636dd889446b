/* SPDX-License-Identifier: MIT */

/* A network: its layers and its numbers.  spec.c builds one, program.c and executor.c run it; nothing here knows them,
 * or what kinds of layers there are. */
#include "network-private.h"

#include <kairos/random.h>

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"

void
kairos_network_free (KairosNetwork *network)
{
  if (!network)
    return;
  kairos_arena_free (network->parameters, network->n_parameters);
  kairos_arena_free (network->buffers, network->n_buffers);
  g_free (network->mean);
  g_free (network->deviation);
  g_ptr_array_unref (network->operations);
  g_array_unref (network->summaries);
  g_array_unref (network->tensors);
  g_string_chunk_free (network->names);
  g_clear_pointer (&network->root, json_node_unref);
  g_free (network->spec);
  g_free (network);
}

/* What training takes, about: parameters, gradients, lanes, optimiser; every activation once and its gradient; scratch.
 */
static double
estimate_memory (KairosNetwork *network, int max_batch)
{
  double activations = kairos_shape_size (network->input);

  for (guint i = 0; i < network->operations->len; i++)
    activations += kairos_shape_size (((const KairosLayer *) network->operations->pdata[i])->out);
  return sizeof (float) * ((double) network->n_parameters * 6 + activations * max_batch);
}

gboolean
kairos_network_check_memory (KairosNetwork *network, int max_batch, GError **error)
{
  double needed = estimate_memory (network, max_batch);
  double present = (double) sysconf (_SC_PHYS_PAGES) * sysconf (_SC_PAGESIZE);

  if (needed <= present)
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
               "training the network (%.1f million parameters, batches of %d) would take about %.0f GB of memory, and "
               "this machine has %.0f; "
               "make the network, the input or the batch smaller",
               network->n_parameters / 1e6, max_batch, needed / 1e9, present / 1e9);
  return FALSE;
}

const char *
kairos_network_get_spec (KairosNetwork *network)
{
  return network->spec;
}

char *
kairos_network_to_json (KairosNetwork *network)
{
  return json_to_string (network->root, FALSE);
}

KairosShape
kairos_network_get_input (KairosNetwork *network)
{
  return network->input;
}

int
kairos_network_get_outputs (KairosNetwork *network)
{
  return network->outputs;
}

void
kairos_network_set_normalisation (KairosNetwork *network, const float *mean, const float *deviation)
{
  memcpy (network->mean, mean, network->input.channels * sizeof *mean);
  memcpy (network->deviation, deviation, network->input.channels * sizeof *deviation);
}

void
kairos_network_get_normalisation (KairosNetwork *network, const float **mean, const float **deviation)
{
  *mean = network->mean;
  *deviation = network->deviation;
}

float *
kairos_network_parameters (KairosNetwork *network, gsize *n)
{
  if (n)
    *n = network->n_parameters;
  return network->parameters;
}

float *
kairos_network_buffers (KairosNetwork *network, gsize *n)
{
  if (n)
    *n = network->n_buffers;
  return network->buffers;
}

const KairosTensorInfo *
kairos_network_tensors (KairosNetwork *network, guint *n)
{
  *n = network->tensors->len;
  return (const KairosTensorInfo *) network->tensors->data;
}

const KairosLayerSummary *
kairos_network_layers (KairosNetwork *network, guint *n)
{
  *n = network->summaries->len;
  return (const KairosLayerSummary *) network->summaries->data;
}

double
kairos_network_flops (KairosNetwork *network)
{
  double flops = 0;

  for (guint i = 0; i < network->summaries->len; i++)
    flops += g_array_index (network->summaries, KairosLayerSummary, i).flops;
  return flops;
}

char *
kairos_network_digest (KairosNetwork *network)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (gsize i = 0; i < network->n_parameters; i++) {
    guint32 bits;
    memcpy (&bits, &network->parameters[i], sizeof bits);
    bits = GUINT32_TO_LE (bits);
    g_checksum_update (checksum, (const guchar *) &bits, sizeof bits);
  }
  return g_strdup (g_checksum_get_string (checksum));
}

/* ---- initial weights ---- */

static void
fill (float *to, gsize n, float value)
{
  for (gsize i = 0; i < n; i++)
    to[i] = value;
}

/* He et al. 2015: variance 2 / fan_in.  Glorot and Bengio 2010: 2 / (fan_in + fan_out).  A uniform number in -a .. a
 * has variance a^2 / 3. */
static void
draw_weights (float *to, const KairosTensorInfo *tensor, guint index, const char *initialiser, guint64 seed)
{
  gboolean uniform = g_str_has_suffix (initialiser, "uniform");
  double variance =
      g_str_has_prefix (initialiser, "he") ? 2.0 / tensor->fan_in : 2.0 / ((double) tensor->fan_in + tensor->fan_out);
  float scale = (float) sqrt (uniform ? 3 * variance : variance);

  for (gsize start = 0; start < tensor->n; start += 4) {
    float draws[4];
    if (uniform)
      kairos_random_uniform4 (seed, KAIROS_RANDOM_INITIALISE, 0, index, (guint32) (start / 4), draws);
    else
      kairos_random_normal4 (seed, KAIROS_RANDOM_INITIALISE, 0, index, (guint32) (start / 4), draws);
    for (gsize i = start; i < MIN (start + 4, tensor->n); i++)
      to[i] = scale * (uniform ? 2 * draws[i - start] - 1 : draws[i - start]);
  }
}

static const char *
initialiser_of (KairosNetwork *network, gsize offset)
{
  for (guint i = 0; i < network->operations->len; i++) {
    const KairosLayer *layer = network->operations->pdata[i];
    if (layer->initialiser && layer->weight == offset)
      return layer->initialiser;
  }
  return "glorot-uniform";
}

void
kairos_network_initialise (KairosNetwork *network, guint64 seed)
{
  for (guint i = 0; i < network->tensors->len; i++) {
    const KairosTensorInfo *tensor = &g_array_index (network->tensors, KairosTensorInfo, i);
    float *to = network->parameters + tensor->offset;
    if (tensor->role == KAIROS_TENSOR_WEIGHT)
      draw_weights (to, tensor, i, initialiser_of (network, tensor->offset), seed);
    else
      fill (to, tensor->n, tensor->role == KAIROS_TENSOR_GAMMA ? 1 : 0);
  }
  for (guint i = 0; i < network->operations->len; i++) {
    const KairosLayer *layer = network->operations->pdata[i];
    if (layer->n_buffer > 0) { /* running mean, then running variance */
      fill (network->buffers + layer->buffer, layer->n_buffer / 2, 0);
      fill (network->buffers + layer->buffer + layer->n_buffer / 2, layer->n_buffer / 2, 1);
    }
  }
}
