/* SPDX-License-Identifier: MIT */

/* Texts to JSON: what is refused and where, and that no text whatever takes the parser deeper than the bound. */
#include "kairos/json.h"

#include <string.h>

#include "kairos/error.h"

static void
test_accepted (void)
{
  static const struct {
    const char *text, *printed;
  } accepted[] = {
    { "{\"a\":[1,-2.5e-3,true,false,null]}", "{\"a\":[1,-0.0025000000000000001,true,false,null]}" },
    { " [ ]\r\n\t", "[]" },
    { "7", "7" },
    { "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"", NULL },
    { "[\"\\\"[{\\\\\",\"\\u00e9\\ud83d\\ude00\\/\"]", "[\"\\\"[{\\\\\",\"\303\251\360\237\230\200/\"]" },
    { "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", NULL }, /* 32 */
    { "[[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]]]", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (accepted); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonNode) node = kairos_json_parse (accepted[i].text, -1, &error);

    g_assert_no_error (error);
    g_autofree char *printed = json_to_string (node, FALSE);
    g_assert_cmpstr (printed, ==, accepted[i].printed ? accepted[i].printed : accepted[i].text);
  }
  g_autoptr (JsonNode) part = kairos_json_parse ("[1]]]]", 3, NULL);
  g_assert_nonnull (part);
}

static void
test_refused (void)
{
  static const struct {
    const char *text, *message;
  } refused[] = {
    { "", "line 1, column 1: there is nothing" },
    { " \n ", "line 1, column 1: there is nothing" },
    { "[1,]", "line 1, column 3: unexpected character *" },
    { "[1", "line 1, column 2: *" },
    { "]", "line 1, column *" },
    { "[1][2]", "line 1, column 4: something follows the end" },
    { "[1] ]", "line 1, column 5: something follows the end" },
    { "[\n [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "line 2, column 33: brackets nest deeper than 32" },
    { "[\"\303\251\",\377]", "line 1, column 6: this is not UTF-8 text" },
    { "['a']", "line 1, column 2: this character can stand in a text between quotes only" },
    { "[1,/* two */ 2]", "line 1, column 4: this character *" },
    { "var a = [1]", "line 1, column 7: this character *" },
    { "[$a]", "line 1, column 2: this character *" },
    { "[\"\\q\"]", "line 1, column 3: this character or escape cannot stand in a text" },
    { "[\"\\u00\"]", "line 1, column 3: this character or escape *" },
    { "[\"\\u0000\"]", "line 1, column 3: this character or escape *" },
    { "[\"\\ud800\"]", "line 1, column 3: this character or escape *" },
    { "[\"\\ud800\\u0041\"]", "line 1, column 3: this character or escape *" },
    { "[\"\\ude00\"]", "line 1, column 3: this character or escape *" },
    { "[\"a\nb\"]", "line 1, column 4: this character or escape *" },
    { "[\"a", "line 1, column 2: the text that begins here has no end" },
    { "[\"a\\", "line 1, column 4: this character or escape *" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (kairos_json_parse (refused[i].text, -1, &error));
    g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT);
    if (!g_pattern_match_simple (refused[i].message, error->message))
      g_error ("%s\nsays    %s\nexpected %s", refused[i].text, error->message, refused[i].message);
  }
  g_assert_null (kairos_json_parse ("[\0]", 3, NULL));
}

static void
test_long (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 100000; i++)
    g_string_append (text, i % 2 ? "[" : "{\"a\":");
  g_assert_null (kairos_json_parse (text->str, -1, &error));
  g_assert_cmpstr (error->message, ==, "line 1, column 97: brackets nest deeper than 32");
  g_clear_error (&error);
  g_string_set_size (text, KAIROS_JSON_MAX_LENGTH + 1);
  memset (text->str, ' ', text->len);
  text->str[0] = '7';
  g_assert_null (kairos_json_parse (text->str, text->len, &error));
  g_assert_cmpstr (error->message, ==, "it has 16777217 bytes, and at most 16777216 are read");
  g_autoptr (JsonNode) longest = kairos_json_parse (text->str, text->len - 1, NULL);
  g_assert_nonnull (longest);
}

static int
depth_of (JsonNode *node)
{
  g_autoptr (GList) children = NULL;
  int depth = 0;

  if (JSON_NODE_HOLDS_VALUE (node) || JSON_NODE_HOLDS_NULL (node))
    return 0;
  children = JSON_NODE_HOLDS_ARRAY (node) ? json_array_get_elements (json_node_get_array (node))
                                          : json_object_get_values (json_node_get_object (node));
  for (GList *child = children; child; child = child->next)
    depth = MAX (depth, depth_of (child->data));
  return depth + 1;
}

#define DEEP "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[7]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]" /* 40 */

/* Quotes, escapes and comments put together at random, with brackets between them that may not nest so: where they are
 * taken for a part of a text, the parser has to agree. */
static void
test_hidden_brackets (void)
{
  static const char *const pieces[] = { "\"",      "\"", "\\",   "\\\"", "\\u", "\\u00", "\\u0041", "\\ud800",
                                        "\\udc00", "'",  "/*",   "*/",   "//",  "\n",    ",",       ",",
                                        "[",       "]",  "\\\\", "#",    "$",   "7",     DEEP,      "\"," DEEP ",\"" };
  guint n_accepted = 0;

  for (int i = 0; i < 100000; i++) {
    g_autoptr (GString) text = g_string_new ("[");
    int n = g_test_rand_int_range (1, 9);
    for (int k = 0; k < n; k++)
      g_string_append (text, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
    g_string_append_c (text, ']');
    g_autoptr (JsonNode) node = kairos_json_parse (text->str, -1, NULL);
    if (!node)
      continue;
    n_accepted++;
    g_autofree char *printed = json_to_string (node, FALSE);
    g_autoptr (JsonNode) again = kairos_json_parse (printed, -1, NULL);
    g_assert_cmpint (depth_of (node), <=, KAIROS_JSON_MAX_DEPTH);
    g_assert_true (again && json_node_equal (node, again));
  }
  g_assert_cmpuint (n_accepted, >, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/accepted", test_accepted);
  g_test_add_func ("/json/refused", test_refused);
  g_test_add_func ("/json/long", test_long);
  g_test_add_func ("/json/hidden-brackets", test_hidden_brackets);
  return g_test_run ();
}
