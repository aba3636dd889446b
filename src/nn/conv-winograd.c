/* SPDX-License-Identifier: MIT */

/* Convolution with 3x3 kernels and stride 1 by the minimal filtering of Winograd, F(4x4, 3x3): 36 multiplications where
 * the definition takes 144.
 *
 * The output is cut into patches of 4x4, each of which needs a window of 6x6 of the input.  Windows, weights and
 * patches are looked at as polynomials, known by their values at the points 0, +-5/8, +-3/2 and infinity, in both
 * directions: at each of those 36 points the convolution is a product of a row of channels with a matrix
 * [channels][filters].  So up to MAX_PATCHES windows are transformed, multiplied, block of filters by block of filters,
 * and transformed back, with all of that in the second-level cache.  These points leave about twice the rounding of a
 * plain sum.
 *
 * The gradient of the weights is the transposed way: windows of x and patches of dy are transformed, at each point a
 * matrix [filters][channels] is summed over MAX_SUMMED patches, and that is transformed back to 3x3 and added.
 *
 * In forward every patch is computed by itself, with sums over the channels in their order: where it stands in a call
 * does not matter.
 */
#include "conv-private.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#define AVX512 __attribute__ ((target ("avx512f")))
#define AVX512_INLINE __attribute__ ((target ("avx512f"), always_inline)) static inline
#define UNROLL(n) _Pragma (G_STRINGIFY (GCC unroll n))

enum {
  LANES = 16, /* of a vector */
  TAPS = 3,   /* side of the kernel */
  PATCH = 4,  /* side of a piece of the output */
  WINDOW = 6, /* side of what it needs of the input */
  POINTS = WINDOW * WINDOW,
  GROUP = 4, /* rows of a product come in groups of 4: their addresses are then a base and 1, 2, 3 times a stride */
  MAX_PATCHES = 24, /* at a time, in forward */
  MAX_SUMMED = 64,  /* and in the gradient of the weights */
  MAX_VECTORS = 3,
};

/* The points, chosen for small errors, their powers, and the factors of the transforms; all are exact but those for
 * weights. */
#define A 0.625
#define B 1.5
#define A2 (A * A)
#define B2 (B * B)
static const float point_a = A, point_b = B, a2 = A2, b2 = B2, a3 = A2 * A, b3 = B2 * B, a2b2 = A2 * B2,
                   a2_plus_b2 = A2 + B2;
static const float weight_0 = 1 / (A2 * B2), weight_a = 1 / (2 * A2 * (A2 - B2)), weight_b = 1 / (2 * B2 * (B2 - A2));

typedef struct {
  KairosConvKernel parent;
  int channels, filters; /* padded with zeros to whole vectors */
  int vectors;           /* of a block of filters; in the gradient of the weights, of channels */
  int rows, columns;     /* patches of a sample */
  gsize n_weights;
  float *weights, *bias, *zeros;                      /* weights: [block][point][channel][filter in block] */
  gsize window_stride, change_stride, product_stride; /* floats from a point to the next */
  gsize lane_size;
  /* Of each thread.  Forward: windows[point][patch][channel], products[point][patch][filter in block].
   * Gradient of the weights: windows[block of channels][point][patch][channel in block], changes[block of 16
   * filters][point][patch][filter in block], products[point][filter in block][channel in block]. */
  float *lanes;
} Winograd;

/* ---- the transforms, in one direction ---- */

AVX512_INLINE void
transform_window (const __m512 *d, __m512 *v)
{
  const __m512 a = _mm512_set1_ps (point_a), b = _mm512_set1_ps (point_b), aa = _mm512_set1_ps (a2),
               bb = _mm512_set1_ps (b2);
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
  const __m512 a = _mm512_set1_ps (point_a), b = _mm512_set1_ps (point_b), aa = _mm512_set1_ps (a2),
               bb = _mm512_set1_ps (b2);
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
  y[1] =
      _mm512_fmadd_ps (_mm512_set1_ps (point_a), difference_a, _mm512_mul_ps (_mm512_set1_ps (point_b), difference_b));
  y[2] = _mm512_fmadd_ps (_mm512_set1_ps (a2), sum_a, _mm512_mul_ps (_mm512_set1_ps (b2), sum_b));
  y[3] = _mm512_fmadd_ps (_mm512_set1_ps (a3), difference_a, _mm512_fmadd_ps (_mm512_set1_ps (b3), difference_b, m[5]));
}

