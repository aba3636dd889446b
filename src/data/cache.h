/* SPDX-License-Identifier: MIT */

/* Decoded data kept under $XDG_CACHE_HOME/kairos, so that a folder of pictures or a packed file opens quickly the
 * second time.
 *
 * An entry belongs to a list of files with their sizes and times and to the options of reading; where any of it
 * changes, the key does. Entries are written beside and renamed, carry a checksum, and are ignored when anything about
 * them is wrong: the cache can be slow but never wrong.  The least recently used ones are removed beyond four
 * gigabytes.
 */
#pragma once

#include <stdio.h>

#include "reader.h"

G_BEGIN_DECLS

/* NULL when a file cannot be looked at.  Caller frees. */
char *kairos_cache_key (const char *reader, const KairosOpenOptions *options, const char *const *files);
KairosDataset *kairos_cache_load (const char *key); /* NULL: not there, or not usable */
void kairos_cache_store (const char *key, KairosDataset *dataset);
/* One entry from an open file of that size; for tests and fuzzing.  NULL when it is not sound. */
KairosDataset *kairos_cache_parse (FILE *file, guint64 size);

G_END_DECLS
