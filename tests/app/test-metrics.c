/* SPDX-License-Identifier: MIT */

/* Curves against brute force: buckets and extents over random ranges, also after truncation; smoothing against its
 * definition and the properties people rely on. */
#include "kairos/metrics.h"

#include <math.h>
#include <string.h>

/* Points at uneven times, now and then several at one time and a value that is not finite. */
static void
fill (KairosSeries *series, GRand *rand, guint n)
{
  guint have = kairos_series_get_n (series);
  double time = 0;

  if (have > 0)
    kairos_series_get (series, have - 1, &time, NULL);
  for (guint i = 0; i < n; i++) {
    float value = g_rand_double_range (rand, -1, 1) * (g_rand_int_range (rand, 0, 50) == 0 ? 100 : 1);

    time += g_rand_int_range (rand, 0, 5) == 0 ? 0 : g_rand_double_range (rand, 0, 0.01);
    kairos_series_append (series, time,
                          g_rand_int_range (rand, 0, 20) == 0 ? (g_rand_boolean (rand) ? NAN : INFINITY) : value);
  }
}

static KairosBucket
brute_bucket (KairosSeries *series, double from, double to, gboolean closed)
{
  KairosBucket bucket = { INFINITY, -INFINITY, 0, 0, 0, 0 };
  double sum = 0;

  for (guint i = 0; i < kairos_series_get_n (series); i++) {
    double time;
    float value;

    kairos_series_get (series, i, &time, &value);
    if (time < from || time > to || (time == to && !closed) || !isfinite (value))
      continue;
    bucket.first = bucket.n == 0 ? value : bucket.first;
    bucket.last = value;
    bucket.low = MIN (bucket.low, value);
    bucket.high = MAX (bucket.high, value);
    bucket.n++;
    sum += value;
  }
  bucket.mean = bucket.n > 0 ? sum / bucket.n : 0;
  return bucket;
}

static void
assert_range (KairosSeries *series, double from, double to, guint n)
{
  g_autofree KairosBucket *buckets = g_new (KairosBucket, n);
  KairosBucket whole = brute_bucket (series, from, to, TRUE);
  float low, high;

  kairos_series_buckets (series, from, to, n, buckets);
  for (guint i = 0; i < n; i++) {
    KairosBucket want =
        brute_bucket (series, from + (to - from) * i / n, i + 1 == n ? to : from + (to - from) * (i + 1) / n, FALSE);

    g_assert_cmpuint (buckets[i].n, ==, want.n);
    if (want.n == 0)
      continue;
    g_assert_cmpfloat (buckets[i].low, ==, want.low);
    g_assert_cmpfloat (buckets[i].high, ==, want.high);
    g_assert_cmpfloat (buckets[i].first, ==, want.first);
    g_assert_cmpfloat (buckets[i].last, ==, want.last);
    g_assert_cmpfloat_with_epsilon (buckets[i].mean, want.mean, 1e-4);
  }
  g_assert_cmpint (kairos_series_extent (series, from, to, &low, &high), ==, whole.n > 0);
  if (whole.n > 0) {
    g_assert_cmpfloat (low, ==, whole.low);
    g_assert_cmpfloat (high, ==, whole.high);
  }
}

static void
assert_random_ranges (KairosSeries *series, GRand *rand)
{
  double end = 0;

  if (kairos_series_get_n (series) > 0)
    kairos_series_get (series, kairos_series_get_n (series) - 1, &end, NULL);
  assert_range (series, 0, end, 1);
  for (int i = 0; i < 12; i++) {
    double from = g_rand_double_range (rand, -0.1, end + 0.1), to = g_rand_double_range (rand, from, end + 0.2);

    assert_range (series, from, to, g_rand_int_range (rand, 1, 40));
  }
}

static void
test_buckets (void)
{
  /* Around the sizes at which the pyramid grows a node or a level. */
  static const guint sizes[] = { 0, 1, 2, 15, 16, 17, 255, 256, 257, 4095, 4096, 4097, 5000 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (KairosSeries) series = kairos_series_new ("x");

    fill (series, rand, sizes[i]);
    assert_random_ranges (series, rand);
  }
}

