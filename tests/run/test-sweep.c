/* SPDX-License-Identifier: MIT */

/* Faults at every point.  Each operation on a session file is done again and again, and each time one more read, write
 * or allocation goes well before one fails, until the operation comes through.  Whatever fails: the operation succeeds
 * and all of it is there, or it says an error and nothing of it is there, in the file and in what is held in memory; it
 * can be done again; and what is in the file then, or after a crash there and then, opens, is whole and trains on.
 */
#include "fault.h"
#include "operation.h"
#include "picture.h"
#include "src/run/runner-private.h"
#include "src/run/session-private.h"

enum { GOES_ON = 2, SETTLES_AT = 25 /* the end of an epoch */, CLOSELY = 8 };

static struct {
  char *folder, *beginning, *path, *crashed;
  KairosConfig *config;
  KairosPool *pool;
} all;

/* What a file holds, what a session says of it, and the weights to which its current run trains on. */
typedef struct {
  char *file, *weights;
  GPtrArray *session;
} Findings;

static void
findings_clear (Findings *findings)
{
  g_free (findings->file);
  g_free (findings->weights);
  g_clear_pointer (&findings->session, g_ptr_array_unref);
}

/* What there is to compare with. */
typedef struct {
  Findings before, after;
  char *runner, *done; /* before and after, in memory; NULL: none */
  char *history;       /* before */
  char *settled;       /* the file at the end of the next epoch, for operations that train */
} Reference;

static void
reference_clear (Reference *reference)
{
  findings_clear (&reference->before);
  findings_clear (&reference->after);
  g_free (reference->runner);
  g_free (reference->done);
  g_free (reference->history);
  g_free (reference->settled);
}

/* ---- Files ---- */

static void
copy_file (const char *from, const char *to)
{
  g_autofree char *content = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (from, &content, &length, NULL));
  g_assert_true (g_file_set_contents_full (to, content, length, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
remove_session (const char *path)
{
  static const char *const suffixes[] = { "", "-wal", "-shm", "-lock" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    g_autofree char *name = g_strconcat (path, suffixes[i], NULL);
    g_remove (name);
  }
}

/* The files as the disk holds them now, without what only lives in memory. */
static void
copy_as_a_crash_leaves_it (const char *from, const char *to)
{
  g_autofree char *log = g_strconcat (from, "-wal", NULL), *log_copy = g_strconcat (to, "-wal", NULL);

  remove_session (to);
  copy_file (from, to);
  if (g_file_test (log, G_FILE_TEST_EXISTS))
    copy_file (log, log_copy);
}

/* Beside the sessions there is only what belongs to the one that is open. */
static void
assert_no_leftovers (const char *what)
{
  static const char *const expected[] = { "beginning.kairos",
                                          "crashed.kairos",
                                          "stage.kairos",
                                          "stage.kairos-wal",
                                          "stage.kairos-shm",
                                          "stage.kairos-lock",
                                          NULL };
  g_autoptr (GDir) dir = g_dir_open (all.folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)))
    if (!g_strv_contains (expected, name))
      g_error ("%s: %s was left", what, name);
}

/* ---- Findings ---- */

/* From a file, and where there is one, through the session that is open on it. */
static char *
look (const Stage *stage)
{
  if (!stage->session)
    return picture_of_file (stage->path);
  g_assert_true (sqlite3_get_autocommit (stage->session->db)); /* no transaction was left open */
  return picture_of_database (stage->session->db);
}

static Findings
examine (const char *path)
{
  Stage stage = { .path = (char *) path, .config = all.config, .pool = all.pool };
  Findings findings = { .file = picture_of_file (path) };

  stage_open (&stage);
  findings.session = picture_of_session (stage.session);
  stage_open_runner (&stage, 0);
  if (kairos_runner_is_finished (stage.runner))
    g_assert_true (kairos_runner_set (stage.runner, "epochs", "9", NULL));
  stage_train (&stage, GOES_ON);
  findings.weights = fixture_digest (stage.runner->trainer);
  stage_close (&stage);
  return findings;
}

/* A file holds the one or the other and nothing between, and so its session opens.  What that then says, and what it
 * trains on to, follows from what the file holds, and is looked at now and then. */
static void
assert_found_either (const char *path, const Findings *one, const Findings *other, gboolean closely, const char *what)
{
  g_autofree char *file = picture_of_file (path);
  const Findings *expected = g_str_equal (file, one->file) ? one : other;

  picture_assert_same (file, expected->file, what);
  if (!closely) {
    kairos_session_close (fixture_open (path));
    return;
  }
  Findings is = examine (path);
  g_assert_true (picture_assert_right (is.session, expected->session, what));
  g_assert_cmpstr (is.weights, ==, expected->weights);
  findings_clear (&is);
}

