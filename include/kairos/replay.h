/* SPDX-License-Identifier: MIT */

/* Replay: trains a session's current run again from its start, as it was steered, and compares the weights bit for bit.
 * The session is only read. */
#pragma once

#include <kairos/session.h>

G_BEGIN_DECLS

typedef struct {
  guint64 steps;  /* that were trained again: as far as the newest checkpoint */
  char *weights;  /* digest of what came out; caller frees */
  char *recorded; /* digest of the newest checkpoint; caller frees */
  gboolean same;
} KairosReplay;

/* progress, cancel, error may be NULL.  Errors: the session has no checkpoint yet, or was made before its beginning was
 * recorded (KAIROS_ERROR_MISSING); cancelled. */
gboolean kairos_replay (KairosSession *session, KairosDataset *dataset, KairosPool *pool, KairosProgressFunc progress,
                        gpointer user_data, const volatile gint *cancel, KairosReplay *replay, GError **error);

G_END_DECLS
