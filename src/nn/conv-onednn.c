/* SPDX-License-Identifier: MIT */

/* Convolution by oneDNN: the only file that knows it.
 *
 * Activations are NHWC; the weights are packed into the layout that each primitive asks for, once a step.  oneDNN's
 * kernels go through a call sample by sample anyway, so forward and backward data are prepared for one sample and
 * called for each: the same bits however samples are grouped, and nothing to prepare when a call has fewer samples than
 * usual.  Backward weights keeps its sums in registers over the samples of a call and so likes many: it is prepared for
 * 1, 2, 4, ... samples (its levels) and a call is cut into such groups, the largest first.
 *
 * Everything that a call touches besides the caller's arrays belongs to its thread (Lane) or is only read.
 * oneDNN's own threads stay out: each thread that comes here tells OpenMP, once, to be alone.
 */
#include "conv-private.h"
#include "src/base/simd.h"

#include <dnnl.h>
#include <omp.h>
#include <pthread.h>
#include <string.h>

enum { MAX_LEVELS = 8 }; /* groups of 1, 2, 4, ... 128 samples */
/* with fewer, the kernels that are meant for backward data are at least as fast */
enum { MIN_TURNED_FILTERS = 32 };

/* A prepared primitive for 2^level samples. */
typedef struct {
  dnnl_primitive_t primitive;
  dnnl_memory_desc_t weights; /* the layout of the weights that it chose, or of their gradient */
  dnnl_memory_desc_t scratch;
  dnnl_primitive_t unpack, unpack_and_add; /* backward weights: from that layout to the canonical one */
} Level;

/* Memory objects of one thread; the addresses of the caller's arrays are set at each call. */
typedef struct {
  dnnl_stream_t stream;
  dnnl_memory_t x[MAX_LEVELS], y[MAX_LEVELS]; /* input and output, or their gradients */
  dnnl_memory_t scratch[MAX_LEVELS], packed_gradient[MAX_LEVELS], dw;
  void *scratch_bytes, *gradient_bytes; /* shared by the levels */
} Lane;

typedef struct {
  KairosConvKernel parent;
  Level levels[MAX_LEVELS];
  int n_levels;
  dnnl_stream_t stream; /* for packing */
  dnnl_memory_t canonical, packed, bias;
  dnnl_primitive_t pack;
  Lane *lanes;
  gsize memory;
} Onednn;

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

/* Scratch comes from the caller's lane; add: the output adds to what is there. */
static dnnl_primitive_attr_t
create_attributes (gboolean add)
{
  dnnl_primitive_attr_t attributes;
  dnnl_post_ops_t post;

  dnnl_primitive_attr_create (&attributes);
  dnnl_primitive_attr_set_scratchpad_mode (attributes, dnnl_scratchpad_mode_user);
  dnnl_post_ops_create (&post);
  if (add)
    dnnl_post_ops_append_sum (post, 1);
  dnnl_primitive_attr_set_post_ops (attributes, post);
  dnnl_post_ops_destroy (post);
  return attributes;
}

static dnnl_primitive_desc_t
choose (const_dnnl_op_desc_t operation, const_dnnl_primitive_desc_t hint)
{
  dnnl_primitive_attr_t attributes = create_attributes (FALSE);
  dnnl_primitive_desc_t choice = NULL;

  if (dnnl_primitive_desc_create (&choice, operation, attributes, engine, hint) != dnnl_success)
    choice = NULL;
  dnnl_primitive_attr_destroy (attributes);
  return choice;
}

static dnnl_primitive_desc_t
choose_forward (const KairosConvShape *s, int n, gboolean training, gboolean bias)
{
  const dnnl_dims_t strides = { s->stride, s->stride }, padding = { s->padding, s->padding };
  const dnnl_memory_desc_t x = describe_input (s, n), w = describe_weights (s, dnnl_format_tag_any);
  const dnnl_memory_desc_t b = describe_bias (s), y = describe_output (s, n);
  dnnl_convolution_desc_t operation;

  if (dnnl_convolution_forward_desc_init (&operation, training ? dnnl_forward_training : dnnl_forward_inference,
                                          dnnl_convolution_direct, &x, &w, bias ? &b : NULL, &y, strides, padding,
                                          padding) != dnnl_success)
    return NULL;
  return choose (&operation, NULL);
}

