/* SPDX-License-Identifier: MIT */

/* The timeline as a value: its file form, its edits against a naive model, its past. */
#include "kairos/timeline.h"

#include <math.h>
#include <string.h>

static KairosTimeline *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  KairosTimeline *timeline = kairos_timeline_from_text (text, -1, &error);

  g_assert_no_error (error);
  return timeline;
}

static JsonObject *
object (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (text, &error);

  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (node));
}

static KairosTimeline *
expect (KairosTimeline *result, GError *error)
{
  g_assert_no_error (error);
  g_assert_nonnull (result);
  return result;
}

/* ---- File form ---- */

#define EXAMPLE                                                                                                        \
  "{\"kairos-timeline\":1,\"epochs\":40,\"tracks\":[{\"name\":\"Data\",\"clips\":[{\"kind\":\"focus\",\"from\":10.5,"  \
  "\"to\":13,\"classes\":[4,9],"                                                                                       \
  "\"dose\":\"only\"}]},{\"name\":\"Events\",\"clips\":[{\"kind\":\"prune\",\"at\":24,\"fraction\":0.2},{\"kind\":"    \
  "\"rewind\",\"at\":24}]}]}"

static void
test_round_trip (void)
{
  static const char *const texts[] = {
    EXAMPLE,
    "{\"kairos-timeline\":1,\"tracks\":[]}",
    "{\"kairos-timeline\":1,\"epochs\":7.25,\"tracks\":[{\"name\":\"A "
    "\\\"b\\\"\",\"muted\":true,\"solo\":true,\"clips\":[{\"kind\":\"blur\",\"id\":5,"
    "\"from\":0.1,\"to\":5.4,\"factor\":2.5,\"muted\":true,\"recorded\":true},{\"kind\":\"blur\",\"origin\":5,\"from\":"
    "5.4,\"to\":6}]}]}",
    "{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"Rate\",\"clips\":[{\"kind\":\"learning-rate\",\"from\":0,\"to\":3,"
    "\"points\":[[0,0.1],[2.5,0.001]"
    "]}]},"
    "{\"name\":\"Events\",\"clips\":[{\"kind\":\"checkpoint\",\"at\":1,\"label\":\"early\"},{\"kind\":\"rewind\","
    "\"at\":2,\"to\":\"early\"}]}]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (KairosTimeline) first = parse (texts[i]);
    g_autofree char *text = kairos_timeline_to_text (first, FALSE), *lines = kairos_timeline_to_text (first, TRUE);
    g_autoptr (KairosTimeline) second = parse (lines);
    g_assert_cmpstr (text, ==, texts[i]);
    g_assert_true (kairos_timeline_equal (first, second));
  }
}

static void
test_example (void)
{
  g_autoptr (KairosTimeline) timeline = parse (EXAMPLE);
  guint track;
  const KairosClip *rewind = kairos_timeline_find (timeline, 3, &track);

  g_assert_cmpuint (kairos_timeline_get_n_tracks (timeline), ==, 2);
  g_assert_cmpfloat (kairos_timeline_get_epochs (timeline), ==, 40);
  g_assert_cmpstr (rewind->kind->name, ==, "rewind");
  g_assert_cmpuint (track, ==, 1);
  g_assert_cmpfloat (rewind->to, ==, 24);
  g_autofree char *label = kairos_clip_label (kairos_timeline_find (timeline, 1, NULL)),
                  *name = kairos_clip_describe (rewind);
  g_assert_cmpstr (label, ==, "focus 4, 9");
  g_assert_cmpstr (name, ==, "rewind at epoch 24");
}

#define CLIP(text) "{\"kairos-timeline\":1,\"epochs\":10,\"tracks\":[{\"name\":\"T\",\"clips\":[" text "]}]}"

