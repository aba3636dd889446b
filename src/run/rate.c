/* SPDX-License-Identifier: MIT */

/* Images a second. */
#include "rate.h"

#include <string.h>

enum { APART = G_USEC_PER_SEC / 10 };

static void
mark (KairosRate *rate, gint64 now)
{
  if (rate->n == KAIROS_RATE_MARKS) {
    rate->n--;
    memmove (rate->times, rate->times + 1, rate->n * sizeof *rate->times);
    memmove (rate->images, rate->images + 1, rate->n * sizeof *rate->images);
  }
  rate->times[rate->n] = now;
  rate->images[rate->n++] = rate->total;
}

void
kairos_rate_resume (KairosRate *rate, gint64 now)
{
  if (rate->n == 0)
    mark (rate, now);
}

void
kairos_rate_pause (KairosRate *rate)
{
  rate->n = 0;
}

void
kairos_rate_skip (KairosRate *rate, gint64 duration)
{
  for (guint i = 0; i < rate->n; i++)
    rate->times[i] += duration;
}

void
kairos_rate_add (KairosRate *rate, guint images, gint64 now)
{
  rate->total += images;
  if (rate->n == 0)
    return;
  if (now > rate->times[0])
    rate->value = (double) (rate->total - rate->images[0]) * G_USEC_PER_SEC / (now - rate->times[0]);
  if (now - rate->times[rate->n - 1] >= APART)
    mark (rate, now);
}

double
kairos_rate_get (const KairosRate *rate)
{
  return rate->value;
}
