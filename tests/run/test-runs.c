/* SPDX-License-Identifier: MIT */

/* The runs of a session: what a branch has from its parent, whatever becomes of that; names; a file of version 1. */
#define _GNU_SOURCE /* setresuid */

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "kairos/replay.h"
#include "src/run/session-private.h"

typedef struct {
  char *folder, *path;
  KairosConfig *config;
  KairosPool *pool;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = fixture_folder_new ();
  fixture->config = fixture_config_points ();
  fixture_set (fixture->config, "epochs", "4");
  fixture->path = fixture_session (fixture->folder, "a", fixture->config);
  fixture->pool = kairos_pool_new (1);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->pool, kairos_pool_free);
  kairos_config_free (fixture->config);
  g_free (fixture->path);
  fixture_folder_free (fixture->folder);
}

/* Trains a run to an epoch; 0: to its end.  Returns the digest of its weights. */
static char *
train (Fixture *fixture, KairosSession *session, gint64 run, double epoch)
{
  g_autoptr (GError) error = NULL;
  KairosRunner *runner =
      kairos_runner_new (session, run, fixture_dataset (fixture->config), NULL, fixture->pool, &error);

  g_assert_no_error (error);
  KairosTrainer *trainer = kairos_runner_get_trainer (runner);
  while (!kairos_runner_is_finished (runner) && (epoch == 0 || kairos_trainer_get_epoch (trainer) < epoch)) {
    kairos_runner_step (runner, NULL, &error);
    g_assert_no_error (error);
  }
  char *digest = kairos_network_digest (kairos_trainer_get_network (trainer));
  g_assert_true (kairos_runner_close (runner, NULL));
  return digest;
}

static gint64
branch (Fixture *fixture, KairosSession *session, gint64 run, double at)
{
  g_autoptr (KairosRunner) runner =
      kairos_runner_new (session, run, fixture_dataset (fixture->config), NULL, fixture->pool, NULL);
  g_autoptr (GError) error = NULL;
  gint64 id =
      kairos_runner_branch (runner, kairos_trainer_get_timeline (kairos_runner_get_trainer (runner)), at, &error);

  g_assert_no_error (error);
  return id;
}