static const struct {
  const char *text, *part; /* of the message */
  KairosError code;
} refused[] = {
  { "", "not a timeline", KAIROS_ERROR_FORMAT },
  { "[]", "not a JSON object", KAIROS_ERROR_FORMAT },
  { "{}", "kairos-timeline", KAIROS_ERROR_FORMAT },
  { "{\"kairos-timeline\":\"1\"}", "kairos-timeline", KAIROS_ERROR_FORMAT },
  { "{\"kairos-timeline\":2}", "version 2", KAIROS_ERROR_UNSUPPORTED },
  { "{\"kairos-timeline\":1,\"epoch\":4}", "\"epoch\"", KAIROS_ERROR_MISSING },
  { "{\"kairos-timeline\":1,\"epochs\":-4}", "\"epochs\"", KAIROS_ERROR_RANGE },
  { "{\"kairos-timeline\":1,\"epochs\":1e9}", "\"epochs\"", KAIROS_ERROR_RANGE },
  { "{\"kairos-timeline\":1,\"tracks\":{}}", "\"tracks\"", KAIROS_ERROR_RANGE },
  { "{\"kairos-timeline\":1,\"tracks\":[3]}", "Track 1", KAIROS_ERROR_FORMAT },
  { "{\"kairos-timeline\":1,\"tracks\":[{\"name\":3}]}", "Track 1", KAIROS_ERROR_FORMAT },
  { "{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"\"}]}", "name of a track", KAIROS_ERROR_RANGE },
  { "{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"T\",\"color\":1}]}", "\"color\"", KAIROS_ERROR_MISSING },
  { "{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"T\",\"muted\":1}]}", "\"muted\"", KAIROS_ERROR_RANGE },
  { "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "line 1, column 33: brackets nest deeper", KAIROS_ERROR_FORMAT },
  { CLIP ("7"), "Track \"T\", clip 1", KAIROS_ERROR_FORMAT },
  { CLIP ("{}"), "Track \"T\", clip 1: it has no \"kind\"", KAIROS_ERROR_MISSING },
  { CLIP ("{\"kind\":\"blurr\",\"from\":0,\"to\":1}"), "clip 1: there is no kind \"blurr\"; the kinds are focus",
    KAIROS_ERROR_MISSING },
  { CLIP ("{\"kind\":\"blur\",\"from\":0}"), "clip 1 (blur): it has no \"to\"", KAIROS_ERROR_MISSING },
  { CLIP ("{\"kind\":\"blur\",\"at\":0}"), "(blur): a clip has times", KAIROS_ERROR_MISSING },
  { CLIP ("{\"kind\":\"prune\",\"from\":0,\"to\":1}"), "(prune): an event has a time", KAIROS_ERROR_MISSING },
  { CLIP ("{\"kind\":\"blur\",\"from\":-1,\"to\":1}"), "(blur): \"from\"", KAIROS_ERROR_RANGE },
  { CLIP ("{\"kind\":\"blur\",\"from\":\"0\",\"to\":1}"), "(blur): \"from\"", KAIROS_ERROR_RANGE },
  { CLIP ("{\"kind\":\"blur\",\"from\":2,\"to\":2}"), "blur from epoch 2 to 2: it ends before it begins",
    KAIROS_ERROR_RANGE },
  { CLIP ("{\"kind\":\"blur\",\"from\":2,\"to\":11}"), "blur from epoch 2 to 11: it ends after the last epoch",
    KAIROS_ERROR_RANGE },
  { CLIP ("{\"kind\":\"prune\",\"at\":10}"), "prune at epoch 10: nothing is trained after it", KAIROS_ERROR_RANGE },
  { CLIP ("{\"kind\":\"blur\",\"from\":0,\"to\":1,\"factor\":0}"), "(blur): \"factor\" is 0, but must be",
    KAIROS_ERROR_RANGE },
  { CLIP ("{\"kind\":\"blur\",\"from\":0,\"to\":1,\"radius\":2}"), "(blur): there is no setting \"radius\"",
    KAIROS_ERROR_MISSING },
  { CLIP ("{\"kind\":\"blur\",\"from\":0,\"to\":1,\"name\":\"x\"}"), "(blur): there is no setting \"name\"",
    KAIROS_ERROR_MISSING },
  { CLIP ("{\"kind\":\"blur\",\"from\":0,\"to\":1,\"id\":0}"), "(blur): \"id\"", KAIROS_ERROR_RANGE },
  { CLIP ("{\"kind\":\"blur\",\"id\":3,\"from\":0,\"to\":1},{\"kind\":\"blur\",\"id\":3,\"from\":1,\"to\":2}"),
    "id 3 already", KAIROS_ERROR_RANGE },
  { CLIP ("{\"kind\":\"learning-rate\",\"from\":0,\"to\":3},{\"kind\":\"learning-rate\",\"from\":2,\"to\":4}"),
    "learning-rate from epoch 2 to 4 overlaps learning-rate from epoch 0 to 3", KAIROS_ERROR_RANGE },
  { CLIP ("{\"kind\":\"focus\",\"from\":0,\"to\":3},{\"kind\":\"curriculum\",\"from\":2,\"to\":4}"), "overlaps",
    KAIROS_ERROR_RANGE },
  { CLIP ("{\"kind\":\"learning-rate\",\"from\":0,\"to\":3,\"shape\":\"cosine\",\"points\":[[0,1]]}"),
    "either a shape or points", KAIROS_ERROR_RANGE },
  { CLIP ("{\"kind\":\"checkpoint\",\"at\":0,\"label\":\"start\"}"), "choose another label", KAIROS_ERROR_RANGE },
  { CLIP ("{\"kind\":\"gradient-surgery\",\"from\":0,\"to\":1,\"classes\":[1]}"), "only where \"between\" is \"focus\"",
    KAIROS_ERROR_RANGE },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (kairos_timeline_from_text (refused[i].text, -1, &error));
    if (!error || !g_error_matches (error, KAIROS_ERROR, refused[i].code) || !strstr (error->message, refused[i].part))
      g_error ("%s: %s", refused[i].text, error ? error->message : "accepted");
  }
}

