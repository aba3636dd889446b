/* SPDX-License-Identifier: MIT */

/* A drawing by hand, and the picture that a network takes of it.
 *
 *   KairosSketchStyle style;
 *   if (kairos_sketch_style_init (&style, dataset)) {
 *     KairosSketch *sketch = kairos_sketch_new (&style);
 *     kairos_sketch_begin_stroke (sketch, 0.2, 0.1, KAIROS_SKETCH_PRESSURE);
 *     kairos_sketch_extend_stroke (sketch, 0.7, 0.9, KAIROS_SKETCH_PRESSURE);
 *     float *input = kairos_sketch_render (sketch, style.centred);
 *   }
 *
 * The pad has the proportions of the pictures; coordinates are in units of its height, from its top left.  What lies
 * beyond the pad does not count.  The same strokes give the same picture.  A sketch belongs to one thread; styles, and
 * pictures until they are set, to any.
 */
#pragma once

#include <cairo.h>
#include <kairos/dataset.h>

G_BEGIN_DECLS

/* How drawings become pictures like those of a data set. */
typedef struct {
  KairosShape shape;
  /* a value a channel, 0 .. 1: the mean colour of the training pictures' borders, and white or black, whichever stands
   * out of it */
  float paper[3], ink[3];
  /* grey pictures, dark around, each with its centre of mass in the middle: drawings become like them by the recipe of
   * MNIST */
  gboolean centred;
} KairosSketchStyle;

/* From a few hundred training samples.  FALSE: the data has no pictures. */
gboolean kairos_sketch_style_init (KairosSketchStyle *style, KairosDataset *dataset);

/* Of a mouse, which has none: from 0 to 1 the pen widens threefold. */
#define KAIROS_SKETCH_PRESSURE 0.5

KairosSketch *kairos_sketch_new (const KairosSketchStyle *style);
void kairos_sketch_free (KairosSketch *sketch);
const KairosSketchStyle *kairos_sketch_get_style (KairosSketch *sketch);

/* Points that are not finite are left out. */
void kairos_sketch_begin_stroke (KairosSketch *sketch, double x, double y, double pressure);
void kairos_sketch_extend_stroke (KairosSketch *sketch, double x, double y, double pressure);
/* Takes the newest stroke away, after all strokes the picture.  FALSE: there is nothing. */
gboolean kairos_sketch_undo (KairosSketch *sketch);
void kairos_sketch_clear (KairosSketch *sketch);
guint kairos_sketch_get_n_strokes (KairosSketch *sketch);
gboolean kairos_sketch_is_empty (KairosSketch *sketch); /* neither strokes nor a picture */

/* As a person sees it: paper, picture and strokes, on a surface scaled so that the pad is 1 high. */
void kairos_sketch_draw (KairosSketch *sketch, cairo_t *cr);

/* As the network sees it: height x width x channels values, 0 .. 1; caller frees.
 *
 * centre: by the recipe of MNIST.  What is drawn is scaled, with its proportions, to fill 20 parts of 28 of the height
 * or width, and moved by whole points until its centre of mass is in the middle.  A drawing of less than a fifth of the
 * pad is not blown up further, so that a dot remains one.  A picture counts as far as it differs from its own border.
 * Else the whole pad is scaled to the size; a picture is then exactly what kairos_dataset_read_picture() makes of it.
 */
float *kairos_sketch_render (KairosSketch *sketch, gboolean centre) G_GNUC_WARN_UNUSED_RESULT;

/* ---- A picture under the strokes, which are white or black as they stand out of it ---- */

/* A picture file, or its contents, cut as the pictures of this data set are.  Blocking: call it from a thread. */
KairosSketchPicture *kairos_sketch_picture_read (KairosDataset *dataset, const char *path,
                                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
KairosSketchPicture *kairos_sketch_picture_decode (KairosDataset *dataset, const guint8 *data, gsize size,
                                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kairos_sketch_picture_free (KairosSketchPicture *picture);
/* Instead of all that was there.  Takes the picture, which is of a data set with the shape of the style. */
void kairos_sketch_set_picture (KairosSketch *sketch, KairosSketchPicture *picture);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosSketch, kairos_sketch_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosSketchPicture, kairos_sketch_picture_free)

G_END_DECLS
