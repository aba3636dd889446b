/* SPDX-License-Identifier: MIT */

/* The head of a track beside its lane: its name, which opens the menu of the track, and the switches mute and solo.
 *
 *   header = kairos_track_header_new (3);
 *   kairos_track_header_show (header, kairos_timeline_get_track (timeline, 3));
 *
 * It changes nothing itself: it activates the actions "timeline.track-menu", "timeline.rename-track",
 * "timeline.move-track-up", "timeline.move-track-down", "timeline.remove-track", "timeline.mute-track" and
 * "timeline.solo-track" of a widget around it, each with the track's index (u).
 * Keys while something in it has the focus: Menu, Shift+F10, F2, Alt+Up, Alt+Down, Delete.
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/timeline.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_TRACK_HEADER (kairos_track_header_get_type ())
G_DECLARE_FINAL_TYPE (KairosTrackHeader, kairos_track_header, KAIROS, TRACK_HEADER, GtkWidget)

GtkWidget *kairos_track_header_new (guint track);
void kairos_track_header_show (KairosTrackHeader *header, const KairosTrack *track);

G_END_DECLS
