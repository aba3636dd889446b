/* SPDX-License-Identifier: MIT */

/* Which samples train, validate and test.
 *
 * Every draw is stratified: of each class the samples with the smallest random keys are taken, as many as its share of
 * the whole says. A key depends on the seed and the sample's id alone, so the draw neither depends on an order nor
 * leaves a state behind.
 */
#include "dataset-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kairos/random.h"

enum { N_SPLITS = 4, MAX_VALIDATION = 5000 };
#define HELD_OUT 0.1

struct _KairosSplits {
  atomic_int refs;
  guint n;
  guint8 *splits;         /* n KairosSplit values */
  guint32 *ids[N_SPLITS]; /* into all */
  guint32 *all;
  guint counts[N_SPLITS];
};

typedef struct {
  gint32 label;
  guint32 key, id;
} Candidate;

static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const Candidate *x = a, *y = b;

  if (x->label != y->label)
    return x->label < y->label ? -1 : 1;
  if (x->key != y->key)
    return x->key < y->key ? -1 : 1;
  return x->id < y->id ? -1 : x->id > y->id;
}

/* The samples of one split, class by class, in random order within a class. */
static Candidate *
candidates_new (KairosSplits *splits, const gint32 *labels, KairosSplit from, guint64 seed, guint32 purpose, guint *n)
{
  Candidate *candidates = g_new (Candidate, MAX (splits->n, 1));

  *n = 0;
  for (guint id = 0; id < splits->n; id++)
    if (splits->splits[id] == from) {
      guint32 words[4];

      kairos_random_words (seed, purpose, 0, id, 0, words);
      candidates[(*n)++] = (Candidate){ labels[id], words[0], id };
    }
  qsort (candidates, *n, sizeof *candidates, compare_candidates);
  return candidates;
}

/* Moves about `wanted` samples of one split to another, from each class in proportion.  The rounding is carried from
 * class to class, so the total is right; only the last sample of a class is never taken. */
static void
move (KairosSplits *splits, const gint32 *labels, KairosSplit from, KairosSplit to, guint wanted, guint64 seed,
      guint32 purpose)
{
  guint n;
  g_autofree Candidate *candidates = candidates_new (splits, labels, from, seed, purpose, &n);
  guint taken = 0;

  for (guint begin = 0, end; begin < n; begin = end) {
    guint share;

    for (end = begin; end < n && candidates[end].label == candidates[begin].label; end++)
      ;
    share = (guint) floor ((double) wanted * end / n + 0.5);
    share = MIN (share > taken ? share - taken : 0, end - begin - 1);
    for (guint i = 0; i < share; i++)
      splits->splits[candidates[begin + i].id] = to;
    taken += share;
  }
}

/* A tenth, at least one. */
static guint
tenth_of (guint n)
{
  return MAX (1, (guint) (n * HELD_OUT + 0.5));
}

static guint
count (KairosSplits *splits, KairosSplit split)
{
  guint n = 0;

  for (guint id = 0; id < splits->n; id++)
    n += splits->splits[id] == split;
  return n;
}

static void
list_ids (KairosSplits *splits)
{
  guint32 *next = splits->all = g_new (guint32, MAX (splits->n, 1));

  for (guint split = 0; split < N_SPLITS; split++) {
    splits->ids[split] = next;
    for (guint id = 0; id < splits->n; id++)
      if (splits->splits[id] == split)
        *next++ = id;
    splits->counts[split] = next - splits->ids[split];
  }
}

