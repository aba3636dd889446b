/* SPDX-License-Identifier: MIT */

/* The timeline in the window: what the verbs, the pointer and undo do to the document, and how clips are named. */
#include "config.h"

#include <math.h>

#include "fixture.h"
#include "plots/kairos-plot-panel.h"
#include "timeline/kairos-clip-popover.h"
#include "timeline/kairos-timeline-lanes-private.h"
#include "timeline/kairos-timeline-panel.h"

static KairosWindow *window;
static KairosDocument *document;
static GtkWidget *panel;
static KairosTimelineLanes *lanes;

static gboolean
is_laid_out (gpointer data)
{
  return gtk_widget_get_width (GTK_WIDGET (lanes)) > 0;
}

static void
open_window (void)
{
  window = ui_test_session ("logistic");
  document = kairos_window_get_document (window);
  panel = ui_test_find (GTK_WIDGET (window), "KairosTimelinePanel");
  g_assert_nonnull (panel);
  lanes = kairos_timeline_panel_get_lanes (KAIROS_TIMELINE_PANEL (panel));
  ui_test_wait (is_laid_out, NULL);
}

/* A value of the timeline for a test to begin with; no step to undo is counted on. */
static void
set_timeline (const char *clips)
{
  g_autofree char *text =
      g_strdup_printf ("{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"Regularisation\",\"clips\":[%s]}]}", clips);
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosTimeline) timeline = kairos_timeline_from_text (text, -1, &error);

  g_assert_no_error (error);
  g_assert_true (kairos_document_edit_timeline (document, timeline, "test", NULL, &error));
  g_assert_no_error (error);
  ui_test_settle ();
}

static const KairosClip *
clip_at (guint index)
{
  KairosTimeline *timeline = kairos_document_get_timeline (document);
  const KairosTrack *track;

  g_assert_cmpuint (kairos_timeline_get_n_tracks (timeline), >, 0);
  track = kairos_timeline_get_track (timeline, 0);
  g_assert_cmpuint (track->n_clips, >, index);
  return track->clips[index];
}

static guint
n_clips (void)
{
  KairosTimeline *timeline = kairos_document_get_timeline (document);
  guint n = 0;

  for (guint i = 0; i < kairos_timeline_get_n_tracks (timeline); i++)
    n += kairos_timeline_get_track (timeline, i)->n_clips;
  return n;
}

static void
select_first (void)
{
  guint32 id = clip_at (0)->id;

  kairos_timeline_lanes_select (lanes, &id, 1);
}

static void
act (const char *action)
{
  g_assert_true (gtk_widget_activate_action (panel, action, NULL));
  ui_test_settle ();
}

static void
assert_times (guint index, double from, double to)
{
  g_assert_cmpfloat_with_epsilon (clip_at (index)->from, from, 1e-6);
  g_assert_cmpfloat_with_epsilon (clip_at (index)->to, to, 1e-6);
}

/* ---- Verbs ---- */

static void
test_add_and_undo (void)
{
  open_window ();
  g_assert_false (ui_test_enabled (panel, "timeline.delete"));
  g_assert_true (gtk_widget_activate_action (panel, "timeline.add", "s", "mixup"));
  ui_test_settle ();
  g_assert_cmpuint (n_clips (), ==, 1);
  g_assert_cmpstr (clip_at (0)->kind->name, ==, "mixup");
  g_assert_true (ui_test_enabled (panel, "timeline.delete")); /* what is new is selected */
  g_assert_true (kairos_document_can_undo (document));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.undo", NULL));
  g_assert_cmpuint (n_clips (), ==, 0);
  g_assert_false (kairos_document_can_undo (document));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.redo", NULL));
  g_assert_cmpuint (n_clips (), ==, 1);
  ui_test_close_all (window);
}

