/* SPDX-License-Identifier: MIT */

/* One clip or event on the timeline: a focusable child of the lanes, named for assistive technology.  It draws itself;
 * where it is and what a pointer does to it is the lanes' business.
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/timeline.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_CLIP_VIEW (kairos_clip_view_get_type ())
G_DECLARE_FINAL_TYPE (KairosClipView, kairos_clip_view, KAIROS, CLIP_VIEW, GtkWidget)

/* Half the width of an event's diamond. */
#define KAIROS_CLIP_VIEW_DIAMOND 7

GtkWidget *kairos_clip_view_new (void);
/* clip belongs to timeline, which is kept.  audible: it counts. */
void kairos_clip_view_set_clip (KairosClipView *view, KairosTimeline *timeline, const KairosClip *clip,
                                gboolean audible);
const KairosClip *kairos_clip_view_get_clip (KairosClipView *view);
/* The times at the left and right edge of what is allocated: less than the clip where some of it is out of view. */
void kairos_clip_view_set_range (KairosClipView *view, double from, double to);
void kairos_clip_view_set_selected (KairosClipView *view, gboolean selected);
/* What an event with its label would like. */
int kairos_clip_view_get_natural_width (KairosClipView *view);
/* ---- The points of its curve: handles while it is selected or under the pointer ---- */

/* The index of the point there, -1 for none; whether the line of a curve with points is there.  In the widget's
 * coordinates. */
int kairos_clip_view_point_at (KairosClipView *view, double x, double y);
gboolean kairos_clip_view_line_at (KairosClipView *view, double x, double y);
double kairos_clip_view_time_to_x (KairosClipView *view, double time); /* epochs */
double kairos_clip_view_x_to_time (KairosClipView *view, double x);
double kairos_clip_view_value_to_y (KairosClipView *view, double value);
double kairos_clip_view_y_to_value (KairosClipView *view, double y); /* a round number, as fine as a pixel */
/* Keeps the scale of values as it is while a point is dragged. */
void kairos_clip_view_hold_scale (KairosClipView *view, gboolean hold);

/* The colour of the track that a kind belongs to, in the style of now (light or dark): of its clips, and of what else
 * shows them. */
GdkRGBA kairos_clip_view_color (const KairosKind *kind);

G_END_DECLS
