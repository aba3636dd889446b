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
#include <zlib.h>

#include "src/base/bytes.h"

#include "kairos/network.h"

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

    g_assert (ids[i] < facts->n);

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

guint
kairos_facts_get_ended (KairosFacts *facts)
{
  pthread_mutex_lock (&facts->lock);
  guint n = facts->history->len;
  pthread_mutex_unlock (&facts->lock);
  return n;
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
    losses[epoch] = facts->history->pdata[epoch] ? unpack (((const guint16 *) facts->history->pdata[epoch])[id]) : NAN;
  pthread_mutex_unlock (&facts->lock);
  return losses;
}

/* ---- Bytes ----
 *
 * Little-endian: magic, version, samples, epochs ended; then the samples in order, each a byte of flags and what those
 * say is there.  Every value comes back to the bit.  What is left out is what can be told from the rest: a sample that
 * was never looked at has nothing, a right answer's confidence is the probability of the truth, most counts are small.
 * A sample so takes 23 bytes where the table takes 36.  Version 1 had nine 32-bit words a sample, and the history.
 */
enum { MAGIC = 0x4346414b, VERSION = 2, HEAD_WORDS = 4, OLD_FACT_WORDS = 9 }; /* MAGIC reads "KAFC" */

enum {
  FLAG_LOOKED = 1, /* the network looked at it */
  FLAG_CORRECT = 2,
  FLAG_EVER_CORRECT = 4,
  FLAG_CONFIDENCE = 8, /* confidence differs from truth, and follows */
  FLAG_TRAINED = 16,   /* AUM, times seen and times forgotten follow */
  ALL_FLAGS = 31,
};

enum { MOST_BYTES = 1 + 6 * 4 + 3 * 5 }; /* of a sample */

static guint32
float_bits (float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  return bits;
}

static guint8 *
put_float (guint8 *at, float value)
{
  kairos_set_f32 (at, value);
  return at + sizeof value;
}

/* Seven bits a byte, the lowest first; the upper bit says that more follow. */
static guint8 *
put_count (guint8 *at, guint32 count)
{
  for (; count > 127; count >>= 7)
    *at++ = count | 128;
  *at++ = count;
  return at;
}

static guint
flags_of (const KairosFact *fact)
{
  gboolean looked = fact->prediction >= 0, trained = fact->seen > 0;

  return (looked ? FLAG_LOOKED : 0) | (fact->correct ? FLAG_CORRECT : 0) |
         (fact->ever_correct ? FLAG_EVER_CORRECT : 0) |
         (looked && float_bits (fact->confidence) != float_bits (fact->truth) ? FLAG_CONFIDENCE : 0) |
         (trained ? FLAG_TRAINED : 0);
}

static guint8 *
put_fact (guint8 *at, const KairosFact *fact)
{
  guint flags = flags_of (fact);

  *at++ = flags;
  if (flags & FLAG_LOOKED) {
    at = put_float (put_float (at, fact->loss), fact->truth);
    at = put_float (put_float (at, fact->el2n), fact->margin);
    at = put_count (at, fact->prediction);
  }
  if (flags & FLAG_CONFIDENCE)
    at = put_float (at, fact->confidence);
  if (flags & FLAG_TRAINED)
    at = put_count (put_count (put_float (at, fact->aum), fact->seen), fact->forgotten);
  return at;
}

GBytes *
kairos_facts_to_bytes (KairosFacts *facts)
{
  const gsize head = HEAD_WORDS * sizeof (guint32);

  pthread_mutex_lock (&facts->lock);
  guint8 *data = g_malloc (head + (gsize) facts->n * MOST_BYTES), *at = data + head;
  const guint32 words[HEAD_WORDS] = { MAGIC, VERSION, facts->n, facts->history->len };
  for (guint i = 0; i < HEAD_WORDS; i++)
    kairos_set_u32 (data + i * sizeof *words, words[i]);
  for (guint i = 0; i < facts->n; i++)
    at = put_fact (at, &facts->facts[i]);
  pthread_mutex_unlock (&facts->lock);
  return g_bytes_new_take (g_realloc (data, at - data), at - data);
}

