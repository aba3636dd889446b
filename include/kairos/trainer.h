/* SPDX-License-Identifier: MIT */

/* The trainer: a deterministic state machine.  No thread, no clock, no file.
 *
 *   KairosTrainer *trainer = kairos_trainer_new (config, dataset, splits, facts, pool, &error);
 *   while (kairos_trainer_get_epoch (trainer) < 5 && kairos_trainer_step (trainer, &record, &error))
 *     if (kairos_trainer_epoch_is_due (trainer)) {
 *       validation = kairos_trainer_evaluate (trainer, KAIROS_SPLIT_VALIDATION, NULL);
 *       kairos_facts_end_epoch (facts);
 *     }
 *
 * step: events of this step -> regime -> the sampler picks the batch -> transforms -> forward, loss, backward ->
 * optimiser -> per-sample facts. (seed, data set, splits, network, hyper-parameters, timeline) and the number of steps
 * fix every bit of its state.  Without clips on data an epoch is one pass over the training split in an order drawn
 * anew; its last batch may be smaller.  One thread at a time.
 */
#pragma once

#include <kairos/config.h>
#include <kairos/facts.h>
#include <kairos/measure.h>
#include <kairos/plan.h>
#include <kairos/pool.h>

G_BEGIN_DECLS

typedef struct {
  float loss, accuracy; /* means over the split; NaN when it is empty */
  guint n;
} KairosEvaluation;

/* Builds the network for the data, sets its normalisation from the training split, draws the weights.  dataset, splits
 * and facts are referenced, pool is borrowed.  Errors: the network does not fit the data, the training split is empty,
 * too large for memory. */
KairosTrainer *kairos_trainer_new (const KairosConfig *config, KairosDataset *dataset, KairosSplits *splits,
                                   KairosFacts *facts, KairosPool *pool, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kairos_trainer_free (KairosTrainer *trainer);
KairosNetwork *kairos_trainer_get_network (KairosTrainer *trainer);
KairosDataset *kairos_trainer_get_dataset (KairosTrainer *trainer);
KairosSplits *kairos_trainer_get_splits (KairosTrainer *trainer);
KairosFacts *kairos_trainer_get_facts (KairosTrainer *trainer);
const KairosConfig *kairos_trainer_get_config (KairosTrainer *trainer);

guint64 kairos_trainer_get_step (KairosTrainer *trainer); /* steps done */
guint kairos_trainer_get_steps_per_epoch (KairosTrainer *trainer);
double kairos_trainer_get_epoch (KairosTrainer *trainer); /* time in epochs */

/* Another pool from the next call on; results do not depend on it.  FALSE when memory does not suffice: the pool is
 * then that of before. */
gboolean kairos_trainer_set_pool (KairosTrainer *trainer, KairosPool *pool, GError **error);

/* One step.  FALSE with KAIROS_ERROR_DIVERGED when the loss is not finite, or a weight or gradient not finite or beyond
 * 1e18 (past which the update could overflow): the state is then that before the step, untouched. */
gboolean kairos_trainer_step (KairosTrainer *trainer, KairosStepRecord *record, GError **error);
/* Changes a hyper-parameter for which kairos_config_is_live(): learning rate, schedule, epochs and so on.  Takes effect
 * at the next step. */
gboolean kairos_trainer_set (KairosTrainer *trainer, const char *name, const char *text, GError **error);
/* Takes effect at the next step; what the timeline before it resolved (the samples of a focus) stays for the clips that
 * are still there.  Errors: see kairos_plan_new(); the timeline is then that of before.  Whether the past stays what it
 * was is the caller's affair. */
gboolean kairos_trainer_set_timeline (KairosTrainer *trainer, KairosTimeline *timeline, GError **error);
/* Whether it would be taken, without taking it. */
gboolean kairos_trainer_check_timeline (KairosTrainer *trainer, KairosTimeline *timeline, GError **error);
KairosTimeline *kairos_trainer_get_timeline (KairosTrainer *trainer); /* owned by the trainer */
KairosPlan *kairos_trainer_get_plan (KairosTrainer *trainer);
/* What belongs before the next step: events happen, selections are resolved.  kairos_trainer_step() does it too; a
 * second time changes nothing. Error: an event could not happen. */
gboolean kairos_trainer_prepare (KairosTrainer *trainer, GError **error);
/* Whether a checkpoint event happened in the last step's beginning, so that a checkpoint is to be written for good;
 * clears the mark. */
gboolean kairos_trainer_take_checkpoint_mark (KairosTrainer *trainer);
/* Weights that survive pruning, and all weights. */
gsize kairos_trainer_count_weights (KairosTrainer *trainer, gsize *all);
/* Evaluates a whole split and updates its facts (not counted as seen).  cancel may be NULL: not 0 stops it between two
 * batches; the result is then of what was done, with n below the size of the split. */
KairosEvaluation kairos_trainer_evaluate (KairosTrainer *trainer, KairosSplit split, const volatile gint *cancel);
/* Class probabilities for n inputs (n x input size, as kairos_dataset_copy_input gives them). */
void kairos_trainer_predict (KairosTrainer *trainer, guint n, const float *inputs, float *probabilities);
/* The initial state again: same weights as at the start, facts empty. */
void kairos_trainer_restart (KairosTrainer *trainer);

/* TRUE at the end of an epoch whose losses were not yet added to the facts' histories (kairos_facts_end_epoch). */
gboolean kairos_trainer_epoch_is_due (KairosTrainer *trainer);

/* Everything that a later step depends on (weights, buffers, optimiser state, step, hyper-parameters, facts),
 * little-endian, versioned, with a SHA-256. restore refuses damaged bytes and those of another network or data set, and
 * then changes nothing. */
GBytes *kairos_trainer_save (KairosTrainer *trainer);
gboolean kairos_trainer_restore (KairosTrainer *trainer, GBytes *checkpoint, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosTrainer, kairos_trainer_free)

G_END_DECLS
