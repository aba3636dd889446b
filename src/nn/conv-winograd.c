/* SPDX-License-Identifier: MIT */

/* Convolution with 3x3 kernels and stride 1 by the minimal filtering of Winograd, F(4x4, 3x3): 36 multiplications where the definition takes 144.
 *
 * The output is cut into patches of 4x4, each of which needs a window of 6x6 of the input.  Windows, weights and patches are looked at as
 * polynomials, known by their values at the points 0, +-5/8, +-3/2 and infinity, in both directions: at each of those 36 points the convolution is a
 * product of a row of channels with a matrix [channels][filters].  So up to MAX_PATCHES windows are transformed, multiplied, block of filters by
 * block of filters, and transformed back, with all of that in the second-level cache.  These points leave about twice the rounding of a plain sum.
 *
 * Every patch is computed by itself, with sums over the channels in their order: where it stands in a call does not matter.
 */
#include "conv-private.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#define AVX512 __attribute__ ((target ("avx512f")))
#define AVX512_INLINE __attribute__ ((target ("avx512f"), always_inline)) static inline
#define UNROLL(n) _Pragma (G_STRINGIFY (GCC unroll n))

enum {
  LANES = 16,  /* of a vector */
  PATCH = 4,   /* side of a piece of the output */
  TAPS = 3,    /* side of the kernel */
  WINDOW = 6,  /* side of what it needs of the input */
  POINTS = WINDOW * WINDOW,
  GROUP = 4,   /* patches come in groups of 4: their addresses are then a base and 1, 2, 3 times a stride */
  MAX_PATCHES = 24,
  MAX_VECTORS = 3,
};

/* The points, chosen for small errors, their powers, and the factors of the transforms: fractions of small powers of 2, so most are exact. */
#define A 0.625
#define B 1.5
#define A2 (A * A)
#define B2 (B * B)
static const float point_a = A, point_b = B, a2 = A2, b2 = B2, a3 = A2 * A, b3 = B2 * B, a2b2 = A2 * B2, a2_plus_b2 = A2 + B2;
static const float weight_0 = 1 / (A2 * B2), weight_a = 1 / (2 * A2 * (A2 - B2)), weight_b = 1 / (2 * B2 * (B2 - A2));

typedef struct {
  KairosConvKernel parent;
  int channels, filters;         /* padded with zeros to whole vectors */
  int vectors;                   /* of a block of filters */
  int rows, columns;             /* patches of a sample */
  float *weights, *bias, *zeros; /* weights: [block][point][channel][filter in block] */
  gsize window_stride, patch_stride; /* floats from a point to the next */
  gsize lane_size;
  float *lanes; /* of each thread: windows[point][patch][channel], patches[point][patch][filter in block] */
} Winograd;

/* ---- the transforms, in one direction ---- */

AVX512_INLINE void
transform_window (const __m512 *d, __m512 *v)
{
  const __m512 a = _mm512_set1_ps (point_a), b = _mm512_set1_ps (point_b), aa = _mm512_set1_ps (a2), bb = _mm512_set1_ps (b2);
  const __m512 sum = _mm512_set1_ps (a2_plus_b2), product = _mm512_set1_ps (a2b2);
  const __m512 even_a = _mm512_fnmadd_ps (bb, d[2], d[4]), odd_a = _mm512_fnmadd_ps (bb, d[1], d[3]);
  const __m512 even_b = _mm512_fnmadd_ps (aa, d[2], d[4]), odd_b = _mm512_fnmadd_ps (aa, d[1], d[3]);

  v[0] = _mm512_fmadd_ps (product, d[0], _mm512_fnmadd_ps (sum, d[2], d[4]));
  v[1] = _mm512_fmadd_ps (a, odd_a, even_a);
  v[2] = _mm512_fnmadd_ps (a, odd_a, even_a);
  v[3] = _mm512_fmadd_ps (b, odd_b, even_b);
  v[4] = _mm512_fnmadd_ps (b, odd_b, even_b);
  v[5] = _mm512_fmadd_ps (product, d[1], _mm512_fnmadd_ps (sum, d[3], d[5]));
}

