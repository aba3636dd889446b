/* SPDX-License-Identifier: MIT */

/* Every kernel of the build against the naive reference, over odd shapes. */
#include "kairos/random.h"
#include "src/nn/kernels.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

enum { MAX_TILE = 5, N_THREADS = 3 };
/* of the norm of the result, or of its terms, which are near 1, where those cancel */
static const double tolerance = 3e-6;

static float *
random_floats (guint64 stream, gsize n)
{
  KairosRandom random = kairos_random (1, KAIROS_RANDOM_TEST, 0, stream);
  float *values = g_aligned_alloc (MAX (n, 1), sizeof (float), 64);

  for (gsize i = 0; i < n; i++)
    values[i] = kairos_random_range (&random, -1, 1);
  return values;
}

static void
assert_close (const float *got, const float *expected, gsize n, const char *what)
{
  double difference = 0, norm = 0;

  for (gsize i = 0; i < n; i++) {
    difference += ((double) got[i] - expected[i]) * ((double) got[i] - expected[i]);
    norm += (double) expected[i] * expected[i];
  }
  if (!(sqrt (difference) <= tolerance * (sqrt (norm) + sqrt (n)))) {
    g_test_message ("%s: off by %g of a norm of %g", what, sqrt (difference), sqrt (norm));
    g_test_fail ();
  }
}

/* ---- gemm ---- */

typedef struct {
  int m, n, k;
  float alpha, beta;
} Product;

static const Product products[] = {
  { 1, 1, 1, 1, 0 },        { 1, 10, 84, 1, 0 },    { 16, 10, 84, 1, 1 },   { 7, 3, 5, -0.5f, 2 },
  { 64, 300, 784, 1, 0 },   { 300, 784, 64, 1, 1 }, { 33, 17, 129, 2, -1 }, { 128, 1, 400, 1, 0 },
  { 5, 120, 400, 1, 0.5f }, { 97, 101, 103, 1, 0 },
};

static void
check_product (const Product *p, gboolean trans_a, gboolean trans_b, int extra)
{
  int lda = (trans_a ? p->m : p->k) + extra, ldb = (trans_b ? p->k : p->n) + extra, ldc = p->n + extra;
  gsize a_size = (gsize) lda * (trans_a ? p->k : p->m), b_size = (gsize) ldb * (trans_b ? p->n : p->k),
        c_size = (gsize) ldc * p->m;
  float *a = random_floats (1, a_size), *b = random_floats (2, b_size), *c = random_floats (3, c_size),
        *expected = random_floats (3, c_size);
  g_autofree char *what = g_strdup_printf ("gemm %dx%dx%d %d%d +%d", p->m, p->n, p->k, trans_a, trans_b, extra);

  kairos_gemm (trans_a, trans_b, p->m, p->n, p->k, p->alpha, a, lda, b, ldb, p->beta, c, ldc);
  kairos_reference_gemm (trans_a, trans_b, p->m, p->n, p->k, p->alpha, a, lda, b, ldb, p->beta, expected, ldc);
  assert_close (c, expected, c_size, what); /* what lies between the rows of C is compared too */
  g_aligned_free (a);
  g_aligned_free (b);
  g_aligned_free (c);
  g_aligned_free (expected);
}

static void
test_gemm (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (products); i++)
    for (int variant = 0; variant < 8; variant++)
      check_product (&products[i], variant & 1, variant & 2, variant & 4 ? 3 : 0);
}

static void
test_gemm_beta_zero (void)
{
  float a = 2, b = 3, c = NAN;

  kairos_gemm (FALSE, FALSE, 1, 1, 1, 1, &a, 1, &b, 1, 0, &c, 1);
  g_assert_cmpfloat (c, ==, 6); /* what C held is not read */
}

/* ---- convolution ---- */

