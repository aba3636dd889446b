/* SPDX-License-Identifier: MIT */

/* Runs on a session file: however they are cut off, killed, rewound or kept from writing, they arrive at the weights of
 * a run straight through. */
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "src/run/session-private.h"

typedef struct {
  char *folder, *path, *straight;
  KairosConfig *config;
  KairosPool *pool;
  KairosSession *session;
  KairosRunner *runner;
} Fixture;

static void
open_runner (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->session = kairos_session_open (fixture->path, &error);
  g_assert_no_error (error);
  fixture->runner =
      kairos_runner_new (fixture->session, 0, fixture_dataset (fixture->config), NULL, fixture->pool, &error);
  g_assert_no_error (error);
}

static void
close_runner (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  kairos_runner_close (g_steal_pointer (&fixture->runner), &error);
  g_assert_no_error (error);
  g_clear_pointer (&fixture->session, kairos_session_close);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = fixture_folder_new ();
  fixture->config = fixture_config_digits ();
  fixture->path = fixture_session (fixture->folder, "a", fixture->config);
  fixture->straight = fixture_straight (fixture->config);
  fixture->pool = kairos_pool_new (2);
  open_runner (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  kairos_runner_free (fixture->runner);
  kairos_session_close (fixture->session);
  kairos_pool_free (fixture->pool);
  kairos_config_free (fixture->config);
  g_free (fixture->straight);
  g_free (fixture->path);
  fixture_folder_free (fixture->folder);
}

static guint64
steps_done (Fixture *fixture)
{
  return kairos_trainer_get_step (kairos_runner_get_trainer (fixture->runner));
}

static void
train (Fixture *fixture, guint64 until)
{
  while (!kairos_runner_is_finished (fixture->runner) && steps_done (fixture) < until) {
    g_autoptr (GError) error = NULL;
    kairos_runner_step (fixture->runner, NULL, &error);
    g_assert_no_error (error);
  }
}

static void
assert_arrives (Fixture *fixture)
{
  train (fixture, G_MAXUINT64);
  g_autofree char *digest = fixture_digest (kairos_runner_get_trainer (fixture->runner));
  g_assert_cmpstr (digest, ==, fixture->straight);
}

/* What the file says about a finished run of 3 epochs of 5 steps. */
static void
assert_complete (Fixture *fixture)
{
  g_autoptr (GArray) steps = fixture_run_steps (fixture->session, kairos_session_get_current (fixture->session, NULL));
  g_autoptr (GArray) epochs = fixture_epochs (fixture->session, kairos_session_get_current (fixture->session, NULL));

  g_assert_cmpuint (steps->len, ==, 15);
  for (guint i = 0; i < 15; i++)
    g_assert_cmpuint (g_array_index (steps, KairosStepRecord, i).step, ==, i + 1);
  g_assert_cmpuint (epochs->len, ==, 3);
  for (guint i = 0; i < 3; i++) {
    const KairosEpochRecord *record = &g_array_index (epochs, KairosEpochRecord, i);
    double loss = 0, n = 0;
    for (guint k = 5 * i; k < 5 * i + 5; k++) {
      const KairosStepRecord *step = &g_array_index (steps, KairosStepRecord, k);
      loss += (double) step->loss * step->n;
      n += step->n;
    }
    g_assert_cmpuint (record->step, ==, 5 * (i + 1));
    g_assert_cmpfloat (record->epoch, ==, i + 1);
    g_assert_cmpfloat_with_epsilon (record->train_loss, loss / n, 1e-6);
    g_assert_true (isfinite (record->val_loss) && record->val_accuracy >= 0 && record->val_accuracy <= 1);
  }
}

static void
test_straight (Fixture *fixture, gconstpointer data)
{
  KairosEvaluation test;
  g_autofree char *digest = NULL;

  assert_arrives (fixture);
  assert_complete (fixture);
  g_assert_true (kairos_runner_finish (fixture->runner, NULL, &test, &digest, NULL));
  g_assert_cmpstr (digest, ==, fixture->straight);
  g_assert_cmpuint (test.n, >, 100);
  g_autoptr (GPtrArray) runs = kairos_session_get_runs (fixture->session, NULL);
  const KairosRunInfo *info = runs->pdata[0];
  g_assert_cmpstr (info->weights, ==, digest);
  g_assert_cmpint (info->state, ==, KAIROS_RUN_FINISHED);
  g_assert_cmpfloat_with_epsilon (info->test_accuracy, test.accuracy, 1e-6);
  g_assert_true (info->step == 15 && info->epoch == 3 && info->best_val_accuracy >= info->val_accuracy);
}

/* Closed and opened again after every step. */
static void
test_reopen (Fixture *fixture, gconstpointer data)
{
  for (guint64 step = 1; step <= 15; step++) {
    train (fixture, step);
    g_assert_cmpuint (steps_done (fixture), ==, step);
    close_runner (fixture);
    open_runner (fixture);
    g_assert_cmpuint (steps_done (fixture), ==, step);
  }
  assert_arrives (fixture);
  assert_complete (fixture);
}

/* A cut-off evaluation is made up for, also by the next process. */
static void
test_cut_off_evaluation (Fixture *fixture, gconstpointer data)
{
  const gint cancel = 1;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 5; i++)
    g_assert_true (kairos_runner_step (fixture->runner, &cancel, &error));
  for (int i = 0; i < 3; i++) /* no training beyond the end of the epoch before it was evaluated */
    g_assert_true (kairos_runner_step (fixture->runner, &cancel, &error));
  g_assert_cmpuint (steps_done (fixture), ==, 5);
  g_autoptr (GArray) none = fixture_epochs (fixture->session, 1);
  g_assert_cmpuint (none->len, ==, 0);
  close_runner (fixture);
  open_runner (fixture);
  assert_arrives (fixture);
  assert_complete (fixture);
  guint n;
  g_free (kairos_facts_history (kairos_trainer_get_facts (kairos_runner_get_trainer (fixture->runner)), 0, &n));
  g_assert_cmpuint (n, ==, 3);
}