static dnnl_primitive_desc_t
choose_backward_data (const KairosConvShape *s, const_dnnl_primitive_desc_t hint)
{
  const dnnl_dims_t strides = { s->stride, s->stride }, padding = { s->padding, s->padding };
  const dnnl_memory_desc_t dx = describe_input (s, 1), w = describe_weights (s, dnnl_format_tag_any),
                           dy = describe_output (s, 1);
  dnnl_convolution_desc_t operation;

  if (dnnl_convolution_backward_data_desc_init (&operation, dnnl_convolution_direct, &dx, &w, &dy, strides, padding,
                                                padding) != dnnl_success)
    return NULL;
  return choose (&operation, hint);
}

static dnnl_primitive_desc_t
choose_backward_weights (const KairosConvShape *s, int n, const_dnnl_primitive_desc_t hint)
{
  const dnnl_dims_t strides = { s->stride, s->stride }, padding = { s->padding, s->padding };
  const dnnl_memory_desc_t x = describe_input (s, n), dw = describe_weights (s, dnnl_format_tag_any),
                           dy = describe_output (s, n);
  dnnl_convolution_desc_t operation;

  if (dnnl_convolution_backward_weights_desc_init (&operation, dnnl_convolution_direct, &x, &dw, NULL, &dy, strides,
                                                   padding, padding) != dnnl_success)
    return NULL;
  return choose (&operation, hint);
}

static const char *
name_of (const_dnnl_primitive_desc_t choice)
{
  const char *name = "ref";

  if (choice)
    dnnl_primitive_desc_query (choice, dnnl_query_impl_info_str, 0, &name);
  return name;
}

/* Turns a choice into a level and consumes it.  FALSE where oneDNN has but its slow reference, or nothing. */
static gboolean
level_init (Level *level, dnnl_primitive_desc_t choice, dnnl_query_t weights)
{
  gboolean fast =
      !g_str_has_prefix (name_of (choice), "ref") && dnnl_primitive_create (&level->primitive, choice) == dnnl_success;

  if (fast) {
    level->weights = *dnnl_primitive_desc_query_md (choice, weights, 0);
    level->scratch = *dnnl_primitive_desc_query_md (choice, dnnl_query_scratchpad_md, 0);
  }
  if (choice)
    dnnl_primitive_desc_destroy (choice);
  return fast;
}

static gboolean
init_forward (Level *level, const KairosConvSetup *setup)
{
  dnnl_primitive_desc_t choice = choose_forward (&setup->shape, 1, setup->training, TRUE);

  if (setup->turned && (setup->shape.filters < MIN_TURNED_FILTERS || !g_str_has_prefix (name_of (choice), "brgconv"))) {
    if (choice)
      dnnl_primitive_desc_destroy (choice);
    return FALSE;
  }
  return level_init (level, choice, dnnl_query_weights_md);
}

/* Backward primitives want to be told what forward looks like. */
static gboolean
init_backward (Level *level, const KairosConvSetup *setup, int n)
{
  const KairosConvShape *s = &setup->shape;
  dnnl_primitive_desc_t hint = choose_forward (s, n, TRUE, FALSE);
  gboolean done;

  if (!hint)
    return FALSE;
  if (setup->pass == KAIROS_CONV_BACKWARD_DATA)
    done = level_init (level, choose_backward_data (s, hint), dnnl_query_weights_md);
  else
    done = level_init (level, choose_backward_weights (s, n, hint), dnnl_query_diff_weights_md);
  dnnl_primitive_desc_destroy (hint);
  return done;
}

/* ---- memory ---- */

static dnnl_memory_t
create_memory (Onednn *onednn, const dnnl_memory_desc_t *layout, void *address)
{
  dnnl_memory_t memory = NULL;

  if (address == DNNL_MEMORY_ALLOCATE)
    onednn->memory += dnnl_memory_desc_get_size (layout);
  if (dnnl_memory_create (&memory, layout, engine, address) != dnnl_success)
    g_error ("oneDNN has no memory for %" G_GSIZE_FORMAT " bytes", dnnl_memory_desc_get_size (layout));
  return memory;
}

