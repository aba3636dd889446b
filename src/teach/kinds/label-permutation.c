/* SPDX-License-Identifier: MIT */

/* Label permutation (Achille, Rovere and Soatto 2019).  Of classes: every class goes by the name of another, so the
 * task is as learnable as before. Of samples: the labels of the training samples are shuffled among them (as in the
 * published replication), so only learning by heart helps.
 *
 * The permutation of the classes is one cycle (Sattolo 1986): no class keeps its name.
 */
#include "../kind-private.h"

static const KairosParam params[] = {
  { "of", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "classes|samples",
    "Whether classes exchange their names, or samples their labels" },
};
enum { OF };
enum { OF_CLASSES, OF_SAMPLES };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("permuted labels of %s", kairos_clip_text (clip, "of"));
}

static gint32 *
permute_classes (const KairosPlanClip *clip, const KairosPlanContext *context)
{
  guint n = kairos_dataset_get_n_classes (context->dataset);
  KairosRandom random = kairos_random (context->seed, KAIROS_RANDOM_CLIP, clip->clip->origin, 0);
  gint32 *table = g_new (gint32, n);

  for (guint i = 0; i < n; i++)
    table[i] = i;
  for (guint i = n - 1; i > 0; i--) {
    guint j = kairos_random_below (&random, i);
    gint32 other = table[j];
    table[j] = table[i];
    table[i] = other;
  }
  return table;
}

static gint32 *
permute_samples (const KairosPlanClip *clip, const KairosPlanContext *context)
{
  guint n;
  const guint32 *train = kairos_splits_ids (context->splits, KAIROS_SPLIT_TRAIN, &n);
  const gint32 *labels = kairos_dataset_get_labels (context->dataset);
  gint32 *table = g_memdup2 (labels, kairos_dataset_get_n_samples (context->dataset) * sizeof *labels);
  g_autofree guint32 *order = g_new (guint32, n);

  kairos_random_permutation (context->seed, KAIROS_RANDOM_CLIP, clip->clip->origin, n, order);
  for (guint i = 0; i < n; i++)
    table[train[i]] = labels[train[order[i]]];
  return table;
}

static gboolean
prepare (KairosPlanClip *clip, const KairosPlanContext *context, GError **error)
{
  clip->table = clip->values[OF] == OF_SAMPLES ? permute_samples (clip, context) : permute_classes (clip, context);
  return TRUE;
}

static gint32
apply_classes (const KairosLabeling *labeling, guint32 id, gint32 old)
{
  return labeling->table[old];
}

static gint32
apply_samples (const KairosLabeling *labeling, guint32 id, gint32 old)
{
  return labeling->table[id];
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  KairosLabeling *labeling = kairos_regime_add_labeling (regime, clip, moment);

  if (labeling)
    labeling->apply = clip->values[OF] == OF_SAMPLES ? apply_samples : apply_classes;
}

const KairosKindRow kairos_kind_label_permutation = {
  .info = { "label-permutation", "Label permutation", "Trains with permuted labels.", "Labels", "labels", FALSE,
            KAIROS_OVERLAP_STACK, params, G_N_ELEMENTS (params) },
  .most = KAIROS_MAX_LABELINGS,
  .label = label,
  .prepare = prepare,
  .contribute = contribute,
};
