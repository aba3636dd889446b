/* SPDX-License-Identifier: MIT */

/* kairosctl new: makes a session.  Its options are the table of hyper-parameters, nothing else. */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <kairos/network.h>

/* Builds the network once for the data, so that a session that cannot train is refused here and not later. */
static gboolean
check_network (const KairosConfig *config, KairosDataset *dataset, GError **error)
{
  g_autoptr (KairosNetwork) network =
    kairos_network_new (config->network, kairos_dataset_get_shape (dataset), kairos_dataset_get_n_classes (dataset), error);
  return network != NULL;
}

static int
create (const char *path, const KairosConfig *config)
{
  g_autoptr (GError) error = NULL;
  KairosOpenOptions options = kairos_config_open_options (config);
  if (g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_printerr (_("kairosctl: %s is there already; choose another name, or remove it first.\n"), path);
    return CLI_ERROR;
  }
  g_autoptr (KairosDataset) dataset = kairos_dataset_open (config->data, &options, cli_progress_func, NULL, cli_cancellable (), &error);
  cli_progress_clear ();
  if (!dataset || !check_network (config, dataset, &error))
    return cli_fail (error);
  for (const char *const *problem = kairos_dataset_get_problems (dataset); *problem; problem++)
    g_printerr (_("Left out: %s\n"), *problem);
  g_autoptr (KairosSession) session = kairos_session_create (path, config, dataset, &error);
  return session ? CLI_OK : cli_fail (error);
}

int
cli_new (const char *usage, const char *summary, int argc, char **argv)
{
  guint n;
  int status = CLI_OK;
  const KairosParam *params = kairos_config_params (&n);
  g_autofree GOptionEntry *entries = g_new0 (GOptionEntry, n + 1);
  g_auto (GStrv) values = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    entries[i] = (GOptionEntry) { params[i].name, 0, 0, G_OPTION_ARG_STRING, &values[i], params[i].help, params[i].unit ? params[i].unit : "VALUE" };

  gboolean go_on = cli_parse (usage, summary, entries, 1, 1, &argc, &argv, &status);
  g_autoptr (KairosConfig) config = kairos_config_new ();
  gboolean has_data = FALSE, has_network = FALSE;
  for (guint i = 0; i < n && go_on; i++) {
    g_autoptr (GError) error = NULL;
    if (!values[i])
      continue;
    has_data |= g_str_equal (params[i].name, "data");
    has_network |= g_str_equal (params[i].name, "network");
    if (!kairos_config_set (config, params[i].name, values[i], &error)) {
      status = cli_fail (error);
      go_on = FALSE;
    }
  }
  if (go_on && (!has_data || !has_network)) {
    status
        = cli_usage_error (usage, _("--data and --network are needed; \"kairosctl list data\" and \"kairosctl list networks\" show what there is."));
    go_on = FALSE;
  }
  if (go_on)
    status = create (argv[1], config);
  for (guint i = 0; i < n; i++) /* the vector has gaps, so it is freed by hand */
    g_clear_pointer (&values[i], g_free);
  return status;
}
