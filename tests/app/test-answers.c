/* SPDX-License-Identifier: MIT */

/* What the document asks of the worker is answered under its own number: a clip that releases itself and a write that
 * fails between question and answer are not taken for the answer, and change nothing in what it does.
 *
 * The document hears of all that only when its main context is given a turn, so it hears in the order in which it
 * happens, with the question asked before.
 */
#include <glib/gstdio.h>
#include <string.h>

#include "src/app/document-private.h"
#include "src/run/session-private.h"
#include "src/run/worker-private.h"

#define PATIENCE (120 * G_USEC_PER_SEC) /* before a wait counts as failed */

typedef struct {
  char *folder, *path;
  KairosDocument *document;
  guint n_messages, n_applied; /* that the document told of */
  char *message, *applied;     /* the last */
  const char *shows;           /* a kind of clip that the timeline does not lose; NULL: none */
} Fixture;

/* ---- Waiting ---- */

static gboolean
go_on (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

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

/* Nothing is left to hear. */
static gboolean
is_up_to_date (KairosDocument *document)
{
  pthread_mutex_lock (&document->worker->mutex);
  gboolean woken = document->worker->woken; /* until the ring was found empty */
  pthread_mutex_unlock (&document->worker->mutex);
  return !woken;
}

/* The worker does what it was asked; the document hears nothing of it yet. */
static void
let_worker (Fixture *fixture)
{
  kairos_worker_wait (fixture->document->worker);
}

static void
hear (Fixture *fixture)
{
  let_worker (fixture);
  wait_for (is_up_to_date (fixture->document));
}

/* ---- The document ---- */

static void
on_opened (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autoptr (GError) error = NULL;

  fixture->document = kairos_document_open_finish (result, &error);
  g_assert_no_error (error);
}

static void
on_message (KairosDocument *document, const char *text, gboolean is_error, Fixture *fixture)
{
  g_free (fixture->message);
  fixture->message = g_strdup (text);
  fixture->n_messages++;
}

static void
on_applied (KairosDocument *document, const char *name, const char *value, guint64 step, Fixture *fixture)
{
  g_free (fixture->applied);
  fixture->applied = g_strdup_printf ("%s=%s", name, value);
  fixture->n_applied++;
}

/* The first clip of a kind; NULL: there is none. */
static const KairosClip *
find (KairosTimeline *timeline, const char *kind)
{
  for (guint i = 0; i < kairos_timeline_get_n_tracks (timeline); i++) {
    const KairosTrack *track = kairos_timeline_get_track (timeline, i);
    for (guint j = 0; j < track->n_clips; j++)
      if (g_str_equal (track->clips[j]->kind->name, kind))
        return track->clips[j];
  }
  return NULL;
}

static void
on_timeline (KairosDocument *document, GParamSpec *pspec, Fixture *fixture)
{
  if (fixture->shows)
    g_assert_nonnull (find (kairos_document_get_timeline (document), fixture->shows));
}

static JsonObject *
parse (const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  return json_object_ref (json_node_get_object (node));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosConfig) config = kairos_config_new ();
  const char *settings[][2] = { { "data", "builtin:blobs" }, { "network", "mlp-8" }, { "batch", "100" } };

  fixture->folder = g_dir_make_tmp ("kairos-answers-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "a.kairos", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    g_assert_true (kairos_config_set (config, settings[i][0], settings[i][1], NULL));
  kairos_document_create_async (fixture->path, config, 1, NULL, NULL, NULL, on_opened, fixture);
  wait_for (fixture->document != NULL);
  hear (fixture);
  g_signal_connect (fixture->document, "message", G_CALLBACK (on_message), fixture);
  g_signal_connect (fixture->document, "applied", G_CALLBACK (on_applied), fixture);
  g_signal_connect (fixture->document, "notify::timeline", G_CALLBACK (on_timeline), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  g_assert_finalize_object (fixture->document);
  dir = g_dir_open (fixture->folder, 0, NULL);
  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
    g_remove (path);
  }
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->message);
  g_free (fixture->applied);
}

/* ---- What happens by itself ---- */

/* The worker does nothing meanwhile. */
static void
allow_writing (Fixture *fixture, gboolean allow)
{
  sqlite3 *db = fixture->document->worker->session->db;

  g_assert_cmpint (sqlite3_exec (db, allow ? "PRAGMA query_only = 0" : "PRAGMA query_only = 1", NULL, NULL, NULL), ==,
                   SQLITE_OK);
}

