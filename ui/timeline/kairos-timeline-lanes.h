/* SPDX-License-Identifier: MIT */

/* The lanes: a row for each track with its name and switches, and its clips as child widgets along the time axis; the
 * playhead through them, and the past drawn as locked.
 *
 * Pointer: a press selects (Ctrl or Shift adds), a drag moves, at the ends (grips, 8 pixels) trims, on empty ground
 * selects what it encloses; Alt suspends snapping.  Samples dragged here become a focus.  Ctrl+wheel zooms at the
 * pointer, Shift+wheel or sideways scrolls.  Tab walks the clips, then the heads of the tracks.
 *
 * The lanes change nothing themselves.  Signals: edit (timeline, description): a gesture ended with this value; open
 * (): the selected clip should be shown in detail; menu (x, y): a menu is asked for at this place; refused (text): a
 * gesture that could lead to nothing; selection-changed ().  Properties (notify): "snap" (boolean).
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/timeline.h>

#include "common/kairos-sample-ids.h"
#include "common/kairos-time-axis.h"
#include "timeline/kairos-clip-view.h"

G_BEGIN_DECLS

#define KAIROS_TIMELINE_GRIP 8 /* pixels; less on clips that would have no body left */
#define KAIROS_TIMELINE_LANE 27
#define KAIROS_TIMELINE_DRAG_THRESHOLD 5
#define KAIROS_TIMELINE_SNAP 8
#define KAIROS_TIMELINE_NEW_LENGTH 8 /* of a new clip, in grid steps */

#define KAIROS_TYPE_TIMELINE_LANES (kairos_timeline_lanes_get_type ())
G_DECLARE_FINAL_TYPE (KairosTimelineLanes, kairos_timeline_lanes, KAIROS, TIMELINE_LANES, GtkWidget)

void kairos_timeline_lanes_set_axis (KairosTimelineLanes *lanes, KairosTimeAxis *axis);
void kairos_timeline_lanes_set_timeline (KairosTimelineLanes *lanes, KairosTimeline *timeline); /* NULL: none */
KairosClipView *kairos_timeline_lanes_find (KairosTimelineLanes *lanes, guint32 id);   /* NULL if there is none */
GtkWidget *kairos_timeline_lanes_get_header (KairosTimelineLanes *lanes, guint track); /* NULL if there is none */
void kairos_timeline_lanes_select (KairosTimelineLanes *lanes, const guint32 *ids, guint n);
const guint32 *kairos_timeline_lanes_get_selection (KairosTimelineLanes *lanes, guint *n); /* those that exist */
/* Brings a clip into view and gives it the focus. */
void kairos_timeline_lanes_focus_clip (KairosTimelineLanes *lanes, guint32 id);
/* The distance between two grid lines that times snap to, in epochs. */
double kairos_timeline_lanes_get_grid (KairosTimelineLanes *lanes);
/* Where the pointer is, in epochs; NaN when it is elsewhere. */
double kairos_timeline_lanes_get_pointer (KairosTimelineLanes *lanes);

/* ---- Samples dropped on the lanes, x pixels from their left; called by their drop target ---- */

/* Shows the focus on them that would begin there, until it is dropped or taken away.  FALSE, and the timeline is shown
 * as it is, where that is refused. */
gboolean kairos_timeline_lanes_hover (KairosTimelineLanes *lanes, const KairosSampleIds *samples, double x);
void kairos_timeline_lanes_unhover (KairosTimelineLanes *lanes);
/* Emits edit with that focus, or refused; selects it.  Returns its id, 0 where nothing came of it. */
guint32 kairos_timeline_lanes_drop (KairosTimelineLanes *lanes, const KairosSampleIds *samples, double x);

G_END_DECLS
