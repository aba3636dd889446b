/* SPDX-License-Identifier: MIT */

/* The worker thread: its weights, its telemetry, its manners, its runs. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "fixture.h"
#include "kairos/replay.h"
#include "kairos/worker.h"
#include "src/run/ring.h"

typedef struct {
  char *folder, *path;
  KairosConfig *config;
  KairosWorker *worker;
  atomic_int woken; /* calls of wake() */

  /* What the telemetry said so far. */
  guint n[KAIROS_EVENT_MESSAGE + 1]; /* of each type */
  guint64 last_step;
  gint64 run;
  KairosWorkerState state;
  GPtrArray *texts; /* of states and messages */
} Fixture;

static void
on_wake (gpointer data)
{
  atomic_fetch_add (&((Fixture *) data)->woken, 1);
}

static void
start (Fixture *fixture)
{
  g_autoptr (KairosDataset) dataset = kairos_dataset_ref (fixture_dataset (fixture->config));

  fixture->worker = kairos_worker_new (fixture->path, dataset, 2, on_wake, fixture);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = fixture_folder_new ();
  fixture->config = data ? fixture_config_points () : fixture_config_digits ();
  if (data) /* many short steps */
    fixture_set (fixture->config, "batch", "5");
  fixture->path = fixture_session (fixture->folder, "a", fixture->config);
  fixture->texts = g_ptr_array_new_with_free_func (g_free);
  fixture->run = 1;
  start (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->worker, kairos_worker_free);
  g_ptr_array_unref (fixture->texts);
  kairos_config_free (fixture->config);
  g_free (fixture->path);
  fixture_folder_free (fixture->folder);
}

/* Takes what is there; checks that it is in order. */
static void
drain (Fixture *fixture)
{
  KairosEvent events[64];
  guint n;

  while ((n = kairos_worker_drain (fixture->worker, events, G_N_ELEMENTS (events))))
    for (guint i = 0; i < n; i++) {
      fixture->n[events[i].type]++;
      if (events[i].type == KAIROS_EVENT_STEP) {
        g_assert_cmpuint (events[i].step.step, >, fixture->last_step);
        fixture->last_step = events[i].step.step;
      } else if (events[i].type == KAIROS_EVENT_REWOUND || events[i].type == KAIROS_EVENT_OPENED) {
        fixture->last_step = events[i].at;
        fixture->run = events[i].run;
      } else if (events[i].type == KAIROS_EVENT_EPOCH) {
        g_assert_cmpuint (events[i].epoch.step, >=, fixture->last_step);
      } else if (events[i].type == KAIROS_EVENT_STATE) {
        fixture->state = events[i].state;
      }
      if (events[i].text)
        g_ptr_array_add (fixture->texts, g_strdup (events[i].text));
      kairos_event_clear (&events[i]);
    }
}

static void
wait_and_drain (Fixture *fixture)
{
  kairos_worker_wait (fixture->worker);
  drain (fixture);
}

static const char *
last_text (Fixture *fixture)
{
  return fixture->texts->len ? g_ptr_array_index (fixture->texts, fixture->texts->len - 1) : "";
}

static KairosStatus
status_of (Fixture *fixture)
{
  KairosStatus status;

  kairos_worker_get_status (fixture->worker, fixture->run, &status);
  return status;
}

/* Stops the worker and looks at the weights it left in the session. */
static char *
digest_in_session (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosPool) pool = kairos_pool_new (1);

  g_clear_pointer (&fixture->worker, kairos_worker_free);
  g_autoptr (KairosSession) session = kairos_session_open (fixture->path, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) checkpoint = fixture_newest (session, 0);
  g_autoptr (KairosTrainer) trainer = fixture_trainer (fixture->config, pool);
  kairos_trainer_restore (trainer, checkpoint, &error);
  g_assert_no_error (error);
  return fixture_digest (trainer);
}

/* ---- The same weights ---- */

