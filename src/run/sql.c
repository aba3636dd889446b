/* SPDX-License-Identifier: MIT */

/* A thin layer over SQLite.  The table of sentences is the one place where its result codes become words. */
#include "sql.h"

#include <math.h>
#include <stdarg.h>

#include "kairos/error.h"

typedef struct {
  int code; /* primary or extended */
  KairosError kind;
  const char *sentence; /* after the file's name */
} Sentence;

/* Extended codes before the primary ones they belong to. */
static const Sentence sentences[] = {
  { SQLITE_FULL, KAIROS_ERROR_IO,
    "could not be written because the disk is full; free some space and go on, nothing recorded so far is lost" },
  { SQLITE_IOERR_WRITE, KAIROS_ERROR_IO,
    "could not be written; check the disk and its free space, nothing recorded so far is lost" },
  { SQLITE_IOERR, KAIROS_ERROR_IO,
    "could not be read or written; check that its disk is still connected and has free space" },
  { SQLITE_NOTADB, KAIROS_ERROR_FORMAT, "is not a Kairos session; choose a .kairos file" },
  { SQLITE_CORRUPT, KAIROS_ERROR_FORMAT, "is truncated or damaged; use a copy of it from before" },
  { SQLITE_BUSY, KAIROS_ERROR_IO, "is being written by another program; close it there and try again" },
  { SQLITE_LOCKED, KAIROS_ERROR_IO, "is being written by another program; close it there and try again" },
  { SQLITE_READONLY, KAIROS_ERROR_IO, "may not be written; save a copy where you may write" },
  { SQLITE_CANTOPEN, KAIROS_ERROR_IO,
    "could not be opened; check that the file and its folder may be read and written" },
  { SQLITE_PERM, KAIROS_ERROR_IO, "could not be opened; check that the file and its folder may be read and written" },
  { SQLITE_NOMEM, KAIROS_ERROR_IO, "could not be read because memory ran out; close something and try again" },
  { SQLITE_TOOBIG, KAIROS_ERROR_RANGE, "cannot hold a checkpoint this large; choose a smaller network" },
};

gboolean
kairos_sql_fail_code (int code, const char *what, const char *path, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (sentences); i++)
    if (sentences[i].code == code || sentences[i].code == (code & 0xff)) {
      g_set_error (error, KAIROS_ERROR, sentences[i].kind, "%s %s.", path, sentences[i].sentence);
      return FALSE;
    }
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
               "%s does not hold what a Kairos session holds (%s); use a copy of it from before.", path,
               what ? what : sqlite3_errstr (code));
  return FALSE;
}

gboolean
kairos_sql_fail (sqlite3 *db, const char *path, GError **error)
{
  return kairos_sql_fail_code (db ? sqlite3_extended_errcode (db) : SQLITE_NOMEM, db ? sqlite3_errmsg (db) : NULL, path,
                               error);
}

gboolean
kairos_sql_exec (sqlite3 *db, const char *path, const char *sql, GError **error)
{
  return sqlite3_exec (db, sql, NULL, NULL, NULL) == SQLITE_OK || kairos_sql_fail (db, path, error);
}

static int
bind_real (sqlite3_stmt *statement, int i, double value)
{
  return isnan (value) ? sqlite3_bind_null (statement, i) : sqlite3_bind_double (statement, i, value);
}

static int
bind_bytes (sqlite3_stmt *statement, int i, GBytes *bytes)
{
  gsize size = 0;
  const void *data = bytes ? g_bytes_get_data (bytes, &size) : NULL;

  return bytes ? sqlite3_bind_blob64 (statement, i, data ? data : "", size, SQLITE_STATIC)
               : sqlite3_bind_null (statement, i);
}

/* SQLITE_OK unless memory ran out: without the value a read would find nothing. */
static int
bind_one (sqlite3_stmt *statement, int i, char letter, va_list *args)
{
  switch (letter) {
  case 'i': return sqlite3_bind_int64 (statement, i, va_arg (*args, gint64));
  case 'r': return bind_real (statement, i, va_arg (*args, double));
  case 't': return sqlite3_bind_text (statement, i, va_arg (*args, const char *), -1, SQLITE_STATIC);
  default: return bind_bytes (statement, i, va_arg (*args, GBytes *));
  }
}

