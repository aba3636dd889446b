/* SPDX-License-Identifier: MIT */

/* Scale, drawing and handles.  The pointer is in kairos-curve-plot-drag.c.  Handles are child widgets, so that they
 * take the focus and have names. */
#include "config.h"

#include "timeline/kairos-curve-plot-private.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <kairos/preview.h>
#include <math.h>
#include <string.h>

#include "plots/kairos-ticks.h"

enum {
  WIDTH = 380,
  HEIGHT = 150,
  LEFT = 50,
  RIGHT = 12,
  TOP = 10,
  BOTTOM = 22,
  TICK_WIDTH = 50,
  TICK_HEIGHT = 22,
  HANDLE = 13
};
#define DECADES 6    /* at most, on a logarithmic scale */
#define LOG_SUITS 30 /* largest by smallest */

G_DEFINE_FINAL_TYPE (KairosCurvePlot, kairos_curve_plot, GTK_TYPE_WIDGET)

guint kairos_curve_plot_edit_signal;
static guint current_signal;

#define POINT(array, i) g_array_index ((array), KairosPoint, (i))

static double
area_width (KairosCurvePlot *self)
{
  return MAX (1, gtk_widget_get_width (GTK_WIDGET (self)) - LEFT - RIGHT);
}

static double
area_height (KairosCurvePlot *self)
{
  return MAX (1, gtk_widget_get_height (GTK_WIDGET (self)) - TOP - BOTTOM);
}

/* ---- Scale ---- */

double
kairos_curve_plot_x (KairosCurvePlot *self, double time)
{
  return LEFT + (time - self->since) / (self->to - self->from) * area_width (self);
}

static double
share_of (KairosCurvePlot *self, double value)
{
  if (self->log)
    return log (MAX (value, self->low) / self->low) / log (self->high / self->low);
  return (value - self->low) / (self->high - self->low);
}

double
kairos_curve_plot_y (KairosCurvePlot *self, double value)
{
  return TOP + (1 - share_of (self, value)) * area_height (self);
}

double
kairos_curve_plot_time_at (KairosCurvePlot *self, double x)
{
  double pixel = (self->to - self->from) / area_width (self);

  return kairos_curve_round (self->since + (x - LEFT) * pixel, pixel);
}

double
kairos_curve_plot_value_at (KairosCurvePlot *self, double y)
{
  double share = 1 - (y - TOP) / area_height (self), value, pixel;

  if (self->log) {
    value = self->low * pow (self->high / self->low, share);
    pixel = value * log (self->high / self->low) / area_height (self);
  } else {
    pixel = (self->high - self->low) / area_height (self);
    value = self->low + share * (self->high - self->low);
  }
  return CLAMP (kairos_curve_round (value, pixel), self->param->min, self->param->max);
}

/* The largest value that is in view, and the smallest above 0. */
static void
extremes (KairosCurvePlot *self, double *smallest, double *largest)
{
  guint n = self->shown->len > 0 ? self->shown->len : KAIROS_CURVE_SAMPLES;

  *smallest = INFINITY;
  *largest = 0;
  for (guint i = 0; i < n; i++) {
    double value = self->shown->len > 0 ? POINT (self->shown, i).value : self->shape[i];

    *largest = MAX (*largest, value);
    if (value > 0)
      *smallest = MIN (*smallest, value);
  }
}

/* From 0 to a round number with room above; whole decades with room below. */
static void
choose_scale (KairosCurvePlot *self)
{
  double smallest, largest, step;

  extremes (self, &smallest, &largest);
  if (self->log && largest > 0) {
    self->high = pow (10, ceil (log10 (largest * 1.05)));
    self->low = pow (10, floor (log10 (smallest / 1.5)));
    self->low = MAX (self->low, self->high * pow (10, -DECADES));
    return;
  }
  self->log = FALSE;
  self->low = MIN (0, self->param->min);
  largest = largest > 0 ? largest : MIN (1, self->param->max);
  step = kairos_ticks_step (largest * 1.1, 4);
  self->high = self->param->max <= 1 ? 1 : ceil (largest * 1.1 / step) * step;
}

gboolean
kairos_curve_plot_suits_log (KairosCurvePlot *self)
{
  double smallest, largest;

  if (!self->param || self->param->max <= 1)
    return FALSE;
  extremes (self, &smallest, &largest);
  for (guint i = 0; i < self->shown->len; i++)
    if (POINT (self->shown, i).value <= 0)
      return FALSE;
  return self->shown->len > 0 && largest / smallest >= LOG_SUITS;
}

