/* SPDX-License-Identifier: MIT */

/* A plan: a timeline made ready for one training.  Times are steps, settings are numbers, selections are lists of
 * samples.
 *
 *   plan = kairos_plan_new (timeline, &context, &error);
 *   events = kairos_plan_events (plan, step, &n);       and let each happen: kairos_plan_happen()
 *   kairos_plan_resolve (plan, step, facts);            selections, from how the samples fare
 *   kairos_plan_regime (plan, step, &regime);           added to the session's own settings
 *   n = kairos_sampler_batch (sampler, &regime, step, ids, draws);
 *
 * Built once for a timeline value; kairos_plan_regime() then answers for any step without allocating.  What depends on
 * how the samples fared (who is in a focus, the order of a curriculum) is resolved at the clip's first step, or each
 * epoch where the clip says "live", and is the plan's only state: save and restore carry it, so that a resumed training
 * and a replay agree.  One thread at a time.
 *
 * Order within a step s: kairos_plan_events (s) happen, kairos_plan_resolve (s), then the regime holds for the step's
 * batch.
 */
#pragma once

#include <kairos/dataset.h>
#include <kairos/facts.h>
#include <kairos/regime.h>
#include <kairos/timeline.h>

G_BEGIN_DECLS

/* What a plan is made for; everything is borrowed and must outlive it. */
typedef struct {
  guint64 seed;
  guint steps_per_epoch;
  KairosDataset *dataset;
  KairosSplits *splits;
  KairosNetwork *network;
  guint batch; /* the most samples of a step */
} KairosPlanContext;

/* Errors name the clip that does not go with the data or network: blur on points, an unknown layer or class, a rewind
 * to no checkpoint, gradients that take more than 1 GiB. */
KairosPlan *kairos_plan_new (KairosTimeline *timeline, const KairosPlanContext *context,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kairos_plan_free (KairosPlan *plan); /* accepts NULL */
KairosTimeline *kairos_plan_get_timeline (KairosPlan *plan);
/* As much as any of its clips asks for: see KairosGradient. */
KairosRoom kairos_plan_room (KairosPlan *plan);
/* Takes over what another plan (of the timeline before an edit) resolved, for the clips that are still there. */
void kairos_plan_inherit (KairosPlan *plan, KairosPlan *before);

guint64 kairos_plan_to_step (KairosPlan *plan, double epoch); /* the nearest */
double kairos_plan_to_epoch (KairosPlan *plan, guint64 step);

/* Events due before the batch of this step, in order.  n may come out 0. */
const KairosClip *const *kairos_plan_events (KairosPlan *plan, guint64 step, guint *n);
/* Whether something has to be resolved before this step, that is, whether kairos_plan_resolve() would do anything. */
gboolean kairos_plan_is_due (KairosPlan *plan, guint64 step);
/* Resolves selections, orders and automatic releases from the facts as they are.  Idempotent for a step. */
void kairos_plan_resolve (KairosPlan *plan, guint64 step, KairosFacts *facts);
/* Clips that released themselves and whose "to" on the timeline is still later: ids and steps.  Returns how many;
 * arrays hold max. */
guint kairos_plan_released (KairosPlan *plan, guint32 *ids, guint64 *steps, guint max);

/* The time in epochs at which the rate's schedule last restarted; 0 if it never did. */
double kairos_plan_rate_origin (KairosPlan *plan, guint64 step);
/* Adds what the clips in force say to a regime that holds what is so without them. */
void kairos_plan_regime (KairosPlan *plan, guint64 step, KairosRegime *regime);
/* How many samples a clip's selection or curriculum holds at a step; 0 before it is resolved and for other kinds. */
guint kairos_plan_count (KairosPlan *plan, guint32 clip, guint64 step);

/* The state.  restore refuses what is damaged and then changes nothing; what belongs to clips that are no longer there
 * is dropped. */
GBytes *kairos_plan_save (KairosPlan *plan);
gboolean kairos_plan_restore (KairosPlan *plan, GBytes *state, GError **error);

/* ---- Events ---- */

/* What an event works on.  The first part is the caller's, the second the event's answer. */
typedef struct {
  guint64 seed, step;
  KairosNetwork *network;
  KairosOptimizer *optimizer;
  guint8 *mask; /* of every parameter: 0 is pruned; all 1 without pruning */
  /* The weights and buffers kept at the checkpoint event of that name; NULL if there are none.  Not called for "start".
   */
  const float *(*recall) (gpointer data, const char *name, const float **buffers);
  gpointer data;

  const char *keep;  /* not NULL: keep the weights under this name, and write a checkpoint for good */
  gboolean pruned;   /* the mask has zeros now */
  gboolean unpruned; /* the mask is all 1 again */
} KairosHappening;

/* Lets an event happen.  Pruned weights stay 0.  Error: nothing kept under the name that it rewinds to. */
gboolean kairos_plan_happen (KairosPlan *plan, const KairosClip *event, KairosHappening *happening, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosPlan, kairos_plan_free)

G_END_DECLS
