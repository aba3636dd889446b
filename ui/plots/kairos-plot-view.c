/* SPDX-License-Identifier: MIT */

/* The stacked plots. */
#include "config.h"

#include "plots/kairos-plot-view.h"

#include "plots/kairos-plot-overlay.h"
#include "plots/kairos-run-legend.h"
#include "plots/kairos-time-ruler.h"

#include <glib/gi18n.h>
#include <math.h>

#define REDRAW_INTERVAL (G_USEC_PER_SEC / 25)
#define DESCRIBE_INTERVAL G_USEC_PER_SEC
#define WHEEL_FACTOR 1.25
#define WHEEL_PAN 0.1 /* of the range, a notch */

struct _KairosPlotView {
  GtkWidget parent_instance;
  KairosTimeAxis *axis;
  KairosMetrics *metrics;
  GPtrArray *plots;   /* KairosPlot, owned by the widget tree */
  GtkWidget *root;    /* the legend of runs; below it the plots and, over them, the moving lines */
  GtkWidget *overlay; /* the moving lines */
  GtkWidget *legend;  /* KairosRunLegend */

  KairosShade *spans;

  /* Refreshing. */
  double now, length; /* to be shown with the next refresh */
  gint64 refreshed, described;
  guint refresh_source;
  gboolean stale; /* something came while not on screen */

  /* Input. */
  double pointer_x;
  double drag_from; /* left end of the range at the press */
  gboolean panning;
};

enum { PROP_0, PROP_CROSSHAIR, N_PROPS };

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (KairosPlotView, kairos_plot_view, GTK_TYPE_WIDGET)

/* ---- New data ---- */

static void
describe (KairosPlotView *view)
{
  double time = kairos_plot_view_get_crosshair (view);

  view->described = g_get_monotonic_time ();
  for (guint i = 0; i < view->plots->len; i++)
    kairos_plot_describe (g_ptr_array_index (view->plots, i), isnan (time) ? view->now : time);
}

static void
refresh (KairosPlotView *view)
{
  gboolean changed = FALSE;

  view->stale = FALSE;
  view->refreshed = g_get_monotonic_time ();
  kairos_run_legend_refresh (KAIROS_RUN_LEGEND (view->legend));
  kairos_time_axis_set_length (view->axis, view->length);
  kairos_time_axis_set_now (view->axis, view->now);
  for (guint i = 0; i < view->plots->len; i++)
    changed |= kairos_plot_refresh (g_ptr_array_index (view->plots, i));
  if (!changed)
    return;
  if (!isnan (kairos_plot_view_get_crosshair (view)))
    gtk_widget_queue_draw (view->overlay);
  if (view->refreshed - view->described >= DESCRIBE_INTERVAL)
    describe (view);
}

static gboolean
on_refresh (gpointer user_data)
{
  KairosPlotView *view = user_data;

  view->refresh_source = 0;
  refresh (view);
  return G_SOURCE_REMOVE;
}

/* At once when the last refresh is long enough ago, else when it will be; nothing runs while nothing comes. */
static void
schedule_refresh (KairosPlotView *view)
{
  gint64 wait = view->refreshed + REDRAW_INTERVAL - g_get_monotonic_time ();

  if (!gtk_widget_get_mapped (GTK_WIDGET (view)))
    view->stale = TRUE;
  else if (view->refresh_source == 0 && wait <= 0)
    refresh (view);
  else if (view->refresh_source == 0)
    view->refresh_source = g_timeout_add (wait / 1000 + 1, on_refresh, view);
}

static void
kairos_plot_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (kairos_plot_view_parent_class)->map (widget);
  if (KAIROS_PLOT_VIEW (widget)->stale)
    refresh (KAIROS_PLOT_VIEW (widget));
}

void
kairos_plot_view_set_progress (KairosPlotView *view, double now, double length)
{
  view->now = now;
  view->length = length;
  schedule_refresh (view);
}

