/* SPDX-License-Identifier: MIT */

/* The pad: strokes by its gesture become a picture and an answer, and undo, clear, the switch, pictures that come from
 * elsewhere and training do what they say. */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "fixture.h"
#include "pad/kairos-pad.h"

/* ---- A pad in a window ---- */

static KairosWindow *window;

static gboolean
has_paper (gpointer pad)
{
  return gtk_widget_get_mapped (pad) && gtk_widget_get_height (GTK_WIDGET (kairos_pad_get_area (pad))) > 50;
}

static KairosPad *
open_pad (const char *data)
{
  KairosPad *pad;

  window = ui_test_session_on (data, "logistic");
  pad = KAIROS_PAD (ui_test_find (GTK_WIDGET (window), "KairosPad"));
  gtk_widget_activate_action (gtk_widget_get_parent (GTK_WIDGET (pad)), "plot.page", "s", "pad");
  return pad;
}

/* Goes with the other folders of the test. */
static char *
create_folder (void)
{
  char *folder = g_build_filename (g_get_user_cache_dir (), "pad-XXXXXX", NULL);

  g_assert_nonnull (g_mkdtemp (folder));
  return folder;
}

/* A file of MNIST's form whose pictures are dark but for a bar in the middle, across or upright. */
static char *
write_bars (void)
{
  g_autofree char *folder = create_folder ();
  g_autoptr (GByteArray) images = g_byte_array_new (), labels = g_byte_array_new ();
  g_autofree char *image_path = g_build_filename (folder, "train-images-idx3-ubyte", NULL);
  g_autofree char *label_path = g_build_filename (folder, "train-labels-idx1-ubyte", NULL);
  static const guint8 image_head[] = { 0, 0, 8, 3, 0, 0, 0, 100, 0, 0, 0, 28, 0, 0, 0, 28 };
  static const guint8 label_head[] = { 0, 0, 8, 1, 0, 0, 0, 100 };

  g_byte_array_append (images, image_head, sizeof image_head);
  g_byte_array_append (labels, label_head, sizeof label_head);
  for (guint i = 0; i < 100; i++) {
    guint8 label = i % 2, picture[28 * 28] = { 0 };

    for (int k = 4; k < 24; k++)
      for (int j = 13; j < 16; j++)
        picture[label ? k * 28 + j : j * 28 + k] = 255 - i;
    g_byte_array_append (images, picture, sizeof picture);
    g_byte_array_append (labels, &label, 1);
  }
  g_assert_true (g_file_set_contents (image_path, (const char *) images->data, images->len, NULL));
  g_assert_true (g_file_set_contents (label_path, (const char *) labels->data, labels->len, NULL));
  return g_steal_pointer (&folder);
}

static KairosPad *
open_bars (void)
{
  g_autofree char *folder = write_bars ();
  KairosPad *pad = open_pad (folder);

  ui_test_wait (has_paper, pad);
  return pad;
}

static GtkGesture *
find_gesture (GtkWidget *widget)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

    if (GTK_IS_GESTURE_DRAG (controller))
      return GTK_GESTURE (controller); /* the widget keeps it */
  }
  g_assert_not_reached ();
}

/* From and to as parts of the paper.  The gesture begins at 0, 0, as no event moved it there. */
static void
stroke (KairosPad *pad, double x0, double y0, double x1, double y1)
{
  KairosPadArea *area = kairos_pad_get_area (pad);
  GtkGesture *drag = find_gesture (GTK_WIDGET (area));
  graphene_rect_t paper = kairos_pad_area_get_paper (area);

  g_signal_emit_by_name (drag, "drag-begin", paper.origin.x + x0 * paper.size.width,
                         paper.origin.y + y0 * paper.size.height);
  for (int i = 1; i <= 10; i++)
    g_signal_emit_by_name (drag, "drag-update", paper.origin.x + (x0 + (x1 - x0) * i / 10) * paper.size.width,
                           paper.origin.y + (y0 + (y1 - y0) * i / 10) * paper.size.height);
}

static gboolean
is_settled (gpointer pad)
{
  return kairos_pad_is_settled (pad);
}

static void
assert_input (KairosPad *pad, const float *expected, gboolean same)
{
  g_autofree float *input = kairos_pad_get_input (pad);

  g_assert_nonnull (input);
  g_assert_cmpint (memcmp (input, expected, sizeof (float) * 28 * 28) == 0, ==, same);
}

static GtkLabel *
get_verdict (KairosPad *pad)
{
  return GTK_LABEL (gtk_widget_get_template_child (GTK_WIDGET (pad), KAIROS_TYPE_PAD, "verdict"));
}

