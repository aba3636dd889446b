/* SPDX-License-Identifier: MIT */

/* Inside a timeline: clips never change once made; tracks and timelines only while one function owns them alone. */
#pragma once

#include <kairos/timeline.h>
#include <stdatomic.h>

G_BEGIN_DECLS

enum { KAIROS_MAX_TRACKS = 256, KAIROS_MAX_CLIPS = 10000, KAIROS_MAX_EPOCHS = 10000 };

typedef struct {
  KairosClip clip;
  atomic_int refs;
} KairosClipBox;

typedef struct {
  KairosTrack track; /* name is owned; clips and n_clips mirror the array */
  GPtrArray *clips;  /* of KairosClip, referenced */
  atomic_int refs;
} KairosTrackBox;

struct _KairosTimeline {
  double epochs;
  GPtrArray *tracks; /* of KairosTrackBox, referenced */
  guint32 next_id;
  atomic_int refs;
};

/* ---- Clips ---- */

KairosClip *kairos_clip_new (const KairosClip *like); /* a copy with a reference to its settings */
KairosClip *kairos_clip_ref (const KairosClip *clip);
void kairos_clip_unref (gpointer clip);
/* Kind and settings, missing ones being defaults.  except: settings that do not count, NULL-terminated, or NULL. */
gboolean kairos_clip_settings_equal (const KairosClip *a, const KairosClip *b, const char *const *except);
/* Over how many epochs the clip's shape stretches: its setting "over", else its own length; 0 where points or the
 * kind say that nothing stretches. */
double kairos_clip_shape_length (const KairosClip *clip);
double kairos_clip_since (const KairosClip *clip); /* how long before the clip its shape or curve began */
gboolean kairos_clip_equal (const KairosClip *a, const KairosClip *b);
/* Members of a clip's object that are not settings; NULL at the end. */
extern const char *const kairos_clip_members[];
/* Whether a member is a setting of this kind.  A rewind has one called "to", which for a clip is a time. */
gboolean kairos_clip_is_setting (const KairosKind *kind, const char *member);
/* The object's own settings; KairosClip members, "at" and unknown ones are handled before. */
gboolean kairos_clip_check_settings (const KairosKind *kind, JsonObject *settings, const char *where, GError **error);
/* A clip of an object in the file form, without id if it has none; times are checked by the timeline.  where: "track
 * \"Data\", clip 2". */
KairosClip *kairos_clip_from_json (JsonObject *object, const char *where, GError **error);
void kairos_clip_write (const KairosClip *clip, gboolean with_id, GString *text);
/* An object with the members of settings, one of them (may be NULL) replaced, or left out for value NULL.  Nothing is
 * shared. */
JsonObject *kairos_settings_copy (const KairosKind *kind, JsonObject *settings, const char *name, JsonNode *value);

/* The clip's settings with these points in place of its own and of what excludes them; 0: without points. */
JsonObject *kairos_settings_with_points (const KairosClip *clip, const KairosPoint *points, guint n);

/* The clip's settings for when it begins at another time and its points stay where they are. */
JsonObject *kairos_settings_from (const KairosClip *clip, double from);

/* ---- Timelines under construction ---- */

KairosTimeline *kairos_timeline_copy (KairosTimeline *timeline);
/* a track that is the timeline's alone */
KairosTrackBox *kairos_timeline_own_track (KairosTimeline *timeline, guint track);
KairosTrackBox *kairos_timeline_append_track (KairosTimeline *timeline, const char *name);
/* takes the clip; behind those of the same time */
void kairos_track_insert (KairosTrackBox *track, KairosClip *clip);
void kairos_track_remove (KairosTrackBox *track, guint position);
/* Whether two clips may be on one track. */
gboolean kairos_clips_conflict (const KairosClip *a, const KairosClip *b);
/* The timeline itself, or NULL with an error after letting go of it: times, overlaps, sizes. */
KairosTimeline *kairos_timeline_finish (KairosTimeline *timeline, GError **error);

/* ---- Text ---- */

/* The shortest text that reads back to the same number. */
char *kairos_number_text (double number, char buffer[G_ASCII_DTOSTR_BUF_SIZE]);
void kairos_json_write (JsonNode *node, GString *text); /* on one line, numbers in their shortest form */
gboolean kairos_json_equal (JsonNode *a, JsonNode *b);
gboolean kairos_json_is_number (JsonNode *node);

G_END_DECLS
