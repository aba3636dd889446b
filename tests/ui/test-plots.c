/* SPDX-License-Identifier: MIT */

/* The plots: ticks, the time axis, what pointer and keyboard do, how seldom curves are painted, the legends, the
 * table, exports. */
#include "config.h"

#include <glib/gstdio.h>
#include <kairos/probe.h>
#include <math.h>
#include <string.h>

#include "fixture.h"
#include "plots/kairos-epoch-table.h"
#include "plots/kairos-plot-export.h"
#include "plots/kairos-plot-panel.h"

/* ---- Ticks ---- */

static void
test_ticks (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  g_assert_cmpfloat (kairos_ticks_step (10, 5), ==, 2);
  g_assert_cmpfloat (kairos_ticks_step (10, 4), ==, 5);
  g_assert_cmpfloat_with_epsilon (kairos_ticks_step (0.3, 3), 0.1, 1e-12);
  for (int i = 0; i < 2000; i++) {
    double low = g_rand_double_range (rand, -5, 5) * exp (g_rand_double_range (rand, -9, 9));
    double high = low + exp (g_rand_double_range (rand, -9, 9)) * MAX (fabs (low) * 1e-3, 1e-6);
    int max = g_rand_int_range (rand, 1, 20);
    g_autofree char *before = NULL;
    KairosTicks ticks;

    kairos_ticks_linear (&ticks, low, high, max);
    g_assert_cmpint (ticks.n, <=, max + 1);
    for (int k = 0; k < ticks.n; k++) {
      g_autofree char *label = kairos_ticks_label (&ticks, k, FALSE);

      g_assert_cmpfloat (ticks.at[k], >=, low - ticks.step * 1e-5);
      g_assert_cmpfloat (ticks.at[k], <=, high + ticks.step * 1e-5);
      if (fabs (ticks.at[k]) < 1e6 && ticks.step > 1e-6)
        g_assert_cmpstr (label, !=, before);
      g_free (before);
      before = g_steal_pointer (&label);
    }
  }
}

static void
assert_label (const KairosTicks *ticks, int index, gboolean percent, const char *expected)
{
  g_autofree char *label = kairos_ticks_label (ticks, index, percent);

  g_assert_cmpstr (label, ==, expected);
}

static void
test_tick_labels (void)
{
  KairosTicks ticks;

  kairos_ticks_linear (&ticks, 0, 1, 4);
  g_assert_cmpint (ticks.n, ==, 3);
  assert_label (&ticks, 0, FALSE, "0.0");
  assert_label (&ticks, 1, FALSE, "0.5");
  assert_label (&ticks, 2, TRUE, "100 %");
  kairos_ticks_log (&ticks, 0.01, 10, 12);
  g_assert_cmpint (ticks.n, ==, 10);
  assert_label (&ticks, 0, FALSE, "0.01");
  assert_label (&ticks, 1, FALSE, "0.02");
  assert_label (&ticks, 9, FALSE, "10");
  kairos_ticks_log (&ticks, 1e-6, 1, 3);
  g_assert_cmpint (ticks.n, ==, 4);
  assert_label (&ticks, 0, FALSE, "1e-06");
}

/* ---- The time axis ---- */

static void
assert_range (KairosTimeAxis *axis, double from, double to)
{
  g_assert_cmpfloat_with_epsilon (kairos_time_axis_get_from (axis), from, 1e-9);
  g_assert_cmpfloat_with_epsilon (kairos_time_axis_get_to (axis), to, 1e-9);
}

static void
on_count (gpointer n)
{
  ++*(guint *) n;
}

