/* SPDX-License-Identifier: MIT */

/* The table of epochs: its rows, the list of them, the widget. */
#include "config.h"

#include "plots/kairos-epoch-table.h"

#include <glib/gi18n.h>
#include <math.h>

/* A row a column. */
static const struct {
  const char *title;
  gboolean percent;
} columns[KAIROS_N_EPOCH_COLUMNS] = {
  [KAIROS_EPOCH_COLUMN_EPOCH] = { N_ ("Epoch"), FALSE },
  [KAIROS_EPOCH_COLUMN_TRAIN_LOSS] = { N_ ("Training loss"), FALSE },
  [KAIROS_EPOCH_COLUMN_TRAIN_ACCURACY] = { N_ ("Training accuracy"), TRUE },
  [KAIROS_EPOCH_COLUMN_VAL_LOSS] = { N_ ("Validation loss"), FALSE },
  [KAIROS_EPOCH_COLUMN_VAL_ACCURACY] = { N_ ("Validation accuracy"), TRUE },
  [KAIROS_EPOCH_COLUMN_LEARNING_RATE] = { N_ ("Learning rate"), FALSE },
};

/* ---- A row ---- */

struct _KairosEpochRow {
  GObject parent_instance;
  double values[KAIROS_N_EPOCH_COLUMNS];
};

G_DEFINE_FINAL_TYPE (KairosEpochRow, kairos_epoch_row, G_TYPE_OBJECT)

static void
kairos_epoch_row_class_init (KairosEpochRowClass *klass)
{
}

static void
kairos_epoch_row_init (KairosEpochRow *row)
{
}

double
kairos_epoch_row_get (KairosEpochRow *row, KairosEpochColumn column)
{
  return row->values[column];
}

/* Caller frees. */
static char *
format_cell (KairosEpochRow *row, KairosEpochColumn column)
{
  double value = row->values[column];

  if (!isfinite (value))
    return g_strdup ("–");
  if (columns[column].percent)
    return g_strdup_printf (_ ("%.2f %%"), value * 100);
  if (column == KAIROS_EPOCH_COLUMN_EPOCH)
    return g_strdup_printf ("%.10g", value);
  if (column == KAIROS_EPOCH_COLUMN_LEARNING_RATE)
    return g_strdup_printf ("%.4g", value);
  return g_strdup_printf (fabs (value) < 1e-3 ? "%.3g" : "%.4f", value);
}

/* ---- The list ---- */

struct _KairosEpochModel {
  GObject parent_instance;
  KairosMetrics *metrics;
  gint64 run;
  guint n;
};

static KairosSeries *
series_of (KairosEpochModel *model, KairosMetric metric)
{
  guint n_runs = model->metrics ? kairos_metrics_get_n_runs (model->metrics) : 0;

  return n_runs > 0 ? kairos_metrics_get_series (model->metrics, n_runs - 1, metric) : NULL;
}

static double
value_of (KairosEpochModel *model, KairosMetric metric, guint index)
{
  KairosSeries *series = series_of (model, metric);
  float value = NAN;

  if (series && index < kairos_series_get_n (series))
    kairos_series_get (series, index, NULL, &value);
  return value;
}

static double
rate_at (KairosEpochModel *model, double epoch)
{
  KairosSeries *series = series_of (model, KAIROS_METRIC_LEARNING_RATE);
  int nearest = series ? kairos_series_nearest (series, epoch) : -1;

  return nearest >= 0 ? value_of (model, KAIROS_METRIC_LEARNING_RATE, nearest) : NAN;
}

static GType
model_get_item_type (GListModel *list)
{
  return KAIROS_TYPE_EPOCH_ROW;
}

static guint
model_get_n_items (GListModel *list)
{
  return KAIROS_EPOCH_MODEL (list)->n;
}

static gpointer
model_get_item (GListModel *list, guint position)
{
  KairosEpochModel *model = KAIROS_EPOCH_MODEL (list);
  KairosEpochRow *row;

  if (position >= model->n)
    return NULL;
  row = g_object_new (KAIROS_TYPE_EPOCH_ROW, NULL);
  kairos_series_get (series_of (model, KAIROS_METRIC_TRAIN_LOSS_EPOCH), position,
                     &row->values[KAIROS_EPOCH_COLUMN_EPOCH], NULL);
  row->values[KAIROS_EPOCH_COLUMN_TRAIN_LOSS] = value_of (model, KAIROS_METRIC_TRAIN_LOSS_EPOCH, position);
  row->values[KAIROS_EPOCH_COLUMN_TRAIN_ACCURACY] = value_of (model, KAIROS_METRIC_TRAIN_ACCURACY_EPOCH, position);
  row->values[KAIROS_EPOCH_COLUMN_VAL_LOSS] = value_of (model, KAIROS_METRIC_VAL_LOSS, position);
  row->values[KAIROS_EPOCH_COLUMN_VAL_ACCURACY] = value_of (model, KAIROS_METRIC_VAL_ACCURACY, position);
  row->values[KAIROS_EPOCH_COLUMN_LEARNING_RATE] = rate_at (model, row->values[KAIROS_EPOCH_COLUMN_EPOCH]);
  return row;
}

static void
model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = model_get_item_type;
  iface->get_n_items = model_get_n_items;
  iface->get_item = model_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (KairosEpochModel, kairos_epoch_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, model_iface_init))

/* Fewer epochs, or another run: everything is new.  An epoch that is trained again after going back makes the list
 * shorter first. */
