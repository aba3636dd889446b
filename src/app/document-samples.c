/* SPDX-License-Identifier: MIT */

/* The document's view of the samples: snapshots of the facts, the query and its order, the selection, confusion.
 *
 * One thread at a time copies the facts, runs the query and sorts; the main thread only swaps pointers.  It is started
 * by telemetry, at most twice a second, or by another query or order, at once.  What arrives for a query that is not
 * the newest any more is thrown away and the thread starts again.  The thread works on references of its own, so the
 * document may be closed meanwhile.
 */
#include "document-private.h"
#include "sample-model.h"

#include <math.h>
#include <string.h>

#define REFRESH_INTERVAL (500 * G_TIME_SPAN_MILLISECOND)

typedef struct {
  GWeakRef document; /* closing does not wait for the thread */
  KairosDataset *dataset;
  KairosSplits *splits;
  KairosFacts *facts;
  KairosFact *snapshot; /* filled first when fresh */
  gboolean fresh;
  guint64 generation;
  char *query, *order;
  guint serial;
  guint32 *ids; /* the result */
  guint n;
} Refresh;

static void start_refresh (KairosDocument *self, gboolean fresh);

static void
refresh_free (gpointer data)
{
  Refresh *refresh = data;

  g_weak_ref_clear (&refresh->document);
  kairos_dataset_unref (refresh->dataset);
  kairos_splits_unref (refresh->splits);
  kairos_facts_unref (refresh->facts);
  g_clear_pointer (&refresh->snapshot, g_atomic_rc_box_release);
  g_free (refresh->query);
  g_free (refresh->order);
  g_free (refresh->ids);
  g_free (refresh);
}

static void
run_query (Refresh *refresh)
{
  g_autoptr (KairosQuery) query = kairos_query_new (refresh->query, refresh->dataset, NULL);

  refresh->ids = g_new (guint32, MAX (kairos_dataset_get_n_samples (refresh->dataset), 1));
  refresh->n = kairos_query_run (query, refresh->dataset, refresh->splits, refresh->snapshot, refresh->ids);
  kairos_order_sort (refresh->order, refresh->dataset, refresh->snapshot, refresh->ids, refresh->n);
}

static void
refresh_in_thread (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  Refresh *refresh = task_data;

  if (refresh->fresh)
    refresh->generation = kairos_facts_snapshot (refresh->facts, refresh->snapshot);
  run_query (refresh);
  g_task_return_boolean (task, TRUE);
}

/* The snapshot shown so far becomes the spare one: two are enough, as only one thread is at work. */
static void
show_snapshot (KairosDocument *self, Refresh *refresh)
{
  g_clear_pointer (&self->spare, g_atomic_rc_box_release);
  self->spare = self->snapshot;
  self->snapshot = g_steal_pointer (&refresh->snapshot);
  self->generation = refresh->generation;
}

static void
on_refreshed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Refresh *refresh = g_task_get_task_data (G_TASK (result));
  g_autoptr (KairosDocument) self = g_weak_ref_get (&refresh->document);

  if (!self || self->closed)
    return;
  self->refreshing = FALSE;
  if (refresh->fresh)
    show_snapshot (self, refresh);
  if (refresh->facts != self->facts)
    self->generation = G_MAXUINT64; /* they are another run's by now */
  if (refresh->serial == self->serial) {
    gboolean asked = self->shown != self->serial;

    self->shown = self->serial;
    kairos_sample_model_take (self->samples, g_steal_pointer (&refresh->ids), refresh->n, asked);
  }
  if (refresh->fresh)
    g_signal_emit (self, kairos_document_signals[KAIROS_DOCUMENT_FACTS_CHANGED], 0);
  if (self->closed || self->refreshing)
    return;
  if (self->shown != self->serial)
    start_refresh (self, FALSE);
  else if (self->facts_due)
    kairos_document_facts_moved (self);
}

static KairosFact *
take_spare (KairosDocument *self)
{
  if (self->spare)
    return g_steal_pointer (&self->spare);
  return g_atomic_rc_box_alloc (sizeof (KairosFact) * MAX (kairos_facts_get_n (self->facts), 1));
}

static void
start_refresh (KairosDocument *self, gboolean fresh)
{
  Refresh *refresh = g_new0 (Refresh, 1);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_refreshed, NULL);

  g_weak_ref_init (&refresh->document, self);
  refresh->dataset = kairos_dataset_ref (self->dataset);
  refresh->splits = kairos_splits_ref (self->splits);
  refresh->facts = kairos_facts_ref (self->facts);
  refresh->fresh = fresh;
  refresh->snapshot = fresh ? take_spare (self) : g_atomic_rc_box_acquire (self->snapshot);
  refresh->query = g_strdup (self->query);
  refresh->order = g_strdup (self->order);
  refresh->serial = self->serial;
  self->refreshing = TRUE;
  if (fresh) {
    self->last_refresh = g_get_monotonic_time ();
    self->facts_due = FALSE;
  }
  g_task_set_source_tag (task, start_refresh);
  g_task_set_task_data (task, refresh, refresh_free);
  g_task_run_in_thread (task, refresh_in_thread);
}

static gboolean
on_refresh_timeout (gpointer user_data)
{
  KairosDocument *self = user_data;

  self->refresh_timeout = 0;
  kairos_document_facts_moved (self);
  return G_SOURCE_REMOVE;
}

