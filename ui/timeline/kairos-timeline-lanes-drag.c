/* SPDX-License-Identifier: MIT */

/* What the pointer does to the lanes.
 *
 * While a drag lasts, the lanes show the value that it would lead to; the end of the drag hands that value out, once.
 * Each motion starts from the value at the press, so nothing accumulates.  What the model refuses is not shown: the
 * drop lands where the preview is.  What would change the past is shown, as it can be had in a run of its own; whoever
 * takes the edit asks, and until then the lanes show what is.
 */
#include "config.h"

#include <math.h>

#include <glib/gi18n.h>

#include "timeline/kairos-timeline-lanes-private.h"

#define WHEEL_FACTOR 1.25
#define WHEEL_PAN 0.1 /* of the range, a notch */
enum { BODY_MIN = 12 };

/* ---- What is under the pointer ---- */

/* Grips give way before the body does. */
static KairosDragMode
part_at (const KairosClip *clip, double x, double width)
{
  double grip = CLAMP ((width - BODY_MIN) / 2, 0, KAIROS_TIMELINE_GRIP);

  if (clip->kind->event)
    return KAIROS_DRAG_MOVE;
  return x < grip ? KAIROS_DRAG_FROM : x >= width - grip ? KAIROS_DRAG_TO : KAIROS_DRAG_MOVE;
}

static KairosDragMode
hit (KairosTimelineLanes *self, double x, double y, const KairosClip **clip)
{
  GtkWidget *child = gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT);
  graphene_point_t inside;

  *clip = NULL;
  if (child && !KAIROS_IS_CLIP_VIEW (child))
    child = gtk_widget_get_ancestor (child, KAIROS_TYPE_CLIP_VIEW);
  if (!child)
    return KAIROS_DRAG_MARQUEE;
  *clip = kairos_clip_view_get_clip (KAIROS_CLIP_VIEW (child));
  if (!gtk_widget_compute_point (GTK_WIDGET (self), child, &GRAPHENE_POINT_INIT (x, y), &inside))
    return KAIROS_DRAG_MOVE;
  self->point = kairos_clip_view_point_at (KAIROS_CLIP_VIEW (child), inside.x, inside.y);
  if (self->point >= 0)
    return KAIROS_DRAG_POINT;
  return part_at (*clip, inside.x, gtk_widget_get_width (child));
}

/* Sets only another one: that asks the display where the pointer is, too much for every motion. */
static void
show_cursor (KairosTimelineLanes *self, const char *name)
{
  GdkCursor *shown = gtk_widget_get_cursor (GTK_WIDGET (self));

  if (g_strcmp0 (name, shown ? gdk_cursor_get_name (shown) : NULL) != 0)
    gtk_widget_set_cursor_from_name (GTK_WIDGET (self), name);
}

/* ---- What a drag leads to ---- */

/* A round number that is as fine as a pixel, so that no time has more digits than can be seen. */
static double
round_time (KairosTimelineLanes *self, double time)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double pixel = kairos_time_axis_to_time (self->axis, 1, width) - kairos_time_axis_to_time (self->axis, 0, width);

  return kairos_curve_round (time, pixel);
}

double
kairos_timeline_drag_target (KairosTimelineLanes *self, double time, gboolean snap, const guint32 *but, guint n)
{
  if (snap && kairos_timeline_lanes_snap (self, but, n, &time))
    self->guide = time;
  else
    time = round_time (self, time);
  return MAX (0, time);
}

static double
earliest (KairosTimelineLanes *self, const guint32 *ids, guint n)
{
  double from = INFINITY;

  for (guint i = 0; i < n; i++)
    from = MIN (from, kairos_timeline_find (self->timeline, ids[i], NULL)->from);
  return from;
}

/* Either end of the clip that was grabbed may snap; the nearer one wins. */
static KairosTimeline *
moved (KairosTimelineLanes *self, const KairosClip *clip, double by, int tracks, gboolean snap, GError **error)
{
  guint n;
  const guint32 *ids = kairos_timeline_lanes_get_selection (self, &n);
  double start = kairos_timeline_drag_target (self, clip->from + by, snap, ids, n), guide = self->guide;

  if (snap && clip->to > clip->from) {
    double end = clip->to + by;

    if (kairos_timeline_lanes_snap (self, ids, n, &end) &&
        (isnan (guide) || fabs (end - clip->to - by) < fabs (start - clip->from - by))) {
      start = clip->from + end - clip->to;
      self->guide = end;
    }
  }
  return kairos_timeline_shift (self->timeline, ids, n, MAX (start - clip->from, -earliest (self, ids, n)), tracks,
                                error);
}

