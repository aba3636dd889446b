/* SPDX-License-Identifier: MIT */

/* Curves drawn by hand, in the form of a clip and in its lane: what pointer, keys and buttons do to the points, and to
 * what undo has to take back. */
#include "config.h"

#include <math.h>

#include "common/kairos-param-row.h"
#include "fixture.h"
#include "timeline/kairos-clip-popover.h"
#include "timeline/kairos-curve-editor.h"
#include "timeline/kairos-curve-plot-private.h"
#include "timeline/kairos-timeline-lanes-private.h"
#include "timeline/kairos-timeline-panel.h"

static KairosWindow *window;
static KairosDocument *document;
static GtkWidget *panel, *editor;
static KairosTimelineLanes *lanes;
static KairosCurvePlot *plot;

static gboolean
is_laid_out (gpointer widget)
{
  return gtk_widget_get_width (widget) > 0;
}

static const KairosClip *
clip (void)
{
  KairosTimeline *timeline = kairos_document_get_timeline (document);

  g_assert_cmpuint (kairos_timeline_get_n_tracks (timeline), ==, 1);
  g_assert_cmpuint (kairos_timeline_get_track (timeline, 0)->n_clips, ==, 1);
  return kairos_timeline_get_track (timeline, 0)->clips[0];
}

static GtkWidget *
view (void)
{
  return GTK_WIDGET (kairos_timeline_lanes_find (lanes, clip ()->id));
}

static gboolean
is_placed (gpointer data)
{
  return view () && gtk_widget_get_width (view ()) > 100;
}

/* One for all tests, since opening it takes most of the time. */
static void
open_window (void)
{
  if (window)
    return;
  window = ui_test_session ("logistic");
  document = kairos_window_get_document (window);
  panel = ui_test_find (GTK_WIDGET (window), "KairosTimelinePanel");
  lanes = kairos_timeline_panel_get_lanes (KAIROS_TIMELINE_PANEL (panel));
  ui_test_wait (is_laid_out, lanes);
}

/* A timeline with this clip alone; no form is open. */
static void
begin (const char *object)
{
  g_autofree char *text =
      g_strdup_printf ("{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"Rate\",\"clips\":[%s]}]}", object);
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosTimeline) timeline = kairos_timeline_from_text (text, -1, &error);

  g_assert_no_error (error);
  open_window ();
  gtk_popover_popdown (GTK_POPOVER (ui_test_find (panel, "KairosClipPopover")));
  kairos_timeline_lanes_select (lanes, NULL, 0);
  g_assert_true (kairos_document_edit_timeline (document, timeline, "test", NULL, &error));
  g_assert_no_error (error);
  ui_test_wait (is_placed, NULL);
}

static void
open_form (void)
{
  guint32 id = clip ()->id;

  kairos_timeline_lanes_select (lanes, &id, 1);
  g_assert_true (gtk_widget_activate_action (panel, "timeline.edit", NULL));
  editor = ui_test_find (panel, "KairosCurveEditor");
  plot = KAIROS_CURVE_PLOT (ui_test_find (panel, "KairosCurvePlot"));
  g_assert_nonnull (plot);
  ui_test_settle ();
}

#define MOMENTUM "{\"kind\":\"momentum\",\"from\":2,\"to\":12,\"points\":[[0,0.5],[4,0.8],[10,0.2]]}"

static void
assert_points (const char *expected)
{
  g_autoptr (GArray) points = kairos_clip_points (clip (), NULL);
  GString *text = g_string_new (NULL);
  g_autofree char *owned = NULL;

  for (guint i = 0; i < points->len; i++) {
    const KairosPoint *point = &g_array_index (points, KairosPoint, i);

    g_string_append_printf (text, "%s%.4g:%.4g", i > 0 ? " " : "", point->time, point->value);
  }
  owned = g_string_free (text, FALSE);
  g_assert_cmpstr (owned, ==, expected);
}

static guint
n_steps_to_undo (void)
{
  guint n = 0;

  for (; kairos_document_can_undo (document); n++)
    kairos_document_undo (document);
  for (guint i = 0; i < n; i++)
    kairos_document_redo (document);
  return n;
}

static void
act (const char *action)
{
  g_assert_true (gtk_widget_activate_action (editor, action, NULL));
  ui_test_settle ();
}