KairosSplits *
kairos_splits_new (KairosDataset *dataset, guint64 seed, guint limit)
{
  KairosSplits *splits = g_new0 (KairosSplits, 1);
  guint n_training;

  atomic_init (&splits->refs, 1);
  splits->n = dataset->n;
  splits->splits = g_memdup2 (dataset->official, dataset->n);
  n_training = count (splits, KAIROS_SPLIT_TRAIN);
  /* Two draws of one purpose would pick the same samples first, which is harmless: the second one draws from what the
   * first left. */
  if (!dataset->has_test)
    move (splits, dataset->labels, KAIROS_SPLIT_TRAIN, KAIROS_SPLIT_TEST, tenth_of (n_training), seed,
          KAIROS_RANDOM_SPLIT);
  move (splits, dataset->labels, KAIROS_SPLIT_TRAIN, KAIROS_SPLIT_VALIDATION,
        MIN (tenth_of (n_training), MAX_VALIDATION), seed, KAIROS_RANDOM_SPLIT);
  n_training = count (splits, KAIROS_SPLIT_TRAIN);
  if (limit > 0 && limit < n_training)
    move (splits, dataset->labels, KAIROS_SPLIT_TRAIN, KAIROS_SPLIT_UNUSED, n_training - limit, seed,
          KAIROS_RANDOM_LIMIT);
  list_ids (splits);
  return splits;
}

KairosSplits *
kairos_splits_ref (KairosSplits *splits)
{
  atomic_fetch_add (&splits->refs, 1);
  return splits;
}

void
kairos_splits_unref (KairosSplits *splits)
{
  if (!splits || atomic_fetch_sub (&splits->refs, 1) > 1)
    return;
  g_free (splits->splits);
  g_free (splits->all);
  g_free (splits);
}

KairosSplit
kairos_splits_get (KairosSplits *splits, guint id)
{
  return id < splits->n ? splits->splits[id] : KAIROS_SPLIT_UNUSED;
}

const guint32 *
kairos_splits_ids (KairosSplits *splits, KairosSplit split, guint *n)
{
  *n = splits->counts[split];
  return splits->ids[split];
}

/* ---- Normalisation ---- */

/* Sums of whole numbers are exact in any order. */
static void
image_moments (KairosDataset *dataset, const guint32 *ids, guint n, double *sum, double *square)
{
  int channels = dataset->shape.channels;
  gsize size = kairos_shape_size (dataset->shape);
  guint64 sums[3] = { 0 }, squares[3] = { 0 };

  for (guint i = 0; i < n; i++) {
    const guint8 *bytes = dataset->bytes + ids[i] * size;

    for (gsize j = 0; j < size; j += channels)
      for (int c = 0; c < channels; c++) {
        sums[c] += bytes[j + c];
        squares[c] += bytes[j + c] * bytes[j + c];
      }
  }
  for (int c = 0; c < channels; c++) {
    sum[c] = sums[c] / 255.0;
    square[c] = squares[c] / (255.0 * 255.0);
  }
}

static void
feature_means (KairosDataset *dataset, const guint32 *ids, guint n, double *sum)
{
  gsize size = kairos_shape_size (dataset->shape);

  for (guint i = 0; i < n; i++)
    for (gsize j = 0; j < size; j++)
      sum[j] += dataset->floats[ids[i] * size + j];
}

/* Around the mean, so that columns such as years lose no digits. */
static void
feature_squares (KairosDataset *dataset, const guint32 *ids, guint n, const double *mean, double *square)
{
  gsize size = kairos_shape_size (dataset->shape);

  for (guint i = 0; i < n; i++)
    for (gsize j = 0; j < size; j++) {
      double offset = dataset->floats[ids[i] * size + j] - mean[j];

      square[j] += offset * offset;
    }
}

void
kairos_splits_normalisation (KairosSplits *splits, KairosDataset *dataset, float *mean, float *deviation)
{
  int channels = dataset->shape.channels;
  guint n;
  const guint32 *ids = kairos_splits_ids (splits, KAIROS_SPLIT_TRAIN, &n);
  g_autofree double *means = g_new0 (double, channels);
  g_autofree double *squares = g_new0 (double, channels);
  double total = (double) MAX (n, 1) * dataset->shape.height * dataset->shape.width;

  if (dataset->is_image)
    image_moments (dataset, ids, n, means, squares);
  else
    feature_means (dataset, ids, n, means);
  for (int c = 0; c < channels; c++)
    means[c] /= total;
  if (!dataset->is_image)
    feature_squares (dataset, ids, n, means, squares);
  for (int c = 0; c < channels; c++) {
    double variance = squares[c] / total - (dataset->is_image ? means[c] * means[c] : 0);

    mean[c] = means[c];
    deviation[c] = variance > 1e-12 ? sqrt (variance) : 1;
  }
}
