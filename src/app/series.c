/* SPDX-License-Identifier: MIT */

/* One curve: its points as they came, and above them a pyramid in which a node summarises FAN nodes of the level below.
 *
 * Invariants: times never fall; levels[l] has ceil (n / FAN^(l+1)) nodes, the last of which may still be filling; level
 * l exists when n > FAN^l (level 0 when there is any point).  So the summary of any range of points is put together
 * from O(log n) nodes, and holds its true extremes.
 *
 * Smoothing keeps the state of the filter before every SMOOTH_STRIDE points for one half-life, the one asked for last.
 */
#include "kairos/metrics.h"

#include <math.h>

#define FAN_BITS 4
#define FAN (1 << FAN_BITS)
#define SMOOTH_STRIDE 64

/* Counts finite values only; an empty node has n = 0. */
typedef struct {
  float low, high, first, last;
  double sum;
  guint n;
} Node;

/* The filter after some points.  area: the integral of the line through the finite points, weighted by exp ((time -
 * now) / tau), over tau. */
typedef struct {
  double start;       /* first finite point */
  double time, value; /* last finite point */
  double area;
  gboolean started;
} Smooth;

struct _KairosSeries {
  char *name;
  GArray *times;     /* double */
  GArray *values;    /* float */
  GPtrArray *levels; /* GArray of Node */

  double half_life;
  GArray *smooths; /* Smooth, [k] before point k * SMOOTH_STRIDE; empty until smoothing is asked for */
};

KairosSeries *
kairos_series_new (const char *name)
{
  KairosSeries *series = g_new0 (KairosSeries, 1);

  series->name = g_strdup (name);
  series->times = g_array_new (FALSE, FALSE, sizeof (double));
  series->values = g_array_new (FALSE, FALSE, sizeof (float));
  series->levels = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  series->smooths = g_array_new (FALSE, TRUE, sizeof (Smooth));
  return series;
}

void
kairos_series_free (KairosSeries *series)
{
  if (!series)
    return;
  g_free (series->name);
  g_array_unref (series->times);
  g_array_unref (series->values);
  g_ptr_array_unref (series->levels);
  g_array_unref (series->smooths);
  g_free (series);
}

const char *
kairos_series_get_name (KairosSeries *series)
{
  return series->name;
}

guint
kairos_series_get_n (KairosSeries *series)
{
  return series->times->len;
}

static inline double
time_at (KairosSeries *series, guint index)
{
  return g_array_index (series->times, double, index);
}

static inline float
value_at (KairosSeries *series, guint index)
{
  return g_array_index (series->values, float, index);
}

void
kairos_series_get (KairosSeries *series, guint index, double *time, float *value)
{
  g_return_if_fail (index < series->times->len);

  if (time)
    *time = time_at (series, index);
  if (value)
    *value = value_at (series, index);
}

/* ---- The pyramid ---- */

static inline Node
node_of_value (float value)
{
  if (!isfinite (value))
    return (Node){ 0 };
  return (Node){ value, value, value, value, value, 1 };
}

/* later follows node in time. */
static inline void
node_add (Node *node, const Node *later)
{
  if (later->n == 0)
    return;
  if (node->n == 0) {
    *node = *later;
    return;
  }
  node->low = MIN (node->low, later->low);
  node->high = MAX (node->high, later->high);
  node->last = later->last;
  node->sum += later->sum;
  node->n += later->n;
}

static inline Node *
level_nodes (KairosSeries *series, guint level)
{
  return (Node *) ((GArray *) g_ptr_array_index (series->levels, level))->data;
}

/* A new level begins with what the level below holds in its first, just completed node. */
static void
add_level (KairosSeries *series)
{
  guint level = series->levels->len;
  GArray *nodes = g_array_new (FALSE, FALSE, sizeof (Node));
  Node first = level == 0 ? (Node){ 0 } : level_nodes (series, level - 1)[0];

  g_array_append_val (nodes, first);
  g_ptr_array_add (series->levels, nodes);
}

void
kairos_series_append (KairosSeries *series, double time, float value)
{
  guint index = series->times->len;
  Node node = node_of_value (value);

  g_return_if_fail (isfinite (time) && (index == 0 || time >= time_at (series, index - 1)));

  g_array_append_val (series->times, time);
  g_array_append_val (series->values, value);
  if (series->levels->len == 0 || index == G_GUINT64_CONSTANT (1) << (FAN_BITS * series->levels->len))
    add_level (series);
  for (guint level = 0; level < series->levels->len; level++) {
    GArray *nodes = g_ptr_array_index (series->levels, level);
    guint at = (guint64) index >> (FAN_BITS * (level + 1));

    if (at == nodes->len)
      g_array_append_val (nodes, node);
    else
      node_add (&g_array_index (nodes, Node, at), &node);
  }
}

