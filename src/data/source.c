/* SPDX-License-Identifier: MIT */

/* Bytes of a data file, plain, gzip or a zip member.  zlib does the unpacking; gzip files of several members are read
 * as one. */
#include "source.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <zlib.h>

enum {
  CHUNK = 1 << 16,
  MAX_RATIO = 1032, /* the most that one byte of deflate can stand for, by its design */
};

struct _KairosSource {
  FILE *file;
  char *name;
  guint64 input_size;
  guint64 input_left; /* packed bytes not yet taken from the file */
  guint64 limit;
  gboolean packed, gzip, ended;
  z_stream stream;
  guint8 *chunk;
};

static gboolean
fail_io (const char *name, int code, GError **error)
{
  g_set_error (error, KAIROS_ERROR, code == ENOENT ? KAIROS_ERROR_MISSING : KAIROS_ERROR_IO, "%s cannot be read: %s.",
               name, g_strerror (code));
  return FALSE;
}

static guint64
saturating_multiply (guint64 a, guint64 b)
{
  guint64 product;

  return g_uint64_checked_mul (&product, a, b) ? product : G_MAXUINT64;
}

static void
start_unpacking (KairosSource *source, gboolean gzip)
{
  source->packed = TRUE;
  source->gzip = gzip;
  source->chunk = g_malloc (CHUNK);
  inflateInit2 (&source->stream, gzip ? 16 + MAX_WBITS : -MAX_WBITS);
}

static gboolean
file_size (FILE *file, guint64 *size)
{
  off_t end;

  if (fseeko (file, 0, SEEK_END) != 0 || (end = ftello (file)) < 0 || fseeko (file, 0, SEEK_SET) != 0)
    return FALSE;
  *size = end;
  return TRUE;
}

/* Takes the file. */
static KairosSource *
source_new (FILE *file, const char *name, guint64 size)
{
  KairosSource *source = g_new0 (KairosSource, 1);
  guint8 magic[2];

  source->file = file;
  source->name = g_strdup (name);
  source->input_size = source->input_left = size;
  source->limit = size;
  if (fread (magic, 1, 2, file) == 2 && magic[0] == 0x1f && magic[1] == 0x8b) {
    start_unpacking (source, TRUE);
    source->limit = saturating_multiply (size, MAX_RATIO);
  }
  rewind (file);
  return source;
}

static FILE *
open_file (const char *path, guint64 *size, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  FILE *file = g_fopen (path, "rb");

  if (!file) {
    fail_io (name, errno, error);
    return NULL;
  }
  /* A folder or a device opens but has no size. */
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR) || !file_size (file, size)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_IO, "%s is not a regular file.", name);
    fclose (file);
    return NULL;
  }
  return file;
}

KairosSource *
kairos_source_open (const char *path, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  guint64 size = 0;
  FILE *file = open_file (path, &size, error);

  return file ? source_new (file, name, size) : NULL;
}

KairosSource *
kairos_source_open_member (const char *path, guint64 offset, guint64 n_packed, guint64 n_unpacked,
                           KairosPacking packing, const char *name, GError **error)
{
  guint64 size = 0, end;
  KairosSource *source;
  FILE *file = open_file (path, &size, error);

  if (!file)
    return NULL;
  if (!g_uint64_checked_add (&end, offset, n_packed) || end > size || fseeko (file, (off_t) offset, SEEK_SET) != 0) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%s lies beyond the end of its archive: the file is truncated.", name);
    fclose (file);
    return NULL;
  }
  source = g_new0 (KairosSource, 1);
  source->file = file;
  source->name = g_strdup (name);
  source->input_size = source->input_left = n_packed;
  source->limit = n_packed;
  if (packing == KAIROS_PACKING_DEFLATE) {
    start_unpacking (source, FALSE);
    source->limit = MIN (n_unpacked, saturating_multiply (n_packed, MAX_RATIO));
  }
  return source;
}