static void
test_verbs (void)
{
  guint32 id;

  open_window ();
  set_timeline ("{\"kind\":\"weight-decay\",\"from\":2,\"to\":4}");
  select_first ();
  act ("timeline.split");
  g_assert_cmpuint (n_clips (), ==, 2);
  assert_times (0, 2, 3); /* the playhead is elsewhere: in the middle */
  assert_times (1, 3, 4);
  kairos_document_undo (document);
  select_first ();
  /* refused, in words, or taken: no crash */
  g_assert_true (gtk_widget_activate_action (panel, "timeline.stretch", "d", 1e9));
  while (clip_at (0)->to > 4)
    kairos_document_undo (document);
  select_first ();
  act ("timeline.duplicate");
  g_assert_cmpuint (n_clips (), ==, 2);
  assert_times (1, 4, 6);
  act ("timeline.delete"); /* the copy is selected */
  g_assert_cmpuint (n_clips (), ==, 1);
  assert_times (0, 2, 4);
  select_first ();
  act ("timeline.mute");
  g_assert_true (clip_at (0)->muted);
  act ("timeline.mute");
  g_assert_false (clip_at (0)->muted);
  g_assert_true (gtk_widget_activate_action (panel, "timeline.mute-track", "u", 0));
  g_assert_true (kairos_timeline_get_track (kairos_document_get_timeline (document), 0)->muted);
  id = clip_at (0)->id;
  act ("timeline.delete");
  g_assert_null (kairos_timeline_lanes_find (lanes, id));
  ui_test_close_all (window);
}

static gboolean
has_two (gpointer data)
{
  return n_clips () == 2;
}

static void
test_copy_and_paste (void)
{
  open_window ();
  set_timeline ("{\"kind\":\"label-smoothing\",\"from\":5,\"to\":7,\"value\":0.2}");
  select_first ();
  act ("timeline.copy");
  act ("timeline.paste");
  ui_test_wait (has_two, NULL);
  assert_times (0, 0, 2); /* at the playhead */
  assert_times (1, 5, 7);
  ui_test_close_all (window);
}

static void
on_count (guint *n)
{
  ++*n;
}

static gboolean
is_told (gpointer n_messages)
{
  return *(guint *) n_messages > 0;
}

static void
test_paste_nested (void)
{
  g_autofree char *brackets = g_strnfill (100000, '[');
  guint n_messages = 0;

  open_window ();
  g_signal_connect_swapped (document, "message", G_CALLBACK (on_count), &n_messages);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (panel), brackets);
  act ("timeline.paste");
  ui_test_wait (is_told, &n_messages);
  g_assert_cmpuint (n_clips (), ==, 0);
  ui_test_close_all (window);
}

static void
test_nudge (void)
{
  double grid;

  open_window ();
  set_timeline ("{\"kind\":\"weight-decay\",\"from\":2,\"to\":4}");
  grid = kairos_timeline_lanes_get_grid (lanes);
  select_first ();
  for (int i = 0; i < 3; i++)
    g_assert_true (gtk_widget_activate_action (panel, "timeline.nudge", "d", 1.0));
  assert_times (0, 2 + 3 * grid, 4 + 3 * grid);
  g_assert_true (gtk_widget_activate_action (panel, "timeline.nudge", "d", -1000.0));
  assert_times (0, 0, 2);          /* not beyond the beginning */
  kairos_document_undo (document); /* all of it is one step */
  assert_times (0, 2, 4);
  ui_test_close_all (window);
}

/* ---- Pointer ---- */

static double
x_of (double time)
{
  return kairos_time_axis_to_x (lanes->axis, time, gtk_widget_get_width (GTK_WIDGET (lanes)));
}

static gboolean
stands_at (const KairosClip *clip)
{
  graphene_rect_t bounds;

  return gtk_widget_compute_bounds (GTK_WIDGET (kairos_timeline_lanes_find (lanes, clip->id)), GTK_WIDGET (lanes),
                                    &bounds) &&
         fabs (bounds.origin.x - x_of (clip->from)) < 5 &&
         fabs (bounds.size.width - MAX (8, x_of (clip->to) - x_of (clip->from))) < 9;
}

/* The clips of the first track stand where the timeline has them. */
static gboolean
is_placed (gpointer data)
{
  const KairosTrack *track =
      n_clips () > 0 ? kairos_timeline_get_track (kairos_document_get_timeline (document), 0) : NULL;

  for (guint i = 0; track && i < track->n_clips; i++)
    if (!stands_at (track->clips[i]))
      return FALSE;
  return TRUE;
}

/* A drag as the gesture reports it. */
static void
drag (double x, double y, double dx, double dy)
{
  ui_test_wait (is_placed, NULL);
  g_signal_emit_by_name (lanes->drag, "drag-begin", x, y);
  g_signal_emit_by_name (lanes->drag, "drag-update", dx / 2, dy / 2);
  g_signal_emit_by_name (lanes->drag, "drag-update", dx, dy);
  g_signal_emit_by_name (lanes->drag, "drag-end", dx, dy);
  ui_test_settle ();
}

