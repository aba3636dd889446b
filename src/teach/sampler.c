/* SPDX-License-Identifier: MIT */

/* Batches.
 *
 * Let q be the wanted distribution over the training samples and p = 1/N the even one.  The epoch's order gives each
 * sample once, that is, p.  A sample i at its place stays with probability min (1, q_i / p), and what leaves is
 * replaced by draws from max (0, q - p): the maximal coupling of p and q. So the marginal distribution of every place
 * is q exactly, and as many places as possible are what they would be without a clip, which is what twins want.  All
 * draws are functions of (seed, step, place), so nothing has to be saved.
 */
#include <kairos/sampler.h>

#include <math.h>
#include <string.h>

#include <kairos/random.h>

struct _KairosSampler {
  guint64 seed;
  const guint32 *train; /* borrowed */
  guint n_train, n_samples, batch, steps_per_epoch;

  guint32 *order;   /* of an epoch: positions */
  guint64 ordered;  /* that epoch; G_MAXUINT64: none */
  guint32 *places;  /* of a batch: positions */
  guint16 *repeats; /* of every position: how often it is in the batch so far; 0 between batches */

  /* The table for weighted draws, of the samplings that it was made for. */
  KairosSampling made_for[KAIROS_MAX_SAMPLINGS];
  guint n_made_for;
  float *weights;     /* by position */
  double mean;        /* of the weights */
  guint32 *wanting;   /* positions whose weight is above the mean */
  double *cumulative; /* of what they want beyond it */
  guint n_wanting;
};

KairosSampler *
kairos_sampler_new (guint64 seed, const guint32 *train, guint n_train, guint n_samples, guint batch)
{
  KairosSampler *sampler = g_new0 (KairosSampler, 1);

  sampler->seed = seed;
  sampler->train = train;
  sampler->n_train = n_train;
  sampler->n_samples = n_samples;
  sampler->batch = batch;
  sampler->steps_per_epoch = (n_train + batch - 1) / batch;
  sampler->order = g_new (guint32, n_train);
  sampler->ordered = G_MAXUINT64;
  sampler->places = g_new (guint32, batch);
  sampler->repeats = g_new0 (guint16, n_train);
  sampler->weights = g_new (float, n_train);
  sampler->wanting = g_new (guint32, n_train);
  sampler->cumulative = g_new (double, n_train);
  return sampler;
}

void
kairos_sampler_free (KairosSampler *sampler)
{
  if (!sampler)
    return;
  g_free (sampler->order);
  g_free (sampler->places);
  g_free (sampler->repeats);
  g_free (sampler->weights);
  g_free (sampler->wanting);
  g_free (sampler->cumulative);
  g_free (sampler);
}

/* ---- Weights ---- */

/* Whether a sampling changes any weight. */
static gboolean
weighs (const KairosSampler *sampler, const KairosSampling *sampling)
{
  return sampling->share == 0 && sampling->inside != sampling->outside && sampling->n < sampler->n_train;
}

static void
multiply (KairosSampler *sampler, const KairosSampling *sampling)
{
  for (guint i = 0; i < sampling->n; i++)
    sampler->weights[sampling->members[i]] *= sampling->inside / sampling->outside;
}

/* Weights inside only: members keep their weight, the others get 0. */
static void
restrict_to (KairosSampler *sampler, const KairosSampling *sampling)
{
  double *kept = sampler->cumulative; /* free until the table is made */

  for (guint i = 0; i < sampling->n; i++)
    kept[i] = (double) sampler->weights[sampling->members[i]] * sampling->inside;
  memset (sampler->weights, 0, sampler->n_train * sizeof *sampler->weights);
  for (guint i = 0; i < sampling->n; i++)
    sampler->weights[sampling->members[i]] = (float) kept[i];
}

static gboolean
table_is_current (const KairosSampler *sampler, const KairosRegime *regime)
{
  if (sampler->n_made_for != regime->n_samplings)
    return FALSE;
  for (guint i = 0; i < regime->n_samplings; i++) {
    const KairosSampling *a = &sampler->made_for[i], *b = &regime->samplings[i];
    if (a->members != b->members || a->n != b->n || a->generation != b->generation || a->inside != b->inside ||
        a->outside != b->outside || a->share != b->share)
      return FALSE;
  }
  return TRUE;
}

