/* SPDX-License-Identifier: MIT */

/* JSON lines.  json-glib prints every number with 17 digits (0.98939999999999995); people and scripts read these lines,
 * so numbers are written here, with the digits that mean something.
 */
#include "config.h"
#include "cli.h"

#include <math.h>
#include <stdio.h>

CliLine *
cli_line_new (void)
{
  return g_string_new ("{");
}

static void
append_quoted (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p; p++) {
    guchar c = *p;
    if (c == '"' || c == '\\')
      g_string_append_printf (out, "\\%c", c);
    else if (c < 0x20)
      g_string_append_printf (out, "\\u%04x", c);
    else
      g_string_append_c (out, c);
  }
  g_string_append_c (out, '"');
}

static void
append_name (CliLine *line, const char *name)
{
  if (line->len > 1)
    g_string_append_c (line, ',');
  append_quoted (line, name);
  g_string_append_c (line, ':');
}

void
cli_line_text (CliLine *line, const char *name, const char *value)
{
  append_name (line, name);
  if (!value) {
    g_string_append (line, "null");
    return;
  }
  g_autofree char *valid = g_utf8_make_valid (value, -1);
  append_quoted (line, valid);
}

void
cli_line_number (CliLine *line, const char *name, double value, int digits)
{
  char format[16], text[G_ASCII_DTOSTR_BUF_SIZE];
  append_name (line, name);
  if (!isfinite (value)) {
    g_string_append (line, "null");
    return;
  }
  g_snprintf (format, sizeof format, "%%.%dg", digits);
  g_string_append (line, g_ascii_formatd (text, sizeof text, format, value));
}

void
cli_line_measures (CliLine *line, const KairosEpochRecord *record)
{
  guint n;
  const KairosMeasure *const *measures = kairos_measures (&n);
  for (guint i = 0; i < n; i++)
    if (measures[i]->of_epoch)
      cli_line_number (line, measures[i]->name, measures[i]->of_epoch (record), 6);
}

void
cli_line_int (CliLine *line, const char *name, gint64 value)
{
  append_name (line, name);
  g_string_append_printf (line, "%" G_GINT64_FORMAT, value);
}

void
cli_line_bool (CliLine *line, const char *name, gboolean value)
{
  cli_line_raw (line, name, value ? "true" : "false");
}

void
cli_line_raw (CliLine *line, const char *name, const char *json)
{
  append_name (line, name);
  g_string_append (line, json);
}

char *
cli_line_finish (CliLine *line)
{
  g_string_append_c (line, '}');
  return g_string_free (line, FALSE);
}

void
cli_line_print (CliLine *line)
{
  g_autofree char *text = cli_line_finish (line);
  puts (text);
  fflush (stdout);
}

char *
cli_join (GPtrArray *objects)
{
  GString *out = g_string_new ("[");
  for (guint i = 0; i < objects->len; i++)
    g_string_append_printf (out, "%s%s", i ? "," : "", (char *) objects->pdata[i]);
  g_string_append_c (out, ']');
  return g_string_free (out, FALSE);
}
