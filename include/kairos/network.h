/* SPDX-License-Identifier: MIT */

/* A network: layers in order, their parameters, and how to run them forwards and backwards.
 *
 *   KairosNetwork *network = kairos_network_new ("lenet-5", (KairosShape){ 28, 28, 1 }, 10, &error);
 *   kairos_network_initialise (network, seed);
 *   KairosExecutor *executor = kairos_executor_new (network, 64, pool);
 *   double loss = kairos_executor_train (executor, &(KairosBatch){ .n = 64, .input = pictures, .labels = labels },
 *                                        &(KairosTrainOptions){ .loss = KAIROS_LOSS_CROSS_ENTROPY }, outcomes);
 *   const float *gradients = kairos_executor_gradients (executor); // for an optimiser: optimizer.h
 *
 * Layout.  Activations are float32, N x H x W x C with channels last; a vector of D features is 1 x 1 x D.  Weights are
 * [output][kernel row][kernel column][input] for convolutions and [output][input] for dense layers.  All trainable
 * parameters of a network are one contiguous vector in network order (weights before biases, gamma before beta), so
 * optimisers, checkpoints and digests are one pass over memory.  Gradients have the same layout.  State that is not
 * trained (running mean and variance of batch normalisation) is a second contiguous vector, the buffers.
 *
 * Threads.  A KairosNetwork is plain data: one thread at a time may write it.  A KairosExecutor owns the activations
 * and runs the layers on a compute pool; one thread at a time may use it.  After creation no call allocates memory.
 *
 * Determinism.  Results depend on the network, the batch and the seeds alone, never on the number of threads.
 */
#pragma once

#include <kairos/error.h>
#include <kairos/param.h>
#include <kairos/types.h>

G_BEGIN_DECLS

/* One row a preset: "lenet-5", its summary, its JSON list of layers. */
typedef struct {
  const char *name, *summary, *layers;
  KairosShape input; /* the shape it was published for; other shapes work where the layers fit */
  int bench_batch;   /* batch size of the benchmark, 0 if not benchmarked */
} KairosPreset;
const KairosPreset *kairos_presets (guint *n);

/* One row a layer kind, for `kairosctl list layers` and the inspector. */
typedef struct {
  const char *name, *summary;
  const KairosParam *params;
  guint n_params;
} KairosLayerInfo;
const KairosLayerInfo *kairos_layer_infos (guint *n);

/* spec: a preset ("lenet-300-100", "lenet-5", "small-cnn", "resnet-20", "all-cnn-24", "all-cnn-96", "logistic",
 * "mlp-H1-H2-...") or a JSON list of layers such as
 * [{"layer":"conv","filters":32,"kernel":5,"padding":2,"bias":false},{"layer":"batch-norm"},{"layer":"relu"},
 * {"layer":"residual","layers":[...],"skip":[...]},{"layer":"dense","units":10}].  The last dense or convolution layer
 * of a preset gets `outputs` units.  A list must end in `outputs` values a sample.  Parameters are not initialised yet.
 * Errors name the layer: "layer 3 (conv 5x5): its input is 4x4, smaller than the kernel".  Caller owns the result. */
