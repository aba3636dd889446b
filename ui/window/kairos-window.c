/* SPDX-License-Identifier: MIT */

/* See the header.  The window has four pages (welcome, setup, busy, session) and at most one document, which stays
 * until the window closes. */
#include "config.h"

#include <glib/gi18n.h>

#include "common/kairos-param-row.h"
#include "common/kairos-preview.h"
#include "common/kairos-settings.h"
#include "window/kairos-recent.h"
#include "window/kairos-window-private.h"

enum { PROP_0, PROP_DOCUMENT, N_PROPS };
static GParamSpec *properties[N_PROPS];
static guint failed_signal;

enum { QUICK_START_EPOCHS = 40 };

G_DEFINE_FINAL_TYPE (KairosWindow, kairos_window, ADW_TYPE_APPLICATION_WINDOW)

/* ---- Pages ---- */

/* The header bar names what the page is about. */
static void
show_titles (KairosWindow *self)
{
  const char *page = gtk_stack_get_visible_child_name (GTK_STACK (self->stack));
  const char *title = KAIROS_PROGRAM_TITLE, *subtitle = "";
  g_autofree char *setup_title = NULL, *window_title = NULL;

  if (g_strcmp0 (page, "setup") == 0) {
    g_object_get (self->setup, "title", &setup_title, NULL);
    title = _ ("New session");
    subtitle = setup_title ? setup_title : "";
  } else if (g_strcmp0 (page, "session") == 0 && self->document) {
    title = kairos_document_get_title (self->document);
    subtitle = kairos_document_get_subtitle (self->document);
  }
  adw_window_title_set_title (ADW_WINDOW_TITLE (self->title), title);
  adw_window_title_set_subtitle (ADW_WINDOW_TITLE (self->title), subtitle);
  window_title = g_str_equal (title, KAIROS_PROGRAM_TITLE) ? g_strdup (title)
                                                           : g_strdup_printf ("%s – %s", title, KAIROS_PROGRAM_TITLE);
  gtk_window_set_title (GTK_WINDOW (self), window_title);
}

void
kairos_window_show_page (KairosWindow *self, const char *name)
{
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), name);
  show_titles (self);
  kairos_window_update_actions (self);
}

void
kairos_window_toast (KairosWindow *self, const char *text)
{
  AdwToast *toast = adw_toast_new ("");
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  adw_toast_set_title (toast, escaped);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
}

/* ---- The document ---- */

/* The bar about a diverged run: before the first checkpoint there is nothing to go back to but the beginning. */
static void
show_diverged (KairosWindow *self, gboolean diverged)
{
  KairosStatus status;

  kairos_document_get_status (self->document, &status);
  if (diverged)
    gtk_button_set_label (GTK_BUTTON (self->back_button), status.step < status.steps_per_epoch
                                                              ? _ ("_Begin Again")
                                                              : _ ("Go _Back to the Last Good Checkpoint"));
  self->bar_says_it = diverged && !gtk_info_bar_get_revealed (GTK_INFO_BAR (self->diverged));
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->diverged), diverged);
}

static void
on_state_changed (KairosWindow *self)
{
  int state;

  if (!self->document)
    return;
  g_object_get (self->document, "state", &state, NULL);
  show_diverged (self, state == KAIROS_WORKER_DIVERGED);
  kairos_window_update_actions (self);
}

static void
on_message (KairosWindow *self, const char *text, gboolean is_error)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  AdwToast *toast;

  if (self->bar_says_it) { /* and what to do */
    self->bar_says_it = FALSE;
    return;
  }
  toast = adw_toast_new ("");
  adw_toast_set_title (toast, escaped);
  if (is_error) {
    adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
    adw_toast_set_timeout (toast, 0); /* until it has been read */
  }
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
}

static void
on_applied_toast_gone (AdwToast *toast, KairosWindow *self)
{
  if (self->applied_toast == toast)
    self->applied_toast = NULL;
}

/* "Learning rate is now 0.05", with a way back. */
static void
on_applied (KairosWindow *self, const char *name, const char *value, guint64 step)
{
  g_autofree char *title = kairos_param_title (name);
  g_autofree char *text = g_strdup_printf (_ ("%s is now %s"), title, value);
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  AdwToast *toast;

  if (self->quiet_applied > 0) {
    self->quiet_applied--;
    return;
  }
  if (self->applied_toast) { /* still there: it speaks of the newest change */
    adw_toast_set_title (self->applied_toast, escaped);
    return;
  }
  toast = adw_toast_new ("");
  adw_toast_set_title (toast, escaped);
  adw_toast_set_button_label (toast, _ ("_Undo"));
  adw_toast_set_action_name (toast, "win.undo");
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (on_applied_toast_gone), self, 0);
  self->applied_toast = toast;
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
}

