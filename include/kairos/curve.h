/* SPDX-License-Identifier: MIT */

/* Automation curves: points joined by straight lines, held before the first and after the last.
 *
 *   g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (KairosPoint));
 *   kairos_curve_insert (points, 0, 1);
 *   kairos_curve_insert (points, 4, 0.1);
 *   double half = kairos_curve_value ((KairosPoint *) points->data, points->len, 2); // 0.55
 *
 * A curve being edited is a GArray of KairosPoint.  In every curve times grow strictly, which these functions keep.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  double time, value;
} KairosPoint;

#define KAIROS_CURVE_GAP 1e-6 /* epochs: the least between two points that were moved against each other */

/* n >= 1. */
double kairos_curve_value (const KairosPoint *points, guint n, double time);
/* Puts a point among the others; at the time of one it takes its place.  Returns its index. */
guint kairos_curve_insert (GArray *points, double time, double value);
/* Moves a point, not past its neighbours and not out of [from, to]. */
void kairos_curve_move (GArray *points, guint index, double time, double value, double from, double to);
/* The time from which on two curves may differ: that of the last point before the line that changed, since moving a
 * point bends the line that leads to it.  INFINITY: they do not; -INFINITY: all along.  A curve without points differs
 * from any other all along. */
double kairos_curve_first_difference (const KairosPoint *a, guint n_a, const KairosPoint *b, guint n_b);
/* Few of these points (n >= 2), the first and the last among them: the curve through them passes every point within 0.5
 * % of the largest value, and small values within a tenth of themselves.  At most about max, for which the error grows
 * where it must.  Caller frees. */
GArray *kairos_curve_simplify (const KairosPoint *points, guint n, guint max);

/* The number with as many decimal digits as a step of this size (> 0) has: 0.1234 by steps of 0.002 is 0.123. */
double kairos_curve_round (double number, double step);

G_END_DECLS
