/* SPDX-License-Identifier: MIT */

/* Runs a fuzz target without a fuzzer: on its seeds, on every truncation of them, and on random mutations; or on the
 * files named as arguments, to look at what a fuzzer has found.  The mutations are the same in every run. */
#include <string.h>

#include "fuzz.h"
#include "kairos/random.h"

enum { N_MUTATIONS = 1500, MAX_TRUNCATIONS = 300 };

/* A copy in memory of exactly its size, so that AddressSanitizer sees the first byte read beyond it. */
static void
run (const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = g_malloc (MAX (size, 1));

  memcpy (copy, data, size);
  LLVMFuzzerTestOneInput (copy, size);
}

static void
truncate_seed (const GByteArray *seed)
{
  guint step = MAX (1, seed->len / MAX_TRUNCATIONS);

  for (guint size = 0; size < seed->len; size += step)
    run (seed->data, size);
}

/* Flips bits, sets bytes to values that parsers stumble over, cuts pieces out, doubles them. */
static void
mutate (GByteArray *bytes, KairosRandom *random)
{
  static const guint8 edges[] = { 0, 1, 0x7f, 0x80, 0xff, '"', ',', '(' };
  guint n = 1 + kairos_random_below (random, 6);
  guint8 piece[8];

  for (guint i = 0; i < n && bytes->len > 0; i++) {
    /* Headers are at the beginning: half of the changes go there. */
    guint room = kairos_random_below (random, 2) == 0 ? MIN (bytes->len, 64) : bytes->len;
    guint at = kairos_random_below (random, room), length = 1 + kairos_random_below (random, MIN (bytes->len - at, 8));

    switch (kairos_random_below (random, 5)) {
    case 0: bytes->data[at] ^= 1 << kairos_random_below (random, 8); break;
    case 1: bytes->data[at] = edges[kairos_random_below (random, G_N_ELEMENTS (edges))]; break;
    case 2: memset (bytes->data + at, 0xff, length); break;
    case 3: g_byte_array_remove_range (bytes, at, length); break;
    default: memcpy (piece, bytes->data + at, length); g_byte_array_append (bytes, piece, length);
    }
  }
}

static void
run_seed (const GByteArray *seed, guint number)
{
  run (seed->data, seed->len);
  truncate_seed (seed);
  for (guint i = 0; i < N_MUTATIONS; i++) {
    KairosRandom random = kairos_random (number, KAIROS_RANDOM_TEST, 0, i);
    g_autoptr (GByteArray) bytes = g_byte_array_sized_new (seed->len + 64);

    g_byte_array_append (bytes, seed->data, seed->len);
    mutate (bytes, &random);
    run (bytes->data, bytes->len);
  }
}

static void
run_seeds (void)
{
  GByteArray *seed;
  guint number = 0;

  for (; (seed = fuzz_seed (number)) != NULL; number++) {
    run_seed (seed, number);
    g_byte_array_unref (seed);
  }
  g_assert_cmpuint (number, >, 0);
}

static gboolean
run_file (const char *path)
{
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, &error)) {
    g_printerr ("%s\n", error->message);
    return FALSE;
  }
  run ((const guint8 *) data, size);
  return TRUE;
}

int
main (int argc, char **argv)
{
  gboolean read_all = TRUE;

  if (argc > 1 && *argv[1] != '-') {
    for (int i = 1; i < argc; i++)
      read_all &= run_file (argv[i]);
    return read_all ? 0 : 1;
  }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fuzz/seeds-and-mutations", run_seeds);
  return g_test_run ();
}