static void
test_straight (Fixture *fixture, gconstpointer data)
{
  kairos_worker_play (fixture->worker, fixture->run);
  wait_and_drain (fixture);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_FINISHED);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_STEP], ==, 15);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_EPOCH], ==, 3);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_TESTED], ==, 1);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_MESSAGE], ==, 0);
  KairosStatus status = status_of (fixture);
  g_assert_cmpuint (status.step, ==, 15);
  g_assert_cmpint (status.epochs, ==, 3);
  g_assert_cmpfloat (status.epoch, ==, 3);
  g_assert_cmpfloat (status.images_per_second, ==, 0);
  g_autofree char *expected = fixture_straight (fixture->config), *digest = digest_in_session (fixture);
  g_assert_cmpstr (digest, ==, expected);
}

/* Ten pauses at random moments, single steps, other numbers of threads, speed limits and questions in between. */
static void
test_pauses (Fixture *fixture, gconstpointer data)
{
  float input[784] = { 0 }, probabilities[10];

  kairos_worker_set (fixture->worker, fixture->run, "epochs", "20"); /* the same plan, set in time */
  fixture_set (fixture->config, "epochs", "20");
  for (int i = 0; i < 10; i++) {
    kairos_worker_play (fixture->worker, fixture->run);
    g_usleep (g_test_rand_int_range (0, 6000));
    if (i % 3 == 0)
      kairos_worker_predict (fixture->worker, fixture->run, input, probabilities, 10);
    kairos_worker_pause (fixture->worker, fixture->run);
    wait_and_drain (fixture);
    if (fixture->state == KAIROS_WORKER_FINISHED)
      break;
    guint64 before = status_of (fixture).step;
    kairos_worker_step (fixture->worker, fixture->run);
    wait_and_drain (fixture);
    g_assert_cmpuint (status_of (fixture).step, ==, before + 1);
    kairos_worker_set_threads (fixture->worker, 1 + i % 3);
    kairos_worker_set_speed (fixture->worker, i % 2 ? 2000 : 0);
  }
  kairos_worker_set_speed (fixture->worker, 0);
  kairos_worker_play (fixture->worker, fixture->run);
  wait_and_drain (fixture);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_FINISHED);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_STEP], ==, 100);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_EPOCH], ==, 20);
  g_autofree char *expected = fixture_straight (fixture->config), *digest = digest_in_session (fixture);
  g_assert_cmpstr (digest, ==, expected);
}

/* Freed in the middle, started again, several times. */
static void
test_resume (Fixture *fixture, gconstpointer data)
{
  for (int i = 0; i < 6; i++) {
    kairos_worker_play (fixture->worker, fixture->run);
    g_usleep (g_test_rand_int_range (0, 4000));
    kairos_worker_free (fixture->worker);
    start (fixture);
  }
  kairos_worker_play (fixture->worker, fixture->run);
  wait_and_drain (fixture);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_FINISHED);
  g_autofree char *expected = fixture_straight (fixture->config), *digest = digest_in_session (fixture);
  g_assert_cmpstr (digest, ==, expected);
}

/* ---- Commands ---- */

static void
test_transport (Fixture *fixture, gconstpointer data)
{
  KairosWorker *worker = fixture->worker;

  wait_and_drain (fixture);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_PAUSED);
  kairos_worker_step (worker, fixture->run);
  wait_and_drain (fixture);
  g_assert_cmpuint (status_of (fixture).step, ==, 1);
  kairos_worker_epoch (worker, fixture->run);
  wait_and_drain (fixture);
  g_assert_cmpuint (status_of (fixture).step, ==, 5);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_PAUSED);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_EPOCH], ==, 1);
  kairos_worker_step (worker, fixture->run);
  kairos_worker_stop (worker, fixture->run);
  wait_and_drain (fixture);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_TESTED], ==, 1);
  kairos_worker_restore (worker, fixture->run, 0);
  wait_and_drain (fixture);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_REWOUND], ==, 2); /* once at the start */
  kairos_worker_restart (worker, fixture->run);
  wait_and_drain (fixture);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_OPENED], ==, 2);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_CLOSED], ==, 1);
  g_assert_cmpint (fixture->run, ==, 2);
  g_assert_cmpuint (status_of (fixture).step, ==, 0);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_MESSAGE], ==, 0);
}

