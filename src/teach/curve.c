/* SPDX-License-Identifier: MIT */

/* Lists of points, as the header says. */
#include <kairos/curve.h>
#include <math.h>

/* What simplifying leaves out may be this far off, as parts of the largest value and of the value itself. */
#define ERROR_OF_LARGEST 0.005
#define ERROR_OF_VALUE 0.1
#define ERROR_LEAST 0.001

double
kairos_curve_value (const KairosPoint *points, guint n, double time)
{
  guint i = 0;

  while (i < n && points[i].time <= time)
    i++;
  if (i == 0)
    return points[0].value;
  if (i == n)
    return points[n - 1].value;
  const KairosPoint *a = &points[i - 1], *b = &points[i];
  return a->value + (b->value - a->value) * (time - a->time) / (b->time - a->time);
}

guint
kairos_curve_insert (GArray *points, double time, double value)
{
  const KairosPoint point = { time, value };
  guint i = 0;

  while (i < points->len && g_array_index (points, KairosPoint, i).time < time)
    i++;
  if (i < points->len && g_array_index (points, KairosPoint, i).time == time)
    g_array_index (points, KairosPoint, i) = point;
  else
    g_array_insert_val (points, i, point);
  return i;
}

void
kairos_curve_move (GArray *points, guint index, double time, double value, double from, double to)
{
  KairosPoint *point = &g_array_index (points, KairosPoint, index);
  double least = index > 0 ? MAX (from, point[-1].time + KAIROS_CURVE_GAP) : from;
  double most = index + 1 < points->len ? MIN (to, point[1].time - KAIROS_CURVE_GAP) : to;

  if (least <= most) /* else there is no room, and it keeps its time */
    point->time = CLAMP (time, least, most);
  point->value = value;
}

double
kairos_curve_first_difference (const KairosPoint *a, guint n_a, const KairosPoint *b, guint n_b)
{
  guint same = 0;

  while (same < n_a && same < n_b && a[same].time == b[same].time && a[same].value == b[same].value)
    same++;
  if (same == n_a && same == n_b)
    return INFINITY;
  if (n_a == 0 || n_b == 0)
    return -INFINITY;
  double level = same > 0 ? a[same - 1].value : a[0].value;
  gboolean flat_a = same == n_a || a[same].value == level, flat_b = same == n_b || b[same].value == level;
  if (!flat_a || !flat_b)
    return same > 0 ? a[same - 1].time : -INFINITY;
  /* the same height at least until then */
  return MIN (same < n_a ? a[same].time : INFINITY, same < n_b ? b[same].time : INFINITY);
}

double
kairos_curve_round (double number, double step)
{
  double digits = -floor (log10 (step)), unit = pow (10, fabs (digits));

  /* a quotient of whole numbers has the shortest text */
  return digits > 0 ? round (number * unit) / unit : round (number / unit) * unit;
}

/* ---- Fewer points ---- */

/* How far off the straight line from first to last passes the points between, in parts of what each may be off; at is
 * the worst. */
static double
worst (const KairosPoint *points, guint first, guint last, double largest, guint *at)
{
  const KairosPoint *a = &points[first], *b = &points[last];
  double most = 0;

  for (guint i = first + 1; i < last; i++) {
    double line = a->value + (b->value - a->value) * (points[i].time - a->time) / (b->time - a->time);
    double may = MIN (ERROR_OF_LARGEST * largest, MAX (ERROR_OF_VALUE * fabs (points[i].value), ERROR_LEAST * largest));
    double error = fabs (points[i].value - line);

    if (error > 0 && error / may > most) {
      most = error / may;
      *at = i;
    }
  }
  return most;
}

/* Ramer, Douglas and Peucker, by heights: keep the worst, then see to both sides of it. */
static void
keep (const KairosPoint *points, guint first, guint last, double largest, double slack, guint8 *kept)
{
  guint at = first;

  kept[first] = kept[last] = 1;
  if (worst (points, first, last, largest, &at) <= slack)
    return;
  keep (points, first, at, largest, slack, kept);
  keep (points, at, last, largest, slack, kept);
}

static GArray *
kept_points (const KairosPoint *points, guint n, double largest, double slack)
{
  g_autofree guint8 *kept = g_new0 (guint8, n);
  GArray *few = g_array_new (FALSE, FALSE, sizeof (KairosPoint));

  keep (points, 0, n - 1, largest, slack, kept);
  for (guint i = 0; i < n; i++)
    if (kept[i])
      g_array_append_val (few, points[i]);
  return few;
}

GArray *
kairos_curve_simplify (const KairosPoint *points, guint n, guint max)
{
  double largest = 0;

  for (guint i = 0; i < n; i++)
    largest = MAX (largest, fabs (points[i].value));
  for (double slack = 1;; slack *= 2) {
    GArray *few = kept_points (points, n, largest, slack);

    if (few->len <= MAX (max, 2) || slack > 1000)
      return few;
    g_array_unref (few);
  }
}
