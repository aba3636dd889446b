/* SPDX-License-Identifier: MIT */

/* The plots' panel: connects a document to the pages, and the tools to actions. */
#include "config.h"

#include "plots/kairos-plot-panel.h"

#include "common/kairos-settings.h"
#include "pad/kairos-pad.h"
#include "plots/kairos-confusion.h"
#include "plots/kairos-epoch-table.h"
#include "plots/kairos-plot-export.h"

#include <glib/gi18n.h>
#include <string.h>

#define ZOOM_STEP 1.5
#define PAN_STEP 0.1        /* of the range */
#define CROSSHAIR_STEP 4    /* pixels */
#define DEFAULT_SMOOTHING 3 /* of the table below */

struct _KairosPlotPanel {
  GtkWidget parent_instance;
  GtkWidget *box, *curve_tools, *groups;
  GtkLabel *cost;
  GtkDropDown *smoothing;
  GtkStack *stack;
  KairosPlotView *view;
  KairosConfusionPage *confusion;
  KairosEpochTable *table;
  KairosPad *pad;
  KairosDocument *document;
  GtkFileChooserNative *chooser;
  double half_life;
  gboolean log_scale;
};

enum {
  PROP_0,
  PROP_DOCUMENT,
  PROP_TIME_AXIS,
  PROP_PAGE,
  PROP_FOLLOW_LIVE,
  PROP_LOG_SCALE,
  PROP_SMOOTHING,
  PROP_SHOW_TABLE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint exported_signal;

/* Half-lives to choose from, in epochs. */
static const double half_lives[] = { 0, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5 };

G_DEFINE_FINAL_TYPE (KairosPlotPanel, kairos_plot_panel, GTK_TYPE_WIDGET)

KairosPlotView *
kairos_plot_panel_get_view (KairosPlotPanel *panel)
{
  return panel->view;
}

KairosTimeAxis *
kairos_plot_panel_get_time_axis (KairosPlotPanel *panel)
{
  return kairos_plot_view_get_axis (panel->view);
}

/* ---- The document ---- */

static void
on_status_changed (KairosPlotPanel *panel)
{
  KairosStatus status = { 0 };

  if (panel->document)
    kairos_document_get_status (panel->document, &status);
  kairos_plot_view_set_progress (panel->view, status.epoch, status.epochs);
  g_autofree char *cost = g_strdup_printf (
      _ ("Looking inside has taken %.1f %% of the training time; “Probe budget” in the settings limits it."),
      100 * status.probe_share);
  if (!g_str_equal (cost, gtk_label_get_text (panel->cost)))
    gtk_label_set_text (panel->cost, cost);
}

static void recall_groups (KairosPlotPanel *panel);

static void
set_document (KairosPlotPanel *panel, KairosDocument *document)
{
  KairosMetrics *metrics = document ? kairos_document_get_metrics (document) : NULL;

  if (document == panel->document)
    return;
  if (panel->document)
    g_signal_handlers_disconnect_by_func (panel->document, on_status_changed, panel);
  g_set_object (&panel->document, document);
  if (document)
    g_signal_connect_object (document, "status-changed", G_CALLBACK (on_status_changed), panel, G_CONNECT_SWAPPED);
  kairos_time_axis_fit (kairos_plot_panel_get_time_axis (panel));
  kairos_plot_view_set_metrics (panel->view, metrics);
  kairos_epoch_table_set_metrics (panel->table, metrics);
  kairos_confusion_page_set_document (panel->confusion, document);
  recall_groups (panel);
  kairos_pad_set_document (panel->pad, document);
  on_status_changed (panel);
  g_object_notify_by_pspec (G_OBJECT (panel), properties[PROP_DOCUMENT]);
}

/* ---- Pages ---- */

static void
set_page (KairosPlotPanel *panel, const char *name)
{
  if (name && gtk_stack_get_child_by_name (panel->stack, name))
    gtk_stack_set_visible_child_name (panel->stack, name);
}

static gboolean
is_table (KairosPlotPanel *panel)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (panel->stack), "table") == 0;
}