KairosSource *
kairos_source_new_memory (gconstpointer data, gsize size, const char *name)
{
  /* fmemopen() refuses a null pointer. */
  FILE *file = fmemopen (size > 0 ? (gpointer) data : (gpointer) "", size, "rb");

  return source_new (file, name, size);
}

void
kairos_source_free (KairosSource *source)
{
  if (!source)
    return;
  if (source->packed)
    inflateEnd (&source->stream);
  fclose (source->file);
  g_free (source->chunk);
  g_free (source->name);
  g_free (source);
}

const char *
kairos_source_name (KairosSource *source)
{
  return source->name;
}

gboolean
kairos_source_is_packed (KairosSource *source)
{
  return source->packed;
}

guint64
kairos_source_limit (KairosSource *source)
{
  return source->limit;
}

double
kairos_source_fraction (KairosSource *source)
{
  return 1 - (double) source->input_left / MAX (source->input_size, 1);
}

static gssize
take_input (KairosSource *source, gpointer out, gsize n, GError **error)
{
  gsize wanted = MIN (n, source->input_left);
  gsize got = fread (out, 1, wanted, source->file);

  if (got < wanted && ferror (source->file)) {
    fail_io (source->name, errno, error);
    return -1;
  }
  source->input_left = got < wanted ? 0 : source->input_left - got;
  return got;
}

static gboolean
refill (KairosSource *source, GError **error)
{
  gssize got = take_input (source, source->chunk, CHUNK, error);

  if (got < 0)
    return FALSE;
  if (got == 0) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%s is truncated: its compressed data stops before its end; fetch the file again.", source->name);
    return FALSE;
  }
  source->stream.next_in = source->chunk;
  source->stream.avail_in = got;
  return TRUE;
}

/* At the end of a gzip member: another one may follow; anything else after it is padding. */
static gboolean
next_member (KairosSource *source, GError **error)
{
  if (source->gzip && (source->stream.avail_in > 0 || source->input_left > 0)) {
    if (source->stream.avail_in == 0 && !refill (source, error))
      return FALSE;
    if (source->stream.next_in[0] == 0x1f)
      return inflateReset (&source->stream) == Z_OK;
  }
  source->ended = TRUE;
  return TRUE;
}

static gssize
unpack (KairosSource *source, guint8 *out, gsize n, GError **error)
{
  gsize done = 0;

  while (done < n && !source->ended) {
    uInt room = MIN (n - done, 1u << 30);
    int status;

    if (source->stream.avail_in == 0 && !refill (source, error))
      return -1;
    source->stream.next_out = out + done;
    source->stream.avail_out = room;
    status = inflate (&source->stream, Z_NO_FLUSH);
    done += room - source->stream.avail_out;
    if (status == Z_STREAM_END) {
      if (!next_member (source, error))
        return -1;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                   "%s is damaged: its compressed data does not unpack (%s); fetch the file again.", source->name,
                   source->stream.msg ? source->stream.msg : "unexpected data");
      return -1;
    }
  }
  return done;
}

gssize
kairos_source_read (KairosSource *source, gpointer out, gsize n, GError **error)
{
  return source->packed ? unpack (source, out, n, error) : take_input (source, out, n, error);
}

gboolean
kairos_source_read_all (KairosSource *source, gpointer out, gsize n, const char *what, GError **error)
{
  gssize got = kairos_source_read (source, out, n, error);

  if (got < 0)
    return FALSE;
  if ((gsize) got < n) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "%s is truncated: it ends within %s.", source->name, what);
    return FALSE;
  }
  return TRUE;
}

gboolean
kairos_source_expect_end (KairosSource *source, const char *expected, GError **error)
{
  guint8 extra;
  gssize got = kairos_source_read (source, &extra, 1, error);

  if (got > 0)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%s is longer than its header says: after %s there is more data.", source->name, expected);
  return got == 0;
}
