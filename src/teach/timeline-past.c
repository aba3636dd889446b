/* SPDX-License-Identifier: MIT */

/* What two timelines mean before a given time.
 *
 * What is in force is the sequence of clips that count (not muted, on audible tracks), in track order, then by time.
 * The lock on the past, "branch from here" and undo all ask the same question: from when on do two sequences differ?
 */
#include "timeline-private.h"

#include <math.h>

/* The clips that count. */
static GPtrArray *
effective (KairosTimeline *timeline)
{
  GPtrArray *clips = g_ptr_array_new ();

  for (guint i = 0; i < timeline->tracks->len; i++) {
    const KairosTrack *track = kairos_timeline_get_track (timeline, i);
    if (!kairos_timeline_is_audible (timeline, i))
      continue;
    for (guint j = 0; j < track->n_clips; j++)
      if (!track->clips[j]->muted)
        g_ptr_array_add (clips, (gpointer) track->clips[j]);
  }
  return clips;
}

/* The lines before the first point that changed stay what they were.  Clips of one kind that begin together. */
static double
points_differ (const KairosClip *a, const KairosClip *b)
{
  double since;
  g_autoptr (GArray) points_a = kairos_clip_points (a, &since), points_b = kairos_clip_points (b, NULL);
  double time = kairos_curve_first_difference ((const KairosPoint *) (gpointer) points_a->data, points_a->len,
                                               (const KairosPoint *) (gpointer) points_b->data, points_b->len);

  time += a->from - since;
  return time < MIN (a->to, b->to) ? MAX (time, a->from) : INFINITY; /* behind its end it does not matter */
}

/* From when on two clips of the same id differ. */
static double
clips_differ (const KairosClip *a, const KairosClip *b)
{
  const KairosParam *points = kairos_kind_points (a->kind);
  /* compared by the length that it gives; line by line */
  const char *const apart[] = { "over", points ? points->name : NULL, NULL };
  double ends = a->to != b->to ? MIN (a->to, b->to) : INFINITY;

  if (a == b)
    return INFINITY;
  if (a->from != b->from || a->origin != b->origin || !kairos_clip_settings_equal (a, b, apart) ||
      kairos_clip_shape_length (a) != kairos_clip_shape_length (b))
    return MIN (a->from, b->from);
  return points ? MIN (ends, points_differ (a, b)) : ends;
}

static GHashTable *
by_id (GPtrArray *clips)
{
  GHashTable *table = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < clips->len; i++)
    g_hash_table_insert (table, GUINT_TO_POINTER (((const KairosClip *) clips->pdata[i])->id),
                         GUINT_TO_POINTER (i + 1));
  return table;
}

static void
note (double time, const KairosClip *reason, double *first, const KairosClip **clip)
{
  if (time >= *first)
    return;
  *first = time;
  *clip = reason;
}

/* Clips that both have, but in another order: matters from when on the two are in force together. */
static void
compare_order (GPtrArray *a, GHashTable *places, double *first, const KairosClip **clip)
{
  for (guint i = 0; i < a->len; i++) {
    const KairosClip *one = a->pdata[i];
    guint place = GPOINTER_TO_UINT (g_hash_table_lookup (places, GUINT_TO_POINTER (one->id)));
    for (guint j = i + 1; place && j < a->len; j++) {
      const KairosClip *other = a->pdata[j];
      guint behind = GPOINTER_TO_UINT (g_hash_table_lookup (places, GUINT_TO_POINTER (other->id)));
      gboolean together = one->from == other->from || (one->from < other->to && other->from < one->to);
      if (behind && behind < place && together)
        note (MAX (one->from, other->from), other, first, clip);
    }
  }
}

static gboolean
same_order (GPtrArray *a, GHashTable *places)
{
  guint last = 0;

  for (guint i = 0; i < a->len; i++) {
    guint place =
        GPOINTER_TO_UINT (g_hash_table_lookup (places, GUINT_TO_POINTER (((const KairosClip *) a->pdata[i])->id)));
    if (place && place < last)
      return FALSE;
    last = MAX (place, last);
  }
  return TRUE;
}

double
kairos_timeline_first_difference (KairosTimeline *a, KairosTimeline *b, const KairosClip **reason)
{
  g_autoptr (GPtrArray) clips_a = effective (a), clips_b = effective (b);
  g_autoptr (GHashTable) in_a = by_id (clips_a), in_b = by_id (clips_b);
  const KairosClip *clip = NULL;
  double first = INFINITY;

  for (guint i = 0; i < clips_a->len; i++) {
    const KairosClip *one = clips_a->pdata[i];
    guint place = GPOINTER_TO_UINT (g_hash_table_lookup (in_b, GUINT_TO_POINTER (one->id)));
    note (place ? clips_differ (one, clips_b->pdata[place - 1]) : one->from, one, &first, &clip);
  }
  for (guint i = 0; i < clips_b->len; i++) {
    const KairosClip *one = clips_b->pdata[i];
    if (!g_hash_table_contains (in_a, GUINT_TO_POINTER (one->id)))
      note (one->from, one, &first, &clip);
  }
  if (!same_order (clips_a, in_b))
    compare_order (clips_a, in_b, &first, &clip);
  if (reason)
    *reason = clip;
  return first;
}

