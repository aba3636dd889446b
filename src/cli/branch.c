/* SPDX-License-Identifier: MIT */

/* kairosctl branch: what "Branch from Here" does in the window: a new run that goes on from a checkpoint, with another
 * timeline if there is one. */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <kairos/runner.h>
#include <math.h>

typedef struct {
  double at;
  KairosTimeline *timeline; /* NULL: the same */
  const char *name;         /* NULL: its number */
  gint64 run;               /* the new one */
} Branch;

static gboolean
branch (KairosRunner *runner, gpointer data, GError **error)
{
  Branch *self = data;
  KairosTrainer *trainer = kairos_runner_get_trainer (runner);
  g_autoptr (KairosTimeline) timeline =
      kairos_timeline_ref (self->timeline ? self->timeline : kairos_trainer_get_timeline (trainer));

  self->run = kairos_runner_branch (runner, timeline, self->at, error);
  return self->run != 0;
}

/* Gives the new run its name, and says what it is. */
static int
describe (const char *path, const Branch *self, gboolean json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosSession) session = kairos_session_open (path, &error);
  if (!session || (self->name && !kairos_session_rename_run (session, self->run, self->name, &error)))
    return cli_fail (error);
  g_autoptr (GPtrArray) runs = kairos_session_get_runs (session, &error);
  if (!runs)
    return cli_fail (error);
  for (guint i = 0; i < runs->len; i++) {
    const KairosRunInfo *info = runs->pdata[i];
    if (info->id != self->run)
      continue;
    if (json) {
      CliLine *line = cli_line_new ();
      cli_line_int (line, "id", info->id);
      cli_line_text (line, "name", info->name);
      cli_line_int (line, "parent", info->parent);
      cli_line_number (line, "fork_epoch", info->fork_epoch, 9);
      cli_line_print (line);
    } else
      g_print (_ ("%s (run %d) goes on from epoch %g of run %d.\n"), info->name, (int) info->id, info->fork_epoch,
               (int) info->parent);
  }
  return CLI_OK;
}

int
cli_branch (const char *usage, const char *summary, int argc, char **argv)
{
  Branch self = { .at = INFINITY };
  g_autofree char *set = NULL, *name = NULL;
  g_autoptr (GError) error = NULL;
  gint64 from = 0;
  gboolean json = FALSE;
  int status;
  const GOptionEntry entries[] = {
    { "at", 0, 0, G_OPTION_ARG_DOUBLE, &self.at,
      N_ ("From the newest checkpoint at or before this time, in epochs (default: from now)"), "EPOCH" },
    { "set", 0, 0, G_OPTION_ARG_FILENAME, &set, N_ ("With this timeline; the run then begins before the two differ"),
      "T.json" },
    CLI_RUN_OPTION (&from),
    { "name", 0, 0, G_OPTION_ARG_STRING, &name, N_ ("What the new run is called"), "TEXT" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON object"), NULL },
    { NULL },
  };
  if (!cli_parse (usage, summary, entries, 1, 1, &argc, &argv, &status))
    return status;
  if (!(self.at >= 0))
    return cli_usage_error (usage, _ ("--at is a time in epochs, 0 or later."));
  g_autoptr (KairosTimeline) timeline = set ? cli_read_timeline (set, &error) : NULL;
  if (set && !timeline)
    return cli_fail (error);
  self.timeline = timeline;
  self.name = name;
  status = cli_edit_timeline (argv[1], from, branch, &self);
  return status == CLI_OK ? describe (argv[1], &self, json) : status;
}
