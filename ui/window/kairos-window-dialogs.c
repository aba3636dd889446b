/* SPDX-License-Identifier: MIT */

/* A session that cannot be opened: what is the matter, and what can be done.  When only its data moved, the person
 * shows where it is now. */
#include "config.h"

#include <glib/gi18n.h>

#include "window/kairos-recent.h"
#include "window/kairos-window-private.h"

static void
on_located (GtkNativeDialog *dialog, int response, KairosWindow *self)
{
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *data = file ? g_file_get_path (file) : NULL;
  g_autofree char *session = g_strdup (g_object_get_data (G_OBJECT (dialog), "session"));

  if (data)
    kairos_window_open_session (self, session, data);
  g_object_unref (dialog);
}

static void
locate (KairosWindow *self, const char *session, GtkFileChooserAction action)
{
  GtkFileChooserNative *chooser =
      gtk_file_chooser_native_new (_ ("Where Is the Data Now?"), GTK_WINDOW (self), action, NULL, NULL);

  g_object_set_data_full (G_OBJECT (chooser), "session", g_strdup (session), g_free);
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_located), self, 0);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
on_response (AdwMessageDialog *dialog, const char *response, KairosWindow *self)
{
  const char *session = g_object_get_data (G_OBJECT (dialog), "session");

  if (g_str_equal (response, "folder"))
    locate (self, session, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER);
  else if (g_str_equal (response, "file"))
    locate (self, session, GTK_FILE_CHOOSER_ACTION_OPEN);
  else if (g_str_equal (response, "forget"))
    kairos_recent_remove (session);
}

static void
offer_to_locate (AdwMessageDialog *dialog)
{
  adw_message_dialog_set_heading (dialog, _ ("Where is the data of this session?"));
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "file", _ ("Choose a _File…"), "folder",
                                    _ ("Choose a Fol_der…"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "folder", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, "folder");
  adw_message_dialog_set_close_response (dialog, "cancel");
}

void
kairos_window_explain_failure (KairosWindow *self, const char *path, const GError *error)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (GTK_WINDOW (self), NULL, NULL));
  gboolean exists = path && g_file_test (path, G_FILE_TEST_EXISTS);
  gboolean changed = g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_CHANGED);

  if (exists && (changed || g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_MISSING)))
    offer_to_locate (dialog);
  else {
    adw_message_dialog_set_heading (dialog,
                                    path ? _ ("This session cannot be opened") : _ ("The session could not be made"));
    if (path && !exists)
      adw_message_dialog_add_response (dialog, "forget", _ ("_Remove from the List"));
    adw_message_dialog_add_response (dialog, "close", _ ("_Close"));
    adw_message_dialog_set_default_response (dialog, "close");
    adw_message_dialog_set_close_response (dialog, "close");
  }
  adw_message_dialog_set_body (dialog, error->message);
  g_object_set_data_full (G_OBJECT (dialog), "session", g_strdup (path), g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_response), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