AVX512_INLINE void
transform_weights (const __m512 *g, __m512 *u)
{
  const __m512 a = _mm512_set1_ps (point_a), b = _mm512_set1_ps (point_b), aa = _mm512_set1_ps (a2), bb = _mm512_set1_ps (b2);
  const __m512 factor_a = _mm512_set1_ps (weight_a), factor_b = _mm512_set1_ps (weight_b);
  const __m512 even_a = _mm512_fmadd_ps (aa, g[2], g[0]), even_b = _mm512_fmadd_ps (bb, g[2], g[0]);

  u[0] = _mm512_mul_ps (_mm512_set1_ps (weight_0), g[0]);
  u[1] = _mm512_mul_ps (factor_a, _mm512_fmadd_ps (a, g[1], even_a));
  u[2] = _mm512_mul_ps (factor_a, _mm512_fnmadd_ps (a, g[1], even_a));
  u[3] = _mm512_mul_ps (factor_b, _mm512_fmadd_ps (b, g[1], even_b));
  u[4] = _mm512_mul_ps (factor_b, _mm512_fnmadd_ps (b, g[1], even_b));
  u[5] = g[2];
}

AVX512_INLINE void
transform_back (const __m512 *m, __m512 *y)
{
  const __m512 sum_a = _mm512_add_ps (m[1], m[2]), difference_a = _mm512_sub_ps (m[1], m[2]);
  const __m512 sum_b = _mm512_add_ps (m[3], m[4]), difference_b = _mm512_sub_ps (m[3], m[4]);

  y[0] = _mm512_add_ps (m[0], _mm512_add_ps (sum_a, sum_b));
  y[1] = _mm512_fmadd_ps (_mm512_set1_ps (point_a), difference_a, _mm512_mul_ps (_mm512_set1_ps (point_b), difference_b));
  y[2] = _mm512_fmadd_ps (_mm512_set1_ps (a2), sum_a, _mm512_mul_ps (_mm512_set1_ps (b2), sum_b));
  y[3] = _mm512_fmadd_ps (_mm512_set1_ps (a3), difference_a, _mm512_fmadd_ps (_mm512_set1_ps (b3), difference_b, m[5]));
}

/* ---- the products ---- */

/* products[patch][filter] = windows[patch][channel] weights[channel][filter], of one point and one block of filters.  stride: of windows. */
typedef void (*ProductFunc) (int channels, gsize stride, const float *windows, const float *weights, float *products);

#define DEFINE_PRODUCT(name, groups, vectors)                                                                   \
  AVX512 static void name (int channels, gsize stride, const float *windows, const float *weights, float *products) \
  {                                                                                                             \
    const float *group[groups];                                                                                 \
    __m512 sum[(groups) * GROUP][vectors];                                                                      \
    UNROLL (16) for (int i = 0; i < (groups) * GROUP; i++)                                                      \
      UNROLL (3) for (int v = 0; v < (vectors); v++)                                                            \
        sum[i][v] = _mm512_setzero_ps ();                                                                       \
    UNROLL (4) for (int g = 0; g < (groups); g++)                                                               \
      group[g] = windows + g * GROUP * stride;                                                                  \
    for (int channel = 0; channel < channels; channel++, weights += (vectors) * LANES) {                        \
      __m512 w[vectors];                                                                                        \
      UNROLL (3) for (int v = 0; v < (vectors); v++)                                                            \
        w[v] = _mm512_load_ps (weights + v * LANES);                                                            \
      UNROLL (4) for (int g = 0; g < (groups); g++) {                                                           \
        UNROLL (4) for (int i = 0; i < GROUP; i++)                                                              \
          UNROLL (3) for (int v = 0; v < (vectors); v++)                                                        \
            sum[g * GROUP + i][v] = _mm512_fmadd_ps (_mm512_set1_ps (group[g][i * stride]), w[v], sum[g * GROUP + i][v]); \
        group[g]++;                                                                                             \
      }                                                                                                         \
    }                                                                                                           \
    UNROLL (16) for (int i = 0; i < (groups) * GROUP; i++)                                                      \
      UNROLL (3) for (int v = 0; v < (vectors); v++)                                                            \
        _mm512_store_ps (products + (i * (vectors) + v) * LANES, sum[i][v]);                                    \
  }

