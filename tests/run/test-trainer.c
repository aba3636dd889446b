/* SPDX-License-Identifier: MIT */

/* The trainer: the determinism contract, saving and restoring, divergence. */
#include <math.h>
#include <string.h>

#include "fixture.h"
#include "src/run/checkpoint.h"

/* ---- Determinism ---- */

static void
assert_threads_agree (const KairosConfig *config, guint n_steps)
{
  g_autofree char *first = NULL;

  for (int threads = 1; threads <= 3; threads++) {
    g_autoptr (KairosPool) pool = kairos_pool_new (threads);
    g_autoptr (KairosTrainer) trainer = fixture_trainer (config, pool);
    fixture_steps (trainer, n_steps);
    g_autofree char *digest = fixture_digest (trainer);
    g_test_message ("%d threads: %s", threads, digest);
    if (first)
      g_assert_cmpstr (digest, ==, first);
    else
      first = g_steal_pointer (&digest);
  }
}

static void
test_threads_convolution (void)
{
  g_autoptr (KairosConfig) config = fixture_config_digits ();

  assert_threads_agree (config, 12);
}

static void
test_threads_dense (void)
{
  g_autoptr (KairosConfig) config = kairos_config_new ();

  fixture_set (config, "network", "lenet-300-100");
  fixture_set (config, "optimizer", "adam");
  fixture_set (config, "batch", "100");
  assert_threads_agree (config, 10);
}

static void
test_change_of_pool (void)
{
  g_autoptr (KairosConfig) config = fixture_config_digits ();
  g_autoptr (KairosPool) one = kairos_pool_new (1), two = kairos_pool_new (2);
  g_autoptr (KairosTrainer) straight = fixture_trainer (config, one), changed = fixture_trainer (config, one);

  fixture_steps (straight, 8);
  fixture_steps (changed, 4);
  g_assert_true (kairos_trainer_set_pool (changed, two, NULL));
  fixture_steps (changed, 4);
  g_autofree char *expected = fixture_digest (straight), *digest = fixture_digest (changed);
  g_assert_cmpstr (digest, ==, expected);
}

/* Looking changes nothing: evaluations and predictions in between leave the weights as they would be. */
static void
test_evaluation_is_neutral (void)
{
  g_autoptr (KairosConfig) config = fixture_config_digits ();
  g_autoptr (KairosPool) pool = kairos_pool_new (2);
  g_autoptr (KairosTrainer) straight = fixture_trainer (config, pool), watched = fixture_trainer (config, pool);
  float input[784] = { 0 }, probabilities[10], sum = 0;

  for (int i = 0; i < 6; i++) {
    fixture_steps (straight, 1);
    fixture_steps (watched, 1);
    KairosEvaluation evaluation = kairos_trainer_evaluate (watched, KAIROS_SPLIT_VALIDATION, NULL);
    g_assert_cmpuint (evaluation.n, >, 0);
    g_assert_true (isfinite (evaluation.loss));
    kairos_trainer_predict (watched, 1, input, probabilities);
  }
  for (int i = 0; i < 10; i++)
    sum += probabilities[i];
  g_assert_cmpfloat_with_epsilon (sum, 1, 1e-5);
  g_autofree char *expected = fixture_digest (straight), *digest = fixture_digest (watched);
  g_assert_cmpstr (digest, ==, expected);
}

/* Every training sample is trained on once an epoch, whatever the last batch's size; the order changes from epoch to
 * epoch. */
static void
test_epoch_covers_split (void)
{
  g_autoptr (KairosConfig) config = fixture_config_digits ();
  g_autoptr (KairosPool) pool = kairos_pool_new (1);
  g_autoptr (KairosTrainer) trainer = fixture_trainer (config, pool);
  KairosFacts *facts = kairos_trainer_get_facts (trainer);
  guint per_epoch = kairos_trainer_get_steps_per_epoch (trainer), n, seen = 0;

  kairos_splits_ids (kairos_trainer_get_splits (trainer), KAIROS_SPLIT_TRAIN, &n);
  g_assert_cmpuint (n, ==, 150);
  g_assert_cmpuint (per_epoch, ==, 5); /* 4 x 32 + 22 */
  fixture_steps (trainer, 2 * per_epoch);
  for (guint id = 0; id < kairos_facts_get_n (facts); id++) {
    gboolean trains = kairos_splits_get (kairos_trainer_get_splits (trainer), id) == KAIROS_SPLIT_TRAIN;
    g_assert_cmpuint (kairos_facts_get (facts, id).seen, ==, trains ? 2 : 0);
    seen += kairos_facts_get (facts, id).seen;
  }
  g_assert_cmpuint (seen, ==, 300);
}

