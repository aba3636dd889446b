/* SPDX-License-Identifier: MIT */

/* Training under a timeline: clips that change nothing change no bit; every kind trains to the same weights with any
 * number of threads, across a restart from a checkpoint, and in a replay; interventions, releases and kills at random.
 */
#include "kairos/replay.h"
#include "kairos/runner.h"

#include <math.h>
#include <string.h>

#include "fixture.h"
#include "src/run/session-private.h"

#define NETWORK                                                                                                        \
  "[{\"layer\":\"conv\",\"filters\":4,\"kernel\":3},{\"layer\":\"batch-norm\"},{\"layer\":\"relu\"},{\"layer\":\"max-" \
  "pool\"},"                                                                                                           \
  "{\"layer\":\"flatten\"},{\"layer\":\"dropout\",\"rate\":0.1},{\"layer\":\"dense\",\"units\":10}]"

static KairosConfig *
make_config (void)
{
  KairosConfig *config = kairos_config_new ();

  fixture_set (config, "network", NETWORK);
  fixture_set (config, "limit", "120");
  fixture_set (config, "batch", "16");
  fixture_set (config, "epochs", "3");
  fixture_set (config, "learning-rate", "0.02");
  return config;
}

static KairosTimeline *
timeline_of (const char *clips)
{
  g_autofree char *text = g_strdup_printf ("{\"kairos-timeline\":1,\"epochs\":3,\"tracks\":[{\"clips\":[%s]}]}", clips);
  g_autoptr (GError) error = NULL;
  KairosTimeline *timeline = kairos_timeline_from_text (text, -1, &error);

  g_assert_no_error (error);
  return timeline;
}

static KairosTrainer *
trainer_with (const KairosConfig *config, KairosPool *pool, const char *clips)
{
  KairosTrainer *trainer = fixture_trainer (config, pool);
  g_autoptr (KairosTimeline) timeline = timeline_of (clips);
  g_autoptr (GError) error = NULL;

  kairos_trainer_set_timeline (trainer, timeline, &error);
  g_assert_no_error (error);
  return trainer;
}

/* As the runner trains. */
static void
train (KairosTrainer *trainer, guint n)
{
  for (guint i = 0; i < n; i++) {
    fixture_steps (trainer, 1);
    if (kairos_trainer_epoch_is_due (trainer))
      kairos_facts_end_epoch (kairos_trainer_get_facts (trainer));
  }
}

/* ---- Nothing ---- */

static void
test_null_clips (void)
{
  static const char *const nulls[] = {
    "",
    "{\"kind\":\"focus\",\"from\":0,\"to\":3,\"dose\":\"times\",\"times\":1}",
    "{\"kind\":\"pgd\",\"from\":0,\"to\":3,\"sigma\":0}",
    "{\"kind\":\"anti-pgd\",\"from\":0,\"to\":3,\"sigma\":0}",
    "{\"kind\":\"blur\",\"from\":0,\"to\":3,\"factor\":1}",
    "{\"kind\":\"mixup\",\"from\":0,\"to\":3,\"alpha\":0}",
    "{\"kind\":\"learning-rate\",\"from\":0,\"to\":3,\"mode\":\"factor\",\"rate\":1}",
    "{\"kind\":\"rotate\",\"from\":0,\"to\":3,\"degrees\":0},{\"kind\":\"shift\",\"from\":0,\"to\":3,\"pixels\":0}",
    "{\"kind\":\"dropout\",\"from\":0,\"to\":3,\"rate\":0.1}", /* what the layer says anyway */
    "{\"kind\":\"checkpoint\",\"at\":1}",
    "{\"kind\":\"prune\",\"at\":1,\"fraction\":0}",
    "{\"kind\":\"blur\",\"from\":0,\"to\":3,\"muted\":true}",
  };
  g_autoptr (KairosConfig) config = make_config ();
  g_autoptr (KairosPool) pool = kairos_pool_new (2);
  g_autoptr (KairosTrainer) plain = fixture_trainer (config, pool);

  train (plain, 18);
  g_autofree char *expected = fixture_digest (plain);
  for (guint i = 0; i < G_N_ELEMENTS (nulls); i++) {
    g_autoptr (KairosTrainer) trainer = trainer_with (config, pool, nulls[i]);
    train (trainer, 18);
    g_autofree char *digest = fixture_digest (trainer);
    if (!g_str_equal (digest, expected))
      g_error ("%s changes the weights", nulls[i]);
  }
}