/* What a runner holds in memory; NULL: there is none. */
static char *
describe_runner (const Stage *stage)
{
  if (!stage->runner)
    return NULL;
  g_autoptr (GBytes) state = kairos_trainer_save (stage->runner->trainer);
  g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_MD5, state),
                  *timeline = kairos_timeline_to_text (kairos_trainer_get_timeline (stage->runner->trainer), FALSE),
                  *changes = kairos_changes_to_text (stage->runner->changes),
                  *plan = picture_of_plan (stage->runner->log);

  return g_strdup_printf ("%s\n%s\n%s%u\n%s\n%u", digest, timeline, changes, stage->runner->n_applied, plan,
                          stage->runner->steps->len);
}

/* A sample's losses as it remembers them. */
static char *
describe_history (const Stage *stage)
{
  guint n;

  if (!stage->runner)
    return NULL;
  g_autofree float *history = kairos_facts_history (kairos_trainer_get_facts (stage->runner->trainer), 0, &n);
  return g_compute_checksum_for_data (G_CHECKSUM_MD5, (gpointer) history, n * sizeof *history);
}

/* What a run's log says in memory is what the file says. */
static void
assert_log_agrees (const Stage *stage, const char *what)
{
  g_autoptr (KairosRunLog) fresh = fixture_log (stage->session, kairos_runner_get_run (stage->runner));
  g_autofree char *is = picture_of_plan (stage->runner->log), *expected = picture_of_plan (fresh);

  picture_assert_same (is, expected, what);
}

/* ---- The stage ---- */

/* So that what is read comes from the file, and what is written goes there at once. */
static void
keep_nothing_in_memory (KairosSession *session)
{
  g_assert_cmpint (sqlite3_exec (session->db, "PRAGMA cache_size = 1", NULL, NULL, NULL), ==, SQLITE_OK);
}

static Stage
set_stage (const Operation *operation)
{
  g_autofree char *file =
      operation->file ? g_test_build_filename (G_TEST_DIST, "run", "data", operation->file, NULL) : NULL;
  Stage stage = { .operation = operation, .path = all.path, .config = all.config, .pool = all.pool };

  remove_session (stage.path);
  copy_file (file ? file : all.beginning, stage.path);
  if (file)
    return stage;
  stage_open (&stage);
  keep_nothing_in_memory (stage.session);
  g_assert_true (kairos_session_set_run_note (stage.session, 2, "acknowledged", NULL)); /* in the log only, so far */
  if (operation->run) {
    stage_open_runner (&stage, operation->run);
    stage_train (&stage, operation->steps);
  }
  if (operation->prepare)
    operation->prepare (&stage);
  return stage;
}

/* Trains to the end of an epoch and looks at the file. */
static char *
settle (Stage *stage)
{
  g_autoptr (GError) error = NULL;

  while (kairos_trainer_get_step (stage->runner->trainer) < SETTLES_AT || stage->runner->unwritten) {
    kairos_runner_step (stage->runner, NULL, &error);
    g_assert_no_error (error);
  }
  return look (stage);
}

static Reference
refer (const Operation *operation)
{
  Stage stage = set_stage (operation);
  g_autoptr (GError) error = NULL;
  Reference reference = { .runner = describe_runner (&stage), .history = describe_history (&stage) };

  copy_as_a_crash_leaves_it (stage.path, all.crashed);
  reference.before = examine (all.crashed);
  g_assert_true (operation->act (&stage, &error));
  g_assert_no_error (error);
  reference.done = describe_runner (&stage);
  copy_as_a_crash_leaves_it (stage.path, all.crashed);
  reference.after = examine (all.crashed);
  if (operation->trains)
    reference.settled = settle (&stage);
  stage_close (&stage);
  remove_session (all.crashed);
  return reference;
}

/* ---- Operations ---- */

/* Tells whether anything was written by another connection. */
typedef struct {
  sqlite3 *db;
  gint64 version;
} Observer;

static gboolean
observer_saw_something (Observer *observer)
{
  gint64 before = observer->version;

  g_assert_true (kairos_sql_int (observer->db, "", &observer->version, NULL, "PRAGMA data_version", ""));
  return observer->version != before;
}

