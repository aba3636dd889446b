/* SPDX-License-Identifier: MIT */

/* What the worker is made of: the telemetry ring and the rate. */
#include "src/run/rate.h"
#include "src/run/ring.h"

static void
test_ring (void)
{
  KairosRing ring = { 0 };
  KairosEvent events[1000];
  guint64 next_step = 0, next_other = 0, taken_steps = 0;

  for (guint64 i = 0; i < 3 * KAIROS_RING_STEPS; i++) {
    kairos_ring_push (&ring, &(KairosEvent){ .type = KAIROS_EVENT_STEP, .step.step = i + 1 });
    kairos_ring_push (&ring, &(KairosEvent){ .type = KAIROS_EVENT_CHECKPOINT, .at = i, .text = g_strdup ("x") });
  }
  for (guint n; (n = kairos_ring_take (&ring, events, g_test_rand_int_range (1, 1000)));)
    for (guint i = 0; i < n; i++) {
      if (events[i].type == KAIROS_EVENT_STEP) {
        g_assert_cmpuint (events[i].step.step, >, next_step);
        next_step = events[i].step.step;
        taken_steps++;
      } else {
        g_assert_cmpuint (events[i].at, ==, next_other++);
      }
      kairos_event_clear (&events[i]);
    }
  g_assert_cmpuint (next_other, ==, 3 * KAIROS_RING_STEPS);
  g_assert_cmpuint (taken_steps + ring.dropped, ==, 3 * KAIROS_RING_STEPS);
  kairos_ring_push (&ring, &(KairosEvent){ .type = KAIROS_EVENT_MESSAGE, .text = g_strdup ("left behind") });
  kairos_ring_clear (&ring);
}

static void
test_rate (void)
{
  KairosRate rate = { 0 };
  gint64 now = 1000000;

  kairos_rate_add (&rate, 10, now);
  g_assert_cmpfloat (kairos_rate_get (&rate), ==, 0); /* not resumed: time is unknown */
  kairos_rate_resume (&rate, now);
  for (int i = 0; i < 1000; i++)
    kairos_rate_add (&rate, 10, now += 1000);
  g_assert_cmpfloat_with_epsilon (kairos_rate_get (&rate), 10000, 1);
  for (int i = 0; i < 2000; i++) /* half as fast: after about a second the old rate is forgotten */
    kairos_rate_add (&rate, 5, now += 1000);
  g_assert_cmpfloat_with_epsilon (kairos_rate_get (&rate), 5000, 1);
  kairos_rate_skip (&rate, 500000);
  kairos_rate_add (&rate, 5, now += 501000);
  g_assert_cmpfloat_with_epsilon (kairos_rate_get (&rate), 5000, 10);
  kairos_rate_pause (&rate);
  kairos_rate_resume (&rate, now += 5000000);
  for (int i = 0; i < 3; i++) /* steps of 2 s */
    kairos_rate_add (&rate, 64, now += 2000000);
  g_assert_cmpfloat_with_epsilon (kairos_rate_get (&rate), 32, 0.01);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ring/order", test_ring);
  g_test_add_func ("/ring/rate", test_rate);
  return g_test_run ();
}