gboolean
kairos_timeline_check_past (KairosTimeline *before, KairosTimeline *after, double now, GError **error)
{
  const KairosClip *clip;

  if (kairos_timeline_first_difference (before, after, &clip) >= now)
    return TRUE;
  g_autofree char *name = kairos_clip_describe (clip);
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_CHANGED,
               "%s: the training has passed epoch %.6g, and what was before cannot change; choose a later time, or "
               "branch from there.",
               name, now);
  return FALSE;
}

/* ---- A new future ---- */

/* The clip of future that is this one of the past: same kind, beginning and settings. */
static const KairosClip *
find_again (KairosTimeline *future, const char *track_name, const KairosClip *clip, GHashTable *used)
{
  for (guint i = 0; i < future->tracks->len; i++) {
    const KairosTrack *track = kairos_timeline_get_track (future, i);
    for (guint j = 0; g_str_equal (track->name, track_name) && j < track->n_clips; j++) {
      const KairosClip *other = track->clips[j];
      if (other->from == clip->from && kairos_clip_settings_equal (clip, other, NULL) &&
          !g_hash_table_contains (used, other))
        return other;
    }
  }
  return NULL;
}

static KairosTrackBox *
find_track (KairosTimeline *timeline, const KairosTrack *like)
{
  for (guint i = 0; i < timeline->tracks->len; i++)
    if (g_str_equal (kairos_timeline_get_track (timeline, i)->name, like->name))
      return timeline->tracks->pdata[i];
  return kairos_timeline_append_track (timeline, like->name);
}

/* One step towards keep_past(). */
static KairosTimeline *
keep_clip (KairosTimeline *timeline, KairosTimeline *future, const KairosTrack *track, const KairosClip *clip,
           double now, GHashTable *used)
{
  const KairosClip *again = clip->from < now ? find_again (future, track->name, clip, used) : NULL;

  if (again)
    g_hash_table_add (used, (gpointer) again);
  if (clip->from >= now)
    return kairos_timeline_remove (timeline, clip->id, NULL);
  if (clip->kind->event || clip->to <= now)
    return kairos_timeline_ref (timeline);
  return again ? kairos_timeline_trim (timeline, clip->id, clip->from, MAX (again->to, now), NULL)
               : kairos_timeline_release (timeline, clip->id, now, NULL);
}

/* What began before now, running clips going on as far as future has them.  used: collects the clips of future that
 * were found again. */
static KairosTimeline *
keep_past (KairosTimeline *timeline, KairosTimeline *future, double now, GHashTable *used)
{
  KairosTimeline *past = kairos_timeline_copy (timeline);

  past->epochs = 0;
  for (guint i = 0; i < timeline->tracks->len; i++) {
    const KairosTrack *track = kairos_timeline_get_track (timeline, i);
    for (guint j = 0; j < track->n_clips; j++) {
      KairosTimeline *next = keep_clip (past, future, track, track->clips[j], now, used);
      if (!next)
        continue;
      kairos_timeline_unref (past);
      past = next;
    }
  }
  return past;
}

static void
add_clip (KairosTimeline *result, KairosTrackBox *box, const KairosClip *clip)
{
  KairosClip *added = kairos_clip_new (clip);

  /* the id is another's; where it is free the same file gives the same draws */
  if (kairos_timeline_find (result, clip->id, NULL)) {
    added->id = result->next_id;
    added->origin = clip->origin == clip->id ? added->id : clip->origin;
  }
  result->next_id = MAX (result->next_id, MAX (added->id, added->origin) + 1);
  kairos_track_insert (box, added);
}

static gboolean
add_track (KairosTimeline *result, const KairosTrack *track, double now, GHashTable *used, GError **error)
{
  KairosTrackBox *box = find_track (result, track);

  box->track.muted = track->muted;
  box->track.solo = track->solo;
  for (guint i = 0; i < track->n_clips; i++) {
    const KairosClip *clip = track->clips[i];
    if (clip->from < now && !g_hash_table_contains (used, clip)) {
      g_autofree char *name = kairos_clip_describe (clip);
      g_set_error (
          error, KAIROS_ERROR, KAIROS_ERROR_CHANGED,
          "Track \"%s\", %s: it begins before epoch %.6g, which the training has passed; let it begin then or later.",
          track->name, name, now);
      return FALSE;
    }
    if (clip->from >= now)
      add_clip (result, box, clip);
  }
  return TRUE;
}

KairosTimeline *
kairos_timeline_replace_future (KairosTimeline *timeline, KairosTimeline *future, double now, GError **error)
{
  /* it has the past in it, as the edits of a person do */
  if (kairos_timeline_first_difference (timeline, future, NULL) >= now) {
    KairosTimeline *copy = kairos_timeline_copy (future);
    copy->next_id = MAX (future->next_id, timeline->next_id);
    return copy;
  }
  g_autoptr (GHashTable) used = g_hash_table_new (NULL, NULL);
  g_autoptr (KairosTimeline) result = keep_past (timeline, future, now, used);

  result->epochs = future->epochs;
  result->next_id = MAX (result->next_id, timeline->next_id);
  for (guint i = 0; i < result->tracks->len; i++)
    kairos_timeline_own_track (result, i);
  for (guint i = 0; i < future->tracks->len; i++)
    if (!add_track (result, kairos_timeline_get_track (future, i), now, used, error))
      return NULL;
  if (!kairos_timeline_check_past (timeline, result, now, error))
    return NULL;
  return kairos_timeline_finish (g_steal_pointer (&result), error);
}
