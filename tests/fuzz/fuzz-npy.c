/* SPDX-License-Identifier: MIT */

/* Fuzz target: NPY, an array of samples and one of labels. */
#include "fuzz.h"

#include <string.h>

#include "../../src/data/npy.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  KairosReadContext context = fuzz_context ();
  KairosSource *sources[4] = { NULL };

  fuzz_split (data, size, sources);
  fuzz_use (kairos_npy_parse (&context, sources, "fuzz", NULL));
  kairos_source_free (sources[0]);
  kairos_source_free (sources[1]);
  return 0;
}

static GByteArray *
array (const char *type, const char *shape, gsize size)
{
  g_autofree char *header = g_strdup_printf ("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", type, shape);
  guint8 preamble[] = { 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, strlen (header), 0 };
  GByteArray *bytes = g_byte_array_new ();
  gsize at;

  g_byte_array_append (bytes, preamble, sizeof preamble);
  g_byte_array_append (bytes, (const guint8 *) header, strlen (header));
  at = bytes->len;
  g_byte_array_set_size (bytes, at + size);
  for (gsize i = 0; i < size; i++)
    bytes->data[at + i] = i % 3;
  return bytes;
}

GByteArray *
fuzz_seed (unsigned number)
{
  static const struct {
    const char *type, *shape;
    gsize size;
  } samples[] = {
    { "<f4", "(3, 2)", 24 }, { "|u1", "(3, 2, 2)", 12 }, { ">f8", "(3, 1, 1, 3)", 72 }, { "<i2", "(3, 3, 1, 2)", 36 }
  };
  g_autoptr (GByteArray) first = NULL;
  g_autoptr (GByteArray) second = NULL;

  if (number >= G_N_ELEMENTS (samples))
    return NULL;
  first = array (samples[number].type, samples[number].shape, samples[number].size);
  second = array ("|u1", "(3,)", 3);
  return fuzz_join (first->data, first->len, second->data, second->len);
}
