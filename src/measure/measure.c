/* SPDX-License-Identifier: MIT */

/* The registry of measures: what training records, then what each probe measures, in the order of the table of probes.
 */
#include "measure-private.h"

#include <math.h>

#include "probe-private.h"

/* ---- All rows ---- */

typedef struct {
  GPtrArray *groups, *measures;
} Registry;

static void
add_set (Registry *registry, const KairosMeasureSet *set)
{
  for (guint i = 0; i < set->n_groups; i++) {
    g_ptr_array_add (registry->groups, (gpointer) &set->groups[i]);
    for (guint k = 0; k < set->n_measures; k++)
      if (set->measures[k].group == &set->groups[i])
        g_ptr_array_add (registry->measures, (gpointer) &set->measures[k]);
  }
}

static const Registry *
get_registry (void)
{
  static Registry registry;
  static gsize done;

  if (g_once_init_enter (&done)) {
    guint n;
    const KairosProbe *const *probes = kairos_probes (&n);
    registry = (Registry){ g_ptr_array_new (), g_ptr_array_new () };
    add_set (&registry, &kairos_measures_training);
    for (guint i = 0; i < n; i++)
      add_set (&registry, &probes[i]->set);
    g_once_init_leave (&done, 1);
  }
  return &registry;
}

/* ---- Looking them up ---- */

const KairosMeasureGroup *const *
kairos_measure_groups (guint *n)
{
  GPtrArray *groups = get_registry ()->groups;

  *n = groups->len;
  return (const KairosMeasureGroup *const *) groups->pdata;
}

const KairosMeasureGroup *
kairos_measure_group_find (const char *name)
{
  guint n;
  const KairosMeasureGroup *const *groups = kairos_measure_groups (&n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (groups[i]->name, name))
      return groups[i];
  return NULL;
}

const KairosMeasure *const *
kairos_measures (guint *n)
{
  GPtrArray *measures = get_registry ()->measures;

  *n = measures->len;
  return (const KairosMeasure *const *) measures->pdata;
}

const KairosMeasure *const *
kairos_measures_of (const KairosMeasureGroup *group, guint *n)
{
  guint all, begin = 0, end;
  const KairosMeasure *const *measures = kairos_measures (&all);

  while (begin < all && measures[begin]->group != group)
    begin++;
  for (end = begin; end < all && measures[end]->group == group; end++)
    ;
  *n = end - begin;
  return measures + begin;
}

const KairosMeasure *
kairos_measure_find (const char *name)
{
  guint n;
  const KairosMeasure *const *measures = kairos_measures (&n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (measures[i]->name, name))
      return measures[i];
  return NULL;
}

guint
kairos_measure_index (const KairosMeasure *measure)
{
  guint n, i = 0;
  const KairosMeasure *const *measures = kairos_measures (&n);

  while (i < n && measures[i] != measure)
    i++;
  return i;
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
