/* SPDX-License-Identifier: MIT */

/* The document's timeline: edits with undo, live interventions, and the way back through a checkpoint.
 *
 * An edit is shown at once and sent to the worker, which answers with the timeline in force.  While a newer edit is on
 * its way, older answers are not shown: nothing jumps back under the person's hands.  The last answer always is.
 */
#include "document-private.h"

#include <glib/gi18n.h>
#include <math.h>

enum { ASKED_EDIT, ASKED_INTERVENTION };

static double
get_now (KairosDocument *self)
{
  KairosStatus status;

  kairos_document_get_status (self, &status);
  return status.epoch;
}

static void
show (KairosDocument *self, KairosTimeline *timeline)
{
  KairosTimeline *before = self->timeline;

  self->timeline = kairos_timeline_ref (timeline);
  if (!kairos_timeline_equal (before, timeline))
    g_object_notify (G_OBJECT (self), "timeline");
  kairos_timeline_unref (before);
}

static void
ask (KairosDocument *self, guint8 what)
{
  g_array_append_val (self->asked, what);
}

static void
apply (KairosDocument *self, KairosTimeline *timeline)
{
  ask (self, ASKED_EDIT);
  kairos_worker_set_timeline (self->worker, timeline);
  show (self, timeline);
}

void
kairos_document_timeline_init (KairosDocument *self, KairosTimeline *timeline)
{
  self->timeline = timeline;
  self->in_force = kairos_timeline_ref (timeline);
  self->asked = g_array_new (FALSE, FALSE, 1);
}

void
kairos_document_timeline_clear (KairosDocument *self)
{
  g_clear_pointer (&self->timeline, kairos_timeline_unref);
  g_clear_pointer (&self->in_force, kairos_timeline_unref);
  g_clear_pointer (&self->asked, g_array_unref);
}

KairosTimeline *
kairos_document_get_timeline (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  return self->timeline;
}

/* ---- From the worker ---- */

static gboolean
is_edit_on_its_way (KairosDocument *self)
{
  for (guint i = 0; i < self->asked->len; i++)
    if (g_array_index (self->asked, guint8, i) == ASKED_EDIT)
      return TRUE;
  return FALSE;
}

void
kairos_document_timeline_arrived (KairosDocument *self, KairosTimeline *timeline)
{
  g_autoptr (KairosTimeline) before = self->in_force;
  gboolean intervened = self->asked->len > 0 && g_array_index (self->asked, guint8, 0) == ASKED_INTERVENTION;

  self->in_force = kairos_timeline_ref (timeline);
  if (self->asked->len > 0 && (self->refused || !kairos_timeline_equal (before, timeline)))
    g_array_remove_index (self->asked, 0); /* else no answer: it says at the start what is in force */
  self->refused = FALSE;
  if (intervened && !kairos_timeline_equal (before, timeline)) {
    kairos_undo_push_timeline (self->undo, before, timeline, _ ("Act while training"), NULL);
    kairos_document_undo_changed (self);
  }
  if (!is_edit_on_its_way (self))
    show (self, timeline);
}

void
kairos_document_timeline_refused (KairosDocument *self)
{
  if (self->asked->len > 0 && g_array_index (self->asked, guint8, 0) == ASKED_INTERVENTION)
    g_array_remove_index (self->asked, 0);
  else
    self->refused = TRUE;
}

/* ---- From the person ---- */

static gboolean
past_allows (KairosDocument *self, KairosTimeline *timeline, GError **error)
{
  const KairosClip *clip = NULL;
  double now = get_now (self);

  if (kairos_timeline_first_difference (self->timeline, timeline, &clip) >= now)
    return TRUE;
  g_autofree char *name = kairos_clip_describe (clip);
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_CHANGED,
               _ ("The past is locked: %s; the training has passed epoch %.4g, so choose a later time, or branch"),
               name, now);
  return FALSE;
}

gboolean
kairos_document_edit_timeline (KairosDocument *self, KairosTimeline *timeline, const char *description,
                               const char *merge_key, GError **error)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker, FALSE);

  if (kairos_timeline_equal (timeline, self->timeline))
    return TRUE;
  if (!past_allows (self, timeline, error))
    return FALSE;
  kairos_undo_push_timeline (self->undo, self->timeline, timeline, description, merge_key);
  apply (self, timeline);
  kairos_document_undo_changed (self);
  return TRUE;
}

double
kairos_document_branch_epoch (KairosDocument *self, KairosTimeline *timeline, double at)
{
  double now = get_now (self), until = MIN (at, kairos_timeline_first_difference (self->timeline, timeline, NULL));
  KairosCheckpointInfo checkpoint = { 0 };

  if (until >= now)
    return now;
  return kairos_session_find_checkpoint (self->session, self->run, until, &checkpoint) ? checkpoint.epoch : 0;
}

void
kairos_document_branch (KairosDocument *self, KairosTimeline *timeline, double at, const char *description)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);

  if (!kairos_timeline_equal (timeline, self->timeline)) {
    kairos_undo_push_timeline (self->undo, self->timeline, timeline, description, NULL);
    ask (self, ASKED_EDIT);
    kairos_document_undo_changed (self);
  }
  kairos_worker_branch (self->worker, timeline, at);
  show (self, timeline);
}

void
kairos_document_intervene (KairosDocument *self, JsonObject *clip)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), clip);
  g_autofree char *text = json_to_string (node, FALSE);

  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);

  ask (self, ASKED_INTERVENTION);
  kairos_worker_intervene (self->worker, text);
}

void
kairos_document_release (KairosDocument *self, guint32 clip)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);

  ask (self, ASKED_INTERVENTION);
  kairos_worker_release (self->worker, clip);
}

/* ---- Undo and redo ---- */

double
kairos_document_timeline_rewinds_to (KairosDocument *self, KairosTimeline *from, KairosTimeline *to)
{
  double first = kairos_timeline_first_difference (from, to, NULL);
  KairosCheckpointInfo checkpoint = { 0 };

  if (first >= get_now (self))
    return NAN;
  return kairos_session_find_checkpoint (self->session, self->run, first, &checkpoint) ? checkpoint.epoch : NAN;
}

gboolean
kairos_document_timeline_go (KairosDocument *self, KairosTimeline *from, KairosTimeline *to)
{
  double now = get_now (self), first = kairos_timeline_first_difference (from, to, NULL);
  gboolean rewinds = first < now;
  KairosCheckpointInfo checkpoint = { 0 };
  g_autoptr (KairosTimeline) timeline = NULL;
  g_autoptr (GError) error = NULL;

  if (rewinds && !kairos_session_find_checkpoint (self->session, self->run, first, &checkpoint)) {
    kairos_document_tell (
        self,
        _ ("This has already shaped the weights, and no checkpoint from before it is left; restart the run instead"),
        TRUE);
    return FALSE;
  }
  timeline = kairos_timeline_replace_future (self->timeline, to, rewinds ? checkpoint.epoch : now, &error);
  if (!timeline) {
    kairos_document_tell (self, error->message, TRUE);
    return FALSE;
  }
  if (rewinds)
    kairos_worker_restore (self->worker, checkpoint.id);
  apply (self, timeline);
  return TRUE;
}
