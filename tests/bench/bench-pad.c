/* SPDX-License-Identifier: MIT */

/* Fifty digits drawn on the pad by a script of strokes, five of each: how many lenet-5 on MNIST reads, with the recipe
 * and without, and how long a stroke takes until its answer is on screen.  One JSON line.
 *
 *   bench-pad [--list] [SESSION.kairos]
 *
 * Without a session it trains one first, five epochs, on MNIST in $KAIROS_DATASETS (else ../shared/datasets).  --list
 * says what each digit was taken for.
 *
 * The digits differ in their form, slant, size, width and place, tremble, and are drawn twice: by a mouse, through the
 * gesture of the pad in a window, a motion every 8 ms; and by a pen of different pressures, without a window.  A
 * latency is that of the last motion of a stroke: until the bars have its answer, and until the frame that shows it
 * has been drawn.
 */
#include "pad/kairos-pad.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <kairos/document-samples.h>
#include <math.h>

enum { DIGITS = 10, VARIANTS = 5, PER_SEGMENT = 6, MOTION_MS = 8 };

/* Points of a curve in a square of 100; | begins another stroke, a point twice is a corner. */
static const char *const forms[DIGITS][3] = {
  { "50,2 25,15 15,50 25,85 50,98 75,85 85,50 75,15 50,2", "60,5 35,5 18,40 25,85 50,98 80,75 82,35 62,8 45,6" },
  { "50,2 50,98", "32,24 52,2 52,2 50,98" },
  { "18,25 35,5 65,4 78,25 65,52 35,78 15,96 15,96 85,96", "20,20 45,2 75,15 70,45 40,80 20,92 25,80 45,85 85,96" },
  { "20,12 50,2 75,15 72,35 45,48 45,48 75,60 80,80 55,98 18,88",
    "20,4 75,4 75,4 45,42 45,42 78,58 78,82 50,98 18,88" },
  { "25,5 22,52 22,52 78,50 | 75,5 70,98", "60,2 15,62 15,62 85,62 | 65,35 62,98" },
  { "78,4 30,4 30,4 25,45 25,45 55,38 80,58 75,85 48,98 18,88",
    "30,4 26,45 55,38 80,62 65,92 40,98 18,86 | 30,4 80,4" },
  { "70,4 38,25 20,60 28,90 55,98 78,82 75,62 50,54 25,68", "60,2 30,40 22,75 45,98 72,88 74,66 50,58 28,72" },
  { "15,6 82,6 82,6 45,98", "15,6 82,6 82,6 45,98 | 35,52 75,52", "18,18 18,5 18,5 82,5 82,5 50,50 42,98" },
  { "72,18 50,3 28,18 35,38 65,58 75,80 50,98 25,80 35,58 65,38 72,18",
    "50,48 28,30 35,8 62,5 75,25 50,48 25,70 30,92 60,98 78,75 50,48" },
  { "75,25 55,3 28,12 25,38 48,50 75,30 75,30 72,60 60,98", "74,10 45,3 25,25 35,48 65,45 75,15 75,15 76,98" },
};

/* size: of the pad's height; width: of the digit's own height; x, y: of its centre; tremble: of its size. */
static const struct {
  double slant, size, width, x, y, tremble, pressure;
} hands[VARIANTS] = {
  { 0, 0.5, 0.75, 0.5, 0.5, 0, 0.5 },        { 0.2, 0.75, 0.65, 0.45, 0.5, 0.01, 0.7 },
  { -0.15, 0.4, 0.85, 0.3, 0.3, 0.01, 0.2 }, { 0.3, 0.6, 0.6, 0.62, 0.6, 0.015, 0.4 },
  { 0.1, 0.85, 0.7, 0.5, 0.48, 0.02, 0.9 },
};

/* ---- Strokes ---- */

typedef struct {
  double x, y;
} Point;

/* Between the points 1 and 2 of four, by Catmull and Rom. */
static double
curve (const double *p, double t)
{
  return 0.5 * (2 * p[1] + (p[2] - p[0]) * t + (2 * p[0] - 5 * p[1] + 4 * p[2] - p[3]) * t * t +
                (3 * p[1] - p[0] - 3 * p[2] + p[3]) * t * t * t);
}

