/* SPDX-License-Identifier: MIT */

/* Products of dense layers with AVX-512 kernels of our own.
 *
 * A tile of a batch has few rows, and OpenBLAS would spend as much time on copying the weights into its layout as on
 * multiplying.  Here both operands are read as they lie:
 *
 *   forward         y[i][o] = sum_k x[i][k] w[o][k]      both run along k: a block of 4 samples x 6 outputs keeps 24
 * vectors of partial sums, which are added up across in the end backward data   dx[i][k] = sum_o dy[i][o] w[o][k] the
 * second runs along k: a block of 6 rows x 64 columns keeps 24 vectors of sums; backward weights dw[o][k] = sum_i
 * dy[i][o] x[i][k]   dy is broadcast, value by value
 *
 * Where the processor has no AVX-512 OpenBLAS does it.
 */
#include "dense.h"

#include "kernels.h"
#include "rows.h"

static void
forward_blas (const KairosDenseShape *s, const float *x, const float *w, const float *bias, gboolean relu, float *y)
{
  kairos_gemm (FALSE, TRUE, s->n, s->n_out, s->n_in, 1, x, s->n_in, w, s->n_in, 0, y, s->n_out);
  if (bias || relu)
    kairos_rows_bias (s->n, s->n_out, bias, relu, y);
}

static void
backward_data_blas (const KairosDenseShape *s, const float *dy, const float *w, float *dx)
{
  kairos_gemm (FALSE, FALSE, s->n, s->n_in, s->n_out, 1, dy, s->n_out, w, s->n_in, 0, dx, s->n_in);
}

static void
backward_weights_blas (const KairosDenseShape *s, const float *x, const float *dy, int first, int n_rows, float *dw)
{
  kairos_gemm (TRUE, FALSE, n_rows, s->n_in, s->n, 1, dy + first, s->n_out, x, s->n_in, 0, dw + (gsize) first * s->n_in,
               s->n_in);
}

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#define AVX512 __attribute__ ((target ("avx512f")))
#define INLINE static inline __attribute__ ((always_inline))
#define UNROLL(n) _Pragma (G_STRINGIFY (GCC unroll n))

enum { LANES = 16, SAMPLES = 4, OUTPUTS = 6, ROWS = KAIROS_DENSE_ROWS, VECTORS = 4 };

static gboolean
have_avx512 (void)
{
  return __builtin_cpu_supports ("avx512f");
}

/* ---- forward ---- */

/* The four sums across four vectors. */
AVX512 INLINE __m128
sum_across (__m512 a, __m512 b, __m512 c, __m512 d)
{
  __m512 ab = _mm512_add_ps (_mm512_unpacklo_ps (a, b), _mm512_unpackhi_ps (a, b));
  __m512 cd = _mm512_add_ps (_mm512_unpacklo_ps (c, d), _mm512_unpackhi_ps (c, d));
  __m512d low = _mm512_unpacklo_pd (_mm512_castps_pd (ab), _mm512_castps_pd (cd));
  __m512d high = _mm512_unpackhi_pd (_mm512_castps_pd (ab), _mm512_castps_pd (cd));
  __m512 all = _mm512_add_ps (_mm512_castpd_ps (low), _mm512_castpd_ps (high));
  __m256 half = _mm256_add_ps (_mm512_castps512_ps256 (all),
                               _mm256_castpd_ps (_mm512_extractf64x4_pd (_mm512_castps_pd (all), 1)));

  return _mm_add_ps (_mm256_castps256_ps128 (half), _mm256_extractf128_ps (half, 1));
}

/* samples: 4, or fewer at the end of the batch: the last one then stands in for those that are missing, and only what
 * is there is written. */
AVX512 INLINE void
dot_block (const KairosDenseShape *s, int samples, const int outputs, const float *x, const float *w, const float *bias,
           gboolean relu, float *y)
{
  const gsize n_in = s->n_in;
  const float *rows[SAMPLES] = { x, x + MIN (1, samples - 1) * n_in, x + MIN (2, samples - 1) * n_in,
                                 x + MIN (3, samples - 1) * n_in };
  __m512 sums[SAMPLES][OUTPUTS];

  UNROLL (4)
  for (int i = 0; i < SAMPLES; i++)
    UNROLL (6) for (int o = 0; o < outputs; o++) sums[i][o] = _mm512_setzero_ps ();
  for (gsize k = 0; k < n_in; k += LANES) {
    const __mmask16 mask = n_in - k >= LANES ? 0xffff : (__mmask16) ((1 << (n_in - k)) - 1);
    __m512 weights[OUTPUTS];
    UNROLL (6) for (int o = 0; o < outputs; o++) weights[o] = _mm512_maskz_loadu_ps (mask, w + o * n_in + k);
    UNROLL (4) for (int i = 0; i < SAMPLES; i++)
    {
      const __m512 value = _mm512_maskz_loadu_ps (mask, rows[i] + k);
      UNROLL (6) for (int o = 0; o < outputs; o++) sums[i][o] = _mm512_fmadd_ps (value, weights[o], sums[i][o]);
    }
  }
  UNROLL (6) for (int o = 0; o < outputs; o++)
  {
    const __m128 sum = sum_across (sums[0][o], sums[1][o], sums[2][o], sums[3][o]);
    float values[SAMPLES];
    _mm_storeu_ps (values, bias ? _mm_add_ps (sum, _mm_set1_ps (bias[o])) : sum);
    for (int i = 0; i < samples; i++)
      y[(gsize) i * s->n_out + o] = relu && values[i] <= 0 ? 0 : values[i];
  }
}