void
kairos_plot_view_set_metrics (KairosPlotView *view, KairosMetrics *metrics)
{
  if (metrics == view->metrics)
    return;
  if (view->metrics)
    g_signal_handlers_disconnect_by_func (view->metrics, schedule_refresh, view);
  g_set_object (&view->metrics, metrics);
  if (metrics)
    g_signal_connect_object (metrics, "changed", G_CALLBACK (schedule_refresh), view, G_CONNECT_SWAPPED);
  kairos_run_legend_set_metrics (KAIROS_RUN_LEGEND (view->legend), metrics);
  for (guint i = 0; i < view->plots->len; i++)
    kairos_plot_set_metrics (g_ptr_array_index (view->plots, i), metrics);
  kairos_plot_view_clear_crosshair (view);
  describe (view);
}

static void
on_axis_changed (KairosPlotView *view)
{
  for (guint i = 0; i < view->plots->len; i++)
    kairos_plot_range_changed (g_ptr_array_index (view->plots, i));
}

static void
on_muted_changed (KairosPlotView *view)
{
  GArray *muted = kairos_run_legend_get_muted (KAIROS_RUN_LEGEND (view->legend));

  for (guint i = 0; i < view->plots->len; i++)
    kairos_plot_set_muted (g_ptr_array_index (view->plots, i), muted);
  gtk_widget_queue_draw (view->overlay);
}

/* ---- What actions do ---- */

KairosTimeAxis *
kairos_plot_view_get_axis (KairosPlotView *view)
{
  return view->axis;
}

KairosMetrics *
kairos_plot_view_get_metrics (KairosPlotView *view)
{
  return view->metrics;
}

guint
kairos_plot_view_get_n_plots (KairosPlotView *view)
{
  return view->plots->len;
}

KairosPlot *
kairos_plot_view_get_plot (KairosPlotView *view, guint index)
{
  return g_ptr_array_index (view->plots, index);
}

void
kairos_plot_view_set_log (KairosPlotView *view, gboolean log)
{
  for (guint i = 0; i < view->plots->len; i++)
    kairos_plot_set_log (g_ptr_array_index (view->plots, i), log);
}

void
kairos_plot_view_set_half_life (KairosPlotView *view, double half_life)
{
  for (guint i = 0; i < view->plots->len; i++)
    kairos_plot_set_half_life (g_ptr_array_index (view->plots, i), half_life);
}

static GtkWidget *
plot_of (KairosPlotView *view, const KairosMeasureGroup *group)
{
  for (guint i = 0; i < view->plots->len; i++)
    if (kairos_plot_get_figure (g_ptr_array_index (view->plots, i))->group == group)
      return g_ptr_array_index (view->plots, i);
  return NULL;
}

gboolean
kairos_plot_view_get_shown (KairosPlotView *view, const KairosMeasureGroup *group)
{
  return gtk_widget_get_visible (plot_of (view, group));
}

void
kairos_plot_view_set_shown (KairosPlotView *view, const KairosMeasureGroup *group, gboolean shown)
{
  GtkWidget *plot = plot_of (view, group);
  guint n_others = 0;

  for (guint i = 0; i < view->plots->len; i++)
    n_others +=
        g_ptr_array_index (view->plots, i) != plot && gtk_widget_get_visible (g_ptr_array_index (view->plots, i));
  gtk_widget_set_visible (plot, shown || n_others == 0);
}

void
kairos_plot_view_set_spans (KairosPlotView *view, const KairosShade *spans, guint n)
{
  g_autofree KairosShade *before = view->spans;

  view->spans = g_memdup2 (spans, n * sizeof *spans);
  for (guint i = 0; i < view->plots->len; i++)
    kairos_plot_set_spans (g_ptr_array_index (view->plots, i), view->spans, n);
}

double
kairos_plot_view_get_crosshair (KairosPlotView *view)
{
  return kairos_plot_overlay_get_crosshair (KAIROS_PLOT_OVERLAY (view->overlay));
}

