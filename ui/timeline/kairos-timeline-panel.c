/* SPDX-License-Identifier: MIT */

/* The timeline's panel: verbs on the document's timeline. */
#include "config.h"

#include "timeline/kairos-timeline-panel.h"

#include <glib/gi18n.h>
#include <kairos/document-samples.h>
#include <math.h>
#include <string.h>

#include "plots/kairos-figure.h"
#include "plots/kairos-time-ruler.h"
#include "timeline/kairos-branch-dialog.h"
#include "timeline/kairos-clip-popover.h"
#include "timeline/kairos-timeline-edits.h"

#define ZOOM_STEP 1.5

struct _KairosTimelinePanel {
  GtkWidget parent_instance;
  GtkWidget *box, *frame, *add_button, *live, *hint, *ruler, *popover, *menu;
  GMenuModel *menu_model;
  KairosTimelineLanes *lanes;
  KairosTimeAxis *axis;
  KairosDocument *document;
  GSignalGroup *signals;
  GCancellable *pasting;
};

enum { PROP_0, PROP_DOCUMENT, PROP_TIME_AXIS, PROP_SNAP, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (KairosTimelinePanel, kairos_timeline_panel, GTK_TYPE_WIDGET)

KairosTimelineLanes *
kairos_timeline_panel_get_lanes (KairosTimelinePanel *self)
{
  return self->lanes;
}

static KairosTimeline *
get_timeline (KairosTimelinePanel *self)
{
  return self->document ? kairos_document_get_timeline (self->document) : NULL;
}

static double
get_now (KairosTimelinePanel *self)
{
  KairosStatus status;

  kairos_document_get_status (self->document, &status);
  return status.epoch;
}

static void
tell (KairosTimelinePanel *self, const char *text)
{
  if (self->document)
    kairos_document_tell (self->document, text, FALSE);
}

GArray *
kairos_timeline_panel_get_spans (KairosTimelinePanel *self)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (KairosShade));
  KairosTimeline *timeline = get_timeline (self);

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

/* ---- What may be done ---- */

/* The clip that Release would end: the one selected, or else the last that was recorded. */
static const KairosClip *
releasable (KairosTimelinePanel *self)
{
  KairosTimeline *timeline = get_timeline (self);
  double now = timeline ? get_now (self) : 0;
  const KairosClip *found = NULL;
  guint n_selected;
  const guint32 *selected = kairos_timeline_lanes_get_selection (self->lanes, &n_selected);

  for (guint i = 0; timeline && i < kairos_timeline_get_n_tracks (timeline); i++) {
    const KairosTrack *track = kairos_timeline_get_track (timeline, i);

    for (guint j = 0; j < track->n_clips; j++) {
      const KairosClip *clip = track->clips[j];

      if (clip->kind->event || clip->from > now || clip->to <= now)
        continue;
      if (n_selected == 1 && selected[0] == clip->id)
        return clip;
      if (clip->recorded && (!found || clip->from >= found->from))
        found = clip;
    }
  }
  return found;
}

static void
update_actions (KairosTimelinePanel *self)
{
  static const char *const on_selection[] = { "timeline.split", "timeline.duplicate", "timeline.delete",
                                              "timeline.cut",   "timeline.copy",      "timeline.mute",
                                              "timeline.nudge", "timeline.stretch" };
  static const char *const on_document[] = { "timeline.add", "timeline.paste", "timeline.intervene",
                                             "timeline.select-all", "timeline.branch" };
  GtkWidget *widget = GTK_WIDGET (self);
  KairosTimeline *timeline = get_timeline (self);
  guint n = 0, n_samples = 0;

  if (!self->lanes)
    return;
  kairos_timeline_lanes_get_selection (self->lanes, &n);
  if (self->document)
    kairos_document_get_selection (self->document, &n_samples);
  for (guint i = 0; i < G_N_ELEMENTS (on_selection); i++)
    gtk_widget_action_set_enabled (widget, on_selection[i], n > 0);
  for (guint i = 0; i < G_N_ELEMENTS (on_document); i++)
    gtk_widget_action_set_enabled (widget, on_document[i], timeline != NULL);
  gtk_widget_action_set_enabled (widget, "timeline.edit", n == 1);
  gtk_widget_action_set_enabled (widget, "timeline.focus", n_samples > 0);
  gtk_widget_action_set_enabled (widget, "timeline.release", releasable (self) != NULL);
  gtk_widget_set_sensitive (self->add_button, timeline != NULL);
}

