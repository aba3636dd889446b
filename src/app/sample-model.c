/* SPDX-License-Identifier: MIT */

/* The samples that match the query, in order, as a GListModel.
 *
 * An item is a place in the order, not a sample: when the order changes, items stay where they are and their "id"
 * changes.  A list view therefore keeps its widgets, its scroll position and its keyboard focus while training re-sorts
 * 60 000 samples twice a second; it only ever sees places added or removed at the end.  Items exist only while somebody
 * holds them (a view holds some 200), found again through a table of weak pointers.
 *
 * Invariants: position[ids[i]] == i for every i < n, NOWHERE for all other samples; live[p] is the one living item of
 * place p.
 */
#include "sample-model.h"

#include <string.h>

#define NOWHERE G_MAXUINT32

struct _KairosSample {
  GObject parent_instance;
  KairosSampleModel *model; /* NULL once the model is gone */
  guint position;
  guint32 id;
};

struct _KairosSampleModel {
  GObject parent_instance;
  guint n_samples;
  guint32 *ids;
  guint n;
  guint32 *position; /* by id */
  GHashTable *live;  /* place -> KairosSample, not owned */
  gboolean frozen;
  guint32 *pending; /* the order that waits for the end of the freeze */
  guint n_pending;
};

/* ---- A place ---- */

enum { SAMPLE_PROP_ID = 1, SAMPLE_PROP_POSITION };

G_DEFINE_FINAL_TYPE (KairosSample, kairos_sample, G_TYPE_OBJECT)

static void
kairos_sample_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  KairosSample *self = KAIROS_SAMPLE (object);

  if (prop_id == SAMPLE_PROP_ID)
    g_value_set_uint (value, self->id);
  else if (prop_id == SAMPLE_PROP_POSITION)
    g_value_set_uint (value, self->position);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
kairos_sample_finalize (GObject *object)
{
  KairosSample *self = KAIROS_SAMPLE (object);

  if (self->model)
    g_hash_table_remove (self->model->live, GUINT_TO_POINTER (self->position));
  G_OBJECT_CLASS (kairos_sample_parent_class)->finalize (object);
}

