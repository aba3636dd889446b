/* SPDX-License-Identifier: MIT */

/* A run as the window sees it. */
#include "run-private.h"

#include <math.h>

enum { PROP_NAME = 1, PROP_VISIBLE, PROP_CURRENT, N_PROPS };
static GParamSpec *properties[N_PROPS];
static guint changed_signal;

G_DEFINE_FINAL_TYPE (KairosRun, kairos_run, G_TYPE_OBJECT)

static void
kairos_run_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  KairosRun *self = KAIROS_RUN (object);

  switch (prop_id) {
  case PROP_NAME: g_value_set_string (value, self->info->name); break;
  case PROP_VISIBLE: g_value_set_boolean (value, self->info->state != KAIROS_RUN_HIDDEN); break;
  case PROP_CURRENT: g_value_set_boolean (value, self->current); break;
  default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
kairos_run_finalize (GObject *object)
{
  KairosRun *self = KAIROS_RUN (object);

  kairos_run_info_free (self->info);
  kairos_config_free (self->config);
  g_clear_pointer (&self->facts, kairos_facts_unref);
  kairos_undo_free (self->undo);
  g_clear_pointer (&self->timeline, kairos_timeline_unref);
  g_clear_pointer (&self->in_force, kairos_timeline_unref);
  g_array_unref (self->asked);
  G_OBJECT_CLASS (kairos_run_parent_class)->finalize (object);
}

static void
kairos_run_class_init (KairosRunClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = kairos_run_get_property;
  object_class->finalize = kairos_run_finalize;
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_VISIBLE] = g_param_spec_boolean ("visible", NULL, NULL, TRUE, flags);
  properties[PROP_CURRENT] = g_param_spec_boolean ("current", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  changed_signal = g_signal_new ("changed", KAIROS_TYPE_RUN, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
kairos_run_init (KairosRun *self)
{
  self->undo = kairos_undo_new ();
  self->timeline = kairos_timeline_new (0);
  self->in_force = kairos_timeline_ref (self->timeline);
  self->asked = g_array_new (FALSE, FALSE, sizeof (KairosAsked));
}

KairosRun *
kairos_run_new (KairosRunInfo *info, guint color)
{
  KairosRun *self = g_object_new (KAIROS_TYPE_RUN, NULL);

  self->info = info;
  self->color = color;
  return self;
}

/* ---- What the document says of it ---- */

static void
say_changed (KairosRun *self)
{
  g_signal_emit (self, changed_signal, 0);
}

void
kairos_run_describe (KairosRun *self, KairosRunInfo *info)
{
  KairosRunInfo *before = self->info;
  gboolean renamed = !g_str_equal (before->name, info->name);
  gboolean shown = (before->state == KAIROS_RUN_HIDDEN) != (info->state == KAIROS_RUN_HIDDEN);

  self->info = info;
  kairos_run_info_free (before);
  if (renamed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAME]);
  if (shown)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VISIBLE]);
  say_changed (self);
}

void
kairos_run_set_current (KairosRun *self, gboolean current)
{
  if (self->current == current)
    return;
  self->current = current;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CURRENT]);
  say_changed (self);
}

void
kairos_run_add_epoch (KairosRun *self, const KairosEpochRecord *record)
{
  KairosRunInfo *info = self->info;

  info->step = record->step;
  info->epoch = record->epoch;
  info->val_accuracy = record->val_accuracy;
  info->best_val_accuracy = fmaxf (info->best_val_accuracy, record->val_accuracy); /* fmaxf passes NaN over */
  if (info->state == KAIROS_RUN_FINISHED)
    info->state = KAIROS_RUN_ACTIVE;
  say_changed (self);
}

void
kairos_run_set_config (KairosRun *self, const KairosConfig *config)
{
  KairosConfig *copy = kairos_config_copy (config);

  kairos_config_free (self->config);
  self->config = copy;
}

void
kairos_run_set_facts (KairosRun *self, KairosFacts *facts)
{
  KairosFacts *before = self->facts;

  self->facts = facts ? kairos_facts_ref (facts) : NULL;
  g_clear_pointer (&before, kairos_facts_unref);
}

/* ---- What was asked ---- */

gboolean
kairos_run_answered (KairosRun *self, guint request, KairosAsked *asked)
{
  for (guint i = 0; request != 0 && i < self->asked->len; i++) {
    *asked = g_array_index (self->asked, KairosAsked, i);
    if (asked->request != request)
      continue;
    g_array_remove_index (self->asked, i);
    return TRUE;
  }
  return FALSE;
}

gboolean
kairos_run_edit_is_on_its_way (KairosRun *self)
{
  for (guint i = 0; i < self->asked->len; i++)
    if (g_array_index (self->asked, KairosAsked, i).is_edit)
      return TRUE;
  return FALSE;
}

/* ---- What others read ---- */

gint64
kairos_run_get_id (KairosRun *self)
{
  g_return_val_if_fail (KAIROS_IS_RUN (self), 0);
  return self->info->id;
}

const char *
kairos_run_get_name (KairosRun *self)
{
  g_return_val_if_fail (KAIROS_IS_RUN (self), NULL);
  return self->info->name;
}

gint64
kairos_run_get_parent (KairosRun *self)
{
  g_return_val_if_fail (KAIROS_IS_RUN (self), 0);
  return self->info->parent;
}

double
kairos_run_get_fork_epoch (KairosRun *self)
{
  g_return_val_if_fail (KAIROS_IS_RUN (self), 0);
  return self->info->fork_epoch;
}

KairosRunState
kairos_run_get_state (KairosRun *self)
{
  g_return_val_if_fail (KAIROS_IS_RUN (self), KAIROS_RUN_ACTIVE);
  return self->info->state;
}

gboolean
kairos_run_is_current (KairosRun *self)
{
  g_return_val_if_fail (KAIROS_IS_RUN (self), FALSE);
  return self->current;
}

guint
kairos_run_get_color (KairosRun *self)
{
  g_return_val_if_fail (KAIROS_IS_RUN (self), 0);
  return self->color;
}

double
kairos_run_get_epoch (KairosRun *self)
{
  g_return_val_if_fail (KAIROS_IS_RUN (self), 0);
  return self->info->epoch;
}

float
kairos_run_get_last (KairosRun *self)
{
  g_return_val_if_fail (KAIROS_IS_RUN (self), NAN);
  return self->info->val_accuracy;
}

float
kairos_run_get_best (KairosRun *self)
{
  g_return_val_if_fail (KAIROS_IS_RUN (self), NAN);
  return self->info->best_val_accuracy;
}
