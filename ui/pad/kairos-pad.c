/* SPDX-License-Identifier: MIT */

/* See the header.  One prediction is under way at a time.  Whatever is drawn meanwhile is asked about when it is back,
 * so the newest drawing wins and nothing queues behind the training. */
#include "config.h"

#include "pad/kairos-pad.h"

#include <glib/gi18n.h>
#include <kairos/document-samples.h>
#include <math.h>

#include "data/kairos-sample-cell.h"
#include "pad/kairos-pad-answers.h"
#include "pad/kairos-pad-picture.h"

#define SEEN_SIZE 168                                    /* of the small picture, six times a side of 28 */
#define REFRESH_INTERVAL (100 * G_TIME_SPAN_MILLISECOND) /* while training */

struct _KairosPad {
  GtkWidget parent_instance;
  GtkWidget *stack;
  KairosPadArea *area;
  KairosPadAnswers *answers;
  GtkBox *seen_box;
  GtkWidget *centre_box;
  GtkLabel *verdict;
  KairosSampleCell *seen;

  KairosDocument *document;
  gboolean centre;
  float *input;         /* what is drawn; NULL: nothing */
  GCancellable *asking; /* the prediction under way */
  gboolean ask_again;
  float *probabilities; /* as the bars show them */
  guint n_classes;
  guint64 asked_step; /* of the weights, about, that were asked last */
  gint64 asked_run, last_ask;
  guint refresh;         /* source */
  GCancellable *loading; /* the picture under way */
};

enum { PROP_0, PROP_DOCUMENT, PROP_CENTRE, N_PROPS };

static GParamSpec *properties[N_PROPS];
static guint predicted_signal;

G_DEFINE_FINAL_TYPE (KairosPad, kairos_pad, GTK_TYPE_WIDGET)

static void ask (KairosPad *self);

/* ---- What the network says ---- */

static char *
describe_answer (KairosPad *self)
{
  KairosDataset *dataset;
  guint best = 0;

  if (!self->input)
    return g_strdup (_ ("Nothing is drawn yet"));
  if (!self->probabilities)
    return g_strdup (_ ("No answer yet"));
  dataset = kairos_document_get_dataset (self->document);
  for (guint i = 1; i < self->n_classes; i++)
    if (self->probabilities[i] > self->probabilities[best] || isnan (self->probabilities[best]))
      best = i;
  if (!isfinite (self->probabilities[best]))
    return g_strdup (_ ("The network answers with no numbers"));
  /* Translators: a class, and how probable it is. */
  return g_strdup_printf (_ ("Looks like %s, %.0f %%"), kairos_dataset_get_class_name (dataset, best),
                          100 * self->probabilities[best]);
}

static void
show_answer (KairosPad *self)
{
  g_autofree char *text = describe_answer (self);

  kairos_pad_answers_show (self->answers, self->probabilities);
  gtk_label_set_text (self->verdict, text);
  (self->probabilities ? gtk_widget_remove_css_class : gtk_widget_add_css_class) (GTK_WIDGET (self->verdict),
                                                                                  "dim-label");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->area), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  g_signal_emit (self, predicted_signal, 0);
}

static void
on_predicted (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KairosPad) self = user_data;
  g_autoptr (GError) error = NULL;
  guint n_classes = 0;
  float *probabilities = kairos_document_predict_finish (result, &n_classes, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* of what is drawn no more */
  g_clear_object (&self->asking);
  g_free (self->probabilities);
  self->probabilities = probabilities;
  self->n_classes = n_classes;
  if (self->ask_again)
    ask (self);
  show_answer (self);
}

static void
ask (KairosPad *self)
{
  KairosStatus status;

  if (!self->document || !self->input || !gtk_widget_get_mapped (GTK_WIDGET (self)) ||
      !kairos_document_is_open (self->document))
    return;
  self->ask_again = self->asking != NULL;
  if (self->ask_again)
    return;
  kairos_document_get_status (self->document, &status);
  self->asked_step = status.step;
  self->asked_run = kairos_run_get_id (kairos_document_get_run (self->document));
  self->last_ask = g_get_monotonic_time ();
  self->asking = g_cancellable_new ();
  kairos_document_predict_input_async (self->document, self->input, self->asking, on_predicted, g_object_ref (self));
}

