/* SPDX-License-Identifier: MIT */

/* kairosctl as a script meets it: its exit status, its JSON lines, its sentences, and that neither Ctrl-C nor kill -9
 * changes what training comes to. The program is $KAIROSCTL.
 */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <sys/wait.h>

#include "src/run/sql.h"

static char *folder;

typedef struct {
  int status; /* exit status, or 1000 + signal */
  char *out, *err;
} Result;

static void
result_clear (Result *result)
{
  g_clear_pointer (&result->out, g_free);
  g_clear_pointer (&result->err, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

static int
exit_status (int wait_status)
{
  return WIFEXITED (wait_status) ? WEXITSTATUS (wait_status) : 1000 + WTERMSIG (wait_status);
}

/* Runs kairosctl with a command line in which %s stands for the test's folder. */
static Result
run (const char *format)
{
  g_auto (GStrv) parts = g_strsplit (format, "%s", -1), argv = NULL;
  g_autofree char *line = g_strjoinv (folder, parts), *full = g_strdup_printf ("%s %s", g_getenv ("KAIROSCTL"), line);
  g_autoptr (GError) error = NULL;
  Result result = { 0 };
  int wait_status;
  g_assert_true (g_shell_parse_argv (full, NULL, &argv, &error));
  g_assert_true (
      g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &result.out, &result.err, &wait_status, &error));
  result.status = exit_status (wait_status);
  return result;
}

static void
expect (const char *format, int status)
{
  g_auto (Result) result = run (format);
  if (result.status != status)
    g_test_message ("%s: %s%s", format, result.out, result.err);
  g_assert_cmpint (result.status, ==, status);
}

/* The JSON object on the last line of what was printed. */
static JsonObject *
last_line (const char *out)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strchomp (g_strdup (out));
  const char *line = strrchr (text, '\n');
  json_parser_load_from_data (parser, line ? line + 1 : text, -1, &error);
  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (json_parser_get_root (parser)));
}

static char *
digest_of (const char *out)
{
  g_autoptr (JsonObject) object = last_line (out);
  g_assert_true (json_object_get_boolean_member (object, "done"));
  return g_strdup (json_object_get_string_member (object, "weights_sha256"));
}

#define NEW_SPIRALS "--data builtin:spirals --network mlp-32-32 --batch 16 --seed 7 --epochs 6"

static char *
train_straight (void)
{
  expect ("new %s/straight.kairos " NEW_SPIRALS, 0);
  g_auto (Result) result = run ("train %s/straight.kairos --json --threads 1");
  g_assert_cmpint (result.status, ==, 0);
  return digest_of (result.out);
}

static void
test_train_json (void)
{
  expect ("new %s/json.kairos " NEW_SPIRALS, 0);
  g_auto (Result) result = run ("train %s/json.kairos --json --epochs 3");
  g_assert_cmpint (result.status, ==, 0);
  g_auto (GStrv) lines = g_strsplit (g_strchomp (result.out), "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
  static const char *members[] = { "epoch",    "step",         "train_loss",        "train_accuracy",
                                   "val_loss", "val_accuracy", "images_per_second", "seconds" };
  for (int i = 0; i < 3; i++) {
    g_autoptr (JsonObject) object = last_line (lines[i]);
    for (gsize j = 0; j < G_N_ELEMENTS (members); j++)
      g_assert_true (json_object_has_member (object, members[j]));
    g_assert_cmpint (json_object_get_int_member (object, "epoch"), ==, i + 1);
  }
  g_autoptr (JsonObject) end = last_line (lines[3]);
  g_assert_cmpint (json_object_get_int_member (end, "epoch"), ==, 3);
  g_assert_cmpint (strlen (json_object_get_string_member (end, "weights_sha256")), ==, 64);
  double accuracy = json_object_get_double_member (end, "test_accuracy");
  g_assert_true (accuracy > 0.4 && accuracy <= 1);

  g_auto (Result) show = run ("show %s/json.kairos --json");
  g_autoptr (JsonObject) shown = last_line (show.out);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (shown, "epochs")), ==, 3);
  g_assert_cmpstr (json_object_get_string_member (shown, "weights_sha256"), ==,
                   json_object_get_string_member (end, "weights_sha256"));
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (shown, "settings"), "network"), ==,
                   "mlp-32-32");
}

