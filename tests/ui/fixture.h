/* SPDX-License-Identifier: MIT */

/* What the tests of the window share: a display or a skip, an application, waiting without sleeping, and walks over all
 * widgets. */
#pragma once

#include <adwaita.h>

#include "window/kairos-window.h"

G_BEGIN_DECLS

/* Begins a test program with folders and settings of its own.  FALSE: there is no display, the skip has been said,
 * return 0. */
gboolean ui_test_init (int *argc, char ***argv);
/* Registered, in a process of its own; owned by the fixture and shared by all tests of the program. */
GtkApplication *ui_test_application (void);

/* Runs the main loop until the condition holds; fails the test after a minute. */
typedef gboolean (*UiCondition) (gpointer data);
void ui_test_wait (UiCondition condition, gpointer data);
/* Runs what is due now. */
void ui_test_settle (void);

/* A window with a session on built-in data (points, or what is named), paused at step 0. */
KairosWindow *ui_test_session (const char *network);
KairosWindow *ui_test_session_on (const char *data, const char *network);
void ui_test_wait_for_state (KairosWindow *window, KairosWorkerState state);
guint64 ui_test_step (KairosWindow *window);
/* Closes all windows, and holds that the main window given (may be NULL) is then gone. */
void ui_test_close_all (KairosWindow *window);

/* The first widget below (or at) root whose type has this name; NULL if there is none. */
GtkWidget *ui_test_find (GtkWidget *root, const char *type_name);
/* Calls func for root and everything below it. */
typedef void (*UiVisit) (GtkWidget *widget, gpointer data);
void ui_test_walk (GtkWidget *root, UiVisit func, gpointer data);
/* The visible page of the stack that is called "stack" in this widget's own template. */
const char *ui_test_page (gpointer widget);
/* Whether an action is there and may be used now. */
gboolean ui_test_enabled (gpointer widget, const char *action);

/* The question that is open, NULL if none; and its answer, after which it is closed. */
AdwMessageDialog *ui_test_question (void);
void ui_test_answer (const char *response);

/* Curves of a run that learns, its epochs from begin to end. */
#define UI_TEST_STEPS_PER_EPOCH 50
void ui_test_append_epochs (KairosMetrics *metrics, gint64 run, int begin, int end);

G_END_DECLS
