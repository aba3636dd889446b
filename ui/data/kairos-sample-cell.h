/* SPDX-License-Identifier: MIT */

/* One sample in the grid or large on its page: its picture and, in the grid, a bar whose length shows its loss. */
#pragma once

#include <gtk/gtk.h>
#include <kairos/document-samples.h>

#include "data/kairos-pictures.h"

G_BEGIN_DECLS

#define KAIROS_TYPE_SAMPLE_CELL (kairos_sample_cell_get_type ())
G_DECLARE_FINAL_TYPE (KairosSampleCell, kairos_sample_cell, KAIROS, SAMPLE_CELL, GtkWidget)

GtkWidget *kairos_sample_cell_new (int min_size, gboolean show_loss);
/* The document and its pictures (both NULL: nothing is drawn). */
void kairos_sample_cell_set_document (KairosSampleCell *cell, KairosDocument *document, KairosPictures *pictures);
void kairos_sample_cell_set_id (KairosSampleCell *cell, guint32 id);
guint32 kairos_sample_cell_get_id (KairosSampleCell *cell);
/* Draws this input (see kairos_pictures_draw(); copied) in place of the sample's picture; NULL: the sample's own again.
 * Text is the sample's. */
void kairos_sample_cell_set_input (KairosSampleCell *cell, const float *input);
/* What it shows, its longer side being size device pixels; NULL without a document.  Caller unrefs. */
GdkTexture *kairos_sample_cell_get_texture (KairosSampleCell *cell, int size) G_GNUC_WARN_UNUSED_RESULT;
/* Redraws what changed of the loss, and tells assistive technology. */
void kairos_sample_cell_update_fact (KairosSampleCell *cell);

/* "sample 123, labelled 4, network says 9, loss 1.84".  Caller frees. */
char *kairos_sample_describe (KairosDocument *document, guint32 id);

G_END_DECLS
