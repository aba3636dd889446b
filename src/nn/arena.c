/* SPDX-License-Identifier: MIT */

/* Memory for activations and parameters, straight from the system: it comes zeroed, page by page as it is touched. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* MAP_ANONYMOUS, madvise */
#endif

#include "arena.h"

#include "src/base/simd.h"

#include <sys/mman.h>

static gsize
bytes_of (gsize n)
{
  return MAX (n, 1) * sizeof (float);
}

float *
kairos_arena_new (gsize n)
{
  void *block;

  if (n > G_MAXSIZE / sizeof (float) / 2)
    return NULL;
#ifdef KAIROS_SANITIZED /* so that the sanitizer knows where it ends */
  return g_aligned_alloc0 (1, bytes_of (n), 64);
#endif
  block = mmap (NULL, bytes_of (n), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED)
    return NULL;
#ifdef MADV_HUGEPAGE
  madvise (block, bytes_of (n), MADV_HUGEPAGE);
#endif
  return block;
}

void
kairos_arena_free (float *arena, gsize n)
{
#ifdef KAIROS_SANITIZED
  g_aligned_free (arena);
#else
  if (arena)
    munmap (arena, bytes_of (n));
#endif
}
