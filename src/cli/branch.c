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
} Branch;

static gboolean
branch (KairosRunner *runner, gpointer data, GError **error)
{
  const Branch *self = data;
  KairosTrainer *trainer = kairos_runner_get_trainer (runner);
  g_autoptr (KairosTimeline) timeline =
      kairos_timeline_ref (self->timeline ? self->timeline : kairos_trainer_get_timeline (trainer));

  if (!kairos_runner_branch (runner, timeline, self->at, error))
    return FALSE;
  g_printerr (_ ("The new run goes on from epoch %g.\n"), kairos_trainer_get_epoch (trainer));
  return TRUE;
}

int
cli_branch (const char *usage, const char *summary, int argc, char **argv)
{
  Branch self = { .at = INFINITY };
  g_autofree char *set = NULL;
  g_autoptr (GError) error = NULL;
  int status;
  const GOptionEntry entries[] = {
    { "at", 0, 0, G_OPTION_ARG_DOUBLE, &self.at,
      N_ ("From the newest checkpoint at or before this time, in epochs (default: from now)"), "EPOCH" },
    { "set", 0, 0, G_OPTION_ARG_FILENAME, &set, N_ ("With this timeline; the run then begins before the two differ"),
      "T.json" },
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
  return cli_edit_timeline (argv[1], branch, &self);
}
