/* SPDX-License-Identifier: MIT */

/* Layout, drawing, selection and focus.  The pointer is in kairos-timeline-lanes-drag.c, samples dropped here in
 * kairos-timeline-lanes-drop.c. */
#include "config.h"

#include "timeline/kairos-timeline-lanes-private.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#include "plots/kairos-ticks.h"
#include "timeline/kairos-track-header.h"

enum { CLIP_MARGIN = 2, MIN_WIDTH = 8, OVERHANG = 4, GRID_PARTS = 5 };
enum { PROP_0, PROP_SNAP, N_PROPS };

static GParamSpec *properties[N_PROPS];
static guint selection_signal;
guint kairos_timeline_lanes_edit_signal, kairos_timeline_lanes_open_signal;

G_DEFINE_FINAL_TYPE (KairosTimelineLanes, kairos_timeline_lanes, GTK_TYPE_WIDGET)

static guint
n_tracks (KairosTimelineLanes *self)
{
  return self->shown ? kairos_timeline_get_n_tracks (self->shown) : 0;
}

/* ---- Headers ---- */

static void
show_headers (KairosTimelineLanes *self)
{
  guint n = n_tracks (self);

  while (self->headers->len > n) {
    gtk_widget_unparent (self->headers->pdata[self->headers->len - 1]);
    g_ptr_array_set_size (self->headers, self->headers->len - 1);
  }
  while (self->headers->len < n) {
    GtkWidget *header = kairos_track_header_new (self->headers->len);

    gtk_widget_set_parent (header, GTK_WIDGET (self));
    g_ptr_array_add (self->headers, header);
  }
  for (guint i = 0; i < n; i++)
    kairos_track_header_show (self->headers->pdata[i], kairos_timeline_get_track (self->shown, i));
}

GtkWidget *
kairos_timeline_lanes_get_header (KairosTimelineLanes *self, guint track)
{
  return track < self->headers->len ? self->headers->pdata[track] : NULL;
}

/* ---- Clips ---- */

/* Each move costs a layout of the window.  So one that a drag took past others, and that now stands in the way, waits
 * for its own turn: else all that it passed would move before it, one by one.  before: NULL for the first. */
static void
put_after (KairosTimelineLanes *self, GtkWidget *view, GtkWidget *before)
{
  GtkWidget *next = before ? gtk_widget_get_next_sibling (before) : gtk_widget_get_first_child (GTK_WIDGET (self));

  if (next != view && (!next || !KAIROS_IS_CLIP_VIEW (next) || gtk_widget_get_next_sibling (next) != view))
    gtk_widget_insert_after (view, GTK_WIDGET (self), before);
}

/* Behind (that is, above) the one that begins before it, so that a long clip does not hide a later one.  Returns it. */
static GtkWidget *
show_clip (KairosTimelineLanes *self, const KairosClip *clip, gboolean audible, GtkWidget *before, GHashTable *gone)
{
  gpointer id = GUINT_TO_POINTER (clip->id);
  KairosClipView *view = g_hash_table_lookup (self->clips, id);

  if (!view) {
    view = KAIROS_CLIP_VIEW (kairos_clip_view_new ());
    kairos_clip_view_set_clip (view, self->shown, clip, audible && !clip->muted);
    gtk_widget_set_parent (GTK_WIDGET (view), GTK_WIDGET (self));
    g_hash_table_insert (self->clips, id, view);
  } else
    kairos_clip_view_set_clip (view, self->shown, clip, audible && !clip->muted);
  put_after (self, GTK_WIDGET (view), before);
  kairos_clip_view_set_selected (view, kairos_timeline_lanes_is_selected (self, clip->id));
  g_hash_table_remove (gone, id);
  return GTK_WIDGET (view);
}

static void
remove_clips (KairosTimelineLanes *self, GHashTable *gone)
{
  GHashTableIter iter;
  gpointer id, view;

  g_hash_table_iter_init (&iter, gone);
  while (g_hash_table_iter_next (&iter, &id, &view)) {
    g_hash_table_remove (self->clips, id);
    gtk_widget_unparent (view);
  }
}

