/* SPDX-License-Identifier: MIT */

/* Optimisers.  g is the gradient, p the parameter, v, m and s the state, r the rate, d the decay.
 *
 *   sgd        g += d p;  p -= r g
 *   momentum   g += d p;  v = u v + g;  p -= r v            (Polyak 1964, as in PyTorch: the rate is outside)
 *   nesterov   g += d p;  v = u v + g;  p -= r (g + u v)    (Sutskever et al. 2013, the same)
 *   adam       g += d p;  m = b1 m + (1 - b1) g;  s = b2 s + (1 - b2) g^2;  p -= r m' / (sqrt s' + e)
 *              with m' = m / (1 - b1^t), s' = s / (1 - b2^t)                 (Kingma and Ba 2015)
 *   adamw      p -= r d p, then as adam without g += d p    (Loshchilov and Hutter 2019)
 *
 * A new one is a function and a row of the table.
 */
#include <kairos/optimizer.h>
#include <kairos/pool.h>

#include <math.h>
#include <string.h>

#include "arena.h"
#include "src/base/simd.h"

enum { CHUNK = 1 << 14 }; /* parameters a piece */

/* A piece of the vectors, and the constants of the step. */
typedef struct {
  gsize n;
  float *restrict p;
  const float *restrict g;
  float *restrict first, *restrict second; /* state vectors, NULL where the optimiser has none */
  const KairosOptimizerSettings *settings;
  float step_size, second_scale; /* adam: r / (1 - b1^t), 1 / sqrt (1 - b2^t) */
} Piece;

typedef struct {
  KairosOptimizerInfo info;
  void (*update) (const Piece *piece);
} Kind;

struct _KairosOptimizer {
  const Kind *kind;
  gsize n;
  float *state;
  guint64 steps;
  const KairosSpan *frozen; /* borrowed */
  guint n_frozen;

  /* The step that is under way. */
  const KairosOptimizerSettings *settings;
  float *parameters;
  const float *gradients;
  const guint8 *mask;
};

KAIROS_MULTIVERSION static void
update_sgd (const Piece *piece)
{
  const float rate = piece->settings->learning_rate, decay = piece->settings->weight_decay;
  float *restrict p = piece->p;
  const float *restrict g = piece->g;

  for (gsize i = 0; i < piece->n; i++)
    p[i] -= rate * (g[i] + decay * p[i]);
}

KAIROS_MULTIVERSION static void
update_momentum (const Piece *piece)
{
  const float rate = piece->settings->learning_rate, decay = piece->settings->weight_decay,
              momentum = piece->settings->momentum;
  float *restrict p = piece->p, *restrict v = piece->first;
  const float *restrict g = piece->g;

  for (gsize i = 0; i < piece->n; i++) {
    v[i] = momentum * v[i] + (g[i] + decay * p[i]);
    p[i] -= rate * v[i];
  }
}

KAIROS_MULTIVERSION static void
update_nesterov (const Piece *piece)
{
  const float rate = piece->settings->learning_rate, decay = piece->settings->weight_decay,
              momentum = piece->settings->momentum;
  float *restrict p = piece->p, *restrict v = piece->first;
  const float *restrict g = piece->g;

  for (gsize i = 0; i < piece->n; i++) {
    float gradient = g[i] + decay * p[i];
    v[i] = momentum * v[i] + gradient;
    p[i] -= rate * (gradient + momentum * v[i]);
  }
}

/* shrink: what p is multiplied by first; decay: added to the gradient. */
static inline __attribute__ ((always_inline)) void
adam (const Piece *piece, float shrink, float decay)
{
  const float b1 = piece->settings->beta1, b2 = piece->settings->beta2, epsilon = piece->settings->epsilon;
  const float step_size = piece->step_size, second_scale = piece->second_scale;
  float *restrict p = piece->p, *restrict m = piece->first, *restrict s = piece->second;
  const float *restrict g = piece->g;

  for (gsize i = 0; i < piece->n; i++) {
    float gradient = g[i] + decay * p[i];
    m[i] = b1 * m[i] + (1 - b1) * gradient;
    s[i] = b2 * s[i] + (1 - b2) * gradient * gradient;
    p[i] = shrink * p[i] - step_size * m[i] / (sqrtf (s[i]) * second_scale + epsilon);
  }
}

KAIROS_MULTIVERSION static void
update_adam (const Piece *piece)
{
  adam (piece, 1, piece->settings->weight_decay);
}

KAIROS_MULTIVERSION static void
update_adamw (const Piece *piece)
{
  adam (piece, 1 - piece->settings->learning_rate * piece->settings->weight_decay, 0);
}

static const Kind kinds[] = {
  { { "sgd", "Stochastic gradient descent: straight down the gradient of the batch.", 0, 0.05 }, update_sgd },
  { { "momentum", "Gradient descent that keeps some of its speed.", 1, 0.02 }, update_momentum },
  { { "nesterov", "Momentum that looks ahead: the gradient counts where the speed will lead.", 1, 0.02 },
    update_nesterov },
  { { "adam", "Each parameter has its own step, from the size of its past gradients.", 2, 0.001 }, update_adam },
  { { "adamw", "Adam whose weight decay does not pass through the step sizes.", 2, 0.001 }, update_adamw },
};

