/* SPDX-License-Identifier: MIT */

/* The session file: making, opening, copying and closing it.
 *
 * SCHEMA, user_version 2
 *
 *   source      one row: the data set.  spec is an absolute path or builtin:NAME, relative the path from the session's
 *               folder, checksum that of the data set itself.
 *   current     one row: the run that is trained when nobody says which.
 *   run         one row a run.  parent, fork_step, fork_epoch: what it branched from.  state: 0 active, 1 finished.
 *               shown: 1, 0 hidden, -1 deleted.  config, initial (JSON), changes (a line "STEP NAME TEXT" each) and
 *               timeline (its file form) are its plan; test_accuracy and weights what the test at its end said.
 *   step        chunks of consecutive step records: (run, first) -> last, records.  A record is 32 bytes, see
 *               session-records.c.
 *   epoch       (run, step) -> an epoch record; NULL stands for "not a number".
 *   history     (run, step) -> the losses of all samples at the end of that epoch, kairos_facts_epoch_to_bytes().
 *   checkpoint  (run, step) -> content, a trainer checkpoint, which carries its own checksum.  A later one at the same
 *               step takes the place of the earlier.
 *
 * INVARIANTS
 *
 *  1. A file under its final name is complete: it is built under a temporary name and linked into place.  Copies
 *     likewise.
 *  2. Every change is one transaction (WAL, synchronous FULL), so after a crash the file is as before or as after it.
 *  3. A row belongs to the run that wrote it.  A run has its own rows, all after its fork_step, and those of its parent
 *     up to and with that.
 *  4. Where a checkpoint stands at step S, the step records 1..S of its run stand too: they are written before it or
 * with it.
 *  5. An epoch record and the checkpoint of that epoch's end appear together.
 *  6. The window writes names, notes and what is shown, and source while it opens; everything else is written by the
 *     holder of the training lock.
 */
#include "session-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  APPLICATION_ID = 0x4b414952, /* "KAIR" */
  BUSY_MILLISECONDS = 5000,
  SMALLEST = 512, /* bytes of a database */
};

const char kairos_session_schema[] =
    "CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, parent INTEGER NOT NULL,"
    " fork_step INTEGER NOT NULL, fork_epoch REAL NOT NULL, state INTEGER NOT NULL DEFAULT 0,"
    " shown INTEGER NOT NULL DEFAULT 1, note TEXT NOT NULL DEFAULT '', started TEXT NOT NULL, config TEXT NOT NULL,"
    " initial TEXT, changes TEXT NOT NULL, timeline TEXT NOT NULL, test_accuracy REAL, weights TEXT);"
    "CREATE TABLE current (one INTEGER PRIMARY KEY CHECK (one = 1), run INTEGER NOT NULL);"
    "CREATE TABLE history (run INTEGER, step INTEGER, losses BLOB NOT NULL, PRIMARY KEY (run, "
    "step));" KAIROS_READING_SCHEMA;

static const char records_schema[] =
    "CREATE TABLE source (one INTEGER PRIMARY KEY CHECK (one = 1), spec TEXT NOT NULL, relative TEXT, title TEXT,"
    " reader TEXT, checksum TEXT NOT NULL);"
    "CREATE TABLE step (run INTEGER, first INTEGER, last INTEGER NOT NULL, records BLOB NOT NULL,"
    " PRIMARY KEY (run, first));"
    "CREATE TABLE epoch (run INTEGER, step INTEGER, epoch REAL NOT NULL, train_loss REAL, train_accuracy REAL,"
    " val_loss REAL, val_accuracy REAL, images_per_second REAL, seconds REAL, PRIMARY KEY (run, step)) WITHOUT ROWID;"
    "CREATE TABLE checkpoint (id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, step INTEGER NOT NULL,"
    " epoch REAL NOT NULL, pinned INTEGER NOT NULL, bytes INTEGER NOT NULL, content BLOB NOT NULL);"
    "CREATE UNIQUE INDEX checkpoint_by_step ON checkpoint (run, step);";

