/* SPDX-License-Identifier: MIT */

/* The kernels of dense layers against the naive product, over odd shapes. */
#include <kairos/random.h>

#include <math.h>
#include <string.h>

#include "src/nn/dense.h"
#include "src/nn/kernels.h"

static const KairosDenseShape shapes[] = {
  { 1, 1, 1 },    { 3, 5, 2 },    { 4, 16, 6 },   { 5, 17, 7 },   { 7, 37, 11 },
  { 8, 64, 12 },  { 9, 63, 13 },  { 2, 65, 1 },   { 1, 784, 3 },  { 32, 100, 10 },
  { 13, 300, 5 }, { 6, 48, 100 }, { 33, 15, 25 }, { 128, 31, 6 }, { 10, 129, 9 },
};

static float *
draw (gsize n, guint64 seed)
{
  KairosRandom random = kairos_random (seed, KAIROS_RANDOM_TEST, 0, 0);
  float *values = g_new (float, n + 1);

  for (gsize i = 0; i < n; i++)
    values[i] = kairos_random_range (&random, -1, 1);
  values[n] = 12345; /* must stay */
  return values;
}

static void
check (const float *found, const float *expected, gsize n, int n_terms)
{
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat (fabsf (found[i] - expected[i]), <=, 1e-6 * sqrt (n_terms) + 1e-6 * fabsf (expected[i]));
  g_assert_cmpfloat (found[n], ==, 12345);
}

static void
test_shape (gconstpointer data)
{
  const KairosDenseShape *s = data;
  gsize n_x = (gsize) s->n * s->n_in, n_w = (gsize) s->n_out * s->n_in, n_y = (gsize) s->n * s->n_out;
  g_autofree float *x = draw (n_x, 1), *w = draw (n_w, 2), *bias = draw (s->n_out, 3), *dy = draw (n_y, 4);
  g_autofree float *y = draw (n_y, 5), *dx = draw (n_x, 6), *dw = draw (n_w, 7);
  g_autofree float *y_reference = draw (n_y, 8), *dx_reference = draw (n_x, 9), *dw_reference = draw (n_w, 10);

  kairos_reference_gemm (FALSE, TRUE, s->n, s->n_out, s->n_in, 1, x, s->n_in, w, s->n_in, 0, y_reference, s->n_out);
  kairos_dense_forward (s, x, w, NULL, FALSE, y);
  check (y, y_reference, n_y, s->n_in);
  for (gsize i = 0; i < n_y; i++)
    y_reference[i] = fmaxf (y_reference[i] + bias[i % s->n_out], 0);
  kairos_dense_forward (s, x, w, bias, TRUE, y);
  check (y, y_reference, n_y, s->n_in);

  kairos_reference_gemm (FALSE, FALSE, s->n, s->n_in, s->n_out, 1, dy, s->n_out, w, s->n_in, 0, dx_reference, s->n_in);
  kairos_dense_backward_data (s, dy, w, dx);
  check (dx, dx_reference, n_x, s->n_out);

  kairos_reference_gemm (TRUE, FALSE, s->n_out, s->n_in, s->n, 1, dy, s->n_out, x, s->n_in, 0, dw_reference, s->n_in);
  for (int first = 0; first < s->n_out; first += 5)
    kairos_dense_backward_weights (s, x, dy, first, MIN (5, s->n_out - first), dw);
  check (dw, dw_reference, n_w, s->n);
}

/* A diverged network must not look healthy. */
static void
test_nan (void)
{
  const KairosDenseShape shape = { 1, 2, 2 };
  const float x[] = { NAN, 1 }, w[] = { 1, 2, 3, 4 };
  float y[2];

  kairos_dense_forward (&shape, x, w, NULL, TRUE, y);
  g_assert_true (isnan (y[0]) && isnan (y[1]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    g_autofree char *path = g_strdup_printf ("/dense/%dx%dx%d", shapes[i].n, shapes[i].n_in, shapes[i].n_out);
    g_test_add_data_func (path, &shapes[i], test_shape);
  }
  g_test_add_func ("/dense/nan", test_nan);
  return g_test_run ();
}