static Point
place (Point point, guint hand, GRand *rand)
{
  double x = (point.x - 50) / 100 * hands[hand].width, y = (point.y - 50) / 100, tremble = hands[hand].tremble;

  x += -hands[hand].slant * y + g_rand_double_range (rand, -1, 1) * tremble;
  y += g_rand_double_range (rand, -1, 1) * tremble;
  return (Point){ hands[hand].x + x * hands[hand].size, hands[hand].y + y * hands[hand].size };
}

static GArray *
read_points (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  GArray *points = g_array_new (FALSE, FALSE, sizeof (Point));

  for (guint i = 0; words[i]; i++)
    if (words[i][0] != '\0') {
      char *end;
      Point point = { .x = g_ascii_strtod (words[i], &end) };

      point.y = g_ascii_strtod (end + 1, NULL);
      g_array_append_val (points, point);
    }
  return points;
}

/* In units of the pad. */
static GArray *
create_stroke (const char *text, guint hand, GRand *rand)
{
  g_autoptr (GArray) points = read_points (text);
  GArray *stroke = g_array_new (FALSE, FALSE, sizeof (Point));
  const Point *p = (const Point *) (void *) points->data;

  for (guint i = 0; i + 1 < points->len; i++) {
    const Point around[] = { p[MAX (i, 1) - 1], p[i], p[i + 1], p[MIN (i + 2, points->len - 1)] };
    const double x[] = { around[0].x, around[1].x, around[2].x, around[3].x };
    const double y[] = { around[0].y, around[1].y, around[2].y, around[3].y };

    for (int step = i == 0 ? 0 : 1; step <= PER_SEGMENT; step++) {
      double t = step / (double) PER_SEGMENT;
      Point point = place ((Point){ curve (x, t), curve (y, t) }, hand, rand);

      g_array_append_val (stroke, point);
    }
  }
  return stroke;
}

/* Of GArray of Point; the same for the same number. */
static GPtrArray *
create_digit (guint digit, guint variant)
{
  guint n_forms = forms[digit][2] ? 3 : 2;
  g_auto (GStrv) texts = g_strsplit (forms[digit][variant % n_forms], "|", -1);
  GPtrArray *strokes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  GRand *rand = g_rand_new_with_seed (digit * VARIANTS + variant);

  for (guint i = 0; texts[i]; i++)
    g_ptr_array_add (strokes, create_stroke (texts[i], variant, rand));
  g_rand_free (rand);
  return strokes;
}

/* ---- The session ---- */

typedef struct {
  KairosDocument *document;
  GtkWidget *window;
  KairosPad *pad;
  GtkGesture *drag;
  gint64 answered, painted; /* when the bars had the answer to what is drawn, and a frame showed it; 0: not yet */
  gboolean list;
} Bench;

static gboolean
on_timeout (gpointer over)
{
  *(gboolean *) over = TRUE;
  return G_SOURCE_REMOVE;
}

static void
run_for (guint ms)
{
  gboolean over = FALSE;

  g_timeout_add (ms, on_timeout, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  g_autoptr (GError) error = NULL;

  bench->document = kairos_document_open_finish (result, &error);
  if (!bench->document)
    g_error ("%s", error->message);
}

static KairosWorkerState
get_state (Bench *bench)
{
  int state;

  g_object_get (bench->document, "state", &state, NULL);
  return state;
}

static void
wait_for_state (Bench *bench, KairosWorkerState state)
{
  while (get_state (bench) != state)
    g_main_context_iteration (NULL, TRUE);
}

static void
train (Bench *bench, const char *path, const char *data)
{
  g_autoptr (KairosConfig) config = kairos_config_new ();

  if (!kairos_config_set (config, "data", data, NULL) || !kairos_config_set (config, "network", "lenet-5", NULL) ||
      !kairos_config_set (config, "epochs", "5", NULL))
    g_assert_not_reached ();
  kairos_document_create_async (path, config, 0, NULL, NULL, NULL, on_opened, bench);
  while (!bench->document)
    g_main_context_iteration (NULL, TRUE);
  wait_for_state (bench, KAIROS_WORKER_PAUSED);
  kairos_document_play (bench->document);
  wait_for_state (bench, KAIROS_WORKER_FINISHED);
}

static void
open_session (Bench *bench, const char *path)
{
  kairos_document_open_async (path, NULL, 0, NULL, NULL, NULL, on_opened, bench);
  while (!bench->document)
    g_main_context_iteration (NULL, TRUE);
  while (get_state (bench) != KAIROS_WORKER_PAUSED && get_state (bench) != KAIROS_WORKER_FINISHED)
    g_main_context_iteration (NULL, TRUE);
}

/* ---- The window ---- */

static GtkGesture *
find_gesture (GtkWidget *widget)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

    if (GTK_IS_GESTURE_DRAG (controller))
      return GTK_GESTURE (controller); /* the widget keeps it */
  }
  return NULL;
}

