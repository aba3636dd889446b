/* SPDX-License-Identifier: MIT */

/* An entry with a list of suggestions below.  The keyboard stays in the entry: Down and Up go through the list, Enter
 * or Tab takes the marked row, Escape closes it; Down in an empty entry, or the question mark, lists every word there
 * is. */
#include "data/kairos-query-entry.h"

#include <glib/gi18n.h>
#include <string.h>

#define SEARCH_DELAY 250 /* ms after the last key */

struct _KairosQueryEntry {
  GtkWidget parent_instance;
  GtkEntry *entry;
  GtkRevealer *error_revealer;
  GtkLabel *error_label;
  GtkPopover *popover;
  GtkListBox *list;
  KairosDataset *dataset;
  guint timeout;
  gboolean setting; /* the program changes the text */
};

enum { SIGNAL_SEARCH, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (KairosQueryEntry, kairos_query_entry, GTK_TYPE_WIDGET)

/* ---- The word at the cursor ---- */

/* Byte offset at which the word begins, and the word up to the cursor. */
static char *
word_at_cursor (KairosQueryEntry *self, gsize *start)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  gsize end = g_utf8_offset_to_pointer (text, gtk_editable_get_position (GTK_EDITABLE (self->entry))) - text,
        from = end;

  while (from > 0 && !strchr (" |(", text[from - 1]))
    from--;
  if (text[from] == '-' && from < end)
    from++;
  *start = from;
  return g_strndup (text + from, end - from);
}

static gboolean
begins_with (const char *text, const char *prefix)
{
  g_autofree char *a = g_utf8_casefold (text, -1), *b = g_utf8_casefold (prefix, -1);

  return g_str_has_prefix (a, b);
}

/* "class:4,dee" -> class names that go on from there; the last name is what is being typed. */
static void
suggest_classes (KairosQueryEntry *self, const char *word, GPtrArray *out)
{
  const char *comma = strrchr (word, ','), *colon = strchr (word, ':');
  const char *typed = (comma ? comma : colon) + 1;
  g_autofree char *before = g_strndup (word, typed - word);

  for (guint i = 0; self->dataset && i < kairos_dataset_get_n_classes (self->dataset); i++) {
    const char *name = kairos_dataset_get_class_name (self->dataset, i);

    if (begins_with (name, typed) && g_ascii_strcasecmp (name, typed) != 0)
      g_ptr_array_add (out, g_strdup_printf (strpbrk (name, " ,|()") ? "%s\"%s\"" : "%s%s", before, name));
  }
}

static void
suggest_splits (const char *word, GPtrArray *out)
{
  const char *typed = strchr (word, ':') + 1;

  for (KairosSplit split = KAIROS_SPLIT_TRAIN; split <= KAIROS_SPLIT_UNUSED; split++)
    if (begins_with (kairos_split_name (split), typed) && !g_str_equal (kairos_split_name (split), typed))
      g_ptr_array_add (out, g_strdup_printf ("split:%s", kairos_split_name (split)));
}

static void
suggest_words (const char *typed, GPtrArray *out)
{
  guint n;
  const KairosQueryWord *words = kairos_query_words (&n);

  for (guint i = 0; i < n; i++)
    if (begins_with (words[i].word, typed) && !g_str_equal (words[i].word, typed) &&
        !g_ptr_array_find_with_equal_func (out, words[i].word, g_str_equal, NULL))
      g_ptr_array_add (out, g_strdup (words[i].word));
}

char **
kairos_query_entry_suggest (KairosQueryEntry *self)
{
  GPtrArray *out = g_ptr_array_new_with_free_func (g_free);
  gsize start;
  g_autofree char *word = word_at_cursor (self, &start);

  if (g_str_has_prefix (word, "class:") || g_str_has_prefix (word, "predicted:"))
    suggest_classes (self, word, out);
  else if (g_str_has_prefix (word, "split:"))
    suggest_splits (word, out);
  else
    suggest_words (word, out);
  g_ptr_array_add (out, NULL);
  return (char **) g_ptr_array_free (out, FALSE);
}

/* ---- The list ---- */

static const char *
help_of (const char *suggestion)
{
  guint n;
  const KairosQueryWord *words = kairos_query_words (&n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (words[i].word, suggestion))
      return _ (words[i].help);
  return "";
}