/* Stopping at an epoch and going on, with other numbers of threads, changes no bit. */
static void
test_stages_and_threads (void)
{
  g_autofree char *straight = train_straight ();
  expect ("new %s/stages.kairos " NEW_SPIRALS, 0);
  expect ("train %s/stages.kairos --epochs 2 --threads 2", 0);
  expect ("train %s/stages.kairos --epochs 5 --threads 3", 0);
  g_auto (Result) result = run ("train %s/stages.kairos --json");
  g_autofree char *digest = digest_of (result.out);
  g_assert_cmpstr (digest, ==, straight);
}

static int
train_and_signal (const char *name, int signal_number, guint milliseconds)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  const char *argv[] = { g_getenv ("KAIROSCTL"), "train", path, NULL };
  GPid pid;
  g_assert_true (g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
                                NULL, NULL, &pid, NULL));
  if (signal_number == SIGINT) { /* once it trains, however long the data takes; at most a minute */
    g_autofree char *lock = g_strconcat (path, "-lock", NULL);
    for (int i = 0; i < 600 && !g_file_test (lock, G_FILE_TEST_EXISTS); i++)
      g_usleep (100000);
  }
  g_usleep (milliseconds * 1000);
  kill (pid, signal_number);
  int wait_status;
  g_assert_cmpint (waitpid (pid, &wait_status, 0), ==, pid);
  return exit_status (wait_status);
}

/* kill -9 at several instants, then on to the end. */
static void
test_kill (void)
{
  expect ("new %s/long.kairos --data builtin:spirals --network mlp-64-64 --batch 4 --epochs 30", 0);
  g_auto (Result) straight = run ("train %s/long.kairos --json");
  g_autofree char *expected = digest_of (straight.out);
  expect ("new %s/killed.kairos --data builtin:spirals --network mlp-64-64 --batch 4 --epochs 30", 0);
  for (guint i = 0; i < 5; i++)
    train_and_signal ("killed.kairos", SIGKILL, 150 + 170 * i);
  g_auto (Result) result = run ("train %s/killed.kairos --json");
  g_assert_cmpint (result.status, ==, 0);
  g_autofree char *digest = digest_of (result.out);
  g_assert_cmpstr (digest, ==, expected);
}

static void
test_interrupt (void)
{
  expect ("new %s/interrupted.kairos --data builtin:digits --network lenet-5 --epochs 500", 0);
  g_assert_cmpint (train_and_signal ("interrupted.kairos", SIGINT, 4000), ==, 130);
  g_auto (Result) show = run ("show %s/interrupted.kairos --json");
  g_assert_cmpint (show.status, ==, 0);
  g_autoptr (JsonObject) shown = last_line (show.out);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (shown, "checkpoints")), >=, 1);
}

static const struct {
  const char *line;
  int status;
  const char *says;
} refusals[] = {
  { "", 2, NULL },
  { "frobnicate", 2, "frobnicate" },
  { "new", 2, "missing" },
  { "new %s/a.kairos", 2, "--data" },
  { "new %s/a.kairos --data builtin:nothing --network lenet-5", 1, "nothing" },
  { "new %s/a.kairos --data /does/not/exist --network lenet-5", 1, "/does/not/exist" },
  { "new %s/a.kairos --data builtin:digits --network lenet-6", 1, "lenet-6" },
  { "new %s/a.kairos --data builtin:spirals --network lenet-5", 1, "layer" },
  { "new %s/a.kairos --data builtin:spirals --network logistic --batch 0", 1, "batch" },
  { "new %s/a.kairos --data builtin:spirals --network logistic --batch many", 1, "batch" },
  { "new %s/a.kairos --data builtin:spirals --network logistic --optimizer magic", 1, "adam" },
  { "new %s/a.kairos --data builtin:spirals --network logistic --colour red", 2, "colour" },
  { "new /no/such/folder/a.kairos --data builtin:spirals --network logistic", 1, "/no/such/folder" },
  { "train %s/nowhere.kairos", 1, "nowhere.kairos" },
  { "train %s/nowhere.kairos --threads -1", 2, "threads" },
  { "show /dev/null", 1, "/dev/null" },
  { "list trees", 2, "trees" },
  { "bench --net vgg-16", 2, "vgg-16" },
  { "bench --seconds 0", 2, "seconds" },
};

static void
test_refusals (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++) {
    g_auto (Result) result = run (refusals[i].line);
    g_test_message ("%s -> %d: %s", refusals[i].line, result.status, result.err);
    g_assert_cmpint (result.status, ==, refusals[i].status);
    if (refusals[i].says)
      g_assert_nonnull (strstr (result.err, refusals[i].says));
  }
  g_autofree char *path = g_build_filename (folder, "a.kairos", NULL);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_existing_file_is_kept (void)
{
  g_autofree char *path = g_build_filename (folder, "mine.kairos", NULL), *text = NULL;
  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
  expect ("new %s/mine.kairos " NEW_SPIRALS, 1);
  expect ("train %s/mine.kairos", 1);
  expect ("show %s/mine.kairos", 1);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
}

