/* SPDX-License-Identifier: MIT */

/* Which class the network takes for which: counts of (label, prediction) over one split, and the three ways they are
 * shown.
 *
 * Everything that stands for a pair of classes activates "confusion.select" (label, prediction as "(uu)") of the page
 * around it.
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/document-samples.h>

G_BEGIN_DECLS

/* Up to this many classes every cell is a button; above, the matrix is drawn and a list names the largest confusions.
 */
#define KAIROS_CONFUSION_MAX_BUTTONS 20

typedef struct {
  KairosDataset *dataset;      /* borrowed: names of the classes */
  guint n;                     /* classes */
  guint *counts;               /* n x n, row = label */
  guint *labels, *predictions; /* totals of rows and columns */
  guint total, right;
} KairosConfusion;

KairosConfusion *kairos_confusion_new (KairosDocument *document, KairosSplit split);
void kairos_confusion_free (KairosConfusion *confusion);
guint kairos_confusion_get (const KairosConfusion *confusion, guint label, guint prediction);
/* Share of a label's samples that got this prediction; 0 where there are none. */
double kairos_confusion_share (const KairosConfusion *confusion, guint label, guint prediction);
/* "labelled 4, predicted 9: 12 samples".  Caller frees. */
char *kairos_confusion_describe (const KairosConfusion *confusion, guint label, guint prediction);
/* Background of a cell: blue for right, orange for wrong answers, stronger with the share. */
GdkRGBA kairos_confusion_color (const KairosConfusion *confusion, guint label, guint prediction, gboolean dark);
/* What finds these samples in the data panel: class:4 predicted:9 split:validation.  Caller frees. */
char *kairos_confusion_query (KairosDataset *dataset, guint label, guint prediction, KairosSplit split);

/* A button a cell, with recall and precision beside. */
#define KAIROS_TYPE_CONFUSION_GRID (kairos_confusion_grid_get_type ())
G_DECLARE_FINAL_TYPE (KairosConfusionGrid, kairos_confusion_grid, KAIROS, CONFUSION_GRID, GtkWidget)
/* NULL: the data set is gone, the next one is another. */
void kairos_confusion_grid_update (KairosConfusionGrid *grid, const KairosConfusion *confusion);

/* The drawn matrix with its readout, and the list of the largest confusions. */
#define KAIROS_TYPE_CONFUSION_MAP (kairos_confusion_map_get_type ())
G_DECLARE_FINAL_TYPE (KairosConfusionMap, kairos_confusion_map, KAIROS, CONFUSION_MAP, GtkWidget)
/* Takes the confusion over; NULL: nothing is shown. */
void kairos_confusion_map_update (KairosConfusionMap *map, KairosConfusion *confusion);

/* The page: split, summary, and one of the two.  Looks at the document only while it is on screen.
 * Properties: "document" (KairosDocument, nullable), "split" (string: "validation", "test", "train"); action
 * confusion.split sets it. */
#define KAIROS_TYPE_CONFUSION_PAGE (kairos_confusion_page_get_type ())
G_DECLARE_FINAL_TYPE (KairosConfusionPage, kairos_confusion_page, KAIROS, CONFUSION_PAGE, GtkWidget)
void kairos_confusion_page_set_document (KairosConfusionPage *page, KairosDocument *document);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosConfusion, kairos_confusion_free)

G_END_DECLS
