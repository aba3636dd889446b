/* SPDX-License-Identifier: MIT */

/* The curve of a clip, large enough to drag its points, with buttons for what the pointer does, and for going from a
 * shape to points and back.
 *
 * Actions: "curve.draw" makes points of the shape, "curve.shape" goes back; "curve.add", "curve.remove" and
 * "curve.move" (dd: hundredths of the axes, right and up) act on the point that had the focus last; "curve.log" is the
 * scale. Signal: "edit" (KairosTimeline, what it does, merge key or NULL): a new value, as one step to undo.
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/timeline.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_CURVE_EDITOR (kairos_curve_editor_get_type ())
G_DECLARE_FINAL_TYPE (KairosCurveEditor, kairos_curve_editor, KAIROS, CURVE_EDITOR, GtkWidget)

GtkWidget *kairos_curve_editor_new (void);
/* Shows a clip of the timeline, and itself only where its kind has a curve. */
void kairos_curve_editor_set_clip (KairosCurveEditor *editor, KairosTimeline *timeline, guint32 id, double now);
/* The time up to which nothing can change. */
void kairos_curve_editor_set_now (KairosCurveEditor *editor, double now);

G_END_DECLS
