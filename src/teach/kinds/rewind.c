/* SPDX-License-Identifier: MIT */

/* Rewind: the surviving weights go back to what they were at the start, or at a checkpoint (Frankle and Carbin 2019;
 * late rewinding: Frankle et al. 2020).  What was pruned stays pruned.
 */
#include "../kind-private.h"

static const KairosParam params[] = {
  { "to", KAIROS_PARAM_TEXT, NULL, 1, 60, 0, "start",
    "\"start\" for the initial weights, or the label of a checkpoint before" },
  { "reset", KAIROS_PARAM_BOOL, NULL, 0, 1, 1, NULL, "Whether the optimizer forgets its momentum too" },
};
enum { TO, RESET };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("rewind to %s", kairos_clip_text (clip, "to"));
}

static const char *
needs (const KairosClip *clip)
{
  const char *to = kairos_clip_text (clip, "to");

  return g_str_equal (to, "start") ? NULL : to;
}

static void
load_start (KairosHappening *happening)
{
  gsize n, n_buffers;
  float *parameters = kairos_network_parameters (happening->network, &n),
        *buffers = kairos_network_buffers (happening->network, &n_buffers);

  kairos_network_initialise (happening->network, happening->seed);
  kairos_happening_load (happening, parameters, buffers);
}

static gboolean
happen (const KairosPlanClip *event, KairosHappening *happening, GError **error)
{
  const char *to = kairos_clip_text (event->clip, "to");
  const float *buffers = NULL, *parameters = NULL;

  if (g_str_equal (to, "start"))
    load_start (happening);
  else if ((parameters = happening->recall (happening->data, to, &buffers)))
    kairos_happening_load (happening, parameters, buffers);
  else {
    g_autofree char *name = kairos_clip_describe (event->clip);
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                 "%s: no weights were kept as \"%s\"; put a checkpoint of that label before it.", name, to);
    return FALSE;
  }
  if (event->values[RESET] != 0)
    kairos_optimizer_reset (happening->optimizer);
  return TRUE;
}

const KairosKindRow kairos_kind_rewind = {
  .info = { "rewind", "Rewind", "Sets the weights back to an earlier state; removed weights stay removed.", "Events",
            "event", TRUE, KAIROS_OVERLAP_STACK, params, G_N_ELEMENTS (params), .live = N_ ("Rewind") },
  .label = label,
  .needs = needs,
  .happen = happen,
};
