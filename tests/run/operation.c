/* SPDX-License-Identifier: MIT */

/* Each operation of the session, of a run's log and of a runner, in one function; what fails in it says so. */
#include "operation.h"

#include <math.h>

#include "src/run/runner-private.h"
#include "src/run/session-private.h"

enum { LATER = 100 }; /* epochs */

/* ---- The stage ---- */

void
stage_open (Stage *stage)
{
  if (!stage->session)
    stage->session = fixture_open (stage->path);
}

void
stage_open_runner (Stage *stage, gint64 run)
{
  g_autoptr (GError) error = NULL;

  stage->runner = kairos_runner_new (stage->session, run, fixture_dataset (stage->config), NULL, stage->pool, &error);
  g_assert_no_error (error);
  stage->runner->written_at = stage->runner->saved_at = G_MAXINT64 / 2;
}

void
stage_close (Stage *stage)
{
  g_clear_pointer (&stage->runner, kairos_runner_free);
  g_clear_pointer (&stage->session, kairos_session_close);
}

void
stage_train (Stage *stage, guint n)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++) {
    kairos_runner_step (stage->runner, NULL, &error);
    g_assert_no_error (error);
  }
}

/* ---- The beginning ---- */

KairosConfig *
operation_config (void)
{
  KairosConfig *config = kairos_config_new ();
  g_autofree char *table = g_test_build_filename (G_TEST_DIST, "run", "data", "points.csv", NULL);

  fixture_set (config, "data", table);
  fixture_set (config, "network", "mlp-8");
  fixture_set (config, "epochs", "6");
  fixture_set (config, "batch", "16");
  fixture_set (config, "checkpoints", "2");
  fixture_set (config, "probes", ""); /* they say how long they took */
  return config;
}

static JsonObject *
parse (const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  return json_object_ref (json_node_get_object (node));
}

static gboolean
intervene (Stage *stage, const char *text, GError **error)
{
  g_autoptr (JsonObject) clip = parse (text);

  return kairos_runner_intervene (stage->runner, clip, NULL, error);
}

static void
finish_runner (Stage *stage)
{
  g_assert_true (kairos_runner_close (g_steal_pointer (&stage->runner), NULL));
}

static KairosTimeline *
present_timeline (Stage *stage)
{
  return kairos_trainer_get_timeline (kairos_runner_get_trainer (stage->runner));
}

static void
make_runs (Stage *stage)
{
  stage_open_runner (stage, 1);
  stage_train (stage, 5);
  g_assert_true (kairos_runner_set (stage->runner, "learning-rate", "0.02", NULL));
  stage_train (stage, 2);
  g_assert_true (kairos_runner_checkpoint (stage->runner, NULL));
  stage_train (stage, 3);
  g_assert_cmpint (kairos_runner_branch (stage->runner, present_timeline (stage), LATER, NULL), ==, 2);
  stage_train (stage, 5);
  g_assert_cmpint (kairos_runner_branch (stage->runner, present_timeline (stage), LATER, NULL), ==, 3);
  finish_runner (stage);
  stage_open_runner (stage, 3);
  stage_train (stage, 5);
  g_assert_cmpint (kairos_runner_branch (stage->runner, present_timeline (stage), LATER, NULL), ==, 4);
  finish_runner (stage);
  stage_open_runner (stage, 4);
  stage_train (stage, 2);
  finish_runner (stage);
  stage_open_runner (stage, 2);
  stage_train (stage, 2);
  g_assert_true (intervene (stage, "{\"kind\":\"weight-decay\",\"value\":0.01}", NULL));
  stage_train (stage, 5);
  finish_runner (stage);
}

char *
operation_make_beginning (const char *folder, const KairosConfig *config)
{
  Stage stage = { .path = fixture_session (folder, "beginning", config), .pool = kairos_pool_new (1) };

  stage.config = kairos_config_copy (config);
  stage_open (&stage);
  make_runs (&stage);
  g_assert_true (kairos_session_rename_run (stage.session, 1, "the first", NULL));
  g_assert_true (kairos_session_set_run_note (stage.session, 1, "all began here", NULL));
  g_assert_true (kairos_session_set_current (stage.session, 2, NULL));
  g_assert_true (kairos_session_delete_run (stage.session, 3, TRUE, NULL));
  g_assert_true (kairos_session_hide_run (stage.session, 4, TRUE, NULL));
  stage_close (&stage);
  kairos_config_free (stage.config);
  kairos_pool_free (stage.pool);
  return stage.path;
}

