/* SPDX-License-Identifier: MIT */

/* Per-sample facts: what an update changes, the history, the bytes of a checkpoint, and two threads at once. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "kairos/facts.h"
#include "kairos/network.h"

static KairosOutcome
outcome (gint32 prediction, float loss, float margin)
{
  return (KairosOutcome){
    .loss = loss, .confidence = 0.75f, .truth = 0.5f, .el2n = 0.25f, .margin = margin, .prediction = prediction
  };
}

static void
update (KairosFacts *facts, guint32 id, gint32 label, gint32 prediction, float loss, float margin, gboolean trained)
{
  KairosOutcome one = outcome (prediction, loss, margin);

  kairos_facts_update (facts, 1, &id, &label, &one, trained);
}

static void
before_the_first_look (void)
{
  g_autoptr (KairosFacts) facts = kairos_facts_new (3);
  KairosFact fact = kairos_facts_get (facts, 2);

  g_assert_cmpuint (kairos_facts_get_n (facts), ==, 3);
  g_assert_true (isnan (fact.loss) && isnan (fact.confidence) && isnan (fact.aum));
  g_assert_cmpint (fact.prediction, ==, -1);
  g_assert_cmpuint (fact.seen, ==, 0);
}

static void
training_and_looking (void)
{
  g_autoptr (KairosFacts) facts = kairos_facts_new (2);
  KairosFact fact;

  update (facts, 1, 4, 4, 0.5f, 2, TRUE);   /* right */
  update (facts, 1, 4, 3, 1.5f, -1, TRUE);  /* forgotten */
  update (facts, 1, 4, 3, 1.25f, -2, TRUE); /* still wrong */
  update (facts, 1, 4, 4, 0.75f, 5, FALSE); /* only looked at: right, but nothing learned */
  fact = kairos_facts_get (facts, 1);
  g_assert_cmpfloat (fact.loss, ==, 0.75f);
  g_assert_cmpfloat (fact.confidence, ==, 0.75f);
  g_assert_cmpfloat (fact.truth, ==, 0.5f);
  g_assert_cmpfloat (fact.el2n, ==, 0.25f);
  g_assert_cmpfloat (fact.margin, ==, 5);
  g_assert_cmpint (fact.prediction, ==, 4);
  g_assert_cmpuint (fact.seen, ==, 3);
  g_assert_cmpuint (fact.forgotten, ==, 1);
  g_assert_false (fact.correct);
  g_assert_true (fact.ever_correct);
  g_assert_cmpfloat_with_epsilon (fact.aum, (2.0 - 1 - 2) / 3, 1e-6);
  g_assert_cmpuint (kairos_facts_get (facts, 0).seen, ==, 0);
}

static void
history (void)
{
  g_autoptr (KairosFacts) facts = kairos_facts_new (2);
  const float losses[] = { 2.302585f, 1e-7f, 12345.678f, INFINITY };
  g_autofree float *unseen = NULL, *seen = NULL;
  guint n;

  for (guint i = 0; i < G_N_ELEMENTS (losses); i++) {
    update (facts, 0, 0, 0, losses[i], 0, TRUE);
    kairos_facts_end_epoch (facts);
  }
  seen = kairos_facts_history (facts, 0, &n);
  g_assert_cmpuint (n, ==, 4);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpfloat_with_epsilon (seen[i] / losses[i], 1, 0.004);
  g_assert_true (isinf (seen[3]));
  unseen = kairos_facts_history (facts, 1, &n);
  g_assert_true (n == 4 && isnan (unseen[0]) && isnan (unseen[3]));
}

static void
generations (void)
{
  g_autoptr (KairosFacts) facts = kairos_facts_new (2);
  KairosFact snapshot[2];
  guint64 before = kairos_facts_snapshot (facts, snapshot), after;

  g_assert_cmpuint (kairos_facts_get_generation (facts), ==, before);
  update (facts, 0, 0, 0, 1, 1, TRUE);
  after = kairos_facts_snapshot (facts, snapshot);
  g_assert_cmpuint (after, >, before);
  g_assert_cmpfloat (snapshot[0].loss, ==, 1);
  kairos_facts_reset (facts);
  g_assert_cmpuint (kairos_facts_get_generation (facts), >, after);
  g_assert_cmpuint (kairos_facts_get (facts, 0).seen, ==, 0);
}

