/* SPDX-License-Identifier: MIT */

/* What one clip does, seen without a training: to a picture, or as a curve over time.
 *
 *   if (kairos_clip_preview (clip, shape, seed, id, input))
 *     show (input);                                            as the network would see the sample
 *   if (kairos_clip_curve (clip, clip->from, clip->to, n, values))
 *     draw (values);                                           the learning rate, say
 *   points = kairos_clip_trace (clip);                         the same as points to edit
 *
 * By the code that trains.  Any thread.
 */
#pragma once

#include <kairos/network.h>
#include <kairos/timeline.h>

G_BEGIN_DECLS

/* What a clip alone does to one sample's input (height x width x channels, 0 .. 1, changed in place): the bytes are
 * those that the network would be given if the clip were in force at step 0 of a session with this seed.  What a kind
 * draws once for each sample (noise images) or not at all (blur, occlusion) is so at every other step of the clip, too;
 * what it draws anew at each step (shift, rotate) is an example.  FALSE, and nothing is changed, for kinds that do
 * nothing to the input and for pictures that it cannot work on (grey ones for "grey").  shape: that of pictures; the
 * caller knows whether the data has any. */
gboolean kairos_clip_preview (const KairosClip *clip, KairosShape shape, guint64 seed, guint32 id, float *input);

/* What an automation curve (learning rate, momentum) says at n >= 2 times evenly spread over [from, to] epochs, as a
 * factor of the session's rate where it is one; FALSE for other kinds. */
gboolean kairos_clip_curve (const KairosClip *clip, double from, double to, guint n, double *values);
/* Few points that follow that curve over the whole clip closely; NULL for other kinds.  Caller frees. */
GArray *kairos_clip_trace (const KairosClip *clip);

G_END_DECLS