static void
test_axis_range (void)
{
  g_autoptr (KairosTimeAxis) axis = kairos_time_axis_new ();
  guint changes = 0;

  g_signal_connect_swapped (axis, "changed", G_CALLBACK (on_count), &changes);
  assert_range (axis, 0, 1);
  kairos_time_axis_set_length (axis, 40);
  assert_range (axis, 0, 40);
  g_assert_true (kairos_time_axis_get_fitted (axis));
  kairos_time_axis_zoom_at (axis, 4, 10);
  assert_range (axis, 7.5, 17.5);
  g_assert_false (kairos_time_axis_get_fitted (axis));
  kairos_time_axis_pan (axis, -100);
  assert_range (axis, 0, 10);
  kairos_time_axis_pan (axis, 100);
  assert_range (axis, 30, 40);
  kairos_time_axis_set_length (axis, 60);
  assert_range (axis, 30, 40);
  kairos_time_axis_zoom_at (axis, 1e-6, 35);
  assert_range (axis, 0, 60);
  g_assert_true (kairos_time_axis_get_fitted (axis));
  kairos_time_axis_zoom_at (axis, 1e9, 20);
  g_assert_cmpfloat (kairos_time_axis_get_to (axis) - kairos_time_axis_get_from (axis), >, 0);
  kairos_time_axis_fit (axis);
  kairos_time_axis_set_now (axis, 70);
  assert_range (axis, 0, 70);

  /* A mere move of now changes no range; senseless input changes nothing. */
  changes = 0;
  kairos_time_axis_set_now (axis, 5);
  kairos_time_axis_set_now (axis, NAN);
  kairos_time_axis_set_length (axis, -1);
  kairos_time_axis_set_range (axis, 3, 3);
  kairos_time_axis_zoom_at (axis, 0, 3);
  g_assert_cmpfloat (kairos_time_axis_get_now (axis), ==, 5);
  g_assert_cmpuint (changes, ==, 1); /* the whole is 60 again */
  assert_range (axis, 0, 60);
}

static void
test_axis_pixels (void)
{
  g_autoptr (KairosTimeAxis) axis = kairos_time_axis_new ();

  kairos_time_axis_set_length (axis, 20);
  kairos_time_axis_set_range (axis, 5, 15);
  g_assert_cmpfloat_with_epsilon (kairos_time_axis_to_x (axis, 5, 800), KAIROS_TIME_AXIS_START, 1e-9);
  g_assert_cmpfloat_with_epsilon (kairos_time_axis_to_x (axis, 15, 800), 800 - KAIROS_TIME_AXIS_END, 1e-9);
  for (double time = 0; time < 20; time += 0.37)
    g_assert_cmpfloat_with_epsilon (kairos_time_axis_to_time (axis, kairos_time_axis_to_x (axis, time, 800), 800), time,
                                    1e-9);
}

static void
test_axis_follow (void)
{
  g_autoptr (KairosTimeAxis) axis = kairos_time_axis_new ();

  kairos_time_axis_set_length (axis, 40);
  kairos_time_axis_set_now (axis, 10);
  g_assert_true (kairos_time_axis_get_follow (axis));

  /* Zoomed in around now, the range moves along, and keeps its span. */
  kairos_time_axis_zoom_at (axis, 4, 10);
  g_assert_true (kairos_time_axis_get_follow (axis));
  kairos_time_axis_set_now (axis, 15);
  assert_range (axis, 7.5, 17.5);
  kairos_time_axis_set_now (axis, 25);
  g_assert_cmpfloat (kairos_time_axis_get_to (axis), >, 25);
  g_assert_cmpfloat_with_epsilon (kairos_time_axis_get_to (axis) - kairos_time_axis_get_from (axis), 10, 1e-9);

  /* A pan by hand ends it, and so does zooming somewhere else. */
  kairos_time_axis_pan (axis, -12);
  g_assert_false (kairos_time_axis_get_follow (axis));
  kairos_time_axis_set_now (axis, 26);
  g_assert_cmpfloat (kairos_time_axis_get_to (axis), <, 26);
  kairos_time_axis_set_follow (axis, TRUE);
  g_assert_cmpfloat (kairos_time_axis_get_from (axis), <, 26);
  g_assert_cmpfloat (kairos_time_axis_get_to (axis), >, 26);
  kairos_time_axis_zoom_at (axis, 20, kairos_time_axis_get_from (axis));
  g_assert_false (kairos_time_axis_get_follow (axis));

  /* A new run begins at 0. */
  kairos_time_axis_set_follow (axis, TRUE);
  kairos_time_axis_set_now (axis, 0);
  g_assert_cmpfloat (kairos_time_axis_get_from (axis), ==, 0);
}

/* ---- A panel in a window ---- */

