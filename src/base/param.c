/* SPDX-License-Identifier: MIT */

/* Parameter schemas: checking values against them, reading values through them, showing them as JSON. */
#include "kairos/param.h"

#include <math.h>

#include "kairos/error.h"

static const char *const type_names[] = {
  [KAIROS_PARAM_INT] = "int",       [KAIROS_PARAM_REAL] = "real", [KAIROS_PARAM_BOOL] = "bool",
  [KAIROS_PARAM_CHOICE] = "choice", [KAIROS_PARAM_TEXT] = "text", [KAIROS_PARAM_LIST] = "list",
  [KAIROS_PARAM_POINTS] = "points",
};

static const KairosParam *
find (const KairosParam *params, guint n_params, const char *name)
{
  for (guint i = 0; i < n_params; i++)
    if (g_str_equal (params[i].name, name))
      return &params[i];
  return NULL;
}

static gboolean
is_number (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) &&
         (json_node_get_value_type (node) == G_TYPE_INT64 || json_node_get_value_type (node) == G_TYPE_DOUBLE);
}

static gboolean
is_bool (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN;
}

static gboolean
is_text (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

static gboolean
choice_is_known (const KairosParam *param, const char *value)
{
  g_auto (GStrv) choices = g_strsplit (param->choices, "|", -1);

  return g_strv_contains ((const char *const *) choices, value);
}

static gboolean
text_fits (const KairosParam *param, const char *value)
{
  double length = g_utf8_strlen (value, -1);

  return length >= param->min && length <= param->max;
}

static gboolean
in_range (const KairosParam *param, JsonNode *node)
{
  return is_number (node) && json_node_get_double (node) >= param->min && json_node_get_double (node) <= param->max;
}

static gboolean
list_fits (const KairosParam *param, JsonArray *list)
{
  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonNode *node = json_array_get_element (list, i);
    gboolean whole = in_range (param, node) && json_node_get_double (node) == floor (json_node_get_double (node));

    if (!whole && !(param->choices && is_text (node)))
      return FALSE;
  }
  return TRUE;
}

static gboolean
points_fit (const KairosParam *param, JsonArray *points)
{
  double last = -1;

  for (guint i = 0; i < json_array_get_length (points); i++) {
    JsonNode *node = json_array_get_element (points, i);
    JsonArray *point = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

    if (!point || json_array_get_length (point) != 2 || !is_number (json_array_get_element (point, 0)))
      return FALSE;
    double time = json_array_get_double_element (point, 0);
    if (!(time >= 0 && time > last && time <= 1e6) || !in_range (param, json_array_get_element (point, 1)))
      return FALSE;
    last = time;
  }
  return TRUE;
}

static gboolean
value_fits (const KairosParam *param, JsonNode *node)
{
  double number;

  switch (param->type) {
  case KAIROS_PARAM_BOOL: return is_bool (node);
  case KAIROS_PARAM_CHOICE: return is_text (node) && choice_is_known (param, json_node_get_string (node));
  case KAIROS_PARAM_TEXT: return is_text (node) && text_fits (param, json_node_get_string (node));
  case KAIROS_PARAM_LIST: return JSON_NODE_HOLDS_ARRAY (node) && list_fits (param, json_node_get_array (node));
  case KAIROS_PARAM_POINTS: return JSON_NODE_HOLDS_ARRAY (node) && points_fit (param, json_node_get_array (node));
  case KAIROS_PARAM_INT:
  case KAIROS_PARAM_REAL:
  default:
    if (!is_number (node))
      return FALSE;
    number = json_node_get_double (node);
    return number >= param->min && number <= param->max &&
           (param->type == KAIROS_PARAM_REAL || number == floor (number));
  }
}

/* Numbers in messages look the same in every locale, as they do in JSON and on the command line. */
static void
append_number (GString *text, double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (text, g_ascii_formatd (buffer, sizeof buffer, "%.10g", number));
}

