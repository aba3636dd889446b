/* SPDX-License-Identifier: MIT */

/* Perturbed gradient descent: w <- w - eta g + xi, with xi drawn anew each step.  What is evaluated is w before the
 * latest xi.
 */
#include "../kind-private.h"

static const KairosParam params[] = {
  { "sigma", KAIROS_PARAM_REAL, NULL, 0, 10, 0.01, NULL, "Standard deviation of the noise; 0 does nothing" },
  { "on", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "weights|all",
    "On weights only, or on biases and batch normalisation too" },
};
enum { SIGMA, ON };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("noise %g", kairos_clip_number (clip, "sigma"));
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  regime->noise = (KairosNoise){
    .kind = clip->values[SIGMA] > 0 ? KAIROS_NOISE_PGD : KAIROS_NOISE_NONE,
    .clip = clip->clip->origin,
    .first = clip->first,
    .sigma = (float) clip->values[SIGMA],
    .weights_only = clip->values[ON] == 0,
  };
}

const KairosKindRow kairos_kind_pgd = {
  .info = { "pgd", "Noise", "Shakes the weights after each step, and lets them wander.", "Noise", "noise", FALSE,
            KAIROS_OVERLAP_REFUSE, params, G_N_ELEMENTS (params) },
  .label = label,
  .contribute = contribute,
};