static void
test_it_learns (void)
{
  g_autoptr (KairosConfig) config = fixture_config_points ();
  g_autoptr (KairosPool) pool = kairos_pool_new (1);
  g_autoptr (KairosTrainer) trainer = fixture_trainer (config, pool);

  fixture_steps (trainer, 4 * kairos_trainer_get_steps_per_epoch (trainer));
  g_assert_cmpfloat (kairos_trainer_evaluate (trainer, KAIROS_SPLIT_TEST, NULL).accuracy, >, 0.8);
}

static void
test_cancelled_evaluation (void)
{
  g_autoptr (KairosConfig) config = fixture_config_digits ();
  g_autoptr (KairosPool) pool = kairos_pool_new (1);
  g_autoptr (KairosTrainer) trainer = fixture_trainer (config, pool);
  const gint cancel = 1;
  KairosEvaluation evaluation = kairos_trainer_evaluate (trainer, KAIROS_SPLIT_TEST, &cancel);

  g_assert_cmpuint (evaluation.n, ==, 0);
  g_assert_true (isnan (evaluation.loss));
}

static void
test_restart (void)
{
  g_autoptr (KairosConfig) config = fixture_config_digits ();
  g_autoptr (KairosPool) pool = kairos_pool_new (1);
  g_autoptr (KairosTrainer) trainer = fixture_trainer (config, pool);
  g_autofree char *initial = fixture_digest (trainer);

  fixture_steps (trainer, 7);
  g_autofree char *seven = fixture_digest (trainer);
  kairos_trainer_restart (trainer);
  g_assert_cmpuint (kairos_trainer_get_step (trainer), ==, 0);
  g_assert_cmpuint (kairos_facts_get (kairos_trainer_get_facts (trainer), 0).seen, ==, 0);
  g_autofree char *again = fixture_digest (trainer);
  g_assert_cmpstr (again, ==, initial);
  fixture_steps (trainer, 7);
  g_autofree char *seven_again = fixture_digest (trainer);
  g_assert_cmpstr (seven_again, ==, seven);
}

/* ---- Saving and restoring ---- */

/* Everything that makes up the state, as one checksum. */
static char *
state_of (KairosTrainer *trainer)
{
  g_autoptr (GBytes) bytes = kairos_trainer_save (trainer);

  return g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
}