static void
test_settings (Fixture *fixture, gconstpointer data)
{
  KairosWorker *worker = fixture->worker;

  kairos_worker_set (worker, fixture->run, "learning-rate", "0.125");
  wait_and_drain (fixture);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_APPLIED], ==, 1);
  g_assert_cmpstr (last_text (fixture), ==, "learning-rate=0.125");
  kairos_worker_set (worker, fixture->run, "batch", "3");
  kairos_worker_set (worker, fixture->run, "momentum", "often");
  kairos_worker_set (worker, fixture->run, "colour", "red");
  wait_and_drain (fixture);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_REFUSED], ==, 3);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_APPLIED], ==, 1);

  kairos_worker_play (worker, fixture->run);
  wait_and_drain (fixture);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_FINISHED);
  kairos_worker_play (worker, fixture->run); /* nothing left */
  wait_and_drain (fixture);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_FINISHED);
  g_assert_nonnull (strstr (last_text (fixture), "more epochs"));
  kairos_worker_set (worker, fixture->run, "epochs", "4");
  wait_and_drain (fixture);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_PAUSED);
  kairos_worker_play (worker, fixture->run);
  wait_and_drain (fixture);
  g_assert_cmpuint (status_of (fixture).step, ==, 20);
  g_clear_pointer (&fixture->worker, kairos_worker_free);
  g_autoptr (KairosSession) session = kairos_session_open (fixture->path, NULL);
  g_autoptr (KairosRunLog) log = fixture_log (session, 0);
  g_assert_cmpint (kairos_run_log_get_config (log)->epochs, ==, 4);
  g_assert_cmpfloat (kairos_run_log_get_config (log)->learning_rate, ==, 0.125);
}

static void
test_diverged (Fixture *fixture, gconstpointer data)
{
  KairosWorker *worker = fixture->worker;

  kairos_worker_epoch (worker, fixture->run);
  kairos_worker_wait (worker);
  kairos_worker_set (worker, fixture->run, "schedule", "constant");
  kairos_worker_set (worker, fixture->run, "weight-decay", "1");
  kairos_worker_set (worker, fixture->run, "learning-rate", "1000");
  kairos_worker_play (worker, fixture->run);
  wait_and_drain (fixture);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_DIVERGED);
  g_assert_nonnull (strstr (last_text (fixture), "diverged"));
  guint64 at = status_of (fixture).step;
  kairos_worker_play (worker, fixture->run); /* again the same step */
  wait_and_drain (fixture);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_DIVERGED);
  g_assert_cmpuint (status_of (fixture).step, ==, at);
  kairos_worker_restore (worker, fixture->run, 0);
  kairos_worker_play (worker, fixture->run);
  wait_and_drain (fixture);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_FINISHED);
  g_autofree char *expected = fixture_straight (fixture->config), *digest = digest_in_session (fixture);
  g_assert_cmpstr (digest, ==, expected);
}

static void
test_failed (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->worker, kairos_worker_free);
  g_remove (fixture->path);
  start (fixture);
  kairos_worker_play (fixture->worker, fixture->run);
  kairos_worker_stop (fixture->worker, fixture->run);
  memset (fixture->n, 0, sizeof fixture->n);
  wait_and_drain (fixture);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_FAILED);
  g_assert_nonnull (strstr (last_text (fixture), fixture->path));
}