static void
stop_asking (KairosPad *self)
{
  if (self->asking)
    g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  g_clear_handle_id (&self->refresh, g_source_remove);
  g_clear_pointer (&self->probabilities, g_free);
  self->ask_again = FALSE;
}

/* ---- While it trains ---- */

static gboolean
on_refresh (gpointer user_data)
{
  KairosPad *self = user_data;

  self->refresh = 0;
  ask (self);
  return G_SOURCE_REMOVE;
}

/* Also when there was no network to ask. */
static gboolean
weights_moved (KairosPad *self)
{
  KairosStatus status;

  kairos_document_get_status (self->document, &status);
  return status.step != self->asked_step || (!self->probabilities && !self->asking) ||
         kairos_run_get_id (kairos_document_get_run (self->document)) != self->asked_run;
}

static void
on_status_changed (KairosPad *self)
{
  gint64 wait;

  if (!self->input || self->refresh != 0 || !gtk_widget_get_mapped (GTK_WIDGET (self)) || !weights_moved (self))
    return;
  wait = self->last_ask + REFRESH_INTERVAL - g_get_monotonic_time ();
  self->refresh = g_timeout_add ((guint) (MAX (wait, 0) / G_TIME_SPAN_MILLISECOND), on_refresh, self);
}

/* What was drawn or trained while nobody saw it. */
static void
kairos_pad_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (kairos_pad_parent_class)->map (widget);
  ask (KAIROS_PAD (widget));
}

/* ---- What is drawn ---- */

static gboolean
get_centre (KairosPad *self, KairosSketch *sketch)
{
  return self->centre && kairos_sketch_get_style (sketch)->centred;
}

static void
update (KairosPad *self)
{
  KairosSketch *sketch = kairos_pad_area_get_sketch (self->area);
  gboolean empty = !sketch || kairos_sketch_is_empty (sketch);
  g_autofree float *picture = sketch ? kairos_sketch_render (sketch, get_centre (self, sketch)) : NULL;

  if (picture)
    kairos_sample_cell_set_input (self->seen, picture);
  g_free (self->input);
  self->input = empty ? NULL : g_steal_pointer (&picture);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "pad.undo", !empty);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "pad.clear", !empty);
  if (empty) {
    stop_asking (self);
    show_answer (self);
  } else
    ask (self);
}

float *
kairos_pad_get_input (KairosPad *self)
{
  gsize size;

  g_return_val_if_fail (KAIROS_IS_PAD (self), NULL);

  if (!self->input)
    return NULL;
  size = kairos_shape_size (kairos_dataset_get_shape (kairos_document_get_dataset (self->document)));
  return g_memdup2 (self->input, size * sizeof *self->input);
}

const float *
kairos_pad_peek_answer (KairosPad *self, guint *n_classes)
{
  g_return_val_if_fail (KAIROS_IS_PAD (self), NULL);
  *n_classes = self->probabilities ? self->n_classes : 0;
  return self->probabilities;
}

gboolean
kairos_pad_is_settled (KairosPad *self)
{
  g_return_val_if_fail (KAIROS_IS_PAD (self), FALSE);
  return self->probabilities && !self->asking;
}

KairosPadArea *
kairos_pad_get_area (KairosPad *self)
{
  g_return_val_if_fail (KAIROS_IS_PAD (self), NULL);
  return self->area;
}

static void
set_centre (KairosPad *self, gboolean centre)
{
  if (centre == self->centre)
    return;
  self->centre = centre;
  update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CENTRE]);
}

/* ---- Pictures that come from elsewhere ---- */

static void
stop_loading (KairosPad *self)
{
  if (self->loading)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
}

