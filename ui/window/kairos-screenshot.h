/* SPDX-License-Identifier: MIT */

/* A picture of the window, made without a person: `kairos --screenshot FILE`. */
#pragma once

#include "window/kairos-window.h"

G_BEGIN_DECLS

/* Opens a session, or trains on data (NULL: the built-in digits) in a temporary one, in a window of 1440x900; after so
 * many seconds of training writes the PNG file and ends the application.  status becomes 1 when that failed; it has to
 * live as long as the application. */
void kairos_screenshot_begin (GtkApplication *application, const char *spec, GFile *file, double seconds, int *status);

/* The widget as it was last drawn.  NULL when it has not been drawn yet. */
GdkTexture *kairos_screenshot_render (GtkWidget *widget) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