/* ---- The document ---- */

/* On an empty timeline, but not over what is about to be dropped there. */
static void
update_hint (KairosTimelinePanel *self)
{
  KairosTimeline *timeline = get_timeline (self);
  gboolean dropping =
      self->lanes && (gtk_widget_get_state_flags (GTK_WIDGET (self->lanes)) & GTK_STATE_FLAG_DROP_ACTIVE) != 0;

  gtk_widget_set_visible (self->hint, !dropping && (!timeline || kairos_timeline_is_empty (timeline)));
}

static void
on_timeline_changed (KairosTimelinePanel *self)
{
  kairos_timeline_lanes_set_timeline (self->lanes, get_timeline (self));
  update_hint (self);
  update_actions (self);
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
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "timeline.release", releasable (self) != NULL);
}

static void
set_document (KairosTimelinePanel *self, KairosDocument *document)
{
  if (!g_set_object (&self->document, document))
    return;
  g_cancellable_cancel (self->pasting);
  gtk_popover_popdown (GTK_POPOVER (self->popover));
  g_signal_group_set_target (self->signals, document);
  on_timeline_changed (self);
  on_status_changed (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DOCUMENT]);
}

/* Takes the value (NULL: refused, with an error) as one step, and selects what is new.  One that changes the past needs
 * a run of its own. */
static gboolean
edit (KairosTimelinePanel *self, KairosTimeline *value, const char *description, const char *merge_key, GArray *made,
      GError **refusal)
{
  g_autoptr (KairosTimeline) timeline = value;
  g_autoptr (GError) error = refusal ? g_steal_pointer (refusal) : NULL;

  if (!timeline || !kairos_document_edit_timeline (self->document, timeline, description, merge_key, &error)) {
    if (timeline && g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_CHANGED))
      kairos_branch_dialog_present (GTK_WIDGET (self), self->document, timeline, INFINITY, description);
    else
      tell (self, error->message);
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
  edit (self, kairos_timeline_ref (timeline), description, NULL, NULL, NULL);
}

static void
on_refused (KairosTimelinePanel *self, const char *text)
{
  tell (self, text);
}

static void
on_open (KairosTimelinePanel *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "timeline.edit", NULL);
}

/* ---- New clips ---- */

/* A little after the playhead where that is in view, on the grid. */
static double
place_for_new (KairosTimelinePanel *self, double grid)
{
  double from = kairos_time_axis_get_from (self->axis), to = kairos_time_axis_get_to (self->axis), now = get_now (self);

  return ceil (MAX (now < to ? now : from, from) / grid - 1e-9) * grid;
}

static void
add_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosTimelinePanel *self = KAIROS_TIMELINE_PANEL (widget);
  const KairosKind *kind = kairos_kind_find (g_variant_get_string (parameter, NULL));
  g_autoptr (GArray) made = g_array_new (FALSE, FALSE, sizeof (guint32));
  double grid = kairos_timeline_lanes_get_grid (self->lanes);
  g_autofree char *description = NULL;
  KairosTimeline *timeline;
  GError *error = NULL;
  const guint32 *samples;
  guint32 id = 0;
  guint n;

  if (!kind || !self->document)
    return;
  samples = kairos_document_get_selection (self->document, &n);
  timeline = kairos_timeline_add_clip (get_timeline (self), kind->name, samples, n, place_for_new (self, grid),
                                       KAIROS_TIMELINE_NEW_LENGTH * grid, &id, &error);
  g_array_append_val (made, id);
  description = g_strdup_printf (_ ("Add %s"), _ (kind->title));
  edit (self, timeline, description, NULL, made, &error);
}

static void
intervene (KairosTimelinePanel *self, const char *kind)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;
  const guint32 *samples;
  guint n;

  if (!self->document || !kairos_kind_find (kind))
    return;
  samples = kairos_document_get_selection (self->document, &n);
  json_node_take_object (node, kairos_timeline_new_clip (kind, samples, n));
  text = json_to_string (node, FALSE);
  kairos_document_intervene (self->document, text);
}

