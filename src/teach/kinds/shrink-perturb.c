/* SPDX-License-Identifier: MIT */

/* Shrink and perturb (Ash and Adams 2020): theta <- lambda theta + sigma fresh.  As in the authors' code the noise is a
 * new initialisation of the same network, running statistics are those of the new network, and the optimizer starts
 * anew.
 */
#include "../kind-private.h"

#include <kairos/ticket.h>

static const KairosParam params[] = {
  { "lambda", KAIROS_PARAM_REAL, NULL, 0, 1, 0.4, NULL, "What remains of the weights" },
  { "sigma", KAIROS_PARAM_REAL, NULL, 0, 1, 0.1, NULL, "How much of fresh random weights is added" },
};
enum { LAMBDA, SIGMA };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("shrink %g, perturb %g", kairos_clip_number (clip, "lambda"),
                          kairos_clip_number (clip, "sigma"));
}

static gboolean
happen (const KairosPlanClip *event, KairosHappening *happening, GError **error)
{
  gsize n, n_buffers;
  float *parameters = kairos_network_parameters (happening->network, &n),
        *buffers = kairos_network_buffers (happening->network, &n_buffers);
  g_autofree float *fresh = g_new (float, n), *fresh_buffers = g_new (float, n_buffers);

  kairos_happening_fresh (event, happening, fresh, fresh_buffers);
  kairos_shrink_perturb (n, (float) event->values[LAMBDA], (float) event->values[SIGMA], fresh, parameters);
  kairos_happening_load (happening, parameters, event->values[SIGMA] > 0 ? fresh_buffers : buffers);
  kairos_optimizer_reset (happening->optimizer);
  return TRUE;
}

const KairosKindRow kairos_kind_shrink_perturb = {
  .info = { "shrink-perturb", "Shrink and perturb", "Makes the weights smaller and adds a little of fresh ones.",
            "Events", "event", TRUE, KAIROS_OVERLAP_STACK, params, G_N_ELEMENTS (params), .live = N_ ("Shrink") },
  .label = label,
  .happen = happen,
};