typedef struct {
  GtkWidget *window;
  KairosPlotPanel *panel;
  KairosPlotView *view;
  KairosTimeAxis *axis;
  KairosMetrics *metrics;
} Fixture;

static gboolean
has_size (gpointer widget)
{
  return gtk_widget_get_mapped (widget) && gtk_widget_get_width (widget) > 100;
}

/* 900 pixels wide, 20 epochs planned, 8 done. */
static void
setup (Fixture *f, gconstpointer data)
{
  f->metrics = kairos_metrics_new ();
  kairos_metrics_set_current (f->metrics, 1);
  ui_test_append_epochs (f->metrics, 1, 0, 8);
  f->window = gtk_window_new ();
  f->panel = KAIROS_PLOT_PANEL (kairos_plot_panel_new ());
  f->view = kairos_plot_panel_get_view (f->panel);
  f->axis = kairos_plot_panel_get_time_axis (f->panel);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 900, 600);
  gtk_window_set_child (GTK_WINDOW (f->window), GTK_WIDGET (f->panel));
  gtk_window_present (GTK_WINDOW (f->window));
  ui_test_wait (has_size, f->view);
  kairos_plot_view_set_metrics (f->view, f->metrics);
  kairos_plot_view_set_progress (f->view, 8, 20);
  g_usleep (50000); /* beyond the time that redraws keep apart */
}

static void
teardown (Fixture *f, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  ui_test_settle ();
  g_assert_finalize_object (f->metrics);
}

static gpointer
controller_of (KairosPlotView *view, GType type)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (view));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

    if (G_OBJECT_TYPE (controller) == type)
      return controller;
  }
  g_assert_not_reached ();
}

static void
point (Fixture *f, double x)
{
  g_signal_emit_by_name (controller_of (f->view, GTK_TYPE_EVENT_CONTROLLER_MOTION), "motion", x, 100.0);
}

static void
wheel (Fixture *f, double dx, double dy)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (controller_of (f->view, GTK_TYPE_EVENT_CONTROLLER_SCROLL), "scroll", dx, dy, &handled);
  g_assert_true (handled);
}

static double
time_at (Fixture *f, double x)
{
  return kairos_time_axis_to_time (f->axis, x, gtk_widget_get_width (GTK_WIDGET (f->view)));
}

static void
test_wheel (Fixture *f, gconstpointer data)
{
  static const double places[] = { 140, 300, 555.5, 860 };

  assert_range (f->axis, 0, 20);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    double before, span;

    kairos_time_axis_set_range (f->axis, 5, 15);
    point (f, places[i]);
    before = time_at (f, places[i]);
    g_assert_cmpfloat_with_epsilon (kairos_plot_view_get_crosshair (f->view), before, 1e-9);
    wheel (f, 0, -1);
    g_assert_cmpfloat_with_epsilon (time_at (f, places[i]), before, 1e-9);
    span = kairos_time_axis_get_to (f->axis) - kairos_time_axis_get_from (f->axis);
    g_assert_cmpfloat (span, <, 10);
    wheel (f, 0, -2);
    g_assert_cmpfloat_with_epsilon (time_at (f, places[i]), before, 1e-9);
    wheel (f, 0, 3);
    assert_range (f->axis, 5, 15);
  }
  wheel (f, 1, 0);
  g_assert_cmpfloat (kairos_time_axis_get_from (f->axis), >, 5);
  g_assert_false (kairos_time_axis_get_follow (f->axis));
}

static void
test_drag (Fixture *f, gconstpointer data)
{
  gpointer drag = controller_of (f->view, GTK_TYPE_GESTURE_DRAG);
  double grabbed;

  kairos_time_axis_set_range (f->axis, 5, 15);
  grabbed = time_at (f, 400);
  g_signal_emit_by_name (drag, "drag-begin", 400.0, 100.0);
  g_signal_emit_by_name (drag, "drag-update", 3.0, 3.0);
  assert_range (f->axis, 5, 15);
  g_assert_true (kairos_time_axis_get_follow (f->axis));
  g_signal_emit_by_name (drag, "drag-update", -60.0, 0.0);
  g_assert_cmpfloat_with_epsilon (time_at (f, 340), grabbed, 1e-9);
  g_assert_false (kairos_time_axis_get_follow (f->axis));
  /* Once begun, it goes back below the threshold, too. */
  g_signal_emit_by_name (drag, "drag-update", 1.0, 0.0);
  g_assert_cmpfloat_with_epsilon (time_at (f, 401), grabbed, 1e-9);
  g_signal_emit_by_name (drag, "drag-end", 1.0, 0.0);
  g_signal_emit_by_name (controller_of (f->view, GTK_TYPE_GESTURE_CLICK), "pressed", 1, 400.0, 100.0);
  g_assert_false (kairos_time_axis_get_fitted (f->axis));
  g_signal_emit_by_name (controller_of (f->view, GTK_TYPE_GESTURE_CLICK), "pressed", 2, 400.0, 100.0);
  assert_range (f->axis, 0, 20);
}

