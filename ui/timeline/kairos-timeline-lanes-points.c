/* SPDX-License-Identifier: MIT */

/* The points of a curve in its lane: dragged, added to the line, removed.  What comes of it are values of the timeline,
 * as of every drag. */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "timeline/kairos-timeline-lanes-private.h"

enum { HARDLY = 3, GAP = 10, PADDING = 5 }; /* pixels: what is hardly moved up or down keeps its value */

#define POINT(array, i) g_array_index ((array), KairosPoint, (i))

static KairosTimeline *
with_points (KairosTimelineLanes *self, const KairosClip *clip, GArray *points, GError **error)
{
  return kairos_timeline_set_points (self->timeline, clip->id, (const KairosPoint *) (gpointer) points->data,
                                     points->len, error);
}

/* A hand that drags upwards does so a little to the side as well, which is no wish to snap to the grid; and the other
 * way round. */
KairosTimeline *
kairos_timeline_points_moved (KairosTimelineLanes *self, const KairosClip *clip, double dx, double dy, gboolean snap,
                              GError **error)
{
  KairosClipView *view = kairos_timeline_lanes_find (self, clip->id);
  double since, offset, by, width = gtk_widget_get_width (GTK_WIDGET (self));
  g_autoptr (GArray) points = kairos_clip_points (clip, &since);
  KairosPoint point;

  if (self->point < 0 || self->point >= (int) points->len)
    return kairos_timeline_ref (self->timeline);
  point = POINT (points, self->point);
  offset = clip->from - since;
  by = kairos_time_axis_to_time (self->axis, dx, width) - kairos_time_axis_to_time (self->axis, 0, width);
  if (fabs (dx) >= KAIROS_TIMELINE_DRAG_THRESHOLD)
    point.time = kairos_timeline_drag_target (self, point.time + offset + by, snap, NULL, 0) - offset;
  if (fabs (dy) >= HARDLY)
    point.value = kairos_clip_view_y_to_value (view, kairos_clip_view_value_to_y (view, point.value) + dy);
  kairos_curve_move (points, self->point, point.time, point.value, since, since + clip->to - clip->from);
  if (!isnan (self->guide) && fabs (POINT (points, self->point).time + offset - self->guide) > KAIROS_CURVE_GAP)
    self->guide = NAN; /* a neighbour was in the way */
  return with_points (self, clip, points, error);
}

gboolean
kairos_timeline_points_toggle (KairosTimelineLanes *self, const KairosClip *clip, double x, double y)
{
  KairosClipView *view = kairos_timeline_lanes_find (self, clip->id);
  g_autoptr (KairosTimeline) value = NULL;
  g_autoptr (GArray) points = NULL;
  graphene_point_t inside;
  double since, time;
  int index;

  if (!view || !gtk_widget_compute_point (GTK_WIDGET (self), GTK_WIDGET (view), &GRAPHENE_POINT_INIT (x, y), &inside))
    return FALSE;
  index = kairos_clip_view_point_at (view, inside.x, inside.y);
  if (index < 0 && !kairos_clip_view_line_at (view, inside.x, inside.y))
    return FALSE;
  points = kairos_clip_points (clip, &since);
  if (index >= 0 && points->len == 1)
    return FALSE; /* without it there would be no curve */
  if (index >= 0)
    g_array_remove_index (points, index);
  else {
    time = kairos_timeline_drag_target (self, kairos_clip_view_x_to_time (view, inside.x), FALSE, NULL, 0) -
           clip->from + since;
    kairos_curve_insert (points, CLAMP (time, since, since + clip->to - clip->from),
                         kairos_clip_view_y_to_value (view, inside.y));
  }
  value = with_points (self, clip, points, NULL);
  if (value)
    g_signal_emit (self, kairos_timeline_lanes_edit_signal, 0, value,
                   index >= 0 ? _ ("Remove point") : _ ("Add point"));
  return TRUE;
}

/* ---- While it is dragged ---- */

static void
draw_label (KairosTimelineLanes *self, GtkSnapshot *snapshot, const char *text, double x, double y)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  GtkStyleContext *context = gtk_widget_get_style_context (GTK_WIDGET (self));
  GdkRGBA back = { 1, 1, 1, 1 }, color;
  GskRoundedRect round;
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  if (x + GAP + width + 2 * PADDING > gtk_widget_get_width (GTK_WIDGET (self)))
    x -= 2 * GAP + width + 2 * PADDING;
  y = CLAMP (y - height / 2.0, 1, MAX (1, gtk_widget_get_height (GTK_WIDGET (self)) - height - 1));
  gtk_style_context_get_color (context, &color);
  gtk_style_context_lookup_color (context, "popover_bg_color", &back);
  gsk_rounded_rect_init_from_rect (&round,
                                   &GRAPHENE_RECT_INIT (floor (x + GAP), floor (y), width + 2 * PADDING, height), 4);
  gtk_snapshot_push_rounded_clip (snapshot, &round);
  gtk_snapshot_append_color (snapshot, &back, &round.bounds);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_append_border (snapshot, &round, (float[4]){ 1, 1, 1, 1 }, (GdkRGBA[4]){ color, color, color, color });
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (floor (x + GAP) + PADDING, floor (y)));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

void
kairos_timeline_points_draw (KairosTimelineLanes *self, GtkSnapshot *snapshot)
{
  KairosClipView *view =
      self->mode == KAIROS_DRAG_POINT && self->dragging ? kairos_timeline_lanes_find (self, self->grabbed) : NULL;
  g_autoptr (GArray) points = NULL;
  g_autofree char *text = NULL;
  graphene_point_t place;
  const KairosClip *clip;
  KairosPoint point;
  double since;

  if (!view)
    return;
  clip = kairos_clip_view_get_clip (view);
  points = kairos_clip_points (clip, &since);
  if (self->point >= (int) points->len)
    return;
  point = POINT (points, self->point);
  point.time += clip->from - since;
  text = g_strdup_printf (_ ("epoch %.5g: %.4g"), point.time, point.value);
  if (gtk_widget_compute_point (GTK_WIDGET (view), GTK_WIDGET (self),
                                &GRAPHENE_POINT_INIT (kairos_clip_view_time_to_x (view, point.time),
                                                      kairos_clip_view_value_to_y (view, point.value)),
                                &place))
    draw_label (self, snapshot, text, place.x, place.y);
}