const KairosOptimizerInfo *
kairos_optimizer_infos (guint *n)
{
  static KairosOptimizerInfo infos[G_N_ELEMENTS (kinds)];
  static gsize done;

  if (g_once_init_enter (&done)) {
    for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
      infos[i] = kinds[i].info;
    g_once_init_leave (&done, 1);
  }
  *n = G_N_ELEMENTS (infos);
  return infos;
}

KairosOptimizerSettings
kairos_optimizer_settings_default (void)
{
  return (KairosOptimizerSettings){
    .learning_rate = 0.01f, .momentum = 0.9f, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f
  };
}

static const Kind *
find (const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (g_str_equal (kinds[i].info.name, name))
      return &kinds[i];
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", kinds[i].info.name);
  }
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING, "there is no optimiser \"%.40s\"; there are %s", name,
               names->str);
  return NULL;
}

KairosOptimizer *
kairos_optimizer_new (const char *name, gsize n, GError **error)
{
  const Kind *kind = find (name, error);
  KairosOptimizer *optimizer;

  if (!kind)
    return NULL;
  optimizer = g_new0 (KairosOptimizer, 1);
  optimizer->kind = kind;
  optimizer->n = n;
  optimizer->state = kairos_arena_new (n * kind->info.n_moments);
  if (optimizer->state)
    return optimizer;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
               "there is no memory for the state of the optimiser, %d times %" G_GSIZE_FORMAT " values",
               kind->info.n_moments, n);
  g_free (optimizer);
  return NULL;
}

void
kairos_optimizer_free (KairosOptimizer *optimizer)
{
  if (!optimizer)
    return;
  kairos_arena_free (optimizer->state, optimizer->n * optimizer->kind->info.n_moments);
  g_free (optimizer);
}

const char *
kairos_optimizer_get_name (KairosOptimizer *optimizer)
{
  return optimizer->kind->info.name;
}

float *
kairos_optimizer_state (KairosOptimizer *optimizer, gsize *n)
{
  *n = optimizer->n * optimizer->kind->info.n_moments;
  return optimizer->state;
}

guint64
kairos_optimizer_get_steps (KairosOptimizer *optimizer)
{
  return optimizer->steps;
}

void
kairos_optimizer_set_steps (KairosOptimizer *optimizer, guint64 steps)
{
  optimizer->steps = steps;
}

void
kairos_optimizer_reset (KairosOptimizer *optimizer)
{
  gsize n;
  float *state = kairos_optimizer_state (optimizer, &n);

  memset (state, 0, n * sizeof *state);
  optimizer->steps = 0;
}

/* A pruned parameter and its state stay 0. */
static void
apply_mask (const Piece *piece, const guint8 *mask)
{
  for (gsize i = 0; i < piece->n; i++)
    if (mask[i] == 0) {
      piece->p[i] = 0;
      if (piece->first)
        piece->first[i] = 0;
      if (piece->second)
        piece->second[i] = 0;
    }
}

/* Parameters from .. end, none of them frozen. */
static void
update_range (const KairosOptimizer *optimizer, gsize from, gsize end)
{
  const KairosOptimizerSettings *settings = optimizer->settings;
  int n_moments = optimizer->kind->info.n_moments;
  const Piece piece = {
    .n = end - from,
    .p = optimizer->parameters + from,
    .g = optimizer->gradients + from,
    .first = n_moments >= 1 ? optimizer->state + from : NULL,
    .second = n_moments >= 2 ? optimizer->state + optimizer->n + from : NULL,
    .settings = settings,
    .step_size = (float) (settings->learning_rate / (1 - pow (settings->beta1, (double) optimizer->steps))),
    .second_scale = (float) (1 / sqrt (1 - pow (settings->beta2, (double) optimizer->steps))),
  };

  if (end == from)
    return;
  optimizer->kind->update (&piece);
  if (optimizer->mask)
    apply_mask (&piece, optimizer->mask + from);
}

static void
run_piece (gpointer data, int index, int thread)
{
  const KairosOptimizer *optimizer = data;
  gsize at = (gsize) index * CHUNK, end = MIN (at + CHUNK, optimizer->n);

  for (guint i = 0; i < optimizer->n_frozen && at < end; i++) {
    const KairosSpan *span = &optimizer->frozen[i];
    if (span->offset + span->n <= at || span->offset >= end)
      continue;
    update_range (optimizer, at, MAX (at, span->offset));
    at = MIN (end, span->offset + span->n);
  }
  update_range (optimizer, at, end);
}

void
kairos_optimizer_freeze (KairosOptimizer *optimizer, const KairosSpan *spans, guint n)
{
  optimizer->frozen = spans;
  optimizer->n_frozen = n;
}

void
kairos_optimizer_step (KairosOptimizer *optimizer, const KairosOptimizerSettings *settings, float *parameters,
                       const float *gradients, const guint8 *mask, KairosPool *pool)
{
  optimizer->steps++;
  optimizer->settings = settings;
  optimizer->parameters = parameters;
  optimizer->gradients = gradients;
  optimizer->mask = mask;
  kairos_pool_run (pool, (int) ((optimizer->n + CHUNK - 1) / CHUNK), run_piece, optimizer);
}
