/* SPDX-License-Identifier: MIT */

/* What the implementations of convolution share.  To add one: write a file with a KairosConvKernels and name it in the table of conv.c. */
#pragma once

#include "kernels.h"

G_BEGIN_DECLS

typedef struct {
  const char *name;
  /* A new convolution of this kind for a setup (the common fields of kairos_conv_new()), or NULL where this implementation cannot do it well.
   * What it returns starts with a KairosConv; conv.c fills that in. */
  KairosConv *(*create) (const KairosConv *setup);
  void (*destroy) (KairosConv *conv);
  gsize (*get_memory) (KairosConv *conv);
  void (*set_weights) (KairosConv *conv, const float *weights, const float *bias);
  void (*forward) (KairosConv *conv, int thread, int n, const float *x, float *y);
  void (*backward_data) (KairosConv *conv, int thread, int n, const float *dy, float *dx);
  /* The bias gradient is the same sum for all, so conv.c computes it. */
  void (*backward_weights) (KairosConv *conv, int thread, int n, const float *x, const float *dy, float *dw, gboolean accumulate);
} KairosConvKernels;

struct _KairosConv {
  const KairosConvKernels *kernels;
  KairosConvShape shape;
  int out_height, out_width;
  int max_tile, max_threads;
  gboolean training, need_input_gradient, relu;
};

#ifdef KAIROS_HAVE_ONEDNN
extern const KairosConvKernels kairos_conv_onednn;
const char *kairos_onednn_describe (void); /* "oneDNN 2.6.3" */
#endif
extern const KairosConvKernels kairos_conv_im2col;

/* With stride 1 the gradient with respect to the input is itself a convolution, of dy with the weights turned by 180 degrees and their channels
 * exchanged.  kairos_conv_turn_shape() says whether that holds for a shape, and which convolution it is. */
gboolean kairos_conv_turn_shape (const KairosConvShape *shape, KairosConvShape *turned);
void     kairos_conv_turn_weights (const KairosConvShape *shape, const float *weights, float *turned);

static inline gsize
kairos_conv_n_weights (const KairosConvShape *shape)
{
  return (gsize) shape->filters * shape->kernel * shape->kernel * shape->in_channels;
}

G_END_DECLS
