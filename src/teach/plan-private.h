/* SPDX-License-Identifier: MIT */

#pragma once

#include "kind-private.h"

G_BEGIN_DECLS

/* Between two edges the same clips are in force. */
typedef struct {
  guint64 first;  /* step */
  guint begin, n; /* of the plan's list of active clips */
} KairosSegment;

struct _KairosPlan {
  KairosTimeline *timeline;
  KairosPlanContext context;
  const guint32 *train;
  guint n_train;

  KairosPlanClip *clips; /* in track order, then by time */
  guint n_clips;
  KairosPlanClip *events; /* by step, then in track order */
  guint n_events;
  const KairosClip **event_clips; /* the same, as the caller sees them */
  GArray *segments;               /* of KairosSegment */
  GArray *active;                 /* of guint: indices of clips */
  GPtrArray *states;              /* of KairosClipState */
  KairosFact *snapshot;           /* room for one */
  KairosRoom room;                /* the most that a clip asks for */
};

/* Fills values, length and points of a clip; clear frees what a clip owns. */
void kairos_plan_clip_read (KairosPlanClip *clip);
void kairos_plan_clip_clear (KairosPlanClip *clip);
const KairosSegment *kairos_plan_segment (KairosPlan *plan, guint64 step); /* NULL before the first edge */
/* What resolving may look at; facts NULL: nothing about samples. */
KairosLook kairos_plan_look (KairosPlan *plan, guint64 step, KairosFacts *facts);
void kairos_state_forget (KairosClipState *state); /* unresolved again */

G_END_DECLS
