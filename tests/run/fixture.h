/* SPDX-License-Identifier: MIT */

/* What the tests of the run layer share: a folder of their own, small data, small networks, sessions on them. */
#pragma once

#include <glib/gstdio.h>

#include "kairos/runner.h"

/* A convolutional network with everything whose state or randomness could go wrong: batch normalisation and dropout. */
#define FIXTURE_NETWORK                                                                                                \
  "[{\"layer\":\"conv\",\"filters\":4,\"kernel\":3,\"stride\":2,\"padding\":1,\"bias\":false},{\"layer\":\"batch-"     \
  "norm\"},{\"layer\":\"relu\"},"                                                                                      \
  "{\"layer\":\"max-pool\"},{\"layer\":\"flatten\"},{\"layer\":\"dropout\",\"rate\":0.25},{\"layer\":\"dense\","       \
  "\"units\":10}]"

/* A new folder for a test, and its removal with all that is in it. */
char *fixture_folder_new (void);
void fixture_folder_free (char *folder);

/* "builtin:moons" with a small perceptron, 2000 points: quick; or the built-in digits, few of them, with
 * FIXTURE_NETWORK. */
KairosConfig *fixture_config_points (void);
KairosConfig *fixture_config_digits (void);
KairosDataset *fixture_dataset (const KairosConfig *config); /* opened once a process; borrowed */

/* Sets a hyper-parameter that must exist. */
void fixture_set (KairosConfig *config, const char *name, const char *text);

/* A new session file NAME.kairos in folder; caller frees the path. */
char *fixture_session (const char *folder, const char *name, const KairosConfig *config);

/* A trainer on config with its own splits and facts. */
KairosTrainer *fixture_trainer (const KairosConfig *config, KairosPool *pool);
void fixture_steps (KairosTrainer *trainer, guint n); /* must succeed */
char *fixture_digest (KairosTrainer *trainer);        /* of the weights; caller frees */
/* Trains straight through all epochs of config without a session: the digest everything else has to arrive at. */
char *fixture_straight (const KairosConfig *config);

/* Error is in KAIROS_ERROR with this code, and its message one sentence that names what. */
void fixture_assert_sentence (GError *error, KairosError code, const char *what);

/* A session that must open. */
KairosSession *fixture_open (const char *path);
/* What can be read of a run, 0 the current one, which must go well.  Caller frees, unrefs. */
KairosRunLog *fixture_log (KairosSession *session, gint64 run);
GArray *fixture_run_steps (KairosSession *session, gint64 run);
GArray *fixture_epochs (KairosSession *session, gint64 run);
GArray *fixture_checkpoints (KairosSession *session, gint64 run);
GBytes *fixture_newest (KairosSession *session, gint64 run); /* the newest checkpoint, NULL: there is none */
/* A whole checkpoint of some size, for tests that do not look into it. */
GBytes *fixture_checkpoint (guint8 fill, gsize size);
/* The current run's timeline, before anything is trained. */
void fixture_set_timeline (KairosSession *session, KairosTimeline *timeline);
/* The records of an epoch of ten steps, and such a checkpoint. */
void fixture_append_epoch (KairosSession *session, guint epoch, gsize checkpoint_size);
