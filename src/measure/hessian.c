/* SPDX-License-Identifier: MIT */

/* See hessian.h.  Differences are taken a chunk of samples at a time, each from the sides on which its own values lie.
 */
#include "hessian.h"

#include <math.h>
#include <string.h>

#include "src/base/bytes.h"

enum { N_STEPS = 5 };

/* ---- Room ---- */

KairosProduct
kairos_product_new (const KairosHessian *hessian)
{
  return (KairosProduct){ g_try_new0 (float, hessian->n), g_new0 (double, hessian->context->n_layers + 1) };
}

void
kairos_product_clear (KairosProduct *product)
{
  g_clear_pointer (&product->vector, g_free);
  g_clear_pointer (&product->parts, g_free);
}

static guint *
find_layers (KairosProbeContext *context)
{
  guint n_tensors, n_layers;
  const KairosTensorInfo *tensors = kairos_network_tensors (context->network, &n_tensors);
  const KairosLayerSummary *layers = kairos_network_layers (context->network, &n_layers);
  guint *of = g_new0 (guint, n_tensors);

  for (guint t = 0; t < n_tensors; t++)
    for (guint l = 0; l < context->n_layers; l++)
      if (g_str_equal (tensors[t].layer, layers[context->layers[l]].name))
        of[t] = l;
  return of;
}

gboolean
kairos_hessian_init (KairosHessian *hessian, KairosProbeContext *context, const KairosBatch *all,
                     const volatile gint *cancel, GError **error)
{
  *hessian = (KairosHessian){ .context = context, .all = all, .cancel = cancel };
  hessian->executor = kairos_probe_get_executor (context, KAIROS_PROBE_CURVES, error);
  if (!hessian->executor)
    return FALSE;
  hessian->weights = kairos_network_parameters (context->network, &hessian->n);
  hessian->kept = g_try_new (float, hessian->n);
  hessian->ahead = g_try_new (float, hessian->n);
  hessian->layer = find_layers (context);
  hessian->spare = kairos_product_new (hessian);
  if (!hessian->kept || !hessian->ahead || !hessian->spare.vector) {
    g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                         "There is not enough free memory to differentiate this network twice; close other programs.");
    return FALSE;
  }
  kairos_copy_floats (hessian->kept, hessian->weights, hessian->n);
  return TRUE;
}

void
kairos_hessian_clear (KairosHessian *hessian)
{
  g_free (hessian->kept);
  g_free (hessian->ahead);
  g_free (hessian->layer);
  kairos_product_clear (&hessian->spare);
}

/* ---- Products ---- */

/* The gradient of some samples at w + e v. */
static const float *
differentiate_at (KairosHessian *hessian, const KairosBatch *part, const float *v, float e)
{
  const KairosTrainOptions plain = { .loss = hessian->context->loss };

  for (gsize i = 0; i < hessian->n; i++)
    hessian->weights[i] = hessian->kept[i] + e * v[i];
  kairos_executor_train (hessian->executor, part, &plain, NULL);
  return kairos_executor_gradients (hessian->executor);
}

static void
add_chunk (KairosHessian *hessian, const KairosBatch *part, const float *v, double step, float *vector)
{
  float factor = (float) (part->n / (2 * step * hessian->all->n));

  kairos_executor_look (hessian->executor, part, NULL);
  memcpy (hessian->ahead, differentiate_at (hessian, part, v, (float) step), hessian->n * sizeof *hessian->ahead);
  const float *behind = differentiate_at (hessian, part, v, (float) -step);
  for (gsize i = 0; i < hessian->n; i++)
    vector[i] += factor * (hessian->ahead[i] - behind[i]);
  kairos_copy_floats (hessian->weights, hessian->kept, hessian->n);
}

void
kairos_hessian_sum (const KairosHessian *hessian, const float *a, const float *b, double *parts)
{
  guint n_tensors;
  const KairosTensorInfo *tensors = kairos_network_tensors (hessian->context->network, &n_tensors);

  memset (parts, 0, (hessian->context->n_layers + 1) * sizeof *parts);
  for (guint t = 0; t < n_tensors; t++) {
    double sum = 0;
    for (gsize i = tensors[t].offset; i < tensors[t].offset + tensors[t].n; i++)
      sum += (double) a[i] * b[i];
    parts[hessian->layer[t] + 1] += sum;
    parts[0] += sum;
  }
}

gboolean
kairos_hessian_multiply (KairosHessian *hessian, const float *v, double step, KairosProduct *product, GError **error)
{
  memset (product->vector, 0, hessian->n * sizeof *product->vector);
  for (int first = 0; first < hessian->all->n; first += KAIROS_PROBE_CHUNK) {
    const KairosBatch part = kairos_probe_chunk (hessian->context, hessian->all, first);
    if (kairos_probe_is_cancelled (hessian->cancel, error))
      return FALSE;
    add_chunk (hessian, &part, v, step, product->vector);
  }
  kairos_hessian_sum (hessian, v, product->vector, product->parts);
  return TRUE;
}

/* ---- The step ---- */

static double
compare (const KairosHessian *hessian, const double *a, const double *b)
{
  double apart = 0, size = 0;

  for (guint l = 1; l <= hessian->context->n_layers; l++) {
    apart += fabs (a[l] - b[l]);
    size += fabs (b[l]);
  }
  return apart / size; /* NaN where all are 0 */
}

static void
swap (KairosProduct *a, KairosProduct *b)
{
  const KairosProduct was = *a;

  *a = *b;
  *b = was;
}

double
kairos_hessian_climb (KairosHessian *hessian, const float *v, double longest, KairosProduct *product, double *step,
                      GError **error)
{
  guint n = hessian->context->n_layers + 1;
  g_autofree double *last = g_new (double, n);
  double least = INFINITY, e = longest;

  for (int k = 0; k < N_STEPS; k++, e /= KAIROS_HESSIAN_RATIO) {
    if (!kairos_hessian_multiply (hessian, v, e, &hessian->spare, error))
      return NAN;
    double apart = k > 0 ? compare (hessian, last, hessian->spare.parts) : INFINITY;
    memcpy (last, hessian->spare.parts, n * sizeof *last);
    if (k > 0 && !(apart < least))
      continue;
    swap (&hessian->spare, product);
    *step = e;
    least = apart;
  }
  return least;
}
