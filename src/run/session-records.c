/* SPDX-License-Identifier: MIT */

/* The session's runs, metrics, checkpoints and notes.
 *
 * A step record is 32 bytes, little-endian: step u64, epoch f64, loss f32, accuracy f32, learning rate f32, n u32.
 *
 * Thinning.  Of the checkpoints of a run these stay: the newest three, the oldest, the pinned, and of each age range
 * [2^k, 2^(k+1)) epochs before the newest the oldest.  So their number grows with the logarithm of the run's length,
 * and close to the present they lie close.
 */
#include "session-private.h"

#include <math.h>
#include <string.h>

#include "checkpoint.h"

enum { RECORD = 32, NEWEST_KEPT = 3 };

/* ---- Step records as bytes ---- */

static void
put_u32 (guint8 *at, gconstpointer value)
{
  guint32 word;

  memcpy (&word, value, sizeof word);
  word = GUINT32_TO_LE (word);
  memcpy (at, &word, sizeof word);
}

static void
put_u64 (guint8 *at, gconstpointer value)
{
  guint64 word;

  memcpy (&word, value, sizeof word);
  word = GUINT64_TO_LE (word);
  memcpy (at, &word, sizeof word);
}

/* The exchange of bytes is its own inverse, so reading is putting the other way round. */
static void
pack (guint8 *at, const KairosStepRecord *record)
{
  put_u64 (at, &record->step);
  put_u64 (at + 8, &record->epoch);
  put_u32 (at + 16, &record->loss);
  put_u32 (at + 20, &record->accuracy);
  put_u32 (at + 24, &record->learning_rate);
  put_u32 (at + 28, &record->n);
}

static void
unpack (const guint8 *at, KairosStepRecord *record)
{
  put_u64 ((guint8 *) &record->step, at);
  put_u64 ((guint8 *) &record->epoch, at + 8);
  put_u32 ((guint8 *) &record->loss, at + 16);
  put_u32 ((guint8 *) &record->accuracy, at + 20);
  put_u32 ((guint8 *) &record->learning_rate, at + 24);
  put_u32 ((guint8 *) &record->n, at + 28);
}

/* ---- Runs ---- */

#define INSERT_RUN "INSERT INTO run (started) VALUES (strftime ('%Y-%m-%dT%H:%M:%SZ', 'now'))"

gint64
kairos_session_get_run (KairosSession *session)
{
  gint64 run = kairos_sql_int (session->db, session->path, NULL, "SELECT max (id) FROM run", "");

  return run > 0 ? run : session->run;
}

gint64
kairos_session_begin_run (KairosSession *session, GError **error)
{
  if (!kairos_sql_run (session->db, session->path, error, INSERT_RUN, ""))
    return 0;
  gint64 before = session->run;
  session->run = sqlite3_last_insert_rowid (session->db);
  /* The timeline goes on to the new run: what was done by hand is done again. */
  kairos_sql_run (session->db, session->path, NULL,
                  "INSERT INTO note SELECT ?, name, value FROM note WHERE run = ? AND name = 'timeline'", "ii",
                  session->run, before);
  return session->run;
}

/* ---- Writing ---- */

static gboolean
insert_steps (KairosSession *session, const KairosStepRecord *records, guint n, GError **error)
{
  if (n == 0)
    return TRUE;
  guint8 *content = g_malloc ((gsize) n * RECORD);
  for (guint i = 0; i < n; i++)
    pack (content + (gsize) i * RECORD, &records[i]);
  g_autoptr (GBytes) bytes = g_bytes_new_take (content, (gsize) n * RECORD);
  return kairos_sql_run (session->db, session->path, error,
                         "INSERT OR REPLACE INTO step (run, first, last, records) VALUES (?, ?, ?, ?)", "iiib",
                         session->run, (gint64) records[0].step, (gint64) records[n - 1].step, bytes);
}

gboolean
kairos_session_append_steps (KairosSession *session, const KairosStepRecord *records, guint n, GError **error)
{
  return insert_steps (session, records, n, error);
}

static gboolean
insert_epoch (KairosSession *session, const KairosEpochRecord *record, GError **error)
{
  return kairos_sql_run (session->db, session->path, error,
                         "INSERT OR REPLACE INTO epoch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", "iirrrrrrr", session->run,
                         (gint64) record->step, record->epoch, (double) record->train_loss,
                         (double) record->train_accuracy, (double) record->val_loss, (double) record->val_accuracy,
                         record->images_per_second, record->seconds);
}