static void
assert_replays (Fixture *fixture, KairosSession *session, gint64 run, const char *digest)
{
  g_autoptr (KairosRunLog) log = fixture_log (session, run);
  g_autoptr (GError) error = NULL;
  KairosReplay replay;

  kairos_replay (log, fixture_dataset (fixture->config), fixture->pool, NULL, NULL, NULL, &replay, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (replay.weights, ==, digest);
  g_assert_cmpstr (replay.recorded, ==, digest);
  g_free (replay.weights);
  g_free (replay.recorded);
}

/* A run is whole: each step of its way is there once, each epoch, and the loss of every sample at each epoch's end. */
static void
assert_whole (Fixture *fixture, KairosSession *session, gint64 run, guint epochs)
{
  g_autoptr (GArray) steps = fixture_run_steps (session, run), ends = fixture_epochs (session, run);
  g_autoptr (KairosRunner) runner =
      kairos_runner_new (session, run, fixture_dataset (fixture->config), NULL, fixture->pool, NULL);
  guint per_epoch = kairos_trainer_get_steps_per_epoch (kairos_runner_get_trainer (runner)), n;

  g_assert_cmpuint (steps->len, ==, epochs * per_epoch);
  for (guint i = 0; i < steps->len; i++)
    g_assert_cmpuint (g_array_index (steps, KairosStepRecord, i).step, ==, i + 1);
  g_assert_cmpuint (ends->len, ==, epochs);
  const guint32 *train_ids =
      kairos_splits_ids (kairos_trainer_get_splits (kairos_runner_get_trainer (runner)), KAIROS_SPLIT_TRAIN, &n);
  g_autofree float *history =
      kairos_facts_history (kairos_trainer_get_facts (kairos_runner_get_trainer (runner)), train_ids[0], &n);
  g_assert_cmpuint (n, ==, epochs);
  for (guint i = 0; i < n; i++)
    g_assert_true (isfinite (history[i]));
}

/* Four runs, two of them branches of the first and one of a branch: whichever goes back or goes away, the others are
 * what they were, to the bit. */
static void
test_family (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = fixture_open (fixture->path);
  g_autoptr (GError) error = NULL;
  g_autofree char *first = train (fixture, session, 1, 0);
  g_assert_cmpint (branch (fixture, session, 1, 2), ==, 2);
  g_assert_cmpint (branch (fixture, session, 1, 3), ==, 3);
  g_autofree char *third = train (fixture, session, 3, 0);
  g_assert_cmpint (branch (fixture, session, 3, 3.5), ==, 4);
  g_autofree char *second = train (fixture, session, 2, 0), *fourth = train (fixture, session, 4, 0);

  for (gint64 run = 1; run <= 4; run++)
    assert_whole (fixture, session, run, 4);
  /* The first goes back before both forks, and its branches keep what they had from it. */
  KairosRunner *runner = kairos_runner_new (session, 1, fixture_dataset (fixture->config), NULL, fixture->pool, NULL);
  g_autoptr (KairosRunLog) log = fixture_log (session, 1);
  KairosCheckpointInfo info;
  g_assert_cmpint (kairos_run_log_find_checkpoint (log, 2.5, &info, &error), ==, KAIROS_READ_FOUND);
  g_assert_true (kairos_runner_restore (runner, info.id, &error));
  g_assert_true (kairos_runner_set (runner, "learning-rate", "0.001", &error));
  g_assert_true (kairos_runner_close (runner, NULL));
  g_autofree char *other = train (fixture, session, 1, 0);
  g_assert_cmpstr (other, !=, first);
  for (gint64 run = 1; run <= 4; run++)
    assert_whole (fixture, session, run, 4);
  assert_replays (fixture, session, 1, other);
  assert_replays (fixture, session, 2, second);
  assert_replays (fixture, session, 3, third);
  assert_replays (fixture, session, 4, fourth);
  /* And is deleted for good; then a branch that has a branch. */
  g_assert_true (kairos_session_delete_run (session, 1, TRUE, &error));
  g_assert_true (kairos_session_delete_run (session, 3, TRUE, &error));
  g_assert_true (kairos_session_delete_run (session, 3, FALSE, &error));
  g_assert_true (kairos_session_purge_runs (session, &error));
  g_autoptr (GPtrArray) runs = kairos_session_get_runs (session, &error);
  g_assert_cmpuint (runs->len, ==, 3);
  for (gint64 run = 2; run <= 4; run++)
    assert_whole (fixture, session, run, 4);
  g_assert_true (kairos_session_delete_run (session, 3, TRUE, &error) && kairos_session_purge_runs (session, &error));
  assert_whole (fixture, session, 2, 4);
  assert_whole (fixture, session, 4, 4);
  assert_replays (fixture, session, 2, second);
  assert_replays (fixture, session, 4, fourth);
  g_assert_true (kairos_session_delete_run (session, 2, TRUE, &error));
  g_assert_false (kairos_session_delete_run (session, 4, TRUE, &error)); /* the last */
  fixture_assert_sentence (error, KAIROS_ERROR_RANGE, "no other run");
  g_assert_cmpint (kairos_session_get_current (session, NULL), ==, 4);
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = fixture_open (fixture->path);
  static const char *const bad[] = { "", "two\nlines", "\xff" };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_assert_false (kairos_session_rename_run (session, 1, bad[i], &error));
    fixture_assert_sentence (error, KAIROS_ERROR_RANGE, "name");
    g_clear_error (&error);
  }
  g_assert_false (kairos_session_rename_run (session, 7, "seven", &error));
  fixture_assert_sentence (error, KAIROS_ERROR_MISSING, "no run 7");
  g_clear_error (&error);
  g_assert_true (kairos_session_rename_run (session, 1, "früh geblurrt", &error));
  g_assert_true (kairos_session_hide_run (session, 1, TRUE, &error));
  g_autoptr (GPtrArray) runs = kairos_session_get_runs (session, &error);
  const KairosRunInfo *info = runs->pdata[0];
  g_assert_cmpstr (info->name, ==, "früh geblurrt");
  g_assert_cmpint (info->state, ==, KAIROS_RUN_HIDDEN);
}