/* Of dy: the transpose of transform_back. */
AVX512_INLINE void
transform_change (const __m512 *y, __m512 *v)
{
  const __m512 a = _mm512_set1_ps (point_a), b = _mm512_set1_ps (point_b);
  const __m512 even_a = _mm512_fmadd_ps (_mm512_set1_ps (a2), y[2], y[0]),
               odd_a = _mm512_fmadd_ps (_mm512_set1_ps (a2), y[3], y[1]);
  const __m512 even_b = _mm512_fmadd_ps (_mm512_set1_ps (b2), y[2], y[0]),
               odd_b = _mm512_fmadd_ps (_mm512_set1_ps (b2), y[3], y[1]);

  v[0] = y[0];
  v[1] = _mm512_fmadd_ps (a, odd_a, even_a);
  v[2] = _mm512_fnmadd_ps (a, odd_a, even_a);
  v[3] = _mm512_fmadd_ps (b, odd_b, even_b);
  v[4] = _mm512_fnmadd_ps (b, odd_b, even_b);
  v[5] = y[3];
}

/* To the gradient of the weights: the transpose of transform_weights. */
AVX512_INLINE void
transform_to_weights (const __m512 *m, __m512 *g)
{
  const __m512 a = _mm512_set1_ps (point_a), b = _mm512_set1_ps (point_b), aa = _mm512_set1_ps (a2),
               bb = _mm512_set1_ps (b2);
  const __m512 factor_a = _mm512_set1_ps (weight_a), factor_b = _mm512_set1_ps (weight_b);
  const __m512 sum_a = _mm512_mul_ps (factor_a, _mm512_add_ps (m[1], m[2])),
               sum_b = _mm512_mul_ps (factor_b, _mm512_add_ps (m[3], m[4]));
  const __m512 difference_a = _mm512_mul_ps (factor_a, _mm512_sub_ps (m[1], m[2]));
  const __m512 difference_b = _mm512_mul_ps (factor_b, _mm512_sub_ps (m[3], m[4]));

  g[0] = _mm512_fmadd_ps (_mm512_set1_ps (weight_0), m[0], _mm512_add_ps (sum_a, sum_b));
  g[1] = _mm512_fmadd_ps (a, difference_a, _mm512_mul_ps (b, difference_b));
  g[2] = _mm512_fmadd_ps (aa, sum_a, _mm512_fmadd_ps (bb, sum_b, m[5]));
}

/* ---- the products ---- */

/* products[row][lane] = the sum over n of left[row * stride + n * step] right[n][lane].  Forward: of patches, channels
 * and filters; gradient of the weights: of filters, patches and channels. */
typedef void (*ProductFunc) (int n, gsize stride, gsize step, const float *left, const float *right, float *products);

