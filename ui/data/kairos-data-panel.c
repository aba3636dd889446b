/* SPDX-License-Identifier: MIT */

/* The grid shows the document's sample model.  While the person points at it, scrolls, selects or reads a sample's
 * page, the model is frozen, so that a sample never moves away under the hand; some seconds later the order follows
 * training again, place by place, with the scroll position where it was.
 */
#include "data/kairos-data-panel.h"

#include <glib/gi18n.h>
#include <math.h>

#include "common/kairos-format.h"
#include "common/kairos-sample-ids.h"
#include "data/kairos-pictures.h"
#include "data/kairos-query-entry.h"
#include "data/kairos-sample-cell.h"
#include "data/kairos-sample-page.h"
#include "data/kairos-sample-selection.h"

#define CELL_SIZE 46   /* at least; columns share the width */
#define DRAG_OFFSET 12 /* of what is shown with a drag from the pointer */
#define HOLD 3000      /* ms the order is held after the last touch */

struct _KairosDataPanel {
  GtkWidget parent_instance;
  GtkStack *stack, *content;
  GtkLabel *count, *selected, *selected_loss;
  GtkWidget *open, *clear, *focus;
  KairosQueryEntry *entry;
  GtkMenuButton *order;
  GMenu *order_menu;
  GtkScrolledWindow *scrolled;
  GtkGridView *grid;
  GtkDragSource *drag;
  KairosSamplePage *page;

  KairosDocument *document;
  KairosPictures *pictures;
  GHashTable *cells; /* bound KairosSampleCell -> KairosSample, not owned */
  guint hold_timeout;
  gboolean pressed;
  int opened;      /* place of the sample on the page */
  guint32 dragged; /* the sample under the pointer when a drag began */
};

enum { PROP_DOCUMENT = 1, PROP_QUERY, PROP_ORDER, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (KairosDataPanel, kairos_data_panel, GTK_TYPE_WIDGET)

static gboolean
is_page_open (KairosDataPanel *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "sample") == 0;
}

static guint
n_shown (KairosDataPanel *self)
{
  return self->document ? g_list_model_get_n_items (G_LIST_MODEL (kairos_document_get_samples (self->document))) : 0;
}

/* ---- Holding the order ---- */

static void
update_frozen (KairosDataPanel *self)
{
  if (self->document)
    kairos_sample_model_set_frozen (kairos_document_get_samples (self->document),
                                    self->hold_timeout != 0 || self->pressed || is_page_open (self));
}

static gboolean
on_hold_over (gpointer user_data)
{
  KairosDataPanel *self = user_data;

  self->hold_timeout = 0;
  update_frozen (self);
  return G_SOURCE_REMOVE;
}

static void
hold (KairosDataPanel *self)
{
  g_clear_handle_id (&self->hold_timeout, g_source_remove);
  self->hold_timeout = g_timeout_add (HOLD, on_hold_over, self);
  update_frozen (self);
}

/* Sees every event over the grid first and takes none. */
static gboolean
on_grid_event (KairosDataPanel *self, GdkEvent *event)
{
  switch ((int) gdk_event_get_event_type (event)) {
  case GDK_BUTTON_PRESS:
  case GDK_TOUCH_BEGIN:
    self->pressed = TRUE;
    hold (self);
    break;
  case GDK_BUTTON_RELEASE:
  case GDK_TOUCH_END:
  case GDK_TOUCH_CANCEL:
  case GDK_GRAB_BROKEN:
    self->pressed = FALSE;
    hold (self);
    break;
  case GDK_MOTION_NOTIFY:
  case GDK_SCROLL:
  case GDK_KEY_PRESS: hold (self); break;
  default: break;
  }
  return FALSE;
}

/* ---- Cells ---- */

static void
on_sample_moved (KairosSample *sample, GParamSpec *pspec, KairosSampleCell *cell)
{
  kairos_sample_cell_set_id (cell, kairos_sample_get_id (sample));
}

static void
setup_cell (KairosDataPanel *self, GtkListItem *item)
{
  gtk_list_item_set_child (item, kairos_sample_cell_new (CELL_SIZE, TRUE));
}

