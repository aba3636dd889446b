/* SPDX-License-Identifier: MIT */

/* All that a session file holds, as text that can be compared: what it holds as a database, in either version, and what
 * a session says when it is asked.  Times that were measured are left out of both, and in which portions step records
 * were written. */
#pragma once

#include "kairos/run-log.h"
#include "src/run/sql.h"

/* Of a database as a connection to it sees it.  Caller frees. */
char *picture_of_database (sqlite3 *db);
/* As a new connection sees it, which also finds its integrity in order.  Caller frees. */
char *picture_of_file (const char *path);

/* Of a log's plan, as it is in memory.  Caller frees. */
char *picture_of_plan (KairosRunLog *log);

enum { PICTURE_RUNS = 5 }; /* runs are looked for up to this number */

/* What can be read of a run: what is said of it, its plan, its records, its checkpoints; run 0: which runs there are.
 * An element is "NAME: TEXT", or NULL where it could not be read, which an error said.  Caller unrefs. */
GPtrArray *picture_of_run (KairosSession *session, gint64 run);
/* All of that, for run 0 and the following. */
GPtrArray *picture_of_session (KairosSession *session);

/* Two pictures are the same; the first difference is said. */
void picture_assert_same (const char *is, const char *expected, const char *what);
/* Whatever could be read is as it should be.  Returns whether all could be read. */
gboolean picture_assert_right (GPtrArray *is, GPtrArray *expected, const char *what);