/* What the current run's curve of a measure says at a time; FALSE where it says nothing or is not drawn. */
static gboolean
read_at (KairosPlot *plot, const char *measure, double when, double *time, float *value)
{
  const KairosFigure *figure = kairos_plot_get_figure (plot);

  for (KairosCurve curve = { 0 }; kairos_figure_next (figure, &curve);)
    if (curve.run->current && g_str_equal (curve.measure->name, measure))
      return kairos_figure_read (figure, &curve, when, time, value);
  return FALSE;
}

static gboolean
is_now (gpointer axis)
{
  return kairos_time_axis_get_now (axis) == 12;
}

static void
test_new_data (Fixture *f, gconstpointer data)
{
  guint points = kairos_series_get_n (kairos_metrics_get_series (f->metrics, 1, kairos_measure_find ("batch_loss"), 0));
  double time = NAN, now = NAN;
  float value;

  kairos_time_axis_set_range (f->axis, 2, 5);
  ui_test_append_epochs (f->metrics, 1, 8, 12);
  kairos_metrics_changed (f->metrics);
  kairos_plot_view_set_progress (f->view, 12, 20);
  ui_test_wait (is_now, f->axis);
  assert_range (f->axis, 2, 5);
  kairos_time_axis_fit (f->axis);
  assert_range (f->axis, 0, 20);

  /* The crosshair reads the new points. */
  kairos_time_axis_set_range (f->axis, 8, 12);
  point (f, kairos_time_axis_to_x (f->axis, 11, gtk_widget_get_width (GTK_WIDGET (f->view))));
  g_object_get (f->view, "crosshair", &now, NULL);
  g_assert_cmpfloat_with_epsilon (now, 11, 1e-9);
  g_assert_true (read_at (kairos_plot_view_get_plot (f->view, 0), "val_loss", now, &time, &value));
  g_assert_cmpfloat (time, ==, 11);
  g_assert_cmpfloat_with_epsilon (value, 2.2f * exp (-11 / 4.0), 1e-6);
  g_assert_cmpuint (kairos_series_get_n (
                        kairos_metrics_get_series (f->metrics, 1, kairos_measure_find ("batch_loss"), 0)),
                    ==, points + 4 * UI_TEST_STEPS_PER_EPOCH);
}

/* ---- Painting ---- */

