/* SPDX-License-Identifier: MIT */

/* Samples on their way from one panel to another by drag and drop: the value that a GdkContentProvider carries inside
 * the program.  Immutable and reference counted.  Numbers mean something together with their data set only, so a taker
 * makes sure that they come from its own window.
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef struct {
  gconstpointer window; /* where they were picked; only ever compared */
  guint n;
  guint32 ids[];
} KairosSampleIds;

#define KAIROS_TYPE_SAMPLE_IDS (kairos_sample_ids_get_type ())
GType kairos_sample_ids_get_type (void);
KairosSampleIds *kairos_sample_ids_new (gconstpointer window, const guint32 *ids, guint n);
KairosSampleIds *kairos_sample_ids_ref (KairosSampleIds *ids);
void kairos_sample_ids_unref (KairosSampleIds *ids);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosSampleIds, kairos_sample_ids_unref)

G_END_DECLS