/* ---- Every kind ---- */

static const char *const clips[] = {
  "{\"kind\":\"focus\",\"from\":0.5,\"to\":2,\"classes\":[1,2]}",
  "{\"kind\":\"focus\",\"from\":0.5,\"to\":2,\"hardest\":20,\"live\":true,\"dose\":\"times\",\"times\":5}",
  "{\"kind\":\"focus\",\"from\":1.25,\"to\":2,\"query\":\"wrong\",\"dose\":\"mixed\",\"fraction\":0.4}",
  "{\"kind\":\"focus\",\"from\":0.5,\"to\":3,\"classes\":[1],\"until\":\"loss\",\"bound\":1.5}",
  "{\"kind\":\"curriculum\",\"from\":1,\"to\":3}",
  "{\"kind\":\"self-paced\",\"from\":0,\"to\":3}",
  "{\"kind\":\"subset\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"blur\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"vertical-flip\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"label-permutation\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"noise-images\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"occlusion\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"label-noise\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"crop-flip\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"shift\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"rotate\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"mixup\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"cutout\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"weight-decay\",\"from\":0.5,\"to\":2,\"value\":0.1}",
  "{\"kind\":\"dropout\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"dropout\",\"from\":0.5,\"to\":2,\"on\":\"input\",\"rate\":0.2}",
  "{\"kind\":\"label-smoothing\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"fisher-penalty\",\"from\":0.5,\"to\":2,\"every\":2}",
  "{\"kind\":\"learning-rate\",\"from\":0.5,\"to\":2,\"shape\":\"cosine\",\"rate\":0.1}",
  "{\"kind\":\"momentum\",\"from\":0.5,\"to\":2,\"points\":[[0,0.5],[1,0.95]]}",
  "{\"kind\":\"pgd\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"anti-pgd\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"freeze\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"gradient-surgery\",\"from\":0.5,\"to\":2}",
  "{\"kind\":\"gradient-surgery\",\"from\":0.5,\"to\":2,\"between\":\"focus\",\"classes\":[1,2]}",
  "{\"kind\":\"prune\",\"at\":0.75,\"fraction\":0.3}",
  "{\"kind\":\"checkpoint\",\"at\":0.5,\"label\":\"early\"},{\"kind\":\"rewind\",\"at\":1.25,\"to\":\"early\"}",
  "{\"kind\":\"prune\",\"at\":1,\"scope\":\"global\"},{\"kind\":\"rewind\",\"at\":1},{\"kind\":\"unprune\",\"at\":1.5}",
  "{\"kind\":\"prune\",\"at\":1},{\"kind\":\"reinitialise\",\"at\":1}",
  "{\"kind\":\"shrink-perturb\",\"at\":1}",
  "{\"kind\":\"reset-optimizer\",\"at\":1}",
  "{\"kind\":\"restart-rate\",\"at\":1}",
};

