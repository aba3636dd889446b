/* SPDX-License-Identifier: MIT */

/* The runs of a document: which there are, which one it is about, and what the worker says of them.
 *
 * To branch, to restart and to go to another run are one thing here: a request by which another run takes the current
 * one's place.  Until its answer is there nothing else is asked of the run that goes, so that nothing meant for the one
 * is done to the other.
 */
#include "document-private.h"

#include <glib/gi18n.h>

GListModel *
kairos_document_get_runs (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  return G_LIST_MODEL (self->runs);
}

KairosRun *
kairos_document_get_run (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  return self->current;
}

/* The place of a run in the list, or where it would go. */
static guint
place_of (KairosDocument *self, gint64 id, KairosRun **found)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->runs)), i;

  *found = NULL;
  for (i = 0; i < n; i++) {
    g_autoptr (KairosRun) run = g_list_model_get_item (G_LIST_MODEL (self->runs), i);
    if (run->info->id == id)
      *found = run; /* the list holds it */
    if (run->info->id >= id)
      break;
  }
  return i;
}

KairosRun *
kairos_document_find_run (KairosDocument *self, gint64 id)
{
  KairosRun *run;

  place_of (self, id, &run);
  for (guint i = 0; !run && i < self->deleted->len; i++)
    if (((KairosRun *) self->deleted->pdata[i])->info->id == id)
      run = self->deleted->pdata[i];
  return run;
}

/* Plots show it as it is described. */
static void
describe (KairosDocument *self, KairosRun *run, gboolean visible)
{
  kairos_metrics_describe_run (self->metrics, run->info->id, run->info->name, run->color, visible);
}

static void
insert (KairosDocument *self, KairosRun *run)
{
  KairosRun *there;
  guint place = place_of (self, run->info->id, &there);

  g_list_store_insert (self->runs, place, run);
}

KairosRun *
kairos_document_add_run (KairosDocument *self, KairosRunInfo *info)
{
  g_autoptr (KairosRun) run = kairos_run_new (info, (guint) (info->id - 1));

  kairos_metrics_add_run (self->metrics, info->id);
  if (info->parent && kairos_document_find_run (self, info->parent))
    kairos_metrics_branch_run (self->metrics, info->parent, info->id, info->fork_epoch);
  describe (self, run, info->state != KAIROS_RUN_HIDDEN);
  insert (self, run);
  return run; /* the list holds it */
}

void
kairos_document_set_current (KairosDocument *self, KairosRun *run)
{
  gboolean trained = kairos_document_is_training (self);

  if (self->current == run)
    return;
  if (self->current)
    kairos_run_set_current (self->current, FALSE);
  g_set_object (&self->current, run);
  kairos_run_set_current (run, TRUE);
  kairos_metrics_set_current (self->metrics, run->info->id);
  if (self->subtitle) { /* else it is being opened, and nobody listens yet */
    kairos_document_update_subtitle (self);
    kairos_document_undo_changed (self);
    g_object_notify (G_OBJECT (self), "timeline");
    g_object_notify (G_OBJECT (self), "run");
    kairos_document_state_changed (self, trained);
  }
}

/* ---- From the worker ---- */

static void
remove_run (KairosDocument *self, gint64 id)
{
  KairosRun *run;
  guint place = place_of (self, id, &run);

  if (!run)
    return;
  g_ptr_array_add (self->deleted, g_object_ref (run));
  describe (self, run, FALSE);
  g_list_store_remove (self->runs, place);
}

static void
bring_back (KairosDocument *self, KairosRun *run)
{
  guint place;

  if (!g_ptr_array_find (self->deleted, run, &place))
    return;
  insert (self, run);
  g_ptr_array_remove_index (self->deleted, place);
}

void
kairos_document_run_described (KairosDocument *self, const KairosEvent *event)
{
  KairosRun *run = kairos_document_find_run (self, event->run);

  if (!event->info)
    remove_run (self, event->run);
  else if (!run)
    kairos_document_add_run (self, event->info);
  else {
    kairos_run_describe (run, event->info);
    bring_back (self, run);
    describe (self, run, event->info->state != KAIROS_RUN_HIDDEN);
  }
  if (run && run == self->current)
    kairos_document_update_subtitle (self);
}