static void
set_and_place (const char *clips)
{
  set_timeline (clips);
  ui_test_wait (is_placed, NULL);
}

#define Y (KAIROS_TIMELINE_LANE / 2)

static void
test_drag_moves (void)
{
  KairosUndoInfo info;

  open_window ();
  set_and_place ("{\"kind\":\"weight-decay\",\"from\":4,\"to\":8}");
  drag (x_of (6), Y, x_of (8) - x_of (6), 0);
  assert_times (0, 6, 10);
  g_assert_true (kairos_document_peek_undo (document, FALSE, &info));
  g_assert_false (info.is_setting);
  g_assert_true (isnan (info.rewinds_to));
  kairos_document_undo (document);
  assert_times (0, 4, 8);                         /* one drag, one step */
  drag (x_of (8) - 2, Y, x_of (9) - x_of (8), 0); /* the grips */
  assert_times (0, 4, 9);
  ui_test_settle ();
  drag (x_of (4) + 2, Y, x_of (5) - x_of (4), 0);
  assert_times (0, 5, 9);
  ui_test_close_all (window);
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
test_no_step (void)
{
  guint before;

  open_window ();
  set_and_place ("{\"kind\":\"weight-decay\",\"from\":4,\"to\":8}");
  before = n_steps_to_undo ();
  ui_test_settle ();
  drag (x_of (6), Y, 3, 0); /* below the threshold */
  g_signal_emit_by_name (lanes->drag, "drag-begin", x_of (6), (double) Y);
  g_signal_emit_by_name (lanes->drag, "drag-update", 60.0, 0.0);
  g_signal_emit_by_name (lanes->drag, "drag-update", 0.0, 0.0); /* back to where it began */
  g_signal_emit_by_name (lanes->drag, "drag-end", 0.0, 0.0);
  assert_times (0, 4, 8);
  g_assert_cmpuint (n_steps_to_undo (), ==, before);
  ui_test_close_all (window);
}

/* Those that begin later lie above those that begin earlier. */
static void
assert_stacked (void)
{
  double last = -1;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (lanes)); child;
       child = gtk_widget_get_next_sibling (child))
    if (KAIROS_IS_CLIP_VIEW (child)) {
      double from = kairos_clip_view_get_clip (KAIROS_CLIP_VIEW (child))->from;

      g_assert_cmpfloat (from, >=, last);
      last = from;
    }
}

static void
test_stacking (void)
{
  guint32 ids[2];

  open_window ();
  set_and_place ("{\"kind\":\"weight-decay\",\"from\":2,\"to\":3},{\"kind\":\"weight-decay\",\"from\":4,\"to\":5},"
                 "{\"kind\":\"weight-decay\",\"from\":6,\"to\":7},{\"kind\":\"weight-decay\",\"from\":8,\"to\":9}");
  assert_stacked ();
  drag (x_of (4.5), Y, x_of (9.5) - x_of (4.5), 0); /* past two others */
  assert_times (3, 9, 10);
  assert_stacked ();
  drag (x_of (9.5), Y, x_of (1.5) - x_of (9.5), 0);
  assert_times (0, 1, 2);
  assert_stacked ();
  ids[0] = clip_at (0)->id;
  ids[1] = clip_at (1)->id;
  kairos_timeline_lanes_select (lanes, ids, 2);
  drag (x_of (1.5), Y, x_of (6.7) - x_of (1.5), 0); /* one past one, the other past two */
  assert_stacked ();
  ui_test_close_all (window);
}

static void
test_snapping (void)
{
  open_window ();
  set_and_place (
      "{\"kind\":\"weight-decay\",\"from\":2,\"to\":4},{\"kind\":\"weight-decay\",\"from\":6.05,\"to\":7.3}");
  /* The end of the first comes near the beginning of the second, which is off the grid. */
  drag (x_of (3), Y, x_of (6.05) - x_of (4) + 3, 0);
  assert_times (0, 4.05, 6.05);
  kairos_document_undo (document);
  ui_test_settle ();
  g_object_set (panel, "snap", FALSE, NULL);
  drag (x_of (3), Y, x_of (6.05) - x_of (4) + 3, 0);
  g_assert_cmpfloat (fabs (clip_at (0)->to - 6.05), >, 1e-3);
  ui_test_close_all (window);
}

