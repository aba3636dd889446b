/* SPDX-License-Identifier: MIT */

/* A folder of pictures, one sub-folder a class.
 *
 * Sub-folders that are all called train, val or test (or the like) hold the classes of that split; where both a
 * validation and a test split are there, the validation pictures go to training, from which a validation split is drawn
 * anyway.  Pictures may lie deeper in a class.  Each becomes side x side points; if every one is grey, the data has one
 * channel.  A file that cannot be used is named among the problems and left out.
 */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

#include "kairos/pool.h"
#include "picture.h"

enum { DEFAULT_SIDE = 64, MAX_DEPTH = 8, MAX_PROBLEMS = 1000 };

typedef struct {
  char *name; /* relative to the folder */
  char *class_name;
  gboolean is_test;
  gboolean is_grey;
  char *problem; /* why it is left out, or NULL */
} Picture;

static void
picture_free (gpointer data)
{
  Picture *picture = data;

  g_free (picture->name);
  g_free (picture->class_name);
  g_free (picture->problem);
  g_free (picture);
}

/* ---- Which files there are ---- */

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* What a folder holds but for hidden files, in the order of names, which does not depend on the file system. */
static GStrv
list_folder (const char *path)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    if (*name != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (GStrv) g_ptr_array_steal (names, NULL);
}

static GStrv
list_subfolders (const char *path)
{
  g_auto (GStrv) names = list_folder (path);
  g_autoptr (GStrvBuilder) folders = g_strv_builder_new ();

  for (guint i = 0; names[i]; i++) {
    g_autofree char *entry = g_build_filename (path, names[i], NULL);

    if (g_file_test (entry, G_FILE_TEST_IS_DIR))
      g_strv_builder_add (folders, names[i]);
  }
  return g_strv_builder_end (folders);
}

typedef enum { ROLE_NONE, ROLE_TRAIN, ROLE_VALIDATION, ROLE_TEST } Role;

static Role
role_of (const char *name)
{
  static const struct {
    const char *name;
    Role role;
  } roles[] = {
    { "train", ROLE_TRAIN },      { "training", ROLE_TRAIN },        { "val", ROLE_VALIDATION },
    { "valid", ROLE_VALIDATION }, { "validation", ROLE_VALIDATION }, { "test", ROLE_TEST },
    { "testing", ROLE_TEST },
  };

  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    if (g_ascii_strcasecmp (roles[i].name, name) == 0)
      return roles[i].role;
  return ROLE_NONE;
}

/* Whether all sub-folders are splits, which have folders of classes themselves; a class of trains is none. */
static gboolean
is_split_layout (const char *path, const char *const *folders)
{
  for (guint i = 0; folders[i]; i++) {
    g_autofree char *folder = g_build_filename (path, folders[i], NULL);
    g_auto (GStrv) below = list_subfolders (folder);

    if (role_of (folders[i]) == ROLE_NONE || !below[0])
      return FALSE;
  }
  return folders[0] != NULL;
}

static void
scan_class (GPtrArray *pictures, const char *root, const char *folder, const char *class_name, gboolean is_test,
            int depth)
{
  g_autofree char *path = g_build_filename (root, folder, NULL);
  g_auto (GStrv) names = list_folder (path);

  for (guint i = 0; names[i]; i++) {
    g_autofree char *name = g_build_filename (folder, names[i], NULL);
    g_autofree char *entry = g_build_filename (root, name, NULL);
    Picture *picture;

    if (g_file_test (entry, G_FILE_TEST_IS_DIR)) {
      if (depth < MAX_DEPTH)
        scan_class (pictures, root, name, class_name, is_test, depth + 1);
      continue;
    }
    picture = g_new0 (Picture, 1);
    picture->name = g_steal_pointer (&name);
    picture->class_name = g_filename_display_name (class_name);
    picture->is_test = is_test;
    g_ptr_array_add (pictures, picture);
  }
}

