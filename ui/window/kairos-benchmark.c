/* SPDX-License-Identifier: MIT */

/* See the header. */
#include "config.h"

#include "window/kairos-benchmark.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <kairos/machine.h>
#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "window/kairos-benchmark-clips.h"
#include "window/kairos-window.h"

enum { WARM_UP_MS = 2000, SCROLL_PIXELS = 40, EPOCHS = 60, LONG_EPOCHS = 1000 };

typedef struct {
  KairosWindow *window;
  int *status; /* borrowed: 1 when it failed */
  GdkFrameClock *clock;
  char *folder, *path;
  double seconds;
  gint64 before; /* of the frame at work */
  gboolean measuring;
  double before_cpu;
  GArray *work, *cpu, *intervals; /* of double, milliseconds */
  double first_frame, session_frame;
  GtkAdjustment *scroll; /* of the sample grid */
  GtkWidget *plots;
  int direction;
  guint n_clips;
  KairosBenchmarkClips *clips; /* NULL: none are dragged */
} Benchmark;

/* ---- The machine ---- */

/* Milliseconds since the kernel started this process: field 22 of /proc/self/stat, in clock ticks since boot; an exec
 * does not change it. */
static double
process_age (void)
{
  g_autofree char *stat = NULL;
  g_auto (GStrv) fields = NULL;
  struct timespec now;
  char *after_name;

  if (!g_file_get_contents ("/proc/self/stat", &stat, NULL, NULL) || !(after_name = strrchr (stat, ')')))
    return NAN;
  fields = g_strsplit (after_name + 2, " ", -1); /* from field 3 on */
  if (g_strv_length (fields) < 20)
    return NAN;
  clock_gettime (CLOCK_BOOTTIME, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6 - g_ascii_strtod (fields[19], NULL) * 1e3 / sysconf (_SC_CLK_TCK);
}

/* "VmRSS" or "VmHWM" of /proc/self/status in megabytes. */
static double
memory (const char *name)
{
  g_autofree char *status = NULL;
  const char *at = g_file_get_contents ("/proc/self/status", &status, NULL, NULL) ? strstr (status, name) : NULL;

  return at ? g_ascii_strtod (at + strlen (name) + 1, NULL) / 1024 : NAN;
}

/* ---- Results ---- */

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* One member of the object, with two decimals; null when it is not known. */
static void
add_number (GString *json, const char *prefix, const char *name, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (number, sizeof number, "%.2f", value);
  g_string_append_printf (json, "%s\"%s%s\":%s", json->len > 1 ? "," : "", prefix, name,
                          isfinite (value) ? number : "null");
}

static void
add_quantiles (GString *json, const char *prefix, GArray *values)
{
  static const struct {
    const char *name;
    double at;
  } quantiles[] = { { "p50_ms", 0.5 }, { "p99_ms", 0.99 }, { "max_ms", 1 } };

  g_array_sort (values, compare);
  for (guint i = 0; i < G_N_ELEMENTS (quantiles); i++) {
    guint at = values->len > 0 ? (guint) ceil (quantiles[i].at * values->len) - 1 : 0;

    add_number (json, prefix, quantiles[i].name, values->len > 0 ? g_array_index (values, double, at) : NAN);
  }
}

static void
print_results (Benchmark *self)
{
  g_autoptr (GString) json = g_string_new ("{");
  KairosDocument *document = kairos_window_get_document (self->window);
  KairosStatus status;

  kairos_document_get_status (document, &status);
  add_number (json, "", "startup_to_first_frame_ms", self->first_frame);
  add_number (json, "", "session_ms", self->session_frame);
  add_number (json, "", "frames", self->work->len);
  add_number (json, "", "seconds", self->seconds);
  add_quantiles (json, "", self->work);
  add_quantiles (json, "cpu_", self->cpu);
  add_quantiles (json, "interval_", self->intervals);
  add_number (json, "", "rss_mb", memory ("VmRSS"));
  add_number (json, "", "peak_rss_mb", memory ("VmHWM"));
  add_number (json, "", "samples", kairos_dataset_get_n_samples (kairos_document_get_dataset (document)));
  add_number (json, "", "images_per_second", status.images_per_second);
  add_number (json, "", "threads", kairos_machine_n_cores ());
  if (self->clips) {
    add_number (json, "", "clips", self->n_clips);
    add_number (json, "", "drags", kairos_benchmark_clips_get_drags (self->clips));
  }
  g_print ("%s}\n", json->str);
}

static void
finish (Benchmark *self)
{
  if (self->clock)
    g_signal_handlers_disconnect_by_data (self->clock, self);
  kairos_benchmark_clips_free (self->clips);
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_remove (self->path);
  g_rmdir (self->folder);
  g_array_unref (self->work);
  g_array_unref (self->cpu);
  g_array_unref (self->intervals);
  g_free (self->folder);
  g_free (self->path);
  g_free (self);
}

static gboolean
on_end (gpointer user_data)
{
  Benchmark *self = user_data;

  print_results (self);
  finish (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_give_up (gpointer user_data)
{
  Benchmark *self = user_data;

  *self->status = 1;
  finish (self);
  return G_SOURCE_REMOVE;
}

/* The window must not go while it reports. */
static void
on_failed (KairosWindow *window, const char *sentence, Benchmark *self)
{
  g_printerr ("%s\n", sentence);
  g_idle_add (on_give_up, self);
}

/* ---- What moves ---- */

static GtkWidget *
find_widget (GtkWidget *widget, const char *type_name)
{
  GType type = g_type_from_name (type_name);

  if (type != 0 && g_type_is_a (G_OBJECT_TYPE (widget), type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = find_widget (child, type_name);

    if (found)
      return found;
  }
  return NULL;
}

static void
find_moving_parts (Benchmark *self)
{
  GtkWidget *grid = find_widget (GTK_WIDGET (self->window), "GtkGridView");

  self->scroll = grid ? gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (grid)) : NULL;
  /* Panned plots would take the clips, which share their axis, away from under the pointer. */
  self->plots = !self->clips ? find_widget (GTK_WIDGET (self->window), "KairosPlotPanel") : NULL;
  for (int i = 0; i < 3 && self->plots; i++)
    gtk_widget_activate_action (self->plots, "plot.zoom-in", NULL); /* what is seen whole cannot pan */
}

/* All go to and fro: the grid to its ends, the plots half a second each way, or a clip under the pointer. */
static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  Benchmark *self = user_data;

  if (self->scroll) {
    double value = gtk_adjustment_get_value (self->scroll) + self->direction * SCROLL_PIXELS;

    if (value < 0 || value > gtk_adjustment_get_upper (self->scroll) - gtk_adjustment_get_page_size (self->scroll))
      self->direction = -self->direction;
    gtk_adjustment_set_value (self->scroll, value);
  }
  if (self->plots)
    gtk_widget_activate_action (self->plots, self->work->len / 30 % 2 == 0 ? "plot.pan-left" : "plot.pan-right", NULL);
  if (self->clips)
    kairos_benchmark_clips_move (self->clips);
  return G_SOURCE_CONTINUE;
}

/* ---- Frames ---- */

/* Milliseconds that this thread has computed so far. */
static double
processor_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void
on_before_paint (GdkFrameClock *clock, Benchmark *self)
{
  gint64 now = g_get_monotonic_time ();
  double interval = (now - self->before) / 1e3;

  if (self->measuring && self->before != 0)
    g_array_append_val (self->intervals, interval);
  self->before = now;
  self->before_cpu = processor_time ();
}

static void
on_after_paint (GdkFrameClock *clock, Benchmark *self)
{
  double work = (g_get_monotonic_time () - self->before) / 1e3, cpu = processor_time () - self->before_cpu;

  if (isnan (self->first_frame))
    self->first_frame = process_age ();
  if (isnan (self->session_frame) && kairos_window_get_document (self->window))
    self->session_frame = process_age ();
  if (self->measuring && self->before != 0) {
    g_array_append_val (self->work, work);
    g_array_append_val (self->cpu, cpu);
  }
}

static void
on_realize (GtkWidget *widget, Benchmark *self)
{
  self->clock = gtk_widget_get_frame_clock (widget);
  g_signal_connect (self->clock, "before-paint", G_CALLBACK (on_before_paint), self);
  g_signal_connect (self->clock, "after-paint", G_CALLBACK (on_after_paint), self);
}

static gboolean
on_warm (gpointer user_data)
{
  Benchmark *self = user_data;

  find_moving_parts (self);
  self->before = 0;
  self->measuring = TRUE;
  gtk_widget_add_tick_callback (GTK_WIDGET (self->window), on_tick, self, NULL);
  g_timeout_add (MAX (100, 1000 * self->seconds), on_end, self);
  return G_SOURCE_REMOVE;
}

static void
on_document (KairosWindow *window, GParamSpec *pspec, Benchmark *self)
{
  KairosDocument *document = kairos_window_get_document (window);
  guint epochs = self->seconds < 30 && self->n_clips == 0 ? EPOCHS : LONG_EPOCHS;
  g_autofree char *text = g_strdup_printf ("%u", epochs);
  g_autoptr (GError) error = NULL;

  if (!document)
    return;
  /* More than can be trained meanwhile: what is measured is a window beside a training that goes on. */
  kairos_document_set_param (document, "epochs", text);
  if (self->n_clips > 0 && !(self->clips = kairos_benchmark_clips_new (window, self->n_clips, epochs, &error)))
    on_failed (window, error->message, self);
  else
    g_timeout_add (WARM_UP_MS, on_warm, self);
}

void
kairos_benchmark_begin (GtkApplication *application, const char *spec, double seconds, guint n_clips, int *status)
{
  Benchmark *self = g_new0 (Benchmark, 1);

  self->status = status;
  self->seconds = seconds;
  self->n_clips = n_clips;
  self->direction = 1;
  self->first_frame = self->session_frame = NAN;
  self->work = g_array_new (FALSE, FALSE, sizeof (double));
  self->cpu = g_array_new (FALSE, FALSE, sizeof (double));
  self->intervals = g_array_new (FALSE, FALSE, sizeof (double));
  self->folder = g_dir_make_tmp ("kairos-XXXXXX", NULL);
  self->path = g_build_filename (self->folder ? self->folder : g_get_tmp_dir (), "benchmark.kairos", NULL);
  self->window = kairos_window_new (application);
  kairos_window_set_fixed_size (self->window, 1440, 900);
  g_signal_connect (self->window, "realize", G_CALLBACK (on_realize), self);
  g_signal_connect (self->window, "notify::document", G_CALLBACK (on_document), self);
  g_signal_connect (self->window, "failed", G_CALLBACK (on_failed), self);
  kairos_window_train (self->window, spec, self->path);
  gtk_window_present (GTK_WINDOW (self->window));
}
