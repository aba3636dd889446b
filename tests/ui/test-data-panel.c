/* SPDX-License-Identifier: MIT */

/* The data panel in a bare window, on a real session with a real worker: actions, search with its errors, selection by
 * id, the sample's page, and that training neither scrolls nor selects. */
#include "data/kairos-data-panel.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "common/kairos-sample-ids.h"
#include "data/kairos-history-chart.h"
#include "data/kairos-pictures.h"
#include "data/kairos-query-entry.h"
#include "data/kairos-sample-cell.h"
#include "data/kairos-sample-page.h"
#include "fixture.h"

#define PATIENCE (120 * G_USEC_PER_SEC) /* before a wait counts as failed */

#define wait_for(condition)                                                                                            \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    guint tick_ = g_timeout_add (5, go_on, NULL);                                                                      \
    gint64 end_ = g_get_monotonic_time () + PATIENCE;                                                                  \
    while (!(condition)) {                                                                                             \
      g_assert_cmpint (g_get_monotonic_time (), <, end_);                                                              \
      g_main_context_iteration (NULL, TRUE);                                                                           \
    }                                                                                                                  \
    g_source_remove (tick_);                                                                                           \
  }                                                                                                                    \
  G_STMT_END

static gboolean
go_on (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* ---- The panel on a document ---- */

typedef struct {
  char *folder;
  GtkWidget *window, *panel;
  KairosDocument *document;
  KairosSampleModel *samples;
} Fixture;

static void
on_created (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  *(KairosDocument **) user_data = kairos_document_open_finish (result, &error);
  g_assert_no_error (error);
}

static int
get_state (KairosDocument *document)
{
  int state;

  g_object_get (document, "state", &state, NULL);
  return state;
}

static KairosDocument *
create_document (const char *folder, const char *data, const char *network)
{
  g_autoptr (KairosConfig) config = kairos_config_new ();
  g_autofree char *path = g_build_filename (folder, "session.kairos", NULL);
  const char *settings[][2] = {
    { "data", data }, { "network", network }, { "epochs", "50" }, { "batch", "50" }, { "learning-rate", "0.05" }
  };
  KairosDocument *document = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    g_assert_true (kairos_config_set (config, settings[i][0], settings[i][1], NULL));
  kairos_document_create_async (path, config, 1, NULL, NULL, NULL, on_created, &document);
  wait_for (document != NULL);
  wait_for (get_state (document) == KAIROS_WORKER_PAUSED);
  return document;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("kairos-panel-XXXXXX", NULL);
  fixture->document = create_document (fixture->folder, "builtin:blobs", "mlp-8");
  fixture->samples = kairos_document_get_samples (fixture->document);
  fixture->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 290, 800);
  fixture->panel = kairos_data_panel_new ();
  gtk_window_set_child (GTK_WINDOW (fixture->window), fixture->panel);
  g_object_set (fixture->panel, "document", fixture->document, NULL);
  gtk_window_present (GTK_WINDOW (fixture->window));
  wait_for (gtk_widget_get_mapped (fixture->panel) && gtk_widget_get_height (fixture->panel) > 100);
}

static void
remove_folder (const char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_remove (path);
  }
  g_dir_close (dir);
  g_rmdir (folder);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_add_weak_pointer (G_OBJECT (fixture->panel), (gpointer *) &fixture->panel);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  wait_for (!fixture->panel);
  g_assert_finalize_object (fixture->document);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
}

/* ---- Finding and asking ---- */

/* A visible label that begins with a text. */
static gboolean
has_label (GtkWidget *root, const char *text)
{
  if (GTK_IS_LABEL (root) && gtk_widget_get_mapped (root) &&
      g_str_has_prefix (gtk_label_get_text (GTK_LABEL (root)), text))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child; child = gtk_widget_get_next_sibling (child))
    if (has_label (child, text))
      return TRUE;
  return FALSE;
}

static GtkToggleButton *
find_chip (GtkWidget *root, const char *label)
{
  if (GTK_IS_TOGGLE_BUTTON (root) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (root)), label) == 0)
    return GTK_TOGGLE_BUTTON (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child; child = gtk_widget_get_next_sibling (child)) {
    GtkToggleButton *found = find_chip (child, label);

    if (found)
      return found;
  }
  return NULL;
}

