/* SPDX-License-Identifier: MIT */

/* The trainer: one step after the other, each a function of the state before it.
 *
 * INVARIANTS
 *
 *  1. The regime is all that a step reads of the hyper-parameters, apart from what the trainer was built from.
 *  2. A step either happens as a whole or leaves the state as it was; events before it have happened then, and do not a
 * second time.  What could go wrong is looked at before the optimiser writes: with loss finite, |w| and |g| at most
 * 1e18, no update can overflow (rates are at most 1000, and second moments at most 1e36).
 *  3. A step allocates nothing, but for clips that ask for further gradients.
 */
#include "trainer-private.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "kairos/random.h"
#include "src/base/bytes.h"
#include "src/base/simd.h"

enum {
  EVALUATION_BATCH = 64,      /* evaluations take at least this many samples at once */
  SAMPLES_PER_PIECE = 8,      /* of gathering a batch */
  FLOATS_PER_PIECE = 1 << 15, /* of looking for values out of bounds */
  FLOAT_BOUND = 0x5d5e0b6b,   /* the bits of 1e18f */
};

/* ---- Building ---- */

static gboolean
build_network (KairosTrainer *trainer, GError **error)
{
  const KairosConfig *config = trainer->config;
  KairosShape shape = kairos_dataset_get_shape (trainer->dataset);
  gsize n_parameters;

  trainer->network =
      kairos_network_new (config->network, shape, kairos_dataset_get_n_classes (trainer->dataset), error);
  trainer->capacity = MAX (config->batch, EVALUATION_BATCH);
  if (!trainer->network || !kairos_network_check_memory (trainer->network, trainer->capacity, error))
    return FALSE;
  kairos_network_parameters (trainer->network, &n_parameters);
  trainer->optimizer = kairos_optimizer_new (config->optimizer, n_parameters, error);
  if (!trainer->optimizer)
    return FALSE;

  g_autofree float *mean = g_new (float, shape.channels), *deviation = g_new (float, shape.channels);
  kairos_splits_normalisation (trainer->splits, trainer->dataset, mean, deviation);
  kairos_network_set_normalisation (trainer->network, mean, deviation);
  kairos_network_initialise (trainer->network, config->seed);
  return TRUE;
}

static KairosExecutor *
make_executor (KairosTrainer *trainer, KairosPool *pool, GError **error)
{
  KairosExecutor *executor = kairos_executor_new (trainer->network, trainer->capacity, pool);

  if (!executor)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "There is not enough free memory to train with batches of %d; choose smaller ones.",
                 trainer->capacity);
  return executor;
}

static void
make_scratch (KairosTrainer *trainer, KairosPool *pool)
{
  gsize size = kairos_shape_size (kairos_network_get_input (trainer->network));

  g_free (trainer->scratch);
  trainer->scratch = g_new (float, 3 * size * kairos_pool_get_n_threads (pool));
}

static gboolean
allocate (KairosTrainer *trainer, GError **error)
{
  gsize n_buffers;

  kairos_network_buffers (trainer->network, &n_buffers);
  trainer->sampler = kairos_sampler_new (trainer->config->seed, trainer->train, trainer->n_train,
                                         kairos_dataset_get_n_samples (trainer->dataset), trainer->config->batch);
  trainer->kept = g_ptr_array_new_with_free_func (kairos_kept_free);
  trainer->happened = g_array_new (FALSE, FALSE, sizeof (guint32));
  trainer->spans = g_array_new (FALSE, FALSE, sizeof (KairosSpan));
  trainer->ids = g_new (guint32, trainer->capacity);
  trainer->draws = g_new (guint32, trainer->capacity);
  trainer->labels = g_new (gint32, trainer->capacity);
  trainer->input = g_new (float, trainer->capacity *kairos_shape_size (kairos_network_get_input (trainer->network)));
  trainer->outcomes = g_new (KairosOutcome, trainer->capacity);
  trainer->buffers_before = g_new (float, n_buffers);
  make_scratch (trainer, trainer->pool);
  trainer->executor = make_executor (trainer, trainer->pool, error);
  g_autoptr (KairosTimeline) empty = kairos_timeline_new (0);
  return trainer->executor && kairos_trainer_set_timeline (trainer, empty, error);
}

