/* SPDX-License-Identifier: MIT */

/* The window's verbs.  Each is an action; menus, buttons, keys (kairos-application.c has the table), drops and tests
 * use that action alone. */
#include "config.h"

#include <glib/gi18n.h>
#include <kairos/document-samples.h>
#include <math.h>

#include "pad/kairos-pad.h"
#include "window/kairos-preferences-window.h"
#include "window/kairos-window-private.h"

/* A session opens in this window while it is empty, else in a new one; one that is open already is brought to the
 * front. */
static void
open_somewhere (KairosWindow *self, const char *spec)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  if (application)
    kairos_window_open_in (application, self, spec);
  else
    kairos_window_open (self, spec);
}

/* ---- Choosing a file ---- */

static GtkFileFilter *
filter_new (const char *name, const char *suffix)
{
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  if (suffix)
    gtk_file_filter_add_suffix (filter, suffix);
  else
    gtk_file_filter_add_pattern (filter, "*");
  return filter;
}

static void
add_filter (GtkFileChooser *chooser, const char *name, const char *suffix)
{
  g_autoptr (GtkFileFilter) filter = filter_new (name, suffix);

  gtk_file_chooser_add_filter (chooser, filter);
}

static void
on_chosen (GtkNativeDialog *dialog, int response, KairosWindow *self)
{
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file ? g_file_get_path (file) : NULL;

  if (path)
    open_somewhere (self, path);
  else if (file)
    kairos_window_toast (self, _ ("Only files on this computer can be opened; copy it here first."));
  g_object_unref (dialog);
}

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (_ ("Open a Session or Data"), GTK_WINDOW (widget),
                                                               GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);

  add_filter (GTK_FILE_CHOOSER (chooser), _ ("Sessions and data"), NULL);
  add_filter (GTK_FILE_CHOOSER (chooser), _ ("Kairos sessions"), "kairos");
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_chosen), widget, 0);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
open_folder_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (_ ("Open a Folder of Data"), GTK_WINDOW (widget),
                                                               GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, NULL, NULL);

  g_signal_connect_object (chooser, "response", G_CALLBACK (on_chosen), widget, 0);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
open_recent_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  open_somewhere (KAIROS_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

/* ---- Saving a copy ---- */

static void
on_save_as (GtkNativeDialog *dialog, int response, KairosWindow *self)
{
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file ? g_file_get_path (file) : NULL;
  g_autofree char *name = file ? g_file_get_basename (file) : NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_object_unref (dialog);
  if (!path || !self->document)
    return;
  if (kairos_document_copy_to (self->document, path, &error))
    text = g_strdup_printf (_ ("Saved a copy as %s"), name);
  kairos_window_toast (self, text ? text : error->message);
}

static void
save_as_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosWindow *self = KAIROS_WINDOW (widget);
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (_ ("Save a Copy of the Session"), GTK_WINDOW (widget),
                                                               GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  g_autofree char *suggestion = g_strconcat (kairos_document_get_title (self->document), ".kairos", NULL);

  add_filter (GTK_FILE_CHOOSER (chooser), _ ("Kairos sessions"), "kairos");
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), suggestion);
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_save_as), self, 0);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* ---- Sessions and windows ---- */

static void
new_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosWindow *self = KAIROS_WINDOW (widget);
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  if (!self->document)
    kairos_window_show_page (self, "welcome");
  else if (application)
    gtk_window_present (GTK_WINDOW (kairos_window_new (application)));
}

static void
new_on_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  open_somewhere (KAIROS_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
fullscreen_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkWindow *window = GTK_WINDOW (widget);

  if (gtk_window_is_fullscreen (window))
    gtk_window_unfullscreen (window);
  else
    gtk_window_fullscreen (window);
}

static void
preferences_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkWindow *preferences = GTK_WINDOW (kairos_preferences_window_new ());

  gtk_window_set_transient_for (preferences, GTK_WINDOW (widget));
  gtk_window_present (preferences);
}

static void
toggle_data_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkToggleButton *button = GTK_TOGGLE_BUTTON (KAIROS_WINDOW (widget)->data_button);

  gtk_toggle_button_set_active (button, !gtk_toggle_button_get_active (button));
}

/* ---- Undo ---- */

static void
go (KairosWindow *self, gboolean redo)
{
  KairosUndoInfo info;

  if (!self->document || !kairos_document_peek_undo (self->document, redo, &info))
    return;
  if (info.is_setting)
    self->quiet_applied++;
  if (redo)
    kairos_document_redo (self->document);
  else if (kairos_document_undo (self->document))
    kairos_window_toast (self, info.returns_to
                                   ? _ ("Back in the run before the branch; the branch stays among the runs")
                                   : _ ("Undone; Ctrl+Shift+Z makes it again"));
}

static void
on_rewind_response (KairosWindow *self, const char *response)
{
  if (g_str_has_prefix (response, "go-back"))
    go (self, g_str_equal (response, "go-back-redo"));
}

/* What has already shaped the weights is said before it is undone. */
static void
ask_to_rewind (KairosWindow *self, gboolean redo, double epoch)
{
  AdwMessageDialog *dialog =
      ADW_MESSAGE_DIALOG (adw_message_dialog_new (GTK_WINDOW (self), _ ("Go Back in the Training?"), NULL));
  const char *response = redo ? "go-back-redo" : "go-back";

  adw_message_dialog_format_body (
      dialog,
      _ ("This has already shaped the weights. The training goes back to the checkpoint at epoch %.4g; what it "
         "learned after that is lost."),
      epoch);
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), response, _ ("_Go Back"), NULL);
  adw_message_dialog_set_response_appearance (dialog, response, ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_rewind_response), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
