/* SPDX-License-Identifier: MIT */

/* Which samples make a batch, and how they look: distributions by counts, the order without clips to the bit,
 * transforms, pacing. */
#include <math.h>
#include <string.h>

#include "fixture.h"
#include "kairos/pacing.h"
#include "kairos/preview.h"
#include "kairos/random.h"
#include "kairos/sampler.h"

/* ---- Batches ---- */

typedef struct {
  Fixture *fixture;
  KairosSampler *sampler;
  guint32 ids[FIXTURE_BATCH], draws[FIXTURE_BATCH];
} Draws;

static Draws
draws_new (Fixture *fixture)
{
  return (Draws){ fixture, kairos_sampler_new (1, fixture->train, fixture->n_train,
                                               kairos_dataset_get_n_samples (fixture->dataset), FIXTURE_BATCH) };
}

static guint
draw (Draws *draws, KairosPlan *plan, guint64 step)
{
  const KairosRegime regime = fixture_regime (draws->fixture, plan, step);

  return kairos_sampler_batch (draws->sampler, &regime, step, draws->ids, draws->draws);
}

/* The order that training had before there was a timeline. */
static void
assert_plain (Draws *draws, guint64 step, guint n)
{
  Fixture *fixture = draws->fixture;
  g_autofree guint32 *order = g_new (guint32, fixture->n_train);
  guint first = step % fixture->context.steps_per_epoch * FIXTURE_BATCH;

  kairos_random_permutation (1, KAIROS_RANDOM_ORDER, step / fixture->context.steps_per_epoch, fixture->n_train, order);
  g_assert_cmpuint (n, ==, MIN (FIXTURE_BATCH, fixture->n_train - first));
  for (guint i = 0; i < n; i++) {
    g_assert_cmpuint (draws->ids[i], ==, fixture->train[order[first + i]]);
    g_assert_cmpuint (draws->draws[i], ==, draws->ids[i]);
  }
}

static void
test_plain_order (void)
{
  static const char *const nulls[] = {
    "{\"kind\":\"focus\",\"from\":0,\"to\":2,\"dose\":\"times\",\"times\":1}",
    /* all samples, so all weights are equal */
    "{\"kind\":\"focus\",\"from\":0,\"to\":2,\"dose\":\"times\",\"times\":8}",
    "{\"kind\":\"focus\",\"from\":0,\"to\":2,\"classes\":[1],\"dose\":\"times\",\"times\":1}",
    "{\"kind\":\"focus\",\"from\":0,\"to\":2,\"dose\":\"only\"}",
    "{\"kind\":\"focus\",\"from\":0,\"to\":2,\"classes\":[1],\"dose\":\"mixed\",\"fraction\":0}",
    "{\"kind\":\"subset\",\"from\":0,\"to\":2,\"fraction\":1}",
    "{\"kind\":\"curriculum\",\"from\":0,\"to\":2,\"start\":1}",
    "{\"kind\":\"blur\",\"from\":3,\"to\":4}",
  };
  g_autoptr (Fixture) fixture = fixture_new ("builtin:digits", 300, "logistic");
  Draws draws = draws_new (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (nulls); i++) {
    g_autoptr (KairosPlan) plan = fixture_plan (fixture, nulls[i], NULL);
    for (guint64 step = 0; step < 3 * fixture->context.steps_per_epoch; step++)
      assert_plain (&draws, step, draw (&draws, plan, step));
  }
  kairos_sampler_free (draws.sampler);
}

/* Counts of each training sample over steps begin .. end-1. */
static guint *
count (Draws *draws, KairosPlan *plan, guint64 begin, guint64 end, guint *total)
{
  guint *counts = g_new0 (guint, kairos_dataset_get_n_samples (draws->fixture->dataset));

  *total = 0;
  for (guint64 step = begin; step < end; step++) {
    guint n = draw (draws, plan, step);
    *total += n;
    for (guint i = 0; i < n; i++)
      counts[draws->ids[i]]++;
  }
  return counts;
}

