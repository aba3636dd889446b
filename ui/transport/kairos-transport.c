/* SPDX-License-Identifier: MIT */

/* See the header.  Labels are set only when their text changes and the rate at most twice a second, so that a training
 * window does not lay out text sixty times a second. */
#include "config.h"

#include "transport/kairos-transport.h"

#include <glib/gi18n.h>
#include <math.h>

#include "common/kairos-format.h"
#include "transport/kairos-settings-popover.h"

enum { RATE_EVERY_US = 500 * 1000 };

struct _KairosTransport {
  GtkWidget parent_instance;
  KairosDocument *document;
  GSignalGroup *signals;
  int speed; /* steps a second, 0 no limit */
  gint64 rate_shown_at;
  KairosWorkerState state; /* as shown */
  guint64 step;

  GtkWidget *row, *play, *stop, *time, *rate, *progress, *tested, *more, *speed_button, *settings, *popover;
};

enum { PROP_0, PROP_DOCUMENT, PROP_SPEED, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (KairosTransport, kairos_transport, GTK_TYPE_WIDGET)

/* ---- What is shown ---- */

static void
set_label (GtkWidget *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (label)), text) != 0)
    gtk_label_set_text (GTK_LABEL (label), text);
}

static void
show_time (KairosTransport *self, const KairosStatus *status)
{
  double whole = floor (status->epoch * 10) / 10; /* 9.99 is not yet 10.0 */
  g_autofree char *text =
      g_strdup_printf (status->epoch >= status->epochs ? _ ("epoch %.0f of %d") : _ ("epoch %.1f of %d"), whole,
                       status->epochs);
  double fraction = status->epochs > 0 ? CLAMP (status->epoch / status->epochs, 0, 1) : 0;

  set_label (self->time, text);
  if (fabs (gtk_progress_bar_get_fraction (GTK_PROGRESS_BAR (self->progress)) - fraction) > 1e-3 || fraction == 0 ||
      fraction == 1)
    gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress), fraction);
}

static char *
rate_text (KairosTransport *self, const KairosStatus *status)
{
  KairosDataset *dataset = kairos_document_get_dataset (self->document);
  g_autofree char *rate = kairos_format_count ((guint64) (status->images_per_second + 0.5));
  g_autofree char *left = kairos_format_duration (status->seconds_left);
  const char *unit = dataset && !kairos_dataset_is_image (dataset) ? _ ("samples/s") : _ ("images/s");

  if (status->images_per_second < 0.5)
    return g_strdup (_ ("training"));
  return left[0] != '\0' ? g_strdup_printf (_ ("%s %s · %s left"), rate, unit, left)
                         : g_strdup_printf ("%s %s", rate, unit);
}

static char *
state_text (KairosTransport *self, const KairosStatus *status)
{
  switch (status->state) {
  case KAIROS_WORKER_STARTING: return g_strdup (_ ("getting ready"));
  case KAIROS_WORKER_PAUSED:
    return g_strdup (status->step == 0 ? _ ("ready: press play or Space") : _ ("paused; everything is saved"));
  case KAIROS_WORKER_EVALUATING: return g_strdup (_ ("testing the network"));
  case KAIROS_WORKER_FINISHED: return g_strdup (_ ("finished; everything is saved"));
  case KAIROS_WORKER_DIVERGED: return g_strdup (_ ("paused: the loss is not a number"));
  case KAIROS_WORKER_FAILED: return g_strdup (_ ("stopped by an error"));
  case KAIROS_WORKER_TRAINING:
  default: return rate_text (self, status);
  }
}

static void
show_rate (KairosTransport *self, const KairosStatus *status)
{
  gint64 now = g_get_monotonic_time ();
  gboolean training = status->state == KAIROS_WORKER_TRAINING || status->state == KAIROS_WORKER_EVALUATING;
  g_autofree char *text = NULL;

  /* The evaluation at the end of each epoch is part of training: it would only flicker. */
  if (training && self->state == status->state && now - self->rate_shown_at < RATE_EVERY_US)
    return;
  if (status->state == KAIROS_WORKER_EVALUATING && status->images_per_second > 0)
    return;
  self->rate_shown_at = now;
  text = state_text (self, status);
  set_label (self->rate, text);
}

static gboolean
is_running (KairosWorkerState state)
{
  return state == KAIROS_WORKER_TRAINING || state == KAIROS_WORKER_EVALUATING;
}

