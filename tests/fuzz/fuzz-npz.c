/* SPDX-License-Identifier: MIT */

/* Fuzz target: the directory of a zip archive, and the arrays in it. */
#include "fuzz.h"

#include <unistd.h>

/* An archive of x.npy (two samples of two bytes) and y.npy, stored. */
static const char HEADER_X[] = "\x93NUMPY\1\0\x40\0{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1, 2), }  \n";
static const char HEADER_Y[] = "\x93NUMPY\1\0\x40\0{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }       \n";

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *folder = g_dir_make_tmp ("kairos-fuzz-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "fuzz.npz", NULL);
  KairosOpenOptions options = kairos_open_options_default ();

  options.use_cache = FALSE;
  if (g_file_set_contents (path, (const char *) data, size, NULL))
    kairos_dataset_unref (kairos_dataset_open (path, &options, NULL, NULL, NULL, NULL));
  unlink (path);
  rmdir (folder);
  return 0;
}

static void
put (GByteArray *bytes, guint32 value, guint n)
{
  for (guint i = 0; i < n; i++) {
    guint8 byte = value >> 8 * i;

    g_byte_array_append (bytes, &byte, 1);
  }
}

/* The part that the local header and the directory entry share. */
static void
put_entry (GByteArray *bytes, gsize size)
{
  put (bytes, 20, 2);
  put (bytes, 0, 2);
  put (bytes, 0, 2);
  put (bytes, 0, 4);
  put (bytes, 0, 4);
  put (bytes, size, 4);
  put (bytes, size, 4);
  put (bytes, 5, 2);
  put (bytes, 0, 2);
}

GByteArray *
fuzz_seed (unsigned number)
{
  static const char *const names[] = { "x.npy", "y.npy" }, *const headers[] = { HEADER_X, HEADER_Y };
  static const gsize n_headers[] = { sizeof HEADER_X - 1, sizeof HEADER_Y - 1 }, n_data[] = { 4, 2 };
  static const guint8 data[] = { 0, 1, 2, 3 };
  g_autoptr (GByteArray) directory = g_byte_array_new ();
  GByteArray *bytes;
  guint32 offset;

  if (number > 0)
    return NULL;
  bytes = g_byte_array_new ();
  for (guint i = 0; i < 2; i++) {
    offset = bytes->len;
    put (directory, 0x02014b50, 4);
    put (directory, 20, 2);
    put_entry (directory, n_headers[i] + n_data[i]);
    for (guint j = 0; j < 5; j++)
      put (directory, 0, 2);
    put (directory, offset, 4);
    g_byte_array_append (directory, (const guint8 *) names[i], 5);
    put (bytes, 0x04034b50, 4);
    put_entry (bytes, n_headers[i] + n_data[i]);
    g_byte_array_append (bytes, (const guint8 *) names[i], 5);
    g_byte_array_append (bytes, (const guint8 *) headers[i], n_headers[i]);
    g_byte_array_append (bytes, data, n_data[i]);
  }
  offset = bytes->len;
  g_byte_array_append (bytes, directory->data, directory->len);
  put (bytes, 0x06054b50, 4);
  put (bytes, 0, 4);
  put (bytes, 2, 2);
  put (bytes, 2, 2);
  put (bytes, directory->len, 4);
  put (bytes, offset, 4);
  put (bytes, 0, 2);
  return bytes;
}
