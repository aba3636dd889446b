/* SPDX-License-Identifier: MIT */

/* Epoch numbers along a time axis. */
#pragma once

#include <gtk/gtk.h>

#include "common/kairos-time-axis.h"

G_BEGIN_DECLS

#define KAIROS_TYPE_TIME_RULER (kairos_time_ruler_get_type ())
G_DECLARE_FINAL_TYPE (KairosTimeRuler, kairos_time_ruler, KAIROS, TIME_RULER, GtkWidget)

GtkWidget *kairos_time_ruler_new (KairosTimeAxis *axis);
/* The same into any drawing, from y = 0 on in the current colour; returns its height. */
int kairos_time_ruler_draw (KairosTimeAxis *axis, double width, cairo_t *cr, PangoContext *context);

G_END_DECLS
