/* SPDX-License-Identifier: MIT */

/* The program kairos: prepares the machine, then hands over to the application. */
#include "config.h"

#include <glib/gi18n.h>
#include <kairos/machine.h>
#include <locale.h>

#include "window/kairos-application.h"

int
main (int argc, char **argv)
{
  g_autoptr (KairosApplication) application = NULL;
  int status;

  kairos_machine_prepare (argc, argv);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, KAIROS_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  application = kairos_application_new ();
  status = g_application_run (G_APPLICATION (application), argc, argv);
  return status != 0 ? status : kairos_application_get_status (application);
}
