/* SPDX-License-Identifier: MIT */

/* Checkpoint: keeps the weights under a name, so that a later rewind finds them, and writes a checkpoint that is not
 * thinned. */
#include "../kind-private.h"

static const KairosParam params[] = {
  { "label", KAIROS_PARAM_TEXT, NULL, 1, 60, 0, "kept",
    "The name under which the weights are kept; a later one of the same name takes its place" },
};

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("checkpoint %s", kairos_clip_text (clip, "label"));
}

static const char *
keeps (const KairosClip *clip)
{
  return kairos_clip_text (clip, "label");
}

static gboolean
check (JsonObject *settings, const char *where, GError **error)
{
  if (!g_str_equal (kairos_params_text (params, G_N_ELEMENTS (params), settings, "label"), "start"))
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
               "%s: \"start\" is the name of the initial weights; choose another label", where);
  return FALSE;
}

static gboolean
happen (const KairosPlanClip *event, KairosHappening *happening, GError **error)
{
  happening->keep = keeps (event->clip);
  return TRUE;
}

const KairosKindRow kairos_kind_checkpoint = {
  .info = { "checkpoint", "Checkpoint", "Keeps the weights as they are now, for going back to.", "Events", "event",
            TRUE, KAIROS_OVERLAP_STACK, params, G_N_ELEMENTS (params) },
  .label = label,
  .check = check,
  .keeps = keeps,
  .happen = happen,
};
