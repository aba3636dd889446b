/* SPDX-License-Identifier: MIT */

/* Restart rate: the session's schedule of the learning rate begins anew here, over what remains of the run (Pawlak
 * 2025: what looks like a critical period is often a rate that has become too small).  The plan counts time from here:
 * see kairos_plan_rate_origin().
 */
#include "../kind-private.h"

static gboolean
happen (const KairosPlanClip *event, KairosHappening *happening, GError **error)
{
  return TRUE; /* nothing to do to the weights */
}

const KairosKindRow kairos_kind_restart_rate = {
  .info = { "restart-rate", "Restart rate", "Begins the schedule of the learning rate anew.", "Events", "rate-origin",
            TRUE, KAIROS_OVERLAP_STACK, NULL, 0 },
  .restarts_rate = TRUE,
  .happen = happen,
};