static void
test_accepted (void)
{
  static const char *const texts[] = {
    CLIP ("{\"kind\":\"focus\",\"from\":0,\"to\":3},{\"kind\":\"focus\",\"from\":2,\"to\":4}"), /* they multiply */
    /* one after the other */
    CLIP ("{\"kind\":\"blur\",\"from\":0,\"to\":3},{\"kind\":\"vertical-flip\",\"from\":2,\"to\":4}"),
    /* different parts */
    CLIP ("{\"kind\":\"weight-decay\",\"from\":0,\"to\":3},{\"kind\":\"learning-rate\",\"from\":0,\"to\":3}"),
    /* they touch */
    CLIP ("{\"kind\":\"learning-rate\",\"from\":0,\"to\":3},{\"kind\":\"learning-rate\",\"from\":3,\"to\":4}"),
    "{\"kairos-timeline\":1,\"epochs\":10,\"tracks\":[{}]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (KairosTimeline) timeline = parse (texts[i]);
    g_assert_nonnull (timeline);
  }
}

/* Whatever the bytes, the answer is a timeline that reads back, or a sentence. */
static void
test_mutations (void)
{
  guint accepted = 0;

  for (int i = 0; i < 4000; i++) {
    g_autofree char *text = g_strdup (EXAMPLE);
    gsize length = strlen (text);
    int n = g_test_rand_int_range (1, 3);
    for (int j = 0; j < n; j++)
      text[g_test_rand_int_range (0, length)] = "0123456789{}[]\",:.eE-tfn"[g_test_rand_int_range (0, 24)];
    g_autoptr (GError) error = NULL;
    if (i % 4 == 0)
      length = g_test_rand_int_range (length / 2, length + 1);
    g_autoptr (KairosTimeline) timeline = kairos_timeline_from_text (text, length, &error);
    g_assert_true ((!timeline) == (error != NULL));
    if (!timeline)
      continue;
    g_autofree char *written = kairos_timeline_to_text (timeline, FALSE);
    g_autoptr (KairosTimeline) again = parse (written);
    g_assert_true (kairos_timeline_equal (timeline, again));
    accepted++;
  }
  g_test_message ("%u of 4000 accepted", accepted);
}

