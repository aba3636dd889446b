/* SPDX-License-Identifier: MIT */

/* The window from outside: pages, actions by state, what a session brings, what is said when something cannot be
 * opened. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "fixture.h"
#include "window/kairos-recent.h"
#include "window/kairos-setup-page.h"

static const char *const needs_session[] = { "win.save-as", "win.toggle-data", "win.play",    "win.step",
                                             "win.epoch",   "win.stop",        "win.restart", NULL };
static const char *const always[] = { "win.new",        "win.open",        "win.open-folder",
                                      "win.fullscreen", "win.preferences", NULL };

static void
check_enabled (gpointer widget, const char *const *actions, gboolean expected)
{
  for (; *actions; actions++) {
    g_test_message ("%s", *actions);
    g_assert_cmpint (ui_test_enabled (widget, *actions), ==, expected);
  }
}

static gboolean
has_form (gpointer setup)
{
  return g_strcmp0 (ui_test_page (setup), "form") == 0;
}

static gboolean
has_error (gpointer setup)
{
  return g_strcmp0 (ui_test_page (setup), "error") == 0;
}

static gboolean
has_document (gpointer window)
{
  return kairos_window_get_document (window) != NULL;
}

/* ---- Pages ---- */

static void
test_empty (void)
{
  KairosWindow *window = kairos_window_new (ui_test_application ());
  GtkWidget *transport = ui_test_find (GTK_WIDGET (window), "KairosTransport");
  static const char *const transports[] = { "transport.play", "transport.step",    "transport.epoch",
                                            "transport.stop", "transport.restart", NULL };

  g_assert_true (kairos_window_is_empty (window));
  g_assert_null (kairos_window_get_document (window));
  g_assert_cmpstr (ui_test_page (window), ==, "welcome");
  check_enabled (window, always, TRUE);
  check_enabled (window, needs_session, FALSE);
  check_enabled (transport, transports, FALSE);
  ui_test_close_all (window);
}

static void
test_setup_to_session (void)
{
  KairosWindow *window = kairos_window_new (ui_test_application ());
  GtkWidget *setup = ui_test_find (GTK_WIDGET (window), "KairosSetupPage");
  g_auto (GStrv) recent = NULL;
  const KairosConfig *config;

  gtk_window_present (GTK_WINDOW (window));
  /* enough to be still training below */
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.new-on", "s", "builtin:digits"));
  g_assert_cmpstr (ui_test_page (window), ==, "setup");
  ui_test_wait (has_form, setup);
  g_assert_true (gtk_widget_activate_action (setup, "setup.start", NULL));
  ui_test_wait (has_document, window);
  g_assert_cmpstr (ui_test_page (window), ==, "session");
  ui_test_wait_for_state (window, KAIROS_WORKER_TRAINING);
  config = kairos_document_get_config (kairos_window_get_document (window));
  g_assert_cmpstr (config->data, ==, "builtin:digits");
  g_assert_cmpint (config->epochs, >=, 10);
  check_enabled (window, needs_session, TRUE);
  recent = kairos_recent_get ();
  if (recent[0])
    g_assert_cmpstr (recent[0], ==, kairos_document_get_path (kairos_window_get_document (window)));
  ui_test_close_all (window);
}

static void
test_setup_cancel (void)
{
  KairosWindow *window = kairos_window_new (ui_test_application ());
  GtkWidget *setup = ui_test_find (GTK_WIDGET (window), "KairosSetupPage");

  kairos_window_open (window, "builtin:digits");
  g_assert_true (gtk_widget_activate_action (setup, "setup.cancel", NULL)); /* while it is being read */
  g_assert_cmpstr (ui_test_page (window), ==, "welcome");
  kairos_window_open (window, "builtin:blobs");
  ui_test_wait (has_form, setup);
  g_assert_true (gtk_widget_activate_action (setup, "setup.cancel", NULL));
  g_assert_true (kairos_window_is_empty (window));
  ui_test_close_all (window);
}

/* A network that does not fit cannot be started; one that does, can. */
static void
test_own_network (void)
{
  KairosWindow *window = kairos_window_new (ui_test_application ());
  GtkWidget *setup = ui_test_find (GTK_WIDGET (window), "KairosSetupPage"), *networks, *own;

  kairos_window_open (window, "builtin:xor");
  ui_test_wait (has_form, setup);
  networks = ui_test_find (setup, "AdwComboRow");
  own = ui_test_find (setup, "AdwEntryRow");
  g_assert_true (ui_test_enabled (setup, "setup.start"));
  adw_combo_row_set_selected (ADW_COMBO_ROW (networks),
                              g_list_model_get_n_items (adw_combo_row_get_model (ADW_COMBO_ROW (networks))) - 1);
  gtk_editable_set_text (GTK_EDITABLE (own), "[{\"layer\":\"conv\",\"filters\":8,\"kernel\":5}]");
  g_assert_false (ui_test_enabled (setup, "setup.start"));
  g_assert_true (gtk_widget_has_css_class (networks, "error"));
  gtk_editable_set_text (GTK_EDITABLE (own), "mlp-7-5");
  g_assert_true (ui_test_enabled (setup, "setup.start"));
  g_assert_false (gtk_widget_has_css_class (networks, "error"));
  g_assert_true (gtk_widget_activate_action (setup, "setup.start", NULL));
  ui_test_wait (has_document, window);
  g_assert_cmpstr (kairos_document_get_config (kairos_window_get_document (window))->network, ==, "mlp-7-5");
  ui_test_close_all (window);
}

