/* SPDX-License-Identifier: MIT */

/* What was changed, for undo and redo: a list of (name, value before, value after) and a place in it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char *name, *before, *after;
} KairosChange;

typedef struct _KairosUndo KairosUndo;

KairosUndo *kairos_undo_new (void);
void        kairos_undo_free (KairosUndo *undo);
/* Records a change that has been made; what could be redone is forgotten. */
void        kairos_undo_push (KairosUndo *undo, const char *name, const char *before, const char *after);
/* The change to take back (set its "before"), or to make again (set its "after"); NULL at the end.  Valid until the next push. */
const KairosChange *kairos_undo_back (KairosUndo *undo);
const KairosChange *kairos_undo_forward (KairosUndo *undo);
gboolean    kairos_undo_can_go_back (KairosUndo *undo);
gboolean    kairos_undo_can_go_forward (KairosUndo *undo);

G_END_DECLS
