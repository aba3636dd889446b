/* SPDX-License-Identifier: MIT */

/* Splits: stratified, fixed by the seed, the official ones kept; and the normalisation that comes from the training
 * split. */
#include <math.h>
#include <string.h>

#include "fixture.h"

static KairosDataset *
draw (const char *spec, int samples)
{
  KairosDataset *dataset =
      kairos_dataset_open (spec, &(KairosOpenOptions){ .samples = samples }, NULL, NULL, NULL, NULL);

  g_assert_nonnull (dataset);
  return dataset;
}

/* Features x = id, y = 7, three classes of unequal size, without an official split. */
static KairosDataset *
table (guint n)
{
  char *folder = fixture_folder ();
  g_autoptr (GString) text = g_string_new ("x,y,class\n");
  KairosDataset *dataset;

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%u,7,%s\n", i, i % 10 == 0 ? "rare" : i % 2 == 0 ? "even" : "odd");
  fixture_write_text (folder, "t.csv", text->str);
  dataset = fixture_must_open (folder, "t.csv", NULL);
  fixture_remove (folder);
  return dataset;
}

static guint
count_class (KairosSplits *splits, KairosDataset *dataset, KairosSplit split, int class_index)
{
  guint n, count = 0;
  const guint32 *ids = kairos_splits_ids (splits, split, &n);

  for (guint i = 0; i < n; i++)
    count += kairos_dataset_get_labels (dataset)[ids[i]] == class_index;
  return count;
}

/* Every sample is in exactly one list, the lists ascend and agree with kairos_splits_get(). */
static void
assert_partition (KairosSplits *splits, KairosDataset *dataset)
{
  guint total = 0;

  for (int split = KAIROS_SPLIT_TRAIN; split <= KAIROS_SPLIT_UNUSED; split++) {
    guint n;
    const guint32 *ids = kairos_splits_ids (splits, split, &n);

    total += n;
    for (guint i = 0; i < n; i++) {
      g_assert_cmpint (kairos_splits_get (splits, ids[i]), ==, split);
      g_assert_true (i == 0 || ids[i] > ids[i - 1]);
    }
  }
  g_assert_cmpuint (total, ==, kairos_dataset_get_n_samples (dataset));
}

static void
official (void)
{
  g_autoptr (KairosDataset) dataset = draw ("builtin:digits", 1200);
  g_autoptr (KairosSplits) splits = kairos_splits_new (dataset, 5, 0);
  guint n_train, n_validation, n_test;

  kairos_splits_ids (splits, KAIROS_SPLIT_TRAIN, &n_train);
  kairos_splits_ids (splits, KAIROS_SPLIT_VALIDATION, &n_validation);
  kairos_splits_ids (splits, KAIROS_SPLIT_TEST, &n_test);
  g_assert_cmpuint (n_train, ==, 900);
  g_assert_cmpuint (n_validation, ==, 100);
  g_assert_cmpuint (n_test, ==, 200);
  assert_partition (splits, dataset);
  for (guint id = 1000; id < 1200; id++)
    g_assert_cmpint (kairos_splits_get (splits, id), ==, KAIROS_SPLIT_TEST);
  for (int i = 0; i < 10; i++)
    g_assert_cmpuint (count_class (splits, dataset, KAIROS_SPLIT_VALIDATION, i), ==, 10);
  g_assert_cmpint (kairos_splits_get (splits, 1200), ==, KAIROS_SPLIT_UNUSED);
}

static void
most_validation (void)
{
  g_autoptr (KairosDataset) dataset = draw ("builtin:moons", 72000);
  g_autoptr (KairosSplits) splits = kairos_splits_new (dataset, 5, 0);
  guint n;

  kairos_splits_ids (splits, KAIROS_SPLIT_VALIDATION, &n);
  g_assert_cmpuint (n, ==, 5000);
}

static void
without_official (void)
{
  g_autoptr (KairosDataset) dataset = table (200);
  g_autoptr (KairosSplits) splits = kairos_splits_new (dataset, 5, 0);
  static const guint sizes[] = { 80, 100, 20 }; /* even, odd, rare */

  assert_partition (splits, dataset);
  for (int i = 0; i < 3; i++) {
    g_assert_cmpuint (count_class (splits, dataset, KAIROS_SPLIT_TEST, i), ==, sizes[i] / 10);
    g_assert_cmpuint (count_class (splits, dataset, KAIROS_SPLIT_VALIDATION, i), ==, sizes[i] / 10);
  }
}

static gboolean
equal (KairosSplits *a, KairosSplits *b, guint n)
{
  for (guint id = 0; id < n; id++)
    if (kairos_splits_get (a, id) != kairos_splits_get (b, id))
      return FALSE;
  return TRUE;
}

