/* SPDX-License-Identifier: MIT */

/* See the header. */
#include "config.h"

#include <glib/gstdio.h>
#include <stdlib.h>

#include "fixture.h"

#include <math.h>

#include "window/kairos-application.h"

static KairosApplication *application;

static char *home;

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    remove_tree (child);
  }
  g_remove (path);
}

static void
remove_home (void)
{
  remove_tree (home);
  g_free (home);
}

/* Folders of its own; unlike G_TEST_OPTION_ISOLATE_DIRS those of the system stay, because GTK finds its picture formats
 * through them. */
static void
use_own_folders (void)
{
  static const char *const names[] = { "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME" };

  home = g_dir_make_tmp ("kairos-test-XXXXXX", NULL);
  g_assert_nonnull (home);
  atexit (remove_home);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_setenv (names[i], home, TRUE);
}

gboolean
ui_test_init (int *argc, char ***argv)
{
  use_own_folders ();
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_setenv ("GTK_A11Y", "test", TRUE); /* lets tests ask for accessible names */
  g_setenv ("GSK_RENDERER", "cairo", FALSE);
  /* Mesa, loaded and unloaded again, leaves memory behind that no suppression can name */
  g_setenv ("GDK_DEBUG", "gl-disable", FALSE);
  g_test_init (argc, argv, NULL);
  if (!gtk_init_check ()) {
    g_print ("1..0 # SKIP no display\n");
    return FALSE;
  }
  application = kairos_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  return TRUE;
}

GtkApplication *
ui_test_application (void)
{
  return GTK_APPLICATION (application);
}

static gboolean
on_too_late (gpointer late)
{
  *(gboolean *) late = TRUE;
  return G_SOURCE_REMOVE;
}

void
ui_test_wait (UiCondition condition, gpointer data)
{
  gboolean late = FALSE;
  guint source = g_timeout_add_seconds (60, on_too_late, &late);

  while (!condition (data) && !late)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (late);
  g_source_remove (source);
}

void
ui_test_settle (void)
{
  for (int i = 0; i < 200 && g_main_context_iteration (NULL, FALSE); i++)
    ;
}

static gboolean
has_document (gpointer window)
{
  return kairos_window_get_document (window) != NULL;
}

KairosWindow *
ui_test_session (const char *network)
{
  return ui_test_session_on ("builtin:blobs", network);
}

KairosWindow *
ui_test_session_on (const char *data, const char *network)
{
  g_autoptr (KairosConfig) config = kairos_config_new ();
  KairosWindow *window = kairos_window_new (ui_test_application ());

  g_free (config->data);
  config->data = g_strdup (data);
  g_free (config->network);
  config->network = g_strdup (network);
  kairos_window_create (window, NULL, config, FALSE);
  gtk_window_present (GTK_WINDOW (window));
  ui_test_wait (has_document, window);
  ui_test_wait_for_state (window, KAIROS_WORKER_PAUSED);
  return window;
}

typedef struct {
  KairosWindow *window;
  KairosWorkerState state;
} Wanted;

static gboolean
is_in_state (gpointer data)
{
  Wanted *wanted = data;
  int state;

  g_object_get (kairos_window_get_document (wanted->window), "state", &state, NULL);
  return state == (int) wanted->state;
}

void
ui_test_wait_for_state (KairosWindow *window, KairosWorkerState state)
{
  Wanted wanted = { window, state };

  ui_test_wait (is_in_state, &wanted);
}

guint64
ui_test_step (KairosWindow *window)
{
  KairosStatus status;

  kairos_document_get_status (kairos_window_get_document (window), &status);
  return status.step;
}

static gboolean
is_gone (gpointer weak)
{
  return !*(gpointer *) weak;
}

void
ui_test_close_all (KairosWindow *window)
{
  g_autoptr (GListModel) toplevels = g_object_ref (gtk_window_get_toplevels ());
  gpointer weak = window;

  if (window)
    g_object_add_weak_pointer (G_OBJECT (window), &weak);
  for (guint n = 0; (n = g_list_model_get_n_items (toplevels)) > 0;) {
    g_autoptr (GtkWindow) top = g_list_model_get_item (toplevels, n - 1);

    gtk_window_destroy (top);
  }
  ui_test_wait (is_gone, &weak);
}

/* ---- Walks ---- */

void
ui_test_walk (GtkWidget *root, UiVisit func, gpointer data)
{
  func (root, data);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child; child = gtk_widget_get_next_sibling (child))
    ui_test_walk (child, func, data);
}

GtkWidget *
ui_test_find (GtkWidget *root, const char *type_name)
{
  GtkWidget *found = g_str_equal (G_OBJECT_TYPE_NAME (root), type_name) ? root : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (root); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = ui_test_find (child, type_name);
  return found;
}

const char *
ui_test_page (gpointer widget)
{
  return gtk_stack_get_visible_child_name (
      GTK_STACK (gtk_widget_get_template_child (widget, G_OBJECT_TYPE (widget), "stack")));
}

gboolean
ui_test_enabled (gpointer widget, const char *action)
{
  /* A disabled or unknown action is refused by a button that names it. */
  GtkWidget *probe = gtk_button_new ();
  gboolean enabled;

  gtk_widget_set_parent (probe, widget);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (probe), action);
  enabled = gtk_widget_get_sensitive (probe);
  gtk_widget_unparent (probe);
  return enabled;
}

AdwMessageDialog *
ui_test_question (void)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++) {
    g_autoptr (GtkWidget) toplevel = g_list_model_get_item (toplevels, i);

    if (ADW_IS_MESSAGE_DIALOG (toplevel) && gtk_widget_get_visible (toplevel))
      return ADW_MESSAGE_DIALOG (toplevel);
  }
  return NULL;
}

void
ui_test_answer (const char *response)
{
  AdwMessageDialog *dialog = ui_test_question ();

  g_assert_nonnull (dialog);
  adw_message_dialog_response (dialog, response);
  gtk_window_destroy (GTK_WINDOW (dialog));
  ui_test_settle ();
}

void
ui_test_append_epochs (KairosMetrics *metrics, gint64 run, int begin, int end)
{
  for (int s = begin * UI_TEST_STEPS_PER_EPOCH + 1; s <= end * UI_TEST_STEPS_PER_EPOCH; s++) {
    double epoch = s / (double) UI_TEST_STEPS_PER_EPOCH;
    KairosStepRecord step = {
      s, epoch, 2 * exp (-epoch / 4) + 0.1 * (s % 7) / 7.0, 1 - exp (-epoch / 4), 0.1f / (1 + (int) epoch), 64
    };
    KairosEpochRecord record = {
      s, epoch, 2 * exp (-epoch / 4), 1 - exp (-epoch / 4), 2.2f * exp (-epoch / 4), 0.9f - 0.9f * exp (-epoch / 4)
    };

    kairos_metrics_add_step (metrics, run, &step);
    if (s % UI_TEST_STEPS_PER_EPOCH == 0)
      kairos_metrics_add_epoch (metrics, run, &record);
  }
}
