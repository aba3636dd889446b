/* SPDX-License-Identifier: MIT */

/* The document: state, telemetry, hyper-parameters, undo, prediction.
 *
 * Telemetry.  The worker's thread wakes the drain source by setting its ready time, never earlier than 16 ms after the
 * last drain; nothing runs while nothing happens.  Each drain hands the events to the metrics and to signals, then says
 * "status-changed" once.
 */
#include "document-private.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define DRAIN_INTERVAL (16 * G_TIME_SPAN_MILLISECOND)
#define DRAIN_EVENTS 256
#define DRAIN_ROUNDS 16 /* at most so many times DRAIN_EVENTS before the window gets its turn */

enum {
  PROP_TITLE = 1,
  PROP_SUBTITLE,
  PROP_PATH,
  PROP_STATE,
  PROP_TRAINING,
  PROP_QUERY,
  PROP_ORDER,
  PROP_CAN_UNDO,
  PROP_CAN_REDO,
  PROP_TIMELINE,
  PROP_RUN,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];
guint kairos_document_signals[KAIROS_DOCUMENT_N_SIGNALS];

G_DEFINE_FINAL_TYPE (KairosDocument, kairos_document, G_TYPE_OBJECT)

static KairosWorkerState
get_state (KairosDocument *self)
{
  return self->current ? self->current->status : KAIROS_WORKER_STARTING;
}

gboolean
kairos_document_is_training (KairosDocument *self)
{
  return get_state (self) == KAIROS_WORKER_TRAINING || get_state (self) == KAIROS_WORKER_EVALUATING;
}

