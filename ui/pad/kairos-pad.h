/* SPDX-License-Identifier: MIT */

/* The pad: draw something, and see at once what the network makes of it.
 *
 * Beside the paper is the small picture that the network is given, and beside that how probable it finds each class.
 * While it trains it is asked anew, at most ten times a second.  For data without pictures a sentence says so.
 *
 * Properties (notify): "document" (KairosDocument, nullable), "centre" (boolean: drawings are centred and scaled as the
 * training pictures are, where those are so at all).  Actions: pad.undo, .clear, .paste, and .centre.  Signals:
 * predicted (): the bars are new.
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/document.h>

#include "pad/kairos-pad-area.h"

G_BEGIN_DECLS

#define KAIROS_TYPE_PAD (kairos_pad_get_type ())
G_DECLARE_FINAL_TYPE (KairosPad, kairos_pad, KAIROS, PAD, GtkWidget)

GtkWidget *kairos_pad_new (void);
void kairos_pad_set_document (KairosPad *pad, KairosDocument *document);
KairosPadArea *kairos_pad_get_area (KairosPad *pad);

/* What is drawn, as the network is given it: a sample of the data set's shape.  NULL: nothing is drawn.  Caller frees.
 */
float *kairos_pad_get_input (KairosPad *pad);
/* What the bars show, a value a class; NULL: nothing.  Valid until they are new. */
const float *kairos_pad_peek_answer (KairosPad *pad, guint *n_classes);
/* The bars show what the network says about what is drawn now. */
gboolean kairos_pad_is_settled (KairosPad *pad);

/* What was dropped, or is pasted: see kairos-pad-picture.h.  FALSE: that can be no picture. */
gboolean kairos_pad_take (KairosPad *pad, const GValue *value);

G_END_DECLS