static void
on_loaded (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KairosPad) self = user_data;
  g_autoptr (GError) error = NULL;
  KairosSketchPicture *picture = kairos_pad_picture_load_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* something else came, or the data went */
  g_clear_object (&self->loading);
  if (picture)
    kairos_pad_area_set_picture (self->area, picture);
  else
    kairos_document_tell (self->document, error->message, TRUE);
}

gboolean
kairos_pad_take (KairosPad *self, const GValue *value)
{
  g_return_val_if_fail (KAIROS_IS_PAD (self), FALSE);

  if (!kairos_pad_area_get_sketch (self->area) || !kairos_pad_picture_is_possible (value))
    return FALSE;
  stop_loading (self);
  self->loading = g_cancellable_new ();
  kairos_pad_picture_load_async (kairos_document_get_dataset (self->document), value, self->loading, on_loaded,
                                 g_object_ref (self));
  return TRUE;
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, KairosPad *self)
{
  return kairos_pad_take (self, value);
}

static void
on_pasted (GObject *clipboard, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KairosPad) self = user_data;
  g_autoptr (GError) error = NULL;
  const GValue *value = kairos_pad_picture_paste_finish (clipboard, result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->loading);
  if (!value)
    kairos_document_tell (self->document, error->message, TRUE);
  else if (!kairos_pad_take (self, value))
    kairos_document_tell (self->document, _ ("There is no picture in the clipboard; copy one first."), TRUE);
}

static void
paste_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosPad *self = KAIROS_PAD (widget);

  if (!kairos_pad_area_get_sketch (self->area))
    return;
  stop_loading (self);
  self->loading = g_cancellable_new ();
  if (kairos_pad_picture_paste_async (gtk_widget_get_clipboard (widget), self->loading, on_pasted, self))
    g_object_ref (self);
  else {
    g_clear_object (&self->loading);
    kairos_document_tell (self->document, _ ("There is no picture in the clipboard; copy one first."), TRUE);
  }
}

/* ---- The document ---- */

static void
undo_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  stop_loading (KAIROS_PAD (widget));
  kairos_pad_area_undo (KAIROS_PAD (widget)->area);
}

static void
clear_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  stop_loading (KAIROS_PAD (widget));
  kairos_pad_area_clear (KAIROS_PAD (widget)->area);
}

static void
show_dataset (KairosPad *self, KairosDataset *dataset)
{
  KairosSketchStyle style;
  gboolean draws = dataset && kairos_sketch_style_init (&style, dataset);
  g_autoptr (KairosPictures) pictures = draws ? kairos_pictures_new (dataset) : NULL;

  kairos_sample_cell_set_document (self->seen, draws ? self->document : NULL, pictures);
  kairos_pad_answers_set_dataset (self->answers, draws ? dataset : NULL);
  gtk_widget_set_visible (self->centre_box, draws && style.centred);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "pad.paste", draws);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), draws ? "pad" : "no-pictures");
  kairos_pad_area_set_style (self->area, draws ? &style : NULL);
}

void
kairos_pad_set_document (KairosPad *self, KairosDocument *document)
{
  g_return_if_fail (KAIROS_IS_PAD (self) && (!document || KAIROS_IS_DOCUMENT (document)));

  if (document == self->document)
    return;
  stop_loading (self);
  stop_asking (self);
  if (self->document)
    g_signal_handlers_disconnect_by_func (self->document, on_status_changed, self);
  g_set_object (&self->document, document);
  if (document)
    g_signal_connect_object (document, "status-changed", G_CALLBACK (on_status_changed), self, G_CONNECT_SWAPPED);
  show_dataset (self, document ? kairos_document_get_dataset (document) : NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DOCUMENT]);
}

/* ---- The widget ---- */