static void
append_range (GString *text, const KairosParam *param)
{
  append_number (text, param->min);
  g_string_append (text, " to ");
  append_number (text, param->max);
}

/* What was expected: "a whole number from 1 to 11 pixels". */
static char *
describe_expected (const KairosParam *param)
{
  GString *text = g_string_new (NULL);

  switch (param->type) {
  case KAIROS_PARAM_BOOL: g_string_append (text, "true or false"); break;
  case KAIROS_PARAM_CHOICE: {
    g_auto (GStrv) choices = g_strsplit (param->choices, "|", -1);
    g_autofree char *list = g_strjoinv (", ", choices);

    g_string_append_printf (text, "one of %s", list);
    break;
  }
  case KAIROS_PARAM_TEXT:
    g_string_append (text, "a text of ");
    append_range (text, param);
    g_string_append (text, " characters");
    break;
  case KAIROS_PARAM_LIST:
    g_string_append (text, "a list of ");
    if (param->choices)
      g_string_append_printf (text, param->min <= param->max ? "names or numbers of %s from " : "names of %s",
                              param->choices);
    else
      g_string_append (text, "whole numbers from ");
    if (param->min <= param->max)
      append_range (text, param);
    break;
  case KAIROS_PARAM_POINTS:
    g_string_append (text, "a list of [time, value] with growing times from 0 on and values from ");
    append_range (text, param);
    break;
  case KAIROS_PARAM_INT:
  case KAIROS_PARAM_REAL:
  default:
    g_string_append (text, param->type == KAIROS_PARAM_INT ? "a whole number from " : "a number from ");
    append_range (text, param);
    if (param->unit)
      g_string_append_printf (text, " %s", param->unit);
  }
  return g_string_free (text, FALSE);
}

static gboolean
refuse_unknown (const KairosParam *params, guint n_params, const char *where, const char *name, GError **error)
{
  g_autoptr (GString) known = g_string_new (NULL);

  for (guint i = 0; i < n_params; i++)
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", params[i].name);
  if (n_params > 0)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING, "%s: there is no setting \"%s\"; the settings are %s",
                 where, name, known->str);
  else
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING, "%s: there is no setting \"%s\"; it takes no settings",
                 where, name);
  return FALSE;
}

static gboolean
refuse_value (const KairosParam *param, JsonNode *node, const char *where, GError **error)
{
  g_autofree char *given = json_to_string (node, FALSE);
  g_autofree char *expected = describe_expected (param);

  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "%s: \"%s\" is %s, but must be %s", where, param->name, given,
               expected);
  return FALSE;
}

static gboolean
is_left_alone (const char *name, const char *const *also)
{
  static const char *const always[] = { "layer", "kind", "name", NULL };

  return g_strv_contains (always, name) || (also && g_strv_contains (also, name));
}

gboolean
kairos_params_check (const KairosParam *params, guint n_params, JsonObject *values, const char *where,
                     const char *const *also, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (!values)
    return TRUE;
  json_object_iter_init_ordered (&iter, values);
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    const KairosParam *param = find (params, n_params, name);

    if (!param && is_left_alone (name, also))
      continue;
    if (!param)
      return refuse_unknown (params, n_params, where, name, error);
    if (!value_fits (param, node))
      return refuse_value (param, node, where, error);
  }
  return TRUE;
}

static JsonNode *
lookup (JsonObject *values, const char *name)
{
  return values ? json_object_get_member (values, name) : NULL;
}

double
kairos_params_number (const KairosParam *params, guint n_params, JsonObject *values, const char *name)
{
  const KairosParam *param = find (params, n_params, name);
  JsonNode *node = lookup (values, name);

  g_return_val_if_fail (param != NULL, 0);
  if (node && is_number (node))
    return json_node_get_double (node);
  if (node && is_bool (node))
    return json_node_get_boolean (node);
  return param->fallback;
}

