/* SPDX-License-Identifier: MIT */

/* What the timeline does to a step, beyond choosing and changing samples: events, noise, mixtures, what is added to the
 * gradient.
 *
 * Noise.  The network's parameters between two steps are always the iterate without noise, which is what evaluation,
 * checkpoints and digests are to see: PGD adds xi_n for good where a step begins, Anti-PGD for the gradient alone,
 * which is w <- w - eta g + xi_(n+1) - xi_n seen from z = w - xi.
 */
#include "trainer-private.h"

#include <math.h>
#include <string.h>

#include "kairos/random.h"
#include "kairos/ticket.h"
#include "src/base/bytes.h"

/* ---- Kept weights ---- */

void
kairos_kept_free (gpointer data)
{
  KairosKept *kept = data;

  g_free (kept->name);
  g_free (kept->parameters);
  g_free (kept->buffers);
  g_free (kept);
}

KairosKept *
kairos_trainer_keep (KairosTrainer *trainer, const char *name)
{
  gsize n, n_buffers;
  KairosKept *kept = g_new0 (KairosKept, 1);

  for (guint i = 0; i < trainer->kept->len; i++)
    if (g_str_equal (((KairosKept *) trainer->kept->pdata[i])->name, name))
      g_ptr_array_remove_index (trainer->kept, i--);
  kairos_network_parameters (trainer->network, &n);
  kairos_network_buffers (trainer->network, &n_buffers);
  kept->name = g_strdup (name);
  kept->parameters = g_new (float, n);
  kept->buffers = g_new (float, n_buffers);
  g_ptr_array_add (trainer->kept, kept);
  return kept;
}

static void
keep_weights (KairosTrainer *trainer, const char *name)
{
  gsize n, n_buffers;
  const float *parameters = kairos_network_parameters (trainer->network, &n),
              *buffers = kairos_network_buffers (trainer->network, &n_buffers);
  KairosKept *kept = kairos_trainer_keep (trainer, name);

  kairos_copy_floats (kept->parameters, parameters, n);
  kairos_copy_floats (kept->buffers, buffers, n_buffers);
}

static const float *
recall (gpointer data, const char *name, const float **buffers)
{
  KairosTrainer *trainer = data;

  for (guint i = 0; i < trainer->kept->len; i++) {
    const KairosKept *kept = trainer->kept->pdata[i];
    if (!g_str_equal (kept->name, name))
      continue;
    *buffers = kept->buffers;
    return kept->parameters;
  }
  return NULL;
}

/* ---- Events ---- */

static gboolean
has_happened (KairosTrainer *trainer, const KairosClip *event)
{
  for (guint i = 0; i < trainer->happened->len; i++)
    if (g_array_index (trainer->happened, guint32, i) == event->id)
      return trainer->happened_at == trainer->step;
  return FALSE;
}

static gboolean
let_happen (KairosTrainer *trainer, const KairosClip *event, GError **error)
{
  gsize n;
  KairosHappening happening = { .seed = trainer->config->seed,
                                .step = trainer->step,
                                .network = trainer->network,
                                .optimizer = trainer->optimizer,
                                .recall = recall,
                                .data = trainer };

  kairos_network_parameters (trainer->network, &n);
  if (!trainer->mask) {
    trainer->mask = g_malloc (n);
    memset (trainer->mask, 1, n);
    happening.unpruned = TRUE; /* unless the event prunes */
  }
  happening.mask = trainer->mask;
  gboolean ok = kairos_plan_happen (trainer->plan, event, &happening, error);
  if (ok && happening.keep)
    keep_weights (trainer, happening.keep);
  trainer->mark |= ok && happening.keep;
  if (happening.unpruned && !happening.pruned)
    g_clear_pointer (&trainer->mask, g_free);
  return ok;
}

gboolean
kairos_trainer_prepare (KairosTrainer *trainer, GError **error)
{
  guint n;
  const KairosClip *const *events = kairos_plan_events (trainer->plan, trainer->step, &n);

  if (n > 0 && trainer->happened_at != trainer->step) {
    g_array_set_size (trainer->happened, 0);
    trainer->happened_at = trainer->step;
  }
  for (guint i = 0; i < n; i++) {
    if (has_happened (trainer, events[i]))
      continue;
    if (!let_happen (trainer, events[i], error))
      return FALSE;
    g_array_append_val (trainer->happened, events[i]->id);
  }
  kairos_plan_resolve (trainer->plan, trainer->step, trainer->facts);
  return TRUE;
}

