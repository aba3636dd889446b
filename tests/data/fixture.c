/* SPDX-License-Identifier: MIT */

/* Files of every format, written by the tests themselves. */
#include "fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <zlib.h>

#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>

static char *cache_home;

/* GLib's own way to isolate the folders leaks memory, which LeakSanitizer reports. */
void
fixture_init (int *argc, char ***argv)
{
  cache_home = g_dir_make_tmp ("kairos-test-XXXXXX", NULL);
  g_setenv ("XDG_CACHE_HOME", cache_home, TRUE);
  g_test_init (argc, argv, NULL);
}

int
fixture_run (void)
{
  int status = g_test_run ();

  fixture_remove (cache_home);
  return status;
}

char *
fixture_folder (void)
{
  GError *error = NULL;
  char *folder = g_dir_make_tmp ("kairos-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *entry = g_build_filename (path, name, NULL);

    remove_tree (entry);
  }
  g_assert_cmpint (g_remove (path), ==, 0);
}

void
fixture_remove (char *folder)
{
  remove_tree (folder);
  g_free (folder);
}

void
fixture_write (const char *folder, const char *name, gconstpointer data, gsize size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  GError *error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  if (g_str_has_suffix (name, ".gz")) {
    gzFile file = gzopen (path, "wb1");

    g_assert_cmpint (gzwrite (file, data, size), ==, size);
    g_assert_cmpint (gzclose (file), ==, Z_OK);
    return;
  }
  g_file_set_contents (path, data, size, &error);
  g_assert_no_error (error);
}

void
fixture_write_text (const char *folder, const char *name, const char *text)
{
  fixture_write (folder, name, text, strlen (text));
}

static void
append_be32 (GByteArray *bytes, guint32 value)
{
  value = GUINT32_TO_BE (value);
  g_byte_array_append (bytes, (const guint8 *) &value, sizeof value);
}

static void
append_repeated (GByteArray *bytes, guint8 value, gsize n)
{
  gsize at = bytes->len;

  g_byte_array_set_size (bytes, at + n);
  memset (bytes->data + at, value, n);
}

void
fixture_write_idx (const char *folder, const char *images, const char *labels, guint n, guint height, guint width)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GByteArray) label_bytes = g_byte_array_new ();

  append_be32 (bytes, 0x803);
  append_be32 (bytes, n);
  append_be32 (bytes, height);
  append_be32 (bytes, width);
  append_be32 (label_bytes, 0x801);
  append_be32 (label_bytes, n);
  for (guint i = 0; i < n; i++) {
    append_repeated (bytes, i, height * width);
    append_repeated (label_bytes, i % 10, 1);
  }
  fixture_write (folder, images, bytes->data, bytes->len);
  fixture_write (folder, labels, label_bytes->data, label_bytes->len);
}

void
fixture_write_cifar (const char *folder, const char *name, guint n, int n_label_bytes)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (guint i = 0; i < n; i++) {
    append_repeated (bytes, i % 10, n_label_bytes);
    append_repeated (bytes, i, 1024);
    append_repeated (bytes, 100, 1024);
    append_repeated (bytes, 200, 1024);
  }
  fixture_write (folder, name, bytes->data, bytes->len);
}

GByteArray *
fixture_npy (int version, const char *descr, const char *order, const char *shape, gconstpointer data, gsize size)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autofree char *header =
      g_strdup_printf ("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", descr, order, shape);
  guint8 preamble[12] = { 0x93, 'N', 'U', 'M', 'P', 'Y', version, 0, strlen (header) };

  g_byte_array_append (bytes, preamble, version == 1 ? 10 : 12);
  g_byte_array_append (bytes, (const guint8 *) header, strlen (header));
  g_byte_array_append (bytes, data, size);
  return bytes;
}

void
fixture_write_npy (const char *folder, const char *name, const char *descr, const char *shape, gconstpointer data,
                   gsize size)
{
  g_autoptr (GByteArray) bytes = fixture_npy (1, descr, "False", shape, data, size);

  fixture_write (folder, name, bytes->data, bytes->len);
}

static void
append_bytes (void *context, void *data, int size)
{
  g_byte_array_append (context, data, size);
}

void
fixture_write_pixels (const char *folder, const char *name, int width, int height, int channels, const guint8 *pixels)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  if (g_str_has_suffix (name, ".png"))
    g_assert_true (stbi_write_png_to_func (append_bytes, bytes, width, height, channels, pixels, width * channels));
  else if (g_str_has_suffix (name, ".bmp"))
    g_assert_true (stbi_write_bmp_to_func (append_bytes, bytes, width, height, channels, pixels));
  else
    g_assert_true (stbi_write_jpg_to_func (append_bytes, bytes, width, height, channels, pixels, 95));
  fixture_write (folder, name, bytes->data, bytes->len);
}

void
fixture_write_picture (const char *folder, const char *name, int width, int height, int channels, const guint8 *pixel)
{
  g_autofree guint8 *pixels = g_malloc ((gsize) width * height * channels);

  for (gsize i = 0; i < (gsize) width * height; i++)
    memcpy (pixels + i * channels, pixel, channels);
  fixture_write_pixels (folder, name, width, height, channels, pixels);
}

KairosDataset *
fixture_open (const char *folder, const char *name, const KairosOpenOptions *options, GError **error)
{
  KairosOpenOptions fallback = kairos_open_options_default ();
  g_autofree char *path = *name != '\0' ? g_build_filename (folder, name, NULL) : g_strdup (folder);

  fallback.use_cache = FALSE;
  return kairos_dataset_open (path, options ? options : &fallback, NULL, NULL, NULL, error);
}

KairosDataset *
fixture_must_open (const char *folder, const char *name, const KairosOpenOptions *options)
{
  GError *error = NULL;
  KairosDataset *dataset = fixture_open (folder, name, options, &error);

  g_assert_no_error (error);
  g_assert_nonnull (dataset);
  return dataset;
}

char *
fixture_real_data (const char *name)
{
  const char *root = g_getenv ("KAIROS_DATASETS");
  g_autofree char *path = root ? g_build_filename (root, name, NULL)
                               : g_test_build_filename (G_TEST_DIST, "..", "..", "shared", "datasets", name, NULL);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&path);
  g_test_skip ("the real data is not here; set KAIROS_DATASETS");
  return NULL;
}