undo_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosWindow *self = KAIROS_WINDOW (widget);
  gboolean redo = g_str_equal (name, "win.redo");
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  GtkWidget *pad = focus && !redo ? gtk_widget_get_ancestor (focus, KAIROS_TYPE_PAD) : NULL;
  KairosUndoInfo info;

  if (pad) { /* who draws means the last stroke */
    gtk_widget_activate_action (pad, "pad.undo", NULL);
    return;
  }
  if (!self->document || !kairos_document_peek_undo (self->document, redo, &info))
    return;
  if (isnan (info.rewinds_to))
    go (self, redo);
  else
    ask_to_rewind (self, redo, info.rewinds_to);
}

/* ---- The transport, from anywhere in the window ---- */

static const struct {
  const char *action, *forward;
} forwards[] = {
  { "win.play", "transport.play" }, { "win.step", "transport.step" },       { "win.epoch", "transport.epoch" },
  { "win.stop", "transport.stop" }, { "win.restart", "transport.restart" }, { "win.settings", "transport.settings" },
  { "win.back", "transport.back" },
};

static void
forward_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  for (guint i = 0; i < G_N_ELEMENTS (forwards); i++)
    if (g_str_equal (name, forwards[i].action))
      gtk_widget_activate_action (KAIROS_WINDOW (widget)->transport, forwards[i].forward, NULL);
}

static void
focus_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_activate_action (KAIROS_WINDOW (widget)->timeline_panel, "timeline.focus", NULL);
}

void
kairos_window_update_actions (KairosWindow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean session = self->document != NULL;
  guint n_selected = 0;

  if (session)
    kairos_document_get_selection (self->document, &n_selected);
  gtk_widget_action_set_enabled (widget, "win.focus", n_selected > 0);

  gtk_widget_action_set_enabled (widget, "win.save-as", session);
  gtk_widget_action_set_enabled (widget, "win.toggle-data", session);
  gtk_widget_action_set_enabled (widget, "win.undo", session && kairos_document_can_undo (self->document));
  gtk_widget_action_set_enabled (widget, "win.redo", session && kairos_document_can_redo (self->document));
  for (guint i = 0; i < G_N_ELEMENTS (forwards); i++)
    gtk_widget_action_set_enabled (widget, forwards[i].action, session);
  gtk_widget_set_visible (self->data_button, session);
}

void
kairos_window_install_actions (GtkWidgetClass *widget_class)
{
  static const struct {
    const char *name, *parameter;
    GtkWidgetActionActivateFunc activate;
  } actions[] = {
    { "win.new", NULL, new_action },
    { "win.new-on", "s", new_on_action },
    { "win.open", NULL, open_action },
    { "win.open-folder", NULL, open_folder_action },
    { "win.open-recent", "s", open_recent_action },
    { "win.save-as", NULL, save_as_action },
    { "win.undo", NULL, undo_action },
    { "win.redo", NULL, undo_action },
    { "win.focus", NULL, focus_action },
    { "win.fullscreen", NULL, fullscreen_action },
    { "win.toggle-data", NULL, toggle_data_action },
    { "win.preferences", NULL, preferences_action },
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].parameter, actions[i].activate);
  for (guint i = 0; i < G_N_ELEMENTS (forwards); i++)
    gtk_widget_class_install_action (widget_class, forwards[i].action, NULL, forward_action);
}

/* ---- Keys that depend on where the focus is ---- */

/* Space plays and pauses, except where a space is text, selects, or presses a control that the person went to with Tab
 * or arrows. */
static gboolean
space_is_taken (KairosWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  if (!focus)
    return FALSE;
  return GTK_IS_EDITABLE (focus) || GTK_IS_TEXT_VIEW (focus) || gtk_widget_get_ancestor (focus, GTK_TYPE_POPOVER) ||
         gtk_widget_get_ancestor (focus, GTK_TYPE_GRID_VIEW) || self->moved_by_keys;
}

static gboolean
moves_focus (guint keyval)
{
  static const guint keys[] = {
    GDK_KEY_Tab, GDK_KEY_ISO_Left_Tab, GDK_KEY_Up, GDK_KEY_Down, GDK_KEY_Left, GDK_KEY_Right
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (keys[i] == keyval)
      return TRUE;
  return FALSE;
}

static gboolean
on_key_pressed (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state,
                KairosWindow *self)
{
  gboolean plain = (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) == 0;

  if (plain && moves_focus (keyval))
    self->moved_by_keys = TRUE;
  if (!plain || (state & GDK_SHIFT_MASK) != 0 || keyval != GDK_KEY_space || !self->document || space_is_taken (self))
    return GDK_EVENT_PROPAGATE;
  gtk_widget_activate_action (GTK_WIDGET (self), "win.play", NULL);
  return GDK_EVENT_STOP;
}

static void
forget_keys (KairosWindow *self)
{
  self->moved_by_keys = FALSE;
}

/* ---- Drops ---- */

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, KairosWindow *self)
{
  g_autoptr (GSList) files = gdk_file_list_get_files (g_value_get_boxed (value));
  g_autofree char *path = files ? g_file_get_path (files->data) : NULL;

  if (!path)
    return FALSE;
  open_somewhere (self, path);
  return TRUE;
}

void
kairos_window_init_input (KairosWindow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *press = gtk_gesture_click_new ();
  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (on_key_pressed), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (press), GTK_PHASE_CAPTURE);
  g_signal_connect_object (press, "pressed", G_CALLBACK (forget_keys), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (press));
  g_signal_connect (self, "notify::is-active", G_CALLBACK (forget_keys), NULL);
  g_signal_connect_object (drop, "drop", G_CALLBACK (on_drop), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
}
