/* SPDX-License-Identifier: MIT */

/* The cache of decoded data: one file an entry.
 *
 * Little-endian: magic, version, a head of numbers, labels, splits, names, samples, and the CRC-32 of all of it at the
 * end.
 */
#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utime.h>
#include <zlib.h>

#include "src/base/bytes.h"

enum { MAGIC = 0x4344414b, VERSION = 1, CHUNK = 1 << 20 };
#define MAX_ENTRY (G_GUINT64_CONSTANT (1) << 30)
#define MAX_TOTAL (G_GUINT64_CONSTANT (4) << 30)
#define SUFFIX ".decoded"

/* ---- Keys and places ---- */

static gboolean
add_file (GChecksum *checksum, const char *path)
{
  g_autofree char *line = NULL;
  GStatBuf info;

  if (g_stat (path, &info) != 0)
    return FALSE;
  line = g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld %s", (gint64) info.st_size,
                          (gint64) info.st_mtim.tv_sec, (long) info.st_mtim.tv_nsec, path);
  g_checksum_update (checksum, (const guchar *) line, strlen (line) + 1);
  return TRUE;
}

char *
kairos_cache_key (const char *reader, const KairosOpenOptions *options, const char *const *files)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *head =
      g_strdup_printf ("%d %s %d %s", VERSION, reader, options->side, options->fit ? options->fit : "");

  g_checksum_update (checksum, (const guchar *) head, strlen (head) + 1);
  for (guint i = 0; files[i]; i++)
    if (!add_file (checksum, files[i]))
      return NULL;
  return g_strdup (g_checksum_get_string (checksum));
}

static char *
folder (void)
{
  return g_build_filename (g_get_user_cache_dir (), "kairos", NULL);
}

static char *
entry_path (const char *key)
{
  g_autofree char *dir = folder ();
  g_autofree char *name = g_strconcat (key, SUFFIX, NULL);

  return g_build_filename (dir, name, NULL);
}

/* ---- A stream with a checksum, in either direction ---- */

typedef struct {
  FILE *file;
  guint64 left; /* when reading: bytes of the file not yet taken */
  uLong crc;
  gboolean failed;
} Stream;

static void
put (Stream *stream, gconstpointer data, gsize size)
{
  stream->failed = stream->failed || fwrite (data, 1, size, stream->file) != size;
  stream->crc = crc32_z (stream->crc, data, size);
}

static void
take (Stream *stream, gpointer out, gsize size)
{
  guint8 *at = out;

  stream->failed = stream->failed || size > stream->left;
  /* In pieces, so that the checksum finds them in the processor's cache. */
  while (!stream->failed && size > 0) {
    gsize n = MIN (size, CHUNK);

    stream->failed = fread (at, 1, n, stream->file) != n;
    stream->crc = crc32_z (stream->crc, at, stream->failed ? 0 : n);
    stream->left -= n;
    size -= n;
    at += n;
  }
}

static void
put_number (Stream *stream, guint32 number)
{
  guint8 bytes[sizeof number];

  kairos_set_u32 (bytes, number);
  put (stream, bytes, sizeof bytes);
}

static guint32
take_number (Stream *stream)
{
  guint8 bytes[sizeof (guint32)] = { 0 };

  take (stream, bytes, sizeof bytes);
  return stream->failed ? 0 : kairos_get_u32 (bytes);
}

static void
put_strings (Stream *stream, const char *const *strings, guint n)
{
  put_number (stream, n);
  for (guint i = 0; i < n; i++) {
    guint32 length = strlen (strings[i]);

    put_number (stream, length);
    put (stream, strings[i], length);
  }
}

static char *
take_string (Stream *stream)
{
  guint32 length = take_number (stream);
  char *string;

  stream->failed = stream->failed || length > stream->left;
  if (stream->failed)
    return g_strdup ("");
  string = g_malloc (length + 1);
  take (stream, string, length);
  string[stream->failed ? 0 : length] = '\0';
  return string;
}

/* NULL when there are none. */
static GStrv
take_strings (Stream *stream, guint most)
{
  guint32 n = take_number (stream);
  GStrv strings;

  stream->failed = stream->failed || n > most || (guint64) n * sizeof (guint32) > stream->left;
  if (stream->failed || n == 0)
    return NULL;
  strings = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    strings[i] = take_string (stream);
  return strings;
}

/* ---- A data set ---- */

static gsize
sample_size (KairosDataset *dataset)
{
  return kairos_shape_size (dataset->shape) * (dataset->is_image ? 1 : sizeof (float));
}

static gpointer
samples (KairosDataset *dataset)
{
  return dataset->is_image ? (gpointer) dataset->bytes : dataset->floats;
}

static void
put_dataset (Stream *stream, KairosDataset *dataset)
{
  const char *checksum = kairos_dataset_get_checksum (dataset);
  guint32 head[] = { MAGIC,
                     VERSION,
                     dataset->n,
                     dataset->n_classes,
                     dataset->shape.height,
                     dataset->shape.width,
                     dataset->shape.channels,
                     dataset->is_image,
                     dataset->letterbox,
                     dataset->has_test };

  for (guint i = 0; i < G_N_ELEMENTS (head); i++)
    put_number (stream, head[i]);
  put_strings (stream, &checksum, 1);
  put_strings (stream, (const char *const *) dataset->class_names, dataset->n_classes);
  put_strings (stream, (const char *const *) dataset->names, dataset->names ? dataset->n : 0);
  put_strings (stream, (const char *const *) dataset->problems->pdata, dataset->problems->len - 1);
  put (stream, dataset->labels, dataset->n * sizeof *dataset->labels);
  put (stream, dataset->official, dataset->n);
  put (stream, samples (dataset), dataset->n * sample_size (dataset));
  put_number (stream, stream->crc);
}

