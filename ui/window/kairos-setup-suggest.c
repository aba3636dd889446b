/* SPDX-License-Identifier: MIT */

/* What to begin with on a data set that nobody has said anything about. */
#include "config.h"

#include <math.h>

#include "window/kairos-setup-page.h"

enum { ENOUGH_STEPS_AN_EPOCH = 50, ENOUGH_STEPS = 2000, MANY_EPOCHS = 100, SMALLEST_BATCH = 8 };

static gboolean
fits (const char *network, KairosDataset *dataset)
{
  g_autoptr (KairosNetwork) made =
      kairos_network_new (network, kairos_dataset_get_shape (dataset), kairos_dataset_get_n_classes (dataset), NULL);

  return made != NULL;
}

/* The network its maker names; else the first that fits, from the one that learns best to the one that always fits. */
static const char *
suited_network (KairosDataset *dataset)
{
  static const char *const for_grey[] = { "lenet-5", "small-cnn", "lenet-300-100", NULL };
  static const char *const for_colour[] = { "small-cnn", "lenet-5", "lenet-300-100", NULL };
  static const char *const for_points[] = { "mlp-32-32", NULL };
  const char *const *names = !kairos_dataset_is_image (dataset)                 ? for_points
                             : kairos_dataset_get_shape (dataset).channels == 1 ? for_grey
                                                                                : for_colour;
  guint n;
  const KairosBuiltinInfo *infos = kairos_builtin_infos (&n);

  for (guint i = 0; i < n; i++)
    if (g_str_has_prefix (kairos_dataset_get_spec (dataset), "builtin:") &&
        g_str_equal (kairos_dataset_get_spec (dataset) + 8, infos[i].name))
      return infos[i].network;
  for (; *names; names++)
    if (fits (*names, dataset))
      return *names;
  return "logistic";
}

KairosConfig *
kairos_setup_suggest (KairosDataset *dataset)
{
  KairosConfig *config = kairos_config_new ();
  const guint8 *official = kairos_dataset_get_official (dataset);
  guint n = kairos_dataset_get_n_samples (dataset), n_train = 0;
  double steps;

  for (guint i = 0; i < n; i++)
    n_train += official[i] == KAIROS_SPLIT_TRAIN;
  /* about: validation and test take their part */
  n_train = kairos_dataset_has_official_test (dataset) ? 0.9 * n_train : 0.8 * n_train;
  g_free (config->data);
  config->data = g_strdup (kairos_dataset_get_spec (dataset));
  g_free (config->network);
  config->network = g_strdup (suited_network (dataset));
  while (config->batch > SMALLEST_BATCH && n_train / config->batch < ENOUGH_STEPS_AN_EPOCH)
    config->batch /= 2;
  steps = MAX (1, n_train / config->batch);
  config->epochs = MAX (config->epochs, (int) MIN (MANY_EPOCHS, ceil (ENOUGH_STEPS / steps)));
  return config;
}
