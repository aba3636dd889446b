/* SPDX-License-Identifier: MIT */

/* The session file: round trips, copies, moved and changed data, thinning, and every way in which a file can be unusable. */
#define _GNU_SOURCE /* setresuid */

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
  char         *folder, *path;
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

static KairosSession *
open_session (const char *path)
{
  g_autoptr (GError) error = NULL;
  KairosSession *session = kairos_session_open (path, &error);

  g_assert_no_error (error);
  return session;
}

/* A whole checkpoint of some size, for tests that do not look into it. */
static GBytes *
make_checkpoint (guint8 fill, gsize size)
{
  g_autofree guint8 *content = g_malloc (size);
  KairosCheckpointWriter writer;

  memset (content, fill, size);
  kairos_checkpoint_begin (&writer, size);
  kairos_checkpoint_put (&writer, 1, content, size);
  return kairos_checkpoint_end (&writer);
}

static void
append_epoch (KairosSession *session, guint epoch, gsize checkpoint_size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) checkpoint = make_checkpoint (epoch, checkpoint_size);
  KairosStepRecord steps[10];
  KairosEpochRecord record = { .step = epoch * 10, .epoch = epoch, .train_loss = 1.0f / epoch, .val_loss = NAN, .seconds = 0.25 };

  for (guint i = 0; i < 10; i++)
    steps[i] = (KairosStepRecord){ (epoch - 1) * 10 + i + 1, epoch - 1 + (i + 1) / 10.0, 0.1f * i, 0.5f, 1e-3f, 50 };
  kairos_session_append_epoch (session, &record, steps, 10, checkpoint, &error);
  g_assert_no_error (error);
}

/* ---- Round trips ---- */

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = open_session (fixture->path);

  for (guint epoch = 1; epoch <= 3; epoch++)
    append_epoch (session, epoch, 100);
  kairos_session_set_note (session, "finished", "1", NULL);
  g_clear_pointer (&session, kairos_session_close);

  session = open_session (fixture->path);
  g_autofree char *expected = kairos_config_to_text (fixture->config), *config = kairos_config_to_text (kairos_session_get_config (session));
  g_assert_cmpstr (config, ==, expected);
  g_assert_cmpint (kairos_session_get_run (session), ==, 1);
  g_autofree char *note = kairos_session_get_note (session, "finished"), *none = kairos_session_get_note (session, "nothing");
  g_assert_cmpstr (note, ==, "1");
  g_assert_null (none);

  g_autoptr (GArray) steps = kairos_session_get_steps (session, 1, NULL), epochs = kairos_session_get_epochs (session, 1, NULL);
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
  g_autoptr (GBytes) newest = kairos_session_load_checkpoint (session, 0, NULL), third = make_checkpoint (3, 100);
  g_assert_true (g_bytes_equal (newest, third));
}

/* One file remains after closing. */
static void
test_one_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = open_session (fixture->path);
  guint n = 0;

  append_epoch (session, 1, 100);
  g_clear_pointer (&session, kairos_session_close);
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  while (g_dir_read_name (dir))
    n++;
  g_assert_cmpuint (n, ==, 1);
}

static void
test_config_and_runs (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = open_session (fixture->path);
  g_autoptr (KairosConfig) config = kairos_config_copy (fixture->config);
  g_autoptr (GError) error = NULL;

  append_epoch (session, 1, 100);
  fixture_set (config, "epochs", "77");
  kairos_session_set_config (session, config, &error);
  g_assert_no_error (error);
  g_assert_cmpint (kairos_session_begin_run (session, &error), ==, 2);
  g_clear_pointer (&session, kairos_session_close);
  session = open_session (fixture->path);
  g_assert_cmpint (kairos_session_get_config (session)->epochs, ==, 77);
  g_assert_cmpint (kairos_session_get_run (session), ==, 2);
  g_autoptr (GBytes) none = kairos_session_load_checkpoint (session, 0, &error);
  g_assert_no_error (error);
  g_assert_null (none);
  g_autoptr (GArray) first = kairos_session_get_steps (session, 1, NULL), second = kairos_session_get_steps (session, 2, NULL);
  g_assert_cmpuint (first->len, ==, 10);
  g_assert_cmpuint (second->len, ==, 0);
}