/* Straight through on one thread; on two, and from a checkpoint in the middle. */
static void
test_every_kind (void)
{
  g_autoptr (KairosConfig) config = make_config ();
  g_autoptr (KairosPool) one = kairos_pool_new (1), two = kairos_pool_new (2);
  g_autoptr (KairosTrainer) plain = fixture_trainer (config, two);
  g_autoptr (GError) error = NULL;

  train (plain, 20);
  g_autofree char *without = fixture_digest (plain);
  for (guint i = 0; i < G_N_ELEMENTS (clips); i++) {
    g_autoptr (KairosTrainer) straight = trainer_with (config, one, clips[i]),
                              stopped = trainer_with (config, two, clips[i]);
    g_autoptr (KairosTrainer) resumed = trainer_with (config, two, clips[i]);
    train (straight, 20);
    train (stopped, 11);
    g_autoptr (GBytes) checkpoint = kairos_trainer_save (stopped);
    kairos_trainer_restore (resumed, checkpoint, &error);
    g_assert_no_error (error);
    train (stopped, 9);
    train (resumed, 9);
    g_autofree char *expected = fixture_digest (straight), *threads = fixture_digest (stopped),
                    *after = fixture_digest (resumed);
    if (g_str_equal (expected, without))
      g_error ("%s does nothing", clips[i]);
    if (!g_str_equal (expected, threads) || !g_str_equal (expected, after))
      g_error ("%s: one thread %s, two %s, resumed %s", clips[i], expected, threads, after);
  }
}

static void
test_freeze (void)
{
  g_autoptr (KairosConfig) config = make_config ();
  g_autoptr (KairosPool) pool = kairos_pool_new (1);
  g_autoptr (KairosTrainer) trainer = trainer_with (config, pool,
                                                    "{\"kind\":\"freeze\",\"from\":1,\"to\":2,\"layers\":[\"conv1\"]},"
                                                    "{\"kind\":\"anti-pgd\",\"from\":1,\"to\":2}");
  gsize n;
  guint n_tensors, per_epoch = kairos_trainer_get_steps_per_epoch (trainer);
  const KairosTensorInfo *tensors = kairos_network_tensors (kairos_trainer_get_network (trainer), &n_tensors);
  const float *parameters = kairos_network_parameters (kairos_trainer_get_network (trainer), &n);

  train (trainer, per_epoch);
  g_autofree float *before = g_memdup2 (parameters, n * sizeof *parameters);
  train (trainer, per_epoch);
  for (guint i = 0; i < n_tensors; i++) {
    gboolean same =
        memcmp (before + tensors[i].offset, parameters + tensors[i].offset, tensors[i].n * sizeof *before) == 0;
    g_assert_true (same == g_str_equal (tensors[i].layer, "conv1"));
  }
  train (trainer, 1);
  g_assert_true (memcmp (before, parameters, tensors[0].n * sizeof *before) != 0);
}

/* Pruned weights stay 0, through training, noise and checkpoints; the counts are those of the ticket. */
static void
test_pruned_stay (void)
{
  g_autoptr (KairosConfig) config = make_config ();
  g_autoptr (KairosPool) pool = kairos_pool_new (1);
  g_autoptr (KairosTrainer) trainer =
      trainer_with (config, pool,
                    "{\"kind\":\"prune\",\"at\":0.5,\"fraction\":0.5,\"output\":\"same\"},"
                    "{\"kind\":\"pgd\",\"from\":0.5,\"to\":2}");
  gsize all, n, zeros = 0;
  const float *parameters = kairos_network_parameters (kairos_trainer_get_network (trainer), &n);

  train (trainer, 14);
  gsize left = kairos_trainer_count_weights (trainer, &all);
  g_assert_cmpfloat_with_epsilon ((double) left / all, 0.5, 0.01);
  for (gsize i = 0; i < n; i++)
    zeros += parameters[i] == 0;
  g_assert_cmpuint (zeros, >=, all - left);
  g_assert_cmpuint (zeros, <, all - left + 20);
}

/* ---- Sessions ---- */

typedef struct {
  char *folder, *path;
  KairosConfig *config;
  KairosDataset *dataset;
  KairosPool *pool;
  KairosSession *session;
  KairosRunner *runner;
} Run;

