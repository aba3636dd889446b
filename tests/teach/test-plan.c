/* SPDX-License-Identifier: MIT */

/* Plans: what each kind contributes to the regime and when, how selections are resolved and kept, what is refused. */
#include <math.h>
#include <string.h>

#include "fixture.h"
#include "src/teach/kind-private.h"

static float
loss_is_id (guint id)
{
  return id;
}

static float
loss_is_small (guint id)
{
  return 0.01f;
}

/* ---- Times ---- */

static void
test_steps (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:moons", 400, "mlp-4");
  guint per_epoch = fixture->context.steps_per_epoch;
  g_autoptr (KairosPlan) plan =
      fixture_plan (fixture, "{\"kind\":\"weight-decay\",\"from\":1,\"to\":2.5,\"value\":0.25}",
                    "{\"kind\":\"weight-decay\",\"from\":2,\"to\":3,\"value\":0.5}", NULL);

  g_assert_cmpuint (kairos_plan_to_step (plan, 2.5), ==, (guint64) llround (2.5 * per_epoch));
  for (guint64 step = 0; step < 4 * per_epoch; step++) {
    float expected = step >= 2 * per_epoch && step < 3 * per_epoch ? 0.5f
                     : step >= per_epoch && step < 3 * per_epoch   ? 0.25f
                                                                   : 0;
    g_assert_cmpfloat (fixture_regime (fixture, plan, step).optimizer.weight_decay, ==, expected);
  }
}

static void
test_muted (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:moons", 400, "mlp-4");
  g_autoptr (KairosPlan) plan =
      fixture_plan (fixture, "{\"kind\":\"weight-decay\",\"from\":0,\"to\":2,\"value\":0.25,\"muted\":true}", NULL);
  g_autoptr (KairosTimeline) timeline = kairos_timeline_mute (kairos_plan_get_timeline (plan), 1, FALSE, NULL);
  g_autoptr (KairosTimeline) silent = kairos_timeline_mute_track (timeline, 0, TRUE, NULL);
  g_autoptr (KairosPlan) heard = kairos_plan_new (timeline, &fixture->context, NULL),
                         unheard = kairos_plan_new (silent, &fixture->context, NULL);

  g_assert_cmpfloat (fixture_regime (fixture, plan, 0).optimizer.weight_decay, ==, 0);
  g_assert_cmpfloat (fixture_regime (fixture, heard, 0).optimizer.weight_decay, ==, 0.25f);
  g_assert_cmpfloat (fixture_regime (fixture, unheard, 0).optimizer.weight_decay, ==, 0);
}

static void
test_events (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:moons", 400, "mlp-4");
  guint per_epoch = fixture->context.steps_per_epoch, n;
  g_autoptr (KairosPlan) plan = fixture_plan (
      fixture, "{\"kind\":\"prune\",\"at\":2},{\"kind\":\"rewind\",\"at\":2},{\"kind\":\"restart-rate\",\"at\":1.5}",
      NULL);
  const KairosClip *const *events = kairos_plan_events (plan, 2 * per_epoch, &n);

  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpstr (events[0]->kind->name, ==, "prune");
  g_assert_cmpstr (events[1]->kind->name, ==, "rewind");
  kairos_plan_events (plan, 2 * per_epoch + 1, &n);
  g_assert_cmpuint (n, ==, 0);
  g_assert_cmpfloat (kairos_plan_rate_origin (plan, per_epoch), ==, 0);
  g_assert_cmpfloat (kairos_plan_rate_origin (plan, 2 * per_epoch), ==,
                     kairos_plan_to_epoch (plan, kairos_plan_to_step (plan, 1.5)));
}

/* ---- Every kind contributes ---- */

/* The least that a clip of each kind says; shown on data and network for which it can. */
static const struct {
  const char *kind, *settings;
} cases[] = {
  { "focus", ",\"classes\":[1]" },
  { "curriculum", ",\"score\":\"random\"" },
  { "self-paced", "" },
  { "subset", "" },
  { "blur", "" },
  { "vertical-flip", "" },
  { "label-permutation", "" },
  { "noise-images", "" },
  { "occlusion", "" },
  { "grey", "" },
  { "label-noise", "" },
  { "crop-flip", "" },
  { "shift", "" },
  { "rotate", "" },
  { "mixup", "" },
  { "cutout", "" },
  { "weight-decay", ",\"value\":0.5" },
  { "dropout", "" },
  { "label-smoothing", "" },
  { "fisher-penalty", "" },
  { "learning-rate", ",\"rate\":0.5" },
  { "momentum", ",\"value\":0.5" },
  { "pgd", "" },
  { "anti-pgd", "" },
  { "freeze", "" },
  { "gradient-surgery", "" },
};