/* ---- Reading bytes ---- */

typedef struct {
  const guint8 *at, *end;
  gboolean failed; /* there was less than it asked for */
} Reader;

static guint32
get_word (Reader *reader)
{
  const guint8 *at = reader->at;

  if (reader->end - at < (gssize) sizeof (guint32)) {
    reader->failed = TRUE;
    return 0;
  }
  reader->at += sizeof (guint32);
  return kairos_get_u32 (at);
}

static float
get_float (Reader *reader)
{
  guint32 bits = get_word (reader);
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

/* One that is too large for its field is not from us. */
static guint32
get_count (Reader *reader, guint32 most)
{
  guint64 count = 0;

  for (guint shift = 0; shift < 35; shift += 7) {
    guint8 byte = reader->at < reader->end ? *reader->at++ : 128;
    count |= (guint64) (byte & 127) << shift;
    if (byte < 128 && count <= most)
      return count;
  }
  reader->failed = TRUE;
  return 0;
}

static KairosFact
get_fact (Reader *reader)
{
  KairosFact fact = UNSEEN;
  guint flags = reader->at < reader->end ? *reader->at++ : ALL_FLAGS + 1;

  if (flags > ALL_FLAGS || ((flags & FLAG_CONFIDENCE) && !(flags & FLAG_LOOKED)))
    reader->failed = TRUE;
  if (flags & FLAG_LOOKED) {
    fact.loss = get_float (reader);
    fact.truth = fact.confidence = get_float (reader);
    fact.el2n = get_float (reader);
    fact.margin = get_float (reader);
    fact.prediction = (gint32) get_count (reader, G_MAXINT32);
  }
  if (flags & FLAG_CONFIDENCE)
    fact.confidence = get_float (reader);
  if (flags & FLAG_TRAINED) {
    fact.aum = get_float (reader);
    fact.seen = get_count (reader, G_MAXUINT32);
    fact.forgotten = (guint16) get_count (reader, G_MAXUINT16);
  }
  fact.correct = (flags & FLAG_CORRECT) != 0;
  fact.ever_correct = (flags & FLAG_EVER_CORRECT) != 0;
  return fact;
}

static KairosFact
get_old_fact (Reader *reader)
{
  KairosFact fact = { .loss = get_float (reader) };

  fact.confidence = get_float (reader);
  fact.truth = get_float (reader);
  fact.el2n = get_float (reader);
  fact.margin = get_float (reader);
  fact.aum = get_float (reader);
  fact.prediction = (gint32) get_word (reader);
  fact.seen = get_word (reader);
  guint32 last = get_word (reader);
  fact.forgotten = last & 0xffff;
  fact.correct = last >> 16 & 1;
  fact.ever_correct = last >> 24 & 1;
  return fact;
}

static guint16 *
get_old_losses (Reader *reader, guint n)
{
  guint16 *losses = g_new (guint16, MAX (n, 1));

  for (guint i = 0; i < n; i++, reader->at += 2)
    losses[i] = kairos_get_u16 (reader->at);
  return losses;
}

/* A history of epochs that nothing is known about yet. */
static void
add_unknown (GPtrArray *history, guint n_epochs)
{
  for (guint i = 0; i < n_epochs; i++)
    g_ptr_array_add (history, NULL);
}

static gboolean
refuse_damaged (GError **error)
{
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
               "The facts about the samples are damaged; use an older checkpoint.");
  return FALSE;
}

enum { MOST_EPOCHS = 1 << 20 };

static gboolean
check_head (KairosFacts *facts, Reader *reader, guint32 head[HEAD_WORDS], GError **error)
{
  for (guint i = 0; i < HEAD_WORDS; i++)
    head[i] = get_word (reader);
  if (reader->failed)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "The facts about the samples are truncated; use an older checkpoint.");
  else if (head[0] == MAGIC && head[1] > VERSION)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED,
                 "The facts about the samples are of version %u, newer than this Kairos (%d); update it.", head[1],
                 VERSION);
  else if (head[0] == MAGIC && head[2] != facts->n)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_CHANGED,
                 "The facts are about %u samples, the data has %u; open the data they belong to.", head[2], facts->n);
  else if (head[0] != MAGIC || head[1] == 0 || head[3] > MOST_EPOCHS)
    return refuse_damaged (error);
  else
    return TRUE;
  return FALSE;
}

