/* SPDX-License-Identifier: MIT */

/* Fuzz target: CIFAR records. */
#include "fuzz.h"

#include "../../src/data/cifar.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  KairosReadContext context = fuzz_context ();
  KairosSource *source = kairos_source_new_memory (data, size, "fuzz.bin");

  fuzz_use (kairos_cifar_parse (&context, &source, 1, "fuzz", NULL));
  kairos_source_free (source);
  return 0;
}

GByteArray *
fuzz_seed (unsigned number)
{
  gsize record = number == 0 ? 3073 : 3074;
  GByteArray *bytes;

  if (number > 1)
    return NULL;
  bytes = g_byte_array_new ();
  g_byte_array_set_size (bytes, 3 * record);
  for (guint i = 0; i < bytes->len; i++)
    bytes->data[i] = i % record < 2 ? i / record : i;
  return bytes;
}
