/* SPDX-License-Identifier: MIT */

/* kairosctl intervene: what the window's live buttons do, for scripts: a recorded clip or event at a time that has not
 * come yet, or the end of one. */
#include "config.h"
#include "cli.h"

#include <glib/gi18n.h>
#include <kairos/json.h>
#include <kairos/runner.h>

typedef struct {
  double at;
  const char *clip; /* JSON, or NULL */
  int release;
} Intervention;

static JsonObject *
read_clip (const Intervention *self, double end, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (JsonNode) root = kairos_json_parse (self->clip, -1, &problem);
  JsonObject *clip = root && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;

  if (!clip) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "--clip is not a JSON object like {\"kind\":\"blur\",\"factor\":4}: %s.",
                 problem ? problem->message : "it is another value");
    return NULL;
  }
  return kairos_clip_at (clip, self->at, end);
}

static KairosTimeline *
edited (const Intervention *self, KairosRunner *runner, GError **error)
{
  KairosTrainer *trainer = kairos_runner_get_trainer (runner);
  KairosTimeline *timeline = kairos_trainer_get_timeline (trainer);
  double epochs = kairos_timeline_get_epochs (timeline);

  if (!self->clip)
    return kairos_timeline_release (timeline, (guint32) self->release, self->at, error);
  g_autoptr (JsonObject) clip =
      read_clip (self, epochs > 0 ? epochs : kairos_trainer_get_config (trainer)->epochs, error);
  return clip ? kairos_timeline_add (timeline, -1, clip, NULL, error) : NULL;
}

static gboolean
intervene (KairosRunner *runner, gpointer data, GError **error)
{
  KairosTrainer *trainer = kairos_runner_get_trainer (runner);
  g_autoptr (KairosTimeline) timeline = edited (data, runner, error);

  return timeline &&
         kairos_timeline_check_past (kairos_trainer_get_timeline (trainer), timeline,
                                     kairos_trainer_get_epoch (trainer), error) &&
         kairos_runner_set_timeline (runner, timeline, error);
}

int
cli_intervene (const char *usage, const char *summary, int argc, char **argv)
{
  Intervention self = { .at = -1 };
  g_autofree char *clip = NULL;
  gint64 run = 0;
  int status;
  const GOptionEntry entries[] = {
    { "at", 0, 0, G_OPTION_ARG_DOUBLE, &self.at, N_ ("When, in epochs: now or later"), "EPOCH" },
    { "clip", 0, 0, G_OPTION_ARG_STRING, &clip,
      N_ ("The clip or event, without times; it holds until released unless it has a \"to\""), "JSON" },
    CLI_RUN_OPTION (&run),
    { "release", 0, 0, G_OPTION_ARG_INT, &self.release, N_ ("Instead, end the clip with this number"), "ID" },
    { NULL },
  };
  if (!cli_parse (usage, summary, entries, 1, 1, &argc, &argv, &status))
    return status;
  if (!(self.at >= 0) || !clip == !(self.release > 0))
    return cli_usage_error (usage, _ ("--at and either --clip or --release are needed."));
  self.clip = clip;
  return cli_edit_timeline (argv[1], run, intervene, &self);
}
