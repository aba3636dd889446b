/* SPDX-License-Identifier: MIT */

/* Fuzz target: the file form of timelines.  What is accepted has to be written and read back to an equal one, and to be
 * planned for a small training or refused. */
#include "fuzz.h"

#include <string.h>

#include "kairos/plan.h"

static const KairosPlanContext *
small_training (void)
{
  static KairosPlanContext context;

  if (!context.dataset) {
    context = (KairosPlanContext){ .seed = 1, .steps_per_epoch = 2 };
    context.dataset =
        kairos_dataset_open ("builtin:digits", &(KairosOpenOptions){ .samples = 20 }, NULL, NULL, NULL, NULL);
    context.splits = kairos_splits_new (context.dataset, 1, 0);
    context.network = kairos_network_new ("logistic", kairos_dataset_get_shape (context.dataset), 10, NULL);
  }
  return &context;
}

static void
check_plan (KairosTimeline *timeline)
{
  g_autoptr (KairosPlan) plan = kairos_plan_new (timeline, small_training (), NULL);
  g_autoptr (KairosFacts) facts = kairos_facts_new (20);

  for (guint64 step = 0; plan && step < 4; step++) {
    KairosRegime regime = { 0 };
    guint n;
    kairos_plan_resolve (plan, step, facts);
    kairos_plan_regime (plan, step, &regime);
    kairos_plan_events (plan, step, &n);
    g_assert_cmpuint (regime.n_transforms, <=, KAIROS_MAX_TRANSFORMS);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (KairosTimeline) timeline = kairos_timeline_from_text ((const char *) data, (gssize) size, NULL);

  if (timeline) {
    g_autofree char *text = kairos_timeline_to_text (timeline, size % 2);
    g_autoptr (KairosTimeline) again = kairos_timeline_from_text (text, -1, NULL);
    g_assert_true (again && kairos_timeline_equal (timeline, again));
    check_plan (timeline);
  }
  return 0;
}

GByteArray *
fuzz_seed (unsigned number)
{
  static const char *const texts[] = {
    "{\"kairos-timeline\":1,\"epochs\":40,\"tracks\":[{\"name\":\"Data\",\"clips\":[{\"kind\":\"focus\",\"from\":0.5,"
    "\"to\":13,\"classes\":[4,9],"
    "\"dose\":\"only\"},{\"kind\":\"focus\",\"from\":0,\"to\":3,\"query\":\"wrong\",\"hardest\":20,\"live\":true}]},{"
    "\"name\":\"Events\",\"clips\":["
    "{\"kind\":\"checkpoint\",\"at\":0},{\"kind\":\"prune\",\"at\":1,\"fraction\":0.2},{\"kind\":\"rewind\",\"at\":1,"
    "\"to\":\"kept\"}]}]}",
    "{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"R\",\"solo\":true,\"clips\":[{\"kind\":\"learning-rate\",\"id\":7,"
    "\"from\":0,\"to\":3,"
    "\"points\":[[0,0.1],[2.5,0.001]]},{\"kind\":\"blur\",\"origin\":3,\"from\":0,\"to\":1e0,\"factor\":2,\"muted\":"
    "false}]}]}",
  };

  return number < G_N_ELEMENTS (texts)
             ? g_byte_array_append (g_byte_array_new (), (const guint8 *) texts[number], strlen (texts[number]))
             : NULL;
}