static void
on_page_changed (KairosPlotPanel *panel)
{
  if (!panel->view)
    return;
  gtk_widget_set_visible (panel->curve_tools, gtk_stack_get_visible_child (panel->stack) == GTK_WIDGET (panel->view));
  g_object_notify_by_pspec (G_OBJECT (panel), properties[PROP_PAGE]);
  g_object_notify_by_pspec (G_OBJECT (panel), properties[PROP_SHOW_TABLE]);
}

/* ---- How curves are drawn ---- */

static void
set_log_scale (KairosPlotPanel *panel, gboolean log_scale)
{
  if (log_scale == panel->log_scale)
    return;
  panel->log_scale = log_scale;
  kairos_plot_view_set_log (panel->view, log_scale);
  g_object_notify_by_pspec (G_OBJECT (panel), properties[PROP_LOG_SCALE]);
}

static void on_smoothing_selected (KairosPlotPanel *panel);

/* Any half-life is drawn; the list shows the nearest of its own. */
static void
set_smoothing (KairosPlotPanel *panel, double half_life)
{
  guint nearest = 0;

  if (half_life == panel->half_life)
    return;
  panel->half_life = half_life;
  kairos_plot_view_set_half_life (panel->view, half_life);
  for (guint i = 1; i < G_N_ELEMENTS (half_lives); i++)
    if (ABS (half_lives[i] - half_life) < ABS (half_lives[nearest] - half_life))
      nearest = i;
  g_signal_handlers_block_by_func (panel->smoothing, on_smoothing_selected, panel);
  gtk_drop_down_set_selected (panel->smoothing, nearest);
  g_signal_handlers_unblock_by_func (panel->smoothing, on_smoothing_selected, panel);
  g_object_notify_by_pspec (G_OBJECT (panel), properties[PROP_SMOOTHING]);
}

static void
on_smoothing_selected (KairosPlotPanel *panel)
{
  guint selected = gtk_drop_down_get_selected (panel->smoothing);

  if (selected < G_N_ELEMENTS (half_lives))
    set_smoothing (panel, half_lives[selected]);
}

static void
fill_smoothing (KairosPlotPanel *panel)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (half_lives); i++)
    if (half_lives[i] > 0)
      /* Translators: a choice of smoothing, by its half-life. */
      gtk_string_list_take (names, g_strdup_printf (ngettext ("Smooth %g epoch", "Smooth %g epochs",
                                                              half_lives[i] == 1 ? 1 : 2),
                                                    half_lives[i]));
    else
      gtk_string_list_append (names, _ ("Not smoothed"));
  gtk_drop_down_set_model (panel->smoothing, G_LIST_MODEL (names));
}

/* ---- Which plots there are ---- */

static void
remember_groups (KairosPlotPanel *panel)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  guint n;
  const KairosMeasureGroup *const *groups = kairos_measure_groups (&n);

  for (guint i = 0; i < n; i++)
    if (kairos_plot_view_get_shown (panel->view, groups[i]))
      g_strv_builder_add (names, groups[i]->name);
  g_auto (GStrv) all = g_strv_builder_end (names);
  kairos_settings_set_names ("plots", (const char *const *) all);
}

static const KairosProbe *
probe_of_group (const KairosMeasureGroup *group)
{
  guint n;
  const KairosMeasure *const *measures = kairos_measures_of (group, &n);

  return n > 0 ? kairos_probe_of (measures[0]) : NULL;
}

/* What nobody measures in this session, and nobody measured, has no plot, whatever was shown in another. */
static gboolean
can_have_points (KairosPlotPanel *panel, const KairosMeasureGroup *group)
{
  const KairosProbe *probe = probe_of_group (group);
  const char *set = panel->document ? kairos_document_get_config (panel->document)->probes : NULL;
  g_autoptr (GPtrArray) probes = set ? kairos_probes_parse (set, NULL) : NULL;
  KairosMetrics *metrics = panel->document ? kairos_document_get_metrics (panel->document) : NULL;
  guint n;
  const KairosMeasure *const *measures = kairos_measures_of (group, &n);

  return !probe || !probes || g_ptr_array_find (probes, probe, NULL) ||
         kairos_metrics_get_series (metrics, kairos_metrics_get_current (metrics), measures[0], 0);
}