/* sum (observed - expected)^2 / expected, over samples with an expectation; others must not occur. */
static double
chi_square (Fixture *fixture, const guint *counts, guint total, double (*weight) (Fixture *, guint32), guint *freedom)
{
  double sum = 0, weights = 0;

  *freedom = 0;
  for (guint i = 0; i < fixture->n_train; i++)
    weights += weight (fixture, fixture->train[i]);
  for (guint i = 0; i < fixture->n_train; i++) {
    double expected = total * weight (fixture, fixture->train[i]) / weights, observed = counts[fixture->train[i]];
    if (expected == 0) {
      g_assert_cmpfloat (observed, ==, 0);
      continue;
    }
    sum += pow (observed - expected, 2) / expected;
    ++*freedom;
  }
  return sum;
}

static gboolean
is_of_class_1 (Fixture *fixture, guint32 id)
{
  return kairos_dataset_get_labels (fixture->dataset)[id] == 1;
}

static double
only_class_1 (Fixture *fixture, guint32 id)
{
  return is_of_class_1 (fixture, id);
}

static double
four_times_class_1 (Fixture *fixture, guint32 id)
{
  return is_of_class_1 (fixture, id) ? 4 : 1;
}

static double
without_class_1 (Fixture *fixture, guint32 id)
{
  return !is_of_class_1 (fixture, id);
}

/* The distribution under a focus, and that before and after it: one pass an epoch, exactly. */
static void
test_distributions (void)
{
  static const struct {
    const char *settings;
    double (*weight) (Fixture *, guint32);
  } doses[] = {
    { "\"dose\":\"only\"", only_class_1 },
    { "\"dose\":\"times\",\"times\":4", four_times_class_1 },
    { "\"dose\":\"times\",\"times\":0", without_class_1 },
    { "\"dose\":\"mixed\",\"fraction\":1", only_class_1 },
  };
  g_autoptr (Fixture) fixture = fixture_new ("builtin:blobs", 500, "mlp-4");
  guint per_epoch = fixture->context.steps_per_epoch, total, freedom;
  Draws draws = draws_new (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (doses); i++) {
    g_autofree char *text =
        g_strdup_printf ("{\"kind\":\"focus\",\"from\":2,\"to\":42,\"classes\":[1],%s}", doses[i].settings);
    g_autoptr (KairosPlan) plan = fixture_plan (fixture, text, NULL);
    g_autofree guint *within = count (&draws, plan, 2 * per_epoch, 42 * per_epoch, &total);
    double square = chi_square (fixture, within, total, doses[i].weight, &freedom);
    g_test_message ("%s: chi-square %.0f at %u degrees of freedom", doses[i].settings, square, freedom - 1);
    g_assert_cmpfloat (square, <, freedom + 5 * sqrt (2.0 * freedom)); /* 5 deviations above its mean */
    for (int part = 0; part < 2; part++) {
      g_autofree guint *outside =
          count (&draws, plan, part ? 42 * per_epoch : 0, part ? 45 * per_epoch : 2 * per_epoch, &total);
      g_assert_cmpuint (total, ==, (part ? 3 : 2) * fixture->n_train);
      for (guint j = 0; j < fixture->n_train; j++)
        g_assert_cmpuint (outside[fixture->train[j]], ==, part ? 3 : 2);
    }
  }
  kairos_sampler_free (draws.sampler);
}

/* A share of each batch: exactly so many places, on average the fraction; the rest stays as it was. */
static void
test_mixed (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:blobs", 500, "mlp-4");
  Draws draws = draws_new (fixture);
  g_autofree char *text =
      g_strdup_printf ("{\"kind\":\"focus\",\"from\":0,\"to\":50,\"ids\":[%u,%u],\"dose\":\"mixed\",\"fraction\":0.3}",
                       fixture->train[0], fixture->train[1]);
  g_autoptr (KairosPlan) plan = fixture_plan (fixture, text, NULL);
  guint focused = 0, total = 0;

  for (guint64 step = 0; step < 40 * fixture->context.steps_per_epoch; step++) {
    guint n = draw (&draws, plan, step), here = 0;
    for (guint i = 0; i < n; i++)
      here += draws.ids[i] == fixture->train[0] || draws.ids[i] == fixture->train[1];
    g_assert_cmpuint (here, >=, (guint) floor (0.3 * n));
    g_assert_cmpuint (here, <=, (guint) ceil (0.3 * n) + 2);
    focused += here;
    total += n;
  }
  g_assert_cmpfloat_with_epsilon ((double) focused / total, 0.3, 0.01);
  kairos_sampler_free (draws.sampler);
}

