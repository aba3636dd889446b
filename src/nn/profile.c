/* SPDX-License-Identifier: MIT */

/* Counters of time and arithmetic.  Each thread has its own row, so that counting needs no synchronisation. */
#include "profile.h"

#include <string.h>
#include <time.h>

/* The rows that people see: several passes of the program are one of theirs. */
static const char *const names[] = { "forward", "statistics", "backward data", "backward weights" };
enum { FORWARD, STATISTICS, BACKWARD_DATA, BACKWARD_WEIGHTS, N_NAMES };

static const int row_of[KAIROS_N_PASSES] = {
  [KAIROS_PASS_FORWARD] = FORWARD,
  [KAIROS_PASS_MEASURE] = STATISTICS,
  [KAIROS_PASS_LOSS] = FORWARD,
  [KAIROS_PASS_ADD] = BACKWARD_DATA,
  [KAIROS_PASS_MASK] = BACKWARD_DATA,
  [KAIROS_PASS_MEASURE_GRADIENT] = STATISTICS,
  [KAIROS_PASS_BACKWARD_WEIGHTS] = BACKWARD_WEIGHTS,
  [KAIROS_PASS_NORMS] = BACKWARD_WEIGHTS,
  [KAIROS_PASS_BACKWARD_DATA] = BACKWARD_DATA,
};

typedef struct {
  double seconds, flops, bytes;
} Counter;

struct _KairosProfiler {
  const KairosProgram *program;
  int n_threads;
  Counter *counters; /* thread, operation, name */
};

KairosProfiler *
kairos_profiler_new (const KairosProgram *program, int n_threads)
{
  KairosProfiler *profiler = g_new0 (KairosProfiler, 1);

  *profiler =
      (KairosProfiler){ program, n_threads, g_new0 (Counter, (gsize) n_threads * program->operations->len * N_NAMES) };
  return profiler;
}

void
kairos_profiler_free (KairosProfiler *profiler)
{
  if (!profiler)
    return;
  g_free (profiler->counters);
  g_free (profiler);
}

double
kairos_profiler_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec + 1e-9 * now.tv_nsec;
}

static Counter *
counter (KairosProfiler *profiler, int thread, int operation, int name)
{
  return &profiler->counters[((gsize) thread * profiler->program->operations->len + operation) * N_NAMES + name];
}

void
kairos_profiler_add (KairosProfiler *profiler, int thread, const KairosInstruction *instruction, double n,
                     double seconds)
{
  const KairosOperand *operands[] = { &instruction->x,  &instruction->extra,  &instruction->y,
                                      &instruction->dy, &instruction->dextra, &instruction->out };
  const KairosLayer *layer = profiler->program->operations->pdata[instruction->operation];
  Counter *c = counter (profiler, thread, instruction->operation, row_of[instruction->pass]);

  c->seconds += seconds;
  if (instruction->pass == KAIROS_PASS_FORWARD || instruction->pass == KAIROS_PASS_BACKWARD_DATA ||
      instruction->pass == KAIROS_PASS_BACKWARD_WEIGHTS)
    c->flops += layer->flops * n;
  for (guint i = 0; i < G_N_ELEMENTS (operands); i++)
    if (operands[i]->value >= 0)
      c->bytes += operands[i]->size * n * sizeof (float);
}

void
kairos_profiler_report (KairosProfiler *profiler, KairosNetwork *network, GArray *rows)
{
  guint n_layers;
  const KairosLayerSummary *layers = kairos_network_layers (network, &n_layers);

  for (guint i = 0; i < profiler->program->operations->len; i++)
    for (int name = 0; name < N_NAMES; name++) {
      const KairosLayer *layer = profiler->program->operations->pdata[i];
      KairosProfileRow row = { layer->summary >= 0 ? layers[layer->summary].name : layer->kind->name, names[name] };
      for (int thread = 0; thread < profiler->n_threads; thread++) {
        const Counter *c = counter (profiler, thread, (int) i, name);
        row.seconds += c->seconds / profiler->n_threads;
        row.flops += c->flops;
        row.bytes += c->bytes;
      }
      if (row.seconds > 0)
        g_array_append_val (rows, row);
    }
}
