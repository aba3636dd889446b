/* SPDX-License-Identifier: MIT */

/* See the header. */
#include "config.h"

#include "window/kairos-screenshot.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

enum { WIDTH = 1440, HEIGHT = 900, RETRY_MILLISECONDS = 250, TRIES = 120 };

typedef struct {
  KairosWindow *window;
  GFile *file;
  double seconds;
  int *status;         /* borrowed: 1 when it failed */
  int tries;           /* to take the picture, so far */
  char *folder, *path; /* of the temporary session */
} Shot;

GdkTexture *
kairos_screenshot_render (GtkWidget *widget)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  int width = gdk_paintable_get_intrinsic_width (paintable), height = gdk_paintable_get_intrinsic_height (paintable);
  GskRenderNode *node;
  GdkTexture *texture;

  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (snapshot);
  if (!node)
    return NULL;
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (gtk_widget_get_native (widget)), node,
                                         &GRAPHENE_RECT_INIT (0, 0, width, height));
  gsk_render_node_unref (node);
  return texture;
}

static void
finish (Shot *shot, const char *problem)
{
  if (problem) {
    g_printerr ("%s\n", problem);
    *shot->status = 1;
  }
  gtk_window_destroy (GTK_WINDOW (shot->window));
  if (shot->folder) {
    g_remove (shot->path);
    g_rmdir (shot->folder);
  }
  g_object_unref (shot->file);
  g_free (shot->folder);
  g_free (shot->path);
  g_free (shot);
}

static gboolean
on_take (gpointer user_data)
{
  Shot *shot = user_data;
  g_autoptr (GdkTexture) texture = kairos_screenshot_render (GTK_WIDGET (shot->window));
  g_autofree char *path = g_file_get_path (shot->file);
  g_autofree char *problem = NULL;

  /* On a busy machine the first frame may not have been drawn yet. */
  if (!texture && shot->tries++ < TRIES) {
    g_timeout_add (RETRY_MILLISECONDS, on_take, shot);
    return G_SOURCE_REMOVE;
  }
  if (!texture || !path || !gdk_texture_save_to_png (texture, path))
    problem =
        g_strdup_printf (_ ("The picture %s cannot be written; check that its folder exists and may be written to."),
                         path);
  finish (shot, problem);
  return G_SOURCE_REMOVE;
}

static gboolean
on_give_up (gpointer user_data)
{
  finish (user_data, _ ("No picture was taken."));
  return G_SOURCE_REMOVE;
}

/* The window must not go while it reports. */
static void
on_failed (KairosWindow *window, const char *sentence, Shot *shot)
{
  g_printerr ("%s\n", sentence);
  g_idle_add (on_give_up, shot);
}

static void
on_document (KairosWindow *window, GParamSpec *pspec, Shot *shot)
{
  if (!kairos_window_get_document (window))
    return;
  kairos_document_play (kairos_window_get_document (window));
  g_timeout_add (MAX (0, 1000 * shot->seconds), on_take, shot);
}

/* A session in a folder of its own: the name is what the header bar shows. */
static void
train_in_temporary (Shot *shot, const char *spec)
{
  g_autofree char *title = !spec                                 ? g_strdup ("digits")
                           : g_str_has_prefix (spec, "builtin:") ? g_strdup (spec + 8)
                                                                 : g_path_get_basename (spec);
  g_autofree char *name = g_strconcat (title, ".kairos", NULL);

  shot->folder = g_dir_make_tmp ("kairos-XXXXXX", NULL);
  shot->path = g_build_filename (shot->folder ? shot->folder : g_get_tmp_dir (), name, NULL);
  kairos_window_train (shot->window, spec, shot->path);
}

void
kairos_screenshot_begin (GtkApplication *application, const char *spec, GFile *file, double seconds, int *status)
{
  Shot *shot = g_new0 (Shot, 1);

  shot->file = g_object_ref (file);
  shot->seconds = seconds;
  shot->status = status;
  shot->window = kairos_window_new (application);
  kairos_window_set_fixed_size (shot->window, WIDTH, HEIGHT);
  g_signal_connect (shot->window, "notify::document", G_CALLBACK (on_document), shot);
  g_signal_connect (shot->window, "failed", G_CALLBACK (on_failed), shot);
  if (spec && g_str_has_suffix (spec, ".kairos"))
    kairos_window_open (shot->window, spec);
  else
    train_in_temporary (shot, spec);
  gtk_window_present (GTK_WINDOW (shot->window));
}
