/* SPDX-License-Identifier: MIT */

/* Runs programs on the compute pool.
 *
 * A step is: load (weights may have changed) -> for each stage: all lanes in parallel, then the batch normalisations
 * combine what the lanes measured -> weight jobs in parallel: gradients over the whole batch by rows, and the sums over
 * lanes of the other weight gradients. The cuts (lanes, tiles, jobs) follow from the shapes and the batch size, and
 * every sum is taken in a fixed order.
 */
#include "executor-private.h"

#include <string.h>

#include "arena.h"
#include "dense.h"
#include "kairos/pool.h"
#include "loss.h"
#include "network-private.h"
#include "profile.h"
#include "program.h"
#include "rows.h"
#include "src/base/simd.h"

enum {
  REDUCE_CHUNK = 8192,   /* floats of a lane sum that one piece adds up */
  LOAD_ALONE = 1 << 16,  /* parameters: fewer are loaded by the calling thread, for waking the others takes longer */
  WEIGHT_PIECES = 8,     /* pieces into which the arithmetic of the weight jobs is cut, about */
  EVALUATION_PIECES = 4, /* pieces of a full batch in evaluation, at least */
};

/* A program, ready to run. */
typedef struct {
  KairosProgram *program;
  gpointer *states; /* of the operations */
  GArray *loads;    /* indices of operations to load */
  float *arena;
  KairosProfiler *profiler;
} Unit;

/* A piece of the work behind the last stage: rows of a weight job, or a range of a lane sum. */
typedef struct {
  const KairosWeightJob *rows; /* NULL: a lane sum */
  gsize first, n;
  gsize lane_offset; /* of the lane sum */
} Job;

struct _KairosExecutor {
  KairosNetwork *network;
  KairosPool *pool;
  int n_threads, max_batch;
  Unit train, evaluate; /* train.program NULL: evaluates only */
  float **scratch;      /* of each thread */
  gsize scratch_size;

  float *gradients;
  float *lanes;                   /* weight gradients of each lane */
  gsize lane_size, *lane_offsets; /* in the lane, of each operation of the training program */
  GArray *jobs;

  double *losses;    /* of each sample */
  guint32 *counting; /* 0, 1, 2, ...: ids of samples without */
  float **softmax;   /* of one sample, of each thread */

  /* The call that is under way. */
  Unit *unit;
  const KairosStage *stage;
  const KairosBatch *batch;
  const KairosTrainOptions *options;
  KairosLossSettings loss;
  KairosOutcome *outcomes;
  float *logits, *probabilities;
  const KairosSeed *seed; /* what is followed back in place of the loss; NULL: the loss */
  double *norms;          /* n samples x layers; NULL: gradients are measured */
  gboolean looking;       /* forwards alone */
  int n_lanes;
};

/* ---- construction ---- */

static int
largest_lane (int max_batch)
{
  return (max_batch + KAIROS_MAX_LANES - 1) / KAIROS_MAX_LANES;
}

/* Of an evaluation: enough pieces for some threads, and otherwise as large as the cache allows. */
static int
largest_piece (int max_batch)
{
  return (max_batch + EVALUATION_PIECES - 1) / EVALUATION_PIECES;
}

static gboolean
unit_init (KairosExecutor *executor, Unit *unit, KairosMode mode, gboolean keeps, const char *implementation)
{
  int max_batch = executor->max_batch;
  gboolean training = mode != KAIROS_MODE_EVALUATE;
  int max_lane = training ? largest_lane (max_batch) : largest_piece (max_batch);
  KairosProgram *program = kairos_program_new (executor->network, mode, keeps, max_batch, max_lane);

  unit->program = program;
  unit->states = g_new0 (gpointer, program->operations->len);
  unit->loads = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < program->operations->len; i++) {
    const KairosLayer *layer = program->operations->pdata[i];
    const KairosPrepare how = {
      .layer = layer,
      .network = executor->network,
      .max_batch = max_batch,
      .max_tile = program->max_tile,
      .max_threads = executor->n_threads,
      .training = training,
      .inspection = mode == KAIROS_MODE_INSPECT,
      .need_input_gradient = program->needs_gradient[layer->input],
      .implementation = implementation,
    };

    if (layer->kind->prepare)
      unit->states[i] = layer->kind->prepare (&how);
    if (layer->kind->load && !(training && layer->kind->whole_batch))
      g_array_append_val (unit->loads, i);
  }
  unit->arena = kairos_arena_new (program->batch_size);
  executor->scratch_size = MAX (executor->scratch_size, program->scratch_size);
  return unit->arena != NULL;
}

