/* SPDX-License-Identifier: MIT */

/* Convolution by oneDNN: the only file that knows it.
 *
 * Activations are NHWC; the weights are packed into the layout that each kernel asks for, once a step.  oneDNN's kernels go through a call sample by
 * sample anyway, so forward and backward data are prepared for one sample and called for each: the same bits however samples are grouped, and nothing
 * to prepare when a call has fewer samples than usual.  Backward weights keeps its sums in registers over the samples of a call and so likes
 * many: it is prepared for 1, 2, 4, ... samples and a call is cut into such groups, the largest first.
 *
 * Everything that a call touches besides the caller's arrays belongs to its thread (Lane) or is only read.
 * oneDNN's own threads stay out: each thread that comes here tells OpenMP, once, to be alone.
 */
#include "conv-private.h"

#include <dnnl.h>
#include <omp.h>
#include <pthread.h>
#include <string.h>

enum { MAX_LEVELS = 8, MIN_TURNED_CHANNELS = 32 }; /* levels: groups of 1, 2, 4, ... 128 samples */

/* A prepared kernel, and the layouts that it chose. */
typedef struct {
  dnnl_primitive_t primitive;
  dnnl_memory_desc_t weights; /* or their gradient */
  dnnl_memory_desc_t scratch;
} Kernel;

/* The weights as a kernel wants them. */
typedef struct {
  dnnl_memory_t packed;
  dnnl_primitive_t pack; /* from the canonical layout */
} Weights;

/* Memory objects of one thread: their addresses are set at each call. */
typedef struct {
  dnnl_stream_t stream;
  dnnl_memory_t x[MAX_LEVELS], y[MAX_LEVELS]; /* input and output of 1, 2, 4, ... samples, or their gradients */
  float *scratch;                             /* shared by all kernels, which run one after the other */
  dnnl_memory_t forward_scratch, backward_data_scratch, backward_weights_scratch[MAX_LEVELS];
  float *gradient; /* of the weights, as the kernel leaves it */
  dnnl_memory_t packed_gradient[MAX_LEVELS];
  dnnl_memory_t dw;
} Lane;

typedef struct {
  KairosConv parent;
  dnnl_stream_t stream; /* for packing */
  KairosConvShape turned_shape;
  float *turned; /* turned weights, NULL when backward data is not a turned forward */
  dnnl_memory_t canonical, canonical_turned, bias;
  Kernel forward, backward_data, backward_weights[MAX_LEVELS];
  Weights forward_weights, backward_data_weights;
  dnnl_primitive_t unpack[MAX_LEVELS], unpack_and_add[MAX_LEVELS];
  int n_levels;
  Lane *lanes;
  gsize memory;
} ConvOnednn;

static dnnl_engine_t engine; /* NULL when oneDNN cannot run here */

static void
create_engine (void)
{
  if (dnnl_engine_create (&engine, dnnl_cpu, 0) != dnnl_success)
    engine = NULL;
}

static void
run_alone (void)
{
  static __thread gboolean alone;

  if (!alone) {
    omp_set_num_threads (1);
    alone = TRUE;
  }
}

const char *
kairos_onednn_describe (void)
{
  static char text[32];
  static gsize done;

  if (g_once_init_enter (&done)) {
    const dnnl_version_t *version = dnnl_version ();
    g_snprintf (text, sizeof text, "oneDNN %d.%d.%d", version->major, version->minor, version->patch);
    g_once_init_leave (&done, 1);
  }
  return text;
}

/* ---- what kernels are made from ---- */

static dnnl_memory_desc_t
describe_activations (int n, int channels, int height, int width)
{
  const dnnl_dims_t dims = { n, channels, height, width };
  dnnl_memory_desc_t layout;

  dnnl_memory_desc_init_by_tag (&layout, 4, dims, dnnl_f32, dnnl_nhwc);
  return layout;
}

static dnnl_memory_desc_t
describe_input (const KairosConvShape *s, int n)
{
  return describe_activations (n, s->in_channels, s->in_height, s->in_width);
}

static dnnl_memory_desc_t
describe_output (const KairosConvShape *s, int n)
{
  return describe_activations (n, s->filters, kairos_conv_out (s->in_height, s->kernel, s->stride, s->padding),
                               kairos_conv_out (s->in_width, s->kernel, s->stride, s->padding));
}

