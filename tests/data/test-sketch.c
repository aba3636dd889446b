/* SPDX-License-Identifier: MIT */

/* Drawings as samples: where they go and how large, what does not count, colours, pictures under the strokes, and for
 * which data all that is meant. */
#include "config.h"

#include "kairos/sketch.h"

#include <math.h>
#include <string.h>

#include "fixture.h"

static const KairosSketchStyle mnist = { .shape = { 28, 28, 1 }, .ink = { 1 }, .centred = TRUE };

static void
line (KairosSketch *sketch, double x0, double y0, double x1, double y1)
{
  kairos_sketch_begin_stroke (sketch, x0, y0, KAIROS_SKETCH_PRESSURE);
  for (int i = 1; i <= 10; i++)
    kairos_sketch_extend_stroke (sketch, x0 + (x1 - x0) * i / 10, y0 + (y1 - y0) * i / 10, KAIROS_SKETCH_PRESSURE);
}

/* A seven, size wide and high. */
static KairosSketch *
seven (const KairosSketchStyle *style, double x, double y, double size)
{
  KairosSketch *sketch = kairos_sketch_new (style);

  line (sketch, x, y, x + size, y);
  line (sketch, x + size, y, x + size / 2, y + size);
  return sketch;
}

typedef struct {
  double mass, x, y; /* the centre in indices of points */
  int left, right, top, bottom;
} Ink;

static Ink
look (const float *picture, KairosShape shape)
{
  Ink ink = { .left = shape.width, .right = -1, .top = shape.height, .bottom = -1 };

  for (int y = 0; y < shape.height; y++)
    for (int x = 0; x < shape.width; x++) {
      float value = picture[y * shape.width + x];

      g_assert_cmpfloat (value, >=, 0);
      g_assert_cmpfloat (value, <=, 1);
      ink.mass += value, ink.x += value * x, ink.y += value * y;
      if (value > 0.1) {
        ink.left = MIN (ink.left, x), ink.right = MAX (ink.right, x);
        ink.top = MIN (ink.top, y), ink.bottom = MAX (ink.bottom, y);
      }
    }
  ink.x /= ink.mass, ink.y /= ink.mass;
  return ink;
}

/* ---- The recipe ---- */

/* Wherever and however large it is drawn. */
static void
centred (void)
{
  static const double places[][3] = { { 0.1, 0.1, 0.3 }, { 0.2, 0.15, 0.7 }, { 0.55, 0.6, 0.35 }, { 0.04, 0.5, 0.4 } };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autoptr (KairosSketch) sketch = seven (&mnist, places[i][0], places[i][1], places[i][2]);
    g_autofree float *picture = kairos_sketch_render (sketch, TRUE);
    Ink ink = look (picture, mnist.shape);

    g_assert_cmpint (lround (ink.x), ==, 14);
    g_assert_cmpint (lround (ink.y), ==, 14);
    g_assert_cmpint (MAX (ink.right - ink.left, ink.bottom - ink.top) + 1, ==, 20);
  }
}

/* A line of 3 : 1 keeps its proportions. */
static void
proportions (void)
{
  g_autoptr (KairosSketch) sketch = kairos_sketch_new (&mnist);
  g_autofree float *picture = NULL;
  Ink ink;

  line (sketch, 0.2, 0.2, 0.4, 0.8); /* 0.28 by 0.68 with the pen's width */
  picture = kairos_sketch_render (sketch, TRUE);
  ink = look (picture, mnist.shape);
  g_assert_cmpint (ink.bottom - ink.top + 1, ==, 20);
  g_assert_cmpint (ink.right - ink.left + 1, >=, 8);
  g_assert_cmpint (ink.right - ink.left + 1, <=, 9);
}

