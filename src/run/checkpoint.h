/* SPDX-License-Identifier: MIT */

/* The frame of a checkpoint: tagged sections of little-endian bytes between a header and a checksum of all that
 * precedes it.
 *
 *   "KAIRCKPT"  version u32  sections u32  { tag u32  size u64  bytes }*  CRC-32 u32
 *
 * What the sections hold is the trainer's business; that they are whole is looked after here.
 */
#pragma once

#include <gio/gio.h>

#define KAIROS_CHECKPOINT_VERSION 2

/* ---- Writing ---- */

typedef struct {
  GByteArray *bytes;
  guint32 n_sections;
} KairosCheckpointWriter;

void kairos_checkpoint_begin (KairosCheckpointWriter *writer, gsize expected_size);
void kairos_checkpoint_put (KairosCheckpointWriter *writer, guint32 tag, gconstpointer data, gsize size);
void kairos_checkpoint_put_floats (KairosCheckpointWriter *writer, guint32 tag, const float *values, gsize n);
GBytes *kairos_checkpoint_end (KairosCheckpointWriter *writer); /* caller unrefs */

/* ---- Reading ---- */

/* Whether the frame is whole: header, version, checksum, sections. */
gboolean kairos_checkpoint_verify (GBytes *checkpoint, GError **error);
/* A section of a verified checkpoint, not copied; NULL when it is not there. */
const guint8 *kairos_checkpoint_get (GBytes *checkpoint, guint32 tag, gsize *size);
/* Copies a section of floats that has exactly the expected number (checked before). */
void kairos_checkpoint_get_floats (GBytes *checkpoint, guint32 tag, float *out);
