/* SPDX-License-Identifier: MIT */

/* JSON as people write it: 5.4 stays 5.4, where json-glib would print 5.4000000000000004. */
#include "timeline-private.h"

#include <math.h>

char *
kairos_number_text (double number, char buffer[G_ASCII_DTOSTR_BUF_SIZE])
{
  g_ascii_formatd (buffer, G_ASCII_DTOSTR_BUF_SIZE, "%.15g", number);
  if (g_ascii_strtod (buffer, NULL) != number)
    g_ascii_dtostr (buffer, G_ASCII_DTOSTR_BUF_SIZE, number);
  return buffer;
}

gboolean
kairos_json_is_number (JsonNode *node)
{
  return node && JSON_NODE_HOLDS_VALUE (node) &&
         (json_node_get_value_type (node) == G_TYPE_INT64 || json_node_get_value_type (node) == G_TYPE_DOUBLE);
}

static void
write_array (JsonArray *array, GString *text)
{
  for (guint i = 0; i < json_array_get_length (array); i++) {
    g_string_append (text, i ? "," : "[");
    kairos_json_write (json_array_get_element (array, i), text);
  }
  g_string_append (text, json_array_get_length (array) ? "]" : "[]");
}

void
kairos_json_write (JsonNode *node, GString *text)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (JSON_NODE_HOLDS_ARRAY (node)) {
    write_array (json_node_get_array (node), text);
  } else if (kairos_json_is_number (node)) {
    g_string_append (text, kairos_number_text (json_node_get_double (node), buffer));
  } else { /* texts, truth values; settings have no objects */
    g_autofree char *plain = json_to_string (node, FALSE);
    g_string_append (text, plain);
  }
}

gboolean
kairos_json_equal (JsonNode *a, JsonNode *b)
{
  if (!a || !b)
    return a == b;
  g_autoptr (GString) text_a = g_string_new (NULL), text_b = g_string_new (NULL);
  kairos_json_write (a, text_a);
  kairos_json_write (b, text_b);
  return g_string_equal (text_a, text_b);
}