/* ---- Of the session ---- */

static gboolean
begin_run (Stage *stage, GError **error)
{
  g_autoptr (KairosRunLog) log = kairos_run_log_new (stage->session, 1, error);
  if (!log)
    return FALSE;
  g_autoptr (KairosTimeline) timeline = kairos_timeline_add_track (kairos_run_log_get_timeline (log), "new", -1, NULL);
  const KairosRunStart start = {
    .name = "another",
    .parent = 1,
    .fork_step = 10,
    .fork_epoch = 2,
    .initial = kairos_run_log_get_initial (log),
    .config = kairos_run_log_get_config (log),
    .changes = kairos_run_log_get_changes (log),
    .timeline = timeline,
  };

  return kairos_session_begin_run (stage->session, &start, error) != 0;
}

static gboolean
set_current (Stage *stage, GError **error)
{
  return kairos_session_set_current (stage->session, 1, error);
}

static gboolean
rename_run (Stage *stage, GError **error)
{
  return kairos_session_rename_run (stage->session, 2, "the second", error);
}

static gboolean
set_note (Stage *stage, GError **error)
{
  return kairos_session_set_run_note (stage->session, 2, "decays", error);
}

static gboolean
hide_run (Stage *stage, GError **error)
{
  return kairos_session_hide_run (stage->session, 1, TRUE, error);
}

static gboolean
show_run (Stage *stage, GError **error)
{
  return kairos_session_hide_run (stage->session, 4, FALSE, error);
}

/* The current one, so that another is that now. */
static gboolean
delete_run (Stage *stage, GError **error)
{
  return kairos_session_delete_run (stage->session, 2, TRUE, error);
}

static gboolean
undelete_run (Stage *stage, GError **error)
{
  return kairos_session_delete_run (stage->session, 3, FALSE, error);
}

static gboolean
purge_runs (Stage *stage, GError **error)
{
  return kairos_session_purge_runs (stage->session, error);
}

/* To where it is already, which the file says otherwise until then. */
static void
move_data (Stage *stage)
{
  g_assert_cmpint (sqlite3_exec (stage->session->db, "UPDATE source SET spec = '/nowhere'", NULL, NULL, NULL), ==,
                   SQLITE_OK);
}

static gboolean
set_data (Stage *stage, GError **error)
{
  return kairos_session_set_data (stage->session, fixture_dataset (stage->config), error);
}

static void
leave (Stage *stage)
{
  stage_close (stage);
}

static gboolean
close_session (Stage *stage, GError **error)
{
  stage_close (stage);
  return TRUE;
}

static gboolean
open_session (Stage *stage, GError **error)
{
  if (!stage->session)
    stage->session = kairos_session_open (stage->path, error);
  return stage->session != NULL;
}

/* ---- Of a run's log ---- */

static GArray *
unwritten (Stage *stage)
{
  return stage->runner->steps;
}

static gboolean
append_steps (Stage *stage, GError **error)
{
  return kairos_run_log_append_steps (stage->runner->log, (gpointer) unwritten (stage)->data, unwritten (stage)->len,
                                      error);
}

static gboolean
append_readings (Stage *stage, GError **error)
{
  g_autoptr (GPtrArray) readings = g_ptr_array_new_with_free_func ((GDestroyNotify) kairos_reading_unref);

  for (guint64 step = 1; step <= 3; step++)
    g_ptr_array_add (readings, kairos_reading_new_skipped (kairos_probe_find ("fisher"), step, step / 10.0));
  return kairos_run_log_append_readings (stage->runner->log, readings, error);
}

static gboolean
append_epoch (Stage *stage, GError **error)
{
  KairosTrainer *trainer = stage->runner->trainer;
  KairosFacts *facts = kairos_trainer_get_facts (trainer);
  const KairosEpochRecord record = { .step = kairos_trainer_get_step (trainer),
                                     .epoch = kairos_trainer_get_epoch (trainer),
                                     .val_accuracy = 0.5f };
  g_autoptr (GBytes) checkpoint = kairos_trainer_save (trainer),
                     losses = kairos_facts_epoch_to_bytes (facts, kairos_facts_get_ended (facts) - 1);

  return kairos_run_log_append_epoch (stage->runner->log, &record, (gpointer) unwritten (stage)->data,
                                      unwritten (stage)->len, losses, checkpoint, error);
}