/* The first of "a|b|c", which lives as long as the program. */
static const char *
first_choice (const KairosParam *param)
{
  g_auto (GStrv) choices = g_strsplit (param->choices, "|", 2);

  return g_intern_string (choices[0]);
}

const char *
kairos_params_text (const KairosParam *params, guint n_params, JsonObject *values, const char *name)
{
  const KairosParam *param = find (params, n_params, name);
  JsonNode *node = lookup (values, name);

  g_return_val_if_fail (param != NULL, NULL);
  if (node && is_text (node))
    return json_node_get_string (node);
  return param->type == KAIROS_PARAM_CHOICE ? first_choice (param) : param->choices;
}

const KairosParam *
kairos_params_find (const KairosParam *params, guint n_params, const char *name)
{
  return find (params, n_params, name);
}

JsonArray *
kairos_params_list (const KairosParam *params, guint n_params, JsonObject *values, const char *name)
{
  JsonNode *node = lookup (values, name);

  g_return_val_if_fail (find (params, n_params, name) != NULL, NULL);
  return node && JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) > 0
             ? json_node_get_array (node)
             : NULL;
}

static void
build_default (JsonBuilder *builder, const KairosParam *param)
{
  switch (param->type) {
  case KAIROS_PARAM_INT: json_builder_add_int_value (builder, (gint64) param->fallback); break;
  case KAIROS_PARAM_BOOL: json_builder_add_boolean_value (builder, param->fallback != 0); break;
  case KAIROS_PARAM_CHOICE: json_builder_add_string_value (builder, first_choice (param)); break;
  case KAIROS_PARAM_TEXT: json_builder_add_string_value (builder, param->choices); break;
  case KAIROS_PARAM_LIST:
  case KAIROS_PARAM_POINTS:
    json_builder_begin_array (builder);
    json_builder_end_array (builder);
    break;
  case KAIROS_PARAM_REAL:
  default: json_builder_add_double_value (builder, param->fallback);
  }
}

static void
build_bound (JsonBuilder *builder, const KairosParam *param, double bound)
{
  if (param->type == KAIROS_PARAM_BOOL || param->type == KAIROS_PARAM_CHOICE)
    json_builder_add_null_value (builder);
  else if (param->type == KAIROS_PARAM_REAL || param->type == KAIROS_PARAM_POINTS)
    json_builder_add_double_value (builder, bound);
  else
    json_builder_add_int_value (builder, (gint64) bound);
}

static void
build_choices (JsonBuilder *builder, const KairosParam *param)
{
  g_auto (GStrv) choices = NULL;

  if (param->type != KAIROS_PARAM_CHOICE) {
    json_builder_add_null_value (builder);
    return;
  }
  choices = g_strsplit (param->choices, "|", -1);
  json_builder_begin_array (builder);
  for (char **choice = choices; *choice; choice++)
    json_builder_add_string_value (builder, *choice);
  json_builder_end_array (builder);
}

static void
build_param (JsonBuilder *builder, const KairosParam *param)
{
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, param->name);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, type_names[param->type]);
  json_builder_set_member_name (builder, "unit");
  json_builder_add_string_value (builder, param->unit);
  json_builder_set_member_name (builder, "min");
  build_bound (builder, param, param->min);
  json_builder_set_member_name (builder, "max");
  build_bound (builder, param, param->max);
  json_builder_set_member_name (builder, "default");
  build_default (builder, param);
  json_builder_set_member_name (builder, "choices");
  build_choices (builder, param);
  json_builder_set_member_name (builder, "help");
  json_builder_add_string_value (builder, param->help);
  json_builder_end_object (builder);
}

JsonNode *
kairos_params_to_json (const KairosParam *params, guint n_params)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < n_params; i++)
    build_param (builder, &params[i]);
  json_builder_end_array (builder);
  return json_builder_get_root (builder);
}
