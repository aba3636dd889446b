/* SPDX-License-Identifier: MIT */

/* The plot of a curve and its buttons.  Edits are values of the timeline, made here and taken elsewhere. */
#include "config.h"

#include "timeline/kairos-curve-editor.h"

#include <glib/gi18n.h>
#include <kairos/preview.h>

#include "timeline/kairos-curve-plot.h"

enum { PROP_0, PROP_LOG, N_PROPS };

struct _KairosCurveEditor {
  GtkWidget parent_instance;
  GtkWidget *plot, *caption, *box, *draw, *add, *remove, *shape, *log_button;
  KairosTimeline *timeline;
  guint32 clip;
  KairosTimeline *shaped; /* before its shape became points */
  gboolean log;
  int current; /* point; -1: none */
  guint run;   /* counts: moves by the keyboard of one run are one step */
};

static GParamSpec *properties[N_PROPS];
static guint edit_signal;

G_DEFINE_FINAL_TYPE (KairosCurveEditor, kairos_curve_editor, GTK_TYPE_WIDGET)

static const KairosClip *
get_clip (KairosCurveEditor *self)
{
  return self->timeline ? kairos_timeline_find (self->timeline, self->clip, NULL) : NULL;
}

static guint
n_points (KairosCurveEditor *self)
{
  const KairosClip *clip = get_clip (self);
  g_autoptr (GArray) points = clip ? kairos_clip_points (clip, NULL) : NULL;

  return points ? points->len : 0;
}

static void
hand_out (KairosCurveEditor *self, KairosTimeline *value, const char *description, const char *merge_key)
{
  if (value)
    g_signal_emit (self, edit_signal, 0, value, description, merge_key);
}

/* ---- What is shown ---- */

static void
show_caption (KairosCurveEditor *self)
{
  g_autofree char *text = kairos_curve_plot_describe (KAIROS_CURVE_PLOT (self->plot));
  gboolean drawn = n_points (self) > 0;

  gtk_label_set_text (GTK_LABEL (self->caption),
                      text    ? text
                      : drawn ? _ ("Click the line to add a point; drag points; double-click one to remove it")
                              : _ ("Follows a shape; make points of it to draw it by hand"));
}

static void
show_state (KairosCurveEditor *self)
{
  guint n = n_points (self);

  gtk_widget_set_tooltip_text (self->plot,
                               n > 0 ? _ ("Click the line to add a point; drag points; double-click one to remove it")
                                     : NULL);
  gtk_widget_set_visible (self->draw, n == 0);
  gtk_widget_set_visible (self->add, n > 0);
  gtk_widget_set_visible (self->remove, n > 0);
  gtk_widget_set_visible (self->shape, n > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "curve.draw", n == 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "curve.shape", n > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "curve.add", n > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "curve.remove", n > 1);
  show_caption (self);
}

static void
set_log (KairosCurveEditor *self, gboolean on)
{
  kairos_curve_plot_set_log (KAIROS_CURVE_PLOT (self->plot), on);
  if (self->log == on)
    return;
  self->log = on;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOG]);
}

void
kairos_curve_editor_set_clip (KairosCurveEditor *self, KairosTimeline *timeline, guint32 id, double now)
{
  const KairosClip *clip = kairos_timeline_find (timeline, id, NULL);
  const KairosParam *param = clip ? kairos_kind_points (clip->kind) : NULL;
  gboolean other = id != self->clip || !self->timeline;
  KairosTimeline *before = self->timeline;

  gtk_widget_set_visible (GTK_WIDGET (self), param != NULL);
  self->timeline = param ? kairos_timeline_ref (timeline) : NULL;
  kairos_timeline_unref (before);
  self->clip = id;
  if (other) {
    self->run++;
    g_clear_pointer (&self->shaped, kairos_timeline_unref);
  }
  if (!param)
    return;
  kairos_curve_plot_set_clip (KAIROS_CURVE_PLOT (self->plot), clip, now);
  gtk_widget_set_visible (self->log_button, param->max > 1);
  if (other)
    set_log (self, kairos_curve_plot_suits_log (KAIROS_CURVE_PLOT (self->plot)));
  show_state (self);
}

void
kairos_curve_editor_set_now (KairosCurveEditor *self, double now)
{
  kairos_curve_plot_set_now (KAIROS_CURVE_PLOT (self->plot), now);
}

/* ---- Edits ---- */

static void
on_edit (KairosCurveEditor *self, GArray *points, const char *description, gboolean keyboard)
{
  g_autofree char *merge_key = keyboard ? g_strdup_printf ("points %u %u", self->clip, self->run) : NULL;
  g_autoptr (KairosTimeline) value = NULL;

  if (!get_clip (self))
    return;
  value = kairos_timeline_set_points (self->timeline, self->clip, (const KairosPoint *) (gpointer) points->data,
                                      points->len, NULL);
  if (!keyboard)
    self->run++;
  hand_out (self, value, description, merge_key);
}

static void
on_current (KairosCurveEditor *self)
{
  int current = kairos_curve_plot_get_current (KAIROS_CURVE_PLOT (self->plot));

  if (current != self->current) /* another point begins another run */
    self->run++;
  self->current = current;
  show_caption (self);
}

static void
draw (KairosCurveEditor *self)
{
  g_autoptr (GArray) points = kairos_clip_trace (get_clip (self));
  g_autoptr (KairosTimeline) shaped = kairos_timeline_ref (self->timeline), value = NULL;

  value = kairos_timeline_set_points (self->timeline, self->clip, (const KairosPoint *) (gpointer) points->data,
                                      points->len, NULL);
  hand_out (self, value, _ ("Draw curve"), NULL);
  if (n_points (self) > 0) {
    g_clear_pointer (&self->shaped, kairos_timeline_unref);
    self->shaped = g_steal_pointer (&shaped);
    gtk_widget_child_focus (self->plot, GTK_DIR_TAB_FORWARD);
  }
}

