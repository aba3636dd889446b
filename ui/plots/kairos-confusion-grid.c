/* SPDX-License-Identifier: MIT */

/* The confusion matrix of a few classes as a grid of buttons.  Buttons are made once for a number of classes; an update
 * changes only what differs. */
#include "config.h"

#include "plots/kairos-confusion.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* ---- One cell: a button on its own colour ---- */

#define KAIROS_TYPE_CONFUSION_CELL (kairos_confusion_cell_get_type ())
G_DECLARE_FINAL_TYPE (KairosConfusionCell, kairos_confusion_cell, KAIROS, CONFUSION_CELL, GtkButton)

struct _KairosConfusionCell {
  GtkButton parent_instance;
  GdkRGBA color;
  int count; /* shown; -1 nothing yet */
};

G_DEFINE_FINAL_TYPE (KairosConfusionCell, kairos_confusion_cell, GTK_TYPE_BUTTON)

static void
kairos_confusion_cell_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  KairosConfusionCell *cell = KAIROS_CONFUSION_CELL (widget);
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget));

  if (cell->color.alpha > 0)
    gtk_snapshot_append_color (snapshot, &cell->color, &bounds);
  GTK_WIDGET_CLASS (kairos_confusion_cell_parent_class)->snapshot (widget, snapshot);
}

static void
kairos_confusion_cell_class_init (KairosConfusionCellClass *klass)
{
  GTK_WIDGET_CLASS (klass)->snapshot = kairos_confusion_cell_snapshot;
}

static void
kairos_confusion_cell_init (KairosConfusionCell *cell)
{
  cell->count = -1;
  gtk_widget_add_css_class (GTK_WIDGET (cell), "flat");
}

static void
update_cell (KairosConfusionCell *cell, const KairosConfusion *confusion, guint label, guint prediction)
{
  int count = kairos_confusion_get (confusion, label, prediction);
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  GdkRGBA color = kairos_confusion_color (confusion, label, prediction, dark);

  if (!gdk_rgba_equal (&color, &cell->color)) {
    cell->color = color;
    gtk_widget_queue_draw (GTK_WIDGET (cell));
    if (dark && color.alpha > 0.65) /* bright enough for dark text */
      gtk_widget_add_css_class (GTK_WIDGET (cell), "on-color");
    else
      gtk_widget_remove_css_class (GTK_WIDGET (cell), "on-color");
  }
  if (count != cell->count) {
    g_autofree char *number = g_strdup_printf ("%d", count);
    g_autofree char *text = kairos_confusion_describe (confusion, label, prediction);

    cell->count = count;
    gtk_button_set_label (GTK_BUTTON (cell), count > 0 ? number : "·");
    gtk_widget_set_tooltip_text (GTK_WIDGET (cell), text);
    gtk_accessible_update_property (GTK_ACCESSIBLE (cell), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  }
}

/* ---- The grid: names, cells, recall at the end of each row, precision below each column ---- */

struct _KairosConfusionGrid {
  GtkWidget parent_instance;
  GtkWidget *scrolled, *grid;
  KairosDataset *dataset; /* the names shown; only compared */
  guint n;
  GPtrArray *cells;                /* n x n KairosConfusionCell, owned by the grid */
  GtkSizeGroup *widths;            /* of all columns of cells */
  GPtrArray *recalls, *precisions; /* GtkLabel */
};

G_DEFINE_FINAL_TYPE (KairosConfusionGrid, kairos_confusion_grid, GTK_TYPE_WIDGET)

static GtkWidget *
add_label (KairosConfusionGrid *grid, const char *text, const char *css_class, int column, int row)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 14);
  gtk_label_set_width_chars (GTK_LABEL (label), column == 0 ? -1 : 2);
  gtk_label_set_xalign (GTK_LABEL (label), column == 0 ? 1 : 0.5);
  gtk_widget_set_tooltip_text (label, text);
  gtk_widget_add_css_class (label, css_class);
  gtk_widget_add_css_class (label, "caption");
  gtk_grid_attach (GTK_GRID (grid->grid), label, column, row, 1, 1);
  return label;
}

static void
add_cell (KairosConfusionGrid *grid, guint label, guint prediction)
{
  GtkWidget *cell = g_object_new (KAIROS_TYPE_CONFUSION_CELL, "hexpand", TRUE, "vexpand", TRUE, NULL);

  /* The target first: a name without one would not fit the action. */
  gtk_actionable_set_action_target (GTK_ACTIONABLE (cell), "(uu)", label, prediction);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (cell), "confusion.select");
  gtk_size_group_add_widget (grid->widths, cell);
  gtk_grid_attach (GTK_GRID (grid->grid), cell, prediction + 1, label + 2, 1, 1);
  g_ptr_array_add (grid->cells, cell);
}