static void
assert_resumes (const char *optimizer)
{
  g_autoptr (KairosConfig) config = fixture_config_digits ();
  g_autoptr (KairosPool) pool = kairos_pool_new (2);

  fixture_set (config, "optimizer", optimizer);
  g_autoptr (KairosTrainer) straight = fixture_trainer (config, pool), resumed = fixture_trainer (config, pool);
  fixture_steps (straight, 6);
  g_autoptr (GBytes) checkpoint = kairos_trainer_save (straight);
  g_autoptr (GError) error = NULL;
  kairos_trainer_restore (resumed, checkpoint, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (kairos_trainer_get_step (resumed), ==, 6);
  fixture_steps (straight, 7);
  fixture_steps (resumed, 7);
  g_autofree char *expected = state_of (straight), *state = state_of (resumed);
  g_assert_cmpstr (state, ==, expected);
}

static void
test_resume (void)
{
  guint n;
  const KairosOptimizerInfo *infos = kairos_optimizer_infos (&n);

  for (guint i = 0; i < n; i++)
    assert_resumes (infos[i].name);
}

static void
test_resume_takes_settings (void)
{
  g_autoptr (KairosConfig) config = fixture_config_points ();
  g_autoptr (KairosPool) pool = kairos_pool_new (1);
  g_autoptr (KairosTrainer) changed = fixture_trainer (config, pool), resumed = fixture_trainer (config, pool);
  g_autoptr (GError) error = NULL;

  kairos_trainer_set (changed, "learning-rate", "0.5", &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) checkpoint = kairos_trainer_save (changed);
  kairos_trainer_restore (resumed, checkpoint, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (kairos_trainer_get_config (resumed)->learning_rate, ==, 0.5);
  g_assert_false (kairos_trainer_set (resumed, "batch", "7", &error));
  fixture_assert_sentence (error, KAIROS_ERROR_RANGE, "batch");
}

typedef struct {
  const char *name, *text;
} Other;

static void
test_foreign_checkpoints (void)
{
  static const Other others[] = {
    { "seed", "2" },
    { "batch", "31" },
    { "limit", "0" },
    { "optimizer", "adam" },
    { "network", "logistic" },
    { "data", "builtin:xor" },
    { "loss", "squared-error" },
  };
  g_autoptr (KairosPool) pool = kairos_pool_new (1);
  g_autoptr (KairosConfig) config = fixture_config_points ();
  g_autoptr (KairosTrainer) trainer = fixture_trainer (config, pool);

  fixture_steps (trainer, 3);
  g_autofree char *before = state_of (trainer);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    g_autoptr (KairosConfig) other = kairos_config_copy (config);
    fixture_set (other, "limit", "40");
    fixture_set (other, others[i].name, others[i].text);
    if (g_str_equal (others[i].name, "limit"))
      fixture_set (other, "limit", "41");
    else
      fixture_set (other, "limit", "0");
    g_autoptr (KairosTrainer) stranger = fixture_trainer (other, pool);
    g_autoptr (GBytes) checkpoint = kairos_trainer_save (stranger);
    g_autoptr (GError) error = NULL;
    g_assert_false (kairos_trainer_restore (trainer, checkpoint, &error));
    fixture_assert_sentence (error, KAIROS_ERROR_CHANGED, "another");
    g_autofree char *after = state_of (trainer);
    g_assert_cmpstr (after, ==, before);
  }
}

/* A checkpoint with changed bytes; sign gives it a valid checksum again, so that what lies behind the checksum is
 * reached too. */
static GBytes *
mutate (GBytes *checkpoint, gboolean sign)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (checkpoint, &size);
  gsize length = g_test_rand_bit () ? size : (gsize) g_test_rand_int_range (0, size);
  guint8 *bytes = g_memdup2 (data, size);
  int n = g_test_rand_int_range (1, 4);

  for (int i = 0; i < n; i++) /* headers of sections are where it matters */
    bytes[g_test_rand_bit () ? g_test_rand_int_range (0, MIN (size, 900)) : g_test_rand_int_range (0, size)] ^=
        1 << g_test_rand_int_range (0, 8);
  if (sign && length > 64) {
    g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
    gsize n_digest = 32;
    g_checksum_update (sum, bytes, length - 32);
    g_checksum_get_digest (sum, bytes + length - 32, &n_digest);
  }
  return g_bytes_new_take (bytes, length);
}

static void
test_damaged_checkpoints (void)
{
  g_autoptr (KairosConfig) config = fixture_config_points ();
  g_autoptr (KairosPool) pool = kairos_pool_new (1);
  g_autoptr (KairosTrainer) trainer = fixture_trainer (config, pool);
  guint refused = 0;

  fixture_steps (trainer, 3);
  g_autoptr (GBytes) whole = kairos_trainer_save (trainer);
  fixture_steps (trainer, 2);
  g_autofree char *before = state_of (trainer);
  for (int i = 0; i < 600; i++) {
    gboolean sign = i % 2;
    g_autoptr (GBytes) damaged = mutate (whole, sign);
    g_autoptr (GError) error = NULL;
    gboolean ok = kairos_trainer_restore (trainer, damaged, &error);
    g_assert_true (ok == (!error));
    g_assert_true (sign || !ok); /* an unsigned change is always seen */
    if (ok) {                    /* it only changed numbers: back to where we were */
      g_autoptr (KairosTrainer) fresh = fixture_trainer (config, pool);
      kairos_trainer_free (trainer);
      trainer = g_steal_pointer (&fresh);
      fixture_steps (trainer, 5);
      continue;
    }
    refused++;
    g_autofree char *after = state_of (trainer);
    g_assert_cmpstr (after, ==, before);
  }
  g_test_message ("%u of 600 refused", refused);
}

