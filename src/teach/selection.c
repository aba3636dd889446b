/* SPDX-License-Identifier: MIT */

/* Selections: which training samples a clip means, by class, number, search and loss.  All conditions have to hold. */
#include "kind-private.h"
#include "timeline-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES, IDS, QUERY, HARDEST, LIVE }; /* KAIROS_SELECTION_PARAMS */

static JsonArray *
list (const KairosClip *clip, const char *name)
{
  return kairos_params_list (clip->kind->params, clip->kind->n_params, clip->params, name);
}

gboolean
kairos_selection_is_all (const KairosClip *clip)
{
  return !list (clip, "classes") && !list (clip, "ids") && *kairos_clip_text (clip, "query") == '\0' &&
         kairos_clip_number (clip, "hardest") >= 100;
}

/* ---- The name ---- */

static void
append_list (GString *text, JsonArray *array, const char *unit)
{
  guint n = json_array_get_length (array);

  if (text->len)
    g_string_append (text, ", ");
  if (n > 4 || unit) {
    g_string_append_printf (text, "%u %s%s", n, unit ? unit : "class", n == 1 ? "" : unit ? "s" : "es");
    return;
  }
  for (guint i = 0; i < n; i++) {
    JsonNode *node = json_array_get_element (array, i);
    if (kairos_json_is_number (node))
      g_string_append_printf (text, "%s%g", i ? ", " : "", json_node_get_double (node));
    else
      g_string_append_printf (text, "%s%s", i ? ", " : "", json_node_get_string (node));
  }
}

char *
kairos_selection_label (const KairosClip *clip)
{
  GString *text = g_string_new (NULL);
  const char *query = kairos_clip_text (clip, "query");
  double hardest = kairos_clip_number (clip, "hardest");

  if (list (clip, "classes"))
    append_list (text, list (clip, "classes"), NULL);
  if (list (clip, "ids"))
    append_list (text, list (clip, "ids"), "sample");
  if (*query)
    g_string_append_printf (text, "%s%s", text->len ? ", " : "", query);
  if (hardest < 100)
    g_string_append_printf (text, "%sthe hardest %g %%", text->len ? ", " : "", hardest);
  if (text->len == 0)
    g_string_append (text, "all");
  return g_string_free (text, FALSE);
}

/* ---- Against the data ---- */

static int
class_of (KairosDataset *dataset, JsonNode *node)
{
  if (!kairos_json_is_number (node))
    return kairos_dataset_find_class (dataset, json_node_get_string (node));
  double number = json_node_get_double (node);
  return number < kairos_dataset_get_n_classes (dataset) ? (int) number : -1;
}

static gboolean
prepare_classes (KairosPlanClip *clip, JsonArray *classes, KairosDataset *dataset, GError **error)
{
  guint n = kairos_dataset_get_n_classes (dataset);

  clip->classes = g_new0 (guint8, n);
  for (guint i = 0; i < json_array_get_length (classes); i++) {
    JsonNode *node = json_array_get_element (classes, i);
    int class_index = class_of (dataset, node);
    if (class_index >= 0) {
      clip->classes[class_index] = 1;
      continue;
    }
    g_autofree char *name = kairos_clip_describe (clip->clip), *given = json_to_string (node, FALSE);
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING, "%s: there is no class %s; %s has %u, from %s to %s.", name,
                 given, kairos_dataset_get_title (dataset), n, kairos_dataset_get_class_name (dataset, 0),
                 kairos_dataset_get_class_name (dataset, n - 1));
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_ids (const KairosPlanClip *clip, JsonArray *ids, KairosDataset *dataset, GError **error)
{
  for (guint i = 0; i < json_array_get_length (ids); i++)
    if (json_array_get_double_element (ids, i) >= kairos_dataset_get_n_samples (dataset)) {
      g_autofree char *name = kairos_clip_describe (clip->clip);
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING, "%s: there is no sample %.0f; %s has %u, counted from 0.",
                   name, json_array_get_double_element (ids, i), kairos_dataset_get_title (dataset),
                   kairos_dataset_get_n_samples (dataset));
      return FALSE;
    }
  return TRUE;
}

gboolean
kairos_selection_prepare (KairosPlanClip *clip, const KairosPlanContext *context, GError **error)
{
  JsonArray *classes = list (clip->clip, "classes"), *ids = list (clip->clip, "ids");
  const char *query = kairos_clip_text (clip->clip, "query");

  if (classes && !prepare_classes (clip, classes, context->dataset, error))
    return FALSE;
  if (ids && !check_ids (clip, ids, context->dataset, error))
    return FALSE;
  if (*query == '\0')
    return TRUE;
  clip->query = kairos_query_new (query, context->dataset, error);
  if (clip->query)
    return TRUE;
  g_autofree char *name = kairos_clip_describe (clip->clip);
  g_prefix_error (error, "%s: ", name);
  return FALSE;
}

