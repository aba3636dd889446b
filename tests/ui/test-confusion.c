/* SPDX-License-Identifier: MIT */

/* The confusion matrix: as buttons, as a drawing with its list; and that a cell finds and selects its samples in the
 * data panel. */
#include "config.h"

#include <string.h>

#include "fixture.h"
#include "plots/kairos-confusion.h"
#include "plots/kairos-plot-panel.h"

static gboolean
has_size (gpointer widget)
{
  return gtk_widget_get_mapped (widget) && gtk_widget_get_width (widget) > 100;
}

static KairosPlotPanel *
open_panel (void)
{
  GtkWidget *window = gtk_window_new (), *panel = kairos_plot_panel_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 900, 600);
  gtk_window_set_child (GTK_WINDOW (window), panel);
  gtk_window_present (GTK_WINDOW (window));
  ui_test_wait (has_size, panel);
  return KAIROS_PLOT_PANEL (panel);
}

static void
close_panel (KairosPlotPanel *panel)
{
  g_object_set (panel, "document", NULL, NULL);
  gtk_window_destroy (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (panel))));
  ui_test_settle ();
}

static void
run_for (int ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer document)
{
  g_autoptr (GError) error = NULL;

  *(KairosDocument **) document = kairos_document_open_finish (result, &error);
  g_assert_no_error (error);
}

static gboolean
is_set (gpointer pointer)
{
  return *(gpointer *) pointer != NULL;
}

static KairosDocument *
open_document (const char *data)
{
  g_autoptr (KairosConfig) config = kairos_config_new ();
  g_autoptr (GError) error = NULL;
  KairosDocument *document = NULL;

  g_assert_true (kairos_config_set (config, "data", data, &error));
  g_assert_true (kairos_config_set (config, "network", "logistic", &error));
  kairos_document_create_async (NULL, config, 1, NULL, NULL, NULL, on_opened, &document);
  ui_test_wait (is_set, &document);
  return document;
}

static gboolean
has_epoch (gpointer document)
{
  KairosMetrics *metrics = kairos_document_get_metrics (document);

  return kairos_metrics_get_series (metrics, kairos_metrics_get_current (metrics), kairos_measure_find ("val_loss"),
                                    0) != NULL;
}

static gboolean
has_answers (gpointer document)
{
  g_autoptr (KairosConfusion) validation = kairos_confusion_new (document, KAIROS_SPLIT_VALIDATION);
  g_autoptr (KairosConfusion) train = kairos_confusion_new (document, KAIROS_SPLIT_TRAIN);
  guint n_validation, n_train;

  kairos_splits_ids (kairos_document_get_splits (document), KAIROS_SPLIT_VALIDATION, &n_validation);
  kairos_splits_ids (kairos_document_get_splits (document), KAIROS_SPLIT_TRAIN, &n_train);
  return validation->total == n_validation && train->total == n_train;
}

/* An epoch trained, and its answers counted. */
static void
train_epoch (KairosPlotPanel *panel, KairosDocument *document)
{
  g_object_set (panel, "document", document, "page", "confusion", NULL);
  kairos_document_train_epoch (document);
  ui_test_wait (has_epoch, document);
  ui_test_wait (has_answers, document);
  run_for (100);
}

static void
assert_selected (KairosDocument *document, guint label, guint prediction, KairosSplit split)
{
  g_autoptr (KairosConfusion) confusion = kairos_confusion_new (document, split);
  g_autofree char *query = kairos_confusion_query (kairos_document_get_dataset (document), label, prediction, split);
  const KairosFact *facts = kairos_document_peek_facts (document);
  guint n;
  const guint32 *ids = kairos_document_get_selection (document, &n);

  g_assert_cmpstr (kairos_document_get_query (document), ==, query);
  g_assert_cmpuint (n, ==, kairos_confusion_get (confusion, label, prediction));
  for (guint i = 0; i < n; i++) {
    g_assert_cmpint (kairos_dataset_get_labels (kairos_document_get_dataset (document))[ids[i]], ==, label);
    g_assert_cmpint (facts[ids[i]].prediction, ==, prediction);
    g_assert_cmpint (kairos_splits_get (kairos_document_get_splits (document), ids[i]), ==, split);
  }
}

