/* SPDX-License-Identifier: MIT */

/* Data that the program draws itself.
 *
 * A sample is a function of its id alone: random numbers come from the counter-based generator, so that any number of
 * threads draws the same.  To add a set: write its draw function and a KairosBuiltin, and add a line to the table in
 * builtin.c.
 */
#pragma once

#include "kairos/random.h"
#include "reader.h"

G_BEGIN_DECLS

typedef struct {
  KairosBuiltinInfo info;
  const char *title;
  const char *const *class_names; /* NULL-terminated; NULL: the numbers */
  /* Draws a sample of the class into out: H x W x C bytes for pictures, D floats for points.  Returns its difficulty, 0
   * .. 1. */
  float (*draw) (KairosRandom *random, int label, gpointer out);
} KairosBuiltin;

extern const KairosBuiltin kairos_builtin_digits, kairos_builtin_shapes;
extern const KairosBuiltin kairos_builtin_spirals, kairos_builtin_moons, kairos_builtin_circles, kairos_builtin_xor,
    kairos_builtin_blobs;

/* ---- What they share: builtin-draw.c ---- */

/* Uniform in lo .. hi; adds to *effort how far from the middle of the range the draw lies, 0 .. 1, times weight. */
float kairos_builtin_vary (KairosRandom *random, float lo, float hi, float weight, float *effort);
/* Pixel noise and quantisation: in and out may be the same; deviation in bytes. */
void kairos_builtin_add_noise (KairosRandom *random, guint8 *pixels, gsize n, float deviation);

G_END_DECLS