static void
run_for (int ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static void
test_paints (Fixture *f, gconstpointer data)
{
  KairosPlot *plot = kairos_plot_view_get_plot (f->view, 0);
  guint before, rounds = 0;
  gint64 began;

  run_for (300);
  before = kairos_plot_get_n_paints (plot);
  g_assert_cmpuint (before, >, 0);

  /* Neither the crosshair nor the playhead nor a signal without news paints a curve. */
  for (int i = 0; i < 20; i++) {
    point (f, 200 + i * 10);
    kairos_time_axis_set_now (f->axis, 8 + i * 0.1);
    kairos_metrics_changed (f->metrics);
    run_for (10);
  }
  g_assert_cmpuint (kairos_plot_get_n_paints (plot), ==, before);

  /* Signals with news are painted at most 25 times a second. */
  for (began = g_get_monotonic_time (); rounds < 100; rounds++) {
    KairosStepRecord step = { 0, 8 + (rounds + 1) * 1e-4, 0.3f, 0.9f, 0.1f, 64 };

    kairos_metrics_add_step (f->metrics, 1, &step);
    kairos_metrics_changed (f->metrics);
    run_for (1);
  }
  run_for (50);
  g_assert_cmpuint (kairos_plot_get_n_paints (plot) - before, <=,
                    3 + 25 * (g_get_monotonic_time () - began) / G_USEC_PER_SEC);
  g_assert_cmpuint (kairos_plot_get_n_paints (plot), >, before);

  /* Points outside of the range shown paint nothing. */
  kairos_time_axis_set_range (f->axis, 1, 3);
  run_for (200);
  before = kairos_plot_get_n_paints (plot);
  ui_test_append_epochs (f->metrics, 1, 10, 11);
  kairos_metrics_changed (f->metrics);
  run_for (200);
  g_assert_cmpuint (kairos_plot_get_n_paints (plot), ==, before);
}

/* ---- Actions ---- */

static void
test_actions (Fixture *f, gconstpointer data)
{
  GtkWidget *panel = GTK_WIDGET (f->panel);
  gboolean on = FALSE;
  double half_life = -1, before;
  g_autofree char *page = NULL;

  g_assert_true (gtk_widget_activate_action (panel, "plot.zoom-in", NULL));
  g_assert_false (kairos_time_axis_get_fitted (f->axis));
  before = kairos_time_axis_get_from (f->axis);
  gtk_widget_activate_action (panel, "plot.pan-right", NULL);
  g_assert_cmpfloat (kairos_time_axis_get_from (f->axis), >, before);
  gtk_widget_activate_action (panel, "plot.pan-left", NULL);
  g_assert_cmpfloat_with_epsilon (kairos_time_axis_get_from (f->axis), before, 1e-9);
  gtk_widget_activate_action (panel, "plot.zoom-out", NULL);
  gtk_widget_activate_action (panel, "plot.fit", NULL);
  assert_range (f->axis, 0, 20);

  gtk_widget_activate_action (panel, "plot.crosshair-right", NULL);
  g_assert_cmpfloat (kairos_plot_view_get_crosshair (f->view), ==, 8); /* where training stands */
  gtk_widget_activate_action (panel, "plot.crosshair-right", NULL);
  g_assert_cmpfloat (kairos_plot_view_get_crosshair (f->view), >, 8);
  gtk_widget_activate_action (panel, "plot.crosshair-off", NULL);
  g_assert_true (isnan (kairos_plot_view_get_crosshair (f->view)));

  gtk_widget_activate_action (panel, "plot.log-scale", NULL);
  g_object_get (panel, "log-scale", &on, NULL);
  g_assert_true (on && kairos_plot_get_figure (kairos_plot_view_get_plot (f->view, 0))->log);
  g_assert_false (kairos_plot_get_figure (kairos_plot_view_get_plot (f->view, 1))->log);
  gtk_widget_activate_action (panel, "plot.smoothing", "d", 0.5);
  g_object_get (panel, "smoothing", &half_life, NULL);
  g_assert_true (half_life == 0.5 && kairos_plot_get_figure (kairos_plot_view_get_plot (f->view, 0))->half_life == 0.5);
  g_assert_false (kairos_time_axis_get_follow (f->axis)); /* it was panned */
  gtk_widget_activate_action (panel, "plot.follow-live", NULL);
  g_assert_true (kairos_time_axis_get_follow (f->axis));
  gtk_widget_activate_action (panel, "plot.show-table", NULL);
  g_object_get (panel, "page", &page, NULL);
  g_assert_cmpstr (page, ==, "table");
  gtk_widget_activate_action (panel, "plot.page", "s", "curves");
  g_object_get (panel, "show-table", &on, NULL);
  g_assert_false (on);
}

/* The legend's entries are buttons that switch their curve. */
static void
test_legend (Fixture *f, gconstpointer data)
{
  KairosPlot *plot = kairos_plot_view_get_plot (f->view, 0);
  GtkWidget *entry = ui_test_find (GTK_WIDGET (plot), "GtkToggleButton");
  double time;
  float value;

  g_assert_true (read_at (plot, "batch_loss", 3, &time, &value));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (entry), FALSE);
  g_assert_false (read_at (plot, "batch_loss", 3, &time, &value));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (entry), TRUE);
  g_assert_true (read_at (plot, "batch_loss", 3, &time, &value));
  /* not trained so far */
  g_assert_false (read_at (plot, "batch_loss", 9.5, &time, &value));
}

