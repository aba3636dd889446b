/* SPDX-License-Identifier: MIT */

/* Convolution by matrix products: patches of the input are copied into the rows of a matrix (im2col), a tile of rows at
 * a time, small enough to stay in the second-level cache until the product has read it.  Works for every shape and on
 * every machine.
 *
 *   forward            Y (rows x filters)  = patches (rows x taps) W'
 *   backward weights   dW (filters x taps) = dY' patches
 *   backward data      dpatches            = dY W, added back to where they came from
 *
 * A row is one output position of one sample; taps = kernel * kernel * in_channels.
 */
#include "conv-private.h"
#include "src/base/simd.h"

#include <string.h>

/* A product copies the weights into an order of its own each time, so few rows do not pay. */
enum { TILE_FLOATS = 96 * 1024, MIN_TILE_ROWS = 192, MAX_TILE_ROWS = 1024 };

typedef struct {
  KairosConvKernel parent;
  int taps, tile_rows;
  gboolean is_product; /* 1x1, stride 1: the input is the matrix of patches */
  gboolean has_bias;
  float *weights, *bias;
  gsize patches_size; /* floats a thread */
  float *patches;
} Im2col;

static KairosConvKernel *
im2col_create (const KairosConvSetup *setup)
{
  const KairosConvShape *s = &setup->shape;
  Im2col *im2col = g_new0 (Im2col, 1);

  im2col->taps = s->kernel * s->kernel * s->in_channels;
  im2col->tile_rows = CLAMP (TILE_FLOATS / im2col->taps / 16 * 16, MIN_TILE_ROWS, MAX_TILE_ROWS);
  im2col->is_product = s->kernel == 1 && s->stride == 1 && s->padding == 0;
  im2col->weights = g_aligned_alloc (kairos_conv_n_weights (s), sizeof (float), 64);
  im2col->bias = g_new0 (float, s->filters);
  im2col->patches_size = ((gsize) im2col->tile_rows * im2col->taps + 15) / 16 * 16;
  im2col->patches = g_aligned_alloc (im2col->patches_size * setup->max_threads, sizeof (float), 64);
  return &im2col->parent;
}

static void
im2col_destroy (KairosConvKernel *kernel)
{
  Im2col *im2col = (Im2col *) kernel;

  g_aligned_free (im2col->weights);
  g_free (im2col->bias);
  g_aligned_free (im2col->patches);
  g_free (im2col);
}

static gsize
im2col_get_memory (KairosConvKernel *kernel)
{
  Im2col *im2col = (Im2col *) kernel;

  return sizeof (float) * (kairos_conv_n_weights (&kernel->setup.shape) + kernel->setup.shape.filters +
                           im2col->patches_size * kernel->setup.max_threads);
}

static void
im2col_set_weights (KairosConvKernel *kernel, const float *weights, const float *bias)
{
  Im2col *im2col = (Im2col *) kernel;
  const KairosConvShape *s = &kernel->setup.shape;

  memcpy (im2col->weights, weights, kairos_conv_n_weights (s) * sizeof *weights);
  im2col->has_bias = bias != NULL;
  if (bias)
    memcpy (im2col->bias, bias, s->filters * sizeof *bias);
  else
    memset (im2col->bias, 0, s->filters * sizeof *bias);
}

/* The part [*from, *to) of a kernel's taps along one axis that lies inside the input, when the patch starts at `start`.
 */
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
locate (const Im2col *im2col, gsize row)
{
  const KairosConvSetup *setup = &im2col->parent.setup;
  gsize positions = (gsize) setup->out_height * setup->out_width;

  return (Position){
    .sample = row / positions,
    .y = (int) (row % positions / setup->out_width) * setup->shape.stride - setup->shape.padding,
    .x = (int) (row % setup->out_width) * setup->shape.stride - setup->shape.padding,
  };
}

static inline gsize
input_offset (const KairosConvShape *s, const Position *at, int ky, int kx)
{
  return ((at->sample * s->in_height + at->y + ky) * s->in_width + at->x + kx) * s->in_channels;
}

static void
gather_patch (const Im2col *im2col, gsize row, const float *x, float *patch)
{
  const KairosConvShape *s = &im2col->parent.setup.shape;
  const Position at = locate (im2col, row);
  int top, bottom, left, right;

  clip_taps (at.y, s->kernel, s->in_height, &top, &bottom);
  clip_taps (at.x, s->kernel, s->in_width, &left, &right);
  if (bottom - top < s->kernel || right - left < s->kernel)
    memset (patch, 0, im2col->taps * sizeof *patch);
  for (int ky = top; ky < bottom; ky++)
    if (right > left)
      memcpy (patch + (ky * s->kernel + left) * s->in_channels, x + input_offset (s, &at, ky, left),
              (gsize) (right - left) * s->in_channels * sizeof *patch);
}