static void
fixed_by_seed (void)
{
  g_autoptr (KairosDataset) dataset = table (200);
  g_autoptr (KairosSplits) one = kairos_splits_new (dataset, 5, 0), same = kairos_splits_new (dataset, 5, 0),
                           other = kairos_splits_new (dataset, 6, 0);
  g_autoptr (KairosSplits) limited = kairos_splits_new (dataset, 5, 50);

  g_assert_true (equal (one, same, 200));
  g_assert_false (equal (one, other, 200));
  /* A limit takes from training alone: what judges stays the same. */
  for (guint id = 0; id < 200; id++)
    if (kairos_splits_get (one, id) != KAIROS_SPLIT_TRAIN)
      g_assert_cmpint (kairos_splits_get (limited, id), ==, kairos_splits_get (one, id));
}

static void
limit (void)
{
  g_autoptr (KairosDataset) dataset = table (200);
  g_autoptr (KairosSplits) splits = kairos_splits_new (dataset, 5, 40), beyond = kairos_splits_new (dataset, 5, 100000);
  guint n;

  assert_partition (splits, dataset);
  kairos_splits_ids (splits, KAIROS_SPLIT_TRAIN, &n);
  g_assert_cmpuint (n, ==, 40);
  g_assert_cmpuint (count_class (splits, dataset, KAIROS_SPLIT_TRAIN, 0), ==, 16);
  g_assert_cmpuint (count_class (splits, dataset, KAIROS_SPLIT_TRAIN, 1), ==, 20);
  g_assert_cmpuint (count_class (splits, dataset, KAIROS_SPLIT_TRAIN, 2), ==, 4);
  kairos_splits_ids (beyond, KAIROS_SPLIT_UNUSED, &n);
  g_assert_cmpuint (n, ==, 0);
}

static void
tiny (void)
{
  for (guint n = 2; n < 25; n++) {
    g_autoptr (KairosDataset) dataset = table (n);
    g_autoptr (KairosSplits) splits = kairos_splits_new (dataset, 5, 1);

    assert_partition (splits, dataset);
    for (guint i = 0; i < kairos_dataset_get_n_classes (dataset); i++)
      g_assert_cmpuint (count_class (splits, dataset, KAIROS_SPLIT_TRAIN, i), >=, 1);
  }
}

/* Against the definition, in double precision. */
static void
normalisation_of (KairosDataset *dataset)
{
  g_autoptr (KairosSplits) splits = kairos_splits_new (dataset, 3, 0);
  KairosShape shape = kairos_dataset_get_shape (dataset);
  gsize size = kairos_shape_size (shape);
  float mean[8], deviation[8], input[4096];
  guint n;
  const guint32 *ids = kairos_splits_ids (splits, KAIROS_SPLIT_TRAIN, &n);

  g_assert_cmpuint (size, <=, G_N_ELEMENTS (input));
  kairos_splits_normalisation (splits, dataset, mean, deviation);
  for (int c = 0; c < shape.channels; c++) {
    double sum = 0, square = 0, count = (double) n * size / shape.channels;

    for (int pass = 0; pass < 2; pass++)
      for (guint i = 0; i < n; i++) {
        kairos_dataset_copy_input (dataset, ids[i], input);
        for (gsize j = c; j < size; j += shape.channels)
          if (pass == 0)
            sum += input[j];
          else
            square += (input[j] - sum / count) * (input[j] - sum / count);
      }
    g_assert_cmpfloat_with_epsilon (mean[c], sum / count, 1e-5 * (1 + fabs (sum / count)));
    g_assert_cmpfloat_with_epsilon (deviation[c], square > 0 ? sqrt (square / count) : 1,
                                    1e-4 * (1 + sqrt (square / count)));
  }
}

static void
normalisation (void)
{
  g_autoptr (KairosDataset) grey = draw ("builtin:digits", 300), colour = draw ("builtin:shapes", 300),
                            points = draw ("builtin:spirals", 300), numbers = table (300);

  normalisation_of (grey);
  normalisation_of (colour);
  normalisation_of (points);
  normalisation_of (numbers);
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/data/splits/official", official);
  g_test_add_func ("/data/splits/most-validation", most_validation);
  g_test_add_func ("/data/splits/without-official", without_official);
  g_test_add_func ("/data/splits/fixed-by-seed", fixed_by_seed);
  g_test_add_func ("/data/splits/limit", limit);
  g_test_add_func ("/data/splits/tiny", tiny);
  g_test_add_func ("/data/splits/normalisation", normalisation);
  return fixture_run ();
}
