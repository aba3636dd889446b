/* SPDX-License-Identifier: MIT */

/* Automation curves: lists of points, shapes that become points, and from when on an edit of them matters. */
#include <kairos/preview.h>
#include <math.h>

static GArray *
points_of (const double *numbers, guint n)
{
  GArray *points = g_array_new (FALSE, FALSE, sizeof (KairosPoint));

  g_array_append_vals (points, numbers, n);
  return points;
}

#define POINTS(...) points_of ((const double[]){ __VA_ARGS__ }, G_N_ELEMENTS (((const double[]){ __VA_ARGS__ })) / 2)
#define DATA(points) ((const KairosPoint *) (gpointer) (points)->data)

static void
assert_points (GArray *points, guint n, const double *expected)
{
  g_assert_cmpuint (points->len, ==, n);
  for (guint i = 0; i < n; i++) {
    g_assert_cmpfloat (DATA (points)[i].time, ==, expected[2 * i]);
    g_assert_cmpfloat (DATA (points)[i].value, ==, expected[2 * i + 1]);
  }
}

static void
test_value (void)
{
  g_autoptr (GArray) points = POINTS (1, 0.5, 3, 0.1);

  g_assert_cmpfloat (kairos_curve_value (DATA (points), 2, 0), ==, 0.5);
  g_assert_cmpfloat (kairos_curve_value (DATA (points), 2, 1), ==, 0.5);
  g_assert_cmpfloat_with_epsilon (kairos_curve_value (DATA (points), 2, 2), 0.3, 1e-12);
  g_assert_cmpfloat (kairos_curve_value (DATA (points), 2, 3), ==, 0.1);
  g_assert_cmpfloat (kairos_curve_value (DATA (points), 2, 9), ==, 0.1);
}

static void
test_insert (void)
{
  g_autoptr (GArray) points = POINTS (1, 0.5);

  g_assert_cmpuint (kairos_curve_insert (points, 3, 0.1), ==, 1);
  g_assert_cmpuint (kairos_curve_insert (points, 0, 0.7), ==, 0);
  g_assert_cmpuint (kairos_curve_insert (points, 2, 0.3), ==, 2);
  g_assert_cmpuint (kairos_curve_insert (points, 2, 0.4), ==, 2); /* two of one time would not be a curve */
  assert_points (points, 4, (const double[]){ 0, 0.7, 1, 0.5, 2, 0.4, 3, 0.1 });
}

static void
test_move (void)
{
  g_autoptr (GArray) points = POINTS (0, 1, 2, 1, 4, 1);
  g_autoptr (GArray) dense = POINTS (0, 1, KAIROS_CURVE_GAP, 2, 2 * KAIROS_CURVE_GAP, 3);

  kairos_curve_move (points, 1, 3, 0.5, 0, 6);
  assert_points (points, 3, (const double[]){ 0, 1, 3, 0.5, 4, 1 });
  kairos_curve_move (points, 1, 9, 0.5, 0, 6); /* not past its neighbours */
  assert_points (points, 3, (const double[]){ 0, 1, 4 - KAIROS_CURVE_GAP, 0.5, 4, 1 });
  kairos_curve_move (points, 1, -1, 0.5, 0, 6);
  assert_points (points, 3, (const double[]){ 0, 1, KAIROS_CURVE_GAP, 0.5, 4, 1 });
  kairos_curve_move (points, 2, 9, 2, 0, 6); /* nor out of the clip */
  kairos_curve_move (points, 0, -3, 2, 0, 6);
  assert_points (points, 3, (const double[]){ 0, 2, KAIROS_CURVE_GAP, 0.5, 6, 2 });
  kairos_curve_move (dense, 1, 1, 7, 0, 6); /* no room: only its value moves */
  assert_points (dense, 3, (const double[]){ 0, 1, KAIROS_CURVE_GAP, 7, 2 * KAIROS_CURVE_GAP, 3 });
}

static double
difference (GArray *a, GArray *b)
{
  double one = kairos_curve_first_difference (DATA (a), a->len, DATA (b), b->len);

  g_assert_cmpfloat (kairos_curve_first_difference (DATA (b), b->len, DATA (a), a->len), ==, one);
  return one;
}

