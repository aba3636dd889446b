/* SPDX-License-Identifier: MIT */

#include "fixture.h"

#include <string.h>

Fixture *
fixture_new (const char *data, int samples, const char *network)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  KairosOpenOptions options = kairos_open_options_default ();
  g_autoptr (GError) error = NULL;

  options.samples = samples;
  fixture->dataset = kairos_dataset_open (data, &options, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  fixture->splits = kairos_splits_new (fixture->dataset, 1, 0);
  fixture->facts = kairos_facts_new (kairos_dataset_get_n_samples (fixture->dataset));
  fixture->network = kairos_network_new (network, kairos_dataset_get_shape (fixture->dataset),
                                         kairos_dataset_get_n_classes (fixture->dataset), &error);
  g_assert_no_error (error);
  kairos_network_initialise (fixture->network, 1);
  fixture->train = kairos_splits_ids (fixture->splits, KAIROS_SPLIT_TRAIN, &fixture->n_train);
  fixture->context = (KairosPlanContext){ 1,
                                          (fixture->n_train + FIXTURE_BATCH - 1) / FIXTURE_BATCH,
                                          fixture->dataset,
                                          fixture->splits,
                                          fixture->network,
                                          FIXTURE_BATCH };
  return fixture;
}

void
fixture_free (Fixture *fixture)
{
  kairos_network_free (fixture->network);
  kairos_facts_unref (fixture->facts);
  kairos_splits_unref (fixture->splits);
  kairos_dataset_unref (fixture->dataset);
  g_free (fixture);
}

KairosPlan *
fixture_plan (Fixture *fixture, const char *clip, ...)
{
  GString *text = g_string_new ("{\"kairos-timeline\":1,\"tracks\":[");
  g_autoptr (GError) error = NULL;
  va_list args;

  va_start (args, clip);
  for (; clip; clip = va_arg (args, const char *))
    g_string_append_printf (text, "%s{\"name\":\"T\",\"clips\":[%s]}", strchr (text->str, 'T') ? "," : "", clip);
  va_end (args);
  g_string_append (text, "]}");
  g_autoptr (KairosTimeline) timeline = kairos_timeline_from_text (text->str, -1, &error);
  g_assert_no_error (error);
  KairosPlan *plan = kairos_plan_new (timeline, &fixture->context, &error);
  g_assert_no_error (error);
  g_string_free (text, TRUE);
  return plan;
}

void
fixture_refuses (Fixture *fixture, const char *part, const char *clip)
{
  g_autofree char *text = g_strdup_printf ("{\"kairos-timeline\":1,\"tracks\":[{\"clips\":[%s]}]}", clip);
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosTimeline) timeline = kairos_timeline_from_text (text, -1, &error);

  g_assert_no_error (error);
  g_assert_null (kairos_plan_new (timeline, &fixture->context, &error));
  g_assert_nonnull (error);
  if (!strstr (error->message, part))
    g_error ("\"%s\" does not say \"%s\"", error->message, part);
}

KairosRegime
fixture_regime (Fixture *fixture, KairosPlan *plan, guint64 step)
{
  KairosRegime regime = { .optimizer = kairos_optimizer_settings_default () };

  kairos_plan_resolve (plan, step, fixture->facts);
  kairos_plan_regime (plan, step, &regime);
  return regime;
}

void
fixture_look (Fixture *fixture, float (*loss) (guint id), gboolean correct)
{
  const gint32 *labels = kairos_dataset_get_labels (fixture->dataset);

  for (guint i = 0; i < fixture->n_train; i++) {
    guint32 id = fixture->train[i];
    KairosOutcome outcome = { .loss = loss (id), .el2n = -loss (id), .prediction = correct ? labels[id] : -1 };
    kairos_facts_update (fixture->facts, 1, &id, &labels[id], &outcome, TRUE);
  }
}