static KairosTimeline *
trimmed (KairosTimelineLanes *self, const KairosClip *clip, double by, gboolean snap, GError **error)
{
  double least = kairos_timeline_lanes_get_grid (self) / 10, from = clip->from, to = clip->to;

  if (self->mode == KAIROS_DRAG_FROM)
    from = MIN (kairos_timeline_drag_target (self, from + by, snap, &clip->id, 1), to - least);
  else
    to = MAX (kairos_timeline_drag_target (self, to + by, snap, &clip->id, 1), from + least);
  return kairos_timeline_trim (self->timeline, clip->id, from, to, error);
}

void
kairos_timeline_drag_propose (KairosTimelineLanes *self, KairosTimeline *value, const GError *error)
{
  g_autoptr (KairosTimeline) timeline = value;

  g_clear_pointer (&self->refusal, g_free);
  if (!timeline) {
    self->refusal = g_strdup (error->message);
    self->guide = NAN;
  } else
    kairos_timeline_lanes_show (self, timeline);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
is_grip (KairosDragMode mode)
{
  return mode == KAIROS_DRAG_FROM || mode == KAIROS_DRAG_TO;
}

static void
preview (KairosTimelineLanes *self, double dx, double dy, gboolean snap)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double by = kairos_time_axis_to_time (self->axis, dx, width) - kairos_time_axis_to_time (self->axis, 0, width);
  const KairosClip *clip = kairos_timeline_find (self->timeline, self->grabbed, NULL);
  g_autoptr (GError) error = NULL;
  KairosTimeline *timeline;

  self->guide = NAN;
  if (self->mode == KAIROS_DRAG_MOVE)
    timeline = moved (self, clip, by, (int) round (dy / KAIROS_TIMELINE_LANE), snap, &error);
  else if (self->mode == KAIROS_DRAG_POINT)
    timeline = kairos_timeline_points_moved (self, clip, dx, dy, snap, &error);
  else
    timeline = trimmed (self, clip, by, snap, &error);
  kairos_timeline_drag_propose (self, timeline, error);
  show_cursor (self, self->refusal ? "not-allowed" : is_grip (self->mode) ? "ew-resize" : "grabbing");
}

/* ---- Marquee ---- */

static void
select_enclosed (KairosTimelineLanes *self)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  GHashTableIter iter;
  gpointer id, view;

  g_array_append_vals (ids, self->before->data, self->before->len);
  g_hash_table_iter_init (&iter, self->clips);
  while (g_hash_table_iter_next (&iter, &id, &view)) {
    guint32 number = GPOINTER_TO_UINT (id);
    graphene_rect_t bounds;

    if (gtk_widget_get_child_visible (view) && gtk_widget_compute_bounds (view, GTK_WIDGET (self), &bounds) &&
        gdk_rectangle_intersect (&self->marquee,
                                 &(GdkRectangle){ bounds.origin.x, bounds.origin.y, bounds.size.width,
                                                  bounds.size.height },
                                 NULL))
      g_array_append_val (ids, number);
  }
  kairos_timeline_lanes_select (self, (const guint32 *) (gpointer) ids->data, ids->len);
}

