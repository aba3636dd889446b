/* SPDX-License-Identifier: MIT */

/* The readers of IDX, CIFAR, CSV and NPY on small files written by the test. */
#include <string.h>
#include <zlib.h>

#include "fixture.h"

#define TRAIN_IMAGES "train-images-idx3-ubyte"
#define TRAIN_LABELS "train-labels-idx1-ubyte"
#define TEST_IMAGES "t10k-images-idx3-ubyte"
#define TEST_LABELS "t10k-labels-idx1-ubyte"

typedef struct {
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = fixture_folder ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  fixture_remove (fixture->folder);
}

static void
assert_split (KairosDataset *dataset, guint n_train, guint n_test)
{
  const guint8 *official = kairos_dataset_get_official (dataset);

  g_assert_cmpuint (kairos_dataset_get_n_samples (dataset), ==, n_train + n_test);
  g_assert_cmpint (kairos_dataset_has_official_test (dataset), ==, n_test > 0);
  for (guint i = 0; i < n_train + n_test; i++)
    g_assert_cmpint (official[i], ==, i < n_train ? KAIROS_SPLIT_TRAIN : KAIROS_SPLIT_TEST);
}

static void
assert_shape (KairosDataset *dataset, int height, int width, int channels)
{
  KairosShape shape = kairos_dataset_get_shape (dataset);

  g_assert_cmpint (shape.height, ==, height);
  g_assert_cmpint (shape.width, ==, width);
  g_assert_cmpint (shape.channels, ==, channels);
}

/* ---- IDX ---- */

static void
idx_by_any_name (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "", TRAIN_IMAGES ".gz", TRAIN_LABELS, TEST_IMAGES, TEST_LABELS ".gz" };
  g_autofree char *checksum = NULL;

  fixture_write_idx (fixture->folder, TRAIN_IMAGES ".gz", TRAIN_LABELS, 30, 5, 7);
  fixture_write_idx (fixture->folder, TEST_IMAGES, TEST_LABELS ".gz", 20, 5, 7);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (KairosDataset) dataset = fixture_must_open (fixture->folder, names[i], NULL);
    float input[35];

    g_assert_cmpstr (kairos_dataset_get_reader (dataset), ==, "idx");
    assert_split (dataset, 30, 20);
    assert_shape (dataset, 5, 7, 1);
    g_assert_cmpuint (kairos_dataset_get_n_classes (dataset), ==, 10);
    g_assert_cmpint (kairos_dataset_get_labels (dataset)[13], ==, 3);
    g_assert_cmpint (kairos_dataset_get_labels (dataset)[30 + 19], ==, 9);
    g_assert_cmpint (kairos_dataset_get_bytes (dataset, 29)[34], ==, 29);
    g_assert_cmpint (kairos_dataset_get_bytes (dataset, 30 + 19)[0], ==, 19);
    g_assert_null (kairos_dataset_get_bytes (dataset, 50));
    g_assert_null (kairos_dataset_get_floats (dataset, 0));
    kairos_dataset_copy_input (dataset, 29, input);
    g_assert_cmpfloat_with_epsilon (input[34], 29 / 255.0, 1e-7);
    if (!checksum)
      checksum = g_strdup (kairos_dataset_get_checksum (dataset));
    g_assert_cmpstr (kairos_dataset_get_checksum (dataset), ==, checksum);
    g_assert_cmpuint (strlen (checksum), ==, 64);
  }
}

static void
idx_one_split (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosDataset) dataset = NULL;

  fixture_write_idx (fixture->folder, "emnist-letters-test-images.idx3-ubyte", "emnist-letters-test-labels.idx1-ubyte",
                     20, 4, 4);
  dataset = fixture_must_open (fixture->folder, "", NULL);
  assert_split (dataset, 20, 0);
}

static void
idx_other_names (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosDataset) dataset = NULL;

  fixture_write_idx (fixture->folder, "my-images", "my-labels", 20, 4, 4);
  dataset = fixture_must_open (fixture->folder, "my-images", NULL);
  assert_split (dataset, 20, 0);
  g_assert_cmpstr (kairos_dataset_get_title (dataset), ==, "my-images");
}