static gboolean
insert_checkpoint (KairosSession *session, guint64 step, double epoch, gboolean pinned, GBytes *checkpoint,
                   GError **error)
{
  /* A pinned one stays pinned when a later one takes its place. */
  return kairos_sql_run (session->db, session->path, error,
                         "INSERT OR REPLACE INTO checkpoint (run, step, epoch, bytes, content, pinned)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, max (?6, ifnull ((SELECT pinned FROM checkpoint WHERE run = ?1 "
                         "AND step = ?2), 0)))",
                         "iiribi", session->run, (gint64) step, epoch, (gint64) g_bytes_get_size (checkpoint),
                         checkpoint, (gint64) (pinned != FALSE));
}

/* The k of the age range [2^k, 2^(k+1)) epochs. */
static int
age_range (double newest, double epoch)
{
  double age = newest - epoch;

  return age > 0 ? ilogb (age) : G_MININT;
}

/* infos: of one run, oldest first. */
static gboolean
is_kept (const KairosCheckpointInfo *infos, guint n, guint i)
{
  double newest = infos[n - 1].epoch;

  if (i == 0 || i + NEWEST_KEPT >= n || infos[i].pinned)
    return TRUE;
  return age_range (newest, infos[i].epoch) != age_range (newest, infos[i - 1].epoch);
}

static gboolean
thin (KairosSession *session, GError **error)
{
  g_autoptr (GArray) list = kairos_session_get_checkpoints (session, session->run, error);

  if (!list)
    return FALSE;
  const KairosCheckpointInfo *infos = (const KairosCheckpointInfo *) list->data;
  for (guint i = 0; i < list->len; i++)
    if (!is_kept (infos, list->len, i) &&
        !kairos_sql_run (session->db, session->path, error, "DELETE FROM checkpoint WHERE id = ?", "i", infos[i].id))
      return FALSE;
  return TRUE;
}

gboolean
kairos_session_append_epoch (KairosSession *session, const KairosEpochRecord *record, const KairosStepRecord *steps,
                             guint n_steps, GBytes *checkpoint, GError **error)
{
  if (!kairos_session_begin (session, error))
    return FALSE;
  gboolean ok = insert_steps (session, steps, n_steps, error) && insert_epoch (session, record, error) &&
                insert_checkpoint (session, record->step, record->epoch, FALSE, checkpoint, error) &&
                thin (session, error);
  return kairos_session_end (session, ok, error);
}

gboolean
kairos_session_append_checkpoint (KairosSession *session, guint64 step, double epoch, gboolean pinned,
                                  GBytes *checkpoint, GError **error)
{
  if (!kairos_session_begin (session, error))
    return FALSE;
  gboolean ok = insert_checkpoint (session, step, epoch, pinned, checkpoint, error) && thin (session, error);
  return kairos_session_end (session, ok, error);
}

/* ---- Going back ---- */

/* Shortens the chunk that reaches beyond step. */
static gboolean
cut_chunk (KairosSession *session, guint64 step, GError **error)
{
  GError *problem = NULL;
  g_autoptr (sqlite3_stmt) row =
      kairos_sql_prepare (session->db, session->path, &problem,
                          "SELECT first, records FROM step WHERE run = ? AND first <= ? AND last > ?", "iii",
                          session->run, (gint64) step, (gint64) step);
  gboolean found = row && kairos_sql_row (row, session->path, &problem);

  if (problem) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  if (!found)
    return TRUE;
  gint64 first = sqlite3_column_int64 (row, 0);
  g_autoptr (GBytes) all = kairos_sql_bytes (row, 1);
  gsize size = MIN (g_bytes_get_size (all), (gsize) (step - first + 1) * RECORD);
  g_autoptr (GBytes) part = g_bytes_new_from_bytes (all, 0, size);
  return kairos_sql_run (session->db, session->path, error,
                         "UPDATE step SET last = ?, records = ? WHERE run = ? AND first = ?", "ibii", (gint64) step,
                         part, session->run, first);
}

gboolean
kairos_session_truncate (KairosSession *session, guint64 step, GError **error)
{
  static const char *const statements[] = {
    "DELETE FROM step WHERE run = ? AND first > ?",
    "DELETE FROM epoch WHERE run = ? AND step > ?",
    "DELETE FROM checkpoint WHERE run = ? AND step > ?",
  };
  gboolean ok = kairos_session_begin (session, error);

  if (!ok)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    ok = ok && kairos_sql_run (session->db, session->path, error, statements[i], "ii", session->run, (gint64) step);
  ok = ok && cut_chunk (session, step, error);
  return kairos_session_end (session, ok, error);
}

/* ---- Branching ----
 *
 * A branch has all records of the way that led to it, but of the checkpoints, which are large, only the one that it
 * goes on from.  Those before it are found in the run that the note names, "RUN STEP", up to that step.  Runs that are
 * not the current one do not change any more.
 */

#define BRANCHED_FROM "branched-from"