static void
test_second_worker (Fixture *fixture, gconstpointer data)
{
  kairos_worker_wait (fixture->worker);
  KairosWorker *second = kairos_worker_new (fixture->path, fixture_dataset (fixture->config), 1, NULL, NULL);
  KairosStatus status;

  kairos_worker_wait (second);
  g_assert_false (kairos_worker_get_status (second, 1, &status));
  g_assert_cmpint (status.state, ==, KAIROS_WORKER_FAILED);
  kairos_worker_free (second);
  kairos_worker_play (fixture->worker, fixture->run);
  wait_and_drain (fixture);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_FINISHED);
}

/* Whatever is pressed in whatever order: nothing hangs, and the end is always reached. */
static void
test_random_commands (Fixture *fixture, gconstpointer data)
{
  KairosWorker *worker = fixture->worker;
  float input[784] = { 0 }, probabilities[10];

  for (int i = 0; i < 300; i++) {
    switch (g_test_rand_int_range (0, 16)) {
    case 0: kairos_worker_stop (worker, fixture->run); break;
    case 1: kairos_worker_restart (worker, fixture->run); break;
    case 2: kairos_worker_checkpoint (worker, fixture->run); break;
    case 3: kairos_worker_restore (worker, fixture->run, g_test_rand_int_range (0, 4)); break;
    case 4: kairos_worker_set (worker, fixture->run, "learning-rate", "0.01"); break;
    case 5: kairos_worker_set (worker, fixture->run, "epochs", g_test_rand_bit () ? "2" : "5"); break;
    case 6: kairos_worker_set_speed (worker, g_test_rand_bit () ? 0 : 500); break;
    case 7: kairos_worker_set_threads (worker, g_test_rand_int_range (1, 4)); break;
    case 8: kairos_worker_predict (worker, fixture->run, input, probabilities, 10); break;
    case 9: kairos_worker_pause (worker, fixture->run); break;
    case 10: kairos_worker_step (worker, fixture->run); break;
    case 11: kairos_worker_epoch (worker, fixture->run); break;
    case 12: g_usleep (g_test_rand_int_range (0, 3000)); break;
    case 13: drain (fixture); break;
    default: kairos_worker_play (worker, fixture->run);
    }
  }
  kairos_worker_set_speed (worker, 0);
  kairos_worker_pause (worker, fixture->run);
  while (status_of (fixture).state == KAIROS_WORKER_STARTING) /* restarts are still on their way */
    g_usleep (1000);
  wait_and_drain (fixture);
  kairos_worker_set (worker, fixture->run, "epochs", "6");
  kairos_worker_play (worker, fixture->run);
  wait_and_drain (fixture);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_FINISHED);
  g_assert_cmpuint (status_of (fixture).step, ==, 30);
}

/* ---- Telemetry ---- */

/* A reader slower than the worker: order is kept, dropped step records are counted, all else arrives. */
static void
test_ring_guarantee (Fixture *fixture, gconstpointer data)
{
  kairos_worker_set (fixture->worker, fixture->run, "epochs", "50");
  kairos_worker_play (fixture->worker, fixture->run);
  while (status_of (fixture).dropped < 1000 && status_of (fixture).state != KAIROS_WORKER_FINISHED)
    g_usleep (1000);
  for (int i = 0; i < 50; i++) {
    KairosEvent events[7];
    guint n = kairos_worker_drain (fixture->worker, events, 7);
    g_assert_cmpuint (n, ==, 7);
    for (guint k = 0; k < n; k++) {
      fixture->n[events[k].type]++;
      kairos_event_clear (&events[k]);
    }
  }
  wait_and_drain (fixture);
  KairosStatus status = status_of (fixture);
  g_test_message ("%u step records arrived, %u were dropped", fixture->n[KAIROS_EVENT_STEP], (guint) status.dropped);
  g_assert_cmpuint (status.step, ==, 50 * status.steps_per_epoch);
  g_assert_cmpuint (status.dropped, >, 0);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_STEP] + status.dropped, ==, status.step);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_EPOCH], ==, 50);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_TESTED], ==, 1);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_FINISHED);
}

