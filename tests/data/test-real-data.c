/* SPDX-License-Identifier: MIT */

/* The published data sets, where $KAIROS_DATASETS has them: counts and labels as their README says. */
#include <string.h>

#include "fixture.h"

static void
assert_counts (KairosDataset *dataset, KairosSplit split, const guint counts[10])
{
  guint found[10] = { 0 };

  for (guint id = 0; id < kairos_dataset_get_n_samples (dataset); id++)
    if (kairos_dataset_get_official (dataset)[id] == split)
      found[kairos_dataset_get_labels (dataset)[id]]++;
  for (int i = 0; i < 10; i++)
    g_assert_cmpuint (found[i], ==, counts[i]);
}

static void
mnist (void)
{
  static const guint train[] = { 5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949 };
  static const guint test[] = { 980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009 };
  g_autofree char *path = fixture_real_data ("mnist");
  g_autoptr (KairosDataset) dataset = path ? fixture_must_open (path, "", NULL) : NULL;

  if (!dataset)
    return;
  g_assert_cmpstr (kairos_dataset_get_title (dataset), ==, "mnist");
  g_assert_cmpuint (kairos_dataset_get_n_samples (dataset), ==, 70000);
  assert_counts (dataset, KAIROS_SPLIT_TRAIN, train);
  assert_counts (dataset, KAIROS_SPLIT_TEST, test);
  g_assert_cmpint (kairos_dataset_get_labels (dataset)[0], ==, 5); /* the well-known first ones */
  g_assert_cmpint (kairos_dataset_get_labels (dataset)[60000], ==, 7);
  /* The pictures once, as bytes, and little more. */
  g_assert_cmpuint (kairos_dataset_get_memory (dataset), <, 70000 * (784 + 8));
}

static void
mnist_normalisation (void)
{
  g_autofree char *path = fixture_real_data ("mnist");
  g_autoptr (KairosDataset) dataset = path ? fixture_must_open (path, "", NULL) : NULL;
  g_autoptr (KairosSplits) splits = NULL;
  float mean, deviation;
  guint n;

  if (!dataset)
    return;
  splits = kairos_splits_new (dataset, 1, 0);
  kairos_splits_ids (splits, KAIROS_SPLIT_VALIDATION, &n);
  g_assert_cmpuint (n, ==, 5000);
  kairos_splits_normalisation (splits, dataset, &mean, &deviation);
  g_assert_cmpfloat_with_epsilon (mean, 0.1307, 0.001); /* the published constants, of all 60000 */
  g_assert_cmpfloat_with_epsilon (deviation, 0.3081, 0.001);
}

static void
fashion (void)
{
  static const guint train[] = { 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000 };
  static const guint test[] = { 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000 };
  g_autofree char *path = fixture_real_data ("fashion-mnist");
  g_autoptr (KairosDataset) dataset = path ? fixture_must_open (path, "t10k-labels-idx1-ubyte.gz", NULL) : NULL;

  if (!dataset)
    return;
  assert_counts (dataset, KAIROS_SPLIT_TRAIN, train);
  assert_counts (dataset, KAIROS_SPLIT_TEST, test);
  g_assert_cmpstr (kairos_dataset_get_class_name (dataset, 9), ==, "ankle boot");
}

static void
cifar (void)
{
  static const guint train[] = { 2983, 3023, 3007, 3008, 2999, 2954, 3016, 3042, 2973, 2995 };
  static const guint test[] = { 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000 };
  g_autofree char *path = fixture_real_data ("cifar-10");
  g_autoptr (KairosDataset) dataset = path ? fixture_must_open (path, "", NULL) : NULL;

  if (!dataset)
    return;
  g_assert_cmpuint (kairos_dataset_get_n_samples (dataset), ==, 40000);
  g_assert_cmpstr (kairos_dataset_get_class_name (dataset, 0), ==, "airplane");
  g_assert_cmpstr (kairos_dataset_get_class_name (dataset, 9), ==, "truck");
  assert_counts (dataset, KAIROS_SPLIT_TRAIN, train);
  assert_counts (dataset, KAIROS_SPLIT_TEST, test);
}

static void
photos (void)
{
  g_autofree char *path = fixture_real_data ("photos");
  KairosOpenOptions options = { .side = 32 };
  g_autoptr (KairosDataset) dataset = path ? fixture_must_open (path, "", &options) : NULL;
  const char *const *problems;
  guint n_ants = 0;

  if (!dataset)
    return;
  problems = kairos_dataset_get_problems (dataset);
  g_assert_cmpstr (problems[0], ==, "ants/imageNotFound.gif: not a PNG, JPEG or BMP picture");
  g_assert_null (problems[1]);
  g_assert_cmpuint (kairos_dataset_get_n_samples (dataset), ==, 253);
  g_assert_cmpint (kairos_dataset_get_shape (dataset).channels, ==, 3);
  for (guint id = 0; id < 253; id++)
    n_ants += kairos_dataset_get_labels (dataset)[id] == 0;
  g_assert_cmpuint (n_ants, ==, 132);
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/data/real/mnist", mnist);
  g_test_add_func ("/data/real/mnist-normalisation", mnist_normalisation);
  g_test_add_func ("/data/real/fashion-mnist", fashion);
  g_test_add_func ("/data/real/cifar-10", cifar);
  g_test_add_func ("/data/real/photos", photos);
  return fixture_run ();
}