/* tag: dnnl_ohwi for the canonical layout, dnnl_format_tag_any for the kernel's choice. */
static dnnl_memory_desc_t
describe_weights (const KairosConvShape *s, dnnl_format_tag_t tag)
{
  const dnnl_dims_t dims = { s->filters, s->in_channels, s->kernel, s->kernel };
  dnnl_memory_desc_t layout;

  dnnl_memory_desc_init_by_tag (&layout, 4, dims, dnnl_f32, tag);
  return layout;
}

static dnnl_memory_desc_t
describe_bias (const KairosConvShape *s)
{
  const dnnl_dims_t dims = { s->filters };
  dnnl_memory_desc_t layout;

  dnnl_memory_desc_init_by_tag (&layout, 1, dims, dnnl_f32, dnnl_a);
  return layout;
}

/* Scratch comes from the caller's lane; relu: the output passes through one; add: the output adds to what is there. */
static dnnl_primitive_attr_t
create_attributes (gboolean relu, gboolean add)
{
  dnnl_primitive_attr_t attributes;
  dnnl_post_ops_t post;

  dnnl_primitive_attr_create (&attributes);
  dnnl_primitive_attr_set_scratchpad_mode (attributes, dnnl_scratchpad_mode_user);
  dnnl_post_ops_create (&post);
  if (relu)
    dnnl_post_ops_append_eltwise (post, 1, dnnl_eltwise_relu, 0, 0);
  if (add)
    dnnl_post_ops_append_sum (post, 1);
  dnnl_primitive_attr_set_post_ops (attributes, post);
  dnnl_post_ops_destroy (post);
  return attributes;
}

static dnnl_primitive_desc_t
choose (const_dnnl_op_desc_t operation, gboolean relu, const_dnnl_primitive_desc_t hint)
{
  dnnl_primitive_attr_t attributes = create_attributes (relu, FALSE);
  dnnl_primitive_desc_t choice = NULL;

  if (dnnl_primitive_desc_create (&choice, operation, attributes, engine, hint) != dnnl_success)
    choice = NULL;
  dnnl_primitive_attr_destroy (attributes);
  return choice;
}

static dnnl_primitive_desc_t
choose_forward (const KairosConvShape *s, int n, gboolean training, gboolean bias, gboolean relu)
{
  const dnnl_dims_t strides = { s->stride, s->stride }, padding = { s->padding, s->padding };
  const dnnl_memory_desc_t x = describe_input (s, n), w = describe_weights (s, dnnl_format_tag_any);
  const dnnl_memory_desc_t b = describe_bias (s), y = describe_output (s, n);
  dnnl_convolution_desc_t operation;

  if (dnnl_convolution_forward_desc_init (&operation, training ? dnnl_forward_training : dnnl_forward_inference, dnnl_convolution_direct, &x, &w,
                                          bias ? &b : NULL, &y, strides, padding, padding) != dnnl_success)
    return NULL;
  return choose (&operation, relu, NULL);
}

static dnnl_primitive_desc_t
choose_backward_data (const KairosConvShape *s, const_dnnl_primitive_desc_t hint)
{
  const dnnl_dims_t strides = { s->stride, s->stride }, padding = { s->padding, s->padding };
  const dnnl_memory_desc_t dx = describe_input (s, 1), w = describe_weights (s, dnnl_format_tag_any), dy = describe_output (s, 1);
  dnnl_convolution_desc_t operation;

  if (dnnl_convolution_backward_data_desc_init (&operation, dnnl_convolution_direct, &dx, &w, &dy, strides, padding, padding) != dnnl_success)
    return NULL;
  return choose (&operation, FALSE, hint);
}

static dnnl_primitive_desc_t
choose_backward_weights (const KairosConvShape *s, int n, const_dnnl_primitive_desc_t hint)
{
  const dnnl_dims_t strides = { s->stride, s->stride }, padding = { s->padding, s->padding };
  const dnnl_memory_desc_t x = describe_input (s, n), dw = describe_weights (s, dnnl_format_tag_any), dy = describe_output (s, n);
  dnnl_convolution_desc_t operation;

  if (dnnl_convolution_backward_weights_desc_init (&operation, dnnl_convolution_direct, &x, &dw, NULL, &dy, strides, padding, padding) !=
      dnnl_success)
    return NULL;
  return choose (&operation, FALSE, hint);
}