static void
test_extremes (void)
{
  g_autoptr (KairosSeries) series = kairos_series_new ("x");
  KairosBucket buckets[7];
  float high = 0;

  for (guint i = 0; i < 100000; i++)
    kairos_series_append (series, i * 1e-3, i == 54321 ? 1e6f : i == 54322 ? -1e6f : 0.f);
  kairos_series_buckets (series, 0, 100, G_N_ELEMENTS (buckets), buckets);
  g_assert_cmpfloat (buckets[54321 * 7 / 100000].high, ==, 1e6f);
  g_assert_cmpfloat (buckets[54321 * 7 / 100000].low, ==, -1e6f);
  g_assert_true (kairos_series_extent (series, 0, 100, NULL, &high));
  g_assert_cmpfloat (high, ==, 1e6f);
}

static void
test_truncate (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);

  for (int round = 0; round < 60; round++) {
    g_autoptr (KairosSeries) series = kairos_series_new ("x");
    guint n = g_rand_int_range (rand, 1, 5000), left = 0;
    double cut, time;

    fill (series, rand, n);
    kairos_series_get (series, g_rand_int_range (rand, 0, n), &cut, NULL);
    if (round % 10 == 0)
      cut = -1;
    for (guint i = 0; i < n; i++) {
      kairos_series_get (series, i, &time, NULL);
      left += time <= cut;
    }
    kairos_series_truncate (series, cut);
    g_assert_cmpuint (kairos_series_get_n (series), ==, left);
    assert_random_ranges (series, rand);
    fill (series, rand, g_rand_int_range (rand, 0, 600));
    assert_random_ranges (series, rand);
  }
}

static void
test_nearest (void)
{
  g_autoptr (KairosSeries) series = kairos_series_new ("loss");

  g_assert_cmpstr (kairos_series_get_name (series), ==, "loss");
  g_assert_cmpint (kairos_series_nearest (series, 1), ==, -1);
  g_assert_cmpuint (kairos_series_find (series, 1), ==, 0);
  for (int i = 0; i < 5; i++)
    kairos_series_append (series, i, i);
  g_assert_cmpint (kairos_series_nearest (series, -3), ==, 0);
  g_assert_cmpint (kairos_series_nearest (series, 1.4), ==, 1);
  g_assert_cmpint (kairos_series_nearest (series, 1.6), ==, 2);
  g_assert_cmpint (kairos_series_nearest (series, 9), ==, 4);
  g_assert_cmpuint (kairos_series_find (series, 2), ==, 2);
  g_assert_cmpuint (kairos_series_find (series, 2.5), ==, 3);
  g_assert_cmpuint (kairos_series_find (series, 4.5), ==, 5);
}

/* ---- Smoothing ---- */

static float
smooth_at (KairosSeries *series, double half_life, double time)
{
  float out;

  kairos_series_smooth (series, half_life, time - 1e-9, time, 1, &out);
  return out;
}

/* The definition, by the midpoint rule over the line through the points. */
static double
brute_smooth (KairosSeries *series, double half_life, double time)
{
  double area = 0, weights = 0, t0, t1;
  float v0, v1;

  for (guint i = 1; i < kairos_series_get_n (series); i++) {
    kairos_series_get (series, i - 1, &t0, &v0);
    kairos_series_get (series, i, &t1, &v1);
    for (int k = 0; k < 200; k++) {
      double at = t0 + (t1 - t0) * (k + 0.5) / 200, width = (t1 - t0) / 200;
      double weight = exp2 ((at - time) / half_life) * width;

      if (at >= time)
        break;
      area += weight * (v0 + (v1 - v0) * (at - t0) / (t1 - t0));
      weights += weight;
    }
  }
  return area / weights;
}

static void
test_smooth_definition (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autoptr (KairosSeries) series = kairos_series_new ("x");
  double time = 0;
  float out[50];

  for (int i = 0; i < 300; i++)
    kairos_series_append (series, time += g_rand_double_range (rand, 0.001, 0.05), g_rand_double (rand));
  for (int round = 0; round < 6; round++) {
    double half_life = exp2 (round - 4);

    kairos_series_smooth (series, half_life, 0, time, 50, out);
    for (int i = 1; i < 50; i++)
      g_assert_cmpfloat_with_epsilon (out[i], brute_smooth (series, half_life, time * (i + 1) / 50), 2e-3);
  }
}

static void
test_smooth_constant (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  g_autoptr (KairosSeries) series = kairos_series_new ("x");
  float out[333];
  double time = 0.5;

  for (int i = 0; i < 20000; i++)
    kairos_series_append (series, time += g_rand_double (rand) * 1e-3, 0.7f);
  for (double half_life = 1e-6; half_life < 1e7; half_life *= 10) {
    kairos_series_smooth (series, half_life, 0.6, time, G_N_ELEMENTS (out), out);
    for (guint i = 0; i < G_N_ELEMENTS (out); i++)
      g_assert_cmpfloat_with_epsilon (out[i], 0.7f, 1e-6);
  }
}

