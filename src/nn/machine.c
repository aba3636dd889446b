/* SPDX-License-Identifier: MIT */

/* The processor: its cores, its peak, and the environment that OpenBLAS and OpenMP need to use it well. */
#include "kairos/machine.h"

#include "conv-private.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define HAVE_X86 1
#endif

static gboolean
has_avx512 (void)
{
#ifdef HAVE_X86
  return __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512bw") &&
         __builtin_cpu_supports ("avx512dq") && __builtin_cpu_supports ("avx512vl") &&
         __builtin_cpu_supports ("avx512cd");
#else
  return FALSE;
#endif
}

static gboolean
has_avx2 (void)
{
#ifdef HAVE_X86
  return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
#else
  return FALSE;
#endif
}

/* TRUE when the variable changed. */
static gboolean
set_variable (const char *name, const char *value)
{
  return g_strcmp0 (g_getenv (name), value) != 0 && g_setenv (name, value, TRUE);
}

/* Whether the kernel that the environment asks for uses the vectors that this processor has.  Shells and containers
 * often set one for all machines they run on, at half the speed of this one; KAIROS_OPENBLAS_CORETYPE is the way to
 * insist. */
static gboolean
kernel_is_wide (const char *kernel)
{
  return kernel && (g_ascii_strcasecmp (kernel, "SkylakeX") == 0 || g_ascii_strcasecmp (kernel, "Cooperlake") == 0 ||
                    g_ascii_strcasecmp (kernel, "SapphireRapids") == 0);
}

static gboolean
choose_kernel (void)
{
  const char *wanted = g_getenv ("KAIROS_OPENBLAS_CORETYPE");

  if (wanted)
    return set_variable ("OPENBLAS_CORETYPE", wanted);
  if (!has_avx512 () || kernel_is_wide (g_getenv ("OPENBLAS_CORETYPE")))
    return FALSE;
  return set_variable ("OPENBLAS_CORETYPE", "SkylakeX");
}

/* The libraries read these variables while the program is being loaded, hence the second execution.  It finds all of
 * them as they should be, so there is no third; the mark makes that certain. */
void
kairos_machine_prepare (int argc, char **argv)
{
#ifdef __linux__
  if (g_getenv ("KAIROS_PREPARED")) {
    g_unsetenv ("KAIROS_PREPARED"); /* not for the programs that this one starts */
    return;
  }
  gboolean changed = !g_getenv ("OPENBLAS_NUM_THREADS") && set_variable ("OPENBLAS_NUM_THREADS", "1");

  changed |= !g_getenv ("OMP_NUM_THREADS") && set_variable ("OMP_NUM_THREADS", "1");
  changed |= choose_kernel ();
  if (!changed)
    return;
  g_setenv ("KAIROS_PREPARED", "1", TRUE);

  /* By its path, so that ps and top show its name; a program deleted meanwhile still has the link. */
  g_autofree char *path = g_file_read_link ("/proc/self/exe", NULL);
  if (path)
    execv (path, argv);
  execv ("/proc/self/exe", argv);
#endif
}

int
kairos_machine_n_cores (void)
{
  return (int) g_get_num_processors ();
}

const char *
kairos_machine_convolution (void)
{
#ifdef KAIROS_HAVE_ONEDNN
  return "onednn";
#else
  return "openblas";
#endif
}

char *
kairos_machine_describe (void)
{
  int cores = kairos_machine_n_cores ();
  const char *vectors = has_avx512 () ? ", AVX-512" : has_avx2 () ? ", AVX2" : "";
#ifdef KAIROS_HAVE_ONEDNN
  const char *convolution = kairos_onednn_describe ();
  return g_strdup_printf ("%d %s%s, %s, %s", cores, cores == 1 ? "core" : "cores", vectors, convolution,
                          kairos_gemm_describe ());
#else
  return g_strdup_printf ("%d %s%s, %s", cores, cores == 1 ? "core" : "cores", vectors, kairos_gemm_describe ());
#endif
}

/* ---- the peak ---- */

