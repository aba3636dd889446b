/* SPDX-License-Identifier: MIT */

/* What the document knows about the samples: the newest facts, the list that a query and an order make of them, the
 * selection, confusion, and what the network says about one of them.
 *
 *   if (!kairos_document_set_query (document, "split:validation wrong", &error))
 *     kairos_document_tell (document, error->message, TRUE);
 *   kairos_document_set_order (document, "loss");
 *   gtk_single_selection_set_model (selection, G_LIST_MODEL (kairos_document_get_samples (document)));
 *   kairos_document_select (document, &id, 1);
 *
 * Main thread only.  Copying facts, searching, sorting and predicting happen in threads; what is read here is the last
 * that came of it.
 *
 * Properties of the document (notify): "query" "order".  Signals of the document:
 *   facts-changed ()      samples' facts moved; at most twice a second
 *   selection-changed ()
 */
#pragma once

#include <kairos/document.h>
#include <kairos/query.h>

G_BEGIN_DECLS

/* ---- Facts ---- */

/* The newest facts, a snapshot taken at most twice a second; n = samples of the data set.  Valid until the next
 * "facts-changed". */
const KairosFact *kairos_document_peek_facts (KairosDocument *document);
/* Counts of (label, prediction) over a split from the last look at each sample: n_classes x n_classes, row = label.
 * Caller frees. */
guint *kairos_document_confusion (KairosDocument *document, KairosSplit split);

/* What the network makes of a sample: a probability a class, computed in a thread with the weights of the last step
 * boundary. */
void kairos_document_predict_async (KairosDocument *document, guint32 id, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
/* The same of an input that is no sample, of the size that the data set's samples have: a drawing.  Copied. */
void kairos_document_predict_input_async (KairosDocument *document, const float *input, GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer user_data);
/* of both; caller frees */
float *kairos_document_predict_finish (GAsyncResult *result, guint *n_classes,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- Query, order and selection: what the data panel shows ---- */

/* The search text and order; kairos_document_get_samples() follows a few milliseconds later.  An invalid text sets
 * nothing and returns its error. */
gboolean kairos_document_set_query (KairosDocument *document, const char *text, GError **error);
const char *kairos_document_get_query (KairosDocument *document);
/* one that is not in kairos_order_infos() is ignored */
void kairos_document_set_order (KairosDocument *document, const char *order);
const char *kairos_document_get_order (KairosDocument *document);
/* Selected sample ids; kept by id, so sorting and filtering do not touch it. */
void kairos_document_select (KairosDocument *document, const guint32 *ids, guint n);
const guint32 *kairos_document_get_selection (KairosDocument *document, guint *n); /* ascending */
gboolean kairos_document_is_selected (KairosDocument *document, guint32 id);
/* Mean loss of the selection; NaN when nothing is known. */
double kairos_document_get_selection_loss (KairosDocument *document);

/* ---- The list ---- */

/* One place in the list below.  Which sample stands there changes with the order: notify::id.  Properties: "id",
 * "position". */
#define KAIROS_TYPE_SAMPLE (kairos_sample_get_type ())
G_DECLARE_FINAL_TYPE (KairosSample, kairos_sample, KAIROS, SAMPLE, GObject)
guint32 kairos_sample_get_id (KairosSample *sample);
guint kairos_sample_get_position (KairosSample *sample);

/* The samples that match the query, in order: a GListModel of KairosSample made on demand.  A thread sorts anew when
 * facts move.  What a person looks at is not torn away by that: places keep their items, whose ids change, and
 * items-changed tells only of places that appear or vanish at the end.  While frozen (the person is pointing, scrolling
 * or selecting) a new order waits; only one that the person asked for does not.
 *
 * "pending" (boolean, notify): an order waits for the end of the freeze.
 * moved (): other samples stand at some places now (for whoever maps places to samples, such as a selection). */
#define KAIROS_TYPE_SAMPLE_MODEL (kairos_sample_model_get_type ())
G_DECLARE_FINAL_TYPE (KairosSampleModel, kairos_sample_model, KAIROS, SAMPLE_MODEL, GObject)
KairosSampleModel *kairos_document_get_samples (KairosDocument *document);
void kairos_sample_model_set_frozen (KairosSampleModel *model, gboolean frozen);
guint32 kairos_sample_model_get_id (KairosSampleModel *model, guint position); /* G_MAXUINT32 beyond the end */
int kairos_sample_model_find (KairosSampleModel *model, guint32 id);           /* position or -1; O(1) */

G_END_DECLS
