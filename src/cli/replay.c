/* SPDX-License-Identifier: MIT */

/* kairosctl replay: trains a session again from its start and compares the weights. */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <kairos/replay.h>

static void
print_replay (const KairosReplay *replay, gboolean json)
{
  if (!json) {
    g_print (replay->same ? _ ("The same weights after %lu steps: %s\n")
                          : _ ("Different weights after %lu steps: %s\n"),
             (unsigned long) replay->steps, replay->weights);
    return;
  }
  CliLine *line = cli_line_new ();
  cli_line_bool (line, "same", replay->same);
  cli_line_text (line, "weights_sha256", replay->weights);
  cli_line_text (line, "recorded_sha256", replay->recorded);
  cli_line_int (line, "steps", replay->steps);
  cli_line_print (line);
}

int
cli_replay (const char *usage, const char *summary, int argc, char **argv)
{
  gboolean json = FALSE;
  gint64 run = 0;
  int threads = 0, status;
  const GOptionEntry entries[] = {
    { "threads", 0, 0, G_OPTION_ARG_INT, &threads,
      N_ ("Threads that compute (default: one a core); the result does not depend on it"), "N" },
    CLI_RUN_OPTION (&run),
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON object"), NULL },
    { NULL },
  };
  if (!cli_parse (usage, summary, entries, 1, 1, &argc, &argv, &status))
    return status;
  if (cli_out_of_range ("threads", threads, 0, 256))
    return CLI_USAGE;
  cli_catch_interrupts ();
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosDataset) dataset = NULL;
  g_autoptr (KairosSession) session = cli_open_session (argv[1], &dataset, &error);
  g_autoptr (KairosRunLog) log = session ? cli_open_log (session, run, &error) : NULL;
  g_autoptr (KairosPool) pool = log ? kairos_pool_new (threads) : NULL;
  KairosReplay replay;
  if (!log || !kairos_replay (log, dataset, pool, cli_progress_func, NULL, cli_interrupted (), &replay, &error))
    return cli_fail (error);
  cli_progress_clear ();
  print_replay (&replay, json);
  g_free (replay.weights);
  g_free (replay.recorded);
  if (replay.warning)
    g_printerr ("kairosctl: %s\n", replay.warning);
  g_free (replay.warning);
  return replay.same ? CLI_OK : CLI_ERROR;
}