/* ---- Training by actions ---- */

static gboolean
can_restart (gpointer window)
{
  return ui_test_enabled (ui_test_find (window, "KairosTransport"), "transport.restart");
}

static void
test_transport (void)
{
  KairosWindow *window = ui_test_session ("logistic");
  GtkWidget *transport = ui_test_find (GTK_WIDGET (window), "KairosTransport");
  guint64 step;

  g_assert_cmpuint (ui_test_step (window), ==, 0);
  g_assert_false (ui_test_enabled (transport, "transport.restart"));
  g_assert_true (gtk_widget_activate_action (transport, "transport.step", NULL));
  ui_test_wait (can_restart, window);
  ui_test_wait_for_state (window, KAIROS_WORKER_PAUSED);
  g_assert_cmpuint (ui_test_step (window), ==, 1);
  g_assert_true (gtk_widget_activate_action (transport, "transport.speed", "i", 100));
  g_assert_true (gtk_widget_activate_action (transport, "transport.play", NULL));
  ui_test_wait_for_state (window, KAIROS_WORKER_TRAINING);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.play", NULL));
  ui_test_wait_for_state (window, KAIROS_WORKER_PAUSED);
  step = ui_test_step (window);
  g_assert_cmpuint (step, >, 1);
  g_assert_true (ui_test_enabled (transport, "transport.restart"));
  ui_test_close_all (window);
}

static gboolean
is_second_run (gpointer window)
{
  return strstr (kairos_document_get_subtitle (kairos_window_get_document (window)), "Run 2") != NULL;
}

static void
test_restart (void)
{
  KairosWindow *window = ui_test_session ("logistic");

  gtk_widget_activate_action (GTK_WIDGET (window), "win.step", NULL);
  ui_test_wait (can_restart, window);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.restart", NULL);
  ui_test_wait (is_second_run, window);
  g_assert_cmpuint (ui_test_step (window), ==, 0);
  ui_test_close_all (window);
}

static gboolean
is_first_run (gpointer window)
{
  return kairos_run_get_id (kairos_document_get_run (kairos_window_get_document (window))) == 1;
}

static guint
n_runs (gpointer window)
{
  return g_list_model_get_n_items (kairos_document_get_runs (kairos_window_get_document (window)));
}

static gboolean
has_one_run (gpointer window)
{
  return n_runs (window) == 1;
}

static gboolean
has_two_runs (gpointer window)
{
  return n_runs (window) == 2;
}

static gboolean
second_is_hidden (gpointer window)
{
  g_autoptr (KairosRun) run = g_list_model_get_item (kairos_document_get_runs (kairos_window_get_document (window)), 1);

  return kairos_run_get_state (run) == KAIROS_RUN_HIDDEN;
}

static gboolean
is_another (gpointer window)
{
  return strstr (kairos_document_get_subtitle (kairos_window_get_document (window)), "another") != NULL;
}

/* From run to run and back: each has its own step; the current one is deleted after a switch, and brought back. */
static void
test_runs (void)
{
  KairosWindow *window = ui_test_session ("logistic");
  KairosDocument *document = kairos_window_get_document (window);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.step", NULL);
  ui_test_wait (can_restart, window);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.restart", NULL);
  ui_test_wait (is_second_run, window);
  kairos_document_set_param (document, "momentum", "0.25");
  gtk_widget_activate_action (GTK_WIDGET (window), "win.run-switch", "x", (gint64) 1);
  ui_test_wait (is_first_run, window);
  g_assert_cmpuint (ui_test_step (window), ==, 1);
  g_assert_cmpfloat (kairos_document_get_config (document)->momentum, !=, 0.25);
  kairos_document_rename_run (document, 2, "another");
  gtk_widget_activate_action (GTK_WIDGET (window), "win.run-hide", "x", (gint64) 2);
  ui_test_wait (second_is_hidden, window);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.run-switch", "x", (gint64) 2);
  ui_test_wait (is_another, window);
  g_assert_cmpfloat (kairos_document_get_config (document)->momentum, ==, 0.25);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.run-delete", "x", (gint64) 2);
  ui_test_wait (has_one_run, window);
  g_assert_true (is_first_run (window));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.run-undelete", "x", (gint64) 2);
  ui_test_wait (has_two_runs, window);
  ui_test_close_all (window);
}

typedef struct {
  KairosWindow *window;
  double momentum;
} Momentum;

static gboolean
has_momentum (gpointer data)
{
  Momentum *wanted = data;

  return kairos_document_get_config (kairos_window_get_document (wanted->window))->momentum == wanted->momentum;
}