static void
idx_several_sets (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;

  fixture_write_idx (fixture->folder, "a-images-idx3-ubyte", "a-labels-idx1-ubyte", 20, 4, 4);
  fixture_write_idx (fixture->folder, "b-images-idx3-ubyte", "b-labels-idx1-ubyte", 12, 4, 4);
  g_assert_null (fixture_open (fixture->folder, "", NULL, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT);
  dataset = fixture_must_open (fixture->folder, "b-labels-idx1-ubyte", NULL);
  assert_split (dataset, 12, 0);
}

/* ---- CIFAR ---- */

static void
cifar_ten (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosDataset) dataset = NULL, single = NULL;

  fixture_write_cifar (fixture->folder, "data_batch_1.bin", 20, 1);
  fixture_write_cifar (fixture->folder, "data_batch_2.bin.gz", 2500, 1);
  fixture_write_cifar (fixture->folder, "test_batch.bin", 30, 1);
  fixture_write_text (fixture->folder, "batches.meta.txt",
                      "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
  dataset = fixture_must_open (fixture->folder, "", NULL);
  assert_split (dataset, 2520, 30);
  assert_shape (dataset, 32, 32, 3);
  g_assert_cmpuint (kairos_dataset_get_n_classes (dataset), ==, 10);
  g_assert_cmpstr (kairos_dataset_get_class_name (dataset, 6), ==, "frog");
  g_assert_cmpint (kairos_dataset_find_class (dataset, "FROG"), ==, 6);
  g_assert_cmpint (kairos_dataset_find_class (dataset, "7"), ==, 7);
  g_assert_cmpint (kairos_dataset_find_class (dataset, "10"), ==, -1);
  g_assert_cmpint (kairos_dataset_get_bytes (dataset, 2520 + 29)[0], ==, 29);
  g_assert_cmpint (kairos_dataset_get_bytes (dataset, 2520 + 29)[3071], ==, 200);
  single = fixture_must_open (fixture->folder, "data_batch_1.bin", NULL);
  assert_split (single, 20, 0);
}

static void
cifar_hundred (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosDataset) dataset = NULL;

  /* 3073 records of CIFAR-100 are as long as 3074 of CIFAR-10: the labels tell. */
  fixture_write_cifar (fixture->folder, "train.bin", 3073, 2);
  fixture_write_cifar (fixture->folder, "test.bin", 10, 2);
  dataset = fixture_must_open (fixture->folder, "", NULL);
  assert_split (dataset, 3073, 10);
  g_assert_cmpuint (kairos_dataset_get_n_classes (dataset), ==, 100);
  g_assert_cmpstr (kairos_dataset_get_class_name (dataset, 99), ==, "99");
}

/* ---- CSV ---- */

typedef struct {
  const char *text, *label_column;
  guint n, n_features, n_classes;
  const char *last_class, *first_row;
  double first, last; /* features */
  int first_label;
} CsvCase;

static const CsvCase CSV_CASES[] = {
  { "5.1,3.5,setosa\n4.9,3,virginica\n", NULL, 2, 2, 2, "virginica", "row 1", 5.1, 3, 0 },
  { "a,b,class\n1,2,x\n3,4,y\n5,-6e2,x\n", NULL, 3, 2, 2, "y", "row 2", 1, -600, 0 },
  { "label;u;v\n10;1,5;2\n9;3;4\n", NULL, 2, 2, 2, "10", "row 2", 1.5, 4, 1 },
  { "\xef\xbb\xbf\"Label\"\t\"a \"\"b\"\" c\"\r\n\"no\"\t 7\r\n\r\n\"yes\tmaybe\"\t8", NULL, 2, 1, 2, "yes\tmaybe",
    "row 2", 7, 8, 0 },
  { "x,kind,z\n1,p,2\n3,q,4\n", "kind", 2, 2, 2, "q", "row 2", 1, 4, 0 },
  { "1,7,2\n3,8,4\n", "2", 2, 2, 2, "8", "row 1", 1, 4, 0 },
  { "0,1,y\n.5,1e3,1\n-.25,123456789012345678,0\n", NULL, 2, 2, 2, "1", "row 2", .5, 123456789012345678.0, 1 },
};

