/* SPDX-License-Identifier: MIT */

/* See the header.  The rows are those of the schema that may change while training: the first few at once, the others
 * below "More". */
#include "config.h"

#include "transport/kairos-settings-popover.h"

#include <glib/gi18n.h>

#include "common/kairos-format.h"
#include "common/kairos-param-row.h"

enum { N_AT_ONCE = 4, SETTLE_MS = 350 };

struct _KairosSettingsPopover {
  GtkPopover parent_instance;
  KairosDocument *document;
  GSignalGroup *signals;
  GPtrArray *rows; /* KairosParamRow, borrowed */
  GHashTable *due; /* row -> source id: edited, but perhaps not for the last time */
  GtkWidget *list;
};

enum { PROP_0, PROP_DOCUMENT, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (KairosSettingsPopover, kairos_settings_popover, GTK_TYPE_POPOVER)

/* ---- From the person to the document ---- */

typedef struct {
  KairosSettingsPopover *self;
  KairosParamRow *row;
} Due;

static gboolean
on_settled (gpointer user_data)
{
  Due *due = user_data;

  g_hash_table_remove (due->self->due, due->row);
  if (due->self->document && kairos_param_row_get_valid (due->row)) {
    kairos_param_row_set_note (due->row, _ ("Asked for; takes effect at the next step"));
    kairos_document_set_param (due->self->document, kairos_param_row_get_name (due->row),
                               kairos_param_row_get_text (due->row));
  }
  return G_SOURCE_REMOVE;
}

/* Several clicks on "+" in a row are one change, and one step to undo. */
static void
on_edited (KairosSettingsPopover *self, KairosParamRow *row)
{
  guint pending = GPOINTER_TO_UINT (g_hash_table_lookup (self->due, row));
  Due *due = g_new0 (Due, 1);

  if (pending != 0)
    g_source_remove (pending);
  *due = (Due){ self, row };
  pending = g_timeout_add_full (G_PRIORITY_DEFAULT, SETTLE_MS, on_settled, due, g_free);
  g_hash_table_insert (self->due, row, GUINT_TO_POINTER (pending));
}

static void
forget_due (KairosSettingsPopover *self)
{
  GHashTableIter iter;
  gpointer source;

  g_hash_table_iter_init (&iter, self->due);
  while (g_hash_table_iter_next (&iter, NULL, &source)) {
    g_source_remove (GPOINTER_TO_UINT (source));
    g_hash_table_iter_remove (&iter);
  }
}

/* ---- From the document to the rows ---- */

static void
show_requested (KairosSettingsPopover *self, KairosParamRow *row)
{
  const KairosConfig *config = kairos_document_get_config (self->document);
  const char *name = kairos_param_row_get_name (row);
  g_autofree char *text = kairos_config_get (config, name);

  if (g_hash_table_contains (self->due, row))
    return;
  if (g_str_equal (name, "learning-rate") && config->learning_rate == 0) {
    g_free (text);
    text = kairos_param_default_rate (config->optimizer);
  }
  if (text)
    kairos_param_row_set_text (row, text);
}

static void
refresh (KairosSettingsPopover *self)
{
  for (guint i = 0; self->document && i < self->rows->len; i++)
    show_requested (self, g_ptr_array_index (self->rows, i));
}

static void
on_applied (KairosSettingsPopover *self, const char *name, const char *value, guint64 step)
{
  for (guint i = 0; i < self->rows->len; i++) {
    KairosParamRow *row = g_ptr_array_index (self->rows, i);

    if (g_str_equal (kairos_param_row_get_name (row), name)) {
      g_autofree char *at = kairos_format_count (step);
      g_autofree char *note = g_strdup_printf (_ ("In force since step %s: %s"), at, value);

      kairos_param_row_set_note (row, note);
      show_requested (self, row);
    }
  }
}

static void
set_document (KairosSettingsPopover *self, KairosDocument *document)
{
  if (!g_set_object (&self->document, document))
    return;
  forget_due (self);
  for (guint i = 0; i < self->rows->len; i++)
    kairos_param_row_set_note (g_ptr_array_index (self->rows, i), NULL);
  g_signal_group_set_target (self->signals, document);
  refresh (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DOCUMENT]);
}

/* ---- The object ---- */

static void
add_rows (KairosSettingsPopover *self)
{
  guint n;
  const KairosParam *params = kairos_config_params (&n);
  GtkWidget *more = adw_expander_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (more), _ ("More"));
  for (guint i = 0; i < n; i++) {
    KairosParamRow *row;

    if (!kairos_config_is_live (params[i].name))
      continue;
    row = kairos_param_row_new (&params[i]);
    g_signal_connect_object (row, "edited", G_CALLBACK (on_edited), self, G_CONNECT_SWAPPED);
    if (self->rows->len < N_AT_ONCE)
      gtk_list_box_append (GTK_LIST_BOX (self->list), GTK_WIDGET (row));
    else
      adw_expander_row_add_row (ADW_EXPANDER_ROW (more), GTK_WIDGET (row));
    g_ptr_array_add (self->rows, row);
  }
  gtk_list_box_append (GTK_LIST_BOX (self->list), more);
}

static void
kairos_settings_popover_dispose (GObject *object)
{
  KairosSettingsPopover *self = KAIROS_SETTINGS_POPOVER (object);

  forget_due (self);
  g_clear_object (&self->signals);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (kairos_settings_popover_parent_class)->dispose (object);
}

static void
kairos_settings_popover_finalize (GObject *object)
{
  KairosSettingsPopover *self = KAIROS_SETTINGS_POPOVER (object);

  g_hash_table_unref (self->due);
  g_ptr_array_unref (self->rows);
  G_OBJECT_CLASS (kairos_settings_popover_parent_class)->finalize (object);
}

static void
kairos_settings_popover_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_DOCUMENT)
    g_value_set_object (value, KAIROS_SETTINGS_POPOVER (object)->document);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kairos_settings_popover_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_DOCUMENT)
    set_document (KAIROS_SETTINGS_POPOVER (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kairos_settings_popover_class_init (KairosSettingsPopoverClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = kairos_settings_popover_dispose;
  object_class->finalize = kairos_settings_popover_finalize;
  object_class->get_property = kairos_settings_popover_get_property;
  object_class->set_property = kairos_settings_popover_set_property;
  properties[PROP_DOCUMENT] =
      g_param_spec_object ("document", NULL, NULL, KAIROS_TYPE_DOCUMENT,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/kairos_studio/Kairos/templates/kairos-settings-popover.ui");
  gtk_widget_class_bind_template_child (widget_class, KairosSettingsPopover, list);
}

static void
kairos_settings_popover_init (KairosSettingsPopover *self)
{
  self->rows = g_ptr_array_new ();
  self->due = g_hash_table_new (NULL, NULL);
  self->signals = g_signal_group_new (KAIROS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (self->signals, "applied", G_CALLBACK (on_applied), self);
  gtk_widget_init_template (GTK_WIDGET (self));
  add_rows (self);
  g_signal_connect (self, "map", G_CALLBACK (refresh), NULL);
}