static const char *
name_of (const_dnnl_primitive_desc_t choice)
{
  const char *name = "ref";

  if (choice != NULL)
    dnnl_primitive_desc_query (choice, dnnl_query_impl_info_str, 0, &name);
  return name;
}

/* Turns a choice into a kernel and consumes it.  FALSE where oneDNN has but its slow reference, or nothing. */
static gboolean
kernel_init (Kernel *kernel, dnnl_primitive_desc_t choice, dnnl_query_t weights)
{
  gboolean fast = !g_str_has_prefix (name_of (choice), "ref") && dnnl_primitive_create (&kernel->primitive, choice) == dnnl_success;

  if (fast) {
    kernel->weights = *dnnl_primitive_desc_query_md (choice, weights, 0);
    kernel->scratch = *dnnl_primitive_desc_query_md (choice, dnnl_query_scratchpad_md, 0);
  }
  if (choice != NULL)
    dnnl_primitive_desc_destroy (choice);
  return fast;
}

static gboolean
init_backward_weights (ConvOnednn *conv, const KairosConvShape *s, int n, Kernel *kernel)
{
  dnnl_primitive_desc_t hint = choose_forward (s, n, TRUE, FALSE, FALSE);
  gboolean done = hint != NULL && kernel_init (kernel, choose_backward_weights (s, n, hint), dnnl_query_diff_weights_md);

  if (hint != NULL)
    dnnl_primitive_desc_destroy (hint);
  return done;
}

/* Backward data of stride 1 as a forward convolution, where that has the newer and faster kernel.  That one fills vectors with output channels, so
 * with few of them the kernel that is meant for backward data is at least as fast. */
static gboolean
init_backward_data (ConvOnednn *conv, const KairosConvShape *s)
{
  if (s->in_channels >= MIN_TURNED_CHANNELS && kairos_conv_turn_shape (s, &conv->turned_shape)) {
    dnnl_primitive_desc_t turned = choose_forward (&conv->turned_shape, 1, FALSE, FALSE, FALSE);
    if (g_str_has_prefix (name_of (turned), "brgconv")) {
      conv->turned = g_aligned_alloc (kairos_conv_n_weights (s), sizeof (float), 64);
      return kernel_init (&conv->backward_data, turned, dnnl_query_weights_md);
    }
    if (turned != NULL)
      dnnl_primitive_desc_destroy (turned);
  }

  dnnl_primitive_desc_t hint = choose_forward (s, 1, TRUE, FALSE, FALSE);
  gboolean done = hint != NULL && kernel_init (&conv->backward_data, choose_backward_data (s, hint), dnnl_query_weights_md);
  if (hint != NULL)
    dnnl_primitive_desc_destroy (hint);
  return done;
}

static gboolean
init_kernels (ConvOnednn *conv, const KairosConv *setup)
{
  const KairosConvShape *s = &setup->shape;

  if (!kernel_init (&conv->forward, choose_forward (s, 1, setup->training, TRUE, setup->relu), dnnl_query_weights_md))
    return FALSE;
  if (setup->need_input_gradient && !init_backward_data (conv, s))
    return FALSE;
  if (!setup->training)
    return TRUE;
  while (conv->n_levels < MAX_LEVELS && 1 << conv->n_levels <= setup->max_tile) {
    if (!init_backward_weights (conv, s, 1 << conv->n_levels, &conv->backward_weights[conv->n_levels]))
      return FALSE;
    conv->n_levels++;
  }
  return TRUE;
}

/* ---- memory ---- */

static dnnl_memory_t
create_memory (ConvOnednn *conv, const dnnl_memory_desc_t *layout, void *address)
{
  dnnl_memory_t memory = NULL;

  if (address == DNNL_MEMORY_ALLOCATE)
    conv->memory += dnnl_memory_desc_get_size (layout);
  if (dnnl_memory_create (&memory, layout, engine, address) != dnnl_success)
    g_error ("oneDNN has no memory for %" G_GSIZE_FORMAT " bytes", dnnl_memory_desc_get_size (layout));
  return memory;
}

