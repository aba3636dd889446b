/* SPDX-License-Identifier: MIT */

/* What a kind does, behind its public face; and a clip made ready by a plan.
 *
 *   const KairosKindRow kairos_kind_NAME = {
 *     .info = { "NAME", "Title", "What it does.", "Deficits", "input", FALSE, KAIROS_OVERLAP_STACK, params, N_PARAMS },
 *     .pictures = TRUE,
 *     .contribute = contribute,
 *   };
 *
 * A kind fills a KairosKindRow.  A clip's contribute() adds to the regime of a step; resolve() chooses samples at its
 * first step; differentiate() takes further gradients; an event's happen() changes weights.  What a row leaves NULL it
 * does not need.  Nobody else knows a kind by its name.
 */
#pragma once

#include <glib/gi18n.h>
#include <kairos/curve.h>
#include <kairos/pacing.h>
#include <kairos/plan.h>
#include <kairos/query.h>
#include <kairos/random.h>

G_BEGIN_DECLS

enum { KAIROS_MAX_SETTINGS = 16 };

/* What was resolved for a clip, and for those split from it. */
typedef struct {
  guint32 origin;
  guint64 first;    /* the step at which it was resolved first; G_MAXUINT64: not yet */
  guint64 latest;   /* resolved last */
  guint64 released; /* the step from which it is over of itself; G_MAXUINT64: it is not */
  double threshold;
  guint32 *members; /* positions in the training split: ascending, or a curriculum's order */
  guint n;
  guint8 *flags; /* of every position; NULL before it is resolved */
  guint8 *ids;   /* of every sample id; only where the kind asks for it */
  guint generation;
} KairosClipState;

struct _KairosPlanClip {
  const KairosClip *clip;
  guint64 first, end;                 /* steps */
  double values[KAIROS_MAX_SETTINGS]; /* by schema: numbers, truth values, indices of choices */
  double length;                      /* of the shape, in epochs */
  guint n_points;
  KairosPoint *points;
  gint32 *table; /* of labels, where the kind needs one */
  guint64 tensors[KAIROS_MAX_TENSORS / 64];
  guint8 *classes;        /* selection: of every class, 1 for those meant; NULL for all */
  KairosQuery *query;     /* selection; NULL for none */
  KairosClipState *state; /* shared by clips of one origin; NULL where the kind resolves nothing */
};

/* When a regime is asked for. */
typedef struct {
  const KairosPlanContext *context;
  guint64 step;
  double time; /* since the shape of the clip began, in epochs */
} KairosMoment;

/* What resolve() may look at. */
typedef struct {
  const KairosPlanContext *context;
  KairosFacts *table;
  const KairosFact *facts; /* a snapshot, of every sample */
  const guint32 *train;    /* positions to ids */
  guint n_train;
  guint64 step;
} KairosLook;

typedef struct {
  KairosKind info;
  gboolean pictures, colour;               /* it needs pictures, colour ones */
  gboolean selection;                      /* has the settings of one, see KAIROS_SELECTION_PARAMS */
  gboolean by_id;                          /* wants state->ids */
  char *(*label) (const KairosClip *clip); /* NULL: the kind's name */
  /* How many clips that set the same part of the regime may be in force at once; 0: as many as of all parts. */
  guint most;
  gboolean restarts_rate; /* the schedule of the learning rate begins anew at this event */
  /* An automation curve: its value at a time since it began, in epochs; as a factor of the session's where it is one.
   */
  double (*curve) (const KairosPlanClip *clip, double time);
  const char *without_points; /* the setting that does not go together with points; NULL for none */
  /* Settings that do not go together; where names the clip. */
  gboolean (*check) (JsonObject *settings, const char *where, GError **error);
  /* What cannot be known without data and network. */
  gboolean (*prepare) (KairosPlanClip *clip, const KairosPlanContext *context, GError **error);
  void (*contribute) (const KairosPlanClip *clip, const KairosMoment *moment, KairosRegime *regime);
  gboolean (*is_live) (const KairosPlanClip *clip); /* resolved anew at the beginning of every epoch */
  void (*resolve) (KairosPlanClip *clip, const KairosLook *look);
  gboolean (*is_over) (const KairosPlanClip *clip, const KairosLook *look); /* asked ten times an epoch */
  gboolean (*can_end) (const KairosPlanClip *clip);                         /* whether is_over() has to be asked */
  const char *(*keeps) (const KairosClip *event);                           /* the name under which it keeps weights */
  /* the name under which weights have to have been kept before it; NULL for none */
  const char *(*needs) (const KairosClip *event);
  gboolean (*happen) (const KairosPlanClip *event, KairosHappening *happening, GError **error);
  /* Further gradients, of clips that contribute() put into the regime by kairos_regime_set_gradient(). */
  void (*differentiate) (const KairosPlanClip *clip, const KairosGradient *gradient);
  gboolean replaces; /* the gradient of the batch, rather than adding to it; it then comes before those that add */
  KairosRoom (*room) (const KairosPlanClip *clip, const KairosPlanContext *context); /* what differentiate() uses */
} KairosKindRow;

/* A row begins with its kind. */
static inline const KairosKindRow *
kairos_kind_row (const KairosKind *kind)
{
  return (const KairosKindRow *) kind;
}