static void
kairos_sample_class_init (KairosSampleClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = kairos_sample_get_property;
  object_class->finalize = kairos_sample_finalize;
  g_object_class_install_property (object_class, SAMPLE_PROP_ID,
                                   g_param_spec_uint ("id", NULL, NULL, 0, G_MAXUINT, 0,
                                                      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, SAMPLE_PROP_POSITION,
                                   g_param_spec_uint ("position", NULL, NULL, 0, G_MAXUINT, 0,
                                                      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
kairos_sample_init (KairosSample *self)
{
}

guint32
kairos_sample_get_id (KairosSample *self)
{
  g_return_val_if_fail (KAIROS_IS_SAMPLE (self), 0);
  return self->id;
}

guint
kairos_sample_get_position (KairosSample *self)
{
  g_return_val_if_fail (KAIROS_IS_SAMPLE (self), 0);
  return self->position;
}

/* ---- The list ---- */

enum { SIGNAL_MOVED, N_SIGNALS };
static guint signals[N_SIGNALS];

enum { PROP_PENDING = 1 };

static GType
sample_model_get_item_type (GListModel *model)
{
  return KAIROS_TYPE_SAMPLE;
}

static guint
sample_model_get_n_items (GListModel *model)
{
  return KAIROS_SAMPLE_MODEL (model)->n;
}

static gpointer
sample_model_get_item (GListModel *model, guint position)
{
  KairosSampleModel *self = KAIROS_SAMPLE_MODEL (model);
  KairosSample *sample;

  if (position >= self->n)
    return NULL;
  sample = g_hash_table_lookup (self->live, GUINT_TO_POINTER (position));
  if (sample)
    return g_object_ref (sample);
  sample = g_object_new (KAIROS_TYPE_SAMPLE, NULL);
  sample->model = self;
  sample->position = position;
  sample->id = self->ids[position];
  g_hash_table_insert (self->live, GUINT_TO_POINTER (position), sample);
  return sample;
}

static void
sample_model_list_init (GListModelInterface *iface)
{
  iface->get_item_type = sample_model_get_item_type;
  iface->get_n_items = sample_model_get_n_items;
  iface->get_item = sample_model_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (KairosSampleModel, kairos_sample_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, sample_model_list_init))

static void
kairos_sample_model_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  if (prop_id == PROP_PENDING)
    g_value_set_boolean (value, KAIROS_SAMPLE_MODEL (object)->pending != NULL);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
kairos_sample_model_finalize (GObject *object)
{
  KairosSampleModel *self = KAIROS_SAMPLE_MODEL (object);
  GHashTableIter iter;
  gpointer sample;

  g_hash_table_iter_init (&iter, self->live);
  while (g_hash_table_iter_next (&iter, NULL, &sample))
    KAIROS_SAMPLE (sample)->model = NULL;
  g_hash_table_unref (self->live);
  g_free (self->ids);
  g_free (self->position);
  g_free (self->pending);
  G_OBJECT_CLASS (kairos_sample_model_parent_class)->finalize (object);
}

static void
kairos_sample_model_class_init (KairosSampleModelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = kairos_sample_model_get_property;
  object_class->finalize = kairos_sample_model_finalize;
  g_object_class_install_property (object_class, PROP_PENDING,
                                   g_param_spec_boolean ("pending", NULL, NULL, FALSE,
                                                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  signals[SIGNAL_MOVED] =
      g_signal_new ("moved", KAIROS_TYPE_SAMPLE_MODEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
kairos_sample_model_init (KairosSampleModel *self)
{
  self->live = g_hash_table_new (NULL, NULL);
}

KairosSampleModel *
kairos_sample_model_new (guint n_samples)
{
  KairosSampleModel *self = g_object_new (KAIROS_TYPE_SAMPLE_MODEL, NULL);

  self->n_samples = n_samples;
  self->position = g_new (guint32, MAX (n_samples, 1));
  memset (self->position, 0xff, sizeof (guint32) * MAX (n_samples, 1));
  return self;
}

/* Gives every place its sample of now; returns the places that show another one than before. */
static GPtrArray *
update_places (KairosSampleModel *self)
{
  GPtrArray *changed = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->live);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    KairosSample *sample = value;

    if (sample->id == self->ids[sample->position])
      continue;
    sample->id = self->ids[sample->position];
    g_ptr_array_add (changed, g_object_ref (sample));
  }
  return changed;
}

/* Takes away the places beyond the end, so that a later item there is a new one. */
static void
drop_places (KairosSampleModel *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->live);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (KAIROS_SAMPLE (value)->position >= self->n) {
      KAIROS_SAMPLE (value)->model = NULL;
      g_hash_table_iter_remove (&iter);
    }
}

/* Takes over ids. */
static void
show (KairosSampleModel *self, guint32 *ids, guint n)
{
  guint old_n = self->n, kept = MIN (n, old_n);
  gboolean moved = kept > 0 && memcmp (self->ids, ids, sizeof (guint32) * kept) != 0;
  g_autoptr (GPtrArray) changed = NULL;

  if (!moved && n == old_n) {
    g_free (ids);
    return;
  }
  for (guint i = 0; i < old_n; i++)
    self->position[self->ids[i]] = NOWHERE;
  for (guint i = 0; i < n; i++)
    self->position[ids[i]] = i;
  g_free (self->ids);
  self->ids = ids;
  self->n = n;
  drop_places (self);
  changed = update_places (self);
  if (n != old_n)
    g_list_model_items_changed (G_LIST_MODEL (self), kept, old_n - kept, n - kept);
  for (guint i = 0; i < changed->len; i++)
    g_object_notify (g_ptr_array_index (changed, i), "id");
  if (moved)
    g_signal_emit (self, signals[SIGNAL_MOVED], 0);
}

static void
set_pending (KairosSampleModel *self, guint32 *ids, guint n)
{
  gboolean had = self->pending != NULL;

  g_free (self->pending);
  self->pending = ids;
  self->n_pending = n;
  if (had == !ids)
    g_object_notify (G_OBJECT (self), "pending");
}

void
kairos_sample_model_take (KairosSampleModel *self, guint32 *ids, guint n, gboolean asked)
{
  g_return_if_fail (KAIROS_IS_SAMPLE_MODEL (self));

  if (self->frozen && !asked) {
    if (n == self->n && (n == 0 || memcmp (ids, self->ids, sizeof (guint32) * n) == 0))
      g_clear_pointer (&ids, g_free); /* nothing to wait for any more */
    set_pending (self, ids, n);
    return;
  }
  set_pending (self, NULL, 0);
  show (self, ids, n);
}

void
kairos_sample_model_set_frozen (KairosSampleModel *self, gboolean frozen)
{
  g_return_if_fail (KAIROS_IS_SAMPLE_MODEL (self));

  self->frozen = frozen;
  if (!frozen && self->pending) {
    guint32 *ids = g_steal_pointer (&self->pending);

    show (self, ids, self->n_pending);
    g_object_notify (G_OBJECT (self), "pending");
  }
}

guint32
kairos_sample_model_get_id (KairosSampleModel *self, guint position)
{
  g_return_val_if_fail (KAIROS_IS_SAMPLE_MODEL (self), NOWHERE);
  return position < self->n ? self->ids[position] : NOWHERE;
}

int
kairos_sample_model_find (KairosSampleModel *self, guint32 id)
{
  g_return_val_if_fail (KAIROS_IS_SAMPLE_MODEL (self), -1);
  return id < self->n_samples && self->position[id] != NOWHERE ? (int) self->position[id] : -1;
}