static void
csv_kinds (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (CSV_CASES); i++) {
    const CsvCase *c = &CSV_CASES[i];
    KairosOpenOptions options = { .label_column = c->label_column };
    g_autoptr (KairosDataset) dataset = NULL;
    g_autofree char *name = NULL;

    fixture_write_text (fixture->folder, i % 2 == 0 ? "t.csv" : "t.csv.gz", c->text);
    dataset = fixture_must_open (fixture->folder, i % 2 == 0 ? "t.csv" : "t.csv.gz", &options);
    assert_shape (dataset, 1, 1, c->n_features);
    assert_split (dataset, c->n, 0);
    g_assert_false (kairos_dataset_is_image (dataset));
    g_assert_cmpuint (kairos_dataset_get_n_classes (dataset), ==, c->n_classes);
    g_assert_cmpstr (kairos_dataset_get_class_name (dataset, c->n_classes - 1), ==, c->last_class);
    g_assert_cmpint (kairos_dataset_get_labels (dataset)[0], ==, c->first_label);
    g_assert_cmpfloat (kairos_dataset_get_floats (dataset, 0)[0], ==, (float) c->first);
    g_assert_cmpfloat (kairos_dataset_get_floats (dataset, c->n - 1)[c->n_features - 1], ==, (float) c->last);
    name = kairos_dataset_describe_sample (dataset, 0);
    g_assert_cmpstr (name, ==, c->first_row);
  }
}

static void
csv_pictures (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new ("label");
  g_autoptr (KairosDataset) dataset = NULL;

  for (int i = 0; i < 16; i++)
    g_string_append_printf (text, ",pixel%d", i);
  for (int row = 0; row < 3; row++) {
    g_string_append_printf (text, "\n%d", row);
    for (int i = 0; i < 16; i++)
      g_string_append_printf (text, ",%d", 16 * row + i);
  }
  fixture_write_text (fixture->folder, "train.csv", text->str);
  dataset = fixture_must_open (fixture->folder, "train.csv", NULL);
  assert_shape (dataset, 4, 4, 1);
  g_assert_true (kairos_dataset_is_image (dataset));
  g_assert_cmpint (kairos_dataset_get_bytes (dataset, 2)[15], ==, 47);
}

/* ---- NPY and NPZ ---- */

static void
npy_types (Fixture *fixture, gconstpointer data)
{
  const guint8 bytes[] = { 1, 2, 3, 255 };
  const gint16 shorts[] = { GINT16_TO_BE (1), GINT16_TO_BE (2), GINT16_TO_BE (3), GINT16_TO_BE (-7) };
  const double doubles[] = { 1, 2, 3, 0.125 };
  const gint64 labels[] = { 1, 0 };
  const struct {
    const char *descr;
    gconstpointer data;
    gsize size;
    double last;
  } cases[] = {
    { "|u1", bytes, 4, 255 }, { "|i1", bytes, 4, -1 }, { ">i2", shorts, 8, -7 }, { "<f8", doubles, 32, 0.125 }
  };

  fixture_write_npy (fixture->folder, "y.npy", "<i8", "(2,)", labels, sizeof labels);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (KairosDataset) dataset = NULL;

    fixture_write_npy (fixture->folder, "X.npy", cases[i].descr, "(2, 2)", cases[i].data, cases[i].size);
    dataset = fixture_must_open (fixture->folder, "X.npy", NULL);
    assert_shape (dataset, 1, 1, 2);
    assert_split (dataset, 2, 0);
    g_assert_cmpint (kairos_dataset_get_labels (dataset)[0], ==, 1);
    g_assert_cmpfloat (kairos_dataset_get_floats (dataset, 0)[0], ==, 1);
    g_assert_cmpfloat (kairos_dataset_get_floats (dataset, 1)[1], ==, (float) cases[i].last);
  }
}

static void
npy_versions (Fixture *fixture, gconstpointer data)
{
  const guint8 labels[] = { 0, 1 };
  const float features[] = { 1, 2 };

  fixture_write_npy (fixture->folder, "y.npy", "|u1", "(2, 1)", labels, sizeof labels);
  for (int version = 1; version <= 3; version++) {
    g_autoptr (GByteArray) npy = fixture_npy (version, "<f4", "False", "(2, 1)", features, sizeof features);
    g_autoptr (KairosDataset) dataset = NULL;

    fixture_write (fixture->folder, "X.npy", npy->data, npy->len);
    dataset = fixture_must_open (fixture->folder, "", NULL);
    g_assert_cmpfloat (kairos_dataset_get_floats (dataset, 1)[0], ==, 2);
  }
}

