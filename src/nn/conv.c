/* SPDX-License-Identifier: MIT */

/* Convolution: chooses an implementation for each pass, and does what all of them have in common.
 *
 * The choice depends on the build, the machine and the shape, never on a timing: the same session must take the same
 * arithmetic each time.
 *
 * With stride 1 the gradient with respect to the input is itself a convolution, of dy with the weights turned by 180
 * degrees and their channels exchanged; forward kernels are the faster ones, so backward data is one of those wherever
 * the implementation does not object.
 */
#include "conv-private.h"
#include "src/base/simd.h"

#include <string.h>

/* In order of preference. */
static const KairosConvImplementation *const implementations[] = {
#ifdef KAIROS_HAVE_ONEDNN
  &kairos_conv_onednn,
#endif
  &kairos_conv_direct, &kairos_conv_winograd, &kairos_conv_im2col, /* can do everything */
};

struct _KairosConv {
  KairosConvSetup setup;
  KairosConvKernel *passes[KAIROS_CONV_N_PASSES]; /* NULL: not asked for */
  float *turned;                                  /* weights of backward data, when that is a turned forward */
};

/* ---- the choice ---- */

static KairosConvKernel *
create_kernel (const KairosConvImplementation *implementation, const KairosConvSetup *setup)
{
  KairosConvKernel *kernel = implementation->create (setup);

  if (kernel) {
    kernel->implementation = implementation;
    kernel->setup = *setup;
  }
  return kernel;
}

/* Where our own forward kernels were measured faster than oneDNN's: with few filters, which leave its vectors half
 * empty, and with 1x1 kernels of a larger stride.  A turned convolution that would fill less than half of our vectors
 * is better left to kernels meant for backward data. */
enum { FEW_FILTERS = 32, TOO_FEW_TO_TURN = 10 };

static gboolean
suits_direct (const KairosConvSetup *setup)
{
  const KairosConvShape *s = &setup->shape;

  if (setup->pass != KAIROS_CONV_FORWARD || (setup->turned && s->filters < TOO_FEW_TO_TURN))
    return FALSE;
  return s->filters < FEW_FILTERS || (s->kernel == 1 && s->stride > 1);
}

/* Winograd's way takes a quarter of the multiplications, of which remains a gain of 1.4 (16 channels) to 3.5 times
 * (192) in each pass; as long as there are channels enough to pay for its transforms, and at least half of a patch of
 * 4x4 positions exists. */
static gboolean
suits_winograd (const KairosConvSetup *setup)
{
  const KairosConvShape *s = &setup->shape;
  const gsize patches = (gsize) ((setup->out_height + 3) / 4) * ((setup->out_width + 3) / 4);

  return setup->pass != KAIROS_CONV_BACKWARD_DATA && s->kernel == 3 && s->stride == 1 && s->in_channels >= 16 &&
         s->filters >= 16 && (gsize) setup->out_height * setup->out_width >= 8 * patches;
}

/* The implementation that was measured to be the fastest for such a shape. */
static const KairosConvImplementation *
choose_implementation (const KairosConvSetup *setup)
{
  if (suits_winograd (setup))
    return &kairos_conv_winograd;
  return suits_direct (setup) ? &kairos_conv_direct : implementations[0];
}

/* The first kernel in order of preference, for the first of the setups that the implementation takes. */
static KairosConvKernel *
choose_kernel (const KairosConvImplementation *preferred, const KairosConvSetup *setups, int n_setups)
{
  KairosConvKernel *kernel = NULL;

  if (!preferred)
    preferred = choose_implementation (&setups[0]);
  for (int i = 0; !kernel && i < n_setups; i++)
    kernel = create_kernel (preferred, &setups[i]);
  for (guint j = 0; !kernel && j < G_N_ELEMENTS (implementations); j++)
    for (int i = 0; !kernel && i < n_setups; i++)
      kernel = create_kernel (implementations[j], &setups[i]);
  return kernel;
}

static void
set_shape (KairosConvSetup *setup, const KairosConvShape *shape)
{
  setup->shape = *shape;
  setup->out_height = kairos_conv_out (shape->in_height, shape->kernel, shape->stride, shape->padding);
  setup->out_width = kairos_conv_out (shape->in_width, shape->kernel, shape->stride, shape->padding);
}