/* A clip that finds itself over once it was in force; it is. */
static void
begin_focus (Fixture *fixture)
{
  g_autoptr (JsonObject) focus = parse ("{\"kind\":\"focus\",\"classes\":[0],\"until\":\"accuracy\",\"bound\":0}");

  kairos_document_intervene (fixture->document, focus);
  kairos_document_step (fixture->document);
  hear (fixture);
  g_assert_cmpuint (fixture->n_messages, ==, 0);
}

/* The clip is released, and then the end of an epoch cannot be written. */
static void
happen (Fixture *fixture)
{
  KairosDocument *document = fixture->document;

  for (int i = 0; i < 5; i++) {
    kairos_document_step (document);
    let_worker (fixture);
  }
  allow_writing (fixture, FALSE);
  kairos_document_train_epoch (document);
  let_worker (fixture);
  allow_writing (fixture, TRUE);
  g_assert_cmpuint (fixture->n_messages, ==, 0); /* it has not heard of it */
}

/* It was released where the training was then, not at the planned end. */
static gboolean
is_released (KairosTimeline *timeline)
{
  const KairosClip *clip = find (timeline, "focus");

  g_assert_nonnull (clip);
  return clip->to < 1;
}

/* All that was asked is answered; one message, that of the write. */
static void
assert_answered (Fixture *fixture)
{
  KairosRun *run = fixture->document->current;

  g_assert_cmpuint (run->asked->len, ==, 0);
  g_assert_true (kairos_timeline_equal (run->timeline, run->in_force));
  g_assert_cmpuint (fixture->n_messages, ==, 1);
  g_assert_nonnull (strstr (fixture->message, "may not be written"));
}

static const KairosUndoChange *
last_change (Fixture *fixture)
{
  return kairos_undo_peek (fixture->document->current->undo, FALSE);
}

static void
undo (Fixture *fixture)
{
  g_assert_true (kairos_document_undo (fixture->document));
  hear (fixture);
}

/* ---- Tests ---- */

static void
act (Fixture *fixture)
{
  g_autoptr (JsonObject) decay = parse ("{\"kind\":\"weight-decay\",\"value\":0.01}");

  kairos_document_intervene (fixture->document, decay);
}

static void
test_act (Fixture *fixture, gconstpointer data)
{
  begin_focus (fixture);
  happen (fixture);
  act (fixture);
  hear (fixture);
  assert_answered (fixture);
  KairosRun *run = fixture->document->current;
  const KairosUndoChange *change = last_change (fixture);
  g_assert_true (is_released (run->timeline) && find (run->timeline, "weight-decay"));
  /* A step from what was in force just before, and not from before the release. */
  g_assert_true (is_released (change->from) && !find (change->from, "weight-decay"));
  g_assert_true (kairos_timeline_equal (change->to, run->timeline));
  undo (fixture);
  g_assert_true (is_released (run->timeline) && !find (run->timeline, "weight-decay"));
  g_assert_nonnull (find (last_change (fixture)->to, "focus")); /* next is the focus */
  assert_answered (fixture);
}

static KairosTimeline *
with_decay_later (Fixture *fixture)
{
  g_autoptr (JsonObject) decay = parse ("{\"kind\":\"weight-decay\",\"value\":0.01,\"from\":5,\"to\":6}");
  KairosTimeline *timeline =
      kairos_timeline_add (kairos_document_get_timeline (fixture->document), -1, decay, NULL, NULL);

  g_assert_nonnull (timeline);
  return timeline;
}

static void
edit (Fixture *fixture)
{
  g_autoptr (KairosTimeline) timeline = with_decay_later (fixture);
  g_autoptr (GError) error = NULL;

  kairos_document_edit_timeline (fixture->document, timeline, "Add weight decay", NULL, &error);
  g_assert_no_error (error);
}

static void
test_edit (Fixture *fixture, gconstpointer data)
{
  begin_focus (fixture);
  happen (fixture);
  edit (fixture);
  fixture->shows = "weight-decay"; /* from now on: an older answer does not take it away */
  hear (fixture);
  assert_answered (fixture);
  KairosRun *run = fixture->document->current;
  g_assert_true (is_released (run->timeline) && find (run->timeline, "weight-decay"));
  g_assert_cmpstr (last_change (fixture)->description, ==, "Add weight decay");
  fixture->shows = NULL;
  undo (fixture);
  g_assert_true (is_released (run->timeline) && !find (run->timeline, "weight-decay"));
  g_assert_nonnull (find (last_change (fixture)->to, "focus"));
  assert_answered (fixture);
}