/* ---- Edits against a naive model ---- */

enum { MAX_NAIVE = 64, TRACKS = 3, EPOCHS = 20 };

typedef struct {
  guint32 id;
  gboolean rate; /* a learning rate, which refuses to overlap; else a blur */
  double from, to, setting;
  guint track;
} Naive;

typedef struct {
  Naive clips[MAX_NAIVE];
  guint n;
} Model;

static gboolean
model_is_valid (const Model *model)
{
  for (guint i = 0; i < model->n; i++) {
    const Naive *a = &model->clips[i];
    if (a->from < 0 || a->to > EPOCHS || a->to <= a->from || a->track >= TRACKS)
      return FALSE;
    for (guint j = 0; j < i; j++) {
      const Naive *b = &model->clips[j];
      if (a->rate && b->rate && a->track == b->track && MAX (a->from, b->from) < MIN (a->to, b->to))
        return FALSE;
    }
  }
  return TRUE;
}

static void
assert_agree (KairosTimeline *timeline, const Model *model)
{
  guint n = 0;

  for (guint i = 0; i < kairos_timeline_get_n_tracks (timeline); i++) {
    const KairosTrack *track = kairos_timeline_get_track (timeline, i);
    n += track->n_clips;
    for (guint j = 1; j < track->n_clips; j++)
      g_assert_cmpfloat (track->clips[j - 1]->from, <=, track->clips[j]->from);
  }
  g_assert_cmpuint (n, ==, model->n);
  for (guint i = 0; i < model->n; i++) {
    const Naive *naive = &model->clips[i];
    guint track;
    const KairosClip *clip = kairos_timeline_find (timeline, naive->id, &track);
    g_assert_nonnull (clip);
    g_assert_cmpuint (track, ==, naive->track);
    g_assert_cmpstr (clip->kind->name, ==, naive->rate ? "learning-rate" : "blur");
    g_assert_cmpfloat (clip->from, ==, naive->from);
    g_assert_cmpfloat (clip->to, ==, naive->to);
    g_assert_cmpfloat (kairos_params_number (clip->kind->params, clip->kind->n_params, clip->params,
                                             naive->rate ? "rate" : "factor"),
                       ==, naive->setting);
  }
}

static double
quarter (int lo, int hi)
{
  return g_test_rand_int_range (4 * lo, 4 * hi + 1) / 4.0;
}

static KairosTimeline *
edit_add (KairosTimeline *timeline, Model *model)
{
  Naive naive = {
    .rate = g_test_rand_bit (), .from = quarter (-1, EPOCHS), .track = g_test_rand_int_range (0, TRACKS), .setting = 3
  };
  naive.to = naive.from + quarter (0, 4);
  g_autofree char *text =
      g_strdup_printf ("{\"kind\":\"%s\",\"from\":%g,\"to\":%g,\"%s\":3}", naive.rate ? "learning-rate" : "blur",
                       naive.from, naive.to, naive.rate ? "rate" : "factor");
  g_autoptr (JsonObject) clip = object (text);
  KairosTimeline *result = kairos_timeline_add (timeline, naive.track, clip, &naive.id, NULL);

  model->clips[model->n++] = naive;
  return result;
}

static KairosTimeline *
edit_remove (KairosTimeline *timeline, Model *model, guint i)
{
  KairosTimeline *result = kairos_timeline_remove (timeline, model->clips[i].id, NULL);

  model->clips[i] = model->clips[--model->n];
  return result;
}

