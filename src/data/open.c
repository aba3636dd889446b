/* SPDX-License-Identifier: MIT */

/* Opening a data set: the table of readers, and which of them a path belongs to. */
#include "reader.h"

#include <string.h>

#include "cache.h"

/* One line a reader; of equally sure ones the first is taken. */
static const KairosReader *const readers[] = {
  &kairos_reader_idx, &kairos_reader_cifar, &kairos_reader_folder,
  &kairos_reader_csv, &kairos_reader_npy,   &kairos_reader_builtin,
};

static KairosReaderInfo infos[G_N_ELEMENTS (readers)];

static void
collect_infos (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    infos[i] = readers[i]->info;
}

const KairosReaderInfo *
kairos_reader_infos (guint *n)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once (&once, collect_infos);
  *n = G_N_ELEMENTS (infos);
  return infos;
}

KairosOpenOptions
kairos_open_options_default (void)
{
  return (KairosOpenOptions){ .fit = "crop", .use_cache = TRUE };
}

static const KairosReader *
find_reader (const char *path, GError **error)
{
  const KairosReader *best = NULL;
  int surest = 0;

  for (guint i = 0; i < G_N_ELEMENTS (readers); i++) {
    int sure = readers[i]->probe (path);

    if (sure > surest) {
      best = readers[i];
      surest = sure;
    }
  }
  if (best)
    return best;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                 "%s does not exist; choose the file or folder that holds the data.", path);
  else
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED,
                 "%s is no data that Kairos knows; expected IDX, CIFAR, CSV, NPY or NPZ files, or a folder with one "
                 "sub-folder of pictures a class.",
                 path);
  return NULL;
}

static gboolean
check_options (const KairosOpenOptions *options, GError **error)
{
  if (options->side != 0 && (options->side < 8 || options->side > 1024))
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "A side of %d points cannot be used; choose 8 to 1024.",
                 options->side);
  else if (options->fit && strcmp (options->fit, "crop") != 0 && strcmp (options->fit, "letterbox") != 0)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "Pictures cannot be fitted by \"%s\"; choose crop or letterbox.", options->fit);
  else if (options->samples < 0)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "%d samples cannot be drawn; choose at least 1, or 0 for the default.", options->samples);
  else
    return TRUE;
  return FALSE;
}

/* Reads, or takes what an earlier reading has left behind. */
static KairosDataset *
read_or_load (KairosReadContext *context, const KairosReader *reader, const char *path, GError **error)
{
  g_auto (GStrv) files =
      context->options->use_cache && reader->worth_caching ? reader->worth_caching (context, path) : NULL;
  g_autofree char *key =
      files ? kairos_cache_key (reader->info.name, context->options, (const char *const *) files) : NULL;
  g_autoptr (KairosDataset) dataset = key ? kairos_cache_load (key) : NULL;

  if (dataset)
    return g_steal_pointer (&dataset);
  dataset = reader->read (context, path, error);
  if (!dataset || !kairos_dataset_complete (dataset, path, error))
    return NULL;
  if (key)
    kairos_cache_store (key, dataset);
  return g_steal_pointer (&dataset);
}

/* The name of the file or folder without what only says how it is packed. */
static char *
title_of (const char *path)
{
  char *title = g_path_get_basename (path);

  if (g_str_has_suffix (title, ".gz"))
    title[strlen (title) - strlen (".gz")] = '\0';
  return title;
}

KairosDataset *
kairos_dataset_open (const char *spec, const KairosOpenOptions *options, KairosProgressFunc progress,
                     gpointer user_data, GCancellable *cancellable, GError **error)
{
  KairosOpenOptions fallback = kairos_open_options_default ();
  KairosReadContext context = {
    .options = options ? options : &fallback, .cancellable = cancellable, .progress = progress, .user_data = user_data
  };
  g_autofree char *path = g_str_has_prefix (spec, "builtin:") ? g_strdup (spec) : g_canonicalize_filename (spec, NULL);
  g_autoptr (KairosDataset) dataset = NULL;
  const KairosReader *reader;

  if (!check_options (context.options, error) || !kairos_read_progress (&context, 0, error, "looking at %s", path))
    return NULL;
  reader = find_reader (path, error);
  if (!reader)
    return NULL;
  dataset = read_or_load (&context, reader, path, error);
  if (!dataset)
    return NULL;
  dataset->spec = g_steal_pointer (&path);
  dataset->reader = reader->info.name;
  if (!dataset->title)
    dataset->title = title_of (dataset->spec);
  if (!kairos_read_progress (&context, 1, error, "read %u samples", dataset->n))
    return NULL;
  return g_steal_pointer (&dataset);
}
