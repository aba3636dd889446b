/* SPDX-License-Identifier: MIT */

/* What the network says of many samples.
 *
 * They are too many to lie in memory all at once, as those of other probes do: their inputs come and go a chunk at a
 * time, and what stays is an outcome each.
 */
#include "probe-private.h"

void
kairos_probe_forget_outcomes (KairosProbeContext *context)
{
  if (!context->judged)
    return;
  g_free (context->judged->labels);
  g_free (context->judged->outcomes);
  g_clear_pointer (&context->judged, g_free);
}

static void
take_outputs_as_confidence (KairosBatch *batch, int n_classes, const float *logits, KairosOutcome *outcomes)
{
  for (int i = 0; i < batch->n; i++)
    outcomes[i].confidence = CLAMP (logits[i * n_classes + outcomes[i].prediction], 0, 1);
}

static gboolean
judge (KairosProbeContext *context, const guint32 *ids, KairosProbeOutcomes *judged, const volatile gint *cancel,
       GError **error)
{
  KairosExecutor *executor = kairos_probe_get_executor (context, KAIROS_PROBE_PLAIN, error);
  gsize size = kairos_shape_size (kairos_network_get_input (context->network));
  int n_classes = kairos_network_get_outputs (context->network);
  g_autofree float *inputs = g_new (float, KAIROS_PROBE_CHUNK *size),
                   *logits = g_new (float, (gsize) KAIROS_PROBE_CHUNK *n_classes);

  for (guint first = 0; executor && first < judged->n; first += KAIROS_PROBE_CHUNK) {
    KairosBatch part = { .n = (int) MIN (judged->n - first, KAIROS_PROBE_CHUNK),
                         .input = inputs,
                         .labels = judged->labels + first,
                         .loss = context->loss };
    if (kairos_probe_is_cancelled (cancel, error))
      return FALSE;
    for (int i = 0; i < part.n; i++)
      kairos_dataset_copy_input (context->dataset, ids[first + i], inputs + i * size);
    kairos_executor_evaluate (executor, &part, logits, NULL, judged->outcomes + first);
    if (context->loss == KAIROS_LOSS_SQUARED_ERROR)
      take_outputs_as_confidence (&part, n_classes, logits, judged->outcomes + first);
  }
  return executor != NULL;
}

const KairosProbeOutcomes *
kairos_probe_evaluate (KairosProbeContext *context, KairosReading *reading, const volatile gint *cancel, GError **error)
{
  const KairosProbe *probe = reading->probe;
  KairosProbeOutcomes *judged = context->judged;
  const gint32 *labels = kairos_dataset_get_labels (context->dataset);

  if (!judged || judged->split != probe->split || judged->n_asked != reading->samples) {
    kairos_probe_forget_outcomes (context);
    judged = g_new0 (KairosProbeOutcomes, 1);
    *judged = (KairosProbeOutcomes){ .split = probe->split, .n_asked = reading->samples };
    context->judged = judged;
    g_autofree guint32 *ids = kairos_probe_draw_samples (context->dataset, context->splits, context->seed, probe->split,
                                                         reading->samples, &judged->n);
    judged->labels = g_new (gint32, judged->n);
    judged->outcomes = g_new (KairosOutcome, judged->n);
    for (guint i = 0; i < judged->n; i++)
      judged->labels[i] = labels[ids[i]];
    if (!judge (context, ids, judged, cancel, error)) {
      kairos_probe_forget_outcomes (context);
      return NULL;
    }
  }
  reading->samples = judged->n;
  return judged;
}