static void
test_truncate (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = open_session (fixture->path);
  g_autoptr (GError) error = NULL;

  for (guint epoch = 1; epoch <= 3; epoch++)
    append_epoch (session, epoch, 100);
  kairos_session_truncate (session, 14, &error);
  g_assert_no_error (error);
  g_autoptr (GArray) steps = kairos_session_get_steps (session, 1, NULL), epochs = kairos_session_get_epochs (session, 1, NULL);
  g_autoptr (GArray) checkpoints = kairos_session_get_checkpoints (session, 1, NULL);
  g_assert_cmpuint (steps->len, ==, 14);
  g_assert_cmpuint (g_array_index (steps, KairosStepRecord, 13).step, ==, 14);
  g_assert_cmpuint (epochs->len, ==, 1);
  g_assert_cmpuint (checkpoints->len, ==, 1);
}

/* ---- Checkpoints ---- */

/* After each of 300 epochs: the newest three, the oldest and the pinned are there, not too many in all, and no gap is wider than its age. */
static void
test_thinning (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = open_session (fixture->path);
  g_autoptr (GError) error = NULL;

  sqlite3_exec (session->db, "PRAGMA synchronous=OFF", NULL, NULL, NULL);
  for (guint epoch = 1; epoch <= 300; epoch++) {
    append_epoch (session, epoch, 20);
    if (epoch == 7) {
      g_autoptr (GBytes) mine = make_checkpoint (0, 20);
      kairos_session_append_checkpoint (session, 70, 7, TRUE, mine, &error);
      g_assert_no_error (error);
    }
    g_autoptr (GArray) list = kairos_session_get_checkpoints (session, 1, NULL);
    const KairosCheckpointInfo *infos = (const KairosCheckpointInfo *) list->data;
    gboolean pinned = epoch < 7;
    g_assert_cmpuint (list->len, <=, 6 + (guint) ceil (log2 (epoch + 1)));
    g_assert_cmpuint (infos[0].step, ==, 10);
    for (guint i = 0; i < MIN (3, epoch); i++)
      g_assert_cmpuint (infos[list->len - 1 - i].step, ==, 10 * (epoch - i));
    for (guint i = 0; i < list->len; i++) {
      pinned = pinned || (infos[i].step == 70 && infos[i].pinned);
      if (i + 1 < list->len)
        g_assert_cmpfloat (infos[i + 1].epoch - infos[i].epoch, <=, MAX (1, 0.76 * (epoch - infos[i].epoch)));
    }
    g_assert_true (pinned);
  }
}

static void
test_same_step_replaces (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = open_session (fixture->path);
  g_autoptr (GBytes) first = make_checkpoint (1, 10), second = make_checkpoint (2, 10);

  g_assert_true (kairos_session_append_checkpoint (session, 5, 0.5, TRUE, first, NULL));
  g_assert_true (kairos_session_append_checkpoint (session, 5, 0.5, FALSE, second, NULL));
  g_autoptr (GArray) list = kairos_session_get_checkpoints (session, 1, NULL);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_true (g_array_index (list, KairosCheckpointInfo, 0).pinned);
  g_autoptr (GBytes) newest = kairos_session_load_checkpoint (session, 0, NULL);
  g_assert_true (g_bytes_equal (newest, second));
}