static gboolean
create_reorder (dnnl_primitive_t *reorder, const dnnl_memory_desc_t *from, const dnnl_memory_desc_t *to, gboolean add)
{
  dnnl_primitive_attr_t attributes = create_attributes (add);
  dnnl_primitive_desc_t choice = NULL;
  gboolean done = dnnl_reorder_primitive_desc_create (&choice, from, engine, to, engine, attributes) == dnnl_success &&
                  dnnl_primitive_create (reorder, choice) == dnnl_success;

  if (choice)
    dnnl_primitive_desc_destroy (choice);
  dnnl_primitive_attr_destroy (attributes);
  return done;
}

static gboolean
init_weights (Onednn *onednn, const KairosConvShape *s)
{
  const dnnl_memory_desc_t canonical = describe_weights (s, dnnl_ohwi), bias = describe_bias (s),
                           *packed = &onednn->levels[0].weights;

  onednn->canonical = create_memory (onednn, &canonical, DNNL_MEMORY_NONE);
  onednn->packed = create_memory (onednn, packed, DNNL_MEMORY_ALLOCATE);
  onednn->bias = create_memory (onednn, &bias, DNNL_MEMORY_ALLOCATE);
  return create_reorder (&onednn->pack, &canonical, packed, FALSE);
}

static gboolean
init_gradient (Level *level, const KairosConvShape *s)
{
  const dnnl_memory_desc_t canonical = describe_weights (s, dnnl_ohwi);

  return create_reorder (&level->unpack, &level->weights, &canonical, FALSE) &&
         create_reorder (&level->unpack_and_add, &level->weights, &canonical, TRUE);
}

static void
lane_init (Onednn *onednn, const KairosConvSetup *setup, Lane *lane)
{
  const KairosConvShape *s = &setup->shape;
  const dnnl_memory_desc_t canonical = describe_weights (s, dnnl_ohwi);
  gsize scratch = 64, gradient = 64;

  for (int i = 0; i < onednn->n_levels; i++) {
    scratch = MAX (scratch, dnnl_memory_desc_get_size (&onednn->levels[i].scratch));
    if (setup->pass == KAIROS_CONV_BACKWARD_WEIGHTS)
      gradient = MAX (gradient, dnnl_memory_desc_get_size (&onednn->levels[i].weights));
  }
  lane->scratch_bytes = g_aligned_alloc0 (1, scratch, 64);
  lane->gradient_bytes = g_aligned_alloc0 (1, gradient, 64);
  onednn->memory += scratch + gradient;

  dnnl_stream_create (&lane->stream, engine, dnnl_stream_default_flags);
  lane->dw = create_memory (onednn, &canonical, DNNL_MEMORY_NONE);
  for (int i = 0; i < onednn->n_levels; i++) {
    const dnnl_memory_desc_t x = describe_input (s, 1 << i), y = describe_output (s, 1 << i);
    lane->x[i] = create_memory (onednn, &x, DNNL_MEMORY_NONE);
    lane->y[i] = create_memory (onednn, &y, DNNL_MEMORY_NONE);
    lane->scratch[i] = create_memory (onednn, &onednn->levels[i].scratch, lane->scratch_bytes);
    if (setup->pass == KAIROS_CONV_BACKWARD_WEIGHTS)
      lane->packed_gradient[i] = create_memory (onednn, &onednn->levels[i].weights, lane->gradient_bytes);
  }
}

static void
lane_clear (Lane *lane)
{
  for (int i = 0; i < MAX_LEVELS; i++) {
    dnnl_memory_destroy (lane->x[i]);
    dnnl_memory_destroy (lane->y[i]);
    dnnl_memory_destroy (lane->scratch[i]);
    dnnl_memory_destroy (lane->packed_gradient[i]);
  }
  dnnl_memory_destroy (lane->dw);
  dnnl_stream_destroy (lane->stream);
  g_aligned_free (lane->scratch_bytes);
  g_aligned_free (lane->gradient_bytes);
}

