/* SPDX-License-Identifier: MIT */

/* The binary layout of CIFAR-10 and CIFAR-100 (A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images",
 * 2009).
 *
 * A file is a row of records without a header: one label byte (CIFAR-10) or two, the coarse and the fine one
 * (CIFAR-100), then 1024 red, 1024 green and 1024 blue bytes.  Which of the two it is follows from the size of the
 * file; where both divide it, from the label bytes, which stay below their number of classes in the right layout. Files
 * with "test" in their name are the test split.
 */
#include "cifar.h"

#include <string.h>

enum { SIDE = 32, PLANE = SIDE * SIDE, PICTURE = 3 * PLANE, CHUNK_RECORDS = 1000 };

static const struct {
  gsize record;
  int n_label_bytes, n_classes, n_coarse;
  const char *name, *class_names;
} layouts[] = {
  { PICTURE + 1, 1, 10, 0, "CIFAR-10", "batches.meta.txt" },
  { PICTURE + 2, 2, 100, 20, "CIFAR-100", "fine_label_names.txt" },
};

/* Whether every record's label bytes are in the range of the layout. */
static gboolean
labels_fit (const guint8 *data, gsize size, guint layout)
{
  for (gsize at = 0; at + layouts[layout].record <= size; at += layouts[layout].record)
    if (data[at + layouts[layout].n_label_bytes - 1] >= layouts[layout].n_classes ||
        (layouts[layout].n_coarse > 0 && data[at] >= layouts[layout].n_coarse))
      return FALSE;
  return TRUE;
}

/* From planes of colours to points. */
static void
interleave (const guint8 *planes, guint8 *out)
{
  for (int i = 0; i < PLANE; i++)
    for (int c = 0; c < 3; c++)
      *out++ = planes[c * PLANE + i];
}

static int
layout_of (const guint8 *data, gsize size, const char *name, GError **error)
{
  gboolean divides = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (layouts) && size > 0; i++)
    if (size % layouts[i].record == 0) {
      divides = TRUE;
      if (labels_fit (data, size, i))
        return i;
    }
  if (size == 0)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "%s is empty; expected CIFAR records of 3073 or 3074 bytes.",
                 name);
  else if (divides)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%s holds labels beyond the classes of CIFAR-10 and CIFAR-100: it is damaged or of another kind.",
                 name);
  else
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%s is truncated or too long: its %" G_GSIZE_FORMAT
                 " bytes are no whole number of CIFAR records of 3073 or 3074 bytes.",
                 name, size);
  return -1;
}

/* ---- Several files ---- */

typedef struct {
  GByteArray *data;
  char *name;
  gboolean is_test;
  int layout;
} File;

static void
file_clear (gpointer data)
{
  File *file = data;

  g_clear_pointer (&file->data, g_byte_array_unref);
  g_free (file->name);
}

/* The whole of a source; how much a packed one holds is known only at its end. */
static GByteArray *
read_whole (KairosReadContext *context, KairosSource *source, double from, double to, GError **error)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  const gsize step = CHUNK_RECORDS * layouts[0].record;
  gssize got = step;

  while (got == (gssize) step) {
    gsize size = data->len;
    double share = kairos_source_fraction (source);

    if (!kairos_read_progress (context, from + (to - from) * share, error, "reading %s", kairos_source_name (source)))
      return NULL;
    if (size > G_MAXINT32 - step) {
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                   "%s is larger than the 2 GiB that Kairos reads of one CIFAR file.", kairos_source_name (source));
      return NULL;
    }
    g_byte_array_set_size (data, size + step);
    got = kairos_source_read (source, data->data + size, step, error);
    if (got < 0)
      return NULL;
    g_byte_array_set_size (data, size + got);
  }
  return g_steal_pointer (&data);
}

static guint
file_records (const File *file)
{
  return file->data->len / layouts[file->layout].record;
}

/* Moves the records of a file behind the first `at` samples and lets go of the file. */
static void
take_records (KairosDataset *dataset, File *file, guint at)
{
  gsize record = layouts[file->layout].record;
  int n_label_bytes = layouts[file->layout].n_label_bytes;

  for (gsize from = 0; from < file->data->len; from += record, at++) {
    dataset->labels[at] = file->data->data[from + n_label_bytes - 1]; /* of CIFAR-100 the fine label */
    interleave (file->data->data + from + n_label_bytes, dataset->bytes + (gsize) at * PICTURE);
  }
  g_clear_pointer (&file->data, g_byte_array_unref);
}

static gboolean
check_files (GArray *files, GError **error)
{
  const File *first = &g_array_index (files, File, 0);

  for (guint i = 0; i < files->len; i++) {
    File *file = &g_array_index (files, File, i);

    file->layout = layout_of (file->data->data, file->data->len, file->name, error);
    if (file->layout < 0)
      return FALSE;
    if (file->layout != first->layout) {
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                   "%s holds %s records and %s %s records; choose one file or keep the sets in folders of their own.",
                   first->name, layouts[first->layout].name, file->name, layouts[file->layout].name);
      return FALSE;
    }
  }
  return TRUE;
}

