/* SPDX-License-Identifier: MIT */

/* From a preset's name or a JSON list to a network.
 *
 * A list is walked once, in order: every layer takes the value and the shape of the one before.  Flatten changes the
 * shape alone; a residual block walks its two lists from the same value and adds what they give.
 */
#include "network-private.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "kairos/json.h"

enum {
  MAX_LAYERS = 4096,
  MAX_NESTING = 8,      /* residual blocks within residual blocks */
  MAX_EXTENT = 1 << 16, /* height, width, channels, units */
};

/* Where the walk is. */
typedef struct {
  KairosNetwork *network;
  const char *names; /* prefix of names: "residual2." */
  const char *where; /* prefix of messages: "layer 2 (residual), " */
  int depth;
  int value;
  KairosShape shape;
} Walk;

static gboolean build_list (Walk *walk, JsonArray *list, GError **error);

/* ---- the text ---- */

/* mlp-H1-H2-...: the hidden layers, each followed by a rectifier. */
static char *
expand_mlp (const char *spec, GError **error)
{
  g_auto (GStrv) words = g_strsplit (spec, "-", -1);
  g_autoptr (GString) list = g_string_new ("[{\"layer\":\"flatten\"},");

  for (guint i = 1; words[i]; i++) {
    guint64 units;
    if (!g_ascii_string_to_unsigned (words[i], 10, 1, MAX_EXTENT, &units, NULL)) {
      g_set_error (
          error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
          "the network \"%s\": after mlp- come the sizes of the hidden layers, 1 to %d each, as in mlp-300-100", spec,
          MAX_EXTENT);
      return NULL;
    }
    g_string_append_printf (list, "{\"layer\":\"dense\",\"units\":%d},{\"layer\":\"relu\"},", (int) units);
  }
  g_string_append (list, "{\"layer\":\"dense\",\"units\":10}]");
  return g_strdup (list->str);
}

static char *
refuse_name (const char *spec, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint n;
  const KairosPreset *presets = kairos_presets (&n);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (names, "%s, ", presets[i].name);
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
               "there is no network \"%.80s\"; there are %smlp-H1-H2-... with the sizes of its hidden layers, or a "
               "JSON list of layers",
               spec, names->str);
  return NULL;
}

/* The JSON text of a preset's name. */
static char *
find_preset (const char *spec, GError **error)
{
  guint n;
  const KairosPreset *presets = kairos_presets (&n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (spec, presets[i].name))
      return g_strdup (presets[i].layers);
  if (g_str_has_prefix (spec, "mlp-") && strlen (spec) < 256)
    return expand_mlp (spec, error);
  return refuse_name (spec, error);
}

static JsonNode *
parse (const char *text, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (JsonNode) root = kairos_json_parse (text, -1, &problem);

  if (!root) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "the list of layers is not valid JSON: %s",
                 problem->message);
    return NULL;
  }
  if (JSON_NODE_HOLDS_ARRAY (root))
    return g_steal_pointer (&root);
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
               "the list of layers must be a JSON list such as [{\"layer\":\"dense\",\"units\":10}]");
  return NULL;
}