static void
stretch_marquee (KairosTimelineLanes *self, double dx, double dy)
{
  self->marquee = (GdkRectangle){ MIN (self->press_x, self->press_x + dx), MIN (self->press_y, self->press_y + dy),
                                  MAX (1, fabs (dx)), MAX (1, fabs (dy)) };
  select_enclosed (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- The drag ---- */

static void
hold_scale (KairosTimelineLanes *self, gboolean hold)
{
  KairosClipView *view = kairos_timeline_lanes_find (self, self->grabbed);

  if (view)
    kairos_clip_view_hold_scale (view, hold);
}

static void
end_drag (KairosTimelineLanes *self)
{
  if (self->mode == KAIROS_DRAG_POINT)
    hold_scale (self, FALSE);
  self->dragging = FALSE;
  self->mode = KAIROS_DRAG_NONE;
  self->guide = NAN;
  g_clear_pointer (&self->refusal, g_free);
  show_cursor (self, NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
kairos_timeline_drag_cancel (KairosTimelineLanes *self)
{
  gboolean dragging = self->dragging;

  if (self->mode == KAIROS_DRAG_NONE)
    return FALSE;
  end_drag (self);
  if (dragging && self->timeline)
    kairos_timeline_lanes_show (self, self->timeline);
  gtk_gesture_set_state (self->drag, GTK_EVENT_SEQUENCE_DENIED);
  return dragging;
}

static void
toggle (KairosTimelineLanes *self, guint32 id)
{
  guint n;
  const guint32 *selected = kairos_timeline_lanes_get_selection (self, &n);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof id);

  for (guint i = 0; i < n; i++)
    if (selected[i] != id)
      g_array_append_val (ids, selected[i]);
  if (ids->len == n)
    g_array_append_val (ids, id);
  kairos_timeline_lanes_select (self, (const guint32 *) (gpointer) ids->data, ids->len);
}

static void
press (KairosTimelineLanes *self, const KairosClip *clip, gboolean adds)
{
  guint n;
  const guint32 *selected = kairos_timeline_lanes_get_selection (self, &n);

  g_array_set_size (self->before, 0);
  if (!clip && adds)
    g_array_append_vals (self->before, selected, n);
  else if (!clip)
    kairos_timeline_lanes_select (self, NULL, 0);
  else if (adds)
    toggle (self, clip->id);
  else if (!kairos_timeline_lanes_is_selected (self, clip->id))
    kairos_timeline_lanes_select (self, &clip->id, 1);
  if (clip)
    gtk_widget_grab_focus (GTK_WIDGET (kairos_timeline_lanes_find (self, clip->id)));
}

static void
on_drag_begin (KairosTimelineLanes *self, double x, double y, GtkGesture *gesture)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  const KairosClip *clip;

  if (!self->timeline || x < KAIROS_TIME_AXIS_START) {
    gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_DENIED);
    return;
  }
  self->mode = hit (self, x, y, &clip);
  self->grabbed = clip ? clip->id : 0;
  self->press_x = x;
  self->press_y = y;
  self->dragging = FALSE;
  press (self, clip, (state & (GDK_CONTROL_MASK | GDK_SHIFT_MASK)) != 0);
  if (self->grabbed != 0 && !kairos_timeline_lanes_is_selected (self, self->grabbed))
    self->mode = KAIROS_DRAG_NONE; /* it was taken out of the selection */
  if (self->mode == KAIROS_DRAG_POINT)
    hold_scale (self, TRUE);
}

static void
on_drag_update (KairosTimelineLanes *self, double dx, double dy, GtkGesture *gesture)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));

  if (self->mode == KAIROS_DRAG_NONE || (!self->dragging && hypot (dx, dy) < KAIROS_TIMELINE_DRAG_THRESHOLD))
    return;
  if (!self->dragging) {
    self->dragging = TRUE;
    gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  }
  if (self->mode == KAIROS_DRAG_MARQUEE)
    stretch_marquee (self, dx, dy);
  else
    preview (self, dx, dy, self->snap && (state & GDK_ALT_MASK) == 0);
}

static const char *
description_of (KairosDragMode mode)
{
  return mode == KAIROS_DRAG_MOVE ? _ ("Move clips") : mode == KAIROS_DRAG_POINT ? _ ("Move point") : _ ("Trim clip");
}

void
kairos_timeline_drag_finish (KairosTimelineLanes *self, const char *description)
{
  g_autoptr (KairosTimeline) result = self->shown ? kairos_timeline_ref (self->shown) : NULL;
  g_autofree char *refusal = g_steal_pointer (&self->refusal);
  gboolean edits = self->dragging && self->mode != KAIROS_DRAG_MARQUEE;

  end_drag (self);
  if (!edits)
    return;
  if (!kairos_timeline_equal (result, self->timeline))
    g_signal_emit (self, kairos_timeline_lanes_edit_signal, 0, result, description);
  else if (refusal)
    g_signal_emit_by_name (self, "refused", refusal);
  if (self->timeline && self->shown != self->timeline)
    kairos_timeline_lanes_show (self, self->timeline); /* it was not taken */
}

static void
on_drag_end (KairosTimelineLanes *self)
{
  if (self->mode != KAIROS_DRAG_NONE)
    kairos_timeline_drag_finish (self, description_of (self->mode));
}

