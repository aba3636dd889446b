/* SPDX-License-Identifier: MIT */

/* Options, errors, interruption and progress, the same for every command. */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- Options and errors ---- */

int
cli_usage_error (const char *usage, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("kairosctl: %s\n%s kairosctl %s\n", text, _ ("Usage:"), usage);
  return CLI_USAGE;
}

gboolean
cli_parse (const char *usage, const char *summary, const GOptionEntry *entries, int min, int max, int *argc,
           char ***argv, int *status)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  gboolean help = FALSE;
  const GOptionEntry help_entry[] = { { "help", 'h', 0, G_OPTION_ARG_NONE, &help, N_ ("Show this help"), NULL },
                                      { NULL } };

  /* GLib's own --help ends the process and names the program alone; ours names the command. */
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, help_entry, GETTEXT_PACKAGE);
  if (entries)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, argc, argv, &error)) {
    *status = cli_usage_error (usage, "%s.", error->message);
    return FALSE;
  }
  if (help) {
    g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);
    const char *options = strchr (text, '\n');
    g_print ("%s kairosctl %s\n\n%s.\n%s", _ ("Usage:"), usage, summary, options ? options + 1 : "");
    *status = CLI_OK;
    return FALSE;
  }
  int n = *argc - 1;
  if (n < min || n > max) {
    *status = cli_usage_error (usage, n < min ? _ ("something is missing on the command line.")
                                              : _ ("there is more on the command line than expected."));
    return FALSE;
  }
  return TRUE;
}

gboolean
cli_out_of_range (const char *option, int value, int min, int max)
{
  if (value >= min && value <= max)
    return FALSE;
  g_printerr (_ ("kairosctl: --%s is %d; give a whole number from %d to %d.\n"), option, value, min, max);
  return TRUE;
}

int
cli_fail (const GError *error)
{
  cli_progress_clear ();
  if (g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_CANCELLED) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return CLI_INTERRUPTED;
  g_printerr ("kairosctl: %s%s\n", error->message, g_str_has_suffix (error->message, ".") ? "" : ".");
  return CLI_ERROR;
}

/* ---- Interruption ---- */

static volatile gint interrupted;

static void
on_signal (int number)
{
  if (interrupted)
    _exit (CLI_INTERRUPTED); /* the second Ctrl-C does not wait */
  interrupted = 1;
}

void
cli_catch_interrupts (void)
{
  struct sigaction action = { .sa_handler = on_signal };
  sigemptyset (&action.sa_mask);
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
}

const volatile gint *
cli_interrupted (void)
{
  return &interrupted;
}

GCancellable *
cli_cancellable (void)
{
  static GCancellable *cancellable;
  if (!cancellable)
    cancellable = g_cancellable_new ();
  if (interrupted)
    g_cancellable_cancel (cancellable);
  return cancellable;
}

/* ---- Progress ---- */

static gboolean progress_shown;

void
cli_progress (double fraction, const char *format, ...)
{
  static gint64 last;
  gint64 now = g_get_monotonic_time ();
  if (!isatty (STDERR_FILENO) || now - last < G_USEC_PER_SEC / 10)
    return;
  last = now;

  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  char bar[25];
  int filled = CLAMP ((int) (fraction * 24 + 0.5), 0, 24);
  for (int i = 0; i < 24; i++)
    bar[i] = i < filled ? '#' : '-';
  bar[24] = 0;
  fprintf (stderr, "\r[%s] %3.0f %%  %s\033[K", bar, CLAMP (fraction, 0, 1) * 100, text);
  fflush (stderr);
  progress_shown = TRUE;
}

void
cli_progress_clear (void)
{
  if (!progress_shown)
    return;
  fputs ("\r\033[K", stderr);
  fflush (stderr);
  progress_shown = FALSE;
}

void
cli_progress_func (double fraction, const char *phrase, gpointer user_data)
{
  cli_cancellable (); /* passes an interrupt on to whoever is reading */
  cli_progress (fraction, "%s", phrase);
}

/* ---- Sessions ---- */

KairosSession *
cli_open_session (const char *path, KairosDataset **dataset, GError **error)
{
  g_autoptr (KairosSession) session = kairos_session_open (path, error);
  if (!session)
    return NULL;
  if (dataset) {
    *dataset = kairos_session_open_dataset (session, cli_progress_func, NULL, cli_cancellable (), error);
    cli_progress_clear ();
    if (!*dataset)
      return NULL;
  }
  return g_steal_pointer (&session);
}

KairosRunLog *
cli_open_log (KairosSession *session, gint64 run, GError **error)
{
  run = run ? run : kairos_session_get_current (session, error);
  return run ? kairos_run_log_new (session, run, error) : NULL;
}

static KairosRead
load_checkpoint (KairosRunLog *log, double at, GBytes **checkpoint, GError **error)
{
  g_autofree char *warning = NULL;
  KairosCheckpointInfo info = { 0 };
  KairosRead read = isnan (at) ? KAIROS_READ_FOUND : kairos_run_log_find_checkpoint (log, at, &info, error);

  if (read == KAIROS_READ_FOUND)
    read = kairos_run_log_load_checkpoint (log, info.id, checkpoint, &warning, error);
  if (warning)
    g_printerr ("kairosctl: %s\n", warning);
  return read;
}

KairosTrainer *
cli_load_trainer (KairosRunLog *log, KairosDataset *dataset, KairosPool *pool, double at, GError **error)
{
  const KairosConfig *config = kairos_run_log_get_config (log);
  g_autoptr (KairosSplits) splits = kairos_splits_new (dataset, config->seed, config->limit);
  g_autoptr (KairosFacts) facts = kairos_facts_new (kairos_dataset_get_n_samples (dataset));
  g_autoptr (KairosTrainer) trainer = kairos_trainer_new (config, dataset, splits, facts, pool, error);
  g_autoptr (GBytes) checkpoint = NULL;

  if (!trainer || at == 0) /* as it begins */
    return g_steal_pointer (&trainer);
  KairosRead read = load_checkpoint (log, at, &checkpoint, error);
  if (read == KAIROS_READ_ABSENT)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                 isnan (at) ? _ ("%s has not been trained yet; run \"kairosctl train\" on it first.")
                            : _ ("%s has no checkpoint so early; \"kairosctl show\" lists those it has."),
                 kairos_session_get_path (kairos_run_log_get_session (log)));
  if (read != KAIROS_READ_FOUND)
    return NULL;
  return kairos_trainer_restore (trainer, checkpoint, error) ? g_steal_pointer (&trainer) : NULL;
}