/* session->run is the new run, whose rows are still to be made. */
static gboolean
copy_run (KairosSession *session, gint64 from, guint64 step, GError **error)
{
  static const char *const statements[] = {
    "INSERT INTO step (run, first, last, records) SELECT ?1, first, last, records FROM step WHERE run = ?2 AND first "
    "<= ?3",
    "INSERT INTO epoch SELECT ?1, step, epoch, train_loss, train_accuracy, val_loss, val_accuracy, images_per_second, "
    "seconds FROM epoch"
    " WHERE run = ?2 AND step <= ?3",
    "INSERT INTO checkpoint (run, step, epoch, bytes, content, pinned) SELECT ?1, step, epoch, bytes, content, pinned "
    "FROM checkpoint"
    " WHERE run = ?2 AND step = ?3",
  };
  g_autofree char *parent = g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GUINT64_FORMAT, from, step);

  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    if (!kairos_sql_run (session->db, session->path, error, statements[i], "iii", session->run, from, (gint64) step))
      return FALSE;
  return cut_chunk (session, step, error) &&
         kairos_sql_run (session->db, session->path, error,
                         "INSERT INTO note SELECT ?1, name, value FROM note WHERE run = ?2 AND name IN ('timeline', "
                         "'initial-config', 'changes')",
                         "ii", session->run, from) &&
         kairos_session_set_note (session, BRANCHED_FROM, parent, error);
}

gint64
kairos_session_branch_run (KairosSession *session, guint64 step, GError **error)
{
  gint64 before = session->run;

  if (!kairos_session_begin (session, error))
    return 0;
  gboolean ok = kairos_sql_run (session->db, session->path, error, INSERT_RUN, "");
  if (ok)
    session->run = sqlite3_last_insert_rowid (session->db);
  if (kairos_session_end (session, ok && copy_run (session, before, step, error), error))
    return session->run;
  session->run = before;
  return 0;
}

/* ---- Reading ---- */

/* All rows of a query on one run, each turned into an array's elements by add; NULL with error. */
static GArray *
collect (KairosSession *session, gint64 run, const char *sql, gsize element_size,
         void (*add) (GArray *, sqlite3_stmt *), GError **error)
{
  GError *problem = NULL;
  g_autoptr (GArray) array = g_array_new (FALSE, TRUE, element_size);
  g_autoptr (sqlite3_stmt) row = kairos_sql_prepare (session->db, session->path, &problem, sql, "i", run);

  while (row && kairos_sql_row (row, session->path, &problem))
    add (array, row);
  if (!problem)
    return g_steal_pointer (&array);
  g_propagate_error (error, problem);
  return NULL;
}

static void
add_steps (GArray *array, sqlite3_stmt *row)
{
  const guint8 *content = sqlite3_column_blob (row, 0);
  guint n = sqlite3_column_bytes (row, 0) / RECORD;

  for (guint i = 0; i < n; i++) {
    KairosStepRecord record;
    unpack (content + (gsize) i * RECORD, &record);
    g_array_append_val (array, record);
  }
}

GArray *
kairos_session_get_steps (KairosSession *session, gint64 run, GError **error)
{
  return collect (session, run, "SELECT records FROM step WHERE run = ? ORDER BY first", sizeof (KairosStepRecord),
                  add_steps, error);
}

static void
add_epoch (GArray *array, sqlite3_stmt *row)
{
  const KairosEpochRecord record = {
    .step = sqlite3_column_int64 (row, 0),
    .epoch = kairos_sql_real (row, 1),
    .train_loss = kairos_sql_real (row, 2),
    .train_accuracy = kairos_sql_real (row, 3),
    .val_loss = kairos_sql_real (row, 4),
    .val_accuracy = kairos_sql_real (row, 5),
    .images_per_second = kairos_sql_real (row, 6),
    .seconds = kairos_sql_real (row, 7),
  };

  g_array_append_val (array, record);
}

GArray *
kairos_session_get_epochs (KairosSession *session, gint64 run, GError **error)
{
  return collect (
      session, run,
      "SELECT step, epoch, train_loss, train_accuracy, val_loss, val_accuracy, images_per_second, seconds FROM epoch"
      " WHERE run = ? ORDER BY step",
      sizeof (KairosEpochRecord), add_epoch, error);
}

static void
add_checkpoint (GArray *array, sqlite3_stmt *row)
{
  const KairosCheckpointInfo info = {
    .id = sqlite3_column_int64 (row, 0),
    .step = sqlite3_column_int64 (row, 1),
    .epoch = kairos_sql_real (row, 2),
    .bytes = sqlite3_column_int64 (row, 3),
    .pinned = sqlite3_column_int (row, 4),
  };

  g_array_append_val (array, info);
}

GArray *
kairos_session_get_checkpoints (KairosSession *session, gint64 run, GError **error)
{
  return collect (session, run, "SELECT id, step, epoch, bytes, pinned FROM checkpoint WHERE run = ? ORDER BY step",
                  sizeof (KairosCheckpointInfo), add_checkpoint, error);
}

