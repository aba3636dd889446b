/* SPDX-License-Identifier: MIT */

/* Where the ticks of an axis go: round numbers (1, 2 or 5 times a power of ten), as many as there is room for. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define KAIROS_MAX_TICKS 32

typedef struct {
  double at[KAIROS_MAX_TICKS]; /* rising */
  int n;
  double step; /* between neighbours; 0 when they are not evenly spaced (logarithmic) */
} KairosTicks;

/* The smallest round step that makes at most max steps of a span. */
double kairos_ticks_step (double span, int max);
/* Ticks within [low, high], both ends included, with at most max steps between them. */
void kairos_ticks_linear (KairosTicks *ticks, double low, double high, int max);
/* The same on a logarithmic axis, 0 < low < high: powers of ten, with 2 and 5 between them while there is room; a range
 * too narrow for three of those gets linear ticks. */
void kairos_ticks_log (KairosTicks *ticks, double low, double high, int max);
/* As many digits as tell neighbours apart; percent: 0.25 reads "25 %".  Caller frees. */
char *kairos_ticks_label (const KairosTicks *ticks, int index, gboolean percent);

G_END_DECLS
