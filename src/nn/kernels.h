/* SPDX-License-Identifier: MIT */

/* The kernel seam: everything heavy that the layers call.
 *
 * One file includes <cblas.h> (gemm.c), one calls oneDNN (conv-onednn.c), two have kernels of our own for AVX-512
 * (conv-direct.c and conv-winograd.c), one does convolution with im2col tiles and gemm (conv-im2col.c), one is the
 * naive reference that tests compare against (reference.c).  All kernels are single-threaded and allocate nothing;
 * several threads may run them at once with different `thread` numbers (0 .. max_threads-1) and different outputs. For
 * equal arguments they give equal bits, whatever `thread` is and whatever other threads do.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* C (m x n) = alpha * op(A) op(B) + beta * C, row-major; op(A) is m x k, op(B) is k x n.  lda, ldb, ldc: row strides of
 * what is stored. */
void kairos_gemm (gboolean trans_a, gboolean trans_b, int m, int n, int k, float alpha, const float *a, int lda,
                  const float *b, int ldb, float beta, float *c, int ldc);
/* From now on OpenBLAS computes on the thread that calls it.  kairos_gemm() sees to it; whoever calls anything else of
 * it does this first. */
void kairos_gemm_use_one_thread (void);
const char *kairos_gemm_describe (void); /* "OpenBLAS 0.3.21 SkylakeX" */

typedef struct {
  int in_height, in_width, in_channels;
  int filters; /* output channels */
  int kernel, stride, padding;
} KairosConvShape;

static inline int
kairos_conv_out (int in, int kernel, int stride, int padding)
{
  return (in + 2 * padding - kernel) / stride + 1;
}

typedef struct _KairosConv KairosConv;

/* Prepares a convolution for up to max_tile samples a call.  implementation: "onednn", "direct", "winograd" or "im2col"
 * for what forward must and the other passes should come from, or NULL for the best that the build and the machine have
 * for this shape.  NULL when the named one is not in the build or cannot do the shape; never NULL when none was named.
 * training FALSE: only kairos_conv_forward() will be called.  need_input_gradient FALSE: kairos_conv_backward_data()
 * will not be called (first layer).  relu TRUE: forward ends with max (0, .), which keeps NaN; the backward passes then
 * expect dy with respect to what went into that, so the caller masks dy by y > 0. */
KairosConv *kairos_conv_new (const char *implementation, const KairosConvShape *shape, int max_tile, int max_threads,
                             gboolean training, gboolean need_input_gradient, gboolean relu);
void kairos_conv_free (KairosConv *conv);
gsize kairos_conv_get_memory (KairosConv *conv); /* bytes, of packed weights and scratch */
/* "direct/onednn/im2col": forward, backward data, backward weights; caller frees */
char *kairos_conv_describe (KairosConv *conv);

/* Takes over the weights [filters][kernel][kernel][in_channels] and bias [filters] (or NULL): packs them as the kernels
 * like.  Call after every change of the weights, from one thread while no kernel of this convolution runs; different
 * convolutions may do it at the same time. */
void kairos_conv_set_weights (KairosConv *conv, const float *weights, const float *bias);
/* y[n x oh x ow x filters] = conv (x[n x ih x iw x ic]) + bias, with relu max (0, that). */
void kairos_conv_forward (KairosConv *conv, int thread, int n, const float *x, float *y);
/* dx = gradient with respect to x, from dy.  Overwrites dx. */
void kairos_conv_backward_data (KairosConv *conv, int thread, int n, const float *dy, float *dx);
/* dw, db: gradients in the canonical layout, db NULL without bias.  accumulate FALSE overwrites, TRUE adds, in sample
 * order either way. */
void kairos_conv_backward_weights (KairosConv *conv, int thread, int n, const float *x, const float *dy, float *dw,
                                   float *db, gboolean accumulate);

/* Naive references, any shape, used by tests alone. */
void kairos_reference_gemm (gboolean trans_a, gboolean trans_b, int m, int n, int k, float alpha, const float *a,
                            int lda, const float *b, int ldb, float beta, float *c, int ldc);
void kairos_reference_conv_forward (const KairosConvShape *shape, int n, const float *x, const float *w,
                                    const float *bias, float *y);
void kairos_reference_conv_backward_data (const KairosConvShape *shape, int n, const float *dy, const float *w,
                                          float *dx);
void kairos_reference_conv_backward_weights (const KairosConvShape *shape, int n, const float *x, const float *dy,
                                             float *dw, float *db);

G_END_DECLS
