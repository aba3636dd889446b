/* SPDX-License-Identifier: MIT */

/* Losses, one sample at a time. */
#pragma once

#include <kairos/network.h>

G_BEGIN_DECLS

typedef struct {
  KairosLoss loss;
  int n_classes;
  float smoothing; /* of labels, for what is minimised */
  gboolean mixed;  /* the target is share of the label and the rest of another (mixup) */
  gint32 other;
  float share;
} KairosLossSettings;

/* What a sample's logits say.  label -1: unknown.  probabilities (n_classes) receives the softmax of the logits;
 * outcome may be NULL. */
void kairos_loss_judge (const KairosLossSettings *settings, const float *logits, gint32 label, float *probabilities,
                        KairosOutcome *outcome);

/* The loss that is minimised, with smoothing, and its gradient with respect to the logits, times weight. probabilities:
 * from kairos_loss_judge(). */
double kairos_loss_differentiate (const KairosLossSettings *settings, const float *logits, const float *probabilities,
                                  gint32 label, float weight, float *gradient);

G_END_DECLS