KairosNetwork *kairos_network_new (const char *spec, KairosShape input, int outputs,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kairos_network_free (KairosNetwork *network); /* accepts NULL */
/* FALSE with KAIROS_ERROR_RANGE, which says how much, where training with batches of max_batch would take more memory
 * than the machine has. */
gboolean kairos_network_check_memory (KairosNetwork *network, int max_batch, GError **error);

const char *kairos_network_get_spec (KairosNetwork *network);
char *kairos_network_to_json (KairosNetwork *network); /* the full list of layers; caller frees */
KairosShape kairos_network_get_input (KairosNetwork *network);
int kairos_network_get_outputs (KairosNetwork *network);

/* Draws every parameter anew from (seed, tensor, element): He normal for layers followed by a rectifier, Glorot uniform
 * otherwise, unless a layer says "initialiser": "he-normal|he-uniform|glorot-normal|glorot-uniform".  Biases 0, gamma
 * 1, beta 0, running mean 0, variance 1. */
void kairos_network_initialise (KairosNetwork *network, guint64 seed);

/* Input normalisation, part of the network: x' = (x - mean[c]) / deviation[c].  Default 0 and 1.  Not trained, saved
 * with the network. */
void kairos_network_set_normalisation (KairosNetwork *network, const float *mean, const float *deviation);
/* channels values each */
void kairos_network_get_normalisation (KairosNetwork *network, const float **mean, const float **deviation);

float *kairos_network_parameters (KairosNetwork *network, gsize *n);
float *kairos_network_buffers (KairosNetwork *network, gsize *n);
/* Hexadecimal SHA-256 of all parameters as little-endian float32 in network order.  Caller frees. */
char *kairos_network_digest (KairosNetwork *network);

/* The parameter tensors, in network order. */
typedef enum { KAIROS_TENSOR_WEIGHT, KAIROS_TENSOR_BIAS, KAIROS_TENSOR_GAMMA, KAIROS_TENSOR_BETA } KairosTensorRole;
typedef struct {
  const char *layer; /* "conv1", "dense2", "batch-norm3", "residual2.conv1": unique within the network */
  KairosTensorRole role;
  gsize offset, n; /* in floats, into the parameter vector */
  int fan_in, fan_out;
} KairosTensorInfo;
const KairosTensorInfo *kairos_network_tensors (KairosNetwork *network, guint *n);

/* The layers as a person sees them. */
typedef struct {
  const char *name; /* "conv1" */
  const char *kind; /* row name in kairos_layer_infos() */
  char text[48];    /* "conv 5x5, 32" */
  KairosShape output;
  int input; /* the layer whose values it takes, past those that only reshape; -1: the network's input */
  gsize n_parameters;
  double flops; /* forward, a sample; a multiply-add counts 2 */
} KairosLayerSummary;
const KairosLayerSummary *kairos_network_layers (KairosNetwork *network, guint *n);
/* forward, a sample; a training step is counted as three times that */
double kairos_network_flops (KairosNetwork *network);

/* ---- Running it ---- */

/* squared error: against the one-hot label, mean over outputs */
typedef enum { KAIROS_LOSS_CROSS_ENTROPY, KAIROS_LOSS_SQUARED_ERROR } KairosLoss;

/* What one sample's forward pass says.  The per-sample facts are made of these. */
struct _KairosOutcome {
  float loss;        /* unweighted, without label smoothing */
  float confidence;  /* probability of the predicted class, 0 .. 1 */
  float truth;       /* probability of the labelled class, 0 .. 1 */
  float el2n;        /* ||p - onehot(label)||_2 (Paul et al. 2021) */
  float margin;      /* logit of the label minus the largest other logit (AUM, Pleiss et al. 2020) */
  gint32 prediction; /* class with the largest logit; the lowest index of equals */
};

typedef struct {
  int n;                      /* samples, 1 .. the executor's batch */
  const float *input;         /* n x H x W x C, before normalisation; images are 0 .. 1 */
  const gint32 *labels;       /* n; 0 .. outputs-1 */
  const float *weights;       /* n per-sample loss weights, or NULL for 1 */
  const guint32 *ids;         /* n sample ids, for the random numbers of dropout; NULL counts 0, 1, ... */
  KairosLoss loss;            /* of kairos_executor_evaluate(); training takes that of its options */
  const gint32 *other_labels; /* training: n second labels (mixup), or NULL */
  float share; /* with other_labels: the part of the target that labels have, 0 .. 1; the others have the rest */
} KairosBatch;

typedef struct {
  KairosLoss loss;
  float label_smoothing; /* 0 .. 1, 0 = none: target (1-s) onehot + s/K */
  guint64 seed, step;    /* for dropout */
  gboolean sets_dropout; /* every dropout layer takes this rate instead of its own */
  float dropout;         /* 0 .. 0.99 */
} KairosTrainOptions;

/* max_batch: the largest n that will be passed.  pool is borrowed and must outlive the executor, as must network.
 * Returns NULL when the memory cannot be had; kairos_network_check_memory() says so beforehand. */
KairosExecutor *kairos_executor_new (KairosNetwork *network, int max_batch, KairosPool *pool) G_GNUC_WARN_UNUSED_RESULT;
/* An executor that only evaluates: no memory for gradients and kept activations. */
KairosExecutor *kairos_executor_new_for_evaluation (KairosNetwork *network, int max_batch,
                                                    KairosPool *pool) G_GNUC_WARN_UNUSED_RESULT;
/* An executor that looks into the network as it evaluates: running statistics, no dropout, no sample depends on
 * another.  Nothing of the network is written.  kairos_executor_train() on it gives the gradients of the loss like
 * that; besides, it can do what stands under "Looking inside".  keeps: activations and the input's gradient stay. */
KairosExecutor *kairos_executor_new_for_inspection (KairosNetwork *network, int max_batch, KairosPool *pool,
                                                    gboolean keeps) G_GNUC_WARN_UNUSED_RESULT;
/* An executor for differences of gradients.  It looks into the network like that, too; but kairos_executor_train() on
 * it leaves each rectifier and each maximum on the side on which the last kairos_executor_look() at the same batch
 * found it, though weights may have moved since.  Gradients then are those of one smooth piece of the function, and do
 * not jump. */
KairosExecutor *kairos_executor_new_for_curvature (KairosNetwork *network, int max_batch,
                                                   KairosPool *pool) G_GNUC_WARN_UNUSED_RESULT;
void kairos_executor_free (KairosExecutor *executor);

/* Forward, loss, backward in training mode (batch statistics, dropout).  Fills the gradients (of the weighted mean
 * loss: sum of w_i l_i / n) and updates the running statistics.  outcomes: n, may be NULL.  Returns the weighted mean
 * loss with label smoothing. */
double kairos_executor_train (KairosExecutor *executor, const KairosBatch *batch, const KairosTrainOptions *options,
                              KairosOutcome *outcomes);
/* Forward in evaluation mode (running statistics, no dropout).  logits: n x outputs, probabilities: n x outputs,
 * outcomes: n; each may be NULL. labels may be NULL in batch, then the outcome's loss, truth, el2n and margin are 0.
 * Returns the sum of the unweighted losses. */
double kairos_executor_evaluate (KairosExecutor *executor, const KairosBatch *batch, float *logits,
                                 float *probabilities, KairosOutcome *outcomes);
/* Gradients of the last kairos_executor_train(), same layout as the parameters. */
float *kairos_executor_gradients (KairosExecutor *executor);

/* ---- Looking inside: executors for inspection ---- */

/* What is followed back from the logits, in place of the gradient of the loss: fill() writes one sample's gradient with
 * respect to its logits.  sample: its place in the batch; label: -1 if not known; probabilities: the softmax of its
 * logits, of the network's outputs.  Called from the threads of the pool, for several samples at once. */
typedef struct {
  void (*fill) (gpointer data, int sample, gint32 label, const float *probabilities, float *gradient);
  gpointer data;
} KairosSeed;

/* norms[i * n_layers + l]: the squared norm of sample i's own gradient with respect to the parameters of layer l, in
 * the order of kairos_network_layers(); 0 for layers without.  seed NULL: of its own loss, batch->loss, unweighted by
 * the number of samples. */
void kairos_executor_measure_norms (KairosExecutor *executor, const KairosBatch *batch, const KairosSeed *seed,
                                    double *norms);
/* Forwards alone, for the activations. outcomes: n, may be NULL. */
void kairos_executor_look (KairosExecutor *executor, const KairosBatch *batch, KairosOutcome *outcomes);
/* Of the last batch, for executors that keep; owned by the executor, valid until the next call.  The values of a layer
 * (n x its output), behind the rectifier that follows where there is one; NULL: that layer has none of its own, such as
 * a rectifier that is part of the layer before.  rectified, if not NULL: whether there is one. */
const float *kairos_executor_get_activation (KairosExecutor *executor, guint layer, gboolean *rectified);
const float *kairos_executor_get_input_gradient (KairosExecutor *executor); /* n x input, of the input as it came in */

/* Bytes held: activations, gradients, scratch. */
gsize kairos_executor_get_memory (KairosExecutor *executor);

/* Time and arithmetic of each layer and pass over the steps since profiling was switched on.  Off by default and then
 * free.  An executor that can train reports its training, the others their evaluation. */
typedef struct {
  /* pass: "forward", "statistics", "backward data", "backward weights"; fused layers count under the first */
  const char *layer, *pass;
  double seconds;      /* processor time over the number of threads; other programs do not count */
  double flops, bytes; /* all threads together; bytes: what the pass reads and writes, from whichever cache */
} KairosProfileRow;
void kairos_executor_set_profiling (KairosExecutor *executor, gboolean on);
GArray *kairos_executor_get_profile (KairosExecutor *executor); /* of KairosProfileRow; caller unrefs */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosNetwork, kairos_network_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosExecutor, kairos_executor_free)

G_END_DECLS
