/* SPDX-License-Identifier: MIT */

/* A program: a network compiled for execution.
 *
 * It is a list of stages.  Inside a stage nothing crosses samples, so each tile of samples goes through all
 * instructions of the stage while it is in cache; between stages all tiles meet, because a batch normalisation needs
 * its statistics (forward) or its sums (backward). A network without batch normalisation has one stage for everything.
 * After the last stage come the weight gradients that take the whole batch at once (KairosLayerKind.weights_by_rows).
 *
 * Evaluation runs forward alone, with normalisations folded into weights.  Training runs back as well.  Inspection runs
 * back through the network as it evaluates: running statistics, no dropout, so that no sample depends on another and
 * everything is one stage; it can say each sample's part in the gradient.  Curvature runs back like that, too, through
 * rectifiers and maxima that stay on the side on which they were found.
 *
 * A value that is read in the stage that computes it alone lives in the scratch memory of a thread.  One that a later
 * stage reads is kept for the whole batch, or, where its operation is cheap, computed again from what is kept.
 */
#pragma once

#include "layer.h"

G_BEGIN_DECLS

typedef enum {
  KAIROS_PASS_FORWARD,
  KAIROS_PASS_MEASURE, /* batch statistics */
  KAIROS_PASS_LOSS,
  KAIROS_PASS_ADD,              /* out = dy + dextra */
  KAIROS_PASS_MASK,             /* out = dy + dextra where y > 0 */
  KAIROS_PASS_MEASURE_GRADIENT, /* batch sums of gradients */
  KAIROS_PASS_BACKWARD_WEIGHTS,
  KAIROS_PASS_NORMS, /* of each sample's weight gradient, squared; inspection runs either these or backward weights */
  KAIROS_PASS_BACKWARD_DATA,
  KAIROS_N_PASSES
} KairosPass;

typedef enum { KAIROS_NOWHERE, KAIROS_INPUT, KAIROS_BATCH, KAIROS_TILE } KairosPlace;

/* Where a value lies: the caller's input, the arena of the batch, or the scratch memory of the thread. */
typedef struct {
  int value; /* -1: none */
  KairosPlace place;
  gsize size;   /* floats a sample */
  gsize offset; /* of the first sample */
} KairosOperand;

typedef struct {
  KairosPass pass;
  int operation;
  KairosOperand x, extra, y, dy, dextra, out;
} KairosInstruction;

typedef struct {
  GArray *instructions;
  int tile; /* samples */
} KairosStage;

/* The weight gradient of one operation over the whole batch. */
typedef struct {
  int operation;
  KairosOperand x, dy;
} KairosWeightJob;

typedef enum { KAIROS_MODE_EVALUATE, KAIROS_MODE_TRAIN, KAIROS_MODE_INSPECT, KAIROS_MODE_CURVATURE } KairosMode;

typedef struct {
  KairosMode mode;
  gboolean keeps; /* inspection: all values, and the gradient of the input, stay for the whole batch */
  int max_batch, max_lane;
  GPtrArray *operations;          /* fused, of KairosLayer */
  gboolean *needs_gradient;       /* values: whether anything is learned before them */
  GArray *stages;                 /* of KairosStage */
  GArray *weight_jobs;            /* of KairosWeightJob */
  GArray *kept;                   /* keeps: of KairosOperand; the input's gradient, then the value of each operation */
  gsize batch_size, scratch_size; /* floats of the arena, and of the scratch memory of a thread */
  int max_tile;
} KairosProgram;

/* max_lane: the most samples of a lane. */
KairosProgram *kairos_program_new (KairosNetwork *network, KairosMode mode, gboolean keeps, int max_batch,
                                   int max_lane);
void kairos_program_free (KairosProgram *program);

/* fuse.c */
GPtrArray *kairos_fuse (const GPtrArray *operations, KairosMode mode);
void kairos_operation_free (KairosLayer *layer);

/* place.c: decides tiles and offsets once all instructions are there.  values: see below. */
typedef struct {
  gsize size;
  int first, last; /* the stages from the first that writes to the last that reads it */
  int complete;    /* gradients: the stage after which nothing more is added */
  gboolean kept;
  int n_owners; /* gradients: for how many values it stands; only with one may it be overwritten */
  gsize offset; /* in the arena */
} KairosValue;
void kairos_program_place (KairosProgram *program, GArray *values);

G_END_DECLS
