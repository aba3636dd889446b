/* SPDX-License-Identifier: MIT */

/* Images a second over about the last second of training, however long a step takes.  Pauses and evaluations do not
 * count as time.  Times are in microseconds.
 */
#pragma once

#include <glib.h>

enum { KAIROS_RATE_MARKS = 11 };

typedef struct {
  gint64 times[KAIROS_RATE_MARKS]; /* a tenth of a second apart or more, the newest last */
  guint64 images[KAIROS_RATE_MARKS];
  guint n;
  guint64 total;
  double value;
} KairosRate;

void kairos_rate_resume (KairosRate *rate, gint64 now);
void kairos_rate_pause (KairosRate *rate);
void kairos_rate_skip (KairosRate *rate, gint64 duration); /* the last so many microseconds were not training */
void kairos_rate_add (KairosRate *rate, guint images, gint64 now);
double kairos_rate_get (const KairosRate *rate); /* the last known one when paused; 0 before the first */
