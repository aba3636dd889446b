/* SPDX-License-Identifier: MIT */

/* The runs of a session: which there are, what each was told, how one begins, and what becomes of those that branched
 * from it.
 *
 * LINEAGE.  A branch has the records of its parent up to and with fork_step without a copy of them, so its way leads
 * through its parent, whose way leads through its own.  Three things could change what a branch has behind its back:
 * its parent goes back to an earlier step and trains on otherwise, loses checkpoints as they age, or is deleted.  For
 * the first and the last kairos_session_bequeath() hands over what the branch has from there on: the one that goes
 * furthest takes the rows, and the others branch from that one now.  A checkpoint that a branch begins at is not
 * thinned.
 */
#include "session-private.h"

#include <math.h>

enum { LONGEST_NAME = 100, DEEPEST = 100000 };

const char *
kairos_run_state_name (KairosRunState state)
{
  static const char *const names[] = { "active", "finished", "hidden" };

  return names[state];
}

void
kairos_run_info_free (gpointer data)
{
  KairosRunInfo *info = data;

  if (!info)
    return;
  g_free (info->name);
  g_free (info->note);
  g_free (info->started);
  g_free (info->weights);
  g_free (info);
}

/* Runs a statement within a transaction of its own. */
static gboolean
change (KairosSession *session, GError **error, const char *sql, const char *format, gint64 run, const char *text)
{
  return kairos_sql_run (session->db, session->path, error, sql, format, run, text);
}

static gboolean
refuse_run (KairosSession *session, gint64 run, GError **error)
{
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
               "%s has no run %" G_GINT64_FORMAT "; \"kairosctl runs\" lists those it has.", session->path, run);
  return FALSE;
}

/* Whether there is such a run that is not deleted. */
static gboolean
check_run (KairosSession *session, gint64 run, GError **error)
{
  gint64 n;

  return kairos_sql_int (session->db, session->path, &n, error, "SELECT count (*) FROM run WHERE id = ? AND shown >= 0",
                         "i", run) &&
         (n > 0 || refuse_run (session, run, error));
}

/* ---- Its plan ---- */

void
kairos_run_plan_clear (KairosRunPlan *plan)
{
  kairos_config_free (plan->config);
  kairos_config_free (plan->initial);
  g_clear_pointer (&plan->changes, g_array_unref);
  kairos_timeline_unref (plan->timeline);
}

static KairosConfig *
read_config (KairosSession *session, const char *text, const char *spec, GError **error)
{
  KairosConfig *config = kairos_config_from_text (text ? text : "", -1, error);

  if (!config) {
    g_prefix_error (error, "%s: ", session->path);
    return NULL;
  }
  if (spec) {
    g_free (config->data);
    config->data = g_strdup (spec); /* the one place that says where the data is */
  }
  return config;
}

static gboolean
parse_plan (KairosSession *session, gint64 run, const char *const texts[4], const char *spec, KairosRunPlan *plan,
            GError **error)
{
  plan->config = read_config (session, texts[0], spec, error);
  plan->initial = plan->config && texts[1] ? read_config (session, texts[1], spec, error) : NULL;
  if (!plan->config || (texts[1] && !plan->initial))
    return FALSE;
  plan->changes = kairos_changes_from_text (texts[2] ? texts[2] : "");
  plan->timeline = kairos_timeline_from_text (texts[3] ? texts[3] : "", -1, error);
  if (!plan->timeline)
    g_prefix_error (error, "%s: the timeline of run %d cannot be read: ", session->path, (int) run);
  return plan->timeline != NULL;
}

