/* SPDX-License-Identifier: MIT */

/* What the machine can do, and how the linear algebra is set up for it.
 *
 *   kairos_machine_prepare (argc, argv); // the first statement of main ()
 *   g_autofree char *machine = kairos_machine_describe ();
 *   g_print ("%s: %.0f GFLOP/s\n", machine, kairos_machine_peak_gflops (kairos_machine_n_cores ()));
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Call first thing in main().  Where OpenBLAS would use a slower kernel than the processor allows (it takes AVX-512
 * machines it does not know for Haswell, and environments are often set up for the weakest of many machines), or would
 * start threads of its own, sets OPENBLAS_CORETYPE, OPENBLAS_NUM_THREADS=1 and OMP_NUM_THREADS=1 and executes the
 * program again, once.  Numbers of threads that the person has set are respected; KAIROS_OPENBLAS_CORETYPE chooses a
 * kernel by hand.  Returns when nothing had to be done or the second execution could not be started. */
void kairos_machine_prepare (int argc, char **argv);

int kairos_machine_n_cores (void);             /* cores this process may use */
const char *kairos_machine_convolution (void); /* "onednn" or "openblas": what this build uses */
char *kairos_machine_describe (void); /* "2 cores, AVX-512, oneDNN 2.6.3, OpenBLAS 0.3.21 SkylakeX"; caller frees */
/* Measured peak of fused multiply-adds in float32, GFLOP/s over n_threads threads; takes about 0.2 s. */
double kairos_machine_peak_gflops (int n_threads);
/* Measured speed of copying within the second-level cache, GB/s read and written over n_threads threads; takes about
 * 0.2 s. */
double kairos_machine_peak_gbytes (int n_threads);

G_END_DECLS
