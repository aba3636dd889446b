/* SPDX-License-Identifier: MIT */

/* The patches of a convolution's input, as rows of a matrix (im2col): one row an output position of a sample, taps =
 * kernel * kernel * in_channels columns.  Outside the input they are 0. */
#pragma once

#include "kernels.h"

G_BEGIN_DECLS

typedef struct {
  KairosConvShape shape;
  int out_height, out_width, taps;
  gboolean is_product; /* 1x1, stride 1: the input is the matrix of patches */
} KairosPatches;

KairosPatches kairos_patches (const KairosConvShape *shape);
/* Rows first_row .. first_row+n_rows-1 of the samples at x, copied to room where they do not lie there already. */
const float *kairos_patches_gather (const KairosPatches *patches, gsize first_row, gsize n_rows, const float *x,
                                    float *room);
/* The other way: adds one row's patch to where it came from. */
void kairos_patches_scatter (const KairosPatches *patches, gsize row, const float *patch, float *dx);

G_END_DECLS
