/* SPDX-License-Identifier: MIT */

/* A session seen as one run: its plan, its records, its checkpoints.
 *
 * Thinning.  Of the checkpoints of a run as many stay as its configuration says, besides those that the person asked
 * for and those at which branches begin.  The newest stays; of the others goes, as long as there are too many, the one
 * whose neighbours lie closest together for their age.  So they lie close near the present and ever wider apart before
 * it.
 */
#include "session-private.h"

#include <math.h>
#include <string.h>

#include "checkpoint.h"

struct _KairosRunLog {
  KairosSession *session; /* borrowed */
  gint64 run;
  KairosRunPlan plan;
};

/* ---- Opening ---- */

KairosRunLog *
kairos_run_log_new (KairosSession *session, gint64 run, GError **error)
{
  g_autoptr (KairosRunLog) log = g_new0 (KairosRunLog, 1);

  log->session = session;
  log->run = run;
  return kairos_session_read_plan (session, run, &log->plan, error) ? g_steal_pointer (&log) : NULL;
}

void
kairos_run_log_free (KairosRunLog *log)
{
  if (!log)
    return;
  kairos_run_plan_clear (&log->plan);
  g_free (log);
}

KairosSession *
kairos_run_log_get_session (KairosRunLog *log)
{
  return log->session;
}

gint64
kairos_run_log_get_run (KairosRunLog *log)
{
  return log->run;
}

/* ---- The plan ---- */

const KairosConfig *
kairos_run_log_get_config (KairosRunLog *log)
{
  return log->plan.config;
}

const KairosConfig *
kairos_run_log_get_initial (KairosRunLog *log)
{
  return log->plan.initial;
}

GArray *
kairos_run_log_get_changes (KairosRunLog *log)
{
  return log->plan.changes;
}

KairosTimeline *
kairos_run_log_get_timeline (KairosRunLog *log)
{
  return log->plan.timeline;
}

static gboolean
write_plan (KairosRunLog *log, const KairosConfig *config, GArray *changes, KairosTimeline *timeline, GError **error)
{
  g_autofree char *config_text = kairos_config_to_text (config), *changes_text = kairos_changes_to_text (changes);
  g_autofree char *timeline_text = kairos_timeline_to_text (timeline, FALSE);

  return kairos_sql_run (log->session->db, log->session->path, error,
                         "UPDATE run SET config = ?, changes = ?, timeline = ? WHERE id = ?", "ttti", config_text,
                         changes_text, timeline_text, log->run);
}

/* What was written becomes what the log says; any of it may be what it says already. */
static void
adopt_plan (KairosRunLog *log, const KairosConfig *config, GArray *changes, KairosTimeline *timeline)
{
  KairosConfig *new_config = kairos_config_copy (config);
  GArray *new_changes = kairos_changes_copy (changes);
  KairosTimeline *new_timeline = kairos_timeline_ref (timeline);

  kairos_config_free (log->plan.config);
  g_array_unref (log->plan.changes);
  kairos_timeline_unref (log->plan.timeline);
  log->plan.config = new_config;
  log->plan.changes = new_changes;
  log->plan.timeline = new_timeline;
}

gboolean
kairos_run_log_set_plan (KairosRunLog *log, const KairosConfig *config, GArray *changes, KairosTimeline *timeline,
                         GError **error)
{
  if (!write_plan (log, config, changes, timeline, error))
    return FALSE;
  adopt_plan (log, config, changes, timeline);
  return TRUE;
}

/* ---- Writing ---- */

static gboolean
insert_steps (KairosRunLog *log, const KairosStepRecord *records, guint n, GError **error)
{
  KairosSession *session = log->session;

  if (n == 0)
    return TRUE;
  g_autoptr (GBytes) bytes = kairos_steps_to_bytes (records, n);
  return kairos_sql_run (session->db, session->path, error,
                         "INSERT OR REPLACE INTO step (run, first, last, records) VALUES (?, ?, ?, ?)", "iiib",
                         log->run, (gint64) records[0].step, (gint64) records[n - 1].step, bytes);
}

gboolean
kairos_run_log_append_steps (KairosRunLog *log, const KairosStepRecord *records, guint n, GError **error)
{
  return insert_steps (log, records, n, error);
}

