/* SPDX-License-Identifier: MIT */

/* The sessions opened lately: a list of paths in the settings, the newest first. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

char **kairos_recent_get (void); /* caller frees with g_strfreev() */
void kairos_recent_add (const char *path);
void kairos_recent_remove (const char *path);
/* Items of win.open-recent; sessions whose file is gone are left out.  Caller unrefs. */
GMenuModel *kairos_recent_menu (void);

G_END_DECLS
