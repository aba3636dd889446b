/* SPDX-License-Identifier: MIT */

/* Making a document: session, data set, splits and recorded metrics are read in a thread; the worker starts when the
 * main thread takes the document over. */
#include "document-private.h"

#include <glib/gi18n.h>

typedef struct {
  char *path, *data;
  KairosConfig *config; /* to create; NULL: open */
  int n_threads;
  KairosProgressFunc progress;
  gpointer progress_data;
} Opening;

typedef struct {
  KairosProgressFunc func;
  gpointer user_data;
  double fraction;
  char *phrase;
} Progress;

static void
opening_free (gpointer data)
{
  Opening *opening = data;

  g_free (opening->path);
  g_free (opening->data);
  g_clear_pointer (&opening->config, kairos_config_free);
  g_free (opening);
}

/* ---- Progress, from the thread to the main context ---- */

static void
progress_free (gpointer data)
{
  g_free (((Progress *) data)->phrase);
  g_free (data);
}

static gboolean
tell_progress (gpointer data)
{
  Progress *progress = data;

  progress->func (progress->fraction, progress->phrase, progress->user_data);
  return G_SOURCE_REMOVE;
}

/* At the priority of a GTask's completion, so that no progress comes after it. */
static void
on_progress (double fraction, const char *phrase, gpointer user_data)
{
  Opening *opening = user_data;
  Progress *progress;

  if (!opening->progress)
    return;
  progress = g_new (Progress, 1);
  progress->func = opening->progress;
  progress->user_data = opening->progress_data;
  progress->fraction = fraction;
  progress->phrase = g_strdup (phrase);
  g_idle_add_full (G_PRIORITY_DEFAULT, tell_progress, progress, progress_free);
}

/* ---- In the thread ---- */

/* A path that is not taken yet in the user's data folder. */
static char *
untitled_path (GError **error)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "kairos", "sessions", NULL);

  if (g_mkdir_with_parents (folder, 0700) != 0) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_IO,
                 _ ("The folder %s for new sessions cannot be made; check its permissions."), folder);
    return NULL;
  }
  for (guint i = 1;; i++) {
    g_autofree char *name = g_strdup_printf (_ ("Untitled %u.kairos"), i);
    g_autofree char *path = g_build_filename (folder, name, NULL);

    if (!g_file_test (path, G_FILE_TEST_EXISTS))
      return g_steal_pointer (&path);
  }
}

/* A network that does not fit the data is an error here, before anything is written. */
static gboolean
make_network (KairosDocument *self, const KairosConfig *config, GError **error)
{
  self->network = kairos_network_new (config->network, kairos_dataset_get_shape (self->dataset),
                                      kairos_dataset_get_n_classes (self->dataset), error);
  return self->network != NULL;
}

static gboolean
create_session (KairosDocument *self, Opening *opening, GCancellable *cancellable, GError **error)
{
  KairosOpenOptions options = kairos_config_open_options (opening->config);

  self->dataset = kairos_dataset_open (opening->config->data, &options, on_progress, opening, cancellable, error);
  if (!self->dataset || !make_network (self, opening->config, error))
    return FALSE;
  self->path = opening->path ? g_strdup (opening->path) : untitled_path (error);
  if (!self->path)
    return FALSE;
  self->session = kairos_session_create (self->path, opening->config, self->dataset, NULL, error);
  return self->session != NULL;
}

/* The data set at another place than the session says. */
static gboolean
open_moved_dataset (KairosDocument *self, const KairosConfig *config, Opening *opening, GCancellable *cancellable,
                    GError **error)
{
  KairosOpenOptions options = kairos_config_open_options (config);

  self->dataset = kairos_dataset_open (opening->data, &options, on_progress, opening, cancellable, error);
  return self->dataset && kairos_session_set_data (self->session, self->dataset, error);
}

static gboolean
open_session (KairosDocument *self, Opening *opening, GCancellable *cancellable, GError **error)
{
  self->path = g_strdup (opening->path);
  self->session = kairos_session_open (self->path, error);
  if (!self->session)
    return FALSE;
  gint64 run = kairos_session_get_current (self->session, error);
  g_autoptr (KairosRunLog) log = run ? kairos_run_log_new (self->session, run, error) : NULL;
  if (!log)
    return FALSE;
  const KairosConfig *config = kairos_run_log_get_config (log);
  if (opening->data) {
    if (!open_moved_dataset (self, config, opening, cancellable, error))
      return FALSE;
  } else
    self->dataset = kairos_session_open_dataset (self->session, on_progress, opening, cancellable, error);
  return self->dataset && make_network (self, config, error);
}

