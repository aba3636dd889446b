/* SPDX-License-Identifier: MIT */

/* The session file: making, opening, copying and closing it.
 *
 * SCHEMA, user_version 1
 *
 *   source      one row: the data set.  spec is an absolute path or builtin:NAME, relative the path from the session's
 * folder, checksum that of the data set itself. config      one row: the hyper-parameters as JSON. run         one row
 * a run; the one with the highest id is the current one. note        (run, name) -> text. step        chunks of
 * consecutive step records: (run, first) -> last, records.  A record is 32 bytes, see session-records.c. epoch (run,
 * step) -> an epoch record; NULL stands for "not a number". checkpoint  (run, step) -> content, a trainer checkpoint,
 * which carries its own SHA-256.  A later one at the same step takes the place of the earlier.
 *
 * INVARIANTS
 *
 *  1. A file under its final name is complete: it is built under a temporary name and linked into place.  Copies
 * likewise.
 *  2. Every change is one transaction (WAL, synchronous FULL), so after a crash the file is as before or as after it.
 *  3. Where a checkpoint stands at step S, the step records 1..S of its run stand too: they are written before it or
 * with it.
 *  4. An epoch record and the checkpoint of that epoch's end appear together.
 *  5. The window writes source, and config only while no worker runs; everything else is written by the holder of the
 * training lock.
 *
 * TRAINING LOCK.  An advisory lock on FILE-lock beside the session; never on the session itself, since closing any
 * descriptor of that file would make the kernel drop the locks that SQLite holds on it.  The lock file is removed when
 * the lock is given up; after a crash an unlocked one stays and is reused.
 */
#include "session-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  APPLICATION_ID = 0x4b414952 /* "KAIR" */,
  VERSION = 1,
  BUSY_MILLISECONDS = 5000,
  SMALLEST = 512 /* bytes of a database */
};

static const char schema[] =
    "CREATE TABLE source (one INTEGER PRIMARY KEY CHECK (one = 1), spec TEXT NOT NULL, relative TEXT, title TEXT, "
    "reader TEXT, checksum TEXT NOT NULL);"
    "CREATE TABLE config (one INTEGER PRIMARY KEY CHECK (one = 1), json TEXT NOT NULL);"
    "CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, started TEXT NOT NULL);"
    "CREATE TABLE note (run INTEGER, name TEXT, value TEXT NOT NULL, PRIMARY KEY (run, name)) WITHOUT ROWID;"
    "CREATE TABLE step (run INTEGER, first INTEGER, last INTEGER NOT NULL, records BLOB NOT NULL, PRIMARY KEY (run, "
    "first));"
    "CREATE TABLE epoch (run INTEGER, step INTEGER, epoch REAL NOT NULL, train_loss REAL, train_accuracy REAL, "
    "val_loss REAL, val_accuracy REAL,"
    " images_per_second REAL, seconds REAL, PRIMARY KEY (run, step)) WITHOUT ROWID;"
    "CREATE TABLE checkpoint (id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, step INTEGER NOT NULL, epoch "
    "REAL NOT NULL,"
    " pinned INTEGER NOT NULL, bytes INTEGER NOT NULL, content BLOB NOT NULL);"
    "CREATE UNIQUE INDEX checkpoint_by_step ON checkpoint (run, step);";

/* ---- Transactions ---- */

gboolean
kairos_session_begin (KairosSession *session, GError **error)
{
  return kairos_sql_exec (session->db, session->path, "BEGIN IMMEDIATE", error);
}

