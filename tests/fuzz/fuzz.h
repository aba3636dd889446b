/* SPDX-License-Identifier: MIT */

/* A fuzz target: one parser, fed with bytes.
 *
 * With -Dfuzz=true libFuzzer drives it; always, driver.c does, with the target's own seeds and their mutations. Parsers
 * of two files get them as one input: two bytes for the length of the first part, little-endian, the first part, the
 * second.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../../src/data/reader.h"
#include "../../src/data/source.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* The sound inputs to start from: number 0, 1, ...; NULL after the last.  Caller frees. */
GByteArray *fuzz_seed (unsigned number);

/* Options of reading as the readers get them. */
static inline KairosReadContext
fuzz_context (void)
{
  static const KairosOpenOptions options = { .side = 16, .fit = "crop" };

  return (KairosReadContext){ .options = &options };
}

/* The two parts of an input, as sources. */
static inline void
fuzz_split (const uint8_t *data, size_t size, KairosSource *sources[2])
{
  size_t first = size >= 2 ? data[0] | data[1] << 8 : 0, all = size >= 2 ? size - 2 : 0;

  first = first < all ? first : all;
  sources[0] = kairos_source_new_memory (data + (all > 0 ? 2 : 0), first, "first");
  sources[1] = kairos_source_new_memory (data + (all > 0 ? 2 + first : 0), all - first, "second");
}

static inline GByteArray *
fuzz_join (const void *first, size_t n_first, const void *second, size_t n_second)
{
  GByteArray *bytes = g_byte_array_new ();
  uint8_t length[] = { n_first & 0xff, n_first >> 8 };

  g_byte_array_append (bytes, length, 2);
  g_byte_array_append (bytes, first, n_first);
  return g_byte_array_append (bytes, second, n_second);
}

/* What a parser returned is put to use, so that the sanitizers see all of it, and let go. */
static inline void
fuzz_use (KairosDataset *dataset)
{
  if (!dataset)
    return;
  if (kairos_dataset_complete (dataset, "fuzz", NULL))
    g_assert_nonnull (kairos_dataset_get_checksum (dataset));
  kairos_dataset_unref (dataset);
}
