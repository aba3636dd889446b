/* SPDX-License-Identifier: MIT */

/* The timeline's panel: what it shows, and how an edit reaches the document.  Its verbs are in
 * kairos-timeline-panel-verbs.c. */
#include "config.h"

#include "timeline/kairos-timeline-panel-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "plots/kairos-figure.h"
#include "plots/kairos-time-ruler.h"
#include "timeline/kairos-branch-dialog.h"
#include "timeline/kairos-clip-popover.h"

enum { PROP_0, PROP_DOCUMENT, PROP_TIME_AXIS, PROP_SNAP, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (KairosTimelinePanel, kairos_timeline_panel, GTK_TYPE_WIDGET)

KairosTimelineLanes *
kairos_timeline_panel_get_lanes (KairosTimelinePanel *self)
{
  return self->lanes;
}

KairosTimeline *
kairos_timeline_panel_get_timeline (KairosTimelinePanel *self)
{
  return self->document ? kairos_document_get_timeline (self->document) : NULL;
}

GArray *
kairos_timeline_panel_get_spans (KairosTimelinePanel *self)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (KairosShade));
  KairosTimeline *timeline = kairos_timeline_panel_get_timeline (self);

  for (guint i = 0; timeline && i < kairos_timeline_get_n_tracks (timeline); i++) {
    const KairosTrack *track = kairos_timeline_get_track (timeline, i);

    for (guint j = 0; kairos_timeline_is_audible (timeline, i) && j < track->n_clips; j++) {
      const KairosClip *clip = track->clips[j];
      const KairosShade span = { clip->from, clip->to, kairos_clip_view_color (clip->kind) };

      if (!clip->muted)
        g_array_append_val (spans, span);
    }
  }
  return spans;
}

/* ---- The document ---- */

/* On an empty timeline, but not over what is about to be dropped there. */
static void
update_hint (KairosTimelinePanel *self)
{
  KairosTimeline *timeline = kairos_timeline_panel_get_timeline (self);
  gboolean dropping =
      self->lanes && (gtk_widget_get_state_flags (GTK_WIDGET (self->lanes)) & GTK_STATE_FLAG_DROP_ACTIVE) != 0;

  gtk_widget_set_visible (self->hint, !dropping && (!timeline || kairos_timeline_is_empty (timeline)));
}

static void
on_timeline_changed (KairosTimelinePanel *self)
{
  kairos_timeline_lanes_set_timeline (self->lanes, kairos_timeline_panel_get_timeline (self));
  update_hint (self);
  kairos_timeline_panel_update_actions (self);
}

/* Also while the plots, which say the same, are not on screen. */
static void
on_status_changed (KairosTimelinePanel *self)
{
  KairosStatus status = { 0 };

  if (self->document)
    kairos_document_get_status (self->document, &status);
  kairos_time_axis_set_length (self->axis, status.epochs);
  kairos_time_axis_set_now (self->axis, status.epoch);
  kairos_timeline_panel_update_release (self);
}

static void
set_document (KairosTimelinePanel *self, KairosDocument *document)
{
  if (!g_set_object (&self->document, document))
    return;
  g_cancellable_cancel (self->pasting);
  gtk_popover_popdown (GTK_POPOVER (self->popover));
  gtk_popover_popdown (GTK_POPOVER (self->track_menu));
  gtk_popover_popdown (GTK_POPOVER (self->rename));
  g_signal_group_set_target (self->signals, document);
  on_timeline_changed (self);
  on_status_changed (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DOCUMENT]);
}

gboolean
kairos_timeline_panel_edit (KairosTimelinePanel *self, KairosTimeline *value, const char *description,
                            const char *merge_key, GArray *made, GError **refusal)
{
  g_autoptr (KairosTimeline) timeline = value;
  g_autoptr (GError) error = refusal ? g_steal_pointer (refusal) : NULL;

  if (!timeline || !kairos_document_edit_timeline (self->document, timeline, description, merge_key, &error)) {
    if (timeline && g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_CHANGED))
      kairos_branch_dialog_present (GTK_WIDGET (self), self->document, timeline, INFINITY, description);
    else
      kairos_document_tell (self->document, error->message, FALSE);
    return FALSE;
  }
  if (made && made->len > 0) {
    kairos_timeline_lanes_select (self->lanes, (const guint32 *) (gpointer) made->data, made->len);
    kairos_timeline_lanes_focus_clip (self->lanes, g_array_index (made, guint32, 0));
  }
  return TRUE;
}