gboolean
kairos_run_log_append_readings (KairosRunLog *log, GPtrArray *readings, GError **error)
{
  gboolean ok = TRUE;

  if (readings->len == 0)
    return TRUE;
  if (!kairos_session_begin (log->session, error))
    return FALSE;
  for (guint i = 0; ok && i < readings->len; i++) {
    const KairosReading *reading = readings->pdata[i];
    g_autoptr (GBytes) content = kairos_reading_to_bytes (reading);
    ok = kairos_sql_run (log->session->db, log->session->path, error,
                         "INSERT OR REPLACE INTO reading (run, step, probe, content) VALUES (?, ?, ?, ?)", "iitb",
                         log->run, (gint64) reading->step, reading->probe->name, content);
  }
  return kairos_session_end (log->session, ok, error);
}

static gboolean
insert_epoch (KairosRunLog *log, const KairosEpochRecord *record, GBytes *losses, GError **error)
{
  KairosSession *session = log->session;

  if (losses && !kairos_sql_run (session->db, session->path, error, "INSERT OR REPLACE INTO history VALUES (?, ?, ?)",
                                 "iib", log->run, (gint64) record->step, losses))
    return FALSE;
  return kairos_sql_run (session->db, session->path, error,
                         "INSERT OR REPLACE INTO epoch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", "iirrrrrrr", log->run,
                         (gint64) record->step, record->epoch, (double) record->train_loss,
                         (double) record->train_accuracy, (double) record->val_loss, (double) record->val_accuracy,
                         record->images_per_second, record->seconds);
}

static gboolean
insert_checkpoint (KairosRunLog *log, guint64 step, double epoch, gboolean pinned, GBytes *checkpoint, GError **error)
{
  /* A pinned one stays pinned when a later one takes its place. */
  return kairos_sql_run (log->session->db, log->session->path, error,
                         "INSERT OR REPLACE INTO checkpoint (run, step, epoch, bytes, content, pinned) VALUES (?1, ?2, "
                         "?3, ?4, ?5, max (?6,"
                         " ifnull ((SELECT pinned FROM checkpoint WHERE run = ?1 AND step = ?2), 0)))",
                         "iiribi", log->run, (gint64) step, epoch, (gint64) g_bytes_get_size (checkpoint), checkpoint,
                         (gint64) (pinned != FALSE));
}

/* It is under way (again); what a test said of earlier weights is not so any more. */
static gboolean
note_under_way (KairosRunLog *log, GError **error)
{
  return kairos_sql_run (log->session->db, log->session->path, error,
                         "UPDATE run SET state = 0, test_accuracy = NULL, weights = NULL WHERE id = ?", "i", log->run);
}

/* Which of the run's own checkpoints that may go at all goes first when one more comes at an epoch. */
static guint
find_dispensable (GArray *infos, double newest)
{
  double least = INFINITY;
  guint found = 0;

  for (guint i = 0; i < infos->len; i++) {
    double before = i > 0 ? g_array_index (infos, KairosCheckpointInfo, i - 1).epoch : 0;
    double after = i + 1 < infos->len ? g_array_index (infos, KairosCheckpointInfo, i + 1).epoch : newest;
    double gap = (after - before) / MAX (newest - before, 1e-9);
    if (gap < least) {
      least = gap;
      found = i;
    }
  }
  return found;
}

/* Before one more is added, so that its pages are those of the ones that go: the file does not grow meanwhile. */
static gboolean
thin (KairosRunLog *log, guint64 step, double epoch, GError **error)
{
  KairosSession *session = log->session;
  g_autoptr (GArray) infos = kairos_session_get_dispensable (session, log->run, step, error);

  if (!infos)
    return FALSE;
  while (infos->len > 0 && infos->len + 1 > (guint) log->plan.config->checkpoints) {
    guint goes = find_dispensable (infos, epoch);
    if (!kairos_sql_run (session->db, session->path, error, "DELETE FROM checkpoint WHERE id = ?", "i",
                         g_array_index (infos, KairosCheckpointInfo, goes).id))
      return FALSE;
    g_array_remove_index (infos, goes);
  }
  return TRUE;
}