static void
nudge (double right, double up)
{
  g_assert_true (gtk_widget_activate_action (editor, "curve.move", "(dd)", right, up));
  ui_test_settle ();
}

static GtkGesture *
click_of (gpointer widget)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

    if (GTK_IS_GESTURE_CLICK (controller) &&
        gtk_gesture_single_get_button (GTK_GESTURE_SINGLE (controller)) != GDK_BUTTON_SECONDARY)
      return GTK_GESTURE (controller);
  }
  g_assert_not_reached ();
}

/* A press and a release in one place; presses counts from 1, as those of a double click do. */
static void
press (gpointer widget, GtkGesture *drag, int presses, double x, double y)
{
  g_signal_emit_by_name (drag, "drag-begin", x, y);
  g_signal_emit_by_name (click_of (widget), "pressed", presses, x, y);
  g_signal_emit_by_name (drag, "drag-end", 0.0, 0.0);
  ui_test_settle ();
}

static void
drag (GtkGesture *gesture, double x, double y, double dx, double dy)
{
  g_signal_emit_by_name (gesture, "drag-begin", x, y);
  g_signal_emit_by_name (gesture, "drag-update", dx / 2, dy / 2);
  g_signal_emit_by_name (gesture, "drag-update", dx, dy);
  g_signal_emit_by_name (gesture, "drag-end", dx, dy);
  ui_test_settle ();
}

/* ---- The form ---- */

static void
test_only_with_points (void)
{
  begin ("{\"kind\":\"weight-decay\",\"from\":2,\"to\":5}");
  open_form ();
  g_assert_false (gtk_widget_get_visible (editor));
}

static void
test_draw_and_back (void)
{
  const char *cosine = "{\"kind\":\"learning-rate\",\"from\":2,\"to\":12,\"shape\":\"cosine\",\"rate\":0.2}";
  g_autoptr (GArray) points = NULL;
  g_autofree char *undone = NULL, *back = NULL;
  guint before;

  begin (cosine);
  before = n_steps_to_undo ();
  open_form ();
  g_assert_true (gtk_widget_get_visible (editor));
  g_assert_false (ui_test_enabled (editor, "curve.add"));
  act ("curve.draw");
  points = kairos_clip_points (clip (), NULL);
  g_assert_cmpuint (points->len, >, 4);
  g_assert_false (json_object_has_member (clip ()->params, "shape"));
  g_assert_cmpuint (plot->handles->len, ==, points->len);
  g_assert_false (ui_test_enabled (editor, "curve.draw"));
  kairos_document_undo (document); /* one step */
  undone = kairos_clip_to_text (clip ());
  g_assert_cmpstr (undone, ==, cosine);
  g_assert_true (ui_test_enabled (editor, "curve.draw"));
  kairos_document_redo (document);
  act ("curve.shape"); /* the one that it was */
  back = kairos_clip_to_text (clip ());
  g_assert_cmpstr (back, ==, "{\"kind\":\"learning-rate\",\"from\":2,\"to\":12,\"rate\":0.2,\"shape\":\"cosine\"}");
  g_assert_cmpuint (n_steps_to_undo (), ==, before + 2);
}

typedef struct {
  const char *name, *text;
} Choice;

static void
on_choose (GtkWidget *widget, gpointer data)
{
  const Choice *choice = data;

  if (!KAIROS_IS_PARAM_ROW (widget) ||
      g_strcmp0 (kairos_param_row_get_name (KAIROS_PARAM_ROW (widget)), choice->name) != 0 ||
      !gtk_widget_get_ancestor (widget, KAIROS_TYPE_CLIP_POPOVER))
    return;
  kairos_param_row_set_text (KAIROS_PARAM_ROW (widget), choice->text);
  g_signal_emit_by_name (widget, "edited");
}

/* In the rows below: a shape instead of points, points instead of a shape, each as one step; nothing instead of what is
 * wrong anyway. */