gboolean
kairos_session_end (KairosSession *session, gboolean ok, GError **error)
{
  if (ok && kairos_sql_exec (session->db, session->path, "COMMIT", error))
    return TRUE;
  if (!sqlite3_get_autocommit (session->db)) /* a full disk rolls back by itself */
    sqlite3_exec (session->db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

/* ---- Making ---- */

static gboolean
fill_new (sqlite3 *db, const char *path, const KairosConfig *config, KairosDataset *dataset, GError **error)
{
  g_autofree char *header =
      g_strdup_printf ("PRAGMA journal_mode=MEMORY; PRAGMA application_id=%d; PRAGMA user_version=%d; BEGIN;",
                       APPLICATION_ID, VERSION);
  g_autoptr (KairosConfig) stored = kairos_config_copy (config);

  g_free (stored->data);
  stored->data = g_strdup (kairos_dataset_get_spec (dataset));
  g_autofree char *json = kairos_config_to_text (stored);
  return kairos_sql_exec (db, path, header, error) && kairos_sql_exec (db, path, schema, error) &&
         kairos_session_put_source (db, path, dataset, error) &&
         kairos_sql_run (db, path, error, "INSERT INTO config VALUES (1, ?)", "t", json) &&
         kairos_sql_exec (db, path, "INSERT INTO run (started) VALUES (strftime ('%Y-%m-%dT%H:%M:%SZ', 'now')); COMMIT",
                          error);
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

static char *
temporary_name (const char *path)
{
  return g_strdup_printf ("%s-%08x", path, g_random_int ());
}

KairosSession *
kairos_session_create (const char *path, const KairosConfig *config, KairosDataset *dataset, GError **error)
{
  g_autofree char *full = g_canonicalize_filename (path, NULL);
  g_autofree char *temporary = temporary_name (full);
  sqlite3 *db = NULL;
  gboolean ok;

  if (g_file_test (full, G_FILE_TEST_EXISTS) && !refuse_existing (full, error))
    return NULL;
  ok = sqlite3_open_v2 (temporary, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) == SQLITE_OK ||
       kairos_sql_fail (db, full, error);
  ok = ok && fill_new (db, full, config, dataset, error);
  sqlite3_close (db);
  ok = ok && publish_new (temporary, full, error);
  if (!ok)
    g_unlink (temporary);
  return ok ? kairos_session_open (full, error) : NULL;
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
check_version (KairosSession *session, GError **error)
{
  GError *problem = NULL;
  gint64 application = kairos_sql_int (session->db, session->path, &problem, "PRAGMA application_id", "");
  gint64 version = problem ? 0 : kairos_sql_int (session->db, session->path, &problem, "PRAGMA user_version", "");

  if (problem) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  if (application != APPLICATION_ID || version < 1)
    return refuse (error, KAIROS_ERROR_FORMAT, session->path,
                   "is a database of another program, not a Kairos session; choose a .kairos file");
  if (version <= VERSION)
    return TRUE;
  g_set_error (
      error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED,
      "%s was written by a newer Kairos (session version %d, this one reads up to %d); update Kairos to open it.",
      session->path, (int) version, VERSION);
  return FALSE;
}

static gboolean
check_integrity (KairosSession *session, GError **error)
{
  GError *problem = NULL;
  g_autofree char *verdict = kairos_sql_text (session->db, session->path, &problem, "PRAGMA quick_check(1)", "");

  if (problem) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  return g_strcmp0 (verdict, "ok") == 0 ||
         refuse (error, KAIROS_ERROR_FORMAT, session->path, "is truncated or damaged; use a copy of it from before");
}

static gboolean
load_config (KairosSession *session, GError **error)
{
  GError *problem = NULL;
  g_autofree char *text = kairos_sql_text (session->db, session->path, &problem, "SELECT json FROM config", "");

  if (problem) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  if (!text)
    return refuse (error, KAIROS_ERROR_FORMAT, session->path,
                   "has lost its hyper-parameters; use a copy of it from before");
  session->config = kairos_config_from_text (text, -1, error);
  if (!session->config)
    g_prefix_error (error, "%s: ", session->path);
  return session->config != NULL;
}

static gboolean
load_run (KairosSession *session, GError **error)
{
  GError *problem = NULL;

  session->run = kairos_sql_int (session->db, session->path, &problem, "SELECT max (id) FROM run", "");
  if (problem) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  return session->run > 0 ||
         refuse (error, KAIROS_ERROR_FORMAT, session->path, "has lost its runs; use a copy of it from before");
}

static gboolean
connect_database (KairosSession *session, GError **error)
{
  g_autofree char *uri = uri_for (session->path, &session->read_only);

  if (sqlite3_open_v2 (uri, &session->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, NULL) != SQLITE_OK)
    return kairos_sql_fail (session->db, session->path, error);
  sqlite3_busy_timeout (session->db, BUSY_MILLISECONDS);
  if (!check_version (session, error) || !check_integrity (session, error))
    return FALSE;
  return session->read_only ||
         kairos_sql_exec (session->db, session->path, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", error);
}

KairosSession *
kairos_session_open (const char *path, GError **error)
{
  g_autoptr (KairosSession) session = g_new0 (KairosSession, 1);

  session->lock = -1;
  session->path = g_canonicalize_filename (path, NULL);
  if (!check_place (session->path, error) || !connect_database (session, error) || !load_config (session, error) ||
      !load_run (session, error))
    return NULL;
  return g_steal_pointer (&session);
}

void
kairos_session_close (KairosSession *session)
{
  if (!session)
    return;
  sqlite3_close (session->db); /* the last connection moves the log into the file and removes it */
  kairos_session_unlock (session);
  kairos_config_free (session->config);
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

const KairosConfig *
kairos_session_get_config (KairosSession *session)
{
  return session->config;
}

gboolean
kairos_session_set_config (KairosSession *session, const KairosConfig *config, GError **error)
{
  g_autofree char *json = kairos_config_to_text (config);

  if (!kairos_sql_run (session->db, session->path, error, "UPDATE config SET json = ?", "t", json))
    return FALSE;
  KairosConfig *copy = kairos_config_copy (config);
  kairos_config_free (session->config);
  session->config = copy;
  return TRUE;
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
  if (flush_file (temporary) && g_rename (temporary, path) == 0)
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_IO, "%s could not be written: %s.", path, g_strerror (errno));
  return FALSE;
}

gboolean
kairos_session_copy_to (KairosSession *session, const char *path, GError **error)
{
  g_autofree char *full = g_canonicalize_filename (path, NULL), *temporary = temporary_name (full);

  if (is_same_file (session->path, full))
    return refuse (error, KAIROS_ERROR_IO, full,
                   "is this session itself, which is saved all the time; choose another name for the copy");
  gboolean ok = kairos_sql_run (session->db, full, error, "VACUUM INTO ?", "t", temporary) &&
                finish_copy (temporary, full, error);
  if (!ok)
    g_unlink (temporary);
  return ok;
}

/* ---- The training lock ---- */

/* The file at path is still the one that was opened: another process may have removed it in between. */
static gboolean
is_current (int fd, const char *path)
{
  struct stat opened, there;

  return fstat (fd, &opened) == 0 && stat (path, &there) == 0 && opened.st_dev == there.st_dev &&
         opened.st_ino == there.st_ino;
}

static gboolean
refuse_lock (KairosSession *session, int fd, int problem, GError **error)
{
  char owner[32] = "";

  if (fd >= 0 && pread (fd, owner, sizeof owner - 1, 0) < 0)
    owner[0] = '\0';
  if (problem == EWOULDBLOCK)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_IO,
                 "%s is being trained already (process %s); close it there first, or save a copy.", session->path,
                 *owner ? owner : "unknown");
  else
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_IO, "%s could not be locked for training: %s.", session->path,
                 g_strerror (problem));
  if (fd >= 0)
    close (fd);
  return FALSE;
}

gboolean
kairos_session_lock (KairosSession *session, GError **error)
{
  if (session->read_only)
    return refuse (error, KAIROS_ERROR_IO, session->path,
                   "is read-only; save a copy where you may write, and train that");
  if (session->lock >= 0)
    return TRUE;
  g_autofree char *real = realpath (session->path, NULL),
                  *path = g_strconcat (real ? real : session->path, "-lock", NULL);
  for (;;) {
    int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 || flock (fd, LOCK_EX | LOCK_NB) != 0)
      return refuse_lock (session, fd, errno, error);
    if (is_current (fd, path)) {
      g_autofree char *owner = g_strdup_printf ("%d", (int) getpid ());
      if (ftruncate (fd, 0) != 0 || pwrite (fd, owner, strlen (owner), 0) < 0)
        g_debug ("the lock's owner could not be noted"); /* it is only for the sentence above */
      session->lock = fd;
      session->lock_path = g_steal_pointer (&path);
      return TRUE;
    }
    close (fd);
  }
}

void
kairos_session_unlock (KairosSession *session)
{
  if (session->lock < 0)
    return;
  g_unlink (session->lock_path);
  close (session->lock);
  session->lock = -1;
  g_clear_pointer (&session->lock_path, g_free);
}
