/* SPDX-License-Identifier: MIT */

/* Pooling: the maximum or the mean of a window, channel by channel.
 *
 * Maximum pooling may end with a rectifier, because max and max (0, .) can change places: rectifying afterwards takes a quarter of the work of
 * rectifying before.  Its gradient goes to the first of equal maxima, found again by comparing input and output, so nothing is stored.
 */
#include "layer.h"

#include <string.h>

#include "kernels.h"
#include "simd.h"

static const KairosParam params[] = {
  { "size", KAIROS_PARAM_INT, "pixels", 1, 255, 2, NULL, "Height and width of the window." },
  { "stride", KAIROS_PARAM_INT, "pixels", 0, 255, 0, NULL, "Step from one window to the next; 0 means the size of the window." },
};

enum { CHUNK = 64 }; /* channels worked on at a time */

gboolean
kairos_layer_fits_kernel (const KairosLayer *layer, GError **error)
{
  int room = 2 * layer->padding;

  if (layer->in.height + room >= layer->kernel && layer->in.width + room >= layer->kernel)
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "its input is %dx%d, smaller than the kernel", layer->in.height, layer->in.width);
  return FALSE;
}

static gboolean
configure (KairosLayer *layer, JsonObject *settings, GError **error)
{
  layer->kernel = (int)kairos_params_number (params, G_N_ELEMENTS (params), settings, "size");
  layer->stride = (int)kairos_params_number (params, G_N_ELEMENTS (params), settings, "stride");
  if (layer->stride == 0)
    layer->stride = layer->kernel;
  if (!kairos_layer_fits_kernel (layer, error))
    return FALSE;
  layer->out = (KairosShape){ kairos_conv_out (layer->in.height, layer->kernel, layer->stride, 0),
                              kairos_conv_out (layer->in.width, layer->kernel, layer->stride, 0), layer->in.channels };
  return TRUE;
}

static gboolean
configure_global (KairosLayer *layer, JsonObject *settings, GError **error)
{
  layer->out = (KairosShape){ 1, 1, layer->in.channels };
  return TRUE;
}

static void
describe (const KairosLayer *layer, char *text, gsize size)
{
  g_snprintf (text, size, "%s %dx%d", layer->kind->name, layer->kernel, layer->kernel);
}

/* Calls visit for each window of each sample. */
typedef void (*VisitWindow) (const KairosCall *call, gsize in, gsize out);

static inline __attribute__ ((always_inline)) void
for_each_window (const KairosCall *call, VisitWindow visit)
{
  const KairosLayer *layer = call->layer;
  gsize in_size = kairos_shape_size (layer->in), out = 0;

  for (int i = 0; i < call->n; i++)
    for (int row = 0; row < layer->out.height; row++)
      for (int column = 0; column < layer->out.width; column++, out += layer->out.channels)
        visit (call, i * in_size + ((gsize)row * layer->stride * layer->in.width + (gsize)column * layer->stride) * layer->in.channels, out);
}

/* Where the window's place (row, column) starts, relative to its first. */
static inline gsize
place (const KairosLayer *layer, int row, int column)
{
  return ((gsize)row * layer->in.width + column) * layer->in.channels;
}

/* Whether every input value lies in exactly one window. */
static gboolean
windows_tile (const KairosLayer *layer)
{
  return layer->stride == layer->kernel && layer->in.height % layer->kernel == 0 && layer->in.width % layer->kernel == 0;
}

static inline __attribute__ ((always_inline)) void
max_window (const KairosCall *call, gsize in, gsize out)
{
  const KairosLayer *layer = call->layer;
  const float *restrict x = call->x + in;
  float *restrict y = call->out + out, floor = layer->relu ? 0 : -G_MAXFLOAT;

  for (int c = 0; c < layer->in.channels; c++)
    y[c] = x[c] <= floor ? floor : x[c];
  for (int row = 0; row < layer->kernel; row++)
    for (int column = 0; column < layer->kernel; column++) {
      const float *restrict at = x + place (layer, row, column);
      for (int c = 0; c < layer->in.channels; c++)
        y[c] = at[c] > y[c] ? at[c] : y[c];
    }
}

KAIROS_MULTIVERSION static void
max_forward (const KairosCall *call)
{
  for_each_window (call, max_window);
}

/* The gradient is handed to the first place that equals the maximum and is 0 from there on. */
static inline __attribute__ ((always_inline)) void
max_window_backward (const KairosCall *call, gsize in, gsize out, gboolean add)
{
  const KairosLayer *layer = call->layer;

  for (int first = 0; first < layer->in.channels; first += CHUNK) {
    const float *restrict y = call->y + out + first, *restrict dy = call->dy + out + first;
    int n = MIN (CHUNK, layer->in.channels - first);
    float left[CHUNK];

    for (int c = 0; c < n; c++)
      left[c] = layer->relu && y[c] <= 0 ? 0 : dy[c];
    for (int row = 0; row < layer->kernel; row++)
      for (int column = 0; column < layer->kernel; column++) {
        gsize at = in + first + place (layer, row, column);
        const float *restrict x = call->x + at;
        float *restrict dx = call->out + at;
        for (int c = 0; c < n; c++) {
          float given = x[c] == y[c] ? left[c] : 0;
          dx[c] = add ? dx[c] + given : given;
          left[c] -= given;
        }
      }
  }
}

