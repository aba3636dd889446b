/* SPDX-License-Identifier: MIT */

/* Whether the network is right as often as it is sure (Guo, Pleiss, Sun and Weinberger 2017, arXiv 1706.04599, section
 * 2).
 *
 * The samples are sorted into M = 15 bins by the confidence of their prediction, bin m from (m - 1) / M exclusively to
 * m / M.  acc (m) is the part of a bin's samples that is predicted rightly, conf (m) their mean confidence, n_m their
 * number; then
 *
 *     ECE = sum_m n_m / n | acc (m) - conf (m) |
 *
 * is the expected calibration error.  Components are the acc (m): a reliability diagram.  An empty bin has none.  Where
 * squared error is trained with, confidence is the largest output instead of its softmax (see KairosProbeOutcomes).
 */
#include "src/measure/probe-private.h"

#include <math.h>

enum { N_BINS = KAIROS_CONFIDENCE_BINS };

static const KairosMeasureGroup groups[] = {
  { "calibration", N_ ("Calibration"),
    N_ ("How far the network's confidence is from how often it is right: near 0 it can be taken at its word"), NULL,
    KAIROS_SCALE_SHARE },
};

static const KairosMeasure measures[] = {
  { "calibration_error", N_ ("Calibration error"), N_ ("expected error"), &groups[0], KAIROS_SPLIT_VALIDATION,
    KAIROS_DRAW_LINE, .parts = KAIROS_PARTS_BINS },
};

typedef struct {
  guint n, right;
  double confidence; /* sum */
} Bin;

static int
find_bin (float confidence)
{
  double place = ceil ((double) confidence * N_BINS);

  return place >= 1 ? (int) MIN (place, N_BINS) - 1 : 0; /* 0 for what is no number, too */
}

static gboolean
measure (KairosProbeContext *context, KairosReading *reading, const volatile gint *cancel, GError **error)
{
  const KairosProbeOutcomes *all = kairos_probe_evaluate (context, reading, cancel, error);
  double *values = kairos_reading_add (reading, &measures[0], N_BINS);
  Bin bins[N_BINS] = { 0 };

  if (!all)
    return FALSE;
  for (guint i = 0; i < all->n; i++) {
    Bin *bin = &bins[find_bin (all->outcomes[i].confidence)];
    bin->n++;
    bin->right += all->outcomes[i].prediction == all->labels[i];
    bin->confidence += all->outcomes[i].confidence;
  }
  values[0] = 0;
  for (int m = 0; m < N_BINS; m++) {
    if (bins[m].n > 0)
      values[m + 1] = (double) bins[m].right / bins[m].n;
    values[0] += fabs (bins[m].right - bins[m].confidence) / all->n;
  }
  return TRUE;
}

const KairosProbe kairos_probe_calibration = {
  .name = "calibration",
  .title = N_ ("Calibration"),
  .summary = N_ ("How far the network's confidence is from how often it is right."),
  .samples = 5000,
  .split = KAIROS_SPLIT_VALIDATION,
  .set = { groups, G_N_ELEMENTS (groups), measures, G_N_ELEMENTS (measures) },
  .measure = measure,
};
