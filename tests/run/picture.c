/* SPDX-License-Identifier: MIT */

/* Pictures of session files.  Those of the database need nothing of what they hold to account but its file format. */
#include "picture.h"

#include <string.h>

#include "src/run/session-private.h"

enum { RECORD = 32 }; /* bytes of a step record */

static char *
digest_of (gconstpointer data, gsize size)
{
  return g_compute_checksum_for_data (G_CHECKSUM_MD5, size ? data : (gconstpointer) "", size);
}

/* ---- The database ---- */

static void
add_value (GString *line, sqlite3_stmt *row, int i)
{
  int type = sqlite3_column_type (row, i);
  const char *name = sqlite3_column_name (row, i);

  if (g_str_equal (name, "rootpage")) /* where a table lies in the file is nobody's affair */
    return;
  g_string_append_printf (line, " %s=", name);
  if (type == SQLITE_BLOB) {
    g_autofree char *digest = digest_of (sqlite3_column_blob (row, i), sqlite3_column_bytes (row, i));
    g_string_append_printf (line, "%d bytes %s", sqlite3_column_bytes (row, i), digest);
  } else if (type != SQLITE_NULL && (g_str_equal (name, "seconds") || g_str_equal (name, "images_per_second")))
    g_string_append (line, "some");
  else
    g_string_append (line, type == SQLITE_NULL ? "NULL" : (const char *) sqlite3_column_text (row, i));
}

/* A line for each of a chunk's records. */
static void
add_steps (GPtrArray *lines, sqlite3_stmt *row)
{
  gint64 run = sqlite3_column_int64 (row, 0), first = sqlite3_column_int64 (row, 1);
  const char *records = sqlite3_column_blob (row, 3);
  int n = sqlite3_column_bytes (row, 3) / RECORD;

  g_assert_cmpint (sqlite3_column_int64 (row, 2), ==, first + n - 1);
  for (int i = 0; i < n; i++) {
    g_autofree char *digest = digest_of (records + i * RECORD, RECORD);
    g_ptr_array_add (lines, g_strdup_printf ("step run=%d step=%d %s", (int) run, (int) first + i, digest));
  }
}

static sqlite3_stmt *
prepare (sqlite3 *db, const char *sql)
{
  sqlite3_stmt *row = NULL;

  g_assert_cmpint (sqlite3_prepare_v2 (db, sql, -1, &row, NULL), ==, SQLITE_OK);
  return row;
}

static void
add_table (GPtrArray *lines, sqlite3 *db, const char *table)
{
  g_autofree char *sql = g_strdup_printf ("SELECT * FROM \"%s\"", table);
  g_autoptr (sqlite3_stmt) row = prepare (db, sql);
  int result;

  while ((result = sqlite3_step (row)) == SQLITE_ROW) {
    if (g_str_equal (table, "step")) {
      add_steps (lines, row);
      continue;
    }
    GString *line = g_string_new (table);
    for (int i = 0; i < sqlite3_column_count (row); i++)
      add_value (line, row, i);
    g_ptr_array_add (lines, g_string_free (line, FALSE));
  }
  g_assert_cmpint (result, ==, SQLITE_DONE);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
check_integrity (sqlite3 *db)
{
  g_autoptr (sqlite3_stmt) row = prepare (db, "PRAGMA integrity_check");

  g_assert_cmpint (sqlite3_step (row), ==, SQLITE_ROW);
  g_assert_cmpstr ((const char *) sqlite3_column_text (row, 0), ==, "ok");
}

char *
picture_of_database (sqlite3 *db)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (sqlite3_stmt) row = prepare (db, "SELECT 'version ' || user_version FROM pragma_user_version"
                                              " UNION ALL SELECT name FROM sqlite_master WHERE type = 'table'");

  add_table (lines, db, "sqlite_master");
  g_assert_cmpint (sqlite3_step (row), ==, SQLITE_ROW);
  g_ptr_array_add (lines, g_strdup ((const char *) sqlite3_column_text (row, 0)));
  while (sqlite3_step (row) == SQLITE_ROW)
    add_table (lines, db, (const char *) sqlite3_column_text (row, 0));
  g_ptr_array_sort (lines, compare_lines);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}