gboolean
kairos_session_read_plan (KairosSession *session, gint64 run, KairosRunPlan *plan, GError **error)
{
  g_autofree char *spec = NULL;
  char *texts[4] = { NULL };
  g_autoptr (sqlite3_stmt) row =
      kairos_sql_prepare (session->db, session->path, error,
                          "SELECT config, initial, changes, timeline FROM run WHERE id = ? AND shown >= 0", "i", run);
  KairosRead read = row ? kairos_sql_row (row, session->path, error) : KAIROS_READ_FAILED;
  gboolean ok = read == KAIROS_READ_FOUND;

  if (read == KAIROS_READ_ABSENT)
    refuse_run (session, run, error);
  for (int i = 0; ok && i < 4; i++)
    ok = kairos_sql_copy_text (row, i, session->path, &texts[i], error);
  ok = ok &&
       kairos_sql_text (session->db, session->path, &spec, error, "SELECT spec FROM source", "") != KAIROS_READ_FAILED;
  ok = ok && parse_plan (session, run, (const char *const *) texts, spec, plan, error);
  for (int i = 0; i < 4; i++)
    g_free (texts[i]);
  return ok;
}

/* ---- Which there are ---- */

gint64
kairos_session_get_current (KairosSession *session, GError **error)
{
  gint64 run;

  if (!kairos_sql_int (session->db, session->path, &run, error, "SELECT run FROM current", ""))
    return 0;
  if (run <= 0)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "%s has lost its runs; use a copy of it from before.",
                 session->path);
  return run;
}

gboolean
kairos_session_set_current (KairosSession *session, gint64 run, GError **error)
{
  return check_run (session, run, error) &&
         change (session, error, "INSERT OR REPLACE INTO current (one, run) VALUES (1, ?)", "i", run, NULL);
}

/* What is to be known of its records.  A run whose plan cannot be read is none. */
static gboolean
add_figures (KairosSession *session, KairosRunInfo *info, GError **error)
{
  g_auto (KairosRunPlan) plan = { 0 };
  gboolean ok = kairos_session_read_plan (session, info->id, &plan, error);
  g_autoptr (GArray) epochs = ok ? kairos_session_get_epochs (session, info->id, error) : NULL;
  g_autoptr (GArray) checkpoints = epochs ? kairos_session_get_checkpoints (session, info->id, error) : NULL;

  if (!checkpoints)
    return FALSE;
  if (checkpoints->len > 0) {
    const KairosCheckpointInfo *newest = &g_array_index (checkpoints, KairosCheckpointInfo, checkpoints->len - 1);
    info->step = newest->step;
    info->epoch = newest->epoch;
  }
  for (guint i = 0; i < epochs->len; i++) {
    info->val_accuracy = g_array_index (epochs, KairosEpochRecord, i).val_accuracy;
    info->best_val_accuracy = fmaxf (info->best_val_accuracy, info->val_accuracy); /* fmaxf passes NaN over */
  }
  return TRUE;
}

static KairosRunInfo *
read_info (KairosSession *session, sqlite3_stmt *row, GError **error)
{
  KairosRunInfo *info = g_new0 (KairosRunInfo, 1);

  info->id = sqlite3_column_int64 (row, 0);
  info->parent = sqlite3_column_int64 (row, 1);
  info->fork_step = sqlite3_column_int64 (row, 2);
  info->fork_epoch = sqlite3_column_double (row, 3);
  info->state = sqlite3_column_int (row, 5) == 0 ? KAIROS_RUN_HIDDEN
                : sqlite3_column_int (row, 4)    ? KAIROS_RUN_FINISHED
                                                 : KAIROS_RUN_ACTIVE;
  info->test_accuracy = kairos_sql_real (row, 6);
  info->val_accuracy = info->best_val_accuracy = NAN;
  if (kairos_sql_copy_text (row, 7, session->path, &info->name, error) &&
      kairos_sql_copy_text (row, 8, session->path, &info->note, error) &&
      kairos_sql_copy_text (row, 9, session->path, &info->started, error) &&
      kairos_sql_copy_text (row, 10, session->path, &info->weights, error) && add_figures (session, info, error))
    return info;
  kairos_run_info_free (info);
  return NULL;
}

#define INFO                                                                                                           \
  "SELECT id, parent, fork_step, fork_epoch, state, shown, test_accuracy, name, note, started, weights FROM run"

