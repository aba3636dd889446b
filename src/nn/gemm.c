/* SPDX-License-Identifier: MIT */

/* Dense matrix products: the only file that includes the header of OpenBLAS.
 *
 * Calls come from the threads of our own pool, one piece of work each, so OpenBLAS itself must stay single-threaded: it
 * picks its kernels by the shapes alone then, and equal arguments give equal bits.
 */
#include "kernels.h"

#include <cblas.h>
#include <pthread.h>
#include <string.h>

static pthread_once_t single_threaded = PTHREAD_ONCE_INIT;

static void
make_single_threaded (void)
{
  openblas_set_num_threads (1);
}

void
kairos_gemm_use_one_thread (void)
{
  pthread_once (&single_threaded, make_single_threaded);
}

void
kairos_gemm (gboolean trans_a, gboolean trans_b, int m, int n, int k, float alpha, const float *a, int lda,
             const float *b, int ldb, float beta, float *c, int ldc)
{
  /* OpenBLAS would return without a word. */
  g_assert (lda >= (trans_a ? m : k) && ldb >= (trans_b ? k : n) && ldc >= n);
  kairos_gemm_use_one_thread ();
  cblas_sgemm (CblasRowMajor, trans_a ? CblasTrans : CblasNoTrans, trans_b ? CblasTrans : CblasNoTrans, m, n, k, alpha,
               a, lda, b, ldb, beta, c, ldc);
}

/* The second word of "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Haswell MAX_THREADS=64" is the version. */
static char *
describe (void)
{
  g_auto (GStrv) words = g_strsplit (openblas_get_config (), " ", -1);

  if (g_strv_length (words) < 2)
    return g_strdup_printf ("OpenBLAS %s", openblas_get_corename ());
  return g_strdup_printf ("OpenBLAS %s %s", words[1], openblas_get_corename ());
}

const char *
kairos_gemm_describe (void)
{
  static gsize text;

  if (g_once_init_enter (&text))
    g_once_init_leave (&text, (gsize) describe ());
  return (const char *) text;
}