static const KairosConvShape shapes[] = {
  /* in        channels filters kernel stride padding */
  { 28, 28, 1, 6, 5, 1, 2 },  { 14, 14, 6, 16, 5, 1, 0 }, { 32, 32, 3, 32, 3, 1, 1 }, { 9, 7, 3, 17, 3, 1, 1 },
  { 8, 8, 16, 32, 3, 2, 1 },  { 8, 8, 16, 32, 1, 2, 0 },  { 7, 9, 16, 32, 1, 2, 0 },  { 8, 8, 24, 24, 3, 1, 1 },
  { 8, 8, 24, 48, 3, 2, 1 },  { 8, 8, 48, 48, 1, 1, 0 },  { 8, 8, 48, 10, 1, 1, 0 },  { 5, 5, 5, 5, 5, 1, 0 },
  { 5, 6, 5, 3, 5, 2, 2 },    { 11, 4, 17, 6, 3, 3, 0 },  { 11, 13, 1, 1, 3, 3, 2 },  { 3, 3, 3, 1, 3, 1, 2 },
  { 1, 1, 17, 24, 1, 1, 0 },  { 1, 1, 5, 6, 3, 1, 1 },    { 6, 5, 6, 5, 1, 1, 1 },    { 6, 5, 6, 5, 1, 3, 2 },
  { 12, 5, 32, 16, 5, 3, 1 }, { 10, 3, 48, 17, 3, 2, 2 }, { 7, 7, 1, 16, 7, 1, 3 },   { 4, 4, 64, 96, 3, 1, 1 },
  { 2, 2, 3, 4, 2, 1, 0 },    { 5, 5, 3, 20, 2, 2, 1 },   { 9, 6, 33, 48, 3, 1, 0 },  { 13, 10, 24, 40, 3, 1, 2 },
  { 8, 8, 48, 80, 3, 1, 1 },  { 1, 7, 16, 16, 3, 1, 1 },
};

typedef struct {
  const KairosConvShape *shape;
  gsize x_size, y_size, w_size; /* of MAX_TILE samples */
  float *x, *dy, *w, *bias;
  /* what the reference says: without a bias, and for all samples, since they do not depend on each other */
  float *y, *dx;
  KairosConv *conv;
} Case;

static Case
case_new (const char *implementation, const KairosConvShape *s, gboolean relu)
{
  Case c = { .shape = s };
  int height = kairos_conv_out (s->in_height, s->kernel, s->stride, s->padding);
  int width = kairos_conv_out (s->in_width, s->kernel, s->stride, s->padding);

  c.x_size = (gsize) MAX_TILE * s->in_height * s->in_width * s->in_channels;
  c.y_size = (gsize) MAX_TILE * height * width * s->filters;
  c.w_size = (gsize) s->filters * s->kernel * s->kernel * s->in_channels;
  c.x = random_floats (1, c.x_size);
  c.dy = random_floats (2, c.y_size);
  c.w = random_floats (3, c.w_size);
  c.bias = random_floats (4, s->filters);
  c.y = g_new (float, c.y_size);
  c.dx = g_new (float, c.x_size);
  kairos_reference_conv_forward (s, MAX_TILE, c.x, c.w, NULL, c.y);
  kairos_reference_conv_backward_data (s, MAX_TILE, c.dy, c.w, c.dx);
  c.conv = kairos_conv_new (implementation, s, MAX_TILE, N_THREADS, TRUE, TRUE, relu);
  return c;
}

static void
case_clear (Case *c)
{
  kairos_conv_free (c->conv);
  g_aligned_free (c->x);
  g_aligned_free (c->dy);
  g_aligned_free (c->w);
  g_aligned_free (c->bias);
  g_free (c->y);
  g_free (c->dx);
}

static void
check_forward (Case *c, int n, const float *bias, gboolean relu, const char *what)
{
  gsize size = c->y_size / MAX_TILE * n;
  g_autofree float *y = g_new (float, size + 1), *expected = g_new (float, size);

  y[size] = 42;
  kairos_conv_set_weights (c->conv, c->w, bias);
  kairos_conv_forward (c->conv, 0, n, c->x, y);
  for (gsize i = 0; i < size; i++) {
    expected[i] = c->y[i] + (bias ? bias[i % c->shape->filters] : 0);
    expected[i] = relu ? MAX (expected[i], 0) : expected[i];
  }
  assert_close (y, expected, size, what);
  g_assert_cmpfloat (y[size], ==, 42); /* nothing is written behind the result */
}

static void
check_backward_data (Case *c, int n, const char *what)
{
  gsize size = c->x_size / MAX_TILE * n;
  g_autofree float *dx = g_new (float, size + 1);

  for (gsize i = 0; i <= size; i++)
    dx[i] = 42;
  kairos_conv_backward_data (c->conv, 0, n, c->dy, dx);
  assert_close (dx, c->dx, size, what);
  g_assert_cmpfloat (dx[size], ==, 42);
}

