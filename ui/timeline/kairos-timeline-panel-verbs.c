/* SPDX-License-Identifier: MIT */

/* The timeline's verbs: an action each, found in the tables at the end by its name. */
#include "config.h"

#include <glib/gi18n.h>
#include <kairos/document-samples.h>
#include <math.h>

#include "timeline/kairos-branch-dialog.h"
#include "timeline/kairos-clip-popover.h"
#include "timeline/kairos-timeline-edits.h"
#include "timeline/kairos-timeline-panel-private.h"

#define ZOOM_STEP 1.5

static double
get_now (KairosTimelinePanel *self)
{
  KairosStatus status;

  kairos_document_get_status (self->document, &status);
  return status.epoch;
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
  timeline = kairos_timeline_add_clip (kairos_timeline_panel_get_timeline (self), kind->name, samples, n,
                                       place_for_new (self, grid), KAIROS_TIMELINE_NEW_LENGTH * grid, &id, &error);
  g_array_append_val (made, id);
  description = g_strdup_printf (_ ("Add %s"), _ (kind->title));
  kairos_timeline_panel_edit (self, timeline, description, NULL, made, &error);
}

static void
intervene (KairosTimelinePanel *self, const char *kind)
{
  g_autoptr (JsonObject) clip = NULL;
  const guint32 *samples;
  guint n;

  if (!self->document || !kairos_kind_find (kind))
    return;
  samples = kairos_document_get_selection (self->document, &n);
  clip = kairos_timeline_new_clip (kind, samples, n);
  kairos_document_intervene (self->document, clip);
}

static void
intervene_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  intervene (KAIROS_TIMELINE_PANEL (widget), g_variant_get_string (parameter, NULL));
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
  timeline = kairos_timeline_paste_clips (kairos_timeline_panel_get_timeline (self), text, at, made, &error);
  kairos_timeline_panel_edit (self, timeline, _ ("Paste clips"), NULL, made, &error);
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

/* ---- Verbs on the selected clips ---- */

/* ids: n > 0 of timeline, a copy that stays while the selection changes. */
typedef void (*SelectionVerb) (KairosTimelinePanel *self, KairosTimeline *timeline, const guint32 *ids, guint n);

/* Where the person points, or else now. */
static void
split (KairosTimelinePanel *self, KairosTimeline *timeline, const guint32 *ids, guint n)
{
  g_autoptr (GArray) made = g_array_new (FALSE, FALSE, sizeof (guint32));
  double at = kairos_timeline_lanes_get_pointer (self->lanes), fine = kairos_timeline_lanes_get_grid (self->lanes) / 10;
  GError *error = NULL;

  at = isnan (at) ? get_now (self) : round (at / fine) * fine;
  kairos_timeline_panel_edit (self, kairos_timeline_split_clips (timeline, ids, n, at, made, &error), _ ("Split clips"),
                              NULL, made, &error);
}

static void
duplicate (KairosTimelinePanel *self, KairosTimeline *timeline, const guint32 *ids, guint n)
{
  g_autoptr (GArray) made = g_array_new (FALSE, FALSE, sizeof (guint32));
  double grid = kairos_timeline_lanes_get_grid (self->lanes);
  GError *error = NULL;

  kairos_timeline_panel_edit (self, kairos_timeline_duplicate_clips (timeline, ids, n, grid, made, &error),
                              _ ("Duplicate clips"), NULL, made, &error);
}

static void
mute (KairosTimelinePanel *self, KairosTimeline *timeline, const guint32 *ids, guint n)
{
  GError *error = NULL;

  kairos_timeline_panel_edit (self, kairos_timeline_mute_clips (timeline, ids, n, &error), _ ("Mute clips"), NULL, NULL,
                              &error);
}

static void delete (KairosTimelinePanel *self, KairosTimeline *timeline, const guint32 *ids, guint n)
{
  GError *error = NULL;

  kairos_timeline_panel_edit (self, kairos_timeline_delete_clips (timeline, ids, n, &error), _ ("Delete clips"), NULL,
                              NULL, &error);
}