static void
plain (void)
{
  g_autoptr (KairosSketch) sketch = seven (&mnist, 0.05, 0.1, 0.3);
  g_autofree float *picture = kairos_sketch_render (sketch, FALSE);
  Ink ink = look (picture, mnist.shape);

  /* from 0.01 to 0.39, from 0.06 to 0.44 of 28 points */
  g_assert_cmpint (ink.left, ==, 0);
  g_assert_cmpint (ink.right, ==, 10);
  g_assert_cmpint (ink.top, ==, 1);
  g_assert_cmpint (ink.bottom, ==, 12);
}

static void
nothing (void)
{
  g_autoptr (KairosSketch) sketch = kairos_sketch_new (&mnist);
  const float zeros[28 * 28] = { 0 };

  for (int centre = 0; centre < 2; centre++) {
    g_autofree float *picture = kairos_sketch_render (sketch, centre);

    g_assert_cmpmem (picture, sizeof zeros, zeros, sizeof zeros);
  }
  g_assert_true (kairos_sketch_is_empty (sketch));
  g_assert_false (kairos_sketch_undo (sketch));
}

static void
dot (void)
{
  g_autoptr (KairosSketch) sketch = kairos_sketch_new (&mnist);
  g_autofree float *picture = NULL;
  Ink ink;

  kairos_sketch_begin_stroke (sketch, 0.9, 0.2, KAIROS_SKETCH_PRESSURE);
  picture = kairos_sketch_render (sketch, TRUE);
  ink = look (picture, mnist.shape);
  g_assert_cmpint (lround (ink.x), ==, 14);
  g_assert_cmpint (lround (ink.y), ==, 14);
  g_assert_cmpint (ink.right - ink.left + 1, >=, 7);
  g_assert_cmpint (ink.right - ink.left + 1, <=, 9);
}

/* What is beyond the pad does not count, nor do points that are none. */
static void
outside (void)
{
  g_autoptr (KairosSketch) sketch = seven (&mnist, 0.2, 0.2, 0.6);
  g_autofree float *before = kairos_sketch_render (sketch, TRUE), *after = NULL, *cut = NULL;
  Ink ink;

  line (sketch, 5, -3, 1e30, 1e12);
  line (sketch, -0.5, 1.5, -2, 2);
  kairos_sketch_begin_stroke (sketch, NAN, 0.1, 0.5);
  kairos_sketch_extend_stroke (sketch, 0.1, INFINITY, 0.5);
  after = kairos_sketch_render (sketch, TRUE);
  g_assert_cmpmem (before, sizeof (float) * 28 * 28, after, sizeof (float) * 28 * 28);
  kairos_sketch_clear (sketch);
  line (sketch, -3, 0.5, 4, 0.5); /* across: as long as the pad */
  cut = kairos_sketch_render (sketch, TRUE);
  ink = look (cut, mnist.shape);
  g_assert_cmpint (ink.right - ink.left + 1, ==, 20);
  g_assert_cmpint (ink.bottom - ink.top + 1, <=, 3);
}

