/* SPDX-License-Identifier: MIT */

/* How much worse the network is on pictures that are a little blurred:
 *
 *     mean_i L (f (blur (x_i)), y_i) - mean_i L (f (x_i), y_i)
 *
 * with L the loss that is trained with, and blur by a factor of 2: half the size and back.  Blur is the deficit by
 * which critical periods of learning were found (Achille, Rovere and Soatto 2019, arXiv 1711.08856), there by 4 while
 * the network learns; here it looks for a moment.  Below 0: it is better on blurred pictures, such as it learnt from.
 */
#include "src/measure/probe-private.h"

#include <kairos/blur.h>
#include <kairos/pool.h>

#include <string.h>

static const float factor = 2;

static const KairosMeasureGroup groups[] = {
  { "sensitivity", N_ ("Sensitivity to blur"),
    N_ ("How much the loss grows when pictures lose their fine detail: 0 means that it is not looked at"), NULL,
    KAIROS_SCALE_LINEAR },
};

static const KairosMeasure measures[] = {
  { "blur_sensitivity", N_ ("Loss on blurred pictures"), N_ ("more loss"), &groups[0], KAIROS_SPLIT_TRAIN,
    KAIROS_DRAW_LINE },
};

/* What blurs some pictures; each is a piece of work. */
typedef struct {
  KairosShape shape;
  float *pictures, *scratch; /* scratch: two pictures for each thread */
} Blur;

static void
blur_one (gpointer data, int piece, int thread)
{
  const Blur *blur = data;
  gsize size = kairos_shape_size (blur->shape);

  kairos_picture_blur (blur->shape, factor, blur->pictures + piece * size, blur->scratch + 2 * thread * size);
}

static gboolean
measure (KairosProbeContext *context, KairosReading *reading, const volatile gint *cancel, GError **error)
{
  const KairosBatch all = kairos_probe_gather (context, reading);
  KairosExecutor *executor = kairos_probe_get_executor (context, KAIROS_PROBE_PLAIN, error);
  const KairosShape shape = kairos_network_get_input (context->network);
  gsize size = kairos_shape_size (shape), n_threads = (gsize) kairos_pool_get_n_threads (context->pool);
  g_autofree float *pictures = g_new (float, KAIROS_PROBE_CHUNK *size), *scratch = g_new (float, 2 * n_threads * size);
  Blur blur = { shape, pictures, scratch };
  double clear = 0, blurred = 0;

  for (int first = 0; executor && first < all.n; first += KAIROS_PROBE_CHUNK) {
    KairosBatch part = kairos_probe_chunk (context, &all, first);
    if (kairos_probe_is_cancelled (cancel, error))
      return FALSE;
    clear += kairos_executor_evaluate (executor, &part, NULL, NULL, NULL);
    memcpy (pictures, part.input, part.n * size * sizeof *pictures);
    kairos_pool_run (context->pool, part.n, blur_one, &blur);
    part.input = pictures;
    blurred += kairos_executor_evaluate (executor, &part, NULL, NULL, NULL);
  }
  *kairos_reading_add (reading, &measures[0], 0) = (blurred - clear) / all.n;
  return executor != NULL;
}

const KairosProbe kairos_probe_sensitivity = {
  .name = "sensitivity",
  .title = N_ ("Sensitivity to blur"),
  .summary = N_ ("How much the loss grows when pictures lose their fine detail."),
  .samples = 256,
  .split = KAIROS_SPLIT_TRAIN,
  .pictures = TRUE,
  .set = { groups, G_N_ELEMENTS (groups), measures, G_N_ELEMENTS (measures) },
  .measure = measure,
};
