/* SPDX-License-Identifier: MIT */

/* The reader of "builtin:NAME", and the table of the drawn sets.
 *
 * Classes take turns, so every set is balanced.  The last sixth is the official test split, so that two sessions on the
 * same set are judged by the same samples, whatever their seeds.
 */
#include "builtin.h"

#include <string.h>

#include "kairos/pool.h"

static const KairosBuiltin *const sets[] = {
  &kairos_builtin_digits,  &kairos_builtin_shapes, &kairos_builtin_spirals, &kairos_builtin_moons,
  &kairos_builtin_circles, &kairos_builtin_xor,    &kairos_builtin_blobs,
};

enum { SEED = 1, TEST_SHARE = 6, PIECE = 64, MAX_SAMPLES = 10 * 1000 * 1000 };
#define PREFIX "builtin:"

static KairosBuiltinInfo infos[G_N_ELEMENTS (sets)];

static void
collect_infos (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    infos[i] = sets[i]->info;
}

const KairosBuiltinInfo *
kairos_builtin_infos (guint *n)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once (&once, collect_infos);
  *n = G_N_ELEMENTS (infos);
  return infos;
}

typedef struct {
  const KairosBuiltin *set;
  KairosDataset *dataset;
  KairosReadContext *context;
  GError *error; /* of the opening thread */
  atomic_int drawn, cancelled;
} Drawing;

static void
draw_piece (gpointer data, int piece, int thread)
{
  Drawing *drawing = data;
  KairosDataset *dataset = drawing->dataset;
  gsize size = kairos_shape_size (dataset->shape);
  guint first = piece * PIECE, last = MIN (first + PIECE, dataset->n);

  if (atomic_load (&drawing->cancelled))
    return;
  for (guint id = first; id < last; id++) {
    KairosRandom random = kairos_random (SEED, KAIROS_RANDOM_GENERATE, 0, id);
    gpointer out =
        dataset->is_image ? (gpointer) (dataset->bytes + id * size) : (gpointer) (dataset->floats + id * size);

    dataset->labels[id] = id % drawing->set->info.n_classes;
    dataset->difficulty[id] = drawing->set->draw (&random, dataset->labels[id], out);
  }
  atomic_fetch_add (&drawing->drawn, last - first);
  /* Thread 0 is the opening thread, the one that may tell the progress. */
  if (thread == 0 &&
      !kairos_read_progress (drawing->context, (double) atomic_load (&drawing->drawn) / dataset->n, &drawing->error,
                             "drawing %d of %u", atomic_load (&drawing->drawn), dataset->n))
    atomic_store (&drawing->cancelled, 1);
}

static const KairosBuiltin *
find_set (const char *name, GError **error)
{
  g_autoptr (GString) known = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (sets); i++) {
    if (strcmp (sets[i]->info.name, name) == 0)
      return sets[i];
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", sets[i]->info.name);
  }
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING, "There is no built-in data \"%s\"; choose one of %s.", name,
               known->str);
  return NULL;
}

static int
builtin_probe (const char *path)
{
  return g_str_has_prefix (path, PREFIX) ? 100 : 0;
}

static KairosDataset *
builtin_read (KairosReadContext *context, const char *path, GError **error)
{
  const KairosBuiltin *set = find_set (path + strlen (PREFIX), error);
  g_autoptr (KairosDataset) dataset = kairos_dataset_new ();
  g_autoptr (KairosPool) pool = NULL;
  Drawing drawing = { .set = set, .dataset = dataset, .context = context };
  guint n = context->options->samples;

  if (!set)
    return NULL;
  n = n > 0 ? n : set->info.n_samples;
  if (n > MAX_SAMPLES) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "%u samples cannot be drawn; choose at most %d.", n,
                 MAX_SAMPLES);
    return NULL;
  }
  if (!kairos_dataset_allocate (dataset, n, set->info.shape, set->info.shape.height > 1, path, error))
    return NULL;
  dataset->title = g_strdup (set->title);
  dataset->n_classes = set->info.n_classes;
  dataset->class_names = g_strdupv ((char **) set->class_names);
  dataset->difficulty = g_new (float, n);
  pool = kairos_pool_new (0);
  kairos_pool_run (pool, (n + PIECE - 1) / PIECE, draw_piece, &drawing);
  if (drawing.error) {
    g_propagate_error (error, drawing.error);
    return NULL;
  }
  kairos_dataset_set_official (dataset, n - n / TEST_SHARE);
  return g_steal_pointer (&dataset);
}

const KairosReader kairos_reader_builtin = {
  { "builtin", "data that Kairos draws itself: builtin:digits and others" },
  builtin_probe,
  builtin_read,
};
