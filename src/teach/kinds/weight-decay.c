/* SPDX-License-Identifier: MIT */

/* Weight decay for a time (Golatkar, Achille and Soatto 2019: it matters when regularisation is there, and early
 * matters most). */
#include "../kind-private.h"

static const KairosParam params[] = {
  { "value", KAIROS_PARAM_REAL, NULL, 0, 1, 5e-4, NULL, "How strongly weights are pulled towards 0" },
};
enum { VALUE };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("weight decay %g", kairos_clip_number (clip, "value"));
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  regime->optimizer.weight_decay = (float) clip->values[VALUE];
}

const KairosKindRow kairos_kind_weight_decay = {
  .info = { "weight-decay", "Weight decay", "Pulls weights towards 0 by another amount than the session's.",
            "Regularisation", "weight-decay", FALSE, KAIROS_OVERLAP_LAST, params, G_N_ELEMENTS (params) },
  .label = label,
  .contribute = contribute,
};