/* Samples that are in a batch several times are drawn for differently each time. */
static void
test_repeats (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:blobs", 500, "mlp-4");
  Draws draws = draws_new (fixture);
  g_autofree char *text = g_strdup_printf ("{\"kind\":\"focus\",\"from\":0,\"to\":1,\"ids\":[%u]}", fixture->train[5]);
  g_autoptr (KairosPlan) plan = fixture_plan (fixture, text, NULL);
  guint n = draw (&draws, plan, 0), n_samples = kairos_dataset_get_n_samples (fixture->dataset);

  for (guint i = 0; i < n; i++) {
    g_assert_cmpuint (draws.ids[i], ==, fixture->train[5]);
    g_assert_cmpuint (draws.draws[i], ==, fixture->train[5] + i * n_samples);
  }
  kairos_sampler_free (draws.sampler);
}

/* Clips that want nothing in common are passed over rather than leaving a batch empty. */
static void
test_nothing_in_common (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:blobs", 500, "mlp-4");
  Draws draws = draws_new (fixture);
  g_autoptr (KairosPlan) plan = fixture_plan (fixture, "{\"kind\":\"focus\",\"from\":0,\"to\":1,\"classes\":[0]}",
                                              "{\"kind\":\"focus\",\"from\":0,\"to\":1,\"classes\":[1]}", NULL);

  assert_plain (&draws, 0, draw (&draws, plan, 0));
  g_autoptr (KairosPlan) none =
      fixture_plan (fixture, "{\"kind\":\"focus\",\"from\":0,\"to\":1,\"query\":\"loss>5\"}", NULL);
  assert_plain (&draws, 0, draw (&draws, none, 0));
  kairos_sampler_free (draws.sampler);
}

/* A batch is a function of seed, step and clips: it does not matter which were drawn before. */
static void
test_no_memory (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:blobs", 500, "mlp-4");
  Draws straight = draws_new (fixture), jumping = draws_new (fixture);
  g_autoptr (KairosPlan) plan =
      fixture_plan (fixture, "{\"kind\":\"focus\",\"from\":0,\"to\":9,\"classes\":[0],\"dose\":\"times\",\"times\":3}",
                    "{\"kind\":\"subset\",\"from\":1,\"to\":2}", NULL);

  for (guint64 step = 0; step < 3 * fixture->context.steps_per_epoch; step++) {
    guint n = draw (&straight, plan, step);
    if (step % 5 != 4)
      continue;
    g_assert_cmpuint (draw (&jumping, plan, step), ==, n);
    g_assert_cmpmem (straight.ids, n * 4, jumping.ids, n * 4);
  }
  kairos_sampler_free (straight.sampler);
  kairos_sampler_free (jumping.sampler);
}

/* ---- Curricula ---- */

static float
loss_is_id (guint id)
{
  return id;
}

static void
test_curriculum (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:blobs", 500, "mlp-4");
  guint per_epoch = fixture->context.steps_per_epoch;
  Draws draws = draws_new (fixture);

  fixture_look (fixture, loss_is_id, FALSE);
  g_autoptr (KairosPlan) plan =
      fixture_plan (fixture,
                    "{\"kind\":\"curriculum\",\"from\":0,\"to\":4,\"start\":0.2,\"full\":0.5,\"balanced\":false}",
                    NULL);
  for (guint64 step = 0; step < 4 * per_epoch; step++) {
    double share = MIN (1, 0.2 + 0.8 * step / (2.0 * per_epoch));
    guint bound = MAX (1, (guint) floor (share * fixture->n_train + 1e-6)), n = draw (&draws, plan, step);
    g_assert_cmpuint (kairos_plan_count (plan, 1, step), ==, bound);
    for (guint i = 0; i < n; i++) /* easy first: the lowest ids have the lowest loss */
      g_assert_cmpuint (draws.ids[i], <=, fixture->train[bound - 1]);
  }
  kairos_sampler_free (draws.sampler);
}