static inline __attribute__ ((always_inline)) void
max_window_set (const KairosCall *call, gsize in, gsize out)
{
  max_window_backward (call, in, out, FALSE);
}

static inline __attribute__ ((always_inline)) void
max_window_add (const KairosCall *call, gsize in, gsize out)
{
  max_window_backward (call, in, out, TRUE);
}

KAIROS_MULTIVERSION static void
max_backward (const KairosCall *call)
{
  if (windows_tile (call->layer)) {
    for_each_window (call, max_window_set);
  } else {
    memset (call->out, 0, call->n * kairos_shape_size (call->layer->in) * sizeof *call->out);
    for_each_window (call, max_window_add);
  }
}

static inline __attribute__ ((always_inline)) void
average_window (const KairosCall *call, gsize in, gsize out)
{
  const KairosLayer *layer = call->layer;
  float *restrict y = call->out + out, factor = 1.0f / (layer->kernel * layer->kernel);

  memset (y, 0, layer->in.channels * sizeof *y);
  for (int row = 0; row < layer->kernel; row++)
    for (int column = 0; column < layer->kernel; column++) {
      const float *restrict x = call->x + in + place (layer, row, column);
      for (int c = 0; c < layer->in.channels; c++)
        y[c] += factor * x[c];
    }
}

KAIROS_MULTIVERSION static void
average_forward (const KairosCall *call)
{
  for_each_window (call, average_window);
}

static inline __attribute__ ((always_inline)) void
average_window_backward (const KairosCall *call, gsize in, gsize out)
{
  const KairosLayer *layer = call->layer;
  const float *restrict dy = call->dy + out;
  float factor = 1.0f / (layer->kernel * layer->kernel);

  for (int row = 0; row < layer->kernel; row++)
    for (int column = 0; column < layer->kernel; column++) {
      float *restrict dx = call->out + in + place (layer, row, column);
      for (int c = 0; c < layer->in.channels; c++)
        dx[c] += factor * dy[c];
    }
}

KAIROS_MULTIVERSION static void
average_backward (const KairosCall *call)
{
  memset (call->out, 0, call->n * kairos_shape_size (call->layer->in) * sizeof *call->out);
  for_each_window (call, average_window_backward);
}

KAIROS_MULTIVERSION static void
global_forward (const KairosCall *call)
{
  int n_places = call->layer->in.height * call->layer->in.width, n_channels = call->layer->in.channels;
  const float *restrict x = call->x;

  for (int i = 0; i < call->n; i++) {
    float *restrict y = call->out + (gsize)i * n_channels;
    memset (y, 0, n_channels * sizeof *y);
    for (int p = 0; p < n_places; p++, x += n_channels)
      for (int c = 0; c < n_channels; c++)
        y[c] += x[c];
    for (int c = 0; c < n_channels; c++)
      y[c] /= n_places;
  }
}

KAIROS_MULTIVERSION static void
global_backward (const KairosCall *call)
{
  int n_places = call->layer->in.height * call->layer->in.width, n_channels = call->layer->in.channels;
  float *restrict dx = call->out, factor = 1.0f / n_places;

  for (int i = 0; i < call->n; i++) {
    const float *restrict dy = call->dy + (gsize)i * n_channels;
    for (int p = 0; p < n_places; p++, dx += n_channels)
      for (int c = 0; c < n_channels; c++)
        dx[c] = factor * dy[c];
  }
}

const KairosLayerKind kairos_layer_max_pool = {
  .name = "max-pool",
  .summary = "Keeps the largest value of each small window; makes the picture smaller.",
  .params = params,
  .n_params = G_N_ELEMENTS (params),
  .configure = configure,
  .describe = describe,
  .cheap = TRUE,
  .needs = KAIROS_NEEDS_X | KAIROS_NEEDS_Y,
  .forward = max_forward,
  .backward_data = max_backward,
};

const KairosLayerKind kairos_layer_average_pool = {
  .name = "average-pool",
  .summary = "The mean of each small window; makes the picture smaller.",
  .params = params,
  .n_params = G_N_ELEMENTS (params),
  .configure = configure,
  .describe = describe,
  .cheap = TRUE,
  .forward = average_forward,
  .backward_data = average_backward,
};

const KairosLayerKind kairos_layer_global_average_pool = {
  .name = "global-average-pool",
  .summary = "The mean of each channel over the whole picture.",
  .configure = configure_global,
  .cheap = TRUE,
  .forward = global_forward,
  .backward_data = global_backward,
};