KairosPlan *
kairos_trainer_plan (KairosTrainer *trainer, KairosTimeline *timeline, GError **error)
{
  const KairosPlanContext context = { trainer->config->seed, trainer->steps_per_epoch, trainer->dataset,
                                      trainer->splits,       trainer->network,         (guint) trainer->config->batch };

  return kairos_plan_new (timeline, &context, error);
}

void
kairos_trainer_forget_events (KairosTrainer *trainer)
{
  g_autoptr (KairosTimeline) timeline = kairos_timeline_ref (kairos_plan_get_timeline (trainer->plan));

  g_clear_pointer (&trainer->mask, g_free);
  g_ptr_array_set_size (trainer->kept, 0);
  g_array_set_size (trainer->happened, 0);
  trainer->mark = FALSE;
  kairos_plan_free (trainer->plan);
  trainer->plan = kairos_trainer_plan (trainer, timeline, NULL); /* it could be made before */
}

gboolean
kairos_trainer_take_checkpoint_mark (KairosTrainer *trainer)
{
  gboolean mark = trainer->mark;

  trainer->mark = FALSE;
  return mark;
}

gsize
kairos_trainer_count_weights (KairosTrainer *trainer, gsize *all)
{
  guint n;
  const KairosTensorInfo *tensors = kairos_network_tensors (trainer->network, &n);
  gsize survive;

  *all = kairos_ticket_count (tensors, n, trainer->mask, &survive);
  return survive;
}

/* ---- The timeline ---- */

gboolean
kairos_trainer_set_timeline (KairosTrainer *trainer, KairosTimeline *timeline, GError **error)
{
  KairosPlan *plan = kairos_trainer_plan (trainer, timeline, error);

  if (!plan)
    return FALSE;
  if (trainer->plan)
    kairos_plan_inherit (plan, trainer->plan);
  kairos_plan_free (trainer->plan);
  trainer->plan = plan;
  return TRUE;
}

gboolean
kairos_trainer_check_timeline (KairosTrainer *trainer, KairosTimeline *timeline, GError **error)
{
  KairosPlan *plan = kairos_trainer_plan (trainer, timeline, error);

  kairos_plan_free (plan);
  return plan != NULL;
}

KairosTimeline *
kairos_trainer_get_timeline (KairosTrainer *trainer)
{
  return kairos_plan_get_timeline (trainer->plan);
}

KairosPlan *
kairos_trainer_get_plan (KairosTrainer *trainer)
{
  return trainer->plan;
}

/* ---- Noise ---- */

static gboolean
is_noisy (KairosTrainer *trainer, const KairosRegime *regime)
{
  return regime->noise.kind != KAIROS_NOISE_NONE && trainer->step > regime->noise.first;
}

/* Of the frozen tensors. */
static void
restore_frozen (KairosTrainer *trainer, const KairosRegime *regime, float *parameters)
{
  guint n;
  const KairosTensorInfo *tensors = kairos_network_tensors (trainer->network, &n);

  for (guint i = 0; regime->freezes && i < MIN (n, KAIROS_MAX_TENSORS); i++)
    if (regime->frozen[i / 64] >> i % 64 & 1)
      kairos_copy_floats (parameters + tensors[i].offset, trainer->weights_before + tensors[i].offset, tensors[i].n);
}

void
kairos_trainer_begin_noise (KairosTrainer *trainer, const KairosRegime *regime)
{
  const KairosNoise *noise = &regime->noise;
  guint n_tensors;
  gsize n;
  const KairosTensorInfo *tensors = kairos_network_tensors (trainer->network, &n_tensors);
  float *parameters = kairos_network_parameters (trainer->network, &n);

  if (!is_noisy (trainer, regime))
    return;
  if (!trainer->weights_before)
    trainer->weights_before = g_new (float, n);
  memcpy (trainer->weights_before, parameters, n * sizeof *parameters);
  kairos_noise_add (trainer->config->seed, noise->clip, trainer->step, noise->sigma,
                    noise->weights_only ? tensors : NULL, n_tensors, n, parameters);
  if (trainer->mask)
    kairos_ticket_mask (n, trainer->mask, parameters);
  restore_frozen (trainer, regime, parameters);
}

void
kairos_trainer_undo_noise (KairosTrainer *trainer, const KairosRegime *regime)
{
  gsize n;
  float *parameters = kairos_network_parameters (trainer->network, &n);

  if (is_noisy (trainer, regime))
    memcpy (parameters, trainer->weights_before, n * sizeof *parameters);
}