KairosTrainer *
kairos_trainer_new (const KairosConfig *config, KairosDataset *dataset, KairosSplits *splits, KairosFacts *facts,
                    KairosPool *pool, GError **error)
{
  g_autoptr (KairosTrainer) trainer = g_new0 (KairosTrainer, 1);

  trainer->config = kairos_config_copy (config);
  trainer->dataset = kairos_dataset_ref (dataset);
  trainer->splits = kairos_splits_ref (splits);
  trainer->facts = kairos_facts_ref (facts);
  trainer->pool = pool;
  trainer->train = kairos_splits_ids (splits, KAIROS_SPLIT_TRAIN, &trainer->n_train);
  trainer->steps_per_epoch = (trainer->n_train + config->batch - 1) / config->batch;
  if (trainer->n_train == 0) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "%s has no training samples; choose data with samples in its training split.",
                 kairos_dataset_get_title (dataset));
    return NULL;
  }
  if (!build_network (trainer, error) || !allocate (trainer, error))
    return NULL;
  return g_steal_pointer (&trainer);
}

void
kairos_trainer_free (KairosTrainer *trainer)
{
  if (!trainer)
    return;
  g_clear_pointer (&trainer->executor, kairos_executor_free);
  g_clear_pointer (&trainer->optimizer, kairos_optimizer_free);
  kairos_network_free (trainer->network);
  kairos_facts_unref (trainer->facts);
  kairos_splits_unref (trainer->splits);
  kairos_dataset_unref (trainer->dataset);
  kairos_config_free (trainer->config);
  kairos_plan_free (trainer->plan);
  kairos_sampler_free (trainer->sampler);
  g_clear_pointer (&trainer->kept, g_ptr_array_unref);
  g_clear_pointer (&trainer->happened, g_array_unref);
  g_clear_pointer (&trainer->spans, g_array_unref);
  g_free (trainer->mask);
  g_free (trainer->weights_before);
  g_free (trainer->other_input);
  g_free (trainer->other_labels);
  g_free (trainer->gradient.vectors);
  g_free (trainer->gradient.floats);
  g_free (trainer->gradient.labels);
  g_free (trainer->gradient.ids);
  g_free (trainer->gradient.buffers_after);
  g_free (trainer->scratch);
  g_free (trainer->draws);
  g_free (trainer->ids);
  g_free (trainer->labels);
  g_free (trainer->input);
  g_free (trainer->outcomes);
  g_free (trainer->buffers_before);
  g_free (trainer);
}

gboolean
kairos_trainer_set_pool (KairosTrainer *trainer, KairosPool *pool, GError **error)
{
  KairosExecutor *executor = make_executor (trainer, pool, error);

  if (!executor)
    return FALSE;
  kairos_executor_free (trainer->executor);
  make_scratch (trainer, pool);
  trainer->executor = executor;
  trainer->pool = pool;
  return TRUE;
}

void
kairos_trainer_restart (KairosTrainer *trainer)
{
  kairos_network_initialise (trainer->network, trainer->config->seed);
  kairos_optimizer_reset (trainer->optimizer);
  kairos_facts_reset (trainer->facts);
  kairos_trainer_forget_events (trainer);
  trainer->step = 0;
}

/* ---- Looking at it ---- */

KairosNetwork *
kairos_trainer_get_network (KairosTrainer *trainer)
{
  return trainer->network;
}

KairosDataset *
kairos_trainer_get_dataset (KairosTrainer *trainer)
{
  return trainer->dataset;
}

KairosSplits *
kairos_trainer_get_splits (KairosTrainer *trainer)
{
  return trainer->splits;
}

KairosFacts *
kairos_trainer_get_facts (KairosTrainer *trainer)
{
  return trainer->facts;
}

const KairosConfig *
kairos_trainer_get_config (KairosTrainer *trainer)
{
  return trainer->config;
}

guint64
kairos_trainer_get_step (KairosTrainer *trainer)
{
  return trainer->step;
}

guint
kairos_trainer_get_steps_per_epoch (KairosTrainer *trainer)
{
  return trainer->steps_per_epoch;
}

double
kairos_trainer_get_epoch (KairosTrainer *trainer)
{
  return (double) trainer->step / trainer->steps_per_epoch;
}

gboolean
kairos_trainer_epoch_is_due (KairosTrainer *trainer)
{
  guint64 epochs = trainer->step / trainer->steps_per_epoch;

  return trainer->step % trainer->steps_per_epoch == 0 && epochs > kairos_facts_get_ended (trainer->facts);
}

gboolean
kairos_trainer_set (KairosTrainer *trainer, const char *name, const char *text, GError **error)
{
  g_autofree char *before = kairos_config_get (trainer->config, name);

  if (before && !kairos_config_is_live (name)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "%s cannot change while training; start a new session to choose another than %s.", name, before);
    return FALSE;
  }
  return kairos_config_set (trainer->config, name, text, error);
}