static gboolean
append_checkpoint (Stage *stage, GError **error)
{
  KairosTrainer *trainer = stage->runner->trainer;
  g_autoptr (GBytes) checkpoint = kairos_trainer_save (trainer);

  return kairos_run_log_append_checkpoint (stage->runner->log, kairos_trainer_get_step (trainer),
                                           kairos_trainer_get_epoch (trainer), TRUE, (gpointer) unwritten (stage)->data,
                                           unwritten (stage)->len, checkpoint, error);
}

static gboolean
finish_log (Stage *stage, GError **error)
{
  return kairos_run_log_finish (stage->runner->log, 0.75, "0123", TRUE, error);
}

/* In the middle of a chunk of steps, before where others branch. */
static gboolean
truncate_log (Stage *stage, GError **error)
{
  return kairos_run_log_truncate (stage->runner->log, 7, error);
}

static gboolean
go_back (Stage *stage, GError **error)
{
  g_autoptr (KairosConfig) config = kairos_config_copy (kairos_run_log_get_config (stage->runner->log));
  g_autoptr (GArray) changes = kairos_changes_new ();

  fixture_set (config, "momentum", "0.5");
  kairos_changes_add (changes, 7, "momentum", "0.5");
  return kairos_run_log_go_back (stage->runner->log, 7, config, changes, error);
}

static gboolean
set_plan (Stage *stage, GError **error)
{
  g_autoptr (KairosConfig) config = kairos_config_copy (kairos_run_log_get_config (stage->runner->log));
  g_autoptr (GArray) changes = kairos_changes_new ();
  g_autoptr (KairosTimeline) timeline = kairos_timeline_new (6);

  fixture_set (config, "momentum", "0.5");
  kairos_changes_add (changes, 18, "momentum", "0.5");
  return kairos_run_log_set_plan (stage->runner->log, config, changes, timeline, error);
}

/* ---- Of a runner ---- */

static gboolean
set (Stage *stage, GError **error)
{
  return kairos_runner_set (stage->runner, "learning-rate", "0.001", error);
}

static gboolean
set_timeline (Stage *stage, GError **error)
{
  g_autoptr (JsonObject) clip = parse ("{\"kind\":\"momentum\",\"from\":4.5,\"to\":5,\"points\":[[0,0.5],[1,0.9]]}");
  g_autoptr (KairosTimeline) added = kairos_timeline_add (present_timeline (stage), -1, clip, NULL, NULL);
  g_autoptr (KairosTimeline) timeline = kairos_timeline_set_epochs (added, 8, NULL); /* and so a setting */

  return kairos_runner_set_timeline (stage->runner, timeline, error);
}

static gboolean
intervene_now (Stage *stage, GError **error)
{
  return intervene (stage, "{\"kind\":\"prune\",\"fraction\":0.2}", error);
}

static gboolean
release (Stage *stage, GError **error)
{
  return kairos_runner_release (stage->runner, 1, error);
}

static gboolean
flush (Stage *stage, GError **error)
{
  return kairos_runner_flush (stage->runner, error);
}

static gboolean
step (Stage *stage, GError **error)
{
  return kairos_runner_step (stage->runner, NULL, error);
}

/* A step after the one at hand begins with a checkpoint that is kept for good. */
static void
ask_for_checkpoint (Stage *stage)
{
  g_assert_true (intervene (stage, "{\"kind\":\"checkpoint\",\"label\":\"here\"}", NULL));
}

/* A clip that finds itself over once it has been in force. */
static void
focus (Stage *stage)
{
  g_assert_true (intervene (stage, "{\"kind\":\"focus\",\"classes\":[0],\"until\":\"loss\",\"bound\":100}", NULL));
  stage_train (stage, 1);
}

static gboolean
checkpoint (Stage *stage, GError **error)
{
  return kairos_runner_checkpoint (stage->runner, error);
}

static gboolean
restore (Stage *stage, GError **error)
{
  return kairos_runner_restore (stage->runner, 0, error);
}

/* What it goes back behind. */
static void
set_momentum (Stage *stage)
{
  g_assert_true (kairos_runner_set (stage->runner, "momentum", "0.5", NULL));
}

/* To the one that was kept, before where others branch. */
static gboolean
restore_early (Stage *stage, GError **error)
{
  g_autoptr (GArray) infos = kairos_run_log_get_checkpoints (stage->runner->log, error);

  for (guint i = 0; infos && i < infos->len; i++)
    if (g_array_index (infos, KairosCheckpointInfo, i).step == 7)
      return kairos_runner_restore (stage->runner, g_array_index (infos, KairosCheckpointInfo, i).id, error);
  g_assert_null (infos);
  return FALSE;
}

