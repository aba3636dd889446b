/* SPDX-License-Identifier: MIT */

/* Optimisers: one pass over parameters, gradients and state.
 *
 *   KairosOptimizer *optimizer = kairos_optimizer_new ("momentum", n, &error);
 *   KairosOptimizerSettings settings = kairos_optimizer_settings_default ();
 *   settings.learning_rate = 0.05f;
 *   kairos_optimizer_step (optimizer, &settings, parameters, gradients, NULL, pool);
 *
 * The state (momentum, first and second moments) is one contiguous vector, so a checkpoint is one copy.  All arithmetic
 * is element-wise and therefore independent of how the vector is divided among threads.
 */
#pragma once

#include <kairos/error.h>
#include <kairos/types.h>

G_BEGIN_DECLS

/* One row an optimiser: "sgd", "momentum", "nesterov", "adam", "adamw". */
typedef struct {
  const char *name, *summary;
  int n_moments;        /* state vectors as long as the parameters: 0, 1 or 2 */
  double learning_rate; /* a sane default rate */
} KairosOptimizerInfo;
const KairosOptimizerInfo *kairos_optimizer_infos (guint *n);

/* The settings of one step. */
typedef struct {
  float learning_rate;         /* > 0 */
  float momentum;              /* momentum, nesterov: 0 .. 1 */
  float beta1, beta2, epsilon; /* adam, adamw: 0.9, 0.999, 1e-8 */
  float weight_decay;          /* >= 0; added to the gradient (L2), decoupled for adamw */
} KairosOptimizerSettings;
KairosOptimizerSettings kairos_optimizer_settings_default (void);

/* name: a row of the table.  n: number of parameters.  Error: KAIROS_ERROR_MISSING, listing the names. */
KairosOptimizer *kairos_optimizer_new (const char *name, gsize n, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kairos_optimizer_free (KairosOptimizer *optimizer);
const char *kairos_optimizer_get_name (KairosOptimizer *optimizer);
float *kairos_optimizer_state (KairosOptimizer *optimizer, gsize *n); /* n may come out 0 */
guint64 kairos_optimizer_get_steps (KairosOptimizer *optimizer);      /* for Adam's bias correction */
void kairos_optimizer_set_steps (KairosOptimizer *optimizer, guint64 steps);
void kairos_optimizer_reset (KairosOptimizer *optimizer);

/* Parameters that stay as they are, with their state, in the steps to come: n spans by growing offset, which must live
 * as long; 0: none. */
typedef struct {
  gsize offset, n;
} KairosSpan;
void kairos_optimizer_freeze (KairosOptimizer *optimizer, const KairosSpan *spans, guint n);

/* mask: n bytes, 0 keeps a parameter at 0 and its state at 0 (pruned); NULL for none. */
void kairos_optimizer_step (KairosOptimizer *optimizer, const KairosOptimizerSettings *settings, float *parameters,
                            const float *gradients, const guint8 *mask, KairosPool *pool);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosOptimizer, kairos_optimizer_free)

G_END_DECLS
