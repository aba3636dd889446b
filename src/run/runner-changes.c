/* SPDX-License-Identifier: MIT */

/* Hyper-parameters that were set while training.
 *
 * A run keeps the configuration that it began with and every change since, with the step before which it took effect. A
 * replay begins with the one and applies the others at their steps; so does the part that is trained again after a
 * crash.
 */
#include "runner-private.h"

#include <string.h>

GArray *
kairos_changes_with (GArray *changes, guint at, guint64 step, const char *name, const char *text)
{
  GArray *next = kairos_changes_copy (changes);
  const KairosChange change = { step, g_strdup (name), g_strdup (text) };

  /* What the person set last counts. */
  for (guint i = at; i < next->len;)
    if (g_str_equal (g_array_index (next, KairosChange, i).name, name))
      g_array_remove_index (next, i);
    else
      i++;
  g_array_insert_val (next, at, change);
  return next;
}

guint
kairos_changes_until (GArray *changes, guint64 step)
{
  guint n = 0;

  while (n < changes->len && g_array_index (changes, KairosChange, n).step <= step)
    n++;
  return n;
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
  const KairosConfig *initial = kairos_run_log_get_initial (runner->log);
  KairosConfig *config = initial ? kairos_config_copy (initial) : NULL;

  for (guint i = 0; config && i < runner->changes->len; i++) {
    const KairosChange *change = &g_array_index (runner->changes, KairosChange, i);
    if (change->step < step)
      kairos_config_set (config, change->name, change->text, NULL);
  }
  return config;
}

/* Adds to a log, at a step, what makes one configuration of the other. */
static void
add_differences (GArray *changes, guint64 step, const KairosConfig *from, const KairosConfig *to)
{
  guint n;
  const KairosParam *params = kairos_config_params (&n);

  for (guint i = 0; i < n; i++) {
    g_autofree char *old = kairos_config_get (from, params[i].name), *new = kairos_config_get (to, params[i].name);
    if (kairos_config_is_live (params[i].name) && !g_str_equal (old, new))
      kairos_changes_add (changes, step, params[i].name, new);
  }
}

GArray *
kairos_runner_cut_changes (KairosRunner *runner)
{
  guint64 step = kairos_trainer_get_step (runner->trainer);
  g_autoptr (KairosConfig) before = config_before (runner, step);
  GArray *changes = kairos_changes_copy (runner->changes);
  guint n = 0;

  while (n < changes->len && g_array_index (changes, KairosChange, n).step < step)
    n++;
  g_array_set_size (changes, n);
  if (before)
    add_differences (changes, step, before, kairos_trainer_get_config (runner->trainer));
  return changes;
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

/* What was set while nothing trained comes after all that is logged. */
static gboolean
log_what_was_set (KairosRunner *runner, guint64 step, GError **error)
{
  g_autoptr (KairosConfig) logged = config_before (runner, G_MAXUINT64);
  guint before = runner->changes->len;
  guint64 last = step;

  for (guint i = 0; i < runner->changes->len; i++)
    last = MAX (last, g_array_index (runner->changes, KairosChange, i).step);
  if (logged)
    add_differences (runner->changes, last, logged, kairos_run_log_get_config (runner->log));
  if (before == runner->changes->len)
    return TRUE;
  g_autoptr (KairosConfig) config = kairos_config_copy (kairos_run_log_get_config (runner->log));
  g_autoptr (KairosTimeline) timeline = kairos_timeline_ref (kairos_run_log_get_timeline (runner->log));
  return kairos_run_log_set_plan (runner->log, config, runner->changes, timeline, error);
}

gboolean
kairos_runner_resume_changes (KairosRunner *runner, GError **error)
{
  guint64 step = kairos_trainer_get_step (runner->trainer);

  if (!log_what_was_set (runner, step, error))
    return FALSE;
  for (runner->n_applied = 0; runner->n_applied < runner->changes->len; runner->n_applied++)
    if (g_array_index (runner->changes, KairosChange, runner->n_applied).step >= step)
      break;
  return set_back (runner, step, error) && kairos_runner_apply_changes (runner, error);
}
