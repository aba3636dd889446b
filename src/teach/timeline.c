/* SPDX-License-Identifier: MIT */

/* The timeline as a value: sharing, looking, and what makes one valid. */
#include "timeline-private.h"

#include <math.h>

#include "kind-private.h"

/* ---- Tracks ---- */

static void
track_unref (gpointer data)
{
  KairosTrackBox *box = data;

  if (atomic_fetch_sub (&box->refs, 1) != 1)
    return;
  g_ptr_array_unref (box->clips);
  g_free ((char *) box->track.name);
  g_free (box);
}

static gpointer
track_ref (gconstpointer data, gpointer nothing)
{
  atomic_fetch_add_explicit (&((KairosTrackBox *) data)->refs, 1, memory_order_relaxed);
  return (gpointer) data;
}

static void
track_mirror (KairosTrackBox *box)
{
  box->track.n_clips = box->clips->len;
  box->track.clips = (const KairosClip *const *) box->clips->pdata;
}

static KairosTrackBox *
track_new (const char *name)
{
  KairosTrackBox *box = g_new0 (KairosTrackBox, 1);

  box->track.name = g_strdup (name);
  box->clips = g_ptr_array_new_with_free_func (kairos_clip_unref);
  atomic_init (&box->refs, 1);
  track_mirror (box);
  return box;
}

void
kairos_track_insert (KairosTrackBox *box, KairosClip *clip)
{
  guint at = box->clips->len;

  while (at > 0 && ((KairosClip *) box->clips->pdata[at - 1])->from > clip->from)
    at--;
  g_ptr_array_insert (box->clips, at, clip);
  track_mirror (box);
}

void
kairos_track_remove (KairosTrackBox *box, guint position)
{
  g_ptr_array_remove_index (box->clips, position);
  track_mirror (box);
}

KairosTrackBox *
kairos_timeline_own_track (KairosTimeline *timeline, guint track)
{
  KairosTrackBox *shared = timeline->tracks->pdata[track], *own = track_new (shared->track.name);

  own->track.muted = shared->track.muted;
  own->track.solo = shared->track.solo;
  for (guint i = 0; i < shared->clips->len; i++)
    g_ptr_array_add (own->clips, kairos_clip_ref (shared->clips->pdata[i]));
  track_mirror (own);
  track_unref (shared);
  timeline->tracks->pdata[track] = own;
  return own;
}

KairosTrackBox *
kairos_timeline_append_track (KairosTimeline *timeline, const char *name)
{
  KairosTrackBox *box = track_new (name);

  g_ptr_array_add (timeline->tracks, box);
  return box;
}

/* ---- The value ---- */

KairosTimeline *
kairos_timeline_new (double epochs)
{
  KairosTimeline *timeline = g_new0 (KairosTimeline, 1);

  timeline->epochs = epochs > 0 ? MIN (epochs, KAIROS_MAX_EPOCHS) : 0;
  timeline->tracks = g_ptr_array_new_with_free_func (track_unref);
  timeline->next_id = 1;
  atomic_init (&timeline->refs, 1);
  return timeline;
}

KairosTimeline *
kairos_timeline_copy (KairosTimeline *timeline)
{
  KairosTimeline *copy = kairos_timeline_new (timeline->epochs);

  g_ptr_array_unref (copy->tracks);
  copy->tracks = g_ptr_array_copy (timeline->tracks, (GCopyFunc) (gpointer) track_ref, NULL);
  copy->next_id = timeline->next_id;
  return copy;
}

KairosTimeline *
kairos_timeline_ref (KairosTimeline *timeline)
{
  atomic_fetch_add_explicit (&timeline->refs, 1, memory_order_relaxed);
  return timeline;
}

void
kairos_timeline_unref (KairosTimeline *timeline)
{
  if (!timeline || atomic_fetch_sub (&timeline->refs, 1) != 1)
    return;
  g_ptr_array_unref (timeline->tracks);
  g_free (timeline);
}

static gboolean
tracks_equal (const KairosTrack *a, const KairosTrack *b)
{
  if (a == b)
    return TRUE;
  if (!g_str_equal (a->name, b->name) || a->muted != b->muted || a->solo != b->solo || a->n_clips != b->n_clips)
    return FALSE;
  for (guint i = 0; i < a->n_clips; i++)
    if (!kairos_clip_equal (a->clips[i], b->clips[i]))
      return FALSE;
  return TRUE;
}

gboolean
kairos_timeline_equal (KairosTimeline *a, KairosTimeline *b)
{
  if (a == b)
    return TRUE;
  if (a->epochs != b->epochs || a->tracks->len != b->tracks->len)
    return FALSE;
  for (guint i = 0; i < a->tracks->len; i++)
    if (!tracks_equal (kairos_timeline_get_track (a, i), kairos_timeline_get_track (b, i)))
      return FALSE;
  return TRUE;
}

double
kairos_timeline_get_epochs (KairosTimeline *timeline)
{
  return timeline->epochs;
}