static void
unit_clear (Unit *unit)
{
  if (!unit->program)
    return;
  for (guint i = 0; i < unit->program->operations->len; i++) {
    const KairosLayer *layer = unit->program->operations->pdata[i];
    if (layer->kind->release && unit->states[i])
      layer->kind->release (unit->states[i]);
  }
  g_free (unit->states);
  g_array_unref (unit->loads);
  kairos_arena_free (unit->arena, unit->program->batch_size);
  kairos_profiler_free (unit->profiler);
  kairos_program_free (unit->program);
}

static gsize
unit_memory (const Unit *unit)
{
  gsize bytes = 0;

  if (!unit->program)
    return 0;
  for (guint i = 0; i < unit->program->operations->len; i++) {
    const KairosLayer *layer = unit->program->operations->pdata[i];
    if (layer->kind->memory)
      bytes += layer->kind->memory (unit->states[i]);
  }
  return bytes + unit->program->batch_size * sizeof (float);
}

/* One weight job in pieces of about the same arithmetic, in whole blocks of rows. */
static void
add_row_jobs (KairosExecutor *executor, const KairosWeightJob *job, double total_flops)
{
  const KairosLayer *layer = executor->train.program->operations->pdata[job->operation];
  gsize n_rows = layer->out.channels, n_blocks = (n_rows + KAIROS_DENSE_ROWS - 1) / KAIROS_DENSE_ROWS;
  gsize n_pieces = CLAMP ((gsize) (layer->flops * WEIGHT_PIECES / total_flops + 0.5), 1, n_blocks);

  for (gsize i = 0; i < n_pieces; i++) {
    gsize first = n_blocks * i / n_pieces * KAIROS_DENSE_ROWS,
          end = MIN (n_blocks * (i + 1) / n_pieces * KAIROS_DENSE_ROWS, n_rows);
    Job piece = { job, first, end - first, 0 };
    g_array_append_val (executor->jobs, piece);
  }
}

/* The sum over the lanes of n weight gradients. */
static void
add_sum_jobs (KairosExecutor *executor, gsize offset, gsize n)
{
  for (gsize first = 0; first < n; first += REDUCE_CHUNK) {
    Job piece = { NULL, offset + first, MIN (REDUCE_CHUNK, n - first), executor->lane_size + first };
    g_array_append_val (executor->jobs, piece);
  }
  executor->lane_size += n;
}

static void
plan_jobs (KairosExecutor *executor)
{
  const KairosProgram *program = executor->train.program;
  double flops = 0;

  executor->jobs = g_array_new (FALSE, FALSE, sizeof (Job));
  executor->lane_offsets = g_new0 (gsize, program->operations->len);
  for (guint i = 0; i < program->weight_jobs->len; i++)
    flops += ((const KairosLayer *)
                  program->operations->pdata[g_array_index (program->weight_jobs, KairosWeightJob, i).operation])
                 ->flops;
  for (guint i = 0; i < program->weight_jobs->len; i++)
    add_row_jobs (executor, &g_array_index (program->weight_jobs, KairosWeightJob, i), flops);
  for (guint i = 0; i < program->operations->len; i++) {
    const KairosLayer *layer = program->operations->pdata[i];
    if (!layer->kind->backward_weights)
      continue;
    executor->lane_offsets[i] = executor->lane_size;
    add_sum_jobs (executor, layer->weight, layer->n_weight);
    add_sum_jobs (executor, layer->bias, layer->n_bias);
  }
}