KairosRunInfo *
kairos_session_get_run (KairosSession *session, gint64 run, GError **error)
{
  g_autoptr (sqlite3_stmt) row =
      kairos_sql_prepare (session->db, session->path, error, INFO " WHERE id = ? AND shown >= 0", "i", run);
  KairosRead read = row ? kairos_sql_row (row, session->path, error) : KAIROS_READ_FAILED;

  if (read == KAIROS_READ_ABSENT)
    refuse_run (session, run, error);
  return read == KAIROS_READ_FOUND ? read_info (session, row, error) : NULL;
}

GPtrArray *
kairos_session_get_runs (KairosSession *session, GError **error)
{
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func (kairos_run_info_free);
  g_autoptr (sqlite3_stmt) row =
      kairos_sql_prepare (session->db, session->path, error, INFO " WHERE shown >= 0 ORDER BY id", "");
  KairosRead read = row ? kairos_sql_row (row, session->path, error) : KAIROS_READ_FAILED;

  while (read == KAIROS_READ_FOUND) {
    KairosRunInfo *info = read_info (session, row, error);
    if (!info)
      return NULL;
    g_ptr_array_add (runs, info);
    read = kairos_sql_row (row, session->path, error);
  }
  return read == KAIROS_READ_ABSENT ? g_steal_pointer (&runs) : NULL;
}

/* ---- One begins ---- */

/* SQLite gives the number, and the name follows from it. */
gint64
kairos_session_insert_run (KairosSession *session, const KairosRunStart *start, GError **error)
{
  g_autofree char *config = kairos_config_to_text (start->config);
  g_autofree char *initial = start->initial ? kairos_config_to_text (start->initial) : NULL;
  g_autofree char *changes = start->changes ? kairos_changes_to_text (start->changes) : g_strdup ("");
  g_autoptr (KairosTimeline) timeline =
      start->timeline ? kairos_timeline_ref (start->timeline) : kairos_timeline_new (0);
  g_autofree char *plan = kairos_timeline_to_text (timeline, FALSE);

  if (!kairos_sql_run (
          session->db, session->path, error,
          "INSERT INTO run (name, parent, fork_step, fork_epoch, started, config, initial, changes,"
          " timeline) VALUES (ifnull (?, ''), ?, ?, ?, strftime ('%Y-%m-%dT%H:%M:%SZ', 'now'), ?, ?, ?, ?)",
          "tiirtttt", start->name, start->parent, (gint64) start->fork_step, start->fork_epoch, config, initial,
          changes, plan))
    return 0;
  gint64 run = sqlite3_last_insert_rowid (session->db);
  gboolean ok =
      change (session, error, "UPDATE run SET name = 'Run ' || id WHERE id = ? AND name = ''", "i", run, NULL) &&
      change (session, error, "INSERT OR REPLACE INTO current (one, run) VALUES (1, ?)", "i", run, NULL);
  return ok ? run : 0;
}

gint64
kairos_session_begin_run (KairosSession *session, const KairosRunStart *start, GError **error)
{
  if (!kairos_session_begin (session, error))
    return 0;
  gint64 run = start->parent == 0 || check_run (session, start->parent, error)
                   ? kairos_session_insert_run (session, start, error)
                   : 0;
  return kairos_session_end (session, run != 0, error) ? run : 0;
}

/* ---- What the person says of them ---- */

static gboolean
check_name (const char *name, GError **error)
{
  gboolean ok = g_utf8_validate (name, -1, NULL) && *name && g_utf8_strlen (name, -1) <= LONGEST_NAME;

  for (const char *at = name; ok && *at; at = g_utf8_next_char (at))
    ok = !g_unichar_iscntrl (g_utf8_get_char (at));
  if (!ok)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "A run's name has 1 to %d characters on one line; choose another name.", LONGEST_NAME);
  return ok;
}