static void
test_difference (void)
{
  g_autoptr (GArray) curve = POINTS (1, 0.5, 3, 0.1, 5, 0.4), same = POINTS (1, 0.5, 3, 0.1, 5, 0.4),
                     none = POINTS (0, 0);
  g_autoptr (GArray) last = POINTS (1, 0.5, 3, 0.1, 5, 0.3), later = POINTS (1, 0.5, 3, 0.1, 6, 0.4),
                     middle = POINTS (1, 0.5, 3, 0.2, 5, 0.4);
  g_autoptr (GArray) fewer = POINTS (1, 0.5, 3, 0.1), first = POINTS (1, 0.6, 3, 0.1, 5, 0.4),
                     begins = POINTS (2, 0.5, 3, 0.1, 5, 0.4);
  g_autoptr (GArray) held = POINTS (1, 0.5, 3, 0.1, 5, 0.4, 8, 0.4), drops = POINTS (1, 0.5, 3, 0.1, 5, 0.4, 8, 0.2);

  g_array_set_size (none, 0);
  g_assert_cmpfloat (difference (curve, same), ==, INFINITY);
  g_assert_cmpfloat (difference (none, none), ==, INFINITY);
  g_assert_cmpfloat (difference (curve, none), ==, -INFINITY);
  g_assert_cmpfloat (difference (curve, last), ==, 3); /* the line to a point moves with it */
  g_assert_cmpfloat (difference (curve, later), ==, 3);
  g_assert_cmpfloat (difference (curve, middle), ==, 1);
  g_assert_cmpfloat (difference (curve, fewer), ==, 3);
  g_assert_cmpfloat (difference (curve, first), ==, -INFINITY); /* held before the first */
  g_assert_cmpfloat (difference (curve, begins), ==, 1);
  g_assert_cmpfloat (difference (curve, held), ==, 8); /* a point of the same height changes nothing before it */
  g_assert_cmpfloat (difference (curve, drops), ==, 5);
}

/* What it says is never too late: before it, random edits leave every value what it was. */
static void
test_difference_holds (void)
{
  for (guint round = 0; round < 2000; round++) {
    g_autoptr (GArray) a = POINTS (0, 0.5), b = NULL;
    double first;

    for (guint i = 0; i < 6; i++)
      kairos_curve_insert (a, g_test_rand_int_range (0, 12), g_test_rand_int_range (0, 3));
    b = g_array_copy (a);
    if (g_test_rand_bit ())
      kairos_curve_insert (b, g_test_rand_int_range (0, 12), g_test_rand_int_range (0, 3));
    else if (g_test_rand_bit ())
      g_array_remove_index (b, g_test_rand_int_range (0, b->len));
    else
      kairos_curve_move (b, g_test_rand_int_range (0, b->len), g_test_rand_int_range (0, 12),
                         g_test_rand_int_range (0, 3), 0, 12);
    if (b->len == 0)
      continue;
    first = difference (a, b);
    for (double time = -1; time < 14 && time < first; time += 0.125)
      g_assert_cmpfloat (kairos_curve_value (DATA (a), a->len, time), ==, kairos_curve_value (DATA (b), b->len, time));
  }
}

static void
test_round (void)
{
  g_assert_cmpfloat (kairos_curve_round (0.1234, 0.002), ==, 0.123);
  g_assert_cmpfloat (kairos_curve_round (0.57600000000000007, 0.001), ==, 0.576); /* not the next number but one */
  g_assert_cmpfloat (kairos_curve_round (14.7, 1), ==, 15);
  g_assert_cmpfloat (kairos_curve_round (147, 20), ==, 150);
  g_assert_cmpfloat (kairos_curve_round (-0.26, 0.1), ==, -0.3);
}

