/* SPDX-License-Identifier: MIT */

/* Convolution by matrix products: patches of the input are copied into the rows of a matrix (im2col), a tile of rows at a time, small enough to
 * stay in the second-level cache until the product has read it.  Works for every shape and on every machine.
 *
 *   forward            Y (rows x filters)  = patches (rows x taps) W'
 *   backward weights   dW (filters x taps) = dY' patches
 *   backward data      with stride 1 the forward convolution of dY with turned weights, else dpatches = dY W, added back to where they came from
 *
 * A row is one output position of one sample; taps = kernel * kernel * in_channels.
 */
#include "conv-private.h"
#include "simd.h"

#include <string.h>

enum { TILE_FLOATS = 96 * 1024, MIN_TILE_ROWS = 32, MAX_TILE_ROWS = 1024 };

/* A convolution as a product: its shape and its weights. */
typedef struct {
  KairosConvShape shape;
  int out_height, out_width;
  int taps, tile_rows;
  gboolean is_product; /* 1x1, stride 1: the input is the matrix of patches */
  float *weights;
} Product;

typedef struct {
  KairosConv parent;
  Product forward, turned; /* turned only when turns */
  gboolean turns, has_bias;
  float *bias;
  gsize patches_size; /* floats a thread */
  float *patches;
} ConvIm2col;

static void
product_init (Product *product, const KairosConvShape *shape)
{
  product->shape = *shape;
  product->out_height = kairos_conv_out (shape->in_height, shape->kernel, shape->stride, shape->padding);
  product->out_width = kairos_conv_out (shape->in_width, shape->kernel, shape->stride, shape->padding);
  product->taps = shape->kernel * shape->kernel * shape->in_channels;
  product->tile_rows = CLAMP (TILE_FLOATS / product->taps / 16 * 16, MIN_TILE_ROWS, MAX_TILE_ROWS);
  product->is_product = shape->kernel == 1 && shape->stride == 1 && shape->padding == 0;
  product->weights = g_aligned_alloc (kairos_conv_n_weights (shape), sizeof (float), 64);
}

static KairosConv *
im2col_create (const KairosConv *setup)
{
  ConvIm2col *conv = g_new0 (ConvIm2col, 1);
  KairosConvShape turned;

  product_init (&conv->forward, &setup->shape);
  conv->patches_size = (gsize) conv->forward.tile_rows * conv->forward.taps;
  conv->turns = setup->need_input_gradient && kairos_conv_turn_shape (&setup->shape, &turned);
  if (conv->turns) {
    product_init (&conv->turned, &turned);
    conv->patches_size = MAX (conv->patches_size, (gsize) conv->turned.tile_rows * conv->turned.taps);
  }
  conv->bias = g_new0 (float, setup->shape.filters);
  conv->patches_size = (conv->patches_size + 15) / 16 * 16;
  conv->patches = g_aligned_alloc (conv->patches_size * setup->max_threads, sizeof (float), 64);
  return &conv->parent;
}

static void
im2col_destroy (KairosConv *parent)
{
  ConvIm2col *conv = (ConvIm2col *) parent;

  g_aligned_free (conv->forward.weights);
  g_aligned_free (conv->turned.weights);
  g_free (conv->bias);
  g_aligned_free (conv->patches);
  g_free (conv);
}

static gsize
im2col_get_memory (KairosConv *parent)
{
  ConvIm2col *conv = (ConvIm2col *) parent;
  gsize n_weights = kairos_conv_n_weights (&parent->shape);

  return sizeof (float) * ((conv->turns ? 2 : 1) * n_weights + parent->shape.filters + conv->patches_size * parent->max_threads);
}

static void
im2col_set_weights (KairosConv *parent, const float *weights, const float *bias)
{
  ConvIm2col *conv = (ConvIm2col *) parent;

  memcpy (conv->forward.weights, weights, kairos_conv_n_weights (&parent->shape) * sizeof *weights);
  if (conv->turns)
    kairos_conv_turn_weights (&parent->shape, weights, conv->turned.weights);
  conv->has_bias = bias != NULL;
  if (bias != NULL)
    memcpy (conv->bias, bias, parent->shape.filters * sizeof *bias);
  else
    memset (conv->bias, 0, parent->shape.filters * sizeof *conv->bias);
}

/* The part [*from, *to) of a kernel's taps along one axis that lies inside the input, when the patch starts at `start`. */
static inline void
clip_taps (int start, int kernel, int size, int *from, int *to)
{
  *from = CLAMP (-start, 0, kernel);
  *to = CLAMP (size - start, *from, kernel);
}

/* One output position: where its patch starts in the input. */
typedef struct {
  gsize sample;
  int y, x;
} Position;

static inline Position
locate (const Product *product, gsize row)
{
  const KairosConvShape *s = &product->shape;
  gsize out = (gsize) product->out_height * product->out_width;

  return (Position) {
    .sample = row / out,
    .y = (int) (row % out / product->out_width) * s->stride - s->padding,
    .x = (int) (row % product->out_width) * s->stride - s->padding,
  };
}

static inline gsize
input_offset (const Product *product, const Position *at, int ky, int kx)
{
  const KairosConvShape *s = &product->shape;

  return ((at->sample * s->in_height + at->y + ky) * s->in_width + at->x + kx) * s->in_channels;
}