static void
show_ticks (KairosPlotPanel *panel)
{
  for (GtkWidget *check = gtk_widget_get_first_child (panel->groups); check;
       check = gtk_widget_get_next_sibling (check)) {
    const KairosMeasureGroup *group = g_object_get_data (G_OBJECT (check), "group");
    g_signal_handlers_block_matched (check, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, panel);
    gtk_check_button_set_active (GTK_CHECK_BUTTON (check), kairos_plot_view_get_shown (panel->view, group));
    g_signal_handlers_unblock_matched (check, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, panel);
  }
}

static void
recall_groups (KairosPlotPanel *panel)
{
  g_auto (GStrv) names = kairos_settings_get_names ("plots");
  guint n;
  const KairosMeasureGroup *const *groups = kairos_measure_groups (&n);

  for (int shown = 1; shown >= 0; shown--) /* the first to go must not be the last there is */
    for (guint i = 0; i < n; i++) {
      gboolean wanted =
          names && names[0] ? g_strv_contains ((const char *const *) names, groups[i]->name) : groups[i]->shown;
      if ((wanted && !groups[i]->on_request && can_have_points (panel, groups[i])) == shown)
        kairos_plot_view_set_shown (panel->view, groups[i], shown);
    }
  show_ticks (panel);
}

static gboolean
is_any_shown (KairosPlotPanel *panel, const KairosProbe *probe)
{
  for (guint i = 0; i < probe->set.n_groups; i++)
    if (kairos_plot_view_get_shown (panel->view, &probe->set.groups[i]))
      return TRUE;
  return FALSE;
}

/* A plot without anything that measures for it would stay empty; a probe that nobody looks at costs time. */
static void
follow_probe (KairosPlotPanel *panel, const KairosProbe *probe)
{
  const char *set = panel->document ? kairos_document_get_config (panel->document)->probes : NULL;
  g_autoptr (GPtrArray) probes = set ? kairos_probes_parse (set, NULL) : NULL;
  g_autoptr (GString) names = g_string_new (NULL);
  gboolean wanted = is_any_shown (panel, probe);

  if (!probes || g_ptr_array_find (probes, probe, NULL) == wanted)
    return;
  if (wanted)
    g_ptr_array_add (probes, (gpointer) probe);
  else
    g_ptr_array_remove (probes, (gpointer) probe);
  for (guint i = 0; i < probes->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? "," : "", ((const KairosProbe *) probes->pdata[i])->name);
  kairos_document_set_param (panel->document, "probes", names->str);
}

/* The last plot cannot be taken away: its tick comes back. */
static void
on_group_toggled (KairosPlotPanel *panel, GtkCheckButton *check)
{
  const KairosMeasureGroup *group = g_object_get_data (G_OBJECT (check), "group");
  const KairosProbe *probe = probe_of_group (group);

  kairos_plot_view_set_shown (panel->view, group, gtk_check_button_get_active (check));
  gtk_check_button_set_active (check, kairos_plot_view_get_shown (panel->view, group));
  remember_groups (panel);
  if (probe)
    follow_probe (panel, probe);
}

static void
fill_groups (KairosPlotPanel *panel)
{
  guint n;
  const KairosMeasureGroup *const *groups = kairos_measure_groups (&n);

  for (guint i = 0; i < n; i++) {
    if (groups[i]->on_request)
      continue;
    GtkWidget *check = gtk_check_button_new_with_label (_ (groups[i]->title));

    gtk_check_button_set_active (GTK_CHECK_BUTTON (check), kairos_plot_view_get_shown (panel->view, groups[i]));
    gtk_widget_set_tooltip_text (check, _ (groups[i]->summary));
    g_object_set_data (G_OBJECT (check), "group", (gpointer) groups[i]);
    g_signal_connect_object (check, "toggled", G_CALLBACK (on_group_toggled), panel, G_CONNECT_SWAPPED);
    gtk_box_append (GTK_BOX (panel->groups), check);
  }
}

