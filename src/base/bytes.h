/* SPDX-License-Identifier: MIT */

/* Numbers as little-endian bytes, the form in which all files and checkpoints of Kairos hold them, and floats as they
 * are.
 *
 *   kairos_put_u32 (bytes, n);                  appends four bytes to a GByteArray
 *   n = kairos_get_u32 (data + 8);              reads four bytes, wherever they lie
 *   kairos_set_u32 (data + 8, n);               writes them there
 *   kairos_copy_floats (kept, weights, n);      n may be 0, then either may be NULL
 *
 * Nothing here knows how many bytes there are: that is checked by the caller before.
 */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* ---- Reading ---- */

static inline guint16
kairos_get_u16 (const guint8 *at)
{
  guint16 little;

  memcpy (&little, at, sizeof little);
  return GUINT16_FROM_LE (little);
}

static inline guint32
kairos_get_u32 (const guint8 *at)
{
  guint32 little;

  memcpy (&little, at, sizeof little);
  return GUINT32_FROM_LE (little);
}

static inline guint64
kairos_get_u64 (const guint8 *at)
{
  guint64 little;

  memcpy (&little, at, sizeof little);
  return GUINT64_FROM_LE (little);
}

static inline float
kairos_get_f32 (const guint8 *at)
{
  guint32 bits = kairos_get_u32 (at);
  float number;

  memcpy (&number, &bits, sizeof number);
  return number;
}

static inline double
kairos_get_f64 (const guint8 *at)
{
  guint64 bits = kairos_get_u64 (at);
  double number;

  memcpy (&number, &bits, sizeof number);
  return number;
}

/* ---- Writing in place ---- */

static inline void
kairos_set_u16 (guint8 *at, guint16 number)
{
  guint16 little = GUINT16_TO_LE (number);

  memcpy (at, &little, sizeof little);
}

static inline void
kairos_set_u32 (guint8 *at, guint32 number)
{
  guint32 little = GUINT32_TO_LE (number);

  memcpy (at, &little, sizeof little);
}

static inline void
kairos_set_u64 (guint8 *at, guint64 number)
{
  guint64 little = GUINT64_TO_LE (number);

  memcpy (at, &little, sizeof little);
}

static inline void
kairos_set_f32 (guint8 *at, float number)
{
  guint32 bits;

  memcpy (&bits, &number, sizeof bits);
  kairos_set_u32 (at, bits);
}

static inline void
kairos_set_f64 (guint8 *at, double number)
{
  guint64 bits;

  memcpy (&bits, &number, sizeof bits);
  kairos_set_u64 (at, bits);
}

/* ---- Appending ---- */

static inline void
kairos_put_u16 (GByteArray *bytes, guint16 number)
{
  guint8 little[sizeof number];

  kairos_set_u16 (little, number);
  g_byte_array_append (bytes, little, sizeof little);
}

static inline void
kairos_put_u32 (GByteArray *bytes, guint32 number)
{
  guint8 little[sizeof number];

  kairos_set_u32 (little, number);
  g_byte_array_append (bytes, little, sizeof little);
}

static inline void
kairos_put_u64 (GByteArray *bytes, guint64 number)
{
  guint8 little[sizeof number];

  kairos_set_u64 (little, number);
  g_byte_array_append (bytes, little, sizeof little);
}

static inline void
kairos_put_f32 (GByteArray *bytes, float number)
{
  guint8 little[sizeof number];

  kairos_set_f32 (little, number);
  g_byte_array_append (bytes, little, sizeof little);
}

static inline void
kairos_put_f64 (GByteArray *bytes, double number)
{
  guint8 little[sizeof number];

  kairos_set_f64 (little, number);
  g_byte_array_append (bytes, little, sizeof little);
}

/* ---- Floats ---- */

/* A network without batch normalisation has no buffers, and NULL for them. */
static inline void
kairos_copy_floats (float *to, const float *from, gsize n)
{
  if (n > 0 && to != from)
    memcpy (to, from, n * sizeof *to);
}

G_END_DECLS
