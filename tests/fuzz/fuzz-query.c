/* SPDX-License-Identifier: MIT */

/* Fuzz target: the search language. */
#include "fuzz.h"

#include <string.h>

#include "kairos/query.h"

static KairosDataset *
points (void)
{
  static KairosDataset *dataset;

  if (!dataset)
    dataset = kairos_dataset_open ("builtin:moons", &(KairosOpenOptions){ .samples = 20 }, NULL, NULL, NULL, NULL);
  return dataset;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (KairosQuery) query = kairos_query_new (text, points (), NULL);

  if (query) {
    g_autoptr (KairosSplits) splits = kairos_splits_new (points (), 1, 0);
    KairosFact facts[20] = { { 0 } };
    guint32 ids[20];

    g_assert_cmpuint (kairos_query_run (query, points (), splits, facts, ids), <=, 20);
  }
  return 0;
}

GByteArray *
fuzz_seed (unsigned number)
{
  static const char *const texts[] = {
    "class:A,B wrong -correct confidence<0.6 split:train -seen>=3",
    "((hard | forgotten) (unseen | -predicted:\"B\")) \"two words\" | loss=nan",
  };

  return number < G_N_ELEMENTS (texts)
             ? g_byte_array_append (g_byte_array_new (), (const guint8 *) texts[number], strlen (texts[number]))
             : NULL;
}
