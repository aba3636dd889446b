/* SPDX-License-Identifier: MIT */

/* kairosctl timeline: prints a session's timeline, or replaces the part after the playhead. */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <kairos/runner.h>

KairosTimeline *
cli_read_timeline (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  KairosTimeline *timeline = kairos_timeline_from_text (text, length, error);
  if (!timeline)
    g_prefix_error (error, "%s: ", path);
  return timeline;
}

/* The session's, with the number of epochs that it plans. */
static KairosTimeline *
get_timeline (KairosRunLog *log)
{
  g_autoptr (KairosTimeline) timeline = kairos_timeline_ref (kairos_run_log_get_timeline (log));
  KairosTimeline *with_epochs =
      kairos_timeline_get_epochs (timeline) > 0
          ? NULL
          : kairos_timeline_set_epochs (timeline, kairos_run_log_get_config (log)->epochs, NULL);

  return with_epochs ? with_epochs : g_steal_pointer (&timeline);
}

static int
print_timeline (const char *path, gint64 run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosSession) session = kairos_session_open (path, &error);
  g_autoptr (KairosRunLog) log = session ? cli_open_log (session, run, &error) : NULL;
  if (!log)
    return cli_fail (error);
  g_autoptr (KairosTimeline) timeline = get_timeline (log);
  g_autofree char *text = kairos_timeline_to_text (timeline, TRUE);
  g_print ("%s\n", text);
  return CLI_OK;
}

int
cli_edit_timeline (const char *path, gint64 run, gboolean (*edit) (KairosRunner *runner, gpointer data, GError **error),
                   gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosDataset) dataset = NULL;
  g_autoptr (KairosSession) session = cli_open_session (path, &dataset, &error);
  g_autoptr (KairosPool) pool = session ? kairos_pool_new (1) : NULL;
  g_autoptr (KairosRunner) runner = session ? kairos_runner_new (session, run, dataset, NULL, pool, &error) : NULL;

  return runner && edit (runner, data, &error) ? CLI_OK : cli_fail (error);
}

static gboolean
set_timeline (KairosRunner *runner, gpointer data, GError **error)
{
  return kairos_runner_set_timeline (runner, data, error);
}

int
cli_timeline (const char *usage, const char *summary, int argc, char **argv)
{
  gboolean get = FALSE;
  g_autofree char *set = NULL;
  gint64 run = 0;
  int status;
  const GOptionEntry entries[] = {
    { "get", 0, 0, G_OPTION_ARG_NONE, &get, N_ ("Print the timeline (the default)"), NULL },
    CLI_RUN_OPTION (&run),
    { "set", 0, 0, G_OPTION_ARG_FILENAME, &set, N_ ("Replace what comes after the playhead by this timeline"),
      "T.json" },
    { NULL },
  };
  if (!cli_parse (usage, summary, entries, 1, 1, &argc, &argv, &status))
    return status;
  if (get && set)
    return cli_usage_error (usage, _ ("give either --get or --set."));
  if (!set)
    return print_timeline (argv[1], run);
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosTimeline) timeline = cli_read_timeline (set, &error);
  return timeline ? cli_edit_timeline (argv[1], run, set_timeline, timeline) : cli_fail (error);
}
