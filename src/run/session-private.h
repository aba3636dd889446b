/* SPDX-License-Identifier: MIT */

/* What the files that make up KairosSession and KairosRunLog share. */
#pragma once

#include "kairos/run-log.h"

#include "sql.h"

enum { KAIROS_SESSION_VERSION = 3 };

/* What version 3 added to version 2. */
#define KAIROS_READING_SCHEMA                                                                                          \
  "CREATE TABLE reading (run INTEGER, step INTEGER, probe TEXT NOT NULL, content BLOB NOT NULL,"                       \
  " PRIMARY KEY (run, step, probe));"

struct _KairosSession {
  sqlite3 *db;
  char *path; /* absolute */
  gboolean read_only;
  guint n_begun; /* transactions, one within the other */
  int lock;      /* file descriptor of the training lock, -1 when not held */
  guint n_locks;
  char *lock_path;
};

/* Tables of version 2 that version 1 has not, or otherwise. */
extern const char kairos_session_schema[];

/* A name beside path that nobody has.  Caller frees. */
char *kairos_session_temporary_name (const char *path);
/* A copy of the database under such a name; an error names path. */
gboolean kairos_session_write_copy (KairosSession *session, const char *temporary, const char *path, GError **error);
/* Removes what SQLite keeps beside a file that is not there or will not be: a log or journal that a crash left is
 * otherwise taken for that of whatever gets the name next. */
void kairos_session_remove_beside (const char *path);
/* The same, and the file. */
void kairos_session_remove (const char *path);

/* Transactions.  end commits when ok, else rolls back; FALSE when it was not ok or the commit failed.  One within
 * another is part of that: what was not ok in it must not be ok for the outer one either. */
gboolean kairos_session_begin (KairosSession *session, GError **error);
gboolean kairos_session_end (KairosSession *session, gboolean ok, GError **error);

/* Gives up the training lock however often it was taken. */
void kairos_session_drop_lock (KairosSession *session);

/* ---- session-source.c ---- */

/* Writes the data reference: the absolute place and the one relative to the session at session_path.  The current run
 * stays what it was. */
gboolean kairos_session_put_source (sqlite3 *db, const char *session_path, KairosDataset *dataset, GError **error);
/* For a copy at another place: the relative place anew. */
gboolean kairos_session_move_source (sqlite3 *db, const char *session_path, GError **error);

/* ---- session-upgrade.c ---- */

/* From version 1, in one transaction. */
gboolean kairos_session_upgrade (KairosSession *session, GError **error);

/* ---- session-runs.c ---- */

/* Within a transaction: a new row, which is the current run now; 0 with error. */
gint64 kairos_session_insert_run (KairosSession *session, const KairosRunStart *start, GError **error);

/* A part of a run's way: the run that holds its records up to and with a step. */
typedef struct {
  gint64 run;
  gint64 last;
} KairosStretch;

/* What a run was told.  Owns what it holds. */
typedef struct {
  KairosConfig *config, *initial; /* now, and at its very beginning; initial NULL: not known */
  GArray *changes;                /* of KairosChange */
  KairosTimeline *timeline;
} KairosRunPlan;
void kairos_run_plan_clear (KairosRunPlan *plan);
/* Into an empty plan, which is to be cleared after a failure, too. */
gboolean kairos_session_read_plan (KairosSession *session, gint64 run, KairosRunPlan *plan, GError **error);

/* From the beginning to the run itself.  Caller unrefs; NULL with error. */
GArray *kairos_session_lineage (KairosSession *session, gint64 run, GError **error);
/* Within a transaction: what branches have from a run after a step becomes their own.  A branch that then comes from an
 * earlier step does so from this run, or where that step is before the run's own beginning, from its parent.  step -1:
 * all branches. */
gboolean kairos_session_bequeath (KairosSession *session, gint64 run, gint64 step, GError **error);

/* ---- session-records.c ---- */

/* As they stand in a row of the table.  Caller unrefs. */
GBytes *kairos_steps_to_bytes (const KairosStepRecord *records, guint n);
/* Within a transaction: no chunk of step records goes across the end of this step. */
gboolean kairos_session_split_steps (KairosSession *session, gint64 run, gint64 step, GError **error);
/* All that a run has, with what it has from those it branched from: see run-log.h.  Caller unrefs; NULL with error. */
GArray *kairos_session_get_steps (KairosSession *session, gint64 run, GError **error);
GArray *kairos_session_get_epochs (KairosSession *session, gint64 run, GError **error);
GArray *kairos_session_get_checkpoints (KairosSession *session, gint64 run, GError **error);
/* Of the run's own checkpoints those that nobody asked for and no branch begins at, without that of a step. */
GArray *kairos_session_get_dispensable (KairosSession *session, gint64 run, guint64 step, GError **error);

/* ---- changes.c ---- */

/* A line "STEP NAME TEXT" each.  Caller frees, unrefs. */
char *kairos_changes_to_text (GArray *changes);
GArray *kairos_changes_from_text (const char *text);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KairosRunPlan, kairos_run_plan_clear)
