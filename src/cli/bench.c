/* SPDX-License-Identifier: MIT */

/* kairosctl bench: training throughput of the presets on random pictures.  A step is forward, cross-entropy, backward
 * and SGD with momentum 0.9 and weight decay 5e-4 on one fixed batch, as other libraries are commonly measured.
 * Arithmetic is counted as three times the forward pass, 2 FLOP a multiply-add.
 */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <kairos/machine.h>
#include <kairos/network.h>
#include <kairos/optimizer.h>
#include <kairos/pool.h>
#include <kairos/random.h>

enum { OUTPUTS = 10, WARM_UP = 3, LEAST_STEPS = 5 };

typedef struct _Bench Bench;

struct _Bench {
  void (*run) (Bench *self); /* one step */
  KairosNetwork *network;
  KairosExecutor *executor;
  KairosOptimizer *optimizer;
  KairosPool *pool;
  KairosBatch batch;
  float *input;
  gint32 *labels;
  guint64 step;
};

/* What to measure, and against what. */
typedef struct {
  double seconds, gflops, gbytes; /* gflops, gbytes: the peaks of the machine */
  int threads;
  gboolean json, evaluate, profile;
} Options;

static void
bench_clear (Bench *self)
{
  g_clear_pointer (&self->executor, kairos_executor_free);
  g_clear_pointer (&self->optimizer, kairos_optimizer_free);
  g_clear_pointer (&self->network, kairos_network_free);
  g_clear_pointer (&self->input, g_free);
  g_clear_pointer (&self->labels, g_free);
}

static void
train_step (Bench *self)
{
  KairosTrainOptions options = { .loss = KAIROS_LOSS_CROSS_ENTROPY, .seed = 1, .step = self->step++ };
  KairosOptimizerSettings settings = kairos_optimizer_settings_default ();
  gsize n;
  settings.learning_rate = 0.01f;
  settings.momentum = 0.9f;
  settings.weight_decay = 5e-4f;
  kairos_executor_train (self->executor, &self->batch, &options, NULL);
  kairos_optimizer_step (self->optimizer, &settings, kairos_network_parameters (self->network, &n),
                         kairos_executor_gradients (self->executor), NULL, self->pool);
}

static void
evaluate_step (Bench *self)
{
  kairos_executor_evaluate (self->executor, &self->batch, NULL, NULL, NULL);
}

static gboolean
bench_init (Bench *self, const KairosPreset *preset, KairosPool *pool, gboolean evaluate, GError **error)
{
  gsize n_parameters, size = kairos_shape_size (preset->input), n = preset->bench_batch * size;
  *self = (Bench){ .run = evaluate ? evaluate_step : train_step,
                   .pool = pool,
                   .network = kairos_network_new (preset->name, preset->input, OUTPUTS, error) };
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
  self->batch = (KairosBatch){ .n = preset->bench_batch, .input = self->input, .labels = self->labels };
  return self->executor && self->optimizer;
}

