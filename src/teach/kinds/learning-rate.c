/* SPDX-License-Identifier: MIT */

/* The learning rate as an automation curve: a shape, or points that are joined by straight lines; as a rate, or as a
 * factor of the session's. */
#include "../kind-private.h"

#include <math.h>

static const KairosParam params[] = {
  { "shape", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "constant|step|exponential|cosine|warm-up|restart",
    "How the rate goes, where no points are given" },
  { "rate", KAIROS_PARAM_REAL, NULL, 0, 1000, 0.01, NULL, "The rate at the beginning; at the end for warm-up" },
  { "final", KAIROS_PARAM_REAL, NULL, 0, 1000, 0, NULL, "Shapes cosine and restart: the rate that they come down to" },
  { "every", KAIROS_PARAM_REAL, "epochs", 0.001, 10000, 5, NULL,
    "Shapes step and restart: time between two drops, or until the first restart" },
  { "factor", KAIROS_PARAM_REAL, NULL, 0, 100, 0.5, NULL,
    "Shapes step and exponential: multiplier a drop, or an epoch" },
  { "growth", KAIROS_PARAM_REAL, NULL, 1, 10, 1, NULL, "Shape restart: by what the time until the next restart grows" },
  { "points", KAIROS_PARAM_POINTS, NULL, 0, 1000, 0, NULL,
    "Instead of a shape: times in epochs since the clip began, each with a rate" },
  { "mode", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "absolute|factor",
    "Whether these are rates, or factors of the rate that the session plans" },
  KAIROS_SHAPE_PARAMS,
};
enum { SHAPE, RATE, FINAL, EVERY, FACTOR, GROWTH, POINTS, MODE };
enum { CONSTANT, STEP, EXPONENTIAL, COSINE, WARM_UP, RESTART };

static char *
label (const KairosClip *clip)
{
  gboolean drawn = kairos_params_list (params, G_N_ELEMENTS (params), clip->params, "points") != NULL;
  const char *unit = g_str_equal (kairos_clip_text (clip, "mode"), "factor") ? "x" : "";

  return drawn ? g_strdup ("learning rate, drawn")
               : g_strdup_printf ("learning rate %g%s, %s", kairos_clip_number (clip, "rate"), unit,
                                  kairos_clip_text (clip, "shape"));
}

static gboolean
check (JsonObject *settings, const char *where, GError **error)
{
  if (!json_object_has_member (settings, "shape") ||
      !kairos_params_list (params, G_N_ELEMENTS (params), settings, "points"))
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "%s: give either a shape or points, not both", where);
  return FALSE;
}

static double
half_cosine (double from, double to, double done)
{
  return to + (from - to) * 0.5 * (1 + cos (G_PI * CLAMP (done, 0, 1)));
}

/* Warm restarts (Loshchilov and Hutter 2017, SGDR): half a cosine again and again, each longer by growth. */
static double
restart (const double *values, double time)
{
  double period = values[EVERY];

  for (int i = 0; i < 100000 && time >= period; i++) {
    time -= period;
    period *= values[GROWTH];
  }
  return half_cosine (values[RATE], values[FINAL], time / period);
}

static double
rate (const KairosPlanClip *clip, double time)
{
  const double *values = clip->values;
  double done = clip->length > 0 ? time / clip->length : 1;

  if (clip->n_points > 0)
    return kairos_curve_value (clip->points, clip->n_points, time);
  switch ((int) values[SHAPE]) {
  case STEP: return values[RATE] * pow (values[FACTOR], floor (time / values[EVERY]));
  case EXPONENTIAL: return values[RATE] * pow (values[FACTOR], time);
  case COSINE: return half_cosine (values[RATE], values[FINAL], done);
  case WARM_UP: return values[RATE] * CLAMP (done, 0, 1);
  case RESTART: return restart (values, time);
  case CONSTANT:
  default: return values[RATE];
  }
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  double value = rate (clip, moment->time);

  regime->optimizer.learning_rate =
      (float) MIN (clip->values[MODE] == 0 ? value : value * regime->optimizer.learning_rate, 1000);
}

/* A rate as if the session's were 1. */
static double
curve (const KairosPlanClip *clip, double time)
{
  return (float) MIN (rate (clip, time), 1000);
}

const KairosKindRow kairos_kind_learning_rate = {
  .info = { "learning-rate", "Learning rate", "How far each change of the weights goes, as a curve.", "Rate",
            "learning-rate", FALSE, KAIROS_OVERLAP_REFUSE, params, G_N_ELEMENTS (params) },
  .label = label,
  .check = check,
  .without_points = "shape",
  .curve = curve,
  .contribute = contribute,
};
