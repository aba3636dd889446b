/* SPDX-License-Identifier: MIT */

/* Replay: trains a run again from its start, as it was steered, and compares the weights bit for bit.
 *
 *   g_autoptr (KairosRunLog) log = kairos_run_log_new (session, 2, &error);
 *   if (log && kairos_replay (log, dataset, pool, NULL, NULL, NULL, &replay, &error))
 *     g_print ("%s\n", replay.same ? "the same" : "another");
 *
 * The session is only read. */
#pragma once

#include <kairos/run-log.h>

G_BEGIN_DECLS

typedef struct {
  guint64 steps;  /* that were trained again: as far as the newest checkpoint */
  char *weights;  /* digest of what came out; caller frees */
  char *recorded; /* digest of the newest checkpoint; caller frees */
  gboolean same;
  char
      *warning; /* the newest checkpoint was damaged, and an earlier one is what was compared; NULL: no; caller frees */
} KairosReplay;

/* progress, cancel, error may be NULL.  Errors: the run has no checkpoint yet, or began before its beginning was
 * recorded (KAIROS_ERROR_MISSING); cancelled. */
gboolean kairos_replay (KairosRunLog *log, KairosDataset *dataset, KairosPool *pool, KairosProgressFunc progress,
                        gpointer user_data, const volatile gint *cancel, KairosReplay *replay, GError **error);

G_END_DECLS