static void
kairos_document_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  KairosDocument *self = KAIROS_DOCUMENT (object);

  switch (prop_id) {
  case PROP_TITLE: g_value_set_string (value, self->title); break;
  case PROP_SUBTITLE: g_value_set_string (value, self->subtitle); break;
  case PROP_PATH: g_value_set_string (value, self->path); break;
  case PROP_STATE: g_value_set_int (value, get_state (self)); break;
  case PROP_TRAINING: g_value_set_boolean (value, kairos_document_is_training (self)); break;
  case PROP_QUERY: g_value_set_string (value, self->query); break;
  case PROP_ORDER: g_value_set_string (value, self->order); break;
  case PROP_CAN_UNDO: g_value_set_boolean (value, kairos_undo_can_go_back (self->current->undo)); break;
  case PROP_CAN_REDO: g_value_set_boolean (value, kairos_undo_can_go_forward (self->current->undo)); break;
  case PROP_TIMELINE: g_value_set_pointer (value, self->current->timeline); break;
  case PROP_RUN: g_value_set_object (value, self->current); break;
  default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
link_clear (gpointer data)
{
  pthread_mutex_destroy (&((KairosWorkerLink *) data)->lock);
}

static void
link_unref (KairosWorkerLink *link)
{
  g_atomic_rc_box_release_full (link, link_clear);
}

static void
kairos_document_dispose (GObject *object)
{
  kairos_document_close (KAIROS_DOCUMENT (object));
  G_OBJECT_CLASS (kairos_document_parent_class)->dispose (object);
}

static void
kairos_document_finalize (GObject *object)
{
  KairosDocument *self = KAIROS_DOCUMENT (object);

  kairos_document_facts_clear (self);
  g_clear_object (&self->metrics);
  g_clear_pointer (&self->network, kairos_network_free);
  g_clear_pointer (&self->facts, kairos_facts_unref);
  g_clear_pointer (&self->splits, kairos_splits_unref);
  g_clear_pointer (&self->dataset, kairos_dataset_unref);
  g_clear_object (&self->current);
  g_clear_object (&self->runs);
  g_ptr_array_unref (self->deleted);
  g_free (self->branch);
  link_unref (self->link);
  g_free (self->path);
  g_free (self->title);
  g_free (self->subtitle);
  G_OBJECT_CLASS (kairos_document_parent_class)->finalize (object);
}

static void
install_signals (void)
{
  GType type = KAIROS_TYPE_DOCUMENT;
  guint *signals = kairos_document_signals;

  signals[KAIROS_DOCUMENT_STATUS_CHANGED] =
      g_signal_new ("status-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[KAIROS_DOCUMENT_FACTS_CHANGED] =
      g_signal_new ("facts-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[KAIROS_DOCUMENT_SELECTION_CHANGED] =
      g_signal_new ("selection-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[KAIROS_DOCUMENT_MESSAGE] = g_signal_new ("message", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                                   2, G_TYPE_STRING, G_TYPE_BOOLEAN);
  signals[KAIROS_DOCUMENT_APPLIED] = g_signal_new ("applied", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                                   3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_UINT64);
  signals[KAIROS_DOCUMENT_TESTED] = g_signal_new ("tested", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                                  2, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
}

static void
kairos_document_class_init (KairosDocumentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = kairos_document_get_property;
  object_class->dispose = kairos_document_dispose;
  object_class->finalize = kairos_document_finalize;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_SUBTITLE] = g_param_spec_string ("subtitle", NULL, NULL, NULL, flags);
  properties[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, flags);
  properties[PROP_STATE] =
      g_param_spec_int ("state", NULL, NULL, 0, KAIROS_WORKER_FAILED, KAIROS_WORKER_STARTING, flags);
  properties[PROP_TRAINING] = g_param_spec_boolean ("training", NULL, NULL, FALSE, flags);
  properties[PROP_QUERY] = g_param_spec_string ("query", NULL, NULL, "", flags);
  properties[PROP_ORDER] = g_param_spec_string ("order", NULL, NULL, "index", flags);
  properties[PROP_CAN_UNDO] = g_param_spec_boolean ("can-undo", NULL, NULL, FALSE, flags);
  properties[PROP_CAN_REDO] = g_param_spec_boolean ("can-redo", NULL, NULL, FALSE, flags);
  properties[PROP_TIMELINE] = g_param_spec_pointer ("timeline", NULL, NULL, flags);
  properties[PROP_RUN] = g_param_spec_object ("run", NULL, NULL, KAIROS_TYPE_RUN, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  install_signals ();
}

static void
kairos_document_init (KairosDocument *self)
{
  self->link = g_atomic_rc_box_new0 (KairosWorkerLink);
  pthread_mutex_init (&self->link->lock, NULL);
  self->runs = g_list_store_new (KAIROS_TYPE_RUN);
  self->deleted = g_ptr_array_new_with_free_func (g_object_unref);
  self->selection = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->query = g_strdup ("");
  self->order = g_strdup ("index");
}

/* ---- Telemetry ---- */

/* From the worker's thread. */
static void
wake (gpointer user_data)
{
  KairosDocument *self = user_data;

  g_source_set_ready_time (self->drain, atomic_load (&self->last_drain) + DRAIN_INTERVAL);
}

void
kairos_document_state_changed (KairosDocument *self, gboolean trained)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  if (trained != kairos_document_is_training (self))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRAINING]);
}

static void
set_state (KairosDocument *self, KairosRun *run, KairosWorkerState state)
{
  gboolean trained = kairos_document_is_training (self);

  if (state == run->status)
    return;
  run->status = state;
  if (run == self->current)
    kairos_document_state_changed (self, trained);
}

/* Time in epochs, for steps of a run that was opened. */
static double
to_epoch (KairosDocument *self, KairosRun *run, guint64 step)
{
  guint n_train;

  kairos_splits_ids (self->splits, KAIROS_SPLIT_TRAIN, &n_train);
  guint per_epoch = run->config ? (n_train + run->config->batch - 1) / run->config->batch : 0;
  return per_epoch > 0 ? (double) step / per_epoch : 0;
}

static void
emit_applied (KairosDocument *self, const KairosEvent *event)
{
  g_auto (GStrv) parts = g_strsplit (event->text, "=", 2);

  if (parts[0] && parts[1])
    g_signal_emit (self, kairos_document_signals[KAIROS_DOCUMENT_APPLIED], 0, parts[0], parts[1], event->at);
}

void
kairos_document_tell (KairosDocument *self, const char *text, gboolean is_error)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self));
  g_signal_emit (self, kairos_document_signals[KAIROS_DOCUMENT_MESSAGE], 0, text, is_error);
}