/* Pictures of 0 to 1 and of 0 to 255 give the same bytes, also when the first value above 1 comes late. */
static void
npy_pictures (Fixture *fixture, gconstpointer data)
{
  const float unit[] = { 0, 1, 0.5f, 0.2f }, whole[] = { 0, 1, 0, 255 };
  const guint8 labels[] = { 0, 1 };
  g_autoptr (KairosDataset) scaled = NULL, plain = NULL;

  fixture_write_npy (fixture->folder, "images_labels.npy", "|u1", "(2,)", labels, sizeof labels);
  fixture_write_npy (fixture->folder, "images.npy", "<f4", "(2, 1, 2)", unit, sizeof unit);
  scaled = fixture_must_open (fixture->folder, "images.npy", NULL);
  assert_shape (scaled, 1, 2, 1);
  g_assert_cmpint (kairos_dataset_get_bytes (scaled, 0)[1], ==, 255);
  g_assert_cmpint (kairos_dataset_get_bytes (scaled, 1)[0], ==, 128);
  fixture_write_npy (fixture->folder, "images.npy", "<f4", "(2, 1, 2, 1)", whole, sizeof whole);
  plain = fixture_must_open (fixture->folder, "images.npy", NULL);
  g_assert_cmpint (kairos_dataset_get_bytes (plain, 0)[1], ==, 1);
  g_assert_cmpint (kairos_dataset_get_bytes (plain, 1)[1], ==, 255);
}

static void
npy_planes (Fixture *fixture, gconstpointer data)
{
  guint8 planes[2 * 3 * 4], labels[] = { 0, 1 };
  g_autoptr (KairosDataset) dataset = NULL;

  for (guint i = 0; i < sizeof planes; i++)
    planes[i] = i;
  fixture_write_npy (fixture->folder, "x_train.npy", "|u1", "(2, 3, 2, 2)", planes, sizeof planes);
  fixture_write_npy (fixture->folder, "y_train.npy", "|u1", "(2,)", labels, sizeof labels);
  dataset = fixture_must_open (fixture->folder, "", NULL);
  assert_shape (dataset, 2, 2, 3);
  g_assert_cmpint (kairos_dataset_get_bytes (dataset, 1)[0], ==, 12);
  g_assert_cmpint (kairos_dataset_get_bytes (dataset, 1)[1], ==, 16);
  g_assert_cmpint (kairos_dataset_get_bytes (dataset, 1)[5], ==, 21);
}

static void
put16 (GByteArray *bytes, guint value)
{
  guint8 two[] = { value & 0xff, value >> 8 };

  g_byte_array_append (bytes, two, 2);
}

static void
put32 (GByteArray *bytes, guint32 value)
{
  put16 (bytes, value & 0xffff);
  put16 (bytes, value >> 16);
}

/* One member of an archive: its local part goes to zip, its directory entry to directory. */
static void
zip_add (GByteArray *zip, GByteArray *directory, const char *name, GByteArray *data, gboolean deflate_it)
{
  guint32 offset = zip->len;
  uLong crc = crc32 (0, data->data, data->len);
  g_autofree guint8 *packed = g_malloc (compressBound (data->len) + 64);
  gsize n_packed = data->len;
  const guint8 *body = data->data;

  if (deflate_it) {
    z_stream stream = {
      .next_in = data->data, .avail_in = data->len, .next_out = packed, .avail_out = compressBound (data->len) + 64
    };

    g_assert_cmpint (deflateInit2 (&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), ==, Z_OK);
    g_assert_cmpint (deflate (&stream, Z_FINISH), ==, Z_STREAM_END);
    n_packed = stream.total_out;
    deflateEnd (&stream);
    body = packed;
  }
  for (int local = 1; local >= 0; local--) {
    GByteArray *out = local ? zip : directory;

    put32 (out, local ? 0x04034b50 : 0x02014b50);
    if (!local)
      put16 (out, 20);
    put16 (out, 20);
    put16 (out, 0);
    put16 (out, deflate_it ? 8 : 0);
    put32 (out, 0);
    put32 (out, crc);
    put32 (out, n_packed);
    put32 (out, data->len);
    put16 (out, strlen (name));
    put16 (out, local ? 4 : 0); /* NumPy writes an extra field there */
    if (!local) {
      put16 (out, 0);
      put16 (out, 0);
      put16 (out, 0);
      put32 (out, 0);
      put32 (out, offset);
    }
    g_byte_array_append (out, (const guint8 *) name, strlen (name));
    if (local) {
      put32 (out, 0);
      g_byte_array_append (out, body, n_packed);
    }
  }
}

