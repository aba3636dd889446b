/* SPDX-License-Identifier: MIT */

/* kairosctl: everything without a display.  A table of commands; each lives in a file of its own. */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <kairos/machine.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

static const CliCommand commands[] = {
  { "new", "new FILE --data SPEC --network SPEC [OPTION...]",
    N_ ("Make a session: which data, which network, which settings"), cli_new },
  { "train", "train FILE [--run ID] [--epochs N] [--probe LIST] [--probe-budget PART] [--threads N] [--json]",
    N_ ("Train on from where the session stands"), cli_train },
  { "kinds", "kinds [--json]", N_ ("List what can be put on a timeline"), cli_kinds },
  { "timeline", "timeline FILE [--run ID] [--get | --set T.json]",
    N_ ("Print the timeline, or replace what comes after the playhead"), cli_timeline },
  { "intervene", "intervene FILE [--run ID] --at EPOCH --clip JSON | --release ID",
    N_ ("Do what the live buttons of the window do"), cli_intervene },
  { "branch", "branch FILE [--run ID] [--at EPOCH] [--set T.json] [--name TEXT] [--json]",
    N_ ("Begin a new run that goes on from a checkpoint of this one"), cli_branch },
  { "replay", "replay FILE [--run ID] [--threads N] [--json]",
    N_ ("Train a run again from its start and compare the weights"), cli_replay },
  { "runs", "runs FILE [--json]", N_ ("List the runs of a session"), cli_runs },
  { "run", "run FILE ID --name TEXT | --note TEXT | --hide | --show | --current | --delete",
    N_ ("Name a run, hide it, delete it, or go to it"), cli_run },
  { "show", "show FILE [--run ID] [--json]", N_ ("Show what a session holds"), cli_show },
  { "list", "list data|networks|layers|optimizers|schedules|probes [--json]", N_ ("List what there is to choose from"),
    cli_list },
  { "predict", "predict FILE IMAGE... [--run ID] [--json]", N_ ("Ask the trained network about pictures"),
    cli_predict },
  { "probe", "probe FILE NAME... [--run ID] [--at EPOCH] [--estimator E] [--samples N] [--draws N] [--json]",
    N_ ("Look inside a network: Fisher information and its kin"), cli_probe },
  { "bench", "bench [--net NAME ...] [--seconds S] [--threads N] [--evaluate | --profile] [--json]",
    N_ ("Measure the training speed of the presets"), cli_bench },
};

static void
print_help (void)
{
  g_print ("%s\n  kairosctl %s\n\n%s\n", _ ("Usage:"), _ ("COMMAND [OPTION...]"), _ ("Commands:"));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-62s %s\n", commands[i].usage, _ (commands[i].summary));
  g_print ("\n%s\n", _ ("kairosctl COMMAND --help tells more about one; kairosctl --version prints the version."));
}

int
main (int argc, char **argv)
{
  kairos_machine_prepare (argc, argv);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, KAIROS_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  const char *name = argc > 1 ? argv[1] : NULL;
  if (name && (strcmp (name, "--help") == 0 || strcmp (name, "-h") == 0 || strcmp (name, "help") == 0)) {
    print_help ();
    return CLI_OK;
  }
  if (name && strcmp (name, "--version") == 0) {
    g_autofree char *machine = kairos_machine_describe ();
    g_print ("kairosctl %s (%s)\n", KAIROS_VERSION, machine);
    return CLI_OK;
  }
  for (gsize i = 0; name && i < G_N_ELEMENTS (commands); i++)
    if (strcmp (name, commands[i].name) == 0)
      return commands[i].run (commands[i].usage, _ (commands[i].summary), argc - 1, argv + 1);
  if (name)
    g_printerr (_ ("kairosctl: there is no command \"%s\"; \"kairosctl --help\" lists them.\n"), name);
  else
    print_help ();
  return CLI_USAGE;
}
