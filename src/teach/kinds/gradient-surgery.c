/* SPDX-License-Identifier: MIT */

/* Gradient surgery, PCGrad (Yu et al. 2020): where the gradients of two groups of samples point against each other,
 * each loses its part along the other. Groups are the classes in the batch, or a selection and the rest.
 */
#include "../kind-private.h"

static const KairosParam params[] = {
  KAIROS_SELECTION_PARAMS,
  { "between", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "classes|focus",
    "The classes among each other, or the selection and the rest" },
};
enum { BETWEEN = KAIROS_N_SELECTION_PARAMS };

static char *
label (const KairosClip *clip)
{
  if (g_str_equal (kairos_clip_text (clip, "between"), "classes"))
    return g_strdup ("gradient surgery");
  g_autofree char *selection = kairos_selection_label (clip);
  return g_strdup_printf ("gradient surgery, %s", selection);
}

static gboolean
check (JsonObject *settings, const char *where, GError **error)
{
  gboolean focus = g_str_equal (kairos_params_text (params, G_N_ELEMENTS (params), settings, "between"), "focus");

  for (guint i = 0; i < KAIROS_N_SELECTION_PARAMS && !focus; i++)
    if (json_object_has_member (settings, params[i].name)) {
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                   "%s: \"%s\" has an effect only where \"between\" is \"focus\"", where, params[i].name);
      return FALSE;
    }
  return TRUE;
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  gboolean focus = clip->values[BETWEEN] != 0;

  regime->surgery = focus ? KAIROS_SURGERY_FOCUS : KAIROS_SURGERY_CLASSES;
  regime->surgery_focus = focus ? clip->state->ids : NULL;
}

static gboolean
is_live (const KairosPlanClip *clip)
{
  return clip->values[KAIROS_N_SELECTION_PARAMS - 1] != 0;
}

const KairosKindRow kairos_kind_gradient_surgery = {
  .info = { "gradient-surgery", "Gradient surgery",
            "Takes out of each group's gradient what would undo another group's.", "Gradient", "gradient", FALSE,
            KAIROS_OVERLAP_REFUSE, params, G_N_ELEMENTS (params) },
  .selects = TRUE,
  .by_id = TRUE,
  .label = label,
  .check = check,
  .contribute = contribute,
  .is_live = is_live,
  .resolve = kairos_selection_resolve,
};
