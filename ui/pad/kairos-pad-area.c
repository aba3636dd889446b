/* SPDX-License-Identifier: MIT */

/* See the header.  One gesture follows mouse, finger and pen.  Motions that came since the last frame are merged into
 * one event, whose history has the others: a stroke takes them all, so that it is as round as it was drawn.  Only a pen
 * tells its pressure. */
#include "pad/kairos-pad-area.h"

#include <glib/gi18n.h>

#define SMALLEST 120
#define NATURAL 280
#define CORNER 12

struct _KairosPadArea {
  GtkWidget parent_instance;
  KairosSketch *sketch;
};

G_DEFINE_FINAL_TYPE (KairosPadArea, kairos_pad_area, GTK_TYPE_WIDGET)

static guint changed_signal;

static double
get_aspect (KairosPadArea *self)
{
  KairosShape shape = self->sketch ? kairos_sketch_get_style (self->sketch)->shape : (KairosShape){ 1, 1, 1 };

  return (double) shape.width / shape.height;
}

static void
change (KairosPadArea *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, changed_signal, 0);
}

graphene_rect_t
kairos_pad_area_get_paper (KairosPadArea *self)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)), aspect = get_aspect (self),
         height = MIN (gtk_widget_get_height (GTK_WIDGET (self)), width / aspect);

  return GRAPHENE_RECT_INIT ((width - height * aspect) / 2, 0, height * aspect, height);
}

/* ---- Drawing on it ---- */

static double
get_pressure (GdkEvent *event)
{
  double pressure;

  return event && gdk_event_get_device_tool (event) && gdk_event_get_axis (event, GDK_AXIS_PRESSURE, &pressure)
             ? pressure
             : KAIROS_SKETCH_PRESSURE;
}

static void
extend (KairosPadArea *self, double x, double y, double pressure)
{
  graphene_rect_t paper = kairos_pad_area_get_paper (self);

  kairos_sketch_extend_stroke (self->sketch, (x - paper.origin.x) / paper.size.height,
                               (y - paper.origin.y) / paper.size.height, pressure);
}

/* Its points are where they were on the surface. */
static void
extend_by_history (KairosPadArea *self, GdkEvent *event)
{
  GtkWidget *native = GTK_WIDGET (gtk_widget_get_native (GTK_WIDGET (self)));
  guint n = 0;
  g_autofree GdkTimeCoord *history = event ? gdk_event_get_history (event, &n) : NULL;
  double left, top;

  gtk_native_get_surface_transform (GTK_NATIVE (native), &left, &top);
  for (guint i = 0; i < n; i++) {
    graphene_point_t at = GRAPHENE_POINT_INIT (history[i].axes[GDK_AXIS_X] - left, history[i].axes[GDK_AXIS_Y] - top);
    gboolean pressed = gdk_event_get_device_tool (event) && (history[i].flags & GDK_AXIS_FLAG_PRESSURE) != 0;

    if (gtk_widget_compute_point (native, GTK_WIDGET (self), &at, &at))
      extend (self, at.x, at.y, pressed ? history[i].axes[GDK_AXIS_PRESSURE] : KAIROS_SKETCH_PRESSURE);
  }
}

static void
on_drag_begin (GtkGestureDrag *drag, double x, double y, KairosPadArea *self)
{
  graphene_rect_t paper = kairos_pad_area_get_paper (self);
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (drag));

  if (!self->sketch || paper.size.height < 1)
    return;
  gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_grab_focus (GTK_WIDGET (self));
  kairos_sketch_begin_stroke (self->sketch, (x - paper.origin.x) / paper.size.height,
                              (y - paper.origin.y) / paper.size.height, get_pressure (event));
  change (self);
}

static void
on_drag_update (GtkGestureDrag *drag, double dx, double dy, KairosPadArea *self)
{
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (drag));
  double x = 0, y = 0;

  if (!self->sketch || kairos_sketch_get_n_strokes (self->sketch) == 0) /* taken away while it was drawn */
    return;
  extend_by_history (self, event);
  gtk_gesture_drag_get_start_point (drag, &x, &y);
  extend (self, x + dx, y + dy, get_pressure (event));
  change (self);
}

/* ---- What is on it ---- */

