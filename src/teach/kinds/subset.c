/* SPDX-License-Identifier: MIT */

/* Subset: only a part of the training samples, the deficit of warm starting (Ash and Adams 2020).  Chosen evenly at
 * random by the seed, or the first ones as they lie in the data.
 */
#include "../kind-private.h"

#include <math.h>
#include <stdlib.h>

static const KairosParam params[] = {
  { "fraction", KAIROS_PARAM_REAL, NULL, 0.0001, 1, 0.5, NULL, "Share of the training samples that is kept" },
  { "first", KAIROS_PARAM_INT, "samples", 0, G_MAXINT32, 0, NULL,
    "Instead, keep this many from the beginning of the data; 0 keeps the share" },
};
enum { FRACTION, FIRST };

static char *
label (const KairosClip *clip)
{
  double first = kairos_clip_number (clip, "first");

  return first > 0 ? g_strdup_printf ("first %g samples", first)
                   : g_strdup_printf ("subset %g %%", 100 * kairos_clip_number (clip, "fraction"));
}

static int
compare (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;

  return x < y ? -1 : x > y;
}

static void
resolve (KairosPlanClip *clip, const KairosLook *look)
{
  guint32 *members = kairos_look_positions (look);
  double wanted = clip->values[FIRST] > 0 ? clip->values[FIRST] : round (clip->values[FRACTION] * look->n_train);
  guint n = (guint) CLAMP (wanted, 1, look->n_train);

  if (clip->values[FIRST] == 0) {
    kairos_random_permutation (look->context->seed, KAIROS_RANDOM_CLIP, clip->clip->origin, look->n_train, members);
    qsort (members, n, sizeof *members, compare);
  }
  kairos_state_take (clip->state, members, n, look, FALSE);
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  KairosSampling *sampling = kairos_regime_add_sampling (regime, clip);

  if (!sampling)
    return;
  sampling->inside = 1;
  sampling->outside = 0;
}

const KairosKindRow kairos_kind_subset = {
  .info = { "subset", "Subset", "Trains on a part of the training samples only, as if the others did not exist.",
            "Data", "samples", FALSE, KAIROS_OVERLAP_MULTIPLY, params, G_N_ELEMENTS (params) },
  .most = KAIROS_MAX_SAMPLINGS,
  .label = label,
  .contribute = contribute,
  .resolve = resolve,
};