static GtkGridView *
grid_of (Fixture *fixture)
{
  return GTK_GRID_VIEW (ui_test_find (fixture->panel, "GtkGridView"));
}

static GtkAdjustment *
scroll_of (Fixture *fixture)
{
  return gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (grid_of (fixture)));
}

static GtkSelectionModel *
selection_of (Fixture *fixture)
{
  return gtk_grid_view_get_model (grid_of (fixture));
}

static KairosQueryEntry *
entry_of (Fixture *fixture)
{
  return KAIROS_QUERY_ENTRY (ui_test_find (fixture->panel, "KairosQueryEntry"));
}

static guint
n_shown (Fixture *fixture)
{
  return g_list_model_get_n_items (G_LIST_MODEL (fixture->samples));
}

static guint
n_selected (Fixture *fixture)
{
  guint n;

  kairos_document_get_selection (fixture->document, &n);
  return n;
}

static void
act (Fixture *fixture, const char *name, const char *target)
{
  g_assert_true (gtk_widget_activate_action (fixture->panel, name, target ? "s" : NULL, target));
}

static guint
n_epochs (KairosMetrics *metrics)
{
  KairosSeries *series =
      kairos_metrics_get_series (metrics, kairos_metrics_get_current (metrics), kairos_measure_find ("val_loss"), 0);

  return series ? kairos_series_get_n (series) : 0;
}

static void
train_one_epoch (Fixture *fixture)
{
  KairosMetrics *metrics = kairos_document_get_metrics (fixture->document);
  guint before = n_epochs (metrics);

  kairos_document_train_epoch (fixture->document);
  wait_for (n_epochs (metrics) == before + 1 && get_state (fixture->document) == KAIROS_WORKER_PAUSED);
}

static void
count (gpointer object, guint *n)
{
  ++*n;
}

/* ---- Tests ---- */

static void
test_empty (void)
{
  GtkWidget *window = gtk_window_new (), *panel = kairos_data_panel_new ();

  gtk_window_set_child (GTK_WINDOW (window), panel);
  gtk_window_present (GTK_WINDOW (window));
  gtk_widget_activate_action (panel, "data.query", "s", "wrong");
  gtk_widget_activate_action (panel, "data.select-all", NULL);
  kairos_data_panel_open_sample (KAIROS_DATA_PANEL (panel), 3);
  ui_test_settle ();
  g_assert_true (has_label (panel, "Data"));
  g_assert_true (has_label (panel, "None selected"));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_document_comes_and_goes (Fixture *fixture, gconstpointer data)
{
  g_assert_true (has_label (fixture->panel, "2\u202f000 samples") || has_label (fixture->panel, "2000 samples"));
  act (fixture, "data.select-all", NULL);
  kairos_data_panel_open_sample (KAIROS_DATA_PANEL (fixture->panel), 3);
  g_object_set (fixture->panel, "document", NULL, NULL);
  ui_test_settle ();
  g_assert_null (selection_of (fixture));
  g_assert_true (has_label (fixture->panel, "None selected"));
  g_object_set (fixture->panel, "document", fixture->document, NULL);
  ui_test_settle ();
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (selection_of (fixture))), ==, 2000);
}

static void
test_search (Fixture *fixture, gconstpointer data)
{
  GtkWidget *entry = ui_test_find (fixture->panel, "GtkEntry");

  g_assert_true (gtk_toggle_button_get_active (find_chip (fixture->panel, "All")));
  gtk_widget_activate (GTK_WIDGET (find_chip (fixture->panel, "Wrong")));
  wait_for (g_str_equal (kairos_document_get_query (fixture->document), "wrong"));
  g_assert_cmpstr (kairos_query_entry_get_text (entry_of (fixture)), ==, "wrong");
  g_assert_true (gtk_toggle_button_get_active (find_chip (fixture->panel, "Wrong")));
  g_assert_false (gtk_toggle_button_get_active (find_chip (fixture->panel, "All")));
  wait_for (n_shown (fixture) == 0); /* nothing has been looked at yet */
  g_assert_true (has_label (fixture->panel, "No Such Sample"));

  act (fixture, "data.query", "class:zebra");
  g_assert_cmpstr (kairos_document_get_query (fixture->document), ==, "wrong");
  g_assert_true (gtk_widget_has_css_class (entry, "error"));
  gtk_test_accessible_assert_state (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_TRUE);
  wait_for (has_label (fixture->panel, "There is no class"));

  gtk_editable_set_text (GTK_EDITABLE (entry), "class:0"); /* as typed: searched for when the person pauses */
  wait_for (g_str_equal (kairos_document_get_query (fixture->document), "class:0"));
  g_assert_false (gtk_widget_has_css_class (entry, "error"));
  g_assert_false (gtk_toggle_button_get_active (find_chip (fixture->panel, "Wrong")));
  wait_for (n_shown (fixture) > 0 && n_shown (fixture) < 2000);
}

