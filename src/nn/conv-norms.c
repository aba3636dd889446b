/* SPDX-License-Identifier: MIT */

/* See conv-norms.h. */
#include "conv-norms.h"

#include <string.h>

#include "conv-patches.h"
#include "src/base/sum.h"

enum {
  TILE_ROWS = 256,      /* of patches that are gathered at once for a product */
  KERNEL_CHANNELS = 16, /* input channels from which the convolution's own kernel is faster (measured) */
};

typedef enum { GHOST, PRODUCT, KERNEL } Method;

struct _KairosConvNorms {
  KairosConvShape shape;
  KairosPatches patches;
  KairosConv *conv; /* borrowed */
  Method method;
  int n_places, rows;
  gsize room; /* floats a thread */
  float *floats;
};

static gboolean
is_ghost_cheaper (const KairosConvShape *shape, int n_places, int taps)
{
  return (gint64) n_places * (taps + shape->filters) < (gint64) taps * shape->filters;
}

static Method
choose (const char *name, const KairosConvShape *shape, int n_places, int taps)
{
  if (name)
    return g_str_equal (name, "ghost") ? GHOST : g_str_equal (name, "product") ? PRODUCT : KERNEL;
  if (is_ghost_cheaper (shape, n_places, taps))
    return GHOST;
  return shape->in_channels < KERNEL_CHANNELS ? PRODUCT : KERNEL;
}

KairosConvNorms *
kairos_conv_norms_new (const char *method, const KairosConvShape *shape, KairosConv *conv, int max_threads)
{
  KairosConvNorms *norms = g_new0 (KairosConvNorms, 1);
  gsize places, result, rows;

  norms->shape = *shape;
  norms->patches = kairos_patches (shape);
  norms->n_places = norms->patches.out_height * norms->patches.out_width;
  norms->conv = conv;
  norms->method = choose (method, shape, norms->n_places, norms->patches.taps);
  norms->rows = norms->method == GHOST ? norms->n_places : MIN (norms->n_places, TILE_ROWS);
  places = norms->n_places;
  result = norms->method == GHOST ? 2 * places * places : (gsize) shape->filters * norms->patches.taps;
  rows = norms->method == KERNEL ? 0 : (gsize) norms->rows * norms->patches.taps;
  norms->room = (rows + result + 15) / 16 * 16;
  norms->floats = g_aligned_alloc (norms->room * max_threads, sizeof (float), 64);
  return norms;
}

void
kairos_conv_norms_free (KairosConvNorms *norms)
{
  if (!norms)
    return;
  g_aligned_free (norms->floats);
  g_free (norms);
}

gsize
kairos_conv_norms_get_memory (KairosConvNorms *norms)
{
  return norms->room * sizeof (float);
}

static double
measure_ghost (const KairosConvNorms *norms, const float *x, const float *dy, float *room)
{
  int n = norms->n_places, taps = norms->patches.taps, filters = norms->shape.filters;
  float *of_x = room + (gsize) n * taps, *of_dy = of_x + (gsize) n * n;
  const float *patches = kairos_patches_gather (&norms->patches, 0, n, x, room);
  double sum = 0;

  kairos_gemm (FALSE, TRUE, n, n, taps, 1, patches, taps, patches, taps, 0, of_x, n);
  kairos_gemm (FALSE, TRUE, n, n, filters, 1, dy, filters, dy, filters, 0, of_dy, n);
  for (gsize i = 0; i < (gsize) n * n; i++)
    sum += (double) of_x[i] * of_dy[i];
  return MAX (sum, 0);
}

static double
measure_kernel (const KairosConvNorms *norms, int thread, const float *x, const float *dy, float *room)
{
  kairos_conv_backward_weights (norms->conv, thread, 1, x, dy, room, NULL, FALSE);
  return kairos_sum_of_squares (room, (gsize) norms->shape.filters * norms->patches.taps);
}

static double
measure_product (const KairosConvNorms *norms, const float *x, const float *dy, float *room)
{
  int taps = norms->patches.taps, filters = norms->shape.filters;
  float *gradient = room + (gsize) norms->rows * taps;

  for (int first = 0; first < norms->n_places; first += norms->rows) {
    int n = MIN (norms->rows, norms->n_places - first);
    const float *patches = kairos_patches_gather (&norms->patches, first, n, x, room);
    kairos_gemm (TRUE, FALSE, filters, taps, n, 1, dy + (gsize) first * filters, filters, patches, taps,
                 first > 0 ? 1 : 0, gradient, taps);
  }
  return kairos_sum_of_squares (gradient, (gsize) filters * taps);
}

static double
measure_bias (const KairosConvNorms *norms, const float *dy)
{
  int filters = norms->shape.filters;
  double squares = 0;

  for (int filter = 0; filter < filters; filter++) {
    double sum = 0;
    for (int place = 0; place < norms->n_places; place++)
      sum += dy[(gsize) place * filters + filter];
    squares += sum * sum;
  }
  return squares;
}

double
kairos_conv_norms_measure (KairosConvNorms *norms, int thread, const float *x, const float *dy, gboolean has_bias)
{
  float *room = norms->floats + norms->room * thread;
  double bias = has_bias ? measure_bias (norms, dy) : 0;

  switch (norms->method) {
  case GHOST: return bias + measure_ghost (norms, x, dy, room);
  case PRODUCT: return bias + measure_product (norms, x, dy, room);
  case KERNEL:
  default: return bias + measure_kernel (norms, thread, x, dy, room);
  }
}
