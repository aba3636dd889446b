/* SPDX-License-Identifier: MIT */

/* Eigenvalues by LAPACK's dsyev (tridiagonal form by reflections, then implicit QR), which OpenBLAS brings along.
 *
 * Its header is in a package of its own; the routines are Fortran's, so they are declared here: every argument is a
 * pointer, matrices lie column by column, and the lengths of texts come last.  A symmetric matrix is the same in either
 * order, and an eigenvector that is a column there is a row here.
 */
#include "kairos/eigen.h"

#include <math.h>
#include <stddef.h>

#include "kernels.h"

enum { BLOCK = 256 }; /* rows or columns that are in double at a time */

void dsyev_ (const char *vectors, const char *triangle, const int *n, double *a, const int *lda, double *w,
             double *work, const int *lwork, int *info, size_t vectors_length, size_t triangle_length);
void dsyrk_ (const char *triangle, const char *transposed, const int *n, const int *k, const double *alpha,
             const double *a, const int *lda, const double *beta, double *c, const int *ldc, size_t triangle_length,
             size_t transposed_length);

/* What is above the diagonal, here where matrices lie row by row, becomes what is below it. */
static void
mirror (int n, double *matrix)
{
  for (gsize i = 0; i < n; i++)
    for (gsize j = 0; j < i; j++)
      matrix[j * n + i] = matrix[i * n + j];
}

/* part: height x width of the matrix, from (row, column) on. */
static void
copy_part (const float *values, int d, int row, int column, int height, int width, double *part)
{
  for (gsize i = 0; i < height; i++)
    for (gsize j = 0; j < width; j++)
      part[i * width + j] = values[(row + i) * d + column + j];
}

void
kairos_gram (gboolean of_columns, int n, int d, const float *values, double *gram)
{
  int size = of_columns ? d : n, length = of_columns ? n : d;
  g_autofree double *part = g_new (double, (gsize) size *MIN (BLOCK, length));

  kairos_gemm_use_one_thread ();
  for (int first = 0; first < length; first += BLOCK) {
    int k = MIN (BLOCK, length - first), stride = of_columns ? size : k;
    const double one = 1, begun = first > 0;
    copy_part (values, d, of_columns ? first : 0, of_columns ? 0 : first, of_columns ? k : size, stride, part);
    dsyrk_ ("U", of_columns ? "N" : "T", &size, &k, &one, part, &stride, &begun, gram, &size, 1, 1);
  }
  mirror (size, gram);
}

gboolean
kairos_symmetric_eigen (int n, double *matrix, double *values)
{
  double size;
  int info, query = -1;

  for (gsize i = 0; i < (gsize) n * n; i++)
    if (!isfinite (matrix[i]))
      return FALSE;
  kairos_gemm_use_one_thread ();
  dsyev_ ("V", "U", &n, matrix, &n, values, &size, &query, &info, 1, 1);
  int n_work = (int) size;
  g_autofree double *work = g_new (double, n_work);
  dsyev_ ("V", "U", &n, matrix, &n, values, work, &n_work, &info, 1, 1);
  return info == 0;
}
