/* SPDX-License-Identifier: MIT */

/* The page of the confusion matrix. */
#include "config.h"

#include "plots/kairos-confusion.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _KairosConfusionPage {
  GtkWidget parent_instance;
  GtkWidget *box;
  GtkDropDown *splits;
  GtkLabel *summary;
  GtkStack *stack;
  KairosConfusionGrid *grid;
  KairosConfusionMap *map;
  KairosDocument *document;
  KairosSplit split;
};

enum { PROP_0, PROP_DOCUMENT, PROP_SPLIT, N_PROPS };

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (KairosConfusionPage, kairos_confusion_page, GTK_TYPE_WIDGET)

/* In the order of the drop-down. */
static const struct {
  KairosSplit split;
  const char *title;
} split_rows[] = {
  { KAIROS_SPLIT_VALIDATION, N_ ("Validation") },
  { KAIROS_SPLIT_TEST, N_ ("Test") },
  { KAIROS_SPLIT_TRAIN, N_ ("Training") },
};

/* ---- Showing ---- */

static void
show_summary (KairosConfusionPage *page, const KairosConfusion *confusion)
{
  g_autofree char *text = NULL;

  if (confusion->total > 0)
    /* Translators: right answers, all answers, their share. */
    text = g_strdup_printf (_ ("%u of %u right (%.2f %%)"), confusion->right, confusion->total,
                            100.0 * confusion->right / confusion->total);
  gtk_label_set_text (page->summary, text ? text : "");
}

static void
update (KairosConfusionPage *page)
{
  KairosConfusion *confusion;

  if (!page->document || !gtk_widget_get_mapped (GTK_WIDGET (page))) {
    if (!page->document)
      gtk_stack_set_visible_child_name (page->stack, "empty");
    return;
  }
  confusion = kairos_confusion_new (page->document, page->split);
  show_summary (page, confusion);
  if (confusion->total == 0)
    gtk_stack_set_visible_child_name (page->stack, "empty");
  else if (confusion->n > KAIROS_CONFUSION_MAX_BUTTONS) {
    gtk_stack_set_visible_child_name (page->stack, "map");
    kairos_confusion_map_update (page->map, g_steal_pointer (&confusion));
  } else {
    gtk_stack_set_visible_child_name (page->stack, "grid");
    kairos_confusion_grid_update (page->grid, confusion);
  }
  kairos_confusion_free (confusion);
}

static void
kairos_confusion_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (kairos_confusion_page_parent_class)->map (widget);
  update (KAIROS_CONFUSION_PAGE (widget));
}

void
kairos_confusion_page_set_document (KairosConfusionPage *page, KairosDocument *document)
{
  if (document == page->document)
    return;
  if (page->document)
    g_signal_handlers_disconnect_by_func (page->document, update, page);
  kairos_confusion_map_update (page->map, NULL);
  kairos_confusion_grid_update (page->grid, NULL);
  g_set_object (&page->document, document);
  if (document)
    g_signal_connect_object (document, "facts-changed", G_CALLBACK (update), page, G_CONNECT_SWAPPED);
  gtk_label_set_text (page->summary, "");
  update (page);
  g_object_notify_by_pspec (G_OBJECT (page), properties[PROP_DOCUMENT]);
}

static void
set_split (KairosConfusionPage *page, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (split_rows); i++)
    if (g_strcmp0 (name, kairos_split_name (split_rows[i].split)) == 0 && split_rows[i].split != page->split) {
      page->split = split_rows[i].split;
      gtk_drop_down_set_selected (page->splits, i);
      g_object_notify_by_pspec (G_OBJECT (page), properties[PROP_SPLIT]);
      update (page);
    }
}

static void
on_selected (KairosConfusionPage *page)
{
  guint selected = gtk_drop_down_get_selected (page->splits);

  if (selected < G_N_ELEMENTS (split_rows))
    set_split (page, kairos_split_name (split_rows[selected].split));
}

/* ---- Selecting samples ---- */

static GArray *
find_samples (KairosConfusionPage *page, guint label, guint prediction)
{
  const gint32 *labels = kairos_dataset_get_labels (kairos_document_get_dataset (page->document));
  const KairosFact *facts = kairos_document_peek_facts (page->document);
  GArray *found = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint n;
  const guint32 *ids = kairos_splits_ids (kairos_document_get_splits (page->document), page->split, &n);

  for (guint i = 0; i < n; i++)
    if (labels[ids[i]] == (gint32) label && facts[ids[i]].prediction == (gint32) prediction)
      g_array_append_val (found, ids[i]);
  return found;
}