static void
run_open (Run *run)
{
  g_autoptr (GError) error = NULL;

  run->session = kairos_session_open (run->path, &error);
  g_assert_no_error (error);
  run->runner = kairos_runner_new (run->session, 0, run->dataset, NULL, run->pool, &error);
  g_assert_no_error (error);
}

static Run
run_new (KairosTimeline *timeline)
{
  Run run = { .folder = fixture_folder_new (), .config = make_config (), .pool = kairos_pool_new (2) };
  g_autoptr (GError) error = NULL;

  run.path = g_build_filename (run.folder, "a.kairos", NULL);
  run.dataset = fixture_dataset (run.config);
  g_autoptr (KairosSession) session = kairos_session_create (run.path, run.config, run.dataset, NULL, &error);
  g_assert_no_error (error);
  fixture_set_timeline (session, timeline);
  g_clear_pointer (&session, kairos_session_close);
  run_open (&run);
  return run;
}

/* clean FALSE: as after kill -9, what is not on disk is lost. */
static void
run_close (Run *run, gboolean clean)
{
  if (clean)
    g_assert_true (kairos_runner_close (run->runner, NULL));
  else
    kairos_runner_free (run->runner);
  kairos_session_close (run->session);
}

/* To the session's current run, which has just begun. */
static void
run_change (Run *run)
{
  run_close (run, TRUE);
  run_open (run);
}

static void
run_clear (Run *run)
{
  kairos_pool_free (run->pool);
  kairos_config_free (run->config);
  g_free (run->path);
  fixture_folder_free (run->folder);
}

static void
run_steps (Run *run, guint n)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n && !kairos_runner_is_finished (run->runner); i++) {
    kairos_runner_step (run->runner, NULL, &error);
    g_assert_no_error (error);
  }
}

static void
assert_replays (Run *run, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosSession) session = kairos_session_open (run->path, &error);
  KairosReplay replay;

  g_assert_no_error (error);
  g_autoptr (KairosRunLog) log = fixture_log (session, 0);
  kairos_replay (log, run->dataset, run->pool, NULL, NULL, NULL, &replay, &error);
  g_assert_no_error (error);
  if (!replay.same) {
    g_autofree char *text = kairos_timeline_to_text (kairos_run_log_get_timeline (log), TRUE);
    g_autofree char *changes = kairos_changes_to_text (kairos_run_log_get_changes (log));
    g_error ("replay differs after %" G_GUINT64_FORMAT " steps\n%s\n%s", replay.steps, text, changes);
  }
  if (expected)
    g_assert_cmpstr (replay.weights, ==, expected);
  g_free (replay.weights);
  g_free (replay.recorded);
}

static JsonObject *
without_times (const char *clip)
{
  g_autoptr (JsonNode) node = json_from_string (clip, NULL);
  JsonObject *object = json_object_ref (json_node_get_object (node));

  if (json_object_has_member (object, "from")) /* a clip: "to" is its end, and no setting as an event may have */
    json_object_remove_member (object, "to");
  for (guint i = 0; i < 2; i++)
    json_object_remove_member (object, i ? "from" : "at");
  return object;
}

/* A clip of the list above that stands alone. */
static const char *
random_clip (void)
{
  const char *clip;

  do
    clip = clips[g_test_rand_int_range (0, G_N_ELEMENTS (clips))];
  while (strstr (clip, "},{"));
  return clip;
}

