/* SPDX-License-Identifier: MIT */

/* The kinds of clips and events: everything that can be put on a timeline.
 *
 *   guint n;
 *   const KairosKind *const *kinds = kairos_kinds (&n);
 *   for (guint i = 0; i < n; i++)
 *     g_print ("%s: %s\n", kinds[i]->name, kinds[i]->summary);
 *
 * Each is one file in src/teach/kinds and one line in src/teach/kinds.c.  Its schema is all that the inspector, the
 * file form, kairosctl and the range checks need.
 */
#pragma once

#include <kairos/param.h>

G_BEGIN_DECLS

/* How two clips that set the same part of the regime combine where they overlap on one track.  On different tracks
 * anything may overlap; there, and wherever it is allowed on one, clips take effect in track order, then by time. */
typedef enum {
  KAIROS_OVERLAP_REFUSE,   /* they do not */
  KAIROS_OVERLAP_MULTIPLY, /* their factors are multiplied */
  KAIROS_OVERLAP_LAST,     /* the one that began last counts */
  KAIROS_OVERLAP_STACK,    /* one is applied after the other */
} KairosOverlap;
const char *kairos_overlap_name (KairosOverlap overlap); /* "refuse", "multiply", "last", "stack" */

typedef struct {
  const char *name;    /* "blur": the file form, kairosctl */
  const char *title;   /* "Blur" */
  const char *summary; /* one plain sentence */
  const char *track;   /* the track a new one goes to: "Data", "Deficits", "Rate", "Events" ... */
  const char *part;    /* what of the regime it sets: kinds of the same part meet under the rule of overlap */
  gboolean event;      /* happens at an instant; a clip holds from .. to */
  KairosOverlap overlap;
  const KairosParam *params;
  guint n_params;
  gboolean selects; /* a new one is about the samples that a person selected, its setting "ids" */
  const char *live; /* "Blur": what a button says that does it at once, while training; NULL: it has none */
} KairosKind;

const KairosKind *const *kairos_kinds (guint *n);
const KairosKind *kairos_kind_find (const char *name); /* NULL if there is none */
const KairosKind *kairos_kind_for_samples (void);      /* the first that selects: what samples become on a timeline */

G_END_DECLS