static void
shade_plots (KairosWindow *self)
{
  g_autoptr (GArray) spans = kairos_timeline_panel_get_spans (KAIROS_TIMELINE_PANEL (self->timeline_panel));
  KairosPlotView *view = kairos_plot_panel_get_view (KAIROS_PLOT_PANEL (self->plot_panel));

  kairos_plot_view_set_spans (view, (const KairosShade *) (gpointer) spans->data, spans->len);
}

static void
show_in_panels (KairosWindow *self, KairosDocument *document)
{
  g_object_set (self->transport, "document", document, NULL);
  g_object_set (self->data_panel, "document", document, NULL);
  g_object_set (self->plot_panel, "document", document, NULL);
  g_object_set (self->timeline_panel, "document", document, NULL);
  kairos_run_menu_set_document (KAIROS_RUN_MENU (self->run_menu), document);
  shade_plots (self);
}

static void
set_document (KairosWindow *self, KairosDocument *document)
{
  if (!g_set_object (&self->document, document))
    return;
  g_signal_group_set_target (self->signals, document);
  show_in_panels (self, document);
  if (document && !self->fixed_size)
    kairos_recent_add (kairos_document_get_path (document));
  on_state_changed (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DOCUMENT]);
}

KairosDocument *
kairos_window_get_document (KairosWindow *self)
{
  return self->document;
}

gboolean
kairos_window_is_empty (KairosWindow *self)
{
  return !self->document && g_strcmp0 (gtk_stack_get_visible_child_name (GTK_STACK (self->stack)), "welcome") == 0;
}

/* ---- Opening and making ---- */

static void
begin_work (KairosWindow *self, const char *path, const char *title)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_free (self->opening);
  self->opening = g_strdup (path);
  g_free (self->page_before);
  self->page_before = g_strdup (gtk_stack_get_visible_child_name (GTK_STACK (self->stack)));
  kairos_busy_page_begin (KAIROS_BUSY_PAGE (self->busy), title);
  kairos_window_show_page (self, "busy");
}

static void
work_failed (KairosWindow *self, const GError *error)
{
  gboolean from_setup = g_str_equal (self->page_before, "setup");

  kairos_window_show_page (self, self->page_before);
  if (g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_CANCELLED) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (from_setup)
    kairos_setup_page_show_error (KAIROS_SETUP_PAGE (self->setup), error->message);
  else
    kairos_window_explain_failure (self, self->opening, error);
  g_signal_emit (self, failed_signal, 0, error->message);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KairosWindow) self = user_data;
  GCancellable *cancellable = g_task_get_cancellable (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosDocument) document = kairos_document_open_finish (result, &error);

  if (self->cancellable != cancellable || gtk_widget_in_destruction (GTK_WIDGET (self)) || !self->stack) {
    if (document)
      kairos_document_close (document); /* the window is gone, or busy with something else */
    return;
  }
  if (!document) {
    work_failed (self, error);
    return;
  }
  set_document (self, document);
  kairos_window_show_page (self, "session");
  if (self->play)
    kairos_document_play (document);
}

void
kairos_window_open_session (KairosWindow *self, const char *path, const char *data)
{
  g_autofree char *name = g_filename_display_basename (path), *title = g_strdup_printf (_ ("Opening %s"), name);

  begin_work (self, path, title);
  self->play = FALSE;
  kairos_document_open_async (path, data, kairos_settings_get_int ("threads", 0), kairos_busy_page_progress, self->busy,
                              self->cancellable, on_opened, g_object_ref (self));
}

void
kairos_window_create (KairosWindow *self, const char *path, const KairosConfig *config, gboolean play)
{
  begin_work (self, path, _ ("Making the session"));
  self->play = play;
  kairos_document_create_async (path, config, kairos_settings_get_int ("threads", 0), kairos_busy_page_progress,
                                self->busy, self->cancellable, on_opened, g_object_ref (self));
}

/* The data was read to see what suits it; now the session can be made. */
static void
on_data_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KairosWindow) self = user_data;
  GCancellable *cancellable = g_task_get_cancellable (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosDataset) dataset = kairos_preview_open_finish (result, &error);
  g_autoptr (KairosConfig) config = NULL;
  g_autofree char *path = g_strdup (self->opening);

  if (self->cancellable != cancellable || !self->stack)
    return;
  if (!dataset) {
    work_failed (self, error);
    return;
  }
  config = kairos_setup_suggest (dataset);
  g_clear_pointer (&dataset, kairos_dataset_unref);
  kairos_window_show_page (self, self->page_before);
  kairos_window_create (self, path, config, TRUE);
}