/* dw, db: what the reference says for these n samples. */
static void
check_backward_weights (Case *c, int n, gboolean with_bias, gboolean accumulate, const float *dw, const float *db,
                        const char *what)
{
  int filters = c->shape->filters;
  float *got = random_floats (5, c->w_size), *expected = random_floats (5, c->w_size);
  float *got_bias = random_floats (6, filters), *expected_bias = random_floats (6, filters);

  kairos_conv_backward_weights (c->conv, 0, n, c->x, c->dy, got, with_bias ? got_bias : NULL, accumulate);
  for (gsize i = 0; i < c->w_size; i++)
    expected[i] = dw[i] + (accumulate ? expected[i] : 0);
  for (int i = 0; with_bias && i < filters; i++)
    expected_bias[i] = db[i] + (accumulate ? expected_bias[i] : 0);
  assert_close (got, expected, c->w_size, what);
  assert_close (got_bias, expected_bias, filters, what);
  g_aligned_free (got);
  g_aligned_free (expected);
  g_aligned_free (got_bias);
  g_aligned_free (expected_bias);
}

static void
check_all_backward_weights (Case *c, int n, const char *what)
{
  g_autofree float *dw = g_new (float, c->w_size), *db = g_new (float, c->shape->filters);

  kairos_reference_conv_backward_weights (c->shape, n, c->x, c->dy, dw, db);
  for (int variant = 0; variant < 4; variant++)
    check_backward_weights (c, n, variant & 1, variant & 2, dw, db, what);
}

static char *
describe (const char *implementation, const KairosConvShape *s, int n)
{
  return g_strdup_printf ("%s %dx%dx%d -> %d, kernel %d stride %d padding %d, %d samples", implementation, s->in_height,
                          s->in_width, s->in_channels, s->filters, s->kernel, s->stride, s->padding, n);
}

static void
check_shape (const char *implementation, const KairosConvShape *shape)
{
  gboolean relu = shape->filters % 3 == 0;
  Case c = case_new (implementation, shape, relu);

  for (int n = 1; c.conv && n <= MAX_TILE; n++) {
    g_autofree char *what = describe (implementation, shape, n);
    check_forward (&c, n, NULL, relu, what);
    check_forward (&c, n, c.bias, relu, what);
    check_forward (&c, n, NULL, relu, what); /* the bias of before is gone */
    check_backward_data (&c, n, what);
    check_all_backward_weights (&c, n, what);
  }
  case_clear (&c);
}

static gboolean
skip_unless_built (const char *implementation)
{
  const KairosConvShape usual = { 8, 8, 16, 16, 3, 1, 1 };
  KairosConv *conv = kairos_conv_new (implementation, &usual, 1, 1, TRUE, TRUE, FALSE);

  if (!conv)
    g_test_skip ("not in this build, or not for this processor");
  kairos_conv_free (conv);
  return !conv;
}

static void
test_conv (gconstpointer implementation)
{
  if (skip_unless_built (implementation))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    check_shape (implementation, &shapes[i]);
}

/* Whatever the machine, the build's own choice can do every shape. */
static void
test_conv_choice (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    Case c = case_new (NULL, &shapes[i], FALSE);
    g_assert_nonnull (c.conv);
    g_assert_cmpuint (kairos_conv_get_memory (c.conv), >=, c.w_size * sizeof (float));
    g_autofree char *chosen = kairos_conv_describe (c.conv);
    g_test_message ("%dx%d %d -> %d: %s", shapes[i].kernel, shapes[i].kernel, shapes[i].in_channels, shapes[i].filters,
                    chosen);
    case_clear (&c);
  }
  g_assert_null (kairos_conv_new ("no such thing", &shapes[0], 1, 1, TRUE, TRUE, FALSE));
}

/* A diverged network must show: what is not a number passes through the ReLU. */
static void
test_conv_nan (gconstpointer implementation)
{
  static const KairosConvShape shape = { 4, 4, 32, 32, 3, 1, 1 };

  if (skip_unless_built (implementation))
    return;
  Case c = case_new (implementation, &shape, TRUE);
  g_autofree float *y = g_new (float, c.y_size);
  c.x[0] = NAN;
  kairos_conv_set_weights (c.conv, c.w, NULL);
  kairos_conv_forward (c.conv, 0, 1, c.x, y);
  for (int filter = 0; filter < shape.filters; filter++)
    g_assert_true (isnan (y[filter]));
  case_clear (&c);
}

