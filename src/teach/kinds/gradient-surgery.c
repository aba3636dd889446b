/* SPDX-License-Identifier: MIT */

/* Gradient surgery, PCGrad (Yu et al. 2020): where the gradients of two groups of samples point against each other,
 * each loses its part along the other. Groups are the classes in the batch, or a selection and the rest.
 */
#include "../kind-private.h"

#include <kairos/ticket.h>
#include <string.h>

static const KairosParam params[] = {
  KAIROS_SELECTION_PARAMS,
  { "between", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "classes|focus",
    "The classes among each other, or the selection and the rest" },
};
enum { BETWEEN = KAIROS_N_SELECTION_PARAMS };

static char *
label (const KairosClip *clip)
{
  if (g_str_equal (kairos_clip_text (clip, "between"), "classes"))
    return g_strdup ("gradient surgery");
  g_autofree char *selection = kairos_selection_label (clip);
  return g_strdup_printf ("gradient surgery, %s", selection);
}

static gboolean
check (JsonObject *settings, const char *where, GError **error)
{
  gboolean classes = g_str_equal (kairos_params_text (params, G_N_ELEMENTS (params), settings, "between"), "classes");

  for (guint i = 0; i < KAIROS_N_SELECTION_PARAMS && classes; i++)
    if (json_object_has_member (settings, params[i].name)) {
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                   "%s: \"%s\" has an effect only where \"between\" is \"focus\"", where, params[i].name);
      return FALSE;
    }
  return TRUE;
}

static void
contribute (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime)
{
  kairos_regime_set_gradient (regime, clip, TRUE);
}

static gboolean
is_live (const KairosPlanClip *clip)
{
  return clip->values[KAIROS_N_SELECTION_PARAMS - 1] != 0;
}

/* ---- The projection ---- */

void
kairos_surgery (guint64 seed, guint64 step, guint k, gsize n, float *const *gradients, float *const *raw, float *sum)
{
  g_autofree guint32 *order = g_new (guint32, k);

  for (guint i = 0; i < k; i++)
    memcpy (raw[i], gradients[i], n * sizeof (float));
  kairos_random_permutation (seed, KAIROS_RANDOM_SURGERY, step, k, order);
  for (guint i = 0; i < k; i++)
    for (guint j = 0; j < k; j++) {
      const float *other = raw[order[(i + j) % k]];
      double along = order[(i + j) % k] == i ? 0 : kairos_inner_product (n, gradients[i], other);
      double factor = along < 0 ? along / kairos_inner_product (n, other, other) : 0;
      for (gsize l = 0; factor != 0 && l < n; l++)
        gradients[i][l] = (float) (gradients[i][l] - factor * other[l]);
    }
  memset (sum, 0, n * sizeof *sum);
  for (guint i = 0; i < k; i++)
    for (gsize l = 0; l < n; l++)
      sum[l] += gradients[i][l];
}

/* ---- In a step ---- */

static guint
n_groups (const KairosPlanClip *clip, KairosNetwork *network)
{
  return clip->values[BETWEEN] != 0 ? 2 : (guint) kairos_network_get_outputs (network);
}

/* Two gradients for each group; of a batch, no more groups than it has samples have any. */
static KairosRoom
room (const KairosPlanClip *clip, const KairosPlanContext *context)
{
  return (KairosRoom){ .vectors = 2 * (gsize) MIN (n_groups (clip, context->network), context->batch),
                       .floats = kairos_shape_size (kairos_network_get_input (context->network)) };
}

static guint
group_of (const KairosPlanClip *clip, const KairosGradient *gradient, int i)
{
  return clip->values[BETWEEN] != 0 ? clip->state->ids[gradient->samples[i]] : (guint) gradient->batch->labels[i];
}

/* The samples of one group, one after the other. */
static KairosBatch
gather_group (const KairosPlanClip *clip, const KairosGradient *gradient, guint group)
{
  const KairosBatch *batch = gradient->batch;
  gsize size = kairos_shape_size (kairos_network_get_input (gradient->network));
  KairosBatch part = { .share = batch->share,
                       .input = gradient->floats,
                       .labels = gradient->labels,
                       .ids = gradient->ids,
                       .other_labels = batch->other_labels ? gradient->more : NULL };

  for (int i = 0; i < batch->n; i++) {
    if (group_of (clip, gradient, i) != group)
      continue;
    memcpy (gradient->floats + part.n * size, batch->input + i * size, size * sizeof *batch->input);
    gradient->labels[part.n] = batch->labels[i];
    gradient->ids[part.n] = batch->ids[i];
    gradient->more[part.n++] = batch->other_labels ? batch->other_labels[i] : 0;
  }
  return part;
}

/* The gradient of the samples of one group as a part of the whole batch's; FALSE where it has none. */
static gboolean
differentiate_group (const KairosPlanClip *clip, const KairosGradient *gradient, guint group, gsize n, float *out)
{
  const KairosBatch part = gather_group (clip, gradient, group);
  const float *of_part = kairos_executor_gradients (gradient->executor);

  if (part.n == 0)
    return FALSE;
  kairos_gradient_train (gradient, &part, gradient->options);
  for (gsize i = 0; i < n; i++)
    out[i] = of_part[i] * part.n / gradient->batch->n;
  return TRUE;
}

/* The sum of the groups' gradients after surgery takes the place of the batch's. */
static void
differentiate (const KairosPlanClip *clip, const KairosGradient *gradient)
{
  gsize n;
  guint all = n_groups (clip, gradient->network), most = MIN (all, (guint) gradient->batch->n), k = 0;
  g_autofree float **gradients = g_new (float *, 2 * most);

  kairos_network_parameters (gradient->network, &n);
  for (guint i = 0; i < 2 * most; i++)
    gradients[i] = gradient->vectors + i * n;
  for (guint group = 0; group < all && k < most; group++)
    k += differentiate_group (clip, gradient, group, n, gradients[k]);
  kairos_surgery (gradient->options->seed, gradient->options->step, k, n, gradients, gradients + most,
                  kairos_executor_gradients (gradient->executor));
}

const KairosKindRow kairos_kind_gradient_surgery = {
  .info = { "gradient-surgery", "Gradient surgery",
            "Takes out of each group's gradient what would undo another group's.", "Gradient", "gradient", FALSE,
            KAIROS_OVERLAP_REFUSE, params, G_N_ELEMENTS (params) },
  .selection = TRUE,
  .by_id = TRUE,
  .label = label,
  .check = check,
  .contribute = contribute,
  .is_live = is_live,
  .resolve = kairos_selection_resolve,
  .differentiate = differentiate,
  .replaces = TRUE,
  .room = room,
};
