/* SPDX-License-Identifier: MIT */

/* Learning-rate schedules: how the rate goes over a run.  Each kind is a function and a row of the table; warm-up
 * multiplies any of them. */
#include "kairos/regime.h"

#include <math.h>

static double
constant (const KairosSchedule *schedule, double epoch)
{
  return schedule->rate;
}

static double
step (const KairosSchedule *schedule, double epoch)
{
  double drops = schedule->every > 0 ? floor (epoch / schedule->every) : 0;

  return schedule->rate * pow (schedule->factor, drops);
}

static double
exponential (const KairosSchedule *schedule, double epoch)
{
  return schedule->rate * pow (schedule->factor, epoch);
}

/* Half a cosine from the end of the warm-up to the end of the run (Loshchilov and Hutter 2017, "SGDR", without
 * restarts). */
static double
cosine (const KairosSchedule *schedule, double epoch)
{
  double length = schedule->epochs - schedule->warm_up, since = epoch - schedule->warm_up;
  double done = since <= 0 ? 0 : since < length ? since / length : 1;

  return schedule->rate * 0.5 * (1 + cos (G_PI * done));
}

static const KairosScheduleInfo infos[] = {
  { "cosine", "half a cosine down to 0 at the last epoch", cosine },
  { "constant", "the same rate throughout", constant },
  { "step", "multiplied by drop-factor every drop-every epochs", step },
  { "exponential", "multiplied by drop-factor each epoch, smoothly", exponential },
};

const KairosScheduleInfo *
kairos_schedule_infos (guint *n)
{
  *n = G_N_ELEMENTS (infos);
  return infos;
}

double
kairos_schedule_rate (const KairosSchedule *schedule, double epoch)
{
  double rate = schedule->rate;

  for (guint i = 0; i < G_N_ELEMENTS (infos); i++)
    if (g_str_equal (infos[i].name, schedule->kind))
      rate = infos[i].rate (schedule, epoch);
  if (epoch < schedule->warm_up)
    rate *= epoch / schedule->warm_up;
  return rate;
}
