/* SPDX-License-Identifier: MIT */

/* kairosctl predict: the newest weights of a session, asked about picture files. */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <math.h>

enum { TOP = 5 };

static guint
best (const float *probabilities, guint n, const gboolean *taken)
{
  guint found = n;
  for (guint i = 0; i < n; i++)
    if (!taken[i] && (found == n || probabilities[i] > probabilities[found]))
      found = i;
  return found;
}

static void
print_prediction (gboolean json, const char *path, KairosDataset *dataset, const float *probabilities)
{
  guint n = kairos_dataset_get_n_classes (dataset);
  g_autofree gboolean *taken = g_new0 (gboolean, n);
  g_autoptr (GPtrArray) top = g_ptr_array_new_with_free_func (g_free);
  GString *text = g_string_new (NULL);
  guint first = best (probabilities, n, taken);
  for (guint k = 0; k < MIN (n, TOP); k++) {
    guint c = best (probabilities, n, taken);
    CliLine *row = cli_line_new ();
    taken[c] = TRUE;
    cli_line_text (row, "class", kairos_dataset_get_class_name (dataset, c));
    cli_line_number (row, "probability", probabilities[c], 5);
    g_ptr_array_add (top, cli_line_finish (row));
    g_string_append_printf (text, "%s%s %.1f %%", k ? ", " : "", kairos_dataset_get_class_name (dataset, c),
                            100 * probabilities[c]);
  }
  g_autofree char *rows = cli_join (top), *line_text = g_string_free (text, FALSE);
  if (json) {
    CliLine *line = cli_line_new ();
    cli_line_text (line, "file", path);
    cli_line_text (line, "class", kairos_dataset_get_class_name (dataset, first));
    cli_line_number (line, "probability", probabilities[first], 5);
    cli_line_raw (line, "top", rows);
    cli_line_print (line);
  } else
    g_print ("%s: %s\n", path, line_text);
}

/* Every picture gets its line; one that cannot be read gets its sentence, and the exit status says so. */
static int
predict (KairosTrainer *trainer, KairosDataset *dataset, gboolean json, char **paths)
{
  int status = CLI_OK;
  g_autofree float *probabilities = g_new (float, kairos_dataset_get_n_classes (dataset));
  for (; *paths; paths++) {
    g_autoptr (GError) error = NULL;
    g_autofree float *input = kairos_dataset_read_picture (dataset, *paths, &error);
    if (!input) {
      status = cli_fail (error);
      continue;
    }
    kairos_trainer_predict (trainer, 1, input, probabilities);
    print_prediction (json, *paths, dataset, probabilities);
  }
  return status;
}

int
cli_predict (const char *usage, const char *summary, int argc, char **argv)
{
  gboolean json = FALSE;
  gint64 run = 0;
  int status;
  const GOptionEntry entries[] = {
    CLI_RUN_OPTION (&run),
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON line a picture"), NULL },
    { NULL },
  };
  if (!cli_parse (usage, summary, entries, 2, G_MAXINT, &argc, &argv, &status))
    return status;

  g_autoptr (GError) error = NULL;
  g_autoptr (KairosDataset) dataset = NULL;
  g_autoptr (KairosSession) session = cli_open_session (argv[1], &dataset, &error);
  g_autoptr (KairosRunLog) log = session ? cli_open_log (session, run, &error) : NULL;
  if (!log)
    return cli_fail (error);
  g_autoptr (KairosPool) pool = kairos_pool_new (0);
  g_autoptr (KairosTrainer) trainer = cli_load_trainer (log, dataset, pool, NAN, &error);
  return trainer ? predict (trainer, dataset, json, argv + 2) : cli_fail (error);
}
