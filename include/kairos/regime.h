/* SPDX-License-Identifier: MIT */

/* The regime: the settings in force at one step, a pure function of (hyper-parameters, step).  The timeline will add to it; the trainer reads
 * nothing else. */
#pragma once

#include <kairos/network.h>
#include <kairos/optimizer.h>

G_BEGIN_DECLS

/* How the learning rate goes over a run. */
typedef struct {
  const char *kind;    /* row name */
  double      rate;    /* base rate */
  double      warm_up; /* epochs of linear growth from 0, 0: none */
  double      every;   /* step: epochs between drops */
  double      factor;  /* step: multiplier a drop; exponential: multiplier an epoch */
  double      epochs;  /* cosine: length, warm-up included; it ends at 0 */
} KairosSchedule;

/* The kinds, a table row each: "cosine", "constant", "step", "exponential", each with warm-up. */
typedef struct {
  const char *name, *summary;
  double (*rate) (const KairosSchedule *schedule, double epoch); /* without warm-up */
} KairosScheduleInfo;
const KairosScheduleInfo *kairos_schedule_infos (guint *n);
/* The rate at a time in epochs (real, >= 0). */
double kairos_schedule_rate (const KairosSchedule *schedule, double epoch);

typedef struct {
  KairosOptimizerSettings optimizer;
  KairosLoss              loss;
  float                   label_smoothing;
} KairosRegime;

G_END_DECLS