/* One thing done by hand, now. */
static void
intervene (Run *run)
{
  g_autoptr (GError) error = NULL;
  KairosTimeline *timeline = kairos_trainer_get_timeline (kairos_runner_get_trainer (run->runner));
  double now = kairos_trainer_get_epoch (kairos_runner_get_trainer (run->runner));
  guint track = g_test_rand_int_range (0, MAX (1, kairos_timeline_get_n_tracks (timeline)));
  const KairosTrack *chosen = kairos_timeline_get_track (timeline, track);

  if (now >= 3)
    return;
  if (g_test_rand_int_range (0, 3) == 0) {
    g_autofree char *rate = g_strdup_printf ("%g", g_test_rand_double_range (0.001, 0.05));
    g_assert_true (kairos_runner_set (run->runner, "learning-rate", rate, NULL));
  } else if (g_test_rand_bit () && chosen && chosen->n_clips > 0) {
    const KairosClip *clip = chosen->clips[g_test_rand_int_range (0, chosen->n_clips)];
    gboolean in_force = !clip->kind->event && clip->from <= now && now < clip->to;
    g_assert_true (kairos_runner_release (run->runner, clip->id, &error) == in_force);
  } else {
    g_autoptr (JsonObject) clip = without_times (random_clip ());
    kairos_runner_intervene (run->runner, clip, NULL, &error);
    g_assert_no_error (error);
  }
}

/* A run of its own from somewhere in the past, at most twice a session, with a clip muted or heard again. */
static void
branch (Run *run)
{
  KairosTrainer *trainer = kairos_runner_get_trainer (run->runner);
  KairosTimeline *present = kairos_trainer_get_timeline (trainer);
  const KairosTrack *track =
      kairos_timeline_get_track (present, g_test_rand_int_range (0, kairos_timeline_get_n_tracks (present)));
  const KairosClip *clip = track->n_clips > 0 ? track->clips[g_test_rand_int_range (0, track->n_clips)] : NULL;
  g_autoptr (KairosTimeline) timeline =
      clip ? kairos_timeline_mute (present, clip->id, !clip->muted, NULL) : kairos_timeline_ref (present);
  g_autoptr (GError) error = NULL;

  if (kairos_session_get_current (run->session, NULL) > 2)
    return;
  if (!kairos_runner_branch (run->runner, timeline, g_test_rand_double_range (0, 3), &error)) {
    g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING); /* the muted one is a checkpoint that a rewind names */
    return;
  }
  run_change (run);
  trainer = kairos_runner_get_trainer (run->runner);
  g_assert_true (kairos_timeline_equal (kairos_trainer_get_timeline (trainer), timeline));
}

/* Sessions steered at random, branched at random and cut off at random replay to the same weights. */
static void
test_random_sessions (void)
{
  for (int i = 0; i < 20; i++) {
    g_autoptr (GString) list = g_string_new (NULL);
    for (int j = 0; j < 2; j++)
      g_string_append_printf (list, "%s{\"clips\":[%s]}", j ? "," : "",
                              clips[g_test_rand_int_range (0, G_N_ELEMENTS (clips))]);
    g_autofree char *text = g_strdup_printf ("{\"kairos-timeline\":1,\"epochs\":3,\"tracks\":[%s]}", list->str);
    g_autoptr (KairosTimeline) timeline = kairos_timeline_from_text (text, -1, NULL);
    g_assert_nonnull (timeline);
    Run run = run_new (timeline);
    while (!kairos_runner_is_finished (run.runner)) {
      run_steps (&run, g_test_rand_int_range (1, 6));
      if (g_test_rand_bit ())
        intervene (&run);
      if (g_test_rand_int_range (0, 6) == 0)
        branch (&run);
      if (g_test_rand_int_range (0, 3) == 0) {
        run_close (&run, g_test_rand_bit ());
        run_open (&run);
      }
    }
    g_autofree char *digest = fixture_digest (kairos_runner_get_trainer (run.runner));
    run_close (&run, TRUE);
    assert_replays (&run, digest);
    run_clear (&run);
  }
}