void
kairos_timeline_lanes_show (KairosTimelineLanes *self, KairosTimeline *timeline)
{
  g_autoptr (GHashTable) gone = g_hash_table_new (NULL, NULL);
  KairosTimeline *before = self->shown;
  GtkWidget *last = NULL;
  GHashTableIter iter;
  gpointer id, view;

  self->shown = timeline ? kairos_timeline_ref (timeline) : NULL;
  g_hash_table_iter_init (&iter, self->clips);
  while (g_hash_table_iter_next (&iter, &id, &view))
    g_hash_table_insert (gone, id, view);
  for (guint i = 0; i < n_tracks (self); i++) {
    const KairosTrack *track = kairos_timeline_get_track (self->shown, i);

    for (guint j = 0; j < track->n_clips; j++)
      last = show_clip (self, track->clips[j], kairos_timeline_is_audible (self->shown, i), last, gone);
  }
  remove_clips (self, gone);
  if (!before || !self->shown || self->headers->len != n_tracks (self) || self->mode == KAIROS_DRAG_NONE)
    show_headers (self);
  if (!before || !self->shown || kairos_timeline_get_n_tracks (before) != n_tracks (self))
    gtk_widget_queue_resize (GTK_WIDGET (self));
  else
    /* a resize would lay out the whole window, for every motion of a drag */
    gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
  kairos_timeline_unref (before);
}

void
kairos_timeline_lanes_set_timeline (KairosTimelineLanes *self, KairosTimeline *timeline)
{
  KairosTimeline *before = self->timeline;
  guint n;

  kairos_timeline_drag_cancel (self);
  self->timeline = timeline ? kairos_timeline_ref (timeline) : NULL;
  kairos_timeline_unref (before);
  kairos_timeline_lanes_show (self, timeline);
  kairos_timeline_lanes_get_selection (self, &n);
  g_signal_emit (self, selection_signal, 0);
}

KairosClipView *
kairos_timeline_lanes_find (KairosTimelineLanes *self, guint32 id)
{
  return g_hash_table_lookup (self->clips, GUINT_TO_POINTER (id));
}

/* ---- Selection ---- */

gboolean
kairos_timeline_lanes_is_selected (KairosTimelineLanes *self, guint32 id)
{
  for (guint i = 0; i < self->selection->len; i++)
    if (g_array_index (self->selection, guint32, i) == id)
      return TRUE;
  return FALSE;
}

void
kairos_timeline_lanes_select (KairosTimelineLanes *self, const guint32 *ids, guint n)
{
  g_autoptr (GArray) before = self->selection;
  GHashTableIter iter;
  gpointer id, view;

  self->selection = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_append_vals (self->selection, ids, n);
  g_hash_table_iter_init (&iter, self->clips);
  while (g_hash_table_iter_next (&iter, &id, &view))
    kairos_clip_view_set_selected (view, kairos_timeline_lanes_is_selected (self, GPOINTER_TO_UINT (id)));
  g_signal_emit (self, selection_signal, 0);
}

const guint32 *
kairos_timeline_lanes_get_selection (KairosTimelineLanes *self, guint *n)
{
  for (guint i = self->selection->len; i-- > 0;)
    if (!self->timeline || !kairos_timeline_find (self->timeline, g_array_index (self->selection, guint32, i), NULL))
      g_array_remove_index (self->selection, i);
  *n = self->selection->len;
  return (const guint32 *) (gpointer) self->selection->data;
}

/* ---- Time and pixels ---- */

double
kairos_timeline_lanes_get_grid (KairosTimelineLanes *self)
{
  KairosTicks ticks;

  kairos_ticks_linear (&ticks, kairos_time_axis_get_from (self->axis), kairos_time_axis_get_to (self->axis),
                       (gtk_widget_get_width (GTK_WIDGET (self)) - KAIROS_TIME_AXIS_START - KAIROS_TIME_AXIS_END) /
                           KAIROS_TIME_AXIS_TICK);
  return ticks.step / GRID_PARTS;
}

double
kairos_timeline_lanes_get_pointer (KairosTimelineLanes *self)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));

  if (!(self->pointer_x >= KAIROS_TIME_AXIS_START && self->pointer_x <= width - KAIROS_TIME_AXIS_END))
    return NAN;
  return kairos_time_axis_to_time (self->axis, self->pointer_x, width);
}

static void
consider (double candidate, double reach, double time, double *best)
{
  if (fabs (candidate - time) <= reach && (isnan (*best) || fabs (candidate - time) < fabs (*best - time)))
    *best = candidate;
}

