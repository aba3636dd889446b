/* SPDX-License-Identifier: MIT */

/* What a clip does to pictures, on one of the data set's: before and after, side by side.  Not visible where there is
 * nothing to show: data without pictures, or a clip that leaves them alone.
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/document.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_BEFORE_AFTER (kairos_before_after_get_type ())
G_DECLARE_FINAL_TYPE (KairosBeforeAfter, kairos_before_after, KAIROS, BEFORE_AFTER, GtkWidget)

GtkWidget *kairos_before_after_new (void);
/* Takes a sample of it, which stays: the first that is selected, else the first that the data panel shows.  NULL: none.
 */
void kairos_before_after_set_document (KairosBeforeAfter *self, KairosDocument *document);
/* The clip as it is now; it need not stay. */
void kairos_before_after_show_clip (KairosBeforeAfter *self, const KairosClip *clip);

G_END_DECLS
