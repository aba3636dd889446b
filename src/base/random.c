/* SPDX-License-Identifier: MIT */

/* Counter-based random numbers.
 *
 * Where the arguments go.  Philox takes a counter of 128 bits and a key of 64 bits, 192 in all:
 *
 *     counter = { block, sample (low half), sample (high half), step (low half) }
 *     key     = mix (seed) xor (purpose << 32 | step (high half))
 *
 * For one seed this is a one-to-one map of all 192 bits of (purpose, step, sample, block): no two draws of a session
 * ever share a block.  mix is one-to-one as well, so two seeds never share a block of the same purpose and step; and
 * because it scatters neighbouring seeds over 64 bits, blocks of different purposes meet across seeds only by a chance
 * of 2^-64.
 */
#include "kairos/random.h"

#include <math.h>

#include "philox.h"

/* The finalizer of SplitMix64 (Steele, Lea, Flood 2014): a bijection in which every bit of the result depends on every
 * bit of x. */
static inline guint64
mix (guint64 x)
{
  x += G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);
  x = (x ^ (x >> 30)) * G_GUINT64_CONSTANT (0xBF58476D1CE4E5B9);
  x = (x ^ (x >> 27)) * G_GUINT64_CONSTANT (0x94D049BB133111EB);
  return x ^ (x >> 31);
}

/* Uniform in [0, 1): the upper 24 bits are all that a float holds without rounding up to 1. */
static inline float
unit (guint32 word)
{
  return (float) (word >> 8) * 0x1p-24f;
}

/* Box-Muller.  The radius uses all 32 bits of its word, in (0, 1], so that the tail reaches to 6.7 standard deviations.
 */
static inline void
normal_pair (guint32 a, guint32 b, float out[2])
{
  float radius = sqrtf (-2.0f * logf (((float) a + 1.0f) * 0x1p-32f));
  float angle = 2.0f * (float) G_PI * unit (b);

  out[0] = radius * cosf (angle);
  out[1] = radius * sinf (angle);
}

void
kairos_random_words (guint64 seed, guint32 purpose, guint64 step, guint64 sample, guint32 block, guint32 words[4])
{
  guint64 mixed = mix (seed) ^ ((guint64) purpose << 32 | step >> 32);
  guint32 counter[4] = { block, (guint32) sample, (guint32) (sample >> 32), (guint32) step };
  guint32 key[2] = { (guint32) mixed, (guint32) (mixed >> 32) };

  philox4x32 (counter, key, words);
}

void
kairos_random_uniform4 (guint64 seed, guint32 purpose, guint64 step, guint64 sample, guint32 block, float out[4])
{
  guint32 words[4];

  kairos_random_words (seed, purpose, step, sample, block, words);
  for (int i = 0; i < 4; i++)
    out[i] = unit (words[i]);
}

void
kairos_random_normal4 (guint64 seed, guint32 purpose, guint64 step, guint64 sample, guint32 block, float out[4])
{
  guint32 words[4];

  kairos_random_words (seed, purpose, step, sample, block, words);
  normal_pair (words[0], words[1], out);
  normal_pair (words[2], words[3], out + 2);
}

KairosRandom
kairos_random (guint64 seed, guint32 purpose, guint64 step, guint64 sample)
{
  return (KairosRandom){ .seed = seed, .step = step, .sample = sample, .purpose = purpose, .used = 4 };
}

static inline guint32
next_word (KairosRandom *random)
{
  if (random->used == 4) {
    kairos_random_words (random->seed, random->purpose, random->step, random->sample, random->block++, random->words);
    random->used = 0;
  }
  return random->words[random->used++];
}

float
kairos_random_float (KairosRandom *random)
{
  return unit (next_word (random));
}

float
kairos_random_range (KairosRandom *random, float lo, float hi)
{
  return lo + (hi - lo) * kairos_random_float (random);
}

/* Lemire 2019, "Fast random integer generation in an interval": one multiplication; the few words that would favour
 * some results are redrawn. */
guint32
kairos_random_below (KairosRandom *random, guint32 n)
{
  guint64 product;

  if (n < 2)
    return 0;
  product = (guint64) next_word (random) * n;
  if ((guint32) product < n) {
    guint32 unfair = -n % n; /* 2^32 mod n */

    while ((guint32) product < unfair)
      product = (guint64) next_word (random) * n;
  }
  return product >> 32;
}

float
kairos_random_normal (KairosRandom *random)
{
  float pair[2];
  guint32 a = next_word (random);
  guint32 b = next_word (random);

  normal_pair (a, b, pair);
  return pair[0];
}

void
kairos_random_permutation (guint64 seed, guint32 purpose, guint64 step, guint32 n, guint32 *order)
{
  KairosRandom random = kairos_random (seed, purpose, step, 0);

  for (guint32 i = 0; i < n; i++) {
    guint32 j = kairos_random_below (&random, i + 1);

    /* Inside-out Fisher-Yates: fills and shuffles in one pass. */
    if (j != i)
      order[i] = order[j];
    order[j] = i;
  }
}