static gboolean
train_init (KairosExecutor *executor, KairosMode mode, gboolean keeps, const char *implementation)
{
  gsize n;

  if (!unit_init (executor, &executor->train, mode, keeps, implementation))
    return FALSE;
  plan_jobs (executor);
  kairos_network_parameters (executor->network, &n);
  executor->gradients = kairos_arena_new (n);
  executor->lanes = kairos_arena_new (executor->lane_size * KAIROS_MAX_LANES);
  return executor->gradients && executor->lanes;
}

static gboolean
scratch_init (KairosExecutor *executor)
{
  executor->scratch = g_new0 (float *, executor->n_threads);
  executor->softmax = g_new0 (float *, executor->n_threads);
  for (int thread = 0; thread < executor->n_threads; thread++) {
    executor->scratch[thread] = kairos_arena_new (executor->scratch_size);
    executor->softmax[thread] = g_new (float, kairos_network_get_outputs (executor->network));
    if (!executor->scratch[thread])
      return FALSE;
  }
  return TRUE;
}

static KairosExecutor *
executor_new (KairosNetwork *network, int max_batch, KairosPool *pool, KairosMode mode, gboolean keeps,
              const char *implementation)
{
  g_autoptr (KairosExecutor) executor = g_new0 (KairosExecutor, 1);

  executor->network = network;
  executor->pool = pool;
  executor->n_threads = kairos_pool_get_n_threads (pool);
  executor->max_batch = MAX (max_batch, 1);
  executor->losses = g_new0 (double, executor->max_batch);
  executor->counting = g_new (guint32, executor->max_batch);
  for (int i = 0; i < executor->max_batch; i++)
    executor->counting[i] = (guint32) i;
  if (mode != KAIROS_MODE_EVALUATE && !train_init (executor, mode, keeps, implementation))
    return NULL;
  if (!unit_init (executor, &executor->evaluate, KAIROS_MODE_EVALUATE, FALSE, implementation) ||
      !scratch_init (executor))
    return NULL;
  return g_steal_pointer (&executor);
}

KairosExecutor *
kairos_executor_new_with (KairosNetwork *network, int max_batch, KairosPool *pool, gboolean training,
                          const char *implementation)
{
  return executor_new (network, max_batch, pool, training ? KAIROS_MODE_TRAIN : KAIROS_MODE_EVALUATE, FALSE,
                       implementation);
}

KairosExecutor *
kairos_executor_new (KairosNetwork *network, int max_batch, KairosPool *pool)
{
  return kairos_executor_new_with (network, max_batch, pool, TRUE, NULL);
}

KairosExecutor *
kairos_executor_new_for_evaluation (KairosNetwork *network, int max_batch, KairosPool *pool)
{
  return kairos_executor_new_with (network, max_batch, pool, FALSE, NULL);
}

KairosExecutor *
kairos_executor_new_for_inspection (KairosNetwork *network, int max_batch, KairosPool *pool, gboolean keeps)
{
  return executor_new (network, max_batch, pool, KAIROS_MODE_INSPECT, keeps, NULL);
}

KairosExecutor *
kairos_executor_new_for_curvature (KairosNetwork *network, int max_batch, KairosPool *pool)
{
  return executor_new (network, max_batch, pool, KAIROS_MODE_CURVATURE, FALSE, NULL);
}

void
kairos_executor_free (KairosExecutor *executor)
{
  gsize n;

  if (!executor)
    return;
  kairos_network_parameters (executor->network, &n);
  for (int thread = 0; executor->scratch && thread < executor->n_threads; thread++) {
    kairos_arena_free (executor->scratch[thread], executor->scratch_size);
    g_free (executor->softmax[thread]);
  }
  g_free (executor->scratch);
  g_free (executor->softmax);
  unit_clear (&executor->train);
  unit_clear (&executor->evaluate);
  kairos_arena_free (executor->gradients, n);
  kairos_arena_free (executor->lanes, executor->lane_size * KAIROS_MAX_LANES);
  g_free (executor->lane_offsets);
  g_clear_pointer (&executor->jobs, g_array_unref);
  g_free (executor->losses);
  g_free (executor->counting);
  g_free (executor);
}