void
kairos_document_facts_moved (KairosDocument *self)
{
  gint64 wait;

  if (self->closed || self->refresh_timeout != 0 || kairos_facts_get_generation (self->facts) == self->generation)
    return;
  self->facts_due = TRUE;
  if (self->refreshing)
    return;
  wait = self->last_refresh + REFRESH_INTERVAL - g_get_monotonic_time ();
  if (wait <= 0)
    start_refresh (self, TRUE);
  else
    self->refresh_timeout = g_timeout_add (wait / G_TIME_SPAN_MILLISECOND + 1, on_refresh_timeout, self);
}

void
kairos_document_facts_replaced (KairosDocument *self)
{
  self->generation = G_MAXUINT64; /* of no snapshot */
  kairos_document_facts_moved (self);
}

void
kairos_document_facts_init (KairosDocument *self)
{
  guint n = kairos_facts_get_n (self->facts);
  Refresh refresh = { .dataset = self->dataset, .splits = self->splits, .query = self->query, .order = self->order };

  self->snapshot = take_spare (self);
  self->generation = kairos_facts_snapshot (self->facts, self->snapshot);
  self->selected = g_new0 (guint8, MAX (n, 1));
  self->samples = kairos_sample_model_new (n);
  refresh.snapshot = self->snapshot;
  run_query (&refresh);
  kairos_sample_model_take (self->samples, refresh.ids, refresh.n, TRUE);
}

void
kairos_document_facts_clear (KairosDocument *self)
{
  g_clear_pointer (&self->snapshot, g_atomic_rc_box_release);
  g_clear_pointer (&self->spare, g_atomic_rc_box_release);
  g_clear_object (&self->samples);
  g_clear_pointer (&self->selection, g_array_unref);
  g_clear_pointer (&self->selected, g_free);
  g_clear_pointer (&self->query, g_free);
  g_clear_pointer (&self->order, g_free);
}

const KairosFact *
kairos_document_peek_facts (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  return self->snapshot;
}

/* ---- Query and order ---- */

static void
ask_anew (KairosDocument *self)
{
  self->serial++;
  if (!self->refreshing && !self->closed)
    start_refresh (self, FALSE);
}

gboolean
kairos_document_set_query (KairosDocument *self, const char *text, GError **error)
{
  g_autoptr (KairosQuery) query = NULL;

  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self) && text, FALSE);

  query = kairos_query_new (text, self->dataset, error);
  if (!query)
    return FALSE;
  if (g_str_equal (text, self->query))
    return TRUE;
  g_free (self->query);
  self->query = g_strdup (text);
  ask_anew (self);
  g_object_notify (G_OBJECT (self), "query");
  return TRUE;
}

const char *
kairos_document_get_query (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  return self->query;
}

static gboolean
is_order (const char *name)
{
  guint n;
  const KairosOrderInfo *infos = kairos_order_infos (&n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (infos[i].name, name))
      return TRUE;
  return FALSE;
}

void
kairos_document_set_order (KairosDocument *self, const char *order)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && order);

  if (!is_order (order) || g_str_equal (order, self->order))
    return;
  g_free (self->order);
  self->order = g_strdup (order);
  ask_anew (self);
  g_object_notify (G_OBJECT (self), "order");
}

const char *
kairos_document_get_order (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  return self->order;
}

KairosSampleModel *
kairos_document_get_samples (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  return self->samples;
}

/* ---- Selection ---- */

/* The ids in set (a byte a sample), ascending. */
static GArray *
collect (const guint8 *set, guint n)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint32 id = 0; id < n; id++)
    if (set[id])
      g_array_append_val (ids, id);
  return ids;
}

void
kairos_document_select (KairosDocument *self, const guint32 *ids, guint n)
{
  g_autofree guint8 *set = NULL;
  guint n_samples;

  g_return_if_fail (KAIROS_IS_DOCUMENT (self));

  n_samples = kairos_facts_get_n (self->facts);
  set = g_new0 (guint8, MAX (n_samples, 1));
  for (guint i = 0; i < n; i++)
    if (ids[i] < n_samples)
      set[ids[i]] = 1;
  if (memcmp (set, self->selected, n_samples) == 0)
    return;
  g_array_unref (self->selection);
  self->selection = collect (set, n_samples);
  g_free (self->selected);
  self->selected = g_steal_pointer (&set);
  g_signal_emit (self, kairos_document_signals[KAIROS_DOCUMENT_SELECTION_CHANGED], 0);
}

const guint32 *
kairos_document_get_selection (KairosDocument *self, guint *n)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  *n = self->selection->len;
  return (const guint32 *) (gpointer) self->selection->data;
}

gboolean
kairos_document_is_selected (KairosDocument *self, guint32 id)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), FALSE);
  return id < kairos_facts_get_n (self->facts) && self->selected[id];
}

double
kairos_document_get_selection_loss (KairosDocument *self)
{
  double sum = 0;
  guint n = 0;

  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NAN);

  for (guint i = 0; i < self->selection->len; i++) {
    float loss = self->snapshot[g_array_index (self->selection, guint32, i)].loss;

    if (isfinite (loss)) {
      sum += loss;
      n++;
    }
  }
  return n > 0 ? sum / n : NAN;
}

guint *
kairos_document_confusion (KairosDocument *self, KairosSplit split)
{
  const gint32 *labels;
  const guint32 *ids;
  guint *counts, n, n_classes;

  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);

  labels = kairos_dataset_get_labels (self->dataset);
  n_classes = kairos_dataset_get_n_classes (self->dataset);
  counts = g_new0 (guint, (gsize) n_classes * n_classes);
  ids = kairos_splits_ids (self->splits, split, &n);
  for (guint i = 0; i < n; i++) {
    gint32 prediction = self->snapshot[ids[i]].prediction;

    if (prediction >= 0)
      counts[(gsize) labels[ids[i]] * n_classes + prediction]++;
  }
  return counts;
}
