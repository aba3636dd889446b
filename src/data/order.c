/* SPDX-License-Identifier: MIT */

/* Orders of samples: a table row each.  A row makes a 32-bit key; keys and ids are sorted together as whole numbers, so
 * that ties fall to the id and sixty thousand samples take some milliseconds. */
#include <math.h>
#include <stdlib.h>

#include "kairos/query.h"

#define LAST G_MAXUINT32

/* Maps floats to whole numbers in the same order; NaN, a sample not looked at yet, comes last. */
static guint32
ascending (float value)
{
  union {
    float value;
    guint32 bits;
  } u = { value };

  if (isnan (value))
    return LAST;
  return u.bits >> 31 ? ~u.bits : u.bits | 0x80000000u;
}

static guint32
descending (float value)
{
  return isnan (value) ? LAST : ascending (-value);
}

static guint32
key_index (KairosDataset *dataset, const KairosFact *fact, guint32 id)
{
  return 0;
}

static guint32
key_loss (KairosDataset *dataset, const KairosFact *fact, guint32 id)
{
  return descending (fact->loss);
}

static guint32
key_confidence (KairosDataset *dataset, const KairosFact *fact, guint32 id)
{
  return ascending (fact->confidence);
}

static guint32
key_forgotten (KairosDataset *dataset, const KairosFact *fact, guint32 id)
{
  return fact->seen == 0 ? LAST : G_MAXUINT16 - fact->forgotten;
}

static guint32
key_class (KairosDataset *dataset, const KairosFact *fact, guint32 id)
{
  return kairos_dataset_get_labels (dataset)[id];
}

static const KairosOrderInfo infos[] = {
  { "index", "In the order of the data" },
  { "loss", "Highest loss first" },
  { "confidence", "Least confident first" },
  { "forgotten", "Most often forgotten first" },
  { "class", "By class" },
};
static guint32 (*const keys[]) (KairosDataset *dataset, const KairosFact *fact, guint32 id) = {
  key_index, key_loss, key_confidence, key_forgotten, key_class,
};
G_STATIC_ASSERT (G_N_ELEMENTS (infos) == G_N_ELEMENTS (keys));

const KairosOrderInfo *
kairos_order_infos (guint *n)
{
  *n = G_N_ELEMENTS (infos);
  return infos;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return x < y ? -1 : x > y;
}

void
kairos_order_sort (const char *order, KairosDataset *dataset, const KairosFact *facts, guint32 *ids, guint n)
{
  g_autofree guint64 *rows = g_new (guint64, MAX (n, 1));
  guint which = 0;

  for (guint i = 0; i < G_N_ELEMENTS (infos); i++)
    if (g_strcmp0 (infos[i].name, order) == 0)
      which = i;
  for (guint i = 0; i < n; i++)
    rows[i] = (guint64) keys[which](dataset, &facts[ids[i]], ids[i]) << 32 | ids[i];
  qsort (rows, n, sizeof *rows, compare);
  for (guint i = 0; i < n; i++)
    ids[i] = (guint32) rows[i];
}
