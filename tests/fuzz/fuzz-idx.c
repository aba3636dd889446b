/* SPDX-License-Identifier: MIT */

/* Fuzz target: IDX, a file of pictures and one of labels. */
#include "fuzz.h"

#include "../../src/data/idx.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  KairosReadContext context = fuzz_context ();
  KairosSource *sources[4] = { NULL };

  fuzz_split (data, size, sources);
  fuzz_use (kairos_idx_parse (&context, sources, "fuzz", NULL));
  kairos_source_free (sources[0]);
  kairos_source_free (sources[1]);
  return 0;
}

GByteArray *
fuzz_seed (unsigned number)
{
  static const guint8 pictures[] = { 0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2,  0,  0,
                                     0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
  static const guint8 colour[] = {
    0, 0, 8, 4, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9
  };
  static const guint8 labels[] = { 0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 1 };

  if (number == 0)
    return fuzz_join (pictures, sizeof pictures, labels, sizeof labels);
  return number == 1 ? fuzz_join (colour, sizeof colour, labels, sizeof labels) : NULL;
}