static gboolean
is_among (const guint32 *ids, guint n, guint32 id)
{
  for (guint i = 0; i < n; i++)
    if (ids[i] == id)
      return TRUE;
  return FALSE;
}

gboolean
kairos_timeline_lanes_snap (KairosTimelineLanes *self, const guint32 *but, guint n, double *time)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)), grid = kairos_timeline_lanes_get_grid (self), best = NAN;
  double reach = kairos_time_axis_to_time (self->axis, KAIROS_TIMELINE_SNAP, width) -
                 kairos_time_axis_to_time (self->axis, 0, width);

  for (guint i = 0; i < kairos_timeline_get_n_tracks (self->timeline); i++) {
    const KairosTrack *track = kairos_timeline_get_track (self->timeline, i);

    for (guint j = 0; j < track->n_clips; j++)
      if (!is_among (but, n, track->clips[j]->id)) {
        consider (track->clips[j]->from, reach, *time, &best);
        consider (track->clips[j]->to, reach, *time, &best);
      }
  }
  if (isnan (best))
    consider (kairos_time_axis_get_now (self->axis), reach, *time, &best);
  if (isnan (best))
    consider (round (*time / grid) * grid, reach, *time, &best);
  if (isnan (best))
    return FALSE;
  *time = best;
  return TRUE;
}

gboolean
kairos_timeline_lanes_extent (KairosTimelineLanes *self, const KairosClip *clip, double *x, double *end)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)), right = width - KAIROS_TIME_AXIS_END;

  *x = kairos_time_axis_to_x (self->axis, clip->from, width);
  *end = kairos_time_axis_to_x (self->axis, clip->to, width);
  if (clip->kind->event) {
    *x -= KAIROS_CLIP_VIEW_DIAMOND;
    *end += KAIROS_CLIP_VIEW_DIAMOND;
    return *end > KAIROS_TIME_AXIS_START && *x < right;
  }
  *end = MAX (*end, *x + MIN_WIDTH);
  if (*end <= KAIROS_TIME_AXIS_START || *x >= right)
    return FALSE;
  *x = MAX (*x, KAIROS_TIME_AXIS_START - OVERHANG);
  *end = MIN (*end, right + OVERHANG);
  return TRUE;
}

/* ---- Layout ---- */

static void
kairos_timeline_lanes_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                               int *minimum_baseline, int *natural_baseline)
{
  KairosTimelineLanes *self = KAIROS_TIMELINE_LANES (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = *natural = KAIROS_TIME_AXIS_START + KAIROS_TIME_AXIS_END + 100;
  else
    *minimum = *natural = n_tracks (self) * KAIROS_TIMELINE_LANE;
}

static void
place_clip (KairosTimelineLanes *self, const KairosTrack *track, guint index, int y, double *taken)
{
  const KairosClip *clip = track->clips[index];
  KairosClipView *view = kairos_timeline_lanes_find (self, clip->id);
  double x, end, width = gtk_widget_get_width (GTK_WIDGET (self)), next;

  gtk_widget_set_child_visible (GTK_WIDGET (view), kairos_timeline_lanes_extent (self, clip, &x, &end));
  if (!gtk_widget_get_child_visible (GTK_WIDGET (view)))
    return;
  if (clip->kind->event) { /* those of one instant stand side by side; labels have what is left until the next */
    double length = kairos_clip_view_get_natural_width (view), room = width - KAIROS_TIME_AXIS_END;

    x = MAX (x, *taken);
    next = index + 1 < track->n_clips
               ? kairos_time_axis_to_x (self->axis, track->clips[index + 1]->from, width) - KAIROS_CLIP_VIEW_DIAMOND
               : room;
    end = MAX (x + 2 * KAIROS_CLIP_VIEW_DIAMOND, MIN (x + length, MIN (next, room)));
    *taken = x + 2 * KAIROS_CLIP_VIEW_DIAMOND;
  }
  kairos_clip_view_set_range (view, kairos_time_axis_to_time (self->axis, x, width),
                              kairos_time_axis_to_time (self->axis, end, width));
  gtk_widget_size_allocate (GTK_WIDGET (view),
                            &(GtkAllocation){ floor (x), y + CLIP_MARGIN, MAX (1, floor (end) - floor (x)),
                                              KAIROS_TIMELINE_LANE - 2 * CLIP_MARGIN },
                            -1);
}

static void
kairos_timeline_lanes_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  KairosTimelineLanes *self = KAIROS_TIMELINE_LANES (widget);

  for (guint i = 0; i < n_tracks (self); i++) {
    const KairosTrack *track = kairos_timeline_get_track (self->shown, i);
    double taken = -G_MAXDOUBLE;
    int header;

    gtk_widget_measure (self->headers->pdata[i], GTK_ORIENTATION_VERTICAL, -1, &header, NULL, NULL, NULL);
    header = MAX (header, KAIROS_TIMELINE_LANE);
    gtk_widget_size_allocate (self->headers->pdata[i],
                              &(GtkAllocation){ 0, i * KAIROS_TIMELINE_LANE + (KAIROS_TIMELINE_LANE - header) / 2,
                                                KAIROS_TIME_AXIS_START - 4, header },
                              -1);
    for (guint j = 0; j < track->n_clips; j++)
      place_clip (self, track, j, i * KAIROS_TIMELINE_LANE, &taken);
  }
}

