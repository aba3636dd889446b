/* SPDX-License-Identifier: MIT */

/* Preferences: each row is bound to one key of the settings, and whoever is concerned listens to that key. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_PREFERENCES_WINDOW (kairos_preferences_window_get_type ())
G_DECLARE_FINAL_TYPE (KairosPreferencesWindow, kairos_preferences_window, KAIROS, PREFERENCES_WINDOW,
                      AdwPreferencesWindow)

KairosPreferencesWindow *kairos_preferences_window_new (void);

G_END_DECLS
