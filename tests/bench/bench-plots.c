/* SPDX-License-Identifier: MIT */

/* How long the plots take with a million points: a JSON line of milliseconds of the main thread's processor time (so
 * that other programs do not count), median and 99th percentile.
 *
 * redraw: range changed, both plots painted anew; live: one more step; crosshair, playhead: only the layer above;
 * frame: what the frame clock spends on such a redraw in a window, rendering included; smoothing: another half-life,
 * which goes over all points once.
 */
#include "plots/kairos-plot-view.h"

#include <adwaita.h>
#include <math.h>
#include <time.h>

#define N_POINTS 1000000
#define STEPS_PER_EPOCH 5000
#define ROUNDS 60

static KairosMetrics *
million_points (void)
{
  KairosMetrics *metrics = kairos_metrics_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  kairos_metrics_set_current (metrics, 1);
  for (guint i = 1; i <= N_POINTS; i++) {
    double epoch = i / (double) STEPS_PER_EPOCH, base = 2.3 * exp (-epoch / 30) + 0.1;
    KairosStepRecord step = {
      i, epoch, base * g_rand_double_range (rand, 0.5, 1.5), 1 - base * g_rand_double_range (rand, 0.2, 0.4), 0.1f, 64
    };
    KairosEpochRecord record = { i, epoch, base, 1 - base / 3, base * 1.1f, 1 - base / 2.7f };

    kairos_metrics_add_step (metrics, 1, &step);
    if (i % STEPS_PER_EPOCH == 0)
      kairos_metrics_add_epoch (metrics, 1, &record);
  }
  return metrics;
}

/* Milliseconds this thread has computed so far. */
static double
clock_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1e3 + now.tv_nsec * 1e-6;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return *(const double *) a < *(const double *) b ? -1 : 1;
}

static void
report (const char *name, double *ms, gboolean last)
{
  qsort (ms, ROUNDS, sizeof *ms, compare);
  g_print ("\"%s\": {\"median\": %.3f, \"p99\": %.3f}%s", name, ms[ROUNDS / 2], ms[ROUNDS - 1], last ? "}\n" : ", ");
}

/* One plot: fit, background and curves onto an image, as the widget does. */
static double
time_figure (KairosFigure *figure, gboolean background, PangoContext *context)
{
  double start = clock_ms ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, figure->width, figure->height);
  cairo_t *cr = cairo_create (surface);

  kairos_figure_fit (figure);
  if (background)
    kairos_figure_draw_background (figure, cr, context);
  kairos_figure_draw_curves (figure, cr);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return clock_ms () - start;
}

static double
time_plots (KairosPlotView *view, gboolean background)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (view));
  double ms = 0;

  for (guint i = 0; i < kairos_plot_view_get_n_plots (view); i++) {
    KairosPlot *plot = kairos_plot_view_get_plot (view, i);
    KairosFigure figure = *kairos_plot_get_figure (plot);

    if (!gtk_widget_get_visible (GTK_WIDGET (plot)))
      continue;
    ms += time_figure (&figure, background, context);
  }
  return ms;
}

/* ---- In a window ---- */

typedef struct {
  double start, ms;
} Frame;

static void
on_before (GdkFrameClock *clock, Frame *frame)
{
  frame->start = clock_ms ();
}

static void
on_after (GdkFrameClock *clock, Frame *frame)
{
  frame->ms = clock_ms () - frame->start;
}

static double
time_frame (Frame *frame)
{
  frame->ms = -1;
  while (frame->ms < 0)
    g_main_context_iteration (NULL, TRUE);
  return frame->ms;
}

static void
settle (void)
{
  gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC / 2;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static void
measure (KairosPlotView *view, Frame *frame)
{
  double redraw[ROUNDS], live[ROUNDS], smoothing[ROUNDS], frames[ROUNDS], crosshair[ROUNDS], playhead[ROUNDS];
  KairosTimeAxis *axis = kairos_plot_view_get_axis (view);
  double end = kairos_time_axis_get_end (axis);

  for (int i = 0; i < ROUNDS; i++) {
    redraw[i] = time_plots (view, TRUE);
    live[i] = time_plots (view, FALSE);
    kairos_time_axis_set_range (axis, 0.01 * i, end - 0.01 * i - 0.01);
    frames[i] = time_frame (frame);
    kairos_plot_view_move_crosshair (view, 3);
    crosshair[i] = time_frame (frame);
  }
  kairos_plot_view_clear_crosshair (view);
  kairos_time_axis_fit (axis);
  time_frame (frame);
  for (int i = 0; i < ROUNDS; i++) {
    kairos_time_axis_set_now (axis, end * (i + 1) / (ROUNDS + 1));
    playhead[i] = time_frame (frame);
    kairos_plot_view_set_half_life (view, 0.6 + i * 0.01);
    smoothing[i] = time_plots (view, FALSE);
    time_frame (frame);
  }
  report ("redraw", redraw, FALSE);
  report ("live", live, FALSE);
  report ("smoothing", smoothing, FALSE);
  report ("frame", frames, FALSE);
  report ("crosshair", crosshair, FALSE);
  report ("playhead", playhead, TRUE);
}

int
main (int argc, char **argv)
{
  g_autoptr (KairosMetrics) metrics = NULL;
  GtkWidget *window, *view;
  GdkFrameClock *clock;
  Frame frame = { 0 };

  if (!gtk_init_check ())
    return 77;
  adw_init ();
  metrics = million_points ();
  window = gtk_window_new ();
  view = kairos_plot_view_new ();
  gtk_window_set_default_size (GTK_WINDOW (window), 1000, 600);
  gtk_window_set_child (GTK_WINDOW (window), view);
  kairos_plot_view_set_half_life (KAIROS_PLOT_VIEW (view), 0.5);
  kairos_plot_view_set_metrics (KAIROS_PLOT_VIEW (view), metrics);
  gtk_window_present (GTK_WINDOW (window));
  kairos_plot_view_set_progress (KAIROS_PLOT_VIEW (view), N_POINTS / STEPS_PER_EPOCH, N_POINTS / STEPS_PER_EPOCH);
  settle ();
  clock = gtk_widget_get_frame_clock (window);
  g_signal_connect (clock, "before-paint", G_CALLBACK (on_before), &frame);
  g_signal_connect (clock, "after-paint", G_CALLBACK (on_after), &frame);
  g_print ("{\"points\": %d, \"width\": %d, \"height\": %d, ", N_POINTS, gtk_widget_get_width (view),
           gtk_widget_get_height (view));
  measure (KAIROS_PLOT_VIEW (view), &frame);
  gtk_window_destroy (GTK_WINDOW (window));
  return 0;
}
