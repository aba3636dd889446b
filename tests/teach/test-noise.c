/* SPDX-License-Identifier: MIT */

/* Two theorems about anticorrelated noise (Orvieto et al. 2022), with the noise that training uses: in a valley that
 * widens, and in a regression with more unknowns than equations, it leads to flat places where plain noise does not.
 */
#include "kairos/ticket.h"

#include <math.h>
#include <string.h>

#include "kairos/random.h"

typedef enum { PLAIN, PGD, ANTI } Scheme;

/* The gradient of a loss at w. */
typedef void (*Gradient) (const float *w, gpointer data, float *gradient);

/* As the trainer does it: w is the iterate without noise between steps. */
static void
descend (Scheme scheme, guint64 seed, gsize n, float *w, float rate, float sigma, guint64 steps, Gradient differentiate,
         gpointer data)
{
  g_autofree float *gradient = g_new (float, n), *before = g_new (float, n);

  for (guint64 step = 0; step < steps; step++) {
    memcpy (before, w, n * sizeof *w);
    if (scheme != PLAIN && step > 0)
      kairos_noise_add (seed, 1, step, sigma, NULL, 0, n, w);
    differentiate (w, data, gradient);
    if (scheme == ANTI)
      memcpy (w, before, n * sizeof *w);
    for (gsize i = 0; i < n; i++)
      w[i] -= rate * gradient[i];
  }
}

/* ---- The widening valley: L (u, v) = v^2 ||u||^2 / 2; the trace of its Hessian is d v^2 + ||u||^2 ---- */

enum { D = 100 };

static void
valley (const float *w, gpointer data, float *gradient)
{
  float v = w[D], square = 0;

  for (int i = 0; i < D; i++) {
    gradient[i] = v * v * w[i];
    square += w[i] * w[i];
  }
  gradient[D] = v * square;
}

static double
square_of_u (const float *w)
{
  double sum = 0;

  for (int i = 0; i < D; i++)
    sum += (double) w[i] * w[i];
  return sum;
}

/* Theorem 3.1: ||u0||^2 = D0, eta = alpha / (2 D0), sigma^2 = min (alpha^3 D0 / 2, D0 / (8 alpha), alpha D0 / (2 d)), d
 * >= 2 / alpha^2.  Then PGD comes to E ||u||^2 >= D0 / alpha and Anti-PGD to <= alpha D0. */
static void
test_widening_valley (void)
{
  const double alpha = 0.25, d0 = 4;
  const float rate = (float) (alpha / (2 * d0)),
              sigma = (float) sqrt (MIN (MIN (pow (alpha, 3) * d0 / 2, d0 / (8 * alpha)), alpha * d0 / (2 * D)));
  double result[3] = { 0 };

  for (Scheme scheme = PGD; scheme <= ANTI; scheme++)
    for (guint64 seed = 1; seed <= 3; seed++) {
      float w[D + 1];
      for (int i = 0; i < D; i++)
        w[i] = (float) sqrt (d0 / D);
      w[D] = 0;
      descend (scheme, seed, D + 1, w, rate, sigma, 20000, valley, NULL);
      result[scheme] += square_of_u (w) / 3;
    }
  g_test_message ("||u||^2 from %.1f: PGD %.2f (at least %.1f), Anti-PGD %.4f (at most %.1f)", d0, result[PGD],
                  d0 / alpha, result[ANTI], alpha * d0);
  g_assert_cmpfloat (result[PGD], >=, d0 / alpha);
  g_assert_cmpfloat (result[ANTI], <=, alpha * d0);
  g_assert_cmpfloat (result[PGD] / result[ANTI], >=, 10);
}

/* ---- Quadratically parametrised regression: L = ||X (w.w) - y||^2 / (4 n), y = X (w*.w*), w* sparse ---- */

enum { N = 40 };

typedef struct {
  float x[N][D], y[N];
} Regression;

static void
regression (const float *w, gpointer data, float *gradient)
{
  const Regression *problem = data;

  memset (gradient, 0, D * sizeof *gradient);
  for (int i = 0; i < N; i++) {
    float residual = -problem->y[i];
    for (int j = 0; j < D; j++)
      residual += problem->x[i][j] * w[j] * w[j];
    for (int j = 0; j < D; j++)
      gradient[j] += residual * problem->x[i][j] * w[j] / N;
  }
}

/* On unseen X of the same distribution: E (x (w.w - w*.w*))^2 = ||w.w - w*.w*||^2. */
static double
test_loss (const float *w)
{
  double sum = 0;

  for (int j = 0; j < D; j++)
    sum += pow ((double) w[j] * w[j] - (j < 5 ? 1 : 0), 2);
  return sum;
}

/* The noise stops after a while, so that the minimum is reached that it led to. */
static double
solve (Scheme scheme, guint64 seed, float sigma, Regression *problem)
{
  float w[D];

  for (int j = 0; j < D; j++)
    w[j] = 0.5f;
  descend (scheme, seed, D, w, 0.01f, sigma, 20000, regression, problem);
  descend (PLAIN, seed, D, w, 0.01f, 0, 5000, regression, problem);
  return test_loss (w);
}

static void
test_regression (void)
{
  static const float sigmas[] = { 0.02f, 0.05f, 0.1f };
  guint wins = 0;

  for (guint64 seed = 1; seed <= 10; seed++) {
    Regression problem = { 0 };
    KairosRandom random = kairos_random (seed, KAIROS_RANDOM_TEST, 1, 0);
    double plain, pgd = INFINITY, anti;
    for (int i = 0; i < N; i++)
      for (int j = 0; j < D; j++) {
        problem.x[i][j] = kairos_random_normal (&random);
        problem.y[i] += j < 5 ? problem.x[i][j] : 0;
      }
    plain = solve (PLAIN, seed, 0, &problem);
    anti = solve (ANTI, seed, 0.05f, &problem); /* the published deviation at this rate */
    for (guint s = 0; s < G_N_ELEMENTS (sigmas); s++)
      pgd = MIN (pgd, solve (PGD, seed, sigmas[s], &problem));
    gboolean won = anti <= 0.5 * MIN (plain, pgd);
    g_test_message ("seed %u: gradient descent %.3f, best PGD %.3f, Anti-PGD %.3f", (guint) seed, plain, pgd, anti);
    wins += won;
  }
  g_assert_cmpuint (wins, >=, 9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/noise/widening-valley", test_widening_valley);
  g_test_add_func ("/noise/regression", test_regression);
  return g_test_run ();
}
