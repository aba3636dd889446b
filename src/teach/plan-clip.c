/* SPDX-License-Identifier: MIT */

/* A clip as numbers: its settings in the order of its kind's schema, choices by index, its points. */
#include "plan-private.h"
#include "timeline-private.h"

void
kairos_plan_clip_clear (KairosPlanClip *clip)
{
  g_free (clip->points);
  g_free (clip->table);
  g_free (clip->classes);
  kairos_query_free (clip->query);
}

static guint
choice_index (const KairosParam *param, const char *value)
{
  g_auto (GStrv) choices = g_strsplit (param->choices, "|", -1);
  guint i = 0;

  while (choices[i] && !g_str_equal (choices[i], value))
    i++;
  return i;
}

static void
read_points (KairosPlanClip *clip, JsonArray *points)
{
  clip->n_points = json_array_get_length (points);
  clip->points = g_new (KairosPoint, clip->n_points);
  for (guint i = 0; i < clip->n_points; i++) {
    JsonArray *point = json_array_get_array_element (points, i);
    clip->points[i] =
        (KairosPoint){ json_array_get_double_element (point, 0), json_array_get_double_element (point, 1) };
  }
}

void
kairos_plan_clip_read (KairosPlanClip *clip)
{
  const KairosKind *kind = clip->clip->kind;
  JsonObject *settings = clip->clip->params;

  for (guint i = 0; i < kind->n_params && i < KAIROS_MAX_SETTINGS; i++) {
    const KairosParam *param = &kind->params[i];
    if (param->type == KAIROS_PARAM_CHOICE)
      clip->values[i] = choice_index (param, kairos_clip_text (clip->clip, param->name));
    else if (param->type == KAIROS_PARAM_INT || param->type == KAIROS_PARAM_REAL || param->type == KAIROS_PARAM_BOOL)
      clip->values[i] = kairos_clip_number (clip->clip, param->name);
    else if (param->type == KAIROS_PARAM_POINTS &&
             kairos_params_list (kind->params, kind->n_params, settings, param->name))
      read_points (clip, kairos_params_list (kind->params, kind->n_params, settings, param->name));
  }
  clip->length = kairos_clip_shape_length (clip->clip);
}
