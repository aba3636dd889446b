/* SPDX-License-Identifier: MIT */

/* The session file: round trips, copies, moved and changed data, thinning. */

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "src/run/checkpoint.h"
#include "src/run/session-private.h"

typedef struct {
  char *folder, *path;
  KairosConfig *config;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = fixture_folder_new ();
  fixture->config = fixture_config_points ();
  fixture->path = fixture_session (fixture->folder, "a", fixture->config);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_free (fixture->path);
  kairos_config_free (fixture->config);
  fixture_folder_free (fixture->folder);
}

/* ---- Round trips ---- */

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = fixture_open (fixture->path);

  for (guint epoch = 1; epoch <= 3; epoch++)
    fixture_append_epoch (session, epoch, 100);
  g_assert_true (kairos_session_set_run_note (session, 1, "a quiet one", NULL));
  g_clear_pointer (&session, kairos_session_close);

  session = fixture_open (fixture->path);
  g_autoptr (KairosRunLog) log = fixture_log (session, 1);
  g_autofree char *expected = kairos_config_to_text (fixture->config),
                  *config = kairos_config_to_text (kairos_run_log_get_config (log));
  g_assert_cmpstr (config, ==, expected);
  g_assert_cmpint (kairos_session_get_current (session, NULL), ==, 1);
  g_autoptr (GPtrArray) runs = kairos_session_get_runs (session, NULL);
  const KairosRunInfo *info = runs->pdata[0];
  g_assert_cmpuint (runs->len, ==, 1);
  g_assert_cmpstr (info->name, ==, "Run 1");
  g_assert_cmpstr (info->note, ==, "a quiet one");
  g_assert_true (info->state == KAIROS_RUN_ACTIVE && info->parent == 0 && isnan (info->test_accuracy) &&
                 !info->weights);

  g_autoptr (GArray) steps = fixture_run_steps (session, 1), epochs = fixture_epochs (session, 1);
  g_assert_cmpuint (steps->len, ==, 30);
  for (guint i = 0; i < 30; i++) {
    const KairosStepRecord *record = &g_array_index (steps, KairosStepRecord, i);
    g_assert_cmpuint (record->step, ==, i + 1);
    g_assert_cmpfloat (record->epoch, ==, i / 10 + (i % 10 + 1) / 10.0);
    g_assert_cmpfloat (record->loss, ==, 0.1f * (i % 10));
    g_assert_cmpfloat (record->learning_rate, ==, 1e-3f);
    g_assert_cmpint (record->n, ==, 50);
  }
  g_assert_cmpuint (epochs->len, ==, 3);
  g_assert_cmpfloat (g_array_index (epochs, KairosEpochRecord, 1).train_loss, ==, 0.5f);
  g_assert_true (isnan (g_array_index (epochs, KairosEpochRecord, 1).val_loss));
  g_autoptr (GBytes) newest = fixture_newest (session, 0), third = fixture_checkpoint (3, 100);
  g_assert_true (g_bytes_equal (newest, third));
}

/* One file remains after closing. */
static void
test_one_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = fixture_open (fixture->path);
  guint n = 0;

  fixture_append_epoch (session, 1, 100);
  g_clear_pointer (&session, kairos_session_close);
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  while (g_dir_read_name (dir))
    n++;
  g_assert_cmpuint (n, ==, 1);
}

static void
test_config_and_runs (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = fixture_open (fixture->path);
  g_autoptr (KairosConfig) config = kairos_config_copy (fixture->config);
  g_autoptr (GError) error = NULL;

  fixture_append_epoch (session, 1, 100);
  fixture_set (config, "epochs", "77");
  const KairosRunStart start = { .name = "longer", .initial = config, .config = config };
  g_assert_cmpint (kairos_session_begin_run (session, &start, &error), ==, 2);
  g_assert_no_error (error);
  g_clear_pointer (&session, kairos_session_close);
  session = fixture_open (fixture->path);
  g_autoptr (KairosRunLog) log = fixture_log (session, 2), old = fixture_log (session, 1);
  g_assert_cmpint (kairos_run_log_get_config (log)->epochs, ==, 77);
  g_assert_cmpint (kairos_run_log_get_config (old)->epochs, ==, fixture->config->epochs);
  g_assert_cmpint (kairos_session_get_current (session, NULL), ==, 2);
  g_autoptr (GBytes) none = fixture_newest (session, 0);
  g_assert_null (none);
  g_autoptr (GArray) first = fixture_run_steps (session, 1), second = fixture_run_steps (session, 2);
  g_assert_cmpuint (first->len, ==, 10);
  g_assert_cmpuint (second->len, ==, 0);
}

