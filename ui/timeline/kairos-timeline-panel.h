/* SPDX-License-Identifier: MIT */

/* The timeline's panel: tools, ruler and lanes, on the time axis of the plots.
 *
 * Properties (notify): "document" (KairosDocument, nullable), "time-axis" (KairosTimeAxis: the plots'), "snap"
 * (boolean). Actions: timeline.add (s: kind) .split .duplicate .delete .cut .copy .paste .mute .mute-track (u)
 * .solo-track (u) .select-all .select-none .nudge (d: grid steps) .stretch (d) .edit .fit .zoom-in .zoom-out .snap; at
 * once, by hand, while training: .intervene (s: kind) .focus .release.
 */
#pragma once

#include <kairos/document.h>

#include "timeline/kairos-timeline-lanes.h"

G_BEGIN_DECLS

#define KAIROS_TYPE_TIMELINE_PANEL (kairos_timeline_panel_get_type ())
G_DECLARE_FINAL_TYPE (KairosTimelinePanel, kairos_timeline_panel, KAIROS, TIMELINE_PANEL, GtkWidget)

GtkWidget *kairos_timeline_panel_new (void);
KairosTimelineLanes *kairos_timeline_panel_get_lanes (KairosTimelinePanel *panel);
/* What counts on the timeline, as stretches to shade in the plots: KairosShade; caller unrefs. */
GArray *kairos_timeline_panel_get_spans (KairosTimelinePanel *panel);

G_END_DECLS
