/* SPDX-License-Identifier: MIT */

/* Probes: looks into a network between two steps of its training.
 *
 *   const KairosProbe *fisher = kairos_probe_find ("fisher");
 *   context = kairos_probe_context_new (network, dataset, splits, config->seed, loss, pool, &error);
 *   kairos_probe_context_take (context, network, step, epoch);
 *   KairosReading *reading = kairos_probe_measure (context, fisher, NULL, NULL, &error);
 *   g_print ("%g\n", kairos_reading_get_total (reading));
 *
 * A probe works on a copy of the weights, with running statistics and without dropout, and draws from a random purpose
 * of its own, so that it changes no bit of training.  What it finds is a function of weights, data, seed, step and
 * options alone, on any number of threads.  To add one: write a file in src/measure/probes/ with a KairosProbe, and
 * name it in the table of src/measure/probes.c.
 *
 * Threads.  A context is used by one thread at a time and computes on its pool.
 */
#pragma once

#include <kairos/dataset.h>
#include <kairos/measure.h>
#include <kairos/network.h>

G_BEGIN_DECLS

typedef struct {
  const char *name;       /* "fisher": stable, as in settings */
  const char *title;      /* "Fisher information"; untranslated, like the next */
  const char *summary;    /* one sentence on what it says */
  const char *estimators; /* "rademacher|exact": the first is the default; NULL: there is one way only */
  guint samples;          /* how many it looks at unless told; 0: it takes no samples */
  KairosSplit split;      /* of these samples */
  guint draws;            /* how often chance is drawn unless told; 0: once */
  gboolean pictures;      /* only where the samples are pictures */
  KairosMeasureSet set;   /* what it measures; the first measure's whole is its total */
  /* Fills reading.  FALSE with an error, also KAIROS_ERROR_CANCELLED. */
  gboolean (*measure) (KairosProbeContext *context, KairosReading *reading, const volatile gint *cancel,
                       GError **error);
} KairosProbe;

const KairosProbe *const *kairos_probes (guint *n);
const KairosProbe *kairos_probe_find (const char *name); /* NULL if there is none */
/* The probe that takes a measure; NULL: training records it. */
const KairosProbe *kairos_probe_of (const KairosMeasure *measure);
/* Names with commas between, as in the setting "probes": an array of KairosProbe that the caller unrefs; NULL with an
 * error that names those there are. */
GPtrArray *kairos_probes_parse (const char *names, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- The context ---- */

/* network is what is probed: it is copied here, and again by each kairos_probe_context_take().  dataset and splits are
 * referenced, pool is borrowed.  loss: the one that is trained with. */
KairosProbeContext *kairos_probe_context_new (KairosNetwork *network, KairosDataset *dataset, KairosSplits *splits,
                                              guint64 seed, KairosLoss loss, KairosPool *pool,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kairos_probe_context_free (KairosProbeContext *context); /* accepts NULL */
void kairos_probe_context_set_pool (KairosProbeContext *context, KairosPool *pool);
/* Copies the network's weights, as they are after so many steps. */
void kairos_probe_context_take (KairosProbeContext *context, KairosNetwork *network, guint64 step, double epoch);
/* Remembers the weights before a step, by which the next reading knows how far that step went. */
void kairos_probe_context_remember (KairosProbeContext *context, KairosNetwork *network, guint64 step);
/* The samples that a probe looks at: n of a split, as many of each class as there are, ascending; a function of the
 * arguments alone.  *n_got: as many as there are, at most.  Caller frees. */
guint32 *kairos_probe_draw_samples (KairosDataset *dataset, KairosSplits *splits, guint64 seed, KairosSplit split,
                                    guint n, guint *n_got);
/* What a component of a measure is called ("conv1", "cat", "0.9 – 1"); component 0 is the whole: "total".  Caller
 * frees. */
char *kairos_component_name (const KairosMeasure *measure, guint component, KairosNetwork *network,
                             KairosDataset *dataset);

typedef struct {
  const char *estimator; /* NULL: the default */
  guint samples;         /* 0: the default */
  guint draws;           /* how often random estimators are drawn; 0: the default */
} KairosProbeOptions;

/* One reading; options may be NULL.  NULL with an error: the probe does not suit this data or network, an option is not
 * one of its own, there are no samples, or it was cancelled. */
KairosReading *kairos_probe_measure (KairosProbeContext *context, const KairosProbe *probe,
                                     const KairosProbeOptions *options, const volatile gint *cancel,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- Readings: counted, and constant once they are made ---- */

/* One measure of a reading. */
typedef struct {
  const KairosMeasure *measure;
  guint n;        /* components after the whole */
  double *values; /* n + 1, the whole first; NaN: not known */
} KairosMeasured;

struct _KairosReading {
  const KairosProbe *probe;
  guint64 step;
  double epoch;
  gboolean skipped;     /* the budget did not allow it in this epoch: there are no values */
  char *estimator;      /* NULL: there is one way only */
  guint samples, draws; /* as asked for; 0: none */
  double deviation;     /* of the total over the draws; NaN: there was one */
  double milliseconds;  /* that it took; the one part that is another every time */
  GArray *measured;     /* of KairosMeasured */
  int references;
};

KairosReading *kairos_reading_new_skipped (const KairosProbe *probe, guint64 step, double epoch);
KairosReading *kairos_reading_ref (KairosReading *reading);
void kairos_reading_unref (KairosReading *reading);             /* accepts NULL */
double kairos_reading_get_total (const KairosReading *reading); /* NaN where skipped */
/* For the session; little-endian.  from_bytes: NULL with an error for damaged bytes and for a probe that this version
 * does not know (KAIROS_ERROR_MISSING). */
GBytes *kairos_reading_to_bytes (const KairosReading *reading);
KairosReading *kairos_reading_from_bytes (GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosProbeContext, kairos_probe_context_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosReading, kairos_reading_unref)

G_END_DECLS
