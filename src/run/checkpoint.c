/* SPDX-License-Identifier: MIT */

/* The frame of a checkpoint; see checkpoint.h for its layout.  Every length is checked against what is left before it
 * is believed. */
#include "checkpoint.h"

#include <string.h>
#include <zlib.h>

#include "kairos/error.h"
#include "src/base/bytes.h"

enum { HEADER = 16, SECTION = 12, SHA256 = 32, CRC32 = 4 };
static const char magic[8] = { 'K', 'A', 'I', 'R', 'C', 'K', 'P', 'T' };

/* Floats as little-endian words, or back: the same exchange both ways, nothing on most machines. */
static void
swap_floats (gpointer words, gsize n)
{
#if G_BYTE_ORDER == G_BIG_ENDIAN
  guint32 *word = words;
  for (gsize i = 0; i < n; i++)
    word[i] = GUINT32_SWAP_LE_BE (word[i]);
#endif
}

/* What follows the sections: version 1 had a SHA-256, which took longer than all the rest of a write. */
static gsize
trailer_size (const guint8 *data)
{
  return kairos_get_u32 (data + sizeof magic) == 1 ? SHA256 : CRC32;
}

static void
put_checksum (const guint8 *data, gsize size, gsize trailer, guint8 *out)
{
  if (trailer == CRC32) {
    kairos_set_u32 (out, (guint32) crc32_z (0, data, size));
    return;
  }
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (sum, data, size);
  g_checksum_get_digest (sum, out, &trailer);
}

/* ---- Writing ---- */

void
kairos_checkpoint_begin (KairosCheckpointWriter *writer, gsize expected_size)
{
  writer->bytes = g_byte_array_sized_new (expected_size + 1024);
  writer->n_sections = 0;
  g_byte_array_append (writer->bytes, (const guint8 *) magic, sizeof magic);
  kairos_put_u32 (writer->bytes, KAIROS_CHECKPOINT_VERSION);
  kairos_put_u32 (writer->bytes, 0); /* sections: set at the end */
}

void
kairos_checkpoint_put (KairosCheckpointWriter *writer, guint32 tag, gconstpointer data, gsize size)
{
  kairos_put_u32 (writer->bytes, tag);
  kairos_put_u64 (writer->bytes, size);
  if (size)
    g_byte_array_append (writer->bytes, data, size);
  writer->n_sections++;
}

void
kairos_checkpoint_put_floats (KairosCheckpointWriter *writer, guint32 tag, const float *values, gsize n)
{
  kairos_checkpoint_put (writer, tag, values, n * sizeof *values);
  swap_floats (writer->bytes->data + writer->bytes->len - n * sizeof *values, n);
}

GBytes *
kairos_checkpoint_end (KairosCheckpointWriter *writer)
{
  guint8 sum[CRC32];

  kairos_set_u32 (writer->bytes->data + HEADER - sizeof (guint32), writer->n_sections);
  put_checksum (writer->bytes->data, writer->bytes->len, CRC32, sum);
  g_byte_array_append (writer->bytes, sum, sizeof sum);
  return g_byte_array_free_to_bytes (g_steal_pointer (&writer->bytes));
}

/* ---- Reading ---- */

/* The section at offset, if it lies before end; moves offset behind it. */
static const guint8 *
next_section (const guint8 *data, gsize end, gsize *offset, guint32 *tag, gsize *size)
{
  if (end - *offset < SECTION)
    return NULL;
  guint64 length = kairos_get_u64 (data + *offset + 4);
  if (length > end - *offset - SECTION)
    return NULL;
  const guint8 *content = data + *offset + SECTION;
  *tag = kairos_get_u32 (data + *offset);
  *size = length;
  *offset += SECTION + length;
  return content;
}

static gboolean
sections_are_whole (const guint8 *data, gsize end)
{
  gsize offset = HEADER, size;
  guint32 tag, n = 0;

  while (offset < end && next_section (data, end, &offset, &tag, &size))
    n++;
  return offset == end && n == kairos_get_u32 (data + 12);
}

static gboolean
refuse (GError **error, KairosError code, const char *sentence)
{
  g_set_error_literal (error, KAIROS_ERROR, code, sentence);
  return FALSE;
}

gboolean
kairos_checkpoint_verify (GBytes *checkpoint, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (checkpoint, &size);
  gsize trailer = size >= HEADER ? trailer_size (data) : 0;
  guint8 sum[SHA256];

  if (size < HEADER + trailer || size < HEADER || memcmp (data, magic, sizeof magic) != 0)
    return refuse (error, KAIROS_ERROR_FORMAT, "This is not a checkpoint; choose another one.");
  put_checksum (data, size - trailer, trailer, sum);
  if (memcmp (sum, data + size - trailer, trailer) != 0)
    return refuse (error, KAIROS_ERROR_FORMAT,
                   "The checkpoint is damaged: its checksum differs; choose an earlier one.");
  if (kairos_get_u32 (data + 8) > KAIROS_CHECKPOINT_VERSION)
    return refuse (error, KAIROS_ERROR_UNSUPPORTED,
                   "The checkpoint was written by a newer Kairos; update Kairos to use it.");
  if (kairos_get_u32 (data + 8) == 0 || !sections_are_whole (data, size - trailer))
    return refuse (error, KAIROS_ERROR_FORMAT,
                   "The checkpoint is damaged: its parts do not add up; choose an earlier one.");
  return TRUE;
}

const guint8 *
kairos_checkpoint_get (GBytes *checkpoint, guint32 tag, gsize *size)
{
  gsize total, offset = HEADER;
  const guint8 *data = g_bytes_get_data (checkpoint, &total), *content;
  guint32 found;

  while ((content = next_section (data, total - trailer_size (data), &offset, &found, size)))
    if (found == tag)
      return content;
  *size = 0;
  return NULL;
}

void
kairos_checkpoint_get_floats (GBytes *checkpoint, guint32 tag, float *out)
{
  gsize size;
  const guint8 *content = kairos_checkpoint_get (checkpoint, tag, &size);

  if (!size)
    return;
  memcpy (out, content, size);
  swap_floats (out, size / sizeof *out);
}
