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

/* Surgery holds two gradients a group in memory. */
static gboolean
check_memory (KairosTrainer *trainer, KairosTimeline *timeline, GError **error)
{
  gsize n, most = (gsize) 1 << 30,
           groups = MIN ((gsize) kairos_network_get_outputs (trainer->network), (gsize) trainer->config->batch);

  kairos_network_parameters (trainer->network, &n);
  for (guint i = 0; i < kairos_timeline_get_n_tracks (timeline); i++) {
    const KairosTrack *track = kairos_timeline_get_track (timeline, i);
    for (guint j = 0; j < track->n_clips; j++) {
      if (!g_str_equal (track->clips[j]->kind->name, "gradient-surgery") || 2 * groups * n * sizeof (float) <= most)
        continue;
      g_autofree char *name = kairos_clip_describe (track->clips[j]);
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                   "%s: it would hold %.1f GB of gradients; choose a smaller network or fewer classes.", name,
                   2e-9 * groups * n * sizeof (float));
      return FALSE;
    }
  }
  return TRUE;
}

static KairosPlan *
plan_new (KairosTrainer *trainer, KairosTimeline *timeline, GError **error)
{
  const KairosPlanContext context = { trainer->config->seed, trainer->steps_per_epoch, trainer->dataset,
                                      trainer->splits, trainer->network };

  return check_memory (trainer, timeline, error) ? kairos_plan_new (timeline, &context, error) : NULL;
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
  trainer->plan = plan_new (trainer, timeline, NULL); /* it could be made before */
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
  KairosPlan *plan = plan_new (trainer, timeline, error);

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
  KairosPlan *plan = plan_new (trainer, timeline, error);

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

static void
make_room_for_groups (KairosTrainer *trainer)
{
  if (trainer->other_input)
    return;
  trainer->other_input = g_new (float, trainer->capacity *input_size (trainer));
  trainer->other_labels = g_new (gint32, trainer->capacity);
  trainer->group_labels = g_new (gint32, 2 * trainer->capacity);
  trainer->group_ids = g_new (guint32, trainer->capacity);
}

void
kairos_trainer_mix (KairosTrainer *trainer, const KairosRegime *regime, KairosBatch *batch)
{
  int further;
  float share = kairos_regime_mixup (regime, trainer->config->seed, trainer->step, batch->n, &further);
  gsize size = input_size (trainer);

  if (further == 0)
    return;
  make_room_for_groups (trainer);
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

static float *
make_vectors (KairosTrainer *trainer, gsize n_vectors, gsize n)
{
  if (trainer->n_vectors < n_vectors) {
    g_free (trainer->vectors);
    trainer->vectors = g_new (float, n_vectors *n);
    trainer->n_vectors = n_vectors;
  }
  return trainer->vectors;
}

static void
restore_buffers (KairosTrainer *trainer)
{
  gsize n;
  float *buffers = kairos_network_buffers (trainer->network, &n);

  kairos_copy_floats (buffers, trainer->buffers_before, n);
}

/* Labels drawn from the network's own answers. */
static void
draw_labels (KairosTrainer *trainer, const KairosBatch *batch, gint32 *labels)
{
  int k = kairos_network_get_outputs (trainer->network);
  g_autofree float *probabilities = g_new (float, (gsize) batch->n *k);

  kairos_executor_evaluate (trainer->executor, batch, NULL, probabilities, NULL);
  for (int i = 0; i < batch->n; i++) {
    KairosRandom random = kairos_random (trainer->config->seed, KAIROS_RANDOM_PENALTY, trainer->step, batch->ids[i]);
    float at = kairos_random_float (&random), sum = 0;
    labels[i] = 0;
    for (int c = 0; c < k && sum <= at; c++) {
      sum += probabilities[(gsize) i * k + c];
      labels[i] = c;
    }
  }
}

/* The gradient of the penalty at these weights, into the first of two vectors; FALSE where it is 0. */
static gboolean
differentiate_penalty (KairosTrainer *trainer, const KairosRegime *regime, const KairosBatch *batch,
                       const KairosTrainOptions *options)
{
  gsize n;
  float *parameters = kairos_network_parameters (trainer->network, &n),
        *gradient = kairos_executor_gradients (trainer->executor);
  KairosTrainOptions plain = *options;
  KairosBatch drawn = *batch;

  make_room_for_groups (trainer);
  float *at = make_vectors (trainer, 2, n), *before = at + n;
  draw_labels (trainer, batch, trainer->group_labels);
  drawn.labels = trainer->group_labels;
  drawn.other_labels = NULL;
  plain.loss = KAIROS_LOSS_CROSS_ENTROPY;
  plain.label_smoothing = 0;
  kairos_executor_train (trainer->executor, &drawn, &plain, NULL);
  memcpy (at, gradient, n * sizeof *at);
  float epsilon = kairos_fisher_epsilon (n, at);
  if (epsilon == 0)
    return FALSE;
  memcpy (before, parameters, n * sizeof *before);
  for (gsize i = 0; i < n; i++)
    parameters[i] += epsilon * at[i];
  kairos_executor_train (trainer->executor, &drawn, &plain, NULL);
  memcpy (parameters, before, n * sizeof *before);
  memset (before, 0, n * sizeof *before);
  kairos_fisher_add (n, regime->fisher_penalty, epsilon, at, gradient, before);
  memcpy (at, before, n * sizeof *at);
  return TRUE;
}

/* ---- Surgery ---- */

static gint32
group_of (const KairosTrainer *trainer, const KairosRegime *regime, int i)
{
  return regime->surgery == KAIROS_SURGERY_CLASSES ? trainer->labels[i] : regime->surgery_focus[trainer->ids[i]];
}

/* The gradient of the samples of one group as a part of the whole batch's; FALSE where it has none. */
static gboolean
differentiate_group (KairosTrainer *trainer, const KairosRegime *regime, const KairosBatch *batch,
                     const KairosTrainOptions *options, gint32 group, float *out)
{
  gsize size = input_size (trainer), n;
  KairosBatch part = { .share = batch->share };
  float *inputs = trainer->other_input;
  gint32 *others = trainer->group_labels + trainer->capacity;

  for (int i = 0; i < batch->n; i++) {
    if (group_of (trainer, regime, i) != group)
      continue;
    memcpy (inputs + part.n * size, trainer->input + i * size, size * sizeof *inputs);
    trainer->group_labels[part.n] = trainer->labels[i];
    trainer->group_ids[part.n] = batch->ids[i];
    others[part.n++] = batch->other_labels ? batch->other_labels[i] : 0;
  }
  if (part.n == 0)
    return FALSE;
  part.input = inputs;
  part.labels = trainer->group_labels;
  part.ids = trainer->group_ids;
  part.other_labels = batch->other_labels ? others : NULL;
  restore_buffers (trainer);
  kairos_executor_train (trainer->executor, &part, options, NULL);
  kairos_network_parameters (trainer->network, &n);
  const float *gradient = kairos_executor_gradients (trainer->executor);
  for (gsize i = 0; i < n; i++)
    out[i] = gradient[i] * part.n / batch->n;
  return TRUE;
}

/* Replaces the executor's gradient by the sum of the groups' after surgery.  Buffers are those of the whole batch's
 * pass. */
static void
operate (KairosTrainer *trainer, const KairosRegime *regime, const KairosBatch *batch,
         const KairosTrainOptions *options)
{
  gsize n, n_buffers;
  guint most = regime->surgery == KAIROS_SURGERY_CLASSES ? (guint) kairos_network_get_outputs (trainer->network) : 2,
        k = 0;
  const float *buffers = kairos_network_buffers (trainer->network, &n_buffers);
  g_autofree float *after = g_memdup2 (buffers, n_buffers * sizeof *buffers);

  kairos_network_parameters (trainer->network, &n);
  guint room = MIN (most, (guint) trainer->capacity);
  float *vectors = make_vectors (trainer, 2 * (gsize) room, n);
  g_autofree float **gradients = g_new (float *, 2 * room);
  make_room_for_groups (trainer);
  for (guint group = 0; group < most && k < room; group++) {
    gradients[k] = vectors + k * n;
    gradients[room + k] = vectors + (room + k) * n;
    k += differentiate_group (trainer, regime, batch, options, group, gradients[k]);
  }
  kairos_surgery (trainer->config->seed, trainer->step, k, n, gradients, gradients + room,
                  kairos_executor_gradients (trainer->executor));
  kairos_copy_floats (kairos_network_buffers (trainer->network, &n_buffers), after, n_buffers);
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
  gboolean penalised = regime->fisher_penalty > 0 && differentiate_penalty (trainer, regime, batch, &options);
  gsize n;

  kairos_network_parameters (trainer->network, &n);
  g_autofree float *penalty = penalised ? g_memdup2 (trainer->vectors, n * sizeof (float)) : NULL;
  if (regime->fisher_penalty > 0)
    restore_buffers (trainer);
  double loss = kairos_executor_train (trainer->executor, batch, &options, trainer->outcomes);
  if (regime->surgery != KAIROS_SURGERY_NONE)
    operate (trainer, regime, batch, &options);
  float *gradient = kairos_executor_gradients (trainer->executor);
  for (gsize i = 0; penalised && i < n; i++)
    gradient[i] += penalty[i];
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
