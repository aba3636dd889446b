/* SPDX-License-Identifier: MIT */

/* The registry: what everything derived from it relies on. */
#include "kairos/measure.h"

#include <math.h>
#include <string.h>

static void
test_groups (void)
{
  guint n, n_measures, total = 0;
  const KairosMeasureGroup *const *groups = kairos_measure_groups (&n);

  kairos_measures (&n_measures);
  for (guint i = 0; i < n; i++) {
    guint n_rows;
    const KairosMeasure *const *rows = kairos_measures_of (groups[i], &n_rows);

    g_assert_true (kairos_measure_group_find (groups[i]->name) == groups[i]);
    g_assert_true (groups[i]->title[0] && groups[i]->summary[0]);
    g_assert_cmpuint (n_rows, >, 0);
    g_assert_cmpuint (n_rows, <, 31); /* plots keep those that are hidden as bits */
    for (guint k = 0; k < n_rows; k++)
      g_assert_true (rows[k]->group == groups[i]);
    total += n_rows;
  }
  g_assert_cmpuint (total, ==, n_measures); /* so those of a group stand together */
  g_assert_null (kairos_measure_group_find ("nothing"));
}

/* Names are columns of CSV and members of JSON. */
static void
test_names (void)
{
  guint n;
  const KairosMeasure *const *measures = kairos_measures (&n);

  for (guint i = 0; i < n; i++) {
    g_assert_true (kairos_measure_find (measures[i]->name) == measures[i]);
    g_assert_cmpuint (strspn (measures[i]->name, "abcdefghijklmnopqrstuvwxyz0123456789_"), ==,
                      strlen (measures[i]->name));
    g_assert_true (measures[i]->title[0] && measures[i]->label[0]);
    g_assert_false (measures[i]->of_step && measures[i]->of_epoch);
  }
  g_assert_null (kairos_measure_find ("nothing"));
}

static double
read_epoch (const char *name, const KairosEpochRecord *record)
{
  return kairos_measure_find (name)->of_epoch (record);
}

static void
test_records (void)
{
  KairosStepRecord step = { 3, 0.5, 2.25f, 0.25f, 0.125f, 64 };
  KairosEpochRecord epoch = { 3, 1, 1.5f, 0.5f, 1.75f, 0.375f, 1000, 2 };

  g_assert_cmpfloat (kairos_measure_find ("batch_loss")->of_step (&step), ==, 2.25);
  g_assert_cmpfloat (kairos_measure_find ("batch_accuracy")->of_step (&step), ==, 0.25);
  g_assert_cmpfloat (kairos_measure_find ("learning_rate")->of_step (&step), ==, 0.125);
  g_assert_cmpfloat (read_epoch ("train_loss", &epoch), ==, 1.5);
  g_assert_cmpfloat (read_epoch ("train_accuracy", &epoch), ==, 0.5);
  g_assert_cmpfloat (read_epoch ("val_loss", &epoch), ==, 1.75);
  g_assert_cmpfloat (read_epoch ("val_accuracy", &epoch), ==, 0.375);
}

static void
assert_format (const KairosMeasureGroup *group, double value, const char *want)
{
  g_autofree char *text = kairos_measure_format (group, value);

  g_assert_cmpstr (text, ==, want);
}

static void
test_format (void)
{
  static const KairosMeasureGroup time = { "time", "Time", "", "ms", KAIROS_SCALE_LINEAR };
  const KairosMeasureGroup *loss = kairos_measure_group_find ("loss");

  assert_format (loss, 0.123456, "0.1235");
  assert_format (loss, 12.3456, "12.35");
  assert_format (loss, 1234567, "1.23e+06");
  assert_format (loss, 1.5e-5, "1.5e-05");
  assert_format (loss, 0, "0");
  assert_format (loss, NAN, "–");
  assert_format (kairos_measure_group_find ("accuracy"), 0.98765, "98.77 %");
  assert_format (&time, 2.5, "2.5000 ms");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/measure/groups", test_groups);
  g_test_add_func ("/measure/names", test_names);
  g_test_add_func ("/measure/records", test_records);
  g_test_add_func ("/measure/format", test_format);
  return g_test_run ();
}
