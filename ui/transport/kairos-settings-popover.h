/* SPDX-License-Identifier: MIT */

/* Hyper-parameters that may change while the network trains: the value asked for in the control, the value in force
 * below it.
 *
 * Property: "document" (KairosDocument).
 */
#pragma once

#include <adwaita.h>
#include <kairos/document.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_SETTINGS_POPOVER (kairos_settings_popover_get_type ())
G_DECLARE_FINAL_TYPE (KairosSettingsPopover, kairos_settings_popover, KAIROS, SETTINGS_POPOVER, GtkPopover)

G_END_DECLS
