/* SPDX-License-Identifier: MIT */

/* Probes while a run trains: they change no bit of it, keep within their budget, are stored, and follow the run when it
 * goes back or branches. */
#include <math.h>
#include <string.h>

#include "fixture.h"
#include "src/run/session-private.h"

typedef struct {
  char *folder, *path, *straight;
  KairosConfig *config;
  KairosPool *pool;
  KairosSession *session;
  KairosRunner *runner;
  GPtrArray *heard;   /* of KairosReading */
  GPtrArray *refused; /* of char */
} Fixture;

static void
on_reading (KairosReading *reading, gpointer user_data)
{
  g_ptr_array_add (((Fixture *) user_data)->heard, kairos_reading_ref (reading));
}

static void
on_refused (const char *text, gpointer user_data)
{
  g_ptr_array_add (((Fixture *) user_data)->refused, g_strdup (text));
}

static void
open_runner (Fixture *fixture, gint64 run, int n_threads)
{
  const KairosRunnerCallbacks callbacks = { .reading = on_reading, .refused = on_refused };
  g_autoptr (GError) error = NULL;

  fixture->pool = kairos_pool_new (n_threads);
  fixture->session = kairos_session_open (fixture->path, &error);
  g_assert_no_error (error);
  fixture->runner =
      kairos_runner_new (fixture->session, run, fixture_dataset (fixture->config), NULL, fixture->pool, &error);
  g_assert_no_error (error);
  kairos_runner_set_callbacks (fixture->runner, &callbacks, fixture);
}

static void
close_runner (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  kairos_runner_close (g_steal_pointer (&fixture->runner), &error);
  g_assert_no_error (error);
  g_clear_pointer (&fixture->session, kairos_session_close);
  g_clear_pointer (&fixture->pool, kairos_pool_free);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = fixture_folder_new ();
  fixture->config = fixture_config_digits ();
  fixture->straight = fixture_straight (fixture->config);
  fixture->heard = g_ptr_array_new_with_free_func ((GDestroyNotify) kairos_reading_unref);
  fixture->refused = g_ptr_array_new_with_free_func (g_free);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_ptr_array_unref (fixture->heard);
  g_ptr_array_unref (fixture->refused);
  kairos_config_free (fixture->config);
  g_free (fixture->straight);
  g_free (fixture->path);
  fixture_folder_free (fixture->folder);
}

static char *
all_probes (void)
{
  GString *names = g_string_new (NULL);
  guint n;
  const KairosProbe *const *probes = kairos_probes (&n);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? "," : "", probes[i]->name);
  return g_string_free (names, FALSE);
}

static void
begin (Fixture *fixture, const char *name, const char *probes, const char *budget)
{
  g_free (fixture->path);
  g_ptr_array_set_size (fixture->heard, 0);
  fixture_set (fixture->config, "probes", probes);
  fixture_set (fixture->config, "probe-budget", budget);
  fixture->path = fixture_session (fixture->folder, name, fixture->config);
}

static void
train (Fixture *fixture, guint64 until)
{
  g_autoptr (GError) error = NULL;
  KairosTrainer *trainer = kairos_runner_get_trainer (fixture->runner);

  while (!kairos_runner_is_finished (fixture->runner) && kairos_trainer_get_step (trainer) < until &&
         kairos_runner_step (fixture->runner, NULL, &error))
    ;
  g_assert_no_error (error);
}

static void
assert_stored (Fixture *fixture)
{
  g_autoptr (KairosRunLog) log = fixture_log (fixture->session, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) stored = kairos_run_log_get_readings (log, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (stored->len, ==, fixture->heard->len);
  for (guint i = 0; i < stored->len; i++) {
    g_autoptr (GBytes) bytes = kairos_reading_to_bytes (stored->pdata[i]);
    gboolean found = FALSE;
    for (guint k = 0; k < fixture->heard->len; k++) {
      g_autoptr (GBytes) other = kairos_reading_to_bytes (fixture->heard->pdata[k]);
      found = found || g_bytes_equal (bytes, other);
    }
    g_assert_true (found);
  }
}

/* All of them, as often as may be; none; and while the run rests, on one to three threads. */
static void
test_no_bit (Fixture *fixture, gconstpointer data)
{
  g_autofree char *all = all_probes ();
  g_autoptr (GError) error = NULL;

  for (int n_threads = 1; n_threads <= 3; n_threads++) {
    g_autofree char *name = g_strdup_printf ("threads-%d", n_threads);
    begin (fixture, name, n_threads == 3 ? "" : all, "1");
    open_runner (fixture, 0, n_threads);
    for (guint64 step = 0; !kairos_runner_is_finished (fixture->runner); step++) {
      train (fixture, step);
      if (step % 4 == 3)
        g_assert_true (kairos_runner_probe_all (fixture->runner, NULL, &error));
    }
    g_autofree char *digest = fixture_digest (kairos_runner_get_trainer (fixture->runner));
    g_assert_cmpstr (digest, ==, fixture->straight);
    g_assert_true (kairos_runner_flush (fixture->runner, &error));
    g_assert_cmpuint (fixture->heard->len > 0, ==, n_threads < 3);
    assert_stored (fixture);
    close_runner (fixture);
  }
}

/* What is measured at a step is what any other run of the same finds there. */
static void
test_repeats (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) first = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (int i = 0; i < 2; i++) {
    g_autofree char *name = g_strdup_printf ("run-%d", i);
    begin (fixture, name, "fisher", "1");
    open_runner (fixture, 0, 1 + i);
    train (fixture, 7);
    g_assert_true (kairos_runner_probe_all (fixture->runner, NULL, NULL));
    KairosReading *last = fixture->heard->pdata[fixture->heard->len - 1];
    g_assert_cmpuint (last->step, ==, 7);
    last->milliseconds = 0; /* the one part that is another every time */
    g_ptr_array_add (first, kairos_reading_to_bytes (last));
    close_runner (fixture);
  }
  g_assert_true (g_bytes_equal (first->pdata[0], first->pdata[1]));
}

