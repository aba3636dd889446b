/* SPDX-License-Identifier: MIT */

/* Times training steps and evaluation of the benchmark networks on random data, one JSON line a network.
 *
 *   bench-step [--threads N] [--seconds S] [--cpu-time] [--profile] [NAME ...]
 *
 * --cpu-time counts the processor's time instead of the clock's: with --threads 1 it tells something on a machine that
 * is busy otherwise.
 */
#include <kairos/machine.h>
#include <kairos/network.h>
#include <kairos/optimizer.h>
#include <kairos/pool.h>
#include <kairos/random.h>

#include <time.h>

typedef struct {
  KairosNetwork *network;
  KairosExecutor *executor;
  KairosOptimizer *optimizer;
  KairosPool *pool;
  KairosBatch batch;
} Setup;

static int n_threads;
static double seconds = 1;
static gboolean profile, cpu_time;

static double
now (void)
{
  struct timespec time;

  clock_gettime (cpu_time ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return time.tv_sec + 1e-9 * time.tv_nsec;
}

static void
train_step (Setup *setup)
{
  static const KairosTrainOptions options = { KAIROS_LOSS_CROSS_ENTROPY };
  KairosOptimizerSettings settings = kairos_optimizer_settings_default ();

  settings.weight_decay = 5e-4f;
  kairos_executor_train (setup->executor, &setup->batch, &options, NULL);
  kairos_optimizer_step (setup->optimizer, &settings, kairos_network_parameters (setup->network, NULL),
                         kairos_executor_gradients (setup->executor), NULL, setup->pool);
}

static void
evaluate (Setup *setup)
{
  kairos_executor_evaluate (setup->executor, &setup->batch, NULL, NULL, NULL);
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Median and best seconds of a call. */
static double
measure (Setup *setup, void (*call) (Setup *), double *best)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  gint64 end;

  for (int i = 0; i < 3; i++)
    call (setup);
  end = g_get_monotonic_time () + (gint64) (seconds * 1e6);
  while (g_get_monotonic_time () < end || times->len < 5) {
    double start = now (), time;
    call (setup);
    time = now () - start;
    g_array_append_val (times, time);
  }
  g_array_sort (times, compare);
  *best = g_array_index (times, double, 0);
  return g_array_index (times, double, times->len / 2);
}

static void
print_profile (Setup *setup)
{
  double unused;
  g_autoptr (GArray) rows = NULL;
  double total = 0;

  kairos_executor_set_profiling (setup->executor, TRUE);
  measure (setup, train_step, &unused);
  rows = kairos_executor_get_profile (setup->executor);
  for (guint i = 0; i < rows->len; i++)
    total += g_array_index (rows, KairosProfileRow, i).seconds;
  for (guint i = 0; i < rows->len; i++) {
    const KairosProfileRow *row = &g_array_index (rows, KairosProfileRow, i);
    g_print ("# %-22s %-17s %5.1f %%  %7.1f GFLOP/s  %6.1f GB/s\n", row->layer, row->pass, 100 * row->seconds / total,
             row->flops / row->seconds * 1e-9, row->bytes / row->seconds * 1e-9);
  }
  kairos_executor_set_profiling (setup->executor, FALSE);
}

static void
bench (const KairosPreset *preset)
{
  Setup setup = { 0 };
  gsize n_parameters, n_inputs = kairos_shape_size (preset->input) * preset->bench_batch;
  g_autofree float *input = g_new (float, n_inputs);
  g_autofree gint32 *labels = g_new (gint32, preset->bench_batch);
  KairosRandom random = kairos_random (1, KAIROS_RANDOM_TEST, 0, 0);
  double step, best, forward, forward_best;

  for (gsize i = 0; i < n_inputs; i++)
    input[i] = kairos_random_float (&random);
  for (int i = 0; i < preset->bench_batch; i++)
    labels[i] = (gint32) kairos_random_below (&random, 10);
  setup.pool = kairos_pool_new (n_threads);
  setup.network = kairos_network_new (preset->name, preset->input, 10, NULL);
  kairos_network_initialise (setup.network, 1);
  kairos_network_parameters (setup.network, &n_parameters);
  setup.executor = kairos_executor_new (setup.network, preset->bench_batch, setup.pool);
  setup.optimizer = kairos_optimizer_new ("momentum", n_parameters, NULL);
  setup.batch = (KairosBatch){ .n = preset->bench_batch, .input = input, .labels = labels };

  step = measure (&setup, train_step, &best);
  forward = measure (&setup, evaluate, &forward_best);
  g_print ("{\"net\":\"%s\",\"batch\":%d,\"images_per_second\":%.0f,\"best\":%.0f,\"gflops\":%.1f,\"evaluation\":%.0f,"
           "\"evaluation_ratio\":%.2f,"
           "\"memory_mb\":%.1f}\n",
           preset->name, preset->bench_batch, preset->bench_batch / step, preset->bench_batch / best,
           3e-9 * kairos_network_flops (setup.network) * preset->bench_batch / step, preset->bench_batch / forward,
           step / forward, kairos_executor_get_memory (setup.executor) / 1e6);
  if (profile)
    print_profile (&setup);
  kairos_optimizer_free (setup.optimizer);
  kairos_executor_free (setup.executor);
  kairos_network_free (setup.network);
  kairos_pool_free (setup.pool);
}

int
main (int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads, "Number of threads", "N" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &seconds, "Time for each measurement", "S" },
    { "cpu-time", 0, 0, G_OPTION_ARG_NONE, &cpu_time, "Count the processor's time", NULL },
    { "profile", 0, 0, G_OPTION_ARG_NONE, &profile, "Where the time goes", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("[NAME ...]");
  g_autoptr (GError) error = NULL;
  guint n;
  const KairosPreset *presets = kairos_presets (&n);

  kairos_machine_prepare (argc, argv);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 2;
  }
  for (guint i = 0; i < n; i++)
    if (presets[i].bench_batch > 0 && (argc < 2 || g_strv_contains ((const char *const *) argv + 1, presets[i].name)))
      bench (&presets[i]);
  return 0;
}