static void
other_shapes (void)
{
  static const KairosShape shapes[] = { { 14, 28, 1 }, { 64, 32, 1 }, { 8, 8, 1 }, { 1, 9, 1 }, { 600, 300, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    KairosShape shape = shapes[i];
    KairosSketchStyle style = { .shape = shape, .ink = { 1 } };
    double aspect = (double) shape.width / shape.height;
    g_autoptr (KairosSketch) sketch = kairos_sketch_new (&style);
    g_autofree float *middle = NULL, *whole = NULL;
    Ink ink;

    line (sketch, 0.3 * aspect, 0.2, 0.5 * aspect, 0.4);
    middle = kairos_sketch_render (sketch, TRUE);
    ink = look (middle, shape);
    g_assert_cmpint (ABS (lround (ink.x) - shape.width / 2), <=, 1);
    g_assert_cmpint (ABS (lround (ink.y) - shape.height / 2), <=, 1);
    whole = kairos_sketch_render (sketch, FALSE);
    ink = look (whole, shape);
    g_assert_cmpfloat (ink.x, <, shape.width / 2);
  }
}

/* ---- Strokes ---- */

static void
pressure (void)
{
  double mass[3];

  for (int i = 0; i < 3; i++) {
    g_autoptr (KairosSketch) sketch = kairos_sketch_new (&mnist);
    g_autofree float *picture = NULL;

    kairos_sketch_begin_stroke (sketch, 0.2, 0.5, i / 2.0);
    kairos_sketch_extend_stroke (sketch, 0.8, 0.5, i / 2.0);
    picture = kairos_sketch_render (sketch, FALSE);
    mass[i] = look (picture, mnist.shape).mass;
  }
  g_assert_cmpfloat (mass[1], >, 1.5 * mass[0]);
  g_assert_cmpfloat (mass[2], >, 1.3 * mass[1]);
}

/* A corner is rounded; both ends are where they were put, and a change of pressure leaves no gap. */
static void
smooth (void)
{
  KairosSketchStyle style = { .shape = { 100, 100, 1 }, .ink = { 1 } };
  g_autoptr (KairosSketch) sketch = kairos_sketch_new (&style);
  g_autofree float *picture = NULL;

  kairos_sketch_begin_stroke (sketch, 0.1, 0.9, 0.5);
  kairos_sketch_extend_stroke (sketch, 0.1, 0.1, 0.5);
  kairos_sketch_extend_stroke (sketch, 0.9, 0.1, 1);
  picture = kairos_sketch_render (sketch, FALSE);
  g_assert_cmpfloat (picture[89 * 100 + 10], >, 0.9);
  g_assert_cmpfloat (picture[10 * 100 + 89], >, 0.9);
  g_assert_cmpfloat (picture[8 * 100 + 8], <, 0.1);
  g_assert_cmpfloat (picture[10 * 100 + 50], >, 0.9);
}

static void
undo (void)
{
  g_autoptr (KairosSketch) sketch = seven (&mnist, 0.2, 0.2, 0.5);
  g_autofree float *both = kairos_sketch_render (sketch, TRUE), *one = NULL, *again = NULL;
  gsize size = sizeof (float) * 28 * 28;

  g_assert_cmpuint (kairos_sketch_get_n_strokes (sketch), ==, 2);
  g_assert_true (kairos_sketch_undo (sketch));
  one = kairos_sketch_render (sketch, TRUE);
  g_assert_cmpint (memcmp (both, one, size), !=, 0);
  line (sketch, 0.7, 0.2, 0.45, 0.7);
  again = kairos_sketch_render (sketch, TRUE);
  g_assert_cmpmem (both, size, again, size); /* the same strokes, the same picture */
  kairos_sketch_clear (sketch);
  g_assert_true (kairos_sketch_is_empty (sketch));
}

static void
colours (void)
{
  static const KairosSketchStyle style = { .shape = { 32, 32, 3 },
                                           .paper = { 0.25f, 0.5f, 0.25f },
                                           .ink = { 1, 1, 1 } };
  g_autoptr (KairosSketch) sketch = kairos_sketch_new (&style);
  g_autofree float *picture = NULL;

  line (sketch, 0.1, 0.5, 0.9, 0.5);
  picture = kairos_sketch_render (sketch, FALSE);
  for (int c = 0; c < 3; c++) {
    g_assert_cmpfloat (picture[c], ==, style.paper[c]);
    g_assert_cmpfloat (picture[(16 * 32 + 16) * 3 + c], >, 0.95);
  }
}

/* ---- A picture under the strokes ---- */

/* A black bar on white, in the left half: 60 by 60. */
static void
write_bar (const char *folder, const char *name)
{
  guint8 pixels[60 * 60];

  for (int i = 0; i < 60 * 60; i++)
    pixels[i] = i % 60 >= 10 && i % 60 < 20 && i / 60 >= 10 && i / 60 < 50 ? 0 : 255;
  fixture_write_pixels (folder, name, 60, 60, 1, pixels);
}

static void
picture (void)
{
  char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "0/bar.png", NULL);
  KairosOpenOptions options = kairos_open_options_default ();
  KairosSketchStyle style = { .shape = { 28, 28, 1 }, .ink = { 1 } };
  g_autoptr (KairosSketch) sketch = kairos_sketch_new (&style);
  g_autoptr (KairosDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree float *expected = NULL, *exact = NULL, *middle = NULL, *over = NULL;
  Ink ink;

  write_bar (folder, "0/bar.png");
  write_bar (folder, "1/bar.png");
  options.side = 28, options.use_cache = FALSE;
  dataset = fixture_must_open (folder, "", &options);
  kairos_sketch_set_picture (sketch, kairos_sketch_picture_read (dataset, path, &error));
  g_assert_no_error (error);
  g_assert_false (kairos_sketch_is_empty (sketch));
  expected = kairos_dataset_read_picture (dataset, path, &error);
  exact = kairos_sketch_render (sketch, FALSE);
  g_assert_cmpmem (exact, sizeof (float) * 28 * 28, expected, sizeof (float) * 28 * 28);
  middle = kairos_sketch_render (sketch, TRUE); /* light on dark now */
  ink = look (middle, style.shape);
  g_assert_cmpint (lround (ink.x), ==, 14);
  g_assert_cmpint (ABS (ink.bottom - ink.top + 1 - 20), <=, 1);
  g_assert_cmpfloat (middle[0], ==, 0);
  line (sketch, 0.8, 0.1, 0.8, 0.9); /* strokes go on top */
  over = kairos_sketch_render (sketch, FALSE);
  g_assert_cmpint (memcmp (over, exact, sizeof (float) * 28 * 28), !=, 0);
  g_assert_true (kairos_sketch_undo (sketch));
  g_assert_true (kairos_sketch_undo (sketch));
  g_assert_true (kairos_sketch_is_empty (sketch));
  fixture_remove (folder);
}

static void
bad_picture (void)
{
  static const guint8 text[] = "no picture";
  g_autoptr (KairosDataset) digits = NULL, points = NULL;
  g_autoptr (GError) error = NULL;

  digits = kairos_dataset_open ("builtin:digits", &(KairosOpenOptions){ .samples = 20 }, NULL, NULL, NULL, &error);
  points = kairos_dataset_open ("builtin:moons", &(KairosOpenOptions){ .samples = 20 }, NULL, NULL, NULL, NULL);
  g_assert_no_error (error);
  g_assert_null (kairos_sketch_picture_decode (digits, text, sizeof text, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_null (kairos_sketch_picture_read (digits, "/nowhere/at.png", &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_IO);
  g_clear_error (&error);
  g_assert_null (kairos_sketch_picture_decode (points, text, sizeof text, &error));
  g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED);
}

/* ---- Data ---- */

static void
no_pictures (void)
{
  g_autoptr (KairosDataset) points =
      kairos_dataset_open ("builtin:moons", &(KairosOpenOptions){ .samples = 20 }, NULL, NULL, NULL, NULL);
  KairosSketchStyle style;

  g_assert_false (kairos_sketch_style_init (&style, points));
}

/* Drawings that were made by the recipe are data that wants it; the same in a corner, or on grey, are not. */
static void
wanted (void)
{
  static const double grey[] = { 0, 0, 0.3 };

  for (int variant = 0; variant < 3; variant++) {
    char *folder = fixture_folder ();
    g_autoptr (KairosDataset) dataset = NULL;
    KairosOpenOptions options = kairos_open_options_default ();
    KairosSketchStyle style;

    for (int i = 0; i < 8; i++) {
      g_autoptr (KairosSketch) sketch = seven (&mnist, 0.08, 0.08, 0.3 + 0.04 * i);
      g_autofree float *picture = kairos_sketch_render (sketch, variant != 1);
      g_autofree char *name = g_strdup_printf ("%d/%d.png", i % 2, i);
      guint8 pixels[28 * 28];

      for (int k = 0; k < 28 * 28; k++)
        pixels[k] = (guint8) (255 * (grey[variant] + (1 - grey[variant]) * picture[k]));
      fixture_write_pixels (folder, name, 28, 28, 1, pixels);
    }
    options.side = 28, options.use_cache = FALSE;
    dataset = fixture_must_open (folder, "", &options);
    g_assert_true (kairos_sketch_style_init (&style, dataset));
    g_assert_cmpint (style.centred, ==, variant == 0);
    g_assert_cmpfloat_with_epsilon (style.paper[0], variant == 1 ? 0 : grey[variant], 0.05);
    g_assert_cmpfloat (style.ink[0], ==, 1);
    fixture_remove (folder);
  }
}

static void
real_data (gconstpointer name)
{
  g_autofree char *path = fixture_real_data (name);
  g_autoptr (KairosDataset) dataset = NULL;
  KairosSketchStyle style;

  if (!path)
    return;
  dataset = fixture_must_open (path, "", NULL);
  g_assert_true (kairos_sketch_style_init (&style, dataset));
  g_assert_cmpint (style.centred, ==, g_str_equal (name, "mnist"));
}

/* A sample of MNIST, dropped as a picture, comes out of the recipe as it went in. */
static void
recipe_of_mnist (void)
{
  g_autofree char *path = fixture_real_data ("mnist");
  char *folder = fixture_folder ();
  g_autoptr (KairosDataset) dataset = path ? fixture_must_open (path, "", NULL) : NULL;
  double difference = 0;

  for (guint id = 0; dataset && id < 20; id++) {
    g_autofree char *name = g_strdup_printf ("%u.png", id), *file = g_build_filename (folder, name, NULL);
    g_autoptr (KairosSketch) sketch = kairos_sketch_new (&mnist);
    g_autofree float *rendered = NULL, *input = g_new (float, 28 * 28);

    fixture_write_pixels (folder, name, 28, 28, 1, kairos_dataset_get_bytes (dataset, id));
    kairos_sketch_set_picture (sketch, kairos_sketch_picture_read (dataset, file, NULL));
    rendered = kairos_sketch_render (sketch, TRUE);
    kairos_dataset_copy_input (dataset, id, input);
    for (int i = 0; i < 28 * 28; i++)
      difference += fabs (rendered[i] - input[i]) / (20 * 28 * 28);
  }
  g_test_message ("mean difference %.4f", difference);
  g_assert_cmpfloat (difference, <, 0.04); /* were it moved by a point: three times as much */
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/sketch/centred", centred);
  g_test_add_func ("/sketch/proportions", proportions);
  g_test_add_func ("/sketch/plain", plain);
  g_test_add_func ("/sketch/nothing", nothing);
  g_test_add_func ("/sketch/dot", dot);
  g_test_add_func ("/sketch/outside", outside);
  g_test_add_func ("/sketch/other-shapes", other_shapes);
  g_test_add_func ("/sketch/pressure", pressure);
  g_test_add_func ("/sketch/smooth", smooth);
  g_test_add_func ("/sketch/undo", undo);
  g_test_add_func ("/sketch/colours", colours);
  g_test_add_func ("/sketch/picture", picture);
  g_test_add_func ("/sketch/bad-picture", bad_picture);
  g_test_add_func ("/sketch/no-pictures", no_pictures);
  g_test_add_func ("/sketch/wanted", wanted);
  g_test_add_data_func ("/sketch/real-data/mnist", "mnist", real_data);
  g_test_add_data_func ("/sketch/real-data/fashion-mnist", "fashion-mnist", real_data);
  g_test_add_func ("/sketch/recipe-of-mnist", recipe_of_mnist);
  return fixture_run ();
}
