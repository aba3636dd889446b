/* SPDX-License-Identifier: MIT */

/* The application: command line, windows, actions that belong to no window. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_APPLICATION (kairos_application_get_type ())
G_DECLARE_FINAL_TYPE (KairosApplication, kairos_application, KAIROS, APPLICATION, AdwApplication)

KairosApplication *kairos_application_new (void);

G_END_DECLS
