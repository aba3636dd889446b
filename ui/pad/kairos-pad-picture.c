/* SPDX-License-Identifier: MIT */

/* See the header.  The clipboard is asked for files first: a file manager that offers the icon of a file, too, means
 * the file. */
#include "pad/kairos-pad-picture.h"

typedef struct {
  KairosDataset *dataset;
  GFile *file;
  GdkTexture *texture; /* immutable, so that a thread may read it */
} Load;

static void
load_free (gpointer data)
{
  Load *load = data;

  kairos_dataset_unref (load->dataset);
  g_clear_object (&load->file);
  g_clear_object (&load->texture);
  g_free (load);
}

static KairosSketchPicture *
load_file (Load *load, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = g_file_get_path (load->file), *data = NULL;
  gsize size;

  if (path)
    return kairos_sketch_picture_read (load->dataset, path, error);
  if (!g_file_load_contents (load->file, cancellable, &data, &size, NULL, error))
    return NULL;
  return kairos_sketch_picture_decode (load->dataset, (const guint8 *) data, size, error);
}

static KairosSketchPicture *
load_texture (Load *load, GError **error)
{
  g_autoptr (GBytes) bytes = gdk_texture_save_to_png_bytes (load->texture);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  return kairos_sketch_picture_decode (load->dataset, data, size, error);
}

static void
load_in_thread (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  Load *load = task_data;
  GError *error = NULL;
  KairosSketchPicture *picture = load->file ? load_file (load, cancellable, &error) : load_texture (load, &error);

  if (picture)
    g_task_return_pointer (task, picture, (GDestroyNotify) kairos_sketch_picture_free);
  else
    g_task_return_error (task, error);
}

static GFile *
first_file (const GValue *value)
{
  g_autoptr (GSList) files = NULL;

  if (!G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST) || !g_value_get_boxed (value))
    return NULL;
  files = gdk_file_list_get_files (g_value_get_boxed (value));
  return files ? files->data : NULL; /* the list keeps it */
}

gboolean
kairos_pad_picture_is_possible (const GValue *value)
{
  return first_file (value) || (G_VALUE_HOLDS (value, GDK_TYPE_TEXTURE) && g_value_get_object (value));
}

void
kairos_pad_picture_load_async (KairosDataset *dataset, const GValue *value, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  GFile *file = first_file (value);
  Load *load = g_new0 (Load, 1);

  load->dataset = kairos_dataset_ref (dataset);
  if (file)
    load->file = g_object_ref (file);
  else
    load->texture = g_value_dup_object (value);
  g_task_set_source_tag (task, kairos_pad_picture_load_async);
  g_task_set_task_data (task, load, load_free);
  g_task_run_in_thread (task, load_in_thread);
}

KairosSketchPicture *
kairos_pad_picture_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
kairos_pad_picture_paste_async (GdkClipboard *clipboard, GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  const GType types[] = { GDK_TYPE_FILE_LIST, GDK_TYPE_TEXTURE };
  g_autoptr (GdkContentFormats) formats =
      gdk_content_formats_union_deserialize_gtypes (gdk_content_formats_ref (gdk_clipboard_get_formats (clipboard)));

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (gdk_content_formats_contain_gtype (formats, types[i])) {
      gdk_clipboard_read_value_async (clipboard, types[i], G_PRIORITY_DEFAULT, cancellable, callback, user_data);
      return TRUE;
    }
  return FALSE;
}

const GValue *
kairos_pad_picture_paste_finish (GObject *clipboard, GAsyncResult *result, GError **error)
{
  return gdk_clipboard_read_value_finish (GDK_CLIPBOARD (clipboard), result, error);
}
