/* SPDX-License-Identifier: MIT */

/* What events do to all weights at once. */
#include <kairos/ticket.h>

#include "kind-private.h"
#include "src/base/bytes.h"

void
kairos_happening_load (KairosHappening *happening, const float *parameters, const float *buffers)
{
  gsize n, n_buffers;
  float *own = kairos_network_parameters (happening->network, &n),
        *own_buffers = kairos_network_buffers (happening->network, &n_buffers);

  kairos_copy_floats (own, parameters, n);
  kairos_copy_floats (own_buffers, buffers, n_buffers);
  kairos_ticket_mask (n, happening->mask, own);
}

void
kairos_happening_fresh (const KairosPlanClip *event, KairosHappening *happening, float *parameters, float *buffers)
{
  gsize n, n_buffers;
  float *own = kairos_network_parameters (happening->network, &n),
        *own_buffers = kairos_network_buffers (happening->network, &n_buffers);
  g_autofree float *kept = g_memdup2 (own, n * sizeof *own),
                   *kept_buffers = g_memdup2 (own_buffers, n_buffers * sizeof *own_buffers);
  guint32 words[4];

  kairos_random_words (happening->seed, KAIROS_RANDOM_EVENT, happening->step, event->clip->origin, 0, words);
  kairos_network_initialise (happening->network, (guint64) words[0] << 32 | words[1]);
  if (parameters == own)
    return;
  kairos_copy_floats (parameters, own, n);
  kairos_copy_floats (buffers, own_buffers, n_buffers);
  kairos_copy_floats (own, kept, n);
  kairos_copy_floats (own_buffers, kept_buffers, n_buffers);
}
