/* SPDX-License-Identifier: MIT */

/* The trace of the Fisher information matrix, in total and of each layer:
 *
 *     tr F = E_x E_{y ~ p(y|x)} || grad_w log p_w (y|x) ||^2                       (Achille et al. 2018, section 3)
 *
 * where p is the softmax of the logits, whichever loss is trained with, and x are samples of the training split.
 *
 * Estimators of the inner expectation, with e_y the one-hot vector of a class and J the Jacobian of the logits:
 *   exact       sum_y p_y || J' (e_y - p) ||^2, a backward pass a class
 *   rademacher  || J' S v ||^2 with S = diag (sqrt p) - p sqrt (p)' and v of random signs: S S' = diag p - p p', which
 * is the covariance of e_y, so the expectation over v is exact (Hutchinson 1990); one backward pass sampled     || J'
 * (e_y - p) ||^2 with y drawn from p; one backward pass, and heavy tails once p is confident empirical   the same with
 * y the label.  That is no estimate of the Fisher information (Kunstner et al. 2019, arXiv 1905.12558): it vanishes
 * with the training loss.  It has a measure of its own.
 */
#include "src/measure/probe-private.h"

#include <kairos/random.h>

#include <math.h>
#include <string.h>

static const KairosMeasureGroup groups[] = {
  { "fisher", N_ ("Fisher information"),
    N_ ("How much the predictions would change if the weights moved a little: what the weights hold"), NULL,
    KAIROS_SCALE_LOG, .shown = TRUE },
  { "empirical-fisher", N_ ("Empirical Fisher"),
    N_ ("The mean square of each sample's own gradient, by its label: small once the labels are learnt"), NULL,
    KAIROS_SCALE_LOG, .on_request = TRUE },
};

static const KairosMeasure measures[] = {
  { "fisher", N_ ("Fisher information"), N_ ("total"), &groups[0], KAIROS_SPLIT_TRAIN, KAIROS_DRAW_POINTS,
    .parts = KAIROS_PARTS_LAYERS },
  { "empirical_fisher", N_ ("Empirical Fisher"), N_ ("total"), &groups[1], KAIROS_SPLIT_TRAIN, KAIROS_DRAW_POINTS,
    .parts = KAIROS_PARTS_LAYERS },
};

typedef enum { RADEMACHER, EXACT, SAMPLED, EMPIRICAL } Estimator;
static const char estimators[] = "rademacher|exact|sampled|empirical"; /* in that order */

/* One backward pass. */
typedef struct {
  const KairosProbeContext *context;
  Estimator estimator;
  int n_classes;
  guint draw; /* exact: the class */
  const guint32 *ids;
} Pass;

/* g = S v, with signs v from the bits of random words. */
static void
fill_signs (KairosRandom *random, int n_classes, const float *p, float *g)
{
  guint32 bits = 0;
  float mean = 0; /* sqrt (p)' v */

  for (int k = 0; k < n_classes; k++) {
    if (k % 32 == 0)
      bits = kairos_random_below (random, G_MAXUINT32);
    g[k] = (bits >> (k % 32) & 1) ? sqrtf (p[k]) : -sqrtf (p[k]);
    mean += g[k];
  }
  for (int k = 0; k < n_classes; k++)
    g[k] -= p[k] * mean;
}

static int
draw_class (KairosRandom *random, int n_classes, const float *p)
{
  float left = kairos_random_float (random);
  int last = 0;

  for (int k = 0; k < n_classes; k++) {
    if (p[k] > 0)
      last = k;
    if (left < p[k])
      return k;
    left -= p[k];
  }
  return last; /* the probabilities add up to a little less than 1 */
}

static void
fill (gpointer data, int sample, gint32 label, const float *p, float *g)
{
  const Pass *pass = data;
  const KairosProbeContext *context = pass->context;
  KairosRandom random = kairos_random (context->seed, KAIROS_RANDOM_PROBE, context->step,
                                       (guint64) (pass->draw + 1) << 32 | pass->ids[sample]);
  float scale = 1;

  switch (pass->estimator) {
  case RADEMACHER: fill_signs (&random, pass->n_classes, p, g); return;
  case SAMPLED: label = draw_class (&random, pass->n_classes, p); break;
  case EXACT:
    label = (gint32) pass->draw;
    scale = sqrtf (p[label]);
    break;
  case EMPIRICAL:
  default: break;
  }
  for (int k = 0; k < pass->n_classes; k++)
    g[k] = scale * (p[k] - (k == label));
}

/* Adds the mean over the samples, layer by layer, to values (the whole first). */
static gboolean
add_pass (KairosProbeContext *context, const KairosBatch *all, Pass *pass, double *values, const volatile gint *cancel,
          GError **error)
{
  KairosExecutor *executor = kairos_probe_get_executor (context, KAIROS_PROBE_PLAIN, error);
  const KairosSeed seed = { fill, pass };
  guint n_all;

  if (!executor)
    return FALSE;
  kairos_network_layers (context->network, &n_all);
  g_autofree double *norms = g_new (double, (gsize) KAIROS_PROBE_CHUNK *n_all);
  for (int first = 0; first < all->n; first += KAIROS_PROBE_CHUNK) {
    const KairosBatch part = kairos_probe_chunk (context, all, first);
    if (kairos_probe_is_cancelled (cancel, error))
      return FALSE;
    pass->ids = part.ids;
    kairos_executor_measure_norms (executor, &part, &seed, norms);
    for (int i = 0; i < part.n; i++)
      for (guint l = 0; l < context->n_layers; l++) {
        double share = norms[i * n_all + context->layers[l]] / all->n;
        values[l + 1] += share;
        values[0] += share;
      }
  }
  return TRUE;
}

static Estimator
parse_estimator (const char *name)
{
  g_auto (GStrv) names = g_strsplit (estimators, "|", -1);
  guint i = 0;

  while (names[i] && !g_str_equal (names[i], name))
    i++;
  return (Estimator) i;
}

static gboolean
measure (KairosProbeContext *context, KairosReading *reading, const volatile gint *cancel, GError **error)
{
  const KairosBatch all = kairos_probe_gather (context, reading);
  Pass pass = { context, parse_estimator (reading->estimator), kairos_network_get_outputs (context->network) };
  gboolean random = pass.estimator == RADEMACHER || pass.estimator == SAMPLED;
  guint n_draws = random ? reading->draws : 1, n_passes = pass.estimator == EXACT ? (guint) pass.n_classes : 1;
  double *values = kairos_reading_add (reading, &measures[pass.estimator == EMPIRICAL], context->n_layers);
  g_autofree double *draws = g_new0 (double, (gsize) n_draws *(context->n_layers + 1));

  for (guint d = 0; d < n_draws; d++)
    for (guint i = 0; i < n_passes; i++) {
      pass.draw = d + i; /* one of the two is 0 */
      if (!add_pass (context, &all, &pass, draws + (gsize) d * (context->n_layers + 1), cancel, error))
        return FALSE;
    }
  kairos_reading_average (reading, n_draws, context->n_layers, draws, values);
  return TRUE;
}

const KairosProbe kairos_probe_fisher = {
  .name = "fisher",
  .title = N_ ("Fisher information"),
  .summary = N_ ("How much the predictions would change if the weights moved a little, layer by layer."),
  .estimators = estimators,
  .samples = 256,
  .split = KAIROS_SPLIT_TRAIN,
  .set = { groups, G_N_ELEMENTS (groups), measures, G_N_ELEMENTS (measures) },
  .measure = measure,
};
