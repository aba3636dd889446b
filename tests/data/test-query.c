/* SPDX-License-Identifier: MIT */

/* The search language and the orders, on twenty samples whose facts are known. */
#include <math.h>
#include <string.h>

#include "fixture.h"
#include "kairos/query.h"

enum { N = 20 };

typedef struct {
  KairosDataset *dataset;
  KairosSplits *splits;
  KairosFact facts[N];
  char *folder;
} Fixture;

/* Pictures 0 to 9 are of the class "ant", 10 to 19 of "queen bee".  Sample i has the loss i / 10; those below 4 were
 * not looked at; odd ones are answered with class 0, even ones with class 1. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  KairosOpenOptions options = { .side = 8 };

  fixture->folder = fixture_folder ();
  for (int i = 0; i < N; i++) {
    g_autofree char *name = g_strdup_printf ("%s/picture %02d.png", i < 10 ? "ant" : "queen bee", i);
    guint8 grey = i;

    fixture_write_picture (fixture->folder, name, 8, 8, 1, &grey);
    fixture->facts[i] = (KairosFact){ .loss = i < 4 ? NAN : i / 10.0f,
                                      .confidence = i < 4 ? NAN : (20 - i) / 20.0f,
                                      .truth = i / 20.0f,
                                      .el2n = i / 20.0f,
                                      .margin = i - 10,
                                      .aum = 10 - i,
                                      .prediction = i < 4 ? -1 : 1 - i % 2,
                                      .seen = i < 4 ? 0 : i,
                                      .forgotten = i % 3 };
  }
  fixture->dataset = fixture_must_open (fixture->folder, "", &options);
  fixture->splits = kairos_splits_new (fixture->dataset, 1, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  kairos_splits_unref (fixture->splits);
  kairos_dataset_unref (fixture->dataset);
  fixture_remove (fixture->folder);
}

/* The ids that match, as text: "0 1 2". */
static char *
ask (Fixture *fixture, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosQuery) query = kairos_query_new (text, fixture->dataset, &error);
  g_autoptr (GString) result = g_string_new (NULL);
  guint32 ids[N];
  guint n;

  g_assert_no_error (error);
  n = kairos_query_run (query, fixture->dataset, fixture->splits, fixture->facts, ids);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (result, "%s%u", i > 0 ? " " : "", ids[i]);
  return g_string_free (g_steal_pointer (&result), FALSE);
}

