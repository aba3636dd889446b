/* SPDX-License-Identifier: MIT */

/* The lanes: a row for each track with its name and switches, and its clips as child widgets along the time axis; the playhead through them, and the
 * past drawn as locked.
 *
 * Pointer: a press selects (Ctrl or Shift adds), a drag moves, at the ends (grips, 8 pixels) trims, on empty ground selects what it encloses; Alt
 * suspends snapping.  Ctrl+wheel zooms at the pointer, Shift+wheel or sideways scrolls.  Tab walks the clips.
 *
 * The lanes change nothing themselves.  Signals: edit (timeline, description): a gesture ended with this value; open (): the selected clip should be
 * shown in detail; menu (x, y): a menu is asked for at this place; refused (text): a gesture that could lead to nothing;
 * selection-changed ().  Properties (notify): "snap" (boolean).
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/timeline.h>

#include "plots/kairos-time-axis.h"
#include "timeline/kairos-clip-view.h"

G_BEGIN_DECLS

#define KAIROS_TIMELINE_GRIP 8 /* pixels; less on clips that would have no body left */
#define KAIROS_TIMELINE_LANE 27
#define KAIROS_TIMELINE_DRAG_THRESHOLD 5
#define KAIROS_TIMELINE_SNAP 8

#define KAIROS_TYPE_TIMELINE_LANES (kairos_timeline_lanes_get_type ())
G_DECLARE_FINAL_TYPE (KairosTimelineLanes, kairos_timeline_lanes, KAIROS, TIMELINE_LANES, GtkWidget)

void            kairos_timeline_lanes_set_axis (KairosTimelineLanes *lanes, KairosTimeAxis *axis);
void            kairos_timeline_lanes_set_timeline (KairosTimelineLanes *lanes, KairosTimeline *timeline); /* NULL: none */
KairosClipView *kairos_timeline_lanes_find (KairosTimelineLanes *lanes, guint32 id); /* NULL if there is none */
void            kairos_timeline_lanes_select (KairosTimelineLanes *lanes, const guint32 *ids, guint n);
const guint32  *kairos_timeline_lanes_get_selection (KairosTimelineLanes *lanes, guint *n); /* those that exist */
/* Brings a clip into view and gives it the focus. */
void            kairos_timeline_lanes_focus_clip (KairosTimelineLanes *lanes, guint32 id);
/* The distance between two grid lines that times snap to, in epochs. */
double          kairos_timeline_lanes_get_grid (KairosTimelineLanes *lanes);
/* Where the pointer is, in epochs; NaN when it is elsewhere. */
double          kairos_timeline_lanes_get_pointer (KairosTimelineLanes *lanes);

G_END_DECLS