/* ---- the implementation ---- */

static void
onednn_free (Onednn *onednn, int n_lanes)
{
  for (int thread = 0; thread < n_lanes; thread++)
    lane_clear (&onednn->lanes[thread]);
  g_free (onednn->lanes);
  for (int i = 0; i < MAX_LEVELS; i++) {
    dnnl_primitive_destroy (onednn->levels[i].primitive);
    dnnl_primitive_destroy (onednn->levels[i].unpack);
    dnnl_primitive_destroy (onednn->levels[i].unpack_and_add);
  }
  dnnl_primitive_destroy (onednn->pack);
  dnnl_memory_destroy (onednn->canonical);
  dnnl_memory_destroy (onednn->packed);
  dnnl_memory_destroy (onednn->bias);
  dnnl_stream_destroy (onednn->stream);
  g_free (onednn);
}

static gboolean
init_levels (Onednn *onednn, const KairosConvSetup *setup)
{
  int n_levels = 1;

  while (setup->pass == KAIROS_CONV_BACKWARD_WEIGHTS && n_levels < MAX_LEVELS && 1 << n_levels <= setup->max_tile)
    n_levels++;
  for (; onednn->n_levels < n_levels; onednn->n_levels++) {
    Level *level = &onednn->levels[onednn->n_levels];
    if (!(setup->pass == KAIROS_CONV_FORWARD ? init_forward (level, setup)
                                             : init_backward (level, setup, 1 << onednn->n_levels)))
      return FALSE;
    if (setup->pass == KAIROS_CONV_BACKWARD_WEIGHTS && !init_gradient (level, &setup->shape))
      return FALSE;
  }
  return setup->pass == KAIROS_CONV_BACKWARD_WEIGHTS || init_weights (onednn, &setup->shape);
}

static KairosConvKernel *
onednn_create (const KairosConvSetup *setup)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once (&once, create_engine);
  if (!engine)
    return NULL;
  run_alone ();

  Onednn *onednn = g_new0 (Onednn, 1);
  dnnl_stream_create (&onednn->stream, engine, dnnl_stream_default_flags);
  if (!init_levels (onednn, setup)) {
    onednn_free (onednn, 0);
    return NULL;
  }
  onednn->lanes = g_new0 (Lane, setup->max_threads);
  for (int thread = 0; thread < setup->max_threads; thread++)
    lane_init (onednn, setup, &onednn->lanes[thread]);
  return &onednn->parent;
}

static void
onednn_destroy (KairosConvKernel *kernel)
{
  onednn_free ((Onednn *) kernel, kernel->setup.max_threads);
}

static gsize
onednn_get_memory (KairosConvKernel *kernel)
{
  return ((Onednn *) kernel)->memory;
}

static void
reorder (dnnl_primitive_t primitive, dnnl_stream_t stream, dnnl_memory_t from, dnnl_memory_t to)
{
  const dnnl_exec_arg_t arguments[] = { { DNNL_ARG_FROM, from }, { DNNL_ARG_TO, to } };

  dnnl_primitive_execute (primitive, stream, G_N_ELEMENTS (arguments), arguments);
}

static void
onednn_set_weights (KairosConvKernel *kernel, const float *weights, const float *bias)
{
  Onednn *onednn = (Onednn *) kernel;
  gsize bias_size = kernel->setup.shape.filters * sizeof *bias;
  void *own_bias;

  run_alone ();
  dnnl_memory_set_data_handle (onednn->canonical, (void *) weights);
  reorder (onednn->pack, onednn->stream, onednn->canonical, onednn->packed);
  dnnl_memory_get_data_handle (onednn->bias, &own_bias);
  if (bias)
    memcpy (own_bias, bias, bias_size);
  else
    memset (own_bias, 0, bias_size);
}

/* oneDNN has a ReLU of its own for the end of a convolution, but that turns what is not a number into 0 and so would
 * hide a diverged training. */