static KairosDataset *
assemble (GArray *files, const char *where, GError **error)
{
  g_autoptr (KairosDataset) dataset = kairos_dataset_new ();
  guint64 n = 0;
  guint at = 0, n_train = 0;

  if (!check_files (files, error))
    return NULL;
  for (guint i = 0; i < files->len; i++)
    n += file_records (&g_array_index (files, File, i));
  if (!kairos_dataset_allocate (dataset, n, (KairosShape){ SIDE, SIDE, 3 }, TRUE, where, error))
    return NULL;
  for (int test = FALSE; test <= TRUE; test++) {
    for (guint i = 0; i < files->len; i++) {
      File *file = &g_array_index (files, File, i);
      guint n_records = file->is_test == test ? file_records (file) : 0;

      if (file->is_test != test || !file->data)
        continue;
      take_records (dataset, file, at);
      at += n_records;
    }
    n_train = test ? n_train : at;
  }
  dataset->n_classes = layouts[g_array_index (files, File, 0).layout].n_classes;
  kairos_dataset_set_official (dataset, n_train > 0 ? n_train : dataset->n);
  return g_steal_pointer (&dataset);
}

KairosDataset *
kairos_cifar_parse (KairosReadContext *context, KairosSource *const *sources, guint n, const char *where,
                    GError **error)
{
  g_autoptr (GArray) files = g_array_new (FALSE, TRUE, sizeof (File));

  g_array_set_clear_func (files, file_clear);
  for (guint i = 0; i < n; i++) {
    const char *name = kairos_source_name (sources[i]);
    g_autofree char *lower = g_ascii_strdown (name, -1);
    File file = { .name = g_strdup (name), .is_test = strstr (lower, "test") != NULL };

    file.data = read_whole (context, sources[i], (double) i / n, (i + 1.0) / n, error);
    g_array_append_val (files, file);
    if (!file.data)
      return NULL;
  }
  return assemble (files, where, error);
}

/* ---- The reader ---- */

static gboolean
is_bin (const char *name)
{
  return g_str_has_suffix (name, ".bin") || g_str_has_suffix (name, ".bin.gz");
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* The .bin files that path stands for, in the order of their names; of one that is there plain and packed the plain
 * one. */
static GStrv
files_of (const char *path)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_DIR) ? g_dir_open (path, 0, NULL) : NULL;
  const char *name;

  if (!dir && is_bin (path))
    g_ptr_array_add (paths, g_strdup (path));
  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *file = g_build_filename (path, name, NULL);
    g_autofree char *plain = g_str_has_suffix (file, ".gz") ? g_strndup (file, strlen (file) - strlen (".gz")) : NULL;

    if (is_bin (name) && g_file_test (file, G_FILE_TEST_IS_REGULAR) &&
        (!plain || !g_file_test (plain, G_FILE_TEST_IS_REGULAR)))
      g_ptr_array_add (paths, g_steal_pointer (&file));
  }
  g_ptr_array_sort (paths, compare_names);
  g_ptr_array_add (paths, NULL);
  return (GStrv) g_ptr_array_steal (paths, NULL);
}

static int
cifar_probe (const char *path)
{
  g_auto (GStrv) files = g_file_test (path, G_FILE_TEST_EXISTS) ? files_of (path) : NULL;

  return files && files[0] ? 70 : 0;
}

static KairosDataset *
cifar_read (KairosReadContext *context, const char *path, GError **error)
{
  g_auto (GStrv) files = files_of (path);
  guint n = g_strv_length (files), n_open = 0;
  g_autofree KairosSource **sources = g_new0 (KairosSource *, n);
  g_autofree char *folder = g_file_test (path, G_FILE_TEST_IS_DIR) ? g_strdup (path) : g_path_get_dirname (path);
  KairosDataset *dataset = NULL;

  while (n_open < n && (sources[n_open] = kairos_source_open (files[n_open], error)))
    n_open++;
  if (n_open == n)
    dataset = kairos_cifar_parse (context, sources, n, path, error);
  for (guint i = 0; i < n_open; i++)
    kairos_source_free (sources[i]);
  for (guint i = 0; dataset && i < G_N_ELEMENTS (layouts); i++)
    if (dataset->n_classes == (guint) layouts[i].n_classes)
      kairos_dataset_read_class_names (dataset, folder, layouts[i].class_names);
  return dataset;
}

static GStrv
cifar_worth_caching (KairosReadContext *context, const char *path)
{
  g_auto (GStrv) files = files_of (path);

  for (guint i = 0; files[i]; i++)
    if (g_str_has_suffix (files[i], ".gz"))
      return g_steal_pointer (&files);
  return NULL;
}

const KairosReader kairos_reader_cifar = {
  { "cifar", "CIFAR-10 and CIFAR-100 in their binary layout, plain or gzip" },
  cifar_probe,
  cifar_read,
  cifar_worth_caching,
};