/* wake() comes once until the reader has caught up, and again for the next event. */
static void
test_wake (Fixture *fixture, gconstpointer data)
{
  kairos_worker_wait (fixture->worker);
  kairos_worker_epoch (fixture->worker, fixture->run);
  kairos_worker_wait (fixture->worker);
  g_assert_cmpint (atomic_load (&fixture->woken), ==, 1);
  drain (fixture);
  g_assert_cmpint (atomic_load (&fixture->woken), ==, 1);
  kairos_worker_checkpoint (fixture->worker, fixture->run);
  kairos_worker_wait (fixture->worker);
  g_assert_cmpint (atomic_load (&fixture->woken), ==, 2);
}

/* Other threads read and ask all the time. */
typedef struct {
  KairosWorker *worker;
  atomic_int stop;
  guint answers;
} Asker;

static gpointer
ask (gpointer data)
{
  Asker *asker = data;
  float input[2] = { 0.5f, 0.25f }, probabilities[2];

  while (!atomic_load (&asker->stop)) {
    KairosStatus status;
    kairos_worker_get_status (asker->worker, 1, &status);
    if (!kairos_worker_predict (asker->worker, 1, input, probabilities, 2))
      continue;
    g_assert_cmpfloat_with_epsilon (probabilities[0] + probabilities[1], 1, 1e-4);
    asker->answers++;
  }
  return NULL;
}

static void
test_predictions (Fixture *fixture, gconstpointer data)
{
  Asker askers[2] = { { fixture->worker }, { fixture->worker } };
  pthread_t threads[2];
  float wrong[3];

  for (int i = 0; i < 2; i++)
    pthread_create (&threads[i], NULL, ask, &askers[i]);
  kairos_worker_play (fixture->worker, fixture->run);
  wait_and_drain (fixture);
  for (int i = 0; i < 2; i++) {
    atomic_store (&askers[i].stop, 1);
    pthread_join (threads[i], NULL);
    g_assert_cmpuint (askers[i].answers, >, 0);
  }
  g_assert_false (kairos_worker_predict (fixture->worker, fixture->run, (float[]){ 0, 0 }, wrong, 3));
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_FINISHED);
  g_autofree char *expected = fixture_straight (fixture->config), *digest = digest_in_session (fixture);
  g_assert_cmpstr (digest, ==, expected);
}

/* ---- Manners ---- */

static double
processor_seconds (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static void
test_paused_is_idle (Fixture *fixture, gconstpointer data)
{
  kairos_worker_play (fixture->worker, fixture->run);
  g_usleep (5000);
  kairos_worker_pause (fixture->worker, fixture->run);
  kairos_worker_wait (fixture->worker);
  g_usleep (50000); /* threads of the pool go to sleep */
  double before = processor_seconds ();
  g_usleep (300000);
  double used = processor_seconds () - before;
  g_test_message ("%.1f ms of processor time in 300 ms", used * 1e3);
  g_assert_cmpfloat (used, <, 0.03); /* waiting busily it would be 0.3 */
}

/* A limit of 100 steps a second does not keep commands waiting, and uses little time. */
static void
test_speed_limit (Fixture *fixture, gconstpointer data)
{
  kairos_worker_set_speed (fixture->worker, 0.01);
  kairos_worker_play (fixture->worker, fixture->run);
  while (status_of (fixture).step < 1)
    g_usleep (1000);
  kairos_worker_pause (fixture->worker, fixture->run); /* a step takes 100 s */
  wait_and_drain (fixture);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_PAUSED);
  g_assert_cmpuint (status_of (fixture).step, ==, 1);
}

/* ---- The timeline ---- */

static guint
intervene (Fixture *fixture, const char *clip)
{
  g_autoptr (JsonNode) node = json_from_string (clip, NULL);

  return kairos_worker_intervene (fixture->worker, fixture->run, json_node_get_object (node));
}

