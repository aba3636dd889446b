/* SPDX-License-Identifier: MIT */

/* The plan of a run: where edits, interventions and settings meet the training.
 *
 * The log's plan and the trainer's are the same.  All of it takes effect at the next step, nothing before that can
 * change, and each change is one write: it is in the trainer and in the file, or in neither.
 */
#include "runner-private.h"

static double
now (KairosRunner *runner)
{
  return kairos_trainer_get_epoch (runner->trainer);
}

static void
tell (KairosRunner *runner)
{
  if (runner->callbacks.timeline)
    runner->callbacks.timeline (kairos_trainer_get_timeline (runner->trainer),
                                kairos_trainer_get_step (runner->trainer), runner->user_data);
}

/* What the configuration comes to with the settings that are still to be made again after a crash. */
static KairosConfig *
final_config (KairosRunner *runner, GArray *changes, guint first)
{
  KairosConfig *config = kairos_config_copy (kairos_trainer_get_config (runner->trainer));

  for (guint i = first; i < changes->len; i++) {
    const KairosChange *change = &g_array_index (changes, KairosChange, i);
    kairos_config_set (config, change->name, change->text, NULL);
  }
  return config;
}

static gboolean
write_plan (KairosRunner *runner, GArray *changes, KairosTimeline *timeline, GError **error)
{
  guint n_applied = runner->n_applied + (changes != runner->changes);
  g_autoptr (KairosConfig) config = final_config (runner, changes, n_applied);

  if (!kairos_run_log_set_plan (runner->log, config, changes, timeline, error))
    return FALSE;
  g_array_ref (changes);
  g_array_unref (runner->changes);
  runner->changes = changes;
  runner->n_applied = n_applied;
  return TRUE;
}

/* name NULL: no setting.  timeline NULL: the same. */
static gboolean
change_plan (KairosRunner *runner, const char *name, const char *text, KairosTimeline *timeline, GError **error)
{
  KairosTrainer *trainer = runner->trainer;
  g_autoptr (KairosTimeline) before = kairos_timeline_ref (kairos_trainer_get_timeline (trainer));
  g_autofree char *value = name ? kairos_config_get (kairos_trainer_get_config (trainer), name) : NULL;

  if (!kairos_runner_apply_changes (runner, error) || (name && !kairos_trainer_set (trainer, name, text, error)))
    return FALSE;
  g_autoptr (GArray) changes =
      name ? kairos_changes_with (runner->changes, runner->n_applied, kairos_trainer_get_step (trainer), name, text)
           : g_array_ref (runner->changes);
  if ((!timeline || kairos_trainer_set_timeline (trainer, timeline, error)) &&
      write_plan (runner, changes, timeline ? timeline : before, error)) {
    if (timeline)
      tell (runner);
    return TRUE;
  }
  if (timeline)
    kairos_trainer_set_timeline (trainer, before, NULL);
  if (value)
    kairos_trainer_set (trainer, name, value, NULL);
  return FALSE;
}

/* The timeline for another number of planned epochs: one that says how many there are says so too, where its clips
 * allow it.  NULL: it stays. */
static KairosTimeline *
follow_epochs (KairosRunner *runner, const char *text)
{
  KairosTimeline *timeline = kairos_trainer_get_timeline (runner->trainer);
  double epochs = kairos_timeline_get_epochs (timeline), planned = g_ascii_strtod (text, NULL);

  if (epochs == 0 || (epochs <= planned && epochs > planned - 1))
    return NULL;
  return kairos_timeline_set_epochs (timeline, planned, NULL);
}

gboolean
kairos_runner_set (KairosRunner *runner, const char *name, const char *text, GError **error)
{
  g_autoptr (KairosTimeline) next = g_str_equal (name, "epochs") ? follow_epochs (runner, text) : NULL;

  return change_plan (runner, name, text, next, error);
}

char *
kairos_runner_new_epochs (KairosTimeline *before, KairosTimeline *after)
{
  double epochs = kairos_timeline_get_epochs (after);

  return epochs == 0 || epochs == kairos_timeline_get_epochs (before)
             ? NULL
             : g_strdup_printf ("%d", (int) (epochs + 0.999999));
}

gboolean
kairos_runner_set_timeline (KairosRunner *runner, KairosTimeline *timeline, GError **error)
{
  KairosTimeline *present = kairos_trainer_get_timeline (runner->trainer);
  g_autoptr (KairosTimeline) next = kairos_timeline_replace_future (present, timeline, now (runner), error);
  g_autofree char *epochs = next ? kairos_runner_new_epochs (present, next) : NULL;

  return next && change_plan (runner, epochs ? "epochs" : NULL, epochs, next, error);
}

/* ---- By hand ---- */

static double
planned_end (KairosRunner *runner)
{
  double epochs = kairos_timeline_get_epochs (kairos_trainer_get_timeline (runner->trainer));

  return epochs > 0 ? epochs : kairos_trainer_get_config (runner->trainer)->epochs;
}

gboolean
kairos_runner_intervene (KairosRunner *runner, JsonObject *clip, guint32 *id, GError **error)
{
  if (now (runner) >= planned_end (runner)) {
    g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                         "All planned epochs are done; plan more epochs before intervening.");
    return FALSE;
  }
  g_autoptr (JsonObject) timed = kairos_clip_at (clip, now (runner), planned_end (runner));
  g_autoptr (KairosTimeline) next =
      kairos_timeline_add (kairos_trainer_get_timeline (runner->trainer), -1, timed, id, error);
  return next && change_plan (runner, NULL, NULL, next, error);
}

gboolean
kairos_runner_release (KairosRunner *runner, guint32 id, GError **error)
{
  KairosTimeline *timeline = kairos_trainer_get_timeline (runner->trainer);
  const KairosClip *clip = kairos_timeline_find (timeline, id, NULL);
  /* begins with the next step: as if it had not been */
  gboolean unborn = clip && !clip->kind->event && clip->from == now (runner);
  g_autoptr (KairosTimeline) next = unborn ? kairos_timeline_remove (timeline, id, error)
                                           : kairos_timeline_release (timeline, id, now (runner), error);

  return next && change_plan (runner, NULL, NULL, next, error);
}

/* ---- By itself ---- */

enum { MAX_RELEASED = 64 };

/* Clips that found themselves over end on the timeline too. */
static gboolean
take_releases (KairosRunner *runner, GError **error)
{
  guint32 ids[MAX_RELEASED];
  guint64 steps[MAX_RELEASED];
  KairosPlan *plan = kairos_trainer_get_plan (runner->trainer);
  guint n = kairos_plan_released (plan, ids, steps, MAX_RELEASED);
  g_autoptr (KairosTimeline) timeline = kairos_timeline_ref (kairos_trainer_get_timeline (runner->trainer));

  for (guint i = 0; i < n; i++) {
    KairosTimeline *next = kairos_timeline_release (timeline, ids[i], kairos_plan_to_epoch (plan, steps[i]), error);
    if (!next)
      return FALSE;
    kairos_timeline_unref (timeline);
    timeline = next;
  }
  return n == 0 || change_plan (runner, NULL, NULL, timeline, error);
}

gboolean
kairos_runner_prepare_step (KairosRunner *runner,
                            gboolean (*save) (KairosRunner *runner, gboolean pinned, GError **error), GError **error)
{
  if (!kairos_trainer_prepare (runner->trainer, error))
    return FALSE;
  runner->checkpoint_due = kairos_trainer_take_checkpoint_mark (runner->trainer) || runner->checkpoint_due;
  if (runner->checkpoint_due && !save (runner, TRUE, error))
    return FALSE;
  return take_releases (runner, error);
}
