/* SPDX-License-Identifier: MIT */

/* The verbs on tracks: an action each, with the index of the track; the menu that offers them, and the small form in
 * which a track is renamed. */
#include "config.h"

#include <glib/gi18n.h>

#include "timeline/kairos-timeline-panel-private.h"

typedef void (*TrackVerb) (KairosTimelinePanel *self, KairosTimeline *timeline, guint track);

/* What moves is looked for again: headers are known by their place. */
static void
focus_track (KairosTimelinePanel *self, guint track)
{
  GtkWidget *header = kairos_timeline_lanes_get_header (self->lanes, track);

  if (header)
    gtk_widget_grab_focus (gtk_widget_get_first_child (header));
}

static gboolean
has_track (KairosTimeline *timeline, const char *name)
{
  for (guint i = 0; i < kairos_timeline_get_n_tracks (timeline); i++)
    if (g_str_equal (kairos_timeline_get_track (timeline, i)->name, name))
      return TRUE;
  return FALSE;
}

void
kairos_timeline_tracks_add (KairosTimelinePanel *self)
{
  KairosTimeline *timeline = kairos_timeline_panel_get_timeline (self);
  guint n = kairos_timeline_get_n_tracks (timeline), number = n + 1;
  g_autofree char *name = g_strdup_printf (_ ("Track %u"), number);
  GError *error = NULL;

  while (has_track (timeline, name)) {
    g_free (name);
    name = g_strdup_printf (_ ("Track %u"), ++number);
  }
  if (kairos_timeline_panel_edit (self, kairos_timeline_add_track (timeline, name, -1, &error), _ ("Add track"), NULL,
                                  NULL, &error))
    focus_track (self, n);
}

static void
move_to (KairosTimelinePanel *self, KairosTimeline *timeline, guint track, guint position)
{
  GError *error = NULL;

  if (kairos_timeline_panel_edit (self, kairos_timeline_move_track (timeline, track, position, &error),
                                  _ ("Move track"), NULL, NULL, &error))
    focus_track (self, position);
}

static void
move_up (KairosTimelinePanel *self, KairosTimeline *timeline, guint track)
{
  if (track > 0)
    move_to (self, timeline, track, track - 1);
}

static void
move_down (KairosTimelinePanel *self, KairosTimeline *timeline, guint track)
{
  if (track + 1 < kairos_timeline_get_n_tracks (timeline))
    move_to (self, timeline, track, track + 1);
}

static void
remove_track (KairosTimelinePanel *self, KairosTimeline *timeline, guint track)
{
  guint left = kairos_timeline_get_n_tracks (timeline) - 1;
  GError *error = NULL;

  if (kairos_timeline_panel_edit (self, kairos_timeline_remove_track (timeline, track, &error), _ ("Remove track"),
                                  NULL, NULL, &error) &&
      left > 0)
    focus_track (self, MIN (track, left - 1));
}

/* A switch that was pressed shows what it would be; where that was not taken it shows again what is. */
static void
switch_to (KairosTimelinePanel *self, KairosTimeline *value, const char *description, GError **error)
{
  if (!kairos_timeline_panel_edit (self, value, description, NULL, NULL, error))
    kairos_timeline_lanes_set_timeline (self->lanes, kairos_timeline_panel_get_timeline (self));
}

static void
mute (KairosTimelinePanel *self, KairosTimeline *timeline, guint track)
{
  gboolean muted = kairos_timeline_get_track (timeline, track)->muted;
  GError *error = NULL;

  switch_to (self, kairos_timeline_mute_track (timeline, track, !muted, &error), _ ("Mute track"), &error);
}

static void
solo (KairosTimelinePanel *self, KairosTimeline *timeline, guint track)
{
  gboolean solo = kairos_timeline_get_track (timeline, track)->solo;
  GError *error = NULL;

  switch_to (self, kairos_timeline_solo_track (timeline, track, !solo, &error), _ ("Solo track"), &error);
}

/* ---- Renaming ---- */

static void
point_to (KairosTimelinePanel *self, GtkWidget *popover, guint track)
{
  self->track = track;
  GtkWidget *header = kairos_timeline_lanes_get_header (self->lanes, track);
  graphene_rect_t bounds;

  if (header && gtk_widget_compute_bounds (header, GTK_WIDGET (self), &bounds))
    gtk_popover_set_pointing_to (GTK_POPOVER (popover),
                                 &(GdkRectangle){ bounds.origin.x, bounds.origin.y, MAX (1, bounds.size.width),
                                                  MAX (1, bounds.size.height) });
}