/* What is done by hand takes effect at the next step, is answered with the timeline, and replays. */
static void
test_timeline (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosTimeline) late = kairos_timeline_from_text (
      "{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"X\",\"clips\":[{\"kind\":\"blur\",\"from\":0,\"to\":1}]}]}", -1,
      NULL);
  KairosReplay replay;

  wait_and_drain (fixture);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_TIMELINE], ==, 1); /* what the session has */
  for (int i = 0; i < 3; i++) {
    kairos_worker_step (fixture->worker, fixture->run);
    wait_and_drain (fixture);
  }
  intervene (fixture, "{\"kind\":\"blur\",\"factor\":2}");
  kairos_worker_step (fixture->worker, fixture->run);
  wait_and_drain (fixture);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_TIMELINE], ==, 2);
  kairos_worker_release (fixture->worker, fixture->run, 1);
  intervene (fixture, "{\"kind\":\"prune\"}");
  intervene (fixture, "{\"kind\":\"magic\"}");
  wait_and_drain (fixture);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_TIMELINE], ==, 4);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_REFUSED], ==, 1);
  kairos_worker_set_timeline (fixture->worker, fixture->run, late);
  wait_and_drain (fixture);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_REFUSED], ==, 2);
  g_assert_nonnull (strstr (last_text (fixture), "blur from epoch 0 to 1"));
  kairos_worker_play (fixture->worker, fixture->run);
  wait_and_drain (fixture);
  g_clear_pointer (&fixture->worker, kairos_worker_free);

  g_autoptr (KairosSession) session = kairos_session_open (fixture->path, &error);
  g_assert_no_error (error);
  g_autoptr (KairosRunLog) log = fixture_log (session, 0);
  g_autofree char *text = kairos_timeline_to_text (kairos_run_log_get_timeline (log), FALSE);
  g_assert_cmpstr (
      text, ==,
      "{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"Deficits\",\"clips\":[{\"kind\":\"blur\",\"from\":0.6,\"to\":0.8,"
      "\"factor\":2,"
      "\"recorded\":true}]},{\"name\":\"Events\",\"clips\":[{\"kind\":\"prune\",\"at\":0.8,\"recorded\":true}]}]}");
  g_autoptr (KairosPool) pool = kairos_pool_new (1);
  kairos_replay (log, fixture_dataset (fixture->config), pool, NULL, NULL, NULL, &replay, &error);
  g_assert_no_error (error);
  g_assert_true (replay.same);
  g_free (replay.weights);
  g_free (replay.recorded);
}

/* A branch tells of its run and where it goes on, and its timeline; one that is refused changes nothing. */
static void
test_branch (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosTimeline) flipped =
      kairos_timeline_from_text ("{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"X\",\"clips\":[{\"kind\":\"vertical-"
                                 "flip\",\"from\":1.5,\"to\":2}]}]}",
                                 -1, NULL);
  g_autoptr (KairosTimeline) unfit =
      kairos_timeline_from_text ("{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"X\",\"clips\":[{\"kind\":\"freeze\","
                                 "\"from\":1,\"to\":2,\"layers\":[\"nowhere\"]}]}]}",
                                 -1, NULL);
  guint per_epoch;

  kairos_worker_epoch (fixture->worker, fixture->run);
  kairos_worker_wait (fixture->worker);
  kairos_worker_epoch (fixture->worker, fixture->run);
  wait_and_drain (fixture);
  per_epoch = status_of (fixture).steps_per_epoch;
  kairos_worker_branch (fixture->worker, fixture->run, flipped, 10);
  wait_and_drain (fixture);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_OPENED], ==, 2);
  g_assert_cmpint (fixture->run, ==, 2);
  g_assert_cmpuint (fixture->last_step, ==, per_epoch);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_PAUSED);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_TIMELINE], ==, 2);
  kairos_worker_branch (fixture->worker, fixture->run, unfit, 10);
  wait_and_drain (fixture);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_OPENED], ==, 2);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_TIMELINE], ==, 2);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_REFUSED], ==, 1);
  g_assert_nonnull (strstr (last_text (fixture), "nowhere"));
  kairos_worker_play (fixture->worker, fixture->run);
  kairos_worker_branch (fixture->worker, fixture->run, flipped, 0); /* while it trains: it goes on */
  wait_and_drain (fixture);
  g_assert_cmpuint (fixture->n[KAIROS_EVENT_OPENED], ==, 3);
  g_assert_cmpint (fixture->run, ==, 3);
  g_assert_cmpint (fixture->state, ==, KAIROS_WORKER_FINISHED);
}

