/* SPDX-License-Identifier: MIT */

/* The table of kinds: one line each, in the order in which menus and lists show them. */
#include "kind-private.h"

extern const KairosKindRow kairos_kind_focus;
extern const KairosKindRow kairos_kind_curriculum;
extern const KairosKindRow kairos_kind_self_paced;
extern const KairosKindRow kairos_kind_subset;
extern const KairosKindRow kairos_kind_blur;
extern const KairosKindRow kairos_kind_vertical_flip;
extern const KairosKindRow kairos_kind_label_permutation;
extern const KairosKindRow kairos_kind_noise_images;
extern const KairosKindRow kairos_kind_occlusion;
extern const KairosKindRow kairos_kind_grey;
extern const KairosKindRow kairos_kind_label_noise;
extern const KairosKindRow kairos_kind_crop_flip;
extern const KairosKindRow kairos_kind_shift;
extern const KairosKindRow kairos_kind_rotate;
extern const KairosKindRow kairos_kind_mixup;
extern const KairosKindRow kairos_kind_cutout;
extern const KairosKindRow kairos_kind_weight_decay;
extern const KairosKindRow kairos_kind_dropout;
extern const KairosKindRow kairos_kind_label_smoothing;
extern const KairosKindRow kairos_kind_fisher_penalty;
extern const KairosKindRow kairos_kind_learning_rate;
extern const KairosKindRow kairos_kind_momentum;
extern const KairosKindRow kairos_kind_pgd;
extern const KairosKindRow kairos_kind_anti_pgd;
extern const KairosKindRow kairos_kind_freeze;
extern const KairosKindRow kairos_kind_gradient_surgery;
extern const KairosKindRow kairos_kind_checkpoint;
extern const KairosKindRow kairos_kind_prune;
extern const KairosKindRow kairos_kind_rewind;
extern const KairosKindRow kairos_kind_reinitialise;
extern const KairosKindRow kairos_kind_shrink_perturb;
extern const KairosKindRow kairos_kind_reset_optimizer;
extern const KairosKindRow kairos_kind_restart_rate;
extern const KairosKindRow kairos_kind_unprune;

static const KairosKindRow *const rows[] = {
  &kairos_kind_focus,
  &kairos_kind_curriculum,
  &kairos_kind_self_paced,
  &kairos_kind_subset,
  &kairos_kind_blur,
  &kairos_kind_vertical_flip,
  &kairos_kind_label_permutation,
  &kairos_kind_noise_images,
  &kairos_kind_occlusion,
  &kairos_kind_grey,
  &kairos_kind_label_noise,
  &kairos_kind_crop_flip,
  &kairos_kind_shift,
  &kairos_kind_rotate,
  &kairos_kind_mixup,
  &kairos_kind_cutout,
  &kairos_kind_weight_decay,
  &kairos_kind_dropout,
  &kairos_kind_label_smoothing,
  &kairos_kind_fisher_penalty,
  &kairos_kind_learning_rate,
  &kairos_kind_momentum,
  &kairos_kind_pgd,
  &kairos_kind_anti_pgd,
  &kairos_kind_freeze,
  &kairos_kind_gradient_surgery,
  &kairos_kind_checkpoint,
  &kairos_kind_prune,
  &kairos_kind_rewind,
  &kairos_kind_reinitialise,
  &kairos_kind_shrink_perturb,
  &kairos_kind_reset_optimizer,
  &kairos_kind_restart_rate,
  &kairos_kind_unprune,
};

const KairosKind *const *
kairos_kinds (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return (const KairosKind *const *) rows; /* a row begins with its kind */
}

const KairosKind *
kairos_kind_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (rows[i]->info.name, name))
      return &rows[i]->info;
  return NULL;
}

const KairosKindRow *
kairos_kind_row (const KairosKind *kind)
{
  return (const KairosKindRow *) kind;
}

char *
kairos_kind_names (void)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_string_append_printf (names, "%s%s", i ? ", " : "", rows[i]->info.name);
  return g_string_free (names, FALSE);
}

gboolean
kairos_kind_check (const KairosKind *kind, JsonObject *settings, const char *where, GError **error)
{
  const KairosKindRow *row = kairos_kind_row (kind);

  return !row->check || row->check (settings, where, error);
}

const char *
kairos_overlap_name (KairosOverlap overlap)
{
  static const char *const names[] = { "refuse", "multiply", "last", "stack" };

  return names[overlap];
}

char *
kairos_clip_label (const KairosClip *clip)
{
  const KairosKindRow *row = kairos_kind_row (clip->kind);

  return row->label ? row->label (clip) : g_strdup (clip->kind->name);
}
