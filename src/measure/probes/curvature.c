/* SPDX-License-Identifier: MIT */

/* The curvature of the loss: the trace of its Hessian H, in total and of each layer, and its largest eigenvalue.  Both
 * need no more of it than products with vectors (hessian.h).
 *
 * The trace is E v' H v over v of random signs (Hutchinson 1990); that of a layer is the sum over its weights alone, as
 * in PyHessian (Yao, Gholami, Keutzer and Mahoney 2020, arXiv 1912.07145).  Most of the chance in it comes from the few
 * largest eigenvalues, so the direction u of the largest is taken out: with P = 1 - u u', the trace of P H P is drawn,
 * and that of H - P H P is known.  That is Hutch++ for one direction (Meyer, Musco, Musco and Woodruff 2021, arXiv
 * 2010.09649).
 *
 * The largest eigenvalue is the most that u' H u comes to for u of norm 1.  The power iteration u <- H u / | H u |
 * finds the one of largest magnitude, be it below 0, and slowly.  Here u becomes the best combination of itself, of H u
 * and of its last change, which takes one product an iteration, too (locally optimal: Knyazev 2001, SIAM J. Sci.
 * Comput. 23, 517-541, for one vector and without preconditioning).
 *
 * A network of rectifiers and maxima alone is linear in the weights of any one layer, so that the trace is that of the
 * Gauss-Newton matrix, and, with cross-entropy, that of the Fisher information.
 *
 * What is measured besides is the error: how far products by steps of different lengths disagree, or how far u is from
 * an eigenvector.  Where it is more than a twentieth, the curvature is not known.
 */
#include "src/measure/hessian.h"

#include <kairos/eigen.h>
#include <kairos/random.h>

#include <math.h>
#include <string.h>

#include "src/base/sum.h"

enum {
  N_WARM = 3, /* iterations after which the vector says how long its steps should be */
  N_MOST = 60 /* iterations */
};
static const double longest_signs = 1.0 / 16; /* as a part of the root mean square weight */
static const double longest_top = 1.0 / 256;  /* as a part of the norm of the weights; that is the sharpest direction */
static const double enough = 0.01;            /* of the residual, relative: the value is off by about its square */
static const double too_far = 0.05;           /* relative: it is not believed */

static const KairosMeasureGroup groups[] = {
  { "curvature", N_ ("Curvature"),
    N_ ("How fast the loss rises around the weights, over all directions: low where small changes do no harm"), NULL,
    KAIROS_SCALE_LOG },
  { "sharpness", N_ ("Sharpness"),
    N_ ("How fast the loss rises in the steepest direction: above 2 over the learning rate, plain descent overshoots"),
    NULL, KAIROS_SCALE_LOG },
  { "curvature-error", N_ ("Error of the curvature"),
    N_ ("How far two ways to measure the curvature disagree: above 0.05 it is left out"), NULL, KAIROS_SCALE_LOG },
};

static const KairosMeasure measures[] = {
  { "hessian_trace", N_ ("Trace of the Hessian"), N_ ("total"), &groups[0], KAIROS_SPLIT_TRAIN, KAIROS_DRAW_LINE,
    .parts = KAIROS_PARTS_LAYERS },
  { "top_eigenvalue", N_ ("Largest eigenvalue"), N_ ("largest eigenvalue"), &groups[1], KAIROS_SPLIT_TRAIN,
    KAIROS_DRAW_LINE },
  { "trace_error", N_ ("Error of the trace"), N_ ("trace"), &groups[2], KAIROS_SPLIT_TRAIN, KAIROS_DRAW_LINE },
  { "eigenvalue_error", N_ ("Error of the eigenvalue"), N_ ("eigenvalue"), &groups[2], KAIROS_SPLIT_TRAIN,
    KAIROS_DRAW_LINE },
};

/* A direction, and H times it. */
typedef struct {
  float *v;
  KairosProduct h;
} Pair;

