/* SPDX-License-Identifier: MIT */

/* The data set as an object: its memory, its checksum, its accessors.  How it is found and read is in open.c and the
 * readers. */
#include "dataset-private.h"

#include <string.h>

#include "kairos/pool.h"
#include "picture.h"

KairosDataset *
kairos_dataset_new (void)
{
  KairosDataset *dataset = g_new0 (KairosDataset, 1);

  atomic_init (&dataset->refs, 1);
  pthread_mutex_init (&dataset->lock, NULL);
  dataset->problems = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (dataset->problems, NULL); /* always NULL-terminated */
  return dataset;
}

KairosDataset *
kairos_dataset_ref (KairosDataset *dataset)
{
  atomic_fetch_add (&dataset->refs, 1);
  return dataset;
}

void
kairos_dataset_unref (KairosDataset *dataset)
{
  if (!dataset || atomic_fetch_sub (&dataset->refs, 1) > 1)
    return;
  g_free (dataset->spec);
  g_free (dataset->title);
  g_free (dataset->bytes);
  g_free (dataset->floats);
  g_free (dataset->labels);
  g_free (dataset->official);
  g_free (dataset->difficulty);
  g_strfreev (dataset->class_names);
  g_strfreev (dataset->names);
  g_free (dataset->rows);
  g_ptr_array_unref (dataset->problems);
  g_free (dataset->checksum);
  pthread_mutex_destroy (&dataset->lock);
  g_free (dataset);
}

/* ---- Filling, for the readers ---- */

static gboolean
check_shape (KairosShape shape, gboolean is_image, const char *where, GError **error)
{
  if (is_image && (shape.channels == 1 || shape.channels == 3) && MIN (shape.height, shape.width) >= 1 &&
      MAX (shape.height, shape.width) <= KAIROS_MAX_SIDE)
    return TRUE;
  if (!is_image && shape.height == 1 && shape.width == 1 && shape.channels >= 1 &&
      shape.channels <= KAIROS_MAX_FEATURES)
    return TRUE;
  if (is_image)
    g_set_error (
        error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
        "%s: pictures of %dx%d points and %d channels cannot be used; expected sides of 1 to %d and 1 or 3 channels.",
        where, shape.width, shape.height, shape.channels, KAIROS_MAX_SIDE);
  else
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "%s: %d features a sample cannot be used; expected 1 to %d.",
                 where, shape.channels, KAIROS_MAX_FEATURES);
  return FALSE;
}

gboolean
kairos_dataset_allocate (KairosDataset *dataset, guint64 n, KairosShape shape, gboolean is_image, const char *where,
                         GError **error)
{
  guint64 n_bytes;

  if (n == 0) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "%s holds no samples.", where);
    return FALSE;
  }
  if (!check_shape (shape, is_image, where, error))
    return FALSE;
  if (n > KAIROS_MAX_SAMPLES ||
      !g_uint64_checked_mul (&n_bytes, n, kairos_shape_size (shape) * (is_image ? 1 : sizeof (float))) ||
      n_bytes > KAIROS_MAX_BYTES) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "%s claims %" G_GUINT64_FORMAT " samples, more than the 64 GiB that Kairos reads.", where, n);
    return FALSE;
  }
  dataset->shape = shape;
  dataset->is_image = is_image;
  dataset->n = n;
  dataset->labels = g_try_malloc0_n (n, sizeof *dataset->labels);
  if (is_image)
    dataset->bytes = g_try_malloc (n_bytes);
  else
    dataset->floats = g_try_malloc (n_bytes);
  if (!dataset->labels || (!dataset->bytes && !dataset->floats)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "%s needs %.1f GB of memory, more than there is.", where,
                 n_bytes / 1e9);
    return FALSE;
  }
  return TRUE;
}

void
kairos_dataset_truncate (KairosDataset *dataset, guint n)
{
  gsize size = kairos_shape_size (dataset->shape);

  dataset->n = n;
  dataset->labels = g_realloc_n (dataset->labels, MAX (n, 1), sizeof *dataset->labels);
  if (dataset->bytes)
    dataset->bytes = g_realloc_n (dataset->bytes, MAX (n, 1), size);
  if (dataset->floats)
    dataset->floats = g_realloc_n (dataset->floats, MAX (n, 1), size * sizeof (float));
}

void
kairos_dataset_add_problem (KairosDataset *dataset, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_insert (dataset->problems, dataset->problems->len - 1, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

void
kairos_dataset_set_official (KairosDataset *dataset, guint n_train)
{
  dataset->official = g_new (guint8, MAX (dataset->n, 1));
  for (guint i = 0; i < dataset->n; i++)
    dataset->official[i] = i < n_train ? KAIROS_SPLIT_TRAIN : KAIROS_SPLIT_TEST;
  dataset->has_test = n_train < dataset->n;
}

void
kairos_dataset_read_class_names (KairosDataset *dataset, const char *folder, const char *file)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) lines = NULL;

  if (dataset->class_names || !g_file_get_contents (path, &text, NULL, NULL) || !g_utf8_validate (text, -1, NULL))
    return;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    if (*g_strstrip (lines[i]) != '\0')
      g_strv_builder_add (builder, lines[i]);
  dataset->class_names = g_strv_builder_end (builder);
}