static gboolean
draws (const KairosFigure *figure, gint64 run)
{
  for (KairosCurve curve = { 0 }; kairos_figure_next (figure, &curve);)
    if (curve.run->id == run)
      return TRUE;
  return FALSE;
}

typedef struct {
  const char *title;
  GtkWidget *found;
} Check;

static void
find_check (GtkWidget *widget, gpointer data)
{
  Check *check = data;

  if (GTK_IS_CHECK_BUTTON (widget) &&
      g_strcmp0 (gtk_check_button_get_label (GTK_CHECK_BUTTON (widget)), check->title) == 0)
    check->found = widget;
}

static GtkCheckButton *
check_of (Fixture *f, const char *title)
{
  Check check = { title, NULL };

  ui_test_walk (GTK_WIDGET (f->panel), find_check, &check);
  g_assert_nonnull (check.found);
  return GTK_CHECK_BUTTON (check.found);
}

/* A tick a plot; the last plot stays. */
static void
test_shown_plots (Fixture *f, gconstpointer data)
{
  const KairosMeasureGroup *rates = kairos_measure_group_find ("learning-rate");

  g_assert_false (kairos_plot_view_get_shown (f->view, rates));
  gtk_check_button_set_active (check_of (f, "Learning rate"), TRUE);
  g_assert_true (kairos_plot_view_get_shown (f->view, rates));
  gtk_check_button_set_active (check_of (f, "Loss"), FALSE);
  gtk_check_button_set_active (check_of (f, "Accuracy"), FALSE);
  gtk_check_button_set_active (check_of (f, "Fisher information"), FALSE);
  g_assert_false (kairos_plot_view_get_shown (f->view, kairos_measure_group_find ("loss")));
  gtk_check_button_set_active (check_of (f, "Learning rate"), FALSE);
  g_assert_true (kairos_plot_view_get_shown (f->view, rates));
  g_assert_true (gtk_check_button_get_active (check_of (f, "Learning rate")));
  for (guint i = 0; i < 3; i++) {
    static const char *const first[] = { "Loss", "Accuracy", "Fisher information" };
    gtk_check_button_set_active (check_of (f, first[i]), TRUE); /* remembered: as the other tests expect it */
  }
  gtk_check_button_set_active (check_of (f, "Learning rate"), FALSE);
}

static GtkWidget *
run_legend (Fixture *f)
{
  return ui_test_find (GTK_WIDGET (f->view), "KairosRunLegend");
}

/* Other runs are listed by name and can be taken out of all plots; the current one cannot. */
static void
test_run_legend (Fixture *f, gconstpointer data)
{
  KairosPlot *plot = kairos_plot_view_get_plot (f->view, 0);
  GtkWidget *button;

  g_assert_false (gtk_widget_get_visible (run_legend (f)));
  ui_test_append_epochs (f->metrics, 2, 0, 4);
  kairos_metrics_describe_run (f->metrics, 2, "blurred early", 1, TRUE);
  kairos_metrics_changed (f->metrics);
  run_for (200);
  g_assert_true (gtk_widget_get_visible (run_legend (f)));
  g_assert_true (draws (kairos_plot_get_figure (plot), 2));
  button = ui_test_find (run_legend (f), "GtkToggleButton");
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (ui_test_find (button, "GtkLabel"))), ==, "blurred early");
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), FALSE);
  g_assert_false (draws (kairos_plot_get_figure (plot), 2));
  g_assert_false (draws (kairos_plot_get_figure (kairos_plot_view_get_plot (f->view, 1)), 2));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
  g_assert_true (draws (kairos_plot_get_figure (plot), 2));

  /* The other way round: now run 1 is among the others. */
  kairos_metrics_set_current (f->metrics, 2);
  kairos_metrics_changed (f->metrics);
  run_for (200);
  button = ui_test_find (run_legend (f), "GtkToggleButton");
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (ui_test_find (button, "GtkLabel"))), ==, "run 1");
  kairos_metrics_forget_run (f->metrics, 1);
  kairos_metrics_changed (f->metrics);
  run_for (200);
  g_assert_false (gtk_widget_get_visible (run_legend (f)));
}

