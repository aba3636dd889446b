/* SPDX-License-Identifier: MIT */

/* Forward convolution with AVX-512 kernels of our own, for what oneDNN does badly (few filters), and for builds without
 * it.
 *
 * The input is copied into a frame of zeros, so that the loops know no borders.  A block is up to 16 neighbouring
 * positions of an output row by 16 or 32 filters; its sums stay in registers while the loops go over the taps: one load
 * of the weights, and one broadcast of the input for each position, give as many multiply-adds as the block has
 * vectors.  Weights are packed as [block of filters][tap][16 or 32].
 *
 * Backward data with stride 1 comes here as a turned forward (conv.c).
 */
#include "conv-private.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#define AVX512 __attribute__ ((target ("avx512f")))

/* positions come in groups of 4: their addresses are then a base and 1, 2, 3 times a stride */
enum { LANES = 16, GROUP = 4, MAX_SUMS = 16 };

typedef struct {
  KairosConvKernel parent;
  gboolean frames; /* the input needs a frame; without padding it often does not */
  /* floats from an output position to the next along a row of the input, and from an input row to the next */
  gsize pixel_stride, row_stride;
  float *weights, *bias; /* packed, padded with zeros to whole vectors */
  gsize frame_size;      /* floats a thread */
  float *framed;
} Direct;

/* The sums of one block.  x: the first tap of the first position.  taps: of one row of the kernel; they are neighbours
 * in x. */
typedef void (*BlockFunc) (const Direct *direct, const float *x, int rows, int taps, const float *weights,
                           __m512 *sums);