/* ---- Batches ---- */

/* Gathering a batch.  regime NULL: samples as they are. */
typedef struct {
  KairosTrainer *trainer;
  const KairosRegime *regime;
  int n;
} Gathering;

static void
gather_sample (const Gathering *gathering, int i, float *scratch)
{
  KairosTrainer *trainer = gathering->trainer;
  KairosShape shape = kairos_network_get_input (trainer->network);
  guint32 id = trainer->ids[i];
  float *input = trainer->input + i * kairos_shape_size (shape);

  kairos_dataset_copy_input (trainer->dataset, id, input);
  trainer->labels[i] = kairos_dataset_get_labels (trainer->dataset)[id];
  if (!gathering->regime)
    return;
  kairos_regime_transform (gathering->regime, shape, trainer->step, id, trainer->draws[i], input, scratch);
  trainer->labels[i] = kairos_regime_label (gathering->regime, id, trainer->labels[i]);
}

static void
gather_piece (gpointer data, int piece, int thread)
{
  const Gathering *gathering = data;
  float *scratch = gathering->trainer->scratch +
                   thread * 3 * kairos_shape_size (kairos_network_get_input (gathering->trainer->network));

  for (int i = piece * SAMPLES_PER_PIECE; i < MIN (gathering->n, (piece + 1) * SAMPLES_PER_PIECE); i++)
    gather_sample (gathering, i, scratch);
}

/* The batch of the first n of trainer->ids. */
static KairosBatch
gather (KairosTrainer *trainer, const KairosRegime *regime, int n)
{
  Gathering gathering = { trainer, regime, n };

  kairos_pool_run (trainer->pool, (n + SAMPLES_PER_PIECE - 1) / SAMPLES_PER_PIECE, gather_piece, &gathering);
  return (KairosBatch){
    .n = n, .input = trainer->input, .labels = trainer->labels, .ids = regime ? trainer->draws : trainer->ids
  };
}

/* ---- The step ---- */

typedef struct {
  const float *parameters, *gradients;
  gsize n;
  atomic_int beyond;
} Bounds;

/* The sign bit says whether one of the values is beyond the bound; as integers, floats without their sign are ordered
 * alike, NaN and infinity last. */
KAIROS_MULTIVERSION static gint32
look_beyond (const float *values, gsize n)
{
  gint32 beyond = 0;

  for (gsize i = 0; i < n; i++) {
    gint32 bits;
    memcpy (&bits, &values[i], sizeof bits);
    beyond |= FLOAT_BOUND - (bits & G_MAXINT32);
  }
  return beyond;
}

static void
bounds_piece (gpointer data, int piece, int thread)
{
  Bounds *bounds = data;
  gsize first = (gsize) piece * FLOATS_PER_PIECE, n = MIN (bounds->n - first, FLOATS_PER_PIECE);

  if ((look_beyond (bounds->parameters + first, n) | look_beyond (bounds->gradients + first, n)) < 0)
    atomic_store_explicit (&bounds->beyond, 1, memory_order_relaxed);
}

/* Whether the optimiser may go ahead: see invariant 2. */
static gboolean
is_sound (KairosTrainer *trainer, double loss)
{
  gsize n, n_buffers;
  const float *parameters = kairos_network_parameters (trainer->network, &n),
              *buffers = kairos_network_buffers (trainer->network, &n_buffers);
  Bounds bounds = { .parameters = parameters, .gradients = kairos_executor_gradients (trainer->executor), .n = n };

  if (!isfinite (loss) || !isfinite ((float) loss) || look_beyond (buffers, n_buffers) < 0)
    return FALSE;
  kairos_pool_run (trainer->pool, (n + FLOATS_PER_PIECE - 1) / FLOATS_PER_PIECE, bounds_piece, &bounds);
  return !atomic_load (&bounds.beyond);
}

static gboolean
refuse_diverged (KairosTrainer *trainer, double loss, GError **error)
{
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_DIVERGED,
               "Training diverged at step %" G_GUINT64_FORMAT
               " (epoch %.2f): %s; go back to an earlier checkpoint or lower the learning rate.",
               trainer->step + 1, kairos_trainer_get_epoch (trainer),
               isfinite (loss) ? "weights grow without bound" : "the loss is no longer a finite number");
  return FALSE;
}