static Fixture *
colour_fixture (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:shapes", 200, "logistic");
  g_autofree char *network =
      g_strdup_printf ("[{\"layer\":\"flatten\"},{\"layer\":\"dense\",\"units\":8},{\"layer\":\"relu\"},"
                       "{\"layer\":\"dropout\"},{\"layer\":\"dense\",\"units\":%u}]",
                       kairos_dataset_get_n_classes (fixture->dataset));
  return fixture_new ("builtin:shapes", 200, network);
}

static void
test_every_kind (void)
{
  g_autoptr (Fixture) fixture = colour_fixture ();
  guint n, n_clips = 0;
  const KairosKind *const *kinds = kairos_kinds (&n);

  fixture_look (fixture, loss_is_id, FALSE);
  for (guint i = 0; i < n; i++)
    n_clips += !kinds[i]->event;
  g_assert_cmpuint (n_clips, ==, G_N_ELEMENTS (cases));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text =
        g_strdup_printf ("{\"kind\":\"%s\",\"from\":1,\"to\":2%s}", cases[i].kind, cases[i].settings);
    g_autoptr (KairosPlan) plan = fixture_plan (fixture, text, NULL);
    guint per_epoch = fixture->context.steps_per_epoch;
    const KairosRegime before = fixture_regime (fixture, plan, per_epoch - 1),
                       within = fixture_regime (fixture, plan, per_epoch);
    const KairosRegime after = fixture_regime (fixture, plan, 2 * per_epoch);
    if (memcmp (&before, &within, sizeof before) == 0)
      g_error ("%s does nothing", cases[i].kind);
    g_assert_cmpmem (&before, sizeof before, &after, sizeof after);
  }
}

/* Kinds are complete: names, summaries, a track, and a label for what a menu would add. */
static void
test_table (void)
{
  guint n;
  const KairosKind *const *kinds = kairos_kinds (&n);

  g_assert_cmpuint (n, ==, 34);
  for (guint i = 0; i < n; i++) {
    g_autofree char *text = g_strdup_printf ("{\"kairos-timeline\":1,\"tracks\":[{\"clips\":[{\"kind\":\"%s\",%s}]}]}",
                                             kinds[i]->name, kinds[i]->event ? "\"at\":1" : "\"from\":1,\"to\":2");
    g_autoptr (GError) error = NULL;
    g_autoptr (KairosTimeline) timeline = kairos_timeline_from_text (text, -1, &error);
    g_assert_no_error (error);
    g_autofree char *label = kairos_clip_label (kairos_timeline_find (timeline, 1, NULL));
    g_assert_cmpuint (strlen (label), >, 2);
    g_assert_true (kairos_kind_find (kinds[i]->name) == kinds[i]);
    g_assert_true (g_str_has_suffix (kinds[i]->summary, "."));
    for (guint j = 0; j < kinds[i]->n_params; j++)
      g_assert_nonnull (kinds[i]->params[j].help);
  }
}

/* A clip that changes nothing leaves the regime as it is, up to what has no effect. */
static void
test_null_clips (void)
{
  static const char *const nulls[] = {
    "{\"kind\":\"noise-images\",\"from\":0,\"to\":2,\"amount\":0}",
    "{\"kind\":\"pgd\",\"from\":0,\"to\":2,\"sigma\":0}",
    "{\"kind\":\"shift\",\"from\":0,\"to\":2,\"pixels\":0}",
    "{\"kind\":\"cutout\",\"from\":0,\"to\":2,\"size\":0}",
    "{\"kind\":\"label-noise\",\"from\":0,\"to\":2,\"fraction\":0}",
    "{\"kind\":\"fisher-penalty\",\"from\":0,\"to\":2,\"alpha\":0}",
    "{\"kind\":\"learning-rate\",\"from\":0,\"to\":2,\"mode\":\"factor\",\"rate\":1}",
  };
  g_autoptr (Fixture) fixture = colour_fixture ();
  const KairosRegime plain = { .optimizer = kairos_optimizer_settings_default () };

  for (guint i = 0; i < G_N_ELEMENTS (nulls); i++) {
    g_autoptr (KairosPlan) plan = fixture_plan (fixture, nulls[i], NULL);
    KairosRegime regime = fixture_regime (fixture, plan, 0);
    g_assert_cmpint (regime.noise.kind, ==, KAIROS_NOISE_NONE);
    regime.noise = plain.noise;
    if (memcmp (&regime, &plain, sizeof plain) != 0)
      g_error ("%s changes something", nulls[i]);
  }
}

