/* SPDX-License-Identifier: MIT */

/* Hyper-parameters: the table, its JSON and text forms, its checks; schedules at their end points. */
#include <math.h>

#include "fixture.h"

static void
test_defaults (void)
{
  g_autoptr (KairosConfig) config = kairos_config_new ();
  guint n;
  const KairosParam *params = kairos_config_params (&n);

  g_assert_cmpstr (config->data, ==, "builtin:digits");
  g_assert_cmpstr (config->network, ==, "small-cnn-16");
  g_assert_cmpint (config->batch, ==, 64);
  g_assert_cmpuint (config->seed, ==, 1);
  g_assert_cmpstr (config->schedule, ==, "cosine");
  for (guint i = 0; i < n; i++) {
    g_autofree char *text = kairos_config_get (config, params[i].name);
    g_assert_nonnull (text);
    g_assert_cmpuint (strlen (params[i].help), >, 10);
  }
}

/* Every member changed to something valid survives JSON, text and copying. */
static void
test_round_trip (void)
{
  g_autoptr (KairosConfig) config = kairos_config_new ();
  guint n;
  const KairosParam *params = kairos_config_params (&n);

  for (guint i = 0; i < n; i++) {
    g_autofree char *text = NULL;
    if (params[i].type == KAIROS_PARAM_CHOICE)
      text = g_strdup (strrchr (params[i].choices, '|') + 1);
    else if (g_str_equal (params[i].name, "probes"))
      text = g_strdup ("weights, fisher");
    else if (params[i].type == KAIROS_PARAM_TEXT)
      text = g_strdup ("[\"\\ \303\244\"]");
    else if (params[i].type == KAIROS_PARAM_INT)
      text = g_strdup_printf ("%d", (int) params[i].min + 7);
    else
      text = g_strdup ("0.30000000000000004");
    fixture_set (config, params[i].name, text);
    g_autofree char *back = kairos_config_get (config, params[i].name);
    g_assert_cmpstr (back, ==, text);
  }
  g_autoptr (KairosConfig) copy = kairos_config_copy (config);
  g_autofree char *text = kairos_config_to_text (copy);
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosConfig) back = kairos_config_from_text (text, -1, &error);
  g_assert_no_error (error);
  g_autofree char *again = kairos_config_to_text (back);
  g_assert_cmpstr (text, ==, again);
}

static void
test_missing_members_are_defaults (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosConfig) config = kairos_config_from_text ("{\"batch\": 5}", -1, &error);

  g_assert_no_error (error);
  g_assert_cmpint (config->batch, ==, 5);
  g_assert_cmpint (config->epochs, ==, 10);
}

typedef struct {
  const char *name, *text;
  KairosError code;
} Refused;

static void
test_refused (void)
{
  static const Refused cases[] = {
    { "batch", "0", KAIROS_ERROR_RANGE },
    { "batch", "4097", KAIROS_ERROR_RANGE },
    { "batch", "1.5", KAIROS_ERROR_RANGE },
    { "batch", "many", KAIROS_ERROR_RANGE },
    { "batch", "", KAIROS_ERROR_RANGE },
    { "batch", "64 ", KAIROS_ERROR_RANGE },
    { "learning-rate", "nan", KAIROS_ERROR_RANGE },
    { "learning-rate", "-1", KAIROS_ERROR_RANGE },
    { "learning-rate", "inf", KAIROS_ERROR_RANGE },
    { "optimizer", "magic", KAIROS_ERROR_RANGE },
    { "schedule", "", KAIROS_ERROR_RANGE },
    { "data", "", KAIROS_ERROR_RANGE },
    { "seed", "2147483648", KAIROS_ERROR_RANGE },
    { "speed", "3", KAIROS_ERROR_MISSING },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (KairosConfig) config = kairos_config_new ();
    g_autofree char *before = kairos_config_to_text (config);
    g_autoptr (GError) error = NULL;
    g_assert_false (kairos_config_set (config, cases[i].name, cases[i].text, &error));
    fixture_assert_sentence (error, cases[i].code, cases[i].name);
    g_autofree char *after = kairos_config_to_text (config);
    g_assert_cmpstr (before, ==, after);
  }
}

