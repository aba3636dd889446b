/* SPDX-License-Identifier: MIT */

/* Sums over many floats, in double and in one order, so that equal numbers give equal bits. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

double kairos_sum_of_squares (const float *values, gsize n);

G_END_DECLS
