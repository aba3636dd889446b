/* SPDX-License-Identifier: MIT */

/* What the pointer and the verbs do to the points of a plot.
 *
 * Each motion starts from the points at the press, so nothing accumulates; the end of the drag hands them out, once.
 * What the past forbids is not shown; where nothing else came of the drag it is handed out all the same, so that
 * whoever takes edits says why not.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "timeline/kairos-curve-plot-private.h"
#include "timeline/kairos-timeline-lanes.h"

enum { REACH = 9, LINE_REACH = 8 }; /* pixels around a point, above and below the line */

#define POINT(array, i) g_array_index ((array), KairosPoint, (i))

static void
hand_out (KairosCurvePlot *self, GArray *points, const char *description, gboolean keyboard)
{
  g_autoptr (GArray) copy = g_array_copy (points); /* whoever takes it may give the plot new ones meanwhile */

  g_signal_emit (self, kairos_curve_plot_edit_signal, 0, copy, description, keyboard);
  kairos_curve_plot_show (self, self->points); /* what was made of it */
}

/* ---- What is under the pointer ---- */

/* The nearest point in reach; -1 for none. */
static int
point_at (KairosCurvePlot *self, double x, double y)
{
  double nearest = REACH;
  int found = -1;

  for (guint i = 0; i < self->shown->len; i++) {
    const KairosPoint *point = &POINT (self->shown, i);
    double distance = hypot (kairos_curve_plot_x (self, point->time) - x, kairos_curve_plot_y (self, point->value) - y);

    if (distance > nearest || !gtk_widget_get_child_visible (self->handles->pdata[i]))
      continue;
    nearest = distance;
    found = (int) i;
  }
  return found;
}

static gboolean
is_on_line (KairosCurvePlot *self, double x, double y)
{
  double left = kairos_curve_plot_x (self, self->since),
         right = kairos_curve_plot_x (self, self->since + self->to - self->from);

  if (self->shown->len == 0 || x < left || x > right)
    return FALSE;
  /* a steep line is met from the side */
  for (double near = MAX (left, x - 3); near <= MIN (right, x + 3); near += 3) {
    double time = self->since + (near - left) / (right - left) * (self->to - self->from);
    double value = kairos_curve_value ((const KairosPoint *) (gpointer) self->shown->data, self->shown->len, time);

    if (fabs (kairos_curve_plot_y (self, value) - y) <= LINE_REACH)
      return TRUE;
  }
  return FALSE;
}

/* ---- The drag ---- */

static void
end_drag (KairosCurvePlot *self)
{
  self->grabbed = -1;
  self->dragging = self->adds = FALSE;
  g_clear_pointer (&self->pressed, g_array_unref);
  g_clear_pointer (&self->refused, g_array_unref);
  gtk_widget_set_cursor (GTK_WIDGET (self), NULL);
}

gboolean
kairos_curve_drag_cancel (KairosCurvePlot *self)
{
  gboolean under_way = self->grabbed >= 0 && (self->dragging || self->adds);

  if (self->grabbed < 0)
    return FALSE;
  end_drag (self);
  kairos_curve_plot_show (self, self->points);
  gtk_gesture_set_state (self->drag, GTK_EVENT_SEQUENCE_DENIED);
  return under_way;
}

/* Takes points that are wanted: shows them, or keeps them as refused. */
static void
preview (KairosCurvePlot *self, GArray *points)
{
  gboolean allowed = kairos_curve_plot_allows (self, points);

  g_clear_pointer (&self->refused, g_array_unref);
  if (allowed)
    kairos_curve_plot_show (self, points);
  else
    self->refused = g_array_ref (points);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), allowed ? "grabbing" : "not-allowed");
}

static void
on_drag_begin (KairosCurvePlot *self, double x, double y)
{
  self->grabbed = -1;
  self->dragging = self->adds = FALSE;
  if (!self->param || self->points->len == 0)
    return;
  self->grabbed = point_at (self, x, y);
  self->pressed = g_array_copy (self->points);
  if (self->grabbed < 0 && is_on_line (self, x, y)) {
    double time = CLAMP (kairos_curve_plot_time_at (self, x), self->since, self->since + self->to - self->from);

    self->grabbed = (int) kairos_curve_insert (self->pressed, time, kairos_curve_plot_value_at (self, y));
    self->adds = self->added = TRUE;
    preview (self, self->pressed);
  }
  if (self->grabbed < 0)
    end_drag (self);
  else if (!self->refused)
    kairos_curve_plot_set_current (self, self->grabbed, TRUE);
}

static void
on_drag_update (KairosCurvePlot *self, double dx, double dy, GtkGesture *gesture)
{
  g_autoptr (GArray) moved = NULL;
  const KairosPoint *point;
  double time, value;

  if (self->grabbed < 0 || (!self->dragging && hypot (dx, dy) < KAIROS_TIMELINE_DRAG_THRESHOLD))
    return;
  self->dragging = TRUE;
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  point = &POINT (self->pressed, self->grabbed);
  time = dx != 0 ? kairos_curve_plot_time_at (self, kairos_curve_plot_x (self, point->time) + dx) : point->time;
  value = dy != 0 ? kairos_curve_plot_value_at (self, kairos_curve_plot_y (self, point->value) + dy) : point->value;
  moved = g_array_copy (self->pressed);
  kairos_curve_move (moved, self->grabbed, time, value, self->since, self->since + self->to - self->from);
  preview (self, moved);
}