static void
on_cancel (KairosTimelineLanes *self)
{
  kairos_timeline_drag_cancel (self);
}

static void
on_pressed (KairosTimelineLanes *self, int n_press, double x, double y)
{
  const KairosClip *clip;

  if (n_press != 2 || !self->timeline)
    return;
  hit (self, x, y, &clip);
  if (clip && !kairos_timeline_points_toggle (self, clip, x, y))
    g_signal_emit (self, kairos_timeline_lanes_open_signal, 0);
}

/* The menu is about the clip under the pointer, or about the selection that it belongs to. */
static void
on_menu (KairosTimelineLanes *self, int n_press, double x, double y)
{
  const KairosClip *clip;

  if (!self->timeline || x < KAIROS_TIME_AXIS_START)
    return;
  hit (self, x, y, &clip);
  if (!clip || !kairos_timeline_lanes_is_selected (self, clip->id))
    press (self, clip, FALSE);
  self->pointer_x = x;
  self->menu_open = TRUE;
  g_signal_emit_by_name (self, "menu", x, y);
}

/* ---- Motion and wheel ---- */

static void
on_motion (KairosTimelineLanes *self, double x, double y)
{
  const KairosClip *clip;
  KairosDragMode mode;

  self->pointer_x = x;
  self->pointer_y = y;
  self->menu_open = FALSE;
  if (self->mode != KAIROS_DRAG_NONE || !self->timeline)
    return;
  mode = hit (self, x, y, &clip);
  show_cursor (self, is_grip (mode) ? "ew-resize" : mode == KAIROS_DRAG_POINT ? "grab" : NULL);
}

static void
on_leave (KairosTimelineLanes *self)
{
  if (!self->menu_open)
    self->pointer_x = NAN;
}

/* The plain wheel belongs to the list of tracks around the lanes. */
static gboolean
on_scroll (KairosTimelineLanes *self, double dx, double dy, GtkEventController *controller)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)), x = isnan (self->pointer_x) ? width / 2 : self->pointer_x;
  double unit =
      gtk_event_controller_scroll_get_unit (GTK_EVENT_CONTROLLER_SCROLL (controller)) == GDK_SCROLL_UNIT_SURFACE
          ? 1 / 40.0
          : 1;
  GdkModifierType state = gtk_event_controller_get_current_event_state (controller);
  double range = kairos_time_axis_get_to (self->axis) - kairos_time_axis_get_from (self->axis);

  if ((state & GDK_CONTROL_MASK) != 0) {
    x = CLAMP (x, KAIROS_TIME_AXIS_START, width - KAIROS_TIME_AXIS_END);
    kairos_time_axis_zoom_at (self->axis, pow (WHEEL_FACTOR, -dy * unit),
                              kairos_time_axis_to_time (self->axis, x, width));
    return GDK_EVENT_STOP;
  }
  if ((state & GDK_SHIFT_MASK) != 0 && dx == 0)
    dx = dy;
  if (dx == 0)
    return GDK_EVENT_PROPAGATE;
  kairos_time_axis_pan (self->axis, dx * unit * WHEEL_PAN * range);
  return GDK_EVENT_STOP;
}

void
kairos_timeline_drag_init (KairosTimelineLanes *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new (),
                     *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *click = gtk_gesture_click_new (), *menu = gtk_gesture_click_new ();

  self->before = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->drag = gtk_gesture_drag_new ();
  g_signal_connect_swapped (motion, "enter", G_CALLBACK (on_motion), self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (on_leave), self);
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (on_scroll), self);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (on_pressed), self);
  g_signal_connect_swapped (menu, "pressed", G_CALLBACK (on_menu), self);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (menu), GDK_BUTTON_SECONDARY);
  g_signal_connect_swapped (self->drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect_swapped (self->drag, "drag-update", G_CALLBACK (on_drag_update), self);
  g_signal_connect_swapped (self->drag, "drag-end", G_CALLBACK (on_drag_end), self);
  g_signal_connect_swapped (self->drag, "cancel", G_CALLBACK (on_cancel), self);
  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (menu));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (self->drag));
}

void
kairos_timeline_drag_clear (KairosTimelineLanes *self)
{
  g_clear_pointer (&self->refusal, g_free);
  self->mode = KAIROS_DRAG_NONE;
  g_clear_pointer (&self->before, g_array_unref);
}