static void
observer_begin (Observer *observer, const char *path)
{
  g_clear_pointer (&observer->db, sqlite3_close);
  g_assert_cmpint (sqlite3_open_v2 (path, &observer->db, SQLITE_OPEN_READWRITE, NULL), ==, SQLITE_OK);
  observer_saw_something (observer);
}

/* It said an error.  Returns FALSE where the operation was done nevertheless. */
static gboolean
is_as_before (Stage *stage, const Reference *reference, Observer *observer, const char *what)
{
  const Operation *operation = stage->operation;
  g_autofree char *runner = describe_runner (stage);

  if (stage->session)
    g_assert_true (sqlite3_get_autocommit (stage->session->db)); /* no transaction was left open */
  if (runner && operation->trains)
    assert_log_agrees (stage, what);
  else if (runner)
    picture_assert_same (runner, reference->runner, what);
  if (observer->db && !observer_saw_something (observer))
    return TRUE;
  g_autofree char *file = look (stage);
  if (operation->twofold && g_str_equal (file, reference->after.file))
    return FALSE;
  picture_assert_same (file, reference->before.file, what);
  return TRUE;
}

static void
assert_done (Stage *stage, const Reference *reference, const char *what)
{
  gboolean trains = stage->operation->trains;
  g_autofree char *file = trains ? settle (stage) : look (stage), *runner = describe_runner (stage);

  picture_assert_same (file, trains ? reference->settled : reference->after.file, what);
  if (runner && !trains)
    picture_assert_same (runner, reference->done, what);
  if (stage->runner)
    assert_log_agrees (stage, what);
}

/* Tries the operation with a fault.  Returns whether it is done. */
static gboolean
try_once (Stage *stage, const Reference *reference, Observer *observer, FaultKind kind, guint n, gboolean lasting,
          gboolean *came)
{
  const Operation *operation = stage->operation;
  g_autofree char *what = g_strdup_printf ("%s, %s %u", operation->name, fault_kind_name (kind), n);
  g_autoptr (GError) error = NULL;

  fault_arm (kind, n, lasting);
  gboolean ok = operation->act (stage, &error);
  if (kind == FAULT_WRITE)
    copy_as_a_crash_leaves_it (stage->path, all.crashed);
  *came = fault_disarm ();
  if (kind == FAULT_WRITE)
    assert_found_either (all.crashed, &reference->after, ok ? &reference->after : &reference->before, n % CLOSELY == 1,
                         what);
  g_assert_true (ok == !error);
  g_assert_true (ok || *came);
  if (error)
    fixture_assert_sentence (error, KAIROS_ERROR_IO, stage->path); /* nothing is damaged, nor missing */
  assert_no_leftovers (what);
  gboolean done = ok || !is_as_before (stage, reference, observer, what);
  if (!ok && stage->runner && !operation->trains && !lasting) { /* what cannot be read again is not remembered */
    g_autofree char *history = describe_history (stage);
    g_assert_cmpstr (history, ==, reference->history);
  }
  if (!ok && operation->trains) {
    ok = operation->act (stage, NULL);
    g_assert_true (ok);
  }
  if (ok)
    assert_done (stage, reference, what);
  return ok || done || operation->ends;
}

/* Within one session as long as nothing is done: then all is as at the beginning, and the next try shows that it can be
 * done still.  Returns how many faults there were. */
static guint
sweep (const Operation *operation, const Reference *reference, FaultKind kind, gboolean lasting)
{
  Stage stage = { 0 };
  Observer observer = { 0 };
  gboolean came = TRUE, done = TRUE;
  guint n;

  for (n = 1; came; n++) {
    if (done) {
      stage_close (&stage);
      stage = set_stage (operation);
      if (kind == FAULT_MEMORY) /* many; and closing is another thing while somebody else has the file open */
        observer_begin (&observer, stage.path);
    }
    done = try_once (&stage, reference, &observer, kind, n, lasting, &came);
  }
  stage_close (&stage);
  sqlite3_close (observer.db);
  return n - 2;
}

/* The disk is full from the nth write on until everything was closed. */
static gboolean
fill_disk (const Operation *operation, const Reference *reference, guint n)
{
  Stage stage = set_stage (operation);
  g_autofree char *what = g_strdup_printf ("%s, full from %u on", operation->name, n);
  g_autoptr (GError) error = NULL;

  fault_arm (FAULT_FULL, n, TRUE);
  gboolean ok = operation->act (&stage, &error);
  stage_close (&stage);
  gboolean came = fault_disarm ();
  g_assert_true (ok == !error);
  assert_found_either (stage.path, &reference->after, ok ? &reference->after : &reference->before, n % CLOSELY == 1,
                       what);
  assert_no_leftovers (what);
  return came;
}

