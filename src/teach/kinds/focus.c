/* SPDX-License-Identifier: MIT */

/* Focus: some samples are drawn more often than the others, until the clip ends: the release.
 *
 * The doses: only these; these a number of times as often; or a share of each batch (two-set training, Charton and
 * Kempe 2024), the rest of the batch being drawn as without the clip.  A focus can release itself when the selection is
 * learnt.
 */
#include "../kind-private.h"

static const KairosParam params[] = {
  KAIROS_SELECTION_PARAMS,
  { "dose", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "only|times|mixed",
    "Only the selection; the selection more often; or a share of each batch" },
  { "times", KAIROS_PARAM_REAL, NULL, 0, 1000, 4, NULL,
    "Dose times: how much more often the selection is drawn; 0 leaves it out" },
  { "fraction", KAIROS_PARAM_REAL, NULL, 0, 1, 0.5, NULL,
    "Dose mixed: the share of each batch that is drawn from the selection" },
  { "until", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "end|accuracy|loss",
    "Release at the end, or before, when the selection's accuracy or loss is reached" },
  { "bound", KAIROS_PARAM_REAL, NULL, 0, 100, 0.99, NULL, "The accuracy (0 to 1) or loss at which to release" },
};
enum { DOSE = KAIROS_N_SELECTION_PARAMS, TIMES, FRACTION, UNTIL, BOUND };
enum { ONLY, MULTIPLIED, MIXED };
enum { AT_END, ON_ACCURACY, ON_LOSS };

static char *
label (const KairosClip *clip)
{
  g_autofree char *selection = kairos_selection_label (clip);
  const char *dose = kairos_clip_text (clip, "dose");

  if (g_str_equal (dose, "times"))
    return g_strdup_printf ("focus %s %gx", selection, kairos_clip_number (clip, "times"));
  if (g_str_equal (dose, "mixed"))
    return g_strdup_printf ("focus %s %g %%", selection, 100 * kairos_clip_number (clip, "fraction"));
  return g_strdup_printf ("focus %s", selection);
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  KairosSampling *sampling = clip->state->n > 0 ? kairos_regime_add_sampling (regime, clip) : NULL;

  if (!sampling)
    return;
  switch ((int) clip->values[DOSE]) {
  case MULTIPLIED:
    sampling->inside = (float) clip->values[TIMES];
    sampling->outside = 1;
    break;
  case MIXED: sampling->share = (float) clip->values[FRACTION]; break;
  case ONLY:
  default: sampling->inside = 1; sampling->outside = 0;
  }
}

static gboolean
is_live (const KairosPlanClip *clip)
{
  return clip->values[KAIROS_N_SELECTION_PARAMS - 1] != 0;
}

static gboolean
can_end (const KairosPlanClip *clip)
{
  return clip->values[UNTIL] != AT_END;
}

/* Over the selection, from what training on it last showed; a sample that was not looked at yet counts as not learnt.
 */
static gboolean
is_over (const KairosPlanClip *clip, const KairosLook *look)
{
  const gint32 *labels = kairos_dataset_get_labels (look->context->dataset);
  double correct = 0, loss = 0;

  if (look->step == clip->state->first || clip->state->n == 0)
    return FALSE;
  for (guint i = 0; i < clip->state->n; i++) {
    guint32 id = look->train[clip->state->members[i]];
    correct += look->facts[id].prediction == labels[id];
    loss += look->facts[id].loss;
  }
  return clip->values[UNTIL] == ON_ACCURACY ? correct / clip->state->n >= clip->values[BOUND]
                                            : loss / clip->state->n <= clip->values[BOUND];
}

const KairosKindRow kairos_kind_focus = {
  .info = { "focus", "Focus", "Trains on some samples only, or more often than on the others, and then releases them.",
            "Data", "samples", FALSE, KAIROS_OVERLAP_MULTIPLY, params, G_N_ELEMENTS (params), .selects = TRUE,
            .live = N_ ("Focus") },
  .most = KAIROS_MAX_SAMPLINGS,
  .selection = TRUE,
  .label = label,
  .contribute = contribute,
  .is_live = is_live,
  .resolve = kairos_selection_resolve,
  .can_end = can_end,
  .is_over = is_over,
};