gboolean
kairos_run_log_append_epoch (KairosRunLog *log, const KairosEpochRecord *record, const KairosStepRecord *steps,
                             guint n_steps, GBytes *losses, GBytes *checkpoint, GError **error)
{
  if (!kairos_session_begin (log->session, error))
    return FALSE;
  gboolean ok = insert_steps (log, steps, n_steps, error) && insert_epoch (log, record, losses, error) &&
                thin (log, record->step, record->epoch, error) &&
                insert_checkpoint (log, record->step, record->epoch, FALSE, checkpoint, error) &&
                note_under_way (log, error);
  return kairos_session_end (log->session, ok, error);
}

gboolean
kairos_run_log_append_checkpoint (KairosRunLog *log, guint64 step, double epoch, gboolean pinned,
                                  const KairosStepRecord *steps, guint n_steps, GBytes *checkpoint, GError **error)
{
  if (!kairos_session_begin (log->session, error))
    return FALSE;
  gboolean ok = insert_steps (log, steps, n_steps, error) && thin (log, step, epoch, error) &&
                insert_checkpoint (log, step, epoch, pinned, checkpoint, error);
  return kairos_session_end (log->session, ok, error);
}

gboolean
kairos_run_log_finish (KairosRunLog *log, double accuracy, const char *weights, gboolean finished, GError **error)
{
  return kairos_sql_run (log->session->db, log->session->path, error,
                         "UPDATE run SET state = ?, test_accuracy = ?, weights = ? WHERE id = ?", "irti",
                         (gint64) (finished != FALSE), accuracy, weights, log->run);
}

/* ---- Going back ---- */

static gboolean
is_anything_after (KairosRunLog *log, guint64 step, gboolean *is, GError **error)
{
  gint64 n;
  gboolean ok = kairos_sql_int (log->session->db, log->session->path, &n, error,
                                "SELECT (SELECT count (*) FROM step WHERE run = ?1 AND last > ?2) +"
                                " (SELECT count (*) FROM epoch WHERE run = ?1 AND step > ?2) +"
                                " (SELECT count (*) FROM reading WHERE run = ?1 AND step > ?2) +"
                                " (SELECT count (*) FROM checkpoint WHERE run = ?1 AND step > ?2) + (SELECT fork_step "
                                "> ?2 FROM run WHERE id = ?1)",
                                "ii", log->run, (gint64) step);

  *is = n > 0;
  return ok;
}

