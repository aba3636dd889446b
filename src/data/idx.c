/* SPDX-License-Identifier: MIT */

/* IDX, the format of MNIST and its relatives (Y. LeCun, "The MNIST database of handwritten digits").
 *
 * Big-endian: two zero bytes, the type of an element (8: unsigned byte), the number of dimensions, a 32-bit size for
 * each dimension, the data. A picture file has three dimensions (or four, the last one the channels), a label file one.
 * Four files make a set, and naming any of them, or their folder, names all: they differ in "images"/"labels",
 * "idx3"/"idx1" and "train"/"t10k" (or "test") alone.
 */
#include "idx.h"

#include <string.h>

#include "source.h"

enum { MAX_DIMENSIONS = 4, UNSIGNED_BYTE = 8, STEP = 4 << 20 /* bytes between two looks at the cancel button */ };

typedef struct {
  guint n_dimensions;
  guint32 sizes[MAX_DIMENSIONS];
} Header;

/* ---- One file ---- */

static gboolean
read_header (KairosSource *source, Header *header, GError **error)
{
  const char *name = kairos_source_name (source);
  guint8 magic[4];

  if (!kairos_source_read_all (source, magic, sizeof magic, "its header", error))
    return FALSE;
  if (magic[0] != 0 || magic[1] != 0 || magic[3] < 1 || magic[3] > MAX_DIMENSIONS) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%s is not an IDX file: it starts with %02x %02x %02x %02x, expected 00 00 08 and 01 to 04.", name,
                 magic[0], magic[1], magic[2], magic[3]);
    return FALSE;
  }
  if (magic[2] != UNSIGNED_BYTE) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED,
                 "%s holds IDX elements of type 0x%02x; Kairos reads bytes (0x08).", name, magic[2]);
    return FALSE;
  }
  header->n_dimensions = magic[3];
  if (!kairos_source_read_all (source, header->sizes, header->n_dimensions * sizeof (guint32), "its header", error))
    return FALSE;
  for (guint i = 0; i < header->n_dimensions; i++)
    header->sizes[i] = GUINT32_FROM_BE (header->sizes[i]);
  return TRUE;
}

static gboolean
read_images_header (KairosSource *source, guint32 *n, KairosShape *shape, GError **error)
{
  Header header = { 0 };

  if (!read_header (source, &header, error))
    return FALSE;
  if (header.n_dimensions < 3) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%s has %u dimensions; a file of pictures has three: count, rows, columns.",
                 kairos_source_name (source), header.n_dimensions);
    return FALSE;
  }
  if (header.n_dimensions == 3)
    header.sizes[3] = 1;
  *n = header.sizes[0];
  *shape = (KairosShape){ MIN (header.sizes[1], G_MAXINT), MIN (header.sizes[2], G_MAXINT),
                          MIN (header.sizes[3], G_MAXINT) };
  return TRUE;
}

static gboolean
read_labels_header (KairosSource *source, guint32 *n, GError **error)
{
  Header header = { 0 };

  if (!read_header (source, &header, error))
    return FALSE;
  *n = header.sizes[0];
  if (header.n_dimensions == 1)
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "%s has %u dimensions; a file of labels has one.",
               kairos_source_name (source), header.n_dimensions);
  return FALSE;
}

/* ---- A pair of files: pictures and their labels ---- */

typedef struct {
  KairosSource *images, *labels;
  guint32 n;
  KairosShape shape;
} Pair;

static gboolean
pair_read_headers (Pair *pair, GError **error)
{
  guint32 n_labels;

  if (!read_images_header (pair->images, &pair->n, &pair->shape, error) ||
      !read_labels_header (pair->labels, &n_labels, error))
    return FALSE;
  if (pair->n == 0) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "%s holds no samples.", kairos_source_name (pair->images));
    return FALSE;
  }
  if (pair->n != n_labels) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "The counts disagree: %s holds %u pictures, %s holds %u labels.", kairos_source_name (pair->images),
                 pair->n, kairos_source_name (pair->labels), n_labels);
    return FALSE;
  }
  /* What a header claims is believed only as far as the file can hold it. */
  if ((double) pair->n * pair->shape.height * pair->shape.width * pair->shape.channels >
      kairos_source_limit (pair->images)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%s is truncated: its header says %u pictures of %dx%d, the file is too short for them.",
                 kairos_source_name (pair->images), pair->n, pair->shape.width, pair->shape.height);
    return FALSE;
  }
  return TRUE;
}

static gboolean
read_pictures (KairosReadContext *context, Pair *pair, guint8 *out, double from, double to, GError **error)
{
  gsize size = pair->n * kairos_shape_size (pair->shape);
  const char *name = kairos_source_name (pair->images);

  for (gsize at = 0; at < size; at += STEP)
    if (!kairos_read_progress (context, from + (to - from) * at / size, error, "reading %s", name) ||
        !kairos_source_read_all (pair->images, out + at, MIN (STEP, size - at), "its pictures", error))
      return FALSE;
  return TRUE;
}

