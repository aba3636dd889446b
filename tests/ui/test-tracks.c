/* SPDX-License-Identifier: MIT */

/* Tracks in the window: their verbs, keys, form and colours. */
#include "config.h"

#include "fixture.h"
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

/* One track with one clip, whose id is 1. */
static void
set_clip (double from, double to)
{
  g_autofree char *text = g_strdup_printf ("{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"Regularisation\",\"clips\":["
                                           "{\"kind\":\"weight-decay\",\"from\":%.0f,\"to\":%.0f}]}]}",
                                           from, to);
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosTimeline) timeline = kairos_timeline_from_text (text, -1, &error);

  g_assert_no_error (error);
  g_assert_true (kairos_document_edit_timeline (document, timeline, "test", NULL, &error));
  g_assert_no_error (error);
  ui_test_settle ();
}

static gboolean
has_stepped (gpointer data)
{
  return ui_test_step (window) == 1;
}

static void
act (const char *action)
{
  g_assert_true (gtk_widget_activate_action (panel, action, NULL));
  ui_test_settle ();
}

static void
on_count (guint *n)
{
  ++*n;
}

static void
act_on_track (const char *action, guint track)
{
  g_assert_true (gtk_widget_activate_action (panel, action, "u", track));
  ui_test_settle ();
}

/* The names of all tracks, in order. */
static void
assert_tracks (const char *names)
{
  KairosTimeline *timeline = kairos_document_get_timeline (document);
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < kairos_timeline_get_n_tracks (timeline); i++)
    g_string_append_printf (found, "%s%s", i > 0 ? ", " : "", kairos_timeline_get_track (timeline, i)->name);
  g_assert_cmpstr (found->str, ==, names);
}

static void
undo_all (void)
{
  while (kairos_document_can_undo (document))
    g_assert_true (kairos_document_undo (document));
  ui_test_settle ();
}

static GtkWidget *
name_entry (void)
{
  return ui_test_find (panel, "GtkEntry");
}

static void
test_tracks (void)
{
  open_window ();
  g_assert_true (gtk_widget_activate_action (panel, "timeline.add", "s", "mixup"));
  act ("timeline.add-track");
  act ("timeline.add-track");
  assert_tracks ("Augmentation, Track 2, Track 3");
  act_on_track ("timeline.remove-track", 1);
  act ("timeline.add-track");
  assert_tracks ("Augmentation, Track 3, Track 4"); /* a name of its own */
  act_on_track ("timeline.move-track-up", 2);
  assert_tracks ("Augmentation, Track 4, Track 3");
  act_on_track ("timeline.move-track-down", 0);
  assert_tracks ("Track 4, Augmentation, Track 3");
  act_on_track ("timeline.move-track-up", 0); /* no further */
  act_on_track ("timeline.move-track-down", 2);
  act_on_track ("timeline.remove-track", 3); /* none */
  assert_tracks ("Track 4, Augmentation, Track 3");
  act_on_track ("timeline.remove-track", 1);
  assert_tracks ("Track 4, Track 3");
  g_assert_true (kairos_timeline_is_empty (kairos_document_get_timeline (document)));
  g_assert_true (kairos_document_undo (document));
  assert_tracks ("Track 4, Augmentation, Track 3");
  g_assert_false (kairos_timeline_is_empty (kairos_document_get_timeline (document)));
  undo_all ();
  assert_tracks ("");
  ui_test_close_all (window);
}

