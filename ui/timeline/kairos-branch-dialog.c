/* SPDX-License-Identifier: MIT */

/* See the header. */
#include "config.h"

#include "timeline/kairos-branch-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

typedef struct {
  KairosDocument *document;
  KairosTimeline *timeline;
  double at;
  char *description;
} Branch;

static void
branch_free (gpointer data, GClosure *closure)
{
  Branch *branch = data;

  g_object_unref (branch->document);
  kairos_timeline_unref (branch->timeline);
  g_free (branch->description);
  g_free (branch);
}

static void
on_response (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  const Branch *branch = user_data;

  if (g_str_equal (response, "branch") && kairos_document_is_open (branch->document))
    kairos_document_branch (branch->document, branch->timeline, branch->at, branch->description);
}

/* Where it goes on, and what becomes of the run that there is. */
static char *
body (KairosDocument *document, KairosTimeline *timeline, double from)
{
  gboolean changes = !kairos_timeline_equal (timeline, kairos_document_get_timeline (document));
  KairosMetrics *metrics = kairos_document_get_metrics (document);
  const KairosMetricsRun *current = kairos_metrics_find_run (metrics, kairos_metrics_get_current (metrics));
  const char *run = current ? current->name : "";
  g_autofree char *start = from > 0 ? g_strdup_printf (_ ("A new run goes on from the checkpoint at epoch %.4g"), from)
                                    : g_strdup (_ ("A new run begins from the same initial weights"));

  if (changes)
    return g_strdup_printf (_ ("This changes what has already shaped the weights. %s, with the change; %s stays in "
                               "the plots to compare with."),
                            start, run);
  return g_strdup_printf (_ ("%s. What comes after can then be changed; %s stays in the plots to compare with."), start,
                          run);
}

void
kairos_branch_dialog_present (GtkWidget *widget, KairosDocument *document, KairosTimeline *timeline, double at,
                              const char *description)
{
  double from = kairos_document_branch_epoch (document, timeline, at);
  AdwMessageDialog *dialog =
      ADW_MESSAGE_DIALOG (adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (widget)), NULL, NULL));
  g_autofree char *text = body (document, timeline, from);
  Branch *branch = g_new0 (Branch, 1);

  branch->document = g_object_ref (document);
  branch->timeline = kairos_timeline_ref (timeline);
  branch->at = at;
  branch->description = g_strdup (description);
  if (from > 0)
    adw_message_dialog_format_heading (dialog, _ ("Branch from Epoch %.4g?"), from);
  else
    adw_message_dialog_set_heading (dialog, _ ("Branch from the Start?"));
  adw_message_dialog_set_body (dialog, text);
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "branch", _ ("_Branch"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "branch", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, "branch");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), branch, branch_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