static void
test_tiny_clip_moves (void)
{
  double length = 0.02;

  open_window ();
  set_and_place ("{\"kind\":\"weight-decay\",\"from\":4,\"to\":4.02}");
  drag (x_of (4) + 3, Y, x_of (7) - x_of (4), 0);
  g_assert_cmpfloat_with_epsilon (clip_at (0)->to - clip_at (0)->from, length, 1e-6);
  g_assert_cmpfloat (clip_at (0)->from, >, 6);
  ui_test_close_all (window);
}

static void
test_marquee (void)
{
  guint n;

  open_window ();
  set_and_place ("{\"kind\":\"weight-decay\",\"from\":2,\"to\":4},{\"kind\":\"weight-decay\",\"from\":6,\"to\":8}");
  drag (x_of (9), Y, x_of (3) - x_of (9), 4);
  kairos_timeline_lanes_get_selection (lanes, &n);
  g_assert_cmpuint (n, ==, 2);
  drag (x_of (3), Y, x_of (4) - x_of (3), 0); /* both move */
  assert_times (0, 3, 5);
  assert_times (1, 7, 9);
  ui_test_close_all (window);
}

/* ---- The past ---- */

static gboolean
has_come_to (gpointer step)
{
  return ui_test_step (window) >= GPOINTER_TO_UINT (step);
}

static void
step_to (guint step)
{
  gtk_widget_activate_action (GTK_WIDGET (window), "win.step", NULL);
  ui_test_wait (has_come_to, GUINT_TO_POINTER (step));
  ui_test_wait_for_state (window, KAIROS_WORKER_PAUSED);
}

static gboolean
has_recorded (gpointer data)
{
  return n_clips () > 0 && clip_at (0)->recorded;
}

static gboolean
is_released (gpointer data)
{
  return n_clips () == 1 && clip_at (0)->to < 2;
}

/* The past is locked: whatever would change it is asked about, and until the answer nothing happens. */
static void
test_past_is_locked (void)
{
  open_window ();
  set_and_place ("{\"kind\":\"weight-decay\",\"from\":0,\"to\":8}");
  for (guint i = 1; i <= 3; i++)
    step_to (i);
  ui_test_settle ();
  drag (x_of (4), Y, x_of (6) - x_of (4), 0);
  assert_times (0, 0, 8);
  ui_test_answer ("cancel");
  assert_times (0, 0, 8);
  ui_test_wait (is_placed, NULL); /* the preview is gone */
  select_first ();
  g_assert_true (gtk_widget_activate_action (panel, "timeline.delete", NULL)); /* nor by a verb */
  assert_times (0, 0, 8);
  ui_test_answer ("cancel");
  drag (x_of (8) - 2, Y, x_of (9) - x_of (8), 0); /* the end of a running one may move */
  assert_times (0, 0, 9);
  g_assert_null (ui_test_question ());
  g_assert_cmpuint (ui_test_step (window), ==, 3);
  ui_test_close_all (window);
}

static gboolean
is_run (gpointer run)
{
  return kairos_metrics_get_current (kairos_document_get_metrics (document)) == (gint64) GPOINTER_TO_UINT (run);
}

static guint
n_steps_shown (guint run)
{
  KairosSeries *series =
      kairos_metrics_get_series (kairos_document_get_metrics (document), run, kairos_measure_find ("batch_loss"), 0);

  return series ? kairos_series_get_n (series) : 0;
}

