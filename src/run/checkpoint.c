/* SPDX-License-Identifier: MIT */

/* The frame of a checkpoint; see checkpoint.h for its layout.  Every length is checked against what is left before it
 * is believed. */
#include "checkpoint.h"

#include <string.h>

#include "kairos/error.h"
#include "src/base/bytes.h"

enum { HEADER = 16, SECTION = 12, DIGEST = 32 };
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

static void
digest (const guint8 *data, gsize size, guint8 out[DIGEST])
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length = DIGEST;

  g_checksum_update (sum, data, size);
  g_checksum_get_digest (sum, out, &length);
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
  guint8 sum[DIGEST];

  kairos_set_u32 (writer->bytes->data + HEADER - sizeof (guint32), writer->n_sections);
  digest (writer->bytes->data, writer->bytes->len, sum);
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
  guint8 sum[DIGEST];

  if (size < HEADER + DIGEST || memcmp (data, magic, sizeof magic) != 0)
    return refuse (error, KAIROS_ERROR_FORMAT, "This is not a checkpoint; choose another one.");
  digest (data, size - DIGEST, sum);
  if (memcmp (sum, data + size - DIGEST, DIGEST) != 0)
    return refuse (error, KAIROS_ERROR_FORMAT,
                   "The checkpoint is damaged: its checksum differs; choose an earlier one.");
  if (kairos_get_u32 (data + 8) > KAIROS_CHECKPOINT_VERSION)
    return refuse (error, KAIROS_ERROR_UNSUPPORTED,
                   "The checkpoint was written by a newer Kairos; update Kairos to use it.");
  if (kairos_get_u32 (data + 8) == 0 || !sections_are_whole (data, size - DIGEST))
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

  while ((content = next_section (data, total - DIGEST, &offset, &found, size)))
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
