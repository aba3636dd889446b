/* SPDX-License-Identifier: MIT */

/* The points of a clip, between its settings in JSON and a list that can be edited. */
#include "kind-private.h"
#include "timeline-private.h"

GArray *
kairos_clip_points (const KairosClip *clip, double *since)
{
  const KairosParam *param = kairos_kind_points (clip->kind);
  GArray *points = g_array_new (FALSE, FALSE, sizeof (KairosPoint));
  JsonArray *list =
      param ? kairos_params_list (clip->kind->params, clip->kind->n_params, clip->params, param->name) : NULL;

  for (guint i = 0; list && i < json_array_get_length (list); i++) {
    JsonArray *pair = json_array_get_array_element (list, i);
    const KairosPoint point = { json_array_get_double_element (pair, 0), json_array_get_double_element (pair, 1) };
    g_array_append_val (points, point);
  }
  if (since)
    *since = kairos_clip_since (clip);
  return points;
}

static JsonNode *
points_node (const KairosPoint *points, guint n)
{
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *list = json_array_sized_new (n);

  for (guint i = 0; i < n; i++) {
    JsonArray *pair = json_array_sized_new (2);
    json_array_add_double_element (pair, points[i].time);
    json_array_add_double_element (pair, points[i].value);
    json_array_add_array_element (list, pair);
  }
  json_node_take_array (node, list);
  return node;
}

JsonObject *
kairos_settings_with_points (const KairosClip *clip, const KairosPoint *points, guint n)
{
  const KairosParam *param = kairos_kind_points (clip->kind);
  const char *instead = kairos_kind_row (clip->kind)->without_points;
  g_autoptr (JsonNode) node = n > 0 ? points_node (points, n) : NULL;
  JsonObject *settings = kairos_settings_copy (clip->kind, clip->params, param->name, node);

  if (n > 0 && instead && json_object_has_member (settings, instead))
    json_object_remove_member (settings, instead);
  return settings;
}

/* Points may not lie before the beginning of the curve, which may lie before the clip's. */
JsonObject *
kairos_settings_from (const KairosClip *clip, double from)
{
  double since, tidy = 1e-9;
  g_autoptr (GArray) points = kairos_clip_points (clip, &since);
  double wanted = kairos_curve_round (since + (from - clip->from), tidy), late = MAX (0, -wanted);

  if (points->len == 0 || from == clip->from || !kairos_params_find (clip->kind->params, clip->kind->n_params, "since"))
    return json_object_ref (clip->params);
  for (guint i = 0; i < points->len; i++)
    g_array_index (points, KairosPoint, i).time =
        kairos_curve_round (g_array_index (points, KairosPoint, i).time + late, tidy);
  g_autoptr (JsonObject) settings =
      kairos_settings_with_points (clip, (const KairosPoint *) (gpointer) points->data, points->len);
  g_autoptr (JsonNode) node = wanted > 0 ? json_node_init_double (json_node_alloc (), wanted) : NULL;
  return kairos_settings_copy (clip->kind, settings, "since", node);
}
