/* SPDX-License-Identifier: MIT */

/* A clip's form in the window: the picture before and after, and that all of the form is seen. */
#include "config.h"

#include <string.h>

#include "common/kairos-param-row.h"
#include "data/kairos-sample-cell.h"
#include "fixture.h"
#include "timeline/kairos-before-after.h"
#include "timeline/kairos-clip-popover.h"
#include "timeline/kairos-timeline-panel.h"

enum { SIDE = 84 }; /* three times a digit */

static KairosWindow *window;
static KairosDocument *document;
static GtkWidget *panel;

static gboolean
is_laid_out (gpointer data)
{
  return gtk_widget_get_width (panel) > 0;
}

static void
open_window (const char *data)
{
  window = ui_test_session_on (data, "logistic");
  document = kairos_window_get_document (window);
  panel = ui_test_find (GTK_WIDGET (window), "KairosTimelinePanel");
  g_assert_nonnull (panel);
  ui_test_wait (is_laid_out, NULL);
}

static KairosTimeline *
timeline_of (const char *clip)
{
  g_autofree char *text = g_strdup_printf ("{\"kairos-timeline\":1,\"tracks\":[{\"clips\":[%s]}]}", clip);
  g_autoptr (GError) error = NULL;
  KairosTimeline *timeline = kairos_timeline_from_text (text, -1, &error);

  g_assert_no_error (error);
  return timeline;
}

static void
set_timeline (const char *clip)
{
  g_autoptr (KairosTimeline) timeline = timeline_of (clip);

  g_assert_true (kairos_document_edit_timeline (document, timeline, "test", NULL, NULL));
  ui_test_settle ();
}

/* Of the first clip. */
static void
open_form (void)
{
  guint32 id = kairos_timeline_get_track (kairos_document_get_timeline (document), 0)->clips[0]->id;

  kairos_timeline_lanes_select (kairos_timeline_panel_get_lanes (KAIROS_TIMELINE_PANEL (panel)), &id, 1);
  g_assert_true (gtk_widget_activate_action (panel, "timeline.edit", NULL));
  ui_test_settle ();
}

static void
on_collect_cell (GtkWidget *widget, gpointer cells)
{
  if (KAIROS_IS_SAMPLE_CELL (widget))
    g_ptr_array_add (cells, widget);
}

static GtkWidget *
before_after (void)
{
  return ui_test_find (panel, "KairosBeforeAfter");
}

static KairosSampleCell *
cell_of (gboolean after)
{
  g_autoptr (GPtrArray) cells = g_ptr_array_new ();

  ui_test_walk (before_after (), on_collect_cell, cells);
  g_assert_cmpuint (cells->len, ==, 2);
  return cells->pdata[after];
}

static guint32 *
pixels_of (gboolean after)
{
  g_autoptr (GdkTexture) texture = kairos_sample_cell_get_texture (cell_of (after), SIDE);
  guint32 *pixels = g_new (guint32, SIDE * SIDE);

  g_assert_cmpint (gdk_texture_get_width (texture), ==, SIDE);
  g_assert_cmpint (gdk_texture_get_height (texture), ==, SIDE);
  gdk_texture_download (texture, (guchar *) pixels, SIDE * sizeof *pixels);
  return pixels;
}

static void
assert_pictures_equal (gboolean equal)
{
  g_autofree guint32 *before = pixels_of (FALSE), *after = pixels_of (TRUE);

  g_assert_cmpint (memcmp (before, after, SIDE * SIDE * sizeof *before) == 0, ==, equal);
}

static void
on_set_factor (GtkWidget *widget, gpointer data)
{
  GtkWidget *row = gtk_widget_get_ancestor (widget, KAIROS_TYPE_PARAM_ROW);

  if (GTK_IS_SPIN_BUTTON (widget) && row && g_str_equal (kairos_param_row_get_name (KAIROS_PARAM_ROW (row)), "factor"))
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (widget), *(double *) data);
}

static void
set_factor (double factor)
{
  ui_test_walk (panel, on_set_factor, &factor);
  ui_test_settle ();
}

/* A form this short has nothing to scroll, though the sentence on its factor wraps. */
static void
assert_all_rows_seen (void)
{
  GtkWidget *popover = gtk_widget_get_ancestor (before_after (), KAIROS_TYPE_CLIP_POPOVER);
  GtkWidget *scrolled = ui_test_find (popover, "GtkScrolledWindow");
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));

  g_assert_cmpfloat (gtk_adjustment_get_page_size (adjustment), >, 0);
  g_assert_cmpfloat (gtk_adjustment_get_upper (adjustment), <=, gtk_adjustment_get_page_size (adjustment));
}

