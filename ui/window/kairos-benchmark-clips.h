/* SPDX-License-Identifier: MIT */

/* The clips that `kairos --benchmark-clips N` puts on the timeline and drags about.
 *
 * N clips and events of mixed kinds, curves of the rate among them, on ten tracks, all of them later than what is
 * trained meanwhile.  One clip after another, every third time with seven more, is grabbed and moved a little in every
 * frame, as the pointer does it: through the signals of the lanes' own gesture.  Every drag ends with a drop, which is
 * an edit, and every drop is undone a little later, so that all drags find the same timeline.
 */
#pragma once

#include "window/kairos-window.h"

G_BEGIN_DECLS

typedef struct _KairosBenchmarkClips KairosBenchmarkClips;

/* epochs: how many are planned.  NULL, with an error, where the document takes no such timeline. */
KairosBenchmarkClips *kairos_benchmark_clips_new (KairosWindow *window, guint n, double epochs, GError **error);
void kairos_benchmark_clips_free (KairosBenchmarkClips *clips); /* accepts NULL */
/* What the pointer does in one frame. */
void kairos_benchmark_clips_move (KairosBenchmarkClips *clips);
/* Drags that changed the timeline. */
guint kairos_benchmark_clips_get_drags (KairosBenchmarkClips *clips);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosBenchmarkClips, kairos_benchmark_clips_free)

G_END_DECLS
