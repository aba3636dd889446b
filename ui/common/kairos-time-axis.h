/* SPDX-License-Identifier: MIT */

/* The time that is shown, in epochs: one object shared by everything that draws along it (plots, ruler, timeline), so
 * that zoom and scroll are the same everywhere.
 *
 * Whole time is [0, end), end = max (planned length, now).  The range shown always lies within it.  "Fitted" shows all
 * of it, also as it grows; any zoom or pan ends that.  "Follow" keeps now in view: the range moves along when now
 * leaves it to the right.  A pan by hand ends following.
 *
 * Properties (notify): "from" "to" "length" "now" (double), "follow" "fitted" (boolean).
 * Signal: changed ()   the range shown is another one; not emitted for a mere move of now
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Everything drawn along the axis leaves this much room beside it, in pixels: names and ticks go there. */
#define KAIROS_TIME_AXIS_START 124
#define KAIROS_TIME_AXIS_END 14
/* Ticks are at least this far apart. */
#define KAIROS_TIME_AXIS_TICK 70

#define KAIROS_TYPE_TIME_AXIS (kairos_time_axis_get_type ())
G_DECLARE_FINAL_TYPE (KairosTimeAxis, kairos_time_axis, KAIROS, TIME_AXIS, GObject)

KairosTimeAxis *kairos_time_axis_new (void);
double kairos_time_axis_get_from (KairosTimeAxis *axis);
double kairos_time_axis_get_to (KairosTimeAxis *axis);
double kairos_time_axis_get_end (KairosTimeAxis *axis);
double kairos_time_axis_get_length (KairosTimeAxis *axis); /* planned; 0 when nothing is planned */
void kairos_time_axis_set_length (KairosTimeAxis *axis, double length);
double kairos_time_axis_get_now (KairosTimeAxis *axis); /* the playhead */
void kairos_time_axis_set_now (KairosTimeAxis *axis, double now);
gboolean kairos_time_axis_get_follow (KairosTimeAxis *axis);
void kairos_time_axis_set_follow (KairosTimeAxis *axis, gboolean follow);
gboolean kairos_time_axis_get_fitted (KairosTimeAxis *axis);

/* Shows [from, to), moved and cut to lie within the whole. */
void kairos_time_axis_set_range (KairosTimeAxis *axis, double from, double to);
/* factor > 1 shows less; the given time keeps its place, as far as the ends allow.  Following goes on only while now
 * stays in view. */
void kairos_time_axis_zoom_at (KairosTimeAxis *axis, double factor, double time);
/* Moves the range by some epochs and stops following. */
void kairos_time_axis_pan (KairosTimeAxis *axis, double epochs);
void kairos_time_axis_fit (KairosTimeAxis *axis);

/* Between time and pixels from the left edge of a widget of that width, START and END taken off. */
double kairos_time_axis_to_x (KairosTimeAxis *axis, double time, double width);
double kairos_time_axis_to_time (KairosTimeAxis *axis, double x, double width);

G_END_DECLS