/* A run's curves, with those that it has from its parents. */
static gboolean
load_curves (KairosDocument *self, KairosRunLog *log, GError **error)
{
  gint64 run = kairos_run_log_get_run (log);
  g_autoptr (GArray) steps = kairos_run_log_get_steps (log, error);
  g_autoptr (GArray) epochs = steps ? kairos_run_log_get_epochs (log, error) : NULL;
  g_autoptr (GPtrArray) readings = epochs ? kairos_run_log_get_readings (log, error) : NULL;

  if (!readings)
    return FALSE;
  kairos_metrics_add_run (self->metrics, run);
  for (guint i = 0; i < steps->len; i++)
    kairos_metrics_add_step (self->metrics, run, &g_array_index (steps, KairosStepRecord, i));
  for (guint i = 0; i < epochs->len; i++)
    kairos_metrics_add_epoch (self->metrics, run, &g_array_index (epochs, KairosEpochRecord, i));
  for (guint i = 0; i < readings->len; i++)
    kairos_document_add_reading (self, run, readings->pdata[i]);
  return TRUE;
}

/* The worker goes on from the newest checkpoint and drops what was recorded after it (by a program that was killed): so
 * do the curves. */
static gboolean
rewind_to_checkpoint (KairosDocument *self, KairosRunLog *log, GError **error)
{
  KairosCheckpointInfo newest = { 0 };

  if (kairos_run_log_find_checkpoint (log, G_MAXDOUBLE, &newest, error) == KAIROS_READ_FAILED)
    return FALSE;
  kairos_metrics_rewind (self->metrics, kairos_run_log_get_run (log), newest.epoch);
  return TRUE;
}

/* What is known of the current run before the worker has opened it. */
static gboolean
load_current (KairosDocument *self, KairosRun *run, KairosRunLog *log, GError **error)
{
  kairos_run_set_config (run, kairos_run_log_get_config (log));
  kairos_timeline_unref (run->timeline);
  kairos_timeline_unref (run->in_force);
  run->timeline = kairos_timeline_ref (kairos_run_log_get_timeline (log));
  run->in_force = kairos_timeline_ref (run->timeline);
  kairos_document_set_current (self, run);
  return rewind_to_checkpoint (self, log, error);
}

static gboolean
load_runs (KairosDocument *self, GError **error)
{
  gint64 current = kairos_session_get_current (self->session, error);
  g_autoptr (GPtrArray) infos = current ? kairos_session_get_runs (self->session, error) : NULL;

  if (!infos)
    return FALSE;
  g_ptr_array_set_free_func (infos, NULL); /* the runs take them */
  for (guint i = 0; i < infos->len; i++) {
    KairosRunInfo *info = infos->pdata[i];
    g_autoptr (KairosRunLog) log = kairos_run_log_new (self->session, info->id, error);
    KairosRun *run = kairos_document_add_run (self, info);
    /* Its own curves, not those that a branch takes over while it is watched. */
    kairos_metrics_rewind (self->metrics, info->id, -1);
    if (!log || !load_curves (self, log, error) || (info->id == current && !load_current (self, run, log, error)))
      return FALSE;
  }
  return TRUE;
}

static void
open_in_thread (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  Opening *opening = task_data;
  g_autoptr (KairosDocument) self = g_object_new (KAIROS_TYPE_DOCUMENT, NULL);
  GError *error = NULL;
  gboolean ok = opening->config ? create_session (self, opening, cancellable, &error)
                                : open_session (self, opening, cancellable, &error);

  self->metrics = kairos_metrics_new ();
  if (!ok || !load_runs (self, &error)) {
    g_task_return_error (task, error);
    return;
  }
  const KairosConfig *config = self->current->config;
  self->n_threads = opening->n_threads;
  self->title = g_strdup (kairos_dataset_get_title (self->dataset));
  self->splits = kairos_splits_new (self->dataset, config->seed, MAX (config->limit, 0));
  self->facts = kairos_facts_new (kairos_dataset_get_n_samples (self->dataset));
  kairos_document_facts_init (self);
  kairos_document_update_subtitle (self);
  g_task_return_pointer (task, g_steal_pointer (&self), g_object_unref);
}

/* ---- From the main thread ---- */

static void
open_async (Opening *opening, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, open_async);
  g_task_set_task_data (task, opening, opening_free);
  g_task_run_in_thread (task, open_in_thread);
}

void
kairos_document_create_async (const char *path, const KairosConfig *config, int n_threads, KairosProgressFunc progress,
                              gpointer progress_data, GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  Opening *opening = g_new0 (Opening, 1);

  opening->path = g_strdup (path);
  opening->config = kairos_config_copy (config);
  opening->n_threads = n_threads;
  opening->progress = progress;
  opening->progress_data = progress_data;
  open_async (opening, cancellable, callback, user_data);
}

void
kairos_document_open_async (const char *path, const char *data, int n_threads, KairosProgressFunc progress,
                            gpointer progress_data, GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  Opening *opening = g_new0 (Opening, 1);

  opening->path = g_strdup (path);
  opening->data = g_strdup (data);
  opening->n_threads = n_threads;
  opening->progress = progress;
  opening->progress_data = progress_data;
  open_async (opening, cancellable, callback, user_data);
}

KairosDocument *
kairos_document_open_finish (GAsyncResult *result, GError **error)
{
  KairosDocument *self = g_task_propagate_pointer (G_TASK (result), error);

  if (self)
    kairos_document_start (self);
  return self;
}