static void
test_damaged_checkpoint_is_passed_over (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = open_session (fixture->path);
  g_autoptr (GError) error = NULL;

  append_epoch (session, 1, 100);
  append_epoch (session, 2, 100);
  sqlite3_exec (session->db, "UPDATE checkpoint SET content = zeroblob (100) WHERE step = 20", NULL, NULL, NULL);
  g_autoptr (GBytes) newest = kairos_session_load_checkpoint (session, 0, &error), first = make_checkpoint (1, 100);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (newest, first));
  sqlite3_exec (session->db, "UPDATE checkpoint SET content = zeroblob (100)", NULL, NULL, NULL);
  g_assert_null (kairos_session_load_checkpoint (session, 0, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_FORMAT, "checkpoint");
  g_clear_error (&error);
  g_assert_null (kairos_session_load_checkpoint (session, 12345, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_MISSING, "12345");
}

/* ---- Copies ---- */

static void
test_copy (Fixture *fixture, gconstpointer data)
{
  g_autofree char *copy = g_build_filename (fixture->folder, "b \303\244 %20?.kairos", NULL);
  g_autoptr (KairosSession) session = open_session (fixture->path);
  g_autoptr (GError) error = NULL;

  append_epoch (session, 1, 5000);
  g_assert_false (kairos_session_copy_to (session, fixture->path, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_IO, fixture->path);
  g_clear_error (&error);
  for (int i = 0; i < 2; i++) { /* the second time over the first */
    kairos_session_copy_to (session, copy, &error);
    g_assert_no_error (error);
  }
  append_epoch (session, 2, 5000);
  g_autoptr (KairosSession) other = open_session (copy);
  g_autoptr (GArray) epochs = kairos_session_get_epochs (other, 1, NULL);
  g_assert_cmpuint (epochs->len, ==, 1);
  append_epoch (other, 2, 10);
  g_assert_false (kairos_session_copy_to (session, "/nonexistent/x.kairos", &error));
  fixture_assert_sentence (error, KAIROS_ERROR_IO, "/nonexistent/x.kairos");
}

static void
test_create_refuses_to_overwrite (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (kairos_session_create (fixture->path, fixture->config, fixture_dataset (fixture->config), &error));
  fixture_assert_sentence (error, KAIROS_ERROR_IO, fixture->path);
  g_clear_error (&error);
  g_assert_null (kairos_session_create ("/nonexistent/x.kairos", fixture->config, fixture_dataset (fixture->config), &error));
  fixture_assert_sentence (error, KAIROS_ERROR_IO, "/nonexistent/x.kairos");
}

/* ---- Files that cannot be used ---- */

static void
write_text (const char *path)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = 0; i < 100; i++)
    g_string_append (text, "a letter to a friend, ");
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
}

static void
write_empty (const char *path)
{
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
}

static void
make_folder (const char *path)
{
  g_remove (path);
  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
}

static void
remove_file (const char *path)
{
  g_remove (path);
}