/* More points on the same line change nothing. */
static void
test_smooth_density (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autoptr (KairosSeries) sparse = kairos_series_new ("x");
  g_autoptr (KairosSeries) dense = kairos_series_new ("x");
  float a[200], b[200], before = 0;

  for (int i = 0; i < 400; i++) {
    float value = g_rand_double (rand);

    for (int k = 1; i > 0 && k < 10; k++)
      kairos_series_append (dense, i - 1 + k / 10.0, before + (value - before) * k / 10);
    kairos_series_append (dense, i, value);
    kairos_series_append (sparse, i, value);
    before = value;
  }
  kairos_series_smooth (sparse, 3, 0, 399, G_N_ELEMENTS (a), a);
  kairos_series_smooth (dense, 3, 0, 399, G_N_ELEMENTS (b), b);
  for (guint i = 0; i < G_N_ELEMENTS (a); i++)
    g_assert_cmpfloat_with_epsilon (a[i], b[i], 1e-5);
}

static void
test_smooth_ends (void)
{
  g_autoptr (KairosSeries) series = kairos_series_new ("x");
  float out[4];

  kairos_series_smooth (series, 1, 0, 4, 4, out);
  g_assert_true (isnan (out[0]) && isnan (out[3]));
  kairos_series_append (series, 1.5, 2);
  g_assert_cmpfloat (smooth_at (series, 1, 1.5), ==, 2);
  kairos_series_append (series, 2.5, 4);

  /* Half-life 0: the two points, where they are; nothing elsewhere. */
  kairos_series_smooth (series, 0, 0, 4, 4, out);
  g_assert_true (isnan (out[0]) && out[1] == 2 && out[2] == 4 && isnan (out[3]));
  /* Nothing is invented before the first and after the last point, and the curve starts at the first. */
  kairos_series_smooth (series, 1, 0, 4, 4, out);
  g_assert_true (isnan (out[0]) && isnan (out[3]));
  g_assert_true (out[1] >= 2 && out[1] < out[2] && out[2] < 4);
  g_assert_cmpfloat (smooth_at (series, 1, 1.5), ==, 2);
  g_assert_cmpfloat_with_epsilon (smooth_at (series, 1e-6, 2.5), 4, 1e-4);
}

/* Asking for other half-lives, appending and truncating in between gives what a fresh series gives; values that are not
 * finite are passed over. */
static void
test_smooth_cache (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (6);
  g_autoptr (KairosSeries) series = kairos_series_new ("x");
  double time;
  float value, a[100], b[100];

  for (int round = 0; round < 40; round++) {
    g_autoptr (KairosSeries) fresh = kairos_series_new ("x");
    double half_life = g_rand_int_range (rand, 0, 3) * 0.3;

    fill (series, rand, g_rand_int_range (rand, 0, 400));
    if (round % 3 == 2) {
      kairos_series_get (series, g_rand_int_range (rand, 0, kairos_series_get_n (series)), &time, NULL);
      kairos_series_truncate (series, time);
    }
    for (guint i = 0; i < kairos_series_get_n (series); i++) {
      kairos_series_get (series, i, &time, &value);
      if (isfinite (value))
        kairos_series_append (fresh, time, value);
    }
    kairos_series_smooth (series, half_life, 0.1, time, G_N_ELEMENTS (a), a);
    kairos_series_smooth (fresh, half_life, 0.1, time, G_N_ELEMENTS (b), b);
    for (guint i = 0; i + 1 < G_N_ELEMENTS (a); i++)
      g_assert_true ((isnan (a[i]) && isnan (b[i])) || fabsf (a[i] - b[i]) < 1e-4);
  }
}

/* ---- All curves ---- */

static void
count (KairosMetrics *metrics, guint *n)
{
  (*n)++;
}

static guint
n_points (KairosMetrics *metrics, gint64 run, const char *measure)
{
  KairosSeries *series = kairos_metrics_get_series (metrics, run, kairos_measure_find (measure), 0);

  return series ? kairos_series_get_n (series) : 0;
}

static void
assert_point (KairosMetrics *metrics, gint64 run, const char *measure, guint index, double epoch, double value)
{
  KairosSeries *series = kairos_metrics_get_series (metrics, run, kairos_measure_find (measure), 0);
  double time;
  float got;

  g_assert_nonnull (series);
  g_assert_cmpstr (kairos_series_get_name (series), ==, measure);
  kairos_series_get (series, index, &time, &got);
  g_assert_cmpfloat (time, ==, epoch);
  g_assert_true (got == (float) value || (isnan (got) && isnan (value)));
}

