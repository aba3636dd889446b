/* SPDX-License-Identifier: MIT */

/* What the tests of this layer share: a folder of their own, files of every format written into it, and opening them.
 */
#pragma once

#include "kairos/dataset.h"

G_BEGIN_DECLS

/* For main(): g_test_init() with a cache folder of its own, and g_test_run(). */
void fixture_init (int *argc, char ***argv);
int fixture_run (void);
/* A fresh folder; removed with all that is in it by fixture_remove(). */
char *fixture_folder (void);
void fixture_remove (char *folder);
/* Writes a file, and the folders on the way to it; a name that ends in .gz is packed. */
void fixture_write (const char *folder, const char *name, gconstpointer data, gsize size);
void fixture_write_text (const char *folder, const char *name, const char *text);
/* n pictures of height x width, all points of picture i being i, and n labels i % 10. */
void fixture_write_idx (const char *folder, const char *images, const char *labels, guint n, guint height, guint width);
/* n CIFAR records with n_label_bytes; label i % 10, red i, green 100, blue 200. */
void fixture_write_cifar (const char *folder, const char *name, guint n, int n_label_bytes);
/* An NPY file: descr such as "<f4", shape such as "(3, 2)". */
GByteArray *fixture_npy (int version, const char *descr, const char *order, const char *shape, gconstpointer data,
                         gsize size);
void fixture_write_npy (const char *folder, const char *name, const char *descr, const char *shape, gconstpointer data,
                        gsize size);
/* A picture of one colour, by the ending of the name: .png, .jpg, .bmp.  channels: 1 grey, 2 grey and alpha, 3, 4;
 * pixel: one value a channel. */
void fixture_write_picture (const char *folder, const char *name, int width, int height, int channels,
                            const guint8 *pixel);
/* The same of given points. */
void fixture_write_pixels (const char *folder, const char *name, int width, int height, int channels,
                           const guint8 *pixels);

/* Opens folder/name ("" for the folder); options NULL: without the cache. */
KairosDataset *fixture_open (const char *folder, const char *name, const KairosOpenOptions *options, GError **error);
/* The same, and the test fails when it does not open. */
KairosDataset *fixture_must_open (const char *folder, const char *name, const KairosOpenOptions *options);
/* The path of real data for tests, or NULL after g_test_skip() where it is not there.  Caller frees. */
char *fixture_real_data (const char *name);

G_END_DECLS
