/* SPDX-License-Identifier: MIT */

/* One clip in detail: its times, and a form made from the schema of its kind, which edits the document's timeline.
 * Closes when the clip is gone.
 */
#pragma once

#include <kairos/document.h>

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_CLIP_POPOVER (kairos_clip_popover_get_type ())
G_DECLARE_FINAL_TYPE (KairosClipPopover, kairos_clip_popover, KAIROS, CLIP_POPOVER, GtkPopover)

GtkWidget *kairos_clip_popover_new (void);
void kairos_clip_popover_show (KairosClipPopover *popover, KairosDocument *document, guint32 clip);
const char *kairos_clip_popover_get_note (KairosClipPopover *popover); /* why the last edit was refused; "" */

G_END_DECLS