static void
set_crosshair (KairosPlotView *view, double time)
{
  kairos_plot_overlay_set_crosshair (KAIROS_PLOT_OVERLAY (view->overlay), time);
  g_object_notify_by_pspec (G_OBJECT (view), properties[PROP_CROSSHAIR]);
}

void
kairos_plot_view_clear_crosshair (KairosPlotView *view)
{
  set_crosshair (view, NAN);
}

static double
anchor (KairosPlotView *view)
{
  double from = kairos_time_axis_get_from (view->axis), to = kairos_time_axis_get_to (view->axis);
  double crosshair = kairos_plot_view_get_crosshair (view), now = kairos_time_axis_get_now (view->axis);

  if (!isnan (crosshair))
    return CLAMP (crosshair, from, to);
  return now > from && now <= to ? now : (from + to) / 2;
}

void
kairos_plot_view_zoom (KairosPlotView *view, double factor)
{
  kairos_time_axis_zoom_at (view->axis, factor, anchor (view));
}

void
kairos_plot_view_pan (KairosPlotView *view, double share)
{
  kairos_time_axis_pan (view->axis,
                        share * (kairos_time_axis_get_to (view->axis) - kairos_time_axis_get_from (view->axis)));
}

/* By keyboard: starts at the playhead; at the edge the range moves along. */
void
kairos_plot_view_move_crosshair (KairosPlotView *view, double pixels)
{
  double from = kairos_time_axis_get_from (view->axis), to = kairos_time_axis_get_to (view->axis);
  double width = gtk_widget_get_width (GTK_WIDGET (view)), time = anchor (view);

  if (!isnan (kairos_plot_view_get_crosshair (view)))
    time += kairos_time_axis_to_time (view->axis, pixels, width) - kairos_time_axis_to_time (view->axis, 0, width);
  time = CLAMP (time, 0, kairos_time_axis_get_end (view->axis));
  if (time < from || time > to)
    kairos_time_axis_pan (view->axis, time < from ? time - from : time - to);
  set_crosshair (view, time);
  describe (view);
}

/* ---- Pointer ---- */

static void
on_motion (KairosPlotView *view, double x, double y)
{
  double width = gtk_widget_get_width (GTK_WIDGET (view));

  view->pointer_x = x;
  if (view->panning)
    return;
  set_crosshair (view, x >= KAIROS_TIME_AXIS_START && x <= width - KAIROS_TIME_AXIS_END
                           ? kairos_time_axis_to_time (view->axis, x, width)
                           : NAN);
}

static void
on_leave (KairosPlotView *view)
{
  kairos_plot_view_clear_crosshair (view);
}

static gboolean
on_scroll (KairosPlotView *view, double dx, double dy, GtkEventController *controller)
{
  double width = gtk_widget_get_width (GTK_WIDGET (view)),
         x = CLAMP (view->pointer_x, KAIROS_TIME_AXIS_START, width - KAIROS_TIME_AXIS_END);
  /* A touchpad reports pixels, a wheel notches. */
  double unit =
      gtk_event_controller_scroll_get_unit (GTK_EVENT_CONTROLLER_SCROLL (controller)) == GDK_SCROLL_UNIT_SURFACE
          ? 1 / 40.0
          : 1;

  if ((gtk_event_controller_get_current_event_state (controller) & GDK_SHIFT_MASK) != 0 && dx == 0) {
    dx = dy;
    dy = 0;
  }
  if (dx != 0)
    kairos_plot_view_pan (view, dx * unit * WHEEL_PAN);
  if (dy != 0)
    kairos_time_axis_zoom_at (view->axis, pow (WHEEL_FACTOR, -dy * unit),
                              kairos_time_axis_to_time (view->axis, x, width));
  return GDK_EVENT_STOP;
}

