/* SPDX-License-Identifier: MIT */

/* Pictures of the samples of one data set, drawn on demand and kept while they are in use or fit into a small budget.
 * Every kind of data has a picture: images are resampled so that each pixel stays a crisp even square, points stand out
 * of a faint scatter of the others, longer feature vectors become bars. */
#pragma once

#include <gdk/gdk.h>
#include <kairos/dataset.h>

G_BEGIN_DECLS

typedef struct _KairosPictures KairosPictures;

KairosPictures *kairos_pictures_new (KairosDataset *dataset);
KairosPictures *kairos_pictures_ref (KairosPictures *pictures);
void kairos_pictures_unref (KairosPictures *pictures);
/* The sample's picture, its longer side being size device pixels.  Caller unrefs. */
GdkTexture *kairos_pictures_get (KairosPictures *pictures, guint32 id, int size) G_GNUC_WARN_UNUSED_RESULT;
/* The same for a cairo renderer, which would convert all of a texture each time it shows some of it.  Caller destroys.
 */
cairo_surface_t *kairos_pictures_get_surface (KairosPictures *pictures, guint32 id, int size) G_GNUC_WARN_UNUSED_RESULT;
/* The same for an input as the network takes it (height x width x channels, 0 .. 1; beyond that it is cut off), of data
 * with pictures.  Not kept. Caller unrefs. */
GdkTexture *kairos_pictures_draw (KairosPictures *pictures, const float *input, int size) G_GNUC_WARN_UNUSED_RESULT;
/* Bytes of pixels kept, at most KAIROS_PICTURES_BUDGET. */
gsize kairos_pictures_get_memory (KairosPictures *pictures);
#define KAIROS_PICTURES_BUDGET (16 * 1024 * 1024)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosPictures, kairos_pictures_unref)

G_END_DECLS
