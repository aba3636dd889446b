/* SPDX-License-Identifier: MIT */

/* Optimisers against their formulas, worked out once more in double precision and one parameter at a time. */
#include <kairos/optimizer.h>
#include <kairos/pool.h>
#include <kairos/random.h>

#include <math.h>
#include <string.h>

enum { N = 40001, STEPS = 12 }; /* more than two pieces, and not a multiple of a vector */

typedef struct {
  double p, m, s;
} State;

typedef void (*Formula) (State *state, double g, const KairosOptimizerSettings *settings, int t);

static void
sgd (State *state, double g, const KairosOptimizerSettings *settings, int t)
{
  state->p -= settings->learning_rate * (g + settings->weight_decay * state->p);
}

static void
momentum (State *state, double g, const KairosOptimizerSettings *settings, int t)
{
  state->m = settings->momentum * state->m + g + settings->weight_decay * state->p;
  state->p -= settings->learning_rate * state->m;
}

static void
nesterov (State *state, double g, const KairosOptimizerSettings *settings, int t)
{
  g += settings->weight_decay * state->p;
  state->m = settings->momentum * state->m + g;
  state->p -= settings->learning_rate * (g + settings->momentum * state->m);
}

static void
adam_step (State *state, double g, const KairosOptimizerSettings *settings, int t)
{
  double b1 = settings->beta1, b2 = settings->beta2;

  state->m = b1 * state->m + (1 - b1) * g;
  state->s = b2 * state->s + (1 - b2) * g * g;
  state->p -= settings->learning_rate * (state->m / (1 - pow (b1, t))) /
              (sqrt (state->s / (1 - pow (b2, t))) + settings->epsilon);
}

static void
adam (State *state, double g, const KairosOptimizerSettings *settings, int t)
{
  adam_step (state, g + settings->weight_decay * state->p, settings, t);
}

static void
adamw (State *state, double g, const KairosOptimizerSettings *settings, int t)
{
  state->p -= settings->learning_rate * settings->weight_decay * state->p;
  adam_step (state, g, settings, t);
}

static const struct {
  const char *name;
  Formula formula;
} cases[] = {
  { "sgd", sgd }, { "momentum", momentum }, { "nesterov", nesterov }, { "adam", adam }, { "adamw", adamw }
};

/* The gradient of step t. */
static void
draw (float *g, int t)
{
  KairosRandom random = kairos_random (2, KAIROS_RANDOM_TEST, t, 0);

  for (int i = 0; i < N; i++)
    g[i] = kairos_random_range (&random, -1, 1);
}

static void
test_formula (gconstpointer data)
{
  guint index = GPOINTER_TO_UINT (data);
  g_autoptr (KairosPool) pool = kairos_pool_new (3);
  g_autoptr (KairosOptimizer) optimizer = kairos_optimizer_new (cases[index].name, N, NULL);
  KairosOptimizerSettings settings = kairos_optimizer_settings_default ();
  g_autofree float *p = g_new (float, N), *g = g_new (float, N);
  g_autofree State *expected = g_new0 (State, N);

  settings.learning_rate = 0.03f;
  settings.weight_decay = 0.1f;
  draw (p, 1000);
  for (int i = 0; i < N; i++)
    expected[i].p = p[i];
  for (int t = 1; t <= STEPS; t++) {
    draw (g, t);
    kairos_optimizer_step (optimizer, &settings, p, g, NULL, pool);
    for (int i = 0; i < N; i++)
      cases[index].formula (&expected[i], g[i], &settings, t);
  }
  for (int i = 0; i < N; i++)
    g_assert_cmpfloat (fabs (p[i] - expected[i].p), <, 3e-6);
  g_assert_cmpuint (kairos_optimizer_get_steps (optimizer), ==, STEPS);
}