static void
test_simplify (void)
{
  g_autoptr (GArray) line = g_array_new (FALSE, FALSE, sizeof (KairosPoint)), few = NULL, two = NULL;

  for (guint i = 0; i <= 100; i++) {
    const KairosPoint point = { i, i <= 40 ? 1 : 1 + (i - 40) / 10.0 };
    g_array_append_val (line, point);
  }
  few = kairos_curve_simplify (DATA (line), line->len, 10);
  assert_points (few, 3, (const double[]){ 0, 1, 40, 1, 100, 7 });
  two = kairos_curve_simplify (DATA (line), line->len, 2);
  assert_points (two, 2, (const double[]){ 0, 1, 100, 7 });
}

/* ---- Clips ---- */

static KairosTimeline *
with_clip (const char *settings)
{
  g_autofree char *text =
      g_strdup_printf ("{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"Rate\",\"clips\":[{%s}]}]}", settings);
  g_autoptr (GError) error = NULL;
  KairosTimeline *timeline = kairos_timeline_from_text (text, -1, &error);

  g_assert_no_error (error);
  return timeline;
}

/* The shape and its points, side by side. */
static void
follow (const char *settings, guint most_points, double within)
{
  enum { N = 500 };
  g_autoptr (KairosTimeline) timeline = with_clip (settings), drawn = NULL;
  const KairosClip *clip = kairos_timeline_find (timeline, 1, NULL);
  g_autoptr (GArray) points = kairos_clip_trace (clip), again = NULL;
  double shape[N], curve[N], most = 0;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (points);
  g_assert_cmpuint (points->len, >=, 2);
  g_assert_cmpuint (points->len, <=, most_points);
  drawn = kairos_timeline_set_points (timeline, 1, DATA (points), points->len, &error);
  g_assert_no_error (error);
  again = kairos_clip_points (kairos_timeline_find (drawn, 1, NULL), NULL);
  g_assert_cmpmem (again->data, again->len * sizeof (KairosPoint), points->data, points->len * sizeof (KairosPoint));
  g_assert_true (kairos_clip_curve (clip, clip->from, clip->to - 0.001, N, shape));
  g_assert_true (kairos_clip_curve (kairos_timeline_find (drawn, 1, NULL), clip->from, clip->to - 0.001, N, curve));
  for (guint i = 0; i < N; i++)
    most = MAX (most, shape[i]);
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat_with_epsilon (shape[i], curve[i], within * most + 1e-9);
}

static void
test_trace (void)
{
  follow ("\"kind\":\"learning-rate\",\"from\":0,\"to\":40,\"shape\":\"constant\",\"rate\":0.1", 2, 0.01);
  follow ("\"kind\":\"learning-rate\",\"from\":3,\"to\":40,\"shape\":\"cosine\",\"rate\":0.1", 20, 0.01);
  follow ("\"kind\":\"learning-rate\",\"from\":3,\"to\":40,\"shape\":\"cosine\",\"rate\":0.1,\"since\":4,\"over\":50",
          20, 0.01);
  follow ("\"kind\":\"learning-rate\",\"from\":3,\"to\":40,\"shape\":\"exponential\",\"rate\":0.1,\"factor\":0.8", 20,
          0.01);
  follow ("\"kind\":\"learning-rate\",\"from\":3,\"to\":8,\"shape\":\"warm-up\",\"rate\":0.3", 2, 0.01);
  follow ("\"kind\":\"learning-rate\",\"from\":0,\"to\":3,\"shape\":\"constant\",\"rate\":0", 2, 0.01);
  follow ("\"kind\":\"momentum\",\"from\":0,\"to\":3,\"value\":0.9999", 2, 0.01);
}

/* Where a shape drops, one line of the points is as steep as there is room for. */
static void
test_trace_steps (void)
{
  g_autoptr (KairosTimeline) timeline =
      with_clip ("\"kind\":\"learning-rate\",\"from\":0,\"to\":20,\"shape\":\"step\",\"rate\":0.1,\"every\":5");
  g_autoptr (GArray) points = kairos_clip_trace (kairos_timeline_find (timeline, 1, NULL));

  g_assert_cmpuint (points->len, ==, 8); /* two for each of four stairs */
  for (double time = 2.5; time < 20; time += 5)
    g_assert_cmpfloat_with_epsilon (kairos_curve_value (DATA (points), points->len, time),
                                    0.1 * pow (0.5, floor (time / 5)), 1e-6);
}