gsize
kairos_executor_get_memory (KairosExecutor *executor)
{
  gsize n = 0, floats;

  if (executor->train.program)
    kairos_network_parameters (executor->network, &n);
  floats = n + executor->lane_size * KAIROS_MAX_LANES + executor->scratch_size * executor->n_threads;
  return floats * sizeof (float) + unit_memory (&executor->train) + unit_memory (&executor->evaluate);
}

float *
kairos_executor_gradients (KairosExecutor *executor)
{
  return executor->gradients;
}

/* ---- a tile ---- */

/* Some samples on their way through a stage. */
typedef struct {
  int lane, thread, first, n;
  gboolean begin;
} Tile;

static float *
locate (const KairosExecutor *executor, const Tile *tile, const KairosOperand *operand)
{
  switch (operand->place) {
  case KAIROS_INPUT: return (float *) executor->batch->input + tile->first * operand->size; /* never written */
  case KAIROS_BATCH: return executor->unit->arena + operand->offset + tile->first * operand->size;
  case KAIROS_TILE: return executor->scratch[tile->thread] + operand->offset;
  case KAIROS_NOWHERE:
  default: return NULL;
  }
}

static void
judge (KairosExecutor *executor, const Tile *tile, const float *logits, float *gradient)
{
  const KairosBatch *batch = executor->batch;
  int n_classes = executor->loss.n_classes;

  for (int i = 0; i < tile->n; i++) {
    int sample = tile->first + i;
    gint32 label = batch->labels ? batch->labels[sample] : -1;
    const float *z = logits + (gsize) i * n_classes;
    float *p = executor->probabilities ? executor->probabilities + (gsize) sample * n_classes
                                       : executor->softmax[tile->thread];
    KairosOutcome outcome;

    kairos_loss_judge (&executor->loss, z, label, p, &outcome);
    if (executor->outcomes)
      executor->outcomes[sample] = outcome;
    if (executor->logits)
      memcpy (executor->logits + (gsize) sample * n_classes, z, n_classes * sizeof *z);
    executor->losses[sample] = outcome.loss;
    if (gradient && executor->seed) {
      executor->seed->fill (executor->seed->data, sample, label, p, gradient + (gsize) i * n_classes);
    } else if (gradient) {
      float weight = batch->weights ? batch->weights[sample] : 1;
      KairosLossSettings loss = executor->loss;
      loss.mixed = batch->other_labels != NULL;
      loss.other = loss.mixed ? batch->other_labels[sample] : 0;
      loss.share = batch->share;
      executor->losses[sample] =
          weight * kairos_loss_differentiate (&loss, z, p, label, executor->norms ? weight : weight / batch->n,
                                              gradient + (gsize) i * n_classes);
    }
  }
}

static void
run_pass (KairosExecutor *executor, const Tile *tile, const KairosInstruction *instruction, const KairosCall *call)
{
  const KairosLayerKind *kind = call->layer->kind;

  switch (instruction->pass) {
  case KAIROS_PASS_FORWARD: kind->forward (call); break;
  case KAIROS_PASS_MEASURE: kind->measure (call); break;
  case KAIROS_PASS_LOSS: judge (executor, tile, call->x, call->out); break;
  case KAIROS_PASS_ADD:
  case KAIROS_PASS_MASK:
    kairos_rows_mask (tile->n * instruction->out.size, call->y, call->dy, call->dextra, call->out);
    break;
  case KAIROS_PASS_MEASURE_GRADIENT: kind->measure_gradient (call); break;
  case KAIROS_PASS_BACKWARD_WEIGHTS: kind->backward_weights (call); break;
  case KAIROS_PASS_BACKWARD_DATA: kind->backward_data (call); break;
  case KAIROS_PASS_NORMS: kind->norms (call); break;
  case KAIROS_N_PASSES:
  default: break;
  }
}

