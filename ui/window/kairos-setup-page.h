/* SPDX-License-Identifier: MIT */

/* From data to a session: reads the data (progress, cancel), shows what is in it, and asks how to train on it.
 *
 * Property: "title" (string, read-only): the data set's, for the header bar.
 * Signals: "start" (KairosConfig *): the person is done; the configuration is valid only during the emission.
 * "cancelled" ().
 */
#pragma once

#include <adwaita.h>
#include <kairos/config.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_SETUP_PAGE (kairos_setup_page_get_type ())
G_DECLARE_FINAL_TYPE (KairosSetupPage, kairos_setup_page, KAIROS, SETUP_PAGE, GtkWidget)

/* spec: a path or builtin:NAME. */
void kairos_setup_page_load (KairosSetupPage *self, const char *spec);
/* A sentence about why the session could not be made; everything that was entered stays. */
void kairos_setup_page_show_error (KairosSetupPage *self, const char *sentence);

/* The values that suit a data set: its network, and batch and epochs such that even a small one gets enough steps.
 * dataset must stay while it is called. */
KairosConfig *kairos_setup_suggest (KairosDataset *dataset) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