/* ---- Further gradients ---- */

#define PENALTY "{\"kind\":\"fisher-penalty\",\"from\":0,\"to\":2,\"every\":2}"
#define SURGERY "{\"kind\":\"gradient-surgery\",\"from\":0,\"to\":2}"

/* One of each kind, the last; what replaces the gradient of the batch before what adds to it. */
static void
test_gradients (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:blobs", 300, "mlp-4");
  g_autoptr (KairosPlan) plan = fixture_plan (fixture, PENALTY, SURGERY, SURGERY, NULL);
  const KairosRegime due = fixture_regime (fixture, plan, 2), between = fixture_regime (fixture, plan, 3);

  g_assert_cmpuint (due.n_gradients, ==, 2);
  g_assert_cmpuint (due.gradients[0]->clip->id, ==, 3);
  g_assert_cmpuint (due.gradients[1]->clip->id, ==, 1);
  g_assert_cmpuint (between.n_gradients, ==, 1);
  g_assert_cmpuint (between.gradients[0]->clip->id, ==, 3);
  g_assert_null (between.gradients[1]);
}

static void
test_room (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:blobs", 300, "mlp-4");
  g_autoptr (KairosPlan) none = fixture_plan (fixture, "{\"kind\":\"pgd\",\"from\":0,\"to\":2}", NULL),
                         both = fixture_plan (fixture, PENALTY, SURGERY, NULL);

  g_assert_cmpuint (kairos_plan_room (none).vectors + kairos_plan_room (none).floats, ==, 0);
  g_assert_cmpuint (kairos_plan_room (both).vectors, ==, 2 * 4); /* surgery between four classes */
  g_assert_cmpuint (kairos_plan_room (both).floats, ==, 4);      /* the penalty's probabilities */
  fixture->context.batch = 3;                                    /* so that there are three groups at most */
  g_autoptr (KairosPlan) small = fixture_plan (fixture, SURGERY, NULL);
  g_assert_cmpuint (kairos_plan_room (small).vectors, ==, 2 * 3);
  fixture->context.batch = 1 << 28;
  fixture_refuses (fixture, "fisher-penalty from epoch 0 to 2: it would hold 4.3 GB of gradients", PENALTY);
}

/* ---- Rates ---- */

static float
rate_at (Fixture *fixture, KairosPlan *plan, double epoch)
{
  return fixture_regime (fixture, plan, kairos_plan_to_step (plan, epoch)).optimizer.learning_rate;
}

static void
test_rates (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:moons", 400, "mlp-4");
  static const struct {
    const char *settings;
    float at_begin, in_middle; /* at epochs 1 and 3 of a clip from 1 to 5 */
  } shapes[] = {
    { "\"shape\":\"constant\",\"rate\":0.2", 0.2f, 0.2f },
    { "\"shape\":\"step\",\"rate\":0.8,\"every\":1,\"factor\":0.5", 0.8f, 0.2f },
    { "\"shape\":\"exponential\",\"rate\":0.8,\"factor\":0.5", 0.8f, 0.2f },
    { "\"shape\":\"cosine\",\"rate\":0.8,\"final\":0.2", 0.8f, 0.5f },
    { "\"shape\":\"warm-up\",\"rate\":0.8", 0, 0.4f },
    { "\"shape\":\"restart\",\"rate\":0.8,\"every\":2", 0.8f, 0.8f },
    { "\"points\":[[0,0.1],[4,0.5]]", 0.1f, 0.3f },
    { "\"shape\":\"constant\",\"rate\":3,\"mode\":\"factor\"", 0.03f, 0.03f },
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    g_autofree char *text = g_strdup_printf ("{\"kind\":\"learning-rate\",\"from\":1,\"to\":5,%s}", shapes[i].settings);
    g_autoptr (KairosPlan) plan = fixture_plan (fixture, text, NULL);
    g_assert_cmpfloat_with_epsilon (rate_at (fixture, plan, 0.5), 0.01f, 1e-7);
    g_assert_cmpfloat_with_epsilon (rate_at (fixture, plan, 1), shapes[i].at_begin, 1e-6);
    g_assert_cmpfloat_with_epsilon (rate_at (fixture, plan, 3), shapes[i].in_middle, 1e-6);
    g_assert_cmpfloat_with_epsilon (rate_at (fixture, plan, 5), 0.01f, 1e-7);
  }
}

