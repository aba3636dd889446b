/* SPDX-License-Identifier: MIT */

/* NPY, the format of NumPy arrays (NumPy Enhancement Proposal 1), and NPZ, a zip archive of them.
 *
 * An array of samples has the shape (n, features), (n, height, width), (n, height, width, channels) or (n, channels,
 * height, width); an array of labels (n) or (n, 1).  Which arrays belong together follows from their names: x_train,
 * y_train, x_test, y_test and the like, in an archive or side by side in a folder.  Pictures may be bytes, or numbers
 * of 0 to 1 or 0 to 255.
 */
#include "npy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/bytes.h"
#include "zip.h"

enum { MAX_DIMENSIONS = 4, MAX_HEADER = 1 << 16, BLOCK = 1 << 16 /* values converted at a time */ };

/* ---- One array ---- */

typedef struct {
  KairosSource *source;
  char kind;  /* b, i, u or f */
  guint size; /* bytes of an element */
  gboolean swapped;
  guint n_dimensions;
  guint64 sizes[MAX_DIMENSIONS];
} Array;

static gboolean
header_error (Array *array, GError **error, const char *what)
{
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "%s is no sound NPY file: %s.",
               kairos_source_name (array->source), what);
  return FALSE;
}

/* What follows 'key': in the Python dictionary of the header. */
static const char *
find_key (const char *header, const char *key)
{
  const char *at = strstr (header, key);

  if (!at)
    return NULL;
  at += strlen (key);
  while (*at == '\'' || *at == '"' || *at == ' ' || *at == ':')
    at++;
  return at;
}

/* '<f4' and the like; at points behind the quote. */
static gboolean
parse_type (Array *array, const char *at, GError **error)
{
  gboolean known;

  if (!at)
    return header_error (array, error, "its header names no type of elements");
  array->kind = *at != '\0' && strchr ("<>|=", *at) ? at[1] : '\0';
  array->size = array->kind != '\0' && g_ascii_isdigit (at[2]) ? at[2] - '0' : 0;
  known = (array->kind == 'b' && array->size == 1) || (array->kind == 'f' && (array->size == 4 || array->size == 8)) ||
          ((array->kind == 'i' || array->kind == 'u') &&
           (array->size == 1 || array->size == 2 || array->size == 4 || array->size == 8));
  array->swapped = (*at == '>') == (G_BYTE_ORDER == G_LITTLE_ENDIAN) && *at != '=' && *at != '|' && array->size > 1;
  if (known && (at[3] == '\'' || at[3] == '"'))
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED,
               "%s holds elements of the type %.*s; Kairos reads whole numbers, booleans, float32 and float64.",
               kairos_source_name (array->source), (int) MIN (strcspn (at, "'\","), 20), at);
  return FALSE;
}

/* (60000, 28, 28) */
static gboolean
parse_shape (Array *array, const char *at, GError **error)
{
  if (!at || *at != '(')
    return header_error (array, error, "its header names no shape");
  for (at++; *at != ')';) {
    char *end;
    guint64 size;

    if (!g_ascii_isdigit (*at))
      return header_error (array, error, "its shape cannot be read");
    if (array->n_dimensions == MAX_DIMENSIONS)
      return header_error (array, error, "it has more than four dimensions");
    size = g_ascii_strtoull (at, &end, 10);
    array->sizes[array->n_dimensions++] = size;
    at = end;
    while (*at == ',' || *at == ' ' || *at == 'L')
      at++;
  }
  return TRUE;
}

static gboolean
read_preamble (Array *array, guint32 *length, GError **error)
{
  guint8 magic[8], bytes[4] = { 0 };
  gsize n_bytes;

  if (!kairos_source_read_all (array->source, magic, sizeof magic, "its header", error))
    return FALSE;
  if (memcmp (magic, "\x93NUMPY", 6) != 0)
    return header_error (array, error, "it does not start with \\x93NUMPY");
  if (magic[6] < 1 || magic[6] > 3)
    return header_error (array, error, "its version is none of 1, 2 and 3");
  n_bytes = magic[6] == 1 ? 2 : 4;
  if (!kairos_source_read_all (array->source, bytes, n_bytes, "its header", error))
    return FALSE;
  *length = kairos_get_u32 (bytes);
  return *length <= MAX_HEADER ? TRUE : header_error (array, error, "its header is longer than 64 KiB");
}