static void
assert_suggests (KairosQueryEntry *entry, const char *text, const char *expected)
{
  GtkEditable *editable = GTK_EDITABLE (ui_test_find (GTK_WIDGET (entry), "GtkEntry"));
  g_auto (GStrv) suggestions = NULL;
  g_autofree char *joined = NULL;

  kairos_query_entry_set_text (entry, text);
  gtk_editable_set_position (editable, -1);
  suggestions = kairos_query_entry_suggest (entry);
  joined = g_strjoinv (" ", suggestions);
  g_assert_cmpstr (joined, ==, expected);
}

static void
test_suggestions (Fixture *fixture, gconstpointer data)
{
  KairosQueryEntry *entry = entry_of (fixture);
  guint n;

  g_assert_cmpuint ((kairos_query_words (&n), n), >, 0);
  assert_suggests (entry, "conf", "confidence");
  assert_suggests (entry, "wrong -for", "forgotten");
  assert_suggests (entry, "split:t", "split:train split:test");
  assert_suggests (entry, "hard class:A,", "class:A,A class:A,B class:A,C class:A,D");
  assert_suggests (entry, "zebra", "");
}

static void
test_selection (Fixture *fixture, gconstpointer data)
{
  guint32 id;
  g_autoptr (GtkBitset) set = NULL;

  gtk_selection_model_select_item (selection_of (fixture), 10, TRUE);
  gtk_selection_model_select_item (selection_of (fixture), 20, FALSE);
  g_assert_true (has_label (fixture->panel, "2 selected"));
  g_assert_true (kairos_document_is_selected (fixture->document, kairos_sample_model_get_id (fixture->samples, 20)));
  gtk_selection_model_unselect_item (selection_of (fixture), 10);
  g_assert_cmpuint (n_selected (fixture), ==, 1);
  gtk_selection_model_select_range (selection_of (fixture), 100, 50, TRUE);
  g_assert_cmpuint (n_selected (fixture), ==, 50);
  set = gtk_selection_model_get_selection (selection_of (fixture));
  g_assert_cmpuint (gtk_bitset_get_size (set), ==, 50);
  g_assert_cmpuint (gtk_bitset_get_minimum (set), ==, 100);

  /* Found again by id in another order, kept while hidden, replaced by a plain click. */
  act (fixture, "data.order", "class");
  wait_for (kairos_sample_model_get_id (fixture->samples, 1) != 1);
  g_assert_cmpuint (n_selected (fixture), ==, 50);
  id = kairos_sample_model_get_id (fixture->samples, 0);
  g_assert_cmpint (gtk_selection_model_is_selected (selection_of (fixture), 0), ==,
                   kairos_document_is_selected (fixture->document, id));
  act (fixture, "data.query", "id<120");
  wait_for (n_shown (fixture) == 120);
  g_assert_true (has_label (fixture->panel, "50 selected, 30 not shown"));
  gtk_selection_model_select_item (selection_of (fixture), 0, TRUE);
  g_assert_true (has_label (fixture->panel, "1 selected"));

  act (fixture, "data.select-all", NULL);
  g_assert_cmpuint (n_selected (fixture), ==, 120);
  act (fixture, "data.clear-selection", NULL);
  g_assert_cmpuint (n_selected (fixture), ==, 0);
  g_assert_false (ui_test_enabled (fixture->panel, "data.clear-selection")); /* nothing to clear */
}