void
kairos_curve_plot_set_log (KairosCurvePlot *self, gboolean on)
{
  kairos_curve_drag_cancel (self);
  self->log = on;
  if (self->param)
    choose_scale (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- Points and their handles ---- */

static gboolean
in_view (KairosCurvePlot *self, const KairosPoint *point)
{
  return point->time >= self->since - KAIROS_CURVE_GAP &&
         point->time <= self->since + self->to - self->from + KAIROS_CURVE_GAP;
}

static char *
describe (KairosCurvePlot *self, guint index)
{
  const KairosPoint *point = &POINT (self->shown, index);

  return g_strdup_printf (_ ("Point %u of %u: epoch %.5g, value %.4g"), index + 1, self->shown->len,
                          point->time - self->since + self->from, point->value);
}

int
kairos_curve_plot_get_current (KairosCurvePlot *self)
{
  return self->current;
}

char *
kairos_curve_plot_describe (KairosCurvePlot *self)
{
  return self->current >= 0 && self->current < (int) self->shown->len ? describe (self, self->current) : NULL;
}

static void
on_focus (KairosCurvePlot *self, GParamSpec *pspec, GtkWidget *handle)
{
  guint index;

  if (gtk_widget_has_focus (handle) && g_ptr_array_find (self->handles, handle, &index))
    kairos_curve_plot_set_current (self, (int) index, FALSE);
}

static GtkWidget *
handle_new (KairosCurvePlot *self)
{
  GtkWidget *handle = g_object_new (ADW_TYPE_BIN, "css-name", "curvepoint", "accessible-role",
                                    GTK_ACCESSIBLE_ROLE_BUTTON, "focusable", TRUE, NULL);

  gtk_widget_set_cursor_from_name (handle, "grab");
  g_signal_connect_object (handle, "notify::has-focus", G_CALLBACK (on_focus), self, G_CONNECT_SWAPPED);
  gtk_widget_set_parent (handle, GTK_WIDGET (self));
  return handle;
}

/* The focus is not left on a handle that goes. */
static void
show_handles (KairosCurvePlot *self)
{
  GtkWidget *last;

  while (self->handles->len < self->shown->len)
    g_ptr_array_add (self->handles, handle_new (self));
  while (self->handles->len > self->shown->len) {
    last = self->handles->pdata[self->handles->len - 1];
    g_ptr_array_set_size (self->handles, self->handles->len - 1);
    if (gtk_widget_has_focus (last) && self->handles->len > 0)
      gtk_widget_grab_focus (self->handles->pdata[self->handles->len - 1]);
    gtk_widget_unparent (last);
  }
  for (guint i = 0; i < self->handles->len; i++) {
    g_autofree char *text = describe (self, i);

    gtk_widget_set_tooltip_text (self->handles->pdata[i], text);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->handles->pdata[i]), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  }
}

static void
mark_current (KairosCurvePlot *self)
{
  for (guint i = 0; i < self->handles->len; i++)
    if ((int) i == self->current)
      gtk_widget_set_state_flags (self->handles->pdata[i], GTK_STATE_FLAG_SELECTED, FALSE);
    else
      gtk_widget_unset_state_flags (self->handles->pdata[i], GTK_STATE_FLAG_SELECTED);
  g_signal_emit (self, current_signal, 0);
}

void
kairos_curve_plot_set_current (KairosCurvePlot *self, int index, gboolean focus)
{
  self->current = index < (int) self->shown->len ? index : (int) self->shown->len - 1;
  if (focus && self->current >= 0) {
    /* at once: what is not cannot have the focus */
    gtk_widget_set_child_visible (self->handles->pdata[self->current], TRUE);
    gtk_widget_grab_focus (self->handles->pdata[self->current]);
  }
  mark_current (self);
}

void
kairos_curve_plot_show (KairosCurvePlot *self, GArray *points)
{
  g_autoptr (GArray) before = self->shown;

  self->shown = g_array_copy (points);
  self->current = MIN (self->current, (int) points->len - 1);
  show_handles (self);
  mark_current (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
kairos_curve_plot_allows (KairosCurvePlot *self, GArray *points)
{
  double first = kairos_curve_first_difference ((const KairosPoint *) (gpointer) self->points->data, self->points->len,
                                                (const KairosPoint *) (gpointer) points->data, points->len);

  return self->now <= self->from || first - self->since + self->from >= self->now;
}

static gboolean
same_points (GArray *a, GArray *b)
{
  return a->len == b->len && (a->len == 0 || memcmp (a->data, b->data, a->len * sizeof (KairosPoint)) == 0);
}

void
kairos_curve_plot_set_clip (KairosCurvePlot *self, const KairosClip *clip, double now)
{
  double since;
  g_autoptr (GArray) points = kairos_clip_points (clip, &since);
  gboolean same = self->clip == clip->id && self->from == clip->from && self->to == clip->to && self->since == since &&
                  same_points (points, self->points);

  self->now = now;
  if (same && points->len > 0)
    return; /* a drag that is under way goes on */
  kairos_curve_drag_cancel (self);
  if (self->clip != clip->id)
    self->current = -1;
  self->clip = clip->id;
  self->param = kairos_kind_points (clip->kind);
  self->from = clip->from;
  self->to = clip->to;
  self->since = since;
  g_array_unref (self->points);
  self->points = g_array_ref (points);
  if (!kairos_clip_curve (clip, clip->from, clip->to - 1e-9 * (clip->to - clip->from), KAIROS_CURVE_SAMPLES,
                          self->shape))
    memset (self->shape, 0, sizeof self->shape);
  kairos_curve_plot_show (self, points);
  choose_scale (self);
}

void
kairos_curve_plot_set_now (KairosCurvePlot *self, double now)
{
  if (self->now == now)
    return;
  self->now = now;
  if (now > self->from)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- Drawing ---- */

static void
draw_text (cairo_t *cr, PangoContext *context, const char *text, double x, double y, double align_x)
{
  g_autoptr (PangoLayout) layout = pango_layout_new (context);
  int width, height;

  pango_layout_set_text (layout, text, -1);
  pango_layout_get_pixel_size (layout, &width, &height);
  cairo_move_to (cr, floor (x - align_x * width), floor (y - height / 2.0));
  pango_cairo_show_layout (cr, layout);
}

static void
draw_values (KairosCurvePlot *self, cairo_t *cr, PangoContext *context, const GdkRGBA *text, const GdkRGBA *line)
{
  KairosTicks ticks;

  if (self->log)
    kairos_ticks_log (&ticks, self->low, self->high, (int) (area_height (self) / TICK_HEIGHT));
  else
    kairos_ticks_linear (&ticks, self->low, self->high, (int) (area_height (self) / TICK_HEIGHT));
  for (int i = 0; i < ticks.n; i++) {
    g_autofree char *label = kairos_ticks_label (&ticks, i, FALSE);
    double y = kairos_curve_plot_y (self, ticks.at[i]);

    gdk_cairo_set_source_rgba (cr, line);
    cairo_rectangle (cr, LEFT, floor (y), area_width (self), 1);
    cairo_fill (cr);
    gdk_cairo_set_source_rgba (cr, text);
    draw_text (cr, context, label, LEFT - 9, y, 1);
  }
}

static void
draw_times (KairosCurvePlot *self, cairo_t *cr, PangoContext *context, const GdkRGBA *text, const GdkRGBA *line)
{
  double bottom = TOP + area_height (self);
  KairosTicks ticks;

  kairos_ticks_linear (&ticks, self->from, self->to, (int) (area_width (self) / TICK_WIDTH));
  for (int i = 0; i < ticks.n; i++) {
    g_autofree char *label = kairos_ticks_label (&ticks, i, FALSE);
    double x = kairos_curve_plot_x (self, ticks.at[i] - self->from + self->since);

    gdk_cairo_set_source_rgba (cr, line);
    cairo_rectangle (cr, floor (x), TOP, 1, area_height (self));
    cairo_fill (cr);
    gdk_cairo_set_source_rgba (cr, text);
    draw_text (cr, context, label, x, bottom + BOTTOM / 2.0 + 1,
               i == ticks.n - 1 && x > LEFT + area_width (self) - 12 ? 0.75 : 0.5);
  }
  gdk_cairo_set_source_rgba (cr, text);
  draw_text (cr, context, _ ("Epoch"), 2, bottom + BOTTOM / 2.0 + 1, 0);
}

static void
draw_line (KairosCurvePlot *self, cairo_t *cr)
{
  double length = self->to - self->from;

  for (guint i = 0; self->shown->len == 0 && i < KAIROS_CURVE_SAMPLES; i++)
    cairo_line_to (cr, kairos_curve_plot_x (self, self->since + length * i / (KAIROS_CURVE_SAMPLES - 1)),
                   kairos_curve_plot_y (self, self->shape[i]));
  if (self->shown->len > 0) { /* as it is interpolated, also where the scale is not linear */
    const KairosPoint *points = (const KairosPoint *) (gpointer) self->shown->data;
    guint next = 0;

    for (int x = 0; x <= (int) area_width (self); x++) {
      double time = self->since + length * x / area_width (self);

      for (; next < self->shown->len && points[next].time <= time; next++)
        if (points[next].time >= self->since)
          cairo_line_to (cr, kairos_curve_plot_x (self, points[next].time),
                         kairos_curve_plot_y (self, points[next].value));
      cairo_line_to (cr, LEFT + x, kairos_curve_plot_y (self, kairos_curve_value (points, self->shown->len, time)));
    }
  }
  cairo_set_line_width (cr, 2);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
}

static void
draw_past (KairosCurvePlot *self, cairo_t *cr, const GdkRGBA *text)
{
  double end = kairos_curve_plot_x (self, MIN (self->now, self->to) - self->from + self->since);

  if (self->now <= self->from)
    return;
  cairo_set_source_rgba (cr, 0.5, 0.5, 0.5, 0.25);
  cairo_rectangle (cr, LEFT, TOP, end - LEFT, area_height (self));
  cairo_fill (cr);
  gdk_cairo_set_source_rgba (cr, text);
  cairo_rectangle (cr, floor (end), TOP, 1, area_height (self));
  cairo_fill (cr);
}

static void
kairos_curve_plot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  KairosCurvePlot *self = KAIROS_CURVE_PLOT (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  PangoContext *context = gtk_widget_get_pango_context (widget);
  GdkRGBA text, line, accent;
  cairo_t *cr;

  if (!self->param)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &text);
  line = accent = text;
  line.alpha *= 0.12;
  text.alpha *= 0.75;
  gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), "accent_color", &accent);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  draw_values (self, cr, context, &text, &line);
  draw_times (self, cr, context, &text, &line);
  draw_past (self, cr, &text);
  cairo_rectangle (cr, LEFT - 1, TOP - 2, area_width (self) + 2, area_height (self) + 4);
  cairo_clip (cr);
  gdk_cairo_set_source_rgba (cr, &accent);
  draw_line (self, cr);
  cairo_destroy (cr);
  for (guint i = 0; i < self->handles->len; i++)
    gtk_widget_snapshot_child (widget, self->handles->pdata[i], snapshot);
}

/* ---- Layout ---- */

static void
kairos_curve_plot_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                           int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? WIDTH : HEIGHT;
}