static void
intervene_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  intervene (KAIROS_TIMELINE_PANEL (widget), g_variant_get_string (parameter, NULL));
}

static void
release (KairosTimelinePanel *self)
{
  const KairosClip *clip = releasable (self);

  if (clip)
    kairos_document_release (self->document, clip->id);
}

/* ---- Clipboard ---- */

static void
on_pasted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KairosTimelinePanel) self = user_data;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);
  g_autoptr (GArray) made = g_array_new (FALSE, FALSE, sizeof (guint32));
  GError *error = NULL;
  KairosTimeline *timeline;
  double at;

  if (!self->document || !self->lanes)
    return;
  at = place_for_new (self, kairos_timeline_lanes_get_grid (self->lanes));
  timeline = kairos_timeline_paste_clips (get_timeline (self), text, at, made, &error);
  edit (self, timeline, _ ("Paste clips"), NULL, made, &error);
}

static void
paste (KairosTimelinePanel *self)
{
  g_cancellable_cancel (self->pasting);
  g_clear_object (&self->pasting);
  self->pasting = g_cancellable_new ();
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->pasting, on_pasted,
                                 g_object_ref (self));
}

static void
copy (KairosTimelinePanel *self, const guint32 *ids, guint n)
{
  g_autofree char *text = kairos_timeline_copy_clips (get_timeline (self), ids, n);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

/* ---- Verbs on the selection ---- */

static void
select_all (KairosTimelinePanel *self)
{
  KairosTimeline *timeline = get_timeline (self);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < kairos_timeline_get_n_tracks (timeline); i++) {
    const KairosTrack *track = kairos_timeline_get_track (timeline, i);

    for (guint j = 0; j < track->n_clips; j++)
      g_array_append_val (ids, track->clips[j]->id);
  }
  kairos_timeline_lanes_select (self->lanes, (const guint32 *) (gpointer) ids->data, ids->len);
}

static void
show_clip (KairosTimelinePanel *self, guint32 id)
{
  KairosClipView *view = kairos_timeline_lanes_find (self->lanes, id);
  graphene_rect_t bounds;

  kairos_timeline_lanes_focus_clip (self->lanes, id);
  if (!view || !gtk_widget_compute_bounds (GTK_WIDGET (view), GTK_WIDGET (self), &bounds))
    return;
  gtk_popover_set_pointing_to (GTK_POPOVER (self->popover),
                               &(GdkRectangle){ bounds.origin.x, bounds.origin.y, MAX (1, bounds.size.width),
                                                MAX (1, bounds.size.height) });
  kairos_clip_popover_show (KAIROS_CLIP_POPOVER (self->popover), self->document, id);
}

static void
selection_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosTimelinePanel *self = KAIROS_TIMELINE_PANEL (widget);
  KairosTimeline *timeline = get_timeline (self);
  g_autoptr (GArray) made = g_array_new (FALSE, FALSE, sizeof (guint32));
  double at = kairos_timeline_lanes_get_pointer (self->lanes), fine = kairos_timeline_lanes_get_grid (self->lanes) / 10;
  GError *error = NULL;
  guint n;
  const guint32 *selected = kairos_timeline_lanes_get_selection (self->lanes, &n);
  g_autofree guint32 *ids = g_memdup2 (selected, n * sizeof *selected);

  if (!timeline || n == 0)
    return;
  at = isnan (at) ? get_now (self) : round (at / fine) * fine;
  if (g_str_equal (name, "timeline.split"))
    edit (self, kairos_timeline_split_clips (timeline, ids, n, at, made, &error), _ ("Split clips"), NULL, made,
          &error);
  else if (g_str_equal (name, "timeline.duplicate"))
    edit (self,
          kairos_timeline_duplicate_clips (timeline, ids, n, kairos_timeline_lanes_get_grid (self->lanes), made,
                                           &error),
          _ ("Duplicate clips"), NULL, made, &error);
  else if (g_str_equal (name, "timeline.mute"))
    edit (self, kairos_timeline_mute_clips (timeline, ids, n, &error), _ ("Mute clips"), NULL, NULL, &error);
  else if (g_str_equal (name, "timeline.edit"))
    show_clip (self, ids[0]);
  if (g_str_equal (name, "timeline.copy") || g_str_equal (name, "timeline.cut"))
    copy (self, ids, n);
  if (g_str_equal (name, "timeline.delete") || g_str_equal (name, "timeline.cut"))
    edit (self, kairos_timeline_delete_clips (timeline, ids, n, &error), _ ("Delete clips"), NULL, NULL, &error);
}

