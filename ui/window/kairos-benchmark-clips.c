/* SPDX-License-Identifier: MIT */

/* See the header. */
#include "config.h"

#include "window/kairos-benchmark-clips.h"

#include <math.h>

#include "timeline/kairos-timeline-panel.h"
#include "window/kairos-window-private.h"

#define BEGIN 0.06  /* of the planned epochs: nothing is there yet when the measuring ends */
#define FILLED 0.75 /* of a clip's place; the rest is room to drop it in */
enum { FRAMES = 40, SWING = 20, REACH = 90, PAUSE = 8, STRIDE = 7, EVERY_GROUP = 3, GROUP = 8 };

struct _KairosBenchmarkClips {
  KairosWindow *window;
  KairosTimelineLanes *lanes;
  GtkGesture *gesture;
  guint n, next; /* the clip to grab next, by its place in time */
  guint frame, n_drags;
  double drop_dx;
  gboolean dropped; /* and not yet undone */
};

/* What goes on each track by turns; nothing here asks for pictures. */
static const struct {
  const char *name, *clips[3];
} tracks[] = {
  { "Rate",
    { "\"kind\":\"learning-rate\",\"shape\":\"cosine\",\"rate\":0.05",
      "\"kind\":\"learning-rate\",\"points\":[[0,0.01],[4,0.06],[9,0.02],[16,0.04],[30,0.001]]",
      "\"kind\":\"learning-rate\",\"shape\":\"step\",\"rate\":0.08,\"every\":3" } },
  { "Rate 2",
    { "\"kind\":\"learning-rate\",\"mode\":\"factor\",\"shape\":\"restart\",\"rate\":1.5,\"every\":4",
      "\"kind\":\"learning-rate\",\"mode\":\"factor\",\"shape\":\"warm-up\",\"rate\":2",
      "\"kind\":\"learning-rate\",\"mode\":\"factor\",\"shape\":\"exponential\",\"rate\":1,\"factor\":0.9" } },
  { "Momentum",
    { "\"kind\":\"momentum\",\"points\":[[0,0.5],[6,0.95],[14,0.85],[30,0.99]]", "\"kind\":\"momentum\",\"value\":0.95",
      "\"kind\":\"momentum\",\"points\":[[0,0.99],[20,0.6]]" } },
  { "Regularisation",
    { "\"kind\":\"weight-decay\"", "\"kind\":\"label-smoothing\"", "\"kind\":\"weight-decay\",\"value\":0.001" } },
  { "Regularisation 2",
    { "\"kind\":\"label-smoothing\",\"value\":0.2", "\"kind\":\"weight-decay\"", "\"kind\":\"label-smoothing\"" } },
  { "Augmentation", { "\"kind\":\"mixup\"", "\"kind\":\"mixup\",\"alpha\":0.2", "\"kind\":\"mixup\",\"alpha\":4" } },
  { "Labels",
    { "\"kind\":\"label-noise\"", "\"kind\":\"label-noise\",\"form\":\"pair\"",
      "\"kind\":\"label-noise\",\"fraction\":0.1" } },
  { "Noise", { "\"kind\":\"pgd\"", "\"kind\":\"anti-pgd\"", "\"kind\":\"pgd\",\"sigma\":0.001" } },
  { "Events", { "\"kind\":\"checkpoint\"", "\"kind\":\"restart-rate\"", "\"kind\":\"reset-optimizer\"" } },
  { "Events 2",
    { "\"kind\":\"reset-optimizer\"", "\"kind\":\"checkpoint\",\"label\":\"other\"", "\"kind\":\"restart-rate\"" } },
};

/* ---- The timeline ---- */

static void
add_time (GString *text, const char *name, double time)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (text, ",\"%s\":%s", name, g_ascii_formatd (number, sizeof number, "%.4f", time));
}

/* Clip i begins at place i of n, each track having every tenth. */
static void
add_clip (GString *text, guint track, guint i, guint n, double epochs)
{
  const char *settings = tracks[track].clips[i / G_N_ELEMENTS (tracks) % G_N_ELEMENTS (tracks[track].clips)];
  double place = epochs * (1 - BEGIN) / (n + G_N_ELEMENTS (tracks)), from = epochs * BEGIN + i * place;

  g_string_append_printf (text, "%s{\"id\":%u,%s", i == track ? "" : ",", i + 1, settings);
  if (g_str_has_prefix (tracks[track].name, "Events"))
    add_time (text, "at", from);
  else {
    add_time (text, "from", from);
    add_time (text, "to", from + FILLED * G_N_ELEMENTS (tracks) * place);
  }
  g_string_append_c (text, '}');
}

