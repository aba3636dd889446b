/* SPDX-License-Identifier: MIT */

/* The picture fills a square; it is asked for at its size in device pixels, so that nothing is scaled while drawing.
 * The bar's length grows with the loss, at first quickly, so that samples can still be told apart late in training; the
 * full length stands for an infinite loss. */
#include "data/kairos-sample-cell.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define BAR_HEIGHT 3
#define BAR_INSET 3

struct _KairosSampleCell {
  GtkWidget parent_instance;
  KairosDocument *document;
  KairosPictures *pictures;
  guint32 id;
  float *input; /* drawn instead; NULL: the sample */
  int min_size;
  gboolean show_loss;
  double bar;        /* length, 0 .. 1 */
  char *description; /* as assistive technology was told */
};

G_DEFINE_FINAL_TYPE (KairosSampleCell, kairos_sample_cell, GTK_TYPE_WIDGET)

char *
kairos_sample_describe (KairosDocument *document, guint32 id)
{
  KairosDataset *dataset = kairos_document_get_dataset (document);
  const KairosFact *fact = &kairos_document_peek_facts (document)[id];
  const char *label = kairos_dataset_get_class_name (dataset, kairos_dataset_get_labels (dataset)[id]);

  if (fact->prediction < 0)
    return g_strdup_printf (_ ("sample %u, labelled %s, not looked at yet"), id, label);
  return g_strdup_printf (_ ("sample %u, labelled %s, network says %s, loss %.2f"), id, label,
                          kairos_dataset_get_class_name (dataset, fact->prediction), fact->loss);
}

static double
bar_length (KairosSampleCell *self)
{
  float loss = kairos_document_peek_facts (self->document)[self->id].loss;

  if (isnan (loss))
    return 0;
  return -expm1 (-sqrt (MAX (loss, 0)));
}

/* ---- GtkWidget ---- */

static GtkSizeRequestMode
sample_cell_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
sample_cell_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                     int *minimum_baseline, int *natural_baseline)
{
  KairosSampleCell *self = KAIROS_SAMPLE_CELL (widget);

  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? MAX (for_size, self->min_size) : self->min_size;
}

static void
draw_bar (KairosSampleCell *self, GtkSnapshot *snapshot, int width, int height)
{
  const GdkRGBA red = { 0.93f, 0.20f, 0.23f, 1 }, track = { 0, 0, 0, 0.45f };
  float length = width - 2 * BAR_INSET, top = height - BAR_INSET - BAR_HEIGHT;

  gtk_snapshot_append_color (snapshot, &track,
                             &GRAPHENE_RECT_INIT (BAR_INSET - 1, top - 1, length + 2, BAR_HEIGHT + 2));
  gtk_snapshot_append_color (snapshot, &red,
                             &GRAPHENE_RECT_INIT (BAR_INSET, top, MAX (1, length * self->bar), BAR_HEIGHT));
}

static void
draw_with_cairo (GtkSnapshot *snapshot, cairo_surface_t *surface, int scale, const graphene_rect_t *bounds)
{
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, bounds);

  cairo_translate (cr, bounds->origin.x, bounds->origin.y);
  cairo_scale (cr, 1.0 / scale, 1.0 / scale);
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_paint (cr);
  cairo_destroy (cr);
}

static void
draw_picture (KairosSampleCell *self, GtkSnapshot *snapshot, int width, int height)
{
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self)), size = MIN (width, height) * scale;
  g_autoptr (GdkTexture) texture = kairos_sample_cell_get_texture (self, size);
  int picture_width = gdk_texture_get_width (texture) / scale,
      picture_height = gdk_texture_get_height (texture) / scale;
  graphene_rect_t bounds =
      GRAPHENE_RECT_INIT ((width - picture_width) / 2, (height - picture_height) / 2, picture_width, picture_height);

  if (!self->input && GSK_IS_CAIRO_RENDERER (gtk_native_get_renderer (gtk_widget_get_native (GTK_WIDGET (self))))) {
    cairo_surface_t *surface = kairos_pictures_get_surface (self->pictures, self->id, size);

    draw_with_cairo (snapshot, surface, scale, &bounds);
    cairo_surface_destroy (surface);
  } else
    gtk_snapshot_append_texture (snapshot, texture, &bounds);
}

static void
sample_cell_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  KairosSampleCell *self = KAIROS_SAMPLE_CELL (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);

  if (!self->pictures || MIN (width, height) < 1)
    return;
  draw_picture (self, snapshot, width, height);
  if (self->show_loss && self->bar * width > 1)
    draw_bar (self, snapshot, width, height);
}