/* By grid steps; several in a row are one step to undo. */
static void
nudge_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosTimelinePanel *self = KAIROS_TIMELINE_PANEL (widget);
  KairosTimeline *timeline = get_timeline (self), *value;
  double grid = kairos_timeline_lanes_get_grid (self->lanes), by = g_variant_get_double (parameter) * grid;
  g_autofree char *merge_key = NULL;
  GError *error = NULL;
  guint n;
  const guint32 *ids = kairos_timeline_lanes_get_selection (self->lanes, &n);

  if (!timeline || n == 0)
    return;
  merge_key = g_strdup_printf ("%s %u %u", name, ids[0], n);
  if (g_str_equal (name, "timeline.nudge")) {
    for (guint i = 0; i < n; i++)
      by = MAX (by, -kairos_timeline_find (timeline, ids[i], NULL)->from);
    value = kairos_timeline_shift (timeline, ids, n, by, 0, &error);
  } else {
    const KairosClip *clip = kairos_timeline_find (timeline, ids[0], NULL);

    if (n > 1 || clip->kind->event)
      return;
    value = kairos_timeline_trim (timeline, clip->id, clip->from, MAX (clip->to + by, clip->from + grid), &error);
  }
  edit (self, value, g_str_equal (name, "timeline.nudge") ? _ ("Move clips") : _ ("Trim clip"), merge_key, NULL,
        &error);
}

static void
track_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosTimelinePanel *self = KAIROS_TIMELINE_PANEL (widget);
  KairosTimeline *timeline = get_timeline (self);
  guint index = g_variant_get_uint32 (parameter);
  const KairosTrack *track;
  GError *error = NULL;

  if (!timeline || index >= kairos_timeline_get_n_tracks (timeline))
    return;
  track = kairos_timeline_get_track (timeline, index);
  if (g_str_equal (name, "timeline.mute-track"))
    edit (self, kairos_timeline_mute_track (timeline, index, !track->muted, &error), _ ("Mute track"), NULL, NULL,
          &error);
  else
    edit (self, kairos_timeline_solo_track (timeline, index, !track->solo, &error), _ ("Solo track"), NULL, NULL,
          &error);
}

/* ---- Verbs without a selection ---- */

/* A new run that goes on from where the person points, or from where the training is. */
static void
branch (KairosTimelinePanel *self)
{
  double at = kairos_timeline_lanes_get_pointer (self->lanes);

  kairos_branch_dialog_present (GTK_WIDGET (self), self->document, get_timeline (self), isnan (at) ? INFINITY : at, "");
}

static void
on_menu (KairosTimelinePanel *self, double x, double y)
{
  double inside_x, inside_y;

  gtk_widget_translate_coordinates (GTK_WIDGET (self->lanes), GTK_WIDGET (self), x, y, &inside_x, &inside_y);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle){ (int) inside_x, (int) inside_y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static void
zoom (KairosTimelinePanel *self, double factor)
{
  double from = kairos_time_axis_get_from (self->axis), to = kairos_time_axis_get_to (self->axis),
         now = kairos_time_axis_get_now (self->axis);

  kairos_time_axis_zoom_at (self->axis, factor, now > from && now <= to ? now : (from + to) / 2);
}

static void
simple_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosTimelinePanel *self = KAIROS_TIMELINE_PANEL (widget);

  if (g_str_equal (name, "timeline.fit"))
    kairos_time_axis_fit (self->axis);
  else if (g_str_equal (name, "timeline.zoom-in"))
    zoom (self, ZOOM_STEP);
  else if (g_str_equal (name, "timeline.zoom-out"))
    zoom (self, 1 / ZOOM_STEP);
  else if (g_str_equal (name, "timeline.select-none"))
    kairos_timeline_lanes_select (self->lanes, NULL, 0);
  else if (!self->document)
    return;
  else if (g_str_equal (name, "timeline.paste"))
    paste (self);
  else if (g_str_equal (name, "timeline.focus"))
    intervene (self, "focus");
  else if (g_str_equal (name, "timeline.release"))
    release (self);
  else if (g_str_equal (name, "timeline.branch"))
    branch (self);
  else
    select_all (self);
}

