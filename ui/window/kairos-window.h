/* SPDX-License-Identifier: MIT */

/* The main window: one session, or the pages that lead to one.
 *
 * Signal: "failed" (sentence): a session could not be opened or made; the person is being told.
 * Property: "document" (KairosDocument, read-only; NULL until a session is open).
 * Actions: win.* (see kairos-window-actions.c), and win.play, .step, .epoch, .stop, .restart which stand for the
 * transport's everywhere in the window.
 */
#pragma once

#include <adwaita.h>
#include <kairos/document.h>

G_BEGIN_DECLS

#define KAIROS_PROGRAM_TITLE "Kairos"
#define KAIROS_TYPE_WINDOW (kairos_window_get_type ())
G_DECLARE_FINAL_TYPE (KairosWindow, kairos_window, KAIROS, WINDOW, AdwApplicationWindow)

KairosWindow *kairos_window_new (GtkApplication *application);
/* NULL until a session is open. */
KairosDocument *kairos_window_get_document (KairosWindow *self);
/* TRUE while it shows the welcome page only: a session may open here. */
gboolean kairos_window_is_empty (KairosWindow *self);
/* A session file (name ends in .kairos) opens; anything else is data and leads to the setup page. */
void kairos_window_open (KairosWindow *self, const char *spec);
/* The same in window when that is empty, else in a new window of the application (window may be NULL); a session that
 * is open in another already is only brought to the front. */
void kairos_window_open_in (GtkApplication *application, KairosWindow *window, const char *spec);
/* Makes a session and opens it.  path NULL: untitled.  play: it trains at once. */
void kairos_window_create (KairosWindow *self, const char *path, const KairosConfig *config, gboolean play);
/* The same with the settings that suit the data, training at once.  spec NULL: the built-in digits. */
void kairos_window_train (KairosWindow *self, const char *spec, const char *path);
/* The size without the person's settings, for pictures and measurements. */
void kairos_window_set_fixed_size (KairosWindow *self, int width, int height);

G_END_DECLS
