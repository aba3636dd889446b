/* SPDX-License-Identifier: MIT */

/* Reset optimizer: momentum and other moments are 0 again, as at the start. */
#include "../kind-private.h"

static gboolean
happen (const KairosPlanClip *event, KairosHappening *happening, GError **error)
{
  kairos_optimizer_reset (happening->optimizer);
  return TRUE;
}

const KairosKindRow kairos_kind_reset_optimizer = {
  .info = { "reset-optimizer", "Reset optimizer", "Lets the optimizer forget its momentum.", "Events", "event", TRUE,
            KAIROS_OVERLAP_STACK, NULL, 0 },
  .happen = happen,
};