void
kairos_window_train (KairosWindow *self, const char *spec, const char *path)
{
  g_autoptr (KairosConfig) config = kairos_config_new ();
  KairosOpenOptions options = kairos_open_options_default ();

  if (!spec) {
    config->epochs = QUICK_START_EPOCHS;
    kairos_window_create (self, path, config, TRUE);
    return;
  }
  options.use_cache = TRUE;
  begin_work (self, path, _ ("Reading the data"));
  kairos_preview_open_async (spec, &options, kairos_busy_page_progress, self->busy, self->cancellable, on_data_read,
                             g_object_ref (self));
}

void
kairos_window_open (KairosWindow *self, const char *spec)
{
  if (g_str_has_suffix (spec, ".kairos")) {
    kairos_window_open_session (self, spec, NULL);
    return;
  }
  kairos_setup_page_load (KAIROS_SETUP_PAGE (self->setup), spec);
  kairos_window_show_page (self, "setup");
}

static void
on_setup_start (KairosWindow *self, gpointer config)
{
  kairos_window_create (self, NULL, config, TRUE);
}

static void
on_setup_cancelled (KairosWindow *self)
{
  kairos_window_show_page (self, "welcome");
}

static void
on_busy_cancelled (KairosWindow *self)
{
  g_cancellable_cancel (self->cancellable);
  kairos_window_show_page (self, self->page_before ? self->page_before : "welcome");
}

/* ---- What is remembered ---- */

static void
restore_size (KairosWindow *self)
{
  GSettings *settings = kairos_settings_get ();
  int width, height;

  if (!settings)
    return;
  g_settings_get (settings, "window-size", "(ii)", &width, &height);
  gtk_window_set_default_size (GTK_WINDOW (self), MAX (width, 600), MAX (height, 400));
  if (g_settings_get_boolean (settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  kairos_settings_bind ("data-width", self->paned, "position");
  kairos_settings_bind ("data-visible", self->data_button, "active");
}

static void
remember_size (KairosWindow *self)
{
  GSettings *settings = kairos_settings_get ();
  gboolean maximized = gtk_window_is_maximized (GTK_WINDOW (self));
  int width, height;

  if (!settings || self->fixed_size)
    return;
  g_settings_set_boolean (settings, "window-maximized", maximized);
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  if (!maximized && !gtk_window_is_fullscreen (GTK_WINDOW (self)) && width > 0 && height > 0)
    g_settings_set (settings, "window-size", "(ii)", width, height);
}

void
kairos_window_set_fixed_size (KairosWindow *self, int width, int height)
{
  self->fixed_size = TRUE;
  gtk_window_unmaximize (GTK_WINDOW (self));
  gtk_window_set_default_size (GTK_WINDOW (self), width, height);
}

static void
show_recent (KairosWindow *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenuModel) recent = kairos_recent_menu ();

  g_menu_append_section (menu, _ ("Recent sessions"), recent);
  g_menu_append (menu, _ ("Open a Fol_der…"), "win.open-folder");
  adw_split_button_set_menu_model (ADW_SPLIT_BUTTON (self->open_button), G_MENU_MODEL (menu));
}

/* ---- The object ---- */

/* Everything is written when a session closes, so nothing has to be asked. */
static gboolean
kairos_window_close_request (GtkWindow *window)
{
  remember_size (KAIROS_WINDOW (window));
  return GTK_WINDOW_CLASS (kairos_window_parent_class)->close_request (window);
}

static void
kairos_window_dispose (GObject *object)
{
  KairosWindow *self = KAIROS_WINDOW (object);
  g_autoptr (KairosDocument) document = self->document ? g_object_ref (self->document) : NULL;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->signals);
  if (self->transport)
    show_in_panels (self, NULL);
  self->stack = self->transport = NULL;
  g_clear_object (&self->document);
  if (document)
    kairos_document_close (document);
  G_OBJECT_CLASS (kairos_window_parent_class)->dispose (object);
}

static void
kairos_window_finalize (GObject *object)
{
  KairosWindow *self = KAIROS_WINDOW (object);

  g_free (self->opening);
  g_free (self->page_before);
  G_OBJECT_CLASS (kairos_window_parent_class)->finalize (object);
}

