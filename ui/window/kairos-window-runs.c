/* SPDX-License-Identifier: MIT */

/* The window's verbs on runs: each an action with the run's number. */
#include "config.h"

#include <glib/gi18n.h>

#include "window/kairos-window-private.h"

/* The run that an action is about; NULL: it is not there any more. */
static KairosRun *
find_run (KairosWindow *self, gint64 id)
{
  GListModel *runs = self->document ? kairos_document_get_runs (self->document) : NULL;

  for (guint i = 0; runs && i < g_list_model_get_n_items (runs); i++) {
    g_autoptr (KairosRun) run = g_list_model_get_item (runs, i);
    if (kairos_run_get_id (run) == id)
      return run; /* the list holds it */
  }
  return NULL;
}

static void
switch_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosWindow *self = KAIROS_WINDOW (widget);

  if (find_run (self, g_variant_get_int64 (parameter)))
    kairos_document_switch (self->document, g_variant_get_int64 (parameter));
}

static void
hide_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosWindow *self = KAIROS_WINDOW (widget);
  KairosRun *run = find_run (self, g_variant_get_int64 (parameter));

  if (run)
    kairos_document_hide_run (self->document, kairos_run_get_id (run), kairos_run_get_state (run) != KAIROS_RUN_HIDDEN);
}

/* ---- Deleting ---- */

static void
delete_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosWindow *self = KAIROS_WINDOW (widget);
  gint64 id = g_variant_get_int64 (parameter);
  KairosRun *run = find_run (self, id);

  if (!run)
    return;
  g_autofree char *text = g_strdup_printf (_ ("%s deleted"), kairos_run_get_name (run));
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  if (!kairos_document_delete_run (self->document, id))
    return;
  AdwToast *toast = adw_toast_new (escaped);
  adw_toast_set_button_label (toast, _ ("_Undo"));
  adw_toast_set_action_name (toast, "win.run-undelete");
  adw_toast_set_action_target (toast, "x", id);
  adw_toast_set_timeout (toast, 10);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
}

static void
undelete_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosWindow *self = KAIROS_WINDOW (widget);

  if (self->document)
    kairos_document_undelete_run (self->document, g_variant_get_int64 (parameter));
}

/* ---- Renaming ---- */

typedef struct {
  KairosWindow *window;
  GtkEditable *entry;
  gint64 run;
} Renaming;

static void
renaming_free (gpointer data, GClosure *closure)
{
  g_free (data);
}

static void
on_rename_response (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  const Renaming *renaming = user_data;

  if (g_str_equal (response, "rename") && find_run (renaming->window, renaming->run))
    kairos_document_rename_run (renaming->window->document, renaming->run, gtk_editable_get_text (renaming->entry));
}

static void
on_name_changed (GtkEditable *entry, AdwMessageDialog *dialog)
{
  adw_message_dialog_set_response_enabled (dialog, "rename", *gtk_editable_get_text (entry) != '\0');
}

static void
rename_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosWindow *self = KAIROS_WINDOW (widget);
  KairosRun *run = find_run (self, g_variant_get_int64 (parameter));

  if (!run)
    return;
  AdwMessageDialog *dialog =
      ADW_MESSAGE_DIALOG (adw_message_dialog_new (GTK_WINDOW (self), _ ("Rename the Run"), NULL));
  GtkWidget *entry = gtk_entry_new ();
  Renaming *renaming = g_new0 (Renaming, 1);
  *renaming = (Renaming){ self, GTK_EDITABLE (entry), kairos_run_get_id (run) };
  gtk_editable_set_text (GTK_EDITABLE (entry), kairos_run_get_name (run));
  gtk_entry_set_max_length (GTK_ENTRY (entry), 100);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Name of the run"), -1);
  adw_message_dialog_set_extra_child (dialog, entry);
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "rename", _ ("_Rename"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "rename", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, "rename");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_object (entry, "changed", G_CALLBACK (on_name_changed), dialog, 0);
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_rename_response), renaming, renaming_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
kairos_window_install_run_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.run-switch", "x", switch_action);
  gtk_widget_class_install_action (widget_class, "win.run-rename", "x", rename_action);
  gtk_widget_class_install_action (widget_class, "win.run-hide", "x", hide_action);
  gtk_widget_class_install_action (widget_class, "win.run-delete", "x", delete_action);
  gtk_widget_class_install_action (widget_class, "win.run-undelete", "x", undelete_action);
}
