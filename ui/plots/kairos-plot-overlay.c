/* SPDX-License-Identifier: MIT */

/* Playhead and crosshair. */
#include "config.h"

#include "plots/kairos-plot-overlay.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define SAMPLE 18.0 /* width of a line sample in the readout */
#define PADDING 8.0
#define HANDLE 5 /* half the width of the playhead's handle */
#define RULER 20 /* height of the ruler below the plots */

struct _KairosPlotOverlay {
  GtkWidget parent_instance;
  KairosTimeAxis *axis;
  GPtrArray *plots; /* KairosPlot, borrowed */
  double crosshair; /* epochs or NaN */
  double drawn_x;   /* of the playhead */
};

G_DEFINE_FINAL_TYPE (KairosPlotOverlay, kairos_plot_overlay, GTK_TYPE_WIDGET)

static gboolean
is_dark (void)
{
  return adw_style_manager_get_dark (adw_style_manager_get_default ());
}

/* NaN when it is not in view. */
static double
x_of (KairosPlotOverlay *overlay, double time)
{
  if (!(time >= kairos_time_axis_get_from (overlay->axis) && time <= kairos_time_axis_get_to (overlay->axis)))
    return NAN;
  return floor (kairos_time_axis_to_x (overlay->axis, time, gtk_widget_get_width (GTK_WIDGET (overlay))));
}

static void
append_playhead (KairosPlotOverlay *overlay, GtkSnapshot *snapshot, double x)
{
  GdkRGBA color = is_dark () ? (GdkRGBA){ 0.965, 0.380, 0.318, 1 } : (GdkRGBA){ 0.878, 0.106, 0.141, 1 };
  int height = gtk_widget_get_height (GTK_WIDGET (overlay)) - RULER;
  graphene_rect_t box = GRAPHENE_RECT_INIT (x - HANDLE - 1, height - 2, 2 * HANDLE + 2, HANDLE + 5);
  cairo_t *cr;

  gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT (x - 1, 0, 2, height));
  cr = gtk_snapshot_append_cairo (snapshot, &box);
  cairo_move_to (cr, x - HANDLE, height + HANDLE + 2);
  cairo_line_to (cr, x, height - 1);
  cairo_line_to (cr, x + HANDLE, height + HANDLE + 2);
  cairo_close_path (cr);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_fill (cr);
  cairo_destroy (cr);
}

/* ---- The readout ---- */

typedef struct {
  KairosCurve curve;
  double at;
  float value;
  PangoLayout *layout;
  gboolean is_rest; /* it only says how many there are besides */
} Row;

static void
row_clear (Row *row)
{
  g_object_unref (row->layout);
}

static void
add_row (KairosPlotOverlay *overlay, const KairosFigure *figure, const KairosCurve *curve, GArray *rows)
{
  Row row = { *curve };
  g_autofree char *number = NULL;
  g_autofree char *label = NULL;
  g_autofree char *text = NULL;

  if (!kairos_figure_read (figure, curve, overlay->crosshair, &row.at, &row.value))
    return;
  number = kairos_measure_format (figure->group, row.value);
  label = kairos_figure_label (figure, curve);
  text = g_strdup_printf ("%s  %s", number, label);
  row.layout = gtk_widget_create_pango_layout (GTK_WIDGET (overlay), text);
  g_array_append_val (rows, row);
}

/* The last row becomes the number of those that there is no room for. */
static void
count_rest (GArray *rows, guint max_rows)
{
  guint n_left = rows->len - max_rows + 1;
  g_autofree char *text = g_strdup_printf (ngettext ("and %u more", "and %u more", n_left), n_left);

  g_array_set_size (rows, max_rows);
  Row *last = &g_array_index (rows, Row, max_rows - 1);
  last->is_rest = TRUE;
  pango_layout_set_text (last->layout, text, -1);
}

/* The current run first, then the others, as far as the plot is high. */
static GArray *
read_rows (KairosPlotOverlay *overlay, const KairosFigure *figure, int row_height)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (Row));
  guint max_rows = MAX (0, (figure->height - KAIROS_FIGURE_TOP - PADDING) / row_height);

  g_array_set_clear_func (rows, (GDestroyNotify) row_clear);
  for (int current = 1; current >= 0; current--)
    for (KairosCurve curve = { 0 }; kairos_figure_next (figure, &curve);)
      if (curve.run->current == current)
        add_row (overlay, figure, &curve, rows);
  if (rows->len > max_rows && max_rows > 0)
    count_rest (rows, max_rows);
  g_array_set_size (rows, MIN (rows->len, max_rows));
  return rows;
}

