/* SPDX-License-Identifier: MIT */

/* Plans: building one, and asking it.
 *
 * Time is cut at the edges of clips into segments in which the same clips are in force; asking for a step is a binary
 * search.
 */
#include "plan-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "timeline-private.h"

enum { MAX_ACTIVE = 64, CHECKS_PER_EPOCH = 10, MAX_ROOM = 1 << 30 /* bytes */ };

/* ---- Clips made ready ---- */

static gboolean
refuse_data (const KairosPlanClip *clip, const KairosPlanContext *context, const char *what, GError **error)
{
  g_autofree char *name = kairos_clip_describe (clip->clip);

  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
               "%s: it needs %s, which the samples of %s are not; choose another kind.", name, what,
               kairos_dataset_get_title (context->dataset));
  return FALSE;
}

/* Adds what the clip asks for to what the plan does. */
static gboolean
take_room (KairosPlan *plan, const KairosPlanClip *clip, GError **error)
{
  const KairosKindRow *row = kairos_kind_row (clip->clip->kind);
  const KairosRoom room = row->room ? row->room (clip, &plan->context) : (KairosRoom){ 0 };
  gsize n;

  kairos_network_parameters (plan->context.network, &n);
  double bytes = ((double) room.vectors * n + (double) room.floats * plan->context.batch) * sizeof (float);
  if (bytes > MAX_ROOM) {
    g_autofree char *name = kairos_clip_describe (clip->clip);
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "%s: it would hold %.1f GB of gradients; choose a smaller network or fewer classes.", name,
                 1e-9 * bytes);
    return FALSE;
  }
  plan->room.vectors = MAX (plan->room.vectors, room.vectors);
  plan->room.floats = MAX (plan->room.floats, room.floats);
  return TRUE;
}

static gboolean
prepare_clip (KairosPlan *plan, KairosPlanClip *clip, GError **error)
{
  const KairosKindRow *row = kairos_kind_row (clip->clip->kind);

  kairos_plan_clip_read (clip);
  clip->first = kairos_plan_to_step (plan, clip->clip->from);
  clip->end = kairos_plan_to_step (plan, clip->clip->to);
  if (row->pictures && !kairos_dataset_is_image (plan->context.dataset))
    return refuse_data (clip, &plan->context, "pictures", error);
  if (row->colour && kairos_dataset_get_shape (plan->context.dataset).channels != 3)
    return refuse_data (clip, &plan->context, "colour pictures", error);
  if (row->selection && !kairos_selection_prepare (clip, &plan->context, error))
    return FALSE;
  if (row->prepare && !row->prepare (clip, &plan->context, error))
    return FALSE;
  return take_room (plan, clip, error);
}

/* ---- States ---- */

static void
state_free (gpointer data)
{
  KairosClipState *state = data;

  g_free (state->members);
  g_free (state->flags);
  g_free (state->ids);
  g_free (state);
}

void
kairos_state_forget (KairosClipState *state)
{
  g_clear_pointer (&state->members, g_free);
  g_clear_pointer (&state->flags, g_free);
  g_clear_pointer (&state->ids, g_free);
  state->n = 0;
  state->threshold = 0;
  state->first = state->latest = state->released = G_MAXUINT64;
}

/* Parts of a clip that was split share what is resolved, unless one was changed since. */
static KairosClipState *
find_state (KairosPlan *plan, const KairosPlanClip *clip)
{
  static const char *const shape[] = { "over", "since", NULL };

  for (const KairosPlanClip *other = plan->clips; other < clip; other++)
    if (other->state && other->clip->origin == clip->clip->origin &&
        kairos_clip_settings_equal (other->clip, clip->clip, shape))
      return other->state;
  KairosClipState *state = g_new0 (KairosClipState, 1);
  state->origin = clip->clip->origin;
  for (const KairosPlanClip *other = plan->clips; other < clip; other++)
    if (other->state && other->state->origin == state->origin)
      state->origin = clip->clip->id;
  kairos_state_forget (state);
  g_ptr_array_add (plan->states, state);
  return state;
}

/* ---- Building ---- */

static int
compare_events (gconstpointer a, gconstpointer b)
{
  const KairosPlanClip *x = *(KairosPlanClip *const *) a, *y = *(KairosPlanClip *const *) b;

  if (x->first != y->first)
    return x->first < y->first ? -1 : 1;
  return x < y ? -1 : x > y; /* the order in which they were added */
}