static void
test_truncate (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = fixture_open (fixture->path);
  g_autoptr (GError) error = NULL;

  for (guint epoch = 1; epoch <= 3; epoch++)
    fixture_append_epoch (session, epoch, 100);
  g_autoptr (KairosRunLog) log = fixture_log (session, 1);
  kairos_run_log_truncate (log, 14, &error);
  g_assert_no_error (error);
  g_autoptr (GArray) steps = fixture_run_steps (session, 1), epochs = fixture_epochs (session, 1);
  g_autoptr (GArray) checkpoints = fixture_checkpoints (session, 1);
  g_assert_cmpuint (steps->len, ==, 14);
  g_assert_cmpuint (g_array_index (steps, KairosStepRecord, 13).step, ==, 14);
  g_assert_cmpuint (epochs->len, ==, 1);
  g_assert_cmpuint (checkpoints->len, ==, 1);
}

/* ---- Checkpoints ---- */

/* After each of 300 epochs: the newest and the pinned are there, in all not more than the setting and the pinned one,
 * and the gaps grow with their age. */
static void
test_thinning (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = fixture_open (fixture->path);
  g_autoptr (KairosRunLog) log = fixture_log (session, 1);
  g_autoptr (KairosConfig) config = kairos_config_copy (fixture->config);
  g_autoptr (KairosTimeline) timeline = kairos_timeline_new (0);
  g_autoptr (GArray) changes = kairos_changes_new ();
  const guint stay = GPOINTER_TO_UINT (data);

  sqlite3_exec (session->db, "PRAGMA synchronous=OFF", NULL, NULL, NULL);
  config->checkpoints = stay;
  g_assert_true (kairos_run_log_set_plan (log, config, changes, timeline, NULL));
  for (guint epoch = 1; epoch <= 300; epoch++) {
    fixture_append_epoch (session, epoch, 20);
    g_autoptr (GBytes) mine = fixture_checkpoint (0, 20);
    g_assert_true (epoch != 7 || kairos_run_log_append_checkpoint (log, 70, 7, TRUE, NULL, 0, mine, NULL));
    g_autoptr (GArray) list = fixture_checkpoints (session, 1);
    const KairosCheckpointInfo *infos = (const KairosCheckpointInfo *) (gpointer) list->data;
    gboolean pinned = epoch < 7;
    g_assert_cmpuint (list->len, ==, MIN (epoch, stay + (epoch > 7)));
    g_assert_cmpuint (infos[list->len - 1].step, ==, 10 * epoch);
    for (guint i = 0; i < list->len; i++)
      pinned = pinned || (infos[i].step == 70 && infos[i].pinned);
    g_assert_true (pinned);
    /* The one before the newest is not far: at most a half of the way, with four of them. */
    g_assert_true (epoch < 3 || stay < 4 || infos[list->len - 2].epoch >= epoch / 2);
  }
}

static void
test_same_step_replaces (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = fixture_open (fixture->path);
  g_autoptr (GBytes) first = fixture_checkpoint (1, 10), second = fixture_checkpoint (2, 10);

  g_autoptr (KairosRunLog) log = fixture_log (session, 1);
  g_assert_true (kairos_run_log_append_checkpoint (log, 5, 0.5, TRUE, NULL, 0, first, NULL));
  g_assert_true (kairos_run_log_append_checkpoint (log, 5, 0.5, FALSE, NULL, 0, second, NULL));
  g_autoptr (GArray) list = fixture_checkpoints (session, 1);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_true (g_array_index (list, KairosCheckpointInfo, 0).pinned);
  g_autoptr (GBytes) newest = fixture_newest (session, 0);
  g_assert_true (g_bytes_equal (newest, second));
}