static void
test_balanced (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:digits", 600, "logistic");
  const gint32 *labels = kairos_dataset_get_labels (fixture->dataset);
  guint counts[10] = { 0 }, least = G_MAXUINT, most = 0;

  fixture_look (fixture, loss_is_id, FALSE);
  g_autoptr (KairosPlan) plan =
      fixture_plan (fixture, "{\"kind\":\"curriculum\",\"from\":0,\"to\":4,\"start\":0.3}", NULL);
  const KairosRegime regime = fixture_regime (fixture, plan, 0);
  for (guint i = 0; i < regime.samplings[0].n; i++)
    counts[labels[fixture->train[regime.samplings[0].members[i]]]]++;
  for (int c = 0; c < 10; c++) {
    guint size = 0;
    for (guint i = 0; i < fixture->n_train; i++)
      size += labels[fixture->train[i]] == c;
    g_assert_cmpuint (ABS ((int) counts[c] - (int) lround (0.3 * size)), <=, 1);
    least = MIN (least, counts[c]);
    most = MAX (most, counts[c]);
  }
  g_test_message ("between %u and %u samples of each class", least, most);
}

static void
test_self_paced (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:blobs", 500, "mlp-4");
  guint per_epoch = fixture->context.steps_per_epoch, before = 0;

  g_autoptr (KairosPlan) plan =
      fixture_plan (fixture, "{\"kind\":\"self-paced\",\"from\":0,\"to\":9,\"start\":0.25,\"growth\":1.5}", NULL);
  g_assert_cmpuint (fixture_regime (fixture, plan, 0).samplings[0].n, ==, fixture->n_train); /* no loss is known */
  fixture_look (fixture, loss_is_id, FALSE);
  for (guint epoch = 1; epoch < 6; epoch++) {
    const KairosSampling sampling = fixture_regime (fixture, plan, epoch * per_epoch).samplings[0];
    if (epoch == 1)
      g_assert_cmpuint (sampling.n, ==, (guint) (0.25 * fixture->n_train));
    g_assert_cmpuint (sampling.n, >, before);
    before = sampling.n;
    for (guint i = 0; i < sampling.n; i++)
      g_assert_cmpuint (sampling.members[i], ==, i);
    if (sampling.n == fixture->n_train)
      return;
  }
  g_assert_not_reached ();
}

/* Wu, Dyer and Neyshabur 2021: b of the data at the beginning, all of it at the share a of the length; never less than
 * before. */
static void
test_pacing (void)
{
  static const char *const kinds[] = { "linear", "quadratic", "root", "step", "exponential", "logarithmic" };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    double before = 0;
    g_assert_cmpfloat (kairos_pacing (kinds[i], 0, 0.8, 0.2), ==, 0.2);
    g_assert_cmpfloat (kairos_pacing (kinds[i], 0.8, 0.8, 0.2), ==, 1);
    g_assert_cmpfloat (kairos_pacing (kinds[i], 1, 0.8, 0.2), ==, 1);
    for (double t = 0; t <= 1; t += 0.01) {
      double share = kairos_pacing (kinds[i], t, 0.8, 0.2);
      g_assert_cmpfloat (share, >=, before);
      before = share;
    }
  }
  g_assert_cmpfloat_with_epsilon (kairos_pacing ("linear", 0.4, 0.8, 0.2), 0.6, 1e-12);
  g_assert_cmpfloat_with_epsilon (kairos_pacing ("quadratic", 0.4, 0.8, 0.2), 0.4, 1e-12);
  g_assert_cmpfloat_with_epsilon (kairos_pacing ("root", 0.2, 0.8, 0.2), 0.6, 1e-12);
  g_assert_cmpfloat_with_epsilon (kairos_pacing ("step", 0.79, 0.8, 0.2), 0.2, 1e-12);
  g_assert_cmpfloat_with_epsilon (kairos_pacing ("exponential", 0.4, 0.8, 0.2),
                                  0.2 + 0.8 * (exp (5) - 1) / (exp (10) - 1), 1e-12);
  g_assert_cmpfloat_with_epsilon (kairos_pacing ("logarithmic", 0.4, 0.8, 0.2),
                                  0.2 + 0.8 * (1 + 0.1 * log (0.5 + exp (-10))), 1e-12);
  g_assert_cmpfloat_with_epsilon (kairos_pacing_fixed (0, 0.04, 1.9, 100), 0.04, 1e-12);
  g_assert_cmpfloat_with_epsilon (kairos_pacing_fixed (199, 0.04, 1.9, 100), 0.076, 1e-12);
  g_assert_cmpfloat (kairos_pacing_fixed (10000, 0.04, 1.9, 100), ==, 1);
}

