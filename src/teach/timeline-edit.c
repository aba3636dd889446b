/* SPDX-License-Identifier: MIT */

/* Edits.  Each works on a copy that shares all tracks but those it touches, and has the result checked as a whole. */
#include "timeline-private.h"

#include <math.h>
#include <string.h>

#include "kind-private.h"

static gpointer refuse_range (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gpointer
refuse_range (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, message);
  return NULL;
}

static const KairosClip *
need_clip (KairosTimeline *timeline, guint32 id, guint *track, GError **error)
{
  const KairosClip *clip = kairos_timeline_find (timeline, id, track);

  if (!clip)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                 "There is no clip %u on the timeline; it may have been removed.", id);
  return clip;
}

static gboolean
need_track (KairosTimeline *timeline, guint track, GError **error)
{
  if (track < timeline->tracks->len)
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING, "There is no track %u; the timeline has %u.", track + 1,
               timeline->tracks->len);
  return FALSE;
}

static void
take_out (KairosTimeline *timeline, guint track, guint32 id)
{
  KairosTrackBox *box = kairos_timeline_own_track (timeline, track);

  for (guint i = 0; i < box->clips->len; i++)
    if (((KairosClip *) box->clips->pdata[i])->id == id) {
      kairos_track_remove (box, i);
      return;
    }
}

/* The timeline with one clip changed to look like another, on the same or another track. */
static KairosTimeline *
with_changed (KairosTimeline *timeline, guint track, const KairosClip *like, guint new_track, GError **error)
{
  KairosTimeline *copy = kairos_timeline_copy (timeline);
  const KairosTrack *old = kairos_timeline_get_track (timeline, track);
  guint at = 0;

  while (old->clips[at]->id != like->id)
    at++;
  /* stays where it is among events of the same instant */
  if (new_track == track && old->clips[at]->from == like->from) {
    KairosTrackBox *box = kairos_timeline_own_track (copy, track);
    kairos_clip_unref (box->clips->pdata[at]);
    box->clips->pdata[at] = kairos_clip_new (like);
    return kairos_timeline_finish (copy, error);
  }
  take_out (copy, track, like->id);
  kairos_track_insert (kairos_timeline_own_track (copy, new_track), kairos_clip_new (like));
  return kairos_timeline_finish (copy, error);
}

/* ---- The timeline and its tracks ---- */

KairosTimeline *
kairos_timeline_set_epochs (KairosTimeline *timeline, double epochs, GError **error)
{
  if (!(epochs >= 0 && epochs <= KAIROS_MAX_EPOCHS))
    return refuse_range (error, "A timeline has from 0 to %d epochs.", KAIROS_MAX_EPOCHS);
  KairosTimeline *copy = kairos_timeline_copy (timeline);
  copy->epochs = epochs;
  return kairos_timeline_finish (copy, error);
}

KairosTimeline *
kairos_timeline_add_track (KairosTimeline *timeline, const char *name, int position, GError **error)
{
  KairosTimeline *copy = kairos_timeline_copy (timeline);
  guint last = copy->tracks->len;

  kairos_timeline_append_track (copy, name);
  if (position >= 0 && (guint) position < last)
    g_ptr_array_insert (copy->tracks, position, g_ptr_array_steal_index (copy->tracks, last));
  return kairos_timeline_finish (copy, error);
}

KairosTimeline *
kairos_timeline_remove_track (KairosTimeline *timeline, guint track, GError **error)
{
  if (!need_track (timeline, track, error))
    return NULL;
  KairosTimeline *copy = kairos_timeline_copy (timeline);
  g_ptr_array_remove_index (copy->tracks, track);
  return copy;
}

KairosTimeline *
kairos_timeline_move_track (KairosTimeline *timeline, guint track, guint position, GError **error)
{
  if (!need_track (timeline, track, error) || !need_track (timeline, position, error))
    return NULL;
  KairosTimeline *copy = kairos_timeline_copy (timeline);
  g_ptr_array_insert (copy->tracks, position, g_ptr_array_steal_index (copy->tracks, track));
  return copy;
}

