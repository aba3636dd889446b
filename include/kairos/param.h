/* SPDX-License-Identifier: MIT */

/* Parameter schemas: what every extensible kind (layer, optimiser, reader, clip, probe) says about its settings.
 *
 *   static const KairosParam params[] = {
 *     { "kernel", KAIROS_PARAM_INT, "pixels", 1, 11, 3, NULL, "Side of the square kernel." },
 *   };
 *   if (kairos_params_check (params, G_N_ELEMENTS (params), settings, "layer 3 (conv)", NULL, error))
 *     kernel = (int) kairos_params_number (params, G_N_ELEMENTS (params), settings, "kernel");
 *
 * The inspector's form, the JSON form, kairosctl, the documentation and the range checks are all derived from the
 * schema, so a new kind needs no line of user-interface code.  Values live in a JsonObject; a missing member means the
 * default.
 */
#pragma once

#include <json-glib/json-glib.h>
#include <kairos/types.h>

G_BEGIN_DECLS

typedef enum {
  KAIROS_PARAM_INT,
  KAIROS_PARAM_REAL,
  KAIROS_PARAM_BOOL,
  KAIROS_PARAM_CHOICE,
  KAIROS_PARAM_TEXT,
  KAIROS_PARAM_LIST,   /* [4, 9]: whole numbers, or names where choices says of what; empty by default */
  KAIROS_PARAM_POINTS, /* [[0, 0.1], [2.5, 0.01]]: times from 0 on, growing, each with a value; empty by default */
} KairosParamType;

struct _KairosParam {
  const char *name; /* JSON member and command-line option, lower case with dashes */
  KairosParamType type;
  const char *unit; /* "epochs", "pixels", or NULL */
  /* INT and REAL: inclusive range; TEXT: length; LIST: range of the numbers; POINTS: of the values */
  double min, max;
  double fallback; /* default of INT, REAL, BOOL */
  /* CHOICE: "a|b|c", the first is the default; TEXT: the default; LIST: what names are of, NULL for none; else NULL */
  const char *choices;
  const char *help; /* one plain sentence, translatable */
};

/* Checks every member of values against the schema: unknown names, wrong types and ranges are refused in one sentence
 * that starts with where ("layer 3 (conv)").  Members called "layer", "kind", "name" and those in the NULL-terminated
 * list also are left alone.
 */
gboolean kairos_params_check (const KairosParam *params, guint n_params, JsonObject *values, const char *where,
                              const char *const *also, GError **error);
/* INT, REAL, BOOL. */
double kairos_params_number (const KairosParam *params, guint n_params, JsonObject *values, const char *name);
/* CHOICE, TEXT.  Lives as long as the program or the member of values. */
const char *kairos_params_text (const KairosParam *params, guint n_params, JsonObject *values, const char *name);
/* LIST, POINTS: NULL for an empty one.  Lives as long as the member of values. */
JsonArray *kairos_params_list (const KairosParam *params, guint n_params, JsonObject *values, const char *name);
/* NULL if there is none */
const KairosParam *kairos_params_find (const KairosParam *params, guint n_params, const char *name);
/* The schema as JSON: an array of {"name","type","unit","min","max","default","choices","help"}. */
JsonNode *kairos_params_to_json (const KairosParam *params, guint n_params);

G_END_DECLS