char *
picture_of_file (const char *path)
{
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE, NULL), ==, SQLITE_OK);
  check_integrity (db);
  char *picture = picture_of_database (db);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  return picture;
}

/* ---- The session ---- */

char *
picture_of_plan (KairosRunLog *log)
{
  const KairosConfig *initial = kairos_run_log_get_initial (log);
  g_autofree char *config = kairos_config_to_text (kairos_run_log_get_config (log)),
                  *first = initial ? kairos_config_to_text (initial) : g_strdup ("unknown"),
                  *changes = kairos_changes_to_text (kairos_run_log_get_changes (log)),
                  *timeline = kairos_timeline_to_text (kairos_run_log_get_timeline (log), FALSE);

  return g_strjoin (" | ", config, first, changes, timeline, NULL);
}

/* Takes the text, and the error, which there is where there is no text. */
static void
add (GPtrArray *picture, char *text, GError **error)
{
  g_assert_true (!text == (*error != NULL));
  g_ptr_array_add (picture, text);
  g_clear_error (error);
}

static void
add_info (GPtrArray *picture, KairosSession *session, gint64 run)
{
  g_autoptr (GError) error = NULL;
  KairosRunInfo *info = kairos_session_get_run (session, run, &error);
  char *text = NULL;

  if (info)
    text = g_strdup_printf ("run %d: %s, %s, %s, %d %d %g, %s, %d %g %g %g %g %s", (int) info->id, info->name,
                            info->note, info->started, (int) info->parent, (int) info->fork_step, info->fork_epoch,
                            kairos_run_state_name (info->state), (int) info->step, info->epoch, info->val_accuracy,
                            info->best_val_accuracy, info->test_accuracy, info->weights ? info->weights : "");
  else if (g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_MISSING)) {
    text = g_strdup_printf ("run %d: none", (int) run);
    g_clear_error (&error);
  }
  kairos_run_info_free (info);
  add (picture, text, &error);
}

static char *
say_array (const char *name, GArray *array)
{
  g_autofree char *digest = array ? digest_of (array->data, array->len * g_array_get_element_size (array)) : NULL;

  return array ? g_strdup_printf ("%s: %u, %s", name, array->len, digest) : NULL;
}

static void
add_records (GPtrArray *picture, KairosRunLog *log)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) steps = kairos_run_log_get_steps (log, &error);

  add (picture, say_array ("steps", steps), &error);
  g_autoptr (GArray) epochs = kairos_run_log_get_epochs (log, &error);
  for (guint i = 0; epochs && i < epochs->len; i++) {
    KairosEpochRecord *record = &g_array_index (epochs, KairosEpochRecord, i);
    record->seconds = record->images_per_second = 0;
  }
  add (picture, say_array ("epochs", epochs), &error);
}

/* id 0: the newest. */
static void
add_checkpoint (GPtrArray *picture, KairosRunLog *log, gint64 id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *warning = NULL;
  KairosRead read = kairos_run_log_load_checkpoint (log, id, &bytes, &warning, &error);
  gsize size = 0;
  gconstpointer data = bytes ? g_bytes_get_data (bytes, &size) : NULL;
  g_autofree char *digest = digest_of (data, size);

  g_assert_true ((read == KAIROS_READ_FOUND) == (bytes != NULL));
  add (picture,
       read == KAIROS_READ_FAILED
           ? NULL
           : g_strdup_printf ("checkpoint %d: %s %s", (int) id, bytes ? digest : "none", warning ? warning : ""),
       &error);
}