/* A clip and its two halves give the same rates to the bit. */
static void
test_split_is_neutral (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:moons", 400, "mlp-4");
  g_autoptr (KairosPlan) plan =
      fixture_plan (fixture, "{\"kind\":\"learning-rate\",\"from\":1,\"to\":5,\"shape\":\"cosine\",\"rate\":0.7}",
                    NULL);
  g_autoptr (KairosTimeline) split = kairos_timeline_split (kairos_plan_get_timeline (plan), 1, 2.7, NULL, NULL);
  g_autoptr (KairosPlan) halves = kairos_plan_new (split, &fixture->context, NULL);

  for (guint64 step = 0; step < 6 * fixture->context.steps_per_epoch; step++)
    g_assert_cmpfloat (fixture_regime (fixture, plan, step).optimizer.learning_rate, ==,
                       fixture_regime (fixture, halves, step).optimizer.learning_rate);
}

/* ---- Selections ---- */

static void
test_selections (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:blobs", 300, "mlp-4");
  const gint32 *labels = kairos_dataset_get_labels (fixture->dataset);
  guint of_class_1 = 0;

  fixture_look (fixture, loss_is_id, FALSE);
  for (guint i = 0; i < fixture->n_train; i++)
    of_class_1 += labels[fixture->train[i]] == 1;
  g_autofree char *ids = g_strdup_printf ("{\"kind\":\"focus\",\"from\":0,\"to\":1,\"ids\":[%u,%u]}", fixture->train[3],
                                          fixture->train[7]);
  g_autoptr (KairosPlan) plan = fixture_plan (fixture, "{\"kind\":\"focus\",\"from\":0,\"to\":1,\"classes\":[1]}", ids,
                                              "{\"kind\":\"focus\",\"from\":0,\"to\":1,\"hardest\":10}",
                                              "{\"kind\":\"focus\",\"from\":0,\"to\":1,\"query\":\"loss<50\"}", NULL);
  const KairosRegime regime = fixture_regime (fixture, plan, 0);

  g_assert_cmpuint (regime.n_samplings, ==, 4);
  g_assert_cmpuint (regime.samplings[0].n, ==, of_class_1);
  g_assert_cmpuint (kairos_plan_count (plan, 1, 0), ==, of_class_1);
  g_assert_cmpuint (regime.samplings[1].n, ==, 2);
  g_assert_cmpuint (regime.samplings[1].members[0], ==, 3);
  g_assert_cmpuint (regime.samplings[2].n, ==, (guint) ceil (fixture->n_train / 10.0));
  /* the highest id has the highest loss */
  g_assert_cmpuint (regime.samplings[2].members[regime.samplings[2].n - 1], ==, fixture->n_train - 1);
  for (guint i = 0; i < regime.samplings[3].n; i++)
    g_assert_cmpuint (fixture->train[regime.samplings[3].members[i]], <, 50);
  g_assert_cmpuint (regime.samplings[3].n, >, 10);
}

/* Evaluated once, or at the beginning of each epoch. */
static void
test_live (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:blobs", 300, "mlp-4");
  guint per_epoch = fixture->context.steps_per_epoch;

  fixture_look (fixture, loss_is_id, FALSE);
  g_autoptr (KairosPlan) plan =
      fixture_plan (fixture, "{\"kind\":\"focus\",\"from\":0,\"to\":3,\"query\":\"loss<50\"}",
                    "{\"kind\":\"focus\",\"from\":0,\"to\":3,\"query\":\"loss<50\",\"live\":true}", NULL);
  guint n = fixture_regime (fixture, plan, 0).samplings[1].n;
  fixture_look (fixture, loss_is_small, FALSE);
  g_assert_false (kairos_plan_is_due (plan, per_epoch - 1));
  g_assert_cmpuint (fixture_regime (fixture, plan, per_epoch - 1).samplings[1].n, ==, n);
  g_assert_true (kairos_plan_is_due (plan, per_epoch));
  const KairosRegime later = fixture_regime (fixture, plan, per_epoch);
  g_assert_cmpuint (later.samplings[0].n, ==, n);
  g_assert_cmpuint (later.samplings[1].n, ==, fixture->n_train);
}