static void
bind_cell (KairosDataPanel *self, GtkListItem *item)
{
  KairosSampleCell *cell = KAIROS_SAMPLE_CELL (gtk_list_item_get_child (item));
  KairosSample *sample = gtk_list_item_get_item (item);

  kairos_sample_cell_set_document (cell, self->document, self->pictures);
  kairos_sample_cell_set_id (cell, kairos_sample_get_id (sample));
  g_signal_connect (sample, "notify::id", G_CALLBACK (on_sample_moved), cell);
  g_hash_table_insert (self->cells, cell, sample);
}

static void
unbind_cell (KairosDataPanel *self, GtkListItem *item)
{
  KairosSampleCell *cell = KAIROS_SAMPLE_CELL (gtk_list_item_get_child (item));

  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (item), on_sample_moved, cell);
  g_hash_table_remove (self->cells, cell);
}

/* ---- What is shown beside the grid ---- */

static void
update_count (KairosDataPanel *self)
{
  guint n = n_shown (self), all = self->document ? kairos_facts_get_n (kairos_document_get_facts (self->document)) : 0;
  g_autofree char *shown = kairos_format_count (n), *total = kairos_format_count (all), *text = NULL;

  if (n == all)
    text = g_strdup_printf (ngettext ("%s sample", "%s samples", all), total);
  else
    text = g_strdup_printf (_ ("%s of %s"), shown, total);
  gtk_label_set_text (self->count, self->document ? text : "");
  gtk_stack_set_visible_child_name (self->content, !self->document || n > 0 ? "grid" : "nothing");
}

static guint
count_hidden (KairosDataPanel *self, const guint32 *ids, guint n)
{
  KairosSampleModel *samples = kairos_document_get_samples (self->document);
  guint hidden = 0;

  for (guint i = 0; i < n; i++)
    hidden += kairos_sample_model_find (samples, ids[i]) < 0;
  return hidden;
}

static void
update_selected (KairosDataPanel *self)
{
  guint n = 0, hidden = 0;
  const guint32 *ids = self->document ? kairos_document_get_selection (self->document, &n) : NULL;
  double loss = n > 0 ? kairos_document_get_selection_loss (self->document) : NAN;
  g_autofree char *count = kairos_format_count (n), *text = NULL, *detail = NULL;

  hidden = n > 0 ? count_hidden (self, ids, n) : 0;
  if (n == 0)
    text = g_strdup (_ ("None selected"));
  else if (hidden == 0)
    text = g_strdup_printf (_ ("%s selected"), count);
  else
    text = g_strdup_printf (_ ("%s selected, %u not shown"), count, hidden);
  if (n > 0 && isfinite (loss))
    detail = g_strdup_printf (_ ("mean loss %.2f"), loss);
  else
    detail = g_strdup (n > 0 ? _ ("not looked at yet") : _ ("Click, or drag over several"));
  gtk_label_set_text (self->selected, text);
  gtk_label_set_text (self->selected_loss, detail);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "data.clear-selection", n > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "data.open", n == 1);
  gtk_widget_set_visible (self->clear, n > 0);
  gtk_widget_set_visible (self->focus, n > 0);
  gtk_widget_set_visible (self->open, n == 1);
}

static void
update_page_actions (KairosDataPanel *self)
{
  gboolean open = is_page_open (self);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "data.back", open);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "data.previous", open && self->opened > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "data.next", open && self->opened + 1 < (int) n_shown (self));
}

static void
on_items_changed (KairosDataPanel *self)
{
  update_count (self);
  update_selected (self);
  update_page_actions (self);
}

static void
on_facts_changed (KairosDataPanel *self)
{
  GHashTableIter iter;
  gpointer cell;

  g_hash_table_iter_init (&iter, self->cells);
  while (g_hash_table_iter_next (&iter, &cell, NULL))
    kairos_sample_cell_update_fact (cell);
  update_selected (self);
}

/* ---- Query and order ---- */

