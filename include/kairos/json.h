/* SPDX-License-Identifier: MIT */

/* The one way from text to JSON, for texts from files, the command line and the clipboard.
 *
 *   g_autoptr (GError) problem = NULL;
 *   g_autoptr (JsonNode) root = kairos_json_parse (text, -1, &problem);
 *   if (!root)
 *     g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "The clip is not valid JSON: %s.", problem->message);
 *
 * json-glib's parser calls itself for each bracket, so that a text of brackets alone ends the program; and it takes
 * comments, quotes of other kinds and what follows the value for JSON.  What it is given here has bounded depth and
 * length, and is JSON to the letter (RFC 8259) as far as characters, strings and brackets go.
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define KAIROS_JSON_MAX_DEPTH 32          /* brackets within brackets; a residual block within another takes two */
#define KAIROS_JSON_MAX_LENGTH (16 << 20) /* bytes; a million samples named one by one fit */

/* The value that the text is; the caller frees it with json_node_unref.  length: in bytes, -1 for a text that ends with
 * NUL.  NULL with KAIROS_ERROR_FORMAT for anything else; the message is a clause for the caller's sentence, like
 * "line 1, column 4: brackets nest deeper than 32".  From any thread.
 */
JsonNode *kairos_json_parse (const char *text, gssize length, GError **error);

G_END_DECLS