static void
test_refused_json (void)
{
  static const char *const texts[] = {
    "{\"bach\": 5}", "{\"batch\": \"5\"}", "{\"batch\": 1e9}", "{\"network\": 3}", "[]", "", "{", "null"
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (KairosConfig) config = kairos_config_from_text (texts[i], -1, &error);
    g_assert_null (config);
    g_assert_nonnull (error);
  }
}

/* The optimiser's own rate stands in for 0. */
static void
test_own_rate (void)
{
  g_autoptr (KairosConfig) config = kairos_config_new ();
  guint n;
  const KairosOptimizerInfo *infos = kairos_optimizer_infos (&n);

  fixture_set (config, "warm-up", "0");
  for (guint i = 0; i < n; i++) {
    fixture_set (config, "optimizer", infos[i].name);
    g_assert_cmpfloat_with_epsilon (kairos_config_regime (config, 0, 0).optimizer.learning_rate, infos[i].learning_rate,
                                    1e-7);
  }
  fixture_set (config, "learning-rate", "0.25");
  g_assert_cmpfloat_with_epsilon (kairos_config_regime (config, 0, 0).optimizer.learning_rate, 0.25, 1e-7);
}

static void
test_regime (void)
{
  g_autoptr (KairosConfig) config = kairos_config_new ();

  fixture_set (config, "loss", "squared-error");
  fixture_set (config, "momentum", "0.5");
  fixture_set (config, "weight-decay", "0.25");
  fixture_set (config, "label-smoothing", "0.125");
  KairosRegime regime = kairos_config_regime (config, 0, 0);
  g_assert_cmpint (regime.loss, ==, KAIROS_LOSS_SQUARED_ERROR);
  g_assert_cmpfloat (regime.optimizer.momentum, ==, 0.5f);
  g_assert_cmpfloat (regime.optimizer.beta1, ==, 0.5f);
  g_assert_cmpfloat (regime.optimizer.weight_decay, ==, 0.25f);
  g_assert_cmpfloat (regime.label_smoothing, ==, 0.125f);
}

typedef struct {
  const char *kind;
  double warm_up, epoch, rate;
} Point;

static void
test_schedules (void)
{
  static const Point points[] = {
    { "constant", 0, 0, 2 },      { "constant", 0, 1e6, 2 },
    { "step", 0, 0, 2 },          { "step", 0, 2.999, 2 },
    { "step", 0, 3, 1 },          { "step", 0, 6, 0.5 },
    { "exponential", 0, 0, 2 },   { "exponential", 0, 1, 1 },
    { "exponential", 0, 2, 0.5 }, { "exponential", 0, 0.5, 2 * 0.70710678118654752 },
    { "cosine", 0, 0, 2 },        { "cosine", 0, 5, 1 },
    { "cosine", 0, 10, 0 },       { "cosine", 0, 11, 0 },
    { "constant", 4, 0, 0 },      { "constant", 4, 1, 0.5 },
    { "constant", 4, 4, 2 },      { "constant", 4, 5, 2 },
    { "cosine", 4, 2, 1 },        { "cosine", 4, 4, 2 },
    { "cosine", 4, 7, 1 },        { "cosine", 4, 10, 0 },
    { "cosine", 20, 10, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (points); i++) {
    const KairosSchedule schedule = {
      .kind = points[i].kind, .rate = 2, .warm_up = points[i].warm_up, .every = 3, .factor = 0.5, .epochs = 10
    };
    double rate = kairos_schedule_rate (&schedule, points[i].epoch);
    if (fabs (rate - points[i].rate) > 1e-12)
      g_error ("%s, warm-up %g, epoch %g: %g instead of %g", points[i].kind, points[i].warm_up, points[i].epoch, rate,
               points[i].rate);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/defaults", test_defaults);
  g_test_add_func ("/config/round-trip", test_round_trip);
  g_test_add_func ("/config/missing-members-are-defaults", test_missing_members_are_defaults);
  g_test_add_func ("/config/refused", test_refused);
  g_test_add_func ("/config/refused-json", test_refused_json);
  g_test_add_func ("/config/own-rate", test_own_rate);
  g_test_add_func ("/config/regime", test_regime);
  g_test_add_func ("/schedule/points", test_schedules);
  return g_test_run ();
}
