/* SPDX-License-Identifier: MIT */

/* One clip.  Outlines are the style sheet's; drawn by hand are its ground in the colour of its track, the diamond of an
 * event, the curve of an automation with its points and the red dot of what was recorded.
 */
#include "config.h"

#include "timeline/kairos-clip-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <kairos/preview.h>
#include <math.h>

enum {
  PADDING = 6,
  DOT = 4,
  CORNER = 5, /* as the outlines have in the style sheet */
  LABEL_MIN = 22,
  CURVE_POINTS = 256,
  CURVE_MARGIN = 4,
  HANDLE = 4,
  REACH = 7,
  LINE_REACH = 4,
  CURVE_WIDTH = 24
};

struct _KairosClipView {
  GtkWidget parent_instance;
  KairosTimeline *timeline;
  const KairosClip *clip; /* in timeline */
  GtkWidget *label;
  double from, to; /* times at the edges */
  GArray *points;  /* of its curve, in epochs; NULL: it has none */
  double scale;    /* the value that is as high as the clip */
  gboolean held;   /* it stays, whatever the curve does */
};

G_DEFINE_FINAL_TYPE (KairosClipView, kairos_clip_view, GTK_TYPE_WIDGET)

/* ---- What it shows ---- */

/* Hues that differ in lightness too; every clip says in words what it is. */
static const struct {
  const char *track;
  guint32 light, dark; /* 0xrrggbb */
} palette[] = {
  { "Data", 0xf8e45c, 0xe5d150 },         { "Labels", 0xf5b8d0, 0xdd9dba },         { "Deficits", 0xdc9ae6, 0xc583d0 },
  { "Augmentation", 0x8fe0cf, 0x6fc5b3 }, { "Regularisation", 0x99c1f1, 0x7ba9e0 }, { "Rate", 0xc6c5c3, 0xa5a4a2 },
  { "Momentum", 0xd9d5cc, 0xb8b4ab },     { "Noise", 0xffbe6f, 0xeba856 },          { "Weights", 0xcdab8f, 0xb8977c },
  { "Gradient", 0xb5d68c, 0x9abf70 },     { "Events", 0xa51d2d, 0xff7b7b },
};

GdkRGBA
kairos_clip_view_color (const KairosKind *kind)
{
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());

  for (guint i = 0; i < G_N_ELEMENTS (palette); i++)
    if (g_str_equal (palette[i].track, kind->track)) {
      guint32 rgb = dark ? palette[i].dark : palette[i].light;

      return (GdkRGBA){ (rgb >> 16) / 255.0, (rgb >> 8 & 0xff) / 255.0, (rgb & 0xff) / 255.0, 1 };
    }
  return (GdkRGBA){ 0.5, 0.5, 0.5, 1 };
}

static void
set_class (KairosClipView *self, const char *class, gboolean on)
{
  if (on)
    gtk_widget_add_css_class (GTK_WIDGET (self), class);
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), class);
}

static char *
description_of (const KairosClip *clip, const char *label, gboolean audible)
{
  return g_strconcat (label, clip->recorded ? _ (", recorded by hand") : "", audible ? "" : _ (", muted"), NULL);
}

