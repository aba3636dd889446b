/* SPDX-License-Identifier: MIT */

/* What the machine tells about itself, and the second execution that sets up the linear algebra. */
#include "kairos/machine.h"

#include <string.h>

static const char *const variables[] = { "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_CORETYPE" };

static void
test_describe (void)
{
  g_autofree char *text = kairos_machine_describe ();

  g_test_message ("%s", text);
  g_assert_cmpint (kairos_machine_n_cores (), >=, 1);
  g_assert_nonnull (strstr (text, "core"));
  g_assert_nonnull (strstr (text, "OpenBLAS 0."));
  g_assert_cmpint (strstr (text, "oneDNN") != NULL, ==, g_str_equal (kairos_machine_convolution (), "onednn"));
}

static void
test_peak (void)
{
  double peak = kairos_machine_peak_gflops (1);

  g_test_message ("one core: %.1f GFLOP/s", peak);
  g_assert_cmpfloat (peak, >, 0.1);   /* the slowest machine that runs GTK does more, */
  g_assert_cmpfloat (peak, <, 10000); /* and no core does this much: the loop was not optimised away */
  g_assert_cmpfloat (kairos_machine_peak_gflops (0), ==, 0);

  double bytes = kairos_machine_peak_gbytes (1);
  g_test_message ("one core: %.1f GB/s", bytes);
  g_assert_cmpfloat (bytes, >, 0.1);
  g_assert_cmpfloat (bytes, <, 10000);
}

/* Runs this program as a child that prepares itself and prints what it then finds. */
static char *
run_child (char **environment)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  char *argv[] = { self, (char *) "--child", (char *) "second argument", NULL };
  char *output = NULL;
  int status = -1;
  g_autoptr (GError) error = NULL;

  g_spawn_sync (NULL, argv, environment, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  return output;
}

static int
child (int argc, char **argv)
{
  kairos_machine_prepare (argc, argv);
  g_print ("%d %s\n", argc, argv[2]);
  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_print ("%s=%s\n", variables[i], g_getenv (variables[i]) ? g_getenv (variables[i]) : "");
  return 0;
}

static void
test_prepare (void)
{
#ifdef __linux__
  g_auto (GStrv) environment = g_get_environ ();

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    environment = g_environ_unsetenv (environment, variables[i]);
  g_autofree char *fresh = run_child (environment);
  g_assert_true (g_str_has_prefix (fresh, "3 second argument\n"));
  g_assert_nonnull (strstr (fresh, "OPENBLAS_NUM_THREADS=1\nOMP_NUM_THREADS=1\n"));

  environment = g_environ_setenv (environment, "OMP_NUM_THREADS", "2", TRUE);
  environment = g_environ_setenv (environment, "KAIROS_OPENBLAS_CORETYPE", "Haswell", TRUE);
  g_autofree char *chosen = run_child (environment);
  g_assert_nonnull (strstr (chosen, "OPENBLAS_NUM_THREADS=1\nOMP_NUM_THREADS=2\nOPENBLAS_CORETYPE=Haswell\n"));

  /* What was set for weaker machines is not kept where this one can do better. */
  environment = g_environ_unsetenv (environment, "KAIROS_OPENBLAS_CORETYPE");
  environment = g_environ_setenv (environment, "OPENBLAS_CORETYPE", "Haswell", TRUE);
  g_autofree char *inherited = run_child (environment);
  g_assert_cmpint (strstr (inherited, "OPENBLAS_CORETYPE=SkylakeX\n") != NULL, ==,
                   strstr (fresh, "OPENBLAS_CORETYPE=SkylakeX\n") != NULL);
#else
  g_test_skip ("the program executes itself again on Linux only");
#endif
}

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--child"))
    return child (argc, argv);

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/machine/describe", test_describe);
  g_test_add_func ("/machine/peak", test_peak);
  g_test_add_func ("/machine/prepare", test_prepare);
  return g_test_run ();
}