/* ---- Table ---- */

static void
assert_cell (KairosEpochRow *row, const char *measure, double value)
{
  g_assert_cmpfloat_with_epsilon (kairos_epoch_row_get (row, kairos_measure_find (measure)), value, 1e-6);
}

static void
test_table (Fixture *f, gconstpointer data)
{
  g_autoptr (KairosEpochModel) model = kairos_epoch_model_new ();
  g_autoptr (KairosEpochRow) row = NULL;
  guint changes = 0;

  kairos_epoch_model_set_metrics (model, f->metrics);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 8);
  row = g_list_model_get_item (G_LIST_MODEL (model), 4);
  g_assert_cmpfloat (kairos_epoch_row_get (row, NULL), ==, 5);
  assert_cell (row, "train_loss", 2 * exp (-5 / 4.0));
  assert_cell (row, "val_accuracy", 0.9 - 0.9 * exp (-5 / 4.0));
  assert_cell (row, "learning_rate", 0.1 / 6);

  g_signal_connect_swapped (model, "items-changed", G_CALLBACK (on_count), &changes);
  kairos_metrics_changed (f->metrics);
  g_assert_cmpuint (changes, ==, 0);
  ui_test_append_epochs (f->metrics, 1, 8, 9);
  kairos_metrics_changed (f->metrics);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 9);
  kairos_metrics_rewind (f->metrics, 1, 3);
  kairos_metrics_changed (f->metrics);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 3);
  kairos_metrics_add_run (f->metrics, 2);
  kairos_metrics_changed (f->metrics);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 3);
  kairos_metrics_set_current (f->metrics, 2);
  kairos_metrics_changed (f->metrics);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 0);
  kairos_epoch_model_set_metrics (model, NULL);
}

/* ---- Export ---- */

typedef struct {
  gboolean done;
  char *message;
} Exported;

static void
on_exported (KairosPlotPanel *panel, const char *path, GError *error, Exported *exported)
{
  exported->done = TRUE;
  g_free (exported->message);
  exported->message = error ? g_strdup (error->message) : NULL;
}

static gboolean
is_done (gpointer exported)
{
  return ((Exported *) exported)->done;
}

/* NULL when it succeeded; caller frees. */
static char *
export_to (Fixture *f, const char *path)
{
  Exported exported = { FALSE, NULL };
  gulong handler = g_signal_connect (f->panel, "exported", G_CALLBACK (on_exported), &exported);

  gtk_widget_activate_action (GTK_WIDGET (f->panel), "plot.export-to", "s", path);
  ui_test_wait (is_done, &exported);
  g_signal_handler_disconnect (f->panel, handler);
  return exported.message;
}

static char *
temporary (const char *name)
{
  return g_build_filename (g_get_user_cache_dir (), name, NULL);
}

/* The fields of a row against the points they came from: a column a measure from the fifth on. */
static void
assert_csv_row (KairosMetrics *metrics, char **fields, gboolean is_step, guint index)
{
  gint64 run = g_ascii_strtoll (fields[0], NULL, 10);
  guint n;
  const KairosMeasure *const *measures = kairos_measures (&n);

  while (n > 0 && kairos_probe_of (measures[n - 1])) /* nothing was probed */
    n--;
  g_assert_cmpuint (g_strv_length (fields), ==, 4 + n);
  g_assert_cmpstr (fields[1], ==, run == 1 ? "run 1" : "\"\"\"two\"\"; 2\"");
  for (guint i = 0; i < n; i++) {
    double time;
    float value = NAN;

    if (is_step ? !!measures[i]->of_step : !!measures[i]->of_epoch) {
      kairos_series_get (kairos_metrics_get_series (metrics, run, measures[i], 0), index, &time, &value);
      g_assert_cmpfloat (g_ascii_strtod (fields[3], NULL), ==, time);
    }
    if (isnan (value))
      g_assert_cmpstr (fields[4 + i], ==, "");
    else
      g_assert_cmpfloat ((float) g_ascii_strtod (fields[4 + i], NULL), ==, value);
  }
}

