/* SPDX-License-Identifier: MIT */

/* A data set in memory: samples, labels, class names, official splits.
 *
 *   KairosOpenOptions options = kairos_open_options_default ();
 *   g_autoptr (KairosDataset) dataset = kairos_dataset_open ("builtin:digits", &options, NULL, NULL, NULL, &error);
 *   g_autoptr (KairosSplits) splits = kairos_splits_new (dataset, seed, 0);
 *   const guint32 *train = kairos_splits_ids (splits, KAIROS_SPLIT_TRAIN, &n);
 *   kairos_dataset_copy_input (dataset, train[0], input); // kairos_shape_size (kairos_dataset_get_shape ()) floats
 *
 * Immutable once opened, reference counted, readable from any thread.  A sample's id is its index, 0 .. n-1; samples of
 * the official training split come first, then the test split.  Images are kept as bytes (H x W x C, C = 1 or 3),
 * feature vectors as float32 (1 x 1 x D).
 */
#pragma once

#include <gio/gio.h>
#include <kairos/error.h>
#include <kairos/types.h>

G_BEGIN_DECLS

typedef enum { KAIROS_SPLIT_TRAIN, KAIROS_SPLIT_VALIDATION, KAIROS_SPLIT_TEST, KAIROS_SPLIT_UNUSED } KairosSplit;
const char *kairos_split_name (KairosSplit split); /* "train", "validation", "test", "unused" */

/* How to read, where the data leaves a choice. */
typedef struct {
  int side;        /* folders of pictures: height and width after resizing, 8 .. 1024; 0: 64 */
  const char *fit; /* folders: "crop" (centre crop, the default) or "letterbox" */
  /* CSV: name or 1-based number; NULL: "label", "class", "target", "y", else the last column */
  const char *label_column;
  int samples;        /* built-in data: how many; 0: 12000 for pictures, 2000 for points */
  gboolean use_cache; /* keep decoded pictures under $XDG_CACHE_HOME/kairos and use what is there */
} KairosOpenOptions;
KairosOpenOptions kairos_open_options_default (void);

/* fraction 0 .. 1 and a short phrase ("decoding 120 of 254"); called from the opening thread, at most every 50 ms and
 * at the end. */
typedef void (*KairosProgressFunc) (double fraction, const char *phrase, gpointer user_data);

/* spec: a path (file or folder; IDX, CIFAR, folder of classes, CSV, NPY, NPZ: found by looking) or "builtin:NAME".
 * Blocking: call it from a thread.  progress, cancellable, error may be NULL.  Caller owns the result. */
KairosDataset *kairos_dataset_open (const char *spec, const KairosOpenOptions *options, KairosProgressFunc progress,
                                    gpointer user_data, GCancellable *cancellable,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
KairosDataset *kairos_dataset_ref (KairosDataset *dataset);
void kairos_dataset_unref (KairosDataset *dataset);

/* The readers, a table row each: "idx", "cifar", "folder", "csv", "npy", "builtin". */
typedef struct {
  const char *name, *summary;
} KairosReaderInfo;
const KairosReaderInfo *kairos_reader_infos (guint *n);
/* The built-in sets, a table row each: "digits", "shapes", "spirals", "moons", "circles", "xor", "blobs". */
typedef struct {
  const char *name, *summary;
  KairosShape shape;
  int n_classes, n_samples; /* n_samples: the default */
  const char *network;      /* the preset that suits it */
} KairosBuiltinInfo;
const KairosBuiltinInfo *kairos_builtin_infos (guint *n);

const char *kairos_dataset_get_spec (KairosDataset *dataset);   /* as given to open, paths made absolute */
const char *kairos_dataset_get_title (KairosDataset *dataset);  /* "mnist", "Digits" */
const char *kairos_dataset_get_reader (KairosDataset *dataset); /* row name */
/* Hexadecimal SHA-256 over shape, labels, splits and samples: equal exactly when training on it is equal. */
const char *kairos_dataset_get_checksum (KairosDataset *dataset);
KairosShape kairos_dataset_get_shape (KairosDataset *dataset);
gboolean kairos_dataset_is_image (KairosDataset *dataset);
guint kairos_dataset_get_n_samples (KairosDataset *dataset);
guint kairos_dataset_get_n_classes (KairosDataset *dataset);
const char *kairos_dataset_get_class_name (KairosDataset *dataset, guint class_index);
/* The class with that name or number; -1 if there is none. */
int kairos_dataset_find_class (KairosDataset *dataset, const char *name);

const gint32 *kairos_dataset_get_labels (KairosDataset *dataset); /* n */
/* n KairosSplit values: TRAIN or TEST; all TRAIN when the data has no split */
const guint8 *kairos_dataset_get_official (KairosDataset *dataset);
gboolean kairos_dataset_has_official_test (KairosDataset *dataset);
/* n, 0 easy .. 1 hard, or NULL where it is not known */
const float *kairos_dataset_get_difficulty (KairosDataset *dataset);
/* one image, H x W x C; NULL for feature vectors */
const guint8 *kairos_dataset_get_bytes (KairosDataset *dataset, guint id);
const float *kairos_dataset_get_floats (KairosDataset *dataset, guint id); /* one feature vector; NULL for images */
/* The sample as the network takes it: images 0 .. 1, features as they are. */
void kairos_dataset_copy_input (KairosDataset *dataset, guint id, float *out);
/* File name of a picture, "row 12" of a CSV, or "sample 12".  Caller frees. */
char *kairos_dataset_describe_sample (KairosDataset *dataset, guint id);
/* What was left out while reading, a sentence each ("ants/imageNotFound.gif: not a PNG, JPEG or BMP picture");
 * NULL-terminated, may be empty. */
const char *const *kairos_dataset_get_problems (KairosDataset *dataset);
gsize kairos_dataset_get_memory (KairosDataset *dataset);

/* Reads one picture file as a sample of this data set (same size and channels), for prediction: H*W*C floats, 0 .. 1.
 * Caller frees. */
float *kairos_dataset_read_picture (KairosDataset *dataset, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- Which samples train, validate and test ---- */

/* Official splits are kept: validation is a stratified part of the official training split (a tenth, at most 5000
 * samples).  Without an official test split, a stratified tenth is test and a tenth validation.  No class loses its
 * last training sample, so tiny data may have an empty validation split.  A function of (data set, seed, limit) alone.
 * limit: keep only that many training samples, by a seeded stratified draw; 0 keeps all.  The others become UNUSED. */
KairosSplits *kairos_splits_new (KairosDataset *dataset, guint64 seed, guint limit);
KairosSplits *kairos_splits_ref (KairosSplits *splits);
void kairos_splits_unref (KairosSplits *splits);
KairosSplit kairos_splits_get (KairosSplits *splits, guint id);
/* The ids of one split, ascending.  Owned by splits. */
const guint32 *kairos_splits_ids (KairosSplits *splits, KairosSplit split, guint *n);
/* Mean and standard deviation of each channel (feature) over the training split, for the network's normalisation;
 * deviation 1 where nothing varies.  shape.channels values each. */
void kairos_splits_normalisation (KairosSplits *splits, KairosDataset *dataset, float *mean, float *deviation);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosDataset, kairos_dataset_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosSplits, kairos_splits_unref)

G_END_DECLS
