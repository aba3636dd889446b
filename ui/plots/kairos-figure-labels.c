/* SPDX-License-Identifier: MIT */

/* Names of components at the ends of their lines.
 *
 * Each stands beside the last point in view, behind a piece of its line, as there are fewer colours than layers; as
 * near to its height as the others allow; and on a patch of the background, so that lines do not run through it.  Where
 * there are more than the height holds, those of the highest values are named: a label left out is better than one that
 * cannot be read.
 */
#include "config.h"

#include "plots/kairos-figure.h"

#include "common/kairos-time-axis.h"

#include <math.h>

enum { GAP = 6, PADDING = 2, SAMPLE = 18 };

typedef struct {
  char *text;
  KairosCurve curve;
  double x, y; /* of the point, then of the label's left and middle */
  int width;
} Label;

static void
clear_label (gpointer data)
{
  g_free (((Label *) data)->text);
}

static double
time_to_x (const KairosFigure *figure, double time)
{
  double width = MAX (1, figure->width - KAIROS_TIME_AXIS_START - KAIROS_TIME_AXIS_END);

  return KAIROS_TIME_AXIS_START + (time - figure->from) / (figure->to - figure->from) * width;
}

/* The last finite point in view; FALSE: there is none. */
static gboolean
find_last (const KairosFigure *figure, KairosSeries *series, double *time, float *value)
{
  for (guint i = kairos_series_find (series, nextafter (figure->to, INFINITY)); i > 0; i--) {
    kairos_series_get (series, i - 1, time, value);
    if (*time < figure->from)
      return FALSE;
    if (isfinite (*value))
      return TRUE;
  }
  return FALSE;
}

static GArray *
collect (const KairosFigure *figure)
{
  GArray *labels = g_array_new (FALSE, TRUE, sizeof (Label));
  KairosCurve curve = { 0 };
  double time;
  float value;

  g_array_set_clear_func (labels, clear_label);
  while (kairos_figure_next (figure, &curve)) {
    const char *name = kairos_metrics_get_component_name (figure->metrics, curve.measure, curve.component);
    if (!curve.run->current || curve.measure->parts == KAIROS_PARTS_NONE || !name ||
        !find_last (figure, curve.series, &time, &value))
      continue;
    const Label label = {
      .text = g_strdup (name), .curve = curve, .x = time_to_x (figure, time), .y = kairos_figure_y (figure, value)
    };
    g_array_append_val (labels, label);
  }
  return labels;
}

static int
compare_heights (gconstpointer a, gconstpointer b)
{
  double x = ((const Label *) a)->y, y = ((const Label *) b)->y;

  return x < y ? -1 : x > y;
}

/* From top to bottom, each below the one before; then from the bottom up where that led below the plot. */
static void
spread (GArray *labels, double top, double bottom, int height)
{
  Label *at = (Label *) (gpointer) labels->data;
  double limit = top + height / 2.0;

  for (guint i = 0; i < labels->len; i++) {
    at[i].y = MAX (at[i].y, limit);
    limit = at[i].y + height;
  }
  limit = bottom - height / 2.0;
  for (guint i = labels->len; i > 0; i--) {
    at[i - 1].y = MIN (at[i - 1].y, limit);
    limit = at[i - 1].y - height;
  }
}

static void
draw_label (const KairosFigure *figure, const Label *label, cairo_t *cr, PangoLayout *layout, int height)
{
  GdkRGBA color = kairos_figure_curve_color (&label->curve, figure->dark);
  int width = SAMPLE + GAP + label->width;
  double right = figure->width - KAIROS_TIME_AXIS_END, x = floor (MIN (label->x + GAP, right - width - PADDING));
  double shade = figure->dark ? 0.16 : 1;

  pango_layout_set_text (layout, label->text, -1);
  cairo_set_source_rgba (cr, shade, shade, shade, 0.75);
  cairo_rectangle (cr, x - PADDING, floor (label->y - height / 2.0), width + 2 * PADDING, height);
  cairo_fill (cr);
  kairos_figure_draw_sample (&label->curve, figure->dark, cr, x, floor (label->y) + 0.5, SAMPLE);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_move_to (cr, x + SAMPLE + GAP, floor (label->y - height / 2.0));
  pango_cairo_show_layout (cr, layout);
}

void
kairos_figure_draw_labels (const KairosFigure *figure, cairo_t *cr, PangoContext *context)
{
  g_autoptr (GArray) labels = collect (figure);
  g_autoptr (PangoLayout) layout = pango_layout_new (context);
  double top = KAIROS_FIGURE_TOP, bottom = figure->height - KAIROS_FIGURE_BOTTOM;
  int height = 0;

  for (guint i = 0; i < labels->len; i++) {
    Label *label = &g_array_index (labels, Label, i);
    pango_layout_set_text (layout, label->text, -1);
    pango_layout_get_pixel_size (layout, &label->width, &height);
  }
  g_array_sort (labels, compare_heights);
  guint most = height > 0 ? (guint) MAX (0, (bottom - top) / height) : 0;
  if (labels->len > most)
    g_array_set_size (labels, most);
  spread (labels, top, bottom, height);
  for (guint i = 0; i < labels->len; i++)
    draw_label (figure, &g_array_index (labels, Label, i), cr, layout, height);
}
