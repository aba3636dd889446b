/* SPDX-License-Identifier: MIT */

/* One sample in full: picture, label, where it comes from, what the network sees in it now, its loss over the epochs.
 * Follows training while it is mapped.  Its buttons activate the data panel's actions data.back, data.previous and
 * data.next. */
#pragma once

#include <gtk/gtk.h>
#include <kairos/document-samples.h>

#include "data/kairos-pictures.h"

G_BEGIN_DECLS

#define KAIROS_TYPE_SAMPLE_PAGE (kairos_sample_page_get_type ())
G_DECLARE_FINAL_TYPE (KairosSamplePage, kairos_sample_page, KAIROS, SAMPLE_PAGE, GtkWidget)

/* Both NULL: empties the page. */
void kairos_sample_page_set_document (KairosSamplePage *page, KairosDocument *document, KairosPictures *pictures);
void kairos_sample_page_show_sample (KairosSamplePage *page, guint32 id);
guint32 kairos_sample_page_get_id (KairosSamplePage *page);

G_END_DECLS
