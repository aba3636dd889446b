/* SPDX-License-Identifier: MIT */

/* A run as the window sees it: one of the many that a document has, by whose id everything that is said of it is found.
 *
 *   GListModel *runs = kairos_document_get_runs (document);
 *   g_autoptr (KairosRun) run = g_list_model_get_item (runs, 0);
 *   g_signal_connect (run, "notify::name", G_CALLBACK (on_name), label);
 *   kairos_document_switch (document, kairos_run_get_id (run));
 *
 * The document makes and changes it.  What depends on the run being open (facts, status) is empty while it is not.
 * Main thread only.
 *
 * Properties (notify): "name" (string), "visible" (boolean: it is not hidden), "current" (boolean: the document is
 * about this one).  Signal: changed (), after any of what follows changed.
 */
#pragma once

#include <glib-object.h>
#include <kairos/facts.h>
#include <kairos/session.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_RUN (kairos_run_get_type ())
G_DECLARE_FINAL_TYPE (KairosRun, kairos_run, KAIROS, RUN, GObject)

gint64 kairos_run_get_id (KairosRun *run);
const char *kairos_run_get_name (KairosRun *run);
gint64 kairos_run_get_parent (KairosRun *run); /* 0: it began from the initial weights */
double kairos_run_get_fork_epoch (KairosRun *run);
KairosRunState kairos_run_get_state (KairosRun *run);
gboolean kairos_run_is_current (KairosRun *run);
/* Its place in the palette of runs, the same for as long as the session is open: see metrics.h. */
guint kairos_run_get_color (KairosRun *run);
double kairos_run_get_epoch (KairosRun *run); /* of its newest record */
/* Validation accuracy of its newest epoch and of its best, 0 .. 1; NaN: none yet. */
float kairos_run_get_last (KairosRun *run);
float kairos_run_get_best (KairosRun *run);

G_END_DECLS