static KairosTimeline *
edit_move (KairosTimeline *timeline, Model *model, guint i)
{
  Naive *naive = &model->clips[i];
  double length = naive->to - naive->from;

  naive->from = quarter (-1, EPOCHS);
  naive->to = naive->from + length;
  naive->track = g_test_rand_int_range (0, TRACKS);
  return kairos_timeline_move (timeline, naive->id, naive->from, naive->track, NULL);
}

static KairosTimeline *
edit_trim (KairosTimeline *timeline, Model *model, guint i)
{
  model->clips[i].from = quarter (0, EPOCHS);
  model->clips[i].to = quarter (0, EPOCHS);
  return kairos_timeline_trim (timeline, model->clips[i].id, model->clips[i].from, model->clips[i].to, NULL);
}

static KairosTimeline *
edit_split (KairosTimeline *timeline, Model *model, guint i)
{
  double at = quarter (0, EPOCHS);
  Naive second = model->clips[i];
  KairosTimeline *result = kairos_timeline_split (timeline, second.id, at, &second.id, NULL);

  model->clips[i].to = second.from = at;
  if (model->clips[i].to <= model->clips[i].from || second.to <= second.from)
    model->clips[i].from = -1; /* invalid */
  model->clips[model->n++] = second;
  return result;
}

static KairosTimeline *
edit_duplicate (KairosTimeline *timeline, Model *model, guint i)
{
  Naive copy = model->clips[i];

  copy.to = quarter (0, EPOCHS) + (copy.to - copy.from);
  copy.from = copy.to - (model->clips[i].to - model->clips[i].from);
  KairosTimeline *result = kairos_timeline_duplicate (timeline, copy.id, copy.from, copy.track, &copy.id, NULL);
  model->clips[model->n++] = copy;
  return result;
}

static KairosTimeline *
edit_set (KairosTimeline *timeline, Model *model, guint i)
{
  Naive *naive = &model->clips[i];
  g_autoptr (JsonNode) value = json_node_init_int (json_node_alloc (), g_test_rand_int_range (1, 60));

  naive->setting = json_node_get_double (value);
  return kairos_timeline_set_param (timeline, naive->id, naive->rate ? "rate" : "factor", value, NULL);
}

static KairosTimeline *
edit (KairosTimeline *timeline, Model *model)
{
  KairosTimeline *(*const edits[]) (KairosTimeline *, Model *, guint) = { edit_remove, edit_move,  edit_move,
                                                                          edit_trim,   edit_split, edit_duplicate,
                                                                          edit_set };
  int which = g_test_rand_int_range (-3, G_N_ELEMENTS (edits));

  if (which < 0 || model->n == 0)
    return edit_add (timeline, model);
  return edits[which](timeline, model, g_test_rand_int_range (0, model->n));
}

static void
test_random_edits (void)
{
  for (int round = 0; round < 40; round++) {
    g_autoptr (KairosTimeline) empty =
        parse ("{\"kairos-timeline\":1,\"epochs\":20,\"tracks\":[{\"name\":\"A\"},{\"name\":\"B\"},{\"name\":\"C\"}]}");
    g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func ((GDestroyNotify) kairos_timeline_unref);
    g_autoptr (GArray) models = g_array_new (FALSE, TRUE, sizeof (Model));
    g_array_set_size (models, 1);
    g_ptr_array_add (values, kairos_timeline_ref (empty));
    for (int i = 0; i < 120; i++) {
      Model model = g_array_index (models, Model, models->len - 1);
      KairosTimeline *before = values->pdata[values->len - 1];
      g_autofree char *text = kairos_timeline_to_text (before, FALSE);
      if (model.n + 2 > MAX_NAIVE)
        break;
      g_autoptr (KairosTimeline) after = edit (before, &model);
      g_autofree char *untouched = kairos_timeline_to_text (before, FALSE);
      g_assert_cmpstr (untouched, ==, text);
      g_assert_true ((after != NULL) == model_is_valid (&model));
      if (!after || kairos_timeline_equal (before, after))
        continue;
      assert_agree (after, &model);
      g_ptr_array_add (values, g_steal_pointer (&after));
      g_array_append_val (models, model);
    }
    for (guint i = 1; i < models->len; i++) /* what was made later has not touched it */
      assert_agree (values->pdata[i], &g_array_index (models, Model, i));
  }
}