static void
test_lists (void)
{
  static const struct {
    const char *line, *holds;
  } lists[] = {
    { "list data --json", "builtin:spirals" }, { "list networks --json", "all-cnn-96" },
    { "list layers --json", "batch-norm" },    { "list optimizers --json", "adamw" },
    { "list schedules --json", "cosine" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++) {
    g_auto (Result) result = run (lists[i].line);
    g_assert_cmpint (result.status, ==, 0);
    g_assert_nonnull (strstr (result.out, lists[i].holds));
    g_auto (GStrv) lines = g_strsplit (g_strchomp (result.out), "\n", -1);
    for (char **line = lines; *line; line++)
      json_object_unref (last_line (*line));
  }
  expect ("list networks", 0);
  expect ("--help", 0);
  expect ("--version", 0);
  expect ("train --help", 0);
}

static void
test_predict (void)
{
  const char *datasets = g_getenv ("KAIROS_DATASETS");
  g_autofree char *photos = datasets
                                ? g_build_filename (datasets, "photos", NULL)
                                : g_test_build_filename (G_TEST_DIST, "..", "..", "shared", "datasets", "photos", NULL);
  if (!g_file_test (photos, G_FILE_TEST_IS_DIR)) {
    g_test_skip ("the photographs are not here");
    return;
  }
  g_autofree char *new_line =
      g_strdup_printf ("new %%s/photos.kairos --data '%s' --network small-cnn --side 32 --batch 32", photos);
  g_autofree char *predict_line =
      g_strdup_printf ("predict %%s/photos.kairos --json '%s/ants/0013035.jpg' '%s/ants/ant photos.png'", photos,
                       photos);
  g_autofree char *bad_line =
      g_strdup_printf ("predict %%s/photos.kairos --json '%s/ants/imageNotFound.gif' '%s/ants/0013035.jpg'", photos,
                       photos);
  expect (new_line, 0);
  expect (predict_line, 1); /* not trained yet */
  expect ("train %s/photos.kairos --epochs 1", 0);
  g_auto (Result) result = run (predict_line);
  g_assert_cmpint (result.status, ==, 0);
  g_autoptr (JsonObject) object = last_line (result.out);
  const char *class_name = json_object_get_string_member (object, "class");
  g_assert_true (g_str_equal (class_name, "ants") || g_str_equal (class_name, "bees"));
  g_assert_cmpfloat (json_object_get_double_member (object, "probability"), >=, 0.5);
  g_auto (Result) bad = run (bad_line);
  g_assert_cmpint (bad.status, ==, 1);
  g_assert_nonnull (strstr (bad.err, "imageNotFound.gif"));
  g_assert_nonnull (strstr (bad.out, "0013035.jpg")); /* the good one is answered all the same */
}

static void
test_bench (void)
{
  g_auto (Result) result = run ("bench --net lenet-300-100 --seconds 0.2 --threads 1 --json");
  g_assert_cmpint (result.status, ==, 0);
  g_autoptr (JsonObject) object = last_line (result.out);
  g_assert_cmpint (json_object_get_int_member (object, "batch"), ==, 128);
  g_assert_cmpfloat (json_object_get_double_member (object, "images_per_second"), >, 0);
  g_assert_cmpfloat (json_object_get_double_member (object, "best"), >=,
                     json_object_get_double_member (object, "images_per_second"));
  g_assert_cmpfloat (json_object_get_double_member (object, "peak_gflops"), >, 0);
}

/* ---- Timelines ---- */

static void
write_file (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

#define STEERED                                                                                                        \
  "{\"kairos-timeline\":1,\"epochs\":6,\"tracks\":[{\"name\":\"Data\",\"clips\":[{\"kind\":\"focus\",\"from\":1.5,"    \
  "\"to\":3,\"classes\":[1],"                                                                                          \
  "\"dose\":\"only\"}]},{\"name\":\"Events\",\"clips\":[{\"kind\":\"prune\",\"at\":4,\"fraction\":0.2},{\"kind\":"     \
  "\"rewind\",\"at\":4}]}]}"

static void
assert_replays (const char *name, const char *digest)
{
  g_autofree char *command = g_strdup_printf ("replay %%s/%s.kairos --json", name);
  g_auto (Result) result = run (command);
  g_assert_cmpint (result.status, ==, 0);
  g_autoptr (JsonObject) object = last_line (result.out);
  g_assert_true (json_object_get_boolean_member (object, "same"));
  g_assert_cmpstr (json_object_get_string_member (object, "weights_sha256"), ==,
                   json_object_get_string_member (object, "recorded_sha256"));
  g_assert_cmpstr (json_object_get_string_member (object, "weights_sha256"), ==, digest);
}

static void
test_timeline (void)
{
  write_file ("steered.json", STEERED);
  expect (
      "new %s/steered.kairos --data builtin:spirals --network mlp-32-32 --batch 16 --seed 7 --timeline %s/steered.json",
      0);
  g_auto (Result) got = run ("timeline %s/steered.kairos --get");
  g_autoptr (JsonNode) printed = json_from_string (got.out, NULL), given = json_from_string (STEERED, NULL);
  g_assert_true (json_node_equal (printed, given));
  g_auto (Result) result = run ("train %s/steered.kairos --json");
  g_autofree char *digest = digest_of (result.out);
  assert_replays ("steered", digest);
}

/* A second run from the middle of the first, with another timeline. */
static void
test_branch (void)
{
  write_file ("branch.json",
              "{\"kairos-timeline\":1,\"tracks\":[{\"clips\":[{\"kind\":\"pgd\",\"from\":2.5,\"to\":4}]}]}");
  expect ("new %s/branch.kairos " NEW_SPIRALS, 0);
  expect ("branch %s/branch.kairos --at -1", 2);
  expect ("train %s/branch.kairos --epochs 4", 0);
  expect ("branch %s/branch.kairos --set %s/nothing.json", 1);
  g_auto (Result) branched = run ("branch %s/branch.kairos --set %s/branch.json");
  g_assert_cmpint (branched.status, ==, 0);
  g_assert_nonnull (strstr (branched.out, "goes on from epoch 2 of run 1"));
  g_auto (Result) result = run ("train %s/branch.kairos --json");
  g_autofree char *digest = digest_of (result.out);
  assert_replays ("branch", digest);
  g_auto (Result) first = run ("show %s/branch.kairos --run 1"), last = run ("show %s/branch.kairos");
  g_assert_nonnull (strstr (first.out, "run 1 of 2"));
  g_assert_null (strstr (first.out, "    6  ")); /* it came to the fourth epoch */
  g_assert_nonnull (strstr (last.out, "run 2 of 2"));
  g_assert_nonnull (strstr (last.out, "    6  "));
  expect ("show %s/branch.kairos --run 3", 1);
}

/* ---- Texts that would end the parser ---- */

/* Runs a statement, in which NESTED stands for a text of 100 000 brackets, on a session. */
static void
edit_session (const char *name, const char *sql)
{
  g_auto (GStrv) parts = g_strsplit (sql, "NESTED", -1);
  g_autofree char *path = g_build_filename (folder, name, NULL),
                  *full = g_strjoinv ("replace (hex (zeroblob (50000)), '0', '[')", parts);
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, full, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_changes (db), >, 0);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static void
expect_refusal (const char *format)
{
  g_auto (Result) result = run (format);

  g_test_message ("%.60s: %s", format, result.err);
  g_assert_cmpint (result.status, ==, 1);
  g_assert_nonnull (strstr (result.err, "brackets nest deeper than"));
  g_assert_null (strchr (g_strchomp (result.err), '\n'));
}

static void
test_nested (void)
{
  g_autofree char *brackets = g_strnfill (100000, '[');

  expect ("new %s/nested.kairos " NEW_SPIRALS, 0);
  expect ("train %s/nested.kairos --epochs 2", 0);
  write_file ("nested.json", brackets);
  expect_refusal ("timeline %s/nested.kairos --set %s/nested.json");
  g_autofree char *intervene = g_strdup_printf ("intervene %%s/nested.kairos --at 3 --clip '%s'", brackets);
  expect_refusal (intervene);
  edit_session ("nested.kairos", "UPDATE run SET initial = NESTED");
  expect_refusal ("replay %s/nested.kairos");
  edit_session ("nested.kairos", "UPDATE run SET initial = NULL, timeline = NESTED");
  expect_refusal ("train %s/nested.kairos");
  expect_refusal ("intervene %s/nested.kairos --at 3 --clip '{\"kind\":\"blur\",\"factor\":4}'");
  edit_session ("nested.kairos", "UPDATE run SET timeline = '{\"kairos-timeline\":1}', config = NESTED");
  expect_refusal ("show %s/nested.kairos");
  expect_refusal ("train %s/nested.kairos");
}

/* By hand, in the middle; what was before the playhead stays. */
static void
test_intervene (void)
{
  expect ("new %s/hand.kairos " NEW_SPIRALS, 0);
  expect ("train %s/hand.kairos --epochs 2", 0);
  g_auto (Result) late = run ("intervene %s/hand.kairos --at 1 --clip '{\"kind\":\"pgd\"}'");
  g_assert_cmpint (late.status, ==, 1);
  g_assert_nonnull (strstr (late.err, "pgd from epoch 1 to 6"));
  g_auto (Result) unfit = run ("intervene %s/hand.kairos --at 3 --clip '{\"kind\":\"blur\"}'");
  g_assert_cmpint (unfit.status, ==, 1);
  g_assert_nonnull (strstr (unfit.err, "needs pictures"));
  expect ("intervene %s/hand.kairos --at 2 --clip '{\"kind\":\"anti-pgd\",\"sigma\":0.02}'", 0);
  expect ("train %s/hand.kairos --epochs 3", 0);
  expect ("intervene %s/hand.kairos --at 3.5 --release 1", 0);
  expect ("intervene %s/hand.kairos --at 4 --clip '{\"kind\":\"shrink-perturb\"}'", 0);
  g_auto (Result) got = run ("timeline %s/hand.kairos");
  g_assert_nonnull (strstr (got.out, "\"kind\":\"anti-pgd\",\"from\":2,\"to\":3.5,\"sigma\":0.02,\"recorded\":true"));
  write_file ("future.json", "{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"Rate\",\"clips\":[{\"kind\":\"learning-"
                             "rate\",\"from\":4,\"to\":5}]}]}");
  write_file ("past.json", "{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"Rate\",\"clips\":[{\"kind\":\"learning-"
                           "rate\",\"from\":1,\"to\":5}]}]}");
  expect ("timeline %s/hand.kairos --set %s/past.json", 1);
  expect ("timeline %s/hand.kairos --set %s/future.json", 0);
  g_auto (Result) result = run ("train %s/hand.kairos --json");
  g_autofree char *digest = digest_of (result.out);
  assert_replays ("hand", digest);
}

static void
test_kinds (void)
{
  g_auto (Result) result = run ("kinds --json");
  g_auto (GStrv) lines = g_strsplit (g_strchomp (result.out), "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 34);
  g_autoptr (JsonObject) focus = last_line (lines[0]);
  g_assert_cmpstr (json_object_get_string_member (focus, "name"), ==, "focus");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (focus, "params")), ==, 10);
  write_file (
      "unknown.json",
      "{\"kairos-timeline\":1,\"tracks\":[{\"name\":\"A\",\"clips\":[{\"kind\":\"magic\",\"from\":0,\"to\":1}]}]}");
  g_auto (Result) refused = run ("new %s/unknown.kairos " NEW_SPIRALS " --timeline %s/unknown.json");
  g_assert_cmpint (refused.status, ==, 1);
  g_assert_nonnull (strstr (refused.err, "there is no kind \"magic\""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_nonnull (g_getenv ("KAIROSCTL"));
  folder = g_dir_make_tmp ("kairosctl-XXXXXX", NULL);
  g_setenv ("XDG_CACHE_HOME", folder, TRUE);
  g_test_add_func ("/cli/lists", test_lists);
  g_test_add_func ("/cli/refusals", test_refusals);
  g_test_add_func ("/cli/existing-file-is-kept", test_existing_file_is_kept);
  g_test_add_func ("/cli/train-json", test_train_json);
  g_test_add_func ("/cli/stages-and-threads", test_stages_and_threads);
  g_test_add_func ("/cli/kill", test_kill);
  g_test_add_func ("/cli/interrupt", test_interrupt);
  g_test_add_func ("/cli/predict", test_predict);
  g_test_add_func ("/cli/bench", test_bench);
  g_test_add_func ("/cli/timeline", test_timeline);
  g_test_add_func ("/cli/branch", test_branch);
  g_test_add_func ("/cli/nested", test_nested);
  g_test_add_func ("/cli/intervene", test_intervene);
  g_test_add_func ("/cli/kinds", test_kinds);
  int status = g_test_run ();
  const char *remove[] = { "rm", "-rf", folder, NULL };
  g_spawn_sync (NULL, (char **) remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_free (folder);
  return status;
}
