/* SPDX-License-Identifier: MIT */

/* The parser of CIFAR records behind its reader, callable on memory for tests and fuzzing. */
#pragma once

#include "reader.h"
#include "source.h"

G_BEGIN_DECLS

/* n >= 1 files of records; those with "test" in their name come last and are the test split. */
KairosDataset *kairos_cifar_parse (KairosReadContext *context, KairosSource *const *sources, guint n, const char *where,
                                   GError **error);

G_END_DECLS