/* ---- Version 1 ---- */

static void
copy_file (const char *from, const char *to)
{
  g_autofree char *content = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (from, &content, &length, NULL));
  g_assert_true (g_file_set_contents (to, content, length, NULL));
}

/* One run of it as it was: its records, its plan, the weights of its newest checkpoint. */
static void
assert_kept (Fixture *fixture, KairosSession *session, KairosDataset *dataset, const KairosRunInfo *info,
             const char *digest, guint epochs)
{
  g_autoptr (KairosRunLog) log = fixture_log (session, info->id);
  g_autoptr (GArray) steps = fixture_run_steps (session, info->id), ends = fixture_epochs (session, info->id);
  g_autoptr (GBytes) newest = fixture_newest (session, info->id);
  g_autoptr (KairosSplits) splits = kairos_splits_new (dataset, 7, 0);
  g_autoptr (KairosFacts) facts = kairos_facts_new (kairos_dataset_get_n_samples (dataset));
  g_autoptr (KairosTrainer) trainer =
      kairos_trainer_new (kairos_run_log_get_config (log), dataset, splits, facts, fixture->pool, NULL);

  g_assert_true (kairos_trainer_set_timeline (trainer, kairos_run_log_get_timeline (log), NULL));
  g_assert_true (kairos_trainer_restore (trainer, newest, NULL));
  g_autofree char *weights = kairos_network_digest (kairos_trainer_get_network (trainer));
  g_assert_cmpstr (weights, ==, digest);
  g_assert_cmpstr (info->weights, ==, digest);
  g_assert_cmpint (info->state, ==, KAIROS_RUN_FINISHED);
  g_assert_cmpuint (ends->len, ==, epochs);
  g_assert_cmpuint (steps->len, ==, 9 * epochs);
  g_assert_cmpint (kairos_run_log_get_config (log)->epochs, ==, epochs);
}

/* A file of version 1 with a run and a branch of it: both have their records, plans and digests, and train on. */
static void
test_version_1 (Fixture *fixture, gconstpointer data)
{
  static const char *const digests[] = { "e174f0ce8a0aeaf3b1ce9cdd9ebc3ea16b7c566e3629a9846ef49980a224926e",
                                         "87af5dec9c07df8ef9d9ef53cebf87932966d6e67842d7f3a6d4d8f77f2b54cb" };
  g_autofree char *old = g_test_build_filename (G_TEST_DIST, "run", "data", "version-1.kairos", NULL);
  g_autofree char *table = g_test_build_filename (G_TEST_DIST, "run", "data", "points.csv", NULL);
  g_autofree char *path = g_build_filename (fixture->folder, "old.kairos", NULL);
  g_autofree char *beside = g_build_filename (fixture->folder, "points.csv", NULL);
  g_autoptr (GError) error = NULL;

  copy_file (old, path);
  copy_file (table, beside);
  g_autoptr (KairosSession) session = kairos_session_open (path, &error);
  g_assert_no_error (error);
  g_autoptr (KairosDataset) dataset = kairos_session_open_dataset (session, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) runs = kairos_session_get_runs (session, &error);
  g_assert_cmpuint (runs->len, ==, 2);
  const KairosRunInfo *branched = runs->pdata[1];
  g_assert_true (branched->parent == 1 && branched->fork_step == 18 && branched->fork_epoch == 2);
  for (guint i = 0; i < 2; i++)
    assert_kept (fixture, session, dataset, runs->pdata[i], digests[i], 4 + i);
  KairosRunner *runner = kairos_runner_new (session, 2, dataset, NULL, fixture->pool, &error);
  g_assert_no_error (error);
  g_assert_true (kairos_runner_set (runner, "epochs", "6", &error));
  while (!kairos_runner_is_finished (runner))
    g_assert_true (kairos_runner_step (runner, NULL, &error));
  guint n;
  g_autofree float *history =
      kairos_facts_history (kairos_trainer_get_facts (kairos_runner_get_trainer (runner)), 0, &n);
  g_assert_cmpuint (n, ==, 6);
  for (guint i = 0; i < n; i++)
    g_assert_true (isfinite (history[i]));
  g_assert_true (kairos_runner_close (runner, NULL));
  g_clear_pointer (&session, kairos_session_close);
  guint files = 0;
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  while (g_dir_read_name (dir))
    files++;
  g_assert_cmpuint (files, ==, 3); /* no copy is left */
}

