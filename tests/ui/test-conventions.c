/* SPDX-License-Identifier: MIT */

/* What every widget of ours owes, checked over all of them without knowing any: names for assistive technology, actions
 * that can be activated, properties that keep what they are given and say so. */
#include "config.h"

#include <string.h>

#include "common/kairos-busy-page.h"
#include "common/kairos-param-row.h"
#include "fixture.h"
#include "transport/kairos-settings-popover.h"
#include "transport/kairos-transport.h"
#include "window/kairos-preferences-window.h"
#include "window/kairos-setup-page.h"
#include "window/kairos-welcome-page.h"

/* ---- Names ---- */

static void
find_text (GtkWidget *widget, gpointer found)
{
  if (GTK_IS_LABEL (widget) && gtk_label_get_text (GTK_LABEL (widget))[0] != '\0')
    *(gboolean *) found = TRUE;
}

static gboolean
has_name (GtkWidget *widget)
{
  gboolean text = FALSE;

  if (gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL) ||
      gtk_test_accessible_has_relation (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_RELATION_LABELLED_BY))
    return TRUE;
  if (!GTK_IS_EDITABLE (widget))
    ui_test_walk (widget, find_text, &text);
  return text;
}

/* The parts of GTK's own composite widgets: the whole has the name. */
static gboolean
is_part (GtkWidget *widget)
{
  static const char *const wholes[] = { "GtkMenuButton",     "AdwSplitButton",
                                        "GtkSpinButton",     "GtkDropDown",
                                        "GtkSearchEntry",    "GtkEntry",
                                        "AdwEntryRow",       "AdwComboRow",
                                        "GtkWindowControls", "AdwExpanderRow",
                                        "GtkText",           "GtkPopoverMenu",
                                        "GtkScrollbar",      NULL };

  for (GtkWidget *up = gtk_widget_get_parent (widget); up; up = gtk_widget_get_parent (up))
    if (g_strv_contains (wholes, G_OBJECT_TYPE_NAME (up)))
      return TRUE;
  return FALSE;
}

static void
check_name (GtkWidget *widget, gpointer n_checked)
{
  gboolean control = GTK_IS_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget) || GTK_IS_EDITABLE (widget) ||
                     GTK_IS_DROP_DOWN (widget) || GTK_IS_SWITCH (widget) || GTK_IS_RANGE (widget) ||
                     GTK_IS_PROGRESS_BAR (widget) || GTK_IS_GRID_VIEW (widget);

  if (!control || is_part (widget))
    return;
  ++*(guint *) n_checked;
  if (!has_name (widget)) {
    g_autoptr (GString) path = g_string_new (NULL);

    for (GtkWidget *up = widget; up; up = gtk_widget_get_parent (up))
      g_string_append_printf (path, " < %s#%s", G_OBJECT_TYPE_NAME (up),
                              gtk_buildable_get_buildable_id (GTK_BUILDABLE (up)));
    g_test_message ("no accessible name: %s", path->str);
    g_test_fail ();
  }
}

static void
test_names (void)
{
  KairosWindow *window = ui_test_session ("logistic");
  GtkWidget *preferences = GTK_WIDGET (kairos_preferences_window_new ());
  guint n_checked = 0;

  if (g_strcmp0 (g_getenv ("GTK_A11Y"), "test") != 0) {
    g_test_skip ("names can be asked for with GTK_A11Y=test only");
    gtk_window_destroy (GTK_WINDOW (preferences));
    ui_test_close_all (window);
    return;
  }
  ui_test_walk (GTK_WIDGET (window), check_name, &n_checked);
  /* the rest is libadwaita's */
  ui_test_walk (ui_test_find (preferences, "AdwPreferencesPage"), check_name, &n_checked);
  g_assert_cmpuint (n_checked, >, 30);
  ui_test_close_all (window);
}

/* ---- Actions ---- */

static void
activate_all (GtkWidget *widget, gpointer n_activated)
{
  GType owner;
  const char *name, *property;
  const GVariantType *parameter;

  if (!g_str_has_prefix (G_OBJECT_TYPE_NAME (widget), "Kairos"))
    return;
  for (guint i = 0;
       gtk_widget_class_query_action (GTK_WIDGET_GET_CLASS (widget), i, &owner, &name, &parameter, &property); i++) {
    if (!g_str_has_prefix (g_type_name (owner), "Kairos") || parameter || !ui_test_enabled (widget, name))
      continue;
    g_test_message ("%s %s", G_OBJECT_TYPE_NAME (widget), name);
    gtk_widget_activate_action (widget, name, NULL);
    ++*(guint *) n_activated;
    ui_test_settle ();
  }
}

static void
collect (GtkWidget *widget, gpointer list)
{
  g_ptr_array_add (list, g_object_ref (widget));
}

