/* SPDX-License-Identifier: MIT */

/* The small parts of the shell: rows of hyper-parameters, numbers as text, what is suggested for data, recent sessions,
 * pictures of data. */
#include "config.h"

#include <math.h>

#include "common/kairos-format.h"
#include "common/kairos-param-row.h"
#include "common/kairos-preview.h"
#include "common/kairos-settings.h"
#include "fixture.h"
#include "transport/kairos-settings-popover.h"
#include "window/kairos-recent.h"
#include "window/kairos-setup-page.h"

/* ---- Rows ---- */

static void
on_count (gpointer object, gpointer n)
{
  ++*(guint *) n;
}

/* Every row takes every default as text, and gives text that the configuration takes. */
static void
test_rows (void)
{
  g_autoptr (KairosConfig) config = kairos_config_new ();
  guint n;
  const KairosParam *params = kairos_config_params (&n);

  for (guint i = 0; i < n; i++) {
    KairosParamRow *row = g_object_ref_sink (kairos_param_row_new (&params[i]));
    g_autofree char *text = kairos_config_get (config, params[i].name);
    g_autoptr (GError) error = NULL;
    guint edits = 0;

    g_test_message ("%s", params[i].name);
    g_signal_connect (row, "edited", G_CALLBACK (on_count), &edits);
    kairos_param_row_set_text (row, text);
    g_assert_cmpstr (kairos_param_row_get_text (row), ==, text);
    g_assert_true (kairos_param_row_get_valid (row));
    g_assert_cmpuint (edits, ==, 0);
    g_assert_true (kairos_config_set (config, params[i].name, kairos_param_row_get_text (row), &error));
    g_assert_no_error (error);
    g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), ==, params[i].help);
    g_assert_finalize_object (row);
  }
}

static const KairosParam *
find_param (const char *name)
{
  guint n;
  const KairosParam *params = kairos_config_params (&n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (params[i].name, name))
      return &params[i];
  g_assert_not_reached ();
}

/* A step is one in the first digit, so that rates are within reach of the buttons. */
static void
test_row_steps (void)
{
  KairosParamRow *row = g_object_ref_sink (kairos_param_row_new (find_param ("learning-rate")));
  GtkWidget *spin = ui_test_find (GTK_WIDGET (row), "GtkSpinButton");
  guint edits = 0;

  g_signal_connect (row, "edited", G_CALLBACK (on_count), &edits);
  kairos_param_row_set_text (row, "0.02");
  gtk_spin_button_spin (GTK_SPIN_BUTTON (spin), GTK_SPIN_STEP_BACKWARD, 0);
  g_assert_cmpstr (kairos_param_row_get_text (row), ==, "0.01");
  gtk_spin_button_spin (GTK_SPIN_BUTTON (spin), GTK_SPIN_STEP_BACKWARD, 0);
  g_assert_cmpstr (kairos_param_row_get_text (row), ==, "0.009");
  gtk_editable_set_text (GTK_EDITABLE (spin), "3e-4");
  gtk_spin_button_update (GTK_SPIN_BUTTON (spin));
  g_assert_cmpstr (kairos_param_row_get_text (row), ==, "0.0003");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (spin)), ==, "0.0003");
  gtk_editable_set_text (GTK_EDITABLE (spin), "nonsense");
  gtk_spin_button_update (GTK_SPIN_BUTTON (spin));
  g_assert_cmpstr (kairos_param_row_get_text (row), ==, "0.0003");
  g_assert_cmpuint (edits, ==, 3);
  g_assert_finalize_object (row);
}

/* ---- The popover: what is asked for, and what is in force ---- */

static gboolean
is_smoothed (gpointer document)
{
  return kairos_document_get_config (document)->weight_decay == 0.01;
}

static void
find_row (GtkWidget *widget, gpointer found)
{
  if (KAIROS_IS_PARAM_ROW (widget) &&
      g_str_equal (kairos_param_row_get_name (KAIROS_PARAM_ROW (widget)), "weight-decay"))
    *(GtkWidget **) found = widget;
}

static gboolean
says_in_force (gpointer row)
{
  return g_str_has_suffix (adw_action_row_get_subtitle (row), "0.01");
}

static void
test_popover (void)
{
  KairosWindow *window = ui_test_session ("logistic");
  KairosDocument *document = kairos_window_get_document (window);
  GtkWidget *popover = ui_test_find (GTK_WIDGET (window), "KairosSettingsPopover"), *row = NULL;

  ui_test_walk (popover, find_row, &row);
  g_assert_nonnull (row);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (ui_test_find (row, "GtkSpinButton")), 0.01);
  ui_test_wait (is_smoothed, document);
  ui_test_wait (says_in_force, row);
  g_assert_true (kairos_document_can_undo (document));
  ui_test_close_all (window);
}

/* ---- Text ---- */

