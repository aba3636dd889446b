/* SPDX-License-Identifier: MIT */

/* Random numbers: the published known answers, independence of the arguments, moments, permutations. */
#include "kairos/random.h"

#include <math.h>
#include <string.h>

#include "src/base/philox.h"

/* From the known-answer file of Random123, the library of the paper's authors: philox4x32, 10 rounds. */
static void
test_known_answers (void)
{
  static const struct {
    guint32 counter[4], key[2], expected[4];
  } answers[] = {
    { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
    { { ~0u, ~0u, ~0u, ~0u }, { ~0u, ~0u }, { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
    { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
      { 0xa4093822, 0x299f31d0 },
      { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
    guint32 words[4];

    philox4x32 (answers[i].counter, answers[i].key, words);
    g_assert_cmpmem (words, sizeof words, answers[i].expected, sizeof answers[i].expected);
  }
}

/* The map of arguments to blocks is part of the replay contract: a session recorded today must replay tomorrow. */
static void
test_contract (void)
{
  static const guint32 expected[4] = { 0x49e3bc28, 0x720b742d, 0xfe1fb2db, 0xd7086220 };
  guint32 words[4];

  kairos_random_words (42, KAIROS_RANDOM_TEST, G_GUINT64_CONSTANT (5000000000), G_GUINT64_CONSTANT (0x300000007), 9,
                       words);
  g_assert_cmpmem (words, sizeof words, expected, sizeof expected);
}

/* Draws that differ in any one argument, in its low or its high half, share no block. */
static void
test_no_shared_blocks (void)
{
  g_autoptr (GHashTable) seen =
      g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  guint n = 0;

  for (guint seed = 0; seed < 4; seed++)
    for (guint purpose = 1; purpose < 5; purpose++)
      for (guint step = 0; step < 5; step++)
        for (guint sample = 0; sample < 5; sample++)
          for (guint block = 0; block < 3; block++, n++) {
            guint64 wide_step = (guint64) (step / 3) << 32 | step % 3;
            guint64 wide_sample = (guint64) (sample / 3) << 32 | sample % 3;
            guint32 words[4];

            kairos_random_words (seed, purpose, wide_step, wide_sample, block, words);
            g_hash_table_add (seen, g_bytes_new (words, sizeof words));
          }
  g_assert_cmpuint (g_hash_table_size (seen), ==, n);
}

static void
test_uniform (void)
{
  enum { N = 250000 };
  double sum = 0, square = 0;
  guint bins[16] = { 0 };
  double chi2 = 0;

  for (guint32 block = 0; block < N; block++) {
    float draw[4];

    kairos_random_uniform4 (1, KAIROS_RANDOM_TEST, 0, 0, block, draw);
    for (int i = 0; i < 4; i++) {
      g_assert_cmpfloat (draw[i], >=, 0);
      g_assert_cmpfloat (draw[i], <, 1);
      sum += draw[i];
      square += (double) draw[i] * draw[i];
      bins[(int) (draw[i] * 16)]++;
    }
  }
  g_assert_cmpfloat (fabs (sum / (4 * N) - 0.5), <, 0.002);
  g_assert_cmpfloat (fabs (square / (4 * N) - 1 / 3.0), <, 0.002);
  for (int i = 0; i < 16; i++)
    chi2 += (bins[i] - N / 4.0) * (bins[i] - N / 4.0) / (N / 4.0);
  g_assert_cmpfloat (chi2, <, 37.7); /* 99.9 % quantile of 15 degrees of freedom */
}

static void
test_normal (void)
{
  enum { N = 250000 };
  double sum = 0, square = 0, fourth = 0, cross = 0;

  for (guint32 block = 0; block < N; block++) {
    float draw[4];

    kairos_random_normal4 (2, KAIROS_RANDOM_TEST, 0, 0, block, draw);
    cross += (double) draw[0] * draw[1] + (double) draw[1] * draw[2];
    for (int i = 0; i < 4; i++) {
      double x = draw[i];

      g_assert_true (isfinite (x));
      sum += x;
      square += x * x;
      fourth += x * x * x * x;
    }
  }
  g_assert_cmpfloat (fabs (sum / (4 * N)), <, 0.005);
  g_assert_cmpfloat (fabs (square / (4 * N) - 1), <, 0.007);
  g_assert_cmpfloat (fabs (fourth / (4 * N) - 3), <, 0.05);
  g_assert_cmpfloat (fabs (cross / (2 * N)), <, 0.007);
}

/* The sequential reader hands out the words of blocks 0, 1, ... of its stream. */
static void
test_sequence (void)
{
  KairosRandom random = kairos_random (3, KAIROS_RANDOM_TEST, 4, 5);

  for (guint32 block = 0; block < 3; block++) {
    float draw[4];

    kairos_random_uniform4 (3, KAIROS_RANDOM_TEST, 4, 5, block, draw);
    for (int i = 0; i < 4; i++)
      g_assert_cmpfloat (kairos_random_float (&random), ==, draw[i]);
  }
}

static void
test_sequence_ranges (void)
{
  KairosRandom random = kairos_random (3, KAIROS_RANDOM_TEST, 0, 0);
  double sum = 0, square = 0;

  for (int i = 0; i < 100000; i++) {
    float x = kairos_random_range (&random, -2, 6);
    float z = kairos_random_normal (&random);

    g_assert_cmpfloat (x, >=, -2);
    g_assert_cmpfloat (x, <=, 6);
    sum += x;
    square += (double) z * z;
  }
  g_assert_cmpfloat (fabs (sum / 100000 - 2), <, 0.04);
  g_assert_cmpfloat (fabs (square / 100000 - 1), <, 0.02);
}

static void
test_below (void)
{
  KairosRandom random = kairos_random (6, KAIROS_RANDOM_TEST, 0, 0);
  guint counts[7] = { 0 };
  guint upper = 0;

  for (int i = 0; i < 70000; i++) {
    guint32 draw = kairos_random_below (&random, 7);

    g_assert_cmpuint (draw, <, 7);
    counts[draw]++;
  }
  for (int i = 0; i < 7; i++)
    g_assert_cmpint (ABS ((int) counts[i] - 10000), <, 400);

  /* Taking the remainder instead would put two thirds of these draws into the lower half. */
  for (int i = 0; i < 30000; i++)
    upper += kairos_random_below (&random, 0xC0000000u) >= 0x60000000u;
  g_assert_cmpint (ABS ((int) upper - 15000), <, 400);
  g_assert_cmpuint (kairos_random_below (&random, 1), ==, 0);
}

static gboolean
is_permutation (const guint32 *order, guint32 n)
{
  g_autofree guint8 *seen = g_malloc0 (n + 1);

  for (guint32 i = 0; i < n; i++) {
    if (order[i] >= n || seen[order[i]])
      return FALSE;
    seen[order[i]] = 1;
  }
  return TRUE;
}

static void
test_permutation (void)
{
  enum { N = 60000 };
  g_autofree guint32 *first = g_new (guint32, N);
  g_autofree guint32 *again = g_new (guint32, N);
  g_autofree guint32 *next = g_new (guint32, N);
  guint fixed = 0;

  kairos_random_permutation (7, KAIROS_RANDOM_ORDER, 1, N, first);
  kairos_random_permutation (7, KAIROS_RANDOM_ORDER, 1, N, again);
  kairos_random_permutation (7, KAIROS_RANDOM_ORDER, 2, N, next);
  g_assert_true (is_permutation (first, N));
  g_assert_true (is_permutation (next, N));
  g_assert_cmpmem (first, N * sizeof *first, again, N * sizeof *again);
  for (guint32 i = 0; i < N; i++)
    fixed += first[i] == next[i];
  g_assert_cmpuint (fixed, <, 10); /* one on average */

  kairos_random_permutation (7, KAIROS_RANDOM_ORDER, 1, 1, first);
  g_assert_cmpuint (first[0], ==, 0);
  kairos_random_permutation (7, KAIROS_RANDOM_ORDER, 1, 0, NULL);
}

/* All 24 orders of four come up equally often. */
static void
test_permutation_fair (void)
{
  guint counts[256] = { 0 };
  guint n_orders = 0;

  for (guint step = 0; step < 24000; step++) {
    guint32 order[4];

    kairos_random_permutation (8, KAIROS_RANDOM_TEST, step, 4, order);
    counts[order[0] << 6 | order[1] << 4 | order[2] << 2 | order[3]]++;
  }
  for (int i = 0; i < 256; i++)
    if (counts[i] > 0) {
      n_orders++;
      g_assert_cmpint (ABS ((int) counts[i] - 1000), <, 150);
    }
  g_assert_cmpuint (n_orders, ==, 24);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/random/known-answers", test_known_answers);
  g_test_add_func ("/random/contract", test_contract);
  g_test_add_func ("/random/no-shared-blocks", test_no_shared_blocks);
  g_test_add_func ("/random/uniform", test_uniform);
  g_test_add_func ("/random/normal", test_normal);
  g_test_add_func ("/random/sequence", test_sequence);
  g_test_add_func ("/random/sequence/ranges", test_sequence_ranges);
  g_test_add_func ("/random/below", test_below);
  g_test_add_func ("/random/permutation", test_permutation);
  g_test_add_func ("/random/permutation/fair", test_permutation_fair);
  return g_test_run ();
}
