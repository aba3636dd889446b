/* SPDX-License-Identifier: MIT */

/* The application: command line, windows, actions that belong to no window.
 *
 * `kairos [--quick-start] [SESSION.kairos | DATA | builtin:NAME]...`  One process serves all windows of a desktop
 * session; a second start hands its command line over to the first. Pictures (--screenshot) and measurements
 * (--benchmark-ui) run in a process of their own.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_APPLICATION (kairos_application_get_type ())
G_DECLARE_FINAL_TYPE (KairosApplication, kairos_application, KAIROS, APPLICATION, AdwApplication)

KairosApplication *kairos_application_new (void);
/* What the program ends with: 0, or 1 where a picture or a measurement failed. */
int kairos_application_get_status (KairosApplication *self);

G_END_DECLS