static gboolean
read_labels (Pair *pair, gint32 *out, GError **error)
{
  g_autofree guint8 *labels = g_malloc (MAX (pair->n, 1));

  if (!kairos_source_read_all (pair->labels, labels, pair->n, "its labels", error))
    return FALSE;
  for (guint32 i = 0; i < pair->n; i++)
    out[i] = labels[i];
  return TRUE;
}

/* Fills samples first .. first + n - 1. */
static gboolean
pair_read (KairosReadContext *context, Pair *pair, KairosDataset *dataset, guint first, GError **error)
{
  g_autofree char *expected = g_strdup_printf ("%u pictures of %dx%d", pair->n, pair->shape.width, pair->shape.height);
  g_autofree char *expected_labels = g_strdup_printf ("%u labels", pair->n);
  double from = (double) first / dataset->n, to = (double) (first + pair->n) / dataset->n;

  return read_labels (pair, dataset->labels + first, error) &&
         kairos_source_expect_end (pair->labels, expected_labels, error) &&
         read_pictures (context, pair, dataset->bytes + first * kairos_shape_size (pair->shape), from, to, error) &&
         kairos_source_expect_end (pair->images, expected, error);
}

static gboolean
same_shape (const Pair *train, const Pair *test, GError **error)
{
  if (memcmp (&train->shape, &test->shape, sizeof train->shape) == 0)
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "The sizes disagree: %s holds pictures of %dx%d, %s of %dx%d.",
               kairos_source_name (train->images), train->shape.width, train->shape.height,
               kairos_source_name (test->images), test->shape.width, test->shape.height);
  return FALSE;
}

/* Sets that are published without the names of their classes, known by the SHA-256 of their labels, training or test.
 */
static const struct {
  const char *train, *test;
  const char *names[11];
} KNOWN_SETS[] = {
  { "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
    "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9", /* Fashion-MNIST */
    { "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot" } },
};

static void
name_known_classes (KairosDataset *dataset, guint n_first)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const char *digest;

  for (guint i = 0; i < n_first; i++)
    g_checksum_update (checksum, &(guchar){ dataset->labels[i] }, 1);
  digest = g_checksum_get_string (checksum);
  for (guint i = 0; i < G_N_ELEMENTS (KNOWN_SETS); i++)
    if (strcmp (digest, KNOWN_SETS[i].train) == 0 || strcmp (digest, KNOWN_SETS[i].test) == 0)
      dataset->class_names = g_strdupv ((char **) KNOWN_SETS[i].names);
}

KairosDataset *
kairos_idx_parse (KairosReadContext *context, KairosSource *const sources[4], const char *where, GError **error)
{
  g_autoptr (KairosDataset) dataset = kairos_dataset_new ();
  Pair pairs[2] = { { sources[0], sources[1] }, { sources[2], sources[3] } };
  guint n_pairs = sources[2] ? 2 : 1;

  for (guint i = 0; i < n_pairs; i++)
    if (!pair_read_headers (&pairs[i], error))
      return NULL;
  if ((n_pairs == 2 && !same_shape (&pairs[0], &pairs[1], error)) ||
      !kairos_dataset_allocate (dataset, (guint64) pairs[0].n + pairs[1].n, pairs[0].shape, TRUE, where, error))
    return NULL;
  for (guint i = 0; i < n_pairs; i++)
    if (!pair_read (context, &pairs[i], dataset, i == 0 ? 0 : pairs[0].n, error))
      return NULL;
  kairos_dataset_set_official (dataset, pairs[0].n);
  name_known_classes (dataset, pairs[0].n);
  return g_steal_pointer (&dataset);
}

/* ---- Finding the files of a set ---- */

/* Placeholders of the pattern of a set: "%-#-&-ubyte" stands for the four names of MNIST. */
static const struct {
  const char *placeholder, *images, *labels;
} KIND_WORDS[] = { { "#", "images", "labels" }, { "&", "idx3", "idx1" } };
static const char *const SPLIT_WORDS[] = { "train", "t10k", "test" };

static char *
replace (const char *text, const char *from, const char *to)
{
  g_auto (GStrv) pieces = g_strsplit (text, from, -1);

  return g_strjoinv (to, pieces);
}

static void
replace_in (char **text, const char *from, const char *to)
{
  char *result = replace (*text, from, to);

  g_free (*text);
  *text = result;
}

/* The pattern a file name belongs to; NULL when the name says nothing. */
static char *
pattern_of (const char *name)
{
  char *pattern = g_str_has_suffix (name, ".gz") ? g_strndup (name, strlen (name) - strlen (".gz")) : g_strdup (name);

  for (guint i = 0; i < G_N_ELEMENTS (KIND_WORDS); i++) {
    replace_in (&pattern, KIND_WORDS[i].images, KIND_WORDS[i].placeholder);
    replace_in (&pattern, KIND_WORDS[i].labels, KIND_WORDS[i].placeholder);
  }
  for (guint i = 0; i < G_N_ELEMENTS (SPLIT_WORDS); i++)
    if (!strchr (pattern, '%'))
      replace_in (&pattern, SPLIT_WORDS[i], "%");
  if (!strpbrk (pattern, "#&"))
    g_clear_pointer (&pattern, g_free);
  return pattern;
}