static void
test_cut_off_at_the_end (Fixture *fixture, gconstpointer data)
{
  const gint cancel = 1;

  train (fixture, 14);
  g_assert_true (kairos_runner_step (fixture->runner, &cancel, NULL));
  g_assert_false (kairos_runner_is_finished (fixture->runner));
  g_assert_true (kairos_runner_step (fixture->runner, NULL, NULL));
  g_assert_true (kairos_runner_is_finished (fixture->runner));
  g_assert_cmpuint (steps_done (fixture), ==, 15);
  assert_complete (fixture);
}

/* While the disk is full nothing is lost; training goes on when there is space again. */
static void
test_full_disk (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  train (fixture, 4);
  sqlite3_exec (fixture->session->db, "PRAGMA max_page_count = 2", NULL, NULL, NULL);
  for (int i = 0; i < 3; i++) {
    g_assert_false (kairos_runner_step (fixture->runner, NULL, &error));
    fixture_assert_sentence (error, KAIROS_ERROR_IO, "full");
    g_clear_error (&error);
    g_assert_cmpuint (steps_done (fixture), ==, 5);
  }
  sqlite3_exec (fixture->session->db, "PRAGMA max_page_count = 100000", NULL, NULL, NULL);
  assert_arrives (fixture);
  assert_complete (fixture);
}

/* ---- Going back ---- */

static gint64
checkpoint_at (Fixture *fixture, guint64 step)
{
  g_autoptr (GArray) list = fixture_checkpoints (fixture->session, 1);

  for (guint i = 0; i < list->len; i++)
    if (g_array_index (list, KairosCheckpointInfo, i).step == step)
      return g_array_index (list, KairosCheckpointInfo, i).id;
  return 0;
}

