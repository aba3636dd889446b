/* SPDX-License-Identifier: MIT */

/* What the files that make up KairosSession share. */
#pragma once

#include "kairos/session.h"

#include "sql.h"

struct _KairosSession {
  sqlite3 *db;
  char *path; /* absolute */
  gboolean read_only;
  KairosConfig *config;
  gint64 run; /* the one that is written to */
  int lock;   /* file descriptor of the training lock, -1 when not held */
  char *lock_path;
};

/* The run's timeline, an empty one where there is none; NULL with an error where it cannot be read. */
KairosTimeline *kairos_session_load_timeline (KairosSession *session, GError **error);

/* Transactions.  end commits when ok, else rolls back; FALSE when it was not ok or the commit failed. */
gboolean kairos_session_begin (KairosSession *session, GError **error);
gboolean kairos_session_end (KairosSession *session, gboolean ok, GError **error);

/* Writes the data reference: the absolute place and the one relative to the session at session_path.  insert: makes the
 * row. */
gboolean kairos_session_put_source (sqlite3 *db, const char *session_path, KairosDataset *dataset, GError **error);
/* For a copy at another place: the relative place anew. */
gboolean kairos_session_move_source (sqlite3 *db, const char *session_path, GError **error);

/* At most one runner at a time works on a session file, among all processes.  Refused in one sentence when another
 * does, or when the file is read-only.  A process that dies lets go of it.  Given up by unlock or when the session is
 * closed. */
gboolean kairos_session_lock (KairosSession *session, GError **error);
void kairos_session_unlock (KairosSession *session);
