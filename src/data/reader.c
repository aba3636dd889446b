/* SPDX-License-Identifier: MIT */

/* What readers share.  It knows none of them; their table is in open.c. */
#include "reader.h"

enum { PROGRESS_INTERVAL = 50 * 1000 /* microseconds */ };

gboolean
kairos_read_progress (KairosReadContext *context, double fraction, GError **error, const char *format, ...)
{
  gint64 now = g_get_monotonic_time ();

  if (g_cancellable_is_cancelled (context->cancellable)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_CANCELLED, "Opening the data was cancelled.");
    return FALSE;
  }
  if (context->progress && (fraction >= 1 || now - context->last >= PROGRESS_INTERVAL)) {
    g_autofree char *phrase = NULL;
    va_list arguments;

    va_start (arguments, format);
    phrase = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    context->last = now;
    context->progress (CLAMP (fraction, 0, 1), phrase, context->user_data);
  }
  return TRUE;
}