static void
describe (KairosClipView *self, gboolean audible)
{
  g_autofree char *label = kairos_clip_label (self->clip), *name = kairos_clip_describe (self->clip);
  g_autofree char *text = description_of (self->clip, label, audible);

  gtk_label_set_text (GTK_LABEL (self->label), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

/* Made when it is wanted: setting the text of a tooltip asks the display where the pointer is, too much for every
 * motion of a drag.  None while a point is dragged, or something is held over the lanes: it would cover the place where
 * that lands. */
static gboolean
kairos_clip_view_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  KairosClipView *self = KAIROS_CLIP_VIEW (widget);
  g_autofree char *label = kairos_clip_label (self->clip), *name = kairos_clip_describe (self->clip);
  g_autofree char *text = description_of (self->clip, label, !gtk_widget_has_css_class (widget, "muted"));
  g_autofree char *both =
      self->points && self->points->len > 0
          ? g_strdup_printf (_ ("%s\n%s\nDrag a point; double-click the line to add one, a point to remove it"), text,
                             name)
          : g_strdup_printf ("%s\n%s", text, name);

  if (self->held || (gtk_widget_get_state_flags (gtk_widget_get_parent (widget)) & GTK_STATE_FLAG_DROP_ACTIVE) != 0)
    return FALSE;
  gtk_tooltip_set_text (tooltip, both);
  return TRUE;
}

/* The curve of the whole clip sets the scale, so that it keeps its height while scrolling. */
static double
find_scale (KairosClipView *self)
{
  double whole[CURVE_POINTS], most = 0;

  if (!kairos_clip_curve (self->clip, self->clip->from, self->clip->to, CURVE_POINTS, whole))
    return 1;
  for (int i = 0; i < CURVE_POINTS; i++)
    most = MAX (most, whole[i]);
  for (guint i = 0; i < self->points->len; i++)
    if (g_array_index (self->points, KairosPoint, i).time >= self->clip->from &&
        g_array_index (self->points, KairosPoint, i).time <= self->clip->to)
      most = MAX (most, g_array_index (self->points, KairosPoint, i).value);
  /* what is 0 throughout can be dragged up */
  return most > 0 ? most : MIN (1, kairos_kind_points (self->clip->kind)->max);
}

/* As they stand on the timeline. */
static void
take_points (KairosClipView *self)
{
  double since;

  g_clear_pointer (&self->points, g_array_unref);
  if (!kairos_kind_points (self->clip->kind))
    return;
  self->points = kairos_clip_points (self->clip, &since);
  for (guint i = 0; i < self->points->len; i++)
    g_array_index (self->points, KairosPoint, i).time += self->clip->from - since;
  if (!self->held)
    self->scale = find_scale (self);
}

void
kairos_clip_view_set_clip (KairosClipView *self, KairosTimeline *timeline, const KairosClip *clip, gboolean audible)
{
  gboolean same = self->clip == clip && gtk_widget_has_css_class (GTK_WIDGET (self), "muted") == !audible;
  KairosTimeline *before = self->timeline;

  self->timeline = kairos_timeline_ref (timeline);
  self->clip = clip;
  kairos_timeline_unref (before); /* after: an unchanged clip is shared */
  if (same)
    return;
  take_points (self);
  set_class (self, "event", clip->kind->event);
  set_class (self, "muted", !audible);
  describe (self, audible);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

const KairosClip *
kairos_clip_view_get_clip (KairosClipView *self)
{
  return self->clip;
}

void
kairos_clip_view_set_range (KairosClipView *self, double from, double to)
{
  if (from == self->from && to == self->to)
    return;
  self->from = from;
  self->to = to;
  if (self->points)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
kairos_clip_view_set_selected (KairosClipView *self, gboolean selected)
{
  if (selected == ((gtk_widget_get_state_flags (GTK_WIDGET (self)) & GTK_STATE_FLAG_SELECTED) != 0))
    return;
  if (selected)
    gtk_widget_set_state_flags (GTK_WIDGET (self), GTK_STATE_FLAG_SELECTED, FALSE);
  else
    gtk_widget_unset_state_flags (GTK_WIDGET (self), GTK_STATE_FLAG_SELECTED);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_SELECTED, selected, -1);
}

/* ---- Drawing ---- */

static void
draw_ground (KairosClipView *self, GtkSnapshot *snapshot, int width, int height)
{
  GdkRGBA color = kairos_clip_view_color (self->clip->kind);
  GskRoundedRect round;

  gsk_rounded_rect_init_from_rect (&round, &GRAPHENE_RECT_INIT (0, 0, width, height), CORNER);
  gtk_snapshot_push_rounded_clip (snapshot, &round);
  gtk_snapshot_append_color (snapshot, &color, &round.bounds);
  gtk_snapshot_pop (snapshot);
}

static void
draw_diamond (KairosClipView *self, GtkSnapshot *snapshot, int height)
{
  const int r = KAIROS_CLIP_VIEW_DIAMOND;
  GdkRGBA color = kairos_clip_view_color (self->clip->kind);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, 2 * r, height));
  double y = height / 2.0;

  cairo_move_to (cr, r, y - r);
  cairo_line_to (cr, 2 * r, y);
  cairo_line_to (cr, r, y + r);
  cairo_line_to (cr, 0, y);
  cairo_close_path (cr);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_fill (cr);
  cairo_destroy (cr);
}

/* ---- The curve ---- */

double
kairos_clip_view_time_to_x (KairosClipView *self, double time)
{
  return (time - self->from) / (self->to - self->from) * gtk_widget_get_width (GTK_WIDGET (self));
}

double
kairos_clip_view_x_to_time (KairosClipView *self, double x)
{
  return self->from + x / gtk_widget_get_width (GTK_WIDGET (self)) * (self->to - self->from);
}

static double
pixel_value (KairosClipView *self)
{
  return self->scale / (gtk_widget_get_height (GTK_WIDGET (self)) - 2 * CURVE_MARGIN);
}