/* Events by step.  They were added in track order, and stay in it within a step. */
static void
sort_events (KairosPlan *plan)
{
  g_autofree KairosPlanClip **order = g_new (KairosPlanClip *, plan->n_events + 1);
  KairosPlanClip *sorted = g_new (KairosPlanClip, plan->n_events + 1);

  for (guint i = 0; i < plan->n_events; i++)
    order[i] = &plan->events[i];
  qsort (order, plan->n_events, sizeof *order, compare_events);
  plan->event_clips = g_new (const KairosClip *, plan->n_events + 1);
  for (guint i = 0; i < plan->n_events; i++) {
    sorted[i] = *order[i];
    plan->event_clips[i] = sorted[i].clip;
  }
  g_free (plan->events);
  plan->events = sorted;
}

static gboolean
collect (KairosPlan *plan, GError **error)
{
  KairosTimeline *timeline = plan->timeline;

  for (guint i = 0; i < timeline->tracks->len; i++) {
    const KairosTrack *track = kairos_timeline_get_track (timeline, i);
    gboolean audible = kairos_timeline_is_audible (timeline, i);
    for (guint j = 0; j < track->n_clips; j++) {
      const KairosClip *clip = track->clips[j];
      if (!audible || clip->muted)
        continue;
      KairosPlanClip *made = clip->kind->event ? &plan->events[plan->n_events++] : &plan->clips[plan->n_clips++];
      made->clip = clip;
      if (!prepare_clip (plan, made, error))
        return FALSE;
      if (kairos_kind_row (clip->kind)->resolve)
        made->state = find_state (plan, made);
    }
  }
  sort_events (plan);
  return TRUE;
}

static gboolean
check_events (KairosPlan *plan, GError **error)
{
  g_autoptr (GHashTable) kept = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < plan->n_events; i++) {
    const KairosClip *event = plan->events[i].clip;
    const KairosKindRow *row = kairos_kind_row (event->kind);
    const char *need = row->needs ? row->needs (event) : NULL;
    if (row->keeps)
      g_hash_table_add (kept, (gpointer) row->keeps (event));
    if (!need || g_hash_table_contains (kept, need))
      continue;
    g_autofree char *name = kairos_clip_describe (event);
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                 "%s: there is no checkpoint labelled \"%s\" before it; add one, or rewind to \"start\".", name, need);
    return FALSE;
  }
  return TRUE;
}

static int
compare_edges (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return x < y ? -1 : x > y;
}

static gboolean
check_room (KairosPlan *plan, const KairosSegment *segment, const KairosPlanClip *clip, GError **error)
{
  guint n = 0, most = kairos_kind_row (clip->clip->kind)->most;

  if (most == 0)
    most = MAX_ACTIVE;
  for (guint i = segment->begin; i < plan->active->len; i++)
    n += g_str_equal (plan->clips[g_array_index (plan->active, guint, i)].clip->kind->part, clip->clip->kind->part);
  if (n <= most && segment->n <= MAX_ACTIVE)
    return TRUE;
  g_autofree char *name = kairos_clip_describe (clip->clip);
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
               "%s: too many clips hold at the same time; at most %u of its sort and %d in all can.", name, most,
               MAX_ACTIVE);
  return FALSE;
}

static gboolean
add_segment (KairosPlan *plan, guint64 first, GError **error)
{
  KairosSegment segment = { .first = first, .begin = plan->active->len };

  for (guint i = 0; i < plan->n_clips; i++)
    if (plan->clips[i].first <= first && first < plan->clips[i].end) {
      g_array_append_val (plan->active, i);
      segment.n++;
      if (!check_room (plan, &segment, &plan->clips[i], error))
        return FALSE;
    }
  g_array_append_val (plan->segments, segment);
  return TRUE;
}

static gboolean
cut (KairosPlan *plan, GError **error)
{
  g_autofree guint64 *edges = g_new (guint64, 2 * plan->n_clips + 1);

  for (guint i = 0; i < plan->n_clips; i++) {
    edges[2 * i] = plan->clips[i].first;
    edges[2 * i + 1] = plan->clips[i].end;
  }
  qsort (edges, 2 * plan->n_clips, sizeof *edges, compare_edges);
  for (guint i = 0; i < 2 * plan->n_clips; i++)
    if ((i == 0 || edges[i] != edges[i - 1]) && !add_segment (plan, edges[i], error))
      return FALSE;
  return TRUE;
}