/* ---- Resolving ---- */

static void
keep_ids (const KairosPlanClip *clip, guint n_samples, guint8 *keep)
{
  JsonArray *ids = list (clip->clip, "ids");
  g_autofree guint8 *listed = ids ? g_new0 (guint8, n_samples) : NULL;

  for (guint i = 0; ids && i < json_array_get_length (ids); i++)
    listed[(guint32) json_array_get_double_element (ids, i)] = 1;
  for (guint id = 0; ids && id < n_samples; id++)
    keep[id] &= listed[id];
}

static void
keep_found (const KairosPlanClip *clip, const KairosLook *look, guint n_samples, guint8 *keep)
{
  g_autofree guint32 *ids = clip->query ? g_new (guint32, n_samples) : NULL;
  g_autofree guint8 *found = clip->query ? g_new0 (guint8, n_samples) : NULL;
  guint n =
      clip->query ? kairos_query_run (clip->query, look->context->dataset, look->context->splits, look->facts, ids) : 0;

  for (guint i = 0; i < n; i++)
    found[ids[i]] = 1;
  for (guint id = 0; clip->query && id < n_samples; id++)
    keep[id] &= found[id];
}

/* The hardest of the members: the highest losses first, samples without a loss last. */
static guint
keep_hardest (const KairosLook *look, double percent, guint32 *members, guint n)
{
  g_autofree float *score = g_new (float, look->n_train);
  guint wanted = (guint) ceil (percent / 100 * n - 1e-9);

  for (guint i = 0; i < n; i++) {
    float loss = look->facts[look->train[members[i]]].loss;
    score[members[i]] = isnan (loss) ? INFINITY : -loss;
  }
  kairos_look_sort (score, members, n);
  return MIN (wanted, n);
}

static int
compare_positions (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;

  return x < y ? -1 : x > y;
}

void
kairos_selection_resolve (KairosPlanClip *clip, const KairosLook *look)
{
  guint n_samples = kairos_dataset_get_n_samples (look->context->dataset), n = 0;
  const gint32 *labels = kairos_dataset_get_labels (look->context->dataset);
  g_autofree guint8 *keep = g_new (guint8, n_samples);
  guint32 *members = g_new (guint32, look->n_train);

  memset (keep, 1, n_samples);
  keep_ids (clip, n_samples, keep);
  keep_found (clip, look, n_samples, keep);
  for (guint i = 0; i < look->n_train; i++)
    if (keep[look->train[i]] && (!clip->classes || clip->classes[labels[look->train[i]]]))
      members[n++] = i;
  if (clip->values[HARDEST] < 100) {
    n = keep_hardest (look, clip->values[HARDEST], members, n);
    qsort (members, n, sizeof *members, compare_positions);
  }
  kairos_state_take (clip->state, members, n, look, kairos_kind_row (clip->clip->kind)->by_id);
}

/* ---- Helpers ---- */

void
kairos_state_take (KairosClipState *state, guint32 *members, guint n, const KairosLook *look, gboolean by_id)
{
  static atomic_uint generations; /* never twice in a process, so a sampler's table cannot be taken for another's */
  guint n_samples = kairos_dataset_get_n_samples (look->context->dataset);

  g_free (state->members);
  state->members = members;
  state->n = n;
  state->generation = atomic_fetch_add (&generations, 1) + 1;
  if (!state->flags)
    state->flags = g_new (guint8, look->n_train);
  memset (state->flags, 0, look->n_train);
  if (by_id && !state->ids)
    state->ids = g_new (guint8, n_samples);
  if (state->ids)
    memset (state->ids, 0, n_samples);
  for (guint i = 0; i < n; i++) {
    state->flags[members[i]] = 1;
    if (state->ids)
      state->ids[look->train[members[i]]] = 1;
  }
}

guint32 *
kairos_look_positions (const KairosLook *look)
{
  guint32 *positions = g_new (guint32, look->n_train);

  for (guint i = 0; i < look->n_train; i++)
    positions[i] = i;
  return positions;
}

typedef struct {
  float score;
  guint32 position;
} Scored;

static int
compare_scored (gconstpointer a, gconstpointer b)
{
  const Scored *x = a, *y = b;

  if (x->score != y->score)
    return x->score < y->score ? -1 : 1;
  return x->position < y->position ? -1 : x->position > y->position;
}

void
kairos_look_sort (const float *score, guint32 *positions, guint n)
{
  g_autofree Scored *scored = g_new (Scored, n);

  if (n == 0)
    return;
  for (guint i = 0; i < n; i++)
    scored[i] = (Scored){ score[positions[i]], positions[i] };
  qsort (scored, n, sizeof *scored, compare_scored);
  for (guint i = 0; i < n; i++)
    positions[i] = scored[i].position;
}
