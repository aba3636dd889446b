/* SPDX-License-Identifier: MIT */

/* The file form of one clip: an object with its kind, its times and its settings. */
#include "timeline-private.h"

#include <math.h>

#include "kind-private.h"

/* ---- Settings ---- */

gboolean
kairos_clip_check_settings (const KairosKind *kind, JsonObject *settings, const char *where, GError **error)
{
  static const char *const tolerated[] = { "layer", "name" }; /* by kairos_params_check() */

  for (guint i = 0; i < G_N_ELEMENTS (tolerated); i++)
    if (json_object_has_member (settings, tolerated[i]) &&
        !kairos_params_find (kind->params, kind->n_params, tolerated[i])) {
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING, "%s: there is no setting \"%s\"", where, tolerated[i]);
      return FALSE;
    }
  return kairos_params_check (kind->params, kind->n_params, settings, where, kairos_clip_members, error) &&
         kairos_kind_check (kind, settings, where, error);
}

/* ---- Reading ---- */

static gboolean refuse (GError **error, KairosError code, const char *where, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

static gboolean
refuse (GError **error, KairosError code, const char *where, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *problem = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, KAIROS_ERROR, code, "%s: %s", where, problem);
  return FALSE;
}

static gboolean
read_time (JsonObject *object, const char *name, const char *where, double *time, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (!node)
    return refuse (error, KAIROS_ERROR_MISSING, where, "it has no \"%s\"; give the time in epochs", name);
  if (!kairos_json_is_number (node) ||
      !(json_node_get_double (node) >= 0 && json_node_get_double (node) <= KAIROS_MAX_EPOCHS))
    return refuse (error, KAIROS_ERROR_RANGE, where, "\"%s\" has to be a time from 0 to %d epochs", name,
                   KAIROS_MAX_EPOCHS);
  *time = json_node_get_double (node);
  return TRUE;
}

static gboolean
read_times (JsonObject *object, KairosClip *clip, const char *where, GError **error)
{
  const char *foreign = clip->kind->event ? json_object_has_member (object, "from") ? "from" : "to" : "at";

  if (json_object_has_member (object, foreign) && !(clip->kind->event && kairos_clip_is_setting (clip->kind, foreign)))
    return refuse (error, KAIROS_ERROR_MISSING, where,
                   clip->kind->event ? "an event has a time \"at\", not \"%s\""
                                     : "a clip has times \"from\" and \"to\", not \"%s\"",
                   foreign);
  if (!clip->kind->event)
    return read_time (object, "from", where, &clip->from, error) && read_time (object, "to", where, &clip->to, error);
  if (!read_time (object, "at", where, &clip->from, error))
    return FALSE;
  clip->to = clip->from;
  return TRUE;
}

static gboolean
read_id (JsonObject *object, const char *name, const char *where, guint32 *id, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);
  double number = node && kairos_json_is_number (node) ? json_node_get_double (node) : -1;

  if (node && !(number >= 1 && number <= G_MAXINT32 && number == floor (number)))
    return refuse (error, KAIROS_ERROR_RANGE, where, "\"%s\" has to be a whole number from 1 to %d", name, G_MAXINT32);
  *id = node ? (guint32) number : 0;
  return TRUE;
}

static gboolean
read_flag (JsonObject *object, const char *name, const char *where, gboolean *flag, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node && !(JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN))
    return refuse (error, KAIROS_ERROR_RANGE, where, "\"%s\" has to be true or false", name);
  *flag = node && json_node_get_boolean (node);
  return TRUE;
}

static const KairosKind *
read_kind (JsonObject *object, const char *where, GError **error)
{
  JsonNode *node = json_object_get_member (object, "kind");
  const char *name = node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
                         ? json_node_get_string (node)
                         : NULL;
  const KairosKind *kind = name ? kairos_kind_find (name) : NULL;

  if (!name)
    refuse (error, KAIROS_ERROR_MISSING, where, "it has no \"kind\"; give the name of one");
  else if (!kind) {
    g_autofree char *names = kairos_kind_names ();
    refuse (error, KAIROS_ERROR_MISSING, where, "there is no kind \"%.40s\"; the kinds are %s", name, names);
  }
  return kind;
}

KairosClip *
kairos_clip_from_json (JsonObject *object, const char *where, GError **error)
{
  KairosClip clip = { .kind = read_kind (object, where, error) };

  if (!clip.kind)
    return NULL;
  g_autofree char *named = g_strdup_printf ("%s (%s)", where, clip.kind->name);
  if (!read_times (object, &clip, named, error) || !read_id (object, "id", named, &clip.id, error) ||
      !read_id (object, "origin", named, &clip.origin, error) ||
      !read_flag (object, "muted", named, &clip.muted, error) ||
      !read_flag (object, "recorded", named, &clip.recorded, error) ||
      !kairos_clip_check_settings (clip.kind, object, named, error))
    return NULL;
  g_autoptr (JsonObject) settings = kairos_settings_copy (clip.kind, object, NULL, NULL);
  clip.params = settings;
  return kairos_clip_new (&clip);
}

/* ---- Writing ---- */

void
kairos_clip_write (const KairosClip *clip, gboolean with_id, GString *text)
{
  char from[G_ASCII_DTOSTR_BUF_SIZE], to[G_ASCII_DTOSTR_BUF_SIZE];
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  g_string_append_printf (text, "{\"kind\":\"%s\"", clip->kind->name);
  if (with_id)
    g_string_append_printf (text, ",\"id\":%u", clip->id);
  if (clip->origin != clip->id)
    g_string_append_printf (text, ",\"origin\":%u", clip->origin);
  if (clip->kind->event)
    g_string_append_printf (text, ",\"at\":%s", kairos_number_text (clip->from, from));
  else
    g_string_append_printf (text, ",\"from\":%s,\"to\":%s", kairos_number_text (clip->from, from),
                            kairos_number_text (clip->to, to));
  json_object_iter_init_ordered (&iter, clip->params);
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    g_string_append_printf (text, ",\"%s\":", name);
    kairos_json_write (node, text);
  }
  g_string_append_printf (text, "%s%s}", clip->muted ? ",\"muted\":true" : "",
                          clip->recorded ? ",\"recorded\":true" : "");
}

char *
kairos_clip_to_text (const KairosClip *clip)
{
  GString *text = g_string_new (NULL);

  kairos_clip_write (clip, FALSE, text);
  return g_string_free (text, FALSE);
}

/* ---- By hand ---- */

JsonObject *
kairos_clip_at (JsonObject *clip, double now, double end)
{
  static const char *const ours[] = { "from", "at", "id", "origin", "recorded", NULL };
  const KairosKind *kind = kairos_kind_find (json_object_get_string_member_with_default (clip, "kind", ""));
  gboolean event = kind && kind->event;
  JsonObject *timed = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, clip);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (!g_strv_contains (ours, name))
      json_object_set_member (timed, name, json_node_copy (node));
  json_object_set_double_member (timed, event ? "at" : "from", now);
  if (!event && !json_object_has_member (timed, "to"))
    json_object_set_double_member (timed, "to", end);
  json_object_set_boolean_member (timed, "recorded", TRUE);
  return timed;
}
