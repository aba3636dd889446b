/* SPDX-License-Identifier: MIT */

/* A plan: a timeline made ready for one training.  Times are steps, settings are numbers, selections are lists of
 * samples.
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

typedef struct _KairosPlan KairosPlan;

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

/* ---- Batches ---- */

typedef struct _KairosSampler KairosSampler;

/* train: n_train ids, borrowed. */
KairosSampler *kairos_sampler_new (guint64 seed, const guint32 *train, guint n_train, guint n_samples, guint batch);
void kairos_sampler_free (KairosSampler *sampler);
/* The batch of a step: writes up to batch ids, and draws if not NULL (see KairosTransform); returns how many.  Without
 * samplings, every epoch is one pass over the training split in an order drawn anew.  With them, each place of that
 * order keeps its sample as often as the wanted distribution allows and else draws from what is missing (the maximal
 * coupling of the two): the distribution is exact, as little as possible changes, and weights that are all equal change
 * nothing. */
guint kairos_sampler_batch (KairosSampler *sampler, const KairosRegime *regime, guint64 step, guint32 *ids,
                            guint32 *draws);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosSampler, kairos_sampler_free)

/* All transforms of a regime on one sample's input.  scratch: three times the input. */
void kairos_regime_transform (const KairosRegime *regime, KairosShape shape, guint64 step, guint32 id, guint32 draw,
                              float *input, float *scratch);
gint32 kairos_regime_label (const KairosRegime *regime, guint32 id, gint32 label);
/* Mixup (Zhang et al. 2018): each sample's share in itself, and how far on in the batch its partner is (1 .. n-1; 0
 * where there is none). */
float kairos_regime_mixup (const KairosRegime *regime, guint64 seed, guint64 step, int n, int *partner);
/* What an automation curve (learning-rate, momentum) says at n >= 2 times evenly spread over [from, to] epochs, as a
 * factor of the session's rate where it is one; FALSE for other kinds. */
gboolean kairos_clip_curve (const KairosClip *clip, double from, double to, guint n, double *values);
/* Few points that follow that curve over the whole clip closely; NULL for other kinds.  Caller frees. */
GArray *kairos_clip_trace (const KairosClip *clip);
/* What a clip alone does to one sample's input (height x width x channels, 0 .. 1, changed in place), by the code that
 * trains: the bytes are those that the network would be given if the clip were in force at step 0 of a session with
 * this seed.  What a kind draws once for each sample (noise images) or not at all (blur, occlusion) is so at every
 * other step of the clip, too; what it draws anew at each step (shift, rotate) is an example. FALSE, and nothing is
 * changed, for kinds that do nothing to the input and for pictures that it cannot work on (grey ones for "grey").
 * shape: that of pictures; the caller knows whether the data has any. */
gboolean kairos_clip_preview (const KairosClip *clip, KairosShape shape, guint64 seed, guint32 id, float *input);

/* Pacing of a curriculum (Wu, Dyer and Neyshabur 2021): the share of the data at a share t of its length.  a: share of
 * the length at which all data is reached; b: share at the beginning.  kind: "linear", "quadratic", "root", "step",
 * "exponential", "logarithmic". */
double kairos_pacing (const char *kind, double t, double a, double b);
/* Fixed exponential pacing (Hacohen and Weinshall 2019): start * increase^floor (step / length), at most 1. */
double kairos_pacing_fixed (double step, double start, double increase, double length);

G_END_DECLS