/* The data panel shows these samples, and they are selected. */
static void
select_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosConfusionPage *page = KAIROS_CONFUSION_PAGE (widget);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) ids = NULL;
  g_autofree char *query = NULL;
  guint label, prediction;

  g_variant_get (parameter, "(uu)", &label, &prediction);
  if (!page->document ||
      MAX (label, prediction) >= kairos_dataset_get_n_classes (kairos_document_get_dataset (page->document)))
    return;
  query = kairos_confusion_query (kairos_document_get_dataset (page->document), label, prediction, page->split);
  if (!kairos_document_set_query (page->document, query, &error)) {
    kairos_document_tell (page->document, error->message, TRUE);
    return;
  }
  ids = find_samples (page, label, prediction);
  kairos_document_select (page->document, (const guint32 *) (void *) ids->data, ids->len);
}

/* ---- The widget ---- */

static void
kairos_confusion_page_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  KairosConfusionPage *page = KAIROS_CONFUSION_PAGE (object);

  switch (prop_id) {
  case PROP_DOCUMENT: g_value_set_object (value, page->document); break;
  case PROP_SPLIT: g_value_set_string (value, kairos_split_name (page->split)); break;
  default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
kairos_confusion_page_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  KairosConfusionPage *page = KAIROS_CONFUSION_PAGE (object);

  switch (prop_id) {
  case PROP_DOCUMENT: kairos_confusion_page_set_document (page, g_value_get_object (value)); break;
  case PROP_SPLIT: set_split (page, g_value_get_string (value)); break;
  default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
kairos_confusion_page_dispose (GObject *object)
{
  KairosConfusionPage *page = KAIROS_CONFUSION_PAGE (object);

  if (page->document)
    g_signal_handlers_disconnect_by_func (page->document, update, page);
  g_clear_object (&page->document);
  g_clear_pointer (&page->box, gtk_widget_unparent);
  G_OBJECT_CLASS (kairos_confusion_page_parent_class)->dispose (object);
}

static void
kairos_confusion_page_class_init (KairosConfusionPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = kairos_confusion_page_get_property;
  object_class->set_property = kairos_confusion_page_set_property;
  object_class->dispose = kairos_confusion_page_dispose;
  widget_class->map = kairos_confusion_page_map;
  properties[PROP_DOCUMENT] = g_param_spec_object ("document", NULL, NULL, KAIROS_TYPE_DOCUMENT, flags);
  properties[PROP_SPLIT] = g_param_spec_string ("split", NULL, NULL, "validation", flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_install_action (widget_class, "confusion.select", "(uu)", select_action);
  gtk_widget_class_install_property_action (widget_class, "confusion.split", "split");
}

static GtkWidget *
create_header (KairosConfusionPage *page)
{
  GtkWidget *header = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkStringList *titles = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (split_rows); i++)
    gtk_string_list_append (titles, _ (split_rows[i].title));
  page->splits = GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (titles), NULL));
  gtk_widget_set_tooltip_text (GTK_WIDGET (page->splits),
                               _ ("Samples that are counted, each as the network last answered it"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (page->splits), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Samples that are counted"), -1);
  page->summary = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (page->summary), "numeric");
  gtk_box_append (GTK_BOX (header), GTK_WIDGET (page->splits));
  gtk_box_append (GTK_BOX (header), GTK_WIDGET (page->summary));
  return header;
}

static void
kairos_confusion_page_init (KairosConfusionPage *page)
{
  GtkWidget *empty =
      gtk_label_new (_ ("Which class is taken for which shows here once the network has looked at these samples:\n"
                        "validation after each epoch, test after Stop, training as it goes."));

  gtk_label_set_justify (GTK_LABEL (empty), GTK_JUSTIFY_CENTER);
  gtk_label_set_wrap (GTK_LABEL (empty), TRUE);
  gtk_widget_add_css_class (empty, "dim-label");
  page->split = KAIROS_SPLIT_VALIDATION;
  page->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  page->stack = GTK_STACK (gtk_stack_new ());
  page->grid = g_object_new (KAIROS_TYPE_CONFUSION_GRID, NULL);
  page->map = g_object_new (KAIROS_TYPE_CONFUSION_MAP, NULL);
  gtk_stack_add_named (page->stack, empty, "empty");
  gtk_stack_add_named (page->stack, GTK_WIDGET (page->grid), "grid");
  gtk_stack_add_named (page->stack, GTK_WIDGET (page->map), "map");
  gtk_widget_set_vexpand (GTK_WIDGET (page->stack), TRUE);
  gtk_box_append (GTK_BOX (page->box), create_header (page));
  gtk_box_append (GTK_BOX (page->box), GTK_WIDGET (page->stack));
  gtk_widget_set_parent (page->box, GTK_WIDGET (page));
  g_signal_connect_object (page->splits, "notify::selected", G_CALLBACK (on_selected), page, G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (update), page,
                           G_CONNECT_SWAPPED);
}
