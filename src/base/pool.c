/* SPDX-License-Identifier: MIT */

/* The compute pool.
 *
 * One atomic countdown, unclaimed, hands out the pieces; another, unfinished, says when the job is over.  A thread
 * reads the job only after it has claimed a piece of it, and the job cannot end before that piece is done, so a thread
 * that comes late finds either nothing to claim or a piece of the current job, never a stale one.
 *
 * Sleeping loses no wake-up: a sleeper first counts itself in and then looks at the countdown once more, a waker first
 * changes the countdown and then looks for sleepers, all sequentially consistent, so at least one of them sees the
 * other; the mutex covers the rest of the way into pthread_cond_wait().
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_getaffinity, pthread_setname_np */
#endif

#include "kairos/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#ifdef __linux__
#include <sched.h>
#endif

enum {
  MAX_THREADS = 256,
  SPIN_MICROSECONDS = 50, /* about what waking a sleeping thread costs */
  CACHE_LINE = 64,
};

typedef struct {
  KairosPool *pool;
  pthread_t handle;
  int index;
} Worker;

struct _KairosPool {
  int n_threads; /* with the caller */
  gboolean spin;
  Worker *workers; /* n_threads - 1 of them */

  /* The job, written by the caller before it sets unclaimed. */
  KairosPieceFunc func;
  gpointer data;
  int n_pieces;

  _Alignas(CACHE_LINE) atomic_int unclaimed; /* below zero when threads have asked in vain */
  _Alignas(CACHE_LINE) atomic_int unfinished;

  _Alignas(CACHE_LINE) atomic_int sleepers; /* workers waiting for a job */
  atomic_int caller_sleeps;
  atomic_int stop;
  pthread_mutex_t mutex;
  pthread_cond_t job_ready;
  pthread_cond_t job_done;
};

static inline void
relax (void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause ();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int
count_cores (void)
{
#ifdef __linux__
  cpu_set_t set;

  if (sched_getaffinity (0, sizeof set, &set) == 0)
    return MAX (1, CPU_COUNT (&set));
#endif
  return MAX (1, (int) g_get_num_processors ());
}

static void
run_pieces (KairosPool *pool, int thread)
{
  for (;;) {
    int left;

    if (atomic_load (&pool->unclaimed) <= 0)
      return;
    left = atomic_fetch_sub (&pool->unclaimed, 1);
    if (left <= 0)
      return;
    pool->func (pool->data, pool->n_pieces - left, thread);
    if (atomic_fetch_sub (&pool->unfinished, 1) == 1 && atomic_load (&pool->caller_sleeps)) {
      pthread_mutex_lock (&pool->mutex);
      pthread_cond_signal (&pool->job_done);
      pthread_mutex_unlock (&pool->mutex);
    }
  }
}

static gboolean
job_ready (KairosPool *pool)
{
  return atomic_load (&pool->unclaimed) > 0 || atomic_load (&pool->stop);
}

static gboolean
job_done (KairosPool *pool)
{
  return atomic_load (&pool->unfinished) == 0;
}

/* Waits briefly and busily; whether it was worth it. */
static gboolean
spin_until (KairosPool *pool, gboolean (*reached) (KairosPool *))
{
  gint64 deadline;

  if (reached (pool))
    return TRUE;
  if (!pool->spin)
    return FALSE;
  deadline = g_get_monotonic_time () + SPIN_MICROSECONDS;
  do {
    for (int i = 0; i < 16; i++) {
      relax ();
      if (reached (pool))
        return TRUE;
    }
  } while (g_get_monotonic_time () < deadline);
  return FALSE;
}

static void
sleep_until (KairosPool *pool, gboolean (*reached) (KairosPool *), atomic_int *sleepers, pthread_cond_t *cond)
{
  pthread_mutex_lock (&pool->mutex);
  atomic_fetch_add (sleepers, 1);
  while (!reached (pool))
    pthread_cond_wait (cond, &pool->mutex);
  atomic_fetch_sub (sleepers, 1);
  pthread_mutex_unlock (&pool->mutex);
}

static gpointer
worker_main (gpointer data)
{
  Worker *worker = data;
  KairosPool *pool = worker->pool;

  while (!atomic_load (&pool->stop)) {
    if (!spin_until (pool, job_ready))
      sleep_until (pool, job_ready, &pool->sleepers, &pool->job_ready);
    run_pieces (pool, worker->index);
  }
  return NULL;
}

/* Starts as many workers as the system allows; a pool with fewer threads computes the same numbers.  Signals stay with
 * the program's own threads. */
static void
start_workers (KairosPool *pool, int n_workers)
{
  sigset_t all, before;

  pool->workers = g_new0 (Worker, n_workers);
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  for (int i = 0; i < n_workers; i++) {
    Worker *worker = &pool->workers[i];

    *worker = (Worker){ .pool = pool, .index = i + 1 };
    if (pthread_create (&worker->handle, NULL, worker_main, worker) != 0)
      break;
    pool->n_threads++;
#ifdef __linux__
    pthread_setname_np (worker->handle, "kairos-pool");
#endif
  }
  pthread_sigmask (SIG_SETMASK, &before, NULL);
}

KairosPool *
kairos_pool_new (int n_threads)
{
  KairosPool *pool = g_aligned_alloc0 (1, sizeof *pool, CACHE_LINE);
  int n_cores = count_cores ();

  n_threads = CLAMP (n_threads > 0 ? n_threads : n_cores, 1, MAX_THREADS);
  pool->n_threads = 1;
  /* Spinning helps only when the thread waited for is running at the same time. */
  pool->spin = n_threads <= n_cores;
  pthread_mutex_init (&pool->mutex, NULL);
  pthread_cond_init (&pool->job_ready, NULL);
  pthread_cond_init (&pool->job_done, NULL);
  start_workers (pool, n_threads - 1);
  return pool;
}

void
kairos_pool_free (KairosPool *pool)
{
  if (!pool)
    return;
  pthread_mutex_lock (&pool->mutex);
  atomic_store (&pool->stop, 1);
  pthread_cond_broadcast (&pool->job_ready);
  pthread_mutex_unlock (&pool->mutex);
  for (int i = 0; i < pool->n_threads - 1; i++)
    pthread_join (pool->workers[i].handle, NULL);
  pthread_cond_destroy (&pool->job_done);
  pthread_cond_destroy (&pool->job_ready);
  pthread_mutex_destroy (&pool->mutex);
  g_free (pool->workers);
  g_aligned_free (pool);
}

int
kairos_pool_get_n_threads (KairosPool *pool)
{
  return pool->n_threads;
}

void
kairos_pool_run (KairosPool *pool, int n_pieces, KairosPieceFunc func, gpointer data)
{
  if (n_pieces <= 1 || pool->n_threads == 1) {
    for (int piece = 0; piece < n_pieces; piece++)
      func (data, piece, 0);
    return;
  }

  pool->func = func;
  pool->data = data;
  pool->n_pieces = n_pieces;
  atomic_store (&pool->unfinished, n_pieces);
  atomic_store (&pool->unclaimed, n_pieces);
  if (atomic_load (&pool->sleepers) > 0) {
    pthread_mutex_lock (&pool->mutex);
    pthread_cond_broadcast (&pool->job_ready);
    pthread_mutex_unlock (&pool->mutex);
  }

  run_pieces (pool, 0);
  if (!spin_until (pool, job_done))
    sleep_until (pool, job_done, &pool->caller_sleeps, &pool->job_done);
}