gboolean
kairos_session_rename_run (KairosSession *session, gint64 run, const char *name, GError **error)
{
  return check_name (name, error) && check_run (session, run, error) &&
         kairos_sql_run (session->db, session->path, error, "UPDATE run SET name = ? WHERE id = ?", "ti", name, run);
}

gboolean
kairos_session_set_run_note (KairosSession *session, gint64 run, const char *note, GError **error)
{
  return check_run (session, run, error) &&
         kairos_sql_run (session->db, session->path, error, "UPDATE run SET note = ? WHERE id = ?", "ti", note, run);
}

gboolean
kairos_session_hide_run (KairosSession *session, gint64 run, gboolean hide, GError **error)
{
  return check_run (session, run, error) &&
         kairos_sql_run (session->db, session->path, error, "UPDATE run SET shown = ? WHERE id = ?", "ii",
                         (gint64) !hide, run);
}

/* ---- Deleting ---- */

/* Where the current run is going away: its parent, else the newest other. */
static gboolean
move_current (KairosSession *session, gint64 run, GError **error)
{
  gint64 current, next;

  if (!kairos_sql_int (session->db, session->path, &current, error, "SELECT run FROM current", "") ||
      !kairos_sql_int (session->db, session->path, &next, error,
                       "SELECT id FROM run WHERE id != ?1 AND shown >= 0"
                       " ORDER BY id = (SELECT parent FROM run WHERE id = ?1) DESC, id DESC LIMIT 1",
                       "i", run))
    return FALSE;
  if (next == 0) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "%s has no other run; begin another one before this is deleted.", session->path);
    return FALSE;
  }
  return current != run || change (session, error, "UPDATE current SET run = ?", "i", next, NULL);
}

gboolean
kairos_session_delete_run (KairosSession *session, gint64 run, gboolean delete, GError **error)
{
  if (!delete)
    return change (session, error, "UPDATE run SET shown = 1 WHERE id = ? AND shown < 0", "i", run, NULL);
  if (!kairos_session_begin (session, error))
    return FALSE;
  gboolean ok = check_run (session, run, error) && move_current (session, run, error) &&
                change (session, error, "UPDATE run SET shown = -1 WHERE id = ?", "i", run, NULL);
  return kairos_session_end (session, ok, error);
}