/* How many elements; saturates. */
static double
count_elements (const Array *array)
{
  double n = 1;

  for (guint i = 0; i < array->n_dimensions; i++)
    n *= array->sizes[i];
  return n;
}

static gboolean
read_header (Array *array, GError **error)
{
  g_autofree char *header = NULL;
  const char *order;
  guint32 length;

  if (!read_preamble (array, &length, error))
    return FALSE;
  header = g_malloc0 (length + 1);
  if (!kairos_source_read_all (array->source, header, length, "its header", error) ||
      !parse_type (array, find_key (header, "descr"), error) || !parse_shape (array, find_key (header, "shape"), error))
    return FALSE;
  order = find_key (header, "fortran_order");
  if (order && *order == 'T' && array->n_dimensions > 1) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED,
                 "%s is in Fortran order; save numpy.ascontiguousarray() of it.", kairos_source_name (array->source));
    return FALSE;
  }
  /* What a header claims is believed only as far as the file can hold it. */
  if (count_elements (array) * array->size > kairos_source_limit (array->source)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%s is truncated: it is too short for the %.10g elements that its header promises.",
                 kairos_source_name (array->source), count_elements (array));
    return FALSE;
  }
  return TRUE;
}

static double
element (const Array *array, const guint8 *at)
{
  guint8 bytes[8] = { 0 };
  union {
    guint64 u64;
    double f64;
    float f32;
    gint64 i64;
  } value = { 0 };

  for (guint i = 0; i < array->size; i++)
    bytes[i] = at[array->swapped ? array->size - 1 - i : i];
  memcpy (&value, bytes, sizeof value); /* little-endian from here on */
  if (array->kind == 'f')
    return array->size == 4 ? value.f32 : value.f64;
  if (array->kind == 'i')
    return (double) ((gint64) (value.u64 << (64 - 8 * array->size)) >> (64 - 8 * array->size));
  return (double) value.u64;
}

/* The next n elements as numbers; scratch holds n * 8 bytes. */
static gboolean
read_elements (Array *array, gsize n, double *out, guint8 *scratch, GError **error)
{
  if (!kairos_source_read_all (array->source, scratch, n * array->size, "its elements", error))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    out[i] = element (array, scratch + i * array->size);
  return TRUE;
}

/* ---- Samples and labels ---- */

typedef struct {
  KairosReadContext *context;
  KairosDataset *dataset;
  Array samples[2], labels[2]; /* training, test */
  guint n_parts;
  gboolean planes; /* (n, channels, height, width) */
  gsize n_written; /* values of pictures so far */
  gboolean to_255; /* pictures hold 0 to 255; else all values so far are 0 to 1 */
  double *values;  /* BLOCK */
  guint8 *scratch; /* BLOCK * 8 */
} Reading;

static gboolean
shape_of (Reading *reading, KairosShape *shape, GError **error)
{
  const Array *array = &reading->samples[0];
  int sizes[MAX_DIMENSIONS];

  for (guint i = 0; i < MAX_DIMENSIONS; i++)
    sizes[i] = (int) MIN (array->sizes[i], G_MAXINT);
  if (array->n_dimensions == 2)
    *shape = (KairosShape){ 1, 1, sizes[1] };
  else if (array->n_dimensions == 3)
    *shape = (KairosShape){ sizes[1], sizes[2], 1 };
  else if (array->n_dimensions == 4 && (sizes[3] == 1 || sizes[3] == 3))
    *shape = (KairosShape){ sizes[1], sizes[2], sizes[3] };
  else if (array->n_dimensions == 4 && (sizes[1] == 1 || sizes[1] == 3)) {
    *shape = (KairosShape){ sizes[2], sizes[3], sizes[1] };
    reading->planes = sizes[1] > 1;
  } else {
    g_set_error (
        error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED,
        "%s: expected samples of the shape (n, features), (n, height, width) or (n, height, width, 1 or 3 channels).",
        kairos_source_name (array->source));
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_part (Reading *reading, guint part, GError **error)
{
  const Array *samples = &reading->samples[part], *labels = &reading->labels[part], *first = &reading->samples[0];
  const char *name = kairos_source_name (samples->source), *label_name = kairos_source_name (labels->source);

  if (samples->n_dimensions < 1 || samples->n_dimensions != first->n_dimensions ||
      memcmp (samples->sizes + 1, first->sizes + 1, (MAX_DIMENSIONS - 1) * sizeof first->sizes[0]) != 0)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "The shapes disagree: the samples of %s and %s differ in size.", kairos_source_name (first->source),
                 name);
  else if (!(labels->n_dimensions == 1 || (labels->n_dimensions == 2 && labels->sizes[1] == 1)))
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%s holds no labels: expected the shape (n) or (n, 1), a class number for each sample.", label_name);
  else if (samples->sizes[0] != labels->sizes[0])
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "The counts disagree: %s holds %" G_GUINT64_FORMAT " samples, %s holds %" G_GUINT64_FORMAT " labels.",
                 name, samples->sizes[0], label_name, labels->sizes[0]);
  else
    return TRUE;
  return FALSE;
}

