/* SPDX-License-Identifier: MIT */

/* Fuzz target: the facts of a checkpoint. */
#include "fuzz.h"

#include "kairos/facts.h"

enum { N_SAMPLES = 3 };

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (KairosFacts) facts = kairos_facts_new (N_SAMPLES);
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);

  if (kairos_facts_from_bytes (facts, bytes, NULL)) {
    guint n;

    g_free (kairos_facts_history (facts, N_SAMPLES - 1, &n));
    g_bytes_unref (kairos_facts_to_bytes (facts));
  }
  kairos_facts_end_epoch (facts);
  kairos_facts_epoch_from_bytes (facts, 0, bytes, NULL);
  return 0;
}

GByteArray *
fuzz_seed (unsigned number)
{
  g_autoptr (KairosFacts) facts = kairos_facts_new (N_SAMPLES);

  if (number > 2)
    return NULL;
  for (guint i = 0; i < 2 * number; i++)
    kairos_facts_end_epoch (facts);
  if (number == 2)
    return g_bytes_unref_to_array (kairos_facts_epoch_to_bytes (facts, 0));
  return g_bytes_unref_to_array (kairos_facts_to_bytes (facts));
}