static void
on_edit (KairosTimelinePanel *self, KairosTimeline *timeline, const char *description)
{
  kairos_timeline_panel_edit (self, kairos_timeline_ref (timeline), description, NULL, NULL, NULL);
}

static void
on_refused (KairosTimelinePanel *self, const char *text)
{
  if (self->document)
    kairos_document_tell (self->document, text, FALSE);
}

static void
on_open (KairosTimelinePanel *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "timeline.edit", NULL);
}

/* ---- Menus and buttons ---- */

static void
on_menu (KairosTimelinePanel *self, double x, double y)
{
  double inside_x, inside_y;

  gtk_widget_translate_coordinates (GTK_WIDGET (self->lanes), GTK_WIDGET (self), x, y, &inside_x, &inside_y);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle){ (int) inside_x, (int) inside_y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

/* A submenu a track, in the order of the table of kinds. */
static GMenuModel *
kinds_menu (void)
{
  g_autoptr (GHashTable) submenus = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
  GMenu *menu = g_menu_new ();
  guint n;
  const KairosKind *const *kinds = kairos_kinds (&n);

  for (guint i = 0; i < n; i++) {
    GMenu *submenu = g_hash_table_lookup (submenus, kinds[i]->track);
    g_autoptr (GMenuItem) item = g_menu_item_new (_ (kinds[i]->title), NULL);

    if (!submenu) {
      submenu = g_menu_new ();
      g_hash_table_insert (submenus, (gpointer) kinds[i]->track, submenu);
      g_menu_append_submenu (menu, _ (kinds[i]->track), G_MENU_MODEL (submenu));
    }
    g_menu_item_set_action_and_target (item, "timeline.add", "s", kinds[i]->name);
    g_menu_append_item (submenu, item);
  }
  return G_MENU_MODEL (menu);
}

static void
live_button (KairosTimelinePanel *self, const char *label, const char *action, const char *kind, const char *tooltip)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, tooltip);
  if (kind)
    gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", kind);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_box_append (GTK_BOX (self->live), button);
}

static void
fill_live (KairosTimelinePanel *self)
{
  guint n;
  const KairosKind *const *kinds = kairos_kinds (&n);

  for (guint i = 0; i < n; i++) {
    g_autofree char *tooltip = g_strdup_printf ("%s: %s", _ (kinds[i]->title), _ (kinds[i]->summary));

    if (kinds[i]->live && kinds[i] == kairos_kind_for_samples ())
      live_button (self, _ (kinds[i]->live), "timeline.focus", NULL,
                   _ ("Train on the selected samples only, from the next step on until released"));
    else if (kinds[i]->live)
      live_button (self, _ (kinds[i]->live), "timeline.intervene", kinds[i]->name, tooltip);
  }
  live_button (self, _ ("Release"), "timeline.release", NULL,
               _ ("End the running clip: the selected one, or what was begun by hand last"));
}

/* ---- The widget ---- */

static void
set_axis (KairosTimelinePanel *self, KairosTimeAxis *axis)
{
  if (!axis || !g_set_object (&self->axis, axis))
    return;
  kairos_timeline_lanes_set_axis (self->lanes, axis);
  if (self->ruler)
    gtk_box_remove (GTK_BOX (self->frame), self->ruler);
  self->ruler = kairos_time_ruler_new (axis);
  gtk_box_prepend (GTK_BOX (self->frame), self->ruler);
  on_status_changed (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIME_AXIS]);
}

static void
kairos_timeline_panel_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  KairosTimelinePanel *self = KAIROS_TIMELINE_PANEL (object);

  if (id == PROP_DOCUMENT)
    g_value_set_object (value, self->document);
  else if (id == PROP_TIME_AXIS)
    g_value_set_object (value, self->axis);
  else if (id == PROP_SNAP)
    g_object_get_property (G_OBJECT (self->lanes), "snap", value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kairos_timeline_panel_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  KairosTimelinePanel *self = KAIROS_TIMELINE_PANEL (object);
  gboolean snap;

  if (id == PROP_DOCUMENT)
    set_document (self, g_value_get_object (value));
  else if (id == PROP_TIME_AXIS)
    set_axis (self, g_value_get_object (value));
  else if (id == PROP_SNAP) {
    g_object_get (self->lanes, "snap", &snap, NULL);
    g_object_set_property (G_OBJECT (self->lanes), "snap", value);
    if (snap != g_value_get_boolean (value))
      g_object_notify_by_pspec (object, pspec);
  } else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kairos_timeline_panel_dispose (GObject *object)
{
  KairosTimelinePanel *self = KAIROS_TIMELINE_PANEL (object);

  g_cancellable_cancel (self->pasting);
  g_clear_object (&self->pasting);
  g_clear_object (&self->signals);
  g_clear_object (&self->document);
  g_clear_pointer (&self->popover, gtk_widget_unparent);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  g_clear_pointer (&self->track_menu, gtk_widget_unparent);
  g_clear_pointer (&self->rename, gtk_widget_unparent);
  self->lanes = NULL;
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->axis);
  G_OBJECT_CLASS (kairos_timeline_panel_parent_class)->dispose (object);
}

