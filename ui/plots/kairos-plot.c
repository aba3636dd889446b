/* SPDX-License-Identifier: MIT */

/* One plot. */
#include "config.h"

#include "plots/kairos-plot.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define MIN_HEIGHT 104

struct _KairosPlot {
  GtkWidget parent_instance;
  KairosTimeAxis *axis;
  KairosMetrics *metrics;
  GtkWidget *title, *legend;
  KairosFigure figure;
  GskRenderNode *background, *curves; /* NULL: to be painted */
  guint fingerprint, others;          /* of what is shown of the current run, and of the others */
  guint serial;                       /* of the runs */
  gboolean empty;                     /* a hint is in background */
  guint n_paints;
};

G_DEFINE_FINAL_TYPE (KairosPlot, kairos_plot, GTK_TYPE_WIDGET)

/* ---- Painting ---- */

typedef void (*PaintFunc) (KairosPlot *plot, cairo_t *cr);

static void
paint_background (KairosPlot *plot, cairo_t *cr)
{
  kairos_figure_draw_background (&plot->figure, cr, gtk_widget_get_pango_context (GTK_WIDGET (plot)));
}

static void
paint_curves (KairosPlot *plot, cairo_t *cr)
{
  kairos_figure_draw_curves (&plot->figure, cr);
  kairos_figure_draw_labels (&plot->figure, cr, gtk_widget_get_pango_context (GTK_WIDGET (plot)));
  plot->n_paints++;
}

/* An image in a cairo node rather than a texture: the cairo renderer copies, and converts, a whole texture however
 * little of it has to be shown again. */
static GskRenderNode *
paint (KairosPlot *plot, PaintFunc func)
{
  double width = plot->figure.width, height = plot->figure.height, scale = plot->figure.scale;
  cairo_surface_t *image = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width * scale, height * scale);
  GskRenderNode *node = gsk_cairo_node_new (&GRAPHENE_RECT_INIT (0, 0, width, height));
  cairo_t *cr;

  cairo_surface_set_device_scale (image, scale, scale);
  cr = cairo_create (image);
  func (plot, cr);
  cairo_destroy (cr);
  cr = gsk_cairo_node_get_draw_context (node);
  cairo_set_source_surface (cr, image, 0, 0);
  cairo_paint (cr);
  cairo_destroy (cr);
  cairo_surface_destroy (image);
  return node;
}

static void
kairos_plot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  KairosPlot *plot = KAIROS_PLOT (widget);

  if (plot->figure.width < 1 || plot->figure.height < 1)
    return;
  if (!plot->background)
    plot->background = paint (plot, paint_background);
  if (!plot->curves)
    plot->curves = paint (plot, paint_curves);
  gtk_snapshot_append_node (snapshot, plot->background);
  gtk_snapshot_append_node (snapshot, plot->curves);
  gtk_widget_snapshot_child (widget, plot->title, snapshot);
  gtk_widget_snapshot_child (widget, plot->legend, snapshot);
}

/* ---- What has to be painted again ---- */

static guint
mix (guint hash, guint value)
{
  return (hash ^ value) * 16777619u;
}

/* Of all that the curves in view depend on: which points, and the last of them. */
static guint
fingerprint (KairosPlot *plot, gboolean current)
{
  KairosCurve curve = { 0 };
  guint hash = 2166136261u;

  while (kairos_figure_next (&plot->figure, &curve)) {
    guint begin, end;
    union {
      float value;
      guint bits;
    } last;

    if (curve.run->current != current)
      continue;
    begin = kairos_series_find (curve.series, plot->figure.from);
    end = MIN (kairos_series_find (curve.series, plot->figure.to) + 1, kairos_series_get_n (curve.series));
    kairos_series_get (curve.series, end - 1, NULL, &last.value);
    hash = mix (mix (mix (hash, begin), end), last.bits);
  }
  return hash;
}

static void
drop_curves (KairosPlot *plot)
{
  g_clear_pointer (&plot->curves, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (plot));
}

static void
drop_all (KairosPlot *plot)
{
  g_clear_pointer (&plot->background, gsk_render_node_unref);
  drop_curves (plot);
}

/* Everything from the range of values on. */
static void
rebuild (KairosPlot *plot)
{
  plot->serial = plot->metrics ? kairos_metrics_get_serial (plot->metrics) : 0;
  plot->empty = !kairos_figure_has_points (&plot->figure);
  kairos_figure_fit (&plot->figure);
  plot->fingerprint = fingerprint (plot, TRUE);
  plot->others = fingerprint (plot, FALSE);
  drop_all (plot);
}