static void
ask_name (KairosTimelinePanel *self, KairosTimeline *timeline, guint track)
{
  gtk_editable_set_text (GTK_EDITABLE (self->name), kairos_timeline_get_track (timeline, track)->name);
  point_to (self, self->rename, track);
  gtk_popover_popup (GTK_POPOVER (self->rename));
  gtk_widget_grab_focus (self->name);
}

static void
on_named (KairosTimelinePanel *self)
{
  KairosTimeline *timeline = kairos_timeline_panel_get_timeline (self);
  const char *name = gtk_editable_get_text (GTK_EDITABLE (self->name));
  GError *error = NULL;

  if (timeline && self->track < kairos_timeline_get_n_tracks (timeline) &&
      !kairos_timeline_panel_edit (self, kairos_timeline_rename_track (timeline, self->track, name, &error),
                                   _ ("Rename track"), NULL, NULL, &error))
    return; /* it can be mended */
  gtk_popover_popdown (GTK_POPOVER (self->rename));
}

/* ---- The menu ---- */

static void
add_item (GMenu *menu, const char *label, const char *action, guint track)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target (item, action, "u", track);
  g_menu_append_item (menu, item);
}

static void
show_menu (KairosTimelinePanel *self, KairosTimeline *timeline, guint track)
{
  g_autoptr (GMenu) menu = g_menu_new (), this = g_menu_new (), all = g_menu_new ();

  add_item (this, _ ("_Rename…"), "timeline.rename-track", track);
  if (track > 0)
    add_item (this, _ ("Move _Up"), "timeline.move-track-up", track);
  if (track + 1 < kairos_timeline_get_n_tracks (timeline))
    add_item (this, _ ("Move _Down"), "timeline.move-track-down", track);
  add_item (this, _ ("Re_move"), "timeline.remove-track", track);
  g_menu_append (all, _ ("_Add Track"), "timeline.add-track");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (this));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (all));
  gtk_popover_menu_set_menu_model (GTK_POPOVER_MENU (self->track_menu), G_MENU_MODEL (menu));
  point_to (self, self->track_menu, track);
  gtk_popover_popup (GTK_POPOVER (self->track_menu));
}

/* The focus goes back to the track, for its keys, except where the menu led to the form. */
static void
on_closed (KairosTimelinePanel *self)
{
  if (self->lanes && !gtk_widget_get_visible (self->rename))
    focus_track (self, self->track);
}

/* ---- The table ---- */

static const struct {
  const char *name;
  TrackVerb act;
} on_track[] = {
  { "timeline.track-menu", show_menu },      { "timeline.rename-track", ask_name },
  { "timeline.move-track-up", move_up },     { "timeline.move-track-down", move_down },
  { "timeline.remove-track", remove_track }, { "timeline.mute-track", mute },
  { "timeline.solo-track", solo },
};

static void
track_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosTimelinePanel *self = KAIROS_TIMELINE_PANEL (widget);
  KairosTimeline *timeline = kairos_timeline_panel_get_timeline (self);
  guint track = g_variant_get_uint32 (parameter);

  if (!timeline || track >= kairos_timeline_get_n_tracks (timeline))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (on_track); i++)
    if (g_str_equal (on_track[i].name, name))
      on_track[i].act (self, timeline, track);
}

void
kairos_timeline_tracks_install (GtkWidgetClass *klass)
{
  for (guint i = 0; i < G_N_ELEMENTS (on_track); i++)
    gtk_widget_class_install_action (klass, on_track[i].name, "u", track_action);
}

void
kairos_timeline_tracks_init (KairosTimelinePanel *self)
{
  self->track_menu = gtk_popover_menu_new_from_model (NULL);
  gtk_widget_set_parent (self->track_menu, GTK_WIDGET (self));
  self->name = gtk_entry_new ();
  gtk_entry_set_max_length (GTK_ENTRY (self->name), 100);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->name), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Name of the track"),
                                  -1);
  g_signal_connect_swapped (self->name, "activate", G_CALLBACK (on_named), self);
  self->rename = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (self->rename), self->name);
  g_signal_connect_swapped (self->rename, "closed", G_CALLBACK (on_closed), self);
  g_signal_connect_swapped (self->track_menu, "closed", G_CALLBACK (on_closed), self);
  gtk_widget_set_parent (self->rename, GTK_WIDGET (self));
}