KairosPlan *
kairos_plan_new (KairosTimeline *timeline, const KairosPlanContext *context, GError **error)
{
  g_autoptr (KairosPlan) plan = g_new0 (KairosPlan, 1);
  guint n = 0;

  plan->timeline = kairos_timeline_ref (timeline);
  plan->context = *context;
  plan->train = kairos_splits_ids (context->splits, KAIROS_SPLIT_TRAIN, &plan->n_train);
  plan->segments = g_array_new (FALSE, FALSE, sizeof (KairosSegment));
  plan->active = g_array_new (FALSE, FALSE, sizeof (guint));
  plan->states = g_ptr_array_new_with_free_func (state_free);
  for (guint i = 0; i < timeline->tracks->len; i++)
    n += kairos_timeline_get_track (timeline, i)->n_clips;
  plan->clips = g_new0 (KairosPlanClip, n + 1);
  plan->events = g_new0 (KairosPlanClip, n + 1);
  if (!collect (plan, error) || !check_events (plan, error) || !cut (plan, error))
    return NULL;
  return g_steal_pointer (&plan);
}

void
kairos_plan_free (KairosPlan *plan)
{
  if (!plan)
    return;
  for (guint i = 0; i < plan->n_clips; i++)
    kairos_plan_clip_clear (&plan->clips[i]);
  for (guint i = 0; i < plan->n_events; i++)
    kairos_plan_clip_clear (&plan->events[i]);
  g_free (plan->clips);
  g_free (plan->events);
  g_free (plan->event_clips);
  g_free (plan->snapshot);
  g_array_unref (plan->segments);
  g_array_unref (plan->active);
  g_ptr_array_unref (plan->states);
  kairos_timeline_unref (plan->timeline);
  g_free (plan);
}

/* ---- Asking ---- */

KairosTimeline *
kairos_plan_get_timeline (KairosPlan *plan)
{
  return plan->timeline;
}

KairosRoom
kairos_plan_room (KairosPlan *plan)
{
  return plan->room;
}

guint64
kairos_plan_to_step (KairosPlan *plan, double epoch)
{
  return (guint64) llround (epoch * plan->context.steps_per_epoch);
}

double
kairos_plan_to_epoch (KairosPlan *plan, guint64 step)
{
  return (double) step / plan->context.steps_per_epoch;
}

const KairosSegment *
kairos_plan_segment (KairosPlan *plan, guint64 step)
{
  guint low = 0, high = plan->segments->len; /* the first edge after step is in low .. high */

  while (low < high) {
    guint middle = (low + high) / 2;
    if (g_array_index (plan->segments, KairosSegment, middle).first <= step)
      low = middle + 1;
    else
      high = middle;
  }
  return low ? &g_array_index (plan->segments, KairosSegment, low - 1) : NULL;
}

const KairosClip *const *
kairos_plan_events (KairosPlan *plan, guint64 step, guint *n)
{
  guint first = 0, end;

  while (first < plan->n_events && plan->events[first].first < step)
    first++;
  for (end = first; end < plan->n_events && plan->events[end].first == step; end++)
    ;
  *n = end - first;
  return plan->event_clips + first;
}

double
kairos_plan_rate_origin (KairosPlan *plan, guint64 step)
{
  guint64 origin = 0;

  for (guint i = 0; i < plan->n_events && plan->events[i].first <= step; i++)
    if (kairos_kind_row (plan->events[i].clip->kind)->restarts_rate)
      origin = plan->events[i].first;
  return kairos_plan_to_epoch (plan, origin);
}

/* The time since the clip's shape began.  Rounded to a billionth of an epoch, so that a clip and its two halves agree
 * to the bit. */
static KairosMoment
moment_of (const KairosPlanClip *clip, const KairosPlanContext *context, guint64 step)
{
  double time = (double) step / context->steps_per_epoch - clip->clip->from + kairos_clip_since (clip->clip);

  return (KairosMoment){ context, step, MAX (0, round (time * 1e9) / 1e9) };
}

static gboolean
is_in_force (const KairosPlanClip *clip, guint64 step)
{
  return !clip->state || (clip->state->flags && step < clip->state->released);
}

