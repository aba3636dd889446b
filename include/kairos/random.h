/* SPDX-License-Identifier: MIT */

/* Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
 *
 *   float shift[4]; // the same for this step and sample whoever asks, in whatever order
 *   kairos_random_uniform4 (seed, KAIROS_RANDOM_TRANSFORM, step, sample, 0, shift);
 *
 *   KairosRandom random = kairos_random (seed, KAIROS_RANDOM_GENERATE, 0, sample);
 *   float angle = kairos_random_range (&random, -10, 10), size = kairos_random_normal (&random);
 *
 * A draw is a pure function of (seed, purpose, step, sample, block).  There is no generator state, so nothing has to be
 * saved, and resume, replays, twins and thread counts cannot disagree.  All functions are thread-safe and allocate
 * nothing.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a draw is for.  Two purposes never share a number.  Values are part of the replay contract: append only. */
typedef enum {
  KAIROS_RANDOM_INITIALISE = 1, /* sample = index of the parameter tensor, block = element / 4 */
  KAIROS_RANDOM_ORDER = 2,      /* step = epoch, sample = position: the shuffled order of an epoch */
  KAIROS_RANDOM_DROPOUT = 3,    /* step = training step, sample = (layer << 32 | sample id) */
  KAIROS_RANDOM_SPLIT = 4,      /* sample = sample id: validation split */
  KAIROS_RANDOM_LIMIT = 5,      /* sample = sample id: the seeded stratified draw of --limit */
  KAIROS_RANDOM_GENERATE = 6,   /* built-in data: sample = sample id, block = draw number */
  /* deficits and augmentation: step = training step (0: once a clip), sample = (clip id << 32 | sample id) */
  KAIROS_RANDOM_TRANSFORM = 7,
  KAIROS_RANDOM_NOISE = 8, /* weight noise: step = training step, sample = (clip id << 32 | element / 4) */
  KAIROS_RANDOM_PROBE = 9, /* probes: never shares numbers with training */
  /* batches under focus or curriculum: step = training step, sample = place in the batch */
  KAIROS_RANDOM_SAMPLE = 10,
  KAIROS_RANDOM_CLIP = 11,    /* what a clip draws once: step = clip id, sample = sample id or class */
  KAIROS_RANDOM_EVENT = 12,   /* seeds of fresh weights: step = training step, sample = event id */
  KAIROS_RANDOM_PENALTY = 13, /* labels drawn for the Fisher penalty: step = training step, sample = sample id */
  KAIROS_RANDOM_SURGERY = 14, /* order of projections: step = training step */
  KAIROS_RANDOM_TEST = 1000,  /* tests and benchmarks */
} KairosRandomPurpose;

/* Four independent 32-bit words. */
void kairos_random_words (guint64 seed, guint32 purpose, guint64 step, guint64 sample, guint32 block, guint32 words[4]);

/* Four uniform floats in [0, 1), 24 bits each. */
void kairos_random_uniform4 (guint64 seed, guint32 purpose, guint64 step, guint64 sample, guint32 block, float out[4]);

/* Four standard normal floats (Box-Muller). */
void kairos_random_normal4 (guint64 seed, guint32 purpose, guint64 step, guint64 sample, guint32 block, float out[4]);

/* A sequential reader of one counter stream, for code that wants one number after the other (generators, initialisers).
 */
typedef struct {
  guint64 seed, step, sample;
  guint32 purpose, block, used;
  guint32 words[4];
} KairosRandom;

KairosRandom kairos_random (guint64 seed, guint32 purpose, guint64 step, guint64 sample);
float kairos_random_float (KairosRandom *random); /* uniform in [0, 1) */
float kairos_random_range (KairosRandom *random, float lo, float hi);
guint32 kairos_random_below (KairosRandom *random, guint32 n); /* uniform in 0 .. n-1, unbiased; n >= 1 */
float kairos_random_normal (KairosRandom *random);             /* standard normal; consumes two words */

/* Fills order[0..n-1] with a permutation of 0..n-1 (Fisher-Yates), a function of (seed, purpose, step) alone. */
void kairos_random_permutation (guint64 seed, guint32 purpose, guint64 step, guint32 n, guint32 *order);

G_END_DECLS