static void
bytes (void)
{
  g_autoptr (KairosFacts) facts = kairos_facts_new (3), copy = kairos_facts_new (3);
  g_autoptr (GBytes) saved = NULL, again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree float *losses = NULL;
  guint n;

  for (int i = 0; i < 5; i++) {
    update (facts, i % 3, 2, i % 4, i, -i, i % 2 == 0);
    kairos_facts_end_epoch (facts);
  }
  saved = kairos_facts_to_bytes (facts);
  update (copy, 0, 0, 0, 9, 9, TRUE); /* is to vanish */
  g_assert_true (kairos_facts_from_bytes (copy, saved, &error));
  g_assert_no_error (error);
  again = kairos_facts_to_bytes (copy);
  g_assert_true (g_bytes_equal (saved, again));
  losses = kairos_facts_history (copy, 1, &n);
  g_assert_true (n == 5 && isnan (losses[4])); /* it is not among the bytes */
}

/* The history goes an epoch at a time. */
static void
epoch_bytes (void)
{
  g_autoptr (KairosFacts) facts = kairos_facts_new (3), copy = kairos_facts_new (3), other = kairos_facts_new (4);
  const guint32 ids[] = { 0, 2 };
  const gint32 labels[] = { 1, 1 };
  const KairosOutcome outcomes[] = { { .loss = 1e-7f, .prediction = 1 }, { .loss = 3.14159f, .prediction = 0 } };
  g_autoptr (GError) error = NULL;
  guint n;

  kairos_facts_end_epoch (facts);
  kairos_facts_update (facts, 2, ids, labels, outcomes, TRUE);
  kairos_facts_end_epoch (facts);
  g_assert_cmpuint (kairos_facts_get_ended (facts), ==, 2);
  g_autoptr (GBytes) table = kairos_facts_to_bytes (facts), first = kairos_facts_epoch_to_bytes (facts, 0),
                     second = kairos_facts_epoch_to_bytes (facts, 1);
  g_assert_true (kairos_facts_from_bytes (copy, table, NULL));
  g_assert_cmpuint (kairos_facts_get_ended (copy), ==, 2);
  g_assert_true (kairos_facts_epoch_from_bytes (copy, 0, first, NULL));
  g_assert_true (kairos_facts_epoch_from_bytes (copy, 1, second, NULL));
  for (guint id = 0; id < 3; id++) {
    g_autofree float *is = kairos_facts_history (copy, id, &n), *was = kairos_facts_history (facts, id, &n);
    for (guint epoch = 0; epoch < 2; epoch++)
      g_assert_true (is[epoch] == was[epoch] || (isnan (is[epoch]) && isnan (was[epoch])));
  }
  g_assert_false (kairos_facts_epoch_from_bytes (copy, 2, second, &error)); /* it has not ended */
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT);
  g_assert_false (kairos_facts_epoch_from_bytes (other, 0, first, NULL));
  for (gsize size = 0; size < g_bytes_get_size (second); size++) {
    g_autoptr (GBytes) cut = g_bytes_new_from_bytes (second, 0, size);
    g_assert_false (kairos_facts_epoch_from_bytes (copy, 1, cut, NULL));
  }
}

/* What version 1 wrote: nine words a sample, and the history. */
static void
version_1 (void)
{
  /* loss, confidence, truth, EL2N, margin, AUM, prediction, seen, forgotten 3 and ever correct; losses 1, then 0 */
  const guint32 words[] = { 0x4346414b, 1,          1,          2, 0x3f000000, 0x3e800000, 0x3e000000,
                            0x3fc00000, 0xbf800000, 0x40000000, 7, 9,          0x01000003, 0x00003f80 };
  guint32 content[G_N_ELEMENTS (words)];
  g_autoptr (KairosFacts) facts = kairos_facts_new (1);
  g_autoptr (GError) error = NULL;
  guint n;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    content[i] = GUINT32_TO_LE (words[i]);
  g_autoptr (GBytes) bytes = g_bytes_new (content, sizeof content);
  g_assert_true (kairos_facts_from_bytes (facts, bytes, &error));
  g_assert_no_error (error);
  KairosFact fact = kairos_facts_get (facts, 0);
  g_assert_true (fact.loss == 0.5f && fact.confidence == 0.25f && fact.truth == 0.125f && fact.el2n == 1.5f);
  g_assert_true (fact.margin == -1 && fact.aum == 2 && fact.prediction == 7 && fact.seen == 9 && fact.forgotten == 3);
  g_assert_true (!fact.correct && fact.ever_correct);
  g_autofree float *losses = kairos_facts_history (facts, 0, &n);
  g_assert_true (n == 2 && losses[0] == 1 && losses[1] == 0);
}

