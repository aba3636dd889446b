/* SPDX-License-Identifier: MIT */

/* The curve of a clip over its time, with a handle at each point that can be dragged, reached with Tab and moved with
 * the arrow keys.
 *
 * A click on the line adds a point, a double click on a point removes it.  The plot never changes what it was given: it
 * shows what a gesture would lead to, and says so once, at its end. Signals: "edit" (GArray of KairosPoint, what it
 * does, whether by the keyboard): all the points as the person wants them; "current-changed" (): another point, or its
 * place.
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/timeline.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_CURVE_PLOT (kairos_curve_plot_get_type ())
G_DECLARE_FINAL_TYPE (KairosCurvePlot, kairos_curve_plot, KAIROS, CURVE_PLOT, GtkWidget)

GtkWidget *kairos_curve_plot_new (void);
/* A clip of a kind that has a curve; it is not kept.  now: the time up to which nothing can change. */
void kairos_curve_plot_set_clip (KairosCurvePlot *plot, const KairosClip *clip, double now);
void kairos_curve_plot_set_now (KairosCurvePlot *plot, double now);
void kairos_curve_plot_set_log (KairosCurvePlot *plot, gboolean log);
/* Whether values over decades would be better told apart on a logarithmic scale. */
gboolean kairos_curve_plot_suits_log (KairosCurvePlot *plot);
int kairos_curve_plot_get_current (KairosCurvePlot *plot); /* the index of the current point; -1: none */
/* "Point 2 of 9: epoch 12.3, value 0.02"; NULL without a current point.  Caller frees. */
char *kairos_curve_plot_describe (KairosCurvePlot *plot);

/* ---- Verbs on the current point: the one that had the focus last ---- */

void kairos_curve_plot_move (KairosCurvePlot *plot, double right, double up); /* in hundredths of the axes */
void kairos_curve_plot_add (KairosCurvePlot *plot);                           /* amid the line behind it */
void kairos_curve_plot_remove (KairosCurvePlot *plot);

G_END_DECLS
