/* SPDX-License-Identifier: MIT */

/* See the header. */
#include "config.h"

#include "window/kairos-recent.h"

#include "common/kairos-settings.h"

enum { MAX_RECENT = 12, MAX_MENU = 8 };
static const char key[] = "recent-sessions";

char **
kairos_recent_get (void)
{
  GSettings *settings = kairos_settings_get ();

  return settings ? g_settings_get_strv (settings, key) : g_new0 (char *, 1);
}

/* The list without path, and with it in front when add is TRUE. */
static void
change (const char *path, gboolean add)
{
  g_auto (GStrv) old = kairos_recent_get ();
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;
  guint n = 0;

  if (!kairos_settings_get ())
    return;
  if (add)
    g_strv_builder_add (builder, path), n++;
  for (guint i = 0; old[i] && n < MAX_RECENT; i++)
    if (!g_str_equal (old[i], path))
      g_strv_builder_add (builder, old[i]), n++;
  list = g_strv_builder_end (builder);
  if (!g_strv_equal ((const char *const *) old, (const char *const *) list))
    g_settings_set_strv (kairos_settings_get (), key, (const char *const *) list);
}

void
kairos_recent_add (const char *path)
{
  change (path, TRUE);
}

void
kairos_recent_remove (const char *path)
{
  change (path, FALSE);
}

GMenuModel *
kairos_recent_menu (void)
{
  g_auto (GStrv) paths = kairos_recent_get ();
  GMenu *menu = g_menu_new ();

  for (guint i = 0; paths[i] && g_menu_model_get_n_items (G_MENU_MODEL (menu)) < MAX_MENU; i++) {
    g_autofree char *name = g_filename_display_basename (paths[i]);
    g_auto (GStrv) parts = g_strsplit (name, "_", -1);
    g_autofree char *label = g_strjoinv ("__", parts); /* no mnemonics in file names */
    g_autoptr (GMenuItem) item = NULL;

    if (!g_file_test (paths[i], G_FILE_TEST_EXISTS))
      continue;
    item = g_menu_item_new (label, NULL);
    g_menu_item_set_action_and_target (item, "win.open-recent", "s", paths[i]);
    g_menu_append_item (menu, item);
  }
  return G_MENU_MODEL (menu);
}