/* What is about a run that is there.  Returns TRUE when it changed the metrics. */
static gboolean
handle_of_run (KairosDocument *self, KairosRun *run, const KairosEvent *event)
{
  gint64 id = event->run;

  switch (event->type) {
  case KAIROS_EVENT_STEP: kairos_metrics_add_step (self->metrics, id, &event->step); return TRUE;
  case KAIROS_EVENT_EPOCH:
    kairos_metrics_add_epoch (self->metrics, id, &event->epoch);
    kairos_run_add_epoch (run, &event->epoch);
    return TRUE;
  case KAIROS_EVENT_READING: kairos_document_add_reading (self, id, event->reading); return TRUE;
  case KAIROS_EVENT_REWOUND: kairos_metrics_rewind (self->metrics, id, to_epoch (self, run, event->at)); return TRUE;
  case KAIROS_EVENT_STATE: set_state (self, run, event->state); return FALSE;
  case KAIROS_EVENT_OPENED: kairos_document_run_opened (self, run, event); return TRUE;
  case KAIROS_EVENT_CLOSED: kairos_document_run_closed (self, run); return FALSE;
  case KAIROS_EVENT_APPLIED:
    if (run == self->current)
      emit_applied (self, event);
    return FALSE;
  case KAIROS_EVENT_TESTED:
    if (run == self->current)
      g_signal_emit (self, kairos_document_signals[KAIROS_DOCUMENT_TESTED], 0, (double) event->test.accuracy,
                     (double) event->test.loss);
    return FALSE;
  case KAIROS_EVENT_TIMELINE: kairos_document_timeline_arrived (self, run, event); return FALSE;
  default: return FALSE;
  }
}

static gboolean
handle (KairosDocument *self, KairosEvent *event)
{
  KairosRun *run = event->run ? kairos_document_find_run (self, event->run) : self->current;

  if (event->type == KAIROS_EVENT_DESCRIBED) {
    kairos_document_run_described (self, event);
    event->info = NULL; /* taken */
    return TRUE;
  }
  if (event->type == KAIROS_EVENT_REFUSED)
    kairos_document_refused (self, event);
  gboolean plots = run && handle_of_run (self, run, event);
  if (event->text && event->type != KAIROS_EVENT_APPLIED)
    kairos_document_tell (self, event->text, TRUE);
  return plots;
}

static gboolean
on_drain (gpointer user_data)
{
  g_autoptr (KairosDocument) self = g_object_ref (KAIROS_DOCUMENT (user_data));
  g_autofree KairosEvent *events = g_new (KairosEvent, DRAIN_EVENTS);
  gboolean plots = FALSE;
  guint n = DRAIN_EVENTS;

  /* First, so that a wake during the drain asks for another one. */
  g_source_set_ready_time (self->drain, -1);
  atomic_store (&self->last_drain, g_get_monotonic_time ());
  for (int round = 0; round < DRAIN_ROUNDS && n == DRAIN_EVENTS && self->worker; round++) {
    n = kairos_worker_drain (self->worker, events, DRAIN_EVENTS);
    for (guint i = 0; i < n; i++) {
      plots |= handle (self, &events[i]);
      kairos_event_clear (&events[i]);
    }
  }
  if (!self->worker)
    return G_SOURCE_CONTINUE; /* closed by a listener */
  if (n == DRAIN_EVENTS)
    wake (self);
  if (plots)
    kairos_metrics_changed (self->metrics);
  kairos_document_facts_moved (self);
  g_signal_emit (self, kairos_document_signals[KAIROS_DOCUMENT_STATUS_CHANGED], 0);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_drain (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

void
kairos_document_start (KairosDocument *self)
{
  static GSourceFuncs funcs = { .dispatch = dispatch_drain };

  self->drain = g_source_new (&funcs, sizeof (GSource));
  g_source_set_static_name (self->drain, "kairos telemetry");
  g_source_set_callback (self->drain, on_drain, self, NULL);
  g_source_attach (self->drain, NULL);
  self->worker = kairos_worker_new (self->path, self->dataset, self->n_threads, wake, self);
  pthread_mutex_lock (&self->link->lock);
  self->link->worker = self->worker;
  pthread_mutex_unlock (&self->link->lock);
}

void
kairos_document_close (KairosDocument *self)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self));

  self->closed = TRUE;
  pthread_mutex_lock (&self->link->lock);
  self->link->worker = NULL;
  pthread_mutex_unlock (&self->link->lock);
  g_clear_pointer (&self->worker, kairos_worker_free);
  if (self->drain) {
    g_source_destroy (self->drain);
    g_clear_pointer (&self->drain, g_source_unref);
  }
  g_clear_handle_id (&self->refresh_timeout, g_source_remove);
  g_clear_pointer (&self->session, kairos_session_close);
}

