/* SPDX-License-Identifier: MIT */

/* Large zeroed blocks of floats, 64-byte aligned, on huge pages where the system has them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

float *kairos_arena_new (gsize n);              /* NULL when there is no memory; n may be 0 */
void kairos_arena_free (float *arena, gsize n); /* accepts NULL */

G_END_DECLS
