/* SPDX-License-Identifier: MIT */

/* See the header. */
#include "config.h"

#include "window/kairos-preferences-window.h"

#include <glib/gi18n.h>
#include <kairos/machine.h>

#include "common/kairos-settings.h"

struct _KairosPreferencesWindow {
  AdwPreferencesWindow parent_instance;
  GtkWidget *scheme, *threads, *threads_row, *machine;
};

G_DEFINE_FINAL_TYPE (KairosPreferencesWindow, kairos_preferences_window, ADW_TYPE_PREFERENCES_WINDOW)

/* In the order of the rows of the drop-down. */
static const char *const schemes[] = { "system", "light", "dark" };

static gboolean
scheme_to_row (GValue *value, GVariant *variant, gpointer unused)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_str_equal (schemes[i], g_variant_get_string (variant, NULL)))
      g_value_set_uint (value, i);
  return TRUE;
}

static GVariant *
row_to_scheme (const GValue *value, const GVariantType *type, gpointer unused)
{
  guint row = g_value_get_uint (value);

  return row < G_N_ELEMENTS (schemes) ? g_variant_new_string (schemes[row]) : NULL;
}

static void
show_threads (KairosPreferencesWindow *self)
{
  int n_cores = kairos_machine_n_cores ();
  int n = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->threads));
  g_autofree char *all = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "0 uses the one core of this computer",
                                                       "0 uses all %d cores of this computer", n_cores),
                                          n_cores);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->threads_row),
                               n > n_cores ? _ ("More threads than cores only slow each other down") : all);
}

static void
kairos_preferences_window_class_init (KairosPreferencesWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/kairos_studio/Kairos/templates/kairos-preferences-window.ui");
  gtk_widget_class_bind_template_child (widget_class, KairosPreferencesWindow, scheme);
  gtk_widget_class_bind_template_child (widget_class, KairosPreferencesWindow, threads);
  gtk_widget_class_bind_template_child (widget_class, KairosPreferencesWindow, threads_row);
  gtk_widget_class_bind_template_child (widget_class, KairosPreferencesWindow, machine);
  gtk_widget_class_bind_template_callback (widget_class, show_threads);
}

static void
kairos_preferences_window_init (KairosPreferencesWindow *self)
{
  g_autofree char *machine = kairos_machine_describe ();

  gtk_widget_init_template (GTK_WIDGET (self));
  if (kairos_settings_get ())
    g_settings_bind_with_mapping (kairos_settings_get (), "color-scheme", self->scheme, "selected",
                                  G_SETTINGS_BIND_DEFAULT, scheme_to_row, row_to_scheme, NULL, NULL);
  kairos_settings_bind ("threads", self->threads, "value");
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->machine), machine);
  show_threads (self);
}

KairosPreferencesWindow *
kairos_preferences_window_new (void)
{
  return g_object_new (KAIROS_TYPE_PREFERENCES_WINDOW, NULL);
}