/* u: the eigenvector so far.  w: where H would turn it.  p: how it came to be.  All of norm 1. */
typedef struct {
  KairosHessian hessian;
  Pair u, w, p;
  gboolean has_p;
  double size; /* of the weights: their norm, or 1 where they are 0 */
} Work;

static gboolean
pair_init (Work *work, Pair *pair, GError **error)
{
  pair->v = g_try_new0 (float, work->hessian.n);
  pair->h = kairos_product_new (&work->hessian);
  if (pair->v && pair->h.vector)
    return TRUE;
  g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                       "There is not enough free memory for the curvature of this network; close other programs.");
  return FALSE;
}

static void
pair_clear (Pair *pair)
{
  g_free (pair->v);
  kairos_product_clear (&pair->h);
}

/* ---- Vectors ---- */

static void
fill_signs (const Work *work, guint draw, float *v)
{
  const KairosProbeContext *context = work->hessian.context;
  KairosRandom random = kairos_random (context->seed, KAIROS_RANDOM_PROBE, context->step,
                                       (guint64) (draw + 1) << 32 | G_MAXUINT32); /* no sample's */
  guint32 bits = 0;

  for (gsize i = 0; i < work->hessian.n; i++) {
    if (i % 32 == 0)
      bits = kairos_random_below (&random, G_MAXUINT32);
    v[i] = (bits >> (i % 32) & 1) ? 1 : -1;
  }
}

static double
inner (const Work *work, const float *a, const float *b)
{
  double sum = 0;

  for (gsize i = 0; i < work->hessian.n; i++)
    sum += (double) a[i] * b[i];
  return sum;
}

/* x = a x + b y */
static void
blend (const Work *work, double a, float *x, double b, const float *y)
{
  for (gsize i = 0; i < work->hessian.n; i++)
    x[i] = (float) (a * x[i] + b * y[i]);
}

/* Likewise, with what H makes of them. */
static void
blend_pairs (const Work *work, double a, Pair *x, double b, const Pair *y)
{
  blend (work, a, x->v, b, y->v);
  blend (work, a, x->h.vector, b, y->h.vector);
}

/* ---- The largest eigenvalue ---- */

/* 1 over the norm; 0 where there is next to nothing, or no number. */
static double
invert_norm (const Work *work, const float *v)
{
  double norm = sqrt (kairos_sum_of_squares (v, work->hessian.n));

  return norm > 1e-20 ? 1 / norm : 0;
}

/* v of norm 1; FALSE where there is nothing of it. */
static gboolean
normalise (const Work *work, float *v)
{
  double factor = invert_norm (work, v);

  blend (work, factor, v, 0, v);
  return factor > 0;
}

/* w = what of H u lies beside u; FALSE where that is nothing. */
static gboolean
turn (Work *work)
{
  const float *u = work->u.v;
  float *w = work->w.v;

  memcpy (w, work->u.h.vector, work->hessian.n * sizeof *w);
  for (int twice = 0; twice < 2; twice++) { /* for the sake of rounding */
    blend (work, 1, w, -inner (work, w, u), u);
    if (!normalise (work, w))
      return FALSE;
  }
  return TRUE;
}

/* p without u and w, of norm 1. */
static void
straighten (Work *work)
{
  Pair *p = &work->p;
  double factor;

  if (!work->has_p)
    return;
  blend_pairs (work, 1, p, -inner (work, p->v, work->u.v), &work->u);
  blend_pairs (work, 1, p, -inner (work, p->v, work->w.v), &work->w);
  factor = invert_norm (work, p->v);
  work->has_p = factor > 0 && factor < 1e4; /* else rounding is most of what is left */
  if (work->has_p)
    blend_pairs (work, factor, p, 0, p);
}