#define DEFINE_PRODUCT(name, groups, vectors)                                                                          \
  AVX512 static void name (int n, gsize stride, gsize step, const float *left, const float *right, float *products)    \
  {                                                                                                                    \
    const float *group[groups];                                                                                        \
    __m512 sum[(groups) *GROUP][vectors];                                                                              \
    UNROLL (16)                                                                                                        \
    for (int i = 0; i < (groups) *GROUP; i++)                                                                          \
      UNROLL (3) for (int v = 0; v < (vectors); v++) sum[i][v] = _mm512_setzero_ps ();                                 \
    UNROLL (4) for (int g = 0; g < (groups); g++) group[g] = left + g * GROUP * stride;                                \
    for (int k = 0; k < n; k++, right += (vectors) *LANES) {                                                           \
      __m512 w[vectors];                                                                                               \
      UNROLL (3) for (int v = 0; v < (vectors); v++) w[v] = _mm512_load_ps (right + v * LANES);                        \
      UNROLL (4) for (int g = 0; g < (groups); g++)                                                                    \
      {                                                                                                                \
        UNROLL (4)                                                                                                     \
        for (int i = 0; i < GROUP; i++)                                                                                \
          UNROLL (3)                                                                                                   \
        for (int v = 0; v < (vectors); v++)                                                                            \
          sum[g * GROUP + i][v] =                                                                                      \
              _mm512_fmadd_ps (_mm512_set1_ps (group[g][i * stride]), w[v], sum[g * GROUP + i][v]);                    \
        group[g] += step;                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
    UNROLL (16)                                                                                                        \
    for (int i = 0; i < (groups) *GROUP; i++)                                                                          \
      UNROLL (3)                                                                                                       \
    for (int v = 0; v < (vectors); v++)                                                                                \
      _mm512_store_ps (products + (i * (vectors) + v) * LANES, sum[i][v]);                                             \
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
  const int channels = winograd->parent.setup.shape.in_channels, vectors = winograd->vectors,
            n_groups = (n_patches + GROUP - 1) / GROUP;
  const gsize stride = winograd->channels;

  for (int point = 0; point < POINTS; point++) {
    for (int done = 0, groups; done < n_groups; done += groups) {
      groups = MIN (n_groups - done, most_groups[vectors - 1]);
      product_funcs[vectors - 1][groups - 1](channels, stride, 1, windows + done * GROUP * stride, weights,
                                             products + (gsize) done * GROUP * vectors * LANES);
    }
    windows += winograd->window_stride;
    weights += (gsize) channels * vectors * LANES;
    products += winograd->product_stride;
  }
}

/* ---- windows and patches ---- */

static inline __mmask16
lanes_of (int n)
{
  return (__mmask16) ((1u << MIN (n, LANES)) - 1);
}

/* The pixels of a square that starts at top, left.  What lies outside of the picture is zero. */
static void
find_pixels (int side, int top, int left, int height, int width, int channels, const float *picture, const float *zeros,
             const float **pixels)
{
  for (int i = 0; i < side * side; i++) {
    const int row = top + i / side, column = left + i % side;
    const gboolean inside = row >= 0 && row < height && column >= 0 && column < width;
    pixels[i] = inside ? picture + ((gsize) row * width + column) * channels : zeros;
  }
}

/* Where transformed pixels go: from a point to the next, and from one block of so many channels to the next. */
typedef struct {
  gsize stride, block_size;
  int width;
} Layout;

/* One square, all of its channels: a window of the input, or a patch of dy. */
#define DEFINE_LOAD(name, side, transform)                                                                             \
  AVX512 static void name (int channels, const float *const *pixels, const Layout *layout, float *transformed)         \
  {                                                                                                                    \
    for (int channel = 0; channel < channels; channel += LANES) {                                                      \
      const __mmask16 lanes = lanes_of (channels - channel);                                                           \
      float *to = transformed + channel / layout->width * layout->block_size + channel % layout->width;                \
      __m512 half[WINDOW][side]; /* [point][column] */                                                                 \
      UNROLL (6) for (int j = 0; j < (side); j++)                                                                      \
      {                                                                                                                \
        __m512 d[side], v[WINDOW];                                                                                     \
        UNROLL (6)                                                                                                     \
        for (int i = 0; i < (side); i++)                                                                               \
          d[i] = _mm512_maskz_loadu_ps (lanes, pixels[i * (side) + j] + channel);                                      \
        transform (d, v);                                                                                              \
        UNROLL (6) for (int i = 0; i < WINDOW; i++) half[i][j] = v[i];                                                 \
      }                                                                                                                \
      UNROLL (6) for (int i = 0; i < WINDOW; i++)                                                                      \
      {                                                                                                                \
        __m512 v[WINDOW];                                                                                              \
        transform (half[i], v);                                                                                        \
        UNROLL (6) for (int j = 0; j < WINDOW; j++, to += layout->stride) _mm512_store_ps (to, v[j]);                  \
      }                                                                                                                \
    }                                                                                                                  \
  }

DEFINE_LOAD (load_window, WINDOW, transform_window)
DEFINE_LOAD (load_change, PATCH, transform_change)

/* One patch: one block of filters, as far as the output goes. */
AVX512 static void
store_patch (const Winograd *winograd, const float *products, int first_filter, int top, int left, float *y)
{
  const KairosConvSetup *setup = &winograd->parent.setup;
  const int filters = setup->shape.filters, height = MIN (setup->out_height - top, PATCH),
            width = MIN (setup->out_width - left, PATCH);

  y += ((gsize) top * setup->out_width + left) * filters + first_filter;
  for (int v = 0; v < winograd->vectors; v++, products += LANES, y += LANES) {
    const __mmask16 lanes = lanes_of (filters - first_filter - v * LANES);
    const __m512 bias = _mm512_load_ps (winograd->bias + first_filter + v * LANES);
    __m512 half[PATCH][WINDOW]; /* [row][point] */
    UNROLL (6) for (int j = 0; j < WINDOW; j++)
    {
      __m512 m[WINDOW], rows[PATCH];
      UNROLL (6)
      for (int i = 0; i < WINDOW; i++)
        m[i] = _mm512_load_ps (products + (i * WINDOW + j) * winograd->product_stride);
      transform_back (m, rows);
      UNROLL (4) for (int i = 0; i < PATCH; i++) half[i][j] = rows[i];
    }
    for (int i = 0; i < height; i++) {
      __m512 values[PATCH];
      transform_back (half[i], values);
      UNROLL (4) for (int j = 0; j < PATCH; j++)
      {
        __m512 value = _mm512_add_ps (values[j], bias);
        if (setup->relu) /* what is not a number stays so */
          value = _mm512_mask_mov_ps (value, _mm512_cmp_ps_mask (value, _mm512_setzero_ps (), _CMP_LT_OQ),
                                      _mm512_setzero_ps ());
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

/* The additional cache line keeps the points from falling into the same set of the cache. */
static gsize
point_stride (int n_patches, int width)
{
  return (gsize) n_patches * width + LANES;
}

static void
init_forward (Winograd *winograd, const KairosConvShape *s)
{
  const int width = (winograd->vectors = choose_vectors (winograd->filters)) * LANES;

  winograd->window_stride = point_stride (MAX_PATCHES, winograd->channels);
  winograd->product_stride = point_stride (MAX_PATCHES, width);
  winograd->lane_size = POINTS * (winograd->window_stride + winograd->product_stride);
  winograd->n_weights = (gsize) POINTS * s->in_channels * winograd->filters;
  winograd->weights = g_aligned_alloc0 (winograd->n_weights, sizeof (float), 64);
  winograd->bias = g_aligned_alloc0 (winograd->filters, sizeof (float), 64);
}

static void
init_backward_weights (Winograd *winograd)
{
  const int width = (winograd->vectors = choose_vectors (winograd->channels)) * LANES;

  winograd->window_stride = point_stride (MAX_SUMMED, width);
  winograd->change_stride = point_stride (MAX_SUMMED, LANES);
  winograd->product_stride = point_stride (LANES, width);
  winograd->lane_size = POINTS * (winograd->channels / width * winograd->window_stride +
                                  winograd->filters / LANES * winograd->change_stride + winograd->product_stride);
}

static KairosConvKernel *
winograd_create (const KairosConvSetup *setup)
{
  const KairosConvShape *s = &setup->shape;

  if (setup->pass == KAIROS_CONV_BACKWARD_DATA || s->kernel != TAPS || s->stride != 1 ||
      !__builtin_cpu_supports ("avx512f"))
    return NULL;

  Winograd *winograd = g_new0 (Winograd, 1);
  winograd->channels = whole_vectors (s->in_channels);
  winograd->filters = whole_vectors (s->filters);
  winograd->rows = (setup->out_height + PATCH - 1) / PATCH;
  winograd->columns = (setup->out_width + PATCH - 1) / PATCH;
  if (setup->pass == KAIROS_CONV_FORWARD)
    init_forward (winograd, s);
  else
    init_backward_weights (winograd);
  winograd->zeros = g_aligned_alloc0 (MAX (winograd->channels, winograd->filters), sizeof (float), 64);
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

  return sizeof (float) * (winograd->n_weights + winograd->filters + winograd->channels +
                           winograd->lane_size * kernel->setup.max_threads);
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

  UNROLL (3) for (int j = 0; j < TAPS; j++)
  {
    __m512 g[TAPS], u[WINDOW];
    UNROLL (3)
    for (int i = 0; i < TAPS; i++)
      g[i] = _mm512_mask_i32gather_ps (_mm512_setzero_ps (), lanes, filters, weights + (i * TAPS + j) * s->in_channels,
                                       sizeof (float));
    transform_weights (g, u);
    UNROLL (6) for (int i = 0; i < WINDOW; i++) half[i][j] = u[i];
  }
  UNROLL (6) for (int i = 0; i < WINDOW; i++)
  {
    __m512 u[WINDOW];
    transform_weights (half[i], u);
    UNROLL (6)
    for (int j = 0; j < WINDOW; j++)
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
  if (bias)
    memcpy (winograd->bias, bias, s->filters * sizeof *bias);
  else
    memset (winograd->bias, 0, s->filters * sizeof *bias);
}

/* Where a patch lies; patches are numbered through all samples of a call. */
typedef struct {
  int sample, top, left;
} Place;

static inline Place
find_place (const Winograd *winograd, int patch)
{
  const int per_sample = winograd->rows * winograd->columns;

  return (Place){ patch / per_sample, patch % per_sample / winograd->columns * PATCH,
                  patch % winograd->columns * PATCH };
}

static void
transform_input (const Winograd *winograd, const Place *place, const float *x, const Layout *layout, float *windows)
{
  const KairosConvSetup *setup = &winograd->parent.setup;
  const KairosConvShape *s = &setup->shape;
  const float *pixels[POINTS];

  find_pixels (WINDOW, place->top - s->padding, place->left - s->padding, s->in_height, s->in_width, s->in_channels,
               x + place->sample * kairos_conv_input_size (setup), winograd->zeros, pixels);
  load_window (s->in_channels, pixels, layout, windows);
}

static void
run_patches (const Winograd *winograd, float *lane, int first, int n, const float *x, float *y)
{
  const KairosConvSetup *setup = &winograd->parent.setup;
  const KairosConvShape *s = &setup->shape;
  const int block = winograd->vectors * LANES;
  const Layout layout = { winograd->window_stride, 0, winograd->channels };
  float *products = lane + POINTS * winograd->window_stride;
  Place places[MAX_PATCHES];

  for (int i = 0; i < n; i++) {
    places[i] = find_place (winograd, first + i);
    transform_input (winograd, &places[i], x, &layout, lane + (gsize) i * winograd->channels);
  }
  for (int filter = 0; filter < s->filters; filter += block) {
    multiply (winograd, n, lane, winograd->weights + (gsize) filter * POINTS * s->in_channels, products);
    for (int i = 0; i < n; i++)
      store_patch (winograd, products + (gsize) i * block, filter, places[i].top, places[i].left,
                   y + places[i].sample * kairos_conv_output_size (setup));
  }
}

/* ---- the gradient of the weights ---- */

/* One block of 16 filters by one of channels, over n patches. */
static void
sum_products (const Winograd *winograd, int n, const float *windows, const float *changes, float *products)
{
  static const int groups_at_once[MAX_VECTORS] = { 4, 2, 2 };
  const int vectors = winograd->vectors, groups = groups_at_once[vectors - 1];

  for (int point = 0; point < POINTS; point++) {
    for (int filter = 0; filter < LANES; filter += groups * GROUP)
      product_funcs[vectors - 1][groups - 1](n, 1, LANES, changes + filter, windows,
                                             products + (gsize) filter * vectors * LANES);
    windows += winograd->window_stride;
    changes += winograd->change_stride;
    products += winograd->product_stride;
  }
}

/* One filter and up to 16 channels of it. */
AVX512 static void
store_gradient (const Winograd *winograd, const float *products, int n_channels, float *dw, gboolean accumulate)
{
  const __mmask16 lanes = lanes_of (n_channels);
  const gsize channels = winograd->parent.setup.shape.in_channels;
  __m512 half[TAPS][WINDOW]; /* [row][point] */

  UNROLL (6) for (int j = 0; j < WINDOW; j++)
  {
    __m512 m[WINDOW], rows[TAPS];
    UNROLL (6)
    for (int i = 0; i < WINDOW; i++)
      m[i] = _mm512_load_ps (products + (i * WINDOW + j) * winograd->product_stride);
    transform_to_weights (m, rows);
    UNROLL (3) for (int i = 0; i < TAPS; i++) half[i][j] = rows[i];
  }
  UNROLL (3) for (int i = 0; i < TAPS; i++)
  {
    __m512 taps[TAPS];
    transform_to_weights (half[i], taps);
    UNROLL (3) for (int j = 0; j < TAPS; j++, dw += channels)
    {
      if (accumulate)
        taps[j] = _mm512_add_ps (taps[j], _mm512_maskz_loadu_ps (lanes, dw));
      _mm512_mask_storeu_ps (dw, lanes, taps[j]);
    }
  }
}

static void
store_gradients (const Winograd *winograd, const float *products, int first_filter, int first_channel, float *dw,
                 gboolean accumulate)
{
  const KairosConvShape *s = &winograd->parent.setup.shape;
  const int width = winograd->vectors * LANES;

  for (int filter = first_filter; filter < MIN (first_filter + LANES, s->filters); filter++)
    for (int channel = first_channel; channel < MIN (first_channel + width, s->in_channels); channel += LANES)
      store_gradient (winograd, products + (filter - first_filter) * width + channel - first_channel,
                      s->in_channels - channel, dw + (gsize) filter * TAPS * TAPS * s->in_channels + channel,
                      accumulate);
}

static void
sum_patches (const Winograd *winograd, float *lane, int first, int n, const float *x, const float *dy, float *dw,
             gboolean accumulate)
{
  const KairosConvSetup *setup = &winograd->parent.setup;
  const KairosConvShape *s = &setup->shape;
  const int width = winograd->vectors * LANES;
  const Layout window = { winograd->window_stride, POINTS * winograd->window_stride, width };
  const Layout change = { winograd->change_stride, POINTS * winograd->change_stride, LANES };
  float *changes = lane + winograd->channels / width * window.block_size,
        *products = changes + winograd->filters / LANES * change.block_size;
  const float *pixels[PATCH * PATCH];

  for (int i = 0; i < n; i++) {
    const Place place = find_place (winograd, first + i);
    transform_input (winograd, &place, x, &window, lane + (gsize) i * width);
    find_pixels (PATCH, place.top, place.left, setup->out_height, setup->out_width, s->filters,
                 dy + place.sample * kairos_conv_output_size (setup), winograd->zeros, pixels);
    load_change (s->filters, pixels, &change, changes + (gsize) i * LANES);
  }
  for (int channel = 0; channel < winograd->channels; channel += width)
    for (int filter = 0; filter < winograd->filters; filter += LANES) {
      sum_products (winograd, n, lane + channel / width * window.block_size,
                    changes + filter / LANES * change.block_size, products);
      store_gradients (winograd, products, filter, channel, dw, accumulate);
    }
}

static void
winograd_run (KairosConvKernel *kernel, int thread, int n, const float *from, const float *dy, float *out,
              gboolean accumulate)
{
  const Winograd *winograd = (Winograd *) kernel;
  const int n_patches = n * winograd->rows * winograd->columns,
            most = kernel->setup.pass == KAIROS_CONV_FORWARD ? MAX_PATCHES : MAX_SUMMED;
  float *lane = winograd->lanes + winograd->lane_size * thread;

  for (int first = 0; first < n_patches; first += most)
    if (kernel->setup.pass == KAIROS_CONV_FORWARD)
      run_patches (winograd, lane, first, MIN (most, n_patches - first), from, out);
    else
      sum_patches (winograd, lane, first, MIN (most, n_patches - first), from, dy, out, accumulate || first > 0);
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
