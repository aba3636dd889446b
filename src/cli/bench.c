/* SPDX-License-Identifier: MIT */

/* kairosctl bench: training throughput of the presets on random pictures.  A step is forward, cross-entropy, backward and SGD with momentum 0.9 and
 * weight decay 5e-4 on one fixed batch, as other libraries are commonly measured.  Arithmetic is counted as three times the forward pass, 2 FLOP a
 * multiply-add.
 */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <kairos/machine.h>
#include <kairos/network.h>
#include <kairos/optimizer.h>
#include <kairos/random.h>

enum { OUTPUTS = 10, WARM_UP = 3, LEAST_STEPS = 5 };

typedef struct {
  KairosNetwork   *network;
  KairosExecutor  *executor;
  KairosOptimizer *optimizer;
  KairosPool      *pool;
  KairosBatch      batch;
  float           *input;
  gint32          *labels;
  guint64          step;
} Bench;

static void
bench_clear (Bench *self)
{
  g_clear_pointer (&self->executor, kairos_executor_free);
  g_clear_pointer (&self->optimizer, kairos_optimizer_free);
  g_clear_pointer (&self->network, kairos_network_free);
  g_clear_pointer (&self->input, g_free);
  g_clear_pointer (&self->labels, g_free);
}

static gboolean
bench_init (Bench *self, const KairosPreset *preset, KairosPool *pool, GError **error)
{
  gsize n_parameters, size = kairos_shape_size (preset->input), n = preset->bench_batch * size;
  *self = (Bench) { .pool = pool, .network = kairos_network_new (preset->name, preset->input, OUTPUTS, error) };
  if (!self->network)
    return FALSE;
  kairos_network_initialise (self->network, 1);
  kairos_network_parameters (self->network, &n_parameters);
  self->executor = kairos_executor_new (self->network, preset->bench_batch, pool);
  self->optimizer = kairos_optimizer_new ("momentum", n_parameters, error);
  self->input = g_new (float, n);
  self->labels = g_new (gint32, preset->bench_batch);
  KairosRandom random = kairos_random (1, KAIROS_RANDOM_TEST, 0, 0);
  for (gsize i = 0; i < n; i++)
    self->input[i] = kairos_random_float (&random);
  for (int i = 0; i < preset->bench_batch; i++)
    self->labels[i] = kairos_random_below (&random, OUTPUTS);
  self->batch = (KairosBatch) { .n = preset->bench_batch, .input = self->input, .labels = self->labels };
  return self->executor && self->optimizer;
}

static double
bench_step (Bench *self)
{
  gint64 start = g_get_monotonic_time ();
  KairosTrainOptions options = { .loss = KAIROS_LOSS_CROSS_ENTROPY, .seed = 1, .step = self->step++ };
  KairosOptimizerSettings settings = kairos_optimizer_settings_default ();
  gsize n;
  settings.learning_rate = 0.01f;
  settings.momentum = 0.9f;
  settings.weight_decay = 5e-4f;
  kairos_executor_train (self->executor, &self->batch, &options, NULL);
  kairos_optimizer_step (self->optimizer, &settings, kairos_network_parameters (self->network, &n), kairos_executor_gradients (self->executor), NULL,
                         self->pool);
  return (g_get_monotonic_time () - start) / 1e6;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

static void
bench_run (Bench *self, const KairosPreset *preset, double seconds, double peak, gboolean json)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  for (int i = 0; i < WARM_UP; i++)
    bench_step (self);
  gint64 end = g_get_monotonic_time () + (gint64) (seconds * 1e6);
  while ((g_get_monotonic_time () < end || times->len < LEAST_STEPS) && !*cli_interrupted ()) {
    double time = bench_step (self);
    g_array_append_val (times, time);
  }
  if (!times->len)
    return;
  g_array_sort (times, compare_doubles);
  double median = g_array_index (times, double, times->len / 2), best = g_array_index (times, double, 0);
  double gflops = 3 * kairos_network_flops (self->network) * preset->bench_batch / median * 1e-9;
  if (json) {
    CliLine *line = cli_line_new ();
    cli_line_text (line, "net", preset->name);
    cli_line_int (line, "batch", preset->bench_batch);
    cli_line_number (line, "images_per_second", preset->bench_batch / median, 6);
    cli_line_number (line, "best", preset->bench_batch / best, 6);
    cli_line_number (line, "gflops", gflops, 4);
    cli_line_number (line, "peak_gflops", peak, 4);
    cli_line_number (line, "of_peak", gflops / peak, 4);
    cli_line_print (line);
  } else
    g_print (_("%-14s batch %3d   %9.0f images/s   %6.1f GFLOP/s   %5.1f %% of the peak\n"), preset->name, preset->bench_batch,
             preset->bench_batch / median, gflops, 100 * gflops / peak);
}

static int
bench_all (char **names, double seconds, int threads, gboolean json)
{
  guint n;
  const KairosPreset *presets = kairos_presets (&n);
  g_autoptr (KairosPool) pool = kairos_pool_new (threads);
  double peak = kairos_machine_peak_gflops (kairos_pool_get_n_threads (pool));
  for (guint i = 0; i < n && !*cli_interrupted (); i++) {
    g_autoptr (GError) error = NULL;
    Bench bench;
    if (!presets[i].bench_batch || (names && !g_strv_contains ((const char *const *) names, presets[i].name)))
      continue;
    gboolean ready = bench_init (&bench, &presets[i], pool, &error);
    if (ready)
      bench_run (&bench, &presets[i], seconds, peak, json);
    bench_clear (&bench);
    if (!ready)
      return cli_fail (error);
  }
  return *cli_interrupted () ? CLI_INTERRUPTED : CLI_OK;
}

/* Names that are not in the benchmark are refused, with those that are. */
static gboolean
check_names (char **names)
{
  guint n;
  const KairosPreset *presets = kairos_presets (&n);
  for (char **name = names; name && *name; name++) {
    GString *known = g_string_new (NULL);
    gboolean found = FALSE;
    for (guint i = 0; i < n; i++) {
      if (!presets[i].bench_batch)
        continue;
      found |= g_str_equal (*name, presets[i].name);
      g_string_append_printf (known, "%s%s", known->len ? ", " : "", presets[i].name);
    }
    g_autofree char *list = g_string_free (known, FALSE);
    if (!found) {
      g_printerr (_("kairosctl: the benchmark has no network \"%s\"; it has %s.\n"), *name, list);
      return FALSE;
    }
  }
  return TRUE;
}

int
cli_bench (const char *usage, const char *summary, int argc, char **argv)
{
  g_auto (GStrv) names = NULL;
  double seconds = 4;
  int threads = 0, status;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "net", 0, 0, G_OPTION_ARG_STRING_ARRAY, &names, N_("Measure this network only; can be given again"), "NAME" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &seconds, N_("How long to measure each (default 4)"), "S" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &threads, N_("Threads that compute (default: one a core)"), "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print one JSON line a network"), NULL },
    { NULL },
  };
  if (!cli_parse (usage, summary, entries, 0, 0, &argc, &argv, &status))
    return status;
  if (cli_out_of_range ("threads", threads, 0, 256) || !check_names (names))
    return CLI_USAGE;
  if (!(seconds > 0 && seconds <= 3600))
    return cli_usage_error (usage, _("--seconds is %g; give a number above 0 and up to 3600."), seconds);
  cli_catch_interrupts ();
  return bench_all (names, seconds, threads, json);
}