/* The convolution of dy that gives dx.  FALSE when there is none. */
static gboolean
turn (const KairosConvSetup *setup, KairosConvSetup *turned)
{
  const KairosConvShape *s = &setup->shape;

  if (s->stride != 1 || s->padding >= s->kernel)
    return FALSE;
  *turned = *setup;
  turned->pass = KAIROS_CONV_FORWARD;
  turned->turned = TRUE;
  turned->training = FALSE;
  set_shape (turned, &(KairosConvShape){ .in_height = setup->out_height,
                                         .in_width = setup->out_width,
                                         .in_channels = s->filters,
                                         .filters = s->in_channels,
                                         .kernel = s->kernel,
                                         .stride = 1,
                                         .padding = s->kernel - 1 - s->padding });
  return TRUE;
}

static void
prepare_backward_data (KairosConv *conv, const KairosConvImplementation *preferred)
{
  KairosConvSetup setups[2];
  int n_setups = turn (&conv->setup, &setups[0]) ? 1 : 0;

  setups[n_setups] = conv->setup;
  setups[n_setups].relu = FALSE;
  setups[n_setups++].pass = KAIROS_CONV_BACKWARD_DATA;
  setups[0].relu = FALSE;
  conv->passes[KAIROS_CONV_BACKWARD_DATA] = choose_kernel (preferred, setups, n_setups);
  if (conv->passes[KAIROS_CONV_BACKWARD_DATA]->setup.turned)
    conv->turned = g_aligned_alloc (kairos_conv_n_weights (&conv->setup.shape), sizeof (float), 64);
}

static void
prepare_backward_weights (KairosConv *conv, const KairosConvImplementation *preferred)
{
  KairosConvSetup setup = conv->setup;

  setup.pass = KAIROS_CONV_BACKWARD_WEIGHTS;
  setup.relu = FALSE;
  conv->passes[KAIROS_CONV_BACKWARD_WEIGHTS] = choose_kernel (preferred, &setup, 1);
}

static const KairosConvImplementation *
find_implementation (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (implementations); i++)
    if (strcmp (name, implementations[i]->name) == 0)
      return implementations[i];
  return NULL;
}

KairosConv *
kairos_conv_new (const char *implementation, const KairosConvShape *shape, int max_tile, int max_threads,
                 gboolean training, gboolean need_input_gradient, gboolean relu)
{
  const KairosConvImplementation *named = implementation ? find_implementation (implementation) : NULL;
  KairosConvSetup setup = { .max_tile = max_tile, .max_threads = max_threads, .training = training, .relu = relu };

  if (implementation && !named)
    return NULL;
  set_shape (&setup, shape);
  KairosConvKernel *forward = named ? create_kernel (named, &setup) : choose_kernel (NULL, &setup, 1);
  if (!forward)
    return NULL;

  KairosConv *conv = g_new0 (KairosConv, 1);
  conv->setup = setup;
  conv->passes[KAIROS_CONV_FORWARD] = forward;
  if (training)
    prepare_backward_weights (conv, named);
  if (training && need_input_gradient)
    prepare_backward_data (conv, named);
  return conv;
}

void
kairos_conv_free (KairosConv *conv)
{
  if (!conv)
    return;
  for (int pass = 0; pass < KAIROS_CONV_N_PASSES; pass++)
    if (conv->passes[pass])
      conv->passes[pass]->implementation->destroy (conv->passes[pass]);
  g_aligned_free (conv->turned);
  g_free (conv);
}

gsize
kairos_conv_get_memory (KairosConv *conv)
{
  gsize memory = conv->turned ? kairos_conv_n_weights (&conv->setup.shape) * sizeof (float) : 0;

  for (int pass = 0; pass < KAIROS_CONV_N_PASSES; pass++)
    if (conv->passes[pass])
      memory += conv->passes[pass]->implementation->get_memory (conv->passes[pass]);
  return memory;
}

char *
kairos_conv_describe (KairosConv *conv)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int pass = 0; pass < KAIROS_CONV_N_PASSES; pass++)
    if (conv->passes[pass])
      g_string_append_printf (text, "%s%s", pass > 0 ? "/" : "", conv->passes[pass]->implementation->name);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* ---- the passes ---- */