/* More corners than a person wants to drag. */
static void
test_trace_is_bounded (void)
{
  g_autoptr (KairosTimeline) timeline =
      with_clip ("\"kind\":\"learning-rate\",\"from\":0,\"to\":200,\"shape\":\"restart\",\"rate\":0.1,\"every\":1.1");
  g_autoptr (GArray) points = kairos_clip_trace (kairos_timeline_find (timeline, 1, NULL));

  g_assert_cmpuint (points->len, <=, 40);
}

static void
test_set_points (void)
{
  g_autoptr (KairosTimeline) shaped =
      with_clip ("\"kind\":\"learning-rate\",\"from\":2,\"to\":10,\"shape\":\"cosine\",\"rate\":0.2"),
                             back = NULL;
  g_autoptr (KairosTimeline) other = with_clip ("\"kind\":\"blur\",\"from\":2,\"to\":10"), drawn = NULL;
  g_autoptr (GArray) points = POINTS (0, 0.1, 4, 0.05), wrong = POINTS (0, -0.1);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL, *back_text = NULL;

  drawn = kairos_timeline_set_points (shaped, 1, DATA (points), points->len, &error);
  g_assert_no_error (error);
  text = kairos_clip_to_text (kairos_timeline_find (drawn, 1, NULL));
  g_assert_cmpstr (text, ==,
                   "{\"kind\":\"learning-rate\",\"from\":2,\"to\":10,\"rate\":0.2,\"points\":[[0,0.1],[4,0.05]]}");
  back = kairos_timeline_set_points (drawn, 1, NULL, 0, &error);
  g_assert_no_error (error);
  back_text = kairos_clip_to_text (kairos_timeline_find (back, 1, NULL));
  g_assert_cmpstr (back_text, ==, "{\"kind\":\"learning-rate\",\"from\":2,\"to\":10,\"rate\":0.2}");
  g_assert_null (kairos_timeline_set_points (shaped, 1, DATA (wrong), 1, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE);
  g_clear_error (&error);
  g_assert_null (kairos_timeline_set_points (other, 1, DATA (points), points->len, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE);
  g_assert_null (kairos_clip_trace (kairos_timeline_find (other, 1, NULL)));
  g_assert_null (kairos_kind_points (kairos_timeline_find (other, 1, NULL)->kind));
}

static void
differ_from (KairosTimeline *timeline, guint32 id, double expected, const double *numbers, guint n)
{
  g_autoptr (GArray) points = points_of (numbers, n);
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosTimeline) edited = kairos_timeline_set_points (timeline, id, DATA (points), n, &error);

  g_assert_no_error (error);
  g_assert_cmpfloat (kairos_timeline_first_difference (timeline, edited, NULL), ==, expected);
}

/* In a running clip the future may be drawn anew, and the lines that are behind may not. */
static void
test_past (void)
{
  g_autoptr (KairosTimeline) timeline =
      with_clip ("\"kind\":\"learning-rate\",\"from\":10,\"to\":20,\"points\":[[0,0.1],[4,0.05],[8,0.02],[15,0.01]]"),
                             split = NULL, longer = NULL;
  guint32 id;

  differ_from (timeline, 1, 14, (const double[]){ 0, 0.1, 4, 0.05, 8, 0.03, 15, 0.01 }, 4);
  differ_from (timeline, 1, 10, (const double[]){ 0, 0.1, 5, 0.05, 8, 0.02, 15, 0.01 }, 4);
  differ_from (timeline, 1, 10, (const double[]){ 0, 0.2, 4, 0.05, 8, 0.02, 15, 0.01 }, 4);
  differ_from (timeline, 1, 18, (const double[]){ 0, 0.1, 4, 0.05, 8, 0.02, 9, 0.02, 15, 0.01 }, 5);
  differ_from (timeline, 1, INFINITY, (const double[]){ 0, 0.1, 4, 0.05, 8, 0.02, 15, 0.01 }, 4);
  longer = kairos_timeline_trim (timeline, 1, 10, 22, NULL);
  /* points do not stretch with their clip */
  g_assert_cmpfloat (kairos_timeline_first_difference (timeline, longer, NULL), ==, 20);
  /* so the rest of a line can be drawn anew from the playhead on */
  split = kairos_timeline_split (timeline, 1, 15, &id, NULL);
  g_assert_nonnull (split);
  differ_from (split, id, 15, (const double[]){ 0, 0.1, 4, 0.05, 8, 0.03, 15, 0.01 }, 4);
  differ_from (split, 1, INFINITY, (const double[]){ 0, 0.1, 4, 0.05, 8, 0.02, 15, 0.02 }, 4); /* behind its end */
}

/* The end that is trimmed takes no point with it. */
static void
test_trim (void)
{
  enum { N = 81 };
  g_autoptr (KairosTimeline) timeline =
      with_clip ("\"kind\":\"momentum\",\"from\":10,\"to\":20,\"points\":[[0,0.1],[4.3,0.5],[8,0.2]]");
  g_autoptr (KairosTimeline) later = kairos_timeline_trim (timeline, 1, 12.3, 20, NULL),
                             back = kairos_timeline_trim (later, 1, 10, 20, NULL);
  g_autoptr (KairosTimeline) earlier = kairos_timeline_trim (timeline, 1, 8, 20, NULL),
                             moved = kairos_timeline_move (timeline, 1, 11, -1, NULL);
  g_autofree char *text = kairos_clip_to_text (kairos_timeline_find (later, 1, NULL)),
                  *text_earlier = kairos_clip_to_text (kairos_timeline_find (earlier, 1, NULL));
  g_autoptr (KairosTimeline) old =
      with_clip ("\"kind\":\"momentum\",\"from\":0,\"to\":10000,\"points\":[[0,0.1]],\"since\":9000");
  double before[N], after[N];

  g_assert_null (kairos_timeline_trim (old, 1, 2000, 10000, NULL)); /* further back than a curve may begin */
  g_assert_cmpstr (
      text, ==, "{\"kind\":\"momentum\",\"from\":12.3,\"to\":20,\"points\":[[0,0.1],[4.3,0.5],[8,0.2]],\"since\":2.3}");
  g_assert_cmpstr (text_earlier, ==,
                   "{\"kind\":\"momentum\",\"from\":8,\"to\":20,\"points\":[[2,0.1],[6.3,0.5],[10,0.2]]}");
  g_assert_true (kairos_timeline_equal (back, timeline));
  g_assert_true (kairos_clip_curve (kairos_timeline_find (timeline, 1, NULL), 13, 20, N, before));
  g_assert_true (kairos_clip_curve (kairos_timeline_find (later, 1, NULL), 13, 20, N, after));
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat_with_epsilon (before[i], after[i], 1e-6);
  g_assert_true (kairos_clip_curve (kairos_timeline_find (earlier, 1, NULL), 13, 20, N, after));
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat_with_epsilon (before[i], after[i], 1e-6);
  /* a clip that is moved takes them all */
  g_assert_true (kairos_clip_curve (kairos_timeline_find (moved, 1, NULL), 14, 21, N, after));
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat_with_epsilon (before[i], after[i], 1e-6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/curve/value", test_value);
  g_test_add_func ("/curve/insert", test_insert);
  g_test_add_func ("/curve/move", test_move);
  g_test_add_func ("/curve/difference", test_difference);
  g_test_add_func ("/curve/difference-holds", test_difference_holds);
  g_test_add_func ("/curve/round", test_round);
  g_test_add_func ("/curve/simplify", test_simplify);
  g_test_add_func ("/curve/trace", test_trace);
  g_test_add_func ("/curve/trace-steps", test_trace_steps);
  g_test_add_func ("/curve/trace-is-bounded", test_trace_is_bounded);
  g_test_add_func ("/curve/set-points", test_set_points);
  g_test_add_func ("/curve/trim", test_trim);
  g_test_add_func ("/curve/past", test_past);
  return g_test_run ();
}