static gboolean
check_labels (KairosDataset *dataset, const char *where, GError **error)
{
  gint32 first = dataset->labels[0], last = 0;
  gboolean several = FALSE;

  for (guint i = 0; i < dataset->n; i++) {
    if (dataset->labels[i] < 0 || dataset->labels[i] >= KAIROS_MAX_CLASSES) {
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                   "%s: the label of sample %u is %d; expected a class number from 0 to %d.", where, i,
                   dataset->labels[i], KAIROS_MAX_CLASSES - 1);
      return FALSE;
    }
    last = MAX (last, dataset->labels[i]);
    several |= dataset->labels[i] != first;
  }
  dataset->n_classes = MAX (dataset->n_classes, (guint) last + 1);
  if (!several) {
    g_autofree char *number = g_strdup_printf ("%d", first);
    gboolean named = dataset->class_names && g_strv_length (dataset->class_names) > (guint) first;

    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%s: every sample is of the class %s; a network needs at least two classes to tell apart.", where,
                 named ? dataset->class_names[first] : number);
  }
  return several;
}

/* Exactly n_classes names: surplus ones are dropped, missing ones are the number. */
static void
complete_class_names (KairosDataset *dataset)
{
  char **names = g_new0 (char *, dataset->n_classes + 1);
  guint n_given = dataset->class_names ? g_strv_length (dataset->class_names) : 0;

  for (guint i = 0; i < dataset->n_classes; i++)
    names[i] = i < n_given ? g_strdup (dataset->class_names[i]) : g_strdup_printf ("%u", i);
  g_strfreev (dataset->class_names);
  dataset->class_names = names;
}

gboolean
kairos_dataset_complete (KairosDataset *dataset, const char *where, GError **error)
{
  if (dataset->n == 0) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "%s holds no samples.", where);
    return FALSE;
  }
  if (!check_labels (dataset, where, error))
    return FALSE;
  if (!dataset->official)
    kairos_dataset_set_official (dataset, dataset->n);
  complete_class_names (dataset);
  return TRUE;
}

/* ---- Checksum ---- */

/* SHA-256 of blocks of a megabyte in parallel, then of the row of digests: four times as fast on four cores as one
 * pass. */
enum { BLOCK = 1 << 20, DIGEST = 32 };

typedef struct {
  const guint8 *data;
  gsize size;
  guint8 *digests;
} HashJob;

static void
digest_of (GChecksum *checksum, guint8 out[DIGEST])
{
  gsize length = DIGEST;

  g_checksum_get_digest (checksum, out, &length);
}

static void
hash_block (gpointer data, int piece, int thread)
{
  HashJob *job = data;
  gsize begin = (gsize) piece * BLOCK;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (checksum, job->data + begin, MIN (job->size - begin, BLOCK));
  digest_of (checksum, job->digests + (gsize) piece * DIGEST);
}

static void
hash_samples (KairosDataset *dataset, GChecksum *checksum)
{
  gsize size = kairos_shape_size (dataset->shape) * dataset->n * (dataset->is_image ? 1 : sizeof (float));
  int n_blocks = (size + BLOCK - 1) / BLOCK;
  g_autofree guint8 *digests = g_malloc ((gsize) n_blocks * DIGEST);
  HashJob job = { dataset->is_image ? dataset->bytes : (const guint8 *) dataset->floats, size, digests };
  g_autoptr (KairosPool) pool = kairos_pool_new (n_blocks > 1 ? 0 : 1);

  kairos_pool_run (pool, n_blocks, hash_block, &job);
  g_checksum_update (checksum, digests, (gssize) n_blocks * DIGEST);
}

static char *
compute_checksum (KairosDataset *dataset)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint32 head[] = { dataset->n,           dataset->n_classes,      dataset->shape.height,
                     dataset->shape.width, dataset->shape.channels, dataset->is_image };

  for (guint i = 0; i < G_N_ELEMENTS (head); i++)
    head[i] = GUINT32_TO_LE (head[i]);
  g_checksum_update (checksum, (const guchar *) head, sizeof head);
  g_checksum_update (checksum, (const guchar *) dataset->labels, (gssize) dataset->n * sizeof *dataset->labels);
  g_checksum_update (checksum, dataset->official, dataset->n);
  hash_samples (dataset, checksum);
  return g_strdup (g_checksum_get_string (checksum));
}

const char *
kairos_dataset_get_checksum (KairosDataset *dataset)
{
  const char *result;

  pthread_mutex_lock (&dataset->lock);
  if (!dataset->checksum)
    dataset->checksum = compute_checksum (dataset);
  result = dataset->checksum;
  pthread_mutex_unlock (&dataset->lock);
  return result;
}