/* ---- Divergence ---- */

static void
assert_diverges_cleanly (const char *network, const char *optimizer, const char *rate)
{
  g_autoptr (KairosConfig) config = fixture_config_digits ();
  g_autoptr (KairosPool) pool = kairos_pool_new (2);
  g_autoptr (GError) error = NULL;
  KairosStepRecord record;
  g_autofree char *before = NULL;

  fixture_set (config, "network", network);
  fixture_set (config, "optimizer", optimizer);
  fixture_set (config, "learning-rate", rate);
  fixture_set (config, "weight-decay", "1");
  fixture_set (config, "schedule", "constant");
  g_autoptr (KairosTrainer) trainer = fixture_trainer (config, pool);
  for (int i = 0; i < 400 && !error; i++) {
    g_free (before);
    before = state_of (trainer);
    kairos_trainer_step (trainer, &record, &error);
  }
  fixture_assert_sentence (error, KAIROS_ERROR_DIVERGED, "epoch");
  g_autofree char *after = state_of (trainer);
  g_assert_cmpstr (after, ==, before);

  gsize n;
  const float *parameters = kairos_network_parameters (kairos_trainer_get_network (trainer), &n);
  for (gsize i = 0; i < n; i++)
    g_assert_true (isfinite (parameters[i]));
}

static void
test_diverge (void)
{
  assert_diverges_cleanly ("lenet-300-100", "momentum", "1000");
  assert_diverges_cleanly ("logistic", "sgd", "1000");
  assert_diverges_cleanly (FIXTURE_NETWORK, "nesterov", "1000");
}

/* ---- What cannot be trained ---- */

static void
test_refused (void)
{
  g_autoptr (KairosConfig) config = fixture_config_points ();
  g_autoptr (KairosPool) pool = kairos_pool_new (1);
  KairosDataset *dataset = fixture_dataset (config);
  g_autoptr (KairosSplits) splits = kairos_splits_new (dataset, 1, 0);
  g_autoptr (KairosFacts) facts = kairos_facts_new (kairos_dataset_get_n_samples (dataset));
  g_autoptr (GError) error = NULL;

  fixture_set (config, "network", "lenet-5");
  g_assert_null (kairos_trainer_new (config, dataset, splits, facts, pool, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  fixture_set (config, "network", "mlp-2000000-2000000");
  fixture_set (config, "batch", "4096");
  g_assert_null (kairos_trainer_new (config, dataset, splits, facts, pool, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trainer/threads/convolution", test_threads_convolution);
  g_test_add_func ("/trainer/threads/dense", test_threads_dense);
  g_test_add_func ("/trainer/change-of-pool", test_change_of_pool);
  g_test_add_func ("/trainer/evaluation-is-neutral", test_evaluation_is_neutral);
  g_test_add_func ("/trainer/epoch-covers-split", test_epoch_covers_split);
  g_test_add_func ("/trainer/it-learns", test_it_learns);
  g_test_add_func ("/trainer/cancelled-evaluation", test_cancelled_evaluation);
  g_test_add_func ("/trainer/restart", test_restart);
  g_test_add_func ("/trainer/resume", test_resume);
  g_test_add_func ("/trainer/resume-takes-settings", test_resume_takes_settings);
  g_test_add_func ("/trainer/foreign-checkpoints", test_foreign_checkpoints);
  g_test_add_func ("/trainer/damaged-checkpoints", test_damaged_checkpoints);
  g_test_add_func ("/trainer/diverge", test_diverge);
  g_test_add_func ("/trainer/refused", test_refused);
  return g_test_run ();
}