static gboolean
purge_one (KairosSession *session, gint64 run, GError **error)
{
  static const char *const statements[] = {
    "DELETE FROM step WHERE run = ?",       "DELETE FROM epoch WHERE run = ?",   "DELETE FROM history WHERE run = ?",
    "DELETE FROM checkpoint WHERE run = ?", "DELETE FROM reading WHERE run = ?", "DELETE FROM run WHERE id = ?",
  };

  if (!kairos_session_bequeath (session, run, -1, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    if (!change (session, error, statements[i], "i", run, NULL))
      return FALSE;
  return TRUE;
}

gboolean
kairos_session_purge_runs (KairosSession *session, GError **error)
{
  gint64 run;

  if (!kairos_session_begin (session, error))
    return FALSE;
  gboolean ok;
  do {
    ok = kairos_sql_int (session->db, session->path, &run, error, "SELECT id FROM run WHERE shown < 0 LIMIT 1", "") &&
         (run == 0 || purge_one (session, run, error));
  } while (ok && run != 0);
  return kairos_session_end (session, ok, error);
}

/* ---- Lineage ---- */

/* The parent of a run and where it left it. */
static gboolean
read_fork (KairosSession *session, gint64 run, gint64 *parent, gint64 *step, GError **error)
{
  g_autoptr (sqlite3_stmt) row = kairos_sql_prepare (session->db, session->path, error,
                                                     "SELECT parent, fork_step FROM run WHERE id = ?", "i", run);
  KairosRead read = row ? kairos_sql_row (row, session->path, error) : KAIROS_READ_FAILED;

  if (read == KAIROS_READ_ABSENT)
    refuse_run (session, run, error);
  if (read != KAIROS_READ_FOUND)
    return FALSE;
  *parent = sqlite3_column_int64 (row, 0);
  *step = sqlite3_column_int64 (row, 1);
  return TRUE;
}

GArray *
kairos_session_lineage (KairosSession *session, gint64 run, GError **error)
{
  g_autoptr (GArray) way = g_array_new (FALSE, FALSE, sizeof (KairosStretch));
  gint64 last = G_MAXINT64;

  while (run > 0 && way->len < DEEPEST) {
    const KairosStretch stretch = { run, last };
    gint64 fork;
    g_array_prepend_val (way, stretch);
    if (!read_fork (session, run, &run, &fork, error))
      return NULL;
    last = MIN (last, fork);
  }
  if (run == 0)
    return g_steal_pointer (&way);
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
               "%s is damaged: its runs branch from one another in a circle; use a copy of it from before.",
               session->path);
  return NULL;
}

/* The rows of a run in (after, last] as another's. */
static gboolean
hand_over (KairosSession *session, gint64 run, gint64 heir, gint64 after, gint64 last, GError **error)
{
  static const char *const statements[] = {
    "UPDATE step SET run = ?1 WHERE run = ?2 AND first > ?3 AND first <= ?4",
    "UPDATE epoch SET run = ?1 WHERE run = ?2 AND step > ?3 AND step <= ?4",
    "UPDATE history SET run = ?1 WHERE run = ?2 AND step > ?3 AND step <= ?4",
    "UPDATE checkpoint SET run = ?1 WHERE run = ?2 AND step > ?3 AND step <= ?4",
    "UPDATE reading SET run = ?1 WHERE run = ?2 AND step > ?3 AND step <= ?4",
  };

  if (!kairos_session_split_steps (session, run, after, error) ||
      !kairos_session_split_steps (session, run, last, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    if (!kairos_sql_run (session->db, session->path, error, statements[i], "iiii", heir, run, after, last))
      return FALSE;
  return TRUE;
}

/* The branch of a run that has most from it after a step, and how far; 0: none. */
static gboolean
find_heir (KairosSession *session, gint64 run, gint64 step, gint64 *heir, gint64 *last, GError **error)
{
  g_autoptr (sqlite3_stmt) row = kairos_sql_prepare (session->db, session->path, error,
                                                     "SELECT id, fork_step FROM run WHERE parent = ? AND fork_step > ?"
                                                     " ORDER BY fork_step DESC, id LIMIT 1",
                                                     "ii", run, step);
  KairosRead read = row ? kairos_sql_row (row, session->path, error) : KAIROS_READ_FAILED;

  *heir = read == KAIROS_READ_FOUND ? sqlite3_column_int64 (row, 0) : 0;
  *last = read == KAIROS_READ_FOUND ? sqlite3_column_int64 (row, 1) : 0;
  return read != KAIROS_READ_FAILED;
}

gboolean
kairos_session_bequeath (KairosSession *session, gint64 run, gint64 step, GError **error)
{
  gint64 heir, last, parent, fork;

  if (!find_heir (session, run, step, &heir, &last, error))
    return FALSE;
  if (heir == 0)
    return TRUE;
  if (!read_fork (session, run, &parent, &fork, error) || !hand_over (session, run, heir, step, last, error) ||
      !kairos_sql_run (session->db, session->path, error,
                       "UPDATE run SET parent = ?1 WHERE parent = ?2 AND fork_step > ?3 AND id != ?1", "iii", heir, run,
                       step))
    return FALSE;
  gboolean before = step < fork || step < 0; /* then it has nothing of this run any more */
  /* Where one branched in epochs goes with the step. */
  return kairos_sql_run (session->db, session->path, error,
                         "UPDATE run SET parent = ?2, fork_step = ?3, fork_epoch = fork_epoch * ?3 / max (fork_step, 1)"
                         " WHERE id = ?1",
                         "iii", heir, before ? parent : run, before ? MIN (fork, last) : step);
}
