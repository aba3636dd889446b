/* SPDX-License-Identifier: MIT */

/* The document end to end: real session files, built-in data, a real worker.  Everything it says about samples is held
 * to brute force. */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "src/app/document-private.h"

#define PATIENCE (120 * G_USEC_PER_SEC) /* before a wait counts as failed */

typedef struct {
  char *folder, *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("kairos-document-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "points.kairos", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  GDir *dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

    g_remove (path);
  }
  g_dir_close (dir);
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

/* ---- Waiting ---- */

#define wait_for(condition)                                                                                            \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    guint tick_ = g_timeout_add (5, go_on, NULL);                                                                      \
    gint64 end_ = g_get_monotonic_time () + PATIENCE;                                                                  \
    while (!(condition)) {                                                                                             \
      g_assert_cmpint (g_get_monotonic_time (), <, end_);                                                              \
      g_main_context_iteration (NULL, TRUE);                                                                           \
    }                                                                                                                  \
    g_source_remove (tick_);                                                                                           \
  }                                                                                                                    \
  G_STMT_END

static gboolean
go_on (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

typedef struct {
  GAsyncResult *result;
  guint n_progress;
  gboolean in_main;
  double fraction;
} Wait;

static void
on_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  ((Wait *) user_data)->result = g_object_ref (result);
}

static void
on_progress (double fraction, const char *phrase, gpointer user_data)
{
  Wait *wait = user_data;

  wait->n_progress++;
  wait->in_main = g_main_context_is_owner (g_main_context_default ());
  g_assert_cmpfloat (fraction, >=, wait->fraction);
  g_assert_null (wait->result);
  wait->fraction = fraction;
}

static KairosDocument *
finish (Wait *wait, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  wait_for (wait->result != NULL);
  result = g_steal_pointer (&wait->result);
  return kairos_document_open_finish (result, error);
}

static KairosConfig *
make_config (const char *data, const char *network)
{
  KairosConfig *config = kairos_config_new ();
  const char *settings[][2] = {
    { "data", data }, { "network", network }, { "epochs", "3" }, { "batch", "50" }, { "learning-rate", "0.05" }
  };

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    g_assert_true (kairos_config_set (config, settings[i][0], settings[i][1], NULL));
  return config;
}

static KairosDocument *
create (const char *path, const char *network, GError **error)
{
  g_autoptr (KairosConfig) config = make_config ("builtin:blobs", network);
  Wait wait = { 0 };

  kairos_document_create_async (path, config, 1, on_progress, &wait, NULL, on_done, &wait);
  return finish (&wait, error);
}

static KairosDocument *
create_ready (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  KairosDocument *document = create (fixture->path, "mlp-8", &error);
  KairosStatus status;

  g_assert_no_error (error);
  wait_for ((kairos_document_get_status (document, &status), status.state == KAIROS_WORKER_PAUSED));
  return document;
}

static KairosDocument *
open (const char *path, GError **error)
{
  Wait wait = { 0 };

  kairos_document_open_async (path, NULL, 1, NULL, NULL, NULL, on_done, &wait);
  return finish (&wait, error);
}

static int
get_state (KairosDocument *document)
{
  int state;

  g_object_get (document, "state", &state, NULL);
  return state;
}

static guint
n_points (KairosDocument *document, const char *measure)
{
  KairosMetrics *metrics = kairos_document_get_metrics (document);
  KairosSeries *series =
      kairos_metrics_get_series (metrics, kairos_metrics_get_current (metrics), kairos_measure_find (measure), 0);

  return series ? kairos_series_get_n (series) : 0;
}

static void
train_one_epoch (KairosDocument *document)
{
  guint before = n_points (document, "val_loss");

  kairos_document_train_epoch (document);
  wait_for (n_points (document, "val_loss") == before + 1 && get_state (document) != KAIROS_WORKER_TRAINING &&
            get_state (document) != KAIROS_WORKER_EVALUATING);
}

/* ---- Brute force ---- */

