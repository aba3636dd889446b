/* SPDX-License-Identifier: MIT */

/* What the tests of the run layer share. */
#include "fixture.h"

#include <math.h>
#include <string.h>

#include "src/run/checkpoint.h"

char *
fixture_folder_new (void)
{
  char *folder = g_dir_make_tmp ("kairos-run-XXXXXX", NULL);

  g_assert_nonnull (folder);
  return folder;
}

static void
remove_tree (const char *path)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK)) {
    g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
    for (const char *name = dir ? g_dir_read_name (dir) : NULL; name; name = g_dir_read_name (dir)) {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
  }
  g_remove (path);
}

void
fixture_folder_free (char *folder)
{
  remove_tree (folder);
  g_free (folder);
}

void
fixture_set (KairosConfig *config, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;

  kairos_config_set (config, name, text, &error);
  g_assert_no_error (error);
}

KairosConfig *
fixture_config_points (void)
{
  KairosConfig *config = kairos_config_new ();

  fixture_set (config, "data", "builtin:moons");
  fixture_set (config, "network", "mlp-8");
  fixture_set (config, "epochs", "4");
  fixture_set (config, "batch", "50");
  return config;
}

KairosConfig *
fixture_config_digits (void)
{
  KairosConfig *config = kairos_config_new ();

  fixture_set (config, "network", FIXTURE_NETWORK);
  fixture_set (config, "limit", "150");
  fixture_set (config, "batch", "32");
  fixture_set (config, "epochs", "3");
  return config;
}

KairosDataset *
fixture_dataset (const KairosConfig *config)
{
  static GHashTable *opened;
  KairosOpenOptions options = kairos_config_open_options (config);
  g_autoptr (GError) error = NULL;

  if (!opened)
    opened = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) kairos_dataset_unref);
  KairosDataset *dataset = g_hash_table_lookup (opened, config->data);
  if (dataset)
    return dataset;
  options.use_cache = FALSE;
  dataset = kairos_dataset_open (config->data, &options, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_hash_table_insert (opened, g_strdup (config->data), dataset);
  return dataset;
}

char *
fixture_session (const char *folder, const char *name, const KairosConfig *config)
{
  g_autofree char *base = g_strconcat (name, ".kairos", NULL);
  char *path = g_build_filename (folder, base, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosSession) session = kairos_session_create (path, config, fixture_dataset (config), NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (session);
  return path;
}

KairosTrainer *
fixture_trainer (const KairosConfig *config, KairosPool *pool)
{
  KairosDataset *dataset = fixture_dataset (config);
  g_autoptr (KairosSplits) splits = kairos_splits_new (dataset, config->seed, config->limit);
  g_autoptr (KairosFacts) facts = kairos_facts_new (kairos_dataset_get_n_samples (dataset));
  g_autoptr (GError) error = NULL;
  KairosTrainer *trainer = kairos_trainer_new (config, dataset, splits, facts, pool, &error);

  g_assert_no_error (error);
  return trainer;
}

void
fixture_steps (KairosTrainer *trainer, guint n)
{
  KairosStepRecord record;

  for (guint i = 0; i < n; i++) {
    g_autoptr (GError) error = NULL;
    gboolean ok = kairos_trainer_step (trainer, &record, &error);
    g_assert_no_error (error);
    g_assert_true (ok);
  }
}

char *
fixture_digest (KairosTrainer *trainer)
{
  return kairos_network_digest (kairos_trainer_get_network (trainer));
}

char *
fixture_straight (const KairosConfig *config)
{
  g_autoptr (KairosPool) pool = kairos_pool_new (1);
  g_autoptr (KairosTrainer) trainer = fixture_trainer (config, pool);

  fixture_steps (trainer, kairos_trainer_get_steps_per_epoch (trainer) * config->epochs);
  return fixture_digest (trainer);
}

void
fixture_assert_sentence (GError *error, KairosError code, const char *what)
{
  g_assert_error (error, KAIROS_ERROR, code);
  if (what && !strstr (error->message, what))
    g_error ("\"%s\" does not name %s", error->message, what);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_suffix (error->message, ".") || strchr (error->message, ':'));
  g_assert_null (strchr (error->message, '\n'));
}

/* ---- Sessions ---- */

KairosSession *
fixture_open (const char *path)
{
  g_autoptr (GError) error = NULL;
  KairosSession *session = kairos_session_open (path, &error);

  g_assert_no_error (error);
  return session;
}

KairosRunLog *
fixture_log (KairosSession *session, gint64 run)
{
  g_autoptr (GError) error = NULL;
  KairosRunLog *log = kairos_run_log_new (session, run ? run : kairos_session_get_current (session, &error), &error);

  g_assert_no_error (error);
  return log;
}

static GArray *
read_run (KairosSession *session, gint64 run, GArray *(*func) (KairosRunLog *log, GError **error))
{
  g_autoptr (KairosRunLog) log = fixture_log (session, run);
  g_autoptr (GError) error = NULL;
  GArray *array = func (log, &error);

  g_assert_no_error (error);
  return array;
}

GArray *
fixture_run_steps (KairosSession *session, gint64 run)
{
  return read_run (session, run, kairos_run_log_get_steps);
}

GArray *
fixture_epochs (KairosSession *session, gint64 run)
{
  return read_run (session, run, kairos_run_log_get_epochs);
}

GArray *
fixture_checkpoints (KairosSession *session, gint64 run)
{
  return read_run (session, run, kairos_run_log_get_checkpoints);
}

GBytes *
fixture_newest (KairosSession *session, gint64 run)
{
  g_autoptr (KairosRunLog) log = fixture_log (session, run);
  g_autoptr (GError) error = NULL;
  GBytes *checkpoint;
  KairosRead read = kairos_run_log_load_checkpoint (log, 0, &checkpoint, NULL, &error);

  g_assert_no_error (error);
  g_assert_true ((read == KAIROS_READ_FOUND) == (checkpoint != NULL));
  return checkpoint;
}

/* A whole checkpoint of some size, for tests that do not look into it. */
GBytes *
fixture_checkpoint (guint8 fill, gsize size)
{
  g_autofree guint8 *content = g_malloc (size);
  KairosCheckpointWriter writer;

  memset (content, fill, size);
  kairos_checkpoint_begin (&writer, size);
  kairos_checkpoint_put (&writer, 1, content, size);
  return kairos_checkpoint_end (&writer);
}

void
fixture_append_epoch (KairosSession *session, guint epoch, gsize checkpoint_size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) checkpoint = fixture_checkpoint (epoch, checkpoint_size);
  KairosStepRecord steps[10];
  KairosEpochRecord record = {
    .step = epoch * 10, .epoch = epoch, .train_loss = 1.0f / epoch, .val_loss = NAN, .seconds = 0.25
  };

  for (guint i = 0; i < 10; i++)
    steps[i] = (KairosStepRecord){ (epoch - 1) * 10 + i + 1, epoch - 1 + (i + 1) / 10.0, 0.1f * i, 0.5f, 1e-3f, 50 };
  g_autoptr (KairosRunLog) log = fixture_log (session, 0);
  kairos_run_log_append_epoch (log, &record, steps, 10, NULL, checkpoint, &error);
  g_assert_no_error (error);
}

void
fixture_set_timeline (KairosSession *session, KairosTimeline *timeline)
{
  g_autoptr (KairosRunLog) log = fixture_log (session, 0);
  g_autoptr (KairosConfig) config = kairos_config_copy (kairos_run_log_get_config (log));
  g_autoptr (GArray) changes = kairos_changes_new ();

  g_assert_true (kairos_run_log_set_plan (log, config, changes, timeline, NULL));
}
