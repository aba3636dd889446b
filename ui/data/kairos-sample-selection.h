/* SPDX-License-Identifier: MIT */

/* The document's selection as a GtkSelectionModel over its samples.  What is selected is kept by id in the document, so
 * it survives any order and any filter: this object only translates between ids and places. */
#pragma once

#include <gtk/gtk.h>
#include <kairos/document-samples.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_SAMPLE_SELECTION (kairos_sample_selection_get_type ())
G_DECLARE_FINAL_TYPE (KairosSampleSelection, kairos_sample_selection, KAIROS, SAMPLE_SELECTION, GObject)

KairosSampleSelection *kairos_sample_selection_new (KairosDocument *document);

G_END_DECLS