KairosTimeline *
kairos_timeline_rename_track (KairosTimeline *timeline, guint track, const char *name, GError **error)
{
  if (!need_track (timeline, track, error))
    return NULL;
  KairosTimeline *copy = kairos_timeline_copy (timeline);
  KairosTrackBox *box = kairos_timeline_own_track (copy, track);
  g_free ((char *) box->track.name);
  box->track.name = g_strdup (name);
  return kairos_timeline_finish (copy, error);
}

KairosTimeline *
kairos_timeline_mute_track (KairosTimeline *timeline, guint track, gboolean muted, GError **error)
{
  if (!need_track (timeline, track, error))
    return NULL;
  KairosTimeline *copy = kairos_timeline_copy (timeline);
  kairos_timeline_own_track (copy, track)->track.muted = muted;
  return copy;
}

KairosTimeline *
kairos_timeline_solo_track (KairosTimeline *timeline, guint track, gboolean solo, GError **error)
{
  if (!need_track (timeline, track, error))
    return NULL;
  KairosTimeline *copy = kairos_timeline_copy (timeline);
  kairos_timeline_own_track (copy, track)->track.solo = solo;
  return copy;
}

/* ---- Adding and removing ---- */

static gboolean
has_room (const KairosTrack *track, const KairosClip *clip)
{
  for (guint i = 0; i < track->n_clips; i++)
    if (kairos_clips_conflict (track->clips[i], clip))
      return FALSE;
  return TRUE;
}

/* "Data" and "Data 2" are tracks of kinds that go to Data. */
static gboolean
is_track_of (const KairosTrack *track, const KairosKind *kind)
{
  gsize length = strlen (kind->track);

  return strncmp (track->name, kind->track, length) == 0 && (track->name[length] == '\0' || track->name[length] == ' ');
}

/* A track with room for the clip; a new one behind the others of its kind where there is none.  Events happen after
 * what holds, so their tracks come last of themselves. */
static guint
find_place (KairosTimeline *copy, const KairosClip *clip)
{
  guint n = 0, behind = copy->tracks->len;

  for (guint i = 0; i < copy->tracks->len; i++) {
    const KairosTrack *track = kairos_timeline_get_track (copy, i);
    if (!is_track_of (track, clip->kind))
      continue;
    if (has_room (track, clip) && kairos_timeline_is_audible (copy, i))
      return i;
    n++;
    behind = i + 1;
  }
  g_autofree char *name = n ? g_strdup_printf ("%s %u", clip->kind->track, n + 1) : g_strdup (clip->kind->track);
  kairos_timeline_append_track (copy, name);
  g_ptr_array_insert (copy->tracks, behind, g_ptr_array_steal_index (copy->tracks, copy->tracks->len - 1));
  return behind;
}

/* Takes the clip, whose id is set here; its origin too, unless it has one. */
static KairosTimeline *
with_added (KairosTimeline *timeline, int track, KairosClip *clip, guint32 *id, GError **error)
{
  KairosTimeline *copy = kairos_timeline_copy (timeline);
  guint at = track >= 0 ? (guint) track : find_place (copy, clip);

  clip->id = copy->next_id++;
  clip->origin = clip->origin ? clip->origin : clip->id;
  if (id)
    *id = clip->id;
  kairos_track_insert (kairos_timeline_own_track (copy, at), clip);
  return kairos_timeline_finish (copy, error);
}

KairosTimeline *
kairos_timeline_add (KairosTimeline *timeline, int track, JsonObject *object, guint32 *id, GError **error)
{
  if (track >= 0 && !need_track (timeline, track, error))
    return NULL;
  KairosClip *clip = kairos_clip_from_json (object, "The new clip", error);
  if (!clip)
    return NULL;
  clip->origin = 0;
  return with_added (timeline, track, clip, id, error);
}