/* The cell at a place of the grid, if it exists now. */
static KairosSampleCell *
find_cell (Fixture *fixture, guint32 id)
{
  g_autofree char *description = kairos_sample_describe (fixture->document, id);

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (grid_of (fixture))); child;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *cell = gtk_widget_get_first_child (child);
    g_autofree char *wrong = NULL;

    if (!KAIROS_IS_SAMPLE_CELL (cell))
      continue;
    wrong = gtk_test_accessible_check_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, description);
    if (!wrong)
      return KAIROS_SAMPLE_CELL (cell);
  }
  return NULL;
}

static GtkEventController *
drag_source (Fixture *fixture)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (grid_of (fixture)));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

    if (GTK_IS_DRAG_SOURCE (controller))
      return controller; /* the grid's */
  }
  return NULL;
}

/* What a drag from a sample's cell would carry, begun in its middle or at its very rim; NULL: it would be a rubber
 * band. */
static KairosSampleIds *
dragged_from (Fixture *fixture, guint32 id, gboolean rim)
{
  GtkWidget *cell = gtk_widget_get_parent (GTK_WIDGET (find_cell (fixture, id)));
  g_autoptr (GdkContentProvider) content = NULL;
  g_auto (GValue) value = G_VALUE_INIT;
  graphene_rect_t bounds;

  g_assert_true (gtk_widget_compute_bounds (cell, GTK_WIDGET (grid_of (fixture)), &bounds));
  g_signal_emit_by_name (drag_source (fixture), "prepare", bounds.origin.x + (rim ? 0.5 : bounds.size.width / 2.0),
                         bounds.origin.y + bounds.size.height / 2.0, &content);
  if (!content)
    return NULL;
  g_value_init (&value, KAIROS_TYPE_SAMPLE_IDS);
  g_assert_true (gdk_content_provider_get_value (content, &value, NULL));
  return g_value_dup_boxed (&value);
}

static void
test_drag (Fixture *fixture, gconstpointer data)
{
  const guint32 chosen[] = { 3, 8, 1500 };
  g_autoptr (KairosSampleIds) samples = NULL, again = NULL;

  wait_for (find_cell (fixture, 8) != NULL);
  g_assert_null (dragged_from (fixture, 8, FALSE)); /* nothing is selected */
  kairos_document_select (fixture->document, chosen, G_N_ELEMENTS (chosen));
  g_assert_null (dragged_from (fixture, 4, FALSE));
  samples = dragged_from (fixture, 8, FALSE);
  g_assert_nonnull (samples);
  g_assert_true (samples->window == fixture->window);
  g_assert_cmpmem (samples->ids, samples->n * sizeof (guint32), chosen, sizeof chosen);
  again = dragged_from (fixture, 3, TRUE);
  g_assert_nonnull (again);
  g_assert_cmpuint (again->n, ==, G_N_ELEMENTS (chosen));
}

static void
test_training_steals_nothing (Fixture *fixture, gconstpointer data)
{
  guint moved = 0, n;
  guint32 first, selected[3];
  double value;

  act (fixture, "data.order", "loss");
  ui_test_settle ();
  gtk_adjustment_set_value (scroll_of (fixture), 4321);
  ui_test_settle ();
  value = gtk_adjustment_get_value (scroll_of (fixture));
  g_assert_cmpfloat (value, >, 1000);
  for (guint i = 0; i < 3; i++)
    gtk_selection_model_select_item (selection_of (fixture), 700 + 40 * i, FALSE);
  memcpy (selected, kairos_document_get_selection (fixture->document, &n), sizeof selected);
  first = kairos_sample_model_get_id (fixture->samples, 0);

  g_signal_connect (fixture->samples, "moved", G_CALLBACK (count), &moved);
  for (int epoch = 0; epoch < 3; epoch++)
    train_one_epoch (fixture);
  wait_for (moved > 0);
  ui_test_settle ();
  g_assert_cmpuint (kairos_sample_model_get_id (fixture->samples, 0), !=, first);
  g_assert_cmpfloat (gtk_adjustment_get_value (scroll_of (fixture)), ==, value);
  g_assert_cmpmem (kairos_document_get_selection (fixture->document, &n), sizeof selected, selected, sizeof selected);
  for (guint i = 0; i < 3; i++)
    g_assert_true (gtk_selection_model_is_selected (selection_of (fixture),
                                                    kairos_sample_model_find (fixture->samples, selected[i])));
  act (fixture, "data.order", "confidence"); /* asked for: shown from its top */
  wait_for (gtk_adjustment_get_value (scroll_of (fixture)) == 0);
  wait_for (find_cell (fixture, kairos_sample_model_get_id (fixture->samples, 0)) != NULL);
}