/* Weights, their mean, and what is wanted beyond it. */
static void
make_table (KairosSampler *sampler, const KairosRegime *regime)
{
  double sum = 0, beyond = 0;

  memcpy (sampler->made_for, regime->samplings, regime->n_samplings * sizeof *regime->samplings);
  sampler->n_made_for = regime->n_samplings;
  for (guint i = 0; i < sampler->n_train; i++)
    sampler->weights[i] = 1;
  for (guint i = 0; i < regime->n_samplings; i++)
    if (weighs (sampler, &regime->samplings[i]))
      (regime->samplings[i].outside > 0 ? multiply : restrict_to) (sampler, &regime->samplings[i]);
  for (guint i = 0; i < sampler->n_train; i++)
    sum += sampler->weights[i];
  sampler->mean = sum / sampler->n_train;
  sampler->n_wanting = 0;
  for (guint i = 0; i < sampler->n_train; i++) {
    if (sampler->weights[i] <= sampler->mean)
      continue;
    beyond += sampler->weights[i] - sampler->mean;
    sampler->wanting[sampler->n_wanting] = i;
    sampler->cumulative[sampler->n_wanting++] = beyond;
  }
}

/* ---- Draws ---- */

static guint32
draw_wanting (const KairosSampler *sampler, double uniform)
{
  double at = uniform * sampler->cumulative[sampler->n_wanting - 1];
  guint low = 0, high = sampler->n_wanting - 1;

  while (low < high) {
    guint middle = (low + high) / 2;
    if (sampler->cumulative[middle] > at)
      high = middle;
    else
      low = middle + 1;
  }
  return sampler->wanting[low];
}

static void
draw_weighted (KairosSampler *sampler, const KairosRegime *regime, guint64 step, guint n)
{
  if (!table_is_current (sampler, regime))
    make_table (sampler, regime);
  /* all equal; or all 0, when clips want nothing in common: then they are passed over */
  if (sampler->n_wanting == 0)
    return;
  for (guint i = 0; i < n; i++) {
    float u[4];
    kairos_random_uniform4 (sampler->seed, KAIROS_RANDOM_SAMPLE, step, i, 0, u);
    if (u[0] * sampler->mean >= sampler->weights[sampler->places[i]])
      sampler->places[i] = draw_wanting (sampler, u[1] + u[2] * 0x1p-24);
  }
}

/* Places from first on for the members: a share of the batch, rounded up or down at random so that it is right on
 * average.  Returns the place behind.
 */
static guint
draw_share (KairosSampler *sampler, const KairosSampling *sampling, guint64 step, guint first, guint n, guint which)
{
  KairosRandom random = kairos_random (sampler->seed, KAIROS_RANDOM_SAMPLE, step, ((guint64) which + 1) << 32);
  guint end = MIN (n, first + (guint) floor (sampling->share * n + kairos_random_float (&random)));

  for (guint i = first; i < end; i++)
    if (!sampling->flags[sampler->places[i]])
      sampler->places[i] = sampling->members[kairos_random_below (&random, sampling->n)];
  return end;
}

static void
order_epoch (KairosSampler *sampler, guint64 epoch)
{
  if (sampler->ordered != epoch)
    kairos_random_permutation (sampler->seed, KAIROS_RANDOM_ORDER, epoch, sampler->n_train, sampler->order);
  sampler->ordered = epoch;
}

static void
write_batch (KairosSampler *sampler, guint n, guint32 *ids, guint32 *draws)
{
  for (guint i = 0; i < n; i++) {
    guint32 id = sampler->train[sampler->places[i]];
    ids[i] = id;
    if (draws)
      draws[i] = id + sampler->repeats[sampler->places[i]]++ * sampler->n_samples;
  }
  for (guint i = 0; i < n; i++)
    sampler->repeats[sampler->places[i]] = 0;
}

guint
kairos_sampler_batch (KairosSampler *sampler, const KairosRegime *regime, guint64 step, guint32 *ids, guint32 *draws)
{
  guint first = step % sampler->steps_per_epoch * sampler->batch, n = MIN (sampler->batch, sampler->n_train - first),
        place = 0;
  gboolean weighted = FALSE;

  order_epoch (sampler, step / sampler->steps_per_epoch);
  memcpy (sampler->places, sampler->order + first, n * sizeof *sampler->places);
  for (guint i = 0; i < regime->n_samplings; i++)
    weighted |= weighs (sampler, &regime->samplings[i]);
  if (weighted)
    draw_weighted (sampler, regime, step, n);
  for (guint i = 0; i < regime->n_samplings; i++)
    if (regime->samplings[i].share > 0)
      place = draw_share (sampler, &regime->samplings[i], step, place, n, i);
  write_batch (sampler, n, ids, draws);
  return n;
}