static void
copy (KairosTimelinePanel *self, KairosTimeline *timeline, const guint32 *ids, guint n)
{
  g_autofree char *text = kairos_timeline_copy_clips (timeline, ids, n);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

static void
cut (KairosTimelinePanel *self, KairosTimeline *timeline, const guint32 *ids, guint n)
{
  copy (self, timeline, ids, n);
  delete (self, timeline, ids, n);
}

/* Settings and times of the first, in a popover beside it. */
static void
show_clip (KairosTimelinePanel *self, KairosTimeline *timeline, const guint32 *ids, guint n)
{
  guint32 id = ids[0];
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

/* ---- By grid steps; several in a row are one step to undo ---- */

static void
nudge_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosTimelinePanel *self = KAIROS_TIMELINE_PANEL (widget);
  KairosTimeline *timeline = kairos_timeline_panel_get_timeline (self);
  double by = g_variant_get_double (parameter) * kairos_timeline_lanes_get_grid (self->lanes);
  g_autofree char *merge_key = NULL;
  GError *error = NULL;
  guint n;
  const guint32 *ids = kairos_timeline_lanes_get_selection (self->lanes, &n);

  if (!timeline || n == 0)
    return;
  for (guint i = 0; i < n; i++)
    by = MAX (by, -kairos_timeline_find (timeline, ids[i], NULL)->from);
  merge_key = g_strdup_printf ("nudge %u %u", ids[0], n);
  kairos_timeline_panel_edit (self, kairos_timeline_shift (timeline, ids, n, by, 0, &error), _ ("Move clips"),
                              merge_key, NULL, &error);
}

static void
stretch_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosTimelinePanel *self = KAIROS_TIMELINE_PANEL (widget);
  KairosTimeline *timeline = kairos_timeline_panel_get_timeline (self);
  double grid = kairos_timeline_lanes_get_grid (self->lanes), to;
  g_autofree char *merge_key = NULL;
  const KairosClip *clip;
  GError *error = NULL;
  guint n;
  const guint32 *ids = kairos_timeline_lanes_get_selection (self->lanes, &n);

  if (!timeline || n != 1)
    return;
  clip = kairos_timeline_find (timeline, ids[0], NULL);
  if (clip->kind->event)
    return;
  to = MAX (clip->to + g_variant_get_double (parameter) * grid, clip->from + grid);
  merge_key = g_strdup_printf ("stretch %u", clip->id);
  kairos_timeline_panel_edit (self, kairos_timeline_trim (timeline, clip->id, clip->from, to, &error), _ ("Trim clip"),
                              merge_key, NULL, &error);
}

/* ---- Verbs without a selection ---- */

static void
select_all (KairosTimelinePanel *self)
{
  KairosTimeline *timeline = kairos_timeline_panel_get_timeline (self);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < kairos_timeline_get_n_tracks (timeline); i++) {
    const KairosTrack *track = kairos_timeline_get_track (timeline, i);

    for (guint j = 0; j < track->n_clips; j++)
      g_array_append_val (ids, track->clips[j]->id);
  }
  kairos_timeline_lanes_select (self->lanes, (const guint32 *) (gpointer) ids->data, ids->len);
}

static void
select_none (KairosTimelinePanel *self)
{
  kairos_timeline_lanes_select (self->lanes, NULL, 0);
}

/* A new run that goes on from where the person points, or from where the training is. */
static void
branch (KairosTimelinePanel *self)
{
  double at = kairos_timeline_lanes_get_pointer (self->lanes);

  kairos_branch_dialog_present (GTK_WIDGET (self), self->document, kairos_timeline_panel_get_timeline (self),
                                isnan (at) ? INFINITY : at, "");
}

static void
focus (KairosTimelinePanel *self)
{
  intervene (self, kairos_kind_for_samples ()->name);
}

