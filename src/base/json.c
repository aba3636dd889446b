/* SPDX-License-Identifier: MIT */

/* Texts are looked through before json-glib sees them.
 *
 * The look must agree with the parser on where strings end, or brackets could hide from it in what only one of the two
 * takes for a string.  So it knows JSON's strings alone, and refuses every character and escape by which the parser
 * would read on in another way: comments, single quotes, "\u" without its four digits, halves of surrogate pairs.
 */
#include "kairos/json.h"

#include <string.h>

#include "kairos/error.h"

/* An error at a byte of the text. */
static gboolean
refuse (const char *text, const char *at, const char *problem, GError **error)
{
  guint line = 1;
  const char *start = text;

  for (const char *p = text; p < at; p++)
    if (*p == '\n') {
      line++;
      start = p + 1;
    }
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "line %u, column %ld: %s", line,
               g_utf8_pointer_to_offset (start, at) + 1, problem);
  return FALSE;
}

/* The value of four digits at p; -1 if they are not there. */
static int
hex4 (const char *p, const char *end)
{
  int value = 0;

  if (end - p < 4)
    return -1;
  for (int i = 0; i < 4; i++) {
    if (!g_ascii_isxdigit (p[i]))
      return -1;
    value = value * 16 + g_ascii_xdigit_value (p[i]);
  }
  return value;
}

/* The length of the escape that begins at p with a backslash; 0 if it is none of JSON's. */
static int
escape_length (const char *p, const char *end)
{
  if (end - p < 2 || !strchr ("\"\\/bfnrtu", p[1]))
    return 0;
  if (p[1] != 'u')
    return 2;
  int high = hex4 (p + 2, end);
  if (high <= 0)
    return 0; /* a NUL would end the text for C */
  if (high < 0xd800 || high > 0xdfff)
    return 6;
  int low = high < 0xdc00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u' ? hex4 (p + 8, end) : -1;
  return low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
}

/* From the opening quote to behind the closing one; NULL with an error. */
static const char *
skip_string (const char *text, const char *quote, const char *end, GError **error)
{
  const char *p = quote + 1;

  while (p < end && *p != '"') {
    int length = *p == '\\' ? escape_length (p, end) : (guchar) *p >= 0x20;
    if (length == 0) {
      refuse (text, p, "this character or escape cannot stand in a text", error);
      return NULL;
    }
    p += length;
  }
  if (p < end)
    return p + 1;
  refuse (text, quote, "the text that begins here has no end", error);
  return NULL;
}

static gboolean
is_plain (char c)
{
  return g_ascii_isalnum (c) || (c && strchr (" \t\r\n[]{},:+-.", c));
}

static gboolean
look_through (const char *text, const char *end, GError **error)
{
  gboolean closed = FALSE; /* the outermost bracket */
  int depth = 0;

  for (const char *p = text; p < end;) {
    if (closed && !g_ascii_isspace (*p))
      return refuse (text, p, "something follows the end", error);
    if (*p == '"') {
      p = skip_string (text, p, end, error);
      if (!p)
        return FALSE;
      continue;
    }
    if (!is_plain (*p))
      return refuse (text, p, "this character can stand in a text between quotes only", error);
    if (*p == '[' || *p == '{')
      depth++;
    else if (*p == ']' || *p == '}')
      closed = --depth <= 0;
    if (depth > KAIROS_JSON_MAX_DEPTH)
      return refuse (text, p, "brackets nest deeper than " G_STRINGIFY (KAIROS_JSON_MAX_DEPTH), error);
    p++;
  }
  return TRUE;
}

/* "<data>:1:4: Parse error: unexpected character" */
static void
translate (const GError *problem, GError **error)
{
  const char *place = strchr (problem->message, ':'), *reason = place ? strstr (place, ": ") : NULL;
  guint64 line = place ? g_ascii_strtoull (place + 1, (char **) &place, 10) : 0,
          column = place && *place == ':' ? g_ascii_strtoull (place + 1, NULL, 10) : 0;

  reason = reason ? strstr (reason + 2, ": ") : NULL;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "line %u, column %u: %s", (guint) line, (guint) column,
               reason ? reason + 2 : problem->message);
}

JsonNode *
kairos_json_parse (const char *text, gssize length, GError **error)
{
  gsize size = length < 0 ? strlen (text) : (gsize) length;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) problem = NULL;
  const char *invalid;

  if (size > KAIROS_JSON_MAX_LENGTH) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "it has %zu bytes, and at most %d are read", size,
                 KAIROS_JSON_MAX_LENGTH);
    return NULL;
  }
  if (!g_utf8_validate_len (text, size, &invalid)) {
    refuse (text, invalid, "this is not UTF-8 text", error);
    return NULL;
  }
  if (!look_through (text, text + size, error))
    return NULL;
  if (!json_parser_load_from_data (parser, text, size, &problem)) {
    translate (problem, error);
    return NULL;
  }
  JsonNode *root = json_parser_steal_root (parser);
  if (!root)
    refuse (text, text, "there is nothing", error);
  return root;
}