/* ---- Bars ---- */

typedef struct {
  guint n, n_first;
  double sum;
} Bars;

static void
add_bar (GtkWidget *widget, gpointer data)
{
  Bars *bars = data;

  if (!GTK_IS_PROGRESS_BAR (widget))
    return;
  bars->n++;
  bars->sum += gtk_progress_bar_get_fraction (GTK_PROGRESS_BAR (widget));
  bars->n_first += gtk_widget_has_css_class (gtk_widget_get_parent (widget), "first");
}

static Bars
count_bars (KairosPad *pad)
{
  Bars bars = { 0 };

  ui_test_walk (GTK_WIDGET (pad), add_bar, &bars);
  return bars;
}

static void
test_answer (void)
{
  KairosPad *pad = open_bars ();
  guint n = 0;
  const float *answer;
  Bars bars = count_bars (pad);
  double sum = 0;

  g_assert_cmpuint (bars.n, ==, 2);
  g_assert_cmpuint (bars.n_first, ==, 0);
  g_assert_null (kairos_pad_get_input (pad));
  g_assert_null (kairos_pad_peek_answer (pad, &n));
  stroke (pad, 0.1, 0.2, 0.9, 0.2);
  ui_test_wait (is_settled, pad);
  answer = kairos_pad_peek_answer (pad, &n);
  g_assert_cmpuint (n, ==, 2);
  for (guint i = 0; i < n; i++)
    sum += answer[i];
  g_assert_cmpfloat_with_epsilon (sum, 1, 1e-4);
  bars = count_bars (pad);
  g_assert_cmpfloat_with_epsilon (bars.sum, 1, 1e-4);
  g_assert_cmpuint (bars.n_first, ==, 1);
  g_assert_true (g_str_has_prefix (gtk_label_get_text (get_verdict (pad)), "Looks like "));
  ui_test_close_all (window);
}

/* What the network learned, it finds in a drawing: bars across and upright, in a corner. */
static void
test_learned (void)
{
  KairosPad *pad = open_bars ();
  guint n;

  kairos_document_play (kairos_window_get_document (window));
  ui_test_wait_for_state (window, KAIROS_WORKER_FINISHED);
  stroke (pad, 0.1, 0.2, 0.6, 0.2);
  ui_test_wait (is_settled, pad);
  g_assert_cmpfloat (kairos_pad_peek_answer (pad, &n)[0], >, 0.5);
  gtk_widget_activate_action (GTK_WIDGET (pad), "pad.clear", NULL);
  stroke (pad, 0.8, 0.1, 0.8, 0.7);
  ui_test_wait (is_settled, pad);
  g_assert_cmpfloat (kairos_pad_peek_answer (pad, &n)[1], >, 0.5);
  ui_test_close_all (window);
}

/* ---- Verbs ---- */

static void
test_undo_and_clear (void)
{
  KairosPad *pad = open_bars ();
  g_autofree float *one = NULL;
  guint n;

  g_assert_false (ui_test_enabled (pad, "pad.undo"));
  g_assert_false (ui_test_enabled (pad, "pad.clear"));
  stroke (pad, 0.2, 0.2, 0.8, 0.2);
  one = kairos_pad_get_input (pad);
  stroke (pad, 0.8, 0.2, 0.5, 0.8);
  assert_input (pad, one, FALSE);
  gtk_widget_activate_action (GTK_WIDGET (pad), "pad.undo", NULL);
  assert_input (pad, one, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (kairos_pad_get_area (pad)));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.undo", NULL); /* off: there is nothing else to undo */
  assert_input (pad, one, TRUE);
  ui_test_wait (is_settled, pad);
  gtk_widget_activate_action (GTK_WIDGET (pad), "pad.clear", NULL);
  g_assert_null (kairos_pad_get_input (pad));
  g_assert_null (kairos_pad_peek_answer (pad, &n));
  g_assert_cmpuint (count_bars (pad).n_first, ==, 0);
  g_assert_false (ui_test_enabled (pad, "pad.undo"));
  ui_test_close_all (window);
}

/* Ctrl+Z is the window's, and means what has the focus. */
static void
test_undo_by_window (void)
{
  KairosPad *pad = open_bars ();
  KairosDocument *document = kairos_window_get_document (window);

  kairos_document_set_param (document, "momentum", "0.25");
  g_assert_true (kairos_document_can_undo (document));
  stroke (pad, 0.2, 0.2, 0.8, 0.2);
  g_assert_true (gtk_widget_has_focus (GTK_WIDGET (kairos_pad_get_area (pad))));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.undo", NULL);
  g_assert_null (kairos_pad_get_input (pad));
  g_assert_true (kairos_document_can_undo (document));
  gtk_window_set_focus (GTK_WINDOW (window), NULL);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.undo", NULL);
  g_assert_false (kairos_document_can_undo (document));
  ui_test_close_all (window);
}