/* ---- Several runs ---- */

/* What an event says about whose it is. */
typedef struct {
  gint64 run;
  guint request;
  KairosEventType type;
} Heard;

static GArray *
hear (Fixture *fixture)
{
  GArray *heard = g_array_new (FALSE, FALSE, sizeof (Heard));
  KairosEvent event;

  kairos_worker_wait (fixture->worker);
  while (kairos_worker_drain (fixture->worker, &event, 1)) {
    const Heard one = { event.run, event.request, event.type };
    g_array_append_val (heard, one);
    kairos_event_clear (&event);
  }
  return heard;
}

/* Three runs in lockstep: each comes to the weights that it has when it trains alone. */
static void
test_lockstep (Fixture *fixture, gconstpointer data)
{
  static const char *const rates[] = { "0.02", "0.01", "0.005" };
  g_autoptr (KairosSession) session = kairos_session_open (fixture->path, NULL);

  kairos_worker_wait (fixture->worker);
  for (int i = 1; i < 3; i++) {
    g_autoptr (KairosConfig) config = kairos_config_copy (fixture->config);
    const KairosRunStart start = { .initial = config, .config = config };
    fixture_set (config, "seed", i == 1 ? "11" : "12");
    g_assert_cmpint (kairos_session_begin_run (session, &start, NULL), ==, i + 1);
    kairos_worker_open (fixture->worker, i + 1);
  }
  for (int i = 0; i < 3; i++) {
    kairos_worker_set (fixture->worker, i + 1, "learning-rate", rates[i]);
    kairos_worker_play (fixture->worker, i + 1);
  }
  g_autoptr (GArray) heard = hear (fixture);
  guint turns[4] = { 0 };
  for (guint i = 0; i < heard->len; i++) {
    const Heard *one = &g_array_index (heard, Heard, i);
    if (one->type != KAIROS_EVENT_STEP)
      continue;
    turns[one->run]++;
    if (turns[1] > 1 && turns[1] < 14) /* while all train, none is more than a step ahead, but for how they began */
      g_assert_cmpuint (MAX (MAX (turns[1], turns[2]), turns[3]) - MIN (MIN (turns[1], turns[2]), turns[3]), <=, 2);
  }
  g_clear_pointer (&fixture->worker, kairos_worker_free);
  g_assert_true (turns[1] == 15 && turns[2] == 15 && turns[3] == 15);
  for (int i = 0; i < 3; i++) {
    g_autoptr (KairosConfig) config = kairos_config_copy (fixture->config);
    g_autoptr (KairosPool) pool = kairos_pool_new (1);
    g_autoptr (GBytes) checkpoint = fixture_newest (session, i + 1);
    fixture_set (config, "learning-rate", rates[i]);
    if (i > 0)
      fixture_set (config, "seed", i == 1 ? "11" : "12");
    g_autoptr (KairosTrainer) trainer = fixture_trainer (config, pool);
    g_assert_true (kairos_trainer_restore (trainer, checkpoint, NULL));
    g_autofree char *alone = fixture_straight (config), *digest = fixture_digest (trainer);
    g_assert_cmpstr (digest, ==, alone);
  }
}

