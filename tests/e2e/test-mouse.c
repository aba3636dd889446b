/* SPDX-License-Identifier: MIT */

/* An experiment by mouse alone: does blur early in the training do more harm than blur late?  From the first page to
 * two runs in the plots, with real motions and clicks of xdotool on the real window; where to click is asked of the
 * widgets, so that no theme or font moves it away.
 *
 * Pictures of the two runs are written beside the program.  How long the acting took is said, not judged.  The network
 * is the quickest there is; with
 * "-m slow" it is a convolutional one, on which the question makes sense.
 */
#include "config.h"

#include <gdk/x11/gdkx.h>
#include <math.h>

#include "../ui/fixture.h"
#include "common/kairos-time-axis.h"
#include "timeline/kairos-timeline-lanes-private.h"
#include "timeline/kairos-timeline-panel.h"

enum { EPOCHS = 9, DRAG_MOVES = 8 };

static KairosWindow *window;
static double acting; /* seconds */

/* ---- The mouse ---- */

static void
run (const char *format, ...)
{
  g_autofree char *command = NULL;
  g_autoptr (GError) error = NULL;
  int status;
  va_list arguments;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_spawn_command_line_sync (command, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, &error));
}

/* Lets the window live for a while. */
static gboolean
on_over (gpointer over)
{
  *(gboolean *) over = TRUE;
  return G_SOURCE_REMOVE;
}

