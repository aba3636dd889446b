/* SPDX-License-Identifier: MIT */

/* The panel's inside, shared by kairos-timeline-panel.c (what it shows), kairos-timeline-panel-verbs.c (its actions)
 * and kairos-timeline-panel-tracks.c (those on tracks). */
#pragma once

#include "timeline/kairos-timeline-panel.h"

G_BEGIN_DECLS

struct _KairosTimelinePanel {
  GtkWidget parent_instance;
  GtkWidget *box, *frame, *add_button, *live, *hint, *ruler, *popover, *menu, *track_menu;
  GtkWidget *rename, *name; /* the popover in which a track is renamed, and its entry */
  guint track;              /* that menu or form are about */
  GMenuModel *menu_model;
  KairosTimelineLanes *lanes;
  KairosTimeAxis *axis;
  KairosDocument *document;
  GSignalGroup *signals;
  GCancellable *pasting;
};

/* NULL: no document */
KairosTimeline *kairos_timeline_panel_get_timeline (KairosTimelinePanel *panel);
/* Takes the value (NULL: refused, with an error) as one step, and selects what is new (made: ids, may be NULL).  One
 * that changes the past needs a run of its own, which is asked for.  FALSE: not taken, the person was told or asked. */
gboolean kairos_timeline_panel_edit (KairosTimelinePanel *panel, KairosTimeline *value, const char *description,
                                     const char *merge_key, GArray *made, GError **refusal);

/* kairos-timeline-panel-verbs.c */
void kairos_timeline_panel_install_actions (GtkWidgetClass *widget_class);
/* What may be done now. */
void kairos_timeline_panel_update_actions (KairosTimelinePanel *panel);
void kairos_timeline_panel_update_release (KairosTimelinePanel *panel); /* only that which time changes */

/* kairos-timeline-panel-tracks.c */
void kairos_timeline_tracks_install (GtkWidgetClass *widget_class);
void kairos_timeline_tracks_init (KairosTimelinePanel *panel);
void kairos_timeline_tracks_add (KairosTimelinePanel *panel); /* an empty one, below the others */

G_END_DECLS
