/* SPDX-License-Identifier: MIT */

/* The session's reference to its data set: where it was, where else to look, and whether it is still the same. */
#include "session-private.h"

#include <string.h>

static gboolean
is_builtin (const char *spec)
{
  return g_str_has_prefix (spec, "builtin:");
}

/* The way from a folder to a path, both absolute: "../data/mnist". */
static char *
relative_path (const char *folder, const char *path)
{
  g_auto (GStrv) from = g_strsplit (folder, G_DIR_SEPARATOR_S, -1), to = g_strsplit (path, G_DIR_SEPARATOR_S, -1);
  g_autoptr (GString) way = g_string_new (NULL);
  guint common = 0;

  while (from[common] && to[common] && g_str_equal (from[common], to[common]))
    common++;
  for (char **part = from + common; *part; part++)
    if (**part)
      g_string_append (way, "../");
  g_autofree char *rest = g_strjoinv (G_DIR_SEPARATOR_S, to + common);
  g_string_append (way, rest);
  return g_string_free (g_steal_pointer (&way), FALSE);
}

static char *
relative_to_session (const char *session_path, const char *spec)
{
  g_autofree char *folder = g_path_get_dirname (session_path);

  return is_builtin (spec) ? NULL : relative_path (folder, spec);
}

gboolean
kairos_session_put_source (sqlite3 *db, const char *session_path, KairosDataset *dataset, GError **error)
{
  const char *spec = kairos_dataset_get_spec (dataset);
  g_autofree char *relative = relative_to_session (session_path, spec);

  return kairos_sql_run (
      db, session_path, error,
      "INSERT OR REPLACE INTO source (one, spec, relative, title, reader, checksum) VALUES (1, ?, ?, ?, ?, ?)", "ttttt",
      spec, relative, kairos_dataset_get_title (dataset), kairos_dataset_get_reader (dataset),
      kairos_dataset_get_checksum (dataset));
}

gboolean
kairos_session_move_source (sqlite3 *db, const char *session_path, GError **error)
{
  g_autofree char *spec = NULL;

  if (kairos_sql_text (db, session_path, &spec, error, "SELECT spec FROM source", "") == KAIROS_READ_FAILED)
    return FALSE;
  g_autofree char *relative = spec ? relative_to_session (session_path, spec) : NULL;
  return kairos_sql_run (db, session_path, error, "UPDATE source SET relative = ?", "t", relative);
}

/* ---- Finding it again ---- */

static void
add_place (GPtrArray *places, char *place)
{
  if (g_ptr_array_find_with_equal_func (places, place, g_str_equal, NULL))
    g_free (place);
  else
    g_ptr_array_add (places, place);
}

/* Where the data may be, best guess first. */
static GPtrArray *
list_places (KairosSession *session, const char *spec, const char *relative)
{
  GPtrArray *places = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = g_path_get_dirname (session->path), *name = g_path_get_basename (spec);

  add_place (places, g_strdup (spec));
  if (is_builtin (spec))
    return places;
  if (relative)
    add_place (places, g_canonicalize_filename (relative, folder));
  add_place (places, g_build_filename (folder, name, NULL));
  return places;
}

static gboolean
refuse_missing (KairosSession *session, GPtrArray *places, GError **error)
{
  g_ptr_array_add (places, NULL);
  g_autofree char *list = g_strjoinv (", ", (char **) places->pdata);

  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
               "The data of %s was not found; it was looked for at %s: say where it is now.", session->path, list);
  return FALSE;
}

static gboolean
check_same (KairosSession *session, KairosDataset *dataset, const char *checksum, GError **error)
{
  if (g_str_equal (kairos_dataset_get_checksum (dataset), checksum))
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_CHANGED,
               "The data at %s is not what %s was trained on: its checksum differs; bring the original back, or start "
               "a new session on it.",
               kairos_dataset_get_spec (dataset), session->path);
  return FALSE;
}

/* Opens the first place that holds the same data; the error is that of the first place that holds anything. */
static KairosDataset *
open_places (KairosSession *session, const KairosOpenOptions *options, GPtrArray *places, const char *checksum,
             KairosProgressFunc progress, gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) first = NULL;

  for (guint i = 0; i < places->len && !g_cancellable_is_cancelled (cancellable); i++) {
    const char *place = places->pdata[i];
    if (!is_builtin (place) && !g_file_test (place, G_FILE_TEST_EXISTS))
      continue;
    g_autoptr (KairosDataset) dataset =
        kairos_dataset_open (place, options, progress, user_data, cancellable, first ? NULL : &first);
    if (dataset && check_same (session, dataset, checksum, first ? NULL : &first))
      return g_steal_pointer (&dataset);
  }
  if (first)
    g_propagate_error (error, g_steal_pointer (&first));
  else if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    refuse_missing (session, places, error);
  return NULL;
}

/* Where the data was and its checksum; FALSE where the session does not say. */
static gboolean
read_source (KairosSession *session, GPtrArray **places, char **checksum, GError **error)
{
  g_autoptr (sqlite3_stmt) row =
      kairos_sql_prepare (session->db, session->path, error, "SELECT spec, relative, checksum FROM source", "");
  KairosRead read = row ? kairos_sql_row (row, session->path, error) : KAIROS_READ_FAILED;
  g_autofree char *spec = NULL, *relative = NULL;

  if (read == KAIROS_READ_FAILED)
    return FALSE;
  if (read == KAIROS_READ_FOUND && (!kairos_sql_copy_text (row, 0, session->path, &spec, error) ||
                                    !kairos_sql_copy_text (row, 1, session->path, &relative, error) ||
                                    !kairos_sql_copy_text (row, 2, session->path, checksum, error)))
    return FALSE;
  if (spec && *checksum) {
    *places = list_places (session, spec, relative);
    return TRUE;
  }
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
               "%s has lost the place of its data; use a copy of it from before.", session->path);
  return FALSE;
}

/* The options that decide how the data is read are the same for all runs. */
KairosDataset *
kairos_session_open_dataset (KairosSession *session, KairosProgressFunc progress, gpointer user_data,
                             GCancellable *cancellable, GError **error)
{
  gint64 run = kairos_session_get_current (session, error);
  g_auto (KairosRunPlan) plan = { 0 };
  g_autoptr (GPtrArray) places = NULL;
  g_autofree char *checksum = NULL;

  if (!run || !kairos_session_read_plan (session, run, &plan, error) ||
      !read_source (session, &places, &checksum, error))
    return NULL;
  const KairosOpenOptions options = kairos_config_open_options (plan.config);
  return open_places (session, &options, places, checksum, progress, user_data, cancellable, error);
}

gboolean
kairos_session_set_data (KairosSession *session, KairosDataset *dataset, GError **error)
{
  g_autofree char *checksum = NULL;
  g_autoptr (GPtrArray) places = NULL;

  return read_source (session, &places, &checksum, error) && check_same (session, dataset, checksum, error) &&
         kairos_session_put_source (session->db, session->path, dataset, error);
}
