/* SPDX-License-Identifier: MIT */

/* Prune: the smallest of the surviving weights go for good (iterative magnitude pruning, Frankle and Carbin 2019). */
#include "../kind-private.h"

#include <kairos/ticket.h>

static const KairosParam params[] = {
  { "fraction", KAIROS_PARAM_REAL, NULL, 0, 1, 0.2, NULL, "Share of the weights still there that goes" },
  { "scope", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "layer|global",
    "The smallest of each layer, or of the whole network" },
  { "output", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "half|same|none",
    "The share of the last layer: half of it, the same, or none" },
};
enum { FRACTION, SCOPE, OUTPUT };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("prune %g %%", 100 * kairos_clip_number (clip, "fraction"));
}

static gboolean
happen (const KairosPlanClip *event, KairosHappening *happening, GError **error)
{
  static const KairosOutputRate rates[] = { KAIROS_OUTPUT_HALF, KAIROS_OUTPUT_SAME, KAIROS_OUTPUT_NONE };
  guint n_tensors;
  gsize n;
  const KairosTensorInfo *tensors = kairos_network_tensors (happening->network, &n_tensors);
  float *parameters = kairos_network_parameters (happening->network, &n);

  kairos_ticket_prune (tensors, n_tensors, event->values[FRACTION], event->values[SCOPE] != 0,
                       rates[(int) event->values[OUTPUT]], parameters, happening->mask);
  happening->pruned = TRUE;
  return TRUE;
}

const KairosKindRow kairos_kind_prune = {
  .info = { "prune", "Prune", "Removes the smallest weights for good.", "Events", "event", TRUE, KAIROS_OVERLAP_STACK,
            params, G_N_ELEMENTS (params), .live = N_ ("Prune") },
  .label = label,
  .happen = happen,
};