gboolean
kairos_plot_refresh (KairosPlot *plot)
{
  guint now = fingerprint (plot, TRUE), others = fingerprint (plot, FALSE);
  guint serial = plot->metrics ? kairos_metrics_get_serial (plot->metrics) : 0;

  if (now == plot->fingerprint && others == plot->others && serial == plot->serial)
    return FALSE;
  if (plot->empty || others != plot->others || serial != plot->serial) {
    rebuild (plot);
    return TRUE;
  }
  plot->fingerprint = now;
  if (kairos_figure_fit (&plot->figure))
    drop_all (plot);
  else
    drop_curves (plot);
  return TRUE;
}

void
kairos_plot_set_muted (KairosPlot *plot, GArray *muted)
{
  plot->figure.muted = muted;
  rebuild (plot);
}

void
kairos_plot_range_changed (KairosPlot *plot)
{
  plot->figure.from = kairos_time_axis_get_from (plot->axis);
  plot->figure.to = kairos_time_axis_get_to (plot->axis);
  rebuild (plot);
}

void
kairos_plot_set_metrics (KairosPlot *plot, KairosMetrics *metrics)
{
  if (!g_set_object (&plot->metrics, metrics))
    return;
  plot->figure.metrics = metrics;
  rebuild (plot);
}

void
kairos_plot_set_log (KairosPlot *plot, gboolean log)
{
  log = log && plot->figure.group->can_log;
  if (log == plot->figure.log)
    return;
  plot->figure.log = log;
  rebuild (plot);
}

void
kairos_plot_set_half_life (KairosPlot *plot, double half_life)
{
  if (half_life == plot->figure.half_life)
    return;
  plot->figure.half_life = half_life;
  rebuild (plot);
}

void
kairos_plot_set_spans (KairosPlot *plot, const KairosShade *spans, guint n)
{
  plot->figure.spans = spans;
  plot->figure.n_spans = n;
  g_clear_pointer (&plot->background, gsk_render_node_unref); /* the curves stay */
  gtk_widget_queue_draw (GTK_WIDGET (plot));
}

const KairosFigure *
kairos_plot_get_figure (KairosPlot *plot)
{
  return &plot->figure;
}

guint
kairos_plot_get_n_paints (KairosPlot *plot)
{
  return plot->n_paints;
}

void
kairos_plot_describe (KairosPlot *plot, double time)
{
  g_autoptr (GString) text = g_string_new (NULL);
  KairosCurve curve = { 0 };

  while (kairos_figure_next (&plot->figure, &curve)) {
    double at;
    float value;

    if (curve.run->current && kairos_figure_read (&plot->figure, &curve, time, &at, &value)) {
      g_autofree char *number = kairos_measure_format (plot->figure.group, value);
      g_autofree char *label = kairos_figure_label (&plot->figure, &curve);

      g_string_append_printf (text, "%s%s %s", text->len > 0 ? ", " : "", label, number);
    }
  }
  if (text->len > 0)
    /* Translators: spoken for a plot; the values of its curves come before. */
    g_string_append_printf (text, _ (" at epoch %.2f"), time);
  gtk_accessible_update_property (GTK_ACCESSIBLE (plot), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text->len > 0 ? text->str : _ ("no values yet"), -1);
}

/* ---- Legend ---- */

static void
on_toggled (KairosPlot *plot, GtkToggleButton *button)
{
  guint bit = 1u << GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "curve"));

  if (gtk_toggle_button_get_active (button))
    plot->figure.hidden &= ~bit;
  else
    plot->figure.hidden |= bit;
  rebuild (plot);
}

static void
on_draw_sample (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  KairosPlot *plot = KAIROS_PLOT (gtk_widget_get_ancestor (GTK_WIDGET (area), KAIROS_TYPE_PLOT));

  const KairosCurve curve = { .measure = user_data };

  kairos_figure_draw_sample (&curve, plot->figure.dark, cr, 0, floor (height / 2.0) + 0.5, width);
}

static void
add_legend_entry (KairosPlot *plot, guint index)
{
  const char *label = _ (plot->figure.measures[index]->label);
  GtkWidget *button = gtk_toggle_button_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6),
            *sample = gtk_drawing_area_new ();
  g_autofree char *tooltip = g_strdup_printf (_ ("Show or hide “%s”"), label);

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (sample), 22);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (sample), 12);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (sample), on_draw_sample, (gpointer) plot->figure.measures[index],
                                  NULL);
  gtk_box_append (GTK_BOX (box), sample);
  gtk_box_append (GTK_BOX (box), gtk_label_new (label));
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_object_set_data (G_OBJECT (button), "curve", GUINT_TO_POINTER (index));
  g_signal_connect_object (button, "toggled", G_CALLBACK (on_toggled), plot, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (plot->legend), button);
}

/* ---- The widget ---- */