static void
kairos_curve_plot_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  KairosCurvePlot *self = KAIROS_CURVE_PLOT (widget);

  for (guint i = 0; i < self->handles->len; i++) {
    const KairosPoint *point = &POINT (self->shown, i);
    double x = kairos_curve_plot_x (self, point->time),
           y = CLAMP (kairos_curve_plot_y (self, point->value), TOP, TOP + area_height (self));
    int size;

    gtk_widget_set_child_visible (self->handles->pdata[i], in_view (self, point));
    gtk_widget_measure (self->handles->pdata[i], GTK_ORIENTATION_HORIZONTAL, -1, &size, NULL, NULL, NULL);
    size = MAX (size, HANDLE);
    if (in_view (self, point))
      gtk_widget_size_allocate (self->handles->pdata[i],
                                &(GtkAllocation){ (int) round (x - size / 2.0), (int) round (y - size / 2.0), size,
                                                  size },
                                -1);
  }
}

/* From point to point in time, not from the highest to the lowest. */
static gboolean
kairos_curve_plot_focus (GtkWidget *widget, GtkDirectionType direction)
{
  KairosCurvePlot *self = KAIROS_CURVE_PLOT (widget);
  GtkWidget *focus = gtk_widget_get_focus_child (widget);
  int step = direction == GTK_DIR_TAB_FORWARD ? 1 : -1, n = (int) self->handles->len, next = step > 0 ? 0 : n - 1;
  guint index;

  if (direction != GTK_DIR_TAB_FORWARD && direction != GTK_DIR_TAB_BACKWARD)
    return FALSE;
  if (focus && g_ptr_array_find (self->handles, focus, &index))
    next = (int) index + step;
  while (next >= 0 && next < n && !gtk_widget_get_child_visible (self->handles->pdata[next]))
    next += step;
  return next >= 0 && next < n && gtk_widget_grab_focus (self->handles->pdata[next]);
}

