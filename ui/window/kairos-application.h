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

#define KAIROS_PROGRAM_TITLE "Kairos"
#define KAIROS_TYPE_APPLICATION (kairos_application_get_type ())
G_DECLARE_FINAL_TYPE (KairosApplication, kairos_application, KAIROS, APPLICATION, AdwApplication)

typedef struct _KairosWindow KairosWindow;

KairosApplication *kairos_application_new (void);
/* Opens a session or data in window when that is empty, else in a new window; a session that is open already is only
 * brought to the front. */
void kairos_application_open_in (KairosApplication *self, KairosWindow *window, const char *spec);
/* What the program ends with; 0 unless it was set. */
void kairos_application_set_status (KairosApplication *self, int status);
int kairos_application_get_status (KairosApplication *self);

G_END_DECLS
