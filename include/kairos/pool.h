/* SPDX-License-Identifier: MIT */

/* The compute pool: a fixed set of threads that run the numbered pieces of one job and meet at its end.
 *
 *   g_autoptr (KairosPool) pool = kairos_pool_new (0);
 *   kairos_pool_run (pool, n_rows, add_row, sums); // add_row (sums, row, thread) writes sums[row]
 *   for (int row = 0; row < n_rows; row++)         // in the order of the rows, so always to the same bits
 *     total += sums[row];
 *
 * Determinism: which thread runs which piece is not fixed, so a piece must write only to places of its own; whoever
 * combines results does so in piece order after kairos_pool_run() returned.  The number of pieces must come from
 * shapes, never from the number of threads.
 *
 * Built on pthreads and C11 atomics so that ThreadSanitizer sees it.  Waiting spins for some microseconds and then
 * sleeps; an idle pool uses no CPU.
 */
#pragma once

#include <kairos/types.h>

G_BEGIN_DECLS

/* piece: 0 .. n_pieces-1.  thread: 0 .. n_threads-1, the index of the thread that runs it, for scratch memory. */
typedef void (*KairosPieceFunc) (gpointer data, int piece, int thread);

/* n_threads 0: one per available core.  The calling thread counts as one of them.  Range 1 .. 256.  The threads inherit
 * the priority of the caller.  Where the system grants fewer threads the pool has fewer. */
KairosPool *kairos_pool_new (int n_threads);
void kairos_pool_free (KairosPool *pool); /* accepts NULL */
int kairos_pool_get_n_threads (KairosPool *pool);

/* Runs all pieces and returns when the last one is done.  Only one thread may call it at a time; not re-entrant. */
void kairos_pool_run (KairosPool *pool, int n_pieces, KairosPieceFunc func, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosPool, kairos_pool_free)

G_END_DECLS
