/* SPDX-License-Identifier: MIT */

/* What training records by itself: the measures that are read from its records. */
#include "measure-private.h"

/* ---- How a measure is read from a record ---- */

static double
batch_loss (const KairosStepRecord *record)
{
  return record->loss;
}

static double
batch_accuracy (const KairosStepRecord *record)
{
  return record->accuracy;
}

static double
learning_rate (const KairosStepRecord *record)
{
  return record->learning_rate;
}

static double
train_loss (const KairosEpochRecord *record)
{
  return record->train_loss;
}

static double
train_accuracy (const KairosEpochRecord *record)
{
  return record->train_accuracy;
}

static double
val_loss (const KairosEpochRecord *record)
{
  return record->val_loss;
}

static double
val_accuracy (const KairosEpochRecord *record)
{
  return record->val_accuracy;
}

/* ---- The rows ---- */

enum { LOSS, ACCURACY, LEARNING_RATE };

/* In the order of the plots. */
static const KairosMeasureGroup groups[] = {
  [LOSS] = { "loss", N_ ("Loss"), N_ ("How wrong the network is, step by step: appears once training runs"), NULL,
             KAIROS_SCALE_LINEAR, .can_log = TRUE, .shown = TRUE },
  [ACCURACY] = { "accuracy", N_ ("Accuracy"), N_ ("The share of right answers: appears once training runs"), NULL,
                 KAIROS_SCALE_SHARE, .shown = TRUE },
  [LEARNING_RATE] = { "learning-rate", N_ ("Learning rate"),
                      N_ ("How far every step moves the weights: appears once training runs"), NULL,
                      KAIROS_SCALE_LINEAR, .can_log = TRUE },
};

static const KairosMeasure measures[] = {
  { "batch_loss", N_ ("Training loss of the batch"), N_ ("train"), &groups[LOSS], KAIROS_SPLIT_TRAIN, KAIROS_DRAW_BAND,
    .of_step = batch_loss },
  { "train_loss", N_ ("Training loss"), N_ ("train, epoch mean"), &groups[LOSS], KAIROS_SPLIT_TRAIN, KAIROS_DRAW_MEANS,
    .of_epoch = train_loss },
  { "val_loss", N_ ("Validation loss"), N_ ("validation"), &groups[LOSS], KAIROS_SPLIT_VALIDATION, KAIROS_DRAW_POINTS,
    .of_epoch = val_loss },
  { "batch_accuracy", N_ ("Training accuracy of the batch"), N_ ("train"), &groups[ACCURACY], KAIROS_SPLIT_TRAIN,
    KAIROS_DRAW_BAND, .of_step = batch_accuracy },
  { "train_accuracy", N_ ("Training accuracy"), N_ ("train, epoch mean"), &groups[ACCURACY], KAIROS_SPLIT_TRAIN,
    KAIROS_DRAW_MEANS, .of_epoch = train_accuracy },
  { "val_accuracy", N_ ("Validation accuracy"), N_ ("validation"), &groups[ACCURACY], KAIROS_SPLIT_VALIDATION,
    KAIROS_DRAW_POINTS, .of_epoch = val_accuracy },
  { "learning_rate", N_ ("Learning rate"), N_ ("learning rate"), &groups[LEARNING_RATE], KAIROS_SPLIT_TRAIN,
    KAIROS_DRAW_LINE, .of_step = learning_rate },
};

const KairosMeasureSet kairos_measures_training = { groups, G_N_ELEMENTS (groups), measures, G_N_ELEMENTS (measures) };
