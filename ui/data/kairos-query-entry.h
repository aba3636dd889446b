/* SPDX-License-Identifier: MIT */

/* The search entry: suggests the words of the search language while typing, and says in place what it does not
 * understand.
 *
 * Signal: "search" (text): the person stopped typing or pressed Enter.
 */
#pragma once

#include <gtk/gtk.h>
#include <kairos/query.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_QUERY_ENTRY (kairos_query_entry_get_type ())
G_DECLARE_FINAL_TYPE (KairosQueryEntry, kairos_query_entry, KAIROS, QUERY_ENTRY, GtkWidget)

/* For the names of classes; may be NULL. */
void kairos_query_entry_set_dataset (KairosQueryEntry *entry, KairosDataset *dataset);
/* Shows a text without "search"; what the person is just typing is left alone when it is the same. */
void kairos_query_entry_set_text (KairosQueryEntry *entry, const char *text);
const char *kairos_query_entry_get_text (KairosQueryEntry *entry);
/* A sentence below the entry; NULL: all is well. */
void kairos_query_entry_set_error (KairosQueryEntry *entry, const char *message);
/* What could be typed for the word at the cursor, one after the other; NULL-terminated.  Caller frees.  (Shown in the
 * popover.) */
char **kairos_query_entry_suggest (KairosQueryEntry *entry);

G_END_DECLS
