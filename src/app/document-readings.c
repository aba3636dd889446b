/* SPDX-License-Identifier: MIT */

/* What probes found, as curves: a measure's whole, and a component a layer, class or bin. */
#include "document-private.h"

#include <math.h>

/* A curve is called after what it is of, as soon as it has a point. */
static void
name_component (KairosDocument *self, const KairosMeasure *measure, guint component)
{
  if (kairos_metrics_get_component_name (self->metrics, measure, component))
    return;
  g_autofree char *name = kairos_component_name (measure, component, self->network, self->dataset);
  kairos_metrics_name_component (self->metrics, measure, component, name);
}

/* Where a probe was skipped its curves have a gap. */
static void
add_gap (KairosDocument *self, gint64 run, const KairosMeasure *measure, double epoch)
{
  guint n = kairos_metrics_get_n_components (self->metrics, run, measure);

  for (guint i = 0; i < n; i++)
    kairos_metrics_add (self->metrics, run, measure, i, epoch, NAN);
}

void
kairos_document_add_reading (KairosDocument *self, gint64 run, const KairosReading *reading)
{
  const KairosMeasureSet *set = &reading->probe->set;

  for (guint i = 0; reading->skipped && i < set->n_measures; i++)
    add_gap (self, run, &set->measures[i], reading->epoch);
  for (guint m = 0; m < reading->measured->len; m++) {
    const KairosMeasured *measured = &g_array_index (reading->measured, KairosMeasured, m);
    for (guint i = 0; i <= measured->n; i++) {
      name_component (self, measured->measure, i);
      kairos_metrics_add (self->metrics, run, measured->measure, i, reading->epoch, measured->values[i]);
    }
  }
}
