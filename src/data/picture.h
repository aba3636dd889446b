/* SPDX-License-Identifier: MIT */

/* One picture file as a sample: decoded, turned as its EXIF orientation says, put on white where it is transparent, and
 * resized.
 *
 * PNG, JPEG (baseline, progressive, CMYK) and BMP, by content and not by name.  More than a hundred million points are
 * refused before decoding.
 */
#pragma once

#include "kairos/dataset.h"

G_BEGIN_DECLS

/* Writes H x W x C bytes to out, C = 1 (luminance) or 3.  letterbox: the whole picture between black bars; else its
 * middle, filling the square. The errors of decode do not name the file, those of read call it name.  Both are
 * thread-safe. */
gboolean kairos_picture_decode (const guint8 *data, gsize size, KairosShape shape, gboolean letterbox, guint8 *out,
                                GError **error);
gboolean kairos_picture_read (const char *path, const char *name, KairosShape shape, gboolean letterbox, guint8 *out,
                              GError **error);

/* The EXIF orientation of a JPEG, 1 .. 8; 1 where it has none. */
int kairos_picture_orientation (const guint8 *data, gsize size);

G_END_DECLS
