/* SPDX-License-Identifier: MIT */

/* Pooling: the maximum or the mean of a window, channel by channel.
 *
 * Maximum pooling may end with a rectifier, because max and max (0, .) can change places: rectifying afterwards takes a
 * quarter of the work of rectifying before.  Its gradient goes to the first of equal maxima, found again by comparing
 * input and output, so nothing is stored.
 */
#include "layer.h"

#include <string.h>

#include "kernels.h"
#include "src/base/simd.h"

static const KairosParam params[] = {
  { "size", KAIROS_PARAM_INT, "pixels", 1, 255, 2, NULL, "Height and width of the window." },
  { "stride", KAIROS_PARAM_INT, "pixels", 0, 255, 0, NULL,
    "Step from one window to the next; 0 means the size of the window." },
};

gboolean
kairos_layer_fits_kernel (const KairosLayer *layer, GError **error)
{
  int room = 2 * layer->padding;

  if (layer->in.height + room >= layer->kernel && layer->in.width + room >= layer->kernel)
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "its input is %dx%d, smaller than the kernel", layer->in.height,
               layer->in.width);
  return FALSE;
}

static gboolean
configure (KairosLayer *layer, JsonObject *settings, GError **error)
{
  layer->kernel = (int) kairos_params_number (params, G_N_ELEMENTS (params), settings, "size");
  layer->stride = (int) kairos_params_number (params, G_N_ELEMENTS (params), settings, "stride");
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

/* What is done to one window: `in` is where it starts in the input, `out` its place in the output.  size: its height
 * and width. */
typedef void (*VisitWindow) (const KairosCall *call, int size, gsize in, gsize out);

static inline __attribute__ ((always_inline)) void
visit_windows (const KairosCall *call, int size, VisitWindow visit)
{
  const KairosLayer *layer = call->layer;
  gsize in_size = kairos_shape_size (layer->in), row_size = (gsize) layer->in.width * layer->in.channels, out = 0;

  for (int i = 0; i < call->n; i++)
    for (int row = 0; row < layer->out.height; row++)
      for (int column = 0; column < layer->out.width; column++, out += layer->out.channels)
        visit (call, size, i * in_size + (row * row_size + (gsize) column * layer->in.channels) * layer->stride, out);
}

/* The usual size is compiled in, so that the loops over a window's places disappear. */
static inline __attribute__ ((always_inline)) void
for_each_window (const KairosCall *call, VisitWindow visit)
{
  if (call->layer->kernel == 2)
    visit_windows (call, 2, visit);
  else
    visit_windows (call, call->layer->kernel, visit);
}

/* Whether every input value lies in exactly one window. */
static gboolean
windows_tile (const KairosLayer *layer)
{
  return layer->stride == layer->kernel && layer->in.height % layer->kernel == 0 &&
         layer->in.width % layer->kernel == 0;
}

static void
clear (const KairosCall *call)
{
  memset (call->out, 0, call->n * kairos_shape_size (call->layer->in) * sizeof *call->out);
}

static inline __attribute__ ((always_inline)) void
max_window (const KairosCall *call, int size, gsize in, gsize out)
{
  const int n_channels = call->layer->in.channels;
  const gsize width = (gsize) call->layer->in.width * n_channels;
  const float *restrict x = call->x + in, floor = call->layer->relu ? 0 : -G_MAXFLOAT;
  float *restrict y = call->out + out;

  for (int c = 0; c < n_channels; c++) {
    float most = floor;
    for (int row = 0; row < size; row++)
      for (int column = 0; column < size; column++) {
        float value = x[row * width + (gsize) column * n_channels + c];
        most = value > most ? value : most;
      }
    y[c] = most;
  }
}

KAIROS_MULTIVERSION static void
max_forward (const KairosCall *call)
{
  for_each_window (call, max_window);
}

/* The gradient is handed to the first place that equals the maximum and is 0 from there on. */
static inline __attribute__ ((always_inline)) void
max_window_backward (const KairosCall *call, int size, gsize in, gsize out)
{
  const int n_channels = call->layer->in.channels;
  const gsize width = (gsize) call->layer->in.width * n_channels;
  const float *restrict x = call->x + in, *restrict y = call->y + out, *restrict dy = call->dy + out;
  const float floor = call->layer->relu ? 0 : -G_MAXFLOAT;
  float *restrict dx = call->out + in;

  for (int c = 0; c < n_channels; c++) {
    float left = y[c] > floor ? dy[c] : 0;
    for (int row = 0; row < size; row++)
      for (int column = 0; column < size; column++) {
        gsize at = row * width + (gsize) column * n_channels + c;
        float given = x[at] == y[c] ? left : 0;
        dx[at] += given;
        left -= given;
      }
  }
}

/* The most frequent case, 2x2 windows side by side, for N channels at a time.  Masks instead of branching: which place
 * wins is as good as random. */
#define DEFINE_GIVE(N)                                                                                                 \
  typedef float Floats##N __attribute__ ((vector_size (N * sizeof (float)), aligned (4), may_alias));                  \
  typedef gint32 Masks##N __attribute__ ((vector_size (N * sizeof (float)), aligned (4), may_alias));                  \
                                                                                                                       \
  static inline __attribute__ ((always_inline)) void give##N (const float *x, const float *y, const float *dy,         \
                                                              float *dx, gsize right, gsize below, float floor)        \
  {                                                                                                                    \
    const Floats##N most = *(const Floats##N *) y;                                                                     \
    Masks##N left = *(const Masks##N *) dy & (most > floor), given;                                                    \
    const gsize places[] = { 0, right, below, below + right };                                                         \
                                                                                                                       \
    for (int i = 0; i < 4; i++) {                                                                                      \
      given = left & (*(const Floats##N *) (x + places[i]) == most);                                                   \
      *(Masks##N *) (dx + places[i]) = given;                                                                          \
      left &= ~given;                                                                                                  \
    }                                                                                                                  \
  }

DEFINE_GIVE (16)
DEFINE_GIVE (4)
DEFINE_GIVE (2)
DEFINE_GIVE (1)

static inline __attribute__ ((always_inline)) void
max_window_2x2 (const KairosCall *call, int size, gsize in, gsize out)
{
  const gsize n_channels = call->layer->in.channels, width = call->layer->in.width * n_channels;
  const float *x = call->x + in, *y = call->y + out, *dy = call->dy + out, floor = call->layer->relu ? 0 : -G_MAXFLOAT;
  float *dx = call->out + in;
  gsize c = 0;

  for (; c + 16 <= n_channels; c += 16)
    give16 (x + c, y + c, dy + c, dx + c, n_channels, width, floor);
  for (; c + 4 <= n_channels; c += 4)
    give4 (x + c, y + c, dy + c, dx + c, n_channels, width, floor);
  for (; c + 2 <= n_channels; c += 2)
    give2 (x + c, y + c, dy + c, dx + c, n_channels, width, floor);
  for (; c < n_channels; c++)
    give1 (x + c, y + c, dy + c, dx + c, n_channels, width, floor);
}

KAIROS_MULTIVERSION static void
max_backward (const KairosCall *call)
{
  if (call->layer->kernel == 2 && windows_tile (call->layer)) {
    visit_windows (call, 2, max_window_2x2);
  } else {
    clear (call);
    visit_windows (call, call->layer->kernel, max_window_backward);
  }
}

static inline __attribute__ ((always_inline)) void
average_window (const KairosCall *call, int size, gsize in, gsize out)
{
  const int n_channels = call->layer->in.channels;
  const gsize width = (gsize) call->layer->in.width * n_channels;
  const float *restrict x = call->x + in, factor = 1.0f / (size * size);
  float *restrict y = call->out + out;

  for (int c = 0; c < n_channels; c++) {
    float sum = 0;
    for (int row = 0; row < size; row++)
      for (int column = 0; column < size; column++)
        sum += x[row * width + (gsize) column * n_channels + c];
    y[c] = factor * sum;
  }
}

KAIROS_MULTIVERSION static void
average_forward (const KairosCall *call)
{
  for_each_window (call, average_window);
}

static inline __attribute__ ((always_inline)) void
average_window_backward (const KairosCall *call, int size, gsize in, gsize out)
{
  const int n_channels = call->layer->in.channels;
  const gsize width = (gsize) call->layer->in.width * n_channels;
  const float *restrict dy = call->dy + out, factor = 1.0f / (size * size);
  float *restrict dx = call->out + in;

  for (int row = 0; row < size; row++)
    for (int column = 0; column < size; column++)
      for (int c = 0; c < n_channels; c++)
        dx[row * width + (gsize) column * n_channels + c] += factor * dy[c];
}

KAIROS_MULTIVERSION static void
average_backward (const KairosCall *call)
{
  clear (call);
  for_each_window (call, average_window_backward);
}

KAIROS_MULTIVERSION static void
global_forward (const KairosCall *call)
{
  int n_places = call->layer->in.height * call->layer->in.width, n_channels = call->layer->in.channels;
  const float *restrict x = call->x;

  for (int i = 0; i < call->n; i++) {
    float *restrict y = call->out + (gsize) i * n_channels;
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
    const float *restrict dy = call->dy + (gsize) i * n_channels;
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
