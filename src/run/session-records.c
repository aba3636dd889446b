/* SPDX-License-Identifier: MIT */

/* The records of the runs, as they stand in the tables: step records as bytes, and what a run has of its own and from
 * those it branched from.
 *
 * A step record is 32 bytes, little-endian: step u64, epoch f64, loss f32, accuracy f32, learning rate f32, n u32.
 */
#include "session-private.h"

#include "src/base/bytes.h"

enum { RECORD = 32 };

/* ---- Step records as bytes ---- */

static void
pack (guint8 *at, const KairosStepRecord *record)
{
  kairos_set_u64 (at, record->step);
  kairos_set_f64 (at + 8, record->epoch);
  kairos_set_f32 (at + 16, record->loss);
  kairos_set_f32 (at + 20, record->accuracy);
  kairos_set_f32 (at + 24, record->learning_rate);
  kairos_set_u32 (at + 28, record->n);
}

static KairosStepRecord
unpack (const guint8 *at)
{
  return (KairosStepRecord){
    .step = kairos_get_u64 (at),
    .epoch = kairos_get_f64 (at + 8),
    .loss = kairos_get_f32 (at + 16),
    .accuracy = kairos_get_f32 (at + 20),
    .learning_rate = kairos_get_f32 (at + 24),
    .n = (int) kairos_get_u32 (at + 28),
  };
}

GBytes *
kairos_steps_to_bytes (const KairosStepRecord *records, guint n)
{
  guint8 *content = g_malloc ((gsize) n * RECORD);

  for (guint i = 0; i < n; i++)
    pack (content + (gsize) i * RECORD, &records[i]);
  return g_bytes_new_take (content, (gsize) n * RECORD);
}

gboolean
kairos_session_split_steps (KairosSession *session, gint64 run, gint64 step, GError **error)
{
  g_autoptr (sqlite3_stmt) row =
      kairos_sql_prepare (session->db, session->path, error,
                          "SELECT first, last, records FROM step WHERE run = ? AND first <= ? AND last > ?", "iii", run,
                          step, step);
  KairosRead read = row ? kairos_sql_row (row, session->path, error) : KAIROS_READ_FAILED;
  g_autoptr (GBytes) all = NULL;

  if (read != KAIROS_READ_FOUND)
    return read == KAIROS_READ_ABSENT;
  gint64 first = sqlite3_column_int64 (row, 0), last = sqlite3_column_int64 (row, 1);
  if (!kairos_sql_copy_bytes (row, 2, session->path, &all, error))
    return FALSE;
  gsize size = g_bytes_get_size (all), at = MIN (size, (gsize) (step - first + 1) * RECORD);
  g_autoptr (GBytes) head = g_bytes_new_from_bytes (all, 0, at), tail = g_bytes_new_from_bytes (all, at, size - at);
  return kairos_sql_run (session->db, session->path, error,
                         "UPDATE step SET last = ?, records = ? WHERE run = ? AND first = ?", "ibii", step, head, run,
                         first) &&
         kairos_sql_run (session->db, session->path, error,
                         "INSERT OR REPLACE INTO step (run, first, last, records) VALUES (?, ?, ?, ?)", "iiib", run,
                         step + 1, last, tail);
}

/* ---- Reading ---- */

typedef void (*AddFunc) (GArray *array, sqlite3_stmt *row, gint64 last);

/* All rows of a query on a run up to a step, each turned into elements by add. */
static gboolean
collect (KairosSession *session, const char *sql, gint64 run, gint64 last, AddFunc add, GArray *array, GError **error)
{
  g_autoptr (sqlite3_stmt) row = kairos_sql_prepare (session->db, session->path, error, sql, "ii", run, last);
  KairosRead read = row ? kairos_sql_row (row, session->path, error) : KAIROS_READ_FAILED;

  while (read == KAIROS_READ_FOUND) {
    add (array, row, last);
    read = kairos_sql_row (row, session->path, error);
  }
  return read == KAIROS_READ_ABSENT;
}

/* The same along the whole way of a run. */
static GArray *
collect_way (KairosSession *session, gint64 run, const char *sql, gsize element_size, AddFunc add, GError **error)
{
  g_autoptr (GArray) way = kairos_session_lineage (session, run, error);
  g_autoptr (GArray) array = g_array_new (FALSE, TRUE, element_size);

  for (guint i = 0; way && i < way->len; i++) {
    const KairosStretch *stretch = &g_array_index (way, KairosStretch, i);
    if (!collect (session, sql, stretch->run, stretch->last, add, array, error))
      return NULL;
  }
  return way ? g_steal_pointer (&array) : NULL;
}

static void
add_steps (GArray *array, sqlite3_stmt *row, gint64 last)
{
  const guint8 *content = sqlite3_column_blob (row, 0);
  guint n = content ? sqlite3_column_bytes (row, 0) / RECORD : 0;

  for (guint i = 0; i < n; i++) {
    const KairosStepRecord record = unpack (content + (gsize) i * RECORD);
    if (record.step <= (guint64) last)
      g_array_append_val (array, record);
  }
}

GArray *
kairos_session_get_steps (KairosSession *session, gint64 run, GError **error)
{
  return collect_way (session, run, "SELECT records FROM step WHERE run = ? AND first <= ? ORDER BY first",
                      sizeof (KairosStepRecord), add_steps, error);
}

static void
add_epoch (GArray *array, sqlite3_stmt *row, gint64 last)
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
  return collect_way (session, run,
                      "SELECT step, epoch, train_loss, train_accuracy, val_loss, val_accuracy, images_per_second,"
                      " seconds FROM epoch WHERE run = ? AND step <= ? ORDER BY step",
                      sizeof (KairosEpochRecord), add_epoch, error);
}

static void
add_checkpoint (GArray *array, sqlite3_stmt *row, gint64 last)
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
  return collect_way (session, run,
                      "SELECT id, step, epoch, bytes, pinned FROM checkpoint WHERE run = ? AND step <= ? ORDER BY step",
                      sizeof (KairosCheckpointInfo), add_checkpoint, error);
}

GArray *
kairos_session_get_dispensable (KairosSession *session, gint64 run, guint64 step, GError **error)
{
  g_autoptr (GArray) infos = g_array_new (FALSE, TRUE, sizeof (KairosCheckpointInfo));

  return collect (session,
                  "SELECT id, step, epoch, bytes, pinned FROM checkpoint WHERE run = ?1 AND step != ?2"
                  " AND pinned = 0 AND step NOT IN (SELECT fork_step FROM run WHERE parent = ?1) ORDER BY step",
                  run, (gint64) step, add_checkpoint, infos, error)
             ? g_steal_pointer (&infos)
             : NULL;
}
