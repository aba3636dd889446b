/* SPDX-License-Identifier: MIT */

/* The menu of runs.  Rows are made when it opens and as runs come and go; what a row says follows its run. */
#include "config.h"

#include "window/kairos-run-menu.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#include "plots/kairos-run-palette.h"

struct _KairosRunMenu {
  GtkWidget parent_instance;

  KairosDocument *document;
  GSignalGroup *signals;
  GtkWidget *button, *label, *list;
};

enum { PROP_DOCUMENT = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (KairosRunMenu, kairos_run_menu, GTK_TYPE_WIDGET)

enum { SWATCH_WIDTH = 28, SWATCH_HEIGHT = 16, LIST_WIDTH = 660, LIST_HEIGHT = 420 };

/* ---- A row ---- */

static const KairosMetricsRun *
metrics_run (KairosRunMenu *self, KairosRun *run)
{
  return kairos_metrics_find_run (kairos_document_get_metrics (self->document), kairos_run_get_id (run));
}

static void
draw_swatch (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  KairosRun *run = user_data;
  KairosRunMenu *self = KAIROS_RUN_MENU (gtk_widget_get_ancestor (GTK_WIDGET (area), KAIROS_TYPE_RUN_MENU));
  const KairosMetricsRun *drawn = self && self->document ? metrics_run (self, run) : NULL;

  if (drawn)
    kairos_run_palette_draw_sample (drawn, adw_style_manager_get_dark (adw_style_manager_get_default ()), cr, 2,
                                    height / 2.0, width - 4);
}

/* "from Run 1 at epoch 2 · 9 epochs · best 98.3 %, last 98.1 %" */
static char *
describe (KairosRunMenu *self, KairosRun *run)
{
  GString *text = g_string_new (NULL);
  double epoch = kairos_run_get_epoch (run);
  gint64 parent = kairos_run_get_parent (run);
  const KairosMetricsRun *from =
      parent ? kairos_metrics_find_run (kairos_document_get_metrics (self->document), parent) : NULL;

  if (kairos_run_get_state (run) == KAIROS_RUN_HIDDEN)
    g_string_append_printf (text, "%s · ", _ ("hidden"));
  if (from)
    g_string_append_printf (text, _ ("from %s at epoch %.4g"), from->name, kairos_run_get_fork_epoch (run));
  else
    g_string_append (text, _ ("from the initial weights"));
  g_string_append_printf (text, _ (" · epoch %.4g"), epoch);
  if (kairos_run_get_state (run) == KAIROS_RUN_FINISHED)
    g_string_append_printf (text, ", %s", _ ("finished"));
  if (!isnan (kairos_run_get_last (run)))
    g_string_append_printf (text, _ (" · best %.1f %%, last %.1f %%"), 100 * kairos_run_get_best (run),
                            100 * kairos_run_get_last (run));
  return g_string_free (text, FALSE);
}

static GtkWidget *
verb (const char *icon, const char *action, KairosRun *run, const char *label)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  g_autofree char *name = g_strdup_printf ("%s: %s", label, kairos_run_get_name (run));

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, label);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "x", kairos_run_get_id (run));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return button;
}

static void
update_row (KairosRun *run, GtkWidget *row)
{
  KairosRunMenu *self = KAIROS_RUN_MENU (gtk_widget_get_ancestor (row, KAIROS_TYPE_RUN_MENU));
  GtkWidget *check = g_object_get_data (G_OBJECT (row), "check");

  if (!self || !self->document)
    return;
  g_autofree char *text = describe (self, run);
  gboolean current = kairos_run_is_current (run);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), kairos_run_get_name (run));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  gtk_widget_set_tooltip_text (row, text);
  gtk_widget_set_opacity (check, current ? 1 : 0);
  gtk_accessible_update_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_SELECTED, current, -1);
}