/* Every answer names its request and its run; what comes by itself between question and answer names none. */
static void
test_requests (Fixture *fixture, gconstpointer data)
{
  KairosWorker *worker = fixture->worker;

  kairos_worker_wait (worker);
  drain (fixture);
  guint set = kairos_worker_set (worker, 1, "momentum", "0.5"), bad = kairos_worker_set (worker, 1, "momentum", "much"),
        absent = kairos_worker_play (worker, 7), blur = intervene (fixture, "{\"kind\":\"blur\"}"),
        magic = intervene (fixture, "{\"kind\":\"magic\"}"), step = kairos_worker_step (worker, 1);
  g_autoptr (GArray) heard = hear (fixture);
  const Heard expected[] = {
    { 1, set, KAIROS_EVENT_APPLIED },   { 1, bad, KAIROS_EVENT_REFUSED },   { 7, absent, KAIROS_EVENT_REFUSED },
    { 1, blur, KAIROS_EVENT_TIMELINE }, { 1, magic, KAIROS_EVENT_REFUSED }, { 1, step, KAIROS_EVENT_STATE },
    { 1, 0, KAIROS_EVENT_READING },     { 1, 0, KAIROS_EVENT_STEP },        { 1, 0, KAIROS_EVENT_READING },
    { 1, 0, KAIROS_EVENT_STATE },
  };
  g_assert_cmpuint (heard->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < heard->len; i++) {
    const Heard *one = &g_array_index (heard, Heard, i);
    g_assert_cmpint (one->run, ==, expected[i].run);
    g_assert_cmpuint (one->request, ==, expected[i].request);
    g_assert_cmpint (one->type, ==, expected[i].type);
  }
}

/* To another run and back; one that is not there leaves the old one open. */
static void
test_switch (Fixture *fixture, gconstpointer data)
{
  KairosWorker *worker = fixture->worker;

  kairos_worker_epoch (worker, 1);
  kairos_worker_wait (worker);
  kairos_worker_restart (worker, 1);
  wait_and_drain (fixture);
  g_assert_cmpint (fixture->run, ==, 2);
  kairos_worker_switch (worker, 2, 9);
  wait_and_drain (fixture);
  g_assert_nonnull (strstr (last_text (fixture), "has no run 9"));
  g_assert_cmpint (fixture->run, ==, 2);
  kairos_worker_switch (worker, 2, 1);
  wait_and_drain (fixture);
  g_assert_cmpint (fixture->run, ==, 1);
  g_assert_cmpuint (status_of (fixture).step, ==, 5);
  kairos_worker_play (worker, 1);
  wait_and_drain (fixture);
  g_autofree char *expected = fixture_straight (fixture->config), *digest = digest_in_session (fixture);
  g_assert_cmpstr (digest, ==, expected);
}

#define ADD(name, func) g_test_add ("/worker/" name, Fixture, NULL, set_up, func, tear_down)
#define ADD_POINTS(name, func) g_test_add ("/worker/" name, Fixture, "points", set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("straight", test_straight);
  ADD ("pauses", test_pauses);
  ADD ("resume", test_resume);
  ADD ("transport", test_transport);
  ADD ("settings", test_settings);
  ADD ("timeline", test_timeline);
  ADD ("branch", test_branch);
  ADD ("lockstep", test_lockstep);
  ADD ("requests", test_requests);
  ADD ("switch", test_switch);
  ADD ("diverged", test_diverged);
  ADD ("failed", test_failed);
  ADD ("second-worker", test_second_worker);
  ADD ("random-commands", test_random_commands);
  ADD_POINTS ("ring-guarantee", test_ring_guarantee);
  ADD ("wake", test_wake);
  ADD_POINTS ("predictions", test_predictions);
  ADD ("paused-is-idle", test_paused_is_idle);
  ADD ("speed-limit", test_speed_limit);
  return g_test_run ();
}
