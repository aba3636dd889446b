/* SPDX-License-Identifier: MIT */

/* The features by which the last layer decides: in how many directions they reach, and how tightly classes lie in them.
 *
 * Features are the values that enter the last dense or convolution layer, behind their activation, one row h_i a
 * sample.
 *
 *   effective rank  exp (- sum_k p_k log p_k), where p_k is the k-th singular value of the matrix of features over the
 *                   sum of all (Roy and Vetterli 2007, EUSIPCO, definition 1).  The matrix is taken as it is, without
 *                   its mean removed.  1: all lie on a line through 0.
 *   collapse        tr S_W / tr S_B, S_W the covariance of the features about the means of their classes, S_B that of
 *                   these means: sum_i | h_i - m_c(i) |^2 / sum_i | m_c(i) - m |^2.  Neural collapse is its way to 0
 *                   (Papyan, Han and Donoho 2020, arXiv 2008.08186, "NC1", there with the inverse of S_B inside the
 *                   trace).  Every sample counts the same, so a class counts by the number of its samples.
 *
 * Singular values are the roots of the eigenvalues of the smaller of the two Gram matrices, in double.
 */
#include "src/measure/probe-private.h"

#include <kairos/eigen.h>

#include <math.h>
#include <string.h>

enum { MOST = 1500 }; /* samples and features, the fewer of the two: the time grows with the cube */

static const KairosMeasureGroup groups[] = {
  { "feature-rank", N_ ("Rank of the features"),
    N_ ("How many different things the units of the last hidden layer say: few means that they repeat each other"),
    NULL, KAIROS_SCALE_LINEAR, .can_log = TRUE },
  { "collapse", N_ ("Neural collapse"),
    N_ ("How wide classes are in the last hidden layer, against the gaps between them: falls as they become points"),
    NULL, KAIROS_SCALE_LOG },
};

static const KairosMeasure measures[] = {
  { "effective_rank", N_ ("Effective rank of the features"), N_ ("effective rank"), &groups[0], KAIROS_SPLIT_TRAIN,
    KAIROS_DRAW_LINE },
  { "collapse", N_ ("Neural collapse"), N_ ("within over between"), &groups[1], KAIROS_SPLIT_TRAIN, KAIROS_DRAW_LINE },
};

/* ---- Which they are ---- */

/* The last layer with a value of its own before the last dense or convolution layer; -1: the network's input is all
 * that there is. */
static int
find_layer (KairosProbeContext *context, KairosExecutor *keeper)
{
  guint n;
  const KairosLayerSummary *layers = kairos_network_layers (context->network, &n);
  int layer;

  for (layer = (int) n - 1; layer >= 0 && layers[layer].flops == 0; layer--)
    ;
  if (layer >= 0)
    layer = layers[layer].input;
  while (layer >= 0 && !kairos_executor_get_activation (keeper, (guint) layer, NULL))
    layer = layers[layer].input;
  return layer;
}

static gboolean
check_layer (KairosProbeContext *context, int layer, guint n, int *n_features, GError **error)
{
  guint n_layers;
  const KairosLayerSummary *layers = kairos_network_layers (context->network, &n_layers);

  if (layer < 0) {
    g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                         "The probe features looks at the last hidden layer, and this network has none; leave it out.");
    return FALSE;
  }
  *n_features = (int) kairos_shape_size (layers[layer].output);
  if (MIN ((int) n, *n_features) > MOST) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "%u samples of %d features are too many to find their rank; look at %d samples at most.", n,
                 *n_features, MOST);
    return FALSE;
  }
  return TRUE;
}