/* A clip of the past is dragged away: a new run, from before the clip; then one from where the pointer is. */
static void
test_branch (void)
{
  open_window ();
  set_and_place ("{\"kind\":\"weight-decay\",\"from\":0,\"to\":8}");
  for (guint i = 1; i <= 3; i++) {
    step_to (i);
    kairos_document_checkpoint (document);
  }
  ui_test_settle ();
  drag (x_of (4), Y, x_of (6) - x_of (4), 0);
  ui_test_answer ("branch");
  ui_test_wait (is_run, GUINT_TO_POINTER (2));
  assert_times (0, 2, 10);
  g_assert_cmpuint (ui_test_step (window), ==, 0);
  g_assert_cmpuint (n_steps_shown (1), ==, 3); /* the run that was there */
  g_assert_cmpuint (n_steps_shown (2), ==, 0);

  for (guint i = 1; i <= 3; i++) {
    step_to (i);
    kairos_document_checkpoint (document);
  }
  g_signal_emit_by_name (lanes, "menu", x_of (0.001), 10.0); /* shows the menu; its items are the panel's actions */
  act ("timeline.branch");
  ui_test_answer ("branch");
  ui_test_wait (is_run, GUINT_TO_POINTER (3));
  ui_test_settle ();
  g_assert_cmpuint (n_steps_shown (3), ==, ui_test_step (window));
  g_assert_cmpuint (n_steps_shown (3), ==, 3); /* no pointer: from now */
  assert_times (0, 2, 10);
  ui_test_close_all (window);
}

static void
test_live (void)
{
  open_window ();
  g_assert_false (ui_test_enabled (panel, "timeline.release"));
  g_assert_true (gtk_widget_activate_action (panel, "timeline.intervene", "s", "label-smoothing"));
  step_to (1);
  ui_test_wait (has_recorded, NULL);
  g_assert_cmpstr (clip_at (0)->kind->name, ==, "label-smoothing");
  g_assert_cmpfloat (clip_at (0)->to, >, 2); /* it grows until it is released */
  g_assert_true (kairos_document_can_undo (document));
  step_to (2);
  step_to (3);
  act ("timeline.release");
  step_to (4);
  ui_test_wait (is_released, NULL);
  ui_test_close_all (window);
}

/* Undoing what shaped the weights leads back to a checkpoint, and the window asks before. */
static gboolean
is_back (gpointer data)
{
  return ui_test_step (window) == 1 && n_clips () == 0;
}

static void
test_undo_rewinds (void)
{
  KairosUndoInfo info;

  open_window ();
  step_to (1);
  kairos_document_checkpoint (document);
  g_assert_true (gtk_widget_activate_action (panel, "timeline.intervene", "s", "label-smoothing"));
  step_to (2);
  ui_test_wait (has_recorded, NULL);
  step_to (3);
  g_assert_true (kairos_document_peek_undo (document, FALSE, &info));
  g_assert_cmpfloat (info.rewinds_to, >, 0);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.undo", NULL));
  ui_test_settle ();
  g_assert_cmpuint (ui_test_step (window), ==, 3); /* nothing yet: it asks */
  g_assert_true (kairos_document_undo (document));
  ui_test_wait (is_back, NULL);
  ui_test_close_all (window);
}

/* ---- Samples dropped ---- */

static const guint32 some_samples[] = { 3, 5, 9 };

static KairosSampleIds *
samples_of (gpointer of)
{
  return kairos_sample_ids_new (of, some_samples, G_N_ELEMENTS (some_samples));
}

static guint
n_shown (void)
{
  guint n = 0;

  for (guint i = 0; i < kairos_timeline_get_n_tracks (lanes->shown); i++)
    n += kairos_timeline_get_track (lanes->shown, i)->n_clips;
  return n;
}

static void
assert_focus (const KairosClip *clip, double from)
{
  JsonArray *ids = kairos_params_list (clip->kind->params, clip->kind->n_params, clip->params, "ids");

  g_assert_cmpstr (clip->kind->name, ==, "focus");
  g_assert_cmpfloat_with_epsilon (clip->from, from, 1e-6);
  g_assert_cmpfloat_with_epsilon (clip->to, from + KAIROS_TIMELINE_NEW_LENGTH * kairos_timeline_lanes_get_grid (lanes),
                                  1e-6);
  g_assert_cmpuint (json_array_get_length (ids), ==, G_N_ELEMENTS (some_samples));
  for (guint i = 0; i < G_N_ELEMENTS (some_samples); i++)
    g_assert_cmpint (json_array_get_int_element (ids, i), ==, some_samples[i]);
}

