/* SPDX-License-Identifier: MIT */

/* What every widget of ours owes, checked over all of them without knowing any: names for assistive technology, actions
 * that can be activated, properties that keep what they are given and say so. */
#include "config.h"

#include <string.h>

#include "common/kairos-param-row.h"
#include "fixture.h"
#include "plots/kairos-confusion.h"
#include "timeline/kairos-track-header.h"
#include "timeline/kairos-clip-view.h"
#include "window/kairos-preferences-window.h"

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

/* A text that the property takes and does not begin with. */
static const char *
other_text (const char *property)
{
  static const char *const texts[][2] = {
    { "text", "7" }, { "page", "confusion" }, { "split", "train" }, { "query", "wrong" }, { "order", "loss" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_str_equal (property, texts[i][0]))
      return texts[i][1];
  return "another";
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
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    g_value_set_double (value, g_value_get_double (value) == 4 ? 16 : 4);
  else if (G_IS_PARAM_SPEC_STRING (pspec))
    g_value_set_string (value, other_text (pspec->name));
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

/* The document first, and then with it: most others are about what it shows. */
static void
check_properties (GtkWidget *widget, KairosDocument *document)
{
  guint n;
  g_autofree GParamSpec **pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (widget), &n);
  GParamSpec *own = g_object_class_find_property (G_OBJECT_GET_CLASS (widget), "document");

  if (own) {
    check_property (G_OBJECT (widget), own, document);
    g_object_set (widget, "document", document, NULL);
  }
  for (guint i = 0; i < n; i++)
    if (pspecs[i] != own && g_str_has_prefix (g_type_name (pspecs[i]->owner_type), "Kairos"))
      check_property (G_OBJECT (widget), pspecs[i], document);
}

static void
check_param_rows (KairosDocument *document)
{
  guint n;
  const KairosParam *params = kairos_config_params (&n);

  for (guint i = 0; i < n; i++)
    if (params[i].type == KAIROS_PARAM_INT && params[i].min <= 7) {
      GtkWidget *row = g_object_ref_sink (GTK_WIDGET (kairos_param_row_new (&params[i])));
      check_properties (row, document);
      g_assert_finalize_object (row);
    }
}

/* One of each type with properties, made as a template makes it; a row needs to know of what. */
static void
check_type (GType type, KairosDocument *document, guint *n_types)
{
  g_autoptr (GTypeClass) class = g_type_class_ref (type);
  guint n;
  g_autofree GParamSpec **pspecs = g_object_class_list_properties (G_OBJECT_CLASS (class), &n);
  gboolean owns = FALSE;

  for (guint i = 0; i < n; i++)
    owns |= pspecs[i]->owner_type == type && pspecs[i]->flags & G_PARAM_WRITABLE;
  if (!owns)
    return;
  ++*n_types;
  if (type == KAIROS_TYPE_PARAM_ROW) {
    check_param_rows (document);
    return;
  }
  GtkWidget *widget = g_object_ref_sink (g_object_new (type, NULL));
  check_properties (widget, document);
  if (GTK_IS_WINDOW (widget))
    gtk_window_destroy (GTK_WINDOW (widget));
  g_assert_finalize_object (widget);
}

static void
check_types_below (GType type, KairosDocument *document, guint *n_types)
{
  guint n;
  g_autofree GType *children = g_type_children (type, &n);

  for (guint i = 0; i < n; i++) {
    if (g_str_has_prefix (g_type_name (children[i]), "Kairos"))
      check_type (children[i], document, n_types);
    check_types_below (children[i], document, n_types);
  }
}

/* An open session registers the types of widgets, but for a few; test_registered() knows if one is missing. */
static KairosWindow *
open_everything (void)
{
  KairosWindow *window = ui_test_session ("logistic");

  g_type_ensure (KAIROS_TYPE_CLIP_VIEW);
  g_type_ensure (KAIROS_TYPE_TRACK_HEADER);
  g_type_class_unref (g_type_class_ref (KAIROS_TYPE_CONFUSION_GRID));
  g_type_ensure (KAIROS_TYPE_PREFERENCES_WINDOW);
  return window;
}

static void
test_properties (void)
{
  KairosWindow *window = open_everything ();
  guint n_types = 0;

  check_types_below (GTK_TYPE_WIDGET, kairos_window_get_document (window), &n_types);
  g_assert_cmpuint (n_types, >=, 10);
  ui_test_close_all (window);
}

/* ---- All types ---- */

/* The types of widgets that the sources below a folder define, as one finds out without asking the type system. */
static void
find_definitions (const char *folder, GRegex *definition, GPtrArray *names)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL), *text = NULL;
    g_autoptr (GMatchInfo) match = NULL;

    if (g_file_test (path, G_FILE_TEST_IS_DIR))
      find_definitions (path, definition, names);
    if (!g_str_has_suffix (name, ".c"))
      continue;
    g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
    for (g_regex_match (definition, text, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL))
      g_ptr_array_add (names, g_match_info_fetch (match, 1));
  }
}

/* What the test of properties walks over is complete. */
static void
test_registered (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "..", "ui", NULL);
  g_autoptr (GRegex) definition =
      g_regex_new ("^G_DEFINE_[A-Z_]*TYPE[A-Z_]* \\((\\w+), \\w+,\\s+(?:GTK|ADW)_TYPE_(?!APPLICATION\\b)",
                   G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  KairosWindow *window = open_everything ();
  find_definitions (folder, definition, names);
  g_assert_cmpuint (names->len, >, 25);
  for (guint i = 0; i < names->len; i++)
    if (!g_type_from_name (g_ptr_array_index (names, i))) {
      g_test_message ("%s is not checked; register it in open_everything()", (char *) g_ptr_array_index (names, i));
      g_test_fail ();
    }
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
  g_test_add_func ("/conventions/registered", test_registered);
  return g_test_run ();
}
