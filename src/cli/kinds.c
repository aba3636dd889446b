/* SPDX-License-Identifier: MIT */

/* kairosctl kinds: what can be put on a timeline, with the schema of its settings. */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <kairos/kind.h>

static void
print_json (const KairosKind *kind)
{
  g_autoptr (JsonNode) schema = kairos_params_to_json (kind->params, kind->n_params);
  g_autofree char *params = json_to_string (schema, FALSE);
  CliLine *line = cli_line_new ();

  cli_line_text (line, "name", kind->name);
  cli_line_text (line, "title", _ (kind->title));
  cli_line_text (line, "summary", _ (kind->summary));
  cli_line_text (line, "track", kind->track);
  cli_line_bool (line, "event", kind->event);
  cli_line_text (line, "overlap", kairos_overlap_name (kind->overlap));
  cli_line_raw (line, "params", params);
  cli_line_print (line);
}

static void
print_text (const KairosKind *kind)
{
  g_print ("%-18s %s\n", kind->name, _ (kind->summary));
  for (guint i = 0; i < kind->n_params; i++) {
    const KairosParam *param = &kind->params[i];
    gboolean lists = param->type == KAIROS_PARAM_CHOICE;
    g_print ("    %-14s %s%s%s%s\n", param->name, _ (param->help), lists ? " (" : "", lists ? param->choices : "",
             lists ? ")" : "");
  }
}

int
cli_kinds (const char *usage, const char *summary, int argc, char **argv)
{
  gboolean json = FALSE;
  int status;
  guint n;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON object a line"), NULL }, { NULL }
  };
  if (!cli_parse (usage, summary, entries, 0, 0, &argc, &argv, &status))
    return status;
  const KairosKind *const *kinds = kairos_kinds (&n);
  for (guint i = 0; i < n; i++)
    (json ? print_json : print_text) (kinds[i]);
  return CLI_OK;
}