static void
kairos_plot_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                     int *minimum_baseline, int *natural_baseline)
{
  KairosPlot *plot = KAIROS_PLOT (widget);
  int legend, title;

  gtk_widget_measure (plot->legend, orientation, -1, &legend, NULL, NULL, NULL);
  gtk_widget_measure (plot->title, orientation, -1, &title, NULL, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = *natural = MAX (KAIROS_TIME_AXIS_START, title + 12) + legend + KAIROS_TIME_AXIS_END;
  else {
    *minimum = MIN_HEIGHT;
    *natural = MIN_HEIGHT * 2;
  }
}

static void
allocate_in_heading (GtkWidget *child, int x, int width)
{
  int natural_width, natural_height;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural_width, NULL, NULL);
  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, -1, NULL, &natural_height, NULL, NULL);
  gtk_widget_size_allocate (child,
                            &(GtkAllocation){ x, (KAIROS_FIGURE_TOP - natural_height) / 2, MIN (natural_width, width),
                                              natural_height },
                            -1);
}

static void
kairos_plot_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  KairosPlot *plot = KAIROS_PLOT (widget);
  int title;

  gtk_widget_measure (plot->title, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &title, NULL, NULL);
  int legend = MAX (KAIROS_TIME_AXIS_START + 8, 12 + title + 8); /* in line with the others where the title lets it */
  allocate_in_heading (plot->title, 12, width - 12);
  allocate_in_heading (plot->legend, legend, width - legend - KAIROS_TIME_AXIS_END);
  plot->figure.width = width;
  plot->figure.height = height;
  plot->figure.scale = gtk_widget_get_scale_factor (widget);
  rebuild (plot);
}

static void
on_dark_changed (KairosPlot *plot)
{
  plot->figure.dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  gtk_widget_queue_draw (plot->legend);
  drop_all (plot);
}

static void
on_scale_changed (KairosPlot *plot)
{
  plot->figure.scale = gtk_widget_get_scale_factor (GTK_WIDGET (plot));
  drop_all (plot);
}

static void
kairos_plot_system_setting_changed (GtkWidget *widget, GtkSystemSetting setting)
{
  GTK_WIDGET_CLASS (kairos_plot_parent_class)->system_setting_changed (widget, setting);
  drop_all (KAIROS_PLOT (widget));
}

static void
kairos_plot_dispose (GObject *object)
{
  KairosPlot *plot = KAIROS_PLOT (object);

  g_clear_pointer (&plot->title, gtk_widget_unparent);
  g_clear_pointer (&plot->legend, gtk_widget_unparent);
  g_clear_object (&plot->axis);
  g_clear_object (&plot->metrics);
  plot->figure.metrics = NULL;
  g_clear_pointer (&plot->background, gsk_render_node_unref);
  g_clear_pointer (&plot->curves, gsk_render_node_unref);
  G_OBJECT_CLASS (kairos_plot_parent_class)->dispose (object);
}

static void
kairos_plot_class_init (KairosPlotClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = kairos_plot_dispose;
  widget_class->snapshot = kairos_plot_snapshot;
  widget_class->measure = kairos_plot_measure;
  widget_class->size_allocate = kairos_plot_size_allocate;
  widget_class->system_setting_changed = kairos_plot_system_setting_changed;
  gtk_widget_class_set_css_name (widget_class, "plot");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
kairos_plot_init (KairosPlot *plot)
{
  GtkWidget *widget = GTK_WIDGET (plot);

  gtk_widget_set_vexpand (widget, TRUE);
  plot->title = gtk_label_new (NULL);
  gtk_widget_add_css_class (plot->title, "heading");
  gtk_widget_set_parent (plot->title, widget);
  plot->legend = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
  gtk_widget_add_css_class (plot->legend, "legend");
  gtk_widget_set_parent (plot->legend, widget);
  plot->figure.scale = 1;
  plot->figure.dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (on_dark_changed), plot,
                           G_CONNECT_SWAPPED);
  g_signal_connect (plot, "notify::scale-factor", G_CALLBACK (on_scale_changed), NULL);
}

GtkWidget *
kairos_plot_new (const KairosMeasureGroup *group, KairosTimeAxis *axis)
{
  KairosPlot *plot = g_object_new (KAIROS_TYPE_PLOT, NULL);

  plot->axis = g_object_ref (axis);
  plot->figure.group = group;
  plot->figure.measures = kairos_measures_of (group, &plot->figure.n_measures);
  gtk_label_set_text (GTK_LABEL (plot->title), _ (group->title));
  for (guint i = 0; i < plot->figure.n_measures; i++)
    add_legend_entry (plot, i);
  gtk_accessible_update_property (GTK_ACCESSIBLE (plot), GTK_ACCESSIBLE_PROPERTY_LABEL, _ (group->title), -1);
  kairos_plot_range_changed (plot);
  return GTK_WIDGET (plot);
}
