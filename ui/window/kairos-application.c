/* SPDX-License-Identifier: MIT */

/* See the header. */
#include "config.h"

#include "window/kairos-application.h"

#include <glib/gi18n.h>
#include <kairos/machine.h>

#include "common/kairos-settings.h"
#include "window/kairos-benchmark.h"
#include "window/kairos-screenshot.h"
#include "window/kairos-window.h"

enum { DEFAULT_AFTER = 8 };

struct _KairosApplication {
  AdwApplication parent_instance;
  int status;
};

G_DEFINE_FINAL_TYPE (KairosApplication, kairos_application, ADW_TYPE_APPLICATION)

static const GOptionEntry options[] = {
  { "quick-start", 0, 0, G_OPTION_ARG_NONE, NULL,
    N_ ("Begin a session on the built-in digits that is already training"), NULL },
  { "screenshot", 0, 0, G_OPTION_ARG_FILENAME, NULL, N_ ("Write a picture of the training window to FILE and end"),
    N_ ("FILE") },
  { "after", 0, 0, G_OPTION_ARG_DOUBLE, NULL, N_ ("Take the picture after so many seconds of training (8)"),
    N_ ("SECONDS") },
  { "benchmark-ui", 0, 0, G_OPTION_ARG_DOUBLE, NULL,
    N_ ("Measure start and frames while training, print them as JSON and end"), N_ ("SECONDS") },
  { "benchmark-clips", 0, 0, G_OPTION_ARG_INT, NULL,
    N_ ("Measure while dragging some of so many clips on the timeline"), N_ ("N") },
  { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Show the version and end"), NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, NULL, N_ ("[SESSION.kairos | DATA]") },
  { NULL },
};

/* Every key of the window but Space, which depends on where the focus is. */
static const struct {
  const char *action, *accels[3];
} accelerators[] = {
  { "win.new", { "<Primary>n" } },
  { "win.open", { "<Primary>o" } },
  { "win.open-folder", { "<Primary><Shift>o" } },
  { "win.save-as", { "<Primary><Shift>s" } },
  { "window.close", { "<Primary>w" } },
  { "app.quit", { "<Primary>q" } },
  { "win.undo", { "<Primary>z" } },
  { "win.redo", { "<Primary><Shift>z", "<Primary>y" } },
  { "win.step", { "<Primary>Right" } },
  { "win.epoch", { "<Primary><Shift>Right" } },
  { "win.stop", { "<Primary>period" } },
  { "win.restart", { "<Primary>r" } },
  { "win.settings", { "<Primary>e" } },
  { "win.toggle-data", { "F9" } },
  { "win.fullscreen", { "F11" } },
  { "win.preferences", { "<Primary>comma" } },
  { "win.show-help-overlay", { "<Primary>question" } },
};

/* ---- What the program ends with ---- */

int
kairos_application_get_status (KairosApplication *self)
{
  return self->status;
}

/* ---- The command line ---- */

/* A path becomes absolute as seen from where the command was given; builtin:NAME stays. */
static char *
argument_to_spec (GApplicationCommandLine *line, const char *argument)
{
  g_autoptr (GFile) file = NULL;

  if (g_str_has_prefix (argument, "builtin:"))
    return g_strdup (argument);
  file = g_application_command_line_create_file_for_arg (line, argument);
  return g_file_is_native (file) ? g_file_get_path (file) : g_file_get_uri (file);
}

static void
take_screenshot (KairosApplication *self, GApplicationCommandLine *line, GVariantDict *dict, const char *spec)
{
  const char *name;
  double after = DEFAULT_AFTER;
  g_autoptr (GFile) file = NULL;

  g_variant_dict_lookup (dict, "screenshot", "^&ay", &name);
  g_variant_dict_lookup (dict, "after", "d", &after);
  file = g_application_command_line_create_file_for_arg (line, name);
  kairos_screenshot_begin (GTK_APPLICATION (self), spec, file, after, &self->status);
}

static void
begin (KairosApplication *self, GApplicationCommandLine *line, GVariantDict *dict, char **specs)
{
  GtkApplication *application = GTK_APPLICATION (self);
  double seconds;
  int n_clips = 0;

  g_variant_dict_lookup (dict, "benchmark-clips", "i", &n_clips);
  if (g_variant_dict_contains (dict, "screenshot"))
    take_screenshot (self, line, dict, specs[0]);
  else if (g_variant_dict_lookup (dict, "benchmark-ui", "d", &seconds))
    kairos_benchmark_begin (application, specs[0], seconds, MAX (n_clips, 0), &self->status);
  else if (specs[0])
    for (guint i = 0; specs[i]; i++)
      kairos_window_open_in (application, NULL, specs[i]);
  else {
    KairosWindow *window = kairos_window_new (application);

    if (g_variant_dict_contains (dict, "quick-start"))
      kairos_window_train (window, NULL, NULL);
    gtk_window_present (GTK_WINDOW (window));
  }
}

static int
kairos_application_command_line (GApplication *application, GApplicationCommandLine *line)
{
  GVariantDict *dict = g_application_command_line_get_options_dict (line);
  g_autofree const char **arguments = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) specs = NULL;

  g_variant_dict_lookup (dict, G_OPTION_REMAINING, "^a&ay", &arguments);
  for (guint i = 0; arguments && arguments[i]; i++) {
    g_autofree char *spec = argument_to_spec (line, arguments[i]);

    g_strv_builder_add (builder, spec);
  }
  specs = g_strv_builder_end (builder);
  begin (KAIROS_APPLICATION (application), line, dict, specs);
  return 0;
}