/* The best combination of u, w and p becomes u, the change p. */
static gboolean
recombine (Work *work)
{
  Pair *pairs[] = { &work->u, &work->w, &work->p };
  int n = work->has_p ? 3 : 2;
  double matrix[9], values[3];

  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      matrix[i * n + j] =
          (inner (work, pairs[i]->v, pairs[j]->h.vector) + inner (work, pairs[j]->v, pairs[i]->h.vector)) / 2;
  if (!kairos_symmetric_eigen (n, matrix, values))
    return FALSE;
  const double *best = matrix + (n - 1) * n;
  blend_pairs (work, n == 3 ? best[2] : 0, &work->p, best[1], &work->w);
  blend_pairs (work, best[0], &work->u, 1, &work->p);
  blend_pairs (work, invert_norm (work, work->u.v), &work->u, 0, &work->u);
  work->has_p = TRUE;
  return TRUE;
}

typedef struct {
  double value;
  double residual; /* | H u - value u |, within which there is an eigenvalue; relative */
  double apart;    /* what a longer step would have made of it; relative */
} Top;

static double
find_residual (const Work *work, double value)
{
  double sum = 0;

  for (gsize i = 0; i < work->hessian.n; i++)
    sum += pow (work->u.h.vector[i] - value * work->u.v[i], 2);
  return sqrt (sum) / fabs (value);
}

/* H u; as long steps as it needs, once it is known where they go. */
static gboolean
multiply_top (Work *work, int iteration, double *step, GError **error)
{
  Pair *u = &work->u;

  if (iteration == 0)
    return kairos_hessian_multiply (&work->hessian, u->v, *step, &u->h, error);
  if (iteration == N_WARM)
    return !isnan (kairos_hessian_climb (&work->hessian, u->v, longest_top * work->size, &u->h, step, error));
  return TRUE; /* as it was combined */
}

/* Iterates from u on. */
static gboolean
find_top (Work *work, double *step, Top *top, GError **error)
{
  for (int i = 0; i < N_MOST; i++) {
    if (!multiply_top (work, i, step, error))
      return FALSE;
    top->value = inner (work, work->u.v, work->u.h.vector);
    top->residual = find_residual (work, top->value);
    if ((i >= N_WARM && top->residual < enough) || !turn (work))
      return TRUE;
    if (!kairos_hessian_multiply (&work->hessian, work->w.v, *step, &work->w.h, error))
      return FALSE;
    straighten (work);
    if (!recombine (work))
      return TRUE;
  }
  return TRUE;
}

/* Begins with H v, for v in w. */
static gboolean
measure_top (Work *work, Top *top, GError **error)
{
  double step = longest_top * work->size / (KAIROS_HESSIAN_RATIO * KAIROS_HESSIAN_RATIO), checked;
  Pair *u = &work->u;

  memcpy (u->v, work->w.h.vector, work->hessian.n * sizeof *u->v);
  if (!normalise (work, u->v))
    return TRUE;
  if (!find_top (work, &step, top, error) ||
      !kairos_hessian_multiply (&work->hessian, u->v, step * KAIROS_HESSIAN_RATIO, &u->h, error))
    return FALSE;
  checked = u->h.parts[0];
  if (!kairos_hessian_multiply (&work->hessian, u->v, step, &u->h, error))
    return FALSE;
  top->value = u->h.parts[0];
  top->residual = find_residual (work, top->value);
  top->apart = fabs (checked / top->value - 1);
  return TRUE;
}

/* ---- The trace ---- */

/* z = P H P v in the place of H v, for v in w. */
static void
take_out (Work *work)
{
  const float *v = work->w.v, *u = work->u.v;
  float *z = work->w.h.vector;

  blend (work, 1, z, -inner (work, u, v), work->u.h.vector);
  blend (work, 1, z, -inner (work, u, z), u);
  kairos_hessian_sum (&work->hessian, v, z, work->w.h.parts);
}

/* The trace of H - P H P: that of u u' H + H u u' - (u' H u) u u'. */
static void
add_known (const Work *work, double *trace)
{
  guint n = work->hessian.context->n_layers + 1;
  g_autofree double *products = g_new (double, n), *squares = g_new (double, n);

  kairos_hessian_sum (&work->hessian, work->u.v, work->u.h.vector, products);
  kairos_hessian_sum (&work->hessian, work->u.v, work->u.v, squares);
  for (guint l = 0; l < n; l++)
    trace[l] += 2 * products[l] - products[0] * squares[l];
}