static void
run_sql (const char *path, const char *sql)
{
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

static void
write_other_database (const char *path)
{
  g_remove (path);
  run_sql (path, "CREATE TABLE bookmark (url TEXT)");
}

static void
make_newer (const char *path)
{
  run_sql (path, "PRAGMA user_version = 2");
}

static void
drop_config (const char *path)
{
  run_sql (path, "DELETE FROM config");
}

static void
spoil_config (const char *path)
{
  run_sql (path, "UPDATE config SET json = '{\"batch\": -3}'");
}

static void
drop_table (const char *path)
{
  run_sql (path, "DROP TABLE run");
}

static void
cut (const char *path, double share)
{
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (truncate (path, (off_t) (info.st_size * share)), ==, 0);
}

static void
cut_half (const char *path)
{
  cut (path, 0.5);
}

static void
cut_end (const char *path)
{
  cut (path, 0.999);
}

static void
cut_to_header (const char *path)
{
  g_assert_cmpint (truncate (path, 60), ==, 0);
}

typedef struct {
  const char *name;
  void      (*spoil) (const char *path);
  KairosError code;
  const char *says;
} Unusable;

static const Unusable unusable[] = {
  { "missing", remove_file, KAIROS_ERROR_MISSING, "does not exist" },
  { "folder", make_folder, KAIROS_ERROR_FORMAT, "folder" },
  { "empty", write_empty, KAIROS_ERROR_FORMAT, "cut short" },
  { "text", write_text, KAIROS_ERROR_FORMAT, "not a Kairos session" },
  { "other-database", write_other_database, KAIROS_ERROR_FORMAT, "another program" },
  { "newer", make_newer, KAIROS_ERROR_UNSUPPORTED, "newer" },
  { "no-config", drop_config, KAIROS_ERROR_FORMAT, "hyper-parameters" },
  { "bad-config", spoil_config, KAIROS_ERROR_RANGE, "batch" },
  { "no-table", drop_table, KAIROS_ERROR_FORMAT, "run" },
  { "truncated-half", cut_half, KAIROS_ERROR_FORMAT, "damaged" },
  { "truncated-end", cut_end, KAIROS_ERROR_FORMAT, "damaged" },
  { "truncated-header", cut_to_header, KAIROS_ERROR_FORMAT, "cut short" },
};

static void
test_unusable (Fixture *fixture, gconstpointer data)
{
  const Unusable *kind = data;
  g_autoptr (KairosSession) session = open_session (fixture->path);
  g_autoptr (GError) error = NULL;

  for (guint epoch = 1; epoch <= 4; epoch++)
    append_epoch (session, epoch, 20000);
  g_clear_pointer (&session, kairos_session_close);
  kind->spoil (fixture->path);
  g_assert_null (kairos_session_open (fixture->path, &error));
  fixture_assert_sentence (error, kind->code, fixture->path);
  g_assert_nonnull (strstr (error->message, kind->says));
}

/* Whatever bytes are changed: an error or a session, never a crash, and a checkpoint only when it is whole. */
static void
test_random_damage (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = open_session (fixture->path);
  g_autofree char *content = NULL;
  gsize length;

  for (guint epoch = 1; epoch <= 4; epoch++)
    append_epoch (session, epoch, 3000);
  g_clear_pointer (&session, kairos_session_close);
  g_assert_true (g_file_get_contents (fixture->path, &content, &length, NULL));
  for (int i = 0; i < 150; i++) {
    g_autofree char *damaged = g_memdup2 (content, length);
    g_autofree char *path = g_strdup_printf ("%s/%d.kairos", fixture->folder, i);
    g_autoptr (GError) error = NULL;
    for (int k = g_test_rand_int_range (1, 20); k > 0; k--)
      damaged[g_test_rand_int_range (0, length)] ^= 1 << g_test_rand_int_range (0, 8);
    g_assert_true (g_file_set_contents (path, damaged, length, NULL));
    g_autoptr (KairosSession) opened = kairos_session_open (path, &error);
    g_assert_true (!opened == (error != NULL));
    if (!opened)
      continue;
    g_autoptr (GArray) steps = kairos_session_get_steps (opened, 1, NULL), epochs = kairos_session_get_epochs (opened, 1, NULL);
    g_autoptr (GBytes) checkpoint = kairos_session_load_checkpoint (opened, 0, NULL);
    if (checkpoint)
      g_assert_true (kairos_checkpoint_verify (checkpoint, NULL));
    g_autoptr (KairosDataset) dataset = kairos_session_open_dataset (opened, NULL, NULL, NULL, NULL);
  }
}

/* ---- Places where one may not write ---- */

/* Runs func (path) in a process without root's privileges; its result must be 0. */
static void
as_unprivileged (int (*func) (const char *), const char *path)
{
  int status;
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    _exit (geteuid () == 0 && setresuid (65534, 65534, 65534) != 0 ? 99 : func (path));
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static int
use_read_only (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosSession) session = kairos_session_open (path, &error);

  if (!session)
    return 1;
  g_autoptr (GArray) epochs = kairos_session_get_epochs (session, 1, NULL);
  if (!kairos_session_is_read_only (session) || !epochs || epochs->len != 1)
    return 2;
  if (kairos_session_set_note (session, "x", "y", &error) || !g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_IO))
    return 3;
  g_clear_error (&error);
  if (kairos_session_lock (session, &error) || !g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_IO) || !strstr (error->message, "read-only"))
    return 4;
  g_autofree char *folder = g_dir_make_tmp ("kairos-copy-XXXXXX", NULL), *copy = g_build_filename (folder, "copy.kairos", NULL);
  gboolean copied = kairos_session_copy_to (session, copy, NULL);
  g_autoptr (KairosSession) writable = kairos_session_open (copy, NULL);
  gboolean writes = writable && !kairos_session_is_read_only (writable) && kairos_session_set_note (writable, "x", "y", NULL);
  g_clear_pointer (&writable, kairos_session_close);
  g_remove (copy);
  g_rmdir (folder);
  return copied && writes ? 0 : 5;
}

static int
cannot_read (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosSession) session = kairos_session_open (path, &error);

  return !session && g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_IO) && strstr (error->message, path) ? 0 : 1;
}

