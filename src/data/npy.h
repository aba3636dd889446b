/* SPDX-License-Identifier: MIT */

/* The parser of NPY behind its reader, callable on memory for tests and fuzzing. */
#pragma once

#include "reader.h"
#include "source.h"

G_BEGIN_DECLS

/* sources: training samples, their labels, test samples, their labels; the last two NULL when there is no test split.
 */
KairosDataset *kairos_npy_parse (KairosReadContext *context, KairosSource *const sources[4], const char *where,
                                 GError **error);

G_END_DECLS
