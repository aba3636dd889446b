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
#include "conv-patches.h"
#include "conv-private.h"
#include "src/base/simd.h"

#include <string.h>

/* A product copies the weights into an order of its own each time, so few rows do not pay. */
enum { TILE_FLOATS = 96 * 1024, MIN_TILE_ROWS = 192, MAX_TILE_ROWS = 1024 };

typedef struct {
  KairosConvKernel parent;
  KairosPatches patches;
  int taps, tile_rows;
  gboolean has_bias;
  float *weights, *bias;
  gsize room_size; /* floats a thread */
  float *room;
} Im2col;

static KairosConvKernel *
im2col_create (const KairosConvSetup *setup)
{
  const KairosConvShape *s = &setup->shape;
  Im2col *im2col = g_new0 (Im2col, 1);

  im2col->patches = kairos_patches (s);
  im2col->taps = im2col->patches.taps;
  im2col->tile_rows = CLAMP (TILE_FLOATS / im2col->taps / 16 * 16, MIN_TILE_ROWS, MAX_TILE_ROWS);
  im2col->weights = g_aligned_alloc (kairos_conv_n_weights (s), sizeof (float), 64);
  im2col->bias = g_new0 (float, s->filters);
  im2col->room_size = ((gsize) im2col->tile_rows * im2col->taps + 15) / 16 * 16;
  im2col->room = g_aligned_alloc (im2col->room_size * setup->max_threads, sizeof (float), 64);
  return &im2col->parent;
}

static void
im2col_destroy (KairosConvKernel *kernel)
{
  Im2col *im2col = (Im2col *) kernel;

  g_aligned_free (im2col->weights);
  g_free (im2col->bias);
  g_aligned_free (im2col->room);
  g_free (im2col);
}

static gsize
im2col_get_memory (KairosConvKernel *kernel)
{
  Im2col *im2col = (Im2col *) kernel;

  return sizeof (float) * (kairos_conv_n_weights (&kernel->setup.shape) + kernel->setup.shape.filters +
                           im2col->room_size * kernel->setup.max_threads);
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
  const float *patches = kairos_patches_gather (&im2col->patches, first_row, n_rows, x, room);

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
    kairos_patches_scatter (&im2col->patches, first_row + i, room + i * im2col->taps, dx);
}

static void
backward_weights_tile (Im2col *im2col, gsize first_row, gsize n_rows, const float *x, const float *dy, float *dw,
                       gboolean accumulate, float *room)
{
  const int filters = im2col->parent.setup.shape.filters;
  const float *patches = kairos_patches_gather (&im2col->patches, first_row, n_rows, x, room);

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
  float *room = im2col->room + im2col->room_size * thread;

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