static void
test_damaged_checkpoint_is_passed_over (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = fixture_open (fixture->path);
  g_autoptr (GError) error = NULL;

  fixture_append_epoch (session, 1, 100);
  fixture_append_epoch (session, 2, 100);
  sqlite3_exec (session->db, "UPDATE checkpoint SET content = zeroblob (100) WHERE step = 20", NULL, NULL, NULL);
  g_autoptr (KairosRunLog) log = fixture_log (session, 1);
  g_autoptr (GBytes) newest = NULL, first = fixture_checkpoint (1, 100), none = NULL;
  g_autofree char *warning = NULL;
  g_assert_cmpint (kairos_run_log_load_checkpoint (log, 0, &newest, &warning, &error), ==, KAIROS_READ_FOUND);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (newest, first));
  g_assert_nonnull (strstr (warning, "the checkpoint of epoch 2 is damaged; training goes on from that of epoch 1"));
  sqlite3_exec (session->db, "UPDATE checkpoint SET content = zeroblob (100)", NULL, NULL, NULL);
  g_assert_cmpint (kairos_run_log_load_checkpoint (log, 0, &none, NULL, &error), ==, KAIROS_READ_FAILED);
  fixture_assert_sentence (error, KAIROS_ERROR_FORMAT, "checkpoint");
  g_clear_error (&error);
  g_assert_cmpint (kairos_run_log_load_checkpoint (log, 12345, &none, NULL, &error), ==, KAIROS_READ_FAILED);
  fixture_assert_sentence (error, KAIROS_ERROR_MISSING, "12345");
}

/* ---- Copies ---- */