static void
on_follow_changed (KairosPlotPanel *panel)
{
  g_object_notify_by_pspec (G_OBJECT (panel), properties[PROP_FOLLOW_LIVE]);
}

/* ---- Export ---- */

static void
tell (KairosPlotPanel *panel, const char *text, gboolean is_error)
{
  if (panel->document)
    kairos_document_tell (panel->document, text, is_error);
}

typedef struct {
  KairosPlotPanel *panel;
  char *path;
} Export;

static void
on_exported (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Export *export = user_data;
  g_autoptr (GError) error = NULL;

  if (kairos_plot_export_finish (result, &error)) {
    g_autofree char *name = g_path_get_basename (export->path);
    g_autofree char *text = g_strdup_printf (_ ("Exported “%s”"), name);

    tell (export->panel, text, FALSE);
  } else
    tell (export->panel, error->message, TRUE);
  g_signal_emit (export->panel, exported_signal, 0, export->path, error);
  g_object_unref (export->panel);
  g_free (export->path);
  g_free (export);
}

static void
export_to (KairosPlotPanel *panel, const char *path)
{
  Export *export = g_new (Export, 1);

  *export = (Export){ g_object_ref (panel), g_strdup (path) };
  kairos_plot_export_async (panel->view, path, on_exported, export);
}

static void
export_to_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  export_to (KAIROS_PLOT_PANEL (widget), g_variant_get_string (parameter, NULL));
}

/* A name typed without its extension gets it: the format hangs on it. */
static void
on_response (KairosPlotPanel *panel, int response, GtkNativeDialog *dialog)
{
  const char *extension = g_object_get_data (G_OBJECT (dialog), "extension");
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file ? g_file_get_path (file) : NULL;

  if (path) {
    g_autofree char *suffix = g_strconcat (".", extension, NULL);
    g_autofree char *whole = g_str_has_suffix (path, suffix) ? g_strdup (path) : g_strconcat (path, suffix, NULL);

    export_to (panel, whole);
  } else if (file)
    tell (panel, _ ("Curves can only be exported to a folder of this computer."), TRUE);
  g_clear_object (&panel->chooser);
}

static void
export_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosPlotPanel *panel = KAIROS_PLOT_PANEL (widget);
  const char *extension = g_variant_get_string (parameter, NULL), *title = NULL;
  GtkRoot *root = gtk_widget_get_root (widget);
  guint n;
  const KairosExportInfo *infos = kairos_export_infos (&n);
  g_autofree char *file_name = NULL;

  for (guint i = 0; i < n; i++)
    if (strcmp (infos[i].extension, extension) == 0)
      title = _ (infos[i].title);
  if (!title || panel->chooser)
    return;
  /* Translators: the name proposed for an exported file, without its extension. */
  file_name = g_strdup_printf ("%s.%s", _ ("curves"), extension);
  panel->chooser = gtk_file_chooser_native_new (title, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                                GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (panel->chooser), file_name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (panel->chooser), TRUE);
  g_object_set_data_full (G_OBJECT (panel->chooser), "extension", g_strdup (extension), g_free);
  g_signal_connect_object (panel->chooser, "response", G_CALLBACK (on_response), panel, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (panel->chooser));
}

/* ---- Actions without a parameter ---- */

static void
fit (KairosPlotPanel *panel)
{
  kairos_time_axis_fit (kairos_plot_panel_get_time_axis (panel));
}

static void
zoom_in (KairosPlotPanel *panel)
{
  kairos_plot_view_zoom (panel->view, ZOOM_STEP);
}

static void
zoom_out (KairosPlotPanel *panel)
{
  kairos_plot_view_zoom (panel->view, 1 / ZOOM_STEP);
}

static void
pan_left (KairosPlotPanel *panel)
{
  kairos_plot_view_pan (panel->view, -PAN_STEP);
}

static void
pan_right (KairosPlotPanel *panel)
{
  kairos_plot_view_pan (panel->view, PAN_STEP);
}