/* ---- Transforms ---- */

typedef struct {
  KairosShape shape;
  float *before, *after, *scratch;
} Picture;

static Picture
picture_new (int height, int width, int channels)
{
  Picture picture = { { height, width, channels } };
  gsize n = kairos_shape_size (picture.shape);
  KairosRandom random = kairos_random (9, KAIROS_RANDOM_TEST, 0, 0);

  picture.before = g_new (float, n);
  picture.after = g_new (float, n);
  picture.scratch = g_new (float, 3 * n);
  for (gsize i = 0; i < n; i++)
    picture.before[i] = kairos_random_float (&random);
  return picture;
}

static void
picture_clear (Picture *picture)
{
  g_free (picture->before);
  g_free (picture->after);
  g_free (picture->scratch);
}

static const float *
transform (Picture *picture, const char *clip, guint32 id)
{
  g_autofree char *text = g_strdup_printf ("{\"kairos-timeline\":1,\"tracks\":[{\"clips\":[%s]}]}", clip);
  g_autoptr (KairosTimeline) timeline = kairos_timeline_from_text (text, -1, NULL);

  memcpy (picture->after, picture->before, kairos_shape_size (picture->shape) * sizeof (float));
  g_assert_true (kairos_clip_preview (kairos_timeline_find (timeline, 1, NULL), picture->shape, 1, id, picture->after));
  return picture->after;
}

static gboolean
unchanged (Picture *picture)
{
  return memcmp (picture->before, picture->after, kairos_shape_size (picture->shape) * sizeof (float)) == 0;
}

static double
mean (const float *values, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += values[i];
  return sum / n;
}

/* The picture of the first place of step 0's batch, as the trainer makes it with this clip alone; and at a later step
 * of the clip. */
static void
train_on (Fixture *fixture, const char *clip, guint32 *id, float *first, float *later)
{
  g_autoptr (KairosPlan) plan = fixture_plan (fixture, clip, NULL);
  g_autoptr (KairosSampler) sampler =
      kairos_sampler_new (fixture->context.seed, fixture->train, fixture->n_train,
                          kairos_dataset_get_n_samples (fixture->dataset), FIXTURE_BATCH);
  KairosShape shape = kairos_dataset_get_shape (fixture->dataset);
  g_autofree float *scratch = g_new (float, 3 * kairos_shape_size (shape));
  KairosRegime regime = fixture_regime (fixture, plan, 0);
  guint32 ids[FIXTURE_BATCH], draws[FIXTURE_BATCH];

  kairos_sampler_batch (sampler, &regime, 0, ids, draws);
  *id = ids[0];
  kairos_dataset_copy_input (fixture->dataset, *id, first);
  kairos_dataset_copy_input (fixture->dataset, *id, later);
  kairos_regime_transform (&regime, shape, 0, ids[0], draws[0], first, scratch);
  regime = fixture_regime (fixture, plan, 3);
  kairos_regime_transform (&regime, shape, 3, ids[0], draws[0], later, scratch);
}

/* The preview is the training's, byte for byte, for every kind that is about pictures; and says of all others that they
 * are not. */
