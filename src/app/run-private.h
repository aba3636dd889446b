/* SPDX-License-Identifier: MIT */

/* A run's inside, for the document that makes it. */
#pragma once

#include <kairos/run.h>
#include <kairos/worker.h>

#include "undo.h"

G_BEGIN_DECLS

/* What the worker was asked and has not answered yet. */
typedef struct {
  guint request;
  gboolean is_edit; /* of the timeline as it is shown; else something done by hand */
} KairosAsked;

struct _KairosRun {
  GObject parent_instance;

  KairosRunInfo *info;
  guint color;
  gboolean current;

  KairosConfig *config; /* as requested; NULL until the run was opened once */
  KairosFacts *facts;   /* NULL while it is not open */
  KairosWorkerState status;
  KairosUndo *undo;

  KairosTimeline *timeline; /* with edits that are still on their way to the worker */
  KairosTimeline *in_force; /* what the worker said last */
  GArray *asked;            /* of KairosAsked, oldest first */
};

KairosRun *kairos_run_new (KairosRunInfo *info, guint color);   /* takes info */
void kairos_run_describe (KairosRun *run, KairosRunInfo *info); /* takes info */
void kairos_run_set_current (KairosRun *run, gboolean current);
/* An epoch ended, or (record NULL) later ones are void. */
void kairos_run_add_epoch (KairosRun *run, const KairosEpochRecord *record);
void kairos_run_set_config (KairosRun *run, const KairosConfig *config);
void kairos_run_set_facts (KairosRun *run, KairosFacts *facts); /* NULL: it was closed */
/* The answer came: takes the request off the list.  FALSE: it was not on it. */
gboolean kairos_run_answered (KairosRun *run, guint request, KairosAsked *asked);
gboolean kairos_run_edit_is_on_its_way (KairosRun *run);

G_END_DECLS
