/* SPDX-License-Identifier: MIT */

/* See the header. */
#include "config.h"

#include "window/kairos-application.h"
#include "window/kairos-window.h"

struct _KairosApplication {
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (KairosApplication, kairos_application, ADW_TYPE_APPLICATION)

static void
kairos_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (kairos_window_new (KAIROS_APPLICATION (application))));
}

static void
kairos_application_class_init (KairosApplicationClass *klass)
{
  G_APPLICATION_CLASS (klass)->activate = kairos_application_activate;
}

static void
kairos_application_init (KairosApplication *self)
{
}

KairosApplication *
kairos_application_new (void)
{
  return g_object_new (KAIROS_TYPE_APPLICATION, "application-id", KAIROS_APP_ID, "resource-base-path", "/io/github/kairos_studio/Kairos", NULL);
}
