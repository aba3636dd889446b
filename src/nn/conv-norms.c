/* SPDX-License-Identifier: MIT */

/* See conv-norms.h. */
#include "conv-norms.h"

#include <string.h>

#include "conv-patches.h"
#include "rows.h"

enum { TILE_ROWS = 256 }; /* of patches that are gathered at once where the gradient itself is taken */

struct _KairosConvNorms {
  KairosConvShape shape;
  KairosPatches patches;
  gboolean ghost;
  int n_places, rows;
  gsize room; /* floats a thread */
  float *floats;
};

static gboolean
is_ghost_cheaper (const KairosConvShape *shape, int n_places, int taps)
{
  return (gint64) n_places * (taps + shape->filters) < (gint64) taps * shape->filters;
}

KairosConvNorms *
kairos_conv_norms_new (const char *method, const KairosConvShape *shape, int max_threads)
{
  KairosConvNorms *norms = g_new0 (KairosConvNorms, 1);
  gsize places, result;

  norms->shape = *shape;
  norms->patches = kairos_patches (shape);
  norms->n_places = norms->patches.out_height * norms->patches.out_width;
  norms->ghost =
      method ? g_str_equal (method, "ghost") : is_ghost_cheaper (shape, norms->n_places, norms->patches.taps);
  norms->rows = norms->ghost ? norms->n_places : MIN (norms->n_places, TILE_ROWS);
  places = norms->n_places;
  result = norms->ghost ? 2 * places * places : (gsize) shape->filters * norms->patches.taps;
  norms->room = ((gsize) norms->rows * norms->patches.taps + result + 15) / 16 * 16;
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
measure_gradient (const KairosConvNorms *norms, const float *x, const float *dy, float *room)
{
  int taps = norms->patches.taps, filters = norms->shape.filters;
  float *gradient = room + (gsize) norms->rows * taps;

  for (int first = 0; first < norms->n_places; first += norms->rows) {
    int n = MIN (norms->rows, norms->n_places - first);
    const float *patches = kairos_patches_gather (&norms->patches, first, n, x, room);
    kairos_gemm (TRUE, FALSE, filters, taps, n, 1, dy + (gsize) first * filters, filters, patches, taps,
                 first > 0 ? 1 : 0, gradient, taps);
  }
  return kairos_rows_square_sum ((gsize) filters * taps, gradient);
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
  double weights = norms->ghost ? measure_ghost (norms, x, dy, room) : measure_gradient (norms, x, dy, room);

  return weights + (has_bias ? measure_bias (norms, dy) : 0);
}