AVX512 static void
forward_avx512 (const KairosDenseShape *s, const float *x, const float *w, const float *bias, gboolean relu, float *y)
{
  int o = 0;

  for (; o + OUTPUTS <= s->n_out; o += OUTPUTS)
    for (int i = 0; i < s->n; i += SAMPLES)
      dot_block (s, MIN (SAMPLES, s->n - i), OUTPUTS, x + (gsize) i * s->n_in, w + (gsize) o * s->n_in,
                 bias ? bias + o : NULL, relu, y + (gsize) i * s->n_out + o);
  for (; o + 2 <= s->n_out; o += 2)
    for (int i = 0; i < s->n; i += SAMPLES)
      dot_block (s, MIN (SAMPLES, s->n - i), 2, x + (gsize) i * s->n_in, w + (gsize) o * s->n_in,
                 bias ? bias + o : NULL, relu, y + (gsize) i * s->n_out + o);
  for (; o < s->n_out; o++)
    for (int i = 0; i < s->n; i += SAMPLES)
      dot_block (s, MIN (SAMPLES, s->n - i), 1, x + (gsize) i * s->n_in, w + (gsize) o * s->n_in,
                 bias ? bias + o : NULL, relu, y + (gsize) i * s->n_out + o);
}

/* ---- backward: c[i][k] = sum_r a[i, r] b[r][k] ---- */

typedef struct {
  const float *a;
  gsize a_row, a_step; /* from i to i + 1, from r to r + 1 */
  const float *b;
  float *c;
  gsize width; /* of b and c */
  int n_rows, n_steps;
} Outer;

AVX512 INLINE void
outer_block (const Outer *outer, const int rows, const int vectors, __mmask16 mask, gsize row, gsize column)
{
  const float *a = outer->a + row * outer->a_row, *b = outer->b + column;
  float *c = outer->c + row * outer->width + column;
  __m512 sums[ROWS][VECTORS];

  UNROLL (6)
  for (int i = 0; i < rows; i++)
    UNROLL (4) for (int v = 0; v < vectors; v++) sums[i][v] = _mm512_setzero_ps ();
  for (int r = 0; r < outer->n_steps; r++, a += outer->a_step, b += outer->width) {
    __m512 values[VECTORS];
    UNROLL (4)
    for (int v = 0; v < vectors; v++)
      values[v] = v == vectors - 1 ? _mm512_maskz_loadu_ps (mask, b + v * LANES) : _mm512_loadu_ps (b + v * LANES);
    UNROLL (6) for (int i = 0; i < rows; i++)
    {
      const __m512 factor = _mm512_set1_ps (a[i * outer->a_row]);
      UNROLL (4) for (int v = 0; v < vectors; v++) sums[i][v] = _mm512_fmadd_ps (factor, values[v], sums[i][v]);
    }
  }
  UNROLL (6)
  for (int i = 0; i < rows; i++)
    UNROLL (4)
  for (int v = 0; v < vectors; v++)
    if (v == vectors - 1)
      _mm512_mask_storeu_ps (c + i * outer->width + v * LANES, mask, sums[i][v]);
    else
      _mm512_storeu_ps (c + i * outer->width + v * LANES, sums[i][v]);
}

/* One panel of columns: b's part of it stays in the first-level cache for all rows. */
AVX512 INLINE void
outer_panel (const Outer *outer, const int vectors, __mmask16 mask, gsize column)
{
  int row = 0;

  for (; row + ROWS <= outer->n_rows; row += ROWS)
    outer_block (outer, ROWS, vectors, mask, row, column);
  for (; row + 2 <= outer->n_rows; row += 2)
    outer_block (outer, 2, vectors, mask, row, column);
  for (; row < outer->n_rows; row++)
    outer_block (outer, 1, vectors, mask, row, column);
}

AVX512 static void
outer_product (const Outer *outer)
{
  gsize column = 0;

  for (; column + VECTORS * LANES <= outer->width; column += VECTORS * LANES)
    outer_panel (outer, VECTORS, 0xffff, column);
  for (; column + LANES <= outer->width; column += LANES)
    outer_panel (outer, 1, 0xffff, column);
  if (column < outer->width)
    outer_panel (outer, 1, (__mmask16) ((1 << (outer->width - column)) - 1), column);
}

void
kairos_dense_forward (const KairosDenseShape *s, const float *x, const float *w, const float *bias, gboolean relu,
                      float *y)
{
  if (have_avx512 ())
    forward_avx512 (s, x, w, bias, relu, y);
  else
    forward_blas (s, x, w, bias, relu, y);
}

void
kairos_dense_backward_data (const KairosDenseShape *s, const float *dy, const float *w, float *dx)
{
  const Outer outer = { dy, s->n_out, 1, w, dx, s->n_in, s->n, s->n_out };

  if (have_avx512 ())
    outer_product (&outer);
  else
    backward_data_blas (s, dy, w, dx);
}

void
kairos_dense_backward_weights (const KairosDenseShape *s, const float *x, const float *dy, int first, int n_rows,
                               float *dw)
{
  const Outer outer = { dy + first, 1, s->n_out, x, dw + (gsize) first * s->n_in, s->n_in, n_rows, s->n };

  if (have_avx512 ())
    outer_product (&outer);
  else
    backward_weights_blas (s, x, dy, first, n_rows, dw);
}

#else

void
kairos_dense_forward (const KairosDenseShape *s, const float *x, const float *w, const float *bias, gboolean relu,
                      float *y)
{
  forward_blas (s, x, w, bias, relu, y);
}

void
kairos_dense_backward_data (const KairosDenseShape *s, const float *dy, const float *w, float *dx)
{
  backward_data_blas (s, dy, w, dx);
}

void
kairos_dense_backward_weights (const KairosDenseShape *s, const float *x, const float *dy, int first, int n_rows,
                               float *dw)
{
  backward_weights_blas (s, x, dy, first, n_rows, dw);
}

#endif