static void
test_drop (void)
{
  g_autoptr (KairosSampleIds) samples = NULL;
  guint32 id;

  open_window ();
  samples = samples_of (window);
  g_assert_true (kairos_timeline_lanes_hover (lanes, samples, x_of (5) + 2)); /* near the grid */
  g_assert_cmpuint (n_shown (), ==, 1);
  g_assert_cmpuint (n_clips (), ==, 0); /* shown, not done */
  assert_focus (kairos_timeline_get_track (lanes->shown, 0)->clips[0], 5);
  g_assert_true (kairos_timeline_lanes_hover (lanes, samples, x_of (7)));
  g_assert_cmpuint (n_shown (), ==, 1); /* moved, not one more */
  kairos_timeline_lanes_unhover (lanes);
  g_assert_cmpuint (n_shown (), ==, 0);
  /* over the names of tracks */
  g_assert_false (kairos_timeline_lanes_hover (lanes, samples, KAIROS_TIME_AXIS_START / 2));
  g_assert_false (kairos_document_can_undo (document));
  id = kairos_timeline_lanes_drop (lanes, samples, x_of (5) + 2);
  g_assert_cmpuint (n_clips (), ==, 1);
  assert_focus (clip_at (0), 5);
  g_assert_cmpuint (clip_at (0)->id, ==, id);
  g_assert_true (kairos_timeline_lanes_is_selected (lanes, id));
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (window)) == GTK_WIDGET (kairos_timeline_lanes_find (lanes, id)));
  id = kairos_timeline_lanes_drop (lanes, samples, x_of (5) + 2); /* on top of it: one more, where there is room */
  g_assert_cmpuint (n_clips (), ==, 2);
  g_assert_nonnull (kairos_timeline_lanes_find (lanes, id));
  kairos_document_undo (document);
  g_assert_cmpuint (n_clips (), ==, 1);
  kairos_document_undo (document); /* a drop is one step */
  g_assert_cmpuint (n_clips (), ==, 0);
  g_assert_false (kairos_document_can_undo (document));
  ui_test_close_all (window);
}

static GtkEventController *
drop_target (void)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (lanes));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

    if (GTK_IS_DROP_TARGET (controller))
      return controller; /* the widget's */
  }
  return NULL;
}

static gboolean
emit_drop (gpointer of, double x)
{
  g_autoptr (KairosSampleIds) samples = samples_of (of);
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean taken = FALSE;

  g_value_init (&value, KAIROS_TYPE_SAMPLE_IDS);
  g_value_set_boxed (&value, samples);
  g_signal_emit_by_name (drop_target (), "drop", &value, x, (double) Y, &taken);
  return taken;
}

/* Samples of another window mean nothing here. */
static void
test_drop_of_strangers (void)
{
  open_window ();
  g_assert_true (gdk_content_formats_contain_gtype (gtk_drop_target_get_formats (GTK_DROP_TARGET (drop_target ())),
                                                    KAIROS_TYPE_SAMPLE_IDS));
  g_assert_false (emit_drop (panel, x_of (5)));
  g_assert_cmpuint (n_clips (), ==, 0);
  g_assert_true (emit_drop (window, x_of (5)));
  g_assert_cmpuint (n_clips (), ==, 1);
  ui_test_close_all (window);
}

/* What the model refuses leads to a message when it is dropped, and to nothing else. */
static void
test_drop_refused (void)
{
  const guint32 none = G_MAXUINT32; /* no sample has this number */
  g_autoptr (KairosSampleIds) samples = NULL;
  guint n_messages = 0;

  open_window ();
  samples = kairos_sample_ids_new (window, &none, 1);
  g_signal_connect_swapped (document, "message", G_CALLBACK (on_count), &n_messages);
  g_assert_false (kairos_timeline_lanes_hover (lanes, samples, x_of (5)));
  g_assert_cmpuint (n_messages, ==, 0);
  g_assert_cmpuint (kairos_timeline_lanes_drop (lanes, samples, x_of (5)), ==, 0);
  g_assert_cmpuint (n_messages, ==, 1);
  g_assert_cmpuint (n_shown (), ==, 0);
  g_assert_cmpuint (n_clips (), ==, 0);
  ui_test_close_all (window);
}

