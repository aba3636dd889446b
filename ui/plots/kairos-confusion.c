/* SPDX-License-Identifier: MIT */

/* Counts of (label, prediction), and how they read. */
#include "config.h"

#include "plots/kairos-confusion.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

KairosConfusion *
kairos_confusion_new (KairosDocument *document, KairosSplit split)
{
  KairosConfusion *confusion = g_new0 (KairosConfusion, 1);

  confusion->dataset = kairos_document_get_dataset (document);
  confusion->n = kairos_dataset_get_n_classes (confusion->dataset);
  confusion->counts = kairos_document_confusion (document, split);
  confusion->labels = g_new0 (guint, confusion->n);
  confusion->predictions = g_new0 (guint, confusion->n);
  for (guint label = 0; label < confusion->n; label++)
    for (guint prediction = 0; prediction < confusion->n; prediction++) {
      guint count = kairos_confusion_get (confusion, label, prediction);

      confusion->labels[label] += count;
      confusion->predictions[prediction] += count;
      confusion->total += count;
      confusion->right += label == prediction ? count : 0;
    }
  return confusion;
}

void
kairos_confusion_free (KairosConfusion *confusion)
{
  if (!confusion)
    return;
  g_free (confusion->counts);
  g_free (confusion->labels);
  g_free (confusion->predictions);
  g_free (confusion);
}

guint
kairos_confusion_get (const KairosConfusion *confusion, guint label, guint prediction)
{
  return confusion->counts[(gsize) label * confusion->n + prediction];
}

double
kairos_confusion_share (const KairosConfusion *confusion, guint label, guint prediction)
{
  return confusion->labels[label] > 0
             ? (double) kairos_confusion_get (confusion, label, prediction) / confusion->labels[label]
             : 0;
}

char *
kairos_confusion_describe (const KairosConfusion *confusion, guint label, guint prediction)
{
  guint count = kairos_confusion_get (confusion, label, prediction);

  /* Translators: class names, then a count. */
  return g_strdup_printf (ngettext ("labelled %s, predicted %s: %u sample", "labelled %s, predicted %s: %u samples",
                                    count),
                          kairos_dataset_get_class_name (confusion->dataset, label),
                          kairos_dataset_get_class_name (confusion->dataset, prediction), count);
}

/* The root makes the few wrong answers of a good network visible. */
GdkRGBA
kairos_confusion_color (const KairosConfusion *confusion, guint label, guint prediction, gboolean dark)
{
  double share = kairos_confusion_share (confusion, label, prediction);

  if (label == prediction)
    return dark ? (GdkRGBA){ 0.384, 0.627, 0.918, 0.05 + 0.75 * share }
                : (GdkRGBA){ 0.208, 0.518, 0.894, 0.05 + 0.75 * share };
  if (share <= 0)
    return (GdkRGBA){ 0 };
  return dark ? (GdkRGBA){ 1, 0.58, 0.22, 0.12 + 0.78 * sqrt (share) }
              : (GdkRGBA){ 0.902, 0.38, 0, 0.1 + 0.8 * sqrt (share) };
}

/* A name as the search language takes it; one with a quote in it goes by its number. */
static char *
quote (KairosDataset *dataset, guint class_index)
{
  const char *name = kairos_dataset_get_class_name (dataset, class_index);

  if (strchr (name, '"'))
    return g_strdup_printf ("%u", class_index);
  if (*name != '\0' && !strpbrk (name, " \t\n,|():<>='-"))
    return g_strdup (name);
  return g_strdup_printf ("\"%s\"", name);
}

char *
kairos_confusion_query (KairosDataset *dataset, guint label, guint prediction, KairosSplit split)
{
  g_autofree char *label_name = quote (dataset, label);
  g_autofree char *prediction_name = quote (dataset, prediction);

  return g_strdup_printf ("class:%s predicted:%s split:%s", label_name, prediction_name, kairos_split_name (split));
}
