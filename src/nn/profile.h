/* SPDX-License-Identifier: MIT */

/* Where the time of a program goes: one counter a thread, operation and pass. */
#pragma once

#include "program.h"

G_BEGIN_DECLS

typedef struct _KairosProfiler KairosProfiler;

KairosProfiler *kairos_profiler_new (const KairosProgram *program, int n_threads);
void kairos_profiler_free (KairosProfiler *profiler); /* accepts NULL */
/* seconds of the calling thread on a processor, so that other programs do not count */
double kairos_profiler_now (void);
/* n: samples, in parts where a piece does a part of each.  operands' sizes are what the pass moves. */
void kairos_profiler_add (KairosProfiler *profiler, int thread, const KairosInstruction *instruction, double n,
                          double seconds);
/* Appends KairosProfileRow; names are looked up in network. */
void kairos_profiler_report (KairosProfiler *profiler, KairosNetwork *network, GArray *rows);

G_END_DECLS