static void
test_files (gconstpointer data)
{
  const Operation *operation = data;
  Reference reference = refer (operation);
  guint writes = sweep (operation, &reference, FAULT_WRITE, FALSE), full = 1,
        reads = sweep (operation, &reference, FAULT_READ, FALSE),
        lasting = sweep (operation, &reference, FAULT_READ, TRUE);

  while (full <= writes && fill_disk (operation, &reference, full))
    full++;
  g_test_message ("%s: %u writes, %u of them to a full disk; %u reads, %u lasting", operation->name, writes, full - 1,
                  reads, lasting);
  reference_clear (&reference);
}

static void
test_memory (gconstpointer data)
{
  const Operation *operation = data;
  Reference reference = refer (operation);

  g_test_message ("%s: %u allocations", operation->name, sweep (operation, &reference, FAULT_MEMORY, FALSE));
  reference_clear (&reference);
}

/* ---- Reading ---- */

/* A run's part of the session, 0 that of all; returns how many faults there were. */
static guint
sweep_reading (KairosSession *session, gint64 run, FaultKind kind, gboolean lasting)
{
  g_autoptr (GPtrArray) expected = picture_of_run (session, run);
  gboolean came = TRUE;
  guint n;

  for (n = 1; came; n++) {
    g_autofree char *what = g_strdup_printf ("run %d, %s %u", (int) run, fault_kind_name (kind), n);
    fault_arm (kind, n, lasting);
    g_autoptr (GPtrArray) is = picture_of_run (session, run);
    came = fault_disarm ();
    g_assert_true (picture_assert_right (is, expected, what) || came);
  }
  return n - 2;
}

/* Whatever cannot be read is said to be so, and all else is right; the file stays what it is. */
static void
test_reading (gconstpointer data)
{
  const FaultKind *kind = data;
  g_autofree char *before = NULL, *after = NULL;
  gsize size, size_after;
  guint once = 0, lasting = 0;

  remove_session (all.path);
  copy_file (all.beginning, all.path);
  g_assert_true (g_file_get_contents (all.path, &before, &size, NULL));
  g_autoptr (KairosSession) session = fixture_open (all.path);
  keep_nothing_in_memory (session);
  for (gint64 run = 0; run <= PICTURE_RUNS; run++) {
    once += sweep_reading (session, run, *kind, FALSE);
    lasting += *kind == FAULT_READ ? sweep_reading (session, run, *kind, TRUE) : 0;
  }
  g_test_message ("%s: %u faults, %u lasting", fault_kind_name (*kind), once, lasting);
  g_clear_pointer (&session, kairos_session_close);
  g_assert_true (g_file_get_contents (all.path, &after, &size_after, NULL));
  g_assert_cmpmem (before, size, after, size_after);
}

/* ---- Files that are made ---- */

/* Returns whether it came to the fault. */
typedef gboolean (*MakeFunc) (gconstpointer data, FaultKind kind, guint n, gboolean lasting);

static void
sweep_making (MakeFunc make, gconstpointer data, FaultKind kind)
{
  for (int lasting = 0; lasting < (kind == FAULT_MEMORY ? 1 : 2); lasting++) {
    guint n = 1;
    while (make (data, kind, n, lasting))
      n++;
    g_test_message ("%s: %u faults%s", fault_kind_name (kind), n - 1, lasting ? ", lasting" : "");
  }
}

static gboolean
create (gconstpointer data, FaultKind kind, guint n, gboolean lasting)
{
  g_autofree char *what = g_strdup_printf ("create, %s %u", fault_kind_name (kind), n);
  g_autoptr (GError) error = NULL;

  remove_session (all.path);
  fault_arm (kind, n, lasting);
  g_autoptr (KairosSession) session =
      kairos_session_create (all.path, all.config, fixture_dataset (all.config), NULL, &error);
  gboolean came = fault_disarm ();
  g_assert_true (!session == (error != NULL));
  g_assert_true (session || came);
  if (error)
    fixture_assert_sentence (error, KAIROS_ERROR_IO, all.path);
  assert_no_leftovers (what);
  if (session) {
    g_autofree char *file = picture_of_database (session->db);
    picture_assert_same (file, data, what);
  } else if (g_file_test (all.path, G_FILE_TEST_EXISTS))
    g_error ("%s: the file was left", what);
  return came;
}