/* A sample has the same result, bit by bit, in whatever company and place it comes. */
static void
test_conv_company (gconstpointer implementation)
{
  static const KairosConvShape shape = { 9, 10, 32, 48, 3, 1, 1 };

  if (skip_unless_built (implementation))
    return;
  Case c = case_new (implementation, &shape, FALSE);
  const gsize x_size = c.x_size / MAX_TILE, y_size = c.y_size / MAX_TILE;
  g_autofree float *y = g_new (float, c.y_size), *dx = g_new (float, c.x_size),
                   *alone = g_new (float, MAX (x_size, y_size));
  kairos_conv_set_weights (c.conv, c.w, c.bias);
  kairos_conv_forward (c.conv, 0, MAX_TILE, c.x, y);
  kairos_conv_backward_data (c.conv, 0, MAX_TILE, c.dy, dx);
  for (int i = 0; i < MAX_TILE; i++) {
    kairos_conv_forward (c.conv, 1, 1, c.x + i * x_size, alone);
    g_assert_cmpmem (alone, y_size * sizeof (float), y + i * y_size, y_size * sizeof (float));
    kairos_conv_backward_data (c.conv, 1, 1, c.dy + i * y_size, alone);
    g_assert_cmpmem (alone, x_size * sizeof (float), dx + i * x_size, x_size * sizeof (float));
  }
  case_clear (&c);
}

/* For evaluation, and for the first layer, only some of the passes are prepared. */
static void
test_conv_partial (gconstpointer implementation)
{
  static const KairosConvShape shape = { 8, 8, 24, 24, 3, 1, 1 };

  if (skip_unless_built (implementation))
    return;
  for (int training = 0; training <= 1; training++) {
    Case c = case_new (implementation, &shape, FALSE);
    kairos_conv_free (c.conv);
    c.conv = kairos_conv_new (implementation, &shape, MAX_TILE, 1, training, FALSE, FALSE);
    check_forward (&c, 3, c.bias, FALSE, implementation);
    if (training)
      check_all_backward_weights (&c, 3, implementation);
    case_clear (&c);
  }
}

static double
relative_error (const float *got, const float *expected, gsize n)
{
  double difference = 0, norm = 0;

  for (gsize i = 0; i < n; i++) {
    difference += ((double) got[i] - expected[i]) * ((double) got[i] - expected[i]);
    norm += (double) expected[i] * expected[i];
  }
  g_test_message ("relative error %g", sqrt (difference / norm));
  return sqrt (difference / norm);
}

/* Winograd's way rounds more than a plain sum, but stays within an error that is stated: of the norm of the result. */
static void
test_conv_winograd_error (void)
{
  static const KairosConvShape shape = { 16, 16, 192, 48, 3, 1, 1 };
  const double most = 2e-6;

  if (skip_unless_built ("winograd"))
    return;
  Case c = case_new ("winograd", &shape, FALSE);
  g_autofree float *y = g_new (float, c.y_size), *dx = g_new (float, c.x_size), *dw = g_new (float, c.w_size),
                   *expected = g_new (float, c.w_size);
  kairos_conv_set_weights (c.conv, c.w, NULL);
  kairos_conv_forward (c.conv, 0, MAX_TILE, c.x, y);
  g_assert_cmpfloat (relative_error (y, c.y, c.y_size), <, most);
  kairos_conv_backward_data (c.conv, 0, MAX_TILE, c.dy, dx);
  g_assert_cmpfloat (relative_error (dx, c.dx, c.x_size), <, most);
  kairos_conv_backward_weights (c.conv, 0, MAX_TILE, c.x, c.dy, dw, NULL, FALSE);
  kairos_reference_conv_backward_weights (&shape, MAX_TILE, c.x, c.dy, expected, NULL);
  g_assert_cmpfloat (relative_error (dw, expected, c.w_size), <, most);
  case_clear (&c);
}

/* ---- several threads at once ---- */

typedef struct {
  Case *c;
  int thread;
  float *y, *dx, *dw, *db;
} Worker;

static void *
run_all_passes (void *data)
{
  Worker *worker = data;
  KairosConv *conv = worker->c->conv;

  for (int round = 0; round < 10; round++) {
    kairos_conv_forward (conv, worker->thread, MAX_TILE, worker->c->x, worker->y);
    kairos_conv_backward_data (conv, worker->thread, MAX_TILE, worker->c->dy, worker->dx);
    kairos_conv_backward_weights (conv, worker->thread, MAX_TILE, worker->c->x, worker->c->dy, worker->dw, worker->db,
                                  round > 0);
  }
  return NULL;
}

