/* SPDX-License-Identifier: MIT */

/* What a reader of data files is: one table row, from one file of this folder.
 *
 * To add one: write kairos_reader_NAME in a file of its own and add a line to the table in open.c.
 */
#pragma once

#include "dataset-private.h"

G_BEGIN_DECLS

typedef struct {
  const KairosOpenOptions *options;
  GCancellable *cancellable;
  KairosProgressFunc progress;
  gpointer user_data;
  gint64 last; /* when progress was last told */
} KairosReadContext;

typedef struct {
  KairosReaderInfo info;
  /* How sure it is that path is its own, 0 no .. 100 certain, by looking at names and first bytes. */
  int (*probe) (const char *path);
  KairosDataset *(*read) (KairosReadContext *context, const char *path, GError **error);
  /* The files that path stands for, when reading them takes so long that the result is worth keeping; else NULL. Caller
   * frees.  May be NULL. */
  GStrv (*worth_caching) (KairosReadContext *context, const char *path);
} KairosReader;

extern const KairosReader kairos_reader_idx, kairos_reader_cifar, kairos_reader_folder, kairos_reader_csv,
    kairos_reader_npy, kairos_reader_builtin;

/* Tells the progress, at most every 50 ms and at the end.  FALSE, with an error, when the person cancelled. */
gboolean kairos_read_progress (KairosReadContext *context, double fraction, GError **error, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

G_END_DECLS