static void
collect_cells (GtkWidget *widget, gpointer cells)
{
  if (g_str_equal (G_OBJECT_TYPE_NAME (widget), "KairosConfusionCell"))
    g_ptr_array_add (cells, widget);
}

static void
test_grid (void)
{
  KairosPlotPanel *panel = open_panel ();
  g_autoptr (KairosDocument) document = open_document ("builtin:blobs");
  g_autoptr (GPtrArray) cells = g_ptr_array_new ();
  guint n = kairos_dataset_get_n_classes (kairos_document_get_dataset (document));
  GtkWidget *page;

  train_epoch (panel, document);
  ui_test_walk (GTK_WIDGET (panel), collect_cells, cells);
  g_assert_cmpuint (cells->len, ==, n * n);
  for (guint i = 0; i < n; i++) {
    GtkWidget *cell = g_ptr_array_index (cells, i * n + (i + 1) % n);

    g_assert_true (gtk_widget_get_focusable (cell));
    g_signal_emit_by_name (cell, "clicked");
    assert_selected (document, i, (i + 1) % n, KAIROS_SPLIT_VALIDATION);
    g_signal_emit_by_name (g_ptr_array_index (cells, i * n + i), "clicked");
    assert_selected (document, i, i, KAIROS_SPLIT_VALIDATION);
  }
  page = ui_test_find (GTK_WIDGET (panel), "KairosConfusionPage");
  gtk_widget_activate_action (page, "confusion.split", "s", "train");
  gtk_widget_activate_action (page, "confusion.select", "(uu)", 0, 0);
  assert_selected (document, 0, 0, KAIROS_SPLIT_TRAIN);
  gtk_widget_activate_action (page, "confusion.select", "(uu)", n, 0); /* no such class: nothing happens */
  assert_selected (document, 0, 0, KAIROS_SPLIT_TRAIN);
  close_panel (panel);
  kairos_document_close (document);
}

/* 30 classes with names that need quotes, two features that tell little: plenty of confusion. */
static char *
write_many_classes (void)
{
  g_autoptr (GString) text = g_string_new ("x,y,class\n");
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  char *path = g_build_filename (g_get_user_cache_dir (), "many.csv", NULL);

  for (int i = 0; i < 900; i++)
    g_string_append_printf (text, "%d.%d,%d,kind %c\n", i % 30, g_rand_int_range (rand, 0, 9),
                            g_rand_int_range (rand, 0, 30), i % 30 < 26 ? 'a' + i % 30 : '0' + i % 30 - 26);
  g_assert_true (g_file_set_contents (path, text->str, text->len, NULL));
  return path;
}

static void
test_map (void)
{
  KairosPlotPanel *panel = open_panel ();
  g_autofree char *path = write_many_classes ();
  g_autoptr (KairosDocument) document = open_document (path);
  GtkWidget *page, *list, *row;
  GVariant *target;
  guint label, prediction;

  g_assert_cmpuint (kairos_dataset_get_n_classes (kairos_document_get_dataset (document)), ==, 30);
  train_epoch (panel, document);
  page = ui_test_find (GTK_WIDGET (panel), "KairosConfusionPage");
  list = ui_test_find (page, "GtkListBox");
  row = GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 0));
  g_assert_true (gtk_widget_get_visible (row));
  target = gtk_actionable_get_action_target_value (GTK_ACTIONABLE (row));
  g_variant_get (target, "(uu)", &label, &prediction);
  g_assert_cmpuint (label, !=, prediction);
  gtk_widget_activate (row);
  assert_selected (document, label, prediction, KAIROS_SPLIT_VALIDATION);
  g_assert_nonnull (strstr (kairos_document_get_query (document), "class:\"kind "));
  close_panel (panel);
  kairos_document_close (document);
}

int
main (int argc, char **argv)
{
  if (!ui_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/confusion/grid", test_grid);
  g_test_add_func ("/confusion/map", test_map);
  return g_test_run ();
}
