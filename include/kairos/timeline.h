/* SPDX-License-Identifier: MIT */

/* The timeline: what is done to the training, and when.
 *
 *   g_autoptr (KairosTimeline) empty = kairos_timeline_new (0);
 *   g_autoptr (KairosTimeline) blurred = kairos_timeline_add (empty, -1, clip, &id, &error); // clip: see the file form
 *   g_autoptr (KairosTimeline) shorter = blurred ? kairos_timeline_trim (blurred, id, 0, 2.5, &error) : NULL;
 *   if (shorter && kairos_timeline_check_past (blurred, shorter, now, &error))
 *     kairos_worker_set_timeline (worker, run, shorter);
 *
 * A KairosTimeline is an immutable value, reference counted and readable from any thread.  An edit makes a new one that
 * shares what it did not change; handing it to the worker, comparing it and undoing are therefore trivial.  Tracks hold
 * clips, which hold over [from, to), and events, which happen at one instant.  Time is in epochs, a real number; the
 * training resolves it to steps by rounding to the nearest, and a clip holds for the steps [step (from), step (to)).
 *
 * Errors are one sentence that names the clip: KAIROS_ERROR_MISSING for unknown kinds, members and ids,
 * KAIROS_ERROR_RANGE for values, times and overlaps, KAIROS_ERROR_FORMAT for what is not a timeline at all,
 * KAIROS_ERROR_CHANGED for the past.
 */
#pragma once

#include <kairos/curve.h>
#include <kairos/error.h>
#include <kairos/kind.h>
#include <kairos/types.h>

G_BEGIN_DECLS

typedef struct {
  guint32 id; /* 1 .. ; unique in its timeline */
  /* the clip whose random draws and selection it shares: its own id, or that of the clip it was split from */
  guint32 origin;
  const KairosKind *kind;
  double from, to;          /* epochs; to == from for an event */
  JsonObject *params;       /* settings that were given; read through kairos_params_*().  Never modified */
  gboolean muted, recorded; /* recorded: made by hand while training */
} KairosClip;

typedef struct {
  const char *name;
  gboolean muted, solo; /* where a track is solo, only such tracks count */
  guint n_clips;
  const KairosClip *const *clips; /* by from; events of one instant in the order in which they happen */
} KairosTrack;

/* ---- The value ---- */

KairosTimeline *kairos_timeline_new (double epochs); /* empty; epochs 0: as long as the session plans */
KairosTimeline *kairos_timeline_ref (KairosTimeline *timeline);
void kairos_timeline_unref (KairosTimeline *timeline); /* accepts NULL */
gboolean kairos_timeline_equal (KairosTimeline *a, KairosTimeline *b);
double kairos_timeline_get_epochs (KairosTimeline *timeline);
gboolean kairos_timeline_is_empty (KairosTimeline *timeline); /* no clip and no event */
guint kairos_timeline_get_n_tracks (KairosTimeline *timeline);
const KairosTrack *kairos_timeline_get_track (KairosTimeline *timeline, guint track);
/* neither muted nor silenced by another's solo */
gboolean kairos_timeline_is_audible (KairosTimeline *timeline, guint track);
/* NULL if there is none; track may be NULL */
const KairosClip *kairos_timeline_find (KairosTimeline *timeline, guint32 id, guint *track);

/* "blur 4x", "focus 5 samples": what is written on it.  Caller frees. */
char *kairos_clip_label (const KairosClip *clip);
/* "blur from epoch 2 to 5.4", "prune at epoch 24": what it is called in messages and for assistive technology.  Caller
 * frees. */
char *kairos_clip_describe (const KairosClip *clip);

/* The setting of a kind that holds the points of a curve; NULL where it has none. */
const KairosParam *kairos_kind_points (const KairosKind *kind);
/* The points of a clip, none while it follows a shape; in epochs since its curve began, and since (may be NULL) is how
 * long that was before the clip. Caller frees. */
GArray *kairos_clip_points (const KairosClip *clip, double *since);

/* ---- File form:
 * {"kairos-timeline":1,"epochs":40,"tracks":[{"name":"Data","clips":[{"kind":"blur","from":0,"to":4,"factor":4}]}]}
 * ---- */

