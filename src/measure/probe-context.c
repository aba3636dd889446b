/* SPDX-License-Identifier: MIT */

/* What probes look at: a copy of the network, and samples of their own.
 *
 * The copy is why a probe may do what it likes with the weights while others still read those of training.
 */
#include "probe-private.h"

#include <kairos/random.h>
#include <string.h>

#include "src/base/bytes.h"

/* ---- Life ---- */

static void
find_layers (KairosProbeContext *context)
{
  guint n;
  const KairosLayerSummary *layers = kairos_network_layers (context->network, &n);

  context->layers = g_new (guint, n);
  for (guint i = 0; i < n; i++)
    if (layers[i].n_parameters > 0)
      context->layers[context->n_layers++] = i;
}

KairosProbeContext *
kairos_probe_context_new (KairosNetwork *network, KairosDataset *dataset, KairosSplits *splits, guint64 seed,
                          KairosLoss loss, KairosPool *pool, GError **error)
{
  g_autoptr (KairosProbeContext) context = g_new0 (KairosProbeContext, 1);
  const float *mean, *deviation;

  context->dataset = kairos_dataset_ref (dataset);
  context->splits = kairos_splits_ref (splits);
  context->pool = pool;
  context->seed = seed;
  context->loss = loss;
  context->before_step = G_MAXUINT64;
  context->network = kairos_network_new (kairos_network_get_spec (network), kairos_network_get_input (network),
                                         kairos_network_get_outputs (network), error);
  if (!context->network)
    return NULL;
  kairos_network_get_normalisation (network, &mean, &deviation);
  kairos_network_set_normalisation (context->network, mean, deviation);
  find_layers (context);
  kairos_probe_context_take (context, network, 0, 0);
  return g_steal_pointer (&context);
}

static void
free_executors (KairosProbeContext *context)
{
  for (int i = 0; i < KAIROS_PROBE_N_EXECUTORS; i++)
    g_clear_pointer (&context->executors[i], kairos_executor_free);
}

void
kairos_probe_context_free (KairosProbeContext *context)
{
  if (!context)
    return;
  free_executors (context);
  kairos_probe_forget_outcomes (context);
  kairos_network_free (context->network);
  kairos_splits_unref (context->splits);
  kairos_dataset_unref (context->dataset);
  g_free (context->layers);
  g_free (context->before);
  g_free (context->ids);
  g_free (context->inputs);
  g_free (context->labels);
  g_free (context);
}

void
kairos_probe_context_set_pool (KairosProbeContext *context, KairosPool *pool)
{
  if (context->pool == pool)
    return;
  context->pool = pool;
  free_executors (context);
}

/* Other bits are other weights; equal ones may come again, for the next probe of the same step. */
static gboolean
differ (const float *a, const float *b, gsize n)
{
  return n > 0 && memcmp (a, b, n * sizeof *a) != 0;
}

void
kairos_probe_context_take (KairosProbeContext *context, KairosNetwork *network, guint64 step, double epoch)
{
  gsize n, n_buffers;
  float *parameters = kairos_network_parameters (context->network, &n),
        *buffers = kairos_network_buffers (context->network, &n_buffers);
  const float *new_parameters = kairos_network_parameters (network, NULL),
              *new_buffers = kairos_network_buffers (network, NULL);

  if (differ (parameters, new_parameters, n) || differ (buffers, new_buffers, n_buffers))
    kairos_probe_forget_outcomes (context);
  kairos_copy_floats (parameters, new_parameters, n);
  kairos_copy_floats (buffers, new_buffers, n_buffers);
  context->step = step;
  context->epoch = epoch;
}

void
kairos_probe_context_remember (KairosProbeContext *context, KairosNetwork *network, guint64 step)
{
  gsize n;
  const float *parameters = kairos_network_parameters (network, &n);

  if (!context->before)
    context->before = g_new (float, n);
  kairos_copy_floats (context->before, parameters, n);
  context->before_step = step;
}

const float *
kairos_probe_get_before (KairosProbeContext *context)
{
  return context->before_step != G_MAXUINT64 && context->before_step + 1 == context->step ? context->before : NULL;
}

