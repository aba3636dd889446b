/* SPDX-License-Identifier: MIT */

/* The document's timeline: edits with undo, live interventions, and the way back through a checkpoint.  Each run has
 * its own.
 *
 * An edit is shown at once and sent to the worker, which answers with the timeline in force.  While a newer edit is on
 * its way, older answers are not shown: nothing jumps back under the person's hands.  The last answer always is.
 */
#include "document-private.h"

#include <glib/gi18n.h>
#include <math.h>

static double
get_now (KairosDocument *self)
{
  KairosStatus status;

  kairos_document_get_status (self, &status);
  return status.epoch;
}

static void
show (KairosDocument *self, KairosRun *run, KairosTimeline *timeline)
{
  KairosTimeline *before = run->timeline;

  run->timeline = kairos_timeline_ref (timeline);
  if (run == self->current && !kairos_timeline_equal (before, timeline))
    g_object_notify (G_OBJECT (self), "timeline");
  kairos_timeline_unref (before);
}

static void
ask (KairosRun *run, guint request, gboolean is_edit)
{
  const KairosAsked asked = { request, is_edit };

  g_array_append_val (run->asked, asked);
}

static void
apply (KairosDocument *self, KairosTimeline *timeline)
{
  KairosRun *run = self->current;

  ask (run, kairos_worker_set_timeline (self->worker, kairos_run_get_id (run), timeline), TRUE);
  show (self, run, timeline);
}

KairosTimeline *
kairos_document_get_timeline (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  return self->current->timeline;
}

/* ---- From the worker ---- */

void
kairos_document_timeline_arrived (KairosDocument *self, KairosRun *run, const KairosEvent *event)
{
  g_autoptr (KairosTimeline) before = run->in_force;
  KairosAsked asked;
  gboolean answers = kairos_run_answered (run, event->request, &asked);

  run->in_force = kairos_timeline_ref (event->timeline);
  if (answers && !asked.is_edit && !kairos_timeline_equal (before, event->timeline)) {
    kairos_undo_push_timeline (run->undo, before, event->timeline, _ ("Act while training"), NULL);
    kairos_document_undo_changed (self);
  }
  if (!kairos_run_edit_is_on_its_way (run))
    show (self, run, event->timeline);
}

void
kairos_document_timeline_refused (KairosDocument *self, KairosRun *run, guint request)
{
  KairosAsked asked;

  if (kairos_run_answered (run, request, &asked) && !kairos_run_edit_is_on_its_way (run))
    show (self, run, run->in_force);
}

/* ---- From the person ---- */

static gboolean
past_allows (KairosDocument *self, KairosTimeline *timeline, GError **error)
{
  const KairosClip *clip = NULL;
  double now = get_now (self);

  if (kairos_timeline_first_difference (self->current->timeline, timeline, &clip) >= now)
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

  if (kairos_timeline_equal (timeline, self->current->timeline))
    return TRUE;
  if (self->replacing) {
    g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_CHANGED,
                         _ ("Another run is being opened; try again in a moment"));
    return FALSE;
  }
  if (!past_allows (self, timeline, error))
    return FALSE;
  kairos_undo_push_timeline (self->current->undo, self->current->timeline, timeline, description, merge_key);
  apply (self, timeline);
  kairos_document_undo_changed (self);
  return TRUE;
}

/* The newest checkpoint at or before a time; the window's own connection reads it.  id 0: none, or it could not be
 * read, which whoever then asks the worker is told. */
static KairosCheckpointInfo
find_checkpoint (KairosDocument *self, double epoch)
{
  g_autoptr (KairosRunLog) log = kairos_run_log_new (self->session, kairos_run_get_id (self->current), NULL);
  KairosCheckpointInfo found = { 0 };

  if (!log || kairos_run_log_find_checkpoint (log, epoch, &found, NULL) != KAIROS_READ_FOUND)
    return (KairosCheckpointInfo){ 0 };
  return found;
}

double
kairos_document_branch_epoch (KairosDocument *self, KairosTimeline *timeline, double at)
{
  double now = get_now (self),
         until = MIN (at, kairos_timeline_first_difference (self->current->timeline, timeline, NULL));

  return until >= now ? now : find_checkpoint (self, until).epoch;
}

void
kairos_document_branch (KairosDocument *self, KairosTimeline *timeline, double at, const char *description)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);

  if (!kairos_document_is_ready (self))
    return;
  g_free (self->branch);
  self->branch = g_strdup (description);
  self->replacing = kairos_worker_branch (self->worker, kairos_run_get_id (self->current), timeline, at);
}

void
kairos_document_intervene (KairosDocument *self, JsonObject *clip)
{
  KairosRun *run = self->current;

  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);

  if (kairos_document_is_ready (self))
    ask (run, kairos_worker_intervene (self->worker, kairos_run_get_id (run), clip), FALSE);
}

void
kairos_document_release (KairosDocument *self, guint32 clip)
{
  KairosRun *run = self->current;

  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);

  if (kairos_document_is_ready (self))
    ask (run, kairos_worker_release (self->worker, kairos_run_get_id (run), clip), FALSE);
}

/* ---- Undo and redo ---- */

double
kairos_document_timeline_rewinds_to (KairosDocument *self, KairosTimeline *from, KairosTimeline *to)
{
  double first = kairos_timeline_first_difference (from, to, NULL);

  if (first >= get_now (self))
    return NAN;
  const KairosCheckpointInfo checkpoint = find_checkpoint (self, first);
  return checkpoint.id ? checkpoint.epoch : NAN;
}

gboolean
kairos_document_timeline_go (KairosDocument *self, KairosTimeline *from, KairosTimeline *to)
{
  double now = get_now (self), first = kairos_timeline_first_difference (from, to, NULL);
  gboolean rewinds = first < now;
  KairosCheckpointInfo checkpoint = { 0 };
  g_autoptr (GError) error = NULL;

  if (rewinds) {
    checkpoint = find_checkpoint (self, first);
    if (checkpoint.id == 0) {
      kairos_document_tell (self,
                            _ ("This has already shaped the weights, and no checkpoint from before it is left; restart "
                               "the run instead"),
                            TRUE);
      return FALSE;
    }
  }
  g_autoptr (KairosTimeline) timeline =
      kairos_timeline_replace_future (self->current->timeline, to, rewinds ? checkpoint.epoch : now, &error);
  if (!timeline) {
    kairos_document_tell (self, error->message, TRUE);
    return FALSE;
  }
  if (rewinds)
    kairos_worker_restore (self->worker, kairos_run_get_id (self->current), checkpoint.id);
  apply (self, timeline);
  return TRUE;
}