static gboolean
create_reorder (dnnl_primitive_t *reorder, const dnnl_memory_desc_t *from, const dnnl_memory_desc_t *to, gboolean add)
{
  dnnl_primitive_attr_t attributes = create_attributes (FALSE, add);
  dnnl_primitive_desc_t choice = NULL;
  gboolean done = dnnl_reorder_primitive_desc_create (&choice, from, engine, to, engine, attributes) == dnnl_success &&
                  dnnl_primitive_create (reorder, choice) == dnnl_success;

  if (choice != NULL)
    dnnl_primitive_desc_destroy (choice);
  dnnl_primitive_attr_destroy (attributes);
  return done;
}

static gboolean
init_weights (ConvOnednn *conv, Weights *weights, const dnnl_memory_desc_t *canonical, const dnnl_memory_desc_t *packed)
{
  weights->packed = create_memory (conv, packed, DNNL_MEMORY_ALLOCATE);
  return create_reorder (&weights->pack, canonical, packed, FALSE);
}

static gboolean
init_all_weights (ConvOnednn *conv, const KairosConv *setup)
{
  const dnnl_memory_desc_t canonical = describe_weights (&setup->shape, dnnl_ohwi), bias = describe_bias (&setup->shape);

  conv->canonical = create_memory (conv, &canonical, DNNL_MEMORY_NONE);
  conv->bias = create_memory (conv, &bias, DNNL_MEMORY_ALLOCATE);
  if (!init_weights (conv, &conv->forward_weights, &canonical, &conv->forward.weights))
    return FALSE;
  for (int level = 0; level < conv->n_levels; level++) {
    const dnnl_memory_desc_t *packed = &conv->backward_weights[level].weights;
    if (!create_reorder (&conv->unpack[level], packed, &canonical, FALSE) || !create_reorder (&conv->unpack_and_add[level], packed, &canonical, TRUE))
      return FALSE;
  }
  if (!setup->need_input_gradient)
    return TRUE;

  const dnnl_memory_desc_t turned = describe_weights (&conv->turned_shape, dnnl_ohwi);
  if (conv->turned != NULL)
    conv->canonical_turned = create_memory (conv, &turned, conv->turned);
  return init_weights (conv, &conv->backward_data_weights, conv->turned != NULL ? &turned : &canonical, &conv->backward_data.weights);
}

static gsize
largest_scratch (const ConvOnednn *conv)
{
  gsize size = MAX (dnnl_memory_desc_get_size (&conv->forward.scratch), dnnl_memory_desc_get_size (&conv->backward_data.scratch));

  for (int level = 0; level < conv->n_levels; level++)
    size = MAX (size, dnnl_memory_desc_get_size (&conv->backward_weights[level].scratch));
  return MAX (size, 64);
}

static gsize
largest_gradient (const ConvOnednn *conv)
{
  gsize size = 64;

  for (int level = 0; level < conv->n_levels; level++)
    size = MAX (size, dnnl_memory_desc_get_size (&conv->backward_weights[level].weights));
  return size;
}

static void
lane_init (ConvOnednn *conv, const KairosConvShape *s, Lane *lane)
{
  const dnnl_memory_desc_t canonical = describe_weights (s, dnnl_ohwi);
  gsize scratch = largest_scratch (conv), gradient = largest_gradient (conv);

  dnnl_stream_create (&lane->stream, engine, dnnl_stream_default_flags);
  lane->scratch = g_aligned_alloc0 (1, scratch, 64);
  lane->gradient = g_aligned_alloc0 (1, gradient, 64);
  conv->memory += scratch + gradient;
  lane->forward_scratch = create_memory (conv, &conv->forward.scratch, lane->scratch);
  lane->backward_data_scratch = create_memory (conv, &conv->backward_data.scratch, lane->scratch);
  lane->dw = create_memory (conv, &canonical, DNNL_MEMORY_NONE);
  for (int level = 0; level < MAX (conv->n_levels, 1); level++) {
    const dnnl_memory_desc_t x = describe_input (s, 1 << level), y = describe_output (s, 1 << level);
    lane->x[level] = create_memory (conv, &x, DNNL_MEMORY_NONE);
    lane->y[level] = create_memory (conv, &y, DNNL_MEMORY_NONE);
    lane->backward_weights_scratch[level] = create_memory (conv, &conv->backward_weights[level].scratch, lane->scratch);
    lane->packed_gradient[level] = create_memory (conv, &conv->backward_weights[level].weights, lane->gradient);
  }
}