void
kairos_pad_area_set_style (KairosPadArea *self, const KairosSketchStyle *style)
{
  g_return_if_fail (KAIROS_IS_PAD_AREA (self));

  g_clear_pointer (&self->sketch, kairos_sketch_free);
  if (style)
    self->sketch = kairos_sketch_new (style);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  change (self);
}

KairosSketch *
kairos_pad_area_get_sketch (KairosPadArea *self)
{
  g_return_val_if_fail (KAIROS_IS_PAD_AREA (self), NULL);
  return self->sketch;
}

void
kairos_pad_area_undo (KairosPadArea *self)
{
  g_return_if_fail (KAIROS_IS_PAD_AREA (self));

  if (self->sketch && kairos_sketch_undo (self->sketch))
    change (self);
}

void
kairos_pad_area_clear (KairosPadArea *self)
{
  g_return_if_fail (KAIROS_IS_PAD_AREA (self));

  if (!self->sketch || kairos_sketch_is_empty (self->sketch))
    return;
  kairos_sketch_clear (self->sketch);
  change (self);
}

void
kairos_pad_area_set_picture (KairosPadArea *self, KairosSketchPicture *picture)
{
  g_return_if_fail (KAIROS_IS_PAD_AREA (self) && self->sketch);

  kairos_sketch_set_picture (self->sketch, picture);
  change (self);
}

/* ---- GtkWidget ---- */

static void
draw_hint (KairosPadArea *self, GtkSnapshot *snapshot, const graphene_rect_t *paper)
{
  const KairosSketchStyle *style = kairos_sketch_get_style (self->sketch);
  int blue = style->shape.channels - 1, green = MIN (1, blue);
  GdkRGBA color = { style->ink[0], style->ink[green], style->ink[blue], 0.6f };
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), _ ("Draw here"));
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (paper->origin.x + (paper->size.width - width) / 2,
                                                          paper->origin.y + (paper->size.height - height) / 2));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

static void
pad_area_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  KairosPadArea *self = KAIROS_PAD_AREA (widget);
  graphene_rect_t paper = kairos_pad_area_get_paper (self);
  GskRoundedRect rounded;
  cairo_t *cr;

  if (!self->sketch || paper.size.height < 1)
    return;
  gsk_rounded_rect_init_from_rect (&rounded, &paper, CORNER);
  gtk_snapshot_push_rounded_clip (snapshot, &rounded);
  cr = gtk_snapshot_append_cairo (snapshot, &paper);
  cairo_translate (cr, paper.origin.x, paper.origin.y);
  cairo_scale (cr, paper.size.height, paper.size.height);
  kairos_sketch_draw (self->sketch, cr);
  cairo_destroy (cr);
  gtk_snapshot_pop (snapshot);
  if (kairos_sketch_is_empty (self->sketch))
    draw_hint (self, snapshot, &paper);
}

static GtkSizeRequestMode
pad_area_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_WIDTH_FOR_HEIGHT;
}

static void
pad_area_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                  int *minimum_baseline, int *natural_baseline)
{
  double aspect = get_aspect (KAIROS_PAD_AREA (widget));

  *minimum = SMALLEST;
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *natural = NATURAL;
  else
    *natural = MAX (SMALLEST, (int) (aspect * (for_size > 0 ? for_size : NATURAL)));
}

static void
kairos_pad_area_finalize (GObject *object)
{
  kairos_sketch_free (KAIROS_PAD_AREA (object)->sketch);
  G_OBJECT_CLASS (kairos_pad_area_parent_class)->finalize (object);
}

static void
kairos_pad_area_class_init (KairosPadAreaClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = kairos_pad_area_finalize;
  widget_class->snapshot = pad_area_snapshot;
  widget_class->get_request_mode = pad_area_get_request_mode;
  widget_class->measure = pad_area_measure;
  changed_signal =
      g_signal_new ("changed", KAIROS_TYPE_PAD_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "padarea");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
kairos_pad_area_init (KairosPadArea *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "crosshair");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Paper to draw on"), -1);
  g_signal_connect_object (drag, "drag-begin", G_CALLBACK (on_drag_begin), self, 0);
  g_signal_connect_object (drag, "drag-update", G_CALLBACK (on_drag_update), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}
