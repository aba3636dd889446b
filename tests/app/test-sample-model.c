/* SPDX-License-Identifier: MIT */

/* The list of samples against brute force: a listener that believes only what it is told (items-changed, notify::id)
 * must at any time know the same list; items are the same objects while they live; a freeze holds back what training
 * did and nothing else. */
#include "src/app/sample-model.h"

#include <string.h>

#define N 300

/* What a list view knows: it holds the items, and what it last read of each. */
typedef struct {
  GListModel *model;
  GPtrArray *items;
  GArray *ids;
  guint n_items_changed, n_moved;
} View;

static void
on_id (KairosSample *sample, GParamSpec *pspec, View *view)
{
  g_array_index (view->ids, guint32, kairos_sample_get_position (sample)) = kairos_sample_get_id (sample);
}

static void
on_items_changed (GListModel *model, guint position, guint removed, guint added, View *view)
{
  guint32 zero = 0;

  view->n_items_changed++;
  g_assert_cmpuint (view->items->len, ==, position + removed); /* places come and go at the end */
  for (guint i = 0; i < removed; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (view->items, position + i), view);
  g_ptr_array_set_size (view->items, position);
  g_array_set_size (view->ids, position);
  for (guint i = 0; i < added; i++) {
    KairosSample *sample = g_list_model_get_item (model, position + i);

    g_ptr_array_add (view->items, sample);
    g_array_append_val (view->ids, zero);
    g_array_index (view->ids, guint32, position + i) = kairos_sample_get_id (sample);
    g_signal_connect (sample, "notify::id", G_CALLBACK (on_id), view);
  }
}

static void
on_moved (KairosSampleModel *model, View *view)
{
  view->n_moved++;
}

static View *
view_new (KairosSampleModel *model)
{
  View *view = g_new0 (View, 1);

  view->model = G_LIST_MODEL (model);
  view->items = g_ptr_array_new_with_free_func (g_object_unref);
  view->ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_signal_connect (model, "items-changed", G_CALLBACK (on_items_changed), view);
  g_signal_connect (model, "moved", G_CALLBACK (on_moved), view);
  return view;
}

static void
view_free (View *view)
{
  g_signal_handlers_disconnect_by_data (view->model, view);
  for (guint i = 0; i < view->items->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (view->items, i), view);
  g_ptr_array_unref (view->items);
  g_array_unref (view->ids);
  g_free (view);
}

/* A random choice of samples in a random order. */
static guint32 *
shuffle (GRand *rand, guint n)
{
  guint32 *ids = g_new (guint32, N);

  for (guint i = 0; i < N; i++)
    ids[i] = i;
  for (guint i = 0; i < n; i++) {
    guint other = g_rand_int_range (rand, i, N);
    guint32 id = ids[i];

    ids[i] = ids[other];
    ids[other] = id;
  }
  return ids;
}

static void
assert_shows (KairosSampleModel *model, View *view, const guint32 *ids, guint n)
{
  g_autofree gboolean *shown = g_new0 (gboolean, N);

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, n);
  g_assert_cmpuint (view->ids->len, ==, n);
  for (guint i = 0; i < n; i++) {
    g_autoptr (KairosSample) sample = g_list_model_get_item (G_LIST_MODEL (model), i);

    shown[ids[i]] = TRUE;
    g_assert_cmpuint (kairos_sample_model_get_id (model, i), ==, ids[i]);
    g_assert_cmpint (kairos_sample_model_find (model, ids[i]), ==, i);
    g_assert_cmpuint (g_array_index (view->ids, guint32, i), ==, ids[i]);
    g_assert_cmpuint (kairos_sample_get_id (sample), ==, ids[i]);
    g_assert_true (sample == g_ptr_array_index (view->items, i));
  }
  for (guint id = 0; id < N; id++)
    if (!shown[id])
      g_assert_cmpint (kairos_sample_model_find (model, id), ==, -1);
  g_assert_cmpint (kairos_sample_model_find (model, N), ==, -1);
  g_assert_cmpuint (kairos_sample_model_get_id (model, n), ==, G_MAXUINT32);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (model), n));
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_test_rand_int ());
  g_autoptr (KairosSampleModel) model = kairos_sample_model_new (N);
  View *view = view_new (model);

  for (int round = 0; round < 300; round++) {
    guint n = g_rand_int_range (rand, 0, 4) == 0 ? g_list_model_get_n_items (G_LIST_MODEL (model))
                                                 : (guint) g_rand_int_range (rand, 0, N + 1);
    guint32 *ids = shuffle (rand, n);
    g_autofree guint32 *expected = g_memdup2 (ids, sizeof (guint32) * N);

    kairos_sample_model_take (model, ids, n, g_rand_boolean (rand));
    assert_shows (model, view, expected, n);
  }
  view_free (view);
}

