/* SPDX-License-Identifier: MIT */

/* The timeline of a run: where edits and interventions meet the training.
 *
 * The session's timeline and the trainer's are the same value.  All of it takes effect at the next step, and nothing
 * before that can change.
 */
#include "runner-private.h"

#include "session-private.h"

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

gboolean
kairos_runner_load_timeline (KairosRunner *runner, GError **error)
{
  g_autoptr (KairosTimeline) timeline = kairos_session_load_timeline (runner->session, error);

  return timeline && kairos_trainer_set_timeline (runner->trainer, timeline, error);
}

/* Into the trainer and the session, or into neither. */
static gboolean
take (KairosRunner *runner, KairosTimeline *timeline, GError **error)
{
  g_autoptr (KairosTimeline) before = kairos_timeline_ref (kairos_trainer_get_timeline (runner->trainer));

  if (!kairos_trainer_set_timeline (runner->trainer, timeline, error))
    return FALSE;
  if (kairos_session_set_timeline (runner->session, timeline, error)) {
    tell (runner);
    return TRUE;
  }
  kairos_trainer_set_timeline (runner->trainer, before, NULL);
  return FALSE;
}

gboolean
kairos_runner_follow_epochs (KairosRunner *runner, GError **error)
{
  KairosTimeline *timeline = kairos_trainer_get_timeline (runner->trainer);
  double epochs = kairos_timeline_get_epochs (timeline), planned = kairos_trainer_get_config (runner->trainer)->epochs;

  if (epochs == 0 || (epochs <= planned && epochs > planned - 1))
    return TRUE;
  g_autoptr (KairosTimeline) next = kairos_timeline_set_epochs (timeline, planned, NULL);
  return !next || take (runner, next, error);
}

/* A timeline that plans more or fewer epochs than before sets the session's. */
static gboolean
take_epochs (KairosRunner *runner, KairosTimeline *timeline, GError **error)
{
  double epochs = kairos_timeline_get_epochs (timeline);
  g_autofree char *text = g_strdup_printf ("%d", (int) (epochs + 0.999999));

  if (epochs == 0 || epochs == kairos_timeline_get_epochs (kairos_trainer_get_timeline (runner->trainer)))
    return TRUE;
  return kairos_runner_set (runner, "epochs", text, error);
}

gboolean
kairos_runner_set_timeline (KairosRunner *runner, KairosTimeline *timeline, GError **error)
{
  g_autoptr (KairosTimeline) next =
      kairos_timeline_replace_future (kairos_trainer_get_timeline (runner->trainer), timeline, now (runner), error);

  return next && take_epochs (runner, next, error) && take (runner, next, error);
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
  return next && take (runner, next, error);
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

  return next && take (runner, next, error);
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
  return n == 0 || take (runner, timeline, error);
}

gboolean
kairos_runner_prepare_step (KairosRunner *runner,
                            gboolean (*save) (KairosRunner *runner, gboolean pinned, GError **error), GError **error)
{
  if (!kairos_trainer_prepare (runner->trainer, error))
    return FALSE;
  if (kairos_trainer_take_checkpoint_mark (runner->trainer) && !save (runner, TRUE, error))
    return FALSE;
  return take_releases (runner, error);
}