/* n x *n_features; caller frees.  NULL with an error. */
static float *
gather_features (KairosProbeContext *context, const KairosBatch *all, int *n_features, const volatile gint *cancel,
                 GError **error)
{
  KairosExecutor *keeper = kairos_probe_get_executor (context, KAIROS_PROBE_KEEPS, error);
  int layer = keeper ? find_layer (context, keeper) : -1;
  g_autofree float *features = NULL;

  if (!keeper || !check_layer (context, layer, (guint) all->n, n_features, error))
    return NULL;
  features = g_try_new (float, (gsize) all->n *(gsize) *n_features);
  if (!features) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "There is not enough free memory for %d features of %d samples; look at fewer samples.", *n_features,
                 all->n);
    return NULL;
  }
  for (int first = 0; first < all->n; first += KAIROS_PROBE_CHUNK) {
    const KairosBatch part = kairos_probe_chunk (context, all, first);
    if (kairos_probe_is_cancelled (cancel, error))
      return NULL;
    kairos_executor_look (keeper, &part, NULL);
    memcpy (features + (gsize) first * *n_features, kairos_executor_get_activation (keeper, (guint) layer, NULL),
            (gsize) part.n * *n_features * sizeof *features);
  }
  return g_steal_pointer (&features);
}

/* ---- What is measured of them ---- */

static double
find_effective_rank (int n, int d, const float *features)
{
  int size = MIN (n, d);
  g_autofree double *gram = g_new (double, (gsize) size *size), *values = g_new (double, size);
  double sum = 0, entropy = 0;

  kairos_gram (d < n, n, d, features, gram);
  if (!kairos_symmetric_eigen (size, gram, values))
    return NAN;
  for (int k = 0; k < size; k++) {
    values[k] = sqrt (MAX (values[k], 0)); /* below 0 by rounding alone */
    sum += values[k];
  }
  for (int k = 0; k < size; k++)
    if (values[k] > 0)
      entropy -= values[k] / sum * log (values[k] / sum);
  return sum > 0 ? exp (entropy) : NAN;
}

/* means: of each class, then of all; count likewise. */
static void
find_means (const KairosBatch *all, int d, guint n_classes, const float *features, double *means, guint *count)
{
  for (int i = 0; i < all->n; i++)
    for (int of_all = 0; of_all <= 1; of_all++) {
      gsize c = of_all ? n_classes : (gsize) all->labels[i];
      count[c]++;
      for (int k = 0; k < d; k++)
        means[c * d + k] += features[(gsize) i * d + k];
    }
  for (gsize c = 0; c <= n_classes; c++)
    for (int k = 0; k < d && count[c] > 0; k++)
      means[c * d + k] /= count[c];
}

/* NaN where classes have a sample at most, or all lie on one point. */
static double
find_collapse (const KairosBatch *all, int d, guint n_classes, const float *features)
{
  g_autofree double *means = g_new0 (double, (gsize) (n_classes + 1) * d);
  g_autofree guint *count = g_new0 (guint, n_classes + 1);
  const double *middle = means + (gsize) n_classes * d;
  double within = 0, between = 0;
  gboolean spreads = FALSE;

  find_means (all, d, n_classes, features, means, count);
  for (int i = 0; i < all->n; i++) {
    const double *mean = means + (gsize) all->labels[i] * d;
    spreads |= count[all->labels[i]] > 1;
    for (int k = 0; k < d; k++) {
      double from_mean = features[(gsize) i * d + k] - mean[k], from_middle = mean[k] - middle[k];
      within += from_mean * from_mean;
      between += from_middle * from_middle;
    }
  }
  return spreads && between > 0 ? within / between : NAN;
}

static gboolean
measure (KairosProbeContext *context, KairosReading *reading, const volatile gint *cancel, GError **error)
{
  const KairosBatch all = kairos_probe_gather (context, reading);
  int n_features = 0;
  g_autofree float *features = gather_features (context, &all, &n_features, cancel, error);

  if (!features)
    return FALSE;
  *kairos_reading_add (reading, &measures[0], 0) = find_effective_rank (all.n, n_features, features);
  *kairos_reading_add (reading, &measures[1], 0) =
      find_collapse (&all, n_features, kairos_dataset_get_n_classes (context->dataset), features);
  return TRUE;
}

const KairosProbe kairos_probe_features = {
  .name = "features",
  .title = N_ ("Features"),
  .summary = N_ ("How many different things the last hidden layer says, and how tightly classes lie in it."),
  .samples = 256,
  .split = KAIROS_SPLIT_TRAIN,
  .set = { groups, G_N_ELEMENTS (groups), measures, G_N_ELEMENTS (measures) },
  .measure = measure,
};