/* Inspection measures either gradients or their norms. */
static gboolean
is_passed_over (const KairosExecutor *executor, KairosPass pass)
{
  return executor->norms ? pass == KAIROS_PASS_BACKWARD_WEIGHTS : pass == KAIROS_PASS_NORMS;
}

static void
run_instruction (KairosExecutor *executor, const Tile *tile, const KairosInstruction *instruction)
{
  const KairosLayer *layer = executor->unit->program->operations->pdata[instruction->operation];
  const guint32 *ids = executor->batch->ids ? executor->batch->ids : executor->counting;
  KairosCall call = {
    .layer = layer,
    .state = executor->unit->states[instruction->operation],
    .thread = tile->thread,
    .lane = tile->lane,
    .n = tile->n,
    .first = tile->first,
    .begin = tile->begin,
    .decides = executor->looking,
    .ids = ids + tile->first,
    .options = executor->options,
    .parameters = executor->network->parameters,
    .x = locate (executor, tile, &instruction->x),
    .extra = locate (executor, tile, &instruction->extra),
    .y = locate (executor, tile, &instruction->y),
    .dy = locate (executor, tile, &instruction->dy),
    .dextra = locate (executor, tile, &instruction->dextra),
    .out = locate (executor, tile, &instruction->out),
  };

  if (instruction->pass == KAIROS_PASS_BACKWARD_WEIGHTS) {
    call.dw = executor->lanes + tile->lane * executor->lane_size + executor->lane_offsets[instruction->operation];
    call.db = call.dw + layer->n_weight;
  }
  if (instruction->pass == KAIROS_PASS_NORMS) {
    call.norm_stride = executor->network->summaries->len;
    call.norms = executor->norms + tile->first * call.norm_stride + layer->summary;
  }
  run_pass (executor, tile, instruction, &call);
}

static void
run_tile (KairosExecutor *executor, const Tile *tile)
{
  const GArray *instructions = executor->stage->instructions;
  KairosProfiler *profiler = executor->unit->profiler;

  for (guint i = 0; i < instructions->len; i++) {
    const KairosInstruction *instruction = &g_array_index (instructions, KairosInstruction, i);
    double start = profiler ? kairos_profiler_now () : 0;

    if (is_passed_over (executor, instruction->pass))
      continue;
    if (executor->looking && instruction->pass > KAIROS_PASS_LOSS)
      break;
    run_instruction (executor, tile, instruction);
    if (profiler)
      kairos_profiler_add (profiler, tile->thread, instruction, tile->n, kairos_profiler_now () - start);
  }
}

static void
run_lane (gpointer data, int lane, int thread)
{
  KairosExecutor *executor = data;
  int n = executor->batch->n, step = executor->stage->tile;
  int first = (int) ((gint64) n * lane / executor->n_lanes), end = (int) ((gint64) n * (lane + 1) / executor->n_lanes);

  for (int at = first; at < end; at += step) {
    const Tile tile = { lane, thread, at, MIN (step, end - at), at == first };
    run_tile (executor, &tile);
  }
}

/* ---- a program ---- */

static void
load_piece (gpointer data, int piece, int thread)
{
  KairosExecutor *executor = data;
  guint i = g_array_index (executor->unit->loads, guint, piece);
  const KairosLayer *layer = executor->unit->program->operations->pdata[i];

  layer->kind->load (executor->unit->states[i], layer, executor->network);
}

static void
load (KairosExecutor *executor)
{
  int n_pieces = (int) executor->unit->loads->len;

  if (executor->network->n_parameters >= LOAD_ALONE)
    kairos_pool_run (executor->pool, n_pieces, load_piece, executor);
  else
    for (int piece = 0; piece < n_pieces; piece++)
      load_piece (executor, piece, 0);
}

