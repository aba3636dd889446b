/* SPDX-License-Identifier: MIT */

/* A picture on its way to the pad: what was dropped or pasted, decoded in a thread. */
#pragma once

#include <gdk/gdk.h>
#include <kairos/sketch.h>

G_BEGIN_DECLS

/* Whether a value holds what can become a picture: a list of files, of which the first counts, or a texture. */
gboolean kairos_pad_picture_is_possible (const GValue *value);
/* Of such a value, for this data set. */
void kairos_pad_picture_load_async (KairosDataset *dataset, const GValue *value, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
KairosSketchPicture *kairos_pad_picture_load_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads what the clipboard has of that kind; FALSE: nothing. */
gboolean kairos_pad_picture_paste_async (GdkClipboard *clipboard, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
/* Borrowed. */
const GValue *kairos_pad_picture_paste_finish (GObject *clipboard, GAsyncResult *result, GError **error);

G_END_DECLS