static void
bad_bytes (void)
{
  static const struct {
    gsize offset; /* of a byte that is changed */
    guint8 value;
    gssize size; /* kept; -1 all */
    guint n_samples;
    int code;
  } cases[] = {
    { 0, 'X', -1, 3, KAIROS_ERROR_FORMAT },  { 4, 3, -1, 3, KAIROS_ERROR_UNSUPPORTED },
    { 4, 0, -1, 3, KAIROS_ERROR_FORMAT },    { 4, 2, -1, 4, KAIROS_ERROR_CHANGED },
    { 15, 7, -1, 3, KAIROS_ERROR_FORMAT },   { 4, 2, 18, 3, KAIROS_ERROR_FORMAT },
    { 4, 2, 0, 3, KAIROS_ERROR_FORMAT },     { 4, 1, -1, 3, KAIROS_ERROR_FORMAT },
    { 16, 255, -1, 3, KAIROS_ERROR_FORMAT },
  };
  g_autoptr (KairosFacts) facts = kairos_facts_new (3);
  g_autoptr (GBytes) saved = NULL;

  kairos_facts_end_epoch (facts);
  saved = kairos_facts_to_bytes (facts);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (KairosFacts) target = kairos_facts_new (cases[i].n_samples);
    g_autoptr (GByteArray) changed =
        g_bytes_unref_to_array (g_bytes_new (g_bytes_get_data (saved, NULL), g_bytes_get_size (saved)));
    g_autoptr (GBytes) bad = NULL;
    g_autoptr (GError) error = NULL;

    changed->data[cases[i].offset] = cases[i].value;
    bad = g_bytes_new (changed->data, cases[i].size >= 0 ? (gsize) cases[i].size : changed->len);
    g_assert_false (kairos_facts_from_bytes (target, bad, &error));
    g_assert_error (error, KAIROS_ERROR, cases[i].code);
  }
}

/* ---- A writer and a reader at once ---- */

enum { N = 500 };

typedef struct {
  KairosFacts *facts;
  atomic_int stop;
} Race;

static void *
write_facts (void *data)
{
  Race *race = data;
  KairosOutcome outcomes[N];
  guint32 ids[N];
  gint32 labels[N] = { 0 };

  for (int round = 0; !atomic_load (&race->stop); round++) {
    for (guint i = 0; i < N; i++) {
      ids[i] = i;
      outcomes[i] = outcome (0, round, round);
    }
    kairos_facts_update (race->facts, N, ids, labels, outcomes, TRUE);
    if (round % 64 == 0)
      kairos_facts_end_epoch (race->facts);
  }
  return NULL;
}

/* A snapshot is of one moment: all samples of an update, or none. */
static void
two_threads (void)
{
  g_autoptr (KairosFacts) facts = kairos_facts_new (N);
  Race race = { .facts = facts };
  g_autofree KairosFact *snapshot = g_new (KairosFact, N);
  pthread_t writer;

  g_assert_cmpint (pthread_create (&writer, NULL, write_facts, &race), ==, 0);
  for (int i = 0; i < 300; i++) {
    guint n;

    kairos_facts_snapshot (facts, snapshot);
    for (guint id = 1; id < N; id++)
      g_assert_true (snapshot[id].seen == snapshot[0].seen &&
                     (snapshot[0].seen == 0 || snapshot[id].loss == snapshot[0].loss));
    g_free (kairos_facts_history (facts, i, &n));
  }
  atomic_store (&race.stop, 1);
  pthread_join (writer, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/facts/before-the-first-look", before_the_first_look);
  g_test_add_func ("/data/facts/training-and-looking", training_and_looking);
  g_test_add_func ("/data/facts/history", history);
  g_test_add_func ("/data/facts/generations", generations);
  g_test_add_func ("/data/facts/bytes", bytes);
  g_test_add_func ("/data/facts/epoch-bytes", epoch_bytes);
  g_test_add_func ("/data/facts/version-1", version_1);
  g_test_add_func ("/data/facts/bad-bytes", bad_bytes);
  g_test_add_func ("/data/facts/two-threads", two_threads);
  return g_test_run ();
}
