/* SPDX-License-Identifier: MIT */

/* The session as a file among others: every way in which one can be unusable, places where one may not write, a full
 * disk, other users of the same file. */
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
  run_sql (path, "PRAGMA user_version = 4");
}

static void
drop_runs (const char *path)
{
  run_sql (path, "DELETE FROM run");
}

static void
spoil_config (const char *path)
{
  run_sql (path, "UPDATE run SET config = '{\"batch\": -3}'");
}

static void
nest_config (const char *path)
{
  run_sql (path, "UPDATE run SET config = replace (hex (zeroblob (50000)), '0', '[')");
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
  void (*spoil) (const char *path);
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
  { "no-runs", drop_runs, KAIROS_ERROR_MISSING, "no run 1" },
  { "bad-config", spoil_config, KAIROS_ERROR_RANGE, "batch" },
  { "nested-config", nest_config, KAIROS_ERROR_FORMAT, "brackets nest deeper" },
  { "no-table", drop_table, KAIROS_ERROR_FORMAT, "run" },
  { "truncated-half", cut_half, KAIROS_ERROR_FORMAT, "damaged" },
  { "truncated-end", cut_end, KAIROS_ERROR_FORMAT, "damaged" },
  { "truncated-header", cut_to_header, KAIROS_ERROR_FORMAT, "cut short" },
};

static void
test_unusable (Fixture *fixture, gconstpointer data)
{
  const Unusable *kind = data;
  g_autoptr (KairosSession) session = fixture_open (fixture->path);
  g_autoptr (GError) error = NULL;

  for (guint epoch = 1; epoch <= 4; epoch++)
    fixture_append_epoch (session, epoch, 20000);
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
  g_autoptr (KairosSession) session = fixture_open (fixture->path);
  g_autofree char *content = NULL;
  gsize length;

  for (guint epoch = 1; epoch <= 4; epoch++)
    fixture_append_epoch (session, epoch, 3000);
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
    g_autoptr (KairosRunLog) log = kairos_run_log_new (opened, 1, NULL);
    g_autoptr (GArray) steps = log ? kairos_run_log_get_steps (log, NULL) : NULL;
    g_autoptr (GArray) epochs = log ? kairos_run_log_get_epochs (log, NULL) : NULL;
    g_autoptr (GPtrArray) runs = kairos_session_get_runs (opened, NULL);
    g_autoptr (GBytes) checkpoint = NULL;
    KairosRead read = log ? kairos_run_log_load_checkpoint (log, 0, &checkpoint, NULL, NULL) : KAIROS_READ_FAILED;
    if (read == KAIROS_READ_FOUND)
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
  g_autoptr (GArray) epochs = fixture_epochs (session, 1);
  if (!kairos_session_is_read_only (session) || !epochs || epochs->len != 1)
    return 2;
  if (kairos_session_set_run_note (session, 1, "y", &error) || !g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_IO))
    return 3;
  g_clear_error (&error);
  if (kairos_session_lock (session, &error) || !g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_IO) ||
      !strstr (error->message, "read-only"))
    return 4;
  g_autofree char *folder = g_dir_make_tmp ("kairos-copy-XXXXXX", NULL),
                  *copy = g_build_filename (folder, "copy.kairos", NULL);
  gboolean copied = kairos_session_copy_to (session, copy, NULL);
  g_autoptr (KairosSession) writable = kairos_session_open (copy, NULL);
  gboolean writes =
      writable && !kairos_session_is_read_only (writable) && kairos_session_set_run_note (writable, 1, "y", NULL);
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
  g_autoptr (KairosSession) session = fixture_open (fixture->path);

  fixture_append_epoch (session, 1, 100);
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
  g_autoptr (GBytes) large = fixture_checkpoint (9, 1 << 20);
  const KairosEpochRecord record = { .step = 20, .epoch = 2 };
  g_autoptr (GError) error = NULL;

  g_autoptr (KairosRunLog) log = fixture_log (session, 1);
  g_assert_false (kairos_run_log_append_epoch (log, &record, NULL, 0, NULL, large, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_IO, says);
  g_clear_error (&error);
  g_autoptr (GArray) before = fixture_epochs (session, 1);
  g_assert_cmpuint (before->len, ==, 1);
  relieve (session);
  kairos_run_log_append_epoch (log, &record, NULL, 0, NULL, large, &error);
  g_assert_no_error (error);
  g_autoptr (GArray) after = fixture_epochs (session, 1);
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
  g_autoptr (KairosSession) session = fixture_open (fixture->path);

  fixture_append_epoch (session, 1, 100);
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
  g_autoptr (KairosSession) session = fixture_open (fixture->path);
  const struct rlimit limit = { 300000, RLIM_INFINITY };

  fixture_append_epoch (session, 1, 100);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  assert_write_fails_and_recovers (session, "could not be written", allow_size);
}