static gboolean
read_labels (Reading *reading, guint part, gint32 *out, GError **error)
{
  Array *array = &reading->labels[part];

  for (guint64 at = 0; at < array->sizes[0]; at += BLOCK) {
    gsize n = MIN (BLOCK, array->sizes[0] - at);

    if (!read_elements (array, n, reading->values, reading->scratch, error))
      return FALSE;
    for (gsize i = 0; i < n; i++) {
      double label = reading->values[i];

      if (!(label >= 0 && label < KAIROS_MAX_CLASSES && label == floor (label))) {
        g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                     "%s: the label of sample %" G_GUINT64_FORMAT " is %g; expected a class number from 0 to %d.",
                     kairos_source_name (array->source), at + i, label, KAIROS_MAX_CLASSES - 1);
        return FALSE;
      }
      out[at + i] = (gint32) label;
    }
  }
  return kairos_source_expect_end (array->source, "the labels", error);
}

/* The first value above 1 tells that pictures hold 0 to 255; what was scaled from 0 to 1 until then is scaled back. */
static void
switch_to_255 (Reading *reading)
{
  reading->to_255 = TRUE;
  for (gsize i = 0; i < reading->n_written; i++)
    reading->dataset->bytes[i] = (reading->dataset->bytes[i] + 127) / 255;
}

static gboolean
put_pixels (Reading *reading, const Array *array, gsize n, GError **error)
{
  for (gsize i = 0; i < n; i++) {
    double value = reading->values[i];

    if (!(value >= 0 && value <= 255)) {
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                   "%s: sample %" G_GSIZE_FORMAT " holds the value %g; pictures hold 0 to 1 or 0 to 255.",
                   kairos_source_name (array->source),
                   (reading->n_written) / kairos_shape_size (reading->dataset->shape), value);
      return FALSE;
    }
    if (value > 1 && !reading->to_255)
      switch_to_255 (reading);
    reading->dataset->bytes[reading->n_written++] = (guint8) (value * (reading->to_255 ? 1 : 255) + 0.5);
  }
  return TRUE;
}

static gboolean
put_features (Reading *reading, const Array *array, gsize n, GError **error)
{
  for (gsize i = 0; i < n; i++) {
    double value = reading->values[i];

    if (!(fabs (value) <= G_MAXFLOAT)) {
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                   "%s: sample %" G_GSIZE_FORMAT " holds a value that is not finite.",
                   kairos_source_name (array->source),
                   reading->n_written / kairos_shape_size (reading->dataset->shape));
      return FALSE;
    }
    reading->dataset->floats[reading->n_written++] = (float) value;
  }
  return TRUE;
}

/* Bytes go straight to their place, anything else by way of numbers. */
static gboolean
read_block (Reading *reading, Array *array, gsize n, GError **error)
{
  if (reading->dataset->is_image && array->kind == 'u' && array->size == 1) {
    reading->n_written += n;
    return kairos_source_read_all (array->source, reading->dataset->bytes + reading->n_written - n, n, "its pictures",
                                   error);
  }
  if (!read_elements (array, n, reading->values, reading->scratch, error))
    return FALSE;
  return reading->dataset->is_image ? put_pixels (reading, array, n, error) : put_features (reading, array, n, error);
}

static gboolean
read_samples (Reading *reading, guint part, GError **error)
{
  Array *array = &reading->samples[part];
  gsize n = array->sizes[0] * kairos_shape_size (reading->dataset->shape);
  gsize total = reading->dataset->n * kairos_shape_size (reading->dataset->shape);

  for (gsize at = 0; at < n; at += BLOCK)
    if (!kairos_read_progress (reading->context, (double) reading->n_written / total, error, "reading %s",
                               kairos_source_name (array->source)) ||
        !read_block (reading, array, MIN (BLOCK, n - at), error))
      return FALSE;
  return kairos_source_expect_end (array->source, "the samples", error);
}