static void
test_permissions (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = open_session (fixture->path);

  append_epoch (session, 1, 100);
  g_clear_pointer (&session, kairos_session_close);
  g_chmod (fixture->folder, 0755);
  g_chmod (fixture->path, 0444);
  as_unprivileged (use_read_only, fixture->path);
  g_chmod (fixture->folder, 0555);
  as_unprivileged (use_read_only, fixture->path);
  g_chmod (fixture->path, 0666);
  as_unprivileged (use_read_only, fixture->path);
  g_chmod (fixture->path, 0000);
  as_unprivileged (cannot_read, fixture->path);
  g_chmod (fixture->folder, 0755);
}

/* ---- A full disk ---- */

static void
assert_write_fails_and_recovers (KairosSession *session, const char *says, void (*relieve) (KairosSession *))
{
  g_autoptr (GBytes) large = make_checkpoint (9, 1 << 20);
  const KairosEpochRecord record = { .step = 20, .epoch = 2 };
  g_autoptr (GError) error = NULL;

  g_assert_false (kairos_session_append_epoch (session, &record, NULL, 0, large, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_IO, says);
  g_clear_error (&error);
  g_autoptr (GArray) before = kairos_session_get_epochs (session, 1, NULL);
  g_assert_cmpuint (before->len, ==, 1);
  relieve (session);
  kairos_session_append_epoch (session, &record, NULL, 0, large, &error);
  g_assert_no_error (error);
  g_autoptr (GArray) after = kairos_session_get_epochs (session, 1, NULL);
  g_assert_cmpuint (after->len, ==, 2);
}

static void
allow_pages (KairosSession *session)
{
  sqlite3_exec (session->db, "PRAGMA max_page_count = 100000", NULL, NULL, NULL);
}

static void
test_full (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = open_session (fixture->path);

  append_epoch (session, 1, 100);
  sqlite3_exec (session->db, "PRAGMA max_page_count = 40", NULL, NULL, NULL);
  assert_write_fails_and_recovers (session, "disk is full", allow_pages);
}

static void
allow_size (KairosSession *session)
{
  const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &none), ==, 0);
}

/* The kernel refuses to let a file grow, in the middle of a transaction. */
static void
test_write_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = open_session (fixture->path);
  const struct rlimit limit = { 300000, RLIM_INFINITY };

  append_epoch (session, 1, 100);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  assert_write_fails_and_recovers (session, "could not be written", allow_size);
}

/* ---- Other users of the file ---- */

