/* SPDX-License-Identifier: MIT */

/* A thin layer over SQLite: statements that clean up after themselves, bindings in one call, and errors as sentences a
 * person can act on.  A read says whether there was nothing or it failed. */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

#include "kairos/session.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

/* What went wrong last on db, as an error that names the file; db NULL: memory ran out.  Always returns FALSE. */
gboolean kairos_sql_fail (sqlite3 *db, const char *path, GError **error);

/* The same for a result code of SQLite; what: its words for it, NULL: none. */
gboolean kairos_sql_fail_code (int code, const char *what, const char *path, GError **error);

/* Runs statements without results. */
gboolean kairos_sql_exec (sqlite3 *db, const char *path, const char *sql, GError **error);

/* Prepares one statement and binds its ?s in order.  format: a letter each: i gint64, r double (NaN becomes NULL), t
 * const char *, b GBytes *.  Texts and bytes must live as long as the statement; NULL is NULL.  NULL with error. */
sqlite3_stmt *kairos_sql_prepare (sqlite3 *db, const char *path, GError **error, const char *sql, const char *format,
                                  ...) G_GNUC_WARN_UNUSED_RESULT;

/* Steps to the next row. */
KairosRead kairos_sql_row (sqlite3_stmt *statement, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Prepares, binds and runs a statement without results. */
gboolean kairos_sql_run (sqlite3 *db, const char *path, GError **error, const char *sql, const char *format, ...);

/* The text of the first column of the first row; absent also where that is NULL.  Caller frees it. */
KairosRead kairos_sql_text (sqlite3 *db, const char *path, char **text, GError **error, const char *sql,
                            const char *format, ...) G_GNUC_WARN_UNUSED_RESULT;

/* The integer there; 0 where there is none. */
gboolean kairos_sql_int (sqlite3 *db, const char *path, gint64 *number, GError **error, const char *sql,
                         const char *format, ...) G_GNUC_WARN_UNUSED_RESULT;

/* Column values. */
double kairos_sql_real (sqlite3_stmt *statement, int column); /* NULL comes out as NaN */
/* Copies; caller frees, unrefs.  text is NULL where the value is.  FALSE: there was no memory for it. */
gboolean kairos_sql_copy_text (sqlite3_stmt *statement, int column, const char *path, char **text, GError **error);
gboolean kairos_sql_copy_bytes (sqlite3_stmt *statement, int column, const char *path, GBytes **bytes, GError **error);
