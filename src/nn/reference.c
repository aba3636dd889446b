/* SPDX-License-Identifier: MIT */

/* The kernels as their definitions read, summed in double precision: slow, and what the tests believe. */
#include "kernels.h"

#include <string.h>

void
kairos_reference_gemm (gboolean trans_a, gboolean trans_b, int m, int n, int k, float alpha, const float *a, int lda,
                       const float *b, int ldb, float beta, float *c, int ldc)
{
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++) {
      double sum = 0;
      for (int l = 0; l < k; l++)
        sum += (double) (trans_a ? a[(gsize) l * lda + i] : a[(gsize) i * lda + l]) *
               (trans_b ? b[(gsize) j * ldb + l] : b[(gsize) l * ldb + j]);
      float *out = &c[(gsize) i * ldc + j];
      *out = (float) (alpha * sum + (beta == 0 ? 0 : beta * (double) *out)); /* as in BLAS, beta 0 does not read C */
    }
}

/* Calls visit() for every product of a convolution: index of the input, of the weight and of the output. */
typedef void (*Visit) (gsize input, gsize weight, gsize output, gpointer data);

static void
visit_taps (const KairosConvShape *s, int sample, int y, int x, Visit visit, gpointer data)
{
  const int height = kairos_conv_out (s->in_height, s->kernel, s->stride, s->padding);
  const int width = kairos_conv_out (s->in_width, s->kernel, s->stride, s->padding);

  for (int filter = 0; filter < s->filters; filter++)
    for (int ky = 0; ky < s->kernel; ky++)
      for (int kx = 0; kx < s->kernel; kx++) {
        int iy = y * s->stride + ky - s->padding, ix = x * s->stride + kx - s->padding;
        if (iy < 0 || iy >= s->in_height || ix < 0 || ix >= s->in_width)
          continue;
        for (int channel = 0; channel < s->in_channels; channel++)
          visit ((((gsize) sample * s->in_height + iy) * s->in_width + ix) * s->in_channels + channel,
                 (((gsize) filter * s->kernel + ky) * s->kernel + kx) * s->in_channels + channel,
                 (((gsize) sample * height + y) * width + x) * s->filters + filter, data);
      }
}

static void
visit_all (const KairosConvShape *s, int n, Visit visit, gpointer data)
{
  const int height = kairos_conv_out (s->in_height, s->kernel, s->stride, s->padding);
  const int width = kairos_conv_out (s->in_width, s->kernel, s->stride, s->padding);

  for (int sample = 0; sample < n; sample++)
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++)
        visit_taps (s, sample, y, x, visit, data);
}

typedef struct {
  const float *a, *b;
  double *sums;
} Products;

static void
add_forward (gsize input, gsize weight, gsize output, gpointer data)
{
  Products *p = data;
  p->sums[output] += (double) p->a[input] * p->b[weight];
}

static void
add_backward_data (gsize input, gsize weight, gsize output, gpointer data)
{
  Products *p = data;
  p->sums[input] += (double) p->a[output] * p->b[weight];
}

static void
add_backward_weights (gsize input, gsize weight, gsize output, gpointer data)
{
  Products *p = data;
  p->sums[weight] += (double) p->a[input] * p->b[output];
}

static void
convolve (const KairosConvShape *s, int n, Visit visit, const float *a, const float *b, gsize n_results, float *results)
{
  g_autofree double *sums = g_new0 (double, n_results);
  Products products = { a, b, sums };

  visit_all (s, n, visit, &products);
  for (gsize i = 0; i < n_results; i++)
    results[i] = (float) sums[i];
}

static gsize
n_outputs (const KairosConvShape *s, int n)
{
  return (gsize) n * kairos_conv_out (s->in_height, s->kernel, s->stride, s->padding) *
         kairos_conv_out (s->in_width, s->kernel, s->stride, s->padding) * s->filters;
}

void
kairos_reference_conv_forward (const KairosConvShape *shape, int n, const float *x, const float *w, const float *bias,
                               float *y)
{
  convolve (shape, n, add_forward, x, w, n_outputs (shape, n), y);
  for (gsize i = 0; bias && i < n_outputs (shape, n); i++)
    y[i] += bias[i % shape->filters];
}

void
kairos_reference_conv_backward_data (const KairosConvShape *shape, int n, const float *dy, const float *w, float *dx)
{
  convolve (shape, n, add_backward_data, dy, w, (gsize) n * shape->in_height * shape->in_width * shape->in_channels,
            dx);
}

void
kairos_reference_conv_backward_weights (const KairosConvShape *shape, int n, const float *x, const float *dy, float *dw,
                                        float *db)
{
  convolve (shape, n, add_backward_weights, x, dy,
            (gsize) shape->filters * shape->kernel * shape->kernel * shape->in_channels, dw);
  for (int filter = 0; db && filter < shape->filters; filter++) {
    double sum = 0;
    for (gsize i = filter; i < n_outputs (shape, n); i += shape->filters)
      sum += dy[i];
    db[filter] = (float) sum;
  }
}