static gboolean
shows_what_it_should (KairosDocument *document)
{
  KairosDataset *dataset = kairos_document_get_dataset (document);
  KairosSampleModel *samples = kairos_document_get_samples (document);
  const KairosFact *facts = kairos_document_peek_facts (document);
  g_autoptr (KairosQuery) query = kairos_query_new (kairos_document_get_query (document), dataset, NULL);
  g_autofree guint32 *ids = g_new (guint32, kairos_dataset_get_n_samples (dataset));
  guint n = kairos_query_run (query, dataset, kairos_document_get_splits (document), facts, ids);

  kairos_order_sort (kairos_document_get_order (document), dataset, facts, ids, n);
  if (g_list_model_get_n_items (G_LIST_MODEL (samples)) != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (kairos_sample_model_get_id (samples, i) != ids[i])
      return FALSE;
  return TRUE;
}

/* The snapshot is the newest there is. */
static gboolean
knows_newest_facts (KairosDocument *document)
{
  KairosFacts *facts = kairos_document_get_facts (document);
  g_autofree KairosFact *newest = g_new (KairosFact, kairos_facts_get_n (facts));

  kairos_facts_snapshot (facts, newest);
  return memcmp (newest, kairos_document_peek_facts (document), sizeof (KairosFact) * kairos_facts_get_n (facts)) == 0;
}

static void
count (gpointer object, guint *n)
{
  ++*n;
}

/* ---- Tests ---- */

static void
test_create_train_reopen (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosConfig) config = make_config ("builtin:blobs", "mlp-8");
  g_autoptr (GError) error = NULL;
  Wait wait = { 0 };
  KairosDocument *document;
  guint n_facts = 0, n_status = 0, steps, epochs;

  kairos_document_create_async (fixture->path, config, 1, on_progress, &wait, NULL, on_done, &wait);
  document = finish (&wait, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (wait.n_progress, >, 0);
  g_assert_true (wait.in_main);
  g_assert_cmpstr (kairos_document_get_title (document), ==,
                   kairos_dataset_get_title (kairos_document_get_dataset (document)));
  g_assert_nonnull (strstr (kairos_document_get_subtitle (document), "points.kairos · Run 1 · mlp-8, "));
  g_assert_true (shows_what_it_should (document));

  g_signal_connect (document, "facts-changed", G_CALLBACK (count), &n_facts);
  g_signal_connect (document, "status-changed", G_CALLBACK (count), &n_status);
  kairos_document_play (document);
  wait_for (get_state (document) == KAIROS_WORKER_FINISHED);
  steps = n_points (document, "batch_loss");
  epochs = n_points (document, "val_loss");
  g_assert_cmpuint (epochs, ==, 3);
  g_assert_cmpuint (n_status, >, 0);
  wait_for (knows_newest_facts (document));
  g_assert_cmpuint (n_facts, >, 0);
  kairos_document_close (document);
  kairos_document_close (document); /* does no harm */
  g_assert_finalize_object (document);

  document = open (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_points (document, "batch_loss"), ==, steps);
  g_assert_cmpuint (n_points (document, "val_loss"), ==, 3);
  /* facts come back, too */
  wait_for (get_state (document) == KAIROS_WORKER_FINISHED && knows_newest_facts (document));
  g_assert_cmpint (kairos_document_peek_facts (document)[0].prediction, >=, 0);
  kairos_document_restart (document);
  wait_for (strstr (kairos_document_get_subtitle (document), " Run 2 ") != NULL);
  g_assert_cmpuint (kairos_metrics_get_n_runs (kairos_document_get_metrics (document)), ==, 2);
  g_assert_finalize_object (document); /* dispose closes */
}

/* Random words, orders and training in any order: what is shown is what brute force says, and a paused document says it
 * without further events. */
static void
test_query_and_order (Fixture *fixture, gconstpointer data)
{
  static const char *const queries[] = {
    "", "wrong", "hard", "class:0", "split:train -seen>1", "loss>0.5 | confidence<0.6", "id<100", "class:1 correct"
  };
  KairosDocument *document = create_ready (fixture);
  guint n_orders;
  const KairosOrderInfo *orders = kairos_order_infos (&n_orders);

  for (int round = 0; round < 60; round++) {
    if (g_test_rand_int_range (0, 3) == 0)
      kairos_document_step (document);
    if (g_test_rand_int_range (0, 2) == 0)
      g_assert_true (
          kairos_document_set_query (document, queries[g_test_rand_int_range (0, G_N_ELEMENTS (queries))], NULL));
    if (g_test_rand_int_range (0, 2) == 0)
      kairos_document_set_order (document, orders[g_test_rand_int_range (0, n_orders)].name);
    if (g_test_rand_int_range (0, 3) == 0)
      g_main_context_iteration (NULL, FALSE);
    if (round % 10 == 9) {
      kairos_worker_wait (document->worker);
      wait_for (knows_newest_facts (document) && shows_what_it_should (document));
    }
  }
  kairos_document_set_order (document, "no such order");
  g_assert_true (shows_what_it_should (document));
  g_assert_finalize_object (document);
}

static void
test_query_error (Fixture *fixture, gconstpointer data)
{
  KairosDocument *document = create_ready (fixture);
  g_autoptr (GError) error = NULL;
  guint n_notified = 0;

  g_assert_true (kairos_document_set_query (document, "class:1", NULL));
  g_signal_connect_swapped (document, "notify::query", G_CALLBACK (count), &n_notified);
  g_assert_false (kairos_document_set_query (document, "class:zebra", &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING);
  g_assert_cmpstr (kairos_document_get_query (document), ==, "class:1");
  g_assert_cmpuint (n_notified, ==, 0);
  wait_for (shows_what_it_should (document));
  g_assert_finalize_object (document);
}

static void
on_notify_count (GObject *object, GParamSpec *pspec, guint *n)
{
  ++*n;
}

static void
test_frozen_while_training (Fixture *fixture, gconstpointer data)
{
  KairosDocument *document = create_ready (fixture);
  KairosSampleModel *samples = kairos_document_get_samples (document);
  g_autofree guint32 *before = NULL;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (samples)), n_pending = 0;

  kairos_document_set_order (document, "loss");
  wait_for (shows_what_it_should (document));
  before = g_new (guint32, n);
  for (guint i = 0; i < n; i++)
    before[i] = kairos_sample_model_get_id (samples, i);
  g_signal_connect (samples, "notify::pending", G_CALLBACK (on_notify_count), &n_pending);
  kairos_sample_model_set_frozen (samples, TRUE);
  train_one_epoch (document);
  wait_for (n_pending == 1 && knows_newest_facts (document));
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (kairos_sample_model_get_id (samples, i), ==, before[i]);
  kairos_sample_model_set_frozen (samples, FALSE);
  g_assert_true (shows_what_it_should (document));
  g_assert_finalize_object (document);
}

static void
test_selection (Fixture *fixture, gconstpointer data)
{
  KairosDocument *document = create_ready (fixture);
  const guint32 ids[] = { 900, 5, 17, 5, 1000000 };
  const guint32 *selection;
  guint n, n_changed = 0;
  double sum = 0;

  g_signal_connect (document, "selection-changed", G_CALLBACK (count), &n_changed);
  kairos_document_select (document, ids, G_N_ELEMENTS (ids));
  selection = kairos_document_get_selection (document, &n);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpuint (selection[0], ==, 5);
  g_assert_cmpuint (selection[1], ==, 17);
  g_assert_cmpuint (selection[2], ==, 900);
  g_assert_true (kairos_document_is_selected (document, 17));
  g_assert_false (kairos_document_is_selected (document, 18));
  g_assert_false (kairos_document_is_selected (document, 1000000));
  kairos_document_select (document, selection, n);
  g_assert_cmpuint (n_changed, ==, 1);
  g_assert_true (isnan (kairos_document_get_selection_loss (document)));

  kairos_document_set_order (document, "loss");
  kairos_document_set_query (document, "class:0", NULL);
  train_one_epoch (document);
  wait_for (knows_newest_facts (document) && shows_what_it_should (document));
  selection = kairos_document_get_selection (document, &n);
  g_assert_cmpuint (n, ==, 3); /* whatever is shown */
  g_assert_cmpuint (n_changed, ==, 1);
  for (guint i = 0; i < n; i++)
    sum += kairos_document_peek_facts (document)[selection[i]].loss / n;
  if (isfinite (sum)) /* each of the three has been looked at */
    g_assert_cmpfloat_with_epsilon (kairos_document_get_selection_loss (document), sum, 1e-6);
  kairos_document_select (document, NULL, 0);
  g_assert_cmpuint (n_changed, ==, 2);
  g_assert_finalize_object (document);
}

static void
test_confusion (Fixture *fixture, gconstpointer data)
{
  KairosDocument *document = create_ready (fixture);
  KairosDataset *dataset = kairos_document_get_dataset (document);
  g_autofree guint *counts = NULL;
  guint k = kairos_dataset_get_n_classes (dataset), n, right = 0, all = 0, expected = 0;
  const guint32 *ids = kairos_splits_ids (kairos_document_get_splits (document), KAIROS_SPLIT_VALIDATION, &n);

  train_one_epoch (document);
  wait_for (knows_newest_facts (document));
  counts = kairos_document_confusion (document, KAIROS_SPLIT_VALIDATION);
  for (guint i = 0; i < k * k; i++) {
    all += counts[i];
    right += i % (k + 1) == 0 ? counts[i] : 0;
  }
  for (guint i = 0; i < n; i++)
    expected += kairos_document_peek_facts (document)[ids[i]].prediction == kairos_dataset_get_labels (dataset)[ids[i]];
  g_assert_cmpuint (all, ==, n); /* the end of an epoch looked at all of them */
  g_assert_cmpuint (right, ==, expected);
  g_assert_finalize_object (document);
}

/* ---- Hyper-parameters ---- */

typedef struct {
  char *text;
  guint n_messages, n_applied;
  char *applied;
} Heard;

static void
on_message (KairosDocument *document, const char *text, gboolean is_error, Heard *heard)
{
  g_free (heard->text);
  heard->text = g_strdup (text);
  heard->n_messages++;
  g_assert_true (is_error);
}

static void
on_applied (KairosDocument *document, const char *name, const char *value, guint64 step, Heard *heard)
{
  g_free (heard->applied);
  heard->applied = g_strdup_printf ("%s=%s", name, value);
  heard->n_applied++;
}

static void
run_script (KairosDocument *document, const char *script)
{
  g_auto (GStrv) commands = g_strsplit (script, "; ", -1);

  for (guint i = 0; commands[i]; i++) {
    g_auto (GStrv) words = g_strsplit (commands[i], " ", -1);

    if (g_str_equal (words[0], "set"))
      kairos_document_set_param (document, words[1], words[2]);
    else if (g_str_equal (words[0], "undo"))
      kairos_document_undo (document);
    else
      kairos_document_redo (document);
  }
}

static void
assert_params (KairosDocument *document, double learning_rate, double momentum)
{
  g_assert_cmpfloat (kairos_document_get_config (document)->learning_rate, ==, learning_rate);
  g_assert_cmpfloat (kairos_document_get_config (document)->momentum, ==, momentum);
}

static void
test_params (Fixture *fixture, gconstpointer data)
{
  KairosDocument *document = create_ready (fixture);
  double momentum = kairos_document_get_config (document)->momentum;
  Heard heard = { 0 };

  g_signal_connect (document, "message", G_CALLBACK (on_message), &heard);
  g_signal_connect (document, "applied", G_CALLBACK (on_applied), &heard);
  g_assert_false (kairos_document_can_undo (document));
  run_script (document, "set learning-rate 0.25; set momentum 0.5; undo");
  assert_params (document, 0.25, momentum);
  run_script (document, "undo; undo");
  assert_params (document, 0.05, momentum);
  g_assert_false (kairos_document_can_undo (document));
  g_assert_true (kairos_document_can_redo (document));
  run_script (document, "redo; redo; redo");
  assert_params (document, 0.25, 0.5);
  run_script (document, "set learning-rate 0.25"); /* changes nothing: no step to undo */
  run_script (document, "undo");
  assert_params (document, 0.25, momentum);
  wait_for (heard.n_applied == 8);
  g_assert_true (g_str_has_prefix (heard.applied, "momentum="));
  g_assert_cmpuint (heard.n_messages, ==, 0);

  run_script (document, "set learning-rate minus; set batch 10; set nonsense 1");
  g_assert_cmpuint (heard.n_messages, ==, 3);
  assert_params (document, 0.25, momentum);
  run_script (document, "undo"); /* of 0.25 */
  assert_params (document, 0.05, momentum);
  g_assert_finalize_object (document);
  g_free (heard.text);
  g_free (heard.applied);
}

/* ---- Prediction ---- */

static float *
predict (KairosDocument *document, guint32 id, guint *n, GError **error)
{
  Wait wait = { 0 };
  float *probabilities;

  if (id % 2 == 0)
    kairos_document_predict_async (document, id, NULL, on_done, &wait);
  else { /* the same as an input */
    KairosDataset *dataset = kairos_document_get_dataset (document);
    g_autofree float *input = g_new (float, kairos_shape_size (kairos_dataset_get_shape (dataset)));

    kairos_dataset_copy_input (dataset, id, input);
    kairos_document_predict_input_async (document, input, NULL, on_done, &wait);
  }
  wait_for (wait.result != NULL);
  probabilities = kairos_document_predict_finish (wait.result, n, error);
  g_object_unref (wait.result);
  return probabilities;
}

static void
test_predict (Fixture *fixture, gconstpointer data)
{
  KairosDocument *document = create_ready (fixture);
  g_autoptr (GError) error = NULL;
  guint n, n_ids;
  const guint32 *ids = kairos_splits_ids (kairos_document_get_splits (document), KAIROS_SPLIT_VALIDATION, &n_ids);

  train_one_epoch (document);
  wait_for (knows_newest_facts (document));
  for (guint i = 0; i < 10; i++) { /* validation was looked at with the weights of now */
    g_autofree float *probabilities = predict (document, ids[i], &n, &error);
    const KairosFact *fact = &kairos_document_peek_facts (document)[ids[i]];

    g_assert_no_error (error);
    g_assert_cmpuint (n, ==, kairos_dataset_get_n_classes (kairos_document_get_dataset (document)));
    g_assert_cmpfloat_with_epsilon (probabilities[fact->prediction], fact->confidence, 1e-4);
  }
  kairos_document_play (document);
  g_free (predict (document, ids[0], &n, &error)); /* also while it trains */
  g_assert_no_error (error);
  kairos_document_close (document);
  g_assert_null (predict (document, ids[0], &n, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING);
  g_assert_finalize_object (document);
}

/* ---- Files ---- */

static void
test_copy (Fixture *fixture, gconstpointer data)
{
  KairosDocument *document = create_ready (fixture), *copy;
  g_autofree char *path = g_build_filename (fixture->folder, "copy.kairos", NULL);
  g_autoptr (GError) error = NULL;

  train_one_epoch (document);
  g_assert_true (kairos_document_copy_to (document, path, &error));
  g_assert_no_error (error);
  copy = open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_points (copy, "batch_loss"), ==, n_points (document, "batch_loss"));
  g_assert_finalize_object (copy);
  g_assert_finalize_object (document);
}

static void
test_bad_files (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (open (fixture->path, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "points.kairos"));
  g_clear_error (&error);

  g_assert_null (create (fixture->path, "no-such-network", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS)); /* nothing is left behind */

  g_assert_true (g_file_set_contents (fixture->path, "This is no session.", -1, NULL));
  g_assert_null (open (fixture->path, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_null (create (fixture->path, "mlp-8", &error)); /* would overwrite */
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_IO);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosConfig) config = make_config ("builtin:blobs", "mlp-8");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Wait wait = { 0 };

  kairos_document_create_async (fixture->path, config, 1, on_progress, &wait, cancellable, on_done, &wait);
  g_cancellable_cancel (cancellable);
  g_assert_null (finish (&wait, &error));
  g_assert_nonnull (error);
}

/* Without a path: numbered in the user's data folder, never over another. */
static void
test_untitled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KairosDocument *first = create (NULL, "mlp-8", &error), *second = create (NULL, "mlp-8", &error);

  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (kairos_document_get_path (first), g_get_user_data_dir ()));
  g_assert_cmpstr (kairos_document_get_path (first), !=, kairos_document_get_path (second));
  g_assert_finalize_object (first);
  g_assert_finalize_object (second);
}

#define add(name, func) g_test_add ("/document/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  add ("create-train-reopen", test_create_train_reopen);
  add ("query-and-order", test_query_and_order);
  add ("query-error", test_query_error);
  add ("frozen-while-training", test_frozen_while_training);
  add ("selection", test_selection);
  add ("confusion", test_confusion);
  add ("params", test_params);
  add ("predict", test_predict);
  add ("copy", test_copy);
  add ("bad-files", test_bad_files);
  add ("cancel", test_cancel);
  add ("untitled", test_untitled);
  return g_test_run ();
}
