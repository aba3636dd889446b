/* SPDX-License-Identifier: MIT */

/* The one error domain of libkairos.
 *
 *   if (side < 8 || side > 1024)
 *     g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "The side is %d; it has to be 8 to 1024 pixels.", side);
 *   ...
 *   if (g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_CANCELLED))
 *     return;
 *
 * Every message is one sentence a person can act on: what happened, where (file, row, layer), what was expected, what
 * to do. Library code reports through GError only: it never prints, exits or asserts on input.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define KAIROS_ERROR (kairos_error_quark ())

typedef enum {
  KAIROS_ERROR_FORMAT,      /* the bytes are not what the format says: truncated, wrong magic, counts disagree */
  KAIROS_ERROR_UNSUPPORTED, /* well-formed, but a kind that Kairos does not read, or a newer version */
  KAIROS_ERROR_MISSING,     /* a file, column, layer or name that was asked for is not there */
  KAIROS_ERROR_RANGE,       /* a value outside its stated range */
  KAIROS_ERROR_IO,          /* reading or writing failed: permission, full disk, unplugged */
  KAIROS_ERROR_CHANGED,     /* data that a session refers to is not what it was */
  KAIROS_ERROR_DIVERGED,    /* the loss is not finite */
  KAIROS_ERROR_CANCELLED,   /* the person, or a GCancellable, stopped it */
} KairosError;

GQuark kairos_error_quark (void);

G_END_DECLS