double
kairos_clip_view_value_to_y (KairosClipView *self, double value)
{
  return gtk_widget_get_height (GTK_WIDGET (self)) - CURVE_MARGIN - value / pixel_value (self);
}

double
kairos_clip_view_y_to_value (KairosClipView *self, double y)
{
  const KairosParam *param = kairos_kind_points (self->clip->kind);
  double pixel = pixel_value (self);
  double value = (gtk_widget_get_height (GTK_WIDGET (self)) - CURVE_MARGIN - y) * pixel;

  return CLAMP (kairos_curve_round (value, pixel), param->min, param->max);
}

void
kairos_clip_view_hold_scale (KairosClipView *self, gboolean hold)
{
  self->held = hold;
  if (!hold && self->points)
    self->scale = find_scale (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
has_handles (KairosClipView *self)
{
  return self->points && self->points->len > 0 && gtk_widget_get_width (GTK_WIDGET (self)) >= CURVE_WIDTH;
}

static gboolean
is_inside (KairosClipView *self, const KairosPoint *point)
{
  return point->time >= MAX (self->clip->from, self->from) - KAIROS_CURVE_GAP &&
         point->time <= MIN (self->clip->to, self->to) + KAIROS_CURVE_GAP;
}

int
kairos_clip_view_point_at (KairosClipView *self, double x, double y)
{
  double nearest = REACH;
  int found = -1;

  for (guint i = 0; has_handles (self) && i < self->points->len; i++) {
    const KairosPoint *point = &g_array_index (self->points, KairosPoint, i);
    double distance = hypot (kairos_clip_view_time_to_x (self, point->time) - x,
                             kairos_clip_view_value_to_y (self, point->value) - y);

    if (!is_inside (self, point) || distance > nearest)
      continue;
    nearest = distance;
    found = (int) i;
  }
  return found;
}

gboolean
kairos_clip_view_line_at (KairosClipView *self, double x, double y)
{
  double value;

  if (!has_handles (self))
    return FALSE;
  value = kairos_curve_value ((const KairosPoint *) (gpointer) self->points->data, self->points->len,
                              kairos_clip_view_x_to_time (self, x));
  return fabs (kairos_clip_view_value_to_y (self, value) - y) <= LINE_REACH;
}

/* With its corners where the points are. */
static void
trace (KairosClipView *self, cairo_t *cr, int width, int height)
{
  double values[CURVE_POINTS];
  guint next = 0;

  kairos_clip_curve (self->clip, self->from, self->to, CURVE_POINTS, values);
  for (int i = 0; i < CURVE_POINTS; i++) {
    double x = width * i / (CURVE_POINTS - 1.0);

    for (; next < self->points->len &&
           kairos_clip_view_time_to_x (self, g_array_index (self->points, KairosPoint, next).time) <= x;
         next++)
      if (g_array_index (self->points, KairosPoint, next).time >= self->from)
        cairo_line_to (cr, kairos_clip_view_time_to_x (self, g_array_index (self->points, KairosPoint, next).time),
                       height - CURVE_MARGIN -
                           (height - 2 * CURVE_MARGIN) * g_array_index (self->points, KairosPoint, next).value /
                               self->scale);
    cairo_line_to (cr, x, height - CURVE_MARGIN - (height - 2 * CURVE_MARGIN) * values[i] / self->scale);
  }
}

static void
draw_curve (KairosClipView *self, GtkSnapshot *snapshot, int width, int height)
{
  GdkRGBA color;
  cairo_t *cr;

  if (width < 8 || !self->points)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  color.alpha *= 0.55;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  trace (self, cr, width, height);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

/* On the line, half out of the clip at its ends. */
static void
draw_handles (KairosClipView *self, GtkSnapshot *snapshot, int width, int height)
{
  GdkRGBA color;
  cairo_t *cr;

  if (!has_handles (self) ||
      (gtk_widget_get_state_flags (GTK_WIDGET (self)) & (GTK_STATE_FLAG_SELECTED | GTK_STATE_FLAG_PRELIGHT)) == 0)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (-HANDLE - 1, -HANDLE, width + 2 * HANDLE + 2,
                                                                 height + 2 * HANDLE));
  for (guint i = 0; i < self->points->len; i++) {
    const KairosPoint *point = &g_array_index (self->points, KairosPoint, i);

    if (!is_inside (self, point))
      continue;
    cairo_arc (cr, kairos_clip_view_time_to_x (self, point->time),
               CLAMP (kairos_clip_view_value_to_y (self, point->value), 0, height), HANDLE - 0.5, 0, 2 * G_PI);
    cairo_set_source_rgb (cr, 1, 1, 1);
    cairo_fill_preserve (cr);
    gdk_cairo_set_source_rgba (cr, &color);
    cairo_set_line_width (cr, 1.5);
    cairo_stroke (cr);
  }
  cairo_destroy (cr);
}

static void
draw_dot (KairosClipView *self, GtkSnapshot *snapshot, double x, double y)
{
  GskRoundedRect round;

  gsk_rounded_rect_init_from_rect (&round, &GRAPHENE_RECT_INIT (x - DOT, y - DOT, 2 * DOT, 2 * DOT), DOT);
  gtk_snapshot_push_rounded_clip (snapshot, &round);
  gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 0.878, 0.106, 0.141, 1 }, &round.bounds);
  gtk_snapshot_pop (snapshot);
}

