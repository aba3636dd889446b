/* SPDX-License-Identifier: MIT */

/* The accuracy of each class: of the samples with its label, the part for which its output is the largest.  The whole
 * is the accuracy over all samples, whichever class they are of.  A class without samples has none.
 */
#include "src/measure/probe-private.h"

#include <math.h>

static const KairosMeasureGroup groups[] = {
  { "class-accuracy", N_ ("Accuracy by class"),
    N_ ("How often each class is recognised: the lowest one is where the network needs help"), NULL,
    KAIROS_SCALE_SHARE },
};

static const KairosMeasure measures[] = {
  { "class_accuracy", N_ ("Accuracy by class"), N_ ("all classes"), &groups[0], KAIROS_SPLIT_VALIDATION,
    KAIROS_DRAW_LINE, .parts = KAIROS_PARTS_CLASSES },
};

static gboolean
measure (KairosProbeContext *context, KairosReading *reading, const volatile gint *cancel, GError **error)
{
  const KairosProbeOutcomes *all = kairos_probe_evaluate (context, reading, cancel, error);
  guint n_classes = kairos_dataset_get_n_classes (context->dataset);
  double *accuracy = kairos_reading_add (reading, &measures[0], n_classes);
  g_autofree guint *count = g_new0 (guint, n_classes), *right = g_new0 (guint, n_classes);
  guint n_right = 0;

  if (!all)
    return FALSE;
  for (guint i = 0; i < all->n; i++) {
    gboolean is_right = all->outcomes[i].prediction == all->labels[i];
    count[all->labels[i]]++;
    right[all->labels[i]] += is_right;
    n_right += is_right;
  }
  accuracy[0] = (double) n_right / all->n;
  for (guint c = 0; c < n_classes; c++)
    if (count[c] > 0)
      accuracy[c + 1] = (double) right[c] / count[c];
  return TRUE;
}

const KairosProbe kairos_probe_class_accuracy = {
  .name = "class-accuracy",
  .title = N_ ("Accuracy by class"),
  .summary = N_ ("How often each class is recognised."),
  .samples = 5000,
  .split = KAIROS_SPLIT_VALIDATION,
  .set = { groups, G_N_ELEMENTS (groups), measures, G_N_ELEMENTS (measures) },
  .measure = measure,
};