/* ---- Tracks, places ---- */

static void
test_place (void)
{
  g_autoptr (KairosTimeline) timeline = kairos_timeline_new (10);
  static const char *const clips[] = {
    "{\"kind\":\"learning-rate\",\"from\":0,\"to\":5}",
    "{\"kind\":\"learning-rate\",\"from\":2,\"to\":7}",
    "{\"kind\":\"prune\",\"at\":3}",
    "{\"kind\":\"learning-rate\",\"from\":5,\"to\":6}",
  };
  static const char *const tracks[] = { "Rate", "Rate 2", "Events", "Rate" };

  for (guint i = 0; i < G_N_ELEMENTS (clips); i++) {
    g_autoptr (JsonObject) clip = object (clips[i]);
    g_autoptr (GError) error = NULL;
    guint32 id;
    guint track;
    KairosTimeline *next = expect (kairos_timeline_add (timeline, -1, clip, &id, &error), error);
    kairos_timeline_unref (timeline);
    timeline = next;
    kairos_timeline_find (timeline, id, &track);
    g_assert_cmpstr (kairos_timeline_get_track (timeline, track)->name, ==, tracks[i]);
  }
  g_assert_cmpstr (kairos_timeline_get_track (timeline, 1)->name, ==, "Rate 2"); /* behind its like */
}

static void
test_audible (void)
{
  g_autoptr (KairosTimeline) plain = parse ("{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"A\"},{\"name\":\"B\"}]}");
  g_autoptr (KairosTimeline) solo = kairos_timeline_solo_track (plain, 1, TRUE, NULL);
  g_autoptr (KairosTimeline) muted = kairos_timeline_mute_track (solo, 1, TRUE, NULL);

  g_assert_true (kairos_timeline_is_audible (plain, 0));
  g_assert_false (kairos_timeline_is_audible (solo, 0));
  g_assert_true (kairos_timeline_is_audible (solo, 1));
  g_assert_false (kairos_timeline_is_audible (muted, 1));
}