DEFINE_PRODUCT (product_4x1, 1, 1)
DEFINE_PRODUCT (product_8x1, 2, 1)
DEFINE_PRODUCT (product_12x1, 3, 1)
DEFINE_PRODUCT (product_16x1, 4, 1)
DEFINE_PRODUCT (product_4x2, 1, 2)
DEFINE_PRODUCT (product_8x2, 2, 2)
DEFINE_PRODUCT (product_12x2, 3, 2)
DEFINE_PRODUCT (product_4x3, 1, 3)
DEFINE_PRODUCT (product_8x3, 2, 3)

/* By vectors and groups: as many sums as the registers can hold. */
static const ProductFunc product_funcs[MAX_VECTORS][4] = {
  { product_4x1, product_8x1, product_12x1, product_16x1 },
  { product_4x2, product_8x2, product_12x2 },
  { product_4x3, product_8x3 },
};
static const int most_groups[MAX_VECTORS] = { 4, 3, 2 };

static void
multiply (const Winograd *winograd, int n_patches, const float *windows, const float *weights, float *products)
{
  const int channels = winograd->parent.setup.shape.in_channels, vectors = winograd->vectors, n_groups = (n_patches + GROUP - 1) / GROUP;
  const gsize stride = winograd->channels;

  for (int point = 0; point < POINTS; point++) {
    for (int done = 0, groups; done < n_groups; done += groups) {
      groups = MIN (n_groups - done, most_groups[vectors - 1]);
      product_funcs[vectors - 1][groups - 1](channels, stride, windows + done * GROUP * stride, weights,
                                             products + (gsize) done * GROUP * vectors * LANES);
    }
    windows += winograd->window_stride;
    weights += (gsize) channels * vectors * LANES;
    products += winograd->patch_stride;
  }
}

/* ---- windows and patches ---- */

static inline __mmask16
lanes_of (int n)
{
  return (__mmask16) ((1u << MIN (n, LANES)) - 1);
}

/* One window: all of its channels.  What lies outside of the input is zero. */
AVX512 static void
load_window (const Winograd *winograd, const float *x, int top, int left, float *windows)
{
  const KairosConvShape *s = &winograd->parent.setup.shape;
  const float *pixels[POINTS];

  for (int i = 0; i < POINTS; i++) {
    const int row = top + i / WINDOW, column = left + i % WINDOW;
    const gboolean inside = row >= 0 && row < s->in_height && column >= 0 && column < s->in_width;
    pixels[i] = inside ? x + ((gsize) row * s->in_width + column) * s->in_channels : winograd->zeros;
  }
  for (int channel = 0; channel < s->in_channels; channel += LANES) {
    const __mmask16 lanes = lanes_of (s->in_channels - channel);
    __m512 half[WINDOW][WINDOW]; /* [point][column] */
    UNROLL (6) for (int j = 0; j < WINDOW; j++) {
      __m512 d[WINDOW], v[WINDOW];
      UNROLL (6) for (int i = 0; i < WINDOW; i++)
        d[i] = _mm512_maskz_loadu_ps (lanes, pixels[i * WINDOW + j] + channel);
      transform_window (d, v);
      UNROLL (6) for (int i = 0; i < WINDOW; i++)
        half[i][j] = v[i];
    }
    float *to = windows + channel;
    UNROLL (6) for (int i = 0; i < WINDOW; i++) {
      __m512 v[WINDOW];
      transform_window (half[i], v);
      UNROLL (6) for (int j = 0; j < WINDOW; j++, to += winograd->window_stride)
        _mm512_store_ps (to, v[j]);
    }
  }
}