static void
test_automatic_release (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:blobs", 300, "mlp-4");
  guint per_epoch = fixture->context.steps_per_epoch;
  guint32 id;
  guint64 step;

  fixture_look (fixture, loss_is_id, FALSE);
  g_autoptr (KairosPlan) plan =
      fixture_plan (fixture,
                    "{\"kind\":\"focus\",\"from\":0,\"to\":3,\"classes\":[0],\"until\":\"accuracy\",\"bound\":0.9}",
                    NULL);
  for (guint64 s = 0; s < per_epoch; s++)
    g_assert_cmpuint (fixture_regime (fixture, plan, s).n_samplings, ==, 1);
  g_assert_cmpuint (kairos_plan_released (plan, &id, &step, 1), ==, 0);
  fixture_look (fixture, loss_is_small, TRUE);
  g_assert_cmpuint (fixture_regime (fixture, plan, per_epoch).n_samplings, ==, 0);
  g_assert_cmpuint (kairos_plan_released (plan, &id, &step, 1), ==, 1);
  g_assert_cmpuint (id, ==, 1);
  g_assert_cmpuint (step, ==, per_epoch);
  /* The timeline with the clip ended there says the same. */
  g_autoptr (KairosTimeline) ended =
      kairos_timeline_release (kairos_plan_get_timeline (plan), id, kairos_plan_to_epoch (plan, step), NULL);
  g_autoptr (KairosPlan) next = kairos_plan_new (ended, &fixture->context, NULL);
  kairos_plan_inherit (next, plan);
  g_assert_cmpuint (kairos_plan_released (next, &id, &step, 1), ==, 0);
  g_assert_cmpuint (fixture_regime (fixture, next, per_epoch).n_samplings, ==, 0);
}

/* ---- State ---- */

static void
test_state (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:blobs", 300, "mlp-4");
  const char *clips[] = { "{\"kind\":\"focus\",\"from\":0,\"to\":3,\"query\":\"loss<50\"}",
                          "{\"kind\":\"curriculum\",\"from\":0,\"to\":3,\"order\":\"hard-first\"}",
                          "{\"kind\":\"self-paced\",\"from\":0,\"to\":3}" };

  fixture_look (fixture, loss_is_id, FALSE);
  g_autoptr (KairosPlan) plan = fixture_plan (fixture, clips[0], clips[1], clips[2], NULL);
  const KairosRegime regime = fixture_regime (fixture, plan, 5);
  g_autoptr (GBytes) state = kairos_plan_save (plan);

  fixture_look (fixture, loss_is_small, TRUE); /* what was resolved does not follow */
  g_autoptr (KairosPlan) restored = fixture_plan (fixture, clips[0], clips[1], clips[2], NULL);
  g_assert_true (kairos_plan_restore (restored, state, NULL));
  const KairosRegime again = fixture_regime (fixture, restored, 5);
  g_assert_cmpuint (again.n_samplings, ==, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpmem (regime.samplings[i].members, regime.samplings[i].n * 4, again.samplings[i].members,
                     again.samplings[i].n * 4);
  g_autoptr (GBytes) twice = kairos_plan_save (restored);
  g_assert_true (g_bytes_equal (state, twice));

  gsize size;
  const guint8 *data = g_bytes_get_data (state, &size);
  for (int i = 0; i < 2000; i++) { /* damage is refused, or is only other numbers; a refusal changes nothing */
    g_autofree guint8 *copy = g_memdup2 (data, size);
    copy[g_test_rand_int_range (0, MIN (size, 200))] ^= 1 << g_test_rand_int_range (0, 8);
    g_autoptr (GBytes) damaged = g_bytes_new (copy, i % 2 ? size : (gsize) g_test_rand_int_range (0, size));
    g_autoptr (GError) error = NULL;
    if (!kairos_plan_restore (restored, damaged, &error)) {
      g_autoptr (GBytes) unchanged = kairos_plan_save (restored);
      g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT);
      g_assert_true (g_bytes_equal (unchanged, twice));
    } else
      g_assert_true (kairos_plan_restore (restored, state, NULL));
  }
}

