/* SPDX-License-Identifier: MIT */

/* Speed of each convolution of the six presets on one thread: a JSON line for each shape, implementation and number of
 * samples a call, with GFLOP/s of each pass (the best of many calls, since other programs may take the processor
 * meanwhile) and microseconds of packing the weights.
 *
 *   bench-kernels [--seconds S] [--samples N] [--implementation NAME]
 */
#include "kairos/machine.h"
#include "src/nn/kernels.h"

#include <string.h>

typedef struct {
  const char *networks;
  KairosConvShape shape;
} Row;

static const Row rows[] = {
  { "lenet-5", { 28, 28, 1, 6, 5, 1, 2 } },        { "lenet-5", { 14, 14, 6, 16, 5, 1, 0 } },
  { "small-cnn", { 32, 32, 3, 32, 3, 1, 1 } },     { "small-cnn", { 32, 32, 32, 32, 3, 1, 1 } },
  { "small-cnn", { 16, 16, 32, 64, 3, 1, 1 } },    { "small-cnn", { 16, 16, 64, 64, 3, 1, 1 } },
  { "small-cnn", { 8, 8, 64, 128, 3, 1, 1 } },     { "resnet-20", { 32, 32, 3, 16, 3, 1, 1 } },
  { "resnet-20", { 32, 32, 16, 16, 3, 1, 1 } },    { "resnet-20", { 32, 32, 16, 32, 3, 2, 1 } },
  { "resnet-20", { 32, 32, 16, 32, 1, 2, 0 } },    { "resnet-20", { 16, 16, 32, 32, 3, 1, 1 } },
  { "resnet-20", { 16, 16, 32, 64, 3, 2, 1 } },    { "resnet-20", { 16, 16, 32, 64, 1, 2, 0 } },
  { "resnet-20", { 8, 8, 64, 64, 3, 1, 1 } },      { "all-cnn-24", { 32, 32, 3, 24, 3, 1, 1 } },
  { "all-cnn-24", { 32, 32, 24, 24, 3, 1, 1 } },   { "all-cnn-24", { 32, 32, 24, 48, 3, 2, 1 } },
  { "all-cnn-24", { 16, 16, 48, 48, 3, 1, 1 } },   { "all-cnn-24", { 16, 16, 48, 48, 3, 2, 1 } },
  { "all-cnn-24", { 8, 8, 48, 48, 3, 1, 1 } },     { "all-cnn-24", { 8, 8, 48, 48, 1, 1, 0 } },
  { "all-cnn-24", { 8, 8, 48, 10, 1, 1, 0 } },     { "all-cnn-96", { 32, 32, 3, 96, 3, 1, 1 } },
  { "all-cnn-96", { 32, 32, 96, 96, 3, 1, 1 } },   { "all-cnn-96", { 32, 32, 96, 192, 3, 2, 1 } },
  { "all-cnn-96", { 16, 16, 192, 192, 3, 1, 1 } }, { "all-cnn-96", { 16, 16, 192, 192, 3, 2, 1 } },
  { "all-cnn-96", { 8, 8, 192, 192, 3, 1, 1 } },   { "all-cnn-96", { 8, 8, 192, 192, 1, 1, 0 } },
  { "all-cnn-96", { 8, 8, 192, 10, 1, 1, 0 } },
};

static double seconds = 0.05; /* a measurement */

typedef struct {
  KairosConv *conv;
  int n;
  float *x, *y, *w, *dw;
} Bench;

typedef void (*Pass) (Bench *bench);

static void
forward (Bench *b)
{
  kairos_conv_forward (b->conv, 0, b->n, b->x, b->y);
}

static void
backward_data (Bench *b)
{
  kairos_conv_backward_data (b->conv, 0, b->n, b->y, b->x);
}

static void
backward_weights (Bench *b)
{
  kairos_conv_backward_weights (b->conv, 0, b->n, b->x, b->y, b->dw, NULL, TRUE);
}

static void
set_weights (Bench *b)
{
  kairos_conv_set_weights (b->conv, b->w, NULL);
}

