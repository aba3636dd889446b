/* SPDX-License-Identifier: MIT */

/* Hyper-parameters that were set while training.
 *
 * The session keeps, for each run, the configuration that it began with and every change since, with the step before
 * which it took effect.  A replay begins with the one and applies the others at their steps; so does the part that is
 * trained again after a crash.  As notes of the run: "initial-config", JSON, and "changes", a line "STEP NAME TEXT"
 * each.
 */
#include "runner-private.h"

#include <string.h>

void
kairos_change_clear (gpointer data)
{
  KairosChange *change = data;

  g_free (change->name);
  g_free (change->text);
}

static void
add (GArray *changes, guint64 step, const char *name, const char *text)
{
  const KairosChange change = { step, g_strdup (name), g_strdup (text) };

  g_array_append_val (changes, change);
}

GArray *
kairos_changes_read (KairosSession *session)
{
  GArray *changes = g_array_new (FALSE, FALSE, sizeof (KairosChange));
  g_autofree char *log = kairos_session_get_note (session, "changes");
  g_auto (GStrv) lines = g_strsplit (log ? log : "", "\n", -1);

  g_array_set_clear_func (changes, kairos_change_clear);
  for (guint i = 0; lines[i]; i++) {
    g_auto (GStrv) parts = g_strsplit (lines[i], " ", 3);
    if (g_strv_length (parts) == 3)
      add (changes, g_ascii_strtoull (parts[0], NULL, 10), parts[1], parts[2]);
  }
  return changes;
}

static gboolean
store (KairosRunner *runner, GError **error)
{
  g_autoptr (GString) log = g_string_new (NULL);

  for (guint i = 0; i < runner->changes->len; i++) {
    const KairosChange *change = &g_array_index (runner->changes, KairosChange, i);
    g_string_append_printf (log, "%" G_GUINT64_FORMAT " %s %s\n", change->step, change->name, change->text);
  }
  return kairos_session_set_note (runner->session, "changes", log->str, error);
}

gboolean
kairos_runner_load_changes (KairosRunner *runner, GError **error)
{
  g_autofree char *initial = kairos_session_get_note (runner->session, "initial-config");
  g_autofree char *config = kairos_config_to_text (kairos_session_get_config (runner->session));

  g_clear_pointer (&runner->changes, g_array_unref);
  runner->changes = kairos_changes_read (runner->session);
  runner->n_applied = 0;
  return initial || kairos_session_set_note (runner->session, "initial-config", config, error);
}

gboolean
kairos_runner_log_change (KairosRunner *runner, const char *name, const char *text, GError **error)
{
  const KairosChange change = { kairos_trainer_get_step (runner->trainer), g_strdup (name), g_strdup (text) };

  /* After a crash there may be settings of the same that are still to come again: what the person set last counts. */
  for (guint i = runner->n_applied; i < runner->changes->len;)
    if (g_str_equal (g_array_index (runner->changes, KairosChange, i).name, name))
      g_array_remove_index (runner->changes, i);
    else
      i++;
  g_array_insert_val (runner->changes, runner->n_applied, change);
  runner->n_applied++;
  return store (runner, error);
}

gboolean
kairos_runner_apply_changes (KairosRunner *runner, GError **error)
{
  guint64 step = kairos_trainer_get_step (runner->trainer);

  for (; runner->n_applied < runner->changes->len; runner->n_applied++) {
    const KairosChange *change = &g_array_index (runner->changes, KairosChange, runner->n_applied);
    if (change->step > step)
      break;
    if (!kairos_trainer_set (runner->trainer, change->name, change->text, error))
      return FALSE;
  }
  return TRUE;
}

/* The configuration before any change of the log that was made at or after a step; NULL where it is not known. */
static KairosConfig *
config_before (KairosRunner *runner, guint64 step)
{
  g_autofree char *initial = kairos_session_get_note (runner->session, "initial-config");
  KairosConfig *config = initial ? kairos_config_from_text (initial, -1, NULL) : NULL;

  for (guint i = 0; config && i < runner->changes->len; i++) {
    const KairosChange *change = &g_array_index (runner->changes, KairosChange, i);
    if (change->step < step)
      kairos_config_set (config, change->name, change->text, NULL);
  }
  return config;
}

/* Adds to the log, at a step, what makes one configuration of the other. */
static void
add_differences (KairosRunner *runner, guint64 step, const KairosConfig *from, const KairosConfig *to)
{
  guint n;
  const KairosParam *params = kairos_config_params (&n);

  for (guint i = 0; i < n; i++) {
    g_autofree char *old = kairos_config_get (from, params[i].name), *new = kairos_config_get (to, params[i].name);
    if (kairos_config_is_live (params[i].name) && !g_str_equal (old, new))
      add (runner->changes, step, params[i].name, new);
  }
}

/* Back for good: what was set later is void, and the log has to lead to the configuration of the checkpoint. */
static gboolean
cut (KairosRunner *runner, guint64 step, GError **error)
{
  g_autoptr (KairosConfig) before = config_before (runner, step);
  guint n = 0;

  while (n < runner->changes->len && g_array_index (runner->changes, KairosChange, n).step < step)
    n++;
  g_array_set_size (runner->changes, n);
  if (before)
    add_differences (runner, step, before, kairos_trainer_get_config (runner->trainer));
  runner->n_applied = runner->changes->len;
  return store (runner, error);
}

/* The trainer's as they were before a step: without a checkpoint yet it was made with the latest ones. */
static gboolean
set_back (KairosRunner *runner, guint64 step, GError **error)
{
  g_autoptr (KairosConfig) config = config_before (runner, step);
  guint n;
  const KairosParam *params = kairos_config_params (&n);

  for (guint i = 0; config && i < n; i++) {
    g_autofree char *text = kairos_config_get (config, params[i].name);
    if (kairos_config_is_live (params[i].name) && !kairos_trainer_set (runner->trainer, params[i].name, text, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
kairos_runner_rewind_changes (KairosRunner *runner, gboolean again, GError **error)
{
  guint64 step = kairos_trainer_get_step (runner->trainer), last = step;

  if (!again)
    return cut (runner, step, error);
  for (guint i = 0; i < runner->changes->len; i++)
    last = MAX (last, g_array_index (runner->changes, KairosChange, i).step);
  /* What was set while nothing trained, after all that is logged. */
  g_autoptr (KairosConfig) logged = config_before (runner, G_MAXUINT64);
  guint before = runner->changes->len;
  if (logged)
    add_differences (runner, last, logged, kairos_session_get_config (runner->session));
  for (runner->n_applied = 0; runner->n_applied < runner->changes->len; runner->n_applied++)
    if (g_array_index (runner->changes, KairosChange, runner->n_applied).step >= step)
      break;
  return (before == runner->changes->len || store (runner, error)) && set_back (runner, step, error) &&
         kairos_runner_apply_changes (runner, error);
}