/* In a process that may not write the file: it is brought up in memory. */
static gboolean
reads_both_runs (const char *path)
{
  g_autoptr (KairosSession) session = kairos_session_open (path, NULL);
  g_autoptr (GPtrArray) runs = session ? kairos_session_get_runs (session, NULL) : NULL;

  return runs && kairos_session_is_read_only (session) && runs->len == 2 &&
         ((const KairosRunInfo *) runs->pdata[1])->parent == 1;
}

static void
test_version_1_read_only (Fixture *fixture, gconstpointer data)
{
  g_autofree char *old = g_test_build_filename (G_TEST_DIST, "run", "data", "version-1.kairos", NULL);
  g_autofree char *path = g_build_filename (fixture->folder, "old.kairos", NULL);
  g_autofree char *before = NULL, *after = NULL;
  gsize size_before, size_after;
  int status;

  copy_file (old, path);
  g_assert_cmpint (g_chmod (path, 0444), ==, 0);
  g_assert_cmpint (g_chmod (fixture->folder, 0755), ==, 0);
  g_assert_true (g_file_get_contents (path, &before, &size_before, NULL));
  g_clear_pointer (&fixture->pool, kairos_pool_free); /* a process with threads should not fork */
  pid_t child = fork ();
  if (child == 0)
    _exit ((geteuid () != 0 || setresuid (65534, 65534, 65534) == 0) && reads_both_runs (path) ? 0 : 1);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  g_assert_true (g_file_get_contents (path, &after, &size_after, NULL));
  g_assert_cmpmem (before, size_before, after, size_after);
}

/* ---- The lock ---- */

/* What stands under the name of the lock and is not one is neither followed nor written to. */
static void
test_lock_is_a_link (Fixture *fixture, gconstpointer data)
{
  g_autofree char *precious = g_build_filename (fixture->folder, "thesis.tex", NULL),
                  *lock = g_strconcat (fixture->path, "-lock", NULL), *after = NULL;
  g_autoptr (KairosSession) session = fixture_open (fixture->path);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (precious, "ten years of work", -1, NULL));
  g_assert_cmpint (data ? link (precious, lock) : symlink (precious, lock), ==, 0);
  g_assert_false (kairos_session_lock (session, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_IO, lock);
  g_assert_true (g_file_get_contents (precious, &after, NULL, NULL));
  g_assert_cmpstr (after, ==, "ten years of work");
  g_assert_cmpint (g_remove (lock), ==, 0);
  g_clear_error (&error);
  g_assert_true (kairos_session_lock (session, &error));
  g_assert_true (kairos_session_lock (session, &error)); /* counted */
  kairos_session_unlock (session);
  g_assert_true (g_file_test (lock, G_FILE_TEST_EXISTS));
  kairos_session_unlock (session);
  g_assert_false (g_file_test (lock, G_FILE_TEST_EXISTS));
}

#define ADD(name, data, func) g_test_add ("/runs/" name, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("family", NULL, test_family);
  ADD ("names", NULL, test_names);
  ADD ("version-1", NULL, test_version_1);
  ADD ("version-1-read-only", NULL, test_version_1_read_only);
  ADD ("lock-is-a-symbolic-link", NULL, test_lock_is_a_link);
  ADD ("lock-is-a-hard-link", "hard", test_lock_is_a_link);
  return g_test_run ();
}