/* Samples that come and go while they match or not add and take places at the end: what is looked at does not jump
 * either. */
static void
test_matches_come_and_go (Fixture *fixture, gconstpointer data)
{
  GtkAdjustment *scroll = scroll_of (fixture);
  guint n;

  act (fixture, "data.query", "seen<2 | id<500");
  act (fixture, "data.order", "loss");
  train_one_epoch (fixture);
  ui_test_settle ();
  gtk_adjustment_set_value (scroll, 777);
  ui_test_settle ();
  g_assert_cmpfloat (gtk_adjustment_get_value (scroll), ==, 777);
  n = n_shown (fixture);
  train_one_epoch (fixture); /* all of the training split have been seen twice after it */
  wait_for (n_shown (fixture) < n);
  ui_test_settle ();
  g_assert_cmpfloat (gtk_adjustment_get_value (scroll), ==, 777);
}

/* Names change with the facts, also of samples that stay where they are. */
static void
test_cells_follow_training (Fixture *fixture, gconstpointer data)
{
  const guint32 id = 3;

  wait_for (find_cell (fixture, id) != NULL);
  g_assert_cmpint (kairos_document_peek_facts (fixture->document)[id].prediction, ==, -1);
  train_one_epoch (fixture);
  train_one_epoch (fixture);
  wait_for (kairos_document_peek_facts (fixture->document)[id].prediction >= 0);
  wait_for (find_cell (fixture, id) != NULL);
}

static KairosSamplePage *
page_of (Fixture *fixture)
{
  return KAIROS_SAMPLE_PAGE (ui_test_find (fixture->panel, "KairosSamplePage"));
}

static void
test_page (Fixture *fixture, gconstpointer data)
{
  guint moved = 0;
  guint32 before;

  train_one_epoch (fixture);
  act (fixture, "data.order", "loss");
  wait_for (kairos_sample_model_get_id (fixture->samples, 0) != 0);
  g_assert_false (ui_test_enabled (fixture->panel, "data.back"));
  gtk_selection_model_select_item (selection_of (fixture), 5, TRUE);
  act (fixture, "data.open", NULL);
  g_assert_true (
      gtk_widget_is_ancestor (gtk_window_get_focus (GTK_WINDOW (fixture->window)), GTK_WIDGET (page_of (fixture))));
  g_assert_cmpuint (kairos_sample_page_get_id (page_of (fixture)), ==,
                    kairos_sample_model_get_id (fixture->samples, 5));
  wait_for (has_label (fixture->panel, "The network sees"));
  wait_for (ui_test_find (GTK_WIDGET (page_of (fixture)), "GtkProgressBar") &&
            gtk_progress_bar_get_fraction (
                GTK_PROGRESS_BAR (ui_test_find (GTK_WIDGET (page_of (fixture)), "GtkProgressBar"))) >= 1.0 / 4);
  act (fixture, "data.next", NULL);
  g_assert_cmpuint (kairos_sample_page_get_id (page_of (fixture)), ==,
                    kairos_sample_model_get_id (fixture->samples, 6));
  g_assert_cmpuint (n_selected (fixture), ==, 1);
  act (fixture, "data.previous", NULL);
  for (int i = 0; i < 5; i++)
    act (fixture, "data.previous", NULL);
  g_assert_cmpuint (kairos_sample_page_get_id (page_of (fixture)), ==,
                    kairos_sample_model_get_id (fixture->samples, 0));
  g_assert_false (ui_test_enabled (fixture->panel, "data.previous"));

  /* The order holds still while a page is read, and follows again after. */
  before = kairos_sample_model_get_id (fixture->samples, 0);
  g_signal_connect (fixture->samples, "moved", G_CALLBACK (count), &moved);
  for (int epoch = 0; epoch < 3; epoch++)
    train_one_epoch (fixture);
  ui_test_settle ();
  g_assert_cmpuint (moved, ==, 0);
  g_assert_cmpuint (kairos_sample_model_get_id (fixture->samples, 0), ==, before);
  act (fixture, "data.back", NULL);
  wait_for (has_label (fixture->panel, "Data"));
  wait_for (moved == 1);
}