/* ---- What a crash left ---- */

/* The log of another session that had this name: what gets the name next has nothing to do with it. */
static void
leave_log (const char *folder, const char *path)
{
  g_autoptr (KairosConfig) config = fixture_config_points ();
  g_autofree char *gone = fixture_session (folder, "gone", config), *log = g_strconcat (gone, "-wal", NULL),
                  *left = g_strconcat (path, "-wal", NULL), *content = NULL;
  g_autoptr (KairosSession) session = fixture_open (gone);
  gsize length;

  fixture_append_epoch (session, 1, 100);
  g_assert_true (g_file_get_contents (log, &content, &length, NULL));
  g_assert_true (g_file_set_contents (left, content, length, NULL));
  g_clear_pointer (&session, kairos_session_close);
  g_remove (gone);
}

static void
test_left_log (Fixture *fixture, gconstpointer data)
{
  g_autofree char *copy = g_build_filename (fixture->folder, "copy.kairos", NULL), *created = NULL;
  g_autoptr (KairosSession) session = fixture_open (fixture->path), other = NULL;
  g_autoptr (GArray) copied = NULL, none = NULL;

  fixture_append_epoch (session, 1, 100);
  fixture_append_epoch (session, 2, 100);
  leave_log (fixture->folder, copy);
  g_assert_true (kairos_session_copy_to (session, copy, NULL));
  other = fixture_open (copy);
  copied = fixture_epochs (other, 1);
  g_assert_cmpuint (copied->len, ==, 2);
  g_clear_pointer (&other, kairos_session_close);

  g_assert_cmpint (g_remove (copy), ==, 0);
  leave_log (fixture->folder, copy);
  created = fixture_session (fixture->folder, "copy", fixture->config);
  other = fixture_open (created);
  none = fixture_epochs (other, 1);
  g_assert_cmpuint (none->len, ==, 0);
}

/* ---- Other users of the file ---- */

static void
test_busy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) session = fixture_open (fixture->path);
  g_autoptr (GError) error = NULL;
  sqlite3 *other = NULL;

  sqlite3_open (fixture->path, &other);
  g_assert_cmpint (sqlite3_exec (other, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_busy_timeout (session->db, 10);
  g_assert_false (kairos_session_set_run_note (session, 1, "b", &error));
  fixture_assert_sentence (error, KAIROS_ERROR_IO, "another program");
  sqlite3_close (other);
  g_clear_error (&error);
  kairos_session_set_run_note (session, 1, "b", &error);
  g_assert_no_error (error);
}

static void
test_two_runners (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosSession) first = fixture_open (fixture->path), second = fixture_open (fixture->path);
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

#define ADD(name, func) g_test_add ("/session-files/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *cache = g_dir_make_tmp ("kairos-cache-XXXXXX", NULL);

  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (unusable); i++) {
    g_autofree char *path = g_strconcat ("/session-files/unusable/", unusable[i].name, NULL);
    g_test_add (path, Fixture, &unusable[i], set_up, test_unusable, tear_down);
  }
  ADD ("random-damage", test_random_damage);
  ADD ("permissions", test_permissions);
  ADD ("full", test_full);
  ADD ("write-fails", test_write_fails);
  ADD ("left-log", test_left_log);
  ADD ("busy", test_busy);
  ADD ("two-runners", test_two_runners);
  int result = g_test_run ();
  fixture_folder_free (g_steal_pointer (&cache));
  return result;
}