static void
on_pinch (KairosPlotView *view, double scale, GtkGesture *gesture)
{
  double *before = g_object_get_data (G_OBJECT (gesture), "scale"), x, y;

  if (before && gtk_gesture_get_bounding_box_center (gesture, &x, &y))
    kairos_time_axis_zoom_at (view->axis, scale / *before,
                              kairos_time_axis_to_time (view->axis, x, gtk_widget_get_width (GTK_WIDGET (view))));
  g_object_set_data_full (G_OBJECT (gesture), "scale", g_memdup2 (&scale, sizeof scale), g_free);
}

static void
on_pinch_begin (KairosPlotView *view, GdkEventSequence *sequence, GtkGesture *gesture)
{
  g_object_set_data (G_OBJECT (gesture), "scale", NULL);
}

static void
on_drag_begin (KairosPlotView *view, double x, double y)
{
  view->panning = FALSE;
  view->drag_from = kairos_time_axis_get_from (view->axis);
}

static void
on_drag_update (KairosPlotView *view, double dx, double dy, GtkGesture *gesture)
{
  double width = gtk_widget_get_width (GTK_WIDGET (view));

  if (!view->panning && hypot (dx, dy) < KAIROS_PLOT_DRAG_THRESHOLD)
    return;
  if (!view->panning) {
    view->panning = TRUE;
    kairos_plot_view_clear_crosshair (view);
    gtk_widget_set_cursor_from_name (GTK_WIDGET (view), "grabbing");
    gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  }
  kairos_time_axis_pan (view->axis, view->drag_from - kairos_time_axis_get_from (view->axis) -
                                        (kairos_time_axis_to_time (view->axis, dx, width) -
                                         kairos_time_axis_to_time (view->axis, 0, width)));
}

static void
on_drag_end (KairosPlotView *view)
{
  view->panning = FALSE;
  gtk_widget_set_cursor (GTK_WIDGET (view), NULL);
}

static void
on_pressed (KairosPlotView *view, int n_press, double x, double y)
{
  gtk_widget_grab_focus (GTK_WIDGET (view));
  if (n_press == 2)
    kairos_time_axis_fit (view->axis);
}

static void
add_controllers (KairosPlotView *view)
{
  GtkWidget *widget = GTK_WIDGET (view);
  GtkEventController *motion = gtk_event_controller_motion_new (),
                     *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *drag = gtk_gesture_drag_new (), *click = gtk_gesture_click_new (), *pinch = gtk_gesture_zoom_new ();

  g_signal_connect_swapped (motion, "enter", G_CALLBACK (on_motion), view);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (on_motion), view);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (on_leave), view);
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (on_scroll), view);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (on_drag_begin), view);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (on_drag_update), view);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (on_drag_end), view);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (on_pressed), view);
  g_signal_connect_swapped (pinch, "begin", G_CALLBACK (on_pinch_begin), view);
  g_signal_connect_swapped (pinch, "scale-changed", G_CALLBACK (on_pinch), view);
  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));
}

/* ---- The widget ---- */