static void
check_text (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
test_format (void)
{
  check_text (kairos_format_count (0), "0");
  check_text (kairos_format_count (2000), "2000");
  check_text (kairos_format_count (60000), "60\u202f000");
  check_text (kairos_format_count (1234567), "1\u202f234\u202f567");
  check_text (kairos_format_short (42), "42");
  check_text (kairos_format_short (112345), "112\u202fk");
  check_text (kairos_format_short (999600), "1.0\u202fM");
  check_text (kairos_format_short (1.37e6), "1.4\u202fM");
  check_text (kairos_format_duration (NAN), "");
  check_text (kairos_format_duration (12.4), "12 s");
  check_text (kairos_format_duration (72.2), "1 min 12 s");
  check_text (kairos_format_duration (3600 * 2 + 5 * 60), "2 h 05 min");
  check_text (kairos_format_shape ((KairosShape){ 28, 28, 1 }), "28 × 28 grey");
  check_text (kairos_format_shape ((KairosShape){ 1, 1, 2 }), "2 features");
}

/* ---- Data ---- */

/* What is suggested for each built-in set can be made, and has enough steps. */
static void
test_suggest (void)
{
  guint n;
  const KairosBuiltinInfo *infos = kairos_builtin_infos (&n);

  for (guint i = 0; i < n; i++) {
    KairosOpenOptions options = kairos_open_options_default ();
    g_autofree char *spec = g_strconcat ("builtin:", infos[i].name, NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (KairosDataset) dataset = NULL;
    g_autoptr (KairosConfig) config = NULL;
    g_autoptr (KairosNetwork) network = NULL;

    options.samples = 200;
    dataset = kairos_dataset_open (spec, &options, NULL, NULL, NULL, &error);
    g_assert_no_error (error);
    config = kairos_setup_suggest (dataset);
    g_assert_cmpstr (config->network, ==, infos[i].network);
    network = kairos_network_new (config->network, kairos_dataset_get_shape (dataset),
                                  kairos_dataset_get_n_classes (dataset), &error);
    g_assert_no_error (error);
    g_assert_cmpint (160 / config->batch * config->epochs, >=, 1000);
  }
}

static void
test_preview (void)
{
  static const char *const specs[] = { "builtin:digits", "builtin:shapes", "builtin:circles" };

  for (guint i = 0; i < G_N_ELEMENTS (specs); i++) {
    KairosOpenOptions options = kairos_open_options_default ();
    g_autoptr (KairosDataset) dataset = NULL;
    g_autoptr (GdkTexture) texture = NULL;
    g_autofree guint32 *pixels = g_new0 (guint32, 100 * 50);
    guint n_different = 0;

    options.samples = 40;
    dataset = kairos_dataset_open (specs[i], &options, NULL, NULL, NULL, NULL);
    texture = kairos_preview_new (dataset, 100, 50, 28);
    g_assert_cmpint (gdk_texture_get_width (texture), ==, 100);
    gdk_texture_download (texture, (guchar *) pixels, 400);
    for (guint p = 1; p < 100 * 50; p++)
      n_different += pixels[p] != pixels[p - 1];
    g_assert_cmpuint (n_different, >, 100);
  }
}

/* ---- What is remembered ---- */

static void
test_recent (void)
{
  g_auto (GStrv) list = NULL;

  if (!kairos_settings_get ()) {
    g_test_skip ("the settings schema is not there");
    return;
  }
  kairos_recent_add ("/a.kairos");
  kairos_recent_add ("/b.kairos");
  kairos_recent_add ("/a.kairos");
  list = kairos_recent_get ();
  g_assert_cmpstr (list[0], ==, "/a.kairos");
  g_assert_cmpstr (list[1], ==, "/b.kairos");
  g_strfreev (g_steal_pointer (&list));
  kairos_recent_remove ("/a.kairos");
  list = kairos_recent_get ();
  g_assert_cmpstr (list[0], ==, "/b.kairos");
}

static void
test_settings (void)
{
  g_autofree char *text = kairos_settings_get_string ("no-such-key", "fallback");

  g_assert_cmpstr (text, ==, "fallback");
  g_assert_cmpint (kairos_settings_get_int ("no-such-key", 7), ==, 7);
  kairos_settings_set_int ("no-such-key", 8);
  g_assert_nonnull (kairos_settings_get ()); /* found in the build folder */
  g_assert_cmpint (kairos_settings_get_int ("threads", -1), ==, 0);
}

int
main (int argc, char **argv)
{
  if (!ui_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/controls/rows", test_rows);
  g_test_add_func ("/controls/row-steps", test_row_steps);
  g_test_add_func ("/controls/popover", test_popover);
  g_test_add_func ("/controls/format", test_format);
  g_test_add_func ("/controls/suggest", test_suggest);
  g_test_add_func ("/controls/preview", test_preview);
  g_test_add_func ("/controls/recent", test_recent);
  g_test_add_func ("/controls/settings", test_settings);
  return g_test_run ();
}