static void
answers (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *text, *ids;
  } cases[] = {
    { "", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19" },
    { "  ", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19" },
    { "class:ant id<3", "0 1 2" },
    { "class:\"queen bee\" id<13", "10 11 12" },
    { "class:1 id<13", "10 11 12" },
    { "class:ant,1 id=10", "10" },
    { "predicted:ant", "5 7 9 11 13 15 17 19" },
    { "wrong", "4 6 8 11 13 15 17 19" },
    { "correct", "5 7 9 10 12 14 16 18" },
    { "unseen", "0 1 2 3" },
    { "seen -wrong id>15", "16 18" },
    { "-class:ant -seen>=12", "10 11" },
    { "confidence<0.2", "17 18 19" },
    { "confidence<=.2", "16 17 18 19" },
    { "loss>1.75", "18 19" },
    { "loss=0.5", "5" },
    { "margin<-8", "0 1" },
    { "aum>=9", "0 1" },
    { "forgotten=2 id<10", "2 5 8" },
    { "forgotten class:ant -forgotten>1", "1 4 7" },
    { "truth<0.1", "0 1" },
    { "el2n>0.9", "19" },
    { "difficulty<1", "" }, /* not known here */
    { "id=1 | id=3", "1 3" },
    { "id=1 |", "1" },
    { "|id=1", "1" },
    { "(id=1|id=12) class:ant", "1" },
    { "-(id>1)", "0 1" },
    { "id<2 -", "0 1" },
    { "BEE id<11", "10" },
    { "\"picture 1\" -class:ant id<12", "10 11" },
    { "\"wrong\"", "" }, /* in quotes it is text */
    { "queen picture id=10", "10" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *ids = ask (fixture, cases[i].text);

    if (strcmp (ids, cases[i].ids) != 0)
      g_error ("\"%s\" gives %s, expected %s", cases[i].text, ids, cases[i].ids);
  }
}

static void
splits (Fixture *fixture, gconstpointer data)
{
  g_autofree char *all = ask (fixture, "split:train,validation,test"), *train = ask (fixture, "split:train"),
                  *others = ask (fixture, "split:test | split:Validation");

  g_assert_cmpstr (all, ==, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19");
  g_assert_cmpuint (strlen (train) + strlen (others) + 1, ==, strlen (all));
}

/* Of sixteen training samples, those looked at: the highest loss is the hard tenth. */
static void
hard (Fixture *fixture, gconstpointer data)
{
  guint n;
  const guint32 *ids = kairos_splits_ids (fixture->splits, KAIROS_SPLIT_TRAIN, &n);
  g_autofree char *highest = g_strdup_printf ("%u", ids[n - 1]);
  g_autofree char *answer = ask (fixture, "hard split:train");

  g_assert_cmpuint (n, ==, 16);
  g_assert_cmpstr (answer, ==, highest);
}

static void
live (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *text;
    gboolean live;
  } cases[] = { { "", FALSE },           { "class:ant split:train id<4 bee", FALSE },
                { "wrong", TRUE },       { "-loss>1", TRUE },
                { "predicted:0", TRUE }, { "(hard)", TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (KairosQuery) query = kairos_query_new (cases[i].text, fixture->dataset, NULL);

    g_assert_cmpint (kairos_query_is_live (query), ==, cases[i].live);
  }
}

static void
errors (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *text, *says;
  } cases[] = {
    { "class:zebra", "no class \"zebra\"; choose from: ant, queen bee" },
    { "class:", "After class: a name is missing" },
    { "split:exam", "no split \"exam\"; choose from: train" },
    { "loss>high", "\"high\" is not a number" },
    { "loss>", "\"\" is not a number" },
    { "speed>3", "\"speed\" cannot be compared" },
    { "colour:red", "\"colour:\" is not understood" },
    { "(wrong", "not closed" },
    { "wrong)", "was not opened" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (kairos_query_new (cases[i].text, fixture->dataset, &error));
    if (error->domain != KAIROS_ERROR || !strstr (error->message, cases[i].says))
      g_error ("\"%s\" says: %s", cases[i].text, error->message);
  }
}

static void
deep (Fixture *fixture, gconstpointer data)
{
  g_autofree char *brackets = g_strnfill (100000, '(');
  g_autoptr (GError) error = NULL;

  g_assert_null (kairos_query_new (brackets, fixture->dataset, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE);
}

/* Every word of the help is understood. */
static void
words (Fixture *fixture, gconstpointer data)
{
  guint n;
  const KairosQueryWord *all = kairos_query_words (&n);

  g_assert_cmpuint (n, ==, 19);
  for (guint i = 0; i < n; i++) {
    g_autofree char *text = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (KairosQuery) query = NULL;

    if (g_str_has_suffix (all[i].word, ":"))
      text = g_strconcat (all[i].word, strcmp (all[i].word, "split:") == 0 ? "test" : "0", NULL);
    else
      text = i >= 9 ? g_strconcat (all[i].word, ">0", NULL) : g_strdup (all[i].word);
    query = kairos_query_new (text, fixture->dataset, &error);
    g_assert_no_error (error);
    g_assert_true (*all[i].help != '\0');
  }
}

/* ---- Orders ---- */

static void
orders (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *order, *ids;
  } cases[] = {
    { "index", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19" },
    { "loss", "19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 0 1 2 3" },
    { "confidence", "19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 0 1 2 3" },
    { "forgotten", "5 8 11 14 17 4 7 10 13 16 19 6 9 12 15 18 0 1 2 3" },
    { "class", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19" },
  };
  guint n;

  kairos_order_infos (&n);
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (cases));
  for (guint i = 0; i < n; i++) {
    g_autoptr (GString) result = g_string_new (NULL);
    guint32 ids[N];

    g_assert_cmpstr (kairos_order_infos (&n)[i].name, ==, cases[i].order);
    for (guint j = 0; j < N; j++)
      ids[j] = N - 1 - j;
    kairos_order_sort (cases[i].order, fixture->dataset, fixture->facts, ids, N);
    for (guint j = 0; j < N; j++)
      g_string_append_printf (result, "%s%u", j > 0 ? " " : "", ids[j]);
    g_assert_cmpstr (result->str, ==, cases[i].ids);
  }
}

#define ADD(NAME, FUNC) g_test_add ("/data/query/" NAME, Fixture, NULL, set_up, FUNC, tear_down)

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  ADD ("answers", answers);
  ADD ("splits", splits);
  ADD ("hard", hard);
  ADD ("live", live);
  ADD ("errors", errors);
  ADD ("deep", deep);
  ADD ("words", words);
  ADD ("orders", orders);
  return fixture_run ();
}
