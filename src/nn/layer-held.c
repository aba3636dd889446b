/* SPDX-License-Identifier: MIT */

/* Bends that are held: rectifiers and maxima that stay on the side on which they were found when the network was last
 * looked at, whatever the weights have become since.
 *
 * A network with rectifiers is made of smooth pieces, and its gradient jumps from one to the next.  With thousands of
 * samples and units the next jump is so near that differences of gradients would measure jumps, at any step that float
 * can take.  Curvature is that of the piece on which the weights lie; so sides are remembered, value by value of every
 * sample of the batch, and the gradients nearby are those of this piece, continued.  These kinds stand for the usual
 * ones in programs for curvature.
 */
#include "layer.h"

#include <math.h>
#include <string.h>

#include "src/base/simd.h"

/* ---- Rectifiers ---- */

typedef struct {
  guint8 *above; /* of each value of the batch: whether it was above 0 */
  gsize n;
} Sides;

static gpointer
sides_prepare (const KairosPrepare *how)
{
  Sides *sides = g_new0 (Sides, 1);

  sides->n = how->max_batch * kairos_shape_size (how->layer->in);
  sides->above = g_new0 (guint8, sides->n);
  return sides;
}

static void
sides_release (gpointer state)
{
  g_free (((Sides *) state)->above);
  g_free (state);
}

static gsize
sides_memory (gpointer state)
{
  return ((const Sides *) state)->n;
}

static guint8 *
sides_of (const KairosCall *call)
{
  return ((const Sides *) call->state)->above + call->first * kairos_shape_size (call->layer->in);
}

static gsize
size_of (const KairosCall *call)
{
  return call->n * kairos_shape_size (call->layer->in);
}

static void
decide (const KairosCall *call)
{
  guint8 *above = sides_of (call);

  for (gsize i = 0, n = size_of (call); i < n; i++)
    above[i] = call->x[i] > 0;
}

/* Below, values are multiplied: by 0, or by the slope of a leaky one. */
KAIROS_MULTIVERSION static void
multiply (const guint8 *restrict above, float slope, gsize n, const float *restrict x, float *restrict y)
{
  for (gsize i = 0; i < n; i++)
    y[i] = above[i] ? x[i] : slope * x[i];
}

static void
rectify_forward (const KairosCall *call)
{
  if (call->decides)
    decide (call);
  multiply (sides_of (call), call->layer->value, size_of (call), call->x, call->out);
}

static void
rectify_backward (const KairosCall *call)
{
  multiply (sides_of (call), call->layer->value, size_of (call), call->dy, call->out);
}

static void
elu_forward (const KairosCall *call)
{
  const guint8 *above = sides_of (call);

  if (call->decides)
    decide (call);
  for (gsize i = 0, n = size_of (call); i < n; i++)
    call->out[i] = above[i] ? call->x[i] : call->layer->value * expm1f (call->x[i]);
}

static void
elu_backward (const KairosCall *call)
{
  const guint8 *above = sides_of (call);

  for (gsize i = 0, n = size_of (call); i < n; i++)
    call->out[i] = above[i] ? call->dy[i] : (call->y[i] + call->layer->value) * call->dy[i];
}

/* ---- Maxima ---- */

typedef struct {
  guint32 *places; /* of each output of the batch: which of the sample's inputs was the first of the largest */
  gsize n;
} Places;

static gpointer
places_prepare (const KairosPrepare *how)
{
  Places *places = g_new0 (Places, 1);

  places->n = how->max_batch * kairos_shape_size (how->layer->out);
  places->places = g_new0 (guint32, places->n);
  return places;
}

static void
places_release (gpointer state)
{
  g_free (((Places *) state)->places);
  g_free (state);
}

static gsize
places_memory (gpointer state)
{
  return ((const Places *) state)->n * sizeof (guint32);
}

static guint32 *
places_of (const KairosCall *call, int sample)
{
  return ((const Places *) call->state)->places + (call->first + sample) * kairos_shape_size (call->layer->out);
}

/* The first of the largest in the window that begins at `start`. */
static guint32
find_largest (const KairosLayer *layer, const float *x, gsize start)
{
  gsize width = (gsize) layer->in.width * layer->in.channels, best = start;

  for (int row = 0; row < layer->kernel; row++)
    for (int column = 0; column < layer->kernel; column++) {
      gsize at = start + row * width + (gsize) column * layer->in.channels;
      if (x[at] > x[best])
        best = at;
    }
  return (guint32) best;
}

static void
find_places (const KairosLayer *layer, const float *x, guint32 *places)
{
  gsize width = (gsize) layer->in.width * layer->in.channels, out = 0;

  for (int row = 0; row < layer->out.height; row++)
    for (int column = 0; column < layer->out.width; column++)
      for (int c = 0; c < layer->out.channels; c++, out++)
        places[out] = find_largest (layer, x, (row * width + (gsize) column * layer->in.channels) * layer->stride + c);
}

static void
largest_forward (const KairosCall *call)
{
  gsize n_in = kairos_shape_size (call->layer->in), n_out = kairos_shape_size (call->layer->out);

  for (int i = 0; i < call->n; i++) {
    const float *x = call->x + i * n_in;
    guint32 *places = places_of (call, i);
    if (call->decides)
      find_places (call->layer, x, places);
    for (gsize k = 0; k < n_out; k++)
      call->out[i * n_out + k] = x[places[k]];
  }
}

static void
largest_backward (const KairosCall *call)
{
  gsize n_in = kairos_shape_size (call->layer->in), n_out = kairos_shape_size (call->layer->out);

  memset (call->out, 0, call->n * n_in * sizeof *call->out);
  for (int i = 0; i < call->n; i++) {
    const guint32 *places = places_of (call, i);
    for (gsize k = 0; k < n_out; k++)
      call->out[i * n_in + places[k]] += call->dy[i * n_out + k];
  }
}

const KairosLayerKind kairos_layer_held_rectifier = {
  .name = "relu",
  .prepare = sides_prepare,
  .release = sides_release,
  .memory = sides_memory,
  .forward = rectify_forward,
  .backward_data = rectify_backward,
};

const KairosLayerKind kairos_layer_held_elu = {
  .name = "elu",
  .needs = KAIROS_NEEDS_Y,
  .prepare = sides_prepare,
  .release = sides_release,
  .memory = sides_memory,
  .forward = elu_forward,
  .backward_data = elu_backward,
};

const KairosLayerKind kairos_layer_held_max_pool = {
  .name = "max-pool",
  .prepare = places_prepare,
  .release = places_release,
  .memory = places_memory,
  .forward = largest_forward,
  .backward_data = largest_backward,
};
