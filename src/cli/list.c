/* SPDX-License-Identifier: MIT */

/* kairosctl list: the tables of everything that can be chosen, read from the tables themselves. */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <kairos/dataset.h>
#include <kairos/network.h>
#include <kairos/optimizer.h>
#include <kairos/probe.h>
#include <kairos/regime.h>
#include <string.h>

static void
print_row (gboolean json, const char *kind, const char *name, const char *summary, JsonNode *params)
{
  if (!json) {
    g_print ("%-18s %s\n", name, _ (summary));
    return;
  }
  CliLine *line = cli_line_new ();
  cli_line_text (line, "kind", kind);
  cli_line_text (line, "name", name);
  cli_line_text (line, "summary", _ (summary));
  if (params) {
    g_autofree char *text = json_to_string (params, FALSE);
    cli_line_raw (line, "params", text);
  }
  cli_line_print (line);
}

static void
list_data (gboolean json)
{
  guint n;
  const KairosBuiltinInfo *builtins = kairos_builtin_infos (&n);
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("builtin:%s", builtins[i].name);
    print_row (json, "builtin", name, builtins[i].summary, NULL);
  }
  const KairosReaderInfo *readers = kairos_reader_infos (&n);
  for (guint i = 0; i < n; i++)
    if (!g_str_equal (readers[i].name, "builtin"))
      print_row (json, "reader", readers[i].name, readers[i].summary, NULL);
}

static void
list_networks (gboolean json)
{
  guint n;
  const KairosPreset *presets = kairos_presets (&n);
  for (guint i = 0; i < n; i++)
    print_row (json, "network", presets[i].name, presets[i].summary, NULL);
}

static void
list_layers (gboolean json)
{
  guint n;
  const KairosLayerInfo *layers = kairos_layer_infos (&n);
  for (guint i = 0; i < n; i++) {
    g_autoptr (JsonNode) params = kairos_params_to_json (layers[i].params, layers[i].n_params);
    print_row (json, "layer", layers[i].name, layers[i].summary, params);
    for (guint j = 0; j < layers[i].n_params && !json; j++)
      g_print ("    %-16s %s\n", layers[i].params[j].name, _ (layers[i].params[j].help));
  }
}

static void
list_optimizers (gboolean json)
{
  guint n;
  const KairosOptimizerInfo *optimizers = kairos_optimizer_infos (&n);
  for (guint i = 0; i < n; i++)
    print_row (json, "optimizer", optimizers[i].name, optimizers[i].summary, NULL);
}

static void
list_schedules (gboolean json)
{
  guint n;
  const KairosScheduleInfo *schedules = kairos_schedule_infos (&n);
  for (guint i = 0; i < n; i++)
    print_row (json, "schedule", schedules[i].name, schedules[i].summary, NULL);
}

static void
list_probes (gboolean json)
{
  guint n;
  const KairosProbe *const *probes = kairos_probes (&n);
  for (guint i = 0; i < n; i++) {
    print_row (json, "probe", probes[i]->name, probes[i]->summary, NULL);
    for (guint k = 0; k < probes[i]->set.n_measures && !json; k++)
      g_print ("    %-16s %s\n", probes[i]->set.measures[k].name, _ (probes[i]->set.measures[k].group->summary));
  }
}

static const struct {
  const char *name;
  void (*list) (gboolean json);
} lists[] = {
  { "data", list_data },           { "networks", list_networks },
  { "layers", list_layers },       { "optimizers", list_optimizers },
  { "schedules", list_schedules }, { "probes", list_probes },
};

int
cli_list (const char *usage, const char *summary, int argc, char **argv)
{
  gboolean json = FALSE;
  int status;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON object a line"), NULL }, { NULL }
  };
  if (!cli_parse (usage, summary, entries, 1, 1, &argc, &argv, &status))
    return status;
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    if (strcmp (argv[1], lists[i].name) == 0) {
      lists[i].list (json);
      return CLI_OK;
    }
  return cli_usage_error (
      usage, _ ("there is no list of \"%s\"; choose data, networks, layers, optimizers, schedules or probes."),
      argv[1]);
}