/* ---- Transactions ---- */

gboolean
kairos_session_begin (KairosSession *session, GError **error)
{
  if (session->n_begun == 0 && !kairos_sql_exec (session->db, session->path, "BEGIN IMMEDIATE", error))
    return FALSE;
  session->n_begun++;
  return TRUE;
}

gboolean
kairos_session_end (KairosSession *session, gboolean ok, GError **error)
{
  if (--session->n_begun > 0)
    return ok;
  if (ok && kairos_sql_exec (session->db, session->path, "COMMIT", error))
    return TRUE;
  if (!sqlite3_get_autocommit (session->db)) /* a full disk rolls back by itself */
    sqlite3_exec (session->db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

/* ---- Making ---- */

/* The session is one around a database that nobody else sees yet. */
static gboolean
fill_new (KairosSession *session, KairosDataset *dataset, const KairosRunStart *start, GError **error)
{
  g_autofree char *header =
      g_strdup_printf ("PRAGMA journal_mode=MEMORY; PRAGMA application_id=%d; PRAGMA user_version=%d; BEGIN;",
                       APPLICATION_ID, KAIROS_SESSION_VERSION);

  return kairos_sql_exec (session->db, session->path, header, error) &&
         kairos_sql_exec (session->db, session->path, records_schema, error) &&
         kairos_sql_exec (session->db, session->path, kairos_session_schema, error) &&
         kairos_session_put_source (session->db, session->path, dataset, error) &&
         kairos_session_insert_run (session, start, error) &&
         kairos_sql_exec (session->db, session->path, "COMMIT", error);
}

static gboolean
refuse_existing (const char *path, GError **error)
{
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_IO, "%s exists already; open it, or choose another name.", path);
  return FALSE;
}

/* Gives a finished temporary file its name, never over another file. */
static gboolean
publish_new (const char *temporary, const char *path, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return refuse_existing (path, error);
  kairos_session_remove_beside (path);
  if (link (temporary, path) == 0) {
    g_unlink (temporary);
    return TRUE;
  }
  if (errno == EEXIST || g_file_test (path, G_FILE_TEST_EXISTS))
    return refuse_existing (path, error);
  if (g_rename (temporary, path) == 0) /* file systems without links */
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_IO, "%s could not be made: %s.", path, g_strerror (errno));
  return FALSE;
}

char *
kairos_session_temporary_name (const char *path)
{
  return g_strdup_printf ("%s-%08x", path, g_random_int ());
}

void
kairos_session_remove_beside (const char *path)
{
  static const char *const suffixes[] = { "-journal", "-wal", "-shm" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    g_autofree char *name = g_strconcat (path, suffixes[i], NULL);
    g_unlink (name);
  }
}

void
kairos_session_remove (const char *path)
{
  g_unlink (path);
  kairos_session_remove_beside (path);
}

KairosSession *
kairos_session_create (const char *path, const KairosConfig *config, KairosDataset *dataset, KairosTimeline *timeline,
                       GError **error)
{
  g_autofree char *full = g_canonicalize_filename (path, NULL), *temporary = kairos_session_temporary_name (full);
  KairosSession session = { .path = full, .lock = -1 };
  const KairosRunStart start = { .initial = config, .config = config, .timeline = timeline };
  gboolean ok;

  if (g_file_test (full, G_FILE_TEST_EXISTS) && !refuse_existing (full, error))
    return NULL;
  ok = sqlite3_open_v2 (temporary, &session.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) == SQLITE_OK ||
       kairos_sql_fail (session.db, full, error);
  ok = ok && fill_new (&session, dataset, &start, error);
  sqlite3_close (session.db);
  ok = ok && publish_new (temporary, full, error);
  KairosSession *opened = ok ? kairos_session_open (full, error) : NULL;
  if (!opened) /* whoever hears of an error may try the same again; nothing is in it yet */
    kairos_session_remove (ok ? full : temporary);
  return opened;
}

/* ---- Opening ---- */

