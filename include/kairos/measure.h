/* SPDX-License-Identifier: MIT */

/* What can be measured while a network learns: one row a measure, one row a plot.
 *
 *   guint n;
 *   const KairosMeasure *const *measures = kairos_measures (&n);
 *   for (guint i = 0; i < n; i++)
 *     if (measures[i]->of_epoch)
 *       g_print ("%s %g\n", measures[i]->name, measures[i]->of_epoch (&record));
 *
 * Plots, legend, table, exports and the JSON of kairosctl are derived from these rows, so that one more measure is one
 * more row in src/measure/training.c or in the file of a probe.  All of it is constant, usable from any thread.
 */
#pragma once

#include <kairos/dataset.h>

G_BEGIN_DECLS

/* ---- What training records by itself ---- */

typedef struct {
  guint64 step;   /* steps done after this one: 1 for the first */
  double epoch;   /* time after this step, in epochs */
  float loss;     /* mean over the batch, as minimised */
  float accuracy; /* of the batch, 0 .. 1 */
  float learning_rate;
  int n; /* samples in the batch */
} KairosStepRecord;

typedef struct {
  guint64 step;
  double epoch;                      /* whole at the end of an epoch */
  float train_loss, train_accuracy;  /* means over the epoch's batches */
  float val_loss, val_accuracy;      /* NaN without validation samples */
  double images_per_second, seconds; /* training alone / with evaluation */
} KairosEpochRecord;

/* ---- Groups: what shares an axis of values, a plot each ---- */

typedef enum {
  KAIROS_SCALE_LINEAR,
  KAIROS_SCALE_LOG,   /* values above 0 over decades; others are gaps */
  KAIROS_SCALE_SHARE, /* 0 .. 1, read as a percentage */
} KairosScale;

typedef struct {
  const char *name;    /* "loss": stable, as in settings and actions */
  const char *title;   /* "Loss"; untranslated, like the next */
  const char *summary; /* one sentence on what it says, shown where there is nothing to draw yet, too */
  const char *unit;    /* "ms"; NULL: a plain number, or a share */
  KairosScale scale;
  gboolean can_log;    /* a linear scale may be switched to a logarithmic one */
  gboolean shown;      /* its plot is there unless a person takes it away; others are added by hand */
  gboolean on_request; /* only where it is asked for by kairosctl: it has no plot */
} KairosMeasureGroup;

const KairosMeasureGroup *const *kairos_measure_groups (guint *n);
const KairosMeasureGroup *kairos_measure_group_find (const char *name); /* NULL if there is none */

/* ---- Measures ---- */

typedef enum {
  KAIROS_DRAW_BAND,   /* noisy, a value a step: a faint band between the extremes, a smoothed line on it */
  KAIROS_DRAW_LINE,   /* exact at every point: a plain line */
  KAIROS_DRAW_POINTS, /* seldom taken: a line through round markers */
  KAIROS_DRAW_MEANS,  /* as well, dotted through square ones */
} KairosDraw;

/* What the components of a measure are, besides component 0, the whole. */
typedef enum {
  KAIROS_PARTS_NONE,
  KAIROS_PARTS_LAYERS,  /* those with parameters, in network order */
  KAIROS_PARTS_CLASSES, /* of the data set */
  KAIROS_PARTS_BINS,    /* of confidence: KAIROS_CONFIDENCE_BINS, equally wide, from 0 to 1 */
} KairosParts;
enum { KAIROS_CONFIDENCE_BINS = 15 };

typedef struct {
  const char *name;  /* "val_loss": stable, as in JSON and CSV */
  const char *title; /* "Validation loss"; untranslated, like the next */
  const char *label; /* "validation": in a legend, below the title of its group */
  const KairosMeasureGroup *group;
  KairosSplit split; /* of the samples it is measured on; what is no matter of samples counts as training */
  KairosDraw draw;
  /* How it is read from a record, at most one of the two; both NULL: it comes as readings (kairos_metrics_add), which
   * may have several components, one a layer say.  Component 0 is then the whole, by which runs are compared. */
  double (*of_step) (const KairosStepRecord *record);
  double (*of_epoch) (const KairosEpochRecord *record);
  KairosParts parts;
} KairosMeasure;

/* Rows that come together: those of training, or of a probe.  Each measure's group is one of these. */
typedef struct {
  const KairosMeasureGroup *groups;
  guint n_groups;
  const KairosMeasure *measures;
  guint n_measures;
} KairosMeasureSet;

/* All of them; those of a group stand together. */
const KairosMeasure *const *kairos_measures (guint *n);
const KairosMeasure *const *kairos_measures_of (const KairosMeasureGroup *group, guint *n);
const KairosMeasure *kairos_measure_find (const char *name); /* NULL if there is none */
guint kairos_measure_index (const KairosMeasure *measure);   /* its place among all */
/* A value as people read it, with its unit, or a percentage; "–" where it is not finite.  Caller frees. */
char *kairos_measure_format (const KairosMeasureGroup *group, double value);

G_END_DECLS