/* ---- Reading it ---- */

const char *
kairos_split_name (KairosSplit split)
{
  static const char *const names[] = { "train", "validation", "test", "unused" };

  return names[MIN ((guint) split, G_N_ELEMENTS (names) - 1)];
}

const char *
kairos_dataset_get_spec (KairosDataset *dataset)
{
  return dataset->spec;
}

const char *
kairos_dataset_get_title (KairosDataset *dataset)
{
  return dataset->title;
}

const char *
kairos_dataset_get_reader (KairosDataset *dataset)
{
  return dataset->reader;
}

KairosShape
kairos_dataset_get_shape (KairosDataset *dataset)
{
  return dataset->shape;
}

gboolean
kairos_dataset_is_image (KairosDataset *dataset)
{
  return dataset->is_image;
}

guint
kairos_dataset_get_n_samples (KairosDataset *dataset)
{
  return dataset->n;
}

guint
kairos_dataset_get_n_classes (KairosDataset *dataset)
{
  return dataset->n_classes;
}

const char *
kairos_dataset_get_class_name (KairosDataset *dataset, guint class_index)
{
  return class_index < dataset->n_classes ? dataset->class_names[class_index] : NULL;
}

int
kairos_dataset_find_class (KairosDataset *dataset, const char *name)
{
  guint64 number;

  for (guint i = 0; i < dataset->n_classes; i++)
    if (g_strcmp0 (dataset->class_names[i], name) == 0)
      return i;
  for (guint i = 0; i < dataset->n_classes; i++)
    if (g_ascii_strcasecmp (dataset->class_names[i], name) == 0)
      return i;
  if (g_ascii_string_to_unsigned (name, 10, 0, dataset->n_classes - 1, &number, NULL))
    return number;
  return -1;
}

const gint32 *
kairos_dataset_get_labels (KairosDataset *dataset)
{
  return dataset->labels;
}

const guint8 *
kairos_dataset_get_official (KairosDataset *dataset)
{
  return dataset->official;
}

gboolean
kairos_dataset_has_official_test (KairosDataset *dataset)
{
  return dataset->has_test;
}

const float *
kairos_dataset_get_difficulty (KairosDataset *dataset)
{
  return dataset->difficulty;
}

const guint8 *
kairos_dataset_get_bytes (KairosDataset *dataset, guint id)
{
  return dataset->is_image && id < dataset->n ? dataset->bytes + id * kairos_shape_size (dataset->shape) : NULL;
}

const float *
kairos_dataset_get_floats (KairosDataset *dataset, guint id)
{
  return !dataset->is_image && id < dataset->n ? dataset->floats + id * kairos_shape_size (dataset->shape) : NULL;
}

void
kairos_dataset_copy_input (KairosDataset *dataset, guint id, float *out)
{
  gsize size = kairos_shape_size (dataset->shape);
  const guint8 *bytes = kairos_dataset_get_bytes (dataset, id);

  if (!bytes) {
    memcpy (out, dataset->floats + id * size, size * sizeof (float));
    return;
  }
  for (gsize i = 0; i < size; i++)
    out[i] = bytes[i] * (1.0f / 255.0f);
}

char *
kairos_dataset_describe_sample (KairosDataset *dataset, guint id)
{
  if (dataset->names)
    return g_strdup (dataset->names[id]);
  if (dataset->rows)
    return g_strdup_printf ("row %u", dataset->rows[id]);
  return g_strdup_printf ("sample %u", id);
}

const char *const *
kairos_dataset_get_problems (KairosDataset *dataset)
{
  return (const char *const *) dataset->problems->pdata;
}

gsize
kairos_dataset_get_memory (KairosDataset *dataset)
{
  gsize sample = kairos_shape_size (dataset->shape) * (dataset->is_image ? 1 : sizeof (float));
  gsize other =
      sizeof (gint32) + 1 + (dataset->difficulty ? sizeof (float) : 0) + (dataset->rows ? sizeof (guint32) : 0);
  gsize memory = sizeof *dataset + dataset->n * (sample + other);

  for (guint i = 0; dataset->names && i < dataset->n; i++)
    memory += sizeof (char *) + strlen (dataset->names[i]) + 1;
  return memory;
}

float *
kairos_dataset_read_picture (KairosDataset *dataset, const char *path, GError **error)
{
  gsize size = kairos_shape_size (dataset->shape);
  g_autofree guint8 *bytes = NULL;
  float *out;

  if (!dataset->is_image) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED,
                 "%s: this network was trained on numbers, not on pictures, so it cannot judge a picture.", path);
    return NULL;
  }
  bytes = g_malloc (size);
  if (!kairos_picture_read (path, path, dataset->shape, dataset->letterbox, bytes, error))
    return NULL;
  out = g_new (float, size);
  for (gsize i = 0; i < size; i++)
    out[i] = bytes[i] * (1.0f / 255.0f);
  return out;
}