/* ---- Drawing ---- */

static GdkRGBA
tint (GtkWidget *widget, double alpha)
{
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  color.alpha *= alpha;
  return color;
}

static double
playhead_x (KairosTimelineLanes *self)
{
  double now = kairos_time_axis_get_now (self->axis);

  if (!(kairos_time_axis_get_length (self->axis) > 0) || now < kairos_time_axis_get_from (self->axis))
    return NAN;
  return floor (kairos_time_axis_to_x (self->axis, now, gtk_widget_get_width (GTK_WIDGET (self))));
}

static void
draw_grid (KairosTimelineLanes *self, GtkSnapshot *snapshot, int width, int height)
{
  GdkRGBA line = tint (GTK_WIDGET (self), 0.08);
  KairosTicks ticks;

  kairos_ticks_linear (&ticks, kairos_time_axis_get_from (self->axis), kairos_time_axis_get_to (self->axis),
                       (width - KAIROS_TIME_AXIS_START - KAIROS_TIME_AXIS_END) / KAIROS_TIME_AXIS_TICK);
  for (int i = 0; i < ticks.n; i++)
    gtk_snapshot_append_color (snapshot, &line,
                               &GRAPHENE_RECT_INIT (floor (kairos_time_axis_to_x (self->axis, ticks.at[i], width)), 0,
                                                    1, height));
  for (guint i = 1; i <= n_tracks (self); i++)
    gtk_snapshot_append_color (snapshot, &line, &GRAPHENE_RECT_INIT (0, i * KAIROS_TIMELINE_LANE - 1, width, 1));
}

/* Over the clips: what was cannot be changed. */
static void
draw_past (KairosTimelineLanes *self, GtkSnapshot *snapshot, int width, int height)
{
  double x = playhead_x (self), end = MIN (x, width - KAIROS_TIME_AXIS_END);
  GdkRGBA veil = { 0.5, 0.5, 0.5, 0.18 }, line = tint (GTK_WIDGET (self), 0.10);

  self->drawn_x = x;
  if (isnan (x))
    return;
  if (end > KAIROS_TIME_AXIS_START) {
    graphene_rect_t past = GRAPHENE_RECT_INIT (KAIROS_TIME_AXIS_START, 0, end - KAIROS_TIME_AXIS_START, height);
    const GskColorStop stops[] = { { 0, line }, { 0.15, line }, { 0.15, { 0, 0, 0, 0 } }, { 1, { 0, 0, 0, 0 } } };

    gtk_snapshot_append_color (snapshot, &veil, &past);
    gtk_snapshot_append_repeating_linear_gradient (snapshot, &past, &GRAPHENE_POINT_INIT (0, 0),
                                                   &GRAPHENE_POINT_INIT (6, 6), stops, G_N_ELEMENTS (stops));
  }
  if (x <= width - KAIROS_TIME_AXIS_END) {
    GdkRGBA color = adw_style_manager_get_dark (adw_style_manager_get_default ()) ? (GdkRGBA){ 0.965, 0.380, 0.318, 1 }
                                                                                  : (GdkRGBA){ 0.878, 0.106, 0.141, 1 };
    gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT (x - 1, 0, 2, height));
  }
}

