/* SPDX-License-Identifier: MIT */

/* Layers, seen from inside the engine.
 *
 * A network is compiled in two stages.  spec.c turns the JSON list into operations (KairosLayer), each of which
 * computes one value from one or two earlier values.  program.c then fuses operations and orders their passes for
 * execution; executor.c runs them.
 *
 * A layer kind is one row of the table in layers.c.  It fills in its shapes in configure() and computes on a tile: some
 * consecutive samples of the batch, small enough to stay in cache from one pass to the next.  Nothing in a pass may
 * depend on other samples, except through measure / combine: measure() sees every tile and keeps sums per lane,
 * combine() runs once when all are in.
 *
 * Lanes are fixed, contiguous groups of samples, functions of the batch size alone; a lane is worked on by one thread,
 * its tiles in order. Sums over the batch are kept per lane and added in lane order, so no result depends on the number
 * of threads.
 */
#pragma once

#include <kairos/network.h>

G_BEGIN_DECLS

enum { KAIROS_MAX_LANES = 8 };

typedef struct _KairosLayer KairosLayer;
typedef struct _KairosLayerKind KairosLayerKind;
typedef struct _KairosCall KairosCall;

/* One operation.  Value 0 is the input of the network; operation i computes value i + 1. */
struct _KairosLayer {
  const KairosLayerKind *kind;
  int input, extra; /* values; extra is the second summand, -1 for none */
  int summary;      /* its row in kairos_network_layers() */
  KairosShape in, out;
  int kernel, stride, padding;
  float value;             /* the one real setting of a kind: rate, slope, alpha */
  float momentum, epsilon; /* batch normalisation */
  const char *initialiser; /* "auto" until spec.c has decided */
  /* offsets and sizes in the parameter vector; batch normalisation: gamma, beta */
  gsize weight, n_weight, bias, n_bias;
  gsize buffer, n_buffer; /* offset and size in the buffers */
  gboolean relu;          /* ends with max (0, .) */
  KairosLayer *fold;      /* evaluation: the batch normalisation that is folded into these weights, or NULL */
  double flops;           /* forward, a sample; dense and convolution only */
};

/* What a pass gets.  Pointers are to the first of n samples; unused ones are NULL. */
struct _KairosCall {
  const KairosLayer *layer;
  gpointer state;
  int thread, lane, n;
  int first;          /* the place of the first sample in the batch */
  gboolean begin;     /* the first tile of its lane */
  gboolean decides;   /* where bends are held: they are to be found anew */
  const guint32 *ids; /* of the samples */
  const KairosTrainOptions *options;
  const float *parameters; /* of the network */
  float *dw, *db;          /* gradients of the layer's weights and biases, of this lane */
  double *norms;           /* of the first sample; the next one's is norm_stride further */
  gsize norm_stride;
  const float *x, *extra, *y, *dy, *dextra; /* dextra: a second gradient to be added to dy */
  float *out;                               /* forward: y; backward: dx */
};

/* What a layer needs to run in an executor. */
typedef struct {
  const KairosLayer *layer;
  KairosNetwork *network;
  int max_batch, max_tile, max_threads;
  gboolean training; /* there will be backward passes */
  gboolean inspection;
  gboolean need_input_gradient;
  const char *implementation; /* of convolutions, NULL for the best */
} KairosPrepare;

enum { KAIROS_NEEDS_X = 1, KAIROS_NEEDS_Y = 2 };

struct _KairosLayerKind {
  const char *name, *summary;
  const KairosParam *params;
  guint n_params;

  /* Reads the settings; fills shapes, sizes and text from layer->in. */
  gboolean (*configure) (KairosLayer *layer, JsonObject *settings, GError **error);
  void (*describe) (const KairosLayer *layer, char *text, gsize size); /* NULL: the name */

  guint cheap : 1;           /* computing it again costs less than storing it */
  guint training_only : 1;   /* does nothing in evaluation */
  guint whole_batch : 1;     /* has measure and combine */
  guint weights_by_rows : 1; /* weight_rows() over the whole batch instead of backward_weights() tile by tile */
  guint needs;               /* what backward_data() reads besides dy */

  gpointer (*prepare) (const KairosPrepare *how); /* NULL: no state */
  void (*release) (gpointer state);
  gsize (*memory) (gpointer state);
  /* before a batch: weights may have changed */
  void (*load) (gpointer state, const KairosLayer *layer, KairosNetwork *network);

  void (*forward) (const KairosCall *call);
  void (*backward_data) (const KairosCall *call);
  void (*backward_weights) (const KairosCall *call);
  /* Adds to norms, sample by sample, the squared norm of that sample's gradient of all the layer's parameters. */
  void (*norms) (const KairosCall *call);
  /* Rows first .. first+n-1 of the weights, and their biases, from n_samples samples. */
  void (*weight_rows) (const KairosCall *call, int first, int n);

  void (*measure) (const KairosCall *call);
  void (*combine) (gpointer state, const KairosLayer *layer, KairosNetwork *network, int n_lanes);
  void (*measure_gradient) (const KairosCall *call); /* out: dy + dextra as backward_data() wants it */
  void (*combine_gradient) (gpointer state, const KairosLayer *layer, KairosNetwork *network, int n_lanes,
                            float *gradients);
};

const KairosLayerKind *kairos_layer_kind (const char *name); /* NULL when there is none */

extern const KairosLayerKind kairos_layer_dense, kairos_layer_conv, kairos_layer_max_pool, kairos_layer_average_pool;
extern const KairosLayerKind kairos_layer_global_average_pool, kairos_layer_batch_norm, kairos_layer_dropout,
    kairos_layer_residual;
extern const KairosLayerKind kairos_layer_flatten, kairos_layer_relu, kairos_layer_leaky_relu, kairos_layer_elu,
    kairos_layer_softplus;
extern const KairosLayerKind kairos_layer_tanh;
/* Not in the table: the normalisation of the input, the sum at the end of a residual block, and batch normalisation by
 * its running statistics, forwards and backwards; and bends that are held (layer-held.c). */
extern const KairosLayerKind kairos_layer_normalise, kairos_layer_add, kairos_layer_frozen_norm;
extern const KairosLayerKind kairos_layer_held_rectifier, kairos_layer_held_elu, kairos_layer_held_max_pool;

#define KAIROS_INITIALISER_PARAM                                                                                       \
  {                                                                                                                    \
    "initialiser", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "auto|he-normal|he-uniform|glorot-normal|glorot-uniform",       \
        "How the weights are drawn at the start; auto is He normal before a rectifier and Glorot uniform otherwise."   \
  }

/* For layers that slide a window: FALSE with an error where the padded input is smaller than layer->kernel. */
gboolean kairos_layer_fits_kernel (const KairosLayer *layer, GError **error);

/* Batch normalisation by the running statistics: x * scale[c] + shift[c]. */
void kairos_batch_norm_running (const KairosLayer *layer, KairosNetwork *network, float *scale, float *shift);
/* The weights and the bias of a convolution or dense layer with layer->fold worked in.  bias has room for twice the
 * channels. */
void kairos_fold_batch_norm (const KairosLayer *layer, KairosNetwork *network, float *weights, float *bias);

G_END_DECLS
