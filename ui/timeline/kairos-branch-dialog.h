/* SPDX-License-Identifier: MIT */

/* Asks whether a new run should be begun, which goes on from a checkpoint with another timeline: the way to change the
 * past. */
#pragma once

#include <gtk/gtk.h>
#include <kairos/document.h>

G_BEGIN_DECLS

/* timeline: the one of the new run.  at: the time that the person pointed to; the run goes on from the checkpoint
 * before it, and before the timelines differ.  description: of the change, for undo.  widget: any in the window that
 * asks. */
void kairos_branch_dialog_present (GtkWidget *widget, KairosDocument *document, KairosTimeline *timeline, double at,
                                   const char *description);

G_END_DECLS
