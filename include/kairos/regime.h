/* SPDX-License-Identifier: MIT */

/* The regime: the settings in force at one step, a pure function of (hyper-parameters, timeline, step, facts about the
 * samples).  The trainer reads nothing else.  Zero in every member that the timeline sets means: as without a timeline.
 *
 *   regime = kairos_config_regime (config, epoch, origin);
 *   kairos_plan_regime (plan, step, &regime);
 *   kairos_regime_transform (&regime, shape, step, id, draw, input, scratch);
 *   loss = kairos_executor_train (executor, &batch, &options, outcomes);
 *   kairos_regime_differentiate (&regime, &gradient);
 *   kairos_optimizer_step (optimizer, &regime.optimizer, ...);
 *
 * A KairosRegime borrows from the plan that filled it and is good until that is used again.
 */
#pragma once

#include <kairos/network.h>
#include <kairos/optimizer.h>

G_BEGIN_DECLS

/* ---- The learning rate over a run ---- */

typedef struct {
  const char *kind; /* row name */
  double rate;      /* base rate */
  double warm_up;   /* epochs of linear growth from 0, 0: none */
  double every;     /* step: epochs between drops */
  double factor;    /* step: multiplier a drop; exponential: multiplier an epoch */
  double epochs;    /* cosine: length, warm-up included; it ends at 0 */
} KairosSchedule;

/* The kinds, a table row each: "cosine", "constant", "step", "exponential", each with warm-up. */
typedef struct {
  const char *name, *summary;
  double (*rate) (const KairosSchedule *schedule, double epoch); /* without warm-up */
} KairosScheduleInfo;
const KairosScheduleInfo *kairos_schedule_infos (guint *n);
/* The rate at a time in epochs (real, >= 0). */
double kairos_schedule_rate (const KairosSchedule *schedule, double epoch);

/* ---- Which samples, and how they look ---- */

enum {
  KAIROS_MAX_SAMPLINGS = 16,
  KAIROS_MAX_TRANSFORMS = 16,
  KAIROS_MAX_LABELINGS = 8,
  KAIROS_MAX_GRADIENTS = 8,
  KAIROS_MAX_TENSORS = 1024
};

/* How often the members of a selection are drawn.  Weights of all samplings multiply. */
typedef struct {
  const guint32 *members; /* n positions in the training split */
  /* of every position: 1 for members; of all members that there may be where n grows (a curriculum) */
  const guint8 *flags;
  guint n;
  guint generation;      /* differs when the members do */
  float inside, outside; /* weights */
  float share;           /* > 0: instead, this share of each batch is drawn from the members, the rest as without */
} KairosSampling;

/* What happens to a sample's input when it is trained on: a function of (seed, clip, step, draw). */
struct _KairosTransform {
  /* image: H x W x C, changed in place; scratch: three times as large.  draw: sample id, or id + k * samples for its
   * k-th repetition in a batch. */
  void (*apply) (const KairosTransform *transform, KairosShape shape, guint64 step, guint32 id, guint32 draw,
                 float *image, float *scratch);
  guint64 seed;
  guint32 clip;
  float values[4];
};

struct _KairosLabeling {
  gint32 (*apply) (const KairosLabeling *labeling, guint32 id, gint32 label);
  guint64 seed;
  guint32 clip;
  int n_classes;
  float value;
  const gint32 *table; /* by class, or by sample id */
};

/* ---- What becomes of the gradient and the weights ---- */

typedef enum { KAIROS_NOISE_NONE, KAIROS_NOISE_PGD, KAIROS_NOISE_ANTI_PGD } KairosNoiseKind;
typedef struct {
  KairosNoiseKind kind;
  guint32 clip;
  guint64 first; /* the clip's first step: the noise before it is 0 */
  float sigma;
  gboolean weights_only; /* not on biases and batch normalisation */
} KairosNoise;

/* The room that further gradients ask for. */
typedef struct {
  gsize vectors; /* each as large as the network's parameters */
  gsize floats;  /* for each sample of a batch */
} KairosRoom;

/* What a clip that changes the gradient works on.  All of it is borrowed.  Before, the executor holds the gradient of
 * the batch; afterwards, what the optimiser is to take.  Parameters are to be as they were before. */
typedef struct {
  KairosNetwork *network;
  KairosExecutor *executor; /* for as many samples as the batch has */
  const KairosTrainOptions *options;
  const KairosBatch *batch; /* as it was trained on: transformed, and mixed */
  const guint32 *samples;   /* the sample at each place of the batch, whose ids also count repetitions */
  const float *buffers;     /* the network's before the batch's pass */
  float *buffers_after;     /* room for as many */
  float *vectors, *floats;  /* as much as kairos_plan_room() says, for one clip after the other */
  gint32 *labels, *more;    /* room for a label a sample, each */
  guint32 *ids;             /* room for an id a sample */
} KairosGradient;

typedef struct {
  KairosOptimizerSettings optimizer;
  KairosLoss loss;
  float label_smoothing;

  KairosSampling samplings[KAIROS_MAX_SAMPLINGS];
  KairosTransform transforms[KAIROS_MAX_TRANSFORMS];
  KairosLabeling labelings[KAIROS_MAX_LABELINGS];
  guint n_samplings, n_transforms, n_labelings;
  float mixup;        /* alpha; 0: none */
  guint32 mixup_clip; /* for its draws */

  gboolean sets_dropout; /* dropout replaces the rate of every dropout layer */
  float dropout;
  KairosNoise noise;
  gboolean freezes;
  guint64 frozen[KAIROS_MAX_TENSORS / 64]; /* a bit a parameter tensor */
  /* further gradients, at most one of each kind; in the order in which they are taken */
  const KairosPlanClip *gradients[KAIROS_MAX_GRADIENTS];
  guint n_gradients;
} KairosRegime;

/* All transforms on one sample's input.  scratch: three times the input. */
void kairos_regime_transform (const KairosRegime *regime, KairosShape shape, guint64 step, guint32 id, guint32 draw,
                              float *input, float *scratch);
gint32 kairos_regime_label (const KairosRegime *regime, guint32 id, gint32 label);
/* Mixup (Zhang et al. 2018): each sample's share in itself, and how far on in the batch its partner is (1 .. n-1; 0
 * where there is none). */
float kairos_regime_mixup (const KairosRegime *regime, guint64 seed, guint64 step, int n, int *partner);
/* Lets the clips of a regime change the gradient that kairos_executor_train() left behind; does nothing where there are
 * none.  The network's buffers stay what that pass made them.  Allocates nothing that grows with the network. */
void kairos_regime_differentiate (const KairosRegime *regime, const KairosGradient *gradient);

G_END_DECLS
