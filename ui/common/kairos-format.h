/* SPDX-License-Identifier: MIT */

/* Numbers as people read them.  All return new strings; callers free. */
#pragma once

#include <kairos/network.h>

G_BEGIN_DECLS

/* 60000 -> "60 000" with narrow spaces that do not break. */
char *kairos_format_count (guint64 count);
/* 112345 -> "112 k", 1370000 -> "1.4 M". */
char *kairos_format_short (double count);
/* 72.4 -> "1 min 12 s"; NaN -> "". */
char *kairos_format_duration (double seconds);
/* "28 × 28 grey", "32 × 32 colour", "2 features". */
char *kairos_format_shape (KairosShape shape);

G_END_DECLS
