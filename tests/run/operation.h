/* SPDX-License-Identifier: MIT */

/* What is done to a session file, each from the same beginning, which is made once and copied: a session on a small
 * table with four runs.
 *
 *   1  three epochs long, with a setting that was made by hand and a checkpoint that was kept in the second
 *   2  the current one: branches from 1 at epoch 2, goes to step 17 with a clip that was made by hand, still running
 *   3  branches from 1 at epoch 3, one epoch long, deleted
 *   4  branches from 3 at epoch 4, two steps long, hidden
 */
#pragma once

#include "fixture.h"

typedef struct _Operation Operation;

/* Where an operation is done. */
typedef struct {
  const Operation *operation;
  char *path;
  KairosConfig *config;   /* of the table */
  KairosPool *pool;       /* of one thread */
  KairosSession *session; /* NULL while it is not open */
  KairosRunner *runner;   /* NULL: none */
} Stage;

struct _Operation {
  const char *name;
  gint64 run;                     /* on which a runner is opened; 0: none */
  guint steps;                    /* it has trained, which are not written yet */
  void (*prepare) (Stage *stage); /* what else comes before; NULL: nothing */
  gboolean (*act) (Stage *stage, GError **error);
  gboolean trains;  /* also where it fails, the trainer may stand further on */
  gboolean ends;    /* where it fails, there is nothing left to do it again with */
  gboolean twofold; /* it may fail when it was done: it also reads what came of it */
  const char *file; /* another beginning, in the folder of test data; NULL: the one above */
};

extern const Operation operations[];
extern const guint n_operations;

/* Makes the beginning, in a folder.  Caller frees the path. */
char *operation_make_beginning (const char *folder, const KairosConfig *config);
/* The table that the runs learn from. */
KairosConfig *operation_config (void);

/* Opens what there is to open; without a runner. */
void stage_open (Stage *stage);
/* A runner that writes only when it has to, not by the clock. */
void stage_open_runner (Stage *stage, gint64 run);
/* Closes what is open, without writing. */
void stage_close (Stage *stage);
/* Trains n steps, which must go well. */
void stage_train (Stage *stage, guint n);