/* Summary of a node's children that still exist. */
static Node
rebuild_node (KairosSeries *series, guint level, guint at)
{
  guint n_children = level == 0 ? series->values->len : ((GArray *) g_ptr_array_index (series->levels, level - 1))->len;
  guint end = MIN (n_children, (at + 1) << FAN_BITS);
  Node node = { 0 };

  for (guint i = at << FAN_BITS; i < end; i++) {
    Node child = level == 0 ? node_of_value (value_at (series, i)) : level_nodes (series, level - 1)[i];

    node_add (&node, &child);
  }
  return node;
}

static void
truncate_levels (KairosSeries *series, guint n)
{
  guint n_levels = 0;

  while (n_levels < series->levels->len && n > (n_levels == 0 ? 0 : G_GUINT64_CONSTANT (1) << (FAN_BITS * n_levels)))
    n_levels++;
  g_ptr_array_set_size (series->levels, n_levels);
  for (guint level = 0; level < n_levels; level++) {
    GArray *nodes = g_ptr_array_index (series->levels, level);
    guint last = (guint64) (n - 1) >> (FAN_BITS * (level + 1));

    g_array_set_size (nodes, last + 1);
    g_array_index (nodes, Node, last) = rebuild_node (series, level, last);
  }
}

/* Index of the first point later than a time (or, with equal, not earlier), looking from index begin on in growing
 * steps: cheap when the answer is near. */
static guint
search (KairosSeries *series, guint begin, double time, gboolean equal)
{
  const double *times = (const double *) series->times->data;
  guint n = series->times->len, low = begin, step = 1;

#define BEFORE(i) (equal ? times[i] < time : times[i] <= time)
  while (low < n && low + step <= n && BEFORE (low + step - 1)) {
    low += step;
    step *= 2;
  }
  for (guint high = MIN (n, low + step); low < high;) {
    guint middle = low + (high - low) / 2;

    if (BEFORE (middle))
      low = middle + 1;
    else
      high = middle;
  }
#undef BEFORE
  return low;
}

guint
kairos_series_find (KairosSeries *series, double time)
{
  return search (series, 0, time, TRUE);
}

void
kairos_series_truncate (KairosSeries *series, double time)
{
  guint n = search (series, 0, time, FALSE);

  if (n == series->times->len)
    return;
  g_array_set_size (series->times, n);
  g_array_set_size (series->values, n);
  truncate_levels (series, n);
  /* The state before point k * stride knows the points before it only. */
  if (series->smooths->len > n / SMOOTH_STRIDE + 1)
    g_array_set_size (series->smooths, n / SMOOTH_STRIDE + 1);
}

/* Points [begin, end): whole nodes as high up as they go, the rest from below on both sides. */
static Node
summarise (KairosSeries *series, guint begin, guint end)
{
  Node left = { 0 }, right = { 0 };

  for (guint level = 0; begin < end; level++, begin >>= FAN_BITS, end >>= FAN_BITS) {
    const Node *nodes = level == 0 ? NULL : level_nodes (series, level - 1);

    for (; begin < end && (begin & (FAN - 1)) != 0; begin++) {
      Node node = !nodes ? node_of_value (value_at (series, begin)) : nodes[begin];

      node_add (&left, &node);
    }
    for (; begin < end && (end & (FAN - 1)) != 0; end--) {
      Node node = !nodes ? node_of_value (value_at (series, end - 1)) : nodes[end - 1];

      node_add (&node, &right);
      right = node;
    }
  }
  node_add (&left, &right);
  return left;
}

void
kairos_series_buckets (KairosSeries *series, double from, double to, guint n, KairosBucket *buckets)
{
  guint begin = search (series, 0, from, TRUE);

  for (guint i = 0; i < n; i++) {
    guint end = search (series, begin, i + 1 == n ? to : from + (to - from) * (i + 1) / n, TRUE);
    Node node = summarise (series, begin, end);

    buckets[i] =
        (KairosBucket){ node.low, node.high, node.n > 0 ? node.sum / node.n : 0, node.first, node.last, node.n };
    begin = end;
  }
}

gboolean
kairos_series_extent (KairosSeries *series, double from, double to, float *low, float *high)
{
  guint begin = search (series, 0, from, TRUE);
  Node node = summarise (series, begin, search (series, begin, to, FALSE));

  if (node.n == 0)
    return FALSE;
  if (low)
    *low = node.low;
  if (high)
    *high = node.high;
  return TRUE;
}