/* The file of a pattern, plain or packed; NULL when it is not there. */
static char *
find_file (const char *folder, const char *pattern, const char *split, gboolean labels)
{
  g_autofree char *name = replace (pattern, "%", split);
  g_autofree char *plain = NULL, *packed = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (KIND_WORDS); i++)
    replace_in (&name, KIND_WORDS[i].placeholder, labels ? KIND_WORDS[i].labels : KIND_WORDS[i].images);
  plain = g_build_filename (folder, name, NULL);
  packed = g_strconcat (plain, ".gz", NULL);
  if (g_file_test (plain, G_FILE_TEST_IS_REGULAR))
    return g_steal_pointer (&plain);
  return g_file_test (packed, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&packed) : NULL;
}

static gboolean
looks_like_idx (const char *name)
{
  g_autofree char *pattern = pattern_of (name);

  return pattern && strstr (name, "ubyte");
}

/* The one pattern of a folder's IDX files. */
static char *
pattern_of_folder (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  g_autofree char *pattern = NULL;
  const char *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *other = looks_like_idx (name) ? pattern_of (name) : NULL;

    if (pattern && other && strcmp (pattern, other) != 0) {
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                   "%s holds several IDX sets; choose one of its files instead of the folder.", folder);
      return NULL;
    }
    if (!pattern)
      pattern = g_steal_pointer (&other);
  }
  if (!pattern && dir)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING, "%s holds no IDX files any more.", folder);
  return g_steal_pointer (&pattern);
}

/* Paths of: training pictures, labels, test pictures, labels.  A set with one split alone has it first. */
static gboolean
find_files (const char *folder, const char *pattern, char *paths[4], GError **error)
{
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (SPLIT_WORDS) && n < 4; i++) {
    g_autofree char *images = find_file (folder, pattern, SPLIT_WORDS[i], FALSE);
    g_autofree char *labels = find_file (folder, pattern, SPLIT_WORDS[i], TRUE);

    if ((!images) != (!labels)) {
      g_autofree char *name = g_path_get_basename (images ? images : labels);

      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                   "%s is there without the file of its %s; put the two side by side.", name,
                   images ? "labels" : "pictures");
      return FALSE;
    }
    if (!images)
      continue;
    paths[n++] = g_steal_pointer (&images);
    paths[n++] = g_steal_pointer (&labels);
    if (!strchr (pattern, '%'))
      break;
  }
  if (n == 0)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                 "%s holds no complete IDX set: no file of pictures with its file of labels.", folder);
  return n > 0;
}

static GStrv
files_of (const char *path, GError **error)
{
  gboolean is_folder = g_file_test (path, G_FILE_TEST_IS_DIR);
  g_autofree char *folder = is_folder ? g_strdup (path) : g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *pattern = is_folder ? pattern_of_folder (path, error) : pattern_of (name);
  g_auto (GStrv) paths = g_new0 (char *, 5);

  if (!pattern) {
    if (!is_folder)
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                   "%s: an IDX file is read together with its labels, found by name; expected a name such as "
                   "train-images-idx3-ubyte.",
                   name);
    return NULL;
  }
  return find_files (folder, pattern, paths, error) ? g_steal_pointer (&paths) : NULL;
}

/* ---- The reader ---- */

static int
probe_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    if (looks_like_idx (name))
      return 90;
  return 0;
}

static int
idx_probe (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (KairosSource) source = NULL;
  guint8 magic[4] = { 0 };

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return probe_folder (path);
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return 0;
  if (looks_like_idx (name))
    return 95;
  source = kairos_source_open (path, NULL);
  if (!source || kairos_source_read (source, magic, sizeof magic, NULL) != sizeof magic)
    return 0;
  return magic[0] == 0 && magic[1] == 0 && magic[2] >= 8 && magic[2] <= 0x0e && magic[3] >= 1 &&
                 magic[3] <= MAX_DIMENSIONS
             ? 60
             : 0;
}

static void
sources_clear (KairosSource **sources)
{
  for (guint i = 0; i < 4; i++)
    g_clear_pointer (&sources[i], kairos_source_free);
}

static KairosDataset *
idx_read (KairosReadContext *context, const char *path, GError **error)
{
  g_auto (GStrv) paths = files_of (path, error);
  KairosSource *sources[4] = { 0 };
  KairosDataset *dataset = NULL;
  gboolean opened = paths != NULL;

  for (guint i = 0; opened && paths[i]; i++)
    opened = (sources[i] = kairos_source_open (paths[i], error)) != NULL;
  if (opened)
    dataset = kairos_idx_parse (context, sources, path, error);
  sources_clear (sources);
  return dataset;
}

static GStrv
idx_worth_caching (KairosReadContext *context, const char *path)
{
  g_auto (GStrv) files = files_of (path, NULL);

  for (guint i = 0; files && files[i]; i++)
    if (g_str_has_suffix (files[i], ".gz"))
      return g_steal_pointer (&files);
  return NULL;
}

const KairosReader kairos_reader_idx = {
  { "idx", "IDX files of MNIST and its relatives, plain or gzip" },
  idx_probe,
  idx_read,
  idx_worth_caching,
};