static const char *
kind_of (JsonNode *node)
{
  JsonNode *member =
      JSON_NODE_HOLDS_OBJECT (node) ? json_object_get_member (json_node_get_object (node), "layer") : NULL;

  if (!member || !JSON_NODE_HOLDS_VALUE (member) || json_node_get_value_type (member) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (member);
}

/* Presets are written for ten classes. */
static void
set_outputs (JsonArray *list, int outputs)
{
  for (int i = (int) json_array_get_length (list) - 1; i >= 0; i--) {
    const char *kind = kind_of (json_array_get_element (list, i));
    gboolean dense = g_strcmp0 (kind, "dense") == 0;
    if (dense || g_strcmp0 (kind, "conv") == 0) {
      json_object_set_int_member (json_array_get_object_element (list, i), dense ? "units" : "filters", outputs);
      return;
    }
  }
}

/* ---- the walk ---- */

static int
add_summary (Walk *walk, const KairosLayerKind *kind, const char *name)
{
  KairosNetwork *network = walk->network;
  KairosLayerSummary summary = { .name = g_string_chunk_insert (network->names, name), .kind = kind->name };

  g_strlcpy (summary.text, kind->name, sizeof summary.text);
  g_array_append_val (network->summaries, summary);
  return (int) network->summaries->len - 1;
}

static void
add_tensor (KairosNetwork *network, const KairosLayer *layer, KairosTensorRole role, gsize n, gsize *offset)
{
  KairosTensorInfo tensor = { .layer = g_array_index (network->summaries, KairosLayerSummary, layer->summary).name,
                              .role = role,
                              .n = n };
  gsize n_places = (gsize) MAX (layer->kernel, 1) * MAX (layer->kernel, 1);

  if (n == 0)
    return;
  if (role == KAIROS_TENSOR_WEIGHT) {
    tensor.fan_in = (int) MIN (n / layer->out.channels, G_MAXINT32);
    tensor.fan_out = (int) MIN (n_places * layer->out.channels, G_MAXINT32);
  } else {
    tensor.fan_in = tensor.fan_out = (int) n;
  }
  *offset = tensor.offset = network->n_parameters;
  network->n_parameters += n;
  g_array_append_val (network->tensors, tensor);
}

static void
add_parameters (KairosNetwork *network, KairosLayer *layer)
{
  gboolean norm = layer->kind == &kairos_layer_batch_norm;

  add_tensor (network, layer, norm ? KAIROS_TENSOR_GAMMA : KAIROS_TENSOR_WEIGHT, layer->n_weight, &layer->weight);
  add_tensor (network, layer, norm ? KAIROS_TENSOR_BETA : KAIROS_TENSOR_BIAS, layer->n_bias, &layer->bias);
  layer->buffer = network->n_buffers;
  network->n_buffers += layer->n_buffer;
}

/* Appends an operation and moves on to its value. */
static void
append (Walk *walk, KairosLayer *layer)
{
  g_ptr_array_add (walk->network->operations, layer);
  walk->value = (int) walk->network->operations->len;
  walk->shape = layer->out;
}

static KairosLayer *
new_operation (const Walk *walk, const KairosLayerKind *kind, int summary)
{
  KairosLayer *layer = g_new0 (KairosLayer, 1);

  *layer = (KairosLayer){
    .kind = kind, .input = walk->value, .extra = -1, .summary = summary, .in = walk->shape, .out = walk->shape
  };
  return layer;
}

static void
finish_summary (KairosNetwork *network, const KairosLayer *layer)
{
  KairosLayerSummary *summary = &g_array_index (network->summaries, KairosLayerSummary, layer->summary);

  if (layer->kind->describe)
    layer->kind->describe (layer, summary->text, sizeof summary->text);
  summary->output = layer->out;
  summary->input =
      layer->input > 0 ? ((const KairosLayer *) network->operations->pdata[layer->input - 1])->summary : -1;
  summary->n_parameters = layer->n_weight + layer->n_bias;
  summary->flops = layer->flops;
}

/* "layer 3 (conv 5x5): " before what configure() said. */
static gboolean
refuse_layer (const Walk *walk, const KairosLayer *layer, guint number, GError *reason, GError **error)
{
  g_autofree char *text = g_strdup (layer->kind->name);

  if (layer->kernel > 0) {
    g_free (text);
    text = g_strdup_printf ("%s %dx%d", layer->kind->name, layer->kernel, layer->kernel);
  }
  g_set_error (error, reason->domain, reason->code, "%slayer %u (%s): %s", walk->where, number, text, reason->message);
  g_error_free (reason);
  return FALSE;
}

/* The list of a residual block's member; NULL without an error where there is none. */
static JsonArray *
get_list (const Walk *walk, JsonObject *settings, const char *name, guint number, GError **error)
{
  JsonNode *node = json_object_get_member (settings, name);

  if (node && !JSON_NODE_HOLDS_ARRAY (node))
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "%slayer %u (residual): \"%s\" must be a list of layers",
                 walk->where, number, name);
  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static gboolean
build_branch (const Walk *from, JsonArray *list, const char *names, const char *where, Walk *branch, GError **error)
{
  *branch = *from;
  branch->names = names;
  branch->where = where;
  branch->depth++;
  return !list || build_list (branch, list, error);
}

static gboolean
build_residual (Walk *walk, JsonObject *settings, const char *name, guint number, int summary, GError **error)
{
  g_autofree char *names = g_strconcat (name, ".", NULL), *skip_names = g_strconcat (name, ".skip.", NULL);
  g_autofree char *where = g_strdup_printf ("%slayer %u (residual), ", walk->where, number),
                  *skip_where = g_strconcat (where, "skip ", NULL);
  g_autoptr (GError) local = NULL;
  JsonArray *layers = get_list (walk, settings, "layers", number, &local);
  JsonArray *skip = !local ? get_list (walk, settings, "skip", number, &local) : NULL;
  Walk inner, beside;
  KairosLayer *layer;

  if (!local && (!layers || walk->depth >= MAX_NESTING))
    g_set_error (&local, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%slayer %u (residual): needs \"layers\", a list of layers, and at most %d blocks within each other",
                 walk->where, number, MAX_NESTING);
  if (local) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  if (!build_branch (walk, layers, names, where, &inner, error) ||
      !build_branch (walk, skip, skip_names, skip_where, &beside, error))
    return FALSE;
  if (memcmp (&inner.shape, &beside.shape, sizeof inner.shape) != 0) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "%slayer %u (residual): its layers give %dx%dx%d but what is added to that is %dx%dx%d; both must be "
                 "equal, change its \"skip\" layers",
                 walk->where, number, inner.shape.height, inner.shape.width, inner.shape.channels, beside.shape.height,
                 beside.shape.width, beside.shape.channels);
    return FALSE;
  }

  layer = new_operation (&inner, &kairos_layer_add, summary);
  layer->extra = beside.value;
  append (walk, layer);
  finish_summary (walk->network, layer);
  return TRUE;
}