static void
build (KairosConfusionGrid *grid, const KairosConfusion *confusion)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (grid->grid)))
    gtk_grid_remove (GTK_GRID (grid->grid), child);
  g_ptr_array_set_size (grid->cells, 0);
  g_ptr_array_set_size (grid->recalls, 0);
  g_ptr_array_set_size (grid->precisions, 0);
  grid->n = confusion->n;
  grid->dataset = confusion->dataset;
  child = add_label (grid, _ ("predicted →"), "dim-label", 1, 0);
  gtk_label_set_xalign (GTK_LABEL (child), 0);
  gtk_grid_remove (GTK_GRID (grid->grid), g_object_ref (child));
  gtk_grid_attach (GTK_GRID (grid->grid), child, 1, 0, confusion->n, 1);
  g_object_unref (child);
  add_label (grid, _ ("label ↓"), "dim-label", 0, 1);
  child = add_label (grid, _ ("recall"), "dim-label", confusion->n + 1, 1);
  gtk_widget_set_tooltip_text (child, _ ("How many of a class's samples were recognised"));
  child = add_label (grid, _ ("precision"), "dim-label", 0, confusion->n + 2);
  gtk_widget_set_tooltip_text (child, _ ("How many of the samples taken for a class are of it"));
  for (guint i = 0; i < confusion->n; i++) {
    add_label (grid, kairos_dataset_get_class_name (confusion->dataset, i), "name", 0, i + 2);
    gtk_size_group_add_widget (grid->widths, add_label (grid, kairos_dataset_get_class_name (confusion->dataset, i),
                                                        "name", i + 1, 1));
    for (guint k = 0; k < confusion->n; k++)
      add_cell (grid, i, k);
    g_ptr_array_add (grid->recalls, add_label (grid, "", "numeric", confusion->n + 1, i + 2));
    g_ptr_array_add (grid->precisions, add_label (grid, "", "numeric", i + 1, confusion->n + 2));
  }
}

static void
set_share (GtkLabel *label, guint part, guint whole)
{
  g_autofree char *text = whole > 0 ? g_strdup_printf (_ ("%.0f %%"), 100.0 * part / whole) : g_strdup ("–");

  if (g_strcmp0 (gtk_label_get_text (label), text) == 0)
    return;
  gtk_label_set_text (label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (label), NULL);
}

void
kairos_confusion_grid_update (KairosConfusionGrid *grid, const KairosConfusion *confusion)
{
  if (!confusion) {
    grid->dataset = NULL;
    return;
  }
  if (grid->n != confusion->n || grid->dataset != confusion->dataset)
    build (grid, confusion);
  for (guint i = 0; i < grid->n; i++) {
    guint right = kairos_confusion_get (confusion, i, i);

    for (guint k = 0; k < grid->n; k++)
      update_cell (g_ptr_array_index (grid->cells, i * grid->n + k), confusion, i, k);
    set_share (g_ptr_array_index (grid->recalls, i), right, confusion->labels[i]);
    set_share (g_ptr_array_index (grid->precisions, i), right, confusion->predictions[i]);
  }
}

static void
kairos_confusion_grid_dispose (GObject *object)
{
  KairosConfusionGrid *grid = KAIROS_CONFUSION_GRID (object);

  g_clear_pointer (&grid->scrolled, gtk_widget_unparent);
  g_clear_object (&grid->widths);
  g_clear_pointer (&grid->cells, g_ptr_array_unref);
  g_clear_pointer (&grid->recalls, g_ptr_array_unref);
  g_clear_pointer (&grid->precisions, g_ptr_array_unref);
  G_OBJECT_CLASS (kairos_confusion_grid_parent_class)->dispose (object);
}

static void
kairos_confusion_grid_class_init (KairosConfusionGridClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = kairos_confusion_grid_dispose;
  g_type_ensure (KAIROS_TYPE_CONFUSION_CELL); /* made when the first sample is predicted */
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "confusiongrid");
}

static void
kairos_confusion_grid_init (KairosConfusionGrid *grid)
{
  grid->cells = g_ptr_array_new ();
  grid->widths = gtk_size_group_new (GTK_SIZE_GROUP_HORIZONTAL);
  grid->recalls = g_ptr_array_new ();
  grid->precisions = g_ptr_array_new ();
  grid->grid = gtk_grid_new ();
  gtk_grid_set_row_spacing (GTK_GRID (grid->grid), 2);
  gtk_grid_set_column_spacing (GTK_GRID (grid->grid), 2);
  grid->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (grid->scrolled), grid->grid);
  gtk_widget_set_parent (grid->scrolled, GTK_WIDGET (grid));
}