static gboolean
remove_after (KairosRunLog *log, gint64 step, GError **error)
{
  static const char *const statements[] = {
    "DELETE FROM step WHERE run = ? AND first > ?",
    "DELETE FROM epoch WHERE run = ? AND step > ?",
    "DELETE FROM history WHERE run = ? AND step > ?",
    "DELETE FROM reading WHERE run = ? AND step > ?",
    "DELETE FROM checkpoint WHERE run = ? AND step > ?",
    /* Back before the run's own beginning: it branches from there now. */
    "UPDATE run SET fork_epoch = fork_epoch * ?2 / fork_step, fork_step = ?2 WHERE id = ?1 AND fork_step > ?2",
  };
  KairosSession *session = log->session;

  if (!kairos_session_split_steps (session, log->run, step, error) ||
      !kairos_session_bequeath (session, log->run, step, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    if (!kairos_sql_run (session->db, session->path, error, statements[i], "ii", log->run, step))
      return FALSE;
  return note_under_way (log, error);
}

gboolean
kairos_run_log_truncate (KairosRunLog *log, guint64 step, GError **error)
{
  gboolean is;

  if (!is_anything_after (log, step, &is, error))
    return FALSE;
  if (!is)
    return TRUE;
  if (!kairos_session_begin (log->session, error))
    return FALSE;
  return kairos_session_end (log->session, remove_after (log, (gint64) step, error), error);
}

gboolean
kairos_run_log_go_back (KairosRunLog *log, guint64 step, const KairosConfig *config, GArray *changes, GError **error)
{
  if (!kairos_session_begin (log->session, error))
    return FALSE;
  gboolean ok =
      remove_after (log, (gint64) step, error) && write_plan (log, config, changes, log->plan.timeline, error);
  if (!kairos_session_end (log->session, ok, error))
    return FALSE;
  adopt_plan (log, config, changes, log->plan.timeline);
  return TRUE;
}

/* ---- Reading ---- */

GArray *
kairos_run_log_get_steps (KairosRunLog *log, GError **error)
{
  return kairos_session_get_steps (log->session, log->run, error);
}

GArray *
kairos_run_log_get_epochs (KairosRunLog *log, GError **error)
{
  return kairos_session_get_epochs (log->session, log->run, error);
}

/* A reading of a probe from a later version is passed over: the file may have been trained on there. */
static gboolean
take_reading (GPtrArray *readings, sqlite3_stmt *row, const char *path, GError **error)
{
  g_autoptr (GBytes) content = NULL;
  g_autoptr (GError) problem = NULL;
  KairosReading *reading;

  if (!kairos_sql_copy_bytes (row, 0, path, &content, error))
    return FALSE;
  reading = kairos_reading_from_bytes (content, &problem);
  if (reading)
    g_ptr_array_add (readings, reading);
  else if (!g_error_matches (problem, KAIROS_ERROR, KAIROS_ERROR_MISSING))
    g_propagate_prefixed_error (error, g_steal_pointer (&problem), "%s: ", path);
  return reading || problem;
}

GPtrArray *
kairos_run_log_get_readings (KairosRunLog *log, GError **error)
{
  KairosSession *session = log->session;
  g_autoptr (GArray) way = kairos_session_lineage (session, log->run, error);
  g_autoptr (GPtrArray) readings = g_ptr_array_new_with_free_func ((GDestroyNotify) kairos_reading_unref);

  for (guint i = 0; way && i < way->len; i++) {
    const KairosStretch *stretch = &g_array_index (way, KairosStretch, i);
    g_autoptr (sqlite3_stmt) row =
        kairos_sql_prepare (session->db, session->path, error,
                            "SELECT content FROM reading WHERE run = ? AND step <= ? ORDER BY step", "ii", stretch->run,
                            stretch->last);
    KairosRead read = row ? kairos_sql_row (row, session->path, error) : KAIROS_READ_FAILED;
    for (; read == KAIROS_READ_FOUND; read = kairos_sql_row (row, session->path, error))
      if (!take_reading (readings, row, session->path, error))
        return NULL;
    if (read == KAIROS_READ_FAILED)
      return NULL;
  }
  return way ? g_steal_pointer (&readings) : NULL;
}

gboolean
kairos_run_log_load_history (KairosRunLog *log, KairosFacts *facts, guint64 steps_per_epoch, GError **error)
{
  KairosSession *session = log->session;
  g_autoptr (GArray) way = kairos_session_lineage (session, log->run, error);
  guint ended = kairos_facts_get_ended (facts);

  for (guint i = 0; way && i < way->len; i++) {
    const KairosStretch *stretch = &g_array_index (way, KairosStretch, i);
    g_autoptr (sqlite3_stmt) row = kairos_sql_prepare (session->db, session->path, error,
                                                       "SELECT step, losses FROM history WHERE run = ? AND step <= ?",
                                                       "ii", stretch->run, stretch->last);
    KairosRead read = row ? kairos_sql_row (row, session->path, error) : KAIROS_READ_FAILED;
    for (; read == KAIROS_READ_FOUND; read = kairos_sql_row (row, session->path, error)) {
      guint64 epoch = (guint64) sqlite3_column_int64 (row, 0) / steps_per_epoch;
      g_autoptr (GBytes) losses = NULL;
      if (!kairos_sql_copy_bytes (row, 1, session->path, &losses, error))
        return FALSE;
      if (epoch > 0 && epoch <= ended && !kairos_facts_epoch_from_bytes (facts, epoch - 1, losses, error))
        return FALSE;
    }
    if (read == KAIROS_READ_FAILED)
      return FALSE;
  }
  return way != NULL;
}

/* ---- Checkpoints ---- */

GArray *
kairos_run_log_get_checkpoints (KairosRunLog *log, GError **error)
{
  return kairos_session_get_checkpoints (log->session, log->run, error);
}

KairosRead
kairos_run_log_find_checkpoint (KairosRunLog *log, double epoch, KairosCheckpointInfo *found, GError **error)
{
  g_autoptr (GArray) checkpoints = kairos_run_log_get_checkpoints (log, error);

  if (!checkpoints)
    return KAIROS_READ_FAILED;
  for (guint i = checkpoints->len; i > 0; i--) {
    const KairosCheckpointInfo *info = &g_array_index (checkpoints, KairosCheckpointInfo, i - 1);
    if (info->epoch > epoch)
      continue;
    *found = *info;
    return KAIROS_READ_FOUND;
  }
  return KAIROS_READ_ABSENT;
}

static GBytes *
load_one (KairosRunLog *log, const KairosCheckpointInfo *info, GError **error)
{
  KairosSession *session = log->session;
  g_autoptr (sqlite3_stmt) row = kairos_sql_prepare (session->db, session->path, error,
                                                     "SELECT content FROM checkpoint WHERE id = ?", "i", info->id);
  KairosRead read = row ? kairos_sql_row (row, session->path, error) : KAIROS_READ_FAILED;
  g_autoptr (GBytes) checkpoint = NULL;

  if (read == KAIROS_READ_ABSENT)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                 "%s has lost the checkpoint of epoch %g; go back to another one.", session->path, info->epoch);
  if (read != KAIROS_READ_FOUND || !kairos_sql_copy_bytes (row, 0, session->path, &checkpoint, error))
    return NULL;
  return g_steal_pointer (&checkpoint);
}

static KairosRead
load_named (KairosRunLog *log, GArray *infos, gint64 id, GBytes **checkpoint, GError **error)
{
  for (guint i = 0; i < infos->len; i++) {
    if (g_array_index (infos, KairosCheckpointInfo, i).id != id)
      continue;
    g_autoptr (GBytes) bytes = load_one (log, &g_array_index (infos, KairosCheckpointInfo, i), error);
    if (!bytes || !kairos_checkpoint_verify (bytes, error))
      return KAIROS_READ_FAILED;
    *checkpoint = g_steal_pointer (&bytes);
    return KAIROS_READ_FOUND;
  }
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
               "Run %d of %s has no checkpoint %d; it may have been thinned out, choose another.", (int) log->run,
               log->session->path, (int) id);
  return KAIROS_READ_FAILED;
}