static void
test_csv (Fixture *f, gconstpointer data)
{
  g_autofree char *path = temporary ("curves.csv");
  g_autofree char *message = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  KairosEpochRecord gap = { 0, 3, 0.5f, 0.5f, NAN, 0.5f };
  guint n_rows[2][2] = { { 0 } }; /* [run][is step] */

  ui_test_append_epochs (f->metrics, 2, 0, 2);
  kairos_metrics_add_epoch (f->metrics, 2, &gap);
  kairos_metrics_describe_run (f->metrics, 2, "\"two\"; 2", 1, TRUE);
  message = export_to (f, path);
  g_assert_null (message);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpstr (lines[0], ==,
                   "run,run_name,kind,epoch,batch_loss,train_loss,val_loss,batch_accuracy,train_accuracy,val_accuracy,"
                   "learning_rate");
  for (guint i = 1; lines[i][0] != '\0'; i++) {
    g_auto (GStrv) fields = g_strsplit (lines[i], ",", -1);
    gboolean is_step = g_str_equal (fields[2], "step");
    guint run = g_str_equal (fields[0], "1") ? 0 : 1;

    assert_csv_row (f->metrics, fields, is_step, n_rows[run][is_step]++);
  }
  g_assert_cmpuint (n_rows[0][TRUE], ==, 8 * UI_TEST_STEPS_PER_EPOCH);
  g_assert_cmpuint (n_rows[0][FALSE], ==, 8);
  g_assert_cmpuint (n_rows[1][TRUE], ==, 2 * UI_TEST_STEPS_PER_EPOCH);
  g_assert_cmpuint (n_rows[1][FALSE], ==, 3);
}

static void
test_pictures (Fixture *f, gconstpointer data)
{
  g_autofree char *png = temporary ("curves.PNG");
  g_autofree char *svg = temporary ("curves.svg");
  g_autofree char *text = NULL;
  g_autofree char *message = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  message = export_to (f, png);
  g_assert_null (message);
  texture = gdk_texture_new_from_filename (png, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gdk_texture_get_width (texture), ==, 2 * gtk_widget_get_width (GTK_WIDGET (f->view)));
  message = export_to (f, svg);
  g_assert_null (message);
  g_assert_true (g_file_get_contents (svg, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "<svg"));
  g_assert_nonnull (strstr (text, "</svg>"));
  g_assert_cmpuint (strlen (text), >, 5000);
}

static void
test_export_errors (Fixture *f, gconstpointer data)
{
  g_autofree char *unknown = temporary ("curves.xls");
  g_autofree char *nowhere = temporary ("no-such-folder/curves.csv");
  g_autofree char *message = export_to (f, unknown);
  g_autofree char *second = export_to (f, nowhere);

  g_assert_nonnull (strstr (message, "curves.xls"));
  g_assert_nonnull (strstr (message, ".csv, .png or .svg"));
  g_assert_false (g_file_test (unknown, G_FILE_TEST_EXISTS));
  g_assert_nonnull (strstr (second, "no-such-folder/curves.csv"));
  g_assert_nonnull (strstr (second, "Try another name or folder."));
}

int
main (int argc, char **argv)
{
  if (!ui_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/plots/ticks", test_ticks);
  g_test_add_func ("/plots/tick-labels", test_tick_labels);
  g_test_add_func ("/plots/axis/range", test_axis_range);
  g_test_add_func ("/plots/axis/pixels", test_axis_pixels);
  g_test_add_func ("/plots/axis/follow", test_axis_follow);
#define ADD(path, func) g_test_add (path, Fixture, NULL, setup, func, teardown)
  ADD ("/plots/wheel", test_wheel);
  ADD ("/plots/drag", test_drag);
  ADD ("/plots/new-data", test_new_data);
  ADD ("/plots/paints", test_paints);
  ADD ("/plots/actions", test_actions);
  ADD ("/plots/legend", test_legend);
  ADD ("/plots/shown", test_shown_plots);
  ADD ("/plots/runs/legend", test_run_legend);
  ADD ("/plots/table", test_table);
  ADD ("/plots/export/csv", test_csv);
  ADD ("/plots/export/pictures", test_pictures);
  ADD ("/plots/export/errors", test_export_errors);
  return g_test_run ();
}