static void
test_switch (void)
{
  KairosPad *pad = open_bars ();
  GtkWidget *box = GTK_WIDGET (gtk_widget_get_template_child (GTK_WIDGET (pad), KAIROS_TYPE_PAD, "centre_box"));
  GtkWidget *control = ui_test_find (box, "GtkSwitch");
  g_autofree float *with = NULL, *without = NULL;

  g_assert_true (gtk_widget_get_visible (box));
  g_assert_true (gtk_switch_get_active (GTK_SWITCH (control)));
  stroke (pad, 0.05, 0.1, 0.3, 0.1);
  with = kairos_pad_get_input (pad);
  gtk_switch_set_active (GTK_SWITCH (control), FALSE);
  without = kairos_pad_get_input (pad);
  assert_input (pad, with, FALSE);
  g_assert_cmpfloat (with[2 * 28 + 4], ==, 0); /* in the middle, no more where it was drawn */
  g_assert_cmpfloat (without[2 * 28 + 4], >, 0.5);
  gtk_widget_activate_action (GTK_WIDGET (pad), "pad.centre", NULL);
  assert_input (pad, with, TRUE);
  ui_test_close_all (window);
}

/* ---- Pictures ---- */

static gboolean
has_input (gpointer pad)
{
  g_autofree float *input = kairos_pad_get_input (pad);

  return input != NULL;
}

static GdkTexture *
create_texture (void)
{
  guint8 pixels[60 * 60 * 4];
  g_autoptr (GBytes) bytes = NULL;

  for (int i = 0; i < 60 * 60; i++) {
    gboolean ink = i % 60 >= 10 && i % 60 < 16 && i / 60 >= 10 && i / 60 < 50;

    memset (pixels + 4 * i, ink ? 0 : 255, 3);
    pixels[4 * i + 3] = 255;
  }
  bytes = g_bytes_new (pixels, sizeof pixels);
  return gdk_memory_texture_new (60, 60, GDK_MEMORY_R8G8B8A8, bytes, 60 * 4);
}

/* Dark on light becomes light on dark, in the middle. */
static void
test_texture (void)
{
  KairosPad *pad = open_bars ();
  g_autoptr (GdkTexture) texture = create_texture ();
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree float *input = NULL;

  g_value_init (&value, GDK_TYPE_TEXTURE);
  g_value_set_object (&value, texture);
  g_assert_true (kairos_pad_take (pad, &value));
  ui_test_wait (has_input, pad);
  ui_test_wait (is_settled, pad);
  input = kairos_pad_get_input (pad);
  g_assert_cmpfloat (input[0], ==, 0);
  g_assert_cmpfloat (input[14 * 28 + 14], >, 0.8);
  gtk_widget_activate_action (GTK_WIDGET (pad), "pad.undo", NULL);
  g_assert_null (kairos_pad_get_input (pad));
  ui_test_close_all (window);
}

static void
take_file (KairosPad *pad, const char *path)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GdkFileList *list = gdk_file_list_new_from_array (&file, 1);

  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, list);
  g_assert_true (kairos_pad_take (pad, &value));
}

static void
on_message (KairosDocument *document, const char *text, gboolean is_error, char **message)
{
  g_assert_true (is_error);
  g_free (*message);
  *message = g_strdup (text);
}

static gboolean
is_set (gpointer pointer)
{
  return *(gpointer *) pointer != NULL;
}

/* Without the recipe, a file is what the data set makes of it.  What is no picture is said. */
static void
test_file (void)
{
  KairosPad *pad = open_bars ();
  KairosDataset *dataset = kairos_document_get_dataset (kairos_window_get_document (window));
  g_autoptr (GdkTexture) texture = create_texture ();
  g_autofree char *folder = create_folder (), *message = NULL;
  g_autofree char *path = g_build_filename (folder, "bar.png", NULL);
  g_autofree float *expected = NULL;

  g_signal_connect (kairos_window_get_document (window), "message", G_CALLBACK (on_message), &message);
  g_assert_true (gdk_texture_save_to_png (texture, path));
  g_object_set (pad, "centre", FALSE, NULL);
  take_file (pad, path);
  ui_test_wait (has_input, pad);
  expected = kairos_dataset_read_picture (dataset, path, NULL);
  assert_input (pad, expected, TRUE);
  g_assert_true (g_file_set_contents (path, "no picture", -1, NULL));
  take_file (pad, path);
  ui_test_wait (is_set, &message);
  g_assert_nonnull (strstr (message, "bar.png"));
  assert_input (pad, expected, TRUE);
  ui_test_close_all (window);
}