static void
combine (KairosExecutor *executor)
{
  const GArray *instructions = executor->stage->instructions;

  for (guint i = 0; i < instructions->len; i++) {
    const KairosInstruction *instruction = &g_array_index (instructions, KairosInstruction, i);
    const KairosLayer *layer = executor->unit->program->operations->pdata[instruction->operation];
    gpointer state = executor->unit->states[instruction->operation];

    if (instruction->pass == KAIROS_PASS_MEASURE)
      layer->kind->combine (state, layer, executor->network, executor->n_lanes);
    else if (instruction->pass == KAIROS_PASS_MEASURE_GRADIENT)
      layer->kind->combine_gradient (state, layer, executor->network, executor->n_lanes, executor->gradients);
  }
}

static void
run_stages (KairosExecutor *executor)
{
  const GArray *stages = executor->unit->program->stages;

  for (guint i = 0; i < stages->len; i++) {
    executor->stage = &g_array_index (stages, KairosStage, i);
    kairos_pool_run (executor->pool, executor->n_lanes, run_lane, executor);
    combine (executor);
  }
}

KAIROS_MULTIVERSION static void
sum_lanes (const float *lanes, gsize lane_size, int n_lanes, gsize n, float *restrict sum)
{
  memcpy (sum, lanes, n * sizeof *sum);
  for (int lane = 1; lane < n_lanes; lane++) {
    const float *restrict values = lanes + lane * lane_size;
    for (gsize i = 0; i < n; i++)
      sum[i] += values[i];
  }
}

static void
run_rows (KairosExecutor *executor, const Job *job, int thread)
{
  const KairosWeightJob *rows = job->rows;
  const KairosLayer *layer = executor->unit->program->operations->pdata[rows->operation];
  const Tile all = { .thread = thread, .n = executor->batch->n };
  const KairosCall call = {
    .layer = layer,
    .state = executor->unit->states[rows->operation],
    .thread = thread,
    .n = all.n,
    .x = locate (executor, &all, &rows->x),
    .dy = locate (executor, &all, &rows->dy),
    .dw = executor->gradients + layer->weight,
    .db = executor->gradients + layer->bias,
  };

  layer->kind->weight_rows (&call, (int) job->first, (int) job->n);
}

static void
run_job (gpointer data, int piece, int thread)
{
  KairosExecutor *executor = data;
  const Job *job = &g_array_index (executor->jobs, Job, piece);
  KairosProfiler *profiler = executor->unit->profiler;
  double start = profiler ? kairos_profiler_now () : 0;

  if (!job->rows) {
    sum_lanes (executor->lanes + job->lane_offset, executor->lane_size, executor->n_lanes, job->n,
               executor->gradients + job->first);
    return;
  }
  run_rows (executor, job, thread);
  if (profiler) {
    const KairosInstruction shown = { KAIROS_PASS_BACKWARD_WEIGHTS, job->rows->operation, .x = job->rows->x,
                                      .dy = job->rows->dy };
    const KairosLayer *layer = executor->unit->program->operations->pdata[job->rows->operation];
    kairos_profiler_add (profiler, thread, &shown, (double) executor->batch->n * job->n / layer->out.channels,
                         kairos_profiler_now () - start);
  }
}

/* In sample order. */
static double
sum_losses (const KairosExecutor *executor)
{
  double sum = 0;

  for (int i = 0; i < executor->batch->n; i++)
    sum += executor->losses[i];
  return sum;
}

static void
run_back (KairosExecutor *executor, const KairosBatch *batch, const KairosTrainOptions *options,
          KairosOutcome *outcomes)
{
  g_assert (executor->train.program && batch->n >= 1 && batch->n <= executor->max_batch);
  executor->unit = &executor->train;
  executor->batch = batch;
  executor->options = options;
  executor->outcomes = outcomes;
  executor->logits = executor->probabilities = NULL;
  executor->loss = (KairosLossSettings){ options->loss, executor->network->outputs, options->label_smoothing };
  executor->n_lanes = MIN (batch->n, KAIROS_MAX_LANES);

  load (executor);
  run_stages (executor);
}