/* Both, one after the other, before either was answered. */
static void
test_edit_and_act (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonObject) prune = parse ("{\"kind\":\"prune\",\"fraction\":0}");

  begin_focus (fixture);
  happen (fixture);
  edit (fixture);
  kairos_document_intervene (fixture->document, prune);
  fixture->shows = "weight-decay";
  hear (fixture);
  assert_answered (fixture);
  const KairosUndoChange *change = last_change (fixture);
  g_assert_true (is_released (change->from) && find (change->from, "weight-decay"));
  fixture->shows = NULL;
  undo (fixture);
  g_assert_cmpstr (last_change (fixture)->description, ==, "Add weight decay");
  undo (fixture);
  g_assert_nonnull (find (last_change (fixture)->to, "focus"));
  g_assert_true (is_released (kairos_document_get_timeline (fixture->document)));
}

/* The edit itself cannot be written: what is in force is shown again, with the release, and what was asked next is
 * answered as if nothing had been. */
static void
test_refused (Fixture *fixture, gconstpointer data)
{
  begin_focus (fixture);
  happen (fixture);
  allow_writing (fixture, FALSE);
  edit (fixture);
  let_worker (fixture);
  allow_writing (fixture, TRUE);
  kairos_document_set_param (fixture->document, "momentum", "0.5");
  hear (fixture);
  KairosRun *run = fixture->document->current;
  g_assert_cmpuint (run->asked->len, ==, 0);
  g_assert_cmpuint (fixture->n_messages, ==, 2); /* the end of the epoch, and the edit */
  g_assert_true (kairos_timeline_equal (run->timeline, run->in_force));
  g_assert_true (is_released (run->timeline) && !find (run->timeline, "weight-decay"));
  g_assert_cmpuint (fixture->n_applied, ==, 1);
  g_assert_cmpstr (fixture->applied, ==, "momentum=0.5");
}

static void
test_setting (Fixture *fixture, gconstpointer data)
{
  KairosDocument *document = fixture->document;

  begin_focus (fixture);
  happen (fixture);
  kairos_document_set_param (document, "learning-rate", "0.025");
  hear (fixture);
  assert_answered (fixture);
  g_assert_true (is_released (document->current->timeline));
  g_assert_cmpuint (fixture->n_applied, ==, 1);
  g_assert_cmpstr (fixture->applied, ==, "learning-rate=0.025");
  g_assert_cmpstr (last_change (fixture)->name, ==, "learning-rate");
  undo (fixture);
  g_assert_cmpuint (fixture->n_applied, ==, 2);
  g_assert_true (!last_change (fixture)->name && find (last_change (fixture)->to, "focus"));
}

/* Another run takes the place of this one, and begins with what was asked; this one has its release. */
static void
test_branch (Fixture *fixture, gconstpointer data)
{
  KairosDocument *document = fixture->document;
  g_autoptr (KairosTimeline) timeline = NULL;

  begin_focus (fixture);
  happen (fixture);
  timeline = with_decay_later (fixture);
  kairos_document_branch (document, timeline, 10, "Branch");
  g_assert_cmpuint (document->replacing, !=, 0);
  kairos_document_play (document);
  g_assert_true (document->play_after);
  hear (fixture);
  g_assert_cmpuint (document->replacing, ==, 0);
  g_assert_false (document->play_after);
  wait_for (kairos_run_get_id (kairos_document_get_run (document)) == 2 && !kairos_document_is_training (document));
  g_assert_cmpint (last_change (fixture)->parent, ==, 1);
  g_assert_nonnull (find (document->current->timeline, "weight-decay"));
  g_assert_true (is_released (kairos_document_find_run (document, 1)->timeline));
  g_assert_cmpuint (fixture->n_messages, ==, 1);
}

#define ADD(name, func) g_test_add ("/answers/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("act", test_act);
  ADD ("edit", test_edit);
  ADD ("edit-and-act", test_edit_and_act);
  ADD ("refused", test_refused);
  ADD ("setting", test_setting);
  ADD ("branch", test_branch);
  return g_test_run ();
}