/* The classes of root/folder ("" for root itself). */
static void
scan_classes (GPtrArray *pictures, const char *root, const char *folder, gboolean is_test)
{
  g_autofree char *path = g_build_filename (root, folder, NULL);
  g_auto (GStrv) classes = list_subfolders (path);

  for (guint i = 0; classes[i]; i++) {
    g_autofree char *class_folder =
        *folder != '\0' ? g_build_filename (folder, classes[i], NULL) : g_strdup (classes[i]);

    scan_class (pictures, root, class_folder, classes[i], is_test, 0);
  }
}

/* Training pictures first, then the test split, each by class and name. */
static GPtrArray *
scan (const char *root)
{
  GPtrArray *pictures = g_ptr_array_new_with_free_func (picture_free);
  g_auto (GStrv) folders = list_subfolders (root);
  gboolean found[ROLE_TEST + 1] = { FALSE };

  if (!is_split_layout (root, (const char *const *) folders)) {
    scan_classes (pictures, root, "", FALSE);
    return pictures;
  }
  for (guint i = 0; folders[i]; i++)
    found[role_of (folders[i])] = TRUE;
  for (int test = FALSE; test <= TRUE; test++)
    for (guint i = 0; folders[i]; i++) {
      Role role = role_of (folders[i]);
      gboolean is_test = found[ROLE_TRAIN] && (role == ROLE_TEST || (role == ROLE_VALIDATION && !found[ROLE_TEST]));

      if (is_test == test)
        scan_classes (pictures, root, folders[i], is_test);
    }
  return pictures;
}

/* ---- Decoding ---- */

typedef struct {
  KairosReadContext *context;
  const char *root;
  GPtrArray *pictures;
  KairosDataset *dataset; /* three channels for now */
  GError *error;          /* of the opening thread */
  atomic_int done, cancelled;
} Decoding;

static gboolean
is_grey (const guint8 *rgb, gsize n)
{
  for (gsize i = 0; i < n; i += 3)
    if (rgb[i] != rgb[i + 1] || rgb[i] != rgb[i + 2])
      return FALSE;
  return TRUE;
}

static void
decode_picture (gpointer data, int piece, int thread)
{
  Decoding *decoding = data;
  Picture *picture = decoding->pictures->pdata[piece];
  gsize size = kairos_shape_size (decoding->dataset->shape);
  guint8 *out = decoding->dataset->bytes + piece * size;
  g_autofree char *path = NULL, *shown = NULL;
  g_autoptr (GError) error = NULL;
  int done;

  if (atomic_load (&decoding->cancelled))
    return;
  path = g_build_filename (decoding->root, picture->name, NULL);
  shown = g_filename_display_name (picture->name);
  if (kairos_picture_read (path, shown, decoding->dataset->shape, decoding->dataset->letterbox, out, &error))
    picture->is_grey = is_grey (out, size);
  else
    picture->problem = g_strdup (error->message);
  done = atomic_fetch_add (&decoding->done, 1) + 1;
  /* Thread 0 is the opening thread, the one that may tell the progress. */
  if (thread == 0 && !kairos_read_progress (decoding->context, (double) done / decoding->pictures->len,
                                            &decoding->error, "decoding %d of %u", done, decoding->pictures->len))
    atomic_store (&decoding->cancelled, 1);
}

static gboolean
decode_all (Decoding *decoding, GError **error)
{
  g_autoptr (KairosPool) pool = kairos_pool_new (0);

  kairos_pool_run (pool, decoding->pictures->len, decode_picture, decoding);
  if (decoding->error)
    g_propagate_error (error, decoding->error);
  else if (g_cancellable_is_cancelled (decoding->context->cancellable))
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_CANCELLED, "Opening the data was cancelled.");
  else
    return TRUE;
  return FALSE;
}

/* ---- Putting it together ---- */

/* The names of the classes that have a picture, sorted. */
static GStrv
class_names (GPtrArray *pictures)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char **sorted = NULL;
  guint n;

  for (guint i = 0; i < pictures->len; i++) {
    Picture *picture = pictures->pdata[i];

    if (!picture->problem)
      g_hash_table_add (names, picture->class_name);
  }
  sorted = (char **) g_hash_table_get_keys_as_array (names, &n);
  qsort (sorted, n, sizeof *sorted, compare_names);
  return g_strdupv (sorted);
}

static gint32
class_index (char **names, const char *name)
{
  char **found = bsearch (&name, names, g_strv_length (names), sizeof *names, compare_names);

  return found - names;
}

