/* SPDX-License-Identifier: MIT */

/* Curriculum: batches come from the first samples of an order by difficulty, and more and more of it (Bengio et al.
 * 2009; Hacohen and Weinshall 2019; pacing functions of Wu, Dyer and Neyshabur 2021).  With a random order it is the
 * control that those authors demand.
 */
#include "../kind-private.h"

#include <math.h>

static const KairosParam params[] = {
  { "score", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "loss|difficulty|epoch-loss|el2n|random", "What makes a sample hard" },
  { "order", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "easy-first|hard-first", "Which samples come first" },
  { "pacing", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0,
    "linear|quadratic|root|step|exponential|logarithmic|fixed-exponential", "How fast the others follow" },
  { "start", KAIROS_PARAM_REAL, NULL, 0.001, 1, 0.2, NULL, "Share of the samples at the beginning" },
  { "full", KAIROS_PARAM_REAL, NULL, 0.001, 1, 0.8, NULL, "Share of the clip after which all samples take part" },
  { "increase", KAIROS_PARAM_REAL, NULL, 1, 100, 1.9, NULL,
    "Pacing fixed-exponential: by what the share grows at a time" },
  { "every", KAIROS_PARAM_INT, "steps", 1, 1000000, 100, NULL,
    "Pacing fixed-exponential: steps between two such times" },
  { "reference", KAIROS_PARAM_INT, "epochs", 1, 10000, 1, NULL, "Score epoch-loss: the epoch whose losses count" },
  { "balanced", KAIROS_PARAM_BOOL, NULL, 0, 1, 1, NULL, "Take the same share of every class" },
  KAIROS_SHAPE_PARAMS,
};
enum { SCORE, ORDER, PACING, START, FULL, INCREASE, EVERY, REFERENCE, BALANCED };
enum { LOSS, DIFFICULTY, EPOCH_LOSS, EL2N, RANDOM };
enum { FIXED_EXPONENTIAL = 6 };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("curriculum by %s, %s", kairos_clip_text (clip, "score"), kairos_clip_text (clip, "order"));
}

static gboolean
prepare (KairosPlanClip *clip, const KairosPlanContext *context, GError **error)
{
  if (clip->values[SCORE] != DIFFICULTY || kairos_dataset_get_difficulty (context->dataset))
    return TRUE;
  g_autofree char *name = kairos_clip_describe (clip->clip);
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
               "%s: how difficult the samples of %s are is not known; choose another score.", name,
               kairos_dataset_get_title (context->dataset));
  return FALSE;
}

/* ---- The order ---- */

static float
score (const KairosPlanClip *clip, const KairosLook *look, guint position)
{
  guint32 id = look->train[position];
  KairosRandom random = kairos_random (look->context->seed, KAIROS_RANDOM_CLIP, clip->clip->origin, id);
  g_autofree float *history = NULL;
  guint n;

  switch ((int) clip->values[SCORE]) {
  case DIFFICULTY: return kairos_dataset_get_difficulty (look->context->dataset)[id];
  case EPOCH_LOSS:
    history = kairos_facts_history (look->table, id, &n);
    return n == 0 ? NAN : history[MIN (n, (guint) clip->values[REFERENCE]) - 1];
  case EL2N: return look->facts[id].el2n;
  case RANDOM: return kairos_random_float (&random);
  case LOSS:
  default: return look->facts[id].loss;
  }
}

/* Samples without a score come last either way; that is never the case for all but the first epoch. */
static float *
make_scores (const KairosPlanClip *clip, const KairosLook *look)
{
  float *scores = g_new (float, look->n_train), sign = clip->values[ORDER] == 0 ? 1 : -1;

  for (guint i = 0; i < look->n_train; i++) {
    scores[i] = sign * score (clip, look, i);
    if (isnan (scores[i]))
      scores[i] = INFINITY;
  }
  return scores;
}

/* Replaces each score by the sample's place within its class, as a share: sorting by it takes equally from all classes.
 */
static void
balance (const KairosLook *look, const guint32 *order, float *scores)
{
  const gint32 *labels = kairos_dataset_get_labels (look->context->dataset);
  guint n_classes = kairos_dataset_get_n_classes (look->context->dataset);
  g_autofree guint *sizes = g_new0 (guint, n_classes), *seen = g_new0 (guint, n_classes);

  for (guint i = 0; i < look->n_train; i++)
    sizes[labels[look->train[i]]]++;
  for (guint i = 0; i < look->n_train; i++) {
    gint32 class_index = labels[look->train[order[i]]];
    scores[order[i]] = (float) seen[class_index]++ / sizes[class_index];
  }
}

static void
resolve (KairosPlanClip *clip, const KairosLook *look)
{
  g_autofree float *scores = make_scores (clip, look);
  guint32 *order = kairos_look_positions (look);

  kairos_look_sort (scores, order, look->n_train);
  if (clip->values[BALANCED] != 0) {
    balance (look, order, scores);
    kairos_look_sort (scores, order, look->n_train);
  }
  kairos_state_take (clip->state, order, look->n_train, look, FALSE);
}

/* ---- The pace ---- */

static double
share (const KairosPlanClip *clip, const KairosMoment *moment)
{
  static const char *const names[] = { "linear", "quadratic", "root", "step", "exponential", "logarithmic" };
  int pacing = (int) clip->values[PACING];

  if (pacing == FIXED_EXPONENTIAL)
    return kairos_pacing_fixed (moment->time * moment->context->steps_per_epoch, clip->values[START],
                                clip->values[INCREASE], clip->values[EVERY]);
  return kairos_pacing (names[pacing], clip->length > 0 ? moment->time / clip->length : 1, clip->values[FULL],
                        clip->values[START]);
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  KairosSampling *sampling = clip->state->n > 0 ? kairos_regime_add_sampling (regime, clip) : NULL;

  if (!sampling)
    return;
  sampling->n = (guint) CLAMP (floor (share (clip, moment) * clip->state->n + 1e-6), 1, clip->state->n);
  sampling->inside = 1;
  sampling->outside = 0;
}

const KairosKindRow kairos_kind_curriculum = {
  .info = { "curriculum", "Curriculum",
            "Trains on easy samples first, or hard ones, and lets the others follow at a chosen pace.", "Data",
            "samples", FALSE, KAIROS_OVERLAP_REFUSE, params, G_N_ELEMENTS (params) },
  .most = KAIROS_MAX_SAMPLINGS,
  .label = label,
  .prepare = prepare,
  .contribute = contribute,
  .resolve = resolve,
};