static void
test_busy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = open_session (fixture->path);
  g_autoptr (GError) error = NULL;
  sqlite3 *other = NULL;

  sqlite3_open (fixture->path, &other);
  g_assert_cmpint (sqlite3_exec (other, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_busy_timeout (session->db, 10);
  g_assert_false (kairos_session_set_note (session, "a", "b", &error));
  fixture_assert_sentence (error, KAIROS_ERROR_IO, "another program");
  sqlite3_close (other);
  g_clear_error (&error);
  kairos_session_set_note (session, "a", "b", &error);
  g_assert_no_error (error);
}

static void
test_two_runners (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) first = open_session (fixture->path), second = open_session (fixture->path);
  g_autoptr (GError) error = NULL;
  char byte = 0;
  int ready[2], go[2], status;

  g_assert_true (kairos_session_lock (first, NULL));
  g_assert_false (kairos_session_lock (second, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_IO, "trained already");
  g_clear_error (&error);
  kairos_session_unlock (first);
  g_assert_true (kairos_session_lock (second, NULL));
  kairos_session_unlock (second);

  /* Another process, which dies without giving it up. */
  g_assert_cmpint (pipe (ready), ==, 0);
  g_assert_cmpint (pipe (go), ==, 0);
  pid_t child = fork ();
  if (child == 0) {
    KairosSession *mine = kairos_session_open (fixture->path, NULL);
    byte = mine && kairos_session_lock (mine, NULL);
    if (write (ready[1], &byte, 1) == 1 && read (go[0], &byte, 1) == 1)
      kill (getpid (), SIGKILL);
    _exit (1);
  }
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  g_assert_cmpint (byte, ==, 1);
  g_assert_false (kairos_session_lock (first, &error));
  g_autofree char *pid = g_strdup_printf ("process %d", (int) child);
  fixture_assert_sentence (error, KAIROS_ERROR_IO, pid);
  g_assert_cmpint (write (go[1], &byte, 1), ==, 1);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  g_assert_true (kairos_session_lock (first, NULL));
  for (int i = 0; i < 2; i++) {
    close (ready[i]);
    close (go[i]);
  }
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
  g_autoptr (KairosSession) session = open_session (session_path);
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
  g_autofree char *here = new_folder (fixture->folder, "here"), *sets = new_folder (here, "sets"), *sessions = new_folder (here, "sessions");
  g_autofree char *table = g_build_filename (sets, "table.csv", NULL);
  g_autoptr (GError) error = NULL;

  write_table (table, 60, 0);
  g_autoptr (KairosDataset) dataset = open_table (table);
  g_autofree char *path = g_build_filename (sessions, "s.kairos", NULL);
  g_autoptr (KairosSession) session = kairos_session_create (path, fixture->config, dataset, &error);
  g_assert_no_error (error);
  g_clear_pointer (&session, kairos_session_close);
  assert_found (path, table);

  /* Both moved together. */
  g_autofree char *there = g_build_filename (fixture->folder, "there", NULL);
  g_assert_cmpint (g_rename (here, there), ==, 0);
  g_autofree char *moved = g_build_filename (there, "sessions", "s.kairos", NULL), *moved_table = g_build_filename (there, "sets", "table.csv", NULL);
  assert_found (moved, moved_table);

  /* The data beside the session. */
  g_autofree char *beside = g_build_filename (there, "sessions", "table.csv", NULL);
  g_assert_cmpint (g_rename (moved_table, beside), ==, 0);
  assert_found (moved, beside);

  /* Nowhere. */
  g_autofree char *elsewhere = g_build_filename (fixture->folder, "elsewhere.csv", NULL);
  g_assert_cmpint (g_rename (beside, elsewhere), ==, 0);
  session = open_session (moved);
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
  session = open_session (moved);
  g_assert_null (kairos_session_open_dataset (session, NULL, NULL, NULL, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_CHANGED, elsewhere);
}

/* A copy in another folder still finds the data by its relative place. */
static void
test_copy_finds_data (Fixture *fixture, gconstpointer data)
{
  g_autofree char *here = new_folder (fixture->folder, "here"), *below = new_folder (here, "below"), *table = g_build_filename (here, "t.csv", NULL);
  g_autofree char *path = g_build_filename (here, "s.kairos", NULL), *copy = g_build_filename (below, "copy.kairos", NULL);
  g_autoptr (GError) error = NULL;

  write_table (table, 60, 0);
  g_autoptr (KairosDataset) dataset = open_table (table);
  g_autoptr (KairosSession) session = kairos_session_create (path, fixture->config, dataset, &error);
  kairos_session_copy_to (session, copy, &error);
  g_assert_no_error (error);
  g_clear_pointer (&session, kairos_session_close);
  g_autofree char *there = g_build_filename (fixture->folder, "there", NULL);
  g_assert_cmpint (g_rename (here, there), ==, 0);
  g_autofree char *moved = g_build_filename (there, "below", "copy.kairos", NULL), *moved_table = g_build_filename (there, "t.csv", NULL);
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
  ADD ("thinning", test_thinning);
  ADD ("same-step-replaces", test_same_step_replaces);
  ADD ("damaged-checkpoint-is-passed-over", test_damaged_checkpoint_is_passed_over);
  ADD ("copy", test_copy);
  ADD ("create-refuses-to-overwrite", test_create_refuses_to_overwrite);
  for (guint i = 0; i < G_N_ELEMENTS (unusable); i++) {
    g_autofree char *path = g_strconcat ("/session/unusable/", unusable[i].name, NULL);
    g_test_add (path, Fixture, &unusable[i], set_up, test_unusable, tear_down);
  }
  ADD ("random-damage", test_random_damage);
  ADD ("permissions", test_permissions);
  ADD ("full", test_full);
  ADD ("write-fails", test_write_fails);
  ADD ("busy", test_busy);
  ADD ("two-runners", test_two_runners);
  ADD ("moved-data", test_moved_data);
  ADD ("copy-finds-data", test_copy_finds_data);
  int result = g_test_run ();
  fixture_folder_free (g_steal_pointer (&cache));
  return result;
}
