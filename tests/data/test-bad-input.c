/* SPDX-License-Identifier: MIT */

/* Bad data gets one sentence that says what is wrong and where.  A table row each: what is written, what the sentence
 * must hold. */
#include <string.h>

#include "fixture.h"

/* ---- Files, written into a fresh folder; what is to be opened is returned ---- */

static const char *
write_idx (const char *folder, gssize keep, guint8 magic, const char *append, guint n_labels)
{
  g_autofree char *images = g_build_filename (folder, "a-images-idx3-ubyte", NULL);
  g_autofree char *data = NULL;
  g_autoptr (GString) bytes = NULL;
  gsize size;

  fixture_write_idx (folder, "a-images-idx3-ubyte", "a-labels-idx1-ubyte", n_labels, 4, 4);
  fixture_write_idx (folder, "a-images-idx3-ubyte", "other", 12, 4, 4);
  g_assert_true (g_file_get_contents (images, &data, &size, NULL));
  bytes = g_string_new_len (data, keep >= 0 ? keep : (gssize) size);
  if (bytes->len > 2)
    bytes->str[2] = magic;
  g_string_append (bytes, append);
  fixture_write (folder, "a-images-idx3-ubyte", bytes->str, bytes->len);
  return "a-images-idx3-ubyte";
}

static const char *
idx_truncated (const char *folder)
{
  return write_idx (folder, 100, 8, "", 12);
}

static const char *
idx_empty (const char *folder)
{
  return write_idx (folder, 0, 8, "", 12);
}

static const char *
idx_header_only (const char *folder)
{
  return write_idx (folder, 9, 8, "", 12);
}

static const char *
idx_wrong_type (const char *folder)
{
  return write_idx (folder, -1, 0x0d, "", 12);
}

static const char *
idx_wrong_magic (const char *folder)
{
  write_idx (folder, -1, 8, "", 12);
  fixture_write_text (folder, "a-images-idx3-ubyte", "<html>not found</html>");
  return "";
}

static const char *
idx_too_long (const char *folder)
{
  return write_idx (folder, -1, 8, "more", 12);
}

static const char *
idx_counts (const char *folder)
{
  return write_idx (folder, -1, 8, "", 11);
}

static const char *
idx_zero (const char *folder)
{
  fixture_write_idx (folder, "train-images-idx3-ubyte", "train-labels-idx1-ubyte", 0, 4, 4);
  return "";
}

static const char *
idx_no_labels (const char *folder)
{
  fixture_write_idx (folder, "train-images-idx3-ubyte", "lost", 12, 4, 4);
  return "";
}

static const char *
idx_sizes (const char *folder)
{
  fixture_write_idx (folder, "train-images-idx3-ubyte", "train-labels-idx1-ubyte", 12, 4, 4);
  fixture_write_idx (folder, "test-images-idx3-ubyte", "test-labels-idx1-ubyte", 12, 4, 5);
  return "";
}

/* A header of four billion pictures of 65535 x 65535 points in a file of twenty bytes. */
static const char *
idx_huge_claim (const char *folder)
{
  static const guint8 images[] = { 0, 0, 8, 3, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff, 1, 2, 3, 4 };
  static const guint8 labels[] = { 0, 0, 8, 1, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4 };

  fixture_write (folder, "train-images-idx3-ubyte", images, sizeof images);
  fixture_write (folder, "train-labels-idx1-ubyte", labels, sizeof labels);
  return "";
}

static const char *
gzip_truncated (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "train-images-idx3-ubyte.gz", NULL);
  g_autofree char *data = NULL;
  gsize size;

  fixture_write_idx (folder, "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte", 12, 4, 4);
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_true (g_file_set_contents (path, data, size / 2, NULL));
  return "";
}

static const char *
gzip_damaged (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "train-images-idx3-ubyte.gz", NULL);
  g_autofree char *data = NULL;
  gsize size;

  fixture_write_idx (folder, "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte", 12, 4, 4);
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  memset (data + 10, 0xff, 8);
  g_assert_true (g_file_set_contents (path, data, size, NULL));
  return "";
}

static const char *
cifar_truncated (const char *folder)
{
  static const guint8 records[2 * 3073 - 100] = { 0 };

  fixture_write (folder, "data_batch_1.bin", records, sizeof records);
  return "";
}

static const char *
cifar_empty (const char *folder)
{
  fixture_write (folder, "data_batch_1.bin", "", 0);
  return "data_batch_1.bin";
}

static const char *
cifar_labels (const char *folder)
{
  g_autofree guint8 *record = g_malloc (3073);

  memset (record, 77, 3073);
  fixture_write (folder, "data_batch_1.bin", record, 3073);
  return "";
}