gboolean
kairos_document_copy_to (KairosDocument *self, const char *path, GError **error)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self) && self->session, FALSE);
  return kairos_session_copy_to (self->session, path, error);
}

/* ---- What it is ---- */

/* "112 k weights" */
static char *
describe_weights (gsize n)
{
  if (n < 1000)
    return g_strdup_printf (_ ("%u weights"), (guint) n);
  if (n < 1000000)
    return g_strdup_printf (_ ("%.0f k weights"), n / 1e3);
  return g_strdup_printf (_ ("%.1f M weights"), n / 1e6);
}

void
kairos_document_update_subtitle (KairosDocument *self)
{
  gsize n_weights;
  const char *spec = self->current->config->network, *network = spec[0] == '[' ? _ ("own network") : spec;
  const char *run = kairos_run_get_name (self->current);

  kairos_network_parameters (self->network, &n_weights);
  g_autofree char *file = g_path_get_basename (self->path), *name = g_filename_display_name (file),
                  *weights = describe_weights (n_weights);
  g_free (self->subtitle);
  self->subtitle = g_strdup_printf ("%s · %s · %s, %s", name, run, network, weights);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUBTITLE]);
}

const char *
kairos_document_get_title (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  return self->title;
}

const char *
kairos_document_get_subtitle (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  return self->subtitle;
}

const char *
kairos_document_get_path (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  return self->path;
}

const KairosConfig *
kairos_document_get_config (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  return self->current->config;
}

KairosDataset *
kairos_document_get_dataset (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  return self->dataset;
}

KairosSplits *
kairos_document_get_splits (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  return self->splits;
}

KairosFacts *
kairos_document_get_facts (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  return self->facts;
}

KairosMetrics *
kairos_document_get_metrics (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), NULL);
  return self->metrics;
}

void
kairos_document_get_status (KairosDocument *self, KairosStatus *status)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self));

  *status = (KairosStatus){ .state = get_state (self), .seconds_left = NAN };
  if (self->worker)
    kairos_worker_get_status (self->worker, kairos_run_get_id (self->current), status);
}

/* ---- Hyper-parameters ---- */

void
kairos_document_undo_changed (KairosDocument *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAN_UNDO]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAN_REDO]);
}

static gboolean
set_live (KairosConfig *config, const char *name, const char *text, GError **error)
{
  g_autofree char *known = kairos_config_get (config, name);

  if (known && !kairos_config_is_live (name)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED,
                 _ ("\"%s\" is fixed once a session is made; make a new session to change it."), name);
    return FALSE;
  }
  return kairos_config_set (config, name, text, error);
}

/* Sets it here and sends it to the worker; FALSE when it is not a value of this parameter, which the person is told. */
static gboolean
apply_param (KairosDocument *self, const char *name, const char *text)
{
  KairosRun *run = self->current;
  g_autoptr (KairosConfig) config = kairos_config_copy (run->config);
  g_autoptr (GError) error = NULL;

  if (!kairos_document_is_ready (self))
    return FALSE;
  if (!set_live (config, name, text, &error)) {
    kairos_document_tell (self, error->message, TRUE);
    return FALSE;
  }
  kairos_run_set_config (run, config);
  kairos_worker_set (self->worker, run->info->id, name, text);
  return TRUE;
}

void
kairos_document_set_param (KairosDocument *self, const char *name, const char *text)
{
  g_autofree char *before = NULL, *after = NULL;

  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);

  before = kairos_config_get (self->current->config, name);
  if (!apply_param (self, name, text))
    return;
  after = kairos_config_get (self->current->config, name);
  if (g_str_equal (before, after))
    return;
  kairos_undo_push (self->current->undo, name, before, after);
  kairos_document_undo_changed (self);
}

gboolean
kairos_document_can_undo (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), FALSE);
  return kairos_undo_can_go_back (self->current->undo);
}

gboolean
kairos_document_can_redo (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), FALSE);
  return kairos_undo_can_go_forward (self->current->undo);
}