static void
scroll_to_top (KairosDataPanel *self)
{
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scrolled), 0);
}

static void
set_query (KairosDataPanel *self, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (!self->document || !text)
    return;
  kairos_document_set_query (self->document, text, &error);
  kairos_query_entry_set_error (self->entry, error ? error->message : NULL);
}

static void
on_query_changed (KairosDataPanel *self)
{
  kairos_query_entry_set_text (self->entry, kairos_document_get_query (self->document));
  kairos_query_entry_set_error (self->entry, NULL);
  scroll_to_top (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUERY]);
}

static void
on_search (KairosDataPanel *self, const char *text)
{
  set_query (self, text);
}

/* The button has only an icon: its name says which order it is. */
static void
show_order (KairosDataPanel *self)
{
  const char *order = self->document ? kairos_document_get_order (self->document) : "index";
  guint n;
  const KairosOrderInfo *infos = kairos_order_infos (&n);

  for (guint i = 0; i < n; i++) {
    g_autofree char *text = g_strdup_printf (_ ("Order: %s"), _ (infos[i].title));

    if (!g_str_equal (infos[i].name, order))
      continue;
    gtk_widget_set_tooltip_text (GTK_WIDGET (self->order), text);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->order), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  }
}

static void
on_order_changed (KairosDataPanel *self)
{
  show_order (self);
  scroll_to_top (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ORDER]);
}

static void
fill_orders (KairosDataPanel *self)
{
  guint n;
  const KairosOrderInfo *infos = kairos_order_infos (&n);

  for (guint i = 0; i < n; i++) {
    g_autoptr (GMenuItem) item = g_menu_item_new (_ (infos[i].title), NULL);

    g_menu_item_set_action_and_target (item, "data.order", "s", infos[i].name);
    g_menu_append_item (self->order_menu, item);
  }
}

/* ---- A sample's page ---- */

static void
show_page (KairosDataPanel *self, gboolean show)
{
  gtk_stack_set_visible_child_name (self->stack, show ? "sample" : "samples");
  if (!show)
    hold (self); /* the grid does not jump the moment it is seen again */
  update_frozen (self);
  update_page_actions (self);
}

void
kairos_data_panel_open_sample (KairosDataPanel *self, guint32 id)
{
  g_return_if_fail (KAIROS_IS_DATA_PANEL (self));

  if (!self->document || id >= kairos_facts_get_n (kairos_document_get_facts (self->document)))
    return;
  self->opened = kairos_sample_model_find (kairos_document_get_samples (self->document), id);
  kairos_sample_page_show_sample (self->page, id);
  if (is_page_open (self)) {
    update_page_actions (self);
    return;
  }
  show_page (self, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->page));
}

static void
on_activate (KairosDataPanel *self, guint position)
{
  kairos_data_panel_open_sample (self,
                                 kairos_sample_model_get_id (kairos_document_get_samples (self->document), position));
}

/* Shows the sample so many places on, and selects it, so that it is found again in the grid. */
static void
turn_page (KairosDataPanel *self, int by)
{
  int position = self->opened + by;
  guint32 id;

  if (!self->document || position < 0 || position >= (int) n_shown (self))
    return;
  id = kairos_sample_model_get_id (kairos_document_get_samples (self->document), position);
  kairos_document_select (self->document, &id, 1);
  kairos_data_panel_open_sample (self, id);
}

/* The keyboard's focus to a place of the grid, if it has a cell; else to the grid. */
static void
focus_place (KairosDataPanel *self, int position)
{
  GHashTableIter iter;
  gpointer cell, sample;

  g_hash_table_iter_init (&iter, self->cells);
  while (g_hash_table_iter_next (&iter, &cell, &sample))
    if ((int) kairos_sample_get_position (sample) == position && gtk_widget_grab_focus (gtk_widget_get_parent (cell)))
      return;
  gtk_widget_grab_focus (GTK_WIDGET (self->grid));
}

