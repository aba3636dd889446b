/* SPDX-License-Identifier: MIT */

/* What the implementations of convolution share.  To add one: write a file with a KairosConvImplementation and name it
 * in the table of conv.c.
 *
 * Each pass of a convolution is a kernel of its own, so that the passes may come from different implementations.
 */
#pragma once

#include "kernels.h"

G_BEGIN_DECLS

typedef enum {
  KAIROS_CONV_FORWARD,          /* from x to out = y */
  KAIROS_CONV_BACKWARD_DATA,    /* from dy to out = dx */
  KAIROS_CONV_BACKWARD_WEIGHTS, /* from x and dy to out = dw */
  KAIROS_CONV_N_PASSES,
} KairosConvPass;

typedef struct {
  KairosConvPass pass;
  KairosConvShape shape;
  int out_height, out_width;
  int max_tile, max_threads;
  gboolean training; /* other passes will follow */
  gboolean relu;     /* forward alone */
  gboolean turned;   /* forward, in the place of backward data of another convolution; that could be had as well */
} KairosConvSetup;

typedef struct _KairosConvKernel KairosConvKernel;

typedef struct {
  const char *name;
  /* A kernel, or NULL where this implementation cannot do that pass of that shape, or only badly.  conv.c fills in the
   * common fields. */
  KairosConvKernel *(*create) (const KairosConvSetup *setup);
  void (*destroy) (KairosConvKernel *kernel);
  gsize (*get_memory) (KairosConvKernel *kernel);
  /* For forward and backward data.  bias: [filters], or NULL. */
  void (*set_weights) (KairosConvKernel *kernel, const float *weights, const float *bias);
  /* from: x, or dy for backward data.  dy and accumulate: for backward weights alone. */
  void (*run) (KairosConvKernel *kernel, int thread, int n, const float *from, const float *dy, float *out,
               gboolean accumulate);
} KairosConvImplementation;

struct _KairosConvKernel {
  const KairosConvImplementation *implementation;
  KairosConvSetup setup;
};

#ifdef KAIROS_HAVE_ONEDNN
extern const KairosConvImplementation kairos_conv_onednn;
const char *kairos_onednn_describe (void); /* "oneDNN 2.6.3" */
#endif
extern const KairosConvImplementation kairos_conv_direct;
extern const KairosConvImplementation kairos_conv_im2col;
extern const KairosConvImplementation kairos_conv_winograd;

static inline gsize
kairos_conv_n_weights (const KairosConvShape *shape)
{
  return (gsize) shape->filters * shape->kernel * shape->kernel * shape->in_channels;
}

static inline gsize
kairos_conv_input_size (const KairosConvSetup *setup)
{
  return (gsize) setup->shape.in_height * setup->shape.in_width * setup->shape.in_channels;
}

static inline gsize
kairos_conv_output_size (const KairosConvSetup *setup)
{
  return (gsize) setup->out_height * setup->out_width * setup->shape.filters;
}

G_END_DECLS