static void
gather_patch (const Product *product, gsize row, const float *x, float *patch)
{
  const KairosConvShape *s = &product->shape;
  const Position at = locate (product, row);
  int top, bottom, left, right;

  clip_taps (at.y, s->kernel, s->in_height, &top, &bottom);
  clip_taps (at.x, s->kernel, s->in_width, &left, &right);
  if (bottom - top < s->kernel || right - left < s->kernel)
    memset (patch, 0, product->taps * sizeof *patch);
  for (int ky = top; ky < bottom; ky++)
    if (right > left)
      memcpy (patch + (ky * s->kernel + left) * s->in_channels, x + input_offset (product, &at, ky, left),
              (gsize) (right - left) * s->in_channels * sizeof *patch);
}

static void
scatter_patch (const Product *product, gsize row, const float *patch, float *dx)
{
  const KairosConvShape *s = &product->shape;
  const Position at = locate (product, row);
  int top, bottom, left, right;

  clip_taps (at.y, s->kernel, s->in_height, &top, &bottom);
  clip_taps (at.x, s->kernel, s->in_width, &left, &right);
  for (int ky = top; ky < bottom; ky++) {
    const float *from = patch + (ky * s->kernel + left) * s->in_channels;
    float *to = dx + input_offset (product, &at, ky, left);
    for (int i = 0; i < (right - left) * s->in_channels; i++)
      to[i] += from[i];
  }
}

/* The patches of n_rows output positions, copied to where there is room for them, or in place. */
static const float *
gather (const Product *product, gsize first_row, gsize n_rows, const float *x, float *room)
{
  if (product->is_product)
    return x + first_row * product->taps;
  for (gsize i = 0; i < n_rows; i++)
    gather_patch (product, first_row + i, x, room + i * product->taps);
  return room;
}

KAIROS_MULTIVERSION static void
finish_rows (gsize n_rows, int filters, const float *restrict bias, gboolean relu, float *restrict y)
{
  for (gsize row = 0; row < n_rows; row++, y += filters)
    for (int j = 0; j < filters; j++) {
      float value = y[j] + bias[j];
      y[j] = relu && value < 0 ? 0 : value;
    }
}

static float *
patches_of (ConvIm2col *conv, int thread)
{
  return conv->patches + conv->patches_size * thread;
}

/* finish: add the bias and apply the ReLU while the rows are in cache. */
static void
run_forward (ConvIm2col *conv, const Product *product, int thread, int n, const float *x, float *y, gboolean finish)
{
  const gsize n_rows = (gsize) n * product->out_height * product->out_width;
  const int filters = product->shape.filters;

  for (gsize row = 0; row < n_rows; row += product->tile_rows) {
    gsize rows = MIN ((gsize) product->tile_rows, n_rows - row);
    const float *patches = gather (product, row, rows, x, patches_of (conv, thread));
    kairos_gemm (FALSE, TRUE, (int) rows, filters, product->taps, 1, patches, product->taps, product->weights, product->taps, 0,
                 y + row * filters, filters);
    if (finish)
      finish_rows (rows, filters, conv->bias, conv->parent.relu, y + row * filters);
  }
}

static void
im2col_forward (KairosConv *parent, int thread, int n, const float *x, float *y)
{
  ConvIm2col *conv = (ConvIm2col *) parent;

  run_forward (conv, &conv->forward, thread, n, x, y, conv->has_bias || parent->relu);
}

static void
im2col_backward_data (KairosConv *parent, int thread, int n, const float *dy, float *dx)
{
  ConvIm2col *conv = (ConvIm2col *) parent;
  const Product *product = &conv->forward;
  const KairosConvShape *s = &product->shape;
  const gsize n_rows = (gsize) n * product->out_height * product->out_width;
  float *patches = patches_of (conv, thread);

  if (conv->turns) {
    run_forward (conv, &conv->turned, thread, n, dy, dx, FALSE);
    return;
  }
  memset (dx, 0, (gsize) n * s->in_height * s->in_width * s->in_channels * sizeof *dx);
  for (gsize row = 0; row < n_rows; row += product->tile_rows) {
    gsize rows = MIN ((gsize) product->tile_rows, n_rows - row);
    kairos_gemm (FALSE, FALSE, (int) rows, product->taps, s->filters, 1, dy + row * s->filters, s->filters, product->weights, product->taps, 0,
                 patches, product->taps);
    for (gsize i = 0; i < rows; i++)
      scatter_patch (product, row + i, patches + i * product->taps, dx);
  }
}

static void
im2col_backward_weights (KairosConv *parent, int thread, int n, const float *x, const float *dy, float *dw, gboolean accumulate)
{
  ConvIm2col *conv = (ConvIm2col *) parent;
  const Product *product = &conv->forward;
  const gsize n_rows = (gsize) n * product->out_height * product->out_width;
  const int filters = product->shape.filters;

  for (gsize row = 0; row < n_rows; row += product->tile_rows) {
    gsize rows = MIN ((gsize) product->tile_rows, n_rows - row);
    const float *patches = gather (product, row, rows, x, patches_of (conv, thread));
    kairos_gemm (TRUE, FALSE, filters, product->taps, (int) rows, 1, dy + row * filters, filters, patches, product->taps,
                 accumulate || row > 0 ? 1 : 0, dw, product->taps);
  }
}

const KairosConvKernels kairos_conv_im2col = {
  .name = "im2col",
  .create = im2col_create,
  .destroy = im2col_destroy,
  .get_memory = im2col_get_memory,
  .set_weights = im2col_set_weights,
  .forward = im2col_forward,
  .backward_data = im2col_backward_data,
  .backward_weights = im2col_backward_weights,
};