/* Moves the pictures that could be read together, in place, one channel when all are grey. */
static void
compact (KairosDataset *dataset, GPtrArray *pictures)
{
  gsize size = kairos_shape_size (dataset->shape);
  gboolean grey = TRUE;
  guint at = 0, n_train = 0;

  for (guint i = 0; i < pictures->len; i++) {
    const Picture *picture = pictures->pdata[i];

    grey = grey && (picture->problem || picture->is_grey);
  }
  dataset->names = g_new0 (char *, pictures->len + 1);
  dataset->class_names = class_names (pictures);
  dataset->shape.channels = grey ? 1 : 3;
  for (guint i = 0; i < pictures->len; i++) {
    const Picture *picture = pictures->pdata[i];
    const guint8 *in = dataset->bytes + i * size;

    if (picture->problem)
      continue;
    if (grey)
      for (gsize j = 0; j < size / 3; j++)
        dataset->bytes[at * (size / 3) + j] = in[3 * j];
    else
      memmove (dataset->bytes + at * size, in, size);
    dataset->labels[at] = class_index (dataset->class_names, picture->class_name);
    dataset->names[at++] = g_filename_display_name (picture->name);
    n_train += !picture->is_test;
  }
  kairos_dataset_truncate (dataset, at);
  dataset->n_classes = g_strv_length (dataset->class_names);
  kairos_dataset_set_official (dataset, n_train > 0 ? n_train : at);
}

static void
list_problems (KairosDataset *dataset, GPtrArray *pictures)
{
  guint n = 0;

  for (guint i = 0; i < pictures->len; i++) {
    const Picture *picture = pictures->pdata[i];

    if (picture->problem && n++ < MAX_PROBLEMS)
      kairos_dataset_add_problem (dataset, "%s", picture->problem);
  }
  if (n > MAX_PROBLEMS)
    kairos_dataset_add_problem (dataset, "and %u more files that cannot be used", n - MAX_PROBLEMS);
}

static gboolean
check_any (KairosDataset *dataset, const char *path, GError **error)
{
  if (dataset->n > 0)
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
               "%s holds no picture that can be used; the first problem is: %s.", path,
               kairos_dataset_get_problems (dataset)[0]);
  return FALSE;
}

static KairosDataset *
folder_read (KairosReadContext *context, const char *path, GError **error)
{
  g_autoptr (GPtrArray) pictures = scan (path);
  g_autoptr (KairosDataset) dataset = kairos_dataset_new ();
  Decoding decoding = { .context = context, .root = path, .pictures = pictures, .dataset = dataset };
  int side = context->options->side > 0 ? context->options->side : DEFAULT_SIDE;

  if (pictures->len == 0) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%s holds no pictures; expected a sub-folder for each class with PNG, JPEG or BMP files in it.", path);
    return NULL;
  }
  if (!kairos_dataset_allocate (dataset, pictures->len, (KairosShape){ side, side, 3 }, TRUE, path, error))
    return NULL;
  dataset->letterbox = g_strcmp0 (context->options->fit, "letterbox") == 0;
  if (!decode_all (&decoding, error))
    return NULL;
  list_problems (dataset, pictures);
  compact (dataset, pictures);
  return check_any (dataset, path, error) ? g_steal_pointer (&dataset) : NULL;
}

static int
folder_probe (const char *path)
{
  g_auto (GStrv) folders = g_file_test (path, G_FILE_TEST_IS_DIR) ? list_subfolders (path) : NULL;

  return folders && folders[0] ? 40 : 0;
}

static GStrv
folder_worth_caching (KairosReadContext *context, const char *path)
{
  g_autoptr (GPtrArray) pictures = scan (path);
  GStrv files = g_new0 (char *, pictures->len + 1);

  for (guint i = 0; i < pictures->len; i++)
    files[i] = g_build_filename (path, ((Picture *) pictures->pdata[i])->name, NULL);
  return files;
}

const KairosReader kairos_reader_folder = {
  { "folder", "a folder of PNG, JPEG or BMP pictures, one sub-folder a class" },
  folder_probe,
  folder_read,
  folder_worth_caching,
};