/* knows_u: u, and H u, are to be relied on. */
static gboolean
measure_trace (Work *work, KairosReading *reading, double step, gboolean knows_u, double *trace, GError **error)
{
  guint n = work->hessian.context->n_layers + 1;
  g_autofree double *draws = g_new (double, (gsize) reading->draws *n);

  for (guint d = 0; d < reading->draws; d++) {
    fill_signs (work, d, work->w.v);
    if (!kairos_hessian_multiply (&work->hessian, work->w.v, step, &work->w.h, error))
      return FALSE;
    if (knows_u)
      take_out (work);
    memcpy (draws + d * n, work->w.h.parts, n * sizeof *draws);
  }
  kairos_reading_average (reading, reading->draws, n - 1, draws, trace);
  if (knows_u)
    add_known (work, trace);
  return TRUE;
}

/* ---- Both ---- */

/* NaN for what cannot be believed, or is no number. */
static void
judge (double *values, guint n, double *error)
{
  for (guint i = 0; i < n && !(*error <= too_far); i++)
    values[i] = NAN;
  if (!isfinite (*error))
    *error = NAN;
}

static gboolean
measure_both (Work *work, KairosReading *reading, GError **error)
{
  guint n_layers = work->hessian.context->n_layers;
  double *trace = kairos_reading_add (reading, &measures[0], n_layers);
  double *value = kairos_reading_add (reading, &measures[1], 0);
  double *trace_error = kairos_reading_add (reading, &measures[2], 0);
  double *value_error = kairos_reading_add (reading, &measures[3], 0);
  double longest = longest_signs * work->size / sqrt ((double) work->hessian.n), step;
  Top top = { NAN, NAN, NAN };

  fill_signs (work, 0, work->w.v);
  *trace_error = kairos_hessian_climb (&work->hessian, work->w.v, longest, &work->w.h, &step, error);
  if (isnan (*trace_error) || !measure_top (work, &top, error))
    return FALSE;
  *value = top.value;
  *value_error = MAX (top.residual, top.apart);
  judge (value, 1, value_error);
  judge (trace, n_layers + 1, trace_error);
  if (isnan (*trace_error) || *trace_error > too_far)
    return TRUE;
  if (!measure_trace (work, reading, step, !isnan (*value), trace, error))
    return FALSE;
  if (!isnan (*value)) /* it is a part of the trace */
    *trace_error = MAX (*trace_error, top.apart * fabs (top.value / trace[0]));
  judge (trace, n_layers + 1, trace_error);
  return TRUE;
}

static gboolean
measure (KairosProbeContext *context, KairosReading *reading, const volatile gint *cancel, GError **error)
{
  const KairosBatch all = kairos_probe_gather (context, reading);
  Work work = { 0 };
  gboolean done = kairos_hessian_init (&work.hessian, context, &all, cancel, error) &&
                  pair_init (&work, &work.u, error) && pair_init (&work, &work.w, error) &&
                  pair_init (&work, &work.p, error);

  if (done) {
    double norm = sqrt (kairos_sum_of_squares (work.hessian.kept, work.hessian.n));
    work.size = norm > 0 ? norm : 1;
    done = measure_both (&work, reading, error);
  }
  pair_clear (&work.u);
  pair_clear (&work.w);
  pair_clear (&work.p);
  kairos_hessian_clear (&work.hessian);
  return done;
}

const KairosProbe kairos_probe_curvature = {
  .name = "curvature",
  .title = N_ ("Curvature"),
  .summary = N_ ("How fast the loss rises around the weights, over all directions and in the steepest."),
  .samples = 256,
  .split = KAIROS_SPLIT_TRAIN,
  .draws = 8,
  .set = { groups, G_N_ELEMENTS (groups), measures, G_N_ELEMENTS (measures) },
  .measure = measure,
};
