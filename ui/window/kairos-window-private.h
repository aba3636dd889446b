/* SPDX-License-Identifier: MIT */

/* The window's inside, shared by kairos-window.c (pages, document) and kairos-window-actions.c (verbs, keys, drops). */
#pragma once

#include "common/kairos-busy-page.h"
#include "data/kairos-data-panel.h"
#include "plots/kairos-plot-panel.h"
#include "timeline/kairos-timeline-panel.h"
#include "transport/kairos-transport.h"
#include "window/kairos-setup-page.h"
#include "window/kairos-run-menu.h"
#include "window/kairos-welcome-page.h"
#include "window/kairos-window.h"

G_BEGIN_DECLS

struct _KairosWindow {
  AdwApplicationWindow parent_instance;

  KairosDocument *document;
  GSignalGroup *signals;     /* of the document */
  GCancellable *cancellable; /* of what is being opened or made */
  char *opening;             /* the session file being opened */
  char *page_before;         /* where to go back to when that fails */
  gboolean play;             /* when it is open */
  guint quiet_applied;       /* changes on their way that need no toast: they come from undo and redo */
  AdwToast *applied_toast;   /* borrowed: the one that is shown */
  gboolean fixed_size;
  gboolean bar_says_it;   /* the next message is about a diverged run */
  gboolean moved_by_keys; /* the focus is where the person brought it with Tab or arrows */

  GtkWidget *toasts, *title, *open_button, *data_button, *stack, *setup, *busy, *diverged, *back_button, *paned,
      *transport, *data_panel, *plot_panel;
  GtkWidget *timeline_panel, *run_menu;
};

/* kairos-window.c */
void kairos_window_show_page (KairosWindow *self, const char *name);
void kairos_window_toast (KairosWindow *self, const char *text);
/* Opens a session file; data: where its data set is now, or NULL. */
void kairos_window_open_session (KairosWindow *self, const char *path, const char *data);

/* kairos-window-actions.c */
void kairos_window_install_actions (GtkWidgetClass *widget_class);
void kairos_window_init_input (KairosWindow *self);
void kairos_window_update_actions (KairosWindow *self);

/* kairos-window-runs.c */
void kairos_window_install_run_actions (GtkWidgetClass *widget_class);

/* kairos-window-dialogs.c: what could not be opened, and what to do about it */
void kairos_window_explain_failure (KairosWindow *self, const char *path, const GError *error);

G_END_DECLS