/* Back where the person was: at the sample that was shown last. */
static void
close_page (KairosDataPanel *self)
{
  show_page (self, FALSE);
  if (self->opened >= 0 && self->opened < (int) n_shown (self))
    gtk_widget_activate_action (GTK_WIDGET (self->grid), "list.scroll-to-item", "u", (guint) self->opened);
  focus_place (self, self->opened);
}

/* ---- Dragging the selection to another panel ---- */

/* The cell at a point of the grid; NULL between cells. */
static KairosSampleCell *
cell_at (KairosDataPanel *self, double x, double y)
{
  GtkWidget *child = gtk_widget_pick (GTK_WIDGET (self->grid), x, y, GTK_PICK_DEFAULT);

  if (child && !KAIROS_IS_SAMPLE_CELL (child))
    child = gtk_widget_get_first_child (child); /* at its rim it is the grid's own widget that is hit */
  return child && KAIROS_IS_SAMPLE_CELL (child) ? KAIROS_SAMPLE_CELL (child) : NULL;
}

/* All that is selected, from a selected sample on; elsewhere none, and the grid makes a rubber band of it. */
static GdkContentProvider *
on_drag_prepare (KairosDataPanel *self, double x, double y)
{
  KairosSampleCell *cell = cell_at (self, x, y);
  g_autoptr (KairosSampleIds) samples = NULL;
  const guint32 *ids;
  guint n;

  if (!self->document || !cell || !kairos_document_is_selected (self->document, kairos_sample_cell_get_id (cell)))
    return NULL;
  self->dragged = kairos_sample_cell_get_id (cell);
  ids = kairos_document_get_selection (self->document, &n);
  samples = kairos_sample_ids_new (gtk_widget_get_root (GTK_WIDGET (self)), ids, n);
  return gdk_content_provider_new_typed (KAIROS_TYPE_SAMPLE_IDS, samples);
}

static void
on_drag_begin (KairosDataPanel *self, GdkDrag *drag)
{
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  g_autoptr (GdkTexture) texture = kairos_pictures_get (self->pictures, self->dragged, CELL_SIZE * scale);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8),
            *image = gtk_image_new_from_paintable (GDK_PAINTABLE (texture));
  g_autofree char *count = NULL, *text = NULL;
  guint n;

  kairos_document_get_selection (self->document, &n);
  count = kairos_format_count (n);
  text = g_strdup_printf (ngettext ("%s sample", "%s samples", n), count);
  gtk_image_set_pixel_size (GTK_IMAGE (image), CELL_SIZE);
  gtk_box_append (GTK_BOX (box), image);
  gtk_box_append (GTK_BOX (box), gtk_label_new (text));
  gtk_widget_add_css_class (box, "sample-drag");
  gtk_drag_icon_set_child (GTK_DRAG_ICON (gtk_drag_icon_get_for_drag (drag)), box);
  /* beside the pointer, so that the place under it is seen */
  gdk_drag_set_hotspot (drag, -DRAG_OFFSET, -DRAG_OFFSET);
}

/* The button was let go over somebody else. */
static void
on_drag_end (KairosDataPanel *self)
{
  self->pressed = FALSE;
  if (self->document)
    hold (self);
}

/* ---- Actions ---- */

static void
activate_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosDataPanel *self = KAIROS_DATA_PANEL (widget);
  guint n;
  const guint32 *ids;

  if (!self->document)
    return;
  if (g_str_equal (name, "data.search")) {
    show_page (self, FALSE);
    gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  } else if (g_str_equal (name, "data.select-all"))
    gtk_selection_model_select_all (gtk_grid_view_get_model (self->grid));
  else if (g_str_equal (name, "data.clear-selection"))
    kairos_document_select (self->document, NULL, 0);
  else if (g_str_equal (name, "data.open") && (ids = kairos_document_get_selection (self->document, &n)) && n == 1)
    kairos_data_panel_open_sample (self, ids[0]);
  else if (g_str_equal (name, "data.back"))
    close_page (self);
  else if (g_str_equal (name, "data.previous"))
    turn_page (self, -1);
  else if (g_str_equal (name, "data.next"))
    turn_page (self, 1);
}