static gboolean
build_layer (Walk *walk, JsonObject *settings, const KairosLayerKind *kind, guint number, GError **error)
{
  static const char *const lists[] = { "layers", "skip", NULL };
  gboolean residual = kind == &kairos_layer_residual;
  g_autofree char *name = g_strdup_printf ("%s%s%u", walk->names, kind->name, number);
  g_autofree char *where = g_strdup_printf ("%slayer %u (%s)", walk->where, number, kind->name);
  GError *reason = NULL;
  KairosLayer *layer;
  int summary;

  if (!kairos_params_check (kind->params, kind->n_params, settings, where, residual ? lists : NULL, error))
    return FALSE;
  summary = add_summary (walk, kind, name);
  if (residual)
    return build_residual (walk, settings, name, number, summary, error);

  layer = new_operation (walk, kind, summary);
  if (!kind->configure (layer, settings, &reason)) {
    refuse_layer (walk, layer, number, reason, error);
    g_free (layer);
    return FALSE;
  }
  finish_summary (walk->network, layer);
  if (!kind->forward) { /* flatten: the same values in another shape */
    walk->shape = layer->out;
    g_free (layer);
    return TRUE;
  }
  add_parameters (walk->network, layer);
  append (walk, layer);
  return TRUE;
}

static gboolean
build_list (Walk *walk, JsonArray *list, GError **error)
{
  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonNode *node = json_array_get_element (list, i);
    const char *name = kind_of (node);
    const KairosLayerKind *kind = name ? kairos_layer_kind (name) : NULL;
    if (!kind) {
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                   "%slayer %u: must be an object with a known \"layer\", such as {\"layer\":\"relu\"}%s%.40s",
                   walk->where, i + 1, name ? ", not " : "", name ? name : "");
      return FALSE;
    }
    if (walk->network->summaries->len >= MAX_LAYERS) {
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "the network has more than %d layers", MAX_LAYERS);
      return FALSE;
    }
    if (!build_layer (walk, json_node_get_object (node), kind, i + 1, error))
      return FALSE;
  }
  return TRUE;
}

/* ---- initialisers ---- */

static gboolean
is_rectifier (const KairosLayer *layer)
{
  return layer->kind == &kairos_layer_relu || layer->kind == &kairos_layer_leaky_relu ||
         layer->kind == &kairos_layer_elu || layer->kind == &kairos_layer_softplus;
}