static int
kairos_application_handle_local_options (GApplication *application, GVariantDict *dict)
{
  if (g_variant_dict_contains (dict, "version")) {
    g_print ("kairos %s\n", KAIROS_VERSION);
    return 0;
  }
  if (g_variant_dict_contains (dict, "screenshot") || g_variant_dict_contains (dict, "benchmark-ui"))
    g_application_set_flags (application, g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);
  return -1;
}

/* ---- Actions ---- */

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GList *windows;

  /* Closing each lets it remember its size and write its session. */
  while ((windows = gtk_application_get_windows (user_data)))
    gtk_window_destroy (windows->data);
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  static const char *developers[] = { "The Kairos contributors", NULL };
  g_autofree char *machine = kairos_machine_describe ();

  adw_show_about_window (gtk_application_get_active_window (user_data), "application-name", KAIROS_PROGRAM_TITLE,
                         "application-icon", KAIROS_APP_ID, "version", KAIROS_VERSION, "developer-name", developers[0],
                         "developers", developers, "license-type", GTK_LICENSE_MIT_X11, "comments",
                         _ ("A studio in which a person trains a neural network by hand: sees the data, watches the "
                            "loss, and intervenes."),
                         "translator-credits", _ ("translator-credits"), "debug-info", machine, NULL);
}

/* ---- Settings that concern every window ---- */

static void
apply_scheme (GSettings *settings)
{
  g_autofree char *scheme = g_settings_get_string (settings, "color-scheme");
  AdwColorScheme wanted = g_str_equal (scheme, "dark")    ? ADW_COLOR_SCHEME_FORCE_DARK
                          : g_str_equal (scheme, "light") ? ADW_COLOR_SCHEME_FORCE_LIGHT
                                                          : ADW_COLOR_SCHEME_DEFAULT;

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), wanted);
}

static void
apply_threads (KairosApplication *self)
{
  int n_threads = kairos_settings_get_int ("threads", 0);

  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l; l = l->next) {
    KairosDocument *document = KAIROS_IS_WINDOW (l->data) ? kairos_window_get_document (l->data) : NULL;

    if (document)
      kairos_document_set_threads (document, n_threads);
  }
}

/* ---- The object ---- */

static void
kairos_application_startup (GApplication *application)
{
  static const GActionEntry entries[] = { { "quit", quit_action }, { "about", about_action } };
  GSettings *settings;

  G_APPLICATION_CLASS (kairos_application_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries), application);
  for (guint i = 0; i < G_N_ELEMENTS (accelerators); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), accelerators[i].action,
                                           (const char *const *) accelerators[i].accels);
  gtk_window_set_default_icon_name (KAIROS_APP_ID);
  settings = kairos_settings_get ();
  if (!settings)
    return;
  g_signal_connect_object (settings, "changed::color-scheme", G_CALLBACK (apply_scheme), application, 0);
  g_signal_connect_object (settings, "changed::threads", G_CALLBACK (apply_threads), application, G_CONNECT_SWAPPED);
  apply_scheme (settings);
}

static void
kairos_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (kairos_window_new (GTK_APPLICATION (application))));
}

static void
kairos_application_class_init (KairosApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = kairos_application_startup;
  application_class->activate = kairos_application_activate;
  application_class->command_line = kairos_application_command_line;
  application_class->handle_local_options = kairos_application_handle_local_options;
}

static void
kairos_application_init (KairosApplication *self)
{
  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _ ("– train a neural network by hand"));
}

KairosApplication *
kairos_application_new (void)
{
  return g_object_new (KAIROS_TYPE_APPLICATION, "application-id", KAIROS_APP_ID, "flags",
                       G_APPLICATION_HANDLES_COMMAND_LINE, "resource-base-path", "/io/github/kairos_studio/Kairos",
                       NULL);
}
