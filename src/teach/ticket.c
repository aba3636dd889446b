/* SPDX-License-Identifier: MIT */

/* Tickets: which weights survive. */
#include "kairos/ticket.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Magnitude, then position: as one number, so that sorting is exact and stable. */
static guint64
key_of (float value, gsize position)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  /* without their sign, floats are ordered as their bits are */
  return (guint64) (bits & G_MAXINT32) << 32 | (guint32) position;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return x < y ? -1 : x > y;
}

static gsize
collect (const KairosTensorInfo *tensor, const float *parameters, const guint8 *mask, guint64 *keys)
{
  gsize n = 0;

  for (gsize i = tensor->offset; i < tensor->offset + tensor->n; i++)
    if (mask[i])
      keys[n++] = key_of (parameters[i], i);
  return n;
}

static void
drop (guint64 *keys, gsize n, double fraction, float *parameters, guint8 *mask)
{
  gsize go = (gsize) llround (fraction * n);

  qsort (keys, n, sizeof *keys, compare);
  for (gsize i = 0; i < go; i++) {
    mask[(guint32) keys[i]] = 0;
    parameters[(guint32) keys[i]] = 0;
  }
}

/* The last tensor of weights; n_tensors where there is none. */
static guint
last_weight (const KairosTensorInfo *tensors, guint n_tensors)
{
  for (guint i = n_tensors; i > 0; i--)
    if (tensors[i - 1].role == KAIROS_TENSOR_WEIGHT)
      return i - 1;
  return n_tensors;
}

void
kairos_ticket_prune (const KairosTensorInfo *tensors, guint n_tensors, double fraction, gboolean everywhere,
                     KairosOutputRate output, float *parameters, guint8 *mask)
{
  guint last = last_weight (tensors, n_tensors);
  gsize n_all = kairos_ticket_count (tensors, n_tensors, NULL, NULL), n = 0;
  g_autofree guint64 *keys = g_new (guint64, n_all);

  for (guint i = 0; i < n_tensors; i++) {
    if (tensors[i].role != KAIROS_TENSOR_WEIGHT || (i == last && output != KAIROS_OUTPUT_SAME))
      continue;
    n += collect (&tensors[i], parameters, mask, keys + n);
    if (everywhere)
      continue;
    drop (keys, n, fraction, parameters, mask);
    n = 0;
  }
  if (everywhere)
    drop (keys, n, fraction, parameters, mask);
  if (last < n_tensors && output == KAIROS_OUTPUT_HALF)
    drop (keys, collect (&tensors[last], parameters, mask, keys), fraction / 2, parameters, mask);
}

gsize
kairos_ticket_count (const KairosTensorInfo *tensors, guint n_tensors, const guint8 *mask, gsize *survive)
{
  gsize n = 0, left = 0;

  for (guint i = 0; i < n_tensors; i++) {
    if (tensors[i].role != KAIROS_TENSOR_WEIGHT)
      continue;
    n += tensors[i].n;
    for (gsize j = tensors[i].offset; mask && j < tensors[i].offset + tensors[i].n; j++)
      left += mask[j] != 0;
  }
  if (survive)
    *survive = mask ? left : n;
  return n;
}

void
kairos_ticket_mask (gsize n, const guint8 *mask, float *parameters)
{
  for (gsize i = 0; i < n; i++)
    if (!mask[i])
      parameters[i] = 0;
}

void
kairos_shrink_perturb (gsize n, float lambda, float sigma, const float *fresh, float *parameters)
{
  for (gsize i = 0; i < n; i++)
    parameters[i] = lambda * parameters[i] + sigma * fresh[i];
}
