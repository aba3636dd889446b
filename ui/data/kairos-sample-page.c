/* SPDX-License-Identifier: MIT */

/* A prediction is asked for in a thread whenever facts moved; while one is under way the next waits, so the page never
 * queues behind the training. */
#include "data/kairos-sample-page.h"

#include <glib/gi18n.h>
#include <math.h>

#include "data/kairos-history-chart.h"
#include "data/kairos-sample-cell.h"

#define TOP 5

typedef struct {
  GtkWidget *name, *bar, *percent;
} Answer;

struct _KairosSamplePage {
  GtkWidget parent_instance;
  GtkWidget *back;
  GtkLabel *title, *file, *file_title, *split, *loss, *seen, *forgotten, *verdict;
  GtkBox *picture_box;
  GtkGrid *answers;
  KairosHistoryChart *history;
  KairosSampleCell *picture;
  Answer rows[TOP];
  KairosDocument *document;
  guint32 id;
  GCancellable *asking; /* the prediction under way */
  gboolean ask_again;
};

G_DEFINE_FINAL_TYPE (KairosSamplePage, kairos_sample_page, GTK_TYPE_WIDGET)

static void ask (KairosSamplePage *self);

/* ---- What the network sees ---- */

static void
show_answer (KairosSamplePage *self, guint row, int class_index, float probability)
{
  KairosDataset *dataset = kairos_document_get_dataset (self->document);
  Answer *answer = &self->rows[row];
  const char *name = kairos_dataset_get_class_name (dataset, class_index);
  gboolean is_label = class_index == kairos_dataset_get_labels (dataset)[self->id];
  g_autofree char *percent = g_strdup_printf ("%.0f %%", 100 * probability);

  gtk_label_set_text (GTK_LABEL (answer->name), name);
  gtk_label_set_text (GTK_LABEL (answer->percent), percent);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (answer->bar), probability);
  (is_label ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (answer->name, "heading");
}

/* The most probable classes, the most probable first. */
static void
show_prediction (KairosSamplePage *self, const float *probabilities, guint n_classes)
{
  g_autofree gboolean *taken = g_new0 (gboolean, n_classes);

  for (guint row = 0; row < TOP; row++) {
    int best = -1;

    for (guint c = 0; c < n_classes; c++)
      if (!taken[c] && isfinite (probabilities[c]) && (best < 0 || probabilities[c] > probabilities[best]))
        best = c;
    gtk_widget_set_visible (self->rows[row].name, best >= 0);
    gtk_widget_set_visible (self->rows[row].bar, best >= 0);
    gtk_widget_set_visible (self->rows[row].percent, best >= 0);
    if (best < 0)
      continue;
    taken[best] = TRUE;
    show_answer (self, row, best, probabilities[best]);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->answers), n_classes > 0);
}

static void
on_predicted (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KairosSamplePage) self = user_data;
  g_autoptr (GError) error = NULL;
  guint n_classes = 0;
  g_autofree float *probabilities = kairos_document_predict_finish (result, &n_classes, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* of another sample */
  g_clear_object (&self->asking);
  show_prediction (self, probabilities, n_classes);
  if (self->ask_again)
    ask (self);
}

static void
ask (KairosSamplePage *self)
{
  self->ask_again = self->asking != NULL;
  if (self->ask_again || !self->document)
    return;
  self->asking = g_cancellable_new ();
  kairos_document_predict_async (self->document, self->id, self->asking, on_predicted, g_object_ref (self));
}

static void
stop_asking (KairosSamplePage *self)
{
  if (self->asking)
    g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  self->ask_again = FALSE;
}

/* ---- What is known ---- */

static char *
times (guint n)
{
  return g_strdup_printf (ngettext ("%u time", "%u times", n), n);
}

static void
show_verdict (KairosSamplePage *self, const KairosFact *fact)
{
  KairosDataset *dataset = kairos_document_get_dataset (self->document);
  gint32 label = kairos_dataset_get_labels (dataset)[self->id];
  const char *name = kairos_dataset_get_class_name (dataset, label);
  g_autofree char *text = NULL;

  if (fact->prediction < 0)
    text = g_strdup_printf (_ ("Labelled %s. The network has not looked at it yet."), name);
  else if (fact->prediction == label)
    text = g_strdup_printf (_ ("Labelled %s. At the last look the network agreed."), name);
  else
    text = g_strdup_printf (_ ("Labelled %s. At the last look the network saw %s."), name,
                            kairos_dataset_get_class_name (dataset, fact->prediction));
  gtk_label_set_text (self->verdict, text);
}

static void
show_facts (KairosSamplePage *self)
{
  const KairosFact *fact = &kairos_document_peek_facts (self->document)[self->id];
  g_autofree char *seen = times (fact->seen), *forgotten = times (fact->forgotten);
  g_autofree char *loss = isnan (fact->loss) ? g_strdup ("–") : g_strdup_printf ("%.3f", fact->loss);
  g_autofree float *history = NULL;
  guint n = 0;

  gtk_label_set_text (self->loss, loss);
  gtk_label_set_text (self->seen, seen);
  gtk_label_set_text (self->forgotten, forgotten);
  show_verdict (self, fact);
  history = kairos_facts_history (kairos_document_get_facts (self->document), self->id, &n);
  kairos_history_chart_set_values (self->history, history, n);
  kairos_sample_cell_update_fact (self->picture);
}

static const char *
split_title (KairosSplit split)
{
  switch (split) {
  case KAIROS_SPLIT_TRAIN: return _ ("Training");
  case KAIROS_SPLIT_VALIDATION: return _ ("Validation");
  case KAIROS_SPLIT_TEST: return _ ("Test");
  case KAIROS_SPLIT_UNUSED: return _ ("Not used");
  }
  return "";
}

