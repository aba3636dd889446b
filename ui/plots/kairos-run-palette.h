/* SPDX-License-Identifier: MIT */

/* The colours of runs: of the current one by what it is measured on.  The others are told apart by a colour and, for
 * eyes and printers without colours, by dashes.  Both follow from the color of KairosMetricsRun, so that a run looks
 * the same wherever it is drawn.
 *
 * The colours keep away from those of the current run's measures, and from one another for the common kinds of colour
 * blindness too; each stands out from its card by 3.5 : 1 at least.  There are six colours and five kinds of dashes, so
 * that thirty runs look different.
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/metrics.h>

G_BEGIN_DECLS

GdkRGBA kairos_run_palette_color (guint color, gboolean dark);
/* What is measured on a split of the samples, in the current run. */
GdkRGBA kairos_run_palette_split_color (KairosSplit split, gboolean dark);
/* Lengths in pixels, on and off in turn, as cairo_set_dash() takes them. */
const double *kairos_run_palette_dashes (guint color, int *n);
/* Line of a run as in a legend, from x to x + width at height y; the current one has the colours of its measures. */
void kairos_run_palette_draw_sample (const KairosMetricsRun *run, gboolean dark, cairo_t *cr, double x, double y,
                                     double width);

G_END_DECLS
