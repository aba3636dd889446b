/* SPDX-License-Identifier: MIT */

/* kairosctl runs: the runs of a session, a line each.  kairosctl run: names one, hides or deletes it, or goes to it. */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <math.h>

/* ---- runs ---- */

static void
print_json (const KairosRunInfo *info, gboolean current)
{
  CliLine *line = cli_line_new ();
  cli_line_int (line, "id", info->id);
  cli_line_text (line, "name", info->name);
  if (info->parent)
    cli_line_int (line, "parent", info->parent);
  else
    cli_line_raw (line, "parent", "null");
  cli_line_number (line, "fork_epoch", info->parent ? info->fork_epoch : NAN, 9);
  cli_line_text (line, "state", kairos_run_state_name (info->state));
  cli_line_bool (line, "current", current);
  cli_line_number (line, "epoch", info->epoch, 9);
  cli_line_number (line, "val_accuracy", info->val_accuracy, 6);
  cli_line_number (line, "best_val_accuracy", info->best_val_accuracy, 6);
  cli_line_number (line, "test_accuracy", info->test_accuracy, 6);
  cli_line_text (line, "weights_sha256", info->weights);
  cli_line_text (line, "note", info->note);
  cli_line_text (line, "started", info->started);
  cli_line_print (line);
}

/* "98.3 %", or a dash. */
static char *
share (float accuracy)
{
  return isnan (accuracy) ? g_strdup ("-") : g_strdup_printf ("%.2f %%", 100 * accuracy);
}

static void
print_text (const KairosRunInfo *info, gboolean current)
{
  g_autofree char *validation = share (info->val_accuracy), *test = share (info->test_accuracy);
  g_autofree char *from =
      info->parent ? g_strdup_printf (_ ("from %d at %.4g"), (int) info->parent, info->fork_epoch) : g_strdup ("");
  g_print ("%c %3d  %-20s %-8s %7.4g  %10s  %8s  %s\n", current ? '*' : ' ', (int) info->id, info->name,
           kairos_run_state_name (info->state), info->epoch, validation, test, from);
}

int
cli_runs (const char *usage, const char *summary, int argc, char **argv)
{
  gboolean json = FALSE;
  int status;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON line a run"), NULL },
    { NULL },
  };
  if (!cli_parse (usage, summary, entries, 1, 1, &argc, &argv, &status))
    return status;
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosSession) session = cli_open_session (argv[1], NULL, &error);
  g_autoptr (GPtrArray) runs = session ? kairos_session_get_runs (session, &error) : NULL;
  gint64 current = runs ? kairos_session_get_current (session, &error) : 0;
  if (!current)
    return cli_fail (error);
  if (!json)
    g_print ("%s\n", _ ("   id  name                 state      epoch  validation      test"));
  for (guint i = 0; i < runs->len; i++) {
    const KairosRunInfo *info = runs->pdata[i];
    (json ? print_json : print_text) (info, info->id == current);
  }
  return CLI_OK;
}

/* ---- run ---- */

typedef struct {
  char *name, *note;
  gboolean hide, show, delete, current;
} Change;

/* What the window does with a run that is open there would be undone by it, so both want the training lock. */
static gboolean
apply (KairosSession *session, gint64 run, const Change *change, GError **error)
{
  if (!kairos_session_lock (session, error) ||
      (change->name && !kairos_session_rename_run (session, run, change->name, error)) ||
      (change->note && !kairos_session_set_run_note (session, run, change->note, error)) ||
      ((change->hide || change->show) && !kairos_session_hide_run (session, run, change->hide, error)) ||
      (change->current && !kairos_session_set_current (session, run, error)))
    return FALSE;
  return !change->delete ||
         (kairos_session_delete_run (session, run, TRUE, error) && kairos_session_purge_runs (session, error));
}

int
cli_run (const char *usage, const char *summary, int argc, char **argv)
{
  Change change = { 0 };
  int status;
  const GOptionEntry entries[] = {
    { "name", 0, 0, G_OPTION_ARG_STRING, &change.name, N_ ("Call it so"), "TEXT" },
    { "note", 0, 0, G_OPTION_ARG_STRING, &change.note, N_ ("Say something about it"), "TEXT" },
    { "hide", 0, 0, G_OPTION_ARG_NONE, &change.hide, N_ ("Leave it out of plots and menus"), NULL },
    { "show", 0, 0, G_OPTION_ARG_NONE, &change.show, N_ ("Show it again"), NULL },
    { "current", 0, 0, G_OPTION_ARG_NONE, &change.current, N_ ("Train this one when no run is named"), NULL },
    { "delete", 0, 0, G_OPTION_ARG_NONE, &change.delete, N_ ("Remove it and its records for good"), NULL },
    { NULL },
  };
  gboolean parsed = cli_parse (usage, summary, entries, 2, 2, &argc, &argv, &status);
  g_autofree char *name = change.name, *note = change.note;
  if (!parsed)
    return status;
  gint64 run = g_ascii_strtoll (argv[2], NULL, 10);
  if (run < 1)
    return cli_usage_error (usage, _ ("\"%s\" is not the number of a run; \"kairosctl runs\" lists them."), argv[2]);
  if (!name && !note && !change.hide && !change.show && !change.current && !change.delete)
    return cli_usage_error (usage,
                            _ ("say what to do with it: --name, --note, --hide, --show, --current or --delete."));
  if (change.hide && change.show)
    return cli_usage_error (usage, _ ("give either --hide or --show."));
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosSession) session = cli_open_session (argv[1], NULL, &error);
  return session && apply (session, run, &change, &error) ? CLI_OK : cli_fail (error);
}