static const char *
cifar_mixed (const char *folder)
{
  fixture_write_cifar (folder, "a.bin", 10, 1);
  fixture_write_cifar (folder, "b.bin", 10, 2);
  return "";
}

static const char *
write_npy (const char *folder, const char *descr, const char *order, const char *shape, gsize size)
{
  static const guint8 data[64] = { 0, 1 };
  g_autoptr (GByteArray) npy = fixture_npy (1, descr, order, shape, data, size);

  fixture_write (folder, "X.npy", npy->data, npy->len);
  fixture_write_npy (folder, "y.npy", "|u1", "(4,)", data, 4);
  return "X.npy";
}

static const char *
npy_truncated (const char *folder)
{
  return write_npy (folder, "<f4", "False", "(4, 2)", 31);
}

static const char *
npy_too_long (const char *folder)
{
  return write_npy (folder, "<f4", "False", "(4, 2)", 33);
}

static const char *
npy_fortran (const char *folder)
{
  return write_npy (folder, "<f4", "True", "(4, 2)", 32);
}

static const char *
npy_objects (const char *folder)
{
  return write_npy (folder, "|O", "False", "(4, 2)", 64);
}

static const char *
npy_counts (const char *folder)
{
  return write_npy (folder, "|u1", "False", "(5, 2)", 10);
}

static const char *
npy_empty (const char *folder)
{
  write_npy (folder, "|u1", "False", "(4, 2)", 8);
  fixture_write (folder, "X.npy", "", 0);
  return "X.npy";
}

static const char *
npy_magic (const char *folder)
{
  write_npy (folder, "|u1", "False", "(4, 2)", 8);
  fixture_write_text (folder, "X.npy", "<html>not found</html>");
  return "X.npy";
}

static const char *
npy_huge_claim (const char *folder)
{
  return write_npy (folder, "<f8", "False", "(4, 9223372036854775807, 9223372036854775807)", 64);
}

static const char *
npy_no_labels (const char *folder)
{
  static const guint8 data[4] = { 0 };

  fixture_write_npy (folder, "pictures.npy", "|u1", "(2, 1, 2)", data, 4);
  return "pictures.npy";
}

static const char *
npy_range (const char *folder)
{
  static const float data[] = { 0, 1, -1.5f, 1 };
  static const guint8 labels[] = { 0, 1 };

  fixture_write_npy (folder, "X.npy", "<f4", "(2, 1, 2)", data, sizeof data);
  fixture_write_npy (folder, "y.npy", "|u1", "(2,)", labels, 2);
  return "X.npy";
}

static const char *
npz_damaged (const char *folder)
{
  fixture_write_text (folder, "mnist.npz", "PK\3\4 this is an archive whose end is missing");
  return "mnist.npz";
}

static const char *
csv_text (const char *folder)
{
  fixture_write_text (folder, "t.csv", "age,height,class\n31,180,a\n32,tall,b\n");
  return "t.csv";
}

static const char *
csv_missing (const char *folder)
{
  fixture_write_text (folder, "t.csv", "1,2,a\n3,,b\n");
  return "t.csv";
}

static const char *
csv_not_finite (const char *folder)
{
  fixture_write_text (folder, "t.csv", "1,2,a\n3,inf,b\n");
  return "t.csv";
}

static const char *
csv_ragged (const char *folder)
{
  fixture_write_text (folder, "t.csv", "1,2,a\n3,4,5,b\n");
  return "t.csv";
}

static const char *
csv_quote (const char *folder)
{
  fixture_write_text (folder, "t.csv", "1,2,a\n3,\"4,b\n");
  return "t.csv";
}

static const char *
csv_binary (const char *folder)
{
  fixture_write (folder, "t.csv", "1,2,a\n\0\0,2,b\n", 13);
  return "t.csv";
}

static const char *
csv_one_column (const char *folder)
{
  fixture_write_text (folder, "t.csv", "a\nb\n");
  return "t.csv";
}

static const char *
csv_header_only (const char *folder)
{
  fixture_write_text (folder, "t.csv", "a,b,class\n");
  return "t.csv";
}

static const char *
csv_empty (const char *folder)
{
  fixture_write_text (folder, "t.csv", "");
  return "t.csv";
}

static const char *
csv_measurement (const char *folder)
{
  g_autoptr (GString) text = g_string_new ("x,temperature\n");

  for (int i = 0; i < 1100; i++)
    g_string_append_printf (text, "1,%d.5\n", i);
  fixture_write_text (folder, "t.csv", text->str);
  return "t.csv";
}

static const char *
one_class (const char *folder)
{
  static const guint8 red[] = { 255, 0, 0 };

  fixture_write_picture (folder, "ants/1.png", 9, 9, 3, red);
  fixture_write_picture (folder, "ants/2.png", 9, 9, 3, red);
  return "";
}