static GtkWidget *
make_row (const char *suggestion)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *word = gtk_label_new (suggestion), *help = gtk_label_new (help_of (suggestion));

  gtk_label_set_xalign (GTK_LABEL (word), 0);
  gtk_label_set_xalign (GTK_LABEL (help), 0);
  gtk_label_set_ellipsize (GTK_LABEL (help), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (help), 30);
  gtk_label_set_max_width_chars (GTK_LABEL (help), 60);
  gtk_widget_add_css_class (help, "caption");
  gtk_widget_add_css_class (help, "dim-label");
  gtk_box_append (GTK_BOX (box), word);
  if (*help_of (suggestion) != '\0')
    gtk_box_append (GTK_BOX (box), help);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_can_focus (row, FALSE);
  g_object_set_data_full (G_OBJECT (row), "suggestion", g_strdup (suggestion), g_free);
  return row;
}

static void
show_suggestions (KairosQueryEntry *self)
{
  g_auto (GStrv) suggestions = kairos_query_entry_suggest (self);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))))
    gtk_list_box_remove (self->list, child);
  for (guint i = 0; suggestions[i]; i++)
    gtk_list_box_append (self->list, make_row (suggestions[i]));
  if (suggestions[0])
    gtk_popover_popup (self->popover);
  else
    gtk_popover_popdown (self->popover);
}

static void
take_suggestion (KairosQueryEntry *self, GtkListBoxRow *row)
{
  const char *suggestion = g_object_get_data (G_OBJECT (row), "suggestion"),
             *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  gsize start;
  g_autofree char *word = word_at_cursor (self, &start);
  int from = g_utf8_pointer_to_offset (text, text + start), position = from;
  g_autofree char *insert = g_strdup (suggestion);

  gtk_editable_delete_text (GTK_EDITABLE (self->entry), from, from + (int) g_utf8_strlen (word, -1));
  gtk_editable_insert_text (GTK_EDITABLE (self->entry), insert, -1, &position);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), position);
  if (g_str_has_suffix (insert, ":"))
    show_suggestions (self);
  else
    gtk_popover_popdown (self->popover);
}

static void
on_row_activated (KairosQueryEntry *self, GtkListBoxRow *row)
{
  take_suggestion (self, row);
}

static void
move_mark (KairosQueryEntry *self, int by)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);
  int index = row ? gtk_list_box_row_get_index (row) + by : (by > 0 ? 0 : -1);
  GtkListBoxRow *next = index >= 0 ? gtk_list_box_get_row_at_index (self->list, index) : NULL;
  GtkAdjustment *adjustment = gtk_list_box_get_adjustment (self->list);
  graphene_rect_t bounds;

  if (!next)
    return;
  gtk_list_box_select_row (self->list, next);
  if (adjustment && gtk_widget_compute_bounds (GTK_WIDGET (next), GTK_WIDGET (self->list), &bounds))
    gtk_adjustment_clamp_page (adjustment, bounds.origin.y, bounds.origin.y + bounds.size.height);
}

/* ---- Searching ---- */

static void
search_now (KairosQueryEntry *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_signal_emit (self, signals[SIGNAL_SEARCH], 0, gtk_editable_get_text (GTK_EDITABLE (self->entry)));
}

static gboolean
on_timeout (gpointer user_data)
{
  KairosQueryEntry *self = user_data;

  self->timeout = 0;
  search_now (self);
  return G_SOURCE_REMOVE;
}

static void
update_icon (KairosQueryEntry *self)
{
  gboolean empty = *gtk_editable_get_text (GTK_EDITABLE (self->entry)) == '\0';

  gtk_entry_set_icon_from_icon_name (self->entry, GTK_ENTRY_ICON_SECONDARY,
                                     empty ? "dialog-question-symbolic" : "edit-clear-symbolic");
  gtk_entry_set_icon_tooltip_text (self->entry, GTK_ENTRY_ICON_SECONDARY,
                                   empty ? _ ("What can be searched for (Down)") : _ ("Clear (Escape)"));
}

static void
on_changed (KairosQueryEntry *self)
{
  gsize start;
  g_autofree char *word = NULL;

  update_icon (self);
  if (self->setting)
    return;
  g_clear_handle_id (&self->timeout, g_source_remove);
  self->timeout = g_timeout_add (SEARCH_DELAY, on_timeout, self);
  word = word_at_cursor (self, &start);
  if (*word != '\0')
    show_suggestions (self);
  else
    gtk_popover_popdown (self->popover);
}

static void
clear (KairosQueryEntry *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  search_now (self);
}

static void
on_icon_press (KairosQueryEntry *self, GtkEntryIconPosition position)
{
  if (position != GTK_ENTRY_ICON_SECONDARY)
    return;
  if (*gtk_editable_get_text (GTK_EDITABLE (self->entry)) != '\0')
    clear (self);
  else if (gtk_widget_get_visible (GTK_WIDGET (self->popover)))
    gtk_popover_popdown (self->popover);
  else
    show_suggestions (self);
}

