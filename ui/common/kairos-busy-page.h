/* SPDX-License-Identifier: MIT */

/* A page for work that takes a while: what is being done, how far it is, and a button that stops it.
 *
 * Properties: "title" (string).  Signal: "cancelled" ().
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_BUSY_PAGE (kairos_busy_page_get_type ())
G_DECLARE_FINAL_TYPE (KairosBusyPage, kairos_busy_page, KAIROS, BUSY_PAGE, GtkWidget)

/* A new piece of work, nothing of it done yet. */
void kairos_busy_page_begin (KairosBusyPage *self, const char *title);
/* A KairosProgressFunc. */
void kairos_busy_page_progress (double fraction, const char *phrase, gpointer page);

G_END_DECLS