/* Microseconds of the fastest call. */
static double
measure (Bench *bench, Pass pass)
{
  const gint64 end = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
  double best = G_MAXDOUBLE;
  int repeats = 1;

  for (gint64 start = g_get_monotonic_time (); start < end;) {
    for (int i = 0; i < repeats; i++)
      pass (bench);
    gint64 now = g_get_monotonic_time ();
    best = MIN (best, (double) (now - start) / repeats);
    if (now - start < 500) /* too short for the clock */
      repeats *= 2, best = G_MAXDOUBLE;
    start = now;
  }
  return best;
}

static float *
filled (gsize n)
{
  float *values = g_aligned_alloc (n, sizeof (float), 64);

  for (gsize i = 0; i < n; i++)
    values[i] = (float) ((i * 2654435761u >> 16 & 255) / 256.0 - 0.5) * 1e-3f;
  return values;
}

static void
run_row (const Row *row, const char *implementation, int n)
{
  const KairosConvShape *s = &row->shape;
  int height = kairos_conv_out (s->in_height, s->kernel, s->stride, s->padding);
  gsize out = (gsize) height * kairos_conv_out (s->in_width, s->kernel, s->stride, s->padding);
  gsize n_weights = (gsize) s->filters * s->kernel * s->kernel * s->in_channels;
  double operations = 2e-3 * n * out * n_weights; /* thousands: per microsecond, that is GFLOP/s */
  Bench b = { .conv = kairos_conv_new (implementation, s, n, 1, TRUE, TRUE, FALSE), .n = n };

  if (!b.conv)
    return;
  b.x = filled (n * (gsize) s->in_height * s->in_width * s->in_channels);
  b.y = filled (n * out * s->filters);
  b.w = filled (n_weights);
  b.dw = filled (n_weights);
  double packing = measure (&b, set_weights);
  g_autofree char *chosen = kairos_conv_describe (b.conv);
  g_print ("{\"network\":\"%s\",\"shape\":\"%dx%dx%d->%d k%d s%d p%d\",\"implementation\":\"%s\",\"samples\":%d,"
           "\"forward\":%.1f,\"backward_data\":%.1f,\"backward_weights\":%.1f,\"packing_us\":%.1f,\"memory\":"
           "%" G_GSIZE_FORMAT "}\n",
           row->networks, s->in_height, s->in_width, s->in_channels, s->filters, s->kernel, s->stride, s->padding,
           chosen, n, operations / measure (&b, forward), operations / measure (&b, backward_data),
           operations / measure (&b, backward_weights), packing, kairos_conv_get_memory (b.conv));
  kairos_conv_free (b.conv);
  g_aligned_free (b.x);
  g_aligned_free (b.y);
  g_aligned_free (b.w);
  g_aligned_free (b.dw);
}

int
main (int argc, char **argv)
{
  int samples = 0;
  g_autofree char *implementation = NULL;
  const GOptionEntry options[] = {
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &seconds, "Length of a measurement (default 0.05)", "S" },
    { "samples", 0, 0, G_OPTION_ARG_INT, &samples, "Samples a call (default: 1, 4 and 16)", "N" },
    { "implementation", 0, 0, G_OPTION_ARG_STRING, &implementation,
      "onednn, direct, winograd or im2col (default: the build's choice, then im2col)", "NAME" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  kairos_machine_prepare (argc, argv);
  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || samples < 0) {
    g_printerr ("%s\n", error ? error->message : "--samples must be positive");
    return 2;
  }

  g_autofree char *machine = kairos_machine_describe ();
  g_print ("{\"machine\":\"%s\",\"peak_gflops\":%.1f}\n", machine, kairos_machine_peak_gflops (1));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (int n = samples > 0 ? samples : 1; n <= (samples > 0 ? samples : 16); n *= 4) {
      run_row (&rows[i], implementation, n);
      if (!implementation && g_str_equal (kairos_machine_convolution (), "onednn"))
        run_row (&rows[i], "im2col", n);
    }
  return 0;
}