static gboolean
on_key (KairosQueryEntry *self, guint key, guint code, GdkModifierType state)
{
  gboolean open = gtk_widget_get_visible (GTK_WIDGET (self->popover));
  GtkListBoxRow *row = open ? gtk_list_box_get_selected_row (self->list) : NULL;

  if (key == GDK_KEY_Down && !open)
    show_suggestions (self);
  else if (key == GDK_KEY_Down || key == GDK_KEY_Up)
    move_mark (self, key == GDK_KEY_Down ? 1 : -1);
  else if (row && (key == GDK_KEY_Return || key == GDK_KEY_KP_Enter || key == GDK_KEY_Tab))
    take_suggestion (self, row);
  else if (key == GDK_KEY_Return || key == GDK_KEY_KP_Enter) {
    gtk_popover_popdown (self->popover);
    search_now (self);
  } else if (key == GDK_KEY_Escape && open)
    gtk_popover_popdown (self->popover);
  else if (key == GDK_KEY_Escape && *gtk_editable_get_text (GTK_EDITABLE (self->entry)) != '\0')
    clear (self);
  else
    return FALSE;
  return TRUE;
}

static void
on_leave (KairosQueryEntry *self)
{
  gtk_popover_popdown (self->popover);
}

/* ---- GObject ---- */

static gboolean
query_entry_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (KAIROS_QUERY_ENTRY (widget)->entry));
}

static void
kairos_query_entry_dispose (GObject *object)
{
  KairosQueryEntry *self = KAIROS_QUERY_ENTRY (object);
  GtkWidget *child;

  g_clear_handle_id (&self->timeout, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);
  g_clear_pointer (&self->dataset, kairos_dataset_unref);
  G_OBJECT_CLASS (kairos_query_entry_parent_class)->dispose (object);
}

static void
kairos_query_entry_class_init (KairosQueryEntryClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = kairos_query_entry_dispose;
  widget_class->grab_focus = query_entry_grab_focus;
  signals[SIGNAL_SEARCH] = g_signal_new ("search", KAIROS_TYPE_QUERY_ENTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_css_name (widget_class, "queryentry");
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/kairos_studio/Kairos/templates/data-query-entry.ui");
  gtk_widget_class_bind_template_child (widget_class, KairosQueryEntry, entry);
  gtk_widget_class_bind_template_child (widget_class, KairosQueryEntry, error_revealer);
  gtk_widget_class_bind_template_child (widget_class, KairosQueryEntry, error_label);
  gtk_widget_class_bind_template_child (widget_class, KairosQueryEntry, popover);
  gtk_widget_class_bind_template_child (widget_class, KairosQueryEntry, list);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_icon_press);
  gtk_widget_class_bind_template_callback (widget_class, on_key);
  gtk_widget_class_bind_template_callback (widget_class, on_leave);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
}

static void
kairos_query_entry_init (KairosQueryEntry *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  update_icon (self);
}

void
kairos_query_entry_set_dataset (KairosQueryEntry *self, KairosDataset *dataset)
{
  g_return_if_fail (KAIROS_IS_QUERY_ENTRY (self));

  if (dataset)
    kairos_dataset_ref (dataset);
  g_clear_pointer (&self->dataset, kairos_dataset_unref);
  self->dataset = dataset;
}

void
kairos_query_entry_set_text (KairosQueryEntry *self, const char *text)
{
  g_return_if_fail (KAIROS_IS_QUERY_ENTRY (self));

  if (g_str_equal (text, kairos_query_entry_get_text (self)))
    return;
  g_clear_handle_id (&self->timeout, g_source_remove);
  self->setting = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  self->setting = FALSE;
}

const char *
kairos_query_entry_get_text (KairosQueryEntry *self)
{
  g_return_val_if_fail (KAIROS_IS_QUERY_ENTRY (self), NULL);
  return gtk_editable_get_text (GTK_EDITABLE (self->entry));
}

void
kairos_query_entry_set_error (KairosQueryEntry *self, const char *message)
{
  g_return_if_fail (KAIROS_IS_QUERY_ENTRY (self));

  if (message) {
    gtk_label_set_text (self->error_label, message);
    gtk_widget_add_css_class (GTK_WIDGET (self->entry), "error");
  } else
    gtk_widget_remove_css_class (GTK_WIDGET (self->entry), "error");
  gtk_revealer_set_reveal_child (self->error_revealer, message != NULL);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID,
                               message ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
}
