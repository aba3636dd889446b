/* SPDX-License-Identifier: MIT */

/* The main window: one session, or the pages that lead to one. */
#pragma once

#include "window/kairos-application.h"

G_BEGIN_DECLS

#define KAIROS_TYPE_WINDOW (kairos_window_get_type ())
G_DECLARE_FINAL_TYPE (KairosWindow, kairos_window, KAIROS, WINDOW, AdwApplicationWindow)

KairosWindow *kairos_window_new (KairosApplication *application);

G_END_DECLS