static void
on_after_paint (GdkFrameClock *clock, Bench *bench)
{
  if (bench->answered != 0 && bench->painted == 0)
    bench->painted = g_get_monotonic_time ();
}

static void
on_answer (KairosPad *pad, Bench *bench)
{
  if (kairos_pad_is_settled (pad))
    bench->answered = g_get_monotonic_time ();
}

static void
open_window (Bench *bench)
{
  bench->window = gtk_window_new ();
  bench->pad = KAIROS_PAD (kairos_pad_new ());
  kairos_pad_set_document (bench->pad, bench->document);
  gtk_window_set_default_size (GTK_WINDOW (bench->window), 1100, 520);
  gtk_window_set_child (GTK_WINDOW (bench->window), GTK_WIDGET (bench->pad));
  gtk_window_present (GTK_WINDOW (bench->window));
  run_for (500);
  bench->drag = find_gesture (GTK_WIDGET (kairos_pad_get_area (bench->pad)));
  g_signal_connect (bench->pad, "predicted", G_CALLBACK (on_answer), bench);
  g_signal_connect (gtk_widget_get_frame_clock (bench->window), "after-paint", G_CALLBACK (on_after_paint), bench);
}

static void
move (Bench *bench, const char *signal, Point to)
{
  graphene_rect_t paper = kairos_pad_area_get_paper (kairos_pad_get_area (bench->pad));

  bench->answered = bench->painted = 0;
  g_signal_emit_by_name (bench->drag, signal, paper.origin.x + to.x * paper.size.height,
                         paper.origin.y + to.y * paper.size.height);
}

typedef struct {
  GArray *answered, *painted; /* of double, ms */
} Latencies;

static void
add (GArray *latencies, gint64 us)
{
  double ms = us / 1e3;

  g_array_append_val (latencies, ms);
}

static void
draw_stroke (Bench *bench, GArray *stroke, Latencies *latencies)
{
  gint64 start = 0;

  for (guint i = 0; i < stroke->len; i++) {
    run_for (MOTION_MS);
    start = g_get_monotonic_time ();
    move (bench, i == 0 ? "drag-begin" : "drag-update", g_array_index (stroke, Point, i));
  }
  while (bench->painted == 0)
    g_main_context_iteration (NULL, TRUE);
  add (latencies->answered, bench->answered - start);
  add (latencies->painted, bench->painted - start);
}

static guint
find_best (const float *probabilities, guint n)
{
  guint best = 0;

  for (guint i = 1; i < n; i++)
    if (probabilities[i] > probabilities[best])
      best = i;
  return best;
}

static guint
read_pad (Bench *bench, gboolean centre)
{
  guint n;
  const float *answer;

  g_object_set (bench->pad, "centre", centre, NULL);
  while (!kairos_pad_is_settled (bench->pad))
    g_main_context_iteration (NULL, TRUE);
  answer = kairos_pad_peek_answer (bench->pad, &n);
  return find_best (answer, n);
}

/* ---- Without it ---- */