KairosExecutor *
kairos_probe_get_executor (KairosProbeContext *context, KairosProbeExecutor which, GError **error)
{
  KairosExecutor **executor = &context->executors[which];

  if (!*executor && which == KAIROS_PROBE_CURVES)
    *executor = kairos_executor_new_for_curvature (context->network, KAIROS_PROBE_CHUNK, context->pool);
  else if (!*executor)
    *executor = kairos_executor_new_for_inspection (context->network, KAIROS_PROBE_CHUNK, context->pool,
                                                    which == KAIROS_PROBE_KEEPS);
  if (!*executor)
    g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                         "There is not enough free memory to look into this network; close other programs.");
  return *executor;
}

gboolean
kairos_probe_is_cancelled (const volatile gint *cancel, GError **error)
{
  if (!cancel || !g_atomic_int_get (cancel))
    return FALSE;
  g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_CANCELLED, "The measurement was stopped.");
  return TRUE;
}

/* ---- Samples ---- */

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;

  return x < y ? -1 : x > y;
}

/* Goes through the split in a random order as often as it takes; in round r only the r-th of each class is taken, so
 * that no class is ahead of another by more than one as long as both have samples left. */
guint32 *
kairos_probe_draw_samples (KairosDataset *dataset, KairosSplits *splits, guint64 seed, KairosSplit split, guint n,
                           guint *n_got)
{
  guint n_split, n_taken = 0;
  const guint32 *all = kairos_splits_ids (splits, split, &n_split);
  const gint32 *labels = kairos_dataset_get_labels (dataset);
  g_autofree guint32 *order = g_new (guint32, MAX (n_split, 1)), *rank = g_new (guint32, MAX (n_split, 1));
  g_autofree guint32 *count = g_new0 (guint32, kairos_dataset_get_n_classes (dataset));
  guint32 *ids;

  n = MIN (n, n_split);
  ids = g_new (guint32, MAX (n, 1));
  kairos_random_permutation (seed, KAIROS_RANDOM_PROBE, G_MAXUINT32 + (guint64) split, n_split, order);
  for (guint i = 0; i < n_split; i++)
    rank[i] = count[labels[all[order[i]]]]++;
  for (guint round = 0; n_taken < n; round++)
    for (guint i = 0; i < n_split && n_taken < n; i++)
      if (rank[i] == round)
        ids[n_taken++] = all[order[i]];
  qsort (ids, n, sizeof *ids, compare_ids);
  *n_got = n;
  return ids;
}

static void
gather (KairosProbeContext *context, KairosSplit split, guint n)
{
  const gint32 *labels = kairos_dataset_get_labels (context->dataset);
  gsize size = kairos_shape_size (kairos_network_get_input (context->network));

  g_free (context->ids);
  context->split = split;
  context->n_asked = n;
  context->ids =
      kairos_probe_draw_samples (context->dataset, context->splits, context->seed, split, n, &context->n_samples);
  context->inputs = g_renew (float, context->inputs, MAX (context->n_samples, 1) * size);
  context->labels = g_renew (gint32, context->labels, MAX (context->n_samples, 1));
  for (guint i = 0; i < context->n_samples; i++) {
    kairos_dataset_copy_input (context->dataset, context->ids[i], context->inputs + i * size);
    context->labels[i] = labels[context->ids[i]];
  }
}

KairosBatch
kairos_probe_gather (KairosProbeContext *context, KairosReading *reading)
{
  if (!context->ids || context->split != reading->probe->split || context->n_asked != reading->samples)
    gather (context, reading->probe->split, reading->samples);
  reading->samples = context->n_samples;
  return (KairosBatch){ .n = (int) context->n_samples,
                        .input = context->inputs,
                        .labels = context->labels,
                        .ids = context->ids,
                        .loss = context->loss };
}

KairosBatch
kairos_probe_chunk (KairosProbeContext *context, const KairosBatch *all, int first)
{
  KairosBatch part = *all;

  part.n = MIN (all->n - first, KAIROS_PROBE_CHUNK);
  part.input += (gsize) first * kairos_shape_size (kairos_network_get_input (context->network));
  part.labels += first;
  part.ids += first;
  return part;
}