/* Missing members are defaults, unknown ones are refused.  length -1: up to the end of the text. */
KairosTimeline *kairos_timeline_from_text (const char *text, gssize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
KairosTimeline *kairos_timeline_from_json (JsonNode *node, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* On one line, or with a line for each clip.  Reads back to an equal timeline, which gives the same text.  Caller
 * frees. */
char *kairos_timeline_to_text (KairosTimeline *timeline, gboolean lines);
char *kairos_clip_to_text (const KairosClip *clip); /* its object, without id */
/* An intervention: the object of a clip or event, marked as recorded, that begins now (in epochs).  A clip ends at its
 * own "to", or without one at end; all other times, ids and marks that the object had are left out.  An unknown kind is
 * taken for a clip's: kairos_timeline_add() refuses it.  clip is not changed; caller unrefs. */
JsonObject *kairos_clip_at (JsonObject *clip, double now, double end);

/* ---- Edits: each returns a new timeline, or NULL with an error and nothing happened ---- */

KairosTimeline *kairos_timeline_set_epochs (KairosTimeline *timeline, double epochs,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* position: index of the new track, -1 the last. */
KairosTimeline *kairos_timeline_add_track (KairosTimeline *timeline, const char *name, int position,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
KairosTimeline *kairos_timeline_remove_track (KairosTimeline *timeline, guint track,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
KairosTimeline *kairos_timeline_rename_track (KairosTimeline *timeline, guint track, const char *name,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
KairosTimeline *kairos_timeline_move_track (KairosTimeline *timeline, guint track, guint position,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
KairosTimeline *kairos_timeline_mute_track (KairosTimeline *timeline, guint track, gboolean muted,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
KairosTimeline *kairos_timeline_solo_track (KairosTimeline *timeline, guint track, gboolean solo,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* clip: as in the file form.  track -1: the first of its kind's tracks with room, made where there is none.  id, if not
 * NULL, gets the new clip's. */
KairosTimeline *kairos_timeline_add (KairosTimeline *timeline, int track, JsonObject *clip, guint32 *id,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
KairosTimeline *kairos_timeline_remove (KairosTimeline *timeline, guint32 id, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* To begin at from, on the same or another track (-1: the same), as long as it is. */
KairosTimeline *kairos_timeline_move (KairosTimeline *timeline, guint32 id, double from, int track,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Many at once, all by the same time and number of tracks. */
KairosTimeline *kairos_timeline_shift (KairosTimeline *timeline, const guint32 *ids, guint n, double epochs, int tracks,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Points of curves stay at their times.  Shapes that stretch with their clip keep the length they had when a running
 * one is cut short: see kairos_timeline_release(). */
KairosTimeline *kairos_timeline_trim (KairosTimeline *timeline, guint32 id, double from, double to,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends a clip at a time after its beginning; what it did before stays what it was. */
KairosTimeline *kairos_timeline_release (KairosTimeline *timeline, guint32 id, double at,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Two clips that do together what the one did.  id, if not NULL, gets the second's. */
KairosTimeline *kairos_timeline_split (KairosTimeline *timeline, guint32 clip, double at, guint32 *id,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A copy that begins at from; track as in add. */
KairosTimeline *kairos_timeline_duplicate (KairosTimeline *timeline, guint32 clip, double from, int track, guint32 *id,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* value NULL: the default. */
KairosTimeline *kairos_timeline_set_param (KairosTimeline *timeline, guint32 id, const char *name, JsonNode *value,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* n points instead of those the clip had, and instead of the setting that does not go together with points; 0: no
 * points, and the default of that setting. */
KairosTimeline *kairos_timeline_set_points (KairosTimeline *timeline, guint32 id, const KairosPoint *points, guint n,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
KairosTimeline *kairos_timeline_mute (KairosTimeline *timeline, guint32 id, gboolean muted,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- The past ---- */

/* The earliest time at which the two mean something different for the training; INFINITY where they never do.  clip, if
 * not NULL, gets a clip of either that is the reason (or NULL); it lives as long as they do. */
double kairos_timeline_first_difference (KairosTimeline *a, KairosTimeline *b, const KairosClip **clip);
/* FALSE, naming the clip, where going from before to after would change what was in force before now: the past is
 * locked. */
gboolean kairos_timeline_check_past (KairosTimeline *before, KairosTimeline *after, double now, GError **error);
/* timeline up to now, then what future says.  Clips of future that began before now have to be those of timeline;
 * running ones that it lacks end now. */
KairosTimeline *kairos_timeline_replace_future (KairosTimeline *timeline, KairosTimeline *future, double now,
                                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosTimeline, kairos_timeline_unref)

G_END_DECLS