static void
install_actions (GtkWidgetClass *klass)
{
  static const char *const selection[] = { "timeline.split", "timeline.duplicate", "timeline.delete", "timeline.cut",
                                           "timeline.copy",  "timeline.mute",      "timeline.edit" };
  static const char *const simple[] = { "timeline.fit",        "timeline.zoom-in",     "timeline.zoom-out",
                                        "timeline.select-all", "timeline.select-none", "timeline.paste",
                                        "timeline.focus",      "timeline.release",     "timeline.branch" };

  for (guint i = 0; i < G_N_ELEMENTS (selection); i++)
    gtk_widget_class_install_action (klass, selection[i], NULL, selection_action);
  for (guint i = 0; i < G_N_ELEMENTS (simple); i++)
    gtk_widget_class_install_action (klass, simple[i], NULL, simple_action);
  gtk_widget_class_install_action (klass, "timeline.add", "s", add_action);
  gtk_widget_class_install_action (klass, "timeline.intervene", "s", intervene_action);
  gtk_widget_class_install_action (klass, "timeline.mute-track", "u", track_action);
  gtk_widget_class_install_action (klass, "timeline.solo-track", "u", track_action);
  gtk_widget_class_install_action (klass, "timeline.nudge", "d", nudge_action);
  gtk_widget_class_install_action (klass, "timeline.stretch", "d", nudge_action);
  gtk_widget_class_install_property_action (klass, "timeline.snap", "snap");
}

/* ---- Menus and buttons ---- */

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
  static const struct {
    const char *label, *kind;
  } kinds[] = { { N_ ("Blur"), "blur" },
                { N_ ("Noise"), "anti-pgd" },
                { N_ ("Prune"), "prune" },
                { N_ ("Rewind"), "rewind" },
                { N_ ("Shrink"), "shrink-perturb" } };

  live_button (self, _ ("Focus"), "timeline.focus", NULL,
               _ ("Train on the selected samples only, from the next step on until released"));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    const KairosKind *kind = kairos_kind_find (kinds[i].kind);
    g_autofree char *tooltip = g_strdup_printf ("%s: %s", _ (kind->title), _ (kind->summary));

    live_button (self, _ (kinds[i].label), "timeline.intervene", kind->name, tooltip);
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

  if (id == PROP_DOCUMENT)
    set_document (self, g_value_get_object (value));
  else if (id == PROP_TIME_AXIS)
    set_axis (self, g_value_get_object (value));
  else if (id == PROP_SNAP) {
    g_object_set_property (G_OBJECT (self->lanes), "snap", value);
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
  install_actions (widget_class);
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
  gtk_widget_class_bind_template_callback (widget_class, update_actions);
}

static void
kairos_timeline_panel_init (KairosTimelinePanel *self)
{
  g_autoptr (GMenuModel) menu = kinds_menu ();
  g_autoptr (KairosTimeAxis) axis = kairos_time_axis_new ();

  self->signals = g_signal_group_new (KAIROS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (self->signals, "notify::timeline", G_CALLBACK (on_timeline_changed), self);
  g_signal_group_connect_swapped (self->signals, "status-changed", G_CALLBACK (on_status_changed), self);
  g_signal_group_connect_swapped (self->signals, "selection-changed", G_CALLBACK (update_actions), self);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->popover = kairos_clip_popover_new ();
  gtk_widget_set_parent (self->popover, GTK_WIDGET (self));
  self->menu = gtk_popover_menu_new_from_model (self->menu_model);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
  gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->add_button), menu);
  fill_live (self);
  set_axis (self, axis);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Timeline"), -1);
  update_actions (self);
}

GtkWidget *
kairos_timeline_panel_new (void)
{
  return g_object_new (KAIROS_TYPE_TIMELINE_PANEL, NULL);
}