/* Where it cannot be done, the place in the list stays as it was. */
static gboolean
go (KairosDocument *self, gboolean redo)
{
  KairosUndo *undo = self->current->undo;
  const KairosUndoChange *change = kairos_undo_peek (undo, redo);
  gboolean ok;

  if (!change || !kairos_document_is_ready (self))
    return FALSE;
  if (change->parent != 0) { /* the branch stays, and so does this step in it */
    kairos_document_switch (self, change->parent);
    return TRUE;
  }
  if (change->name)
    ok = apply_param (self, change->name, redo ? change->after : change->before);
  else
    ok = kairos_document_timeline_go (self, redo ? change->from : change->to, redo ? change->to : change->from);
  if (!ok)
    return FALSE;
  if (redo)
    kairos_undo_forward (undo);
  else
    kairos_undo_back (undo);
  kairos_document_undo_changed (self);
  return TRUE;
}

gboolean
kairos_document_undo (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker, FALSE);
  return go (self, FALSE);
}

gboolean
kairos_document_redo (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker, FALSE);
  return go (self, TRUE);
}

gboolean
kairos_document_peek_undo (KairosDocument *self, gboolean redo, KairosUndoInfo *info)
{
  const KairosUndoChange *change;

  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), FALSE);

  change = kairos_undo_peek (self->current->undo, redo);
  *info = (KairosUndoInfo){ .rewinds_to = NAN };
  if (!change)
    return FALSE;
  info->is_setting = change->name != NULL;
  info->description = change->description;
  info->returns_to = change->parent;
  if (!info->is_setting && change->parent == 0)
    info->rewinds_to =
        kairos_document_timeline_rewinds_to (self, redo ? change->from : change->to, redo ? change->to : change->from);
  return TRUE;
}

/* ---- Prediction ---- */

typedef struct {
  KairosWorkerLink *link;
  gint64 run;
  float *input;
  guint n_classes;
  float *probabilities;
} Prediction;

static void
prediction_free (gpointer data)
{
  Prediction *prediction = data;

  link_unref (prediction->link);
  g_free (prediction->input);
  g_free (prediction->probabilities);
  g_free (prediction);
}

static void
predict_in_thread (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  Prediction *prediction = task_data;
  KairosWorkerLink *link = prediction->link;
  gboolean ok = FALSE;

  pthread_mutex_lock (&link->lock);
  if (link->worker)
    ok = kairos_worker_predict (link->worker, prediction->run, prediction->input, prediction->probabilities,
                                prediction->n_classes);
  pthread_mutex_unlock (&link->lock);
  if (ok)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                             _ ("There is no network yet to ask what it sees; train first."));
}

/* Takes the input. */
static void
predict (KairosDocument *self, float *input, GCancellable *cancellable, GAsyncReadyCallback callback,
         gpointer user_data)
{
  /* no reference to the document: it must not end in a thread */
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Prediction *prediction = g_new0 (Prediction, 1);

  prediction->link = g_atomic_rc_box_acquire (self->link);
  prediction->run = kairos_run_get_id (self->current);
  prediction->input = input;
  prediction->n_classes = kairos_dataset_get_n_classes (self->dataset);
  prediction->probabilities = g_new0 (float, prediction->n_classes);
  g_task_set_source_tag (task, predict);
  g_task_set_task_data (task, prediction, prediction_free);
  g_task_run_in_thread (task, predict_in_thread);
}

void
kairos_document_predict_async (KairosDocument *self, guint32 id, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  float *input;

  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && id < kairos_dataset_get_n_samples (self->dataset));

  input = g_new (float, kairos_shape_size (kairos_dataset_get_shape (self->dataset)));
  kairos_dataset_copy_input (self->dataset, id, input);
  predict (self, input, cancellable, callback, user_data);
}

void
kairos_document_predict_input_async (KairosDocument *self, const float *input, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data)
{
  gsize size;

  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && input);

  size = kairos_shape_size (kairos_dataset_get_shape (self->dataset)) * sizeof *input;
  predict (self, g_memdup2 (input, size), cancellable, callback, user_data);
}

float *
kairos_document_predict_finish (GAsyncResult *result, guint *n_classes, GError **error)
{
  GTask *task = G_TASK (result);
  Prediction *prediction = g_task_get_task_data (task);

  if (!g_task_propagate_boolean (task, error))
    return NULL;
  *n_classes = prediction->n_classes;
  return g_steal_pointer (&prediction->probabilities);
}