/* A view's scroll position and focus hang on this: sorting anew tells of no place that appeared or vanished. */
static void
test_sorting_keeps_places (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autoptr (KairosSampleModel) model = kairos_sample_model_new (N);
  View *view = view_new (model);
  guint32 *same;

  kairos_sample_model_take (model, shuffle (rand, N), N, TRUE);
  g_assert_cmpuint (view->n_items_changed, ==, 1);
  kairos_sample_model_take (model, shuffle (rand, N), N, FALSE);
  g_assert_cmpuint (view->n_items_changed, ==, 1);
  g_assert_cmpuint (view->n_moved, ==, 1);

  same = g_memdup2 (view->ids->data, sizeof (guint32) * N);
  kairos_sample_model_take (model, same, N, FALSE);
  g_assert_cmpuint (view->n_moved, ==, 1);
  view_free (view);
}

static void
test_frozen (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  g_autoptr (KairosSampleModel) model = kairos_sample_model_new (N);
  View *view = view_new (model);
  guint32 *first = shuffle (rand, N), *second = shuffle (rand, N), *third = shuffle (rand, 20),
          *fourth = shuffle (rand, 40);
  g_autofree guint32 *a = g_memdup2 (first, sizeof (guint32) * N), *c = g_memdup2 (third, sizeof (guint32) * N);
  g_autofree guint32 *d = g_memdup2 (fourth, sizeof (guint32) * N);
  gboolean pending;

  kairos_sample_model_take (model, first, N, TRUE);
  kairos_sample_model_set_frozen (model, TRUE);
  kairos_sample_model_take (model, second, N, FALSE);
  assert_shows (model, view, a, N);
  g_object_get (model, "pending", &pending, NULL);
  g_assert_true (pending);
  kairos_sample_model_take (model, third, 20, FALSE); /* the newest counts */
  kairos_sample_model_set_frozen (model, FALSE);
  assert_shows (model, view, c, 20);
  g_object_get (model, "pending", &pending, NULL);
  g_assert_false (pending);

  kairos_sample_model_set_frozen (model, TRUE);
  kairos_sample_model_take (model, shuffle (rand, 30), 30, FALSE);
  kairos_sample_model_take (model, fourth, 40, TRUE); /* asked for: at once, and what waited is outdated */
  assert_shows (model, view, d, 40);
  kairos_sample_model_set_frozen (model, FALSE);
  assert_shows (model, view, d, 40);
  view_free (view);
}

static void
test_items_live_as_long_as_held (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  KairosSampleModel *model = kairos_sample_model_new (N);
  KairosSample *sample, *again;
  gpointer weak;

  kairos_sample_model_take (model, shuffle (rand, N), N, TRUE);
  sample = g_list_model_get_item (G_LIST_MODEL (model), 7);
  again = g_list_model_get_item (G_LIST_MODEL (model), 7);
  g_assert_true (sample == again);
  g_object_unref (again);
  weak = sample;
  g_object_add_weak_pointer (G_OBJECT (sample), &weak);
  g_object_unref (sample);
  g_assert_null (weak);

  sample = g_list_model_get_item (G_LIST_MODEL (model), 299);
  kairos_sample_model_take (model, shuffle (rand, 10), 10, TRUE); /* its place vanishes */
  kairos_sample_model_take (model, shuffle (rand, N), N, TRUE);
  again = g_list_model_get_item (G_LIST_MODEL (model), 299);
  g_assert_true (sample != again);
  g_object_unref (sample);
  g_assert_finalize_object (model); /* items may outlive it */
  g_object_unref (again);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sample-model/random", test_random);
  g_test_add_func ("/sample-model/sorting-keeps-places", test_sorting_keeps_places);
  g_test_add_func ("/sample-model/frozen", test_frozen);
  g_test_add_func ("/sample-model/items", test_items_live_as_long_as_held);
  return g_test_run ();
}
