/* SPDX-License-Identifier: MIT */

/* The table of layer kinds.  A new kind is a file with a KairosLayerKind and one line here. */
#include "layer.h"

static const KairosLayerKind *const kinds[] = {
  &kairos_layer_dense,
  &kairos_layer_conv,
  &kairos_layer_max_pool,
  &kairos_layer_average_pool,
  &kairos_layer_global_average_pool,
  &kairos_layer_batch_norm,
  &kairos_layer_dropout,
  &kairos_layer_residual,
  &kairos_layer_flatten,
  &kairos_layer_relu,
  &kairos_layer_leaky_relu,
  &kairos_layer_elu,
  &kairos_layer_softplus,
  &kairos_layer_tanh,
};

const KairosLayerKind *
kairos_layer_kind (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i]->name, name))
      return kinds[i];
  return NULL;
}

const KairosLayerInfo *
kairos_layer_infos (guint *n)
{
  static KairosLayerInfo infos[G_N_ELEMENTS (kinds)];
  static gsize done;

  if (g_once_init_enter (&done)) {
    for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
      infos[i] = (KairosLayerInfo){ kinds[i]->name, kinds[i]->summary, kinds[i]->params, kinds[i]->n_params };
    g_once_init_leave (&done, 1);
  }
  *n = G_N_ELEMENTS (infos);
  return infos;
}
