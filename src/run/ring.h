/* SPDX-License-Identifier: MIT */

/* The telemetry ring: events in order.  It holds a bounded number of step records, and drops (and counts) further ones;
 * all other events are kept, for which it grows.  Not locked: its owner does that.
 */
#pragma once

#include "kairos/worker.h"

enum { KAIROS_RING_STEPS = 8192 }; /* step records are dropped from this many waiting events on */

typedef struct {
  KairosEvent *events;
  guint capacity, first, n;
  guint64 dropped;
} KairosRing;

/* Takes over what the event owns. */
void kairos_ring_push (KairosRing *ring, const KairosEvent *event);
/* Moves up to max of the oldest events out; returns how many. */
guint kairos_ring_take (KairosRing *ring, KairosEvent *events, guint max);
void kairos_ring_clear (KairosRing *ring);