/* ---- The widget ---- */

static void
kairos_curve_plot_dispose (GObject *object)
{
  KairosCurvePlot *self = KAIROS_CURVE_PLOT (object);

  kairos_curve_drag_clear (self);
  for (guint i = 0; i < self->handles->len; i++)
    gtk_widget_unparent (self->handles->pdata[i]);
  g_ptr_array_set_size (self->handles, 0);
  g_array_set_size (self->shown, 0);
  G_OBJECT_CLASS (kairos_curve_plot_parent_class)->dispose (object);
}

static void
kairos_curve_plot_finalize (GObject *object)
{
  KairosCurvePlot *self = KAIROS_CURVE_PLOT (object);

  g_array_unref (self->points);
  g_array_unref (self->shown);
  g_ptr_array_unref (self->handles);
  G_OBJECT_CLASS (kairos_curve_plot_parent_class)->finalize (object);
}

static gboolean
on_escape (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  return kairos_curve_drag_cancel (KAIROS_CURVE_PLOT (widget)) ? GDK_EVENT_STOP : GDK_EVENT_PROPAGATE;
}

/* The verbs are actions of the editor around the plot. */
static void
bind_keys (GtkWidgetClass *klass)
{
  static const struct {
    guint key;
    double right, up;
  } arrows[] = { { GDK_KEY_Left, -1, 0 }, { GDK_KEY_Right, 1, 0 }, { GDK_KEY_Up, 0, 1 }, { GDK_KEY_Down, 0, -1 } };

  for (guint i = 0; i < G_N_ELEMENTS (arrows); i++) {
    gtk_widget_class_add_binding_action (klass, arrows[i].key, 0, "curve.move", "(dd)", arrows[i].right, arrows[i].up);
    gtk_widget_class_add_binding_action (klass, arrows[i].key, GDK_SHIFT_MASK, "curve.move", "(dd)",
                                         10 * arrows[i].right, 10 * arrows[i].up);
  }
  gtk_widget_class_add_binding_action (klass, GDK_KEY_Delete, 0, "curve.remove", NULL);
  gtk_widget_class_add_binding_action (klass, GDK_KEY_BackSpace, 0, "curve.remove", NULL);
  gtk_widget_class_add_binding_action (klass, GDK_KEY_Insert, 0, "curve.add", NULL);
  gtk_widget_class_add_binding (klass, GDK_KEY_Escape, 0, on_escape, NULL);
}

