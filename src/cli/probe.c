/* SPDX-License-Identifier: MIT */

/* kairosctl probe: what probes find in the network of a run, at a checkpoint. */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>

typedef struct {
  double at;
  char *estimator;
  int samples, draws;
  gboolean json;
} Options;

/* ---- A reading as JSON ---- */

static char *
components_to_json (const KairosReading *reading, KairosTrainer *trainer)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_free);
  KairosNetwork *network = kairos_trainer_get_network (trainer);
  KairosDataset *dataset = kairos_trainer_get_dataset (trainer);

  for (guint m = 0; m < reading->measured->len; m++) {
    const KairosMeasured *measured = &g_array_index (reading->measured, KairosMeasured, m);
    for (guint i = measured->n > 0 && m == 0 ? 1 : 0; i <= measured->n; i++) { /* the first whole is the total */
      g_autofree char *name = kairos_component_name (measured->measure, i, network, dataset);
      CliLine *row = cli_line_new ();
      cli_line_text (row, "measure", measured->measure->name);
      cli_line_text (row, "name", name);
      cli_line_number (row, "value", measured->values[i], 9);
      g_ptr_array_add (rows, cli_line_finish (row));
    }
  }
  return cli_join (rows);
}

static char *
samples_to_json (const KairosReading *reading, KairosTrainer *trainer)
{
  guint n = 0;
  g_autofree guint32 *ids = NULL;
  GString *text = g_string_new ("[");

  if (reading->samples > 0)
    ids = kairos_probe_draw_samples (kairos_trainer_get_dataset (trainer), kairos_trainer_get_splits (trainer),
                                     kairos_trainer_get_config (trainer)->seed, reading->probe->split, reading->samples,
                                     &n);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? "," : "", ids[i]);
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

char *
cli_reading_to_json (const KairosReading *reading, gint64 run, KairosTrainer *trainer)
{
  CliLine *line = cli_line_new ();
  g_autofree char *samples = samples_to_json (reading, trainer), *components = components_to_json (reading, trainer);

  cli_line_text (line, "probe", reading->probe->name);
  cli_line_int (line, "run", run);
  cli_line_int (line, "step", reading->step);
  cli_line_number (line, "epoch", reading->epoch, 9);
  if (reading->skipped) {
    cli_line_bool (line, "skipped", TRUE);
    return cli_line_finish (line);
  }
  cli_line_text (line, "estimator", reading->estimator);
  cli_line_raw (line, "samples", samples);
  cli_line_raw (line, "components", components);
  cli_line_number (line, "total", kairos_reading_get_total (reading), 9);
  cli_line_number (line, "deviation", reading->deviation, 6);
  cli_line_number (line, "milliseconds", reading->milliseconds, 5);
  return cli_line_finish (line);
}

/* ---- The command ---- */

static void
print_text (const KairosReading *reading, KairosTrainer *trainer)
{
  g_print (_ ("%s at epoch %.6g"), _ (reading->probe->title), reading->epoch);
  if (reading->estimator)
    g_print (" (%s)", reading->estimator);
  g_print (_ (", %u samples, %.1f ms\n"), reading->samples, reading->milliseconds);
  for (guint m = 0; m < reading->measured->len; m++) {
    const KairosMeasured *measured = &g_array_index (reading->measured, KairosMeasured, m);
    for (guint i = 0; i <= measured->n; i++) {
      g_autofree char *name = kairos_component_name (measured->measure, i, kairos_trainer_get_network (trainer),
                                                     kairos_trainer_get_dataset (trainer));
      g_autofree char *value = kairos_measure_format (measured->measure->group, measured->values[i]);
      g_print ("  %-24s %-24s %s", i == 0 ? _ (measured->measure->title) : "", name, value);
      if (m == 0 && i == 0 && !isnan (reading->deviation))
        g_print (" ± %.4g", reading->deviation);
      g_print ("\n");
    }
  }
}

static gboolean
probe_one (KairosTrainer *trainer, KairosProbeContext *context, gint64 run, const KairosProbe *probe,
           const Options *options, GError **error)
{
  const KairosProbeOptions how = { options->estimator, (guint) options->samples, (guint) options->draws };
  g_autoptr (KairosReading) reading = kairos_probe_measure (context, probe, &how, cli_interrupted (), error);

  if (!reading)
    return FALSE;
  if (options->json) {
    g_autofree char *text = cli_reading_to_json (reading, run, trainer);
    puts (text);
  } else
    print_text (reading, trainer);
  return TRUE;
}

static gboolean
probe (KairosRunLog *log, KairosDataset *dataset, char **names, const Options *options, GError **error)
{
  g_autofree char *joined = g_strjoinv (",", names);
  g_autoptr (GPtrArray) probes = kairos_probes_parse (joined, error);
  g_autoptr (KairosPool) pool = kairos_pool_new (0);
  g_autoptr (KairosTrainer) trainer = probes ? cli_load_trainer (log, dataset, pool, options->at, error) : NULL;
  g_autoptr (KairosProbeContext) context = NULL;
  const KairosConfig *config = kairos_run_log_get_config (log);

  if (!trainer)
    return FALSE;
  context =
      kairos_probe_context_new (kairos_trainer_get_network (trainer), dataset, kairos_trainer_get_splits (trainer),
                                config->seed, kairos_config_regime (config, 0, 0).loss, pool, error);
  if (!context)
    return FALSE;
  kairos_probe_context_take (context, kairos_trainer_get_network (trainer), kairos_trainer_get_step (trainer),
                             kairos_trainer_get_epoch (trainer));
  for (guint i = 0; i < probes->len; i++)
    if (!probe_one (trainer, context, kairos_run_log_get_run (log), probes->pdata[i], options, error))
      return FALSE;
  return TRUE;
}

int
cli_probe (const char *usage, const char *summary, int argc, char **argv)
{
  Options options = { .at = NAN };
  gint64 run = 0;
  int status;
  const GOptionEntry entries[] = {
    CLI_RUN_OPTION (&run),
    { "at", 0, 0, G_OPTION_ARG_DOUBLE, &options.at,
      N_ ("At the newest checkpoint at or before this time, instead of the newest of all; 0: as the run began"),
      "EPOCH" },
    { "estimator", 0, 0, G_OPTION_ARG_STRING, &options.estimator,
      N_ ("Way to estimate: rademacher, exact, sampled or empirical"), "E" },
    { "samples", 0, 0, G_OPTION_ARG_INT, &options.samples, N_ ("How many samples to look at (default: the probe's)"),
      "N" },
    { "draws", 0, 0, G_OPTION_ARG_INT, &options.draws,
      N_ ("How often to draw where chance is involved (default: the probe's)"), "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print one JSON line a reading"), NULL },
    { NULL },
  };

  if (!cli_parse (usage, summary, entries, 2, G_MAXINT, &argc, &argv, &status))
    return status;
  if (cli_out_of_range ("samples", options.samples, 0, G_MAXINT) || cli_out_of_range ("draws", options.draws, 0, 1000))
    return CLI_USAGE;
  cli_catch_interrupts ();
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosDataset) dataset = NULL;
  g_autoptr (KairosSession) session = cli_open_session (argv[1], &dataset, &error);
  g_autoptr (KairosRunLog) log = session ? cli_open_log (session, run, &error) : NULL;
  status = log && probe (log, dataset, argv + 2, &options, &error) ? CLI_OK : cli_fail (error);
  g_free (options.estimator);
  return status;
}