/* The shape that was made points of here, if it was, else the plain one. */
static void
back_to_shape (KairosCurveEditor *self)
{
  const KairosClip *clip = self->shaped ? kairos_timeline_find (self->shaped, self->clip, NULL) : NULL;
  g_autoptr (KairosTimeline) value = kairos_timeline_set_points (self->timeline, self->clip, NULL, 0, NULL);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (value && clip) {
    json_object_iter_init (&iter, clip->params);
    while (json_object_iter_next (&iter, &name, &node)) {
      KairosTimeline *next = NULL;

      if (!json_object_has_member (get_clip (self)->params, name))
        next = kairos_timeline_set_param (value, self->clip, name, node, NULL);
      if (!next)
        continue;
      kairos_timeline_unref (value);
      value = next;
    }
  }
  hand_out (self, value, _ ("Back to a shape"), NULL);
}

static void
on_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosCurveEditor *self = KAIROS_CURVE_EDITOR (widget);
  KairosCurvePlot *plot = KAIROS_CURVE_PLOT (self->plot);
  double right, up;

  if (!get_clip (self))
    return;
  if (g_str_equal (name, "curve.draw"))
    draw (self);
  else if (g_str_equal (name, "curve.shape"))
    back_to_shape (self);
  else if (g_str_equal (name, "curve.add"))
    kairos_curve_plot_add (plot);
  else if (g_str_equal (name, "curve.remove"))
    kairos_curve_plot_remove (plot);
  else {
    g_variant_get (parameter, "(dd)", &right, &up);
    kairos_curve_plot_move (plot, right, up);
  }
}

/* ---- The widget ---- */

static GtkWidget *
button_new (KairosCurveEditor *self, const char *label, const char *action, const char *name, const char *tooltip)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_box_append (GTK_BOX (self->box), button);
  return button;
}

static void
fill_box (KairosCurveEditor *self)
{
  self->draw = button_new (self, _ ("Draw by Hand"), "curve.draw", _ ("Draw by hand"),
                           _ ("Make points of the shape, to be dragged"));
  self->add = button_new (self, _ ("Add"), "curve.add", _ ("Add point"),
                          _ ("Add a point amid the line behind the one chosen (Insert)"));
  self->remove =
      button_new (self, _ ("Remove"), "curve.remove", _ ("Remove point"), _ ("Remove the point chosen (Delete)"));
  self->shape = button_new (self, _ ("Back to a Shape"), "curve.shape", _ ("Back to a shape"), _ ("Remove all points"));
  self->log_button = gtk_toggle_button_new_with_label (_ ("Log"));
  gtk_widget_set_tooltip_text (self->log_button, _ ("Values on a logarithmic scale"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->log_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Values on a logarithmic scale"), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->log_button), "curve.log");
  gtk_widget_set_hexpand (self->log_button, TRUE);
  gtk_widget_set_halign (self->log_button, GTK_ALIGN_END);
  gtk_box_append (GTK_BOX (self->box), self->log_button);
}

static void
kairos_curve_editor_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_LOG)
    g_value_set_boolean (value, KAIROS_CURVE_EDITOR (object)->log);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kairos_curve_editor_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_LOG)
    set_log (KAIROS_CURVE_EDITOR (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kairos_curve_editor_dispose (GObject *object)
{
  KairosCurveEditor *self = KAIROS_CURVE_EDITOR (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);
  g_clear_pointer (&self->timeline, kairos_timeline_unref);
  g_clear_pointer (&self->shaped, kairos_timeline_unref);
  G_OBJECT_CLASS (kairos_curve_editor_parent_class)->dispose (object);
}

static void
kairos_curve_editor_class_init (KairosCurveEditorClass *klass)
{
  static const char *const actions[] = { "curve.draw", "curve.shape", "curve.add", "curve.remove" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = kairos_curve_editor_get_property;
  object_class->set_property = kairos_curve_editor_set_property;
  object_class->dispose = kairos_curve_editor_dispose;
  properties[PROP_LOG] = g_param_spec_boolean ("log", NULL, NULL, FALSE,
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  edit_signal = g_signal_new ("edit", KAIROS_TYPE_CURVE_EDITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                              G_TYPE_POINTER, G_TYPE_STRING, G_TYPE_STRING);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i], NULL, on_action);
  gtk_widget_class_install_action (widget_class, "curve.move", "(dd)", on_action);
  gtk_widget_class_install_property_action (widget_class, "curve.log", "log");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "curveeditor");
}

static void
kairos_curve_editor_init (KairosCurveEditor *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 6);
  self->plot = kairos_curve_plot_new ();
  self->caption = gtk_label_new (NULL);
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_label_set_xalign (GTK_LABEL (self->caption), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->caption), PANGO_ELLIPSIZE_END);
  /* the width is the plot's, so that nothing moves when the text changes */
  gtk_label_set_max_width_chars (GTK_LABEL (self->caption), 1);
  gtk_widget_add_css_class (self->caption, "caption");
  self->current = -1;
  fill_box (self);
  gtk_widget_set_parent (self->plot, GTK_WIDGET (self));
  gtk_widget_set_parent (self->caption, GTK_WIDGET (self));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect_swapped (self->plot, "edit", G_CALLBACK (on_edit), self);
  g_signal_connect_swapped (self->plot, "current-changed", G_CALLBACK (on_current), self);
}

GtkWidget *
kairos_curve_editor_new (void)
{
  return g_object_new (KAIROS_TYPE_CURVE_EDITOR, NULL);
}
