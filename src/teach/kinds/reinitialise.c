/* SPDX-License-Identifier: MIT */

/* Reinitialise: fresh random weights under the same mask, the control of the lottery ticket hypothesis (Frankle and
 * Carbin 2019). */
#include "../kind-private.h"

static gboolean
happen (const KairosPlanClip *event, KairosHappening *happening, GError **error)
{
  gsize n, n_buffers;
  float *parameters = kairos_network_parameters (happening->network, &n),
        *buffers = kairos_network_buffers (happening->network, &n_buffers);

  kairos_happening_fresh (event, happening, parameters, buffers);
  kairos_happening_load (happening, parameters, buffers);
  kairos_optimizer_reset (happening->optimizer);
  return TRUE;
}

const KairosKindRow kairos_kind_reinitialise = {
  .info = { "reinitialise", "Reinitialise", "Draws all weights anew; removed weights stay removed.", "Events", "event",
            TRUE, KAIROS_OVERLAP_STACK, NULL, 0 },
  .happen = happen,
};
