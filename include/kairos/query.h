/* SPDX-License-Identifier: MIT */

/* The search language of the data panel: words that all have to hold.
 *
 *   KairosQuery *query = kairos_query_new ("class:4 wrong confidence<0.6 -seen>3", dataset, &error);
 *   kairos_facts_snapshot (facts, table);
 *   guint n = kairos_query_run (query, dataset, splits, table, ids); // ids: room for every sample
 *   kairos_order_sort ("loss", dataset, table, ids, n);
 *
 * The words:
 *
 *   class:NAME  predicted:NAME       NAME may be quoted; several with commas (class:4,9)
 *   split:train|validation|test|unused
 *   wrong  correct  seen  unseen  forgotten
 *   hard                             among the tenth of its split with the highest loss
 *   loss confidence truth el2n margin aum difficulty forgotten seen id
 *                                    with  < <= > >= =  and a number
 *   -WORD  not;  A | B  either;  ( )  group
 *   any other text                   part of the sample's name or class
 */
#pragma once

#include <kairos/dataset.h>
#include <kairos/facts.h>

G_BEGIN_DECLS

/* An empty text matches everything.  Errors name the word and say what would be understood. */
KairosQuery *kairos_query_new (const char *text, KairosDataset *dataset, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kairos_query_free (KairosQuery *query);
/* facts: a snapshot, n values.  Writes the ids that match, ascending, to out (room for n); returns how many. */
guint kairos_query_run (KairosQuery *query, KairosDataset *dataset, KairosSplits *splits, const KairosFact *facts,
                        guint32 *out);
/* TRUE when the result can change as the facts do. */
gboolean kairos_query_is_live (KairosQuery *query);
/* One row a word, for help and completion: {"wrong", "the network's answer differs from the label"}. */
typedef struct {
  const char *word, *help;
} KairosQueryWord;
const KairosQueryWord *kairos_query_words (guint *n);

/* Orders for the data panel, a table row each: "index", "loss", "confidence", "forgotten", "class". */
typedef struct {
  const char *name, *title; /* title: "Highest loss first" */
} KairosOrderInfo;
const KairosOrderInfo *kairos_order_infos (guint *n);
/* Sorts ids in place; ties by id, samples not looked at yet last. */
void kairos_order_sort (const char *order, KairosDataset *dataset, const KairosFact *facts, guint32 *ids, guint n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosQuery, kairos_query_free)

G_END_DECLS