static void
test_restore (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  train (fixture, 7);
  g_assert_true (kairos_runner_checkpoint (fixture->runner, &error));
  train (fixture, 13);
  g_assert_true (kairos_runner_set (fixture->runner, "learning-rate", "0.5", &error));
  train (fixture, 14);
  kairos_runner_restore (fixture->runner, checkpoint_at (fixture, 7), &error); /* takes the rate back too */
  g_assert_no_error (error);
  g_assert_cmpuint (steps_done (fixture), ==, 7);
  assert_arrives (fixture);
  assert_complete (fixture);
  g_assert_false (kairos_runner_restore (fixture->runner, 999, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_MISSING, "999");
}

static void
test_restart (Fixture *fixture, gconstpointer data)
{
  train (fixture, 7);
  g_assert_cmpint (kairos_runner_restart (fixture->runner, NULL), ==, 2);
  g_assert_cmpint (kairos_session_get_current (fixture->session, NULL), ==, 2);
  g_assert_cmpuint (steps_done (fixture), ==, 7); /* the old run stays where it is */
  close_runner (fixture);
  open_runner (fixture);
  g_assert_cmpuint (steps_done (fixture), ==, 0);
  g_autoptr (GArray) first = fixture_run_steps (fixture->session, 1), kept = fixture_checkpoints (fixture->session, 1);
  g_assert_cmpuint (first->len, ==, 7);
  g_assert_true (g_array_index (kept, KairosCheckpointInfo, kept->len - 1).pinned);
  assert_arrives (fixture);
  assert_complete (fixture);
}

static void
test_settings_are_kept (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  train (fixture, 6);
  g_assert_true (kairos_runner_set (fixture->runner, "epochs", "4", &error));
  g_assert_false (kairos_runner_set (fixture->runner, "seed", "4", &error));
  fixture_assert_sentence (error, KAIROS_ERROR_RANGE, "seed");
  close_runner (fixture);
  open_runner (fixture);
  train (fixture, G_MAXUINT64);
  g_assert_cmpuint (steps_done (fixture), ==, 20);
}

static void
test_locked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) second = kairos_session_open (fixture->path, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (kairos_runner_new (second, 0, fixture_dataset (fixture->config), NULL, fixture->pool, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_IO, "trained already");
}

/* ---- Killed ---- */

/* A child process trains the session until it is killed or done. */
static pid_t
spawn_training (Fixture *fixture)
{
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child != 0)
    return child;
  KairosPool *pool = kairos_pool_new (2);
  KairosSession *session = kairos_session_open (fixture->path, NULL);
  KairosRunner *runner =
      session ? kairos_runner_new (session, 0, fixture_dataset (fixture->config), NULL, pool, NULL) : NULL;
  while (runner && !kairos_runner_is_finished (runner))
    if (!kairos_runner_step (runner, NULL, NULL))
      _exit (2);
  _exit (runner && kairos_runner_close (runner, NULL) ? 0 : 3);
}

static void
test_kill (Fixture *fixture, gconstpointer data)
{
  guint kills = 0;
  int status = -1;

  kairos_runner_free (g_steal_pointer (&fixture->runner));
  g_clear_pointer (&fixture->session, kairos_session_close);
  g_clear_pointer (&fixture->pool, kairos_pool_free); /* a process with threads should not fork */
  fixture_set (fixture->config, "epochs", "40");
  g_remove (fixture->path);
  g_free (fixture->path);
  fixture->path = fixture_session (fixture->folder, "b", fixture->config);
  g_free (fixture->straight);
  fixture->straight = fixture_straight (fixture->config);

  for (int i = 0; i < 12 && !(WIFEXITED (status) && WEXITSTATUS (status) == 0); i++) {
    pid_t child = spawn_training (fixture);
    g_usleep (g_test_rand_int_range (20000, 250000));
    kill (child, SIGKILL);
    g_assert_cmpint (waitpid (child, &status, 0), ==, child);
    g_assert_true (WIFSIGNALED (status) || WEXITSTATUS (status) == 0);
    kills += WIFSIGNALED (status);
  }
  fixture->pool = kairos_pool_new (2);
  open_runner (fixture);
  g_test_message ("killed %u times; stands at step %u", kills, (guint) steps_done (fixture));
  assert_arrives (fixture);
  g_autoptr (GArray) steps = fixture_run_steps (fixture->session, 1), epochs = fixture_epochs (fixture->session, 1);
  g_assert_cmpuint (steps->len, ==, 200);
  g_assert_cmpuint (epochs->len, ==, 40);
}

#define ADD(name, func) g_test_add ("/runner/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("straight", test_straight);
  ADD ("reopen", test_reopen);
  ADD ("cut-off-evaluation", test_cut_off_evaluation);
  ADD ("cut-off-at-the-end", test_cut_off_at_the_end);
  ADD ("full-disk", test_full_disk);
  ADD ("restore", test_restore);
  ADD ("restart", test_restart);
  ADD ("settings-are-kept", test_settings_are_kept);
  ADD ("locked", test_locked);
  ADD ("kill", test_kill);
  return g_test_run ();
}