static void
refresh (KairosSamplePage *self)
{
  if (!self->document || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  show_facts (self);
  ask (self);
}

void
kairos_sample_page_show_sample (KairosSamplePage *self, guint32 id)
{
  KairosDataset *dataset;
  g_autofree char *title = NULL, *name = NULL;
  gboolean has_file;

  g_return_if_fail (KAIROS_IS_SAMPLE_PAGE (self) && self->document);

  dataset = kairos_document_get_dataset (self->document);
  stop_asking (self);
  self->id = id;
  title = g_strdup_printf (_ ("Sample %u"), id);
  name = kairos_dataset_describe_sample (dataset, id);
  has_file = !g_str_has_prefix (name, "sample "); /* else it says no more than the title */
  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->file, name);
  gtk_widget_set_visible (GTK_WIDGET (self->file), has_file);
  gtk_widget_set_visible (GTK_WIDGET (self->file_title), has_file);
  gtk_label_set_text (self->split, split_title (kairos_splits_get (kairos_document_get_splits (self->document), id)));
  kairos_sample_cell_set_id (self->picture, id);
  show_facts (self);
  ask (self);
}

guint32
kairos_sample_page_get_id (KairosSamplePage *self)
{
  g_return_val_if_fail (KAIROS_IS_SAMPLE_PAGE (self), 0);
  return self->id;
}

void
kairos_sample_page_set_document (KairosSamplePage *self, KairosDocument *document, KairosPictures *pictures)
{
  g_return_if_fail (KAIROS_IS_SAMPLE_PAGE (self));

  stop_asking (self);
  if (self->document)
    g_signal_handlers_disconnect_by_data (self->document, self);
  g_set_object (&self->document, document);
  self->id = 0;
  kairos_sample_cell_set_document (self->picture, document, pictures);
  show_prediction (self, NULL, 0);
  kairos_history_chart_set_values (self->history, NULL, 0);
  if (document)
    g_signal_connect_swapped (document, "facts-changed", G_CALLBACK (refresh), self);
}

/* ---- GObject ---- */

/* Its own focus, so that Left and Right turn the page at once. */
static gboolean
sample_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (KAIROS_SAMPLE_PAGE (widget)->back);
}

static void
sample_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (kairos_sample_page_parent_class)->map (widget);
  refresh (KAIROS_SAMPLE_PAGE (widget));
}

static void
kairos_sample_page_dispose (GObject *object)
{
  KairosSamplePage *self = KAIROS_SAMPLE_PAGE (object);
  GtkWidget *child;

  if (self->document)
    kairos_sample_page_set_document (self, NULL, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (kairos_sample_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, KairosSamplePage, back);
  gtk_widget_class_bind_template_child (widget_class, KairosSamplePage, title);
  gtk_widget_class_bind_template_child (widget_class, KairosSamplePage, file);
  gtk_widget_class_bind_template_child (widget_class, KairosSamplePage, file_title);
  gtk_widget_class_bind_template_child (widget_class, KairosSamplePage, split);
  gtk_widget_class_bind_template_child (widget_class, KairosSamplePage, loss);
  gtk_widget_class_bind_template_child (widget_class, KairosSamplePage, seen);
  gtk_widget_class_bind_template_child (widget_class, KairosSamplePage, forgotten);
  gtk_widget_class_bind_template_child (widget_class, KairosSamplePage, verdict);
  gtk_widget_class_bind_template_child (widget_class, KairosSamplePage, picture_box);
  gtk_widget_class_bind_template_child (widget_class, KairosSamplePage, answers);
  gtk_widget_class_bind_template_child (widget_class, KairosSamplePage, history);
}

static void
kairos_sample_page_class_init (KairosSamplePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = kairos_sample_page_dispose;
  widget_class->map = sample_page_map;
  widget_class->grab_focus = sample_page_grab_focus;
  g_type_ensure (KAIROS_TYPE_HISTORY_CHART);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/kairos_studio/Kairos/templates/data-sample-page.ui");
  bind_children (widget_class);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, 0, "data.previous", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Right, 0, "data.next", NULL);
}

static void
add_answer (KairosSamplePage *self, int row)
{
  Answer *answer = &self->rows[row];

  answer->name = gtk_label_new (NULL);
  answer->bar = gtk_progress_bar_new ();
  gtk_accessible_update_relation (GTK_ACCESSIBLE (answer->bar), GTK_ACCESSIBLE_RELATION_LABELLED_BY, answer->name, NULL,
                                  -1);
  answer->percent = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (answer->name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (answer->name), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (answer->name), 4);
  gtk_label_set_max_width_chars (GTK_LABEL (answer->name), 12);
  gtk_label_set_xalign (GTK_LABEL (answer->percent), 1);
  gtk_label_set_width_chars (GTK_LABEL (answer->percent), 5);
  gtk_widget_add_css_class (answer->percent, "dim-label");
  gtk_widget_add_css_class (answer->percent, "numeric");
  gtk_widget_set_hexpand (answer->bar, TRUE);
  gtk_widget_set_valign (answer->bar, GTK_ALIGN_CENTER);
  gtk_grid_attach (self->answers, answer->name, 0, row, 1, 1);
  gtk_grid_attach (self->answers, answer->bar, 1, row, 1, 1);
  gtk_grid_attach (self->answers, answer->percent, 2, row, 1, 1);
}

static void
kairos_sample_page_init (KairosSamplePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->picture = KAIROS_SAMPLE_CELL (kairos_sample_cell_new (96, FALSE));
  gtk_widget_set_hexpand (GTK_WIDGET (self->picture), TRUE);
  gtk_box_append (self->picture_box, GTK_WIDGET (self->picture));
  for (int row = 0; row < TOP; row++)
    add_answer (self, row);
}