static void
take_names (Stream *stream, KairosDataset *dataset)
{
  g_auto (GStrv) checksum = take_strings (stream, 1);
  g_auto (GStrv) problems = NULL;

  dataset->checksum = checksum ? g_strdup (checksum[0]) : NULL;
  dataset->class_names = take_strings (stream, dataset->n_classes);
  dataset->names = take_strings (stream, dataset->n);
  problems = take_strings (stream, G_MAXINT32);
  for (guint i = 0; problems && problems[i]; i++)
    kairos_dataset_add_problem (dataset, "%s", problems[i]);
  stream->failed |= dataset->names && g_strv_length (dataset->names) != dataset->n;
}

/* After the memory for it was taken. */
static void
take_samples (Stream *stream, KairosDataset *dataset)
{
  uLong crc;

  dataset->official = g_malloc (dataset->n);
  take (stream, dataset->labels, dataset->n * sizeof *dataset->labels);
  take (stream, dataset->official, dataset->n);
  take (stream, samples (dataset), dataset->n * sample_size (dataset));
  crc = stream->crc;
  stream->failed |= take_number (stream) != (guint32) crc || stream->left != 0;
}

KairosDataset *
kairos_cache_parse (FILE *file, guint64 size)
{
  g_autoptr (KairosDataset) dataset = kairos_dataset_new ();
  Stream stream = { .file = file, .left = size };
  guint32 head[10];
  KairosShape shape;

  for (guint i = 0; i < G_N_ELEMENTS (head); i++)
    head[i] = take_number (&stream);
  if (head[0] != MAGIC || head[1] != VERSION || head[3] > KAIROS_MAX_CLASSES ||
      MAX (MAX (head[4], head[5]), head[6]) > KAIROS_MAX_FEATURES)
    return NULL;
  shape = (KairosShape){ head[4], head[5], head[6] };
  if ((double) head[2] * head[4] * head[5] * head[6] * (head[7] ? 1 : sizeof (float)) > size)
    return NULL;
  dataset->n = head[2];
  dataset->n_classes = head[3];
  take_names (&stream, dataset);
  if (stream.failed || !kairos_dataset_allocate (dataset, head[2], shape, head[7] != 0, "", NULL))
    return NULL;
  take_samples (&stream, dataset);
  dataset->letterbox = head[8] != 0;
  dataset->has_test = head[9] != 0;
  if (stream.failed || !kairos_dataset_complete (dataset, "", NULL))
    return NULL;
  return g_steal_pointer (&dataset);
}

KairosDataset *
kairos_cache_load (const char *key)
{
  g_autofree char *path = entry_path (key);
  KairosDataset *dataset = NULL;
  FILE *file = g_fopen (path, "rb");
  GStatBuf info;

  if (!file)
    return NULL;
  if (g_stat (path, &info) == 0)
    dataset = kairos_cache_parse (file, info.st_size);
  fclose (file);
  if (dataset)
    utime (path, NULL); /* used just now */
  return dataset;
}

/* ---- Keeping it small ---- */

typedef struct {
  char *path;
  guint64 size;
  gint64 used;
} Entry;

static int
least_recent_first (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  return x->used < y->used ? -1 : x->used > y->used;
}

static void
entry_clear (gpointer data)
{
  g_free (((Entry *) data)->path);
}

/* Files that are no longer open anywhere or still being written by another program stay readable to it. */
static void
remove_old_entries (const char *dir_path)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_autoptr (GDir) dir = g_dir_open (dir_path, 0, NULL);
  const char *name;
  guint64 total = 0;

  g_array_set_clear_func (entries, entry_clear);
  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (dir_path, name, NULL);
    GStatBuf info;

    if (g_str_has_suffix (name, SUFFIX) && g_stat (path, &info) == 0) {
      Entry entry = { g_steal_pointer (&path), info.st_size, info.st_mtime };

      total += entry.size;
      g_array_append_val (entries, entry);
    }
  }
  g_array_sort (entries, least_recent_first);
  for (guint i = 0; i < entries->len && total > MAX_TOTAL; i++) {
    const Entry *entry = &g_array_index (entries, Entry, i);

    if (g_unlink (entry->path) == 0)
      total -= entry->size;
  }
}

void
kairos_cache_store (const char *key, KairosDataset *dataset)
{
  g_autofree char *dir = folder ();
  g_autofree char *path = entry_path (key);
  g_autofree char *beside = g_strconcat (path, ".XXXXXX", NULL);
  Stream stream = { 0 };
  int descriptor;

  if (dataset->rows || dataset->difficulty || dataset->n * sample_size (dataset) > MAX_ENTRY ||
      g_mkdir_with_parents (dir, 0700) != 0)
    return;
  descriptor = g_mkstemp_full (beside, O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return;
  stream.file = fdopen (descriptor, "wb");
  put_dataset (&stream, dataset);
  if (fclose (stream.file) != 0 || stream.failed || g_rename (beside, path) != 0)
    g_unlink (beside);
  remove_old_entries (dir);
}