static void
test_split_shares_selection (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:blobs", 300, "mlp-4");
  guint32 id;

  fixture_look (fixture, loss_is_id, FALSE);
  g_autoptr (KairosPlan) plan =
      fixture_plan (fixture, "{\"kind\":\"focus\",\"from\":0,\"to\":3,\"query\":\"loss<50\"}", NULL);
  g_autoptr (KairosTimeline) split = kairos_timeline_split (kairos_plan_get_timeline (plan), 1, 1, &id, NULL);
  g_autoptr (KairosPlan) halves = kairos_plan_new (split, &fixture->context, NULL);
  guint n = fixture_regime (fixture, halves, 0).samplings[0].n;
  fixture_look (fixture, loss_is_small, FALSE);
  g_assert_cmpuint (fixture_regime (fixture, halves, fixture->context.steps_per_epoch).samplings[0].n, ==, n);
  /* Changed since, it chooses for itself. */
  g_autoptr (JsonNode) query = json_node_init_string (json_node_alloc (), "loss<60");
  g_autoptr (KairosTimeline) changed = kairos_timeline_set_param (split, id, "query", query, NULL);
  g_autoptr (KairosPlan) other = kairos_plan_new (changed, &fixture->context, NULL);
  g_assert_cmpuint (fixture_regime (fixture, other, fixture->context.steps_per_epoch).samplings[0].n, ==,
                    fixture->n_train);
}

/* ---- What does not go with data and network ---- */

static void
test_refused (void)
{
  g_autoptr (Fixture) points = fixture_new ("builtin:moons", 200, "mlp-4"),
                      digits = fixture_new ("builtin:digits", 100, "logistic");

  fixture_refuses (points, "needs pictures", "{\"kind\":\"blur\",\"from\":0,\"to\":1}");
  fixture_refuses (digits, "colour pictures", "{\"kind\":\"grey\",\"from\":0,\"to\":1}");
  fixture_refuses (points, "no class 7", "{\"kind\":\"focus\",\"from\":0,\"to\":1,\"classes\":[7]}");
  fixture_refuses (points, "no class \"cat\"", "{\"kind\":\"focus\",\"from\":0,\"to\":1,\"classes\":[\"cat\"]}");
  fixture_refuses (points, "no sample 900", "{\"kind\":\"focus\",\"from\":0,\"to\":1,\"ids\":[900]}");
  fixture_refuses (points,
                   "focus from epoch 0 to 1: ", "{\"kind\":\"focus\",\"from\":0,\"to\":1,\"query\":\"colour:red\"}");
  fixture_refuses (points, "no layer \"conv9\"", "{\"kind\":\"freeze\",\"from\":0,\"to\":1,\"layers\":[\"conv9\"]}");
  fixture_refuses (points, "no dropout layer", "{\"kind\":\"dropout\",\"from\":0,\"to\":1}");
  fixture_refuses (points, "no checkpoint labelled \"early\"", "{\"kind\":\"rewind\",\"at\":1,\"to\":\"early\"}");
  fixture_refuses (
      points, "no checkpoint labelled \"late\"",
      "{\"kind\":\"rewind\",\"at\":1,\"to\":\"late\"},{\"kind\":\"checkpoint\",\"at\":2,\"label\":\"late\"}");
  g_autoptr (GString) many = g_string_new ("{\"kind\":\"label-noise\",\"from\":0,\"to\":1}");
  for (int i = 0; i < KAIROS_MAX_LABELINGS; i++)
    g_string_append (many, ",{\"kind\":\"label-noise\",\"from\":0,\"to\":1}");
  fixture_refuses (points, "too many clips", many->str);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/steps", test_steps);
  g_test_add_func ("/plan/muted", test_muted);
  g_test_add_func ("/plan/events", test_events);
  g_test_add_func ("/plan/every-kind", test_every_kind);
  g_test_add_func ("/plan/table", test_table);
  g_test_add_func ("/plan/null-clips", test_null_clips);
  g_test_add_func ("/plan/gradients", test_gradients);
  g_test_add_func ("/plan/room", test_room);
  g_test_add_func ("/plan/rates", test_rates);
  g_test_add_func ("/plan/split-is-neutral", test_split_is_neutral);
  g_test_add_func ("/plan/selections", test_selections);
  g_test_add_func ("/plan/live", test_live);
  g_test_add_func ("/plan/automatic-release", test_automatic_release);
  g_test_add_func ("/plan/state", test_state);
  g_test_add_func ("/plan/split-shares-selection", test_split_shares_selection);
  g_test_add_func ("/plan/refused", test_refused);
  return g_test_run ();
}