static void
rounded_box (cairo_t *cr, double x, double y, double width, double height)
{
  double r = 6;

  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - r, y + r, r, -G_PI / 2, 0);
  cairo_arc (cr, x + width - r, y + height - r, r, 0, G_PI / 2);
  cairo_arc (cr, x + r, y + height - r, r, G_PI / 2, G_PI);
  cairo_arc (cr, x + r, y + r, r, G_PI, G_PI * 1.5);
  cairo_close_path (cr);
}

static void
draw_box (cairo_t *cr, double x, double y, double width, double height)
{
  double shade = is_dark () ? 0.18 : 1;

  rounded_box (cr, x + 0.5, y + 0.5, width - 1, height - 1);
  cairo_set_source_rgba (cr, shade, shade, shade, 0.92);
  cairo_fill_preserve (cr);
  cairo_set_source_rgba (cr, 1 - shade, 1 - shade, 1 - shade, 0.15);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

/* A ring on the curve at the point the value is read from. */
static void
append_ring (KairosPlotOverlay *overlay, GtkSnapshot *snapshot, const KairosFigure *figure, const Row *row, double top)
{
  double x = kairos_time_axis_to_x (overlay->axis, row->at, gtk_widget_get_width (GTK_WIDGET (overlay)));
  double y = top + kairos_figure_y (figure, row->value);
  GdkRGBA rgba = kairos_figure_curve_color (&row->curve, figure->dark);
  graphene_rect_t box = GRAPHENE_RECT_INIT (floor (x) - 6, floor (y) - 6, 13, 13);
  cairo_t *cr;

  if (isnan (x_of (overlay, row->at)) || y < top + KAIROS_FIGURE_TOP - 6 || y > top + figure->height)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &box);
  cairo_arc (cr, x, y, 4.5, 0, 2 * G_PI);
  gdk_cairo_set_source_rgba (cr, &rgba);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

/* The box with a line sample, the value and the name of every curve. */
static void
append_rows (GtkSnapshot *snapshot, const KairosFigure *figure, GArray *rows, int row_height,
             const graphene_rect_t *box)
{
  GdkRGBA text = kairos_figure_text_color (figure->dark);
  double x = box->origin.x + PADDING, y = box->origin.y + PADDING / 2;
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, box);

  draw_box (cr, box->origin.x, box->origin.y, box->size.width, box->size.height);
  for (guint i = 0; i < rows->len; i++, y += row_height) {
    const Row *row = &g_array_index (rows, Row, i);

    if (!row->is_rest)
      kairos_figure_draw_sample (&row->curve, figure->dark, cr, x, floor (y + row_height / 2.0) + 0.5, SAMPLE);
    gdk_cairo_set_source_rgba (cr, &text);
    cairo_move_to (cr, x + SAMPLE + 6, y);
    pango_cairo_show_layout (cr, row->layout);
  }
  cairo_destroy (cr);
}

/* Small nodes, each no larger than what it shows: they are what is painted again as the pointer moves. */
static void
append_readout (KairosPlotOverlay *overlay, GtkSnapshot *snapshot, KairosPlot *plot, double x, int row_height)
{
  const KairosFigure *figure = kairos_plot_get_figure (plot);
  g_autoptr (GArray) rows = read_rows (overlay, figure, row_height);
  int text_width, width = 0;
  graphene_rect_t bounds, box;

  if (rows->len == 0 || !gtk_widget_get_visible (GTK_WIDGET (plot)) ||
      !gtk_widget_compute_bounds (GTK_WIDGET (plot), GTK_WIDGET (overlay), &bounds))
    return;
  for (guint i = 0; i < rows->len; i++) {
    pango_layout_get_pixel_size (g_array_index (rows, Row, i).layout, &text_width, NULL);
    width = MAX (width, text_width + 2 * PADDING + SAMPLE + 6);
    if (!g_array_index (rows, Row, i).is_rest)
      append_ring (overlay, snapshot, figure, &g_array_index (rows, Row, i), bounds.origin.y);
  }
  x = x + 12 + width > bounds.size.width - KAIROS_TIME_AXIS_END ? x - 12 - width : x + 12;
  box = GRAPHENE_RECT_INIT (x, floor (bounds.origin.y) + KAIROS_FIGURE_TOP, width, rows->len * row_height + PADDING);
  append_rows (snapshot, figure, rows, row_height, &box);
}