/* Nothing for nothing; and what could not be paid for is marked at the end of its epoch. */
static void
test_budget (Fixture *fixture, gconstpointer data)
{
  guint n_skipped = 0;

  begin (fixture, "off", "fisher", "0");
  open_runner (fixture, 0, 2);
  train (fixture, G_MAXUINT64);
  g_assert_true (kairos_runner_probe_all (fixture->runner, NULL, NULL));
  g_assert_cmpuint (fixture->heard->len, ==, 0);
  g_assert_cmpfloat (kairos_runner_get_probe_share (fixture->runner), ==, 0);
  close_runner (fixture);

  begin (fixture, "little", "fisher", "0.000001");
  open_runner (fixture, 0, 2);
  train (fixture, G_MAXUINT64);
  for (guint i = 0; i < fixture->heard->len; i++)
    n_skipped += ((KairosReading *) fixture->heard->pdata[i])->skipped;
  g_assert_cmpuint (fixture->heard->len, ==, 4); /* what is free, what that costs, and two epochs without */
  g_assert_cmpuint (n_skipped, ==, 2);
  g_assert_true (isnan (kairos_reading_get_total (fixture->heard->pdata[2])));
  close_runner (fixture);
}

static guint64
last_stored (Fixture *fixture, gint64 run)
{
  g_autoptr (KairosRunLog) log = fixture_log (fixture->session, run);
  g_autoptr (GPtrArray) stored = kairos_run_log_get_readings (log, NULL);

  return stored->len > 0 ? ((KairosReading *) stored->pdata[stored->len - 1])->step : 0;
}

/* Back: later readings are gone.  A branch has those of its parent up to where it begins, also when that is deleted. */
static void
test_lineage (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosTimeline) empty = kairos_timeline_new (0);
  g_autoptr (GError) error = NULL;

  begin (fixture, "back", "fisher", "1");
  open_runner (fixture, 0, 2);
  train (fixture, 10);
  g_assert_true (kairos_runner_checkpoint (fixture->runner, &error));
  train (fixture, 13);
  g_assert_true (kairos_runner_probe_all (fixture->runner, NULL, &error));
  g_assert_cmpuint (last_stored (fixture, 1), ==, 13);
  gint64 branch = kairos_runner_branch (fixture->runner, empty, 2, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (last_stored (fixture, branch), <=, 10);
  g_assert_cmpuint (last_stored (fixture, branch), >, 0);
  g_assert_true (kairos_runner_restore (fixture->runner, 1, &error));
  g_assert_cmpuint (last_stored (fixture, 1), <=, 10);
  close_runner (fixture);
  fixture->session = fixture_open (fixture->path);
  g_assert_true (kairos_session_lock (fixture->session, &error));
  g_assert_true (kairos_session_delete_run (fixture->session, 1, TRUE, &error));
  g_assert_true (kairos_session_purge_runs (fixture->session, &error));
  g_assert_cmpuint (last_stored (fixture, branch), >, 0);
  kairos_session_unlock (fixture->session);
  g_clear_pointer (&fixture->session, kairos_session_close);
}

/* The setting follows the person while training; what is no probe is refused. */
static void
test_setting (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  begin (fixture, "setting", "", "1");
  open_runner (fixture, 0, 1);
  train (fixture, 2);
  g_assert_cmpuint (fixture->heard->len, ==, 0);
  g_assert_true (kairos_runner_set (fixture->runner, "probes", "weights", &error));
  train (fixture, 4);
  g_assert_cmpuint (fixture->heard->len, >, 0);
  const KairosReading *reading = fixture->heard->pdata[0];
  g_assert_cmpstr (reading->probe->name, ==, "weights");
  g_assert_false (kairos_runner_set (fixture->runner, "probes", "horoscope", &error));
  fixture_assert_sentence (error, KAIROS_ERROR_MISSING, "horoscope");
  close_runner (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/probes/no-bit", Fixture, NULL, set_up, test_no_bit, tear_down);
  g_test_add ("/probes/repeats", Fixture, NULL, set_up, test_repeats, tear_down);
  g_test_add ("/probes/budget", Fixture, NULL, set_up, test_budget, tear_down);
  g_test_add ("/probes/lineage", Fixture, NULL, set_up, test_lineage, tear_down);
  g_test_add ("/probes/setting", Fixture, NULL, set_up, test_setting, tear_down);
  return g_test_run ();
}