static void
show_play (KairosTransport *self, gboolean running)
{
  const char *label = running ? _ ("Pause") : _ ("Play");
  const char *tooltip =
      running ? _ ("Pause: the training stops at the next step (Space)") : _ ("Play: train the network (Space)");
  const char *icon = running ? "media-playback-pause-symbolic" : "media-playback-start-symbolic";

  if (g_strcmp0 (gtk_button_get_icon_name (GTK_BUTTON (self->play)), icon) != 0)
    gtk_button_set_icon_name (GTK_BUTTON (self->play), icon);
  gtk_widget_set_tooltip_text (self->play, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->play), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
update_actions (KairosTransport *self, const KairosStatus *status)
{
  gboolean open = self->document && status->state != KAIROS_WORKER_STARTING && status->state != KAIROS_WORKER_FAILED;
  gboolean can_go = open && status->state != KAIROS_WORKER_FINISHED;
  gboolean begun = open && status->step > 0;
  GtkWidget *widget = GTK_WIDGET (self);

  gtk_widget_action_set_enabled (widget, "transport.play", can_go);
  gtk_widget_action_set_enabled (widget, "transport.step", can_go);
  gtk_widget_action_set_enabled (widget, "transport.epoch", can_go);
  gtk_widget_action_set_enabled (widget, "transport.stop", begun);
  gtk_widget_action_set_enabled (widget, "transport.restart", begun);
  gtk_widget_action_set_enabled (widget, "transport.more", open && status->state == KAIROS_WORKER_FINISHED);
  gtk_widget_action_set_enabled (widget, "transport.back", open && status->state == KAIROS_WORKER_DIVERGED);
  gtk_widget_action_set_enabled (widget, "transport.settings", open);
  gtk_widget_set_sensitive (self->settings, open);
  gtk_widget_set_sensitive (self->speed_button, open);
  gtk_widget_set_visible (self->more, open && status->state == KAIROS_WORKER_FINISHED);
}

static void
show_nothing (KairosTransport *self)
{
  const KairosStatus nothing = { .state = KAIROS_WORKER_STARTING };

  set_label (self->time, "");
  set_label (self->rate, "");
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress), 0);
  gtk_widget_set_visible (self->tested, FALSE);
  show_play (self, FALSE);
  update_actions (self, &nothing);
  self->state = nothing.state;
  self->step = 0;
}

static void
on_status_changed (KairosTransport *self)
{
  KairosStatus status;

  if (!self->document)
    return;
  kairos_document_get_status (self->document, &status);
  show_time (self, &status);
  show_rate (self, &status);
  if (is_running (status.state) != is_running (self->state))
    show_play (self, is_running (status.state));
  update_actions (self, &status);
  if ((is_running (status.state) && !is_running (self->state)) || status.step < self->step)
    gtk_widget_set_visible (self->tested, FALSE); /* of weights that are no more */
  self->state = status.state;
  self->step = status.step;
}

static void
on_tested (KairosTransport *self, double accuracy, double loss)
{
  g_autofree char *text = g_strdup_printf (_ ("Test accuracy %.2f %%"), 100 * accuracy);

  set_label (self->tested, text);
  gtk_widget_set_visible (self->tested, TRUE);
}

/* ---- Actions ---- */

static void
play_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosTransport *self = KAIROS_TRANSPORT (widget);

  if (is_running (self->state))
    kairos_document_pause (self->document);
  else
    kairos_document_play (self->document);
}

static void
step_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  kairos_document_step (KAIROS_TRANSPORT (widget)->document);
}

static void
epoch_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  kairos_document_train_epoch (KAIROS_TRANSPORT (widget)->document);
}

static void
stop_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  kairos_document_stop (KAIROS_TRANSPORT (widget)->document);
}

/* No question is asked: nothing is lost, and a toast says so. */
static void
restart_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosTransport *self = KAIROS_TRANSPORT (widget);
  GtkWidget *toasts = gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY);

  gtk_widget_set_visible (self->tested, FALSE);
  kairos_document_restart (self->document);
  if (toasts)
    adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (toasts),
                                 adw_toast_new (
                                     _ ("A new run from the initial weights; the earlier run stays in the session")));
}

static void
more_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosTransport *self = KAIROS_TRANSPORT (widget);
  int epochs = kairos_document_get_config (self->document)->epochs;
  g_autofree char *text = g_strdup_printf ("%d", MIN (epochs + MAX (epochs / 2, 1), 10000));

  kairos_document_set_param (self->document, "epochs", text);
  kairos_document_play (self->document);
}

/* Before the first checkpoint there is nothing to go back to but the beginning. */
static void
back_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosTransport *self = KAIROS_TRANSPORT (widget);
  KairosStatus status;

  kairos_document_get_status (self->document, &status);
  if (status.step < status.steps_per_epoch)
    kairos_document_restart (self->document);
  else
    kairos_document_restore (self->document, 0);
}

static void
settings_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_menu_button_popup (GTK_MENU_BUTTON (KAIROS_TRANSPORT (widget)->settings));
}

