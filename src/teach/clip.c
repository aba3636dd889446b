/* SPDX-License-Identifier: MIT */

/* One clip: its settings, its name in messages.
 *
 * INVARIANT: a clip's settings have passed kairos_clip_check_settings() with its kind.
 */
#include "timeline-private.h"

#include <math.h>
#include <string.h>

#include "kind-private.h"

/* Members of a clip's object that are not settings. */
const char *const kairos_clip_members[] = { "kind", "from", "to", "at", "id", "origin", "muted", "recorded", NULL };

/* ---- References ---- */

KairosClip *
kairos_clip_new (const KairosClip *like)
{
  KairosClipBox *box = g_new0 (KairosClipBox, 1);

  box->clip = *like;
  json_object_ref (box->clip.params);
  atomic_init (&box->refs, 1);
  return &box->clip;
}

KairosClip *
kairos_clip_ref (const KairosClip *clip)
{
  atomic_fetch_add_explicit (&((KairosClipBox *) clip)->refs, 1, memory_order_relaxed);
  return (KairosClip *) clip;
}

void
kairos_clip_unref (gpointer data)
{
  KairosClipBox *box = data;

  if (atomic_fetch_sub (&box->refs, 1) != 1)
    return;
  json_object_unref (box->clip.params);
  g_free (box);
}

/* ---- Settings ---- */

static JsonArray *
copy_array (JsonArray *array)
{
  JsonArray *copy = json_array_sized_new (json_array_get_length (array));

  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);
    if (JSON_NODE_HOLDS_ARRAY (node))
      json_array_add_array_element (copy, copy_array (json_node_get_array (node)));
    else
      json_array_add_element (copy, json_node_copy (node));
  }
  return copy;
}

static JsonNode *
copy_node (JsonNode *node)
{
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return json_node_copy (node);
  JsonNode *copy = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (copy, copy_array (json_node_get_array (node)));
  return copy;
}

gboolean
kairos_clip_is_setting (const KairosKind *kind, const char *member)
{
  return !g_strv_contains (kairos_clip_members, member) ||
         (kind->event && kairos_params_find (kind->params, kind->n_params, member));
}

JsonObject *
kairos_settings_copy (const KairosKind *kind, JsonObject *settings, const char *name, JsonNode *value)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, settings);
  while (json_object_iter_next_ordered (&iter, &member, &node))
    if (kairos_clip_is_setting (kind, member) && !(name && g_str_equal (member, name) && !value))
      json_object_set_member (copy, member, copy_node (name && g_str_equal (member, name) ? value : node));
  if (name && value && !json_object_has_member (copy, name))
    json_object_set_member (copy, name, copy_node (value));
  return copy;
}

const char *
kairos_clip_text (const KairosClip *clip, const char *param)
{
  return kairos_params_text (clip->kind->params, clip->kind->n_params, clip->params, param);
}

double
kairos_clip_number (const KairosClip *clip, const char *param)
{
  return kairos_params_number (clip->kind->params, clip->kind->n_params, clip->params, param);
}

static gboolean
setting_equal (const KairosClip *a, const KairosClip *b, const KairosParam *param)
{
  const KairosParam *params = a->kind->params;
  guint n = a->kind->n_params;

  switch (param->type) {
  case KAIROS_PARAM_CHOICE:
  case KAIROS_PARAM_TEXT:
    return g_str_equal (kairos_params_text (params, n, a->params, param->name),
                        kairos_params_text (params, n, b->params, param->name));
  case KAIROS_PARAM_LIST:
  case KAIROS_PARAM_POINTS:
    return !kairos_params_list (params, n, a->params, param->name) &&
                   !kairos_params_list (params, n, b->params, param->name)
               ? TRUE
               : kairos_json_equal (json_object_get_member (a->params, param->name),
                                    json_object_get_member (b->params, param->name));
  case KAIROS_PARAM_INT:
  case KAIROS_PARAM_REAL:
  case KAIROS_PARAM_BOOL:
  default:
    return kairos_params_number (params, n, a->params, param->name) ==
           kairos_params_number (params, n, b->params, param->name);
  }
}

gboolean
kairos_clip_settings_equal (const KairosClip *a, const KairosClip *b, const char *const *except)
{
  if (a->kind != b->kind)
    return FALSE;
  for (guint i = 0; a->params != b->params && i < a->kind->n_params; i++)
    if (!(except && g_strv_contains (except, a->kind->params[i].name)) && !setting_equal (a, b, &a->kind->params[i]))
      return FALSE;
  return TRUE;
}

const KairosParam *
kairos_kind_points (const KairosKind *kind)
{
  for (guint i = 0; i < kind->n_params; i++)
    if (kind->params[i].type == KAIROS_PARAM_POINTS)
      return &kind->params[i];
  return NULL;
}

double
kairos_clip_shape_length (const KairosClip *clip)
{
  if (!kairos_params_find (clip->kind->params, clip->kind->n_params, "over"))
    return 0;
  const KairosParam *points = kairos_kind_points (clip->kind);
  if (points && kairos_params_list (clip->kind->params, clip->kind->n_params, clip->params, points->name))
    return 0;
  double over = kairos_clip_number (clip, "over");
  return over > 0 ? over : clip->to - clip->from;
}

double
kairos_clip_since (const KairosClip *clip)
{
  return kairos_params_find (clip->kind->params, clip->kind->n_params, "since") ? kairos_clip_number (clip, "since")
                                                                                : 0;
}

gboolean
kairos_clip_equal (const KairosClip *a, const KairosClip *b)
{
  return a == b || (a->id == b->id && a->origin == b->origin && a->from == b->from && a->to == b->to &&
                    a->muted == b->muted && a->recorded == b->recorded && kairos_clip_settings_equal (a, b, NULL));
}

/* ---- Its name ---- */

char *
kairos_clip_describe (const KairosClip *clip)
{
  char from[G_ASCII_DTOSTR_BUF_SIZE], to[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (from, sizeof from, "%.6g", clip->from);
  g_ascii_formatd (to, sizeof to, "%.6g", clip->to);
  return clip->kind->event ? g_strdup_printf ("%s at epoch %s", clip->kind->name, from)
                           : g_strdup_printf ("%s from epoch %s to %s", clip->kind->name, from, to);
}