static void
test_undo (void)
{
  KairosWindow *window = ui_test_session ("logistic");
  KairosDocument *document = kairos_window_get_document (window);
  Momentum before = { window, kairos_document_get_config (document)->momentum }, after = { window, 0.25 };

  g_assert_false (ui_test_enabled (window, "win.undo"));
  kairos_document_set_param (document, "momentum", "0.25");
  ui_test_wait (has_momentum, &after);
  g_assert_true (ui_test_enabled (window, "win.undo"));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.undo", NULL));
  ui_test_wait (has_momentum, &before);
  g_assert_true (ui_test_enabled (window, "win.redo"));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.redo", NULL));
  ui_test_wait (has_momentum, &after);
  ui_test_close_all (window);
}

/* A diverged run says so in a bar, with a way back. */
static void
test_diverged (void)
{
  KairosWindow *window = ui_test_session ("mlp-32-32");
  GtkWidget *bar = ui_test_find (GTK_WIDGET (window), "GtkInfoBar");

  g_assert_false (gtk_info_bar_get_revealed (GTK_INFO_BAR (bar)));
  kairos_document_set_param (kairos_window_get_document (window), "weight-decay", "1");
  kairos_document_set_param (kairos_window_get_document (window), "learning-rate", "1000");
  gtk_widget_activate_action (GTK_WIDGET (window), "win.play", NULL);
  ui_test_wait_for_state (window, KAIROS_WORKER_DIVERGED);
  g_assert_true (gtk_info_bar_get_revealed (GTK_INFO_BAR (bar)));
  kairos_document_set_param (kairos_window_get_document (window), "learning-rate", "0.01");
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.back", NULL));
  ui_test_wait_for_state (window, KAIROS_WORKER_PAUSED);
  g_assert_false (gtk_info_bar_get_revealed (GTK_INFO_BAR (bar)));
  ui_test_close_all (window);
}

/* ---- What cannot be opened ---- */

static guint
n_dialogs (void)
{
  GListModel *toplevels = gtk_window_get_toplevels ();
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++) {
    g_autoptr (GObject) top = g_list_model_get_item (toplevels, i);

    n += ADW_IS_MESSAGE_DIALOG (top);
  }
  return n;
}

static gboolean
has_dialog (gpointer unused)
{
  return n_dialogs () > 0;
}

static void
test_bad_session (void)
{
  KairosWindow *window = kairos_window_new (ui_test_application ());
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "broken.kairos", NULL);

  g_assert_true (g_file_set_contents (path, "this is no session", -1, NULL));
  kairos_window_open (window, path);
  ui_test_wait (has_dialog, NULL);
  g_assert_true (kairos_window_is_empty (window));
  g_remove (path);
  ui_test_close_all (window);
}

static void
test_bad_data (void)
{
  KairosWindow *window = kairos_window_new (ui_test_application ());
  GtkWidget *setup = ui_test_find (GTK_WIDGET (window), "KairosSetupPage");

  kairos_window_open (window, "/nowhere/at/all");
  ui_test_wait (has_error, setup);
  g_assert_true (gtk_widget_activate_action (setup, "setup.cancel", NULL));
  g_assert_true (kairos_window_is_empty (window));
  ui_test_close_all (window);
}

/* A session that is open is brought to the front instead of being opened twice; an empty window takes what is opened.
 */
static void
test_where_it_opens (void)
{
  KairosWindow *window = ui_test_session ("logistic"), *empty;
  const char *path = kairos_document_get_path (kairos_window_get_document (window));
  guint n;

  empty = kairos_window_new (ui_test_application ());
  n = g_list_length (gtk_application_get_windows (ui_test_application ()));
  kairos_window_open_in (ui_test_application (), empty, path);
  g_assert_true (kairos_window_is_empty (empty));
  kairos_window_open_in (ui_test_application (), empty, "builtin:blobs");
  g_assert_false (kairos_window_is_empty (empty));
  g_assert_cmpuint (g_list_length (gtk_application_get_windows (ui_test_application ())), ==, n);
  kairos_window_open_in (ui_test_application (), window, "builtin:blobs");
  g_assert_cmpuint (g_list_length (gtk_application_get_windows (ui_test_application ())), ==, n + 1);
  ui_test_close_all (window);
}

int
main (int argc, char **argv)
{
  if (!ui_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/window/empty", test_empty);
  g_test_add_func ("/window/setup-to-session", test_setup_to_session);
  g_test_add_func ("/window/setup-cancel", test_setup_cancel);
  g_test_add_func ("/window/own-network", test_own_network);
  g_test_add_func ("/window/transport", test_transport);
  g_test_add_func ("/window/restart", test_restart);
  g_test_add_func ("/window/runs", test_runs);
  g_test_add_func ("/window/undo", test_undo);
  g_test_add_func ("/window/diverged", test_diverged);
  g_test_add_func ("/window/bad-session", test_bad_session);
  g_test_add_func ("/window/bad-data", test_bad_data);
  g_test_add_func ("/window/where-it-opens", test_where_it_opens);
  return g_test_run ();
}
