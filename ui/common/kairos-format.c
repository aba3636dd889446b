/* SPDX-License-Identifier: MIT */

/* See the header. */
#include "config.h"

#include "common/kairos-format.h"

#include <glib/gi18n.h>
#include <math.h>

char *
kairos_format_count (guint64 count)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GUINT64_FORMAT, count);
  gsize n = strlen (digits);
  GString *text = g_string_sized_new (2 * n);

  for (gsize i = 0; i < n; i++) {
    if (i > 0 && (n - i) % 3 == 0 && n > 4)
      g_string_append (text, "\u202f");
    g_string_append_c (text, digits[i]);
  }
  return g_string_free (text, FALSE);
}

char *
kairos_format_short (double count)
{
  if (count < 999.5)
    return g_strdup_printf ("%.0f", count);
  if (count < 9950)
    return g_strdup_printf ("%.1f\u202fk", count / 1e3);
  if (count < 999500)
    return g_strdup_printf ("%.0f\u202fk", count / 1e3);
  if (count < 9.95e8)
    return g_strdup_printf ("%.*f\u202fM", count < 9.95e6 ? 1 : 0, count / 1e6);
  return g_strdup_printf ("%.1f\u202fG", count / 1e9);
}

char *
kairos_format_duration (double seconds)
{
  guint64 whole;

  if (!isfinite (seconds) || seconds < 0 || seconds > 1e9)
    return g_strdup ("");
  whole = (guint64) (seconds + 0.5);
  if (whole < 60)
    return g_strdup_printf (_ ("%d s"), (int) whole);
  if (whole < 3600)
    return g_strdup_printf (_ ("%d min %02d s"), (int) (whole / 60), (int) (whole % 60));
  return g_strdup_printf (_ ("%d h %02d min"), (int) (whole / 3600), (int) (whole / 60 % 60));
}

char *
kairos_format_shape (KairosShape shape)
{
  if (shape.height == 1 && shape.width == 1)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%d feature", "%d features", shape.channels), shape.channels);
  if (shape.channels == 1)
    return g_strdup_printf (_ ("%d × %d grey"), shape.width, shape.height);
  return g_strdup_printf (_ ("%d × %d colour"), shape.width, shape.height);
}