KairosTimeline *
kairos_timeline_duplicate (KairosTimeline *timeline, guint32 id, double from, int track, guint32 *new_id,
                           GError **error)
{
  const KairosClip *clip = need_clip (timeline, id, NULL, error);

  if (!clip || (track >= 0 && !need_track (timeline, track, error)))
    return NULL;
  KairosClip copy = *clip;
  copy.from = from;
  copy.to = clip->kind->event ? from : from + (clip->to - clip->from);
  copy.origin = 0;
  copy.recorded = FALSE;
  return with_added (timeline, track, kairos_clip_new (&copy), new_id, error);
}

KairosTimeline *
kairos_timeline_remove (KairosTimeline *timeline, guint32 id, GError **error)
{
  guint track;

  if (!need_clip (timeline, id, &track, error))
    return NULL;
  KairosTimeline *copy = kairos_timeline_copy (timeline);
  take_out (copy, track, id);
  return copy;
}

/* ---- Moving and trimming ---- */

KairosTimeline *
kairos_timeline_move (KairosTimeline *timeline, guint32 id, double from, int new_track, GError **error)
{
  guint track;
  const KairosClip *clip = need_clip (timeline, id, &track, error);

  if (!clip || (new_track >= 0 && !need_track (timeline, new_track, error)))
    return NULL;
  KairosClip moved = *clip;
  moved.from = from;
  moved.to = clip->kind->event ? from : from + (clip->to - clip->from);
  return with_changed (timeline, track, &moved, new_track >= 0 ? (guint) new_track : track, error);
}

KairosTimeline *
kairos_timeline_shift (KairosTimeline *timeline, const guint32 *ids, guint n, double epochs, int tracks, GError **error)
{
  g_autoptr (KairosTimeline) copy = kairos_timeline_copy (timeline);

  /* all are taken out before any is put back, so that events of one instant keep their order */
  for (guint i = 0; i < n; i++) {
    guint track;
    if (!need_clip (timeline, ids[i], &track, error) || !need_track (timeline, (guint) ((int) track + tracks), error))
      return NULL;
    take_out (copy, track, ids[i]);
  }
  for (guint i = 0; i < n; i++) {
    guint track;
    const KairosClip *clip = kairos_timeline_find (timeline, ids[i], &track);
    KairosClip moved = *clip;
    moved.from += epochs;
    moved.to += epochs;
    kairos_track_insert (kairos_timeline_own_track (copy, track + tracks), kairos_clip_new (&moved));
  }
  return kairos_timeline_finish (g_steal_pointer (&copy), error);
}

KairosTimeline *
kairos_timeline_trim (KairosTimeline *timeline, guint32 id, double from, double to, GError **error)
{
  guint track;
  const KairosClip *clip = need_clip (timeline, id, &track, error);

  if (!clip)
    return NULL;
  g_autofree char *where = kairos_clip_describe (clip);
  g_autoptr (JsonObject) settings = kairos_settings_from (clip, from);
  if (!kairos_clip_check_settings (clip->kind, settings, where, error))
    return NULL;
  KairosClip trimmed = *clip;
  trimmed.params = settings;
  trimmed.from = from;
  trimmed.to = clip->kind->event ? from : to;
  return with_changed (timeline, track, &trimmed, track, error);
}

/* ---- Splitting ---- */

/* Settings of the clip with the length of its shape, and when that began, pinned down.  Clips without such a shape keep
 * theirs. */
static JsonObject *
pin_shape (const KairosClip *clip, double since)
{
  JsonObject *settings = json_object_ref (clip->params);
  const struct {
    const char *name;
    double value;
  } pins[] = { { "over", kairos_clip_shape_length (clip) }, { "since", since } };

  for (guint i = 0; i < G_N_ELEMENTS (pins); i++) {
    g_autoptr (JsonNode) value = json_node_init_double (json_node_alloc (), pins[i].value);
    if (!kairos_params_find (clip->kind->params, clip->kind->n_params, pins[i].name) ||
        kairos_clip_number (clip, pins[i].name) == pins[i].value)
      continue;
    g_autoptr (JsonObject) before = settings;
    settings = kairos_settings_copy (clip->kind, before, pins[i].name, value);
  }
  return settings;
}