static const char *
no_pictures (const char *folder)
{
  fixture_write_text (folder, "ants/readme.txt", "no picture");
  fixture_write_text (folder, "bees/readme.txt", "no picture");
  return "";
}

static const char *
empty_classes (const char *folder)
{
  g_autofree char *ants = g_build_filename (folder, "ants", NULL);

  g_assert_cmpint (g_mkdir_with_parents (ants, 0700), ==, 0);
  return "";
}

static const char *
empty_folder (const char *folder)
{
  return "";
}

static const char *
not_there (const char *folder)
{
  return "nowhere";
}

static const char *
unknown_kind (const char *folder)
{
  fixture_write_text (folder, "letter.odt", "Dear Sir");
  return "letter.odt";
}

static const struct {
  const char *name;
  const char *(*write) (const char *folder);
  int code;
  const char *says[3];
} CASES[] = {
  { "idx/truncated", idx_truncated, KAIROS_ERROR_FORMAT, { "a-images-idx3-ubyte", "truncated", "12 pictures of 4x4" } },
  { "idx/empty", idx_empty, KAIROS_ERROR_FORMAT, { "a-images-idx3-ubyte", "truncated", "header" } },
  { "idx/header-only", idx_header_only, KAIROS_ERROR_FORMAT, { "a-images-idx3-ubyte", "truncated", "header" } },
  { "idx/wrong-type", idx_wrong_type, KAIROS_ERROR_UNSUPPORTED, { "a-images-idx3-ubyte", "0x0d" } },
  { "idx/wrong-magic",
    idx_wrong_magic,
    KAIROS_ERROR_FORMAT,
    { "a-images-idx3-ubyte", "not an IDX file", "3c 68 74 6d" } },
  { "idx/too-long",
    idx_too_long,
    KAIROS_ERROR_FORMAT,
    { "a-images-idx3-ubyte", "longer than its header says", "12 pictures of 4x4" } },
  { "idx/counts-disagree", idx_counts, KAIROS_ERROR_FORMAT, { "counts disagree", "12 pictures", "11 labels" } },
  { "idx/zero-samples", idx_zero, KAIROS_ERROR_FORMAT, { "no samples" } },
  { "idx/no-labels", idx_no_labels, KAIROS_ERROR_MISSING, { "train-images-idx3-ubyte", "labels" } },
  { "idx/sizes-disagree", idx_sizes, KAIROS_ERROR_FORMAT, { "sizes disagree", "4x4", "5x4" } },
  { "idx/huge-claim", idx_huge_claim, KAIROS_ERROR_FORMAT, { "truncated", "4294967295 pictures" } },
  { "gzip/truncated", gzip_truncated, KAIROS_ERROR_FORMAT, { "train-images-idx3-ubyte.gz", "truncated" } },
  { "gzip/damaged", gzip_damaged, KAIROS_ERROR_FORMAT, { "train-images-idx3-ubyte.gz", "damaged" } },
  { "cifar/truncated",
    cifar_truncated,
    KAIROS_ERROR_FORMAT,
    { "data_batch_1.bin", "truncated or too long", "3073 or 3074" } },
  { "cifar/empty", cifar_empty, KAIROS_ERROR_FORMAT, { "data_batch_1.bin", "empty" } },
  { "cifar/labels", cifar_labels, KAIROS_ERROR_FORMAT, { "data_batch_1.bin", "labels beyond the classes" } },
  { "cifar/mixed", cifar_mixed, KAIROS_ERROR_FORMAT, { "a.bin", "CIFAR-10 records", "b.bin" } },
  { "npy/truncated", npy_truncated, KAIROS_ERROR_FORMAT, { "X.npy", "truncated", "elements" } },
  { "npy/too-long", npy_too_long, KAIROS_ERROR_FORMAT, { "X.npy", "longer than its header says" } },
  { "npy/fortran-order", npy_fortran, KAIROS_ERROR_UNSUPPORTED, { "X.npy", "Fortran order", "ascontiguousarray" } },
  { "npy/objects", npy_objects, KAIROS_ERROR_UNSUPPORTED, { "X.npy", "|O" } },
  { "npy/counts-disagree", npy_counts, KAIROS_ERROR_FORMAT, { "counts disagree", "5 samples", "4 labels" } },
  { "npy/empty", npy_empty, KAIROS_ERROR_FORMAT, { "X.npy", "truncated", "header" } },
  { "npy/wrong-magic", npy_magic, KAIROS_ERROR_FORMAT, { "X.npy", "does not start with" } },
  { "npy/huge-claim", npy_huge_claim, KAIROS_ERROR_FORMAT, { "X.npy", "truncated" } },
  { "npy/no-labels", npy_no_labels, KAIROS_ERROR_MISSING, { "pictures.npy", "labels" } },
  { "npy/range", npy_range, KAIROS_ERROR_RANGE, { "X.npy", "sample 1", "-1.5" } },
  { "npz/damaged", npz_damaged, KAIROS_ERROR_FORMAT, { "mnist.npz", "truncated" } },
  { "csv/text", csv_text, KAIROS_ERROR_FORMAT, { "t.csv, row 3, column 2 (height)", "\"tall\"", "number" } },
  { "csv/missing", csv_missing, KAIROS_ERROR_FORMAT, { "t.csv, row 2, column 2", "empty" } },
  { "csv/not-finite", csv_not_finite, KAIROS_ERROR_FORMAT, { "t.csv, row 2, column 2", "\"inf\"" } },
  { "csv/ragged", csv_ragged, KAIROS_ERROR_FORMAT, { "t.csv, row 2", "4 columns", "3" } },
  { "csv/quote", csv_quote, KAIROS_ERROR_FORMAT, { "t.csv, row 2", "not closed" } },
  { "csv/binary", csv_binary, KAIROS_ERROR_FORMAT, { "t.csv, row 2", "no text file" } },
  { "csv/one-column", csv_one_column, KAIROS_ERROR_FORMAT, { "t.csv", "1 columns" } },
  { "csv/header-only", csv_header_only, KAIROS_ERROR_FORMAT, { "t.csv", "no samples" } },
  { "csv/empty", csv_empty, KAIROS_ERROR_FORMAT, { "t.csv", "no samples" } },
  { "csv/measurement", csv_measurement, KAIROS_ERROR_FORMAT, { "t.csv", "column 2", "no class" } },
  { "folder/one-class", one_class, KAIROS_ERROR_FORMAT, { "class ants", "two classes" } },
  { "folder/no-pictures",
    no_pictures,
    KAIROS_ERROR_FORMAT,
    { "no picture", "ants/readme.txt", "not a PNG, JPEG or BMP picture" } },
  { "folder/empty-classes", empty_classes, KAIROS_ERROR_FORMAT, { "no pictures", "sub-folder" } },
  { "folder/empty", empty_folder, KAIROS_ERROR_UNSUPPORTED, { "no data that Kairos knows" } },
  { "path/not-there", not_there, KAIROS_ERROR_MISSING, { "nowhere", "does not exist" } },
  { "path/unknown-kind", unknown_kind, KAIROS_ERROR_UNSUPPORTED, { "letter.odt", "IDX" } },
};