/* turned[channel][taps - 1 - tap][filter] = weights[filter][tap][channel], in blocks of one cache line of channels. */
static void
turn_weights (const KairosConvShape *shape, const float *weights, float *turned)
{
  const int channels = shape->in_channels, filters = shape->filters, taps = shape->kernel * shape->kernel, block = 16;

  for (int tap = 0; tap < taps; tap++)
    for (int first = 0; first < channels; first += block)
      for (int filter = 0; filter < filters; filter++) {
        const float *from = weights + ((gsize) filter * taps + tap) * channels;
        float *to = turned + (gsize) (taps - 1 - tap) * filters + filter;
        for (int channel = first; channel < MIN (first + block, channels); channel++)
          to[(gsize) channel * taps * filters] = from[channel];
      }
}

void
kairos_conv_set_weights (KairosConv *conv, const float *weights, const float *bias)
{
  KairosConvKernel *forward = conv->passes[KAIROS_CONV_FORWARD], *data = conv->passes[KAIROS_CONV_BACKWARD_DATA];

  forward->implementation->set_weights (forward, weights, bias);
  if (conv->turned)
    turn_weights (&conv->setup.shape, weights, conv->turned);
  if (data)
    data->implementation->set_weights (data, conv->turned ? conv->turned : weights, NULL);
}

static void
run (KairosConv *conv, KairosConvPass pass, int thread, int n, const float *from, const float *dy, float *out,
     gboolean accumulate)
{
  KairosConvKernel *kernel = conv->passes[pass];

  kernel->implementation->run (kernel, thread, n, from, dy, out, accumulate);
}

void
kairos_conv_forward (KairosConv *conv, int thread, int n, const float *x, float *y)
{
  run (conv, KAIROS_CONV_FORWARD, thread, n, x, NULL, y, FALSE);
}

void
kairos_conv_backward_data (KairosConv *conv, int thread, int n, const float *dy, float *dx)
{
  run (conv, KAIROS_CONV_BACKWARD_DATA, thread, n, dy, NULL, dx, FALSE);
}

/* columns summed side by side; rows before a partial sum is put away, which keeps rounding small */
enum { SUM_WIDTH = 64, SUM_ROWS = 64 };

/* sums[width] = the sum of n_rows rows of that width, which lie stride apart. */
KAIROS_MULTIVERSION static void
sum_rows (int width, gsize stride, gsize n_rows, const float *restrict rows, float *restrict sums)
{
  float total[SUM_WIDTH] = { 0 };

  for (gsize first = 0; first < n_rows; first += SUM_ROWS) {
    gsize end = MIN (first + SUM_ROWS, n_rows);
    float part[SUM_WIDTH] = { 0 };
    for (gsize row = first; row < end; row++)
      for (int j = 0; j < width; j++)
        part[j] += rows[row * stride + j];
    for (int j = 0; j < width; j++)
      total[j] += part[j];
  }
  memcpy (sums, total, width * sizeof *sums);
}

/* Few filters: takes several rows as one wide row, for the sake of vectors, and folds that in the end. */
static void
sum_narrow_rows (int n_columns, gsize n_rows, const float *rows, float *sums)
{
  int fold = SUM_WIDTH / n_columns;
  float wide[SUM_WIDTH];

  sum_rows (fold * n_columns, (gsize) fold * n_columns, n_rows / fold, rows, wide);
  for (int j = 0; j < n_columns; j++) {
    sums[j] = 0;
    for (int i = 0; i < fold; i++)
      sums[j] += wide[i * n_columns + j];
    for (gsize row = n_rows - n_rows % fold; row < n_rows; row++)
      sums[j] += rows[row * n_columns + j];
  }
}

static void
backward_bias (int filters, gsize n_rows, const float *dy, float *db, gboolean accumulate)
{
  for (int first = 0; first < filters; first += SUM_WIDTH) {
    int width = MIN (SUM_WIDTH, filters - first);
    float sums[SUM_WIDTH];
    if (filters <= SUM_WIDTH / 2)
      sum_narrow_rows (filters, n_rows, dy, sums);
    else
      sum_rows (width, filters, n_rows, dy + first, sums);
    for (int j = 0; j < width; j++)
      db[first + j] = accumulate ? db[first + j] + sums[j] : sums[j];
  }
}

void
kairos_conv_backward_weights (KairosConv *conv, int thread, int n, const float *x, const float *dy, float *dw,
                              float *db, gboolean accumulate)
{
  run (conv, KAIROS_CONV_BACKWARD_WEIGHTS, thread, n, x, dy, dw, accumulate);
  if (db)
    backward_bias (conv->setup.shape.filters, (gsize) n * conv->setup.out_height * conv->setup.out_width, dy, db,
                   accumulate);
}