static void
check_threads (const char *implementation, const KairosConvShape *shape)
{
  Case c = case_new (implementation, shape, TRUE);
  Worker workers[N_THREADS];
  pthread_t threads[N_THREADS];

  if (!c.conv) { /* a shape that this implementation does not do */
    case_clear (&c);
    return;
  }
  kairos_conv_set_weights (c.conv, c.w, c.bias);
  for (int i = 0; i < N_THREADS; i++)
    workers[i] = (Worker){
      &c, i, g_new (float, c.y_size), g_new (float, c.x_size), g_new (float, c.w_size), g_new (float, shape->filters)
    };
  for (int i = 0; i < N_THREADS; i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, run_all_passes, &workers[i]), ==, 0);
  for (int i = 0; i < N_THREADS; i++)
    pthread_join (threads[i], NULL);
  for (int i = 0; i < N_THREADS; i++) {
    g_assert_cmpmem (workers[i].y, c.y_size * sizeof (float), workers[0].y, c.y_size * sizeof (float));
    g_assert_cmpmem (workers[i].dx, c.x_size * sizeof (float), workers[0].dx, c.x_size * sizeof (float));
    g_assert_cmpmem (workers[i].dw, c.w_size * sizeof (float), workers[0].dw, c.w_size * sizeof (float));
    g_assert_cmpmem (workers[i].db, shape->filters * sizeof (float), workers[0].db, shape->filters * sizeof (float));
  }
  for (int i = 0; i < N_THREADS; i++) {
    g_free (workers[i].y);
    g_free (workers[i].dx);
    g_free (workers[i].dw);
    g_free (workers[i].db);
  }
  case_clear (&c);
}

static void
test_conv_threads (gconstpointer implementation)
{
  static const KairosConvShape some[] = {
    { 16, 16, 16, 32, 3, 1, 1 }, { 15, 9, 16, 24, 3, 2, 1 }, { 8, 8, 48, 48, 1, 1, 0 },
    { 28, 28, 1, 6, 5, 1, 2 },   { 9, 11, 48, 96, 3, 1, 1 },
  };

  if (skip_unless_built (implementation))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (some); i++)
    check_threads (implementation, &some[i]);
}

enum { GEMM_SIZE = 129 };

static void *
run_gemm (void *data)
{
  Worker *worker = data;

  for (int round = 0; round < 20; round++)
    kairos_gemm (FALSE, TRUE, GEMM_SIZE, GEMM_SIZE, GEMM_SIZE, 1, worker->y, GEMM_SIZE, worker->dx, GEMM_SIZE,
                 round > 0, worker->dw, GEMM_SIZE);
  return NULL;
}

static void
test_gemm_threads (void)
{
  const gsize size = (gsize) GEMM_SIZE * GEMM_SIZE;
  float *a = random_floats (1, size), *b = random_floats (2, size);
  Worker workers[N_THREADS];
  pthread_t threads[N_THREADS];

  for (int i = 0; i < N_THREADS; i++) {
    workers[i] = (Worker){ .y = a, .dx = b, .dw = g_new (float, size) };
    g_assert_cmpint (pthread_create (&threads[i], NULL, run_gemm, &workers[i]), ==, 0);
  }
  for (int i = 0; i < N_THREADS; i++)
    pthread_join (threads[i], NULL);
  for (int i = 0; i < N_THREADS; i++)
    g_assert_cmpmem (workers[i].dw, size * sizeof (float), workers[0].dw, size * sizeof (float));
  for (int i = 0; i < N_THREADS; i++)
    g_free (workers[i].dw);
  g_aligned_free (a);
  g_aligned_free (b);
}

int
main (int argc, char **argv)
{
  static const char *const implementations[] = { "onednn", "direct", "winograd", "im2col" };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernels/gemm", test_gemm);
  g_test_add_func ("/kernels/gemm/beta-zero", test_gemm_beta_zero);
  g_test_add_func ("/kernels/gemm/threads", test_gemm_threads);
  g_test_add_func ("/kernels/conv/choice", test_conv_choice);
  g_test_add_func ("/kernels/conv/winograd/error", test_conv_winograd_error);
  for (guint i = 0; i < G_N_ELEMENTS (implementations); i++) {
    g_autofree char *shapes_path = g_strdup_printf ("/kernels/conv/%s/shapes", implementations[i]);
    g_autofree char *partial_path = g_strdup_printf ("/kernels/conv/%s/partial", implementations[i]);
    g_autofree char *nan_path = g_strdup_printf ("/kernels/conv/%s/nan", implementations[i]);
    g_autofree char *company_path = g_strdup_printf ("/kernels/conv/%s/company", implementations[i]);
    g_autofree char *threads_path = g_strdup_printf ("/kernels/conv/%s/threads", implementations[i]);
    g_test_add_data_func (shapes_path, implementations[i], test_conv);
    g_test_add_data_func (partial_path, implementations[i], test_conv_partial);
    g_test_add_data_func (nan_path, implementations[i], test_conv_nan);
    if (!g_str_equal (implementations[i], "im2col")) /* whose products of a whole call OpenBLAS cuts as it likes */
      g_test_add_data_func (company_path, implementations[i], test_conv_company);
    g_test_add_data_func (threads_path, implementations[i], test_conv_threads);
  }
  return g_test_run ();
}