static gboolean
refuse (GError **error, KairosError code, const char *path, const char *sentence)
{
  g_set_error (error, KAIROS_ERROR, code, "%s %s.", path, sentence);
  return FALSE;
}

/* What can be said without reading the file.  It must not be read here: see the note on locks above. */
static gboolean
check_place (const char *path, GError **error)
{
  struct stat info;

  if (stat (path, &info) != 0)
    return refuse (error, errno == ENOENT ? KAIROS_ERROR_MISSING : KAIROS_ERROR_IO, path,
                   errno == ENOENT ? "does not exist; it may have been moved or renamed"
                                   : "cannot be reached; check the permissions of its folder");
  if (S_ISDIR (info.st_mode))
    return refuse (error, KAIROS_ERROR_FORMAT, path, "is a folder, not a Kairos session; choose a .kairos file");
  if (info.st_size < SMALLEST)
    return refuse (error, KAIROS_ERROR_FORMAT, path,
                   "is empty or cut short, not a Kairos session; use a copy of it from before");
  if (access (path, R_OK) != 0)
    return refuse (error, KAIROS_ERROR_IO, path, "may not be read; ask its owner for permission");
  return TRUE;
}

/* A file that cannot be written, or whose folder cannot (WAL needs files beside it), is opened read-only.  Without a
 * log beside it it is then also immutable to SQLite, which could not open it otherwise. */
static char *
uri_for (const char *path, gboolean *read_only)
{
  g_autofree char *folder = g_path_get_dirname (path), *log = g_strconcat (path, "-wal", NULL);
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);

  *read_only = access (path, W_OK) != 0 || access (folder, W_OK) != 0;
  if (!*read_only)
    return g_strconcat (uri, "?mode=rw", NULL);
  return g_strconcat (uri, g_file_test (log, G_FILE_TEST_EXISTS) ? "?mode=ro" : "?mode=ro&immutable=1", NULL);
}

static gboolean
check_version (KairosSession *session, int *version, GError **error)
{
  gint64 application, number;

  if (!kairos_sql_int (session->db, session->path, &application, error, "PRAGMA application_id", "") ||
      !kairos_sql_int (session->db, session->path, &number, error, "PRAGMA user_version", ""))
    return FALSE;
  if (application != APPLICATION_ID || number < 1)
    return refuse (error, KAIROS_ERROR_FORMAT, session->path,
                   "is a database of another program, not a Kairos session; choose a .kairos file");
  *version = (int) number;
  if (number <= KAIROS_SESSION_VERSION)
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED,
               "%s was written by a newer Kairos (session version %d, this one reads up to %d); update Kairos to open "
               "it.",
               session->path, (int) number, KAIROS_SESSION_VERSION);
  return FALSE;
}

/* The verdict also names pages that could not be read, which may be in order, some with the reason: as a result code;
 * SQLITE_OK where it does not. */
static int
find_unreadable (const char *verdict)
{
  static const char label[] = "error code=";
  const char *reason = verdict ? strstr (verdict, label) : NULL;
  int code = reason ? (int) g_ascii_strtoull (reason + strlen (label), NULL, 10) : SQLITE_OK;

  if ((code & 0xff) == SQLITE_IOERR || code == SQLITE_NOMEM)
    return code;
  return verdict && strstr (verdict, "failed to get page") ? SQLITE_IOERR : SQLITE_OK;
}

static gboolean
check_integrity (KairosSession *session, GError **error)
{
  g_autofree char *verdict = NULL;

  if (kairos_sql_text (session->db, session->path, &verdict, error, "PRAGMA quick_check(1)", "") == KAIROS_READ_FAILED)
    return FALSE;
  int code = find_unreadable (verdict);
  if (code != SQLITE_OK)
    return kairos_sql_fail_code (code, NULL, session->path, error);
  return g_strcmp0 (verdict, "ok") == 0 ||
         refuse (error, KAIROS_ERROR_FORMAT, session->path, "is truncated or damaged; use a copy of it from before");
}

