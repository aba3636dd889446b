/* SPDX-License-Identifier: MIT */

/* The curves as a file.  The format follows from the file's extension, a table row each:
 *
 *   - .csv: every point of every run: run, run_name, kind (step, epoch or reading), epoch, and a column a measure of
 *     the registry, empty where that kind of row has none
 *   - .png: the plots as they are shown, light, two pixels a pixel
 *   - .svg: the same as a drawing
 *
 * An existing file is replaced only when everything was written.
 */
#pragma once

#include "plots/kairos-plot-view.h"

G_BEGIN_DECLS

typedef struct {
  const char *extension, *title; /* title: untranslated */
} KairosExportInfo;
const KairosExportInfo *kairos_export_infos (guint *n);

/* Looks at the view now and writes in a thread. */
void kairos_plot_export_async (KairosPlotView *view, const char *path, GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean kairos_plot_export_finish (GAsyncResult *result, GError **error);
/* Title, legend, curves and ruler of all plots onto a white page of that width; returns its height.  cr NULL: only
 * measures. */
double kairos_plot_export_draw (KairosPlotView *view, cairo_t *cr, double width);

G_END_DECLS