/* One patch: one block of filters, as far as the output goes. */
AVX512 static void
store_patch (const Winograd *winograd, const float *products, int first_filter, int top, int left, float *y)
{
  const KairosConvSetup *setup = &winograd->parent.setup;
  const int filters = setup->shape.filters, height = MIN (setup->out_height - top, PATCH), width = MIN (setup->out_width - left, PATCH);

  y += ((gsize) top * setup->out_width + left) * filters + first_filter;
  for (int v = 0; v < winograd->vectors; v++, products += LANES, y += LANES) {
    const __mmask16 lanes = lanes_of (filters - first_filter - v * LANES);
    const __m512 bias = _mm512_load_ps (winograd->bias + first_filter + v * LANES);
    __m512 half[PATCH][WINDOW]; /* [row][point] */
    UNROLL (6) for (int j = 0; j < WINDOW; j++) {
      __m512 m[WINDOW], rows[PATCH];
      UNROLL (6) for (int i = 0; i < WINDOW; i++)
        m[i] = _mm512_load_ps (products + (i * WINDOW + j) * winograd->patch_stride);
      transform_back (m, rows);
      UNROLL (4) for (int i = 0; i < PATCH; i++)
        half[i][j] = rows[i];
    }
    for (int i = 0; i < height; i++) {
      __m512 values[PATCH];
      transform_back (half[i], values);
      UNROLL (4) for (int j = 0; j < PATCH; j++) {
        __m512 value = _mm512_add_ps (values[j], bias);
        if (setup->relu) /* what is not a number stays so */
          value = _mm512_mask_mov_ps (value, _mm512_cmp_ps_mask (value, _mm512_setzero_ps (), _CMP_LT_OQ), _mm512_setzero_ps ());
        if (j < width)
          _mm512_mask_storeu_ps (y + ((gsize) i * setup->out_width + j) * filters, lanes, value);
      }
    }
  }
}

/* ---- the implementation ---- */

static inline int
whole_vectors (int n)
{
  return (n + LANES - 1) / LANES * LANES;
}

/* Vectors of a block of filters: as many as divide them evenly. */
static int
choose_vectors (int filters)
{
  const int vectors = filters / LANES;

  return vectors % 3 == 0 ? 3 : vectors % 2 == 0 ? 2 : 1;
}

static KairosConvKernel *
winograd_create (const KairosConvSetup *setup)
{
  const KairosConvShape *s = &setup->shape;

  if (setup->pass != KAIROS_CONV_FORWARD || s->kernel != TAPS || s->stride != 1 || !__builtin_cpu_supports ("avx512f"))
    return NULL;

  Winograd *winograd = g_new0 (Winograd, 1);
  winograd->channels = whole_vectors (s->in_channels);
  winograd->filters = whole_vectors (s->filters);
  winograd->vectors = choose_vectors (winograd->filters);
  winograd->rows = (setup->out_height + PATCH - 1) / PATCH;
  winograd->columns = (setup->out_width + PATCH - 1) / PATCH;
  /* the additional cache line keeps the points of a window from falling into the same set of the cache */
  winograd->window_stride = (gsize) MAX_PATCHES * winograd->channels + LANES;
  winograd->patch_stride = (gsize) MAX_PATCHES * winograd->vectors * LANES + LANES;
  winograd->lane_size = POINTS * (winograd->window_stride + winograd->patch_stride);
  winograd->weights = g_aligned_alloc0 ((gsize) POINTS * s->in_channels * winograd->filters, sizeof (float), 64);
  winograd->bias = g_aligned_alloc0 (winograd->filters, sizeof (float), 64);
  winograd->zeros = g_aligned_alloc0 (winograd->channels, sizeof (float), 64);
  winograd->lanes = g_aligned_alloc0 (winograd->lane_size * setup->max_threads, sizeof (float), 64);
  return &winograd->parent;
}

static void
winograd_destroy (KairosConvKernel *kernel)
{
  Winograd *winograd = (Winograd *) kernel;

  g_aligned_free (winograd->weights);
  g_aligned_free (winograd->bias);
  g_aligned_free (winograd->zeros);
  g_aligned_free (winograd->lanes);
  g_free (winograd);
}

static gsize
winograd_get_memory (KairosConvKernel *kernel)
{
  Winograd *winograd = (Winograd *) kernel;
  gsize weights = (gsize) POINTS * kernel->setup.shape.in_channels * winograd->filters;

  return sizeof (float) * (weights + winograd->filters + winograd->channels + winograd->lane_size * kernel->setup.max_threads);
}

