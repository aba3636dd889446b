/* SPDX-License-Identifier: MIT */

/* The registry of measures. */
#include "config.h"

#include "kairos/measure.h"

#include <glib/gi18n.h>
#include <math.h>

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

/* In the order of the groups; within one, in that of the legend. */
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

/* ---- Looking them up ---- */

const KairosMeasureGroup *
kairos_measure_groups (guint *n)
{
  *n = G_N_ELEMENTS (groups);
  return groups;
}

const KairosMeasureGroup *
kairos_measure_group_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    if (g_str_equal (groups[i].name, name))
      return &groups[i];
  return NULL;
}

const KairosMeasure *
kairos_measures (guint *n)
{
  *n = G_N_ELEMENTS (measures);
  return measures;
}

const KairosMeasure *
kairos_measures_of (const KairosMeasureGroup *group, guint *n)
{
  guint begin = 0, end;

  while (begin < G_N_ELEMENTS (measures) && measures[begin].group != group)
    begin++;
  for (end = begin; end < G_N_ELEMENTS (measures) && measures[end].group == group; end++)
    ;
  *n = end - begin;
  return &measures[begin];
}

const KairosMeasure *
kairos_measure_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (measures); i++)
    if (g_str_equal (measures[i].name, name))
      return &measures[i];
  return NULL;
}

char *
kairos_measure_format (const KairosMeasureGroup *group, double value)
{
  const char *unit = group->unit;
  double size = fabs (value);
  g_autofree char *number = NULL;

  if (!isfinite (value))
    return g_strdup ("–");
  if (group->scale == KAIROS_SCALE_SHARE)
    /* Translators: an accuracy. */
    return g_strdup_printf (_ ("%.2f %%"), value * 100);
  number = g_strdup_printf (size < 1e-3 || size >= 1e5 ? "%.3g" : size < 10 ? "%.4f" : "%.2f", value);
  return unit ? g_strdup_printf ("%s %s", number, unit) : g_steal_pointer (&number);
}
