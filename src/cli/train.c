/* SPDX-License-Identifier: MIT */

/* kairosctl train: trains on from where the session stands, through the same runner as the window. */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <kairos/runner.h>
#include <math.h>
#include <stdio.h>

typedef struct {
  gboolean json;
  int target;         /* epochs to reach */
  double first_epoch; /* where this call began */
  gint64 started, samples;
  KairosRunner *runner;
  GPtrArray *readings; /* of KairosReading, of this epoch so far */
} Training;

static void
on_reading (KairosReading *reading, gpointer user_data)
{
  Training *self = user_data;
  g_ptr_array_add (self->readings, kairos_reading_ref (reading));
}

static void
on_refused (const char *text, gpointer user_data)
{
  cli_progress_clear ();
  g_printerr ("kairosctl: %s\n", text);
}

/* "readings": what was measured since the last line. */
static void
add_readings (Training *self, CliLine *line)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  gint64 run = kairos_runner_get_run (self->runner);
  for (guint i = 0; i < self->readings->len; i++)
    g_ptr_array_add (texts,
                     cli_reading_to_json (self->readings->pdata[i], run, kairos_runner_get_trainer (self->runner)));
  g_autofree char *all = cli_join (texts);
  if (texts->len > 0)
    cli_line_raw (line, "readings", all);
}

static void
on_epoch (const KairosEpochRecord *record, gpointer user_data)
{
  Training *self = user_data;
  int epoch = (int) (record->epoch + 0.5);
  if (self->json) {
    CliLine *line = cli_line_new ();
    cli_line_int (line, "epoch", epoch);
    cli_line_int (line, "step", record->step);
    cli_line_measures (line, record);
    cli_line_number (line, "images_per_second", record->images_per_second, 6);
    cli_line_number (line, "seconds", record->seconds, 5);
    add_readings (self, line);
    cli_line_print (line);
    g_ptr_array_set_size (self->readings, 0);
    return;
  }
  cli_progress_clear ();
  g_print (_ ("epoch %3d of %d   loss %.4f   accuracy %6.2f %%   validation: loss %.4f   accuracy %6.2f %%   %.0f "
              "images/s\n"),
           epoch, self->target, record->train_loss, 100 * record->train_accuracy, record->val_loss,
           100 * record->val_accuracy, record->images_per_second);
}

static void
on_step (const KairosStepRecord *record, gpointer user_data)
{
  Training *self = user_data;
  self->samples += record->n;
  double seconds = (g_get_monotonic_time () - self->started) / 1e6;
  double done = record->epoch - self->first_epoch, all = self->target - self->first_epoch;
  if (done <= 0 || seconds <= 0)
    return;
  int left = (int) (seconds / done * (all - done));
  cli_progress (record->epoch / self->target, _ ("epoch %.1f of %d   loss %.4f   %.0f images/s   %d:%02d:%02d left"),
                record->epoch, self->target, record->loss, self->samples / seconds, left / 3600, left / 60 % 60,
                left % 60);
}

static void
print_end (Training *self, const KairosEvaluation *test, const char *digest)
{
  int epoch = (int) kairos_trainer_get_epoch (kairos_runner_get_trainer (self->runner));
  if (self->json) {
    CliLine *line = cli_line_new ();
    cli_line_bool (line, "done", TRUE);
    cli_line_int (line, "epoch", epoch);
    cli_line_number (line, "test_accuracy", test->accuracy, 6);
    cli_line_text (line, "weights_sha256", digest);
    cli_line_print (line);
    return;
  }
  cli_progress_clear ();
  if (test->n)
    g_print (_ ("Test accuracy %.2f %% over %u samples.\n"), 100 * test->accuracy, test->n);
  g_print (_ ("Weights %s\n"), digest);
}

/* Raises the plan of the session when more epochs are asked for than it has; asking for fewer stops early and leaves
 * the plan (and its rates) alone.
 */
static gboolean
plan_epochs (Training *self, int asked, GError **error)
{
  KairosTrainer *trainer = kairos_runner_get_trainer (self->runner);
  int planned = kairos_trainer_get_config (trainer)->epochs;
  self->target = asked ? asked : planned;
  if (self->target <= planned)
    return TRUE;
  g_autofree char *text = g_strdup_printf ("%d", self->target);
  return kairos_runner_set (self->runner, "epochs", text, error);
}