char *kairos_kind_names (void); /* "focus, curriculum, ..." */
gboolean kairos_kind_check (const KairosKind *kind, JsonObject *settings, const char *where, GError **error);

/* ---- Selections ---- */

#define KAIROS_SELECTION_PARAMS                                                                                        \
  { "classes", KAIROS_PARAM_LIST,                                                                                      \
    NULL,      0,                                                                                                      \
    65535,     0,                                                                                                      \
    "classes", "Samples of these classes, by name or number; none given means all classes" },                          \
      { "ids", KAIROS_PARAM_LIST, NULL, 0, G_MAXINT32, 0, NULL, "These samples, by number; none given means all" },    \
      { "query", KAIROS_PARAM_TEXT,                                                                                    \
        NULL,    0,                                                                                                    \
        10000,   0,                                                                                                    \
        "",      "Samples that this search finds, written as in the data panel" },                                     \
      { "hardest", KAIROS_PARAM_REAL, "%", 0, 100, 100, NULL, "Of those, only this part with the highest loss" },      \
  {                                                                                                                    \
    "live", KAIROS_PARAM_BOOL, NULL, 0, 1, 0, NULL,                                                                    \
        "Choose anew at the beginning of each epoch, instead of once when the clip begins"                             \
  }
enum { KAIROS_N_SELECTION_PARAMS = 5 };

/* row->selection: classes and query of a plan clip. */
gboolean kairos_selection_prepare (KairosPlanClip *clip, const KairosPlanContext *context, GError **error);
/* Whether the clip's settings choose any samples at all, rather than all of them. */
gboolean kairos_selection_is_all (const KairosClip *clip);
/* Fills members and flags. */
void kairos_selection_resolve (KairosPlanClip *clip, const KairosLook *look);
/* "5 samples", "4, 9", "wrong", "the hardest 10 %". */
char *kairos_selection_label (const KairosClip *clip);

/* Takes positions as the members: flags, ids, generation follow. */
void kairos_state_take (KairosClipState *state, guint32 *members, guint n, const KairosLook *look, gboolean by_id);
/* Positions 0 .. n_train-1; caller frees. */
guint32 *kairos_look_positions (const KairosLook *look);
/* Sorts positions by score, lowest first, ties by position.  score: by position. */
void kairos_look_sort (const float *score, guint32 *positions, guint n);

/* ---- Shapes ---- */

#define KAIROS_SHAPE_PARAMS                                                                                            \
  { "over",   KAIROS_PARAM_REAL,                                                                                       \
    "epochs", 0,                                                                                                       \
    10000,    0,                                                                                                       \
    NULL,     "Length over which the shape stretches; 0 is the length of the clip" },                                  \
  {                                                                                                                    \
    "since", KAIROS_PARAM_REAL, "epochs", 0, 10000, 0, NULL,                                                           \
        "How long before the clip its shape began; set when a clip is split"                                           \
  }

/* ---- Helpers of kinds ---- */

const char *kairos_clip_text (const KairosClip *clip, const char *param);
double kairos_clip_number (const KairosClip *clip, const char *param);
KairosTransform *kairos_regime_add_transform (KairosRegime *regime, const KairosPlanClip *clip,
                                              const KairosMoment *moment);
KairosLabeling *kairos_regime_add_labeling (KairosRegime *regime, const KairosPlanClip *clip,
                                            const KairosMoment *moment);
KairosSampling *kairos_regime_add_sampling (KairosRegime *regime, const KairosPlanClip *clip);
/* The clip's gradient is taken at this step, or for FALSE is not; either way that of an earlier clip of its kind is
 * not.
 */
void kairos_regime_set_gradient (KairosRegime *regime, const KairosPlanClip *clip, gboolean taken);
/* Puts the gradient of other samples, labels or options at the network's parameters into the executor. */
void kairos_gradient_train (const KairosGradient *gradient, const KairosBatch *batch,
                            const KairosTrainOptions *options);
double kairos_inner_product (gsize n, const float *a, const float *b); /* in one order, in double */
/* A stream of numbers for one sample: anew each step, or fixed for as long as the clip exists. */
KairosRandom kairos_transform_random (const KairosTransform *transform, guint64 step, guint32 draw);

/* The picture out = in moved: what comes in from outside is 0.  scratch: a copy. */
void kairos_picture_shift (KairosShape shape, int down, int right, gboolean mirror, float *image, float *scratch);
void kairos_picture_fill (KairosShape shape, int top, int left, int height, int width, const float *colour,
                          float *image);
void kairos_picture_mean (KairosShape shape, const float *image, float *colour); /* channels values */
/* Bilinear resampling with a triangle as wide as the larger of the two grids' distances, as picture editors do it;
 * weights sum to 1. */
void kairos_picture_resize (KairosShape from, const float *in, int height, int width, float *out, float *scratch);

/* Fresh weights and buffers of the same network, drawn for this event. */
void kairos_happening_fresh (const KairosPlanClip *event, KairosHappening *happening, float *parameters,
                             float *buffers);
/* Copies weights and buffers in; pruned weights stay 0. */
void kairos_happening_load (KairosHappening *happening, const float *parameters, const float *buffers);

G_END_DECLS
