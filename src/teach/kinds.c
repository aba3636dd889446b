/* SPDX-License-Identifier: MIT */

/* The table of kinds: one line each, in the order in which menus and lists show them. */
#include "kind-private.h"

#define KINDS(KIND)                                                                                                    \
  KIND (focus)                                                                                                         \
  KIND (curriculum)                                                                                                    \
  KIND (self_paced)                                                                                                    \
  KIND (subset)                                                                                                        \
  KIND (blur)                                                                                                          \
  KIND (vertical_flip)                                                                                                 \
  KIND (label_permutation)                                                                                             \
  KIND (noise_images)                                                                                                  \
  KIND (occlusion)                                                                                                     \
  KIND (grey)                                                                                                          \
  KIND (label_noise)                                                                                                   \
  KIND (crop_flip)                                                                                                     \
  KIND (shift)                                                                                                         \
  KIND (rotate)                                                                                                        \
  KIND (mixup)                                                                                                         \
  KIND (cutout)                                                                                                        \
  KIND (weight_decay)                                                                                                  \
  KIND (dropout)                                                                                                       \
  KIND (label_smoothing)                                                                                               \
  KIND (fisher_penalty)                                                                                                \
  KIND (learning_rate)                                                                                                 \
  KIND (momentum)                                                                                                      \
  KIND (pgd)                                                                                                           \
  KIND (anti_pgd)                                                                                                      \
  KIND (freeze)                                                                                                        \
  KIND (gradient_surgery)                                                                                              \
  KIND (checkpoint)                                                                                                    \
  KIND (prune)                                                                                                         \
  KIND (rewind)                                                                                                        \
  KIND (reinitialise)                                                                                                  \
  KIND (shrink_perturb)                                                                                                \
  KIND (reset_optimizer)                                                                                               \
  KIND (restart_rate)                                                                                                  \
  KIND (unprune)

#define DECLARE(name) extern const KairosKindRow kairos_kind_##name;
#define ROW(name) &kairos_kind_##name,

KINDS (DECLARE)

static const KairosKindRow *const rows[] = { KINDS (ROW) };

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

const KairosKind *
kairos_kind_for_samples (void)
{
  guint i = 0;

  while (!rows[i]->info.selects)
    i++;
  return &rows[i]->info;
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
