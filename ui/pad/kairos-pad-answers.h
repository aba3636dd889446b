/* SPDX-License-Identifier: MIT */

/* How probable each class is: a list of bars, which never moves.  Up to KAIROS_PAD_ANSWERS_ALL classes have a row each,
 * in their order; of more the most probable ones are shown, the first on top.  The first is marked. */
#pragma once

#include <gtk/gtk.h>
#include <kairos/dataset.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_PAD_ANSWERS (kairos_pad_answers_get_type ())
G_DECLARE_FINAL_TYPE (KairosPadAnswers, kairos_pad_answers, KAIROS, PAD_ANSWERS, GtkWidget)

#define KAIROS_PAD_ANSWERS_ALL 20
#define KAIROS_PAD_ANSWERS_BEST 10

/* Rows for the classes of this data; NULL: none. */
void kairos_pad_answers_set_dataset (KairosPadAnswers *answers, KairosDataset *dataset);
/* A value a class of the data set; NULL: nothing was asked, all bars are empty. */
void kairos_pad_answers_show (KairosPadAnswers *answers, const float *probabilities);

G_END_DECLS
