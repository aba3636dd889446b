/* SPDX-License-Identifier: MIT */

/* One plot as a drawing: what is drawn of which run, over which range of values, in which colours. */
#include "config.h"

#include <kairos/probe.h>
#include <math.h>

#include "fixture.h"
#include "plots/kairos-figure.h"
#include "plots/kairos-run-palette.h"

/* A spike of one point among very many still colours pixels at its height, at any zoom. */
static void
test_spike (void)
{
  g_autoptr (KairosMetrics) metrics = kairos_metrics_new ();
  KairosFigure figure = { .group = kairos_measure_group_find ("loss"),
                          .metrics = metrics,
                          .width = 600,
                          .height = 200,
                          .to = 100,
                          .half_life = 1,
                          .scale = 1 };
  g_autofree guint32 *pixels = g_new0 (guint32, 600 * 200);
  cairo_surface_t *surface =
      cairo_image_surface_create_for_data ((guchar *) pixels, CAIRO_FORMAT_ARGB32, 600, 200, 600 * 4);
  cairo_t *cr = cairo_create (surface);
  guint high = 0;

  figure.measures = kairos_measures_of (figure.group, &figure.n_measures);
  kairos_metrics_set_current (metrics, 1);
  for (guint i = 0; i < 200000; i++) {
    KairosStepRecord step = { i, i / 2000.0, i == 123456 ? 10 : 1, 0.5f, 0.1f, 64 };

    kairos_metrics_add_step (metrics, 1, &step);
  }
  kairos_figure_fit (&figure);
  kairos_figure_draw_curves (&figure, cr);
  cairo_surface_flush (surface);
  for (int y = kairos_figure_y (&figure, 9.5); y < kairos_figure_y (&figure, 8.5); y++)
    for (int x = 0; x < 600; x++)
      high += pixels[y * 600 + x] >> 24 > 30;
  g_assert_cmpuint (high, >, 3);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static void
test_range_of_values (void)
{
  g_autoptr (KairosMetrics) metrics = kairos_metrics_new ();
  guint n;
  const KairosMeasureGroup *const *groups = kairos_measure_groups (&n);

  kairos_metrics_set_current (metrics, 1);

  for (guint i = 0; i < n; i++) {
    KairosFigure figure = { .group = groups[i], .metrics = metrics, .width = 600, .height = 300, .to = 10, .scale = 1 };

    figure.measures = kairos_measures_of (figure.group, &figure.n_measures);
    g_assert_false (kairos_figure_has_points (&figure));
    kairos_figure_fit (&figure); /* nothing there: 0 to 1 */
    g_assert_cmpfloat_with_epsilon (figure.low, figure.group->scale == KAIROS_SCALE_LOG ? 0.1 : 0, 1e-12);
    g_assert_cmpfloat (figure.high, ==, 1);
  }
  ui_test_append_epochs (metrics, 1, 0, 10);
  for (guint i = 0; i < 2 * n; i++) {
    KairosFigure figure = {
      .group = groups[i / 2], .metrics = metrics, .width = 600, .height = 300, .to = 10, .scale = 1, .log = i % 2
    };

    figure.measures = kairos_measures_of (figure.group, &figure.n_measures);
    if (kairos_probe_of (figure.measures[0]))
      continue; /* training alone gives it no points */
    g_assert_true (kairos_figure_fit (&figure));
    g_assert_false (kairos_figure_fit (&figure));
    for (guint k = 0; k < figure.n_measures; k++) {
      float low, high;

      g_assert_true (
          kairos_series_extent (kairos_metrics_get_series (metrics, 1, figure.measures[k], 0), 0, 10, &low, &high));
      g_assert_cmpfloat (figure.low, <=, low + 1e-6);
      g_assert_cmpfloat (figure.high, >=, high - 1e-6);
    }
    g_assert_cmpint (figure.ticks.n, >=, 2);
    g_assert_cmpfloat_with_epsilon (kairos_figure_y (&figure, figure.low), 300 - KAIROS_FIGURE_BOTTOM, 1e-6);
    g_assert_cmpfloat_with_epsilon (kairos_figure_y (&figure, figure.high), KAIROS_FIGURE_TOP, 1e-6);
  }
}

/* ---- Other runs ---- */

static KairosFigure
loss_figure (KairosMetrics *metrics)
{
  KairosFigure figure = {
    .group = kairos_measure_group_find ("loss"), .metrics = metrics, .width = 600, .height = 300, .to = 10, .scale = 1
  };

  figure.measures = kairos_measures_of (figure.group, &figure.n_measures);
  return figure;
}

/* A run that diverged leaves the plot; it does not flatten the others, whichever run is new. */
static void
test_diverged_run (void)
{
  g_autoptr (KairosMetrics) metrics = kairos_metrics_new ();
  KairosFigure figure = loss_figure (metrics);
  double alone;

  ui_test_append_epochs (metrics, 1, 0, 10);
  kairos_metrics_set_current (metrics, 1);
  kairos_figure_fit (&figure);
  alone = figure.high;
  for (int i = 1; i < 50; i++) {
    KairosStepRecord step = { i, i / 50.0, 2.3f * exp (i / 3.0), 0.1f, 0.1f, 64 };

    kairos_metrics_add_step (metrics, 2, &step);
  }
  kairos_figure_fit (&figure);
  g_assert_cmpfloat (figure.high, >=, alone);
  g_assert_cmpfloat (figure.high, <=, 6 * alone);
  figure.log = TRUE;
  kairos_figure_fit (&figure);
  g_assert_cmpfloat (figure.high, <=, 100 * alone);
  figure.log = FALSE;
  kairos_metrics_set_current (metrics, 3); /* without a point so far */
  kairos_figure_fit (&figure);
  g_assert_cmpfloat (figure.high, <=, 6 * alone);
  kairos_metrics_set_current (metrics, 2); /* one's own divergence is shown */
  kairos_figure_fit (&figure);
  g_assert_cmpfloat (figure.high, >, 1000 * alone);
}

static guint
count_curves (const KairosFigure *figure, gint64 run)
{
  guint n = 0;

  for (KairosCurve curve = { 0 }; kairos_figure_next (figure, &curve);)
    n += curve.run->id == run;
  return n;
}

static void
test_curves_drawn (void)
{
  g_autoptr (KairosMetrics) metrics = kairos_metrics_new ();
  g_autoptr (GArray) muted = g_array_new (FALSE, FALSE, sizeof (gint64));
  KairosFigure figure = loss_figure (metrics);
  gint64 both[] = { 1, 2 };

  for (gint64 run = 1; run <= 3; run++)
    ui_test_append_epochs (metrics, run, 0, 3);
  kairos_metrics_set_current (metrics, 2);
  g_assert_cmpuint (count_curves (&figure, 1), ==, 2); /* without the means */
  g_assert_cmpuint (count_curves (&figure, 2), ==, 3);
  g_assert_cmpuint (count_curves (&figure, 3), ==, 2);
  kairos_metrics_describe_run (metrics, 3, NULL, 2, FALSE);
  g_assert_cmpuint (count_curves (&figure, 3), ==, 0);
  g_array_append_vals (muted, both, 2);
  figure.muted = muted;
  g_assert_cmpuint (count_curves (&figure, 1), ==, 0);
  g_assert_cmpuint (count_curves (&figure, 2), ==, 3); /* the current one always is */
  figure.hidden = 1;
  g_assert_cmpuint (count_curves (&figure, 2), ==, 2);
}

/* A measure that no code knows: several components, over decades. */
static void
test_components (void)
{
  static const KairosMeasureGroup group = { "trace", "Trace", "", NULL, KAIROS_SCALE_LOG };
  static const KairosMeasure trace = { "trace", "Trace", "trace", &group, KAIROS_SPLIT_TRAIN, KAIROS_DRAW_POINTS };
  g_autoptr (KairosMetrics) metrics = kairos_metrics_new ();
  const KairosMeasure *row = &trace;
  KairosFigure figure = { .group = &group,
                          .measures = &row,
                          .n_measures = 1,
                          .metrics = metrics,
                          .width = 600,
                          .height = 300,
                          .to = 10,
                          .scale = 1 };
  KairosCurve curve = { 0 };
  g_autofree char *label = NULL;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 600, 300);
  cairo_t *cr = cairo_create (surface);

  for (int i = 1; i < 10; i++)
    for (guint k = 0; k < 3; k++) {
      kairos_metrics_add (metrics, 1, &trace, k, i, pow (10, k));
      kairos_metrics_add (metrics, 2, &trace, k, i, pow (10, k));
    }
  kairos_metrics_name_component (metrics, &trace, 2, "conv1");
  kairos_metrics_set_current (metrics, 1);
  g_assert_cmpuint (count_curves (&figure, 1), ==, 3);
  g_assert_cmpuint (count_curves (&figure, 2), ==, 1); /* runs are compared by the whole */
  kairos_figure_fit (&figure);
  g_assert_cmpfloat_with_epsilon (kairos_figure_y (&figure, 1) - kairos_figure_y (&figure, 10),
                                  kairos_figure_y (&figure, 10) - kairos_figure_y (&figure, 100), 1e-6);
  kairos_figure_draw_curves (&figure, cr);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  for (int i = 0; i < 3; i++)
    kairos_figure_next (&figure, &curve);
  label = kairos_figure_label (&figure, &curve);
  g_assert_cmpstr (label, ==, "trace conv1");
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static double
luminance (GdkRGBA color)
{
  double sum = 0, channels[] = { color.red, color.green, color.blue }, weights[] = { 0.2126, 0.7152, 0.0722 };

  for (int i = 0; i < 3; i++)
    sum += weights[i] * (channels[i] <= 0.04045 ? channels[i] / 12.92 : pow ((channels[i] + 0.055) / 1.055, 2.4));
  return sum;
}

/* Each stands out from its card (WCAG's contrast), and no two of thirty runs look alike. */
static void
test_run_palette (void)
{
  for (int dark = 0; dark < 2; dark++) {
    double card = luminance (dark ? (GdkRGBA){ 0.212, 0.212, 0.227, 1 } : (GdkRGBA){ 1, 1, 1, 1 });

    for (guint i = 0; i < 30; i++) {
      GdkRGBA color = kairos_run_palette_color (i, dark);
      double here = luminance (color);
      int n;
      const double *dashes = kairos_run_palette_dashes (i, &n);

      g_assert_cmpfloat ((MAX (here, card) + 0.05) / (MIN (here, card) + 0.05), >=, 3.5);
      g_assert_cmpint (n, >=, 2);
      for (guint k = 0; k < i; k++) {
        GdkRGBA other = kairos_run_palette_color (k, dark);
        int n_other;

        g_assert_false (gdk_rgba_equal (&color, &other) && kairos_run_palette_dashes (k, &n_other) == dashes);
      }
    }
  }
}

int
main (int argc, char **argv)
{
  if (!ui_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/figure/spike", test_spike);
  g_test_add_func ("/figure/range-of-values", test_range_of_values);
  g_test_add_func ("/figure/diverged-run", test_diverged_run);
  g_test_add_func ("/figure/curves-drawn", test_curves_drawn);
  g_test_add_func ("/figure/components", test_components);
  g_test_add_func ("/figure/run-palette", test_run_palette);
  return g_test_run ();
}
