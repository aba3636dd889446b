/* SPDX-License-Identifier: MIT */

/* The runs' legend.  Its entries are made anew when the runs are others than before. */
#include "config.h"

#include "plots/kairos-run-legend.h"

#include "plots/kairos-run-palette.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

struct _KairosRunLegend {
  GtkWidget parent_instance;
  GtkWidget *scrolled, *box;
  KairosMetrics *metrics;
  guint serial;
  GArray *muted; /* gint64 */
};

G_DEFINE_FINAL_TYPE (KairosRunLegend, kairos_run_legend, GTK_TYPE_WIDGET)

static guint muted_changed_signal;

GArray *
kairos_run_legend_get_muted (KairosRunLegend *legend)
{
  return legend->muted;
}

static int
find_muted (KairosRunLegend *legend, gint64 run)
{
  for (guint i = 0; i < legend->muted->len; i++)
    if (g_array_index (legend->muted, gint64, i) == run)
      return i;
  return -1;
}

static gint64
run_of (gpointer entry)
{
  return *(gint64 *) g_object_get_data (entry, "run");
}

static void
on_toggled (KairosRunLegend *legend, GtkToggleButton *button)
{
  gint64 run = run_of (button);
  int at = find_muted (legend, run);

  if (gtk_toggle_button_get_active (button) == (at < 0))
    return;
  if (at < 0)
    g_array_append_val (legend->muted, run);
  else
    g_array_remove_index (legend->muted, at);
  g_signal_emit (legend, muted_changed_signal, 0);
}

static void
on_draw_sample (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  KairosRunLegend *legend = KAIROS_RUN_LEGEND (user_data);
  const KairosMetricsRun *run = legend->metrics ? kairos_metrics_find_run (legend->metrics, run_of (area)) : NULL;

  if (run)
    kairos_run_palette_draw_sample (run, adw_style_manager_get_dark (adw_style_manager_get_default ()), cr, 0,
                                    floor (height / 2.0) + 0.5, width);
}

static GtkWidget *
entry_content (KairosRunLegend *legend, const KairosMetricsRun *run)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *sample = gtk_drawing_area_new (),
            *label = gtk_label_new (run->name);

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (sample), 32);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (sample), 12);
  g_object_set_data_full (G_OBJECT (sample), "run", g_memdup2 (&run->id, sizeof run->id), g_free);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (sample), on_draw_sample, legend, NULL);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 24);
  if (run->current)
    gtk_widget_add_css_class (label, "current");
  gtk_box_append (GTK_BOX (box), sample);
  gtk_box_append (GTK_BOX (box), label);
  return box;
}

static GtkWidget *
create_entry (KairosRunLegend *legend, const KairosMetricsRun *run)
{
  GtkWidget *content = entry_content (legend, run), *button;
  g_autofree char *tooltip = NULL;

  if (run->current) {
    gtk_widget_add_css_class (content, "entry");
    gtk_widget_set_tooltip_text (content, run->name);
    return content;
  }
  button = gtk_toggle_button_new ();
  tooltip = g_strdup_printf (_ ("Show or hide “%s”"), run->name);
  gtk_button_set_child (GTK_BUTTON (button), content);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, run->name, -1);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), find_muted (legend, run->id) < 0);
  g_object_set_data_full (G_OBJECT (button), "run", g_memdup2 (&run->id, sizeof run->id), g_free);
  g_signal_connect_object (button, "toggled", G_CALLBACK (on_toggled), legend, G_CONNECT_SWAPPED);
  return button;
}

static void
rebuild (KairosRunLegend *legend)
{
  GtkWidget *child;
  guint n_shown = 0;

  while ((child = gtk_widget_get_first_child (legend->box)))
    gtk_box_remove (GTK_BOX (legend->box), child);
  for (guint i = 0; legend->metrics && i < kairos_metrics_get_n_runs (legend->metrics); i++) {
    const KairosMetricsRun *run = kairos_metrics_get_run (legend->metrics, i);

    if (!run->current && !run->visible)
      continue;
    gtk_box_append (GTK_BOX (legend->box), create_entry (legend, run));
    n_shown++;
  }
  gtk_widget_set_visible (GTK_WIDGET (legend), n_shown > 1);
}

void
kairos_run_legend_refresh (KairosRunLegend *legend)
{
  guint serial = legend->metrics ? kairos_metrics_get_serial (legend->metrics) : 0;

  if (serial == legend->serial)
    return;
  legend->serial = serial;
  rebuild (legend);
}

void
kairos_run_legend_set_metrics (KairosRunLegend *legend, KairosMetrics *metrics)
{
  if (!g_set_object (&legend->metrics, metrics))
    return;
  g_array_set_size (legend->muted, 0); /* of another session */
  legend->serial = metrics ? kairos_metrics_get_serial (metrics) : 0;
  rebuild (legend);
}

static void
kairos_run_legend_dispose (GObject *object)
{
  KairosRunLegend *legend = KAIROS_RUN_LEGEND (object);

  g_clear_pointer (&legend->scrolled, gtk_widget_unparent);
  g_clear_object (&legend->metrics);
  G_OBJECT_CLASS (kairos_run_legend_parent_class)->dispose (object);
}

static void
kairos_run_legend_finalize (GObject *object)
{
  g_array_unref (KAIROS_RUN_LEGEND (object)->muted);
  G_OBJECT_CLASS (kairos_run_legend_parent_class)->finalize (object);
}

static void
kairos_run_legend_class_init (KairosRunLegendClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = kairos_run_legend_dispose;
  G_OBJECT_CLASS (klass)->finalize = kairos_run_legend_finalize;
  muted_changed_signal =
      g_signal_new ("muted-changed", KAIROS_TYPE_RUN_LEGEND, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "runlegend");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
kairos_run_legend_init (KairosRunLegend *legend)
{
  legend->muted = g_array_new (FALSE, FALSE, sizeof (gint64));
  legend->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
  legend->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (legend->scrolled), GTK_POLICY_AUTOMATIC, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (legend->scrolled), legend->box);
  gtk_widget_set_parent (legend->scrolled, GTK_WIDGET (legend));
  gtk_widget_set_visible (GTK_WIDGET (legend), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (legend), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Runs"), -1);
}

GtkWidget *
kairos_run_legend_new (void)
{
  return g_object_new (KAIROS_TYPE_RUN_LEGEND, NULL);
}