static void
add_checkpoints (GPtrArray *picture, KairosRunLog *log)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) infos = kairos_run_log_get_checkpoints (log, &error);
  GString *text = g_string_new ("checkpoints:");

  for (guint i = 0; infos && i < infos->len; i++) {
    const KairosCheckpointInfo *info = &g_array_index (infos, KairosCheckpointInfo, i);
    g_string_append_printf (text, " %d at %d %g, %d bytes %d", (int) info->id, (int) info->step, info->epoch,
                            (int) info->bytes, info->pinned);
  }
  g_autofree char *all = g_string_free (text, FALSE);
  add (picture, infos ? g_steal_pointer (&all) : NULL, &error);
  add_checkpoint (picture, log, 0);
  /* That on which another one builds, too. */
  if (infos && infos->len > 0)
    add_checkpoint (picture, log, g_array_index (infos, KairosCheckpointInfo, 0).id);
  else
    g_ptr_array_add (picture, infos ? g_strdup ("no checkpoint") : NULL);
}

static void
add_run (GPtrArray *picture, KairosSession *session, gint64 run)
{
  g_autoptr (GError) error = NULL;

  add_info (picture, session, run);
  g_autoptr (KairosRunLog) log = kairos_run_log_new (session, run, &error);
  gboolean missing = g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_MISSING);
  if (missing)
    g_clear_error (&error);
  add (picture, log ? picture_of_plan (log) : missing ? g_strdup ("no run") : NULL, &error);
  if (log) {
    add_records (picture, log);
    add_checkpoints (picture, log);
  } else
    for (int i = 0; i < 5; i++) /* as many as there would be */
      g_ptr_array_add (picture, missing ? g_strdup ("no run") : NULL);
}

static void
add_runs (GPtrArray *picture, KairosSession *session)
{
  g_autoptr (GError) error = NULL;
  gint64 current = kairos_session_get_current (session, &error);

  add (picture, current ? g_strdup_printf ("current: %d", (int) current) : NULL, &error);
  g_autoptr (GPtrArray) runs = kairos_session_get_runs (session, &error);
  GString *ids = g_string_new ("runs:");
  for (guint i = 0; runs && i < runs->len; i++)
    g_string_append_printf (ids, " %d", (int) ((const KairosRunInfo *) runs->pdata[i])->id);
  g_autofree char *text = g_string_free (ids, FALSE);
  add (picture, runs ? g_steal_pointer (&text) : NULL, &error);
}

GPtrArray *
picture_of_run (KairosSession *session, gint64 run)
{
  GPtrArray *picture = g_ptr_array_new_with_free_func (g_free);

  if (run == 0)
    add_runs (picture, session);
  else
    add_run (picture, session, run);
  return picture;
}

GPtrArray *
picture_of_session (KairosSession *session)
{
  GPtrArray *picture = picture_of_run (session, 0);

  for (gint64 run = 1; run <= PICTURE_RUNS; run++)
    g_ptr_array_extend_and_steal (picture, picture_of_run (session, run));
  return picture;
}

/* ---- Comparing ---- */

void
picture_assert_same (const char *is, const char *expected, const char *what)
{
  if (g_str_equal (is, expected))
    return;
  g_auto (GStrv) lines = g_strsplit (is, "\n", -1), wanted = g_strsplit (expected, "\n", -1);
  for (char **line = lines; *line; line++)
    if (!g_strv_contains ((const char *const *) wanted, *line))
      g_test_message ("too much: %s", *line);
  for (char **line = wanted; *line; line++)
    if (!g_strv_contains ((const char *const *) lines, *line))
      g_test_message ("missing: %s", *line);
  g_error ("%s: the file is neither as before nor as after", what);
}

gboolean
picture_assert_right (GPtrArray *is, GPtrArray *expected, const char *what)
{
  gboolean whole = TRUE;

  g_assert_cmpuint (is->len, ==, expected->len);
  for (guint i = 0; i < is->len; i++) {
    if (is->pdata[i] && !g_str_equal (is->pdata[i], expected->pdata[i]))
      g_error ("%s: read \"%s\" instead of \"%s\"", what, (const char *) is->pdata[i],
               (const char *) expected->pdata[i]);
    whole = whole && is->pdata[i];
  }
  return whole;
}
