/* SPDX-License-Identifier: MIT */

/* See the header.  A row is a grid of four: the mark, name, bar and percent; their widths are fixed, so that a bar's
 * length says the same whatever stands beside it. */
#include "pad/kairos-pad-answers.h"

#include <glib/gi18n.h>
#include <math.h>

#define NAME_CHARS 12
#define PERCENT_CHARS 6

typedef struct {
  GtkWidget *row, *mark, *name, *bar, *percent;
} Answer;

struct _KairosPadAnswers {
  GtkWidget parent_instance;
  GtkWidget *list;
  KairosDataset *dataset;
  GArray *rows; /* of Answer */
};

G_DEFINE_FINAL_TYPE (KairosPadAnswers, kairos_pad_answers, GTK_TYPE_WIDGET)

/* ---- Rows ---- */

static Answer
create_row (void)
{
  Answer answer = { .row = g_object_new (GTK_TYPE_BOX, "accessible-role", GTK_ACCESSIBLE_ROLE_LIST_ITEM, "spacing", 8,
                                         NULL) };

  answer.mark = gtk_image_new_from_icon_name ("object-select-symbolic");
  answer.name = gtk_label_new (NULL);
  answer.bar = gtk_progress_bar_new ();
  answer.percent = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (answer.name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (answer.name), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (answer.name), NAME_CHARS);
  gtk_label_set_xalign (GTK_LABEL (answer.percent), 1);
  gtk_label_set_width_chars (GTK_LABEL (answer.percent), PERCENT_CHARS);
  gtk_widget_add_css_class (answer.percent, "numeric");
  gtk_widget_set_valign (answer.bar, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (answer.bar, TRUE);
  gtk_box_append (GTK_BOX (answer.row), answer.mark);
  gtk_box_append (GTK_BOX (answer.row), answer.name);
  gtk_box_append (GTK_BOX (answer.row), answer.bar);
  gtk_box_append (GTK_BOX (answer.row), answer.percent);
  return answer;
}

/* All names are as wide as the longest. */
static int
get_name_chars (KairosDataset *dataset)
{
  glong longest = 1;

  for (guint i = 0; i < kairos_dataset_get_n_classes (dataset); i++)
    longest = MAX (longest, g_utf8_strlen (kairos_dataset_get_class_name (dataset, i), -1));
  return (int) MIN (longest, NAME_CHARS);
}

static gboolean
shows_all (KairosPadAnswers *self)
{
  return kairos_dataset_get_n_classes (self->dataset) <= KAIROS_PAD_ANSWERS_ALL;
}

static void
remove_rows (KairosPadAnswers *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    gtk_box_remove (GTK_BOX (self->list), g_array_index (self->rows, Answer, i).row);
  g_array_set_size (self->rows, 0);
}

static void
add_rows (KairosPadAnswers *self)
{
  guint n = shows_all (self) ? kairos_dataset_get_n_classes (self->dataset) : KAIROS_PAD_ANSWERS_BEST;
  int chars = get_name_chars (self->dataset);

  for (guint i = 0; i < n; i++) {
    Answer answer = create_row ();

    gtk_label_set_width_chars (GTK_LABEL (answer.name), chars);
    gtk_box_append (GTK_BOX (self->list), answer.row);
    g_array_append_val (self->rows, answer);
  }
}

/* ---- What they say ---- */

/* class_index -1: none. */
static void
show_row (KairosPadAnswers *self, guint row, int class_index, float probability, gboolean asked, gboolean first)
{
  const Answer *answer = &g_array_index (self->rows, Answer, row);
  const char *name = class_index >= 0 ? kairos_dataset_get_class_name (self->dataset, class_index) : "";
  g_autofree char *percent = asked ? g_strdup_printf ("%.0f %%", 100 * probability) : g_strdup ("–");
  /* Translators: a class, and how probable it is; then the same of the most probable one. */
  g_autofree char *text = g_strdup_printf (first ? _ ("%s, %s, the most probable") : _ ("%s, %s"), name, percent);

  gtk_label_set_text (GTK_LABEL (answer->name), name);
  gtk_widget_set_tooltip_text (answer->name, g_utf8_strlen (name, -1) > NAME_CHARS ? name : NULL);
  gtk_label_set_text (GTK_LABEL (answer->percent), percent);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (answer->bar), probability);
  gtk_widget_set_opacity (answer->mark, first ? 1 : 0);
  (first ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (answer->row, "first");
  gtk_accessible_update_property (GTK_ACCESSIBLE (answer->row), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (answer->bar), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static int
find_best (const float *probabilities, guint n, const gboolean *taken)
{
  int best = -1;

  for (guint i = 0; i < n; i++)
    if (isfinite (probabilities[i]) && !(taken && taken[i]) && (best < 0 || probabilities[i] > probabilities[best]))
      best = (int) i;
  return best;
}

static void
show_all (KairosPadAnswers *self, const float *probabilities)
{
  int best = probabilities ? find_best (probabilities, self->rows->len, NULL) : -1;

  for (guint i = 0; i < self->rows->len; i++) {
    gboolean asked = probabilities && isfinite (probabilities[i]);

    show_row (self, i, (int) i, asked ? probabilities[i] : 0, asked, best == (int) i);
  }
}

static void
show_best (KairosPadAnswers *self, const float *probabilities)
{
  guint n = kairos_dataset_get_n_classes (self->dataset);
  g_autofree gboolean *taken = g_new0 (gboolean, n);

  for (guint i = 0; i < self->rows->len; i++) {
    int best = probabilities ? find_best (probabilities, n, taken) : -1;

    if (best >= 0)
      taken[best] = TRUE;
    show_row (self, i, best, best >= 0 ? probabilities[best] : 0, best >= 0, i == 0 && best >= 0);
  }
}

void
kairos_pad_answers_show (KairosPadAnswers *self, const float *probabilities)
{
  g_return_if_fail (KAIROS_IS_PAD_ANSWERS (self));

  if (!self->dataset)
    return;
  if (shows_all (self))
    show_all (self, probabilities);
  else
    show_best (self, probabilities);
}

void
kairos_pad_answers_set_dataset (KairosPadAnswers *self, KairosDataset *dataset)
{
  g_return_if_fail (KAIROS_IS_PAD_ANSWERS (self));

  remove_rows (self);
  g_clear_pointer (&self->dataset, kairos_dataset_unref);
  if (!dataset)
    return;
  self->dataset = kairos_dataset_ref (dataset);
  add_rows (self);
  kairos_pad_answers_show (self, NULL);
}

/* ---- The widget ---- */

static void
kairos_pad_answers_dispose (GObject *object)
{
  KairosPadAnswers *self = KAIROS_PAD_ANSWERS (object);

  g_array_set_size (self->rows, 0);
  g_clear_pointer (&self->dataset, kairos_dataset_unref);
  g_clear_pointer (&self->list, gtk_widget_unparent);
  G_OBJECT_CLASS (kairos_pad_answers_parent_class)->dispose (object);
}

static void
kairos_pad_answers_finalize (GObject *object)
{
  g_array_unref (KAIROS_PAD_ANSWERS (object)->rows);
  G_OBJECT_CLASS (kairos_pad_answers_parent_class)->finalize (object);
}

static void
kairos_pad_answers_class_init (KairosPadAnswersClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = kairos_pad_answers_dispose;
  G_OBJECT_CLASS (klass)->finalize = kairos_pad_answers_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "padanswers");
}

static void
kairos_pad_answers_init (KairosPadAnswers *self)
{
  self->rows = g_array_new (FALSE, FALSE, sizeof (Answer));
  self->list = g_object_new (GTK_TYPE_BOX, "orientation", GTK_ORIENTATION_VERTICAL, "accessible-role",
                             GTK_ACCESSIBLE_ROLE_LIST, "spacing", 7, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("How probable each class is"), -1);
  gtk_widget_set_parent (self->list, GTK_WIDGET (self));
}
