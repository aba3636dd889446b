/* SPDX-License-Identifier: MIT */

/* The list of changes behind undo and redo.  Changes [0, done) are in force, the others have been undone. */
#include "undo.h"

struct _KairosUndo {
  GPtrArray *changes;
  guint done;
};

static void
change_free (gpointer data)
{
  KairosChange *change = data;

  g_free (change->name);
  g_free (change->before);
  g_free (change->after);
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

void
kairos_undo_push (KairosUndo *self, const char *name, const char *before, const char *after)
{
  KairosChange *change = g_new (KairosChange, 1);

  change->name = g_strdup (name);
  change->before = g_strdup (before);
  change->after = g_strdup (after);
  g_ptr_array_set_size (self->changes, self->done);
  g_ptr_array_add (self->changes, change);
  self->done++;
}

const KairosChange *
kairos_undo_back (KairosUndo *self)
{
  return self->done > 0 ? g_ptr_array_index (self->changes, --self->done) : NULL;
}

const KairosChange *
kairos_undo_forward (KairosUndo *self)
{
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
