/* SPDX-License-Identifier: MIT */

/* What the files that make up KairosRunner share. */
#pragma once

#include "kairos/runner.h"

/* A hyper-parameter that was set while training: it holds from this step on.  Kept so that a session replays. */
typedef struct {
  guint64 step;
  char *name, *text;
} KairosChange;

struct _KairosRunner {
  KairosSession *session; /* borrowed; its training lock is held */
  KairosTrainer *trainer;
  KairosRunnerCallbacks callbacks;
  gpointer user_data;

  GArray *steps; /* records not written yet */
  gint64 written_at, saved_at;
  guint64 saved_step; /* of the newest checkpoint; G_MAXUINT64 when what it says is outdated */

  double loss, correct; /* sums over the samples of this epoch so far */
  guint64 n;
  double images, training_seconds, evaluation_seconds; /* of this epoch, by this process */

  KairosEpochRecord epoch; /* of the last epoch ended */
  gboolean unwritten;      /* epoch is not on disk yet */

  GArray *changes; /* of KairosChange: hyper-parameters set while training, by step */
  guint n_applied; /* those before this one are in the trainer */
};

/* ---- runner-timeline.c ---- */

/* Takes the session's timeline into the trainer. */
gboolean kairos_runner_load_timeline (KairosRunner *runner, GError **error);
/* The session plans another number of epochs: a timeline that says how many there are says so too, where its clips
 * allow it. */
gboolean kairos_runner_follow_epochs (KairosRunner *runner, GError **error);
/* Events of the step to come, selections, automatic releases; a checkpoint where an event asks for one (save). */
gboolean kairos_runner_prepare_step (KairosRunner *runner,
                                     gboolean (*save) (KairosRunner *runner, gboolean pinned, GError **error),
                                     GError **error);

/* ---- runner-changes.c ---- */

/* The log of the current run; a new one begins with the session's configuration. */
gboolean kairos_runner_load_changes (KairosRunner *runner, GError **error);
/* Notes what was set at the present step, in the session too. */
gboolean kairos_runner_log_change (KairosRunner *runner, const char *name, const char *text, GError **error);
/* Applies what was set at or before the present step and is not in the trainer yet. */
gboolean kairos_runner_apply_changes (KairosRunner *runner, GError **error);
/* After the trainer went back to a checkpoint: again says that what was set later will be set again (a crash); else it
 * is void. */
gboolean kairos_runner_rewind_changes (KairosRunner *runner, gboolean again, GError **error);
/* The log of a session's current run, of KairosChange by step.  Caller unrefs. */
GArray *kairos_changes_read (KairosSession *session);
void kairos_change_clear (gpointer change);
