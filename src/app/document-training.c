/* SPDX-License-Identifier: MIT */

/* The document's training verbs: each is one command to the worker, which answers through the document's signals. The
 * window has no other way to the worker, so that what is asked and what is answered meet in one place. */
#include "document-private.h"

gboolean
kairos_document_is_open (KairosDocument *self)
{
  g_return_val_if_fail (KAIROS_IS_DOCUMENT (self), FALSE);
  return self->worker != NULL;
}

void
kairos_document_play (KairosDocument *self)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);
  if (self->replacing)
    self->play_after = TRUE; /* it is meant for the run that comes */
  else
    kairos_worker_play (self->worker, kairos_run_get_id (self->current));
}

void
kairos_document_pause (KairosDocument *self)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);
  self->play_after = FALSE;
  kairos_worker_pause (self->worker, kairos_run_get_id (self->current));
}

void
kairos_document_step (KairosDocument *self)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);
  kairos_worker_step (self->worker, kairos_run_get_id (self->current));
}

void
kairos_document_train_epoch (KairosDocument *self)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);
  kairos_worker_epoch (self->worker, kairos_run_get_id (self->current));
}

void
kairos_document_stop (KairosDocument *self)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);
  kairos_worker_stop (self->worker, kairos_run_get_id (self->current));
}

void
kairos_document_restart (KairosDocument *self)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);
  if (kairos_document_is_ready (self))
    self->replacing = kairos_worker_restart (self->worker, kairos_run_get_id (self->current));
}

void
kairos_document_checkpoint (KairosDocument *self)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);
  kairos_worker_checkpoint (self->worker, kairos_run_get_id (self->current));
}

void
kairos_document_restore (KairosDocument *self, gint64 id)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);
  kairos_worker_restore (self->worker, kairos_run_get_id (self->current), id);
}

void
kairos_document_set_speed (KairosDocument *self, double steps_per_second)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);
  kairos_worker_set_speed (self->worker, steps_per_second);
}

void
kairos_document_set_threads (KairosDocument *self, int n_threads)
{
  g_return_if_fail (KAIROS_IS_DOCUMENT (self) && self->worker);
  kairos_worker_set_threads (self->worker, n_threads);
}