static void
kairos_timeline_panel_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  KairosTimelinePanel *self = KAIROS_TIMELINE_PANEL (widget);

  gtk_widget_size_allocate (self->box, &(GtkAllocation){ 0, 0, width, height }, baseline);
  gtk_popover_present (GTK_POPOVER (self->popover));
  gtk_popover_present (GTK_POPOVER (self->menu));
  gtk_popover_present (GTK_POPOVER (self->track_menu));
  gtk_popover_present (GTK_POPOVER (self->rename));
}

static void
kairos_timeline_panel_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                               int *minimum_baseline, int *natural_baseline)
{
  gtk_widget_measure (KAIROS_TIMELINE_PANEL (widget)->box, orientation, for_size, minimum, natural, minimum_baseline,
                      natural_baseline);
}

static void
kairos_timeline_panel_class_init (KairosTimelinePanelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = kairos_timeline_panel_get_property;
  object_class->set_property = kairos_timeline_panel_set_property;
  object_class->dispose = kairos_timeline_panel_dispose;
  widget_class->size_allocate = kairos_timeline_panel_size_allocate;
  widget_class->measure = kairos_timeline_panel_measure;
  properties[PROP_DOCUMENT] = g_param_spec_object ("document", NULL, NULL, KAIROS_TYPE_DOCUMENT, flags);
  properties[PROP_TIME_AXIS] = g_param_spec_object ("time-axis", NULL, NULL, KAIROS_TYPE_TIME_AXIS, flags);
  properties[PROP_SNAP] = g_param_spec_boolean ("snap", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  kairos_timeline_panel_install_actions (widget_class);
  g_type_ensure (KAIROS_TYPE_TIMELINE_LANES);
  gtk_widget_class_set_css_name (widget_class, "timelinepanel");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/kairos_studio/Kairos/templates/kairos-timeline-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, KairosTimelinePanel, box);
  gtk_widget_class_bind_template_child (widget_class, KairosTimelinePanel, frame);
  gtk_widget_class_bind_template_child (widget_class, KairosTimelinePanel, add_button);
  gtk_widget_class_bind_template_child (widget_class, KairosTimelinePanel, live);
  gtk_widget_class_bind_template_child (widget_class, KairosTimelinePanel, hint);
  gtk_widget_class_bind_template_child (widget_class, KairosTimelinePanel, lanes);
  gtk_widget_class_bind_template_child (widget_class, KairosTimelinePanel, menu_model);
  gtk_widget_class_bind_template_callback (widget_class, on_edit);
  gtk_widget_class_bind_template_callback (widget_class, on_menu);
  gtk_widget_class_bind_template_callback (widget_class, on_open);
  gtk_widget_class_bind_template_callback (widget_class, on_refused);
  gtk_widget_class_bind_template_callback (widget_class, update_hint);
  gtk_widget_class_bind_template_callback (widget_class, kairos_timeline_panel_update_actions);
}

static void
kairos_timeline_panel_init (KairosTimelinePanel *self)
{
  g_autoptr (GMenuModel) menu = kinds_menu ();
  g_autoptr (KairosTimeAxis) axis = kairos_time_axis_new ();

  self->signals = g_signal_group_new (KAIROS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (self->signals, "notify::timeline", G_CALLBACK (on_timeline_changed), self);
  g_signal_group_connect_swapped (self->signals, "status-changed", G_CALLBACK (on_status_changed), self);
  g_signal_group_connect_swapped (self->signals, "selection-changed", G_CALLBACK (kairos_timeline_panel_update_actions),
                                  self);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->popover = kairos_clip_popover_new ();
  gtk_widget_set_parent (self->popover, GTK_WIDGET (self));
  self->menu = gtk_popover_menu_new_from_model (self->menu_model);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
  gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
  kairos_timeline_tracks_init (self);
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->add_button), menu);
  fill_live (self);
  set_axis (self, axis);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Timeline"), -1);
  kairos_timeline_panel_update_actions (self);
}

GtkWidget *
kairos_timeline_panel_new (void)
{
  return g_object_new (KAIROS_TYPE_TIMELINE_PANEL, NULL);
}