static void
test_copy (Fixture *fixture, gconstpointer data)
{
  g_autofree char *copy = g_build_filename (fixture->folder, "b \303\244 %20?.kairos", NULL);
  g_autofree char *nowhere = g_build_filename (fixture->folder, "absent", "x.kairos", NULL);
  g_autoptr (KairosSession) session = fixture_open (fixture->path);
  g_autoptr (GError) error = NULL;

  fixture_append_epoch (session, 1, 5000);
  g_assert_false (kairos_session_copy_to (session, fixture->path, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_IO, fixture->path);
  g_clear_error (&error);
  for (int i = 0; i < 2; i++) { /* the second time over the first */
    kairos_session_copy_to (session, copy, &error);
    g_assert_no_error (error);
  }
  fixture_append_epoch (session, 2, 5000);
  g_autoptr (KairosSession) other = fixture_open (copy);
  g_autoptr (GArray) epochs = fixture_epochs (other, 1);
  g_assert_cmpuint (epochs->len, ==, 1);
  fixture_append_epoch (other, 2, 10);
  g_assert_false (kairos_session_copy_to (session, nowhere, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_IO, nowhere);
}

static void
test_create_refuses_to_overwrite (Fixture *fixture, gconstpointer data)
{
  g_autofree char *nowhere = g_build_filename (fixture->folder, "absent", "x.kairos", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (
      kairos_session_create (fixture->path, fixture->config, fixture_dataset (fixture->config), NULL, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_IO, fixture->path);
  g_clear_error (&error);
  g_assert_null (kairos_session_create (nowhere, fixture->config, fixture_dataset (fixture->config), NULL, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_IO, nowhere);
}

/* ---- Data that moved or changed ---- */

static void
write_table (const char *path, int n, int shift)
{
  g_autoptr (GString) text = g_string_new ("x,y,label\n");

  for (int i = 0; i < n; i++)
    g_string_append_printf (text, "%d.5,%d,%s\n", i + shift, (i * 7) % 11, i % 2 ? "odd" : "even");
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
}

static KairosDataset *
open_table (const char *path)
{
  g_autoptr (KairosConfig) config = kairos_config_new ();
  KairosOpenOptions options = kairos_config_open_options (config);
  g_autoptr (GError) error = NULL;
  KairosDataset *dataset = kairos_dataset_open (path, &options, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return dataset;
}

static void
assert_found (const char *session_path, const char *expected_spec)
{
  g_autoptr (KairosSession) session = fixture_open (session_path);
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosDataset) dataset = kairos_session_open_dataset (session, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (kairos_dataset_get_spec (dataset), ==, expected_spec);
}

static char *
new_folder (const char *parent, const char *name)
{
  char *path = g_build_filename (parent, name, NULL);

  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
  return path;
}

static void
test_moved_data (Fixture *fixture, gconstpointer data)
{
  g_autofree char *here = new_folder (fixture->folder, "here"), *sets = new_folder (here, "sets"),
                  *sessions = new_folder (here, "sessions");
  g_autofree char *table = g_build_filename (sets, "table.csv", NULL);
  g_autoptr (GError) error = NULL;

  write_table (table, 60, 0);
  g_autoptr (KairosDataset) dataset = open_table (table);
  g_autofree char *path = g_build_filename (sessions, "s.kairos", NULL);
  g_autoptr (KairosSession) session = kairos_session_create (path, fixture->config, dataset, NULL, &error);
  g_assert_no_error (error);
  g_clear_pointer (&session, kairos_session_close);
  assert_found (path, table);

  /* Both moved together. */
  g_autofree char *there = g_build_filename (fixture->folder, "there", NULL);
  g_assert_cmpint (g_rename (here, there), ==, 0);
  g_autofree char *moved = g_build_filename (there, "sessions", "s.kairos", NULL),
                  *moved_table = g_build_filename (there, "sets", "table.csv", NULL);
  assert_found (moved, moved_table);

  /* The data beside the session. */
  g_autofree char *beside = g_build_filename (there, "sessions", "table.csv", NULL);
  g_assert_cmpint (g_rename (moved_table, beside), ==, 0);
  assert_found (moved, beside);

  /* Nowhere. */
  g_autofree char *elsewhere = g_build_filename (fixture->folder, "elsewhere.csv", NULL);
  g_assert_cmpint (g_rename (beside, elsewhere), ==, 0);
  session = fixture_open (moved);
  g_assert_null (kairos_session_open_dataset (session, NULL, NULL, NULL, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_MISSING, beside);
  g_assert_nonnull (strstr (error->message, table));
  g_clear_error (&error);

  /* Said where: found from then on.  Other data is refused. */
  g_autofree char *other_table = g_build_filename (fixture->folder, "other.csv", NULL);
  write_table (other_table, 60, 1);
  g_autoptr (KairosDataset) other = open_table (other_table), right = open_table (elsewhere);
  g_assert_false (kairos_session_set_data (session, other, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_CHANGED, "other.csv");
  g_clear_error (&error);
  kairos_session_set_data (session, right, &error);
  g_assert_no_error (error);
  g_clear_pointer (&session, kairos_session_close);
  assert_found (moved, elsewhere);

  /* Changed in place. */
  write_table (elsewhere, 60, 2);
  session = fixture_open (moved);
  g_assert_null (kairos_session_open_dataset (session, NULL, NULL, NULL, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_CHANGED, elsewhere);
}

/* A copy in another folder still finds the data by its relative place. */
static void
test_copy_finds_data (Fixture *fixture, gconstpointer data)
{
  g_autofree char *here = new_folder (fixture->folder, "here"), *below = new_folder (here, "below"),
                  *table = g_build_filename (here, "t.csv", NULL);
  g_autofree char *path = g_build_filename (here, "s.kairos", NULL),
                  *copy = g_build_filename (below, "copy.kairos", NULL);
  g_autoptr (GError) error = NULL;

  write_table (table, 60, 0);
  g_autoptr (KairosDataset) dataset = open_table (table);
  g_autoptr (KairosSession) session = kairos_session_create (path, fixture->config, dataset, NULL, &error);
  kairos_session_copy_to (session, copy, &error);
  g_assert_no_error (error);
  g_clear_pointer (&session, kairos_session_close);
  g_autofree char *there = g_build_filename (fixture->folder, "there", NULL);
  g_assert_cmpint (g_rename (here, there), ==, 0);
  g_autofree char *moved = g_build_filename (there, "below", "copy.kairos", NULL),
                  *moved_table = g_build_filename (there, "t.csv", NULL);
  assert_found (moved, moved_table);
}

#define ADD(name, func) g_test_add ("/session/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *cache = g_dir_make_tmp ("kairos-cache-XXXXXX", NULL);

  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD ("round-trip", test_round_trip);
  ADD ("one-file", test_one_file);
  ADD ("config-and-runs", test_config_and_runs);
  ADD ("truncate", test_truncate);
  g_test_add ("/session/thinning/2", Fixture, GUINT_TO_POINTER (2), set_up, test_thinning, tear_down);
  g_test_add ("/session/thinning/4", Fixture, GUINT_TO_POINTER (4), set_up, test_thinning, tear_down);
  g_test_add ("/session/thinning/9", Fixture, GUINT_TO_POINTER (9), set_up, test_thinning, tear_down);
  ADD ("same-step-replaces", test_same_step_replaces);
  ADD ("damaged-checkpoint-is-passed-over", test_damaged_checkpoint_is_passed_over);
  ADD ("copy", test_copy);
  ADD ("create-refuses-to-overwrite", test_create_refuses_to_overwrite);
  ADD ("moved-data", test_moved_data);
  ADD ("copy-finds-data", test_copy_finds_data);
  int result = g_test_run ();
  fixture_folder_free (g_steal_pointer (&cache));
  return result;
}
