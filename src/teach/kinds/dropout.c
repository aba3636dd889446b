/* SPDX-License-Identifier: MIT */

/* Dropout (Srivastava et al. 2014) for a time: in the network's dropout layers, or on its input, where values are
 * replaced by 0 and the others grow accordingly.
 */
#include "../kind-private.h"

static const KairosParam params[] = {
  { "rate", KAIROS_PARAM_REAL, NULL, 0, 0.99, 0.5, NULL, "The probability with which a value is dropped" },
  { "on", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "layers|input", "In all dropout layers of the network, or on its input" },
};
enum { RATE, ON };
enum { ON_LAYERS, ON_INPUT };

static char *
label (const KairosClip *clip)
{
  return g_strdup_printf ("dropout %g %%", 100 * kairos_clip_number (clip, "rate"));
}

static gboolean
prepare (KairosPlanClip *clip, const KairosPlanContext *context, GError **error)
{
  guint n;
  const KairosLayerSummary *layers = kairos_network_layers (context->network, &n);

  if (clip->values[ON] == ON_INPUT)
    return TRUE;
  for (guint i = 0; i < n; i++)
    if (g_str_equal (layers[i].kind, "dropout"))
      return TRUE;
  g_autofree char *name = kairos_clip_describe (clip->clip);
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
               "%s: the network has no dropout layer; set \"on\" to \"input\", or train a network with one.", name);
  return FALSE;
}

static void
apply (const KairosTransform *transform, KairosShape shape, guint64 step, guint32 id, guint32 draw, float *image,
       float *scratch)
{
  KairosRandom random = kairos_transform_random (transform, step, draw);
  float rate = transform->values[0], factor = 1 / (1 - rate);
  gsize size = kairos_shape_size (shape);

  for (gsize i = 0; i < size; i++)
    image[i] = kairos_random_float (&random) < rate ? 0 : factor * image[i];
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  if (clip->values[ON] == ON_LAYERS) {
    regime->sets_dropout = TRUE;
    regime->dropout = (float) clip->values[RATE];
    return;
  }
  KairosTransform *transform = clip->values[RATE] > 0 ? kairos_regime_add_transform (regime, clip, moment) : NULL;
  if (!transform)
    return;
  transform->apply = apply;
  transform->values[0] = (float) clip->values[RATE];
}

const KairosKindRow kairos_kind_dropout = {
  .info = { "dropout", "Dropout", "Sets values to 0 at random, so that no value relies on another.", "Regularisation",
            "dropout", FALSE, KAIROS_OVERLAP_LAST, params, G_N_ELEMENTS (params) },
  .label = label,
  .prepare = prepare,
  .contribute = contribute,
};
