/* SPDX-License-Identifier: MIT */

/* The file form of a timeline.
 *
 * Clips are numbered as they come, and the number is their id; only where that is not so does the text say "id".  Ids
 * matter because random draws depend on them.
 */
#include "timeline-private.h"

#include "kairos/json.h"

/* ---- Reading ---- */

static gboolean
refuse_form (GError **error, const char *problem)
{
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
               "This is not a timeline: %s; expected {\"kairos-timeline\":1,\"epochs\":40,\"tracks\":[...]}.", problem);
  return FALSE;
}

static gboolean
check_members (JsonObject *object, const char *const *known, const char *where, GError **error)
{
  JsonObjectIter iter;
  const char *name;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    if (!g_strv_contains (known, name)) {
      g_autofree char *list = g_strjoinv (", ", (char **) known);
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING, "%s: there is no member \"%.40s\"; the members are %s.",
                   where, name, list);
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_flag (JsonObject *object, const char *name, const char *where, gboolean *flag, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node && !(JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "%s: \"%s\" has to be true or false.", where, name);
    return FALSE;
  }
  *flag = node && json_node_get_boolean (node);
  return TRUE;
}

/* An array by name; TRUE with *array NULL where it is missing. */
static gboolean
read_array (JsonObject *object, const char *name, const char *where, JsonArray **array, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  *array = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  if (!node || *array)
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "%s: \"%s\" has to be a list.", where, name);
  return FALSE;
}

static gboolean
read_clips (KairosTrackBox *track, JsonArray *clips, GError **error)
{
  for (guint i = 0; clips && i < json_array_get_length (clips); i++) {
    g_autofree char *where = g_strdup_printf ("Track \"%s\", clip %u", track->track.name, i + 1);
    JsonNode *node = json_array_get_element (clips, i);
    if (!JSON_NODE_HOLDS_OBJECT (node)) {
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                   "%s: it is not an object like {\"kind\":\"blur\",\"from\":0,\"to\":4}.", where);
      return FALSE;
    }
    KairosClip *clip = kairos_clip_from_json (json_node_get_object (node), where, error);
    if (!clip)
      return FALSE;
    kairos_track_insert (track, clip);
  }
  return TRUE;
}

static char *
track_name (JsonObject *object, guint i)
{
  JsonNode *node = json_object_get_member (object, "name");
  gboolean is_text = node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;

  return node && !is_text ? NULL
         : is_text        ? g_strdup (json_node_get_string (node))
                          : g_strdup_printf ("Track %u", i + 1);
}

static gboolean
read_track (KairosTimeline *timeline, JsonNode *node, guint i, GError **error)
{
  static const char *const known[] = { "name", "muted", "solo", "clips", NULL };
  g_autofree char *where = g_strdup_printf ("Track %u", i + 1);
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autofree char *name = object ? track_name (object, i) : NULL;
  JsonArray *clips;

  if (!name) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%s: it is not an object like {\"name\":\"Data\",\"clips\":[...]}.", where);
    return FALSE;
  }
  KairosTrackBox *track = kairos_timeline_append_track (timeline, name);
  return check_members (object, known, where, error) &&
         read_flag (object, "muted", where, &track->track.muted, error) &&
         read_flag (object, "solo", where, &track->track.solo, error) &&
         read_array (object, "clips", where, &clips, error) && read_clips (track, clips, error);
}

static gboolean
reserve_ids (KairosTimeline *timeline, GHashTable *taken, GError **error)
{
  for (guint i = 0; i < timeline->tracks->len; i++) {
    const KairosTrack *track = kairos_timeline_get_track (timeline, i);
    for (guint j = 0; j < track->n_clips; j++) {
      const KairosClip *clip = track->clips[j];
      if (clip->id == 0 || g_hash_table_add (taken, GUINT_TO_POINTER (clip->id)))
        continue;
      g_autofree char *name = kairos_clip_describe (clip);
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "Track \"%s\", %s: another clip has its id %u already.",
                   track->name, name, clip->id);
      return FALSE;
    }
  }
  return TRUE;
}

/* Ids for those without: the number of the clip, in the order in which the writer goes through them, or else the next
 * free one. */