#define DEFINE_BLOCK(name, groups, vectors)                                                                            \
  AVX512 static void name (const Direct *direct, const float *x, int rows, int taps, const float *weights,             \
                           __m512 *sums)                                                                               \
  {                                                                                                                    \
    const gsize stride = direct->pixel_stride;                                                                         \
    __m512 sum[(groups) *GROUP][vectors];                                                                              \
    _Pragma ("GCC unroll 16") for (int i = 0; i < (groups) *GROUP; i++)                                                \
        _Pragma ("GCC unroll 2") for (int v = 0; v < (vectors); v++) sum[i][v] = _mm512_setzero_ps ();                 \
    for (int row = 0; row < rows; row++, x += direct->row_stride) {                                                    \
      const float *group[groups];                                                                                      \
      _Pragma ("GCC unroll 4") for (int g = 0; g < (groups); g++) group[g] = x + g * GROUP * stride;                   \
      for (int tap = 0; tap < taps; tap++, weights += (vectors) *LANES) {                                              \
        __m512 w[vectors];                                                                                             \
        _Pragma ("GCC unroll 2") for (int v = 0; v < (vectors); v++) w[v] = _mm512_load_ps (weights + v * LANES);      \
        _Pragma ("GCC unroll 4") for (int g = 0; g < (groups); g++)                                                    \
        {                                                                                                              \
          _Pragma ("GCC unroll 4") for (int i = 0; i < GROUP; i++)                                                     \
              _Pragma ("GCC unroll 2") for (int v = 0; v < (vectors); v++) sum[g * GROUP + i][v] =                     \
                  _mm512_fmadd_ps (_mm512_set1_ps (group[g][i * stride]), w[v], sum[g * GROUP + i][v]);                \
          group[g]++;                                                                                                  \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
    _Pragma ("GCC unroll 16") for (int i = 0; i < (groups) *GROUP; i++)                                                \
        _Pragma ("GCC unroll 2") for (int v = 0; v < (vectors); v++) sums[i * (vectors) + v] = sum[i][v];              \
  }

DEFINE_BLOCK (block_4x1, 1, 1)
DEFINE_BLOCK (block_8x1, 2, 1)
DEFINE_BLOCK (block_12x1, 3, 1)
DEFINE_BLOCK (block_16x1, 4, 1)
DEFINE_BLOCK (block_4x2, 1, 2)
DEFINE_BLOCK (block_8x2, 2, 2)

static const BlockFunc blocks[2][4] = { { block_4x1, block_8x1, block_12x1, block_16x1 }, { block_4x2, block_8x2 } };

/* Filters in the block that starts with this one, in vectors. */
static inline int
block_vectors (const KairosConvShape *s, int first_filter)
{
  return s->filters - first_filter > LANES ? 2 : 1;
}

static inline int
padded_filters (const KairosConvShape *s)
{
  return (s->filters + LANES - 1) / LANES * LANES;
}

static KairosConvKernel *
direct_create (const KairosConvSetup *setup)
{
  const KairosConvShape *s = &setup->shape;

  if (setup->pass != KAIROS_CONV_FORWARD || !__builtin_cpu_supports ("avx512f"))
    return NULL;

  Direct *direct = g_new0 (Direct, 1);
  gsize width = s->in_width + 2 * s->padding, height = s->in_height + 2 * s->padding;
  /* the last group of a row may read past the end of the input */
  direct->frames = s->padding > 0 || setup->out_width % GROUP != 0;
  direct->pixel_stride = (gsize) s->stride * s->in_channels;
  direct->row_stride = width * s->in_channels;
  direct->weights =
      g_aligned_alloc0 ((gsize) padded_filters (s) * s->kernel * s->kernel * s->in_channels, sizeof (float), 64);
  direct->bias = g_aligned_alloc0 (padded_filters (s), sizeof (float), 64);
  if (direct->frames) {
    direct->frame_size = (height * direct->row_stride + GROUP * direct->pixel_stride + LANES - 1) / LANES * LANES;
    direct->framed = g_aligned_alloc0 (direct->frame_size * setup->max_threads, sizeof (float), 64);
  }
  return &direct->parent;
}

static void
direct_destroy (KairosConvKernel *kernel)
{
  Direct *direct = (Direct *) kernel;

  g_aligned_free (direct->weights);
  g_aligned_free (direct->bias);
  g_aligned_free (direct->framed);
  g_free (direct);
}

static gsize
direct_get_memory (KairosConvKernel *kernel)
{
  Direct *direct = (Direct *) kernel;
  const KairosConvShape *s = &kernel->setup.shape;
  gsize taps = (gsize) s->kernel * s->kernel * s->in_channels;

  return sizeof (float) * (padded_filters (s) * (taps + 1) + direct->frame_size * kernel->setup.max_threads);
}

static void
direct_set_weights (KairosConvKernel *kernel, const float *weights, const float *bias)
{
  Direct *direct = (Direct *) kernel;
  const KairosConvShape *s = &kernel->setup.shape;
  const gsize taps = (gsize) s->kernel * s->kernel * s->in_channels;

  for (int first = 0; first < s->filters; first += 2 * LANES) {
    const int width = block_vectors (s, first) * LANES;
    for (int filter = first; filter < MIN (first + width, s->filters); filter++)
      for (gsize tap = 0; tap < taps; tap++)
        direct->weights[first * taps + tap * width + filter - first] = weights[filter * taps + tap];
  }
  if (bias)
    memcpy (direct->bias, bias, s->filters * sizeof *bias);
  else
    memset (direct->bias, 0, s->filters * sizeof *bias);
}

static const float *
frame (const Direct *direct, int thread, const float *x)
{
  const KairosConvShape *s = &direct->parent.setup.shape;
  float *framed = direct->framed + direct->frame_size * thread;
  const gsize row = (gsize) s->in_width * s->in_channels;

  if (!direct->frames)
    return x;
  for (int y = 0; y < s->in_height; y++)
    memcpy (framed + (y + s->padding) * direct->row_stride + (gsize) s->padding * s->in_channels, x + y * row,
            row * sizeof *x);
  return framed;
}

/* Adds the bias, applies the ReLU, and stores the positions and filters that exist. */
AVX512 static void
finish_block (const Direct *direct, const __m512 *sums, int n_positions, int first_filter, float *y)
{
  const KairosConvSetup *setup = &direct->parent.setup;
  const int vectors = block_vectors (&setup->shape, first_filter), filters = setup->shape.filters;

  for (int v = 0; v < vectors; v++) {
    const int filter = first_filter + v * LANES, n_lanes = MIN (filters - filter, LANES);
    const __mmask16 lanes = (__mmask16) ((1u << n_lanes) - 1);
    const __m512 bias = _mm512_load_ps (direct->bias + filter);
    for (int i = 0; i < n_positions; i++) {
      __m512 value = _mm512_add_ps (sums[i * vectors + v], bias);
      if (setup->relu) /* what is not a number stays so */
        value = _mm512_mask_mov_ps (value, _mm512_cmp_ps_mask (value, _mm512_setzero_ps (), _CMP_LT_OQ),
                                    _mm512_setzero_ps ());
      _mm512_mask_storeu_ps (y + (gsize) i * filters + filter, lanes, value);
    }
  }
}

AVX512 static void
run_row (const Direct *direct, const float *x, int first_filter, float *y)
{
  const KairosConvSetup *setup = &direct->parent.setup;
  const KairosConvShape *s = &setup->shape;
  const int vectors = block_vectors (s, first_filter), most = MAX_SUMS / vectors / GROUP,
            taps = s->kernel * s->in_channels;
  const float *weights = direct->weights + (gsize) first_filter * s->kernel * taps;
  __m512 sums[MAX_SUMS];

  for (int position = 0; position < setup->out_width;) {
    const int left = setup->out_width - position, groups = MIN ((left + GROUP - 1) / GROUP, most);
    blocks[vectors - 1][groups - 1](direct, x + position * direct->pixel_stride, s->kernel, taps, weights, sums);
    finish_block (direct, sums, MIN (left, groups * GROUP), first_filter, y + (gsize) position * s->filters);
    position += groups * GROUP;
  }
}

static void
direct_run (KairosConvKernel *kernel, int thread, int n, const float *x, const float *unused, float *y,
            gboolean accumulate)
{
  Direct *direct = (Direct *) kernel;
  const KairosConvSetup *setup = &kernel->setup;
  const KairosConvShape *s = &setup->shape;

  for (int i = 0; i < n; i++, x += kairos_conv_input_size (setup), y += kairos_conv_output_size (setup)) {
    const float *framed = frame (direct, thread, x);
    for (int filter = 0; filter < s->filters; filter += 2 * LANES)
      for (int row = 0; row < setup->out_height; row++)
        run_row (direct, framed + row * s->stride * direct->row_stride, filter,
                 y + (gsize) row * setup->out_width * s->filters);
  }
}

#else /* another processor, or a compiler that does not know this one */

static KairosConvKernel *
direct_create (const KairosConvSetup *setup)
{
  return NULL;
}
#define direct_destroy NULL
#define direct_get_memory NULL
#define direct_set_weights NULL
#define direct_run NULL

#endif

const KairosConvImplementation kairos_conv_direct = {
  .name = "direct",
  .create = direct_create,
  .destroy = direct_destroy,
  .get_memory = direct_get_memory,
  .set_weights = direct_set_weights,
  .run = direct_run,
};