static gboolean
find_in_run (KairosSession *session, gint64 run, double epoch, guint64 last, KairosCheckpointInfo *found)
{
  g_autoptr (GArray) checkpoints = kairos_session_get_checkpoints (session, run, NULL);

  for (guint i = checkpoints ? checkpoints->len : 0; i > 0; i--) {
    const KairosCheckpointInfo *info = &g_array_index (checkpoints, KairosCheckpointInfo, i - 1);
    if (info->epoch > epoch || info->step > last)
      continue;
    *found = *info;
    return TRUE;
  }
  return FALSE;
}

gboolean
kairos_session_find_checkpoint (KairosSession *session, gint64 run, double epoch, KairosCheckpointInfo *found)
{
  guint64 last = G_MAXUINT64; /* what is later belongs to another way than ours */

  while (run > 0 && !find_in_run (session, run, epoch, last, found)) {
    g_autofree char *parent = kairos_session_get_run_note (session, run, BRANCHED_FROM);
    g_auto (GStrv) parts = g_strsplit (parent ? parent : "", " ", 2);
    gint64 before = g_strv_length (parts) == 2 ? g_ascii_strtoll (parts[0], NULL, 10) : 0;
    last = before > 0 ? MIN (last, g_ascii_strtoull (parts[1], NULL, 10)) : last;
    run = before < run ? before : 0;
  }
  return run > 0;
}

static GBytes *
load_one (KairosSession *session, gint64 id, GError **error)
{
  GError *problem = NULL;
  g_autoptr (sqlite3_stmt) row =
      kairos_sql_prepare (session->db, session->path, &problem, "SELECT content FROM checkpoint WHERE id = ?", "i", id);
  gboolean found = row && kairos_sql_row (row, session->path, &problem);
  g_autoptr (GBytes) checkpoint = found ? kairos_sql_bytes (row, 0) : NULL;

  if (!found && !problem)
    g_set_error (&problem, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                 "%s has no checkpoint %d; it may have been thinned out, choose another.", session->path, (int) id);
  if (found && !problem)
    kairos_checkpoint_verify (checkpoint, &problem);
  if (!problem)
    return g_steal_pointer (&checkpoint);
  g_propagate_error (error, problem);
  return NULL;
}

GBytes *
kairos_session_load_checkpoint (KairosSession *session, gint64 id, GError **error)
{
  if (id != 0)
    return load_one (session, id, error);
  g_autoptr (GArray) list = kairos_session_get_checkpoints (session, session->run, error);
  if (!list)
    return NULL;
  g_autoptr (GError) problem = NULL;
  for (guint i = list->len; i > 0; i--) {
    GBytes *checkpoint =
        load_one (session, g_array_index (list, KairosCheckpointInfo, i - 1).id, problem ? NULL : &problem);
    if (checkpoint)
      return checkpoint;
  }
  if (problem)
    g_propagate_error (error, g_steal_pointer (&problem));
  return NULL;
}

/* ---- Notes ---- */

gboolean
kairos_session_set_note (KairosSession *session, const char *name, const char *value, GError **error)
{
  return kairos_sql_run (session->db, session->path, error,
                         "INSERT OR REPLACE INTO note (run, name, value) VALUES (?, ?, ?)", "itt", session->run, name,
                         value);
}

char *
kairos_session_get_run_note (KairosSession *session, gint64 run, const char *name)
{
  return kairos_sql_text (session->db, session->path, NULL, "SELECT value FROM note WHERE run = ? AND name = ?", "it",
                          run, name);
}

char *
kairos_session_get_note (KairosSession *session, const char *name)
{
  return kairos_session_get_run_note (session, kairos_session_get_run (session), name);
}

/* ---- The timeline: a note in its file form ---- */

KairosTimeline *
kairos_session_load_timeline (KairosSession *session, GError **error)
{
  g_autofree char *text = kairos_session_get_note (session, "timeline");
  KairosTimeline *timeline = text ? kairos_timeline_from_text (text, -1, error) : kairos_timeline_new (0);

  if (!timeline)
    g_prefix_error (error, "%s: its timeline cannot be read: ", session->path);
  return timeline;
}

KairosTimeline *
kairos_session_get_timeline (KairosSession *session)
{
  KairosTimeline *timeline = kairos_session_load_timeline (session, NULL);

  return timeline ? timeline : kairos_timeline_new (0);
}

gboolean
kairos_session_set_timeline (KairosSession *session, KairosTimeline *timeline, GError **error)
{
  g_autofree char *text = kairos_timeline_to_text (timeline, FALSE);

  return kairos_session_set_note (session, "timeline", text, error);
}
