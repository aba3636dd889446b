/* SPDX-License-Identifier: MIT */

/* Further gradients: those of clips, after that of the batch.
 *
 * INVARIANT: of regime->gradients, those that replace the batch's come first, then those that add to it; within each,
 * in the order in which the clips were asked.
 */
#include "kind-private.h"

#include "src/base/bytes.h"

static void
remove_kind (KairosRegime *regime, const KairosKind *kind)
{
  guint n = 0;

  for (guint i = 0; i < regime->n_gradients; i++)
    if (regime->gradients[i]->clip->kind != kind)
      regime->gradients[n++] = regime->gradients[i];
  while (regime->n_gradients > n)
    regime->gradients[--regime->n_gradients] = NULL;
}

void
kairos_regime_set_gradient (KairosRegime *regime, const KairosPlanClip *clip, gboolean taken)
{
  const KairosKind *kind = clip->clip->kind;
  guint place;

  remove_kind (regime, kind);
  if (!taken)
    return;
  g_assert (regime->n_gradients < KAIROS_MAX_GRADIENTS); /* there are fewer kinds */
  for (place = regime->n_gradients++; place > 0 && kairos_kind_row (kind)->replaces &&
                                      !kairos_kind_row (regime->gradients[place - 1]->clip->kind)->replaces;
       place--)
    regime->gradients[place] = regime->gradients[place - 1];
  regime->gradients[place] = clip;
}

void
kairos_regime_differentiate (const KairosRegime *regime, const KairosGradient *gradient)
{
  gsize n;
  float *buffers = kairos_network_buffers (gradient->network, &n);

  if (regime->n_gradients == 0)
    return;
  kairos_copy_floats (gradient->buffers_after, buffers, n);
  for (guint i = 0; i < regime->n_gradients; i++)
    kairos_kind_row (regime->gradients[i]->clip->kind)->differentiate (regime->gradients[i], gradient);
  kairos_copy_floats (buffers, gradient->buffers_after, n);
}

void
kairos_gradient_train (const KairosGradient *gradient, const KairosBatch *batch, const KairosTrainOptions *options)
{
  gsize n;
  float *buffers = kairos_network_buffers (gradient->network, &n);

  kairos_copy_floats (buffers, gradient->buffers, n);
  kairos_executor_train (gradient->executor, batch, options, NULL);
}

double
kairos_inner_product (gsize n, const float *a, const float *b)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += (double) a[i] * b[i];
  return sum;
}