/* The clip that Release would end: the one selected, or else the last that was recorded. */
static const KairosClip *
releasable (KairosTimelinePanel *self)
{
  KairosTimeline *timeline = kairos_timeline_panel_get_timeline (self);
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
release (KairosTimelinePanel *self)
{
  const KairosClip *clip = releasable (self);

  if (clip)
    kairos_document_release (self->document, clip->id);
}

static void
fit (KairosTimelinePanel *self)
{
  kairos_time_axis_fit (self->axis);
}

static void
zoom (KairosTimelinePanel *self, double factor)
{
  double from = kairos_time_axis_get_from (self->axis), to = kairos_time_axis_get_to (self->axis),
         now = kairos_time_axis_get_now (self->axis);

  kairos_time_axis_zoom_at (self->axis, factor, now > from && now <= to ? now : (from + to) / 2);
}

static void
zoom_in (KairosTimelinePanel *self)
{
  zoom (self, ZOOM_STEP);
}

static void
zoom_out (KairosTimelinePanel *self)
{
  zoom (self, 1 / ZOOM_STEP);
}

/* ---- The tables ---- */

static const struct {
  const char *name;
  SelectionVerb act;
} on_selection[] = {
  { "timeline.split", split },    { "timeline.duplicate", duplicate },
  { "timeline.mute", mute },      { "timeline.delete", delete },
  { "timeline.cut", cut },        { "timeline.copy", copy },
  { "timeline.edit", show_clip },
};

static const struct {
  const char *name;
  void (*act) (KairosTimelinePanel *self);
  gboolean needs_document;
} simple[] = {
  { "timeline.paste", paste, TRUE },
  { "timeline.add-track", kairos_timeline_tracks_add, TRUE },
  { "timeline.select-all", select_all, TRUE },
  { "timeline.branch", branch, TRUE },
  { "timeline.focus", focus, TRUE },
  { "timeline.release", release, TRUE },
  { "timeline.select-none", select_none, FALSE },
  { "timeline.fit", fit, FALSE },
  { "timeline.zoom-in", zoom_in, FALSE },
  { "timeline.zoom-out", zoom_out, FALSE },
};

static const struct {
  const char *name, *parameter;
  GtkWidgetActionActivateFunc activate;
} with_parameter[] = {
  { "timeline.add", "s", add_action },
  { "timeline.intervene", "s", intervene_action },
  { "timeline.nudge", "d", nudge_action },
  { "timeline.stretch", "d", stretch_action },
};

static void
selection_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosTimelinePanel *self = KAIROS_TIMELINE_PANEL (widget);
  KairosTimeline *timeline = kairos_timeline_panel_get_timeline (self);
  guint n;
  const guint32 *selected = kairos_timeline_lanes_get_selection (self->lanes, &n);
  g_autofree guint32 *ids = g_memdup2 (selected, n * sizeof *selected);

  for (guint i = 0; timeline && n > 0 && i < G_N_ELEMENTS (on_selection); i++)
    if (g_str_equal (on_selection[i].name, name))
      on_selection[i].act (self, timeline, ids, n);
}

static void
simple_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosTimelinePanel *self = KAIROS_TIMELINE_PANEL (widget);

  for (guint i = 0; i < G_N_ELEMENTS (simple); i++)
    if (g_str_equal (simple[i].name, name) && (self->document || !simple[i].needs_document))
      simple[i].act (self);
}

void
kairos_timeline_panel_install_actions (GtkWidgetClass *klass)
{
  for (guint i = 0; i < G_N_ELEMENTS (on_selection); i++)
    gtk_widget_class_install_action (klass, on_selection[i].name, NULL, selection_action);
  for (guint i = 0; i < G_N_ELEMENTS (simple); i++)
    gtk_widget_class_install_action (klass, simple[i].name, NULL, simple_action);
  for (guint i = 0; i < G_N_ELEMENTS (with_parameter); i++)
    gtk_widget_class_install_action (klass, with_parameter[i].name, with_parameter[i].parameter,
                                     with_parameter[i].activate);
  kairos_timeline_tracks_install (klass);
  gtk_widget_class_install_property_action (klass, "timeline.snap", "snap");
}

void
kairos_timeline_panel_update_release (KairosTimelinePanel *self)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "timeline.release", releasable (self) != NULL);
}

void
kairos_timeline_panel_update_actions (KairosTimelinePanel *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean open = self->document != NULL;
  guint n = 0, n_samples = 0;

  if (!self->lanes)
    return;
  kairos_timeline_lanes_get_selection (self->lanes, &n);
  if (open)
    kairos_document_get_selection (self->document, &n_samples);
  for (guint i = 0; i < G_N_ELEMENTS (on_selection); i++)
    gtk_widget_action_set_enabled (widget, on_selection[i].name, n > 0);
  for (guint i = 0; i < G_N_ELEMENTS (simple); i++)
    gtk_widget_action_set_enabled (widget, simple[i].name, open || !simple[i].needs_document);
  gtk_widget_action_set_enabled (widget, "timeline.edit", n == 1);
  gtk_widget_action_set_enabled (widget, "timeline.nudge", n > 0);
  gtk_widget_action_set_enabled (widget, "timeline.stretch", n > 0);
  gtk_widget_action_set_enabled (widget, "timeline.add", open);
  gtk_widget_action_set_enabled (widget, "timeline.intervene", open);
  gtk_widget_action_set_enabled (widget, "timeline.focus", n_samples > 0);
  kairos_timeline_panel_update_release (self);
  gtk_widget_set_sensitive (self->add_button, open);
}