double
kairos_executor_train (KairosExecutor *executor, const KairosBatch *batch, const KairosTrainOptions *options,
                       KairosOutcome *outcomes)
{
  run_back (executor, batch, options, outcomes);
  kairos_pool_run (executor->pool, (int) executor->jobs->len, run_job, executor);
  return sum_losses (executor) / batch->n;
}

void
kairos_executor_measure_norms (KairosExecutor *executor, const KairosBatch *batch, const KairosSeed *seed,
                               double *norms)
{
  const KairosTrainOptions plain = { .loss = batch->loss };

  memset (norms, 0, batch->n * executor->network->summaries->len * sizeof *norms);
  executor->seed = seed;
  executor->norms = norms;
  run_back (executor, batch, &plain, NULL);
  executor->seed = NULL;
  executor->norms = NULL;
}

void
kairos_executor_look (KairosExecutor *executor, const KairosBatch *batch, KairosOutcome *outcomes)
{
  const KairosTrainOptions plain = { .loss = batch->loss };

  executor->looking = TRUE;
  run_back (executor, batch, &plain, outcomes);
  executor->looking = FALSE;
}

static const float *
find_kept (KairosExecutor *executor, guint i)
{
  const KairosOperand *operand = &g_array_index (executor->train.program->kept, KairosOperand, i);

  return executor->train.arena + operand->offset;
}

const float *
kairos_executor_get_input_gradient (KairosExecutor *executor)
{
  return find_kept (executor, 0);
}

const float *
kairos_executor_get_activation (KairosExecutor *executor, guint layer, gboolean *rectified)
{
  GPtrArray *operations = executor->train.program->operations;

  /* the last one of a residual block is its sum */
  for (guint i = operations->len; i > 0; i--) {
    const KairosLayer *operation = operations->pdata[i - 1];
    if (operation->summary != (int) layer)
      continue;
    if (rectified)
      *rectified = operation->relu || operation->kind == &kairos_layer_relu;
    return find_kept (executor, i);
  }
  return NULL;
}

double
kairos_executor_evaluate (KairosExecutor *executor, const KairosBatch *batch, float *logits, float *probabilities,
                          KairosOutcome *outcomes)
{
  int tile = g_array_index (executor->evaluate.program->stages, KairosStage, 0).tile;

  g_assert (batch->n >= 1 && batch->n <= executor->max_batch);
  executor->unit = &executor->evaluate;
  executor->batch = batch;
  executor->options = NULL;
  executor->outcomes = outcomes;
  executor->logits = logits;
  executor->probabilities = probabilities;
  executor->loss = (KairosLossSettings){ batch->loss, executor->network->outputs, 0 };
  executor->n_lanes = (batch->n + tile - 1) / tile;

  load (executor);
  run_stages (executor);
  return sum_losses (executor);
}

/* ---- profiling ---- */

static void
profile_unit (Unit *unit, int n_threads, gboolean on)
{
  g_clear_pointer (&unit->profiler, kairos_profiler_free);
  if (on && unit->program)
    unit->profiler = kairos_profiler_new (unit->program, n_threads);
}

void
kairos_executor_set_profiling (KairosExecutor *executor, gboolean on)
{
  profile_unit (&executor->train, executor->n_threads, on);
  profile_unit (&executor->evaluate, executor->n_threads, on);
}

/* An executor that trains reports its training. */
GArray *
kairos_executor_get_profile (KairosExecutor *executor)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (KairosProfileRow));
  const Unit *unit = executor->train.program ? &executor->train : &executor->evaluate;

  if (unit->profiler)
    kairos_profiler_report (unit->profiler, executor->network, rows);
  return rows;
}