static GtkWidget *
make_row (gpointer item, gpointer user_data)
{
  KairosRun *run = item;
  GtkWidget *row = adw_action_row_new (), *swatch = gtk_drawing_area_new (),
            *check = gtk_image_new_from_icon_name ("object-select-symbolic");
  gboolean hidden = kairos_run_get_state (run) == KAIROS_RUN_HIDDEN;

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (swatch), SWATCH_WIDTH);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (swatch), SWATCH_HEIGHT);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (swatch), draw_swatch, g_object_ref (run), g_object_unref);
  gtk_widget_set_valign (swatch, GTK_ALIGN_CENTER);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 1);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 1); /* wrapped, the last row would be cut off */
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), swatch);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             verb ("document-edit-symbolic", "win.run-rename", run, _ ("Rename")));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             verb (hidden ? "view-conceal-symbolic" : "view-reveal-symbolic", "win.run-hide", run,
                                   hidden ? _ ("Show in the plots") : _ ("Hide from the plots")));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), verb ("user-trash-symbolic", "win.run-delete", run, _ ("Delete")));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data (G_OBJECT (row), "check", check);
  g_object_set_data_full (G_OBJECT (row), "run", g_object_ref (run), g_object_unref);
  g_signal_connect_object (run, "changed", G_CALLBACK (update_row), row, 0);
  g_signal_connect_swapped (row, "map", G_CALLBACK (update_row), run);
  return row;
}

/* ---- The menu ---- */

static void
on_row_activated (KairosRunMenu *self, GtkListBoxRow *row)
{
  KairosRun *run = g_object_get_data (G_OBJECT (row), "run");

  gtk_menu_button_popdown (GTK_MENU_BUTTON (self->button));
  gtk_widget_activate_action (GTK_WIDGET (self), "win.run-switch", "x", kairos_run_get_id (run));
}

/* What it is called, on the button; the rows are those of the document's list. */
static void
update (KairosRunMenu *self)
{
  const char *name = self->document ? kairos_run_get_name (kairos_document_get_run (self->document)) : "";
  g_autofree char *label = g_strdup_printf (_ ("Runs of the session; this is %s"), name);

  gtk_label_set_text (GTK_LABEL (self->label), name);
  gtk_widget_set_visible (GTK_WIDGET (self), self->document != NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static GtkWidget *
make_popover (KairosRunMenu *self)
{
  GtkWidget *popover = gtk_popover_new (), *scrolled = gtk_scrolled_window_new ();

  self->list = gtk_list_box_new ();
  gtk_widget_add_css_class (self->list, "boxed-list");
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Runs"), -1);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (on_row_activated), self, G_CONNECT_SWAPPED);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), LIST_HEIGHT);
  gtk_widget_set_size_request (self->list, LIST_WIDTH, -1); /* else titles wrap as narrowly as they can */
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->list);
  gtk_popover_set_child (GTK_POPOVER (popover), scrolled);
  return popover;
}

void
kairos_run_menu_set_document (KairosRunMenu *self, KairosDocument *document)
{
  g_return_if_fail (KAIROS_IS_RUN_MENU (self));

  if (!g_set_object (&self->document, document))
    return;
  gtk_list_box_bind_model (GTK_LIST_BOX (self->list), document ? kairos_document_get_runs (document) : NULL, make_row,
                           NULL, NULL);
  g_signal_group_set_target (self->signals, document);
  update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DOCUMENT]);
}

static void
kairos_run_menu_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  if (prop_id == PROP_DOCUMENT)
    kairos_run_menu_set_document (KAIROS_RUN_MENU (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
kairos_run_menu_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  if (prop_id == PROP_DOCUMENT)
    g_value_set_object (value, KAIROS_RUN_MENU (object)->document);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
kairos_run_menu_dispose (GObject *object)
{
  KairosRunMenu *self = KAIROS_RUN_MENU (object);

  if (self->signals)
    g_signal_group_set_target (self->signals, NULL);
  g_clear_object (&self->signals);
  g_clear_pointer (&self->button, gtk_widget_unparent);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (kairos_run_menu_parent_class)->dispose (object);
}

static void
kairos_run_menu_class_init (KairosRunMenuClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = kairos_run_menu_set_property;
  object_class->get_property = kairos_run_menu_get_property;
  object_class->dispose = kairos_run_menu_dispose;
  properties[PROP_DOCUMENT] =
      g_param_spec_object ("document", NULL, NULL, KAIROS_TYPE_DOCUMENT,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
kairos_run_menu_init (KairosRunMenu *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->button = gtk_menu_button_new ();
  self->label = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (self->label), 18);
  gtk_box_append (GTK_BOX (box), self->label);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("pan-down-symbolic"));
  gtk_menu_button_set_child (GTK_MENU_BUTTON (self->button), box);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->button), make_popover (self));
  gtk_widget_add_css_class (self->button, "flat");
  gtk_widget_set_parent (self->button, GTK_WIDGET (self));
  self->signals = g_signal_group_new (KAIROS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (self->signals, "notify::subtitle", G_CALLBACK (update), self);
  g_signal_group_connect_swapped (self->signals, "notify::run", G_CALLBACK (update), self);
  update (self);
}
