/* SPDX-License-Identifier: MIT */

/* Freeze: the weights of some layers do not change; their gradients still flow through to the layers before. */
#include "../kind-private.h"

#include <string.h>

static const KairosParam params[] = {
  { "layers", KAIROS_PARAM_LIST, NULL, 1, 0, 0, "layers",
    "The layers, such as conv1 or residual2; none given means all but the last with weights" },
};

static char *
label (const KairosClip *clip)
{
  JsonArray *layers = kairos_params_list (params, G_N_ELEMENTS (params), clip->params, "layers");
  guint n = layers ? json_array_get_length (layers) : 0;

  if (n == 0)
    return g_strdup ("freeze all but the last layer");
  return n == 1 ? g_strdup_printf ("freeze %s", json_array_get_string_element (layers, 0))
                : g_strdup_printf ("freeze %u layers", n);
}

static gboolean
belongs (const char *tensor_layer, const char *name)
{
  gsize length = strlen (name);

  return strncmp (tensor_layer, name, length) == 0 && (tensor_layer[length] == '\0' || tensor_layer[length] == '.');
}

/* Marks the tensors of a layer; FALSE where there are none. */
static gboolean
mark (KairosPlanClip *clip, const KairosTensorInfo *tensors, guint n, const char *name)
{
  gboolean found = FALSE;

  for (guint i = 0; i < n; i++)
    if (belongs (tensors[i].layer, name)) {
      clip->tensors[i / 64] |= (guint64) 1 << i % 64;
      found = TRUE;
    }
  return found;
}

static gboolean
refuse (const KairosPlanClip *clip, const char *layer, const KairosTensorInfo *tensors, guint n, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *name = kairos_clip_describe (clip->clip);

  for (guint i = 0; i < n; i++)
    if (i == 0 || !g_str_equal (tensors[i].layer, tensors[i - 1].layer))
      g_string_append_printf (names, "%s%s", i ? ", " : "", tensors[i].layer);
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
               "%s: the network has no layer \"%.40s\" with weights; it has %s.", name, layer, names->str);
  return FALSE;
}

static gboolean
prepare (KairosPlanClip *clip, const KairosPlanContext *context, GError **error)
{
  guint n;
  const KairosTensorInfo *tensors = kairos_network_tensors (context->network, &n);
  JsonArray *layers = kairos_params_list (params, G_N_ELEMENTS (params), clip->clip->params, "layers");

  if (n > KAIROS_MAX_TENSORS) {
    g_autofree char *name = kairos_clip_describe (clip->clip);
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "%s: a network of more than %d weight tensors cannot be frozen in part.", name, KAIROS_MAX_TENSORS);
    return FALSE;
  }
  for (guint i = 0; !layers && i < n; i++)
    if (!g_str_equal (tensors[i].layer, tensors[n - 1].layer))
      clip->tensors[i / 64] |= (guint64) 1 << i % 64;
  for (guint i = 0; layers && i < json_array_get_length (layers); i++)
    if (!mark (clip, tensors, n, json_array_get_string_element (layers, i)))
      return refuse (clip, json_array_get_string_element (layers, i), tensors, n, error);
  return TRUE;
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  regime->freezes = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (regime->frozen); i++)
    regime->frozen[i] |= clip->tensors[i];
}

const KairosKindRow kairos_kind_freeze = {
  .info = { "freeze", "Freeze", "Keeps the weights of some layers as they are.", "Weights", "freeze", FALSE,
            KAIROS_OVERLAP_STACK, params, G_N_ELEMENTS (params) },
  .label = label,
  .prepare = prepare,
  .contribute = contribute,
};
