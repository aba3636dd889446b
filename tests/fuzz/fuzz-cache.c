/* SPDX-License-Identifier: MIT */

/* Fuzz target: an entry of the cache of decoded data. */
#include "fuzz.h"

#include <zlib.h>

#include "../../src/data/cache.h"

/* With a right checksum at the end, as otherwise nothing behind it would be reached. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree guint8 *sealed = g_memdup2 (size > 0 ? data : (const uint8_t *) "", MAX (size, 1));
  guint32 crc = size >= 4 ? GUINT32_TO_LE (crc32_z (0, sealed, size - 4)) : 0;
  FILE *file;

  for (guint i = 0; i < 4 && size >= 4; i++)
    sealed[size - 4 + i] = ((const guint8 *) &crc)[i];
  file = fmemopen (sealed, size, "rb");
  fuzz_use (kairos_cache_parse (file, size));
  fclose (file);
  return 0;
}

static void
put (GByteArray *bytes, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (bytes, (const guint8 *) &value, sizeof value);
}

/* Three pictures of 1 x 2 points; classes and names, but no checksum and no problems. */
GByteArray *
fuzz_seed (unsigned number)
{
  static const guint32 head[] = { 0x4344414b, 1, 3, 2, 1, 2, 1, 1, 0, 0 };
  GByteArray *bytes;

  if (number > 0)
    return NULL;
  bytes = g_byte_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (head); i++)
    put (bytes, head[i]);
  put (bytes, 0);
  for (guint n = 2; n <= 3; n++) {
    put (bytes, n);
    for (guint i = 0; i < n; i++) {
      put (bytes, 2);
      g_byte_array_append (bytes, (const guint8 *) "ab", 2);
    }
  }
  put (bytes, 0);
  put (bytes, 0);
  put (bytes, 1);
  put (bytes, 1);
  g_byte_array_append (bytes,
                       (const guint8 *) "\0\0\0"
                                        "abcdef",
                       9);
  put (bytes, 0);
  return bytes;
}
