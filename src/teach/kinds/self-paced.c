/* SPDX-License-Identifier: MIT */

/* Self-paced learning (Kumar, Packer and Koller 2010): a sample takes part while its loss is below lambda, which grows
 * each epoch.
 *
 * min over v in {0,1} of sum v_i l_i - lambda sum v_i  gives  v_i = 1 where l_i < lambda.  lambda begins where the
 * share "start" of the samples is below it.  Before the first losses are known all samples take part.
 */
#include "../kind-private.h"

#include <math.h>

static const KairosParam params[] = {
  { "start", KAIROS_PARAM_REAL, NULL, 0.001, 1, 0.5, NULL, "Share of the samples that take part at the beginning" },
  { "growth", KAIROS_PARAM_REAL, NULL, 1, 10, 1.2, NULL, "By what the bound on the loss is multiplied each epoch" },
};
enum { START, GROWTH };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("self-paced from %g %%", 100 * kairos_clip_number (clip, "start"));
}

static float
loss_at (const KairosLook *look, guint position)
{
  return look->facts[look->train[position]].loss;
}

/* The loss below which the share is; 0 while no loss is known. */
static double
first_threshold (const KairosLook *look, double share)
{
  g_autofree guint32 *order = kairos_look_positions (look);
  g_autofree float *losses = g_new (float, look->n_train);
  guint known = 0;

  for (guint i = 0; i < look->n_train; i++) {
    losses[i] = loss_at (look, i);
    known += !isnan (losses[i]);
    losses[i] = isnan (losses[i]) ? INFINITY : losses[i];
  }
  if (known == 0)
    return 0;
  kairos_look_sort (losses, order, look->n_train);
  guint at = (guint) CLAMP (share * known, 1, known) - 1;
  return nextafterf (losses[order[at]], INFINITY);
}

static void
resolve (KairosPlanClip *clip, const KairosLook *look)
{
  KairosClipState *state = clip->state;
  guint32 *members = g_new (guint32, look->n_train);
  guint n = 0;

  state->threshold =
      state->threshold > 0 ? state->threshold * clip->values[GROWTH] : first_threshold (look, clip->values[START]);
  for (guint i = 0; i < look->n_train; i++)
    if (state->threshold == 0 || loss_at (look, i) < state->threshold)
      members[n++] = i;
  kairos_state_take (state, members, n, look, FALSE);
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  KairosSampling *sampling = clip->state->n > 0 ? kairos_regime_add_sampling (regime, clip) : NULL;

  if (!sampling)
    return;
  sampling->inside = 1;
  sampling->outside = 0;
}

static gboolean
is_live (const KairosPlanClip *clip)
{
  return TRUE;
}

const KairosKindRow kairos_kind_self_paced = {
  .info = { "self-paced", "Self-paced", "Trains on samples whose loss is below a bound that grows each epoch.", "Data",
            "samples", FALSE, KAIROS_OVERLAP_REFUSE, params, G_N_ELEMENTS (params) },
  .most = KAIROS_MAX_SAMPLINGS,
  .label = label,
  .contribute = contribute,
  .is_live = is_live,
  .resolve = resolve,
};
