/* SPDX-License-Identifier: MIT */

/* The button in the header bar that names the run which the window shows; its menu lists the runs of the session, with
 * what they branched from and their figures, to go to, rename, hide or delete.  Each verb is a window action with the
 * run's number: win.run-switch, win.run-rename, win.run-hide, win.run-delete.
 *
 * Property: "document" (KairosDocument, may be NULL: the button is hidden).
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/document.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_RUN_MENU (kairos_run_menu_get_type ())
G_DECLARE_FINAL_TYPE (KairosRunMenu, kairos_run_menu, KAIROS, RUN_MENU, GtkWidget)

void kairos_run_menu_set_document (KairosRunMenu *menu, KairosDocument *document);

G_END_DECLS