static void
test_rename_track (void)
{
  guint n_messages = 0;

  open_window ();
  act ("timeline.add-track");
  act_on_track ("timeline.rename-track", 0);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (name_entry ())), ==, "Track 1");
  gtk_editable_set_text (GTK_EDITABLE (name_entry ()), "");
  g_signal_connect_swapped (document, "message", G_CALLBACK (on_count), &n_messages);
  g_signal_emit_by_name (name_entry (), "activate");
  g_assert_cmpuint (n_messages, ==, 1); /* and the form stays, to be mended */
  g_assert_true (gtk_widget_get_visible (gtk_widget_get_ancestor (name_entry (), GTK_TYPE_POPOVER)));
  gtk_editable_set_text (GTK_EDITABLE (name_entry ()), "Warm up");
  g_signal_emit_by_name (name_entry (), "activate");
  ui_test_settle ();
  assert_tracks ("Warm up");
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (window)) ==
                 gtk_widget_get_first_child (kairos_timeline_lanes_get_header (lanes, 0)));
  g_assert_false (gtk_widget_get_visible (gtk_widget_get_ancestor (name_entry (), GTK_TYPE_POPOVER)));
  undo_all ();
  assert_tracks ("");
  ui_test_close_all (window);
}

/* What shaped the weights goes only in a run of its own, and a switch that was not taken shows what is. */
static void
test_track_of_the_past (void)
{
  GtkWidget *mute;

  open_window ();
  set_clip (0, 8);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.step", NULL));
  ui_test_wait (has_stepped, NULL);
  ui_test_wait_for_state (window, KAIROS_WORKER_PAUSED);
  mute = gtk_widget_get_next_sibling (gtk_widget_get_first_child (kairos_timeline_lanes_get_header (lanes, 0)));
  g_signal_emit_by_name (mute, "clicked");
  ui_test_answer ("cancel");
  g_assert_false (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (mute)));
  act_on_track ("timeline.remove-track", 0);
  ui_test_answer ("cancel");
  assert_tracks ("Regularisation");
  act ("timeline.add-track"); /* means nothing for the past */
  act_on_track ("timeline.move-track-up", 1);
  assert_tracks ("Track 2, Regularisation");
  ui_test_close_all (window);
}

/* Tab: the clips, then name and switches of each track; keys of the header act on its track. */
static void
test_track_keys (void)
{
  GtkWidget *first, *name;

  open_window ();
  set_clip (2, 5);
  act ("timeline.add-track");
  first = gtk_widget_get_first_child (kairos_timeline_lanes_get_header (lanes, 0));
  name = gtk_widget_get_first_child (kairos_timeline_lanes_get_header (lanes, 1));
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (window)) == name); /* the new one */
  gtk_test_accessible_assert_property (name, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Track 2: rename, move or remove the track");
  kairos_timeline_lanes_focus_clip (lanes, 1);
  g_assert_true (gtk_widget_child_focus (GTK_WIDGET (lanes), GTK_DIR_TAB_FORWARD));
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (window)) == first);
  for (guint i = 0; i < 3; i++)
    g_assert_true (gtk_widget_child_focus (GTK_WIDGET (lanes), GTK_DIR_TAB_FORWARD));
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (window)) == name);
  for (guint i = 0; i < 4; i++)
    g_assert_true (gtk_widget_child_focus (GTK_WIDGET (lanes), GTK_DIR_TAB_BACKWARD));
  g_assert_true (KAIROS_IS_CLIP_VIEW (gtk_window_get_focus (GTK_WINDOW (window))));
  ui_test_close_all (window);
}

/* Whoever adds a track's first kind gives the track a colour. */
static void
test_colors (void)
{
  guint n;
  const KairosKind *const *kinds = kairos_kinds (&n);

  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < n; j++) {
      GdkRGBA a = kairos_clip_view_color (kinds[i]), b = kairos_clip_view_color (kinds[j]);

      g_test_message ("%s, %s", kinds[i]->track, kinds[j]->track);
      g_assert_cmpint (gdk_rgba_equal (&a, &b), ==, g_str_equal (kinds[i]->track, kinds[j]->track));
      g_assert_false (gdk_rgba_equal (&a, &(GdkRGBA){ 0.5, 0.5, 0.5, 1 }));
    }
}

int
main (int argc, char **argv)
{
  if (!ui_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/tracks/verbs", test_tracks);
  g_test_add_func ("/tracks/rename", test_rename_track);
  g_test_add_func ("/tracks/past", test_track_of_the_past);
  g_test_add_func ("/tracks/keys", test_track_keys);
  g_test_add_func ("/tracks/colors", test_colors);
  return g_test_run ();
}
