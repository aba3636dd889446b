/* SPDX-License-Identifier: MIT */

/* The shared time axis. */
#include "common/kairos-time-axis.h"

#include <math.h>

#define MIN_SPAN 1e-4      /* epochs; less than a step of any real training */
#define FOLLOW_MARGIN 0.04 /* of the span, kept free right of now while following */

struct _KairosTimeAxis {
  GObject parent_instance;
  double from, to, length, now;
  gboolean follow, fitted;
};

enum { PROP_0, PROP_FROM, PROP_TO, PROP_LENGTH, PROP_NOW, PROP_FOLLOW, PROP_FITTED, N_PROPS };

static GParamSpec *properties[N_PROPS];
static guint changed_signal;

G_DEFINE_FINAL_TYPE (KairosTimeAxis, kairos_time_axis, G_TYPE_OBJECT)

static void
kairos_time_axis_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  KairosTimeAxis *axis = KAIROS_TIME_AXIS (object);

  switch (prop_id) {
  case PROP_FROM: g_value_set_double (value, axis->from); break;
  case PROP_TO: g_value_set_double (value, axis->to); break;
  case PROP_LENGTH: g_value_set_double (value, axis->length); break;
  case PROP_NOW: g_value_set_double (value, axis->now); break;
  case PROP_FOLLOW: g_value_set_boolean (value, axis->follow); break;
  case PROP_FITTED: g_value_set_boolean (value, axis->fitted); break;
  default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
kairos_time_axis_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  KairosTimeAxis *axis = KAIROS_TIME_AXIS (object);

  switch (prop_id) {
  case PROP_LENGTH: kairos_time_axis_set_length (axis, g_value_get_double (value)); break;
  case PROP_NOW: kairos_time_axis_set_now (axis, g_value_get_double (value)); break;
  case PROP_FOLLOW: kairos_time_axis_set_follow (axis, g_value_get_boolean (value)); break;
  default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
kairos_time_axis_class_init (KairosTimeAxisClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  GParamFlags write = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = kairos_time_axis_get_property;
  object_class->set_property = kairos_time_axis_set_property;
  properties[PROP_FROM] = g_param_spec_double ("from", NULL, NULL, 0, G_MAXDOUBLE, 0, read);
  properties[PROP_TO] = g_param_spec_double ("to", NULL, NULL, 0, G_MAXDOUBLE, 1, read);
  properties[PROP_LENGTH] = g_param_spec_double ("length", NULL, NULL, 0, G_MAXDOUBLE, 0, write);
  properties[PROP_NOW] = g_param_spec_double ("now", NULL, NULL, 0, G_MAXDOUBLE, 0, write);
  properties[PROP_FOLLOW] = g_param_spec_boolean ("follow", NULL, NULL, TRUE, write);
  properties[PROP_FITTED] = g_param_spec_boolean ("fitted", NULL, NULL, TRUE, read);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  changed_signal =
      g_signal_new ("changed", KAIROS_TYPE_TIME_AXIS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
kairos_time_axis_init (KairosTimeAxis *axis)
{
  axis->to = 1;
  axis->follow = TRUE;
  axis->fitted = TRUE;
}

KairosTimeAxis *
kairos_time_axis_new (void)
{
  return g_object_new (KAIROS_TYPE_TIME_AXIS, NULL);
}

double
kairos_time_axis_get_from (KairosTimeAxis *axis)
{
  return axis->from;
}

double
kairos_time_axis_get_to (KairosTimeAxis *axis)
{
  return axis->to;
}

double
kairos_time_axis_get_length (KairosTimeAxis *axis)
{
  return axis->length;
}

double
kairos_time_axis_get_now (KairosTimeAxis *axis)
{
  return axis->now;
}

gboolean
kairos_time_axis_get_follow (KairosTimeAxis *axis)
{
  return axis->follow;
}

gboolean
kairos_time_axis_get_fitted (KairosTimeAxis *axis)
{
  return axis->fitted;
}

double
kairos_time_axis_get_end (KairosTimeAxis *axis)
{
  double end = MAX (axis->length, axis->now);

  return end > 0 ? end : 1;
}

/* The span is kept where it fits, then both ends are brought inside. */
static void
show (KairosTimeAxis *axis, double from, double to)
{
  double end = kairos_time_axis_get_end (axis), span = CLAMP (to - from, MIN (MIN_SPAN, end), end);

  from = CLAMP (from, 0, end - span);
  to = from + span;
  if (from == axis->from && to == axis->to)
    return;
  axis->from = from;
  axis->to = to;
  g_object_notify_by_pspec (G_OBJECT (axis), properties[PROP_FROM]);
  g_object_notify_by_pspec (G_OBJECT (axis), properties[PROP_TO]);
  g_signal_emit (axis, changed_signal, 0);
}

static void
set_fitted (KairosTimeAxis *axis, gboolean fitted)
{
  if (fitted == axis->fitted)
    return;
  axis->fitted = fitted;
  g_object_notify_by_pspec (G_OBJECT (axis), properties[PROP_FITTED]);
}

/* After the whole, or now, changed. */
static void
adapt (KairosTimeAxis *axis)
{
  double span = axis->to - axis->from, behind = axis->now + FOLLOW_MARGIN * span - axis->to;

  if (axis->fitted)
    show (axis, 0, kairos_time_axis_get_end (axis));
  else if (axis->follow && (behind > 0 || axis->now < axis->from))
    show (axis, axis->from + behind, axis->to + behind);
  else
    show (axis, axis->from, axis->to);
}

void
kairos_time_axis_set_length (KairosTimeAxis *axis, double length)
{
  if (!(length >= 0) || !isfinite (length) || length == axis->length)
    return;
  axis->length = length;
  g_object_notify_by_pspec (G_OBJECT (axis), properties[PROP_LENGTH]);
  adapt (axis);
}

void
kairos_time_axis_set_now (KairosTimeAxis *axis, double now)
{
  if (!(now >= 0) || !isfinite (now) || now == axis->now)
    return;
  axis->now = now;
  g_object_notify_by_pspec (G_OBJECT (axis), properties[PROP_NOW]);
  adapt (axis);
}

/* Switching it on brings now into view at once. */
void
kairos_time_axis_set_follow (KairosTimeAxis *axis, gboolean follow)
{
  double span = axis->to - axis->from;

  follow = !!follow;
  if (follow == axis->follow)
    return;
  axis->follow = follow;
  g_object_notify_by_pspec (G_OBJECT (axis), properties[PROP_FOLLOW]);
  if (follow && !axis->fitted && (axis->now < axis->from || axis->now > axis->to))
    show (axis, axis->now - span * (1 - FOLLOW_MARGIN), axis->now + span * FOLLOW_MARGIN);
  adapt (axis);
}

void
kairos_time_axis_set_range (KairosTimeAxis *axis, double from, double to)
{
  if (!isfinite (from) || !isfinite (to) || to <= from)
    return;
  show (axis, from, to);
  set_fitted (axis, axis->to - axis->from >= kairos_time_axis_get_end (axis));
  if (axis->now < axis->from || axis->now > axis->to)
    kairos_time_axis_set_follow (axis, FALSE);
}

void
kairos_time_axis_zoom_at (KairosTimeAxis *axis, double factor, double time)
{
  double span = axis->to - axis->from, end = kairos_time_axis_get_end (axis);
  double wanted = CLAMP (span / factor, MIN (MIN_SPAN, end), end);

  if (!(factor > 0) || !isfinite (factor) || wanted == span)
    return;
  kairos_time_axis_set_range (axis, time - (time - axis->from) * wanted / span,
                              time + (axis->to - time) * wanted / span);
}

void
kairos_time_axis_pan (KairosTimeAxis *axis, double epochs)
{
  double before = axis->from;

  show (axis, axis->from + epochs, axis->to + epochs);
  if (axis->from != before)
    kairos_time_axis_set_follow (axis, FALSE);
}

void
kairos_time_axis_fit (KairosTimeAxis *axis)
{
  set_fitted (axis, TRUE);
  adapt (axis);
}

static double
scale (KairosTimeAxis *axis, double width)
{
  return MAX (1, width - KAIROS_TIME_AXIS_START - KAIROS_TIME_AXIS_END) / (axis->to - axis->from);
}

double
kairos_time_axis_to_x (KairosTimeAxis *axis, double time, double width)
{
  return KAIROS_TIME_AXIS_START + (time - axis->from) * scale (axis, width);
}

double
kairos_time_axis_to_time (KairosTimeAxis *axis, double x, double width)
{
  return axis->from + (x - KAIROS_TIME_AXIS_START) / scale (axis, width);
}
