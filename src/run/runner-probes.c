/* SPDX-License-Identifier: MIT */

/* When probes measure while a run trains.
 *
 * The budget is a part of the time that training takes.  What training earns is saved up; a probe measures when what it
 * cost last time is there, the one first that has waited longest, at most so many times an epoch.  The first
 * reading of a probe also makes what it works with: that is no measure of what it costs, and the budget does not pay
 * it, or the beginning of a run, which matters most, would go by while it is paid back.  The second may be taken as
 * soon as nothing is owed.  One that came to no reading in a whole epoch is noted as skipped there.  At rest nothing is
 * earned and nothing is owed: all are measured that were not yet.
 *
 * INVARIANT: nothing here touches the trainer, the facts or their random numbers.
 */
#include "runner-private.h"

#include "trainer-private.h"

enum { MOST_AN_EPOCH = 20 };

/* What is known of a probe that is wanted. */
typedef struct {
  const KairosProbe *probe;
  gboolean measured; /* there is a reading, at step */
  guint64 step;
  gboolean is_ready; /* what it works with is there */
  double seconds;    /* what it cost last time; 0: not known */
  gboolean refused;  /* not to be tried again: it does not suit the data */
} Wanted;

struct _KairosRunnerProbes {
  KairosProbeContext *context; /* NULL before the first reading */
  char *names;                 /* the setting that wanted is made of */
  GArray *wanted;              /* of Wanted */
  double earned, spent;        /* seconds of training, and of probing that the budget paid */
  double all;                  /* seconds of probing */
};

KairosRunnerProbes *
kairos_runner_probes_new (void)
{
  KairosRunnerProbes *probes = g_new0 (KairosRunnerProbes, 1);

  probes->wanted = g_array_new (FALSE, TRUE, sizeof (Wanted));
  return probes;
}

void
kairos_runner_probes_free (KairosRunnerProbes *probes)
{
  if (!probes)
    return;
  kairos_probe_context_free (probes->context);
  g_array_unref (probes->wanted);
  g_free (probes->names);
  g_free (probes);
}

static Wanted *
wanted_at (KairosRunnerProbes *probes, guint i)
{
  return &g_array_index (probes->wanted, Wanted, i);
}

/* After the setting changed: what is known of those that stay is kept. */
static void
follow_setting (KairosRunner *runner)
{
  KairosRunnerProbes *probes = runner->probes;
  const char *names = kairos_trainer_get_config (runner->trainer)->probes;

  if (probes->names && g_str_equal (probes->names, names))
    return;
  g_autoptr (GPtrArray) now = kairos_probes_parse (names, NULL); /* checked when it was set */
  GArray *wanted = g_array_new (FALSE, TRUE, sizeof (Wanted));
  for (guint i = 0; now && i < now->len; i++) {
    Wanted one = { .probe = now->pdata[i] };
    for (guint k = 0; k < probes->wanted->len; k++)
      if (wanted_at (probes, k)->probe == one.probe)
        one = *wanted_at (probes, k);
    g_array_append_val (wanted, one);
  }
  g_array_unref (probes->wanted);
  probes->wanted = wanted;
  g_free (probes->names);
  probes->names = g_strdup (names);
}

static gboolean
take_weights (KairosRunner *runner, GError **error)
{
  KairosRunnerProbes *probes = runner->probes;
  KairosTrainer *trainer = runner->trainer;
  const KairosConfig *config = kairos_trainer_get_config (trainer);

  if (!probes->context)
    probes->context = kairos_probe_context_new (trainer->network, trainer->dataset, trainer->splits, config->seed,
                                                kairos_config_regime (config, 0, 0).loss, trainer->pool, error);
  if (!probes->context)
    return FALSE;
  kairos_probe_context_set_pool (probes->context, trainer->pool);
  kairos_probe_context_take (probes->context, trainer->network, kairos_trainer_get_step (trainer),
                             kairos_trainer_get_epoch (trainer));
  return TRUE;
}

static void
keep (KairosRunner *runner, KairosReading *reading)
{
  g_ptr_array_add (runner->readings, reading);
  if (runner->callbacks.reading)
    runner->callbacks.reading (reading, runner->user_data);
}