/* Stopped after some steps and continued by another optimiser with the saved state: the same bits.  Reset: as new. */
static void
test_resume (gconstpointer data)
{
  guint index = GPOINTER_TO_UINT (data);
  g_autoptr (KairosPool) one = kairos_pool_new (1), three = kairos_pool_new (3);
  g_autoptr (KairosOptimizer) through = kairos_optimizer_new (cases[index].name, N, NULL),
                              second = kairos_optimizer_new (cases[index].name, N, NULL);
  const KairosOptimizerSettings settings = kairos_optimizer_settings_default ();
  g_autofree float *p = g_new0 (float, N), *q = g_new0 (float, N), *g = g_new (float, N);
  gsize n, n_second;
  float *state = kairos_optimizer_state (through, &n), *copy = kairos_optimizer_state (second, &n_second);

  g_assert_cmpuint (n, ==, n_second);
  for (int t = 1; t <= STEPS; t++) {
    draw (g, t);
    kairos_optimizer_step (through, &settings, p, g, NULL, one);
    if (t > STEPS / 2) {
      kairos_optimizer_step (second, &settings, q, g, NULL, three);
    } else if (t == STEPS / 2) {
      memcpy (copy, state, n * sizeof *copy);
      memcpy (q, p, N * sizeof *q);
      kairos_optimizer_set_steps (second, kairos_optimizer_get_steps (through));
    }
  }
  g_assert_cmpmem (p, N * sizeof *p, q, N * sizeof *q);
  kairos_optimizer_reset (through);
  g_assert_cmpuint (kairos_optimizer_get_steps (through), ==, 0);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat (state[i], ==, 0);
}

static void
test_mask (gconstpointer data)
{
  guint index = GPOINTER_TO_UINT (data);
  g_autoptr (KairosPool) pool = kairos_pool_new (2);
  g_autoptr (KairosOptimizer) optimizer = kairos_optimizer_new (cases[index].name, N, NULL);
  const KairosOptimizerSettings settings = kairos_optimizer_settings_default ();
  g_autofree float *p = g_new (float, N), *g = g_new (float, N);
  g_autofree guint8 *mask = g_new (guint8, N);
  gsize n;
  const float *state = kairos_optimizer_state (optimizer, &n);

  for (int i = 0; i < N; i++)
    mask[i] = i % 3 != 0;
  draw (p, 5);
  for (int t = 1; t <= 3; t++) {
    draw (g, t);
    kairos_optimizer_step (optimizer, &settings, p, g, mask, pool);
  }
  for (int i = 0; i < N; i++)
    g_assert_true ((p[i] == 0) == (mask[i] == 0));
  for (gsize i = 0; i < n; i++)
    g_assert_true ((state[i] == 0) == (mask[i % N] == 0));
}

static void
test_table (void)
{
  g_autoptr (GError) error = NULL;
  guint n;
  const KairosOptimizerInfo *infos = kairos_optimizer_infos (&n);

  g_assert_cmpuint (n, ==, G_N_ELEMENTS (cases));
  for (guint i = 0; i < n; i++) {
    g_autoptr (KairosOptimizer) optimizer = kairos_optimizer_new (infos[i].name, 10, NULL);
    gsize n_state;
    kairos_optimizer_state (optimizer, &n_state);
    g_assert_cmpstr (infos[i].name, ==, cases[i].name);
    g_assert_cmpuint (n_state, ==, 10 * infos[i].n_moments);
  }
  g_assert_null (kairos_optimizer_new ("lion", 10, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING);
  g_assert_cmpstr (error->message, ==,
                   "there is no optimiser \"lion\"; there are sgd, momentum, nesterov, adam, adamw");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *formula = g_strconcat ("/optimizer/formula/", cases[i].name, NULL);
    g_autofree char *resume = g_strconcat ("/optimizer/resume/", cases[i].name, NULL);
    g_autofree char *mask = g_strconcat ("/optimizer/mask/", cases[i].name, NULL);
    g_test_add_data_func (formula, GUINT_TO_POINTER (i), test_formula);
    g_test_add_data_func (resume, GUINT_TO_POINTER (i), test_resume);
    g_test_add_data_func (mask, GUINT_TO_POINTER (i), test_mask);
  }
  g_test_add_func ("/optimizer/table", test_table);
  return g_test_run ();
}
