/* SPDX-License-Identifier: MIT */

/* Folders of pictures: kinds, sizes, turns, splits, bad files, progress and cancel, and the cache. */
#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

#include "fixture.h"

static const guint8 RED[] = { 255, 0, 0, 255 }, BLUE[] = { 0, 0, 255, 255 }, GREY[] = { 90, 255 };

static KairosOpenOptions
options_new (int side, const char *fit)
{
  return (KairosOpenOptions){ .side = side, .fit = fit };
}

static void
assert_pixel (KairosDataset *dataset, guint id, int x, int y, int r, int g, int b)
{
  KairosShape shape = kairos_dataset_get_shape (dataset);
  const guint8 *at = kairos_dataset_get_bytes (dataset, id) + ((gsize) y * shape.width + x) * shape.channels;
  const int expected[] = { r, g, b };

  for (int c = 0; c < shape.channels; c++)
    if (ABS (at[c] - expected[c]) > 3) /* JPEG */
      g_error ("sample %u at %d,%d channel %d: %d, expected %d", id, x, y, c, at[c], expected[c]);
}

static void
kinds (void)
{
  char *folder = fixture_folder ();
  KairosOpenOptions options = options_new (16, NULL);
  static const guint8 clear_red[] = { 255, 0, 0, 0 }, half_black[] = { 0, 128 };
  g_autoptr (KairosDataset) dataset = NULL;
  g_autofree char *name = NULL;

  fixture_write_picture (folder, "b/1 red.jpg", 40, 30, 3, RED);
  fixture_write_picture (folder, "b/2 grey.jpg", 40, 30, 1, GREY);
  fixture_write_picture (folder, "b/3 red.bmp", 7, 5, 3, RED);
  fixture_write_picture (folder, "a/1 blue.png", 20, 50, 4, BLUE);
  fixture_write_picture (folder, "a/2 clear.png", 20, 50, 4, clear_red);
  fixture_write_picture (folder, "a/3 half.png", 20, 50, 2, half_black);
  fixture_write_picture (folder, "a/deeper/4 grey.png", 20, 50, 1, GREY);
  fixture_write_picture (folder, "a/5 jpeg in fact.png.jpg", 20, 50, 3, RED);
  fixture_write_text (folder, "a/.hidden", "not looked at");
  fixture_write_text (folder, "readme.txt", "not looked at");
  dataset = fixture_must_open (folder, "", &options);
  g_assert_cmpstr (kairos_dataset_get_reader (dataset), ==, "folder");
  g_assert_cmpuint (kairos_dataset_get_n_samples (dataset), ==, 8);
  g_assert_cmpint (kairos_dataset_get_shape (dataset).channels, ==, 3);
  g_assert_cmpstr (kairos_dataset_get_class_name (dataset, 1), ==, "b");
  g_assert_null (kairos_dataset_get_problems (dataset)[0]);
  assert_pixel (dataset, 0, 8, 8, 0, 0, 255);
  assert_pixel (dataset, 1, 8, 8, 255, 255, 255);
  assert_pixel (dataset, 2, 8, 8, 127, 127, 127);
  assert_pixel (dataset, 3, 8, 8, 255, 0, 0);
  assert_pixel (dataset, 4, 8, 8, 90, 90, 90);
  assert_pixel (dataset, 5, 0, 15, 255, 0, 0);
  assert_pixel (dataset, 6, 0, 15, 90, 90, 90);
  assert_pixel (dataset, 7, 15, 0, 255, 0, 0);
  g_assert_cmpint (kairos_dataset_get_labels (dataset)[4], ==, 0);
  g_assert_cmpint (kairos_dataset_get_labels (dataset)[5], ==, 1);
  name = kairos_dataset_describe_sample (dataset, 5);
  g_assert_cmpstr (name, ==, "b/1 red.jpg");
  fixture_remove (folder);
}