static void
breathe (guint milliseconds)
{
  gboolean over = FALSE;

  g_timeout_add (milliseconds, on_over, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

static void
move_to (GtkWidget *widget, double x, double y)
{
  GtkNative *native = gtk_widget_get_native (widget);
  graphene_point_t point;
  double dx, dy;

  gtk_native_get_surface_transform (native, &dx, &dy);
  g_assert_true (gtk_widget_compute_point (widget, GTK_WIDGET (native), &GRAPHENE_POINT_INIT (x, y), &point));
  run ("xdotool mousemove --window %lu %d %d", gdk_x11_surface_get_xid (gtk_native_get_surface (native)),
       (int) (point.x + dx), (int) (point.y + dy));
  breathe (20);
}

static void
click (GtkWidget *widget)
{
  move_to (widget, gtk_widget_get_width (widget) / 2.0, gtk_widget_get_height (widget) / 2.0);
  run ("xdotool click 1");
  breathe (100);
}

static void
drag (GtkWidget *widget, double x, double y, double dx)
{
  move_to (widget, x, y);
  run ("xdotool mousedown 1");
  breathe (50);
  for (int i = 1; i <= DRAG_MOVES; i++)
    move_to (widget, x + dx * i / DRAG_MOVES, y);
  run ("xdotool mouseup 1");
  breathe (100);
}

/* ---- What is on screen ---- */

typedef struct {
  const char *text, *action;
  GtkWidget *found;
} Sought;

static void
match (GtkWidget *widget, gpointer data)
{
  Sought *sought = data;
  const char *action = GTK_IS_ACTIONABLE (widget) ? gtk_actionable_get_action_name (GTK_ACTIONABLE (widget)) : NULL;
  const char *text = GTK_IS_LABEL (widget) ? gtk_label_get_text (GTK_LABEL (widget)) : NULL;

  if (sought->found || !gtk_widget_get_mapped (widget) || !gtk_widget_is_sensitive (widget))
    return;
  if ((sought->text && g_strcmp0 (text, sought->text) == 0) ||
      (sought->action && g_strcmp0 (action, sought->action) == 0))
    sought->found = widget;
}

static gboolean
is_there (gpointer data)
{
  Sought *sought = data;
  GListModel *toplevels = gtk_window_get_toplevels ();

  sought->found = NULL;
  for (guint i = g_list_model_get_n_items (toplevels); i > 0 && !sought->found; i--) {
    g_autoptr (GtkWidget) toplevel = g_list_model_get_item (toplevels, i - 1);

    ui_test_walk (toplevel, match, sought);
  }
  return sought->found != NULL;
}

/* The widget with this text, or of this action, as soon as it is there and stands still. */
static GtkWidget *
find (const char *text, const char *action)
{
  Sought sought = { text, action, NULL };
  graphene_rect_t before, bounds = GRAPHENE_RECT_INIT (0, 0, 0, 0);

  do {
    ui_test_wait (is_there, &sought);
    before = bounds;
    breathe (120);
    if (!is_there (&sought) ||
        !gtk_widget_compute_bounds (sought.found, GTK_WIDGET (gtk_widget_get_native (sought.found)), &bounds))
      bounds = GRAPHENE_RECT_INIT (0, 0, 0, 0);
  } while (bounds.size.width == 0 || !graphene_rect_equal (&before, &bounds));
  return sought.found;
}

static void
click_text (const char *text)
{
  click (find (text, NULL));
}

static void
click_action (const char *action)
{
  click (find (NULL, action));
}

/* ---- The experiment ---- */

static KairosDocument *
document (void)
{
  return kairos_window_get_document (window);
}

static double
epoch (void)
{
  KairosStatus status;

  kairos_document_get_status (document (), &status);
  return status.epoch;
}

static const KairosClip *
clip (void)
{
  KairosTimeline *timeline = kairos_document_get_timeline (document ());

  g_assert_cmpuint (kairos_timeline_get_n_tracks (timeline), ==, 1);
  return kairos_timeline_get_track (timeline, 0)->clips[0];
}

static KairosTimelineLanes *
lanes (void)
{
  return kairos_timeline_panel_get_lanes (
      KAIROS_TIMELINE_PANEL (ui_test_find (GTK_WIDGET (window), "KairosTimelinePanel")));
}

static double
x_of (double time)
{
  return kairos_time_axis_to_x (lanes ()->axis, time, gtk_widget_get_width (GTK_WIDGET (lanes ())));
}

/* From one time to another, in the only lane. */
static void
drag_time (double from, double to, double offset)
{
  drag (GTK_WIDGET (lanes ()), x_of (from) + offset, KAIROS_TIMELINE_LANE / 2.0, x_of (to) - x_of (from));
}

static gboolean
is_at_page (gpointer name)
{
  return g_strcmp0 (ui_test_page (window), name) == 0;
}

static gboolean
has_document (gpointer data)
{
  return document () != NULL;
}

static gboolean
is_at_start (gpointer data)
{
  return epoch () == 0;
}

static gboolean
has_clip (gpointer data)
{
  return !kairos_timeline_is_empty (kairos_document_get_timeline (document ()));
}

static gboolean
has_come_to (gpointer whole)
{
  return epoch () >= GPOINTER_TO_UINT (whole);
}

static gboolean
is_run (gpointer number)
{
  return kairos_metrics_get_current (kairos_document_get_metrics (document ())) == (gint64) GPOINTER_TO_UINT (number);
}

/* With pauses that do not count as acting. */
static void
train_to_the_end (void)
{
  gint64 began = g_get_monotonic_time ();

  for (guint whole = 1; whole <= EPOCHS; whole++)
    ui_test_wait (has_come_to, GUINT_TO_POINTER (whole));
  ui_test_wait_for_state (window, KAIROS_WORKER_FINISHED);
  breathe (500);
  acting -= (double) (g_get_monotonic_time () - began) / G_USEC_PER_SEC;
}

static double
last_accuracy (guint run_from_end)
{
  KairosMetrics *metrics = kairos_document_get_metrics (document ());
  guint index = kairos_metrics_get_n_runs (metrics) - run_from_end;
  KairosSeries *series = kairos_metrics_get_series (metrics, kairos_metrics_get_run (metrics, index)->id,
                                                    kairos_measure_find ("val_accuracy"), 0);
  float value;

  g_assert_nonnull (series);
  g_assert_cmpuint (kairos_series_get_n (series), ==, EPOCHS);
  kairos_series_get (series, EPOCHS - 1, NULL, &value);
  return value;
}

static void
find_down (GtkWidget *widget, gpointer data)
{
  if (GTK_IS_BUTTON (widget) && gtk_widget_has_css_class (widget, "down"))
    *(GtkWidget **) data = widget;
}

static void
make_session (void)
{
  GtkWidget *row, *down = NULL;

  click_text ("Digits");
  ui_test_wait (is_at_page, (gpointer) "setup");
  click_text ("Network");
  click_text (g_test_thorough () ? "lenet-5" : "logistic");
  row = gtk_widget_get_ancestor (find ("Epochs", NULL), g_type_from_name ("KairosParamRow"));
  ui_test_walk (row, find_down, &down);
  g_assert_nonnull (down);
  while (gtk_spin_button_get_value (GTK_SPIN_BUTTON (gtk_widget_get_parent (down))) > EPOCHS)
    click (down);
  click_text ("Start Training");
  ui_test_wait (has_document, NULL);
}

static void
test_early_and_late (void)
{
  gint64 began = g_get_monotonic_time ();

  window = kairos_window_new (ui_test_application ());
  gtk_window_set_default_size (GTK_WINDOW (window), 1440, 900);
  gtk_window_present (GTK_WINDOW (window));
  make_session ();
  click_action ("transport.restart"); /* to plan before anything is learned */
  ui_test_wait (is_at_start, NULL);

  click_text ("Clip");
  click_text ("Deficits");
  click_text ("Blur");
  ui_test_wait (has_clip, NULL);
  breathe (300);
  drag_time (clip ()->to, 3, -2);
  g_assert_cmpfloat_with_epsilon (clip ()->to, 3, 1e-6);
  g_assert_cmpfloat (clip ()->from, ==, 0);
  g_assert_false (clip ()->recorded);
  click_action ("transport.play");
  train_to_the_end ();
  run ("import -window root early.png");

  drag_time (1.5, 5.5, 0);
  click_text ("Branch");
  ui_test_wait (is_run, GUINT_TO_POINTER (3));
  g_assert_cmpfloat_with_epsilon (clip ()->from, 4, 1e-6);
  click_action ("transport.play");
  train_to_the_end ();
  run ("import -window root early-and-late.png");

  acting += (double) (g_get_monotonic_time () - began) / G_USEC_PER_SEC;
  g_test_message ("%.1f s of acting; validation accuracy with blur early %.4f, late %.4f", acting, last_accuracy (2),
                  last_accuracy (1));
  g_assert_cmpfloat (last_accuracy (1), !=, last_accuracy (2));
  ui_test_close_all (window);
}

int
main (int argc, char **argv)
{
  g_autofree char *xdotool = g_find_program_in_path ("xdotool"), *import = g_find_program_in_path ("import");

  if (!ui_test_init (&argc, &argv))
    return 0;
  if (!xdotool || !import || !GDK_IS_X11_DISPLAY (gdk_display_get_default ())) {
    g_print ("1..0 # SKIP no xdotool, no import or no X11\n");
    return 0;
  }
  g_test_add_func ("/mouse/early-and-late", test_early_and_late);
  return g_test_run ();
}