static gboolean
is_shown_new (KairosCurvePlot *self)
{
  return self->shown->len != self->points->len ||
         memcmp (self->shown->data, self->points->data, self->shown->len * sizeof (KairosPoint)) != 0;
}

static void
on_drag_end (KairosCurvePlot *self)
{
  g_autoptr (GArray) result = NULL;
  const char *description = self->adds ? _ ("Add point") : _ ("Move point");

  if (self->grabbed < 0)
    return;
  if (is_shown_new (self))
    result = g_array_ref (self->shown);
  else if (self->refused)
    result = g_array_ref (self->refused);
  end_drag (self);
  if (result)
    hand_out (self, result, description, FALSE);
}

static void
on_cancel (KairosCurvePlot *self)
{
  kairos_curve_drag_cancel (self);
}

static void
remove_at (KairosCurvePlot *self, int index)
{
  g_autoptr (GArray) fewer = g_array_copy (self->points);

  /* the last one holds the curve; a button leads back to a shape */
  if (index < 0 || index >= (int) fewer->len || fewer->len == 1)
    return;
  g_array_remove_index (fewer, index);
  hand_out (self, fewer, _ ("Remove point"), FALSE);
}

/* The press that made a point is the first of a double click on the line, which is no wish to remove it. */
static void
on_pressed (KairosCurvePlot *self, int n_press, double x, double y)
{
  gboolean added = self->added;
  int index;

  if (n_press != 2) {
    self->added = self->adds;
    return;
  }
  self->added = FALSE;
  index = point_at (self, x, y);
  if (added || index < 0 || self->adds)
    return;
  kairos_curve_drag_cancel (self);
  remove_at (self, index);
}

static void
on_motion (KairosCurvePlot *self, double x, double y)
{
  if (self->grabbed < 0)
    gtk_widget_set_cursor_from_name (GTK_WIDGET (self),
                                     point_at (self, x, y) < 0 && is_on_line (self, x, y) ? "crosshair" : NULL);
}

/* ---- Verbs ---- */

void
kairos_curve_plot_move (KairosCurvePlot *self, double right, double up)
{
  g_autoptr (GArray) moved = g_array_copy (self->points);
  double length = self->to - self->from,
         height = kairos_curve_plot_y (self, self->low) - kairos_curve_plot_y (self, self->high);
  const KairosPoint *point;
  double time, value;

  if (self->grabbed >= 0 || self->current < 0 || self->current >= (int) moved->len)
    return;
  point = &POINT (moved, self->current);
  time = right != 0 ? kairos_curve_plot_time_at (self, kairos_curve_plot_x (self, point->time + right * length / 100))
                    : point->time;
  value = up != 0 ? kairos_curve_plot_value_at (self, kairos_curve_plot_y (self, point->value) - up * height / 100)
                  : point->value;
  kairos_curve_move (moved, self->current, time, value, self->since, self->since + length);
  hand_out (self, moved, _ ("Move point"), TRUE);
}

/* Behind the last one, and before the end of the clip, where there is no line behind. */
void
kairos_curve_plot_add (KairosCurvePlot *self)
{
  g_autoptr (GArray) more = g_array_copy (self->points);
  double end = self->since + self->to - self->from, from, to, time;
  int left = MAX (self->current, 0), index;

  if (self->grabbed >= 0 || more->len == 0)
    return;
  from = MAX (POINT (more, left).time, self->since);
  to = left + 1 < (int) more->len ? MIN (POINT (more, left + 1).time, end) : end;
  if (to - from < 2 * KAIROS_CURVE_GAP && left > 0) { /* the last one stands at the end */
    to = from;
    from = MAX (POINT (more, left - 1).time, self->since);
  }
  time = (from + to) / 2;
  if (to - from < 2 * KAIROS_CURVE_GAP)
    return;
  index = (int) kairos_curve_insert (more, time,
                                     kairos_curve_value ((const KairosPoint *) (gpointer) self->points->data,
                                                         self->points->len, time));
  hand_out (self, more, _ ("Add point"), FALSE);
  if (self->points->len == more->len)
    kairos_curve_plot_set_current (self, index, TRUE);
}

void
kairos_curve_plot_remove (KairosCurvePlot *self)
{
  if (self->grabbed < 0)
    remove_at (self, self->current);
}

/* ---- Controllers ---- */

void
kairos_curve_drag_init (KairosCurvePlot *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->grabbed = -1;
  self->drag = gtk_gesture_drag_new ();
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (on_pressed), self);
  g_signal_connect_swapped (self->drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect_swapped (self->drag, "drag-update", G_CALLBACK (on_drag_update), self);
  g_signal_connect_swapped (self->drag, "drag-end", G_CALLBACK (on_drag_end), self);
  g_signal_connect_swapped (self->drag, "cancel", G_CALLBACK (on_cancel), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (self->drag));
}

void
kairos_curve_drag_clear (KairosCurvePlot *self)
{
  end_drag (self);
}