static void
scatter_patch (const Im2col *im2col, gsize row, const float *patch, float *dx)
{
  const KairosConvShape *s = &im2col->parent.setup.shape;
  const Position at = locate (im2col, row);
  int top, bottom, left, right;

  clip_taps (at.y, s->kernel, s->in_height, &top, &bottom);
  clip_taps (at.x, s->kernel, s->in_width, &left, &right);
  for (int ky = top; ky < bottom; ky++) {
    const float *from = patch + (ky * s->kernel + left) * s->in_channels;
    float *to = dx + input_offset (s, &at, ky, left);
    for (int i = 0; i < (right - left) * s->in_channels; i++)
      to[i] += from[i];
  }
}

/* The patches of n_rows output positions, copied to where there is room for them, or in place. */
static const float *
gather (const Im2col *im2col, gsize first_row, gsize n_rows, const float *x, float *room)
{
  if (im2col->is_product)
    return x + first_row * im2col->taps;
  for (gsize i = 0; i < n_rows; i++)
    gather_patch (im2col, first_row + i, x, room + i * im2col->taps);
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

static void
forward_tile (Im2col *im2col, gsize first_row, gsize n_rows, const float *x, float *y, float *room)
{
  const int filters = im2col->parent.setup.shape.filters;
  const gboolean relu = im2col->parent.setup.relu;
  const float *patches = gather (im2col, first_row, n_rows, x, room);

  y += first_row * filters;
  kairos_gemm (FALSE, TRUE, (int) n_rows, filters, im2col->taps, 1, patches, im2col->taps, im2col->weights,
               im2col->taps, 0, y, filters);
  if (im2col->has_bias || relu)
    finish_rows (n_rows, filters, im2col->bias, relu, y); /* while they are in cache */
}

static void
backward_data_tile (Im2col *im2col, gsize first_row, gsize n_rows, const float *dy, float *dx, float *room)
{
  const int filters = im2col->parent.setup.shape.filters;

  kairos_gemm (FALSE, FALSE, (int) n_rows, im2col->taps, filters, 1, dy + first_row * filters, filters, im2col->weights,
               im2col->taps, 0, room, im2col->taps);
  for (gsize i = 0; i < n_rows; i++)
    scatter_patch (im2col, first_row + i, room + i * im2col->taps, dx);
}

static void
backward_weights_tile (Im2col *im2col, gsize first_row, gsize n_rows, const float *x, const float *dy, float *dw,
                       gboolean accumulate, float *room)
{
  const int filters = im2col->parent.setup.shape.filters;
  const float *patches = gather (im2col, first_row, n_rows, x, room);

  kairos_gemm (TRUE, FALSE, filters, im2col->taps, (int) n_rows, 1, dy + first_row * filters, filters, patches,
               im2col->taps, accumulate ? 1 : 0, dw, im2col->taps);
}

static void
im2col_run (KairosConvKernel *kernel, int thread, int n, const float *from, const float *dy, float *out,
            gboolean accumulate)
{
  Im2col *im2col = (Im2col *) kernel;
  const KairosConvSetup *setup = &kernel->setup;
  const gsize n_rows = (gsize) n * setup->out_height * setup->out_width;
  float *room = im2col->patches + im2col->patches_size * thread;

  if (setup->pass == KAIROS_CONV_BACKWARD_DATA)
    memset (out, 0, n * kairos_conv_input_size (setup) * sizeof *out);
  for (gsize row = 0; row < n_rows; row += im2col->tile_rows) {
    gsize rows = MIN ((gsize) im2col->tile_rows, n_rows - row);
    if (setup->pass == KAIROS_CONV_FORWARD)
      forward_tile (im2col, row, rows, from, out, room);
    else if (setup->pass == KAIROS_CONV_BACKWARD_DATA)
      backward_data_tile (im2col, row, rows, from, out, room);
    else
      backward_weights_tile (im2col, row, rows, from, dy, out, accumulate || row > 0, room);
  }
}

const KairosConvImplementation kairos_conv_im2col = {
  .name = "im2col",
  .create = im2col_create,
  .destroy = im2col_destroy,
  .get_memory = im2col_get_memory,
  .set_weights = im2col_set_weights,
  .run = im2col_run,
};