static void
test_drop_on_the_past (void)
{
  g_autoptr (KairosSampleIds) samples = NULL;

  open_window ();
  samples = samples_of (window);
  for (guint i = 1; i <= 3; i++)
    step_to (i);
  g_object_set (panel, "snap", FALSE, NULL);
  ui_test_settle ();
  g_assert_true (kairos_timeline_lanes_hover (lanes, samples, x_of (5)));
  g_assert_true (kairos_timeline_lanes_hover (lanes, samples, x_of (0)));
  g_assert_cmpuint (n_shown (), ==, 1);
  g_assert_null (ui_test_question ()); /* hovering asks nothing */
  g_assert_cmpuint (kairos_timeline_lanes_drop (lanes, samples, x_of (0)), ==, 0);
  g_assert_cmpuint (n_shown (), ==, 0);
  ui_test_answer ("cancel");
  g_assert_cmpuint (n_clips (), ==, 0);
  g_assert_false (kairos_document_can_undo (document));
  g_assert_cmpuint (kairos_timeline_lanes_drop (lanes, samples, x_of (0)), ==, 0);
  ui_test_answer ("branch");
  ui_test_wait (is_run, GUINT_TO_POINTER (2));
  g_assert_cmpuint (n_clips (), ==, 1);
  ui_test_close_all (window);
}

/* ---- Names and the form ---- */

static void
test_names (void)
{
  GtkWidget *view;

  open_window ();
  set_and_place ("{\"kind\":\"weight-decay\",\"from\":2,\"to\":5.4,\"value\":0.001}");
  view = GTK_WIDGET (kairos_timeline_lanes_find (lanes, clip_at (0)->id));
  gtk_test_accessible_assert_property (view, GTK_ACCESSIBLE_PROPERTY_LABEL, "weight-decay from epoch 2 to 5.4");
  gtk_test_accessible_assert_property (view, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "weight decay 0.001");
  g_assert_true (gtk_widget_get_focusable (view));
  kairos_timeline_lanes_focus_clip (lanes, clip_at (0)->id);
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (window)) == view);
  ui_test_close_all (window);
}

static void
on_set_row (GtkWidget *widget, gpointer data)
{
  if (GTK_IS_SPIN_BUTTON (widget) && gtk_widget_get_ancestor (widget, KAIROS_TYPE_CLIP_POPOVER)) {
    GtkAdjustment *adjustment = gtk_spin_button_get_adjustment (GTK_SPIN_BUTTON (widget));

    if (gtk_adjustment_get_upper (adjustment) == 1) /* the setting, not the times */
      gtk_adjustment_set_value (adjustment, *(double *) data);
  }
}

static void
test_form (void)
{
  guint before;

  open_window ();
  set_and_place ("{\"kind\":\"weight-decay\",\"from\":2,\"to\":5}");
  before = n_steps_to_undo ();
  select_first ();
  act ("timeline.edit");
  for (double value = 0.1; value < 0.35; value += 0.1)
    ui_test_walk (panel, on_set_row, &value);
  g_assert_cmpfloat_with_epsilon (kairos_params_number (clip_at (0)->kind->params, clip_at (0)->kind->n_params,
                                                        clip_at (0)->params, "value"),
                                  0.3, 1e-9);
  g_assert_cmpuint (n_steps_to_undo (), ==, before + 1);
  ui_test_close_all (window);
}

int
main (int argc, char **argv)
{
  if (!ui_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/timeline/add-and-undo", test_add_and_undo);
  g_test_add_func ("/timeline/verbs", test_verbs);
  g_test_add_func ("/timeline/copy-and-paste", test_copy_and_paste);
  g_test_add_func ("/timeline/paste-nested", test_paste_nested);
  g_test_add_func ("/timeline/nudge", test_nudge);
  g_test_add_func ("/timeline/drag", test_drag_moves);
  g_test_add_func ("/timeline/stacking", test_stacking);
  g_test_add_func ("/timeline/no-step", test_no_step);
  g_test_add_func ("/timeline/snapping", test_snapping);
  g_test_add_func ("/timeline/tiny", test_tiny_clip_moves);
  g_test_add_func ("/timeline/marquee", test_marquee);
  g_test_add_func ("/timeline/past", test_past_is_locked);
  g_test_add_func ("/timeline/branch", test_branch);
  g_test_add_func ("/timeline/drop", test_drop);
  g_test_add_func ("/timeline/drop-of-strangers", test_drop_of_strangers);
  g_test_add_func ("/timeline/drop-refused", test_drop_refused);
  g_test_add_func ("/timeline/drop-on-the-past", test_drop_on_the_past);
  g_test_add_func ("/timeline/live", test_live);
  g_test_add_func ("/timeline/undo-rewinds", test_undo_rewinds);
  g_test_add_func ("/timeline/names", test_names);
  g_test_add_func ("/timeline/form", test_form);
  return g_test_run ();
}