void
kairos_plan_regime (KairosPlan *plan, guint64 step, KairosRegime *regime)
{
  const KairosSegment *segment = kairos_plan_segment (plan, step);

  for (guint i = 0; segment && i < segment->n; i++) {
    const KairosPlanClip *clip = &plan->clips[g_array_index (plan->active, guint, segment->begin + i)];
    const KairosMoment moment = moment_of (clip, &plan->context, step);
    if (is_in_force (clip, step))
      kairos_kind_row (clip->clip->kind)->contribute (clip, &moment, regime);
  }
}

guint
kairos_plan_count (KairosPlan *plan, guint32 id, guint64 step)
{
  for (guint i = 0; i < plan->n_clips; i++) {
    const KairosPlanClip *clip = &plan->clips[i];
    KairosRegime regime = { 0 };
    if (clip->clip->id != id || !clip->state || !clip->state->flags)
      continue;
    const KairosMoment moment = moment_of (clip, &plan->context, step);
    kairos_kind_row (clip->clip->kind)->contribute (clip, &moment, &regime);
    return regime.n_samplings ? regime.samplings[0].n : clip->state->n;
  }
  return 0;
}

/* ---- Resolving ---- */

static gboolean
resolve_is_due (KairosPlan *plan, const KairosPlanClip *clip, guint64 step)
{
  const KairosKindRow *row = kairos_kind_row (clip->clip->kind);

  if (!clip->state || step >= clip->state->released || clip->state->latest == step)
    return FALSE;
  if (!clip->state->flags)
    return TRUE;
  return step % plan->context.steps_per_epoch == 0 && row->is_live && row->is_live (clip);
}

static gboolean
check_is_due (KairosPlan *plan, const KairosPlanClip *clip, guint64 step)
{
  const KairosKindRow *row = kairos_kind_row (clip->clip->kind);
  guint every = MAX (1, plan->context.steps_per_epoch / CHECKS_PER_EPOCH);

  return row->can_end && row->can_end (clip) && step % every == 0 && clip->state->flags && step < clip->state->released;
}

gboolean
kairos_plan_is_due (KairosPlan *plan, guint64 step)
{
  const KairosSegment *segment = kairos_plan_segment (plan, step);

  for (guint i = 0; segment && i < segment->n; i++) {
    const KairosPlanClip *clip = &plan->clips[g_array_index (plan->active, guint, segment->begin + i)];
    if (resolve_is_due (plan, clip, step) || check_is_due (plan, clip, step))
      return TRUE;
  }
  return FALSE;
}

KairosLook
kairos_plan_look (KairosPlan *plan, guint64 step, KairosFacts *facts)
{
  if (!plan->snapshot)
    plan->snapshot = g_new (KairosFact, kairos_dataset_get_n_samples (plan->context.dataset));
  if (facts)
    kairos_facts_snapshot (facts, plan->snapshot);
  return (KairosLook){ &plan->context, facts, plan->snapshot, plan->train, plan->n_train, step };
}

void
kairos_plan_resolve (KairosPlan *plan, guint64 step, KairosFacts *facts)
{
  const KairosSegment *segment = kairos_plan_segment (plan, step);

  if (!kairos_plan_is_due (plan, step))
    return;
  const KairosLook look = kairos_plan_look (plan, step, facts);
  for (guint i = 0; i < segment->n; i++) {
    KairosPlanClip *clip = &plan->clips[g_array_index (plan->active, guint, segment->begin + i)];
    const KairosKindRow *row = kairos_kind_row (clip->clip->kind);
    if (check_is_due (plan, clip, step) && row->is_over (clip, &look))
      clip->state->released = step;
    if (!resolve_is_due (plan, clip, step))
      continue;
    row->resolve (clip, &look);
    clip->state->latest = step;
    clip->state->first = MIN (clip->state->first, step);
  }
}

guint
kairos_plan_released (KairosPlan *plan, guint32 *ids, guint64 *steps, guint max)
{
  guint n = 0;

  for (guint i = 0; i < plan->n_clips && n < max; i++) {
    const KairosPlanClip *clip = &plan->clips[i];
    if (!clip->state || clip->state->released >= clip->end || clip->state->released <= clip->first)
      continue;
    ids[n] = clip->clip->id;
    steps[n++] = clip->state->released;
  }
  return n;
}

/* ---- Events ---- */

gboolean
kairos_plan_happen (KairosPlan *plan, const KairosClip *event, KairosHappening *happening, GError **error)
{
  for (guint i = 0; i < plan->n_events; i++)
    if (plan->events[i].clip == event)
      return kairos_kind_row (event->kind)->happen (&plan->events[i], happening, error);
  return TRUE;
}
