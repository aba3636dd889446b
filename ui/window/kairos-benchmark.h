/* SPDX-License-Identifier: MIT */

/* The program measures itself: `kairos --benchmark-ui SECONDS [--benchmark-clips N] [DATA]`.
 *
 * A temporary session trains on all cores while in every frame the sample grid scrolls and the plots pan or, with N
 * clips on the timeline, some of these are dragged.  Printed as one JSON object: startup_to_first_frame_ms  from the
 * start of the process (as the kernel recorded it, so before a second execution) to the end of the window's first frame
 *   session_ms                 the same to the end of the first frame that shows the session
 *   frames, seconds            drawn while measuring
 *   p50_ms, p99_ms, max_ms     work a frame: GdkFrameClock's before-paint to after-paint (animation, layout, recording,
 * drawing) cpu_p50_ms ...             the same in processor time of the main thread, so that other programs do not
 * count interval_p50_ms ...        from one frame's before-paint to the next one's, so that work between frames
 * (telemetry, sorting) counts, too; about 16.7 at 60 frames a second when nothing is late rss_mb, peak_rss_mb memory of
 * the process at the end, and its largest samples, images_per_second, threads   what was going on meanwhile clips,
 * drags               how many clips there were, and how many drags changed the timeline
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* spec NULL: the built-in digits.  n_clips 0: nothing is dragged.  status becomes 1 when it failed; it has to live as
 * long as the application, which then ends. */
void kairos_benchmark_begin (GtkApplication *application, const char *spec, double seconds, guint n_clips, int *status);

G_END_DECLS
