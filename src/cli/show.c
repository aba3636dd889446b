/* SPDX-License-Identifier: MIT */

/* kairosctl show: what a session holds, without opening its data. */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <math.h>

static char *
epoch_json (const KairosEpochRecord *record)
{
  CliLine *line = cli_line_new ();
  cli_line_number (line, "epoch", record->epoch, 6);
  cli_line_int (line, "step", record->step);
  cli_line_measures (line, record);
  cli_line_number (line, "images_per_second", record->images_per_second, 6);
  return cli_line_finish (line);
}

static char *
checkpoint_json (const KairosCheckpointInfo *checkpoint)
{
  CliLine *line = cli_line_new ();
  cli_line_int (line, "id", checkpoint->id);
  cli_line_int (line, "step", checkpoint->step);
  cli_line_number (line, "epoch", checkpoint->epoch, 6);
  cli_line_int (line, "bytes", checkpoint->bytes);
  cli_line_bool (line, "kept", checkpoint->pinned);
  return cli_line_finish (line);
}

static void
show_json (KairosRunLog *log, const KairosRunInfo *info, guint n_runs, GArray *epochs, GArray *checkpoints)
{
  CliLine *line = cli_line_new ();
  g_autoptr (JsonObject) config = kairos_config_to_json (kairos_run_log_get_config (log));
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), config);
  g_autofree char *text = json_to_string (node, FALSE);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_free),
                        points = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < epochs->len; i++)
    g_ptr_array_add (rows, epoch_json (&g_array_index (epochs, KairosEpochRecord, i)));
  for (guint i = 0; i < checkpoints->len; i++)
    g_ptr_array_add (points, checkpoint_json (&g_array_index (checkpoints, KairosCheckpointInfo, i)));
  g_autofree char *epochs_json = cli_join (rows), *checkpoints_json = cli_join (points);

  cli_line_text (line, "file", kairos_session_get_path (kairos_run_log_get_session (log)));
  cli_line_raw (line, "settings", text);
  cli_line_int (line, "run", info->id);
  cli_line_text (line, "name", info->name);
  cli_line_int (line, "runs", n_runs);
  cli_line_raw (line, "epochs", epochs_json);
  cli_line_raw (line, "checkpoints", checkpoints_json);
  cli_line_number (line, "test_accuracy", info->test_accuracy, 6);
  cli_line_text (line, "weights_sha256", info->weights);
  cli_line_print (line);
}

static void
show_settings (const KairosConfig *config)
{
  guint n;
  const KairosParam *params = kairos_config_params (&n);
  g_autoptr (JsonObject) values = kairos_config_to_json (config);
  for (guint i = 0; i < n; i++) {
    JsonNode *node = json_object_get_member (values, params[i].name);
    if (!node)
      continue;
    g_autofree char *text = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_DOUBLE
                                ? g_strdup_printf ("%.6g", json_node_get_double (node))
                            : json_node_get_value_type (node) == G_TYPE_STRING ? g_strdup (json_node_get_string (node))
                                                                               : json_to_string (node, FALSE);
    g_print ("  %-16s %s%s%s\n", params[i].name, text, params[i].unit ? " " : "", params[i].unit ? params[i].unit : "");
  }
}

/* One cell below the title of its column, at the right. */
static void
print_cell (const char *text, const char *title)
{
  g_print ("   %*s%s", (int) MAX (0, g_utf8_strlen (title, -1) - g_utf8_strlen (text, -1)), "", text);
}

static void
show_epochs (GArray *epochs)
{
  guint n;
  const KairosMeasure *const *measures = kairos_measures (&n);
  if (epochs->len == 0)
    return;
  g_print ("\n%s", _ ("epoch"));
  for (guint i = 0; i < n; i++)
    if (measures[i]->of_epoch)
      g_print ("   %s", _ (measures[i]->title));
  g_print ("\n");
  for (guint i = 0; i < epochs->len; i++) {
    const KairosEpochRecord *record = &g_array_index (epochs, KairosEpochRecord, i);
    g_print ("%5.0f", record->epoch);
    for (guint k = 0; k < n; k++)
      if (measures[k]->of_epoch) {
        g_autofree char *value = kairos_measure_format (measures[k]->group, measures[k]->of_epoch (record));
        print_cell (value, _ (measures[k]->title));
      }
    g_print ("\n");
  }
}

static void
show_text (KairosRunLog *log, const KairosRunInfo *info, guint n_runs, GArray *epochs, GArray *checkpoints)
{
  g_print (g_dngettext (NULL, "%s, run %d of %u: %s\n", "%s, run %d of %u: %s\n", n_runs),
           kairos_session_get_path (kairos_run_log_get_session (log)), (int) info->id, n_runs, info->name);
  show_settings (kairos_run_log_get_config (log));
  show_epochs (epochs);
  gint64 bytes = 0;
  for (guint i = 0; i < checkpoints->len; i++)
    bytes += g_array_index (checkpoints, KairosCheckpointInfo, i).bytes;
  g_autofree char *size = g_format_size (bytes);
  g_print (g_dngettext (NULL, "\n%u checkpoint, %s\n", "\n%u checkpoints, %s\n", checkpoints->len), checkpoints->len,
           size);
  if (!isnan (info->test_accuracy))
    g_print (_ ("Test accuracy %.2f %%\n"), 100 * info->test_accuracy);
  if (info->weights)
    g_print (_ ("Weights %s\n"), info->weights);
}

static int
show (KairosRunLog *log, gboolean json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) epochs = kairos_run_log_get_epochs (log, &error);
  g_autoptr (GArray) checkpoints = epochs ? kairos_run_log_get_checkpoints (log, &error) : NULL;
  g_autoptr (GPtrArray) runs = checkpoints ? kairos_session_get_runs (kairos_run_log_get_session (log), &error) : NULL;

  if (!runs)
    return cli_fail (error);
  for (guint i = 0; i < runs->len; i++) {
    const KairosRunInfo *info = runs->pdata[i];
    if (info->id == kairos_run_log_get_run (log))
      (json ? show_json : show_text) (log, info, runs->len, epochs, checkpoints);
  }
  return CLI_OK;
}

int
cli_show (const char *usage, const char *summary, int argc, char **argv)
{
  gboolean json = FALSE;
  gint64 run = 0;
  int status;
  const GOptionEntry entries[] = {
    CLI_RUN_OPTION (&run),
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON object"), NULL },
    { NULL },
  };
  if (!cli_parse (usage, summary, entries, 1, 1, &argc, &argv, &status))
    return status;

  g_autoptr (GError) error = NULL;
  g_autoptr (KairosSession) session = cli_open_session (argv[1], NULL, &error);
  g_autoptr (KairosRunLog) log = session ? cli_open_log (session, run, &error) : NULL;
  return log ? show (log, json) : cli_fail (error);
}