static void
crosshair_left (KairosPlotPanel *panel)
{
  kairos_plot_view_move_crosshair (panel->view, -CROSSHAIR_STEP);
}

static void
crosshair_right (KairosPlotPanel *panel)
{
  kairos_plot_view_move_crosshair (panel->view, CROSSHAIR_STEP);
}

static void
crosshair_off (KairosPlotPanel *panel)
{
  kairos_plot_view_clear_crosshair (panel->view);
}

static const struct {
  const char *name;
  void (*act) (KairosPlotPanel *panel);
} simple[] = {
  { "plot.fit", fit },
  { "plot.zoom-in", zoom_in },
  { "plot.zoom-out", zoom_out },
  { "plot.pan-left", pan_left },
  { "plot.pan-right", pan_right },
  { "plot.crosshair-left", crosshair_left },
  { "plot.crosshair-right", crosshair_right },
  { "plot.crosshair-off", crosshair_off },
};

static void
simple_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  for (guint i = 0; i < G_N_ELEMENTS (simple); i++)
    if (g_str_equal (simple[i].name, name))
      simple[i].act (KAIROS_PLOT_PANEL (widget));
}

static void
install_actions (GtkWidgetClass *klass)
{
  for (guint i = 0; i < G_N_ELEMENTS (simple); i++)
    gtk_widget_class_install_action (klass, simple[i].name, NULL, simple_action);
  gtk_widget_class_install_action (klass, "plot.export", "s", export_action);
  gtk_widget_class_install_action (klass, "plot.export-to", "s", export_to_action);
  gtk_widget_class_install_property_action (klass, "plot.page", "page");
  gtk_widget_class_install_property_action (klass, "plot.follow-live", "follow-live");
  gtk_widget_class_install_property_action (klass, "plot.log-scale", "log-scale");
  gtk_widget_class_install_property_action (klass, "plot.smoothing", "smoothing");
  gtk_widget_class_install_property_action (klass, "plot.show-table", "show-table");
}

/* ---- The widget ---- */