/* What the command line says of probes becomes the run's setting. */
static gboolean
set_probes (KairosRunner *runner, const char *names, const char *budget, GError **error)
{
  return (!names || kairos_runner_set (runner, "probes", names, error)) &&
         (!budget || kairos_runner_set (runner, "probe-budget", budget, error));
}

typedef struct {
  int epochs, threads;
  char *probes, *budget;
  gboolean json;
} Options;

static int
train (KairosSession *session, gint64 run, KairosDataset *dataset, const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosPool) pool = kairos_pool_new (options->threads);
  g_autoptr (KairosRunner) runner = kairos_runner_new (session, run, dataset, NULL, pool, &error);
  g_autoptr (GPtrArray) readings = g_ptr_array_new_with_free_func ((GDestroyNotify) kairos_reading_unref);
  Training self = { .json = options->json, .runner = runner, .readings = readings };
  if (!runner || !set_probes (runner, options->probes, options->budget, &error) ||
      !plan_epochs (&self, options->epochs, &error))
    return cli_fail (error);
  if (kairos_runner_get_warning (runner))
    g_printerr ("kairosctl: %s\n", kairos_runner_get_warning (runner));
  KairosTrainer *trainer = kairos_runner_get_trainer (runner);
  const KairosRunnerCallbacks callbacks = {
    .step = on_step, .epoch = on_epoch, .reading = on_reading, .refused = on_refused
  };
  kairos_runner_set_callbacks (runner, &callbacks, &self);
  self.first_epoch = kairos_trainer_get_epoch (trainer);
  self.started = g_get_monotonic_time ();

  guint64 last_step = (guint64) self.target * kairos_trainer_get_steps_per_epoch (trainer);
  const volatile gint *interrupted = cli_interrupted ();
  while (!*interrupted && kairos_trainer_get_step (trainer) < last_step &&
         kairos_runner_step (runner, interrupted, &error))
    ;
  KairosEvaluation test;
  g_autofree char *digest = NULL;
  if (!error && !*interrupted && kairos_runner_finish (runner, NULL, &test, &digest, &error))
    print_end (&self, &test, digest);
  g_autoptr (GError) closing = NULL;
  cli_progress_clear ();
  if (!kairos_runner_close (g_steal_pointer (&runner), &closing) && !error)
    error = g_steal_pointer (&closing);
  if (error)
    return cli_fail (error);
  return *interrupted ? CLI_INTERRUPTED : CLI_OK;
}

int
cli_train (const char *usage, const char *summary, int argc, char **argv)
{
  Options options = { 0 };
  int status;
  gint64 run = 0;
  const GOptionEntry entries[] = {
    { "epochs", 0, 0, G_OPTION_ARG_INT, &options.epochs,
      N_ ("Train up to this epoch (default: what the session plans)"), "N" },
    { "probe", 0, 0, G_OPTION_ARG_STRING, &options.probes,
      N_ ("Measure these while training, with commas between; \"kairosctl list probes\" names them"), "LIST" },
    { "probe-budget", 0, 0, G_OPTION_ARG_STRING, &options.budget,
      N_ ("Part of the training time that measuring may take (0.05), 0 for none"), "PART" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads,
      N_ ("Threads that compute (default: one a core); the result does not depend on it"), "N" },
    CLI_RUN_OPTION (&run),
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print one JSON line an epoch, and one at the end"), NULL },
    { NULL },
  };
  if (!cli_parse (usage, summary, entries, 1, 1, &argc, &argv, &status))
    return status;
  if (cli_out_of_range ("epochs", options.epochs, 0, 10000) || cli_out_of_range ("threads", options.threads, 0, 256))
    return CLI_USAGE;
  cli_catch_interrupts ();
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosDataset) dataset = NULL;
  g_autoptr (KairosSession) session = cli_open_session (argv[1], &dataset, &error);
  status = session ? train (session, run, dataset, &options) : cli_fail (error);
  g_free (options.probes);
  g_free (options.budget);
  return status;
}