static gboolean
number_clips (KairosTimeline *timeline, GError **error)
{
  g_autoptr (GHashTable) taken = g_hash_table_new (NULL, NULL);
  guint ordinal = 0, free_id = 1;

  if (!reserve_ids (timeline, taken, error))
    return FALSE;
  for (guint i = 0; i < timeline->tracks->len; i++) {
    const KairosTrack *track = kairos_timeline_get_track (timeline, i);
    for (guint j = 0; j < track->n_clips; j++) {
      KairosClip *clip = (KairosClip *) track->clips[j]; /* still ours alone */
      ordinal++;
      if (clip->id == 0) {
        for (clip->id = ordinal; g_hash_table_contains (taken, GUINT_TO_POINTER (clip->id)); free_id++)
          clip->id = free_id;
        g_hash_table_add (taken, GUINT_TO_POINTER (clip->id));
      }
      clip->origin = clip->origin ? clip->origin : clip->id;
      timeline->next_id = MAX (timeline->next_id, MAX (clip->id, clip->origin) + 1);
    }
  }
  return TRUE;
}

static gboolean
read_head (KairosTimeline *timeline, JsonObject *object, JsonArray **tracks, GError **error)
{
  static const char *const known[] = { "kairos-timeline", "epochs", "tracks", NULL };
  JsonNode *version = json_object_get_member (object, "kairos-timeline"),
           *epochs = json_object_get_member (object, "epochs");

  if (!version || !kairos_json_is_number (version))
    return refuse_form (error, "it does not begin with \"kairos-timeline\":1");
  if (json_node_get_double (version) != 1) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED,
                 "The timeline has version %g; this Kairos reads version 1, a newer one may do better.",
                 json_node_get_double (version));
    return FALSE;
  }
  if (epochs && !(kairos_json_is_number (epochs) && json_node_get_double (epochs) >= 0 &&
                  json_node_get_double (epochs) <= KAIROS_MAX_EPOCHS)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "The timeline's \"epochs\" has to be a number from 0 to %d.",
                 KAIROS_MAX_EPOCHS);
    return FALSE;
  }
  timeline->epochs = epochs ? json_node_get_double (epochs) : 0;
  return check_members (object, known, "The timeline", error) &&
         read_array (object, "tracks", "The timeline", tracks, error);
}

KairosTimeline *
kairos_timeline_from_json (JsonNode *node, GError **error)
{
  g_autoptr (KairosTimeline) timeline = kairos_timeline_new (0);
  JsonArray *tracks = NULL;

  if (!node || !JSON_NODE_HOLDS_OBJECT (node)) {
    refuse_form (error, "it is not a JSON object");
    return NULL;
  }
  if (!read_head (timeline, json_node_get_object (node), &tracks, error))
    return NULL;
  for (guint i = 0; tracks && i < json_array_get_length (tracks); i++)
    if (!read_track (timeline, json_array_get_element (tracks, i), i, error))
      return NULL;
  if (!number_clips (timeline, error))
    return NULL;
  return kairos_timeline_finish (g_steal_pointer (&timeline), error);
}

KairosTimeline *
kairos_timeline_from_text (const char *text, gssize length, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (JsonNode) root = kairos_json_parse (text, length, &problem);

  if (root)
    return kairos_timeline_from_json (root, error);
  refuse_form (error, problem->message);
  return NULL;
}

/* ---- Writing ---- */

static void
write_track (const KairosTrack *track, gboolean lines, guint *ordinal, GString *text)
{
  g_autoptr (JsonNode) name = json_node_init_string (json_node_alloc (), track->name);

  g_string_append (text, "{\"name\":");
  kairos_json_write (name, text);
  g_string_append_printf (text, "%s%s,\"clips\":[", track->muted ? ",\"muted\":true" : "",
                          track->solo ? ",\"solo\":true" : "");
  for (guint i = 0; i < track->n_clips; i++) {
    g_string_append (text, i ? "," : "");
    g_string_append (text, lines ? "\n    " : "");
    kairos_clip_write (track->clips[i], track->clips[i]->id != ++*ordinal, text);
  }
  g_string_append (text, "]}");
}

char *
kairos_timeline_to_text (KairosTimeline *timeline, gboolean lines)
{
  GString *text = g_string_new ("{\"kairos-timeline\":1");
  char epochs[G_ASCII_DTOSTR_BUF_SIZE];
  guint ordinal = 0;

  if (timeline->epochs > 0)
    g_string_append_printf (text, ",\"epochs\":%s", kairos_number_text (timeline->epochs, epochs));
  g_string_append (text, ",\"tracks\":[");
  for (guint i = 0; i < timeline->tracks->len; i++) {
    g_string_append (text, i ? "," : "");
    g_string_append (text, lines ? "\n  " : "");
    write_track (kairos_timeline_get_track (timeline, i), lines, &ordinal, text);
  }
  g_string_append (text, "]}");
  return g_string_free (text, FALSE);
}
