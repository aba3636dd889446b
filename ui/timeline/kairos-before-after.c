/* SPDX-License-Identifier: MIT */

/* Two cells as in the data panel: one with the sample, one with what the clip makes of it, by the code that trains.
 * Their size is the data's alone, a whole multiple of its pictures, so that pixels are even squares and nothing moves
 * while a setting changes.
 */
#include "config.h"

#include "timeline/kairos-before-after.h"

#include <glib/gi18n.h>
#include <kairos/preview.h>

#include "data/kairos-sample-cell.h"

enum { MIN_SIDE = 84, MAX_SIDE = 128, GAP = 8 };

struct _KairosBeforeAfter {
  GtkWidget parent_instance;
  GtkWidget *before, *after; /* KairosSampleCell */
  KairosDocument *document;  /* NULL also where its data has no pictures */
  guint32 id;
};

G_DEFINE_FINAL_TYPE (KairosBeforeAfter, kairos_before_after, GTK_TYPE_WIDGET)

/* G_MAXUINT32 where there is none. */
static guint32
pick_sample (KairosDocument *document)
{
  guint n;
  const guint32 *ids = kairos_document_get_selection (document, &n);
  guint32 first = n > 0 ? ids[0] : kairos_sample_model_get_id (kairos_document_get_samples (document), 0);

  if (first == G_MAXUINT32 && kairos_dataset_get_n_samples (kairos_document_get_dataset (document)) > 0)
    first = 0; /* a search that finds nothing */
  return first;
}

static int
side_of (KairosShape shape)
{
  int longer = MAX (shape.height, shape.width);

  return longer > MAX_SIDE ? MAX_SIDE : (MIN_SIDE + longer - 1) / longer * longer;
}

/* Takes the text. */
static void
name (GtkWidget *cell, char *text)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (cell), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  g_free (text);
}

static void
take_document (KairosBeforeAfter *self, KairosDocument *document)
{
  KairosDataset *dataset = kairos_document_get_dataset (document);
  g_autoptr (KairosPictures) pictures = kairos_pictures_new (dataset);
  g_autofree char *sample = kairos_sample_describe (document, self->id);
  int side = side_of (kairos_dataset_get_shape (dataset));

  self->document = g_object_ref (document);
  for (int i = 0; i < 2; i++) {
    GtkWidget *cell = i == 0 ? self->before : self->after;

    kairos_sample_cell_set_document (KAIROS_SAMPLE_CELL (cell), document, pictures);
    kairos_sample_cell_set_id (KAIROS_SAMPLE_CELL (cell), self->id);
    gtk_widget_set_size_request (cell, side, side);
  }
  name (self->before, g_strdup_printf (_ ("Before: %s"), sample));
  name (self->after, g_strdup_printf (_ ("After: %s"), sample));
}

void
kairos_before_after_set_document (KairosBeforeAfter *self, KairosDocument *document)
{
  g_return_if_fail (KAIROS_IS_BEFORE_AFTER (self));

  g_clear_object (&self->document);
  kairos_sample_cell_set_document (KAIROS_SAMPLE_CELL (self->before), NULL, NULL);
  kairos_sample_cell_set_document (KAIROS_SAMPLE_CELL (self->after), NULL, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  if (!document || !kairos_dataset_is_image (kairos_document_get_dataset (document)))
    return;
  self->id = pick_sample (document);
  if (self->id != G_MAXUINT32)
    take_document (self, document);
}

void
kairos_before_after_show_clip (KairosBeforeAfter *self, const KairosClip *clip)
{
  KairosDataset *dataset;
  KairosShape shape;
  g_autofree float *input = NULL;
  gboolean changes;

  g_return_if_fail (KAIROS_IS_BEFORE_AFTER (self));

  if (!self->document)
    return;
  dataset = kairos_document_get_dataset (self->document);
  shape = kairos_dataset_get_shape (dataset);
  input = g_new (float, kairos_shape_size (shape));
  kairos_dataset_copy_input (dataset, self->id, input);
  changes = kairos_clip_preview (clip, shape, kairos_document_get_config (self->document)->seed, self->id, input);
  if (changes)
    kairos_sample_cell_set_input (KAIROS_SAMPLE_CELL (self->after), input);
  gtk_widget_set_visible (GTK_WIDGET (self), changes);
}

/* ---- The widget ---- */

static GtkWidget *
cell_new (KairosBeforeAfter *self, const char *caption)
{
  GtkWidget *cell = kairos_sample_cell_new (MIN_SIDE, FALSE), *label = gtk_label_new (caption);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (label, "dim-label");
  gtk_box_append (GTK_BOX (box), cell);
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_set_parent (box, GTK_WIDGET (self));
  return cell;
}

static void
kairos_before_after_dispose (GObject *object)
{
  KairosBeforeAfter *self = KAIROS_BEFORE_AFTER (object);
  GtkWidget *child;

  g_clear_object (&self->document);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (kairos_before_after_parent_class)->dispose (object);
}

static void
kairos_before_after_class_init (KairosBeforeAfterClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = kairos_before_after_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
kairos_before_after_init (KairosBeforeAfter *self)
{
  GtkWidget *arrow = gtk_image_new_from_icon_name ("go-next-symbolic");

  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (self))), GAP);
  self->before = cell_new (self, _ ("Before"));
  gtk_widget_set_parent (arrow, GTK_WIDGET (self));
  self->after = cell_new (self, _ ("After"));
  gtk_widget_add_css_class (arrow, "dim-label");
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What the clip does to a picture"), -1);
}

GtkWidget *
kairos_before_after_new (void)
{
  return g_object_new (KAIROS_TYPE_BEFORE_AFTER, NULL);
}