/* Seconds of one step. */
static double
bench_step (Bench *self)
{
  gint64 start = g_get_monotonic_time ();
  self->run (self);
  return (g_get_monotonic_time () - start) / 1e6;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

/* Runs steps for as long as was asked; their times in order of size. */
static GArray *
bench_times (Bench *self, double seconds)
{
  GArray *times = g_array_new (FALSE, FALSE, sizeof (double));
  for (int i = 0; i < WARM_UP; i++)
    bench_step (self);
  gint64 end = g_get_monotonic_time () + (gint64) (seconds * 1e6);
  while ((g_get_monotonic_time () < end || times->len < LEAST_STEPS) && !*cli_interrupted ()) {
    double time = bench_step (self);
    g_array_append_val (times, time);
  }
  g_array_sort (times, compare_doubles);
  return times;
}

static void
print_speed (Bench *self, const KairosPreset *preset, const Options *options, GArray *times)
{
  double median = g_array_index (times, double, times->len / 2), best = g_array_index (times, double, 0);
  double gflops =
      (options->evaluate ? 1 : 3) * kairos_network_flops (self->network) * preset->bench_batch / median * 1e-9;
  if (!options->json) {
    g_print (_ ("%-14s batch %3d   %9.0f images/s   %6.1f GFLOP/s   %5.1f %% of the peak   %7.1f MB\n"), preset->name,
             preset->bench_batch, preset->bench_batch / median, gflops, 100 * gflops / options->gflops,
             kairos_executor_get_memory (self->executor) * 1e-6);
    return;
  }
  CliLine *line = cli_line_new ();
  cli_line_text (line, "net", preset->name);
  cli_line_int (line, "batch", preset->bench_batch);
  cli_line_number (line, "images_per_second", preset->bench_batch / median, 6);
  cli_line_number (line, "best", preset->bench_batch / best, 6);
  cli_line_number (line, "gflops", gflops, 4);
  cli_line_number (line, "peak_gflops", options->gflops, 4);
  cli_line_number (line, "of_peak", gflops / options->gflops, 4);
  if (options->evaluate)
    cli_line_bool (line, "evaluation", TRUE);
  cli_line_number (line, "memory_mb", kairos_executor_get_memory (self->executor) * 1e-6, 4);
  cli_line_print (line);
}

/* One layer and pass: where its time goes, and which limit it is nearer to. */
static void
print_row (const KairosPreset *preset, const Options *options, const char *layer, const char *pass, double seconds,
           double step, double flops, double bytes)
{
  double gflops = seconds > 0 ? flops / seconds * 1e-9 : 0, gbytes = seconds > 0 ? bytes / seconds * 1e-9 : 0;
  double of_arithmetic = gflops / options->gflops, of_memory = gbytes / options->gbytes;
  const char *bound = MAX (of_arithmetic, of_memory) <= 0 ? ""
                      : of_arithmetic >= of_memory        ? _ ("arithmetic")
                                                          : _ ("memory");
  if (!options->json) {
    g_print ("  %-20s %-17s %8.3f ms  %5.1f %%  %7.1f GFLOP/s  %7.1f GB/s  %s", layer, pass, seconds * 1e3,
             100 * seconds / step, gflops, gbytes, bound);
    g_print (*bound ? " %.0f %%\n" : "\n", 100 * MAX (of_arithmetic, of_memory));
    return;
  }
  CliLine *line = cli_line_new ();
  cli_line_text (line, "net", preset->name);
  cli_line_text (line, "layer", layer);
  cli_line_text (line, "pass", pass);
  cli_line_number (line, "milliseconds", seconds * 1e3, 4);
  cli_line_number (line, "share", seconds / step, 4);
  cli_line_number (line, "gflops", gflops, 4);
  cli_line_number (line, "gbytes", gbytes, 4);
  cli_line_text (line, "bound", *bound ? bound : NULL);
  cli_line_number (line, "of_bound", MAX (of_arithmetic, of_memory), 4);
  cli_line_print (line);
}

/* What the rows do not account for is waiting between stages, reductions and the optimiser. */
static void
print_profile (Bench *self, const KairosPreset *preset, const Options *options)
{
  kairos_executor_set_profiling (self->executor, TRUE);
  guint64 before = self->step;
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GArray) times = bench_times (self, options->seconds);
  double n = self->step - before, step = (g_get_monotonic_time () - start) / 1e6 / n, rest = step;
  g_autoptr (GArray) rows = kairos_executor_get_profile (self->executor);
  kairos_executor_set_profiling (self->executor, FALSE);
  for (guint i = 0; i < rows->len; i++) {
    const KairosProfileRow *row = &g_array_index (rows, KairosProfileRow, i);
    print_row (preset, options, row->layer, row->pass, row->seconds / n, step, row->flops / n, row->bytes / n);
    rest -= row->seconds / n;
  }
  print_row (preset, options, _ ("between the layers"), "", MAX (rest, 0), step, 0, 0);
}

static int
bench_all (char **names, Options *options)
{
  guint n;
  const KairosPreset *presets = kairos_presets (&n);
  g_autoptr (KairosPool) pool = kairos_pool_new (options->threads);
  options->gflops = kairos_machine_peak_gflops (kairos_pool_get_n_threads (pool));
  options->gbytes = options->profile ? kairos_machine_peak_gbytes (kairos_pool_get_n_threads (pool)) : 0;
  for (guint i = 0; i < n && !*cli_interrupted (); i++) {
    g_autoptr (GError) error = NULL;
    Bench bench;
    if (!presets[i].bench_batch || (names && !g_strv_contains ((const char *const *) names, presets[i].name)))
      continue;
    gboolean ready = bench_init (&bench, &presets[i], pool, options->evaluate, &error);
    if (ready) {
      g_autoptr (GArray) times = bench_times (&bench, options->seconds);
      if (times->len)
        print_speed (&bench, &presets[i], options, times);
      if (options->profile && !*cli_interrupted ())
        print_profile (&bench, &presets[i], options);
    }
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
      g_printerr (_ ("kairosctl: the benchmark has no network \"%s\"; it has %s.\n"), *name, list);
      return FALSE;
    }
  }
  return TRUE;
}

int
cli_bench (const char *usage, const char *summary, int argc, char **argv)
{
  g_auto (GStrv) names = NULL;
  Options options = { .seconds = 4 };
  int status;
  const GOptionEntry entries[] = {
    { "net", 0, 0, G_OPTION_ARG_STRING_ARRAY, &names, N_ ("Measure this network only; can be given again"), "NAME" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &options.seconds, N_ ("How long to measure each (default 4)"), "S" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads, N_ ("Threads that compute (default: one a core)"), "N" },
    { "evaluate", 0, 0, G_OPTION_ARG_NONE, &options.evaluate,
      N_ ("Measure evaluation (forward alone) instead of training"), NULL },
    { "profile", 0, 0, G_OPTION_ARG_NONE, &options.profile,
      N_ ("Show where the time of a training step goes, layer by layer"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print one JSON line a network"), NULL },
    { NULL },
  };
  if (!cli_parse (usage, summary, entries, 0, 0, &argc, &argv, &status))
    return status;
  if (options.evaluate && options.profile)
    return cli_usage_error (usage, _ ("--profile divides a training step; leave out --evaluate."));
  if (cli_out_of_range ("threads", options.threads, 0, 256) || !check_names (names))
    return CLI_USAGE;
  if (!(options.seconds > 0 && options.seconds <= 3600))
    return cli_usage_error (usage, _ ("--seconds is %g; give a number above 0 and up to 3600."), options.seconds);
  cli_catch_interrupts ();
  return bench_all (names, &options);
}