static void
on_predicted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static guint
read_sketch (Bench *bench, KairosSketch *sketch, gboolean centre)
{
  g_autofree float *input = kairos_sketch_render (sketch, centre), *answer = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  guint n = 0;

  kairos_document_predict_input_async (bench->document, input, NULL, on_predicted, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  answer = kairos_document_predict_finish (result, &n, NULL);
  return answer ? find_best (answer, n) : n;
}

static KairosSketch *
draw_sketch (Bench *bench, GPtrArray *strokes, double pressure)
{
  KairosSketchStyle style;
  KairosSketch *sketch;

  kairos_sketch_style_init (&style, kairos_document_get_dataset (bench->document));
  sketch = kairos_sketch_new (&style);
  for (guint i = 0; i < strokes->len; i++) {
    GArray *stroke = g_ptr_array_index (strokes, i);

    for (guint k = 0; k < stroke->len; k++) {
      Point at = g_array_index (stroke, Point, k);

      (k == 0 ? kairos_sketch_begin_stroke : kairos_sketch_extend_stroke) (sketch, at.x, at.y, pressure);
    }
  }
  return sketch;
}

/* ---- The figures ---- */

typedef struct {
  guint mouse, mouse_plain, pen, pen_plain; /* right ones */
} Right;

static void
read_digit (Bench *bench, guint digit, guint variant, Right *right, Latencies *latencies)
{
  g_autoptr (GPtrArray) strokes = create_digit (digit, variant);
  g_autoptr (KairosSketch) sketch = draw_sketch (bench, strokes, hands[variant].pressure);
  guint mouse, plain, pen = read_sketch (bench, sketch, TRUE), pen_plain = read_sketch (bench, sketch, FALSE);

  gtk_widget_activate_action (GTK_WIDGET (bench->pad), "pad.clear", NULL);
  for (guint i = 0; i < strokes->len; i++)
    draw_stroke (bench, g_ptr_array_index (strokes, i), latencies);
  plain = read_pad (bench, FALSE);
  mouse = read_pad (bench, TRUE);
  right->mouse += mouse == digit, right->mouse_plain += plain == digit;
  right->pen += pen == digit, right->pen_plain += pen_plain == digit;
  if (bench->list)
    g_print ("%u variant %u: mouse %u, without the recipe %u; pen %u, %u\n", digit, variant, mouse, plain, pen,
             pen_plain);
}

static void
read_digits (Bench *bench, Right *right, Latencies *latencies)
{
  for (guint digit = 0; digit < DIGITS; digit++)
    for (guint variant = 0; variant < VARIANTS; variant++)
      read_digit (bench, digit, variant, right, latencies);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return *(const double *) a < *(const double *) b ? -1 : 1;
}

static void
report (const char *name, GArray *ms)
{
  g_array_sort (ms, compare);
  g_print (", \"%s\": {\"p50\": %.1f, \"p95\": %.1f, \"max\": %.1f}", name, g_array_index (ms, double, ms->len / 2),
           g_array_index (ms, double, ms->len * 95 / 100), g_array_index (ms, double, ms->len - 1));
  g_array_set_size (ms, 0);
}

static void
measure (Bench *bench)
{
  g_autoptr (GArray) answered = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) painted = g_array_new (FALSE, FALSE, sizeof (double));
  Latencies latencies = { answered, painted };
  Right right = { 0 }, ignored = { 0 };

  read_digits (bench, &right, &latencies);
  g_print ("{\"digits\": %d, \"mouse\": %u, \"mouse_plain\": %u, \"pen\": %u, \"pen_plain\": %u, \"strokes\": %u",
           DIGITS * VARIANTS, right.mouse, right.mouse_plain, right.pen, right.pen_plain, painted->len);
  report ("answered_ms", answered);
  report ("shown_ms", painted);
  bench->list = FALSE;
  kairos_document_set_param (bench->document, "epochs", "1000");
  kairos_document_play (bench->document);
  wait_for_state (bench, KAIROS_WORKER_TRAINING);
  read_digits (bench, &ignored, &latencies);
  kairos_document_pause (bench->document);
  report ("answered_training_ms", answered);
  report ("shown_training_ms", painted);
  g_print ("}\n");
}

int
main (int argc, char **argv)
{
  Bench bench = { 0 };
  const char *datasets = g_getenv ("KAIROS_DATASETS"), *path = NULL;
  g_autofree char *mnist = g_build_filename (datasets ? datasets : "../shared/datasets", "mnist", NULL);
  g_autofree char *folder = NULL, *trained = NULL;

  for (int i = 1; i < argc; i++)
    if (g_str_equal (argv[i], "--list"))
      bench.list = TRUE;
    else
      path = argv[i];
  if (!gtk_init_check () || (!path && !g_file_test (mnist, G_FILE_TEST_IS_DIR)))
    return 77;
  adw_init ();
  if (path)
    open_session (&bench, path);
  else {
    folder = g_dir_make_tmp ("kairos-pad-XXXXXX", NULL);
    trained = g_build_filename (folder, "pad.kairos", NULL);
    train (&bench, trained, mnist);
  }
  open_window (&bench);
  measure (&bench);
  gtk_window_destroy (GTK_WINDOW (bench.window));
  kairos_document_close (bench.document);
  g_object_unref (bench.document);
  if (trained) {
    g_remove (trained);
    g_rmdir (folder);
  }
  return 0;
}