static gboolean
is_shown_large (gpointer data)
{
  return gtk_widget_get_width (GTK_WIDGET (cell_of (TRUE))) == SIDE &&
         gtk_widget_get_height (GTK_WIDGET (cell_of (TRUE))) == SIDE;
}

static void
test_before_and_after (void)
{
  guint32 chosen[] = { 21, 4 };
  g_autofree guint32 *stronger = NULL, *weaker = NULL;

  open_window ("builtin:digits");
  set_timeline ("{\"kind\":\"blur\",\"from\":2,\"to\":5,\"factor\":1}");
  kairos_document_select (document, chosen, G_N_ELEMENTS (chosen));
  open_form ();
  g_assert_true (gtk_widget_get_visible (before_after ()));
  g_assert_cmpuint (kairos_sample_cell_get_id (cell_of (FALSE)), ==, 4);
  g_assert_cmpuint (kairos_sample_cell_get_id (cell_of (TRUE)), ==, 4);
  ui_test_wait (is_shown_large, NULL);
  assert_all_rows_seen ();
  assert_pictures_equal (TRUE); /* factor 1 does nothing */
  set_factor (8);
  assert_pictures_equal (FALSE);
  stronger = pixels_of (TRUE);
  set_factor (2);
  assert_pictures_equal (FALSE);
  weaker = pixels_of (TRUE);
  g_assert_cmpint (memcmp (stronger, weaker, SIDE * SIDE * sizeof *weaker), !=, 0);
  kairos_document_undo (document); /* and follows undo */
  assert_pictures_equal (TRUE);
  ui_test_close_all (window);
}

/* Only for clips that change pictures, and only where there are any. */
static void
test_nothing_before_and_after (void)
{
  g_autoptr (KairosTimeline) blur = timeline_of ("{\"kind\":\"blur\",\"from\":2,\"to\":5}");

  open_window ("builtin:digits");
  set_timeline ("{\"kind\":\"label-noise\",\"from\":2,\"to\":5}");
  open_form ();
  g_assert_false (gtk_widget_get_visible (before_after ()));
  ui_test_close_all (window);
  open_window ("builtin:blobs");
  kairos_before_after_set_document (KAIROS_BEFORE_AFTER (before_after ()), document);
  kairos_before_after_show_clip (KAIROS_BEFORE_AFTER (before_after ()), kairos_timeline_find (blur, 1, NULL));
  g_assert_false (gtk_widget_get_visible (before_after ()));
  ui_test_close_all (window);
}

static gboolean
is_mapped (gpointer widget)
{
  return gtk_widget_get_mapped (widget);
}

/* Whatever the kind, the form is as high as its rows, or as high as it may be. */
static void
test_all_kinds_fit (void)
{
  guint n;
  const KairosKind *const *kinds = kairos_kinds (&n);

  open_window ("builtin:digits");
  for (guint i = 0; i < n; i++) {
    g_autofree char *text =
        g_strdup_printf ("{\"kind\":\"%s\",%s%s}", kinds[i]->name, kinds[i]->event ? "\"at\":3" : "\"from\":2,\"to\":5",
                         g_str_equal (kinds[i]->name, "focus") ? ",\"classes\":[1]" : "");
    GtkWidget *popover = ui_test_find (panel, "KairosClipPopover"),
              *scrolled = ui_test_find (popover, "GtkScrolledWindow");
    GtkWidget *content = gtk_widget_get_parent (scrolled);
    GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
    graphene_rect_t bounds;

    set_timeline (text);
    open_form ();
    ui_test_wait (is_mapped, popover);
    ui_test_settle ();
    g_test_message ("%s: %g of %g", kinds[i]->name, gtk_adjustment_get_page_size (adjustment),
                    gtk_adjustment_get_upper (adjustment));
    if (gtk_adjustment_get_page_size (adjustment) <
        gtk_scrolled_window_get_max_content_height (GTK_SCROLLED_WINDOW (scrolled)))
      g_assert_cmpfloat (gtk_adjustment_get_upper (adjustment), <=, gtk_adjustment_get_page_size (adjustment));
    g_assert_true (gtk_widget_compute_bounds (scrolled, content, &bounds));
    g_assert_cmpfloat (bounds.origin.y + bounds.size.height, <=, gtk_widget_get_height (content));
    gtk_popover_popdown (GTK_POPOVER (popover));
    ui_test_settle ();
  }
  ui_test_close_all (window);
}

int
main (int argc, char **argv)
{
  if (!ui_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/clip-form/before-and-after", test_before_and_after);
  g_test_add_func ("/clip-form/nothing-before-and-after", test_nothing_before_and_after);
  g_test_add_func ("/clip-form/all-kinds-fit", test_all_kinds_fit);
  return g_test_run ();
}
