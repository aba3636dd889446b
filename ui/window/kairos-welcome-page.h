/* SPDX-License-Identifier: MIT */

/* The first page: start on built-in data, on data of one's own, or go on with a session.  Everything on it is an action
 * of the window (win.new-on, win.open, win.open-folder, win.open-recent); the page itself only shows. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_WELCOME_PAGE (kairos_welcome_page_get_type ())
G_DECLARE_FINAL_TYPE (KairosWelcomePage, kairos_welcome_page, KAIROS, WELCOME_PAGE, GtkWidget)

G_END_DECLS
