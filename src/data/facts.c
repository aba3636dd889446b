/* SPDX-License-Identifier: MIT */

/* The table of per-sample facts, and each sample's loss at the end of every epoch.
 *
 * The history is kept as bfloat16, the upper half of a float32: 0.4 % is finer than a curve can be drawn, and a hundred
 * epochs of 60 000 samples take 12 MB.
 */
#include "kairos/facts.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

struct _KairosFacts {
  atomic_int refs;
  guint n;
  pthread_mutex_t lock; /* what follows */
  KairosFact *facts;
  GPtrArray *history;         /* an array of n guint16 an epoch */
  _Atomic guint64 generation; /* read without the lock */
};

static const KairosFact UNSEEN = { NAN, NAN, NAN, NAN, NAN, NAN, -1, 0, 0, 0, 0 };

static guint16
pack (float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  if (isnan (value))
    return 0x7fc0;
  return (bits + 0x7fff + (bits >> 16 & 1)) >> 16; /* round to nearest, ties to even */
}

static float
unpack (guint16 packed)
{
  guint32 bits = (guint32) packed << 16;
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static void
clear (KairosFacts *facts)
{
  for (guint i = 0; i < facts->n; i++)
    facts->facts[i] = UNSEEN;
  g_ptr_array_set_size (facts->history, 0);
}

KairosFacts *
kairos_facts_new (guint n_samples)
{
  KairosFacts *facts = g_new0 (KairosFacts, 1);

  atomic_init (&facts->refs, 1);
  atomic_init (&facts->generation, 0);
  pthread_mutex_init (&facts->lock, NULL);
  facts->n = n_samples;
  facts->facts = g_new (KairosFact, MAX (n_samples, 1));
  facts->history = g_ptr_array_new_with_free_func (g_free);
  clear (facts);
  return facts;
}

KairosFacts *
kairos_facts_ref (KairosFacts *facts)
{
  atomic_fetch_add (&facts->refs, 1);
  return facts;
}

void
kairos_facts_unref (KairosFacts *facts)
{
  if (!facts || atomic_fetch_sub (&facts->refs, 1) > 1)
    return;
  pthread_mutex_destroy (&facts->lock);
  g_free (facts->facts);
  g_ptr_array_unref (facts->history);
  g_free (facts);
}

guint
kairos_facts_get_n (KairosFacts *facts)
{
  return facts->n;
}

/* ---- Writing ---- */

static void
note_training (KairosFact *fact, gboolean correct)
{
  fact->seen++;
  fact->aum = fact->seen == 1 ? fact->margin : fact->aum + (fact->margin - fact->aum) / fact->seen;
  if (fact->correct && !correct && fact->forgotten < G_MAXUINT16)
    fact->forgotten++;
  fact->correct = correct;
  fact->ever_correct |= correct;
}

void
kairos_facts_update (KairosFacts *facts, guint n, const guint32 *ids, const gint32 *labels,
                     const KairosOutcome *outcomes, gboolean trained)
{
  pthread_mutex_lock (&facts->lock);
  for (guint i = 0; i < n; i++) {
    KairosFact *fact = &facts->facts[ids[i]];
    const KairosOutcome *outcome = &outcomes[i];

    fact->loss = outcome->loss;
    fact->confidence = outcome->confidence;
    fact->truth = outcome->truth;
    fact->el2n = outcome->el2n;
    fact->margin = outcome->margin;
    fact->prediction = outcome->prediction;
    if (trained)
      note_training (fact, outcome->prediction == labels[i]);
  }
  atomic_fetch_add (&facts->generation, 1);
  pthread_mutex_unlock (&facts->lock);
}

void
kairos_facts_end_epoch (KairosFacts *facts)
{
  guint16 *losses = g_new (guint16, MAX (facts->n, 1));

  pthread_mutex_lock (&facts->lock);
  for (guint i = 0; i < facts->n; i++)
    losses[i] = pack (facts->facts[i].loss);
  g_ptr_array_add (facts->history, losses);
  atomic_fetch_add (&facts->generation, 1);
  pthread_mutex_unlock (&facts->lock);
}

void
kairos_facts_reset (KairosFacts *facts)
{
  pthread_mutex_lock (&facts->lock);
  clear (facts);
  atomic_fetch_add (&facts->generation, 1);
  pthread_mutex_unlock (&facts->lock);
}

/* ---- Reading ---- */

KairosFact
kairos_facts_get (KairosFacts *facts, guint id)
{
  KairosFact fact;

  pthread_mutex_lock (&facts->lock);
  fact = facts->facts[id];
  pthread_mutex_unlock (&facts->lock);
  return fact;
}

guint64
kairos_facts_snapshot (KairosFacts *facts, KairosFact *out)
{
  guint64 generation;

  pthread_mutex_lock (&facts->lock);
  memcpy (out, facts->facts, facts->n * sizeof *out);
  generation = atomic_load (&facts->generation);
  pthread_mutex_unlock (&facts->lock);
  return generation;
}

guint64
kairos_facts_get_generation (KairosFacts *facts)
{
  return atomic_load (&facts->generation);
}

float *
kairos_facts_history (KairosFacts *facts, guint id, guint *n)
{
  float *losses;

  pthread_mutex_lock (&facts->lock);
  *n = facts->history->len;
  losses = g_new (float, MAX (*n, 1));
  for (guint epoch = 0; epoch < *n; epoch++)
    losses[epoch] = unpack (((const guint16 *) facts->history->pdata[epoch])[id]);
  pthread_mutex_unlock (&facts->lock);
  return losses;
}

/* ---- Bytes ---- */

/* Little-endian: magic, version, samples, epochs; of each sample nine 32-bit words, a field each but for the last,
 * which holds forgotten, correct and ever_correct; then n 16-bit losses an epoch. */
enum { MAGIC = 0x4346414b, VERSION = 1, HEAD_WORDS = 4, FACT_WORDS = 9 }; /* MAGIC reads "KAFC" */

static guint32
float_bits (float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  return bits;
}

static float
bits_float (guint32 bits)
{
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static void
write_fact (const KairosFact *fact, guint32 *out)
{
  guint32 words[FACT_WORDS] = {
    float_bits (fact->loss),
    float_bits (fact->confidence),
    float_bits (fact->truth),
    float_bits (fact->el2n),
    float_bits (fact->margin),
    float_bits (fact->aum),
    (guint32) fact->prediction,
    fact->seen,
    fact->forgotten | (guint32) fact->correct << 16 | (guint32) fact->ever_correct << 24,
  };

  for (guint i = 0; i < FACT_WORDS; i++)
    out[i] = GUINT32_TO_LE (words[i]);
}

static KairosFact
read_fact (const guint32 *in)
{
  guint32 words[FACT_WORDS];

  for (guint i = 0; i < FACT_WORDS; i++)
    words[i] = GUINT32_FROM_LE (in[i]);
  return (KairosFact){
    .loss = bits_float (words[0]),
    .confidence = bits_float (words[1]),
    .truth = bits_float (words[2]),
    .el2n = bits_float (words[3]),
    .margin = bits_float (words[4]),
    .aum = bits_float (words[5]),
    .prediction = (gint32) words[6],
    .seen = words[7],
    .forgotten = words[8] & 0xffff,
    .correct = words[8] >> 16 & 1,
    .ever_correct = words[8] >> 24 & 1,
  };
}

static gsize
bytes_needed (guint64 n, guint64 n_epochs)
{
  return (HEAD_WORDS + FACT_WORDS * n) * sizeof (guint32) + n_epochs * n * sizeof (guint16);
}

GBytes *
kairos_facts_to_bytes (KairosFacts *facts)
{
  guint32 *words;
  guint16 *losses;
  gsize size;

  pthread_mutex_lock (&facts->lock);
  size = bytes_needed (facts->n, facts->history->len);
  words = g_malloc (size);
  words[0] = GUINT32_TO_LE (MAGIC);
  words[1] = GUINT32_TO_LE (VERSION);
  words[2] = GUINT32_TO_LE (facts->n);
  words[3] = GUINT32_TO_LE (facts->history->len);
  for (guint i = 0; i < facts->n; i++)
    write_fact (&facts->facts[i], words + HEAD_WORDS + (gsize) i * FACT_WORDS);
  losses = (guint16 *) (words + HEAD_WORDS + (gsize) facts->n * FACT_WORDS);
  for (guint epoch = 0; epoch < facts->history->len; epoch++)
    for (guint i = 0; i < facts->n; i++)
      *losses++ = GUINT16_TO_LE (((const guint16 *) facts->history->pdata[epoch])[i]);
  pthread_mutex_unlock (&facts->lock);
  return g_bytes_new_take (words, size);
}

static gboolean
check_bytes (KairosFacts *facts, const guint8 *data, gsize size, guint32 head[HEAD_WORDS], GError **error)
{
  if (size < HEAD_WORDS * sizeof (guint32)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "The facts about the samples are truncated; use an older checkpoint.");
    return FALSE;
  }
  memcpy (head, data, HEAD_WORDS * sizeof (guint32));
  for (guint i = 0; i < HEAD_WORDS; i++)
    head[i] = GUINT32_FROM_LE (head[i]);
  if (head[0] == MAGIC && head[1] > VERSION)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED,
                 "The facts about the samples are of version %u, newer than this Kairos (%d); update it.", head[1],
                 VERSION);
  else if (head[0] == MAGIC && head[2] != facts->n)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_CHANGED,
                 "The facts are about %u samples, the data has %u; open the data they belong to.", head[2], facts->n);
  else if (head[0] != MAGIC || head[1] != VERSION || (double) size != 16.0 + 36.0 * head[2] + 2.0 * head[2] * head[3] ||
           head[3] > size)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "The facts about the samples are damaged; use an older checkpoint.");
  else
    return TRUE;
  return FALSE;
}

gboolean
kairos_facts_from_bytes (KairosFacts *facts, GBytes *bytes, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  guint32 head[HEAD_WORDS], words[FACT_WORDS];

  if (!check_bytes (facts, data, size, head, error))
    return FALSE;
  data += sizeof head;
  pthread_mutex_lock (&facts->lock);
  clear (facts);
  for (guint i = 0; i < facts->n; i++, data += sizeof words) {
    memcpy (words, data, sizeof words); /* the bytes may not be aligned */
    facts->facts[i] = read_fact (words);
  }
  for (guint epoch = 0; epoch < head[3]; epoch++) {
    guint16 *losses = g_new (guint16, MAX (facts->n, 1));

    for (guint i = 0; i < facts->n; i++)
      losses[i] = data[2 * i] | data[2 * i + 1] << 8;
    data += 2 * (gsize) facts->n;
    g_ptr_array_add (facts->history, losses);
  }
  atomic_fetch_add (&facts->generation, 1);
  pthread_mutex_unlock (&facts->lock);
  return TRUE;
}