static void
lane_clear (Lane *lane)
{
  for (int level = 0; level < MAX_LEVELS; level++) {
    dnnl_memory_destroy (lane->x[level]);
    dnnl_memory_destroy (lane->y[level]);
    dnnl_memory_destroy (lane->backward_weights_scratch[level]);
    dnnl_memory_destroy (lane->packed_gradient[level]);
  }
  dnnl_memory_destroy (lane->forward_scratch);
  dnnl_memory_destroy (lane->backward_data_scratch);
  dnnl_memory_destroy (lane->dw);
  dnnl_stream_destroy (lane->stream);
  g_aligned_free (lane->scratch);
  g_aligned_free (lane->gradient);
}

/* ---- the implementation ---- */

static void
onednn_free (ConvOnednn *conv, int n_lanes)
{
  for (int thread = 0; thread < n_lanes; thread++)
    lane_clear (&conv->lanes[thread]);
  g_free (conv->lanes);
  for (int level = 0; level < MAX_LEVELS; level++) {
    dnnl_primitive_destroy (conv->backward_weights[level].primitive);
    dnnl_primitive_destroy (conv->unpack[level]);
    dnnl_primitive_destroy (conv->unpack_and_add[level]);
  }
  dnnl_primitive_destroy (conv->forward.primitive);
  dnnl_primitive_destroy (conv->backward_data.primitive);
  dnnl_primitive_destroy (conv->forward_weights.pack);
  dnnl_primitive_destroy (conv->backward_data_weights.pack);
  dnnl_memory_destroy (conv->forward_weights.packed);
  dnnl_memory_destroy (conv->backward_data_weights.packed);
  dnnl_memory_destroy (conv->canonical);
  dnnl_memory_destroy (conv->canonical_turned);
  dnnl_memory_destroy (conv->bias);
  dnnl_stream_destroy (conv->stream);
  g_aligned_free (conv->turned);
  g_free (conv);
}

static KairosConv *
onednn_create (const KairosConv *setup)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once (&once, create_engine);
  if (engine == NULL)
    return NULL;
  run_alone ();

  ConvOnednn *conv = g_new0 (ConvOnednn, 1);
  dnnl_stream_create (&conv->stream, engine, dnnl_stream_default_flags);
  if (!init_kernels (conv, setup) || !init_all_weights (conv, setup)) {
    onednn_free (conv, 0);
    return NULL;
  }
  conv->lanes = g_new0 (Lane, setup->max_threads);
  for (int thread = 0; thread < setup->max_threads; thread++)
    lane_init (conv, &setup->shape, &conv->lanes[thread]);
  return &conv->parent;
}

static void
onednn_destroy (KairosConv *parent)
{
  onednn_free ((ConvOnednn *) parent, parent->max_threads);
}

static gsize
onednn_get_memory (KairosConv *parent)
{
  ConvOnednn *conv = (ConvOnednn *) parent;

  return conv->memory + (conv->turned != NULL ? kairos_conv_n_weights (&parent->shape) * sizeof (float) : 0);
}

static void
reorder (dnnl_primitive_t primitive, dnnl_stream_t stream, dnnl_memory_t from, dnnl_memory_t to)
{
  const dnnl_exec_arg_t arguments[] = { { DNNL_ARG_FROM, from }, { DNNL_ARG_TO, to } };

  dnnl_primitive_execute (primitive, stream, G_N_ELEMENTS (arguments), arguments);
}

static void
onednn_set_weights (KairosConv *parent, const float *weights, const float *bias)
{
  ConvOnednn *conv = (ConvOnednn *) parent;
  gsize bias_size = parent->shape.filters * sizeof *bias;
  void *own_bias;

  run_alone ();
  dnnl_memory_set_data_handle (conv->canonical, (void *) weights);
  reorder (conv->forward_weights.pack, conv->stream, conv->canonical, conv->forward_weights.packed);
  if (conv->turned != NULL)
    kairos_conv_turn_weights (&parent->shape, weights, conv->turned);
  if (parent->need_input_gradient)
    reorder (conv->backward_data_weights.pack, conv->stream, conv->turned != NULL ? conv->canonical_turned : conv->canonical,
             conv->backward_data_weights.packed);

  dnnl_memory_get_data_handle (conv->bias, &own_bias);
  if (bias != NULL)
    memcpy (own_bias, bias, bias_size);
  else
    memset (own_bias, 0, bias_size);
}

static gsize
input_size (const KairosConv *conv)
{
  return (gsize) conv->shape.in_height * conv->shape.in_width * conv->shape.in_channels;
}

