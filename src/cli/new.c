/* SPDX-License-Identifier: MIT */

/* kairosctl new: makes a session.  Its options are the table of hyper-parameters, and a timeline. */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <kairos/plan.h>
#include <math.h>

/* Builds the network, and the plan of a timeline, once for the data, so that a session that cannot train is refused
 * here and not later. */
static gboolean
check (const KairosConfig *config, KairosDataset *dataset, KairosTimeline *timeline, GError **error)
{
  g_autoptr (KairosNetwork) network = kairos_network_new (config->network, kairos_dataset_get_shape (dataset),
                                                          kairos_dataset_get_n_classes (dataset), error);
  g_autoptr (KairosSplits) splits =
      network && timeline ? kairos_splits_new (dataset, config->seed, config->limit) : NULL;
  guint n_train = 0;

  if (!splits)
    return network != NULL;
  kairos_splits_ids (splits, KAIROS_SPLIT_TRAIN, &n_train);
  const KairosPlanContext context = { config->seed, (n_train + config->batch - 1) / config->batch,
                                      dataset,      splits,
                                      network,      (guint) config->batch };
  g_autoptr (KairosPlan) plan = kairos_plan_new (timeline, &context, error);
  return plan != NULL;
}

/* timeline may be NULL. */
static int
create (const char *path, const KairosConfig *config, KairosTimeline *timeline)
{
  g_autoptr (GError) error = NULL;
  KairosOpenOptions options = kairos_config_open_options (config);
  if (g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_printerr (_ ("kairosctl: %s is there already; choose another name, or remove it first.\n"), path);
    return CLI_ERROR;
  }
  g_autoptr (KairosDataset) dataset =
      kairos_dataset_open (config->data, &options, cli_progress_func, NULL, cli_cancellable (), &error);
  cli_progress_clear ();
  if (!dataset || !check (config, dataset, timeline, &error))
    return cli_fail (error);
  for (const char *const *problem = kairos_dataset_get_problems (dataset); *problem; problem++)
    g_printerr (_ ("Left out: %s\n"), *problem);
  g_autoptr (KairosSession) session = kairos_session_create (path, config, dataset, timeline, &error);
  return session ? CLI_OK : cli_fail (error);
}

/* A timeline says how long the training is, unless the command line does. */
static KairosTimeline *
read_timeline (const char *path, KairosConfig *config, gboolean has_epochs, GError **error)
{
  KairosTimeline *timeline = cli_read_timeline (path, error);

  if (timeline && !has_epochs && kairos_timeline_get_epochs (timeline) > 0)
    config->epochs = (int) ceil (kairos_timeline_get_epochs (timeline));
  return timeline;
}

int
cli_new (const char *usage, const char *summary, int argc, char **argv)
{
  guint n;
  int status = CLI_OK;
  const KairosParam *params = kairos_config_params (&n);
  g_autofree GOptionEntry *entries = g_new0 (GOptionEntry, n + 2);
  g_auto (GStrv) values = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    entries[i] = (GOptionEntry){
      params[i].name, 0, 0, G_OPTION_ARG_STRING, &values[i], params[i].help, params[i].unit ? params[i].unit : "VALUE"
    };

  g_autofree char *timeline_path = NULL;
  entries[n] = (GOptionEntry){
    "timeline", 0, 0, G_OPTION_ARG_FILENAME, &timeline_path, N_ ("What is done to the training, and when"), "T.json"
  };
  gboolean go_on = cli_parse (usage, summary, entries, 1, 1, &argc, &argv, &status);
  g_autoptr (KairosConfig) config = kairos_config_new ();
  gboolean has_data = FALSE, has_network = FALSE, has_epochs = FALSE;
  for (guint i = 0; i < n && go_on; i++) {
    g_autoptr (GError) error = NULL;
    if (!values[i])
      continue;
    has_data |= g_str_equal (params[i].name, "data");
    has_network |= g_str_equal (params[i].name, "network");
    has_epochs |= g_str_equal (params[i].name, "epochs");
    if (!kairos_config_set (config, params[i].name, values[i], &error)) {
      status = cli_fail (error);
      go_on = FALSE;
    }
  }
  if (go_on && (!has_data || !has_network)) {
    status = cli_usage_error (usage, _ ("--data and --network are needed; \"kairosctl list data\" and \"kairosctl list "
                                        "networks\" show what there is."));
    go_on = FALSE;
  }
  g_autoptr (GError) problem = NULL;
  g_autoptr (KairosTimeline) timeline =
      go_on && timeline_path ? read_timeline (timeline_path, config, has_epochs, &problem) : NULL;
  if (go_on)
    status = problem ? cli_fail (problem) : create (argv[1], config, timeline);
  for (guint i = 0; i < n; i++) /* the vector has gaps, so it is freed by hand */
    g_clear_pointer (&values[i], g_free);
  return status;
}
