/* SPDX-License-Identifier: MIT */

/* Fusion: fewer passes over memory for the same arithmetic.
 *
 * Training:    batch-norm [+ sum] [+ relu] become one operation, as do conv or dense + relu, and relu + max-pool (as
 * max-pool + relu). Evaluation:  a batch-norm after conv or dense is worked into its weights; then conv or dense +
 * relu, sum + relu. Inspection:  a batch-norm takes its running statistics; then conv, dense or batch-norm + relu.
 * Curvature:   a batch-norm likewise; then bends are held, each by itself.  An operation is absorbed only where nothing
 * else reads its value.
 */
#include "program.h"

typedef struct {
  GPtrArray *operations; /* copies; NULL where one was absorbed */
  int *same;             /* values: the value that takes its place, itself at first */
  KairosMode mode;
} Fusion;

static int
resolve (const Fusion *fusion, int value)
{
  while (value >= 0 && fusion->same[value] != value)
    value = fusion->same[value];
  return value;
}

static KairosLayer *
at (const Fusion *fusion, guint i)
{
  return fusion->operations->pdata[i];
}

/* The index of the one operation that reads operation i's value, or -1. */
static int
only_reader (const Fusion *fusion, guint i)
{
  int value = (int) i + 1, reader = -1;

  for (guint j = i + 1; j < fusion->operations->len; j++) {
    const KairosLayer *layer = at (fusion, j);
    if (!layer || (resolve (fusion, layer->input) != value && resolve (fusion, layer->extra) != value))
      continue;
    if (reader >= 0)
      return -1;
    reader = (int) j;
  }
  return reader;
}

static gboolean
reader_is (const Fusion *fusion, guint i, const KairosLayerKind *kind, int *reader)
{
  *reader = only_reader (fusion, i);
  return *reader >= 0 && at (fusion, *reader)->kind == kind;
}

/* Operation i's value is now that of `value`. */
static void
drop (Fusion *fusion, guint i, int value)
{
  g_clear_pointer (&fusion->operations->pdata[i], g_free);
  fusion->same[i + 1] = value;
}

static gboolean
has_weights (const KairosLayer *layer)
{
  return layer->kind == &kairos_layer_conv || layer->kind == &kairos_layer_dense;
}

static void
skip_training_only (Fusion *fusion, guint i)
{
  if (fusion->mode != KAIROS_MODE_TRAIN && at (fusion, i)->kind->training_only)
    drop (fusion, i, at (fusion, i)->input);
}

static void
fold_batch_norm (Fusion *fusion, guint i)
{
  int reader;

  if (fusion->mode != KAIROS_MODE_EVALUATE || !has_weights (at (fusion, i)) ||
      !reader_is (fusion, i, &kairos_layer_batch_norm, &reader))
    return;
  at (fusion, i)->fold = g_memdup2 (at (fusion, reader), sizeof (KairosLayer));
  drop (fusion, reader, (int) i + 1);
}

static void
freeze_batch_norm (Fusion *fusion, guint i)
{
  gboolean running = fusion->mode == KAIROS_MODE_INSPECT || fusion->mode == KAIROS_MODE_CURVATURE;

  if (running && at (fusion, i)->kind == &kairos_layer_batch_norm)
    at (fusion, i)->kind = &kairos_layer_frozen_norm;
}

static void
hold_bends (Fusion *fusion, guint i)
{
  KairosLayer *layer = at (fusion, i);

  if (fusion->mode != KAIROS_MODE_CURVATURE)
    return;
  if (layer->kind == &kairos_layer_relu || layer->kind == &kairos_layer_leaky_relu)
    layer->kind = &kairos_layer_held_rectifier; /* the value of a relu is 0 */
  else if (layer->kind == &kairos_layer_elu)
    layer->kind = &kairos_layer_held_elu;
  else if (layer->kind == &kairos_layer_max_pool)
    layer->kind = &kairos_layer_held_max_pool;
}

/* The normalisation moves to the place of the sum, whose other summand becomes its second input. */
static void
absorb_sum (Fusion *fusion, guint i)
{
  KairosLayer *norm = at (fusion, i), *sum;
  int reader, other;

  if (fusion->mode != KAIROS_MODE_TRAIN || norm->kind != &kairos_layer_batch_norm || norm->extra >= 0 ||
      !reader_is (fusion, i, &kairos_layer_add, &reader))
    return;
  sum = at (fusion, reader);
  other = resolve (fusion, sum->input) == (int) i + 1 ? sum->extra : sum->input;
  if (resolve (fusion, other) == (int) i + 1)
    return;
  norm->extra = other;
  g_free (sum);
  fusion->operations->pdata[reader] = norm;
  fusion->operations->pdata[i] = NULL;
}

/* max (0, max x) = max max (0, x). */
static void
move_relu_behind_pool (Fusion *fusion, guint i)
{
  int reader;

  if (fusion->mode != KAIROS_MODE_TRAIN || at (fusion, i)->kind != &kairos_layer_relu ||
      !reader_is (fusion, i, &kairos_layer_max_pool, &reader))
    return;
  at (fusion, reader)->relu = TRUE;
  drop (fusion, i, at (fusion, i)->input);
}

static gboolean
can_rectify (const Fusion *fusion, const KairosLayer *layer)
{
  return has_weights (layer) || layer->kind == &kairos_layer_batch_norm || layer->kind == &kairos_layer_frozen_norm ||
         (fusion->mode == KAIROS_MODE_EVALUATE && layer->kind == &kairos_layer_add);
}

static void
absorb_relu (Fusion *fusion, guint i)
{
  int reader;

  if (!can_rectify (fusion, at (fusion, i)))
    return;
  if (!reader_is (fusion, i, &kairos_layer_relu, &reader))
    return;
  at (fusion, i)->relu = TRUE;
  drop (fusion, reader, (int) i + 1);
}

/* Closes the gaps that dropped operations leave. */
static GPtrArray *
compact (Fusion *fusion)
{
  GPtrArray *operations = g_ptr_array_new_with_free_func ((GDestroyNotify) kairos_operation_free);
  g_autofree int *number = g_new0 (int, fusion->operations->len + 1);

  for (guint i = 0; i < fusion->operations->len; i++) {
    KairosLayer *layer = at (fusion, i);
    if (!layer)
      continue;
    layer->input = number[resolve (fusion, layer->input)];
    layer->extra = layer->extra >= 0 ? number[resolve (fusion, layer->extra)] : -1;
    g_ptr_array_add (operations, layer);
    number[i + 1] = (int) operations->len;
  }
  return operations;
}

void
kairos_operation_free (KairosLayer *layer)
{
  g_free (layer->fold);
  g_free (layer);
}

GPtrArray *
kairos_fuse (const GPtrArray *operations, KairosMode mode)
{
  static void (*const rules[]) (Fusion *, guint) = { skip_training_only, fold_batch_norm, freeze_batch_norm,
                                                     hold_bends,         absorb_sum,      move_relu_behind_pool,
                                                     absorb_relu };
  g_autoptr (GPtrArray) copies = g_ptr_array_new ();
  g_autofree int *same = g_new (int, operations->len + 1);
  Fusion fusion = { copies, same, mode };

  for (guint i = 0; i <= operations->len; i++)
    same[i] = (int) i;
  for (guint i = 0; i < operations->len; i++)
    g_ptr_array_add (copies, g_memdup2 (operations->pdata[i], sizeof (KairosLayer)));
  for (guint r = 0; r < G_N_ELEMENTS (rules); r++)
    for (guint i = 0; i < copies->len; i++)
      if (copies->pdata[i])
        rules[r](&fusion, i);
  return compact (&fusion);
}