/* Independent sums: more than latency times units of any processor so far, and few enough to stay in registers. */
enum { CHAINS = 12, ROUNDS = 40000 };

/* Defines a function that does CHAINS * ROUNDS fused multiply-adds of vectors of `bytes` bytes and returns how many
 * operations that was. */
#define DEFINE_BURN(name, bytes, attributes)                                                                           \
  attributes static double name (volatile float *sink)                                                                 \
  {                                                                                                                    \
    typedef float Vector __attribute__ ((vector_size (bytes)));                                                        \
    const Vector factor = (Vector){ 0 } + (1 - *sink), term = (Vector){ 0 } + *sink;                                   \
    Vector sums[CHAINS];                                                                                               \
    for (int i = 0; i < CHAINS; i++)                                                                                   \
      sums[i] = term;                                                                                                  \
    for (int round = 0; round < ROUNDS; round++) {                                                                     \
      _Pragma ("GCC unroll 12") for (int i = 0; i < CHAINS; i++) sums[i] = sums[i] * factor + term;                    \
    }                                                                                                                  \
    for (int i = 1; i < CHAINS; i++)                                                                                   \
      sums[0] += sums[i];                                                                                              \
    *sink = sums[0][0] * 0;                                                                                            \
    return 2.0 * ROUNDS * CHAINS * (bytes / sizeof (float));                                                           \
  }

#ifdef HAVE_X86
DEFINE_BURN (burn_avx512, 64, __attribute__ ((target ("avx512f"))))
DEFINE_BURN (burn_avx2, 32, __attribute__ ((target ("avx2,fma"))))
#endif
DEFINE_BURN (burn_baseline, 16, )

static double
burn (volatile float *sink)
{
#ifdef HAVE_X86
  if (has_avx512 ())
    return burn_avx512 (sink);
  if (has_avx2 ())
    return burn_avx2 (sink);
#endif
  return burn_baseline (sink);
}

/* bytes; source and target stay in the second-level cache of a core, as the tiles of a network do */
enum { COPIED = 128 * 1024 };

/* Bytes read and written by some copies. */
static double
copy_block (volatile float *sink)
{
  static __thread char source[COPIED], target[COPIED];

  for (int i = 0; i < 20; i++) {
    memcpy (target, source, COPIED);
    __asm__ volatile("" : : "r"(source), "r"(target) : "memory"); /* somebody might look: it has to be copied */
  }
  return 2.0 * 20 * COPIED;
}

typedef struct {
  double (*work) (volatile float *sink); /* returns how much it did */
  double best;                           /* most of it in a microsecond */
} Measurement;

/* The best of many short runs in 0.2 s: what the core can do when nobody else has it. */
static void *
measure_core (void *data)
{
  Measurement *self = data;
  const gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC / 5;
  volatile float sink = 0;

  for (gint64 start = g_get_monotonic_time (); start < end;) {
    double done = 0;
    for (int i = 0; i < 10; i++)
      done += self->work (&sink);
    gint64 now = g_get_monotonic_time ();
    self->best = MAX (self->best, done / MAX (now - start, 1));
    start = now;
  }
  return NULL;
}

/* Thousand millions a second, over all threads. */
static double
measure_cores (double (*work) (volatile float *sink), int n_threads)
{
  g_autofree pthread_t *threads = g_new0 (pthread_t, MAX (n_threads, 1));
  g_autofree Measurement *measurements = g_new0 (Measurement, MAX (n_threads, 1));
  double sum = 0;
  int started = 0;

  for (int i = 0; i < n_threads; i++)
    measurements[i].work = work;
  while (started < n_threads && pthread_create (&threads[started], NULL, measure_core, &measurements[started]) == 0)
    started++;
  for (int i = 0; i < started; i++) {
    pthread_join (threads[i], NULL);
    sum += measurements[i].best;
  }
  return sum * 1e-3;
}

double
kairos_machine_peak_gflops (int n_threads)
{
  return measure_cores (burn, n_threads);
}

double
kairos_machine_peak_gbytes (int n_threads)
{
  return measure_cores (copy_block, n_threads);
}