static void
test_shift (void)
{
  g_autoptr (KairosTimeline) timeline = parse (
      "{\"kairos-timeline\":1,\"epochs\":10,\"tracks\":[{\"name\":\"A\",\"clips\":["
      "{\"kind\":\"learning-rate\",\"from\":0,\"to\":2},{\"kind\":\"learning-rate\",\"from\":2,\"to\":4}]},{}]}");
  const guint32 both[] = { 1, 2 };
  g_autoptr (KairosTimeline) later = kairos_timeline_shift (timeline, both, 2, 1, 1, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpfloat (kairos_timeline_find (later, 1, NULL)->from, ==, 1);
  g_assert_cmpuint (kairos_timeline_get_track (later, 1)->n_clips, ==, 2);
  g_assert_null (kairos_timeline_shift (timeline, both, 2, -1, 0, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE);
}

/* ---- The past ---- */

static void
test_past (void)
{
  g_autoptr (KairosTimeline) timeline = parse (EXAMPLE), same = parse (EXAMPLE);
  g_autoptr (KairosTimeline) shorter = kairos_timeline_trim (timeline, 1, 10.5, 12, NULL);
  g_autoptr (KairosTimeline) moved = kairos_timeline_move (timeline, 1, 11, -1, NULL);
  g_autoptr (KairosTimeline) without = kairos_timeline_remove (timeline, 2, NULL);
  g_autoptr (KairosTimeline) muted = kairos_timeline_mute_track (timeline, 1, TRUE, NULL);
  g_autoptr (KairosTimeline) renamed = kairos_timeline_rename_track (timeline, 1, "Other", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpfloat (kairos_timeline_first_difference (timeline, same, NULL), ==, INFINITY);
  g_assert_cmpfloat (kairos_timeline_first_difference (timeline, renamed, NULL), ==, INFINITY);
  g_assert_cmpfloat (kairos_timeline_first_difference (timeline, shorter, NULL), ==, 12);
  g_assert_cmpfloat (kairos_timeline_first_difference (timeline, moved, NULL), ==, 10.5);
  g_assert_cmpfloat (kairos_timeline_first_difference (timeline, without, NULL), ==, 24);
  g_assert_cmpfloat (kairos_timeline_first_difference (timeline, muted, NULL), ==, 24);
  g_assert_true (kairos_timeline_check_past (timeline, shorter, 12, NULL));
  g_assert_false (kairos_timeline_check_past (timeline, shorter, 12.5, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_CHANGED);
  g_assert_nonnull (strstr (error->message, "focus from epoch 10.5 to 1"));
}

/* Ending a running clip whose shape stretches with it does not change what it was so far. */
static void
test_release (void)
{
  g_autoptr (KairosTimeline) timeline =
      parse (CLIP ("{\"kind\":\"learning-rate\",\"from\":2,\"to\":8,\"shape\":\"cosine\"}"));
  g_autoptr (KairosTimeline) trimmed = kairos_timeline_trim (timeline, 1, 2, 5, NULL);
  g_autoptr (KairosTimeline) released = kairos_timeline_release (timeline, 1, 5, NULL);
  guint32 id;
  g_autoptr (KairosTimeline) split = kairos_timeline_split (timeline, 1, 5, &id, NULL);
  g_autofree char *first = kairos_clip_to_text (kairos_timeline_find (split, 1, NULL)),
                  *second = kairos_clip_to_text (kairos_timeline_find (split, id, NULL));

  g_assert_cmpfloat (kairos_timeline_first_difference (timeline, trimmed, NULL), ==, 2);
  g_assert_cmpfloat (kairos_timeline_first_difference (timeline, released, NULL), ==, 5);
  g_assert_cmpstr (first, ==, "{\"kind\":\"learning-rate\",\"from\":2,\"to\":5,\"shape\":\"cosine\",\"over\":6}");
  g_assert_cmpstr (
      second, ==,
      "{\"kind\":\"learning-rate\",\"origin\":1,\"from\":5,\"to\":8,\"shape\":\"cosine\",\"over\":6,\"since\":3}");
}

static void
test_order_matters (void)
{
  g_autoptr (KairosTimeline) timeline =
      parse ("{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"A\",\"clips\":[{\"kind\":\"blur\",\"from\":0,\"to\":4}]},"
             "{\"name\":\"B\",\"clips\":[{\"kind\":\"rotate\",\"from\":3,\"to\":6}]}]}");
  g_autoptr (KairosTimeline) swapped = kairos_timeline_move_track (timeline, 0, 1, NULL);

  g_assert_cmpfloat (kairos_timeline_first_difference (timeline, swapped, NULL), ==, 3);
}

static void
test_replace_future (void)
{
  g_autoptr (KairosTimeline) timeline = parse (EXAMPLE);
  g_autoptr (KairosTimeline) whole =
      parse ("{\"kairos-timeline\":1,\"epochs\":50,\"tracks\":[{\"name\":\"Data\",\"clips\":[{\"kind\":\"focus\","
             "\"from\":10.5,\"to\":20,\"classes\":[4,9]}]},"
             "{\"name\":\"Events\",\"clips\":[{\"kind\":\"prune\",\"at\":30}]}]}");
  g_autoptr (KairosTimeline) only_future = parse ("{\"kairos-timeline\":1,\"epochs\":50,\"tracks\":[{\"name\":"
                                                  "\"Events\",\"clips\":[{\"kind\":\"prune\",\"at\":30}]}]}");
  g_autoptr (KairosTimeline) wrong = parse (
      "{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"Data\",\"clips\":[{\"kind\":\"blur\",\"from\":1,\"to\":20}]}]}");
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosTimeline) grown = kairos_timeline_replace_future (timeline, whole, 12, &error);

  g_assert_no_error (error);
  g_assert_true (kairos_timeline_equal (grown, whole)); /* it has the past in it */
  g_autoptr (KairosTimeline) ended = kairos_timeline_replace_future (timeline, only_future, 12, &error);
  g_assert_no_error (error);
  /* was running, and is not wanted any more */
  g_assert_cmpfloat (kairos_timeline_find (ended, 1, NULL)->to, ==, 12);
  g_assert_cmpuint (kairos_timeline_get_track (ended, 1)->n_clips, ==, 1);
  g_assert_null (kairos_timeline_replace_future (timeline, wrong, 12, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_CHANGED);
  g_assert_nonnull (strstr (error->message, "blur from epoch 1 to 20"));
}

/* ---- By hand ---- */

/* What an intervention at epoch 2.5 of 20 makes of an object. */
static void
test_at (void)
{
  static const struct {
    const char *given, *expected;
  } cases[] = {
    { "{\"kind\":\"blur\",\"factor\":4}", "{\"kind\":\"blur\",\"from\":2.5,\"to\":20,\"factor\":4,\"recorded\":true}" },
    { "{\"kind\":\"blur\",\"from\":1,\"to\":3,\"id\":7,\"origin\":5,\"recorded\":false}",
      "{\"kind\":\"blur\",\"from\":2.5,\"to\":3,\"recorded\":true}" },
    { "{\"kind\":\"rewind\",\"at\":1,\"to\":\"start\",\"muted\":true}",
      "{\"kind\":\"rewind\",\"at\":2.5,\"to\":\"start\",\"muted\":true,\"recorded\":true}" },
  };
  g_autoptr (KairosTimeline) empty = kairos_timeline_new (20);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (JsonNode) node = json_from_string (cases[i].given, NULL);
    g_autoptr (JsonObject) timed = kairos_clip_at (json_node_get_object (node), 2.5, 20);
    g_autofree char *untouched = json_to_string (node, FALSE);
    g_autoptr (GError) error = NULL;
    g_autoptr (KairosTimeline) timeline = kairos_timeline_add (empty, -1, timed, NULL, &error);
    g_assert_no_error (error);
    g_autofree char *text = kairos_clip_to_text (kairos_timeline_find (timeline, 1, NULL));
    g_assert_cmpstr (text, ==, cases[i].expected);
    g_assert_cmpstr (untouched, ==, cases[i].given);
  }
}

/* A kind that there is not is refused where it is added, not here. */
static void
test_at_unknown (void)
{
  g_autoptr (JsonNode) node = json_from_string ("{\"kind\":\"magic\"}", NULL);
  g_autoptr (JsonObject) timed = kairos_clip_at (json_node_get_object (node), 2.5, 20);
  g_autoptr (KairosTimeline) empty = kairos_timeline_new (20);
  g_autoptr (GError) error = NULL;

  g_assert_null (kairos_timeline_add (empty, -1, timed, NULL, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timeline/round-trip", test_round_trip);
  g_test_add_func ("/timeline/example", test_example);
  g_test_add_func ("/timeline/refused", test_refused);
  g_test_add_func ("/timeline/accepted", test_accepted);
  g_test_add_func ("/timeline/mutations", test_mutations);
  g_test_add_func ("/timeline/random-edits", test_random_edits);
  g_test_add_func ("/timeline/place", test_place);
  g_test_add_func ("/timeline/audible", test_audible);
  g_test_add_func ("/timeline/shift", test_shift);
  g_test_add_func ("/timeline/past", test_past);
  g_test_add_func ("/timeline/release", test_release);
  g_test_add_func ("/timeline/order-matters", test_order_matters);
  g_test_add_func ("/timeline/replace-future", test_replace_future);
  g_test_add_func ("/at/times", test_at);
  g_test_add_func ("/at/unknown", test_at_unknown);
  return g_test_run ();
}
