/* SPDX-License-Identifier: MIT */

/* The lanes' inside, shared by kairos-timeline-lanes.c (layout, drawing, selection), kairos-timeline-lanes-drag.c
 * (pointer), kairos-timeline-lanes-drop.c (samples dropped on them) and kairos-timeline-lanes-points.c (points of
 * curves). */
#pragma once

#include "timeline/kairos-timeline-lanes.h"

G_BEGIN_DECLS

typedef enum {
  KAIROS_DRAG_NONE,
  KAIROS_DRAG_MOVE,
  KAIROS_DRAG_FROM,
  KAIROS_DRAG_TO,
  KAIROS_DRAG_POINT,
  KAIROS_DRAG_MARQUEE,
  KAIROS_DRAG_DROP
} KairosDragMode;

struct _KairosTimelineLanes {
  GtkWidget parent_instance;
  KairosTimeAxis *axis;
  KairosTimeline *timeline; /* of the document; NULL: none */
  KairosTimeline *shown;    /* the same, or what the drag would make of it */
  GHashTable *clips;        /* id -> KairosClipView */
  GPtrArray *headers;       /* of tracks */
  GArray *selection;        /* of guint32 */
  gboolean snap;
  double drawn_x; /* of the playhead */
  double pointer_x, pointer_y;
  gboolean menu_open; /* the pointer still counts as where it was opened */

  /* Drag. */
  GtkGesture *drag;
  KairosDragMode mode;
  gboolean dragging; /* beyond the threshold */
  guint32 grabbed;   /* clip */
  int point;         /* of its curve */
  double press_x, press_y;
  char *refusal; /* why the model forbids what the pointer asks for */
  double guide;  /* the time snapped to, NaN for none */
  GdkRectangle marquee;
  GArray *before;  /* the selection that a marquee adds to */
  double landing;  /* samples being dropped: when their focus would begin */
  guint32 dropped; /* and its id */
};

extern guint kairos_timeline_lanes_edit_signal, kairos_timeline_lanes_open_signal;

/* Shows a value and places its clips. */
void kairos_timeline_lanes_show (KairosTimelineLanes *lanes, KairosTimeline *timeline);
gboolean kairos_timeline_lanes_is_selected (KairosTimelineLanes *lanes, guint32 id);
/* The left and right edge of a clip; FALSE when it is out of view. */
gboolean kairos_timeline_lanes_extent (KairosTimelineLanes *lanes, const KairosClip *clip, double *x, double *end);
/* Controllers and their state. */
void kairos_timeline_drag_init (KairosTimelineLanes *lanes);
void kairos_timeline_drag_clear (KairosTimelineLanes *lanes);
void kairos_timeline_drop_init (KairosTimelineLanes *lanes);
/* Shows what a drag leads to now.  What the model refuses (value NULL, with an error) is kept for its end instead.
 * Takes the value. */
void kairos_timeline_drag_propose (KairosTimelineLanes *lanes, KairosTimeline *value, const GError *error);
/* Ends the drag and hands out its value, or says why there is none. */
void kairos_timeline_drag_finish (KairosTimelineLanes *lanes, const char *description);
/* Whether a drag was under way, which is now as if it had not been. */
gboolean kairos_timeline_drag_cancel (KairosTimelineLanes *lanes);
/* A time as the pointer means it: at what is near (the guide then shows it; see below), else as round as pixels allow;
 * never below 0. */
double kairos_timeline_drag_target (KairosTimelineLanes *lanes, double time, gboolean snap, const guint32 *but,
                                    guint n);

/* ---- Points of curves ---- */

/* The timeline with the point that is dragged moved by pixels. */
KairosTimeline *kairos_timeline_points_moved (KairosTimelineLanes *lanes, const KairosClip *clip, double dx, double dy,
                                              gboolean snap, GError **error);
/* A double click on a clip, in the lanes' coordinates: adds a point to its line, or removes one.  FALSE: there is
 * neither. */
gboolean kairos_timeline_points_toggle (KairosTimelineLanes *lanes, const KairosClip *clip, double x, double y);
/* Time and value beside the point that is dragged. */
void kairos_timeline_points_draw (KairosTimelineLanes *lanes, GtkSnapshot *snapshot);

/* A time moved to what is near it: the ends of clips other than those (first), the playhead, the grid.  TRUE when it
 * was. */
gboolean kairos_timeline_lanes_snap (KairosTimelineLanes *lanes, const guint32 *but, guint n, double *time);

G_END_DECLS
