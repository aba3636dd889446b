/* SPDX-License-Identifier: MIT */

/* Edits of several clips at once. */
#include "config.h"

#include "timeline/kairos-timeline-edits.h"

#include <glib/gi18n.h>
#include <kairos/json.h>
#include <math.h>

/* A copy beside the original where there is room, else on a track of its kind. */
static KairosTimeline *
duplicate (KairosTimeline *timeline, guint32 id, double from, guint32 *copy, GError **error)
{
  KairosTimeline *value;
  guint track;

  kairos_timeline_find (timeline, id, &track);
  value = kairos_timeline_duplicate (timeline, id, from, (int) track, copy, NULL);
  return value ? value : kairos_timeline_duplicate (timeline, id, from, -1, copy, error);
}

/* One step towards the result: takes the value before, which NULL stands for as well. */
static gboolean
step (KairosTimeline **value, KairosTimeline *next)
{
  if (!next)
    return FALSE;
  kairos_timeline_unref (*value);
  *value = next;
  return TRUE;
}

JsonObject *
kairos_timeline_new_clip (const char *kind, const guint32 *samples, guint n)
{
  JsonObject *clip = json_object_new ();

  json_object_set_string_member (clip, "kind", kind);
  if (kairos_kind_find (kind)->selects && n > 0) {
    JsonArray *list = json_array_sized_new (n);

    for (guint i = 0; i < n; i++)
      json_array_add_int_element (list, samples[i]);
    json_object_set_array_member (clip, "ids", list);
  }
  return clip;
}

KairosTimeline *
kairos_timeline_add_clip (KairosTimeline *timeline, const char *kind, const guint32 *samples, guint n, double from,
                          double length, guint32 *id, GError **error)
{
  g_autoptr (JsonObject) clip = kairos_timeline_new_clip (kind, samples, n);

  if (kairos_kind_find (kind)->event)
    json_object_set_double_member (clip, "at", from);
  else {
    json_object_set_double_member (clip, "from", from);
    json_object_set_double_member (clip, "to", from + length);
  }
  return kairos_timeline_add (timeline, -1, clip, id, error);
}

KairosTimeline *
kairos_timeline_delete_clips (KairosTimeline *timeline, const guint32 *ids, guint n, GError **error)
{
  g_autoptr (KairosTimeline) value = kairos_timeline_ref (timeline);

  for (guint i = 0; i < n; i++)
    if (!step (&value, kairos_timeline_remove (value, ids[i], error)))
      return NULL;
  return g_steal_pointer (&value);
}

KairosTimeline *
kairos_timeline_split_clips (KairosTimeline *timeline, const guint32 *ids, guint n, double at, GArray *made,
                             GError **error)
{
  g_autoptr (KairosTimeline) value = kairos_timeline_ref (timeline);

  for (guint i = 0; i < n; i++) {
    const KairosClip *clip = kairos_timeline_find (value, ids[i], NULL);
    guint32 id;

    if (clip->kind->event)
      continue;
    if (!step (&value,
               kairos_timeline_split (value, ids[i],
                                      at > clip->from && at < clip->to ? at : (clip->from + clip->to) / 2, &id, error)))
      return NULL;
    g_array_append_val (made, id);
  }
  return g_steal_pointer (&value);
}

KairosTimeline *
kairos_timeline_duplicate_clips (KairosTimeline *timeline, const guint32 *ids, guint n, double gap, GArray *made,
                                 GError **error)
{
  g_autoptr (KairosTimeline) value = kairos_timeline_ref (timeline);
  double from = INFINITY, to = 0;

  for (guint i = 0; i < n; i++) {
    const KairosClip *clip = kairos_timeline_find (timeline, ids[i], NULL);

    from = MIN (from, clip->from);
    to = MAX (to, clip->to);
  }
  for (guint i = 0; i < n; i++) {
    const KairosClip *clip = kairos_timeline_find (timeline, ids[i], NULL);
    guint32 id;

    if (!step (&value, duplicate (value, ids[i], clip->from + MAX (to - from, gap), &id, error)))
      return NULL;
    g_array_append_val (made, id);
  }
  return g_steal_pointer (&value);
}

KairosTimeline *
kairos_timeline_mute_clips (KairosTimeline *timeline, const guint32 *ids, guint n, GError **error)
{
  g_autoptr (KairosTimeline) value = kairos_timeline_ref (timeline);
  gboolean mute = FALSE;

  for (guint i = 0; i < n; i++)
    mute |= !kairos_timeline_find (timeline, ids[i], NULL)->muted;
  for (guint i = 0; i < n; i++)
    if (!step (&value, kairos_timeline_mute (value, ids[i], mute, error)))
      return NULL;
  return g_steal_pointer (&value);
}

/* ---- Clipboard ---- */

char *
kairos_timeline_copy_clips (KairosTimeline *timeline, const guint32 *ids, guint n)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < n; i++) {
    g_autofree char *clip = kairos_clip_to_text (kairos_timeline_find (timeline, ids[i], NULL));

    g_string_append_printf (text, "%s%s", i > 0 ? ",\n" : "", clip);
  }
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

static gboolean
is_number (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node && JSON_NODE_HOLDS_VALUE (node) &&
         g_value_type_transformable (json_node_get_value_type (node), G_TYPE_DOUBLE) &&
         json_node_get_value_type (node) != G_TYPE_STRING;
}

static void
shift_member (JsonObject *object, const char *name, double by)
{
  if (is_number (object, name))
    json_object_set_double_member (object, name, json_object_get_double_member (object, name) + by);
}

/* The times of what is pasted, moved; a paste is nobody's act while training, and has a selection of its own. */
static void
shift_clip (JsonObject *object, double by)
{
  gboolean event = is_number (object, "at");

  shift_member (object, event ? "at" : "from", by);
  if (!event)
    shift_member (object, "to", by);
  json_object_remove_member (object, "recorded");
  json_object_remove_member (object, "origin");
  json_object_remove_member (object, "id");
}

static double
first_time (JsonArray *clips)
{
  double first = INFINITY;

  for (guint i = 0; i < json_array_get_length (clips); i++) {
    JsonObject *object =
        JSON_NODE_HOLDS_OBJECT (json_array_get_element (clips, i)) ? json_array_get_object_element (clips, i) : NULL;
    const char *name = object && is_number (object, "at") ? "at" : "from";

    if (object && is_number (object, name))
      first = MIN (first, json_object_get_double_member (object, name));
  }
  return isfinite (first) ? first : 0;
}

KairosTimeline *
kairos_timeline_paste_clips (KairosTimeline *timeline, const char *text, double at, GArray *made, GError **error)
{
  g_autoptr (JsonNode) node = text ? kairos_json_parse (text, -1, NULL) : NULL;
  g_autoptr (KairosTimeline) value = kairos_timeline_ref (timeline);
  JsonArray *clips = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint n = clips ? json_array_get_length (clips) : 0;
  double by = n > 0 ? at - first_time (clips) : 0;

  for (guint i = 0; i < n; i++) {
    JsonNode *element = json_array_get_element (clips, i);
    guint32 id;

    if (!JSON_NODE_HOLDS_OBJECT (element))
      break;
    shift_clip (json_node_get_object (element), by);
    if (!step (&value, kairos_timeline_add (value, -1, json_node_get_object (element), &id, error)))
      return NULL;
    g_array_append_val (made, id);
  }
  if (made->len == 0) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 _ ("There are no clips on the clipboard; copy some on a timeline first"));
    return NULL;
  }
  return g_steal_pointer (&value);
}
