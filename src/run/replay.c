/* SPDX-License-Identifier: MIT */

/* Replay.  Everything that training depends on is in the session: the configuration that the run began with, what was
 * set while it went on, the timeline, the seed.  Validation is left out: it changes nothing that training looks at.
 */
#include "kairos/replay.h"

#include <string.h>

typedef struct {
  KairosRunLog *log;
  KairosDataset *dataset;
  KairosPool *pool;
} Source;

static KairosTrainer *
make_trainer (const Source *source, const KairosConfig *config, GError **error)
{
  g_autoptr (KairosSplits) splits = kairos_splits_new (source->dataset, config->seed, config->limit);
  g_autoptr (KairosFacts) facts = kairos_facts_new (kairos_dataset_get_n_samples (source->dataset));
  g_autoptr (KairosTrainer) trainer = kairos_trainer_new (config, source->dataset, splits, facts, source->pool, error);

  return trainer && kairos_trainer_set_timeline (trainer, kairos_run_log_get_timeline (source->log), error)
             ? g_steal_pointer (&trainer)
             : NULL;
}

/* Where the run stands: the step and the digest of its newest checkpoint. */
static gboolean
read_recorded (const Source *source, guint64 *step, char **digest, char **warning, GError **error)
{
  g_autoptr (GBytes) checkpoint = NULL;
  KairosRead read = kairos_run_log_load_checkpoint (source->log, 0, &checkpoint, warning, error);

  if (read == KAIROS_READ_ABSENT)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                 "Run %d of %s has not been trained yet; there is nothing to replay.",
                 (int) kairos_run_log_get_run (source->log),
                 kairos_session_get_path (kairos_run_log_get_session (source->log)));
  if (read != KAIROS_READ_FOUND)
    return FALSE;
  g_autoptr (KairosTrainer) trainer = make_trainer (source, kairos_run_log_get_config (source->log), error);
  if (!trainer || !kairos_trainer_restore (trainer, checkpoint, error))
    return FALSE;
  *step = kairos_trainer_get_step (trainer);
  *digest = kairos_network_digest (kairos_trainer_get_network (trainer));
  return TRUE;
}

static const KairosConfig *
read_initial (const Source *source, GError **error)
{
  const KairosConfig *initial = kairos_run_log_get_initial (source->log);

  if (!initial)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                 "Run %d of %s does not say how it began; only runs begun by this version can be replayed.",
                 (int) kairos_run_log_get_run (source->log),
                 kairos_session_get_path (kairos_run_log_get_session (source->log)));
  return initial;
}

static gboolean
train (KairosTrainer *trainer, GArray *changes, guint64 steps, KairosProgressFunc progress, gpointer user_data,
       const volatile gint *cancel, GError **error)
{
  KairosStepRecord record;
  guint applied = 0;

  while (kairos_trainer_get_step (trainer) < steps) {
    guint64 step = kairos_trainer_get_step (trainer);
    for (; applied < changes->len && g_array_index (changes, KairosChange, applied).step <= step; applied++) {
      const KairosChange *change = &g_array_index (changes, KairosChange, applied);
      if (!kairos_trainer_set (trainer, change->name, change->text, error))
        return FALSE;
    }
    if (!kairos_trainer_step (trainer, &record, error))
      return FALSE;
    if (kairos_trainer_epoch_is_due (trainer))
      kairos_facts_end_epoch (kairos_trainer_get_facts (trainer));
    if (progress && step % 16 == 0)
      progress ((double) step / steps, "replaying", user_data);
    if (cancel && *cancel) {
      g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_CANCELLED, "The replay was stopped.");
      return FALSE;
    }
  }
  return TRUE;
}

gboolean
kairos_replay (KairosRunLog *log, KairosDataset *dataset, KairosPool *pool, KairosProgressFunc progress,
               gpointer user_data, const volatile gint *cancel, KairosReplay *replay, GError **error)
{
  const Source source = { log, dataset, pool };
  g_autofree char *recorded = NULL, *warning = NULL;
  const KairosConfig *initial = read_initial (&source, error);
  guint64 steps;

  if (!initial || !read_recorded (&source, &steps, &recorded, &warning, error))
    return FALSE;
  g_autoptr (KairosTrainer) trainer = make_trainer (&source, initial, error);
  if (!trainer || !train (trainer, kairos_run_log_get_changes (log), steps, progress, user_data, cancel, error))
    return FALSE;
  *replay = (KairosReplay){ .steps = steps, .weights = kairos_network_digest (kairos_trainer_get_network (trainer)) };
  replay->same = g_str_equal (replay->weights, recorded);
  replay->recorded = g_steal_pointer (&recorded);
  replay->warning = g_steal_pointer (&warning);
  return TRUE;
}
