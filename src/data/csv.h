/* SPDX-License-Identifier: MIT */

/* The parser of CSV behind its reader, callable on memory for tests and fuzzing. */
#pragma once

#include "reader.h"
#include "source.h"

G_BEGIN_DECLS

KairosDataset *kairos_csv_parse (KairosReadContext *context, KairosSource *source, GError **error);

G_END_DECLS