static void
zip_end (GByteArray *zip, GByteArray *directory, guint n)
{
  guint32 offset = zip->len;

  g_byte_array_append (zip, directory->data, directory->len);
  put32 (zip, 0x06054b50);
  put32 (zip, 0);
  put16 (zip, n);
  put16 (zip, n);
  put32 (zip, directory->len);
  put32 (zip, offset);
  put16 (zip, 0);
}

static void
npz (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) zip = g_byte_array_new ();
  g_autoptr (GByteArray) directory = g_byte_array_new ();
  g_autoptr (KairosDataset) dataset = NULL;
  guint8 pixels[30 * 4], labels[30];
  const char *const *problems;

  for (guint i = 0; i < sizeof pixels; i++)
    pixels[i] = i;
  for (guint i = 0; i < sizeof labels; i++)
    labels[i] = i % 3;
  for (guint i = 0; i < 5; i++) {
    static const char *const names[] = { "x_train.npy", "y_train.npy", "x_test.npy", "y_test.npy", "note.npy" };
    static const char *const shapes[] = { "(20, 2, 2)", "(20,)", "(10, 2, 2)", "(10,)", "(1,)" };
    static const gsize sizes[] = { 80, 20, 40, 10, 1 };
    g_autoptr (GByteArray) npy = fixture_npy (1, "|u1", "False", shapes[i], i % 2 == 1 ? labels : pixels, sizes[i]);

    zip_add (zip, directory, names[i], npy, i < 2);
  }
  zip_end (zip, directory, 5);
  fixture_write (fixture->folder, "mnist.npz", zip->data, zip->len);
  dataset = fixture_must_open (fixture->folder, "mnist.npz", NULL);
  assert_split (dataset, 20, 10);
  assert_shape (dataset, 2, 2, 1);
  g_assert_cmpint (kairos_dataset_get_bytes (dataset, 19)[3], ==, 79);
  g_assert_cmpint (kairos_dataset_get_bytes (dataset, 20)[3], ==, 3);
  problems = kairos_dataset_get_problems (dataset);
  g_assert_cmpstr (problems[0], ==, "note.npy: an array that is not used");
  g_assert_null (problems[1]);
}

/* ---- All of them ---- */

static void
infos (void)
{
  guint n;
  const KairosReaderInfo *readers = kairos_reader_infos (&n);

  g_assert_cmpuint (n, ==, 6);
  for (guint i = 0; i < n; i++)
    g_assert_true (*readers[i].name != '\0' && *readers[i].summary != '\0');
}

static void
checksum_sees_labels (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KairosDataset) one = NULL, other = NULL;

  fixture_write_text (fixture->folder, "a.csv", "1,2,a\n3,4,b\n5,6,a\n");
  fixture_write_text (fixture->folder, "b.csv", "1,2,a\n3,4,b\n5,6,b\n");
  one = fixture_must_open (fixture->folder, "a.csv", NULL);
  other = fixture_must_open (fixture->folder, "b.csv", NULL);
  g_assert_cmpstr (kairos_dataset_get_checksum (one), !=, kairos_dataset_get_checksum (other));
}

#define ADD(NAME, FUNC) g_test_add ("/data/readers/" NAME, Fixture, NULL, set_up, FUNC, tear_down)

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/data/readers/infos", infos);
  ADD ("idx/any-name", idx_by_any_name);
  ADD ("idx/one-split", idx_one_split);
  ADD ("idx/other-names", idx_other_names);
  ADD ("idx/several-sets", idx_several_sets);
  ADD ("cifar/10", cifar_ten);
  ADD ("cifar/100", cifar_hundred);
  ADD ("csv/kinds", csv_kinds);
  ADD ("csv/pictures", csv_pictures);
  ADD ("npy/types", npy_types);
  ADD ("npy/versions", npy_versions);
  ADD ("npy/pictures", npy_pictures);
  ADD ("npy/planes", npy_planes);
  ADD ("npy/npz", npz);
  ADD ("checksum", checksum_sees_labels);
  return fixture_run ();
}
