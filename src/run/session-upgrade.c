/* SPDX-License-Identifier: MIT */

/* From earlier versions of the session file to the present one.
 *
 * Version 1 had one configuration for all runs, what else there was to say of a run as notes (run, name) -> text, a
 * copy of its parent's records in each branch, and the whole history of the losses in every checkpoint.  Here each run
 * gets its own configuration (what it began with and what was set in it; the newest run's is the session's), a branch
 * keeps only what it wrote itself, and the history of the newest checkpoint becomes rows.  Checkpoints stay as they
 * are.
 *
 * Version 3 has a table more than version 2, of readings.
 *
 * All of it is one transaction.  Until that is committed a copy of the file, as it was, stands beside it; a read-only
 * file is brought up in memory.
 */
#include "session-private.h"

#include <string.h>

#include "checkpoint.h"

#define FACTS_TAG ((guint32) 'F' | (guint32) 'A' << 8 | (guint32) 'C' << 16 | (guint32) 'T' << 24)

static gboolean
exec (KairosSession *session, const char *sql, GError **error)
{
  return kairos_sql_exec (session->db, session->path, sql, error);
}

/* FALSE: it could not be read.  *text NULL: there is no such note. */
static gboolean
read_note (KairosSession *session, gint64 run, const char *name, char **text, GError **error)
{
  return kairos_sql_text (session->db, session->path, text, error, "SELECT value FROM note WHERE run = ? AND name = ?",
                          "it", run, name) != KAIROS_READ_FAILED;
}

/* What the configuration of an earlier run came to be; that of the session where its beginning is not known. */
static char *
config_of (const char *initial, const char *changes, const char *session_config)
{
  g_autoptr (KairosConfig) config = initial ? kairos_config_from_text (initial, -1, NULL) : NULL;
  g_autoptr (GArray) log = kairos_changes_from_text (changes ? changes : "");

  for (guint i = 0; config && i < log->len; i++) {
    const KairosChange *change = &g_array_index (log, KairosChange, i);
    kairos_config_set (config, change->name, change->text, NULL);
  }
  return config ? kairos_config_to_text (config) : g_strdup (session_config);
}

/* "RUN STEP" */
static void
parse_fork (const char *text, gint64 run, gint64 *parent, gint64 *step)
{
  g_auto (GStrv) parts = g_strsplit (text ? text : "", " ", 2);
  gint64 from = g_strv_length (parts) == 2 ? g_ascii_strtoll (parts[0], NULL, 10) : 0;
  gint64 at = from > 0 ? g_ascii_strtoll (parts[1], NULL, 10) : 0;
  gboolean is = from > 0 && from < run && at >= 0;

  *parent = is ? from : 0;
  *step = is ? at : 0;
}

static gboolean
upgrade_run (KairosSession *session, gint64 run, const char *started, const char *session_config, GError **error)
{
  static const char *const names[] = { "initial-config", "changes",       "timeline",      "branched-from",
                                       "finished",       "test_accuracy", "weights_sha256" };
  enum { INITIAL, CHANGES, TIMELINE, FORK, FINISHED, ACCURACY, WEIGHTS, N };
  g_auto (GStrv) notes = g_new0 (char *, N + 1);
  gint64 parent, step, newest;
  gboolean ok = TRUE;

  for (int i = 0; ok && i < N; i++)
    ok = read_note (session, run, names[i], &notes[i], error);
  if (ok && kairos_sql_int (session->db, session->path, &newest, error, "SELECT max (id) FROM old_run", "")) {
    g_autofree char *config =
        run == newest ? g_strdup (session_config) : config_of (notes[INITIAL], notes[CHANGES], session_config);
    g_autoptr (KairosTimeline) empty = kairos_timeline_new (0);
    g_autofree char *empty_text = kairos_timeline_to_text (empty, FALSE), *name = g_strdup_printf ("Run %d", (int) run);
    parse_fork (notes[FORK], run, &parent, &step);
    ok = kairos_sql_run (
        session->db, session->path, error,
        "INSERT INTO run (id, name, parent, fork_step, fork_epoch, state, started, config, initial, changes, timeline,"
        " test_accuracy, weights) VALUES (?1, ?2, ?3, ?4,"
        " ifnull ((SELECT epoch FROM checkpoint WHERE run = ?1 AND step = ?4), 0), ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        "itiiittttttt", run, name, parent, step, (gint64) (notes[FINISHED] != NULL), started, config, notes[INITIAL],
        notes[CHANGES] ? notes[CHANGES] : "", notes[TIMELINE] ? notes[TIMELINE] : empty_text, notes[ACCURACY],
        notes[WEIGHTS]);
  } else
    ok = FALSE;
  for (int i = 0; i < N; i++) /* there may be gaps, at which g_strfreev would end */
    g_clear_pointer (&notes[i], g_free);
  return ok;
}