static void
test_rows_swap (void)
{
  Choice shape = { "shape", "cosine" }, points = { "points", "0: 0.3, 2: 0.1" }, wrong = { "points", "0: 0.3, 0: 0.1" };
  guint before;

  begin ("{\"kind\":\"learning-rate\",\"from\":2,\"to\":12,\"points\":[[0,0.1],[4,0.01]]}");
  before = n_steps_to_undo ();
  open_form ();
  ui_test_walk (panel, on_choose, &shape);
  assert_points ("");
  g_assert_cmpstr (json_object_get_string_member (clip ()->params, "shape"), ==, "cosine");
  ui_test_walk (panel, on_choose, &wrong);
  g_assert_cmpstr (json_object_get_string_member (clip ()->params, "shape"), ==, "cosine");
  ui_test_walk (panel, on_choose, &points);
  assert_points ("0:0.3 2:0.1");
  g_assert_false (json_object_has_member (clip ()->params, "shape"));
  g_assert_cmpuint (n_steps_to_undo (), ==, before + 2);
}

static void
test_drag (void)
{
  double x, y;
  guint before;

  begin (MOMENTUM);
  before = n_steps_to_undo ();
  open_form ();
  x = kairos_curve_plot_x (plot, 4);
  y = kairos_curve_plot_y (plot, 0.8);
  drag (plot->drag, x + 1, y + 1, kairos_curve_plot_x (plot, 6) - x, kairos_curve_plot_y (plot, 0.6) - y);
  assert_points ("0:0.5 6:0.6 10:0.2");
  /* not past its neighbour */
  drag (plot->drag, kairos_curve_plot_x (plot, 6), kairos_curve_plot_y (plot, 0.6), 1000, 0);
  assert_points ("0:0.5 10:0.6 10:0.2");
  g_assert_cmpuint (n_steps_to_undo (), ==, before + 2);
}

static void
test_no_step (void)
{
  double x, y;
  guint before;

  begin (MOMENTUM);
  before = n_steps_to_undo ();
  open_form ();
  x = kairos_curve_plot_x (plot, 4);
  y = kairos_curve_plot_y (plot, 0.8);
  drag (plot->drag, x, y, 3, 3); /* below the threshold */
  g_signal_emit_by_name (plot->drag, "drag-begin", x, y);
  g_signal_emit_by_name (plot->drag, "drag-update", 30.0, 20.0);
  g_assert_cmpfloat (g_array_index (plot->shown, KairosPoint, 1).value, <, 0.8);
  g_signal_emit_by_name (plot->drag, "drag-update", 0.0, 0.0); /* back to where it began */
  g_signal_emit_by_name (plot->drag, "drag-end", 0.0, 0.0);
  g_signal_emit_by_name (plot->drag, "drag-begin", x, y);
  g_signal_emit_by_name (plot->drag, "drag-update", 30.0, 20.0);
  g_assert_true (kairos_curve_drag_cancel (plot)); /* what Escape does */
  g_assert_cmpfloat (g_array_index (plot->shown, KairosPoint, 1).value, ==, 0.8);
  g_signal_emit_by_name (plot->drag, "drag-end", 30.0, 20.0);
  ui_test_settle ();
  assert_points ("0:0.5 4:0.8 10:0.2");
  g_assert_cmpuint (n_steps_to_undo (), ==, before);
}

static void
test_add_and_remove (void)
{
  double x, y;
  guint before;

  begin (MOMENTUM);
  before = n_steps_to_undo ();
  open_form ();
  x = kairos_curve_plot_x (plot, 7);
  y = kairos_curve_plot_y (plot, 0.5);
  press (plot, plot->drag, 1, x, y - 40); /* beside the line */
  assert_points ("0:0.5 4:0.8 10:0.2");
  press (plot, plot->drag, 1, x, y);
  assert_points ("0:0.5 4:0.8 7:0.5 10:0.2");
  press (plot, plot->drag, 2, x, y); /* a double click on the line leaves what its first press made */
  assert_points ("0:0.5 4:0.8 7:0.5 10:0.2");
  press (plot, plot->drag, 1, x, y);
  press (plot, plot->drag, 2, x, y);
  assert_points ("0:0.5 4:0.8 10:0.2");
  g_assert_cmpuint (n_steps_to_undo (), ==, before + 2);
}

/* A press on the line makes a point that the same drag moves: one step. */
static void
test_add_and_drag (void)
{
  guint before;
  double x, y;

  begin (MOMENTUM);
  before = n_steps_to_undo ();
  open_form ();
  x = kairos_curve_plot_x (plot, 7);
  y = kairos_curve_plot_y (plot, 0.5);
  drag (plot->drag, x, y, 0, kairos_curve_plot_y (plot, 0.3) - y);
  assert_points ("0:0.5 4:0.8 7:0.3 10:0.2");
  g_assert_cmpuint (n_steps_to_undo (), ==, before + 1);
}