/* One channel of up to 16 filters. */
AVX512 static void
pack_weights (const Winograd *winograd, int n_filters, const float *weights, float *packed)
{
  const KairosConvShape *s = &winograd->parent.setup.shape;
  const __mmask16 lanes = lanes_of (n_filters);
  const __m512i filters = _mm512_mullo_epi32 (_mm512_setr_epi32 (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                                              _mm512_set1_epi32 (TAPS * TAPS * s->in_channels));
  __m512 half[WINDOW][TAPS]; /* [point][column] */

  UNROLL (3) for (int j = 0; j < TAPS; j++) {
    __m512 g[TAPS], u[WINDOW];
    UNROLL (3) for (int i = 0; i < TAPS; i++)
      g[i] = _mm512_mask_i32gather_ps (_mm512_setzero_ps (), lanes, filters, weights + (i * TAPS + j) * s->in_channels, sizeof (float));
    transform_weights (g, u);
    UNROLL (6) for (int i = 0; i < WINDOW; i++)
      half[i][j] = u[i];
  }
  UNROLL (6) for (int i = 0; i < WINDOW; i++) {
    __m512 u[WINDOW];
    transform_weights (half[i], u);
    UNROLL (6) for (int j = 0; j < WINDOW; j++)
      _mm512_store_ps (packed + (gsize) (i * WINDOW + j) * s->in_channels * winograd->vectors * LANES, u[j]);
  }
}

static void
winograd_set_weights (KairosConvKernel *kernel, const float *weights, const float *bias)
{
  Winograd *winograd = (Winograd *) kernel;
  const KairosConvShape *s = &kernel->setup.shape;
  const int block = winograd->vectors * LANES;

  for (int filter = 0; filter < s->filters; filter += LANES) {
    float *packed = winograd->weights + (gsize) (filter - filter % block) * POINTS * s->in_channels + filter % block;
    for (int channel = 0; channel < s->in_channels; channel++)
      pack_weights (winograd, s->filters - filter, weights + (gsize) filter * TAPS * TAPS * s->in_channels + channel,
                    packed + (gsize) channel * block);
  }
  if (bias != NULL)
    memcpy (winograd->bias, bias, s->filters * sizeof *bias);
  else
    memset (winograd->bias, 0, s->filters * sizeof *bias);
}

/* Some patches, numbered through all samples of a call. */
static void
run_patches (const Winograd *winograd, float *lane, int first, int n, const float *x, float *y)
{
  const KairosConvSetup *setup = &winograd->parent.setup;
  const KairosConvShape *s = &setup->shape;
  const int per_sample = winograd->rows * winograd->columns, block = winograd->vectors * LANES;
  float *products = lane + POINTS * winograd->window_stride;
  int sample[MAX_PATCHES], top[MAX_PATCHES], left[MAX_PATCHES];

  for (int i = 0; i < n; i++) {
    sample[i] = (first + i) / per_sample;
    top[i] = (first + i) % per_sample / winograd->columns * PATCH;
    left[i] = (first + i) % winograd->columns * PATCH;
    load_window (winograd, x + sample[i] * kairos_conv_input_size (setup), top[i] - s->padding, left[i] - s->padding,
                 lane + (gsize) i * winograd->channels);
  }
  for (int filter = 0; filter < s->filters; filter += block) {
    multiply (winograd, n, lane, winograd->weights + (gsize) filter * POINTS * s->in_channels, products);
    for (int i = 0; i < n; i++)
      store_patch (winograd, products + (gsize) i * block, filter, top[i], left[i], y + sample[i] * kairos_conv_output_size (setup));
  }
}

static void
winograd_run (KairosConvKernel *kernel, int thread, int n, const float *x, const float *unused, float *y, gboolean accumulate)
{
  const Winograd *winograd = (Winograd *) kernel;
  const int n_patches = n * winograd->rows * winograd->columns;

  for (int first = 0; first < n_patches; first += MAX_PATCHES)
    run_patches (winograd, winograd->lanes + winograd->lane_size * thread, first, MIN (MAX_PATCHES, n_patches - first), x, y);
}

#else /* another processor, or a compiler that does not know this one */

static KairosConvKernel *
winograd_create (const KairosConvSetup *setup)
{
  return NULL;
}
#define winograd_destroy NULL
#define winograd_get_memory NULL
#define winograd_set_weights NULL
#define winograd_run NULL

#endif

const KairosConvImplementation kairos_conv_winograd = {
  .name = "winograd",
  .create = winograd_create,
  .destroy = winograd_destroy,
  .get_memory = winograd_get_memory,
  .set_weights = winograd_set_weights,
  .run = winograd_run,
};