static void
kairos_plot_panel_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  KairosPlotPanel *panel = KAIROS_PLOT_PANEL (object);

  switch (prop_id) {
  case PROP_DOCUMENT: g_value_set_object (value, panel->document); break;
  case PROP_TIME_AXIS: g_value_set_object (value, kairos_plot_panel_get_time_axis (panel)); break;
  case PROP_PAGE: g_value_set_string (value, gtk_stack_get_visible_child_name (panel->stack)); break;
  case PROP_FOLLOW_LIVE:
    g_value_set_boolean (value, kairos_time_axis_get_follow (kairos_plot_panel_get_time_axis (panel)));
    break;
  case PROP_LOG_SCALE: g_value_set_boolean (value, panel->log_scale); break;
  case PROP_SMOOTHING: g_value_set_double (value, panel->half_life); break;
  case PROP_SHOW_TABLE: g_value_set_boolean (value, is_table (panel)); break;
  default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
kairos_plot_panel_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  KairosPlotPanel *panel = KAIROS_PLOT_PANEL (object);

  switch (prop_id) {
  case PROP_DOCUMENT: set_document (panel, g_value_get_object (value)); break;
  case PROP_PAGE: set_page (panel, g_value_get_string (value)); break;
  case PROP_FOLLOW_LIVE:
    kairos_time_axis_set_follow (kairos_plot_panel_get_time_axis (panel), g_value_get_boolean (value));
    break;
  case PROP_LOG_SCALE: set_log_scale (panel, g_value_get_boolean (value)); break;
  case PROP_SMOOTHING: set_smoothing (panel, g_value_get_double (value)); break;
  case PROP_SHOW_TABLE: set_page (panel, g_value_get_boolean (value) ? "table" : "curves"); break;
  default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
kairos_plot_panel_dispose (GObject *object)
{
  KairosPlotPanel *panel = KAIROS_PLOT_PANEL (object);

  if (panel->document)
    g_signal_handlers_disconnect_by_func (panel->document, on_status_changed, panel);
  g_clear_object (&panel->document);
  g_clear_object (&panel->chooser);
  g_clear_pointer (&panel->box, gtk_widget_unparent);
  G_OBJECT_CLASS (kairos_plot_panel_parent_class)->dispose (object);
}

static void
install_properties (GObjectClass *klass)
{
  GParamFlags write = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  properties[PROP_DOCUMENT] = g_param_spec_object ("document", NULL, NULL, KAIROS_TYPE_DOCUMENT, write);
  properties[PROP_TIME_AXIS] =
      g_param_spec_object ("time-axis", NULL, NULL, KAIROS_TYPE_TIME_AXIS, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_PAGE] = g_param_spec_string ("page", NULL, NULL, "curves", write);
  properties[PROP_FOLLOW_LIVE] = g_param_spec_boolean ("follow-live", NULL, NULL, TRUE, write);
  properties[PROP_LOG_SCALE] = g_param_spec_boolean ("log-scale", NULL, NULL, FALSE, write);
  properties[PROP_SMOOTHING] =
      g_param_spec_double ("smoothing", NULL, NULL, 0, 1e6, half_lives[DEFAULT_SMOOTHING], write);
  properties[PROP_SHOW_TABLE] = g_param_spec_boolean ("show-table", NULL, NULL, FALSE, write);
  g_object_class_install_properties (klass, N_PROPS, properties);
}

static void
kairos_plot_panel_class_init (KairosPlotPanelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = kairos_plot_panel_get_property;
  object_class->set_property = kairos_plot_panel_set_property;
  object_class->dispose = kairos_plot_panel_dispose;
  install_properties (object_class);
  exported_signal = g_signal_new ("exported", KAIROS_TYPE_PLOT_PANEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_ERROR);
  g_type_ensure (KAIROS_TYPE_PLOT_VIEW);
  g_type_ensure (KAIROS_TYPE_CONFUSION_PAGE);
  g_type_ensure (KAIROS_TYPE_EPOCH_TABLE);
  g_type_ensure (KAIROS_TYPE_PAD);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/kairos_studio/Kairos/templates/kairos-plot-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, KairosPlotPanel, box);
  gtk_widget_class_bind_template_child (widget_class, KairosPlotPanel, curve_tools);
  gtk_widget_class_bind_template_child (widget_class, KairosPlotPanel, cost);
  gtk_widget_class_bind_template_child (widget_class, KairosPlotPanel, groups);
  gtk_widget_class_bind_template_child (widget_class, KairosPlotPanel, smoothing);
  gtk_widget_class_bind_template_child (widget_class, KairosPlotPanel, stack);
  gtk_widget_class_bind_template_child (widget_class, KairosPlotPanel, view);
  gtk_widget_class_bind_template_child (widget_class, KairosPlotPanel, confusion);
  gtk_widget_class_bind_template_child (widget_class, KairosPlotPanel, table);
  gtk_widget_class_bind_template_child (widget_class, KairosPlotPanel, pad);
  gtk_widget_class_bind_template_callback (widget_class, on_smoothing_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_page_changed);
  gtk_widget_class_set_css_name (widget_class, "plotpanel");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  install_actions (widget_class);
}

static void
kairos_plot_panel_init (KairosPlotPanel *panel)
{
  panel->half_life = -1;
  gtk_widget_init_template (GTK_WIDGET (panel));
  fill_groups (panel);
  recall_groups (panel);
  fill_smoothing (panel);
  set_smoothing (panel, half_lives[DEFAULT_SMOOTHING]);
  g_signal_connect_object (kairos_plot_panel_get_time_axis (panel), "notify::follow", G_CALLBACK (on_follow_changed),
                           panel, G_CONNECT_SWAPPED);
  kairos_settings_bind ("plot-log-scale", panel, "log-scale");
  kairos_settings_bind ("plot-smoothing", panel, "smoothing");
}

GtkWidget *
kairos_plot_panel_new (void)
{
  return g_object_new (KAIROS_TYPE_PLOT_PANEL, NULL);
}
