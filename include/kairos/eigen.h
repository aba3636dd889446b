/* SPDX-License-Identifier: MIT */

/* Eigenvalues of symmetric matrices, in double, and the matrices that they are mostly wanted of.
 *
 *   kairos_gram (FALSE, n, d, features, gram);             n samples, a row of d features each
 *   if (kairos_symmetric_eigen (n, gram, values))
 *     g_print ("%g\n", sqrt (values[n - 1]));              the largest singular value of the features
 *
 * Computed by the calling thread alone, so that equal numbers give equal bits.  Any thread.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* gram: the inner products of the rows of values (n x d, row by row), n x n; or, for of_columns, of its columns, d x d.
 */
void kairos_gram (gboolean of_columns, int n, int d, const float *values, double *gram);
/* values: the n eigenvalues of a symmetric matrix, ascending.  The rows of matrix (n x n, n >= 1) become the
 * eigenvectors in that order, each of norm 1 and of either sign.  FALSE where there are none to be found, because
 * something in it is not finite: then what is in both means nothing. */
gboolean kairos_symmetric_eigen (int n, double *matrix, double *values) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
