/* SPDX-License-Identifier: MIT */

/* What a probe works with.
 *
 *   static gboolean
 *   measure (KairosProbeContext *context, KairosReading *reading, const volatile gint *cancel, GError **error)
 *   {
 *     const KairosBatch all = kairos_probe_gather (context, reading);
 *     double *norms = kairos_reading_add (reading, &measures[0], context->n_layers);
 *     ...
 *   }
 *   const KairosProbe kairos_probe_NAME = { .name = "NAME", .samples = 256, .measure = measure, ... };
 */
#pragma once

#include "measure-private.h"

G_BEGIN_DECLS

enum { KAIROS_PROBE_CHUNK = 64 }; /* samples that are looked at at once */

/* Random numbers of probes: KAIROS_RANDOM_PROBE, by step and sample; block = draw, below this. */
enum { KAIROS_PROBE_MAX_DRAWS = 1000 };

/* What the network says of many samples. */
typedef struct {
  KairosSplit split;
  guint n_asked, n;
  gint32 *labels;
  /* confidence: what is given for the predicted class; where squared error is trained with, the outputs estimate
   * probabilities by themselves, and it is the largest one, kept within 0 .. 1 */
  KairosOutcome *outcomes;
} KairosProbeOutcomes;

/* The executors that probes look with, each made when it is first asked for. */
typedef enum {
  KAIROS_PROBE_PLAIN,  /* for inspection */
  KAIROS_PROBE_KEEPS,  /* with activations */
  KAIROS_PROBE_CURVES, /* for curvature */
  KAIROS_PROBE_N_EXECUTORS
} KairosProbeExecutor;

struct _KairosProbeContext {
  KairosNetwork *network; /* a copy, with the weights that are probed */
  KairosDataset *dataset;
  KairosSplits *splits;
  KairosPool *pool; /* borrowed */
  guint64 seed;
  KairosLoss loss;
  guint64 step;
  double epoch;

  guint *layers; /* those with parameters: their places in kairos_network_layers() */
  guint n_layers;
  float *before;       /* the weights before the step, where has_before */
  guint64 before_step; /* steps done then; G_MAXUINT64: never remembered */

  KairosExecutor *executors[KAIROS_PROBE_N_EXECUTORS];
  KairosSplit split; /* the samples are of this one */
  guint n_asked, n_samples;
  guint32 *ids;
  float *inputs; /* of them */
  gint32 *labels;
  KairosProbeOutcomes *judged; /* the last ones, by the weights that are here; NULL: none */
};

/* The samples of a reading, of the probe's split; reading->samples becomes their number. */
KairosBatch kairos_probe_gather (KairosProbeContext *context, KairosReading *reading);
/* A part of them that an executor can take. */
KairosBatch kairos_probe_chunk (KairosProbeContext *context, const KairosBatch *all, int first);
/* All samples of a reading, evaluated; reading->samples becomes their number.  Done once for all probes that ask for
 * the same.  Owned by the context until the next call.  NULL with an error, also KAIROS_ERROR_CANCELLED. */
const KairosProbeOutcomes *kairos_probe_evaluate (KairosProbeContext *context, KairosReading *reading,
                                                  const volatile gint *cancel, GError **error);
void kairos_probe_forget_outcomes (KairosProbeContext *context);
/* For KAIROS_PROBE_CHUNK samples.  NULL with an error: no memory. */
KairosExecutor *kairos_probe_get_executor (KairosProbeContext *context, KairosProbeExecutor which, GError **error);
/* The weights before the step that led here; NULL where they are not known. */
const float *kairos_probe_get_before (KairosProbeContext *context);
/* TRUE with KAIROS_ERROR_CANCELLED */
gboolean kairos_probe_is_cancelled (const volatile gint *cancel, GError **error);
/* One more measure of a reading: n + 1 values, NaN as yet, the whole first; owned by the reading. */
double *kairos_reading_add (KairosReading *reading, const KairosMeasure *measure, guint n);
/* values: n + 1, the mean of as many of each draw; sets the reading's number of draws and the deviation of the whole.
 */
void kairos_reading_average (KairosReading *reading, guint n_draws, guint n, const double *draws, double *values);
KairosReading *kairos_reading_new (const KairosProbe *probe, guint64 step, double epoch);

extern const KairosProbe kairos_probe_fisher, kairos_probe_gradient, kairos_probe_weights, kairos_probe_curvature;
extern const KairosProbe kairos_probe_class_accuracy, kairos_probe_calibration, kairos_probe_features,
    kairos_probe_sensitivity;

G_END_DECLS