static void
test_keyboard (void)
{
  g_autoptr (GArray) points = NULL;
  guint before;

  begin (MOMENTUM);
  before = n_steps_to_undo ();
  open_form ();
  for (guint i = 0; i < plot->handles->len; i++)
    g_assert_true (gtk_widget_get_focusable (plot->handles->pdata[i]));
  gtk_test_accessible_assert_property (plot->handles->pdata[1], GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Point 2 of 3: epoch 6, value 0.8");
  gtk_widget_grab_focus (plot->handles->pdata[0]);
  /* in time, though the next one is higher */
  g_assert_true (gtk_widget_child_focus (GTK_WIDGET (plot), GTK_DIR_TAB_FORWARD));
  g_assert_cmpint (plot->current, ==, 1);
  g_assert_true (gtk_widget_child_focus (GTK_WIDGET (plot), GTK_DIR_TAB_FORWARD));
  g_assert_cmpint (plot->current, ==, 2);
  g_assert_false (gtk_widget_child_focus (GTK_WIDGET (plot), GTK_DIR_TAB_FORWARD));
  g_assert_true (gtk_widget_child_focus (GTK_WIDGET (plot), GTK_DIR_TAB_BACKWARD));
  g_assert_cmpint (plot->current, ==, 1);
  for (guint i = 0; i < 3; i++)
    nudge (10, 0);
  assert_points ("0:0.5 7:0.8 10:0.2");
  gtk_test_accessible_assert_property (plot->handles->pdata[1], GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Point 2 of 3: epoch 9, value 0.8");
  gtk_widget_grab_focus (plot->handles->pdata[2]);
  nudge (0, 10);
  assert_points ("0:0.5 7:0.8 10:0.3");
  act ("curve.remove");
  assert_points ("0:0.5 7:0.8");
  g_assert_cmpint (plot->current, ==, 1); /* the one that is the last now */
  act ("curve.add");
  assert_points ("0:0.5 7:0.8 8.5:0.8");
  g_assert_cmpint (plot->current, ==, 2);
  act ("curve.remove");
  act ("curve.remove");
  assert_points ("0:0.5");
  g_assert_false (ui_test_enabled (editor, "curve.remove")); /* the last one holds the curve */
  g_assert_cmpuint (n_steps_to_undo (), ==, before + 6);     /* three nudges of one point are one */
}

static gboolean
shows_now (gpointer now)
{
  return plot->now >= *(double *) now;
}

static gboolean
has_come_to (gpointer step)
{
  return ui_test_step (window) == GPOINTER_TO_UINT (step);
}

/* A clip that is running, in the first step of the training. */
static void
begin_running (void)
{
  begin ("{\"kind\":\"momentum\",\"from\":0,\"to\":12,\"points\":[[0,0.5],[4,0.8],[10,0.2]]}");
  gtk_widget_activate_action (GTK_WIDGET (window), "win.step", NULL);
  ui_test_wait (has_come_to, GUINT_TO_POINTER (1));
  ui_test_wait_for_state (window, KAIROS_WORKER_PAUSED);
}

/* Where a point of the clip is, in the coordinates of the lanes. */
static graphene_point_t
place_of (double epoch, double value)
{
  KairosClipView *shown = KAIROS_CLIP_VIEW (view ());
  graphene_point_t place;

  g_assert_true (gtk_widget_compute_point (GTK_WIDGET (shown), GTK_WIDGET (lanes),
                                           &GRAPHENE_POINT_INIT (kairos_clip_view_time_to_x (shown, epoch),
                                                                 kairos_clip_view_value_to_y (shown, value)),
                                           &place));
  return place;
}

/* On the same clip, since one that runs cannot be taken away any more. */
static void
hold_lane_to_account (void)
{
  graphene_point_t at, to;

  gtk_popover_popdown (GTK_POPOVER (ui_test_find (panel, "KairosClipPopover")));
  at = place_of (4, 0.8);
  drag (lanes->drag, at.x, at.y, 0, 8);
  assert_points ("0:0.5 4:0.8 10:0.4");
  ui_test_answer ("cancel");
  at = place_of (10, 0.4);
  to = place_of (10, 0.8);
  drag (lanes->drag, at.x, at.y, 0, to.y - at.y);
  assert_points ("0:0.5 4:0.8 10:0.8");
}

static void
on_find_branch (GtkWidget *widget, gpointer data)
{
  const char *label =
      GTK_IS_BUTTON (widget) && gtk_widget_get_mapped (widget) ? gtk_button_get_label (GTK_BUTTON (widget)) : NULL;

  if (label && strstr (label, "Branch"))
    *(GtkWidget **) data = widget;
}

static gboolean
has_branched (gpointer data)
{
  return kairos_metrics_get_n_runs (kairos_document_get_metrics (document)) == 2;
}

/* What the form refuses can be had in a run of its own. */
static void
branch_from_form (void)
{
  GtkWidget *button = NULL;

  open_form ();
  ui_test_walk (panel, on_find_branch, &button);
  g_assert_null (button); /* nothing has been refused yet */
  drag (plot->drag, kairos_curve_plot_x (plot, 4), kairos_curve_plot_y (plot, 0.8), 0,
        kairos_curve_plot_y (plot, 0.6) - kairos_curve_plot_y (plot, 0.8));
  assert_points ("0:0.5 4:0.8 10:0.8");
  ui_test_walk (panel, on_find_branch, &button);
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
  ui_test_answer ("branch");
  ui_test_wait (has_branched, NULL);
  assert_points ("0:0.5 4:0.6 10:0.8");
}

static void
test_past_is_locked (void)
{
  KairosStatus status;
  GtkWidget *popover;

  begin_running ();
  open_form ();
  kairos_document_get_status (document, &status);
  g_assert_cmpfloat (status.epoch, >, 0);
  ui_test_wait (shows_now, &status.epoch);
  /* it would bend the line that is under way */
  drag (plot->drag, kairos_curve_plot_x (plot, 4), kairos_curve_plot_y (plot, 0.8), 0, 30);
  assert_points ("0:0.5 4:0.8 10:0.2");
  g_assert_cmpfloat (g_array_index (plot->shown, KairosPoint, 1).value, ==, 0.8);
  popover = gtk_widget_get_ancestor (editor, KAIROS_TYPE_CLIP_POPOVER);
  g_assert_nonnull (strstr (kairos_clip_popover_get_note (KAIROS_CLIP_POPOVER (popover)), "split the clip"));
  drag (plot->drag, kairos_curve_plot_x (plot, 10), kairos_curve_plot_y (plot, 0.2), 0,
        kairos_curve_plot_y (plot, 0.4) - kairos_curve_plot_y (plot, 0.2));
  assert_points ("0:0.5 4:0.8 10:0.4");
  g_assert_cmpstr (kairos_clip_popover_get_note (KAIROS_CLIP_POPOVER (popover)), ==, "");
  hold_lane_to_account ();
  branch_from_form ();
}

static void
test_log (void)
{
  gboolean on;

  begin ("{\"kind\":\"learning-rate\",\"from\":2,\"to\":12,\"points\":[[0,0.1],[4,0.01],[10,0.001]]}");
  open_form ();
  g_object_get (editor, "log", &on, NULL);
  g_assert_true (on); /* values over two decades */
  drag (plot->drag, kairos_curve_plot_x (plot, 4), kairos_curve_plot_y (plot, 0.01), 0,
        kairos_curve_plot_y (plot, 0.005) - kairos_curve_plot_y (plot, 0.01));
  assert_points ("0:0.1 4:0.005 10:0.001");
  g_assert_cmpfloat_with_epsilon (kairos_curve_plot_y (plot, 0.1) - kairos_curve_plot_y (plot, 0.01),
                                  kairos_curve_plot_y (plot, 0.01) - kairos_curve_plot_y (plot, 0.001), 1e-6);
  act ("curve.log");
  g_assert_cmpfloat_with_epsilon (kairos_curve_plot_y (plot, 0.1) - kairos_curve_plot_y (plot, 0.05),
                                  kairos_curve_plot_y (plot, 0.05) - kairos_curve_plot_y (plot, 0), 1e-6);
}

/* ---- The lane ---- */

static void
test_lane_drag (void)
{
  graphene_point_t from, to;
  guint before;

  begin (MOMENTUM);
  before = n_steps_to_undo ();
  ui_test_wait (is_placed, NULL);
  from = place_of (6, 0.8);
  to = place_of (8, 0.4);
  drag (lanes->drag, from.x + 1, from.y + 1, to.x - from.x, to.y - from.y);
  assert_points ("0:0.5 6:0.4 10:0.2");
  g_assert_cmpfloat (clip ()->from, ==, 2); /* it is the point that moves */
  g_assert_cmpuint (n_steps_to_undo (), ==, before + 1);
}

static void
test_lane_no_step (void)
{
  graphene_point_t at;
  guint before;

  begin (MOMENTUM);
  before = n_steps_to_undo ();
  ui_test_wait (is_placed, NULL);
  at = place_of (6, 0.8);
  drag (lanes->drag, at.x, at.y, 3, 2);
  g_signal_emit_by_name (lanes->drag, "drag-begin", at.x, at.y);
  g_signal_emit_by_name (lanes->drag, "drag-update", 30.0, 8.0);
  g_assert_false (kairos_timeline_equal (lanes->shown, lanes->timeline));
  g_signal_emit_by_name (lanes->drag, "drag-update", 0.0, 0.0);
  g_signal_emit_by_name (lanes->drag, "drag-end", 0.0, 0.0);
  g_signal_emit_by_name (lanes->drag, "drag-begin", at.x, at.y);
  g_signal_emit_by_name (lanes->drag, "drag-update", 30.0, 8.0);
  g_assert_true (kairos_timeline_drag_cancel (lanes)); /* what Escape does */
  g_assert_true (kairos_timeline_equal (lanes->shown, lanes->timeline));
  g_assert_cmpuint (n_steps_to_undo (), ==, before);
}

static void
on_count (guint *n)
{
  ++*n;
}

static void
test_lane_add_and_remove (void)
{
  graphene_point_t at;
  guint n_opened = 0;

  begin (MOMENTUM);
  g_signal_connect_swapped (lanes, "open", G_CALLBACK (on_count), &n_opened);
  at = place_of (9, 0.5);
  press (lanes, lanes->drag, 1, at.x, at.y);
  press (lanes, lanes->drag, 2, at.x, at.y);
  g_assert_cmpuint (kairos_clip_view_point_at (KAIROS_CLIP_VIEW (view ()),
                                               kairos_clip_view_time_to_x (KAIROS_CLIP_VIEW (view ()), 9),
                                               kairos_clip_view_value_to_y (KAIROS_CLIP_VIEW (view ()), 0.5)),
                    ==, 2);
  g_assert_cmpuint (n_opened, ==, 0);
  press (lanes, lanes->drag, 1, at.x, at.y);
  press (lanes, lanes->drag, 2, at.x, at.y);
  assert_points ("0:0.5 4:0.8 10:0.2");
  g_assert_cmpuint (n_opened, ==, 0);
  at = place_of (9, 0.05); /* neither */
  press (lanes, lanes->drag, 1, at.x, at.y);
  press (lanes, lanes->drag, 2, at.x, at.y);
  assert_points ("0:0.5 4:0.8 10:0.2");
  g_assert_cmpuint (n_opened, ==, 1);
}

int
main (int argc, char **argv)
{
  int result;

  if (!ui_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/curve/only-with-points", test_only_with_points);
  g_test_add_func ("/curve/draw-and-back", test_draw_and_back);
  g_test_add_func ("/curve/rows-swap", test_rows_swap);
  g_test_add_func ("/curve/drag", test_drag);
  g_test_add_func ("/curve/no-step", test_no_step);
  g_test_add_func ("/curve/add-and-remove", test_add_and_remove);
  g_test_add_func ("/curve/add-and-drag", test_add_and_drag);
  g_test_add_func ("/curve/keyboard", test_keyboard);
  g_test_add_func ("/curve/log", test_log);
  g_test_add_func ("/curve/lane-drag", test_lane_drag);
  g_test_add_func ("/curve/lane-no-step", test_lane_no_step);
  g_test_add_func ("/curve/lane-add-and-remove", test_lane_add_and_remove);
  g_test_add_func ("/curve/past", test_past_is_locked); /* last: the others begin at step 0 */
  result = g_test_run ();
  if (window)
    ui_test_close_all (window);
  return result;
}