/* ---- Pictures ---- */

static KairosDataset *
open_data (const char *spec)
{
  KairosOpenOptions options = kairos_open_options_default ();
  g_autoptr (GError) error = NULL;
  KairosDataset *dataset;

  options.use_cache = FALSE;
  dataset = kairos_dataset_open (spec, &options, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return dataset;
}

static guint32 *
get_pixels (GdkTexture *texture)
{
  gsize width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture);
  guint32 *pixels = g_new (guint32, width * height);

  gdk_texture_download (texture, (guchar *) pixels, width * 4);
  return pixels;
}

/* At a whole multiple of its size every pixel of an image becomes a square of its exact value. */
static void
test_pictures_are_crisp (void)
{
  g_autoptr (KairosDataset) dataset = open_data ("builtin:shapes");
  g_autoptr (KairosPictures) pictures = kairos_pictures_new (dataset);
  KairosShape shape = kairos_dataset_get_shape (dataset);
  g_autoptr (GdkTexture) texture = kairos_pictures_get (pictures, 7, shape.width * 3),
                         again = kairos_pictures_get (pictures, 7, shape.width * 3);
  g_autofree guint32 *pixels = get_pixels (texture);
  const guint8 *bytes = kairos_dataset_get_bytes (dataset, 7);
  int width = shape.width * 3;

  g_assert_true (texture == again);
  g_assert_cmpint (gdk_texture_get_width (texture), ==, width);
  for (int y = 0; y < shape.height * 3; y++)
    for (int x = 0; x < width; x++) {
      const guint8 *source = bytes + ((gsize) (y / 3) * shape.width + x / 3) * shape.channels;

      g_assert_cmphex (pixels[y * width + x], ==,
                       0xff000000u | (guint32) source[0] << 16 | (guint32) source[1] << 8 | source[2]);
    }
}

/* What a cairo renderer shows is what the others do. */
static void
test_pictures_for_cairo (void)
{
  g_autoptr (KairosDataset) dataset = open_data ("builtin:shapes");
  g_autoptr (KairosPictures) pictures = kairos_pictures_new (dataset);
  g_autoptr (GdkTexture) texture = kairos_pictures_get (pictures, 3, 40);
  g_autofree guint32 *pixels = get_pixels (texture);
  cairo_surface_t *surface = kairos_pictures_get_surface (pictures, 3, 40);
  int width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture);

  g_assert_cmpint (cairo_image_surface_get_width (surface), ==, width);
  g_assert_cmpint (cairo_image_surface_get_height (surface), ==, height);
  for (int y = 0; y < height; y++)
    g_assert_cmpmem (cairo_image_surface_get_data (surface) + (gsize) y * cairo_image_surface_get_stride (surface),
                     4 * width, pixels + y * width, 4 * width);
  cairo_surface_destroy (surface);
}

/* A sample's input is drawn as the sample is, and what lies outside 0 .. 1 is cut off. */
static void
test_pictures_of_inputs (void)
{
  g_autoptr (KairosDataset) dataset = open_data ("builtin:shapes");
  g_autoptr (KairosPictures) pictures = kairos_pictures_new (dataset);
  KairosShape shape = kairos_dataset_get_shape (dataset);
  g_autofree float *input = g_new (float, kairos_shape_size (shape));
  gsize size = (gsize) 64 * 64;

  kairos_dataset_copy_input (dataset, 7, input);
  g_autoptr (GdkTexture) sample = kairos_pictures_get (pictures, 7, 64),
                         same = kairos_pictures_draw (pictures, input, 64);
  g_autofree guint32 *expected = get_pixels (sample), *pixels = get_pixels (same), *white = NULL;
  g_assert_cmpmem (pixels, size * sizeof *pixels, expected, size * sizeof *expected);
  for (gsize i = 0; i < kairos_shape_size (shape); i++)
    input[i] = 1.5f;
  g_autoptr (GdkTexture) bright = kairos_pictures_draw (pictures, input, 64);
  white = get_pixels (bright);
  g_assert_cmphex (white[0], ==, 0xffffffffu);
}