static float
share_correct (const KairosTrainer *trainer, int n)
{
  int correct = 0;

  for (int i = 0; i < n; i++)
    correct += trainer->outcomes[i].prediction == trainer->labels[i];
  return (float) correct / n;
}

static KairosRegime
current_regime (KairosTrainer *trainer)
{
  double origin = kairos_plan_rate_origin (trainer->plan, trainer->step);
  KairosRegime regime = kairos_config_regime (trainer->config, kairos_trainer_get_epoch (trainer), origin);

  kairos_plan_regime (trainer->plan, trainer->step, &regime);
  return regime;
}

/* The weights as they were, and what the gradient did to the buffers undone. */
static gboolean
give_up (KairosTrainer *trainer, const KairosRegime *regime, double loss, GError **error)
{
  gsize n_buffers;
  float *buffers = kairos_network_buffers (trainer->network, &n_buffers);

  kairos_copy_floats (buffers, trainer->buffers_before, n_buffers);
  kairos_trainer_undo_noise (trainer, regime);
  return refuse_diverged (trainer, loss, error);
}

gboolean
kairos_trainer_step (KairosTrainer *trainer, KairosStepRecord *record, GError **error)
{
  gsize n_parameters, n_buffers;
  float *parameters = kairos_network_parameters (trainer->network, &n_parameters),
        *buffers = kairos_network_buffers (trainer->network, &n_buffers);

  if (!kairos_trainer_prepare (trainer, error))
    return FALSE;
  const KairosRegime regime = current_regime (trainer);
  int n = (int) kairos_sampler_batch (trainer->sampler, &regime, trainer->step, trainer->ids, trainer->draws);
  KairosBatch batch = gather (trainer, &regime, n);
  kairos_copy_floats (trainer->buffers_before, buffers, n_buffers);
  kairos_trainer_mix (trainer, &regime, &batch);
  kairos_trainer_begin_noise (trainer, &regime);
  double loss = kairos_trainer_differentiate (trainer, &regime, &batch);
  if (!is_sound (trainer, loss))
    return give_up (trainer, &regime, loss, error);
  kairos_trainer_end_noise (trainer, &regime);
  kairos_trainer_freeze (trainer, &regime);
  kairos_optimizer_step (trainer->optimizer, &regime.optimizer, parameters,
                         kairos_executor_gradients (trainer->executor), trainer->mask, trainer->pool);
  kairos_facts_update (trainer->facts, n, trainer->ids, trainer->labels, trainer->outcomes, TRUE);
  trainer->step++;
  *record = (KairosStepRecord){
    .step = trainer->step,
    .epoch = kairos_trainer_get_epoch (trainer),
    .loss = (float) loss,
    .accuracy = share_correct (trainer, n),
    .learning_rate = regime.optimizer.learning_rate,
    .n = n,
  };
  return TRUE;
}

/* ---- Evaluation ---- */

KairosEvaluation
kairos_trainer_evaluate (KairosTrainer *trainer, KairosSplit split, const volatile gint *cancel)
{
  guint n_split, done = 0;
  const guint32 *ids = kairos_splits_ids (trainer->splits, split, &n_split);
  double loss = 0, correct = 0;

  while (done < n_split && !(cancel && g_atomic_int_get (cancel))) {
    int n = MIN (n_split - done, (guint) trainer->capacity);
    memcpy (trainer->ids, ids + done, n * sizeof *ids);
    KairosBatch batch = gather (trainer, NULL, n);
    batch.loss = kairos_config_regime (trainer->config, 0, 0).loss;
    loss += kairos_executor_evaluate (trainer->executor, &batch, NULL, NULL, trainer->outcomes);
    correct += (double) share_correct (trainer, n) * n;
    kairos_facts_update (trainer->facts, n, trainer->ids, trainer->labels, trainer->outcomes, FALSE);
    done += n;
  }
  return (KairosEvaluation){ .loss = done ? (float) (loss / done) : NAN,
                             .accuracy = done ? (float) (correct / done) : NAN,
                             .n = done };
}

void
kairos_trainer_predict (KairosTrainer *trainer, guint n, const float *inputs, float *probabilities)
{
  gsize size = kairos_shape_size (kairos_network_get_input (trainer->network));
  int outputs = kairos_network_get_outputs (trainer->network);

  for (guint done = 0; done < n;) {
    int part = MIN (n - done, (guint) trainer->capacity);
    const KairosBatch batch = { .n = part, .input = inputs + done * size };
    kairos_executor_evaluate (trainer->executor, &batch, NULL, probabilities + (gsize) done * outputs, NULL);
    done += part;
  }
}
