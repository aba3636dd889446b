/* SPDX-License-Identifier: MIT */

/* What was changed in a run, for undo and redo: one list of settings and timelines, before and after, and a place in
 * it. The first may be that the run began as a branch of another, to which taking it back returns.
 *
 * A change of the timeline with the merge key of the change before it, if that is not NULL, becomes one with it (one
 * drag, one run of a spin button is one step); one that ends where it began vanishes.  Nothing merges across an undo or
 * redo.
 */
#pragma once

#include <kairos/timeline.h>

G_BEGIN_DECLS

typedef struct {
  char *name, *before, *after; /* a setting and its values; name NULL: the timeline */
  KairosTimeline *from, *to;
  gint64 parent; /* a branch: the run that it came from; 0: none of this */
  char *description, *merge_key;
} KairosUndoChange;

typedef struct _KairosUndo KairosUndo;

KairosUndo *kairos_undo_new (void);
void kairos_undo_free (KairosUndo *undo);
/* Records a change that has been made; what could be redone is forgotten. */
void kairos_undo_push (KairosUndo *undo, const char *name, const char *before, const char *after);
void kairos_undo_push_timeline (KairosUndo *undo, KairosTimeline *from, KairosTimeline *to, const char *description,
                                const char *merge_key);
/* That the run is a branch; before any other change. */
void kairos_undo_push_branch (KairosUndo *undo, gint64 parent, const char *description);
/* What back or forward would return, without a move. */
const KairosUndoChange *kairos_undo_peek (KairosUndo *undo, gboolean forward);
/* The change to take back (to its "before" or "from"), or to make again (to its "after" or "to"); NULL at the end.
 * Valid until the next push. */
const KairosUndoChange *kairos_undo_back (KairosUndo *undo);
const KairosUndoChange *kairos_undo_forward (KairosUndo *undo);
gboolean kairos_undo_can_go_back (KairosUndo *undo);
gboolean kairos_undo_can_go_forward (KairosUndo *undo);

G_END_DECLS