static void
grey_folder (void)
{
  char *folder = fixture_folder ();
  static const guint8 grey_as_colour[] = { 90, 90, 90 };
  KairosOpenOptions options = options_new (8, NULL);
  g_autoptr (KairosDataset) dataset = NULL;
  g_autofree float *input = NULL;
  g_autofree char *path = g_build_filename (folder, "0/1.png", NULL);
  g_autoptr (GError) error = NULL;

  fixture_write_picture (folder, "0/1.png", 8, 8, 1, GREY);
  fixture_write_picture (folder, "1/1.png", 9, 9, 3, grey_as_colour);
  dataset = fixture_must_open (folder, "", &options);
  g_assert_cmpint (kairos_dataset_get_shape (dataset).channels, ==, 1);
  assert_pixel (dataset, 0, 3, 3, 90, 0, 0);
  assert_pixel (dataset, 1, 3, 3, 90, 0, 0);
  input = kairos_dataset_read_picture (dataset, path, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat_with_epsilon (input[63], 90 / 255.0, 1e-6);
  fixture_remove (folder);
}

/* Left third red, the rest blue: 30 wide, 10 high. */
static void
write_flag (const char *folder, const char *name)
{
  guint8 pixels[10 * 30 * 3];

  for (int i = 0; i < 300; i++)
    memcpy (pixels + 3 * i, i % 30 < 10 ? RED : BLUE, 3);
  fixture_write_pixels (folder, name, 30, 10, 3, pixels);
}

static void
fits (void)
{
  char *folder = fixture_folder ();
  KairosOpenOptions crop = options_new (30, "crop"), letterbox = options_new (30, "letterbox");
  g_autoptr (KairosDataset) cropped = NULL, boxed = NULL;

  write_flag (folder, "a/flag.png");
  write_flag (folder, "b/flag.png");
  cropped = fixture_must_open (folder, "", &crop);
  assert_pixel (cropped, 0, 1, 15, 0, 0, 255); /* the red third is cut off but for the filter */
  assert_pixel (cropped, 0, 28, 0, 0, 0, 255);
  boxed = fixture_must_open (folder, "", &letterbox);
  assert_pixel (boxed, 0, 5, 5, 0, 0, 0);
  assert_pixel (boxed, 0, 5, 15, 255, 0, 0);
  assert_pixel (boxed, 0, 25, 15, 0, 0, 255);
  assert_pixel (boxed, 0, 25, 25, 0, 0, 0);
  fixture_remove (folder);
}

/* A fine check becomes an even grey when made small, and not an arbitrary one of its two colours. */
static void
no_aliasing (void)
{
  char *folder = fixture_folder ();
  g_autofree guint8 *pixels = g_malloc (256 * 256);
  KairosOpenOptions options = options_new (16, NULL);
  g_autoptr (KairosDataset) dataset = NULL;

  for (int i = 0; i < 256 * 256; i++)
    pixels[i] = (i % 256 + i / 256) % 2 ? 255 : 0;
  fixture_write_pixels (folder, "a/check.png", 256, 256, 1, pixels);
  fixture_write_pixels (folder, "b/check.png", 256, 256, 1, pixels);
  dataset = fixture_must_open (folder, "", &options);
  for (int i = 0; i < 16; i++)
    assert_pixel (dataset, 0, i, 15 - i, 128, 0, 0);
  fixture_remove (folder);
}

/* The four quarters of the upright picture: red blue / green white; each orientation stores them turned. */
static void
orientations (void)
{
  static const guint8 colours[4][3] = { { 255, 0, 0 }, { 0, 0, 255 }, { 0, 255, 0 }, { 255, 255, 255 } };
  /* Which quarter of the upright picture is stored first, second (the top row), third, fourth. */
  static const int stored[9][4] = { { 0 },          { 0, 1, 2, 3 }, { 1, 0, 3, 2 }, { 3, 2, 1, 0 }, { 2, 3, 0, 1 },
                                    { 0, 2, 1, 3 }, { 1, 3, 0, 2 }, { 3, 1, 2, 0 }, { 2, 0, 3, 1 } };
  char *folder = fixture_folder ();
  KairosOpenOptions options = options_new (32, NULL);
  g_autoptr (KairosDataset) dataset = NULL;

  for (int orientation = 1; orientation <= 8; orientation++) {
    guint8 exif[] = { 0xff, 0xe1, 0, 34,   'E', 'x', 'i', 'f', 0, 0, 'M', 'M',         0, 42, 0, 0, 0, 8,
                      0,    1,    1, 0x12, 0,   3,   0,   0,   0, 1, 0,   orientation, 0, 0,  0, 0, 0, 0 };
    guint8 pixels[64 * 64 * 3];
    g_autofree char *name = g_strdup_printf ("%d/turned.jpg", orientation);
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_autofree char *plain = NULL;
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    gsize size;

    for (int i = 0; i < 64 * 64; i++)
      memcpy (pixels + 3 * i, colours[stored[orientation][i / 64 / 32 * 2 + i % 64 / 32]], 3);
    fixture_write_pixels (folder, name, 64, 64, 3, pixels);
    g_assert_true (g_file_get_contents (path, &plain, &size, NULL));
    g_byte_array_append (bytes, (const guint8 *) plain, 2);
    g_byte_array_append (bytes, exif, sizeof exif);
    g_byte_array_append (bytes, (const guint8 *) plain + 2, size - 2);
    fixture_write (folder, name, bytes->data, bytes->len);
  }
  dataset = fixture_must_open (folder, "", &options);
  for (guint id = 0; id < 8; id++)
    for (int quarter = 0; quarter < 4; quarter++)
      assert_pixel (dataset, id, quarter % 2 * 16 + 8, quarter / 2 * 16 + 8, colours[quarter][0], colours[quarter][1],
                    colours[quarter][2]);
  fixture_remove (folder);
}

static void
split_folders (void)
{
  char *folder = fixture_folder ();
  g_autoptr (KairosDataset) with_test = NULL, without = NULL;
  g_autofree char *first = NULL;

  fixture_write_picture (folder, "train/ant/1.png", 9, 9, 3, RED);
  fixture_write_picture (folder, "train/bee/1.png", 9, 9, 3, RED);
  fixture_write_picture (folder, "val/bee/2.png", 9, 9, 3, BLUE);
  without = fixture_must_open (folder, "", NULL);
  g_assert_true (kairos_dataset_has_official_test (without));
  g_assert_cmpint (kairos_dataset_get_official (without)[2], ==, KAIROS_SPLIT_TEST);
  fixture_write_picture (folder, "Test/ant/3.png", 9, 9, 3, BLUE);
  with_test = fixture_must_open (folder, "", NULL);
  g_assert_cmpuint (kairos_dataset_get_n_samples (with_test), ==, 4);
  g_assert_cmpint (kairos_dataset_get_official (with_test)[2], ==, KAIROS_SPLIT_TRAIN);
  g_assert_cmpint (kairos_dataset_get_official (with_test)[3], ==, KAIROS_SPLIT_TEST);
  g_assert_cmpint (kairos_dataset_get_labels (with_test)[2], ==, 1);
  first = kairos_dataset_describe_sample (with_test, 3);
  g_assert_cmpstr (first, ==, "Test/ant/3.png");
  fixture_remove (folder);
}

static void
class_called_train (void)
{
  char *folder = fixture_folder ();
  g_autoptr (KairosDataset) dataset = NULL;

  fixture_write_picture (folder, "train/1.png", 9, 9, 3, RED);
  fixture_write_picture (folder, "plane/1.png", 9, 9, 3, RED);
  dataset = fixture_must_open (folder, "", NULL);
  g_assert_cmpuint (kairos_dataset_get_n_classes (dataset), ==, 2);
  g_assert_cmpint (kairos_dataset_find_class (dataset, "train"), ==, 1);
  fixture_remove (folder);
}

static guint32
crc_of (const guint8 *data, gsize size)
{
  guint32 crc = 0xffffffff;

  for (gsize i = 0; i < size; i++) {
    crc ^= data[i];
    for (int bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

/* The header of a PNG of 30000 x 30000 points, 2.7 GB when decoded. */
static void
write_giant (const char *folder, const char *name)
{
  guint8 png[] = { 0x89, 'P',  'N',  'G', 13, 10,   26,   10, 0, 0, 0, 13, 'I', 'H', 'D', 'R', 0,
                   0,    0x75, 0x30, 0,   0,  0x75, 0x30, 8,  2, 0, 0, 0,  0,   0,   0,   0 };
  guint32 crc = GUINT32_TO_BE (crc_of (png + 12, 17));

  memcpy (png + 29, &crc, 4);
  fixture_write (folder, name, png, sizeof png);
}

static void
bad_files (void)
{
  char *folder = fixture_folder ();
  g_autoptr (KairosDataset) dataset = NULL;
  g_autofree char *path = g_build_filename (folder, "a/1.jpg", NULL);
  g_autofree char *jpeg = NULL;
  const char *const *problems;
  gsize size;

  fixture_write_picture (folder, "a/1.jpg", 200, 200, 3, RED);
  fixture_write_picture (folder, "b/1.bmp", 100, 100, 3, BLUE);
  g_assert_true (g_file_get_contents (path, &jpeg, &size, NULL));
  fixture_write (folder, "a/2 cut.jpg", jpeg, size / 2);
  write_giant (folder, "a/3 giant.png");
  fixture_write_text (folder, "b/4.gif", "GIF89a");
  fixture_write_text (folder, "b/5 empty.png", "");
  fixture_write_text (folder, "c/nothing.txt", "a class of which nothing is left");
  fixture_write (folder, "b/6 cut.bmp",
                 "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x10\x27\0\0\x10\x27\0\0\1\0\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                 "\0\0\0\0\0\0\0\0\0\0",
                 54);
  dataset = fixture_must_open (folder, "", NULL);
  g_assert_cmpuint (kairos_dataset_get_n_samples (dataset), ==, 2);
  g_assert_cmpuint (kairos_dataset_get_n_classes (dataset), ==, 2);
  problems = kairos_dataset_get_problems (dataset);
  g_assert_cmpuint (g_strv_length ((char **) problems), ==, 6);
  g_assert_cmpstr (problems[0], ==, "a/2 cut.jpg: damaged or truncated, it cannot be decoded");
  g_assert_true (g_str_has_prefix (problems[1], "a/3 giant.png: its size of 30000x30000 points is beyond"));
  g_assert_cmpstr (problems[2], ==, "b/4.gif: not a PNG, JPEG or BMP picture");
  g_assert_cmpstr (problems[3], ==, "b/5 empty.png: not a PNG, JPEG or BMP picture");
  g_assert_cmpstr (problems[4], ==, "b/6 cut.bmp: damaged or truncated, it cannot be decoded");
  g_assert_cmpstr (problems[5], ==, "c/nothing.txt: not a PNG, JPEG or BMP picture");
  fixture_remove (folder);
}

/* ---- Progress and cancel ---- */

typedef struct {
  double last;
  guint n;
  GCancellable *cancellable;
} Watch;

static void
watch (double fraction, const char *phrase, gpointer data)
{
  Watch *seen = data;

  g_assert_cmpfloat (fraction, >=, 0);
  g_assert_cmpfloat (fraction, <=, 1);
  g_assert_true (*phrase != '\0');
  seen->last = fraction;
  seen->n++;
  if (seen->cancellable)
    g_cancellable_cancel (seen->cancellable);
}

static void
progress_and_cancel (void)
{
  char *folder = fixture_folder ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  KairosOpenOptions options = options_new (16, NULL);
  Watch seen = { 0 }, stopping = { .cancellable = cancellable };
  g_autoptr (KairosDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 20; i++) {
    g_autofree char *name = g_strdup_printf ("%d/%d.png", i % 2, i);

    fixture_write_picture (folder, name, 9, 9, 3, RED);
  }
  dataset = kairos_dataset_open (folder, &options, watch, &seen, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (seen.last, ==, 1);
  g_assert_cmpuint (seen.n, >=, 1);
  g_assert_null (kairos_dataset_open (folder, &options, watch, &stopping, cancellable, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (kairos_dataset_open ("builtin:digits", NULL, NULL, NULL, cancellable, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_CANCELLED);
  fixture_remove (folder);
}

/* ---- The cache ---- */

static char *
cache_entry (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "kairos", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = dir ? g_dir_read_name (dir) : NULL;

  return name ? g_build_filename (folder, name, NULL) : NULL;
}

static void
clear_cache (void)
{
  char *entry;

  while ((entry = cache_entry ())) {
    g_assert_cmpint (g_remove (entry), ==, 0);
    g_free (entry);
  }
}

/* Flips the last byte of the samples, before the checksum. */
static void
damage (const char *path, gsize from_end)
{
  g_autofree char *data = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  data[size - from_end] ^= 1;
  g_assert_true (g_file_set_contents (path, data, size, NULL));
}

static void
cache (void)
{
  char *folder = fixture_folder ();
  KairosOpenOptions options = { .side = 16, .use_cache = TRUE };
  g_autoptr (KairosDataset) first = NULL, again = NULL, repaired = NULL;
  g_autofree char *entry = NULL, *description = NULL;

  clear_cache ();
  fixture_write_picture (folder, "a/1.png", 20, 20, 3, RED);
  fixture_write_picture (folder, "b/1.png", 20, 20, 3, BLUE);
  fixture_write_text (folder, "b/2.png", "bad");
  first = fixture_must_open (folder, "", &options);
  entry = cache_entry ();
  g_assert_nonnull (entry);
  again = fixture_must_open (folder, "", &options);
  g_assert_cmpstr (kairos_dataset_get_checksum (again), ==, kairos_dataset_get_checksum (first));
  g_assert_cmpstr (kairos_dataset_get_class_name (again, 1), ==, "b");
  g_assert_cmpstr (kairos_dataset_get_problems (again)[0], ==, kairos_dataset_get_problems (first)[0]);
  g_assert_cmpstr (kairos_dataset_get_spec (again), ==, kairos_dataset_get_spec (first));
  g_assert_cmpstr (kairos_dataset_get_reader (again), ==, "folder");
  description = kairos_dataset_describe_sample (again, 1);
  g_assert_cmpstr (description, ==, "b/1.png");
  g_assert_cmpmem (kairos_dataset_get_bytes (again, 1), 768, kairos_dataset_get_bytes (first, 1), 768);
  damage (entry, 5);
  repaired = fixture_must_open (folder, "", &options);
  g_assert_cmpmem (kairos_dataset_get_bytes (repaired, 1), 768, kairos_dataset_get_bytes (first, 1), 768);
  fixture_remove (folder);
}

/* What is in the cache is used: an entry put in the place of another one shows. */
static void
cache_is_used (void)
{
  char *folder = fixture_folder (), *other = fixture_folder ();
  KairosOpenOptions options = { .side = 16, .use_cache = TRUE };
  g_autoptr (KairosDataset) first = NULL, second = NULL, exchanged = NULL;
  g_autofree char *entry = NULL, *other_entry = NULL, *data = NULL;
  gsize size;

  clear_cache ();
  fixture_write_picture (folder, "a/1.png", 20, 20, 3, RED);
  fixture_write_picture (folder, "b/1.png", 20, 20, 3, BLUE);
  fixture_write_picture (other, "a/1.png", 20, 20, 3, BLUE);
  fixture_write_picture (other, "b/1.png", 20, 20, 3, RED);
  first = fixture_must_open (folder, "", &options);
  entry = cache_entry ();
  g_assert_true (g_file_get_contents (entry, &data, &size, NULL));
  clear_cache ();
  second = fixture_must_open (other, "", &options);
  g_assert_cmpstr (kairos_dataset_get_checksum (second), !=, kairos_dataset_get_checksum (first));
  other_entry = cache_entry ();
  g_assert_true (g_file_set_contents (other_entry, data, size, NULL));
  exchanged = fixture_must_open (other, "", &options);
  g_assert_cmpstr (kairos_dataset_get_checksum (exchanged), ==, kairos_dataset_get_checksum (first));
  fixture_remove (folder);
  fixture_remove (other);
}

static void
cache_follows_changes (void)
{
  char *folder = fixture_folder ();
  KairosOpenOptions options = { .side = 16, .use_cache = TRUE };
  g_autoptr (KairosDataset) first = NULL, changed = NULL, smaller = NULL;
  g_autofree char *path = g_build_filename (folder, "b/1.png", NULL);
  struct utimbuf times = { 1000000000, 1000000000 };

  fixture_write_picture (folder, "a/1.png", 20, 20, 3, RED);
  fixture_write_picture (folder, "b/1.png", 20, 20, 3, RED);
  first = fixture_must_open (folder, "", &options);
  fixture_write_picture (folder, "b/1.png", 20, 20, 3, BLUE);
  g_assert_cmpint (g_utime (path, &times), ==, 0);
  changed = fixture_must_open (folder, "", &options);
  assert_pixel (changed, 1, 5, 5, 0, 0, 255);
  options.side = 8;
  smaller = fixture_must_open (folder, "", &options);
  g_assert_cmpint (kairos_dataset_get_shape (smaller).width, ==, 8);
  fixture_remove (folder);
}

static void
cache_of_packed (void)
{
  char *folder = fixture_folder ();
  KairosOpenOptions options = { .use_cache = TRUE };
  g_autoptr (KairosDataset) first = NULL, again = NULL;
  g_autofree char *entry = NULL;

  clear_cache ();
  fixture_write_cifar (folder, "data_batch_1.bin.gz", 20, 1);
  first = fixture_must_open (folder, "", &options);
  entry = cache_entry ();
  g_assert_nonnull (entry);
  again = fixture_must_open (folder, "", &options);
  g_assert_cmpstr (kairos_dataset_get_checksum (again), ==, kairos_dataset_get_checksum (first));
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/data/folder/kinds", kinds);
  g_test_add_func ("/data/folder/grey", grey_folder);
  g_test_add_func ("/data/folder/fits", fits);
  g_test_add_func ("/data/folder/no-aliasing", no_aliasing);
  g_test_add_func ("/data/folder/orientations", orientations);
  g_test_add_func ("/data/folder/splits", split_folders);
  g_test_add_func ("/data/folder/class-called-train", class_called_train);
  g_test_add_func ("/data/folder/bad-files", bad_files);
  g_test_add_func ("/data/folder/progress-and-cancel", progress_and_cancel);
  g_test_add_func ("/data/folder/cache", cache);
  g_test_add_func ("/data/folder/cache-is-used", cache_is_used);
  g_test_add_func ("/data/folder/cache-follows-changes", cache_follows_changes);
  g_test_add_func ("/data/folder/cache-of-packed", cache_of_packed);
  return fixture_run ();
}