/* Samples are split by the seed and the limit of the run. */
static void
follow_splits (KairosDocument *self, const KairosConfig *config)
{
  const KairosConfig *before = self->current->config;

  if (before && before->seed == config->seed && before->limit == config->limit)
    return;
  kairos_splits_unref (self->splits);
  self->splits = kairos_splits_new (self->dataset, config->seed, MAX (config->limit, 0));
}

static void
take_facts (KairosDocument *self, KairosFacts *facts)
{
  kairos_facts_ref (facts);
  kairos_facts_unref (self->facts);
  self->facts = facts;
  kairos_document_facts_replaced (self);
}

void
kairos_document_run_opened (KairosDocument *self, KairosRun *run, const KairosEvent *event)
{
  gboolean answers = event->request != 0 && event->request == self->replacing;

  if (event->opened.from != 0 || run == self->current)
    follow_splits (self, event->opened.config);
  if (event->opened.from != 0 || !run->config) /* else what was set meanwhile is on its way */
    kairos_run_set_config (run, event->opened.config);
  kairos_run_set_facts (run, event->opened.facts);
  if (event->opened.from != 0)
    kairos_document_set_current (self, run);
  if (run == self->current)
    take_facts (self, event->opened.facts);
  if (!answers)
    return;
  if (self->branch) {
    kairos_undo_push_branch (run->undo, event->opened.from, self->branch);
    kairos_document_undo_changed (self);
  }
  g_clear_pointer (&self->branch, g_free);
  self->replacing = 0;
  if (self->play_after)
    kairos_worker_play (self->worker, run->info->id);
  self->play_after = FALSE;
}

void
kairos_document_run_closed (KairosDocument *self, KairosRun *run)
{
  kairos_run_set_facts (run, NULL);
  run->status = KAIROS_WORKER_PAUSED;
}

void
kairos_document_refused (KairosDocument *self, const KairosEvent *event)
{
  KairosRun *run = kairos_document_find_run (self, event->run);

  if (event->request == self->replacing) {
    self->replacing = 0;
    self->play_after = FALSE;
    g_clear_pointer (&self->branch, g_free);
  }
  if (run)
    kairos_document_timeline_refused (self, run, event->request);
}

/* ---- From the person ---- */

gboolean
kairos_document_is_ready (KairosDocument *self)
{
  if (self->replacing == 0)
    return TRUE;
  kairos_document_tell (self, _ ("Another run is being opened; try again in a moment"), FALSE);
  return FALSE;
}

void
kairos_document_switch (KairosDocument *self, gint64 run)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);

  if (run != self->current->info->id && kairos_document_is_ready (self))
    self->replacing = kairos_worker_switch (self->worker, self->current->info->id, run);
}

void
kairos_document_rename_run (KairosDocument *self, gint64 run, const char *name)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker && name);
  kairos_worker_rename (self->worker, run, name);
}

void
kairos_document_hide_run (KairosDocument *self, gint64 run, gboolean hide)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);
  kairos_worker_hide (self->worker, run, hide);
}

/* Which run to go to when one is deleted: its parent, else the newest other; 0: there is none. */
static gint64
find_other (KairosDocument *self, KairosRun *run)
{
  gint64 other = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->runs)); i++) {
    g_autoptr (KairosRun) each = g_list_model_get_item (G_LIST_MODEL (self->runs), i);
    if (each->info->id == run->info->parent)
      return each->info->id;
    if (each != run)
      other = each->info->id;
  }
  return other;
}

gboolean
kairos_document_delete_run (KairosDocument *self, gint64 id)
{
  KairosRun *run = kairos_document_find_run (self, id);
  gint64 other = run ? find_other (self, run) : 0;

  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker && run, FALSE);

  if (other == 0) {
    kairos_document_tell (self, _ ("This is the only run; begin another one before it is deleted"), TRUE);
    return FALSE;
  }
  if (!kairos_document_is_ready (self))
    return FALSE;
  if (run == self->current)
    kairos_document_switch (self, other);
  kairos_worker_delete (self->worker, id, TRUE);
  return TRUE;
}

void
kairos_document_undelete_run (KairosDocument *self, gint64 run)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);
  kairos_worker_delete (self->worker, run, FALSE);
}