/* From planes of channels to points, picture by picture. */
static void
interleave (KairosDataset *dataset)
{
  gsize size = kairos_shape_size (dataset->shape), plane = size / dataset->shape.channels;
  g_autofree guint8 *planes = g_malloc (size);

  for (guint id = 0; id < dataset->n; id++) {
    guint8 *out = dataset->bytes + id * size;

    memcpy (planes, out, size);
    for (gsize i = 0; i < plane; i++)
      for (int c = 0; c < dataset->shape.channels; c++)
        *out++ = planes[c * plane + i];
  }
}

static gboolean
read_all (Reading *reading, const char *where, GError **error)
{
  guint64 n_train = reading->samples[0].sizes[0],
          n = n_train + (reading->n_parts == 2 ? reading->samples[1].sizes[0] : 0);
  KairosShape shape;

  if (!shape_of (reading, &shape, error) ||
      !kairos_dataset_allocate (reading->dataset, n, shape, reading->samples[0].n_dimensions > 2, where, error))
    return FALSE;
  for (guint part = 0; part < reading->n_parts; part++)
    if (!read_labels (reading, part, reading->dataset->labels + (part > 0 ? n_train : 0), error) ||
        !read_samples (reading, part, error))
      return FALSE;
  if (reading->planes)
    interleave (reading->dataset);
  kairos_dataset_set_official (reading->dataset, n_train > 0 ? n_train : n);
  return TRUE;
}

KairosDataset *
kairos_npy_parse (KairosReadContext *context, KairosSource *const sources[4], const char *where, GError **error)
{
  g_autoptr (KairosDataset) dataset = kairos_dataset_new ();
  g_autofree double *values = g_new (double, BLOCK);
  g_autofree guint8 *scratch = g_malloc (BLOCK * sizeof (double));
  Reading reading = {
    .context = context, .dataset = dataset, .n_parts = sources[2] ? 2 : 1, .values = values, .scratch = scratch
  };

  for (guint part = 0; part < reading.n_parts; part++) {
    reading.samples[part].source = sources[2 * part];
    reading.labels[part].source = sources[2 * part + 1];
    if (!read_header (&reading.samples[part], error) || !read_header (&reading.labels[part], error) ||
        !check_part (&reading, part, error))
      return NULL;
  }
  return read_all (&reading, where, error) ? g_steal_pointer (&dataset) : NULL;
}

/* ---- Which arrays belong together ---- */

/* Names of: training samples, their labels, test samples, their labels; a line each, the first that is there is taken.
 */
static const char *const SETS[][4] = {
  { "x_train", "y_train", "x_test", "y_test" },
  { "train_images", "train_labels", "test_images", "test_labels" },
  { "train_x", "train_y", "test_x", "test_y" },
  { "train_data", "train_labels", "test_data", "test_labels" },
  { "x", "y" },
  { "x", "labels" },
  { "images", "labels" },
  { "data", "labels" },
  { "data", "target" },
  { "arr_0", "arr_1" },
};

static char *
array_name (const char *file)
{
  char *name = g_ascii_strdown (file, -1);

  if (g_str_has_suffix (name, ".npy"))
    name[strlen (name) - strlen (".npy")] = '\0';
  return name;
}

/* The NPY files of a folder in the shape of the members of an archive. */
static GPtrArray *
list_folder (const char *folder)
{
  GPtrArray *members = g_ptr_array_new_with_free_func (kairos_zip_member_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    if (g_str_has_suffix (name, ".npy")) {
      KairosZipMember *member = g_new0 (KairosZipMember, 1);

      member->name = g_strdup (name);
      g_ptr_array_add (members, member);
    }
  return members;
}

static const KairosZipMember *
find_member (GPtrArray *members, const char *name)
{
  for (guint i = 0; i < members->len && name; i++) {
    const KairosZipMember *member = members->pdata[i];
    g_autofree char *its_name = array_name (member->name);

    if (strcmp (its_name, name) == 0)
      return member;
  }
  return NULL;
}

/* Fills chosen; among, an array's name, must be one of them unless it is NULL. */
static gboolean
choose (GPtrArray *members, const char *among, const KairosZipMember *chosen[4])
{
  for (guint i = 0; i < G_N_ELEMENTS (SETS); i++) {
    gboolean holds = !among;

    for (guint j = 0; j < 4; j++) {
      chosen[j] = find_member (members, SETS[i][j]);
      holds |= chosen[j] && g_strcmp0 (SETS[i][j], among) == 0;
    }
    if (!chosen[2] || !chosen[3])
      chosen[2] = chosen[3] = NULL;
    if (chosen[0] && chosen[1] && holds)
      return TRUE;
  }
  return FALSE;
}

/* Any other name goes with labels that are called after it, or just so. */
static gboolean
choose_beside (GPtrArray *members, const char *name, const KairosZipMember *chosen[4])
{
  g_autofree char *own = g_strconcat (name, "_labels", NULL);
  const char *const names[] = { own, "labels", "y" };

  chosen[0] = find_member (members, name);
  chosen[1] = chosen[2] = chosen[3] = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (names) && !chosen[1]; i++)
    chosen[1] = find_member (members, names[i]);
  return chosen[0] && chosen[1] && chosen[0] != chosen[1];
}

