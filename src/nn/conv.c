/* SPDX-License-Identifier: MIT */

/* Convolution: chooses an implementation, and what all of them have in common.
 *
 * The choice depends on the build, the machine and the shape, never on a timing: the same session must take the same arithmetic each time.
 */
#include "conv-private.h"
#include "simd.h"

#include <string.h>

/* In order of preference; the first that can do a shape gets it. */
static const KairosConvKernels *const implementations[] = {
#ifdef KAIROS_HAVE_ONEDNN
  &kairos_conv_onednn,
#endif
  &kairos_conv_im2col,
};

KairosConv *
kairos_conv_new (const char *implementation, const KairosConvShape *shape, int max_tile, int max_threads, gboolean training,
                 gboolean need_input_gradient, gboolean relu)
{
  KairosConv setup = {
    .shape = *shape,
    .out_height = kairos_conv_out (shape->in_height, shape->kernel, shape->stride, shape->padding),
    .out_width = kairos_conv_out (shape->in_width, shape->kernel, shape->stride, shape->padding),
    .max_tile = max_tile,
    .max_threads = max_threads,
    .training = training,
    .need_input_gradient = training && need_input_gradient,
    .relu = relu,
  };

  for (guint i = 0; i < G_N_ELEMENTS (implementations); i++) {
    if (implementation != NULL && strcmp (implementation, implementations[i]->name) != 0)
      continue;
    KairosConv *conv = implementations[i]->create (&setup);
    if (conv != NULL) {
      *conv = setup;
      conv->kernels = implementations[i];
      return conv;
    }
  }
  return NULL;
}

void
kairos_conv_free (KairosConv *conv)
{
  if (conv != NULL)
    conv->kernels->destroy (conv);
}

const char *
kairos_conv_get_implementation (KairosConv *conv)
{
  return conv->kernels->name;
}

gsize
kairos_conv_get_memory (KairosConv *conv)
{
  return conv->kernels->get_memory (conv);
}

void
kairos_conv_set_weights (KairosConv *conv, const float *weights, const float *bias)
{
  conv->kernels->set_weights (conv, weights, bias);
}

void
kairos_conv_forward (KairosConv *conv, int thread, int n, const float *x, float *y)
{
  conv->kernels->forward (conv, thread, n, x, y);
}

void
kairos_conv_backward_data (KairosConv *conv, int thread, int n, const float *dy, float *dx)
{
  conv->kernels->backward_data (conv, thread, n, dy, dx);
}

enum { SUM_WIDTH = 64, SUM_ROWS = 64 }; /* columns summed side by side; rows before a partial sum is put away, which keeps rounding small */

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
kairos_conv_backward_weights (KairosConv *conv, int thread, int n, const float *x, const float *dy, float *dw, float *db, gboolean accumulate)
{
  conv->kernels->backward_weights (conv, thread, n, x, dy, dw, accumulate);
  if (db != NULL)
    backward_bias (conv->shape.filters, (gsize) n * conv->out_height * conv->out_width, dy, db, accumulate);
}

gboolean
kairos_conv_turn_shape (const KairosConvShape *shape, KairosConvShape *turned)
{
  if (shape->stride != 1 || shape->padding >= shape->kernel)
    return FALSE;

  *turned = (KairosConvShape) {
    .in_height = kairos_conv_out (shape->in_height, shape->kernel, 1, shape->padding),
    .in_width = kairos_conv_out (shape->in_width, shape->kernel, 1, shape->padding),
    .in_channels = shape->filters,
    .filters = shape->in_channels,
    .kernel = shape->kernel,
    .stride = 1,
    .padding = shape->kernel - 1 - shape->padding,
  };
  return TRUE;
}

/* turned[channel][taps - 1 - tap][filter] = weights[filter][tap][channel], in blocks of one cache line of channels. */
void
kairos_conv_turn_weights (const KairosConvShape *shape, const float *weights, float *turned)
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