static void
kairos_window_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_DOCUMENT)
    g_value_set_object (value, KAIROS_WINDOW (object)->document);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/kairos_studio/Kairos/templates/kairos-window.ui");
  gtk_widget_class_bind_template_child (widget_class, KairosWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, KairosWindow, title);
  gtk_widget_class_bind_template_child (widget_class, KairosWindow, open_button);
  gtk_widget_class_bind_template_child (widget_class, KairosWindow, data_button);
  gtk_widget_class_bind_template_child (widget_class, KairosWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, KairosWindow, setup);
  gtk_widget_class_bind_template_child (widget_class, KairosWindow, busy);
  gtk_widget_class_bind_template_child (widget_class, KairosWindow, diverged);
  gtk_widget_class_bind_template_child (widget_class, KairosWindow, back_button);
  gtk_widget_class_bind_template_child (widget_class, KairosWindow, paned);
  gtk_widget_class_bind_template_child (widget_class, KairosWindow, transport);
  gtk_widget_class_bind_template_child (widget_class, KairosWindow, data_panel);
  gtk_widget_class_bind_template_child (widget_class, KairosWindow, plot_panel);
  gtk_widget_class_bind_template_child (widget_class, KairosWindow, timeline_panel);
  gtk_widget_class_bind_template_child (widget_class, KairosWindow, run_menu);
  gtk_widget_class_bind_template_callback (widget_class, on_setup_start);
  gtk_widget_class_bind_template_callback (widget_class, on_setup_cancelled);
  gtk_widget_class_bind_template_callback (widget_class, on_busy_cancelled);
  gtk_widget_class_bind_template_callback (widget_class, show_titles);
}

static void
kairos_window_class_init (KairosWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (KAIROS_TYPE_WELCOME_PAGE);
  g_type_ensure (KAIROS_TYPE_SETUP_PAGE);
  g_type_ensure (KAIROS_TYPE_BUSY_PAGE);
  g_type_ensure (KAIROS_TYPE_TRANSPORT);
  g_type_ensure (KAIROS_TYPE_DATA_PANEL);
  g_type_ensure (KAIROS_TYPE_PLOT_PANEL);
  g_type_ensure (KAIROS_TYPE_TIMELINE_PANEL);
  g_type_ensure (KAIROS_TYPE_RUN_MENU);
  object_class->dispose = kairos_window_dispose;
  object_class->finalize = kairos_window_finalize;
  object_class->get_property = kairos_window_get_property;
  GTK_WINDOW_CLASS (klass)->close_request = kairos_window_close_request;
  properties[PROP_DOCUMENT] = g_param_spec_object ("document", NULL, NULL, KAIROS_TYPE_DOCUMENT,
                                                   G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  failed_signal = g_signal_new ("failed", KAIROS_TYPE_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_STRING);
  kairos_window_install_actions (widget_class);
  kairos_window_install_run_actions (widget_class);
  bind_children (widget_class);
}

static void
kairos_window_init (KairosWindow *self)
{
  self->signals = g_signal_group_new (KAIROS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (self->signals, "notify::state", G_CALLBACK (on_state_changed), self);
  g_signal_group_connect_swapped (self->signals, "notify::title", G_CALLBACK (show_titles), self);
  g_signal_group_connect_swapped (self->signals, "notify::subtitle", G_CALLBACK (show_titles), self);
  g_signal_group_connect_swapped (self->signals, "notify::can-undo", G_CALLBACK (kairos_window_update_actions), self);
  g_signal_group_connect_swapped (self->signals, "notify::can-redo", G_CALLBACK (kairos_window_update_actions), self);
  g_signal_group_connect_swapped (self->signals, "notify::timeline", G_CALLBACK (shade_plots), self);
  g_signal_group_connect_swapped (self->signals, "selection-changed", G_CALLBACK (kairos_window_update_actions), self);
  g_signal_group_connect_swapped (self->signals, "message", G_CALLBACK (on_message), self);
  g_signal_group_connect_swapped (self->signals, "applied", G_CALLBACK (on_applied), self);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (shade_plots), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_object_set (self->timeline_panel, "time-axis",
                kairos_plot_panel_get_time_axis (KAIROS_PLOT_PANEL (self->plot_panel)), NULL);
  kairos_window_init_input (self);
  restore_size (self);
  show_recent (self);
  if (kairos_settings_get ())
    g_signal_connect_object (kairos_settings_get (), "changed::recent-sessions", G_CALLBACK (show_recent), self,
                             G_CONNECT_SWAPPED);
  kairos_window_show_page (self, "welcome");
}

KairosWindow *
kairos_window_new (GtkApplication *application)
{
  return g_object_new (KAIROS_TYPE_WINDOW, "application", application, NULL);
}

/* ---- One among the windows of an application ---- */

static KairosWindow *
find_session (GtkApplication *application, const char *path)
{
  for (GList *l = gtk_application_get_windows (application); l; l = l->next) {
    KairosDocument *document = KAIROS_IS_WINDOW (l->data) ? kairos_window_get_document (l->data) : NULL;

    if (document && g_strcmp0 (kairos_document_get_path (document), path) == 0)
      return l->data;
  }
  return NULL;
}

void
kairos_window_open_in (GtkApplication *application, KairosWindow *window, const char *spec)
{
  KairosWindow *open = find_session (application, spec);

  if (!open) {
    open = window && kairos_window_is_empty (window) ? window : kairos_window_new (application);
    kairos_window_open (open, spec);
  }
  gtk_window_present (GTK_WINDOW (open));
}