/* Going back to a checkpoint and steering otherwise from there replays too. */
static void
test_restore (void)
{
  g_autoptr (KairosTimeline) timeline = timeline_of ("{\"kind\":\"blur\",\"from\":0.5,\"to\":2}");
  Run run = run_new (timeline);
  g_autoptr (GError) error = NULL;

  run_steps (&run, 9);
  g_assert_true (kairos_runner_set (run.runner, "learning-rate", "0.03", NULL));
  run_steps (&run, 3);
  kairos_runner_restore (run.runner, 0, &error);
  g_assert_no_error (error);
  g_autoptr (JsonObject) clip = without_times ("{\"kind\":\"rotate\"}");
  g_assert_true (kairos_runner_intervene (run.runner, clip, NULL, NULL));
  g_assert_true (kairos_runner_set (run.runner, "momentum", "0.5", NULL));
  run_steps (&run, 100);
  run_close (&run, TRUE);
  assert_replays (&run, NULL);
  run_clear (&run);
}

/* The digest of training straight through under a timeline, with a learning rate that is set before a step. */
static char *
straight (const char *clips_text, guint step, const char *rate)
{
  g_autoptr (KairosConfig) config = make_config ();
  g_autoptr (KairosPool) pool = kairos_pool_new (2);
  g_autoptr (KairosTrainer) trainer = trainer_with (config, pool, clips_text);

  train (trainer, step);
  g_assert_true (kairos_trainer_set (trainer, "learning-rate", rate, NULL));
  train (trainer, 3 * kairos_trainer_get_steps_per_epoch (trainer) - step);
  return fixture_digest (trainer);
}

static void
branch_to (Run *run, const char *clips_text, double at, guint64 step)
{
  g_autoptr (KairosTimeline) timeline = timeline_of (clips_text);
  g_autoptr (GError) error = NULL;

  kairos_runner_branch (run->runner, timeline, at, &error);
  g_assert_no_error (error);
  run_change (run);
  g_assert_cmpuint (kairos_trainer_get_step (kairos_runner_get_trainer (run->runner)), ==, step);
}

static void
assert_records (Run *run, gint64 number, guint steps, guint epochs)
{
  g_autoptr (GArray) records = fixture_run_steps (run->session, number), ends = fixture_epochs (run->session, number);

  g_assert_cmpuint (records->len, ==, steps);
  g_assert_cmpuint (ends->len, ==, epochs);
  for (guint i = 0; i < steps; i++)
    g_assert_cmpuint (g_array_index (records, KairosStepRecord, i).step, ==, i + 1);
}

/* A branch with another past trains as if that had been the timeline from the start; settings that were set by hand are
 * set again; the run that was branched from stays. */
static void
test_branch (void)
{
  const char *late = "{\"kind\":\"blur\",\"from\":0.5,\"to\":2}", *early = "{\"kind\":\"blur\",\"from\":0.25,\"to\":2}";
  const char *shorter = "{\"kind\":\"blur\",\"from\":0.25,\"to\":1.5}";
  g_autoptr (KairosTimeline) timeline = timeline_of (late);
  g_autofree char *from_start = straight (early, 8, "0.03"), *from_checkpoint = straight (shorter, 8, "0.03");
  Run run = run_new (timeline);
  guint epoch = kairos_trainer_get_steps_per_epoch (kairos_runner_get_trainer (run.runner));

  run_steps (&run, 8);
  g_assert_true (kairos_runner_set (run.runner, "learning-rate", "0.03", NULL));
  run_steps (&run, 2 * epoch - 7);
  branch_to (&run, early, INFINITY, 0); /* no checkpoint is from before 0.25 */
  assert_records (&run, 1, 2 * epoch + 1, 2);
  assert_records (&run, 2, 0, 0);
  run_steps (&run, 100);
  g_autofree char *digest = fixture_digest (kairos_runner_get_trainer (run.runner));
  g_assert_cmpstr (digest, ==, from_start);

  branch_to (&run, early, 2.2, 2 * epoch);
  assert_records (&run, 3, 2 * epoch, 2);
  g_autoptr (GArray) checkpoints = fixture_checkpoints (run.session, 3);
  g_assert_cmpuint (checkpoints->len, ==, 2); /* those of run 2, which it has without a copy */
  branch_to (&run, shorter, INFINITY, epoch); /* the two differ from 1.5 on; the checkpoint at 1 is in run 2 */
  assert_records (&run, 2, 3 * epoch, 3);
  assert_records (&run, 3, 2 * epoch, 2);
  assert_records (&run, 4, epoch, 1);
  run_close (&run, FALSE); /* a run that was just begun is on disk */
  run_open (&run);
  run_steps (&run, 100);
  assert_records (&run, 4, 3 * epoch, 3);
  g_autofree char *again = fixture_digest (kairos_runner_get_trainer (run.runner));
  g_assert_cmpstr (again, ==, from_checkpoint);
  run_close (&run, TRUE);
  assert_replays (&run, from_checkpoint);
  run_clear (&run);
}

