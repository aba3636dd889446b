/* SPDX-License-Identifier: MIT */

/* The pool: every piece exactly once, thread indices in range and exclusive, no lost wake-up in many short and spaced
 * runs. */
#include "kairos/pool.h"

#include <stdatomic.h>
#include <time.h>

enum { MAX_PIECES = 1000, MAX_THREADS = 256 };

typedef struct {
  int n_threads;
  int done[MAX_PIECES];           /* plain: a piece writes only to its own place */
  atomic_int active[MAX_THREADS]; /* is thread t inside a piece? */
  atomic_int mistakes;
} Job;

static void
count_piece (gpointer data, int piece, int thread)
{
  Job *job = data;

  if (piece < 0 || piece >= MAX_PIECES || thread < 0 || thread >= job->n_threads) {
    atomic_fetch_add (&job->mistakes, 1);
    return;
  }
  if (atomic_fetch_add (&job->active[thread], 1) != 0)
    atomic_fetch_add (&job->mistakes, 1);
  job->done[piece]++;
  atomic_fetch_sub (&job->active[thread], 1);
}

static void
check_run (KairosPool *pool, Job *job, int n_pieces, int expected)
{
  kairos_pool_run (pool, n_pieces, count_piece, job);
  for (int i = 0; i < n_pieces; i++)
    g_assert_cmpint (job->done[i], ==, expected);
}

static void
test_every_piece_once (void)
{
  static const int thread_counts[] = { 1, 2, 3, 8 };
  static const int piece_counts[] = { 1, 2, 3, 7, 64, MAX_PIECES };

  for (guint t = 0; t < G_N_ELEMENTS (thread_counts); t++) {
    g_autoptr (KairosPool) pool = kairos_pool_new (thread_counts[t]);

    g_assert_cmpint (kairos_pool_get_n_threads (pool), ==, thread_counts[t]);
    for (guint p = 0; p < G_N_ELEMENTS (piece_counts); p++) {
      Job job = { .n_threads = thread_counts[t] };

      for (int repeat = 1; repeat <= 20; repeat++)
        check_run (pool, &job, piece_counts[p], repeat);
      g_assert_cmpint (atomic_load (&job.mistakes), ==, 0);
      for (int i = piece_counts[p]; i < MAX_PIECES; i++)
        g_assert_cmpint (job.done[i], ==, 0);
    }
  }
}

static void
test_no_pieces (void)
{
  g_autoptr (KairosPool) pool = kairos_pool_new (2);
  Job job = { .n_threads = 2 };

  kairos_pool_run (pool, 0, count_piece, &job);
  kairos_pool_run (pool, -1, count_piece, &job);
  g_assert_cmpint (job.done[0], ==, 0);
  check_run (pool, &job, 3, 1);
}

/* Runs back to back catch workers between jobs; runs after a pause find them asleep.  A lost wake-up hangs until the
 * test's time is up. */
static void
test_wake_ups (void)
{
  static const int thread_counts[] = { 2, 5 };

  for (guint t = 0; t < G_N_ELEMENTS (thread_counts); t++) {
    g_autoptr (KairosPool) pool = kairos_pool_new (thread_counts[t]);
    Job job = { .n_threads = thread_counts[t] };

    for (int repeat = 1; repeat <= 5000; repeat++) {
      check_run (pool, &job, 4, repeat);
      if (repeat % 50 == 0)
        g_usleep (repeat % 7 * 30); /* around the point at which spinning ends */
    }
    g_assert_cmpint (atomic_load (&job.mistakes), ==, 0);
  }
}

static void
wait_for_other (gpointer data, int piece, int thread)
{
  atomic_int *arrived = data;

  atomic_fetch_add (arrived, 1);
  while (atomic_load (arrived) < 2)
    g_usleep (10);
}

/* Two pieces that wait for each other end only if two threads run them at once. */
static void
test_threads_share_the_work (void)
{
  g_autoptr (KairosPool) pool = kairos_pool_new (2);
  atomic_int arrived;

  for (int repeat = 0; repeat < 20; repeat++) {
    atomic_init (&arrived, 0);
    kairos_pool_run (pool, 2, wait_for_other, &arrived);
    g_assert_cmpint (atomic_load (&arrived), ==, 2);
  }
}

static void
slow_piece (gpointer data, int piece, int thread)
{
  g_usleep (piece == 0 ? 2000 : 0);
  count_piece (data, piece, thread);
}

/* The thread that finishes last may be any; the caller must not return before it. */
static void
test_waits_for_the_slowest (void)
{
  g_autoptr (KairosPool) pool = kairos_pool_new (3);

  for (int repeat = 0; repeat < 20; repeat++) {
    Job job = { .n_threads = 3 };

    kairos_pool_run (pool, 6, slow_piece, &job);
    for (int i = 0; i < 6; i++)
      g_assert_cmpint (job.done[i], ==, 1);
  }
}

static double
cpu_seconds (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

/* Processor time, not wall time, so other load on the machine does not matter. */
static void
test_idle_uses_no_cpu (void)
{
  g_autoptr (KairosPool) pool = kairos_pool_new (4);
  Job job = { .n_threads = 4 };
  double before;

  check_run (pool, &job, 8, 1);
  g_usleep (10000);
  before = cpu_seconds ();
  g_usleep (200000);
  g_assert_cmpfloat (cpu_seconds () - before, <, 0.05);
}

static void
test_sizes (void)
{
  g_autoptr (KairosPool) per_core = kairos_pool_new (0);
  g_autoptr (KairosPool) bounded = kairos_pool_new (100000);

  g_assert_cmpint (kairos_pool_get_n_threads (per_core), >=, 1);
  g_assert_cmpint (kairos_pool_get_n_threads (bounded), <=, 256);
  kairos_pool_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool/every-piece-once", test_every_piece_once);
  g_test_add_func ("/pool/no-pieces", test_no_pieces);
  g_test_add_func ("/pool/wake-ups", test_wake_ups);
  g_test_add_func ("/pool/threads-share-the-work", test_threads_share_the_work);
  g_test_add_func ("/pool/waits-for-the-slowest", test_waits_for_the_slowest);
  g_test_add_func ("/pool/idle-uses-no-cpu", test_idle_uses_no_cpu);
  g_test_add_func ("/pool/sizes", test_sizes);
  return g_test_run ();
}
