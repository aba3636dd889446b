/* SPDX-License-Identifier: MIT */

/* The transport: the row of buttons that makes training go, and what it is doing right now.
 *
 * Property: "document" (KairosDocument).
 * Actions: transport.play (toggle), .step, .epoch, .stop, .restart, .more (raises the planned epochs and plays on),
 * .back (to the newest checkpoint), .settings (opens the popover), .speed (int: steps a second, 0 no limit).
 */
#pragma once

#include <adwaita.h>
#include <kairos/document.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_TRANSPORT (kairos_transport_get_type ())
G_DECLARE_FINAL_TYPE (KairosTransport, kairos_transport, KAIROS, TRANSPORT, GtkWidget)

GtkWidget *kairos_transport_new (void);

G_END_DECLS