/* The time itself, on the ruler. */
static void
append_time (KairosPlotOverlay *overlay, GtkSnapshot *snapshot, double x, int row_height)
{
  double span = kairos_time_axis_get_to (overlay->axis) - kairos_time_axis_get_from (overlay->axis);
  int digits = CLAMP (ceil (log10 (1000 / span)), 1, 6), width, total = gtk_widget_get_width (GTK_WIDGET (overlay));
  g_autofree char *text = g_strdup_printf ("%.*f", digits, overlay->crosshair);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (overlay), text);
  double y = gtk_widget_get_height (GTK_WIDGET (overlay)) - row_height - 2, left;
  GdkRGBA color = kairos_figure_text_color (is_dark ());
  cairo_t *cr;

  pango_layout_get_pixel_size (layout, &width, NULL);
  left = CLAMP (x - width / 2.0 - PADDING, 0, total - width - 2 * PADDING);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (left, y, width + 2 * PADDING, row_height + 2));
  draw_box (cr, left, y, width + 2 * PADDING, row_height + 2);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_move_to (cr, floor (left + PADDING), y + 1);
  pango_cairo_show_layout (cr, layout);
  cairo_destroy (cr);
}

static void
append_crosshair (KairosPlotOverlay *overlay, GtkSnapshot *snapshot, double x)
{
  GdkRGBA color = kairos_figure_text_color (is_dark ());
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (overlay), "0");
  int row_height;

  pango_layout_get_pixel_size (layout, NULL, &row_height);
  color.alpha = 0.5;
  gtk_snapshot_append_color (snapshot, &color,
                             &GRAPHENE_RECT_INIT (x, 0, 1, gtk_widget_get_height (GTK_WIDGET (overlay)) - RULER));
  for (guint i = 0; i < overlay->plots->len; i++)
    append_readout (overlay, snapshot, g_ptr_array_index (overlay->plots, i), x, row_height);
  append_time (overlay, snapshot, x, row_height);
}

static void
kairos_plot_overlay_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  KairosPlotOverlay *overlay = KAIROS_PLOT_OVERLAY (widget);
  double crosshair = x_of (overlay, overlay->crosshair);

  overlay->drawn_x =
      kairos_time_axis_get_length (overlay->axis) > 0 ? x_of (overlay, kairos_time_axis_get_now (overlay->axis)) : NAN;
  if (!isnan (overlay->drawn_x))
    append_playhead (overlay, snapshot, overlay->drawn_x);
  if (!isnan (crosshair))
    append_crosshair (overlay, snapshot, crosshair);
}

/* ---- The widget ---- */

void
kairos_plot_overlay_add_plot (KairosPlotOverlay *overlay, KairosPlot *plot)
{
  g_ptr_array_add (overlay->plots, plot);
}

void
kairos_plot_overlay_set_crosshair (KairosPlotOverlay *overlay, double time)
{
  if (time == overlay->crosshair || (isnan (time) && isnan (overlay->crosshair)))
    return;
  overlay->crosshair = time;
  gtk_widget_queue_draw (GTK_WIDGET (overlay));
}

double
kairos_plot_overlay_get_crosshair (KairosPlotOverlay *overlay)
{
  return overlay->crosshair;
}

/* Only when it comes to stand on another pixel. */
static void
on_now_changed (KairosPlotOverlay *overlay)
{
  double x = x_of (overlay, kairos_time_axis_get_now (overlay->axis));

  if (x != overlay->drawn_x && !(isnan (x) && isnan (overlay->drawn_x)))
    gtk_widget_queue_draw (GTK_WIDGET (overlay));
}

static void
kairos_plot_overlay_dispose (GObject *object)
{
  KairosPlotOverlay *overlay = KAIROS_PLOT_OVERLAY (object);

  g_clear_object (&overlay->axis);
  g_clear_pointer (&overlay->plots, g_ptr_array_unref);
  G_OBJECT_CLASS (kairos_plot_overlay_parent_class)->dispose (object);
}

static void
kairos_plot_overlay_class_init (KairosPlotOverlayClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = kairos_plot_overlay_dispose;
  widget_class->snapshot = kairos_plot_overlay_snapshot;
  gtk_widget_class_set_css_name (widget_class, "plotoverlay");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
kairos_plot_overlay_init (KairosPlotOverlay *overlay)
{
  overlay->plots = g_ptr_array_new ();
  overlay->crosshair = NAN;
  overlay->drawn_x = NAN;
  gtk_widget_set_can_target (GTK_WIDGET (overlay), FALSE);
}

GtkWidget *
kairos_plot_overlay_new (KairosTimeAxis *axis)
{
  KairosPlotOverlay *overlay = g_object_new (KAIROS_TYPE_PLOT_OVERLAY, NULL);

  overlay->axis = g_object_ref (axis);
  g_signal_connect_object (axis, "notify::now", G_CALLBACK (on_now_changed), overlay, G_CONNECT_SWAPPED);
  g_signal_connect_object (axis, "changed", G_CALLBACK (gtk_widget_queue_draw), overlay, G_CONNECT_SWAPPED);
  return GTK_WIDGET (overlay);
}