KAIROS_MULTIVERSION static void
rectify (gsize n, float *y)
{
  for (gsize i = 0; i < n; i++)
    y[i] = y[i] < 0 ? 0 : y[i];
}

static void
run_forward (Onednn *onednn, Lane *lane, const float *x, float *y)
{
  const dnnl_exec_arg_t arguments[] = {
    { DNNL_ARG_SRC, lane->x[0] }, { DNNL_ARG_WEIGHTS, onednn->packed },      { DNNL_ARG_BIAS, onednn->bias },
    { DNNL_ARG_DST, lane->y[0] }, { DNNL_ARG_SCRATCHPAD, lane->scratch[0] },
  };

  dnnl_memory_set_data_handle (lane->x[0], (void *) x);
  dnnl_memory_set_data_handle (lane->y[0], y);
  dnnl_primitive_execute (onednn->levels[0].primitive, lane->stream, G_N_ELEMENTS (arguments), arguments);
}

static void
run_backward_data (Onednn *onednn, Lane *lane, const float *dy, float *dx)
{
  const dnnl_exec_arg_t arguments[] = {
    { DNNL_ARG_DIFF_DST, lane->y[0] },
    { DNNL_ARG_WEIGHTS, onednn->packed },
    { DNNL_ARG_DIFF_SRC, lane->x[0] },
    { DNNL_ARG_SCRATCHPAD, lane->scratch[0] },
  };

  dnnl_memory_set_data_handle (lane->y[0], (void *) dy);
  dnnl_memory_set_data_handle (lane->x[0], dx);
  dnnl_primitive_execute (onednn->levels[0].primitive, lane->stream, G_N_ELEMENTS (arguments), arguments);
}

static void
run_backward_weights (Onednn *onednn, Lane *lane, int i, const float *x, const float *dy, gboolean accumulate)
{
  const Level *level = &onednn->levels[i];
  const dnnl_exec_arg_t arguments[] = {
    { DNNL_ARG_SRC, lane->x[i] },
    { DNNL_ARG_DIFF_DST, lane->y[i] },
    { DNNL_ARG_DIFF_WEIGHTS, lane->packed_gradient[i] },
    { DNNL_ARG_SCRATCHPAD, lane->scratch[i] },
  };

  dnnl_memory_set_data_handle (lane->x[i], (void *) x);
  dnnl_memory_set_data_handle (lane->y[i], (void *) dy);
  dnnl_primitive_execute (level->primitive, lane->stream, G_N_ELEMENTS (arguments), arguments);
  reorder (accumulate ? level->unpack_and_add : level->unpack, lane->stream, lane->packed_gradient[i], lane->dw);
}

static void
onednn_run (KairosConvKernel *kernel, int thread, int n, const float *from, const float *dy, float *out,
            gboolean accumulate)
{
  Onednn *onednn = (Onednn *) kernel;
  Lane *lane = &onednn->lanes[thread];
  const gsize input = kairos_conv_input_size (&kernel->setup), output = kairos_conv_output_size (&kernel->setup);
  int done = 0;

  run_alone ();
  if (kernel->setup.pass == KAIROS_CONV_FORWARD) {
    for (; done < n; done++) {
      run_forward (onednn, lane, from + done * input, out + done * output);
      if (kernel->setup.relu)
        rectify (output, out + done * output);
    }
  } else if (kernel->setup.pass == KAIROS_CONV_BACKWARD_DATA) {
    for (; done < n; done++)
      run_backward_data (onednn, lane, from + done * output, out + done * input);
  } else {
    dnnl_memory_set_data_handle (lane->dw, out);
    for (int i = onednn->n_levels - 1; i >= 0; i--)
      for (; done + (1 << i) <= n; done += 1 << i)
        run_backward_weights (onednn, lane, i, from + done * input, dy + done * output, accumulate || done > 0);
  }
}

const KairosConvImplementation kairos_conv_onednn = {
  .name = "onednn",
  .create = onednn_create,
  .destroy = onednn_destroy,
  .get_memory = onednn_get_memory,
  .set_weights = onednn_set_weights,
  .run = onednn_run,
};
