/* SPDX-License-Identifier: MIT */

/* The paper of the pad: a sketch, and the mouse, finger or pen that draws on it.
 *
 * Signals: changed (): other ink.  What one does with it is an action of the pad around it.
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/sketch.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_PAD_AREA (kairos_pad_area_get_type ())
G_DECLARE_FINAL_TYPE (KairosPadArea, kairos_pad_area, KAIROS, PAD_AREA, GtkWidget)

/* Fresh paper for data of this style; NULL: none. */
void kairos_pad_area_set_style (KairosPadArea *area, const KairosSketchStyle *style);
/* Borrowed, to be read; NULL: there is none. */
KairosSketch *kairos_pad_area_get_sketch (KairosPadArea *area);
void kairos_pad_area_undo (KairosPadArea *area);
void kairos_pad_area_clear (KairosPadArea *area);
/* Takes the picture, which is of the data of the style. */
void kairos_pad_area_set_picture (KairosPadArea *area, KairosSketchPicture *picture);
/* Where the paper lies within the widget, as large as its proportions allow. */
graphene_rect_t kairos_pad_area_get_paper (KairosPadArea *area);

G_END_DECLS
