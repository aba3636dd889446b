/* SPDX-License-Identifier: MIT */

/* Undo: steps between values of the timeline.
 *
 * INVARIANT: steps 0 .. n_done-1 led to the present value, the others can be redone.  Values are shared, so a step
 * costs what it changed.
 */
#include <kairos/timeline.h>

typedef struct {
  KairosTimeline *before, *after;
  char *description, *merge_key;
} Step;

struct _KairosHistory {
  KairosTimeline *present;
  GArray *steps; /* of Step */
  guint n_done;  /* those behind can be redone */
  gboolean sealed;

  guint depth; /* of groups */
  KairosTimeline *group_before;
  char *group_description;
};

static void
clear_step (gpointer data)
{
  Step *step = data;

  kairos_timeline_unref (step->before);
  kairos_timeline_unref (step->after);
  g_free (step->description);
  g_free (step->merge_key);
}

static void
take (KairosTimeline **place, KairosTimeline *timeline)
{
  KairosTimeline *taken = kairos_timeline_ref (timeline);

  kairos_timeline_unref (*place);
  *place = taken;
}

KairosHistory *
kairos_history_new (KairosTimeline *timeline)
{
  KairosHistory *history = g_new0 (KairosHistory, 1);

  history->present = kairos_timeline_ref (timeline);
  history->steps = g_array_new (FALSE, FALSE, sizeof (Step));
  g_array_set_clear_func (history->steps, clear_step);
  return history;
}

void
kairos_history_free (KairosHistory *history)
{
  if (!history)
    return;
  g_array_unref (history->steps);
  kairos_timeline_unref (history->present);
  kairos_timeline_unref (history->group_before);
  g_free (history->group_description);
  g_free (history);
}

KairosTimeline *
kairos_history_get (KairosHistory *history)
{
  return history->present;
}

void
kairos_history_replace (KairosHistory *history, KairosTimeline *timeline)
{
  take (&history->present, timeline);
}

void
kairos_history_seal (KairosHistory *history)
{
  history->sealed = TRUE;
}

static Step *
mergeable (KairosHistory *history, const char *merge_key)
{
  Step *last = history->n_done ? &g_array_index (history->steps, Step, history->n_done - 1) : NULL;

  return last && merge_key && !history->sealed && g_strcmp0 (last->merge_key, merge_key) == 0 ? last : NULL;
}

/* A step from before to the present. */
static void
record (KairosHistory *history, KairosTimeline *before, const char *description, const char *merge_key)
{
  Step *last = mergeable (history, merge_key);

  history->sealed = FALSE;
  if (last) {
    take (&last->after, history->present);
    if (kairos_timeline_equal (last->before, last->after)) {
      history->n_done--;
      history->sealed = TRUE; /* what follows is no part of the step before this one */
    }
    g_array_set_size (history->steps, history->n_done);
    return;
  }
  if (kairos_timeline_equal (before, history->present))
    return;
  const Step step = { kairos_timeline_ref (before), kairos_timeline_ref (history->present), g_strdup (description),
                      g_strdup (merge_key) };
  g_array_set_size (history->steps, history->n_done++);
  g_array_append_val (history->steps, step);
}

void
kairos_history_push (KairosHistory *history, KairosTimeline *timeline, const char *description, const char *merge_key)
{
  g_autoptr (KairosTimeline) before = kairos_timeline_ref (history->present);

  take (&history->present, timeline);
  if (history->depth == 0)
    record (history, before, description, merge_key);
}

void
kairos_history_begin (KairosHistory *history, const char *description)
{
  if (history->depth++ > 0)
    return;
  take (&history->group_before, history->present);
  history->group_description = g_strdup (description);
}

void
kairos_history_end (KairosHistory *history)
{
  if (history->depth == 0 || --history->depth > 0)
    return;
  record (history, history->group_before, history->group_description, NULL);
  g_clear_pointer (&history->group_before, kairos_timeline_unref);
  g_clear_pointer (&history->group_description, g_free);
}

static Step *
undoable (KairosHistory *history)
{
  return history->depth == 0 && history->n_done > 0 ? &g_array_index (history->steps, Step, history->n_done - 1) : NULL;
}

static Step *
redoable (KairosHistory *history)
{
  return history->depth == 0 && history->n_done < history->steps->len
             ? &g_array_index (history->steps, Step, history->n_done)
             : NULL;
}

gboolean
kairos_history_undo (KairosHistory *history)
{
  Step *step = undoable (history);

  if (!step)
    return FALSE;
  take (&history->present, step->before);
  history->n_done--;
  history->sealed = TRUE;
  return TRUE;
}

gboolean
kairos_history_redo (KairosHistory *history)
{
  Step *step = redoable (history);

  if (!step)
    return FALSE;
  take (&history->present, step->after);
  history->n_done++;
  history->sealed = TRUE;
  return TRUE;
}

const char *
kairos_history_undo_description (KairosHistory *history)
{
  Step *step = undoable (history);

  return step ? step->description : NULL;
}

const char *
kairos_history_redo_description (KairosHistory *history)
{
  Step *step = redoable (history);

  return step ? step->description : NULL;
}

KairosTimeline *
kairos_history_peek_undo (KairosHistory *history)
{
  Step *step = undoable (history);

  return step ? step->before : NULL;
}

KairosTimeline *
kairos_history_peek_redo (KairosHistory *history)
{
  Step *step = redoable (history);

  return step ? step->after : NULL;
}