static void
bad_input (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  char *folder = fixture_folder ();
  g_autoptr (GError) error = NULL;
  KairosDataset *dataset = fixture_open (folder, CASES[i].write (folder), NULL, &error);

  g_assert_null (dataset);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_error (error, KAIROS_ERROR, CASES[i].code);
  for (guint j = 0; j < G_N_ELEMENTS (CASES[i].says) && CASES[i].says[j]; j++)
    g_assert_nonnull (strstr (error->message, CASES[i].says[j]));
  /* One sentence, of a length that fits into a banner. */
  g_assert_null (strchr (error->message, '\n'));
  g_assert_cmpuint (strlen (error->message), <, 400);
  fixture_remove (folder);
}

static const struct {
  const char *name;
  KairosOpenOptions options;
  const char *says;
} OPTION_CASES[] = {
  { "side", { .side = 5 }, "8 to 1024" },
  { "fit", { .fit = "stretch" }, "crop or letterbox" },
  { "samples", { .samples = -1 }, "at least 1" },
  { "label-column", { .label_column = "species" }, "\"species\"" },
  { "label-number", { .label_column = "4" }, "from 1 to 3" },
};

static void
bad_option (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  char *folder = fixture_folder ();
  g_autoptr (GError) error = NULL;

  fixture_write_text (folder, "t.csv", "a,b,kind\n1,2,x\n3,4,y\n");
  g_assert_null (fixture_open (folder, "t.csv", &OPTION_CASES[i].options, &error));
  g_assert_nonnull (strstr (error->message, OPTION_CASES[i].says));
  fixture_remove (folder);
}

static void
bad_builtin (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (kairos_dataset_open ("builtin:letters", NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING);
  g_assert_nonnull (strstr (error->message, "digits, shapes"));
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++) {
    g_autofree char *path = g_strconcat ("/data/bad-input/", CASES[i].name, NULL);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), bad_input);
  }
  for (guint i = 0; i < G_N_ELEMENTS (OPTION_CASES); i++) {
    g_autofree char *path = g_strconcat ("/data/bad-input/options/", OPTION_CASES[i].name, NULL);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), bad_option);
  }
  g_test_add_func ("/data/bad-input/builtin", bad_builtin);
  return fixture_run ();
}
