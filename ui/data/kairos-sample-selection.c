/* SPDX-License-Identifier: MIT */

/* Places to ids and back.  A change that covers every place shown (a click, Select All) replaces the selection, samples
 * that the filter hides included; one that covers some places (Ctrl and click, a rubber band with Ctrl) leaves the
 * others alone. */
#include "kairos-sample-selection.h"

struct _KairosSampleSelection {
  GObject parent_instance;
  KairosDocument *document;
  KairosSampleModel *samples; /* the document's */
};

static GType
sample_selection_get_item_type (GListModel *model)
{
  return KAIROS_TYPE_SAMPLE;
}

static guint
sample_selection_get_n_items (GListModel *model)
{
  return g_list_model_get_n_items (G_LIST_MODEL (KAIROS_SAMPLE_SELECTION (model)->samples));
}

static gpointer
sample_selection_get_item (GListModel *model, guint position)
{
  return g_list_model_get_item (G_LIST_MODEL (KAIROS_SAMPLE_SELECTION (model)->samples), position);
}

static void
sample_selection_list_init (GListModelInterface *iface)
{
  iface->get_item_type = sample_selection_get_item_type;
  iface->get_n_items = sample_selection_get_n_items;
  iface->get_item = sample_selection_get_item;
}

static gboolean
sample_selection_is_selected (GtkSelectionModel *model, guint position)
{
  KairosSampleSelection *self = KAIROS_SAMPLE_SELECTION (model);

  return kairos_document_is_selected (self->document, kairos_sample_model_get_id (self->samples, position));
}

static GtkBitset *
sample_selection_get_in_range (GtkSelectionModel *model, guint position, guint n_items)
{
  KairosSampleSelection *self = KAIROS_SAMPLE_SELECTION (model);
  GtkBitset *set = gtk_bitset_new_empty ();
  guint n;
  const guint32 *ids = kairos_document_get_selection (self->document, &n);

  for (guint i = 0; i < n; i++) {
    int at = kairos_sample_model_find (self->samples, ids[i]);

    if (at >= 0 && (guint) at >= position && (guint) at - position < n_items)
      gtk_bitset_add (set, at);
  }
  return set;
}

/* The ids selected now that the mask does not cover. */
static GArray *
keep_uncovered (KairosSampleSelection *self, GtkBitset *mask)
{
  GArray *kept = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint n;
  const guint32 *ids = kairos_document_get_selection (self->document, &n);

  for (guint i = 0; i < n; i++) {
    int at = kairos_sample_model_find (self->samples, ids[i]);

    if (at < 0 || !gtk_bitset_contains (mask, at))
      g_array_append_val (kept, ids[i]);
  }
  return kept;
}

static gboolean
sample_selection_set_selection (GtkSelectionModel *model, GtkBitset *selected, GtkBitset *mask)
{
  KairosSampleSelection *self = KAIROS_SAMPLE_SELECTION (model);
  gboolean replaces = gtk_bitset_get_size (mask) >= sample_selection_get_n_items (G_LIST_MODEL (self));
  g_autoptr (GArray) ids = replaces ? g_array_new (FALSE, FALSE, sizeof (guint32)) : keep_uncovered (self, mask);
  g_autoptr (GtkBitset) added = gtk_bitset_copy (selected);
  GtkBitsetIter iter;
  guint position;

  gtk_bitset_intersect (added, mask);
  for (gboolean more = gtk_bitset_iter_init_first (&iter, added, &position); more;
       more = gtk_bitset_iter_next (&iter, &position)) {
    guint32 id = kairos_sample_model_get_id (self->samples, position);

    g_array_append_val (ids, id);
  }
  kairos_document_select (self->document, (const guint32 *) (gpointer) ids->data, ids->len);
  return TRUE;
}

static void
sample_selection_model_init (GtkSelectionModelInterface *iface)
{
  iface->is_selected = sample_selection_is_selected;
  iface->get_selection_in_range = sample_selection_get_in_range;
  iface->set_selection = sample_selection_set_selection;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (KairosSampleSelection, kairos_sample_selection, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, sample_selection_list_init)
                                   G_IMPLEMENT_INTERFACE (GTK_TYPE_SELECTION_MODEL, sample_selection_model_init))

/* Other samples are selected, or other samples stand at the places. */
static void
on_selection_moved (KairosSampleSelection *self)
{
  guint n = sample_selection_get_n_items (G_LIST_MODEL (self));

  if (n > 0)
    gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), 0, n);
}

static void
on_items_changed (KairosSampleSelection *self, guint position, guint removed, guint added)
{
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
}

static void
kairos_sample_selection_finalize (GObject *object)
{
  KairosSampleSelection *self = KAIROS_SAMPLE_SELECTION (object);

  g_signal_handlers_disconnect_by_data (self->document, self);
  g_signal_handlers_disconnect_by_data (self->samples, self);
  g_clear_object (&self->samples);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (kairos_sample_selection_parent_class)->finalize (object);
}

static void
kairos_sample_selection_class_init (KairosSampleSelectionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = kairos_sample_selection_finalize;
}

static void
kairos_sample_selection_init (KairosSampleSelection *self)
{
}

KairosSampleSelection *
kairos_sample_selection_new (KairosDocument *document)
{
  KairosSampleSelection *self = g_object_new (KAIROS_TYPE_SAMPLE_SELECTION, NULL);

  self->document = g_object_ref (document);
  self->samples = g_object_ref (kairos_document_get_samples (document));
  g_signal_connect_swapped (document, "selection-changed", G_CALLBACK (on_selection_moved), self);
  g_signal_connect_swapped (self->samples, "moved", G_CALLBACK (on_selection_moved), self);
  g_signal_connect_swapped (self->samples, "items-changed", G_CALLBACK (on_items_changed), self);
  return self;
}
