/* SPDX-License-Identifier: MIT */

/* Eigenvalues: by what defines them, and of matrices whose are known. */
#include "kairos/eigen.h"

#include <kairos/random.h>
#include <math.h>
#include <string.h>

enum { N = 37, D = 600 };

static void
assert_near (double found, double expected, double tolerance)
{
  if (!(fabs (found - expected) <= tolerance))
    g_error ("found %.17g, expected %.17g within %g", found, expected, tolerance);
}

static float *
draw_values (gsize n)
{
  KairosRandom random = kairos_random (3, KAIROS_RANDOM_TEST, 0, 0);
  float *values = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    values[i] = kairos_random_normal (&random);
  return values;
}

/* Both ways, against inner products one by one; the longer side is more than one block. */
static void
test_gram (void)
{
  g_autofree float *values = draw_values (N * D);
  g_autofree double *rows = g_new (double, N *N), *columns = g_new (double, D *D);

  kairos_gram (FALSE, N, D, values, rows);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      double sum = 0;
      for (int k = 0; k < D; k++)
        sum += (double) values[i * D + k] * values[j * D + k];
      assert_near (rows[i * N + j], sum, 1e-10);
    }
  kairos_gram (TRUE, D, N, values, columns); /* the same numbers, seen as D rows of N */
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      double sum = 0;
      for (int k = 0; k < D; k++)
        sum += (double) values[k * N + i] * values[k * N + j];
      assert_near (columns[i * N + j], sum, 1e-10);
    }
}

/* A v = w v, vectors orthonormal, values ascending. */
static void
test_definition (void)
{
  g_autofree float *values = draw_values (N * D);
  g_autofree double *matrix = g_new (double, N *N), *vectors = g_new (double, N *N), *w = g_new (double, N);

  kairos_gram (FALSE, N, D, values, matrix);
  memcpy (vectors, matrix, N * N * sizeof *matrix);
  g_assert_true (kairos_symmetric_eigen (N, vectors, w));
  for (int v = 0; v < N; v++) {
    g_assert_true (v == 0 || w[v] >= w[v - 1]);
    for (int i = 0; i < N; i++) {
      double product = 0, inner = 0;
      for (int j = 0; j < N; j++) {
        product += matrix[i * N + j] * vectors[v * N + j];
        inner += vectors[v * N + j] * vectors[i * N + j];
      }
      assert_near (product, w[v] * vectors[v * N + i], 1e-9);
      assert_near (inner, v == i, 1e-12);
    }
  }
}

/* The second difference: 2 - 2 cos (k pi / (n + 1)). */
static void
test_known (void)
{
  g_autofree double *matrix = g_new0 (double, N *N), *w = g_new (double, N);
  double one = -2.5, value;

  for (int i = 0; i < N; i++) {
    matrix[i * N + i] = 2;
    if (i > 0)
      matrix[i * N + i - 1] = matrix[(i - 1) * N + i] = -1;
  }
  g_assert_true (kairos_symmetric_eigen (N, matrix, w));
  for (int k = 1; k <= N; k++)
    assert_near (w[k - 1], 2 - 2 * cos (k * G_PI / (N + 1)), 1e-12);
  g_assert_true (kairos_symmetric_eigen (1, &one, &value));
  g_assert_cmpfloat (value, ==, -2.5);
  g_assert_cmpfloat (fabs (one), ==, 1);
}

static void
test_not_finite (void)
{
  double matrix[4] = { 1, NAN, NAN, 1 }, w[2];

  g_assert_false (kairos_symmetric_eigen (2, matrix, w));
  matrix[1] = matrix[2] = INFINITY;
  g_assert_false (kairos_symmetric_eigen (2, matrix, w));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eigen/gram", test_gram);
  g_test_add_func ("/eigen/definition", test_definition);
  g_test_add_func ("/eigen/known", test_known);
  g_test_add_func ("/eigen/not-finite", test_not_finite);
  return g_test_run ();
}
