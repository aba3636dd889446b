/* SPDX-License-Identifier: MIT */

/* What the files that make up KairosRunner share. */
#pragma once

#include "kairos/runner.h"

/* Of an epoch so far. */
typedef struct {
  double loss, correct; /* over its samples */
  guint64 n;
  double images, training_seconds, evaluation_seconds; /* by this process */
} KairosSums;

typedef struct _KairosRunnerProbes KairosRunnerProbes;

struct _KairosRunner {
  KairosSession *session; /* borrowed; its training lock is held */
  KairosRunLog *log;
  KairosTrainer *trainer;
  KairosRunnerCallbacks callbacks;
  gpointer user_data;
  char *warning; /* what the person should know about how it was opened */

  GArray *steps;       /* records not written yet */
  GPtrArray *readings; /* of KairosReading, as well */
  KairosRunnerProbes *probes;
  gint64 written_at, saved_at;
  guint64 saved_step; /* of the newest checkpoint; G_MAXUINT64 when what it says is outdated */

  gboolean checkpoint_due; /* an event asked for one at this step, to be kept for good, and it is not on disk yet */

  KairosSums sums;
  KairosEpochRecord epoch; /* of the last epoch ended */
  gboolean unwritten;      /* epoch is not on disk yet */

  GArray *changes; /* of KairosChange: hyper-parameters set while training, by step */
  guint n_applied; /* those before this one are in the trainer */
};

/* ---- runner-timeline.c ---- */

/* Events of the step to come, selections, automatic releases; a checkpoint where an event asks for one (save). */
gboolean kairos_runner_prepare_step (KairosRunner *runner,
                                     gboolean (*save) (KairosRunner *runner, gboolean pinned, GError **error),
                                     GError **error);

/* The number of epochs that a timeline plans other than the one before it, as a setting; NULL: the same.  Caller frees.
 */
char *kairos_runner_new_epochs (KairosTimeline *before, KairosTimeline *after);

/* ---- runner-probes.c ---- */

KairosRunnerProbes *kairos_runner_probes_new (void);
void kairos_runner_probes_free (KairosRunnerProbes *probes); /* accepts NULL */
/* So long training took, which part of it may go into probes. */
void kairos_runner_probe_earn (KairosRunner *runner, double seconds);
void kairos_runner_probe_before (KairosRunner *runner); /* a step */
/* One probe, where one is due and can be paid for. */
void kairos_runner_probe (KairosRunner *runner, const volatile gint *cancel);
void kairos_runner_probe_end_epoch (KairosRunner *runner);
void kairos_runner_probe_rewind (KairosRunner *runner); /* the trainer stands elsewhere */

/* ---- runner-changes.c ---- */

/* Applies what was set at or before the present step and is not in the trainer yet. */
gboolean kairos_runner_apply_changes (KairosRunner *runner, GError **error);
/* The log with a setting that is made at a step; those of the same that were still to come after it are void.  at: its
 * place in the log.  Caller unrefs. */
GArray *kairos_changes_with (GArray *changes, guint at, guint64 step, const char *name, const char *text);
/* How many were made at or before a step. */
guint kairos_changes_until (GArray *changes, guint64 step);
/* Once the trainer continues from a checkpoint as after a crash: what was set later will be set again. */
gboolean kairos_runner_resume_changes (KairosRunner *runner, GError **error);
/* The log as it has to be after going back for good: what was set later is void, and it leads to the configuration of
 * the trainer, which is that of the checkpoint.  Caller unrefs. */
GArray *kairos_runner_cut_changes (KairosRunner *runner);