/* Only what its checksum calls damaged is passed over; that it could not be read says nothing about it. */
static KairosRead
load_newest (KairosRunLog *log, GArray *infos, GBytes **checkpoint, char **warning, GError **error)
{
  double damaged = NAN;

  for (guint i = infos->len; i > 0; i--) {
    const KairosCheckpointInfo *info = &g_array_index (infos, KairosCheckpointInfo, i - 1);
    g_autoptr (GBytes) bytes = load_one (log, info, error);
    g_autoptr (GError) problem = NULL;
    if (!bytes)
      return KAIROS_READ_FAILED;
    if (kairos_checkpoint_verify (bytes, &problem)) {
      if (!isnan (damaged) && warning)
        *warning =
            g_strdup_printf ("%s: the checkpoint of epoch %g is damaged; training goes on from that of epoch %g.",
                             log->session->path, damaged, info->epoch);
      *checkpoint = g_steal_pointer (&bytes);
      return KAIROS_READ_FOUND;
    }
    if (!g_error_matches (problem, KAIROS_ERROR, KAIROS_ERROR_FORMAT)) {
      g_propagate_error (error, g_steal_pointer (&problem));
      return KAIROS_READ_FAILED;
    }
    damaged = isnan (damaged) ? info->epoch : damaged;
  }
  if (isnan (damaged))
    return KAIROS_READ_ABSENT;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
               "All checkpoints of run %d of %s are damaged; use a copy of the file from before, or restart the run.",
               (int) log->run, log->session->path);
  return KAIROS_READ_FAILED;
}

KairosRead
kairos_run_log_load_checkpoint (KairosRunLog *log, gint64 id, GBytes **checkpoint, char **warning, GError **error)
{
  g_autoptr (GArray) infos = kairos_run_log_get_checkpoints (log, error);

  *checkpoint = NULL;
  if (warning)
    *warning = NULL;
  if (!infos)
    return KAIROS_READ_FAILED;
  return id ? load_named (log, infos, id, checkpoint, error) : load_newest (log, infos, checkpoint, warning, error);
}