/* Escape: back from the page, else nothing selected, else somebody else's. */
static gboolean
on_escape (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  KairosDataPanel *self = KAIROS_DATA_PANEL (widget);
  guint n = 0;

  if (self->document)
    kairos_document_get_selection (self->document, &n);
  if (is_page_open (self)) {
    close_page (self);
    return TRUE;
  }
  if (n > 0)
    kairos_document_select (self->document, NULL, 0);
  return n > 0;
}

/* ---- The document ---- */

static void
drop_document (KairosDataPanel *self)
{
  if (!self->document)
    return;
  gtk_drag_source_drag_cancel (self->drag); /* its numbers would be taken for other samples */
  g_clear_handle_id (&self->hold_timeout, g_source_remove);
  self->pressed = FALSE;
  g_signal_handlers_disconnect_by_data (self->document, self);
  g_signal_handlers_disconnect_by_data (kairos_document_get_samples (self->document), self);
  kairos_sample_model_set_frozen (kairos_document_get_samples (self->document), FALSE);
  gtk_stack_set_visible_child_name (self->stack, "samples");
  gtk_grid_view_set_model (self->grid, NULL);
  kairos_sample_page_set_document (self->page, NULL, NULL);
  kairos_query_entry_set_dataset (self->entry, NULL);
  kairos_query_entry_set_text (self->entry, "");
  kairos_query_entry_set_error (self->entry, NULL);
  g_clear_pointer (&self->pictures, kairos_pictures_unref);
  g_clear_object (&self->document);
}

static void
take_document (KairosDataPanel *self, KairosDocument *document)
{
  KairosDataset *dataset = kairos_document_get_dataset (document);
  g_autoptr (KairosSampleSelection) selection = kairos_sample_selection_new (document);

  self->document = g_object_ref (document);
  self->pictures = kairos_pictures_new (dataset);
  kairos_query_entry_set_dataset (self->entry, dataset);
  kairos_query_entry_set_text (self->entry, kairos_document_get_query (document));
  kairos_sample_page_set_document (self->page, document, self->pictures);
  show_order (self);
  gtk_grid_view_set_model (self->grid, GTK_SELECTION_MODEL (selection));
  g_signal_connect_swapped (document, "facts-changed", G_CALLBACK (on_facts_changed), self);
  g_signal_connect_swapped (document, "selection-changed", G_CALLBACK (update_selected), self);
  g_signal_connect_swapped (document, "notify::query", G_CALLBACK (on_query_changed), self);
  g_signal_connect_swapped (document, "notify::order", G_CALLBACK (on_order_changed), self);
  g_signal_connect_swapped (kairos_document_get_samples (document), "items-changed", G_CALLBACK (on_items_changed),
                            self);
}