static void
on_changed (KairosEpochModel *model)
{
  KairosSeries *series = series_of (model, KAIROS_METRIC_TRAIN_LOSS_EPOCH);
  guint n = series ? kairos_series_get_n (series) : 0, before = model->n;
  gint64 run = series ? kairos_metrics_get_run (model->metrics, kairos_metrics_get_n_runs (model->metrics) - 1) : 0;

  if (n == before && run == model->run)
    return;
  model->n = n;
  if (run == model->run && n > before)
    g_list_model_items_changed (G_LIST_MODEL (model), before, 0, n - before);
  else {
    model->run = run;
    g_list_model_items_changed (G_LIST_MODEL (model), 0, before, n);
  }
}

static void
kairos_epoch_model_dispose (GObject *object)
{
  g_clear_object (&KAIROS_EPOCH_MODEL (object)->metrics);
  G_OBJECT_CLASS (kairos_epoch_model_parent_class)->dispose (object);
}

static void
kairos_epoch_model_class_init (KairosEpochModelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = kairos_epoch_model_dispose;
}

static void
kairos_epoch_model_init (KairosEpochModel *model)
{
}

KairosEpochModel *
kairos_epoch_model_new (void)
{
  return g_object_new (KAIROS_TYPE_EPOCH_MODEL, NULL);
}

void
kairos_epoch_model_set_metrics (KairosEpochModel *model, KairosMetrics *metrics)
{
  if (metrics == model->metrics)
    return;
  if (model->metrics)
    g_signal_handlers_disconnect_by_func (model->metrics, on_changed, model);
  g_set_object (&model->metrics, metrics);
  model->run = -1;
  if (metrics)
    g_signal_connect_object (metrics, "changed", G_CALLBACK (on_changed), model, G_CONNECT_SWAPPED);
  on_changed (model);
}

/* ---- The widget ---- */

struct _KairosEpochTable {
  GtkWidget parent_instance;
  GtkWidget *stack;
  KairosEpochModel *model;
};

G_DEFINE_FINAL_TYPE (KairosEpochTable, kairos_epoch_table, GTK_TYPE_WIDGET)

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0); /* below its title, which GTK puts at the left */
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer column)
{
  g_autofree char *text = format_cell (gtk_list_item_get_item (item), GPOINTER_TO_INT (column));

  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)), text);
}

static int
compare (gconstpointer a, gconstpointer b, gpointer column)
{
  double x = ((KairosEpochRow *) a)->values[GPOINTER_TO_INT (column)],
         y = ((KairosEpochRow *) b)->values[GPOINTER_TO_INT (column)];

  if (isnan (x) || isnan (y))
    return isnan (x) - isnan (y);
  return x < y ? -1 : x > y;
}

static void
add_column (GtkColumnView *view, int column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkColumnViewColumn *view_column = gtk_column_view_column_new (_ (columns[column].title), factory);
  g_autoptr (GtkSorter) sorter = GTK_SORTER (gtk_custom_sorter_new (compare, GINT_TO_POINTER (column), NULL));

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), GINT_TO_POINTER (column));
  gtk_column_view_column_set_sorter (view_column, sorter);
  gtk_column_view_column_set_expand (view_column, TRUE);
  gtk_column_view_column_set_resizable (view_column, TRUE);
  gtk_column_view_append_column (view, view_column);
  g_object_unref (view_column);
}

static GtkWidget *
create_view (KairosEpochTable *table)
{
  GtkWidget *view = gtk_column_view_new (NULL), *scrolled = gtk_scrolled_window_new ();
  GtkSortListModel *sorted;
  g_autoptr (GtkSelectionModel) selection = NULL;

  for (int i = 0; i < KAIROS_N_EPOCH_COLUMNS; i++)
    add_column (GTK_COLUMN_VIEW (view), i);
  sorted = gtk_sort_list_model_new (G_LIST_MODEL (g_object_ref (table->model)),
                                    g_object_ref (gtk_column_view_get_sorter (GTK_COLUMN_VIEW (view))));
  selection = GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (sorted)));
  gtk_column_view_set_model (GTK_COLUMN_VIEW (view), selection);
  gtk_column_view_set_show_row_separators (GTK_COLUMN_VIEW (view), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Numbers of every epoch"),
                                  -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), view);
  gtk_widget_add_css_class (scrolled, "frame");
  return scrolled;
}

static void
update_stack (KairosEpochTable *table)
{
  gtk_stack_set_visible_child_name (GTK_STACK (table->stack), table->model->n > 0 ? "table" : "empty");
}

static void
kairos_epoch_table_dispose (GObject *object)
{
  KairosEpochTable *table = KAIROS_EPOCH_TABLE (object);

  g_clear_pointer (&table->stack, gtk_widget_unparent);
  g_clear_object (&table->model);
  G_OBJECT_CLASS (kairos_epoch_table_parent_class)->dispose (object);
}

static void
kairos_epoch_table_class_init (KairosEpochTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = kairos_epoch_table_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
kairos_epoch_table_init (KairosEpochTable *table)
{
  GtkWidget *empty = gtk_label_new (_ ("A row appears here at the end of every epoch."));

  gtk_widget_add_css_class (empty, "dim-label");
  table->model = kairos_epoch_model_new ();
  table->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (table->stack), empty, "empty");
  gtk_stack_add_named (GTK_STACK (table->stack), create_view (table), "table");
  gtk_widget_set_parent (table->stack, GTK_WIDGET (table));
  g_signal_connect_object (table->model, "items-changed", G_CALLBACK (update_stack), table, G_CONNECT_SWAPPED);
}

void
kairos_epoch_table_set_metrics (KairosEpochTable *table, KairosMetrics *metrics)
{
  kairos_epoch_model_set_metrics (table->model, metrics);
}