static void
draw_drag (KairosTimelineLanes *self, GtkSnapshot *snapshot, int width, int height)
{
  GdkRGBA color = { 0.21, 0.52, 0.89, 1 };

  gtk_style_context_lookup_color (gtk_widget_get_style_context (GTK_WIDGET (self)), "accent_color", &color);
  if (self->dragging && !isnan (self->guide))
    gtk_snapshot_append_color (snapshot, &color,
                               &GRAPHENE_RECT_INIT (floor (kairos_time_axis_to_x (self->axis, self->guide, width)), 0,
                                                    1, height));
  kairos_timeline_points_draw (self, snapshot);
  if (!self->dragging || self->mode != KAIROS_DRAG_MARQUEE)
    return;
  color.alpha = 0.15;
  gtk_snapshot_append_color (snapshot, &color,
                             &GRAPHENE_RECT_INIT (self->marquee.x, self->marquee.y, self->marquee.width,
                                                  self->marquee.height));
}

static void
kairos_timeline_lanes_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  KairosTimelineLanes *self = KAIROS_TIMELINE_LANES (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);

  draw_grid (self, snapshot, width, height);
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (KAIROS_TIME_AXIS_START - 1, 0,
                                                         width - KAIROS_TIME_AXIS_START + 1, height));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child))
    if (KAIROS_IS_CLIP_VIEW (child))
      gtk_widget_snapshot_child (widget, child, snapshot);
  draw_past (self, snapshot, width, height);
  gtk_snapshot_pop (snapshot);
  for (guint i = 0; i < self->headers->len; i++)
    gtk_widget_snapshot_child (widget, self->headers->pdata[i], snapshot);
  draw_drag (self, snapshot, width, height);
}

/* Only when it comes to stand on another pixel. */
static void
on_now_changed (KairosTimelineLanes *self)
{
  double x = playhead_x (self);

  if (x != self->drawn_x && !(isnan (x) && isnan (self->drawn_x)))
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_range_changed (KairosTimelineLanes *self)
{
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
kairos_timeline_lanes_set_axis (KairosTimelineLanes *self, KairosTimeAxis *axis)
{
  if (self->axis) {
    g_signal_handlers_disconnect_by_func (self->axis, on_now_changed, self);
    g_signal_handlers_disconnect_by_func (self->axis, on_range_changed, self);
  }
  g_set_object (&self->axis, axis);
  g_signal_connect_object (axis, "notify::now", G_CALLBACK (on_now_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (axis, "changed", G_CALLBACK (on_range_changed), self, G_CONNECT_SWAPPED);
  on_range_changed (self);
}

/* ---- Focus ---- */

static void
bring_into_view (KairosTimelineLanes *self, const KairosClip *clip)
{
  double from = kairos_time_axis_get_from (self->axis), to = kairos_time_axis_get_to (self->axis);

  if (clip->from < from || clip->from >= to)
    kairos_time_axis_pan (self->axis, clip->from - (from + 0.1 * (to - from)));
}

void
kairos_timeline_lanes_focus_clip (KairosTimelineLanes *self, guint32 id)
{
  KairosClipView *view = kairos_timeline_lanes_find (self, id);

  if (!view)
    return;
  bring_into_view (self, kairos_clip_view_get_clip (view));
  gtk_widget_set_child_visible (GTK_WIDGET (view), TRUE); /* at once: what is not cannot have the focus */
  gtk_widget_grab_focus (GTK_WIDGET (view));
}

/* The clip after (or before) the one with the focus, by track, then time; 0 at the end. */
static guint32
neighbour (KairosTimelineLanes *self, guint32 id, gboolean forward)
{
  guint32 last = 0;
  gboolean passed = id == 0;

  for (guint i = 0; i < n_tracks (self); i++) {
    const KairosTrack *track = kairos_timeline_get_track (self->shown, i);

    for (guint j = 0; j < track->n_clips; j++) {
      guint32 here = track->clips[j]->id;

      if (forward && passed)
        return here;
      if (here == id && !forward)
        return last;
      passed |= here == id;
      last = here;
    }
  }
  return forward || id != 0 ? 0 : last;
}

/* The track whose header has the focus; -1: none. */
static int
focused_header (KairosTimelineLanes *self, GtkWidget *focus)
{
  for (guint i = 0; focus && i < self->headers->len; i++)
    if (gtk_widget_is_ancestor (focus, self->headers->pdata[i]))
      return (int) i;
  return -1;
}

static gboolean
focus_headers (KairosTimelineLanes *self, int first, GtkDirectionType direction)
{
  int step = direction == GTK_DIR_TAB_FORWARD ? 1 : -1;

  for (int i = first; i >= 0 && i < (int) self->headers->len; i += step)
    if (gtk_widget_child_focus (self->headers->pdata[i], direction))
      return TRUE;
  return FALSE;
}

static gboolean
focus_neighbour (KairosTimelineLanes *self, guint32 of, gboolean forward)
{
  guint32 id = neighbour (self, of, forward);

  if (id == 0)
    return FALSE;
  kairos_timeline_lanes_select (self, &id, 1);
  kairos_timeline_lanes_focus_clip (self, id);
  return TRUE;
}

/* The clips, then the headers; backwards the other way. */
static gboolean
kairos_timeline_lanes_focus (GtkWidget *widget, GtkDirectionType direction)
{
  KairosTimelineLanes *self = KAIROS_TIMELINE_LANES (widget);
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (widget));
  gboolean inside = focus && KAIROS_IS_CLIP_VIEW (focus) && gtk_widget_get_parent (focus) == widget;
  guint32 clip = inside ? kairos_clip_view_get_clip (KAIROS_CLIP_VIEW (focus))->id : 0;
  int header = focused_header (self, focus);

  if (direction == GTK_DIR_TAB_FORWARD)
    return (header < 0 && focus_neighbour (self, clip, TRUE)) || focus_headers (self, MAX (header, 0), direction);
  if (direction == GTK_DIR_TAB_BACKWARD)
    return (!inside && focus_headers (self, header < 0 ? (int) self->headers->len - 1 : header, direction)) ||
           focus_neighbour (self, clip, FALSE);
  return GTK_WIDGET_CLASS (kairos_timeline_lanes_parent_class)->focus (widget, direction);
}

/* ---- The widget ---- */

static void
kairos_timeline_lanes_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SNAP)
    g_value_set_boolean (value, KAIROS_TIMELINE_LANES (object)->snap);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kairos_timeline_lanes_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  KairosTimelineLanes *self = KAIROS_TIMELINE_LANES (object);

  if (id != PROP_SNAP) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  if (self->snap == g_value_get_boolean (value))
    return;
  self->snap = g_value_get_boolean (value);
  g_object_notify_by_pspec (object, pspec);
}

static void
kairos_timeline_lanes_dispose (GObject *object)
{
  KairosTimelineLanes *self = KAIROS_TIMELINE_LANES (object);
  GtkWidget *child;

  kairos_timeline_drag_clear (self);
  g_hash_table_remove_all (self->clips);
  g_ptr_array_set_size (self->headers, 0);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);
  g_clear_object (&self->axis);
  g_clear_pointer (&self->timeline, kairos_timeline_unref);
  g_clear_pointer (&self->shown, kairos_timeline_unref);
  G_OBJECT_CLASS (kairos_timeline_lanes_parent_class)->dispose (object);
}