static const KairosStepRecord step = { .step = 1, .epoch = 0.5, .loss = 2, .accuracy = 0.25f, .learning_rate = 0.1f };
static const KairosEpochRecord epoch_end = {
  .epoch = 1, .train_loss = 1.5f, .train_accuracy = 0.5f, .val_loss = NAN, .val_accuracy = 0.75f
};

static void
test_points (void)
{
  g_autoptr (KairosMetrics) metrics = kairos_metrics_new ();
  guint changed = 0;

  g_signal_connect (metrics, "changed", G_CALLBACK (count), &changed);
  g_assert_cmpuint (kairos_metrics_get_n_runs (metrics), ==, 0);
  g_assert_cmpint (kairos_metrics_get_current (metrics), ==, 0);
  g_assert_null (kairos_metrics_get_series (metrics, 3, kairos_measure_find ("val_loss"), 0));
  kairos_metrics_add_step (metrics, 3, &step);
  g_assert_null (kairos_metrics_get_series (metrics, 3, kairos_measure_find ("val_loss"), 0));
  kairos_metrics_add_epoch (metrics, 3, &epoch_end);
  assert_point (metrics, 3, "batch_loss", 0, 0.5, 2);
  assert_point (metrics, 3, "batch_accuracy", 0, 0.5, 0.25);
  assert_point (metrics, 3, "learning_rate", 0, 0.5, 0.1);
  assert_point (metrics, 3, "train_loss", 0, 1, 1.5);
  assert_point (metrics, 3, "train_accuracy", 0, 1, 0.5);
  assert_point (metrics, 3, "val_loss", 0, 1, NAN);
  assert_point (metrics, 3, "val_accuracy", 0, 1, 0.75);
  g_assert_null (kairos_metrics_get_series (metrics, 4, kairos_measure_find ("val_loss"), 0));
  g_assert_null (kairos_metrics_get_series (metrics, 3, kairos_measure_find ("val_loss"), 1));
  g_assert_cmpuint (changed, ==, 0);
  kairos_metrics_changed (metrics);
  g_assert_cmpuint (changed, ==, 1);
}

/* Each call is about the run that it names, whichever is current. */
static void
test_runs (void)
{
  g_autoptr (KairosMetrics) metrics = kairos_metrics_new ();

  kairos_metrics_add_run (metrics, 3);
  kairos_metrics_add_epoch (metrics, 3, &epoch_end);
  kairos_metrics_add_run (metrics, 4);
  kairos_metrics_add_run (metrics, 3); /* there already */
  g_assert_cmpuint (kairos_metrics_get_n_runs (metrics), ==, 2);
  kairos_metrics_set_current (metrics, 3);
  kairos_metrics_add_step (metrics, 4, &step);
  kairos_metrics_add_epoch (metrics, 4, &epoch_end);
  kairos_metrics_rewind (metrics, 4, 0.75);
  g_assert_cmpuint (n_points (metrics, 4, "batch_loss"), ==, 1);
  g_assert_cmpuint (n_points (metrics, 4, "val_accuracy"), ==, 0);
  g_assert_cmpuint (n_points (metrics, 3, "val_accuracy"), ==, 1);

  /* A branch has the curves of its parent, up to a time, and goes its own way. */
  kairos_metrics_add_epoch (metrics, 4, &epoch_end);
  kairos_metrics_branch_run (metrics, 4, 5, 0.5);
  g_assert_cmpint (kairos_metrics_get_current (metrics), ==, 3);
  g_assert_cmpuint (n_points (metrics, 5, "batch_loss"), ==, 1);
  g_assert_cmpuint (n_points (metrics, 5, "val_accuracy"), ==, 0);
  kairos_metrics_add_epoch (metrics, 5, &epoch_end);
  g_assert_cmpuint (n_points (metrics, 5, "val_accuracy"), ==, 1);
  g_assert_cmpuint (n_points (metrics, 4, "val_accuracy"), ==, 1);
  g_assert_cmpuint (n_points (metrics, 3, "val_accuracy"), ==, 1);

  kairos_metrics_forget_run (metrics, 3);
  kairos_metrics_forget_run (metrics, 77);
  g_assert_cmpuint (kairos_metrics_get_n_runs (metrics), ==, 2);
  g_assert_cmpint (kairos_metrics_get_current (metrics), ==, 0);
  g_assert_null (kairos_metrics_find_run (metrics, 3));
  g_assert_cmpuint (n_points (metrics, 5, "val_accuracy"), ==, 1);
}