/* Follows a value to the next operation that is neither normalisation, pooling, dropout nor sum. */
static gboolean
is_rectified (KairosNetwork *network, int value)
{
  for (guint i = value; i < network->operations->len; i++) {
    const KairosLayer *layer = network->operations->pdata[i];
    if (layer->input != value && layer->extra != value)
      continue;
    if (is_rectifier (layer))
      return TRUE;
    if (layer->initialiser || layer->kind == &kairos_layer_tanh)
      return FALSE;
    value = (int) i + 1;
  }
  return FALSE;
}

static void
choose_initialisers (KairosNetwork *network)
{
  for (guint i = 0; i < network->operations->len; i++) {
    KairosLayer *layer = network->operations->pdata[i];
    if (g_strcmp0 (layer->initialiser, "auto") == 0)
      layer->initialiser = is_rectified (network, (int) i + 1) ? "he-normal" : "glorot-uniform";
  }
}

/* ---- all of it ---- */

static gboolean
check_arguments (const KairosNetwork *network, GError **error)
{
  KairosShape in = network->input;

  if (in.height < 1 || in.width < 1 || in.channels < 1 || in.height > MAX_EXTENT || in.width > MAX_EXTENT ||
      in.channels > MAX_EXTENT) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "the input is %dx%dx%d; height, width and channels must be 1 to %d", in.height, in.width, in.channels,
                 MAX_EXTENT);
    return FALSE;
  }
  if (network->outputs < 1 || network->outputs > MAX_EXTENT) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "the network has %d outputs; there must be 1 to %d",
                 network->outputs, MAX_EXTENT);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_outputs (const KairosNetwork *network, const Walk *walk, GError **error)
{
  gsize n = kairos_shape_size (walk->shape);

  if (network->n_parameters == 0) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                 "the network has nothing to learn; it needs a dense or a conv layer");
    return FALSE;
  }
  if (n == (gsize) network->outputs)
    return TRUE;
  g_set_error (
      error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
      "the last layer gives %" G_GSIZE_FORMAT
      " values a sample (%dx%dx%d), but there are %d classes; end the list with {\"layer\":\"dense\",\"units\":%d}",
      n, walk->shape.height, walk->shape.width, walk->shape.channels, network->outputs, network->outputs);
  return FALSE;
}

static gboolean
build (KairosNetwork *network, GError **error)
{
  Walk walk = { .network = network, .names = "", .where = "", .shape = network->input };
  const char *start = network->spec + strspn (network->spec, " \t\r\n");
  gboolean is_list = *start == '[' || *start == '{';
  g_autofree char *preset = NULL;

  if (!check_arguments (network, error))
    return FALSE;
  if (!is_list && !(preset = find_preset (network->spec, error)))
    return FALSE;
  network->root = parse (is_list ? start : preset, error);
  if (!network->root)
    return FALSE;
  if (!is_list)
    set_outputs (json_node_get_array (network->root), network->outputs);

  append (&walk, new_operation (&walk, &kairos_layer_normalise, -1));
  if (!build_list (&walk, json_node_get_array (network->root), error) || !check_outputs (network, &walk, error))
    return FALSE;
  choose_initialisers (network);
  return TRUE;
}

KairosNetwork *
kairos_network_new (const char *spec, KairosShape input, int outputs, GError **error)
{
  g_autoptr (KairosNetwork) network = g_new0 (KairosNetwork, 1);

  network->spec = g_strdup (spec);
  network->input = input;
  network->outputs = outputs;
  network->operations = g_ptr_array_new_with_free_func (g_free);
  network->summaries = g_array_new (FALSE, TRUE, sizeof (KairosLayerSummary));
  network->tensors = g_array_new (FALSE, TRUE, sizeof (KairosTensorInfo));
  network->names = g_string_chunk_new (1024);
  if (!build (network, error) || !kairos_network_check_memory (network, 1, error))
    return NULL;

  network->parameters = kairos_arena_new (network->n_parameters);
  network->buffers = kairos_arena_new (network->n_buffers);
  network->mean = g_new0 (float, input.channels);
  network->deviation = g_new (float, input.channels);
  if (!network->parameters || !network->buffers) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "there is no memory for the network's %" G_GSIZE_FORMAT " parameters", network->n_parameters);
    return NULL;
  }
  for (int c = 0; c < input.channels; c++)
    network->deviation[c] = 1;
  return g_steal_pointer (&network);
}