void
kairos_trainer_end_noise (KairosTrainer *trainer, const KairosRegime *regime)
{
  if (regime->noise.kind == KAIROS_NOISE_ANTI_PGD)
    kairos_trainer_undo_noise (trainer, regime);
}

/* ---- Mixtures ---- */

static gsize
input_size (KairosTrainer *trainer)
{
  return kairos_shape_size (kairos_network_get_input (trainer->network));
}

void
kairos_trainer_mix (KairosTrainer *trainer, const KairosRegime *regime, KairosBatch *batch)
{
  int further;
  float share = kairos_regime_mixup (regime, trainer->config->seed, trainer->step, batch->n, &further);
  gsize size = input_size (trainer);

  if (further == 0)
    return;
  if (!trainer->other_input) {
    trainer->other_input = g_new (float, trainer->capacity *size);
    trainer->other_labels = g_new (gint32, trainer->capacity);
  }
  memcpy (trainer->other_input, trainer->input, batch->n * size * sizeof (float));
  for (int i = 0; i < batch->n; i++) {
    int partner = (i + further) % batch->n;
    const float *other = trainer->other_input + partner * size;
    float *input = trainer->input + i * size;
    for (gsize j = 0; j < size; j++)
      input[j] = share * input[j] + (1 - share) * other[j];
    trainer->other_labels[i] = trainer->labels[partner];
  }
  batch->other_labels = trainer->other_labels;
  batch->share = share;
}

/* ---- Gradients ---- */

/* As much as the plan asks for; what there is stays for the next plan. */
static void
make_room (KairosTrainer *trainer)
{
  const KairosRoom wanted = kairos_plan_room (trainer->plan);
  KairosGradient *gradient = &trainer->gradient;
  gsize n, n_buffers;

  kairos_network_parameters (trainer->network, &n);
  kairos_network_buffers (trainer->network, &n_buffers);
  if (!gradient->labels) {
    gradient->labels = g_new (gint32, 2 * trainer->capacity);
    gradient->ids = g_new (guint32, trainer->capacity);
    gradient->buffers_after = g_new (float, n_buffers);
  }
  if (wanted.vectors > trainer->room.vectors) {
    g_free (gradient->vectors);
    gradient->vectors = g_new (float, wanted.vectors *n);
  }
  if (wanted.floats > trainer->room.floats) {
    g_free (gradient->floats);
    gradient->floats = g_new (float, wanted.floats * trainer->capacity);
  }
  trainer->room.vectors = MAX (trainer->room.vectors, wanted.vectors);
  trainer->room.floats = MAX (trainer->room.floats, wanted.floats);
}

double
kairos_trainer_differentiate (KairosTrainer *trainer, const KairosRegime *regime, const KairosBatch *batch)
{
  const KairosTrainOptions options = { .loss = regime->loss,
                                       .label_smoothing = regime->label_smoothing,
                                       .seed = trainer->config->seed,
                                       .step = trainer->step,
                                       .sets_dropout = regime->sets_dropout,
                                       .dropout = regime->dropout };
  double loss = kairos_executor_train (trainer->executor, batch, &options, trainer->outcomes);

  if (regime->n_gradients == 0)
    return loss;
  make_room (trainer);
  KairosGradient gradient = trainer->gradient;
  gradient.network = trainer->network;
  gradient.executor = trainer->executor;
  gradient.options = &options;
  gradient.batch = batch;
  gradient.samples = trainer->ids;
  gradient.buffers = trainer->buffers_before;
  gradient.more = gradient.labels + trainer->capacity;
  kairos_regime_differentiate (regime, &gradient);
  return loss;
}

/* ---- Freezing ---- */

void
kairos_trainer_freeze (KairosTrainer *trainer, const KairosRegime *regime)
{
  guint n;
  const KairosTensorInfo *tensors = kairos_network_tensors (trainer->network, &n);

  g_array_set_size (trainer->spans, 0);
  for (guint i = 0; regime->freezes && i < MIN (n, KAIROS_MAX_TENSORS); i++)
    if (regime->frozen[i / 64] >> i % 64 & 1) {
      const KairosSpan span = { tensors[i].offset, tensors[i].n };
      g_array_append_val (trainer->spans, span);
    }
  kairos_optimizer_freeze (trainer->optimizer, (const KairosSpan *) trainer->spans->data, trainer->spans->len);
}