static gboolean
check_inside (const KairosClip *clip, double at, GError **error)
{
  g_autofree char *name = kairos_clip_describe (clip);

  if (!clip->kind->event && at > clip->from && at < clip->to)
    return TRUE;
  refuse_range (error, "%s cannot be cut at epoch %.6g; choose a time inside it.", name, at);
  return FALSE;
}

KairosTimeline *
kairos_timeline_release (KairosTimeline *timeline, guint32 id, double at, GError **error)
{
  guint track;
  const KairosClip *clip = need_clip (timeline, id, &track, error);

  if (!clip || !check_inside (clip, at, error))
    return NULL;
  g_autoptr (JsonObject) settings = pin_shape (clip, kairos_clip_since (clip));
  KairosClip ended = *clip;
  ended.to = at;
  ended.params = settings;
  return with_changed (timeline, track, &ended, track, error);
}

KairosTimeline *
kairos_timeline_split (KairosTimeline *timeline, guint32 id, double at, guint32 *new_id, GError **error)
{
  guint track;
  const KairosClip *clip = need_clip (timeline, id, &track, error);

  if (!clip || !check_inside (clip, at, error))
    return NULL;
  g_autoptr (KairosTimeline) first = kairos_timeline_release (timeline, id, at, error);
  if (!first)
    return NULL;
  g_autoptr (JsonObject) settings = pin_shape (clip, kairos_clip_since (clip) + (at - clip->from));
  KairosClip second = *clip;
  second.from = at;
  second.params = settings;
  return with_added (first, track, kairos_clip_new (&second), new_id, error);
}

/* ---- Settings ---- */

KairosTimeline *
kairos_timeline_set_param (KairosTimeline *timeline, guint32 id, const char *name, JsonNode *value, GError **error)
{
  guint track;
  const KairosClip *clip = need_clip (timeline, id, &track, error);

  if (!clip)
    return NULL;
  g_autofree char *where = kairos_clip_describe (clip);
  g_autoptr (JsonObject) settings = kairos_settings_copy (clip->kind, clip->params, name, value);
  /* kairos_params_check() lists what there is */
  if (!kairos_params_find (clip->kind->params, clip->kind->n_params, name)) {
    g_autoptr (JsonObject) unknown = json_object_new ();
    json_object_set_null_member (unknown, name);
    if (!kairos_params_check (clip->kind->params, clip->kind->n_params, unknown, where, NULL, error))
      return NULL;
    return refuse_range (error, "%s: there is no setting \"%.40s\".", where, name);
  }
  if (!kairos_clip_check_settings (clip->kind, settings, where, error))
    return NULL;
  KairosClip changed = *clip;
  changed.params = settings;
  return with_changed (timeline, track, &changed, track, error);
}

KairosTimeline *
kairos_timeline_set_points (KairosTimeline *timeline, guint32 id, const KairosPoint *points, guint n, GError **error)
{
  guint track;
  const KairosClip *clip = need_clip (timeline, id, &track, error);

  if (!clip)
    return NULL;
  g_autofree char *where = kairos_clip_describe (clip);
  if (!kairos_kind_points (clip->kind))
    return refuse_range (error, "%s has no curve; points can be given to a kind that has a setting for them.", where);
  g_autoptr (JsonObject) settings = kairos_settings_with_points (clip, points, n);
  if (!kairos_clip_check_settings (clip->kind, settings, where, error))
    return NULL;
  KairosClip changed = *clip;
  changed.params = settings;
  return with_changed (timeline, track, &changed, track, error);
}

KairosTimeline *
kairos_timeline_mute (KairosTimeline *timeline, guint32 id, gboolean muted, GError **error)
{
  guint track;
  const KairosClip *clip = need_clip (timeline, id, &track, error);

  if (!clip)
    return NULL;
  KairosClip changed = *clip;
  changed.muted = muted;
  return with_changed (timeline, track, &changed, track, error);
}