/* What was planned in addition when all was done is planned again. */
static void
test_branch_epochs (void)
{
  g_autoptr (KairosTimeline) timeline = kairos_timeline_new (0);
  Run run = run_new (timeline);
  guint epoch = kairos_trainer_get_steps_per_epoch (kairos_runner_get_trainer (run.runner));
  g_autoptr (GError) error = NULL;

  run_steps (&run, 100);
  g_assert_true (kairos_runner_set (run.runner, "epochs", "5", NULL));
  run_steps (&run, 100);
  kairos_runner_branch (run.runner, timeline, 1, &error);
  g_assert_no_error (error);
  run_change (&run);
  run_steps (&run, 100);
  g_assert_cmpuint (kairos_trainer_get_step (kairos_runner_get_trainer (run.runner)), ==, 5 * epoch);
  run_close (&run, TRUE);
  run_clear (&run);
}

/* From a time without another timeline; what is no timeline for this network begins no run. */
static void
test_branch_refused (void)
{
  g_autoptr (KairosTimeline) timeline = timeline_of (""),
                             unfit = timeline_of ("{\"kind\":\"freeze\",\"from\":0,\"to\":1,\"layers\":[\"nowhere\"]}");
  Run run = run_new (timeline);
  g_autoptr (GError) error = NULL;
  guint epoch = kairos_trainer_get_steps_per_epoch (kairos_runner_get_trainer (run.runner));

  run_steps (&run, 2 * epoch + 2);
  branch_to (&run, "", 2.1, 2 * epoch);
  g_assert_false (kairos_runner_branch (run.runner, unfit, INFINITY, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_MISSING, "nowhere");
  g_assert_cmpint (kairos_session_get_current (run.session, NULL), ==, 2);
  g_assert_cmpuint (kairos_trainer_get_step (kairos_runner_get_trainer (run.runner)), ==, 2 * epoch);
  run_close (&run, TRUE);
  run_clear (&run);
}

/* An automatic release shows on the timeline; a checkpoint event writes one for good. */
static void
test_by_itself (void)
{
  g_autoptr (KairosTimeline) timeline =
      timeline_of ("{\"kind\":\"focus\",\"from\":0.5,\"to\":3,\"classes\":[1],\"until\":\"loss\",\"bound\":2},"
                   "{\"kind\":\"checkpoint\",\"at\":1.5}");
  Run run = run_new (timeline);

  run_steps (&run, 100);
  KairosTimeline *after = kairos_trainer_get_timeline (kairos_runner_get_trainer (run.runner));
  g_assert_cmpfloat (kairos_timeline_find (after, 1, NULL)->to, <, 3);
  g_autoptr (KairosRunLog) stored = fixture_log (run.session, 0);
  g_assert_true (kairos_timeline_equal (kairos_run_log_get_timeline (stored), after));
  g_autoptr (GArray) checkpoints = fixture_checkpoints (run.session, 0);
  guint pinned = 0;
  for (guint i = 0; i < checkpoints->len; i++) {
    const KairosCheckpointInfo *info = &g_array_index (checkpoints, KairosCheckpointInfo, i);
    pinned += info->pinned && info->epoch == 1.5;
  }
  g_assert_cmpuint (pinned, ==, 1);
  run_close (&run, TRUE);
  assert_replays (&run, NULL);
  run_clear (&run);
}

/* More epochs make room on the timeline; fewer than its clips need leave it as it is. */
static void
test_epochs (void)
{
  g_autoptr (KairosTimeline) timeline = timeline_of ("{\"kind\":\"blur\",\"from\":0.5,\"to\":3}");
  Run run = run_new (timeline);
  KairosTrainer *trainer = kairos_runner_get_trainer (run.runner);
  g_autoptr (JsonObject) clip = without_times ("{\"kind\":\"shift\"}");

  g_assert_true (kairos_runner_set (run.runner, "epochs", "5", NULL));
  g_assert_cmpfloat (kairos_timeline_get_epochs (kairos_trainer_get_timeline (trainer)), ==, 5);
  g_assert_true (kairos_runner_set (run.runner, "epochs", "2", NULL));
  g_assert_cmpfloat (kairos_timeline_get_epochs (kairos_trainer_get_timeline (trainer)), ==, 5);
  g_assert_true (kairos_runner_set (run.runner, "epochs", "5", NULL));
  run_steps (&run, 30);
  g_assert_true (kairos_runner_intervene (run.runner, clip, NULL, NULL));
  run_steps (&run, 100);
  g_autoptr (KairosTimeline) longer = kairos_timeline_set_epochs (kairos_trainer_get_timeline (trainer), 6, NULL);
  g_assert_true (kairos_runner_set_timeline (run.runner, longer, NULL));
  g_assert_cmpint (kairos_trainer_get_config (trainer)->epochs, ==, 6);
  run_steps (&run, 100);
  run_close (&run, TRUE);
  assert_replays (&run, NULL);
  run_clear (&run);
}

static void
test_refused (void)
{
  g_autoptr (KairosTimeline) timeline = timeline_of ("{\"kind\":\"blur\",\"from\":0.5,\"to\":2}");
  g_autoptr (KairosTimeline) other = timeline_of ("{\"kind\":\"blur\",\"from\":0.25,\"to\":2}");
  g_autoptr (KairosTimeline) foreign =
      timeline_of ("{\"kind\":\"blur\",\"from\":0.5,\"to\":2},{\"kind\":\"grey\",\"from\":2,\"to\":3}");
  Run run = run_new (timeline);
  g_autoptr (GError) error = NULL;

  run_steps (&run, 9);
  g_assert_false (kairos_runner_set_timeline (run.runner, other, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_CHANGED, "blur from epoch 0.25 to 2");
  g_clear_error (&error);
  g_assert_false (kairos_runner_set_timeline (run.runner, foreign, &error));
  fixture_assert_sentence (error, KAIROS_ERROR_RANGE, "grey from epoch 2 to 3");
  g_assert_true (
      kairos_timeline_equal (kairos_trainer_get_timeline (kairos_runner_get_trainer (run.runner)), timeline));
  run_close (&run, TRUE);
  run_clear (&run);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/steering/null-clips", test_null_clips);
  g_test_add_func ("/steering/every-kind", test_every_kind);
  g_test_add_func ("/steering/freeze", test_freeze);
  g_test_add_func ("/steering/pruned-stay", test_pruned_stay);
  g_test_add_func ("/steering/random-sessions", test_random_sessions);
  g_test_add_func ("/steering/restore", test_restore);
  g_test_add_func ("/steering/branch", test_branch);
  g_test_add_func ("/steering/branch-epochs", test_branch_epochs);
  g_test_add_func ("/steering/branch-refused", test_branch_refused);
  g_test_add_func ("/steering/by-itself", test_by_itself);
  g_test_add_func ("/steering/epochs", test_epochs);
  g_test_add_func ("/steering/refused", test_refused);
  return g_test_run ();
}