static gsize
output_size (const KairosConv *conv)
{
  return (gsize) conv->out_height * conv->out_width * conv->shape.filters;
}

static void
onednn_forward (KairosConv *parent, int thread, int n, const float *x, float *y)
{
  ConvOnednn *conv = (ConvOnednn *) parent;
  Lane *lane = &conv->lanes[thread];
  const dnnl_exec_arg_t arguments[] = {
    { DNNL_ARG_SRC, lane->x[0] },  { DNNL_ARG_WEIGHTS, conv->forward_weights.packed },  { DNNL_ARG_BIAS, conv->bias },
    { DNNL_ARG_DST, lane->y[0] }, { DNNL_ARG_SCRATCHPAD, lane->forward_scratch },
  };

  run_alone ();
  for (int i = 0; i < n; i++) {
    dnnl_memory_set_data_handle (lane->x[0], (void *) (x + i * input_size (parent)));
    dnnl_memory_set_data_handle (lane->y[0], y + i * output_size (parent));
    dnnl_primitive_execute (conv->forward.primitive, lane->stream, G_N_ELEMENTS (arguments), arguments);
  }
}

static void
onednn_backward_data (KairosConv *parent, int thread, int n, const float *dy, float *dx)
{
  ConvOnednn *conv = (ConvOnednn *) parent;
  Lane *lane = &conv->lanes[thread];
  gboolean turned = conv->turned != NULL;
  const dnnl_exec_arg_t arguments[] = {
    { turned ? DNNL_ARG_SRC : DNNL_ARG_DIFF_DST, lane->y[0] },
    { DNNL_ARG_WEIGHTS, conv->backward_data_weights.packed },
    { turned ? DNNL_ARG_DST : DNNL_ARG_DIFF_SRC, lane->x[0] },
    { DNNL_ARG_SCRATCHPAD, lane->backward_data_scratch },
  };

  run_alone ();
  for (int i = 0; i < n; i++) {
    dnnl_memory_set_data_handle (lane->y[0], (void *) (dy + i * output_size (parent)));
    dnnl_memory_set_data_handle (lane->x[0], dx + i * input_size (parent));
    dnnl_primitive_execute (conv->backward_data.primitive, lane->stream, G_N_ELEMENTS (arguments), arguments);
  }
}

/* One group of 2^level samples. */
static void
backward_weights_group (ConvOnednn *conv, Lane *lane, int level, const float *x, const float *dy, gboolean accumulate)
{
  const dnnl_exec_arg_t arguments[] = {
    { DNNL_ARG_SRC, lane->x[level] },
    { DNNL_ARG_DIFF_DST, lane->y[level] },
    { DNNL_ARG_DIFF_WEIGHTS, lane->packed_gradient[level] },
    { DNNL_ARG_SCRATCHPAD, lane->backward_weights_scratch[level] },
  };

  dnnl_memory_set_data_handle (lane->x[level], (void *) x);
  dnnl_memory_set_data_handle (lane->y[level], (void *) dy);
  dnnl_primitive_execute (conv->backward_weights[level].primitive, lane->stream, G_N_ELEMENTS (arguments), arguments);
  reorder (accumulate ? conv->unpack_and_add[level] : conv->unpack[level], lane->stream, lane->packed_gradient[level], lane->dw);
}

static void
onednn_backward_weights (KairosConv *parent, int thread, int n, const float *x, const float *dy, float *dw, gboolean accumulate)
{
  ConvOnednn *conv = (ConvOnednn *) parent;
  Lane *lane = &conv->lanes[thread];
  int done = 0;

  run_alone ();
  dnnl_memory_set_data_handle (lane->dw, dw);
  for (int level = conv->n_levels - 1; level >= 0; level--)
    for (; done + (1 << level) <= n; done += 1 << level)
      backward_weights_group (conv, lane, level, x + done * input_size (parent), dy + done * output_size (parent), accumulate || done > 0);
}

const KairosConvKernels kairos_conv_onednn = {
  .name = "onednn",
  .create = onednn_create,
  .destroy = onednn_destroy,
  .get_memory = onednn_get_memory,
  .set_weights = onednn_set_weights,
  .forward = onednn_forward,
  .backward_data = onednn_backward_data,
  .backward_weights = onednn_backward_weights,
};
