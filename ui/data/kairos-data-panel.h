/* SPDX-License-Identifier: MIT */

/* The data panel: every sample as a thumbnail, searched, ordered and selected here; one sample in full on its own page.
 * What is selected can be dragged elsewhere, as KairosSampleIds.
 *
 * Property: "document" (KairosDocument, nullable).  Properties "query" and "order" are the document's, so that they are
 * actions, too. Actions: data.query (s), data.order (s), data.search, data.select-all, data.clear-selection, data.open,
 * data.back, data.previous, data.next
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/document-samples.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_DATA_PANEL (kairos_data_panel_get_type ())
G_DECLARE_FINAL_TYPE (KairosDataPanel, kairos_data_panel, KAIROS, DATA_PANEL, GtkWidget)

GtkWidget *kairos_data_panel_new (void);
/* Opens a sample's page. */
void kairos_data_panel_open_sample (KairosDataPanel *panel, guint32 id);

G_END_DECLS