static KairosTimeline *
timeline_new (guint n, double epochs, GError **error)
{
  g_autoptr (GString) text = g_string_new ("{\"kairos-timeline\":1,\"tracks\":[");

  for (guint track = 0; track < G_N_ELEMENTS (tracks); track++) {
    g_string_append_printf (text, "%s{\"name\":\"%s\",\"clips\":[", track > 0 ? "," : "", tracks[track].name);
    for (guint i = track; i < n; i += G_N_ELEMENTS (tracks))
      add_clip (text, track, i, n, epochs);
    g_string_append (text, "]}");
  }
  g_string_append (text, "]}");
  return kairos_timeline_from_text (text->str, -1, error);
}

/* ---- The pointer ---- */

static GtkGesture *
find_gesture (GtkWidget *widget)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

    if (GTK_IS_GESTURE_DRAG (controller))
      return GTK_GESTURE (controller); /* the widget keeps it */
  }
  return NULL;
}

/* In the middle of the clip, or the diamond of the event; now and then it is one of several that are selected. */
static void
grab (KairosBenchmarkClips *self)
{
  guint32 ids[GROUP], n = self->n_drags % EVERY_GROUP == EVERY_GROUP - 1 ? MIN (GROUP, self->n) : 1;
  KairosClipView *view;
  graphene_rect_t bounds;
  double x;

  for (guint i = 0; i < n; i++)
    ids[i] = (self->next + i * G_N_ELEMENTS (tracks)) % self->n + 1;
  self->next = (self->next + STRIDE) % self->n;
  view = kairos_timeline_lanes_find (self->lanes, ids[0]);
  if (!view || !gtk_widget_compute_bounds (GTK_WIDGET (view), GTK_WIDGET (self->lanes), &bounds))
    return;
  kairos_timeline_lanes_select (self->lanes, ids, n);
  self->drop_dx = MAX (KAIROS_TIMELINE_DRAG_THRESHOLD, bounds.size.width * (1 / FILLED - 1) / 2);
  x = bounds.origin.x +
      (kairos_clip_view_get_clip (view)->kind->event ? KAIROS_CLIP_VIEW_DIAMOND : bounds.size.width / 2);
  g_signal_emit_by_name (self->gesture, "drag-begin", x, (double) (bounds.origin.y + bounds.size.height / 2));
}

/* To and fro, and in the second half up and down as well. */
static void
swing (KairosBenchmarkClips *self)
{
  double phase = 2 * G_PI * self->frame / SWING, dx = REACH * sin (phase);
  double dy = self->frame > FRAMES / 2 ? KAIROS_TIMELINE_LANE * sin (phase / 2) : 0;

  g_signal_emit_by_name (self->gesture, "drag-update", dx, dy);
}

static void
drop (KairosBenchmarkClips *self)
{
  KairosDocument *document = kairos_window_get_document (self->window);
  KairosTimeline *before = kairos_timeline_ref (kairos_document_get_timeline (document));

  g_signal_emit_by_name (self->gesture, "drag-update", self->drop_dx, 0.0);
  g_signal_emit_by_name (self->gesture, "drag-end", self->drop_dx, 0.0);
  self->dropped = !kairos_timeline_equal (before, kairos_document_get_timeline (document));
  self->n_drags += self->dropped;
  kairos_timeline_unref (before);
}

void
kairos_benchmark_clips_move (KairosBenchmarkClips *self)
{
  if (self->frame == 0)
    grab (self);
  else if (self->frame < FRAMES)
    swing (self);
  else if (self->frame == FRAMES)
    drop (self);
  else if (self->frame == FRAMES + PAUSE && self->dropped)
    gtk_widget_activate_action (GTK_WIDGET (self->window), "win.undo", NULL);
  self->frame = (self->frame + 1) % (FRAMES + 2 * PAUSE);
}

guint
kairos_benchmark_clips_get_drags (KairosBenchmarkClips *self)
{
  return self->n_drags;
}

/* ---- The whole ---- */

KairosBenchmarkClips *
kairos_benchmark_clips_new (KairosWindow *window, guint n, double epochs, GError **error)
{
  g_autoptr (KairosTimeline) timeline = timeline_new (n, epochs, error);
  KairosBenchmarkClips *self;

  if (!timeline ||
      !kairos_document_edit_timeline (kairos_window_get_document (window), timeline, "Benchmark", NULL, error))
    return NULL;
  self = g_new0 (KairosBenchmarkClips, 1);
  self->window = window;
  self->n = n;
  self->lanes = kairos_timeline_panel_get_lanes (KAIROS_TIMELINE_PANEL (window->timeline_panel));
  self->gesture = find_gesture (GTK_WIDGET (self->lanes));
  return self;
}

void
kairos_benchmark_clips_free (KairosBenchmarkClips *self)
{
  g_free (self);
}