/* Shrinking averages: the mean of all pixels stays. */
static void
test_pictures_shrink (void)
{
  g_autoptr (KairosDataset) dataset = open_data ("builtin:shapes");
  g_autoptr (KairosPictures) pictures = kairos_pictures_new (dataset);
  KairosShape shape = kairos_dataset_get_shape (dataset);
  g_autoptr (GdkTexture) texture = kairos_pictures_get (pictures, 11, 9);
  g_autofree guint32 *pixels = get_pixels (texture);
  const guint8 *bytes = kairos_dataset_get_bytes (dataset, 11);
  double mean = 0, expected = 0;

  for (int i = 0; i < 81; i++)
    mean += (pixels[i] >> 8 & 0xff) / 81.0;
  for (int i = 0; i < shape.width * shape.height; i++)
    expected += bytes[i * 3 + 1] / (double) (shape.width * shape.height);
  g_assert_cmpfloat_with_epsilon (mean, expected, 1);
}

static void
test_pictures_stay_in_budget (void)
{
  g_autoptr (KairosDataset) dataset = open_data ("builtin:blobs");
  g_autoptr (KairosPictures) pictures = kairos_pictures_new (dataset);

  for (guint32 id = 0; id < 2000; id++)
    g_object_unref (kairos_pictures_get (pictures, id, 64));
  g_assert_cmpuint (kairos_pictures_get_memory (pictures), <=, KAIROS_PICTURES_BUDGET);
  g_assert_cmpuint (kairos_pictures_get_memory (pictures), >, KAIROS_PICTURES_BUDGET / 2);
}

/* Whatever the data is, two different samples have two different pictures. */
static void
assert_pictures_differ (const char *spec)
{
  g_autoptr (KairosDataset) dataset = open_data (spec);
  g_autoptr (KairosPictures) pictures = kairos_pictures_new (dataset);
  g_autoptr (GdkTexture) a = kairos_pictures_get (pictures, 0, 52), b = kairos_pictures_get (pictures, 1, 52);
  g_autofree guint32 *first = get_pixels (a), *second = get_pixels (b);

  g_assert_cmpint (gdk_texture_get_width (a), ==, 52);
  g_assert_cmpint (memcmp (first, second, sizeof (guint32) * 52 * 52), !=, 0);
}

static void
test_pictures_of_all_kinds (void)
{
  g_autofree char *folder = g_dir_make_tmp ("kairos-pictures-XXXXXX", NULL),
                  *path = g_build_filename (folder, "iris.csv", NULL);
  g_autofree char *one = g_build_filename (folder, "one.csv", NULL);
  g_autoptr (GString) rows = g_string_new ("a,b,c,constant,label\n"), thin = g_string_new ("a,label\n");

  for (int i = 0; i < 40; i++) {
    g_string_append_printf (rows, "%d,%d,%d,1,%s\n", i, 40 - i, i * i, i % 2 != 0 ? "odd" : "even");
    g_string_append_printf (thin, "%d,%s\n", i, i % 2 != 0 ? "odd" : "even");
  }
  g_assert_true (g_file_set_contents (path, rows->str, -1, NULL));
  g_assert_true (g_file_set_contents (one, thin->str, -1, NULL));
  assert_pictures_differ ("builtin:spirals");
  assert_pictures_differ (path);
  assert_pictures_differ (one);
  remove_folder (folder);
}

#define add(name, func) g_test_add ("/data-panel/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  if (!ui_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/data-panel/empty", test_empty);
  add ("document-comes-and-goes", test_document_comes_and_goes);
  add ("search", test_search);
  add ("suggestions", test_suggestions);
  add ("selection", test_selection);
  add ("drag", test_drag);
  add ("training-steals-nothing", test_training_steals_nothing);
  add ("matches-come-and-go", test_matches_come_and_go);
  add ("cells-follow-training", test_cells_follow_training);
  add ("page", test_page);
  g_test_add_func ("/pictures/crisp", test_pictures_are_crisp);
  g_test_add_func ("/pictures/cairo", test_pictures_for_cairo);
  g_test_add_func ("/pictures/inputs", test_pictures_of_inputs);
  g_test_add_func ("/pictures/shrink", test_pictures_shrink);
  g_test_add_func ("/pictures/budget", test_pictures_stay_in_budget);
  g_test_add_func ("/pictures/all-kinds", test_pictures_of_all_kinds);
  return g_test_run ();
}
