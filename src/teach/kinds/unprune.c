/* SPDX-License-Identifier: MIT */

/* Unprune: pruned weights take part again; they begin at 0. */
#include "../kind-private.h"

#include <string.h>

static gboolean
happen (const KairosPlanClip *event, KairosHappening *happening, GError **error)
{
  gsize n;

  kairos_network_parameters (happening->network, &n);
  memset (happening->mask, 1, n);
  happening->unpruned = TRUE;
  return TRUE;
}

const KairosKindRow kairos_kind_unprune = {
  .info = { "unprune", "Unprune", "Lets removed weights grow again, from 0.", "Events", "event", TRUE,
            KAIROS_OVERLAP_STACK, NULL, 0 },
  .happen = happen,
};