guint
kairos_timeline_get_n_tracks (KairosTimeline *timeline)
{
  return timeline->tracks->len;
}

const KairosTrack *
kairos_timeline_get_track (KairosTimeline *timeline, guint track)
{
  return track < timeline->tracks->len ? &((KairosTrackBox *) timeline->tracks->pdata[track])->track : NULL;
}

gboolean
kairos_timeline_is_empty (KairosTimeline *timeline)
{
  for (guint i = 0; i < timeline->tracks->len; i++)
    if (kairos_timeline_get_track (timeline, i)->n_clips > 0)
      return FALSE;
  return TRUE;
}

gboolean
kairos_timeline_is_audible (KairosTimeline *timeline, guint track)
{
  gboolean any_solo = FALSE;

  for (guint i = 0; i < timeline->tracks->len; i++)
    any_solo |= kairos_timeline_get_track (timeline, i)->solo;
  const KairosTrack *asked = kairos_timeline_get_track (timeline, track);
  return asked && !asked->muted && (asked->solo || !any_solo);
}

const KairosClip *
kairos_timeline_find (KairosTimeline *timeline, guint32 id, guint *track)
{
  for (guint i = 0; i < timeline->tracks->len; i++) {
    const KairosTrack *candidate = kairos_timeline_get_track (timeline, i);
    for (guint j = 0; j < candidate->n_clips; j++)
      if (candidate->clips[j]->id == id) {
        if (track)
          *track = i;
        return candidate->clips[j];
      }
  }
  return NULL;
}

/* ---- What makes it valid ---- */

gboolean
kairos_clips_conflict (const KairosClip *a, const KairosClip *b)
{
  if (a->kind->event || b->kind->event || !(a->from < b->to && b->from < a->to) ||
      !g_str_equal (a->kind->part, b->kind->part))
    return FALSE;
  return a->kind->overlap == KAIROS_OVERLAP_REFUSE || b->kind->overlap == KAIROS_OVERLAP_REFUSE;
}

static gboolean
check_times (KairosTimeline *timeline, const KairosTrack *track, const KairosClip *clip, GError **error)
{
  double last = timeline->epochs > 0 ? timeline->epochs : KAIROS_MAX_EPOCHS;
  const char *problem = NULL;

  if (!(clip->from >= 0))
    problem = "it begins before the training does; move it to epoch 0 or later";
  else if (clip->kind->event ? !(clip->from < last) : !(clip->to <= last))
    problem = clip->kind->event ? "nothing is trained after it; let it happen before the last epoch ends"
                                : "it ends after the last epoch; end it earlier or plan more epochs";
  else if (!clip->kind->event && !(clip->to > clip->from))
    problem = "it ends before it begins; let \"to\" be later than \"from\"";
  if (!problem)
    return TRUE;
  g_autofree char *name = kairos_clip_describe (clip);
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "Track \"%s\", %s: %s (there are %.6g epochs).", track->name,
               name, problem, last);
  return FALSE;
}

static gboolean
check_overlaps (const KairosTrack *track, guint i, GError **error)
{
  for (guint j = i + 1; j < track->n_clips && track->clips[j]->from < track->clips[i]->to; j++)
    if (kairos_clips_conflict (track->clips[i], track->clips[j])) {
      g_autofree char *first = kairos_clip_describe (track->clips[i]), *second = kairos_clip_describe (track->clips[j]);
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                   "Track \"%s\": %s overlaps %s, which cannot be combined; put it on another track or time.",
                   track->name, second, first);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_name (const char *name, GError **error)
{
  if (*name && g_utf8_validate (name, -1, NULL) && g_utf8_strlen (name, -1) <= 100)
    return TRUE;
  g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                       "The name of a track has to be a text of 1 to 100 characters.");
  return FALSE;
}

static gboolean
check_size (KairosTimeline *timeline, GError **error)
{
  guint n = 0;

  for (guint i = 0; i < timeline->tracks->len; i++)
    n += kairos_timeline_get_track (timeline, i)->n_clips;
  if (timeline->tracks->len <= KAIROS_MAX_TRACKS && n <= KAIROS_MAX_CLIPS)
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "A timeline holds at most %d tracks and %d clips; remove some.",
               KAIROS_MAX_TRACKS, KAIROS_MAX_CLIPS);
  return FALSE;
}

static gboolean
check (KairosTimeline *timeline, GError **error)
{
  if (!check_size (timeline, error))
    return FALSE;
  for (guint i = 0; i < timeline->tracks->len; i++) {
    const KairosTrack *track = kairos_timeline_get_track (timeline, i);
    if (!check_name (track->name, error))
      return FALSE;
    for (guint j = 0; j < track->n_clips; j++)
      if (!check_times (timeline, track, track->clips[j], error) || !check_overlaps (track, j, error))
        return FALSE;
  }
  return TRUE;
}

KairosTimeline *
kairos_timeline_finish (KairosTimeline *timeline, GError **error)
{
  if (check (timeline, error))
    return timeline;
  kairos_timeline_unref (timeline);
  return NULL;
}