static gboolean
sample_cell_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  KairosSampleCell *self = KAIROS_SAMPLE_CELL (widget);
  g_autofree char *text = NULL, *name = NULL, *both = NULL;

  if (!self->document)
    return FALSE;
  text = kairos_sample_describe (self->document, self->id);
  name = kairos_dataset_describe_sample (kairos_document_get_dataset (self->document), self->id);
  both = g_str_has_prefix (name, "sample ") ? g_strdup (text) : g_strdup_printf ("%s\n%s", text, name);
  gtk_tooltip_set_text (tooltip, both);
  return TRUE;
}

static void
kairos_sample_cell_dispose (GObject *object)
{
  kairos_sample_cell_set_document (KAIROS_SAMPLE_CELL (object), NULL, NULL);
  G_OBJECT_CLASS (kairos_sample_cell_parent_class)->dispose (object);
}

static void
kairos_sample_cell_finalize (GObject *object)
{
  g_free (KAIROS_SAMPLE_CELL (object)->description);
  g_free (KAIROS_SAMPLE_CELL (object)->input);
  G_OBJECT_CLASS (kairos_sample_cell_parent_class)->finalize (object);
}

static void
kairos_sample_cell_class_init (KairosSampleCellClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = kairos_sample_cell_dispose;
  object_class->finalize = kairos_sample_cell_finalize;
  widget_class->get_request_mode = sample_cell_get_request_mode;
  widget_class->measure = sample_cell_measure;
  widget_class->snapshot = sample_cell_snapshot;
  widget_class->query_tooltip = sample_cell_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "samplecell");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
kairos_sample_cell_init (KairosSampleCell *self)
{
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

GtkWidget *
kairos_sample_cell_new (int min_size, gboolean show_loss)
{
  KairosSampleCell *self = g_object_new (KAIROS_TYPE_SAMPLE_CELL, NULL);

  self->min_size = min_size;
  self->show_loss = show_loss;
  return GTK_WIDGET (self);
}

void
kairos_sample_cell_set_document (KairosSampleCell *self, KairosDocument *document, KairosPictures *pictures)
{
  g_return_if_fail (KAIROS_IS_SAMPLE_CELL (self) && (!document) == (!pictures));

  g_set_object (&self->document, document);
  if (pictures)
    kairos_pictures_ref (pictures);
  g_clear_pointer (&self->pictures, kairos_pictures_unref);
  self->pictures = pictures;
  g_clear_pointer (&self->input, g_free); /* of other data */
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

GdkTexture *
kairos_sample_cell_get_texture (KairosSampleCell *self, int size)
{
  g_return_val_if_fail (KAIROS_IS_SAMPLE_CELL (self), NULL);

  if (!self->pictures)
    return NULL;
  return self->input ? kairos_pictures_draw (self->pictures, self->input, size)
                     : kairos_pictures_get (self->pictures, self->id, size);
}

void
kairos_sample_cell_set_input (KairosSampleCell *self, const float *input)
{
  gsize size;

  g_return_if_fail (KAIROS_IS_SAMPLE_CELL (self) && (!input || self->document));

  size = input ? kairos_shape_size (kairos_dataset_get_shape (kairos_document_get_dataset (self->document))) *
                     sizeof *input
               : 0;
  if (input && self->input && memcmp (input, self->input, size) == 0)
    return;
  g_free (self->input);
  self->input = g_memdup2 (input, size);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Both the image and the grid's cell around it carry the name: one of them is what a screen reader stops at. */
static void
set_name (GtkWidget *widget, const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

void
kairos_sample_cell_update_fact (KairosSampleCell *self)
{
  g_autofree char *description = NULL;
  double bar;

  g_return_if_fail (KAIROS_IS_SAMPLE_CELL (self));

  if (!self->document)
    return;
  bar = bar_length (self);
  if (bar != self->bar && self->show_loss)
    gtk_widget_queue_draw (GTK_WIDGET (self));
  self->bar = bar;
  description = kairos_sample_describe (self->document, self->id);
  if (g_strcmp0 (description, self->description) == 0)
    return;
  g_free (self->description);
  self->description = g_steal_pointer (&description);
  set_name (GTK_WIDGET (self), self->description);
  if (self->show_loss && gtk_widget_get_parent (GTK_WIDGET (self)))
    set_name (gtk_widget_get_parent (GTK_WIDGET (self)), self->description);
}

void
kairos_sample_cell_set_id (KairosSampleCell *self, guint32 id)
{
  g_return_if_fail (KAIROS_IS_SAMPLE_CELL (self));

  if (id != self->id)
    gtk_widget_queue_draw (GTK_WIDGET (self));
  self->id = id;
  kairos_sample_cell_update_fact (self);
}

guint32
kairos_sample_cell_get_id (KairosSampleCell *self)
{
  g_return_val_if_fail (KAIROS_IS_SAMPLE_CELL (self), 0);

  return self->id;
}