static void
test_preview (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:shapes", 300, "logistic");
  KairosShape shape = kairos_dataset_get_shape (fixture->dataset);
  gsize size = kairos_shape_size (shape) * sizeof (float);
  g_autofree float *first = g_malloc (size), *later = g_malloc (size), *before = g_malloc (size),
                   *after = g_malloc (size);
  guint n, n_previews = 0;
  const KairosKind *const *kinds = kairos_kinds (&n);

  for (guint i = 0; i < n; i++) {
    const char *times = kinds[i]->event ? "\"at\":0" : "\"from\":0,\"to\":2";
    g_autofree char *clip = g_strdup_printf ("{\"kind\":\"%s\",%s}", kinds[i]->name, times);
    g_autofree char *text = g_strdup_printf ("{\"kairos-timeline\":1,\"tracks\":[{\"clips\":[%s]}]}", clip);
    g_autoptr (KairosTimeline) timeline = kairos_timeline_from_text (text, -1, NULL);
    gboolean pictures = g_str_equal (kinds[i]->part, "input");
    guint32 id = fixture->train[0];

    if (!timeline) /* a kind that needs settings */
      continue;
    if (pictures)
      train_on (fixture, clip, &id, first, later);
    kairos_dataset_copy_input (fixture->dataset, id, before);
    memcpy (after, before, size);
    g_test_message ("%s", kinds[i]->name);
    g_assert_cmpint (kairos_clip_preview (kairos_timeline_find (timeline, 1, NULL), shape, fixture->context.seed, id,
                                          after),
                     ==, pictures);
    g_assert_cmpint (memcmp (after, pictures ? first : before, size), ==, 0);
    if (pictures && g_str_equal (kinds[i]->track, "Deficits"))
      g_assert_true (memcmp (after, later, size) == 0 && memcmp (after, before, size) != 0);
    n_previews += pictures;
  }
  g_assert_cmpuint (n_previews, >=, 9);
}

static void
test_blur (void)
{
  Picture picture = picture_new (32, 24, 3);
  gsize n = kairos_shape_size (picture.shape);
  double rough = 0, smooth = 0;

  transform (&picture, "{\"kind\":\"blur\",\"from\":0,\"to\":1,\"factor\":1}", 0);
  g_assert_true (unchanged (&picture));
  transform (&picture, "{\"kind\":\"blur\",\"from\":0,\"to\":1,\"factor\":4}", 0);
  g_assert_cmpfloat_with_epsilon (mean (picture.before, n), mean (picture.after, n), 0.01);
  for (gsize i = 3; i < n; i++) {
    rough += fabs (picture.before[i] - picture.before[i - 3]);
    smooth += fabs (picture.after[i] - picture.after[i - 3]);
  }
  g_assert_cmpfloat (smooth, <, 0.1 * rough);
  for (gsize i = 0; i < n; i++)
    picture.before[i] = 0.25f;
  transform (&picture, "{\"kind\":\"blur\",\"from\":0,\"to\":1,\"factor\":5}", 0);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (picture.after[i], 0.25f, 1e-6);
  picture_clear (&picture);
}

static void
test_flip (void)
{
  Picture picture = picture_new (5, 4, 2);

  transform (&picture, "{\"kind\":\"vertical-flip\",\"from\":0,\"to\":1}", 0);
  for (int y = 0; y < 5; y++)
    for (int i = 0; i < 8; i++)
      g_assert_cmpfloat (picture.after[y * 8 + i], ==, picture.before[(4 - y) * 8 + i]);
  picture_clear (&picture);
}

/* Deficits are the same every time, and differ from sample to sample where that is their nature. */
static void
test_noise_images (void)
{
  Picture picture = picture_new (16, 16, 1);
  g_autofree float *first =
      g_memdup2 (transform (&picture, "{\"kind\":\"noise-images\",\"from\":0,\"to\":1}", 3), 256 * sizeof (float));

  g_assert_cmpfloat_with_epsilon (mean (first, 256), 0.5, 0.08);
  transform (&picture, "{\"kind\":\"noise-images\",\"from\":0,\"to\":1}", 3);
  g_assert_cmpmem (picture.after, sizeof (float) * 256, first, sizeof (float) * 256);
  transform (&picture, "{\"kind\":\"noise-images\",\"from\":0,\"to\":1}", 4);
  g_assert_true (memcmp (picture.after, first, sizeof (float) * 256) != 0);
  transform (&picture, "{\"kind\":\"noise-images\",\"from\":0,\"to\":1,\"amount\":0}", 4);
  g_assert_true (unchanged (&picture));
  picture_clear (&picture);
}

static guint
count_equal (const float *values, gsize n, float value)
{
  guint equal = 0;

  for (gsize i = 0; i < n; i++)
    equal += values[i] == value;
  return equal;
}

