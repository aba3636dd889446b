/* SPDX-License-Identifier: MIT */

/* See the header. */
#include "config.h"

#include "timeline/kairos-track-header.h"

#include <glib/gi18n.h>

struct _KairosTrackHeader {
  GtkWidget parent_instance;
  guint track;
  GtkWidget *name, *mute, *solo;
};

G_DEFINE_FINAL_TYPE (KairosTrackHeader, kairos_track_header, GTK_TYPE_WIDGET)

/* Takes the text. */
static void
say (GtkWidget *button, char *text)
{
  gtk_widget_set_tooltip_text (button, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  g_free (text);
}

static void
set_active (GtkWidget *button, gboolean active)
{
  if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (button)) != active)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), active);
}

void
kairos_track_header_show (KairosTrackHeader *self, const KairosTrack *track)
{
  GtkWidget *label = gtk_button_get_child (GTK_BUTTON (self->name));

  set_active (self->mute, track->muted);
  set_active (self->solo, track->solo);
  if (g_str_equal (gtk_label_get_text (GTK_LABEL (label)), track->name))
    return;
  gtk_label_set_text (GTK_LABEL (label), track->name);
  say (self->name, g_strdup_printf (_ ("%s: rename, move or remove the track"), track->name));
  say (self->mute, g_strdup_printf (_ ("Mute %s: its clips do nothing"), track->name));
  say (self->solo, g_strdup_printf (_ ("Solo %s: only such tracks count"), track->name));
}

/* ---- The widget ---- */

static void
add_button (KairosTrackHeader *self, GtkWidget *button, const char *action)
{
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "u", self->track);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_parent (button, GTK_WIDGET (self));
}

static GtkWidget *
name_button (void)
{
  GtkWidget *button = gtk_button_new (), *label = gtk_label_new ("");

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_button_set_child (GTK_BUTTON (button), label);
  gtk_widget_add_css_class (button, "track-name");
  gtk_widget_set_hexpand (button, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_HAS_POPUP, TRUE, -1);
  return button;
}

/* Arguments of shortcuts are theirs, so each header has its own. */
static GtkEventController *
shortcuts (guint track)
{
  static const struct {
    guint key;
    GdkModifierType modifiers;
    const char *action;
  } keys[] = {
    { GDK_KEY_Menu, 0, "timeline.track-menu" },
    { GDK_KEY_F10, GDK_SHIFT_MASK, "timeline.track-menu" },
    { GDK_KEY_F2, 0, "timeline.rename-track" },
    { GDK_KEY_Up, GDK_ALT_MASK, "timeline.move-track-up" },
    { GDK_KEY_Down, GDK_ALT_MASK, "timeline.move-track-down" },
    { GDK_KEY_Delete, 0, "timeline.remove-track" },
  };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (controller),
        gtk_shortcut_new_with_arguments (gtk_keyval_trigger_new (keys[i].key, keys[i].modifiers),
                                         gtk_named_action_new (keys[i].action), "u", track));
  return controller;
}

static void
on_pressed (KairosTrackHeader *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "timeline.track-menu", "u", self->track);
}

static void
kairos_track_header_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))))
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (kairos_track_header_parent_class)->dispose (object);
}

static void
kairos_track_header_class_init (KairosTrackHeaderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = kairos_track_header_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "trackheader");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_ROW_HEADER);
}

static void
kairos_track_header_init (KairosTrackHeader *self)
{
  GtkGesture *menu = gtk_gesture_click_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (menu), GDK_BUTTON_SECONDARY);
  g_signal_connect_swapped (menu, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (menu));
  self->name = name_button ();
  /* Translators: M for mute, S for solo, as on a mixing desk. */
  self->mute = gtk_toggle_button_new_with_label (_ ("M"));
  self->solo = gtk_toggle_button_new_with_label (_ ("S"));
}

GtkWidget *
kairos_track_header_new (guint track)
{
  KairosTrackHeader *self = g_object_new (KAIROS_TYPE_TRACK_HEADER, NULL);

  self->track = track;
  gtk_widget_add_controller (GTK_WIDGET (self), shortcuts (track));
  add_button (self, self->name, "timeline.track-menu");
  add_button (self, self->mute, "timeline.mute-track");
  add_button (self, self->solo, "timeline.solo-track");
  return GTK_WIDGET (self);
}
