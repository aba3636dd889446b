/* SPDX-License-Identifier: MIT */

/* The list of changes behind undo and redo.  Changes [0, done) are in force, the others have been undone. */
#include "undo.h"

struct _KairosUndo {
  GPtrArray *changes;
  guint done;
  gboolean sealed; /* the next change stands alone */
};

static void
change_free (gpointer data)
{
  KairosUndoChange *change = data;

  g_free (change->name);
  g_free (change->before);
  g_free (change->after);
  kairos_timeline_unref (change->from);
  kairos_timeline_unref (change->to);
  g_free (change->description);
  g_free (change->merge_key);
  g_free (change);
}

KairosUndo *
kairos_undo_new (void)
{
  KairosUndo *self = g_new0 (KairosUndo, 1);

  self->changes = g_ptr_array_new_with_free_func (change_free);
  return self;
}

void
kairos_undo_free (KairosUndo *self)
{
  g_ptr_array_unref (self->changes);
  g_free (self);
}

static void
append (KairosUndo *self, const KairosUndoChange *change)
{
  g_ptr_array_set_size (self->changes, self->done);
  g_ptr_array_add (self->changes, g_memdup2 (change, sizeof *change));
  self->done++;
  self->sealed = FALSE;
}

void
kairos_undo_push (KairosUndo *self, const char *name, const char *before, const char *after)
{
  append (self, &(KairosUndoChange){ .name = g_strdup (name), .before = g_strdup (before), .after = g_strdup (after) });
}

void
kairos_undo_push_branch (KairosUndo *self, gint64 parent, const char *description)
{
  append (self, &(KairosUndoChange){ .parent = parent, .description = g_strdup (description) });
}

static KairosUndoChange *
mergeable (KairosUndo *self, const char *merge_key)
{
  KairosUndoChange *last = self->done > 0 ? g_ptr_array_index (self->changes, self->done - 1) : NULL;

  return last && !last->name && last->parent == 0 && merge_key && !self->sealed &&
                 g_strcmp0 (last->merge_key, merge_key) == 0
             ? last
             : NULL;
}

void
kairos_undo_push_timeline (KairosUndo *self, KairosTimeline *from, KairosTimeline *to, const char *description,
                           const char *merge_key)
{
  KairosUndoChange *last = mergeable (self, merge_key);

  if (!last) {
    append (self, &(KairosUndoChange){ .from = kairos_timeline_ref (from),
                                       .to = kairos_timeline_ref (to),
                                       .description = g_strdup (description),
                                       .merge_key = g_strdup (merge_key) });
    return;
  }
  kairos_timeline_unref (last->to);
  last->to = kairos_timeline_ref (to);
  if (kairos_timeline_equal (last->from, last->to)) {
    self->done--;
    self->sealed = TRUE;
  }
  g_ptr_array_set_size (self->changes, self->done);
}

const KairosUndoChange *
kairos_undo_peek (KairosUndo *self, gboolean forward)
{
  if (forward)
    return self->done < self->changes->len ? g_ptr_array_index (self->changes, self->done) : NULL;
  return self->done > 0 ? g_ptr_array_index (self->changes, self->done - 1) : NULL;
}

const KairosUndoChange *
kairos_undo_back (KairosUndo *self)
{
  self->sealed = TRUE;
  return self->done > 0 ? g_ptr_array_index (self->changes, --self->done) : NULL;
}

const KairosUndoChange *
kairos_undo_forward (KairosUndo *self)
{
  self->sealed = TRUE;
  return self->done < self->changes->len ? g_ptr_array_index (self->changes, self->done++) : NULL;
}

gboolean
kairos_undo_can_go_back (KairosUndo *self)
{
  return self->done > 0;
}

gboolean
kairos_undo_can_go_forward (KairosUndo *self)
{
  return self->done < self->changes->len;
}
