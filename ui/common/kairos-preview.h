/* SPDX-License-Identifier: MIT */

/* A small picture of a data set: some of its pictures side by side, or its points.  May be called from any thread. */
#pragma once

#include <gtk/gtk.h>
#include <kairos/dataset.h>

G_BEGIN_DECLS

/* width x height pixels filled with samples that take turns over the classes, each about cell pixels wide and scaled by
 * a whole number (crisp). Data without pictures becomes a scatter plot of its first two features.  Caller owns the
 * result. */
GdkTexture *kairos_preview_new (KairosDataset *dataset, int width, int height, int cell) G_GNUC_WARN_UNUSED_RESULT;

/* Opens a data set in a thread; progress (may be NULL) is called on the main thread. */
void kairos_preview_open_async (const char *spec, const KairosOpenOptions *options, KairosProgressFunc progress,
                                gpointer progress_data, GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data);
KairosDataset *kairos_preview_open_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