static void
kairos_curve_plot_class_init (KairosCurvePlotClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = kairos_curve_plot_dispose;
  object_class->finalize = kairos_curve_plot_finalize;
  widget_class->measure = kairos_curve_plot_measure;
  widget_class->size_allocate = kairos_curve_plot_size_allocate;
  widget_class->snapshot = kairos_curve_plot_snapshot;
  widget_class->focus = kairos_curve_plot_focus;
  kairos_curve_plot_edit_signal = g_signal_new ("edit", KAIROS_TYPE_CURVE_PLOT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                G_TYPE_NONE, 3, G_TYPE_POINTER, G_TYPE_STRING, G_TYPE_BOOLEAN);
  current_signal =
      g_signal_new ("current-changed", KAIROS_TYPE_CURVE_PLOT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  bind_keys (widget_class);
  gtk_widget_class_set_css_name (widget_class, "curveplot");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
kairos_curve_plot_init (KairosCurvePlot *self)
{
  self->points = g_array_new (FALSE, FALSE, sizeof (KairosPoint));
  self->shown = g_array_new (FALSE, FALSE, sizeof (KairosPoint));
  self->handles = g_ptr_array_new ();
  self->current = -1;
  self->to = self->high = 1;
  kairos_curve_drag_init (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Curve of the clip"), -1);
}

GtkWidget *
kairos_curve_plot_new (void)
{
  return g_object_new (KAIROS_TYPE_CURVE_PLOT, NULL);
}