static void
test_description (void)
{
  g_autoptr (KairosMetrics) metrics = kairos_metrics_new ();
  const KairosMetricsRun *run;
  guint serial;

  kairos_metrics_add_run (metrics, 2);
  kairos_metrics_add_run (metrics, 1);
  run = kairos_metrics_get_run (metrics, 0);
  g_assert_true (run->id == 2 && run->color == 1 && run->visible && !run->current);
  g_assert_cmpstr (run->name, ==, "run 2");
  serial = kairos_metrics_get_serial (metrics);
  kairos_metrics_add_step (metrics, 1, &step);
  g_assert_cmpuint (kairos_metrics_get_serial (metrics), ==, serial); /* points alone are no change of the runs */
  kairos_metrics_set_current (metrics, 1);
  g_assert_cmpuint (kairos_metrics_get_serial (metrics), !=, serial);
  serial = kairos_metrics_get_serial (metrics);
  kairos_metrics_set_current (metrics, 1);
  g_assert_cmpuint (kairos_metrics_get_serial (metrics), ==, serial);
  kairos_metrics_describe_run (metrics, 2, "blurred", 7, FALSE);
  g_assert_cmpuint (kairos_metrics_get_serial (metrics), !=, serial);
  run = kairos_metrics_find_run (metrics, 2);
  g_assert_true (run->id == 2 && run->color == 7 && !run->visible && !run->current);
  g_assert_cmpstr (run->name, ==, "blurred");
  kairos_metrics_describe_run (metrics, 2, NULL, 7, TRUE);
  g_assert_cmpstr (run->name, ==, "run 2");
  kairos_metrics_set_current (metrics, 2);
  g_assert_false (kairos_metrics_find_run (metrics, 1)->current);
  g_assert_cmpint (kairos_metrics_get_current (metrics), ==, 2);
}

/* As a probe would: a row that no code knows, several values at a time. */
static void
test_components (void)
{
  static const KairosMeasureGroup group = { "trace", "Trace", "", NULL, KAIROS_SCALE_LOG };
  static const KairosMeasure trace = { "trace", "Trace", "trace", &group, KAIROS_SPLIT_TRAIN, KAIROS_DRAW_POINTS };
  g_autoptr (KairosMetrics) metrics = kairos_metrics_new ();
  float value;

  g_assert_cmpuint (kairos_metrics_get_n_components (metrics, 1, &trace), ==, 0);
  for (guint i = 0; i < 4; i++)
    kairos_metrics_add (metrics, 1, &trace, i, 0.25, 10 + i);
  g_assert_cmpuint (kairos_metrics_get_n_components (metrics, 1, &trace), ==, 4);
  kairos_series_get (kairos_metrics_get_series (metrics, 1, &trace, 2), 0, NULL, &value);
  g_assert_cmpfloat (value, ==, 12);
  g_assert_null (kairos_metrics_get_component_name (metrics, &trace, 2));
  kairos_metrics_name_component (metrics, &trace, 2, "conv1");
  kairos_metrics_name_component (metrics, &trace, 2, "conv2");
  g_assert_cmpstr (kairos_metrics_get_component_name (metrics, &trace, 2), ==, "conv2");
  kairos_metrics_branch_run (metrics, 1, 2, 1);
  g_assert_cmpuint (kairos_metrics_get_n_components (metrics, 2, &trace), ==, 4);
  kairos_metrics_rewind (metrics, 2, 0);
  g_assert_cmpuint (kairos_metrics_get_n_components (metrics, 2, &trace), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/series/buckets", test_buckets);
  g_test_add_func ("/series/extremes", test_extremes);
  g_test_add_func ("/series/truncate", test_truncate);
  g_test_add_func ("/series/nearest", test_nearest);
  g_test_add_func ("/series/smooth/definition", test_smooth_definition);
  g_test_add_func ("/series/smooth/constant", test_smooth_constant);
  g_test_add_func ("/series/smooth/density", test_smooth_density);
  g_test_add_func ("/series/smooth/ends", test_smooth_ends);
  g_test_add_func ("/series/smooth/cache", test_smooth_cache);
  g_test_add_func ("/metrics/points", test_points);
  g_test_add_func ("/metrics/runs", test_runs);
  g_test_add_func ("/metrics/description", test_description);
  g_test_add_func ("/metrics/components", test_components);
  return g_test_run ();
}