static void
kairos_pad_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  KairosPad *self = KAIROS_PAD (object);

  switch (prop_id) {
  case PROP_DOCUMENT: g_value_set_object (value, self->document); break;
  case PROP_CENTRE: g_value_set_boolean (value, self->centre); break;
  default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
kairos_pad_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  KairosPad *self = KAIROS_PAD (object);

  switch (prop_id) {
  case PROP_DOCUMENT: kairos_pad_set_document (self, g_value_get_object (value)); break;
  case PROP_CENTRE: set_centre (self, g_value_get_boolean (value)); break;
  default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
kairos_pad_dispose (GObject *object)
{
  KairosPad *self = KAIROS_PAD (object);

  stop_loading (self);
  stop_asking (self);
  if (self->document)
    g_signal_handlers_disconnect_by_func (self->document, on_status_changed, self);
  g_clear_object (&self->document);
  g_clear_pointer (&self->stack, gtk_widget_unparent);
  G_OBJECT_CLASS (kairos_pad_parent_class)->dispose (object);
}

static void
kairos_pad_finalize (GObject *object)
{
  g_free (KAIROS_PAD (object)->input);
  G_OBJECT_CLASS (kairos_pad_parent_class)->finalize (object);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "pad.undo", NULL, undo_action);
  gtk_widget_class_install_action (widget_class, "pad.clear", NULL, clear_action);
  gtk_widget_class_install_action (widget_class, "pad.paste", NULL, paste_action);
  gtk_widget_class_install_property_action (widget_class, "pad.centre", "centre");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_z, GDK_CONTROL_MASK, "pad.undo", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Delete, 0, "pad.clear", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_BackSpace, 0, "pad.clear", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "pad.clear", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_v, GDK_CONTROL_MASK, "pad.paste", NULL);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  g_type_ensure (KAIROS_TYPE_PAD_AREA);
  g_type_ensure (KAIROS_TYPE_PAD_ANSWERS);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/kairos_studio/Kairos/templates/kairos-pad.ui");
  gtk_widget_class_bind_template_child (widget_class, KairosPad, stack);
  gtk_widget_class_bind_template_child (widget_class, KairosPad, area);
  gtk_widget_class_bind_template_child (widget_class, KairosPad, answers);
  gtk_widget_class_bind_template_child (widget_class, KairosPad, seen_box);
  gtk_widget_class_bind_template_child (widget_class, KairosPad, centre_box);
  gtk_widget_class_bind_template_child (widget_class, KairosPad, verdict);
  gtk_widget_class_bind_template_callback (widget_class, update);
}

static void
kairos_pad_class_init (KairosPadClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = kairos_pad_get_property;
  object_class->set_property = kairos_pad_set_property;
  object_class->dispose = kairos_pad_dispose;
  object_class->finalize = kairos_pad_finalize;
  widget_class->map = kairos_pad_map;
  properties[PROP_DOCUMENT] = g_param_spec_object ("document", NULL, NULL, KAIROS_TYPE_DOCUMENT, flags);
  properties[PROP_CENTRE] = g_param_spec_boolean ("centre", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  predicted_signal =
      g_signal_new ("predicted", KAIROS_TYPE_PAD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "pad");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  bind_template (widget_class);
  install_actions (widget_class);
}

static void
kairos_pad_init (KairosPad *self)
{
  GType types[] = { GDK_TYPE_FILE_LIST, GDK_TYPE_TEXTURE };
  GtkDropTarget *drop = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY);

  self->centre = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->seen = KAIROS_SAMPLE_CELL (kairos_sample_cell_new (SEEN_SIZE, FALSE));
  gtk_widget_set_has_tooltip (GTK_WIDGET (self->seen), FALSE); /* it tells of a sample */
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->seen), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What the network is given"), -1);
  gtk_box_append (self->seen_box, GTK_WIDGET (self->seen));
  gtk_drop_target_set_gtypes (drop, types, G_N_ELEMENTS (types));
  g_signal_connect_object (drop, "drop", G_CALLBACK (on_drop), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self->area), GTK_EVENT_CONTROLLER (drop));
  show_dataset (self, NULL);
}

GtkWidget *
kairos_pad_new (void)
{
  return g_object_new (KAIROS_TYPE_PAD, NULL);
}