static void
set_document (KairosDataPanel *self, KairosDocument *document)
{
  if (document == self->document)
    return;
  drop_document (self);
  if (document)
    take_document (self, document);
  on_items_changed (self);
  for (int i = PROP_DOCUMENT; i < N_PROPS; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
}

/* ---- GObject ---- */

static void
kairos_data_panel_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  KairosDataPanel *self = KAIROS_DATA_PANEL (object);

  switch (prop_id) {
  case PROP_DOCUMENT: g_value_set_object (value, self->document); break;
  case PROP_QUERY: g_value_set_string (value, self->document ? kairos_document_get_query (self->document) : ""); break;
  case PROP_ORDER:
    g_value_set_string (value, self->document ? kairos_document_get_order (self->document) : "index");
    break;
  default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
kairos_data_panel_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  KairosDataPanel *self = KAIROS_DATA_PANEL (object);

  switch (prop_id) {
  case PROP_DOCUMENT: set_document (self, g_value_get_object (value)); break;
  case PROP_QUERY: set_query (self, g_value_get_string (value)); break;
  case PROP_ORDER:
    if (self->document && g_value_get_string (value))
      kairos_document_set_order (self->document, g_value_get_string (value));
    break;
  default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
kairos_data_panel_dispose (GObject *object)
{
  KairosDataPanel *self = KAIROS_DATA_PANEL (object);
  GtkWidget *child;

  drop_document (self);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (kairos_data_panel_parent_class)->dispose (object);
}

static void
kairos_data_panel_finalize (GObject *object)
{
  g_hash_table_unref (KAIROS_DATA_PANEL (object)->cells);
  G_OBJECT_CLASS (kairos_data_panel_parent_class)->finalize (object);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  static const char *const names[] = { "data.search", "data.select-all", "data.clear-selection",
                                       "data.open",   "data.back",       "data.previous",
                                       "data.next" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    gtk_widget_class_install_action (widget_class, names[i], NULL, activate_action);
  gtk_widget_class_install_property_action (widget_class, "data.query", "query");
  gtk_widget_class_install_property_action (widget_class, "data.order", "order");
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, on_escape, NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_f, GDK_CONTROL_MASK, "data.search", NULL);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/kairos_studio/Kairos/templates/data-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, KairosDataPanel, stack);
  gtk_widget_class_bind_template_child (widget_class, KairosDataPanel, content);
  gtk_widget_class_bind_template_child (widget_class, KairosDataPanel, count);
  gtk_widget_class_bind_template_child (widget_class, KairosDataPanel, entry);
  gtk_widget_class_bind_template_child (widget_class, KairosDataPanel, order);
  gtk_widget_class_bind_template_child (widget_class, KairosDataPanel, order_menu);
  gtk_widget_class_bind_template_child (widget_class, KairosDataPanel, open);
  gtk_widget_class_bind_template_child (widget_class, KairosDataPanel, clear);
  gtk_widget_class_bind_template_child (widget_class, KairosDataPanel, focus);
  gtk_widget_class_bind_template_child (widget_class, KairosDataPanel, scrolled);
  gtk_widget_class_bind_template_child (widget_class, KairosDataPanel, grid);
  gtk_widget_class_bind_template_child (widget_class, KairosDataPanel, drag);
  gtk_widget_class_bind_template_child (widget_class, KairosDataPanel, selected);
  gtk_widget_class_bind_template_child (widget_class, KairosDataPanel, selected_loss);
  gtk_widget_class_bind_template_child (widget_class, KairosDataPanel, page);
  gtk_widget_class_bind_template_callback (widget_class, setup_cell);
  gtk_widget_class_bind_template_callback (widget_class, bind_cell);
  gtk_widget_class_bind_template_callback (widget_class, unbind_cell);
  gtk_widget_class_bind_template_callback (widget_class, on_search);
  gtk_widget_class_bind_template_callback (widget_class, on_grid_event);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
  gtk_widget_class_bind_template_callback (widget_class, on_drag_prepare);
  gtk_widget_class_bind_template_callback (widget_class, on_drag_begin);
  gtk_widget_class_bind_template_callback (widget_class, on_drag_end);
}

static void
kairos_data_panel_class_init (KairosDataPanelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = kairos_data_panel_get_property;
  object_class->set_property = kairos_data_panel_set_property;
  object_class->dispose = kairos_data_panel_dispose;
  object_class->finalize = kairos_data_panel_finalize;
  properties[PROP_DOCUMENT] = g_param_spec_object ("document", NULL, NULL, KAIROS_TYPE_DOCUMENT, flags);
  properties[PROP_QUERY] = g_param_spec_string ("query", NULL, NULL, "", flags);
  properties[PROP_ORDER] = g_param_spec_string ("order", NULL, NULL, "index", flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  g_type_ensure (KAIROS_TYPE_QUERY_ENTRY);
  g_type_ensure (KAIROS_TYPE_SAMPLE_PAGE);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "datapanel");
  bind_template (widget_class);
  install_actions (widget_class);
}

static void
kairos_data_panel_init (KairosDataPanel *self)
{
  self->cells = g_hash_table_new (NULL, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  fill_orders (self);
  show_order (self);
  on_items_changed (self);
}

GtkWidget *
kairos_data_panel_new (void)
{
  return g_object_new (KAIROS_TYPE_DATA_PANEL, NULL);
}
