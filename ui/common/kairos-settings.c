/* SPDX-License-Identifier: MIT */

/* See the header. */
#include "config.h"

#include "common/kairos-settings.h"

/* A program that runs from its build folder finds the schema compiled in ../data. */
static GSettingsSchemaSource *
source_beside_program (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program ? g_path_get_dirname (program) : NULL;

  for (int up = 0; folder && up < 2; up++) /* BUILD/ui/kairos and BUILD/tests/ui/test-* */
  {
    g_autofree char *parent = g_path_get_dirname (folder);
    g_autofree char *data = g_build_filename (parent, "data", NULL);
    GSettingsSchemaSource *source =
        g_settings_schema_source_new_from_directory (data, g_settings_schema_source_get_default (), TRUE, NULL);

    if (source)
      return source;
    g_free (folder);
    folder = g_steal_pointer (&parent);
  }
  return NULL;
}

static GSettings *
settings_new (void)
{
  GSettingsSchemaSource *standard = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema =
      standard ? g_settings_schema_source_lookup (standard, KAIROS_APP_ID, TRUE) : NULL;
  g_autoptr (GSettingsSchemaSource) beside = !schema ? source_beside_program () : NULL;

  if (beside)
    schema = g_settings_schema_source_lookup (beside, KAIROS_APP_ID, FALSE);
  return schema ? g_settings_new_full (schema, NULL, NULL) : NULL;
}

GSettings *
kairos_settings_get (void)
{
  static gsize once;
  static GSettings *settings;

  if (g_once_init_enter (&once)) {
    settings = settings_new ();
    g_once_init_leave (&once, 1);
  }
  return settings;
}

/* A key that an installed, older schema does not have yet must not abort the program. */
static GSettings *
settings_with (const char *key)
{
  GSettings *settings = kairos_settings_get ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (!settings)
    return NULL;
  g_object_get (settings, "settings-schema", &schema, NULL);
  return g_settings_schema_has_key (schema, key) ? settings : NULL;
}

int
kairos_settings_get_int (const char *key, int fallback)
{
  GSettings *settings = settings_with (key);

  return settings ? g_settings_get_int (settings, key) : fallback;
}

char *
kairos_settings_get_string (const char *key, const char *fallback)
{
  GSettings *settings = settings_with (key);

  return settings ? g_settings_get_string (settings, key) : g_strdup (fallback);
}

char **
kairos_settings_get_names (const char *key)
{
  GSettings *settings = settings_with (key);

  return settings ? g_settings_get_strv (settings, key) : NULL;
}

void
kairos_settings_set_names (const char *key, const char *const *names)
{
  GSettings *settings = settings_with (key);

  if (settings)
    g_settings_set_strv (settings, key, names);
}

void
kairos_settings_set_int (const char *key, int value)
{
  GSettings *settings = settings_with (key);

  if (settings)
    g_settings_set_int (settings, key, value);
}

void
kairos_settings_bind (const char *key, gpointer object, const char *property)
{
  GSettings *settings = settings_with (key);

  if (settings)
    g_settings_bind (settings, key, object, property, G_SETTINGS_BIND_DEFAULT);
}