static sqlite3_stmt *
prepare (sqlite3 *db, const char *path, GError **error, const char *sql, const char *format, va_list args)
{
  g_autoptr (sqlite3_stmt) statement = NULL;
  int result = sqlite3_prepare_v2 (db, sql, -1, &statement, NULL);
  va_list rest;

  va_copy (rest, args);
  for (int i = 1; result == SQLITE_OK && *format; i++, format++)
    result = bind_one (statement, i, *format, &rest);
  va_end (rest);
  if (result == SQLITE_OK)
    return g_steal_pointer (&statement);
  kairos_sql_fail (db, path, error);
  return NULL;
}

sqlite3_stmt *
kairos_sql_prepare (sqlite3 *db, const char *path, GError **error, const char *sql, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  sqlite3_stmt *statement = prepare (db, path, error, sql, format, args);
  va_end (args);
  return statement;
}

KairosRead
kairos_sql_row (sqlite3_stmt *statement, const char *path, GError **error)
{
  int result = sqlite3_step (statement);

  if (result == SQLITE_ROW || result == SQLITE_DONE)
    return result == SQLITE_ROW ? KAIROS_READ_FOUND : KAIROS_READ_ABSENT;
  kairos_sql_fail (sqlite3_db_handle (statement), path, error);
  return KAIROS_READ_FAILED;
}

gboolean
kairos_sql_run (sqlite3 *db, const char *path, GError **error, const char *sql, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autoptr (sqlite3_stmt) statement = prepare (db, path, error, sql, format, args);
  va_end (args);
  if (!statement)
    return FALSE;
  return sqlite3_step (statement) == SQLITE_DONE || kairos_sql_fail (db, path, error);
}

KairosRead
kairos_sql_text (sqlite3 *db, const char *path, char **text, GError **error, const char *sql, const char *format, ...)
{
  va_list args;

  *text = NULL;
  va_start (args, format);
  g_autoptr (sqlite3_stmt) statement = prepare (db, path, error, sql, format, args);
  va_end (args);
  KairosRead read = statement ? kairos_sql_row (statement, path, error) : KAIROS_READ_FAILED;
  if (read != KAIROS_READ_FOUND)
    return read;
  if (!kairos_sql_copy_text (statement, 0, path, text, error))
    return KAIROS_READ_FAILED;
  return *text ? KAIROS_READ_FOUND : KAIROS_READ_ABSENT;
}

gboolean
kairos_sql_int (sqlite3 *db, const char *path, gint64 *number, GError **error, const char *sql, const char *format, ...)
{
  va_list args;

  *number = 0;
  va_start (args, format);
  g_autoptr (sqlite3_stmt) statement = prepare (db, path, error, sql, format, args);
  va_end (args);
  KairosRead read = statement ? kairos_sql_row (statement, path, error) : KAIROS_READ_FAILED;
  if (read == KAIROS_READ_FOUND)
    *number = sqlite3_column_int64 (statement, 0);
  return read != KAIROS_READ_FAILED;
}

double
kairos_sql_real (sqlite3_stmt *statement, int column)
{
  return sqlite3_column_type (statement, column) == SQLITE_NULL ? NAN : sqlite3_column_double (statement, column);
}

gboolean
kairos_sql_copy_text (sqlite3_stmt *statement, int column, const char *path, char **text, GError **error)
{
  gboolean null = sqlite3_column_type (statement, column) == SQLITE_NULL;
  const char *value = null ? NULL : (const char *) sqlite3_column_text (statement, column);

  *text = g_strdup (value);
  return null || value || kairos_sql_fail (NULL, path, error);
}

gboolean
kairos_sql_copy_bytes (sqlite3_stmt *statement, int column, const char *path, GBytes **bytes, GError **error)
{
  int type = sqlite3_column_type (statement, column);
  const void *data = sqlite3_column_blob (statement, column);
  int size = sqlite3_column_bytes (statement, column);

  /* An empty blob has no data either, as has one for which there was no memory; what is in it is looked at later. */
  gboolean failed = !data && type == SQLITE_BLOB && sqlite3_errcode (sqlite3_db_handle (statement)) == SQLITE_NOMEM;
  *bytes = failed ? NULL : g_bytes_new (data, size);
  return !failed || kairos_sql_fail (NULL, path, error);
}
