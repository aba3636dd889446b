/* SPDX-License-Identifier: MIT */

/* Anticorrelated noise injection (Orvieto et al. 2022): w <- w - eta g + xi (n+1) - xi (n).  With z = w - xi this is z
 * <- z - eta grad L (z + xi): the trainer keeps z, which is what evaluation, checkpoints and the end of the clip want,
 * and adds xi for the gradient alone.
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
  return g_strdup_printf ("anticorrelated noise %g", kairos_clip_number (clip, "sigma"));
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  regime->noise = (KairosNoise){
    .kind = clip->values[SIGMA] > 0 ? KAIROS_NOISE_ANTI_PGD : KAIROS_NOISE_NONE,
    .clip = clip->clip->origin,
    .first = clip->first,
    .sigma = (float) clip->values[SIGMA],
    .weights_only = clip->values[ON] == 0,
  };
}

const KairosKindRow kairos_kind_anti_pgd = {
  .info = { "anti-pgd", "Anticorrelated noise",
            "Shakes the weights, and takes back the last shake each time: leads to flat minima.", "Noise", "noise",
            FALSE, KAIROS_OVERLAP_REFUSE, params, G_N_ELEMENTS (params), .live = N_ ("Noise") },
  .label = label,
  .contribute = contribute,
};