static gboolean
read_all (Reader *reader, const guint32 head[HEAD_WORDS], KairosFact *table, GPtrArray *history)
{
  gboolean old = head[1] == 1;
  gsize needed = (gsize) head[2] * (OLD_FACT_WORDS * sizeof (guint32) + 2 * (gsize) head[3]);

  if (old && (gsize) (reader->end - reader->at) != needed)
    return FALSE;
  for (guint i = 0; i < head[2]; i++)
    table[i] = old ? get_old_fact (reader) : get_fact (reader);
  if (!old)
    add_unknown (history, head[3]);
  for (guint epoch = 0; old && epoch < head[3]; epoch++)
    g_ptr_array_add (history, get_old_losses (reader, head[2]));
  return !reader->failed && reader->at == reader->end;
}

gboolean
kairos_facts_from_bytes (KairosFacts *facts, GBytes *bytes, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  Reader reader = { data, data + size };
  guint32 head[HEAD_WORDS];

  if (!check_head (facts, &reader, head, error))
    return FALSE;
  g_autofree KairosFact *table = g_new (KairosFact, MAX (facts->n, 1));
  g_autoptr (GPtrArray) history = g_ptr_array_new_with_free_func (g_free);
  if (!read_all (&reader, head, table, history))
    return refuse_damaged (error);
  pthread_mutex_lock (&facts->lock);
  g_ptr_array_unref (facts->history);
  facts->history = g_steal_pointer (&history);
  memcpy (facts->facts, table, facts->n * sizeof *table);
  atomic_fetch_add (&facts->generation, 1);
  pthread_mutex_unlock (&facts->lock);
  return TRUE;
}

/* ---- One epoch's losses as bytes ----
 *
 * The number of samples, u32 little-endian, then deflated: the upper halves of all, which are much alike, before the
 * lower ones.
 */

GBytes *
kairos_facts_epoch_to_bytes (KairosFacts *facts, guint epoch)
{
  guint n = facts->n;
  uLongf size = compressBound (2 * (uLong) n);
  g_autofree guint8 *halves = g_malloc (2 * (gsize) n + 1);
  guint8 *out = g_malloc (sizeof (guint32) + size);

  pthread_mutex_lock (&facts->lock);
  const guint16 *losses = epoch < facts->history->len ? facts->history->pdata[epoch] : NULL;
  for (guint i = 0; i < n; i++) {
    guint16 loss = losses ? losses[i] : pack (NAN);
    halves[i] = loss >> 8;
    halves[n + i] = loss & 255;
  }
  pthread_mutex_unlock (&facts->lock);
  kairos_set_u32 (out, n);
  compress2 (out + sizeof n, &size, halves, 2 * (uLong) n, Z_BEST_SPEED); /* it has room, and so does not fail */
  size += sizeof n;
  return g_bytes_new_take (g_realloc (out, size), size);
}

gboolean
kairos_facts_epoch_from_bytes (KairosFacts *facts, guint epoch, GBytes *bytes, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  Reader reader = { data, data + size };
  guint32 n = get_word (&reader);
  uLongf length = 2 * (uLong) facts->n;
  g_autofree guint8 *halves = g_malloc (2 * (gsize) facts->n + 1);

  if (reader.failed || n != facts->n || uncompress (halves, &length, reader.at, reader.end - reader.at) != Z_OK ||
      length != 2 * (uLong) n)
    return refuse_damaged (error);
  guint16 *losses = g_new (guint16, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    losses[i] = halves[i] << 8 | halves[n + i];
  pthread_mutex_lock (&facts->lock);
  gboolean there = epoch < facts->history->len;
  if (there) {
    g_free (facts->history->pdata[epoch]);
    facts->history->pdata[epoch] = g_steal_pointer (&losses);
  }
  pthread_mutex_unlock (&facts->lock);
  g_free (losses);
  return there || refuse_damaged (error);
}
