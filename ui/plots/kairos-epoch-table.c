/* SPDX-License-Identifier: MIT */

/* The table of epochs: its rows, the list of them, the widget. */
#include "config.h"

#include "plots/kairos-epoch-table.h"

#include <glib/gi18n.h>
#include <kairos/probe.h>
#include <math.h>

/* ---- A row ---- */

struct _KairosEpochRow {
  GObject parent_instance;
  double epoch;
  double *values; /* one a measure of the registry */
};

G_DEFINE_FINAL_TYPE (KairosEpochRow, kairos_epoch_row, G_TYPE_OBJECT)

static void
kairos_epoch_row_finalize (GObject *object)
{
  g_free (KAIROS_EPOCH_ROW (object)->values);
  G_OBJECT_CLASS (kairos_epoch_row_parent_class)->finalize (object);
}

static void
kairos_epoch_row_class_init (KairosEpochRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = kairos_epoch_row_finalize;
}

static void
kairos_epoch_row_init (KairosEpochRow *row)
{
}

double
kairos_epoch_row_get (KairosEpochRow *row, const KairosMeasure *measure)
{
  return measure ? row->values[kairos_measure_index (measure)] : row->epoch;
}

/* Caller frees. */
static char *
format_cell (KairosEpochRow *row, const KairosMeasure *measure)
{
  double value = kairos_epoch_row_get (row, measure);

  return measure ? kairos_measure_format (measure->group, value) : g_strdup_printf ("%.10g", value);
}

/* ---- The list ---- */

struct _KairosEpochModel {
  GObject parent_instance;
  KairosMetrics *metrics;
  gint64 run;
  guint n;
};

/* Whose points are the rows: the first measure that every epoch ends with. */
static KairosSeries *
epochs_of (KairosEpochModel *model)
{
  guint n;
  const KairosMeasure *const *measures = kairos_measures (&n);

  for (guint i = 0; model->metrics && i < n; i++)
    if (measures[i]->of_epoch)
      return kairos_metrics_get_series (model->metrics, kairos_metrics_get_current (model->metrics), measures[i], 0);
  return NULL;
}

/* The last value after one time and at or before another. */
static double
value_in (KairosSeries *series, double from, double to)
{
  guint end = series ? kairos_series_find (series, nextafter (to, INFINITY)) : 0;
  double time = from;
  float value = NAN;

  if (end > 0)
    kairos_series_get (series, end - 1, &time, &value);
  return time > from ? value : NAN;
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
  KairosSeries *epochs = epochs_of (model);
  KairosEpochRow *row;
  double before = -INFINITY;
  guint n;
  const KairosMeasure *const *measures = kairos_measures (&n);

  if (position >= model->n || !epochs || position >= kairos_series_get_n (epochs))
    return NULL;
  row = g_object_new (KAIROS_TYPE_EPOCH_ROW, NULL);
  row->values = g_new (double, n);
  kairos_series_get (epochs, position, &row->epoch, NULL);
  if (position > 0)
    kairos_series_get (epochs, position - 1, &before, NULL);
  for (guint i = 0; i < n; i++)
    row->values[i] =
        value_in (kairos_metrics_get_series (model->metrics, model->run, measures[i], 0), before, row->epoch);
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
  KairosSeries *epochs = epochs_of (model);
  guint n = epochs ? kairos_series_get_n (epochs) : 0, before = model->n;
  gint64 run = model->metrics ? kairos_metrics_get_current (model->metrics) : 0;

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
  GListModel *columns; /* of GtkColumnViewColumn, owned by the view */
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
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer measure)
{
  g_autofree char *text = format_cell (gtk_list_item_get_item (item), measure);

  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)), text);
}

static int
compare (gconstpointer a, gconstpointer b, gpointer measure)
{
  double x = kairos_epoch_row_get ((KairosEpochRow *) a, measure),
         y = kairos_epoch_row_get ((KairosEpochRow *) b, measure);

  if (isnan (x) || isnan (y))
    return isnan (x) - isnan (y);
  return x < y ? -1 : x > y;
}

/* NULL: of the epoch itself. */
static void
add_column (GtkColumnView *view, const KairosMeasure *measure)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkColumnViewColumn *view_column = gtk_column_view_column_new (_ (measure ? measure->title : N_ ("Epoch")), factory);
  g_autoptr (GtkSorter) sorter = GTK_SORTER (gtk_custom_sorter_new (compare, (gpointer) measure, NULL));

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), (gpointer) measure);
  gtk_column_view_column_set_sorter (view_column, sorter);
  gtk_column_view_column_set_expand (view_column, TRUE);
  gtk_column_view_column_set_resizable (view_column, TRUE);
  g_object_set_data (G_OBJECT (view_column), "measure", (gpointer) measure);
  gtk_column_view_append_column (view, view_column);
  g_object_unref (view_column);
}

static GtkWidget *
create_view (KairosEpochTable *table)
{
  GtkWidget *view = gtk_column_view_new (NULL), *scrolled = gtk_scrolled_window_new ();
  GtkSortListModel *sorted;
  guint n;
  const KairosMeasure *const *measures = kairos_measures (&n);
  g_autoptr (GtkSelectionModel) selection = NULL;

  add_column (GTK_COLUMN_VIEW (view), NULL);
  for (guint i = 0; i < n; i++)
    if (measures[i]->draw != KAIROS_DRAW_BAND)
      add_column (GTK_COLUMN_VIEW (view), measures[i]);
  table->columns = gtk_column_view_get_columns (GTK_COLUMN_VIEW (view));
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

/* What probes measure has a column once there is something in it. */
static void
update_columns (KairosEpochTable *table)
{
  KairosMetrics *metrics = table->model->metrics;

  for (guint i = 0; i < g_list_model_get_n_items (table->columns); i++) {
    g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (table->columns, i);
    const KairosMeasure *measure = g_object_get_data (G_OBJECT (column), "measure");
    gboolean shown = !measure || !kairos_probe_of (measure) ||
                     (metrics && kairos_metrics_get_series (metrics, kairos_metrics_get_current (metrics), measure, 0));
    gtk_column_view_column_set_visible (column, shown);
  }
}

static void
update_stack (KairosEpochTable *table)
{
  update_columns (table);
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
  update_columns (table);
}
