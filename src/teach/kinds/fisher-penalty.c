/* SPDX-License-Identifier: MIT */

/* Fisher penalty (Jastrzebski et al. 2021): alpha || 1/B sum of grad log p (y'_i | x_i) ||^2 is added to the loss, with
 * labels y' drawn from the network's own answers; evaluated every few steps, because it costs two more passes.
 */
#include "../kind-private.h"

static const KairosParam params[] = {
  { "alpha", KAIROS_PARAM_REAL, NULL, 0, 1000, 0.1, NULL, "Weight of the penalty; 0 does nothing" },
  { "every", KAIROS_PARAM_INT, "steps", 1, 1000, 10, NULL, "Steps between two evaluations of the penalty" },
};
enum { ALPHA, EVERY };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("Fisher penalty %g", kairos_clip_number (clip, "alpha"));
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  regime->fisher_penalty =
      (moment->step - clip->first) % (guint64) clip->values[EVERY] == 0 ? (float) clip->values[ALPHA] : 0;
}

const KairosKindRow kairos_kind_fisher_penalty = {
  .info = { "fisher-penalty", "Fisher penalty",
            "Keeps the Fisher information small, as a large learning rate does by itself.", "Regularisation",
            "fisher-penalty", FALSE, KAIROS_OVERLAP_LAST, params, G_N_ELEMENTS (params) },
  .label = label,
  .contribute = contribute,
};