/* A probe that does not suit is not a reason to stop training: it is said once. */
static void
measure (KairosRunner *runner, Wanted *wanted, gboolean paid, const volatile gint *cancel)
{
  g_autoptr (GError) error = NULL;
  KairosReading *reading = NULL;
  gint64 start = g_get_monotonic_time ();

  if (runner->callbacks.probing)
    runner->callbacks.probing (TRUE, runner->user_data);
  if (take_weights (runner, &error))
    reading = kairos_probe_measure (runner->probes->context, wanted->probe, NULL, cancel, &error);
  if (runner->callbacks.probing)
    runner->callbacks.probing (FALSE, runner->user_data);
  double seconds = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  runner->probes->all += seconds;
  if (wanted->is_ready) {
    wanted->seconds = seconds;
    runner->probes->spent += paid ? seconds : 0;
  }
  wanted->is_ready = TRUE;
  if (reading) {
    wanted->measured = TRUE;
    wanted->step = reading->step;
    keep (runner, reading);
  } else if (!g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_CANCELLED)) {
    wanted->refused = TRUE;
    if (runner->callbacks.refused)
      runner->callbacks.refused (error->message, runner->user_data);
  }
}

/* The one that waited longest, if that is long enough; NULL for none. */
static Wanted *
find_next (KairosRunner *runner, guint64 step)
{
  KairosRunnerProbes *probes = runner->probes;
  guint64 pause = MAX (kairos_trainer_get_steps_per_epoch (runner->trainer) / MOST_AN_EPOCH, 1);
  Wanted *next = NULL;

  for (guint i = 0; i < probes->wanted->len; i++) {
    Wanted *wanted = wanted_at (probes, i);
    if (wanted->refused || (wanted->measured && step < wanted->step + pause))
      continue;
    if (!next || (next->measured && (!wanted->measured || wanted->step < next->step)))
      next = wanted;
  }
  return next;
}

/* Whether the next probe may measure at this step. */
static Wanted *
find_affordable (KairosRunner *runner, guint64 step)
{
  KairosRunnerProbes *probes = runner->probes;
  double budget = kairos_trainer_get_config (runner->trainer)->probe_budget;
  Wanted *next;

  if (budget == 0)
    return NULL;
  follow_setting (runner);
  next = find_next (runner, step);
  return next && budget * probes->earned - probes->spent >= next->seconds ? next : NULL;
}

void
kairos_runner_probe_earn (KairosRunner *runner, double seconds)
{
  runner->probes->earned += seconds;
}

void
kairos_runner_probe_before (KairosRunner *runner)
{
  guint64 step = kairos_trainer_get_step (runner->trainer);
  KairosRunnerProbes *probes = runner->probes;

  if (probes->context && find_affordable (runner, step + 1))
    kairos_probe_context_remember (probes->context, runner->trainer->network, step);
}

void
kairos_runner_probe (KairosRunner *runner, const volatile gint *cancel)
{
  Wanted *next = find_affordable (runner, kairos_trainer_get_step (runner->trainer));

  if (next)
    measure (runner, next, TRUE, cancel);
}

void
kairos_runner_probe_end_epoch (KairosRunner *runner)
{
  KairosRunnerProbes *probes = runner->probes;
  guint64 step = kairos_trainer_get_step (runner->trainer),
          per_epoch = kairos_trainer_get_steps_per_epoch (runner->trainer);

  if (kairos_trainer_get_config (runner->trainer)->probe_budget == 0)
    return;
  follow_setting (runner);
  for (guint i = 0; i < probes->wanted->len; i++) {
    const Wanted *wanted = wanted_at (probes, i);
    if (!wanted->refused && !(wanted->measured && wanted->step + per_epoch >= step))
      keep (runner, kairos_reading_new_skipped (wanted->probe, step, kairos_trainer_get_epoch (runner->trainer)));
  }
}

gboolean
kairos_runner_probe_all (KairosRunner *runner, const volatile gint *cancel, GError **error)
{
  KairosRunnerProbes *probes = runner->probes;

  if (kairos_trainer_get_config (runner->trainer)->probe_budget == 0)
    return TRUE;
  follow_setting (runner);
  for (guint i = 0; i < probes->wanted->len && !(cancel && g_atomic_int_get (cancel)); i++) {
    Wanted *wanted = wanted_at (probes, i);
    if (!wanted->refused && !(wanted->measured && wanted->step == kairos_trainer_get_step (runner->trainer)))
      measure (runner, wanted, FALSE, cancel);
  }
  return kairos_runner_flush (runner, error);
}

double
kairos_runner_get_probe_share (KairosRunner *runner)
{
  return runner->probes->earned > 0 ? runner->probes->all / runner->probes->earned : 0;
}

void
kairos_runner_probe_rewind (KairosRunner *runner)
{
  KairosRunnerProbes *probes = runner->probes;

  g_ptr_array_set_size (runner->readings, 0);
  for (guint i = 0; i < probes->wanted->len; i++)
    wanted_at (probes, i)->measured = FALSE;
}