static void
test_covering (void)
{
  Picture picture = picture_new (20, 20, 1);

  transform (&picture, "{\"kind\":\"occlusion\",\"from\":0,\"to\":1,\"share\":0.5,\"fill\":0.5}", 0);
  g_assert_cmpuint (count_equal (picture.after, 400, 0.5f), ==, 100);
  g_assert_cmpfloat (picture.after[10 * 20 + 10], ==, 0.5f);
  transform (&picture, "{\"kind\":\"occlusion\",\"from\":0,\"to\":1,\"place\":\"left\",\"share\":0.25,\"fill\":0.5}",
             0);
  g_assert_cmpuint (count_equal (picture.after, 400, 0.5f), ==, 100);
  g_assert_cmpfloat (picture.after[19 * 20 + 4], ==, 0.5f);
  transform (&picture, "{\"kind\":\"cutout\",\"from\":0,\"to\":1,\"size\":6}", 0);
  guint covered = count_equal (picture.after, 400, (float) mean (picture.before, 400));
  g_assert_cmpuint (covered, >=, 9);
  g_assert_cmpuint (covered, <=, 36);
  g_assert_cmpfloat_with_epsilon (mean (picture.before, 400), mean (picture.after, 400), 0.02);
  picture_clear (&picture);
}

static void
test_grey (void)
{
  Picture picture = picture_new (4, 4, 3);

  transform (&picture, "{\"kind\":\"grey\",\"from\":0,\"to\":1}", 0);
  for (int i = 0; i < 16; i++) {
    g_assert_cmpfloat (picture.after[3 * i], ==, picture.after[3 * i + 1]);
    g_assert_cmpfloat_with_epsilon (picture.after[3 * i],
                                    0.299f * picture.before[3 * i] + 0.587f * picture.before[3 * i + 1] +
                                        0.114f * picture.before[3 * i + 2],
                                    1e-6);
  }
  picture_clear (&picture);
}

/* Pictures that move: every position inside still holds a value of the original, moved by one and the same distance. */
static void
test_moving (void)
{
  Picture picture = picture_new (12, 12, 1);
  guint places = 0, still = 0;

  for (guint32 id = 0; id < 200; id++) {
    transform (&picture, "{\"kind\":\"shift\",\"from\":0,\"to\":1,\"pixels\":2}", id);
    gboolean found = FALSE;
    for (int down = -2; down <= 2; down++)
      for (int right = -2; right <= 2; right++) {
        gboolean fits = TRUE;
        for (int y = 2; y < 10 && fits; y++)
          for (int x = 2; x < 10; x++)
            fits &= picture.after[y * 12 + x] == picture.before[(y - down) * 12 + x - right];
        found |= fits;
        still += fits && down == 0 && right == 0;
      }
    g_assert_true (found);
    places++;
  }
  g_assert_cmpuint (still, <, places / 8); /* 1 in 25 */
  transform (&picture, "{\"kind\":\"rotate\",\"from\":0,\"to\":1,\"degrees\":0}", 0);
  g_assert_true (unchanged (&picture));
  transform (&picture, "{\"kind\":\"rotate\",\"from\":0,\"to\":1,\"degrees\":40}", 0);
  g_assert_false (unchanged (&picture));
  transform (&picture, "{\"kind\":\"crop-flip\",\"from\":0,\"to\":1,\"padding\":0,\"mirror\":false}", 0);
  g_assert_true (unchanged (&picture));
  picture_clear (&picture);
}

/* ---- Labels ---- */

