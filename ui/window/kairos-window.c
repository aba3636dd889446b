/* SPDX-License-Identifier: MIT */

/* See the header. */
#include "config.h"

#include "window/kairos-window.h"

struct _KairosWindow {
  AdwApplicationWindow parent_instance;
};

G_DEFINE_FINAL_TYPE (KairosWindow, kairos_window, ADW_TYPE_APPLICATION_WINDOW)

static void
kairos_window_class_init (KairosWindowClass *klass)
{
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass), "/io/github/kairos_studio/Kairos/templates/kairos-window.ui");
}

static void
kairos_window_init (KairosWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

KairosWindow *
kairos_window_new (KairosApplication *application)
{
  return g_object_new (KAIROS_TYPE_WINDOW, "application", application, NULL);
}