int
kairos_series_nearest (KairosSeries *series, double time)
{
  guint after = kairos_series_find (series, time);

  if (series->times->len == 0)
    return -1;
  if (after == series->times->len)
    return after - 1;
  if (after > 0 && time - time_at (series, after - 1) <= time_at (series, after) - time)
    return after - 1;
  return after;
}

/* ---- Smoothing ---- */

/* Goes on along the straight line from the last finite point to this one: for x = (time passed) / tau and u = 1 - exp
 * (-x), the integral over the new piece is value u - (value - last value) (u/x - (1 - u)). */
static inline void
smooth_advance (Smooth *smooth, double time, double value, double tau)
{
  double x, u;

  if (!isfinite (value))
    return;
  if (!smooth->started) {
    *smooth = (Smooth){ time, time, value, 0, TRUE };
    return;
  }
  x = (time - smooth->time) / tau;
  if (x > 0) {
    u = -expm1 (-x);
    smooth->area = smooth->area * (1 - u) + value * u - (value - smooth->value) * (u / x - (1 - u));
  }
  smooth->time = time;
  smooth->value = value;
}

/* The weights so far add up to 1 - exp (-(time passed) / tau); dividing by it is what lets the curve start at its first
 * point instead of at zero. */
static inline float
smooth_value (const Smooth *smooth, double tau)
{
  double weight = -expm1 (-(smooth->time - smooth->start) / tau);

  if (!smooth->started)
    return NAN;
  return weight > 0 ? smooth->area / weight : smooth->value;
}

static void
smooth_run (KairosSeries *series, Smooth *smooth, guint begin, guint end, double tau)
{
  for (guint i = begin; i < end; i++)
    smooth_advance (smooth, time_at (series, i), value_at (series, i), tau);
}

/* Brings the kept states up to the points there are. */
static void
smooth_update (KairosSeries *series, double half_life, double tau)
{
  if (half_life != series->half_life) {
    g_array_set_size (series->smooths, 0);
    series->half_life = half_life;
  }
  if (series->smooths->len == 0)
    g_array_set_size (series->smooths, 1);
  while (series->smooths->len * SMOOTH_STRIDE <= series->times->len) {
    guint end = series->smooths->len * SMOOTH_STRIDE;
    Smooth smooth = g_array_index (series->smooths, Smooth, series->smooths->len - 1);

    smooth_run (series, &smooth, end - SMOOTH_STRIDE, end, tau);
    g_array_append_val (series->smooths, smooth);
  }
}

/* The smoothed value at a time between (or at) points, given the state after all points up to it: next is the first
 * later one. */
static float
smooth_between (KairosSeries *series, Smooth smooth, guint next, double time, double tau)
{
  while (next < series->times->len && !isfinite (value_at (series, next)))
    next++;
  if (smooth.started && next < series->times->len && time > smooth.time) {
    double share = (time - smooth.time) / (time_at (series, next) - smooth.time);

    smooth_advance (&smooth, time, smooth.value + (value_at (series, next) - smooth.value) * share, tau);
  }
  return smooth_value (&smooth, tau);
}

static void
bucket_means (KairosSeries *series, double from, double to, guint n, float *out)
{
  g_autofree KairosBucket *buckets = g_new (KairosBucket, n);

  kairos_series_buckets (series, from, to, n, buckets);
  for (guint i = 0; i < n; i++)
    out[i] = buckets[i].n > 0 ? buckets[i].mean : NAN;
}

void
kairos_series_smooth (KairosSeries *series, double half_life, double from, double to, guint n, float *out)
{
  double tau = half_life / G_LN2, begin = from;
  guint done = 0; /* points in smooth */
  Smooth smooth = { 0 };

  if (!(half_life > 0)) {
    bucket_means (series, from, to, n, out);
    return;
  }
  smooth_update (series, half_life, tau);
  for (guint i = 0; i < n; i++) {
    double end = i + 1 == n ? to : from + (to - from) * (i + 1) / n;
    guint next = search (series, done, end, FALSE);

    if (next - done > SMOOTH_STRIDE) {
      done = next / SMOOTH_STRIDE * SMOOTH_STRIDE;
      smooth = g_array_index (series->smooths, Smooth, next / SMOOTH_STRIDE);
    }
    smooth_run (series, &smooth, done, next, tau);
    done = next;
    if (next == series->times->len && (next == 0 || begin > time_at (series, next - 1)))
      out[i] = NAN;
    else
      out[i] = smooth_between (series, smooth, next, end, tau);
    begin = end;
  }
}
