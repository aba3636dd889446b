/* SPDX-License-Identifier: MIT */

/* Edits of several clips at once and new clips, as functions from a timeline to the next.  Each returns NULL with an
 * error where one of the clips refuses; made: ids of what is new, which should be selected afterwards.
 */
#pragma once

#include <kairos/timeline.h>

G_BEGIN_DECLS

/* A new clip in the file form, without times; one that selects is about the samples (n of them, by id).  Caller unrefs.
 */
JsonObject *kairos_timeline_new_clip (const char *kind, const guint32 *samples, guint n);
/* Adds such a clip on a track of its kind that has room; events have no length. */
KairosTimeline *kairos_timeline_add_clip (KairosTimeline *timeline, const char *kind, const guint32 *samples, guint n,
                                          double from, double length, guint32 *id, GError **error);
KairosTimeline *kairos_timeline_delete_clips (KairosTimeline *timeline, const guint32 *ids, guint n, GError **error);
/* Those that the time lies within, at that time; others in their middle.  Events are left alone. */
KairosTimeline *kairos_timeline_split_clips (KairosTimeline *timeline, const guint32 *ids, guint n, double at,
                                             GArray *made, GError **error);
/* Copies, the first of which begins where the last of the clips ends; events gap later. */
KairosTimeline *kairos_timeline_duplicate_clips (KairosTimeline *timeline, const guint32 *ids, guint n, double gap,
                                                 GArray *made, GError **error);
/* Mutes them, or where all are muted lets them act again. */
KairosTimeline *kairos_timeline_mute_clips (KairosTimeline *timeline, const guint32 *ids, guint n, GError **error);
/* For the clipboard: a JSON array of clips in the file form. */
char *kairos_timeline_copy_clips (KairosTimeline *timeline, const guint32 *ids, guint n);
/* text: as copied; the first begins at that time. */
KairosTimeline *kairos_timeline_paste_clips (KairosTimeline *timeline, const char *text, double at, GArray *made,
                                             GError **error);

G_END_DECLS