static char *
list_names (GPtrArray *members)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < MIN (members->len, 10); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", ((KairosZipMember *) members->pdata[i])->name);
  return g_string_free (names, FALSE);
}

static void
note_unused (KairosDataset *dataset, GPtrArray *members, const KairosZipMember *const chosen[4])
{
  for (guint i = 0; i < members->len; i++) {
    const KairosZipMember *member = members->pdata[i];

    if (member != chosen[0] && member != chosen[1] && member != chosen[2] && member != chosen[3])
      kairos_dataset_add_problem (dataset, "%s: an array that is not used", member->name);
  }
}

/* ---- The reader ---- */

static gboolean
is_archive (const char *path)
{
  return g_str_has_suffix (path, ".npz") && g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

static int
npy_probe (const char *path)
{
  g_autoptr (GPtrArray) members = NULL;
  const KairosZipMember *chosen[4];

  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return g_str_has_suffix (path, ".npz") || g_str_has_suffix (path, ".npy") ? 90 : 0;
  members = g_file_test (path, G_FILE_TEST_IS_DIR) ? list_folder (path) : NULL;
  return members && choose (members, NULL, chosen) ? 60 : 0;
}

static KairosSource *
open_member (const char *path, const char *folder, const KairosZipMember *member, GError **error)
{
  g_autofree char *file = NULL;

  if (is_archive (path))
    return kairos_source_open_member (path, member->offset, member->n_packed, member->n_unpacked, member->packing,
                                      member->name, error);
  file = g_build_filename (folder, member->name, NULL);
  return kairos_source_open (file, error);
}

static KairosDataset *
read_chosen (KairosReadContext *context, const char *path, const char *folder, const KairosZipMember *const chosen[4],
             GError **error)
{
  KairosSource *sources[4] = { 0 };
  KairosDataset *dataset = NULL;
  gboolean opened = TRUE;

  for (guint i = 0; i < 4 && chosen[i] && opened; i++)
    opened = (sources[i] = open_member (path, folder, chosen[i], error)) != NULL;
  if (opened)
    dataset = kairos_npy_parse (context, sources, path, error);
  for (guint i = 0; i < 4; i++)
    kairos_source_free (sources[i]);
  return dataset;
}

static KairosDataset *
npy_read (KairosReadContext *context, const char *path, GError **error)
{
  gboolean is_folder = g_file_test (path, G_FILE_TEST_IS_DIR);
  g_autofree char *folder = is_folder ? g_strdup (path) : g_path_get_dirname (path);
  g_autofree char *file = g_path_get_basename (path);
  g_autofree char *name = is_folder || is_archive (path) ? NULL : array_name (file);
  g_autoptr (GPtrArray) members = is_archive (path) ? kairos_zip_list (path, error) : list_folder (folder);
  const KairosZipMember *chosen[4];
  KairosDataset *dataset;

  if (!members)
    return NULL;
  if (!choose (members, name, chosen) && (!name || !choose_beside (members, name, chosen))) {
    g_autofree char *names = list_names (members);

    g_set_error (
        error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
        "%s: no samples with labels among its arrays (%s); expected names such as x_train and y_train, or X and y.",
        file, names);
    return NULL;
  }
  dataset = read_chosen (context, path, folder, chosen, error);
  if (dataset && is_archive (path))
    note_unused (dataset, members, chosen);
  return dataset;
}

const KairosReader kairos_reader_npy = {
  { "npy", "NumPy arrays: NPZ, or NPY files side by side" },
  npy_probe,
  npy_read,
};
