/* SPDX-License-Identifier: MIT */

/* The numbers below the plots. */
#include "config.h"

#include "plots/kairos-time-ruler.h"

#include "plots/kairos-ticks.h"

#include <glib/gi18n.h>
#include <math.h>

struct _KairosTimeRuler {
  GtkWidget parent_instance;
  KairosTimeAxis *axis;
};

G_DEFINE_FINAL_TYPE (KairosTimeRuler, kairos_time_ruler, GTK_TYPE_WIDGET)

/* align: 0 begins at x, 0.5 is centred on it; kept within the width.  Returns the height. */
static int
draw_text (cairo_t *cr, PangoContext *context, const char *text, double x, double align, double width)
{
  g_autoptr (PangoLayout) layout = pango_layout_new (context);
  int text_width, text_height;

  pango_layout_set_text (layout, text, -1);
  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  cairo_move_to (cr, floor (CLAMP (x - align * text_width, 0, MAX (0, width - text_width))), 2);
  pango_cairo_show_layout (cr, layout);
  return text_height + 4;
}

int
kairos_time_ruler_draw (KairosTimeAxis *axis, double width, cairo_t *cr, PangoContext *context)
{
  KairosTicks ticks;

  kairos_ticks_linear (&ticks, kairos_time_axis_get_from (axis), kairos_time_axis_get_to (axis),
                       (width - KAIROS_TIME_AXIS_START - KAIROS_TIME_AXIS_END) / KAIROS_TIME_AXIS_TICK);
  for (int i = 0; i < ticks.n; i++) {
    g_autofree char *label = kairos_ticks_label (&ticks, i, FALSE);

    draw_text (cr, context, label, kairos_time_axis_to_x (axis, ticks.at[i], width), 0.5, width);
  }
  return draw_text (cr, context, _ ("Epoch"), 12, 0, width);
}

static void
kairos_time_ruler_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  gdk_cairo_set_source_rgba (cr, &color);
  kairos_time_ruler_draw (KAIROS_TIME_RULER (widget)->axis, width, cr, gtk_widget_get_pango_context (widget));
  cairo_destroy (cr);
}

static void
kairos_time_ruler_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                           int *minimum_baseline, int *natural_baseline)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, "0");
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  *minimum = *natural =
      orientation == GTK_ORIENTATION_VERTICAL ? height + 4 : KAIROS_TIME_AXIS_START + KAIROS_TIME_AXIS_END;
}

static void
kairos_time_ruler_dispose (GObject *object)
{
  g_clear_object (&KAIROS_TIME_RULER (object)->axis);
  G_OBJECT_CLASS (kairos_time_ruler_parent_class)->dispose (object);
}

static void
kairos_time_ruler_class_init (KairosTimeRulerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = kairos_time_ruler_dispose;
  widget_class->snapshot = kairos_time_ruler_snapshot;
  widget_class->measure = kairos_time_ruler_measure;
  gtk_widget_class_set_css_name (widget_class, "timeruler");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
kairos_time_ruler_init (KairosTimeRuler *ruler)
{
  gtk_widget_add_css_class (GTK_WIDGET (ruler), "dim-label");
}

GtkWidget *
kairos_time_ruler_new (KairosTimeAxis *axis)
{
  KairosTimeRuler *ruler = g_object_new (KAIROS_TYPE_TIME_RULER, NULL);

  ruler->axis = g_object_ref (axis);
  g_signal_connect_object (axis, "changed", G_CALLBACK (gtk_widget_queue_draw), ruler, G_CONNECT_SWAPPED);
  return GTK_WIDGET (ruler);
}