static void
set_speed (KairosTransport *self, int speed)
{
  g_autofree char *label = NULL;

  if (speed == self->speed)
    return;
  self->speed = speed;
  label = speed == 0 ? g_strdup (_ ("Full Speed"))
                     : g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%d Step/s", "%d Steps/s", speed), speed);
  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->speed_button), label);
  if (self->document)
    kairos_document_set_speed (self->document, speed);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SPEED]);
}

/* ---- The object ---- */

static void
set_document (KairosTransport *self, KairosDocument *document)
{
  if (!g_set_object (&self->document, document))
    return;
  g_signal_group_set_target (self->signals, document);
  g_object_set (self->popover, "document", document, NULL);
  show_nothing (self);
  if (document) {
    kairos_document_set_speed (document, self->speed);
    on_status_changed (self);
  }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DOCUMENT]);
}

static void
kairos_transport_dispose (GObject *object)
{
  KairosTransport *self = KAIROS_TRANSPORT (object);

  g_clear_object (&self->signals);
  g_clear_object (&self->document);
  g_clear_pointer (&self->row, gtk_widget_unparent);
  G_OBJECT_CLASS (kairos_transport_parent_class)->dispose (object);
}

static void
kairos_transport_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  KairosTransport *self = KAIROS_TRANSPORT (object);

  if (id == PROP_DOCUMENT)
    g_value_set_object (value, self->document);
  else if (id == PROP_SPEED)
    g_value_set_int (value, self->speed);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kairos_transport_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  KairosTransport *self = KAIROS_TRANSPORT (object);

  if (id == PROP_DOCUMENT)
    set_document (self, g_value_get_object (value));
  else if (id == PROP_SPEED)
    set_speed (self, g_value_get_int (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "transport.play", NULL, play_action);
  gtk_widget_class_install_action (widget_class, "transport.step", NULL, step_action);
  gtk_widget_class_install_action (widget_class, "transport.epoch", NULL, epoch_action);
  gtk_widget_class_install_action (widget_class, "transport.stop", NULL, stop_action);
  gtk_widget_class_install_action (widget_class, "transport.restart", NULL, restart_action);
  gtk_widget_class_install_action (widget_class, "transport.more", NULL, more_action);
  gtk_widget_class_install_action (widget_class, "transport.back", NULL, back_action);
  gtk_widget_class_install_action (widget_class, "transport.settings", NULL, settings_action);
  gtk_widget_class_install_property_action (widget_class, "transport.speed", "speed");
}

static void
kairos_transport_class_init (KairosTransportClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (KAIROS_TYPE_SETTINGS_POPOVER);
  object_class->dispose = kairos_transport_dispose;
  object_class->get_property = kairos_transport_get_property;
  object_class->set_property = kairos_transport_set_property;
  properties[PROP_DOCUMENT] =
      g_param_spec_object ("document", NULL, NULL, KAIROS_TYPE_DOCUMENT,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SPEED] = g_param_spec_int ("speed", NULL, NULL, 0, 1000, 0,
                                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  install_actions (widget_class);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "transport");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TOOLBAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/kairos_studio/Kairos/templates/kairos-transport.ui");
  gtk_widget_class_bind_template_child (widget_class, KairosTransport, row);
  gtk_widget_class_bind_template_child (widget_class, KairosTransport, play);
  gtk_widget_class_bind_template_child (widget_class, KairosTransport, stop);
  gtk_widget_class_bind_template_child (widget_class, KairosTransport, time);
  gtk_widget_class_bind_template_child (widget_class, KairosTransport, rate);
  gtk_widget_class_bind_template_child (widget_class, KairosTransport, progress);
  gtk_widget_class_bind_template_child (widget_class, KairosTransport, tested);
  gtk_widget_class_bind_template_child (widget_class, KairosTransport, more);
  gtk_widget_class_bind_template_child (widget_class, KairosTransport, speed_button);
  gtk_widget_class_bind_template_child (widget_class, KairosTransport, settings);
  gtk_widget_class_bind_template_child (widget_class, KairosTransport, popover);
}

static void
kairos_transport_init (KairosTransport *self)
{
  self->signals = g_signal_group_new (KAIROS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (self->signals, "status-changed", G_CALLBACK (on_status_changed), self);
  g_signal_group_connect_swapped (self->signals, "notify::state", G_CALLBACK (on_status_changed), self);
  g_signal_group_connect_swapped (self->signals, "tested", G_CALLBACK (on_tested), self);
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Training"), -1);
  show_nothing (self);
}

GtkWidget *
kairos_transport_new (void)
{
  return g_object_new (KAIROS_TYPE_TRANSPORT, NULL);
}