static void
test_labels (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("builtin:digits", 1000, "logistic");
  const gint32 *labels = kairos_dataset_get_labels (fixture->dataset);
  g_autoptr (KairosPlan) classes = fixture_plan (fixture, "{\"kind\":\"label-permutation\",\"from\":0,\"to\":1}", NULL);
  g_autoptr (KairosPlan) samples =
      fixture_plan (fixture, "{\"kind\":\"label-permutation\",\"from\":0,\"to\":1,\"of\":\"samples\"}", NULL);
  g_autoptr (KairosPlan) noise =
      fixture_plan (fixture, "{\"kind\":\"label-noise\",\"from\":0,\"to\":1,\"fraction\":0.4}", NULL);
  g_autoptr (KairosPlan) pair =
      fixture_plan (fixture, "{\"kind\":\"label-noise\",\"from\":0,\"to\":1,\"fraction\":0.4,\"form\":\"pair\"}", NULL);
  const KairosRegime by_class = fixture_regime (fixture, classes, 0), by_sample = fixture_regime (fixture, samples, 0);
  const KairosRegime noisy = fixture_regime (fixture, noise, 0), paired = fixture_regime (fixture, pair, 0);
  int before[10] = { 0 }, after[10] = { 0 }, wrong = 0, wrong_pairs = 0;
  guint8 image[10] = { 0 };

  for (int c = 0; c < 10; c++) {
    gint32 other = kairos_regime_label (&by_class, 0, c);
    g_assert_cmpint (other, !=, c);
    image[other] = 1;
  }
  for (int c = 0; c < 10; c++)
    g_assert_cmpint (image[c], ==, 1);
  for (guint i = 0; i < fixture->n_train; i++) {
    guint32 id = fixture->train[i];
    before[labels[id]]++;
    after[kairos_regime_label (&by_sample, id, labels[id])]++;
    wrong += kairos_regime_label (&noisy, id, labels[id]) != labels[id];
    gint32 other = kairos_regime_label (&paired, id, labels[id]);
    g_assert_true (other == labels[id] || other == (labels[id] + 1) % 10);
    wrong_pairs += other != labels[id];
  }
  g_assert_cmpmem (before, sizeof before, after, sizeof after); /* shuffled, none lost */
  g_assert_cmpfloat_with_epsilon ((double) wrong / fixture->n_train, 0.4, 0.07);
  g_assert_cmpfloat_with_epsilon ((double) wrong_pairs / fixture->n_train, 0.4, 0.07);
}

static void
test_mixup (void)
{
  KairosRegime regime = { .mixup = 1, .mixup_clip = 3 };
  double sum = 0, square = 0;
  int partner;

  for (guint64 step = 0; step < 4000; step++) {
    float share = kairos_regime_mixup (&regime, 1, step, 32, &partner);
    g_assert_true (share >= 0 && share <= 1);
    g_assert_true (partner >= 1 && partner < 32);
    sum += share;
    square += share * share;
  }
  g_assert_cmpfloat_with_epsilon (sum / 4000, 0.5, 0.02); /* Beta (1, 1) is even: mean 1/2, mean square 1/3 */
  g_assert_cmpfloat_with_epsilon (square / 4000, 1.0 / 3, 0.02);
  g_assert_cmpfloat (kairos_regime_mixup (&regime, 1, 0, 1, &partner), ==, 1);
  g_assert_cmpint (partner, ==, 0);
  regime.mixup = 0.2f;
  for (sum = square = 0, partner = 0; partner == 0;)
    for (guint64 step = 0; step < 4000; step++)
      square += pow (kairos_regime_mixup (&regime, 1, step, 32, &partner) - 0.5, 2) / 4000;
  g_assert_cmpfloat_with_epsilon (square, 1 / (4 * (2 * 0.2 + 1)), 0.01); /* variance of Beta (a, a) */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/plain-order", test_plain_order);
  g_test_add_func ("/sampler/distributions", test_distributions);
  g_test_add_func ("/sampler/mixed", test_mixed);
  g_test_add_func ("/sampler/repeats", test_repeats);
  g_test_add_func ("/sampler/nothing-in-common", test_nothing_in_common);
  g_test_add_func ("/sampler/no-memory", test_no_memory);
  g_test_add_func ("/curriculum/order", test_curriculum);
  g_test_add_func ("/curriculum/balanced", test_balanced);
  g_test_add_func ("/curriculum/self-paced", test_self_paced);
  g_test_add_func ("/curriculum/pacing", test_pacing);
  g_test_add_func ("/transform/preview", test_preview);
  g_test_add_func ("/transform/blur", test_blur);
  g_test_add_func ("/transform/flip", test_flip);
  g_test_add_func ("/transform/noise-images", test_noise_images);
  g_test_add_func ("/transform/covering", test_covering);
  g_test_add_func ("/transform/grey", test_grey);
  g_test_add_func ("/transform/moving", test_moving);
  g_test_add_func ("/labels/permuted-and-noisy", test_labels);
  g_test_add_func ("/transform/mixup", test_mixup);
  return g_test_run ();
}
