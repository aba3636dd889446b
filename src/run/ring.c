/* SPDX-License-Identifier: MIT */

/* The telemetry ring. */
#include "ring.h"

static void
grow (KairosRing *ring)
{
  guint capacity = MAX (256, 2 * ring->capacity);
  KairosEvent *events = g_new (KairosEvent, capacity);

  for (guint i = 0; i < ring->n; i++)
    events[i] = ring->events[(ring->first + i) % ring->capacity];
  g_free (ring->events);
  ring->events = events;
  ring->capacity = capacity;
  ring->first = 0;
}

void
kairos_ring_push (KairosRing *ring, const KairosEvent *event)
{
  if (event->type == KAIROS_EVENT_STEP && ring->n >= KAIROS_RING_STEPS) {
    ring->dropped++;
    return;
  }
  if (ring->n == ring->capacity)
    grow (ring);
  ring->events[(ring->first + ring->n++) % ring->capacity] = *event;
}

guint
kairos_ring_take (KairosRing *ring, KairosEvent *events, guint max)
{
  guint n = MIN (max, ring->n);

  for (guint i = 0; i < n; i++)
    events[i] = ring->events[(ring->first + i) % ring->capacity];
  if (n)
    ring->first = (ring->first + n) % ring->capacity;
  ring->n -= n;
  return n;
}

void
kairos_event_clear (KairosEvent *event)
{
  g_clear_pointer (&event->text, g_free);
  if (event->type == KAIROS_EVENT_TIMELINE)
    g_clear_pointer (&event->timeline, kairos_timeline_unref);
  if (event->type == KAIROS_EVENT_OPENED) {
    g_clear_pointer (&event->opened.facts, kairos_facts_unref);
    g_clear_pointer (&event->opened.config, kairos_config_free);
  }
  if (event->type == KAIROS_EVENT_READING)
    g_clear_pointer (&event->reading, kairos_reading_unref);
  if (event->type == KAIROS_EVENT_DESCRIBED)
    g_clear_pointer (&event->info, kairos_run_info_free);
}

void
kairos_ring_clear (KairosRing *ring)
{
  for (guint i = 0; i < ring->n; i++)
    kairos_event_clear (&ring->events[(ring->first + i) % ring->capacity]);
  g_free (ring->events);
  *ring = (KairosRing){ 0 };
}
