/* SPDX-License-Identifier: MIT */

/* Samples dropped on the lanes become a focus.
 *
 * As for a drag of clips, the lanes show the value that a drop would lead to, and the drop hands it out once, also
 * where it would change the past: whoever takes it asks.
 */
#include "config.h"

#include <math.h>

#include <glib/gi18n.h>

#include "timeline/kairos-timeline-edits.h"
#include "timeline/kairos-timeline-lanes-private.h"

/* ---- What a drop leads to ---- */

static gboolean
is_on_axis (KairosTimelineLanes *self, double x)
{
  return self->timeline && x >= KAIROS_TIME_AXIS_START &&
         x <= gtk_widget_get_width (GTK_WIDGET (self)) - KAIROS_TIME_AXIS_END;
}

/* Where nothing has changed since the last motion, nothing is made anew: a selection may be long. */
static gboolean
is_shown (KairosTimelineLanes *self, double from)
{
  return self->mode == KAIROS_DRAG_DROP && !self->refusal && from == self->landing;
}

static void
propose (KairosTimelineLanes *self, const KairosSampleIds *samples, double from)
{
  double length = KAIROS_TIMELINE_NEW_LENGTH * kairos_timeline_lanes_get_grid (self);
  g_autoptr (GError) error = NULL;
  KairosTimeline *value;

  self->mode = KAIROS_DRAG_DROP;
  self->dragging = TRUE;
  self->landing = from;
  self->dropped = 0;
  value = kairos_timeline_add_clip (self->timeline, kairos_kind_for_samples ()->name, samples->ids, samples->n, from,
                                    length, &self->dropped, &error);
  kairos_timeline_drag_propose (self, value, error);
  if (self->refusal)
    kairos_timeline_lanes_show (self, self->timeline);
}

gboolean
kairos_timeline_lanes_hover (KairosTimelineLanes *self, const KairosSampleIds *samples, double x)
{
  double from;

  if (!is_on_axis (self, x) || (self->mode != KAIROS_DRAG_NONE && self->mode != KAIROS_DRAG_DROP)) {
    kairos_timeline_lanes_unhover (self);
    return FALSE;
  }
  self->guide = NAN;
  from =
      kairos_timeline_drag_target (self,
                                   kairos_time_axis_to_time (self->axis, x, gtk_widget_get_width (GTK_WIDGET (self))),
                                   self->snap, NULL, 0);
  if (!is_shown (self, from))
    propose (self, samples, from);
  return !self->refusal;
}

void
kairos_timeline_lanes_unhover (KairosTimelineLanes *self)
{
  if (self->mode == KAIROS_DRAG_DROP)
    kairos_timeline_drag_cancel (self);
}

guint32
kairos_timeline_lanes_drop (KairosTimelineLanes *self, const KairosSampleIds *samples, double x)
{
  g_autofree char *description = g_strdup_printf (_ ("Add %s"), _ (kairos_kind_for_samples ()->title));
  guint32 id;

  kairos_timeline_lanes_hover (self, samples, x);
  if (self->mode != KAIROS_DRAG_DROP)
    return 0;
  id = self->dropped;
  kairos_timeline_drag_finish (self, description);
  if (!self->timeline || !kairos_timeline_find (self->timeline, id, NULL))
    return 0;
  kairos_timeline_lanes_select (self, &id, 1);
  kairos_timeline_lanes_focus_clip (self, id);
  return id;
}

/* ---- The drop target ---- */

/* Samples of another window are of other data. */
static gboolean
is_ours (KairosTimelineLanes *self, const KairosSampleIds *samples)
{
  return samples && samples->window == gtk_widget_get_root (GTK_WIDGET (self));
}

static GdkDragAction
on_motion (KairosTimelineLanes *self, double x, double y, GtkDropTarget *target)
{
  const GValue *value = gtk_drop_target_get_value (target);

  if (!value) /* it is still on its way */
    return GDK_ACTION_COPY;
  if (!is_ours (self, g_value_get_boxed (value)))
    return 0;
  kairos_timeline_lanes_hover (self, g_value_get_boxed (value), x);
  return is_on_axis (self, x) ? GDK_ACTION_COPY : 0;
}

static gboolean
on_drop (KairosTimelineLanes *self, const GValue *value, double x, double y)
{
  const KairosSampleIds *samples = g_value_get_boxed (value);

  return is_ours (self, samples) && kairos_timeline_lanes_drop (self, samples, x) != 0;
}

void
kairos_timeline_drop_init (KairosTimelineLanes *self)
{
  GtkDropTarget *target = gtk_drop_target_new (KAIROS_TYPE_SAMPLE_IDS, GDK_ACTION_COPY);

  gtk_drop_target_set_preload (target, TRUE);
  g_signal_connect_swapped (target, "enter", G_CALLBACK (on_motion), self);
  g_signal_connect_swapped (target, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect_swapped (target, "leave", G_CALLBACK (kairos_timeline_lanes_unhover), self);
  g_signal_connect_swapped (target, "drop", G_CALLBACK (on_drop), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}