static gboolean
for_each_run (KairosSession *session, const char *session_config,
              gboolean (*func) (KairosSession *session, gint64 run, const char *started, const char *session_config,
                                GError **error),
              GError **error)
{
  g_autoptr (sqlite3_stmt) row =
      kairos_sql_prepare (session->db, session->path, error, "SELECT id, started FROM old_run ORDER BY id", "");
  KairosRead read = row ? kairos_sql_row (row, session->path, error) : KAIROS_READ_FAILED;

  for (; read == KAIROS_READ_FOUND; read = kairos_sql_row (row, session->path, error)) {
    g_autofree char *started = NULL;
    if (!kairos_sql_copy_text (row, 1, session->path, &started, error) ||
        !func (session, sqlite3_column_int64 (row, 0), started, session_config, error))
      return FALSE;
  }
  return read == KAIROS_READ_ABSENT;
}

/* The copies of its parent's records that a branch has.  A checkpoint that the parent has lost becomes the parent's. */
static gboolean
drop_copies (KairosSession *session, gint64 run, const char *started, const char *session_config, GError **error)
{
  static const char *const statements[] = {
    "DELETE FROM step WHERE run = ?1 AND first <= ?2",
    "DELETE FROM epoch WHERE run = ?1 AND step <= ?2",
    "UPDATE OR IGNORE checkpoint SET run = (SELECT parent FROM run WHERE id = ?1) WHERE run = ?1 AND step <= ?2",
    "DELETE FROM checkpoint WHERE run = ?1 AND step <= ?2",
  };
  gint64 parent, step;

  if (!kairos_sql_int (session->db, session->path, &parent, error, "SELECT parent FROM run WHERE id = ?", "i", run) ||
      !kairos_sql_int (session->db, session->path, &step, error, "SELECT fork_step FROM run WHERE id = ?", "i", run))
    return FALSE;
  if (parent == 0)
    return TRUE;
  if (!kairos_session_split_steps (session, run, step, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    if (!kairos_sql_run (session->db, session->path, error, statements[i], "ii", run, step))
      return FALSE;
  return TRUE;
}

/* ---- The history ---- */

/* The facts of a checkpoint that is whole; NULL where there are none. */
static KairosFacts *
facts_of (GBytes *checkpoint)
{
  guint32 head[4];
  gsize size;
  const guint8 *content =
      kairos_checkpoint_verify (checkpoint, NULL) ? kairos_checkpoint_get (checkpoint, FACTS_TAG, &size) : NULL;

  if (!content || size < sizeof head)
    return NULL;
  memcpy (head, content, sizeof head);
  if (GUINT32_FROM_LE (head[2]) > size) /* every sample takes more than a byte */
    return NULL;
  g_autoptr (KairosFacts) facts = kairos_facts_new (GUINT32_FROM_LE (head[2]));
  g_autoptr (GBytes) bytes = g_bytes_new (content, size);
  return kairos_facts_from_bytes (facts, bytes, NULL) ? g_steal_pointer (&facts) : NULL;
}

static gboolean
insert_history (KairosSession *session, gint64 run, KairosFacts *facts, gint64 per_epoch, GError **error)
{
  for (guint i = 0; i < kairos_facts_get_ended (facts); i++) {
    g_autoptr (GBytes) losses = kairos_facts_epoch_to_bytes (facts, i);
    /* What a branch has from its parent is the parent's. */
    if (!kairos_sql_run (
            session->db, session->path, error,
            "INSERT INTO history SELECT id, ?2, ?3 FROM run WHERE id = ?1 AND (parent = 0 OR fork_step < ?2)", "iib",
            run, (gint64) (i + 1) * per_epoch, losses))
      return FALSE;
  }
  return TRUE;
}

static gboolean
extract_history (KairosSession *session, gint64 run, const char *started, const char *session_config, GError **error)
{
  g_autoptr (sqlite3_stmt) row =
      kairos_sql_prepare (session->db, session->path, error,
                          "SELECT content, round (step / epoch) FROM checkpoint WHERE run = ? AND epoch > 0"
                          " ORDER BY step DESC LIMIT 1",
                          "i", run);
  KairosRead read = row ? kairos_sql_row (row, session->path, error) : KAIROS_READ_FAILED;
  g_autoptr (GBytes) checkpoint = NULL;

  if (read != KAIROS_READ_FOUND)
    return read == KAIROS_READ_ABSENT;
  if (!kairos_sql_copy_bytes (row, 0, session->path, &checkpoint, error))
    return FALSE;
  g_autoptr (KairosFacts) facts = facts_of (checkpoint);
  return !facts || insert_history (session, run, facts, sqlite3_column_int64 (row, 1), error);
}

/* ---- The whole ---- */

static gboolean
upgrade_first (KairosSession *session, GError **error)
{
  g_autofree char *config = NULL;
  KairosRead read = kairos_sql_text (session->db, session->path, &config, error, "SELECT json FROM config", "");

  if (read == KAIROS_READ_ABSENT)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%s has lost its hyper-parameters; use a copy of it from before.", session->path);
  return read == KAIROS_READ_FOUND && exec (session, "ALTER TABLE run RENAME TO old_run", error) &&
         exec (session, kairos_session_schema, error) && for_each_run (session, config, upgrade_run, error) &&
         for_each_run (session, config, drop_copies, error) && for_each_run (session, config, extract_history, error) &&
         exec (session,
               "INSERT INTO current SELECT 1, max (id) FROM run HAVING count (*) > 0;"
               "DROP TABLE old_run; DROP TABLE note; DROP TABLE config; PRAGMA user_version = 3",
               error);
}

static gboolean
upgrade_second (KairosSession *session, GError **error)
{
  return exec (session, KAIROS_READING_SCHEMA "PRAGMA user_version = 3", error);
}

static gboolean
upgrade_in_place (KairosSession *session, GError **error)
{
  gint64 version;

  if (!kairos_session_begin (session, error))
    return FALSE;
  gboolean ok = kairos_sql_int (session->db, session->path, &version, error, "PRAGMA user_version", "");
  if (ok && version < KAIROS_SESSION_VERSION) /* else another process was here meanwhile */
    ok = version == 2 ? upgrade_second (session, error) : upgrade_first (session, error);
  return kairos_session_end (session, ok, error);
}

static gboolean
upgrade_in_memory (KairosSession *session, GError **error)
{
  sqlite3 *memory = NULL;
  sqlite3_backup *backup = NULL;
  gboolean ok = sqlite3_open (":memory:", &memory) == SQLITE_OK || kairos_sql_fail (memory, session->path, error);

  if (ok) {
    backup = sqlite3_backup_init (memory, "main", session->db, "main");
    if (backup)
      sqlite3_backup_step (backup, -1);
    ok = (backup && sqlite3_backup_finish (backup) == SQLITE_OK) || kairos_sql_fail (memory, session->path, error);
  }
  if (!ok) {
    sqlite3_close (memory);
    return FALSE;
  }
  sqlite3_close (session->db);
  session->db = memory;
  return upgrade_in_place (session, error);
}

gboolean
kairos_session_upgrade (KairosSession *session, GError **error)
{
  g_autofree char *copy = kairos_session_temporary_name (session->path);

  if (session->read_only)
    return upgrade_in_memory (session, error);
  if (!kairos_session_lock (session, error))
    return FALSE;
  gboolean ok = kairos_session_write_copy (session, copy, session->path, error) && upgrade_in_place (session, error);
  kairos_session_remove (copy);
  kairos_session_unlock (session);
  return ok;
}
