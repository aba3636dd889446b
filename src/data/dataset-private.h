/* SPDX-License-Identifier: MIT */

/* The inside of a data set, for the files of this layer.
 *
 * A reader creates one with kairos_dataset_new(), fills samples, labels and names, and hands it over;
 * kairos_dataset_open() checks it as a whole and completes what is left NULL.  From then on it is immutable but for the
 * checksum, which is computed once, when first asked for.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "kairos/dataset.h"

G_BEGIN_DECLS

struct _KairosDataset {
  atomic_int refs;
  char *spec, *title;
  const char *reader;
  KairosShape shape;
  gboolean is_image, letterbox;
  guint n, n_classes;
  guint8 *bytes; /* n x H x W x C, images */
  float *floats; /* n x D, feature vectors */
  gint32 *labels;
  guint8 *official; /* NULL from a reader: no official split */
  gboolean has_test;
  float *difficulty;  /* or NULL */
  char **class_names; /* NULL from a reader: the class numbers */
  char **names;       /* file names of the samples, or NULL */
  guint32 *rows;      /* rows of the samples in their file, or NULL */
  GPtrArray *problems;
  pthread_mutex_t lock;
  char *checksum;
};

/* Bounds of everything that is read; a file that claims more is refused before memory is taken. */
#define KAIROS_MAX_SAMPLES G_MAXINT32
#define KAIROS_MAX_BYTES (G_GUINT64_CONSTANT (64) << 30)
#define KAIROS_MAX_SIDE 4096
#define KAIROS_MAX_FEATURES (1 << 20)
#define KAIROS_MAX_CLASSES (1 << 16)

/* Empty, with one reference. */
KairosDataset *kairos_dataset_new (void);
/* Sets shape and count and takes the memory for samples and labels; refuses what is out of bounds or does not fit into
 * memory. */
gboolean kairos_dataset_allocate (KairosDataset *dataset, guint64 n, KairosShape shape, gboolean is_image,
                                  const char *where, GError **error);
/* Keeps the first n samples. */
void kairos_dataset_truncate (KairosDataset *dataset, guint n);
void kairos_dataset_add_problem (KairosDataset *dataset, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Official splits: the first n_train samples train, the others test. */
void kairos_dataset_set_official (KairosDataset *dataset, guint n_train);
/* Class names from a text file, one a line, when it is there. */
void kairos_dataset_read_class_names (KairosDataset *dataset, const char *folder, const char *file);
/* The whole of it holds together; where is the path that errors name. */
gboolean kairos_dataset_complete (KairosDataset *dataset, const char *where, GError **error);

G_END_DECLS
