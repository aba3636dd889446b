/* SPDX-License-Identifier: MIT */

/* Hyper-parameters that were set while training, as an array and as text: a line "STEP NAME TEXT" each. */
#include "session-private.h"

#include <string.h>

static void
clear (gpointer data)
{
  KairosChange *change = data;

  g_free (change->name);
  g_free (change->text);
}

GArray *
kairos_changes_new (void)
{
  GArray *changes = g_array_new (FALSE, FALSE, sizeof (KairosChange));

  g_array_set_clear_func (changes, clear);
  return changes;
}

void
kairos_changes_add (GArray *changes, guint64 step, const char *name, const char *text)
{
  const KairosChange change = { step, g_strdup (name), g_strdup (text) };

  g_array_append_val (changes, change);
}

GArray *
kairos_changes_copy (GArray *changes)
{
  GArray *copy = kairos_changes_new ();

  for (guint i = 0; i < changes->len; i++) {
    const KairosChange *change = &g_array_index (changes, KairosChange, i);
    kairos_changes_add (copy, change->step, change->name, change->text);
  }
  return copy;
}

GArray *
kairos_changes_from_text (const char *text)
{
  GArray *changes = kairos_changes_new ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i]; i++) {
    g_auto (GStrv) parts = g_strsplit (lines[i], " ", 3);
    if (g_strv_length (parts) == 3)
      kairos_changes_add (changes, g_ascii_strtoull (parts[0], NULL, 10), parts[1], parts[2]);
  }
  return changes;
}

char *
kairos_changes_to_text (GArray *changes)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < changes->len; i++) {
    const KairosChange *change = &g_array_index (changes, KairosChange, i);
    g_string_append_printf (text, "%" G_GUINT64_FORMAT " %s %s\n", change->step, change->name, change->text);
  }
  return g_string_free (text, FALSE);
}