static void
kairos_timeline_lanes_finalize (GObject *object)
{
  KairosTimelineLanes *self = KAIROS_TIMELINE_LANES (object);

  g_hash_table_unref (self->clips);
  g_ptr_array_unref (self->headers);
  g_array_unref (self->selection);
  G_OBJECT_CLASS (kairos_timeline_lanes_parent_class)->finalize (object);
}

/* Takes a drag back, or else the selection. */
static gboolean
on_escape (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  KairosTimelineLanes *self = KAIROS_TIMELINE_LANES (widget);

  if (!kairos_timeline_drag_cancel (self))
    kairos_timeline_lanes_select (self, NULL, 0);
  return GDK_EVENT_STOP;
}

/* The menu of the clip that has the focus. */
static gboolean
on_menu_key (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (widget));
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (KAIROS_TIME_AXIS_START, 0, 0, 0);

  if (focus && KAIROS_IS_CLIP_VIEW (focus))
    (void) !gtk_widget_compute_bounds (focus, widget, &bounds);
  g_signal_emit_by_name (widget, "menu", (double) bounds.origin.x, (double) bounds.origin.y + bounds.size.height);
  return GDK_EVENT_STOP;
}

/* The verbs are actions of the panel around the lanes. */
static void
bind_keys (GtkWidgetClass *klass)
{
  static const struct {
    guint key;
    GdkModifierType modifiers;
    const char *action;
    double by;
  } keys[] = {
    { GDK_KEY_s, 0, "timeline.split", 0 },
    { GDK_KEY_d, GDK_CONTROL_MASK, "timeline.duplicate", 0 },
    { GDK_KEY_Delete, 0, "timeline.delete", 0 },
    { GDK_KEY_BackSpace, 0, "timeline.delete", 0 },
    { GDK_KEY_x, GDK_CONTROL_MASK, "timeline.cut", 0 },
    { GDK_KEY_c, GDK_CONTROL_MASK, "timeline.copy", 0 },
    { GDK_KEY_v, GDK_CONTROL_MASK, "timeline.paste", 0 },
    { GDK_KEY_m, 0, "timeline.mute", 0 },
    { GDK_KEY_a, GDK_CONTROL_MASK, "timeline.select-all", 0 },
    { GDK_KEY_b, 0, "timeline.branch", 0 },
    { GDK_KEY_Return, 0, "timeline.edit", 0 },
    { GDK_KEY_KP_Enter, 0, "timeline.edit", 0 },
    { GDK_KEY_plus, 0, "timeline.zoom-in", 0 },
    { GDK_KEY_equal, 0, "timeline.zoom-in", 0 },
    { GDK_KEY_KP_Add, 0, "timeline.zoom-in", 0 },
    { GDK_KEY_minus, 0, "timeline.zoom-out", 0 },
    { GDK_KEY_KP_Subtract, 0, "timeline.zoom-out", 0 },
    { GDK_KEY_0, 0, "timeline.fit", 0 },
    { GDK_KEY_Left, 0, "timeline.nudge", -1 },
    { GDK_KEY_Right, 0, "timeline.nudge", 1 },
    { GDK_KEY_Left, GDK_SHIFT_MASK, "timeline.nudge", -GRID_PARTS },
    { GDK_KEY_Right, GDK_SHIFT_MASK, "timeline.nudge", GRID_PARTS },
    { GDK_KEY_Left, GDK_ALT_MASK, "timeline.stretch", -1 },
    { GDK_KEY_Right, GDK_ALT_MASK, "timeline.stretch", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (keys[i].by != 0)
      gtk_widget_class_add_binding_action (klass, keys[i].key, keys[i].modifiers, keys[i].action, "d", keys[i].by);
    else
      gtk_widget_class_add_binding_action (klass, keys[i].key, keys[i].modifiers, keys[i].action, NULL);
  gtk_widget_class_add_binding (klass, GDK_KEY_Escape, 0, on_escape, NULL);
  gtk_widget_class_add_binding (klass, GDK_KEY_Menu, 0, on_menu_key, NULL);
  gtk_widget_class_add_binding (klass, GDK_KEY_F10, GDK_SHIFT_MASK, on_menu_key, NULL);
}

static void
kairos_timeline_lanes_class_init (KairosTimelineLanesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GType type = KAIROS_TYPE_TIMELINE_LANES;

  object_class->get_property = kairos_timeline_lanes_get_property;
  object_class->set_property = kairos_timeline_lanes_set_property;
  object_class->dispose = kairos_timeline_lanes_dispose;
  object_class->finalize = kairos_timeline_lanes_finalize;
  widget_class->measure = kairos_timeline_lanes_measure;
  widget_class->size_allocate = kairos_timeline_lanes_size_allocate;
  widget_class->snapshot = kairos_timeline_lanes_snapshot;
  widget_class->focus = kairos_timeline_lanes_focus;
  properties[PROP_SNAP] = g_param_spec_boolean ("snap", NULL, NULL, TRUE,
                                                G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  kairos_timeline_lanes_edit_signal = g_signal_new ("edit", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                                    2, G_TYPE_POINTER, G_TYPE_STRING);
  kairos_timeline_lanes_open_signal =
      g_signal_new ("open", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("menu", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
  g_signal_new ("refused", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  selection_signal = g_signal_new ("selection-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  bind_keys (widget_class);
  gtk_widget_class_set_css_name (widget_class, "lanes");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GRID);
}

static void
kairos_timeline_lanes_init (KairosTimelineLanes *self)
{
  g_autoptr (KairosTimeAxis) axis = kairos_time_axis_new ();

  self->clips = g_hash_table_new (NULL, NULL);
  self->headers = g_ptr_array_new ();
  self->selection = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->snap = TRUE;
  self->drawn_x = self->guide = self->pointer_x = NAN;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Timeline"), -1);
  kairos_timeline_lanes_set_axis (self, axis);
  kairos_timeline_drag_init (self);
  kairos_timeline_drop_init (self);
}
