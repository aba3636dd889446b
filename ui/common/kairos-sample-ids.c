/* SPDX-License-Identifier: MIT */

/* A boxed type around a reference counted block: copies of the value share it. */
#include "common/kairos-sample-ids.h"

#include <string.h>

G_DEFINE_BOXED_TYPE (KairosSampleIds, kairos_sample_ids, kairos_sample_ids_ref, kairos_sample_ids_unref)

KairosSampleIds *
kairos_sample_ids_new (gconstpointer window, const guint32 *ids, guint n)
{
  KairosSampleIds *self = g_atomic_rc_box_alloc0 (sizeof *self + n * sizeof *ids);

  self->window = window;
  self->n = n;
  if (n > 0)
    memcpy (self->ids, ids, n * sizeof *ids);
  return self;
}

KairosSampleIds *
kairos_sample_ids_ref (KairosSampleIds *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
kairos_sample_ids_unref (KairosSampleIds *self)
{
  g_atomic_rc_box_release (self);
}