static void
kairos_clip_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  KairosClipView *self = KAIROS_CLIP_VIEW (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);

  if (self->clip->kind->event)
    draw_diamond (self, snapshot, height);
  else {
    draw_ground (self, snapshot, width, height);
    draw_curve (self, snapshot, width, height);
  }
  if (gtk_widget_get_child_visible (self->label))
    gtk_widget_snapshot_child (widget, self->label, snapshot);
  draw_handles (self, snapshot, width, height);
  if (self->clip->recorded && self->clip->kind->event)
    draw_dot (self, snapshot, KAIROS_CLIP_VIEW_DIAMOND, height - DOT);
  else if (self->clip->recorded && width >= 3 * DOT)
    draw_dot (self, snapshot, width - 2 * DOT, height / 2.0);
}

/* ---- Layout ---- */

static void
kairos_clip_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                          int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = 0; /* the lanes give what they have */
}

int
kairos_clip_view_get_natural_width (KairosClipView *self)
{
  int natural;

  gtk_widget_measure (self->label, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
  return 2 * KAIROS_CLIP_VIEW_DIAMOND + PADDING + natural;
}

static void
kairos_clip_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  KairosClipView *self = KAIROS_CLIP_VIEW (widget);
  gboolean event = self->clip->kind->event;
  int x = event ? 2 * KAIROS_CLIP_VIEW_DIAMOND + 4 : PADDING, minimum, natural;
  int room = width - x - (event ? 0 : self->clip->recorded ? 4 * DOT : PADDING);

  gtk_widget_measure (self->label, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  gtk_widget_measure (self->label, GTK_ORIENTATION_VERTICAL, -1, &natural, NULL, NULL, NULL);
  gtk_widget_set_child_visible (self->label, room >= MAX (minimum, LABEL_MIN) && natural <= height);
  if (gtk_widget_get_child_visible (self->label))
    gtk_widget_size_allocate (self->label, &(GtkAllocation){ x, (height - natural) / 2, room, natural }, -1);
}

/* ---- The widget ---- */

static void
kairos_clip_view_state_flags_changed (GtkWidget *widget, GtkStateFlags before)
{
  GTK_WIDGET_CLASS (kairos_clip_view_parent_class)->state_flags_changed (widget, before);
  if (KAIROS_CLIP_VIEW (widget)->points)
    gtk_widget_queue_draw (widget);
}

static void
kairos_clip_view_dispose (GObject *object)
{
  g_clear_pointer (&KAIROS_CLIP_VIEW (object)->label, gtk_widget_unparent);
  G_OBJECT_CLASS (kairos_clip_view_parent_class)->dispose (object);
}

static void
kairos_clip_view_finalize (GObject *object)
{
  kairos_timeline_unref (KAIROS_CLIP_VIEW (object)->timeline);
  g_clear_pointer (&KAIROS_CLIP_VIEW (object)->points, g_array_unref);
  G_OBJECT_CLASS (kairos_clip_view_parent_class)->finalize (object);
}

static void
kairos_clip_view_class_init (KairosClipViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = kairos_clip_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = kairos_clip_view_finalize;
  widget_class->snapshot = kairos_clip_view_snapshot;
  widget_class->measure = kairos_clip_view_measure;
  widget_class->size_allocate = kairos_clip_view_size_allocate;
  widget_class->query_tooltip = kairos_clip_view_query_tooltip;
  widget_class->state_flags_changed = kairos_clip_view_state_flags_changed;
  gtk_widget_class_set_css_name (widget_class, "clip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GRID_CELL);
}

static void
kairos_clip_view_init (KairosClipView *self)
{
  self->label = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (self->label), 0);
  gtk_widget_set_parent (self->label, GTK_WIDGET (self));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_SELECTED, FALSE, -1);
}

GtkWidget *
kairos_clip_view_new (void)
{
  return g_object_new (KAIROS_TYPE_CLIP_VIEW, NULL);
}
