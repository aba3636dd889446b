/* SPDX-License-Identifier: MIT */

/* The vertical axis starts at 0: a loss of nothing is the aim. */
#include "data/kairos-history-chart.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define LEFT 40
#define BOTTOM 18
#define MARGIN 6

struct _KairosHistoryChart {
  GtkWidget parent_instance;
  float *values;
  guint n;
  float high; /* upper end of the axis */
};

G_DEFINE_FINAL_TYPE (KairosHistoryChart, kairos_history_chart, GTK_TYPE_WIDGET)

static void
draw_text (KairosHistoryChart *self, GtkSnapshot *snapshot, const char *text, double x, double y, double x_align)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  GdkRGBA color;
  int width, height;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  color.alpha *= 0.6f;
  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x - x_align * width, y - height / 2.0));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

static void
draw_labels (KairosHistoryChart *self, GtkSnapshot *snapshot, int width, int height)
{
  char high[32];
  g_autofree char *last = g_strdup_printf (_ ("epoch %u"), self->n);

  g_snprintf (high, sizeof high, self->high < 0.1f ? "%.3f" : "%.2f", self->high);
  draw_text (self, snapshot, high, LEFT - MARGIN, MARGIN + 2, 1);
  draw_text (self, snapshot, "0", LEFT - MARGIN, height - BOTTOM, 1);
  if (self->n > 1)
    draw_text (self, snapshot, "1", LEFT, height - BOTTOM / 2.0, 0);
  draw_text (self, snapshot, last, width - MARGIN, height - BOTTOM / 2.0, 1);
}

/* Joins neighbouring values; a value between gaps is a dot. */
static void
draw_line (KairosHistoryChart *self, cairo_t *cr, int width, int height)
{
  double step = self->n > 1 ? (double) (width - LEFT - MARGIN) / (self->n - 1) : 0, extent = height - BOTTOM - MARGIN;
  gboolean joined = FALSE;

  for (guint i = 0; i < self->n; i++) {
    double x = LEFT + i * step, y = MARGIN + extent * (1 - self->values[i] / self->high);

    if (!isfinite (self->values[i])) {
      joined = FALSE;
      continue;
    }
    if (joined)
      cairo_line_to (cr, x, y);
    else {
      cairo_move_to (cr, x, y);
      cairo_line_to (cr, x, y); /* with round caps, a dot */
    }
    joined = TRUE;
  }
  cairo_set_line_width (cr, 2);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
}

static void
history_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  KairosHistoryChart *self = KAIROS_HISTORY_CHART (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  GdkRGBA foreground, line;
  cairo_t *cr;

  if (self->n == 0)
    return;
  gtk_style_context_get_color (style, &foreground);
  if (!gtk_style_context_lookup_color (style, "kairos_train", &line))
    line = foreground;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  foreground.alpha *= 0.25f;
  gdk_cairo_set_source_rgba (cr, &foreground);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, LEFT - 0.5, MARGIN);
  cairo_line_to (cr, LEFT - 0.5, height - BOTTOM + 0.5);
  cairo_line_to (cr, width - MARGIN, height - BOTTOM + 0.5);
  cairo_stroke (cr);
  gdk_cairo_set_source_rgba (cr, &line);
  draw_line (self, cr, width, height);
  cairo_destroy (cr);
  draw_labels (self, snapshot, width, height);
}

static void
history_chart_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                       int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? 96 : 120;
}

static void
kairos_history_chart_finalize (GObject *object)
{
  g_free (KAIROS_HISTORY_CHART (object)->values);
  G_OBJECT_CLASS (kairos_history_chart_parent_class)->finalize (object);
}

static void
kairos_history_chart_class_init (KairosHistoryChartClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = kairos_history_chart_finalize;
  widget_class->snapshot = history_chart_snapshot;
  widget_class->measure = history_chart_measure;
  gtk_widget_class_set_css_name (widget_class, "historychart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
kairos_history_chart_init (KairosHistoryChart *self)
{
}

/* The curve in words, for those who cannot see it. */
static void
tell (KairosHistoryChart *self)
{
  g_autoptr (GString) text = g_string_new (_ ("Loss at the end of each epoch:"));

  for (guint i = 0; i < self->n; i++)
    if (isfinite (self->values[i]))
      g_string_append_printf (text, " %.2f", self->values[i]);
    else
      g_string_append (text, " –");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text->str, -1);
}

void
kairos_history_chart_set_values (KairosHistoryChart *self, const float *values, guint n)
{
  g_return_if_fail (KAIROS_IS_HISTORY_CHART (self));

  if (n == self->n && (n == 0 || memcmp (values, self->values, sizeof (float) * n) == 0))
    return;
  g_free (self->values);
  self->values = n > 0 ? g_memdup2 (values, sizeof (float) * n) : NULL;
  self->n = n;
  self->high = 0;
  for (guint i = 0; i < n; i++)
    if (isfinite (values[i]))
      self->high = fmaxf (self->high, values[i]);
  self->high = fmaxf (self->high, 0.01f);
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