/* A session has a current run, whose plan can be read. */
static gboolean
check_runs (KairosSession *session, GError **error)
{
  gint64 run = kairos_session_get_current (session, error);
  g_auto (KairosRunPlan) plan = { 0 };

  return run && kairos_session_read_plan (session, run, &plan, error);
}

static gboolean
connect_database (KairosSession *session, int *version, GError **error)
{
  g_autofree char *uri = uri_for (session->path, &session->read_only);

  if (sqlite3_open_v2 (uri, &session->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, NULL) != SQLITE_OK)
    return kairos_sql_fail (session->db, session->path, error);
  sqlite3_busy_timeout (session->db, BUSY_MILLISECONDS);
  if (!check_version (session, version, error) || !check_integrity (session, error))
    return FALSE;
  return session->read_only ||
         kairos_sql_exec (session->db, session->path, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", error);
}

KairosSession *
kairos_session_open (const char *path, GError **error)
{
  g_autoptr (KairosSession) session = g_new0 (KairosSession, 1);
  int version = 0;

  session->lock = -1;
  session->path = g_canonicalize_filename (path, NULL);
  if (!check_place (session->path, error) || !connect_database (session, &version, error))
    return NULL;
  if (version < KAIROS_SESSION_VERSION && !kairos_session_upgrade (session, error))
    return NULL;
  return check_runs (session, error) ? g_steal_pointer (&session) : NULL;
}

void
kairos_session_close (KairosSession *session)
{
  if (!session)
    return;
  sqlite3_close (session->db); /* the last connection moves the log into the file and removes it */
  kairos_session_drop_lock (session);
  g_free (session->path);
  g_free (session);
}

const char *
kairos_session_get_path (KairosSession *session)
{
  return session->path;
}

gboolean
kairos_session_is_read_only (KairosSession *session)
{
  return session->read_only;
}

/* ---- Copying ---- */

static gboolean
is_same_file (const char *a, const char *b)
{
  struct stat first, second;

  return stat (a, &first) == 0 && stat (b, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

/* Makes sure that a finished file, which nobody has open, is on disk. */
static gboolean
flush_file (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gboolean ok = fd >= 0 && fsync (fd) == 0;

  if (fd >= 0)
    close (fd);
  return ok;
}

static gboolean
finish_copy (const char *temporary, const char *path, GError **error)
{
  sqlite3 *db = NULL;
  gboolean ok =
      sqlite3_open_v2 (temporary, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK || kairos_sql_fail (db, path, error);

  ok = ok && kairos_session_move_source (db, path, error);
  sqlite3_close (db);
  if (!ok)
    return FALSE;
  gboolean flushed = flush_file (temporary);
  if (flushed)
    kairos_session_remove_beside (path);
  if (flushed && g_rename (temporary, path) == 0)
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_IO, "%s could not be written: %s.", path, g_strerror (errno));
  return FALSE;
}

gboolean
kairos_session_write_copy (KairosSession *session, const char *temporary, const char *path, GError **error)
{
  if (kairos_sql_run (session->db, path, NULL, "VACUUM INTO ?", "t", temporary))
    return TRUE;
  /* Nobody has that name, but SQLite says so where it could not ask. */
  int code = sqlite3_extended_errcode (session->db);
  return kairos_sql_fail_code (code == SQLITE_ERROR ? SQLITE_IOERR : code, sqlite3_errmsg (session->db), path, error);
}

gboolean
kairos_session_copy_to (KairosSession *session, const char *path, GError **error)
{
  g_autofree char *full = g_canonicalize_filename (path, NULL), *temporary = kairos_session_temporary_name (full);

  if (is_same_file (session->path, full))
    return refuse (error, KAIROS_ERROR_IO, full,
                   "is this session itself, which is saved all the time; choose another name for the copy");
  gboolean ok = kairos_session_write_copy (session, temporary, full, error) && finish_copy (temporary, full, error);
  if (!ok)
    kairos_session_remove (temporary);
  return ok;
}