/* Without a session, and with one: whatever is allowed must not crash or warn. */
static void
activate_everything (KairosWindow *window, guint at_least)
{
  g_autoptr (GPtrArray) widgets = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_activated = 0;

  ui_test_walk (GTK_WIDGET (window), collect, widgets);
  for (guint i = 0; i < widgets->len; i++)
    activate_all (g_ptr_array_index (widgets, i), &n_activated);
  g_assert_cmpuint (n_activated, >=, at_least);
}

static void
test_actions_empty (void)
{
  KairosWindow *window = kairos_window_new (ui_test_application ());

  gtk_window_present (GTK_WINDOW (window));
  activate_everything (window, 5);
  ui_test_close_all (window);
}

static void
test_actions_session (void)
{
  KairosWindow *window = ui_test_session ("logistic");

  activate_everything (window, 15);
  ui_test_close_all (window);
}

/* ---- Properties ---- */

static void
on_count (GObject *object, GParamSpec *pspec, gpointer n)
{
  ++*(guint *) n;
}

/* A value that differs from the present one; FALSE for types a test cannot make up. */
static gboolean
other_value (GObject *object, GParamSpec *pspec, KairosDocument *document, GValue *value)
{
  g_object_get_property (object, pspec->name, value);
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    g_value_set_boolean (value, !g_value_get_boolean (value));
  else if (G_IS_PARAM_SPEC_INT (pspec))
    g_value_set_int (value, g_value_get_int (value) == G_PARAM_SPEC_INT (pspec)->minimum
                                ? G_PARAM_SPEC_INT (pspec)->minimum + 1
                                : G_PARAM_SPEC_INT (pspec)->minimum);
  else if (G_IS_PARAM_SPEC_STRING (pspec))
    g_value_set_string (value, KAIROS_IS_PARAM_ROW (object) ? "7" : "another");
  else if (pspec->value_type == KAIROS_TYPE_DOCUMENT)
    g_value_set_object (value, !g_value_get_object (value) ? document : NULL);
  else
    return FALSE;
  return TRUE;
}

static void
check_property (GObject *object, GParamSpec *pspec, KairosDocument *document)
{
  g_auto (GValue) before = G_VALUE_INIT, wanted = G_VALUE_INIT, got = G_VALUE_INIT;
  g_autofree char *signal = g_strconcat ("notify::", pspec->name, NULL);
  guint n = 0;

  g_value_init (&before, pspec->value_type);
  g_value_init (&wanted, pspec->value_type);
  g_value_init (&got, pspec->value_type);
  g_object_get_property (object, pspec->name, &before);
  if (!(pspec->flags & G_PARAM_WRITABLE) || !other_value (object, pspec, document, &wanted))
    return;
  g_test_message ("%s:%s", G_OBJECT_TYPE_NAME (object), pspec->name);
  g_signal_connect (object, signal, G_CALLBACK (on_count), &n);
  g_object_set_property (object, pspec->name, &wanted);
  g_assert_cmpuint (n, ==, 1);
  g_object_get_property (object, pspec->name, &got);
  g_assert_cmpint (g_param_values_cmp (pspec, &wanted, &got), ==, 0);
  g_object_set_property (object, pspec->name, &wanted); /* nothing new: nothing said */
  g_assert_cmpuint (n, ==, 1);
  g_object_set_property (object, pspec->name, &before);
  g_assert_cmpuint (n, ==, 2);
  g_signal_handlers_disconnect_by_data (object, &n);
}

static void
check_properties (GtkWidget *widget, KairosDocument *document)
{
  guint n;
  g_autofree GParamSpec **pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (widget), &n);

  g_object_ref_sink (widget);
  for (guint i = 0; i < n; i++)
    if (g_str_has_prefix (g_type_name (pspecs[i]->owner_type), "Kairos"))
      check_property (G_OBJECT (widget), pspecs[i], document);
  g_assert_finalize_object (widget);
}

static void
test_properties (void)
{
  KairosWindow *window = ui_test_session ("logistic");
  KairosDocument *document = kairos_window_get_document (window);
  guint n;
  const KairosParam *params = kairos_config_params (&n);

  check_properties (kairos_transport_new (), document);
  check_properties (g_object_new (KAIROS_TYPE_SETTINGS_POPOVER, NULL), document);
  check_properties (g_object_new (KAIROS_TYPE_BUSY_PAGE, NULL), document);
  check_properties (g_object_new (KAIROS_TYPE_SETUP_PAGE, NULL), document);
  check_properties (g_object_new (KAIROS_TYPE_WELCOME_PAGE, NULL), document);
  for (guint i = 0; i < n; i++)
    if (params[i].type == KAIROS_PARAM_INT && params[i].min <= 7)
      check_properties (GTK_WIDGET (kairos_param_row_new (&params[i])), document);
  ui_test_close_all (window);
}

int
main (int argc, char **argv)
{
  if (!ui_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/conventions/names", test_names);
  g_test_add_func ("/conventions/actions/empty", test_actions_empty);
  g_test_add_func ("/conventions/actions/session", test_actions_session);
  g_test_add_func ("/conventions/properties", test_properties);
  return g_test_run ();
}