static gboolean
branch (Stage *stage, GError **error)
{
  g_autoptr (KairosTimeline) timeline = kairos_timeline_set_epochs (present_timeline (stage), 7, NULL);

  return kairos_runner_branch (stage->runner, timeline, LATER, error) != 0;
}

static gboolean
restart (Stage *stage, GError **error)
{
  return kairos_runner_restart (stage->runner, error) != 0;
}

static gboolean
test (Stage *stage, GError **error)
{
  KairosEvaluation result;

  return kairos_runner_finish (stage->runner, NULL, &result, NULL, error);
}

static gboolean
close_runner (Stage *stage, GError **error)
{
  return kairos_runner_close (g_steal_pointer (&stage->runner), error);
}

static gboolean
open_runner (Stage *stage, GError **error)
{
  if (!stage->runner)
    stage->runner = kairos_runner_new (stage->session, 0, fixture_dataset (stage->config), NULL, stage->pool, error);
  return stage->runner != NULL;
}

/* As a crash leaves it: steps without a checkpoint. */
static void
crash (Stage *stage)
{
  stage_open_runner (stage, 2);
  stage_train (stage, 2);
  g_assert_true (kairos_runner_flush (stage->runner, NULL));
  g_clear_pointer (&stage->runner, kairos_runner_free);
}

/* As something else leaves it that sets while nothing trains. */
static void
set_from_outside (Stage *stage)
{
  g_autoptr (KairosRunLog) log = fixture_log (stage->session, 2);
  g_autoptr (KairosConfig) config = kairos_config_copy (kairos_run_log_get_config (log));
  g_autoptr (GArray) changes = kairos_changes_copy (kairos_run_log_get_changes (log));

  fixture_set (config, "momentum", "0.5");
  g_assert_true (kairos_run_log_set_plan (log, config, changes, kairos_run_log_get_timeline (log), NULL));
}

/* ---- All ---- */

const Operation operations[] = {
  { "begin-run", .act = begin_run },
  { "set-current", .act = set_current },
  { "rename-run", .act = rename_run },
  { "set-run-note", .act = set_note },
  { "hide-run", .act = hide_run },
  { "show-run", .act = show_run },
  { "delete-run", .act = delete_run },
  { "undelete-run", .act = undelete_run },
  { "purge-runs", .act = purge_runs },
  { "set-data", .act = set_data, .prepare = move_data },
  { "open-session", .act = open_session, .prepare = leave },
  { "upgrade", .act = open_session, .prepare = leave, .file = "version-1.kairos", .twofold = TRUE },
  { "close-session", .act = close_session },
  { "log-append-steps", 2, 1, .act = append_steps },
  { "log-append-readings", 2, 1, .act = append_readings },
  { "log-append-epoch", 2, 1, .act = append_epoch },
  { "log-append-checkpoint", 2, 1, .act = append_checkpoint },
  { "log-finish", 2, 0, .act = finish_log },
  { "log-truncate", 1, 0, .act = truncate_log },
  { "log-go-back", 1, 0, .act = go_back },
  { "log-set-plan", 2, 0, .act = set_plan },
  { "open-runner", .act = open_runner },
  { "open-runner-after-a-crash", .act = open_runner, .prepare = crash },
  { "open-runner-after-a-setting", .act = open_runner, .prepare = set_from_outside },
  { "set", 2, 1, .act = set },
  { "set-timeline", 2, 1, .act = set_timeline },
  { "intervene", 2, 1, .act = intervene_now },
  { "release", 2, 1, .act = release },
  { "flush", 2, 1, .act = flush },
  { "step-to-the-end-of-an-epoch", 2, 2, .act = step, .trains = TRUE },
  { "step-with-a-checkpoint", 2, 1, ask_for_checkpoint, step, .trains = TRUE },
  { "step-with-an-automatic-release", 2, 0, focus, step, .trains = TRUE },
  { "checkpoint", 2, 1, .act = checkpoint },
  { "restore", 2, 1, set_momentum, restore },
  { "restore-an-earlier-one", 1, 0, .act = restore_early },
  { "branch", 2, 1, .act = branch },
  { "restart", 2, 1, .act = restart },
  { "finish", 2, 1, .act = test, .trains = TRUE },
  { "close-runner", 2, 1, .act = close_runner, .ends = TRUE },
};
const guint n_operations = G_N_ELEMENTS (operations);