static void
test_paste (void)
{
  KairosPad *pad = open_bars ();
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (pad));
  g_autoptr (GdkTexture) texture = create_texture ();
  g_autofree char *message = NULL;

  g_signal_connect (kairos_window_get_document (window), "message", G_CALLBACK (on_message), &message);
  gdk_clipboard_set_text (clipboard, "no picture");
  gtk_widget_activate_action (GTK_WIDGET (pad), "pad.paste", NULL);
  ui_test_wait (is_set, &message);
  g_assert_null (kairos_pad_get_input (pad));
  gdk_clipboard_set_texture (clipboard, texture);
  gtk_widget_activate_action (GTK_WIDGET (pad), "pad.paste", NULL);
  ui_test_wait (has_input, pad);
  gdk_clipboard_set_text (clipboard, "");
  ui_test_close_all (window);
}

/* ---- Documents ---- */

static void
on_predicted (KairosPad *pad, guint *n)
{
  ++*n;
}

static gboolean
has_several (gpointer n)
{
  return *(guint *) n >= 3;
}

/* The answer follows the weights, without a stroke. */
static void
test_training (void)
{
  KairosPad *pad = open_bars ();
  KairosDocument *document = kairos_window_get_document (window);
  guint n = 0;
  float before;

  stroke (pad, 0.1, 0.2, 0.9, 0.2);
  ui_test_wait (is_settled, pad);
  before = kairos_pad_peek_answer (pad, &n)[0];
  n = 0;
  g_signal_connect (pad, "predicted", G_CALLBACK (on_predicted), &n);
  kairos_document_set_speed (document, 20);
  kairos_document_play (document);
  ui_test_wait (has_several, &n);
  kairos_document_pause (document);
  ui_test_wait_for_state (window, KAIROS_WORKER_PAUSED);
  g_assert_cmpfloat (kairos_pad_peek_answer (pad, &n)[0], !=, before);
  ui_test_close_all (window);
}

static void
test_no_pictures (void)
{
  KairosPad *pad = open_pad ("builtin:blobs");
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_STRING);
  g_assert_cmpstr (ui_test_page (pad), ==, "no-pictures");
  g_assert_false (ui_test_enabled (pad, "pad.paste"));
  g_assert_false (kairos_pad_take (pad, &value));
  ui_test_close_all (window);
}

/* Colours: paper of the pictures' mean, and no recipe to switch off. */
static void
test_colours (void)
{
  KairosPad *pad = open_pad ("builtin:shapes");
  KairosShape shape = kairos_dataset_get_shape (kairos_document_get_dataset (kairos_window_get_document (window)));
  GtkWidget *box = GTK_WIDGET (gtk_widget_get_template_child (GTK_WIDGET (pad), KAIROS_TYPE_PAD, "centre_box"));
  g_autofree float *input = NULL;

  ui_test_wait (has_paper, pad);
  g_assert_cmpint (shape.channels, ==, 3);
  g_assert_false (gtk_widget_get_visible (box));
  stroke (pad, 0.1, 0.5, 0.9, 0.5);
  ui_test_wait (is_settled, pad);
  input = kairos_pad_get_input (pad);
  g_assert_cmpfloat (fabsf (input[(shape.height / 2 * shape.width + shape.width / 2) * 3] - input[0]), >, 0.3);
  ui_test_close_all (window);
}

int
main (int argc, char **argv)
{
  if (!ui_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/pad/answer", test_answer);
  g_test_add_func ("/pad/learned", test_learned);
  g_test_add_func ("/pad/undo-and-clear", test_undo_and_clear);
  g_test_add_func ("/pad/undo-by-window", test_undo_by_window);
  g_test_add_func ("/pad/switch", test_switch);
  g_test_add_func ("/pad/texture", test_texture);
  g_test_add_func ("/pad/file", test_file);
  g_test_add_func ("/pad/paste", test_paste);
  g_test_add_func ("/pad/training", test_training);
  g_test_add_func ("/pad/no-pictures", test_no_pictures);
  g_test_add_func ("/pad/colours", test_colours);
  return g_test_run ();
}