static void
kairos_plot_view_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  if (prop_id == PROP_CROSSHAIR)
    g_value_set_double (value, kairos_plot_view_get_crosshair (KAIROS_PLOT_VIEW (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
kairos_plot_view_dispose (GObject *object)
{
  KairosPlotView *view = KAIROS_PLOT_VIEW (object);

  g_clear_handle_id (&view->refresh_source, g_source_remove);
  g_clear_pointer (&view->root, gtk_widget_unparent);
  g_clear_pointer (&view->plots, g_ptr_array_unref);
  g_clear_object (&view->axis);
  g_clear_object (&view->metrics);
  G_OBJECT_CLASS (kairos_plot_view_parent_class)->dispose (object);
}

static void
kairos_plot_view_finalize (GObject *object)
{
  g_free (KAIROS_PLOT_VIEW (object)->spans);
  G_OBJECT_CLASS (kairos_plot_view_parent_class)->finalize (object);
}

static void
bind_keys (GtkWidgetClass *klass)
{
  static const struct {
    guint key;
    GdkModifierType modifiers;
    const char *action;
  } keys[] = {
    { GDK_KEY_Left, 0, "plot.crosshair-left" },
    { GDK_KEY_Right, 0, "plot.crosshair-right" },
    { GDK_KEY_Left, GDK_SHIFT_MASK, "plot.pan-left" },
    { GDK_KEY_Right, GDK_SHIFT_MASK, "plot.pan-right" },
    { GDK_KEY_Page_Up, 0, "plot.pan-left" },
    { GDK_KEY_Page_Down, 0, "plot.pan-right" },
    { GDK_KEY_plus, 0, "plot.zoom-in" },
    { GDK_KEY_equal, 0, "plot.zoom-in" },
    { GDK_KEY_plus, GDK_SHIFT_MASK, "plot.zoom-in" },
    { GDK_KEY_KP_Add, 0, "plot.zoom-in" },
    { GDK_KEY_minus, 0, "plot.zoom-out" },
    { GDK_KEY_KP_Subtract, 0, "plot.zoom-out" },
    { GDK_KEY_0, 0, "plot.fit" },
    { GDK_KEY_Home, 0, "plot.fit" },
    { GDK_KEY_Escape, 0, "plot.crosshair-off" },
    { GDK_KEY_l, 0, "plot.log-scale" },
    { GDK_KEY_f, 0, "plot.follow-live" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding_action (klass, keys[i].key, keys[i].modifiers, keys[i].action, NULL);
}

static void
kairos_plot_view_class_init (KairosPlotViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = kairos_plot_view_get_property;
  object_class->dispose = kairos_plot_view_dispose;
  object_class->finalize = kairos_plot_view_finalize;
  widget_class->map = kairos_plot_view_map;
  properties[PROP_CROSSHAIR] = g_param_spec_double ("crosshair", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0,
                                                    G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "plotview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  bind_keys (widget_class);
}

static void
kairos_plot_view_init (KairosPlotView *view)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8), *stacked = gtk_overlay_new ();
  guint n;
  const KairosMeasureGroup *const *groups = kairos_measure_groups (&n);

  view->axis = kairos_time_axis_new ();
  view->plots = g_ptr_array_new ();
  view->overlay = kairos_plot_overlay_new (view->axis);
  view->legend = kairos_run_legend_new ();
  g_signal_connect_object (view->legend, "muted-changed", G_CALLBACK (on_muted_changed), view, G_CONNECT_SWAPPED);
  for (guint i = 0; i < n; i++) {
    GtkWidget *plot = kairos_plot_new (groups[i], view->axis);

    gtk_widget_set_visible (plot, groups[i]->shown);
    kairos_plot_set_muted (KAIROS_PLOT (plot), kairos_run_legend_get_muted (KAIROS_RUN_LEGEND (view->legend)));
    gtk_box_append (GTK_BOX (box), plot);
    g_ptr_array_add (view->plots, plot);
    kairos_plot_overlay_add_plot (KAIROS_PLOT_OVERLAY (view->overlay), KAIROS_PLOT (plot));
  }
  gtk_box_append (GTK_BOX (box), kairos_time_ruler_new (view->axis));
  gtk_overlay_set_child (GTK_OVERLAY (stacked), box);
  gtk_overlay_add_overlay (GTK_OVERLAY (stacked), view->overlay);
  gtk_widget_set_vexpand (stacked, TRUE);
  view->root = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_box_append (GTK_BOX (view->root), view->legend);
  gtk_box_append (GTK_BOX (view->root), stacked);
  gtk_widget_set_parent (view->root, GTK_WIDGET (view));
  gtk_widget_set_focusable (GTK_WIDGET (view), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Training curves"), -1);
  g_signal_connect_object (view->axis, "changed", G_CALLBACK (on_axis_changed), view, G_CONNECT_SWAPPED);
  add_controllers (view);
}

GtkWidget *
kairos_plot_view_new (void)
{
  return g_object_new (KAIROS_TYPE_PLOT_VIEW, NULL);
}
