/* SPDX-License-Identifier: MIT */

/* What is remembered between starts: the GSettings schema in data/.
 *
 * The schema is looked for where GLib looks ($GSETTINGS_SCHEMA_DIR and the system) and then beside the program in a
 * build folder.  A program without its schema still works, it only forgets: every function here then does nothing or
 * gives the fallback.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Borrowed; NULL when the schema is not installed. */
GSettings *kairos_settings_get (void);

int kairos_settings_get_int (const char *key, int fallback);
char *kairos_settings_get_string (const char *key, const char *fallback); /* caller frees */

char **kairos_settings_get_names (const char *key); /* caller frees; NULL: nothing is known */

void kairos_settings_set_int (const char *key, int value);
void kairos_settings_set_names (const char *key, const char *const *names);

/* g_settings_bind() with the default flags. */
void kairos_settings_bind (const char *key, gpointer object, const char *property);

G_END_DECLS