static void
test_create (gconstpointer data)
{
  const FaultKind *kind = data;

  remove_session (all.path);
  g_autofree char *path = fixture_session (all.folder, "stage", all.config), *expected = picture_of_file (path);

  sweep_making (create, expected, *kind);
}

/* Of what, with which pictures before and after; before NULL: where nothing is yet. */
typedef struct {
  KairosSession *session;
  const char *before, *after;
} Copying;

static gboolean
copy (gconstpointer data, FaultKind kind, guint n, gboolean lasting)
{
  const Copying *copying = data;
  g_autofree char *what = g_strdup_printf ("copy, %s %u", fault_kind_name (kind), n);
  g_autoptr (GError) error = NULL;

  fault_arm (kind, n, lasting);
  gboolean ok = kairos_session_copy_to (copying->session, all.crashed, &error), came = fault_disarm ();
  gboolean there = g_file_test (all.crashed, G_FILE_TEST_EXISTS);
  g_assert_true (ok == !error);
  g_assert_true (ok || came);
  if (error)
    fixture_assert_sentence (error, KAIROS_ERROR_IO, all.crashed);
  g_autofree char *file = there ? picture_of_file (all.crashed) : NULL;
  if (ok || there)
    picture_assert_same (file, ok ? copying->after : copying->before, what);
  else
    g_assert_null (copying->before);
  assert_no_leftovers (what);
  if (ok)
    remove_session (all.crashed);
  if (ok && copying->before)
    copy_file (all.beginning, all.crashed);
  return came;
}

/* To where nothing is, and over another file. */
static void
test_copy (gconstpointer data)
{
  const FaultKind *kind = data;
  g_autofree char *beginning = picture_of_file (all.beginning), *after = NULL;
  Copying copying = { .before = NULL };

  remove_session (all.path);
  remove_session (all.crashed);
  copy_file (all.beginning, all.path);
  copying.session = fixture_open (all.path);
  g_assert_true (kairos_session_set_run_note (copying.session, 2, "to be copied", NULL));
  copying.after = after = picture_of_database (copying.session->db);
  if (*kind != FAULT_MEMORY) /* which does not look at what is there */
    sweep_making (copy, &copying, *kind);
  copying.before = beginning;
  copy_file (all.beginning, all.crashed);
  sweep_making (copy, &copying, *kind);
  g_autofree char *source = picture_of_database (copying.session->db);
  picture_assert_same (source, after, "copied");
  kairos_session_close (copying.session);
  remove_session (all.crashed);
}

static void
add_tests (void)
{
  static const FaultKind kinds[N_FAULT_KINDS] = { FAULT_WRITE, FAULT_FULL, FAULT_READ, FAULT_MEMORY };

  for (guint i = 0; i < n_operations; i++) {
    g_autofree char *files = g_strconcat ("/sweep/files/", operations[i].name, NULL),
                    *memory = g_strconcat ("/sweep/memory/", operations[i].name, NULL);
    g_test_add_data_func (files, &operations[i], test_files);
    g_test_add_data_func (memory, &operations[i], test_memory);
  }
  for (guint i = 0; i < N_FAULT_KINDS; i++) {
    const char *part = kinds[i] == FAULT_MEMORY ? "memory" : "files", *kind = fault_kind_name (kinds[i]);
    g_autofree char *reading = g_strdup_printf ("/sweep/%s/reading-%s", part, kind),
                    *create = g_strdup_printf ("/sweep/%s/create-%s", part, kind),
                    *copy = g_strdup_printf ("/sweep/%s/copy-%s", part, kind);
    if (kinds[i] >= FAULT_READ)
      g_test_add_data_func (reading, &kinds[i], test_reading);
    g_test_add_data_func (create, &kinds[i], test_create);
    g_test_add_data_func (copy, &kinds[i], test_copy);
  }
}

int
main (int argc, char **argv)
{
  fault_install ();
  g_test_init (&argc, &argv, NULL);
  all.folder = fixture_folder_new ();
  all.config = operation_config ();
  all.pool = kairos_pool_new (1);
  all.beginning = operation_make_beginning (all.folder, all.config);
  all.path = g_build_filename (all.folder, "stage.kairos", NULL);
  all.crashed = g_build_filename (all.folder, "crashed.kairos", NULL);
  add_tests ();
  int result = g_test_run ();
  kairos_pool_free (all.pool);
  kairos_config_free (all.config);
  g_free (all.beginning);
  g_free (all.path);
  g_free (all.crashed);
  fixture_folder_free (all.folder);
  return result;
}
