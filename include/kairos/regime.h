/* SPDX-License-Identifier: MIT */

/* The regime: the settings in force at one step, a pure function of (hyper-parameters, step).  The timeline will add to it; the trainer reads nothing else. */
#pragma once

#include <kairos/network.h>
#include <kairos/optimizer.h>

G_BEGIN_DECLS

/* How the learning rate goes over a run, a table row each: "constant", "step", "exponential", "cosine", each with warm-up. */
typedef struct {
  const char *name, *summary;
} KairosScheduleInfo;
const KairosScheduleInfo *kairos_schedule_infos (guint *n);

typedef struct {
  const char *kind;   /* row name */
  double      rate;   /* base rate */
  double      warm_up; /* epochs of linear growth from 0, 0: none */
  double      every;  /* step: epochs between drops */
  double      factor; /* step: multiplier a drop; exponential: multiplier an epoch */
  double      epochs; /* cosine: length; it ends at 0 */
} KairosSchedule;
/* The rate at a time in epochs (real, >= 0). */
double kairos_schedule_rate (const KairosSchedule *schedule, double epoch);

typedef struct {
  KairosOptimizerSettings optimizer;
  KairosLoss              loss;
  float                   label_smoothing;
} KairosRegime;

G_END_DECLS
