/* SPDX-License-Identifier: MIT */

/* Data that the program draws: what the table says, the same every time, balanced, and neither blank nor all alike. */
#include <math.h>
#include <string.h>

#include "fixture.h"

static KairosDataset *
draw (const char *name, int samples)
{
  g_autofree char *spec = g_strconcat ("builtin:", name, NULL);
  GError *error = NULL;
  KairosDataset *dataset =
      kairos_dataset_open (spec, &(KairosOpenOptions){ .samples = samples }, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (kairos_dataset_get_spec (dataset), ==, spec);
  return dataset;
}

static gconstpointer
sample (KairosDataset *dataset, guint id)
{
  return kairos_dataset_is_image (dataset) ? (gconstpointer) kairos_dataset_get_bytes (dataset, id)
                                           : kairos_dataset_get_floats (dataset, id);
}

static gsize
sample_size (KairosDataset *dataset)
{
  return kairos_shape_size (kairos_dataset_get_shape (dataset)) *
         (kairos_dataset_is_image (dataset) ? 1 : sizeof (float));
}

static void
as_announced (gconstpointer data)
{
  const KairosBuiltinInfo *info = data;
  g_autoptr (KairosDataset) dataset = draw (info->name, 0);
  guint n = kairos_dataset_get_n_samples (dataset), counts[16] = { 0 }, n_test = 0;
  const float *difficulty = kairos_dataset_get_difficulty (dataset);
  KairosShape shape = kairos_dataset_get_shape (dataset);

  g_assert_cmpuint (n, ==, info->n_samples);
  g_assert_cmpuint (kairos_dataset_get_n_classes (dataset), ==, info->n_classes);
  g_assert_cmpmem (&shape, sizeof shape, &info->shape, sizeof shape);
  g_assert_cmpstr (kairos_dataset_get_reader (dataset), ==, "builtin");
  for (guint id = 0; id < n; id++) {
    counts[kairos_dataset_get_labels (dataset)[id]]++;
    n_test += kairos_dataset_get_official (dataset)[id] == KAIROS_SPLIT_TEST;
    g_assert_true (difficulty[id] >= 0 && difficulty[id] <= 1);
  }
  g_assert_cmpuint (n_test, ==, n / 6);
  for (int i = 0; i < info->n_classes; i++)
    g_assert_cmpuint (ABS ((int) counts[i] - (int) (n / info->n_classes)), <=, 1);
}

/* A sample is a function of its id: neither the number of samples nor another run changes it. */
static void
same_every_time (gconstpointer data)
{
  const KairosBuiltinInfo *info = data;
  g_autoptr (KairosDataset) one = draw (info->name, 300), other = draw (info->name, 300),
                            longer = draw (info->name, 1000);

  g_assert_cmpstr (kairos_dataset_get_checksum (one), ==, kairos_dataset_get_checksum (other));
  for (guint id = 0; id < 300; id++)
    g_assert_cmpmem (sample (one, id), sample_size (one), sample (longer, id), sample_size (longer));
}

static void
all_different (gconstpointer data)
{
  const KairosBuiltinInfo *info = data;
  g_autoptr (KairosDataset) dataset = draw (info->name, 400);
  g_autoptr (GHashTable) seen =
      g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  double lowest = 1, highest = 0;

  for (guint id = 0; id < 400; id++) {
    double difficulty = kairos_dataset_get_difficulty (dataset)[id];

    g_assert_true (g_hash_table_add (seen, g_bytes_new (sample (dataset, id), sample_size (dataset))));
    lowest = MIN (lowest, difficulty);
    highest = MAX (highest, difficulty);
  }
  g_assert_cmpfloat (highest - lowest, >, 0.4);
}

/* The nearest neighbour among 600 others is of the same class far more often than chance: the labels belong to the
 * pictures. */
static void
learnable (gconstpointer data)
{
  const KairosBuiltinInfo *info = data;
  g_autoptr (KairosDataset) dataset = draw (info->name, 650);
  gsize size = kairos_shape_size (info->shape);
  g_autofree float *inputs = g_new (float, 650 * size);
  guint n_right = 0;

  for (guint id = 0; id < 650; id++)
    kairos_dataset_copy_input (dataset, id, inputs + id * size);
  for (guint id = 600; id < 650; id++) {
    double nearest = INFINITY;
    guint neighbour = 0;

    for (guint other = 0; other < 600; other++) {
      double distance = 0;

      for (gsize i = 0; i < size; i++)
        distance +=
            (inputs[id * size + i] - inputs[other * size + i]) * (inputs[id * size + i] - inputs[other * size + i]);
      if (distance < nearest) {
        nearest = distance;
        neighbour = other;
      }
    }
    n_right += kairos_dataset_get_labels (dataset)[id] == kairos_dataset_get_labels (dataset)[neighbour];
  }
  g_assert_cmpuint (n_right, >, 50 / info->n_classes + (strcmp (info->name, "shapes") == 0 ? 0 : 10));
}

int
main (int argc, char **argv)
{
  guint n;
  const KairosBuiltinInfo *infos = kairos_builtin_infos (&n);
  static const struct {
    const char *name;
    void (*run) (gconstpointer data);
  } tests[] = { { "as-announced", as_announced },
                { "same-every-time", same_every_time },
                { "all-different", all_different },
                { "learnable", learnable } };

  fixture_init (&argc, &argv);
  g_assert_cmpuint (n, ==, 7);
  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < G_N_ELEMENTS (tests); j++) {
      g_autofree char *path = g_strdup_printf ("/data/builtin/%s/%s", infos[i].name, tests[j].name);

      g_test_add_data_func (path, &infos[i], tests[j].run);
    }
  return fixture_run ();
}
